// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/range.h"

#include <stdio.h>

#define WRONG(...) (snprintf(why, DP_MSG_TEXT_BYTES, __VA_ARGS__), false)

static bool offset_good(int32_t ms)
{
	return ms >= -DP_RANGE_OFFSET_MS && ms <= DP_RANGE_OFFSET_MS;
}

static bool ecm_good(const struct dp_msg_ecm *ecm, unsigned index, char *why)
{
	if (ecm->offset > DP_MSG_ECM_POOL_BYTES || ecm->bytes > DP_MSG_ECM_POOL_BYTES - ecm->offset)
		return WRONG("PERIOD: ECM %u has %u bytes at %u of a pool of %d", index, ecm->bytes, ecm->offset,
			     DP_MSG_ECM_POOL_BYTES);
	if (ecm->repetition_ms == 0)
		return WRONG("PERIOD: ECM %u is repeated every 0 ms: 1 to 65535", index);
	if (!offset_good(ecm->start_ms) || !offset_good(ecm->stop_ms))
		return WRONG("PERIOD: ECM %u starts %d ms and stops %d ms off: at most %d", index, ecm->start_ms,
			     ecm->stop_ms, DP_RANGE_OFFSET_MS);
	return true;
}

bool dp_range_period(const struct dp_msg_period *period, unsigned groups, char *why)
{
	if (period->group >= groups)
		return WRONG("PERIOD: group %u of %u", period->group, groups);
	if (period->cw_bytes != 8 && period->cw_bytes != 16)
		return WRONG("PERIOD: control words of %u bytes: 8 or 16", period->cw_bytes);
	if (period->cws == 0 || period->cws > DP_MSG_CWS_MAX)
		return WRONG("PERIOD: %u control words: 1 to %d", period->cws, DP_MSG_CWS_MAX);
	if (period->ecms > DP_MSG_CAS_MAX)
		return WRONG("PERIOD: %u ECMs: at most %d", period->ecms, DP_MSG_CAS_MAX);
	if (period->duration_27mhz == 0)
		return WRONG("PERIOD: a duration of 0");
	for (unsigned i = 0; i < period->ecms; i++)
		if (!ecm_good(&period->ecm[i], i, why))
			return false;
	return true;
}

bool dp_range_emm_data(const struct dp_msg_emm_data *data, unsigned emms, char *why)
{
	if (data->index >= emms)
		return WRONG("EMM_DATA: stream %u of %u", data->index, emms);
	if (data->pkts == 0 || data->pkts > DP_MSG_EMM_PKTS)
		return WRONG("EMM_DATA: %u packets: 1 to %d", data->pkts, DP_MSG_EMM_PKTS);
	return true;
}

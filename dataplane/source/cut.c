// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/cut.h"

#include <errno.h>

#include <ts_section.h>

static bool is_ecm(const uint8_t *section, size_t n)
{
	return n > TS_SECTION_HEADER_BYTES && (section[0] & 0xFE) == 0x80 && ts_section_bytes(section) == n;
}

static int cut_one(struct dp_ecm_set *set, const struct dp_msg_ecm *from, const uint8_t *section)
{
	struct dp_ecm *ecm = &set->ecm[set->n++];
	uint8_t cc = 0;
	int pkts = 0;

	*ecm = (struct dp_ecm){.pid = from->pid,
			       .repetition_ms = from->repetition_ms,
			       .start_ms = from->start_ms,
			       .stop_ms = from->stop_ms,
			       .first_pkt = set->pkts};
	if (from->bytes == 0)
		return 0;
	if (!is_ecm(section, from->bytes))
		return -EINVAL;
	pkts = ts_section_packetize(set->pkt + set->pkts, (size_t)(DP_ECM_PKTS_MAX - set->pkts), section, from->bytes,
				    from->pid, &cc);
	if (pkts < 0)
		return pkts == -ENOSPC ? pkts : -EINVAL;
	ecm->pkts = (uint8_t)pkts;
	set->pkts = (uint8_t)(set->pkts + pkts);
	return 0;
}

int dp_ecm_set_cut(struct dp_ecm_set *set, const struct dp_msg_period *period)
{
	int rc = 0;

	set->cp_number = period->cp_number;
	set->n = set->pkts = 0;
	for (unsigned i = 0; i < period->ecms && !rc; i++)
		rc = cut_one(set, &period->ecm[i], period->pool + period->ecm[i].offset);
	if (rc)
		set->n = set->pkts = 0;
	return rc;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/provision.h"

#include <errno.h>
#include <string.h>

#include <base_log.h>

#include "ecmg/ecmg.h"
#include "ecmg/reply.h"

struct refusal {
	uint16_t status, information;
};

// Criteria stay in force until others come (access_criteria_transfer_mode 0).
static bool criteria_good(struct cas_stream *stream, const struct sim_msg *msg, struct refusal *refusal)
{
	const uint8_t *value;
	size_t position = 0, n;

	if (!sim_next(msg, SIM_P_ACCESS_CRITERIA, &position, &value, &n)) {
		*refusal = (struct refusal){SIM_E_PARAMETER_MISSING, SIM_P_ACCESS_CRITERIA};
		return stream->criteria_known;
	}
	*refusal = (struct refusal){SIM_E_PARAMETER_VALUE, SIM_P_ACCESS_CRITERIA};
	if (cas_criteria_parse(&stream->criteria, value, n))
		return false;
	stream->criteria_known = true;
	return true;
}

static uint16_t status_of_words(int rc)
{
	switch (rc) {
	case -ENODATA:
		return SIM_E_NOT_ENOUGH_CW;
	case -EMSGSIZE:
		return SIM_E_PARAMETER_LENGTH;
	default:
		return SIM_E_PARAMETER_VALUE;
	}
}

// Encrypted words would be sealed as if they were words; this version knows no CW_encryption.
static bool request_good(struct km_msg_ecm_request *request, struct cas_stream *stream, const struct sim_msg *msg,
			 struct refusal *refusal)
{
	const struct cas_ecmg *ecmg = stream->channel->ecmg;

	if (sim_has(msg, SIM_P_CW_ENCRYPTION)) {
		*refusal = (struct refusal){SIM_E_PARAMETER_TYPE, SIM_P_CW_ENCRYPTION};
		return false;
	}
	if (!criteria_good(stream, msg, refusal))
		return false;
	int rc = cas_words_choose(request, cas_stream_words(&ecmg->registry, stream), &ecmg->conf->ecmg, msg);

	if (rc) {
		*refusal = (struct refusal){status_of_words(rc), SIM_P_CP_CW_COMBINATION};
		return false;
	}
	request->service_key_id = stream->criteria.service_key_id;
	request->tlv_n = stream->criteria.tlv_n;
	memcpy(request->tlv, stream->criteria.tlv, sizeof(request->tlv));
	return true;
}

void cas_provision_take(struct cas_stream *stream, const struct sim_msg *msg)
{
	struct cas_ecmg *ecmg = stream->channel->ecmg;
	const struct cas_conf_ecmg *conf = &ecmg->conf->ecmg;
	struct cas_ask *ask;
	struct km_msg_ecm_request *request = cas_asks_push(&ecmg->asks, stream, &ask);
	struct refusal refusal;

	if (!request) {
		cas_reply_stream_error(stream->channel, stream->id, SIM_E_COMPUTING, SIM_P_CP_NUMBER);
		return;
	}
	ask->cp_number = (uint16_t)sim_get(msg, SIM_P_CP_NUMBER, 0);
	ask->until_ms =
		uv_now(ecmg->loop) + (conf->max_comp_time_ms > CAS_WAIT_MS ? conf->max_comp_time_ms : CAS_WAIT_MS);
	if (request_good(request, stream, msg, &refusal))
		return;
	ask->status = refusal.status;
	ask->information = refusal.information;
}

// What the vault says of the request, as the standard says it to an SCS.
static struct refusal refusal_of(int error)
{
	switch (error) {
	case -ENOENT: // no such service key
		return (struct refusal){SIM_E_PARAMETER_VALUE, SIM_P_ACCESS_CRITERIA};
	case -EINVAL:
		return (struct refusal){SIM_E_PARAMETER_VALUE, SIM_P_CP_CW_COMBINATION};
	default:
		return (struct refusal){SIM_E_UNKNOWN, 0};
	}
}

static void answer(const struct cas_ask *ask, const struct km_msg_ecm_answer *made)
{
	const struct cas_stream *stream = ask->stream;
	struct refusal refusal = {ask->status, ask->information};

	if (!stream)
		return;
	if (!ask->status && made) {
		int rc = made->error;

		if (!rc)
			rc = cas_reply_ecm(stream, ask->cp_number, made->section, made->bytes);
		if (!rc)
			return;
		refusal = refusal_of(rc);
	}
	cas_reply_stream_error(stream->channel, stream->id, refusal.status, refusal.information);
}

// Whoever was forgotten after the batch was filled still has an answer in it.
bool cas_provision_answer(struct cas_ecmg *ecmg, const struct km_msg_ecm_result *result)
{
	struct cas_asks *asks = &ecmg->asks;
	size_t i = 0;

	while (asks->asked > 0) {
		struct cas_ask *ask = cas_asks_head(asks);
		bool mine = i < result->n && result->answer[i].tag == asks->head;

		if (!mine && ask->stream && !ask->status)
			return false;
		answer(ask, mine ? &result->answer[i] : NULL);
		i += mine;
		cas_asks_pop(asks);
	}
	return i == result->n;
}

// What stands at the head and needs no vault.
static void answer_refused(struct cas_ecmg *ecmg)
{
	struct cas_ask *ask;

	while (ecmg->asks.asked == 0 && (ask = cas_asks_head(&ecmg->asks)) && (!ask->stream || ask->status)) {
		answer(ask, NULL);
		cas_asks_pop(&ecmg->asks);
	}
}

void cas_provision_flush(struct cas_ecmg *ecmg)
{
	answer_refused(ecmg);
	struct km_msg_ecm_batch *batch = cas_vault_batch(ecmg->vault);

	if (!batch || !cas_asks_head(&ecmg->asks))
		return;
	cas_asks_fill(&ecmg->asks, batch);
	if (cas_vault_send(ecmg->vault))
		ecmg->asks.asked = 0;
}

void cas_provision_expire(struct cas_ecmg *ecmg)
{
	uint64_t now = uv_now(ecmg->loop);
	struct cas_ask *ask;

	while (ecmg->asks.asked == 0 && (ask = cas_asks_head(&ecmg->asks)) && ask->until_ms <= now) {
		if (!ask->status) {
			ask->status = SIM_E_COMPUTING;
			ask->information = SIM_P_CP_NUMBER;
		}
		answer(ask, NULL);
		cas_asks_pop(&ecmg->asks);
	}
}

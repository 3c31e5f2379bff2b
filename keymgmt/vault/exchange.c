// SPDX-License-Identifier: GPL-3.0-or-later
#include "vault/exchange.h"

#include <errno.h>

#include <base_secret.h>

static ssize_t answer_status(struct km_exchange *exchange, const union km_exchange_in *in, uint32_t utc_s,
			     union km_exchange_out *out)
{
	const struct km_ecm_maker *maker = &exchange->maker;

	(void)in;
	(void)utc_s;
	out->status = (struct km_msg_status){
		.head = {KM_MSG_STATUS, sizeof(out->status)},
		.version = KM_MSG_VERSION,
		.suite = (uint8_t)maker->suite,
		.ca_subsystem_id = maker->ca_subsystem_id,
		.ecms = exchange->ecms,
		.refused = exchange->refused,
		.service_keys = (uint16_t)maker->keys,
	};
	for (unsigned i = 0; i < maker->keys; i++)
		out->status.service_key_id[i] = maker->key[i].service_key_id;
	return sizeof(out->status);
}

static ssize_t answer_batch(struct km_exchange *exchange, const union km_exchange_in *in, uint32_t utc_s,
			    union km_exchange_out *out)
{
	const struct km_msg_ecm_batch *batch = &in->ecm_batch;
	struct km_msg_ecm_result *result = &out->ecm_result;

	if (batch->n > KM_MSG_BATCH_MAX)
		return -EPROTO;
	*result = (struct km_msg_ecm_result){.head = {KM_MSG_ECM_RESULT, sizeof(*result)}, .n = batch->n};
	for (uint32_t i = 0; i < batch->n; i++) {
		int rc = km_ecm_compose(&exchange->maker, &batch->request[i], utc_s, &result->answer[i]);

		if (rc == -EIO)
			return rc;
		*(rc ? &exchange->refused : &exchange->ecms) += 1;
	}
	return sizeof(*result);
}

// What each message is answered by; the types that are the vault's own are nobody's to send.
static const struct {
	size_t bytes;
	ssize_t (*answer)(struct km_exchange *, const union km_exchange_in *, uint32_t, union km_exchange_out *);
} table[KM_MSG_TYPES] = {
	[KM_MSG_STATUS_REQUEST] = {sizeof(struct km_msg_status_request), answer_status},
	[KM_MSG_ECM_BATCH] = {sizeof(struct km_msg_ecm_batch), answer_batch},
};

static ssize_t answer_any(struct km_exchange *exchange, const union km_exchange_in *in, size_t n, uint32_t utc_s,
			  union km_exchange_out *out)
{
	if (n < sizeof(in->head) || in->head.type >= KM_MSG_TYPES || !table[in->head.type].answer ||
	    in->head.bytes != n || n != table[in->head.type].bytes)
		return -EPROTO;
	return table[in->head.type].answer(exchange, in, utc_s, out);
}

ssize_t km_exchange_answer(struct km_exchange *exchange, union km_exchange_in *in, size_t n, uint32_t utc_s,
			   union km_exchange_out *out)
{
	ssize_t size = answer_any(exchange, in, n, utc_s, out);

	base_secret_scrub(in, n < sizeof(*in) ? n : sizeof(*in));
	base_secret_scrub_stack();
	return size;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Messages to the vault: the first byte chooses the suite, the rest is a message. What is answered is whole, and every
// ECM opens to the words that went in; what is no message is refused; nothing of it stays.
#include <errno.h>

#include <base_bytes.h>
#include <fuzz.h>

#include "ladder/ladder.h"
#include "vault/exchange.h"

enum { UTC = 0x12345678, KEYS = 3 };

static const uint8_t k1[KM_KEY_BYTES] = "a service key  K", auth[KM_KEY_BYTES] = "another one, aut";

static void open_exchange(struct km_exchange *exchange, enum km_suite suite)
{
	struct km_keyfile keyfile = {.suite = suite, .ca_subsystem_id = 0xABCD, .keys = KEYS, .id = {2, 0xFFFF, 1}};

	FUZZ_ASSERT(base_secret_init(&keyfile.secret, (size_t)KEYS * 2 * KM_KEY_BYTES) == 0);
	for (unsigned i = 0; i < KEYS; i++) {
		memcpy(keyfile.secret.bytes + (size_t)i * 2 * KM_KEY_BYTES, k1, KM_KEY_BYTES);
		memcpy(keyfile.secret.bytes + (size_t)i * 2 * KM_KEY_BYTES + KM_KEY_BYTES, auth, KM_KEY_BYTES);
	}
	FUZZ_ASSERT(km_ecm_open(&exchange->maker, &keyfile) == 0);
	km_keyfile_free(&keyfile);
}

// The word of one parity opens to what went in, or is zero.
static void check_word(enum km_suite suite, const uint8_t *ecw, size_t ecw_bytes, bool have, const uint8_t *cw,
		       size_t cw_bytes)
{
	static const uint8_t zero[KM_MSG_CW_BYTES];
	uint8_t opened[KM_MSG_CW_BYTES];

	if (!have) {
		FUZZ_ASSERT(memcmp(ecw, zero, ecw_bytes) == 0);
		return;
	}
	FUZZ_ASSERT(km_ladder_open_cw(suite, opened, cw_bytes, k1, ecw) == 0);
	FUZZ_ASSERT(memcmp(opened, cw, cw_bytes) == 0);
}

static void check_ecm(enum km_suite suite, const struct km_msg_ecm_request *q, const struct km_msg_ecm_answer *a)
{
	size_t ecw_bytes = km_suite_ecw_bytes(suite, q->cw_bytes), at = KM_ECM_HEAD_BYTES + (size_t)q->tlv_n;
	uint8_t mac[KM_ECM_MAC_BYTES];
	struct km_mac cmac;

	FUZZ_ASSERT(a->bytes == at + 2 * ecw_bytes + KM_ECM_MAC_BYTES && a->bytes <= KM_MSG_ECM_BYTES);
	FUZZ_ASSERT((base_bytes_get16(a->section + 1) & 0xFFF) + 3 == a->bytes);
	FUZZ_ASSERT(a->section[0] == (0x80 | (q->cp_number & 1)) && a->section[4] == suite);
	FUZZ_ASSERT(base_bytes_get16(a->section + 7) == q->service_key_id);
	FUZZ_ASSERT(base_bytes_get16(a->section + 9) == q->cp_number && base_bytes_get32(a->section + 11) == UTC);
	FUZZ_ASSERT(a->section[15] == q->tlv_n && memcmp(a->section + KM_ECM_HEAD_BYTES, q->tlv, q->tlv_n) == 0);
	check_word(suite, a->section + at, ecw_bytes, q->have & 1, q->cw_even, q->cw_bytes);
	check_word(suite, a->section + at + ecw_bytes, ecw_bytes, q->have & 2, q->cw_odd, q->cw_bytes);
	FUZZ_ASSERT(km_mac_open(&cmac, suite, auth) == 0);
	FUZZ_ASSERT(km_mac_run(&cmac, mac, sizeof(mac), a->section, a->bytes - sizeof(mac)) == 0);
	FUZZ_ASSERT(memcmp(mac, a->section + a->bytes - sizeof(mac), sizeof(mac)) == 0);
	km_mac_close(&cmac);
}

static void check_result(enum km_suite suite, const struct km_msg_ecm_batch *batch,
			 const struct km_msg_ecm_result *result)
{
	FUZZ_ASSERT(result->head.type == KM_MSG_ECM_RESULT && result->n == batch->n && result->n <= KM_MSG_BATCH_MAX);
	for (uint32_t i = 0; i < result->n; i++) {
		const struct km_msg_ecm_answer *a = &result->answer[i];

		FUZZ_ASSERT(a->tag == batch->request[i].tag);
		FUZZ_ASSERT(a->error == 0 || a->error == -ENOENT || a->error == -EINVAL);
		if (a->error == 0)
			check_ecm(suite, &batch->request[i], a);
		else
			FUZZ_ASSERT(a->bytes == 0 && a->section[0] == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct km_exchange exchange[KM_SUITE_SM4 + 1];
	static union km_exchange_in in, kept;
	static union km_exchange_out out;

	if (size < 1 || size - 1 > sizeof(in)) // a longer one is lost at the socket
		return 0;
	enum km_suite suite = (enum km_suite)(KM_SUITE_TDES + data[0] % 3);
	size_t n = size - 1;

	if (!exchange[suite].maker.keys)
		open_exchange(&exchange[suite], suite);
	memset(&in, 0, sizeof(in));
	memcpy(&in, data + 1, n);
	kept = in;
	ssize_t rc = km_exchange_answer(&exchange[suite], &in, n, UTC, &out);

	for (size_t i = 0; i < sizeof(in); i++)
		FUZZ_ASSERT(((const uint8_t *)&in)[i] == 0);
	if (rc < 0) {
		FUZZ_ASSERT(rc == -EPROTO);
		return 0;
	}
	FUZZ_ASSERT((size_t)rc == out.head.bytes && n == kept.head.bytes);
	if (kept.head.type == KM_MSG_STATUS_REQUEST)
		FUZZ_ASSERT(rc == sizeof(out.status) && out.status.service_keys == KEYS && out.status.suite == suite);
	else
		check_result(suite, &kept.ecm_batch, &out.ecm_result);
	return 0;
}

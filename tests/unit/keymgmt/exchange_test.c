// SPDX-License-Identifier: GPL-3.0-or-later
// Messages of km_msg.h: their frozen sizes, what is answered, what is no message, and that no control word stays.
#include <errno.h>
#include <stddef.h>

#include <base_secret.h>
#include <memory_search.h>

#include "keys_rig.h"
#include "vault/exchange.h"

enum { UTC = 1700000000, CW_BYTES = 16 };

static const uint16_t ids[] = {3, 1, 2};

static struct km_exchange exchange;
static union km_exchange_in in;
static union km_exchange_out out;

static void open_exchange(const char *suite)
{
	struct km_keyfile keyfile = rig_keys(suite, ids, 3);

	exchange = (struct km_exchange){0};
	CU_ASSERT_EQUAL_FATAL(km_ecm_open(&exchange.maker, &keyfile), 0);
	km_keyfile_free(&keyfile);
}

static void close_exchange(void)
{
	km_ecm_close(&exchange.maker);
}

static void put_batch(uint32_t n)
{
	in = (union km_exchange_in){.ecm_batch = {.head = {KM_MSG_ECM_BATCH, sizeof(in.ecm_batch)}, .n = n}};
	for (uint32_t i = 0; i < n && i < KM_MSG_BATCH_MAX; i++)
		in.ecm_batch.request[i] = (struct km_msg_ecm_request){
			.tag = 1000 + i, .service_key_id = 1, .cp_number = (uint16_t)i, .cw_bytes = 8, .have = 3};
}

static bool all_zero(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

// The other end is another program: what lies where may not move.
static void frozen(void)
{
	CU_ASSERT_EQUAL(sizeof(struct km_msg_status_request), 16);
	CU_ASSERT_EQUAL(sizeof(struct km_msg_status), 552);
	CU_ASSERT_EQUAL(sizeof(struct km_msg_ecm_request), 108);
	CU_ASSERT_EQUAL(sizeof(struct km_msg_ecm_batch), 3472);
	CU_ASSERT_EQUAL(sizeof(struct km_msg_ecm_answer), 272);
	CU_ASSERT_EQUAL(sizeof(struct km_msg_ecm_result), 8720);
	CU_ASSERT_EQUAL(offsetof(struct km_msg_status, ecms), 16);
	CU_ASSERT_EQUAL(offsetof(struct km_msg_status, service_key_id), 34);
	CU_ASSERT_EQUAL(offsetof(struct km_msg_ecm_request, cw_even), 12);
	CU_ASSERT_EQUAL(offsetof(struct km_msg_ecm_request, tlv), 44);
	CU_ASSERT_EQUAL(offsetof(struct km_msg_ecm_answer, section), 16);
	CU_ASSERT_EQUAL(KM_MSG_STATUS_REQUEST, 1);
	CU_ASSERT_EQUAL(KM_MSG_ECM_RESULT, 4);
}

static ssize_t ask_status(uint32_t version)
{
	in = (union km_exchange_in){
		.status_request = {.head = {KM_MSG_STATUS_REQUEST, sizeof(in.status_request)}, .version = version}};
	memset(&out, 0xEE, sizeof(out));
	return km_exchange_answer(&exchange, &in, sizeof(in.status_request), UTC, &out);
}

static void status(void)
{
	open_exchange("sm4");
	CU_ASSERT_EQUAL_FATAL(ask_status(KM_MSG_VERSION), (ssize_t)sizeof(out.status));
	CU_ASSERT_TRUE(out.head.type == KM_MSG_STATUS && out.head.bytes == sizeof(out.status));
	CU_ASSERT_TRUE(out.status.version == KM_MSG_VERSION && out.status.suite == 3);
	CU_ASSERT_TRUE(out.status.ca_subsystem_id == 0x0ABC && out.status.service_keys == 3);
	CU_ASSERT_TRUE(out.status.ecms == 0 && out.status.refused == 0);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(out.status.service_key_id[i], i + 1);
	CU_ASSERT_TRUE(all_zero(&out.status.service_key_id[3],
				sizeof(out.status) - offsetof(struct km_msg_status, service_key_id[3])));
	// Whoever speaks another version is told ours.
	CU_ASSERT_EQUAL(ask_status(99), (ssize_t)sizeof(out.status));
	CU_ASSERT_EQUAL(out.status.version, KM_MSG_VERSION);
	close_exchange();
}

static void batches(void)
{
	static const uint32_t sizes[] = {0, 1, 2, 31, 32};
	uint64_t made = 0;

	open_exchange("aes");
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		uint32_t n = sizes[s];

		put_batch(n);
		memset(&out, 0xEE, sizeof(out));
		CU_ASSERT_EQUAL_FATAL(km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), UTC, &out),
				      (ssize_t)sizeof(out.ecm_result));
		CU_ASSERT_TRUE(out.head.type == KM_MSG_ECM_RESULT && out.head.bytes == sizeof(out.ecm_result));
		CU_ASSERT_EQUAL(out.ecm_result.n, n);
		for (uint32_t i = 0; i < n; i++) {
			const struct km_msg_ecm_answer *a = &out.ecm_result.answer[i];

			CU_ASSERT_TRUE(a->tag == 1000 + i && a->error == 0 && a->bytes == 56);
			CU_ASSERT_EQUAL(a->section[0], 0x80 | (i & 1));
			CU_ASSERT_EQUAL(base_bytes_get32(a->section + 11), UTC);
		}
		CU_ASSERT_TRUE(
			all_zero(&out.ecm_result.answer[n], (KM_MSG_BATCH_MAX - n) * sizeof(out.ecm_result.answer[0])));
		made += n;
		CU_ASSERT_TRUE(exchange.ecms == made && exchange.refused == 0);
	}
	close_exchange();
}

// A request that makes no ECM spoils no other.
static void one_bad_request(void)
{
	open_exchange("tdes");
	put_batch(4);
	in.ecm_batch.request[1].service_key_id = 77;
	in.ecm_batch.request[2].have = 0;
	CU_ASSERT_EQUAL(km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), UTC, &out),
			(ssize_t)sizeof(out.ecm_result));
	CU_ASSERT_TRUE(out.ecm_result.answer[0].error == 0 && out.ecm_result.answer[3].error == 0);
	CU_ASSERT_EQUAL(out.ecm_result.answer[1].error, -ENOENT);
	CU_ASSERT_EQUAL(out.ecm_result.answer[2].error, -EINVAL);
	CU_ASSERT_TRUE(out.ecm_result.answer[1].bytes == 0 && out.ecm_result.answer[2].tag == 1002);
	CU_ASSERT_TRUE(exchange.ecms == 2 && exchange.refused == 2);
	CU_ASSERT_EQUAL(ask_status(KM_MSG_VERSION), (ssize_t)sizeof(out.status));
	CU_ASSERT_TRUE(out.status.ecms == 2 && out.status.refused == 2);
	close_exchange();
}

static void no_message(void)
{
	open_exchange("aes");
	for (size_t n = 0; n < sizeof(in); n++) { // every size but its own, with the size in its head and without
		put_batch(1);
		in.head.bytes = (uint32_t)n;
		CU_ASSERT_EQUAL(km_exchange_answer(&exchange, &in, n, UTC, &out), -EPROTO);
		put_batch(1);
		CU_ASSERT_EQUAL(km_exchange_answer(&exchange, &in, n, UTC, &out), -EPROTO);
		CU_ASSERT_TRUE(all_zero(&in, n)); // refused, and scrubbed all the same
	}
	for (uint32_t type = 0; type < 300; type++) {
		put_batch(1);
		in.head.type = type;
		if (type != KM_MSG_ECM_BATCH)
			CU_ASSERT_EQUAL(km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), UTC, &out), -EPROTO);
	}
	put_batch(KM_MSG_BATCH_MAX + 1);
	CU_ASSERT_EQUAL(km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), UTC, &out), -EPROTO);
	put_batch(UINT32_MAX);
	CU_ASSERT_EQUAL(km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), UTC, &out), -EPROTO);
	put_batch(1);
	in.head.bytes = UINT32_MAX;
	CU_ASSERT_EQUAL(km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), UTC, &out), -EPROTO);
	CU_ASSERT_TRUE(exchange.ecms == 0 && exchange.refused == 0);
	close_exchange();
}

static __attribute__((noinline)) void put_word(uint32_t request, unsigned number)
{
	memory_key_make(in.ecm_batch.request[request].cw_even, number, CW_BYTES);
	memory_key_make(in.ecm_batch.request[request].cw_odd, number + 1, CW_BYTES);
	in.ecm_batch.request[request].cw_bytes = CW_BYTES;
}

// A control word that went through a batch is found nowhere in this process: not where it came in, not on the stack,
// not in a cipher's memory.
static void leaves_no_word(void)
{
	static const char *const suites[] = {"tdes", "aes", "sm4"};

	for (unsigned s = 0; s < 3; s++) {
		open_exchange(suites[s]);
		put_batch(KM_MSG_BATCH_MAX);
		for (uint32_t i = 0; i < KM_MSG_BATCH_MAX; i++)
			put_word(i, 10 * s + 2 * (i % 3));
		CU_ASSERT_TRUE(memory_count(10 * s, CW_BYTES) >= 10); // the search finds what is there
		CU_ASSERT_EQUAL(km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), UTC, &out),
				(ssize_t)sizeof(out.ecm_result));
		CU_ASSERT_EQUAL(exchange.ecms, KM_MSG_BATCH_MAX);
		CU_ASSERT_TRUE(all_zero(&in, sizeof(in)));
		for (unsigned number = 10 * s; number < 10 * s + 6; number++)
			CU_ASSERT_EQUAL(memory_count(number, 8), 0); // half of one is too much already
		close_exchange();
	}
}

// The vault's own keys go with it.
static void leaves_no_key(void)
{
	static const char *const suites[] = {"tdes", "aes", "sm4"};

	for (unsigned s = 0; s < 3; s++) {
		struct km_ecm_maker maker;
		struct km_keyfile keyfile = rig_keys(suites[s], ids, 3);

		memory_key_make(keyfile.secret.bytes, 50 + s, KM_KEY_BYTES); // K1 and K_ecm_auth of the first
		memory_key_make(keyfile.secret.bytes + KM_KEY_BYTES, 60 + s, KM_KEY_BYTES);
		CU_ASSERT_EQUAL_FATAL(km_ecm_open(&maker, &keyfile), 0);
		km_keyfile_free(&keyfile);
		km_ecm_close(&maker);
		base_secret_scrub_stack();
		CU_ASSERT_EQUAL(memory_count(50 + s, KM_KEY_BYTES), 0);
		CU_ASSERT_EQUAL(memory_count(60 + s, KM_KEY_BYTES), 0);
	}
}

static const struct unit_test tests[] = {
	{"frozen sizes", frozen},
	{"status", status},
	{"batches", batches},
	{"one bad request", one_bad_request},
	{"no message", no_message},
	{"leaves no control word", leaves_no_word},
	{"leaves no key", leaves_no_key},
};

UNIT_MAIN("exchange", tests)

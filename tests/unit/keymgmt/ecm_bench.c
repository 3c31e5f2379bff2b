// SPDX-License-Identifier: GPL-3.0-or-later
// How many ECMs a second the vault composes on one core, batches of 32 as they come from a socket, over 256 service
// keys. Prints a line per suite; fails under 100,000 with AES, which is the goal.
#include <stdio.h>
#include <time.h>

#include "keys_rig.h"
#include "vault/exchange.h"

enum { BATCHES = 4000, GOAL = 100000 };

static struct km_exchange exchange;

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void put_batch(union km_exchange_in *in, unsigned number)
{
	in->ecm_batch =
		(struct km_msg_ecm_batch){.head = {KM_MSG_ECM_BATCH, sizeof(in->ecm_batch)}, .n = KM_MSG_BATCH_MAX};
	for (unsigned i = 0; i < KM_MSG_BATCH_MAX; i++)
		in->ecm_batch.request[i] = (struct km_msg_ecm_request){
			.tag = i,
			.service_key_id = (uint16_t)((number * KM_MSG_BATCH_MAX + i) % KM_MSG_SERVICE_KEYS_MAX),
			.cp_number = (uint16_t)number,
			.cw_bytes = 16,
			.have = 3,
			.tlv_n = 9,
			.tlv = {1, 4, 0, 0, 0, 7, 6, 1, 3},
		};
}

static double per_second(const char *suite)
{
	static uint16_t ids[KM_MSG_SERVICE_KEYS_MAX];
	static union km_exchange_in in;
	static union km_exchange_out out;

	for (unsigned i = 0; i < KM_MSG_SERVICE_KEYS_MAX; i++)
		ids[i] = (uint16_t)i;
	struct km_keyfile keyfile = rig_keys(suite, ids, KM_MSG_SERVICE_KEYS_MAX);

	exchange = (struct km_exchange){0};
	CU_ASSERT_EQUAL_FATAL(km_ecm_open(&exchange.maker, &keyfile), 0);
	km_keyfile_free(&keyfile);
	double from = now_s();

	for (unsigned b = 0; b < BATCHES; b++) {
		put_batch(&in, b);
		CU_ASSERT_EQUAL_FATAL(km_exchange_answer(&exchange, &in, sizeof(in.ecm_batch), b, &out),
				      (ssize_t)sizeof(out.ecm_result));
	}
	double per = (double)exchange.ecms / (now_s() - from);

	CU_ASSERT_EQUAL(exchange.ecms, (uint64_t)BATCHES * KM_MSG_BATCH_MAX);
	printf("\n%s: %.0f ECM/s", suite, per);
	km_ecm_close(&exchange.maker);
	return per;
}

static void suites(void)
{
	CU_ASSERT_TRUE(per_second("aes") >= GOAL);
	per_second("sm4");
	per_second("tdes");
}

static const struct unit_test tests[] = {{"suites", suites}};

UNIT_MAIN("ECMs a second", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// The queue of questions: order, batches, limits, what is forgotten, and that no word stays.
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <unit.h>

#include "ecmg/asks.h"

static struct cas_channel channel;
static struct cas_stream stream[1024];

static struct cas_asks *open_asks(void)
{
	struct cas_asks *asks = calloc(1, sizeof(*asks));

	CU_ASSERT_PTR_NOT_NULL_FATAL(asks);
	CU_ASSERT_EQUAL_FATAL(cas_asks_init(asks), 0);
	for (size_t i = 0; i < 1024; i++)
		stream[i] = (struct cas_stream){.channel = &channel};
	return asks;
}

static void close_asks(struct cas_asks *asks)
{
	while (cas_asks_head(asks))
		cas_asks_pop(asks);
	for (size_t i = 0; i < asks->requests.capacity_bytes; i++)
		if (asks->requests.bytes[i])
			CU_FAIL("something of a request stays");
	for (size_t i = 0; i < 1024; i++)
		if (stream[i].waiting)
			CU_FAIL("a stream still waits");
	cas_asks_fini(asks);
	free(asks);
}

static bool push(struct cas_asks *asks, struct cas_stream *of, uint16_t cp_number)
{
	struct cas_ask *ask;
	struct km_msg_ecm_request *request = cas_asks_push(asks, of, &ask);

	if (!request)
		return false;
	ask->cp_number = request->cp_number = cp_number;
	memset(request->cw_even, 0xEE, sizeof(request->cw_even));
	return true;
}

static void test_order(void)
{
	struct cas_asks *asks = open_asks();
	struct km_msg_ecm_batch batch;
	uint16_t next = 0, seen = 0;

	CU_ASSERT_PTR_NULL(cas_asks_head(asks));
	// Three times round the ring, in batches.
	while (seen < 3 * CAS_ASKS_MAX) {
		for (unsigned i = 0; i < 100; i++, next++)
			CU_ASSERT_TRUE(push(asks, &stream[next % 1024], next));
		while (cas_asks_head(asks)) {
			cas_asks_fill(asks, &batch);
			CU_ASSERT_TRUE_FATAL(batch.n > 0 && batch.n <= KM_MSG_BATCH_MAX);
			CU_ASSERT_EQUAL(batch.n, asks->asked);
			for (uint32_t i = 0; i < batch.n; i++, seen++) {
				CU_ASSERT_EQUAL(batch.request[i].tag, asks->head);
				CU_ASSERT_EQUAL(batch.request[i].cp_number, seen);
				CU_ASSERT_EQUAL(cas_asks_head(asks)->cp_number, seen);
				cas_asks_pop(asks);
			}
			CU_ASSERT_EQUAL(asks->asked, 0);
		}
	}
	close_asks(asks);
}

static void test_full(void)
{
	struct cas_asks *asks = open_asks();

	for (unsigned i = 0; i < CAS_ASKS_STREAM_MAX; i++)
		CU_ASSERT_TRUE(push(asks, &stream[0], (uint16_t)i));
	CU_ASSERT_FALSE(push(asks, &stream[0], 99));
	cas_asks_pop(asks);
	CU_ASSERT_TRUE(push(asks, &stream[0], 99));
	for (unsigned i = CAS_ASKS_STREAM_MAX; i < CAS_ASKS_MAX; i++)
		CU_ASSERT_TRUE(push(asks, &stream[1 + i % 1000], (uint16_t)i));
	CU_ASSERT_EQUAL(asks->n, CAS_ASKS_MAX);
	CU_ASSERT_FALSE(push(asks, &stream[1023], 1));
	close_asks(asks);
}

static void test_refused_and_forgotten(void)
{
	struct cas_asks *asks = open_asks();
	struct km_msg_ecm_batch batch;
	struct cas_channel other;

	for (uint16_t i = 0; i < 6; i++)
		CU_ASSERT_TRUE(push(asks, &stream[i % 3], i));
	asks->ask[1].status = SIM_E_NOT_ENOUGH_CW;
	cas_asks_forget(asks, &channel, &stream[2]);
	cas_asks_forget(asks, &other, NULL);
	CU_ASSERT_EQUAL(stream[2].waiting, 0);
	CU_ASSERT_EQUAL(stream[0].waiting, 2);
	cas_asks_fill(asks, &batch);
	CU_ASSERT_EQUAL(asks->asked, 6);
	CU_ASSERT_EQUAL_FATAL(batch.n, 3);
	CU_ASSERT_EQUAL(batch.request[0].cp_number, 0);
	CU_ASSERT_EQUAL(batch.request[1].cp_number, 3);
	CU_ASSERT_EQUAL(batch.request[2].cp_number, 4);
	// Forgotten after it was asked: its place stays until the answer comes.
	cas_asks_forget(asks, &channel, NULL);
	CU_ASSERT_EQUAL(asks->n, 6);
	CU_ASSERT_PTR_NULL(cas_asks_head(asks)->stream);
	close_asks(asks);
}

static const struct unit_test tests[] = {{"order", test_order},
					 {"full", test_full},
					 {"refused and forgotten", test_refused_and_forgotten}};

UNIT_MAIN("cas-asks", tests)

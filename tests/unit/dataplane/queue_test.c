// SPDX-License-Identifier: GPL-3.0-or-later
// EMM queues: each packet once in every output, at the stream's rate, and none lost without being refused.
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include <unit.h>

#include "queue/queue.h"

enum { PID = 0x600, HZ = 27000000, PACKET_BITS = 8 * TS_PACKET_BYTES, THREADED_PKTS = 200000 };

static struct dp_queue queue;

static void open_queue(uint16_t rate_kbps, unsigned cursors)
{
	CU_ASSERT_EQUAL_FATAL(dp_queue_init(&queue, PID, rate_kbps, cursors), 0);
}

// A packet that tells its number.
static int put(uint32_t number)
{
	uint8_t packet[TS_PACKET_BYTES];

	ts_packet_null(packet);
	memcpy(packet + TS_HEADER_BYTES, &number, sizeof(number));
	return dp_queue_put(&queue, packet);
}

static uint32_t take(unsigned cursor)
{
	uint8_t packet[TS_PACKET_BYTES];
	uint32_t number;

	dp_queue_take(&queue, queue.cursor[cursor], packet);
	CU_ASSERT_EQUAL(ts_packet_pid(packet), PID);
	memcpy(&number, packet + TS_HEADER_BYTES, sizeof(number));
	return number;
}

// Takes all that is due at this time; how many.
static unsigned drain(unsigned cursor, uint64_t tick)
{
	unsigned n = 0;

	for (; dp_queue_due(&queue, queue.cursor[cursor], tick, HZ); n++)
		take(cursor);
	return n;
}

static void nothing_due_at_the_start(void)
{
	open_queue(1504, 1); // a packet a millisecond
	CU_ASSERT_EQUAL(put(1), 0);
	CU_ASSERT_EQUAL(drain(0, 5000), 0); // the clock starts
	CU_ASSERT_EQUAL(drain(0, 5000 + HZ / 1000 - 1), 0);
	CU_ASSERT_EQUAL(drain(0, 5000 + HZ / 1000), 1);
	CU_ASSERT_EQUAL(drain(0, 5000 + HZ), 0); // empty
	dp_queue_fini(&queue);
}

static void rate(uint16_t rate_kbps, unsigned look_us)
{
	uint64_t sent = 0, want = (uint64_t)rate_kbps * 1000 * 10 / PACKET_BITS; // in 10 s

	open_queue(rate_kbps, 1);
	drain(0, 0);
	for (uint64_t us = look_us; us <= 10000000; us += look_us) {
		while (put(0) == 0)
			;
		sent += drain(0, us * (HZ / 1000000));
	}
	CU_ASSERT_TRUE(sent <= want + 1 && sent + 2 >= want);
	dp_queue_fini(&queue);
}

static void keeps_the_rate(void)
{
	rate(1, 1000);
	rate(3, 1000);
	rate(100, 1000);
	rate(1000, 1300);
	rate(20000, 1000);
	rate(777, 40000); // as often as PCRs come
	rate(65535, 10);
}

// An output that had nothing to send for long: two packets and what the last look earned, then the rate.
static void does_not_burst(void)
{
	uint64_t tick = 0;

	open_queue(1504, 1);
	for (; tick < 10 * (uint64_t)HZ; tick += HZ / 1000)
		CU_ASSERT_EQUAL(drain(0, tick), 0);
	for (uint32_t i = 0; i < 100; i++)
		put(i);
	CU_ASSERT_TRUE(drain(0, tick) <= 3);
	for (unsigned i = 1; i <= 10; i++)
		CU_ASSERT_EQUAL(drain(0, tick + i * HZ / 1000), 1);
	dp_queue_fini(&queue);
	// One that was not looked at for a minute has earned a tenth of a second.
	open_queue(1504, 1);
	for (uint32_t i = 0; i < 1000; i++)
		put(i);
	drain(0, 0);
	CU_ASSERT_EQUAL(drain(0, 60 * (uint64_t)HZ), 100);
	dp_queue_fini(&queue);
}

// Each output has each packet once and in order, with a continuity_counter of its own.
static void to_every_output(void)
{
	uint8_t packet[TS_PACKET_BYTES];

	open_queue(60000, 3);
	for (unsigned c = 0; c < 3; c++)
		drain(c, 0);
	for (uint32_t i = 0; i < 40; i++)
		CU_ASSERT_EQUAL(put(i), 0);
	for (unsigned c = 0; c < 3; c++)
		for (uint32_t i = 0; i < 40; i++) {
			CU_ASSERT_TRUE_FATAL(dp_queue_due(&queue, queue.cursor[c], HZ / 20, HZ));
			CU_ASSERT_EQUAL(queue.cursor[c]->cc & 0x0F, i & 0x0F);
			CU_ASSERT_EQUAL(take(c), i);
		}
	put(7);
	CU_ASSERT_TRUE_FATAL(dp_queue_due(&queue, queue.cursor[1], HZ / 10, HZ));
	dp_queue_take(&queue, queue.cursor[1], packet);
	CU_ASSERT_EQUAL(ts_packet_cc(packet), 40 & 0x0F);
	CU_ASSERT_EQUAL(dp_queue_waiting(&queue), 1); // of the two others
	dp_queue_fini(&queue);
}

// The slowest output decides how much there is room for; nothing it has before it is overwritten.
static void full(void)
{
	open_queue(60000, 2);
	drain(0, 0);
	drain(1, 0);
	for (uint32_t i = 0; i < DP_QUEUE_PKTS; i++)
		CU_ASSERT_EQUAL(put(i), 0);
	CU_ASSERT_EQUAL(dp_queue_waiting(&queue), DP_QUEUE_PKTS);
	CU_ASSERT_EQUAL(put(9999), -ENOSPC);
	CU_ASSERT_TRUE(drain(0, HZ) > 100);
	CU_ASSERT_EQUAL(put(9999), -ENOSPC); // the other has taken none
	CU_ASSERT_TRUE(dp_queue_due(&queue, queue.cursor[1], HZ / 100, HZ));
	CU_ASSERT_EQUAL(take(1), 0);
	CU_ASSERT_EQUAL(dp_queue_waiting(&queue), DP_QUEUE_PKTS - 1);
	CU_ASSERT_EQUAL(put(1000000), 0);
	CU_ASSERT_EQUAL(put(9999), -ENOSPC);
	uint64_t tick = HZ;

	for (uint32_t i = 1; i < DP_QUEUE_PKTS; i++) {
		while (!dp_queue_due(&queue, queue.cursor[1], tick, HZ))
			tick += HZ / 1000;
		CU_ASSERT_EQUAL(take(1), i);
	}
	while (!dp_queue_due(&queue, queue.cursor[1], tick, HZ))
		tick += HZ / 1000;
	CU_ASSERT_EQUAL(take(1), 1000000);
	dp_queue_fini(&queue);
}

// An output whose clock stands still lets go of its oldest packets; the others have each packet.
static void one_stands_still(void)
{
	uint64_t tick = 0;
	unsigned skipped = 0;

	open_queue(60000, 2);
	drain(0, 0);
	for (uint32_t i = 0; i < 5000; i++) {
		CU_ASSERT_EQUAL_FATAL(put(i), 0);
		while (!dp_queue_due(&queue, queue.cursor[0], tick, HZ))
			tick += HZ / 1000;
		CU_ASSERT_EQUAL_FATAL(take(0), i);
		skipped += dp_queue_skip(&queue, queue.cursor[1]);
	}
	CU_ASSERT_EQUAL(dp_queue_waiting(&queue), DP_QUEUE_PKTS - DP_QUEUE_ROOM_PKTS);
	CU_ASSERT_EQUAL(skipped, 5000 - (DP_QUEUE_PKTS - DP_QUEUE_ROOM_PKTS));
	drain(1, 0);
	CU_ASSERT_TRUE_FATAL(dp_queue_due(&queue, queue.cursor[1], HZ / 10, HZ));
	CU_ASSERT_EQUAL(take(1), skipped); // the oldest that is left
	dp_queue_fini(&queue);
}

// The counters turn over.
static void turns_over(void)
{
	open_queue(60000, 1);
	atomic_store(&queue.tail, UINT32_MAX - 3);
	atomic_store(&queue.cursor[0]->head, UINT32_MAX - 3);
	drain(0, 0);
	for (uint32_t i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(put(i), 0);
	CU_ASSERT_EQUAL(dp_queue_waiting(&queue), 10);
	for (uint32_t i = 0; i < 10; i++) {
		CU_ASSERT_TRUE_FATAL(dp_queue_due(&queue, queue.cursor[0], HZ / 10, HZ));
		CU_ASSERT_EQUAL(take(0), i);
	}
	CU_ASSERT_EQUAL(dp_queue_waiting(&queue), 0);
	dp_queue_fini(&queue);
}

static void without_outputs(void)
{
	open_queue(100, 0);
	for (uint32_t i = 0; i < 3000; i++)
		CU_ASSERT_EQUAL(put(i), 0); // nobody misses it
	CU_ASSERT_EQUAL(dp_queue_waiting(&queue), 0);
	dp_queue_fini(&queue);
}

static void *reader(void *context)
{
	unsigned cursor = *(const unsigned *)context;
	uintptr_t wrong = 0;
	uint64_t tick = 0;

	for (uint32_t i = 0; i < THREADED_PKTS; i++) {
		uint8_t packet[TS_PACKET_BYTES];
		uint32_t number;

		while (!dp_queue_due(&queue, queue.cursor[cursor], tick += HZ / 1000, HZ))
			sched_yield();
		dp_queue_take(&queue, queue.cursor[cursor], packet);
		memcpy(&number, packet + TS_HEADER_BYTES, sizeof(number));
		wrong += number != i;
	}
	return (void *)wrong;
}

// One writer and two readers at once: every packet, whole and in order.
static void between_threads(void)
{
	static const unsigned cursor[2] = {0, 1};
	pthread_t thread[2];
	void *wrong;

	open_queue(65535, 2);
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, reader, (void *)&cursor[i]), 0);
	for (uint32_t i = 0; i < THREADED_PKTS; i++)
		while (put(i))
			sched_yield();
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(thread[i], &wrong);
		CU_ASSERT_PTR_NULL(wrong);
	}
	CU_ASSERT_EQUAL(dp_queue_waiting(&queue), 0);
	dp_queue_fini(&queue);
}

static const struct unit_test tests[] = {
	{"nothing due at the start", nothing_due_at_the_start},
	{"keeps the rate", keeps_the_rate},
	{"does not burst", does_not_burst},
	{"to every output", to_every_output},
	{"full", full},
	{"one stands still", one_stands_still},
	{"turns over", turns_over},
	{"without outputs", without_outputs},
	{"between threads", between_threads},
};

UNIT_MAIN("queue", tests)

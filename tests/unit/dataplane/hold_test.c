// SPDX-License-Identifier: GPL-3.0-or-later
// Packets that have their place and wait for the rest of their datagram: with which key they leave, what they keep, and
// in which order.
#include <dvbcsa/dvbcsa.h>

#include "stage/place.h"
#include "worker_rig.h"

enum { VIDEO = 0x100, CLOCK = 0x1E0, SECOND = 27000000, PSI_PKTS = 3 };

static struct dp_output *output;
static struct dp_period *period;

// One scrambled service on air in a period of a second, its PSI sent, and nothing of the next datagram.
static void started(void)
{
	rig_conf();
	rig_start();
	output = &rig.lineup.output[0];
	period = &rig.lineup.group[0].period;
	rig.worker.housekeeping_ticks = 0;
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	CU_ASSERT_EQUAL(rig_period("g", 0, SECOND, 0x11), 0);
	rig_pcr(CLOCK, 0);
	for (unsigned i = 0; i < DP_DGRAM_SLOTS - PSI_PKTS - 1; i++)
		rig_payload(VIDEO);
	while (rig.in_read < rig.in_n)
		dp_worker_pass(&rig.worker);
	dp_worker_pass(&rig.worker);
	CU_ASSERT_EQUAL(rig.out_n, 1);
	CU_ASSERT_EQUAL(output->slots, 0);
	rig.out_n = 0;
}

static void pass(void)
{
	while (rig.in_read < rig.in_n)
		dp_worker_pass(&rig.worker);
}

// Media time goes on, without a packet.
static void reach(uint64_t media_27mhz)
{
	period->media.now_27mhz = media_27mhz;
	if (dp_stage_due(&rig.lineup.group[0]))
		dp_stage_advance(&rig.worker, &rig.lineup.group[0]);
}

// True when the packet left as libdvbcsa scrambles it with the CW that begins with `first`.
static bool left_as(size_t index, const uint8_t *clear, uint8_t first, unsigned tsc)
{
	struct dvbcsa_key_s *key = dvbcsa_key_alloc();
	uint8_t want[TS_PACKET_BYTES], cw[8];
	const uint8_t *got = rig_left(VIDEO, index);

	memcpy(want, clear, sizeof(want));
	for (unsigned k = 0; k < sizeof(cw); k++)
		cw[k] = (uint8_t)(first + 29 * k);
	dvbcsa_key_set(cw, key);
	dvbcsa_encrypt(key, want + TS_HEADER_BYTES, TS_PAYLOAD_MAX_BYTES);
	dvbcsa_key_free(key);
	ts_packet_set_tsc(want, tsc);
	return got && memcmp(got, want, sizeof(want)) == 0;
}

// Six packets wait where they were received, and no buffer is written; the seventh lets all go.
static void waits_for_the_seventh(void)
{
	const uint8_t *clear[DP_DGRAM_SLOTS];

	started();
	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++) {
		CU_ASSERT_EQUAL(output->slots, i);
		CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.pool), i);
		CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.worker.tx_pool), 0);
		clear[i] = rig_payload(VIDEO);
		pass();
	}
	dp_worker_pass(&rig.worker);
	CU_ASSERT_EQUAL(rig.out_n, 1);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.pool), 0);
	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++)
		CU_ASSERT_TRUE(left_as(i, clear[i], 0x11, TS_TSC_EVEN));
	rig_end();
}

// Two edges pass while packets of all three periods wait in one datagram: each leaves with the key it came under,
// though the record of the first has long been given to another key.
static void waits_across_edges(void)
{
	const uint8_t *clear[4];

	started();
	for (unsigned i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(rig_period("g", (uint16_t)(i + 1), SECOND, (uint8_t)(0x22 + 0x11 * i)), 0);
		clear[i] = rig_payload(VIDEO);
		pass();
		reach((i + 1) * (uint64_t)SECOND);
	}
	rig_run();
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_TRUE(left_as(i, clear[i], (uint8_t)(0x11 + 0x11 * i), i % 2 ? TS_TSC_ODD : TS_TSC_EVEN));
	CU_ASSERT_EQUAL(period->stats.periods, 5);
	rig_end();
}

// The key before dies in the middle of a period: what waits under it is scrambled first.
static void key_dies_under_it(void)
{
	const uint8_t *clear;

	started();
	CU_ASSERT_EQUAL(rig_period("g", 1, SECOND, 0x22), 0);
	clear = rig_payload(VIDEO);
	pass();
	reach(SECOND);
	const struct dp_key *key = period->slot.key[1];

	CU_ASSERT_EQUAL(key->live, 1);
	reach(SECOND + SECOND / 2 + 1);
	dp_worker_pass(&rig.worker);
	CU_ASSERT_EQUAL(key->live, 0);
	rig_run();
	CU_ASSERT_TRUE(left_as(0, clear, 0x11, TS_TSC_EVEN));
	rig_end();
}

// An edge by itself lets nothing go: the key of what waits is the one before from then on, and lives.
static void waits_beyond_an_edge(void)
{
	const uint8_t *clear;

	started();
	CU_ASSERT_EQUAL(rig_period("g", 1, SECOND, 0x22), 0);
	clear = rig_payload(VIDEO);
	pass();
	uint64_t batches = rig.worker.stats.batches;

	reach(SECOND);
	dp_worker_pass(&rig.worker);
	CU_ASSERT_EQUAL(period->stats.periods, 2);
	CU_ASSERT_EQUAL(rig.worker.stats.batches, batches);
	CU_ASSERT_PTR_NULL(output->open);
	rig_run();
	CU_ASSERT_TRUE(left_as(0, clear, 0x11, TS_TSC_EVEN));
	rig_end();
}

// Keys of several groups that die at one time cost one batch.
static void keys_die_together(void)
{
	rig_conf();
	rig.conf.services = rig.conf.outputs = 2;
	rig.conf.output[1] = rig.conf.output[0];
	rig_service(1, 2, 1, "h", DP_CSA2);
	rig_start();
	rig.worker.housekeeping_ticks = 0;
	rig_pat();
	rig_pmt(1, TS_PID_NULL, VIDEO, 1);
	rig_pmt(2, TS_PID_NULL, VIDEO + 1, 1);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(rig_period(rig.lineup.group[i].name, 0, SECOND, 0x11), 0);
		CU_ASSERT_EQUAL(rig_period(rig.lineup.group[i].name, 1, SECOND, 0x22), 0);
	}
	rig_payload(VIDEO);
	rig_payload(VIDEO + 1);
	pass();
	uint64_t batches = rig.worker.stats.batches;

	for (unsigned i = 0; i < 2; i++) {
		struct dp_group *group = &rig.lineup.group[i];

		group->period.media.now_27mhz = SECOND;
		dp_stage_advance(&rig.worker, group);
		group->period.media.now_27mhz += SECOND / 2 + 1;
	}
	CU_ASSERT_EQUAL(rig.worker.stats.batches, batches);
	dp_worker_pass(&rig.worker);
	CU_ASSERT_EQUAL(rig.worker.stats.batches, batches + 1);
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(rig.lineup.group[i].period.slot.key[1]->live, 0);
	rig_run();
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(rig_count((uint16_t)(VIDEO + i)), 1);
	CU_ASSERT_EQUAL(rig_leaks(VIDEO) + rig_leaks(VIDEO + 1), 0);
	rig_end();
}

// Whatever a defect does to keys: what waits under a key that is gone leaves as a null packet, never clear.
static void wiped_key(void)
{
	started();
	for (unsigned i = 0; i < 3; i++)
		rig_payload(VIDEO);
	pass();
	dp_keyslot_wipe(&period->slot);
	atomic_store(&period->running, false);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 0);
	CU_ASSERT_EQUAL(rig_count(TS_PID_NULL), DP_DGRAM_SLOTS);
	CU_ASSERT_EQUAL(output->stats.drops[DP_DROP_GUARD_UNSEALED], 3);
	rig_end();
}

// What is made here stands between what came before it and what comes after.
static void keeps_the_order(void)
{
	uint8_t made[TS_PACKET_BYTES];
	const uint8_t *clear[3];

	started();
	ts_packet_null(made);
	ts_packet_set_pid(made, 0x1FE);
	for (unsigned i = 0; i < 3; i++) {
		clear[i] = rig_payload(VIDEO);
		pass();
		ts_packet_set_cc(made, i);
		CU_ASSERT_PTR_NOT_NULL(dp_place_put(&rig.worker, output, made, DP_SLOT_PSI));
	}
	rig_run();
	CU_ASSERT_EQUAL(rig.out_n, 1);
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(left_as(i, clear[i], 0x11, TS_TSC_EVEN));
		CU_ASSERT_EQUAL(ts_packet_pid(rig.out[0].ts + 2 * i * TS_PACKET_BYTES), VIDEO);
		CU_ASSERT_EQUAL(ts_packet_pid(rig.out[0].ts + (2 * i + 1) * TS_PACKET_BYTES), 0x1FE);
		CU_ASSERT_EQUAL(ts_packet_cc(rig.out[0].ts + (2 * i + 1) * TS_PACKET_BYTES), i);
	}
	rig_end();
}

// More places are given in one pass than the list of full datagrams has room for: none is lost.
static void more_than_are_listed(void)
{
	enum { DATAGRAMS = DP_BURST_PKTS + 5 };

	started();
	for (unsigned i = 0; i < DATAGRAMS * DP_DGRAM_SLOTS; i++)
		dp_place_null(&rig.worker, output);
	CU_ASSERT_EQUAL(rig.worker.full_n, DP_BURST_PKTS);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(TS_PID_NULL), DATAGRAMS * DP_DGRAM_SLOTS);
	rig_end();
}

int main(void)
{
	static const struct unit_test tests[] = {
		{"waits for the seventh", waits_for_the_seventh},
		{"waits across edges", waits_across_edges},
		{"key dies under it", key_dies_under_it},
		{"waits beyond an edge", waits_beyond_an_edge},
		{"keys die together", keys_die_together},
		{"wiped key", wiped_key},
		{"keeps the order", keeps_the_order},
		{"more than are listed", more_than_are_listed},
	};

	return rig_open() ? 1 : unit_run("hold", tests, sizeof(tests) / sizeof(tests[0]));
}

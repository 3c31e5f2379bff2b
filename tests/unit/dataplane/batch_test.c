// SPDX-License-Identifier: GPL-3.0-or-later
// Batches of a worker: when one that is not full is scrambled, what is counted of it, and what becomes of payloads of
// every size under every algorithm.
#include "worker_rig.h"

enum { VIDEO = 0x100, FIRST = 0x33 };

static const struct dp_service *service;

// One service on air under an algorithm, its PSI laid out.
static void started(enum dp_algorithm algorithm, uint32_t batch_wait_us)
{
	const char *group = dp_algorithm[algorithm].cw_bytes == 8 ? "g" : "w";

	rig_conf();
	rig.conf.batch_wait_us = batch_wait_us;
	rig_service(0, 1, 0, group, algorithm);
	rig_start();
	service = &rig.lineup.service[0];
	rig_pat();
	rig_pmt(1, 0x1E0, VIDEO, 1);
	CU_ASSERT_EQUAL(rig_period(group, 1, 0, FIRST), 0);
}

// At least `pkts` packets, so many that with PAT, CAT and PMT before them they fill datagrams: what waits for the rest
// of its datagram has no lane yet.
static unsigned whole(unsigned pkts)
{
	while ((pkts + 3) % DP_DGRAM_SLOTS)
		pkts++;
	return pkts;
}

// However long it may wait, a batch waits no longer once nothing more comes; full ones do not wait for that.
static void flushes_when_nothing_comes(void)
{
	enum { LONG_US = 1000000000 };

	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		const struct dp_batch *batch = &rig.worker.batch[i];

		started((enum dp_algorithm)i, LONG_US);
		unsigned lanes = batch->ops->lanes;

		rig.linger_passes = 1;
		unsigned pkts = whole(2 * lanes + 1);

		for (unsigned k = 0; k < pkts; k++)
			rig_payload(VIDEO);
		rig_run();
		CU_ASSERT_EQUAL(rig.batches, 3);
		CU_ASSERT_EQUAL(rig.worker.stats.batches, 3);
		CU_ASSERT_EQUAL(batch->stats.lanes, pkts);
		CU_ASSERT_EQUAL(batch->stats.keys, 3);
		CU_ASSERT_EQUAL(batch->stats.by_keys[0], 3);
		CU_ASSERT_EQUAL(batch->stats.fill[DP_BATCH_FILLS - 1], 2);
		CU_ASSERT_EQUAL(batch->stats.fill[((pkts - 2 * lanes) * DP_BATCH_FILLS - 1) / lanes], 1);
		CU_ASSERT_EQUAL(rig_count(VIDEO), pkts);
		rig_end();
	}
}

// What the reference makes of a packet.
static void expect(enum dp_algorithm algorithm, uint8_t *packet)
{
	static _Alignas(64) uint8_t scratch[1024], key[256];
	const struct dp_cipher_ops *ops = dp_choice_climb(dp_cipher_list(algorithm), "reference", 0);
	uint8_t *payload = packet + ts_packet_payload_offset(packet), cw[DP_CW_MAX_BYTES];
	struct dp_lane lane = {payload, payload, key, (uint8_t)(packet + TS_PACKET_BYTES - payload), false};

	CU_ASSERT_FATAL(ops->scratch_bytes <= sizeof(scratch) && ops->key_bytes <= sizeof(key));
	for (unsigned k = 0; k < sizeof(cw); k++)
		cw[k] = (uint8_t)(FIRST + 29 * k);
	CU_ASSERT_EQUAL(ops->init(scratch), 0);
	dp_cipher_set_key(ops, scratch, key, cw);
	dp_cipher_scramble(ops, scratch, &lane, 1);
	ts_packet_set_tsc(packet, TS_TSC_ODD);
}

// A packet with a payload of n bytes, 1..183.
static const uint8_t *lay(unsigned n)
{
	uint8_t *p = rig_payload(VIDEO);

	p[3] |= 0x20;
	p[4] = (uint8_t)(183 - n);
	if (p[4])
		p[5] = 0;
	return p;
}

// Those too short for the algorithm keep their bytes, with the parity set, and are counted as untouched; the guard lets
// all pass.
static void payloads_of_every_size(void)
{
	const uint8_t *clear[184];

	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		unsigned least = dp_algorithm[i].least_bytes;

		started((enum dp_algorithm)i, 100);
		for (unsigned n = 1; n < 184; n++)
			clear[n] = lay(n);
		rig_run();
		CU_ASSERT_EQUAL_FATAL(rig_count(VIDEO), 183);
		for (unsigned n = 1; n < 184; n++) {
			uint8_t want[TS_PACKET_BYTES + 192] = {0}; // a cipher may read on

			memcpy(want, clear[n], TS_PACKET_BYTES);
			expect((enum dp_algorithm)i, want);
			CU_ASSERT_EQUAL(memcmp(rig_left(VIDEO, n - 1), want, TS_PACKET_BYTES), 0);
			CU_ASSERT_EQUAL(memcmp(want + TS_PACKET_BYTES - n, clear[n] + TS_PACKET_BYTES - n, n) == 0,
					n < least);
		}
		CU_ASSERT_EQUAL(service->stats.untouched_pkts, least - 1);
		CU_ASSERT_EQUAL(service->stats.scrambled_pkts, 184 - least);
		rig_end();
	}
}

static const struct unit_test tests[] = {
	{"flushes when nothing comes", flushes_when_nothing_comes},
	{"payloads of every size", payloads_of_every_size},
};

int main(void)
{
	if (rig_open()) {
		fprintf(stderr, "the EAL does not start\n");
		return 1;
	}
	return unit_run("batch", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#include <base_check.h>

#include "stage/note.h"
#include "stage/stage.h"

enum {
	PKTS = 2048,        // 384 KiB: in L2, as when the cipher meets them in the path
	STRIDE_BYTES = 192, // a packet and what makes the next one aligned
	SLACK_BYTES = 192,  // the cipher may read past a payload
	BLOCK_PKTS = 224,   // of one timing of the note: a burst
	BLOCKS = PKTS / BLOCK_PKTS,
	NOTE_ROUNDS = 40,  // over all packets
	CHECK_ROUNDS = 40, // over the datagrams held
	LINE_BYTES = 64,
	LIMIT_TIMES = 10, // longer than asked, on a busy machine
	FORWARD_ROUNDS = 20,
	FORWARD_BURSTS = 64,
};

// Packets to scramble, in the order of the replay.
struct pkts {
	unsigned n;
	uint8_t offset[PKTS];
	enum dp_algorithm algorithm[PKTS];
	struct dp_note note[BLOCK_PKTS];
	struct dp_lane lane[DP_ALGORITHMS][PKTS];
	unsigned lanes[DP_ALGORITHMS];
	uint8_t dst[DP_CIPHER_LANES_MAX][STRIDE_BYTES];
	uint8_t bytes[PKTS * STRIDE_BYTES + SLACK_BYTES];
};

static void collect_packet(struct pkts *pkts, const struct bench_rig *rig, const uint8_t *packet)
{
	unsigned i = pkts->n;
	struct bench_tag tag;

	if (i == PKTS || !bench_is_elementary(ts_packet_pid(packet)))
		return;
	uint8_t *copy = pkts->bytes + i * STRIDE_BYTES;

	pkts->offset[i] = (uint8_t)ts_packet_payload_offset(packet);
	memcpy(copy, packet, TS_PACKET_BYTES);
	memcpy(&tag, copy + pkts->offset[i], sizeof(tag));
	// Scrambling groups and services have the same order: every service has a group of its own.
	const struct dp_keyslot *slot = &rig->plant.lineup.group[tag.service].period.slot;
	enum dp_algorithm algorithm = rig->conf->service[tag.service].algorithm;
	unsigned lane = pkts->lanes[algorithm]++;

	pkts->algorithm[i] = algorithm;
	pkts->lane[algorithm][lane] = (struct dp_lane){
		.src = copy + pkts->offset[i],
		.dst = pkts->dst[lane % DP_CIPHER_LANES_MAX],
		.key = dp_keyslot_current(slot)->record,
		.n = (uint8_t)(TS_PACKET_BYTES - pkts->offset[i]),
	};
	pkts->n++;
}

static void collect(struct pkts *pkts, struct bench_rig *rig)
{
	uint8_t frame[BENCH_FRAME_BYTES];

	while (pkts->n < PKTS)
		for (unsigned s = 0; s < rig->inputs; s++) {
			bench_stream_next(&rig->stream[s], base_clock_tsc(), 0, frame);
			for (unsigned k = 0; k < DP_DGRAM_SLOTS; k++)
				collect_packet(pkts, rig, frame + BENCH_HEADER_BYTES + k * TS_PACKET_BYTES);
		}
}

// Ticks per lane of one algorithm: whole batches, again and again for its share of the time. Batches in which another
// program took the core are left out, unless there is no other.
static double time_kernel(struct pkts *pkts, const struct dp_batch *batch, enum dp_algorithm algorithm,
			  const struct base_clock *clock, uint64_t limit)
{
	unsigned lanes = batch->ops->lanes, batches = pkts->lanes[algorithm] / lanes;
	CHECK(batches > 0);
	uint64_t all = 0, all_done = 0, good = 0, good_done = 0;

	for (unsigned i = 0; i < batches || (good < limit && all < LIMIT_TIMES * limit); i++) {
		uint64_t cpu_ns = bench_cpu_ns(), began = base_clock_tsc();

		dp_cipher_scramble(batch->ops, batch->scratch, &pkts->lane[algorithm][i % batches * lanes], lanes);
		uint64_t ticks = base_clock_tsc() - began;

		all += ticks;
		all_done += lanes;
		if (!bench_undisturbed(clock, ticks, bench_cpu_ns() - cpu_ns))
			continue;
		good += ticks;
		good_done += lanes;
	}
	return good_done ? (double)good / (double)good_done : (double)all / (double)all_done;
}

// Of several algorithms, as their packets are mixed.
static double kernel(struct pkts *pkts, const struct bench_probe *probe)
{
	uint64_t limit = base_clock_ticks(probe->rig->clock, probe->ms * UINT64_C(1000));
	double ticks = 0;

	for (unsigned a = 0; a < DP_ALGORITHMS; a++)
		if (pkts->lanes[a])
			ticks += pkts->lanes[a] * time_kernel(pkts, &probe->rig->plant.worker[0].batch[a],
							      (enum dp_algorithm)a, probe->rig->clock,
							      limit * pkts->lanes[a] / pkts->n);
	return ticks / pkts->n;
}

// The loop around a note without it: reads the packet's lines, so that the note finds them in L1.
static __attribute__((noinline)) void walk(const struct pkts *pkts, unsigned first)
{
	for (unsigned i = first; i < first + BLOCK_PKTS; i++) {
		const volatile uint8_t *packet = pkts->bytes + i * STRIDE_BYTES;

		for (unsigned at = 0; at < TS_PACKET_BYTES; at += LINE_BYTES)
			(void)packet[at];
		(void)dp_algorithm_covers(pkts->algorithm[i], TS_PACKET_BYTES - pkts->offset[i]);
	}
}

static __attribute__((noinline)) void take_notes(struct pkts *pkts, unsigned first)
{
	for (unsigned i = first; i < first + BLOCK_PKTS; i++)
		dp_note_take(&pkts->note[i - first], pkts->bytes + i * STRIDE_BYTES, pkts->dst[i - first],
			     pkts->offset[i],
			     dp_algorithm_covers(pkts->algorithm[i], TS_PACKET_BYTES - pkts->offset[i]), i);
}

static int compare_ticks(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

// Ticks per packet of dp_guard_note, with the loop around it: the median block.
static double note(struct pkts *pkts)
{
	uint64_t ticks[NOTE_ROUNDS * BLOCKS];

	for (unsigned i = 0; i < NOTE_ROUNDS * BLOCKS; i++) {
		walk(pkts, i % BLOCKS * BLOCK_PKTS);
		uint64_t began = base_clock_tsc();

		take_notes(pkts, i % BLOCKS * BLOCK_PKTS);
		ticks[i] = base_clock_tsc() - began;
	}
	qsort(ticks, NOTE_ROUNDS * BLOCKS, sizeof(ticks[0]), compare_ticks);
	uint64_t median = ticks[sizeof(ticks) / sizeof(ticks[0]) / 2];

	return (double)median / BLOCK_PKTS;
}

// Ticks per packet of dp_stage_guard on datagrams that have passed it: the median round over all.
static double check(struct bench_sink *sink)
{
	uint64_t ticks[CHECK_ROUNDS];

	for (unsigned round = 0; round < CHECK_ROUNDS; round++) {
		uint64_t began = base_clock_tsc();

		for (unsigned i = 0; i < sink->held; i++)
			dp_stage_guard(dp_dgram_of(sink->mbuf[i]));
		ticks[round] = base_clock_tsc() - began;
	}
	qsort(ticks, CHECK_ROUNDS, sizeof(ticks[0]), compare_ticks);
	uint64_t median = ticks[sizeof(ticks) / sizeof(ticks[0]) / 2];

	return sink->held ? (double)median / (sink->held * DP_DGRAM_SLOTS) : 0;
}

// Ticks per packet of datagrams that go from replay to sink with another header, and through no stage: the lowest
// round.
static double forward(struct bench_rig *rig)
{
	struct dp_port *rx = &rig->plant.port[BENCH_PORT_RX], *tx = &rig->plant.port[BENCH_PORT_TX];
	const struct dp_output *output = &rig->plant.lineup.output[0];
	const struct bench_count *count = &rig->window[0].now;
	struct rte_mbuf *mbufs[DP_BURST];
	uint64_t lowest = UINT64_MAX;

	rig->pace[0].line.interval = 0;
	for (unsigned round = 0; round < FORWARD_ROUNDS; round++) {
		uint64_t began = base_clock_tsc() - count->replay_ticks - count->sink_ticks;

		for (unsigned burst = 0; burst < FORWARD_BURSTS; burst++) {
			unsigned n = dp_port_rx(rx, 0, mbufs, DP_BURST);

			for (unsigned i = 0; i < n; i++)
				memcpy(rte_pktmbuf_mtod(mbufs[i], void *), output->header, output->header_bytes);
			dp_port_tx(tx, 0, mbufs, n);
		}
		uint64_t ticks = base_clock_tsc() - count->replay_ticks - count->sink_ticks - began;

		lowest = ticks < lowest ? ticks : lowest;
	}
	return (double)lowest / (FORWARD_BURSTS * DP_BURST * DP_DGRAM_SLOTS);
}

static int run(void *context)
{
	struct bench_probe *probe = context;
	struct pkts *pkts;

	probe->sample->check = check(&probe->rig->sink[0]);
	probe->sample->bare = forward(probe->rig);
	if (probe->rig->lineup.mix == BENCH_CLEAR)
		return 0;
	pkts = calloc(1, sizeof(*pkts));
	if (!pkts)
		return -ENOMEM;
	collect(pkts, probe->rig);
	probe->sample->note = note(pkts);
	probe->sample->kernel = kernel(pkts, probe);
	free(pkts);
	return 0;
}

int bench_probe_run(struct bench_probe *probe)
{
	int rc = rte_eal_remote_launch(run, probe, 1);

	return rc ? rc : rte_eal_wait_lcore(1);
}

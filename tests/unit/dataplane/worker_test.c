// SPDX-License-Identifier: GPL-3.0-or-later
// A worker over all its stages: what leaves for what came.
#include <dvbcsa/dvbcsa.h>

#include "worker_rig.h"

enum { VIDEO = 0x100, CLOCK = 0x1E0, SECOND = 27000000 };

static struct dp_service *service;
static struct dp_output *output;

// One scrambled service on air, its PSI laid out.
static void started(void)
{
	rig_conf();
	rig_start();
	service = &rig.lineup.service[0];
	output = &rig.lineup.output[0];
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 2);
}

// The packet as the witness scrambles it with the CW that starts with `first`.
static void witness(uint8_t *packet, uint8_t first, unsigned tsc)
{
	struct dvbcsa_key_s *key = dvbcsa_key_alloc();
	int offset = ts_packet_payload_offset(packet);
	uint8_t cw[8];

	for (unsigned k = 0; k < 8; k++)
		cw[k] = (uint8_t)(first + 29 * k);
	dvbcsa_key_set(cw, key);
	if (TS_PACKET_BYTES - offset >= 8)
		dvbcsa_encrypt(key, packet + offset, (unsigned)(TS_PACKET_BYTES - offset));
	dvbcsa_key_free(key);
	ts_packet_set_tsc(packet, tsc);
}

static bool left_as(size_t index, const uint8_t *clear, uint8_t first, unsigned tsc)
{
	uint8_t want[TS_PACKET_BYTES];
	const uint8_t *got = rig_left(VIDEO, index);

	memcpy(want, clear, sizeof(want));
	witness(want, first, tsc);
	return got && memcmp(got, want, sizeof(want)) == 0;
}

static void scrambles(void)
{
	const uint8_t *clear[50];

	started();
	CU_ASSERT_EQUAL(rig_period("g", 0, 0, 0x11), 0);
	for (unsigned i = 0; i < 50; i++)
		clear[i] = rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 50);
	for (unsigned i = 0; i < 50; i++)
		CU_ASSERT_TRUE(left_as(i, clear[i], 0x11, TS_TSC_EVEN));
	CU_ASSERT_EQUAL(rig_count(TS_PID_PAT), 1);
	CU_ASSERT_EQUAL(rig_count(TS_PID_CAT), 1);
	CU_ASSERT_EQUAL(rig_count(0x21), 1);
	CU_ASSERT_EQUAL(service->stats.in_pkts, 50);
	CU_ASSERT_EQUAL(service->stats.scrambled_pkts, 50);
	CU_ASSERT_EQUAL(output->stats.psi_pkts, 3);
	CU_ASSERT_EQUAL(output->stats.out_pkts, 56); // 53 and three null packets that fill the last datagram
	CU_ASSERT_EQUAL(output->stats.null_pkts, 3);
	CU_ASSERT_EQUAL(rig.worker.stats.lanes, 50);
	rig_end();
}

static void parity_follows_cp_number(void)
{
	const uint8_t *clear;

	started();
	CU_ASSERT_EQUAL(rig_period("g", 7, 0, 0x42), 0);
	clear = rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_TRUE(left_as(0, clear, 0x42, TS_TSC_ODD));
	rig_end();
}

// The edge lies between a packet and its duplicate: both leave with the bytes of the first, and the next with the new
// key.
static void duplicate_across_a_flip(void)
{
	uint8_t *first, *next;

	started();
	rig_period("g", 0, SECOND, 0x11);
	rig_period("g", 1, SECOND, 0x22);
	rig_pcr(CLOCK, 0);
	rig_pcr(CLOCK, SECOND / 2);
	first = rig_payload(VIDEO);
	rig_pcr(CLOCK, SECOND);
	memcpy(rig_put(VIDEO), first, TS_PACKET_BYTES);
	next = rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_TRUE(left_as(0, first, 0x11, TS_TSC_EVEN));
	CU_ASSERT_TRUE(left_as(1, first, 0x11, TS_TSC_EVEN));
	CU_ASSERT_TRUE(left_as(2, next, 0x22, TS_TSC_ODD));
	CU_ASSERT_EQUAL(service->stats.duplicates, 1);
	CU_ASSERT_EQUAL(service->stats.continuity_errors, 0);
	rig_end();
}

// The packet that carries the PCR of the edge is the first of the new period.
static void flips_at_the_packet(void)
{
	uint8_t *clear[4];

	rig_conf();
	rig_start();
	rig_pat();
	rig_pmt(1, VIDEO, VIDEO, 1);
	rig_period("g", 0, SECOND, 0x11);
	rig_period("g", 1, SECOND, 0x22);
	for (unsigned i = 0; i < 4; i++) {
		clear[i] = rig_payload(VIDEO);
		clear[i][3] |= 0x30;
		clear[i][4] = 7;
		clear[i][5] = 0x10;
		CU_ASSERT_TRUE(ts_packet_set_pcr(clear[i], i < 2 ? i : (uint64_t)SECOND / 3 * i + 1));
	}
	ts_packet_set_pcr(clear[2], SECOND / 3);
	ts_packet_set_pcr(clear[3], SECOND / 3 * 2);
	uint8_t *edge = rig_payload(VIDEO);

	edge[3] |= 0x30;
	edge[4] = 7;
	edge[5] = 0x10;
	ts_packet_set_pcr(edge, SECOND);
	rig_run();
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_TRUE(left_as(i, clear[i], 0x11, TS_TSC_EVEN));
	CU_ASSERT_TRUE(left_as(4, edge, 0x22, TS_TSC_ODD));
	rig_end();
}

static void no_key(void)
{
	started();
	for (unsigned i = 0; i < 5; i++)
		rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 0);
	CU_ASSERT_EQUAL(service->stats.drops[DP_DROP_AWAITS_PERIOD], 5);
	rig_end();
}

static void already_scrambled(void)
{
	started();
	rig_period("g", 0, 0, 0x11);
	for (unsigned tsc = 0; tsc < 4; tsc++)
		ts_packet_set_tsc(rig_payload(VIDEO), tsc);
	ts_packet_set_tsc(rig_pcr(VIDEO, 5), TS_TSC_ODD);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 1);
	CU_ASSERT_EQUAL(service->stats.drops[DP_DROP_ALREADY_SCRAMBLED], 4);
	rig_end();
}

static void bad_packets(void)
{
	started();
	rig_period("g", 0, 0, 0x11);
	rig_payload(VIDEO)[0] = 0x46;
	rig_payload(VIDEO)[1] |= 0x80;
	rig_payload(0x1777);
	uint8_t *bad = rig_payload(VIDEO);

	bad[3] |= 0x30;
	bad[4] = 184;
	rig_payload(VIDEO)[3] &= 0x0F; // adaptation_field_control 00
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 0);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_LOST_SYNC], 1);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_TRANSPORT_ERROR], 1);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PID_UNKNOWN], 1);
	CU_ASSERT_EQUAL(service->stats.drops[DP_DROP_BAD_ADAPTATION], 2);
	rig_end();
}

// Payloads of every size: those too short for the algorithm keep their bytes, with the parity set, and are counted.
static void short_payloads(void)
{
	const uint8_t *clear[184];

	started();
	rig_period("g", 1, 0, 0x33);
	for (unsigned n = 1; n < 184; n++) {
		uint8_t *p = rig_payload(VIDEO);

		p[3] |= 0x20;
		p[4] = (uint8_t)(183 - n);
		if (p[4])
			p[5] = 0;
		clear[n] = p;
	}
	rig_pcr(VIDEO, 77);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 184);
	for (unsigned n = 1; n < 184; n++)
		CU_ASSERT_TRUE(left_as(n - 1, clear[n], 0x33, TS_TSC_ODD));
	CU_ASSERT_EQUAL(ts_packet_tsc(rig_left(VIDEO, 183)), TS_TSC_CLEAR); // no payload, no parity
	CU_ASSERT_EQUAL(service->stats.clear_pkts, 1);
	CU_ASSERT_EQUAL(service->stats.untouched_pkts, 7);
	CU_ASSERT_EQUAL(service->stats.scrambled_pkts, 176);
	rig_end();
}

// At a constant rate as many packets leave as come, and a PMT that grew takes the place of null packets.
static void constant_rate(void)
{
	rig_conf();
	rig.conf.service[0].ca_n = 16;
	for (unsigned i = 0; i < 16; i++)
		rig.conf.service[0].ca[i] =
			(struct dp_conf_ca){.ca_system_id = 1, .ecm_pid = (uint16_t)(0x700 + i), .private_n = 20};
	rig_start();
	service = &rig.lineup.service[0];
	output = &rig.lineup.output[0];
	rig_period("g", 0, 0, 0x11);
	rig_put(TS_PID_NULL);
	for (unsigned i = 0; i < 700; i++) {
		if (i % 100 == 0)
			rig_pat();
		else if (i % 100 == 1)
			rig_pmt(1, CLOCK, VIDEO, 2);
		else if (i % 10 == 5)
			rig_put(TS_PID_NULL);
		else if (i % 10 == 6)
			rig_payload(0x1234); // nobody's: a hole that a null packet fills
		else
			rig_payload(VIDEO);
	}
	while (rig.in_n % DP_DGRAM_SLOTS)
		rig_put(TS_PID_NULL);
	rig_run();
	CU_ASSERT_EQUAL(output->balance, 0);
	CU_ASSERT_EQUAL(output->stats.out_pkts, rig.in_n);
	CU_ASSERT_EQUAL(rig_count(0x21), 7 * 3); // 443 bytes: three packets
	CU_ASSERT_EQUAL(service->stats.scrambled_pkts, rig_count(VIDEO));
	rig_end();
}

// Without null packets the rate is the service's own: what is dropped leaves no hole.
static void variable_rate(void)
{
	started();
	rig_period("g", 0, 0, 0x11);
	for (unsigned i = 0; i < 40; i++)
		rig_payload(i % 2 ? VIDEO : 0x1234);
	rig_run();
	CU_ASSERT_EQUAL(output->stats.out_pkts - output->stats.null_pkts, 3 + 20);
	CU_ASSERT_EQUAL(output->stats.null_pkts, (7 - 23 % 7) % 7);
	rig_end();
}

// Three algorithms and a clear service in one output: batches end at different times, places are those of the input.
static void order_under_mixed_algorithms(void)
{
	static const uint16_t pids[] = {0x401, 0x402, 0x403, 0x404};
	size_t at = 0;

	rig_conf();
	rig.conf.services = 4;
	rig_service(0, 1, 0, "g", DP_CSA2);
	rig_service(1, 2, 0, "h", DP_CSA1);
	rig_service(2, 3, 0, "w", DP_CISSA);
	rig_service(3, 4, 0, NULL, DP_CSA2);
	rig_start();
	rig_period("g", 0, 0, 0x11);
	rig_period("h", 0, 0, 0x22);
	rig_period("w", 1, 0, 0x33);
	rig_pat();
	for (uint16_t i = 1; i <= 4; i++)
		rig_pmt(i, 0x1FFF, (uint16_t)(0x400 + i), 1);
	size_t first = rig.in_n;

	for (unsigned i = 0; i < 3000; i++)
		rig_payload(pids[(i * i / 7 + i / 3) % 4]);
	rig_run();
	for (size_t i = 0; i < rig.out_n; i++)
		for (unsigned k = 0; k < rig.out[i].bytes; k += TS_PACKET_BYTES) {
			const uint8_t *p = rig.out[i].ts + k;

			if (ts_packet_pid(p) < 0x400 || ts_packet_pid(p) == TS_PID_NULL)
				continue;
			CU_ASSERT_FATAL(first + at < rig.in_n);
			CU_ASSERT_EQUAL(ts_packet_pid(p), ts_packet_pid(rig.in_pkt[first + at]));
			CU_ASSERT_EQUAL(ts_packet_cc(p), ts_packet_cc(rig.in_pkt[first + at]));
			CU_ASSERT_EQUAL(ts_packet_tsc(p) != 0, ts_packet_pid(p) != 0x404);
			at++;
		}
	CU_ASSERT_EQUAL(at, 3000);
	for (unsigned i = 0; i < 4; i++)
		for (unsigned d = 0; d < DP_DROPS; d++)
			CU_ASSERT_EQUAL(rig.lineup.service[i].stats.drops[d] + rig.lineup.output[0].stats.drops[d], 0);
	rig_end();
}

static void deadline(bool cut)
{
	rig_conf();
	rig.conf.output[0].deadline_us = 5000;
	rig.conf.output[0].short_datagrams = cut;
	rig_start();
	output = &rig.lineup.output[0];
	rig_period("g", 0, 0, 0x11);
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	rig_payload(VIDEO); // four packets: PAT, CAT, PMT and this
	rig.linger_us = 50000;
	rig_run();
	CU_ASSERT_EQUAL(output->stats.deadline_closes, 1);
	CU_ASSERT_EQUAL_FATAL(rig.out_n, 1);
	CU_ASSERT_EQUAL(rig.out[0].bytes, (cut ? 4 : 7) * TS_PACKET_BYTES);
	CU_ASSERT_EQUAL(output->stats.null_pkts, cut ? 0 : 3);
	CU_ASSERT_EQUAL(ts_packet_tsc(rig_left(VIDEO, 0)), TS_TSC_EVEN);
	rig_end();
}

static void deadline_with_null_packets(void)
{
	deadline(false);
}

static void deadline_with_a_short_datagram(void)
{
	deadline(true);
}

// Many outputs of one input, and a burst of SI that goes to all of them: nothing is lost, nothing changes order.
static void si_to_many_outputs(void)
{
	enum { OUTPUTS = 200, BURST_PKTS = 300 };
	size_t left[OUTPUTS] = {0}, wrong = 0;

	rig_conf();
	rig.conf.outputs = rig.conf.services = OUTPUTS;
	for (unsigned i = 0; i < OUTPUTS; i++) {
		rig.conf.output[i].deadline_us = 10000000;
		rig_service(i, (uint16_t)(i + 1), i, NULL, DP_CSA2);
	}
	rig_start();
	for (unsigned i = 0; i < BURST_PKTS; i++)
		rig_table(0x12, 0x4E);
	rig_run();
	for (size_t i = 0; i < rig.out_n; i++) {
		size_t *next = &left[rig.out[i].output - rig.lineup.output];

		for (unsigned k = 0; k < rig.out[i].bytes; k += TS_PACKET_BYTES)
			if (ts_packet_pid(rig.out[i].ts + k) == 0x12)
				wrong += memcmp(rig.out[i].ts + k, rig.in_pkt[(*next)++], TS_PACKET_BYTES) != 0;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	wrong = 0;
	for (unsigned i = 0; i < OUTPUTS; i++)
		wrong += left[i] != BURST_PKTS || rig.lineup.output[i].stats.drops[DP_DROP_NO_BUFFER];
	CU_ASSERT_EQUAL(wrong, 0);
	rig_end();
}

// Without a buffer a packet is lost and counted, and nothing else: what comes after leaves again.
static void no_buffer(void)
{
	static struct rte_mbuf *held[10000];
	const uint8_t *clear;
	unsigned n = 0;

	started();
	rig_period("g", 0, 0, 0x11);
	while ((held[n] = rte_pktmbuf_alloc(rig.worker.tx_pool)))
		n++;
	for (unsigned i = 0; i < 10; i++)
		rig_payload(VIDEO);
	atomic_store(&rig.stop, false);
	dp_worker_run(&rig.worker);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.pool), 0);
	CU_ASSERT_EQUAL(rig.out_n, 0);
	CU_ASSERT_EQUAL(output->stats.drops[DP_DROP_NO_BUFFER], 13); // PAT, CAT, PMT and ten
	CU_ASSERT_EQUAL(output->stats.psi_pkts, 0);
	while (n)
		rte_pktmbuf_free(held[--n]);
	clear = rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_TRUE(left_as(0, clear, 0x11, TS_TSC_EVEN));
	CU_ASSERT_EQUAL(rig_count(VIDEO), 1);
	rig_end();
}

static unsigned takes_none(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	(void)port;
	(void)queue;
	(void)mbufs;
	(void)n;
	return 0;
}

// A port that is full, or down, loses what it does not take, by name; nobody waits, and the next leaves when it can.
static void port_takes_nothing(void)
{
	static const struct dp_port_ops full = {.rx = rig_rx, .tx = takes_none, .ended = rig_ended};
	const struct dp_port_ops *good;

	started();
	good = rig.port.ops;
	rig_period("g", 0, 0, 0x11);
	for (unsigned down = 0; down < 2; down++) {
		rig.port.down = down;
		rig.port.ops = down ? good : &full;
		for (unsigned i = 0; i < 14; i++)
			rig_payload(VIDEO);
		rig_run();
	}
	CU_ASSERT_EQUAL(rig.out_n, 0);
	CU_ASSERT_EQUAL(output->stats.drops[DP_DROP_TX_FULL], 21); // with PAT, CAT, PMT, and null packets to fill
	CU_ASSERT_EQUAL(output->stats.drops[DP_DROP_PORT_DOWN], 14);
	CU_ASSERT_EQUAL(output->stats.out_pkts, 0);
	rig.port.down = false;
	rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 1);
	CU_ASSERT_EQUAL(output->stats.drops[DP_DROP_TX_FULL] + output->stats.drops[DP_DROP_PORT_DOWN], 35);
	rig_end();
}

// What finds no room on its way to the worker that owns it is lost, by name.
static void handover_full(void)
{
	static struct dp_worker both[2];
	void *handed = NULL;

	started();
	both[1].handover = rte_ring_create("full", 2, SOCKET_ID_ANY, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(both[1].handover);
	rig.worker.workers = both;
	atomic_store(&rig.in->owner, 1);
	for (unsigned i = 0; i < 4 * DP_DGRAM_SLOTS; i++)
		rig_payload(VIDEO);
	atomic_store(&rig.stop, false);
	dp_worker_run(&rig.worker);
	CU_ASSERT_EQUAL(rig.worker.stats.handed_over, 1);
	CU_ASSERT_EQUAL(rig.worker.stats.drops[DP_DROP_HANDOVER_FULL], 4);
	CU_ASSERT_EQUAL_FATAL(rte_ring_dequeue(both[1].handover, &handed), 0);
	CU_ASSERT_PTR_EQUAL(dp_dgram_of(handed)->input, rig.in);
	rte_pktmbuf_free(handed);
	rte_ring_free(both[1].handover);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.pool), 0);
	rig_end();
}

static void continuity(void)
{
	started();
	rig_period("g", 0, 0, 0x11);
	rig_payload(VIDEO);
	rig_payload(VIDEO);
	rig.cc[VIDEO] += 3; // three lost
	rig_payload(VIDEO);
	rig_pcr(VIDEO, 1); // no payload: the counter stands still
	rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL(service->stats.continuity_errors, 1);
	CU_ASSERT_EQUAL(service->stats.duplicates, 0);
	CU_ASSERT_EQUAL(rig_count(VIDEO), 5);
	rig_end();
}

// An IGMP message of 8 bytes in a frame, on its way through rx; true when it stayed for the next stage.
static bool igmp_stays(uint8_t type)
{
	uint8_t frame[60] = {[12] = 0x08, [14] = 0x45, [17] = 28, [23] = 2, [34] = type, [36] = 0xFF, [37] = 0xFF};
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(rig.pool);

	CU_ASSERT_PTR_NOT_NULL_FATAL(mbuf);
	frame[36] = (uint8_t)~type;
	memcpy(rte_pktmbuf_append(mbuf, sizeof(frame)), frame, sizeof(frame));
	return dp_stage_rx(&rig.worker, 0, &mbuf, 1) != 0;
}

// Queries are noted for main; IGMP is counted, let go of, and no drop.
static void notes_igmp_queries(void)
{
	rig_conf();
	rig_start();
	rig.port.file_input = NULL;
	CU_ASSERT_FALSE(igmp_stays(0x22));
	CU_ASSERT_FALSE(atomic_load(&rig.port.queried));
	CU_ASSERT_FALSE(igmp_stays(0x11));
	CU_ASSERT_TRUE(atomic_load(&rig.port.queried));
	CU_ASSERT_EQUAL(rig.worker.stats.igmp_pkts, 2);
	for (unsigned i = 0; i < DP_DROPS; i++)
		CU_ASSERT_EQUAL(rig.worker.stats.drops[i], 0);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.pool), 0);
	rig_end();
}

// A datagram of one null packet with this RTP sequence number.
static void rtp(uint16_t sequence)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(rig.pool);

	CU_ASSERT_PTR_NOT_NULL_FATAL(mbuf);
	ts_packet_null((uint8_t *)rte_pktmbuf_append(mbuf, TS_PACKET_BYTES));
	dp_dgram_of(mbuf)->input = rig.in;
	dp_dgram_of(mbuf)->ts_offset = 0;
	dp_dgram_of(mbuf)->rtp = true;
	dp_dgram_of(mbuf)->rtp_sequence = sequence;
	dp_stage_unpack(&rig.worker, &mbuf, 1);
	dp_stage_release(&mbuf, 1);
}

static void follows_rtp(void)
{
	const struct dp_input_stats *stats;

	rig_conf();
	rig_start();
	stats = &rig.in->stats;
	rtp(65533); // wherever it starts
	rtp(65534);
	rtp(65534); // again
	rtp(0);     // 65535 is missing
	CU_ASSERT_TRUE(stats->rtp_gaps == 1 && stats->rtp_late == 1);
	rtp(65535); // and comes late
	rtp(1);
	CU_ASSERT_TRUE(stats->rtp_gaps == 1 && stats->rtp_late == 2);
	rtp(12);
	CU_ASSERT_TRUE(stats->rtp_gaps == 11 && stats->rtp_late == 2);
	rtp(50000); // a source that began anew
	rtp(50001);
	rtp(49902);
	CU_ASSERT_TRUE(stats->rtp_gaps == 11 && stats->rtp_late == 3);
	rtp(49901); // too far back to be late
	rtp(49902);
	CU_ASSERT_TRUE(stats->rtp_gaps == 11 && stats->rtp_late == 3);
	CU_ASSERT_EQUAL(stats->datagrams, 12);
	rig_end();
}

// Three packets of a PES packet.
static void lay_pes(uint16_t pid)
{
	rig_pes(pid);
	rig_payload(pid);
	rig_payload(pid);
}

// Programme 1 is scrambled (g), programme 2 is clear, and both go to the same output.
static void started_beside_a_clear_one(void)
{
	rig_conf();
	rig.conf.services = 2;
	rig_service(1, 2, 0, NULL, DP_CSA2);
	rig_start();
	rig_period("g", 0, 0, 0x11);
}

// Video where DVB has its tables does not leave, neither before its PMT nor after.
static void video_on_pids_of_si(void)
{
	enum { FIRST = 0x02, STREAMS = TS_PID_SI_LAST + 1 - FIRST };

	rig_conf();
	rig_start();
	rig_period("g", 0, 0, 0x11);
	for (unsigned pid = FIRST; pid <= TS_PID_SI_LAST; pid++)
		lay_pes(pid);
	rig_pat();
	rig_pmt(1, VIDEO, FIRST, STREAMS);
	for (unsigned pid = FIRST; pid <= TS_PID_SI_LAST; pid++)
		lay_pes(pid);
	rig_run();
	CU_ASSERT_EQUAL(rig.in->conflicts, STREAMS);
	for (unsigned pid = FIRST; pid <= TS_PID_SI_LAST; pid++) {
		CU_ASSERT_EQUAL(rig_leaks(pid), 0);
		CU_ASSERT_EQUAL(rig_count(pid), 0);
	}
	rig_end();
}

// A PAT that says the PMT is where the NIT is: neither what it names there nor elsewhere leaves in clear, though a
// clear service names it too.
static void pmt_on_a_pid_of_si(void)
{
	static const uint16_t pids[] = {0x10, 0x12, 0x14, 0x1E, VIDEO};

	started_beside_a_clear_one();
	rig_pat_with(TS_PID_NIT);
	rig_pmt(1, VIDEO, VIDEO, 1);
	ts_packet_set_pid(rig.in_pkt[rig.in_n - 1], TS_PID_NIT);
	rig_pmt(2, VIDEO, VIDEO, 1);
	for (unsigned i = 0; i < sizeof(pids) / sizeof(pids[0]); i++)
		lay_pes(pids[i]);
	rig_run();
	for (unsigned i = 0; i < sizeof(pids) / sizeof(pids[0]); i++)
		CU_ASSERT_EQUAL(rig_leaks(pids[i]), 0);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_NOT_SECTION], 1 + 4 * 3); // the PMT, and video on four PIDs
	rig_end();
}

// A clear service takes its PCR from the video of one whose PMT is awaited: the PCR passes, the video does not.
static void pcr_of_a_clear_service(void)
{
	const uint8_t *pcr;

	started_beside_a_clear_one();
	rig_pat();
	rig_pmt(2, VIDEO, 0x200, 1);
	lay_pes(VIDEO);
	pcr = rig_pcr(VIDEO, 7);
	rig_pmt(1, VIDEO, VIDEO, 1);
	lay_pes(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL(rig_leaks(VIDEO), 0);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PID_UNKNOWN], 3);
	CU_ASSERT_EQUAL_FATAL(rig_count(VIDEO), 4);
	CU_ASSERT_EQUAL(memcmp(rig_left(VIDEO, 0), pcr, TS_PACKET_BYTES), 0);
	for (size_t i = 1; i < 4; i++)
		CU_ASSERT_EQUAL(ts_packet_tsc(rig_left(VIDEO, i)), TS_TSC_EVEN);
	rig_end();
}

// A PID of PCRs alone passes nothing that may hold a payload, and packets of a broken adaptation field may.
static void pcr_pid_passes_no_payload(void)
{
	started();
	rig_pcr(CLOCK, 7);
	rig_payload(CLOCK);
	rig_payload(CLOCK)[3] &= 0x0F; // adaptation_field_control 00
	for (unsigned afc = TS_AFC_ADAPTATION; afc <= TS_AFC_BOTH; afc++) {
		uint8_t *bad = rig_payload(CLOCK);

		bad[3] = (uint8_t)(afc << 4);
		bad[4] = 184;
	}
	rig_run();
	CU_ASSERT_EQUAL(rig_count(CLOCK), 1);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PID_UNKNOWN], 1);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_BAD_ADAPTATION], 3);
	rig_end();
}

// A clear service shares its video with a scrambled one whose PMT comes later.
static void stream_shared_with_an_awaited_service(void)
{
	started_beside_a_clear_one();
	rig_pat();
	rig_pmt(2, CLOCK, VIDEO, 2);
	lay_pes(VIDEO);
	lay_pes(VIDEO + 1);
	rig_pmt(1, CLOCK, VIDEO, 1);
	lay_pes(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL(rig_leaks(VIDEO), 0);
	CU_ASSERT_EQUAL(rig_count(VIDEO), 3);
	CU_ASSERT_EQUAL(rig_count(VIDEO + 1), 0); // what was laid out came too early
	lay_pes(VIDEO + 1);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO + 1), 3);
	rig_end();
}

// Programme 1 in output 0 strips the CA of the input, programme 2 in output 1 keeps it.
static void started_with_input_ca(void)
{
	rig_conf();
	rig.conf.services = rig.conf.outputs = 2;
	rig.conf.output[1].deadline_us = 10000000;
	rig_service(1, 2, 1, "h", DP_CSA2);
	rig.conf.service[1].keep_input_ca = true;
	rig_start();
	rig_period("g", 0, 0, 0x11);
	rig_period("h", 0, 0, 0x22);
	rig_pat();
}

// A CA_descriptor names another service's video before its PMT comes.
static void ca_descriptor_on_a_video(void)
{
	started_with_input_ca();
	rig_pmt_with_ca(2, CLOCK, 0x200, 1, VIDEO);
	lay_pes(VIDEO);
	rig_pmt(1, CLOCK, VIDEO, 1);
	lay_pes(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL(rig_leaks(VIDEO), 0);
	CU_ASSERT_EQUAL(rig_count(VIDEO), 3);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_NOT_SECTION], 3);
	rig_end();
}

// A PID of ECMs becomes video and ECMs again: the end of the video is not the rest of the ECM before it.
static void ecm_then_video_then_ecm(void)
{
	started_with_input_ca();
	rig_pmt_with_ca(2, CLOCK, 0x200, 1, VIDEO);
	rig_pmt(1, CLOCK, 0x300, 1);
	rig_table(VIDEO, 0x80);
	rig_pmt(1, CLOCK, VIDEO, 1);
	rig_pes(VIDEO);
	rig_pmt(1, CLOCK, 0x300, 1);
	rig_payload(VIDEO);
	size_t ecm = rig.in_n;

	rig_table(VIDEO, 0x81);
	rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL_FATAL(rig_count_by(&rig.lineup.output[0], VIDEO), 1);
	CU_ASSERT_EQUAL(ts_packet_tsc(rig_left_by(&rig.lineup.output[0], VIDEO, 0)), TS_TSC_EVEN);
	CU_ASSERT_EQUAL_FATAL(rig_count_by(&rig.lineup.output[1], VIDEO), 3);
	for (size_t i = 1; i < 3; i++)
		CU_ASSERT_EQUAL(memcmp(rig_left_by(&rig.lineup.output[1], VIDEO, i), rig.in_pkt[ecm + i - 1],
				       TS_PACKET_BYTES),
				0);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_NOT_SECTION], 1);
	rig_end();
}

// ECMs and EMMs of the input: sections of their table_ids, to the outputs that keep them.
static void ca_sections(void)
{
	enum { ECM = 0x700 };
	size_t passed = 0;

	started_with_input_ca();
	rig_pmt_with_ca(2, CLOCK, 0x200, 1, ECM);
	for (unsigned table_id = 0; table_id <= 0xFF; table_id++)
		rig_table(ECM, (uint8_t)table_id);
	rig_run();
	CU_ASSERT_EQUAL(rig_count_by(&rig.lineup.output[0], ECM), 0);
	CU_ASSERT_EQUAL_FATAL(rig_count_by(&rig.lineup.output[1], ECM), 16);
	for (uint8_t table_id = 0x80; table_id <= 0x8F; table_id++)
		CU_ASSERT_EQUAL(rig_left_by(&rig.lineup.output[1], ECM, passed++)[5], table_id);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_NOT_SECTION], 256 - 16);
	rig_end();
}

// On a PID of SI only packets of its sections pass; the unit start decides, and what continues follows it.
static void si_sections(void)
{
	uint8_t *p;
	unsigned dropped = 0;

	started();
	rig_payload(0x12); // the rest of what nobody saw begin
	dropped++;
	for (unsigned table_id = 0; table_id <= 0xFF; table_id++) {
		rig_table(0x12, (uint8_t)table_id);
		rig_payload(0x12);
	}
	dropped += 2 * (256 - 64);
	p = rig_table(0x12, 0x00); // behind the end of the section before
	p[4] = 20;
	p[25] = 0x4E;
	p = rig_table(0x12, 0x4E); // scrambled, and with nothing in it: neither begins nor ends anything
	ts_packet_set_tsc(p, TS_TSC_EVEN);
	rig_pcr(0x12, 0);
	p = rig_payload(0x12);
	p[3] |= 0x30;
	p[4] = 184;
	rig_payload(0x12);
	dropped += 3;
	p = rig_table(0x12, 0x4E); // its table_id would stand in the next packet
	p[4] = 183;
	rig_payload(0x12);
	dropped += 2;
	rig_run();
	CU_ASSERT_EQUAL(rig_count(0x12), 2 * 64 + 2);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_NOT_SECTION], dropped);
	rig_end();
}

// Two services in two outputs, whose PCR is on one PID.
// The PCR stands in a stream that no configured service has: the PCR alone goes out, its payload does not.
static void pcr_in_a_foreign_stream(void)
{
	uint8_t want[TS_PACKET_BYTES];
	uint8_t *packet;

	started();
	packet = rig_payload(CLOCK);
	packet[3] |= 0x30;
	packet[4] = 7;
	packet[5] = 0x10;
	ts_packet_set_pcr(packet, 4711);
	rig_run();
	CU_ASSERT_EQUAL_FATAL(rig_count(CLOCK), 1);
	ts_packet_pcr_only(want, packet);
	CU_ASSERT_EQUAL(memcmp(rig_left(CLOCK, 0), want, TS_PACKET_BYTES), 0);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PID_UNKNOWN], 1);
	rig_end();
}

static void started_with_two_outputs(uint16_t pcr_pid)
{
	rig_conf();
	rig.conf.services = rig.conf.outputs = 2;
	rig.conf.output[1].deadline_us = 10000000;
	rig_service(1, 2, 1, "h", DP_CSA2);
	rig_start();
	rig_period("h", 0, 0, 0x22);
	rig_pat();
	rig_pmt(1, pcr_pid, VIDEO, 1);
	rig_pmt(2, pcr_pid, 0x200, 1);
}

static void pcr_to_two_outputs(void)
{
	const uint8_t *pcr[3];

	started_with_two_outputs(CLOCK);
	rig_period("g", 0, 0, 0x11);
	for (unsigned i = 0; i < 3; i++) {
		pcr[i] = rig_pcr(CLOCK, 1000 * i);
		rig_payload(VIDEO);
		rig_payload(0x200);
	}
	rig_run();
	for (unsigned o = 0; o < 2; o++) {
		const struct dp_output *by = &rig.lineup.output[o];

		CU_ASSERT_EQUAL_FATAL(rig_count_by(by, CLOCK), 3);
		for (unsigned i = 0; i < 3; i++)
			CU_ASSERT_EQUAL(memcmp(rig_left_by(by, CLOCK, i), pcr[i], TS_PACKET_BYTES), 0);
		CU_ASSERT_EQUAL(rig_count_by(by, VIDEO), o == 0 ? 3 : 0);
		CU_ASSERT_EQUAL(rig_count_by(by, 0x200), o == 1 ? 3 : 0);
	}
	rig_end();
}

// The PCR of both is in the video of one: the other output gets the PCR alone, with a key for the video and without.
static void pcr_of_another_outputs_video(bool keyed)
{
	uint8_t want[TS_PACKET_BYTES];
	uint8_t *video[2];

	started_with_two_outputs(VIDEO);
	if (keyed)
		rig_period("g", 0, 0, 0x11);
	for (unsigned i = 0; i < 2; i++) {
		video[i] = rig_payload(VIDEO);
		video[i][3] |= 0x30;
		video[i][4] = 7;
		video[i][5] = i ? 0x90 : 0x10; // discontinuity_indicator
		ts_packet_set_pcr(video[i], 77777 + i);
		rig_payload(VIDEO); // without a PCR
	}
	rig_run();
	CU_ASSERT_EQUAL(rig_count_by(&rig.lineup.output[0], VIDEO), keyed ? 4 : 0);
	CU_ASSERT_EQUAL(rig.lineup.service[0].stats.drops[DP_DROP_AWAITS_PERIOD], keyed ? 0 : 4);
	CU_ASSERT_EQUAL_FATAL(rig_count_by(&rig.lineup.output[1], VIDEO), 2);
	for (unsigned i = 0; i < 2; i++) {
		ts_packet_pcr_only(want, video[i]);
		CU_ASSERT_EQUAL(memcmp(rig_left_by(&rig.lineup.output[1], VIDEO, i), want, sizeof(want)), 0);
		CU_ASSERT_EQUAL(ts_packet_discontinuity(want), i != 0);
	}
	CU_ASSERT_EQUAL(rig_leaks(VIDEO), 0);
	rig_end();
}

static void pcr_alone_to_another_output(void)
{
	pcr_of_another_outputs_video(true);
}

static void pcr_alone_though_the_video_is_dropped(void)
{
	pcr_of_another_outputs_video(false);
}

static const struct unit_test tests[] = {
	{"scrambles", scrambles},
	{"parity follows CP_number", parity_follows_cp_number},
	{"duplicate across a flip", duplicate_across_a_flip},
	{"flips at the packet", flips_at_the_packet},
	{"no key", no_key},
	{"already scrambled", already_scrambled},
	{"bad packets", bad_packets},
	{"short payloads", short_payloads},
	{"constant rate", constant_rate},
	{"variable rate", variable_rate},
	{"order under mixed algorithms", order_under_mixed_algorithms},
	{"deadline with null packets", deadline_with_null_packets},
	{"deadline with a short datagram", deadline_with_a_short_datagram},
	{"continuity", continuity},
	{"no buffer", no_buffer},
	{"port takes nothing", port_takes_nothing},
	{"hand-over full", handover_full},
	{"SI to many outputs", si_to_many_outputs},
	{"video on PIDs of SI", video_on_pids_of_si},
	{"PMT on a PID of SI", pmt_on_a_pid_of_si},
	{"PCR of a clear service", pcr_of_a_clear_service},
	{"PCR PID passes no payload", pcr_pid_passes_no_payload},
	{"stream shared with an awaited service", stream_shared_with_an_awaited_service},
	{"CA_descriptor on a video", ca_descriptor_on_a_video},
	{"ECM, then video, then ECM", ecm_then_video_then_ecm},
	{"CA sections", ca_sections},
	{"SI sections", si_sections},
	{"PCR in a foreign stream", pcr_in_a_foreign_stream},
	{"PCR to two outputs", pcr_to_two_outputs},
	{"PCR alone to another output", pcr_alone_to_another_output},
	{"PCR alone though the video is dropped", pcr_alone_though_the_video_is_dropped},
	{"notes IGMP queries", notes_igmp_queries},
	{"follows RTP", follows_rtp},
};

int main(void)
{
	if (rig_open()) {
		fprintf(stderr, "the EAL does not start\n");
		return 1;
	}
	return unit_run("worker", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A whole worker without a network: transport packets in, the datagrams that leave out. The real loop runs over a port
// whose functions are here; it stops when everything laid out has been read.
//
// One input of up to DP_CONF_SERVICES_MAX services; a test fills rig.conf between rig_conf and rig_start.
//
// Threads: one. Owns: all of it; the EAL runs for the life of the program.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

#include <ts_pat.h>
#include <ts_pmt.h>
#include <unit.h>

#include "eal_start.h"
#include "psi/psi.h"
#include "stage/stage.h"
#include "worker/order.h"

enum { RIG_PKTS_MAX = 20000, RIG_DGRAMS_MAX = 20000 };

struct rig_datagram {
	struct dp_output *output;
	uint16_t bytes;
	uint8_t ts[DP_DGRAM_TS_BYTES];
};

struct rig {
	struct base_clock clock;
	struct rte_mempool *pool;
	struct dp_conf conf;
	struct dp_keyfile keyfile;
	struct base_errs errs;
	struct dp_lineup lineup;
	struct dp_choice ciphers;
	struct dp_arena arena;
	struct dp_port port;
	struct dp_worker worker;
	atomic_bool stop;
	struct dp_input *in;
	const struct dp_conf_service
		*first[DP_CONF_SERVICES_MAX]; // what the services began with, whatever a test gives them

	size_t in_n, in_read; // packets laid out, and read of them
	uint8_t in_pkt[RIG_PKTS_MAX][TS_PACKET_BYTES];
	uint64_t linger_us;               // after the last packet, before the loop stops
	unsigned linger_passes, lingered; // passes that find nothing before it may stop, and those that did
	uint64_t batches;                 // when the last packet was read and the loop began to stop
	uint64_t ended_tick;
	uint8_t cc[TS_PIDS];

	size_t out_n;
	struct rig_datagram out[RIG_DGRAMS_MAX];
};

static struct rig rig;

static inline unsigned rig_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	unsigned count = 0;

	(void)port;
	(void)queue;
	for (; count < n && rig.in_read < rig.in_n; count++) {
		size_t take = rig.in_n - rig.in_read < DP_DGRAM_SLOTS ? rig.in_n - rig.in_read : DP_DGRAM_SLOTS;
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(rig.pool);

		if (!mbuf)
			break;
		memcpy(rte_pktmbuf_append(mbuf, (uint16_t)(take * TS_PACKET_BYTES)), rig.in_pkt[rig.in_read],
		       take * TS_PACKET_BYTES);
		rig.in_read += take;
		mbufs[count] = mbuf;
	}
	if (count)
		return count;
	if (!rig.ended_tick)
		rig.ended_tick = base_clock_tsc();
	if (rig.lingered++ >= rig.linger_passes &&
	    base_clock_us(&rig.clock, base_clock_tsc() - rig.ended_tick) >= rig.linger_us) {
		rig.batches = rig.worker.stats.batches;
		atomic_store(&rig.stop, true);
	}
	return 0;
}

static inline unsigned rig_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	(void)port;
	(void)queue;
	for (unsigned i = 0; i < n; i++) {
		struct rig_datagram *d = &rig.out[rig.out_n++];

		CU_ASSERT_FATAL(rig.out_n <= RIG_DGRAMS_MAX);
		d->output = dp_dgram_of(mbufs[i])->output;
		d->bytes = rte_pktmbuf_data_len(mbufs[i]);
		CU_ASSERT_FATAL(d->bytes <= DP_DGRAM_TS_BYTES);
		memcpy(d->ts, rte_pktmbuf_mtod(mbufs[i], void *), d->bytes);
		rte_pktmbuf_free(mbufs[i]);
	}
	return n;
}

static inline bool rig_ended(const struct dp_port *port)
{
	(void)port;
	return false;
}

// Starts the EAL and makes the receive pool; before the tests.
static inline int rig_open(void)
{
	if (eal_start(&rig.clock))
		return -1;
	rig.pool = rte_pktmbuf_pool_create("rig", 4095, 0, RTE_ALIGN(sizeof(struct dp_dgram), RTE_MBUF_PRIV_ALIGN),
					   RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return rig.pool ? 0 : -1;
}

static inline void rig_service(unsigned i, uint16_t program, unsigned output, const char *group,
			       enum dp_algorithm algorithm)
{
	struct dp_conf_service *s = &rig.conf.service[i];

	s->program_number = program;
	s->output = output;
	s->clear_service = !group;
	s->algorithm = algorithm;
	snprintf(s->group, sizeof(s->group), "%s", group ? group : "");
}

// One scrambled service: programme 1 of group g, CSA2. The groups are g (8 bytes), h (8) and w (16).
static inline void rig_conf(void)
{
	static const char keys[] = "group g period_ms 0\ncp 0 even 0011223344556677\n"
				   "group h period_ms 0\ncp 0 even 0011223344556677\n"
				   "group w period_ms 0\ncp 0 even 00112233445566778899aabbccddeeff\n";

	memset(&rig.conf, 0, sizeof(rig.conf));
	base_errs_init(&rig.errs);
	CU_ASSERT_EQUAL_FATAL(dp_keyfile_parse(&rig.keyfile, keys, sizeof(keys) - 1, "k", &rig.errs), 0);
	rig.conf.workers = rig.conf.ports = rig.conf.inputs = rig.conf.outputs = rig.conf.services = 1;
	rig.conf.port[0].driver = DP_PORT_FILE;
	rig.conf.idle = DP_IDLE_YIELD;
	rig.conf.batch_wait_us = 100;
	rig.conf.source_hold_ms = 2000;
	rig.conf.output[0].deadline_us = 10000000;
	rig_service(0, 1, 0, "g", DP_CSA2);
}

static inline void rig_keyslots(void)
{
	for (unsigned i = 0; i < rig.lineup.groups; i++) {
		struct dp_group *group = &rig.lineup.group[i];

		CU_ASSERT_EQUAL_FATAL(dp_keyslot_init(&group->period.slot, dp_choice_key_bytes(&rig.ciphers),
						      &rig.arena),
				      0);
	}
}

static inline void rig_start(void)
{
	static const struct dp_port_ops ops = {.rx = rig_rx, .tx = rig_tx, .ended = rig_ended};
	static const struct dp_choice_wish nothing;

	CU_ASSERT_EQUAL_FATAL(dp_choice_make(&rig.ciphers, dp_cpu_features(), &nothing, &rig.errs), 0);
	size_t arena = dp_worker_arena_bytes(&rig.ciphers);

	CU_ASSERT_EQUAL_FATAL(dp_lineup_init(&rig.lineup, &rig.conf, &rig.keyfile, &rig.errs), 0);
	for (unsigned i = 0; i < rig.lineup.groups; i++)
		arena += dp_keyslot_arena_bytes(dp_choice_key_bytes(&rig.ciphers));
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&rig.arena, arena), 0);
	rig.in = &rig.lineup.input[0];
	rig.port = (struct dp_port){
		.conf = &rig.conf.port[0], .ops = &ops, .rx_queues = 1, .tx_queues = 1, .file_input = rig.in};
	rig.in->port = &rig.port;
	for (unsigned i = 0; i < rig.lineup.outputs; i++)
		rig.lineup.output[i].port = &rig.port;
	memset(&rig.worker, 0, sizeof(rig.worker));
	rig.worker.conf = &rig.conf;
	rig.worker.clock = &rig.clock;
	rig.worker.ciphers = &rig.ciphers;
	rig.worker.lineup = &rig.lineup;
	rig.worker.port = &rig.port;
	rig.worker.workers = &rig.worker;
	rig.worker.stop = &rig.stop;
	CU_ASSERT_EQUAL_FATAL(dp_worker_init(&rig.worker, &rig.arena, &rig.errs), 0);
	rig_keyslots();
	dp_roster_fill(&rig.worker.roster, &rig.lineup, 0);
	for (unsigned i = 0; i < rig.lineup.services; i++)
		rig.first[i] = rig.lineup.service[i].conf;
	rig.in_n = rig.in_read = rig.out_n = 0;
	rig.linger_us = 0;
	rig.linger_passes = 0;
	memset(rig.cc, 0, sizeof(rig.cc));
}

// Runs the loop over what was laid out since the last run.
static inline void rig_run(void)
{
	atomic_store(&rig.stop, false);
	rig.ended_tick = 0;
	rig.lingered = 0;
	CU_ASSERT_EQUAL(dp_worker_run(&rig.worker), 0);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.pool), 0);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.worker.tx_pool), 0);
}

static inline void rig_end(void)
{
	dp_worker_fini(&rig.worker);
	dp_arena_fini(&rig.arena);
	for (unsigned i = 0; i < rig.lineup.services; i++)
		rig.lineup.service[i].conf = rig.first[i];
	dp_lineup_fini(&rig.lineup);
	dp_keyfile_free(&rig.keyfile);
}

// What a worker exchanges when one service gets another configuration.
struct rig_change {
	struct dp_change change;
	struct dp_wire_service service;
	struct dp_wire_input input;
	struct dp_roster roster;
};

// The order by which `service` gets `conf`; the one before is in change->service.conf when it is done.
static inline void rig_change(struct dp_order *order, struct rig_change *change, struct dp_service *service,
			      struct dp_conf_service *conf)
{
	struct dp_input *in = service->input;

	*change = (struct rig_change){
		.service = {.service = service, .conf = conf, .clock_source = service->clock_source, .again = true},
		.input = {.input = in,
			  .services = in->services,
			  .outputs = in->outputs,
			  .service = in->service,
			  .output = in->output,
			  .again = true},
		.roster = rig.worker.roster};
	change->change =
		(struct dp_change){.service = &change->service, .input = &change->input, .roster = &change->roster};
	*order = (struct dp_order){.kind = DP_ORDER_CHANGE, .change = &change->change};
}

// Gives group `name` a crypto-period. Its CW is `first` and 7 or 15 bytes of a pattern.
static inline int rig_period(const char *name, uint16_t cp_number, uint64_t duration_27mhz, uint8_t first)
{
	for (unsigned i = 0; i < rig.lineup.groups; i++) {
		struct dp_group *group = &rig.lineup.group[i];
		const struct dp_batch *batch = &rig.worker.batch[group->algorithm];
		struct dp_period_msg msg = {.cp_number = cp_number,
					    .algorithm = (uint8_t)group->algorithm,
					    .cw_bytes = dp_algorithm[group->algorithm].cw_bytes,
					    .duration_27mhz = duration_27mhz};

		if (strcmp(group->name, name) != 0)
			continue;
		for (unsigned k = 0; k < msg.cw_bytes; k++)
			msg.cw[k] = (uint8_t)(first + 29 * k);
		return dp_period_accept(&group->period, &msg, batch->ops, batch->scratch);
	}
	return -1;
}

// Lays out a packet; a test may still change it.
static inline uint8_t *rig_put(uint16_t pid)
{
	uint8_t *p = rig.in_pkt[rig.in_n++];

	CU_ASSERT_FATAL(rig.in_n <= RIG_PKTS_MAX);
	ts_packet_null(p);
	ts_packet_set_pid(p, pid);
	return p;
}

// A packet full of payload that differs from packet to packet.
static inline uint8_t *rig_payload(uint16_t pid)
{
	uint8_t *p = rig_put(pid);

	ts_packet_set_cc(p, rig.cc[pid]++);
	for (unsigned i = 4; i < TS_PACKET_BYTES; i++)
		p[i] = (uint8_t)(rig.in_n * 7 + i * 13 + i * i);
	return p;
}

// A packet as rig_payload's that begins a PES packet of video.
static inline uint8_t *rig_pes(uint16_t pid)
{
	uint8_t *p = rig_payload(pid);

	p[1] |= 0x40;
	memcpy(p + TS_HEADER_BYTES, "\x00\x00\x01\xE0\x00\x00\x80\x80\x05", 9);
	return p;
}

// A packet as rig_payload's that begins a section.
static inline uint8_t *rig_table(uint16_t pid, uint8_t table_id)
{
	uint8_t *p = rig_payload(pid);

	p[1] |= 0x40;
	p[TS_HEADER_BYTES] = 0;
	p[TS_HEADER_BYTES + 1] = table_id;
	return p;
}

// A packet of adaptation field alone, with a PCR.
static inline uint8_t *rig_pcr(uint16_t pid, uint64_t pcr_27mhz)
{
	uint8_t *p = rig_put(pid);

	p[3] = 0x20;
	p[4] = 183;
	p[5] = 0x10;
	memset(p + 6, 0, 6);
	CU_ASSERT_TRUE(ts_packet_set_pcr(p, pcr_27mhz));
	return p;
}

static inline void rig_section(uint16_t pid, const uint8_t *section, int n)
{
	uint8_t packets[6][TS_PACKET_BYTES];
	int count;

	CU_ASSERT_FATAL(n > 0);
	count = ts_section_packetize(packets, 6, section, (size_t)n, pid, &rig.cc[pid]);
	for (int i = 0; i < count; i++)
		memcpy(rig_put(pid), packets[i], TS_PACKET_BYTES);
}

// A PAT of the configured services, programme n on PMT PID 0x20 + n but programme 1 on `first_pmt_pid`.
static inline void rig_pat_with(uint16_t first_pmt_pid)
{
	struct ts_pat pat = {.current = true};
	uint8_t section[1024];

	for (unsigned i = 0; i < rig.conf.services; i++) {
		uint16_t program = rig.conf.service[i].program_number;

		pat.program[pat.n].number = program;
		pat.program[pat.n++].pid = program == 1 ? first_pmt_pid : (uint16_t)(0x20 + program);
	}
	rig_section(TS_PID_PAT, section, ts_pat_write(section, sizeof(section), &pat));
}

// A PAT of the configured services, programme n on PMT PID 0x20 + n.
static inline void rig_pat(void)
{
	rig_pat_with(0x21);
}

// A PMT of programme n: `streams` video streams from `first_pid`, their PCR on `pcr_pid`, and in its programme loop a
// CA_descriptor that names `ca_pid`, but when it is 0.
static inline void rig_pmt_with_ca(uint16_t program, uint16_t pcr_pid, uint16_t first_pid, unsigned streams,
				   uint16_t ca_pid)
{
	const uint8_t ca[] = {TS_DESC_CA, 4, 0x0B, 0x01, (uint8_t)(0xE0 | ca_pid >> 8), (uint8_t)ca_pid};
	static struct ts_pmt pmt;
	uint8_t section[1024];

	pmt = (struct ts_pmt){.program_number = program,
			      .current = true,
			      .pcr_pid = pcr_pid,
			      .info = {ca, ca_pid ? sizeof(ca) : 0},
			      .n = streams};
	for (unsigned i = 0; i < streams; i++)
		pmt.stream[i] = (struct ts_pmt_stream){.stream_type = 0x1B, .pid = (uint16_t)(first_pid + i)};
	rig_section((uint16_t)(0x20 + program), section, ts_pmt_write(section, sizeof(section), &pmt));
}

static inline void rig_pmt(uint16_t program, uint16_t pcr_pid, uint16_t first_pid, unsigned streams)
{
	rig_pmt_with_ca(program, pcr_pid, first_pid, streams, 0);
}

// The `index`th packet with this PID that left by an output, or by any when it is NULL; or NULL.
static inline const uint8_t *rig_left_by(const struct dp_output *output, uint16_t pid, size_t index)
{
	for (size_t i = 0; i < rig.out_n; i++)
		for (unsigned at = 0; at < rig.out[i].bytes && (!output || rig.out[i].output == output);
		     at += TS_PACKET_BYTES)
			if (ts_packet_pid(rig.out[i].ts + at) == pid && index-- == 0)
				return rig.out[i].ts + at;
	return NULL;
}

static inline size_t rig_count_by(const struct dp_output *output, uint16_t pid)
{
	size_t n = 0;

	while (rig_left_by(output, pid, n))
		n++;
	return n;
}

static inline const uint8_t *rig_left(uint16_t pid, size_t index)
{
	return rig_left_by(NULL, pid, index);
}

static inline size_t rig_count(uint16_t pid)
{
	return rig_count_by(NULL, pid);
}

// True when the packet holds the payload of one laid out on `pid`.
static inline bool rig_holds(const uint8_t *packet, uint16_t pid)
{
	for (size_t i = 0; i < rig.in_n; i++) {
		int offset = ts_packet_pid(rig.in_pkt[i]) == pid ? ts_packet_payload_offset(rig.in_pkt[i]) : -1;

		if (offset >= 0 && offset < TS_PACKET_BYTES &&
		    memcmp(packet + offset, rig.in_pkt[i] + offset, (size_t)(TS_PACKET_BYTES - offset)) == 0)
			return true;
	}
	return false;
}

// How many packets left, on whatever PID, with the payload of a packet laid out on `pid`.
static inline size_t rig_leaks(uint16_t pid)
{
	size_t leaks = 0;

	for (size_t i = 0; i < rig.out_n; i++)
		for (unsigned at = 0; at < rig.out[i].bytes; at += TS_PACKET_BYTES)
			leaks += rig_holds(rig.out[i].ts + at, pid);
	return leaks;
}

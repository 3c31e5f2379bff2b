// SPDX-License-Identifier: GPL-3.0-or-later
// A whole plant without a network or a controller: line-ups by hand, datagrams made here, and a port whose functions
// are the test's. The workers are there, and nobody runs them but the test.
//
// Threads: one, but that rig_datagram of an input may be called by one other. Owns: all of it; the EAL runs for the
// life of the program.
#pragma once

#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_eal.h>

#include <base_bytes.h>
#include <base_check.h>
#include <base_log.h>
#include <ts_pat.h>
#include <ts_pmt.h>
#include <ts_section.h>
#include <unit.h>

#include "eal_start.h"
#include "plant.h"

enum {
	RIG_WORKERS = 2,
	RIG_SERVICES = 6,
	RIG_VIDEOS = 5, // packets in each datagram, behind PAT and PMT
	RIG_HEADER_BYTES = 42,
	RIG_PMT = 0x100,
	RIG_VIDEO = 0x101,
};

static struct rig {
	struct dp_conf machine, *wanted;
	struct base_clock clock;
	struct base_errs errs;
	struct dp_plant plant;
	int (*null_close)(struct dp_port *port);
	// What was sent into each input.
	struct {
		uint32_t sent; // number of its next video packet
		uint8_t cc, psi_cc;
	} sent[RIG_SERVICES];
} rig;

static inline bool rig_port_ended(const struct dp_port *port)
{
	(void)port;
	return false;
}

static inline int rig_port_close(struct dp_port *port)
{
	return rig.null_close(port);
}

static inline void rig_open(const struct dp_port_ops *ops)
{
	struct dp_conf *machine = &rig.machine;

	memset(machine, 0, sizeof(*machine));
	memset(rig.sent, 0, sizeof(rig.sent));
	base_errs_init(&rig.errs);
	base_log_set_levels("error");
	machine->workers = RIG_WORKERS;
	machine->ports = 1;
	machine->memory_mib = 256;
	machine->source_hold_ms = 60000;
	machine->batch_wait_us = 100;
	machine->idle = DP_IDLE_YIELD;
	machine->port[0].driver = DP_PORT_NULL;
	strcpy(machine->control, "nobody");
	machine->capacity = (struct dp_conf_capacity){RIG_SERVICES, RIG_SERVICES, RIG_SERVICES, RIG_SERVICES, 1};
	CU_ASSERT_EQUAL_FATAL(rte_eal_hotplug_add("vdev", "net_null0", "size=64,no-rx=1"), 0);
	CU_ASSERT_EQUAL_FATAL(dp_plant_open(&rig.plant, machine, &rig.clock, &rig.errs), 0);
	rig.null_close = rig.plant.port[0].ops->close;
	rig.plant.port[0].ops = ops;
	rig.plant.running = true;
	for (unsigned w = 0; w < RIG_WORKERS; w++)
		rig.plant.worker[w].housekeeping_ticks = 0; // orders are taken in every pass
	rig.wanted = malloc(sizeof(*rig.wanted));
	*rig.wanted = *machine;
}

static inline void rig_close(void)
{
	rig.plant.running = false;
	atomic_store(&rig.plant.stop, true);
	for (unsigned w = 0; w < RIG_WORKERS; w++) // sends what it still holds
		dp_worker_run(&rig.plant.worker[w]);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.plant.rx_pool), 0);
	CU_ASSERT_EQUAL(dp_plant_lost(&rig.plant), 0);
	CU_ASSERT_EQUAL(dp_plant_fini(&rig.plant), 0);
	rte_eal_hotplug_remove("vdev", "net_null0");
	free(rig.wanted);
}

// Service `number` in an input and an output of its own, scrambled by a group of its own when it is to be.
static inline void rig_want(unsigned number, bool scrambled)
{
	struct dp_conf *wanted = rig.wanted;
	unsigned i = wanted->services;

	wanted->input[i] = (struct dp_conf_input){.group = 0xEF010101 + number, .udp_port = 5000};
	wanted->output[i] = (struct dp_conf_output){
		.group = 0xEF020101 + number, .udp_port = 5000, .source = 1, .ttl = 1, .deadline_us = 60000000};
	wanted->service[i] = (struct dp_conf_service){
		.input = i, .output = i, .program_number = 1, .clear_service = !scrambled, .algorithm = DP_CSA2};
	snprintf(wanted->input[i].name, DP_CONF_NAME_BYTES, "in%u", number);
	snprintf(wanted->output[i].name, DP_CONF_NAME_BYTES, "out%u", number);
	snprintf(wanted->service[i].name, DP_CONF_NAME_BYTES, "s%u", number);
	if (scrambled)
		snprintf(wanted->service[i].group, DP_CONF_NAME_BYTES, "g%u", number);
	wanted->inputs = wanted->outputs = wanted->services = i + 1;
}

// Brings on air what was wanted since the last time.
static inline void rig_begin(void)
{
	struct dp_conf *given = malloc(sizeof(*given));

	*given = *rig.wanted;
	CU_ASSERT_EQUAL_FATAL(dp_plant_lineup(&rig.plant, given, &rig.errs), 0);
	*rig.wanted = rig.machine;
}

static inline uint8_t *rig_put_section(uint8_t *at, uint16_t pid, uint8_t *cc, const uint8_t *section, int n)
{
	uint8_t packets[1][TS_PACKET_BYTES];

	CHECK(ts_section_packetize(packets, 1, section, (size_t)n, pid, cc) == 1);
	memcpy(at, packets, TS_PACKET_BYTES);
	return at + TS_PACKET_BYTES;
}

static inline uint8_t *rig_put_tables(uint8_t *at, uint8_t *psi_cc)
{
	struct ts_pat pat = {.current = true, .n = 1, .program = {{1, RIG_PMT}}};
	struct ts_pmt pmt = {.program_number = 1, .current = true, .pcr_pid = TS_PID_NULL, .n = 1};
	uint8_t section[1024], cc = *psi_cc;

	pmt.stream[0] = (struct ts_pmt_stream){.stream_type = 0x1B, .pid = RIG_VIDEO};
	at = rig_put_section(at, TS_PID_PAT, &cc, section, ts_pat_write(section, sizeof(section), &pat));
	cc = (*psi_cc)++;
	return rig_put_section(at, RIG_PMT, &cc, section, ts_pmt_write(section, sizeof(section), &pmt));
}

// The next datagram for input `number`: tables, and video packets that go on by one.
static inline struct rte_mbuf *rig_datagram(unsigned number)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(rig.plant.rx_pool);

	CHECK(mbuf);
	uint8_t *frame = (uint8_t *)rte_pktmbuf_append(mbuf, RIG_HEADER_BYTES + DP_DGRAM_TS_BYTES);

	memset(frame, 0, RIG_HEADER_BYTES);
	base_bytes_put16(frame + 12, 0x0800);
	frame[14] = 0x45;
	base_bytes_put16(frame + 16, 28 + DP_DGRAM_TS_BYTES);
	frame[23] = 17;
	base_bytes_put32(frame + 26, 0x0A000001);
	base_bytes_put32(frame + 30, 0xEF010101 + number);
	base_bytes_put16(frame + 36, 5000);
	base_bytes_put16(frame + 38, 8 + DP_DGRAM_TS_BYTES);
	uint8_t *at = rig_put_tables(frame + RIG_HEADER_BYTES, &rig.sent[number].psi_cc);

	for (unsigned i = 0; i < RIG_VIDEOS; i++, at += TS_PACKET_BYTES) {
		uint32_t n = rig.sent[number].sent++;

		ts_packet_null(at);
		ts_packet_set_pid(at, RIG_VIDEO);
		ts_packet_set_cc(at, rig.sent[number].cc++);
		memset(at + TS_HEADER_BYTES, (int)(n * 7 + 1) & 0x7F, TS_PACKET_BYTES - TS_HEADER_BYTES);
		base_bytes_put32(at + 8, n);
	}
	return mbuf;
}

// The number of the service whose output a frame goes to.
static inline unsigned rig_number(const uint8_t *frame)
{
	return (base_bytes_get32(frame + 30) & 0xFF) - 1;
}

// One step of a worker, or of main.
static inline void rig_step(unsigned what)
{
	if (what < RIG_WORKERS)
		dp_worker_pass(&rig.plant.worker[what]);
	else
		dp_plant_tend(&rig.plant);
}

// Until nothing is on its way any more.
static inline void rig_settle(void)
{
	for (unsigned i = 0; i < 40 || dp_plant_changing(&rig.plant); i++) {
		CU_ASSERT_FATAL(i < 1000);
		for (unsigned k = 0; k <= RIG_WORKERS; k++)
			rig_step(k);
	}
	CU_ASSERT_TRUE(rig.plant.worker[0].parked == 0 && rig.plant.worker[1].parked == 0);
}

static inline unsigned rig_input_place(const char *name)
{
	const struct dp_lineup *lineup = &rig.plant.lineup;

	for (unsigned i = 0; i < lineup->inputs; i++)
		if (lineup->input[i].conf && strcmp(lineup->input[i].conf->name, name) == 0)
			return i;
	CU_FAIL_FATAL("no such input");
	return 0;
}

static inline void rig_send_period(const char *group, enum dp_algorithm algorithm)
{
	for (unsigned i = 0; i < rig.plant.lineup.groups; i++) {
		static struct dp_msg_period period;

		if (strcmp(rig.plant.lineup.group[i].name, group) != 0)
			continue;
		period = (struct dp_msg_period){.cp_number = 4,
						.cw_bytes = dp_algorithm[algorithm].cw_bytes,
						.cws = 1,
						.duration_27mhz = UINT64_C(1) << 40};
		period.scrambling_mode = dp_algorithm[algorithm].scrambling_mode;
		memcpy(period.cw[0], "\x11\x22\x33\x66\x55\x44\x77\x10", 8);
		CU_ASSERT_EQUAL(dp_controlled_period(&rig.plant.controlled, i, &period), 0);
	}
}

static inline void rig_give_period(const char *group)
{
	rig_send_period(group, DP_CSA2);
	rig_settle();
	dp_controlled_poll(&rig.plant.controlled);
}

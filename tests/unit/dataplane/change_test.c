// SPDX-License-Identifier: GPL-3.0-or-later
// A line-up that changes, and inputs that move, while packets flow: two workers whose passes the test drives by hand,
// over a port whose functions are here. Steps of main and passes of workers come in every order there is.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_eal.h>

#include <base_bytes.h>
#include <base_log.h>
#include <ts_pat.h>
#include <ts_pmt.h>
#include <ts_section.h>
#include <unit.h>

#include "eal_start.h"
#include "plant.h"

enum {
	WORKERS = 2,
	SERVICES = 4,
	VIDEOS = 5, // in each datagram, behind PAT and PMT
	HEADER_BYTES = 42,
	PMT = 0x100,
	VIDEO = 0x101,
	QUEUE = 64,
	KEPT_BYTES = 4 << 20,
};

static struct dp_conf machine, *wanted;
static struct base_clock test_clock;
static struct base_errs errs;
static struct dp_plant plant;

static struct rte_mbuf *arrived[WORKERS][QUEUE];
static unsigned arrived_n[WORKERS];

// What was sent into an input, and what came of it: the numbers in the video packets go on by one.
static struct flow {
	uint32_t sent;            // number of the next packet
	uint32_t due;             // number of the next packet to leave
	unsigned wrong, clear;    // out of order; clear where `scrambled`
	bool scrambled, numbered; // what is looked at
	uint8_t cc, psi_cc;
	uint8_t *kept; // all that left, when wanted
	size_t kept_n;
} flow[SERVICES];

static unsigned port_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	unsigned count = arrived_n[queue] < n ? arrived_n[queue] : n;

	(void)port;
	memcpy(mbufs, arrived[queue], count * sizeof(struct rte_mbuf *));
	arrived_n[queue] -= count;
	memmove(arrived[queue], arrived[queue] + count, arrived_n[queue] * sizeof(struct rte_mbuf *));
	return count;
}

static void look_at(struct flow *f, const uint8_t *packet)
{
	if (ts_packet_pid(packet) != VIDEO)
		return;
	f->clear += f->scrambled && ts_packet_tsc(packet) == TS_TSC_CLEAR;
	if (!f->numbered || f->scrambled)
		return;
	f->wrong += base_bytes_get32(packet + 8) != f->due;
	f->due = base_bytes_get32(packet + 8) + 1;
}

static unsigned port_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	(void)port;
	(void)queue;
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *frame = rte_pktmbuf_mtod(mbufs[i], const uint8_t *);
		struct flow *f = &flow[(base_bytes_get32(frame + 30) & 0xFF) - 1];

		for (unsigned k = 0; k < DP_DGRAM_SLOTS; k++)
			look_at(f, frame + HEADER_BYTES + k * TS_PACKET_BYTES);
		if (f->kept) {
			// But for the Ethernet header: each device has an address of its own.
			memcpy(f->kept + f->kept_n, frame + 14, HEADER_BYTES - 14 + DP_DGRAM_TS_BYTES);
			f->kept_n += HEADER_BYTES - 14 + DP_DGRAM_TS_BYTES;
			CU_ASSERT_FATAL(f->kept_n + 2000 < KEPT_BYTES);
		}
		rte_pktmbuf_free(mbufs[i]);
	}
	return n;
}

static bool port_ended(const struct dp_port *port)
{
	(void)port;
	return false;
}

static int (*null_close)(struct dp_port *port);

static int port_close(struct dp_port *port)
{
	return null_close(port);
}

static const struct dp_port_ops ops = {.rx = port_rx, .tx = port_tx, .ended = port_ended, .close = port_close};

static void open_plant(void)
{
	memset(&machine, 0, sizeof(machine));
	memset(flow, 0, sizeof(flow));
	base_errs_init(&errs);
	base_log_set_levels("error");
	machine.workers = WORKERS;
	machine.ports = 1;
	machine.memory_mib = 256;
	machine.source_hold_ms = 60000;
	machine.batch_wait_us = 100;
	machine.port[0].driver = DP_PORT_NULL;
	strcpy(machine.control, "nobody");
	machine.capacity = (struct dp_conf_capacity){SERVICES, SERVICES, SERVICES, SERVICES, 1};
	CU_ASSERT_EQUAL_FATAL(rte_eal_hotplug_add("vdev", "net_null0", "size=64,no-rx=1"), 0);
	CU_ASSERT_EQUAL_FATAL(dp_plant_open(&plant, &machine, &test_clock, &errs), 0);
	null_close = plant.port[0].ops->close;
	plant.port[0].ops = &ops;
	plant.running = true;
	for (unsigned w = 0; w < WORKERS; w++)
		plant.worker[w].housekeeping_ticks = 0; // orders are taken in every pass
	wanted = malloc(sizeof(*wanted));
	*wanted = machine;
}

static void close_plant(void)
{
	plant.running = false;
	atomic_store(&plant.stop, true);
	for (unsigned w = 0; w < WORKERS; w++) // sends what it still holds
		dp_worker_run(&plant.worker[w]);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(plant.rx_pool), 0);
	CU_ASSERT_EQUAL(dp_plant_lost(&plant), 0);
	CU_ASSERT_EQUAL(dp_plant_fini(&plant), 0);
	rte_eal_hotplug_remove("vdev", "net_null0");
	for (unsigned i = 0; i < SERVICES; i++)
		free(flow[i].kept);
	free(wanted);
}

// Service `number` in an input and an output of its own, scrambled by a group of its own when it is to be.
static void want(unsigned number, bool scrambled)
{
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

static void begin(void)
{
	struct dp_conf *given = malloc(sizeof(*given));

	*given = *wanted;
	CU_ASSERT_EQUAL_FATAL(dp_plant_lineup(&plant, given, &errs), 0);
	*wanted = machine;
}

static uint8_t *put_section(uint8_t *at, uint16_t pid, uint8_t *cc, const uint8_t *section, int n)
{
	uint8_t packets[1][TS_PACKET_BYTES];

	CU_ASSERT_EQUAL_FATAL(ts_section_packetize(packets, 1, section, (size_t)n, pid, cc), 1);
	memcpy(at, packets, TS_PACKET_BYTES);
	return at + TS_PACKET_BYTES;
}

static uint8_t *put_tables(uint8_t *at, struct flow *f)
{
	struct ts_pat pat = {.current = true, .n = 1, .program = {{1, PMT}}};
	static struct ts_pmt pmt;
	uint8_t section[1024], cc = f->psi_cc;

	at = put_section(at, TS_PID_PAT, &cc, section, ts_pat_write(section, sizeof(section), &pat));
	pmt = (struct ts_pmt){.program_number = 1, .current = true, .pcr_pid = TS_PID_NULL, .n = 1};
	pmt.stream[0] = (struct ts_pmt_stream){.stream_type = 0x1B, .pid = VIDEO};
	cc = f->psi_cc++;
	return put_section(at, PMT, &cc, section, ts_pmt_write(section, sizeof(section), &pmt));
}

// A datagram for input `number` comes to the worker whose queue its flow belongs to.
static void feed(unsigned number)
{
	struct flow *f = &flow[number];
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(plant.rx_pool);
	unsigned queue = number % WORKERS;

	CU_ASSERT_FATAL(mbuf && arrived_n[queue] < QUEUE);
	uint8_t *frame = (uint8_t *)rte_pktmbuf_append(mbuf, HEADER_BYTES + DP_DGRAM_TS_BYTES);

	memset(frame, 0, HEADER_BYTES);
	base_bytes_put16(frame + 12, 0x0800);
	frame[14] = 0x45;
	base_bytes_put16(frame + 16, 28 + DP_DGRAM_TS_BYTES);
	frame[23] = 17;
	base_bytes_put32(frame + 26, 0x0A000001);
	base_bytes_put32(frame + 30, 0xEF010101 + number);
	base_bytes_put16(frame + 36, 5000);
	base_bytes_put16(frame + 38, 8 + DP_DGRAM_TS_BYTES);
	uint8_t *at = put_tables(frame + HEADER_BYTES, f);

	for (unsigned i = 0; i < VIDEOS; i++, at += TS_PACKET_BYTES) {
		ts_packet_null(at);
		ts_packet_set_pid(at, VIDEO);
		ts_packet_set_cc(at, f->cc++);
		memset(at + TS_HEADER_BYTES, (int)(f->sent * 7 + 1) & 0x7F, TS_PACKET_BYTES - TS_HEADER_BYTES);
		base_bytes_put32(at + 8, f->sent++);
	}
	arrived[queue][arrived_n[queue]++] = mbuf;
}

static void step(unsigned what)
{
	if (what < WORKERS)
		dp_worker_pass(&plant.worker[what]);
	else
		dp_plant_tend(&plant);
}

// Until nothing is on its way any more.
static void settle(void)
{
	for (unsigned i = 0; i < 40 || dp_plant_changing(&plant); i++) {
		CU_ASSERT_FATAL(i < 1000);
		for (unsigned k = 0; k <= WORKERS; k++)
			step(k);
	}
	CU_ASSERT_TRUE(plant.worker[0].held == 0 && plant.worker[1].held == 0);
}

// The steps of order number `order`, in base 3, with a datagram for each of the first `feeds` services before each.
static void in_order(unsigned order, unsigned steps, unsigned feeds)
{
	for (unsigned i = 0; i < steps; i++, order /= WORKERS + 1) {
		for (unsigned k = 0; k < feeds; k++)
			feed(k);
		step(order % (WORKERS + 1));
	}
	settle();
}

static unsigned input_place(const char *name)
{
	for (unsigned i = 0; i < plant.lineup.inputs; i++)
		if (plant.lineup.input[i].conf && strcmp(plant.lineup.input[i].conf->name, name) == 0)
			return i;
	CU_FAIL_FATAL("no such input");
	return 0;
}

static void all_numbers(unsigned services)
{
	for (unsigned i = 0; i < services; i++) {
		CU_ASSERT_EQUAL(flow[i].wrong, 0);
		// What has not left is in a datagram that is not full yet.
		CU_ASSERT_TRUE(flow[i].sent - flow[i].due < DP_DGRAM_SLOTS);
	}
}

// An input goes to and fro between the workers, its own receiver and the other, in every order of steps. Both roads are
// there: what it receives itself, and what is handed to it.
static void moves(void)
{
	enum { STEPS = 8, ORDERS = 6561 };

	open_plant();
	want(0, false);
	want(1, false);
	begin();
	settle();
	for (unsigned i = 0; i < 2; i++)
		flow[i].numbered = true;
	for (unsigned order = 0; order < ORDERS; order++) {
		unsigned place = input_place("in0"), to = 1 - plant.lineup.input[place].worker;

		CU_ASSERT_EQUAL_FATAL(dp_plant_move(&plant, place, to, &errs), 0);
		in_order(order, STEPS, 2);
		CU_ASSERT_EQUAL(plant.lineup.input[place].worker, to);
	}
	all_numbers(2);
	CU_ASSERT_TRUE(flow[0].sent == ORDERS * STEPS * VIDEOS);
	close_plant();
}

// Services come, change and go beside two that stay.
static void changes(void)
{
	enum { STEPS = 6, ORDERS = 729 };

	open_plant();
	for (unsigned order = 0; order < ORDERS; order++) {
		want(0, false);
		want(1, false);
		if (order % 3)
			want(2, order % 3 == 2);
		begin();
		if (order == 0)
			settle();
		flow[0].numbered = flow[1].numbered = true;
		in_order(order, STEPS, 3);
	}
	all_numbers(2);
	close_plant();
}

static void send_period(const char *group, enum dp_algorithm algorithm)
{
	for (unsigned i = 0; i < plant.lineup.groups; i++) {
		static struct dp_msg_period period;

		if (strcmp(plant.lineup.group[i].name, group) != 0)
			continue;
		period = (struct dp_msg_period){.cp_number = 4,
						.cw_bytes = dp_algorithm[algorithm].cw_bytes,
						.cws = 1,
						.duration_27mhz = UINT64_C(1) << 40};
		period.scrambling_mode = dp_algorithm[algorithm].scrambling_mode;
		memcpy(period.cw[0], "\x11\x22\x33\x66\x55\x44\x77\x10", 8);
		CU_ASSERT_EQUAL(dp_controlled_period(&plant.controlled, i, &period), 0);
	}
}

static void give_period(const char *group)
{
	send_period(group, DP_CSA2);
	settle();
	dp_controlled_poll(&plant.controlled);
}

// The outputs of a scrambled and of a clear service over a time in which, when `change` is set, another service comes,
// becomes a scrambled one and goes, and their inputs move.
static void run(bool change)
{
	open_plant();
	want(0, true);
	want(1, false);
	begin();
	settle();
	give_period("g0");
	for (unsigned i = 0; i < 2; i++)
		flow[i].kept = calloc(1, KEPT_BYTES);
	flow[0].scrambled = true;
	for (unsigned round = 0; round < 40; round++) {
		if (change && round % 5 == 0) {
			want(0, true);
			want(1, false);
			if (round % 15)
				want(2, round % 15 == 10);
			begin();
		} else if (change && round % 5 == 2) {
			unsigned place = input_place(round % 2 ? "in0" : "in1");

			dp_plant_move(&plant, place, 1 - plant.lineup.input[place].worker, &errs);
		}
		in_order(round * 31, 4, 3);
		// What was clear before the change has left with it; nothing else does while a first period is awaited.
		if (change && round % 15 == 10)
			flow[2].scrambled = true;
		else if (change && round % 15 == 0)
			flow[2].scrambled = false;
	}
	CU_ASSERT_EQUAL(flow[0].clear + flow[2].clear, 0);
	settle();
}

static void beside(void)
{
	uint8_t *alone[2];
	size_t alone_n[2];

	run(false);
	for (unsigned i = 0; i < 2; i++) {
		alone[i] = flow[i].kept;
		alone_n[i] = flow[i].kept_n;
		flow[i].kept = NULL;
		CU_ASSERT_TRUE(alone_n[i] > 100 * (size_t)DP_DGRAM_TS_BYTES);
	}
	close_plant();
	run(true);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL_FATAL(flow[i].kept_n, alone_n[i]);
		CU_ASSERT_EQUAL(memcmp(flow[i].kept, alone[i], alone_n[i]), 0);
		free(alone[i]);
	}
	close_plant();
}

static bool has_group(const char *name)
{
	for (unsigned i = 0; i < plant.lineup.groups; i++)
		if (strcmp(plant.lineup.group[i].name, name) == 0)
			return true;
	return false;
}

// A first period, of another algorithm, comes for a group that goes, at any step of its going.
static void period_of_what_goes(void)
{
	enum { STEPS = 24 };

	open_plant();
	for (unsigned when = 0; when < STEPS; when++) {
		want(0, true);
		want(1, false);
		begin();
		in_order(0, 4, 2);
		want(1, false);
		begin();
		for (unsigned i = 0; i < STEPS; i++) {
			if (i == when)
				send_period("g0", DP_CISSA);
			step((i + WORKERS) % (WORKERS + 1));
		}
		settle();
		CU_ASSERT_FALSE(has_group("g0"));
		CU_ASSERT_EQUAL(plant.controlled.in_flight, 0);
	}
	close_plant();
}

// A group moves, and goes in the same change, and its last period is still to come back from the worker before.
static void moves_and_goes(void)
{
	open_plant();
	want(0, false);
	want(1, true);
	begin();
	settle();
	CU_ASSERT_NOT_EQUAL_FATAL(plant.lineup.input[input_place("in0")].worker,
				  plant.lineup.input[input_place("in1")].worker);
	send_period("g1", DP_CSA2);
	want(0, true);
	want(1, true);
	strcpy(wanted->service[0].group, "both");
	strcpy(wanted->service[1].group, "both");
	begin();
	settle();
	CU_ASSERT_TRUE(has_group("both") && !has_group("g1"));
	CU_ASSERT_EQUAL(plant.controlled.in_flight, 0);
	close_plant();
}

static const struct unit_test tests[] = {{"moves", moves},
					 {"changes", changes},
					 {"beside", beside},
					 {"a period of what goes", period_of_what_goes},
					 {"a group moves and goes", moves_and_goes}};

int main(void)
{
	if (eal_start(&test_clock))
		return 1;
	return unit_run("change", tests, sizeof(tests) / sizeof(tests[0]));
}

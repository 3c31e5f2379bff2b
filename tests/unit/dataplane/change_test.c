// SPDX-License-Identifier: GPL-3.0-or-later
// A line-up that changes, and inputs that move, while packets flow: two workers whose passes the test drives by hand,
// over a port whose functions are here. Steps of main and passes of workers come in every order there is.
#include "change_rig.h"

enum { QUEUE = 64, KEPT_BYTES = 4 << 20 };

static struct rte_mbuf *arrived[RIG_WORKERS][QUEUE];
static unsigned arrived_n[RIG_WORKERS];

// What came of what was sent into an input: the numbers in the video packets go on by one.
static struct flow {
	uint32_t due;             // number of the next packet to leave
	unsigned wrong, clear;    // out of order; clear where `scrambled`
	bool scrambled, numbered; // what is looked at
	uint8_t *kept;            // all that left, when wanted
	size_t kept_n;
} flow[RIG_SERVICES];

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
	if (ts_packet_pid(packet) != RIG_VIDEO)
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
		struct flow *f = &flow[rig_number(frame)];

		for (unsigned k = 0; k < DP_DGRAM_SLOTS; k++)
			look_at(f, frame + RIG_HEADER_BYTES + k * TS_PACKET_BYTES);
		if (f->kept) {
			// But for the Ethernet header: each device has an address of its own.
			memcpy(f->kept + f->kept_n, frame + 14, RIG_HEADER_BYTES - 14 + DP_DGRAM_TS_BYTES);
			f->kept_n += RIG_HEADER_BYTES - 14 + DP_DGRAM_TS_BYTES;
			CU_ASSERT_FATAL(f->kept_n + 2000 < KEPT_BYTES);
		}
		rte_pktmbuf_free(mbufs[i]);
	}
	return n;
}

static const struct dp_port_ops ops = {.rx = port_rx, .tx = port_tx, .ended = rig_port_ended, .close = rig_port_close};

static void open_plant(void)
{
	memset(flow, 0, sizeof(flow));
	rig_open(&ops);
}

static void close_plant(void)
{
	rig_close();
	for (unsigned i = 0; i < RIG_SERVICES; i++)
		free(flow[i].kept);
}

// A datagram for input `number` comes to the worker whose queue its flow belongs to.
static void feed(unsigned number)
{
	unsigned queue = number % RIG_WORKERS;

	CU_ASSERT_FATAL(arrived_n[queue] < QUEUE);
	arrived[queue][arrived_n[queue]++] = rig_datagram(number);
}

// The steps of order number `order`, in base 3, with a datagram for each of the first `feeds` services before each.
static void in_order(unsigned order, unsigned steps, unsigned feeds)
{
	for (unsigned i = 0; i < steps; i++, order /= RIG_WORKERS + 1) {
		for (unsigned k = 0; k < feeds; k++)
			feed(k);
		rig_step(order % (RIG_WORKERS + 1));
	}
	rig_settle();
}

static void all_numbers(unsigned services)
{
	for (unsigned i = 0; i < services; i++) {
		CU_ASSERT_EQUAL(flow[i].wrong, 0);
		// What has not left is in a datagram that is not full yet.
		CU_ASSERT_TRUE(rig.sent[i].sent - flow[i].due < DP_DGRAM_SLOTS);
	}
}

// An input goes to and fro between the workers, its own receiver and the other, in every order of steps. Both roads are
// there: what it receives itself, and what is handed to it.
static void moves(void)
{
	enum { STEPS = 8, ORDERS = 6561 };

	open_plant();
	rig_want(0, false);
	rig_want(1, false);
	rig_begin();
	rig_settle();
	for (unsigned i = 0; i < 2; i++)
		flow[i].numbered = true;
	for (unsigned order = 0; order < ORDERS; order++) {
		unsigned place = rig_input_place("in0"), to = 1 - rig.plant.lineup.input[place].worker;

		CU_ASSERT_EQUAL_FATAL(dp_plant_move(&rig.plant, place, to, &rig.errs), 0);
		in_order(order, STEPS, 2);
		CU_ASSERT_EQUAL(rig.plant.lineup.input[place].worker, to);
	}
	all_numbers(2);
	CU_ASSERT_TRUE(rig.sent[0].sent == ORDERS * STEPS * RIG_VIDEOS);
	close_plant();
}

// Services come, change and go beside two that stay.
static void changes(void)
{
	enum { STEPS = 6, ORDERS = 729 };

	open_plant();
	for (unsigned order = 0; order < ORDERS; order++) {
		rig_want(0, false);
		rig_want(1, false);
		if (order % 3)
			rig_want(2, order % 3 == 2);
		rig_begin();
		if (order == 0)
			rig_settle();
		flow[0].numbered = flow[1].numbered = true;
		in_order(order, STEPS, 3);
	}
	all_numbers(2);
	close_plant();
}

// The outputs of a scrambled and of a clear service over a time in which, when `change` is set, another service comes,
// becomes a scrambled one and goes, and their inputs move.
static void run(bool change)
{
	open_plant();
	rig_want(0, true);
	rig_want(1, false);
	rig_begin();
	rig_settle();
	rig_give_period("g0");
	for (unsigned i = 0; i < 2; i++)
		flow[i].kept = calloc(1, KEPT_BYTES);
	flow[0].scrambled = true;
	for (unsigned round = 0; round < 40; round++) {
		if (change && round % 5 == 0) {
			rig_want(0, true);
			rig_want(1, false);
			if (round % 15)
				rig_want(2, round % 15 == 10);
			rig_begin();
		} else if (change && round % 5 == 2) {
			unsigned place = rig_input_place(round % 2 ? "in0" : "in1");

			dp_plant_move(&rig.plant, place, 1 - rig.plant.lineup.input[place].worker, &rig.errs);
		}
		in_order(round * 31, 4, 3);
		// What was clear before the change has left with it; nothing else does while a first period is awaited.
		if (change && round % 15 == 10)
			flow[2].scrambled = true;
		else if (change && round % 15 == 0)
			flow[2].scrambled = false;
	}
	CU_ASSERT_EQUAL(flow[0].clear + flow[2].clear, 0);
	rig_settle();
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
	for (unsigned i = 0; i < rig.plant.lineup.groups; i++)
		if (strcmp(rig.plant.lineup.group[i].name, name) == 0)
			return true;
	return false;
}

// A first period, of another algorithm, comes for a group that goes, at any step of its going.
static void period_of_what_goes(void)
{
	enum { STEPS = 24 };

	open_plant();
	for (unsigned when = 0; when < STEPS; when++) {
		rig_want(0, true);
		rig_want(1, false);
		rig_begin();
		in_order(0, 4, 2);
		rig_want(1, false);
		rig_begin();
		for (unsigned i = 0; i < STEPS; i++) {
			if (i == when)
				rig_send_period("g0", DP_CISSA);
			rig_step((i + RIG_WORKERS) % (RIG_WORKERS + 1));
		}
		rig_settle();
		CU_ASSERT_FALSE(has_group("g0"));
		CU_ASSERT_EQUAL(rig.plant.controlled.in_flight, 0);
	}
	close_plant();
}

// A group moves, and goes in the same change, and its last period is still to come back from the worker before.
static void moves_and_goes(void)
{
	open_plant();
	rig_want(0, false);
	rig_want(1, true);
	rig_begin();
	rig_settle();
	CU_ASSERT_NOT_EQUAL_FATAL(rig.plant.lineup.input[rig_input_place("in0")].worker,
				  rig.plant.lineup.input[rig_input_place("in1")].worker);
	rig_send_period("g1", DP_CSA2);
	rig_want(0, true);
	rig_want(1, true);
	strcpy(rig.wanted->service[0].group, "both");
	strcpy(rig.wanted->service[1].group, "both");
	rig_begin();
	rig_settle();
	CU_ASSERT_TRUE(has_group("both") && !has_group("g1"));
	CU_ASSERT_EQUAL(rig.plant.controlled.in_flight, 0);
	close_plant();
}

// Any one that does not pass is told, and which does not matter.
static void tells_who_stands(void)
{
	open_plant();
	for (unsigned w = 0; w < RIG_WORKERS; w++) {
		for (unsigned k = 0; k < RIG_WORKERS; k++)
			rig_step(k);
		CU_ASSERT_FALSE(dp_plant_stands(&rig.plant));
		rig_step(w);
		CU_ASSERT_TRUE(dp_plant_stands(&rig.plant));
	}
	close_plant();
}

static const struct unit_test tests[] = {{"moves", moves},
					 {"changes", changes},
					 {"beside", beside},
					 {"a period of what goes", period_of_what_goes},
					 {"a group moves and goes", moves_and_goes},
					 {"tells who stands", tells_who_stands}};

int main(void)
{
	if (eal_start(&rig.clock))
		return 1;
	return unit_run("change", tests, sizeof(tests) / sizeof(tests[0]));
}

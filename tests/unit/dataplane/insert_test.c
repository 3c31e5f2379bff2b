// SPDX-License-Identifier: GPL-3.0-or-later
// A worker under a controller: periods with their ECMs, transforms and EMMs, as orders; what leaves for what came.
#include <errno.h>

#include "worker/orders.h"
#include "worker_rig.h"

enum {
	VIDEO = 0x100,
	CLOCK = 0x1E0,
	ECM = 0x700,
	ECM_2 = 0x701,
	EMM = 0x7E0,
	MS = 27000,
	STEP_MS = 20,      // between PCRs
	VIDEOS_A_STEP = 5, // packets between two of them
	ORDERS = 16,
};

static struct dp_order order[ORDERS];
static struct dp_ecm_set set[ORDERS];
static struct dp_conf_service transform[ORDERS];
static struct rig_change change[ORDERS];
static unsigned orders;
static unsigned laid_ms; // media time laid out

// One scrambled service with ECMs on ECM, its PSI to be laid out.
static void conf(void)
{
	rig_conf();
	rig.conf.service[0].ca_n = 1;
	rig.conf.service[0].ca[0] = (struct dp_conf_ca){.ca_system_id = 0x4AE1, .ecm_pid = ECM};
	memset(order, 0, sizeof(order));
	memset(set, 0, sizeof(set));
	orders = laid_ms = 0;
}

static void started(void)
{
	conf();
	rig_start();
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
}

// What came back from the worker, in order; NULL: nothing more.
static struct dp_order *came_back(void)
{
	void *back;

	return rte_ring_dequeue(rig.worker.spare, &back) ? NULL : back;
}

// Adds an ECM of `pkts` packets, which tell the CP_number.
static void add_ecm(struct dp_ecm_set *ecms, uint16_t pid, int start_ms, int stop_ms, unsigned repetition_ms,
		    unsigned pkts)
{
	ecms->ecm[ecms->n++] = (struct dp_ecm){.pid = pid,
					       .repetition_ms = (uint16_t)repetition_ms,
					       .start_ms = start_ms,
					       .stop_ms = stop_ms,
					       .first_pkt = ecms->pkts,
					       .pkts = (uint8_t)pkts};
	for (unsigned i = 0; i < pkts; i++) {
		uint8_t *p = ecms->pkt[ecms->pkts++];

		ts_packet_null(p);
		p[1] |= i == 0 ? 0x40 : 0;
		p[TS_HEADER_BYTES + 1] = (uint8_t)(0x80 | (ecms->cp_number & 1));
		p[TS_HEADER_BYTES + 2] = (uint8_t)ecms->cp_number;
	}
}

static struct dp_order *ask_period(unsigned group, uint16_t cp_number, unsigned duration_ms)
{
	struct dp_order *o = &order[orders];

	o->kind = DP_ORDER_PERIOD;
	o->period = (struct dp_period_msg){.group = (uint16_t)group,
					   .cp_number = cp_number,
					   .algorithm = (uint8_t)rig.lineup.group[group].algorithm,
					   .cw_bytes = dp_algorithm[rig.lineup.group[group].algorithm].cw_bytes,
					   .duration_27mhz = (uint64_t)duration_ms * MS};
	memset(o->period.cw, 0x40 + cp_number, o->period.cw_bytes);
	o->ecms = &set[orders++];
	*o->ecms = (struct dp_ecm_set){.cp_number = cp_number};
	CU_ASSERT_EQUAL_FATAL(rte_ring_enqueue(rig.worker.inbox, o), 0);
	return o;
}

// A period with one ECM of one packet on ECM.
static struct dp_order *ask(uint16_t cp_number, unsigned duration_ms, int start_ms, int stop_ms)
{
	struct dp_order *o = ask_period(0, cp_number, duration_ms);

	add_ecm(o->ecms, ECM, start_ms, stop_ms, 100, 1);
	return o;
}

// Lays out the stream up to a media time: a PCR at every step, and video after it.
static void lay(unsigned ms)
{
	for (; laid_ms <= ms; laid_ms += STEP_MS) {
		rig_pcr(CLOCK, (uint64_t)laid_ms * MS);
		for (unsigned i = 0; i < VIDEOS_A_STEP; i++)
			rig_payload(VIDEO);
	}
}

typedef void visit_fn(const uint8_t *packet, void *context);

// All packets that left, in order.
static void each_left(visit_fn *visit, void *context)
{
	for (size_t i = 0; i < rig.out_n; i++)
		for (unsigned at = 0; at < rig.out[i].bytes; at += TS_PACKET_BYTES)
			visit(rig.out[i].ts + at, context);
}

struct order_seen {
	unsigned ecm_of[2];    // by parity, times seen
	unsigned scrambled[2]; // by parity
	unsigned without_ecm;  // scrambled packets whose ECM had not been seen
	unsigned cc_wrong, clear;
	int cc;
};

static void see(const uint8_t *packet, void *context)
{
	struct order_seen *seen = context;

	if (ts_packet_pid(packet) == ECM) {
		seen->ecm_of[packet[TS_HEADER_BYTES + 1] & 1]++;
		seen->cc_wrong += seen->cc >= 0 && ts_packet_cc(packet) != ((unsigned)seen->cc + 1) % 16;
		seen->cc = (int)ts_packet_cc(packet);
	}
	if (ts_packet_pid(packet) != VIDEO)
		return;
	if (!(ts_packet_tsc(packet) & 2)) {
		seen->clear++;
		return;
	}
	unsigned parity = ts_packet_tsc(packet) & 1;

	seen->scrambled[parity]++;
	seen->without_ecm += seen->ecm_of[parity] == 0;
}

static struct order_seen look(void)
{
	struct order_seen seen = {.cc = -1};

	each_left(see, &seen);
	return seen;
}

// The ECM is on air for its lead before the first packet of the group; those before it are dropped by a name of
// their own.
static void first_period(void)
{
	started();
	ask(0, 10000, -500, 0);
	lay(980);
	rig_run();
	struct order_seen seen = look();

	CU_ASSERT_EQUAL(seen.scrambled[0], 25 * VIDEOS_A_STEP); // from 500 to 980
	CU_ASSERT_EQUAL(rig.lineup.service[0].stats.drops[DP_DROP_AWAITS_PERIOD], 25 * VIDEOS_A_STEP);
	CU_ASSERT_EQUAL(rig.lineup.service[0].stats.drops[DP_DROP_NO_KEY], 0);
	CU_ASSERT_EQUAL(seen.ecm_of[0], 10);
	CU_ASSERT_EQUAL(seen.without_ecm + seen.clear + seen.cc_wrong, 0);
	CU_ASSERT_EQUAL(rig.lineup.output[0].stats.ecm_pkts, 10);
	CU_ASSERT_PTR_EQUAL(came_back(), &order[0]);
	CU_ASSERT_EQUAL(order[0].error, 0);
	CU_ASSERT_PTR_NULL(order[0].ecms); // the worker has it
	for (unsigned i = 0; i < sizeof(order[0].period.cw); i++)
		CU_ASSERT_EQUAL(order[0].period.cw[i], 0);
	rig_end();
}

// Several periods: every ECM before what needs it, one continuity_counter, and what main sees of it all.
static void periods(int start_ms, int stop_ms, bool ecm_first)
{
	unsigned lead = start_ms < 0 ? (unsigned)-start_ms : 0; // of the first, before which nothing begins
	struct dp_period_view view;

	started();
	ask(0, 1000, ecm_first ? start_ms : 0, stop_ms);
	lay(lead + 200);
	rig_run();
	for (uint16_t cp = 1; cp < 8; cp++) {
		dp_period_view_read(&rig.lineup.group[0].period, &view);
		CU_ASSERT_FALSE(view.have_next && view.running);
		ask(cp, 1000, start_ms, stop_ms);
		lay(lead + cp * 1000 - 20);
		rig_run();
		dp_period_view_read(&rig.lineup.group[0].period, &view);
		CU_ASSERT_TRUE(view.running && view.have_next);
		CU_ASSERT_EQUAL(view.cp_number, cp - 1);
		CU_ASSERT_EQUAL(view.next_cp_number, cp);
		CU_ASSERT_EQUAL(view.next_ecm_on_air, start_ms < 0);
		lay(lead + cp * 1000 + 600);
		rig_run();
		dp_period_view_read(&rig.lineup.group[0].period, &view);
		CU_ASSERT_EQUAL(view.cp_number, cp);
		CU_ASSERT_FALSE(view.have_next || view.extending || view.on_wall);
		CU_ASSERT_EQUAL(view.now_27mhz, (uint64_t)(lead + cp * 1000 + 600) * MS);
	}
	struct order_seen seen = look();

	CU_ASSERT_EQUAL(seen.clear + seen.cc_wrong, 0);
	CU_ASSERT_TRUE(!ecm_first || seen.without_ecm == 0);
	CU_ASSERT_EQUAL(rig.lineup.group[0].period.stats.extended, 0);
	CU_ASSERT_EQUAL(rig.lineup.service[0].stats.drops[DP_DROP_NO_KEY], 0);
	for (unsigned i = 0; i < orders; i++) {
		CU_ASSERT_PTR_EQUAL(came_back(), &order[i]);
		CU_ASSERT_EQUAL(order[i].error, 0);
		CU_ASSERT_PTR_EQUAL(order[i].ecms, i >= 3 ? &set[i - 3] : NULL);
	}
	rig_end();
}

static void periods_with_a_negative_start(void)
{
	periods(-300, 0, true);
}

static void periods_with_no_start(void)
{
	periods(0, 0, true);
}

static void periods_with_a_positive_start(void)
{
	periods(400, 400, false);
}

// Two services of a group in two outputs, a third output of another group: each output has the ECM once, counted for
// itself; where no service names the PID it does not go.
static void several_outputs(void)
{
	conf();
	rig.conf.services = 4;
	rig.conf.outputs = 3;
	for (unsigned i = 1; i < 4; i++) {
		rig_service(i, (uint16_t)(i + 1), i < 3 ? 1 : 2, i < 3 ? "g" : "h", DP_CSA2);
		rig.conf.service[i].ca_n = 1;
		rig.conf.service[i].ca[0].ecm_pid = i < 3 ? ECM : ECM_2;
	}
	for (unsigned i = 0; i < 3; i++)
		rig.conf.output[i].deadline_us = 10000000;
	rig_start();
	CU_ASSERT_EQUAL(rig.lineup.group[0].outputs, 2);
	rig_pat();
	for (uint16_t i = 1; i <= 4; i++)
		rig_pmt(i, CLOCK, (uint16_t)(VIDEO + 0x10 * (i - 1)), 1);
	struct dp_order *g = ask_period(0, 0, 10000), *h = ask_period(1, 0, 10000);

	add_ecm(g->ecms, ECM, 0, 0, 100, 2);
	add_ecm(g->ecms, 0x733, 0, 0, 100, 1); // named nowhere
	add_ecm(h->ecms, ECM_2, 0, 0, 50, 1);
	lay(980);
	rig_run();
	CU_ASSERT_EQUAL(rig.lineup.service[3].clock_source, true);
	for (unsigned i = 0; i < 2; i++) {
		const struct dp_output *output = &rig.lineup.output[i];

		CU_ASSERT_EQUAL(rig_count_by(output, ECM), 20);
		CU_ASSERT_EQUAL(output->stats.ecm_pkts, 20);
		for (unsigned k = 0; k < 20; k++)
			CU_ASSERT_EQUAL(ts_packet_cc(rig_left_by(output, ECM, k)), k % 16);
		CU_ASSERT_TRUE(ts_packet_unit_start(rig_left_by(output, ECM, 0)));
		CU_ASSERT_FALSE(ts_packet_unit_start(rig_left_by(output, ECM, 1)));
	}
	CU_ASSERT_EQUAL(rig_count_by(&rig.lineup.output[2], ECM_2), 20);
	CU_ASSERT_EQUAL(rig_count_by(&rig.lineup.output[2], ECM), 0);
	CU_ASSERT_EQUAL(rig_count(0x733), 0);
	rig_end();
}

// A group has its ECMs on another PID in each of two outputs, and each of the two is another's in the other output:
// its ECMs keep out of that.
static void pid_of_another(void)
{
	conf();
	rig.conf.services = 3;
	rig.conf.outputs = 2;
	rig_service(1, 2, 0, "h", DP_CSA2);
	rig_service(2, 3, 1, "h", DP_CSA2);
	rig.conf.service[1].ca_n = rig.conf.service[2].ca_n = 1;
	rig.conf.service[1].ca[0].ecm_pid = ECM_2;
	rig.conf.service[2].ca[0].ecm_pid = ECM;
	rig.conf.emms = 1;
	rig.conf.emm[0] = (struct dp_conf_emm){.pid = ECM_2, .ca_system_id = 1, .rate_kbps = 1, .output_set = {2}};
	rig.conf.output[1].deadline_us = 10000000;
	rig_start();
	rig_pat();
	for (uint16_t i = 1; i <= 3; i++)
		rig_pmt(i, CLOCK, (uint16_t)(VIDEO + 0x10 * (i - 1)), 1);
	struct dp_order *g = ask_period(0, 0, 10000), *h = ask_period(1, 1, 10000);

	add_ecm(g->ecms, ECM, 0, 0, 100, 1);
	add_ecm(h->ecms, ECM_2, 0, 0, 100, 1);
	add_ecm(h->ecms, ECM, 0, 0, 100, 1);
	lay(980);
	rig_run();
	const struct dp_output *output = rig.lineup.output;

	CU_ASSERT_EQUAL(rig_count_by(&output[0], ECM), 10);
	for (unsigned i = 0; i < 10 && i < rig_count_by(&output[0], ECM); i++)
		CU_ASSERT_EQUAL(rig_left_by(&output[0], ECM, i)[TS_HEADER_BYTES + 1], 0x80);
	CU_ASSERT_EQUAL(rig_count_by(&output[0], ECM_2), 10);
	CU_ASSERT_EQUAL(rig_count_by(&output[1], ECM), 10);
	CU_ASSERT_EQUAL(rig_count_by(&output[1], ECM_2), 0);
	rig_end();
}

// A group whose ECM never comes, or whose period is refused, holds nobody up.
static void groups_do_not_wait(void)
{
	conf();
	rig.conf.services = 2;
	rig_service(1, 2, 0, "h", DP_CSA2);
	rig_start();
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	rig_pmt(2, CLOCK, VIDEO + 0x10, 1);
	ask(0, 1000, 0, 0);
	for (unsigned i = 0; i < 50; i++)
		rig_payload(i % 2 ? VIDEO : VIDEO + 0x10);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 25);
	CU_ASSERT_EQUAL(rig_count(VIDEO + 0x10), 0);
	CU_ASSERT_EQUAL(rig.lineup.service[1].stats.drops[DP_DROP_AWAITS_PERIOD], 25);
	rig_end();
}

// At a constant rate ECMs and EMMs take the place of null packets: as many packets leave as come.
static void constant_rate(void)
{
	conf();
	rig_start();
	struct dp_order *o = ask_period(0, 0, 100000);

	add_ecm(o->ecms, ECM, 0, 0, 40, 3);
	rig_put(TS_PID_NULL);
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	for (unsigned ms = 0; ms < 2000; ms += STEP_MS) {
		rig_pcr(CLOCK, (uint64_t)ms * MS);
		for (unsigned i = 0; i < VIDEOS_A_STEP; i++)
			rig_payload(VIDEO);
		rig_put(TS_PID_NULL);
		rig_put(TS_PID_NULL);
	}
	while (rig.in_n % DP_DGRAM_SLOTS)
		rig_put(TS_PID_NULL);
	rig_run();
	CU_ASSERT_EQUAL(rig.lineup.output[0].stats.ecm_pkts, 150);
	CU_ASSERT_EQUAL(rig.lineup.output[0].stats.out_pkts, rig.in_n);
	CU_ASSERT_EQUAL(rig.lineup.output[0].balance, 0);
	CU_ASSERT_EQUAL(rig_count(VIDEO), 100 * VIDEOS_A_STEP);
	rig_end();
}

// Without PCR the wall clock drives: ECMs go on, periods begin and end, while nothing comes.
static void by_the_wall_clock(void)
{
	struct dp_period_view view;

	started();
	rig.linger_us = 330000;
	struct dp_period *period = &rig.lineup.group[0].period;

	period->on_air = period->media.started = period->media.on_wall = true;
	period->media.last_tick = base_clock_tsc();
	struct dp_order *o = ask_period(0, 4, 10000);

	add_ecm(o->ecms, ECM, -100, 0, 50, 1);
	rig_run();
	dp_period_view_read(period, &view);
	CU_ASSERT_TRUE(view.running && view.on_wall);
	CU_ASSERT_EQUAL(view.cp_number, 4);
	CU_ASSERT_TRUE(view.started_27mhz >= 100 * MS && view.started_27mhz < 130 * MS);
	CU_ASSERT_TRUE(rig_count(ECM) >= 6 && rig_count(ECM) <= 8);
	CU_ASSERT_EQUAL(rig.lineup.output[0].balance, 0); // owed to no input
	rig_end();
}

// Read from a file: no packet is lost for the ECM of the first period, which leaves in front of all.
static void offline(void)
{
	static struct dp_period *gate[1];

	started();
	gate[0] = &rig.lineup.group[0].period;
	gate[0]->offline = true;
	rig.port.offline = true;
	rig.port.gate = gate;
	rig.port.gates = 1;
	ask(0, 1000, -500, 0);
	ask(1, 1000, -500, 0)->period.last = true;
	lay(2980);
	rig_run();
	struct order_seen seen = look();

	CU_ASSERT_EQUAL(ts_packet_pid(rig.out[0].ts), ECM);
	CU_ASSERT_EQUAL(seen.scrambled[0], 50 * VIDEOS_A_STEP);
	CU_ASSERT_EQUAL(seen.scrambled[1], 100 * VIDEOS_A_STEP);
	CU_ASSERT_EQUAL(seen.ecm_of[0], 5); // to 480, where the next replaces it; the first reading is 0
	CU_ASSERT_EQUAL(seen.ecm_of[1], 25);
	CU_ASSERT_EQUAL(seen.clear + seen.without_ecm + seen.cc_wrong, 0);
	rig_end();
}

// A set that cannot be executed, a period that does not fit: the order comes back as it went, and nothing has changed.
static void refused(void)
{
	struct dp_order *o[7];

	started();
	o[0] = ask(5, 1000, 0, 0);
	o[1] = ask(7, 1000, 0, 0); // not the next
	o[2] = ask(6, 1000, 0, 0);
	o[2]->ecms->ecm[0].repetition_ms = 0;
	o[3] = ask(6, 1000, 0, 0);
	o[3]->ecms->ecm[0].pid = TS_PID_NULL;
	o[4] = ask(6, 1000, 0, 0);
	o[4]->ecms->ecm[0].pkts = 2; // of one
	o[5] = ask(6, 1000, 0, 0);
	o[6] = ask(6, 1000, 0, 0); // again
	lay(100);
	rig_run();
	for (unsigned i = 0; i < 7; i++) {
		static const int error[] = {0, -EINVAL, -EINVAL, -EINVAL, -EINVAL, 0, -EBUSY};

		CU_ASSERT_PTR_EQUAL(came_back(), o[i]);
		CU_ASSERT_EQUAL(o[i]->error, error[i]);
		CU_ASSERT_PTR_EQUAL(o[i]->ecms, error[i] ? &set[i] : NULL);
		for (unsigned k = 0; k < sizeof(o[i]->period.cw); k++)
			CU_ASSERT_EQUAL(o[i]->period.cw[k], 0);
	}
	CU_ASSERT_EQUAL(rig.lineup.group[0].period.stats.messages_refused, 5);
	CU_ASSERT_EQUAL(rig.lineup.group[0].period.cp_number, 5);
	CU_ASSERT_EQUAL(rig.lineup.group[0].period.next_cp_number, 6);
	rig_end();
}

static struct dp_order *ask_transform(const struct dp_conf_service *now)
{
	struct dp_order *o = &order[orders];

	transform[orders] = *now;
	rig_change(o, &change[orders], &rig.lineup.service[0], &transform[orders]);
	orders++;
	CU_ASSERT_EQUAL_FATAL(rte_ring_enqueue(rig.worker.inbox, o), 0);
	return o;
}

static unsigned version_of(const uint8_t *packet)
{
	return packet[TS_HEADER_BYTES + 1 + 5] >> 1 & 0x1F;
}

// The ECM PID of a service moves while it is on air: the PMT tells, the ECM follows, nothing is clear.
static void transform_on_air(void)
{
	struct dp_conf_service moved;

	started();
	struct dp_order *p = ask_period(0, 0, 100000);

	add_ecm(p->ecms, ECM, 0, 0, 100, 1);
	add_ecm(p->ecms, ECM_2, 0, 0, 100, 1);
	lay(480);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(ECM), 5);
	CU_ASSERT_EQUAL(rig_count(ECM_2), 0);
	CU_ASSERT_EQUAL(rig_count(0x21), 1);
	moved = rig.conf.service[0];
	moved.ca[0].ecm_pid = ECM_2;
	struct dp_order *o = ask_transform(&moved);

	rig_pat(); // the next place of a table
	lay(980);
	rig_run();
	CU_ASSERT_PTR_EQUAL(came_back(), p);
	CU_ASSERT_TRUE(o->done);
	CU_ASSERT_EQUAL(o->error, 0);
	CU_ASSERT_PTR_EQUAL(change[1].service.conf, rig.first[0]);
	CU_ASSERT_PTR_EQUAL(rig.lineup.service[0].conf, &transform[1]);
	CU_ASSERT_EQUAL(rig_count(ECM), 5);
	CU_ASSERT_EQUAL(rig_count(ECM_2), 5);
	CU_ASSERT_EQUAL_FATAL(rig_count(0x21), 2);
	CU_ASSERT_EQUAL(version_of(rig_left(0x21, 1)), version_of(rig_left(0x21, 0)) + 1);
	CU_ASSERT_EQUAL(look().clear, 0);
	CU_ASSERT_EQUAL(look().scrambled[0], 50 * VIDEOS_A_STEP);
	rig_end();
}

// Many changes at once do not keep the worker from its packets: they are done one at a time, in their order.
static void one_at_a_time(void)
{
	enum { ASKED = 12 };
	struct dp_order *o[ASKED];
	struct dp_conf_service now;

	started();
	now = rig.conf.service[0];
	for (unsigned i = 0; i < ASKED; i++) {
		now.ca[0].ecm_pid = (uint16_t)(ECM + i);
		o[i] = ask_transform(&now);
	}
	for (unsigned i = 0; i < ASKED; i++) {
		CU_ASSERT_FALSE(o[i]->done);
		dp_worker_take_orders(&rig.worker);
		CU_ASSERT_TRUE(o[i]->done);
		CU_ASSERT_PTR_EQUAL(rig.lineup.service[0].conf, &transform[i]);
	}
	rig_end();
}

// The input has a video where ECMs are to go: it does not leave, in no form, and is counted; the ECM does.
static void video_on_the_ecm_pid(void)
{
	conf();
	rig_start();
	rig_pat();
	rig_pmt(1, CLOCK, ECM - 1, 2); // its second stream is on ECM
	ask(0, 10000, 0, 0);
	lay(0);
	for (unsigned i = 0; i < 20; i++) {
		rig_payload(ECM - 1);
		rig_pes(ECM);
		rig_table(ECM, 0x80);
	}
	rig_run();
	CU_ASSERT_EQUAL(rig_count(ECM - 1), 20);
	CU_ASSERT_EQUAL(rig_count(ECM), 1);
	CU_ASSERT_EQUAL(rig_left(ECM, 0)[TS_HEADER_BYTES + 1], 0x80);
	CU_ASSERT_EQUAL(rig_leaks(ECM), 0);
	CU_ASSERT_EQUAL(rig.lineup.service[0].stats.pid_conflicts, 1);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PID_UNKNOWN], 40 + VIDEOS_A_STEP);
	rig_end();
}

// EMMs of a stream leave in the outputs of its set, at its rate, and the CAT names them.
static void emms_to(bool file)
{
	struct dp_conf_emm *emm;

	conf();
	rig.conf.emms = 1;
	emm = &rig.conf.emm[0];
	*emm = (struct dp_conf_emm){.pid = EMM, .ca_system_id = 0x4AE1, .rate_kbps = 150, .output_set = {1}};
	rig_start();
	rig.lineup.group[0].period.offline = rig.port.offline = file;
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	ask(0, 100000, 0, 0);
	for (unsigned i = 0; i < 300; i++) {
		uint8_t packet[TS_PACKET_BYTES];

		ts_packet_null(packet);
		packet[TS_HEADER_BYTES] = (uint8_t)i;
		CU_ASSERT_EQUAL(dp_queue_put(&rig.lineup.emm[0].queue, packet), 0);
	}
	lay(980);
	rig.linger_us = file ? 0 : 200000;
	rig_run();
	size_t n = rig_count(EMM);

	// 150 kbit/s for 980 ms of media time; or for 200 ms and however long the run took.
	CU_ASSERT_TRUE(file ? n == 97 : n >= 15 && n <= 40);
	for (size_t i = 0; i < n; i++) {
		CU_ASSERT_EQUAL(rig_left(EMM, i)[TS_HEADER_BYTES], i);
		CU_ASSERT_EQUAL(ts_packet_cc(rig_left(EMM, i)), i % 16);
	}
	CU_ASSERT_EQUAL(rig.lineup.output[0].stats.emm_pkts, n);
	CU_ASSERT_EQUAL(dp_queue_waiting(&rig.lineup.emm[0].queue), 300 - n);
	CU_ASSERT_EQUAL(rig_left(TS_PID_CAT, 0)[TS_HEADER_BYTES + 1 + 8], TS_DESC_CA);
	CU_ASSERT_EQUAL(rig_left(TS_PID_CAT, 0)[TS_HEADER_BYTES + 1 + 13], EMM & 0xFF);
	rig_end();
}

static void emms_live(void)
{
	emms_to(false);
}

static void emms_into_a_file(void)
{
	emms_to(true);
}

// A file that is not read, for want of a period, does not fill the queue for others.
static void emms_beside_a_file(void)
{
	uint8_t packet[TS_PACKET_BYTES];
	unsigned refused = 0;

	conf();
	rig.conf.emms = 1;
	rig.conf.emm[0] = (struct dp_conf_emm){.pid = EMM, .ca_system_id = 1, .rate_kbps = 150, .output_set = {1}};
	rig_start();
	rig.lineup.group[0].period.offline = rig.port.offline = true;
	ts_packet_null(packet);
	for (unsigned i = 0; i < 20; i++) {
		for (unsigned k = 0; k < DP_QUEUE_ROOM_PKTS; k++)
			refused += dp_queue_put(&rig.lineup.emm[0].queue, packet) != 0;
		rig.worker.now_tick = base_clock_tsc();
		dp_stage_emms(&rig.worker);
	}
	CU_ASSERT_EQUAL(refused, 0);
	CU_ASSERT_EQUAL(rig.lineup.output[0].stats.emm_pkts, 0);
	CU_ASSERT_EQUAL(rig.lineup.output[0].stats.drops[DP_DROP_EMM_SKIPPED], 17 * DP_QUEUE_ROOM_PKTS);
	rig_end();
}

static const struct unit_test tests[] = {
	{"first period", first_period},
	{"periods with a negative start", periods_with_a_negative_start},
	{"periods with no start", periods_with_no_start},
	{"periods with a positive start", periods_with_a_positive_start},
	{"several outputs", several_outputs},
	{"PID of another", pid_of_another},
	{"groups do not wait", groups_do_not_wait},
	{"constant rate", constant_rate},
	{"by the wall clock", by_the_wall_clock},
	{"offline", offline},
	{"refused", refused},
	{"transform on air", transform_on_air},
	{"one at a time", one_at_a_time},
	{"video on the ECM PID", video_on_the_ecm_pid},
	{"EMMs live", emms_live},
	{"EMMs into a file", emms_into_a_file},
	{"EMMs beside a file", emms_beside_a_file},
};

int main(void)
{
	if (rig_open()) {
		fprintf(stderr, "the EAL does not start\n");
		return 1;
	}
	return unit_run("insert", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Which source an input follows, and what may leave once it was silent.
#include "worker_rig.h"

#include "stage/sender.h"

enum { VIDEO = 0x100, MARKERS = 0x101, PMT = 0x21, FIRST = 0x0A000001, SECOND = 0x0A000002, THIRD = 0x0A000003 };

static struct dp_service *service;

// A PMT of video and a stream that is clear by its type, or, when that has turned, of two of video.
static void put_pmt(uint8_t version, bool turned)
{
	static struct ts_pmt pmt;
	uint8_t section[1024];

	pmt = (struct ts_pmt){.program_number = 1, .version = version, .current = true, .pcr_pid = TS_PID_NULL, .n = 2};
	pmt.stream[0] = (struct ts_pmt_stream){.stream_type = 0x1B, .pid = VIDEO};
	pmt.stream[1] = (struct ts_pmt_stream){.stream_type = turned ? 0x1B : 0x86, .pid = MARKERS};
	rig_section(PMT, section, ts_pmt_write(section, sizeof(section), &pmt));
}

static void started(void)
{
	rig_conf();
	rig_start();
	service = &rig.lineup.service[0];
	CU_ASSERT_EQUAL(rig_period("g", 0, 0, 0x11), 0);
	rig_pat();
	put_pmt(0, false);
}

// The input has not been heard for the time after which another source may be.
static void be_silent(void)
{
	rig.in->heard_tick -= rig.worker.source_hold_ticks;
}

// A datagram from this address, at the time of the last pass.
static bool follows(uint32_t source)
{
	const struct dp_dgram dgram = {.input = rig.in, .source = source};

	return dp_sender_follow(&rig.worker, &dgram);
}

static void heard(void)
{
	rig_conf();
	rig_start();
	rig.worker.now_tick = base_clock_tsc();
	CU_ASSERT_TRUE(follows(FIRST));
}

static void first_is_followed(void)
{
	heard();
	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(follows(FIRST));
		CU_ASSERT_FALSE(follows(SECOND));
	}
	CU_ASSERT_FALSE(follows(THIRD));
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_SECOND_SOURCE], 4);
	CU_ASSERT_EQUAL(rig.in->source, FIRST);
	CU_ASSERT_EQUAL(rig.in->refused, THIRD);
	CU_ASSERT_EQUAL(rig.in->stats.source_changes, 0);
	rig_end();
}

// The one that is refused does not keep the one that is followed alive, and is followed once that is silent.
static void takes_over_after_silence(void)
{
	heard();
	rig.in->pid[VIDEO].seen = rig.in->rtp_started = true;
	rig.in->heard_tick -= rig.worker.source_hold_ticks - 1;
	CU_ASSERT_FALSE(follows(SECOND));
	rig.in->heard_tick--;
	CU_ASSERT_TRUE(follows(SECOND));
	CU_ASSERT_FALSE(follows(FIRST));
	CU_ASSERT_EQUAL(rig.in->source, SECOND);
	CU_ASSERT_EQUAL(rig.in->stats.source_changes, 1);
	CU_ASSERT_FALSE(rig.in->rtp_started || rig.in->pid[VIDEO].seen);
	rig_end();
}

// Without a clock there is no silence.
static void files_never_change(void)
{
	heard();
	rig.port.offline = true;
	be_silent();
	CU_ASSERT_FALSE(follows(SECOND));
	CU_ASSERT_TRUE(follows(FIRST));
	CU_ASSERT_EQUAL(rig.in->stats.source_changes, 0);
	rig_end();
}

// A source of its own was compared at rx. When it is another one now, it was given another one.
static void named_source_is_followed(void)
{
	const struct dp_conf_input *conf;
	struct dp_conf_input named;

	heard();
	conf = rig.in->conf;
	named = *conf;
	named.source = SECOND;
	rig.in->conf = &named;
	CU_ASSERT_TRUE(follows(SECOND));
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_SECOND_SOURCE], 0);
	rig.in->conf = conf;
	rig_end();
}

// The stream that was clear comes back under the same PID as video, before its PMT has said so.
static void clear_waits_after_silence(void)
{
	started();
	rig_payload(MARKERS);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(MARKERS), 1);
	be_silent();
	for (unsigned i = 0; i < 3; i++) {
		rig_payload(VIDEO);
		rig_pes(MARKERS);
	}
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO), 3); // scrambled: nothing waits
	CU_ASSERT_EQUAL(rig_count(MARKERS), 1);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PID_UNKNOWN], 3);
	CU_ASSERT_TRUE(service->awaits_pmt);
	put_pmt(1, true);
	rig_pes(MARKERS);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(MARKERS), 2);
	CU_ASSERT_EQUAL(ts_packet_tsc(rig_left(MARKERS, 1)), TS_TSC_EVEN);
	CU_ASSERT_EQUAL(rig_leaks(VIDEO), 0);
	CU_ASSERT_EQUAL(service->stats.pmt_changes, 2);
	rig_end();
}

// The stream comes back as it was: clear again from its PMT on, which is not counted as a change.
static void the_same_comes_back(void)
{
	started();
	rig_payload(MARKERS);
	rig_run();
	be_silent();
	rig_payload(MARKERS);
	put_pmt(0, false);
	rig_payload(MARKERS);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(MARKERS), 2);
	CU_ASSERT_EQUAL(ts_packet_tsc(rig_left(MARKERS, 1)), TS_TSC_CLEAR);
	CU_ASSERT_EQUAL(service->stats.continuity_errors, 0); // of what was not followed meanwhile
	CU_ASSERT_EQUAL(service->stats.pmt_changes, 1);
	CU_ASSERT_FALSE(service->awaits_pmt);
	CU_ASSERT_EQUAL(rig_count(PMT), 2);
	rig_end();
}

// A transform that comes meanwhile does not stand for the PMT that is awaited.
static void transform_does_not_end_the_wait(void)
{
	struct dp_conf_service changed;

	started();
	rig_run();
	be_silent();
	rig_payload(VIDEO);
	rig_run();
	changed = *service->conf;
	changed.clear_teletext = true;
	struct rig_change change;
	struct dp_order order;

	rig_change(&order, &change, service, &changed);
	CU_ASSERT_EQUAL_FATAL(rte_ring_enqueue(rig.worker.inbox, &order), 0);
	rig_payload(MARKERS);
	rig_run();
	CU_ASSERT_TRUE(order.done);
	CU_ASSERT_EQUAL(rig_count(MARKERS), 0);
	rig_end();
}

static const struct unit_test tests[] = {
	{"the first source is followed", first_is_followed},
	{"another takes over after a silence", takes_over_after_silence},
	{"files never change", files_never_change},
	{"a named source is followed", named_source_is_followed},
	{"clear waits after a silence", clear_waits_after_silence},
	{"the same comes back", the_same_comes_back},
	{"a transform does not end the wait", transform_does_not_end_the_wait},
};

int main(void)
{
	if (rig_open()) {
		fprintf(stderr, "the EAL does not start\n");
		return 1;
	}
	return unit_run("sender", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// ECMs on media time: when each begins, repeats, is replaced and stops, and how long its period waits for it.
#include <string.h>

#include <unit.h>

#include "carousel/carousel.h"
#include "period/period.h"

enum { MS = 27000, PID_A = 0x500, PID_B = 0x501, LEFT_MAX = 2000 };

static void copy_key(void *scratch, void *key, const uint8_t *cw)
{
	(void)scratch;
	memcpy(key, cw, 8);
}

static const struct dp_cipher_ops plain = {.name = "plain", .algorithm = DP_CSA2, .key_bytes = 8, .set_key = copy_key};

static struct dp_arena arena;
static struct dp_period period;
static struct dp_carousel carousel;
static struct dp_ecm_set set[8];

// What left, and when.
static struct {
	unsigned ms;
	uint16_t pid, cp_number;
} left[LEFT_MAX];
static unsigned left_n;
static unsigned flipped_ms; // when the period on air began
static unsigned now_ms;

static void open_carousel(void)
{
	memset(&period, 0, sizeof(period));
	memset(&carousel, 0, sizeof(carousel));
	memset(set, 0, sizeof(set));
	left_n = now_ms = flipped_ms = 0;
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&arena, dp_keyslot_arena_bytes(plain.key_bytes)), 0);
	CU_ASSERT_EQUAL_FATAL(dp_keyslot_init(&period.slot, plain.key_bytes, &arena), 0);
}

static void close_carousel(void)
{
	dp_arena_fini(&arena);
}

static void add(uint16_t cp_number, uint16_t pid, int start_ms, int stop_ms, unsigned repetition_ms)
{
	struct dp_ecm_set *ecms = &set[cp_number % 8];

	ecms->cp_number = cp_number;
	ecms->ecm[ecms->n++] = (struct dp_ecm){.pid = pid,
					       .repetition_ms = (uint16_t)repetition_ms,
					       .start_ms = start_ms,
					       .stop_ms = stop_ms,
					       .first_pkt = ecms->pkts++,
					       .pkts = 1};
}

// Gives the period with the set that was added to. Returns what comes back.
static struct dp_ecm_set *give(uint16_t cp_number, unsigned duration_ms, unsigned flip_ms)
{
	struct dp_ecm_set *ecms = &set[cp_number % 8];
	const struct dp_period_msg msg = {.cp_number = cp_number,
					  .lead = dp_carousel_leads(ecms),
					  .cw_bytes = 8,
					  .cw = {(uint8_t)(cp_number + 1)},
					  .flip_27mhz = (uint64_t)flip_ms * MS,
					  .duration_27mhz = (uint64_t)duration_ms * MS};
	bool first = !period.running;

	CU_ASSERT_EQUAL_FATAL(dp_period_accept(&period, &msg, &plain, NULL), 0);
	if (first && period.running)
		flipped_ms = now_ms;
	return dp_carousel_accept(&carousel, &period, ecms);
}

static void leave_due(void)
{
	const struct dp_ecm_set *ecms;
	const struct dp_ecm *ecm;

	if (!dp_carousel_due(&carousel, &period))
		return;
	while ((ecm = dp_carousel_take(&carousel, &period, &ecms))) {
		CU_ASSERT_FATAL(left_n < LEFT_MAX);
		left[left_n].ms = now_ms;
		left[left_n].pid = ecm->pid;
		left[left_n++].cp_number = ecms->cp_number;
	}
	CU_ASSERT_FALSE(dp_carousel_due(&carousel, &period));
}

// One reading of the clock, as the worker takes it.
static void read_clock(unsigned ms)
{
	period.media.step_27mhz = (uint64_t)(ms - now_ms) * MS;
	period.media.now_27mhz = (uint64_t)ms * MS;
	now_ms = ms;
	leave_due();
	if (!dp_period_due(&period))
		return;
	dp_period_flip(&period);
	dp_carousel_flip(&carousel, &period);
	flipped_ms = ms;
	leave_due();
}

// Readings every `every` ms up to and with `ms`.
static void run(unsigned ms, unsigned every)
{
	for (unsigned at = now_ms + every; at <= ms; at += every)
		read_clock(at);
}

static unsigned count(uint16_t pid, uint16_t cp_number)
{
	unsigned n = 0;

	for (unsigned i = 0; i < left_n; i++)
		n += left[i].pid == pid && left[i].cp_number == cp_number;
	return n;
}

// When the ECM left first and last, in ms; UINT_MAX: never.
static unsigned first(uint16_t pid, uint16_t cp_number)
{
	for (unsigned i = 0; i < left_n; i++)
		if (left[i].pid == pid && left[i].cp_number == cp_number)
			return left[i].ms;
	return UINT32_MAX;
}

static unsigned last(uint16_t pid, uint16_t cp_number)
{
	for (unsigned i = left_n; i > 0; i--)
		if (left[i - 1].pid == pid && left[i - 1].cp_number == cp_number)
			return left[i - 1].ms;
	return UINT32_MAX;
}

// lead_CW 0: the first ECM is on air for as long as it asks before its period begins.
static void first_waits_for_its_ecm(void)
{
	open_carousel();
	add(5, PID_A, -500, 0, 100);
	give(5, 2000, 0);
	CU_ASSERT_FALSE(period.running);
	CU_ASSERT_EQUAL(left_n, 0);
	read_clock(0); // the first PCR
	CU_ASSERT_EQUAL(first(PID_A, 5), 0);
	CU_ASSERT_TRUE(period.next_ecm_on_air);
	run(480, 20);
	CU_ASSERT_FALSE(period.running);
	CU_ASSERT_PTR_NULL(dp_keyslot_current(&period.slot));
	run(500, 20);
	CU_ASSERT_TRUE(period.running);
	CU_ASSERT_EQUAL(flipped_ms, 500);
	CU_ASSERT_EQUAL(period.cp_number, 5);
	CU_ASSERT_EQUAL(period.started_27mhz, 500 * MS);
	CU_ASSERT_EQUAL(period.stats.extended, 0);
	run(1000, 20);
	CU_ASSERT_EQUAL(count(PID_A, 5), 11); // 0, 100, ... 1000
	close_carousel();
}

// The longest lead counts; an ECM that leads less waits for nobody.
static void first_waits_for_all(void)
{
	open_carousel();
	add(0, PID_A, -200, 0, 100);
	add(0, PID_B, -700, 0, 100);
	give(0, 2000, 0);
	read_clock(0);
	run(690, 10);
	CU_ASSERT_FALSE(period.running);
	read_clock(700);
	CU_ASSERT_TRUE(period.running);
	close_carousel();
}

// With a flip point each ECM begins before it by its own lead.
static void first_at_a_flip_point(void)
{
	open_carousel();
	add(0, PID_A, -200, 0, 100);
	add(0, PID_B, -700, 0, 100);
	give(0, 2000, 1500);
	read_clock(0);
	CU_ASSERT_EQUAL(left_n, 0);
	run(1490, 10);
	CU_ASSERT_FALSE(period.running);
	CU_ASSERT_EQUAL(first(PID_B, 0), 800);
	CU_ASSERT_EQUAL(first(PID_A, 0), 1300);
	read_clock(1500);
	CU_ASSERT_TRUE(period.running);
	close_carousel();
}

// lead_CW 1: nothing is waited for, and the first ECM begins after its period.
static void first_with_a_positive_start(void)
{
	open_carousel();
	add(0, PID_A, 300, 300, 100);
	give(0, 2000, 0);
	CU_ASSERT_TRUE(period.running);
	run(290, 10);
	CU_ASSERT_EQUAL(left_n, 0);
	read_clock(300);
	CU_ASSERT_EQUAL(left_n, 1);
	close_carousel();
}

// Offline nothing is read before the period has begun: no time can go by, the ECM leads by its place.
static void first_of_a_file(void)
{
	open_carousel();
	period.offline = true;
	add(0, PID_A, -500, 0, 100);
	give(0, 2000, 900);
	CU_ASSERT_TRUE(period.running);
	leave_due();
	CU_ASSERT_EQUAL(left_n, 1);
	CU_ASSERT_FALSE(dp_period_ready(&period)); // the next one is awaited
	add(1, PID_A, -500, 0, 100);
	give(1, 2000, 0);
	CU_ASSERT_TRUE(dp_period_ready(&period));
	read_clock(0);
	CU_ASSERT_EQUAL(left_n, 1);
	run(2000, 40);
	CU_ASSERT_EQUAL(period.cp_number, 1);
	CU_ASSERT_EQUAL(first(PID_A, 1), 1480);
	close_carousel();
}

static void started(int start_ms, int stop_ms)
{
	open_carousel();
	add(0, PID_A, 0, stop_ms, 100);
	CU_ASSERT_PTR_NULL(give(0, 1000, 0));
	read_clock(0);
	add(1, PID_A, start_ms, stop_ms, 100);
	CU_ASSERT_PTR_NULL(give(1, 1000, 0));
}

// A negative start begins at the last reading before its time, and the edge keeps its place and its raster.
static void negative_start(void)
{
	started(-500, 0);
	run(1600, 40);
	CU_ASSERT_EQUAL(first(PID_A, 1), 480);
	CU_ASSERT_TRUE(last(PID_A, 0) < 480);
	CU_ASSERT_EQUAL(flipped_ms, 1000);
	CU_ASSERT_EQUAL(period.started_27mhz, 1000 * MS);
	CU_ASSERT_EQUAL(period.stats.extended, 0);
	close_carousel();
}

// Readings that do not hit the edge: it is crossed at the first after it, never a reading later.
static void negative_start_between_readings(void)
{
	started(-500, 0);
	run(1050, 35);
	CU_ASSERT_EQUAL(first(PID_A, 1), 490);
	CU_ASSERT_EQUAL(flipped_ms, 1015);
	CU_ASSERT_EQUAL(period.started_27mhz, 1000 * MS);
	close_carousel();
}

// Its predecessor goes on until it begins.
static void positive_start(void)
{
	started(300, 300);
	run(1600, 20);
	CU_ASSERT_EQUAL(flipped_ms, 1000);
	CU_ASSERT_EQUAL(first(PID_A, 1), 1300);
	CU_ASSERT_EQUAL(last(PID_A, 0), 1200);
	CU_ASSERT_EQUAL(count(PID_A, 0), 13); // 0 to 1200
	CU_ASSERT_EQUAL(period.stats.extended, 0);
	close_carousel();
}

// Where it stops before the next begins there is a gap.
static void gap_before_the_edge(void)
{
	started(-200, -600);
	run(1100, 20);
	CU_ASSERT_EQUAL(last(PID_A, 0), 300);
	CU_ASSERT_EQUAL(first(PID_A, 1), 800);
	close_carousel();
}

static void gap_after_the_edge(void)
{
	started(500, 250);
	run(1600, 20);
	CU_ASSERT_EQUAL(last(PID_A, 0), 1200);
	CU_ASSERT_EQUAL(first(PID_A, 1), 1500);
	close_carousel();
}

// A successor on the same PID cuts it short; on another PID both are on air for a while.
static void overlap(void)
{
	open_carousel();
	add(0, PID_A, 0, 400, 100);
	give(0, 1000, 0);
	read_clock(0);
	add(1, PID_A, -300, 400, 100);
	add(1, PID_B, 0, 0, 100);
	give(1, 1000, 0);
	run(1900, 20);
	CU_ASSERT_TRUE(last(PID_A, 0) < 700);
	CU_ASSERT_EQUAL(first(PID_A, 1), 700);
	CU_ASSERT_EQUAL(first(PID_B, 1), 1000);
	close_carousel();
	open_carousel();
	add(0, PID_A, 0, 400, 100);
	give(0, 1000, 0);
	read_clock(0);
	add(1, PID_B, -300, 400, 100);
	give(1, 1000, 0);
	run(1900, 20);
	CU_ASSERT_EQUAL(first(PID_B, 1), 700);
	CU_ASSERT_EQUAL(last(PID_A, 0), 1300); // stops at 1400
	close_carousel();
}

static void none_in_this_period(void)
{
	open_carousel();
	add(0, PID_A, -100, 0, 100);
	set[0].ecm[0].pkts = 0;
	CU_ASSERT_FALSE(dp_carousel_leads(&set[0]));
	give(0, 1000, 0);
	CU_ASSERT_TRUE(period.running);
	run(900, 20);
	CU_ASSERT_EQUAL(left_n, 0);
	close_carousel();
}

// A message that comes late is not cut short: the period on air waits for it, with its ECM, on a new raster.
static void late_message(void)
{
	open_carousel();
	add(0, PID_A, 0, 0, 100);
	give(0, 1000, 0);
	read_clock(0);
	run(900, 20);
	add(1, PID_A, -500, 0, 100);
	give(1, 1000, 0);
	run(1400, 20);
	CU_ASSERT_EQUAL(first(PID_A, 1), 920);
	CU_ASSERT_EQUAL(period.cp_number, 0);
	CU_ASSERT_TRUE(period.extending);
	CU_ASSERT_EQUAL(period.stats.extended, 1);
	read_clock(1420);
	CU_ASSERT_EQUAL(period.cp_number, 1);
	CU_ASSERT_EQUAL(period.started_27mhz, 1420 * MS);
	CU_ASSERT_FALSE(period.extending);
	close_carousel();
}

// A period that goes on past its end keeps its ECM, even one that was to stop before it.
static void extension(void)
{
	open_carousel();
	add(0, PID_A, 0, -600, 100);
	give(0, 1000, 0);
	read_clock(0);
	run(3000, 20);
	CU_ASSERT_EQUAL(last(PID_A, 0), 3000);
	CU_ASSERT_EQUAL(count(PID_A, 0), 31);
	CU_ASSERT_EQUAL(period.stats.extended, 1);
	add(1, PID_A, -400, -600, 100);
	give(1, 1000, 0);
	run(3420, 20);
	CU_ASSERT_EQUAL(first(PID_A, 1), 3020);
	CU_ASSERT_EQUAL(flipped_ms, 3420);
	CU_ASSERT_EQUAL(period.cp_number, 1);
	close_carousel();
}

// A flip point later than the end: the period on air lasts until then, and no want of a next is counted.
static void flip_point(void)
{
	open_carousel();
	add(0, PID_A, 0, 0, 100);
	give(0, 1000, 0);
	read_clock(0);
	add(1, PID_A, -300, 0, 100);
	give(1, 1000, 1600);
	run(1580, 20);
	CU_ASSERT_EQUAL(period.cp_number, 0);
	CU_ASSERT_EQUAL(first(PID_A, 1), 1300);
	CU_ASSERT_EQUAL(last(PID_A, 0), 1200);
	read_clock(1600);
	CU_ASSERT_EQUAL(period.cp_number, 1);
	CU_ASSERT_EQUAL(period.started_27mhz, 1600 * MS);
	CU_ASSERT_EQUAL(period.stats.extended, 0);
	close_carousel();
}

// By schedule: readings of 40 ms do not stretch 100 ms.
static void repetition_does_not_drift(void)
{
	open_carousel();
	add(0, PID_A, 0, 0, 100);
	give(0, 100000, 0);
	read_clock(0);
	run(60000, 40);
	CU_ASSERT_EQUAL(count(PID_A, 0), 601);
	for (unsigned i = 0; i < left_n; i++)
		CU_ASSERT_TRUE(left[i].ms >= 100 * i && left[i].ms < 100 * i + 40);
	close_carousel();
}

// After a gap of any length it leaves once, and then by its schedule.
static void no_burst_after_a_jump(void)
{
	open_carousel();
	add(0, PID_A, 0, 0, 100);
	give(0, 100000, 0);
	read_clock(0);
	read_clock(5050);
	CU_ASSERT_EQUAL(left_n, 2);
	read_clock(5100);
	CU_ASSERT_EQUAL(left_n, 2);
	read_clock(5150);
	CU_ASSERT_EQUAL(left_n, 3);
	close_carousel();
}

// A jump over the time of an early ECM and over the edge: the ECM leaves, and its lead is kept before the flip.
static void jump_over_the_edge(void)
{
	started(-500, 0);
	read_clock(40);
	read_clock(1300);
	CU_ASSERT_EQUAL(first(PID_A, 1), 1300);
	CU_ASSERT_EQUAL(period.cp_number, 0);
	run(1800, 20);
	CU_ASSERT_EQUAL(flipped_ms, 1800);
	close_carousel();
}

// A lead longer than a period: the ECM begins with the message.
static void lead_longer_than_a_period(void)
{
	started(-1500, 0);
	run(1500, 20);
	CU_ASSERT_EQUAL(first(PID_A, 1), 20);
	CU_ASSERT_EQUAL(period.cp_number, 0);
	read_clock(1520);
	CU_ASSERT_EQUAL(period.cp_number, 1);
	close_carousel();
}

// Long runs: each ECM of each period at its time, the sets go round, and main never waits for one.
static void sets_go_round(void)
{
	open_carousel();
	add(0, PID_A, -300, 0, 100);
	give(0, 1000, 0);
	read_clock(0);
	for (uint16_t cp = 1; cp < 200; cp++) {
		run(now_ms + 20, 20);
		while (!period.running || period.cp_number + 1 != cp)
			run(now_ms + 20, 20);
		struct dp_ecm_set *fresh = &set[cp % 8];

		fresh->n = fresh->pkts = 0;
		add(cp, PID_A, -300, 0, 100);
		struct dp_ecm_set *back = give(cp, 1000, 0);

		// On air cp - 1, before it cp - 2; what was before these comes back.
		CU_ASSERT_PTR_EQUAL(back, cp >= 3 ? &set[(cp - 3) % 8] : NULL);
		left_n = 0;
	}
	CU_ASSERT_EQUAL(period.stats.extended, 0);
	CU_ASSERT_EQUAL(period.started_27mhz, (300 + 198 * 1000) * (uint64_t)MS);
	close_carousel();
}

static const struct unit_test tests[] = {
	{"the first waits for its ECM", first_waits_for_its_ecm},
	{"the first waits for all its ECMs", first_waits_for_all},
	{"the first at a flip point", first_at_a_flip_point},
	{"the first with a positive start", first_with_a_positive_start},
	{"the first of a file", first_of_a_file},
	{"negative start", negative_start},
	{"negative start between readings", negative_start_between_readings},
	{"positive start", positive_start},
	{"gap before the edge", gap_before_the_edge},
	{"gap after the edge", gap_after_the_edge},
	{"overlap", overlap},
	{"none in this period", none_in_this_period},
	{"late message", late_message},
	{"extension", extension},
	{"flip point", flip_point},
	{"repetition does not drift", repetition_does_not_drift},
	{"no burst after a jump", no_burst_after_a_jump},
	{"jump over the edge", jump_over_the_edge},
	{"lead longer than a period", lead_longer_than_a_period},
	{"sets go round", sets_go_round},
};

UNIT_MAIN("carousel", tests)

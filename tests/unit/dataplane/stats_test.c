// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of times: histograms, added delay, jitter of departures, and the load of a worker.
#include <jansson.h>

#include "report/times.h"
#include "stats/jitter.h"
#include "stats/load.h"
#include "worker_rig.h"

enum { VIDEO = 0x100, OTHER = 0x200, CLOCK = 0x1FFF, MANY = 20000 };

// A clock whose ticks are the units of a histogram.
static const struct base_clock slow = {.tsc_hz = 16000000, .us_per_tsc_q32 = UINT64_C(1) << 28};

// A value between 1 and 2^40, spread over the octaves.
static uint64_t random_value(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 24 >> (*state >> 3) % 40 | 1;
}

// Every bucket begins where the one before ends, and is as narrow as the header says.
static void buckets_follow_one_another(void)
{
	uint64_t begin = 0;

	for (unsigned i = 0; i < DP_HISTOGRAM_BUCKETS; i++) {
		uint64_t end = dp_histogram_end(i);

		CU_ASSERT_TRUE(end > begin);
		CU_ASSERT_EQUAL(dp_histogram_index(begin), i);
		CU_ASSERT_EQUAL(dp_histogram_index(end - 1), i);
		CU_ASSERT_TRUE(end - begin == 1 || 8 * (end - begin) <= begin);
		begin = end;
	}
	CU_ASSERT_EQUAL(begin, DP_HISTOGRAM_END);
	CU_ASSERT_EQUAL(dp_histogram_index(DP_HISTOGRAM_END), DP_HISTOGRAM_BUCKETS - 1);
	CU_ASSERT_EQUAL(dp_histogram_index(UINT64_MAX), DP_HISTOGRAM_BUCKETS - 1);
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

// Against the values themselves, sorted: never too low, and too high by an eighth at most.
static void percentiles(void)
{
	static const unsigned shares[] = {1, 500000, 900000, 990000, 999000, 1000000};
	static uint64_t value[MANY];
	static struct dp_histogram histogram;
	struct dp_histogram_view view;
	uint64_t state = 1;

	for (unsigned i = 0; i < MANY; i++) {
		value[i] = random_value(&state) % DP_HISTOGRAM_END;
		dp_histogram_add(&histogram, value[i]);
	}
	qsort(value, MANY, sizeof(value[0]), ascending);
	dp_histogram_read(&view, &histogram);
	CU_ASSERT_EQUAL(view.total, MANY);
	for (unsigned i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		uint64_t rank = ((uint64_t)MANY * shares[i] + 999999) / 1000000;
		double exact = (double)value[rank - 1] / 16, told = dp_histogram_us(&view, shares[i]);

		CU_ASSERT_TRUE(told >= exact);
		CU_ASSERT_TRUE(told <= exact * 9 / 8 + 1.0 / 16);
	}
}

static void nothing_counted(void)
{
	static const struct dp_histogram histogram;
	struct dp_histogram_view view;

	dp_histogram_read(&view, &histogram);
	CU_ASSERT_EQUAL(view.total, 0);
	CU_ASSERT_EQUAL(dp_histogram_us(&view, 500000), 0);
	CU_ASSERT_EQUAL(dp_histogram_us(&view, 1000000), 0);
	CU_ASSERT_EQUAL(dp_histogram_up_to(&view, 1 << 20), 0);
}

// The document of a histogram: a value just below each bound of its steps, and one just above.
static void document(void)
{
	static struct dp_histogram histogram;
	const uint64_t counted[DP_TIMES_STEPS] = {1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1};

	for (unsigned i = 0; i + 1 < DP_TIMES_STEPS; i++) {
		uint64_t bound = UINT64_C(16) << 2 * i;

		dp_histogram_add(&histogram, bound - 1);
		dp_histogram_add(&histogram, bound);
	}
	json_t *json = dp_times_json(&histogram), *steps = json_object_get(json, "us_pow4");

	CU_ASSERT_PTR_NOT_NULL_FATAL(json);
	CU_ASSERT_EQUAL(json_array_size(steps), DP_TIMES_STEPS);
	for (unsigned i = 0; i < DP_TIMES_STEPS; i++)
		CU_ASSERT_EQUAL(json_integer_value(json_array_get(steps, i)), (json_int_t)counted[i]);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json, "count")), 22);
	CU_ASSERT_EQUAL(json_real_value(json_object_get(json, "p50_us")), 1024);           // the 11th: just below
	CU_ASSERT_EQUAL(json_real_value(json_object_get(json, "p90_us")), 262144 * 1.125); // the 20th: just above
	CU_ASSERT_EQUAL(json_real_value(json_object_get(json, "max_us")), 1048576 * 1.125);
	json_decref(json);
}

// Ticks become sixteenths of a microsecond, and none overflows.
static void units_of_ticks(void)
{
	CU_ASSERT_EQUAL(dp_delay_units(&slow, 0), 0);
	CU_ASSERT_EQUAL(dp_delay_units(&slow, 12345), 12345);
	CU_ASSERT_TRUE(dp_delay_units(&slow, UINT64_MAX) >= DP_HISTOGRAM_END);
	CU_ASSERT_EQUAL(dp_delay_ticks(100, 130), 30);
	CU_ASSERT_EQUAL(dp_delay_ticks(130, 100), 0); // another processor's counter is ahead
}

static uint64_t deviations(const struct dp_jitter *jitter, uint64_t units)
{
	return jitter->deviation.bucket[dp_histogram_index(units)];
}

// Against the formula of RFC 3550, J += (|D| - J) / 16, in floating point.
static void jitter_is_that_of_rfc_3550(void)
{
	struct dp_jitter jitter = {0};
	uint64_t state = 7, tick = 1000, interval = 0;
	double smoothed = 0;

	dp_jitter_left(&jitter, &slow, tick, true);
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t before = interval;

		interval = 10000 + random_value(&state) % 1000;
		tick += interval;
		dp_jitter_left(&jitter, &slow, tick, true);
		if (i == 0)
			continue;
		double deviation = (double)(interval > before ? interval - before : before - interval);

		smoothed += (deviation - smoothed) / 16;
		CU_ASSERT_TRUE((double)jitter.smoothed / 16 >= smoothed - 1 &&
			       (double)jitter.smoothed / 16 <= smoothed + 1);
	}
	CU_ASSERT_TRUE(smoothed > 100);
}

static void even_departures_have_none(void)
{
	struct dp_jitter jitter = {0};

	for (unsigned i = 0; i < 100; i++)
		dp_jitter_left(&jitter, &slow, 5000 + 300 * i, true);
	CU_ASSERT_EQUAL(deviations(&jitter, 0), 98);
	CU_ASSERT_EQUAL(jitter.smoothed, 0);
}

// Pairs at one tick, 600 apart: every interval differs from the next by 600.
static void bursts_have(void)
{
	struct dp_jitter jitter = {0};

	for (unsigned i = 0; i < 100; i++)
		dp_jitter_left(&jitter, &slow, 5000 + 600 * (i / 2), true);
	CU_ASSERT_EQUAL(deviations(&jitter, 599), 98);
}

// An hour without a datagram is no jitter.
static void an_interruption_begins_anew(void)
{
	struct dp_jitter jitter = {0};

	for (unsigned i = 0; i < 10; i++)
		dp_jitter_left(&jitter, &slow, 5000 + 300 * i, true);
	for (unsigned i = 0; i < 10; i++)
		dp_jitter_left(&jitter, &slow, 3600 * slow.tsc_hz + 300 * i, true);
	CU_ASSERT_EQUAL(deviations(&jitter, 0), 16);
	CU_ASSERT_EQUAL(jitter.smoothed, 0);
}

static uint64_t total(const struct dp_histogram *histogram)
{
	struct dp_histogram_view view;

	dp_histogram_read(&view, histogram);
	return view.total;
}

// Of the worker's datagrams first..last, those that count for services and outputs.
static uint64_t sampled(uint64_t first, uint64_t last)
{
	uint64_t n = 0;

	for (uint64_t serial = first; serial <= last; serial++)
		n += dp_delay_samples(serial);
	return n;
}

// One in eight, also of every third, seventh or 64th datagram: services that take turns are met alike.
static void samples_are_even(void)
{
	static const unsigned turns[] = {1, 3, 7, 8, 64, 1000};

	for (unsigned t = 0; t < sizeof(turns) / sizeof(turns[0]); t++)
		for (unsigned first = 1; first <= turns[t]; first++) {
			unsigned n = 0;

			for (unsigned i = 0; i < 4000; i++)
				n += dp_delay_samples(first + (uint64_t)i * turns[t]);
			CU_ASSERT_TRUE(n > 450 && n < 550);
		}
}

// PAT, CAT, PMT and 550 packets: 79 datagrams, the service in each.
static void a_datagram_counts_once_for_a_service(void)
{
	rig_conf();
	rig_start();
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 2);
	CU_ASSERT_EQUAL(rig_period("g", 0, 0, 0x11), 0);
	for (unsigned i = 0; i < 550; i++)
		rig_payload(VIDEO + i % 2);
	rig_run();
	CU_ASSERT_EQUAL(rig.out_n, 79);
	CU_ASSERT_TRUE(sampled(1, 79) > 5);
	CU_ASSERT_EQUAL(total(&rig.lineup.service[0].stats.delay), sampled(1, 79));
	CU_ASSERT_EQUAL(total(&rig.worker.stats.delay), 79);
	CU_ASSERT_EQUAL(total(&rig.lineup.output[0].stats.jitter.deviation), sampled(3, 79));
	rig_end();
}

// Two services turn by turn in one output: each is in every datagram but in the first, where PSI is, and the worker
// counts it once.
static void each_service_counts_in_a_multiplex(void)
{
	rig_conf();
	rig.conf.services = 2;
	rig_service(1, 2, 0, NULL, DP_CSA2);
	rig_start();
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	rig_pmt(2, CLOCK, OTHER, 1);
	CU_ASSERT_EQUAL(rig_period("g", 0, 0, 0x11), 0);
	for (unsigned i = 0; i < 3 + 700; i++)
		rig_payload(i % 2 ? VIDEO : OTHER);
	rig_run();
	CU_ASSERT_EQUAL(rig_count(VIDEO) + rig_count(OTHER), 703);
	CU_ASSERT_EQUAL(rig.out_n, 101);
	CU_ASSERT_EQUAL(total(&rig.lineup.service[0].stats.delay), sampled(1, 101));
	CU_ASSERT_EQUAL(total(&rig.lineup.service[1].stats.delay), sampled(1, 101));
	CU_ASSERT_EQUAL(total(&rig.worker.stats.delay), 101);
	rig_end();
}

// A packet that waits in its datagram until the end of the run has that delay; it cannot be more than the run took.
static void waiting_is_delay(void)
{
	struct dp_histogram_view view;

	rig_conf();
	rig.conf.output[0].deadline_us = 5000;
	rig_start();
	rig.port.offline = false;
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	CU_ASSERT_EQUAL(rig_period("g", 0, 0, 0x11), 0);
	rig_payload(VIDEO);
	rig.linger_us = 20000;
	uint64_t began = base_clock_tsc();

	rig_run();
	double took_us = (double)base_clock_us(&rig.clock, base_clock_tsc() - began) + 1;

	dp_histogram_read(&view, &rig.worker.stats.delay);
	CU_ASSERT_EQUAL(view.total, 1);
	CU_ASSERT_TRUE(dp_histogram_us(&view, 1000000) >= 5000);
	CU_ASSERT_TRUE(dp_histogram_us(&view, 1000000) <= took_us * 9 / 8);
	rig_end();
}

// Full batches are told apart from others.
static void full_batches(void)
{
	const struct dp_batch_stats *stats = &rig.worker.batch[DP_CSA2].stats;

	rig_conf();
	rig.conf.batch_wait_us = 10000000; // on a slow machine too
	rig_start();
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	CU_ASSERT_EQUAL(rig_period("g", 0, 0, 0x11), 0);
	unsigned pkts = 2 * rig.worker.batch[DP_CSA2].ops->lanes + 1;

	while ((pkts + 3) % DP_DGRAM_SLOTS) // whole datagrams, with PAT, CAT and PMT
		pkts++;
	for (unsigned i = 0; i < pkts; i++)
		rig_payload(VIDEO);
	rig_run();
	CU_ASSERT_EQUAL(stats->batches, 3);
	CU_ASSERT_EQUAL(stats->full, 2);
	CU_ASSERT_TRUE(stats->full_ticks > 0 && stats->full_ticks < stats->ticks);
	CU_ASSERT_EQUAL(stats->ticks, rig.worker.stats.stage_ticks[DP_STAGE_SCRAMBLE]);
	rig_end();
}

// A worker driven by hand, with a second of 1000000 ticks and a cipher of 100 lanes.
static struct {
	struct dp_worker worker;
	struct base_clock clock;
	struct dp_cipher_ops ops;
} hand;

static void hand_start(void)
{
	memset(&hand, 0, sizeof(hand));
	hand.clock.tsc_hz = 1000000;
	hand.ops.lanes = 100;
	hand.worker.clock = &hand.clock;
	for (unsigned i = 0; i < DP_ALGORITHMS; i++)
		hand.worker.batch[i].ops = &hand.ops;
	hand.worker.now_tick = 5000000;
	dp_load_look(&hand.worker);
}

static void hand_batches(unsigned algorithm, uint64_t batches, uint64_t lanes, uint64_t ticks)
{
	struct dp_batch_stats *stats = &hand.worker.batch[algorithm].stats;

	stats->batches += batches;
	stats->lanes += batches * lanes;
	stats->ticks += batches * ticks;
	stats->full += lanes == 100 ? batches : 0;
	stats->full_ticks += lanes == 100 ? batches * ticks : 0;
	hand.worker.stats.stage_ticks[DP_STAGE_SCRAMBLE] += batches * ticks;
}

static uint64_t hand_look(uint64_t ticks)
{
	hand.worker.now_tick += ticks;
	dp_load_look(&hand.worker);
	return hand.worker.stats.load_ppm;
}

// Packets in batches a tenth full count at the price of full ones: 10 of 100 lanes, a tenth of 2000 ticks each.
static void load_is_at_the_price_of_full_batches(void)
{
	hand_start();
	hand_batches(DP_CSA2, 100, 100, 2000);
	hand_batches(DP_CSA2, 100, 10, 1900);
	hand.worker.stats.stage_ticks[DP_STAGE_RX] += 50000;
	CU_ASSERT_EQUAL(hand_look(1000000), 200000 + 20000 + 50000);
	CU_ASSERT_EQUAL(hand.worker.stats.load_ticks, 270000);
	// Without a full batch in a second the price is the last one known.
	hand_batches(DP_CSA2, 100, 10, 1900);
	CU_ASSERT_EQUAL(hand_look(2000000), 10000);
	// It changes with them.
	hand_batches(DP_CSA2, 100, 100, 4000);
	CU_ASSERT_EQUAL(hand_look(1000000), 400000);
	CU_ASSERT_EQUAL(hand.worker.stats.load_ticks, 270000 + 20000 + 400000);
}

// Before there was a full batch, a call costs what calls cost; two ciphers add up.
static void load_without_a_full_batch(void)
{
	hand_start();
	hand_batches(DP_CSA2, 10, 50, 2000);
	hand_batches(DP_CISSA, 10, 100, 1000);
	CU_ASSERT_EQUAL(hand_look(1000000), 10000 + 10000);
}

// It is told once a second, and is 0 when nothing came, however often the loop went round.
static void load_of_an_idle_worker(void)
{
	hand_start();
	hand_batches(DP_CSA2, 100, 100, 2000);
	CU_ASSERT_EQUAL(hand_look(999999), 0);
	CU_ASSERT_EQUAL(hand_look(1), 200000);
	hand.worker.stats.passes += 1000000;
	CU_ASSERT_EQUAL(hand_look(1000000), 0);
	CU_ASSERT_EQUAL(hand.worker.stats.load_ticks, 200000);
}

static const struct unit_test tests[] = {
	{"buckets follow one another", buckets_follow_one_another},
	{"percentiles", percentiles},
	{"nothing counted", nothing_counted},
	{"document", document},
	{"units of ticks", units_of_ticks},
	{"jitter is that of RFC 3550", jitter_is_that_of_rfc_3550},
	{"even departures have none", even_departures_have_none},
	{"bursts have", bursts_have},
	{"an interruption begins anew", an_interruption_begins_anew},
	{"samples are even", samples_are_even},
	{"a datagram counts once for a service", a_datagram_counts_once_for_a_service},
	{"each service counts in a multiplex", each_service_counts_in_a_multiplex},
	{"waiting is delay", waiting_is_delay},
	{"full batches", full_batches},
	{"load is at the price of full batches", load_is_at_the_price_of_full_batches},
	{"load without a full batch", load_without_a_full_batch},
	{"load of an idle worker", load_of_an_idle_worker},
};

int main(void)
{
	if (rig_open()) {
		fprintf(stderr, "the EAL does not start\n");
		return 1;
	}
	return unit_run("stats", tests, sizeof(tests) / sizeof(tests[0]));
}

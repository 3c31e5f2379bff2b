// SPDX-License-Identifier: GPL-3.0-or-later
// Media time from PCRs and, without them, from the wall clock. Ticks are given by hand: a counter of 1 MHz.
#include <ts_packet.h>
#include <unit.h>

#include "period/media_clock.h"

enum { MHZ27_PER_US = 27, MS_TICKS = 1000 };

static const struct base_clock clock_1mhz = {.tsc_hz = 1000000, .us_per_tsc_q32 = UINT64_C(1) << 32};
static struct dp_media_clock media;

static void pcr(uint64_t pcr_27mhz, uint64_t tick)
{
	dp_media_clock_pcr(&media, &clock_1mhz, pcr_27mhz, false, tick, false);
}

static uint64_t ms(uint64_t n)
{
	return n * 27000;
}

static void follows_pcr(void)
{
	media = (struct dp_media_clock){0};
	pcr(ms(5000), 7);
	CU_ASSERT_EQUAL(media.now_27mhz, 0);
	pcr(ms(5040), 8); // ticks do not matter while PCRs go on
	CU_ASSERT_EQUAL(media.now_27mhz, ms(40));
	pcr(ms(5040), 9);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(40));
	pcr(ms(5040) + 1, 10);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(40) + 1);
	CU_ASSERT_EQUAL(media.jumps, 0);
}

static void turns(void)
{
	media = (struct dp_media_clock){0};
	pcr(TS_PCR_TURN_27MHZ - ms(10), 0);
	pcr(ms(15), 1);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(25));
	pcr(ms(16), 2);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(26));
	CU_ASSERT_EQUAL(media.jumps, 0);
}

static void largest_step(void)
{
	media = (struct dp_media_clock){0};
	pcr(0, 0);
	pcr(DP_MEDIA_CLOCK_STEP_MAX_27MHZ, 1);
	CU_ASSERT_EQUAL(media.now_27mhz, DP_MEDIA_CLOCK_STEP_MAX_27MHZ);
	CU_ASSERT_EQUAL(media.jumps, 0);
	pcr(2 * DP_MEDIA_CLOCK_STEP_MAX_27MHZ + 1, 1 + 3 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, DP_MEDIA_CLOCK_STEP_MAX_27MHZ + ms(3)); // by the wall clock
	CU_ASSERT_EQUAL(media.jumps, 1);
}

static void announced_discontinuity(void)
{
	media = (struct dp_media_clock){0};
	pcr(ms(100), 0);
	pcr(ms(140), 40 * MS_TICKS);
	// A small step, too: what the packet announces is believed.
	dp_media_clock_pcr(&media, &clock_1mhz, ms(150), true, 80 * MS_TICKS, false);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(80));
	CU_ASSERT_EQUAL(media.jumps, 1);
	pcr(ms(190), 81 * MS_TICKS); // the new time base drives
	CU_ASSERT_EQUAL(media.now_27mhz, ms(120));
	CU_ASSERT_EQUAL(media.jumps, 1);
}

static void backwards(void)
{
	media = (struct dp_media_clock){0};
	pcr(ms(1000), 0);
	pcr(ms(1040), 40 * MS_TICKS);
	pcr(ms(1039), 60 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(60));
	CU_ASSERT_EQUAL(media.jumps, 1);
	pcr(ms(1079), 100 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(100));
}

static void first_announces_a_discontinuity(void)
{
	media = (struct dp_media_clock){0};
	dp_media_clock_pcr(&media, &clock_1mhz, ms(77), true, 500 * MS_TICKS, false);
	CU_ASSERT_EQUAL(media.now_27mhz, 0);
	CU_ASSERT_EQUAL(media.jumps, 0);
}

static void silence(void)
{
	media = (struct dp_media_clock){0};
	pcr(ms(100), 0);
	pcr(ms(140), 40 * MS_TICKS);
	dp_media_clock_idle(&media, &clock_1mhz, 2039 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(40)); // 1999 ms are not silence
	CU_ASSERT_TRUE(media.anchored);
	dp_media_clock_idle(&media, &clock_1mhz, 2040 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(2040)); // and now all of it counts
	CU_ASSERT_FALSE(media.anchored);
	dp_media_clock_idle(&media, &clock_1mhz, 2041 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(2041)); // no second wait
	// The PCR is back, wherever it stands: no jump is counted, for none was being followed.
	pcr(ms(90000), 2051 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(2051));
	CU_ASSERT_EQUAL(media.jumps, 0);
	pcr(ms(90040), 2060 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(2091));
}

static void never_a_pcr(void)
{
	media = (struct dp_media_clock){0};
	dp_media_clock_idle(&media, &clock_1mhz, 900 * MS_TICKS); // starts here
	dp_media_clock_idle(&media, &clock_1mhz, 2899 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, 0); // a PCR may still come
	dp_media_clock_idle(&media, &clock_1mhz, 2900 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(2000));
	dp_media_clock_idle(&media, &clock_1mhz, 2901 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(2001));
}

// Media time begins at the first PCR, however long after the first packet: equal streams have equal edges.
static void the_first_pcr_is_the_beginning(void)
{
	media = (struct dp_media_clock){0};
	dp_media_clock_idle(&media, &clock_1mhz, 900 * MS_TICKS);
	dp_media_clock_idle(&media, &clock_1mhz, 1000 * MS_TICKS);
	pcr(ms(7000), 1100 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, 0);
	pcr(ms(7040), 1151 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(40));
	CU_ASSERT_EQUAL(media.jumps, 0);
}

// A PCR that stands still, or is far too slow, does not keep a control word on air.
static void a_frozen_pcr(void)
{
	media = (struct dp_media_clock){0};
	for (unsigned t = 0; t <= 20000; t += 40) {
		pcr(ms(100), t * MS_TICKS);
		CU_ASSERT_TRUE(media.now_27mhz + ms(2100) >= ms(t) - ms(t) / 8);
		CU_ASSERT_TRUE(media.now_27mhz <= ms(t));
	}
	CU_ASSERT_TRUE(media.jumps > 0);
	// A network that holds packets back for a while is no such thing: what was held back follows.
	media = (struct dp_media_clock){0};
	pcr(ms(100), 0);
	pcr(ms(140), 1900 * MS_TICKS);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(40));
	CU_ASSERT_EQUAL(media.jumps, 0);
}

static void offline_stands_still(void)
{
	media = (struct dp_media_clock){0};
	dp_media_clock_pcr(&media, &clock_1mhz, ms(100), false, 0, true);
	dp_media_clock_pcr(&media, &clock_1mhz, ms(140), false, 0, true);
	dp_media_clock_pcr(&media, &clock_1mhz, ms(9000), false, 70 * MS_TICKS, true);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(40));
	CU_ASSERT_EQUAL(media.jumps, 1);
	dp_media_clock_pcr(&media, &clock_1mhz, ms(9010), true, 90 * MS_TICKS, true);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(40));
	CU_ASSERT_EQUAL(media.jumps, 2);
	dp_media_clock_pcr(&media, &clock_1mhz, ms(9020), false, 90 * MS_TICKS, true);
	CU_ASSERT_EQUAL(media.now_27mhz, ms(50));
}

static const struct unit_test tests[] = {
	{"follows PCR", follows_pcr},
	{"turns at 2^33 * 300", turns},
	{"largest step", largest_step},
	{"announced discontinuity", announced_discontinuity},
	{"backwards", backwards},
	{"first announces a discontinuity", first_announces_a_discontinuity},
	{"silence", silence},
	{"never a PCR", never_a_pcr},
	{"the first PCR is the beginning", the_first_pcr_is_the_beginning},
	{"a frozen PCR", a_frozen_pcr},
	{"offline stands still", offline_stands_still},
};

UNIT_MAIN("media_clock", tests)

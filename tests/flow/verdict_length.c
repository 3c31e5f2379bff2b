// SPDX-License-Identifier: GPL-3.0-or-later
// Is every whole crypto-period as long as it should be, by the source's own clock?
//
// A flip is timed by the last PCR at or before the source packet that it was made from, so a period is measured to
// within one PCR interval. Where the PCR jumps nothing can be measured; such a period is refused. Refs: ISO/IEC 13818-1
// clauses 2.4.2.2, 2.4.3.5.
#include <verdict.h>

#include <errno.h>
#include <stdlib.h>

#define UNITS_27MHZ_IN_MS 27000
#define TOLERANCE_PARTS   10 // a tenth
#define UNKNOWN           INT64_MIN

// Time since the first PCR at every packet of the source, UNKNOWN before it. Returns the longest PCR interval.
static int64_t clock_fill(int64_t *clock, const struct flow_ts *source, uint16_t pcr_pid)
{
	int64_t now = UNKNOWN, longest = 0;
	uint64_t pcr, last = 0;

	for (size_t i = 0; i < source->n; i++) {
		const uint8_t *packet = flow_ts_at(source, i);

		if (ts_packet_pid(packet) == pcr_pid && ts_packet_pcr(packet, &pcr)) {
			int64_t step = now == UNKNOWN ? 0 : ts_packet_pcr_diff(pcr, last);

			now = now == UNKNOWN ? 0 : now + step;
			if (!ts_packet_discontinuity(packet) && step > longest)
				longest = step;
			last = pcr;
		}
		clock[i] = now;
	}
	return longest;
}

static void judge(struct verdict *v, unsigned period_ms, const int64_t *clock, int64_t interval)
{
	int64_t wanted = (int64_t)period_ms * UNITS_27MHZ_IN_MS, slack = wanted / TOLERANCE_PARTS + interval;

	for (size_t i = 1; i < v->flips; i++) {
		size_t from = v->flip[i - 1], to = v->flip[i];

		if (from == VERDICT_NONE || to == VERDICT_NONE || clock[from] == UNKNOWN || clock[to] == UNKNOWN) {
			base_errs_add(&v->reasons, "programme", "crypto-period %zu of %zu cannot be measured", i,
				      v->flips - 1);
			v->periods_wrong++;
		} else if (llabs(clock[to] - clock[from] - wanted) > slack) {
			base_errs_add(&v->reasons, "programme",
				      "crypto-period %zu of %zu lasts %lld ms by the source's PCR, not %u within %lld",
				      i, v->flips - 1, (long long)(clock[to] - clock[from]) / UNITS_27MHZ_IN_MS,
				      period_ms, (long long)slack / UNITS_27MHZ_IN_MS);
			v->periods_wrong++;
		}
	}
}

int verdict_length_check(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *source)
{
	int64_t *clock, interval;

	if (rules->period_ms == 0)
		return 0;
	clock = calloc(source->n + 1, sizeof(*clock));
	if (!clock)
		return -ENOMEM;
	interval = clock_fill(clock, source, v->pcr_pid);
	judge(v, rules->period_ms, clock, interval);
	free(clock);
	return 0;
}

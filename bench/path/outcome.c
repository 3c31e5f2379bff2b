// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/outcome.h"

#include <stdio.h>

double bench_outcome_loss(const struct bench_outcome *outcome)
{
	uint64_t lost = outcome->missed_pkts + outcome->dropped_pkts;

	return outcome->offered_pkts ? (double)lost / (double)outcome->offered_pkts : 0;
}

bool bench_outcome_sound(const struct bench_outcome *outcome)
{
	const struct bench_verdict_counts *verdict = &outcome->verdict;

	return !outcome->watched.clear_pkts && !outcome->watched.odd_pkts && !outcome->guard_drops && verdict->opened &&
	       !verdict->wrong_parity && !verdict->wrong_period && !verdict->unopened && !verdict->clear &&
	       !outcome->extended && (outcome->named_pkts || !outcome->watched.breaks);
}

void bench_outcome_explain(const struct bench_outcome *outcome)
{
	const struct bench_watch_counts *watched = &outcome->watched;
	const struct bench_verdict_counts *verdict = &outcome->verdict;

	fprintf(stderr,
		"not sound: of %llu packets %llu clear, %llu not of their service, %llu breaks of continuity; missed "
		"%llu, dropped %llu, of these by the guard %llu; of the samples %llu opened, %llu with the wrong "
		"parity, "
		"%llu of another crypto-period, %llu not opened, %llu clear; %llu crypto-periods extended\n",
		(unsigned long long)watched->pkts, (unsigned long long)watched->clear_pkts,
		(unsigned long long)watched->odd_pkts, (unsigned long long)watched->breaks,
		(unsigned long long)outcome->missed_pkts, (unsigned long long)outcome->dropped_pkts,
		(unsigned long long)outcome->guard_drops, (unsigned long long)verdict->opened,
		(unsigned long long)verdict->wrong_parity, (unsigned long long)verdict->wrong_period,
		(unsigned long long)verdict->unopened, (unsigned long long)verdict->clear,
		(unsigned long long)outcome->extended);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/search.h"

#include <stdbool.h>

enum {
	LEAST = 1000,  // a rate below this part of the highest is none
	MS_LEAST = 10, // of a trial: shorter ones say little
};

// One phase: trials of one length.
struct phase {
	const struct bench_search *search;
	bench_offer_fn *offer;
	void *context;
	unsigned ms;
	double width;
	struct bench_bracket *bracket;
};

// Offers a rate and puts it at its end of the bracket.
static int try_rate(struct phase *phase, double rate, bool *holds)
{
	double loss = 1;
	int rc = phase->offer(phase->context, rate, phase->ms, &loss);

	*holds = !rc && loss <= phase->search->loss;
	phase->bracket->trials++;
	if (!rc && *holds)
		phase->bracket->holds = rate;
	else if (!rc)
		phase->bracket->breaks = rate;
	return rc;
}

// Steps away from the guess, each twice as long as the one before, until the rate sought is in the bracket.
static int enclose(struct phase *phase, double guess)
{
	double highest = phase->search->highest, rate = guess < highest ? guess : highest, step = phase->width;
	bool first, holds;
	int rc = try_rate(phase, rate, &first);

	holds = first;
	while (!rc && holds == first) {
		if (first && rate >= highest)
			break;
		rate = first ? rate * (1 + step) : rate * (step < 0.5 ? 1 - step : 0.5);
		rate = rate < highest ? rate : highest;
		if (!first && rate < highest / LEAST)
			break;
		rc = try_rate(phase, rate, &holds);
		step *= 2;
	}
	return rc;
}

static int halve(struct phase *phase)
{
	struct bench_bracket *bracket = phase->bracket;
	bool holds;
	int rc = 0;

	while (!rc && bracket->holds > 0 && bracket->breaks - bracket->holds > phase->width * bracket->breaks)
		rc = try_rate(phase, (bracket->holds + bracket->breaks) / 2, &holds);
	return rc;
}

int bench_search_run(const struct bench_search *search, double guess, bench_offer_fn *offer, void *context,
		     struct bench_bracket *out)
{
	int rc = 0;

	*out = (struct bench_bracket){0};
	for (unsigned left = search->phases; left-- > 0 && !rc && guess > 0;) {
		unsigned ms = search->ms >> 2 * left;
		struct phase phase = {.search = search,
				      .offer = offer,
				      .context = context,
				      .ms = ms > MS_LEAST || left == 0 ? ms : MS_LEAST,
				      .width = search->width * (1U << left),
				      .bracket = out};

		out->holds = out->breaks = 0;
		rc = enclose(&phase, guess);
		if (!rc)
			rc = halve(&phase);
		guess = out->holds;
	}
	return rc;
}

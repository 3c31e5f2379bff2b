// SPDX-License-Identifier: GPL-3.0-or-later
// The highest rate at which no more than a given share is lost, by trials: climb or fall from a guess in growing steps
// until the rate is between one that holds and one that does not, then halve. First with short trials and a wide
// bracket, then with longer ones from where those ended; only trials of full length decide.
//
// Refs: RFC 2544 clauses 24, 26.1 (throughput); RFC 9411 and FD.io CSIT MLRsearch (growing trial length).
// Threads: main. Owns: nothing. Errors: those of the offer.
#pragma once

// Offers `rate` for `ms`. 0 with the share that was lost in *loss, or -errno, which ends the search.
typedef int bench_offer_fn(void *context, double rate, unsigned ms, double *loss);

struct bench_search {
	double loss;    // share that may be lost: 0 for NDR, 0.005 for PDR
	double width;   // of the last bracket, as a share of its upper end
	double highest; // never offered more
	unsigned ms;    // of the last trials; each phase before has a quarter of it, and twice the width
	unsigned phases;
};

struct bench_bracket {
	double holds;  // highest rate that held at full length; 0: none did
	double breaks; // lowest above it that did not; 0: none was offered that did not
	unsigned trials;
};

int bench_search_run(const struct bench_search *search, double guess, bench_offer_fn *offer, void *context,
		     struct bench_bracket *out);

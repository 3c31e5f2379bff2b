// SPDX-License-Identifier: GPL-3.0-or-later
// All trials of a case.
//
// Threads: main. Owns: nothing between calls. Errors: -errno with the reason in the list.
#pragma once

#include "path/rig.h"

struct bench_campaign {
	const struct bench_options *options;
	const struct base_clock *clock;
	struct dp_conf *conf; // room for the configuration of a case, BORROWED
};

// One run as fast as possible, and what is measured beside it, into c->sample[run].
int bench_campaign_run(const struct bench_campaign *campaign, struct bench_case *c, unsigned run,
		       struct base_errs *errs);

// NDR, PDR and the delays below NDR. The case has its runs.
int bench_campaign_search(const struct bench_campaign *campaign, struct bench_case *c, struct base_errs *errs);

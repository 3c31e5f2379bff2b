// SPDX-License-Identifier: GPL-3.0-or-later
// Opens caught packets and says whether each is what was sent, under the key and parity of the crypto-period it
// belongs to.
//
// A packet's tag says which one it is and when it was sent; the control words of a group follow one another at fixed
// times from its first PCR on. After an edge the period before may last until PCRs have told of it: that long both are
// right.
//
// Threads: main. Owns: key schedules. Errors: -ENOMEM.
#pragma once

#include <stdbool.h>

#include "path/compose.h"
#include "path/opener.h"
#include "path/sink.h"

struct bench_verdict_counts {
	uint64_t opened;       // as they were sent, all of them right but for the following
	uint64_t wrong_parity; // opened by a control word of the other parity than the packet says
	uint64_t wrong_period; // opened by that of another crypto-period than its own
	uint64_t unopened;     // by none, or not what was sent
	uint64_t clear;        // not scrambled, though its service is
};

struct bench_verdict {
	const struct bench_stream *stream; // by input, BORROWED
	unsigned programmes;               // of each
	const struct dp_conf *conf;        // of the case, BORROWED
	uint32_t period_ms;                // 0: one key for ever
	struct bench_opener opener;
	struct bench_verdict_counts counts;
};

// stream, programmes, conf and period_ms are set.
int bench_verdict_init(struct bench_verdict *verdict);
void bench_verdict_fini(struct bench_verdict *verdict);

// Judges one packet of a service. True, with its tag, when it is one that was sent, whatever its key.
bool bench_verdict_packet(struct bench_verdict *verdict, unsigned service, const uint8_t *packet,
			  struct bench_tag *tag);

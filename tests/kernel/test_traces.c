// SPDX-License-Identifier: GPL-3.0-or-later
// What a call leaves in the scratch: nothing that tells a key, in whatever shape a kernel holds its keys (copied,
// transposed, sliced into planes, transformed).
//
// The same lanes are run several times with other payloads, then again with other keys. A byte of the scratch that is
// the same for all payloads of one key, and another one for the other keys, can come from nothing but the key.
#include <stdlib.h>

#include <base_check.h>

#include "tests.h"

// Data that are a single bit, such as the byte of a plane that few lanes share, are the same so many times by chance
// once in 2^15.
enum { KEY_SETS = 2, PAYLOADS = 16, FEW = 3 };

// The scratch after runs with one set of keys.
struct traces {
	uint8_t *first;  // with the first payloads
	uint8_t *varies; // bits that were others with other payloads
};

static struct traces open_traces(size_t n)
{
	struct traces traces = {.first = malloc(n), .varies = calloc(1, n)};

	CHECK(traces.first && traces.varies);
	return traces;
}

static void close_traces(const struct traces *traces)
{
	free(traces->first);
	free(traces->varies);
}

static void add(const struct traces *traces, const uint8_t *scratch, size_t n, bool is_first)
{
	if (is_first)
		memcpy(traces->first, scratch, n);
	for (size_t at = 0; at < n; at++)
		traces->varies[at] |= scratch[at] ^ traces->first[at];
}

static unsigned count(const struct traces *a, const struct traces *b, size_t n, size_t *first)
{
	unsigned found = 0;

	for (size_t at = n; at-- > 0;)
		if (!a->varies[at] && !b->varies[at] && a->first[at] != b->first[at]) {
			*first = at;
			found++;
		}
	return found;
}

// Every lane has a key of its own; keys, lengths and places are the same in each run of a set.
static void run(struct trial *trial, struct kernel *kernel, enum direction direction, unsigned n)
{
	struct dp_lane lane[DP_CIPHER_LANES_MAX];

	for (unsigned i = 0; i < n; i++) {
		struct place src = ground_place(&trial->src, i, i % ALIGNMENTS);
		struct place dst = ground_place(&trial->dst, i, 0);

		rng_fill(&trial->rng, src.at, READ_BYTES_MAX);
		lane[i] = (struct dp_lane){.src = src.at,
					   .dst = dst.at,
					   .key = kernel_key(kernel, i),
					   .n = trial->packets.at[i].n};
	}
	kernel_run(kernel, direction, lane, n);
}

static void set_other_keys(struct trial *trial, struct kernel *kernel)
{
	uint8_t cw[DP_CW_MAX_BYTES];

	for (unsigned k = 0; k < trial->packets.keys; k++) {
		rng_fill(&trial->rng, cw, sizeof(cw));
		kernel_set_key(kernel, k, cw);
	}
}

static void look(struct trial *trial, struct kernel *kernel, enum direction direction, unsigned n)
{
	size_t bytes = kernel->ops->scratch_bytes, first = 0;
	struct traces traces[KEY_SETS];
	unsigned found;

	for (unsigned set = 0; set < KEY_SETS; set++) {
		traces[set] = open_traces(bytes);
		set_other_keys(trial, kernel);
		for (unsigned p = 0; p < PAYLOADS; p++) {
			// What missing lanes are made of is of the batch before, and so of other payloads too.
			if (n == FEW)
				run(trial, kernel, direction, trial->packets.count);
			run(trial, kernel, direction, n);
			add(&traces[set], kernel->scratch, bytes, p == 0);
		}
	}
	found = count(&traces[0], &traces[1], bytes, &first);
	if (found)
		trial_fail(trial, kernel, "%s of %u lanes leaves %u bytes in the scratch that tell keys, from %zu on",
			   direction_name[direction], n, found, first);
	for (unsigned set = 0; set < KEY_SETS; set++)
		close_traces(&traces[set]);
}

void test_traces(struct trial *trial)
{
	enum { BRIEF = 65 };
	unsigned n = trial->brief ? BRIEF : PACKETS_MAX;

	trial_draw(trial, n, n, ANY_LENGTH);
	for (unsigned i = 0; i < trial->count; i++)
		for (unsigned d = 0; d < DIRECTIONS; d++) {
			look(trial, &trial->kernel[i], (enum direction)d, n);
			look(trial, &trial->kernel[i], (enum direction)d, FEW);
		}
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Where payloads lie during a test: open ground with room around each for any alignment, and guarded ground whose
// pages stand alone between pages that nobody may touch.
//
// Threads: one. Owns: its pages.
#pragma once

#include <stdint.h>

#include "packets.h"

// Where one payload lies, and around it what must stay as it is.
struct place {
	uint8_t *at;
	uint8_t *first, *end; // what is watched, the payload within
};

struct ground {
	uint8_t *map;
	size_t map_bytes, page_bytes;
};

// One piece of ground per lane, `lanes` of them; guarded or open. CHECKs that there is memory.
void ground_open(struct ground *ground, unsigned lanes, bool guarded);
void ground_close(struct ground *ground);

enum { ALIGNMENTS = 64 };

// Open ground: piece `i`, `offset` (0..63) bytes behind a multiple of 64.
struct place ground_place(const struct ground *ground, unsigned i, unsigned offset);

// Guarded ground: the first of the page's bytes, or the last `n` of them.
struct place ground_at_start(const struct ground *ground, unsigned i);
struct place ground_at_end(const struct ground *ground, unsigned i, unsigned n);

// SPDX-License-Identifier: GPL-3.0-or-later
// What the guard keeps of a payload as it came: words of it, with which it compares what leaves (stage/guard.c).
//
// Threads: the worker's. Errors: none.
#pragma once

#include <stdint.h>
#include <string.h>

#include "stage/dgram.h"

enum { DP_NOTE_WORD_BYTES = 8, DP_NOTE_LEAST_BYTES = 4 };

static inline uint64_t dp_note_load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

// Takes the word of the payload at `at`, and makes that of the slot one of a null packet.
static inline void dp_note_word(struct dp_note *note, unsigned i, const uint8_t *packet, uint8_t *slot, unsigned at)
{
	static const uint64_t null_word = UINT64_MAX;

	note->offset[i] = (uint8_t)at;
	note->word[i] = dp_note_load(packet + at);
	memcpy(slot + at, &null_word, sizeof(null_word));
}

// Notes a payload of which the algorithm changes `covered` bytes, from `offset` on: first word, last word and two that
// change from packet to packet (`turn`), so that a fault in any part of a payload is seen within a few packets. Of
// less than a word, the one that ends where it ends. The same words of its slot become those of a null packet, by which
// the guard knows that nobody has written it.
static inline void dp_note_take(struct dp_note *note, const uint8_t *packet, uint8_t *slot, unsigned offset,
				unsigned covered, uint32_t turn)
{
	unsigned words = covered / DP_NOTE_WORD_BYTES;

	note->n = 0;
	if (words == 0) {
		if (covered >= DP_NOTE_LEAST_BYTES)
			dp_note_word(note, note->n++, packet, slot, offset + covered - DP_NOTE_WORD_BYTES);
		return;
	}
	// The golden ratio's steps come by every word evenly; the product's upper half is a remainder without division.
	uint32_t step = turn * UINT32_C(2654435769), other = step + UINT32_C(0x80000000);

	note->n = DP_NOTE_WORDS;
	dp_note_word(note, 0, packet, slot, offset);
	dp_note_word(note, 1, packet, slot, offset + (words - 1) * DP_NOTE_WORD_BYTES);
	dp_note_word(note, 2, packet, slot, offset + (unsigned)((uint64_t)step * words >> 32) * DP_NOTE_WORD_BYTES);
	dp_note_word(note, 3, packet, slot, offset + (unsigned)((uint64_t)other * words >> 32) * DP_NOTE_WORD_BYTES);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The guard: looks at what leaves, not at what was meant. It compares words of each payload, noted when the packet
// was received, with what stands in the slot; and before a packet is copied as it is, it looks at its PID.
//
// A scrambled word equals its clear one by chance once in 2^64 words. A payload shorter than a word is compared with
// what stands before it, which does not change: once in 2^32 at least, and one of less than four bytes is not compared.
#include "stage/stage.h"

#include <string.h>

#include "fault/fault.h"

enum { WORD_BYTES = 8, LEAST_BYTES = 4 };

static uint64_t load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

// The word that ends where the payload ends.
static void note_short(struct dp_note *note, const uint8_t *packet, unsigned end)
{
	note->n = 1;
	note->offset[0] = (uint8_t)(end - WORD_BYTES);
	note->word[0] = load(packet + note->offset[0]);
}

// First word, last word and two that change from packet to packet, so that a fault in any part of a payload is seen
// within a few packets.
void dp_guard_note(struct dp_note *note, const uint8_t *packet, unsigned offset, unsigned covered, uint32_t turn)
{
	unsigned words = covered / WORD_BYTES;

	note->n = 0;
	if (words == 0) {
		if (covered >= LEAST_BYTES)
			note_short(note, packet, offset + covered);
		return;
	}
	// The golden ratio's steps come by every word evenly; the product's upper half is a remainder without division.
	uint32_t step = turn * UINT32_C(2654435769);
	const unsigned at[DP_NOTE_WORDS] = {0, words - 1, (unsigned)((uint64_t)step * words >> 32),
					    (unsigned)((uint64_t)(step + UINT32_C(0x80000000)) * words >> 32)};

	note->n = DP_NOTE_WORDS;
	for (unsigned i = 0; i < DP_NOTE_WORDS; i++) {
		note->offset[i] = (uint8_t)(offset + at[i] * WORD_BYTES);
		note->word[i] = load(packet + note->offset[i]);
	}
}

void dp_guard_unwritten(const struct dp_note *note, uint8_t *slot)
{
	static const uint64_t word = UINT64_MAX;

	for (unsigned i = 0; i < note->n; i++)
		memcpy(slot + note->offset[i], &word, sizeof(word));
}

// True when a noted word stands as it came, or as the null packet was born.
static bool unchanged(const struct dp_note *note, const uint8_t *slot)
{
	for (unsigned i = 0; i < note->n; i++) {
		uint64_t word = load(slot + note->offset[i]);

		if (word == note->word[i] || word == UINT64_MAX)
			return true;
	}
	return false;
}

bool dp_guard_forbids(const struct dp_input *input, const uint8_t *packet)
{
	return !DP_FAULT(GUARD_OFF) && input->pid[ts_packet_pid(packet)].action == DP_ACTION_SCRAMBLE &&
	       ts_packet_tsc(packet) == TS_TSC_CLEAR && ts_packet_has_payload(packet);
}

static int judge(const struct dp_dgram *dgram, unsigned i)
{
	const uint8_t *slot = dgram->ts + i * TS_PACKET_BYTES;

	switch ((enum dp_slot_kind)dgram->kind[i]) {
	case DP_SLOT_WAITS:
		return DP_DROP_GUARD_UNSEALED;
	case DP_SLOT_SEALED:
		return unchanged(&dgram->note[i], slot) ? DP_DROP_GUARD_CLEAR : -1;
	default:
		return -1;
	}
}

void dp_stage_guard(struct dp_dgram *dgram)
{
	if (DP_FAULT(GUARD_OFF))
		return;
	for (unsigned i = 0; i < dgram->slots; i++) {
		int reason = judge(dgram, i);

		if (reason < 0)
			continue;
		ts_packet_null(dgram->ts + i * TS_PACKET_BYTES);
		dgram->kind[i] = DP_SLOT_NULL;
		dp_count(&dgram->output->stats.drops[reason], 1);
	}
}

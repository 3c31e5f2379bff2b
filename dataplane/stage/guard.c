// SPDX-License-Identifier: GPL-3.0-or-later
// The guard: looks at what leaves, not at what was meant. It compares words of each payload, as it was received,
// with what stands in the slot; and before a packet is copied as it is, it looks at its PID.
//
// A scrambled word equals its clear one by chance once in 2^64 words. A payload shorter than a word is compared with
// what stands before it, which does not change: once in 2^32 at least, and one of less than four bytes is not compared.
#include "fault/fault.h"
#include "stage/note.h"
#include "stage/stage.h"

// True when a noted word stands as it came, or as the null packet was born.
static bool unchanged(const struct dp_note *note, const uint8_t *slot)
{
	for (unsigned i = 0; i < note->n; i++) {
		uint64_t word = dp_note_load(slot + note->offset[i]);

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
		dgram->nulls++;
		dp_count(&dgram->output->stats.drops[reason], 1);
	}
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The guard: what it notes of a payload, and what it says of each kind of slot.
#include <stdlib.h>
#include <string.h>

#include <unit.h>

#include "stage/note.h"
#include "stage/stage.h"

static struct dp_input input;
static struct dp_output output;
static struct dp_dgram dgram;
static uint8_t ts[DP_DGRAM_TS_BYTES], clear[TS_PACKET_BYTES], born[TS_PACKET_BYTES];

enum { PID = 0x101 };

static void packet(uint8_t fill)
{
	memset(clear, fill, sizeof(clear));
	memcpy(clear, "\x47\x01\x01\x10", 4);
}

// A datagram of one slot of this kind, holding the packet as it came.
static void lay(enum dp_slot_kind kind)
{
	memset(&input, 0, sizeof(input));
	memset(&output, 0, sizeof(output));
	output.input = &input;
	input.pid[PID].action = DP_ACTION_SCRAMBLE;
	dgram = (struct dp_dgram){.output = &output, .ts = ts, .slots = 1};
	dgram.kind[0] = (uint8_t)kind;
	memcpy(ts, clear, sizeof(clear));
}

static bool passes(void)
{
	dp_stage_guard(&dgram);
	return ts_packet_pid(ts) != TS_PID_NULL;
}

// True when the slot became a null packet, counted under this reason alone.
static bool blocked(enum dp_drop reason)
{
	uint8_t null_packet[TS_PACKET_BYTES];

	dp_stage_guard(&dgram);
	ts_packet_null(null_packet);
	for (int i = 0; i < DP_DROPS; i++)
		if (output.stats.drops[i] != (i == (int)reason))
			return false;
	return memcmp(ts, null_packet, sizeof(null_packet)) == 0 && dgram.kind[0] == DP_SLOT_NULL;
}

static void unsealed(void)
{
	packet(0xAB);
	lay(DP_SLOT_WAITS);
	CU_ASSERT_TRUE(blocked(DP_DROP_GUARD_UNSEALED));
}

static void sealed(void)
{
	packet(0xAB);
	lay(DP_SLOT_SEALED);
	dp_note_take(&dgram.note[0], clear, born, 4, 184, 0);
	for (unsigned i = 4; i < TS_PACKET_BYTES; i++)
		ts[i] = (uint8_t)(i * 37);
	CU_ASSERT_TRUE(passes());
	CU_ASSERT_EQUAL(dgram.kind[0], DP_SLOT_SEALED);
}

// As it came, whatever it holds: uniform payloads are as clear as others.
static void left_as_it_came(void)
{
	static const uint8_t fills[] = {0x00, 0xFF, 0x47, 0xAB};

	for (unsigned i = 0; i < sizeof(fills); i++)
		for (uint32_t turn = 0; turn < 50; turn++) {
			packet(fills[i]);
			lay(DP_SLOT_SEALED);
			dp_note_take(&dgram.note[0], clear, born, 4, 184, turn);
			CU_ASSERT_TRUE(blocked(DP_DROP_GUARD_CLEAR));
		}
}

// Sealed over the null packet that the slot was born as: nothing was written.
static void left_as_it_was_born(void)
{
	packet(0x33);
	lay(DP_SLOT_SEALED);
	dp_note_take(&dgram.note[0], clear, born, 4, 184, 0);
	memset(ts + 4, 0xFF, TS_PACKET_BYTES - 4);
	CU_ASSERT_TRUE(blocked(DP_DROP_GUARD_CLEAR));
}

// Any single word that stands as it came is seen within as many packets as there are words.
static void every_word_is_looked_at(void)
{
	for (unsigned word = 0; word < 23; word++) {
		unsigned seen = 0;

		for (uint32_t turn = 0; turn < 23; turn++) {
			packet(0x33);
			lay(DP_SLOT_SEALED);
			dp_note_take(&dgram.note[0], clear, born, 4, 184, turn);
			memset(ts + 4, 0x5A, TS_PACKET_BYTES - 4);
			memset(ts + 4 + word * 8, 0x33, 8);
			seen += !passes();
		}
		CU_ASSERT_TRUE(seen >= 1);
		if (word == 0 || word == 22)
			CU_ASSERT_EQUAL(seen, 23); // the first and last always
	}
}

static void notes_stay_inside(void)
{
	for (unsigned covered = 0; covered <= 184; covered++)
		for (uint32_t turn = 0; turn < 40; turn += 3) {
			unsigned offset = TS_PACKET_BYTES - covered;
			struct dp_note note;

			dp_note_take(&note, clear, born, offset, covered, turn);
			CU_ASSERT_EQUAL(note.n, covered < 4 ? 0 : covered < 8 ? 1 : DP_NOTE_WORDS);
			for (unsigned i = 0; i < note.n; i++) {
				CU_ASSERT_TRUE(note.offset[i] >= offset || covered < 8);
				CU_ASSERT_TRUE(note.offset[i] + 8u <= TS_PACKET_BYTES);
			}
		}
}

// CISSA leaves up to 15 bytes at the end clear, which the guard must not take for a failure.
static void residue_is_not_noted(void)
{
	packet(0x33);
	lay(DP_SLOT_SEALED);
	dp_note_take(&dgram.note[0], clear, born, 4, 176, 7);
	memset(ts + 4, 0x5A, 176);
	CU_ASSERT_TRUE(passes());
}

static void shorter_than_a_word(void)
{
	packet(0x33);
	lay(DP_SLOT_SEALED);
	dp_note_take(&dgram.note[0], clear, born, 181, 0, 0);
	CU_ASSERT_TRUE(passes());
}

// IDSA covers payloads of any length: those of 4 to 7 bytes are compared together with what stands before them.
static void short_but_covered(void)
{
	for (unsigned n = 4; n < 8; n++) {
		unsigned offset = TS_PACKET_BYTES - n;

		packet(0x33);
		lay(DP_SLOT_SEALED);
		dp_note_take(&dgram.note[0], clear, born, offset, n, 0);
		CU_ASSERT_TRUE(blocked(DP_DROP_GUARD_CLEAR));
		lay(DP_SLOT_SEALED);
		dp_note_take(&dgram.note[0], clear, born, offset, n, 0);
		ts[TS_PACKET_BYTES - 1] ^= 1;
		CU_ASSERT_TRUE(passes());
	}
}

// Asked before a packet is copied as it is.
static void clear_on_a_scrambled_pid(void)
{
	packet(0x33);
	lay(DP_SLOT_NULL);
	CU_ASSERT_TRUE(dp_guard_forbids(&input, clear));
	input.pid[PID].action = DP_ACTION_CLEAR;
	CU_ASSERT_FALSE(dp_guard_forbids(&input, clear));

	input.pid[PID].action = DP_ACTION_SCRAMBLE;
	ts_packet_set_tsc(clear, TS_TSC_ODD);
	CU_ASSERT_FALSE(dp_guard_forbids(&input, clear));
	clear[3] = 0x20; // an adaptation field alone
	clear[4] = 183;
	CU_ASSERT_FALSE(dp_guard_forbids(&input, clear));
}

static void others_pass(void)
{
	packet(0x33);
	lay(DP_SLOT_PSI);
	CU_ASSERT_TRUE(passes());
	lay(DP_SLOT_NULL);
	CU_ASSERT_TRUE(passes());
}

// Only the slot that fails is blocked.
static void neighbours_leave(void)
{
	packet(0x33);
	lay(DP_SLOT_PSI);
	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++) {
		memcpy(ts + i * TS_PACKET_BYTES, clear, sizeof(clear));
		dgram.kind[i] = i == 3 ? DP_SLOT_WAITS : DP_SLOT_PSI;
	}
	dgram.slots = DP_DGRAM_SLOTS;
	dp_stage_guard(&dgram);
	for (unsigned i = 0; i < DP_DGRAM_SLOTS; i++)
		CU_ASSERT_EQUAL(ts_packet_pid(ts + i * TS_PACKET_BYTES), i == 3 ? TS_PID_NULL : PID);
	CU_ASSERT_EQUAL(output.stats.drops[DP_DROP_GUARD_UNSEALED], 1);
}

static const struct unit_test tests[] = {
	{"unsealed", unsealed},
	{"sealed", sealed},
	{"left as it came", left_as_it_came},
	{"left as it was born", left_as_it_was_born},
	{"every word is looked at", every_word_is_looked_at},
	{"notes stay inside", notes_stay_inside},
	{"residue is not noted", residue_is_not_noted},
	{"shorter than a word", shorter_than_a_word},
	{"short but covered", short_but_covered},
	{"clear on a scrambled PID", clear_on_a_scrambled_pid},
	{"others pass", others_pass},
	{"neighbours leave", neighbours_leave},
};

UNIT_MAIN("guard", tests)

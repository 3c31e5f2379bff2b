// SPDX-License-Identifier: GPL-3.0-or-later
// The CA client: takes the ECM sections of a programme, and gives their words to the ones that open packets.
//
// An ECM repeats many times in its crypto-period; only a section unlike the last one is looked into. Its life:
// form, version, suite, ca_subsystem_id, service key, MAC, age, ladder; the first step that fails is the verdict.
// "Replayed" is an authentic ECM whose time and whose cp_number (modulo 65536) are both earlier than those of the last
// one that was opened on this PID: a restarted head-end counts crypto-periods anew, and a corrected clock goes back.
// Where both happen at once, as when a recording is played in a loop, the ECM of the crypto-period after the refused
// one is opened again: what goes on is no replay.
//
// Refs: docs/ecm.md; ITU-T J.1027 clause 6.2.1; ETSI TS 103 197 (CP_number).
// Threads: one owner. Owns: the client its ladder and two locked words, an ECM stream its counters; keys are BORROWED.
// Errors: -ENOMEM; verdicts of stb_ecm.h.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stb_ecm.h>
#include <stb_keys.h>
#include <stb_klad.h>
#include <stb_words.h>

struct stb_client {
	const struct stb_keys *keys;
	struct stb_klad klad;
	struct base_secret words; // even, odd: STB_ECW_MAX_BYTES each, only while an ECM is opened
};

// The ECMs of one programme.
struct stb_ecm_stream {
	uint16_t pid;          // TS_PID_NULL: none
	uint16_t ca_system_id; // of the CA_descriptor
	uint64_t pid_changes;  // moves of the ECM PID
	size_t last_bytes;     // of `last`, 0: none yet
	uint8_t last[STB_ECM_MAX_BYTES];
	uint64_t received; // sections: repeats and every verdict
	uint64_t repeats;  // the section before again
	uint64_t verdict[STB_ECM_VERDICTS];
	uint16_t cp_first, cp_last; // of opened ECMs, when there were any
	uint64_t cp_gaps;           // places where numbers are missing, or go back
	uint16_t service_key_id;    // of the last opened ECM
	uint64_t service_key_changes;
	uint32_t time_s; // of the last opened ECM
	bool fresh;      // nothing was opened on this PID yet: nothing is a replay
	struct {         // the last replay, since the last ECM that was opened
		bool known;
		uint16_t cp_number;
		uint32_t time_s;
	} replay;
};

int stb_client_init(struct stb_client *client, const struct stb_keys *keys);
void stb_client_fini(struct stb_client *client);

void stb_ecm_stream_init(struct stb_ecm_stream *stream);

// Listens to another PID from now on, TS_PID_NULL for none. What was counted stays.
void stb_ecm_stream_move(struct stb_ecm_stream *stream, uint16_t pid, uint16_t ca_system_id);

// Looks into the next section even when it is the last one again: the descrambler has changed.
void stb_ecm_stream_forget(struct stb_ecm_stream *stream);

// Takes a section of `n` bytes with an ECM's table_id (BORROWS) and gives its words to `words`.
void stb_ecm_stream_take(struct stb_ecm_stream *stream, struct stb_client *client, struct stb_words *words,
			 const uint8_t *section, size_t n);

// Sections refused, of all verdicts.
uint64_t stb_ecm_stream_refused(const struct stb_ecm_stream *stream);

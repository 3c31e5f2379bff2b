// SPDX-License-Identifier: GPL-3.0-or-later
// Follows one programme through its schedule: which CW opens this packet?
//
// A receiver that joins does not know where in the schedule the air is. It tries the CWs of the seen parity on packets
// that begin a PES (these open to 00 00 01) until one candidate is left; from then on every change of parity is one
// crypto-period forward, proved again on the next PES start and searched again when the proof fails.
//
// Refs: ETSI TS 100 289 (parity); ISO/IEC 13818-1 clause 2.4.3.7 (packet_start_code_prefix), 2.4.3.3 (duplicates).
// Threads: one owner. Owns: two keys and the list of candidates; schedule and group are BORROWED.
// Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stb_descramble.h>
#include <stb_schedule.h>
#include <ts_packet.h>

// What became of a scrambled packet.
enum stb_result {
	STB_OPENED,
	STB_WAITING,      // the place in the schedule is not known yet
	STB_LOST,         // it was known once
	STB_NO_CW,        // no CW of this parity, or the schedule is over
	STB_NO_GROUP,     // no scrambling group was given for the programme
	STB_NO_ECM,       // the PMT names no ECM PID of the CA system for it
	STB_NO_CIPHER,    // no descrambler for the signalled algorithm, or CWs of the wrong length for it
	STB_NO_PROGRAMME, // no selected programme lists the PID (yet)
	STB_BROKEN,       // transport_error_indicator, reserved TSC 01 or a malformed adaptation field
	STB_RESULTS
};

// After a flip the PIDs of a programme may still bring a packet of the old parity when a network turned two around;
// later than this it is the next flip. A crypto-period of 1000 ms of the leanest radio has more packets.
#define STB_LATE_PKTS 16

// What is remembered per PID.
struct stb_follower_pid {
	bool used;      // `index` and `last` hold
	bool proven;    // a PES start of this PID opened once
	bool pes;       // the stream_type carries PES packets (set by the owner)
	uint32_t index; // of the last opened packet: its crypto-period, or its word (stb_words.h)
	uint64_t pes_starts, pes_good;
	uint8_t last[TS_PACKET_BYTES]; // as received
};

struct stb_follower {
	const struct stb_schedule *schedule;
	const struct stb_group *group;   // NULL: none given
	const struct stb_cipher *cipher; // NULL: none for the algorithm
	bool held;                       // `current` is known
	bool was_held, ended;
	bool verified;    // the current CW opened a PES start
	uint32_t current; // crypto-period on air
	unsigned parity;  // last one seen, 0: none
	unsigned since_flip_pkts;
	struct {
		void *key;
		bool set;
		uint32_t index;
	} slot[2];           // even, odd
	uint32_t *candidate; // while searching; group->n of them
	size_t candidates;
	unsigned trials; // PES starts they passed
	uint64_t flips, acquired, reacquired, searches_failed;
};

// Starts searching. `group` may be NULL.
int stb_follower_init(struct stb_follower *f, const struct stb_schedule *schedule, const struct stb_group *group);
void stb_follower_fini(struct stb_follower *f);

// Changes the algorithm; the place in the schedule stays. `cipher` may be NULL.
int stb_follower_set_cipher(struct stb_follower *f, const struct stb_cipher *cipher);

// Takes a packet with payload and TSC 10 or 11. When it returns STB_OPENED the payload is clear and TSC is 00, else the
// packet is as it was.
enum stb_result stb_follower_open(struct stb_follower *f, struct stb_follower_pid *pid, uint8_t *packet);

// True when the payload of an opened packet begins a PES.
bool stb_pes_begins(const uint8_t *packet);

// Memory of a PID (follower_pid.c). True when `packet` is the last opened one again, as received: header and payload
// are equal, the PCR may be new.
bool stb_follower_pid_repeats(const struct stb_follower_pid *pid, const uint8_t *packet);
// True when the packet begins a PES where the cipher reaches it, so that it can prove a CW.
bool stb_follower_pid_proves(const struct stb_follower_pid *pid, const struct stb_cipher *cipher,
			     const uint8_t *packet);
// Remembers and counts a packet that was opened: `raw` as received, `opened` as it is now, `index` of its CW.
void stb_follower_pid_note(struct stb_follower_pid *pid, const struct stb_cipher *cipher, const uint8_t *raw,
			   const uint8_t *opened, uint32_t index);

// Search, for the follower itself (acquire.c). `packet` is a PES start as received, BORROWED.
// Takes the candidates that open it; returns how many are left. Without candidates it begins with all of the parity.
size_t stb_acquire_try(struct stb_follower *f, const uint8_t *packet);
// All candidates go one crypto-period forward.
void stb_acquire_flip(struct stb_follower *f);
// The key for a crypto-period.
void *stb_follower_key(struct stb_follower *f, uint32_t index);

// SPDX-License-Identifier: GPL-3.0-or-later
// The control words of one programme, as its ECMs bring them: an even and an odd one, and which opens this packet.
//
// A packet is opened by the word that its parity has. Three rules say when a parity gets a word:
//
// 1. The word of an ECM's own crypto-period (the parity of its cp_number) counts at once when that parity is on air: it
//    is of the period on air.
// 2. The word of the other parity is of the period before (lead_CW 0) or after (lead_CW 1). While that parity is on air
//    with a word that is good, it is of the period after the next flip and waits. Good is a word that opened a PES
//    start since the flip, or one whose ECM brought an own word that was here before already; never one that opened
//    none of the PES starts there were.
// 3. A word of a parity that is not on air waits until the parity comes on air: shortly after a flip a packet of the
// old
//    one may still come.
//
// A word that waits may be of another length than the descrambler takes: it is for the algorithm behind the flip.
//
// The word before the last of each parity is kept for duplicates: a duplicate is opened by the word of its original.
// An ECM that is more than one crypto-period early would break rule 1.
//
// Refs: ETSI TS 103 197 (parity of CP_number and CW, delay_start, lead_CW); ETSI TS 100 289 (parity); ISO/IEC 13818-1
// clauses 2.4.3.3 (duplicates), 2.4.3.7.
// Threads: one owner. Owns: six descrambler keys; the room for the words is BORROWED and wiped by fini.
// Errors: -ENOMEM, -EINVAL for a word that is none of the descrambler.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stb_descramble.h>
#include <stb_follower.h>
#include <stb_klad.h>

enum { STB_WORD_CURRENT, STB_WORD_PREVIOUS, STB_WORD_WAITING, STB_WORD_PLACES };

#define STB_WORDS_BYTES (2u * STB_WORD_PLACES * STB_ECW_MAX_BYTES)

struct stb_word {
	uint8_t *cw;        // STB_ECW_MAX_BYTES in locked memory
	size_t n;           // 0: no word
	void *key;          // of the descrambler
	bool keyed;         // the key is that of the word
	uint32_t serial;    // which word it is, 0: none
	bool used;          // it opened a packet
	bool since_known;   // `since` holds
	uint64_t since;     // when its ECM came, in 27 MHz
	uint64_t good, bad; // PES starts opened and not, since this parity came on air
};

// Media time from the ECM that brought a word to the first packet it opened.
struct stb_lead {
	uint64_t n; // words
	int64_t first_27mhz, last_27mhz, min_27mhz, max_27mhz;
};

struct stb_words {
	const struct stb_cipher *cipher;          // NULL: none for the algorithm
	struct stb_word word[2][STB_WORD_PLACES]; // even, odd
	uint32_t serials;                         // words so far
	unsigned parity;                          // on air, TSC; 0: none seen
	unsigned since_flip_pkts;
	uint64_t flips;
	uint64_t proved;      // crypto-periods in which a PES start opened
	bool clock_known;     // `clock_27mhz` holds
	uint64_t clock_27mhz; // the programme's last PCR, set by the owner
	struct stb_lead lead;
};

// `room` is STB_WORDS_BYTES of locked memory, BORROWED.
void stb_words_init(struct stb_words *w, uint8_t *room);
void stb_words_fini(struct stb_words *w);

// Changes the descrambler; words that fit the new one stay. `cipher` may be NULL.
int stb_words_set_cipher(struct stb_words *w, const struct stb_cipher *cipher);

// Takes the words of an authentic ECM: `n` bytes each, NULL for a parity without one; BORROWED from locked memory. 0,
// or -EINVAL when one that does not wait does not fit the descrambler: then nothing is changed.
int stb_words_take(struct stb_words *w, unsigned cp_number, const uint8_t *even, const uint8_t *odd, size_t n);

// Takes a packet with payload and TSC 10 or 11. When it returns STB_OPENED the payload is open and TSC is 00, else the
// packet is as it was.
enum stb_result stb_words_open(struct stb_words *w, struct stb_follower_pid *pid, uint8_t *packet);

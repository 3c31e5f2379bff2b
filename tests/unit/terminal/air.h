// SPDX-License-Identifier: GPL-3.0-or-later
// A synthetic programme on air for the terminal's tests: made clear, and scrambled with the libraries directly.
//
// Threads: one owner. Owns: air_new GIVES memory that air_free returns.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stb_receiver.h>

enum { AIR_PMT = 0x100, AIR_VIDEO = 0x101, AIR_AUDIO = 0x102, AIR_SPLICE = 0x103, AIR_PROGRAM = 7 };

struct air_plan {
	enum stb_algorithm algorithm; // of the scrambler
	int scrambling_mode;          // signalled, -1: no descriptor
	size_t periods, period_pkts;
	unsigned first_cp;
	uint8_t cw[16][STB_CW_MAX_BYTES]; // per crypto-period
};

struct air {
	size_t n;
	uint8_t (*clear)[TS_PACKET_BYTES];
	uint8_t (*aired)[TS_PACKET_BYTES];
};

// Fills the CWs with a pattern of their own each; for CSA1 with its sums.
void air_keys(struct air_plan *plan);
void air_new(struct air *air, const struct air_plan *plan);
void air_free(struct air *air);

// Scrambles one packet that carries payload.
void air_scramble(uint8_t *packet, enum stb_algorithm algorithm, const uint8_t *cw, unsigned parity);

// Writes PAT and PMT of the programme; returns 2 (packets). `version` is the PMT's, `audio` whether it lists the audio.
size_t air_psi(uint8_t (*packets)[TS_PACKET_BYTES], int scrambling_mode, uint8_t version, bool audio, uint8_t cc);

// The schedule of a plan as text, with `periods` of its CWs from `from` on. Returns the length.
size_t air_schedule(char *text, size_t capacity, const struct air_plan *plan, size_t from, size_t periods, bool repeat);

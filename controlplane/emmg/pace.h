// SPDX-License-Identifier: GPL-3.0-or-later
// Keeping within the bandwidth that the MUX has allocated: a bucket of bits that fills at its rate and holds at most
// CAS_PACE_BURST_MS of it. What is larger than the bucket goes in debt, and nothing follows until the debt is paid; so
// over any time no more is sent than the allocation, one burst and one section.
//
// Refs: ETSI TS 103 197 clause 6.2 (bandwidth, kbit/s of transport packets). Threads: the loop's. Owns: nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAS_PACE_BURST_MS 50

struct cas_pace {
	uint32_t rate_kbps;
	int64_t millibits; // negative: a debt
	uint64_t last_us;
};

// Bits on air of a section of `n` bytes: the packets that it takes by itself.
uint32_t cas_pace_section_bits(size_t n);

// A new allocation from `now_us` on; 0 stops. What was saved or owed stays within the new bounds.
void cas_pace_set(struct cas_pace *pace, uint32_t rate_kbps, uint64_t now_us);
// True when something may be sent at `now_us`, which never goes back.
bool cas_pace_ready(struct cas_pace *pace, uint64_t now_us);
// Counts what was sent.
void cas_pace_take(struct cas_pace *pace, uint32_t bits);
// Microseconds until something may be sent; UINT64_MAX without an allocation.
uint64_t cas_pace_wait_us(const struct cas_pace *pace);

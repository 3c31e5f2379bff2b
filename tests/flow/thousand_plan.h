// SPDX-License-Identifier: GPL-3.0-or-later
// What the judge of the thousand services is told: where each service may be on air, and its control words.
//
//   service NAME            what follows is of it
//   pid ADDRESS PID         one of its elementary PIDs, in the output of this multicast address
//   word csa2|cissa HEX     the next of its crypto-periods; the first is even
//
// Threads: one owner. Owns: thousand_plan_read GIVES what thousand_plan_free returns.
// Errors: -EBADMSG with the line printed, -ENOMEM, -errno of fopen.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <thousand_open.h>

enum { THOUSAND_NAME_BYTES = 64, THOUSAND_SERVICES_MAX = 1100, THOUSAND_WORDS_MAX = 256, THOUSAND_PLACES = 1 << 14 };

struct thousand_word {
	bool cissa;
	uint8_t cw[THOUSAND_CW_MAX_BYTES];
};

struct thousand_service {
	char name[THOUSAND_NAME_BYTES];
	struct thousand_word word[THOUSAND_WORDS_MAX];
	size_t words;
};

// A PID of an output; a hash table of them by both.
struct thousand_place {
	uint32_t address; // host order; 0: free
	uint16_t pid;
	uint16_t service; // index
};

struct thousand_plan {
	struct thousand_service *service;
	size_t services;
	struct thousand_place place[THOUSAND_PLACES];
};

int thousand_plan_read(struct thousand_plan *plan, const char *path);
void thousand_plan_free(struct thousand_plan *plan);

// The place of a PID, BORROWED, or NULL.
const struct thousand_place *thousand_plan_find(const struct thousand_plan *plan, uint32_t address, uint16_t pid);

// Whether an output of the plan has this address.
bool thousand_plan_has(const struct thousand_plan *plan, uint32_t address);

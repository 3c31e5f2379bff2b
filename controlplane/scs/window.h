// SPDX-License-Identifier: GPL-3.0-or-later
// Which crypto-periods' control words a CW_provision carries, and which an ECM has promised to receivers.
//
// Refs: ETSI TS 103 197 (lead_CW, CW_per_msg): the CW_provision for n carries those of n+1+lead-per_msg .. n+lead.
// Threads: any; pure. CP_numbers wrap.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CP_WINDOW_LEAD_MAX    3
#define CP_WINDOW_PER_MSG_MAX 4

struct cp_window {
	uint8_t lead_cw;
	uint8_t cw_per_msg;
};

// True for values that this SCS takes.
static inline bool cp_window_valid(const struct cp_window *window)
{
	return window->lead_cw <= CP_WINDOW_LEAD_MAX && window->cw_per_msg >= 1 &&
	       window->cw_per_msg <= CP_WINDOW_PER_MSG_MAX;
}

// First and last CP_number in the CW_provision for `cp`.
static inline uint16_t cp_window_first(const struct cp_window *window, uint16_t cp)
{
	return (uint16_t)(cp + 1 + window->lead_cw - window->cw_per_msg);
}

static inline uint16_t cp_window_last(const struct cp_window *window, uint16_t cp)
{
	return (uint16_t)(cp + window->lead_cw);
}

// Control words that the ECM of a period holds for itself and the periods after it.
static inline unsigned cp_window_promised(const struct cp_window *window)
{
	return window->lead_cw + 1u;
}

// CW_provisions that have to go before that for `cp` on a new stream, so that an ECMG that remembers words has all
// of n .. n+lead. With one word a message and no lead it is one, for an ECMG whose ECM holds n-1 as well.
static inline unsigned cp_window_earlier(const struct cp_window *window)
{
	if (window->lead_cw == 0)
		return window->cw_per_msg == 1;
	return window->cw_per_msg < window->lead_cw + 1u ? window->lead_cw + 1u - window->cw_per_msg : 0;
}

// The first CP_number whose word is still needed while `cp` is on air.
static inline uint16_t cp_window_keep(const struct cp_window *window, uint16_t cp)
{
	uint16_t first = cp_window_first(window, (uint16_t)(cp + 1));

	return (int16_t)(first - cp) < 0 ? first : cp;
}

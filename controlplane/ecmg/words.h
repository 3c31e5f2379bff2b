// SPDX-License-Identifier: GPL-3.0-or-later
// Which control words stand in ECM(n): n and n + 1 with lead_CW 1, n - 1 and n with lead_CW 0, from the CW_provision
// and, where it does not carry them, from memory.
//
// Any set of words is accepted that holds what the ECM needs: TSDuck's scrambler sends n and n + 1 whatever is
// announced. The newer word must be known. The older may be missing where no message could have brought it: with
// CW_per_msg 1 at the start of a stream, and with lead_CW 0 when enough words came but other ones; that parity is left
// out of the ECM, and a receiver keeps the word that it has.
//
// Where the algorithm changes, the two have different lengths: the one of 8 bytes is followed by 8 zeros then, as the
// ECM of a ladder of 16-byte blocks has it always.
//
// Refs: ETSI TS 103 197 clauses 5.4 (lead_CW, CW_per_msg) and 5.5.7 (CW_provision); docs/ecm.md.
// Threads: the loop's. Owns: nothing. Secrets: memory and request lie in locked pages of the caller; nothing is copied
// elsewhere.
// Errors: -ENODATA not enough control words, -EMSGSIZE a word of no known length, -EINVAL two words of one
//         crypto-period.
#pragma once

#include <stdint.h>

#include <km_msg.h>

#include "ecmg/conf.h"
#include "simulcrypt/sim.h"

struct cas_word {
	uint16_t cp_number;
	uint8_t bytes; // 0: none
	uint8_t reserved;
	uint8_t cw[KM_MSG_CW_BYTES];
};

// What a stream remembers: the last word of each parity.
struct cas_words {
	struct cas_word word[2];
};

// Fills cp_number, cw_bytes, have, cw_even and cw_odd of `request` and remembers its words. On an error `request` and
// `memory` are as before. 0 or -errno.
int cas_words_choose(struct km_msg_ecm_request *request, struct cas_words *memory, const struct cas_conf_ecmg *conf,
		     const struct sim_msg *provision);

// SPDX-License-Identifier: GPL-3.0-or-later
// What bulkhead-cas answers its operator: the status document, and `emm send`.
//
// Refs: docs/operator-api.md. Threads: the loop's. Owns: nothing. No secret is in any answer.
#pragma once

#include <jansson.h>

#include "ecmg/ecmg.h"
#include "emmg/emmg.h"

struct cas_operator {
	const struct cas_conf *conf; // BORROWED, as the others
	const struct cas_vault *vault;
	const struct cas_ecmg *ecmg;
	struct cas_emmg *emmg;
	const char *version; // of the program
	double started;      // UTC seconds
};

// A cp_oplink_answer; `context` is a struct cas_operator.
json_t *cas_operator_answer(void *context, const json_t *request);

// SPDX-License-Identifier: GPL-3.0-or-later
// Every implementation shows its known answers before a packet meets it.
#include <errno.h>
#include <string.h>

#include "choice/choice.h"
#include "fault/fault.h"

// A kernel that needs no scratch has a place all the same.
static size_t scratch_bytes(const struct dp_cipher_ops *ops)
{
	return ops->scratch_bytes ? ops->scratch_bytes : 1;
}

size_t dp_choice_arena_bytes(const struct dp_cipher_ops *ops)
{
	return dp_arena_cost(scratch_bytes(ops)) + dp_arena_cost(ops->key_bytes);
}

int dp_choice_set_up(const struct dp_cipher_ops *ops, struct dp_arena *arena, void **scratch, struct base_errs *errs)
{
	const char *algorithm = dp_algorithm[ops->algorithm].name;
	void *taken = dp_arena_take(arena, scratch_bytes(ops)), *key = dp_arena_take(arena, ops->key_bytes);
	int rc = taken && key ? ops->init(taken) : -ENOMEM;

	if (rc) {
		base_errs_add(errs, algorithm, "%s (%s) cannot be set up here: %s", ops->name, ops->isa, strerror(-rc));
		return rc;
	}
	*scratch = taken;
	rc = DP_FAULT(ANSWERS) ? -EBADMSG : dp_cipher_selftest(ops, taken, key);
	if (rc)
		base_errs_add(
			errs, algorithm,
			"%s (%s) gives wrong answers on this processor and must not go on air: take what it needs "
			"away with /ciphers/without, or name another in /ciphers/implementations",
			ops->name, ops->isa);
	return rc;
}

int dp_choice_prove(const struct dp_choice *choice, struct base_errs *errs)
{
	int rc = 0;

	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		const struct dp_cipher_ops *ops = choice->ops[i];
		struct dp_arena arena = {0};
		void *scratch = NULL;
		int one = dp_arena_init(&arena, dp_choice_arena_bytes(ops));

		if (one)
			base_errs_add(errs, "key arena", "%zu KiB of locked memory are needed: raise ulimit -l",
				      dp_choice_arena_bytes(ops) >> 10);
		else
			one = dp_choice_set_up(ops, &arena, &scratch, errs);
		if (scratch)
			ops->fini(scratch);
		dp_arena_fini(&arena);
		rc = rc ? rc : one;
	}
	return rc;
}

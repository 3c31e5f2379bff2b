// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernel.h"

#include <errno.h>
#include <string.h>

#include "cipher/cpu.h"

enum { MARGIN_BYTES = 64, MARK = 0xA7 };

const char *const direction_name[DIRECTIONS] = {"scramble", "descramble"};

static bool marked(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] != MARK)
			return false;
	return true;
}

int kernel_open(struct kernel *kernel, const struct dp_cipher_ops *ops, unsigned keys)
{
	size_t scratch = dp_arena_cost(ops->scratch_bytes + MARGIN_BYTES);
	size_t stride = dp_arena_cost(ops->key_bytes + MARGIN_BYTES);
	int rc;

	*kernel = (struct kernel){.ops = ops, .key_stride = stride, .key_count = keys};
	rc = dp_arena_init(&kernel->arena, scratch + keys * stride);
	if (rc)
		return rc;
	kernel->scratch = dp_arena_take(&kernel->arena, scratch);
	kernel->keys = dp_arena_take(&kernel->arena, keys * stride);
	memset(kernel->scratch + ops->scratch_bytes, MARK, MARGIN_BYTES);
	for (unsigned k = 0; k < keys; k++)
		memset(kernel->keys + k * stride + ops->key_bytes, MARK, MARGIN_BYTES);
	rc = ops->init(kernel->scratch);
	if (rc) {
		dp_arena_fini(&kernel->arena);
		return rc;
	}
	return 0;
}

bool kernel_close(struct kernel *kernel)
{
	const struct dp_cipher_ops *ops = kernel->ops;
	bool good;

	ops->fini(kernel->scratch);
	good = marked(kernel->scratch + ops->scratch_bytes, MARGIN_BYTES);
	for (unsigned k = 0; k < kernel->key_count; k++)
		good &= marked(kernel->keys + k * kernel->key_stride + ops->key_bytes, MARGIN_BYTES);
	dp_arena_fini(&kernel->arena);
	return good;
}

void kernel_set_key(struct kernel *kernel, unsigned k, const uint8_t *cw)
{
	dp_cipher_set_key(kernel->ops, kernel->scratch, kernel->keys + k * kernel->key_stride, cw);
}

bool kernel_runs(const struct dp_cipher_ops *ops)
{
	struct kernel kernel;

	if (ops->needs & ~dp_cpu_features())
		return false;
	if (strcmp(ops->isa, "library") != 0)
		return true;
	return kernel_open(&kernel, ops, 1) == 0 && kernel_close(&kernel);
}

const struct dp_cipher_ops *kernel_find(enum dp_algorithm algorithm, const char *name)
{
	const struct dp_cipher_ops *const *at = dp_cipher_list(algorithm);

	while (*at && strcmp((*at)->name, name) != 0)
		at++;
	return *at;
}

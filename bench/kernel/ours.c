// SPDX-License-Identifier: GPL-3.0-or-later
// Our kernels, through the edge that the packet path uses.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/contender.h"

enum { ALIGN = 64 };

struct ours {
	const struct dp_cipher_ops *ops;
	const struct bench_load *load;
	struct bench_shape shape;
	uint8_t *keys; // a record for each control word
	size_t key_stride;
	void *scratch;
	struct dp_lane lane[BENCH_LOAD_PKTS];
	uint8_t dst[BENCH_LOAD_PKTS][BENCH_LOAD_STRIDE] __attribute__((aligned(ALIGN)));
};

static void lay(void *state, const struct bench_shape *shape)
{
	struct ours *o = state;

	o->shape = *shape;
	for (unsigned i = 0; i < BENCH_LOAD_PKTS; i++)
		o->lane[i] = (struct dp_lane){.src = o->load->bytes[i],
					      .dst = o->dst[i],
					      .key = o->keys + i % shape->keys * o->key_stride,
					      .n = (uint8_t)bench_load_bytes(o->load, shape, i)};
}

static void run(void *state, unsigned turn)
{
	struct ours *o = state;

	dp_cipher_scramble(o->ops, o->scratch, &o->lane[bench_load_first(&o->shape, turn)], o->shape.fill);
}

// By itself, as it is of the libraries; once a crypto-period the edge also scrubs 16 KiB of stack, whatever the kernel.
static void set_key(void *state, unsigned slot)
{
	struct ours *o = state;

	o->ops->set_key(o->scratch, o->keys + slot * o->key_stride, o->load->cw[slot]);
}

static const uint8_t *out(void *state, unsigned i)
{
	const struct ours *o = state;

	return o->dst[i];
}

static void shut(void *state)
{
	struct ours *o = state;

	if (o->scratch)
		o->ops->fini(o->scratch);
	free(o->scratch);
	free(o->keys);
	free(o);
}

static void *zeroed(size_t bytes)
{
	size_t whole = (bytes + ALIGN) / ALIGN * ALIGN;
	void *memory = aligned_alloc(ALIGN, whole);

	return memory ? memset(memory, 0, whole) : NULL;
}

int bench_ours_open(struct bench_contender *c, const struct dp_cipher_ops *ops, const struct bench_load *load)
{
	struct ours *o = zeroed(sizeof(*o));

	if (!o)
		return -ENOMEM;
	o->ops = ops;
	o->load = load;
	o->key_stride = (ops->key_bytes + ALIGN - 1) / ALIGN * ALIGN;
	o->keys = zeroed(BENCH_LOAD_PKTS * o->key_stride);
	o->scratch = zeroed(ops->scratch_bytes);
	int rc = o->keys && o->scratch ? ops->init(o->scratch) : -ENOMEM;

	if (rc) {
		shut(o);
		return rc;
	}
	for (unsigned i = 0; i < BENCH_LOAD_PKTS; i++)
		set_key(o, i);
	*c = (struct bench_contender){.name = ops->name,
				      .isa = ops->isa,
				      .lanes = ops->lanes,
				      .state = o,
				      .lay = lay,
				      .run = run,
				      .set_key = set_key,
				      .out = out,
				      .close = shut};
	return 0;
}

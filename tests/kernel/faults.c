// SPDX-License-Identifier: GPL-3.0-or-later
#include "faults.h"

#include <string.h>

typedef void run_fn(void *scratch, struct dp_lane *lanes, unsigned n);

// An ops function is given nothing of its caller's, so what it stands for cannot be passed down.
static const struct dp_cipher_ops *good;
static struct dp_cipher_ops bad;

// More scratch than the good one takes, to leave keys in.
enum { LEFT_BYTES = 1024 };

static void last_bit_of_the_last_lane(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	struct dp_lane *last = &lanes[n - 1];

	run(scratch, lanes, n);
	if (n >= good->lanes && last->n)
		last->dst[last->n - 1] ^= 0x80;
}

static void byte_after(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	if (lanes[n / 2].n % 16)
		lanes[n / 2].dst[lanes[n / 2].n] = 0;
}

static void byte_before(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	lanes[0].dst[-1] = 0;
}

static void done_without_a_write(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	if (n > 1)
		run(scratch, lanes, n - 1);
	lanes[n - 1].done = true;
}

static void not_done(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	lanes[n - 1].done = false;
}

static void lane_behind_the_batch(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n % 64 == 63 && n < 511 ? n + 1 : n);
}

static void key_of_the_first_lane(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	const void *own = lanes[n - 1].key;

	lanes[n - 1].key = lanes[0].key;
	run(scratch, lanes, n);
	lanes[n - 1].key = own;
}

static void writes_to_src(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	((uint8_t *)(uintptr_t)lanes[0].src)[191] ^= 1;
}

static void reads_193_bytes(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	for (unsigned i = 0; i < n; i++)
		(void)*(const volatile uint8_t *)(lanes[i].src + 192);
}

static void reads_before_src(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	for (unsigned i = 0; i < n; i++)
		(void)*(const volatile uint8_t *)(lanes[i].src - 1);
}

// As a kernel that clears its destination before it reads.
static void not_in_place(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (lanes[i].src == lanes[i].dst)
			memset(lanes[i].dst, 0, lanes[i].n);
	run(scratch, lanes, n);
}

static void one_alignment_of_dst(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	for (unsigned i = 0; i < n; i++)
		if ((uintptr_t)lanes[i].dst % 64 == 47 && lanes[i].n)
			lanes[i].dst[0] ^= 1;
}

static void one_length(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	for (unsigned i = 0; i < n; i++)
		if (lanes[i].n == 135)
			lanes[i].dst[134] ^= 1;
}

static void one_batch_size(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	if (n == good->lanes + 1 || (n == 512 && good->lanes == 512))
		lanes[0].done = false;
}

static void key_left_as_it_is(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	memcpy((uint8_t *)scratch + good->scratch_bytes + 3, lanes[0].key, good->key_bytes);
}

// Rows of 8 lanes.
static void key_left_transposed(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	uint8_t *rows = (uint8_t *)scratch + good->scratch_bytes;

	run(scratch, lanes, n);
	for (unsigned k = 0; k < 8; k++)
		memset(rows + k * 8, ((const uint8_t *)lanes[0].key)[k], 8);
}

// Planes of 64 lanes.
static void key_left_sliced(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	uint8_t *rows = (uint8_t *)scratch + good->scratch_bytes;

	run(scratch, lanes, n);
	for (unsigned k = 0; k < 64; k++)
		memset(rows + k * 8, ((const uint8_t *)lanes[0].key)[k / 8] >> k % 8 & 1 ? 0xFF : 0, 8);
}

// As a kernel that works in another representation.
static void key_left_transformed(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	uint8_t *rows = (uint8_t *)scratch + good->scratch_bytes;

	run(scratch, lanes, n);
	for (unsigned k = 0; k < 8; k++)
		rows[k] = (uint8_t)(((const uint8_t *)lanes[n - 1].key)[k] * 7 + k);
}

static void behind_the_scratch(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n)
{
	run(scratch, lanes, n);
	((uint8_t *)scratch)[bad.scratch_bytes] = 0;
}

typedef void fault_fn(run_fn *run, void *scratch, struct dp_lane *lanes, unsigned n);

#define FAULT(name)         \
	{                   \
#name, name \
	}

static const struct {
	const char *name;
	fault_fn *run;
} faults[] = {
	FAULT(last_bit_of_the_last_lane),
	FAULT(byte_after),
	FAULT(byte_before),
	FAULT(done_without_a_write),
	FAULT(not_done),
	FAULT(lane_behind_the_batch),
	FAULT(key_of_the_first_lane),
	FAULT(writes_to_src),
	FAULT(reads_193_bytes),
	FAULT(reads_before_src),
	FAULT(not_in_place),
	FAULT(one_alignment_of_dst),
	FAULT(one_length),
	FAULT(one_batch_size),
	FAULT(key_left_as_it_is),
	FAULT(key_left_transposed),
	FAULT(key_left_sliced),
	FAULT(key_left_transformed),
	FAULT(behind_the_scratch),
};

const unsigned faults_count = sizeof(faults) / sizeof(faults[0]);

static fault_fn *chosen;

const char *faults_name(unsigned fault)
{
	return faults[fault].name;
}

static void scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	chosen(good->scramble, scratch, lanes, n);
}

static void descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	chosen(good->descramble, scratch, lanes, n);
}

const struct dp_cipher_ops *faults_put(unsigned fault, const struct dp_cipher_ops *ops)
{
	good = ops;
	chosen = faults[fault].run;
	bad = *ops;
	bad.scratch_bytes += LEFT_BYTES;
	bad.scramble = scramble;
	bad.descramble = descramble;
	return &bad;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// DVB-CSA with AVX-512, VBMI and GFNI: 512 lanes, each with its own key.
//
// The block cipher works on byte slices, 64 lanes in a register and up to four registers side by side; the stream
// cipher on bit planes of all 512 lanes. A register of lanes that nobody is in costs nothing but its share of the
// stream cipher, which cannot be had for less.
//
// The control words come from the line of the key records that the block cipher reads anyway: k_0..k_7 are a control
// word of which the bits have been permuted six times, and planes may stand in any order.
#include "cipher/x86/csa_stream_avx512.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_secret.h>

#include "cipher/cipher.h"
#include "cipher/cpu.h"
#include "cipher/x86/csa_chain_vbmi.h"
#include "cipher/x86/csa_packets_avx512.h"
#include "cipher/x86/csa_planes_avx512.h"

enum {
	BLOCKS = CSA_ROWS_MAX / CSA_BLOCK_BYTES,      // that are turned; the last is none of a packet's
	GROUP_SCHEDULE_STEPS = DP_CSA_ROUNDS / 8 - 1, // from the control word to k_0..k_7
};

struct work {
	struct csa_slice slices[BLOCKS][CSA_BLOCK_BYTES];
	__m512i bytes[CSA_GROUPS]; // of each lane's payload
	csa_word start[CSA_BLOCK_PLANES];
	__m512i pieces[CSA_ROWS_MAX / CSA_PIECE][CSA_PIECE]; // of keys, then, over all of them, of what is given back
	uint8_t cw_plane[CSA_BLOCK_PLANES]; // where the control word's planes are among those of k_0..k_7
	struct {
		struct csa_row line[CSA_LINE_BYTES];
		struct csa_slice first[CSA_BLOCK_BYTES]; // k_0..k_7
		csa_word planes[CSA_BLOCK_PLANES], cw[CSA_BLOCK_PLANES];
		struct csa_stream stream;
	} secret; // wiped after every call
};

// What the lanes of a group point to. Those that nobody is in read what the first one reads, and have no bytes.
struct group {
	const uint8_t *src[CSA_GROUP], *key[CSA_GROUP];
	uint8_t bytes[CSA_GROUP] __attribute__((aligned(64)));
};

static void gather(struct group *to, const struct dp_lane *lanes, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		to->src[i] = lanes[i].src;
		to->key[i] = lanes[i].key;
		to->bytes[i] = lanes[i].n;
	}
	for (unsigned i = n; i < CSA_GROUP; i++) {
		to->src[i] = lanes->src;
		to->key[i] = lanes->key;
		to->bytes[i] = 0;
	}
}

static void take_packets(struct work *w, const struct group *from, unsigned group)
{
	uint8_t *slices = (uint8_t *)&w->slices[0][0].of[group];

	w->bytes[group] = _mm512_load_si512(from->bytes);
	for (unsigned at = 0; at < CSA_ROWS_MAX; at += CSA_ROW)
		csa_slices_of_rows(slices + (size_t)at * sizeof(struct csa_slice), sizeof(struct csa_slice), from->src,
				   at, w->pieces);
}

// One line of the key records; k_0..k_7 are kept for all groups. In the first line Q_0..Q_6 are k_1..k_7, because
// c_0..c_6 are 0.
static void take_keys(struct work *w, const struct group *from, unsigned group, size_t line)
{
	unsigned g = group % CSA_STEP;
	const struct csa_row *key = w->secret.line;

	csa_slices_of_rows((uint8_t *)&w->secret.line[0].of[g], sizeof(w->secret.line[0]), from->key, line, w->pieces);
	for (unsigned j = 0; j < CSA_BLOCK_BYTES; j++)
		w->secret.first[j].of[group] = key[line ? CSA_BLOCK_BYTES + j : j ? j - 1 : DP_CSA_ROUNDS].of[g];
}

static unsigned longest(const __m512i *bytes, unsigned groups)
{
	__m512i most = bytes[0];
	uint8_t each[CSA_GROUP];
	unsigned n = 0;

	for (unsigned g = 1; g < groups; g++)
		most = _mm512_max_epu8(most, bytes[g]);
	_mm512_storeu_si512(each, most);
	for (unsigned i = 0; i < CSA_GROUP; i++)
		n = each[i] > n ? each[i] : n;
	return n;
}

// The block cipher on the groups of lanes from `first` on, at most a step of them.
static void run_chain(struct work *w, unsigned first, unsigned groups, bool back)
{
	struct csa_step step = {
		.slices = w->slices,
		.first = first,
		.bytes = w->bytes,
		.line = w->secret.line,
		.most = longest(w->bytes + first, groups) / CSA_BLOCK_BYTES,
	};

	// The number of groups is a constant, so that registers have names.
	switch (groups) {
	case 1:
		back ? csa_unchain(&step, 1) : csa_chain(&step, 1);
		break;
	case 2:
		back ? csa_unchain(&step, 2) : csa_chain(&step, 2);
		break;
	case 3:
		back ? csa_unchain(&step, 3) : csa_chain(&step, 3);
		break;
	default:
		back ? csa_unchain(&step, CSA_STEP) : csa_chain(&step, CSA_STEP);
	}
}

// XORs the stream to everything behind the first block.
static void run_stream(struct work *w, unsigned groups)
{
	unsigned bytes = longest(w->bytes, groups);

	csa_planes_of_slices(w->secret.planes, (const uint8_t *)w->secret.first, sizeof(struct csa_slice));
	for (unsigned i = 0; i < CSA_BLOCK_PLANES; i++)
		w->secret.cw[i] = w->secret.planes[w->cw_plane[i]];
	csa_planes_of_slices(w->start, (const uint8_t *)w->slices[0], sizeof(struct csa_slice));
	csa_stream_start(&w->secret.stream, w->secret.cw, w->start);
	for (unsigned block = 1; block * CSA_BLOCK_BYTES < bytes; block++)
		csa_xor_planes((uint8_t *)w->slices[block], sizeof(struct csa_slice),
			       csa_stream_next(&w->secret.stream));
}

// The lanes of a group that are there.
static unsigned lanes_of(unsigned n, unsigned group)
{
	unsigned left = n - group * CSA_GROUP;

	return left < CSA_GROUP ? left : CSA_GROUP;
}

static void give_packets(struct work *w, struct dp_lane *lanes, unsigned n)
{
	for (unsigned g = 0; g * CSA_GROUP < n; g++)
		csa_packets_of_slices(lanes + (size_t)g * CSA_GROUP, lanes_of(n, g),
				      (const uint8_t *)&w->slices[0][0].of[g], sizeof(struct csa_slice), w->pieces);
}

static void scramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	struct work *w = scratch;
	struct group from;

	for (unsigned first = 0; first * CSA_GROUP < n; first += CSA_STEP) {
		unsigned g = first;

		for (; g < first + CSA_STEP && g * CSA_GROUP < n; g++) {
			gather(&from, lanes + (size_t)g * CSA_GROUP, lanes_of(n, g));
			take_packets(w, &from, g);
			take_keys(w, &from, g, 0);
		}
		run_chain(w, first, g - first, false);
	}
	run_stream(w, (n + CSA_GROUP - 1) / CSA_GROUP);
	give_packets(w, lanes, n);
	base_secret_scrub(&w->secret, sizeof(w->secret));
}

// The stream cipher needs the keys of all lanes before the block cipher does, which takes them again.
static void descramble(void *scratch, struct dp_lane *lanes, unsigned n)
{
	const size_t line = offsetof(struct dp_csa_key, cw);
	struct work *w = scratch;
	struct group from;

	for (unsigned g = 0; g * CSA_GROUP < n; g++) {
		gather(&from, lanes + (size_t)g * CSA_GROUP, lanes_of(n, g));
		take_packets(w, &from, g);
		take_keys(w, &from, g, line);
	}
	run_stream(w, (n + CSA_GROUP - 1) / CSA_GROUP);
	for (unsigned first = 0; first * CSA_GROUP < n; first += CSA_STEP) {
		unsigned g = first;

		for (; g < first + CSA_STEP && g * CSA_GROUP < n; g++) {
			gather(&from, lanes + (size_t)g * CSA_GROUP, lanes_of(n, g));
			take_keys(w, &from, g, line);
		}
		run_chain(w, first, g - first, true);
	}
	give_packets(w, lanes, n);
	base_secret_scrub(&w->secret, sizeof(w->secret));
}

// Bit b of a control word comes to bit 4r + j's place below in the group of round keys before; 0 is the first sent.
static int init(void *scratch)
{
	static const uint8_t to[CSA_BLOCK_PLANES] = {
#define ROW(a, b, c, d) a, b, c, d,
		DP_CSA_KEY_BITS(ROW)
#undef ROW
	};
	struct work *w = scratch;

	for (unsigned b = 0; b < CSA_BLOCK_PLANES; b++) {
		w->cw_plane[b] = (uint8_t)b;
		for (unsigned i = 0; i < GROUP_SCHEDULE_STEPS; i++)
			w->cw_plane[b] = to[w->cw_plane[b]];
	}
	return 0;
}

static void fini(void *scratch)
{
	base_secret_scrub(scratch, sizeof(struct work));
}

#define OPS(which, set)                                                                                     \
	{                                                                                                   \
		.algorithm = (which), .name = "bulkhead", .isa = "avx512-gfni",                             \
		.needs = DP_CPU_AVX512 | DP_CPU_VBMI | DP_CPU_GFNI, .lanes = DP_CIPHER_LANES_MAX,           \
		.key_bytes = sizeof(struct dp_csa_key), .scratch_bytes = sizeof(struct work), .init = init, \
		.fini = fini, .set_key = (set), .scramble = scramble, .descramble = descramble,             \
	}

const struct dp_cipher_ops dp_csa_avx512_gfni[2] = {OPS(DP_CSA1, dp_csa1_set_key), OPS(DP_CSA2, dp_csa2_set_key)};

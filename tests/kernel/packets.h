// SPDX-License-Identifier: GPL-3.0-or-later
// Packets with their right answer: drawn at random, scrambled by the witness, given to all implementations alike.
//
// Threads: one. Owns: nothing; a set is the caller's memory.
#pragma once

#include "kernel.h"
#include "rng.h"
#include "witness.h"

enum {
	PACKETS_MAX = DP_CIPHER_LANES_MAX,
	READ_BYTES_MAX = 192,              // what may be read from src
	LENGTHS = DP_CIPHER_BYTES_MAX + 1, // 0..184
	ANY_LENGTH = LENGTHS,              // each of 0..184 at least once where there are as many packets, then any
};

struct packet {
	uint8_t in[DIRECTIONS][READ_BYTES_MAX]; // what each direction is given: clear, scrambled; random behind n
	uint16_t key;
	uint8_t n;
};

struct packets {
	enum dp_algorithm algorithm;
	unsigned count, keys;
	uint8_t cw[PACKETS_MAX][DP_CW_MAX_BYTES];
	struct packet at[PACKETS_MAX];
};

// Draws `count` packets of `length` bytes, or ANY_LENGTH, over `keys` keys, and asks the witness. With as many keys as
// packets every packet has its own. Some CWs and payloads are all zeros or all ones.
void packets_draw(struct packets *packets, struct rng *rng, const struct witness *witness, enum dp_algorithm algorithm,
		  unsigned count, unsigned keys, unsigned length);

// Sets the key records of `kernel`.
void packets_set_keys(const struct packets *packets, struct kernel *kernel);

// What must come out of a packet.
static inline const uint8_t *packet_want(const struct packet *packet, enum direction direction)
{
	return packet->in[!direction];
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The control words of one scrambling group: next, current, previous, and the parity and algorithm of each.
//
//   publish            promote              retire
//   CW ---> next  ------------> current ------------> previous ---> wiped
//
// A new CW is published as next while the current one is in use; promotion happens at the edge of a crypto-period,
// between two packets; the previous one stays until it is retired, because a duplicate packet must leave with the
// bytes of its original. Each may be of another algorithm than the one before, so a record has room for any.
//
// Refs: ETSI TS 100 289 (parity); ISO/IEC 13818-1 clause 2.4.3.3 (duplicate packets).
// Threads: the worker that owns the group, alone. Owns: three key records in the arena.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "cipher/cipher.h"

// One key record. `live` is 0 unless the record holds a whole key, and wiping makes it 0.
struct dp_key {
	uint32_t live;
	uint32_t batch;    // serial of the last batch that took a lane with it
	uint8_t tsc;       // transport_scrambling_control of its packets: 2 even, 3 odd
	uint8_t algorithm; // enum dp_algorithm: the one that made the record
	uint8_t record[] __attribute__((aligned(64)));
};

// The key whose record this is.
static inline const struct dp_key *dp_key_of(const void *record)
{
	return (const struct dp_key *)((const uint8_t *)record - offsetof(struct dp_key, record));
}

enum { DP_KEYSLOT_KEYS = 3 };

struct dp_keyslot {
	size_t key_bytes; // of the largest key
	struct dp_key *key[DP_KEYSLOT_KEYS];
	// Positions in key[]: of the generation g it is g % 3. current_generation counts promotions from 1.
	uint32_t current_generation;
	bool have_next;
};

// Arena bytes for a slot whose largest key has `key_bytes` (dp_choice_key_bytes).
size_t dp_keyslot_arena_bytes(size_t key_bytes);

// Takes its records from the arena. 0 or -ENOMEM.
int dp_keyslot_init(struct dp_keyslot *slot, size_t key_bytes, struct dp_arena *arena);

// Makes `cw` (the algorithm's cw_bytes, BORROWED) the next key, of the algorithm of `ops`. `scratch` BORROWED:
// initialised for `ops`, of the owning worker. `odd` is its parity. 0, or -EBUSY when there is a next already.
int dp_keyslot_publish(struct dp_keyslot *slot, const struct dp_cipher_ops *ops, void *scratch, const uint8_t *cw,
		       bool odd);

// The next key becomes current, the current one previous; what was previous is wiped. Needs a next.
void dp_keyslot_promote(struct dp_keyslot *slot);

// Wipes the previous key. No lane and no held packet may still name it.
void dp_keyslot_retire(struct dp_keyslot *slot);

// Wipes all three; the slot is as after init.
void dp_keyslot_wipe(struct dp_keyslot *slot);

// The current key, or NULL before the first promotion.
static inline struct dp_key *dp_keyslot_current(const struct dp_keyslot *slot)
{
	return slot->current_generation ? slot->key[slot->current_generation % DP_KEYSLOT_KEYS] : NULL;
}

// The key of a generation when it is the current or the not yet retired previous one, else NULL.
static inline struct dp_key *dp_keyslot_of(const struct dp_keyslot *slot, uint32_t generation)
{
	if (generation == 0 || (generation != slot->current_generation && generation + 1 != slot->current_generation))
		return NULL;
	struct dp_key *key = slot->key[generation % DP_KEYSLOT_KEYS];

	return key->live ? key : NULL;
}

// The previous key, or NULL when there is none any more.
static inline struct dp_key *dp_keyslot_previous(const struct dp_keyslot *slot)
{
	return dp_keyslot_of(slot, slot->current_generation - 1);
}

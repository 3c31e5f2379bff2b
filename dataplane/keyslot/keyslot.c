// SPDX-License-Identifier: GPL-3.0-or-later
#include "keyslot/keyslot.h"

#include <errno.h>

#include <base_check.h>
#include <base_secret.h>
#include <ts_packet.h>

static void wipe(struct dp_keyslot *slot, struct dp_key *key)
{
	base_secret_scrub(key, sizeof(*key) + slot->key_bytes);
}

size_t dp_keyslot_arena_bytes(size_t key_bytes)
{
	return DP_KEYSLOT_KEYS * dp_arena_cost(sizeof(struct dp_key) + key_bytes);
}

int dp_keyslot_init(struct dp_keyslot *slot, size_t key_bytes, struct dp_arena *arena)
{
	*slot = (struct dp_keyslot){.key_bytes = key_bytes};
	for (int i = 0; i < DP_KEYSLOT_KEYS; i++) {
		slot->key[i] = dp_arena_take(arena, sizeof(struct dp_key) + key_bytes);
		if (!slot->key[i])
			return -ENOMEM;
	}
	return 0;
}

int dp_keyslot_publish(struct dp_keyslot *slot, const struct dp_cipher_ops *ops, void *scratch, const uint8_t *cw,
		       bool odd)
{
	struct dp_key *next = slot->key[(slot->current_generation + 1) % DP_KEYSLOT_KEYS];

	CHECK(ops->key_bytes <= slot->key_bytes);
	if (slot->have_next)
		return -EBUSY;
	dp_cipher_set_key(ops, scratch, next->record, cw);
	next->algorithm = (uint8_t)ops->algorithm;
	next->tsc = odd ? TS_TSC_ODD : TS_TSC_EVEN;
	next->live = 1;
	slot->have_next = true;
	return 0;
}

void dp_keyslot_promote(struct dp_keyslot *slot)
{
	CHECK(slot->have_next);
	dp_keyslot_retire(slot);
	slot->current_generation++;
	slot->have_next = false;
}

// With three records, previous stands just behind next: (g + 2) % 3 is (g - 1) % 3.
void dp_keyslot_retire(struct dp_keyslot *slot)
{
	wipe(slot, slot->key[(slot->current_generation + 2) % DP_KEYSLOT_KEYS]);
}

void dp_keyslot_wipe(struct dp_keyslot *slot)
{
	for (int i = 0; i < DP_KEYSLOT_KEYS; i++)
		if (slot->key[i])
			wipe(slot, slot->key[i]);
	slot->current_generation = 0;
	slot->have_next = false;
}

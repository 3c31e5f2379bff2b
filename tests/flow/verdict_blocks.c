// SPDX-License-Identifier: GPL-3.0-or-later
// A set of 16-byte blocks, open addressing with linear probing at most half full.
#include <verdict_blocks.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int verdict_blocks_new(struct verdict_blocks *set, size_t blocks)
{
	size_t slots = 64;

	while (slots < 2 * blocks)
		slots *= 2;
	set->slot = calloc(slots, sizeof(*set->slot));
	set->mask = slots - 1;
	return set->slot ? 0 : -ENOMEM;
}

void verdict_blocks_free(struct verdict_blocks *set)
{
	free(set->slot);
	*set = (struct verdict_blocks){0};
}

static bool uniform(const uint8_t *bytes, size_t n)
{
	return memcmp(bytes, bytes + 1, n - 1) == 0;
}

// The slot that holds the block, or the free one where it would go.
static size_t find(const struct verdict_blocks *set, const uint8_t *block)
{
	static const uint8_t free_slot[VERDICT_BLOCK_BYTES];
	uint64_t word[2], hash;
	size_t i;

	memcpy(word, block, sizeof(word));
	hash = (word[0] ^ (word[1] << 29 | word[1] >> 35)) * UINT64_C(0x9E3779B97F4A7C15);
	hash = (hash ^ hash >> 32) * UINT64_C(0xD6E8FEB86659FD93);
	i = (size_t)(hash ^ hash >> 32) & set->mask;
	while (memcmp(set->slot[i], free_slot, sizeof(free_slot)) != 0 &&
	       memcmp(set->slot[i], block, VERDICT_BLOCK_BYTES) != 0)
		i = (i + 1) & set->mask;
	return i;
}

void verdict_blocks_add(struct verdict_blocks *set, const uint8_t *bytes, size_t n)
{
	uint8_t block[VERDICT_BLOCK_BYTES] = {0};

	if (uniform(bytes, n))
		return;
	memcpy(block, bytes, n);
	memcpy(set->slot[find(set, block)], block, sizeof(block));
}

bool verdict_blocks_has(const struct verdict_blocks *set, const uint8_t *bytes, size_t n)
{
	uint8_t block[VERDICT_BLOCK_BYTES] = {0};

	if (uniform(bytes, n))
		return false;
	memcpy(block, bytes, n);
	return memcmp(set->slot[find(set, block)], block, sizeof(block)) == 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <base_check.h>

static unsigned place_of(uint16_t cp)
{
	return cp % CP_STORE_WORDS;
}

static uint8_t *word_at(const struct cp_store *store, unsigned group, unsigned place)
{
	return store->words.bytes + ((size_t)group * CP_STORE_WORDS + place) * CP_STORE_CW_BYTES;
}

int cp_store_init(struct cp_store *store, unsigned groups)
{
	*store = (struct cp_store){.groups = groups};
	if (groups == 0)
		return 0;
	store->group = calloc(groups, sizeof(*store->group));
	if (!store->group)
		return -ENOMEM;
	int rc = base_secret_init(&store->words, (size_t)groups * CP_STORE_WORDS * CP_STORE_CW_BYTES);

	if (rc) {
		free(store->group);
		*store = (struct cp_store){0};
	}
	return rc;
}

void cp_store_fini(struct cp_store *store)
{
	base_secret_fini(&store->words);
	free(store->group);
	*store = (struct cp_store){0};
}

void cp_store_shape(struct cp_store *store, unsigned group, uint8_t cw_bytes, bool check_bytes)
{
	CHECK(group < store->groups && cw_bytes <= CP_STORE_CW_BYTES);
	store->group[group].cw_bytes = cw_bytes;
	store->group[group].check_bytes = check_bytes;
}

static bool holds(const struct cp_store_group *g, uint16_t cp)
{
	return g->have >> place_of(cp) & 1 && g->cp[place_of(cp)] == cp;
}

const uint8_t *cp_store_get(const struct cp_store *store, unsigned group, uint16_t cp)
{
	return holds(&store->group[group], cp) ? word_at(store, group, place_of(cp)) : NULL;
}

static void note(struct cp_store_group *g, uint16_t cp)
{
	g->cp[place_of(cp)] = cp;
	g->have = (uint16_t)(g->have | 1u << place_of(cp));
}

int cp_store_make(struct cp_store *store, unsigned group, uint16_t cp)
{
	struct cp_store_group *g = &store->group[group];
	uint8_t *word = word_at(store, group, place_of(cp));

	if (holds(g, cp))
		return 0;
	base_secret_scrub(word, CP_STORE_CW_BYTES);
	if (RAND_bytes(word, g->cw_bytes) != 1)
		return -EIO;
	if (g->check_bytes) {
		word[3] = (uint8_t)(word[0] + word[1] + word[2]);
		word[7] = (uint8_t)(word[4] + word[5] + word[6]);
	}
	note(g, cp);
	return 1;
}

bool cp_store_put(struct cp_store *store, unsigned group, uint16_t cp, const uint8_t *cw)
{
	struct cp_store_group *g = &store->group[group];
	const uint8_t *old = cp_store_get(store, group, cp);
	bool other = old && CRYPTO_memcmp(old, cw, g->cw_bytes) != 0;

	memcpy(word_at(store, group, place_of(cp)), cw, g->cw_bytes);
	note(g, cp);
	return other;
}

static void wipe(struct cp_store *store, unsigned group, unsigned place)
{
	base_secret_scrub(word_at(store, group, place), CP_STORE_CW_BYTES);
	store->group[group].have = (uint16_t)(store->group[group].have & ~(1u << place));
}

void cp_store_forget_before(struct cp_store *store, unsigned group, uint16_t cp)
{
	for (unsigned place = 0; place < CP_STORE_WORDS; place++)
		if ((int16_t)(store->group[group].cp[place] - cp) < 0)
			wipe(store, group, place);
}

void cp_store_forget(struct cp_store *store, unsigned group)
{
	for (unsigned place = 0; place < CP_STORE_WORDS; place++)
		wipe(store, group, place);
}

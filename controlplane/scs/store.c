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

int cp_store_take(struct cp_store *store)
{
	for (unsigned i = 0; i < store->groups; i++)
		if (!store->group[i].taken) {
			store->group[i] = (struct cp_store_group){.taken = true};
			return (int)i;
		}
	return -ENOSPC;
}

void cp_store_give(struct cp_store *store, unsigned group)
{
	cp_store_forget(store, group);
	store->group[group].taken = false;
}

void cp_store_shape(struct cp_store *store, unsigned group, enum cp_algorithm algorithm)
{
	CHECK(group < store->groups && cp_algorithm_facts[algorithm].cw_bytes <= CP_STORE_CW_BYTES);
	store->group[group].algorithm = algorithm;
}

static bool holds(const struct cp_store_group *g, uint16_t cp)
{
	return g->have >> place_of(cp) & 1 && g->cp[place_of(cp)] == cp;
}

const uint8_t *cp_store_get(const struct cp_store *store, unsigned group, uint16_t cp)
{
	return holds(&store->group[group], cp) ? word_at(store, group, place_of(cp)) : NULL;
}

enum cp_algorithm cp_store_algorithm(const struct cp_store *store, unsigned group, uint16_t cp)
{
	CHECK(holds(&store->group[group], cp));
	return store->group[group].of[place_of(cp)];
}

static unsigned cw_bytes_of(const struct cp_store *store, unsigned group, uint16_t cp)
{
	return cp_algorithm_facts[cp_store_algorithm(store, group, cp)].cw_bytes;
}

unsigned cp_store_alike(const struct cp_store *store, unsigned group, uint16_t cp, unsigned most)
{
	unsigned n = 1;

	while (n < most && holds(&store->group[group], (uint16_t)(cp + n)) &&
	       cw_bytes_of(store, group, (uint16_t)(cp + n)) == cw_bytes_of(store, group, cp))
		n++;
	return n;
}

static void note(struct cp_store_group *g, uint16_t cp, enum cp_algorithm algorithm)
{
	g->cp[place_of(cp)] = cp;
	g->of[place_of(cp)] = algorithm;
	g->have = (uint16_t)(g->have | 1u << place_of(cp));
}

int cp_store_make(struct cp_store *store, unsigned group, uint16_t cp)
{
	struct cp_store_group *g = &store->group[group];
	uint8_t *word = word_at(store, group, place_of(cp));

	if (holds(g, cp))
		return 0;
	base_secret_scrub(word, CP_STORE_CW_BYTES);
	if (RAND_bytes(word, cp_algorithm_facts[g->algorithm].cw_bytes) != 1)
		return -EIO;
	if (g->algorithm == CP_CSA1) { // bytes 3 and 7 are sums
		word[3] = (uint8_t)(word[0] + word[1] + word[2]);
		word[7] = (uint8_t)(word[4] + word[5] + word[6]);
	}
	note(g, cp, g->algorithm);
	return 1;
}

bool cp_store_put(struct cp_store *store, unsigned group, uint16_t cp, enum cp_algorithm algorithm, const uint8_t *cw)
{
	struct cp_store_group *g = &store->group[group];
	unsigned n = cp_algorithm_facts[algorithm].cw_bytes;
	uint8_t *word = word_at(store, group, place_of(cp));
	bool stood = holds(g, cp);

	if (stood && cw_bytes_of(store, group, cp) == n && CRYPTO_memcmp(word, cw, n) == 0)
		return false;
	base_secret_scrub(word, CP_STORE_CW_BYTES);
	memcpy(word, cw, n);
	note(g, cp, algorithm);
	return stood;
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

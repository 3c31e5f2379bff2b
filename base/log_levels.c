// SPDX-License-Identifier: GPL-3.0-or-later
// The level table: readers take no lock, writers build the whole new table first and then store it slot by slot.
#include "log_levels.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// An exception in one word, so that one load reads it whole: 56 bits of the hash of the module's name, 8 of its level.
// Two names meet by chance once in 2^56; a line more or less is then all that is lost. 0 ends the table.
#define SLOT(hash, level) ((hash) << 8 | (unsigned)(level))

struct levels {
	enum base_log_level all;
	size_t n;
	uint64_t slot[BASE_LOG_MODULES_MAX];
};

static pthread_mutex_t writers = PTHREAD_MUTEX_INITIALIZER;
static struct levels current = {.all = BASE_LOG_INFO}; // under `writers`
static atomic_int level_all = BASE_LOG_INFO;
static _Atomic uint64_t slots[BASE_LOG_MODULES_MAX];

static const char *const words[] = {"error", "warning", "info", "debug"};

const char *base_log_level_word(enum base_log_level level)
{
	return words[level];
}

// FNV-1a, folded away from 0 so that a slot in use is never 0.
static uint64_t name_hash(const char *name, size_t n)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)name[i]) * 0x100000001b3;
	hash &= UINT64_MAX >> 8;
	return hash ? hash : 1;
}

enum base_log_level base_log_levels_get(const char *module)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < BASE_LOG_MODULES_MAX; i++) {
		uint64_t slot = atomic_load_explicit(&slots[i], memory_order_relaxed);

		if (slot == 0)
			break;
		if (hash == 0)
			hash = name_hash(module, strlen(module));
		if (slot >> 8 == hash)
			return (enum base_log_level)(slot & 0xff);
	}
	return (enum base_log_level)atomic_load_explicit(&level_all, memory_order_relaxed);
}

static int parse_level(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == n && memcmp(words[i], word, n) == 0)
			return (int)i;
	return -EINVAL;
}

static int put_module(struct levels *levels, uint64_t hash, int level)
{
	size_t i = 0;

	while (i < levels->n && levels->slot[i] >> 8 != hash)
		i++;
	if (i == BASE_LOG_MODULES_MAX)
		return -EINVAL;
	levels->slot[i] = SLOT(hash, level);
	if (i == levels->n)
		levels->n++;
	return 0;
}

// One element of the list: "debug" or "rx=debug".
static int parse_element(struct levels *levels, const char *text, size_t n)
{
	const char *equals = memchr(text, '=', n);

	if (!equals) {
		int level = parse_level(text, n);

		if (level < 0)
			return level;
		*levels = (struct levels){.all = (enum base_log_level)level};
		return 0;
	}
	size_t name = (size_t)(equals - text);
	int level = parse_level(equals + 1, n - name - 1);

	if (level < 0 || name == 0)
		return -EINVAL;
	return put_module(levels, name_hash(text, name), level);
}

static void publish(const struct levels *levels)
{
	current = *levels;
	atomic_store_explicit(&level_all, (int)levels->all, memory_order_relaxed);
	for (size_t i = 0; i < BASE_LOG_MODULES_MAX; i++)
		atomic_store_explicit(&slots[i], i < levels->n ? levels->slot[i] : 0, memory_order_relaxed);
}

int base_log_levels_set(const char *text)
{
	struct levels next;
	int rc;

	pthread_mutex_lock(&writers);
	next = current;
	for (;;) {
		size_t n = strcspn(text, ",");

		rc = parse_element(&next, text, n);
		if (rc < 0 || text[n] == '\0')
			break;
		text += n + 1;
	}
	if (rc == 0)
		publish(&next);
	pthread_mutex_unlock(&writers);
	return rc;
}

void base_log_levels_reset(void)
{
	const struct levels info = {.all = BASE_LOG_INFO};

	pthread_mutex_lock(&writers);
	publish(&info);
	pthread_mutex_unlock(&writers);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a JSON document with every mistake reported at once, each by its JSON pointer (RFC 6901).
//
// A node is a cursor into the document. A getter that meets a mistake adds it to the list of errors and returns
// its default, so that the reader goes on and finds the next one. Readers of objects end with base_config_only(),
// which reports members nobody knows.
//
// Threads: one owner. Owns: nothing; base_config_load GIVES the document, base_config_free takes it back.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <base_err.h>

#define BASE_CONFIG_POINTER_BYTES 192

struct base_config {
	json_t *json;           // BORROWED from the document; NULL for an absent optional member
	struct base_errs *errs; // BORROWED; where mistakes go
	char pointer[BASE_CONFIG_POINTER_BYTES];
};

// One word of an enumeration.
struct base_config_word {
	const char *word;
	int value;
};

// Reads and parses a file (at most 16 MiB, duplicate members refused). On success *root is the root node, GIVEN.
// Returns 0, or -errno with the reason (file:line:column) in `errs` and *root empty.
int base_config_load(struct base_config *root, const char *path, struct base_errs *errs);

// The same from memory; `name` stands for the file in messages.
int base_config_parse(struct base_config *root, const char *text, size_t len, const char *name, struct base_errs *errs);

// Frees the document of a root node.
void base_config_free(struct base_config *root);

// True when the node is there.
static inline bool base_config_present(const struct base_config *node)
{
	return node->json != NULL;
}

// Adds a mistake at the node (or at its member `key` when not NULL).
void base_config_error(const struct base_config *node, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// Members of an object. A required member that is absent, and a member of the wrong type, is a mistake; the result
// is then an absent node, on which every getter returns its default silently.
struct base_config base_config_object(const struct base_config *node, const char *key, bool required);
struct base_config base_config_array(const struct base_config *node, const char *key, bool required);

// Elements of an array node: how many, and the one at `index` as an object (absent and reported when it is none).
size_t base_config_count(const struct base_config *array);
struct base_config base_config_item(const struct base_config *array, size_t index);
// The element at `index` as a string, BORROWED from the document, or NULL and reported.
const char *base_config_item_string(const struct base_config *array, size_t index);

// Scalars. `required` ones report their absence; others return `fallback` (NULL allowed for strings).
// Strings are BORROWED from the document, hold no zero byte and are at most `max_bytes` long (0: 255).
const char *base_config_string(const struct base_config *node, const char *key, bool required, size_t max_bytes,
			       const char *fallback);
int64_t base_config_int(const struct base_config *node, const char *key, bool required, int64_t min, int64_t max,
			int64_t fallback);
bool base_config_bool(const struct base_config *node, const char *key, bool fallback);
// One of `words` (ended by a NULL word); the message of a mistake lists them.
int base_config_word(const struct base_config *node, const char *key, bool required,
		     const struct base_config_word *words, int fallback);
// A dotted IPv4 address, returned in host order; 0 when absent or wrong.
uint32_t base_config_ipv4(const struct base_config *node, const char *key, bool required);

// Reports every member of the object that is not in `known` (ended by NULL) as unknown, naming the known ones.
void base_config_only(const struct base_config *node, const char *const *known);

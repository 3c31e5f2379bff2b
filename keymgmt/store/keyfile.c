// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/keyfile.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <base_bytes.h>
#include <base_words.h>

struct parser {
	struct km_keyfile *keyfile;
	struct base_errs *errs;
	const char *name;
	unsigned line;
	bool have_subsystem;
	unsigned line_of[KM_MSG_SERVICE_KEYS_MAX]; // of each service key
};

enum { WORDS_MAX = 6, SUBSYSTEM_DIGITS = 4 };

#define MISTAKE(parser, ...)                                                             \
	do {                                                                             \
		char where[BASE_ERR_TEXT_BYTES];                                         \
		snprintf(where, sizeof(where), "%s:%u", (parser)->name, (parser)->line); \
		base_errs_add((parser)->errs, where, __VA_ARGS__);                       \
	} while (0)

static void suite_line(struct parser *p, const struct base_word *w, size_t n)
{
	enum km_suite suite = n == 2 ? km_suite_find(w[1].at, w[1].n) : KM_SUITE_NONE;

	if (suite == KM_SUITE_NONE)
		MISTAKE(p, "expected: suite tdes|aes|sm4");
	else if (p->keyfile->suite != KM_SUITE_NONE)
		MISTAKE(p, "the suite is there twice: all keys of a file have one");
	else
		p->keyfile->suite = suite;
}

static void subsystem_line(struct parser *p, const struct base_word *w, size_t n)
{
	uint8_t id[2];

	if (n != 2 || w[1].n != SUBSYSTEM_DIGITS || base_bytes_from_hex(id, sizeof(id), w[1].at, w[1].n) < 0) {
		MISTAKE(p, "expected: ca_subsystem HHHH, the lower half of Super_CAS_id in 4 hexadecimal digits");
		return;
	}
	if (p->have_subsystem)
		MISTAKE(p, "ca_subsystem is there twice");
	p->have_subsystem = true;
	p->keyfile->ca_subsystem_id = base_bytes_get16(id);
}

static int read_key(uint8_t *out, const struct base_word *word)
{
	if (word->n != KM_KEY_BYTES * 2)
		return -EINVAL;
	return base_bytes_from_hex(out, KM_KEY_BYTES, word->at, word->n) < 0 ? -EINVAL : 0;
}

static bool known(const struct km_keyfile *keyfile, uint16_t id)
{
	for (unsigned i = 0; i < keyfile->keys; i++)
		if (keyfile->id[i] == id)
			return true;
	return false;
}

static void service_key_line(struct parser *p, const struct base_word *w, size_t n)
{
	struct km_keyfile *k = p->keyfile;
	int64_t number = n >= 2 ? base_words_number(&w[1]) : -EINVAL;
	int id = (int)number;

	if (n != 6 || number < 0 || number > UINT16_MAX || !base_words_is(&w[2], "k1") ||
	    !base_words_is(&w[4], "auth")) {
		MISTAKE(p, "expected: service_key NUMBER k1 KEY auth KEY, with NUMBER 0 to 65535");
		return;
	}
	if (known(k, (uint16_t)id)) {
		MISTAKE(p, "service_key %d is there twice", id);
		return;
	}
	if (k->keys == KM_MSG_SERVICE_KEYS_MAX) {
		MISTAKE(p, "more than %d service keys", KM_MSG_SERVICE_KEYS_MAX);
		return;
	}
	uint8_t *room = k->secret.bytes + k->secret.len_bytes;

	if (read_key(room, &w[3]) || read_key(room + KM_KEY_BYTES, &w[5])) {
		MISTAKE(p, "service_key %d: a key has %d hexadecimal digits", id, 2 * KM_KEY_BYTES);
		return;
	}
	k->secret.len_bytes += 2 * KM_KEY_BYTES;
	k->id[k->keys] = (uint16_t)id;
	p->line_of[k->keys++] = p->line;
}

static void parse_lines(struct parser *p, const char *text, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t length = end ? (size_t)(end - (text + at)) : n - at;
		struct base_word words[WORDS_MAX];
		size_t count = base_words_split(words, WORDS_MAX, text + at, length);

		p->line++;
		if (count && base_words_is(&words[0], "suite"))
			suite_line(p, words, count);
		else if (count && base_words_is(&words[0], "ca_subsystem"))
			subsystem_line(p, words, count);
		else if (count && base_words_is(&words[0], "service_key"))
			service_key_line(p, words, count);
		else if (count)
			MISTAKE(p, "expected a line that starts with suite, ca_subsystem, service_key or #");
		at += length + 1;
	}
}

// What only the whole file can tell.
static void check_whole(struct parser *p)
{
	const struct km_keyfile *k = p->keyfile;

	if (k->suite == KM_SUITE_NONE)
		base_errs_add(p->errs, p->name, "no suite line: give suite tdes|aes|sm4");
	if (!p->have_subsystem)
		base_errs_add(p->errs, p->name, "no ca_subsystem line: give ca_subsystem HHHH");
	if (k->keys == 0)
		base_errs_add(p->errs, p->name, "no service_key line: give at least one");
	for (unsigned i = 0; i < k->keys; i++) {
		p->line = p->line_of[i];
		if (!km_suite_key_ok(k->suite, km_keyfile_k1(k, i)) ||
		    !km_suite_key_ok(k->suite, km_keyfile_auth(k, i)))
			MISTAKE(p, "service_key %u: a TDES key has two different halves, none of them a weak DES key",
				k->id[i]);
	}
}

int km_keyfile_parse(struct km_keyfile *keyfile, const char *text, size_t n, const char *name, struct base_errs *errs)
{
	struct parser p = {.keyfile = keyfile, .errs = errs, .name = name};
	size_t before = errs->count + errs->lost;
	int rc;

	*keyfile = (struct km_keyfile){0};
	rc = base_secret_init(&keyfile->secret, KM_MSG_SERVICE_KEYS_MAX * 2 * KM_KEY_BYTES);
	if (rc) {
		base_errs_add(errs, name, "no locked memory for the keys: raise ulimit -l");
		return rc;
	}
	parse_lines(&p, text, n);
	check_whole(&p);
	if (errs->count + errs->lost == before)
		return 0;
	km_keyfile_free(keyfile);
	return -EINVAL;
}

int km_keyfile_load(struct km_keyfile *keyfile, const char *path, struct base_errs *errs)
{
	struct base_secret text;
	int rc = base_secret_load(&text, path, KM_KEYFILE_MAX_BYTES, errs);

	*keyfile = (struct km_keyfile){0};
	if (!rc)
		rc = km_keyfile_parse(keyfile, (const char *)text.bytes, text.len_bytes, path, errs);
	base_secret_fini(&text);
	return rc;
}

void km_keyfile_free(struct km_keyfile *keyfile)
{
	base_secret_fini(&keyfile->secret);
	*keyfile = (struct km_keyfile){0};
}

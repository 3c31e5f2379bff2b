// SPDX-License-Identifier: GPL-3.0-or-later
// Parses the key file where it stands. Messages never quote a word of the file: it might be a key in the wrong place.
#include <stb_keys.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <base_bytes.h>
#include <stb_line.h>

#define WORDS_MAX 9 // one more than the longest line has

enum { PER_KEY = 3 * STB_KEY_BYTES };

struct parser {
	struct stb_keys *keys;
	struct base_errs *errs;
	const char *name;
	unsigned line;
	bool suite, subsystem, k3; // the line was there
	bool many;                 // the limit was reported
};

static void wrong(struct parser *p, const char *what)
{
	char where[200];

	snprintf(where, sizeof(where), "%s:%u", p->name, p->line);
	base_errs_add(p->errs, where, "%s", what);
}

// Reports a second line of a kind that stands once.
static void once(struct parser *p, bool *before, const char *what)
{
	if (*before)
		wrong(p, what);
	*before = true;
}

static void take_key(struct parser *p, const struct stb_line_word *word, uint8_t *key, const char *what)
{
	if (word->n != (size_t)2 * STB_KEY_BYTES || base_bytes_from_hex(key, STB_KEY_BYTES, word->text, word->n) < 0)
		wrong(p, what);
}

static void take_suite(struct parser *p, const struct stb_line_word *word, size_t n)
{
	int suite = n == 2 ? stb_suite_of_name(word[1].text, word[1].n) : -EINVAL;

	once(p, &p->suite, "a second suite line; a file has one");
	if (suite < 0)
		wrong(p, "a suite line reads: suite tdes|aes|sm4");
	else
		p->keys->suite = (enum stb_suite)suite;
}

static void take_subsystem(struct parser *p, const struct stb_line_word *word, size_t n)
{
	uint8_t id[2];

	once(p, &p->subsystem, "a second ca_subsystem line; a file has one");
	if (n != 2 || word[1].n != 4 || base_bytes_from_hex(id, sizeof(id), word[1].text, word[1].n) < 0)
		wrong(p, "a ca_subsystem line reads: ca_subsystem and 4 hexadecimal digits");
	else
		p->keys->ca_subsystem_id = base_bytes_get16(id);
}

static void take_k3(struct parser *p, const struct stb_line_word *word, size_t n)
{
	static const char form[] = "a k3 line reads: k3 and 32 hexadecimal digits";

	once(p, &p->k3, "a second k3 line; a file has one");
	if (n != 2)
		wrong(p, form);
	else
		take_key(p, &word[1], p->keys->bytes.bytes, form);
}

static void take_service_key(struct parser *p, const struct stb_line_word *word, size_t n)
{
	struct stb_service_key before;
	struct stb_keys *keys = p->keys;
	uint8_t *at = keys->bytes.bytes + STB_KEY_BYTES + keys->n * PER_KEY;
	uint32_t id;

	if (n != 8 || !stb_line_is(&word[2], "ek2") || !stb_line_is(&word[4], "ek1") ||
	    !stb_line_is(&word[6], "auth")) {
		wrong(p, "a service_key line reads: service_key ID ek2 KEY ek1 KEY auth KEY");
		return;
	}
	if (keys->n == STB_KEYS_MAX) {
		if (!p->many)
			wrong(p, "more service keys than a file may have (1024)");
		p->many = true;
		return;
	}
	if (!stb_line_number(&word[1], UINT16_MAX, &id)) {
		wrong(p, "a service_key_id is 0..65535");
		return;
	}
	if (stb_keys_find(keys, (uint16_t)id, &before) == 0)
		wrong(p, "this service_key_id stands twice");
	take_key(p, &word[3], at, "ek2 is 32 hexadecimal digits");
	take_key(p, &word[5], at + STB_KEY_BYTES, "ek1 is 32 hexadecimal digits");
	take_key(p, &word[7], at + (size_t)2 * STB_KEY_BYTES, "auth is 32 hexadecimal digits");
	keys->id[keys->n++] = (uint16_t)id;
}

static void take_line(struct parser *p, const char *text, size_t n)
{
	struct stb_line_word word[WORDS_MAX];
	size_t words = stb_line_split(word, WORDS_MAX, text, n);

	if (words == 0)
		return;
	if (stb_line_is(&word[0], "suite"))
		take_suite(p, word, words);
	else if (stb_line_is(&word[0], "ca_subsystem"))
		take_subsystem(p, word, words);
	else if (stb_line_is(&word[0], "k3"))
		take_k3(p, word, words);
	else if (stb_line_is(&word[0], "service_key"))
		take_service_key(p, word, words);
	else
		wrong(p, "a line begins with suite, ca_subsystem, k3, service_key or #");
}

// What can only be said at the end.
static void end(struct parser *p)
{
	if (!p->suite)
		base_errs_add(p->errs, p->name, "no suite line: suite tdes|aes|sm4");
	if (!p->subsystem)
		base_errs_add(p->errs, p->name, "no ca_subsystem line");
	if (!p->k3)
		base_errs_add(p->errs, p->name, "no k3 line");
	if (p->keys->n == 0)
		base_errs_add(p->errs, p->name, "no good service_key line; at least one is needed");
}

static int make_room(struct stb_keys *keys, const char *text, size_t n)
{
	size_t lines = 1, capacity;
	int rc;

	for (size_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	capacity = STB_KEY_BYTES + (lines < STB_KEYS_MAX ? lines : STB_KEYS_MAX) * PER_KEY;
	rc = base_secret_init(&keys->bytes, capacity);
	if (rc == 0)
		keys->bytes.len_bytes = capacity;
	return rc;
}

int stb_keys_parse(struct stb_keys *keys, const char *text, size_t n, const char *name, struct base_errs *errs)
{
	struct parser p = {.keys = keys, .errs = errs, .name = name};
	size_t before = errs->count + errs->lost;
	int rc;

	*keys = (struct stb_keys){0};
	rc = make_room(keys, text, n);
	if (rc < 0) {
		base_errs_add(errs, name, "no locked memory for its keys: %s", strerror(-rc));
		goto free_keys;
	}
	for (size_t at = 0; at < n;) {
		const char *newline = memchr(text + at, '\n', n - at);
		size_t length = newline ? (size_t)(newline - text) - at : n - at;

		p.line++;
		take_line(&p, text + at, length);
		at += length + 1;
	}
	end(&p);
	if (errs->count + errs->lost == before)
		return 0;
	rc = -EINVAL;
free_keys:
	stb_keys_free(keys);
	return rc;
}

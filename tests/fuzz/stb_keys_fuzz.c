// SPDX-License-Identifier: GPL-3.0-or-later
// Key file of a terminal. What parses keeps the promises of its header and, written out, parses as the same; what does
// not is explained without a row of digits that could be a key.
#include <ctype.h>
#include <errno.h>

#include <base_bytes.h>
#include <fuzz.h>
#include <stb_keys.h>

enum { LINE_BYTES = 160, KEY_DIGITS = 16 };

static char *put_key(char *at, const char *name, const uint8_t *key)
{
	at += sprintf(at, "%s", name);
	return at + base_bytes_to_hex(at, 2 * STB_KEY_BYTES + 1, key, STB_KEY_BYTES);
}

// GIVES the text.
static char *write_out(const struct stb_keys *keys)
{
	char *text = malloc((keys->n + 2) * LINE_BYTES), *at = text;

	FUZZ_ASSERT(text);
	at += sprintf(at, "suite %s\nca_subsystem %04x\n", stb_suite_name(keys->suite), keys->ca_subsystem_id);
	at = put_key(at, "k3 ", stb_keys_k3(keys));
	for (size_t i = 0; i < keys->n; i++) {
		struct stb_service_key key;

		FUZZ_ASSERT(stb_keys_find(keys, keys->id[i], &key) == 0);
		FUZZ_ASSERT(key.auth + STB_KEY_BYTES <= keys->bytes.bytes + keys->bytes.len_bytes);
		at += sprintf(at, "\nservice_key %u", keys->id[i]);
		at = put_key(at, " ek2 ", key.ek2);
		at = put_key(at, " ek1 ", key.ek1);
		at = put_key(at, " auth ", key.auth);
	}
	return text;
}

static void check_same(const struct stb_keys *a, const struct stb_keys *b)
{
	size_t bytes = STB_KEY_BYTES * (1 + 3 * a->n);

	FUZZ_ASSERT(a->n == b->n && a->suite == b->suite && a->ca_subsystem_id == b->ca_subsystem_id);
	FUZZ_ASSERT(memcmp(a->id, b->id, a->n * sizeof(a->id[0])) == 0);
	FUZZ_ASSERT(fuzz_same(a->bytes.bytes, bytes, b->bytes.bytes, bytes));
}

static void check_messages(const struct base_errs *errs)
{
	FUZZ_ASSERT(errs->count > 0);
	for (size_t i = 0; i < errs->count; i++) {
		size_t row = 0;

		FUZZ_ASSERT(strncmp(errs->text[i], "keys:", 5) == 0);
		for (const char *c = errs->text[i]; *c; c++) {
			row = isxdigit((unsigned char)*c) ? row + 1 : 0;
			FUZZ_ASSERT(row < KEY_DIGITS);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *text = fuzz_exact(data, size);
	static struct stb_keys keys, back;
	struct base_errs errs;
	int rc;

	base_errs_init(&errs);
	rc = stb_keys_parse(&keys, (const char *)text, size, "keys", &errs);
	FUZZ_ASSERT(rc == 0 || rc == -EINVAL);
	if (rc == 0) {
		FUZZ_ASSERT(base_errs_none(&errs) && keys.n > 0 && keys.n <= STB_KEYS_MAX);

		char *again = write_out(&keys);

		FUZZ_ASSERT(stb_keys_parse(&back, again, strlen(again), "again", &errs) == 0);
		check_same(&keys, &back);
		stb_keys_free(&back);
		free(again);
		stb_keys_free(&keys);
	} else {
		FUZZ_ASSERT(!keys.bytes.bytes && keys.n == 0);
		check_messages(&errs);
	}
	free(text);
	return 0;
}

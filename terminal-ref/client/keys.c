// SPDX-License-Identifier: GPL-3.0-or-later
// The laboratory's keys: holding them and finding one.
#include <stb_keys.h>

#include <errno.h>

enum { PER_KEY = 3 * STB_KEY_BYTES };

int stb_keys_load(struct stb_keys *keys, const char *path, struct base_errs *errs)
{
	struct base_secret text = {0};
	int rc;

	*keys = (struct stb_keys){0};
	rc = base_secret_load(&text, path, STB_KEYS_MAX_BYTES, errs);
	if (rc < 0)
		return rc;
	rc = stb_keys_parse(keys, (const char *)text.bytes, text.len_bytes, path, errs);
	base_secret_fini(&text);
	return rc;
}

void stb_keys_free(struct stb_keys *keys)
{
	base_secret_fini(&keys->bytes);
	*keys = (struct stb_keys){0};
}

const uint8_t *stb_keys_k3(const struct stb_keys *keys)
{
	return keys->bytes.bytes;
}

int stb_keys_find(const struct stb_keys *keys, uint16_t id, struct stb_service_key *out)
{
	for (size_t i = 0; i < keys->n; i++) {
		const uint8_t *at = keys->bytes.bytes + STB_KEY_BYTES + i * PER_KEY;

		if (keys->id[i] != id)
			continue;
		*out = (struct stb_service_key){at, at + STB_KEY_BYTES, at + (size_t)2 * STB_KEY_BYTES};
		return 0;
	}
	return -ENOENT;
}

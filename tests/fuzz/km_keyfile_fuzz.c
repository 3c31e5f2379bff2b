// SPDX-License-Identifier: GPL-3.0-or-later
// The vault's key file. What parses keeps what its header promises; what does not is told, and holds nothing.
#include <errno.h>

#include <fuzz.h>

#include "store/keyfile.h"

static void check_keys(const struct km_keyfile *keyfile)
{
	FUZZ_ASSERT(keyfile->suite >= KM_SUITE_TDES && keyfile->suite <= KM_SUITE_SM4);
	FUZZ_ASSERT(keyfile->keys > 0 && keyfile->keys <= KM_MSG_SERVICE_KEYS_MAX);
	FUZZ_ASSERT(keyfile->secret.len_bytes == (size_t)keyfile->keys * 2 * KM_KEY_BYTES);
	for (unsigned i = 0; i < keyfile->keys; i++) {
		FUZZ_ASSERT(km_suite_key_ok(keyfile->suite, km_keyfile_k1(keyfile, i)));
		FUZZ_ASSERT(km_suite_key_ok(keyfile->suite, km_keyfile_auth(keyfile, i)));
		for (unsigned k = 0; k < i; k++)
			FUZZ_ASSERT(keyfile->id[k] != keyfile->id[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base_errs errs;
	struct km_keyfile keyfile;
	uint8_t *text = fuzz_exact(data, size);

	base_errs_init(&errs);
	int rc = km_keyfile_parse(&keyfile, (const char *)text, size, "k", &errs);

	FUZZ_ASSERT(rc == 0 || rc == -EINVAL);
	FUZZ_ASSERT((rc == 0) == base_errs_none(&errs));
	for (size_t i = 0; i < errs.count; i++)
		FUZZ_ASSERT(strncmp(errs.text[i], "k:", 2) == 0);
	if (rc == 0)
		check_keys(&keyfile);
	else
		FUZZ_ASSERT(!keyfile.secret.bytes && keyfile.keys == 0);
	km_keyfile_free(&keyfile);
	free(text);
	return 0;
}

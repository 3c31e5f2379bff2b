// SPDX-License-Identifier: GPL-3.0-or-later
// One ECM section, through the parser and the CA client. The first byte: bit 0, its length is made right; bit 1, its
// MAC.
#include <base_bytes.h>
#include <stb_client.h>
#include <stb_desk.h>

static void check_view(const struct stb_ecm *ecm, const uint8_t *section, size_t n)
{
	const uint8_t *ecws = ecm->conditions + ecm->conditions_bytes;

	FUZZ_ASSERT(n <= STB_ECM_MAX_BYTES && ecm->signed_bytes + STB_ECM_MAC_BYTES == n);
	FUZZ_ASSERT((ecm->table_id & 1) == (ecm->cp_number & 1));
	FUZZ_ASSERT(stb_suite_ecw_bytes((enum stb_suite)ecm->suite, ecm->ecw_bytes));
	FUZZ_ASSERT(ecm->conditions == section + 16 && ecws + 2 * ecm->ecw_bytes == section + ecm->signed_bytes);
	FUZZ_ASSERT(!ecm->even || ecm->even == ecws);
	FUZZ_ASSERT(!ecm->odd || ecm->odd == ecws + ecm->ecw_bytes);
}

static void check_stream(const uint8_t *section, size_t n, bool well_formed)
{
	uint8_t room[STB_WORDS_BYTES] = {0};
	struct stb_ecm_stream stream;
	struct stb_client client;
	struct stb_words words;
	uint64_t opened;

	stb_ecm_stream_init(&stream);
	stb_words_init(&words, room);
	FUZZ_ASSERT(stb_client_init(&client, desk_keys()) == 0);
	FUZZ_ASSERT(stb_words_set_cipher(&words, &stb_cipher_cissa) == 0);
	for (unsigned i = 0; i < 2; i++)
		stb_ecm_stream_take(&stream, &client, &words, section, n);
	opened = stream.verdict[STB_ECM_OPENED];
	FUZZ_ASSERT(stream.received == 2 && stream.repeats + opened + stb_ecm_stream_refused(&stream) == 2);
	FUZZ_ASSERT(opened <= 1 && (!opened || well_formed) && stream.verdict[STB_ECM_FAILED] == 0);
	FUZZ_ASSERT(words.serials == 0 || opened == 1);
	for (size_t i = 0; i < client.words.capacity_bytes; i++)
		FUZZ_ASSERT(client.words.bytes[i] == 0);
	stb_words_fini(&words);
	stb_client_fini(&client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stb_ecm ecm;

	// A receiver gives only whole sections with an ECM's table_id; the parser takes anything.
	if (size < 1)
		return 0;
	size_t n = size - 1;
	uint8_t *section = fuzz_exact(data + 1, n);

	if ((data[0] & 1) && n >= 3 && n <= 4096)
		base_bytes_put16(section + 1, (section[1] & 0xF0u) << 8 | (unsigned)(n - 3));
	if (data[0] & 2)
		desk_seal(section, n);

	enum stb_ecm_verdict verdict = stb_ecm_parse(&ecm, section, n);
	bool well_formed = verdict == STB_ECM_OPENED;

	FUZZ_ASSERT(verdict <= STB_ECM_WRONG_SUITE && stb_ecm_verdict_name[verdict]);
	if (well_formed) {
		check_view(&ecm, section, n);

		struct stb_service_key key;

		FUZZ_ASSERT(stb_keys_find(desk_keys(), 1, &key) == 0);
		verdict = stb_ecm_check_mac(&ecm, key.auth);
		FUZZ_ASSERT(verdict == STB_ECM_OPENED || verdict == STB_ECM_BAD_MAC);
		if ((data[0] & 2) && ecm.suite == STB_SUITE_AES)
			FUZZ_ASSERT(verdict == STB_ECM_OPENED);
	}
	check_stream(section, n, well_formed);
	free(section);
	return 0;
}

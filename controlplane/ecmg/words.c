// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/words.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <base_bytes.h>
#include <base_secret.h>

enum { CP_BYTES = 2 };

// A word where it stands, in the message or in memory.
struct found {
	uint16_t cp_number;
	const uint8_t *cw; // NULL: nowhere
	size_t bytes;
};

static bool known_length(size_t bytes)
{
	return bytes == 8 || bytes == 16;
}

// Looks at every CP_CW_combination; words that the ECM does not need are passed over. Returns how many there were.
static int look_in_message(const struct sim_msg *provision, struct found *older, struct found *newer)
{
	const uint8_t *value;
	size_t position = 0, n;
	int count = 0;

	while (sim_next(provision, SIM_P_CP_CW_COMBINATION, &position, &value, &n)) {
		if (n < CP_BYTES || !known_length(n - CP_BYTES))
			return -EMSGSIZE;
		uint16_t cp_number = base_bytes_get16(value);
		struct found *found = cp_number == older->cp_number   ? older
				      : cp_number == newer->cp_number ? newer
								      : NULL;

		count++;
		if (!found)
			continue;
		if (found->cw &&
		    (found->bytes != n - CP_BYTES || memcmp(found->cw, value + CP_BYTES, found->bytes) != 0))
			return -EINVAL;
		found->cw = value + CP_BYTES;
		found->bytes = n - CP_BYTES;
	}
	return count;
}

static void look_in_memory(const struct cas_words *memory, struct found *found)
{
	const struct cas_word *word = &memory->word[found->cp_number & 1];

	if (found->cw || word->bytes == 0 || word->cp_number != found->cp_number)
		return;
	found->cw = word->cw;
	found->bytes = word->bytes;
}

static void put_word(struct km_msg_ecm_request *request, const struct found *found)
{
	bool odd = found->cp_number & 1;
	uint8_t *cw = odd ? request->cw_odd : request->cw_even;

	memset(cw, 0, KM_MSG_CW_BYTES);
	memcpy(cw, found->cw, found->bytes);
	request->have |= odd ? 2 : 1;
}

static void remember(struct cas_words *memory, const struct found *found)
{
	struct cas_word *word = &memory->word[found->cp_number & 1];

	if (found->cw == word->cw)
		return;
	base_secret_scrub(word, sizeof(*word));
	if (!found->cw)
		return;
	word->cp_number = found->cp_number;
	word->bytes = (uint8_t)found->bytes;
	memcpy(word->cw, found->cw, found->bytes);
}

int cas_words_choose(struct km_msg_ecm_request *request, struct cas_words *memory, const struct cas_conf_ecmg *conf,
		     const struct sim_msg *provision)
{
	uint16_t cp_number = (uint16_t)sim_get(provision, SIM_P_CP_NUMBER, 0);
	struct found older = {.cp_number = (uint16_t)(cp_number + conf->lead_cw - 1)};
	struct found newer = {.cp_number = (uint16_t)(cp_number + conf->lead_cw)};
	int count = look_in_message(provision, &older, &newer);

	if (count < 0)
		return count;
	look_in_memory(memory, &newer);
	look_in_memory(memory, &older);
	if (!newer.cw)
		return -ENODATA;
	if (!older.cw && conf->cw_per_msg > 1 && (conf->lead_cw > 0 || count < conf->cw_per_msg))
		return -ENODATA;

	request->cp_number = cp_number;
	request->cw_bytes = (uint8_t)(older.cw && older.bytes > newer.bytes ? older.bytes : newer.bytes);
	put_word(request, &newer);
	if (older.cw)
		put_word(request, &older);
	remember(memory, &newer);
	remember(memory, &older);
	return 0;
}

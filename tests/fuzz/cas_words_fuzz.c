// SPDX-License-Identifier: GPL-3.0-or-later
// The control words of CW_provisions. The first byte is lead_CW and CW_per_msg, messages follow one after the other on
// one stream. What is chosen are words of the two crypto-periods that the ECM is due.
#include <errno.h>

#include <fuzz.h>

#include "ecmg/words.h"

static void check_request(const struct km_msg_ecm_request *request, const struct cas_words *memory,
			  const struct cas_conf_ecmg *conf, const struct sim_msg *msg)
{
	uint16_t newer = (uint16_t)(sim_get(msg, SIM_P_CP_NUMBER, 0) + conf->lead_cw), older = (uint16_t)(newer - 1);
	const uint8_t *word[2] = {request->cw_even, request->cw_odd};

	FUZZ_ASSERT(request->cw_bytes == 8 || request->cw_bytes == 16);
	FUZZ_ASSERT(request->have >> (newer & 1) & 1);
	FUZZ_ASSERT(memory->word[newer & 1].cp_number == newer && memory->word[newer & 1].bytes == request->cw_bytes);
	FUZZ_ASSERT(!memcmp(memory->word[newer & 1].cw, word[newer & 1], request->cw_bytes));
	if (request->have == 3)
		FUZZ_ASSERT(memory->word[older & 1].cp_number == older);
	else
		FUZZ_ASSERT(memory->word[older & 1].bytes == 0 && (conf->cw_per_msg == 1 || conf->lead_cw == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = fuzz_exact(data, size);
	struct cas_conf_ecmg conf = {.lead_cw = size ? bytes[0] & 1 : 0,
				     .cw_per_msg = size ? 1 + (bytes[0] >> 1 & 1) : 1};
	struct cas_words memory = {0};

	for (size_t at = 1, n; size >= SIM_HEADER_BYTES && at <= size - SIM_HEADER_BYTES; at += n) {
		struct cas_words before = memory;
		struct km_msg_ecm_request request = {0};
		struct sim_error error;
		struct sim_msg msg;

		n = sim_message_bytes(bytes + at);
		if (n > size - at)
			break;
		if (sim_decode(&msg, SIM_ECMG_SCS, bytes + at, n, &error) || msg.type != SIM_CW_PROVISION)
			continue;
		int rc = cas_words_choose(&request, &memory, &conf, &msg);

		FUZZ_ASSERT(rc == 0 || rc == -ENODATA || rc == -EMSGSIZE || rc == -EINVAL);
		if (rc == 0)
			check_request(&request, &memory, &conf, &msg);
		else
			FUZZ_ASSERT(!memcmp(&before, &memory, sizeof(before)) && request.have == 0);
	}
	free(bytes);
	return 0;
}

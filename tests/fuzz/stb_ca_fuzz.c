// SPDX-License-Identifier: GPL-3.0-or-later
// PAT, CAT, PMTs, ECMs, EMMs and scrambled packets, through the terminal's receiver with keys.
//
// The first byte, bit 0: CA system 0x0A0B alone. Records follow (stb_records.h). Of a section the length is made right;
// bit 2 of the lead clear: in the long form with its CRC_32; set: as an ECM with its MAC (bit 1: left as it is).
#include <stb_desk.h>
#include <stb_records.h>
#include <ts_crc.h>

static bool whole(unsigned lead, uint8_t *section, size_t n)
{
	unsigned form = lead & 4 ? 0 : 0x8000;

	if (form && n < TS_SECTION_LONG_HEADER_BYTES + TS_SECTION_CRC_BYTES)
		return false;
	base_bytes_put16(section + 1, form | (section[1] & 0x70u) << 8 | (unsigned)(n - TS_SECTION_HEADER_BYTES));
	if (form)
		base_bytes_put32(section + n - TS_SECTION_CRC_BYTES, ts_crc32(section, n - TS_SECTION_CRC_BYTES));
	else if (!(lead & 2) && (section[0] & 0xFE) == STB_ECM_TABLE_EVEN)
		desk_seal(section, n);
	return true;
}

static void check_words(const struct stb_words *w)
{
	FUZZ_ASSERT(w->parity == 0 || w->parity == TS_TSC_EVEN || w->parity == TS_TSC_ODD);
	FUZZ_ASSERT(w->parity != 0 || w->flips == 0);
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < STB_WORD_PLACES; k++) {
			const struct stb_word *word = &w->word[i][k];

			FUZZ_ASSERT(word->n <= STB_ECW_MAX_BYTES && word->serial <= w->serials);
			FUZZ_ASSERT(!word->key == !w->cipher && (word->n > 0) == (word->serial > 0));
			for (size_t b = word->n; b < STB_ECW_MAX_BYTES; b++)
				FUZZ_ASSERT(word->cw[b] == 0);
		}
	}
}

static void check(const struct stb_receiver *r)
{
	FUZZ_ASSERT(r->emms.pids <= STB_EMM_PIDS_MAX && r->emms.n <= STB_EMM_DISTINCT_MAX);
	FUZZ_ASSERT(r->emms.n + r->emms.untold <= r->emms.received);
	for (size_t i = 0; i < r->programmes; i++) {
		const struct stb_programme *p = &r->programme[i];
		const struct stb_ecm_stream *e = &p->ecm;

		FUZZ_ASSERT(e->received == e->repeats + e->verdict[STB_ECM_OPENED] + stb_ecm_stream_refused(e));
		FUZZ_ASSERT(e->pid == TS_PID_NULL || p->in_pat);
		FUZZ_ASSERT(e->pid == TS_PID_NULL || r->config->ca_system_id == 0 || e->ca_system_id == 0x0A0B);
		check_words(&p->words);
	}
	for (size_t i = 0; i < TS_PIDS; i++) {
		const struct stb_pid *pid = &r->pid[i];
		uint64_t results = 0;

		for (size_t k = 0; k < STB_RESULTS; k++)
			results += k == STB_BROKEN ? 0 : pid->result[k];
		FUZZ_ASSERT(results == pid->even + pid->odd && pid->key.pes_good <= pid->key.pes_starts);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stb_receiver_config config = {.keys = desk_keys()};
	struct stb_receiver receiver;
	struct base_errs errs;

	if (size == 0)
		return 0;
	base_errs_init(&errs);
	config.ca_system_id = data[0] & 1 ? 0x0A0B : 0;
	FUZZ_ASSERT(stb_receiver_init(&receiver, &config) == 0);
	records_run(&receiver, whole, data + 1, size - 1);
	check(&receiver);
	bool opened = stb_receiver_opened_all(&receiver, &errs);

	FUZZ_ASSERT(opened == base_errs_none(&errs));
	stb_receiver_fini(&receiver);
	return 0;
}

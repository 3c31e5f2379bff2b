// SPDX-License-Identifier: GPL-3.0-or-later
// PAT, PMTs and whatever packets come with them, through the terminal's receiver with one scrambling group.
//
// The first byte chooses the programmes that are wanted (bit 0: 1 and 7 alone) and the algorithm. Records follow
// (stb_records.h); of a section the length is made right and the CRC_32 (bit 1 of the lead: left as it is).
#include <stb_records.h>
#include <ts_crc.h>

static bool whole(unsigned lead, uint8_t *section, size_t n)
{
	if (n < TS_SECTION_LONG_HEADER_BYTES + TS_SECTION_CRC_BYTES)
		return false;
	// A section that does not end where it says would run on in the next packet.
	base_bytes_put16(section + 1, 0x8000 | (section[1] & 0x70u) << 8 | (unsigned)(n - TS_SECTION_HEADER_BYTES));
	if (!(lead & 2))
		base_bytes_put32(section + n - TS_SECTION_CRC_BYTES, ts_crc32(section, n - TS_SECTION_CRC_BYTES));
	return true;
}

static bool is_programme(const struct stb_receiver *r, const struct stb_programme *p)
{
	return p >= r->programme && p < r->programme + r->programmes;
}

static void check(const struct stb_receiver *r)
{
	FUZZ_ASSERT(r->programmes <= STB_PROGRAMMES_MAX && r->pat.n <= STB_PROGRAMMES_MAX);
	for (size_t i = 0; i < r->programmes; i++) {
		const struct stb_programme *p = &r->programme[i];

		FUZZ_ASSERT(p->number > 0 && p->pmt_pid < TS_PIDS && r->pid[p->pmt_pid].sections);
		FUZZ_ASSERT(p->pmt_version >= -1 && p->pmt_version < 32 && (p->in_pat || p->pmt_version == -1));
		FUZZ_ASSERT(r->config->wanted_n == 0 || p->number == 1 || p->number == 7);
		for (size_t k = 0; k < i; k++)
			FUZZ_ASSERT(r->programme[k].number != p->number);
	}
	for (size_t i = 0; i < TS_PIDS; i++) {
		const struct stb_pid *pid = &r->pid[i];

		FUZZ_ASSERT(!pid->listed_by || is_programme(r, pid->listed_by));
		FUZZ_ASSERT(!pid->programme || pid->programme == pid->listed_by);
		FUZZ_ASSERT(!pid->programme || pid->programme->in_pat);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stb_schedule schedule; // locked memory, made once
	struct stb_receiver_config config = {.schedule = &schedule, .wanted = {1, 7}, .choices = 2};
	struct stb_receiver receiver;
	struct base_errs errs;

	base_errs_init(&errs);
	if (!schedule.group)
		FUZZ_ASSERT(stb_schedule_fixed(&schedule, "0011223344556677", "1021324354657687", &errs) == 0);
	if (size == 0)
		return 0;
	config.wanted_n = data[0] & 1 ? 2 : 0;
	config.algorithm = (enum stb_algorithm)((data[0] >> 1) % STB_ALGORITHMS);
	config.choice[0] = (struct stb_group_choice){2, NULL};
	config.choice[1] = (struct stb_group_choice){0, &schedule.group[0]};
	FUZZ_ASSERT(stb_receiver_init(&receiver, &config) == 0);
	records_run(&receiver, whole, data + 1, size - 1);
	check(&receiver);
	bool opened = stb_receiver_opened_all(&receiver, &errs);

	FUZZ_ASSERT(opened == base_errs_none(&errs));
	stb_receiver_fini(&receiver);
	return 0;
}

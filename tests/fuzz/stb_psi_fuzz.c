// SPDX-License-Identifier: GPL-3.0-or-later
// PAT, PMTs and whatever packets come with them, through the terminal's receiver with one scrambling group.
//
// The first byte chooses the programmes that are wanted (bit 0: 1 and 7 alone) and the algorithm. Records follow, each
// led by a byte. Its low bit 0: a transport packet of 188 bytes as it is. 1: a PID and a size of two bytes each and a
// section of that size, whose length and CRC_32 are made right (bit 1: left as they are) and which goes in as packets.
#include <fuzz.h>
#include <stb_receiver.h>
#include <ts_crc.h>

static uint8_t cc[TS_PIDS];

static void give(struct stb_receiver *r, const uint8_t *packet)
{
	uint8_t *copy = fuzz_exact(packet, TS_PACKET_BYTES);

	FUZZ_ASSERT(stb_receiver_packet(r, copy) == 0);
	free(copy);
}

static void give_section(struct stb_receiver *r, unsigned lead, uint16_t pid, const uint8_t *bytes, size_t n)
{
	uint8_t packets[TS_SECTION_MAX_BYTES / 183 + 2][TS_PACKET_BYTES];
	uint8_t section[TS_SECTION_MAX_BYTES];
	int count;

	if (n < TS_SECTION_LONG_HEADER_BYTES + TS_SECTION_CRC_BYTES || n > sizeof(section))
		return;
	memcpy(section, bytes, n);
	// A section that does not end where it says would run on in the next packet.
	base_bytes_put16(section + 1, 0x8000 | (section[1] & 0x70u) << 8 | (unsigned)(n - TS_SECTION_HEADER_BYTES));
	if (!(lead & 2))
		base_bytes_put32(section + n - TS_SECTION_CRC_BYTES, ts_crc32(section, n - TS_SECTION_CRC_BYTES));
	count = ts_section_packetize(packets, sizeof(packets) / sizeof(packets[0]), section, n, pid, &cc[pid]);
	FUZZ_ASSERT(count > 0);
	for (int i = 0; i < count; i++)
		give(r, packets[i]);
}

// Takes one record; returns its size, 0 when it is cut.
static size_t record(struct stb_receiver *r, const uint8_t *bytes, size_t n)
{
	size_t size;

	if (!(bytes[0] & 1)) {
		if (n < 1 + TS_PACKET_BYTES)
			return 0;
		give(r, bytes + 1);
		return 1 + TS_PACKET_BYTES;
	}
	if (n < 5)
		return 0;
	size = base_bytes_get16(bytes + 3);
	if (size > n - 5)
		return 0;
	give_section(r, bytes[0], base_bytes_get16(bytes + 1) & 0x1FFF, bytes + 5, size);
	return 5 + size;
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
	size_t step = 1;

	base_errs_init(&errs);
	if (!schedule.group)
		FUZZ_ASSERT(stb_schedule_fixed(&schedule, "0011223344556677", "1021324354657687", &errs) == 0);
	if (size == 0)
		return 0;
	config.wanted_n = data[0] & 1 ? 2 : 0;
	config.algorithm = (enum stb_algorithm)((data[0] >> 1) % STB_ALGORITHMS);
	config.choice[0] = (struct stb_group_choice){2, NULL};
	config.choice[1] = (struct stb_group_choice){0, &schedule.group[0]};
	memset(cc, 0, sizeof(cc));
	FUZZ_ASSERT(stb_receiver_init(&receiver, &config) == 0);
	for (size_t at = 1; at < size && step > 0; at += step)
		step = record(&receiver, data + at, size - at);
	check(&receiver);
	bool opened = stb_receiver_opened_all(&receiver, &errs);

	FUZZ_ASSERT(opened == base_errs_none(&errs));
	stb_receiver_fini(&receiver);
	return 0;
}

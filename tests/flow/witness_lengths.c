// SPDX-License-Identifier: GPL-3.0-or-later
// witness_lengths: writes a transport stream with every payload length, for the witness of that name.
//
// Each round has a packet without adaptation field, one with adaptation field only, and one with an adaptation field of
// each length 0 to 183 in front of a payload of 183 to 0 bytes, in turn on two PIDs; the rounds alternate which PID
// gets which. Payloads are random. PAT, PMT and PCR (on a PID of its own) stand around them. At the end of a round come
// packets with a malformed adaptation field, which a scrambler must refuse: 10 with another length than 183, 11 with
// one over 183, and the reserved 00.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3.2 to 2.4.3.5. Exit status: 0, or 2 usage or files.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ts_packet.h>
#include <ts_pat.h>
#include <ts_pmt.h>

enum {
	PROGRAM = 7,
	PID_PMT = 0x0100,
	PID_VIDEO = 0x0101,
	PID_AUDIO = 0x0102,
	PID_PCR = 0x0103,
	STREAM_H264 = 0x1B,
	STREAM_MP2 = 0x03,
	ADAPTATION_MAX = 183,
	ROUNDS = 12,
	PCR_EVERY_PKTS = 8,
	PCR_STEP_27MHZ = 20 * 27000, // 20 ms: a round of 190 packets takes half a second
};

struct maker {
	FILE *file;
	uint8_t cc[TS_PIDS];
	uint64_t pcr_27mhz;
	unsigned since_pcr;
	uint64_t random; // xorshift64, seeded the same in every run
};

static uint8_t random_byte(struct maker *m)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (uint8_t)(m->random >> 32);
}

// continuity_counter counts packets with payload (ISO/IEC 13818-1 clause 2.4.3.3).
static void put(struct maker *m, uint8_t *packet)
{
	uint8_t *cc = &m->cc[ts_packet_pid(packet)];

	if (ts_packet_has_payload(packet))
		*cc = (uint8_t)((*cc + 1) & 0x0F);
	ts_packet_set_cc(packet, *cc);
	fwrite(packet, TS_PACKET_BYTES, 1, m->file);
}

static void put_section(struct maker *m, uint16_t pid, const uint8_t *section, int n)
{
	uint8_t packets[TS_SECTION_MAX_PKTS][TS_PACKET_BYTES], cc = 0;
	int count = n < 0 ? 0 : ts_section_packetize(packets, TS_SECTION_MAX_PKTS, section, (size_t)n, pid, &cc);

	for (int i = 0; i < count; i++)
		put(m, packets[i]);
}

static void put_tables(struct maker *m)
{
	static struct ts_pat pat = {.transport_stream_id = 1, .current = true, .n = 1, .program = {{PROGRAM, PID_PMT}}};
	static struct ts_pmt pmt = {
		.program_number = PROGRAM,
		.current = true,
		.pcr_pid = PID_PCR,
		.n = 2,
		.stream = {{.stream_type = STREAM_H264, .pid = PID_VIDEO},
			   {.stream_type = STREAM_MP2, .pid = PID_AUDIO}},
	};
	uint8_t section[TS_SECTION_MAX_BYTES];

	put_section(m, TS_PID_PAT, section, ts_pat_write(section, sizeof(section), &pat));
	put_section(m, PID_PMT, section, ts_pmt_write(section, sizeof(section), &pmt));
}

static void put_pcr(struct maker *m)
{
	uint8_t packet[TS_PACKET_BYTES] = {TS_SYNC_BYTE, 0, 0, TS_AFC_ADAPTATION << 4, ADAPTATION_MAX, 0x10};

	ts_packet_set_pid(packet, PID_PCR);
	memset(packet + 12, 0xFF, sizeof(packet) - 12);
	ts_packet_set_pcr(packet, m->pcr_27mhz);
	m->pcr_27mhz += PCR_STEP_27MHZ;
	put(m, packet);
}

// One packet with `afc`, and behind it an adaptation_field_length when it has a field; the rest is random.
static void put_packet(struct maker *m, uint16_t pid, unsigned afc, unsigned length)
{
	uint8_t packet[TS_PACKET_BYTES] = {TS_SYNC_BYTE, 0, 0, (uint8_t)(afc << 4)};
	size_t field = length <= ADAPTATION_MAX ? length : ADAPTATION_MAX;

	ts_packet_set_pid(packet, pid);
	for (size_t i = TS_HEADER_BYTES; i < sizeof(packet); i++)
		packet[i] = random_byte(m);
	if (afc & TS_AFC_ADAPTATION) {
		packet[4] = (uint8_t)length;
		memset(packet + 5, 0xFF, field);
		if (field > 0)
			packet[5] = 0; // no flag set: stuffing
	}
	put(m, packet);
	if (++m->since_pcr == PCR_EVERY_PKTS) {
		m->since_pcr = 0;
		put_pcr(m);
	}
}

static void put_malformed(struct maker *m, uint16_t pid)
{
	put_packet(m, pid, TS_AFC_ADAPTATION, 0);
	put_packet(m, pid, TS_AFC_ADAPTATION, 182);
	put_packet(m, pid, TS_AFC_ADAPTATION, 184);
	put_packet(m, pid, TS_AFC_BOTH, 184);
	put_packet(m, pid, TS_AFC_BOTH, 255);
	put_packet(m, pid, TS_AFC_RESERVED, 0);
}

static void put_round(struct maker *m, unsigned round)
{
	const uint16_t pid[2] = {round % 2 ? PID_AUDIO : PID_VIDEO, round % 2 ? PID_VIDEO : PID_AUDIO};

	put_tables(m);
	put_packet(m, pid[0], TS_AFC_PAYLOAD, 0);
	put_packet(m, pid[1], TS_AFC_ADAPTATION, ADAPTATION_MAX);
	for (unsigned length = 0; length <= ADAPTATION_MAX; length++)
		put_packet(m, pid[length % 2], TS_AFC_BOTH, length);
	put_malformed(m, pid[0]);
}

int main(int argc, char **argv)
{
	struct maker maker = {.random = 0x9E3779B97F4A7C15};

	if (argc != 2) {
		fputs("usage: witness_lengths OUT.ts\n", stderr);
		return 2;
	}
	maker.file = fopen(argv[1], "wbe");
	if (!maker.file) {
		fprintf(stderr, "witness_lengths: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	put_tables(&maker);
	put_pcr(&maker);
	for (unsigned round = 0; round < ROUNDS; round++)
		put_round(&maker, round);
	int failed = ferror(maker.file);

	if (fclose(maker.file) != 0 || failed) {
		fprintf(stderr, "witness_lengths: %s: not written\n", argv[1]);
		return 2;
	}
	return 0;
}

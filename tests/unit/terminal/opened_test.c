// SPDX-License-Identifier: GPL-3.0-or-later
// What was listed and did not arrive is not opened: PAT and PMTs of the test, and packets in clear.
#include <stb_receiver.h>

#include <string.h>

#include <unit.h>

enum { PROGRAMMES = 2, PMT_PID = 0x100, VIDEO = 0x201, AUDIO = 0x202, OTHER = 0x203 };

static struct stb_receiver_config config;
static struct stb_receiver receiver;
static struct base_errs reasons;
static uint8_t counter[TS_PIDS]; // continuity_counter

static void feed_section(const uint8_t *section, int n, uint16_t pid)
{
	uint8_t packets[6][TS_PACKET_BYTES];
	int count;

	CU_ASSERT_FATAL(n > 0);
	count = ts_section_packetize(packets, 6, section, (size_t)n, pid, &counter[pid]);
	CU_ASSERT_FATAL(count > 0);
	for (int i = 0; i < count; i++)
		CU_ASSERT_EQUAL(stb_receiver_packet(&receiver, packets[i]), 0);
}

// A PAT of `programmes`: number i + 1 with its PMT on PMT_PID + i.
static void begin(uint8_t version, size_t programmes)
{
	struct ts_pat pat = {.transport_stream_id = 1, .version = version, .current = true, .n = programmes};
	uint8_t section[1024];

	for (size_t i = 0; i < programmes; i++) {
		pat.program[i].number = (uint16_t)(i + 1);
		pat.program[i].pid = (uint16_t)(PMT_PID + i);
	}
	feed_section(section, ts_pat_write(section, sizeof(section), &pat), TS_PID_PAT);
}

static void give_pmt(uint16_t number, uint8_t version, const struct ts_pmt_stream *streams, size_t n)
{
	struct ts_pmt pmt = {
		.program_number = number, .version = version, .current = true, .pcr_pid = TS_PID_NULL, .n = n};
	uint8_t section[1024];

	for (size_t i = 0; i < n; i++)
		pmt.stream[i] = streams[i];
	feed_section(section, ts_pmt_write(section, sizeof(section), &pmt), (uint16_t)(PMT_PID + number - 1));
}

static void give_packet(uint16_t pid)
{
	uint8_t packet[TS_PACKET_BYTES] = {TS_SYNC_BYTE, 0, 0, 0x10, 0, 0, 1, 0xE0};

	ts_packet_set_pid(packet, pid);
	CU_ASSERT_EQUAL(stb_receiver_packet(&receiver, packet), 0);
}

// A packet of adaptation field alone, as for a PCR.
static void give_empty(uint16_t pid)
{
	uint8_t packet[TS_PACKET_BYTES] = {TS_SYNC_BYTE, 0, 0, 0x20, 183, 0};

	ts_packet_set_pid(packet, pid);
	CU_ASSERT_EQUAL(stb_receiver_packet(&receiver, packet), 0);
}

static void start(void)
{
	stb_receiver_fini(&receiver);
	CU_ASSERT_EQUAL_FATAL(stb_receiver_init(&receiver, &config), 0);
}

// True when the verdict is "not opened", for `count` reasons, one of which has these words.
static bool refused(size_t count, const char *words)
{
	base_errs_init(&reasons);
	if (stb_receiver_opened_all(&receiver, &reasons) || reasons.count != count)
		return false;
	for (size_t i = 0; i < reasons.count; i++)
		if (strstr(reasons.text[i], words))
			return true;
	return false;
}

static bool opened(void)
{
	base_errs_init(&reasons);
	return stb_receiver_opened_all(&receiver, &reasons) && reasons.count == 0;
}

static const struct ts_pmt_stream film[] = {{0x1B, VIDEO, {0}}, {0x0F, AUDIO, {0}}};

static void tables_alone(void)
{
	start();
	begin(0, 1);
	CU_ASSERT(refused(1, "no PMT arrived on PID 0x0100"));
	give_pmt(1, 0, NULL, 0);
	CU_ASSERT(refused(1, "programme 1: no packet of its streams"));
	give_pmt(1, 1, film, 2);
	CU_ASSERT(refused(3, "programme 1: no packet of its streams"));
	CU_ASSERT(refused(3, "PID 0x0201: no packet arrived of this stream of type 0x1b"));
	give_empty(VIDEO);
	CU_ASSERT(refused(3, "PID 0x0201"));
	give_packet(VIDEO);
	CU_ASSERT(refused(1, "PID 0x0202: no packet arrived of this stream of type 0x0f"));
	give_packet(AUDIO);
	CU_ASSERT(opened());
}

static void what_may_pause(void)
{
	static const uint8_t subtitles[] = {0x59, 0}, ac3[] = {0x0A, 0, 0x6A, 1, 0};
	struct ts_pmt_stream streams[] = {{0x1B, VIDEO, {0}}, {0x06, OTHER, {subtitles, sizeof(subtitles)}}};
	static const uint8_t silent[] = {0x05, 0x0B, 0x15, 0x86, 0xC0};

	start();
	begin(0, 1);
	give_pmt(1, 0, streams, 2);
	give_packet(VIDEO);
	CU_ASSERT(opened());
	streams[1].info = (struct ts_desc_loop){ac3, sizeof(ac3)};
	give_pmt(1, 1, streams, 2);
	CU_ASSERT(refused(1, "PID 0x0203: no packet arrived of this stream of type 0x06"));
	for (size_t i = 0; i < sizeof(silent); i++) {
		streams[1].stream_type = silent[i];
		give_pmt(1, (uint8_t)(i + 2), streams, 2);
		CU_ASSERT(opened());
	}
}

// A stream counts while it is listed.
static void no_longer_listed(void)
{
	start();
	begin(0, 1);
	give_pmt(1, 0, film, 2);
	give_packet(VIDEO);
	CU_ASSERT(refused(1, "PID 0x0202"));
	give_pmt(1, 1, film, 1);
	CU_ASSERT(opened());
}

static void each_programme_by_itself(void)
{
	static const struct ts_pmt_stream radio[] = {{0x03, OTHER, {0}}};

	start();
	begin(0, PROGRAMMES);
	give_pmt(1, 0, film, 2);
	give_packet(VIDEO);
	give_packet(AUDIO);
	give_pmt(2, 0, radio, 1);
	CU_ASSERT(refused(2, "programme 2: no packet of its streams"));
	CU_ASSERT(refused(2, "PID 0x0203: no packet"));
	// The same streams under a second number arrive, though they are counted to the first.
	give_pmt(2, 1, film, 2);
	CU_ASSERT(opened());
}

// A programme that left the PAT, and of which nothing ever came, did not open.
static void left_without_a_packet(void)
{
	static const struct ts_pmt_stream radio[] = {{0x03, OTHER, {0}}};

	start();
	begin(0, PROGRAMMES);
	give_pmt(1, 0, film, 2);
	give_packet(VIDEO);
	give_packet(AUDIO);
	give_pmt(2, 0, radio, 1);
	begin(1, 1);
	CU_ASSERT(refused(1, "programme 2: no packet of its streams"));
	give_packet(OTHER);
	CU_ASSERT(opened());
	stb_receiver_fini(&receiver);
}

static const struct unit_test tests[] = {
	{"tables alone", tables_alone},
	{"what may pause", what_may_pause},
	{"no longer listed", no_longer_listed},
	{"each programme by itself", each_programme_by_itself},
	{"left without a packet", left_without_a_packet},
};

UNIT_MAIN("opened", tests)

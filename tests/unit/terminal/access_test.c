// SPDX-License-Identifier: GPL-3.0-or-later
// A scrambled programme opened by ECM alone: from PAT and PMT to the clear packet, with ECMs early, late and missing,
// and with tables that change on the way.
#include <stb_receiver.h>

#include <stdlib.h>
#include <string.h>

#include <air.h>
#include <desk.h>
#include <unit.h>

enum {
	CA_SYSTEM = 0x0A0B,
	ECM_PID = 0x1F0,
	EMM_PID = 0x1E0,
	PERIODS = 8,
	PERIOD_PKTS = 120,
	SECOND = 0x100, // how far the PIDs of a second programme are from the first one's
	TIME = 1700000000
};

// The head-end of a test. `at` is the number of the content packet that comes next.
struct scene {
	struct air_plan plan;
	struct air air;
	struct desk desk;
	struct stb_keys keys;
	struct stb_receiver_config config;
	struct stb_receiver receiver;
	struct base_errs reasons;
	enum stb_algorithm algorithm;
	int lead, delay_pkts;  // lead_CW; delay_start in packets
	unsigned first_ecm;    // ECMs of crypto-periods before it are not sent
	unsigned new_key_from; // crypto-period from which service key 2 is used
	uint16_t ecm_pid;
	uint8_t pmt_version;
	bool audio_listed, per_stream; // PMT: CA_descriptors at the streams
	uint16_t foreign_ecm_pid;      // of another CA system, 0: none
	unsigned programmes;
	bool silent; // no ECM is sent
	size_t at;
	uint64_t scrambled, equal; // packets given, and what came out as it was before
	uint8_t cc[TS_PIDS];
};

static void feed(struct scene *s, const uint8_t *packet)
{
	uint8_t copy[TS_PACKET_BYTES];

	memcpy(copy, packet, sizeof(copy));
	CU_ASSERT_EQUAL(stb_receiver_packet(&s->receiver, copy), 0);
}

static void feed_section(struct scene *s, uint16_t pid, const uint8_t *section, int n)
{
	uint8_t packets[4][TS_PACKET_BYTES];
	int count;

	CU_ASSERT_FATAL(n > 0);
	count = ts_section_packetize(packets, 4, section, (size_t)n, pid, &s->cc[pid]);
	CU_ASSERT_FATAL(count > 0);
	for (int i = 0; i < count; i++)
		feed(s, packets[i]);
}

static size_t ca_descriptor(uint8_t *out, uint16_t system, uint16_t pid)
{
	static const uint8_t private[] = {1, 2, 3};
	struct ts_desc_ca ca = {system, pid, private, sizeof(private)};

	return (size_t)ts_desc_ca_write(out, 16, &ca);
}

static void feed_pmt(struct scene *s, unsigned which)
{
	uint16_t far = (uint16_t)(which * SECOND);
	uint8_t section[1024], info[64], streams[16];
	size_t n = (size_t)ts_desc_scrambling_write(info, sizeof(info), (uint8_t)s->plan.scrambling_mode);
	size_t stream_n = s->per_stream ? ca_descriptor(streams, CA_SYSTEM, s->ecm_pid) : 0;

	if (s->foreign_ecm_pid)
		n += ca_descriptor(info + n, 0x0B00, s->foreign_ecm_pid);
	if (!s->per_stream && s->ecm_pid)
		n += ca_descriptor(info + n, CA_SYSTEM, (uint16_t)(s->ecm_pid + which));
	struct ts_pmt pmt = {
		.program_number = (uint16_t)(AIR_PROGRAM + which),
		.version = s->pmt_version,
		.current = true,
		.pcr_pid = (uint16_t)(AIR_VIDEO + far),
		.info = {info, n},
		.n = s->audio_listed ? 3 : 2,
		.stream = {{0x1B, (uint16_t)(AIR_VIDEO + far), {streams, stream_n}},
			   {0x86, (uint16_t)(AIR_SPLICE + far), {streams, 0}},
			   {0x0F, (uint16_t)(AIR_AUDIO + far), {streams, stream_n}}},
	};
	feed_section(s, (uint16_t)(AIR_PMT + far), section, ts_pmt_write(section, sizeof(section), &pmt));
}

static void feed_psi(struct scene *s)
{
	struct ts_pat pat = {.transport_stream_id = 1, .current = true, .n = s->programmes};
	uint8_t section[1024];

	for (unsigned i = 0; i < s->programmes; i++) {
		pat.program[i].number = (uint16_t)(AIR_PROGRAM + i);
		pat.program[i].pid = (uint16_t)(AIR_PMT + i * SECOND);
	}
	feed_section(s, TS_PID_PAT, section, ts_pat_write(section, sizeof(section), &pat));
	for (unsigned i = 0; i < s->programmes; i++)
		feed_pmt(s, i);
}

static const uint8_t *cw_of(const struct scene *s, int period, int parity)
{
	if (period < 0 || period >= PERIODS + 1 || (period & 1) != parity)
		return NULL;
	return s->plan.cw[period];
}

static void feed_ecm(struct scene *s, unsigned period)
{
	int other = (int)period + (s->lead ? 1 : -1);
	uint8_t section[STB_ECM_MAX_BYTES];
	struct desk_ecm ecm = {
		.service_key_id = period >= s->new_key_from ? 2 : 1,
		.cp_number = period,
		.time_s = TIME + period,
		.cw_bytes = s->algorithm == STB_CISSA ? 16 : 8,
	};

	if (period >= PERIODS || period < s->first_ecm || s->silent)
		return;
	ecm.even = cw_of(s, period & 1 ? other : (int)period, 0);
	ecm.odd = cw_of(s, period & 1 ? (int)period : other, 1);
	for (unsigned i = 0; i < s->programmes; i++)
		feed_section(s, (uint16_t)(s->ecm_pid + i), section, (int)desk_ecm(&s->desk, &ecm, section));
}

static void open_receiver(struct scene *s)
{
	char text[1024];

	base_errs_init(&s->reasons);
	CU_ASSERT_EQUAL_FATAL(stb_keys_parse(&s->keys, text, desk_keys(&s->desk, text, sizeof(text)), "keys",
					     &s->reasons),
			      0);
	s->config.keys = &s->keys;
	CU_ASSERT_EQUAL_FATAL(stb_receiver_init(&s->receiver, &s->config), 0);
}

static void begin(struct scene *s, enum stb_algorithm algorithm, enum stb_suite suite)
{
	*s = (struct scene){.algorithm = algorithm,
			    .plan = {.algorithm = algorithm,
				     .scrambling_mode = algorithm == STB_CISSA ? 0x10 : 0x02,
				     .periods = PERIODS,
				     .period_pkts = PERIOD_PKTS},
			    .ecm_pid = ECM_PID,
			    .audio_listed = true,
			    .programmes = 1,
			    .new_key_from = UINT32_MAX,
			    .delay_pkts = -20};
	air_keys(&s->plan);
	air_new(&s->air, &s->plan);
	desk_init(&s->desk, suite);
	open_receiver(s);
}

static void end(struct scene *s)
{
	stb_receiver_fini(&s->receiver);
	stb_keys_free(&s->keys);
	air_free(&s->air);
}

static void give(struct scene *s, size_t i)
{
	for (unsigned p = 0; p < s->programmes; p++) {
		uint8_t packet[TS_PACKET_BYTES], clear[TS_PACKET_BYTES];

		memcpy(packet, s->air.aired[i], sizeof(packet));
		memcpy(clear, s->air.clear[i], sizeof(clear));
		ts_packet_set_pid(packet, (uint16_t)(ts_packet_pid(packet) + p * SECOND));
		ts_packet_set_pid(clear, ts_packet_pid(packet));
		s->scrambled += ts_packet_tsc(packet) != TS_TSC_CLEAR;
		CU_ASSERT_EQUAL(stb_receiver_packet(&s->receiver, packet), 0);
		s->equal +=
			ts_packet_tsc(s->air.aired[i]) != TS_TSC_CLEAR && memcmp(packet, clear, sizeof(packet)) == 0;
	}
}

// Plays the air from the packet that comes next up to content packet `to`, the air's own tables left out.
static void play(struct scene *s, size_t to)
{
	size_t content = 0;
	int started = (int)(s->at / PERIOD_PKTS);

	feed_psi(s);
	feed_ecm(s, (unsigned)started);
	for (size_t i = 0; i < s->air.n && content < to; i++) {
		uint16_t pid = ts_packet_pid(s->air.aired[i]);

		if (pid == TS_PID_PAT || pid == AIR_PMT)
			continue;
		if (content++ < s->at)
			continue;
		for (int n = started + 1; n < PERIODS; n++)
			if (n * PERIOD_PKTS + s->delay_pkts == (int)content - 1)
				feed_ecm(s, (unsigned)n);
		give(s, i);
	}
	s->at = to;
}

static void play_all(struct scene *s)
{
	play(s, (size_t)PERIODS * PERIOD_PKTS);
}

static bool opened(struct scene *s)
{
	bool all;

	base_errs_init(&s->reasons);
	all = stb_receiver_opened_all(&s->receiver, &s->reasons);
	for (size_t i = 0; i < s->reasons.count && i < 3; i++)
		printf("  reason: %s\n", s->reasons.text[i]);
	return all;
}

static bool said(const struct scene *s, const char *words)
{
	for (size_t i = 0; i < s->reasons.count; i++)
		if (strstr(s->reasons.text[i], words))
			return true;
	return false;
}

static const struct stb_ecm_stream *ecms(const struct scene *s)
{
	return &s->receiver.programme[0].ecm;
}

static uint64_t result(const struct scene *s, uint16_t pid, enum stb_result which)
{
	return s->receiver.pid[pid].result[which];
}

static void every_suite_and_algorithm(void)
{
	static const enum stb_algorithm algorithms[] = {STB_CSA2, STB_CISSA};
	static const enum stb_suite suites[] = {STB_SUITE_TDES, STB_SUITE_AES, STB_SUITE_SM4};
	struct scene s;

	for (size_t i = 0; i < 6; i++) {
		begin(&s, algorithms[i % 2], suites[i / 2]);
		play_all(&s);
		CU_ASSERT_EQUAL(s.equal, s.scrambled);
		CU_ASSERT(opened(&s));
		CU_ASSERT_EQUAL(s.receiver.programme[0].words.flips, PERIODS - 1);
		CU_ASSERT_EQUAL(s.receiver.programme[0].words.proved, PERIODS);
		CU_ASSERT_EQUAL(ecms(&s)->verdict[STB_ECM_OPENED], PERIODS);
		CU_ASSERT_EQUAL(stb_ecm_stream_refused(ecms(&s)), 0);
		CU_ASSERT_EQUAL(ecms(&s)->cp_last, PERIODS - 1);
		CU_ASSERT_EQUAL(ecms(&s)->cp_gaps, 0);
		end(&s);
	}
}

// lead_CW and delay_start in all combinations that can work.
static void early_and_late(void)
{
	static const struct {
		int lead, delay_pkts;
	} with[] = {{0, -1}, {0, -60}, {0, -110}, {1, 1}, {1, 30}, {1, 100},
		    {1, -1}, {1, -30}, {1, -110}, {1, 0}, {0, 0}};
	struct scene s;

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		begin(&s, STB_CISSA, STB_SUITE_AES);
		s.lead = with[i].lead;
		s.delay_pkts = with[i].delay_pkts;
		play_all(&s);
		CU_ASSERT_EQUAL(s.equal, s.scrambled);
		CU_ASSERT(opened(&s));
		end(&s);
	}
}

// An ECM that comes after its flip without a word ahead: what was opened with the old word is told.
static void too_late(void)
{
	struct scene s;

	begin(&s, STB_CISSA, STB_SUITE_AES);
	s.delay_pkts = 40;
	play_all(&s);
	CU_ASSERT(s.equal < s.scrambled);
	CU_ASSERT(!opened(&s));
	CU_ASSERT(said(&s, "PES starts did not begin with 00 00 01"));
	CU_ASSERT(said(&s, "no CW of this parity"));
	end(&s);
}

// The first ECM comes in the middle; before it everything waits, and that is no fault.
static void joins_before_the_ecm(void)
{
	struct scene s;

	begin(&s, STB_CSA2, STB_SUITE_TDES);
	s.first_ecm = 2;
	play_all(&s);
	CU_ASSERT(opened(&s));
	CU_ASSERT_EQUAL(s.equal + result(&s, AIR_VIDEO, STB_WAITING) + result(&s, AIR_AUDIO, STB_WAITING), s.scrambled);
	CU_ASSERT(result(&s, AIR_VIDEO, STB_WAITING) > 100);
	CU_ASSERT_EQUAL(ecms(&s)->cp_first, 2);
	end(&s);
}

static void wrong_keys(void)
{
	struct scene s;

	begin(&s, STB_CISSA, STB_SUITE_AES);
	memset(s.desk.auth, 0x5A, sizeof(s.desk.auth));
	play_all(&s);
	CU_ASSERT_EQUAL(s.equal, 0);
	CU_ASSERT_EQUAL(result(&s, AIR_VIDEO, STB_OPENED), 0);
	CU_ASSERT(!opened(&s));
	CU_ASSERT(said(&s, "no ECM of PID 0x01f0 opened, 8 were refused: bad_mac"));
	CU_ASSERT(said(&s, "no CW of the ECMs opened any of"));
	end(&s);
	// The right MAC and another service key: words come, and none of them is right.
	begin(&s, STB_CISSA, STB_SUITE_AES);
	memset(s.desk.k1, 0x5A, sizeof(s.desk.k1));
	play_all(&s);
	// Payloads shorter than a block are in clear on air.
	CU_ASSERT(s.equal < s.scrambled / 5);
	CU_ASSERT(!opened(&s));
	CU_ASSERT_EQUAL(s.receiver.pid[AIR_VIDEO].key.pes_good, 0);
	CU_ASSERT(s.receiver.pid[AIR_VIDEO].key.pes_starts > 50);
	end(&s);
}

static void no_ecm_at_all(void)
{
	struct scene s;

	begin(&s, STB_CISSA, STB_SUITE_AES);
	s.silent = true;
	play_all(&s);
	CU_ASSERT(!opened(&s));
	CU_ASSERT(said(&s, "no ECM arrived on PID 0x01f0"));
	end(&s);
	begin(&s, STB_CISSA, STB_SUITE_AES);
	s.config.ca_system_id = 0x0C00;
	play_all(&s);
	CU_ASSERT(!opened(&s));
	CU_ASSERT(result(&s, AIR_VIDEO, STB_NO_ECM) > 500);
	CU_ASSERT(said(&s, "the PMT names no ECM PID of the CA system for them"));
	end(&s);
}

static void tables_change(void)
{
	struct scene s;

	begin(&s, STB_CISSA, STB_SUITE_AES);
	s.audio_listed = false;
	play(&s, 200);
	CU_ASSERT(result(&s, AIR_AUDIO, STB_NO_PROGRAMME) > 10);
	uint64_t closed = result(&s, AIR_AUDIO, STB_NO_PROGRAMME);

	// A stream more, with the words that are here already.
	s.audio_listed = true;
	s.pmt_version++;
	play(&s, 300);
	CU_ASSERT_EQUAL(result(&s, AIR_AUDIO, STB_NO_PROGRAMME), closed);
	// The ECM PID moves in the middle of a crypto-period.
	s.ecm_pid = ECM_PID + 5;
	s.pmt_version++;
	play(&s, 500);
	CU_ASSERT_EQUAL(ecms(&s)->pid, ECM_PID + 5);
	CU_ASSERT_EQUAL(ecms(&s)->pid_changes, 1);
	// The descriptors move to the streams.
	s.per_stream = true;
	s.pmt_version++;
	play(&s, 700);
	s.new_key_from = 6;
	play_all(&s);
	CU_ASSERT_EQUAL(s.equal + closed, s.scrambled);
	CU_ASSERT(opened(&s));
	CU_ASSERT_EQUAL(ecms(&s)->service_key_changes, 1);
	CU_ASSERT_EQUAL(ecms(&s)->cp_gaps, 0);
	CU_ASSERT_EQUAL(s.receiver.programme[0].pmt_changes, 3);
	end(&s);
}

// Of two CA systems the one that was asked for.
static void one_of_two_ca_systems(void)
{
	struct scene s;

	begin(&s, STB_CSA2, STB_SUITE_SM4);
	s.foreign_ecm_pid = ECM_PID + 9;
	s.config.ca_system_id = CA_SYSTEM;
	play_all(&s);
	CU_ASSERT(opened(&s));
	CU_ASSERT_EQUAL(ecms(&s)->pid, ECM_PID);
	CU_ASSERT_EQUAL(ecms(&s)->ca_system_id, CA_SYSTEM);
	end(&s);
	begin(&s, STB_CSA2, STB_SUITE_SM4);
	s.foreign_ecm_pid = ECM_PID + 9;
	play_all(&s);
	CU_ASSERT(!opened(&s));
	CU_ASSERT_EQUAL(ecms(&s)->pid, ECM_PID + 9);
	end(&s);
}

// A stream with an ECM PID of its own, beside the programme's, stays closed and says so.
static void stream_with_its_own_ecm(void)
{
	uint8_t section[1024], info[32], own[16];
	size_t info_n = (size_t)ts_desc_scrambling_write(info, sizeof(info), 0x10), own_n;
	struct ts_pmt pmt = {
		.program_number = AIR_PROGRAM, .version = 9, .current = true, .pcr_pid = AIR_VIDEO, .n = 2};
	struct scene s;

	begin(&s, STB_CISSA, STB_SUITE_AES);
	play(&s, 120);
	info_n += ca_descriptor(info + info_n, CA_SYSTEM, ECM_PID);
	own_n = ca_descriptor(own, CA_SYSTEM, ECM_PID + 7);
	pmt.info = (struct ts_desc_loop){info, info_n};
	pmt.stream[0] = (struct ts_pmt_stream){0x1B, AIR_VIDEO, {0}};
	pmt.stream[1] = (struct ts_pmt_stream){0x0F, AIR_AUDIO, {own, own_n}};
	feed_section(&s, AIR_PMT, section, ts_pmt_write(section, sizeof(section), &pmt));
	for (size_t i = 130; i < 140; i++)
		give(&s, i);
	CU_ASSERT(result(&s, AIR_AUDIO, STB_NO_ECM) > 0);
	CU_ASSERT_EQUAL(result(&s, AIR_VIDEO, STB_NO_ECM), 0);
	end(&s);
}

static void two_programmes(void)
{
	struct scene s;

	begin(&s, STB_CISSA, STB_SUITE_AES);
	s.programmes = 2;
	play_all(&s);
	CU_ASSERT_EQUAL(s.equal, s.scrambled);
	CU_ASSERT(opened(&s));
	CU_ASSERT_EQUAL(s.receiver.programmes, 2);
	CU_ASSERT_EQUAL(s.receiver.programme[1].ecm.pid, ECM_PID + 1);
	CU_ASSERT_EQUAL(s.receiver.programme[1].ecm.verdict[STB_ECM_OPENED], PERIODS);
	CU_ASSERT_EQUAL(s.receiver.programme[1].words.flips, PERIODS - 1);
	end(&s);
}

static void feed_cat(struct scene *s, uint8_t version, const uint16_t (*pids)[2], size_t n)
{
	uint8_t section[1024], info[64];
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += ca_descriptor(info + bytes, pids[i][0], pids[i][1]);
	struct ts_cat cat = {.version = version, .current = true, .info = {info, bytes}};

	feed_section(s, TS_PID_CAT, section, ts_cat_write(section, sizeof(section), &cat));
}

static void emms(void)
{
	static const uint16_t first[][2] = {{0x0B00, EMM_PID + 1}, {CA_SYSTEM, EMM_PID}},
			      moved[][2] = {{CA_SYSTEM, EMM_PID + 2}};
	static const uint8_t emm[3][10] = {{0x82, 0x70, 7, 1}, {0x84, 0x70, 7, 2}, {0x84, 0x70, 7, 3}};
	// printf '\x82\x70\x07\x01\0\0\0\0\0\0' | sha256sum
	static const uint8_t digest[4] = {0x18, 0xcc, 0x15, 0xb7};
	struct scene s;

	begin(&s, STB_CISSA, STB_SUITE_AES);
	s.config.ca_system_id = CA_SYSTEM;
	feed_section(&s, EMM_PID, emm[0], 10); // before the CAT nobody listens
	feed_cat(&s, 0, first, 2);
	feed_cat(&s, 0, first, 2);
	for (size_t i = 0; i < 5; i++)
		feed_section(&s, EMM_PID, emm[i % 3], 10);
	feed_section(&s, EMM_PID + 1, emm[0], 10);
	CU_ASSERT_EQUAL(s.receiver.emms.pids, 1);
	CU_ASSERT_EQUAL(s.receiver.emms.received, 5);
	CU_ASSERT_EQUAL(s.receiver.emms.n, 3);
	CU_ASSERT_EQUAL(s.receiver.emms.table[0x82], 2);
	CU_ASSERT_EQUAL(s.receiver.emms.table[0x84], 3);
	CU_ASSERT_EQUAL(s.receiver.emms.emm[0].count, 2);
	CU_ASSERT_EQUAL(s.receiver.emms.emm[0].bytes, 10);
	CU_ASSERT_EQUAL(memcmp(s.receiver.emms.emm[0].digest, digest, sizeof(digest)), 0);
	feed_cat(&s, 1, moved, 1);
	feed_section(&s, EMM_PID, emm[0], 10);
	feed_section(&s, EMM_PID + 2, emm[0], 10);
	CU_ASSERT_EQUAL(s.receiver.emms.received, 6);
	CU_ASSERT_EQUAL(s.receiver.emms.n, 4);
	CU_ASSERT_EQUAL(s.receiver.emms.cat_changes, 1);
	end(&s);
}

static void more_emms_than_the_list_has_room_for(void)
{
	static const uint16_t pids[][2] = {{CA_SYSTEM, EMM_PID}};
	uint8_t emm[10] = {0x8F, 0x70, 7};
	struct scene s;

	begin(&s, STB_CISSA, STB_SUITE_AES);
	feed_cat(&s, 0, pids, 1);
	for (unsigned i = 0; i < STB_EMM_DISTINCT_MAX + 10; i++) {
		base_bytes_put16(emm + 3, i);
		feed_section(&s, EMM_PID, emm, 10);
	}
	CU_ASSERT_EQUAL(s.receiver.emms.n, STB_EMM_DISTINCT_MAX);
	CU_ASSERT_EQUAL(s.receiver.emms.untold, 10);
	CU_ASSERT_EQUAL(s.receiver.emms.received, STB_EMM_DISTINCT_MAX + 10);
	end(&s);
}

static const struct unit_test tests[] = {
	{"every suite and algorithm", every_suite_and_algorithm},
	{"early and late", early_and_late},
	{"too late", too_late},
	{"joins before the ECM", joins_before_the_ecm},
	{"wrong keys", wrong_keys},
	{"no ECM at all", no_ecm_at_all},
	{"tables change", tables_change},
	{"one of two CA systems", one_of_two_ca_systems},
	{"stream with its own ECM", stream_with_its_own_ecm},
	{"two programmes", two_programmes},
	{"EMMs", emms},
	{"more EMMs than the list has room for", more_emms_than_the_list_has_room_for},
};

UNIT_MAIN("access", tests)

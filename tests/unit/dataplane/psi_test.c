// SPDX-License-Identifier: GPL-3.0-or-later
// PSI followed and rewritten: what the PID table says after each section, and what is sent.
#include "psi_rig.h"

#define D(bytes) bytes, sizeof(bytes) - 1

static const struct rig_stream video = {0x1B, 0x101}, audio = {0x0F, 0x102}, cue = {0x86, 0x103};
static struct ts_pmt pmt;
static struct ts_pat pat;
static struct ts_cat cat;

static void started(unsigned services)
{
	rig_conf(services);
	rig_start();
	rig_usual_pat();
}

static void before_the_first_packet(void)
{
	rig_conf(1);
	rig_start();
	CU_ASSERT_EQUAL(rig_action(0x0000), DP_ACTION_PAT);
	CU_ASSERT_EQUAL(rig_action(0x0001), DP_ACTION_CAT);
	CU_ASSERT_EQUAL(rig_action(0x0011), DP_ACTION_SDT);
	CU_ASSERT_EQUAL(rig_action(0x0010), DP_ACTION_SI);
	CU_ASSERT_EQUAL(rig_action(0x0012), DP_ACTION_SI);
	CU_ASSERT_EQUAL(rig_action(0x001F), DP_ACTION_SI);
	CU_ASSERT_EQUAL(rig_action(0x0020), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(0x1FFE), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(0x1FFF), DP_ACTION_NULL);
	CU_ASSERT_FALSE(rig.in->emits);
	rig_end();
}

static void pat_lists_our_services(void)
{
	started(2);
	CU_ASSERT_TRUE(rig.in->emits && rig.out->emit_pat);
	rig_sent_pat(&pat, rig.out);
	CU_ASSERT_EQUAL(pat.transport_stream_id, 7);
	CU_ASSERT_EQUAL(pat.version, 3);
	CU_ASSERT_EQUAL_FATAL(pat.n, 3); // the network and two services; 3 and 99 are nobody's
	CU_ASSERT_TRUE(pat.program[0].number == 0 && pat.program[0].pid == TS_PID_NIT);
	CU_ASSERT_TRUE(pat.program[1].number == PROGRAM_A && pat.program[1].pid == PMT_A);
	CU_ASSERT_TRUE(pat.program[2].number == PROGRAM_B && pat.program[2].pid == PMT_B);
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_PMT);
	CU_ASSERT_EQUAL(rig_action(0x300), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(0x1F0), DP_ACTION_UNKNOWN);
	rig_end();
}

static void pat_per_output(void)
{
	rig_conf(2);
	rig.conf.outputs = 2;
	rig.conf.service[1].output = 1;
	rig_start();
	rig_usual_pat();
	rig_sent_pat(&pat, &rig.lineup.output[1]);
	CU_ASSERT_EQUAL_FATAL(pat.n, 2);
	CU_ASSERT_EQUAL(pat.program[1].number, PROGRAM_B);
	CU_ASSERT_TRUE(rig.lineup.output[1].emit_pat);
	rig_end();
}

// A PAT that names a programme twice: what is sent names the PID that is followed.
static void pat_names_a_programme_twice(void)
{
	static const uint16_t programs[][2] = {{PROGRAM_A, 0x150}, {PROGRAM_A, 0x160}};

	started(1);
	rig_pat(4, programs, 2);
	CU_ASSERT_EQUAL(rig.a->pmt_pid, 0x150);
	rig_sent_pat(&pat, rig.out);
	CU_ASSERT_EQUAL_FATAL(pat.n, 1);
	CU_ASSERT_EQUAL(pat.program[0].pid, 0x150);
	rig_end();
}

static void pmt_is_rewritten(void)
{
	const struct rig_stream streams[] = {{0x1B, 0x101,
					      D("\x09\x04\x0B\x01\xE1\x90")}, // a CA_descriptor of the input
					     {0x0F, 0x102,
					      D("\x0A\x04"
						"eng\x00\x65\x01\x01")}, // and a scrambling_descriptor
					     cue};
	struct ts_desc desc;
	struct ts_desc_ca ca;
	size_t at = 0;

	rig_conf(1);
	rig.conf.service[0].ca_n = 1;
	rig.conf.service[0].ca[0] =
		(struct dp_conf_ca){.ca_system_id = 0x0ABC, .ecm_pid = 0x1ABC, .private_n = 1, .private_bytes = {0x77}};
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 5, 0x101, streams, 3);
	CU_ASSERT_TRUE(rig.a->emit && rig.in->emits);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_TRUE(pmt.program_number == PROGRAM_A && pmt.version == 5 && pmt.pcr_pid == 0x101);
	CU_ASSERT_EQUAL_FATAL(ts_desc_next(&pmt.info, &at, &desc), 1);
	CU_ASSERT_EQUAL_FATAL(ts_desc_ca_parse(&ca, &desc), 0);
	CU_ASSERT_TRUE(ca.ca_system_id == 0x0ABC && ca.pid == 0x1ABC && ca.private_n == 1 &&
		       ca.private_bytes[0] == 0x77);
	CU_ASSERT_EQUAL_FATAL(ts_desc_next(&pmt.info, &at, &desc), 1);
	CU_ASSERT_TRUE(desc.tag == TS_DESC_SCRAMBLING && desc.n == 1 && desc.bytes[0] == TS_SCRAMBLING_CSA2);
	CU_ASSERT_EQUAL(ts_desc_next(&pmt.info, &at, &desc), 0);
	CU_ASSERT_EQUAL_FATAL(pmt.n, 3);
	CU_ASSERT_EQUAL(pmt.stream[0].info.n, 0);
	CU_ASSERT_EQUAL(pmt.stream[1].info.n, 6); // the language stays
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x102), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x103), DP_ACTION_CLEAR);
	CU_ASSERT_TRUE(rig.in->pid[0x101].pcr);
	CU_ASSERT_EQUAL(rig_action(0x190), DP_ACTION_UNKNOWN); // the input's ECMs do not pass
	rig_end();
}

static void clear_service_is_left_alone(void)
{
	const struct rig_stream streams[] = {{0x1B, 0x201, D("\x09\x04\x0B\x01\xE1\x90")}};

	started(2);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x201, streams, 1);
	rig_sent_pmt(&pmt, rig.b);
	CU_ASSERT_EQUAL(pmt.info.n, 0);
	CU_ASSERT_EQUAL(pmt.stream[0].info.n, 6);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	rig_end();
}

static void input_ca_is_kept(void)
{
	const struct rig_stream streams[] = {{0x1B, 0x101, D("\x09\x04\x0B\x01\xE1\x90")}};
	struct ts_cat in = {.version = 2, .current = true, .info = {(const uint8_t *)"\x09\x04\x0B\x01\xE1\x91", 6}};
	uint8_t section[64];

	rig_conf(1);
	rig.conf.service[0].keep_input_ca = true;
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, streams, 1);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.stream[0].info.n, 6);
	CU_ASSERT_EQUAL(rig_action(0x190), DP_ACTION_SI);
	int n = ts_cat_write(section, sizeof(section), &in);

	rig_section(TS_PID_CAT, section, (size_t)n);
	CU_ASSERT_TRUE(rig.out->emit_cat);
	rig_sent_cat(&cat, rig.out);
	CU_ASSERT_EQUAL(cat.info.n, 6);
	CU_ASSERT_EQUAL(rig_action(0x191), DP_ACTION_SI);
	// Without a CAT for a while, ours goes with the PAT again, and the EMM PID is gone.
	for (int i = 0; i < 6; i++)
		rig_usual_pat();
	rig_sent_cat(&cat, rig.out);
	CU_ASSERT_EQUAL(cat.info.n, 0);
	CU_ASSERT_EQUAL(rig_action(0x191), DP_ACTION_UNKNOWN);
	rig_end();
}

static void input_ca_is_stripped_from_the_cat(void)
{
	struct ts_cat in = {.version = 2, .current = true, .info = {(const uint8_t *)"\x09\x04\x0B\x01\xE1\x91", 6}};
	uint8_t section[64];

	started(1);
	CU_ASSERT_TRUE(rig.out->emit_cat); // a CAT of ours, though the input has none
	rig_section(TS_PID_CAT, section, (size_t)ts_cat_write(section, sizeof(section), &in));
	rig_sent_cat(&cat, rig.out);
	CU_ASSERT_EQUAL(cat.info.n, 0);
	CU_ASSERT_EQUAL(rig_action(0x191), DP_ACTION_UNKNOWN);
	rig.out->emit_cat = false;
	rig_usual_pat();
	CU_ASSERT_FALSE(rig.out->emit_cat); // it goes where the input's stood
	rig_end();
}

static void versions_move_on_a_change(void)
{
	const struct rig_stream one[] = {video}, moved[] = {{0x1B, 0x121}}, two[] = {{0x1B, 0x121}, audio};

	started(1);
	rig_pmt(PMT_A, PROGRAM_A, 5, 0x101, one, 1);
	rig_pmt(PMT_A, PROGRAM_A, 6, 0x121, moved, 1);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_TRUE(pmt.version == 6 && pmt.stream[0].pid == 0x121);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(0x121), DP_ACTION_SCRAMBLE);
	CU_ASSERT_TRUE(rig.in->pid[0x121].pcr && !rig.in->pid[0x101].pcr);
	rig_pmt(PMT_A, PROGRAM_A, 7, 0x121, two, 2);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_TRUE(pmt.version == 7 && pmt.n == 2);
	CU_ASSERT_EQUAL(rig_action(0x102), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig.a->stats.pmt_changes, 3);
	rig_pmt(PMT_A, PROGRAM_A, 8, 0x121, two, 2); // the input only counts
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.version, 7);
	rig.a->emit = rig.in->emits = false;
	rig_pmt(PMT_A, PROGRAM_A, 8, 0x121, two, 2); // a repetition is sent at its place
	CU_ASSERT_TRUE(rig.a->emit && rig.in->emits);
	rig_end();
}

// A PID that was private data becomes video: it is scrambled from the packet after the PMT's last.
static void data_becomes_video(void)
{
	const struct rig_stream before[] = {{0x05, 0x110, D("\x6F\x03\x00\x10\xE1")}}, after[] = {{0x1B, 0x110}};
	uint8_t section[1024], packets[2][TS_PACKET_BYTES];
	struct rig_stream padded[40];

	started(1);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x110, before, 1);
	CU_ASSERT_EQUAL(rig_action(0x110), DP_ACTION_CLEAR);
	padded[0] = after[0];
	for (unsigned i = 1; i < 40; i++)
		padded[i] = (struct rig_stream){0x0F, (uint16_t)(0x400 + i)};
	int n = rig_pmt_bytes(section, PROGRAM_A, 2, 0x110, padded, 40);

	CU_ASSERT_EQUAL_FATAL(ts_section_packetize(packets, 2, section, (size_t)n, PMT_A, &rig.cc[PMT_A]), 2);
	dp_psi_packet(rig.in, packets[0]);
	CU_ASSERT_EQUAL(rig_action(0x110), DP_ACTION_CLEAR);
	dp_psi_packet(rig.in, packets[1]);
	CU_ASSERT_EQUAL(rig_action(0x110), DP_ACTION_SCRAMBLE);
	rig_end();
}

static void pmt_moves(void)
{
	static const uint16_t moved[][2] = {{PROGRAM_A, 0x180}};
	const struct rig_stream one[] = {video}, other[] = {{0x1B, 0x131}};

	started(1);
	rig_pmt(PMT_A, PROGRAM_A, 5, 0x101, one, 1);
	rig_pat(4, moved, 1);
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(0x180), DP_ACTION_PMT);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE); // until the new PMT speaks
	rig_pmt(0x180, PROGRAM_A, 5, 0x131, other, 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(0x131), DP_ACTION_SCRAMBLE);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.version, 6); // though the input's version is the same
	rig_sent_pat(&pat, rig.out);
	CU_ASSERT_TRUE(pat.n == 1 && pat.program[0].pid == 0x180 && pat.version == 4);
	rig_end();
}

static void programme_leaves_and_returns(void)
{
	static const uint16_t without[][2] = {{0, TS_PID_NIT}, {PROGRAM_B, PMT_B}};
	const struct rig_stream one[] = {video};

	started(2);
	rig_pmt(PMT_A, PROGRAM_A, 5, 0x101, one, 1);
	rig_pat(4, without, 2);
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_UNKNOWN);
	rig_sent_pat(&pat, rig.out);
	CU_ASSERT_EQUAL(pat.n, 2);
	rig_usual_pat();
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_PMT);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_UNKNOWN); // its PMT has not spoken yet
	rig_pmt(PMT_A, PROGRAM_A, 5, 0x101, one, 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig.in->stats.pat_changes, 3);
	rig_end();
}

static void a_broken_crc_changes_nothing(void)
{
	const struct rig_stream one[] = {video}, other[] = {{0x1B, 0x131}};
	uint8_t section[1024];
	struct ts_pat empty = {.current = true, .version = 9};
	int n;

	started(1);
	rig_pmt(PMT_A, PROGRAM_A, 5, 0x101, one, 1);
	n = rig_pmt_bytes(section, PROGRAM_A, 6, 0x131, other, 1);
	section[n - 1] ^= 1;
	rig_section(PMT_A, section, (size_t)n);
	CU_ASSERT_EQUAL(rig.a->stats.drops[DP_DROP_PSI_BROKEN], 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x131), DP_ACTION_UNKNOWN);
	n = ts_pat_write(section, sizeof(section), &empty);
	section[n - 2] ^= 0x80;
	rig_section(TS_PID_PAT, section, (size_t)n);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PSI_BROKEN], 1);
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_PMT);
	rig_pmt(PMT_A, PROGRAM_A, 5, 0x101, one, 1);
	CU_ASSERT_EQUAL(rig.a->stats.pmt_changes, 1);
	rig_end();
}

static void a_next_table_changes_nothing(void)
{
	const struct rig_stream other[] = {{0x1B, 0x131}};
	uint8_t section[1024];
	int n;

	started(1);
	n = rig_pmt_bytes(section, PROGRAM_A, 6, 0x131, other, 1);
	section[5] &= 0xFE; // current_next_indicator
	ts_section_seal(section, (size_t)n, 6);
	rig.in->emits = false;
	rig_section(PMT_A, section, (size_t)n);
	CU_ASSERT_EQUAL(rig_action(0x131), DP_ACTION_UNKNOWN);
	CU_ASSERT_FALSE(rig.in->emits);
	rig_end();
}

// B is clear and comes first or last, A scrambles: the shared PID is scrambled either way.
static void scrambled_wins(void)
{
	const struct rig_stream one[] = {{0x1B, 0x222}};

	started(2);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x222, one, 1);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x222, one, 1);
	CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig.in->pid[0x222].service, 0);
	CU_ASSERT_TRUE(rig.b->stats.pid_conflicts > 0);
	rig_end();

	started(3);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x222, one, 1);
	CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_CLEAR);
	rig_pmt(PMT_C, PROGRAM_C, 1, 0x222, one, 1);
	CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig.in->pid[0x222].service, 2);
	CU_ASSERT_TRUE(rig.c->stats.pid_conflicts > 0);
	rig_end();
}

// One PMT names a PID twice, once as what is clear.
static void scrambled_wins_in_one_pmt(void)
{
	const struct rig_stream twice[] = {{0x86, 0x111}, {0x1B, 0x111}, {0x86, 0x111}};

	started(1);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x111, twice, 3);
	CU_ASSERT_EQUAL(rig_action(0x111), DP_ACTION_SCRAMBLE);
	rig_end();
}

// A PCR on a PID of its own: scrambled as soon as one service of it is.
static void pcr_only_pid(void)
{
	const struct rig_stream a[] = {video}, b[] = {{0x1B, 0x201}}, c[] = {{0x1B, 0x301}};

	started(3);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x500, a, 1);
	CU_ASSERT_EQUAL(rig_action(0x500), DP_ACTION_SCRAMBLE);
	CU_ASSERT_TRUE(rig.in->pid[0x500].pcr);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x501, b, 1);
	CU_ASSERT_EQUAL(rig_action(0x501), DP_ACTION_CLEAR);
	rig_pmt(PMT_C, PROGRAM_C, 1, 0x501, c, 1);
	CU_ASSERT_EQUAL(rig_action(0x501), DP_ACTION_SCRAMBLE);
	rig_end();
}

static void impossible_pids(void)
{
	static const uint16_t programs[][2] = {{PROGRAM_A, 0x0011}, {PROGRAM_B, PMT_B}};
	const struct rig_stream streams[] = {{0x1B, TS_PID_PAT}, {0x1B, 0x0012}, {0x1B, TS_PID_NULL},
					     {0x1B, PMT_A},      {0x1B, PMT_B},  video};

	started(2);
	rig_pmt(PMT_A, PROGRAM_A, 1, TS_PID_PAT, streams, 6);
	CU_ASSERT_EQUAL(rig_action(TS_PID_PAT), DP_ACTION_PAT);
	CU_ASSERT_FALSE(rig.in->pid[TS_PID_PAT].pcr);
	CU_ASSERT_EQUAL(rig_action(0x0012), DP_ACTION_SI);
	CU_ASSERT_EQUAL(rig_action(TS_PID_NULL), DP_ACTION_NULL);
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_PMT);
	CU_ASSERT_EQUAL(rig_action(PMT_B), DP_ACTION_PMT);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig.a->stats.pid_conflicts, 5);
	rig_pat(9, programs, 2); // a PMT on the PID of the SDT is none
	CU_ASSERT_EQUAL(rig.a->pmt_pid, 0);
	CU_ASSERT_EQUAL(rig_action(0x0011), DP_ACTION_SDT);
	rig_sent_pat(&pat, rig.out);
	CU_ASSERT_TRUE(pat.n == 1 && pat.program[0].number == PROGRAM_B);
	rig_end();
}

static void two_programmes_on_one_pid(void)
{
	static const uint16_t programs[][2] = {{PROGRAM_A, 0x140}, {PROGRAM_B, 0x140}};
	const struct rig_stream a[] = {video}, b[] = {{0x1B, 0x201}};

	rig_conf(2);
	rig_start();
	rig_pat(1, programs, 2);
	rig_pmt(0x140, PROGRAM_A, 1, 0x101, a, 1);
	rig_pmt(0x140, PROGRAM_B, 1, 0x201, b, 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	rig_sent_pmt(&pmt, rig.b);
	CU_ASSERT_EQUAL(pmt.program_number, PROGRAM_B);
	rig_end();
}

// A section of programme A on the PMT PID of B is no PMT of A: the PAT says where A's is.
static void pmt_on_the_wrong_pid(void)
{
	const struct rig_stream a[] = {video}, forged[] = {{0x86, 0x101}};

	started(2);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, a, 1);
	rig_pmt(PMT_B, PROGRAM_A, 2, 0x101, forged, 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig.a->stats.pmt_changes, 1);
	rig_end();
}

static void too_long_with_ca(void)
{
	struct rig_stream many[201];
	const struct rig_stream one[] = {video};

	rig_conf(1);
	rig.conf.service[0].ca_n = 1;
	rig.conf.service[0].ca[0] = (struct dp_conf_ca){.ca_system_id = 1, .ecm_pid = 0x1ABC};
	rig_start();
	rig_usual_pat();
	for (unsigned i = 0; i < 201; i++)
		many[i] = (struct rig_stream){0x1B, (uint16_t)(0x400 + i)};
	rig.in->emits = false;
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x400, many, 201);
	CU_ASSERT_EQUAL(rig.a->stats.drops[DP_DROP_PSI_TOO_LONG], 1);
	CU_ASSERT_FALSE(rig.a->emit || rig.in->emits);          // nothing was ever made
	CU_ASSERT_EQUAL(rig_action(0x400), DP_ACTION_SCRAMBLE); // but the streams are scrambled
	CU_ASSERT_EQUAL(rig_action(0x400 + 200), DP_ACTION_SCRAMBLE);
	rig_pmt(PMT_A, PROGRAM_A, 2, 0x101, one, 1);
	CU_ASSERT_TRUE(rig.a->emit);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.n, 1);
	rig_end();
}

static void sdt(void)
{
	uint8_t bytes[64] = {0x42, 0xF0, 0, 0, 7, 0xC1 | 4 << 1, 0, 0, 0, 1, 0xFF};
	// Services 1, 2 and 99, each with running_status 4 and free_CA_mode as given.
	static const uint8_t services[][3] = {{0, 1, 0x80}, {0, 2, 0x90}, {0, 99, 0x80}};
	struct ts_sdt out;
	size_t n = 11;

	started(2);
	for (unsigned i = 0; i < 3; i++, n += 5) {
		memcpy(bytes + n, services[i], 2);
		bytes[n + 2] = 0xFC;
		bytes[n + 3] = services[i][2];
		bytes[n + 4] = 0;
	}
	n += 4;
	bytes[2] = (uint8_t)(n - 3);
	ts_section_seal(bytes, n, 4);
	rig_section(TS_PID_SDT, bytes, n);
	CU_ASSERT_TRUE(rig.in->emits);
	CU_ASSERT_EQUAL_FATAL(rig_sections_of(&rig.out->si), 1);
	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&out, rig_sent, rig_sent_bytes), 0);
	CU_ASSERT_TRUE(out.n == 3 && out.version == 4);
	CU_ASSERT_TRUE(out.service[0].free_ca_mode);
	CU_ASSERT_FALSE(out.service[1].free_ca_mode);
	CU_ASSERT_FALSE(out.service[2].free_ca_mode); // not ours to say
	CU_ASSERT_EQUAL(out.service[0].running_status, 4);
	bytes[n - 1] ^= 1;
	rig_section(TS_PID_SDT, bytes, n);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PSI_BROKEN], 1);
	bytes[0] = 0x46; // another stream's passes as it is, broken or not
	rig_section(TS_PID_SDT, bytes, n);
	CU_ASSERT_EQUAL(rig_sections_of(&rig.out->si), 2);
	CU_ASSERT_EQUAL(memcmp(rig_sent, bytes, n), 0);
	rig_end();
}

// What finds no room waits for nobody: it is dropped and counted.
static void sdt_overflow(void)
{
	uint8_t bytes[1024] = {0x4A, 0xF3, 0xFD};

	started(1);
	for (int i = 0; i < 3; i++)
		rig_section(TS_PID_SDT, bytes, 1024);
	CU_ASSERT_EQUAL(rig.out->si.n, 12);
	CU_ASSERT_EQUAL(rig.out->stats.drops[DP_DROP_NO_BUFFER], 1);
	rig_end();
}

// A CAT of two sections would make ours flap; only one is served.
static void cat_of_two_sections(void)
{
	struct ts_cat in = {.version = 2,
			    .current = true,
			    .last = 1,
			    .info = {(const uint8_t *)"\x09\x04\x0B\x01\xE1\x91", 6}};
	uint8_t section[64];

	rig_conf(1);
	rig.conf.service[0].keep_input_ca = true;
	rig_start();
	rig_usual_pat();
	rig_section(TS_PID_CAT, section, (size_t)ts_cat_write(section, sizeof(section), &in));
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PSI_BROKEN], 1);
	rig_sent_cat(&cat, rig.out);
	CU_ASSERT_EQUAL(cat.info.n, 0);
	rig_end();
}

static void pat_of_two_sections(void)
{
	struct ts_pat in = {.version = 9, .current = true, .last = 1};
	uint8_t section[64];

	started(1);
	rig_section(TS_PID_PAT, section, (size_t)ts_pat_write(section, sizeof(section), &in));
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PSI_BROKEN], 1);
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_PMT);
	rig_end();
}

static const struct unit_test tests[] = {
	{"before the first packet", before_the_first_packet},
	{"PAT lists our services", pat_lists_our_services},
	{"PAT per output", pat_per_output},
	{"PAT names a programme twice", pat_names_a_programme_twice},
	{"PMT is rewritten", pmt_is_rewritten},
	{"clear service is left alone", clear_service_is_left_alone},
	{"input CA is kept", input_ca_is_kept},
	{"input CA is stripped from the CAT", input_ca_is_stripped_from_the_cat},
	{"versions move on a change", versions_move_on_a_change},
	{"data becomes video", data_becomes_video},
	{"PMT moves", pmt_moves},
	{"programme leaves and returns", programme_leaves_and_returns},
	{"a broken CRC changes nothing", a_broken_crc_changes_nothing},
	{"a next table changes nothing", a_next_table_changes_nothing},
	{"scrambled wins", scrambled_wins},
	{"scrambled wins in one PMT", scrambled_wins_in_one_pmt},
	{"PCR-only PID", pcr_only_pid},
	{"impossible PIDs", impossible_pids},
	{"two programmes on one PID", two_programmes_on_one_pid},
	{"PMT on the wrong PID", pmt_on_the_wrong_pid},
	{"too long with CA", too_long_with_ca},
	{"SDT", sdt},
	{"SDT overflow", sdt_overflow},
	{"CAT of two sections", cat_of_two_sections},
	{"PAT of two sections", pat_of_two_sections},
};

UNIT_MAIN("psi", tests)

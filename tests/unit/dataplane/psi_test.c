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

// PIDs of SI that passes as it is (EN 300 468 table 1, without the SDT's).
static const uint16_t si_pids[] = {0x10, 0x12, 0x13, 0x14, 0x16, 0x1E, 0x1F};

enum { SI_PIDS = sizeof(si_pids) / sizeof(si_pids[0]) };

static uint8_t first_action(uint16_t pid)
{
	for (unsigned i = 0; i < SI_PIDS; i++)
		if (pid == si_pids[i])
			return DP_ACTION_SI;
	switch (pid) {
	case 0x0000:
		return DP_ACTION_PAT;
	case 0x0001:
		return DP_ACTION_CAT;
	case 0x0011:
		return DP_ACTION_SDT;
	case 0x1FFF:
		return DP_ACTION_NULL;
	default:
		return DP_ACTION_UNKNOWN;
	}
}

static void before_the_first_packet(void)
{
	unsigned wrong = 0;

	rig_conf(1);
	rig_start();
	for (unsigned pid = 0; pid < TS_PIDS; pid++)
		wrong += rig_action((uint16_t)pid) != first_action((uint16_t)pid);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(rig.in->conflicts, 0);
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
	rig_heard();
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
	CU_ASSERT_TRUE(rig.out->keeps_ca);
	CU_ASSERT_EQUAL(rig_action(0x190), DP_ACTION_CA);
	int n = ts_cat_write(section, sizeof(section), &in);

	rig_section(TS_PID_CAT, section, (size_t)n);
	CU_ASSERT_TRUE(rig.out->emit_cat);
	rig_sent_cat(&cat, rig.out);
	CU_ASSERT_EQUAL(cat.info.n, 6);
	CU_ASSERT_EQUAL(rig_action(0x191), DP_ACTION_CA);
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
	CU_ASSERT_FALSE(rig.out->keeps_ca);
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
	rig_heard();
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x222, one, 1);
	CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_CLEAR);
	rig_pmt(PMT_C, PROGRAM_C, 1, 0x222, one, 1);
	CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig.in->pid[0x222].service, 2);
	CU_ASSERT_TRUE(rig.c->stats.pid_conflicts > 0);
	rig_end();
}

// Two services of one group in one output share a stream: it is scrambled once, for both, and nothing is wrong. In
// another output or with another key it is lost to the second.
static void shared_in_a_group(void)
{
	const struct rig_stream streams[] = {{0x1B, 0x222}, {0x0F, 0x333}};

	for (unsigned other = 0; other < 2; other++) {
		rig_conf(3);
		rig.conf.outputs = 2;
		rig.conf.service[1].output = 1;
		rig.conf.service[2].output = other;
		rig_start();
		rig_usual_pat();
		rig_pmt(PMT_A, PROGRAM_A, 1, 0x222, streams, 2);
		rig_pmt(PMT_C, PROGRAM_C, 1, 0x222, streams, 2);
		CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_SCRAMBLE);
		CU_ASSERT_EQUAL(rig.in->pid[0x333].service, 0);
		CU_ASSERT_EQUAL(rig.in->conflicts, other ? 2 : 0);
		rig_end();
	}
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

// A PCR on a PID of its own carries no payload, whoever's it is; as a stream of somebody it is what the stream is.
static void pcr_only_pid(void)
{
	const struct rig_stream a[] = {video}, b[] = {{0x1B, 0x201}}, c[] = {{0x1B, 0x501}};

	started(3);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x500, a, 1);
	CU_ASSERT_EQUAL(rig_action(0x500), DP_ACTION_PCR);
	CU_ASSERT_TRUE(rig.in->pid[0x500].pcr);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x501, b, 1);
	CU_ASSERT_EQUAL(rig_action(0x501), DP_ACTION_PCR);
	rig_pmt(PMT_C, PROGRAM_C, 1, 0x501, c, 1);
	CU_ASSERT_EQUAL(rig_action(0x501), DP_ACTION_SCRAMBLE);
	CU_ASSERT_TRUE(rig.in->pid[0x501].pcr);
	rig_pmt(PMT_C, PROGRAM_C, 2, 0x501, a, 1);
	CU_ASSERT_EQUAL(rig_action(0x501), DP_ACTION_PCR);
	rig_pmt(PMT_B, PROGRAM_B, 2, 0x001E, b, 1); // no PID of a PCR
	CU_ASSERT_EQUAL(rig_action(0x001E), DP_ACTION_SI);
	CU_ASSERT_FALSE(rig.in->pid[0x001E].pcr);
	rig_pmt(PMT_B, PROGRAM_B, 3, PMT_A, b, 1); // a table's PID stays one
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_PMT);
	rig_end();
}

// A clear service takes its PCR from what turns out to be another's video.
static void pcr_on_a_video_to_come(void)
{
	const struct rig_stream b[] = {{0x1B, 0x201}}, a[] = {video};

	started(2);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x101, b, 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_PCR);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, a, 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_TRUE(rig.in->pid[0x101].pcr);
	rig_end();
}

// What a PMT calls a stream does not pass as SI, and does again when no PMT does.
static void stream_on_an_si_pid(void)
{
	const struct rig_stream one[] = {video};

	started(1);
	for (unsigned pid = 0; pid <= TS_PID_SI_LAST; pid++) {
		const struct rig_stream on_si[] = {video, {0x1B, (uint16_t)pid}};
		uint8_t want = first_action(pid) == DP_ACTION_SI ? DP_ACTION_UNKNOWN : first_action(pid);

		rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, on_si, 2);
		CU_ASSERT_EQUAL(rig_action(pid), want);
		CU_ASSERT_EQUAL(rig.in->conflicts, 1);
		CU_ASSERT_EQUAL(rig.a->stats.pid_conflicts, pid + 1u);
		rig_pmt(PMT_A, PROGRAM_A, 2, 0x101, one, 1);
		CU_ASSERT_EQUAL(rig_action(pid), first_action(pid));
		CU_ASSERT_EQUAL(rig.in->conflicts, 0); // those of the present map
		CU_ASSERT_EQUAL(rig.a->stats.pid_conflicts, pid + 1u);
	}
	rig_end();
}

// A CA_descriptor of a service that keeps CA names another's video, before its PMT and after.
static void kept_ca_on_a_video(void)
{
	const struct rig_stream a[] = {video}, c[] = {{0x1B, 0x301,
						       D("\x09\x04\x0B\x01\xE1\x01"     // 0x101
							 "\x09\x04\x0B\x01\xE3\x01"     // its own video
							 "\x09\x04\x0B\x01\xE1\x00"     // a PMT PID
							 "\x09\x04\x0B\x01\xE0\x15"     // where DVB has its tables
							 "\x09\x04\x0B\x01\xFF\xFF")}}; // null packets

	rig_conf(3);
	rig.conf.service[2].keep_input_ca = true;
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_C, PROGRAM_C, 1, 0x301, c, 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_CA); // which passes no PES packet
	CU_ASSERT_EQUAL(rig_action(0x301), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_PMT);
	CU_ASSERT_EQUAL(rig_action(0x0015), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(TS_PID_NULL), DP_ACTION_NULL);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, a, 1);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	rig_end();
}

// A clear service shares a stream with a scrambled one that has not spoken yet. Nothing becomes clear until it has.
static void nothing_becomes_clear_while_a_pmt_is_awaited(void)
{
	const struct rig_stream b[] = {{0x1B, 0x222}, {0x0F, 0x201}}, shared[] = {{0x1B, 0x222}, cue};

	started(3);
	CU_ASSERT_TRUE(rig.a->awaits_pmt && rig.c->awaits_pmt);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x222, b, 2);
	CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_PCR); // without payload
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_UNKNOWN);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x222, shared, 2);
	CU_ASSERT_FALSE(rig.a->awaits_pmt);
	CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_UNKNOWN); // C may name it yet
	CU_ASSERT_EQUAL(rig_action(0x103), DP_ACTION_UNKNOWN); // and what the policy would leave clear
	rig_pmt(PMT_C, PROGRAM_C, 1, 0x301, &(const struct rig_stream){0x1B, 0x301}, 1);
	CU_ASSERT_EQUAL(rig_action(0x222), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	CU_ASSERT_EQUAL(rig_action(0x103), DP_ACTION_CLEAR);
	rig_end();
}

// A clear service waits for nobody who is not in the PAT, nor for a clear one.
static void nobody_is_awaited(void)
{
	static const uint16_t alone[][2] = {{PROGRAM_B, PMT_B}};
	const struct rig_stream b[] = {{0x1B, 0x201}};

	rig_conf(3);
	rig.conf.service[2].clear_service = true;
	rig.conf.service[2].group[0] = '\0';
	rig_start();
	rig_pat(1, alone, 1);
	CU_ASSERT_FALSE(rig.a->awaits_pmt);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x201, b, 1);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	rig_end();

	rig_conf(3);
	rig.conf.service[2].clear_service = true;
	rig.conf.service[2].group[0] = '\0';
	rig_start();
	rig_usual_pat();
	CU_ASSERT_TRUE(rig.c->awaits_pmt);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, &video, 1);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x201, b, 1);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	rig_end();
}

// A scrambled service comes into the PAT: what was clear goes on, what is new waits; and it may leave again.
static void what_is_clear_stays_clear(void)
{
	static const uint16_t without[][2] = {{PROGRAM_B, PMT_B}};
	const struct rig_stream before[] = {{0x1B, 0x201}}, after[] = {{0x1B, 0x201}, {0x0F, 0x202}};

	rig_conf(2);
	rig_start();
	rig_pat(1, without, 1);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x201, before, 1);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	rig_usual_pat();
	CU_ASSERT_TRUE(rig.a->awaits_pmt);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	rig_pmt(PMT_B, PROGRAM_B, 2, 0x201, after, 2);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	CU_ASSERT_EQUAL(rig_action(0x202), DP_ACTION_UNKNOWN);
	rig_pmt(PMT_B, PROGRAM_B, 3, 0x201, &after[1], 1);
	rig_pmt(PMT_B, PROGRAM_B, 4, 0x201, after, 2); // clear once is not clear for ever
	CU_ASSERT_NOT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	rig_pat(5, without, 1);
	CU_ASSERT_FALSE(rig.a->awaits_pmt);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	CU_ASSERT_EQUAL(rig_action(0x202), DP_ACTION_CLEAR);
	rig_end();
}

// A PMT that is broken, of the next table, or of nobody is not the one that is awaited.
static void what_is_no_pmt_is_awaited_on(void)
{
	const struct rig_stream b[] = {{0x1B, 0x201}};
	uint8_t section[1024];
	int n;

	started(2);
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x201, b, 1);
	n = rig_pmt_bytes(section, PROGRAM_A, 1, 0x101, &video, 1);
	section[n - 1] ^= 1;
	rig_section(PMT_A, section, (size_t)n);
	section[5] &= 0xFE; // current_next_indicator
	ts_section_seal(section, (size_t)n, 1);
	rig_section(PMT_A, section, (size_t)n);
	rig_pmt(PMT_A, 99, 1, 0x101, &video, 1);
	CU_ASSERT_TRUE(rig.a->awaits_pmt);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_PCR);
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, &video, 1);
	CU_ASSERT_FALSE(rig.a->awaits_pmt);
	CU_ASSERT_EQUAL(rig_action(0x201), DP_ACTION_CLEAR);
	rig_end();
}

// A PAT that puts the PMT of a scrambled service where no PMT is followed: it is awaited for ever.
static void a_refused_pmt_pid_is_awaited(void)
{
	static const uint16_t refused[] = {0x0000, 0x0010, 0x001F, 0x1FFF};
	const struct rig_stream b[] = {{0x1B, 0x101}};

	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const uint16_t programs[][2] = {{PROGRAM_A, refused[i]}, {PROGRAM_B, PMT_B}};

		rig_conf(2);
		rig_start();
		rig_pat(1, programs, 2);
		rig_pmt(PMT_B, PROGRAM_B, 1, 0x1FFF, b, 1);
		CU_ASSERT_TRUE(rig.a->awaits_pmt);
		CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_UNKNOWN);
		rig_usual_pat();
		CU_ASSERT_TRUE(rig.a->awaits_pmt);
		rig_pmt(PMT_A, PROGRAM_A, 1, 0x111, &(const struct rig_stream){0x1B, 0x111}, 1);
		CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_CLEAR);
		rig_pat(2, programs, 2); // from a good PID to a refused one
		CU_ASSERT_TRUE(rig.a->awaits_pmt);
		CU_ASSERT_EQUAL(rig_action(0x111), DP_ACTION_UNKNOWN);
		rig_end();
	}
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
	CU_ASSERT_EQUAL(rig_action(0x0012), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(TS_PID_NULL), DP_ACTION_NULL);
	CU_ASSERT_EQUAL(rig_action(PMT_A), DP_ACTION_PMT);
	CU_ASSERT_EQUAL(rig_action(PMT_B), DP_ACTION_PMT);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig.a->stats.pid_conflicts, 5);
	CU_ASSERT_EQUAL(rig.in->conflicts, 5);
	rig_pat(9, programs, 2); // a PMT on the PID of the SDT is none
	CU_ASSERT_EQUAL(rig.a->pmt_pid, 0);
	CU_ASSERT_EQUAL(rig_action(0x0011), DP_ACTION_SDT);
	CU_ASSERT_EQUAL(rig_action(0x0012), DP_ACTION_SI); // its streams are gone
	CU_ASSERT_EQUAL(rig.in->conflicts, 0);
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
	CU_ASSERT_TRUE(rig.a->pmt_unmade);
	CU_ASSERT_FALSE(rig.a->awaits_pmt);
	CU_ASSERT_FALSE(rig.a->emit || rig.in->emits);          // nothing was ever made
	CU_ASSERT_EQUAL(rig_action(0x400), DP_ACTION_SCRAMBLE); // but the streams are scrambled
	CU_ASSERT_EQUAL(rig_action(0x400 + 200), DP_ACTION_SCRAMBLE);
	rig_pmt(PMT_A, PROGRAM_A, 2, 0x101, one, 1);
	CU_ASSERT_FALSE(rig.a->pmt_unmade);
	CU_ASSERT_TRUE(rig.a->emit);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.n, 1);
	rig_pmt(PMT_A, PROGRAM_A, 3, 0x400, many, 201);
	CU_ASSERT_TRUE(rig.a->pmt_unmade);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.n, 1); // the one before goes on
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
	CU_ASSERT_TRUE(out.n == 2 && out.version == 4); // 99 is nobody's here
	CU_ASSERT_TRUE(out.service[0].free_ca_mode);
	CU_ASSERT_FALSE(out.service[1].free_ca_mode);
	CU_ASSERT_EQUAL(out.service[0].running_status, 4);
	bytes[n - 1] ^= 1;
	rig_section(TS_PID_SDT, bytes, n);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PSI_BROKEN], 1);
	CU_ASSERT_EQUAL(rig_sections_of(&rig.out->si), 1);
	rig_end();
}

// Each output has its own services, and no other; a section of others is there and empty. A new name is a new version.
static void sdt_of_two_outputs(void)
{
	uint8_t bytes[64] = {0x42, 0xF0, 0, 0, 7, 0xC1, 0, 1, 0, 1, 0xFF};
	struct ts_sdt out;

	memcpy(bytes + 11, "\0\1\xFC\x80\0\0\3\xFC\x80\2\x5F\0", 12);
	bytes[2] = 11 + 12 + 4 - 3;
	rig_conf(3);
	rig.conf.outputs = 2;
	rig.conf.service[2].output = 1;
	rig_start();
	ts_section_seal(bytes, 27, 31);
	rig_section(TS_PID_SDT, bytes, 27);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL_FATAL(rig_sections_of(&rig.lineup.output[i].si), 1);
		CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&out, rig_sent, rig_sent_bytes), 0);
		CU_ASSERT_TRUE(out.n == 1 && out.service[0].free_ca_mode && out.version == 31 && out.last == 1);
		CU_ASSERT_EQUAL(out.service[0].service_id, i ? PROGRAM_C : PROGRAM_A);
		CU_ASSERT_EQUAL(out.service[0].info.n, i ? 2 : 0);
		rig.lineup.output[i].si.n = 0;
	}
	((struct dp_conf_service *)rig.a->conf)->program_number = 8;
	dp_psi_own(rig.out);
	dp_psi_own(rig.out);
	rig_section(TS_PID_SDT, bytes, 27);
	CU_ASSERT_EQUAL_FATAL(rig_sections_of(&rig.out->si), 1);
	CU_ASSERT_EQUAL_FATAL(ts_sdt_parse(&out, rig_sent, rig_sent_bytes), 0);
	CU_ASSERT_TRUE(out.n == 0 && out.version == 0);
	rig_end();
}

// Beside the SDT only SDTs of other streams and BATs pass, as they are, and when whole.
static void on_the_pid_of_the_sdt(void)
{
	uint8_t bytes[16] = {0, 0xF0, 13, 0, 7, 0xC1, 0, 0, 0xF0, 0, 0xF0, 0};
	size_t passed = 0;

	started(1);
	for (unsigned table_id = 0; table_id < 0xFF; table_id++) { // 0xFF is stuffing
		bool passes = table_id == 0x46 || table_id == 0x4A;

		bytes[0] = (uint8_t)table_id;
		ts_section_seal(bytes, sizeof(bytes), 0);
		bytes[15] ^= 1;
		rig_section(TS_PID_SDT, bytes, sizeof(bytes));
		CU_ASSERT_EQUAL(rig_sections_of(&rig.out->si), passed);
		if (table_id == 0x42)
			continue; // the SDT's own tests are above
		bytes[15] ^= 1;
		rig_section(TS_PID_SDT, bytes, sizeof(bytes));
		passed += passes;
		CU_ASSERT_EQUAL(rig_sections_of(&rig.out->si), passed);
		CU_ASSERT_TRUE(!passes || memcmp(rig_sent, bytes, sizeof(bytes)) == 0);
	}
	CU_ASSERT_EQUAL(passed, 2);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PSI_BROKEN], 255 + 254 - 2);
	rig_end();
}

// What finds no room waits for nobody: it is dropped and counted.
static void sdt_overflow(void)
{
	uint8_t bytes[1024] = {0x4A, 0xF3, 0xFD};

	ts_section_seal(bytes, sizeof(bytes), 0);
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
	{"shared in a group", shared_in_a_group},
	{"scrambled wins in one PMT", scrambled_wins_in_one_pmt},
	{"PCR-only PID", pcr_only_pid},
	{"PCR on a video to come", pcr_on_a_video_to_come},
	{"stream on an SI PID", stream_on_an_si_pid},
	{"kept CA on a video", kept_ca_on_a_video},
	{"nothing becomes clear while a PMT is awaited", nothing_becomes_clear_while_a_pmt_is_awaited},
	{"nobody is awaited", nobody_is_awaited},
	{"what is clear stays clear", what_is_clear_stays_clear},
	{"what is no PMT is awaited on", what_is_no_pmt_is_awaited_on},
	{"a refused PMT PID is awaited", a_refused_pmt_pid_is_awaited},
	{"impossible PIDs", impossible_pids},
	{"two programmes on one PID", two_programmes_on_one_pid},
	{"PMT on the wrong PID", pmt_on_the_wrong_pid},
	{"too long with CA", too_long_with_ca},
	{"SDT", sdt},
	{"SDT of two outputs", sdt_of_two_outputs},
	{"on the PID of the SDT", on_the_pid_of_the_sdt},
	{"SDT overflow", sdt_overflow},
	{"CAT of two sections", cat_of_two_sections},
	{"PAT of two sections", pat_of_two_sections},
};

UNIT_MAIN("psi", tests)

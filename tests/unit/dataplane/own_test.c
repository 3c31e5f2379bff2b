// SPDX-License-Identifier: GPL-3.0-or-later
// What an output writes itself: its PIDs are nobody else's, its CAT names its EMMs; and transforms exchanged on air.
#include <errno.h>

#include "psi_rig.h"

enum { ECM = 0x500, EMM = 0x580 };

#define D(text) (text), sizeof(text) - 1

// Of language "eng".
#define TELETEXT  D("\x56\x05\x65\x6E\x67\x08\x88")
#define SUBTITLES D("\x59\x08\x65\x6E\x67\x10\x00\x01\x00\x02")

static struct ts_cat cat;
static struct ts_pmt pmt;
static struct dp_conf_service next;

static void ecm_on(unsigned service, uint16_t pid)
{
	struct dp_conf_service *conf = &rig.conf.service[service];

	conf->ca[conf->ca_n++] = (struct dp_conf_ca){.ca_system_id = 0x4AE1, .ecm_pid = pid};
}

// A transform like the one on air; to be changed and given.
static struct dp_conf_service *like(const struct dp_service *service)
{
	next = *service->conf;
	return &next;
}

static struct dp_conf_emm emm_on(unsigned pid)
{
	return (struct dp_conf_emm){.pid = (uint16_t)pid, .ca_system_id = 0x4AE1, .rate_kbps = 100, .output_set = {1}};
}

static void cat_names_the_emms(void)
{
	struct ts_cat in = {.version = 2, .current = true, .info = {(const uint8_t *)"\x09\x04\x0B\x01\xE1\x91", 6}};
	struct ts_desc desc;
	struct ts_desc_ca ca;
	uint8_t section[64];
	size_t at = 0;

	rig_conf(2);
	rig.conf.outputs = 2;
	rig.conf.service[1].output = 1;
	rig.conf.service[0].keep_input_ca = true;
	rig.conf.emms = 2;
	rig.conf.emm[0] = emm_on(EMM);
	rig.conf.emm[0].private_n = 2;
	rig.conf.emm[0].private_bytes[1] = 9;
	rig.conf.emm[1] = emm_on(EMM + 1);
	rig.conf.emm[1].output_set[0] = 3;
	rig_start();
	rig_usual_pat();
	rig_sent_cat(&cat, &rig.lineup.output[0]); // though the input has none
	CU_ASSERT_EQUAL(cat.info.n, 8 + 6);
	rig_section(TS_PID_CAT, section, (size_t)ts_cat_write(section, sizeof(section), &in));
	rig_sent_cat(&cat, &rig.lineup.output[0]);
	CU_ASSERT_EQUAL(cat.info.n, 6 + 8 + 6);
	static const uint16_t pids[] = {0x191, EMM, EMM + 1};

	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(ts_desc_next(&cat.info, &at, &desc) > 0);
		CU_ASSERT_EQUAL(ts_desc_ca_parse(&ca, &desc), 0);
		CU_ASSERT_EQUAL(ca.pid, pids[i]);
		CU_ASSERT_EQUAL(ca.private_n, i == 1 ? 2 : 0);
	}
	rig_sent_cat(&cat, &rig.lineup.output[1]);
	CU_ASSERT_EQUAL(cat.info.n, 6);
	CU_ASSERT_EQUAL(rig_action(0x191), DP_ACTION_CA);
	rig_end();
}

// One that does not fit is not made: the one before goes on, and it is counted.
static void cat_too_long(void)
{
	rig_conf(1);
	rig.conf.emms = 20;
	for (unsigned i = 0; i < 20; i++) {
		rig.conf.emm[i] = emm_on(EMM + i);
		rig.conf.emm[i].private_n = 60;
	}
	rig_start();
	CU_ASSERT_EQUAL(rig.out->stats.drops[DP_DROP_PSI_TOO_LONG], 1);
	CU_ASSERT_EQUAL(rig.out->cat.out_bytes, 0);
	rig_end();
}

// A stream of the input on an ECM or EMM PID of its output does not leave, scrambled or clear.
static void streams_give_way(void)
{
	const struct rig_stream a[] = {{0x1B, 0x101, NULL, 0}, {0x1B, ECM, NULL, 0}, {0x86, EMM, NULL, 0}};

	rig_conf(1);
	rig.conf.emms = 1;
	rig.conf.emm[0] = emm_on(EMM);
	ecm_on(0, ECM);
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 1, ECM, a, 3); // its PCR too
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(ECM), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig_action(EMM), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig.in->conflicts, 3);
	CU_ASSERT_EQUAL(rig.a->stats.pid_conflicts, 3);
	rig_end();
}

// Two outputs of an input: what one writes is no PID of the other, but a stream to scramble leaves clear by neither.
static void per_output(bool clear_first)
{
	const struct rig_stream both[] = {{0x1B, ECM, NULL, 0}};
	unsigned scrambled = clear_first ? 2 : 0;

	rig_conf(3);
	rig.conf.outputs = 2;
	rig.conf.service[1].output = 1;
	ecm_on(scrambled, ECM);
	rig_start();
	rig_usual_pat();
	rig_heard();
	rig_pmt(PMT_B, PROGRAM_B, 1, 0x201, both, 1);
	CU_ASSERT_EQUAL(rig_action(ECM), DP_ACTION_CLEAR); // the other output has no ECM there
	CU_ASSERT_EQUAL(rig.in->conflicts, 0);
	rig_pmt(scrambled ? PMT_C : PMT_A, scrambled ? PROGRAM_C : PROGRAM_A, 2, 0x101, both, 1);
	CU_ASSERT_EQUAL(rig_action(ECM), DP_ACTION_UNKNOWN);
	CU_ASSERT_EQUAL(rig.in->conflicts, clear_first ? 1 : 2);
	rig_end();
}

static void per_output_scrambled_first(void)
{
	per_output(false);
}

static void per_output_clear_first(void)
{
	per_output(true);
}

// Who else has it scrambled may have it, in another output.
static void scrambled_elsewhere(void)
{
	const struct rig_stream both[] = {{0x1B, ECM, NULL, 0}};

	rig_conf(3);
	rig.conf.outputs = 2;
	rig.conf.service[2].output = 1;
	ecm_on(0, ECM);
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, both, 1);
	CU_ASSERT_EQUAL(rig_action(ECM), DP_ACTION_UNKNOWN);
	rig_pmt(PMT_C, PROGRAM_C, 1, 0x301, both, 1);
	CU_ASSERT_EQUAL(rig_action(ECM), DP_ACTION_SCRAMBLE);
	CU_ASSERT_PTR_EQUAL(rig.in->service[rig.in->pid[ECM].service], rig.c);
	rig_end();
}

// A PMT on such a PID does not leave, but what it says holds, and goes on to when a transform takes its PID on air.
static void pmts_give_way(void)
{
	const struct rig_stream cue[] = {{0x1B, 0x101, NULL, 0}, {0x86, 0x104, NULL, 0}};
	const struct rig_stream video[] = {{0x1B, 0x101, NULL, 0}, {0x1B, 0x104, NULL, 0}};

	rig_conf(1);
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, cue, 2);
	CU_ASSERT_EQUAL(rig_action(0x104), DP_ACTION_CLEAR);
	like(rig.a)->ca_n = 1;
	next.ca[0] = (struct dp_conf_ca){.ca_system_id = 0x4AE1, .ecm_pid = PMT_A};
	rig_change(rig.a, &next);
	CU_ASSERT_EQUAL(rig.in->conflicts, 1);
	CU_ASSERT_TRUE(rig.out->own[PMT_A].mine);
	CU_ASSERT_EQUAL_FATAL(rig_action(PMT_A), DP_ACTION_PMT);
	rig_pmt(PMT_A, PROGRAM_A, 2, 0x101, video, 2);
	CU_ASSERT_EQUAL(rig_action(0x104), DP_ACTION_SCRAMBLE);
	rig_end();
}

// ECMs and EMMs of the input that are kept.
static void kept_ca_gives_way(void)
{
	const struct rig_stream a[] = {{0x1B, 0x101, D("\x09\x04\x0B\x01\xE5\x00\x09\x04\x0B\x01\xE5\x01")}};
	struct ts_cat in = {.version = 2, .current = true, .info = {(const uint8_t *)"\x09\x04\x0B\x01\xE5\x80", 6}};
	uint8_t section[64];

	rig_conf(1);
	rig.conf.service[0].keep_input_ca = true;
	rig.conf.emms = 1;
	rig.conf.emm[0] = emm_on(EMM);
	ecm_on(0, ECM);
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, a, 1);
	CU_ASSERT_EQUAL(rig.in->conflicts, 1);
	rig_section(TS_PID_CAT, section, (size_t)ts_cat_write(section, sizeof(section), &in));
	CU_ASSERT_EQUAL(rig.in->conflicts, 2);
	CU_ASSERT_EQUAL(rig_action(ECM + 1), DP_ACTION_CA);
	CU_ASSERT_TRUE(rig.out->own[ECM].mine && rig.out->own[EMM].mine && !rig.out->own[ECM + 1].mine);
	rig_end();
}

// A transform with other ECM PIDs: tables with new versions, marked to be sent; the PIDs are exchanged at once.
static void ecm_pid_moves(void)
{
	const struct rig_stream a[] = {{0x1B, 0x101, NULL, 0}, {0x1B, ECM + 1, NULL, 0}};

	rig_conf(1);
	ecm_on(0, ECM);
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 4, 0x101, a, 2);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.version, 4);
	CU_ASSERT_EQUAL(rig_action(ECM + 1), DP_ACTION_SCRAMBLE);
	rig.a->emit = rig.in->emits = rig.out->emit_cat = false;
	like(rig.a)->ca[0].ecm_pid = ECM + 1;
	rig_change(rig.a, &next);
	CU_ASSERT_TRUE(rig.a->emit && rig.in->emits && !rig.out->emit_cat); // the CAT is as it was
	CU_ASSERT_EQUAL(rig_action(ECM + 1), DP_ACTION_UNKNOWN);
	CU_ASSERT_TRUE(rig.in->conflicts == 1 && rig.a->stats.pid_conflicts >= 1);
	CU_ASSERT_FALSE(rig.out->own[ECM].mine);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.version, 5);
	CU_ASSERT_EQUAL(pmt.info.bytes[5], (ECM + 1) & 0xFF);
	// The same once more changes nothing.
	rig_change(rig.a, &next);
	rig_sent_pmt(&pmt, rig.a);
	CU_ASSERT_EQUAL(pmt.version, 5);
	CU_ASSERT_EQUAL(rig.a->stats.pmt_changes, 1); // the input's
	rig_end();
}

// What was clear by the old policy is scrambled from the next packet, with its PMT at hand or while it moves; what
// was scrambled becomes clear by the new policy alone.
static void policy_changes(void)
{
	static const uint16_t moved[][2] = {{PROGRAM_A, 0x150}};
	const struct rig_stream a[] = {{0x1B, 0x101, NULL, 0}, {0x06, 0x102, TELETEXT}, {0x06, 0x103, SUBTITLES}};

	rig_conf(1);
	rig.conf.service[0].clear_teletext = true;
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, a, 3);
	CU_ASSERT_EQUAL(rig_action(0x102), DP_ACTION_CLEAR);
	CU_ASSERT_EQUAL(rig_action(0x103), DP_ACTION_SCRAMBLE);
	like(rig.a)->clear_teletext = false;
	next.clear_subtitles = true;
	rig_change(rig.a, &next);
	CU_ASSERT_EQUAL(rig_action(0x101), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x102), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x103), DP_ACTION_CLEAR);
	rig_pat(4, moved, 1); // the PMT is awaited on another PID
	struct dp_conf_service strict = next;

	strict.clear_subtitles = false;
	strict.clear_teletext = true;
	rig_change(rig.a, &strict);
	CU_ASSERT_EQUAL(rig_action(0x103), DP_ACTION_SCRAMBLE);
	CU_ASSERT_EQUAL(rig_action(0x102), DP_ACTION_SCRAMBLE); // until the PMT says so
	rig_end();
}

static void input_ca_comes_and_goes(void)
{
	const struct rig_stream a[] = {{0x1B, 0x101, D("\x09\x04\x0B\x01\xE1\x90")}};
	struct ts_cat in = {.version = 2, .current = true, .info = {(const uint8_t *)"\x09\x04\x0B\x01\xE1\x91", 6}};
	uint8_t section[64];

	rig_conf(1);
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, a, 1);
	rig_section(TS_PID_CAT, section, (size_t)ts_cat_write(section, sizeof(section), &in));
	for (unsigned keep = 0; keep < 4; keep++) {
		struct dp_conf_service now = *rig.a->conf;

		now.keep_input_ca = keep & 1;
		next = now;
		rig_change(rig.a, &next);
		CU_ASSERT_EQUAL(rig.out->keeps_ca, keep & 1);
		CU_ASSERT_EQUAL(rig_action(0x190), keep & 1 ? DP_ACTION_CA : DP_ACTION_UNKNOWN);
		CU_ASSERT_EQUAL(rig_action(0x191), keep & 1 ? DP_ACTION_CA : DP_ACTION_UNKNOWN);
		rig_sent_cat(&cat, rig.out);
		CU_ASSERT_EQUAL(cat.info.n, keep & 1 ? 6 : 0);
		CU_ASSERT_EQUAL(cat.version, keep);
		rig_sent_pmt(&pmt, rig.a);
		CU_ASSERT_EQUAL(pmt.stream[0].info.n, keep & 1 ? 6 : 0);
	}
	rig_end();
}

// A transform that cannot be written leaves the PMT as it is, but its policy holds.
static void transform_too_long(void)
{
	const struct rig_stream a[] = {{0x06, 0x102, TELETEXT}};

	rig_conf(1);
	rig.conf.service[0].clear_teletext = true;
	rig_start();
	rig_usual_pat();
	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, a, 1);
	uint16_t bytes = rig.a->pmt.out_bytes;

	like(rig.a)->clear_teletext = false;
	next.ca_n = DP_CONF_CA_MAX;
	for (unsigned i = 0; i < DP_CONF_CA_MAX; i++)
		next.ca[i] = (struct dp_conf_ca){.ecm_pid = (uint16_t)(ECM + i), .private_n = 64};
	rig_change(rig.a, &next);
	CU_ASSERT_TRUE(rig.a->pmt_unmade);
	CU_ASSERT_EQUAL(rig.a->pmt.out_bytes, bytes);
	CU_ASSERT_EQUAL(rig_action(0x102), DP_ACTION_SCRAMBLE);
	rig_end();
}

// Main sees the tables as they came.
static void sections_for_main(void)
{
	const struct rig_stream a[] = {{0x1B, 0x101, NULL, 0}};
	static const uint16_t moved[][2] = {{PROGRAM_A, 0x150}};
	static struct dp_view_content view;
	static struct dp_section pat;
	uint8_t section[1024];

	rig_conf(1);
	rig_start();
	dp_pat_view_read(&rig.in->pat_view, &pat);
	CU_ASSERT_EQUAL(pat.bytes, 0);
	rig_usual_pat();
	dp_pat_view_read(&rig.in->pat_view, &pat);
	CU_ASSERT_EQUAL(pat.bytes, rig.in->pat_raw_bytes);
	CU_ASSERT_EQUAL(memcmp(pat.section, rig.in->pat_raw, pat.bytes), 0);
	dp_view_read(&rig.a->view, &view);
	CU_ASSERT_EQUAL(view.pmt.bytes, 0);
	unsigned serial = dp_view_serial(&rig.a->view);

	rig_pmt(PMT_A, PROGRAM_A, 1, 0x101, a, 1);
	CU_ASSERT_NOT_EQUAL(dp_view_serial(&rig.a->view), serial);
	dp_view_read(&rig.a->view, &view);
	int n = rig_pmt_bytes(section, PROGRAM_A, 1, 0x101, a, 1);

	CU_ASSERT_EQUAL(view.pmt.bytes, n);
	CU_ASSERT_EQUAL(memcmp(view.pmt.section, section, (size_t)n), 0);
	rig_pat(4, moved, 1);
	dp_view_read(&rig.a->view, &view);
	CU_ASSERT_EQUAL(view.pmt_pid, 0x150);
	CU_ASSERT_EQUAL(view.pmt.bytes, 0); // that one has not spoken
	rig_end();
}

// In control of somebody else no group needs a key file, and names may be long.
static void groups_without_a_key_file(void)
{
	static const char name[] = "a group whose name is longer than one of a key file can be";

	rig_conf(3);
	for (unsigned i = 0; i < 3; i += 2)
		snprintf(rig.conf.service[i].group, sizeof(rig.conf.service[i].group), "%s", name);
	CU_ASSERT_EQUAL_FATAL(dp_lineup_init(&rig.lineup, &rig.conf, NULL, &rig.errs), 0);
	CU_ASSERT_EQUAL(rig.lineup.groups, 1);
	CU_ASSERT_STRING_EQUAL(rig.lineup.group[0].name, name);
	CU_ASSERT_PTR_NULL(rig.lineup.group[0].keys);
	CU_ASSERT_PTR_EQUAL(rig.lineup.service[2].group, &rig.lineup.group[0]);
	CU_ASSERT_EQUAL(rig.lineup.group[0].outputs, 1);
	dp_lineup_fini(&rig.lineup);
	rig_end();
}

static const struct unit_test tests[] = {
	{"CAT names the EMMs", cat_names_the_emms},
	{"CAT too long", cat_too_long},
	{"streams give way", streams_give_way},
	{"per output, scrambled first", per_output_scrambled_first},
	{"per output, clear first", per_output_clear_first},
	{"scrambled elsewhere", scrambled_elsewhere},
	{"PMTs give way", pmts_give_way},
	{"kept CA gives way", kept_ca_gives_way},
	{"ECM PID moves", ecm_pid_moves},
	{"policy changes", policy_changes},
	{"input CA comes and goes", input_ca_comes_and_goes},
	{"transform too long", transform_too_long},
	{"sections for main", sections_for_main},
	{"groups without a key file", groups_without_a_key_file},
};

UNIT_MAIN("own", tests)

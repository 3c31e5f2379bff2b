// SPDX-License-Identifier: GPL-3.0-or-later
// PSI of multiplexes as large as they come: 64 services, a PAT as long as a section can be, PMTs of one PID, one PCR
// for all.
#include "psi_rig.h"

enum { SERVICES = 64, FIRST_PMT = 0x100, FIRST_VIDEO = 0x200, CLOCK = 0x1F0 };

// 64 services of one group, each in an output of its own or all in one.
static void started(bool one_output)
{
	rig_conf(SERVICES);
	rig.conf.outputs = one_output ? 1 : SERVICES;
	for (unsigned i = 0; i < SERVICES; i++) {
		rig_service(i, (uint16_t)(i + 1), false);
		rig.conf.service[i].output = one_output ? 0 : i;
	}
	rig_start();
}

static uint16_t pmt_of(unsigned i, bool one_pid)
{
	return (uint16_t)(one_pid ? FIRST_PMT : FIRST_PMT + i);
}

static void put_pat(bool one_pid)
{
	uint16_t programs[SERVICES][2];

	for (unsigned i = 0; i < SERVICES; i++) {
		programs[i][0] = (uint16_t)(i + 1);
		programs[i][1] = pmt_of(i, one_pid);
	}
	rig_pat(0, (const uint16_t(*)[2])programs, SERVICES);
}

static void put_pmt(unsigned i, bool one_pid, uint8_t version, uint16_t pcr_pid)
{
	const struct rig_stream video = {.type = 0x1B, .pid = (uint16_t)(FIRST_VIDEO + i)};

	rig_pmt(pmt_of(i, one_pid), (uint16_t)(i + 1), version, pcr_pid, &video, 1);
}

// Ours stand at the end of a PAT of as many programmes as a section holds.
static void longest_pat(void)
{
	static uint16_t programs[TS_PAT_PROGRAMS_MAX][2];
	struct ts_pat pat;
	unsigned wrong = 0;

	started(false);
	for (unsigned i = 0; i < TS_PAT_PROGRAMS_MAX; i++) {
		bool ours = i >= TS_PAT_PROGRAMS_MAX - SERVICES;

		programs[i][0] = (uint16_t)(ours ? i - (TS_PAT_PROGRAMS_MAX - SERVICES) + 1 : 1000 + i);
		programs[i][1] = (uint16_t)(ours ? FIRST_PMT + programs[i][0] - 1u : 0x1000 + i);
	}
	rig_pat(7, (const uint16_t(*)[2])programs, TS_PAT_PROGRAMS_MAX);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PSI_BROKEN], 0);
	for (unsigned i = 0; i < SERVICES; i++) {
		put_pmt(i, false, 0, TS_PID_NULL);
		rig_sent_pat(&pat, &rig.lineup.output[i]);
		wrong += pat.n != 1 || pat.program[0].number != i + 1 || pat.program[0].pid != FIRST_PMT + i;
	}
	for (unsigned i = 0; i < SERVICES; i++)
		wrong += rig_action((uint16_t)(FIRST_VIDEO + i)) != DP_ACTION_SCRAMBLE ||
			 rig.in->pid[FIRST_VIDEO + i].service != i;
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(rig_action(0x1000), DP_ACTION_UNKNOWN);
	rig_end();
}

// A PAT of several sections is refused and counted, and what the last good one said stays.
static void pat_of_two_sections(void)
{
	struct ts_pat pat = {.transport_stream_id = 7, .version = 1, .current = true, .n = 1};
	uint8_t section[64];

	started(true);
	put_pat(false);
	pat.program[0].number = 1;
	pat.program[0].pid = 0x555;
	int n = ts_pat_write(section, sizeof(section), &pat);

	section[7] = 1; // last_section_number
	ts_section_seal(section, (size_t)n, 1);
	rig_section(TS_PID_PAT, section, (size_t)n);
	CU_ASSERT_EQUAL(rig.in->stats.drops[DP_DROP_PSI_BROKEN], 1);
	CU_ASSERT_EQUAL(rig.a->pmt_pid, FIRST_PMT);
	rig_end();
}

static void pmts_on_one_pid(void)
{
	unsigned i = 0;

	started(false);
	put_pat(true);
	for (i = 0; i < SERVICES; i++)
		put_pmt(i, true, 0, TS_PID_NULL);
	i = 0;
	for (struct dp_service *s = rig.in->service[rig.in->pid[FIRST_PMT].service]; s; s = s->pmt_next, i++)
		CU_ASSERT_TRUE(s == rig.in->service[i] && s->emit && s->streams_n == 1);
	CU_ASSERT_EQUAL(i, SERVICES);
	CU_ASSERT_EQUAL(rig.in->conflicts, 0);
	rig_end();
}

// One PCR for all programmes: each output gets it once.
static void one_pcr_for_all(void)
{
	for (unsigned one_output = 0; one_output < 2; one_output++) {
		unsigned users = 0, passes = 0;

		started(one_output);
		put_pat(false);
		for (unsigned i = 0; i < SERVICES; i++)
			put_pmt(i, false, 0, CLOCK);
		DP_PSI_EACH_PCR_USER(service, rig.in, CLOCK)
		{
			CU_ASSERT_PTR_EQUAL(service, rig.in->service[users]);
			users++;
			passes += service->passes_pcr;
		}
		CU_ASSERT_EQUAL(users, SERVICES);
		CU_ASSERT_EQUAL(passes, one_output ? 1 : SERVICES);
		CU_ASSERT_EQUAL(rig_action(CLOCK), DP_ACTION_PCR);
		rig_end();
	}
}

// A PCR PID that moves is found under its new PID alone.
static void pcr_moves(void)
{
	started(false);
	put_pat(false);
	put_pmt(0, false, 0, CLOCK);
	put_pmt(0, false, 1, CLOCK + DP_PCR_LISTS);
	CU_ASSERT_PTR_NULL(dp_psi_pcr_user(rig.in->pcr_user[CLOCK % DP_PCR_LISTS], CLOCK));
	CU_ASSERT_PTR_EQUAL(dp_psi_pcr_user(rig.in->pcr_user[CLOCK % DP_PCR_LISTS], CLOCK + DP_PCR_LISTS), rig.a);
	CU_ASSERT_FALSE(rig.in->pid[CLOCK].pcr);
	rig_end();
}

// Main is told of the service that changed, not of the 63 beside it.
static void one_change_is_told_once(void)
{
	unsigned serial[SERVICES], moved = 0;

	started(false);
	put_pat(false);
	for (unsigned i = 0; i < SERVICES; i++)
		put_pmt(i, false, 0, TS_PID_NULL);
	for (unsigned i = 0; i < SERVICES; i++)
		serial[i] = dp_view_serial(&rig.in->service[i]->view);
	put_pmt(9, false, 1, TS_PID_NULL);
	for (unsigned i = 0; i < SERVICES; i++)
		moved += dp_view_serial(&rig.in->service[i]->view) != serial[i];
	CU_ASSERT_EQUAL(moved, 1);
	CU_ASSERT_NOT_EQUAL(dp_view_serial(&rig.in->service[9]->view), serial[9]);
	rig_end();
}

// As many streams as a section of a PMT has room for, beside ours.
static void most_streams(void)
{
	static struct rig_stream streams[TS_PMT_STREAMS_MAX];
	uint8_t section[1024];
	unsigned n = 1, wrong = 0;

	for (unsigned i = 0; i < TS_PMT_STREAMS_MAX; i++)
		streams[i] = (struct rig_stream){.type = 0x0F, .pid = (uint16_t)(FIRST_VIDEO + i)};
	while (n < TS_PMT_STREAMS_MAX && rig_pmt_bytes(section, 1, 0, TS_PID_NULL, streams, n + 1) > 0)
		n++;
	CU_ASSERT_TRUE(n >= 200);
	started(true);
	put_pat(false);
	rig_pmt(FIRST_PMT, 1, 0, TS_PID_NULL, streams, n);
	CU_ASSERT_EQUAL(rig.a->streams_n, n);
	for (unsigned i = 0; i < n; i++)
		wrong += rig_action((uint16_t)(FIRST_VIDEO + i)) != DP_ACTION_SCRAMBLE;
	CU_ASSERT_EQUAL(wrong, 0);
	// Our scrambling_descriptor just fits behind them, a CA_descriptor does not: told, and the PMT before goes on.
	struct dp_conf_service with_ca = *rig.a->conf;

	CU_ASSERT_FALSE(rig.a->pmt_unmade);
	with_ca.ca_n = 1;
	with_ca.ca[0] = (struct dp_conf_ca){.ca_system_id = 1, .ecm_pid = 0x1E00};
	rig_change(rig.a, &with_ca);
	CU_ASSERT_TRUE(rig.a->pmt_unmade);
	CU_ASSERT_EQUAL(rig.a->stats.drops[DP_DROP_PSI_TOO_LONG], 1);
	CU_ASSERT_TRUE(rig.a->pmt.out_bytes > 1000);
	rig_end();
}

static const struct unit_test tests[] = {
	{"longest PAT", longest_pat},
	{"PAT of two sections", pat_of_two_sections},
	{"PMTs on one PID", pmts_on_one_pid},
	{"one PCR for all", one_pcr_for_all},
	{"PCR moves", pcr_moves},
	{"one change is told once", one_change_is_told_once},
	{"most streams", most_streams},
};

UNIT_MAIN("psi limits", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// A small line-up without ports, and PSI fed to it packet by packet: what the tests of psi/ share.
//
// One input. Programme 1 is scrambled, 2 is clear, 3 is scrambled; all go to output 0, but for services that a test
// sends to output 1.
//
// Threads: one. Owns: the line-up, the configuration, the continuity counters of what is fed.
#pragma once

#include <stdio.h>
#include <string.h>

#include <ts_cat.h>
#include <ts_pat.h>
#include <ts_pmt.h>
#include <ts_sdt.h>
#include <unit.h>

#include "lineup/lineup.h"
#include "psi/policy.h"
#include "psi/psi.h"

enum { PROGRAM_A = 1, PROGRAM_B = 2, PROGRAM_C = 3, PMT_A = 0x100, PMT_B = 0x200, PMT_C = 0x300 };

struct psi_rig {
	struct dp_conf conf;
	struct dp_keyfile keyfile;
	struct dp_lineup lineup;
	struct base_errs errs;
	struct dp_input *in;
	struct dp_service *a, *b, *c;
	const struct dp_conf_service
		*first[DP_CONF_SERVICES_MAX]; // what the services began with, whatever a test gives them
	struct dp_output *out;
	uint8_t cc[TS_PIDS];
	unsigned fed_pkts; // of the table fed last
};

static struct psi_rig rig;

static inline void rig_service(unsigned i, uint16_t program, bool clear)
{
	struct dp_conf_service *s = &rig.conf.service[i];

	s->program_number = program;
	s->clear_service = clear;
	s->algorithm = DP_CSA2;
	snprintf(s->name, sizeof(s->name), "%u", program);
	snprintf(s->group, sizeof(s->group), "%s", clear ? "" : "g");
}

// Fills the configuration; a test may change it before rig_start.
static inline void rig_conf(unsigned services)
{
	static const char keys[] = "group g period_ms 0\ncp 0 even 0011223344556677\n";

	memset(&rig, 0, sizeof(rig));
	base_errs_init(&rig.errs);
	CU_ASSERT_EQUAL_FATAL(dp_keyfile_parse(&rig.keyfile, keys, sizeof(keys) - 1, "k", &rig.errs), 0);
	rig.conf.workers = rig.conf.ports = rig.conf.inputs = 1;
	rig.conf.port[0].driver = DP_PORT_NULL;
	rig.conf.outputs = 1;
	rig.conf.services = services;
	rig_service(0, PROGRAM_A, false);
	rig_service(1, PROGRAM_B, true);
	rig_service(2, PROGRAM_C, false);
}

static inline void rig_start(void)
{
	CU_ASSERT_EQUAL_FATAL(dp_lineup_init(&rig.lineup, &rig.conf, &rig.keyfile, &rig.errs), 0);
	rig.in = &rig.lineup.input[0];
	rig.out = &rig.lineup.output[0];
	rig.a = &rig.lineup.service[0];
	rig.b = rig.conf.services > 1 ? &rig.lineup.service[1] : NULL;
	rig.c = rig.conf.services > 2 ? &rig.lineup.service[2] : NULL;
	for (unsigned i = 0; i < rig.lineup.services; i++)
		rig.first[i] = rig.lineup.service[i].conf;
}

static inline void rig_end(void)
{
	for (unsigned i = 0; i < rig.lineup.services; i++)
		rig.lineup.service[i].conf = rig.first[i];
	dp_lineup_fini(&rig.lineup);
	dp_keyfile_free(&rig.keyfile);
}

// Feeds one section on a PID, as packets, the way classify does: only PIDs of PSI.
static inline void rig_section(uint16_t pid, const uint8_t *section, size_t n)
{
	uint8_t packets[TS_SECTION_MAX_PKTS][TS_PACKET_BYTES];
	int count = ts_section_packetize(packets, TS_SECTION_MAX_PKTS, section, n, pid, &rig.cc[pid]);

	CU_ASSERT_FATAL(count > 0);
	rig.fed_pkts = (unsigned)count;
	for (int i = 0; i < count; i++) {
		CU_ASSERT_FATAL(rig.in->pid[pid].action >= DP_ACTION_PAT);
		dp_psi_packet(rig.in, packets[i]);
	}
}

static inline void rig_pat(uint8_t version, const uint16_t (*programs)[2], size_t n)
{
	struct ts_pat pat = {.transport_stream_id = 7, .version = version, .current = true, .n = n};
	uint8_t section[1024];

	for (size_t i = 0; i < n; i++) {
		pat.program[i].number = programs[i][0];
		pat.program[i].pid = programs[i][1];
	}
	int bytes = ts_pat_write(section, sizeof(section), &pat);

	CU_ASSERT_FATAL(bytes > 0);
	rig_section(TS_PID_PAT, section, (size_t)bytes);
}

// The usual PAT: the services of the line-up on PIDs of their own.
static inline void rig_usual_pat(void)
{
	static const uint16_t programs[][2] = {
		{0, TS_PID_NIT}, {PROGRAM_A, PMT_A}, {PROGRAM_B, PMT_B}, {PROGRAM_C, PMT_C}, {99, 0x1F0}};

	rig_pat(3, programs, 5);
}

struct rig_stream {
	uint8_t type;
	uint16_t pid;
	const char *info; // descriptors
	size_t info_bytes;
};

static inline int rig_pmt_bytes(uint8_t *section, uint16_t program, uint8_t version, uint16_t pcr_pid,
				const struct rig_stream *streams, size_t n)
{
	static struct ts_pmt pmt;

	pmt = (struct ts_pmt){
		.program_number = program, .version = version, .current = true, .pcr_pid = pcr_pid, .n = n};
	for (size_t i = 0; i < n; i++)
		pmt.stream[i] =
			(struct ts_pmt_stream){.stream_type = streams[i].type,
					       .pid = streams[i].pid,
					       .info = {(const uint8_t *)streams[i].info, streams[i].info_bytes}};
	return ts_pmt_write(section, 1024, &pmt);
}

static inline void rig_pmt(uint16_t on_pid, uint16_t program, uint8_t version, uint16_t pcr_pid,
			   const struct rig_stream *streams, size_t n)
{
	uint8_t section[1024];
	int bytes = rig_pmt_bytes(section, program, version, pcr_pid, streams, n);

	CU_ASSERT_FATAL(bytes > 0);
	rig_section(on_pid, section, (size_t)bytes);
}

// The scrambled services have spoken, each of one stream on the PID after its PMT's: what is clear may be clear.
static inline void rig_heard(void)
{
	for (unsigned i = 0; i < rig.in->services; i++) {
		const struct dp_service *service = rig.in->service[i];
		const struct rig_stream one = {.type = 0x1B, .pid = (uint16_t)(service->pmt_pid + 1)};

		if (!service->conf->clear_service)
			rig_pmt(service->pmt_pid, service->conf->program_number, 0, one.pid, &one, 1);
	}
}

// The service has another configuration (BORROWED) from now on, as a change of the line-up brings it on air.
static inline void rig_change(struct dp_service *service, const struct dp_conf_service *conf)
{
	service->conf = conf;
	dp_psi_pat_again(service->input);
	dp_psi_service_again(service, NULL);
	dp_psi_input_again(service->input);
}

static inline uint8_t rig_action(uint16_t pid)
{
	return rig.in->pid[pid].action;
}

// What stands in packets to be sent, as one section; its size.
static uint8_t rig_sent[TS_SECTION_MAX_BYTES];
static size_t rig_sent_bytes;

static inline void rig_take(void *context, const uint8_t *section, size_t n)
{
	(void)context;
	memcpy(rig_sent, section, n);
	rig_sent_bytes = n;
}

static inline size_t rig_sections_of(const struct dp_packets *packets)
{
	static struct ts_section_assembler assembler;
	size_t sections = 0;

	ts_section_assembler_init(&assembler);
	rig_sent_bytes = 0;
	for (uint8_t i = 0; i < packets->n; i++) {
		uint8_t packet[TS_PACKET_BYTES];

		memcpy(packet, packets->bytes[i], TS_PACKET_BYTES);
		ts_packet_set_cc(packet, i);
		sections += (size_t)ts_section_feed(&assembler, packet, rig_take, NULL);
	}
	return sections;
}

static inline void rig_sent_pat(struct ts_pat *pat, const struct dp_output *output)
{
	CU_ASSERT_EQUAL_FATAL(rig_sections_of(&output->pat.packets), 1);
	CU_ASSERT_EQUAL_FATAL(ts_pat_parse(pat, rig_sent, rig_sent_bytes), 0);
}

static inline void rig_sent_pmt(struct ts_pmt *pmt, const struct dp_service *service)
{
	CU_ASSERT_EQUAL_FATAL(rig_sections_of(&service->pmt.packets), 1);
	CU_ASSERT_EQUAL_FATAL(ts_pmt_parse(pmt, rig_sent, rig_sent_bytes), 0);
}

static inline void rig_sent_cat(struct ts_cat *cat, const struct dp_output *output)
{
	CU_ASSERT_EQUAL_FATAL(rig_sections_of(&output->cat.packets), 1);
	CU_ASSERT_EQUAL_FATAL(ts_cat_parse(cat, rig_sent, rig_sent_bytes), 0);
}

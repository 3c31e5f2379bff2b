// SPDX-License-Identifier: GPL-3.0-or-later
// PSI of an input with three services (scrambled, clear, scrambled with input_ca keep), two outputs and an EMM stream.
//
// The input is a row of records, each led by a byte. Its low bit 0: a transport packet of 188 bytes as it is. 1: a PID
// and a size of two bytes each and a section of that size, whose length and CRC_32 are made right (bit 1: left as they
// are) and which goes in as packets. Only PIDs that classify would hand to psi/ are fed. Bits 0 and 4, 0x10: two bytes
// that make a service's transform another. Bits 0, 4 and 5, 0x20: what comes from now on may be another stream.
#include <fuzz.h>
#include <ts_crc.h>
#include <ts_section.h>

#include "psi/policy.h"
#include "psi/psi.h"

static struct dp_conf conf;
static struct dp_keyfile keyfile;
static struct base_errs errs;
static struct dp_lineup lineup;
static uint8_t cc[TS_PIDS];
static bool clear[TS_PIDS]; // after the record before
static struct dp_conf_service transform[3][2];

static void make_conf(void)
{
	static const char keys[] = "group g period_ms 0\ncp 0 even 0011223344556677\n";

	if (conf.services)
		return;
	FUZZ_ASSERT(dp_keyfile_parse(&keyfile, keys, sizeof(keys) - 1, "k", &errs) == 0);
	conf.workers = conf.ports = conf.inputs = 1;
	conf.port[0].driver = DP_PORT_NULL;
	conf.outputs = 2;
	conf.services = 3;
	for (unsigned i = 0; i < 3; i++) {
		conf.service[i].program_number = (uint16_t)(i + 1);
		conf.service[i].algorithm = DP_CSA2;
		memcpy(conf.service[i].group, "g", 2);
	}
	conf.service[0].ca_n = 2;
	conf.service[0].ca[0] = (struct dp_conf_ca){.ca_system_id = 1, .ecm_pid = 0x1AA, .private_n = 3};
	conf.service[0].ca[1] = (struct dp_conf_ca){.ca_system_id = 2, .ecm_pid = 0x1AB};
	conf.service[0].clear_teletext = conf.service[0].clear_subtitles = true;
	conf.service[1].clear_service = true;
	conf.service[1].group[0] = 0;
	conf.service[2].keep_input_ca = true;
	conf.service[2].output = 1;
	conf.emms = 1;
	conf.emm[0] = (struct dp_conf_emm){.pid = 0x1AC, .ca_system_id = 1, .rate_kbps = 1, .output_set = {2}};
}

// A table that is sent is one whole section of at most 1024 bytes with a good CRC_32.
static void check_table(const struct dp_table *table)
{
	struct ts_section section;

	FUZZ_ASSERT(table->packets.n <= DP_PACKETS_MAX);
	if (table->out_bytes == 0) {
		FUZZ_ASSERT(table->packets.n == 0);
		return;
	}
	FUZZ_ASSERT(table->packets.n == (table->out_bytes + 1u + 183u) / 184u);
	FUZZ_ASSERT(ts_section_parse(&section, table->out, table->out_bytes) == 0);
	FUZZ_ASSERT(section.version == table->version && section.current);
}

static bool awaits_pmt(const struct dp_input *in)
{
	for (unsigned i = 0; i < in->services; i++)
		if (in->service[i]->awaits_pmt && !in->service[i]->conf->clear_service)
			return true;
	return false;
}

static void check_pid(const struct dp_input *in, uint16_t pid)
{
	const struct dp_pid *p = &in->pid[pid];

	if (p->action == DP_ACTION_SCRAMBLE || p->action == DP_ACTION_CLEAR || p->action == DP_ACTION_PMT) {
		FUZZ_ASSERT(pid > TS_PID_SI_LAST && pid < TS_PID_NULL);
		FUZZ_ASSERT(p->service < in->services && in->service[p->service]->pmt_pid);
	}
	// A PMT there is followed; what is sent on the PID is the output's.
	if (p->action == DP_ACTION_SCRAMBLE || p->action == DP_ACTION_CLEAR)
		FUZZ_ASSERT(!in->service[p->service]->output->own[pid].mine);
	if (p->action == DP_ACTION_SCRAMBLE)
		FUZZ_ASSERT(!in->service[p->service]->conf->clear_service);
	if (p->action == DP_ACTION_PMT)
		FUZZ_ASSERT(in->service[p->service]->pmt_pid == pid);
	if (p->action == DP_ACTION_PCR || p->action == DP_ACTION_CA)
		FUZZ_ASSERT(pid > TS_PID_SI_LAST && pid < TS_PID_NULL);
	if (p->action == DP_ACTION_SI)
		FUZZ_ASSERT(pid == TS_PID_NIT || (pid >= 0x12 && pid <= 0x14) || pid == 0x16 || pid == 0x1E ||
			    pid == 0x1F);
	// What a scrambled service will name is not known before its PMT: nothing becomes clear meanwhile.
	if (p->action == DP_ACTION_CLEAR)
		FUZZ_ASSERT(p->was_clear || !awaits_pmt(in));
	FUZZ_ASSERT((p->action == DP_ACTION_NULL) == (pid == TS_PID_NULL));
}

// A stream that a scrambled service names as one to scramble leaves in no other way, on whatever PID it is and whoever
// else names it.
static void check_streams(const struct dp_service *service)
{
	for (unsigned i = 0; service->pmt_pid && i < service->streams_n; i++) {
		uint16_t pid = service->stream[i].pid;
		uint8_t action = service->input->pid[pid].action;

		if (service->stream[i].policy != DP_POLICY_SCRAMBLED)
			continue;
		FUZZ_ASSERT(action != DP_ACTION_SI && action != DP_ACTION_CA && action != DP_ACTION_CLEAR &&
			    action != DP_ACTION_PCR);
		if (pid > TS_PID_SI_LAST && pid < TS_PID_NULL && !service->output->own[pid].mine)
			FUZZ_ASSERT(action == DP_ACTION_SCRAMBLE || action == DP_ACTION_PMT);
	}
}

// One section made nothing clear while a PMT is awaited.
static void check_clear(const struct dp_input *in, bool one_section)
{
	bool awaited = awaits_pmt(in);

	for (unsigned pid = 0; pid < TS_PIDS; pid++) {
		bool now = in->pid[pid].action == DP_ACTION_CLEAR;

		FUZZ_ASSERT(!one_section || !awaited || !now || clear[pid]);
		clear[pid] = now;
	}
}

static void check(const struct dp_input *in)
{
	for (uint32_t pid = 0; pid < TS_PIDS; pid++)
		check_pid(in, (uint16_t)pid);
	for (unsigned i = 0; i < in->services; i++) {
		check_table(&in->service[i]->pmt);
		check_streams(in->service[i]);
	}
	for (unsigned i = 0; i < in->outputs; i++) {
		check_table(&in->output[i]->pat);
		check_table(&in->output[i]->cat);
		FUZZ_ASSERT(in->output[i]->si.n <= DP_PACKETS_MAX);
	}
}

static void feed(struct dp_input *in, const uint8_t *packet)
{
	if (ts_packet_synced(packet) && in->pid[ts_packet_pid(packet)].action >= DP_ACTION_PAT)
		dp_psi_packet(in, packet);
}

// Slot sends what waits; half of the time, so that it also fills up.
static void send_some(struct dp_input *in, uint8_t lead)
{
	for (unsigned i = 0; lead & 4 && i < in->outputs; i++)
		in->output[i]->si.n = 0;
}

static size_t one_section(struct dp_input *in, uint8_t lead, const uint8_t *data, size_t size)
{
	uint8_t packets[TS_SECTION_MAX_PKTS][TS_PACKET_BYTES], section[TS_SECTION_MAX_BYTES];
	uint16_t pid;
	size_t n;

	if (size < 4)
		return size;
	pid = base_bytes_get16(data) & 0x1FFF;
	n = base_bytes_get16(data + 2);
	n = n < size - 4 ? n : size - 4;
	n = n < sizeof(section) ? n : sizeof(section);
	memcpy(section, data + 4, n);
	if (!(lead & 2) && n >= TS_SECTION_LONG_HEADER_BYTES + TS_SECTION_CRC_BYTES) {
		base_bytes_put16(section + 1, 0xB000 | (unsigned)(n - TS_SECTION_HEADER_BYTES));
		base_bytes_put32(section + n - 4, ts_crc32(section, n - 4));
	}
	int count = ts_section_packetize(packets, TS_SECTION_MAX_PKTS, section, n, pid, &cc[pid]);

	for (int i = 0; i < count; i++)
		feed(in, packets[i]);
	return 4 + n;
}

// The transform of one of the services becomes another: what is kept, what is clear, where its ECMs are.
static size_t one_transform(struct dp_input *in, const uint8_t *data, size_t size)
{
	if (size < 2)
		return size;
	unsigned index = data[0] % 3;
	struct dp_service *service = in->service[index];
	struct dp_conf_service *next = &transform[index][service->conf == &transform[index][0]];

	*next = *service->conf;
	next->keep_input_ca = data[0] & 0x10;
	next->clear_teletext = data[0] & 0x20;
	next->clear_subtitles = data[0] & 0x40;
	next->ca_n = next->clear_service ? 0 : 1;
	next->ca[0] = (struct dp_conf_ca){.ca_system_id = 3, .ecm_pid = (uint16_t)(0x100 + data[1])};
	service->conf = next;
	dp_psi_pat_again(in);
	dp_psi_service_again(service, NULL);
	dp_psi_input_again(in);
	return 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	make_conf();
	memset(cc, 0, sizeof(cc));
	memset(clear, 0, sizeof(clear));
	FUZZ_ASSERT(dp_lineup_init(&lineup, &conf, &keyfile, &errs) == 0);
	struct dp_input *in = &lineup.input[0];
	const struct dp_conf_service *first[3]; // the line-up's own, which it frees

	for (unsigned i = 0; i < 3; i++)
		first[i] = in->service[i]->conf;
	dp_psi_init(in);
	for (size_t at = 0; at < size;) {
		uint8_t lead = data[at++];

		if (lead & 1) {
			at += one_section(in, lead, data + at, size - at);
		} else if (lead & 0x10) {
			at += one_transform(in, data + at, size - at);
		} else if (lead & 0x20) {
			dp_psi_doubt(in);
		} else if (size - at >= TS_PACKET_BYTES) {
			feed(in, data + at);
			at += TS_PACKET_BYTES;
		}
		send_some(in, lead);
		check(in);
		check_clear(in, (lead & 3) == 1 || (lead & 0x11) == 0x10 || (lead & 0x31) == 0x20);
	}
	for (unsigned i = 0; i < 3; i++)
		in->service[i]->conf = first[i];
	dp_lineup_fini(&lineup);
	return 0;
}

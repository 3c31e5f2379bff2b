// SPDX-License-Identifier: GPL-3.0-or-later
// A line-up as it comes: what is good becomes a configuration, every mistake is told at its place, and a difference
// from what is on air is found.
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <unit.h>

#include "link/gather.h"
#include "link_lineup.h"

static struct dp_conf machine;
static struct dp_gather gather;
static struct link_lineup l;

static void begin(void)
{
	link_lineup_machine(&machine);
	link_lineup_make(&l);
	dp_gather_init(&gather, &machine);
}

static int gather_all(void)
{
	CU_ASSERT_EQUAL_FATAL(dp_gather_begin(&gather, &l.lineup), 0);
	for (unsigned i = 0; i < 2; i++)
		dp_gather_input(&gather, &l.input[i]);
	for (unsigned i = 0; i < 2; i++)
		dp_gather_output(&gather, &l.output[i]);
	for (unsigned i = 0; i < 2; i++)
		dp_gather_group(&gather, &l.group[i]);
	for (unsigned i = 0; i < 2; i++)
		dp_gather_service(&gather, &l.service[i]);
	dp_gather_emm(&gather, &l.emm[0]);
	return dp_gather_end(&gather);
}

// True when some mistake is told at the place, and says the part.
static bool told(const char *place, const char *part)
{
	size_t n = strlen(place);

	for (size_t i = 0; i < gather.errs.count; i++)
		if (strncmp(gather.errs.text[i], place, n) == 0 && gather.errs.text[i][n] == ':' &&
		    strstr(gather.errs.text[i] + n, part))
			return true;
	return false;
}

static void good(void)
{
	begin();
	l.input[1].vlan = 4094;
	l.input[1].source = 0xC0000201;
	l.input[1].encapsulation = 2;
	l.output[1].source_udp_port = 7000;
	l.output[1].short_datagrams = 1;
	l.output[1].deadline_us = 1000000;
	l.service[1].keep_input_ca = l.service[1].clear_teletext = 1;
	l.service[1].ca[0].private_n = 2;
	l.service[1].ca[0].private_bytes[1] = 7;
	CU_ASSERT_EQUAL_FATAL(gather_all(), 0);
	const struct dp_conf *conf = gather.conf;

	CU_ASSERT_TRUE(conf->ports == 1 && conf->workers == 1);
	CU_ASSERT_TRUE(conf->inputs == 2 && conf->outputs == 2 && conf->services == 2 && conf->emms == 1);
	CU_ASSERT_TRUE(conf->input[1].vlan == 4094 && conf->input[1].encapsulation == DP_ENCAP_RTP);
	CU_ASSERT_TRUE(conf->output[0].source_udp_port == 5000 && conf->output[1].source_udp_port == 7000);
	CU_ASSERT_TRUE(conf->output[1].short_datagrams && conf->output[1].deadline_us == 1000000);
	CU_ASSERT_STRING_EQUAL(conf->service[0].group, "basic");
	CU_ASSERT_STRING_EQUAL(conf->service[1].group, "premium");
	CU_ASSERT_TRUE(conf->service[0].algorithm == DP_CSA2 && conf->service[1].algorithm == DP_CISSA);
	CU_ASSERT_TRUE(conf->service[1].keep_input_ca && conf->service[1].clear_teletext);
	CU_ASSERT_FALSE(conf->service[0].keep_input_ca || conf->service[1].clear_subtitles);
	CU_ASSERT_TRUE(conf->service[1].ca[0].private_n == 2 && conf->service[1].ca[0].private_bytes[1] == 7);
	CU_ASSERT_TRUE(conf->emm[0].pid == LINEUP_EMM_PID && conf->emm[0].output_set[0] == 3);
	dp_gather_fini(&gather);
	CU_ASSERT_PTR_NULL(gather.conf);
}

static void clear_service(void)
{
	begin();
	l.service[0].group = DP_MSG_NONE;
	l.lineup.groups = 1;
	CU_ASSERT_EQUAL_FATAL(dp_gather_begin(&gather, &l.lineup), 0);
	l.service[0].ca_n = 0;
	for (unsigned i = 0; i < 2; i++) {
		dp_gather_input(&gather, &l.input[i]);
		dp_gather_output(&gather, &l.output[i]);
		dp_gather_service(&gather, &l.service[i]);
	}
	dp_gather_group(&gather, &l.group[0]);
	dp_gather_emm(&gather, &l.emm[0]);
	CU_ASSERT_EQUAL(dp_gather_end(&gather), 0);
	CU_ASSERT_TRUE(gather.conf->service[0].clear_service && gather.conf->service[0].group[0] == '\0');
	dp_gather_fini(&gather);
}

static void every_algorithm(void)
{
	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		begin();
		l.group[0].scrambling_mode = dp_algorithm[i].scrambling_mode;
		CU_ASSERT_EQUAL(gather_all(), 0);
		CU_ASSERT_EQUAL(gather.group[0].algorithm, i);
		dp_gather_fini(&gather);
	}
}

// A change of one field of one message.
struct patch {
	size_t offset, bytes;
	uint64_t value;
	const char *place, *part;
};

#define AT(member, number, where, what)                                                     \
	{                                                                                   \
		offsetof(struct link_lineup, member), sizeof(l.member), number, where, what \
	}

static const struct patch mistakes[] = {
	AT(lineup.inputs, 0, "/inputs", "1 to 256"),
	AT(lineup.inputs, 257, "/inputs", "257 entries"),
	AT(lineup.outputs, 1025, "/outputs", "1 to 1024"),
	AT(lineup.groups, 1025, "/groups", "0 to 1024"),
	AT(lineup.services, 0, "/services", "1 to 1024"),
	AT(lineup.emms, 33, "/emm_streams", "0 to 32"),
	AT(lineup.inputs, 3, "/inputs/2", "did not come"),
	AT(lineup.outputs, 3, "/outputs/2", "did not come"),
	AT(lineup.groups, 3, "/groups/2", "did not come"),
	AT(lineup.services, 3, "/services/2", "did not come"),
	AT(lineup.emms, 2, "/emm_streams/1", "did not come"),
	AT(lineup.inputs, 1, "/inputs/1", "1 entries were announced"),
	AT(input[1].index, 0, "/inputs/0", "came twice"),
	AT(output[1].index, 0, "/outputs/0", "came twice"),
	AT(group[1].index, 0xFFFF, "/groups/65535", "announced"),
	AT(service[1].index, 2, "/services/2", "announced"),
	AT(emm[0].index, 1, "/emm_streams/1", "announced"),
	AT(input[1].name[0], 0, "/inputs/1/name", "1 to 63"),
	AT(input[1].name[0], 0xFF, "/inputs/1/name", "UTF-8"),
	AT(input[1].port[0], 'W', "/inputs/1/port", "no port \"Wire\""),
	AT(input[1].port[0], 0, "/inputs/1/port", "1 to 63"),
	AT(input[1].group, 0x0A000001, "/inputs/1", "multicast"),
	AT(input[1].udp_port, 0, "/inputs/1", "1 to 65535"),
	AT(input[1].vlan, 4095, "/inputs/1", "1 to 4094"),
	AT(input[1].encapsulation, 3, "/inputs/1/encapsulation", "0 auto, 1 UDP, 2 RTP"),
	AT(input[1].group, 0xEF010101, "/inputs/1", "as /inputs/0"),
	AT(output[1].port[0], 'W', "/outputs/1/port", "no port"),
	AT(output[1].group, 1, "/outputs/1", "multicast"),
	AT(output[1].source, 0, "/outputs/1/source", "missing"),
	AT(output[1].ttl, 0, "/outputs/1/ttl", "1 to 255"),
	AT(output[1].dscp, 64, "/outputs/1/dscp", "0 to 63"),
	AT(output[1].deadline_us, 999, "/outputs/1/deadline_ms", "1 to 1000"),
	AT(output[1].deadline_us, 1000001, "/outputs/1/deadline_ms", "1 to 1000"),
	AT(output[1].group, 0xEF010102, "/outputs/1", "equal to /inputs/1"),
	AT(group[1].scrambling_mode, 3, "/groups/1/algorithm",
	   "scrambling_mode 0x03: 0x01 csa1, 0x02 csa2, 0x10 cissa"),
	AT(group[1].name[0], 0, "/groups/1/name", "1 to 63"),
	AT(service[0].group, 0, "/groups/1", "no service uses it"),
	AT(service[0].group, 2, "/services/0/group", "2 of 2"),
	AT(service[1].input, 2, "/services/1/input", "2 of 2"),
	AT(service[1].output, 2, "/services/1/output", "2 of 2"),
	AT(service[1].program_number, 0, "/services/1/program", "1 to 65535"),
	AT(service[1].name[7], '0', "/services/1/name", "also the name"),
	AT(service[1].output, 0, "/services/1/output", "one input"),
	AT(service[1].ca_n, 17, "/services/1/ca", "at most 16"),
	AT(service[1].ca[0].ca_system_id, 0, "/services/1/ca", "1 to 65535"),
	AT(service[1].ca[0].ecm_pid, 0x1F, "/services/1/ca", "32 to 8190"),
	AT(service[1].ca[0].ecm_pid, 0x1FFF, "/services/1/ca", "32 to 8190"),
	AT(service[1].ca[0].private_n, 65, "/services/1/ca", "at most 64"),
	AT(service[1].ca_n, 2, "/services/1/ca", "1 to 65535"), // of zeros
	AT(emm[0].pid, 0x1F, "/emm_streams/0/pid", "32 to 8190"),
	AT(emm[0].pid, LINEUP_ECM_PID, "/emm_streams/0/pid", "ECM PID of /services/0"),
	AT(emm[0].ca_system_id, 0, "/emm_streams/0/client_id", "1 to 65535"),
	AT(emm[0].rate_kbps, 0, "/emm_streams/0/bandwidth_kbps", "1 to 65535"),
	AT(emm[0].private_n, 65, "/emm_streams/0/private", "at most 64"),
	AT(emm[0].output_set[0], 0, "/emm_streams/0/outputs", "at least one"),
	AT(emm[0].output_set[127], 0x80, "/emm_streams/0/outputs", "1023 of 2"),
	AT(emm[0].name[0], 0xC0, "/emm_streams/0/name", "UTF-8"),
};

static void apply(const struct patch *patch)
{
	memcpy((uint8_t *)&l + patch->offset, &patch->value, patch->bytes);
}

static void every_mistake(void)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		begin();
		apply(&mistakes[i]);
		CU_ASSERT_EQUAL(gather_all(), -EINVAL);
		CU_ASSERT_TRUE(told(mistakes[i].place, mistakes[i].part));
		if (!told(mistakes[i].place, mistakes[i].part)) {
			printf("\nnot told: %s %s\n", mistakes[i].place, mistakes[i].part);
			base_errs_print(&gather.errs, stdout, "  ");
		}
		dp_gather_fini(&gather);
	}
}

static void names_without_end(void)
{
	begin();
	memset(l.service[0].name, 'n', sizeof(l.service[0].name));
	CU_ASSERT_EQUAL(gather_all(), -EINVAL);
	CU_ASSERT_TRUE(told("/services/0/name", "closing zero"));
	dp_gather_fini(&gather);
	begin();
	strcpy(l.group[0].name, "basic");
	CU_ASSERT_EQUAL(gather_all(), -EINVAL);
	CU_ASSERT_TRUE(told("/groups/1/name", "also the name of /groups/0"));
	dp_gather_fini(&gather);
}

static void file_ports(void)
{
	begin();
	machine.port[0].driver = DP_PORT_FILE;
	strcpy(machine.port[0].rx, "x");
	strcpy(machine.port[0].tx, "y");
	CU_ASSERT_EQUAL(gather_all(), -EINVAL);
	CU_ASSERT_TRUE(told("/inputs/0", "a file port has no") && told("/outputs/1", "a file port has no"));
	dp_gather_fini(&gather);
}

// What gathered before does not touch what is gathered then.
static void again(void)
{
	begin();
	l.input[0].udp_port = 0;
	CU_ASSERT_EQUAL(gather_all(), -EINVAL);
	l.input[0].udp_port = 5000;
	CU_ASSERT_EQUAL(gather_all(), 0);
	CU_ASSERT_TRUE(base_errs_none(&gather.errs));
	dp_gather_fini(&gather);
}

static const struct unit_test tests[] = {
	{"good", good},
	{"clear service", clear_service},
	{"every algorithm", every_algorithm},
	{"every mistake", every_mistake},
	{"names without end", names_without_end},
	{"file ports", file_ports},
	{"again", again},
};

UNIT_MAIN("gather", tests)

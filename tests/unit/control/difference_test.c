// SPDX-License-Identifier: GPL-3.0-or-later
// The difference of two documents, by name: what it says, applied to the one, gives the other.
#include <unit.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/difference.h"

static struct cp_conf before, now;
static struct cp_difference difference;

// Xorshift: the same numbers in every run.
static unsigned draw(void)
{
	static uint32_t x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

// A document of `n` objects of each kind whose numbers begin with `first`.
static void make(struct cp_conf *conf, unsigned first, unsigned n)
{
	memset(conf, 0, sizeof(*conf));
	conf->inputs = conf->outputs = conf->ecmgs = conf->groups = conf->services = conf->emms = n;
	conf->mux = n > 0;
	snprintf(conf->mux_address, sizeof(conf->mux_address), "127.0.0.1");
	for (unsigned i = 0; i < n; i++) {
		snprintf(conf->input[i].name, DP_MSG_NAME_BYTES, "i%u", first + i);
		snprintf(conf->output[i].name, DP_MSG_NAME_BYTES, "o%u", first + i);
		snprintf(conf->ecmg[i].name, DP_MSG_NAME_BYTES, "e%u", first + i);
		snprintf(conf->group[i].name, DP_MSG_NAME_BYTES, "g%u", first + i);
		snprintf(conf->service[i].name, DP_MSG_NAME_BYTES, "s%u", first + i);
		snprintf(conf->emm[i].name, DP_MSG_NAME_BYTES, "m%u", first + i);
		conf->group[i].cas.ecmg = conf->service[i].input = conf->service[i].output = conf->service[i].group = i;
		conf->emm[i].output[i] = true;
	}
}

static const struct cp_difference_list *find(enum cp_kind kind)
{
	cp_difference_find(&difference, &before, &now);
	return &difference.list[kind];
}

// How many of a kind differ: added, changed and gone.
static unsigned count(enum cp_kind kind)
{
	const struct cp_difference_list *list = find(kind);
	unsigned n = 0;

	for (unsigned i = 0; i < list->now_n; i++)
		n += list->before[i] == CP_DIFFERENCE_NEW || list->changed[i];
	for (unsigned i = 0; i < list->before_n; i++)
		n += list->gone[i];
	return n;
}

static void test_none(void)
{
	make(&before, 0, 8);
	make(&now, 0, 8);
	find(CP_INPUTS);
	CU_ASSERT_TRUE(cp_difference_none(&difference));
	cp_difference_find(&difference, NULL, &now);
	CU_ASSERT_FALSE(cp_difference_none(&difference));
	CU_ASSERT_EQUAL(difference.list[CP_GROUPS].before[7], CP_DIFFERENCE_NEW);
}

// Each member of each kind; what another object is that is named counts, where it stands does not.
static void test_members(void)
{
#define DIFFERS(kind, change)                           \
	do {                                            \
		make(&now, 0, 8);                       \
		change;                                 \
		CU_ASSERT_EQUAL(count(kind), 1);        \
		CU_ASSERT_TRUE(find(kind)->changed[3]); \
	} while (0)
	make(&before, 0, 8);
	DIFFERS(CP_INPUTS, now.input[3].port[0] = 'x');
	DIFFERS(CP_INPUTS, now.input[3].group = 1);
	DIFFERS(CP_INPUTS, now.input[3].source = 1);
	DIFFERS(CP_INPUTS, now.input[3].udp_port = 1);
	DIFFERS(CP_INPUTS, now.input[3].vlan = 1);
	DIFFERS(CP_INPUTS, now.input[3].encapsulation = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].port[0] = 'x');
	DIFFERS(CP_OUTPUTS, now.output[3].group = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].source = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].deadline_us = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].udp_port = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].source_udp_port = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].vlan = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].ttl = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].dscp = 1);
	DIFFERS(CP_OUTPUTS, now.output[3].short_datagrams = true);
	DIFFERS(CP_ECMGS, now.ecmg[3].address[0] = 'x');
	DIFFERS(CP_ECMGS, now.ecmg[3].tcp_port = 1);
	DIFFERS(CP_ECMGS, now.ecmg[3].super_cas_id = 1);
	DIFFERS(CP_ECMGS, now.ecmg[3].channel_id = 1);
	DIFFERS(CP_ECMGS, now.ecmg[3].version = 1);
	DIFFERS(CP_ECMGS, now.ecmg[3].version_fixed = true);
	DIFFERS(CP_ECMGS, now.ecmg[3].test_interval_ms = 1);
	DIFFERS(CP_ECMGS, now.ecmg[3].timeout_ms = 1);
	DIFFERS(CP_GROUPS, now.group[3].algorithm = CP_CISSA);
	DIFFERS(CP_GROUPS, now.group[3].crypto_period_ms = 1);
	DIFFERS(CP_GROUPS, now.group[3].cas.ecmg = 4);
	DIFFERS(CP_GROUPS, now.group[3].cas.ecm_id = 1);
	DIFFERS(CP_GROUPS, now.group[3].cas.ecm_pid = 1);
	DIFFERS(CP_GROUPS, now.group[3].cas.ac_n = 1);
	DIFFERS(CP_GROUPS, now.group[3].cas.private.n = 1);
	DIFFERS(CP_SERVICES, now.service[3].input = 4);
	DIFFERS(CP_SERVICES, now.service[3].output = 4);
	DIFFERS(CP_SERVICES, now.service[3].group = 4);
	DIFFERS(CP_SERVICES, now.service[3].group = CP_CONF_NONE);
	DIFFERS(CP_SERVICES, now.service[3].program_number = 1);
	DIFFERS(CP_SERVICES, now.service[3].keep_input_ca = true);
	DIFFERS(CP_SERVICES, now.service[3].clear_teletext = true);
	DIFFERS(CP_SERVICES, now.service[3].clear_subtitles = true);
	DIFFERS(CP_EMM_STREAMS, now.emm[3].client_id = 1);
	DIFFERS(CP_EMM_STREAMS, now.emm[3].data_id = 1);
	DIFFERS(CP_EMM_STREAMS, now.emm[3].pid = 1);
	DIFFERS(CP_EMM_STREAMS, now.emm[3].bandwidth_kbps = 1);
	DIFFERS(CP_EMM_STREAMS, now.emm[3].private.n = 1);
	DIFFERS(CP_EMM_STREAMS, now.emm[3].output[5] = true);
	DIFFERS(CP_EMM_STREAMS, now.emm[3].output[3] = false);
#undef DIFFERS
	make(&now, 0, 8);
	now.mux_tcp_port = 1;
	CU_ASSERT_EQUAL(count(CP_MUXES), 1);
}

// Contents of what is named do not make its users differ, nor does another order.
static void test_by_name(void)
{
	make(&before, 0, 8);
	make(&now, 0, 8);
	now.group[3].algorithm = CP_CISSA;
	CU_ASSERT_EQUAL(count(CP_SERVICES), 0);
	for (unsigned i = 0; i < 8; i++) {
		now.group[i] = before.group[7 - i];
		now.service[i].group = 7 - i;
	}
	CU_ASSERT_EQUAL(count(CP_GROUPS), 0);
	CU_ASSERT_EQUAL(count(CP_SERVICES), 0);
	CU_ASSERT_EQUAL(find(CP_GROUPS)->before[0], 7);
}

// A window that slides over the names, shuffled: the difference tells of each whence it came.
static void test_random(void)
{
	for (unsigned turn = 0; turn < 300; turn++) {
		unsigned first = draw() % 8, n = draw() % 16;

		make(&before, 4, 8);
		make(&now, first, n);
		for (unsigned i = n; i > 1; i--) {
			unsigned k = draw() % i;
			struct cp_conf_input input = now.input[i - 1];

			now.input[i - 1] = now.input[k];
			now.input[k] = input;
		}
		const struct cp_difference_list *list = find(CP_INPUTS);
		unsigned kept = 0, gone = 0;

		for (unsigned i = 0; i < n; i++) {
			unsigned number = (unsigned)atoi(now.input[i].name + 1);
			bool was = number >= 4 && number < 12;

			CU_ASSERT_EQUAL(list->before[i], was ? number - 4 : CP_DIFFERENCE_NEW);
			kept += was;
		}
		for (unsigned i = 0; i < 8; i++)
			gone += list->gone[i];
		CU_ASSERT_EQUAL(kept + gone, 8);
	}
}

static void test_json(void)
{
	make(&before, 0, 2);
	make(&now, 1, 2);
	now.input[0].vlan = 5;
	find(CP_INPUTS);
	json_t *json = cp_difference_json(&difference, &before, &now);
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	CU_ASSERT_STRING_EQUAL(
		text, "{\"added\":{\"ecmgs\":[\"e2\"],\"emm_streams\":[\"m2\"],\"groups\":[\"g2\"],\"inputs\":"
		      "[\"i2\"],\"outputs\":[\"o2\"],\"services\":[\"s2\"]},\"changed\":{\"inputs\":[\"i1\"]},"
		      "\"removed\":{\"ecmgs\":[\"e0\"],\"emm_streams\":[\"m0\"],\"groups\":[\"g0\"],\"inputs\":"
		      "[\"i0\"],\"outputs\":[\"o0\"],\"services\":[\"s0\"]}}");
	free(text);
	json_decref(json);
}

static const struct unit_test tests[] = {
	{"none", test_none},     {"members", test_members}, {"by name", test_by_name},
	{"random", test_random}, {"json", test_json},
};

UNIT_MAIN("difference", tests)

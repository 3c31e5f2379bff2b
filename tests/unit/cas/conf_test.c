// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of the CAS: the example is good, defaults hold, every mistake is told at its JSON pointer.
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <unit.h>

#include "ecmg/conf.h"

static struct cas_conf conf;
static struct base_errs errs;

// Reads `text` with ' for ".
static int parse(const char *text)
{
	char copy[2048];

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	base_errs_init(&errs);
	return cas_conf_parse(&conf, copy, strlen(copy), "c", &errs);
}

// The least there must be, with `more` in ecmg and `members` at the root.
static int parse_with(const char *more, const char *members)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "{'name': 'v', 'super_cas_id': '0ABC0001', 'vault': {'socket': '/v'}, 'operator': {'socket': '/o'},"
		 " 'ecmg': {'address': '::1', 'tcp_port': 2222%s}%s}",
		 more, members);
	return parse(text);
}

static bool told(const char *what)
{
	for (size_t i = 0; i < errs.count; i++)
		if (strstr(errs.text[i], what))
			return true;
	printf("\nnot told: %s\n", what);
	base_errs_print(&errs, stdout, "  ");
	return false;
}

static void test_example(void)
{
	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(cas_conf_load(&conf, EXAMPLES "/cas.json", &errs), 0);
	CU_ASSERT_STRING_EQUAL(conf.name, "vendor1");
	CU_ASSERT_EQUAL(conf.super_cas_id, 0x0ABC0001);
	CU_ASSERT_STRING_EQUAL(conf.vault, "/run/bulkhead/vault.sock");
	CU_ASSERT_STRING_EQUAL(conf.operator_socket, "/run/bulkhead/cas.sock");
	CU_ASSERT_STRING_EQUAL(conf.ecmg.address, "127.0.0.1");
	CU_ASSERT_TRUE(conf.emmg.there);
	CU_ASSERT_EQUAL(conf.emmg.tcp_port, 8002);
	CU_ASSERT_EQUAL(cas_conf_load(&conf, EXAMPLES "/none.json", &errs), -ENOENT);
	CU_ASSERT_TRUE(errs.count > 0);
}

static void test_defaults(void)
{
	CU_ASSERT_EQUAL_FATAL(parse_with("", ""), 0);
	CU_ASSERT_STRING_EQUAL(conf.ecmg.address, "::1");
	CU_ASSERT_EQUAL(conf.ecmg.lead_cw, 1);
	CU_ASSERT_EQUAL(conf.ecmg.cw_per_msg, 2);
	CU_ASSERT_EQUAL(conf.ecmg.delay_start_ms, 200);
	CU_ASSERT_EQUAL(conf.ecmg.delay_stop_ms, 200);
	CU_ASSERT_EQUAL(conf.ecmg.transition_delay_start_ms, -500);
	CU_ASSERT_EQUAL(conf.ecmg.transition_delay_stop_ms, 0);
	CU_ASSERT_EQUAL(conf.ecmg.ecm_rep_period_ms, 100);
	CU_ASSERT_EQUAL(conf.ecmg.max_streams, 0);
	CU_ASSERT_EQUAL(conf.ecmg.min_cp_duration_ms, 1000);
	CU_ASSERT_EQUAL(conf.ecmg.max_comp_time_ms, 100);
	CU_ASSERT_FALSE(conf.ecmg.packets);
	CU_ASSERT_FALSE(conf.emmg.there);

	CU_ASSERT_EQUAL_FATAL(parse_with(", 'lead_cw': 0", ", 'emmg': {'address': '10.0.0.1', 'tcp_port': 1}"), 0);
	CU_ASSERT_EQUAL(conf.ecmg.delay_start_ms, -500);
	CU_ASSERT_EQUAL(conf.ecmg.delay_stop_ms, -500);
	CU_ASSERT_TRUE(conf.emmg.there);
	CU_ASSERT_EQUAL(conf.emmg.version, 3);
	CU_ASSERT_EQUAL(conf.emmg.client_id, 0x0ABC0001);
	CU_ASSERT_EQUAL(conf.emmg.data_channel_id, 1);
	CU_ASSERT_EQUAL(conf.emmg.data_stream_id, 1);
	CU_ASSERT_EQUAL(conf.emmg.data_id, 1);
	CU_ASSERT_EQUAL(conf.emmg.bandwidth_kbps, 500);
	CU_ASSERT_FALSE(conf.emmg.packets);
}

static void test_everything_set(void)
{
	CU_ASSERT_EQUAL_FATAL(
		parse_with(", 'lead_cw': 0, 'cw_per_msg': 1, 'delay_start_ms': 0, 'delay_stop_ms': -1,"
			   " 'transition_delay_start_ms': -2000, 'transition_delay_stop_ms': 2000, "
			   "'ecm_rep_period_ms': 500,"
			   " 'max_streams': 7, 'min_cp_duration_ms': 2500, 'max_comp_time_ms': 2499, 'packets': true",
			   ", 'emmg': {'address': '10.0.0.1', 'tcp_port': 9, 'version': 2, 'client_id': 'ffffffff',"
			   " 'data_channel_id': 2, 'data_stream_id': 3, 'data_id': 4, 'bandwidth_kbps': 65535,"
			   " 'packets': true}"),
		0);
	CU_ASSERT_EQUAL(conf.ecmg.delay_start_ms, 0);
	CU_ASSERT_EQUAL(conf.ecmg.delay_stop_ms, -1);
	CU_ASSERT_EQUAL(conf.ecmg.transition_delay_start_ms, -2000);
	CU_ASSERT_EQUAL(conf.ecmg.transition_delay_stop_ms, 2000);
	CU_ASSERT_EQUAL(conf.ecmg.ecm_rep_period_ms, 500);
	CU_ASSERT_EQUAL(conf.ecmg.max_streams, 7);
	CU_ASSERT_EQUAL(conf.ecmg.min_cp_duration_ms, 2500);
	CU_ASSERT_EQUAL(conf.ecmg.max_comp_time_ms, 2499);
	CU_ASSERT_TRUE(conf.ecmg.packets);
	CU_ASSERT_EQUAL(conf.emmg.version, 2);
	CU_ASSERT_EQUAL(conf.emmg.client_id, 0xFFFFFFFF);
	CU_ASSERT_EQUAL(conf.emmg.data_channel_id, 2);
	CU_ASSERT_EQUAL(conf.emmg.data_stream_id, 3);
	CU_ASSERT_EQUAL(conf.emmg.data_id, 4);
	CU_ASSERT_EQUAL(conf.emmg.bandwidth_kbps, 65535);
	CU_ASSERT_TRUE(conf.emmg.packets);
}

// lead_cw, delay_start_ms and whether they go together.
static void test_lead_and_delay(void)
{
	static const struct {
		int lead_cw, delay_start_ms;
		const char *why; // NULL: good
	} rows[] = {
		{0, -500, NULL},   {0, 0, NULL},    {0, 1, "/ecmg/delay_start_ms: 1 ms is after the start"},
		{1, 200, NULL},    {1, 0, NULL},    {1, -1, "/ecmg/delay_start_ms: -1 ms is before the crypto-period"},
		{0, -30000, NULL}, {1, 30000, NULL}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char more[80];

		snprintf(more, sizeof(more), ", 'lead_cw': %d, 'delay_start_ms': %d", rows[i].lead_cw,
			 rows[i].delay_start_ms);
		CU_ASSERT_EQUAL(parse_with(more, ""), rows[i].why ? -EINVAL : 0);
		CU_ASSERT_EQUAL(errs.count, rows[i].why ? 1 : 0);
		CU_ASSERT_TRUE(!rows[i].why || told(rows[i].why));
	}
}

static void test_mistakes(void)
{
	static const struct {
		const char *more, *members, *pointer;
	} rows[] = {
		{", 'tcp_port2': 1", "", "/ecmg/tcp_port2"},
		{", 'lead_cw': 2", "", "/ecmg/lead_cw"},
		{", 'cw_per_msg': 0", "", "/ecmg/cw_per_msg"},
		{", 'cw_per_msg': 3", "", "/ecmg/cw_per_msg"},
		{", 'delay_stop_ms': 30001", "", "/ecmg/delay_stop_ms"},
		{", 'transition_delay_start_ms': 'x'", "", "/ecmg/transition_delay_start_ms"},
		{", 'transition_delay_stop_ms': -30001", "", "/ecmg/transition_delay_stop_ms"},
		{", 'ecm_rep_period_ms': 9", "", "/ecmg/ecm_rep_period_ms"},
		{", 'max_streams': 65536", "", "/ecmg/max_streams"},
		{", 'min_cp_duration_ms': 1050", "", "/ecmg/min_cp_duration_ms"},
		{", 'max_comp_time_ms': 1000", "", "/ecmg/max_comp_time_ms"},
		{", 'packets': 1", "", "/ecmg/packets"},
		{"", ", 'surprise': 1", "/surprise"},
		{"", ", 'emmg': {}", "/emmg/address"},
		{"", ", 'emmg': {'address': 'localhost', 'tcp_port': 1}", "/emmg/address"},
		{"", ", 'emmg': {'address': '1.2.3.4'}", "/emmg/tcp_port"},
		{"", ", 'emmg': {'address': '1.2.3.4', 'tcp_port': 1, 'version': 4}", "/emmg/version"},
		{"", ", 'emmg': {'address': '1.2.3.4', 'tcp_port': 1, 'client_id': 'abc'}", "/emmg/client_id"},
		{"", ", 'emmg': {'address': '1.2.3.4', 'tcp_port': 1, 'bandwidth_kbps': 0}", "/emmg/bandwidth_kbps"},
		{"", ", 'emmg': {'address': '1.2.3.4', 'tcp_port': 1, 'x': 0}", "/emmg/x"},
		{"", ", 'emmg': 7", "/emmg"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(parse_with(rows[i].more, rows[i].members), -EINVAL);
		CU_ASSERT_TRUE(told(rows[i].pointer));
	}
}

static void test_all_at_once(void)
{
	CU_ASSERT_EQUAL(parse("{'name': '', 'super_cas_id': '0abc000g', 'vault': {}, 'operator': {'socket': ''},"
			      " 'ecmg': {'address': '1.2.3', 'tcp_port': 0, 'lead_cw': 1, 'delay_start_ms': -5}}"),
			-EINVAL);
	CU_ASSERT_TRUE(told("/name"));
	CU_ASSERT_TRUE(told("/super_cas_id"));
	CU_ASSERT_TRUE(told("/vault/socket"));
	CU_ASSERT_TRUE(told("/operator/socket"));
	CU_ASSERT_TRUE(told("/ecmg/address"));
	CU_ASSERT_TRUE(told("/ecmg/tcp_port"));
	CU_ASSERT_TRUE(told("/ecmg/delay_start_ms"));
	CU_ASSERT_EQUAL(parse("{}"), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 5);
	CU_ASSERT_TRUE(parse("[]") < 0 && errs.count > 0);
	CU_ASSERT_TRUE(parse("{") < 0 && errs.count > 0);
}

static const struct unit_test tests[] = {
	{"the example", test_example},           {"defaults", test_defaults}, {"everything set", test_everything_set},
	{"lead and delay", test_lead_and_delay}, {"mistakes", test_mistakes}, {"all at once", test_all_at_once},
};

UNIT_MAIN("cas-conf", tests)

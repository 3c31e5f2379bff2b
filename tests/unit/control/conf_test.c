// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration: what is good is read whole, and each mistake is named by its JSON pointer.
#include <unit.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "service/conf.h"

static struct cp_conf conf;
static struct base_errs errs;

static bool named(const char *pointer, const char *piece)
{
	for (size_t i = 0; i < errs.count; i++)
		if (strncmp(errs.text[i], pointer, strlen(pointer)) == 0 && errs.text[i][strlen(pointer)] == ':' &&
		    strstr(errs.text[i], piece))
			return true;
	base_errs_print(&errs, stderr, "  said: ");
	return false;
}

static int parse(const char *text)
{
	base_errs_init(&errs);
	cp_conf_fini(&conf);
	return cp_conf_parse(&conf, text, strlen(text), "test", &errs);
}

static void test_example(void)
{
	base_errs_init(&errs);
	cp_conf_fini(&conf);
	int rc = cp_conf_load(&conf, EXAMPLES "/control.json", &errs);

	base_errs_print(&errs, stderr, "  said: ");
	CU_ASSERT_EQUAL_FATAL(rc, 0);
	CU_ASSERT_STRING_EQUAL(conf.name, "headend-1");
	CU_ASSERT_STRING_EQUAL(conf.dataplane_socket, "/run/bulkhead/dataplane.sock");
	CU_ASSERT_EQUAL(conf.services, 3);
	CU_ASSERT_EQUAL(conf.input[1].source, 0xC000020A);
	CU_ASSERT_EQUAL(conf.input[1].encapsulation, 2);
	CU_ASSERT_EQUAL(conf.output[1].deadline_us, 20000);
	CU_ASSERT_EQUAL(conf.ecmg[0].super_cas_id, 0x0ABC0001);
	CU_ASSERT_EQUAL(conf.ecmg[0].channel_id, 1);
	CU_ASSERT_EQUAL(conf.ecmg[0].version, 3);
	CU_ASSERT_FALSE(conf.ecmg[0].version_fixed);
	CU_ASSERT_EQUAL(conf.group[0].cas.ac_n, 8);
	CU_ASSERT_EQUAL(conf.group[0].cas.ac[7], 0x2A);
	CU_ASSERT_EQUAL(conf.group[1].algorithm, CP_CISSA);
	CU_ASSERT_EQUAL(conf.group[1].cas.private.n, 2);
	CU_ASSERT_EQUAL(conf.service[1].group, CP_CONF_NONE);
	CU_ASSERT_TRUE(conf.service[1].clear_service);
	CU_ASSERT_TRUE(conf.service[0].clear_teletext);
	CU_ASSERT_TRUE(conf.mux);
	CU_ASSERT_TRUE(conf.emm[0].output[0] && conf.emm[0].output[1]);
	CU_ASSERT_EQUAL(conf.emm[0].bandwidth_kbps, 500);
}

// By name, with the scrambling_mode and the bytes of a control word that go with it.
static void test_algorithms(void)
{
	static const struct cp_algorithm_facts want[] = {{"csa1", 0x01, 8},     {"csa2", 0x02, 8},
							 {"cissa", 0x10, 16},   {"idsa", 0x70, 16},
							 {"sm4-cbc", 0x82, 16}, {"aes-cbc", 0xF0, 16},
							 {"aes-ecb", 0xF2, 16}};

	CU_ASSERT_EQUAL_FATAL(CP_ALGORITHMS, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < CP_ALGORITHMS; i++) {
		CU_ASSERT_STRING_EQUAL(cp_algorithm_facts[i].name, want[i].name);
		CU_ASSERT_EQUAL(cp_algorithm_facts[i].scrambling_mode, want[i].scrambling_mode);
		CU_ASSERT_EQUAL(cp_algorithm_facts[i].cw_bytes, want[i].cw_bytes);
	}
}

#define HEAD "{\"dataplane\": {\"socket\": \"d.sock\"},"
#define ENDS                                                                                           \
	"\"inputs\": [{\"name\": \"i\", \"port\": \"p\", \"group\": \"239.1.1.1\", \"udp_port\": 1}]," \
	"\"outputs\": [{\"name\": \"o\", \"port\": \"p\", \"group\": \"239.1.1.2\", \"udp_port\": 1,"  \
	" \"source\": \"10.0.0.1\"}],"
#define ECMGS "\"ecmgs\": [{\"name\": \"e\", \"super_cas_id\": \"0abc0001\", \"address\": \"::1\", \"tcp_port\": 1}],"
#define GROUP(name, id, pid)                                                                            \
	"{\"name\": \"" name "\", \"algorithm\": \"csa2\", \"cas\": [{\"ecmg\": \"e\", \"ecm_id\": " id \
	", \"ecm_pid\": " pid "}]}"
#define SERVICE(name, program, group)                                                                                 \
	"{\"name\": \"" name "\", \"input\": \"i\", \"output\": \"o\", \"program\": " program ", \"group\": \"" group \
	"\"}"

static void test_smallest(void)
{
	CU_ASSERT_EQUAL(parse(HEAD ENDS "\"services\": [{\"name\": \"s\", \"input\": \"i\", \"output\": \"o\","
					" \"program\": 1, \"clear_service\": true}]}"),
			0);
	CU_ASSERT_STRING_EQUAL(conf.dataplane_socket, "d.sock");
	CU_ASSERT_STRING_EQUAL(conf.operator_socket, "");
	CU_ASSERT_NOT_EQUAL(conf.name[0], '\0');
	CU_ASSERT_FALSE(conf.mux);
	CU_ASSERT_EQUAL(parse(HEAD
			      "\"inputs\": [{\"name\": \"i\", \"port\": \"file\"}],"
			      "\"outputs\": [{\"name\": \"o\", \"port\": \"file\"}]," ECMGS
			      "\"groups\": [" GROUP("g", "1", "500") "],"
								     "\"services\": [" SERVICE("s", "1", "g") "]}"),
			0);
	CU_ASSERT_EQUAL(conf.group[0].crypto_period_ms, 10000);
}

static void test_members(void)
{
	CU_ASSERT_EQUAL(parse("{\"name\": \"\"}"), -EINVAL);
	CU_ASSERT_TRUE(named("/name", "at least one character"));
	CU_ASSERT_EQUAL(
		parse("{\"name\": 1, \"dataplane\": {\"socket\": \"\", \"x\": 1}, \"operator\": {},"
		      "\"inputs\": [{\"port\": \"p\", \"group\": \"10.0.0.1\", \"udp_port\": 0}, {\"name\": \"\","
		      " \"port\": \"p\", \"udp_port\": 5, \"encapsulation\": \"x\"}],"
		      "\"outputs\": [{\"name\": \"o\", \"port\": \"p\", \"group\": \"239.1.1.2\", \"udp_port\": 1,"
		      " \"ttl\": 0, \"dscp\": 64, \"deadline_ms\": 0, \"slow\": \"x\", \"vlan\": 4095}],"
		      "\"ecmgs\": [{\"name\": \"e\", \"super_cas_id\": \"abc\", \"address\": \"host\","
		      " \"tcp_port\": 0, \"version\": 4, \"timeout_ms\": 1}],"
		      "\"groups\": [{\"name\": \"g\", \"algorithm\": \"des\", \"crypto_period_ms\": 1050,"
		      " \"cas\": [{\"ecmg\": \"f\", \"ecm_id\": 65536, \"ecm_pid\": 31, \"access_criteria\": \"0\","
		      " \"private\": \"zz\"}]}, {\"name\": \"h\", \"algorithm\": \"csa1\", \"crypto_period_ms\": 999,"
		      " \"cas\": []}],"
		      "\"services\": [{\"name\": \"s\", \"input\": \"x\", \"output\": \"y\", \"program\": 0,"
		      " \"group\": \"z\", \"clear\": [\"video\", 1], \"input_ca\": \"x\"}],"
		      "\"mux\": {\"address\": \"1.2.3\", \"tcp_port\": 70000, \"udp\": 1},"
		      "\"emm_streams\": [{\"name\": \"m\", \"client_id\": \"0abc000\", \"data_id\": 1, \"pid\": 8191,"
		      " \"bandwidth_kbps\": 0, \"outputs\": [\"x\"]}], \"zebra\": 1}"),
		-EINVAL);
	CU_ASSERT_TRUE(named("/name", "a string"));
	CU_ASSERT_TRUE(named("/dataplane/socket", "is empty"));
	CU_ASSERT_TRUE(named("/dataplane/x", "unknown"));
	CU_ASSERT_TRUE(named("/operator/socket", "is missing"));
	CU_ASSERT_TRUE(named("/inputs/0/name", "is missing"));
	CU_ASSERT_TRUE(named("/inputs/0/group", "not a multicast"));
	CU_ASSERT_TRUE(named("/inputs/0/udp_port", "1 to 65535"));
	CU_ASSERT_TRUE(named("/inputs/1/name", "at least one"));
	CU_ASSERT_TRUE(named("/inputs/1/group", "is missing"));
	CU_ASSERT_TRUE(named("/inputs/1/encapsulation", "auto, udp or rtp"));
	CU_ASSERT_TRUE(named("/outputs/0/source", "is missing"));
	CU_ASSERT_TRUE(named("/outputs/0/ttl", "1 to 255"));
	CU_ASSERT_TRUE(named("/outputs/0/dscp", "0 to 63"));
	CU_ASSERT_TRUE(named("/outputs/0/deadline_ms", "1 to 1000"));
	CU_ASSERT_TRUE(named("/outputs/0/slow", "null or short"));
	CU_ASSERT_TRUE(named("/outputs/0/vlan", "1 to 4094"));
	CU_ASSERT_TRUE(named("/ecmgs/0/super_cas_id", "8 hexadecimal digits"));
	CU_ASSERT_TRUE(named("/ecmgs/0/address", "IPv4"));
	CU_ASSERT_TRUE(named("/ecmgs/0/tcp_port", "1 to 65535"));
	CU_ASSERT_TRUE(named("/ecmgs/0/version", "2 to 3"));
	CU_ASSERT_TRUE(named("/ecmgs/0/timeout_ms", "100 to"));
	CU_ASSERT_TRUE(named("/groups/0/algorithm", "csa1, csa2, cissa, idsa"));
	CU_ASSERT_TRUE(named("/groups/0/crypto_period_ms", "steps of 100"));
	CU_ASSERT_TRUE(named("/groups/0/cas/0/ecmg", "no ECMG is named"));
	CU_ASSERT_TRUE(named("/groups/0/cas/0/ecm_id", "0 to 65535"));
	CU_ASSERT_TRUE(named("/groups/0/cas/0/ecm_pid", "32 to 8190"));
	CU_ASSERT_TRUE(named("/groups/0/cas/0/access_criteria", "hexadecimal"));
	CU_ASSERT_TRUE(named("/groups/0/cas/0/private", "hexadecimal"));
	CU_ASSERT_TRUE(named("/groups/1/crypto_period_ms", "1000 to"));
	CU_ASSERT_TRUE(named("/groups/1/cas", "1 to 1"));
	CU_ASSERT_TRUE(named("/services/0/input", "no input"));
	CU_ASSERT_TRUE(named("/services/0/output", "no output"));
	CU_ASSERT_TRUE(named("/services/0/program", "1 to 65535"));
	CU_ASSERT_TRUE(named("/services/0/group", "no scrambling group"));
	CU_ASSERT_TRUE(named("/services/0/clear", "cannot be cleared"));
	CU_ASSERT_TRUE(named("/services/0/clear/1", "a string"));
	CU_ASSERT_TRUE(named("/services/0/input_ca", "strip or keep"));
	CU_ASSERT_TRUE(named("/mux/address", "IPv4"));
	CU_ASSERT_TRUE(named("/mux/tcp_port", "1 to 65535"));
	CU_ASSERT_TRUE(named("/mux/udp", "unknown"));
	CU_ASSERT_TRUE(named("/emm_streams/0/client_id", "8 hexadecimal digits"));
	CU_ASSERT_TRUE(named("/emm_streams/0/pid", "32 to 8190"));
	CU_ASSERT_TRUE(named("/emm_streams/0/bandwidth_kbps", "1 to 65535"));
	CU_ASSERT_TRUE(named("/emm_streams/0/outputs", "no output"));
	CU_ASSERT_TRUE(named("/zebra", "unknown"));
}

static void test_together(void)
{
	CU_ASSERT_EQUAL(
		parse(HEAD "\"inputs\": [{\"name\": \"i\", \"port\": \"p\", \"group\": \"239.1.1.1\", \"udp_port\": 1},"
			   "{\"name\": \"i\", \"port\": \"p\", \"group\": \"239.1.1.1\", \"udp_port\": 1}],"
			   "\"outputs\": [{\"name\": \"o\", \"port\": \"p\", \"group\": \"239.1.1.2\", \"udp_port\": 1,"
			   " \"source\": \"10.0.0.1\"}, {\"name\": \"q\", \"port\": \"p\", \"group\": \"239.1.1.2\","
			   " \"udp_port\": 1, \"source\": \"10.0.0.1\"}],"
			   "\"ecmgs\": [{\"name\": \"e\", \"super_cas_id\": \"0abc0001\", \"address\": \"::1\","
			   " \"tcp_port\": 1}, {\"name\": \"f\", \"super_cas_id\": \"0abc0002\", \"address\": \"::1\","
			   " \"tcp_port\": 1, \"channel_id\": 1}],"
			   "\"groups\": [" GROUP("g", "1", "500") "," GROUP("h", "1", "500") "," GROUP(
				   "u", "2", "501") "],"
						    "\"services\": [" SERVICE("s", "1", "g") "," SERVICE(
							    "t", "1",
							    "h") ","
								 "{\"name\": \"c\", \"input\": \"i\", \"output\": "
								 "\"o\", \"program\": 3},"
								 "{\"name\": \"d\", \"input\": \"i\", \"output\": "
								 "\"o\", \"program\": 4, \"clear_service\": true,"
								 " \"group\": \"g\"}],"
								 "\"emm_streams\": [{\"name\": \"m\", \"client_id\": "
								 "\"0abc0001\", \"data_id\": 1, \"pid\": 500,"
								 " \"bandwidth_kbps\": 1, \"outputs\": \"all\"}, "
								 "{\"name\": \"n\", \"client_id\": \"0abc0001\","
								 " \"data_id\": 1, \"pid\": 600, \"bandwidth_kbps\": "
								 "1, \"outputs\": [\"o\"]},"
								 " {\"name\": \"k\", \"client_id\": \"0abc0001\","
								 " \"data_id\": 2, \"pid\": 600, \"bandwidth_kbps\": "
								 "1, \"outputs\": [\"o\"]}]}"),
		-EINVAL);
	CU_ASSERT_TRUE(named("/inputs/1/name", "also the name of /inputs/0"));
	CU_ASSERT_TRUE(named("/inputs/1", "/inputs/0"));
	CU_ASSERT_TRUE(named("/outputs/1", "/outputs/0"));
	CU_ASSERT_TRUE(named("/outputs/1", "no service uses it"));
	CU_ASSERT_TRUE(named("/ecmgs/1/channel_id", "/ecmgs/0"));
	CU_ASSERT_TRUE(named("/groups/1/cas/0/ecm_id", "/groups/0"));
	CU_ASSERT_TRUE(named("/groups/1/cas/0/ecm_pid", "ECMs of /groups/0 in output \"o\""));
	CU_ASSERT_TRUE(named("/services/1/program", "/services/0"));
	CU_ASSERT_TRUE(named("/services/2/group", "clear_service"));
	CU_ASSERT_TRUE(named("/services/3", "exclude each other"));
	CU_ASSERT_TRUE(named("/mux", "is missing"));
	CU_ASSERT_TRUE(named("/emm_streams/0/pid", "ECMs of /groups/0"));
	CU_ASSERT_TRUE(named("/emm_streams/1/data_id", "/emm_streams/0"));
	CU_ASSERT_TRUE(named("/emm_streams/2/pid", "EMMs of /emm_streams/1"));
}

static void test_unused_group(void)
{
	CU_ASSERT_EQUAL(parse(HEAD ENDS ECMGS "\"groups\": [" GROUP("g", "1", "500") "," GROUP(
				"h", "2", "500") "],"
						 "\"services\": [" SERVICE("s", "1", "g") "]}"),
			-EINVAL);
	CU_ASSERT_TRUE(named("/groups/1", "no service uses it"));
	CU_ASSERT_EQUAL(errs.count, 1); // equal PIDs in different outputs are no mistake
}

static void test_paths(void)
{
	char text[512], path[200];

	memset(path, 'x', sizeof(path));
	path[150] = '\0';
	snprintf(text, sizeof(text), "{\"dataplane\": {\"socket\": \"%s\"}}", path);
	CU_ASSERT_EQUAL(parse(text), -EINVAL);
	CU_ASSERT_TRUE(named("/dataplane/socket", "at most 107"));
	CU_ASSERT_TRUE(named("/inputs", "is missing"));
	CU_ASSERT_EQUAL(parse("{"), -EINVAL);
	base_errs_init(&errs);
	cp_conf_fini(&conf);
	CU_ASSERT_EQUAL(cp_conf_load(&conf, "/nowhere/at/all.json", &errs), -ENOENT);
}

static const struct unit_test tests[] = {
	{"the example", test_example}, {"algorithms", test_algorithms},       {"the smallest", test_smallest},
	{"members", test_members},     {"what goes together", test_together}, {"an unused group", test_unused_group},
	{"paths", test_paths},
};

UNIT_MAIN("conf", tests)

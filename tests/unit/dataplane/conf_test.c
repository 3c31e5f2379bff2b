// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration: the examples are good, and every mistake is told once, at its JSON pointer.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <unit.h>

#include "conf/conf.h"

static struct dp_conf conf;
static struct base_errs errs;

static const char good_text[] =
	"{'workers': [{'core': 1}, {'core': 2}], 'keys': 'k',"
	" 'ports': [{'name': 'a', 'driver': 'ring'}, {'name': 'b', 'driver': 'null'}],"
	" 'inputs': [{'name': 'i', 'port': 'a', 'group': '239.1.1.1', 'udp_port': 5000},"
	"            {'name': 'j', 'port': 'a', 'group': '239.1.1.2', 'udp_port': 5000}],"
	" 'outputs': [{'name': 'o', 'port': 'b', 'group': '239.2.1.1', 'udp_port': 5000, 'source': '10.0.0.1'},"
	"             {'name': 'p', 'port': 'b', 'group': '239.2.1.2', 'udp_port': 5000, 'source': '10.0.0.1'}],"
	" 'services': [{'name': 's', 'input': 'i', 'program': 1, 'output': 'o',"
	"               'scrambling': {'group': 'g', 'algorithm': 'csa2'}},"
	"              {'name': 't', 'input': 'j', 'program': 1, 'output': 'p',"
	"               'scrambling': {'group': 'g', 'algorithm': 'csa2'}}]}";

// The good document with changes: "POINTER=JSON" sets a member or element, "POINTER=" takes it away.
static json_t *document(void)
{
	json_error_t error;
	char *text = strdup(good_text);

	for (char *p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	json_t *json = json_loads(text, 0, &error);

	free(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(json);
	return json;
}

static void change(json_t *json, const char *what)
{
	char path[128];
	const char *equals = strchr(what, '=');
	json_t *value = equals[1] ? json_loads(equals + 1, JSON_DECODE_ANY, NULL) : NULL;
	char *step, *next, *rest = path;

	CU_ASSERT_TRUE_FATAL(!equals[1] || value);
	snprintf(path, sizeof(path), "%.*s", (int)(equals - what - 1), what + 1);
	for (step = strsep(&rest, "/"); (next = strsep(&rest, "/")); step = next)
		json = json_is_array(json) ? json_array_get(json, strtoul(step, NULL, 10))
					   : json_object_get(json, step);
	if (json_is_array(json) && strcmp(step, "-") == 0)
		json_array_append_new(json, value);
	else if (json_is_array(json))
		json_array_set_new(json, strtoul(step, NULL, 10), value);
	else if (value)
		json_object_set_new(json, step, value);
	else
		json_object_del(json, step);
}

// Parses the good document with up to four changes; the number of mistakes.
static size_t with(const char *a, const char *b, const char *c, const char *d)
{
	const char *const changes[] = {a, b, c, d};
	json_t *json = document();
	int rc;

	for (unsigned i = 0; i < 4; i++)
		if (changes[i])
			change(json, changes[i]);
	char *text = json_dumps(json, 0);

	base_errs_init(&errs);
	rc = dp_conf_parse(&conf, text, strlen(text), "c", &errs);
	CU_ASSERT_EQUAL(rc, errs.count ? -EINVAL : 0);
	free(text);
	json_decref(json);
	return errs.count;
}

static bool told(const char *pointer, const char *part)
{
	size_t n = strlen(pointer);

	for (size_t i = 0; i < errs.count; i++)
		if (strncmp(errs.text[i], pointer, n) == 0 && errs.text[i][n] == ':' && strstr(errs.text[i] + n, part))
			return true;
	return false;
}

static void show(const char *what)
{
	printf("\n%s:\n", what);
	base_errs_print(&errs, stdout, "  ");
}

static void examples(void)
{
	static const char *const names[] = {"file", "mpts", "multicast"};
	char path[512];

	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s.json", EXAMPLES, names[i]);
		base_errs_init(&errs);
		CU_ASSERT_EQUAL(dp_conf_load(&conf, path, &errs), 0);
		CU_ASSERT_EQUAL(errs.count, 0);
		snprintf(path, sizeof(path), "%s/%s.keys", EXAMPLES, names[i]);
		CU_ASSERT_STRING_EQUAL(conf.keys, path); // relative to the document
	}
	CU_ASSERT_TRUE(conf.ports == 2 && conf.inputs == 2 && conf.outputs == 2 && conf.services == 2);
	CU_ASSERT_EQUAL(conf.input[1].group, 0xE8010102);
	CU_ASSERT_EQUAL(conf.input[1].source, 0xC000020A);
	CU_ASSERT_EQUAL(conf.input[1].encapsulation, DP_ENCAP_RTP);
	CU_ASSERT_TRUE(conf.output[0].dscp == 34 && conf.output[0].ttl == 16 && conf.output[0].deadline_us == 40000);
	CU_ASSERT_TRUE(conf.output[1].ttl == 32 && conf.output[1].deadline_us == 20000);
	CU_ASSERT_EQUAL(conf.output[1].source_udp_port, 5000); // as udp_port
	CU_ASSERT_TRUE(conf.service[0].clear_teletext && conf.service[0].clear_subtitles);
	CU_ASSERT_EQUAL(conf.service[1].algorithm, DP_CISSA);
	CU_ASSERT_TRUE(conf.service[1].ca_n == 2 && conf.service[1].ca[1].private_n == 2);
	CU_ASSERT_EQUAL(conf.service[1].ca[1].private_bytes[1], 0x02);
	CU_ASSERT_STRING_EQUAL(conf.service[1].group, "premium");
}

static size_t parse(const char *text)
{
	base_errs_init(&errs);
	int rc = dp_conf_parse(&conf, text, strlen(text), "c", &errs);

	CU_ASSERT_EQUAL(rc, errs.count ? -EINVAL : 0);
	return errs.count;
}

#define MACHINE "{\"workers\": [{\"core\": 1}], \"ports\": [{\"name\": \"a\", \"driver\": \"ring\"}], "

// What a controller brings is not in the file.
static void controlled(void)
{
	char path[512], text[512];

	snprintf(path, sizeof(path), "%s/controlled.json", EXAMPLES);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(dp_conf_load(&conf, path, &errs), 0);
	CU_ASSERT_STRING_EQUAL(conf.control, "/run/bulkhead/dataplane.sock");
	CU_ASSERT_TRUE(conf.ports == 2 && !conf.inputs && !conf.outputs && !conf.services && !conf.emms);
	CU_ASSERT_EQUAL(parse(MACHINE "\"control\": {\"socket\": \"s\"}}"), 0);
	CU_ASSERT_EQUAL(parse(MACHINE "\"control\": {\"socket\": \"s\"}, \"keys\": \"k\", \"inputs\": [], "
				      "\"outputs\": [], \"services\": []}"),
			4);
	CU_ASSERT_TRUE(told("/keys", "leave it out") && told("/inputs", "leave it out"));
	CU_ASSERT_TRUE(told("/outputs", "leave it out") && told("/services", "leave it out"));
	CU_ASSERT_EQUAL(dp_conf_capacity(&conf).services, DP_CONF_SERVICES_MAX);
	CU_ASSERT_EQUAL(parse(MACHINE
			      "\"control\": {\"socket\": \"s\"}, \"capacity\": {\"services\": 7, \"emm_streams\": 2}}"),
			0);
	CU_ASSERT_TRUE(dp_conf_capacity(&conf).services == 7 && dp_conf_capacity(&conf).emms == 2 &&
		       dp_conf_capacity(&conf).groups == DP_CONF_SERVICES_MAX);
	CU_ASSERT_EQUAL(parse(MACHINE "\"control\": {\"socket\": \"s\"}, \"capacity\": {\"inputs\": 257}}"), 1);
	CU_ASSERT_TRUE(told("/capacity/inputs", "256"));
	CU_ASSERT_EQUAL(parse(MACHINE "\"control\": {}}"), 1);
	CU_ASSERT_TRUE(told("/control/socket", "missing"));
	CU_ASSERT_EQUAL(parse(MACHINE "\"control\": {\"socket\": \"s\", \"mode\": 7}}"), 1);
	CU_ASSERT_TRUE(told("/control/mode", "unknown"));
	snprintf(text, sizeof(text), MACHINE "\"control\": {\"socket\": \"%0108d\"}}", 0);
	CU_ASSERT_EQUAL(parse(text), 1);
	CU_ASSERT_TRUE(told("/control/socket", "107"));
}

static void defaults(void)
{
	CU_ASSERT_EQUAL(with(NULL, NULL, NULL, NULL), 0);
	CU_ASSERT_TRUE(conf.main_core == 0 && conf.workers == 2 && conf.worker_core[1] == 2);
	CU_ASSERT_TRUE(conf.idle == DP_IDLE_SPIN && !conf.hugepages && conf.memory_mib == 256);
	CU_ASSERT_TRUE(conf.batch_wait_us == 100 && conf.source_hold_ms == 2000);
	CU_ASSERT_STRING_EQUAL(conf.keys, "k");
	CU_ASSERT_FALSE(conf.service[0].clear_service || conf.service[0].keep_input_ca);
}

// One mistake each.
static const struct {
	const char *change, *pointer, *part;
} mistakes[] = {
	{"/main_core=1024", "/main_core", "1023"},
	{"/workers=[]", "/workers", "1 to 64"},
	{"/workers/0/core=-1", "/workers/0/core", "1023"},
	{"/workers/0/cpu=1", "/workers/0/cpu", "unknown"},
	{"/workers/1/core=1", "/workers/1/core", "yield or sleep"},
	{"/idle=\"nap\"", "/idle", "spin, yield or sleep"},
	{"/memory={\"mib\": 63}", "/memory/mib", "64"},
	{"/batch_wait_us=10001", "/batch_wait_us", "10000"},
	{"/source_hold_ms=99", "/source_hold_ms", "60000"},
	{"/source_hold_ms=60001", "/source_hold_ms", "100"},
	{"/surprise=1", "/surprise", "unknown"},
	{"/ports/-={\"name\": \"b\", \"driver\": \"null\"}", "/ports/2/name", "/ports/1"},
	{"/ports/1/driver=\"dpdk\"", "/ports/1/driver", "af_packet"},
	{"/ports/1/driver=7", "/ports/1/driver", "af_packet"},
	{"/ports/1/driver=", "/ports/1/driver", "missing"},
	{"/ports/1/interface=\"x\"", "/ports/1/interface", "unknown"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"af_packet\"}", "/ports/1/interface", "missing"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"af_packet\", \"interface\": \"abcdefghijklmnop\"}",
	 "/ports/1/interface", "15"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"pcap\"}", "/ports/1", "rx, tx or both"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"pci\"}", "/ports/1/address", "missing"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"memif\", \"socket\": \"/s\"}", "/ports/1/role", "missing"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"memif\", \"role\": \"client\"}", "/ports/1/socket", "missing"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"af_packet\", \"interface\": \"a,b\"}", "/ports/1", "comma"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"pcap\", \"rx\": \"/r,x\"}", "/ports/1", "comma"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"pcap\", \"tx\": \"/t,x\"}", "/ports/1", "comma"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"memif\", \"role\": \"client\", \"socket\": \"/s,t\"}", "/ports/1",
	 "comma"},
	{"/ports/1={\"name\": \"b\", \"driver\": \"pci\", \"address\": \"0000:03:00.0,x=1\"}", "/ports/1", "comma"},
	{"/ports/-={\"name\": \"\", \"driver\": \"null\"}", "/ports/2/name", "at least one"},
	{"/inputs/0/port=\"z\"", "/inputs/0/port", "no port is named"},
	{"/inputs/0/group=\"10.1.1.1\"", "/inputs/0/group", "multicast"},
	{"/inputs/0/group=\"239.1.1\"", "/inputs/0/group", "dotted"},
	{"/inputs/0/group=", "/inputs/0/group", "missing"},
	{"/inputs/0/udp_port=0", "/inputs/0/udp_port", "65535"},
	{"/inputs/0/vlan=4095", "/inputs/0/vlan", "4094"},
	{"/inputs/0/encapsulation=\"ts\"", "/inputs/0/encapsulation", "auto, udp or rtp"},
	{"/inputs/1/group=\"239.1.1.1\"", "/inputs/1", "as /inputs/0"},
	{"/outputs/0/source=", "/outputs/0/source", "missing"},
	{"/outputs/0/ttl=0", "/outputs/0/ttl", "255"},
	{"/outputs/0/dscp=64", "/outputs/0/dscp", "63"},
	{"/outputs/0/deadline_ms=1001", "/outputs/0/deadline_ms", "1000"},
	{"/outputs/0/slow=\"wait\"", "/outputs/0/slow", "null or short"},
	{"/outputs/1/group=\"239.2.1.1\"", "/outputs/1", "as /outputs/0"},
	{"/outputs/1/group=\"239.1.1.2\"", "/outputs/1", "equal to /inputs/1"},
	{"/outputs/1/port=\"nowhere\"", "/outputs/1/port", "no port is named"},
	{"/services/0/input=\"z\"", "/services/0/input", "no input is named"},
	{"/services/0/output=\"z\"", "/services/0/output", "no output is named"},
	{"/services/0/program=0", "/services/0/program", "65535"},
	{"/services/0/scrambling=", "/services/0/scrambling", "missing"},
	{"/services/0/scrambling/group=", "/services/0/scrambling/group", "missing"},
	{"/services/0/scrambling/algorithm=\"aes\"", "/services/0/scrambling/algorithm", "csa1, csa2, cissa"},
	{"/ciphers={\"without\": [\"sse9\"]}", "/ciphers/without", "aes, avx2, vaes, avx512, vbmi, gfni"},
	{"/ciphers={\"without\": \"avx2\"}", "/ciphers/without", "array"},
	{"/ciphers={\"implementations\": {\"csa2\": \"fast\"}}", "/ciphers/implementations/csa2", "reference"},
	{"/ciphers={\"implementations\": {\"csa3\": \"bulkhead\"}}", "/ciphers/implementations/csa3", "csa1"},
	{"/ciphers={\"best\": true}", "/ciphers/best", "without"},
	{"/services/0/clear_service=true", "/services/0", "exclude each other"},
	{"/services/0/clear=[\"audio\"]", "/services/0/clear", "teletext, subtitles"},
	{"/services/0/input_ca=\"drop\"", "/services/0/input_ca", "strip or keep"},
	{"/services/0/ca=[{\"ca_system_id\": 0, \"ecm_pid\": 100}]", "/services/0/ca/0/ca_system_id", "65535"},
	{"/services/0/ca=[{\"ca_system_id\": 1, \"ecm_pid\": 31}]", "/services/0/ca/0/ecm_pid", "8190"},
	{"/services/0/ca=[{\"ca_system_id\": 1, \"ecm_pid\": 100, \"private\": \"abc\"}]", "/services/0/ca/0/private",
	 "hexadecimal"},
	{"/services/1/scrambling/algorithm=\"csa1\"", "/services/1/scrambling/algorithm", "another algorithm"},
	{"/services/1/name=\"s\"", "/services/1/name", "/services/0"},
};

static void every_mistake(void)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		size_t n = with(mistakes[i].change, NULL, NULL, NULL);

		CU_ASSERT_TRUE(told(mistakes[i].pointer, mistakes[i].part));
		CU_ASSERT_EQUAL(n, 1);
		if (n != 1 || !told(mistakes[i].pointer, mistakes[i].part))
			show(mistakes[i].change);
	}
}

static void ten_at_once(void)
{
	static const char *const changes[] = {
		"/main_core=-1",       "/idle=\"nap\"",
		"/batch_wait_us=true", "/ports/1/driver=\"dpdk\"",
		"/inputs/0/vlan=0",    "/inputs/1/group=\"10.0.0.1\"",
		"/outputs/0/ttl=256",  "/services/0/program=70000",
		"/services/1/x=1",     "/services/1/output=\"q\"",
	};
	json_t *json = document();

	for (unsigned i = 0; i < 10; i++)
		change(json, changes[i]);
	char *text = json_dumps(json, 0);

	base_errs_init(&errs);
	CU_ASSERT_EQUAL(dp_conf_parse(&conf, text, strlen(text), "c", &errs), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 10);
	if (errs.count != 10)
		show("ten");
	for (unsigned i = 0; i < 10; i++) {
		char pointer[64];

		snprintf(pointer, sizeof(pointer), "%.*s", (int)strcspn(changes[i], "="), changes[i]);
		CU_ASSERT_TRUE(told(pointer, ""));
	}
	free(text);
	json_decref(json);
}

static void keys_are_needed(void)
{
	CU_ASSERT_EQUAL(with("/keys=", NULL, NULL, NULL), 2);
	CU_ASSERT_TRUE(told("/services/0/scrambling", "/keys names no key file"));
	CU_ASSERT_EQUAL(with("/keys=",
			     "/services/0={\"name\": \"s\", \"input\": \"i\", \"program\": 1, \"output\": "
			     "\"o\", \"clear_service\": true}",
			     "/services/1={\"name\": \"t\", \"input\": \"j\", \"program\": 1, \"output\": \"p\", "
			     "\"clear_service\": true}",
			     NULL),
			0);
	CU_ASSERT_TRUE(conf.service[0].clear_service && conf.service[0].group[0] == '\0');
}

// An output that is an input: refused on every driver but a ring, and on a ring when a packet could come round again.
static void loops(void)
{
	CU_ASSERT_EQUAL(with("/outputs/1/group=\"239.1.1.1\"", NULL, NULL, NULL), 1); // other ports, one network
	CU_ASSERT_TRUE(told("/outputs/1", "equal to /inputs/0"));
	CU_ASSERT_EQUAL(with("/outputs/0/group=\"239.1.1.1\"", "/outputs/0/port=\"a\"", NULL, NULL), 1);
	CU_ASSERT_TRUE(told("/outputs/0", "equal to /inputs/0")); // s feeds itself
	CU_ASSERT_EQUAL(with("/outputs/0/group=\"239.1.1.2\"", "/outputs/0/port=\"a\"", NULL, NULL), 0); // s feeds t
	CU_ASSERT_EQUAL(with("/outputs/0/group=\"239.1.1.2\"", "/outputs/0/port=\"b\"", NULL, NULL), 1);
	CU_ASSERT_EQUAL(with("/outputs/0/group=\"239.1.1.2\"", "/outputs/0/vlan=5", NULL, NULL), 0); // another network
	CU_ASSERT_TRUE(with("/outputs/0/group=\"239.1.1.2\"", "/outputs/0/port=\"a\"", "/outputs/1/group=\"239.1.1.1\"",
			    "/outputs/1/port=\"a\"") > 0); // s feeds t feeds s
	CU_ASSERT_TRUE(told("/outputs/0", "equal to /inputs/1"));
	CU_ASSERT_TRUE(told("/outputs/1", "equal to /inputs/0"));
}

static void one_input_per_output(void)
{
	CU_ASSERT_EQUAL(with("/services/1/output=\"o\"", "/outputs/1=", NULL, NULL), 2);
	CU_ASSERT_TRUE(told("/services/1/output", "one input"));
}

static void same_program_twice(void)
{
	CU_ASSERT_EQUAL(with("/services/-={\"name\": \"u\", \"input\": \"i\", \"program\": 1, \"output\": \"o\", "
			     "\"clear_service\": true}",
			     NULL, NULL, NULL),
			1);
	CU_ASSERT_TRUE(told("/services/2/program", "/services/0"));
}

static void unused_ends(void)
{
	CU_ASSERT_EQUAL(with("/services/1/output=\"o\"", "/services/1/input=\"i\"", "/services/1/program=2", NULL), 2);
	CU_ASSERT_TRUE(told("/inputs/1", "no service uses it"));
	CU_ASSERT_TRUE(told("/outputs/1", "no service uses it"));
}

static void ecm_pids(void)
{
	CU_ASSERT_EQUAL(with("/services/0/ca=[{\"ca_system_id\": 1, \"ecm_pid\": 100}, {\"ca_system_id\": 2, "
			     "\"ecm_pid\": 101}, {\"ca_system_id\": 3, \"ecm_pid\": 100}]",
			     NULL, NULL, NULL),
			1);
	CU_ASSERT_TRUE(told("/services/0/ca", "ECM PID 100"));
}

// Two groups on one output need PIDs of their own; on two outputs they do not.
static void ecm_pids_of_groups(void)
{
	static const char first[] = "/services/0/ca=[{\"ca_system_id\": 1, \"ecm_pid\": 100}]";
	static const char other[] = "/services/1/ca=[{\"ca_system_id\": 1, \"ecm_pid\": 100}]";
	static const char same[] = "/services/-={\"name\": \"u\", \"input\": \"i\", \"program\": 2, \"output\": \"o\", "
				   "\"scrambling\": {\"group\": \"%s\", \"algorithm\": \"csa2\"}, "
				   "\"ca\": [{\"ca_system_id\": 1, \"ecm_pid\": 100}]}";
	char text[256];

	CU_ASSERT_EQUAL(with(first, other, NULL, NULL), 0);
	snprintf(text, sizeof(text), same, "g");
	CU_ASSERT_EQUAL(with(first, text, NULL, NULL), 0);
	snprintf(text, sizeof(text), same, "h");
	CU_ASSERT_EQUAL(with(first, text, NULL, NULL), 1);
	CU_ASSERT_TRUE(told("/services/2/ca", "ECM PID 100 is that of /services/0"));
}

static void emm_pids(void)
{
	CU_ASSERT_EQUAL(with("/services/0/ca=[{\"ca_system_id\": 1, \"ecm_pid\": 100}]", NULL, NULL, NULL), 0);
	conf.emms = 2;
	conf.emm[0] =
		(struct dp_conf_emm){.name = "e", .pid = 200, .ca_system_id = 1, .rate_kbps = 1, .output_set = {3}};
	conf.emm[1] =
		(struct dp_conf_emm){.name = "f", .pid = 200, .ca_system_id = 1, .rate_kbps = 1, .output_set = {0, 1}};
	dp_conf_check(&conf, &errs);
	CU_ASSERT_EQUAL(errs.count, 0);
	conf.emm[1].output_set[0] = 2;
	dp_conf_check(&conf, &errs);
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_TRUE(told("/emm_streams/1/pid", "PID 200 is that of /emm_streams/0"));
	conf.emm[0].pid = 100;
	dp_conf_check(&conf, &errs);
	CU_ASSERT_EQUAL(errs.count, 2);
	CU_ASSERT_TRUE(told("/emm_streams/0/pid", "ECM PID of /services/0"));
	strcpy(conf.emm[1].name, "e");
	conf.emm[0].pid = 300;
	dp_conf_check(&conf, &errs);
	CU_ASSERT_EQUAL(errs.count, 3);
	CU_ASSERT_TRUE(told("/emm_streams/1/name", "/emm_streams/0"));
}

static void file_ports(void)
{
	static const char file[] = "/ports/-={\"name\": \"c\", \"driver\": \"file\", \"rx\": \"x\", \"tx\": \"y\"}";
	static const char one[] = "/inputs/1={\"name\": \"j\", \"port\": \"c\"}";
	static const char out[] = "/outputs/1={\"name\": \"p\", \"port\": \"c\"}";
	static const char group[] = "/services/1/scrambling/group=\"h\""; // a file has a clock of its own

	CU_ASSERT_EQUAL(with(file, one, out, group), 0);
	CU_ASSERT_EQUAL(with(file, one, "/outputs/1/port=\"c\"", group), 1);
	CU_ASSERT_TRUE(told("/outputs/1", "a file port has no"));
	CU_ASSERT_EQUAL(with(file, "/inputs/1={\"name\": \"j\", \"port\": \"c\", \"vlan\": 7}", out, group), 1);
	CU_ASSERT_TRUE(told("/inputs/1", "a file port has no"));
	CU_ASSERT_EQUAL(with(file, "/inputs/1={\"name\": \"j\", \"port\": \"c\", \"source\": \"10.0.0.1\"}", out,
			     group),
			1);
	CU_ASSERT_TRUE(told("/inputs/1", "a file port has no"));
	CU_ASSERT_EQUAL(with(file, one, "/outputs/1={\"name\": \"p\", \"port\": \"c\", \"source\": \"10.0.0.1\"}",
			     group),
			1);
	CU_ASSERT_TRUE(told("/outputs/1", "a file port has no"));
	CU_ASSERT_EQUAL(with("/ports/-={\"name\": \"c\", \"driver\": \"file\", \"tx\": \"y\"}", one, out, group), 1);
	CU_ASSERT_TRUE(told("/inputs/1/port", "no rx file"));
	CU_ASSERT_EQUAL(with("/ports/-={\"name\": \"c\", \"driver\": \"file\", \"rx\": \"x\"}", one, out, group), 1);
	CU_ASSERT_TRUE(told("/outputs/1/port", "no tx file"));
}

// A file port is no device of DPDK's: the comma stands in its path as it is.
static void comma_in_a_file(void)
{
	CU_ASSERT_EQUAL(with("/ports/1={\"name\": \"b\", \"driver\": \"file\", \"tx\": \"/y,z\"}",
			     "/outputs/1={\"name\": \"p\", \"port\": \"b\"}", "/outputs/0/port=\"a\"", NULL),
			0);
	CU_ASSERT_STRING_EQUAL(conf.port[1].tx, "/y,z");
}

// Two services of one scrambling group share its media clock: both live or both from files.
static void group_of_two_clocks(void)
{
	static const char pcap[] = "/ports/-={\"name\": \"c\", \"driver\": \"pcap\", \"rx\": \"/x\"}";
	static const char file[] = "/ports/-={\"name\": \"c\", \"driver\": \"file\", \"rx\": \"/x\"}";
	static const char moved[] = "/inputs/1/port=\"c\"", other_group[] = "/services/1/scrambling/group=\"h\"";

	CU_ASSERT_EQUAL(with(pcap, moved, NULL, NULL), 1);
	CU_ASSERT_TRUE(told("/services/1/scrambling/group", "/services/0"));
	CU_ASSERT_EQUAL(with(file, "/inputs/1={\"name\": \"j\", \"port\": \"c\"}", NULL, NULL), 1);
	CU_ASSERT_TRUE(told("/services/1/scrambling/group", "/services/0"));
	CU_ASSERT_EQUAL(with(pcap, moved, other_group, NULL), 0);
	CU_ASSERT_EQUAL(with(pcap, moved, "/inputs/0/port=\"c\"", NULL), 0);
	// An input or port that nobody knows may have been meant as either, and has been told.
	CU_ASSERT_EQUAL(with(pcap, "/inputs/0/port=\"c\"", "/inputs/1/port=\"z\"", NULL), 1);
	CU_ASSERT_EQUAL(with(pcap, "/inputs/0/port=\"c\"", "/services/1/input=\"z\"", NULL), 1);
}

static void too_long(void)
{
	char change_path[400];
	int n = snprintf(change_path, sizeof(change_path), "/keys=\"");

	memset(change_path + n, 'k', 256);
	memcpy(change_path + n + 256, "\"", 2);
	CU_ASSERT_TRUE(with(change_path, NULL, NULL, NULL) >= 1);
	CU_ASSERT_TRUE(told("/keys", "255"));
}

static void not_json(void)
{
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(dp_conf_parse(&conf, "{", 1, "c", &errs), -EINVAL);
	CU_ASSERT_TRUE(errs.count == 1 && strncmp(errs.text[0], "c:", 2) == 0);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(dp_conf_parse(&conf, "{}", 2, "c", &errs), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 5); // workers and the four lists
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(dp_conf_parse(&conf, "[]", 2, "c", &errs), -EINVAL);
	CU_ASSERT_TRUE(errs.count > 0);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(dp_conf_load(&conf, "/nonexistent/c.json", &errs), -ENOENT);
}

static const struct unit_test tests[] = {
	{"controlled", controlled},
	{"ECM PIDs of groups", ecm_pids_of_groups},
	{"EMM PIDs", emm_pids},
	{"examples", examples},
	{"defaults", defaults},
	{"every mistake", every_mistake},
	{"ten at once", ten_at_once},
	{"keys are needed", keys_are_needed},
	{"loops", loops},
	{"one input per output", one_input_per_output},
	{"same program twice", same_program_twice},
	{"unused ends", unused_ends},
	{"ECM PIDs", ecm_pids},
	{"file ports", file_ports},
	{"comma in a file", comma_in_a_file},
	{"group of two clocks", group_of_two_clocks},
	{"too long", too_long},
	{"not JSON", not_json},
};

UNIT_MAIN("conf", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// The whole dataplane built and unwound over a device that does nothing: sizes of pools, inputs found by their flow,
// and the order in which it goes.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_hash_crc.h>
#include <rte_malloc.h>

#include <unit.h>

#include "eal_start.h"
#include "plant.h"
#include "report/report.h"
#include "stage/frame.h"
#include "worker/mbufs.h"

static struct dp_conf conf;
static struct dp_keyfile keyfile;
static struct base_clock test_clock;
static struct base_errs errs;
static struct dp_plant plant;

// `n` clear services on one port, each with its input and output; one worker.
static void services(unsigned n)
{
	memset(&conf, 0, sizeof(conf));
	base_errs_init(&errs);
	conf.workers = conf.ports = 1;
	conf.inputs = conf.outputs = conf.services = n;
	conf.memory_mib = 256;
	conf.port[0].driver = DP_PORT_NULL;
	for (unsigned i = 0; i < n; i++) {
		conf.input[i] = (struct dp_conf_input){.group = 0xEF010101 + i, .udp_port = 5000};
		conf.output[i] = (struct dp_conf_output){.group = 0xEF020101 + i, .udp_port = 5000};
		conf.service[i] =
			(struct dp_conf_service){.input = i, .output = i, .program_number = 1, .clear_service = true};
	}
}

// Builds the plant; closing it takes the device away, so each gets its own.
static void build(void)
{
	CU_ASSERT_EQUAL_FATAL(rte_eal_hotplug_add("vdev", "net_null0", "size=64,no-rx=1"), 0);
	int rc = dp_plant_open(&plant, &conf, &test_clock, &errs);

	if (!rc)
		rc = dp_plant_build(&plant, &conf, &keyfile, &errs);
	if (rc)
		base_errs_print(&errs, stdout, "");
	CU_ASSERT_EQUAL_FATAL(rc, 0);
}

static void take_down(void)
{
	CU_ASSERT_EQUAL(dp_plant_fini(&plant), 0);
	rte_eal_hotplug_remove("vdev", "net_null0");
}

static const struct dp_port_ops *real;
static unsigned pools_at_close;

static int watch_close(struct dp_port *port)
{
	pools_at_close += rte_mempool_lookup("rx") != NULL;
	pools_at_close += rte_mempool_lookup("tx0") != NULL;
	return real->close(port);
}

// A NIC's rings hold buffers of both pools until it is closed.
static void ports_close_before_their_pools_go(void)
{
	struct dp_port_ops watched;

	services(1);
	build();
	real = plant.port[0].ops;
	watched = *real;
	watched.close = watch_close;
	plant.port[0].ops = &watched;
	pools_at_close = 0;
	take_down();
	CU_ASSERT_EQUAL(pools_at_close, 2);
	CU_ASSERT_PTR_NULL(rte_mempool_lookup("rx"));
	CU_ASSERT_PTR_NULL(rte_mempool_lookup("tx0"));
}

static struct dp_flow flow_of(unsigned i)
{
	return (struct dp_flow){.group = conf.input[i].group, .udp_port = conf.input[i].udp_port};
}

// Builds the plant with all inputs there may be, and counts those that their flow does not find.
static unsigned missing(void)
{
	unsigned n = 0;

	build();
	for (unsigned i = 0; i < conf.inputs; i++) {
		struct dp_flow flow = flow_of(i);
		void *found = NULL;

		n += rte_hash_lookup_data(plant.flows.now, &flow, &found) < 0 || found != &plant.lineup.input[i];
	}
	take_down();
	return n;
}

static void finds_consecutive_groups(void)
{
	static const uint32_t first[] = {0xEF010100, 0xEF000000, 0xE8000001, 0xEFC0FF80, 0xEFFFFF00};

	for (size_t set = 0; set < sizeof(first) / sizeof(first[0]); set++) {
		services(DP_CONF_INPUTS_MAX);
		for (unsigned i = 0; i < DP_CONF_INPUTS_MAX; i++)
			conf.input[i] =
				(struct dp_conf_input){.group = first[set] + i, .udp_port = (uint16_t)(1234 + set)};
		CU_ASSERT_EQUAL(missing(), 0);
	}
}

// Flows that all belong into one bucket of the table, and have no other: groups chosen for that, by their hash.
static void finds_groups_of_one_bucket(void)
{
	unsigned n = 0;

	services(DP_CONF_INPUTS_MAX);
	for (uint16_t udp_port = 5000; n < DP_CONF_INPUTS_MAX; udp_port++)
		for (uint32_t group = 0xEF000000; group && n < DP_CONF_INPUTS_MAX; group++) {
			struct dp_flow flow = {.group = group, .udp_port = udp_port};

			if (!(rte_hash_crc(&flow, sizeof(flow), 0) & 0x007F007F))
				conf.input[n++] = (struct dp_conf_input){.group = group, .udp_port = udp_port};
		}
	CU_ASSERT_EQUAL(missing(), 0);
}

// The receive pool covers every descriptor of every NIC, and the lanes, caches and bursts of every worker beside them;
// and what outputs hold: here of one.
static void pools_grow_with_the_configuration(void)
{
	unsigned worker = DP_ALGORITHMS * DP_CIPHER_LANES_MAX + 2 * 256 + 2 * DP_BURST;

	services(1);
	CU_ASSERT_EQUAL(dp_mbufs_rx(&conf), worker + DP_DGRAM_SLOTS);
	conf.port[0].driver = DP_PORT_PCI;
	CU_ASSERT_EQUAL(dp_mbufs_rx(&conf), worker + DP_DGRAM_SLOTS + 1024);
	conf.ports = 3;
	conf.port[1].driver = DP_PORT_PCI;
	conf.port[2].driver = DP_PORT_FILE;
	conf.workers = 8;
	CU_ASSERT_TRUE(dp_mbufs_rx(&conf) >= 2 * 8 * 1024 + 8 * worker + 4096);
	CU_ASSERT_TRUE(dp_mbufs_rx(&conf) < 2 * 8 * 1024 + 8 * (worker + 4096));
	services(1);
	build();
	CU_ASSERT_EQUAL(plant.rx_pool->size, dp_mbufs_rx(&conf));
	CU_ASSERT_EQUAL(plant.worker[0].tx_pool->size, dp_mbufs_tx(&conf));
	take_down();
}

// What is said to be needed is enough, and not much more than what is taken.
static void memory_is_foretold(void)
{
	static const unsigned outputs[] = {1, DP_CONF_OUTPUTS_MAX};

	for (unsigned k = 0; k < 2; k++) {
		struct rte_malloc_socket_stats stats;

		services(1);
		conf.outputs = outputs[k];
		conf.workers = 2;
		build();
		CU_ASSERT_EQUAL(rte_malloc_get_socket_stats(0, &stats), 0);
		unsigned taken = (unsigned)(stats.heap_allocsz_bytes >> 20), told = dp_mbufs_mib(&conf);

		CU_ASSERT_TRUE(told > taken);
		CU_ASSERT_TRUE(told < taken + taken / 8 + 8);
		take_down();
	}
}

// Pools that do not fit say how much memory would do.
static void too_little_memory(void)
{
	unsigned needed = 0, given = 0;

	services(1);
	conf.workers = 4;
	conf.ports = DP_CONF_PORTS_MAX;
	for (unsigned i = 0; i < conf.ports; i++)
		conf.port[i].driver = DP_PORT_PCI;
	CU_ASSERT_EQUAL(dp_plant_open(&plant, &conf, &test_clock, &errs), -ENOMEM);
	CU_ASSERT_EQUAL_FATAL(errs.count, 1);
	CU_ASSERT_EQUAL(sscanf(errs.text[0],
			       "/memory/mib: not enough memory for packet buffers: about %u MiB are needed, not %u",
			       &needed, &given),
			2);
	CU_ASSERT_EQUAL(needed, dp_mbufs_mib(&conf));
	CU_ASSERT_EQUAL(given, 256);
	CU_ASSERT_TRUE(needed > 256);
}

// Datagrams that a device sent are read from it, and what it lost counts with what was lost elsewhere.
static void reads_ports(void)
{
	struct rte_mbuf *mbufs[3];

	services(1);
	build();
	dp_plant_read_ports(&plant);
	CU_ASSERT_EQUAL(plant.port[0].stats.tx_datagrams, 0);
	CU_ASSERT_EQUAL_FATAL(rte_pktmbuf_alloc_bulk(plant.worker[0].tx_pool, mbufs, 3), 0);
	CU_ASSERT_EQUAL(dp_port_tx(&plant.port[0], 0, mbufs, 3), 3);
	dp_plant_read_ports(&plant);
	CU_ASSERT_EQUAL(plant.port[0].stats.tx_datagrams, 3);
	CU_ASSERT_EQUAL(dp_plant_lost(&plant), 0);
	plant.port[0].stats.missed = 1000;
	plant.port[0].stats.no_buffer = 200;
	plant.worker[0].stats.drops[DP_DROP_HANDOVER_FULL] = 30;
	plant.lineup.output[0].stats.drops[DP_DROP_NO_BUFFER] = 4;
	CU_ASSERT_EQUAL(dp_plant_lost(&plant), 1234);
	CU_ASSERT_EQUAL(dp_plant_bad(&plant), 0);
	plant.worker[0].stats.drops[DP_DROP_FRAGMENT] = 1;
	plant.worker[0].stats.drops[DP_DROP_TRUNCATED] = 20;
	plant.worker[0].stats.drops[DP_DROP_NOT_TS] = 300;
	plant.worker[0].stats.drops[DP_DROP_NO_INPUT] = 4000; // somebody else's
	CU_ASSERT_EQUAL(dp_plant_bad(&plant), 321);
	take_down();
}

static void reports_ports(void)
{
	static const char path[] = "plant-test-stats.json";
	const char *name, *driver;
	int up, tx, missed, no_buffer, errors, rx;

	services(1);
	strcpy(conf.port[0].name, "wire");
	build();
	plant.port[0].stats = (struct dp_port_stats){1, 2, 3, 4, 5};
	CU_ASSERT_EQUAL_FATAL(dp_report_write(path, &plant), 0);
	json_t *json = json_load_file(path, 0, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(json);
	CU_ASSERT_EQUAL(json_unpack(json, "{s:[{s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:i !}!]}", "ports", "name", &name,
				    "driver", &driver, "up", &up, "rx_datagrams", &rx, "tx_datagrams", &tx, "missed",
				    &missed, "no_buffer", &no_buffer, "errors", &errors),
			0);
	CU_ASSERT_STRING_EQUAL(name, "wire");
	CU_ASSERT_STRING_EQUAL(driver, "null");
	CU_ASSERT_TRUE(up && rx == 1 && tx == 2 && missed == 3 && no_buffer == 4 && errors == 5);
	json_decref(json);
	remove(path);
	CU_ASSERT_EQUAL(dp_report_write("no/such/folder/stats.json", &plant), -ENOENT);
	take_down();
}

// A line-up that cannot be built leaves the ports open for another one, here of a controller.
static void builds_another(void)
{
	services(1);
	conf.service[0].clear_service = false;
	strcpy(conf.service[0].group, "g");
	CU_ASSERT_EQUAL_FATAL(rte_eal_hotplug_add("vdev", "net_null0", "size=64,no-rx=1"), 0);
	CU_ASSERT_EQUAL_FATAL(dp_plant_open(&plant, &conf, &test_clock, &errs), 0);
	CU_ASSERT_FALSE(dp_plant_drained(&plant)); // it has no line-up yet
	CU_ASSERT_EQUAL(dp_plant_build(&plant, &conf, &keyfile, &errs), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "no group"));
	CU_ASSERT_FALSE(dp_plant_built(&plant));
	CU_ASSERT_PTR_NOT_NULL(plant.port[0].ops);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(dp_plant_build(&plant, &conf, NULL, &errs), 0);
	CU_ASSERT_TRUE(dp_plant_built(&plant) && plant.lineup.groups == 1);
	CU_ASSERT_PTR_NOT_NULL(plant.controlled.group[0].held);
	take_down();
}

// Memory that runs out in the middle: what was made is taken down, and a plant of less can be opened.
static void too_little_for_the_line_up(void)
{
	services(1);
	CU_ASSERT_EQUAL_FATAL(rte_eal_hotplug_add("vdev", "net_null0", "size=64,no-rx=1"), 0);
	conf.workers = 40; // each takes a pool
	CU_ASSERT_EQUAL(dp_plant_open(&plant, &conf, &test_clock, &errs), -ENOMEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "/memory/mib"));
	CU_ASSERT_PTR_NULL(rte_mempool_lookup("tx0"));
	conf.workers = 1;
	base_errs_init(&errs);
	rte_eal_hotplug_remove("vdev", "net_null0");
	build();
	take_down();
}

static const struct unit_test tests[] = {
	{"builds another", builds_another},
	{"too little for the line-up", too_little_for_the_line_up},
	{"ports close before their pools go", ports_close_before_their_pools_go},
	{"finds consecutive groups", finds_consecutive_groups},
	{"finds groups of one bucket", finds_groups_of_one_bucket},
	{"pools grow with the configuration", pools_grow_with_the_configuration},
	{"memory is foretold", memory_is_foretold},
	{"too little memory", too_little_memory},
	{"reads ports", reads_ports},
	{"reports ports", reports_ports},
};

int main(void)
{
	if (eal_start(&test_clock))
		return 1;
	return unit_run("plant", tests, sizeof(tests) / sizeof(tests[0]));
}

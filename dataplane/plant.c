// SPDX-License-Identifier: GPL-3.0-or-later
#include "plant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_jhash.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <base_log.h>

#include "port/header.h"
#include "psi/psi.h"
#include "stage/frame.h"
#include "worker/mbufs.h"

static int make_arena(struct dp_plant *plant, struct base_errs *errs)
{
	unsigned workers = plant->conf->workers;
	size_t bytes = workers * dp_worker_arena_bytes(&plant->ciphers) +
		       (plant->keyfile ? dp_static_source_arena_bytes(&plant->lineup, workers)
				       : dp_controlled_arena_bytes(&plant->lineup, workers));

	bytes += plant->lineup.groups * dp_keyslot_arena_bytes(dp_choice_key_bytes(&plant->ciphers));
	int rc = dp_arena_init(&plant->arena, bytes);

	if (rc)
		base_errs_add(errs, "key arena", "%zu KiB of locked memory are needed: raise ulimit -l", bytes >> 10);
	return rc;
}

static int choose_ciphers(struct dp_plant *plant, struct base_errs *errs)
{
	int rc = dp_choice_make(&plant->ciphers, dp_cpu_features(), &plant->conf->ciphers, errs);

	if (!rc)
		rc = dp_choice_prove(&plant->ciphers, errs);
	for (unsigned i = 0; i < DP_ALGORITHMS && !rc; i++) {
		const struct dp_cipher_ops *ops = plant->ciphers.ops[i];

		base_log(BASE_LOG_INFO, "cipher", "algorithm=%s name=%s isa=\"%s\" lanes=%u", dp_algorithm[i].name,
			 ops->name, ops->isa, ops->lanes);
	}
	return rc;
}

static int make_rx_pool(struct dp_plant *plant, struct base_errs *errs)
{
	plant->rx_pool = rte_pktmbuf_pool_create("rx", dp_mbufs_rx(plant->conf), DP_MBUFS_CACHE,
						 RTE_ALIGN(sizeof(struct dp_dgram), RTE_MBUF_PRIV_ALIGN),
						 RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (plant->rx_pool)
		return 0;
	base_errs_add(errs, "/memory/mib", "not enough memory for packet buffers: about %u MiB are needed, not %u",
		      dp_mbufs_mib(plant->conf), plant->conf->memory_mib);
	return -ENOMEM;
}

static int open_ports(struct dp_plant *plant, struct base_errs *errs)
{
	int rc = 0;

	plant->port = calloc(plant->conf->ports, sizeof(*plant->port));
	if (!plant->port)
		return -ENOMEM;
	for (unsigned i = 0; i < plant->conf->ports && !rc; i++)
		rc = dp_port_open(&plant->port[i], plant->conf, i, plant->rx_pool, errs);
	return rc;
}

// Inputs are found by flow; a file port has one input only. A cuckoo table alone may refuse flows long before it is
// full; one with an extension takes them all, and at half its size it is hardly needed.
static int connect_inputs(struct dp_plant *plant)
{
	struct rte_hash_parameters params = {.name = "inputs",
					     .entries = 2 * DP_CONF_INPUTS_MAX,
					     .key_len = sizeof(struct dp_flow),
					     .hash_func = rte_jhash,
					     .socket_id = SOCKET_ID_ANY,
					     .extra_flag = RTE_HASH_EXTRA_FLAGS_EXT_TABLE};

	plant->inputs = rte_hash_create(&params);
	if (!plant->inputs)
		return -ENOMEM;
	for (unsigned i = 0; i < plant->lineup.inputs; i++) {
		struct dp_input *input = &plant->lineup.input[i];
		struct dp_flow flow = {.group = input->conf->group,
				       .udp_port = input->conf->udp_port,
				       .vlan = input->conf->vlan,
				       .port = input->conf->port};

		input->port = &plant->port[input->conf->port];
		input->port->rx_worker = input->worker;
		if (input->port->conf->driver == DP_PORT_FILE)
			input->port->file_input = input;
		else if (rte_hash_add_key_data(plant->inputs, &flow, input))
			return -ENOMEM;
	}
	return 0;
}

static void connect_outputs(struct dp_plant *plant)
{
	for (unsigned i = 0; i < plant->lineup.outputs; i++) {
		struct dp_output *output = &plant->lineup.output[i];

		output->port = &plant->port[output->conf->port];
		if (output->port->conf->driver != DP_PORT_FILE)
			output->header_bytes = dp_header_make(output->header, output->conf, &output->port->mac);
	}
}

// Offline ports wait for the groups of the services they feed.
static int connect_gates(struct dp_plant *plant)
{
	for (unsigned i = 0; i < plant->lineup.services; i++) {
		struct dp_service *service = &plant->lineup.service[i];
		struct dp_port *port = service->input->port;

		if (!port->offline || !service->period)
			continue;
		service->period->offline = true;
		if (!port->gate)
			port->gate = calloc(plant->lineup.services, sizeof(struct dp_period *));
		if (!port->gate)
			return -ENOMEM;
		port->gate[port->gates++] = service->period;
	}
	return 0;
}

static int make_workers(struct dp_plant *plant, struct base_errs *errs)
{
	int rc = 0;

	plant->worker = calloc(plant->conf->workers, sizeof(*plant->worker));
	if (!plant->worker)
		return -ENOMEM;
	for (unsigned i = 0; i < plant->conf->workers && !rc; i++) {
		plant->worker[i] = (struct dp_worker){.index = i,
						      .conf = plant->conf,
						      .clock = plant->clock,
						      .ciphers = &plant->ciphers,
						      .lineup = &plant->lineup,
						      .port = plant->port,
						      .inputs = plant->inputs,
						      .workers = plant->worker,
						      .stop = &plant->stop};
		plant->workers++;
		rc = dp_worker_init(&plant->worker[i], &plant->arena, errs);
	}
	return rc;
}

static int make_keyslots(struct dp_plant *plant)
{
	int rc = 0;

	for (unsigned i = 0; i < plant->lineup.groups && !rc; i++) {
		struct dp_period *period = &plant->lineup.group[i].period;

		rc = dp_keyslot_init(&period->slot, dp_choice_key_bytes(&plant->ciphers), &plant->arena);
	}
	return rc;
}

// Takes down what dp_plant_build made; the ports stay.
static void clear(struct dp_plant *plant)
{
	dp_static_source_fini(&plant->source);
	dp_controlled_fini(&plant->controlled);
	for (unsigned i = 0; plant->port && i < plant->machine->ports; i++)
		dp_port_disconnect(&plant->port[i]);
	for (unsigned i = 0; i < plant->workers; i++)
		dp_worker_fini(&plant->worker[i]);
	free(plant->worker);
	plant->worker = NULL;
	plant->workers = 0;
	rte_hash_free(plant->inputs);
	plant->inputs = NULL;
	dp_arena_fini(&plant->arena);
	dp_lineup_fini(&plant->lineup);
	plant->conf = plant->machine;
	plant->built = false;
}

// Control words come from the key file, or from a controller.
static int make_source(struct dp_plant *plant)
{
	if (plant->keyfile)
		return dp_static_source_init(&plant->source, plant->keyfile, &plant->lineup, plant->worker,
					     plant->workers, &plant->arena);
	return dp_controlled_init(&plant->controlled, &plant->lineup, plant->worker, plant->workers, &plant->arena);
}

static void say_memory(int rc, struct base_errs *errs)
{
	if (rc == -ENOMEM && base_errs_none(errs))
		base_errs_add(errs, "/memory/mib", "not enough memory");
}

int dp_plant_open(struct dp_plant *plant, const struct dp_conf *conf, const struct base_clock *clock,
		  struct base_errs *errs)
{
	memset(plant, 0, sizeof(*plant));
	plant->machine = plant->conf = conf;
	plant->clock = clock;
	dp_alarms_init(&plant->alarms);
	int rc = choose_ciphers(plant, errs);

	if (!rc)
		rc = make_rx_pool(plant, errs);
	if (!rc)
		rc = open_ports(plant, errs);
	if (!rc)
		dp_alarms_watch_ports(&plant->alarms, plant->port, conf->ports);
	if (rc) {
		say_memory(rc, errs);
		dp_plant_fini(plant);
	}
	return rc;
}

int dp_plant_build(struct dp_plant *plant, const struct dp_conf *conf, struct dp_keyfile *keyfile,
		   struct base_errs *errs)
{
	plant->conf = conf;
	plant->keyfile = keyfile;
	int rc = dp_lineup_init(&plant->lineup, conf, keyfile, errs);

	if (!rc)
		rc = make_arena(plant, errs);
	if (!rc)
		rc = connect_inputs(plant);
	if (rc)
		goto fail;
	connect_outputs(plant);
	rc = connect_gates(plant);
	if (!rc)
		rc = make_workers(plant, errs);
	if (!rc)
		rc = make_keyslots(plant);
	if (!rc)
		rc = make_source(plant);
	if (!rc)
		rc = dp_alarms_watch(&plant->alarms, &plant->lineup);
	if (rc)
		goto fail;
	plant->igmp = (struct dp_igmp){.conf = conf,
				       .port = plant->port,
				       .outbox = plant->worker[0].outbox,
				       .pool = plant->worker[0].tx_pool};
	for (unsigned i = 0; i < plant->lineup.inputs; i++)
		dp_psi_init(&plant->lineup.input[i]);
	plant->built = true;
	return 0;
fail:
	say_memory(rc, errs);
	clear(plant);
	return rc;
}

void dp_plant_stop(struct dp_plant *plant)
{
	dp_igmp_leave(&plant->igmp);
	atomic_store(&plant->stop, true);
	rte_eal_mp_wait_lcore();
}

int dp_plant_start(struct dp_plant *plant)
{
	int rc = 0;

	if (plant->keyfile)
		dp_static_source_poll(&plant->source);
	for (unsigned i = 0; i < plant->workers && !rc; i++)
		rc = rte_eal_remote_launch(dp_worker_run, &plant->worker[i], i + 1);
	if (rc)
		dp_plant_stop(plant);
	return rc;
}

int dp_plant_fini(struct dp_plant *plant)
{
	int rc = 0;

	dp_alarms_fini(&plant->alarms);
	// A device gives back the buffers in its rings when it is closed, so it goes before the pools they came from.
	for (unsigned i = 0; plant->port && i < plant->machine->ports; i++) {
		int closed = dp_port_close(&plant->port[i]);

		rc = rc ? rc : closed;
	}
	free(plant->port);
	plant->port = NULL;
	clear(plant);
	rte_mempool_free(plant->rx_pool);
	memset(plant, 0, sizeof(*plant));
	return rc;
}

bool dp_plant_drained(const struct dp_plant *plant)
{
	for (unsigned i = 0; i < plant->workers; i++)
		if (!atomic_load_explicit(&plant->worker[i].drained, memory_order_acquire))
			return false;
	return plant->built;
}

uint64_t dp_plant_bad(const struct dp_plant *plant)
{
	uint64_t bad = 0;

	for (unsigned i = 0; i < plant->workers; i++) {
		const uint64_t *drops = plant->worker[i].stats.drops;

		bad += dp_counted(&drops[DP_DROP_FRAGMENT]) + dp_counted(&drops[DP_DROP_TRUNCATED]) +
		       dp_counted(&drops[DP_DROP_NOT_TS]);
	}
	return bad;
}

uint64_t dp_plant_received(const struct dp_plant *plant)
{
	uint64_t packets = 0;

	for (unsigned i = 0; i < plant->workers; i++)
		packets += dp_counted(&plant->worker[i].stats.ts_pkts);
	return packets;
}

void dp_plant_read_ports(struct dp_plant *plant)
{
	for (unsigned i = 0; i < plant->machine->ports; i++)
		dp_port_read(&plant->port[i]);
}

uint64_t dp_plant_lost(const struct dp_plant *plant)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < plant->conf->ports; i++)
		lost += plant->port[i].stats.missed + plant->port[i].stats.no_buffer;
	for (unsigned i = 0; i < plant->workers; i++)
		lost += dp_counted(&plant->worker[i].stats.drops[DP_DROP_HANDOVER_FULL]);
	for (unsigned i = 0; i < plant->lineup.outputs; i++)
		lost += dp_counted(&plant->lineup.output[i].stats.drops[DP_DROP_NO_BUFFER]);
	return lost;
}

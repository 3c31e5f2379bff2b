// SPDX-License-Identifier: GPL-3.0-or-later
#include "plant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#include <base_log.h>

#include "arena/room.h"
#include "lineup/keys.h"
#include "transition.h"
#include "worker/mbufs.h"

// With a controller a line-up finds room beside the one it replaces.
enum { PLACES_FIXED = 1, PLACES_LIVE = 2 };

static int make_arena(struct dp_plant *plant, struct base_errs *errs)
{
	unsigned workers = plant->conf->workers;
	size_t bytes = workers * dp_worker_arena_bytes(&plant->ciphers) +
		       dp_controlled_arena_bytes(&plant->lineup, workers) +
		       dp_static_source_arena_bytes(&plant->lineup, workers);

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
	plant->rx_pool = dp_mbufs_pool(plant->conf, "rx", dp_mbufs_rx(plant->conf), errs);
	return plant->rx_pool ? 0 : -ENOMEM;
}

static int open_ports(struct dp_plant *plant, struct base_errs *errs)
{
	int rc = 0;

	plant->port = calloc(plant->conf->ports, sizeof(*plant->port));
	if (!plant->port)
		return -ENOMEM;
	for (unsigned i = 0; i < plant->conf->ports && !rc; i++)
		rc = dp_port_open(&plant->port[i], plant->conf, i, plant->rx_pool, errs);
	for (unsigned i = 0; i < plant->conf->ports; i++)
		atomic_store(&plant->port[i].rx_worker, DP_OWNER_NONE);
	return rc;
}

static int make_workers(struct dp_plant *plant, struct base_errs *errs)
{
	int rc = 0;

	plant->worker = dp_room_take(plant->conf->workers * sizeof(*plant->worker));
	if (!plant->worker)
		return -ENOMEM;
	for (unsigned i = 0; i < plant->conf->workers && !rc; i++) {
		plant->worker[i] = (struct dp_worker){.index = i,
						      .conf = plant->conf,
						      .clock = plant->clock,
						      .ciphers = &plant->ciphers,
						      .lineup = &plant->lineup,
						      .port = plant->port,
						      .flows = &plant->flows,
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

static void say_memory(int rc, struct base_errs *errs)
{
	if (rc == -ENOMEM && base_errs_none(errs))
		base_errs_add(errs, "/memory/mib", "not enough memory");
}

static int make_transition(struct dp_plant *plant)
{
	plant->transition = calloc(1, sizeof(*plant->transition));
	return plant->transition ? dp_transition_init(plant->transition, &plant->lineup, plant->conf->workers)
				 : -ENOMEM;
}

// Places, and all that their objects will need.
static int make_places(struct dp_plant *plant, struct base_errs *errs)
{
	int rc = dp_lineup_open(&plant->lineup, plant->conf, plant->conf->control[0] ? PLACES_LIVE : PLACES_FIXED);

	if (!rc)
		rc = make_arena(plant, errs);
	if (!rc)
		rc = dp_flows_open(&plant->flows);
	if (!rc)
		rc = make_workers(plant, errs);
	if (!rc)
		rc = make_keyslots(plant);
	if (!rc)
		rc = dp_controlled_init(&plant->controlled, &plant->lineup, plant->worker, plant->workers,
					&plant->arena);
	if (!rc)
		rc = make_transition(plant);
	if (!rc)
		rc = dp_alarms_watch(&plant->alarms, &plant->lineup);
	if (!rc)
		plant->igmp = (struct dp_igmp){.machine = plant->conf,
					       .lineup = &plant->lineup,
					       .port = plant->port,
					       .outbox = plant->worker[0].outbox,
					       .pool = plant->worker[0].tx_pool};
	return rc;
}

int dp_plant_open(struct dp_plant *plant, const struct dp_conf *conf, const struct base_clock *clock,
		  struct base_errs *errs)
{
	memset(plant, 0, sizeof(*plant));
	plant->conf = conf;
	plant->clock = clock;
	dp_alarms_init(&plant->alarms);
	int rc = choose_ciphers(plant, errs);

	if (!rc)
		rc = make_rx_pool(plant, errs);
	if (!rc)
		rc = open_ports(plant, errs);
	if (!rc) {
		dp_alarms_watch_ports(&plant->alarms, plant->port, conf->ports);
		rc = make_places(plant, errs);
	}
	if (rc) {
		say_memory(rc, errs);
		dp_plant_fini(plant);
	}
	return rc;
}

int dp_plant_lineup(struct dp_plant *plant, struct dp_conf *conf, struct base_errs *errs)
{
	struct dp_transition *t = plant->transition;

	if (dp_plant_changing(plant)) {
		base_errs_add(errs, "/", "another change is on its way");
		return -EBUSY;
	}
	int rc = dp_diff_make(&t->diff, &plant->lineup, conf, errs);

	if (rc)
		return rc;
	rc = dp_wires_make(&t->wires, &plant->lineup, &t->diff, conf, plant->port);
	if (rc) {
		say_memory(rc, errs);
		dp_wires_drop(&t->wires, &plant->lineup, &t->diff);
		return rc;
	}
	dp_assign_make(&t->assign, &plant->lineup, &t->diff, conf);
	t->conf = conf;
	t->step = DP_STEP_NEXT;
	return 0;
}

int dp_plant_move(struct dp_plant *plant, unsigned input_place, unsigned worker, struct base_errs *errs)
{
	struct dp_transition *t = plant->transition;

	if (dp_plant_changing(plant)) {
		base_errs_add(errs, "/", "another change is on its way");
		return -EBUSY;
	}
	if (worker >= plant->workers) {
		base_errs_add(errs, "/worker", "%u: there are %u, counted from 0", worker, plant->workers);
		return -EINVAL;
	}
	if (input_place >= plant->lineup.inputs || !plant->lineup.input[input_place].conf) {
		base_errs_add(errs, "/input", "there is none in this place");
		return -EINVAL;
	}
	dp_assign_move(&t->assign, &plant->lineup, plant->conf, input_place, worker);
	t->step = DP_STEP_NEXT;
	return 0;
}

bool dp_plant_changing(const struct dp_plant *plant)
{
	return plant->transition->step != DP_STEP_NONE;
}

void dp_plant_tend(struct dp_plant *plant)
{
	if (dp_plant_changing(plant))
		dp_transition_tend(plant);
}

bool dp_plant_strip(struct dp_plant *plant)
{
	for (unsigned i = 0; i < plant->lineup.groups; i++) {
		if (plant->transition->diff.group_fate[i] != DP_FATE_GOES)
			continue;
		if (!dp_controlled_leave(&plant->controlled, i))
			return false;
		dp_keyslot_wipe(&plant->lineup.group[i].period.slot);
	}
	return true;
}

int dp_plant_build(struct dp_plant *plant, const struct dp_conf *conf, struct dp_keyfile *keyfile,
		   struct base_errs *errs)
{
	struct dp_conf *copy = malloc(sizeof(*copy));
	int rc = copy ? 0 : -ENOMEM;

	if (!rc && keyfile)
		rc = dp_keys_check(conf, keyfile, errs);
	if (!rc) {
		*copy = *conf;
		rc = dp_plant_lineup(plant, copy, errs);
	}
	if (rc) {
		free(copy);
		say_memory(rc, errs);
		return rc;
	}
	while (dp_plant_changing(plant))
		dp_plant_tend(plant);
	if (!keyfile)
		return 0;
	plant->keyfile = keyfile;
	dp_keys_find(&plant->lineup, keyfile);
	return dp_static_source_init(&plant->source, keyfile, &plant->lineup, plant->worker, plant->workers,
				     &plant->arena);
}

void dp_plant_stop(struct dp_plant *plant)
{
	dp_igmp_leave(&plant->igmp);
	atomic_store(&plant->stop, true);
	rte_eal_mp_wait_lcore();
	plant->running = false;
	while (dp_plant_changing(plant)) // what was on its way is finished, so that everything has one owner
		dp_plant_tend(plant);
}

int dp_plant_start(struct dp_plant *plant)
{
	int rc = 0;

	if (plant->keyfile)
		dp_static_source_poll(&plant->source);
	plant->running = true;
	for (unsigned i = 0; i < plant->workers && !rc; i++)
		rc = rte_eal_remote_launch(dp_worker_run, &plant->worker[i], i + 1);
	if (rc)
		dp_plant_stop(plant);
	return rc;
}

static void free_places(struct dp_plant *plant)
{
	dp_static_source_fini(&plant->source);
	dp_controlled_fini(&plant->controlled);
	if (plant->transition)
		dp_transition_fini(plant->transition, plant->conf->workers);
	free(plant->transition);
	for (unsigned i = 0; i < plant->workers; i++)
		dp_worker_fini(&plant->worker[i]);
	free(plant->worker);
	dp_flows_close(&plant->flows);
	dp_arena_fini(&plant->arena);
	dp_lineup_fini(&plant->lineup);
}

int dp_plant_fini(struct dp_plant *plant)
{
	int rc = 0;

	dp_alarms_fini(&plant->alarms);
	// A device gives back the buffers in its rings when it is closed, so it goes before the pools they came from.
	for (unsigned i = 0; plant->port && i < plant->conf->ports; i++) {
		int closed = dp_port_close(&plant->port[i]);

		rc = rc ? rc : closed;
	}
	free(plant->port);
	if (plant->conf)
		free_places(plant);
	rte_mempool_free(plant->rx_pool);
	memset(plant, 0, sizeof(*plant));
	return rc;
}

bool dp_plant_drained(const struct dp_plant *plant)
{
	for (unsigned i = 0; i < plant->workers; i++)
		if (!atomic_load_explicit(&plant->worker[i].drained, memory_order_acquire))
			return false;
	return plant->built && !dp_plant_changing(plant);
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

bool dp_plant_stands(struct dp_plant *plant)
{
	bool any = false;

	for (unsigned i = 0; plant->running && i < plant->workers; i++) {
		unsigned long long passed = atomic_load_explicit(&plant->worker[i].passed, memory_order_relaxed);

		any |= passed == plant->passed[i];
		plant->passed[i] = passed;
	}
	return any;
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
	for (unsigned i = 0; i < plant->conf->ports; i++)
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

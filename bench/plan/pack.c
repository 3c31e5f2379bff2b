// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/pack.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

// Of what a sum of many rates may be off by rounding.
#define SLACK 1e-9

struct sized {
	size_t item;
	double size;
};

static double in_bps(const struct bench_plan_pack *pack, const struct bench_plan_item *item)
{
	return item->in_pps * pack->growth * BENCH_PLAN_WIRE_IN_BITS;
}

static double out_bps(const struct bench_plan_pack *pack, const struct bench_plan_item *item)
{
	return (item->in_pps * pack->growth + item->ecm_pps + item->emm_pps) * BENCH_PLAN_WIRE_OUT_BITS;
}

static double ports_bps(const struct bench_plan_pack *pack)
{
	return pack->options->ports * pack->options->port_gbit * 1e9 * pack->utilization;
}

// What the worker would handle with the item. ECMs and EMMs do not grow with the rate of services, but are few.
static void with_item(double pps[BENCH_PLAN_KINDS], const struct bench_plan_pack *pack,
		      const struct bench_plan_worker *worker, const struct bench_plan_item *item)
{
	for (unsigned kind = 0; kind < BENCH_PLAN_KINDS; kind++)
		pps[kind] = worker->pps[kind] + item->pps[kind] * pack->growth;
}

static double load_with(const struct bench_plan_pack *pack, const struct bench_plan_worker *worker,
			const struct bench_plan_item *item)
{
	double pps[BENCH_PLAN_KINDS];

	with_item(pps, pack, worker, item);
	return bench_plan_load(pack->costs, pps, worker->services + item->services);
}

// Share of a server that the item takes of what it takes most of.
static double size_of(const struct bench_plan_pack *pack, const struct bench_plan_item *item)
{
	static const struct bench_plan_worker idle;
	double workers = bench_plan_workers(pack->options) * pack->utilization;
	double wire = fmax(in_bps(pack, item), out_bps(pack, item)) / ports_bps(pack);
	double places = fmax((double)item->legs / DP_MSG_INPUTS_MAX, (double)item->services / DP_MSG_SERVICES_MAX);

	return fmax(fmax(load_with(pack, &idle, item) / workers, wire), places);
}

static int larger_first(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item;
}

// Whether another leg of the same output is on this server.
static bool has_leg(const struct bench_plan_packing *packing, const struct bench_plan_demand *demand, size_t i,
		    unsigned server)
{
	const struct bench_plan_item *item = &demand->item[i];
	size_t first = i - item->leg / item->legs, n = item->service->legs / item->legs;

	for (size_t other = first; other < first + n; other++)
		if (packing->server_of[other] == server)
			return true;
	return false;
}

static bool server_has_room(const struct bench_plan_pack *pack, const struct bench_plan_server *server,
			    const struct bench_plan_item *item)
{
	const struct bench_plan_options *options = pack->options;
	double port = options->port_gbit * 1e9 * pack->utilization, all = ports_bps(pack) * (1 + SLACK);
	double in = in_bps(pack, item), out = out_bps(pack, item);

	return server->inputs + item->legs <= DP_MSG_INPUTS_MAX &&
	       server->services + item->services <= DP_MSG_SERVICES_MAX && in / item->legs <= port &&
	       out / item->legs <= port && server->in_bps + in <= all && server->out_bps + out <= all &&
	       bench_plan_memory(pack->costs, server->services + item->services) <=
		       options->memory_gib * BENCH_PLAN_BYTES_PER_GIB;
}

// No worker gets more services than were measured on one.
static bool worker_has_room(const struct bench_plan_pack *pack, const struct bench_plan_worker *worker,
			    const struct bench_plan_item *item)
{
	return worker->services + item->services <= pack->costs->services_max &&
	       load_with(pack, worker, item) <= pack->utilization * (1 + SLACK);
}

// The first with room; NULL when there is none.
static struct bench_plan_worker *find_worker(const struct bench_plan_pack *pack, struct bench_plan_server *server,
					     const struct bench_plan_item *item)
{
	for (unsigned w = 0; w < bench_plan_workers(pack->options); w++)
		if (worker_has_room(pack, &server->worker[w], item))
			return &server->worker[w];
	return NULL;
}

static void put(const struct bench_plan_pack *pack, struct bench_plan_packing *packing, unsigned s,
		struct bench_plan_worker *worker, size_t i)
{
	const struct bench_plan_item *item = &pack->demand->item[i];
	struct bench_plan_server *server = &packing->server[s];

	server->groups += item->groups;
	server->ecms_per_s += item->ecms_per_s;
	server->workers += worker->services == 0;
	with_item(worker->pps, pack, worker, item);
	worker->services += item->services;
	worker->load = bench_plan_load(pack->costs, worker->pps, worker->services);
	server->inputs += item->legs;
	server->services += item->services;
	server->in_bps += in_bps(pack, item);
	server->out_bps += out_bps(pack, item);
	packing->server_of[i] = s;
}

static bool place_on(const struct bench_plan_pack *pack, struct bench_plan_packing *packing, unsigned s, size_t i)
{
	const struct bench_plan_item *item = &pack->demand->item[i];
	struct bench_plan_server *server = &packing->server[s];
	struct bench_plan_worker *worker;

	if (!server_has_room(pack, server, item) || has_leg(packing, pack->demand, i, s))
		return false;
	worker = find_worker(pack, server, item);
	if (worker)
		put(pack, packing, s, worker, i);
	return worker;
}

static int add_server(struct bench_plan_packing *packing)
{
	struct bench_plan_server *grown =
		reallocarray(packing->server, packing->servers + 1, sizeof(struct bench_plan_server));

	if (!grown)
		return -ENOMEM;
	packing->server = grown;
	packing->server[packing->servers++] = (struct bench_plan_server){0};
	return 0;
}

static void too_large(const struct bench_plan_pack *pack, const struct bench_plan_item *item, struct base_errs *errs)
{
	static const struct bench_plan_worker idle;

	base_errs_add(
		errs, item->service->output,
		"no server is large enough: its %u services (a worker was measured with %u) take %.0f %% of a worker, "
		"%.2f Gbit/s in and %.2f out, and %.2f GiB; loaded to %.0f %%. Split it, plan --legs apart, or larger "
		"servers",
		item->services, pack->costs->services_max, 100 * load_with(pack, &idle, item), in_bps(pack, item) / 1e9,
		out_bps(pack, item) / 1e9, bench_plan_memory(pack->costs, item->services) / BENCH_PLAN_BYTES_PER_GIB,
		100 * pack->utilization);
}

static int place(const struct bench_plan_pack *pack, struct bench_plan_packing *packing, size_t i,
		 struct base_errs *errs)
{
	for (unsigned s = 0; s < packing->servers; s++)
		if (place_on(pack, packing, s, i))
			return 0;
	if (packing->servers == pack->at_most) {
		packing->left++;
		return 0;
	}
	if (add_server(packing))
		return -ENOMEM;
	if (place_on(pack, packing, packing->servers - 1, i))
		return 0;
	packing->servers--;
	packing->left++;
	if (pack->at_most != BENCH_PLAN_ANY)
		return 0;
	too_large(pack, &pack->demand->item[i], errs);
	return -EINVAL;
}

int bench_plan_pack(struct bench_plan_packing *packing, const struct bench_plan_pack *pack, struct base_errs *errs)
{
	size_t n = pack->demand->n;
	struct sized *order = calloc(n + 1, sizeof(*order));
	int rc = 0;

	*packing = (struct bench_plan_packing){.server_of = calloc(n + 1, sizeof(unsigned))};
	if (!order || !packing->server_of)
		rc = -ENOMEM;
	for (size_t i = 0; i < n && !rc; i++) {
		order[i] = (struct sized){.item = i, .size = size_of(pack, &pack->demand->item[i])};
		packing->server_of[i] = BENCH_PLAN_NOWHERE;
	}
	if (!rc)
		qsort(order, n, sizeof(*order), larger_first);
	for (size_t i = 0; i < n && rc != -ENOMEM; i++) {
		int one = place(pack, packing, order[i].item, errs);

		rc = one ? one : rc;
	}
	free(order);
	if (rc)
		bench_plan_packing_free(packing);
	return rc;
}

void bench_plan_packing_free(struct bench_plan_packing *packing)
{
	free(packing->server);
	free(packing->server_of);
	*packing = (struct bench_plan_packing){0};
}

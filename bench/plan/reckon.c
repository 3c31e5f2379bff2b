// SPDX-License-Identifier: GPL-3.0-or-later
// The packings that a plan is made of, and what limits it.
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "plan/result.h"

const char *const bench_plan_limit_name[BENCH_LIMITS] = {
	[BENCH_LIMIT_CORES] = "cores",     [BENCH_LIMIT_PORTS_IN] = "ports, in", [BENCH_LIMIT_PORTS_OUT] = "ports, out",
	[BENCH_LIMIT_MEMORY] = "memory",   [BENCH_LIMIT_INPUTS] = "inputs",      [BENCH_LIMIT_SERVICES] = "services",
	[BENCH_LIMIT_LEGS] = "legs apart",
};

static struct bench_plan_pack ask(const struct bench_plan_result *result, double utilization, unsigned at_most)
{
	return (struct bench_plan_pack){.demand = result->demand,
					.costs = result->costs,
					.options = result->options,
					.utilization = utilization,
					.growth = 1,
					.at_most = at_most};
}

static void find_limits(struct bench_plan_result *result)
{
	const struct bench_plan_options *options = result->options;
	const struct bench_plan_packing *packing = &result->normal;
	double in = 0, out = 0, load = 0, services = 0;
	double port = options->ports * options->port_gbit * 1e9 * options->utilization;
	double most = (double)bench_plan_workers(options) * result->costs->services_max; // on the workers of one
	double room = options->memory_gib * BENCH_PLAN_BYTES_PER_GIB - result->costs->memory_base;

	for (unsigned s = 0; s < packing->servers; s++) {
		in += packing->server[s].in_bps;
		out += packing->server[s].out_bps;
		services += packing->server[s].services;
		for (unsigned w = 0; w < bench_plan_workers(options); w++)
			load += packing->server[s].worker[w].load;
	}
	result->limit[BENCH_LIMIT_CORES] = load / (bench_plan_workers(options) * options->utilization);
	result->limit[BENCH_LIMIT_PORTS_IN] = in / port;
	result->limit[BENCH_LIMIT_PORTS_OUT] = out / port;
	result->limit[BENCH_LIMIT_MEMORY] = services * result->costs->memory_per_service / room;
	result->limit[BENCH_LIMIT_INPUTS] = (double)result->demand->inputs / DP_MSG_INPUTS_MAX;
	result->limit[BENCH_LIMIT_SERVICES] = services / fmin(DP_MSG_SERVICES_MAX, most);
	result->limit[BENCH_LIMIT_LEGS] = options->legs_apart ? result->demand->legs_max : 0;
	result->limiting = BENCH_LIMIT_CORES;
	for (unsigned i = 0; i < BENCH_LIMITS; i++)
		if (result->limit[i] > result->limit[result->limiting])
			result->limiting = (enum bench_plan_limit)i;
}

// Servers by how fast the services become, from half of today's rate to twice and a half.
static int find_growth(struct bench_plan_result *result)
{
	struct base_errs *ignored = malloc(sizeof(*ignored)); // that an output no longer fits is part of the answer
	int rc = ignored ? 0 : -ENOMEM;

	for (unsigned i = 0; i < BENCH_PLAN_GROWTH_POINTS && rc != -ENOMEM; i++) {
		struct bench_plan_pack pack = ask(result, result->options->utilization, BENCH_PLAN_ANY);
		struct bench_plan_packing packing;

		base_errs_init(ignored);
		pack.growth = 0.5 + 0.25 * i;
		result->growth[i].factor = pack.growth;
		rc = bench_plan_pack(&packing, &pack, ignored);
		result->growth[i].servers = rc ? 0 : packing.servers;
		bench_plan_packing_free(&packing);
	}
	free(ignored);
	return rc == -ENOMEM ? rc : 0;
}

static int find_servers_with_spare(struct bench_plan_result *result, struct base_errs *errs)
{
	struct bench_plan_pack pack = ask(result, result->options->failure_utilization, BENCH_PLAN_ANY);
	struct bench_plan_packing packing;
	int rc = bench_plan_pack(&packing, &pack, errs);

	result->servers_with_spare =
		packing.servers + 1 > result->normal.servers ? packing.servers + 1 : result->normal.servers;
	bench_plan_packing_free(&packing);
	return rc;
}

int bench_plan_reckon(struct bench_plan_result *result, struct base_errs *errs)
{
	struct bench_plan_pack pack = ask(result, result->options->utilization, BENCH_PLAN_ANY);
	int rc = bench_plan_pack(&result->normal, &pack, errs);

	if (rc)
		return rc;
	find_limits(result);
	pack = ask(result, result->options->failure_utilization, result->normal.servers - 1);
	rc = bench_plan_pack(&result->reduced, &pack, errs);
	if (!rc)
		rc = find_servers_with_spare(result, errs);
	return rc ? rc : find_growth(result);
}

unsigned bench_plan_server_ports(const struct bench_plan_result *result, const struct bench_plan_server *server)
{
	double port = result->options->port_gbit * 1e9 * result->options->utilization;

	return (unsigned)ceil(fmax(server->in_bps, server->out_bps) / port - 1e-9);
}

void bench_plan_result_fini(struct bench_plan_result *result)
{
	bench_plan_packing_free(&result->normal);
	bench_plan_packing_free(&result->reduced);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of a plan, one by one, each with its tag and where it comes from.
#include <math.h>
#include <string.h>

#include <base_check.h>

#include "plan/result.h"

#define BYTES_PER_MIB 1048576.0

const char *const bench_plan_tag_name[BENCH_TAGS] = {
	[BENCH_TAG_GIVEN] = "given", [BENCH_TAG_MEASURED] = "measured", [BENCH_TAG_EXTRAPOLATED] = "extrapolated"};

const char *const bench_plan_section_name[BENCH_SECTIONS] = {
	[BENCH_SECTION_LINE_UP] = "Line-up",
	[BENCH_SECTION_RATES] = "Rates of all servers together",
	[BENCH_SECTION_SERVERS] = "Servers",
	[BENCH_SECTION_FAILURE] = "When a server dies",
	[BENCH_SECTION_LIMITS] = "Servers, if one thing alone counted",
	[BENCH_SECTION_USED] = "Figures that this stands on",
};

const char *bench_plan_source_text(const struct bench_plan_result *result, enum bench_plan_source source)
{
	switch (source) {
	case BENCH_SOURCE_PATH:
		return result->baseline->path_run;
	case BENCH_SOURCE_KERNEL:
		return result->baseline->kernel_run;
	default:
		return result->options->line_up;
	}
}

static struct bench_plan_figure *add(struct bench_plan_result *result, enum bench_plan_section section, const char *key,
				     const char *label, double value, unsigned decimals, const char *unit)
{
	struct bench_plan_figure *figure = &result->figure[result->figures++];

	CHECK(result->figures <= BENCH_PLAN_FIGURES_MAX);
	*figure = (struct bench_plan_figure){
		.section = section, .value = value, .decimals = decimals, .unit = unit, .rule = ""};
	snprintf(figure->key, sizeof(figure->key), "%s", key);
	snprintf(figure->label, sizeof(figure->label), "%s", label);
	return figure;
}

static void given(struct bench_plan_result *result, const char *key, const char *label, double value, unsigned decimals,
		  const char *unit)
{
	add(result, BENCH_SECTION_LINE_UP, key, label, value, decimals, unit);
}

// Reckoned from the line-up alone (a count of what it says) or, with a source, from what was measured.
static void reckoned(struct bench_plan_result *result, enum bench_plan_section section, const char *key,
		     const char *label, double value, unsigned decimals, const char *unit,
		     enum bench_plan_source source, const char *rule)
{
	struct bench_plan_figure *figure = add(result, section, key, label, value, decimals, unit);

	figure->tag = BENCH_TAG_EXTRAPOLATED;
	figure->source = source;
	figure->rule = rule;
}

static void tell_line_up(struct bench_plan_result *result)
{
	double bps = 0;
	unsigned clear = 0, cas = 0, legs = 0;

	for (size_t i = 0; i < result->services->n; i++) {
		const struct bench_plan_service *service = &result->services->service[i];

		bps += service->bps;
		clear += service->kind == BENCH_PLAN_CLEAR;
		cas += service->cas;
		legs += service->legs;
	}
	given(result, "services", "services", (double)result->services->n, 0, "");
	given(result, "services_clear", "of these in clear", clear, 0, "");
	given(result, "outputs", "outputs (multiplexes and single services)", result->demand->outputs, 0, "");
	given(result, "service_legs", "services times legs", legs, 0, "");
	given(result, "service_cas", "services times CAS", cas, 0, "");
	given(result, "mbit_s", "rate of the services, one leg", bps / 1e6, 3, "Mbit/s");
	given(result, "emm_streams", "EMM streams", result->options->emms, 0, "");
}

static void tell_rates(struct bench_plan_result *result)
{
	const enum bench_plan_section s = BENCH_SECTION_RATES;
	const enum bench_plan_source line_up = BENCH_SOURCE_LINE_UP;
	double in = 0, ecm = 0, emm = 0, in_bps = 0, out_bps = 0, ecms = 0, groups = 0;

	for (size_t i = 0; i < result->demand->n; i++) {
		in += result->demand->item[i].in_pps;
		ecm += result->demand->item[i].ecm_pps;
		emm += result->demand->item[i].emm_pps;
	}
	for (unsigned i = 0; i < result->normal.servers; i++) {
		in_bps += result->normal.server[i].in_bps;
		out_bps += result->normal.server[i].out_bps;
		ecms += result->normal.server[i].ecms_per_s;
		groups += result->normal.server[i].groups;
	}
	reckoned(result, s, "in_pkts_per_s", "transport packets in", in, 0, "packets/s", line_up, "packets");
	reckoned(result, s, "in_gbit_per_s", "on the wire in", in_bps / 1e9, 3, "Gbit/s", line_up, "ports");
	reckoned(result, s, "out_gbit_per_s", "on the wire out", out_bps / 1e9, 3, "Gbit/s", line_up, "ports");
	reckoned(result, s, "ecm_pkts_per_s", "ECM packets on air", ecm, 0, "packets/s", line_up, "ecm");
	reckoned(result, s, "ecm_kbit_per_s", "ECMs on air", ecm * BENCH_PLAN_PKT_BITS / 1e3, 0, "kbit/s", line_up,
		 "ecm");
	reckoned(result, s, "groups", "scrambling groups", groups, 0, "", line_up, "ecm");
	reckoned(result, s, "ecms_per_s", "ECMs asked of ECMGs", ecms, 1, "ECMs/s", line_up, "ecm");
	reckoned(result, s, "emm_pkts_per_s", "EMM packets on air", emm, 0, "packets/s", line_up, "emm");
	reckoned(result, s, "emm_kbit_per_s", "EMMs on air", emm * BENCH_PLAN_PKT_BITS / 1e3, 0, "kbit/s", line_up,
		 "emm");
}

static void tell_servers(struct bench_plan_result *result)
{
	const enum bench_plan_section s = BENCH_SECTION_SERVERS;
	const enum bench_plan_source path = BENCH_SOURCE_PATH;
	double port = result->options->port_gbit * 1e9 * result->options->utilization;
	double workers = 0, in = 0, out = 0, ports = 0, memory = 0, most = 0, load = 0;

	for (unsigned i = 0; i < result->normal.servers; i++) {
		const struct bench_plan_server *server = &result->normal.server[i];
		double bytes = bench_plan_memory(result->costs, server->services);

		workers += server->workers;
		in += ceil(server->in_bps / port - 1e-9);
		out += ceil(server->out_bps / port - 1e-9);
		ports += bench_plan_server_ports(result, server);
		memory += bytes;
		most = fmax(most, bytes);
		for (unsigned w = 0; w < BENCH_PLAN_WORKERS_MAX; w++)
			load = fmax(load, server->worker[w].load);
	}
	reckoned(result, s, "servers", "servers that carry all (N)", result->normal.servers, 0, "", path, "servers");
	reckoned(result, s, "cores_workers", "cores for packets", workers, 0, "", path, "cores");
	reckoned(result, s, "cores", "cores, with one a server for the rest", workers + result->normal.servers, 0, "",
		 path, "cores");
	reckoned(result, s, "load_max", "load of the fullest worker, of its no-loss rate", 100 * load, 1, "%", path,
		 "cores");
	reckoned(result, s, "ports", "network ports", ports, 0, "", path, "ports");
	reckoned(result, s, "ports_in", "ports for what comes in", in, 0, "", path, "ports");
	reckoned(result, s, "ports_out", "ports for what goes out", out, 0, "", path, "ports");
	reckoned(result, s, "memory_gib", "memory of all servers", memory / BENCH_PLAN_BYTES_PER_GIB, 2, "GiB", path,
		 "memory");
	reckoned(result, s, "memory_max_gib", "memory of the largest server", most / BENCH_PLAN_BYTES_PER_GIB, 2, "GiB",
		 path, "memory");
}

// Services that are on air when the items that `gone` names are not: with every leg, or with one at least.
struct on_air {
	double all_legs, some_leg, mbit_s;
};

static struct on_air count_on_air(const struct bench_plan_result *result, const struct bench_plan_packing *packing,
				  unsigned gone)
{
	struct on_air count = {0};

	for (size_t i = 0; i < result->demand->n;) {
		const struct bench_plan_item *item = &result->demand->item[i];
		unsigned legs = item->service->legs, services = item->services / item->legs, alive = 0;

		for (unsigned leg = 0; leg < legs; leg += item->legs, i++)
			if (packing->server_of[i] != BENCH_PLAN_NOWHERE && packing->server_of[i] != gone)
				alive += item->legs;
		count.all_legs += alive == legs ? services : 0;
		count.some_leg += alive > 0 ? services : 0;
		count.mbit_s += alive > 0 ? bench_plan_item_mbit_s(item) : 0;
	}
	return count;
}

static void tell_failure(struct bench_plan_result *result)
{
	const enum bench_plan_section s = BENCH_SECTION_FAILURE;
	const enum bench_plan_source path = BENCH_SOURCE_PATH;
	double services = (double)result->services->n, dark = 0;
	struct on_air moved = count_on_air(result, &result->reduced, BENCH_PLAN_NOWHERE);

	for (unsigned i = 0; i < result->normal.servers; i++)
		dark = fmax(dark, services - count_on_air(result, &result->normal, i).some_leg);
	reckoned(result, s, "servers_with_spare", "servers so that one may die", result->servers_with_spare, 0, "",
		 path, "n-1");
	reckoned(result, s, "dark_services", "services without any leg at first, at worst", dark, 0, "", path, "n-1");
	reckoned(result, s, "reduced_services", "services that fit on N-1 servers", moved.some_leg, 0, "", path, "n-1");
	reckoned(result, s, "reduced_all_legs", "of these with every leg", moved.all_legs, 0, "", path, "n-1");
	reckoned(result, s, "reduced_mbit_s", "their rate, one leg", moved.mbit_s, 3, "Mbit/s", path, "n-1");
	reckoned(result, s, "reduced_share", "share of the services", 100 * moved.some_leg / services, 1, "%", path,
		 "n-1");
}

static void tell_limits(struct bench_plan_result *result)
{
	static const char *const rule[BENCH_LIMITS] = {"cores", "ports", "ports", "memory", "places", "places", "legs"};
	char key[BENCH_PLAN_KEY_BYTES];

	for (unsigned i = 0; i < BENCH_LIMITS; i++) {
		bool measured = i == BENCH_LIMIT_CORES || i == BENCH_LIMIT_MEMORY;

		snprintf(key, sizeof(key), "limit_%s", bench_plan_limit_name[i]);
		for (char *at = key; *at; at++)
			*at = *at == ' ' || *at == ',' ? '_' : *at;
		reckoned(result, BENCH_SECTION_LIMITS, key, bench_plan_limit_name[i], result->limit[i], 2, "servers",
			 measured ? BENCH_SOURCE_PATH : BENCH_SOURCE_LINE_UP, rule[i]);
	}
}

// Whether any worker of the plan stands on this point of the curve.
static bool stood_on(const struct bench_plan_result *result, unsigned kind, const struct bench_plan_point *point)
{
	for (unsigned s = 0; s < result->normal.servers; s++)
		for (unsigned w = 0; w < BENCH_PLAN_WORKERS_MAX; w++) {
			const struct bench_plan_worker *worker = &result->normal.server[s].worker[w];

			if (worker->pps[kind] > 0 &&
			    bench_plan_curve_at(&result->costs->curve[kind], worker->services) == point)
				return true;
		}
	return false;
}

static void measured(struct bench_plan_result *result, const char *key, const char *label, double value,
		     unsigned decimals, const char *unit)
{
	for (unsigned i = 0; i < result->figures; i++)
		if (strcmp(result->figure[i].key, key) == 0)
			return; // a run that several kinds stand on is told once
	struct bench_plan_figure *figure = add(result, BENCH_SECTION_USED, key, label, value, decimals, unit);

	figure->tag = BENCH_TAG_MEASURED;
	figure->source = BENCH_SOURCE_PATH;
}

static void tell_curve(struct bench_plan_result *result, unsigned kind)
{
	const struct bench_plan_curve *curve = &result->costs->curve[kind];
	const char *name = bench_plan_kind_name(kind), *as = bench_plan_kind_name(curve->measured_as);
	char key[BENCH_PLAN_KEY_BYTES], label[BENCH_PLAN_LABEL_BYTES];

	for (unsigned i = 0; i < curve->n; i++) {
		const struct bench_plan_point *point = &curve->point[i];

		if (!stood_on(result, kind, point))
			continue;
		snprintf(key, sizeof(key), "ndr_%s_%u", as, point->services);
		snprintf(label, sizeof(label), "no-loss rate of one worker, %s, %u services", as, point->services);
		measured(result, key, label, point->measured_pps, 0, "packets/s");
		snprintf(key, sizeof(key), "planned_%s_%u", name, point->services);
		snprintf(label, sizeof(label), "of a worker of the planned server, %s", name);
		reckoned(result, BENCH_SECTION_USED, key, label, 1 / point->s, 0, "packets/s",
			 curve->added_s > 0 ? BENCH_SOURCE_KERNEL : BENCH_SOURCE_PATH,
			 curve->measured_as == kind ? "cores" : "stand-in");
	}
}

static void tell_memory(struct bench_plan_result *result)
{
	const struct bench_plan_costs *costs = result->costs;
	char key[BENCH_PLAN_KEY_BYTES], label[BENCH_PLAN_LABEL_BYTES];

	for (unsigned i = 0; i < 2; i++) {
		const struct bench_baseline_memory *memory = i ? &costs->memory_most : &costs->memory_least;

		snprintf(key, sizeof(key), "memory_%u_mib", memory->services);
		snprintf(label, sizeof(label), "memory with %u services", memory->services);
		measured(result, key, label, memory->bytes / BYTES_PER_MIB, 1, "MiB");
	}
	reckoned(result, BENCH_SECTION_USED, "memory_per_service_mib", "memory a service",
		 costs->memory_per_service / BYTES_PER_MIB, 3, "MiB", BENCH_SOURCE_PATH, "memory");
	reckoned(result, BENCH_SECTION_USED, "memory_base_mib", "memory of a server without services",
		 costs->memory_base / BYTES_PER_MIB, 1, "MiB", BENCH_SOURCE_PATH, "memory");
}

static void tell_used(struct bench_plan_result *result)
{
	const struct bench_plan_costs *costs = result->costs;
	char label[BENCH_PLAN_LABEL_BYTES];

	for (unsigned kind = 0; kind < BENCH_PLAN_KINDS; kind++)
		tell_curve(result, kind);
	if (bench_plan_workers(result->options) > 1) {
		snprintf(label, sizeof(label), "a worker among %u, over one alone", costs->efficiency_workers);
		measured(result, "efficiency", label, costs->efficiency, 3, "");
	}
	if (result->options->ghz > 0)
		reckoned(result, BENCH_SECTION_USED, "clock", "clock of the planned cores, over the measured one",
			 costs->clock, 3, "",
			 result->baseline->clock_from_kernel ? BENCH_SOURCE_KERNEL : BENCH_SOURCE_PATH, "clock");
	tell_memory(result);
}

void bench_plan_tell(struct bench_plan_result *result)
{
	result->figures = 0;
	tell_line_up(result);
	tell_rates(result);
	tell_servers(result);
	tell_failure(result);
	tell_limits(result);
	tell_used(result);
}

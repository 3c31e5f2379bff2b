// SPDX-License-Identifier: GPL-3.0-or-later
// The plan as JSON.
#include <string.h>

#include "plan/result.h"

static json_t *figures(const struct bench_plan_result *result)
{
	json_t *out = json_object();

	for (unsigned i = 0; i < result->figures; i++) {
		const struct bench_plan_figure *figure = &result->figure[i];

		json_object_set_new(out, figure->key,
				    json_pack("{s:s, s:f, s:s, s:s, s:s, s:s}", "label", figure->label, "value",
					      figure->value, "unit", figure->unit, "tag",
					      bench_plan_tag_name[figure->tag], "from",
					      bench_plan_source_text(result, figure->source), "rule", figure->rule));
	}
	return out;
}

static json_t *carried(const struct bench_plan_result *result, unsigned server)
{
	json_t *out = json_array();

	for (size_t i = 0; i < result->demand->n; i++) {
		const struct bench_plan_item *item = &result->demand->item[i];

		if (result->normal.server_of[i] == server)
			json_array_append_new(out,
					      json_pack("{s:s, s:i, s:i, s:i, s:f}", "output", item->service->output,
							"first_leg", (int)item->leg + 1, "legs", (int)item->legs,
							"services", (int)(item->services / item->legs), "mbit_s",
							bench_plan_item_mbit_s(item)));
	}
	return out;
}

static json_t *loads(const struct bench_plan_result *result, const struct bench_plan_server *server)
{
	json_t *out = json_array();

	for (unsigned w = 0; w < bench_plan_workers(result->options); w++)
		json_array_append_new(out, json_real(server->worker[w].load));
	return out;
}

static json_t *servers(const struct bench_plan_result *result)
{
	json_t *out = json_array();

	for (unsigned s = 0; s < result->normal.servers; s++) {
		const struct bench_plan_server *server = &result->normal.server[s];

		json_array_append_new(
			out, json_pack("{s:s, s:i, s:i, s:i, s:i, s:f, s:f, s:f, s:o, s:o}", "tag",
				       bench_plan_tag_name[BENCH_TAG_EXTRAPOLATED], "inputs", (int)server->inputs,
				       "services", (int)server->services, "workers", (int)server->workers, "ports",
				       (int)bench_plan_server_ports(result, server), "in_gbit_per_s",
				       server->in_bps / 1e9, "out_gbit_per_s", server->out_bps / 1e9, "memory_gib",
				       bench_plan_memory(result->costs, server->services) / BENCH_PLAN_BYTES_PER_GIB,
				       "worker_loads", loads(result, server), "carries", carried(result, s)));
	}
	return out;
}

static json_t *growth(const struct bench_plan_result *result)
{
	json_t *out = json_array();

	for (unsigned i = 0; i < BENCH_PLAN_GROWTH_POINTS; i++) {
		const struct bench_plan_growth *at = &result->growth[i];

		json_array_append_new(out, json_pack("{s:f, s:o, s:s}", "factor", at->factor, "servers",
						     at->servers ? json_integer(at->servers) : json_null(), "tag",
						     bench_plan_tag_name[BENCH_TAG_EXTRAPOLATED]));
	}
	return out;
}

static json_t *asked(const struct bench_plan_options *options)
{
	return json_pack("{s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:s, s:s}", "cores", (int)options->cores, "ports",
			 (int)options->ports, "port_gbit", options->port_gbit, "memory_gib", options->memory_gib, "ghz",
			 options->ghz, "utilization", options->utilization, "failure_utilization",
			 options->failure_utilization, "legs", options->legs_apart ? "apart" : "together", "tag",
			 bench_plan_tag_name[BENCH_TAG_GIVEN]);
}

json_t *bench_plan_json(const struct bench_plan_result *result)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o}", "line_up", result->options->line_up, "path_run",
			 result->baseline->path_run, "kernel_run", result->baseline->kernel_run, "server",
			 asked(result->options), "limited_by", bench_plan_limit_name[result->limiting], "figures",
			 figures(result), "servers", servers(result), "growth", growth(result));
}

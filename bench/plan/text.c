// SPDX-License-Identifier: GPL-3.0-or-later
// The plan as text: a table of figures by section, then the servers, then where the figures come from.
#include <string.h>

#include "plan/result.h"

static void print_figure(const struct bench_plan_figure *figure, FILE *out)
{
	fprintf(out, "  %-56s %14.*f %-10s %s", figure->label, (int)figure->decimals, figure->value, figure->unit,
		bench_plan_tag_name[figure->tag]);
	if (figure->tag != BENCH_TAG_GIVEN)
		fprintf(out, " [%u]", (unsigned)figure->source);
	if (figure->rule[0])
		fprintf(out, " %s", figure->rule);
	fputc('\n', out);
}

static void print_figures(const struct bench_plan_result *result, FILE *out)
{
	for (unsigned section = 0; section < BENCH_SECTIONS; section++) {
		fprintf(out, "%s\n", bench_plan_section_name[section]);
		for (unsigned i = 0; i < result->figures; i++)
			if (result->figure[i].section == section)
				print_figure(&result->figure[i], out);
		fputc('\n', out);
	}
}

static void print_items(const struct bench_plan_result *result, unsigned server, FILE *out)
{
	for (size_t i = 0; i < result->demand->n; i++) {
		const struct bench_plan_item *item = &result->demand->item[i];

		if (result->normal.server_of[i] != server)
			continue;
		fprintf(out, "        %s", item->service->output);
		if (item->legs > 1)
			fprintf(out, ", %u legs", item->legs);
		else if (item->service->legs > 1)
			fprintf(out, ", leg %u of %u", item->leg + 1, item->service->legs);
		fprintf(out, ": %u service%s, %.3f Mbit/s\n", item->services / item->legs,
			item->services == item->legs ? "" : "s", bench_plan_item_mbit_s(item));
	}
}

static void print_servers(const struct bench_plan_result *result, FILE *out)
{
	fprintf(out, "%6s %8s %8s %8s %6s %10s %10s %10s\n", "server", "inputs", "services", "workers", "ports",
		"in Gbit/s", "out Gbit/s", "memory GiB");
	for (unsigned s = 0; s < result->normal.servers; s++) {
		const struct bench_plan_server *server = &result->normal.server[s];

		fprintf(out, "%6u %8u %8u %8u %6u %10.3f %10.3f %10.2f\n", s + 1, server->inputs, server->services,
			server->workers, bench_plan_server_ports(result, server), server->in_bps / 1e9,
			server->out_bps / 1e9,
			bench_plan_memory(result->costs, server->services) / BENCH_PLAN_BYTES_PER_GIB);
		if (result->options->assign)
			print_items(result, s, out);
	}
	fprintf(out, "Each figure of the servers is extrapolated [%u]: rules cores, ports, memory, servers.\n\n",
		(unsigned)BENCH_SOURCE_PATH);
}

void bench_plan_text(const struct bench_plan_result *result, FILE *out)
{
	const struct bench_plan_options *options = result->options;

	fprintf(out, "%s: %u server%s; %u so that one may die; limited by %s\n", options->line_up,
		result->normal.servers, result->normal.servers == 1 ? "" : "s", result->servers_with_spare,
		bench_plan_limit_name[result->limiting]);
	fprintf(out,
		"A server: %u cores, %u x %g Gbit/s, %g GiB; loaded to %g %%, while one is down to %g %%; legs %s\n\n",
		options->cores, options->ports, options->port_gbit, options->memory_gib, 100 * options->utilization,
		100 * options->failure_utilization, options->legs_apart ? "apart" : "together");
	print_figures(result, out);
	print_servers(result, out);
	for (unsigned i = 0; i < BENCH_SOURCES; i++)
		if (bench_plan_source_text(result, (enum bench_plan_source)i)[0])
			fprintf(out, "[%u] %s\n", i, bench_plan_source_text(result, (enum bench_plan_source)i));
	fprintf(out, "The rules are in docs/capacity.md.\n");
}

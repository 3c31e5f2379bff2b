// SPDX-License-Identifier: GPL-3.0-or-later
// The plan as one page for a browser: no script, nothing from elsewhere, light or dark as the reader's system is.
#include <math.h>
#include <string.h>

#include "plan/classes.h"
#include "plan/result.h"
#include "plan/svg.h"

enum { SERVERS_DRAWN_MAX = 40, NAME_BYTES = 96 };

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	"<title>Capacity plan</title>\n<style>\n"
	":root{color-scheme:light dark;--bg:#fff;--card:#f5f6f8;--text:#1c2128;--dim:#59636e;--line:#d5dae1;"
	"--c0:#0b6bcb;--c1:#b4510a;--c2:#1a7f37;--c3:#8250df;--c4:#bf3989;--c5:#6e7781}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#14181d;--card:#1d232a;--text:#e6e9ed;--dim:#a0aab5;"
	"--line:#353d47;--c0:#58a6ff;--c1:#f0883e;--c2:#56d364;--c3:#bc8cff;--c4:#f778ba;--c5:#9aa4af}}\n"
	"body{margin:0 auto;padding:1.5rem;max-width:66rem;background:var(--bg);color:var(--text);"
	"font:15px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.4rem 0}"
	"small,.dim{color:var(--dim)}\n"
	".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.25rem 0}\n"
	".tile{background:var(--card);border-radius:.5rem;padding:.75rem 1rem}"
	".tile b{display:block;font-size:1.6rem;font-weight:600}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
	"th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}"
	"th{color:var(--dim);font-weight:500}.n{text-align:right;white-space:nowrap}\n"
	".tag{border-radius:.75rem;padding:0 .5rem;font-size:.8rem;border:1px solid currentColor}"
	".given{color:var(--c5)}.measured{color:var(--c2)}.extrapolated{color:var(--c1)}\n"
	"svg{width:100%;height:auto;display:block}svg text{fill:var(--dim);font:12px system-ui,sans-serif}"
	".grid{stroke:var(--line)}.mark{stroke:var(--text);stroke-dasharray:5 4}\n"
	".c0{fill:var(--c0);stroke:var(--c0);background:var(--c0)}.c1{fill:var(--c1);stroke:var(--c1);"
	"background:var(--c1)}.c2{fill:var(--c2);stroke:var(--c2);background:var(--c2)}.c3{fill:var(--c3);"
	"stroke:var(--c3);background:var(--c3)}.c4{fill:var(--c4);stroke:var(--c4);background:var(--c4)}"
	".c5{fill:var(--c5);stroke:var(--c5);background:var(--c5)}polyline{fill:none!important;stroke-width:2}\n"
	".legend span{margin-right:1.25rem;white-space:nowrap}.legend i{display:inline-block;width:.8rem;height:.8rem;"
	"border-radius:.2rem;margin-right:.4rem;vertical-align:-.05rem}\n"
	"</style>\n</head>\n<body>\n";

static void put_tag(FILE *out, enum bench_plan_tag tag)
{
	fprintf(out, "<span class=\"tag %s\">%s</span>", bench_plan_tag_name[tag], bench_plan_tag_name[tag]);
}

static void put_tile(FILE *out, double value, unsigned decimals, const char *what)
{
	fprintf(out, "<div class=\"tile\"><b>%.*f</b>%s<br/>", (int)decimals, value, what);
	put_tag(out, BENCH_TAG_EXTRAPOLATED);
	fputs("</div>\n", out);
}

static double figure(const struct bench_plan_result *result, const char *key)
{
	for (unsigned i = 0; i < result->figures; i++)
		if (strcmp(result->figure[i].key, key) == 0)
			return result->figure[i].value;
	return NAN;
}

static void put_summary(const struct bench_plan_result *result, FILE *out)
{
	const struct bench_plan_options *options = result->options;

	fputs("<h1>Capacity plan</h1>\n<p>", out);
	bench_html_text(out, options->line_up);
	fprintf(out,
		": %zu services. A server has %u cores, %u &#215; %g Gbit/s and %g GiB; it is loaded to %g&#8239;%%, "
		"to "
		"%g&#8239;%% while another is down; legs %s. Limited by <b>%s</b>.</p>\n<div class=\"tiles\">\n",
		result->services->n, options->cores, options->ports, options->port_gbit, options->memory_gib,
		100 * options->utilization, 100 * options->failure_utilization,
		options->legs_apart ? "apart" : "together", bench_plan_limit_name[result->limiting]);
	put_tile(out, result->normal.servers, 0, "servers carry all (N)");
	put_tile(out, result->servers_with_spare, 0, "so that one may die");
	put_tile(out, figure(result, "reduced_share"), 1, "% of services fit on N&#8722;1");
	put_tile(out, figure(result, "cores"), 0, "cores");
	put_tile(out, figure(result, "ports"), 0, "network ports");
	put_tile(out, figure(result, "memory_gib"), 2, "GiB of memory");
	put_tile(out, figure(result, "ecm_pkts_per_s"), 0, "ECM packets/s");
	put_tile(out, figure(result, "emm_kbit_per_s"), 0, "kbit/s of EMMs");
	fputs("</div>\n", out);
}

// Shares of a server in per cent, four bars each.
static void put_server_plot(const struct bench_plan_result *result, FILE *out)
{
	enum { SERIES = 4 };
	static const char *const series[SERIES] = {"workers", "ports, in", "ports, out", "memory"};
	static double value[SERVERS_DRAWN_MAX * SERIES];
	static char text[SERVERS_DRAWN_MAX][16];
	const char *name[SERVERS_DRAWN_MAX];
	const struct bench_plan_options *options = result->options;
	unsigned n = result->normal.servers < SERVERS_DRAWN_MAX ? result->normal.servers : SERVERS_DRAWN_MAX;
	double ports = options->ports * options->port_gbit * 1e9;

	for (unsigned s = 0; s < n; s++) {
		const struct bench_plan_server *server = &result->normal.server[s];
		double load = 0;

		for (unsigned w = 0; w < bench_plan_workers(options); w++)
			load += server->worker[w].load;
		value[s * SERIES] = 100 * load / bench_plan_workers(options);
		value[s * SERIES + 1] = 100 * server->in_bps / ports;
		value[s * SERIES + 2] = 100 * server->out_bps / ports;
		value[s * SERIES + 3] = 100 * bench_plan_memory(result->costs, server->services) /
					(options->memory_gib * BENCH_PLAN_BYTES_PER_GIB);
		snprintf(text[s], sizeof(text[s]), "%u", s + 1);
		name[s] = text[s];
	}
	fputs("<h2>How full the servers are</h2>\n", out);
	if (n < result->normal.servers)
		fprintf(out, "<p class=\"dim\">The first %u of %u.</p>\n", n, result->normal.servers);
	bench_svg_bars(out, &(struct bench_svg_bars){
				    .axis = {.x = "server",
					     .y = "per cent of it",
					     .mark = 100 * options->utilization,
					     .mark_text = "loaded to"},
				    .categories = n,
				    .series = SERIES,
				    .category = name,
				    .name = series,
				    .value = value,
			    });
	put_tag(out, BENCH_TAG_EXTRAPOLATED);
}

static void put_growth_plot(const struct bench_plan_result *result, FILE *out)
{
	double x[BENCH_PLAN_GROWTH_POINTS], y[BENCH_PLAN_GROWTH_POINTS];
	struct bench_svg_line line = {.name = "servers that carry all", .x = x, .y = y};

	for (unsigned i = 0; i < BENCH_PLAN_GROWTH_POINTS; i++)
		if (result->growth[i].servers) {
			x[line.n] = result->growth[i].factor;
			y[line.n++] = result->growth[i].servers;
		}
	fputs("<h2>If the services become faster</h2>\n", out);
	bench_svg_lines(out,
			&(struct bench_svg_axis){.x = "rate of every service, over that of the line-up",
						 .y = "servers"},
			&line, 1);
	if (line.n < BENCH_PLAN_GROWTH_POINTS)
		fputs("<p class=\"dim\">Beyond the last point an output no longer fits into one worker or port.</p>\n",
		      out);
	put_tag(out, BENCH_TAG_EXTRAPOLATED);
}

// The measured points, of kinds that were measured themselves.
static void put_rate_plot(const struct bench_plan_result *result, FILE *out)
{
	static double x[BENCH_PLAN_KINDS][BENCH_PLAN_POINTS_MAX], y[BENCH_PLAN_KINDS][BENCH_PLAN_POINTS_MAX];
	struct bench_svg_line line[BENCH_PLAN_KINDS];
	bool drawn[BENCH_PLAN_KINDS] = {0};
	unsigned lines = 0;

	for (unsigned kind = 0; kind < BENCH_PLAN_KINDS; kind++) {
		const struct bench_plan_curve *curve = &result->costs->curve[kind];

		if (curve->n == 0 || drawn[curve->measured_as])
			continue;
		drawn[curve->measured_as] = true;
		for (unsigned i = 0; i < curve->n; i++) {
			x[lines][i] = curve->point[i].services;
			y[lines][i] = curve->point[i].measured_pps / 1e6;
		}
		line[lines] = (struct bench_svg_line){.name = bench_plan_kind_name(curve->measured_as),
						      .n = curve->n,
						      .x = x[lines],
						      .y = y[lines]};
		lines++;
	}
	fputs("<h2>What a worker carried without loss</h2>\n<p class=\"dim\">", out);
	bench_html_text(out, result->baseline->path_run);
	fputs("</p>\n", out);
	bench_svg_lines(out, &(struct bench_svg_axis){.x = "services", .y = "million packets/s", .log_x = true}, line,
			lines);
	put_tag(out, BENCH_TAG_MEASURED);
}

static void put_classes(const struct bench_plan_result *result, FILE *out)
{
	static struct bench_plan_class class[BENCH_PLAN_CLASSES_MAX];
	static char text[BENCH_PLAN_CLASSES_MAX][NAME_BYTES];
	static double value[BENCH_PLAN_CLASSES_MAX];
	static const char *const series[] = {"rate, one leg"};
	const char *name[BENCH_PLAN_CLASSES_MAX];
	unsigned n = bench_plan_classes(class, result->services);

	fputs("<h2>Line-up by class</h2>\n", out);
	for (unsigned i = 0; i < n; i++) {
		snprintf(text[i], sizeof(text[i]), "%s %s", class[i].name, bench_plan_kind_name(class[i].kind));
		name[i] = text[i];
		value[i] = class[i].bps / 1e6;
	}
	bench_svg_bars(out, &(struct bench_svg_bars){.axis = {.x = "class and algorithm", .y = "Mbit/s"},
						     .categories = n,
						     .series = 1,
						     .category = name,
						     .name = series,
						     .value = value});
	fputs("<div class=\"wide\"><table>\n<tr><th>class</th><th>algorithm</th><th class=\"n\">services</th>"
	      "<th class=\"n\">Mbit/s</th><th class=\"n\">service legs</th><th class=\"n\">service "
	      "CAS</th><th>tag</th></tr>\n",
	      out);
	for (unsigned i = 0; i < n; i++) {
		fputs("<tr><td>", out);
		bench_html_text(out, class[i].name);
		fprintf(out,
			"</td><td>%s</td><td class=\"n\">%u</td><td class=\"n\">%.3f</td><td class=\"n\">%u</td>"
			"<td class=\"n\">%u</td><td>",
			bench_plan_kind_name(class[i].kind), class[i].services, class[i].bps / 1e6, class[i].legs,
			class[i].cas);
		put_tag(out, BENCH_TAG_GIVEN);
		fputs("</td></tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

static void put_figure(const struct bench_plan_figure *f, FILE *out)
{
	fprintf(out, "<tr><td>%s</td><td class=\"n\">%.*f</td><td>%s</td><td>", f->label, (int)f->decimals, f->value,
		f->unit);
	put_tag(out, f->tag);
	fprintf(out, "</td><td>[%u]%s%s</td></tr>\n", (unsigned)f->source, f->rule[0] ? " by rule " : "", f->rule);
}

static void put_figures(const struct bench_plan_result *result, FILE *out)
{
	fputs("<h2>Every figure</h2>\n<div class=\"wide\"><table>\n", out);
	for (unsigned section = 0; section < BENCH_SECTIONS; section++) {
		fprintf(out, "<tr><th colspan=\"5\">%s</th></tr>\n", bench_plan_section_name[section]);
		for (unsigned i = 0; i < result->figures; i++)
			if (result->figure[i].section == section)
				put_figure(&result->figure[i], out);
	}
	fputs("</table></div>\n", out);
	for (unsigned i = 0; i < BENCH_SOURCES; i++) {
		const char *source = bench_plan_source_text(result, (enum bench_plan_source)i);

		if (!source[0])
			continue;
		fprintf(out, "<p class=\"dim\">[%u] ", i);
		bench_html_text(out, source);
		fputs("</p>\n", out);
	}
	fputs("<p class=\"dim\">The rules are in docs/capacity.md.</p>\n", out);
}

static void put_items(const struct bench_plan_result *result, unsigned s, FILE *out)
{
	for (size_t i = 0; i < result->demand->n; i++) {
		const struct bench_plan_item *item = &result->demand->item[i];

		if (result->normal.server_of[i] != s)
			continue;
		fputs("<tr><td>", out);
		bench_html_text(out, item->service->output);
		if (item->legs > 1)
			fprintf(out, "</td><td class=\"n\">all %u", item->legs);
		else
			fprintf(out, "</td><td class=\"n\">%u of %u", item->leg + 1, item->service->legs);
		fprintf(out, "</td><td class=\"n\">%u</td><td class=\"n\">%.3f</td></tr>\n",
			item->services / item->legs, bench_plan_item_mbit_s(item));
	}
}

static void put_servers(const struct bench_plan_result *result, FILE *out)
{
	fputs("<h2>What each server carries</h2>\n", out);
	for (unsigned s = 0; s < result->normal.servers; s++) {
		const struct bench_plan_server *server = &result->normal.server[s];

		fprintf(out,
			"<details><summary>Server %u: %u services on %u inputs, %u workers, %u ports, %.3f Gbit/s in, "
			"%.3f out, %.2f GiB ",
			s + 1, server->services, server->inputs, server->workers,
			bench_plan_server_ports(result, server), server->in_bps / 1e9, server->out_bps / 1e9,
			bench_plan_memory(result->costs, server->services) / BENCH_PLAN_BYTES_PER_GIB);
		put_tag(out, BENCH_TAG_EXTRAPOLATED);
		fputs("</summary><div class=\"wide\"><table>\n<tr><th>output</th><th class=\"n\">leg</th>"
		      "<th class=\"n\">services</th><th class=\"n\">Mbit/s</th></tr>\n",
		      out);
		put_items(result, s, out);
		fputs("</table></div></details>\n", out);
	}
}

void bench_plan_html(const struct bench_plan_result *result, FILE *out)
{
	fputs(head, out);
	put_summary(result, out);
	put_server_plot(result, out);
	put_growth_plot(result, out);
	put_rate_plot(result, out);
	put_classes(result, out);
	put_figures(result, out);
	put_servers(result, out);
	fputs("</body>\n</html>\n", out);
}

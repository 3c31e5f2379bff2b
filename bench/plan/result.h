// SPDX-License-Identifier: GPL-3.0-or-later
// A whole plan: the servers, what limits them, and every figure with the word that says how it is known.
//
// Threads: one owner. Owns: packings and figures; BORROWS what it was made from. Errors: -ENOMEM, -EINVAL with the
// reasons.
#pragma once

#include <jansson.h>

#include "plan/pack.h"

enum bench_plan_tag {
	BENCH_TAG_GIVEN,        // by the line-up or an option
	BENCH_TAG_MEASURED,     // read from a run
	BENCH_TAG_EXTRAPOLATED, // reckoned from it by a rule
	BENCH_TAGS
};

enum bench_plan_source { BENCH_SOURCE_LINE_UP, BENCH_SOURCE_PATH, BENCH_SOURCE_KERNEL, BENCH_SOURCES };

enum bench_plan_section {
	BENCH_SECTION_LINE_UP,
	BENCH_SECTION_RATES,
	BENCH_SECTION_SERVERS,
	BENCH_SECTION_FAILURE,
	BENCH_SECTION_LIMITS,
	BENCH_SECTION_USED,
	BENCH_SECTIONS
};

enum {
	BENCH_PLAN_FIGURES_MAX = 512,
	BENCH_PLAN_LABEL_BYTES = 96,
	BENCH_PLAN_KEY_BYTES = 64,
	BENCH_PLAN_GROWTH_POINTS = 9,
};

struct bench_plan_figure {
	enum bench_plan_section section;
	char key[BENCH_PLAN_KEY_BYTES]; // in JSON
	char label[BENCH_PLAN_LABEL_BYTES];
	double value;
	unsigned decimals;
	const char *unit;
	enum bench_plan_tag tag;
	enum bench_plan_source source;
	const char *rule; // its heading in docs/capacity.md; "" when nothing was reckoned
};

// Servers that each resource would need if it alone counted. The greatest limits.
enum bench_plan_limit {
	BENCH_LIMIT_CORES,
	BENCH_LIMIT_PORTS_IN,
	BENCH_LIMIT_PORTS_OUT,
	BENCH_LIMIT_MEMORY,
	BENCH_LIMIT_INPUTS,
	BENCH_LIMIT_SERVICES,
	BENCH_LIMIT_LEGS,
	BENCH_LIMITS
};

struct bench_plan_growth {
	double factor;
	unsigned servers; // 0: an output no longer fits
};

struct bench_plan_result {
	const struct bench_plan_options *options;
	const struct bench_plan_services *services;
	const struct bench_baseline *baseline;
	const struct bench_plan_costs *costs;
	const struct bench_plan_demand *demand;
	struct bench_plan_packing normal;  // N servers
	struct bench_plan_packing reduced; // N - 1, while one is down
	unsigned servers_with_spare;       // so that one may die
	double limit[BENCH_LIMITS];
	enum bench_plan_limit limiting;
	struct bench_plan_growth growth[BENCH_PLAN_GROWTH_POINTS];
	unsigned figures;
	struct bench_plan_figure figure[BENCH_PLAN_FIGURES_MAX];
};

extern const char *const bench_plan_tag_name[BENCH_TAGS];
extern const char *const bench_plan_section_name[BENCH_SECTIONS];
extern const char *const bench_plan_limit_name[BENCH_LIMITS];

// Everything but result->figure; the borrowed pointers are set by the caller.
int bench_plan_reckon(struct bench_plan_result *result, struct base_errs *errs);

// Fills result->figure.
void bench_plan_tell(struct bench_plan_result *result);

void bench_plan_result_fini(struct bench_plan_result *result);

// What a source is, for a person. BORROWS the result.
const char *bench_plan_source_text(const struct bench_plan_result *result, enum bench_plan_source source);

// Ports that a server needs, in the direction that needs more.
unsigned bench_plan_server_ports(const struct bench_plan_result *result, const struct bench_plan_server *server);

// The ways out.
void bench_plan_text(const struct bench_plan_result *result, FILE *out);
json_t *bench_plan_json(const struct bench_plan_result *result); // GIVES the document
void bench_plan_html(const struct bench_plan_result *result, FILE *out);

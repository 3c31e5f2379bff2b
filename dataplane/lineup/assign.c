// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/assign.h"

#include <string.h>

#define NONE UINT_MAX

// Sets of inputs that must share a worker, as a forest: each input points towards the lowest of its set.
struct sets {
	unsigned parent[DP_LINEUP_INPUTS_MAX];
	// An input that uses it, or NONE.
	unsigned group[DP_LINEUP_GROUPS_MAX], output[DP_LINEUP_OUTPUTS_MAX], port[DP_CONF_PORTS_MAX];
};

static void init(struct sets *sets)
{
	memset(sets, 0xFF, sizeof(*sets));
	for (unsigned i = 0; i < DP_LINEUP_INPUTS_MAX; i++)
		sets->parent[i] = i;
}

static unsigned root_of(const struct sets *sets, unsigned input)
{
	while (sets->parent[input] != input)
		input = sets->parent[input];
	return input;
}

static void join(struct sets *sets, unsigned a, unsigned b)
{
	a = root_of(sets, a);
	b = root_of(sets, b);
	if (a < b)
		sets->parent[b] = a;
	else
		sets->parent[a] = b;
}

// Notes that `input` uses something; the users of one thing belong together.
static void use(struct sets *sets, unsigned *user, unsigned input)
{
	if (*user != NONE)
		join(sets, input, *user);
	*user = input;
}

static void use_port(struct sets *sets, const struct dp_conf *conf, unsigned port, unsigned input)
{
	if (dp_port_driver_offline(conf->port[port].driver))
		use(sets, &sets->port[port], input);
}

static void join_present(struct sets *sets, const struct dp_lineup *lineup, const struct dp_conf *conf)
{
	for (unsigned i = 0; i < lineup->services; i++) {
		const struct dp_service *service = &lineup->service[i];

		if (!service->conf)
			continue;
		unsigned input = (unsigned)(service->input - lineup->input);

		if (service->group)
			use(sets, &sets->group[service->group - lineup->group], input);
		use(sets, &sets->output[service->output - lineup->output], input);
		use_port(sets, conf, service->input->conf->port, input);
		use_port(sets, conf, service->output->conf->port, input);
	}
}

static void join_wanted(struct sets *sets, const struct dp_diff *diff, const struct dp_conf *conf)
{
	for (unsigned i = 0; i < conf->services; i++) {
		const struct dp_conf_service *service = &conf->service[i];
		unsigned input = diff->input[service->input];

		if (diff->group[i] != DP_DIFF_NONE)
			use(sets, &sets->group[diff->group[i]], input);
		use(sets, &sets->output[diff->output[service->output]], input);
		use_port(sets, conf, conf->input[service->input].port, input);
		use_port(sets, conf, conf->output[service->output].port, input);
	}
}

// The worker that has most inputs of each set, by the set's root; NONE where it has none yet.
static void find_homes(const struct sets *sets, const struct dp_lineup *lineup, unsigned *home)
{
	static const unsigned workers = DP_CONF_WORKERS_MAX;

	for (unsigned root = 0; root < lineup->inputs; root++) {
		unsigned inputs[DP_CONF_WORKERS_MAX] = {0}, most = 0;

		home[root] = NONE;
		if (sets->parent[root] != root)
			continue;
		for (unsigned i = root; i < lineup->inputs; i++)
			if (lineup->input[i].conf && root_of(sets, i) == root)
				inputs[lineup->input[i].worker]++;
		for (unsigned w = 0; w < workers; w++)
			if (inputs[w] > most) {
				most = inputs[w];
				home[root] = w;
			}
	}
}

static unsigned least(const unsigned *load, unsigned workers)
{
	unsigned worker = 0;

	for (unsigned w = 1; w < workers; w++)
		if (load[w] < load[worker])
			worker = w;
	return worker;
}

void dp_assign_make(struct dp_assign *assign, const struct dp_lineup *lineup, const struct dp_diff *diff,
		    const struct dp_conf *conf)
{
	unsigned home[DP_LINEUP_INPUTS_MAX], load[DP_CONF_WORKERS_MAX] = {0};
	struct sets sets;

	init(&sets);
	join_present(&sets, lineup, conf);
	join_wanted(&sets, diff, conf);
	find_homes(&sets, lineup, home);
	for (unsigned i = 0; i < lineup->inputs; i++)
		if (home[root_of(&sets, i)] != NONE && dp_fate_lasts(diff->input_fate[i]))
			load[home[root_of(&sets, i)]]++;
	for (unsigned i = 0; i < lineup->inputs; i++) {
		unsigned root = root_of(&sets, i);

		if (diff->input_fate[i] == DP_FATE_FREE)
			continue;
		if (home[root] == NONE) {
			home[root] = least(load, conf->workers);
			load[home[root]]++;
		}
		assign->worker[i] = home[root];
	}
}

void dp_assign_move(struct dp_assign *assign, const struct dp_lineup *lineup, const struct dp_conf *machine,
		    unsigned input, unsigned worker)
{
	struct sets sets;

	init(&sets);
	join_present(&sets, lineup, machine);
	for (unsigned i = 0; i < lineup->inputs; i++)
		assign->worker[i] = root_of(&sets, i) == root_of(&sets, input) ? worker : lineup->input[i].worker;
}

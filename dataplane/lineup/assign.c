// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/assign.h"

#include "lineup/lineup.h"

// Sets of inputs that must share a worker, as a forest: each input points towards the lowest of its set.
struct sets {
	unsigned parent[DP_CONF_INPUTS_MAX];
};

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

static void join_by_group(struct sets *sets, const struct dp_lineup *lineup)
{
	for (unsigned i = 0; i < lineup->services; i++)
		for (unsigned k = 0; k < i; k++)
			if (lineup->service[i].period && lineup->service[i].period == lineup->service[k].period)
				join(sets, lineup->service[i].conf->input, lineup->service[k].conf->input);
}

// Notes that `input` uses a port; users of one offline port belong together. `user` holds the last one of each port.
static void join_users(struct sets *sets, const struct dp_conf *conf, unsigned *user, unsigned port, unsigned input)
{
	if (!dp_port_driver_offline(conf->port[port].driver))
		return;
	if (user[port] != DP_CONF_INPUTS_MAX)
		join(sets, input, user[port]);
	user[port] = input;
}

static void join_by_port(struct sets *sets, const struct dp_lineup *lineup, const struct dp_conf *conf)
{
	unsigned user[DP_CONF_PORTS_MAX];

	for (unsigned i = 0; i < DP_CONF_PORTS_MAX; i++)
		user[i] = DP_CONF_INPUTS_MAX;
	for (unsigned i = 0; i < lineup->services; i++) {
		const struct dp_service *service = &lineup->service[i];

		join_users(sets, conf, user, service->input->conf->port, service->conf->input);
		join_users(sets, conf, user, service->output->conf->port, service->conf->input);
	}
}

void dp_lineup_assign(struct dp_lineup *lineup, const struct dp_conf *conf)
{
	struct sets sets;
	unsigned turn = 0;

	for (unsigned i = 0; i < lineup->inputs; i++)
		sets.parent[i] = i;
	join_by_group(&sets, lineup);
	join_by_port(&sets, lineup, conf);
	for (unsigned i = 0; i < lineup->inputs; i++)
		if (sets.parent[i] == i)
			lineup->input[i].worker = turn++ % conf->workers;
	for (unsigned i = 0; i < lineup->inputs; i++)
		lineup->input[i].worker = lineup->input[root_of(&sets, i)].worker;
	for (unsigned i = 0; i < lineup->services; i++)
		for (unsigned g = 0; g < lineup->groups; g++)
			if (lineup->service[i].period == &lineup->group[g].period)
				lineup->group[g].worker = lineup->service[i].input->worker;
}

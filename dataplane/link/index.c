// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/index.h"

#include <string.h>

#include "lineup/lineup.h"

typedef const char *name_fn(const struct dp_lineup *lineup, unsigned place);

static const char *input_name(const struct dp_lineup *lineup, unsigned place)
{
	return lineup->input[place].conf ? lineup->input[place].conf->name : NULL;
}

static const char *service_name(const struct dp_lineup *lineup, unsigned place)
{
	return lineup->service[place].conf ? lineup->service[place].conf->name : NULL;
}

static const char *group_name(const struct dp_lineup *lineup, unsigned place)
{
	return dp_group_free(&lineup->group[place]) ? NULL : lineup->group[place].name;
}

static const char *emm_name(const struct dp_lineup *lineup, unsigned place)
{
	return lineup->emm[place].conf ? lineup->emm[place].conf->name : NULL;
}

// The place of a name among `n`. Lists and places have much the same order, so the search begins at `first`, behind the
// place that was found last.
static uint16_t find(const struct dp_lineup *lineup, name_fn *name_of, unsigned n, unsigned first, const char *name)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned place = (first + i) % n;
		const char *there = name_of(lineup, place);

		if (there && strcmp(there, name) == 0)
			return (uint16_t)place;
	}
	return DP_MSG_NONE;
}

static unsigned behind(uint16_t place)
{
	return place == DP_MSG_NONE ? 0 : place + 1u;
}

void dp_index_make(struct dp_index *index, uint32_t serial, const struct dp_conf *conf,
		   const struct dp_gather_group *group, unsigned groups, const struct dp_lineup *lineup)
{
	uint16_t last = DP_MSG_NONE;

	index->serial = serial;
	index->inputs = conf->inputs;
	index->groups = groups;
	index->services = conf->services;
	index->emms = conf->emms;
	for (unsigned i = 0; i < conf->inputs; i++)
		index->input[i] = last = find(lineup, input_name, lineup->inputs, behind(last), conf->input[i].name);
	last = DP_MSG_NONE;
	for (unsigned i = 0; i < groups; i++)
		index->group[i] = last = find(lineup, group_name, lineup->groups, behind(last), group[i].name);
	last = DP_MSG_NONE;
	for (unsigned i = 0; i < conf->services; i++)
		index->service[i] = last =
			find(lineup, service_name, lineup->services, behind(last), conf->service[i].name);
	last = DP_MSG_NONE;
	for (unsigned i = 0; i < conf->emms; i++)
		index->emm[i] = last = find(lineup, emm_name, lineup->emms, behind(last), conf->emm[i].name);
}

static void turn(uint16_t *back, const uint16_t *place, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (place[i] != DP_MSG_NONE)
			back[place[i]] = (uint16_t)i;
}

void dp_index_turn(struct dp_index_back *back, const struct dp_index *index)
{
	memset(back, 0xFF, sizeof(*back));
	turn(back->input, index->input, index->inputs);
	turn(back->group, index->group, index->groups);
	turn(back->service, index->service, index->services);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/index.h"

#include <string.h>

void dp_index_note(struct dp_index *index, const struct dp_gather *gather, uint32_t serial)
{
	const struct dp_conf *conf = gather->conf;

	index->serial = serial;
	index->inputs = conf->inputs;
	index->groups = gather->groups;
	index->services = conf->services;
	index->emms = conf->emms;
	for (unsigned i = 0; i < conf->inputs; i++)
		memcpy(index->input[i].name, conf->input[i].name, DP_MSG_NAME_BYTES);
	for (unsigned i = 0; i < gather->groups; i++)
		memcpy(index->group[i].name, gather->group[i].name, DP_MSG_NAME_BYTES);
	for (unsigned i = 0; i < conf->services; i++)
		memcpy(index->service[i].name, conf->service[i].name, DP_MSG_NAME_BYTES);
	for (unsigned i = 0; i < conf->emms; i++)
		memcpy(index->emm[i].name, conf->emm[i].name, DP_MSG_NAME_BYTES);
}

// The name of what is in a place, or NULL when it is free.
typedef const char *name_fn(const struct dp_lineup *lineup, unsigned place);

static const char *input_at(const struct dp_lineup *lineup, unsigned place)
{
	const struct dp_conf_input *conf = lineup->input[place].conf;

	return conf ? conf->name : NULL;
}

static const char *service_at(const struct dp_lineup *lineup, unsigned place)
{
	const struct dp_conf_service *conf = lineup->service[place].conf;

	return conf ? conf->name : NULL;
}

static const char *group_at(const struct dp_lineup *lineup, unsigned place)
{
	const struct dp_group *group = &lineup->group[place];

	return dp_group_free(group) ? NULL : group->name;
}

static const char *emm_at(const struct dp_lineup *lineup, unsigned place)
{
	const struct dp_conf_emm *conf = lineup->emm[place].conf;

	return conf ? conf->name : NULL;
}

// The place of a name among `places`, looked for from `first` on.
static uint16_t find(const struct dp_lineup *lineup, name_fn *name_at, unsigned places, unsigned first,
		     const char *name)
{
	for (unsigned i = 0; i < places; i++) {
		unsigned place = (first + i) % places;
		const char *there = name_at(lineup, place);

		if (there && strcmp(there, name) == 0)
			return (uint16_t)place;
	}
	return DP_MSG_NONE;
}

// Lists and places have much the same order, so that each search begins behind what was found last.
static void find_all(struct dp_indexed *indexed, unsigned n, const struct dp_lineup *lineup, name_fn *name_at,
		     unsigned places)
{
	unsigned first = 0;

	for (unsigned i = 0; i < n; i++) {
		indexed[i].place = find(lineup, name_at, places, first, indexed[i].name);
		if (indexed[i].place != DP_MSG_NONE)
			first = indexed[i].place + 1u;
	}
}

void dp_index_find(struct dp_index *index, const struct dp_lineup *lineup)
{
	find_all(index->input, index->inputs, lineup, input_at, lineup->inputs);
	find_all(index->group, index->groups, lineup, group_at, lineup->groups);
	find_all(index->service, index->services, lineup, service_at, lineup->services);
	find_all(index->emm, index->emms, lineup, emm_at, lineup->emms);
}

static void turn(uint16_t *back, const struct dp_indexed *indexed, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (indexed[i].place != DP_MSG_NONE)
			back[indexed[i].place] = (uint16_t)i;
}

void dp_index_turn(struct dp_index_back *back, const struct dp_index *index)
{
	memset(back, 0xFF, sizeof(*back));
	turn(back->input, index->input, index->inputs);
	turn(back->group, index->group, index->groups);
	turn(back->service, index->service, index->services);
}

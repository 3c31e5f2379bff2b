// SPDX-License-Identifier: GPL-3.0-or-later
// Another document in place of the one that runs.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scs/scs.h"

static const struct cp_difference_list *groups_of(const struct cp_scs_change *change)
{
	return &change->difference->list[CP_GROUPS];
}

static const struct cp_difference_list *ecmgs_of(const struct cp_scs_change *change)
{
	return &change->difference->list[CP_ECMGS];
}

// An ECM stream is that of an ECM_id at an ECMG: another one of either is another stream.
static bool needs_stream(const struct cp_scs *scs, const struct cp_conf *conf, unsigned place, uint16_t before)
{
	if (before == CP_DIFFERENCE_NEW)
		return true;
	const struct cp_conf_cas *a = &scs->conf->group[before].cas, *b = &conf->group[place].cas;

	return a->ecm_id != b->ecm_id || strcmp(scs->conf->ecmg[a->ecmg].name, conf->ecmg[b->ecmg].name) != 0;
}

static int prepare_channels(struct cp_scs *scs, struct cp_scs_change *change)
{
	for (unsigned i = 0; i < change->conf->ecmgs; i++) {
		uint16_t before = ecmgs_of(change)->before[i];

		change->channel[i] = before != CP_DIFFERENCE_NEW ? scs->channel[before]
								 : cp_channel_new(scs->loop, &change->conf->ecmg[i],
										  &scs->store, scs->alarms);
		if (!change->channel[i])
			return -ENOMEM;
	}
	return 0;
}

static int prepare_groups(struct cp_scs *scs, struct cp_scs_change *change)
{
	unsigned streams[CP_CONF_ECMGS_MAX] = {0};

	for (unsigned i = 0; i < change->conf->groups; i++) {
		uint16_t before = groups_of(change)->before[i];

		change->group[i] = before != CP_DIFFERENCE_NEW ? scs->group[before] : cp_group_new(scs);
		if (!change->group[i])
			return -ENOMEM;
		if (!needs_stream(scs, change->conf, i, before))
			continue;
		change->stream[i] = calloc(1, sizeof(*change->stream[i]));
		if (!change->stream[i])
			return -ENOMEM;
		streams[change->conf->group[i].cas.ecmg]++;
	}
	for (unsigned i = 0; i < change->conf->ecmgs; i++)
		if (cp_channel_reserve(change->channel[i], streams[i]))
			return -ENOMEM;
	return 0;
}

static void free_lists(struct cp_scs_change *change)
{
	free(change->difference);
	free(change->group);
	free(change->stream);
	free(change->channel);
	*change = (struct cp_scs_change){0};
}

int cp_scs_prepare(struct cp_scs *scs, struct cp_scs_change *change, const struct cp_conf *conf)
{
	*change = (struct cp_scs_change){.conf = conf};
	change->difference = malloc(sizeof(*change->difference));
	change->group = calloc(conf->groups + 1, sizeof(struct cp_group *));
	change->stream = calloc(conf->groups + 1, sizeof(struct cp_stream *));
	change->channel = calloc(conf->ecmgs + 1, sizeof(struct cp_channel *));
	if (!change->difference || !change->group || !change->stream || !change->channel) {
		free_lists(change);
		return -ENOMEM;
	}
	cp_difference_find(change->difference, scs->conf, conf);
	int rc = prepare_channels(scs, change);

	if (!rc)
		rc = prepare_groups(scs, change);
	if (rc)
		cp_scs_drop(change);
	return rc;
}

void cp_scs_drop(struct cp_scs_change *change)
{
	if (!change->conf)
		return;
	for (unsigned i = 0; i < change->conf->groups; i++) {
		if (groups_of(change)->before[i] == CP_DIFFERENCE_NEW)
			free(change->group[i]);
		free(change->stream[i]);
	}
	for (unsigned i = 0; i < change->conf->ecmgs; i++)
		if (ecmgs_of(change)->before[i] == CP_DIFFERENCE_NEW && change->channel[i])
			cp_channel_drop(change->channel[i]);
	free_lists(change);
}

static void take_channels(const struct cp_scs_change *change)
{
	for (unsigned i = 0; i < change->conf->ecmgs; i++)
		if (ecmgs_of(change)->before[i] == CP_DIFFERENCE_NEW)
			cp_channel_start(change->channel[i]);
		else
			cp_channel_change(change->channel[i], &change->conf->ecmg[i]);
}

static void take_groups(const struct cp_scs_change *change)
{
	for (unsigned i = 0; i < change->conf->groups; i++)
		if (groups_of(change)->before[i] == CP_DIFFERENCE_NEW)
			cp_group_start(change->group[i], &change->conf->group[i], i, change->stream[i]);
		else
			cp_group_change(change->group[i], &change->conf->group[i], i, change->stream[i]);
}

static void close_channels(struct cp_scs *scs, struct cp_channel **before, const struct cp_difference_list *ecmgs)
{
	for (unsigned i = 0; i < ecmgs->before_n; i++)
		if (ecmgs->gone[i]) {
			cp_alarm_clear(scs->alarms, CP_ALARM_ECMG_LOST, before[i]->conf->name);
			cp_channel_close(before[i]);
		}
}

// What goes goes first, so that there is room for what comes; an ECMG when no group has a stream there any more.
void cp_scs_take(struct cp_scs *scs, struct cp_scs_change *change)
{
	struct cp_group **groups = scs->group;
	struct cp_channel **channels = scs->channel;

	for (unsigned i = 0; i < groups_of(change)->before_n; i++)
		if (groups_of(change)->gone[i])
			cp_group_leave(groups[i]);
	scs->group = change->group;
	scs->channel = change->channel;
	take_channels(change);
	take_groups(change);
	close_channels(scs, channels, ecmgs_of(change));
	scs->groups = change->conf->groups;
	scs->channels = change->conf->ecmgs;
	scs->conf = change->conf;
	change->group = groups;
	change->channel = channels;
	free_lists(change);
}

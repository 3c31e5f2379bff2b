// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/scs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_log.h>

#include "scs/bundle.h"

static int init_channels(struct cp_scs *scs)
{
	unsigned streams[CP_CONF_ECMGS_MAX] = {0};

	for (unsigned i = 0; i < scs->conf->groups; i++)
		streams[scs->conf->group[i].cas.ecmg]++;
	for (unsigned i = 0; i < scs->conf->ecmgs; i++) {
		int rc = cp_channel_init(&scs->channel[i], scs->loop, &scs->conf->ecmg[i], streams[i], &scs->store,
					 scs->alarms);

		if (rc)
			return rc;
	}
	for (unsigned i = 0; i < scs->conf->groups; i++) {
		int rc = cp_group_init(&scs->group[i], scs, i);

		if (rc)
			return rc;
	}
	return 0;
}

int cp_scs_init(struct cp_scs *scs, uv_loop_t *loop, const struct cp_conf *conf, struct cp_alarms *alarms)
{
	*scs = (struct cp_scs){.loop = loop, .conf = conf, .alarms = alarms};
	scs->group = calloc(conf->groups + 1, sizeof(*scs->group));
	scs->channel = calloc(conf->ecmgs + 1, sizeof(*scs->channel));
	if (!scs->group || !scs->channel)
		return -ENOMEM;
	int rc = cp_store_init(&scs->store, conf->groups);

	if (!rc)
		rc = base_secret_init(&scs->message, sizeof(struct dp_msg_period));
	return rc ? rc : init_channels(scs);
}

void cp_scs_start(struct cp_scs *scs, struct cp_dplink *link)
{
	scs->link = link;
	for (unsigned i = 0; i < scs->conf->ecmgs; i++)
		cp_channel_start(&scs->channel[i]);
}

void cp_scs_close(struct cp_scs *scs)
{
	scs->ready = false;
	scs->link = NULL;
	for (unsigned i = 0; scs->group && i < scs->conf->groups; i++)
		if (scs->group[i].scs)
			cp_group_close(&scs->group[i]);
	for (unsigned i = 0; scs->channel && i < scs->conf->ecmgs; i++)
		cp_channel_close(&scs->channel[i]);
}

void cp_scs_fini(struct cp_scs *scs)
{
	for (unsigned i = 0; scs->group && i < scs->conf->groups; i++)
		cp_group_fini(&scs->group[i]);
	for (unsigned i = 0; scs->channel && i < scs->conf->ecmgs; i++)
		cp_channel_fini(&scs->channel[i]);
	free(scs->group);
	free(scs->channel);
	cp_store_fini(&scs->store);
	base_secret_fini(&scs->message);
	*scs = (struct cp_scs){0};
}

int cp_scs_send(struct cp_scs *scs, const struct cp_group *group, const struct cp_bundle *bundle)
{
	struct dp_msg_period *msg = (struct dp_msg_period *)(void *)scs->message.bytes;
	int rc = cp_bundle_write(msg, bundle, group, &scs->store);

	if (!rc)
		rc = cp_dplink_send(scs->link, msg);
	base_secret_wipe(&scs->message);
	return rc;
}

static void begin_all(struct cp_scs *scs, bool known)
{
	scs->ready = false;
	for (unsigned i = 0; i < scs->conf->groups; i++)
		cp_group_begin(&scs->group[i], known);
}

void cp_scs_welcome(struct cp_scs *scs)
{
	begin_all(scs, true);
}

void cp_scs_lost(struct cp_scs *scs)
{
	begin_all(scs, false);
}

static void step_all(struct cp_scs *scs)
{
	for (unsigned i = 0; i < scs->conf->groups; i++)
		cp_group_step(&scs->group[i]);
}

void cp_scs_ready(struct cp_scs *scs)
{
	scs->ready = true;
	step_all(scs);
}

void cp_scs_lineup_refused(struct cp_scs *scs)
{
	for (unsigned i = 0; i < scs->conf->groups; i++)
		cp_group_forget(&scs->group[i]);
}

void cp_scs_writable(struct cp_scs *scs)
{
	step_all(scs);
}

// The group of a message, or NULL for one that this line-up does not have.
static struct cp_group *group_of(struct cp_scs *scs, uint16_t group)
{
	return group < scs->conf->groups ? &scs->group[group] : NULL;
}

static struct cp_group *group_named(struct cp_scs *scs, const char *name)
{
	for (unsigned i = 0; i < scs->conf->groups; i++)
		if (strcmp(scs->conf->group[i].name, name) == 0)
			return &scs->group[i];
	return NULL;
}

static bool fits(const struct dp_msg_held *held, enum cp_algorithm algorithm)
{
	return held->cws == 0 || held->scrambling_mode == cp_algorithm_facts[algorithm].scrambling_mode;
}

void cp_scs_held(struct cp_scs *scs, const struct dp_msg_group_state *msg)
{
	char name[DP_MSG_NAME_BYTES + 1] = "";

	memcpy(name, msg->name, sizeof(msg->name));
	struct cp_group *group = group_named(scs, name);

	// Of another line-up, whose groups go when ours is on air.
	if (!group || !fits(&msg->current, group->conf->algorithm) || !fits(&msg->next, group->conf->algorithm))
		base_log(BASE_LOG_WARNING, "scs", "the dataplane runs another group group=\"%s\"", name);
	else
		cp_group_take_held(group, msg);
}

void cp_scs_state(struct cp_scs *scs, const struct dp_msg_period_state *msg)
{
	struct cp_group *group = group_of(scs, msg->group);

	if (group)
		cp_group_take_state(group, msg);
}

void cp_scs_refused(struct cp_scs *scs, const struct dp_msg_refused *msg)
{
	struct cp_group *group = group_of(scs, msg->group);

	if (group)
		cp_group_take_refusal(group, msg);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/scs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_log.h>

#include "scs/bundle.h"

int cp_scs_init(struct cp_scs *scs, uv_loop_t *loop, struct cp_alarms *alarms)
{
	*scs = (struct cp_scs){.loop = loop, .alarms = alarms};
	int rc = cp_store_init(&scs->store, DP_MSG_GROUPS_MAX);

	return rc ? rc : base_secret_init(&scs->message, sizeof(struct dp_msg_period));
}

void cp_scs_close(struct cp_scs *scs)
{
	scs->ready = scs->connected = false;
	scs->link = NULL;
	for (unsigned i = 0; i < scs->groups; i++)
		cp_group_leave(scs->group[i]);
	for (unsigned i = 0; i < scs->channels; i++)
		cp_channel_close(scs->channel[i]);
	scs->groups = scs->channels = 0;
}

void cp_scs_fini(struct cp_scs *scs)
{
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

	msg->lineup = cp_dplink_serial(scs->link);
	if (!rc)
		rc = cp_dplink_send(scs->link, msg);
	base_secret_wipe(&scs->message);
	return rc;
}

static void begin_all(struct cp_scs *scs, bool connected)
{
	scs->connected = connected;
	scs->ready = false;
	for (unsigned i = 0; i < scs->groups; i++)
		cp_group_begin(scs->group[i], connected);
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
	for (unsigned i = 0; i < scs->groups; i++)
		cp_group_step(scs->group[i]);
}

void cp_scs_ready(struct cp_scs *scs)
{
	scs->ready = true;
	step_all(scs);
}

void cp_scs_lineup_refused(struct cp_scs *scs)
{
	for (unsigned i = 0; i < scs->groups; i++)
		cp_group_forget(scs->group[i]);
}

void cp_scs_writable(struct cp_scs *scs)
{
	step_all(scs);
}

// The group of a message, or NULL for one that this line-up does not have.
static struct cp_group *group_of(struct cp_scs *scs, uint16_t group)
{
	return group < scs->groups ? scs->group[group] : NULL;
}

static struct cp_group *group_named(struct cp_scs *scs, const char *name)
{
	for (unsigned i = 0; i < scs->groups; i++)
		if (strncmp(scs->group[i]->conf->name, name, DP_MSG_NAME_BYTES) == 0)
			return scs->group[i];
	return NULL;
}

void cp_scs_held(struct cp_scs *scs, const struct dp_msg_group_state *msg)
{
	struct cp_group *group = group_named(scs, msg->name);

	if (group)
		cp_group_take_held(group, msg);
	else
		base_log(BASE_LOG_INFO, "scs", "the dataplane runs a group that is to go group=\"%.*s\"",
			 DP_MSG_NAME_BYTES - 1, msg->name);
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

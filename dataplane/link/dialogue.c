// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/dialogue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_check.h>
#include <base_log.h>

#include "plant.h"

typedef int handler_fn(struct dp_dialogue *dialogue, const union dp_link_message *message);

static const char *const state_name[DP_DIALOGUE_STATES] = {
	[DP_DIALOGUE_GREETED] = "before its LINEUP",
	[DP_DIALOGUE_GATHERING] = "within a line-up",
	[DP_DIALOGUE_ON_AIR] = "while a line-up is on air",
};

void dp_dialogue_init(struct dp_dialogue *dialogue, const struct dp_conf *machine, struct dp_plant *plant,
		      dp_dialogue_build_fn *build, void *context, struct dp_msg_group_state *secret, uint64_t boot_id)
{
	memset(dialogue, 0, sizeof(*dialogue));
	dialogue->plant = plant;
	dialogue->build = build;
	dialogue->context = context;
	dp_gather_init(&dialogue->gather, machine);
	dp_tell_init(&dialogue->tell, plant, secret, boot_id);
}

void dp_dialogue_fini(struct dp_dialogue *dialogue)
{
	dp_gather_fini(&dialogue->gather);
	dp_tell_fini(&dialogue->tell);
	free(dialogue->air);
	memset(dialogue, 0, sizeof(*dialogue));
}

void dp_dialogue_begin(struct dp_dialogue *dialogue, dp_tell_send_fn *send, void *to, uint64_t now_ms)
{
	dialogue->state = DP_DIALOGUE_GREETED;
	dialogue->taken = false;
	dialogue->index.serial = dialogue->older.serial = 0;
	dp_tell_begin(&dialogue->tell, send, to, now_ms);
}

static int begin_lineup(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	dialogue->serial = message->lineup.serial;
	if (dialogue->serial == 0 || dialogue->serial == dialogue->index.serial) {
		snprintf(dialogue->why, sizeof(dialogue->why), "LINEUP: serial %u is 0 or that of the one before",
			 dialogue->serial);
		return -EPROTO;
	}
	if (dp_gather_begin(&dialogue->gather, &message->lineup)) {
		snprintf(dialogue->why, sizeof(dialogue->why), "LINEUP: no memory for another line-up");
		return -EPROTO;
	}
	dialogue->state = DP_DIALOGUE_GATHERING;
	return 0;
}

static int take_input(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	dp_gather_input(&dialogue->gather, &message->input);
	return 0;
}

static int take_output(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	dp_gather_output(&dialogue->gather, &message->output);
	return 0;
}

static int take_group(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	dp_gather_group(&dialogue->gather, &message->group);
	return 0;
}

static int take_service(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	dp_gather_service(&dialogue->gather, &message->service);
	return 0;
}

static int take_emm_stream(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	dp_gather_emm(&dialogue->gather, &message->emm_stream);
	return 0;
}

// The line-up that was gathered is on air: its indexes hold from now on.
static void adopt(struct dp_dialogue *dialogue)
{
	dialogue->older = dialogue->index;
	dp_index_make(&dialogue->index, dialogue->serial, dialogue->air, dialogue->gather.group,
		      dialogue->gather.groups, &dialogue->plant->lineup);
	dp_tell_index(&dialogue->tell, &dialogue->index);
}

static int build(struct dp_dialogue *dialogue)
{
	struct dp_conf *conf = dialogue->gather.conf;
	int rc = dialogue->build(dialogue->context, conf, &dialogue->gather.errs);

	if (rc)
		return rc;
	dialogue->air = conf;
	dialogue->gather.conf = NULL;
	return 0;
}

void dp_dialogue_transform(struct dp_dialogue *dialogue, unsigned service)
{
	dialogue->air->service[service] = dialogue->gather.conf->service[service];
	dp_controlled_transform(&dialogue->plant->controlled, service, &dialogue->air->service[service]);
}

static int change(struct dp_dialogue *dialogue)
{
	int rc = dp_gather_compare(&dialogue->gather, dialogue->air);

	for (unsigned i = 0; !rc && i < dialogue->air->services; i++)
		dp_dialogue_transform(dialogue, i);
	return rc;
}

// The first mistake, and how many there are; all of them go to the log.
static void answer(struct dp_dialogue *dialogue, int error)
{
	const struct base_errs *errs = &dialogue->gather.errs;
	size_t more = errs->count + errs->lost > 1 ? errs->count + errs->lost - 1 : 0;
	char text[DP_MSG_TEXT_BYTES] = "";

	if (error)
		snprintf(text, sizeof(text), more ? "%.150s (and %zu more)" : "%.150s",
			 errs->count ? errs->text[0] : strerror(-error), more);
	for (size_t i = 0; error && i < errs->count; i++)
		base_log(BASE_LOG_ERROR, "link", "line-up refused %s", errs->text[i]);
	if (!error)
		base_log(BASE_LOG_INFO, "link", "line-up taken services=%u inputs=%u outputs=%u groups=%u emms=%u",
			 dialogue->air->services, dialogue->air->inputs, dialogue->air->outputs,
			 dialogue->gather.groups, dialogue->air->emms);
	dp_tell_result(&dialogue->tell, error, dialogue->serial, text);
}

static int end_lineup(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	int rc = dp_gather_end(&dialogue->gather);

	(void)message;
	if (!rc)
		rc = dialogue->air ? change(dialogue) : build(dialogue);
	if (!rc)
		adopt(dialogue);
	dialogue->taken |= rc == 0;
	dialogue->state = dialogue->taken ? DP_DIALOGUE_ON_AIR : DP_DIALOGUE_GREETED;
	answer(dialogue, rc);
	return 0;
}

static const struct {
	enum dp_dialogue_state state;
	enum dp_msg_type message;
	handler_fn *handler;
} table[] = {
	{DP_DIALOGUE_GREETED, DP_MSG_LINEUP, begin_lineup},
	{DP_DIALOGUE_GATHERING, DP_MSG_INPUT, take_input},
	{DP_DIALOGUE_GATHERING, DP_MSG_OUTPUT, take_output},
	{DP_DIALOGUE_GATHERING, DP_MSG_GROUP, take_group},
	{DP_DIALOGUE_GATHERING, DP_MSG_SERVICE, take_service},
	{DP_DIALOGUE_GATHERING, DP_MSG_EMM_STREAM, take_emm_stream},
	{DP_DIALOGUE_GATHERING, DP_MSG_LINEUP_END, end_lineup},
	{DP_DIALOGUE_ON_AIR, DP_MSG_LINEUP, begin_lineup},
	{DP_DIALOGUE_ON_AIR, DP_MSG_PERIOD, dp_dialogue_period},
	{DP_DIALOGUE_ON_AIR, DP_MSG_SERVICE, dp_dialogue_service},
	{DP_DIALOGUE_ON_AIR, DP_MSG_EMM_DATA, dp_dialogue_emm_data},
};

int dp_dialogue_take(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].state == dialogue->state && table[i].message == message->head.type)
			return table[i].handler(dialogue, message);
	snprintf(dialogue->why, sizeof(dialogue->why), "%s is out of place %s",
		 dp_link_message_name(message->head.type), state_name[dialogue->state]);
	return -EPROTO;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/dialogue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <base_log.h>

#include "plant.h"

typedef int handler_fn(struct dp_dialogue *dialogue, const union dp_link_message *message);

static const char *const state_name[DP_DIALOGUE_STATES] = {
	[DP_DIALOGUE_GREETED] = "before its LINEUP",
	[DP_DIALOGUE_GATHERING] = "within a line-up",
	[DP_DIALOGUE_ON_AIR] = "while a line-up is on air",
};

void dp_dialogue_init(struct dp_dialogue *dialogue, const struct dp_conf *machine, struct dp_plant *plant,
		      struct dp_msg_group_state *secret, uint64_t boot_id)
{
	memset(dialogue, 0, sizeof(*dialogue));
	dialogue->plant = plant;
	dp_gather_init(&dialogue->gather, machine);
	dp_tell_init(&dialogue->tell, plant, secret, boot_id);
}

void dp_dialogue_fini(struct dp_dialogue *dialogue)
{
	dp_gather_fini(&dialogue->gather);
	dp_tell_fini(&dialogue->tell);
	memset(dialogue, 0, sizeof(*dialogue));
}

void dp_dialogue_begin(struct dp_dialogue *dialogue, dp_tell_send_fn *send, void *to, uint64_t now_ms)
{
	dialogue->state = DP_DIALOGUE_GREETED;
	dialogue->change = DP_CHANGE_NONE;
	dialogue->coming.serial = dialogue->index.serial = dialogue->older.serial = 0;
	dp_tell_begin(&dialogue->tell, send, to, now_ms);
}

// Serials of the line-ups whose indexes may still come are not given again.
static bool is_new(const struct dp_dialogue *dialogue, uint32_t serial)
{
	return serial && serial != dialogue->coming.serial && serial != dialogue->index.serial &&
	       serial != dialogue->older.serial;
}

static int begin_lineup(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	dialogue->serial = message->lineup.serial;
	if (!is_new(dialogue, dialogue->serial)) {
		snprintf(dialogue->why, sizeof(dialogue->why), "LINEUP: serial %u is 0 or that of one before",
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

// The first mistake, and how many there are; all of them go to the log.
static void refuse(struct dp_dialogue *dialogue, int error)
{
	const struct base_errs *errs = &dialogue->gather.errs;
	size_t more = errs->count + errs->lost > 1 ? errs->count + errs->lost - 1 : 0;
	char text[DP_MSG_TEXT_BYTES];

	snprintf(text, sizeof(text), more ? "%.150s (and %zu more)" : "%.150s",
		 errs->count ? errs->text[0] : strerror(-error), more);
	for (size_t i = 0; i < errs->count; i++)
		base_log(BASE_LOG_ERROR, "link", "line-up refused %s", errs->text[i]);
	dp_tell_result(&dialogue->tell, error, dialogue->serial, text);
}

static int end_lineup(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	struct dp_gather *gather = &dialogue->gather;
	int rc = dp_gather_end(gather);

	(void)message;
	dialogue->state = dialogue->index.serial ? DP_DIALOGUE_ON_AIR : DP_DIALOGUE_GREETED;
	if (!rc)
		rc = dp_plant_lineup(dialogue->plant, gather->conf, &gather->errs);
	if (rc) {
		refuse(dialogue, rc);
		return 0;
	}
	dp_index_note(&dialogue->coming, gather, dialogue->serial);
	gather->conf = NULL;
	dialogue->change = DP_CHANGE_LINEUP;
	return 0;
}

// What went has no place any more under the indexes of before, and what came anew has another one.
static void adopt(struct dp_dialogue *dialogue)
{
	const struct dp_lineup *lineup = &dialogue->plant->lineup;
	const struct dp_index *index = &dialogue->index;

	dialogue->older = dialogue->index;
	dialogue->index = dialogue->coming;
	dp_index_find(&dialogue->older, lineup);
	dp_index_find(&dialogue->index, lineup);
	dp_tell_index(&dialogue->tell, index);
	if (dialogue->state == DP_DIALOGUE_GREETED)
		dialogue->state = DP_DIALOGUE_ON_AIR;
	base_log(BASE_LOG_INFO, "link", "line-up taken serial=%u services=%u inputs=%u groups=%u emms=%u",
		 index->serial, index->services, index->inputs, index->groups, index->emms);
	dp_tell_result(&dialogue->tell, 0, index->serial, "");
}

void dp_dialogue_tend(struct dp_dialogue *dialogue)
{
	enum dp_dialogue_change change = dialogue->change;

	if (change == DP_CHANGE_NONE || dp_plant_changing(dialogue->plant) || !dp_tell_answered(&dialogue->tell))
		return;
	dialogue->change = DP_CHANGE_NONE;
	if (change == DP_CHANGE_LINEUP)
		adopt(dialogue);
	else
		dp_tell_moved(&dialogue->tell, &dialogue->move, 0, "");
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
	{DP_DIALOGUE_GATHERING, DP_MSG_PERIOD, dp_dialogue_period},
	{DP_DIALOGUE_GATHERING, DP_MSG_EMM_DATA, dp_dialogue_emm_data},
	{DP_DIALOGUE_GATHERING, DP_MSG_MOVE, dp_dialogue_move},
	{DP_DIALOGUE_ON_AIR, DP_MSG_LINEUP, begin_lineup},
	{DP_DIALOGUE_ON_AIR, DP_MSG_PERIOD, dp_dialogue_period},
	{DP_DIALOGUE_ON_AIR, DP_MSG_EMM_DATA, dp_dialogue_emm_data},
	{DP_DIALOGUE_ON_AIR, DP_MSG_MOVE, dp_dialogue_move},
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

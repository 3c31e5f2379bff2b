// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/tell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_secret.h>

#include "link/message.h"
#include "plant.h"

enum { ALARMS_AT_ONCE = 64, REPORT_MS = 1000 };

void dp_tell_init(struct dp_tell *tell, struct dp_plant *plant, struct dp_msg_group_state *secret, uint64_t boot_id)
{
	memset(tell, 0, sizeof(*tell));
	tell->plant = plant;
	tell->secret = secret;
	tell->boot_id = boot_id;
}

void dp_tell_fini(struct dp_tell *tell)
{
	free(tell->report.text);
	memset(tell, 0, sizeof(*tell));
}

static void forget(struct dp_tell *tell)
{
	free(tell->report.text);
	tell->report.text = NULL;
	dp_alarms_untold(&tell->plant->alarms);
}

void dp_tell_begin(struct dp_tell *tell, dp_tell_send_fn *send, void *to, uint64_t now_ms)
{
	forget(tell);
	tell->send = send;
	tell->to = to;
	tell->welcome_due = true;
	tell->result_due = tell->refused_due = tell->moved_due = tell->indexed = false;
	memset(&tell->index, 0xFF, sizeof(tell->index));
	tell->group_states = 0;
	tell->report.due_ms = now_ms + REPORT_MS;
}

// What has another index than before is told anew.
void dp_tell_index(struct dp_tell *tell, const struct dp_index *index)
{
	const struct dp_index_back before = tell->index;

	dp_index_turn(&tell->index, index);
	tell->indexed = true;
	for (unsigned i = 0; i < DP_LINEUP_GROUPS_MAX; i++)
		tell->group[i].told &= before.group[i] == tell->index.group[i];
	for (unsigned i = 0; i < DP_LINEUP_INPUTS_MAX; i++)
		if (before.input[i] != tell->index.input[i])
			tell->input_serial[i] = 0;
	for (unsigned i = 0; i < DP_LINEUP_SERVICES_MAX; i++)
		if (before.service[i] != tell->index.service[i])
			tell->service_serial[i] = 0;
}

void dp_tell_result(struct dp_tell *tell, int error, uint32_t serial, const char *text)
{
	tell->result = (struct dp_msg_result){.head = dp_link_message_head(DP_MSG_LINEUP_RESULT),
					      .error = error,
					      .serial = serial};
	snprintf(tell->result.text, sizeof(tell->result.text), "%s", text);
	tell->result_due = true;
}

void dp_tell_refused(struct dp_tell *tell, uint16_t group, uint16_t cp_number, int error)
{
	tell->refused = (struct dp_msg_refused){.head = dp_link_message_head(DP_MSG_PERIOD_REFUSED),
						.group = group,
						.cp_number = cp_number,
						.error = error};
	tell->refused_due = true;
}

void dp_tell_moved(struct dp_tell *tell, const struct dp_msg_move *move, int error, const char *text)
{
	tell->moved = (struct dp_msg_move_result){.head = dp_link_message_head(DP_MSG_MOVE_RESULT),
						  .input = move->input,
						  .worker = move->worker,
						  .error = error};
	snprintf(tell->moved.text, sizeof(tell->moved.text), "%s", text);
	tell->moved_due = true;
}

bool dp_tell_answered(const struct dp_tell *tell)
{
	return !tell->welcome_due && !tell->result_due && !tell->refused_due && !tell->moved_due &&
	       tell->plant->controlled.refusals == 0;
}

static int send_welcome(struct dp_tell *tell)
{
	const struct dp_msg_welcome welcome = {.head = dp_link_message_head(DP_MSG_WELCOME),
					       .version = DP_MSG_VERSION,
					       .lineup = dp_plant_built(tell->plant),
					       .boot_id = tell->boot_id};

	return tell->send(tell->to, &welcome, sizeof(welcome));
}

static int send_group_state(struct dp_tell *tell, unsigned group)
{
	const struct dp_held *held = tell->plant->controlled.group[group].held;
	struct dp_msg_group_state *message = tell->secret;

	if (dp_group_free(&tell->plant->lineup.group[group]))
		return 0;
	dp_controlled_look(&tell->plant->controlled, group);
	if (!held->current.cws && !held->next.cws)
		return 0;
	message->head = dp_link_message_head(DP_MSG_GROUP_STATE);
	memcpy(message->name, tell->plant->lineup.group[group].name, sizeof(message->name));
	message->current = held->current;
	message->next = held->next;
	int rc = tell->send(tell->to, message, sizeof(*message));

	base_secret_scrub(message, sizeof(*message));
	return rc;
}

// What was refused was another controller's.
static void forget_refusals(struct dp_tell *tell)
{
	for (unsigned i = 0; i < tell->plant->lineup.groups; i++)
		tell->plant->controlled.group[i].refused = 0;
	tell->plant->controlled.refusals = 0;
}

// What is on its way to a worker is awaited first, and a change that another controller has begun: it comes back within
// milliseconds, as held or as refused.
static int greet(struct dp_tell *tell)
{
	unsigned groups = tell->plant->lineup.groups;
	int rc;

	if (!tell->welcome_due)
		return 0;
	if (tell->plant->controlled.in_flight || dp_plant_changing(tell->plant))
		return -EAGAIN;
	if (tell->group_states == 0) {
		rc = send_welcome(tell);
		if (rc)
			return rc;
		forget_refusals(tell);
		tell->group_states = 1;
	}
	for (; tell->group_states <= groups; tell->group_states++) {
		rc = send_group_state(tell, tell->group_states - 1);
		if (rc)
			return rc;
	}
	tell->welcome_due = false;
	return 0;
}

static int send_refusal(struct dp_tell *tell, unsigned group)
{
	struct dp_controlled_group *state = &tell->plant->controlled.group[group];
	const struct dp_msg_refused refused = {.head = dp_link_message_head(DP_MSG_PERIOD_REFUSED),
					       .group = tell->index.group[group],
					       .cp_number = state->refused_cp_number,
					       .error = state->refused};
	int rc = tell->send(tell->to, &refused, sizeof(refused));

	if (rc)
		return rc;
	state->refused = 0;
	tell->plant->controlled.refusals--;
	return 0;
}

static int answer(struct dp_tell *tell)
{
	int rc = 0;

	if (tell->result_due)
		rc = tell->send(tell->to, &tell->result, sizeof(tell->result));
	if (rc)
		return rc;
	tell->result_due = false;
	if (tell->refused_due)
		rc = tell->send(tell->to, &tell->refused, sizeof(tell->refused));
	if (rc)
		return rc;
	tell->refused_due = false;
	if (tell->moved_due)
		rc = tell->send(tell->to, &tell->moved, sizeof(tell->moved));
	if (rc)
		return rc;
	tell->moved_due = false;
	for (unsigned i = 0; i < tell->plant->lineup.groups && tell->plant->controlled.refusals && !rc; i++)
		if (tell->plant->controlled.group[i].refused)
			rc = send_refusal(tell, i);
	return rc;
}

static bool same_view(const struct dp_period_view *a, const struct dp_period_view *b)
{
	return a->running == b->running && a->have_next == b->have_next && a->next_ecm_on_air == b->next_ecm_on_air &&
	       a->ecm_on_air == b->ecm_on_air && a->extending == b->extending && a->on_wall == b->on_wall &&
	       a->cp_number == b->cp_number && a->next_cp_number == b->next_cp_number &&
	       a->started_27mhz == b->started_27mhz;
}

static int send_period_state(struct dp_tell *tell, unsigned group, const struct dp_period_view *view)
{
	const struct dp_msg_period_state state = {.head = dp_link_message_head(DP_MSG_PERIOD_STATE),
						  .group = tell->index.group[group],
						  .cp_number = view->cp_number,
						  .next_cp_number = view->next_cp_number,
						  .running = view->running,
						  .have_next = view->have_next,
						  .next_ecm_on_air = view->next_ecm_on_air,
						  .extending = view->extending,
						  .on_wall = view->on_wall,
						  .ecm_on_air = view->ecm_on_air,
						  .started_27mhz = view->started_27mhz,
						  .now_27mhz = view->now_27mhz};

	return tell->send(tell->to, &state, sizeof(state));
}

static int tell_periods(struct dp_tell *tell)
{
	for (unsigned i = 0; tell->indexed && i < tell->plant->lineup.groups; i++) {
		const struct dp_period_view *view = &tell->plant->controlled.group[i].view;
		struct dp_tell_group *group = &tell->group[i];

		// What is in no line-up of this connection, or has just gone.
		if (tell->index.group[i] == DP_MSG_NONE || dp_group_free(&tell->plant->lineup.group[i]))
			continue;
		if (group->told && same_view(&group->view, view))
			continue;
		int rc = send_period_state(tell, i, view);

		if (rc)
			return rc;
		*group = (struct dp_tell_group){true, *view};
	}
	return 0;
}

static int tell_alarms(struct dp_tell *tell)
{
	struct dp_alarms *alarms = &tell->plant->alarms;
	struct dp_alarm_news news;

	for (unsigned i = 0; i < ALARMS_AT_ONCE && dp_alarms_news(alarms, &news); i++) {
		struct dp_msg_alarm message = {.head = dp_link_message_head(DP_MSG_ALARM),
					       .raised = news.raised,
					       .severity = (uint8_t)news.severity,
					       .count = news.count};

		snprintf(message.name, sizeof(message.name), "%s", news.name);
		snprintf(message.object, sizeof(message.object), "%s", news.object);
		snprintf(message.text, sizeof(message.text), "%s", news.text);
		int rc = tell->send(tell->to, &message, sizeof(message));

		if (rc)
			return rc;
		dp_alarms_told(alarms, &news);
	}
	return 0;
}

int dp_tell_go_on(struct dp_tell *tell, uint64_t now_ms)
{
	int rc = greet(tell);

	if (!rc)
		rc = answer(tell);
	if (!rc)
		rc = tell_periods(tell);
	if (!rc)
		rc = tell_alarms(tell);
	if (!rc)
		rc = dp_tell_psi(tell);
	int report = dp_tell_report(tell, now_ms);

	rc = rc ? rc : report;
	return rc == -EAGAIN ? 0 : rc;
}

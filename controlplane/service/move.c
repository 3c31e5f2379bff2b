// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/move.h"

#include <errno.h>
#include <string.h>

#include <base_log.h>

#include "service/control.h"

void cp_move_init(struct cp_move *move, struct cp_control *control)
{
	*move = (struct cp_move){.control = control};
}

static json_t *refusal(const char *why)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

static unsigned find_input(const struct cp_conf *conf, const char *name)
{
	unsigned place = 0;

	while (place < conf->inputs && strcmp(conf->input[place].name, name) != 0)
		place++;
	return place;
}

json_t *cp_move_ask(struct cp_move *move, const char *input, json_int_t worker)
{
	struct cp_control *control = move->control;
	unsigned place = find_input(control->conf, input);

	if (place == control->conf->inputs)
		return refusal("no input has this name");
	if (worker < 0 || worker >= UINT16_MAX)
		return refusal("workers are counted from 0");
	if (move->asked)
		return refusal("another input is on its way; ask again");
	const struct dp_msg_move msg = {
		.head = {.type = DP_MSG_MOVE, .bytes = sizeof(msg)},
		.input = (uint16_t)place,
		.worker = (uint16_t)worker,
		.lineup = cp_dplink_serial(control->link),
	};
	int rc = cp_dplink_send(control->link, &msg);

	if (rc)
		return refusal(rc == -EAGAIN ? "the dataplane has no room for another message now; ask again"
					     : "the dataplane is not there");
	move->asked = true;
	move->ticket = cp_oplink_later(control->oplink);
	return NULL;
}

static void answer(struct cp_move *move, json_t *document)
{
	move->asked = false;
	cp_oplink_say(move->control->oplink, move->ticket, document);
}

void cp_move_result(struct cp_move *move, const struct dp_msg_move_result *msg)
{
	const char *why = msg->text[0] ? msg->text : strerror(-msg->error);

	if (!move->asked)
		return;
	if (msg->error)
		base_log(BASE_LOG_WARNING, "dplink", "input not moved worker=%u why=\"%s\"", msg->worker, why);
	else
		base_log(BASE_LOG_INFO, "dplink", "input moved place=%u worker=%u", msg->input, msg->worker);
	answer(move, msg->error ? refusal(why) : json_pack("{s:b, s:i}", "ok", 1, "worker", (int)msg->worker));
}

void cp_move_lost(struct cp_move *move)
{
	if (move->asked)
		answer(move, refusal("the dataplane was lost on the way"));
}

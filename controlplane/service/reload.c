// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <base_check.h>
#include <base_log.h>

#include "service/control.h"
#include "service/walltime.h"

static const char object[] = "configuration"; // of the alarm

// An operator waits so long for the dataplane.
enum { PATIENCE_MS = 8000 };

static void begin(struct cp_reload *reload);

static void free_candidate(struct cp_reload *reload)
{
	if (reload->candidate)
		cp_conf_fini(reload->candidate);
	free(reload->candidate);
	free(reload->errs);
	reload->candidate = NULL;
	reload->errs = NULL;
}

static void notify(const struct cp_reload *reload, const char *states)
{
	if (reload->notify)
		reload->notify(states);
}

static void notify_reloading(const struct cp_reload *reload)
{
	char states[96];
	struct timespec now;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	snprintf(states, sizeof(states), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
	notify(reload, states);
}

static json_t *refusal(const char *why)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

// The reload is over, one way or the other, and the next may begin.
static void finish(struct cp_reload *reload, json_t *answer)
{
	free_candidate(reload);
	json_decref(reload->difference);
	reload->difference = NULL;
	reload->state = CP_RELOAD_IDLE;
	uv_timer_stop(&reload->patience);
	cp_oplink_say(reload->control->oplink, reload->ticket, answer);
	reload->ticket = (struct cp_oplink_ticket){0};
	notify(reload, "READY=1");
	if (reload->again)
		begin(reload);
}

static void refuse(struct cp_reload *reload, const char *why, json_t *answer)
{
	base_log(BASE_LOG_ERROR, "config", "document refused, the one before holds why=\"%s\"", why);
	if (!reload->check)
		cp_alarm_raise(&reload->control->alarms, CP_ALARM_CONFIG_REFUSED, object);
	finish(reload, answer);
}

static void refuse_mistakes(struct cp_reload *reload)
{
	const struct base_errs *errs = reload->errs;
	json_t *list = json_array();
	char why[64];

	for (size_t i = 0; i < errs->count; i++) {
		base_log(BASE_LOG_ERROR, "config", "mistake at=\"%s\"", errs->text[i]);
		json_array_append_new(list, json_string(errs->text[i]));
	}
	snprintf(why, sizeof(why), "the document has %zu mistakes", errs->count + errs->lost);
	refuse(reload, why, json_pack("{s:b, s:s, s:o}", "ok", 0, "error", why, "errors", list));
}

// {"ok": true, "state": ..} and what differs.
static json_t *success(const struct cp_reload *reload, const char *state)
{
	json_t *answer = json_pack("{s:b, s:s}", "ok", 1, "state", state);

	json_object_update(answer, reload->difference);
	return answer;
}

static void log_difference(const struct cp_reload *reload, const char *state)
{
	char *text = json_dumps(reload->difference, JSON_COMPACT);

	base_log(BASE_LOG_INFO, "config", "document read anew state=%s difference=%s", state, text ? text : "");
	free(text);
}

static void succeed(struct cp_reload *reload, const char *state)
{
	log_difference(reload, state);
	if (!reload->check)
		cp_alarm_clear(&reload->control->alarms, CP_ALARM_CONFIG_REFUSED, object);
	finish(reload, success(reload, state));
}

static void apply(struct cp_reload *reload);

void cp_reload_taken(struct cp_reload *reload)
{
	if (reload->state == CP_RELOAD_WAITING) {
		apply(reload);
	} else if (reload->state == CP_RELOAD_ASKING) {
		reload->loaded = cp_walltime_s();
		succeed(reload, "on_air");
	}
}

// The one that holds is on its way to the dataplane again: who waits goes on after that.
void cp_reload_refused(struct cp_reload *reload, const char *why)
{
	if (reload->state == CP_RELOAD_WAITING && !reload->control->lining_up)
		apply(reload);
	else if (reload->state == CP_RELOAD_ASKING)
		refuse(reload, why,
		       json_pack("{s:b, s:s, s:[s]}", "ok", 0, "error", "the dataplane refuses the document", "errors",
				 why));
}

void cp_reload_kept(struct cp_reload *reload)
{
	if (reload->state == CP_RELOAD_WAITING)
		apply(reload);
	else if (reload->state == CP_RELOAD_ASKING)
		succeed(reload, "kept");
}

static void on_patience(uv_timer_t *timer)
{
	struct cp_reload *reload = timer->data;

	cp_oplink_say(reload->control->oplink, reload->ticket, success(reload, "sent"));
	reload->ticket = (struct cp_oplink_ticket){0};
}

// The document is good: what distinguishes it is brought on air.
static void apply(struct cp_reload *reload)
{
	struct cp_control *control = reload->control;
	const struct cp_conf *holds = control->next ? control->next : control->conf;

	if (control->lining_up) {
		reload->state = CP_RELOAD_WAITING;
		return;
	}
	struct cp_difference *difference = malloc(sizeof(*difference));

	if (!difference) {
		refuse(reload, "no memory", refusal("no memory"));
		return;
	}
	cp_difference_find(difference, holds, reload->candidate);
	bool none = cp_difference_none(difference);

	reload->difference = cp_difference_json(difference, holds, reload->candidate);
	free(difference);
	if (none || reload->check) {
		succeed(reload, none ? "unchanged" : "checked");
		return;
	}
	struct cp_conf *next = reload->candidate;

	reload->candidate = NULL;
	reload->state = CP_RELOAD_ASKING;
	uv_timer_start(&reload->patience, on_patience, PATIENCE_MS, 0);
	cp_control_change(control, next);
}

static void read_document(uv_work_t *work)
{
	struct cp_reload *reload = work->data;

	cp_conf_load(reload->candidate, reload->path, reload->errs);
}

static void on_read(uv_work_t *work, int status)
{
	struct cp_reload *reload = work->data;

	(void)status;
	if (!reload->control->link) { // the process ends
		reload->again = false;
		finish(reload, refusal("the process ends"));
		return;
	}
	if (base_errs_none(reload->errs))
		cp_conf_check_fixed(reload->candidate, reload->control->conf, reload->errs);
	if (base_errs_none(reload->errs))
		apply(reload);
	else
		refuse_mistakes(reload);
}

static void begin(struct cp_reload *reload)
{
	reload->again = false;
	reload->state = CP_RELOAD_READING;
	notify_reloading(reload);
	reload->candidate = calloc(1, sizeof(*reload->candidate));
	reload->errs = calloc(1, sizeof(*reload->errs));
	if (!reload->candidate || !reload->errs) {
		refuse(reload, "no memory", refusal("no memory"));
		return;
	}
	base_errs_init(reload->errs);
	reload->work.data = reload;
	CHECK(uv_queue_work(reload->control->loop, &reload->work, read_document, on_read) == 0);
}

void cp_reload_signal(struct cp_reload *reload)
{
	if (reload->state != CP_RELOAD_IDLE) {
		reload->again = true;
		return;
	}
	reload->check = false;
	begin(reload);
}

json_t *cp_reload_ask(struct cp_reload *reload, bool check)
{
	if (!reload->path)
		return refusal("there is no document to read");
	if (reload->state != CP_RELOAD_IDLE)
		return refusal("another document is being read; ask again");
	reload->check = check;
	reload->ticket = cp_oplink_later(reload->control->oplink);
	begin(reload);
	return NULL;
}

void cp_reload_init(struct cp_reload *reload, struct cp_control *control)
{
	*reload = (struct cp_reload){.control = control, .loaded = cp_walltime_s()};
	uv_timer_init(control->loop, &reload->patience);
	reload->patience.data = reload;
}

void cp_reload_close(struct cp_reload *reload)
{
	uv_close((uv_handle_t *)&reload->patience, NULL);
}

void cp_reload_fini(struct cp_reload *reload)
{
	free_candidate(reload);
	json_decref(reload->difference);
}

json_t *cp_reload_json(const struct cp_reload *reload)
{
	const struct cp_control *control = reload->control;
	const char *state = !control->next ? "on_air" : control->dataplane.connected ? "sent" : "kept";

	return json_pack("{s:s, s:f, s:s}", "state", state, "loaded", reload->loaded, "refused", control->refused);
}

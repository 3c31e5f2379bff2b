// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/change.h"

#include <stdlib.h>
#include <string.h>

#include <base_log.h>

#include "service/listen.h"

static const char dataplane[] = "dataplane"; // the object of its alarm

static void give(struct cp_control *control, const struct cp_conf *conf)
{
	control->given = conf;
	control->lining_up = control->dataplane.connected;
	cp_dplink_lineup(control->link, conf);
}

static void free_conf(struct cp_conf *conf)
{
	if (conf)
		cp_conf_fini(conf);
	free(conf);
}

static void drop_next(struct cp_control *control)
{
	cp_scs_drop(&control->change);
	free_conf(control->next);
	control->next = NULL;
}

static bool has_pid(const struct cp_conf *conf, uint16_t pid)
{
	for (unsigned i = 0; i < conf->groups; i++)
		if (conf->group[i].cas.ecm_pid == pid)
			return true;
	for (unsigned i = 0; i < conf->emms; i++)
		if (conf->emm[i].pid == pid)
			return true;
	return false;
}

// An ECM that goes to another PID stays on the one before as well until a crypto-period is on air with both, unless
// something else wants that PID now.
static void leave_pids(struct cp_conf *next, const struct cp_conf *conf, const struct cp_difference_list *groups)
{
	for (unsigned i = 0; i < next->groups; i++) {
		if (groups->before[i] == CP_DIFFERENCE_NEW)
			continue;
		const struct cp_conf_cas *was = &conf->group[groups->before[i]].cas;
		uint16_t pid = was->leaving_pid ? was->leaving_pid : was->ecm_pid;

		if (pid != next->group[i].cas.ecm_pid && !has_pid(next, pid))
			next->group[i].cas.leaving_pid = pid;
	}
}

static unsigned count_moving(const struct cp_conf *conf)
{
	unsigned n = 0;

	for (unsigned i = 0; i < conf->groups; i++)
		n += conf->group[i].cas.leaving_pid != 0;
	return n;
}

// Takes the PIDs that no receiver needs any more out of the line-up.
void cp_change_end_moves(struct cp_control *control)
{
	bool ended = false;

	if (!control->moving || control->lining_up || !control->dataplane.taken || control->next)
		return;
	for (unsigned i = 0; i < control->scs.groups; i++) {
		struct cp_conf_cas *cas = &control->own->group[i].cas;

		if (!cas->leaving_pid || !cp_group_moved(control->scs.group[i]))
			continue;
		cas->leaving_pid = 0;
		ended = true;
	}
	control->moving = count_moving(control->own);
	if (ended)
		give(control, control->conf);
}

void cp_control_change(struct cp_control *control, struct cp_conf *next)
{
	drop_next(control);
	control->refused[0] = '\0';
	if (cp_scs_prepare(&control->scs, &control->change, next)) {
		free_conf(next);
		give(control, control->conf);
		cp_reload_refused(&control->reload, "no memory for its groups and ECMGs");
		return;
	}
	leave_pids(next, control->conf, &control->change.difference->list[CP_GROUPS]);
	control->next = next;
	give(control, next);
	if (!control->lining_up)
		cp_reload_kept(&control->reload);
}

// The dataplane has the line-up of `next`: so have all others now.
static void take_next(struct cp_control *control)
{
	struct cp_conf *now = control->next, *before = control->own;

	cp_listen_change(control, now);
	cp_emm_feed_change(&control->feed, &control->change.difference->list[CP_EMM_STREAMS]);
	cp_scs_take(&control->scs, &control->change);
	control->conf = control->own = now;
	control->moving = count_moving(now);
	control->next = NULL;
	free_conf(before);
}

// What was given last is not taken. The one that holds is given again, so that its indexes are those of the newest
// line-up; when that is the one that was refused, nothing can be given.
static void refuse(struct cp_control *control, int error, const char *text)
{
	bool holds = control->given == control->conf;

	base_log(BASE_LOG_ERROR, "dplink", "line-up refused error=\"%s\" text=\"%s\"", strerror(-error), text);
	if (holds) {
		control->dataplane.taken = false;
		memcpy(control->dataplane.error, text, strlen(text) + 1);
		cp_alarm_raise(&control->alarms, CP_ALARM_LINEUP_REFUSED, dataplane);
		cp_scs_lineup_refused(&control->scs);
	} else {
		memcpy(control->refused, text, strlen(text) + 1);
		give(control, control->conf);
		drop_next(control);
	}
	cp_reload_refused(&control->reload, text);
}

void cp_change_answered(struct cp_control *control, int error, const char *text)
{
	control->lining_up = false;
	control->dataplane.asked = true;
	if (error) {
		refuse(control, error, text);
		return;
	}
	if (control->given == control->next)
		take_next(control);
	control->dataplane.taken = true;
	control->dataplane.error[0] = '\0';
	base_log(BASE_LOG_INFO, "dplink", "line-up taken services=%u groups=%u", control->conf->services,
		 control->conf->groups);
	cp_alarm_clear(&control->alarms, CP_ALARM_LINEUP_REFUSED, dataplane);
	cp_scs_ready(&control->scs);
	cp_reload_taken(&control->reload);
}

void cp_change_fini(struct cp_control *control)
{
	drop_next(control);
	free_conf(control->own);
}

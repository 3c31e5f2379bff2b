// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_log.h>

#include "service/change.h"
#include "service/listen.h"
#include "service/walltime.h"

static const char whole[] = "dataplane"; // the object of alarms about all of it

static void on_welcome(void *owner, const struct dp_msg_welcome *msg)
{
	struct cp_control *control = owner;

	base_log(BASE_LOG_INFO, "dplink", "dataplane connected boot_id=%016llx lineup=%u",
		 (unsigned long long)msg->boot_id, msg->lineup);
	control->dataplane.connected = true;
	control->lining_up = true;
	control->dataplane.since = cp_walltime_s();
	control->dataplane.error[0] = '\0';
	cp_alarm_clear(&control->alarms, CP_ALARM_DATAPLANE_LOST, whole);
	cp_scs_welcome(&control->scs);
}

static void on_group_state(void *owner, const struct dp_msg_group_state *msg)
{
	struct cp_control *control = owner;

	cp_scs_held(&control->scs, msg);
}

static void on_lineup(void *owner, int error, const char *text)
{
	cp_change_answered(owner, error, text);
}

static void on_moved(void *owner, const struct dp_msg_move_result *msg)
{
	struct cp_control *control = owner;

	cp_move_result(&control->move, msg);
}

static void on_period_state(void *owner, const struct dp_msg_period_state *msg)
{
	struct cp_control *control = owner;

	cp_scs_state(&control->scs, msg);
	cp_change_end_moves(control);
}

static void on_refused(void *owner, const struct dp_msg_refused *msg)
{
	struct cp_control *control = owner;

	cp_scs_refused(&control->scs, msg);
}

static void on_alarm(void *owner, const struct dp_msg_alarm *msg)
{
	struct cp_control *control = owner;

	cp_alarms_take(&control->alarms, msg);
}

// The streams of a service are in the statistics; that a table changed is for the log.
static void on_psi(void *owner, const struct dp_msg_input_psi *msg)
{
	struct cp_control *control = owner;

	if (msg->input < control->conf->inputs)
		base_log(BASE_LOG_DEBUG, "dplink", "table of an input changed input=\"%s\" pid=%u bytes=%u",
			 control->conf->input[msg->input].name, msg->pid, msg->bytes);
}

// It is parsed when somebody asks: an operator's document does not hold the SCS up.
static void on_report(void *owner, const char *text, size_t n)
{
	struct cp_control *control = owner;
	char *copy = malloc(n);

	if (!copy)
		return;
	memcpy(copy, text, n);
	free(control->dataplane.text);
	control->dataplane.text = copy;
	control->dataplane.text_bytes = n;
	control->dataplane.report_ns = uv_hrtime();
}

// Crypto-periods first.
static void on_writable(void *owner)
{
	struct cp_control *control = owner;

	cp_scs_writable(&control->scs);
	cp_emm_feed_push(&control->feed);
}

static void forget_report(struct cp_control *control)
{
	free(control->dataplane.text);
	json_decref(control->dataplane.report);
	control->dataplane.text = NULL;
	control->dataplane.report = NULL;
	cp_alarms_take_all(&control->alarms, NULL);
}

static void on_lost(void *owner, const char *why)
{
	struct cp_control *control = owner;
	struct cp_dataplane_view *view = &control->dataplane;

	if (view->connected || strncmp(view->error, why, sizeof(view->error) - 1) != 0)
		base_log(BASE_LOG_WARNING, "dplink", "no dataplane why=\"%s\"", why);
	if (view->connected)
		view->since = cp_walltime_s();
	view->connected = view->asked = view->taken = false;
	strncpy(view->error, why, sizeof(view->error) - 1);
	cp_alarm_raise(&control->alarms, CP_ALARM_DATAPLANE_LOST, whole);
	forget_report(control);
	control->lining_up = false;
	cp_emm_feed_drop(&control->feed);
	cp_scs_lost(&control->scs);
	cp_move_lost(&control->move);
	cp_reload_kept(&control->reload);
}

static void on_fenced(void *owner, const struct dp_msg_bye *msg)
{
	struct cp_control *control = owner;

	base_log(BASE_LOG_ERROR, "main",
		 "a newer controller is obeyed, this one ends name=\"%s\" pid=%d epoch=%llu reason=%s", msg->name,
		 msg->pid, (unsigned long long)msg->epoch,
		 msg->reason == DP_MSG_BYE_SUPERSEDED ? "superseded" : "older");
	control->fenced = true;
	cp_scs_lost(&control->scs);
	uv_stop(control->loop);
}

static const struct cp_dplink_ops link_ops = {
	.on_welcome = on_welcome,
	.on_group_state = on_group_state,
	.on_lineup = on_lineup,
	.on_moved = on_moved,
	.on_period_state = on_period_state,
	.on_refused = on_refused,
	.on_alarm = on_alarm,
	.on_psi = on_psi,
	.on_report = on_report,
	.on_writable = on_writable,
	.on_lost = on_lost,
	.on_fenced = on_fenced,
};

int cp_control_open(struct cp_control *control, uv_loop_t *loop, const struct cp_conf *conf, const char *version,
		    uint64_t epoch)
{
	*control = (struct cp_control){
		.loop = loop, .conf = conf, .given = conf, .version = version, .started = cp_walltime_s()};
	control->dataplane.since = control->started;
	uv_timer_init(loop, &control->listening);
	control->listening.data = control;
	cp_reload_init(&control->reload, control);
	cp_move_init(&control->move, control);
	int rc = cp_scs_init(&control->scs, loop, &control->alarms);

	if (!rc)
		rc = cp_scs_prepare(&control->scs, &control->change, conf);
	if (!rc)
		rc = cp_emm_feed_init(&control->feed);
	if (!rc)
		rc = cp_dplink_open(&control->link, loop, conf, epoch, &link_ops, control);
	if (rc) {
		base_log(BASE_LOG_ERROR, "main", "memory cannot be had or locked (ulimit -l) error=\"%s\"",
			 strerror(-rc));
		return rc;
	}
	control->feed.link = control->scs.link = control->link;
	cp_scs_take(&control->scs, &control->change);
	return cp_listen_begin(control);
}

void cp_control_close(struct cp_control *control)
{
	uv_close((uv_handle_t *)&control->listening, NULL);
	cp_reload_close(&control->reload);
	cp_oplink_close(control->oplink);
	control->oplink = NULL;
	if (control->mux)
		cp_mux_close(control->mux);
	control->mux = NULL;
	cp_scs_close(&control->scs);
	cp_dplink_close(control->link);
	control->link = control->feed.link = NULL;
}

void cp_control_fini(struct cp_control *control)
{
	cp_change_fini(control);
	cp_scs_fini(&control->scs);
	cp_reload_fini(&control->reload);
	cp_emm_feed_fini(&control->feed);
	forget_report(control);
	cp_alarms_fini(&control->alarms);
}

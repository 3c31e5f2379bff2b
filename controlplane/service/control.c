// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_log.h>

#include "service/walltime.h"

static const char whole[] = "dataplane"; // the object of alarms about all of it

enum { LISTEN_AGAIN_MS = 200 };

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
static void end_moves(struct cp_control *control)
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

static void change_mux(struct cp_control *control, const struct cp_conf *now);

// The dataplane has the line-up of `next`: so have all others now.
static void take_next(struct cp_control *control)
{
	struct cp_conf *now = control->next, *before = control->own;

	change_mux(control, now);
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
		cp_alarm_raise(&control->alarms, CP_ALARM_LINEUP_REFUSED, whole);
		cp_scs_lineup_refused(&control->scs);
	} else {
		memcpy(control->refused, text, strlen(text) + 1);
		give(control, control->conf);
		drop_next(control);
	}
	cp_reload_refused(&control->reload, text);
}

static void on_lineup(void *owner, int error, const char *text)
{
	struct cp_control *control = owner;

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
	cp_alarm_clear(&control->alarms, CP_ALARM_LINEUP_REFUSED, whole);
	cp_scs_ready(&control->scs);
	cp_reload_taken(&control->reload);
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
	end_moves(control);
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

static void on_emm(void *context, unsigned stream, const uint8_t (*packets)[TS_PACKET_BYTES], unsigned n)
{
	struct cp_control *control = context;

	cp_emm_feed_put(&control->feed, stream, packets, n);
}

static json_t *on_request(void *context, const json_t *request)
{
	return cp_operator_answer(context, request);
}

static size_t mux_streams(struct cp_mux_stream_conf streams[CP_MUX_STREAMS_MAX], const struct cp_conf *conf)
{
	for (unsigned i = 0; i < conf->emms; i++)
		streams[i] = (struct cp_mux_stream_conf){
			.name = conf->emm[i].name,
			.client_id = conf->emm[i].client_id,
			.data_id = conf->emm[i].data_id,
			.bandwidth_kbps = conf->emm[i].bandwidth_kbps,
		};
	return conf->emms;
}

static int open_mux(struct cp_control *control)
{
	const struct cp_conf *conf = control->conf;
	struct cp_mux_stream_conf streams[CP_MUX_STREAMS_MAX];
	const struct cp_mux_conf mux = {
		.address = conf->mux_address,
		.tcp_port = conf->mux_tcp_port,
		.streams = streams,
		.streams_n = mux_streams(streams, conf),
	};

	return cp_mux_open(&control->mux, control->loop, &mux, on_emm, control);
}

// A place to listen at that the controller before has not let go of yet is no reason not to start: it is only when this
// one is heard of by the dataplane that the other ends.
static int note_listening(struct cp_control *control, const char *object, int rc)
{
	if (rc == -EADDRINUSE) {
		cp_alarm_raise(&control->alarms, CP_ALARM_NOT_LISTENING, object);
		return 1;
	}
	if (rc)
		base_log(BASE_LOG_ERROR, "main", "cannot listen for=%s error=\"%s\"", object, strerror(-rc));
	else
		cp_alarm_clear(&control->alarms, CP_ALARM_NOT_LISTENING, object);
	return rc;
}

// Listens for EMMGs and for bulkhead-api. 0; 1 when it has to be tried again; -errno.
static int listen_for_others(struct cp_control *control)
{
	const struct cp_conf *conf = control->conf;
	int mux = 0, operator= 0;

	if (conf->mux && !control->mux)
		mux = note_listening(control, "mux", open_mux(control));
	if (conf->operator_socket[0] && !control->oplink)
		operator= note_listening(control, "operator",
					 cp_oplink_open(&control->oplink, control->loop, conf->operator_socket,
							on_request, control));
	if (mux < 0 || operator<0)
		return mux < 0 ? mux : operator;
	return mux || operator;
}

// What fails for another reason now stays an alarm: the crypto-periods must go on.
static void on_listen_again(uv_timer_t *timer)
{
	if (listen_for_others(timer->data))
		uv_timer_start(timer, on_listen_again, LISTEN_AGAIN_MS, 0);
}

// A MUX that stays at its place goes on with its connections; one that does not is listened for again.
static void change_mux(struct cp_control *control, const struct cp_conf *now)
{
	const struct cp_difference_list *list = &control->change.difference->list[CP_MUXES];
	bool stays = now->mux && list->before[0] != CP_DIFFERENCE_NEW && !list->changed[0];
	struct cp_mux_stream_conf streams[CP_MUX_STREAMS_MAX];

	if (stays && control->mux) {
		cp_mux_change(control->mux, streams, mux_streams(streams, now));
		return;
	}
	if (control->mux)
		cp_mux_close(control->mux);
	control->mux = NULL;
	cp_alarm_clear(&control->alarms, CP_ALARM_NOT_LISTENING, "mux");
	uv_timer_start(&control->listening, on_listen_again, 0, 0);
}

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
	rc = listen_for_others(control);
	if (rc < 0)
		return rc;
	if (rc)
		uv_timer_start(&control->listening, on_listen_again, LISTEN_AGAIN_MS, 0);
	cp_scs_take(&control->scs, &control->change);
	return 0;
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
	drop_next(control);
	cp_scs_fini(&control->scs);
	cp_reload_fini(&control->reload);
	free_conf(control->own);
	cp_emm_feed_fini(&control->feed);
	forget_report(control);
	cp_alarms_fini(&control->alarms);
}

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
	struct cp_control *control = owner;

	control->dataplane.asked = true;
	control->dataplane.taken = !error;
	if (error) {
		base_log(BASE_LOG_ERROR, "dplink", "line-up refused error=\"%s\" text=\"%s\"", strerror(-error), text);
		memcpy(control->dataplane.error, text, strlen(text) + 1);
		cp_alarm_raise(&control->alarms, CP_ALARM_LINEUP_REFUSED, whole);
		cp_scs_lineup_refused(&control->scs);
		return;
	}
	base_log(BASE_LOG_INFO, "dplink", "line-up taken services=%u groups=%u", control->conf->services,
		 control->conf->groups);
	cp_alarm_clear(&control->alarms, CP_ALARM_LINEUP_REFUSED, whole);
	cp_scs_ready(&control->scs);
}

static void on_period_state(void *owner, const struct dp_msg_period_state *msg)
{
	struct cp_control *control = owner;

	cp_scs_state(&control->scs, msg);
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
	cp_emm_feed_drop(&control->feed);
	cp_scs_lost(&control->scs);
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
	const char *what = json_string_value(json_object_get(request, "get"));

	return what && strcmp(what, "status") == 0 ? cp_status(context) : NULL;
}

static int open_mux(struct cp_control *control)
{
	const struct cp_conf *conf = control->conf;
	const struct cp_mux_conf mux = {
		.address = conf->mux_address,
		.tcp_port = conf->mux_tcp_port,
		.streams = control->mux_stream,
		.streams_n = conf->emms,
	};

	for (unsigned i = 0; i < conf->emms; i++)
		control->mux_stream[i] = (struct cp_mux_stream_conf){
			.name = conf->emm[i].name,
			.client_id = conf->emm[i].client_id,
			.data_id = conf->emm[i].data_id,
			.bandwidth_kbps = conf->emm[i].bandwidth_kbps,
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

int cp_control_open(struct cp_control *control, uv_loop_t *loop, const struct cp_conf *conf, const char *version,
		    uint64_t epoch)
{
	*control = (struct cp_control){.loop = loop, .conf = conf, .version = version, .started = cp_walltime_s()};
	control->dataplane.since = control->started;
	uv_timer_init(loop, &control->listening);
	control->listening.data = control;
	int rc = cp_scs_init(&control->scs, loop, conf, &control->alarms);

	if (!rc)
		rc = cp_emm_feed_init(&control->feed);
	if (!rc)
		rc = cp_dplink_open(&control->link, loop, conf, epoch, &link_ops, control);
	if (rc) {
		base_log(BASE_LOG_ERROR, "main", "memory cannot be had or locked (ulimit -l) error=\"%s\"",
			 strerror(-rc));
		return rc;
	}
	control->feed.link = control->link;
	rc = listen_for_others(control);
	if (rc < 0)
		return rc;
	if (rc)
		uv_timer_start(&control->listening, on_listen_again, LISTEN_AGAIN_MS, 0);
	cp_scs_start(&control->scs, control->link);
	return 0;
}

void cp_control_close(struct cp_control *control)
{
	uv_close((uv_handle_t *)&control->listening, NULL);
	cp_oplink_close(control->oplink);
	if (control->mux)
		cp_mux_close(control->mux);
	control->mux = NULL;
	cp_scs_close(&control->scs);
	cp_dplink_close(control->link);
	control->link = control->feed.link = NULL;
}

void cp_control_fini(struct cp_control *control)
{
	cp_scs_fini(&control->scs);
	cp_emm_feed_fini(&control->feed);
	forget_report(control);
	cp_alarms_fini(&control->alarms);
}

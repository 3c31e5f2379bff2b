// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/listen.h"

#include <errno.h>
#include <string.h>

#include <base_log.h>

enum { LISTEN_AGAIN_MS = 200 };

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
void cp_listen_change(struct cp_control *control, const struct cp_conf *now)
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

int cp_listen_begin(struct cp_control *control)
{
	int rc = listen_for_others(control);

	if (rc > 0)
		uv_timer_start(&control->listening, on_listen_again, LISTEN_AGAIN_MS, 0);
	return rc < 0 ? rc : 0;
}

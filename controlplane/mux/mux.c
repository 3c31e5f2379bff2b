// SPDX-License-Identifier: GPL-3.0-or-later
// The life of the MUX.
#include "mux/mux.h"

#include <errno.h>
#include <stdlib.h>

#include <base_check.h>

#include "mux/inside.h"

#define TICK_MS 1000

uint64_t mux_now_ms(const struct cp_mux *mux)
{
	return uv_now(mux->loop) + 1;
}

struct mux_client *mux_client_find(struct cp_mux *mux, uint32_t client_id)
{
	for (size_t i = 0; i < mux->clients_n; i++)
		if (mux->clients[i].client_id == client_id)
			return &mux->clients[i];
	return NULL;
}

static const struct cp_wire_ops *on_accepted(void *context, struct cp_wire *wire, void **owner,
					     struct cp_wire_counts **counts)
{
	struct mux_session *session = mux_session_new(context, wire);

	if (!session)
		return NULL;
	*owner = session;
	*counts = &session->counts;
	return &mux_session_ops;
}

static void on_tick(uv_timer_t *timer)
{
	struct cp_mux *mux = timer->data;

	for (struct mux_session *session = mux->sessions; session; session = session->next)
		mux_session_tick(session);
}

void mux_free_when_done(struct cp_mux *mux)
{
	if (mux->handles == 0 && !mux->sessions)
		free(mux);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct cp_mux *mux = handle->data;

	mux->handles--;
	mux_free_when_done(mux);
}

void mux_list(struct cp_mux *mux, const struct cp_mux_stream_conf *streams, size_t streams_n)
{
	CHECK(streams_n <= CP_MUX_STREAMS_MAX);
	mux->streams_n = mux->clients_n = 0;
	for (size_t i = 0; i < streams_n; i++) {
		uint32_t client_id = streams[i].client_id;
		struct mux_client *client = mux_client_find(mux, client_id);

		if (!client) {
			client = &mux->clients[mux->clients_n++];
			*client = (struct mux_client){.client_id = client_id};
		}
		mux->streams[mux->streams_n++] = (struct mux_stream){.conf = streams[i], .client = client};
	}
}

int cp_mux_open(struct cp_mux **out, uv_loop_t *loop, const struct cp_mux_conf *conf, cp_mux_emm *emm, void *context)
{
	struct cp_mux *mux = calloc(1, sizeof(*mux));
	int rc;

	if (!mux)
		return -ENOMEM;
	mux->loop = loop;
	mux->emm = emm;
	mux->context = context;
	mux_list(mux, conf->streams, conf->streams_n);
	rc = uv_udp_init(loop, &mux->udp);
	if (rc < 0) {
		free(mux);
		return rc;
	}
	uv_timer_init(loop, &mux->tick); // cannot fail
	mux->handles = 2;
	mux->udp.data = mux->tick.data = mux;
	rc = cp_wire_listen(&mux->listener, loop, conf->address, conf->tcp_port, SIM_EMMG_MUX, on_accepted, mux);
	if (rc < 0)
		goto no_port;
	rc = mux_udp_open(mux, conf->address, cp_wire_listener_port(mux->listener));
	if (rc < 0)
		goto no_port;
	uv_timer_start(&mux->tick, on_tick, TICK_MS, TICK_MS);
	*out = mux;
	return 0;

no_port:
	cp_mux_close(mux); // frees it when its handles have closed
	return rc;
}

void cp_mux_close(struct cp_mux *mux)
{
	if (mux->listener)
		cp_wire_listener_close(mux->listener);
	mux->listener = NULL;
	uv_close((uv_handle_t *)&mux->udp, on_handle_closed);
	uv_close((uv_handle_t *)&mux->tick, on_handle_closed);
	for (struct mux_session *session = mux->sessions; session; session = session->next)
		cp_wire_close(session->wire, "the MUX ends");
}

uint16_t cp_mux_port(const struct cp_mux *mux)
{
	return cp_wire_listener_port(mux->listener);
}

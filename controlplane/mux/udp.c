// SPDX-License-Identifier: GPL-3.0-or-later
// Data over UDP: one data_provision in a datagram, for a stream that its client has opened over TCP.
//
// Nothing is answered. A datagram comes from the host that has the channel: nobody else fills its bandwidth.
#include <inttypes.h>
#include <string.h>

#include <base_log.h>

#include "mux/inside.h"

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cp_mux *mux = handle->data;

	(void)suggested;
	*buf = uv_buf_init((char *)mux->received, sizeof(mux->received));
}

static bool same_host(const struct mux_session *session, const struct sockaddr *from)
{
	const char *peer = cp_wire_peer(session->wire);
	char host[INET6_ADDRSTRLEN] = "";
	size_t n;

	peer += *peer == '[';
	if (uv_ip_name(from, host, sizeof(host)) < 0)
		return false;
	n = strlen(host);
	return strncmp(peer, host, n) == 0 && (peer[n] == ':' || peer[n] == ']');
}

static struct mux_stream *find_open(struct cp_mux *mux, const struct sim_msg *msg)
{
	for (size_t i = 0; i < mux->streams_n; i++) {
		struct mux_stream *stream = &mux->streams[i];

		if (stream->open && stream->conf.client_id == sim_get(msg, SIM_P_CLIENT_ID, 0) &&
		    stream->conf.data_id == sim_get(msg, SIM_P_DATA_ID, 0))
			return stream;
	}
	return NULL;
}

// Logged ever more rarely: anybody can send.
static void count_stray(struct cp_mux *mux)
{
	mux->strays++;
	if ((mux->strays & (mux->strays - 1)) == 0)
		base_log(BASE_LOG_WARNING, "mux", "datagrams over UDP for no open stream count=%" PRIu64, mux->strays);
}

static void take(struct cp_mux *mux, size_t n, const struct sockaddr *from)
{
	struct mux_stream *stream;
	struct sim_error error;
	struct sim_msg msg;

	if (sim_decode(&msg, SIM_EMMG_MUX, mux->received, n, &error) < 0 || msg.type != SIM_MUX_DATA_PROVISION) {
		count_stray(mux);
		return;
	}
	stream = find_open(mux, &msg);
	if (!stream || !same_host(stream->client->session, from)) {
		count_stray(mux);
		return;
	}
	stream->client->counts.received[sim_type_index(msg.type)]++;
	(void)mux_stream_data(mux, stream, &msg, &error); // counted; over UDP nobody hears an error
}

static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf, const struct sockaddr *from, unsigned flags)
{
	struct cp_mux *mux = udp->data;

	(void)buf;
	if (n > 0 && from && !(flags & UV_UDP_PARTIAL))
		take(mux, (size_t)n, from);
}

int mux_udp_open(struct cp_mux *mux, const char *address, uint16_t port)
{
	struct sockaddr_storage at = {0};
	int rc;

	if (uv_ip4_addr(address, port, (struct sockaddr_in *)&at) < 0 &&
	    uv_ip6_addr(address, port, (struct sockaddr_in6 *)&at) < 0)
		return UV_EINVAL;
	rc = uv_udp_bind(&mux->udp, (const struct sockaddr *)&at, 0);
	return rc < 0 ? rc : uv_udp_recv_start(&mux->udp, on_room, on_datagram);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Other streams in place of those of the configuration before.
#include <stdlib.h>
#include <string.h>

#include "mux/inside.h"

// What the lists were.
struct before {
	struct mux_client client[CP_MUX_STREAMS_MAX];
	size_t clients_n;
	struct mux_stream stream[CP_MUX_STREAMS_MAX];
	size_t streams_n;
};

static void keep_clients(struct cp_mux *mux, const struct before *before)
{
	for (size_t i = 0; i < before->clients_n; i++) {
		const struct mux_client *was = &before->client[i];
		struct mux_client *client = mux_client_find(mux, was->client_id);

		if (client)
			*client = *was;
		if (was->session)
			was->session->client = client;
		if (!was->session || client)
			continue;
		was->session->state = MUX_NEW; // it has no channel any more
		cp_wire_close(was->session->wire, "its client_id is not configured any more");
	}
}

static const struct mux_stream *find(const struct before *before, const struct cp_mux_stream_conf *conf)
{
	for (size_t i = 0; i < before->streams_n; i++)
		if (before->stream[i].conf.client_id == conf->client_id &&
		    before->stream[i].conf.data_id == conf->data_id)
			return &before->stream[i];
	return NULL;
}

static void keep_stream(struct mux_stream *stream, const struct mux_stream *was)
{
	const struct mux_stream fresh = *stream;

	*stream = *was;
	stream->conf = fresh.conf;
	stream->client = fresh.client;
	if (!stream->open || stream->conf.bandwidth_kbps == was->conf.bandwidth_kbps)
		return;
	mux_stream_allocate(stream, stream->conf.bandwidth_kbps);
	mux_tell_allocation(stream->client->session, stream);
}

// An EMMG that stays is told once of a stream that does not.
static void tell_gone(struct cp_mux *mux, const struct before *before)
{
	static const struct sim_error unknown = {SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID};

	for (size_t i = 0; i < before->streams_n; i++) {
		const struct mux_stream *was = &before->stream[i];
		struct mux_session *session = before->client[was->client - mux->clients].session;
		bool stays = false;

		for (size_t k = 0; k < mux->streams_n; k++)
			stays |= mux->streams[k].conf.client_id == was->conf.client_id &&
				 mux->streams[k].conf.data_id == was->conf.data_id;
		if (was->open && !stays && session->client)
			mux_stream_error(session, was, &unknown);
	}
}

void cp_mux_change(struct cp_mux *mux, const struct cp_mux_stream_conf *streams, size_t streams_n)
{
	struct before before = {.clients_n = mux->clients_n, .streams_n = mux->streams_n};

	memcpy(before.client, mux->clients, sizeof(before.client));
	memcpy(before.stream, mux->streams, sizeof(before.stream));
	mux_list(mux, streams, streams_n);
	keep_clients(mux, &before);
	for (size_t i = 0; i < mux->streams_n; i++) {
		const struct mux_stream *was = find(&before, &mux->streams[i].conf);

		if (was)
			keep_stream(&mux->streams[i], was);
	}
	tell_gone(mux, &before);
}

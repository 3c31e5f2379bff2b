// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator sees of a stream.
#include <inttypes.h>
#include <stdio.h>

#include "mux/inside.h"

// Those of the client: its connection carries all its streams.
static void sum(uint64_t out[SIM_TYPES], const uint64_t *over, const uint64_t *now)
{
	for (size_t i = 0; i < SIM_TYPES; i++)
		out[i] = over[i] + (now ? now[i] : 0);
}

json_t *cp_mux_status(const struct cp_mux *mux, unsigned index)
{
	const struct mux_stream *stream = &mux->streams[index];
	const struct mux_client *client = stream->client;
	const struct mux_session *session = client->session;
	uint64_t sent[SIM_TYPES], received[SIM_TYPES];
	json_int_t malformed = (json_int_t)client->counts.malformed;
	char id[9];

	if (session)
		malformed += (json_int_t)session->counts.malformed;
	snprintf(id, sizeof(id), "%08" PRIx32, client->client_id);
	sum(sent, client->counts.sent, session ? session->counts.sent : NULL);
	sum(received, client->counts.received, session ? session->counts.received : NULL);
	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:i, s:i, s:I, s:I, s:I, s:s, s:o, s:o, s:I}", "name",
			 stream->conf.name, "client_id", id, "data_id", stream->conf.data_id, "state",
			 stream->open ? "open" : "closed", "peer", session ? cp_wire_peer(session->wire) : "",
			 "bandwidth_kbps", stream->conf.bandwidth_kbps, "allocated_kbps", stream->allocated_kbps,
			 "datagrams", (json_int_t)stream->datagrams, "packets", (json_int_t)stream->packets, "dropped",
			 (json_int_t)stream->dropped, "last_error", client->last_error, "sent",
			 cp_wire_counts_show(sent), "received", cp_wire_counts_show(received), "malformed", malformed);
}

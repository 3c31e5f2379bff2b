// SPDX-License-Identifier: GPL-3.0-or-later
// The dialogue of a channel and its streams: ETSI TS 103 197 clause 6.
#include <errno.h>
#include <stdio.h>

#include <base_log.h>

#include "mux/inside.h"

typedef int handler(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error);

static int refuse(struct sim_error *error, uint16_t status, uint16_t information)
{
	*error = (struct sim_error){status, information};
	return -EBADMSG;
}

static struct mux_stream *find_stream(const struct mux_session *session, const struct sim_msg *msg)
{
	struct cp_mux *mux = session->mux;

	for (size_t i = 0; i < mux->streams_n; i++) {
		struct mux_stream *stream = &mux->streams[i];

		if (stream->open && stream->client == session->client &&
		    stream->stream_id == sim_get(msg, SIM_P_DATA_STREAM_ID, UINT32_MAX))
			return stream;
	}
	return NULL;
}

static struct mux_stream *find_data(const struct mux_session *session, uint32_t data_id)
{
	struct cp_mux *mux = session->mux;

	for (size_t i = 0; i < mux->streams_n; i++)
		if (mux->streams[i].client == session->client && mux->streams[i].conf.data_id == data_id)
			return &mux->streams[i];
	return NULL;
}

// Begins a message of the channel, and of a stream when there is one.
static void begin(struct sim_writer *writer, uint8_t *out, const struct mux_session *session, uint16_t type,
		  const struct mux_stream *stream)
{
	sim_begin(writer, out, SIM_SMALL_MAX, SIM_EMMG_MUX, session->version, type);
	sim_put(writer, SIM_P_CLIENT_ID, session->client->client_id);
	sim_put(writer, SIM_P_DATA_CHANNEL_ID, session->channel_id);
	if (stream)
		sim_put(writer, SIM_P_DATA_STREAM_ID, stream->stream_id);
}

static void end(struct sim_writer *writer, struct mux_session *session)
{
	int n = sim_end(writer);

	if (n > 0)
		(void)cp_wire_send(session->wire, writer->bytes, (size_t)n); // the wire closes itself and tells
}

static void send_channel_status(struct mux_session *session)
{
	struct sim_writer writer;
	uint8_t out[SIM_SMALL_MAX];

	begin(&writer, out, session, SIM_MUX_CHANNEL_STATUS, NULL);
	sim_put(&writer, SIM_P_MUX_SECTION_TSPKT_FLAG, session->packets);
	end(&writer, session);
}

static void send_stream_status(struct mux_session *session, const struct mux_stream *stream)
{
	struct sim_writer writer;
	uint8_t out[SIM_SMALL_MAX];

	begin(&writer, out, session, SIM_MUX_STREAM_STATUS, stream);
	sim_put(&writer, SIM_P_DATA_ID, stream->conf.data_id);
	sim_put(&writer, SIM_P_DATA_TYPE, stream->data_type);
	end(&writer, session);
}

void mux_session_test(struct mux_session *session)
{
	struct sim_writer writer;
	uint8_t out[SIM_SMALL_MAX];

	if (session->tested_ms != 0)
		return;
	session->tested_ms = mux_now_ms(session->mux);
	begin(&writer, out, session, SIM_MUX_CHANNEL_TEST, NULL);
	end(&writer, session);
}

void mux_stream_error(struct mux_session *session, const struct mux_stream *stream, const struct sim_error *error)
{
	struct sim_writer writer;
	uint8_t out[SIM_SMALL_MAX];

	snprintf(session->client->last_error, sizeof(session->client->last_error), "%s",
		 sim_error_text(SIM_EMMG_MUX, error->status));
	begin(&writer, out, session, SIM_MUX_STREAM_ERROR, stream);
	sim_put(&writer, SIM_P_ERROR_STATUS, error->status);
	sim_put(&writer, SIM_P_ERROR_INFORMATION, error->information);
	end(&writer, session);
}

static int channel_setup(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	uint32_t flag = sim_get(msg, SIM_P_MUX_SECTION_TSPKT_FLAG, 0), id = sim_get(msg, SIM_P_CLIENT_ID, 0);
	struct mux_client *client = mux_client_find(session->mux, id);

	if (!client)
		return refuse(error, SIM_E_MUX_CLIENT_ID, SIM_P_CLIENT_ID);
	if (flag > 1)
		return refuse(error, SIM_E_MUX_PARAMETER_VALUE, SIM_P_MUX_SECTION_TSPKT_FLAG);
	if (client->session) {
		// Its peer may have vanished without a word; then there is room in a moment.
		mux_session_test(client->session);
		return refuse(error, SIM_E_MUX_CLIENT_IN_USE, SIM_P_CLIENT_ID);
	}
	session->state = MUX_OPEN;
	session->client = client;
	session->channel_id = (uint16_t)sim_get(msg, SIM_P_DATA_CHANNEL_ID, 0);
	session->version = msg->version;
	session->packets = flag == 1;
	client->session = session;
	base_log(BASE_LOG_INFO, "mux", "channel open client_id=%08x peer=%s version=%u", id,
		 cp_wire_peer(session->wire), session->version);
	send_channel_status(session);
	return 0;
}

// A connection carries one channel.
static int channel_setup_again(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	if (sim_get(msg, SIM_P_DATA_CHANNEL_ID, 0) == session->channel_id)
		return refuse(error, SIM_E_MUX_CHANNEL_IN_USE, SIM_P_DATA_CHANNEL_ID);
	return refuse(error, SIM_E_MUX_CHANNELS_FULL, SIM_P_DATA_CHANNEL_ID);
}

static int channel_test(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	(void)msg;
	(void)error;
	send_channel_status(session);
	return 0;
}

static int channel_close(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	(void)msg;
	(void)error;
	cp_wire_close(session->wire, "the peer closed the channel");
	return 0;
}

// The answer to a test: that it came is enough.
static int status(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	(void)session;
	(void)msg;
	(void)error;
	return 0;
}

static void note_error(struct mux_session *session, const struct sim_msg *msg)
{
	uint16_t value = (uint16_t)sim_get(msg, SIM_P_ERROR_STATUS, 0);

	if (session->client)
		snprintf(session->client->last_error, sizeof(session->client->last_error), "the EMMG reports: %s",
			 sim_error_text(SIM_EMMG_MUX, value));
	base_log(mux_session_error_level(session), "mux", "error of the EMMG peer=%s message=%s error_status=0x%04x",
		 cp_wire_peer(session->wire), sim_type_name(SIM_EMMG_MUX, msg->type), value);
}

static int channel_error(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	(void)error;
	note_error(session, msg);
	if (sim_get(msg, SIM_P_ERROR_STATUS, 0) == SIM_E_UNRECOVERABLE)
		cp_wire_close(session->wire, "the peer reported an unrecoverable error");
	return 0;
}

static int stream_setup(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	struct mux_stream *stream = find_data(session, sim_get(msg, SIM_P_DATA_ID, 0));
	uint32_t data_type = sim_get(msg, SIM_P_DATA_TYPE, 0);

	if (find_stream(session, msg))
		return refuse(error, SIM_E_MUX_STREAM_IN_USE, SIM_P_DATA_STREAM_ID);
	if (!stream)
		return refuse(error, SIM_E_MUX_DATA_ID, SIM_P_DATA_ID);
	if (stream->open)
		return refuse(error, SIM_E_MUX_DATA_ID_IN_USE, SIM_P_DATA_ID);
	if (data_type > 1) // 0 EMM, 1 private data
		return refuse(error, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATA_TYPE);
	mux_stream_open(stream, (uint16_t)sim_get(msg, SIM_P_DATA_STREAM_ID, 0), (uint8_t)data_type,
			mux_now_ms(session->mux));
	base_log(BASE_LOG_INFO, "mux", "stream open name=%s", stream->conf.name);
	send_stream_status(session, stream);
	return 0;
}

static int stream_test(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	const struct mux_stream *stream = find_stream(session, msg);

	if (!stream)
		return refuse(error, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	send_stream_status(session, stream);
	return 0;
}

static int stream_close(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	struct mux_stream *stream = find_stream(session, msg);
	struct sim_writer writer;
	uint8_t out[SIM_SMALL_MAX];

	if (!stream)
		return refuse(error, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	begin(&writer, out, session, SIM_MUX_STREAM_CLOSE_RESPONSE, stream);
	mux_stream_close(stream);
	base_log(BASE_LOG_INFO, "mux", "stream closed name=%s", stream->conf.name);
	end(&writer, session);
	return 0;
}

static int stream_error(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	struct mux_stream *stream = find_stream(session, msg);

	(void)error;
	note_error(session, msg);
	if (stream && sim_get(msg, SIM_P_ERROR_STATUS, 0) == SIM_E_UNRECOVERABLE)
		mux_stream_close(stream);
	return 0;
}

void mux_tell_allocation(struct mux_session *session, const struct mux_stream *stream)
{
	struct sim_writer writer;
	uint8_t out[SIM_SMALL_MAX];

	begin(&writer, out, session, SIM_MUX_STREAM_BW_ALLOCATION, stream);
	sim_put(&writer, SIM_P_BANDWIDTH, stream->allocated_kbps);
	end(&writer, session);
}

// Without a bandwidth it only asks what is granted.
static int stream_bw_request(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	struct mux_stream *stream = find_stream(session, msg);

	if (!stream)
		return refuse(error, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	if (sim_has(msg, SIM_P_BANDWIDTH))
		mux_stream_allocate(stream, sim_get(msg, SIM_P_BANDWIDTH, 0));
	mux_tell_allocation(session, stream);
	return 0;
}

// Over TCP the channel and the stream are named.
static int data_provision(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	struct mux_stream *stream = find_stream(session, msg);

	if (!sim_has(msg, SIM_P_DATA_CHANNEL_ID))
		return refuse(error, SIM_E_MUX_PARAMETER_MISSING, SIM_P_DATA_CHANNEL_ID);
	if (!sim_has(msg, SIM_P_DATA_STREAM_ID))
		return refuse(error, SIM_E_MUX_PARAMETER_MISSING, SIM_P_DATA_STREAM_ID);
	if (!stream)
		return refuse(error, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	if (sim_get(msg, SIM_P_DATA_ID, 0) != stream->conf.data_id)
		return refuse(error, SIM_E_MUX_DATA_ID, SIM_P_DATA_ID);
	return mux_stream_data(session->mux, stream, msg, error);
}

static const struct {
	enum mux_session_state state;
	uint16_t message;
	handler *handler;
} table[] = {
	{MUX_NEW, SIM_MUX_CHANNEL_SETUP, channel_setup},    {MUX_NEW, SIM_MUX_CHANNEL_CLOSE, channel_close},
	{MUX_NEW, SIM_MUX_CHANNEL_ERROR, channel_error},    {MUX_OPEN, SIM_MUX_CHANNEL_SETUP, channel_setup_again},
	{MUX_OPEN, SIM_MUX_CHANNEL_TEST, channel_test},     {MUX_OPEN, SIM_MUX_CHANNEL_STATUS, status},
	{MUX_OPEN, SIM_MUX_CHANNEL_CLOSE, channel_close},   {MUX_OPEN, SIM_MUX_CHANNEL_ERROR, channel_error},
	{MUX_OPEN, SIM_MUX_STREAM_SETUP, stream_setup},     {MUX_OPEN, SIM_MUX_STREAM_TEST, stream_test},
	{MUX_OPEN, SIM_MUX_STREAM_STATUS, status},          {MUX_OPEN, SIM_MUX_STREAM_CLOSE_REQUEST, stream_close},
	{MUX_OPEN, SIM_MUX_STREAM_ERROR, stream_error},     {MUX_OPEN, SIM_MUX_STREAM_BW_REQUEST, stream_bw_request},
	{MUX_OPEN, SIM_MUX_DATA_PROVISION, data_provision},
};

// A message of an open channel names it; what a peer says about its errors is heard however it names them.
static int check_channel(const struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	if (session->state != MUX_OPEN || msg->type == SIM_MUX_CHANNEL_ERROR)
		return 0;
	if (msg->version != session->version)
		return refuse(error, SIM_E_VERSION, 0);
	if (sim_get(msg, SIM_P_CLIENT_ID, 0) != session->client->client_id)
		return refuse(error, SIM_E_MUX_CLIENT_ID, SIM_P_CLIENT_ID);
	if (msg->type != SIM_MUX_CHANNEL_SETUP &&
	    sim_get(msg, SIM_P_DATA_CHANNEL_ID, session->channel_id) != session->channel_id)
		return refuse(error, SIM_E_MUX_CHANNEL_ID, SIM_P_DATA_CHANNEL_ID);
	return 0;
}

int mux_dialogue(struct mux_session *session, const struct sim_msg *msg, struct sim_error *error)
{
	int rc = check_channel(session, msg, error);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].state == session->state && table[i].message == msg->type)
			return table[i].handler(session, msg, error);
	// Without a channel there is nothing to talk about; the rest is for a MUX to say.
	if (session->state == MUX_NEW)
		return refuse(error, SIM_E_MUX_CHANNEL_ID, SIM_P_DATA_CHANNEL_ID);
	return refuse(error, SIM_E_INVALID_MESSAGE, 1);
}

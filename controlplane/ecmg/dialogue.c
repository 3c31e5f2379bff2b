// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/dialogue.h"

#include <errno.h>

#include <base_log.h>

#include "ecmg/ecmg.h"
#include "ecmg/provision.h"
#include "ecmg/reply.h"

static uint16_t channel_id_of(const struct sim_msg *msg)
{
	return (uint16_t)sim_get(msg, SIM_P_ECM_CHANNEL_ID, 0);
}

static uint16_t stream_id_of(const struct sim_msg *msg)
{
	return (uint16_t)sim_get(msg, SIM_P_ECM_STREAM_ID, 0);
}

static void set_up_channel(struct cas_channel *channel, const struct sim_msg *msg)
{
	struct cas_ecmg *ecmg = channel->ecmg;
	uint16_t id = channel_id_of(msg);

	if (sim_get(msg, SIM_P_SUPER_CAS_ID, 0) != ecmg->conf->super_cas_id) {
		cas_reply_channel_error(channel, id, SIM_E_SUPER_CAS_ID, SIM_P_SUPER_CAS_ID);
		return;
	}
	if (cas_channel_taken(&ecmg->registry, id)) {
		cas_reply_channel_error(channel, id, SIM_E_CHANNEL_IN_USE, SIM_P_ECM_CHANNEL_ID);
		return;
	}
	channel->id = id;
	channel->state = CAS_CHANNEL_OPEN;
	base_log(BASE_LOG_INFO, "ecmg", "channel open peer=%s ecm_channel_id=%u version=%u",
		 cp_wire_peer(channel->wire), id, channel->version);
	cas_reply_channel_status(channel);
}

// A connection carries one channel.
static void refuse_channel(struct cas_channel *channel, const struct sim_msg *msg)
{
	uint16_t id = channel_id_of(msg);

	cas_reply_channel_error(channel, id, id == channel->id ? SIM_E_CHANNEL_IN_USE : SIM_E_CHANNELS_FULL,
				SIM_P_ECM_CHANNEL_ID);
}

static void test_channel(struct cas_channel *channel, const struct sim_msg *msg)
{
	(void)msg;
	cas_reply_channel_status(channel);
}

// The answer to our test: that it came is all there is to know.
static void ignore(struct cas_channel *channel, const struct sim_msg *msg)
{
	(void)channel;
	(void)msg;
}

static void close_channel(struct cas_channel *channel, const struct sim_msg *msg)
{
	(void)msg;
	cas_ecmg_drop(channel, "channel_close");
}

static bool is_error(const struct sim_msg *msg)
{
	return msg->type == SIM_CHANNEL_ERROR || msg->type == SIM_STREAM_ERROR;
}

static uint16_t status_of(const struct sim_msg *msg)
{
	return (uint16_t)sim_get(msg, SIM_P_ERROR_STATUS, SIM_E_UNKNOWN);
}

static void note_error(struct cas_channel *channel, const struct sim_msg *msg)
{
	base_log(cas_channel_error_level(channel), "ecmg", "%s heard peer=%s status=0x%04x means=\"%s\"",
		 sim_type_name(SIM_ECMG_SCS, msg->type), cp_wire_peer(channel->wire), status_of(msg),
		 sim_error_text(SIM_ECMG_SCS, status_of(msg)));
}

static void hear_channel_error(struct cas_channel *channel, const struct sim_msg *msg)
{
	if (status_of(msg) == SIM_E_UNRECOVERABLE)
		cas_ecmg_drop(channel, "unrecoverable error at the SCS");
}

static uint16_t status_of_open(int rc)
{
	switch (rc) {
	case -EEXIST:
		return SIM_E_STREAM_IN_USE;
	case -EADDRINUSE:
		return SIM_E_ECM_ID_IN_USE;
	case -EMFILE:
		return SIM_E_STREAMS_FULL_CHANNEL;
	case -ENFILE:
		return SIM_E_STREAMS_FULL;
	default:
		return SIM_E_STORAGE;
	}
}

static void set_up_stream(struct cas_channel *channel, const struct sim_msg *msg)
{
	const struct cas_conf_ecmg *conf = &channel->ecmg->conf->ecmg;
	uint16_t id = stream_id_of(msg), ecm_id = (uint16_t)sim_get(msg, SIM_P_ECM_ID, 0);

	if (sim_get(msg, SIM_P_NOMINAL_CP_DURATION, 0) * SIM_DURATION_UNIT_MS < conf->min_cp_duration_ms) {
		cas_reply_stream_error(channel, id, SIM_E_PARAMETER_VALUE, SIM_P_NOMINAL_CP_DURATION);
		return;
	}
	int rc = cas_stream_open(&channel->ecmg->registry, channel, id, ecm_id, conf->max_streams);

	if (rc) {
		cas_reply_stream_error(channel, id, status_of_open(rc),
				       rc == -EADDRINUSE ? SIM_P_ECM_ID : SIM_P_ECM_STREAM_ID);
		return;
	}
	base_log(BASE_LOG_INFO, "ecmg", "stream open ecm_channel_id=%u ecm_stream_id=%u ecm_id=%u", channel->id, id,
		 ecm_id);
	cas_reply_stream_status(cas_stream_find(channel, id));
}

static void end_stream(struct cas_stream *stream)
{
	struct cas_ecmg *ecmg = stream->channel->ecmg;

	base_log(BASE_LOG_INFO, "ecmg", "stream closed ecm_channel_id=%u ecm_stream_id=%u ecm_id=%u",
		 stream->channel->id, stream->id, stream->ecm_id);
	cas_asks_forget(&ecmg->asks, stream->channel, stream);
	cas_stream_close(&ecmg->registry, stream);
}

static void test_stream(struct cas_stream *stream, const struct sim_msg *msg)
{
	(void)msg;
	cas_reply_stream_status(stream);
}

static void ignore_of_stream(struct cas_stream *stream, const struct sim_msg *msg)
{
	(void)stream;
	(void)msg;
}

static void close_stream(struct cas_stream *stream, const struct sim_msg *msg)
{
	struct cas_channel *channel = stream->channel;

	end_stream(stream);
	cas_reply_stream_closed(channel, stream_id_of(msg));
}

static void hear_stream_error(struct cas_stream *stream, const struct sim_msg *msg)
{
	if (status_of(msg) == SIM_E_UNRECOVERABLE)
		end_stream(stream);
}

// A row with `of_stream` is for a stream that exists.
static const struct row {
	enum cas_channel_state state;
	uint16_t message;
	void (*of_channel)(struct cas_channel *channel, const struct sim_msg *msg);
	void (*of_stream)(struct cas_stream *stream, const struct sim_msg *msg);
} rows[] = {
	{CAS_CHANNEL_IDLE, SIM_CHANNEL_SETUP, set_up_channel, NULL},
	{CAS_CHANNEL_IDLE, SIM_CHANNEL_ERROR, hear_channel_error, NULL},
	{CAS_CHANNEL_OPEN, SIM_CHANNEL_SETUP, refuse_channel, NULL},
	{CAS_CHANNEL_OPEN, SIM_CHANNEL_TEST, test_channel, NULL},
	{CAS_CHANNEL_OPEN, SIM_CHANNEL_STATUS, ignore, NULL},
	{CAS_CHANNEL_OPEN, SIM_CHANNEL_CLOSE, close_channel, NULL},
	{CAS_CHANNEL_OPEN, SIM_CHANNEL_ERROR, hear_channel_error, NULL},
	{CAS_CHANNEL_OPEN, SIM_STREAM_SETUP, set_up_stream, NULL},
	{CAS_CHANNEL_OPEN, SIM_STREAM_TEST, NULL, test_stream},
	{CAS_CHANNEL_OPEN, SIM_STREAM_STATUS, NULL, ignore_of_stream},
	{CAS_CHANNEL_OPEN, SIM_STREAM_CLOSE_REQUEST, NULL, close_stream},
	{CAS_CHANNEL_OPEN, SIM_STREAM_ERROR, NULL, hear_stream_error},
	{CAS_CHANNEL_OPEN, SIM_CW_PROVISION, NULL, cas_provision_take},
};

static const struct row *row_of(enum cas_channel_state state, uint16_t message)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].state == state && rows[i].message == message)
			return &rows[i];
	return NULL;
}

// The first message of a connection sets its protocol_version. Another one later is answered in that one.
static bool version_holds(struct cas_channel *channel, const struct sim_msg *msg)
{
	if (channel->version == 0)
		channel->version = msg->version;
	if (channel->version == msg->version)
		return true;
	cas_reply_channel_error(channel, channel_id_of(msg), SIM_E_VERSION, 0);
	cas_ecmg_drop(channel, "another protocol_version");
	return false;
}

static void dispatch(struct cas_channel *channel, const struct row *row, const struct sim_msg *msg)
{
	struct cas_stream *stream = row->of_stream ? cas_stream_find(channel, stream_id_of(msg)) : NULL;

	if (row->of_channel)
		row->of_channel(channel, msg);
	else if (stream)
		row->of_stream(stream, msg);
	else if (!is_error(msg))
		cas_reply_stream_error(channel, stream_id_of(msg), SIM_E_ECM_STREAM_ID, SIM_P_ECM_STREAM_ID);
}

// A message of an open channel names it.
static bool names_channel(const struct cas_channel *channel, const struct sim_msg *msg)
{
	return channel->state != CAS_CHANNEL_OPEN || msg->type == SIM_CHANNEL_SETUP || msg->type == SIM_CHANNEL_ERROR ||
	       channel_id_of(msg) == channel->id;
}

// What an SCS says about its errors is heard in any version, and of the channel however it names it: it may be about
// what was not understood. It is never answered by an error, or two ends could go on for ever.
void cas_dialogue_hear(struct cas_channel *channel, const struct sim_msg *msg)
{
	const struct row *row = row_of(channel->state, msg->type);

	if (channel->state == CAS_CHANNEL_CLOSING || (!is_error(msg) && !version_holds(channel, msg)))
		return;
	channel->refused = 0;
	if (is_error(msg))
		note_error(channel, msg);
	if (row && names_channel(channel, msg))
		dispatch(channel, row, msg);
	else if (is_error(msg))
		return;
	else if (channel->state == CAS_CHANNEL_IDLE || channel_id_of(msg) != channel->id)
		cas_reply_channel_error(channel, channel_id_of(msg), SIM_E_ECM_CHANNEL_ID, SIM_P_ECM_CHANNEL_ID);
	else // the ECMG's own messages
		cas_reply_channel_error(channel, channel->id, SIM_E_INVALID_MESSAGE, msg->type);
}

void cas_dialogue_refuse(struct cas_channel *channel, const struct sim_msg *msg, const struct sim_error *error)
{
	bool open = channel->state == CAS_CHANNEL_OPEN;

	if (channel->state == CAS_CHANNEL_CLOSING)
		return;
	if (error->status == SIM_E_VERSION) {
		cas_reply_channel_error(channel, channel_id_of(msg), SIM_E_VERSION, error->information);
		cas_ecmg_drop(channel, "unsupported protocol_version");
		return;
	}
	if (!version_holds(channel, msg))
		return;
	if (open && msg->type > SIM_CHANNEL_ERROR && sim_has(msg, SIM_P_ECM_STREAM_ID) &&
	    channel_id_of(msg) == channel->id && cas_stream_find(channel, stream_id_of(msg)))
		cas_reply_stream_error(channel, stream_id_of(msg), error->status, error->information);
	else
		cas_reply_channel_error(channel, open ? channel->id : channel_id_of(msg), error->status,
					error->information);
	// A vendor's own message_type is no malformed message.
	if (error->status != SIM_E_MESSAGE_TYPE && ++channel->refused >= CAS_REFUSED_MAX)
		cas_ecmg_drop(channel, "too many refused messages");
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_log.h>

#include "service/walltime.h"

// A CW_provision with all it may hold.
enum { SCRATCH_BYTES = 2048 };
enum { QUICK_MS = 200, QUICK_ATTEMPTS = 5, SLOW_FIRST_MS = 1000, SLOW_LAST_MS = 30000 };

const char *const cp_channel_state_name[CP_CHANNEL_STATES] = {"closed", "connecting", "setup", "open"};

static void connect_now(struct cp_channel *channel);

static void on_timer(uv_timer_t *timer);

static void await(struct cp_channel *channel, uint64_t ms)
{
	uv_timer_start(&channel->timer, on_timer, ms, 0);
}

void cp_channel_begin(struct cp_channel *channel, struct sim_writer *writer, uint16_t type)
{
	sim_begin(writer, channel->scratch.bytes, channel->scratch.capacity_bytes, SIM_ECMG_SCS, channel->version,
		  type);
	sim_put(writer, SIM_P_ECM_CHANNEL_ID, channel->conf->channel_id);
}

void cp_channel_send(struct cp_channel *channel, struct sim_writer *writer)
{
	int n = sim_end(writer);

	if (n < 0)
		base_log(BASE_LOG_ERROR, "ecmg", "message not made ecmg=\"%s\" error=\"%s\"", channel->conf->name,
			 strerror(-n));
	else if (channel->wire)
		cp_wire_send(channel->wire, writer->bytes, (size_t)n); // a full connection is closing: on_closed comes
	base_secret_wipe(&channel->scratch);
}

static void send_plain(struct cp_channel *channel, uint16_t type)
{
	struct sim_writer writer;

	cp_channel_begin(channel, &writer, type);
	cp_channel_send(channel, &writer);
}

static uint64_t pause_ms(const struct cp_channel *channel)
{
	uint64_t ms = SLOW_FIRST_MS;

	if (channel->attempts <= QUICK_ATTEMPTS)
		return QUICK_MS;
	for (unsigned i = QUICK_ATTEMPTS + 1; i < channel->attempts && ms < SLOW_LAST_MS; i++)
		ms *= 2;
	return ms < SLOW_LAST_MS ? ms : SLOW_LAST_MS;
}

// The channel and its streams are over; it is tried again.
static void lose(struct cp_channel *channel, const char *why)
{
	struct cp_wire *wire = channel->wire;

	base_log(BASE_LOG_WARNING, "ecmg", "channel lost ecmg=\"%s\" state=%s why=\"%s\"", channel->conf->name,
		 cp_channel_state_name[channel->state], why);
	if (why != channel->last_error)
		snprintf(channel->last_error, sizeof(channel->last_error), "%s", why);
	channel->state = CP_CHANNEL_AWAY;
	channel->wire = NULL;
	channel->testing = false;
	if (wire)
		cp_wire_close(wire, "the SCS closes the channel");
	for (unsigned i = 0; i < channel->streams; i++)
		cp_stream_lose(channel->stream[i]);
	cp_alarm_raise(channel->alarms, CP_ALARM_ECMG_LOST, channel->conf->name);
	channel->attempts++;
	if (!channel->closing)
		await(channel, pause_ms(channel));
}

static void on_timer(uv_timer_t *timer)
{
	struct cp_channel *channel = timer->data;
	uint64_t silent_ms = uv_now(channel->loop) - channel->heard_ms;

	switch (channel->state) {
	case CP_CHANNEL_AWAY:
		connect_now(channel);
		break;
	case CP_CHANNEL_CONNECTING:
		lose(channel, "no connection in time");
		break;
	case CP_CHANNEL_SETUP:
		lose(channel, "no channel_status in time");
		break;
	default:
		if (channel->testing) {
			lose(channel, "no answer to channel_test");
		} else if (silent_ms < channel->conf->test_interval_ms) {
			await(channel, channel->conf->test_interval_ms - silent_ms);
		} else {
			channel->testing = true;
			send_plain(channel, SIM_CHANNEL_TEST);
			await(channel, channel->conf->timeout_ms);
		}
	}
}

// Tells the ECMG what is wrong with a message; an error is not answered with one.
static void refuse(struct cp_channel *channel, const struct sim_msg *msg, uint16_t status, uint16_t information)
{
	const struct sim_error error = {.status = status, .information = information};
	uint8_t out[SIM_SMALL_MAX];
	int n = sim_refuse(out, sizeof(out), msg, &error);

	if (n > 0 && channel->wire)
		cp_wire_send(channel->wire, out, (size_t)n);
}

// SETUP, channel_status: the values hold for the channel's life.
static void opened(struct cp_channel *channel, const struct sim_msg *msg)
{
	uint16_t parameter;

	if (cp_channel_values_read(&channel->values, msg, &parameter)) {
		refuse(channel, msg, SIM_E_PARAMETER_VALUE, parameter);
		lose(channel, "channel_status asks for what this SCS cannot do");
		return;
	}
	channel->version = msg->version;
	channel->state = CP_CHANNEL_OPEN;
	channel->attempts = 0;
	channel->since = cp_walltime_s();
	channel->last_error[0] = '\0';
	cp_alarm_clear(channel->alarms, CP_ALARM_ECMG_LOST, channel->conf->name);
	base_log(BASE_LOG_INFO, "ecmg",
		 "channel open ecmg=\"%s\" version=%u lead_cw=%u cw_per_msg=%u delay_start_ms=%d delay_stop_ms=%d",
		 channel->conf->name, channel->version, channel->values.window.lead_cw,
		 channel->values.window.cw_per_msg, channel->values.delay_start_ms, channel->values.delay_stop_ms);
	await(channel, channel->conf->test_interval_ms);
	for (unsigned i = 0; i < channel->streams; i++)
		cp_stream_set_up(channel->stream[i]);
}

// OPEN, channel_status: the answer to our channel_test; having been heard is what counts.
static void alive(struct cp_channel *channel, const struct sim_msg *msg)
{
	(void)channel;
	(void)msg;
}

// OPEN, channel_test: an echo of the values in force.
static void answer_test(struct cp_channel *channel, const struct sim_msg *msg)
{
	struct sim_writer writer;

	(void)msg;
	cp_channel_begin(channel, &writer, SIM_CHANNEL_STATUS);
	cp_channel_values_write(&channel->values, &writer);
	cp_channel_send(channel, &writer);
}

static void failed(struct cp_channel *channel, const struct sim_msg *msg)
{
	uint32_t status = sim_get(msg, SIM_P_ERROR_STATUS, SIM_E_UNKNOWN);

	snprintf(channel->last_error, sizeof(channel->last_error), "channel_error 0x%04X %s", status,
		 sim_error_text(SIM_ECMG_SCS, (uint16_t)status));
	base_log(BASE_LOG_WARNING, "ecmg", "channel_error ecmg=\"%s\" status=0x%04X text=\"%s\"", channel->conf->name,
		 status, sim_error_text(SIM_ECMG_SCS, (uint16_t)status));
	if (channel->state == CP_CHANNEL_SETUP && status == SIM_E_VERSION && !channel->conf->version_fixed &&
	    channel->version > SIM_VERSION_MIN)
		channel->version--;
	// Whatever it is, a channel that is not open will not open; an open one goes on unless it cannot.
	if (channel->state == CP_CHANNEL_SETUP || status == SIM_E_UNRECOVERABLE || status == SIM_E_ECM_CHANNEL_ID)
		lose(channel, channel->last_error);
}

static void to_stream(struct cp_channel *channel, const struct sim_msg *msg)
{
	uint32_t id = sim_get(msg, SIM_P_ECM_STREAM_ID, 0);

	if (id >= 1 && id <= channel->streams) {
		cp_stream_message(channel->stream[id - 1], msg);
		return;
	}
	channel->unexpected++;
	refuse(channel, msg, SIM_E_ECM_STREAM_ID, SIM_P_ECM_STREAM_ID);
}

static const struct {
	enum cp_channel_state state;
	uint16_t message;
	void (*handle)(struct cp_channel *channel, const struct sim_msg *msg);
} dialogue[] = {
	{CP_CHANNEL_SETUP, SIM_CHANNEL_STATUS, opened},
	{CP_CHANNEL_SETUP, SIM_CHANNEL_ERROR, failed},
	{CP_CHANNEL_OPEN, SIM_CHANNEL_STATUS, alive},
	{CP_CHANNEL_OPEN, SIM_CHANNEL_TEST, answer_test},
	{CP_CHANNEL_OPEN, SIM_CHANNEL_ERROR, failed},
	{CP_CHANNEL_OPEN, SIM_STREAM_STATUS, to_stream},
	{CP_CHANNEL_OPEN, SIM_STREAM_TEST, to_stream},
	{CP_CHANNEL_OPEN, SIM_STREAM_ERROR, to_stream},
	{CP_CHANNEL_OPEN, SIM_STREAM_CLOSE_RESPONSE, to_stream},
	{CP_CHANNEL_OPEN, SIM_ECM_RESPONSE, to_stream},
};

static void on_open(void *owner, struct cp_wire *wire)
{
	struct cp_channel *channel = owner;
	struct sim_writer writer;

	if (wire != channel->wire)
		return;
	channel->state = CP_CHANNEL_SETUP;
	channel->connects++;
	cp_channel_begin(channel, &writer, SIM_CHANNEL_SETUP);
	sim_put(&writer, SIM_P_SUPER_CAS_ID, channel->conf->super_cas_id);
	cp_channel_send(channel, &writer);
	await(channel, channel->conf->timeout_ms);
}

static void on_message(void *owner, struct cp_wire *wire, const struct sim_msg *msg)
{
	struct cp_channel *channel = owner;

	if (wire != channel->wire)
		return;
	channel->heard_ms = uv_now(channel->loop);
	if (channel->testing) {
		channel->testing = false;
		await(channel, channel->conf->test_interval_ms);
	}
	if (sim_get(msg, SIM_P_ECM_CHANNEL_ID, channel->conf->channel_id) != channel->conf->channel_id) {
		channel->unexpected++;
		refuse(channel, msg, SIM_E_ECM_CHANNEL_ID, SIM_P_ECM_CHANNEL_ID);
		return;
	}
	for (size_t i = 0; i < sizeof(dialogue) / sizeof(dialogue[0]); i++)
		if (dialogue[i].state == channel->state && dialogue[i].message == msg->type) {
			dialogue[i].handle(channel, msg);
			return;
		}
	channel->unexpected++;
}

// An unknown message_type is ignored, as the standard says.
static void on_refused(void *owner, struct cp_wire *wire, const struct sim_msg *msg, const struct sim_error *error)
{
	struct cp_channel *channel = owner;

	if (wire != channel->wire)
		return;
	snprintf(channel->last_error, sizeof(channel->last_error), "its %s is refused: %s",
		 msg->n ? sim_type_name(SIM_ECMG_SCS, msg->type) : "message",
		 sim_error_text(SIM_ECMG_SCS, error->status));
	if (error->status != SIM_E_MESSAGE_TYPE)
		refuse(channel, msg, error->status, error->information);
}

static void on_closed(void *owner, struct cp_wire *wire, const char *why)
{
	struct cp_channel *channel = owner;

	if (wire != channel->wire)
		return;
	channel->wire = NULL;
	lose(channel, why);
}

static const struct cp_wire_ops wire_ops = {
	.on_open = on_open,
	.on_message = on_message,
	.on_refused = on_refused,
	.on_closed = on_closed,
};

static void connect_now(struct cp_channel *channel)
{
	channel->state = CP_CHANNEL_CONNECTING;
	channel->heard_ms = uv_now(channel->loop);
	channel->wire = cp_wire_connect(channel->loop, channel->conf->address, channel->conf->tcp_port, SIM_ECMG_SCS,
					&wire_ops, channel, &channel->counts);
	if (!channel->wire) {
		lose(channel, "no connection can be made");
		return;
	}
	await(channel, channel->conf->timeout_ms);
}

int cp_channel_init(struct cp_channel *channel, uv_loop_t *loop, const struct cp_conf_ecmg *conf, unsigned streams,
		    struct cp_store *store, struct cp_alarms *alarms)
{
	*channel = (struct cp_channel){
		.loop = loop, .conf = conf, .store = store, .alarms = alarms, .version = conf->version};
	channel->stream = calloc(streams ? streams : 1, sizeof(struct cp_stream *));
	if (!channel->stream)
		return -ENOMEM;
	int rc = base_secret_init(&channel->scratch, SCRATCH_BYTES);

	if (rc) {
		free(channel->stream);
		channel->stream = NULL;
		return rc;
	}
	uv_timer_init(loop, &channel->timer);
	channel->timer.data = channel;
	return 0;
}

void cp_channel_add(struct cp_channel *channel, struct cp_stream *stream, const struct cp_conf_group *conf,
		    unsigned group, const struct cp_stream_ops *ops, void *owner)
{
	*stream = (struct cp_stream){.channel = channel, .conf = conf, .group = group, .ops = ops, .owner = owner};
	channel->stream[channel->streams++] = stream;
	stream->id = (uint16_t)channel->streams;
	uv_timer_init(channel->loop, &stream->timer);
	stream->timer.data = stream;
}

void cp_channel_start(struct cp_channel *channel)
{
	connect_now(channel);
}

void cp_channel_close(struct cp_channel *channel)
{
	struct cp_wire *wire = channel->wire;
	struct sim_writer writer;

	if (!channel->stream || channel->closing)
		return;
	channel->closing = true;
	for (unsigned i = 0; i < channel->streams; i++) {
		if (channel->stream[i]->state == CP_STREAM_OPEN) {
			cp_channel_begin(channel, &writer, SIM_STREAM_CLOSE_REQUEST);
			sim_put(&writer, SIM_P_ECM_STREAM_ID, channel->stream[i]->id);
			cp_channel_send(channel, &writer);
		}
		uv_close((uv_handle_t *)&channel->stream[i]->timer, NULL);
	}
	if (channel->state == CP_CHANNEL_OPEN)
		send_plain(channel, SIM_CHANNEL_CLOSE);
	channel->state = CP_CHANNEL_AWAY;
	channel->wire = NULL;
	if (wire)
		cp_wire_close(wire, "the SCS ends");
	uv_close((uv_handle_t *)&channel->timer, NULL);
}

void cp_channel_fini(struct cp_channel *channel)
{
	if (channel->stream)
		cp_wire_counts_log(&channel->counts, "ecmg", channel->conf->name);
	base_secret_fini(&channel->scratch);
	free(channel->stream);
	channel->stream = NULL;
}

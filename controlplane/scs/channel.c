// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_check.h>
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
	for (unsigned i = channel->streams; i-- > 0;) // those whose group has left go
		cp_stream_lose(channel->stream[i]);
	cp_alarm_raise(channel->alarms, CP_ALARM_ECMG_LOST, channel->conf->name);
	channel->attempts++;
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

// The stream with this ECM_stream_id, or NULL. Where none has left they stand in the order of their ids.
static struct cp_stream *find_stream(const struct cp_channel *channel, uint32_t id)
{
	if (id >= 1 && id <= channel->streams && channel->stream[id - 1]->id == id)
		return channel->stream[id - 1];
	for (unsigned i = 0; i < channel->streams; i++)
		if (channel->stream[i]->id == id)
			return channel->stream[i];
	return NULL;
}

static void to_stream(struct cp_channel *channel, const struct sim_msg *msg)
{
	struct cp_stream *stream = find_stream(channel, sim_get(msg, SIM_P_ECM_STREAM_ID, 0));

	if (stream) {
		cp_stream_message(stream, msg);
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

// The loop has let go of something of the channel.
static void let_go(struct cp_channel *channel)
{
	if (--channel->held > 0)
		return;
	cp_wire_counts_log(&channel->counts, "ecmg", channel->name);
	cp_channel_drop(channel);
}

static void on_closed(void *owner, struct cp_wire *wire, const char *why)
{
	struct cp_channel *channel = owner;

	if (wire != channel->wire) {
		let_go(channel);
		return;
	}
	channel->held--; // there is the timer still: the channel is not closing
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
	channel->held++;
	await(channel, channel->conf->timeout_ms);
}

struct cp_channel *cp_channel_new(uv_loop_t *loop, const struct cp_conf_ecmg *conf, struct cp_store *store,
				  struct cp_alarms *alarms)
{
	struct cp_channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return NULL;
	*channel = (struct cp_channel){
		.loop = loop, .conf = conf, .store = store, .alarms = alarms, .version = conf->version};
	if (base_secret_init(&channel->scratch, SCRATCH_BYTES)) {
		free(channel);
		return NULL;
	}
	return channel;
}

void cp_channel_drop(struct cp_channel *channel)
{
	base_secret_fini(&channel->scratch);
	free(channel->stream);
	free(channel);
}

int cp_channel_reserve(struct cp_channel *channel, unsigned more)
{
	unsigned capacity = channel->streams + more;

	if (capacity <= channel->capacity)
		return 0;
	struct cp_stream **stream = reallocarray(channel->stream, capacity, sizeof(struct cp_stream *));

	if (!stream)
		return -ENOMEM;
	channel->stream = stream;
	channel->capacity = capacity;
	return 0;
}

// One that no stream has; it may be asked for again when the ECMG has closed the stream that had it.
static uint16_t free_id(struct cp_channel *channel)
{
	do
		channel->last_id++;
	while (channel->last_id == 0 || find_stream(channel, channel->last_id));
	return channel->last_id;
}

void cp_channel_add(struct cp_channel *channel, struct cp_stream *stream, const struct cp_conf_group *conf,
		    unsigned group, const struct cp_stream_ops *ops, void *owner)
{
	CHECK(channel->streams < channel->capacity);
	*stream = (struct cp_stream){
		.channel = channel, .conf = conf, .group = group, .ops = ops, .owner = owner, .id = free_id(channel)};
	channel->stream[channel->streams++] = stream;
	uv_timer_init(channel->loop, &stream->timer);
	stream->timer.data = stream;
	if (channel->state == CP_CHANNEL_OPEN)
		cp_stream_set_up(stream);
}

static void on_stream_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void cp_channel_release(struct cp_channel *channel, struct cp_stream *stream)
{
	unsigned place = 0;

	while (channel->stream[place] != stream)
		place++;
	memmove(channel->stream + place, channel->stream + place + 1,
		(--channel->streams - place) * sizeof(struct cp_stream *));
	uv_close((uv_handle_t *)&stream->timer, on_stream_closed);
}

void cp_channel_start(struct cp_channel *channel)
{
	uv_timer_init(channel->loop, &channel->timer);
	channel->timer.data = channel;
	channel->held = 1;
	connect_now(channel);
}

void cp_channel_change(struct cp_channel *channel, const struct cp_conf_ecmg *conf)
{
	bool same = cp_conf_same_channel(channel->conf, conf);

	if (!same && channel->state == CP_CHANNEL_OPEN)
		send_plain(channel, SIM_CHANNEL_CLOSE);
	channel->conf = conf;
	if (same)
		return;
	channel->version = conf->version;
	lose(channel, "the configuration names another channel");
	channel->attempts = 0;
	await(channel, 0);
}

static void on_timer_closed(uv_handle_t *handle)
{
	let_go(handle->data);
}

void cp_channel_close(struct cp_channel *channel)
{
	struct cp_wire *wire = channel->wire;

	channel->closing = true;
	for (unsigned i = channel->streams; i-- > 0;)
		cp_stream_leave(channel->stream[i]);
	if (channel->state == CP_CHANNEL_OPEN)
		send_plain(channel, SIM_CHANNEL_CLOSE);
	while (channel->streams)
		cp_channel_release(channel, channel->stream[channel->streams - 1]);
	snprintf(channel->name, sizeof(channel->name), "%s", channel->conf->name);
	channel->state = CP_CHANNEL_AWAY;
	channel->wire = NULL;
	if (wire)
		cp_wire_close(wire, "the SCS ends");
	uv_close((uv_handle_t *)&channel->timer, on_timer_closed);
}

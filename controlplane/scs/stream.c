// SPDX-License-Identifier: GPL-3.0-or-later
// A stream: stream_setup, CW_provision and ECM_response, errors, time-outs.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <base_log.h>

#include "scs/channel.h"
#include "scs/datagram.h"

enum { RETRY_FIRST_MS = 200, RETRY_LAST_MS = 5000 };

const char *const cp_stream_state_name[CP_STREAM_STATES] = {"closed", "setup", "open", "closing"};

static void ask(struct cp_stream *stream);

static const char *name_of(const struct cp_stream *stream)
{
	return stream->conf->name;
}

uint32_t cp_stream_period_ms(const struct cp_stream *stream)
{
	const struct cp_channel_values *values = &stream->channel->values;
	int start = values->delay_start_ms;
	uint32_t ms = stream->conf->crypto_period_ms;
	uint32_t least = (uint32_t)(start < 0 ? -start : start) + values->max_comp_time_ms + CP_CHANNEL_MARGIN_MS;

	if (ms < least)
		ms = least;
	if (ms < values->min_cp_duration_ms)
		ms = values->min_cp_duration_ms;
	return (ms + SIM_DURATION_UNIT_MS - 1) / SIM_DURATION_UNIT_MS * SIM_DURATION_UNIT_MS;
}

static void on_timer(uv_timer_t *timer);

static void await(struct cp_stream *stream, uint64_t ms)
{
	uv_timer_start(&stream->timer, on_timer, ms, 0);
}

// Waits before the next attempt, longer each time.
static void pause_stream(struct cp_stream *stream)
{
	stream->pausing = true;
	await(stream, stream->backoff_ms);
	stream->backoff_ms = stream->backoff_ms * 2 < RETRY_LAST_MS ? stream->backoff_ms * 2 : RETRY_LAST_MS;
}

// Streams of the channel that the ECMG has.
static unsigned count_opened(const struct cp_channel *channel)
{
	unsigned n = 0;

	for (unsigned i = 0; i < channel->streams; i++)
		n += channel->stream[i]->state != CP_STREAM_CLOSED;
	return n;
}

static void begin_set_up(struct cp_stream *stream)
{
	struct cp_channel *channel = stream->channel;
	uint16_t most = channel->values.max_streams;
	struct sim_writer writer;

	if (most && count_opened(channel) >= most) {
		snprintf(stream->last_error, sizeof(stream->last_error), "the ECMG takes only %u streams on a channel",
			 most);
		cp_alarm_raise(channel->alarms, CP_ALARM_STREAM_REFUSED, name_of(stream));
		pause_stream(stream); // one of them may leave
		return;
	}
	stream->state = CP_STREAM_SETTING_UP;
	stream->pausing = false;
	stream->nominal_ms = cp_stream_period_ms(stream);
	cp_channel_begin(channel, &writer, SIM_STREAM_SETUP);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, stream->id);
	sim_put(&writer, SIM_P_ECM_ID, stream->conf->cas.ecm_id);
	sim_put(&writer, SIM_P_NOMINAL_CP_DURATION, stream->nominal_ms / SIM_DURATION_UNIT_MS);
	cp_channel_send(channel, &writer);
	await(stream, channel->conf->timeout_ms);
}

void cp_stream_set_up(struct cp_stream *stream)
{
	stream->backoff_ms = RETRY_FIRST_MS;
	begin_set_up(stream);
}

void cp_stream_lose(struct cp_stream *stream)
{
	if (stream->state == CP_STREAM_CLOSING) {
		cp_channel_release(stream->channel, stream);
		return;
	}
	stream->state = CP_STREAM_CLOSED;
	stream->asked = stream->annulled = stream->pausing = false;
	uv_timer_stop(&stream->timer);
}

void cp_stream_change(struct cp_stream *stream, const struct cp_conf_group *conf)
{
	const struct cp_conf_cas *before = &stream->conf->cas, *now = &conf->cas;

	if (before->ac_n != now->ac_n || memcmp(before->ac, now->ac, now->ac_n) != 0)
		stream->criteria_sent = false;
	stream->conf = conf;
}

void cp_stream_leave(struct cp_stream *stream)
{
	struct cp_channel *channel = stream->channel;
	enum cp_stream_state state = stream->state;
	struct sim_writer writer;

	if (state == CP_STREAM_CLOSING)
		return;
	stream->state = CP_STREAM_CLOSING;
	stream->conf = NULL;
	stream->owner = NULL;
	if (state == CP_STREAM_CLOSED) {
		cp_channel_release(channel, stream);
		return;
	}
	cp_channel_begin(channel, &writer, SIM_STREAM_CLOSE_REQUEST);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, stream->id);
	cp_channel_send(channel, &writer);
	await(stream, channel->conf->timeout_ms);
}

// Closed by an error while the channel stays: set up again, in a while.
static void close_and_retry(struct cp_stream *stream)
{
	cp_stream_lose(stream);
	cp_alarm_raise(stream->channel->alarms, CP_ALARM_STREAM_REFUSED, name_of(stream));
	pause_stream(stream);
}

// All words of the CW_provision for `cp`, and those that its ECM promises. 0 or -EIO.
static int make_words(struct cp_stream *stream, uint16_t cp)
{
	const struct cp_window *window = &stream->channel->values.window;
	uint16_t first = cp_window_first(window, cp), end = (uint16_t)(cp_window_last(window, cp) + 1);

	if ((int16_t)(cp - first) < 0)
		first = cp;
	for (uint16_t i = first; i != end; i++) {
		int made = cp_store_make(stream->channel->store, stream->group, i);

		if (made < 0)
			return made;
		if (made > 0)
			stream->ops->on_cw_made(stream->owner);
	}
	return 0;
}

static void put_word(struct sim_writer *writer, const struct cp_store *store, unsigned group, uint16_t cp)
{
	sim_put_cw(writer, cp, cp_store_get(store, group, cp),
		   cp_algorithm_facts[cp_store_algorithm(store, group, cp)].cw_bytes);
}

static void provide(struct cp_stream *stream, uint16_t cp)
{
	struct cp_channel *channel = stream->channel;
	const struct cp_window *window = &channel->values.window;
	const struct cp_conf_cas *cas = &stream->conf->cas;
	uint16_t end = (uint16_t)(cp_window_last(window, cp) + 1);
	struct sim_writer writer;

	cp_channel_begin(channel, &writer, SIM_CW_PROVISION);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, stream->id);
	sim_put(&writer, SIM_P_CP_NUMBER, cp);
	if (cp_stream_period_ms(stream) != stream->nominal_ms)
		sim_put(&writer, SIM_P_CP_DURATION, cp_stream_period_ms(stream) / SIM_DURATION_UNIT_MS);
	for (uint16_t i = cp_window_first(window, cp); i != end; i++)
		put_word(&writer, channel->store, stream->group, i);
	if (cas->ac_n && (stream->criteria_always || !stream->criteria_sent))
		sim_put_bytes(&writer, SIM_P_ACCESS_CRITERIA, cas->ac, cas->ac_n);
	stream->criteria_sent = true;
	stream->asked = true;
	stream->annulled = false;
	stream->asked_cp = cp;
	stream->asked_ns = uv_hrtime();
	stream->requests++;
	await(stream, channel->values.max_comp_time_ms + CP_CHANNEL_MARGIN_MS);
	cp_channel_send(channel, &writer);
}

// How many CW_provisions go first so that the ECMG has the words it must remember. Without lead that is the word on
// air, and when there is none the ECMG needs none.
static uint8_t count_earlier(const struct cp_stream *stream)
{
	const struct cp_window *window = &stream->channel->values.window;

	if (window->lead_cw == 0 &&
	    !cp_store_get(stream->channel->store, stream->group, (uint16_t)(stream->target - 1)))
		return 0;
	return (uint8_t)cp_window_earlier(window);
}

static void ask(struct cp_stream *stream)
{
	if (stream->state != CP_STREAM_OPEN || !stream->want || stream->asked || stream->pausing)
		return;
	if (stream->fresh) {
		stream->fresh = false;
		stream->earlier_left = count_earlier(stream);
	}
	uint16_t cp = (uint16_t)(stream->target - stream->earlier_left);

	// Words that the ECM for the target promises are made first, so that all of them are of one making.
	if (make_words(stream, stream->target) || make_words(stream, cp)) {
		snprintf(stream->last_error, sizeof(stream->last_error), "no random numbers for a control word");
		pause_stream(stream);
		return;
	}
	provide(stream, cp);
}

void cp_stream_want(struct cp_stream *stream, uint16_t cp)
{
	stream->want = true;
	stream->target = cp;
	ask(stream);
}

void cp_stream_annul(struct cp_stream *stream)
{
	stream->want = false;
	stream->annulled = stream->asked;
	stream->fresh = true;
}

// The CW_provision under way has an answer, or none will come: on to the next.
static void go_on(struct cp_stream *stream)
{
	stream->asked = false;
	if (stream->earlier_left)
		stream->earlier_left--;
	uv_timer_stop(&stream->timer);
}

static void on_timer(uv_timer_t *timer)
{
	struct cp_stream *stream = timer->data;

	if (stream->state == CP_STREAM_CLOSING) {
		cp_channel_release(stream->channel, stream);
	} else if (stream->pausing) {
		stream->pausing = false;
		if (stream->state == CP_STREAM_CLOSED)
			begin_set_up(stream);
		else
			ask(stream);
	} else if (stream->state == CP_STREAM_SETTING_UP) {
		stream->timeouts++;
		snprintf(stream->last_error, sizeof(stream->last_error), "no stream_status in time");
		close_and_retry(stream);
	} else if (stream->asked) {
		stream->timeouts++;
		snprintf(stream->last_error, sizeof(stream->last_error), "no ECM_response in time");
		cp_alarm_raise(stream->channel->alarms, CP_ALARM_ECM_LATE, name_of(stream));
		go_on(stream);
		ask(stream);
	}
}

// SETTING_UP, stream_status.
static void opened(struct cp_stream *stream, const struct sim_msg *msg)
{
	stream->state = CP_STREAM_OPEN;
	stream->criteria_always = sim_get(msg, SIM_P_ACCESS_CRITERIA_TRANSFER_MODE, 0);
	stream->criteria_sent = false;
	stream->fresh = true;
	stream->backoff_ms = RETRY_FIRST_MS;
	stream->last_error[0] = '\0';
	uv_timer_stop(&stream->timer);
	cp_alarm_clear(stream->channel->alarms, CP_ALARM_STREAM_REFUSED, name_of(stream));
	stream->ops->on_open(stream->owner);
	ask(stream);
}

// OPEN, stream_test.
static void answer_test(struct cp_stream *stream, const struct sim_msg *msg)
{
	struct sim_writer writer;

	(void)msg;
	cp_channel_begin(stream->channel, &writer, SIM_STREAM_STATUS);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, stream->id);
	sim_put(&writer, SIM_P_ECM_ID, stream->conf->cas.ecm_id);
	sim_put(&writer, SIM_P_ACCESS_CRITERIA_TRANSFER_MODE, stream->criteria_always);
	cp_channel_send(stream->channel, &writer);
}

static uint32_t note_error(struct cp_stream *stream, const struct sim_msg *msg)
{
	uint32_t status = sim_get(msg, SIM_P_ERROR_STATUS, SIM_E_UNKNOWN);

	stream->errors++;
	snprintf(stream->last_error, sizeof(stream->last_error), "stream_error 0x%04X %s", status,
		 sim_error_text(SIM_ECMG_SCS, (uint16_t)status));
	base_log(BASE_LOG_WARNING, "ecmg", "stream_error group=\"%s\" status=0x%04X text=\"%s\"", name_of(stream),
		 status, sim_error_text(SIM_ECMG_SCS, (uint16_t)status));
	return status;
}

// SETTING_UP, stream_error.
static void refused(struct cp_stream *stream, const struct sim_msg *msg)
{
	note_error(stream, msg);
	close_and_retry(stream);
}

// OPEN, stream_error: the answer to a CW_provision, or the end of the stream.
static void failed(struct cp_stream *stream, const struct sim_msg *msg)
{
	uint32_t status = note_error(stream, msg);
	bool earlier = stream->earlier_left > 0;

	if (status == SIM_E_UNRECOVERABLE || status == SIM_E_ECM_STREAM_ID) {
		close_and_retry(stream);
		return;
	}
	if (!stream->asked)
		return;
	go_on(stream);
	// Earlier words are a courtesy to the ECMG; one that asks for them gets them again.
	if (earlier) {
		ask(stream);
		return;
	}
	stream->fresh = stream->fresh || status == SIM_E_NOT_ENOUGH_CW;
	cp_alarm_raise(stream->channel->alarms, CP_ALARM_ECM_BROKEN, name_of(stream));
	pause_stream(stream);
}

static void note_answer(struct cp_stream *stream)
{
	double ms = (double)(uv_hrtime() - stream->asked_ns) / 1e6;

	stream->responses++;
	if (ms > stream->response_ms_max)
		stream->response_ms_max = ms;
	go_on(stream);
}

// OPEN, ECM_response.
static void take_ecm(struct cp_stream *stream, const struct sim_msg *msg)
{
	uint8_t section[CP_DATAGRAM_SECTION_MAX];
	const uint8_t *datagram = NULL;
	size_t position = 0, n = 0;
	uint16_t cp = (uint16_t)sim_get(msg, SIM_P_CP_NUMBER, 0);

	if (!stream->asked || cp != stream->asked_cp) {
		stream->late++;
		return;
	}
	bool wanted = stream->want && cp == stream->target && !stream->annulled;

	note_answer(stream);
	sim_next(msg, SIM_P_ECM_DATAGRAM, &position, &datagram, &n);
	int rc = wanted ? cp_datagram_section(section, datagram, n, stream->channel->values.packets) : 0;

	if (rc < 0) {
		stream->errors++;
		snprintf(stream->last_error, sizeof(stream->last_error), "the ECM_datagram is no section");
		cp_alarm_raise(stream->channel->alarms, CP_ALARM_ECM_BROKEN, name_of(stream));
		pause_stream(stream);
		return;
	}
	if (wanted) {
		stream->want = false;
		stream->backoff_ms = RETRY_FIRST_MS;
		stream->last_error[0] = '\0';
		cp_alarm_clear(stream->channel->alarms, CP_ALARM_ECM_LATE, name_of(stream));
		cp_alarm_clear(stream->channel->alarms, CP_ALARM_ECM_BROKEN, name_of(stream));
		stream->ops->on_ecm(stream->owner, section, (size_t)rc);
	}
	ask(stream);
}

// CLOSING: stream_close_response, or an error in its place.
static void closed(struct cp_stream *stream, const struct sim_msg *msg)
{
	(void)msg;
	cp_channel_release(stream->channel, stream);
}

// CLOSING: what was asked for before.
static void pass_over(struct cp_stream *stream, const struct sim_msg *msg)
{
	(void)stream;
	(void)msg;
}

static const struct {
	enum cp_stream_state state;
	uint16_t message;
	void (*handle)(struct cp_stream *stream, const struct sim_msg *msg);
} dialogue[] = {
	{CP_STREAM_SETTING_UP, SIM_STREAM_STATUS, opened}, {CP_STREAM_SETTING_UP, SIM_STREAM_ERROR, refused},
	{CP_STREAM_OPEN, SIM_STREAM_TEST, answer_test},    {CP_STREAM_OPEN, SIM_STREAM_ERROR, failed},
	{CP_STREAM_OPEN, SIM_ECM_RESPONSE, take_ecm},      {CP_STREAM_CLOSING, SIM_STREAM_CLOSE_RESPONSE, closed},
	{CP_STREAM_CLOSING, SIM_STREAM_ERROR, closed},     {CP_STREAM_CLOSING, SIM_STREAM_STATUS, pass_over},
	{CP_STREAM_CLOSING, SIM_ECM_RESPONSE, pass_over},
};

void cp_stream_message(struct cp_stream *stream, const struct sim_msg *msg)
{
	for (size_t i = 0; i < sizeof(dialogue) / sizeof(dialogue[0]); i++)
		if (dialogue[i].state == stream->state && dialogue[i].message == msg->type) {
			dialogue[i].handle(stream, msg);
			return;
		}
	stream->channel->unexpected++;
}

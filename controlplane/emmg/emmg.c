// SPDX-License-Identifier: GPL-3.0-or-later
#include "emmg/emmg.h"

#include <stdarg.h>
#include <stdio.h>

#include <base_log.h>

#include "ecmg/clock.h"
#include "emmg/dialogue.h"
#include "emmg/say.h"

enum {
	STEP_MS = 100,
	BACK_OFF_MIN_MS = 200,
	BACK_OFF_MAX_MS = 10000,
	ANSWER_MS = 5000,    // for any answer; the standard fixes none
	SILENCE_MS = 10000,  // then the channel is tested
	ASK_AGAIN_MS = 5000, // while no bandwidth is allocated
	CLOSE_MS = 1000
};

const char *cas_emmg_state_name(enum cas_emmg_state state)
{
	static const char *const name[CAS_EMMG_STATES] = {
		[CAS_EMMG_DOWN] = "down",
		[CAS_EMMG_CONNECTING] = "connecting",
		[CAS_EMMG_CHANNEL] = "channel_setup",
		[CAS_EMMG_STREAM] = "stream_setup",
		[CAS_EMMG_BANDWIDTH] = "bandwidth_request",
		[CAS_EMMG_OPEN] = "open",
		[CAS_EMMG_CLOSING] = "closing",
	};

	return name[state];
}

static uint64_t now_us(void)
{
	return uv_hrtime() / 1000;
}

void cas_emmg_error(struct cas_emmg *emmg, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(emmg->last_error, sizeof(emmg->last_error), format, arguments);
	va_end(arguments);
	base_log(BASE_LOG_WARNING, "emmg", "error mux=%s port=%u text=\"%s\"", emmg->conf->address,
		 emmg->conf->tcp_port, emmg->last_error);
}

void cas_emmg_enter(struct cas_emmg *emmg, enum cas_emmg_state state)
{
	emmg->state = state;
	emmg->asked_ms = uv_now(emmg->loop);
	if (state != CAS_EMMG_OPEN)
		return;
	emmg->lost_since = 0;
	emmg->back_off_ms = BACK_OFF_MIN_MS;
	base_log(BASE_LOG_INFO, "emmg", "stream open mux=%s version=%u queued=%zu", cp_wire_peer(emmg->wire),
		 emmg->version, emmg->queue.sections);
}

static void send_some(struct cas_emmg *emmg);

static void on_send(uv_timer_t *timer)
{
	send_some(timer->data);
}

// Sends while the bucket allows, then waits until it does again.
static void send_some(struct cas_emmg *emmg)
{
	const uint8_t *section;
	size_t n;

	while (emmg->state == CAS_EMMG_OPEN && (section = cas_queue_first(&emmg->queue, &n)) &&
	       cas_pace_ready(&emmg->pace, now_us())) {
		if (cas_say_section(emmg, section, n))
			return; // the connection ends; the section stays
		cas_pace_take(&emmg->pace, cas_pace_section_bits(n));
		cas_queue_pop(&emmg->queue);
		emmg->sections++;
	}
	if (emmg->state == CAS_EMMG_OPEN && emmg->queue.sections > 0 && emmg->pace.rate_kbps > 0)
		uv_timer_start(&emmg->send, on_send, cas_pace_wait_us(&emmg->pace) / 1000 + 1, 0);
}

void cas_emmg_allocated(struct cas_emmg *emmg, uint32_t kbps)
{
	base_log(BASE_LOG_INFO, "emmg", "bandwidth allocated_kbps=%u asked_kbps=%u", kbps, emmg->conf->bandwidth_kbps);
	emmg->allocated_kbps = kbps;
	emmg->asked_ms = uv_now(emmg->loop);
	cas_pace_set(&emmg->pace, kbps, now_us());
	send_some(emmg);
}

static void on_open(void *owner, struct cp_wire *wire)
{
	struct cas_emmg *emmg = owner;

	(void)wire;
	emmg->heard_ms = uv_now(emmg->loop);
	emmg->tested = false;
	cas_say_channel(emmg, SIM_MUX_CHANNEL_SETUP);
	cas_emmg_enter(emmg, CAS_EMMG_CHANNEL);
}

static void heard(struct cas_emmg *emmg)
{
	emmg->heard_ms = uv_now(emmg->loop);
	emmg->tested = false;
}

static void on_message(void *owner, struct cp_wire *wire, const struct sim_msg *msg)
{
	(void)wire;
	heard(owner);
	cas_emmg_hear(owner, msg);
}

static void on_refused(void *owner, struct cp_wire *wire, const struct sim_msg *msg, const struct sim_error *error)
{
	(void)wire;
	heard(owner);
	cas_emmg_refuse(owner, msg, error);
}

static void wait_longer(struct cas_emmg *emmg)
{
	emmg->retry_ms = uv_now(emmg->loop) + emmg->back_off_ms;
	emmg->back_off_ms = emmg->back_off_ms * 2 < BACK_OFF_MAX_MS ? emmg->back_off_ms * 2 : BACK_OFF_MAX_MS;
}

static void end_send(struct cas_emmg *emmg)
{
	if (!uv_is_closing((uv_handle_t *)&emmg->send))
		uv_close((uv_handle_t *)&emmg->send, NULL);
}

// A MUX that does not know a protocol_version may say so, say nothing, or close.
void cas_emmg_other_version(struct cas_emmg *emmg)
{
	emmg->version = emmg->version > SIM_VERSION_MIN ? emmg->version - 1 : emmg->conf->version;
}

static void on_closed(void *owner, struct cp_wire *wire, const char *why)
{
	struct cas_emmg *emmg = owner;

	(void)wire;
	emmg->wire = NULL;
	if (emmg->state == CAS_EMMG_CHANNEL)
		cas_emmg_other_version(emmg);
	emmg->state = CAS_EMMG_DOWN;
	emmg->allocated_kbps = 0;
	cas_pace_set(&emmg->pace, 0, now_us());
	if (emmg->stopping) {
		end_send(emmg);
		return;
	}
	if (!emmg->lost_since) {
		emmg->lost_since = cas_clock_utc();
		emmg->losses++;
	}
	if (!emmg->noted)
		cas_emmg_error(emmg, "%s", why);
	wait_longer(emmg);
}

static const struct cp_wire_ops wire_ops = {on_open, on_message, on_refused, on_closed};

void cas_emmg_drop(struct cas_emmg *emmg, const char *why)
{
	emmg->state = CAS_EMMG_DOWN; // nothing is said any more
	emmg->noted = why == NULL;
	cp_wire_close(emmg->wire, why ? why : "an error of the MUX");
}

static void connect_to_mux(struct cas_emmg *emmg)
{
	emmg->state = CAS_EMMG_CONNECTING;
	emmg->noted = false;
	emmg->wire = cp_wire_connect(emmg->loop, emmg->conf->address, emmg->conf->tcp_port, SIM_EMMG_MUX, &wire_ops,
				     emmg, &emmg->counts);
	if (emmg->wire)
		return;
	emmg->state = CAS_EMMG_DOWN;
	wait_longer(emmg);
}

static void look_at_open(struct cas_emmg *emmg, uint64_t now)
{
	uint64_t silent = now - emmg->heard_ms;

	if (emmg->allocated_kbps == 0 && now - emmg->asked_ms >= ASK_AGAIN_MS) {
		emmg->asked_ms = now;
		cas_say_bandwidth(emmg);
	}
	if (silent >= SILENCE_MS + ANSWER_MS) {
		cas_emmg_drop(emmg, "no answer to channel_test");
	} else if (silent >= SILENCE_MS && !emmg->tested) {
		emmg->tested = true;
		cas_say_channel(emmg, SIM_MUX_CHANNEL_TEST);
	}
}

static void on_step(uv_timer_t *timer)
{
	struct cas_emmg *emmg = timer->data;
	uint64_t now = uv_now(emmg->loop);

	switch (emmg->state) {
	case CAS_EMMG_DOWN:
		if (!emmg->wire && now >= emmg->retry_ms)
			connect_to_mux(emmg);
		break;
	case CAS_EMMG_CONNECTING: // the wire has its own limit
		break;
	case CAS_EMMG_OPEN:
		look_at_open(emmg, now);
		break;
	default:
		if (now - emmg->asked_ms < ANSWER_MS)
			break;
		if (emmg->state == CAS_EMMG_CHANNEL)
			cas_emmg_other_version(emmg);
		cas_emmg_drop(emmg, "no answer");
		break;
	}
}

void cas_emmg_open(struct cas_emmg *emmg, uv_loop_t *loop, const struct cas_conf_emmg *conf)
{
	emmg->loop = loop;
	emmg->conf = conf;
	emmg->version = conf->version;
	emmg->back_off_ms = BACK_OFF_MIN_MS;
	emmg->lost_since = cas_clock_utc();
	cas_queue_init(&emmg->queue);
	uv_timer_init(loop, &emmg->step);
	uv_timer_init(loop, &emmg->send);
	emmg->step.data = emmg;
	emmg->send.data = emmg;
	uv_timer_start(&emmg->step, on_step, 0, STEP_MS);
}

static void on_close_limit(uv_timer_t *timer)
{
	struct cas_emmg *emmg = timer->data;

	if (emmg->wire)
		cas_emmg_drop(emmg, "the EMMG stops");
	else
		end_send(emmg);
}

void cas_emmg_close(struct cas_emmg *emmg)
{
	bool polite = emmg->state == CAS_EMMG_OPEN || emmg->state == CAS_EMMG_BANDWIDTH;

	emmg->stopping = true;
	uv_close((uv_handle_t *)&emmg->step, NULL);
	if (polite) {
		cas_say_stream(emmg, SIM_MUX_STREAM_CLOSE_REQUEST);
		cas_emmg_enter(emmg, CAS_EMMG_CLOSING);
	}
	uv_timer_start(&emmg->send, on_close_limit, polite ? CLOSE_MS : 0, 0);
}

void cas_emmg_fini(struct cas_emmg *emmg)
{
	cp_wire_counts_log(&emmg->counts, "emmg", "MUX");
	cas_queue_fini(&emmg->queue);
}

int cas_emmg_queue(struct cas_emmg *emmg, const uint8_t *bytes, size_t n, size_t count)
{
	int rc = cas_queue_add(&emmg->queue, bytes, n, count);

	if (!rc)
		send_some(emmg);
	return rc;
}

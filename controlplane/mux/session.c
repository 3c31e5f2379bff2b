// SPDX-License-Identifier: GPL-3.0-or-later
// A connection: what is refused, who is silent, and its end.
#include <stdio.h>
#include <stdlib.h>

#include "mux/inside.h"

#define REFUSED_MAX  8     // messages in a row
#define SETUP_MS     10000 // for channel_setup to come
#define TEST_MS      10000 // of silence before a channel_test
#define TEST_WAIT_MS 5000  // for an answer to it
#define ERRORS_TOLD  16    // of one connection

enum base_log_level mux_session_error_level(struct mux_session *session)
{
	return session->errors++ < ERRORS_TOLD ? BASE_LOG_WARNING : BASE_LOG_DEBUG;
}

static void refuse(struct mux_session *session, const struct sim_msg *msg, const struct sim_error *error)
{
	uint8_t out[SIM_SMALL_MAX];
	int n = sim_refuse(out, sizeof(out), msg, error);

	if (session->client)
		snprintf(session->client->last_error, sizeof(session->client->last_error), "%s",
			 sim_error_text(SIM_EMMG_MUX, error->status));
	session->refused++;
	base_log(mux_session_error_level(session), "mux",
		 "message refused peer=%s message=%s error_status=0x%04x error_information=0x%04x",
		 cp_wire_peer(session->wire), sim_type_name(SIM_EMMG_MUX, msg->type), error->status,
		 error->information);
	if (n > 0)
		(void)cp_wire_send(session->wire, out, (size_t)n); // the wire closes itself and tells
	if (error->status == SIM_E_VERSION)
		cp_wire_close(session->wire, "unsupported protocol version");
	else if (session->refused >= REFUSED_MAX)
		cp_wire_close(session->wire, "too many refused messages");
}

static void heard(struct mux_session *session)
{
	session->heard_ms = mux_now_ms(session->mux);
	session->tested_ms = 0;
}

static void on_message(void *owner, struct cp_wire *wire, const struct sim_msg *msg)
{
	struct mux_session *session = owner;
	struct sim_error error;

	(void)wire;
	heard(session);
	if (mux_dialogue(session, msg, &error) < 0)
		refuse(session, msg, &error);
	else
		session->refused = 0;
}

static void on_refused(void *owner, struct cp_wire *wire, const struct sim_msg *msg, const struct sim_error *error)
{
	struct mux_session *session = owner;

	(void)wire;
	heard(session);
	refuse(session, msg, error);
}

static void add_counts(struct cp_wire_counts *to, const struct cp_wire_counts *from)
{
	for (size_t i = 0; i < SIM_TYPES; i++) {
		to->received[i] += from->received[i];
		to->sent[i] += from->sent[i];
	}
	to->received_other += from->received_other;
	to->malformed += from->malformed;
}

static void leave_client(struct mux_session *session, const char *why)
{
	struct mux_client *client = session->client;
	struct cp_mux *mux = session->mux;

	for (size_t i = 0; i < mux->streams_n; i++)
		if (mux->streams[i].client == client)
			mux_stream_close(&mux->streams[i]);
	add_counts(&client->counts, &session->counts);
	client->session = NULL;
	base_log(BASE_LOG_INFO, "mux", "channel closed client_id=%08x peer=%s why=\"%s\"", client->client_id,
		 cp_wire_peer(session->wire), why);
	cp_wire_counts_log(&client->counts, "mux", cp_wire_peer(session->wire));
}

static void on_closed(void *owner, struct cp_wire *wire, const char *why)
{
	struct mux_session *session = owner, **at = &session->mux->sessions;

	(void)wire;
	if (session->client)
		leave_client(session, why);
	while (*at != session)
		at = &(*at)->next;
	*at = session->next;
	mux_free_when_done(session->mux);
	free(session);
}

const struct cp_wire_ops mux_session_ops = {
	.on_message = on_message,
	.on_refused = on_refused,
	.on_closed = on_closed,
};

struct mux_session *mux_session_new(struct cp_mux *mux, struct cp_wire *wire)
{
	struct mux_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	*session = (struct mux_session){.mux = mux, .next = mux->sessions, .wire = wire, .heard_ms = mux_now_ms(mux)};
	mux->sessions = session;
	return session;
}

void mux_session_tick(struct mux_session *session)
{
	uint64_t now_ms = mux_now_ms(session->mux);

	if (session->state == MUX_NEW && now_ms - session->heard_ms >= SETUP_MS)
		cp_wire_close(session->wire, "no channel_setup came");
	else if (session->tested_ms != 0 && now_ms - session->tested_ms >= TEST_WAIT_MS)
		cp_wire_close(session->wire, "channel_test was not answered");
	else if (session->state == MUX_OPEN && now_ms - session->heard_ms >= TEST_MS)
		mux_session_test(session);
}

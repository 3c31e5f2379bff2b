// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <CUnit/CUnit.h>

#include <base_bytes.h>
#include <base_local.h>
#include <ts_section.h>

struct fake_socket {
	uv_poll_t poll;
	struct fake_dataplane *dp;
	int fd;
};

static void on_socket_closed(uv_handle_t *handle)
{
	struct fake_socket *s = handle->data;

	close(s->fd);
	free(s);
}

void fake_dataplane_drop(struct fake_dataplane *dp)
{
	if (!dp->socket)
		return;
	uv_close((uv_handle_t *)&dp->socket->poll, on_socket_closed);
	dp->socket = NULL;
}

// Blocks while the other end has no room: a test that fills it up pauses nothing of itself.
void fake_dataplane_send(struct fake_dataplane *dp, const void *msg)
{
	const struct dp_msg_head *head = msg;

	CU_ASSERT_PTR_NOT_NULL_FATAL(dp->socket);
	CU_ASSERT_EQUAL(base_local_send(dp->socket->fd, msg, head->bytes), 0);
}

void fake_dataplane_tell(struct fake_dataplane *dp, unsigned group, bool extending)
{
	const struct fake_group *g = &dp->group[group];
	struct dp_msg_period_state state = {
		.head = {.type = DP_MSG_PERIOD_STATE, .bytes = sizeof(state)},
		.group = (uint16_t)group,
		.cp_number = g->current.cp_number,
		.next_cp_number = g->next.cp_number,
		.running = g->running,
		.have_next = g->have_next,
		.extending = extending,
		.ecm_on_air = g->running,
		.started_27mhz = dp->started_27mhz,
		.now_27mhz = dp->started_27mhz + 27000,
	};

	fake_dataplane_send(dp, &state);
}

void fake_dataplane_flip_quietly(struct fake_dataplane *dp, unsigned group)
{
	struct fake_group *g = &dp->group[group];

	CU_ASSERT_TRUE(g->have_next);
	g->current = g->next;
	g->running = true;
	g->have_next = false;
	dp->started_27mhz += 270000000;
}

void fake_dataplane_flip(struct fake_dataplane *dp, unsigned group)
{
	fake_dataplane_flip_quietly(dp, group);
	fake_dataplane_tell(dp, group, false);
}

static void hold(struct dp_msg_held *out, const struct dp_msg_period *period)
{
	out->cp_number = period->cp_number;
	out->cws = period->cws;
	out->cw_bytes = period->cw_bytes;
	out->scrambling_mode = period->scrambling_mode;
	memcpy(out->cw, period->cw, sizeof(out->cw));
}

static void take_hello(struct fake_dataplane *dp, const struct dp_msg_hello *hello)
{
	const struct dp_msg_welcome welcome = {
		.head = {.type = DP_MSG_WELCOME, .bytes = sizeof(welcome)},
		.version = DP_MSG_VERSION,
		.lineup = dp->lineups != 0,
		.boot_id = dp->boot_id,
	};

	dp->hellos++;
	dp->epoch = hello->epoch;
	dp->serial = dp->taken[0] = dp->taken[1] = 0;
	if (dp->bye_own) {
		const struct dp_msg_bye bye = {.head = {.type = DP_MSG_BYE, .bytes = sizeof(bye)},
					       .reason = DP_MSG_BYE_OLDER,
					       .epoch = hello->epoch};

		dp->bye_own = false;
		fake_dataplane_send(dp, &bye);
		fake_dataplane_drop(dp);
		return;
	}
	fake_dataplane_send(dp, &welcome);
	for (unsigned i = 0; i < FAKE_GROUPS; i++) {
		const struct fake_group *g = &dp->group[i];
		struct dp_msg_group_state state = {.head = {.type = DP_MSG_GROUP_STATE, .bytes = sizeof(state)}};

		if (!g->running)
			continue;
		memcpy(state.name, g->name, sizeof(state.name));
		hold(&state.current, &g->current);
		if (g->have_next)
			hold(&state.next, &g->next);
		fake_dataplane_send(dp, &state);
	}
}

// Groups that stay keep what they hold, by name; those that are new hold nothing.
static void change_groups(struct fake_dataplane *dp)
{
	struct fake_group *before = malloc(sizeof(dp->group));

	memcpy(before, dp->group, sizeof(dp->group));
	memset(dp->group, 0, sizeof(dp->group));
	for (unsigned i = 0; i < dp->wanted; i++) {
		for (unsigned k = 0; k < FAKE_GROUPS; k++)
			if (strcmp(before[k].name, dp->names[2][i]) == 0)
				dp->group[i] = before[k];
		memcpy(dp->group[i].name, dp->names[2][i], DP_MSG_NAME_BYTES);
	}
	free(before);
}

void fake_dataplane_answer(struct fake_dataplane *dp)
{
	struct dp_msg_result result = {.head = {.type = DP_MSG_LINEUP_RESULT, .bytes = sizeof(result)},
				       .error = dp->lineup_error,
				       .serial = dp->serial};

	if (dp->busy) {
		dp->busy--;
		result.error = -EBUSY;
	} else if (dp->lineup_error) {
		snprintf(result.text, sizeof(result.text), "%s", dp->lineup_text);
	} else {
		dp->taken[1] = dp->taken[0];
		dp->taken[0] = dp->serial;
		memcpy(dp->names[1], dp->names[0], sizeof(dp->names[0]));
		memcpy(dp->names[0], dp->names[2], sizeof(dp->names[0]));
		change_groups(dp);
	}
	fake_dataplane_send(dp, &result);
}

static void take_lineup(struct fake_dataplane *dp, const struct dp_msg_lineup *lineup)
{
	CU_ASSERT_TRUE(lineup->serial > dp->serial);
	dp->serial = lineup->serial;
	dp->wanted = lineup->groups;
	dp->services = lineup->services;
	memset(dp->names[2], 0, sizeof(dp->names[2]));
}

static void take_lineup_end(struct fake_dataplane *dp)
{
	dp->lineups++;
	if (!dp->hold)
		fake_dataplane_answer(dp);
}

struct fake_group *fake_dataplane_group(struct fake_dataplane *dp, const char *name)
{
	for (unsigned i = 0; i < FAKE_GROUPS; i++)
		if (strcmp(dp->group[i].name, name) == 0)
			return &dp->group[i];
	return NULL;
}

static void take_move(struct fake_dataplane *dp, const struct dp_msg_move *move)
{
	struct dp_msg_move_result result = {.head = {.type = DP_MSG_MOVE_RESULT, .bytes = sizeof(result)},
					    .input = move->input,
					    .worker = move->worker,
					    .error = dp->move_error};

	dp->moved = *move;
	if (!dp->hold)
		fake_dataplane_send(dp, &result);
}

static void take_period(struct fake_dataplane *dp, const struct dp_msg_period *period)
{
	unsigned of = period->lineup == dp->taken[0] ? 0 : 1;

	CU_ASSERT_EQUAL_FATAL(period->lineup, dp->taken[of]);
	struct fake_group *g = fake_dataplane_group(dp, dp->names[of][period->group]);

	CU_ASSERT_PTR_NOT_NULL_FATAL(g);
	if (dp->refuse) {
		const struct dp_msg_refused refused = {.head = {.type = DP_MSG_PERIOD_REFUSED,
								.bytes = sizeof(refused)},
						       .group = period->group,
						       .cp_number = period->cp_number,
						       .error = dp->refuse};

		dp->refuse = 0;
		dp->refused++;
		fake_dataplane_send(dp, &refused);
		return;
	}
	CU_ASSERT_FALSE(g->have_next);
	if (g->running)
		CU_ASSERT_EQUAL(period->cp_number, (uint16_t)(g->current.cp_number + 1));
	g->next = *period;
	g->have_next = true;
	g->periods++;
	dp->periods++;
	if (dp->at_once || !g->running)
		fake_dataplane_flip(dp, (unsigned)(g - dp->group));
	else
		fake_dataplane_tell(dp, (unsigned)(g - dp->group), false);
}

static void take_group(struct fake_dataplane *dp, const struct dp_msg_group *group)
{
	memcpy(dp->names[2][group->index], group->name, sizeof(group->name));
}

static void take(struct fake_dataplane *dp, const void *bytes)
{
	const struct dp_msg_head *head = bytes;

	dp->lineup_msgs += head->type >= DP_MSG_LINEUP && head->type <= DP_MSG_LINEUP_END;
	switch (head->type) {
	case DP_MSG_HELLO:
		take_hello(dp, bytes);
		break;
	case DP_MSG_LINEUP:
		take_lineup(dp, bytes);
		break;
	case DP_MSG_MOVE:
		take_move(dp, bytes);
		break;
	case DP_MSG_GROUP:
		take_group(dp, bytes);
		break;
	case DP_MSG_SERVICE:
		memcpy(&dp->last_service, bytes, sizeof(dp->last_service));
		break;
	case DP_MSG_EMM_STREAM:
		memcpy(&dp->last_emm, bytes, sizeof(dp->last_emm));
		break;
	case DP_MSG_LINEUP_END:
		take_lineup_end(dp);
		break;
	case DP_MSG_PERIOD:
		take_period(dp, bytes);
		break;
	case DP_MSG_EMM_DATA:
		dp->emm_pkts += ((const struct dp_msg_emm_data *)bytes)->pkts;
		break;
	default:
		break;
	}
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct fake_dataplane *dp = ((struct fake_socket *)poll->data)->dp;
	union {
		uint64_t align;
		uint8_t bytes[32768];
	} buffer;

	(void)status;
	(void)events;
	ssize_t n = base_local_receive(dp->socket->fd, buffer.bytes, sizeof(buffer));

	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		fake_dataplane_drop(dp);
		return;
	}
	CU_ASSERT_EQUAL(((struct dp_msg_head *)(void *)buffer.bytes)->bytes, (uint32_t)n);
	take(dp, buffer.bytes);
}

void fake_dataplane_pause(struct fake_dataplane *dp, bool paused)
{
	if (paused)
		uv_poll_stop(&dp->socket->poll);
	else
		uv_poll_start(&dp->socket->poll, UV_READABLE, on_readable);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct fake_dataplane *dp = poll->data;
	int fd = base_local_accept(dp->listener, NULL);

	(void)status;
	(void)events;
	if (fd < 0)
		return;
	struct fake_socket *s = calloc(1, sizeof(*s));

	fake_dataplane_drop(dp);
	s->dp = dp;
	s->fd = fd;
	uv_poll_init(dp->loop, &s->poll, fd);
	s->poll.data = s;
	dp->socket = s;
	uv_poll_start(&s->poll, UV_READABLE, on_readable);
}

void fake_dataplane_open(struct fake_dataplane *dp, uv_loop_t *loop)
{
	*dp = (struct fake_dataplane){.loop = loop, .boot_id = 1, .started_27mhz = 1000};
	dp->lineup_text = "another line-up is on air";
	snprintf(dp->path, sizeof(dp->path), "/tmp/bulkhead-control-test-%d", (int)getpid());
	dp->listener = base_local_listen(dp->path);
	CU_ASSERT_TRUE_FATAL(dp->listener >= 0);
	uv_poll_init(loop, &dp->listening, dp->listener);
	dp->listening.data = dp;
	uv_poll_start(&dp->listening, UV_READABLE, on_connection);
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct fake_dataplane *dp = handle->data;

	close(dp->listener);
	unlink(dp->path);
}

void fake_dataplane_close(struct fake_dataplane *dp)
{
	fake_dataplane_drop(dp);
	uv_close((uv_handle_t *)&dp->listening, on_listener_closed);
}

void fake_dataplane_restart(struct fake_dataplane *dp)
{
	fake_dataplane_drop(dp);
	dp->boot_id++;
	memset(dp->group, 0, sizeof(dp->group));
}

// A message of the ECMG.
static void begin(struct fake_ecmg *ecmg, struct sim_writer *writer, uint8_t *bytes, size_t n, uint16_t type)
{
	sim_begin(writer, bytes, n, SIM_ECMG_SCS, ecmg->highest_version, type);
	sim_put(writer, SIM_P_ECM_CHANNEL_ID, 1);
}

static void finish(struct fake_ecmg *ecmg, struct sim_writer *writer)
{
	int n = sim_end(writer);

	CU_ASSERT_TRUE_FATAL(n > 0);
	CU_ASSERT_EQUAL(cp_wire_send(ecmg->wire, writer->bytes, (size_t)n), 0);
}

void fake_ecmg_plain(struct fake_ecmg *ecmg, uint16_t type)
{
	uint8_t bytes[64];
	struct sim_writer writer;

	begin(ecmg, &writer, bytes, sizeof(bytes), type);
	finish(ecmg, &writer);
}

static void send_channel_status(struct fake_ecmg *ecmg)
{
	uint8_t bytes[256];
	struct sim_writer writer;

	begin(ecmg, &writer, bytes, sizeof(bytes), SIM_CHANNEL_STATUS);
	sim_put(&writer, SIM_P_SECTION_TSPKT_FLAG, ecmg->packets);
	sim_put(&writer, SIM_P_DELAY_START, (uint32_t)ecmg->delay_start_ms);
	sim_put(&writer, SIM_P_DELAY_STOP, (uint32_t)ecmg->delay_start_ms);
	sim_put(&writer, SIM_P_TRANSITION_DELAY_START, (uint32_t)ecmg->transition_ms);
	sim_put(&writer, SIM_P_ECM_REP_PERIOD, 100);
	sim_put(&writer, SIM_P_MAX_STREAMS, ecmg->max_streams);
	sim_put(&writer, SIM_P_MIN_CP_DURATION, 10);
	sim_put(&writer, SIM_P_LEAD_CW, ecmg->lead_cw);
	sim_put(&writer, SIM_P_CW_PER_MSG, ecmg->cw_per_msg);
	sim_put(&writer, SIM_P_MAX_COMP_TIME, 100);
	finish(ecmg, &writer);
}

static void take_channel_setup(struct fake_ecmg *ecmg, const struct sim_msg *msg)
{
	uint8_t bytes[64];
	struct sim_writer writer;

	ecmg->setups++;
	if (msg->version <= ecmg->highest_version) {
		send_channel_status(ecmg);
		return;
	}
	begin(ecmg, &writer, bytes, sizeof(bytes), SIM_CHANNEL_ERROR);
	sim_put(&writer, SIM_P_ERROR_STATUS, SIM_E_VERSION);
	finish(ecmg, &writer);
}

static void take_stream_setup(struct fake_ecmg *ecmg, const struct sim_msg *msg)
{
	uint8_t bytes[64];
	struct sim_writer writer;

	ecmg->streams++;
	begin(ecmg, &writer, bytes, sizeof(bytes), SIM_STREAM_STATUS);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, sim_get(msg, SIM_P_ECM_STREAM_ID, 0));
	sim_put(&writer, SIM_P_ECM_ID, sim_get(msg, SIM_P_ECM_ID, 0));
	sim_put(&writer, SIM_P_ACCESS_CRITERIA_TRANSFER_MODE, 0);
	finish(ecmg, &writer);
}

static void take_stream_close(struct fake_ecmg *ecmg, const struct sim_msg *msg)
{
	uint8_t bytes[64];
	struct sim_writer writer;

	ecmg->closed++;
	ecmg->closed_stream = (uint16_t)sim_get(msg, SIM_P_ECM_STREAM_ID, 0);
	memset(ecmg->word[ecmg->closed_stream], 0, sizeof(ecmg->word[0]));
	if (ecmg->deaf)
		return;
	begin(ecmg, &writer, bytes, sizeof(bytes), SIM_STREAM_CLOSE_RESPONSE);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, ecmg->closed_stream);
	finish(ecmg, &writer);
}

// The section names its stream and crypto-period.
void fake_ecmg_answer(struct fake_ecmg *ecmg, uint16_t stream, uint16_t cp)
{
	uint8_t section[7] = {0x80 | (cp & 1), 0x70, 4}, bytes[512], packet[1][TS_PACKET_BYTES];
	struct sim_writer writer;
	uint8_t cc = 7;

	base_bytes_put16(section + 3, stream);
	base_bytes_put16(section + 5, cp);
	if (ecmg->garbage)
		section[2] = 5;
	CU_ASSERT_EQUAL(ts_section_packetize(packet, 1, section, sizeof(section), 0x1FFF, &cc), 1);
	begin(ecmg, &writer, bytes, sizeof(bytes), SIM_ECM_RESPONSE);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, stream);
	sim_put(&writer, SIM_P_CP_NUMBER, cp);
	if (ecmg->packets)
		sim_put_bytes(&writer, SIM_P_ECM_DATAGRAM, packet, sizeof(packet));
	else
		sim_put_bytes(&writer, SIM_P_ECM_DATAGRAM, section, sizeof(section));
	finish(ecmg, &writer);
}

static void note_word(struct fake_ecmg *ecmg, uint16_t stream, const uint8_t *value, size_t n)
{
	uint16_t cp = base_bytes_get16(value);
	typeof(ecmg->word[0][0]) *word = &ecmg->word[stream][cp % 32];

	if (word->have && word->cp == cp && memcmp(word->cw, value + 2, n - 2) != 0)
		ecmg->words_replaced++;
	word->have = true;
	word->cp = cp;
	memcpy(word->cw, value + 2, n - 2);
}

static void take_provision(struct fake_ecmg *ecmg, const struct sim_msg *msg)
{
	struct fake_provision *p = &ecmg->provision[ecmg->provisions % FAKE_PROVISIONS];
	uint8_t bytes[64];
	const uint8_t *value;
	struct sim_writer writer;
	size_t position = 0, n;

	ecmg->provisions++;
	*p = (struct fake_provision){.stream = (uint16_t)sim_get(msg, SIM_P_ECM_STREAM_ID, 0),
				     .cp = (uint16_t)sim_get(msg, SIM_P_CP_NUMBER, 0),
				     .criteria = sim_has(msg, SIM_P_ACCESS_CRITERIA),
				     .duration = (uint16_t)sim_get(msg, SIM_P_CP_DURATION, 0)};
	if (sim_next(msg, SIM_P_ACCESS_CRITERIA, &position, &value, &n) && n)
		p->criterion = value[0];
	position = 0;
	CU_ASSERT_TRUE_FATAL(p->stream >= 1 && p->stream <= FAKE_GROUPS);
	while (sim_next(msg, SIM_P_CP_CW_COMBINATION, &position, &value, &n)) {
		CU_ASSERT_TRUE_FATAL(n == 10 || n == 18);
		p->last = base_bytes_get16(value);
		if (p->words < sizeof(p->lengths))
			p->lengths[p->words] = (uint8_t)(n - 2);
		if (p->words++ == 0)
			p->first = p->last;
		note_word(ecmg, p->stream, value, n);
	}
	if (ecmg->error) {
		begin(ecmg, &writer, bytes, sizeof(bytes), SIM_STREAM_ERROR);
		sim_put(&writer, SIM_P_ECM_STREAM_ID, p->stream);
		sim_put(&writer, SIM_P_ERROR_STATUS, ecmg->error);
		finish(ecmg, &writer);
	} else if (p->stream != ecmg->silent_stream && ecmg->silent_stream != 0xFFFE) {
		fake_ecmg_answer(ecmg, p->stream, p->cp);
	}
}

static void on_message(void *owner, struct cp_wire *wire, const struct sim_msg *msg)
{
	struct fake_ecmg *ecmg = owner;

	if (wire != ecmg->wire)
		return;
	switch (msg->type) {
	case SIM_CHANNEL_SETUP:
		take_channel_setup(ecmg, msg);
		break;
	case SIM_STREAM_SETUP:
		take_stream_setup(ecmg, msg);
		break;
	case SIM_CW_PROVISION:
		take_provision(ecmg, msg);
		break;
	case SIM_STREAM_CLOSE_REQUEST:
		take_stream_close(ecmg, msg);
		break;
	case SIM_CHANNEL_TEST:
		ecmg->tests++;
		send_channel_status(ecmg);
		break;
	case SIM_CHANNEL_ERROR:
	case SIM_STREAM_ERROR:
		ecmg->errors_taken++;
		break;
	default:
		break;
	}
}

static void on_refused(void *owner, struct cp_wire *wire, const struct sim_msg *msg, const struct sim_error *error)
{
	(void)owner;
	(void)wire;
	(void)msg;
	CU_ASSERT_EQUAL(error->status, 0); // what bulkhead-control sends is good
}

static void on_closed(void *owner, struct cp_wire *wire, const char *why)
{
	struct fake_ecmg *ecmg = owner;

	(void)why;
	if (wire == ecmg->wire)
		ecmg->wire = NULL;
}

static const struct cp_wire_ops ops = {.on_message = on_message, .on_refused = on_refused, .on_closed = on_closed};

static const struct cp_wire_ops *on_accepted(void *context, struct cp_wire *wire, void **owner,
					     struct cp_wire_counts **counts)
{
	struct fake_ecmg *ecmg = context;

	ecmg->connections++;
	ecmg->wire = wire;
	*owner = ecmg;
	*counts = &ecmg->counts;
	return &ops;
}

static void listen_at(struct fake_ecmg *ecmg)
{
	CU_ASSERT_EQUAL_FATAL(cp_wire_listen(&ecmg->listener, ecmg->loop, "127.0.0.1", ecmg->port, SIM_ECMG_SCS,
					     on_accepted, ecmg),
			      0);
	ecmg->port = cp_wire_listener_port(ecmg->listener);
}

void fake_ecmg_open(struct fake_ecmg *ecmg, uv_loop_t *loop, uint16_t port)
{
	if (!port) {
		memset(ecmg, 0, sizeof(*ecmg));
		ecmg->highest_version = 3;
		ecmg->lead_cw = 1;
		ecmg->cw_per_msg = 2;
		ecmg->delay_start_ms = 200;
		ecmg->transition_ms = -500;
		ecmg->silent_stream = 0xFFFF;
	}
	ecmg->loop = loop;
	ecmg->port = port;
	listen_at(ecmg);
}

void fake_ecmg_close(struct fake_ecmg *ecmg)
{
	if (ecmg->wire)
		cp_wire_close(ecmg->wire, "the test closes it");
	ecmg->wire = NULL;
	if (ecmg->listener)
		cp_wire_listener_close(ecmg->listener);
	ecmg->listener = NULL;
}

const struct fake_provision *fake_ecmg_last(const struct fake_ecmg *ecmg)
{
	return &ecmg->provision[(ecmg->provisions - 1) % FAKE_PROVISIONS];
}

static void on_deadline(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

bool fake_until(uv_loop_t *loop, bool (*holds)(void *context), void *context, const char *what)
{
	uv_timer_t deadline;
	bool over = false;

	uv_timer_init(loop, &deadline);
	deadline.data = &over;
	uv_timer_start(&deadline, on_deadline, 20000, 0);
	while (!over && !holds(context))
		uv_run(loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&deadline, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
	if (over)
		fprintf(stderr, "not within 20 s: %s\n", what);
	CU_ASSERT_FALSE(over);
	return !over;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "dplink/dplink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base_check.h>
#include <base_local.h>
#include <base_log.h>
#include <base_secret.h>

#include "dplink/lineup.h"
#include "dplink/report.h"
#include "dplink/text.h"

// Messages taken from the socket before the loop looks at others.
enum { RETRY_FIRST_MS = 50, RETRY_LAST_MS = 1000, BUSY_MS = 50, TAKE_MAX = 256 };

// SETTLED: the line-up given last has its answer. BUSY: it is to be given again, after a while.
enum state { AWAY, GREETING, LINING_UP, ASKED, BUSY, SETTLED };

static const char *const state_name[] = {"away", "greeting", "lining up", "asked", "busy", "settled"};

// The handle of one connection; it outlives the connection until the loop has let go of it.
struct socket {
	uv_poll_t poll;
	int fd;
};

struct cp_dplink {
	uv_loop_t *loop;
	const struct cp_conf *conf;
	const struct cp_dplink_ops *ops;
	void *owner;
	uint64_t epoch;
	enum state state;
	struct socket *socket; // NULL: none
	unsigned lineup_at;    // next message of the line-up
	uint32_t serial;       // of the line-up given last on this connection
	uint32_t taken;        // of the one taken last; 0: none
	bool wants_room;       // a message of the owner found none
	uint32_t retry_ms;
	uv_timer_t retry;          // to connect, or with a line-up
	struct base_secret buffer; // for what comes: GROUP_STATE holds control words
	struct cp_dplink_report report;
};

union message {
	struct dp_msg_head head;
#define X(symbol, type, direction) struct type symbol;
	DP_MSG_TABLE(X)
#undef X
};

static const size_t size_of[DP_MSG_TYPES] = {
#define X(symbol, type, direction) [DP_MSG_##symbol] = sizeof(struct type),
	DP_MSG_TABLE(X)
#undef X
};

static void on_retry(uv_timer_t *timer);

static void on_socket_closed(uv_handle_t *handle)
{
	struct socket *s = handle->data;

	close(s->fd);
	free(s);
}

static void drop_socket(struct cp_dplink *link)
{
	struct socket *s = link->socket;

	if (!s)
		return;
	link->socket = NULL;
	s->poll.data = s;
	uv_poll_stop(&s->poll);
	uv_close((uv_handle_t *)&s->poll, on_socket_closed);
}

static void try_again(struct cp_dplink *link)
{
	uv_timer_start(&link->retry, on_retry, link->retry_ms, 0);
	link->retry_ms = link->retry_ms * 2 < RETRY_LAST_MS ? link->retry_ms * 2 : RETRY_LAST_MS;
}

static void lose(struct cp_dplink *link, const char *why)
{
	drop_socket(link);
	link->state = AWAY;
	link->serial = link->taken = 0;
	link->wants_room = false;
	try_again(link);
	link->ops->on_lost(link->owner, why);
}

static void on_event(uv_poll_t *poll, int status, int events);

static void watch(struct cp_dplink *link, bool writable)
{
	uv_poll_start(&link->socket->poll, UV_READABLE | UV_DISCONNECT | (writable ? UV_WRITABLE : 0), on_event);
}

// Sends as much of the line-up as there is room for. 0 or -errno.
static int push_lineup(struct cp_dplink *link)
{
	union cp_lineup_msg msg;

	while (cp_lineup_message(&msg, link->conf, link->serial, link->lineup_at)) {
		int rc = base_local_send(link->socket->fd, &msg, msg.head.bytes);

		watch(link, rc == -EAGAIN || link->wants_room);
		if (rc)
			return rc == -EAGAIN ? 0 : rc;
		link->lineup_at++;
	}
	link->state = ASKED;
	return 0;
}

static int begin_lineup(struct cp_dplink *link)
{
	link->state = LINING_UP;
	link->lineup_at = 0;
	link->serial++;
	return push_lineup(link);
}

static int say_hello(struct cp_dplink *link)
{
	struct dp_msg_hello hello = {
		.head = {.type = DP_MSG_HELLO, .bytes = sizeof(hello)},
		.version = DP_MSG_VERSION,
		.epoch = link->epoch,
	};

	memcpy(hello.name, link->conf->name, sizeof(hello.name));
	return base_local_send(link->socket->fd, &hello, sizeof(hello));
}

// GREETING: WELCOME is answered with the line-up.
static int take_welcome(struct cp_dplink *link, const union message *msg)
{
	link->retry_ms = RETRY_FIRST_MS;
	link->ops->on_welcome(link->owner, &msg->WELCOME);
	return begin_lineup(link);
}

static int take_group_state(struct cp_dplink *link, const union message *msg)
{
	link->ops->on_group_state(link->owner, &msg->GROUP_STATE);
	return 0;
}

static int take_lineup_result(struct cp_dplink *link, const union message *msg)
{
	char text[DP_MSG_TEXT_BYTES];

	if (msg->LINEUP_RESULT.serial != link->serial)
		return -EPROTO;
	if (msg->LINEUP_RESULT.error == -EBUSY) {
		link->state = BUSY;
		uv_timer_start(&link->retry, on_retry, BUSY_MS, 0);
		return 0;
	}
	memcpy(text, msg->LINEUP_RESULT.text, sizeof(text));
	cp_dplink_text_close(text, sizeof(text));
	link->state = SETTLED;
	if (!msg->LINEUP_RESULT.error)
		link->taken = link->serial;
	link->ops->on_lineup(link->owner, msg->LINEUP_RESULT.error, text);
	return 0;
}

static int take_period_state(struct cp_dplink *link, const union message *msg)
{
	link->ops->on_period_state(link->owner, &msg->PERIOD_STATE);
	return 0;
}

static int take_refused(struct cp_dplink *link, const union message *msg)
{
	link->ops->on_refused(link->owner, &msg->PERIOD_REFUSED);
	return 0;
}

static int take_move_result(struct cp_dplink *link, const union message *msg)
{
	struct dp_msg_move_result result = msg->MOVE_RESULT;

	cp_dplink_text_close(result.text, sizeof(result.text));
	link->ops->on_moved(link->owner, &result);
	return 0;
}

static int take_alarm(struct cp_dplink *link, const union message *msg)
{
	struct dp_msg_alarm alarm = msg->ALARM;

	cp_dplink_text_close(alarm.name, sizeof(alarm.name));
	cp_dplink_text_close(alarm.object, sizeof(alarm.object));
	cp_dplink_text_close(alarm.text, sizeof(alarm.text));
	link->ops->on_alarm(link->owner, &alarm);
	return 0;
}

static int take_psi(struct cp_dplink *link, const union message *msg)
{
	if (msg->INPUT_PSI.bytes > sizeof(msg->INPUT_PSI.section))
		return -EBADMSG;
	link->ops->on_psi(link->owner, &msg->INPUT_PSI);
	return 0;
}

static int take_report(struct cp_dplink *link, const union message *msg)
{
	int rc = cp_dplink_report_take(&link->report, &msg->REPORT);

	if (rc > 0)
		link->ops->on_report(link->owner, link->report.text, link->report.total);
	return rc < 0 ? rc : 0;
}

static void fence(struct cp_dplink *link, const struct dp_msg_bye *bye)
{
	drop_socket(link);
	uv_timer_stop(&link->retry);
	link->state = AWAY;
	link->ops->on_fenced(link->owner, bye);
}

// The dataplane may meet our new connection before it has seen the end of the one before: then the older controller
// that it names is this process, and the next HELLO has to be newer than that.
static int take_bye(struct cp_dplink *link, const union message *msg)
{
	struct dp_msg_bye bye = msg->BYE;

	cp_dplink_text_close(bye.name, sizeof(bye.name));
	cp_dplink_text_close(bye.text, sizeof(bye.text));
	if (bye.reason == DP_MSG_BYE_OLDER && bye.epoch == link->epoch) {
		link->epoch++;
		lose(link, "the dataplane still had our connection before");
	} else if (bye.reason == DP_MSG_BYE_SUPERSEDED || bye.reason == DP_MSG_BYE_OLDER) {
		fence(link, &bye);
	} else {
		base_log(BASE_LOG_ERROR, "dplink", "dataplane says BYE reason=%u text=\"%s\"", bye.reason, bye.text);
		lose(link, bye.reason == DP_MSG_BYE_STOPPING  ? "the dataplane ends"
			   : bye.reason == DP_MSG_BYE_VERSION ? "the dataplane speaks another version"
							      : "the dataplane refused a message");
	}
	return 0;
}

// The dialogue as in dp_msg.h; what has no line here is out of place and ends the connection.
static const struct {
	enum state from, to; // states in which the message may come
	enum dp_msg_type message;
	int (*take)(struct cp_dplink *link, const union message *msg);
} dialogue[] = {
	{GREETING, GREETING, DP_MSG_WELCOME, take_welcome},
	{LINING_UP, SETTLED, DP_MSG_GROUP_STATE, take_group_state},
	{ASKED, ASKED, DP_MSG_LINEUP_RESULT, take_lineup_result},
	{LINING_UP, SETTLED, DP_MSG_PERIOD_STATE, take_period_state},
	{LINING_UP, SETTLED, DP_MSG_PERIOD_REFUSED, take_refused},
	{LINING_UP, SETTLED, DP_MSG_MOVE_RESULT, take_move_result},
	{LINING_UP, SETTLED, DP_MSG_ALARM, take_alarm},
	{LINING_UP, SETTLED, DP_MSG_INPUT_PSI, take_psi},
	{LINING_UP, SETTLED, DP_MSG_REPORT, take_report},
	{GREETING, SETTLED, DP_MSG_BYE, take_bye},
};

static int dispatch(struct cp_dplink *link, const union message *msg, size_t n)
{
	if (n < sizeof(msg->head) || msg->head.bytes != n || msg->head.type == DP_MSG_NO_TYPE ||
	    msg->head.type >= DP_MSG_TYPES || size_of[msg->head.type] != n)
		return -EBADMSG;
	for (size_t i = 0; i < sizeof(dialogue) / sizeof(dialogue[0]); i++)
		if (dialogue[i].message == msg->head.type && link->state >= dialogue[i].from &&
		    link->state <= dialogue[i].to)
			return dialogue[i].take(link, msg);
	base_log(BASE_LOG_ERROR, "dplink", "message out of place type=%u state=\"%s\"", msg->head.type,
		 state_name[link->state]);
	return -EPROTO;
}

// Takes what has come. Stops when the connection was dropped meanwhile.
static void take_messages(struct cp_dplink *link)
{
	union message *msg = (union message *)(void *)link->buffer.bytes;
	const struct socket *connection = link->socket;

	for (unsigned i = 0; i < TAKE_MAX && link->socket == connection; i++) {
		ssize_t n = base_local_receive(connection->fd, msg, sizeof(*msg));

		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			lose(link, n == 0 ? "the dataplane closed the connection" : "the connection broke");
			return;
		}
		int rc = dispatch(link, msg, (size_t)n);

		base_secret_scrub(msg, (size_t)n);
		if (rc && link->socket == connection)
			lose(link, rc == -EBADMSG || rc == -EPROTO ? "the dataplane broke the contract of messages"
								   : "the connection broke");
	}
}

static void use_room(struct cp_dplink *link)
{
	if (link->state == LINING_UP && push_lineup(link)) {
		lose(link, "the connection broke");
		return;
	}
	if (link->state == LINING_UP)
		return;
	watch(link, false);
	if (link->wants_room) {
		link->wants_room = false;
		link->ops->on_writable(link->owner);
	}
}

static void on_event(uv_poll_t *poll, int status, int events)
{
	struct cp_dplink *link = poll->data;
	const struct socket *connection = link->socket;

	if (status < 0) {
		lose(link, "the connection broke");
		return;
	}
	if (events & (UV_READABLE | UV_DISCONNECT))
		take_messages(link);
	if (events & UV_WRITABLE && link->socket == connection && connection)
		use_room(link);
}

static int connect_now(struct cp_dplink *link)
{
	struct socket *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->fd = base_local_connect(link->conf->dataplane_socket);
	if (s->fd < 0) {
		int rc = s->fd;

		free(s);
		return rc;
	}
	CHECK(uv_poll_init(link->loop, &s->poll, s->fd) == 0);
	s->poll.data = link;
	link->socket = s;
	link->state = GREETING;
	watch(link, false);
	return say_hello(link);
}

static void on_retry(uv_timer_t *timer)
{
	struct cp_dplink *link = timer->data;
	int rc = link->state == BUSY ? begin_lineup(link) : connect_now(link);

	if (rc)
		lose(link, strerror(-rc));
}

int cp_dplink_open(struct cp_dplink **out, uv_loop_t *loop, const struct cp_conf *conf, uint64_t epoch,
		   const struct cp_dplink_ops *ops, void *owner)
{
	struct cp_dplink *link = calloc(1, sizeof(*link));

	*out = NULL;
	if (!link)
		return -ENOMEM;
	*link = (struct cp_dplink){.loop = loop, .conf = conf, .ops = ops, .owner = owner, .epoch = epoch};
	link->retry_ms = RETRY_FIRST_MS;
	int rc = base_secret_init(&link->buffer, sizeof(union message));

	if (rc) {
		free(link);
		return rc;
	}
	uv_timer_init(loop, &link->retry);
	link->retry.data = link;
	uv_timer_start(&link->retry, on_retry, 0, 0);
	*out = link;
	return 0;
}

void cp_dplink_lineup(struct cp_dplink *link, const struct cp_conf *conf)
{
	link->conf = conf;
	// A connection that is broken is found so by the loop.
	if (link->state == SETTLED && begin_lineup(link))
		watch(link, false);
}

uint32_t cp_dplink_serial(const struct cp_dplink *link)
{
	return link->taken;
}

int cp_dplink_send(struct cp_dplink *link, const void *message)
{
	const struct dp_msg_head *head = message;

	if (!link->taken)
		return -ENOTCONN;
	if (link->state == LINING_UP) { // a line-up goes in one piece; use_room comes when it is through
		link->wants_room = true;
		return -EAGAIN;
	}
	int rc = base_local_send(link->socket->fd, message, head->bytes);

	if (rc == -EAGAIN) {
		link->wants_room = true;
		watch(link, true);
	}
	// A broken connection is reported by the loop, which is about to find its end.
	return rc && rc != -EAGAIN ? -ENOTCONN : rc;
}

static void on_retry_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void cp_dplink_close(struct cp_dplink *link)
{
	if (!link)
		return;
	drop_socket(link);
	cp_dplink_report_fini(&link->report);
	base_secret_fini(&link->buffer);
	uv_close((uv_handle_t *)&link->retry, on_retry_closed);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Connections over loopback: a raw socket of the test on one side, the wire on the other, one loop between them.
//
// Tests that wait for a time limit shorten it by a wrapped uv_timer_start.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CUnit/CUnit.h>
#include <memory_search.h>
#include <unit.h>

#include "messages.h"
#include "wire/wire.h"

int __real_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);

static uint64_t hurry = 1; // limits are divided by this

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat)
{
	return __real_uv_timer_start(timer, cb, timeout / hurry, repeat);
}

// What happened to the wire under test.
struct rig {
	uv_loop_t loop;
	struct cp_wire_listener *listener;
	struct cp_wire *wire; // the last one that opened; NULL when it is over
	struct cp_wire_counts counts;
	bool refuse;      // connections
	bool close_first; // at the first message
	size_t accepted, opened, messages, refused, closed;
	uint16_t last_id; // ECM_channel_id
	struct sim_error last_error;
	char why[96];
};

static void on_open(void *owner, struct cp_wire *wire)
{
	struct rig *rig = owner;

	rig->opened++;
	rig->wire = wire;
}

static void on_message(void *owner, struct cp_wire *wire, const struct sim_msg *msg)
{
	struct rig *rig = owner;

	rig->messages++;
	rig->last_id = (uint16_t)sim_get(msg, SIM_P_ECM_CHANNEL_ID, 0);
	if (rig->close_first)
		cp_wire_close(wire, "enough");
}

static void on_refused(void *owner, struct cp_wire *wire, const struct sim_msg *msg, const struct sim_error *error)
{
	struct rig *rig = owner;

	(void)wire;
	(void)msg;
	rig->refused++;
	rig->last_error = *error;
}

static void on_closed(void *owner, struct cp_wire *wire, const char *why)
{
	struct rig *rig = owner;

	rig->closed++;
	if (wire == rig->wire)
		rig->wire = NULL;
	snprintf(rig->why, sizeof(rig->why), "%s", why);
}

static const struct cp_wire_ops ops = {
	.on_open = on_open,
	.on_message = on_message,
	.on_refused = on_refused,
	.on_closed = on_closed,
};

static const struct cp_wire_ops *accepted(void *context, struct cp_wire *wire, void **owner,
					  struct cp_wire_counts **counts)
{
	struct rig *rig = context;

	rig->accepted++;
	if (rig->refuse)
		return NULL;
	rig->wire = wire;
	*owner = rig;
	*counts = &rig->counts;
	return &ops;
}

static void rig_init(struct rig *rig)
{
	*rig = (struct rig){0};
	hurry = 1;
	CU_ASSERT_EQUAL_FATAL(uv_loop_init(&rig->loop), 0);
	CU_ASSERT_EQUAL_FATAL(cp_wire_listen(&rig->listener, &rig->loop, "127.0.0.1", 0, SIM_ECMG_SCS, accepted, rig),
			      0);
}

static void rig_init_hurried(struct rig *rig)
{
	rig_init(rig);
	hurry = 50;
}

// Everything is freed when the loop has nothing left.
static void rig_fini(struct rig *rig)
{
	if (rig->wire)
		cp_wire_close(rig->wire, "the test is over");
	cp_wire_listener_close(rig->listener);
	CU_ASSERT_EQUAL(uv_run(&rig->loop, UV_RUN_DEFAULT), 0);
	CU_ASSERT_EQUAL(uv_loop_close(&rig->loop), 0);
}

static void on_late(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

// Runs the loop until *what is `want`; false when ten seconds did not bring it.
static bool await(struct rig *rig, const size_t *what, size_t want)
{
	bool late = false;
	uv_timer_t timer;

	uv_timer_init(&rig->loop, &timer);
	timer.data = &late;
	__real_uv_timer_start(&timer, on_late, 10000, 0);
	while (*what < want && !late)
		uv_run(&rig->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&rig->loop, UV_RUN_NOWAIT);
	return *what == want;
}

static int peer_connect(const struct rig *rig)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(cp_wire_listener_port(rig->listener))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void peer_send(int fd, const void *bytes, size_t n)
{
	CU_ASSERT_EQUAL_FATAL(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

// channel_test with this id.
static size_t channel_test(uint8_t *out, uint16_t id)
{
	struct sim_writer writer;

	sim_begin(&writer, out, 64, SIM_ECMG_SCS, 3, SIM_CHANNEL_TEST);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, id);
	return (size_t)sim_end(&writer);
}

static void cuts_at_every_byte(void)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];
	struct rig rig;
	size_t n, messages_n = 0;
	int fd;

	rig_init(&rig);
	fd = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	CU_ASSERT_EQUAL(strncmp(cp_wire_peer(rig.wire), "127.0.0.1:", 10), 0);
	for (uint16_t cut = 1; cut < 11; cut++) {
		n = channel_test(bytes, cut);
		peer_send(fd, bytes, cut);
		uv_run(&rig.loop, UV_RUN_NOWAIT);
		CU_ASSERT_EQUAL(rig.messages, messages_n);
		peer_send(fd, bytes + cut, n - cut);
		CU_ASSERT(await(&rig, &rig.messages, ++messages_n));
		CU_ASSERT_EQUAL(rig.last_id, cut);
	}
	// Byte by byte, of the longest of the small ones.
	n = message_write(bytes, &messages[2]);
	for (size_t i = 0; i < n; i++) {
		peer_send(fd, bytes + i, 1);
		uv_run(&rig.loop, UV_RUN_NOWAIT);
	}
	CU_ASSERT(await(&rig, &rig.messages, ++messages_n));
	CU_ASSERT_EQUAL(rig.counts.received[sim_type_index(SIM_CHANNEL_STATUS)], 1);
	CU_ASSERT_EQUAL(rig.counts.received[sim_type_index(SIM_CHANNEL_TEST)], 10);
	close(fd);
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT_STRING_EQUAL(rig.why, "the peer closed the connection");
	rig_fini(&rig);
}

// Many messages in a segment, with a refused and an unknown one among them, and one of the greatest length.
static void takes_many_at_once(void)
{
	static uint8_t bytes[4 * SIM_MESSAGE_MAX];
	struct rig rig;
	size_t n = 0, long_n;
	int fd;

	for (uint16_t id = 0; id < 3000; id++)
		n += channel_test(bytes + n, id);
	n += message_add(bytes + n, message_head(bytes + n, 3, SIM_CHANNEL_SETUP), 0x000E, 2);
	n += message_head(bytes + n, 3, 0x0301);
	n += message_head(bytes + n, 9, SIM_CHANNEL_SETUP);
	long_n = message_add(bytes + n, message_head(bytes + n, 3, SIM_CHANNEL_TEST), 0x000E, 2);
	n += message_add(bytes + n, long_n, 0x9000, SIM_MESSAGE_MAX - long_n - 4);
	n += channel_test(bytes + n, 4711);
	rig_init(&rig);
	fd = peer_connect(&rig);
	peer_send(fd, bytes, n);
	CU_ASSERT(await(&rig, &rig.messages, 3002));
	CU_ASSERT_EQUAL(rig.last_id, 4711);
	CU_ASSERT_EQUAL(rig.refused, 3);
	CU_ASSERT_EQUAL(rig.last_error.status, SIM_E_VERSION);
	CU_ASSERT_EQUAL(rig.counts.malformed, 3);
	CU_ASSERT_EQUAL(rig.counts.received_other, 1);
	CU_ASSERT_EQUAL(rig.counts.received[sim_type_index(SIM_CHANNEL_TEST)], 3002);
	CU_ASSERT_EQUAL(rig.counts.received[sim_type_index(SIM_CHANNEL_SETUP)], 2);
	// Half of a message, then the end of the peer's side.
	peer_send(fd, bytes, 7);
	shutdown(fd, SHUT_WR);
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT_STRING_EQUAL(rig.why, "the peer closed the connection inside a message");
	CU_ASSERT_EQUAL(recv(fd, bytes, 1, 0), 0);
	close(fd);
	rig_fini(&rig);
}

// What was sent before the end comes out whole, also when the peer has sent more than was read.
static void closes_after_what_waits(void)
{
	static uint8_t bytes[SIM_MESSAGE_MAX], sink[SIM_MESSAGE_MAX];
	const size_t whole = 40 * sizeof(bytes);
	struct rig rig;
	size_t got = 0, n = message_add(bytes, message_head(bytes, 3, SIM_ECM_RESPONSE), 0x9000, SIM_MESSAGE_MAX - 9);
	bool shut = false;
	int fd;

	CU_ASSERT_EQUAL(n, sizeof(bytes));
	rig_init(&rig);
	fd = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	for (int i = 0; i < 40; i++)
		CU_ASSERT_EQUAL(cp_wire_send(rig.wire, bytes, n), 0);
	cp_wire_close(rig.wire, "by the test");
	cp_wire_close(rig.wire, "a second time");
	CU_ASSERT_EQUAL(cp_wire_send(rig.wire, bytes, n), -ENOTCONN);
	CU_ASSERT_EQUAL(rig.closed, 0);
	peer_send(fd, bytes, 20); // heard by nobody
	while (got < whole && rig.closed == 0) {
		ssize_t more = recv(fd, sink, sizeof(sink), MSG_DONTWAIT);

		got += more > 0 ? (size_t)more : 0;
		uv_run(&rig.loop, UV_RUN_NOWAIT);
	}
	CU_ASSERT_EQUAL(got, whole);
	while (!shut)
		shut = recv(fd, sink, 1, MSG_DONTWAIT) == 0 || !uv_run(&rig.loop, UV_RUN_NOWAIT);
	CU_ASSERT_EQUAL(rig.closed, 0);
	close(fd);
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT_STRING_EQUAL(rig.why, "by the test");
	CU_ASSERT_EQUAL(rig.messages + rig.refused, 0);
	CU_ASSERT_EQUAL(rig.counts.sent[sim_type_index(SIM_ECM_RESPONSE)], 40);
	rig_fini(&rig);
}

// A peer that neither reads nor ends is left after the time limit.
static void closes_at_the_latest_after_a_second(void)
{
	uint8_t bytes[64];
	struct rig rig;
	int fd;

	rig_init_hurried(&rig);
	rig.close_first = true;
	fd = peer_connect(&rig);
	// The second message is not delivered any more.
	peer_send(fd, bytes, channel_test(bytes, 1));
	peer_send(fd, bytes, channel_test(bytes, 2));
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT_STRING_EQUAL(rig.why, "enough");
	CU_ASSERT_EQUAL(rig.messages, 1);
	CU_ASSERT_EQUAL(rig.last_id, 1);
	close(fd);
	rig_fini(&rig);
}

static void leaves_a_peer_that_does_not_read(void)
{
	static uint8_t bytes[SIM_MESSAGE_MAX];
	size_t n = message_add(bytes, message_head(bytes, 3, SIM_ECM_RESPONSE), 0x9000, SIM_MESSAGE_MAX - 9);
	struct rig rig;
	int fd, rc = 0, sent = 0;

	rig_init(&rig);
	fd = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	// What the kernel takes does not wait, so this ends later than after CP_WIRE_WAITING_MAX.
	while (rc == 0 && sent < 10000) {
		rc = cp_wire_send(rig.wire, bytes, n);
		sent += rc == 0;
		uv_run(&rig.loop, UV_RUN_NOWAIT);
	}
	CU_ASSERT_EQUAL(rc, -ENOBUFS);
	CU_ASSERT(sent >= (int)(CP_WIRE_WAITING_MAX / SIM_MESSAGE_MAX));
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT_STRING_EQUAL(rig.why, "the peer does not read");
	close(fd);
	rig_fini(&rig);
}

// A message of a few bytes waits in a block of a few hundred: memory is what is bounded.
static void counts_what_waiting_takes(void)
{
	enum { BLOCK_BYTES = 200 }; // less than one takes
	uint8_t bytes[64];
	size_t n = message_add(bytes, message_head(bytes, 3, SIM_CHANNEL_TEST), SIM_P_ECM_CHANNEL_ID, 2);
	struct rig rig;
	int fd, rc = 0, sent = 0;

	rig_init(&rig);
	fd = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	while (rc == 0 && sent < 1000000) { // without a turn of the loop all of it waits
		rc = cp_wire_send(rig.wire, bytes, n);
		sent += rc == 0;
	}
	CU_ASSERT_EQUAL(rc, -ENOBUFS);
	CU_ASSERT(sent < (int)(CP_WIRE_WAITING_MAX / BLOCK_BYTES));
	CU_ASSERT(await(&rig, &rig.closed, 1));
	close(fd);
	rig_fini(&rig);
}

static void leaves_a_peer_that_does_not_finish(void)
{
	uint8_t bytes[64];
	struct rig rig;
	size_t n;
	int fd;

	rig_init_hurried(&rig);
	fd = peer_connect(&rig);
	n = channel_test(bytes, 1);
	peer_send(fd, bytes, n); // silence between messages is no fault
	CU_ASSERT(await(&rig, &rig.messages, 1));
	peer_send(fd, bytes, n - 1);
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT_STRING_EQUAL(rig.why, "the peer does not finish its message");
	CU_ASSERT_EQUAL(rig.messages, 1);
	close(fd);
	rig_fini(&rig);
}

// A byte now and then does not stretch the limit of its message; the test ends when the wire does.
static void leaves_a_peer_that_drips(void)
{
	static uint8_t bytes[SIM_MESSAGE_MAX];
	struct rig rig;
	size_t sent = 0;
	int fd;

	message_add(bytes, message_head(bytes, 3, SIM_ECM_RESPONSE), 0x9000, SIM_MESSAGE_MAX - 9);
	rig_init_hurried(&rig);
	fd = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	while (rig.closed == 0 && sent < sizeof(bytes)) {
		sent += send(fd, bytes + sent, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
		usleep(1000); // the drip
		uv_run(&rig.loop, UV_RUN_NOWAIT);
	}
	CU_ASSERT_EQUAL(rig.closed, 1);
	CU_ASSERT_STRING_EQUAL(rig.why, "the peer does not finish its message");
	close(fd);
	rig_fini(&rig);
}

static void tells_a_reset(void)
{
	struct linger hard = {.l_onoff = 1, .l_linger = 0};
	struct rig rig;
	int fd;

	rig_init(&rig);
	fd = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT_STRING_EQUAL(rig.why, "connection reset by peer");
	rig_fini(&rig);
}

static void refuses_and_limits_connections(void)
{
	static int fds[CP_WIRE_CONNECTIONS_MAX + 1];
	struct rig rig;
	char byte;

	rig_init(&rig);
	rig.refuse = true;
	fds[0] = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	CU_ASSERT(recv(fds[0], &byte, 1, 0) <= 0);
	close(fds[0]);
	CU_ASSERT_EQUAL(rig.closed, 0);
	uv_run(&rig.loop, UV_RUN_NOWAIT);

	rig.refuse = false;
	for (size_t i = 0; i <= CP_WIRE_CONNECTIONS_MAX; i++) {
		fds[i] = peer_connect(&rig);
		uv_run(&rig.loop, UV_RUN_NOWAIT);
	}
	CU_ASSERT(await(&rig, &rig.accepted, 1 + CP_WIRE_CONNECTIONS_MAX));
	CU_ASSERT(recv(fds[CP_WIRE_CONNECTIONS_MAX], &byte, 1, 0) <= 0);
	close(fds[0]);
	CU_ASSERT(await(&rig, &rig.closed, 1));
	// There is room again, and the others were not disturbed.
	fds[0] = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 2 + CP_WIRE_CONNECTIONS_MAX));
	for (size_t i = 0; i <= CP_WIRE_CONNECTIONS_MAX; i++)
		close(fds[i]);
	CU_ASSERT(await(&rig, &rig.closed, 1 + CP_WIRE_CONNECTIONS_MAX));
	rig_fini(&rig);
}

// Connections that are open outlive their listener.
static void outlives_its_listener(void)
{
	uint8_t bytes[64];
	struct rig rig;
	int fd;

	rig_init(&rig);
	fd = peer_connect(&rig);
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	cp_wire_listener_close(rig.listener);
	uv_run(&rig.loop, UV_RUN_NOWAIT);
	peer_send(fd, bytes, channel_test(bytes, 5));
	CU_ASSERT(await(&rig, &rig.messages, 1));
	close(fd);
	CU_ASSERT_EQUAL(uv_run(&rig.loop, UV_RUN_DEFAULT), 0);
	CU_ASSERT_EQUAL(rig.closed, 1);
	CU_ASSERT_EQUAL(uv_loop_close(&rig.loop), 0);
}

static void connects_and_talks(void)
{
	struct cp_wire_counts counts = {0};
	struct rig rig, client = {0};
	uint8_t bytes[64];
	size_t n;

	rig_init(&rig);
	CU_ASSERT_PTR_NULL(cp_wire_connect(&rig.loop, "localhost", 1, SIM_ECMG_SCS, &ops, &client, &counts));
	CU_ASSERT_PTR_NOT_NULL_FATAL(cp_wire_connect(&rig.loop, "127.0.0.1", cp_wire_listener_port(rig.listener),
						     SIM_ECMG_SCS, &ops, &client, &counts));
	CU_ASSERT(await(&rig, &client.opened, 1));
	CU_ASSERT(await(&rig, &rig.accepted, 1));
	n = channel_test(bytes, 9);
	CU_ASSERT_EQUAL(cp_wire_send(client.wire, bytes, n), 0);
	CU_ASSERT(await(&rig, &rig.messages, 1));
	CU_ASSERT_EQUAL(cp_wire_send(rig.wire, bytes, n), 0);
	CU_ASSERT(await(&rig, &client.messages, 1));
	CU_ASSERT(counts.sent[1] == 1 && counts.received[1] == 1 && rig.counts.sent[1] == 1);
	cp_wire_close(client.wire, "done");
	CU_ASSERT(await(&rig, &client.closed, 1));
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT_STRING_EQUAL(client.why, "done");
	rig_fini(&rig);
}

static void tells_when_nobody_is_there(void)
{
	struct rig rig, client = {0};
	struct cp_wire *wire;
	uint8_t bytes[64];
	uint16_t port;

	rig_init(&rig);
	port = cp_wire_listener_port(rig.listener);
	cp_wire_listener_close(rig.listener);
	uv_run(&rig.loop, UV_RUN_NOWAIT);
	wire = cp_wire_connect(&rig.loop, "127.0.0.1", port, SIM_ECMG_SCS, &ops, &client, &client.counts);
	CU_ASSERT_PTR_NOT_NULL_FATAL(wire);
	CU_ASSERT_EQUAL(cp_wire_send(wire, bytes, channel_test(bytes, 1)), -ENOTCONN);
	CU_ASSERT(await(&rig, &client.closed, 1));
	CU_ASSERT_STRING_EQUAL(client.why, "connection refused");
	// Given up by its owner before it stands.
	wire = cp_wire_connect(&rig.loop, "127.0.0.1", port, SIM_ECMG_SCS, &ops, &client, &client.counts);
	CU_ASSERT_PTR_NOT_NULL_FATAL(wire);
	cp_wire_close(wire, "not needed");
	CU_ASSERT_EQUAL(client.closed, 1);
	CU_ASSERT(await(&rig, &client.closed, 2));
	CU_ASSERT_STRING_EQUAL(client.why, "not needed");
	CU_ASSERT_EQUAL(client.opened, 0);
	// An address that this machine cannot have.
	wire = cp_wire_connect(&rig.loop, "ff02::1", port, SIM_ECMG_SCS, &ops, &client, &client.counts);
	CU_ASSERT_PTR_NOT_NULL_FATAL(wire);
	CU_ASSERT_EQUAL(strncmp(cp_wire_peer(wire), "[ff02::1]:", 10), 0);
	CU_ASSERT(await(&rig, &client.closed, 3));
	CU_ASSERT_EQUAL(uv_loop_close(&rig.loop), 0);
}

// A host that does not answer: a backlog that is full drops what comes.
static void tells_when_nobody_answers(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(at);
	struct rig rig, client = {0};
	int full = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fds[4];

	CU_ASSERT_EQUAL_FATAL(bind(full, (struct sockaddr *)&at, sizeof(at)), 0);
	CU_ASSERT_EQUAL_FATAL(listen(full, 0), 0);
	CU_ASSERT_EQUAL_FATAL(getsockname(full, (struct sockaddr *)&at, &n), 0);
	for (size_t i = 0; i < 4; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(fds[i], (struct sockaddr *)&at, sizeof(at));
	}
	rig_init_hurried(&rig);
	CU_ASSERT_PTR_NOT_NULL(cp_wire_connect(&rig.loop, "127.0.0.1", ntohs(at.sin_port), SIM_ECMG_SCS, &ops, &client,
					       &client.counts));
	CU_ASSERT(await(&rig, &client.closed, 1));
	CU_ASSERT_STRING_EQUAL(client.why, "the peer does not answer");
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	close(full);
	rig_fini(&rig);
}

static void tells_why_it_cannot_listen(void)
{
	struct cp_wire_listener *second;
	struct rig rig;

	rig_init(&rig);
	CU_ASSERT_EQUAL(cp_wire_listen(&second, &rig.loop, "127.0.0.1", cp_wire_listener_port(rig.listener),
				       SIM_ECMG_SCS, accepted, &rig),
			-EADDRINUSE);
	CU_ASSERT_EQUAL(cp_wire_listen(&second, &rig.loop, "192.0.2.1", 0, SIM_ECMG_SCS, accepted, &rig),
			-EADDRNOTAVAIL);
	CU_ASSERT_EQUAL(cp_wire_listen(&second, &rig.loop, "nowhere", 0, SIM_ECMG_SCS, accepted, &rig), -EINVAL);
	rig_fini(&rig);
}

static void shows_its_counts(void)
{
	struct cp_wire_counts counts = {0};
	json_t *shown;

	counts.sent[sim_type_index(SIM_CW_PROVISION)] = 14;
	counts.sent[sim_type_index(SIM_CHANNEL_TEST)] = 2;
	shown = cp_wire_counts_show(counts.sent);
	CU_ASSERT_EQUAL(json_object_size(shown), 2);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(shown, "CW_provision")), 14);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(shown, "channel_test")), 2);
	json_decref(shown);
}

// A control word, received and sent, is nowhere in memory afterwards, while the connections are still open.
static void keeps_no_control_word(void)
{
	struct rig rig, client = {0};
	uint8_t bytes[128], cw[16];
	struct sim_writer writer;
	int n;

	rig_init(&rig);
	CU_ASSERT_PTR_NOT_NULL_FATAL(cp_wire_connect(&rig.loop, "127.0.0.1", cp_wire_listener_port(rig.listener),
						     SIM_ECMG_SCS, &ops, &client, &client.counts));
	CU_ASSERT(await(&rig, &client.opened, 1));
	memory_key_make(cw, 1, sizeof(cw));
	sim_begin(&writer, bytes, sizeof(bytes), SIM_ECMG_SCS, 3, SIM_CW_PROVISION);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, 1);
	sim_put(&writer, SIM_P_CP_NUMBER, 1);
	sim_put_cw(&writer, 1, cw, sizeof(cw));
	n = sim_end(&writer);
	CU_ASSERT(memory_count(1, sizeof(cw)) >= 2);
	CU_ASSERT_EQUAL(cp_wire_send(client.wire, bytes, (size_t)n), 0);
	// With the first half of the next one, so that something stays in the buffer.
	CU_ASSERT_EQUAL(cp_wire_send(client.wire, bytes, 20), 0);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(cw, sizeof(cw));
	CU_ASSERT(await(&rig, &rig.messages, 1));
	CU_ASSERT_EQUAL(memory_count(1, sizeof(cw)), 0);
	CU_ASSERT_EQUAL(rig.closed + client.closed, 0);
	cp_wire_close(client.wire, "done");
	CU_ASSERT(await(&rig, &rig.closed, 1));
	CU_ASSERT(await(&rig, &client.closed, 1));
	rig_fini(&rig);
}

static const struct unit_test tests[] = {
	{"cuts at every byte", cuts_at_every_byte},
	{"takes many at once", takes_many_at_once},
	{"closes after what waits", closes_after_what_waits},
	{"closes at the latest after a second", closes_at_the_latest_after_a_second},
	{"leaves a peer that does not read", leaves_a_peer_that_does_not_read},
	{"counts what waiting takes", counts_what_waiting_takes},
	{"leaves a peer that does not finish", leaves_a_peer_that_does_not_finish},
	{"leaves a peer that drips", leaves_a_peer_that_drips},
	{"tells a reset", tells_a_reset},
	{"refuses and limits connections", refuses_and_limits_connections},
	{"outlives its listener", outlives_its_listener},
	{"connects and talks", connects_and_talks},
	{"tells when nobody is there", tells_when_nobody_is_there},
	{"tells when nobody answers", tells_when_nobody_answers},
	{"tells why it cannot listen", tells_why_it_cannot_listen},
	{"shows its counts", shows_its_counts},
	{"keeps no control word", keeps_no_control_word},
};

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	return unit_run("simulcrypt wire", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The MUX over loopback: the dialogue, each error_status, bandwidth, packets, and clients that do not disturb each
// other.
//
// The MUX's clock is the test's (a wrapped uv_now), and so is its tick.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CUnit/CUnit.h>
#include <unit.h>

#include <ts_section.h>

#include "messages.h"
#include "mux/mux.h"

#define FIRST 0x0ABC0001
#define OTHER 0x0ABC0002

static uint64_t clock_ms;

uint64_t __wrap_uv_now(const uv_loop_t *loop);
int __real_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);

uint64_t __wrap_uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return clock_ms;
}

// What repeats is the tick.
int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat)
{
	return __real_uv_timer_start(timer, cb, repeat ? 1 : timeout, repeat ? 1 : 0);
}

static const struct cp_mux_stream_conf streams[] = {
	{"first", FIRST, 1, 500},
	{"second", FIRST, 2, 100},
	{"other", OTHER, 1, 50},
};

struct rig {
	uv_loop_t loop;
	struct cp_mux *mux;
	size_t packets[3], calls;
	uint8_t last[400][TS_PACKET_BYTES]; // of the last call
};

static void on_emm(void *context, unsigned stream, const uint8_t (*packets)[TS_PACKET_BYTES], unsigned n)
{
	struct rig *rig = context;

	CU_ASSERT_FATAL(stream < 3 && n > 0 && n <= 400);
	rig->packets[stream] += n;
	rig->calls++;
	memcpy(rig->last, packets, n * sizeof(rig->last[0]));
}

static struct rig *rig_new(void)
{
	static const struct cp_mux_conf conf = {.address = "127.0.0.1", .streams = streams, .streams_n = 3};
	struct rig *rig = calloc(1, sizeof(*rig));

	CU_ASSERT_FATAL(rig && uv_loop_init(&rig->loop) == 0);
	clock_ms = 1000000;
	CU_ASSERT_EQUAL_FATAL(cp_mux_open(&rig->mux, &rig->loop, &conf, on_emm, rig), 0);
	return rig;
}

static void rig_free(struct rig *rig)
{
	cp_mux_close(rig->mux);
	CU_ASSERT_EQUAL(uv_run(&rig->loop, UV_RUN_DEFAULT), 0);
	CU_ASSERT_EQUAL(uv_loop_close(&rig->loop), 0);
	free(rig);
}

// An EMMG of the test.
struct peer {
	struct rig *rig;
	int fd;
	uint8_t version;
	uint32_t client;
	uint16_t channel;
	uint8_t in[512];
	struct sim_msg msg; // the last that was received
};

static struct peer peer_open(struct rig *rig, uint32_t client)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(cp_mux_port(rig->mux))};
	struct peer peer = {.rig = rig, .version = 3, .client = client, .channel = 7};
	int yes = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	peer.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL_FATAL(connect(peer.fd, (struct sockaddr *)&to, sizeof(to)), 0);
	setsockopt(peer.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return peer;
}

static void peer_send(struct peer *peer, const void *bytes, size_t n)
{
	CU_ASSERT_EQUAL_FATAL(send(peer->fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

// Reads `n` bytes while the loop runs; false at the end of the connection.
static bool peer_read(struct peer *peer, uint8_t *out, size_t n)
{
	time_t until = time(NULL) + 10;
	size_t got = 0;

	while (got < n && time(NULL) < until) {
		ssize_t more = recv(peer->fd, out + got, n - got, MSG_DONTWAIT);

		if (more == 0 || (more < 0 && errno != EAGAIN))
			return false;
		got += more > 0 ? (size_t)more : 0;
		uv_run(&peer->rig->loop, UV_RUN_NOWAIT);
	}
	return got == n;
}

// Receives a message, which must have this type.
static void expect(struct peer *peer, uint16_t type)
{
	struct sim_error error;
	size_t n;

	CU_ASSERT_FATAL(peer_read(peer, peer->in, SIM_HEADER_BYTES));
	n = sim_message_bytes(peer->in);
	CU_ASSERT_FATAL(n <= sizeof(peer->in));
	CU_ASSERT_FATAL(peer_read(peer, peer->in + SIM_HEADER_BYTES, n - SIM_HEADER_BYTES));
	CU_ASSERT_EQUAL_FATAL(sim_decode(&peer->msg, SIM_EMMG_MUX, peer->in, n, &error), 0);
	CU_ASSERT_EQUAL(peer->msg.type, type);
}

static void expect_error(struct peer *peer, uint16_t type, uint16_t status, uint16_t information)
{
	expect(peer, type);
	CU_ASSERT_EQUAL(sim_get(&peer->msg, SIM_P_ERROR_STATUS, 0), status);
	CU_ASSERT_EQUAL(sim_get(&peer->msg, SIM_P_ERROR_INFORMATION, 0xFFFF), information);
}

static void expect_end(struct peer *peer)
{
	uint8_t byte;

	CU_ASSERT_FALSE(peer_read(peer, &byte, 1));
	close(peer->fd);
	peer->fd = -1;
}

// Begins a message of the channel, and of a stream when there is one (0: none).
static struct sim_writer begin(const struct peer *peer, uint8_t *out, size_t n, uint16_t type, uint16_t stream)
{
	struct sim_writer writer;

	sim_begin(&writer, out, n, SIM_EMMG_MUX, peer->version, type);
	sim_put(&writer, SIM_P_CLIENT_ID, peer->client);
	sim_put(&writer, SIM_P_DATA_CHANNEL_ID, peer->channel);
	if (stream)
		sim_put(&writer, SIM_P_DATA_STREAM_ID, stream);
	return writer;
}

static void end(struct peer *peer, struct sim_writer *writer)
{
	int n = sim_end(writer);

	CU_ASSERT_FATAL(n > 0);
	peer_send(peer, writer->bytes, (size_t)n);
}

// A message of the channel or of a stream with at most one more parameter (0: none).
static void say(struct peer *peer, uint16_t type, uint16_t stream, uint16_t parameter, uint32_t value)
{
	uint8_t out[64];
	struct sim_writer writer = begin(peer, out, sizeof(out), type, stream);

	if (parameter)
		sim_put(&writer, parameter, value);
	end(peer, &writer);
}

static void say_setup(struct peer *peer, uint16_t stream, uint16_t data_id, uint8_t data_type)
{
	uint8_t out[64];
	struct sim_writer writer = begin(peer, out, sizeof(out), SIM_MUX_STREAM_SETUP, stream);

	sim_put(&writer, SIM_P_DATA_ID, data_id);
	sim_put(&writer, SIM_P_DATA_TYPE, data_type);
	end(peer, &writer);
}

static void say_data(struct peer *peer, uint16_t stream, uint16_t data_id, const void *bytes, size_t n)
{
	static uint8_t out[SIM_MESSAGE_MAX];
	struct sim_writer writer = begin(peer, out, sizeof(out), SIM_MUX_DATA_PROVISION, stream);

	sim_put(&writer, SIM_P_DATA_ID, data_id);
	sim_put_bytes(&writer, SIM_P_DATAGRAM, bytes, n);
	end(peer, &writer);
}

// A client with an open channel.
static struct peer peer_channel(struct rig *rig, uint32_t client, uint8_t flag)
{
	struct peer peer = peer_open(rig, client);

	say(&peer, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, flag);
	expect(&peer, SIM_MUX_CHANNEL_STATUS);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_MUX_SECTION_TSPKT_FLAG, 9), flag);
	return peer;
}

// And with a stream 1 of data_id 1.
static struct peer peer_stream(struct rig *rig, uint32_t client, uint8_t flag)
{
	struct peer peer = peer_channel(rig, client, flag);

	say_setup(&peer, 1, 1, 0);
	expect(&peer, SIM_MUX_STREAM_STATUS);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_DATA_ID, 0), 1);
	return peer;
}

// The peer's connection is alive and nothing else is on its way.
static void expect_alive(struct peer *peer)
{
	say(peer, SIM_MUX_CHANNEL_TEST, 0, 0, 0);
	expect(peer, SIM_MUX_CHANNEL_STATUS);
}

static size_t make_section(uint8_t *out, uint8_t table_id, size_t n)
{
	out[0] = table_id;
	base_bytes_put16(out + 1, 0x7000 | (unsigned)(n - 3));
	for (size_t i = 3; i < n; i++)
		out[i] = (uint8_t)(i * 31 + n);
	return n;
}

static json_int_t shown(const struct rig *rig, unsigned stream, const char *name, const char *inner)
{
	json_t *status = cp_mux_status(rig->mux, stream), *value = json_object_get(status, name);
	json_int_t number = json_integer_value(inner ? json_object_get(value, inner) : value);

	CU_ASSERT_PTR_NOT_NULL(status);
	json_decref(status);
	return number;
}

static bool shows(const struct rig *rig, unsigned stream, const char *name, const char *want)
{
	json_t *status = cp_mux_status(rig->mux, stream);
	const char *text = json_string_value(json_object_get(status, name));
	bool same = text && strcmp(text, want) == 0;

	json_decref(status);
	return same;
}

static void takes_a_whole_dialogue(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_channel(rig, FIRST, 0);
	uint8_t section[100];

	CU_ASSERT(shows(rig, 0, "state", "closed"));
	say_setup(&peer, 3, 1, 0);
	expect(&peer, SIM_MUX_STREAM_STATUS);
	CU_ASSERT(sim_get(&peer.msg, SIM_P_DATA_STREAM_ID, 0) == 3 && sim_get(&peer.msg, SIM_P_DATA_ID, 0) == 1);
	CU_ASSERT(shows(rig, 0, "state", "open"));
	CU_ASSERT(shows(rig, 0, "client_id", "0abc0001"));
	CU_ASSERT_EQUAL(shown(rig, 0, "allocated_kbps", NULL), 500);
	say(&peer, SIM_MUX_STREAM_TEST, 3, 0, 0);
	expect(&peer, SIM_MUX_STREAM_STATUS);
	say_data(&peer, 3, 1, section, make_section(section, 0x82, sizeof(section)));
	say_data(&peer, 3, 1, section, 0);
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->packets[0], 1);
	say(&peer, SIM_MUX_STREAM_CLOSE_REQUEST, 3, 0, 0);
	expect(&peer, SIM_MUX_STREAM_CLOSE_RESPONSE);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_DATA_STREAM_ID, 0), 3);
	// A closed stream can be opened again, under another id.
	say_setup(&peer, 4, 1, 1);
	expect(&peer, SIM_MUX_STREAM_STATUS);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_DATA_TYPE, 9), 1);
	CU_ASSERT_EQUAL(shown(rig, 0, "datagrams", NULL), 2);
	CU_ASSERT_EQUAL(shown(rig, 0, "packets", NULL), 1);
	say(&peer, SIM_MUX_CHANNEL_CLOSE, 0, 0, 0);
	expect_end(&peer);
	while (shows(rig, 0, "state", "open"))
		uv_run(&rig->loop, UV_RUN_NOWAIT);
	// The counts outlive the connection.
	CU_ASSERT_EQUAL(shown(rig, 0, "received", "data_provision"), 2);
	CU_ASSERT_EQUAL(shown(rig, 0, "received", "stream_setup"), 2);
	CU_ASSERT_EQUAL(shown(rig, 0, "sent", "stream_status"), 3);
	CU_ASSERT(shows(rig, 0, "peer", ""));
	peer = peer_stream(rig, FIRST, 1);
	CU_ASSERT_EQUAL(shown(rig, 0, "received", "stream_setup"), 3);
	close(peer.fd);
	rig_free(rig);
}

static void answers_in_the_client_s_version(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_open(rig, FIRST);

	peer.version = 2;
	say(&peer, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 0);
	expect(&peer, SIM_MUX_CHANNEL_STATUS);
	CU_ASSERT_EQUAL(peer.msg.version, 2);
	// And holds it to that.
	peer.version = 3;
	say(&peer, SIM_MUX_CHANNEL_TEST, 0, 0, 0);
	expect_error(&peer, SIM_MUX_CHANNEL_ERROR, SIM_E_VERSION, 0);
	expect_end(&peer);
	rig_free(rig);
}

static void refuses_an_unknown_version(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_open(rig, FIRST);
	uint8_t bytes[MESSAGE_BYTES_MAX];
	size_t n = message_write(bytes, &messages[13]);

	bytes[0] = 5;
	peer_send(&peer, bytes, n);
	expect_error(&peer, SIM_MUX_CHANNEL_ERROR, SIM_E_VERSION, 0);
	CU_ASSERT_EQUAL(peer.msg.version, 3);
	expect_end(&peer);
	rig_free(rig);
}

static void refuses_what_has_no_channel(void)
{
	static const uint16_t types[] = {SIM_MUX_CHANNEL_TEST, SIM_MUX_STREAM_TEST, SIM_MUX_STREAM_BW_REQUEST,
					 SIM_MUX_STREAM_CLOSE_REQUEST};
	struct rig *rig = rig_new();
	struct peer peer = peer_open(rig, FIRST);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		say(&peer, types[i], i > 0, 0, 0);
		expect_error(&peer, i > 0 ? SIM_MUX_STREAM_ERROR : SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_CHANNEL_ID,
			     SIM_P_DATA_CHANNEL_ID);
	}
	// Its channel can be set up all the same.
	say(&peer, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 1);
	expect(&peer, SIM_MUX_CHANNEL_STATUS);
	close(peer.fd);
	rig_free(rig);
}

static void refuses_setups(void)
{
	struct rig *rig = rig_new();
	struct peer stranger = peer_open(rig, 0x0ABC0003), peer, again;

	say(&stranger, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 0);
	expect_error(&stranger, SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_CLIENT_ID, SIM_P_CLIENT_ID);
	stranger.client = FIRST;
	say(&stranger, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 2);
	expect_error(&stranger, SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_MUX_SECTION_TSPKT_FLAG);

	peer = peer_stream(rig, FIRST, 0);
	again = peer_open(rig, FIRST);
	say(&again, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 0);
	expect_error(&again, SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_CLIENT_IN_USE, SIM_P_CLIENT_ID);
	expect(&peer, SIM_MUX_CHANNEL_TEST); // is it still there?

	say(&peer, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 0);
	expect_error(&peer, SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_CHANNEL_IN_USE, SIM_P_DATA_CHANNEL_ID);
	peer.channel = 8;
	say(&peer, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 0);
	expect_error(&peer, SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_CHANNELS_FULL, SIM_P_DATA_CHANNEL_ID);
	peer.channel = 7;

	say_setup(&peer, 2, 3, 0);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_DATA_ID, SIM_P_DATA_ID);
	say_setup(&peer, 2, 1, 0);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_DATA_ID_IN_USE, SIM_P_DATA_ID);
	say_setup(&peer, 1, 2, 0);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_STREAM_IN_USE, SIM_P_DATA_STREAM_ID);
	say_setup(&peer, 2, 2, 2);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATA_TYPE);
	CU_ASSERT(shows(rig, 0, "last_error", "invalid parameter value"));
	CU_ASSERT(shows(rig, 2, "last_error", ""));
	expect_alive(&peer);
	close(stranger.fd);
	close(peer.fd);
	close(again.fd);
	rig_free(rig);
}

static void refuses_wrong_names(void)
{
	static const uint16_t types[] = {SIM_MUX_STREAM_TEST, SIM_MUX_STREAM_CLOSE_REQUEST, SIM_MUX_STREAM_BW_REQUEST};
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 0);
	uint8_t section[40], bytes[128];
	struct sim_writer writer;
	size_t n = make_section(section, 0x82, sizeof(section));

	peer.client = OTHER;
	say(&peer, SIM_MUX_CHANNEL_TEST, 0, 0, 0);
	expect_error(&peer, SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_CLIENT_ID, SIM_P_CLIENT_ID);
	peer.client = FIRST;
	peer.channel = 8;
	say(&peer, SIM_MUX_STREAM_TEST, 1, 0, 0);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_CHANNEL_ID, SIM_P_DATA_CHANNEL_ID);
	peer.channel = 7;
	expect_alive(&peer);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		say(&peer, types[i], 9, 0, 0);
		expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	}
	say_data(&peer, 9, 1, section, n);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	say_data(&peer, 1, 2, section, n);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_DATA_ID, SIM_P_DATA_ID);
	// Over TCP both ids are mandatory.
	say_data(&peer, 0, 1, section, n);
	expect_error(&peer, SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_PARAMETER_MISSING, SIM_P_DATA_STREAM_ID);
	expect_alive(&peer);
	sim_begin(&writer, bytes, sizeof(bytes), SIM_EMMG_MUX, 3, SIM_MUX_DATA_PROVISION);
	sim_put(&writer, SIM_P_CLIENT_ID, FIRST);
	sim_put(&writer, SIM_P_DATA_STREAM_ID, 1);
	sim_put(&writer, SIM_P_DATA_ID, 1);
	sim_put_bytes(&writer, SIM_P_DATAGRAM, section, n);
	end(&peer, &writer);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_MISSING, SIM_P_DATA_CHANNEL_ID);
	// What a MUX says is not for it to hear.
	say(&peer, SIM_MUX_STREAM_CLOSE_RESPONSE, 1, 0, 0);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_INVALID_MESSAGE, 1);
	say(&peer, SIM_MUX_STREAM_BW_ALLOCATION, 1, SIM_P_BANDWIDTH, 5);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_INVALID_MESSAGE, 1);
	CU_ASSERT_EQUAL(rig->calls, 0);
	expect_alive(&peer);
	close(peer.fd);
	rig_free(rig);
}

static void grants_bandwidth(void)
{
	static const struct {
		uint32_t asked, granted;
	} cases[] = {{100, 100}, {500, 500}, {501, 500}, {65535, 500}, {1, 1}, {0, 1}};
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 0);

	say(&peer, SIM_MUX_STREAM_BW_REQUEST, 1, 0, 0);
	expect(&peer, SIM_MUX_STREAM_BW_ALLOCATION);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_BANDWIDTH, 0), 500);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		say(&peer, SIM_MUX_STREAM_BW_REQUEST, 1, SIM_P_BANDWIDTH, cases[i].asked);
		expect(&peer, SIM_MUX_STREAM_BW_ALLOCATION);
		CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_BANDWIDTH, 0), cases[i].granted);
		CU_ASSERT_EQUAL(shown(rig, 0, "allocated_kbps", NULL), cases[i].granted);
		CU_ASSERT_EQUAL(shown(rig, 0, "bandwidth_kbps", NULL), 500);
	}
	// What was only asked changes nothing.
	say(&peer, SIM_MUX_STREAM_BW_REQUEST, 1, 0, 0);
	expect(&peer, SIM_MUX_STREAM_BW_ALLOCATION);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_BANDWIDTH, 0), 1);
	close(peer.fd);
	rig_free(rig);
}

// 50 kbit/s: 25 kbit at once, then 33 packets a second. Each datagram here is 10 packets, 15040 bits.
static void drops_what_is_too_much(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, OTHER, 1);
	uint8_t packets[10][TS_PACKET_BYTES];

	for (size_t i = 0; i < 10; i++)
		ts_packet_null(packets[i]);
	say_data(&peer, 1, 1, packets, sizeof(packets));
	say_data(&peer, 1, 1, packets, sizeof(packets)); // draws it to -5080
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->packets[2], 20);
	for (int i = 0; i < 5; i++)
		say_data(&peer, 1, 1, packets, sizeof(packets));
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_BANDWIDTH, SIM_P_BANDWIDTH);
	expect_alive(&peer); // told once
	CU_ASSERT_EQUAL(rig->packets[2], 20);
	CU_ASSERT_EQUAL(shown(rig, 2, "dropped", NULL), 50);
	CU_ASSERT(shows(rig, 2, "last_error", "exceeded bandwidth"));
	clock_ms += 101; // 5050 bits: not yet
	say_data(&peer, 1, 1, packets, sizeof(packets));
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->packets[2], 20);
	clock_ms += 1;
	say_data(&peer, 1, 1, packets, sizeof(packets));
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->packets[2], 30);
	// A second after it was told it is told again.
	clock_ms += 897;
	for (int i = 0; i < 5; i++)
		say_data(&peer, 1, 1, packets, sizeof(packets));
	expect_alive(&peer);
	clock_ms += 1;
	say_data(&peer, 1, 1, packets, sizeof(packets));
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_BANDWIDTH, SIM_P_BANDWIDTH);
	// A long silence saves up no more than half a second.
	clock_ms += 5000;
	rig->packets[2] = 0;
	for (int i = 0; i < 5; i++)
		say_data(&peer, 1, 1, packets, sizeof(packets));
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_BANDWIDTH, SIM_P_BANDWIDTH);
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->packets[2], 20);
	close(peer.fd);
	rig_free(rig);
}

static void passes_packets(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 1);
	uint8_t packets[348][TS_PACKET_BYTES];

	memset(packets, 0xA7, sizeof(packets));
	for (size_t i = 0; i < 348; i++)
		packets[i][0] = TS_SYNC_BYTE;
	say_data(&peer, 1, 1, packets, sizeof(packets)); // as many as a message holds
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->packets[0], 348);
	CU_ASSERT_EQUAL(memcmp(rig->last, packets, sizeof(packets)), 0);
	clock_ms += 9000;
	packets[2][0] = 0x46;
	say_data(&peer, 1, 1, packets, sizeof(packets));
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM);
	say_data(&peer, 1, 1, packets, 187);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM);
	say_data(&peer, 1, 1, packets, 189);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM);
	CU_ASSERT_EQUAL(rig->packets[0], 348);
	CU_ASSERT_EQUAL(shown(rig, 0, "dropped", NULL), 3);
	expect_alive(&peer);
	close(peer.fd);
	rig_free(rig);
}

struct seen {
	uint8_t bytes[SIM_MESSAGE_MAX];
	size_t n;
};

static void on_section(void *context, const uint8_t *section, size_t n)
{
	struct seen *seen = context;

	CU_ASSERT_FATAL(seen->n + n <= sizeof(seen->bytes));
	memcpy(seen->bytes + seen->n, section, n);
	seen->n += n;
}

// Sends the sections of these sizes in one message; what an assembler makes of the packets must be the same.
static size_t through_packets(struct rig *rig, struct peer *peer, const size_t *sizes, size_t sizes_n)
{
	static uint8_t out[SIM_MESSAGE_MAX], sent[SIM_MESSAGE_MAX];
	struct sim_writer writer = begin(peer, out, sizeof(out), SIM_MUX_DATA_PROVISION, 1);
	static struct ts_section_assembler assembler;
	static struct seen seen;
	size_t n = 0, before = rig->packets[0], made;

	sim_put(&writer, SIM_P_DATA_ID, 1);
	for (size_t i = 0; i < sizes_n; i++) {
		make_section(sent + n, (uint8_t)(0x82 + i % 14), sizes[i]);
		sim_put_bytes(&writer, SIM_P_DATAGRAM, sent + n, sizes[i]);
		n += sizes[i];
	}
	clock_ms += 9000;
	end(peer, &writer);
	expect_alive(peer);
	made = rig->packets[0] - before;
	ts_section_assembler_init(&assembler);
	seen.n = 0;
	for (size_t i = 0; i < made; i++) {
		CU_ASSERT(ts_packet_synced(rig->last[i]));
		ts_section_feed(&assembler, rig->last[i], on_section, &seen);
	}
	CU_ASSERT_EQUAL(seen.n, n);
	CU_ASSERT_EQUAL(memcmp(seen.bytes, sent, n), 0);
	CU_ASSERT_EQUAL(assembler.counts.broken + assembler.counts.discontinuities, 0);
	return made;
}

static void packs_sections(void)
{
	static const size_t five[] = {100, 100, 100, 100, 100}, longest[] = {4096}, shortest[] = {3, 3, 3};
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 0);
	size_t many[3000];

	CU_ASSERT_EQUAL(through_packets(rig, &peer, five, 5), 3);
	CU_ASSERT_EQUAL(through_packets(rig, &peer, longest, 1), 23);
	CU_ASSERT_EQUAL(through_packets(rig, &peer, shortest, 3), 1);
	// Every place at which a section can end in its packet, before a short and before a long one.
	for (size_t n = 3; n <= 600; n++) {
		CU_ASSERT(through_packets(rig, &peer, (const size_t[]){n, 3, 50}, 3) <= 5);
		CU_ASSERT(through_packets(rig, &peer, (const size_t[]){n, 400, n, 4}, 4) <= 10);
	}
	// As much as a message holds, of the smallest and of all sizes.
	for (size_t i = 0; i < 3000; i++)
		many[i] = 3 + i % 30;
	CU_ASSERT(through_packets(rig, &peer, many, 3000) > 280);
	for (size_t i = 0; i < 15; i++)
		many[i] = 4096 - i;
	CU_ASSERT(through_packets(rig, &peer, many, 15) > 330);
	close(peer.fd);
	rig_free(rig);
}

static void checks_sections(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 0);
	uint8_t section[4200] = {0}, out[256];
	struct sim_writer writer;
	struct ts_section whole = {.table_id = 0x90, .current = true, .body = section + 8, .body_bytes = 20};
	int n;

	static const size_t wrong[] = {1, 2, 3, 49, 51, 100};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		make_section(section, 0x82, 50);
		say_data(&peer, 1, 1, section, wrong[i]);
		expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM);
		expect_alive(&peer);
	}
	make_section(section, 0x82, 4097);
	say_data(&peer, 1, 1, section, 4097);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM);
	say_data(&peer, 1, 1, section, make_section(section, 0xFF, 50));
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM);
	CU_ASSERT_EQUAL(rig->calls, 0);
	// The long form has a CRC_32.
	n = ts_section_write(section, sizeof(section), &whole);
	CU_ASSERT_FATAL(n > 0);
	say_data(&peer, 1, 1, section, (size_t)n);
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->calls, 1);
	section[10] ^= 1;
	say_data(&peer, 1, 1, section, (size_t)n);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM);
	// What is good in a message goes its way.
	writer = begin(&peer, out, sizeof(out), SIM_MUX_DATA_PROVISION, 1);
	sim_put(&writer, SIM_P_DATA_ID, 1);
	make_section(section, 0x82, 30);
	sim_put_bytes(&writer, SIM_P_DATAGRAM, section, 29);
	sim_put_bytes(&writer, SIM_P_DATAGRAM, section, 30);
	end(&peer, &writer);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_PARAMETER_VALUE, SIM_P_DATAGRAM);
	CU_ASSERT_EQUAL(rig->calls, 2);
	CU_ASSERT_EQUAL(memcmp(rig->last[0] + 5, section, 30), 0);
	CU_ASSERT_EQUAL(rig->last[0][35], 0xFF);
	close(peer.fd);
	rig_free(rig);
}

// Every message cut at every byte with a length that says so, and every message of another kind: the error is the
// standard's, and another client goes on.
static void bears_hostile_bytes(void)
{
	struct rig *rig = rig_new();
	struct peer good = peer_stream(rig, OTHER, 0);
	uint8_t bytes[MESSAGE_BYTES_MAX], section[20];
	size_t n, sent = 0;

	make_section(section, 0x82, sizeof(section));
	for (size_t i = 0; i < MESSAGES_N; i++) {
		const struct message *m = &messages[i];
		size_t whole = message_write(bytes, m);

		for (n = 5; n < whole; n++) {
			struct peer bad = peer_open(rig, FIRST);
			struct sim_error error;
			struct sim_msg msg;
			int rc;

			message_set_length(bytes, n);
			peer_send(&bad, bytes, n);
			rc = sim_decode(&msg, SIM_EMMG_MUX, bytes, n, &error);
			if (rc < 0 && !strstr(sim_type_name(SIM_EMMG_MUX, msg.type), "_error")) {
				bool stream = msg.type != 0x0211 ? msg.type > 0x0110 && msg.type < 0x0119 : true;

				expect_error(&bad,
					     stream && sim_has(&msg, SIM_P_DATA_STREAM_ID) ? SIM_MUX_STREAM_ERROR
											   : SIM_MUX_CHANNEL_ERROR,
					     error.status, error.information);
			}
			close(bad.fd);
		}
		say_data(&good, 1, 1, section, sizeof(section));
		expect_alive(&good);
		CU_ASSERT_EQUAL(rig->packets[2], ++sent);
		clock_ms += 100;
	}
	CU_ASSERT_EQUAL(rig->packets[0] + rig->packets[1], 0);
	CU_ASSERT_EQUAL(shown(rig, 2, "malformed", NULL), 0);
	close(good.fd);
	rig_free(rig);
}

static void leaves_a_peer_that_is_always_refused(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_channel(rig, FIRST, 0), other = peer_stream(rig, OTHER, 0);

	for (int i = 0; i < 7; i++) {
		say(&peer, SIM_MUX_STREAM_TEST, 9, 0, 0);
		expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	}
	expect_alive(&peer); // in a row
	for (int i = 0; i < 8; i++) {
		say(&peer, SIM_MUX_STREAM_TEST, 9, 0, 0);
		expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	}
	expect_end(&peer);
	expect_alive(&other);
	close(other.fd);
	rig_free(rig);
}

static void looks_after_the_silent(void)
{
	struct rig *rig = rig_new();
	struct peer silent = peer_open(rig, FIRST), peer = peer_stream(rig, OTHER, 0), again;

	clock_ms += 9999;
	expect_alive(&peer);
	clock_ms += 1;
	expect_end(&silent); // no channel_setup in ten seconds
	clock_ms += 9999;
	expect(&peer, SIM_MUX_CHANNEL_TEST);
	say(&peer, SIM_MUX_CHANNEL_STATUS, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 0);
	expect_alive(&peer);
	// The next one is not answered, and meanwhile its client comes back on another connection.
	again = peer_open(rig, OTHER);
	say(&again, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 0);
	expect_error(&again, SIM_MUX_CHANNEL_ERROR, SIM_E_MUX_CLIENT_IN_USE, SIM_P_CLIENT_ID);
	expect(&peer, SIM_MUX_CHANNEL_TEST);
	clock_ms += 5000;
	expect_end(&peer);
	while (shows(rig, 2, "state", "open"))
		uv_run(&rig->loop, UV_RUN_NOWAIT);
	say(&again, SIM_MUX_CHANNEL_SETUP, 0, SIM_P_MUX_SECTION_TSPKT_FLAG, 0);
	expect(&again, SIM_MUX_CHANNEL_STATUS);
	close(again.fd);
	rig_free(rig);
}

static void hears_the_peer_s_errors(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 0);

	say(&peer, SIM_MUX_STREAM_ERROR, 1, SIM_P_ERROR_STATUS, SIM_E_UNKNOWN);
	expect_alive(&peer);
	CU_ASSERT(shows(rig, 0, "state", "open"));
	CU_ASSERT(shows(rig, 0, "last_error", "the EMMG reports: unknown error"));
	say(&peer, SIM_MUX_STREAM_ERROR, 1, SIM_P_ERROR_STATUS, SIM_E_UNRECOVERABLE);
	expect_alive(&peer);
	CU_ASSERT(shows(rig, 0, "state", "closed"));
	peer.channel = 0; // as peers that are known name it
	say(&peer, SIM_MUX_CHANNEL_ERROR, 0, SIM_P_ERROR_STATUS, SIM_E_VERSION);
	peer.channel = 7;
	expect_alive(&peer);
	say(&peer, SIM_MUX_CHANNEL_ERROR, 0, SIM_P_ERROR_STATUS, SIM_E_UNRECOVERABLE);
	expect_end(&peer);
	rig_free(rig);
}

// However often a connection is refused and accepted in turn, or says errors, the log has a few of them.
static void writes_no_log_for_the_peer(void)
{
	FILE *log = tmpfile();
	int error_output = dup(STDERR_FILENO);
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 0);

	CU_ASSERT_FATAL(log && dup2(fileno(log), STDERR_FILENO) >= 0);
	for (unsigned i = 0; i < 100; i++) {
		say(&peer, SIM_MUX_STREAM_TEST, 9, 0, 0);
		expect(&peer, SIM_MUX_STREAM_ERROR);
		say(&peer, SIM_MUX_STREAM_ERROR, 1, SIM_P_ERROR_STATUS, SIM_E_UNKNOWN);
		expect_alive(&peer);
	}
	CU_ASSERT(dup2(error_output, STDERR_FILENO) >= 0);
	unsigned lines = 0;
	int c;

	rewind(log);
	while ((c = getc(log)) != EOF)
		lines += c == '\n';
	CU_ASSERT(lines >= 2 && lines <= 16);
	fclose(log);
	close(error_output);
	rig_free(rig);
}

// Sends the message over UDP from `host` and waits until the MUX has looked at it: a later one comes after it.
static void udp_data(struct rig *rig, const char *host, uint32_t client, uint16_t data_id, bool ids,
		     const uint8_t *bytes, size_t n)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(cp_mux_port(rig->mux))};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sim_writer writer;
	uint8_t out[512];
	int size;

	from.sin_addr.s_addr = inet_addr(host);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	sim_begin(&writer, out, sizeof(out), SIM_EMMG_MUX, 3, SIM_MUX_DATA_PROVISION);
	sim_put(&writer, SIM_P_CLIENT_ID, client);
	if (ids) {
		sim_put(&writer, SIM_P_DATA_CHANNEL_ID, 99);
		sim_put(&writer, SIM_P_DATA_STREAM_ID, 99);
	}
	sim_put(&writer, SIM_P_DATA_ID, data_id);
	sim_put_bytes(&writer, SIM_P_DATAGRAM, bytes, n);
	size = sim_end(&writer);
	CU_ASSERT_EQUAL(sendto(fd, out, (size_t)size, 0, (struct sockaddr *)&to, sizeof(to)), size);
	CU_ASSERT_EQUAL(sendto(fd, out, 4, 0, (struct sockaddr *)&to, sizeof(to)), 4);
	CU_ASSERT_EQUAL(sendto(fd, "", 0, 0, (struct sockaddr *)&to, sizeof(to)), 0);
	for (int i = 0; i < 3; i++)
		uv_run(&rig->loop, UV_RUN_NOWAIT);
	close(fd);
}

static void takes_data_over_udp(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_channel(rig, FIRST, 0);
	uint8_t section[60];
	size_t n = make_section(section, 0x82, sizeof(section));

	udp_data(rig, "127.0.0.1", FIRST, 1, false, section, n); // not open yet
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->calls, 0);
	say_setup(&peer, 1, 1, 0);
	expect(&peer, SIM_MUX_STREAM_STATUS);
	udp_data(rig, "127.0.0.1", FIRST, 1, false, section, n);
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->packets[0], 1);
	udp_data(rig, "127.0.0.1", FIRST, 1, true, section, n);
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->packets[0], 2);
	CU_ASSERT_EQUAL(shown(rig, 0, "received", "data_provision"), 2);
	// Another host, another stream, another client, something else than a section.
	udp_data(rig, "127.0.0.2", FIRST, 1, false, section, n);
	udp_data(rig, "127.0.0.1", FIRST, 2, false, section, n);
	udp_data(rig, "127.0.0.1", OTHER, 1, false, section, n);
	udp_data(rig, "127.0.0.1", FIRST, 1, false, section, n - 1);
	expect_alive(&peer);
	CU_ASSERT_EQUAL(rig->calls, 2);
	CU_ASSERT_EQUAL(shown(rig, 0, "dropped", NULL), 1);
	close(peer.fd);
	rig_free(rig);
}

// Other streams take the place of those before: who stays goes on, by name and not by place.
static void takes_other_streams(void)
{
	static const struct cp_mux_stream_conf now[] = {{"third", OTHER + 1, 1, 50},
							{"second", FIRST, 2, 100},
							{"first", FIRST, 1, 300}};
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 0), gone = peer_stream(rig, OTHER, 0);
	uint8_t section[100];
	size_t n = make_section(section, 0x82, sizeof(section));

	say_data(&peer, 1, 1, section, n);
	expect_alive(&peer);
	cp_mux_change(rig->mux, now, 3);
	expect(&peer, SIM_MUX_STREAM_BW_ALLOCATION);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_BANDWIDTH, 0), 300);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_DATA_STREAM_ID, 0), 1);
	expect_end(&gone);
	say_data(&peer, 1, 1, section, n);
	expect_alive(&peer);
	CU_ASSERT(rig->packets[0] == 1 && rig->packets[1] == 0 && rig->packets[2] == 1);
	CU_ASSERT_EQUAL(shown(rig, 2, "datagrams", NULL), 2);
	CU_ASSERT_EQUAL(shown(rig, 2, "allocated_kbps", NULL), 300);
	CU_ASSERT(shows(rig, 0, "state", "closed") && shows(rig, 1, "state", "closed") &&
		  shows(rig, 2, "state", "open"));
	gone = peer_stream(rig, OTHER + 1, 0); // a client that is new
	say_setup(&peer, 2, 2, 0);
	expect(&peer, SIM_MUX_STREAM_STATUS);
	cp_mux_change(rig->mux, now, 2); // a stream goes while its client stays
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	CU_ASSERT_EQUAL(sim_get(&peer.msg, SIM_P_DATA_STREAM_ID, 0), 1);
	say_data(&peer, 1, 1, section, n);
	expect_error(&peer, SIM_MUX_STREAM_ERROR, SIM_E_MUX_STREAM_ID, SIM_P_DATA_STREAM_ID);
	say_data(&peer, 2, 2, section, n);
	expect_alive(&peer);
	expect_alive(&gone);
	CU_ASSERT_EQUAL(rig->packets[1], 1);
	cp_mux_change(rig->mux, now, 0);
	expect_end(&peer);
	expect_end(&gone);
	rig_free(rig);
}

static void tells_why_it_cannot_open(void)
{
	struct cp_mux_conf conf = {.address = "127.0.0.1", .streams = streams, .streams_n = 3};
	struct rig *rig = rig_new();
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct cp_mux *second = NULL;
	socklen_t n = sizeof(at);
	int fd;

	conf.tcp_port = cp_mux_port(rig->mux);
	CU_ASSERT_EQUAL(cp_mux_open(&second, &rig->loop, &conf, on_emm, rig), -EADDRINUSE);
	conf.address = "nowhere";
	CU_ASSERT_EQUAL(cp_mux_open(&second, &rig->loop, &conf, on_emm, rig), -EINVAL);
	// The port is free over TCP alone.
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	conf.address = "127.0.0.1";
	conf.tcp_port = ntohs(at.sin_port);
	CU_ASSERT_EQUAL(cp_mux_open(&second, &rig->loop, &conf, on_emm, rig), -EADDRINUSE);
	CU_ASSERT_PTR_NULL(second);
	close(fd);
	rig_free(rig);
}

// Closing while clients are connected: they are told the end, and nothing stays.
static void ends_with_open_channels(void)
{
	struct rig *rig = rig_new();
	struct peer peer = peer_stream(rig, FIRST, 0), idle = peer_open(rig, OTHER);
	uint8_t byte;

	expect_alive(&peer);
	cp_mux_close(rig->mux);
	CU_ASSERT_FALSE(peer_read(&peer, &byte, 1));
	CU_ASSERT_FALSE(peer_read(&idle, &byte, 1));
	close(peer.fd);
	close(idle.fd);
	CU_ASSERT_EQUAL(uv_run(&rig->loop, UV_RUN_DEFAULT), 0);
	CU_ASSERT_EQUAL(uv_loop_close(&rig->loop), 0);
	free(rig);
}

static const struct unit_test tests[] = {
	{"takes a whole dialogue", takes_a_whole_dialogue},
	{"answers in the client's version", answers_in_the_client_s_version},
	{"refuses an unknown version", refuses_an_unknown_version},
	{"refuses what has no channel", refuses_what_has_no_channel},
	{"refuses setups", refuses_setups},
	{"refuses wrong names", refuses_wrong_names},
	{"grants bandwidth", grants_bandwidth},
	{"drops what is too much", drops_what_is_too_much},
	{"passes packets", passes_packets},
	{"packs sections", packs_sections},
	{"checks sections", checks_sections},
	{"bears hostile bytes", bears_hostile_bytes},
	{"leaves a peer that is always refused", leaves_a_peer_that_is_always_refused},
	{"looks after the silent", looks_after_the_silent},
	{"hears the peer's errors", hears_the_peer_s_errors},
	{"writes no log for the peer", writes_no_log_for_the_peer},
	{"takes data over UDP", takes_data_over_udp},
	{"takes other streams", takes_other_streams},
	{"tells why it cannot open", tells_why_it_cannot_open},
	{"ends with open channels", ends_with_open_channels},
};

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	return unit_run("simulcrypt mux", tests, sizeof(tests) / sizeof(tests[0]));
}

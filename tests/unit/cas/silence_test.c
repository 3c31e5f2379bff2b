// SPDX-License-Identifier: GPL-3.0-or-later
// Peers that fall silent: a connection without a channel, a channel that answers tests, and one that does not. The
// loop's clock is moved on by the test.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <unit.h>

#include "ecmg/ecmg.h"

static uint64_t later_ms;

uint64_t __real_uv_now(const uv_loop_t *loop);
uint64_t __wrap_uv_now(const uv_loop_t *loop);

uint64_t __wrap_uv_now(const uv_loop_t *loop)
{
	return __real_uv_now(loop) + later_ms;
}

static struct rig {
	uv_loop_t loop;
	struct cas_conf conf;
	struct cas_vault vault; // never there
	struct cas_ecmg ecmg;
	int fd;
} * rig;

static void open_rig(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	later_ms = 0;
	rig = calloc(1, sizeof(*rig));
	CU_ASSERT_PTR_NOT_NULL_FATAL(rig);
	CU_ASSERT_EQUAL_FATAL(uv_loop_init(&rig->loop), 0);
	strcpy(rig->conf.ecmg.address, "127.0.0.1");
	rig->conf.super_cas_id = 0x0ABC0001;
	rig->conf.ecmg.min_cp_duration_ms = 1000;
	CU_ASSERT_EQUAL_FATAL(cas_ecmg_open(&rig->ecmg, &rig->loop, &rig->conf, &rig->vault), 0);
	to.sin_port = htons(cp_wire_listener_port(rig->ecmg.listener));
	rig->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL_FATAL(connect(rig->fd, (struct sockaddr *)&to, sizeof(to)), 0);
}

static void close_rig(void)
{
	cas_ecmg_close(&rig->ecmg);
	close(rig->fd);
	CU_ASSERT_EQUAL(uv_run(&rig->loop, UV_RUN_DEFAULT), 0);
	cas_ecmg_fini(&rig->ecmg);
	CU_ASSERT_EQUAL(uv_loop_close(&rig->loop), 0);
	free(rig);
}

// Runs the loop until the ECMG has said something and returns its message_type; 0 when it has closed.
static unsigned hear(void)
{
	uint8_t message[SIM_MESSAGE_MAX];
	ssize_t n;

	while ((n = recv(rig->fd, message, SIM_HEADER_BYTES, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
		uv_run(&rig->loop, UV_RUN_ONCE);
	if (n == 0)
		return 0;
	CU_ASSERT_EQUAL_FATAL(n, SIM_HEADER_BYTES);
	size_t rest = sim_message_bytes(message) - SIM_HEADER_BYTES;

	CU_ASSERT_EQUAL_FATAL(recv(rig->fd, message + SIM_HEADER_BYTES, rest, MSG_WAITALL), (ssize_t)rest);
	return (unsigned)message[1] << 8 | message[2];
}

static void say(const char *bytes, size_t n)
{
	CU_ASSERT_EQUAL_FATAL(send(rig->fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

#define SETUP "\3\0\1\0\x0e\0\x0e\0\2\0\1\0\1\0\4\x0a\xbc\0\1"
#define TEST  "\3\0\2\0\6\0\x0e\0\2\0\1"

static void test_no_channel(void)
{
	open_rig();
	while (!rig->ecmg.registry.first)
		uv_run(&rig->loop, UV_RUN_ONCE);
	later_ms = 29000;
	for (unsigned i = 0; i < 5; i++)
		uv_run(&rig->loop, UV_RUN_ONCE);
	CU_ASSERT_PTR_NOT_NULL(rig->ecmg.registry.first);
	later_ms = 30000;
	CU_ASSERT_EQUAL(hear(), 0);
	close_rig();
}

static void test_answers(void)
{
	open_rig();
	say(SETUP, sizeof(SETUP) - 1);
	CU_ASSERT_EQUAL(hear(), SIM_CHANNEL_STATUS);
	// Anything that is heard is a sign of life.
	for (unsigned i = 1; i < 4; i++) {
		later_ms = i * 40000;
		CU_ASSERT_EQUAL(hear(), SIM_CHANNEL_TEST);
		say(TEST, sizeof(TEST) - 1);
		CU_ASSERT_EQUAL(hear(), SIM_CHANNEL_STATUS);
	}
	CU_ASSERT_PTR_NOT_NULL(rig->ecmg.registry.first);
	close_rig();
}

static void test_does_not_answer(void)
{
	open_rig();
	say(SETUP, sizeof(SETUP) - 1);
	CU_ASSERT_EQUAL(hear(), SIM_CHANNEL_STATUS);
	later_ms = 30000;
	CU_ASSERT_EQUAL(hear(), SIM_CHANNEL_TEST);
	later_ms = 60000;
	CU_ASSERT_EQUAL(hear(), 0); // and tested only once
	while (rig->ecmg.registry.first)
		uv_run(&rig->loop, UV_RUN_ONCE);
	close_rig();
}

static const struct unit_test tests[] = {{"no channel", test_no_channel},
					 {"answers", test_answers},
					 {"does not answer", test_does_not_answer}};

UNIT_MAIN("cas-silence", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// Who is obeyed at the controller's socket, and what ends a connection.
#include "link_rig.h"

static void first_line_up(void)
{
	rig_begin();
	int fd = rig_connect();

	rig_hello(fd, 5, "one");
	CU_ASSERT_EQUAL(rig_next(fd), DP_MSG_WELCOME); // before anything else
	CU_ASSERT_TRUE(rig_up.welcome.version == DP_MSG_VERSION && rig_up.welcome.lineup == 0);
	CU_ASSERT_NOT_EQUAL(rig_up.welcome.boot_id, 0);
	CU_ASSERT_FALSE(dp_link_alone(&rig_link));
	rig_send_lineup(fd);
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));
	CU_ASSERT_EQUAL(rig_up.result.error, 0);
	CU_ASSERT_TRUE(rig_plant.built && rig_link.dialogue.index.services == 2);
	for (unsigned i = 0; i < 2; i++) { // nothing runs yet
		CU_ASSERT_TRUE(rig_await(fd, DP_MSG_PERIOD_STATE));
		CU_ASSERT_FALSE(rig_up.period_state.running || rig_up.period_state.have_next);
	}
	close(fd);
	rig_turn();
	CU_ASSERT_TRUE(dp_link_alone(&rig_link));
	rig_end();
}

static void refused_line_up(void)
{
	rig_begin();
	int fd = rig_connect();

	rig_hello(fd, 5, "one");
	rig_lineup.input[1].udp_port = 0;
	rig_lineup.output[1].ttl = 0;
	rig_send_lineup(fd);
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));
	CU_ASSERT_EQUAL(rig_up.result.error, -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.result.text, "/inputs/1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.result.text, "and 1 more"));
	CU_ASSERT_FALSE(rig_plant.built);
	link_lineup_make(&rig_lineup);
	rig_lineup.lineup.serial = 10;
	rig_send_lineup(fd);
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));
	CU_ASSERT_EQUAL(rig_up.result.error, 0);
	close(fd);
	rig_end();
}

static void first_is_hello(void)
{
	rig_begin();
	int fd = rig_connect();

	rig_send(fd, &rig_lineup.lineup, sizeof(rig_lineup.lineup));
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "first message is HELLO"));
	fd = rig_connect();
	rig_hello(fd, 0, "zero");
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	fd = rig_connect();
	struct dp_msg_hello hello = {.head = LINEUP_HEAD(HELLO, hello),
				     .version = DP_MSG_VERSION + 1,
				     .epoch = 9,
				     .name = "later"};

	rig_send(fd, &hello, sizeof(hello));
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_VERSION));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "version 3 is not spoken here, 2 is"));
	CU_ASSERT_EQUAL(rig_link.fence.epoch, 0);
	rig_end();
}

// The name goes into texts and documents, so it has to be text.
static void name_of_hello(void)
{
	struct dp_msg_hello hello = {.head = LINEUP_HEAD(HELLO, hello), .version = DP_MSG_VERSION, .epoch = 9};

	rig_begin();
	int fd = rig_connect();

	memset(hello.name, 'n', sizeof(hello.name)); // no closing zero
	rig_send(fd, &hello, sizeof(hello));
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "closing zero"));
	fd = rig_connect();
	rig_hello(fd, 9, "caf\xC3");
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "UTF-8"));
	CU_ASSERT_EQUAL(rig_link.fence.epoch, 0);
	fd = rig_connect();
	rig_hello(fd, 9, "caf\xC3\xA9");
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_WELCOME));
	close(fd);
	rig_end();
}

// Who says nothing goes after two seconds; until then others find a place, and beyond that they wait their turn.
static void silent_ones(void)
{
	int fd[DP_LINK_PEERS + 1];

	rig_begin();
	for (unsigned i = 0; i < DP_LINK_PEERS + 1; i++)
		fd[i] = rig_connect();
	for (unsigned i = 0; i < 10; i++)
		rig_turn();
	rig_hello(fd[DP_LINK_PEERS], 7, "last");
	CU_ASSERT_EQUAL(rig_next(fd[DP_LINK_PEERS]), -EAGAIN);
	rig_now_ms += DP_PEER_HELLO_MS;
	for (unsigned i = 0; i < DP_LINK_PEERS; i++) {
		CU_ASSERT_TRUE(rig_bye(fd[i], DP_MSG_BYE_BROKEN));
		CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "no HELLO in time"));
	}
	CU_ASSERT_EQUAL(rig_next(fd[DP_LINK_PEERS]), DP_MSG_WELCOME);
	close(fd[DP_LINK_PEERS]);
	rig_end();
}

static void fence(void)
{
	rig_begin();
	int middle = rig_controller(200), older = rig_connect(), same = rig_connect(), newer = rig_connect();

	rig_hello(older, 199, "older");
	CU_ASSERT_TRUE(rig_bye(older, DP_MSG_BYE_OLDER));
	CU_ASSERT_TRUE(rig_up.bye.epoch == 200 && rig_up.bye.pid == getpid());
	CU_ASSERT_STRING_EQUAL(rig_up.bye.name, "rig");
	rig_hello(same, 200, "same");
	CU_ASSERT_TRUE(rig_bye(same, DP_MSG_BYE_OLDER));
	rig_hello(newer, 201, "newer");
	CU_ASSERT_TRUE(rig_bye(middle, DP_MSG_BYE_SUPERSEDED));
	CU_ASSERT_TRUE(rig_up.bye.epoch == 201);
	CU_ASSERT_STRING_EQUAL(rig_up.bye.name, "newer");
	CU_ASSERT_TRUE(rig_await(newer, DP_MSG_WELCOME));
	CU_ASSERT_EQUAL(rig_up.welcome.lineup, 1);
	close(newer);
	rig_turn();
	older = rig_connect();
	rig_hello(older, 200, "older again");
	CU_ASSERT_TRUE(rig_bye(older, DP_MSG_BYE_OLDER));
	CU_ASSERT_STRING_EQUAL(rig_up.bye.name, "newer");
	rig_end();
}

// One that does not read its BYE, whose socket is full, is told when it reads, or is closed after a time.
static void deaf_one_is_superseded(void)
{
	rig_begin();
	int deaf = rig_controller(1);

	for (unsigned i = 0; i < 5000; i++) { // reports and states fill its socket
		rig_group("basic")->period.media.on_wall = i % 2;
		dp_period_publish(&rig_group("basic")->period);
		rig_now_ms += 10;
		rig_turn();
	}
	CU_ASSERT_FALSE(dp_link_alone(&rig_link));
	int newer = rig_connect();

	rig_hello(newer, 2, "newer");
	CU_ASSERT_TRUE(rig_await(newer, DP_MSG_WELCOME));
	CU_ASSERT_TRUE(rig_bye(deaf, DP_MSG_BYE_SUPERSEDED));
	close(newer);
	rig_end();
}

// Every message in every state it has no place in.
static void out_of_place(void)
{
	static const struct {
		size_t offset, bytes;
	} lists[] = {
		{offsetof(struct link_lineup, input), sizeof(struct dp_msg_input)},
		{offsetof(struct link_lineup, output), sizeof(struct dp_msg_output)},
		{offsetof(struct link_lineup, group), sizeof(struct dp_msg_group)},
		{offsetof(struct link_lineup, emm), sizeof(struct dp_msg_emm_stream)},
		{offsetof(struct link_lineup, end), sizeof(struct dp_msg_lineup_end)},
		{offsetof(struct link_lineup, service), sizeof(struct dp_msg_service)},
	};
	static struct dp_msg_period period = {.head = LINEUP_HEAD(PERIOD, period)};
	static struct dp_msg_emm_data emm = {.head = LINEUP_HEAD(EMM_DATA, emm)};
	uint64_t epoch = 1;

	rig_begin();
	for (unsigned on_air = 0; on_air < 2; on_air++)
		for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
			int fd = on_air ? rig_controller(epoch++) : rig_connect();

			if (!on_air)
				rig_hello(fd, epoch++, "x");
			rig_send(fd, (uint8_t *)&rig_lineup + lists[i].offset, lists[i].bytes);
			CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
			CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "out of place"));
		}
	for (unsigned within = 0; within < 2; within++)
		for (unsigned i = 0; i < 4; i++) {
			int fd = rig_connect();

			rig_hello(fd, epoch++, "x");
			if (within)
				rig_send(fd, &rig_lineup.lineup, sizeof(rig_lineup.lineup));
			if (i == 0)
				rig_send(fd, &period, sizeof(period));
			else if (i == 1)
				rig_send(fd, &emm, sizeof(emm));
			else if (i == 2)
				rig_hello(fd, epoch, "again");
			else
				rig_send(fd, within ? (void *)&rig_lineup.lineup : (void *)&rig_lineup.service[0],
					 within ? sizeof(rig_lineup.lineup) : sizeof(rig_lineup.service[0]));
			CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
			CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, within && i < 2
									       ? "the last ones taken are 0 and 0"
									       : "out of place"));
		}
	rig_end();
}

static void wrong_sizes(void)
{
	static uint8_t message[sizeof(union dp_link_message) + 1];
	uint64_t epoch = 1;

	rig_begin();
	for (unsigned i = 0; i < 4; i++) {
		const size_t sizes[] = {1, 8, sizeof(struct dp_msg_period) - 1, sizeof(message)};
		struct dp_msg_head head = {DP_MSG_PERIOD, (uint32_t)sizes[i]};
		int fd = rig_controller(epoch++);

		memcpy(message, &head, sizeof(head));
		rig_send(fd, message, sizes[i]);
		CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "longer than any"));
	CU_ASSERT_TRUE(rig_plant.built);
	rig_end();
}

static void stopping(void)
{
	rig_begin();
	int fd = rig_controller(1), waiting = rig_connect();

	rig_turn();
	rig_end();
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_STOPPING));
	CU_ASSERT_TRUE(rig_bye(waiting, DP_MSG_BYE_STOPPING));
	CU_ASSERT_NOT_EQUAL(access(rig_machine.control, F_OK), 0);
}

static void no_socket(void)
{
	rig_begin();
	static struct dp_link other;

	CU_ASSERT_EQUAL(dp_link_open(&other, &rig_machine, &rig_plant, &rig_errs), -EADDRINUSE);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_errs.text[0], "/control/socket"));
	dp_link_close(&other);
	dp_link_close(&other);
	CU_ASSERT_EQUAL(access(rig_machine.control, F_OK), 0);
	rig_end();
}

static const struct unit_test tests[] = {
	{"first line-up", first_line_up},
	{"refused line-up", refused_line_up},
	{"first is HELLO", first_is_hello},
	{"the name of a HELLO", name_of_hello},
	{"silent ones", silent_ones},
	{"fence", fence},
	{"a deaf one is superseded", deaf_one_is_superseded},
	{"out of place", out_of_place},
	{"wrong sizes", wrong_sizes},
	{"stopping", stopping},
	{"no socket", no_socket},
};

int main(void)
{
	return rig_run("link", tests, sizeof(tests) / sizeof(tests[0]));
}

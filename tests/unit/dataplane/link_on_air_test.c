// SPDX-License-Identifier: GPL-3.0-or-later
// What passes between a controller and the dataplane while a line-up is on air: periods down and their state up, held
// words back and gone after their life, transforms, EMMs, alarms, tables, and a controller that does not read.
#include "link_rig.h"

#include <jansson.h>

#include <memory_search.h>

static struct dp_msg_period period;

// A period of "basic" with two words, of keys `number` and `number` + 1, and an ECM.
static void make_period(uint16_t cp_number, unsigned number)
{
	memset(&period, 0, sizeof(period));
	period = (struct dp_msg_period){.head = LINEUP_HEAD(PERIOD, period),
					.group = LINEUP_BASIC,
					.cp_number = cp_number,
					.cw_bytes = 8,
					.scrambling_mode = 0x02,
					.lineup = rig_lineup.lineup.serial,
					.cws = 2,
					.ecms = 1,
					.duration_27mhz = 27000000,
					.ecm = {{.pid = LINEUP_ECM_PID, .bytes = 8, .repetition_ms = 100}},
					.pool = {0x80, 0x70, 5}};
	memory_key_make(period.cw[0], number, 8);
	memory_key_make(period.cw[1], number + 1, 8);
}

static __attribute__((noinline)) void send_period(int fd, uint16_t cp_number, unsigned number)
{
	make_period(cp_number, number);
	rig_send(fd, &period, sizeof(period));
	base_secret_scrub(&period, sizeof(period));
}

static bool await_state(int fd, bool running, bool have_next, uint16_t cp_number)
{
	while (rig_await(fd, DP_MSG_PERIOD_STATE))
		if (rig_up.period_state.group == LINEUP_BASIC && rig_up.period_state.running == running &&
		    rig_up.period_state.have_next == have_next && rig_up.period_state.cp_number == cp_number)
			return true;
	return false;
}

static void periods(void)
{
	rig_begin();
	int fd = rig_controller(1);

	send_period(fd, 9, 1);
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	send_period(fd, 10, 2);
	CU_ASSERT_TRUE(await_state(fd, true, true, 9));
	CU_ASSERT_EQUAL(rig_up.period_state.next_cp_number, 10);
	rig_flip(rig_group("basic"));
	CU_ASSERT_TRUE(await_state(fd, true, false, 10));
	CU_ASSERT_EQUAL(rig_up.period_state.started_27mhz, 27000000);
	CU_ASSERT_FALSE(rig_group("premium")->period.running);
	close(fd);
	rig_end();
}

static bool refused(int fd, int error, uint16_t cp_number)
{
	return rig_await(fd, DP_MSG_PERIOD_REFUSED) && rig_up.refused.error == error &&
	       rig_up.refused.cp_number == cp_number && rig_up.refused.group == LINEUP_BASIC;
}

#define MISFIT(change)                                   \
	do {                                             \
		make_period(9, 1);                       \
		period.change;                           \
		rig_send(fd, &period, sizeof(period));   \
		CU_ASSERT_TRUE(refused(fd, -EINVAL, 9)); \
	} while (0)

static void misfits(void)
{
	rig_begin();
	int fd = rig_controller(1);

	MISFIT(cw_bytes = 16);
	MISFIT(scrambling_mode = 0x10); // of words of 16 bytes
	MISFIT(scrambling_mode = 0x03);
	MISFIT(ecm[0].pid = LINEUP_ECM_PID + 1); // of the other group
	MISFIT(pool[0] = 0x82);
	MISFIT(pool[2] = 6);
	MISFIT(ecm[0].bytes = 2);
	make_period(9, 1);
	period.ecms = 2;
	period.ecm[1] = period.ecm[0];
	rig_send(fd, &period, sizeof(period));
	CU_ASSERT_TRUE(refused(fd, -EINVAL, 9));
	CU_ASSERT_FALSE(rig_group("basic")->period.slot.have_next || rig_group("basic")->period.running);
	send_period(fd, 9, 1);
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	send_period(fd, 9, 1); // the worker says so
	CU_ASSERT_TRUE(refused(fd, -EINVAL, 9));
	send_period(fd, 10, 2);
	CU_ASSERT_TRUE(await_state(fd, true, true, 9));
	send_period(fd, 10, 2);
	CU_ASSERT_TRUE(refused(fd, -EBUSY, 10));
	make_period(11, 3);
	period.cws = 9;
	rig_send(fd, &period, sizeof(period));
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "1 to 8"));
	CU_ASSERT_TRUE(rig_group("basic")->period.slot.have_next);
	rig_end();
}

// Two at once: one is on its way, the other is refused at once, and neither disturbs the other.
static void two_at_once(void)
{
	rig_begin();
	int fd = rig_controller(1);

	rig_works = false;
	send_period(fd, 9, 1);
	send_period(fd, 10, 2);
	CU_ASSERT_TRUE(refused(fd, -EBUSY, 10));
	rig_works = true;
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	close(fd);
	rig_end();
}

// Sets go round: no more are made than a group needs, however many periods there are.
static void sets_go_round(void)
{
	rig_begin();
	int fd = rig_controller(1);

	for (uint16_t cp = 65500; cp != 200; cp++) {
		send_period(fd, cp, 1);
		CU_ASSERT_TRUE_FATAL(cp == 65500 ? await_state(fd, true, false, cp)
						 : await_state(fd, true, true, (uint16_t)(cp - 1)));
		if (cp != 65500)
			rig_flip(rig_group("basic"));
	}
	CU_ASSERT_TRUE(rig_plant.controlled.sets <= 4);
	close(fd);
	rig_end();
}

static bool is_key(const uint8_t *cw, unsigned number)
{
	for (unsigned i = 0; i < 8; i++)
		if (cw[i] != memory_key_byte(number, i))
			return false;
	return true;
}

static void forget_what_came(void)
{
	base_secret_scrub(&rig_up, sizeof(rig_up));
}

static void held_words(void)
{
	rig_begin();
	int fd = rig_controller(1);

	send_period(fd, 9, 1);
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	rig_works = false; // the next is on its way when the controller dies, and is in what the new one gets
	make_period(10, 2);
	period.scrambling_mode = 0x10;
	period.cw_bytes = 16;
	rig_send(fd, &period, sizeof(period));
	base_secret_scrub(&period, sizeof(period));
	for (unsigned i = 0; i < 10; i++)
		rig_turn();
	close(fd);
	fd = rig_connect();
	rig_hello(fd, 2, "next");
	CU_ASSERT_EQUAL(rig_next(fd), -EAGAIN);
	rig_works = true;
	CU_ASSERT_EQUAL(rig_next(fd), DP_MSG_WELCOME);
	CU_ASSERT_EQUAL(rig_next(fd), DP_MSG_GROUP_STATE);
	const struct dp_msg_group_state *state = &rig_up.group_state;

	CU_ASSERT_STRING_EQUAL(state->name, "basic");
	CU_ASSERT_TRUE(state->current.cp_number == 9 && state->current.cws == 2);
	CU_ASSERT_TRUE(state->current.cw_bytes == 8 && state->current.scrambling_mode == 0x02);
	CU_ASSERT_TRUE(is_key(state->current.cw[0], 1) && is_key(state->current.cw[1], 2));
	CU_ASSERT_TRUE(state->next.cp_number == 10 && state->next.cws == 2);
	CU_ASSERT_TRUE(is_key(state->next.cw[0], 2) && is_key(state->next.cw[1], 3));
	CU_ASSERT_TRUE(state->next.cw_bytes == 16 && state->next.scrambling_mode == 0x10);
	forget_what_came();
	CU_ASSERT_NOT_EQUAL(rig_next(fd), DP_MSG_GROUP_STATE); // the other group does not run
	close(fd);
	rig_end();
}

// The first period that waits for its ECM is held as next, while nothing runs.
static void held_before_it_runs(void)
{
	rig_begin();
	int fd = rig_controller(1);

	make_period(9, 1);
	period.ecm[0].start_ms = -200;
	rig_send(fd, &period, sizeof(period));
	base_secret_scrub(&period, sizeof(period));
	CU_ASSERT_TRUE(await_state(fd, false, true, 0));
	close(fd);
	fd = rig_connect();
	rig_hello(fd, 2, "next");
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_GROUP_STATE));
	CU_ASSERT_TRUE(rig_up.group_state.current.cws == 0 && rig_up.group_state.next.cp_number == 9);
	forget_what_came();
	close(fd);
	rig_end();
}

// A word is nowhere once its period is over, and a refused one is nowhere at once. Keys of this test's own.
static void words_die(void)
{
	rig_begin();
	int fd = rig_controller(1);

	send_period(fd, 9, 101);
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	CU_ASSERT_TRUE(memory_count(101, 8) >= 1);
	send_period(fd, 9, 201);
	CU_ASSERT_TRUE(refused(fd, -EINVAL, 9));
	CU_ASSERT_EQUAL(memory_count(201, 8), 0);
	send_period(fd, 10, 102);
	CU_ASSERT_TRUE(await_state(fd, true, true, 9));
	close(fd);
	fd = rig_connect(); // and one that was told of it
	rig_hello(fd, 2, "next");
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_GROUP_STATE));
	forget_what_came();
	rig_send_lineup(fd);
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));
	CU_ASSERT_TRUE(memory_count(101, 8) >= 1);
	rig_flip(rig_group("basic"));
	CU_ASSERT_TRUE(await_state(fd, true, false, 10));
	CU_ASSERT_EQUAL(memory_count(101, 8), 0);
	CU_ASSERT_TRUE(memory_count(102, 8) >= 1 && memory_count(103, 8) >= 1);
	close(fd);
	rig_end();
	CU_ASSERT_EQUAL(memory_count(102, 8), 0);
	CU_ASSERT_EQUAL(memory_count(103, 8), 0);
}

// What was refused to one controller is not told to the next, which has sent nothing.
static void refusal_of_another(void)
{
	int came;

	rig_begin();
	int fd = rig_controller(1);

	send_period(fd, 9, 1);
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	rig_works = false;
	send_period(fd, 20, 2); // the worker will refuse it
	for (unsigned i = 0; i < 10; i++)
		rig_turn();
	close(fd);
	fd = rig_connect();
	rig_hello(fd, 2, "next");
	CU_ASSERT_EQUAL(rig_next(fd), -EAGAIN);
	rig_works = true;
	CU_ASSERT_EQUAL(rig_next(fd), DP_MSG_WELCOME);
	rig_send_lineup(fd);
	do {
		came = rig_next(fd);
		CU_ASSERT_NOT_EQUAL(came, DP_MSG_PERIOD_REFUSED);
	} while (came > 0 && came != DP_MSG_LINEUP_RESULT);
	CU_ASSERT_EQUAL(came, DP_MSG_LINEUP_RESULT);
	forget_what_came();
	close(fd);
	rig_end();
}

// What goes down has the indexes of its own line-up, what comes up those of the last one.
static void indexes(void)
{
	rig_begin();
	int fd = rig_controller(1);

	make_period(9, 1);
	rig_lineup.group[0].index = 1;
	rig_lineup.group[1].index = 0;
	rig_lineup.service[0].group = 0;
	rig_lineup.service[1].group = 1;
	rig_send_lineup(fd);
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));
	CU_ASSERT_TRUE(rig_up.result.error == 0 && rig_up.result.serial == rig_lineup.lineup.serial);
	rig_send(fd, &period, sizeof(period));
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_PERIOD_STATE) && rig_await(fd, DP_MSG_PERIOD_STATE));
	while (!rig_up.period_state.running)
		CU_ASSERT_TRUE_FATAL(rig_await(fd, DP_MSG_PERIOD_STATE));
	CU_ASSERT_EQUAL(rig_up.period_state.group, 0);
	CU_ASSERT_TRUE(rig_group("basic")->period.running && !rig_group("premium")->period.running);
	rig_send_lineup(fd); // the first is forgotten by now
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));
	rig_send(fd, &period, sizeof(period));
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "PERIOD: of line-up 2; the last ones taken are 4 and 3"));
	rig_end();
}

// The line-up is exchanged for `change` of itself; what comes of it.
#define CHANGED(fd, change)                                                      \
	do {                                                                     \
		rig_lineup.change;                                               \
		rig_send_lineup(fd);                                             \
		CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));             \
		CU_ASSERT_EQUAL(rig_up.result.error, 0);                         \
		CU_ASSERT_EQUAL(rig_up.result.serial, rig_lineup.lineup.serial); \
	} while (0)

static const struct dp_service *service_named(const char *name)
{
	const struct dp_lineup *lineup = &rig_plant.lineup;

	for (unsigned i = 0; i < lineup->services; i++)
		if (lineup->service[i].conf && strcmp(lineup->service[i].conf->name, name) == 0)
			return &lineup->service[i];
	return NULL;
}

// Any of its parts may be another one, and what is not goes on.
static void live(void)
{
	rig_begin();
	int fd = rig_controller(1);

	send_period(fd, 9, 1);
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	CHANGED(fd, service[1].ca[0].ecm_pid = 0x700);
	CU_ASSERT_EQUAL(service_named("service1")->conf->ca[0].ecm_pid, 0x700);
	CHANGED(fd, service[1].name[0] = 'S');
	CU_ASSERT_TRUE(service_named("Service1") && !service_named("service1"));
	CHANGED(fd, service[1].program_number = 7);
	CHANGED(fd, input[1].udp_port = 5001);
	CHANGED(fd, output[1].ttl = 17);
	CHANGED(fd, group[LINEUP_PREMIUM].name[0] = 'P');
	CHANGED(fd, emm[0].pid = 0x601);
	CU_ASSERT_TRUE(rig_group("basic")->period.running && rig_group("basic")->period.cp_number == 9);
	CU_ASSERT_FALSE(rig_group("Premium")->period.running);
	send_period(fd, 10, 2);
	CU_ASSERT_TRUE(await_state(fd, true, true, 9));
	close(fd);
	rig_end();
}

// One change at a time. Meanwhile everything is heard, by the line-up taken last.
static void one_at_a_time(void)
{
	rig_begin();
	int fd = rig_controller(1);

	send_period(fd, 9, 1);
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	make_period(10, 2);
	rig_works = false;
	strcpy(rig_lineup.service[1].name, "another");
	rig_send_lineup(fd);
	rig_send_lineup(fd);
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));
	CU_ASSERT_TRUE(rig_up.result.error == -EBUSY && rig_up.result.serial == rig_lineup.lineup.serial);
	CU_ASSERT_TRUE(dp_plant_changing(&rig_plant));
	rig_send(fd, &period, sizeof(period)); // of the line-up before
	const struct dp_msg_move move = {.head = LINEUP_HEAD(MOVE, move), .lineup = rig_lineup.lineup.serial - 2};

	rig_send(fd, &move, sizeof(move));
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_MOVE_RESULT));
	CU_ASSERT_EQUAL(rig_up.moved.error, -EBUSY);
	CU_ASSERT_EQUAL(rig_next(fd), -EAGAIN); // the first is not there yet
	rig_works = true;
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_LINEUP_RESULT));
	CU_ASSERT_TRUE(rig_up.result.error == 0 && rig_up.result.serial == rig_lineup.lineup.serial - 1);
	CU_ASSERT_PTR_NOT_NULL(service_named("another"));
	CU_ASSERT_TRUE(rig_group("basic")->period.slot.have_next);
	close(fd);
	rig_end();
}

// What has gone is refused by name of the error, whichever line-up the index is of.
static void gone(void)
{
	static struct dp_msg_emm_data data;

	rig_begin();
	int fd = rig_controller(1);
	const struct dp_msg_move move = {.head = LINEUP_HEAD(MOVE, move),
					 .input = 1,
					 .lineup = rig_lineup.lineup.serial};

	make_period(9, 1);
	data = (struct dp_msg_emm_data){.head = LINEUP_HEAD(EMM_DATA, data), .pkts = 1, .lineup = move.lineup};
	strcpy(rig_lineup.group[LINEUP_BASIC].name, "Basic");
	strcpy(rig_lineup.input[1].name, "IN");
	CHANGED(fd, emm[0].name[0] = 'E');
	rig_send(fd, &period, sizeof(period));
	CU_ASSERT_TRUE(refused(fd, -ENOENT, 9));
	rig_send(fd, &data, sizeof(data));
	rig_send(fd, &move, sizeof(move));
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_MOVE_RESULT));
	CU_ASSERT_TRUE(rig_up.moved.error == -ENOENT && rig_up.moved.input == 1);
	send_period(fd, 9, 1); // by the new one
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	close(fd);
	rig_end();
}

static void moves(void)
{
	rig_begin();
	int fd = rig_controller(1);
	struct dp_msg_move move = {.head = LINEUP_HEAD(MOVE, move), .lineup = rig_lineup.lineup.serial};

	rig_send(fd, &move, sizeof(move));
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_MOVE_RESULT));
	CU_ASSERT_EQUAL(rig_up.moved.error, 0); // it is there
	move.worker = 1;
	rig_send(fd, &move, sizeof(move));
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_MOVE_RESULT));
	CU_ASSERT_TRUE(rig_up.moved.error == -EINVAL && rig_up.moved.worker == 1 && rig_up.moved.text[0]);
	move.input = 2;
	rig_send(fd, &move, sizeof(move));
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "MOVE: input 2 of 2"));
	rig_end();
}

// A change is finished though its controller does not live to see it, and the next one is greeted when it is.
static void dies_in_a_change(void)
{
	rig_begin();
	int fd = rig_controller(1);

	send_period(fd, 9, 1);
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	rig_works = false;
	strcpy(rig_lineup.service[1].name, "another");
	rig_send_lineup(fd);
	for (unsigned i = 0; i < 10; i++)
		rig_turn();
	CU_ASSERT_TRUE(dp_plant_changing(&rig_plant));
	close(fd);
	fd = rig_connect();
	rig_hello(fd, 2, "next");
	CU_ASSERT_EQUAL(rig_next(fd), -EAGAIN);
	rig_works = true;
	CU_ASSERT_EQUAL(rig_next(fd), DP_MSG_WELCOME);
	CU_ASSERT_EQUAL(rig_next(fd), DP_MSG_GROUP_STATE);
	CU_ASSERT_STRING_EQUAL(rig_up.group_state.name, "basic");
	forget_what_came();
	CU_ASSERT_PTR_NOT_NULL(service_named("another"));
	rig_lineup.lineup.serial = 0; // serials are of a connection
	CHANGED(fd, service[1].name[0] = 'A');
	send_period(fd, 10, 2);
	CU_ASSERT_TRUE(await_state(fd, true, true, 9));
	rig_send_lineup(fd); // and one that is cut off while it comes
	rig_send(fd, &rig_lineup.lineup, sizeof(rig_lineup.lineup));
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	CU_ASSERT_TRUE(rig_group("basic")->period.running);
	rig_end();
}

static void emms(void)
{
	static struct dp_msg_emm_data data;

	rig_begin();
	int fd = rig_controller(1);
	struct dp_emm *emm = &rig_plant.lineup.emm[0];

	data = (struct dp_msg_emm_data){.head = LINEUP_HEAD(EMM_DATA, data),
					.pkts = 7,
					.lineup = rig_lineup.lineup.serial};
	for (unsigned i = 0; i < 7; i++)
		data.pkt[i][0] = 0x47;
	data.pkt[1][0] = 0;    // no packet
	data.pkt[2][1] = 0x80; // transport_error_indicator
	data.pkt[3][3] = 0x80; // scrambled
	rig_send(fd, &data, sizeof(data));
	for (unsigned i = 0; i < 5; i++)
		rig_turn();
	CU_ASSERT_EQUAL(dp_queue_waiting(&emm->queue), 4);
	CU_ASSERT_EQUAL(emm->dropped, 3);
	data.pkt[1][0] = 0x47;
	data.pkt[2][1] = data.pkt[3][3] = 0;
	for (unsigned i = 0; i < DP_QUEUE_PKTS / 7 + 10; i++)
		rig_send(fd, &data, sizeof(data));
	for (unsigned i = 0; i < 20; i++)
		rig_turn();
	CU_ASSERT_TRUE(dp_queue_waiting(&emm->queue) <= DP_QUEUE_PKTS);
	CU_ASSERT_TRUE(emm->dropped > 3 && emm->dropped < 3 + 100);
	CU_ASSERT_EQUAL(dp_queue_waiting(&emm->queue) + emm->dropped, 7 * (1 + DP_QUEUE_PKTS / 7 + 10));
	data.index = 1;
	rig_send(fd, &data, sizeof(data));
	CU_ASSERT_TRUE(rig_bye(fd, DP_MSG_BYE_BROKEN));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig_up.bye.text, "stream 1 of 1"));
	rig_end();
}

static bool await_alarm(int fd, bool raised, const char *object)
{
	while (rig_await(fd, DP_MSG_ALARM))
		if (rig_up.alarm.raised == raised && strcmp(rig_up.alarm.object, object) == 0)
			return true;
	return false;
}

static void alarms(void)
{
	static const struct dp_alarm_whole quiet = {0};

	rig_begin();
	int fd = rig_controller(1);

	dp_alarms_look(&rig_plant.alarms, &quiet);
	rig_plant.lineup.emm[0].dropped = 5;
	dp_alarms_look(&rig_plant.alarms, &quiet);
	CU_ASSERT_TRUE(await_alarm(fd, true, "emms"));
	CU_ASSERT_STRING_EQUAL(rig_up.alarm.name, "emm_dropped");
	CU_ASSERT_TRUE(rig_up.alarm.severity == 2 && rig_up.alarm.count == 5 && rig_up.alarm.text[0]);
	close(fd);
	fd = rig_connect(); // all that stand, to another one
	rig_hello(fd, 2, "another");
	CU_ASSERT_TRUE(await_alarm(fd, true, "emms"));
	for (unsigned i = 0; i < 51; i++)
		dp_alarms_look(&rig_plant.alarms, &quiet);
	CU_ASSERT_TRUE(await_alarm(fd, false, "emms"));
	close(fd);
	rig_end();
}

static void tables(void)
{
	static const uint8_t pat[20] = {0, 0xB0, 17}, pmt[30] = {2, 0xB0, 27};
	struct dp_stream stream = {.pid = 0x101, .stream_type = 0x1B};

	rig_begin();
	int fd = rig_controller(1);

	dp_pat_view_publish(&rig_plant.lineup.input[1].pat_view, pat, sizeof(pat));
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_INPUT_PSI));
	CU_ASSERT_TRUE(rig_up.input_psi.input == 1 && rig_up.input_psi.service == DP_MSG_NONE);
	CU_ASSERT_TRUE(rig_up.input_psi.pid == 0 && rig_up.input_psi.bytes == sizeof(pat));
	CU_ASSERT_EQUAL(memcmp(rig_up.input_psi.section, pat, sizeof(pat)), 0);
	dp_view_publish(&rig_plant.lineup.service[1].view, 0x100, &stream, 1, pmt, sizeof(pmt));
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_INPUT_PSI));
	CU_ASSERT_TRUE(rig_up.input_psi.input == 1 && rig_up.input_psi.service == 1 && rig_up.input_psi.pid == 0x100);
	CU_ASSERT_TRUE(rig_up.input_psi.bytes == sizeof(pmt) && rig_up.input_psi.section[0] == 2);
	close(fd);
	fd = rig_connect(); // both again
	rig_hello(fd, 2, "another");
	rig_send_lineup(fd);
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_INPUT_PSI) && rig_await(fd, DP_MSG_INPUT_PSI));
	close(fd);
	rig_end();
}

static void reports(void)
{
	static char text[DP_MSG_REPORT_BYTES + 1];

	rig_begin();
	int fd = rig_controller(1);

	rig_now_ms += 1000;
	CU_ASSERT_TRUE(rig_await(fd, DP_MSG_REPORT));
	CU_ASSERT_TRUE(rig_up.report.offset == 0 && rig_up.report.bytes == rig_up.report.total);
	memcpy(text, rig_up.report.part, rig_up.report.bytes);
	json_t *json = json_loads(text, 0, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(json);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(json, "groups")), 2);
	json_decref(json);
	CU_ASSERT_EQUAL(rig_next(fd), -EAGAIN); // not before the next second
	close(fd);
	rig_end();
}

// One that does not read: nothing waits for it, reports are skipped by count, and when it reads, the last state is
// there.
static void slow_reader(void)
{
	bool on_wall = false;

	rig_begin();
	int fd = rig_controller(1);
	struct dp_period *basic = &rig_group("basic")->period;

	for (unsigned i = 0; i < 3001; i++) {
		basic->media.on_wall = on_wall = !on_wall;
		dp_period_publish(basic);
		rig_now_ms += 100;
		rig_turn();
	}
	CU_ASSERT_FALSE(dp_link_alone(&rig_link));
	CU_ASSERT_TRUE(rig_link.dialogue.tell.report.skipped > 100);
	bool last = false;

	for (int type; (type = rig_next(fd)) > 0;)
		if (type == DP_MSG_PERIOD_STATE && rig_up.period_state.group == LINEUP_BASIC)
			last = rig_up.period_state.on_wall;
	CU_ASSERT_EQUAL(last, on_wall);
	send_period(fd, 9, 1); // and it is heard again
	CU_ASSERT_TRUE(await_state(fd, true, false, 9));
	close(fd);
	rig_end();
}

static const struct unit_test tests[] = {
	{"periods", periods},
	{"misfits", misfits},
	{"two at once", two_at_once},
	{"sets go round", sets_go_round},
	{"held words", held_words},
	{"held before it runs", held_before_it_runs},
	{"words die", words_die},
	{"a refusal of another controller", refusal_of_another},
	{"indexes", indexes},
	{"live", live},
	{"one at a time", one_at_a_time},
	{"gone", gone},
	{"moves", moves},
	{"dies in a change", dies_in_a_change},
	{"EMMs", emms},
	{"alarms", alarms},
	{"tables", tables},
	{"reports", reports},
	{"slow reader", slow_reader},
};

int main(void)
{
	return rig_run("link on air", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-control between a dataplane and an ECMG on real sockets and one loop: every wait is for an event.
#include <unit.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>

#include "fakes.h"

// All that a test needs; large, so on the heap.
struct scene {
	uv_loop_t loop;
	struct cp_conf conf;
	struct cp_control control;
	struct fake_dataplane dp;
	struct fake_ecmg ecmg;
	unsigned wanted;
	bool control_open;
};

static uint64_t epoch = 1000;

// A configuration of `groups` services in groups of their own, all with one ECMG.
static void configure(struct scene *s, unsigned groups)
{
	struct cp_conf *conf = &s->conf;

	memset(conf, 0, sizeof(*conf));
	snprintf(conf->name, sizeof(conf->name), "test");
	snprintf(conf->dataplane_socket, sizeof(conf->dataplane_socket), "%s", s->dp.path);
	conf->inputs = conf->outputs = conf->ecmgs = 1;
	conf->groups = conf->services = groups;
	snprintf(conf->input[0].name, sizeof(conf->input[0].name), "in");
	snprintf(conf->output[0].name, sizeof(conf->output[0].name), "out");
	conf->ecmg[0] = (struct cp_conf_ecmg){.name = "vendor",
					      .address = "127.0.0.1",
					      .tcp_port = s->ecmg.port,
					      .super_cas_id = 0x0ABC0001,
					      .channel_id = 1,
					      .version = 3,
					      .test_interval_ms = 10000,
					      .timeout_ms = 5000};
	for (unsigned i = 0; i < groups; i++) {
		struct cp_conf_group *group = &conf->group[i];

		snprintf(group->name, sizeof(group->name), "group%u", i);
		snprintf(conf->service[i].name, sizeof(conf->service[i].name), "service%u", i);
		group->algorithm = i % 2 ? CP_CISSA : CP_CSA1;
		group->crypto_period_ms = 1000;
		group->cas =
			(struct cp_conf_cas){.ecm_id = (uint16_t)(i + 1), .ecm_pid = (uint16_t)(500 + i), .ac_n = 2};
		conf->service[i].group = i;
		conf->service[i].program_number = (uint16_t)(i + 1);
	}
}

static void start_control(struct scene *s)
{
	CU_ASSERT_EQUAL_FATAL(cp_control_open(&s->control, &s->loop, &s->conf, "test", epoch++), 0);
	s->control_open = true;
}

static bool drained(void *context)
{
	struct scene *s = context;

	return !s->dp.socket && !s->ecmg.wire;
}

// Ends the control and waits until its peers have seen it.
static void stop_control(struct scene *s)
{
	cp_control_close(&s->control);
	fake_until(&s->loop, drained, s, "the control's connections end");
	cp_control_fini(&s->control);
	s->control_open = false;
}

static struct scene *open_scene(unsigned groups)
{
	struct scene *s = calloc(1, sizeof(*s));

	signal(SIGPIPE, SIG_IGN);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	uv_loop_init(&s->loop);
	fake_dataplane_open(&s->dp, &s->loop);
	fake_ecmg_open(&s->ecmg, &s->loop, 0);
	configure(s, groups);
	return s;
}

static void close_scene(struct scene *s)
{
	if (s->control_open)
		cp_control_close(&s->control);
	fake_dataplane_close(&s->dp);
	fake_ecmg_close(&s->ecmg);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	CU_ASSERT_EQUAL(uv_loop_close(&s->loop), 0);
	if (s->control_open)
		cp_control_fini(&s->control);
	free(s);
}

static bool all_running(void *context)
{
	struct scene *s = context;

	for (unsigned i = 0; i < s->conf.groups; i++)
		if (!s->dp.group[i].running)
			return false;
	return true;
}

static bool all_next(void *context)
{
	struct scene *s = context;

	for (unsigned i = 0; i < s->conf.groups; i++)
		if (!s->dp.group[i].have_next)
			return false;
	return true;
}

// The word that the ECMG was given for a period of group 0 (stream 1).
static const uint8_t *word_of(const struct scene *s, unsigned group, uint16_t cp)
{
	static const uint8_t none[16];

	if (!s->ecmg.word[group + 1][cp % 32].have || s->ecmg.word[group + 1][cp % 32].cp != cp)
		return none;
	return s->ecmg.word[group + 1][cp % 32].cw;
}

static void check_period(const struct scene *s, unsigned group, const struct dp_msg_period *period)
{
	unsigned cw_bytes = group % 2 ? 16 : 8;
	const uint8_t *section = period->pool + period->ecm[0].offset;

	CU_ASSERT_EQUAL(period->cw_bytes, cw_bytes);
	CU_ASSERT_EQUAL(period->cws, s->ecmg.lead_cw + 1);
	for (unsigned i = 0; i < period->cws; i++)
		CU_ASSERT_EQUAL(memcmp(period->cw[i], word_of(s, group, (uint16_t)(period->cp_number + i)), cw_bytes),
				0);
	CU_ASSERT_EQUAL(period->duration_27mhz, 1000ULL * DP_MSG_27MHZ_PER_MS);
	CU_ASSERT_EQUAL(period->ecms, 1);
	CU_ASSERT_EQUAL(period->ecm[0].pid, 500 + group);
	CU_ASSERT_EQUAL(period->ecm[0].repetition_ms, 100);
	CU_ASSERT_EQUAL_FATAL(period->ecm[0].bytes, 7);
	CU_ASSERT_EQUAL(base_bytes_get16(section + 3), group + 1);
	CU_ASSERT_EQUAL(base_bytes_get16(section + 5), period->cp_number);
}

static bool standing(const struct scene *s, const char *name)
{
	for (unsigned i = 0; i < s->control.alarms.n; i++)
		if (strcmp(s->control.alarms.alarm[i]->name, name) == 0)
			return true;
	return false;
}

// Flips group 0 and waits for the period after.
static void flip_and_wait(struct scene *s)
{
	fake_until(&s->loop, all_next, s, "a next period");
	for (unsigned i = 0; i < s->conf.groups; i++)
		fake_dataplane_flip(&s->dp, i);
	fake_until(&s->loop, all_next, s, "the period after a flip");
}

static void test_start_and_steady(void)
{
	struct scene *s = open_scene(1);
	const struct fake_group *g = &s->dp.group[0];

	start_control(s);
	fake_until(&s->loop, all_running, s, "the first period");
	check_period(s, 0, &g->current);
	CU_ASSERT_EQUAL(g->current.ecm[0].start_ms, -500); // transition_delay_start
	CU_ASSERT_EQUAL(g->current.flip_27mhz, 0);
	CU_ASSERT_EQUAL(s->dp.lineup_msgs, 6);
	CU_ASSERT_EQUAL(s->dp.last_service.ca[0].ca_system_id, 0x0ABC);
	CU_ASSERT_EQUAL(s->dp.last_service.ca[0].ecm_pid, 500);
	for (unsigned i = 0; i < 20; i++) {
		uint16_t before = g->current.cp_number;

		flip_and_wait(s);
		CU_ASSERT_EQUAL(g->current.cp_number, (uint16_t)(before + 1));
		CU_ASSERT_EQUAL(g->next.cp_number, (uint16_t)(before + 2));
		check_period(s, 0, &g->next);
		CU_ASSERT_EQUAL(g->next.ecm[0].start_ms, 200);
		CU_ASSERT_EQUAL(g->next.flip_27mhz, s->dp.started_27mhz + 27000000);
	}
	CU_ASSERT_EQUAL(s->ecmg.provisions, g->periods);
	CU_ASSERT_TRUE(s->ecmg.provision[0].criteria);
	CU_ASSERT_FALSE(s->ecmg.provision[1].criteria);
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	close_scene(s);
}

// CSA1's check bytes are sums; the other bytes are random.
static void test_csa1_check_bytes(void)
{
	struct scene *s = open_scene(1);
	const uint8_t *cw = s->dp.group[0].current.cw[0];

	start_control(s);
	fake_until(&s->loop, all_running, s, "the first period");
	CU_ASSERT_EQUAL(cw[3], (uint8_t)(cw[0] + cw[1] + cw[2]));
	CU_ASSERT_EQUAL(cw[7], (uint8_t)(cw[4] + cw[5] + cw[6]));
	CU_ASSERT_NOT_EQUAL(memcmp(cw, s->dp.group[0].current.cw[1], 8), 0);
	close_scene(s);
}

static bool late_alarm(void *context)
{
	return standing(context, "ecm_late");
}

static void test_late_ecmg(void)
{
	struct scene *s = open_scene(1);

	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	s->ecmg.silent_stream = 1;
	fake_dataplane_flip(&s->dp, 0);
	fake_until(&s->loop, late_alarm, s, "ecm_late");
	fake_dataplane_tell(&s->dp, 0, true);
	CU_ASSERT_FALSE(s->dp.group[0].have_next);
	CU_ASSERT_TRUE(s->control.scs.group[0]->stream->timeouts >= 1);
	s->ecmg.silent_stream = 0xFFFF;
	fake_ecmg_answer(&s->ecmg, 1, fake_ecmg_last(&s->ecmg)->cp); // late, but the one that is waited for
	fake_until(&s->loop, all_next, s, "the period of a late ECM");
	check_period(s, 0, &s->dp.group[0].next);
	CU_ASSERT_EQUAL(s->control.scs.group[0]->extended, 1);
	CU_ASSERT_FALSE(standing(s, "ecm_late"));
	flip_and_wait(s);
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	close_scene(s);
}

static bool ecmg_lost(void *context)
{
	return standing(context, "ecmg_lost");
}

static void test_ecmg_dies_and_returns(void)
{
	struct scene *s = open_scene(2);

	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	fake_ecmg_close(&s->ecmg);
	fake_until(&s->loop, ecmg_lost, s, "ecmg_lost");
	fake_dataplane_flip(&s->dp, 0);
	fake_dataplane_flip(&s->dp, 1);
	CU_ASSERT_FALSE(s->dp.group[0].have_next);
	fake_ecmg_open(&s->ecmg, &s->loop, s->ecmg.port);
	fake_until(&s->loop, all_next, s, "periods from the new ECMG");
	check_period(s, 0, &s->dp.group[0].next);
	check_period(s, 1, &s->dp.group[1].next);
	CU_ASSERT_EQUAL(s->ecmg.connections, 2);
	CU_ASSERT_TRUE(fake_ecmg_last(&s->ecmg)->criteria); // a new stream is told them anew
	CU_ASSERT_FALSE(standing(s, "ecmg_lost"));
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	close_scene(s);
}

// A restarted control goes on with the words that receivers have been promised.
static void restart_control(uint8_t lead_cw, uint8_t cw_per_msg, bool with_next)
{
	struct scene *s = open_scene(1);
	struct fake_group *g = &s->dp.group[0];

	s->ecmg.lead_cw = lead_cw;
	s->ecmg.cw_per_msg = cw_per_msg;
	s->ecmg.delay_start_ms = lead_cw ? 200 : -500;
	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	flip_and_wait(s);
	s->dp.group[0].have_next = with_next;
	struct dp_msg_period current = g->current;

	stop_control(s);
	start_control(s);
	if (with_next) {
		while (s->dp.lineups < 2)
			uv_run(&s->loop, UV_RUN_ONCE);
		CU_ASSERT_EQUAL(memcmp(&current, &g->current, sizeof(current)), 0);
		fake_dataplane_flip(&s->dp, 0);
		current = g->current;
	}
	fake_until(&s->loop, all_next, s, "the period after a restart of control");
	CU_ASSERT_EQUAL(g->next.cp_number, (uint16_t)(current.cp_number + 1));
	for (unsigned i = 1; i < current.cws; i++)
		CU_ASSERT_EQUAL(memcmp(g->next.cw[i - 1], current.cw[i], 8), 0);
	check_period(s, 0, &g->next);
	// What could be known, the ECMG has been told as it was.
	if (lead_cw + 1 > cw_per_msg || cw_per_msg == 1)
		CU_ASSERT_EQUAL(memcmp(word_of(s, 0, current.cp_number + (lead_cw ? 1 : 0)),
				       current.cw[lead_cw ? 1 : 0], 8),
				0);
	close_scene(s);
}

static void test_control_restart(void)
{
	restart_control(0, 1, false);
	restart_control(0, 2, false);
	restart_control(1, 1, false);
	restart_control(1, 2, false);
	restart_control(1, 1, true);
	restart_control(0, 2, true);
	restart_control(2, 3, false);
}

static void test_dataplane_restart(void)
{
	struct scene *s = open_scene(2);
	struct dp_msg_period current;

	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	flip_and_wait(s);
	current = s->dp.group[0].current;
	fake_dataplane_restart(&s->dp);
	fake_until(&s->loop, all_running, s, "keyed again");
	CU_ASSERT_EQUAL(s->dp.group[0].current.cp_number, current.cp_number);
	CU_ASSERT_EQUAL(memcmp(s->dp.group[0].current.cw, current.cw, sizeof(current.cw)), 0);
	CU_ASSERT_EQUAL(memcmp(s->dp.group[0].current.pool, current.pool, sizeof(current.pool)), 0);
	CU_ASSERT_EQUAL(s->dp.group[0].current.ecm[0].start_ms, -500);
	CU_ASSERT_EQUAL(s->dp.lineups, 2);
	fake_until(&s->loop, all_next, s, "the next period of a new dataplane");
	check_period(s, 0, &s->dp.group[0].next);
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	flip_and_wait(s);
	close_scene(s);
}

// Both begin anew with nothing but the ECM of the next period known: control just restarted, then the dataplane.
static void test_both_restart(void)
{
	struct scene *s = open_scene(1);

	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	s->dp.group[0].have_next = false;
	stop_control(s);
	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period again");
	s->ecmg.words_replaced = 0; // the words of the ECM that the dataplane lost above were free to change
	uint16_t cp = s->dp.group[0].next.cp_number;

	fake_dataplane_restart(&s->dp);
	fake_until(&s->loop, all_running, s, "keyed again");
	CU_ASSERT_EQUAL(s->dp.group[0].current.cp_number, cp);
	check_period(s, 0, &s->dp.group[0].current);
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	close_scene(s);
}

static bool reconnected(void *context)
{
	struct scene *s = context;

	return s->dp.lineups == s->wanted;
}

// The connection breaks, the dataplane stays: what it holds is known, nothing is sent twice.
static void test_connection_breaks(void)
{
	struct scene *s = open_scene(1);

	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	unsigned periods = s->dp.periods;

	fake_dataplane_drop(&s->dp);
	s->wanted = 2;
	fake_until(&s->loop, reconnected, s, "connected again");
	CU_ASSERT_EQUAL(s->dp.periods, periods);
	flip_and_wait(s);
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	close_scene(s);
}

static bool fenced(void *context)
{
	struct scene *s = context;

	return s->control.fenced;
}

static void test_fence(void)
{
	struct scene *s = open_scene(1);
	const struct dp_msg_bye bye = {.head = {.type = DP_MSG_BYE, .bytes = sizeof(bye)},
				       .reason = DP_MSG_BYE_SUPERSEDED,
				       .pid = 4711,
				       .epoch = 99,
				       .name = "newer"};

	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	fake_dataplane_send(&s->dp, &bye);
	fake_until(&s->loop, fenced, s, "the fence");
	unsigned hellos = s->dp.hellos;

	cp_control_close(&s->control);
	fake_until(&s->loop, drained, s, "the control's connections end");
	CU_ASSERT_EQUAL(s->dp.hellos, hellos); // it does not come back
	cp_control_fini(&s->control);
	s->control_open = false;
	close_scene(s);
}

// A BYE that names ourselves is of our connection before.
static void test_own_echo(void)
{
	struct scene *s = open_scene(1);

	s->dp.bye_own = true;
	start_control(s);
	fake_until(&s->loop, all_running, s, "the first period");
	CU_ASSERT_EQUAL(s->dp.hellos, 2);
	CU_ASSERT_EQUAL(s->dp.epoch, epoch); // one more than the last
	CU_ASSERT_FALSE(s->control.fenced);
	close_scene(s);
}

static bool lineup_refused(void *context)
{
	return standing(context, "lineup_refused");
}

static bool tx_full(void *context)
{
	return standing(context, "tx_full");
}

static void test_lineup_refused(void)
{
	struct scene *s = open_scene(1);

	s->dp.lineup_error = -EINVAL;
	start_control(s);
	fake_until(&s->loop, lineup_refused, s, "lineup_refused");
	CU_ASSERT_EQUAL(s->dp.periods, 0);
	CU_ASSERT_STRING_EQUAL(s->control.dataplane.error, "another line-up is on air");
	close_scene(s);
}

// A dataplane that runs another line-up holds words for others than our groups: none of them goes on air as ours.
static void test_words_of_another_lineup(void)
{
	struct scene *s = open_scene(1);
	struct dp_msg_period current;

	start_control(s);
	flip_and_wait(s);
	stop_control(s);
	current = s->dp.group[0].current; // with the word that it promises for the next
	s->dp.lineup_error = -EINVAL;
	start_control(s);
	fake_until(&s->loop, lineup_refused, s, "lineup_refused");
	s->dp.lineup_error = 0;
	fake_dataplane_restart(&s->dp);
	fake_until(&s->loop, all_next, s, "the first periods of our line-up");
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_NOT_EQUAL(memcmp(s->dp.group[0].current.cw[i], current.cw[1], 8), 0);
		CU_ASSERT_NOT_EQUAL(memcmp(s->dp.group[0].next.cw[i], current.cw[1], 8), 0);
	}
	close_scene(s);
}

// A text of the dataplane that was cut within a character is still told, and the document is whole.
static void test_cut_text(void)
{
	struct scene *s = open_scene(1);
	struct dp_msg_alarm alarm = {.head = {.type = DP_MSG_ALARM, .bytes = sizeof(alarm)}, .raised = 1};

	s->dp.lineup_error = -EINVAL;
	s->dp.lineup_text = "caf\xC3\xA9 caf\xC3";
	start_control(s);
	fake_until(&s->loop, lineup_refused, s, "lineup_refused");
	snprintf(alarm.name, sizeof(alarm.name), "tx_full");
	memset(alarm.object, 'o', sizeof(alarm.object));
	alarm.object[sizeof(alarm.object) - 2] = '\xC3';
	fake_dataplane_send(&s->dp, &alarm);
	fake_until(&s->loop, tx_full, s, "the alarm");
	json_t *status = cp_status(&s->control);

	CU_ASSERT_PTR_NOT_NULL_FATAL(status);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_object_get(status, "dataplane"), "error")),
			       "caf\xC3\xA9 caf");
	CU_ASSERT_EQUAL(json_array_size(json_object_get(status, "alarms")), s->control.alarms.n);
	json_decref(status);
	close_scene(s);
}

static void test_period_refused(void)
{
	struct scene *s = open_scene(1);

	s->dp.refuse = -EINVAL;
	start_control(s);
	fake_until(&s->loop, all_next, s, "a period after a refused one");
	CU_ASSERT_EQUAL(s->dp.refused, 1);
	CU_ASSERT_EQUAL(s->control.scs.group[0]->refused, 1);
	CU_ASSERT_FALSE(standing(s, "period_refused"));
	close_scene(s);
}

// The spec's table of what goes into a CW_provision, as the ECMG sees it, with what goes first on a new stream.
static void provisions(uint8_t lead_cw, uint8_t cw_per_msg)
{
	struct scene *s = open_scene(1);
	unsigned earlier = cw_per_msg < lead_cw + 1 ? lead_cw + 1u - cw_per_msg : 0;

	s->ecmg.lead_cw = lead_cw;
	s->ecmg.cw_per_msg = cw_per_msg;
	start_control(s);
	flip_and_wait(s);
	flip_and_wait(s);
	uint16_t first = (uint16_t)(s->dp.group[0].current.cp_number - 2);

	CU_ASSERT_EQUAL(s->ecmg.provisions, earlier + 4);
	for (unsigned i = 0; i < s->ecmg.provisions; i++) {
		const struct fake_provision *p = &s->ecmg.provision[i];

		CU_ASSERT_EQUAL(p->cp, (uint16_t)(first - earlier + i));
		CU_ASSERT_EQUAL(p->words, cw_per_msg);
		CU_ASSERT_EQUAL(p->first, (uint16_t)(p->cp + 1 + lead_cw - cw_per_msg));
		CU_ASSERT_EQUAL(p->last, (uint16_t)(p->cp + lead_cw));
	}
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	check_period(s, 0, &s->dp.group[0].next);
	close_scene(s);
}

static void test_provisions(void)
{
	for (uint8_t lead_cw = 0; lead_cw <= 3; lead_cw++)
		for (uint8_t cw_per_msg = 1; cw_per_msg <= 4; cw_per_msg++)
			provisions(lead_cw, cw_per_msg);
}

// CP_number wraps, and nothing changes by it.
static void wrap(uint8_t lead_cw, uint8_t cw_per_msg)
{
	struct scene *s = open_scene(1);
	const struct fake_group *g = &s->dp.group[0];

	s->ecmg.lead_cw = lead_cw;
	s->ecmg.cw_per_msg = cw_per_msg;
	start_control(s);
	s->control.scs.group[0]->after = 65533;
	fake_until(&s->loop, all_running, s, "the first period");
	CU_ASSERT_EQUAL(g->current.cp_number, 65533);
	for (unsigned i = 1; i < 8; i++) {
		struct dp_msg_period before;

		fake_until(&s->loop, all_next, s, "a next period");
		before = g->current;
		flip_and_wait(s);
		CU_ASSERT_EQUAL(g->current.cp_number, (uint16_t)(65533 + i));
		check_period(s, 0, &g->current);
		for (unsigned k = 1; k < before.cws; k++) // what was promised
			CU_ASSERT_EQUAL(memcmp(before.cw[k], g->current.cw[k - 1], 8), 0);
	}
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	close_scene(s);
}

static void test_wraps(void)
{
	for (uint8_t lead_cw = 0; lead_cw <= 3; lead_cw++)
		for (uint8_t cw_per_msg = 1; cw_per_msg <= 4; cw_per_msg++)
			wrap(lead_cw, cw_per_msg);
}

// An ECMG comes back with another lead_CW while periods run, with control restarted meanwhile or not: what was
// promised is kept, and an ECM whose word no ECM before it holds leads its period.
static void change_lead(uint8_t from, uint8_t to, uint8_t cw_per_msg, bool restarted)
{
	struct scene *s = open_scene(1);
	const struct fake_group *g = &s->dp.group[0];

	s->ecmg.lead_cw = from;
	s->ecmg.cw_per_msg = cw_per_msg;
	s->ecmg.delay_start_ms = from ? 200 : -500;
	start_control(s);
	flip_and_wait(s);
	if (restarted)
		stop_control(s);
	fake_ecmg_close(&s->ecmg);
	if (!restarted)
		fake_until(&s->loop, ecmg_lost, s, "ecmg_lost");
	fake_dataplane_flip_quietly(&s->dp, 0);
	struct dp_msg_period current = g->current;

	s->ecmg.lead_cw = to;
	s->ecmg.delay_start_ms = to ? 200 : -500;
	fake_ecmg_open(&s->ecmg, &s->loop, s->ecmg.port);
	if (restarted)
		start_control(s);
	else
		fake_dataplane_tell(&s->dp, 0, false);
	fake_until(&s->loop, all_next, s, "the first period of another lead_CW");
	CU_ASSERT_EQUAL(g->next.cp_number, (uint16_t)(current.cp_number + 1));
	check_period(s, 0, &g->next);
	CU_ASSERT_EQUAL(g->next.ecm[0].start_ms, from && to ? 200 : -500);
	for (unsigned k = 1; k < current.cws && k <= g->next.cws; k++)
		CU_ASSERT_EQUAL(memcmp(current.cw[k], g->next.cw[k - 1], 8), 0);
	for (unsigned i = 0; i < 5; i++)
		flip_and_wait(s);
	check_period(s, 0, &g->next);
	CU_ASSERT_EQUAL(g->next.ecm[0].start_ms, to ? 200 : -500);
	if (cw_per_msg <= to + 2) // else words of periods that are over are asked for, which nobody has any more
		CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	close_scene(s);
}

static void test_lead_changes(void)
{
	for (uint8_t from = 0; from <= 3; from++)
		for (uint8_t to = 0; to <= 3; to++)
			for (uint8_t cw_per_msg = 1; cw_per_msg <= 4; cw_per_msg++) {
				change_lead(from, to, cw_per_msg, false);
				change_lead(from, to, cw_per_msg, true);
			}
}

static void test_ts_packets(void)
{
	struct scene *s = open_scene(1);

	s->ecmg.packets = 1;
	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	check_period(s, 0, &s->dp.group[0].next);
	close_scene(s);
}

static void test_version_fallback(void)
{
	struct scene *s = open_scene(1);

	s->ecmg.highest_version = 2;
	start_control(s);
	fake_until(&s->loop, all_running, s, "the first period");
	CU_ASSERT_EQUAL(s->control.scs.channel[0]->version, 2);
	CU_ASSERT_EQUAL(s->ecmg.setups, 2);
	close_scene(s);
}

static bool errors_counted(void *context)
{
	struct scene *s = context;

	return s->control.scs.group[0]->stream->errors >= s->wanted;
}

static void test_stream_errors(void)
{
	struct scene *s = open_scene(1);

	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	s->ecmg.error = SIM_E_COMPUTING;
	fake_dataplane_flip(&s->dp, 0);
	s->wanted = 2;
	fake_until(&s->loop, errors_counted, s, "two errors");
	CU_ASSERT_FALSE(s->dp.group[0].have_next);
	CU_ASSERT_TRUE(standing(s, "ecm_broken"));
	s->ecmg.error = 0;
	fake_until(&s->loop, all_next, s, "a period after errors");
	CU_ASSERT_FALSE(standing(s, "ecm_broken"));
	s->ecmg.error = SIM_E_UNRECOVERABLE; // the stream has to be set up again
	s->wanted = 3;
	fake_dataplane_flip(&s->dp, 0);
	fake_until(&s->loop, errors_counted, s, "an unrecoverable error");
	CU_ASSERT_TRUE(standing(s, "ecm_stream_refused"));
	s->ecmg.error = 0;
	fake_until(&s->loop, all_next, s, "a period of a stream set up again");
	CU_ASSERT_EQUAL(s->ecmg.streams, 2);
	CU_ASSERT_FALSE(standing(s, "ecm_stream_refused"));
	close_scene(s);
}

static void send_raw(struct scene *s, const uint8_t *bytes, size_t n)
{
	CU_ASSERT_EQUAL_FATAL(cp_wire_send(s->ecmg.wire, bytes, n), 0);
}

static bool malformed(void *context)
{
	struct scene *s = context;

	return s->control.scs.channel[0]->counts.malformed == s->wanted;
}

static bool unexpected(void *context)
{
	struct scene *s = context;

	return s->control.scs.channel[0]->unexpected + s->control.scs.group[0]->stream->late == s->wanted;
}

static bool broken(void *context)
{
	return standing(context, "ecm_broken");
}

// Whatever an ECMG says, no period is made of it, and a good answer is still taken.
static void test_hostile_ecmg(void)
{
	struct scene *s = open_scene(1);
	uint8_t good[64];
	struct sim_writer writer;

	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	s->ecmg.silent_stream = 1;
	fake_dataplane_flip(&s->dp, 0);
	unsigned asked = s->ecmg.provisions;

	while (s->ecmg.provisions == asked)
		uv_run(&s->loop, UV_RUN_ONCE);
	uint16_t cp = fake_ecmg_last(&s->ecmg)->cp;

	sim_begin(&writer, good, sizeof(good), SIM_ECMG_SCS, 3, SIM_ECM_RESPONSE);
	sim_put(&writer, SIM_P_ECM_CHANNEL_ID, 1);
	sim_put(&writer, SIM_P_ECM_STREAM_ID, 1);
	sim_put(&writer, SIM_P_CP_NUMBER, cp);
	sim_put_bytes(&writer, SIM_P_ECM_DATAGRAM, "\x80\x70\x01\x00", 4);
	int n = sim_end(&writer);

	CU_ASSERT_TRUE_FATAL(n > 0);
	for (int cut = SIM_HEADER_BYTES; cut < n; cut++) { // truncated at every byte, with a length that says so
		uint8_t bytes[64];

		memcpy(bytes, good, (size_t)n);
		base_bytes_put16(bytes + 3, (unsigned)(cut - SIM_HEADER_BYTES));
		send_raw(s, bytes, (size_t)cut);
	}
	s->wanted = (unsigned)(n - SIM_HEADER_BYTES);
	fake_until(&s->loop, malformed, s, "truncated messages are counted");
	good[10] = 9; // another channel
	send_raw(s, good, (size_t)n);
	good[10] = 1, good[16] = 9; // another stream
	send_raw(s, good, (size_t)n);
	good[16] = 1;
	fake_ecmg_answer(&s->ecmg, 1, (uint16_t)(cp + 1)); // another crypto-period
	fake_ecmg_answer(&s->ecmg, 1, (uint16_t)(cp - 1));
	s->wanted = 4;
	fake_until(&s->loop, unexpected, s, "answers that nobody asked for are counted");
	CU_ASSERT_TRUE(s->ecmg.errors_taken > 0);
	CU_ASSERT_FALSE(s->dp.group[0].have_next);
	s->ecmg.garbage = true;
	fake_ecmg_answer(&s->ecmg, 1, cp);
	fake_until(&s->loop, broken, s, "ecm_broken");
	CU_ASSERT_FALSE(s->dp.group[0].have_next);
	s->ecmg.garbage = false;
	s->ecmg.silent_stream = 0xFFFF;
	fake_until(&s->loop, all_next, s, "a good answer is taken");
	check_period(s, 0, &s->dp.group[0].next);
	CU_ASSERT_EQUAL(s->ecmg.connections, 1);
	close_scene(s);
}

static bool channel_lost(void *context)
{
	struct scene *s = context;

	return s->ecmg.connections >= 2;
}

static void test_channel_values_refused(void)
{
	struct scene *s = open_scene(1);

	s->ecmg.cw_per_msg = 5;
	start_control(s);
	fake_until(&s->loop, channel_lost, s, "a second attempt");
	CU_ASSERT_EQUAL(s->dp.periods, 0);
	CU_ASSERT_TRUE(standing(s, "ecmg_lost"));
	s->ecmg.cw_per_msg = 2;
	fake_until(&s->loop, all_running, s, "a channel with values that can be obeyed");
	close_scene(s);
}

static bool tested(void *context)
{
	struct scene *s = context;

	return s->ecmg.tests >= 2;
}

static void test_channel_test(void)
{
	struct scene *s = open_scene(1);

	s->conf.ecmg[0].test_interval_ms = 100;
	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	fake_until(&s->loop, tested, s, "two channel_tests");
	CU_ASSERT_EQUAL(s->ecmg.connections, 1);
	uint64_t before = s->ecmg.counts.received[sim_type_index(SIM_CHANNEL_STATUS)];

	fake_ecmg_plain(&s->ecmg, SIM_CHANNEL_TEST);
	while (s->ecmg.counts.received[sim_type_index(SIM_CHANNEL_STATUS)] == before)
		uv_run(&s->loop, UV_RUN_ONCE);
	CU_ASSERT_EQUAL(s->ecmg.counts.malformed, 0);
	close_scene(s);
}

static bool others_next(void *context)
{
	struct scene *s = context;

	for (unsigned i = 0; i < s->conf.groups; i++)
		if (i != 7 && !s->dp.group[i].have_next)
			return false;
	return true;
}

static void test_200_groups(void)
{
	struct scene *s = open_scene(200);

	start_control(s);
	fake_until(&s->loop, all_next, s, "200 groups");
	for (unsigned i = 0; i < 5; i++)
		flip_and_wait(s);
	for (unsigned i = 0; i < 200; i++)
		check_period(s, i, &s->dp.group[i].next);
	s->ecmg.silent_stream = 8; // of group 7: it alone waits
	for (unsigned i = 0; i < 200; i++)
		fake_dataplane_flip(&s->dp, i);
	fake_until(&s->loop, others_next, s, "199 groups beside a slow one");
	CU_ASSERT_FALSE(s->dp.group[7].have_next);
	s->ecmg.silent_stream = 0xFFFF;
	fake_until(&s->loop, all_next, s, "the slow group");
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	close_scene(s);
}

static bool answered(void *context)
{
	struct scene *s = context;

	for (unsigned i = 0; i < s->conf.groups; i++)
		if (!s->control.scs.group[i]->next.have)
			return false;
	return true;
}

// More periods than a socket holds: they wait in the store, in no queue, and all arrive.
static void test_no_room(void)
{
	struct scene *s = open_scene(200);
	unsigned sent = 0;

	start_control(s);
	fake_until(&s->loop, all_next, s, "200 groups");
	fake_dataplane_pause(&s->dp, true);
	for (unsigned i = 0; i < 200; i++)
		fake_dataplane_flip(&s->dp, i);
	fake_until(&s->loop, answered, s, "200 ECMs");
	for (unsigned i = 0; i < 200; i++)
		sent += s->control.scs.group[i]->next.sent;
	CU_ASSERT_TRUE(sent < 200);
	fake_dataplane_pause(&s->dp, false);
	fake_until(&s->loop, all_next, s, "200 periods when there is room");
	close_scene(s);
}

// A broken message ends the connection and not the process.
static void test_hostile_dataplane(void)
{
	struct scene *s = open_scene(1);
	struct dp_msg_welcome welcome = {.head = {.type = DP_MSG_WELCOME, .bytes = sizeof(welcome)}};
	struct dp_msg_period_state state = {.head = {.type = DP_MSG_PERIOD_STATE, .bytes = sizeof(state)}, .group = 77};
	struct dp_msg_head wrong = {.type = DP_MSG_ALARM, .bytes = sizeof(wrong)};
	struct dp_msg_head unknown = {.type = DP_MSG_TYPES, .bytes = sizeof(unknown)};
	struct dp_msg_report *report = calloc(1, sizeof(*report));
	const void *const breaks[] = {&welcome, &wrong, &unknown, report};

	report->head = (struct dp_msg_head){.type = DP_MSG_REPORT, .bytes = sizeof(*report)};
	report->total = 10, report->bytes = 11;
	start_control(s);
	fake_until(&s->loop, all_next, s, "a next period");
	fake_dataplane_send(&s->dp, &state); // a group that is not ours
	for (unsigned i = 0; i < 4; i++) {
		s->wanted = s->dp.lineups + 1;
		fake_dataplane_send(&s->dp, breaks[i]);
		fake_until(&s->loop, reconnected, s, "connected again");
	}
	flip_and_wait(s);
	free(report);
	close_scene(s);
}

static bool reported(void *context)
{
	struct scene *s = context;

	return s->control.dataplane.text != NULL;
}

static void send_report(struct scene *s, const char *text)
{
	struct dp_msg_report *part = calloc(1, sizeof(*part));
	uint32_t half = (uint32_t)strlen(text) / 2;

	part->head = (struct dp_msg_head){.type = DP_MSG_REPORT, .bytes = sizeof(*part)};
	part->total = (uint32_t)strlen(text);
	part->bytes = half;
	memcpy(part->part, text, half);
	fake_dataplane_send(&s->dp, part);
	part->offset = half;
	part->bytes = part->total - half;
	memcpy(part->part, text + half, part->bytes);
	fake_dataplane_send(&s->dp, part);
	free(part);
}

static const char *text_at(const json_t *list, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(list, i), key));
}

static void test_status(void)
{
	struct scene *s = open_scene(2);

	s->conf.service[1].group = CP_CONF_NONE;
	start_control(s);
	json_t *status = cp_status(&s->control);

	CU_ASSERT_STRING_EQUAL(text_at(json_object_get(status, "services"), 0, "state"), "unknown");
	json_decref(status);
	fake_until(&s->loop, all_next, s, "a next period");
	send_report(s, "{\"services\": [{\"name\": \"service0\", \"pmt_pid\": 256, \"in_pkts\": 5, \"program\": 1,"
		       "\"streams\": [{\"pid\": 257}], \"drops\": {\"no_key\": 3}}], \"ports\": [{\"name\": \"p\"}],"
		       "\"alarms\": [{\"name\": \"no_key\", \"severity\": \"major\", \"object\": \"service0\","
		       " \"text\": \"t\", \"count\": 3}]}");
	fake_until(&s->loop, reported, s, "statistics");
	status = cp_status(&s->control);
	json_t *services = json_object_get(status, "services"), *first = json_array_get(services, 0);

	CU_ASSERT_STRING_EQUAL(text_at(services, 0, "state"), "on_air");
	CU_ASSERT_STRING_EQUAL(text_at(services, 1, "state"), "clear");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(first, "pmt_pid")), 256);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(first, "counters"), "in_pkts")), 5);
	CU_ASSERT_PTR_NULL(json_object_get(json_object_get(first, "counters"), "program"));
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(first, "drops"), "no_key")), 3);
	CU_ASSERT_STRING_EQUAL(text_at(json_object_get(status, "ecmg"), 0, "state"), "open");
	CU_ASSERT_STRING_EQUAL(text_at(json_object_get(status, "groups"), 0, "state"), "on_air");
	CU_ASSERT_STRING_EQUAL(text_at(json_object_get(status, "ports"), 0, "name"), "p");
	CU_ASSERT_STRING_EQUAL(text_at(json_object_get(status, "alarms"), 0, "name"), "no_key");
	json_decref(status);
	fake_dataplane_tell(&s->dp, 0, true);
	fake_dataplane_drop(&s->dp);
	s->wanted = 2;
	fake_until(&s->loop, reconnected, s, "connected again");
	CU_ASSERT_FALSE(standing(s, "no_key")); // nothing is known of it any more
	close_scene(s);
}

static void test_emm_feed(void)
{
	struct scene *s = open_scene(1);
	uint8_t packets[20][TS_PACKET_BYTES] = {{0x47}};

	start_control(s);
	cp_emm_feed_put(&s->control.feed, 3, (const uint8_t(*)[TS_PACKET_BYTES])packets, 2);
	CU_ASSERT_EQUAL(s->control.feed.dropped[3], 2); // no dataplane
	fake_until(&s->loop, all_next, s, "a next period");
	cp_emm_feed_put(&s->control.feed, 3, (const uint8_t(*)[TS_PACKET_BYTES])packets, 20);
	while (s->dp.emm_pkts < 20)
		uv_run(&s->loop, UV_RUN_ONCE);
	fake_dataplane_pause(&s->dp, true);
	for (unsigned i = 0; i < 1000; i++)
		cp_emm_feed_put(&s->control.feed, 3, (const uint8_t(*)[TS_PACKET_BYTES])packets, 7);
	CU_ASSERT_EQUAL(s->control.feed.waiting[3], CP_EMM_FEED_MESSAGES * 7);
	CU_ASSERT_TRUE(s->control.feed.dropped[3] > 2);
	fake_dataplane_pause(&s->dp, false);
	uint64_t dropped = s->control.feed.dropped[3];

	while (s->dp.emm_pkts < 20 + 7000 - (dropped - 2))
		uv_run(&s->loop, UV_RUN_ONCE);
	CU_ASSERT_EQUAL(s->control.feed.waiting[3], 0);
	close_scene(s);
}

static bool listens(void *context)
{
	struct scene *s = context;

	return s->control.mux && s->control.oplink && !standing(s, "not_listening");
}

// The controller before still listens: this one starts nevertheless, and listens when the other has ended.
static void test_old_controller_listens(void)
{
	struct scene *s = open_scene(1);
	struct cp_control old;
	struct cp_conf *conf = calloc(1, sizeof(*conf));

	s->conf.mux = true;
	snprintf(s->conf.mux_address, sizeof(s->conf.mux_address), "127.0.0.1");
	snprintf(s->conf.operator_socket, sizeof(s->conf.operator_socket), "%s-operator", s->dp.path);
	*conf = s->conf;
	snprintf(conf->dataplane_socket, sizeof(conf->dataplane_socket), "%s-none", s->dp.path);
	CU_ASSERT_EQUAL_FATAL(cp_control_open(&old, &s->loop, conf, "test", 1), 0);
	s->conf.mux_tcp_port = cp_mux_port(old.mux);
	start_control(s);
	CU_ASSERT_TRUE(standing(s, "not_listening"));
	fake_until(&s->loop, all_running, s, "the first period");
	cp_control_close(&old);
	fake_until(&s->loop, listens, s, "the sockets of the one before");
	close_scene(s);
	cp_control_fini(&old);
	free(conf);
}

static const struct unit_test tests[] = {
	{"the controller before still listens", test_old_controller_listens},
	{"start and steady state", test_start_and_steady},
	{"check bytes of CSA1", test_csa1_check_bytes},
	{"a late ECMG", test_late_ecmg},
	{"an ECMG dies and returns", test_ecmg_dies_and_returns},
	{"control restarts", test_control_restart},
	{"the dataplane restarts", test_dataplane_restart},
	{"both restart", test_both_restart},
	{"the connection breaks", test_connection_breaks},
	{"the fence", test_fence},
	{"a BYE that names ourselves", test_own_echo},
	{"a refused line-up", test_lineup_refused},
	{"words of another line-up", test_words_of_another_lineup},
	{"a text that was cut", test_cut_text},
	{"a refused period", test_period_refused},
	{"every lead_CW and CW_per_msg", test_provisions},
	{"CP_number wraps", test_wraps},
	{"another lead_CW while periods run", test_lead_changes},
	{"ECMs as TS packets", test_ts_packets},
	{"protocol_version falls back", test_version_fallback},
	{"errors of a stream", test_stream_errors},
	{"a hostile ECMG", test_hostile_ecmg},
	{"values that cannot be obeyed", test_channel_values_refused},
	{"channel_test both ways", test_channel_test},
	{"200 groups", test_200_groups},
	{"no room at the dataplane", test_no_room},
	{"a hostile dataplane", test_hostile_dataplane},
	{"the status document", test_status},
	{"the feed of EMMs", test_emm_feed},
};

UNIT_MAIN("control", tests)

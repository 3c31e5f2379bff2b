// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-control is given other documents while it runs, between a dataplane and an ECMG on real sockets: every wait
// is for an event. Documents are files, read as at a SIGHUP.
#include <unit.h>

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base_bytes.h>

#include "fakes.h"

#define GROUPS 16

// Xorshift: the same numbers in every run.
static unsigned draw(void)
{
	static uint32_t x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

// A scrambling group of a document, with a service of the same number.
struct want {
	bool there;
	const char *algorithm;
	unsigned period_ms, ecm_id, ecm_pid, criteria;
};

struct scene {
	uv_loop_t loop;
	struct cp_conf conf; // of the start
	struct cp_control control;
	struct fake_dataplane dp;
	struct fake_ecmg ecmg;
	char path[80];
	struct want want[GROUPS];

	unsigned wanted;
	char notified[256]; // states, one behind the other
};

static struct scene *scene; // of `notify`

static void notify(const char *states)
{
	size_t n = strlen(scene->notified);

	snprintf(scene->notified + n, sizeof(scene->notified) - n, "%.9s;", states);
}

static void print(FILE *file, bool *first, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void print(FILE *file, bool *first, const char *format, ...)
{
	va_list arguments;

	if (!*first)
		fputs(",\n", file);
	*first = false;
	va_start(arguments, format);
	vfprintf(file, format, arguments);
	va_end(arguments);
}

// The document of scene->want, in another order each time.
static void write_document(const struct scene *s)
{
	FILE *file = fopen(s->path, "w");
	unsigned turn = draw() % GROUPS;
	bool first = true;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fprintf(file, "{\"name\": \"test\", \"dataplane\": {\"socket\": \"%s\"},\n\"inputs\": [", s->dp.path);
	for (unsigned k = 0; k < GROUPS; k++) {
		unsigned i = (k + turn) % GROUPS;

		if (s->want[i].there)
			print(file, &first,
			      "{\"name\": \"i%u\", \"port\": \"p\", \"group\": \"239.1.1.%u\", \"udp_port\": 5000}", i,
			      i + 1);
	}
	fputs("], \"outputs\": [", file);
	first = true;
	for (unsigned i = 0; i < GROUPS; i++)
		if (s->want[i].there)
			print(file, &first,
			      "{\"name\": \"o%u\", \"port\": \"p\", \"group\": \"239.2.1.%u\", \"udp_port\": 5000,"
			      " \"source\": \"10.0.0.1\"}",
			      i, i + 1);
	fprintf(file,
		"], \"ecmgs\": [{\"name\": \"vendor\", \"super_cas_id\": \"0abc0001\", \"address\": \"127.0.0.1\","
		" \"tcp_port\": %u, \"channel_id\": 1}],\n\"groups\": [",
		s->ecmg.port);
	first = true;
	for (unsigned k = 0; k < GROUPS; k++) {
		unsigned i = (k + 3 * turn) % GROUPS;
		const struct want *w = &s->want[i];

		if (w->there)
			print(file, &first,
			      "{\"name\": \"g%u\", \"algorithm\": \"%s\", \"crypto_period_ms\": %u, \"cas\": "
			      "[{\"ecmg\": "
			      "\"vendor\", \"ecm_id\": %u, \"ecm_pid\": %u, \"access_criteria\": \"%02x\"}]}",
			      i, w->algorithm, w->period_ms, w->ecm_id, w->ecm_pid, w->criteria);
	}
	fputs("],\n\"services\": [", file);
	first = true;
	for (unsigned i = 0; i < GROUPS; i++)
		if (s->want[i].there)
			print(file, &first,
			      "{\"name\": \"s%u\", \"input\": \"i%u\", \"program\": %u, \"output\": \"o%u\", "
			      "\"group\": \"g%u\"}",
			      i, i, i + 1, i, i);
	fputs("]}\n", file);
	fclose(file);
}

static void add(struct scene *s, unsigned i)
{
	s->want[i] = (struct want){.there = true,
				   .algorithm = i % 2 ? "cissa" : "csa2",
				   .period_ms = 1000,
				   .ecm_id = i + 1,
				   .ecm_pid = 500 + i,
				   .criteria = 7};
}

static struct scene *open_scene(unsigned groups)
{
	struct base_errs *errs = calloc(1, sizeof(*errs));
	struct scene *s = calloc(1, sizeof(*s));

	signal(SIGPIPE, SIG_IGN);
	CU_ASSERT_TRUE_FATAL(s && errs);
	scene = s;
	uv_loop_init(&s->loop);
	fake_dataplane_open(&s->dp, &s->loop);
	fake_ecmg_open(&s->ecmg, &s->loop, 0);
	snprintf(s->path, sizeof(s->path), "%s.json", s->dp.path);
	for (unsigned i = 0; i < groups; i++)
		add(s, i);
	write_document(s);
	base_errs_init(errs);
	CU_ASSERT_EQUAL_FATAL(cp_conf_load(&s->conf, s->path, errs), 0);
	base_errs_print(errs, stderr, "  said: ");
	free(errs);
	CU_ASSERT_EQUAL_FATAL(cp_control_open(&s->control, &s->loop, &s->conf, "test", 1), 0);
	s->control.reload.path = s->path;
	s->control.reload.notify = notify;
	return s;
}

static void close_scene(struct scene *s)
{
	cp_control_close(&s->control);
	fake_dataplane_close(&s->dp);
	fake_ecmg_close(&s->ecmg);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	CU_ASSERT_EQUAL(uv_loop_close(&s->loop), 0);
	cp_control_fini(&s->control);
	cp_conf_fini(&s->conf);
	unlink(s->path);
	free(s);
}

static struct fake_group *group_of(struct scene *s, unsigned i)
{
	char name[8];

	snprintf(name, sizeof(name), "g%u", i);
	return fake_dataplane_group(&s->dp, name);
}

static const struct cp_group *ours(const struct scene *s, unsigned i)
{
	char name[8];

	snprintf(name, sizeof(name), "g%u", i);
	for (unsigned k = 0; k < s->control.scs.groups; k++)
		if (strcmp(s->control.scs.group[k]->conf->name, name) == 0)
			return s->control.scs.group[k];
	return NULL;
}

static bool all_next(void *context)
{
	struct scene *s = context;

	for (unsigned i = 0; i < GROUPS; i++)
		if (s->want[i].there && (!group_of(s, i) || !group_of(s, i)->have_next))
			return false;
	return true;
}

static void flip(struct scene *s, unsigned i)
{
	fake_dataplane_flip(&s->dp, (unsigned)(group_of(s, i) - s->dp.group));
}

static void flip_all(struct scene *s)
{
	for (unsigned i = 0; i < GROUPS; i++)
		if (s->want[i].there)
			flip(s, i);
	fake_until(&s->loop, all_next, s, "the next periods");
}

static bool idle(void *context)
{
	const struct scene *s = context;

	return s->control.reload.state == CP_RELOAD_IDLE;
}

static bool standing(const struct scene *s, const char *name)
{
	for (unsigned i = 0; i < s->control.alarms.n; i++)
		if (strcmp(s->control.alarms.alarm[i]->name, name) == 0)
			return true;
	return false;
}

// As SIGHUP.
static void reload(struct scene *s)
{
	cp_reload_signal(&s->control.reload);
	fake_until(&s->loop, idle, s, "the document is read");
}

static void change(struct scene *s)
{
	write_document(s);
	reload(s);
	CU_ASSERT_FALSE(standing(s, "config_refused"));
}

// What all is, by the last document, as after a fresh start with it.
static void check_all(struct scene *s)
{
	unsigned groups = 0;

	for (unsigned i = 0; i < GROUPS; i++) {
		const struct want *w = &s->want[i];
		const struct cp_group *group = ours(s, i);

		CU_ASSERT_EQUAL(group != NULL, w->there);
		if (!w->there || !group)
			continue;
		groups++;
		CU_ASSERT_PTR_EQUAL(group->conf, &s->control.conf->group[group->index]);
		CU_ASSERT_PTR_EQUAL(group->stream->conf, group->conf);
		CU_ASSERT_EQUAL(group->stream->state, CP_STREAM_OPEN);
		CU_ASSERT_EQUAL(group->conf->cas.ecm_pid, w->ecm_pid);
		CU_ASSERT_EQUAL(group->conf->crypto_period_ms, w->period_ms);
		CU_ASSERT_STRING_EQUAL(s->dp.names[0][group->index], group->conf->name);
	}
	CU_ASSERT_EQUAL(s->control.scs.groups, groups);
	CU_ASSERT_EQUAL(s->dp.services, groups);
	CU_ASSERT_EQUAL(s->ecmg.words_replaced, 0);
	CU_ASSERT_EQUAL(s->ecmg.connections, 1); // whatever changes, the channel stays
}

static bool stream_closed(void *context)
{
	const struct scene *s = context;

	return s->ecmg.closed == s->wanted && s->control.scs.channel[0]->streams == s->control.scs.groups;
}

static void test_add_and_remove(void)
{
	struct scene *s = open_scene(3);
	unsigned provisions;
	uint16_t others;

	fake_until(&s->loop, all_next, s, "the first periods");
	others = group_of(s, 1)->current.cp_number;
	provisions = group_of(s, 1)->periods;
	add(s, 3);
	change(s);
	fake_until(&s->loop, all_next, s, "the periods of a new group");
	check_all(s);
	CU_ASSERT_EQUAL(group_of(s, 3)->current.scrambling_mode, 0x10);
	s->want[0].there = false;
	s->wanted = 1;
	change(s);
	fake_until(&s->loop, stream_closed, s, "the stream of the group that left is closed");
	CU_ASSERT_EQUAL(s->ecmg.closed_stream, 1);
	check_all(s);
	CU_ASSERT_EQUAL(group_of(s, 1)->current.cp_number, others); // nothing of the others has changed
	CU_ASSERT_EQUAL(group_of(s, 1)->periods, provisions);
	flip_all(s);
	add(s, 0); // and comes back, on a stream of its own, with other words
	change(s);
	fake_until(&s->loop, all_next, s, "the periods of a group that came back");
	check_all(s);
	CU_ASSERT_EQUAL(s->ecmg.streams, 5);
	close_scene(s);
}

// An ECMG that does not answer stream_close_request holds nobody up.
static void test_deaf_ecmg(void)
{
	struct scene *s = open_scene(2);

	fake_until(&s->loop, all_next, s, "the first periods");
	s->ecmg.deaf = true;
	s->want[0].there = false;
	change(s);
	flip_all(s);
	CU_ASSERT_EQUAL(s->control.scs.channel[0]->streams, 2);
	add(s, 0);
	change(s);
	fake_until(&s->loop, all_next, s, "the periods of a group that came back");
	CU_ASSERT_EQUAL(s->control.scs.channel[0]->streams, 3);
	close_scene(s);
}

static void test_criteria_and_duration(void)
{
	struct scene *s = open_scene(2);

	fake_until(&s->loop, all_next, s, "the first periods");
	flip_all(s);
	s->want[0].criteria = 9;
	s->want[0].period_ms = 2000;
	change(s);
	unsigned asked = s->ecmg.provisions;

	flip_all(s);
	for (unsigned i = asked; i < s->ecmg.provisions; i++) {
		const struct fake_provision *p = &s->ecmg.provision[i];
		bool changed = p->stream == ours(s, 0)->stream->id;

		CU_ASSERT_EQUAL(p->criteria, changed);
		CU_ASSERT_EQUAL(p->criterion, changed ? 9 : 0);
		CU_ASSERT_EQUAL(p->duration, changed ? 20 : 0);
	}
	CU_ASSERT_EQUAL(group_of(s, 0)->next.duration_27mhz, 2000ULL * DP_MSG_27MHZ_PER_MS);
	CU_ASSERT_EQUAL(group_of(s, 1)->next.duration_27mhz, 1000ULL * DP_MSG_27MHZ_PER_MS);
	flip_all(s);
	CU_ASSERT_FALSE(fake_ecmg_last(&s->ecmg)->criteria);
	check_all(s);
	close_scene(s);
}

// Another algorithm begins with the first period whose word no ECM has promised, and no word changes by it.
static void change_algorithm(uint8_t lead_cw, uint8_t cw_per_msg, const char *from, const char *to)
{
	struct scene *s = open_scene(2);
	struct fake_group *g;
	unsigned edges = 0;

	s->ecmg.lead_cw = lead_cw;
	s->ecmg.cw_per_msg = cw_per_msg;
	s->ecmg.delay_start_ms = lead_cw ? 200 : -500;
	s->want[0].algorithm = from;
	change(s);
	fake_until(&s->loop, all_next, s, "the first periods");
	for (unsigned i = 0; i < 6; i++)
		flip_all(s);
	g = group_of(s, 0);
	uint16_t promised = (uint16_t)(g->next.cp_number + lead_cw);
	uint8_t before = g->next.scrambling_mode, now = 0;

	s->want[0].algorithm = to;
	change(s);
	g = group_of(s, 0);
	for (unsigned i = 0; i < 8; i++) {
		struct dp_msg_period last = g->next;

		flip_all(s);
		g = group_of(s, 0);
		CU_ASSERT_EQUAL(g->next.cp_number, (uint16_t)(last.cp_number + 1));
		CU_ASSERT_EQUAL(g->next.scrambling_mode == before, (int16_t)(g->next.cp_number - promised) <= 0);
		edges += g->next.scrambling_mode != last.scrambling_mode;
		now = g->next.scrambling_mode;
		for (unsigned k = 1; k < last.cws; k++) // what was promised holds
			CU_ASSERT_EQUAL(memcmp(g->next.cw[k - 1], last.cw[k], last.cw_bytes), 0);
		CU_ASSERT_TRUE(g->next.cws >= 1 && g->next.cws <= lead_cw + 1);
	}
	CU_ASSERT_EQUAL(edges, 1);
	CU_ASSERT_NOT_EQUAL(now, before);
	CU_ASSERT_EQUAL(g->next.cws, lead_cw + 1);
	check_all(s);
	close_scene(s);
}

static void test_algorithm(void)
{
	for (uint8_t lead_cw = 0; lead_cw <= 3; lead_cw++)
		for (uint8_t cw_per_msg = 1; cw_per_msg <= 4; cw_per_msg++) {
			change_algorithm(lead_cw, cw_per_msg, "csa2", "cissa");
			change_algorithm(lead_cw, cw_per_msg, "cissa", "csa1");
			change_algorithm(lead_cw, cw_per_msg, "csa2", "csa1");
		}
}

// The ECM before the edge is asked for with words of both lengths, each whole.
static void test_both_lengths(void)
{
	struct scene *s = open_scene(1);
	unsigned mixed = 0;

	fake_until(&s->loop, all_next, s, "the first periods");
	s->want[0].algorithm = "cissa";
	change(s);
	unsigned asked = s->ecmg.provisions;

	for (unsigned i = 0; i < 5; i++)
		flip_all(s);
	for (unsigned i = asked; i < s->ecmg.provisions; i++) {
		const struct fake_provision *p = &s->ecmg.provision[i];

		CU_ASSERT_EQUAL(p->words, 2);
		mixed += p->lengths[0] == 8 && p->lengths[1] == 16;
		CU_ASSERT_TRUE(p->lengths[0] <= p->lengths[1]);
	}
	CU_ASSERT_EQUAL(mixed, 1);
	close_scene(s);
}

static bool asked(void *context)
{
	const struct scene *s = context;

	return s->dp.lineups == s->wanted;
}

static bool given(void *context)
{
	return !((const struct scene *)context)->control.lining_up;
}

// An ECM goes to another PID by way of a crypto-period on both, which the PMT lists as long.
static void test_ecm_pid(void)
{
	struct scene *s = open_scene(1);
	const struct dp_msg_service *service = &s->dp.last_service;
	const struct dp_msg_period *next;

	fake_until(&s->loop, all_next, s, "the first periods");
	s->want[0].ecm_pid = 700;
	change(s);
	CU_ASSERT_EQUAL(service->ca_n, 2);
	CU_ASSERT_EQUAL(service->ca[0].ecm_pid, 500);
	CU_ASSERT_EQUAL(service->ca[1].ecm_pid, 700);
	unsigned lineups = s->dp.lineups;

	flip_all(s); // to the period that was there already
	next = &group_of(s, 0)->next;
	CU_ASSERT_EQUAL(next->ecms, 2);
	CU_ASSERT_EQUAL(next->ecm[0].pid, 700);
	CU_ASSERT_EQUAL(next->ecm[1].pid, 500);
	CU_ASSERT_EQUAL(next->ecm[1].bytes, next->ecm[0].bytes);
	CU_ASSERT_EQUAL(s->dp.lineups, lineups);
	s->wanted = lineups + 1;
	flip_all(s);
	fake_until(&s->loop, asked, s, "the line-up without the PID before");
	CU_ASSERT_EQUAL(service->ca_n, 1);
	CU_ASSERT_EQUAL(service->ca[0].ecm_pid, 700);
	fake_until(&s->loop, given, s, "the line-up");
	flip_all(s);
	flip_all(s);
	CU_ASSERT_EQUAL(group_of(s, 0)->next.ecms, 1);
	CU_ASSERT_EQUAL(group_of(s, 0)->next.ecm[0].pid, 700);
	CU_ASSERT_EQUAL(s->dp.lineups, s->wanted);
	check_all(s);
	close_scene(s);
}

// Two groups exchange their PIDs: there is no room for both on both.
static void test_ecm_pids_exchanged(void)
{
	struct scene *s = open_scene(2);

	fake_until(&s->loop, all_next, s, "the first periods");
	s->want[0].ecm_pid = 501;
	s->want[1].ecm_pid = 500;
	change(s);
	CU_ASSERT_EQUAL(s->dp.last_service.ca_n, 1);
	flip_all(s);
	CU_ASSERT_EQUAL(group_of(s, 0)->next.ecms, 1);
	CU_ASSERT_EQUAL(group_of(s, 0)->next.ecm[0].pid, 501);
	check_all(s);
	close_scene(s);
}

static const char *refused(const struct scene *s, const json_t *answer)
{
	(void)s;
	CU_ASSERT_TRUE(json_is_false(json_object_get(answer, "ok")));
	return json_string_value(json_object_get(answer, "error"));
}

// Half a document, none at all, one with mistakes, one for another process: nothing changes.
static void test_bad_documents(void)
{
	struct scene *s = open_scene(2);
	char text[4096];
	unsigned lineups;

	fake_until(&s->loop, all_next, s, "the first periods");
	lineups = s->dp.lineups;
	add(s, 2);
	write_document(s);
	FILE *file = fopen(s->path, "r");
	size_t n = fread(text, 1, sizeof(text), file);

	fclose(file);
	for (size_t part = 0; part < n - 2; part += 97) { // while it is being written
		CU_ASSERT_EQUAL_FATAL(truncate(s->path, 0), 0);
		file = fopen(s->path, "w");
		fwrite(text, 1, part, file);
		fclose(file);
		reload(s);
		CU_ASSERT_TRUE(standing(s, "config_refused"));
	}
	s->want[2].ecm_pid = 8191;
	write_document(s);
	reload(s);
	CU_ASSERT_TRUE(standing(s, "config_refused"));
	unlink(s->path);
	reload(s);
	CU_ASSERT_TRUE(standing(s, "config_refused"));
	s->want[2].ecm_pid = 502;
	char path[sizeof(s->dp.path)];

	memcpy(path, s->dp.path, sizeof(path));
	snprintf(s->dp.path, sizeof(s->dp.path), "/tmp/another");
	write_document(s);
	memcpy(s->dp.path, path, sizeof(path));
	reload(s);
	CU_ASSERT_TRUE(standing(s, "config_refused"));
	CU_ASSERT_EQUAL(s->dp.lineups, lineups);
	CU_ASSERT_EQUAL(s->control.scs.groups, 2);
	change(s); // and a good one is taken
	fake_until(&s->loop, all_next, s, "the periods of the new group");
	check_all(s);
	close_scene(s);
}

static void test_refused_by_the_dataplane(void)
{
	struct scene *s = open_scene(2);

	fake_until(&s->loop, all_next, s, "the first periods");
	s->dp.lineup_error = -ENOSPC;
	s->dp.lineup_text = "/services/2: no place";
	add(s, 2);
	write_document(s);
	reload(s);
	s->dp.lineup_error = 0;
	CU_ASSERT_TRUE(standing(s, "config_refused"));
	CU_ASSERT_STRING_EQUAL(s->control.refused, "/services/2: no place");
	CU_ASSERT_EQUAL(s->control.scs.groups, 2);
	s->want[2].there = false;
	flip_all(s);
	add(s, 2);
	reload(s); // the same document, and now there is room
	fake_until(&s->loop, all_next, s, "the periods of the new group");
	CU_ASSERT_FALSE(standing(s, "config_refused"));
	CU_ASSERT_FALSE(standing(s, "lineup_refused"));
	check_all(s);
	close_scene(s);
}

static void test_busy_dataplane(void)
{
	struct scene *s = open_scene(1);

	fake_until(&s->loop, all_next, s, "the first periods");
	s->dp.busy = 3;
	s->wanted = s->dp.lineups + 4;
	add(s, 1);
	change(s);
	CU_ASSERT_EQUAL(s->dp.lineups, s->wanted);
	fake_until(&s->loop, all_next, s, "the periods of the new group");
	check_all(s);
	close_scene(s);
}

static bool connected(void *context)
{
	const struct scene *s = context;

	return s->control.dataplane.connected && !s->control.lining_up;
}

static bool lost(void *context)
{
	return !((const struct scene *)context)->control.dataplane.connected;
}

// Without a dataplane the newest document is kept, and holds when the dataplane has it.
static void test_kept(void)
{
	struct scene *s = open_scene(2);

	fake_until(&s->loop, all_next, s, "the first periods");
	uint16_t cp = group_of(s, 1)->current.cp_number;

	fake_dataplane_drop(&s->dp);
	fake_until(&s->loop, lost, s, "the dataplane is lost");
	add(s, 2);
	change(s);
	CU_ASSERT_PTR_NOT_NULL(s->control.next);
	CU_ASSERT_EQUAL(s->control.scs.groups, 2);
	s->want[2].there = false;
	s->want[0].there = false;
	add(s, 3);
	change(s); // another one takes its place
	fake_until(&s->loop, connected, s, "the dataplane is back");
	fake_until(&s->loop, all_next, s, "the periods of the kept document");
	CU_ASSERT_PTR_NULL(s->control.next);
	CU_ASSERT_EQUAL(group_of(s, 1)->current.cp_number, cp);
	check_all(s);
	close_scene(s);
}

// The connection breaks while the dataplane brings a change on air: it is given again.
static void test_lost_on_the_way(void)
{
	struct scene *s = open_scene(2);

	fake_until(&s->loop, all_next, s, "the first periods");
	s->dp.hold = true;
	s->wanted = s->dp.lineups + 1;
	add(s, 2);
	write_document(s);
	cp_reload_signal(&s->control.reload);
	fake_until(&s->loop, asked, s, "the line-up is asked for");
	flip(s, 0); // meanwhile all goes on
	s->want[2].there = false;
	fake_until(&s->loop, all_next, s, "a period while the line-up changes");
	add(s, 2);
	fake_dataplane_drop(&s->dp);
	fake_until(&s->loop, idle, s, "the change is kept");
	s->dp.hold = false;
	fake_until(&s->loop, connected, s, "the dataplane is back");
	fake_until(&s->loop, all_next, s, "the periods of the new group");
	check_all(s);
	close_scene(s);
}

// A storm of signals is one reload, and one more.
static void test_storm(void)
{
	struct scene *s = open_scene(2);
	unsigned lineups;

	fake_until(&s->loop, all_next, s, "the first periods");
	lineups = s->dp.lineups;
	add(s, 2);
	write_document(s);
	for (unsigned i = 0; i < 100; i++)
		cp_reload_signal(&s->control.reload);
	fake_until(&s->loop, idle, s, "the storm is over");
	fake_until(&s->loop, all_next, s, "the periods of the new group");
	CU_ASSERT_EQUAL(s->dp.lineups, lineups + 1);
	CU_ASSERT_STRING_EQUAL(s->notified, "RELOADING;READY=1;RELOADING;READY=1;");
	check_all(s);
	close_scene(s);
}

// A signal before the dataplane has answered to the first line-up.
static void test_early(void)
{
	struct scene *s = open_scene(1);

	s->dp.hold = true;
	s->wanted = 1;
	fake_until(&s->loop, asked, s, "the first line-up");
	add(s, 1);
	write_document(s);
	cp_reload_signal(&s->control.reload);
	while (s->control.reload.state != CP_RELOAD_WAITING)
		uv_run(&s->loop, UV_RUN_ONCE);
	s->dp.hold = false;
	fake_dataplane_answer(&s->dp);
	fake_until(&s->loop, idle, s, "the change");
	fake_until(&s->loop, given, s, "the line-up");
	fake_until(&s->loop, all_next, s, "the periods of both groups");
	check_all(s);
	close_scene(s);
}

// Another ECM_id is another stream; an ECMG at another place is connected to anew.
static void test_other_stream(void)
{
	struct scene *s = open_scene(2);
	struct fake_ecmg *other = calloc(1, sizeof(*other));

	fake_until(&s->loop, all_next, s, "the first periods");
	s->want[0].ecm_id = 77;
	s->wanted = 1;
	change(s);
	fake_until(&s->loop, stream_closed, s, "the stream before is closed");
	flip_all(s);
	check_all(s);
	CU_ASSERT_EQUAL(s->ecmg.streams, 3);
	fake_ecmg_open(other, &s->loop, 0);
	uint16_t port = s->ecmg.port;

	s->ecmg.port = other->port;
	change(s);
	flip_all(s);
	CU_ASSERT_EQUAL(other->connections, 1);
	CU_ASSERT_EQUAL(other->streams, 2);
	CU_ASSERT_FALSE(standing(s, "ecmg_lost"));
	s->ecmg.port = port;
	cp_control_close(&s->control);
	fake_ecmg_close(other);
	fake_dataplane_close(&s->dp);
	fake_ecmg_close(&s->ecmg);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	CU_ASSERT_EQUAL(uv_loop_close(&s->loop), 0);
	cp_control_fini(&s->control);
	cp_conf_fini(&s->conf);
	unlink(s->path);
	free(other);
	free(s);
}

static void vary(struct want *w, unsigned i)
{
	static const char *const algorithms[] = {"csa1", "csa2", "cissa", "aes-cbc"};

	switch (draw() % 5) {
	case 0:
		w->algorithm = algorithms[draw() % 4];
		break;
	case 1:
		w->period_ms = 1000 + 100 * (draw() % 9);
		break;
	case 2:
		w->ecm_pid = 500 + 16 * (draw() % 4) + i;
		break;
	case 3:
		w->ecm_id = 1 + i + GROUPS * (draw() % 3);
		break;
	default:
		w->criteria = draw() % 256;
	}
}

// Whatever documents follow each other: after each, all is as after a fresh start with it.
static void test_random_documents(void)
{
	struct scene *s = open_scene(4);

	fake_until(&s->loop, all_next, s, "the first periods");
	for (unsigned turn = 0; turn < 150; turn++) {
		for (unsigned n = draw() % 5; n-- > 0;) {
			unsigned i = draw() % GROUPS;

			if (!s->want[i].there)
				add(s, i);
			else if (draw() % 3)
				vary(&s->want[i], i);
			else
				s->want[i].there = false;
		}
		if (!s->want[0].there)
			add(s, 0);
		change(s);
		fake_until(&s->loop, all_next, s, "the periods of a random document");
		check_all(s);
		flip_all(s);
	}
	close_scene(s);
}

static void test_move_refusals(void)
{
	struct scene *s = open_scene(1);
	json_t *answer = cp_move_ask(&s->control.move, "i0", 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(refused(s, answer), "not there"));
	json_decref(answer);
	fake_until(&s->loop, all_next, s, "the first periods");
	answer = cp_move_ask(&s->control.move, "nobody", 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(refused(s, answer), "no input"));
	json_decref(answer);
	answer = cp_move_ask(&s->control.move, "i0", -1);
	CU_ASSERT_PTR_NOT_NULL(strstr(refused(s, answer), "from 0"));
	json_decref(answer);
	close_scene(s);
}

static const struct unit_test tests[] = {
	{"a group comes, another leaves", test_add_and_remove},
	{"an ECMG that closes no stream", test_deaf_ecmg},
	{"access criteria and duration", test_criteria_and_duration},
	{"another algorithm", test_algorithm},
	{"words of both lengths", test_both_lengths},
	{"another ECM PID", test_ecm_pid},
	{"ECM PIDs exchanged", test_ecm_pids_exchanged},
	{"bad documents", test_bad_documents},
	{"a document that the dataplane refuses", test_refused_by_the_dataplane},
	{"a busy dataplane", test_busy_dataplane},
	{"a document is kept", test_kept},
	{"the dataplane is lost on the way", test_lost_on_the_way},
	{"a storm of signals", test_storm},
	{"a signal at the start", test_early},
	{"another ECM stream, another ECMG", test_other_stream},
	{"random documents", test_random_documents},
	{"moves that are refused", test_move_refusals},
};

UNIT_MAIN("change", tests)

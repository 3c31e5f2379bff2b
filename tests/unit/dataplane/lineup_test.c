// SPDX-License-Identifier: GPL-3.0-or-later
// Line-ups that give way to one another over a device that does nothing: whatever came before, what is on air is
// connected as if it had been built there, and what did not change has stayed in its place.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_eal.h>

#include <base_log.h>
#include <unit.h>

#include "eal_start.h"
#include "plant.h"

enum { INPUTS = 6, OUTPUTS = 12, SERVICES = 16, GROUPS = 5, EMMS = 3, WORKERS = 3, ROUNDS = 400 };

static struct dp_conf machine, *before, *wanted;
static struct base_clock test_clock;
static struct base_errs errs;
static struct dp_plant plant;
static struct dp_lineup fresh;
static uint32_t seed = 20;

static unsigned draw(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

// Three workers of a controller that has all it can ask for twice.
static void open_plant(void)
{
	memset(&machine, 0, sizeof(machine));
	base_errs_init(&errs);
	machine.workers = WORKERS;
	machine.ports = 1;
	machine.memory_mib = 256;
	machine.port[0].driver = DP_PORT_NULL;
	strcpy(machine.control, "nobody");
	machine.capacity = (struct dp_conf_capacity){INPUTS, OUTPUTS, SERVICES, GROUPS, EMMS};
	CU_ASSERT_EQUAL_FATAL(rte_eal_hotplug_add("vdev", "net_null0", "size=64,no-rx=1"), 0);
	base_log_set_levels("error");
	int rc = dp_plant_open(&plant, &machine, &test_clock, &errs);

	if (rc)
		base_errs_print(&errs, stdout, "");
	CU_ASSERT_EQUAL_FATAL(rc, 0);
	before = calloc(1, sizeof(*before));
	wanted = malloc(sizeof(*wanted));
	*wanted = machine;
}

static void close_plant(void)
{
	CU_ASSERT_EQUAL(dp_plant_fini(&plant), 0);
	rte_eal_hotplug_remove("vdev", "net_null0");
	free(before);
	free(wanted);
}

static unsigned input_named(unsigned number)
{
	char name[8];

	snprintf(name, sizeof(name), "in%u", number);
	for (unsigned i = 0; i < wanted->inputs; i++)
		if (strcmp(wanted->input[i].name, name) == 0)
			return i;
	struct dp_conf_input *input = &wanted->input[wanted->inputs];

	*input = (struct dp_conf_input){.group = 0xEF010101 + number, .udp_port = (uint16_t)(5000 + !draw(6))};
	strcpy(input->name, name);
	return wanted->inputs++;
}

static unsigned output_named(unsigned number)
{
	char name[8];

	snprintf(name, sizeof(name), "out%u", number);
	for (unsigned i = 0; i < wanted->outputs; i++)
		if (strcmp(wanted->output[i].name, name) == 0)
			return i;
	struct dp_conf_output *output = &wanted->output[wanted->outputs];

	*output = (struct dp_conf_output){.group = 0xEF020101 + number,
					  .udp_port = 5000,
					  .source = 1,
					  .ttl = (uint8_t)(1 + !draw(8))};
	strcpy(output->name, name);
	return wanted->outputs++;
}

// Two outputs of each input, but for a shift of all of them now and then.
static void draw_lineup(void)
{
	unsigned shift = draw(8) == 0, first = draw(SERVICES);

	*wanted = machine;
	for (unsigned i = 0; i < SERVICES; i++) {
		unsigned number = (first + i) % SERVICES, from = draw(9) ? number % INPUTS : draw(INPUTS);
		struct dp_conf_service *service = &wanted->service[wanted->services];

		if (draw(3) == 0 && (i || wanted->services))
			continue;
		*service = (struct dp_conf_service){.program_number = (uint16_t)(number + 1),
						    .clear_teletext = draw(5) == 0,
						    .clear_service = draw(4) == 0};
		snprintf(service->name, sizeof(service->name), "s%u", number);
		service->input = input_named(from);
		service->output = output_named((2 * from + shift + draw(2)) % OUTPUTS);
		// An output takes services of one input.
		for (unsigned k = 0; k < wanted->services; k++)
			if (wanted->service[k].output == service->output)
				service->input = wanted->service[k].input;
		if (!service->clear_service)
			snprintf(service->group, sizeof(service->group), "g%u",
				 draw(10) ? number % GROUPS : draw(GROUPS));
		service->algorithm = DP_CSA2;
		wanted->services++;
	}
	for (unsigned i = 0; i < EMMS; i++) {
		struct dp_conf_emm *emm = &wanted->emm[wanted->emms];

		if (draw(3) == 0)
			continue;
		*emm = (struct dp_conf_emm){.pid = (uint16_t)(0x600 + i), .rate_kbps = (uint16_t)(100 + !draw(6))};
		snprintf(emm->name, sizeof(emm->name), "e%u", i);
		emm->output_set[0] = (uint8_t)draw(256);
		wanted->emms++;
	}
}

// An input that was asked for and then lost its services to the rule of outputs is used by nobody.
static bool all_used(void)
{
	bool used[INPUTS] = {false};

	for (unsigned i = 0; i < wanted->services; i++)
		used[wanted->service[i].input] = true;
	for (unsigned i = 0; i < wanted->inputs; i++)
		if (!used[i])
			return false;
	return true;
}

#define FIND(kind, kinds, wanted_name)                                                                    \
	static struct dp_##kind *find_##kind(const struct dp_lineup *lineup, const char *wanted_name)     \
	{                                                                                                 \
		for (unsigned i = 0; i < lineup->kinds; i++)                                              \
			if (lineup->kind[i].conf && strcmp(lineup->kind[i].conf->name, wanted_name) == 0) \
				return &lineup->kind[i];                                                  \
		return NULL;                                                                              \
	}
FIND(input, inputs, name)
FIND(output, outputs, name)
FIND(service, services, name)

static struct dp_group *find_group(const struct dp_lineup *lineup, const char *name)
{
	for (unsigned i = 0; i < lineup->groups; i++)
		if (strcmp(lineup->group[i].name, name) == 0)
			return &lineup->group[i];
	return NULL;
}

#define SAME_NAME(a, b) CU_ASSERT_STRING_EQUAL((a)->conf->name, (b)->conf->name)

static void same_input(const struct dp_input *a, const struct dp_input *b)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT_EQUAL(memcmp(a->conf, b->conf, sizeof(*a->conf)), 0);
	CU_ASSERT_EQUAL(atomic_load(&((struct dp_input *)a)->owner), a->worker);
	CU_ASSERT_TRUE_FATAL(a->services == b->services && a->outputs == b->outputs);
	for (unsigned i = 0; i < a->services; i++)
		SAME_NAME(a->service[i], b->service[i]);
	for (unsigned i = 0; i < a->outputs; i++) {
		SAME_NAME(a->output[i], b->output[i]);
		CU_ASSERT_PTR_EQUAL(a->output[i]->input, a);
	}
}

static void same_output(const struct dp_output *a, const struct dp_output *b)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	if (!a)
		return;
	CU_ASSERT_EQUAL(memcmp(a->conf, b->conf, sizeof(*a->conf)), 0);
	CU_ASSERT_EQUAL(!a->pace, !b->pace);
	if (a->pace && b->pace)
		CU_ASSERT_STRING_EQUAL(a->pace->name, b->pace->name);
	CU_ASSERT_EQUAL_FATAL(a->emms, b->emms);
	for (unsigned i = 0; i < a->emms; i++)
		CU_ASSERT_STRING_EQUAL(a->emm[i].conf->name, b->emm[i].conf->name);
	for (unsigned pid = 0; pid < TS_PIDS; pid++)
		CU_ASSERT_EQUAL_FATAL(a->own[pid].mine, b->own[pid].mine);
}

static void same_service(const struct dp_service *a, const struct dp_service *b)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	SAME_NAME(a->input, b->input);
	SAME_NAME(a->output, b->output);
	CU_ASSERT_TRUE(a->clock_source == b->clock_source && !a->group == !b->group);
	CU_ASSERT_EQUAL(a->conf->clear_teletext, b->conf->clear_teletext);
	CU_ASSERT_PTR_EQUAL(a->period, a->group ? &a->group->period : NULL);
	if (a->group && b->group) {
		CU_ASSERT_STRING_EQUAL(a->group->name, b->group->name);
		CU_ASSERT_EQUAL(a->group->worker, a->input->worker);
	}
}

static void same_group(const struct dp_group *a, const struct dp_group *b)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT_EQUAL(a->paces_emms, b->paces_emms);
	CU_ASSERT_EQUAL_FATAL(a->outputs, b->outputs);
	for (unsigned i = 0; i < a->outputs; i++)
		SAME_NAME(a->output[i], b->output[i]);
}

// The queue of a stream has as many cursors as outputs send it.
static void cursors(void)
{
	for (unsigned e = 0; e < plant.lineup.emms; e++) {
		unsigned senders = 0;

		for (unsigned i = 0; i < plant.lineup.outputs; i++)
			for (unsigned k = 0; k < plant.lineup.output[i].emms; k++)
				senders += plant.lineup.output[i].emm[k].queue == &plant.lineup.emm[e].queue;
		CU_ASSERT_EQUAL(senders, plant.lineup.emm[e].queue.cursors);
	}
}

// What is on air against the same line-up built where nothing was.
static void compare(const struct dp_conf *conf)
{
	struct dp_conf *alone = malloc(sizeof(*alone));
	unsigned groups = 0, outputs = 0, used = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(alone);
	*alone = *conf;
	alone->control[0] = '\0';
	CU_ASSERT_EQUAL_FATAL(dp_lineup_init(&fresh, alone, NULL, &errs), 0);
	for (unsigned i = 0; i < fresh.inputs; i++)
		same_input(find_input(&plant.lineup, fresh.input[i].conf->name), &fresh.input[i]);
	for (unsigned i = 0; i < fresh.outputs; i++)
		same_output(find_output(&plant.lineup, fresh.output[i].conf->name), &fresh.output[i]);
	for (unsigned i = 0; i < fresh.services; i++)
		same_service(find_service(&plant.lineup, fresh.service[i].conf->name), &fresh.service[i]);
	for (unsigned i = 0; i < fresh.groups; i++)
		same_group(find_group(&plant.lineup, fresh.group[i].name), &fresh.group[i]);
	for (unsigned w = 0; w < WORKERS; w++) {
		groups += plant.worker[w].roster.groups;
		outputs += plant.worker[w].roster.outputs;
		for (unsigned i = 0; i < plant.worker[w].roster.outputs; i++)
			CU_ASSERT_EQUAL(plant.worker[w].roster.output[i]->input->worker, w);
	}
	for (unsigned i = 0; i < plant.lineup.services; i++)
		used += plant.lineup.service[i].conf != NULL;
	CU_ASSERT_TRUE(groups == fresh.groups && outputs == fresh.outputs && used == fresh.services);
	cursors();
	dp_lineup_fini(&fresh);
	free(alone);
}

static const struct dp_conf_service *service_in(const struct dp_conf *conf, const char *name)
{
	for (unsigned i = 0; i < conf->services; i++)
		if (strcmp(conf->service[i].name, name) == 0)
			return &conf->service[i];
	return NULL;
}

// Brings what is wanted on air. Services that both line-ups have, in inputs that both have, are where they were.
static void bring(void)
{
	struct dp_service *places[SERVICES];

	for (unsigned i = 0; i < wanted->services; i++)
		places[i] = find_service(&plant.lineup, wanted->service[i].name);
	struct dp_conf *given = malloc(sizeof(*given));

	*given = *wanted;
	int rc = dp_plant_lineup(&plant, given, &errs);

	if (rc)
		base_errs_print(&errs, stdout, "");
	CU_ASSERT_EQUAL_FATAL(rc, 0);
	CU_ASSERT_TRUE(dp_plant_changing(&plant));
	dp_plant_tend(&plant);
	CU_ASSERT_FALSE_FATAL(dp_plant_changing(&plant));
	for (unsigned i = 0; i < wanted->services; i++) {
		const struct dp_conf_service *now = &wanted->service[i], *then = service_in(before, now->name);

		if (then && then->program_number == now->program_number && then->clear_service == now->clear_service &&
		    strcmp(then->group, now->group) == 0 &&
		    memcmp(&before->input[then->input], &wanted->input[now->input], sizeof(struct dp_conf_input)) ==
			    0 &&
		    strcmp(before->output[then->output].name, wanted->output[now->output].name) == 0)
			CU_ASSERT_PTR_EQUAL(places[i], find_service(&plant.lineup, now->name));
	}
	compare(wanted);
	*before = *wanted;
}

static void any_after_any(void)
{
	unsigned brought = 0;

	open_plant();
	*before = machine;
	while (brought < ROUNDS) {
		draw_lineup();
		if (!all_used())
			continue;
		bring();
		brought++;
	}
	close_plant();
}

// Where inputs are moved, they go with all that they share something with, and nothing else changes.
static void moved(void)
{
	open_plant();
	*before = machine;
	for (unsigned i = 0; i < ROUNDS / 4; i++) {
		do
			draw_lineup();
		while (!all_used());
		bring();
		struct dp_input *input = find_input(&plant.lineup, wanted->input[draw(wanted->inputs)].name);
		unsigned to = draw(WORKERS);

		CU_ASSERT_EQUAL_FATAL(dp_plant_move(&plant, (unsigned)(input - plant.lineup.input), to, &errs), 0);
		dp_plant_tend(&plant);
		CU_ASSERT_FALSE(dp_plant_changing(&plant));
		CU_ASSERT_EQUAL(input->worker, to);
		compare(wanted);
	}
	close_plant();
}

static bool told(const char *text)
{
	bool found = errs.count && strstr(errs.text[0], text);

	base_errs_init(&errs);
	return found;
}

// One input, service, output and group each, of these numbers.
static void one(unsigned number)
{
	*wanted = machine;
	struct dp_conf_service *service = &wanted->service[0];

	*service = (struct dp_conf_service){.program_number = 1, .algorithm = DP_CSA2};
	snprintf(service->name, sizeof(service->name), "s%u", number);
	snprintf(service->group, sizeof(service->group), "g%u", number);
	service->input = input_named(number);
	service->output = output_named(number);
	wanted->services = 1;
}

// What does not fit is refused by name, and then nothing has changed.
static void refused(void)
{
	open_plant();
	*before = machine;
	one(1);
	bring();
	plant.lineup.capacity.groups = 1;
	wanted->service[1] = wanted->service[0];
	strcpy(wanted->service[1].name, "more");
	strcpy(wanted->service[1].group, "gmore");
	wanted->service[1].program_number = 2;
	wanted->services = 2;
	CU_ASSERT_EQUAL(dp_plant_lineup(&plant, wanted, &errs), -ENOSPC);
	CU_ASSERT_TRUE(told("gmore"));
	CU_ASSERT_FALSE(dp_plant_changing(&plant));
	plant.lineup.capacity.groups = GROUPS;
	plant.lineup.capacity.services = 1;
	CU_ASSERT_EQUAL(dp_plant_lineup(&plant, wanted, &errs), -ENOSPC);
	CU_ASSERT_TRUE(told("\"more\": 2 are wanted, 1 were allocated"));
	compare(before);
	CU_ASSERT_EQUAL(dp_plant_move(&plant, 0, WORKERS, &errs), -EINVAL);
	CU_ASSERT_TRUE(told("/worker"));
	CU_ASSERT_EQUAL(dp_plant_move(&plant, 2 * INPUTS - 1, 0, &errs), -EINVAL);
	CU_ASSERT_TRUE(told("/input"));
	close_plant();
}

// One at a time.
static void busy(void)
{
	open_plant();
	*before = machine;
	one(1);
	struct dp_conf *given = malloc(sizeof(*given));

	*given = *wanted;
	CU_ASSERT_EQUAL(dp_plant_lineup(&plant, given, &errs), 0);
	CU_ASSERT_EQUAL(dp_plant_lineup(&plant, wanted, &errs), -EBUSY);
	CU_ASSERT_EQUAL(dp_plant_move(&plant, 0, 0, &errs), -EBUSY);
	dp_plant_tend(&plant);
	compare(wanted);
	base_errs_init(&errs);
	close_plant();
}

static const struct unit_test tests[] = {{"any after any", any_after_any},
					 {"moved", moved},
					 {"refused", refused},
					 {"busy", busy}};

int main(void)
{
	if (eal_start(&test_clock))
		return 1;
	return unit_run("lineup", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The dialogue with a controller, without a socket: any row of messages, each a good one with some bytes changed, and
// between them the worker takes its orders or does not, changes of the line-up wait for it or do not, the socket is
// full or is not, and a new controller comes. What holds always: no index leaves its range, words are held only for
// periods that there are, every order comes back, and a line-up without anything leaves nothing behind.
//
// A record of the input: kind (1), changes (1), then for each change offset (2, little-endian) and value (1).
#include <errno.h>

#include <rte_dev.h>
#include <rte_eal.h>

#include <base_log.h>
#include <fuzz.h>

#include "link/dialogue.h"
#include "link_lineup.h"
#include "plant.h"
#include "worker/orders.h"

enum {
	KIND_LINEUP, // a whole line-up, one message of which has the changes
	KIND_PERIOD = 11,
	KIND_EMM_DATA,
	KIND_MESSAGE, // the first change's value says which type
	KIND_WORK,
	KIND_FLIP,
	KIND_FULL,
	KIND_CONTROLLER,
	KIND_STALL, // a change waits for the worker from now on, or no more
	KINDS,
};

static const struct base_clock tsc = {.tsc_hz = 1000000000};
static struct dp_conf machine;
static struct dp_plant plant;
static struct dp_dialogue dialogue;
static struct dp_msg_group_state secret;
static struct link_lineup l;
static union dp_link_message message;
static uint32_t serial; // of the line-up sent last
static bool full;
static uint64_t now_ms;

// A plant for all inputs, the worker of which is played here.
static void open_plant(void)
{
	static char text[][32] = {"dp_link_fuzz", "--no-huge",      "--no-shconf",
				  "--no-pci",     "--no-telemetry", "--log-level=lib.*:critical",
				  "-m128",        "--lcores=0"};
	static char *args[9];
	struct base_errs errs;

	for (int i = 0; i < 8; i++)
		args[i] = text[i];
	base_errs_init(&errs);
	base_log_set_levels("error,link=error");
	FUZZ_ASSERT(rte_eal_init(8, args) >= 0);
	FUZZ_ASSERT(rte_eal_hotplug_add("vdev", "net_null0", "size=64,no-rx=1") == 0);
	link_lineup_machine(&machine);
	FUZZ_ASSERT(dp_plant_open(&plant, &machine, &tsc, &errs) == 0);
}

// One pass of the worker, as far as main sees it.
static void work(void)
{
	dp_worker_take_orders(&plant.worker[0]);
	plant.worker[0].passed++;
}

// Everything goes, as by a line-up without anything.
static void take_down(void)
{
	struct dp_conf *nothing = malloc(sizeof(*nothing));
	struct base_errs errs;

	dp_dialogue_fini(&dialogue);
	full = false;
	plant.running = false; // main does the worker's part
	while (dp_plant_changing(&plant))
		dp_plant_tend(&plant);
	work();
	dp_controlled_poll(&plant.controlled);
	FUZZ_ASSERT(nothing);
	*nothing = machine;
	base_errs_init(&errs);
	FUZZ_ASSERT(dp_plant_lineup(&plant, nothing, &errs) == 0);
	while (dp_plant_changing(&plant))
		dp_plant_tend(&plant);
	FUZZ_ASSERT(plant.controlled.in_flight == 0 && plant.controlled.free_sets == plant.controlled.sets);
	for (unsigned i = 0; i < plant.lineup.groups; i++)
		FUZZ_ASSERT(dp_group_free(&plant.lineup.group[i]) && !plant.controlled.group[i].held->current.cws);
}

static int send_up(void *to, const void *up, size_t n)
{
	const struct dp_msg_head *head = up;

	(void)to;
	FUZZ_ASSERT(head->type > DP_MSG_NO_TYPE && head->type < DP_MSG_TYPES && head->bytes == n);
	return full ? -EAGAIN : 0;
}

static void check(void)
{
	FUZZ_ASSERT(dialogue.state < DP_DIALOGUE_STATES);
	FUZZ_ASSERT(dialogue.state != DP_DIALOGUE_ON_AIR || dialogue.index.serial);
	for (unsigned i = 0; i < dialogue.index.groups; i++)
		FUZZ_ASSERT(dialogue.index.group[i].place < plant.lineup.groups);
	for (unsigned i = 0; i < plant.lineup.groups; i++) {
		const struct dp_held *held = plant.controlled.group[i].held;

		FUZZ_ASSERT(held->current.cws <= DP_MSG_CWS_MAX && held->next.cws <= DP_MSG_CWS_MAX);
		FUZZ_ASSERT((held->sent.cws != 0) == plant.controlled.group[i].in_flight);
		FUZZ_ASSERT(plant.controlled.group[i].in_flight ||
			    (held->next.cws != 0) == plant.lineup.group[i].period.slot.have_next ||
			    held->next.cp_number == plant.lineup.group[i].period.cp_number);
	}
	FUZZ_ASSERT(plant.controlled.sets <= plant.controlled.sets_max);
}

static void begin_controller(void)
{
	dp_dialogue_begin(&dialogue, send_up, NULL, now_ms);
	FUZZ_ASSERT(dp_tell_go_on(&dialogue.tell, now_ms) == 0); // nothing is heard before WELCOME is out
}

// A message of the right size is taken as link.c does it.
static void hear(const void *bytes, size_t n)
{
	uint8_t *exact = fuzz_exact(bytes, n);
	char why[DP_MSG_TEXT_BYTES];

	if (dp_tell_answered(&dialogue.tell)) {
		if (!dp_link_message_check((void *)exact, n, why) || dp_dialogue_take(&dialogue, (void *)exact))
			begin_controller(); // this one is told to go, and another comes
	}
	free(exact);
	FUZZ_ASSERT(dp_tell_go_on(&dialogue.tell, now_ms) == 0);
}

static void change(void *bytes, size_t n, const uint8_t *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		((uint8_t *)bytes)[(changes[3 * i] | changes[3 * i + 1] << 8) % n] = changes[3 * i + 2];
}

static void hear_lineup(unsigned changed, const uint8_t *changes, size_t count)
{
	const struct {
		void *at;
		size_t bytes;
	} row[] = {
		{&l.lineup, sizeof(l.lineup)},
		{&l.input[0], sizeof(l.input[0])},
		{&l.input[1], sizeof(l.input[1])},
		{&l.output[0], sizeof(l.output[0])},
		{&l.output[1], sizeof(l.output[1])},
		{&l.group[0], sizeof(l.group[0])},
		{&l.group[1], sizeof(l.group[1])},
		{&l.service[0], sizeof(l.service[0])},
		{&l.service[1], sizeof(l.service[1])},
		{&l.emm[0], sizeof(l.emm[0])},
		{&l.end, sizeof(l.end)},
	};

	link_lineup_make(&l);
	l.lineup.serial = ++serial;
	change(row[changed].at, row[changed].bytes, changes, count);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		hear(row[i].at, row[i].bytes);
}

static void hear_period(const uint8_t *changes, size_t count)
{
	struct dp_msg_period *period = &message.period;

	memset(&message, 0, sizeof(message));
	*period = (struct dp_msg_period){.head = LINEUP_HEAD(PERIOD, *period),
					 .group = LINEUP_BASIC,
					 .cp_number = 7,
					 .cw_bytes = 8,
					 .scrambling_mode = 0x02,
					 .lineup = serial,
					 .cws = 2,
					 .ecms = 1,
					 .duration_27mhz = 27000000,
					 .cw = {{1}, {2}},
					 .ecm = {{.pid = LINEUP_ECM_PID, .bytes = 8, .repetition_ms = 100}},
					 .pool = {0x80, 0x70, 5}};
	change(period, sizeof(*period), changes, count);
	hear(period, sizeof(*period));
}

static void hear_emms(const uint8_t *changes, size_t count)
{
	struct dp_msg_emm_data *data = &message.emm_data;

	memset(&message, 0, sizeof(message));
	*data = (struct dp_msg_emm_data){.head = LINEUP_HEAD(EMM_DATA, *data), .pkts = 2, .lineup = serial};
	data->pkt[0][0] = data->pkt[1][0] = 0x47;
	change(data, sizeof(*data), changes, count);
	hear(data, sizeof(*data));
}

// A message of zeros, of any type and size.
static void hear_any(const uint8_t *changes, size_t count)
{
	uint32_t type = count ? changes[2] : 0;
	size_t n = type && type < DP_MSG_TYPES ? dp_link_message_head((enum dp_msg_type)type).bytes : 8;
	uint8_t *bytes = calloc(1, n);

	FUZZ_ASSERT(bytes);
	memcpy(bytes, &(struct dp_msg_head){type, (uint32_t)n}, 8);
	if (count)
		change(bytes, n, changes + 3, count - 1);
	hear(bytes, n);
	free(bytes);
}

static void flip(void)
{
	for (unsigned i = 0; i < plant.lineup.groups; i++) {
		struct dp_group *group = &plant.lineup.group[i];

		if (!group->period.slot.have_next)
			continue;
		dp_period_flip(&group->period);
		dp_carousel_flip(&group->carousel, &group->period);
		dp_keyslot_retire(&group->period.slot);
		dp_period_publish(&group->period);
	}
}

static void run(unsigned kind, const uint8_t *changes, size_t count)
{
	if (kind < KIND_PERIOD)
		hear_lineup(kind, changes, count);
	else if (kind == KIND_PERIOD)
		hear_period(changes, count);
	else if (kind == KIND_EMM_DATA)
		hear_emms(changes, count);
	else if (kind == KIND_MESSAGE)
		hear_any(changes, count);
	else if (kind == KIND_WORK)
		work();
	else if (kind == KIND_FLIP)
		flip();
	else if (kind == KIND_FULL)
		full = !full;
	else if (kind == KIND_CONTROLLER)
		begin_controller();
	else if (kind == KIND_STALL)
		plant.running = !plant.running;
	now_ms += 100;
	dp_controlled_poll(&plant.controlled);
	dp_plant_tend(&plant);
	dp_dialogue_tend(&dialogue);
	FUZZ_ASSERT(dp_tell_go_on(&dialogue.tell, now_ms) == 0);
	check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!plant.conf)
		open_plant();
	now_ms = 1000;
	serial = 0;
	dp_dialogue_init(&dialogue, &machine, &plant, &secret, 1);
	begin_controller();
	for (size_t at = 0, records = 0; size - at >= 2 && records < 64; records++) {
		size_t count = data[at + 1], room = (size - at - 2) / 3;

		count = count < room ? count : room;
		run(data[at] % KINDS, data + at + 2, count);
		at += 2 + 3 * count;
	}
	take_down();
	return 0;
}

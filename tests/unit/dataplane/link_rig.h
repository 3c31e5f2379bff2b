// SPDX-License-Identifier: GPL-3.0-or-later
// The controller's socket over a plant whose one worker is played by the test, with the worker's own code: orders are
// taken when the test says so, and media time stands where the test puts it. Time for the link is a number too.
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_eal.h>

#include <base_local.h>
#include <base_log.h>
#include <base_secret.h>
#include <unit.h>

#include "eal_start.h"
#include "link/link.h"
#include "link_lineup.h"
#include "plant.h"
#include "worker/orders.h"

enum { RIG_TURNS = 2000 };

// Any message that comes up.
union rig_up {
	struct dp_msg_head head;
	struct dp_msg_welcome welcome;
	struct dp_msg_group_state group_state;
	struct dp_msg_result result;
	struct dp_msg_period_state period_state;
	struct dp_msg_refused refused;
	struct dp_msg_move_result moved;
	struct dp_msg_alarm alarm;
	struct dp_msg_input_psi input_psi;
	struct dp_msg_report report;
	struct dp_msg_bye bye;
};

static struct dp_conf rig_machine;
static struct base_clock rig_clock;
static struct base_errs rig_errs;
static struct dp_plant rig_plant;
static struct dp_link rig_link;
static struct link_lineup rig_lineup;
static union rig_up rig_up;
static uint64_t rig_now_ms;
static bool rig_works; // the worker takes orders, and ends a pass

static inline void rig_begin(void)
{
	rig_now_ms = 1000;
	rig_works = true;
	base_errs_init(&rig_errs);
	link_lineup_machine(&rig_machine);
	link_lineup_make(&rig_lineup);
	CU_ASSERT_EQUAL_FATAL(rte_eal_hotplug_add("vdev", "net_null0", "size=64,no-rx=1"), 0);
	CU_ASSERT_EQUAL_FATAL(dp_plant_open(&rig_plant, &rig_machine, &rig_clock, &rig_errs), 0);
	CU_ASSERT_EQUAL_FATAL(dp_link_open(&rig_link, &rig_machine, &rig_plant, &rig_errs), 0);
	rig_plant.link = &rig_link;
	rig_plant.running = true;
}

static inline void rig_end(void)
{
	rig_plant.running = false; // main finishes what is on its way
	while (dp_plant_changing(&rig_plant))
		dp_plant_tend(&rig_plant);
	dp_link_close(&rig_link);
	dp_plant_fini(&rig_plant);
	rte_eal_hotplug_remove("vdev", "net_null0");
}

// One turn of main, and of the worker.
static inline void rig_turn(void)
{
	if (rig_works) {
		dp_worker_take_orders(&rig_plant.worker[0]);
		rig_plant.worker[0].passed++;
	}
	dp_link_tend(&rig_link, rig_now_ms);
	dp_plant_tend(&rig_plant);
}

static inline int rig_connect(void)
{
	int fd = base_local_connect(rig_machine.control);

	CU_ASSERT_TRUE_FATAL(fd >= 0);
	return fd;
}

// Turns until a message comes; -EAGAIN when none does, 0 at the end, otherwise its type.
static inline int rig_next(int fd)
{
	for (unsigned i = 0; i < RIG_TURNS; i++) {
		ssize_t n = base_local_receive(fd, &rig_up, sizeof(rig_up));

		if (n >= 0) {
			CU_ASSERT_TRUE(n == 0 || (size_t)n == rig_up.head.bytes);
			return n ? (int)rig_up.head.type : 0;
		}
		rig_turn();
	}
	return -EAGAIN;
}

// Turns until a message of this type comes; others are skipped.
static inline bool rig_await(int fd, enum dp_msg_type type)
{
	int came;

	do {
		came = rig_next(fd);
	} while (came > 0 && came != (int)type);
	return came == (int)type;
}

// Sends, and turns when there is no room.
static inline void rig_send(int fd, const void *message, size_t n)
{
	for (unsigned i = 0; i < RIG_TURNS && base_local_send(fd, message, n) == -EAGAIN; i++)
		rig_turn();
}

static inline void rig_hello(int fd, uint64_t epoch, const char *name)
{
	struct dp_msg_hello hello = {.head = LINEUP_HEAD(HELLO, hello), .version = DP_MSG_VERSION, .epoch = epoch};

	snprintf(hello.name, sizeof(hello.name), "%s", name);
	rig_send(fd, &hello, sizeof(hello));
}

// Each has a serial of its own.
static inline void rig_send_lineup(int fd)
{
	struct link_lineup *l = &rig_lineup;

	l->lineup.serial++;
	rig_send(fd, &l->lineup, sizeof(l->lineup));
	for (unsigned i = 0; i < 2; i++) {
		rig_send(fd, &l->input[i], sizeof(l->input[i]));
		rig_send(fd, &l->output[i], sizeof(l->output[i]));
		rig_send(fd, &l->group[i], sizeof(l->group[i]));
		rig_send(fd, &l->service[i], sizeof(l->service[i]));
	}
	rig_send(fd, &l->emm[0], sizeof(l->emm[0]));
	rig_send(fd, &l->end, sizeof(l->end));
}

// A controller that is obeyed and whose line-up is on air.
static inline int rig_controller(uint64_t epoch)
{
	int fd = rig_connect();

	rig_hello(fd, epoch, "rig");
	CU_ASSERT_TRUE_FATAL(rig_await(fd, DP_MSG_WELCOME));
	rig_send_lineup(fd);
	CU_ASSERT_TRUE_FATAL(rig_await(fd, DP_MSG_LINEUP_RESULT));
	CU_ASSERT_EQUAL_FATAL(rig_up.result.error, 0);
	return fd;
}

// True when the connection ends with this BYE; the text is in rig_up.
static inline bool rig_bye(int fd, enum dp_msg_bye_reason reason)
{
	bool said = rig_await(fd, DP_MSG_BYE) && rig_up.bye.reason == reason;
	union rig_up bye = rig_up;

	said = said && rig_next(fd) == 0;
	rig_up = bye;
	close(fd);
	return said;
}

static inline struct dp_group *rig_group(const char *name)
{
	for (unsigned i = 0; i < rig_plant.lineup.groups; i++)
		if (strcmp(rig_plant.lineup.group[i].name, name) == 0)
			return &rig_plant.lineup.group[i];
	CU_FAIL_FATAL("no such group");
	return NULL;
}

// The end of the period on air is there.
static inline void rig_flip(struct dp_group *group)
{
	group->period.media.now_27mhz = dp_period_edge(&group->period);
	CU_ASSERT_TRUE(dp_period_due(&group->period));
	dp_period_flip(&group->period);
	dp_carousel_flip(&group->carousel, &group->period);
	dp_keyslot_retire(&group->period.slot);
	dp_period_publish(&group->period);
}

// Starts the EAL and runs the table.
static inline int rig_run(const char *suite, const struct unit_test *tests, size_t n)
{
	base_log_set_levels("error,link=error");
	if (eal_start(&rig_clock))
		return 1;
	return unit_run(suite, tests, n);
}

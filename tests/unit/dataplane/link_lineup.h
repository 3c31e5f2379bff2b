// SPDX-License-Identifier: GPL-3.0-or-later
// A small line-up as messages, for tests of the link: two services of two groups, which are listed the other way round
// than the services use them, and one EMM stream.
#pragma once

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <dp_msg.h>

#include "conf/conf.h"

enum { LINEUP_ECM_PID = 0x500, LINEUP_EMM_PID = 0x600, LINEUP_PREMIUM = 0, LINEUP_BASIC = 1 };

struct link_lineup {
	struct dp_msg_lineup lineup;
	struct dp_msg_input input[2];
	struct dp_msg_output output[2];
	struct dp_msg_group group[2];
	struct dp_msg_service service[2];
	struct dp_msg_emm_stream emm[1];
	struct dp_msg_lineup_end end;
};

#define LINEUP_HEAD(type, message)             \
	{                                      \
		DP_MSG_##type, sizeof(message) \
	}

static inline void link_lineup_make(struct link_lineup *l)
{
	memset(l, 0, sizeof(*l));
	l->lineup = (struct dp_msg_lineup){LINEUP_HEAD(LINEUP, l->lineup), 2, 2, 2, 2, 1, 0, 1};
	l->end.head = (struct dp_msg_head)LINEUP_HEAD(LINEUP_END, l->end);
	for (uint16_t i = 0; i < 2; i++) {
		l->input[i] = (struct dp_msg_input){.head = LINEUP_HEAD(INPUT, l->input[0]),
						    .index = i,
						    .udp_port = 5000,
						    .group = 0xEF010101 + i,
						    .port = "wire"};
		l->output[i] = (struct dp_msg_output){.head = LINEUP_HEAD(OUTPUT, l->output[0]),
						      .index = i,
						      .udp_port = 5000,
						      .group = 0xEF020101 + i,
						      .source = 0x0A000001,
						      .deadline_us = 40000,
						      .ttl = 16,
						      .port = "wire"};
		l->group[i] = (struct dp_msg_group){.head = LINEUP_HEAD(GROUP, l->group[0]), .index = i};
		l->service[i] = (struct dp_msg_service){.head = LINEUP_HEAD(SERVICE, l->service[0]),
							.index = i,
							.input = i,
							.output = i,
							.program_number = 1,
							.group = !i,
							.ca_n = 1};
		l->service[i].ca[0] =
			(struct dp_msg_ca){.ca_system_id = 0x0ABC, .ecm_pid = (uint16_t)(LINEUP_ECM_PID + i)};
		snprintf(l->input[i].name, sizeof(l->input[i].name), "in%u", i);
		snprintf(l->output[i].name, sizeof(l->output[i].name), "out%u", i);
		snprintf(l->service[i].name, sizeof(l->service[i].name), "service%u", i);
	}
	l->group[LINEUP_PREMIUM].scrambling_mode = 0x10;
	l->group[LINEUP_BASIC].scrambling_mode = 0x02;
	strcpy(l->group[LINEUP_PREMIUM].name, "premium");
	strcpy(l->group[LINEUP_BASIC].name, "basic");
	l->emm[0] = (struct dp_msg_emm_stream){.head = LINEUP_HEAD(EMM_STREAM, l->emm[0]),
					       .pid = LINEUP_EMM_PID,
					       .ca_system_id = 0x0ABC,
					       .rate_kbps = 100,
					       .name = "emms",
					       .output_set = {3}};
}

// The machine that the line-up fits. Tests that run at once in one folder have a socket each.
static inline void link_lineup_machine(struct dp_conf *machine)
{
	memset(machine, 0, sizeof(*machine));
	machine->workers = machine->ports = 1;
	machine->memory_mib = 256;
	machine->capacity = (struct dp_conf_capacity){4, 4, 4, 4, 4};
	machine->port[0].driver = DP_PORT_NULL;
	strcpy(machine->port[0].name, "wire");
	snprintf(machine->control, sizeof(machine->control), "link-test-%d.sock", getpid());
}

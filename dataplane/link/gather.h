// SPDX-License-Identifier: GPL-3.0-or-later
// A line-up as it comes, message by message: gathered into a configuration, and judged when it is whole.
//
// Mistakes are told by the JSON pointers of the controller's own document (docs/control-config.md), whose lists have
// the order of the indexes: /inputs/0/port.
//
// Refs: dataplane/api/dp_msg.h (LINEUP to LINEUP_END).
// Threads: main. Owns: the configuration that is being gathered.
// Errors: -EINVAL with the mistakes in the list, -ENOMEM.
#pragma once

#include <stdbool.h>

#include <base_err.h>
#include <dp_msg.h>

#include "conf/conf.h"

// What a message of the line-up names by index and dp_conf has not.
struct dp_gather_group {
	char name[DP_MSG_NAME_BYTES];
	enum dp_algorithm algorithm;
};

struct dp_gather {
	const struct dp_conf *machine; // cores, memory and ports, of the file
	struct dp_conf *conf;          // machine and line-up; whoever takes it leaves NULL
	unsigned groups;
	struct dp_gather_group group[DP_MSG_GROUPS_MAX];
	uint16_t group_of[DP_MSG_SERVICES_MAX]; // service to group, or DP_MSG_NONE
	bool seen_input[DP_MSG_INPUTS_MAX], seen_output[DP_MSG_OUTPUTS_MAX], seen_group[DP_MSG_GROUPS_MAX];
	bool seen_service[DP_MSG_SERVICES_MAX], seen_emm[DP_MSG_EMMS_MAX];
	struct base_errs errs;
};

// `machine` BORROWED for the gatherer's life.
void dp_gather_init(struct dp_gather *gather, const struct dp_conf *machine);
void dp_gather_fini(struct dp_gather *gather);

// Begins a line-up of these counts; what was gathered before is forgotten. 0 or -ENOMEM.
int dp_gather_begin(struct dp_gather *gather, const struct dp_msg_lineup *counts);

// One element each; mistakes go to the list.
void dp_gather_input(struct dp_gather *gather, const struct dp_msg_input *message);
void dp_gather_output(struct dp_gather *gather, const struct dp_msg_output *message);
void dp_gather_group(struct dp_gather *gather, const struct dp_msg_group *message);
void dp_gather_service(struct dp_gather *gather, const struct dp_msg_service *message);
void dp_gather_emm(struct dp_gather *gather, const struct dp_msg_emm_stream *message);

// Judges the whole. 0 or -EINVAL.
int dp_gather_end(struct dp_gather *gather);

// Notes that element `index` of a list of `n` has come; false, with a mistake, when there is no place for it.
bool dp_gather_arrives(struct dp_gather *gather, const char *list, bool *seen, unsigned index, unsigned n);

// Copies a name that ends within its field and is UTF-8, or adds a mistake at `where`.
bool dp_gather_name(char *to, const char *from, const char *where, struct base_errs *errs);

// SPDX-License-Identifier: GPL-3.0-or-later
// What distinguishes one configuration from another, by name: the order of the lists says nothing, nor where in them
// something that is named stands.
//
// What an object names belongs to it: a service whose group is another one has changed, one whose group was changed
// has not.
//
// Threads: any; pure. Owns: nothing; tens of KiB, so it lives on the heap.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "service/conf.h"

#define CP_DIFFERENCE_MAX 1024   // of any kind
#define CP_DIFFERENCE_NEW 0xFFFF // in place of a place: there was none

enum cp_kind { CP_INPUTS, CP_OUTPUTS, CP_ECMGS, CP_GROUPS, CP_SERVICES, CP_MUXES, CP_EMM_STREAMS, CP_KINDS };

struct cp_difference_list {
	unsigned before_n, now_n;
	uint16_t before[CP_DIFFERENCE_MAX]; // of each that is there now: its place before, or CP_DIFFERENCE_NEW
	bool changed[CP_DIFFERENCE_MAX];    // of each that is there now and was before
	bool gone[CP_DIFFERENCE_MAX];       // of each that was there before
};

struct cp_difference {
	struct cp_difference_list list[CP_KINDS];
};

// `before` NULL: nothing was there.
void cp_difference_find(struct cp_difference *out, const struct cp_conf *before, const struct cp_conf *now);

bool cp_difference_none(const struct cp_difference *difference);

// {"added": {"services": ["News"]}, "changed": {}, "removed": {}}, by the names of the lists in the document, GIVEN.
json_t *cp_difference_json(const struct cp_difference *difference, const struct cp_conf *before,
			   const struct cp_conf *now);

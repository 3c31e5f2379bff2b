// SPDX-License-Identifier: GPL-3.0-or-later
// What samples are about: the objects of one kind in the status documents, each with its labels, no two the same.
//
// Threads: any; pure. Owns: texts of labels; the objects are BORROWED from the snapshots.
#pragma once

#include <stddef.h>

#include "http/process.h"

enum cp_subject_kind {
	CP_SUBJECT_PROCESS, // a process behind; the object is NULL when it is gone
	CP_SUBJECT_DATAPLANE,
	CP_SUBJECT_SERVICE,
	CP_SUBJECT_GROUP,
	CP_SUBJECT_ECM, // of one CAS in one group
	CP_SUBJECT_ECMG,
	CP_SUBJECT_EMMG,
	CP_SUBJECT_PORT,
	CP_SUBJECT_WORKER,
	CP_SUBJECT_INPUT,
	CP_SUBJECT_OUTPUT,
	CP_SUBJECT_CAS,
};

struct cp_subject {
	const json_t *json;
	const struct cp_snapshot *snapshot;
	char *labels;
};

struct cp_subjects {
	struct cp_subject *item;
	size_t n;
	json_t *seen; // labels that are taken
};

// Collects those of one kind. What finds no memory is left out.
void cp_subjects_init(struct cp_subjects *subjects, enum cp_subject_kind kind, const struct cp_snapshot *snapshots,
		      unsigned n);
void cp_subjects_fini(struct cp_subjects *subjects);

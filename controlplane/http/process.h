// SPDX-License-Identifier: GPL-3.0-or-later
// The processes behind bulkhead-api: asks them for their status document, and shares one answer between all who ask
// at about the same time.
//
// Threads: any, once initialised. Owns: the last answer of each.
// Errors: -errno; of a process: as cp_oplink_ask, and -EPROTO when what answers is another kind of process.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include <jansson.h>

#define CP_PROCESSES_MAX      17 // bulkhead-control and up to 16 bulkhead-cas
#define CP_PROCESS_NAME_BYTES 64
#define CP_PROCESS_LIMIT_MS   2000  // for an answer
#define CP_PROCESS_CHANGE_MS  11000 // for an answer to a change, which bulkhead-control gives within 10 s
#define CP_PROCESS_SHARED_MS  200   // an answer, and the want of one, holds for so long

struct cp_process {
	const char *kind; // "control" or "cas"
	const char *path; // BORROWED
	pthread_mutex_t lock;
	// All below under the lock.
	json_t *status; // the last answer, or NULL
	int error;      // why there is none
	int64_t asked_ms, answered_ms;
	char name[CP_PROCESS_NAME_BYTES]; // that it gave itself; kept when it is gone
};

struct cp_processes {
	unsigned n;
	struct cp_process process[CP_PROCESSES_MAX]; // the first is bulkhead-control
};

// What is known of a process now.
struct cp_snapshot {
	const struct cp_process *process;
	json_t *status; // NULL: it is gone
	int error;
	double age_s; // since its last answer; negative: there never was one
	char name[CP_PROCESS_NAME_BYTES];
};

// Paths are BORROWED for the life of `processes`.
void cp_processes_init(struct cp_processes *processes, const char *control, const char *const *cas, unsigned cas_n);
void cp_processes_fini(struct cp_processes *processes);

// Looks at one process. The snapshot is GIVEN: put it back.
void cp_process_look(struct cp_process *process, struct cp_snapshot *out);
void cp_snapshot_put(struct cp_snapshot *snapshot);

// Looks at all of them, at the same time, so that one that hangs costs no more than CP_PROCESS_LIMIT_MS in all.
void cp_processes_look(struct cp_processes *processes, struct cp_snapshot out[CP_PROCESSES_MAX]);

// Why a process is gone, in words for a person.
const char *cp_snapshot_why(const struct cp_snapshot *snapshot);

// SPDX-License-Identifier: GPL-3.0-or-later
// The documents of /v1, made from the status documents of the processes behind (docs/operator-api.md).
//
// Threads: any; pure functions. Owns: nothing. Documents are GIVEN; NULL: out of memory.
// What comes from a process is not trusted: a member that is absent or of another type is left out.
#pragma once

#include <jansson.h>

#include "http/process.h"

// One service, with its scrambling group; NULL when there is none of this name.
json_t *cp_document_service(const json_t *status, const char *name);

// Every CAS; one that is gone has "up": false and says why.
json_t *cp_document_cas(const struct cp_snapshot *snapshots, unsigned n);

// The alarms of all processes and one for each process that is gone; the most severe first.
json_t *cp_document_alarms(const struct cp_snapshot *snapshots, unsigned n);

// Every process, bulkhead-api included, and whom it is connected to. `started` is bulkhead-api's.
json_t *cp_document_status(const struct cp_snapshot *snapshots, unsigned n, double started);

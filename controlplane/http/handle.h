// SPDX-License-Identifier: GPL-3.0-or-later
// What each route of bulkhead-api answers.
//
// Threads: any. Owns: nothing; answers are GIVEN as route.h says.
#pragma once

#include "http/route.h"

#define CP_CALL_NAME_BYTES 256

struct cp_call {
	const struct cp_api *api;
	const struct cp_request *request;
	const char *key;               // of the route
	char name[CP_CALL_NAME_BYTES]; // in the path
};

// The list `key` of bulkhead-control's status.
void cp_handle_control_list(const struct cp_call *call, struct cp_answer *answer);
void cp_handle_service(const struct cp_call *call, struct cp_answer *answer);
void cp_handle_cas(const struct cp_call *call, struct cp_answer *answer);
void cp_handle_alarms(const struct cp_call *call, struct cp_answer *answer);
void cp_handle_status(const struct cp_call *call, struct cp_answer *answer);
void cp_handle_metrics(const struct cp_call *call, struct cp_answer *answer);
// The body goes to the CAS `name`.
void cp_handle_emm(const struct cp_call *call, struct cp_answer *answer);
// The document that holds; reading it anew, or checking that only (`key`); moving the input `name`.
void cp_handle_config(const struct cp_call *call, struct cp_answer *answer);
void cp_handle_reload(const struct cp_call *call, struct cp_answer *answer);
void cp_handle_move(const struct cp_call *call, struct cp_answer *answer);

// The process does not answer.
void cp_handle_gone(struct cp_answer *answer, const struct cp_process *process, int error);

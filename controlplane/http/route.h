// SPDX-License-Identifier: GPL-3.0-or-later
// The routes of docs/operator-api.md: what is asked by method and path, and what is answered. Knows no HTTP library.
//
// Threads: any. Owns: nothing; an answer's text is GIVEN.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/process.h"

// The body of a POST. In hexadecimal it fits a line of the operator's link.
#define CP_BODY_MAX_BYTES 4000000

struct cp_api {
	struct cp_processes *processes;
	double started; // seconds since 1970
};

struct cp_request {
	const char *method, *path;
	bool local; // came by the local socket
	const uint8_t *body;
	size_t body_bytes;
};

struct cp_answer {
	unsigned status;
	const char *type;  // of the content
	const char *allow; // the method that is, with 405; or NULL
	char *text;        // NULL: out of memory, and status is 500
	size_t bytes;
};

// Looks at method and path alone, before a body comes. True: go on with cp_route; else *answer says why not.
bool cp_route_admit(const struct cp_request *request, struct cp_answer *answer);

// Answers a request that was admitted.
void cp_route(const struct cp_api *api, const struct cp_request *request, struct cp_answer *answer);

// An answer that is an error: {"error": text}.
void cp_answer_error(struct cp_answer *answer, unsigned status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// An answer that is a document (TAKES it; NULL: out of memory).
void cp_answer_document(struct cp_answer *answer, json_t *document);

// SPDX-License-Identifier: GPL-3.0-or-later
// The operator's link of a process: a local stream socket on which bulkhead-api asks with one JSON object a line and
// gets one JSON object a line back. No secret passes here.
//
//   {"get": "status"}                          -> the status document of the process (docs/operator-api.md)
//   {"do": "emm send", "sections": "82..."}    -> {"ok": true, ...} or {"ok": false, "error": "why"}
//
// One request at a time on a connection, at most CP_OPLINK_CLIENTS_MAX connections; one that says nothing whole, or
// does not take its answer, for 3 s is closed. An answer that takes its time is given later, within 10 s.
//
// Threads: the loop's. Owns: the socket and its connections, which are gone when the loop has run after the close (or
//          after an open that failed).
// Errors: -errno of listening. A line over CP_OPLINK_LINE_MAX bytes or that is no JSON object is answered with an error
//         and the connection is closed. An answer has the same limit.
#pragma once

#include <jansson.h>
#include <uv.h>

#define CP_OPLINK_LINE_MAX    (8u << 20)
#define CP_OPLINK_CLIENTS_MAX 32

// Answers a request (BORROWED) with a document, GIVEN; NULL for "unknown request".
typedef json_t *cp_oplink_answer(void *context, const json_t *request);

struct cp_oplink;

// A request whose answer is given later.
struct cp_oplink_ticket {
	unsigned place;
	uint64_t serial; // 0: of none
};

// Listens at `path`, mode 0600; a socket that nobody listens at any more is replaced. `context` BORROWED.
int cp_oplink_open(struct cp_oplink **out, uv_loop_t *loop, const char *path, cp_oplink_answer *answer, void *context);
// NULL is left alone.
void cp_oplink_close(struct cp_oplink *link);

// To be called while a request is answered: the answer is given later, and what the call returns is not said.
struct cp_oplink_ticket cp_oplink_later(struct cp_oplink *link);
// Gives it (TAKES the document). A client that has gone meanwhile, or a ticket of none, gets nothing.
void cp_oplink_say(struct cp_oplink *link, struct cp_oplink_ticket ticket, json_t *document);

// The other end, for bulkhead-api's threads: connects, asks, waits at most `timeout_ms`. The answer is GIVEN; NULL with
// -errno in *error: -ENOENT or -ECONNREFUSED when nobody listens, -ETIMEDOUT when nobody answered in time, -ECONNRESET
// when it closed without an answer, -EBADMSG for one that is no JSON object, -EMSGSIZE for one that is too long.
json_t *cp_oplink_ask(const char *path, const json_t *request, int timeout_ms, int *error);

// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of bulkhead-control itself: its document, and changes.
#include <string.h>

#include "http/handle.h"
#include "oplink/oplink.h"

// TAKES the request. The answer is GIVEN; NULL after an answer that says why there is none.
static json_t *ask(const struct cp_call *call, json_t *request, struct cp_answer *answer)
{
	const struct cp_process *control = &call->api->processes->process[0];
	int error = 0;

	if (!request) {
		cp_answer_error(answer, 400, "the request is no UTF-8");
		return NULL;
	}
	json_t *done = cp_oplink_ask(control->path, request, CP_PROCESS_CHANGE_MS, &error);

	json_decref(request);
	if (!done)
		cp_handle_gone(answer, control, error);
	return done;
}

// What bulkhead-control refuses it explains: "error", and "errors" one by one.
static void tell(struct cp_answer *answer, json_t *done)
{
	bool good = json_is_true(json_object_get(done, "ok"));

	if (!good && !json_is_string(json_object_get(done, "error")))
		json_object_set_new(done, "error", json_string("bulkhead-control refuses, and does not say why"));
	cp_answer_document(answer, done);
	if (!good && answer->status == 200)
		answer->status = 422;
}

void cp_handle_config(const struct cp_call *call, struct cp_answer *answer)
{
	json_t *done = ask(call, json_pack("{s:s}", "get", "config"), answer);

	if (done && !json_object_get(done, "document"))
		tell(answer, done);
	else if (done)
		cp_answer_document(answer, done);
}

void cp_handle_reload(const struct cp_call *call, struct cp_answer *answer)
{
	bool check = strcmp(call->key, "check") == 0;

	if (call->request->body_bytes) {
		cp_answer_error(answer, 400, "no body is taken: bulkhead-control reads its own file");
		return;
	}
	json_t *done = ask(call, json_pack("{s:s, s:b}", "do", "config reload", "check", check), answer);

	if (done)
		tell(answer, done);
}

void cp_handle_move(const struct cp_call *call, struct cp_answer *answer)
{
	const struct cp_request *request = call->request;
	json_t *body = json_loadb((const char *)request->body, request->body_bytes, JSON_REJECT_DUPLICATES, NULL);
	const json_t *worker = json_object_get(body, "worker");
	json_t *done = NULL;

	if (!json_is_integer(worker))
		cp_answer_error(answer, 400, "give {\"worker\": N}; /v1/workers lists them");
	else
		done = ask(call,
			   json_pack("{s:s, s:s, s:I}", "do", "move", "input", call->name, "worker",
				     json_integer_value(worker)),
			   answer);
	json_decref(body);
	if (done)
		tell(answer, done);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator asks, by way of bulkhead-api (docs/operator-api.md).
#include <string.h>

#include "service/control.h"

static bool is(const char *text, const char *wanted)
{
	return text && strcmp(text, wanted) == 0;
}

// What holds, so that it can be read in again.
static json_t *config_json(const struct cp_control *control)
{
	json_t *json = cp_reload_json(&control->reload);

	json_object_set_new(json, "document",
			    control->conf->document ? json_incref(control->conf->document) : json_null());
	return json;
}

json_t *cp_operator_answer(struct cp_control *control, const json_t *request)
{
	const char *get = json_string_value(json_object_get(request, "get"));
	const char *order = json_string_value(json_object_get(request, "do"));
	const char *input = json_string_value(json_object_get(request, "input"));
	const json_t *worker = json_object_get(request, "worker");

	if (is(get, "status"))
		return cp_status(control);
	if (is(get, "config"))
		return config_json(control);
	if (is(order, "config reload"))
		return cp_reload_ask(&control->reload, json_is_true(json_object_get(request, "check")));
	if (is(order, "move") && input && json_is_integer(worker))
		return cp_move_ask(&control->move, input, json_integer_value(worker));
	return NULL;
}

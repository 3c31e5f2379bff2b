// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/route.h"

#include <string.h>

#include "http/handle.h"

// A prefix that ends with a stroke is followed by a name, which may hold any byte, and the suffix.
static const struct route {
	const char *method, *prefix, *suffix;
	void (*handler)(const struct cp_call *call, struct cp_answer *answer);
	const char *key;
} routes[] = {
	{"GET", "/metrics", "", cp_handle_metrics, NULL},
	{"GET", "/v1/alarms", "", cp_handle_alarms, NULL},
	{"GET", "/v1/cas", "", cp_handle_cas, NULL},
	{"POST", "/v1/cas/", "/emm", cp_handle_emm, NULL},
	{"GET", "/v1/config", "", cp_handle_config, NULL},
	{"POST", "/v1/config/check", "", cp_handle_reload, "check"},
	{"POST", "/v1/config/reload", "", cp_handle_reload, "reload"},
	{"GET", "/v1/ecmg", "", cp_handle_control_list, "ecmg"},
	{"GET", "/v1/emmg", "", cp_handle_control_list, "emmg"},
	{"POST", "/v1/inputs/", "/move", cp_handle_move, NULL},
	{"GET", "/v1/inputs", "", cp_handle_control_list, "inputs"},
	{"GET", "/v1/outputs", "", cp_handle_control_list, "outputs"},
	{"GET", "/v1/ports", "", cp_handle_control_list, "ports"},
	{"GET", "/v1/services", "", cp_handle_control_list, "services"},
	{"GET", "/v1/services/", "", cp_handle_service, NULL},
	{"GET", "/v1/status", "", cp_handle_status, NULL},
	{"GET", "/v1/workers", "", cp_handle_control_list, "workers"},
};

// Takes the name out of a path that is the route's.
static bool is_route(const struct route *route, const char *path, char name[CP_CALL_NAME_BYTES])
{
	size_t prefix = strlen(route->prefix), suffix = strlen(route->suffix), n = strlen(path);

	if (route->prefix[prefix - 1] != '/')
		return strcmp(path, route->prefix) == 0;
	if (n <= prefix + suffix || n - prefix - suffix >= CP_CALL_NAME_BYTES ||
	    strncmp(path, route->prefix, prefix) != 0 || strcmp(path + n - suffix, route->suffix) != 0)
		return false;
	memcpy(name, path + prefix, n - prefix - suffix);
	name[n - prefix - suffix] = '\0';
	return true;
}

static const struct route *find_route(const char *path, char name[CP_CALL_NAME_BYTES])
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (is_route(&routes[i], path, name))
			return &routes[i];
	return NULL;
}

static bool is_method(const struct route *route, const char *method)
{
	return strcmp(method, route->method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

bool cp_route_admit(const struct cp_request *request, struct cp_answer *answer)
{
	char name[CP_CALL_NAME_BYTES];
	const struct route *route = find_route(request->path, name);

	if (!route) {
		cp_answer_error(answer, 404,
				"nothing is at this path; /v1/status, /v1/services and /metrics are there");
		return false;
	}
	if (!is_method(route, request->method)) {
		cp_answer_error(answer, 405, "this path takes %s alone", route->method);
		answer->allow = strcmp(route->method, "GET") == 0 ? "GET, HEAD" : route->method;
		return false;
	}
	if (!request->local && strcmp(route->method, "POST") == 0) {
		cp_answer_error(answer, 403, "changes are taken on the local socket alone");
		return false;
	}
	return true;
}

void cp_route(const struct cp_api *api, const struct cp_request *request, struct cp_answer *answer)
{
	struct cp_call call = {.api = api, .request = request};
	const struct route *route = find_route(request->path, call.name);

	call.key = route->key;
	route->handler(&call, answer);
}

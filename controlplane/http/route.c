// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/route.h"

#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>

#include "http/document.h"
#include "metrics/metrics.h"
#include "oplink/oplink.h"

enum { NAME_BYTES = 256 };

struct call {
	const struct cp_api *api;
	const struct cp_request *request;
	const char *key; // of the route
	char name[NAME_BYTES];
};

static void gone(struct cp_answer *answer, const struct cp_snapshot *snapshot)
{
	cp_answer_error(answer, 503, "bulkhead-%s does not answer at %s: %s", snapshot->process->kind,
			snapshot->process->path, cp_snapshot_why(snapshot));
}

// The list `key` of bulkhead-control's status.
static void control_list(const struct call *call, struct cp_answer *answer)
{
	struct cp_snapshot control;

	cp_process_look(&call->api->processes->process[0], &control);
	json_t *list = json_object_get(control.status, call->key);

	if (!control.status)
		gone(answer, &control);
	else
		cp_answer_document(answer, json_is_array(list) ? json_incref(list) : json_array());
	cp_snapshot_put(&control);
}

static void service(const struct call *call, struct cp_answer *answer)
{
	struct cp_snapshot control;

	cp_process_look(&call->api->processes->process[0], &control);
	json_t *document = cp_document_service(control.status, call->name);

	if (!control.status)
		gone(answer, &control);
	else if (!document)
		cp_answer_error(answer, 404, "no service \"%s\"; /v1/services lists them", call->name);
	else
		cp_answer_document(answer, document);
	cp_snapshot_put(&control);
}

static void put_all(struct cp_snapshot *snapshots, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		cp_snapshot_put(&snapshots[i]);
}

// 503 only when there are some and none is there: one that is gone hides no other.
static void cas_list(const struct call *call, struct cp_answer *answer)
{
	struct cp_snapshot snapshots[CP_PROCESSES_MAX];
	unsigned n = call->api->processes->n, up = 0;

	cp_processes_look(call->api->processes, snapshots);
	for (unsigned i = 1; i < n; i++)
		up += snapshots[i].status != NULL;
	if (n > 1 && up == 0)
		gone(answer, &snapshots[1]);
	else
		cp_answer_document(answer, cp_document_cas(snapshots, n));
	put_all(snapshots, n);
}

static void alarms(const struct call *call, struct cp_answer *answer)
{
	struct cp_snapshot snapshots[CP_PROCESSES_MAX];
	unsigned n = call->api->processes->n;

	cp_processes_look(call->api->processes, snapshots);
	cp_answer_document(answer, cp_document_alarms(snapshots, n));
	put_all(snapshots, n);
}

static void status(const struct call *call, struct cp_answer *answer)
{
	struct cp_snapshot snapshots[CP_PROCESSES_MAX];
	unsigned n = call->api->processes->n;

	cp_processes_look(call->api->processes, snapshots);
	cp_answer_document(answer, cp_document_status(snapshots, n, call->api->started));
	put_all(snapshots, n);
}

static void metrics(const struct call *call, struct cp_answer *answer)
{
	struct cp_snapshot snapshots[CP_PROCESSES_MAX];
	unsigned n = call->api->processes->n;

	cp_processes_look(call->api->processes, snapshots);
	*answer = (struct cp_answer){.status = 200, .type = CP_METRICS_TYPE};
	answer->text = cp_metrics_text(snapshots, n, &answer->bytes);
	if (!answer->text)
		answer->status = 500;
	put_all(snapshots, n);
}

static json_t *emm_request(const struct cp_request *request)
{
	size_t capacity = 2 * request->body_bytes + 1;
	char *hex = malloc(capacity);
	json_t *json = NULL;

	if (hex && base_bytes_to_hex(hex, capacity, request->body, request->body_bytes) > 0)
		json = json_pack("{s:s, s:s}", "do", "emm send", "sections", hex);
	free(hex);
	return json;
}

static void send_emm(const struct call *call, const struct cp_process *cas, struct cp_answer *answer)
{
	int error = 0;
	json_t *request = emm_request(call->request);
	json_t *done = request ? cp_oplink_ask(cas->path, request, CP_PROCESS_LIMIT_MS, &error) : NULL;
	const char *why = json_string_value(json_object_get(done, "error"));

	json_decref(request);
	if (json_is_true(json_object_get(done, "ok"))) {
		cp_answer_document(answer, done);
		return;
	}
	if (done)
		cp_answer_error(answer, 422, "%s refuses the EMMs: %s", call->name, why ? why : "it does not say why");
	else
		gone(answer, &(struct cp_snapshot){.process = cas, .error = error});
	json_decref(done);
}

static unsigned never_seen(const struct cp_snapshot *snapshots, unsigned n)
{
	unsigned at = 1;

	while (at < n && snapshots[at].age_s >= 0)
		at++;
	return at;
}

static void emm(const struct call *call, struct cp_answer *answer)
{
	struct cp_processes *processes = call->api->processes;
	struct cp_snapshot snapshots[CP_PROCESSES_MAX];
	unsigned at = 1;

	if (call->request->body_bytes == 0) {
		cp_answer_error(answer, 400, "the body is empty: give EMM sections, one after the other");
		return;
	}
	cp_processes_look(processes, snapshots);
	put_all(snapshots, processes->n);
	while (at < processes->n && strcmp(snapshots[at].name, call->name) != 0)
		at++;
	if (at == processes->n) // it may be one that never told its name
		at = never_seen(snapshots, processes->n);
	if (at == processes->n)
		cp_answer_error(answer, 404, "no CAS \"%s\" is known; /v1/cas lists them", call->name);
	else if (snapshots[at].error)
		gone(answer, &snapshots[at]);
	else
		send_emm(call, &processes->process[at], answer);
}

// A prefix that ends with a stroke is followed by a name, which may hold any byte, and the suffix.
static const struct route {
	const char *method, *prefix, *suffix;
	void (*handler)(const struct call *call, struct cp_answer *answer);
	const char *key;
} routes[] = {
	{"GET", "/metrics", "", metrics, NULL},
	{"GET", "/v1/alarms", "", alarms, NULL},
	{"GET", "/v1/cas", "", cas_list, NULL},
	{"POST", "/v1/cas/", "/emm", emm, NULL},
	{"GET", "/v1/ecmg", "", control_list, "ecmg"},
	{"GET", "/v1/emmg", "", control_list, "emmg"},
	{"GET", "/v1/ports", "", control_list, "ports"},
	{"GET", "/v1/services", "", control_list, "services"},
	{"GET", "/v1/services/", "", service, NULL},
	{"GET", "/v1/status", "", status, NULL},
	{"GET", "/v1/workers", "", control_list, "workers"},
};

// Takes the name out of a path that is the route's.
static bool is_route(const struct route *route, const char *path, char name[NAME_BYTES])
{
	size_t prefix = strlen(route->prefix), suffix = strlen(route->suffix), n = strlen(path);

	if (route->prefix[prefix - 1] != '/')
		return strcmp(path, route->prefix) == 0;
	if (n <= prefix + suffix || n - prefix - suffix >= NAME_BYTES || strncmp(path, route->prefix, prefix) != 0 ||
	    strcmp(path + n - suffix, route->suffix) != 0)
		return false;
	memcpy(name, path + prefix, n - prefix - suffix);
	name[n - prefix - suffix] = '\0';
	return true;
}

static const struct route *find_route(const char *path, char name[NAME_BYTES])
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
	char name[NAME_BYTES];
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
	struct call call = {.api = api, .request = request};
	const struct route *route = find_route(request->path, call.name);

	call.key = route->key;
	route->handler(&call, answer);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/handle.h"

#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>

#include "http/document.h"
#include "metrics/metrics.h"
#include "oplink/oplink.h"

static void gone(struct cp_answer *answer, const struct cp_snapshot *snapshot)
{
	cp_answer_error(answer, 503, "bulkhead-%s does not answer at %s: %s", snapshot->process->kind,
			snapshot->process->path, cp_snapshot_why(snapshot));
}

void cp_handle_gone(struct cp_answer *answer, const struct cp_process *process, int error)
{
	gone(answer, &(struct cp_snapshot){.process = process, .error = error});
}

void cp_handle_control_list(const struct cp_call *call, struct cp_answer *answer)
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

void cp_handle_service(const struct cp_call *call, struct cp_answer *answer)
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
void cp_handle_cas(const struct cp_call *call, struct cp_answer *answer)
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

void cp_handle_alarms(const struct cp_call *call, struct cp_answer *answer)
{
	struct cp_snapshot snapshots[CP_PROCESSES_MAX];
	unsigned n = call->api->processes->n;

	cp_processes_look(call->api->processes, snapshots);
	cp_answer_document(answer, cp_document_alarms(snapshots, n));
	put_all(snapshots, n);
}

void cp_handle_status(const struct cp_call *call, struct cp_answer *answer)
{
	struct cp_snapshot snapshots[CP_PROCESSES_MAX];
	unsigned n = call->api->processes->n;

	cp_processes_look(call->api->processes, snapshots);
	cp_answer_document(answer, cp_document_status(snapshots, n, call->api->started));
	put_all(snapshots, n);
}

void cp_handle_metrics(const struct cp_call *call, struct cp_answer *answer)
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

static void send_emm(const struct cp_call *call, const struct cp_process *cas, struct cp_answer *answer)
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
		cp_handle_gone(answer, cas, error);
	json_decref(done);
}

static unsigned never_seen(const struct cp_snapshot *snapshots, unsigned n)
{
	unsigned at = 1;

	while (at < n && snapshots[at].age_s >= 0)
		at++;
	return at;
}

void cp_handle_emm(const struct cp_call *call, struct cp_answer *answer)
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/document.h"

#include <string.h>
#include <unistd.h>

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static json_t *find_named(const json_t *list, const char *name)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) if (strcmp(text_of(item, "name"), name) == 0) return item;
	return NULL;
}

json_t *cp_document_service(const json_t *status, const char *name)
{
	const json_t *service = find_named(json_object_get(status, "services"), name);
	json_t *copy = service ? json_copy((json_t *)service) : NULL;
	json_t *group = find_named(json_object_get(status, "groups"), text_of(service, "group"));

	if (copy && group)
		json_object_set(copy, "scrambling_group", group);
	return copy;
}

// A process that is gone, or is there: what is said of it in any list.
static json_t *process_json(const struct cp_snapshot *snapshot)
{
	json_t *json = json_pack("{s:s, s:s, s:b, s:s, s:s}", "process", snapshot->process->kind, "name",
				 snapshot->name, "up", snapshot->status != NULL, "socket", snapshot->process->path,
				 "error", cp_snapshot_why(snapshot));

	if (snapshot->age_s >= 0)
		json_object_set_new(json, "age_s", json_real(snapshot->age_s));
	json_object_update_missing(json, json_object_get(snapshot->status, snapshot->process->kind));
	return json;
}

json_t *cp_document_cas(const struct cp_snapshot *snapshots, unsigned n)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++) {
		if (strcmp(snapshots[i].process->kind, "cas") != 0)
			continue;
		json_t *cas = process_json(&snapshots[i]);

		json_object_update_missing(cas, snapshots[i].status);
		json_object_del(cas, "cas");
		json_array_append_new(list, cas);
	}
	return list;
}

// X.733, most severe first; what is no severity comes last.
static size_t severity_rank(const json_t *alarm)
{
	static const char *const severity[] = {"critical", "major", "minor", "warning"};
	size_t rank = 0;

	while (rank < 4 && strcmp(text_of(alarm, "severity"), severity[rank]) != 0)
		rank++;
	return rank;
}

static void append_alarms(json_t *list, const struct cp_snapshot *snapshot, size_t rank)
{
	size_t i;
	json_t *alarm;

	if (!snapshot->status && rank == 1)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s+, s:s}", "name", "process_lost",
						      "severity", "major", "object",
						      *snapshot->name ? snapshot->name : snapshot->process->path,
						      "process", "api", "text", snapshot->process->kind,
						      " does not answer", "why", cp_snapshot_why(snapshot)));
	json_array_foreach(json_object_get(snapshot->status, "alarms"), i, alarm)
	{
		if (!json_is_object(alarm) || severity_rank(alarm) != rank)
			continue;
		json_t *copy = json_copy(alarm);

		json_object_set_new(copy, "process", json_string(snapshot->process->kind));
		json_array_append_new(list, copy);
	}
}

json_t *cp_document_alarms(const struct cp_snapshot *snapshots, unsigned n)
{
	json_t *list = json_array();

	for (size_t rank = 0; rank <= 4; rank++)
		for (unsigned i = 0; i < n; i++)
			append_alarms(list, &snapshots[i], rank);
	return list;
}

// One end of a process's connections: what it is, where, in which state and since when.
static void connect_to(json_t *connections, const char *what, const json_t *end, const char *state)
{
	static const char *const copied[] = {"name", "peer", "since", "listening", "lineup", "report_age_s"};

	if (!json_is_object(end))
		return;
	json_t *json = json_pack("{s:s, s:s}", "to", what, "state", state);

	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (json_object_get(end, copied[i]))
			json_object_set(json, copied[i], json_object_get(end, copied[i]));
	json_object_set(json, "error",
			json_object_get(end, json_object_get(end, "last_error") ? "last_error" : "error"));
	json_array_append_new(connections, json);
}

static const char *connected(const json_t *end)
{
	return json_is_true(json_object_get(end, "connected")) ? "connected" : "lost";
}

static void connect_each(json_t *connections, const char *what, const json_t *list)
{
	size_t i;
	json_t *end;

	json_array_foreach(list, i, end)
		connect_to(connections, what, end, json_object_get(end, "state") ? text_of(end, "state") : "open");
}

static json_t *connections_of(const json_t *status)
{
	json_t *connections = json_array();
	const json_t *dataplane = json_object_get(status, "dataplane"), *vault = json_object_get(status, "vault");
	const json_t *ecmg = json_object_get(status, "ecmg"), *emmg = json_object_get(status, "emmg");

	connect_to(connections, "dataplane", dataplane, connected(dataplane));
	connect_to(connections, "vault", vault, connected(vault));
	connect_each(connections, "ECMG", ecmg);
	connect_each(connections, "EMMG", emmg);
	// A CAS has one ECMG with channels, and one EMMG that goes to a MUX.
	connect_each(connections, "SCS", json_object_get(ecmg, "channels"));
	connect_to(connections, "MUX", emmg, text_of(emmg, "state"));
	return connections;
}

json_t *cp_document_status(const struct cp_snapshot *snapshots, unsigned n, double started)
{
	json_t *list = json_pack("[{s:s, s:s, s:b, s:s, s:i, s:f, s:[]}]", "process", "api", "name", "", "up", 1,
				 "version", BULKHEAD_VERSION, "pid", (int)getpid(), "started", started, "connections");

	for (unsigned i = 0; i < n; i++) {
		json_t *json = process_json(&snapshots[i]);

		json_object_set_new(json, "connections", connections_of(snapshots[i].status));
		json_array_append_new(list, json);
	}
	return list;
}

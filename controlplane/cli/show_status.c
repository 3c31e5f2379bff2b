// SPDX-License-Identifier: GPL-3.0-or-later
// The whole: processes with their connections, and alarms.
#include <stdbool.h>
#include <string.h>

#include "cli/show.h"
#include "cli/table.h"

void cp_show_alarms(const json_t *list)
{
	static const char *const heads[] = {"SEVERITY", "OBJECT", "ALARM", "SINCE (UTC)", ">COUNT", "TEXT", NULL};
	struct cp_table table;
	size_t i;
	json_t *alarm;

	cp_table_init(&table, heads);
	json_array_foreach(list, i, alarm)
	{
		const char *why = json_string_value(json_object_get(alarm, "why"));
		const char *text = json_string_value(json_object_get(alarm, "text"));

		cp_table_member(&table, alarm, "severity");
		cp_table_member(&table, alarm, "object");
		cp_table_member(&table, alarm, "name");
		cp_table_time(&table, alarm, "since");
		cp_table_member(&table, alarm, "count");
		cp_table_cell(&table, "%s%s%s", text ? text : "-", why ? ": " : "", why ? why : "");
	}
	if (json_array_size(list))
		cp_table_print(&table);
	else
		puts("no alarm stands");
}

static void add_process(struct cp_table *table, const json_t *process)
{
	cp_table_cell(table, "%s", json_is_true(json_object_get(process, "up")) ? "up" : "gone");
	cp_table_member(table, process, "process");
	cp_table_member(table, process, "name");
	cp_table_member(table, process, "version");
	cp_table_member(table, process, "pid");
	cp_table_time(table, process, "started");
	cp_table_member(table, process, "socket");
	cp_table_member(table, process, "error");
}

static bool is_good(const json_t *connection)
{
	const char *state = json_string_value(json_object_get(connection, "state"));

	return state && (strcmp(state, "open") == 0 || strcmp(state, "connected") == 0);
}

static void add_connections(struct cp_table *table, const json_t *process, bool good)
{
	size_t i;
	json_t *connection;

	json_array_foreach(json_object_get(process, "connections"), i, connection)
	{
		if (is_good(connection) != good)
			continue;
		cp_table_member(table, connection, "state");
		cp_table_member(table, process, "process");
		cp_table_member(table, connection, "to");
		cp_table_member(table, connection, "name");
		cp_table_member(table, connection, "peer");
		cp_table_time(table, connection, "since");
		cp_table_member(table, connection, "error");
	}
}

void cp_show_status(const json_t *list)
{
	static const char *const processes[] = {"STATE",         "PROCESS", "NAME",  "VERSION", ">PID",
						"STARTED (UTC)", "SOCKET",  "ERROR", NULL};
	static const char *const connections[] = {"STATE", "FROM", "TO", "NAME", "PEER", "SINCE (UTC)", "ERROR", NULL};
	struct cp_table table;
	size_t i;
	json_t *process;

	cp_table_init(&table, processes);
	for (int up = 0; up <= 1; up++)
		json_array_foreach(list, i, process)
		{
			if (json_is_true(json_object_get(process, "up")) == up)
				add_process(&table, process);
		}
	cp_table_print(&table);
	putchar('\n');
	cp_table_init(&table, connections);
	for (int good = 0; good <= 1; good++)
		json_array_foreach(list, i, process) add_connections(&table, process, good);
	cp_table_print(&table);
}

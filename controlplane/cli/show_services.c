// SPDX-License-Identifier: GPL-3.0-or-later
// All services, what is wrong first.
#include <string.h>

#include "cli/show.h"
#include "cli/show_times.h"
#include "cli/table.h"

// From the worst on.
static const char *const states[] = {"waiting", "unknown", "held", "on_air", "clear"};

enum { STATES = sizeof(states) / sizeof(states[0]) };

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

// A state that is not known here is worse than all.
static size_t rank(const json_t *service)
{
	size_t i = 0;

	while (i < STATES && strcmp(text_of(service, "state"), states[i]) != 0)
		i++;
	return (i + 1) % (STATES + 1);
}

static void add_service(struct cp_table *table, const json_t *service)
{
	const json_t *counters = json_object_get(service, "counters");

	cp_table_member(table, service, "state");
	cp_table_member(table, service, "name");
	cp_table_member(table, service, "program");
	cp_table_member(table, service, "group");
	cp_table_member(table, service, "algorithm");
	cp_table_member(table, counters, "in_pkts");
	cp_table_member(table, counters, "scrambled_pkts");
	cp_table_member(table, counters, "clear_pkts");
	cp_show_drops(table, service);
	cp_show_times(table, json_object_get(service, "delay"));
}

void cp_show_services(const json_t *list)
{
	static const char *const heads[] = {
		"STATE",   "SERVICE",        ">PROGRAM",   "GROUP",        "ALGORITHM",
		">IN pkt", ">SCRAMBLED pkt", ">CLEAR pkt", ">DROPPED pkt", CP_SHOW_TIMES_HEADS(">DELAY us p50"),
		NULL};
	size_t i, count[STATES + 1] = {0};
	struct cp_table table;
	json_t *service;

	cp_table_init(&table, heads);
	for (size_t r = 0; r <= STATES; r++)
		json_array_foreach(list, i, service)
		{
			if (rank(service) != r)
				continue;
			count[r]++;
			add_service(&table, service);
		}
	cp_table_print(&table);
	printf("%zu service%s", json_array_size(list), json_array_size(list) == 1 ? "" : "s");
	for (size_t r = 0, told = 0; r <= STATES; r++)
		if (count[r])
			printf("%s %zu %s", told++ ? "," : ":", count[r],
			       r ? states[r - 1] : "in a state not known here");
	putchar('\n');
}

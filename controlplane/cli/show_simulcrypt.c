// SPDX-License-Identifier: GPL-3.0-or-later
// The ends of SimulCrypt: ECMGs and EMM streams as bulkhead-control sees them, and every CAS.
#include <stdbool.h>
#include <string.h>

#include "cli/show.h"
#include "cli/table.h"

static void add_all(struct cp_table *table, const json_t *object, const char *const *keys)
{
	for (; *keys; keys++)
		cp_table_member(table, object, *keys);
}

static void add_sum(struct cp_table *table, const json_t *counts)
{
	json_int_t total = 0;
	const char *name;
	json_t *count;

	json_object_foreach((json_t *)counts, name, count) total += json_integer_value(count);
	cp_table_cell(table, "%" JSON_INTEGER_FORMAT, total);
}

static bool is_open(const json_t *object)
{
	const char *state = json_string_value(json_object_get(object, "state"));

	return state && strcmp(state, "open") == 0;
}

// What is not open first; the columns are `keys`, then messages out, in and malformed, and the last error.
static void print_dialogues(const json_t *list, const char *const *heads, const char *const *keys, const char *none)
{
	struct cp_table table;
	size_t i;
	json_t *object;

	cp_table_init(&table, heads);
	for (int open = 0; open <= 1; open++)
		json_array_foreach(list, i, object)
		{
			if (is_open(object) != open)
				continue;
			add_all(&table, object, keys);
			add_sum(&table, json_object_get(object, "sent"));
			add_sum(&table, json_object_get(object, "received"));
			cp_table_member(&table, object, "malformed");
			cp_table_member(&table, object, "last_error");
		}
	if (json_array_size(list))
		cp_table_print(&table);
	else
		puts(none);
}

void cp_show_ecmg(const json_t *list)
{
	static const char *const heads[] = {"STATE",     "ECMG",          "SUPER_CAS_ID", "PEER",       ">STREAMS",
					    ">CONNECTS", ">LEAD CW",      ">CW/MSG",      ">START ms",  ">STOP ms",
					    ">MSG SENT", ">MSG RECEIVED", ">MALFORMED",   "LAST ERROR", NULL};
	static const char *const keys[] = {"state",    "name",    "super_cas_id", "peer",           "streams",
					   "connects", "lead_cw", "cw_per_msg",   "delay_start_ms", "delay_stop_ms",
					   NULL};

	print_dialogues(list, heads, keys, "no ECMG is configured");
}

void cp_show_emmg(const json_t *list)
{
	static const char *const heads[] = {"STATE",         "EMM STREAM", "CLIENT_ID",     ">DATA_ID",
					    ">PID",          "PEER",       ">ASKED kbit/s", ">GRANTED kbit/s",
					    ">PACKETS",      ">DROPPED",   ">WAITING",      ">MSG SENT",
					    ">MSG RECEIVED", ">MALFORMED", "LAST ERROR",    NULL};
	static const char *const keys[] = {"state",   "name",    "client_id",      "data_id",
					   "pid",     "peer",    "bandwidth_kbps", "allocated_kbps",
					   "packets", "dropped", "waiting",        NULL};

	print_dialogues(list, heads, keys, "no EMM stream is configured");
}

static void add_cas(struct cp_table *table, const json_t *cas)
{
	const json_t *vault = json_object_get(cas, "vault"), *ecmg = json_object_get(cas, "ecmg");
	const json_t *emmg = json_object_get(cas, "emmg");
	bool up = json_is_true(json_object_get(cas, "up"));
	const char *name = json_string_value(json_object_get(cas, "name"));

	cp_table_cell(table, "%s", up ? "up" : "gone");
	cp_table_member(table, cas, name && *name ? "name" : "socket");
	cp_table_member(table, cas, "super_cas_id");
	cp_table_cell(table, "%s", !vault ? "-" : json_is_true(json_object_get(vault, "connected")) ? "yes" : "NO");
	cp_table_member(table, ecmg, "listening");
	cp_table_cell(table, "%zu", json_array_size(json_object_get(ecmg, "channels")));
	cp_table_member(table, ecmg, "ecms");
	cp_table_member(table, ecmg, "errors");
	cp_table_member(table, emmg, "state");
	cp_table_member(table, emmg, "peer");
	cp_table_member(table, emmg, "allocated_kbps");
	cp_table_member(table, emmg, "sections");
	cp_table_member(table, emmg, "queued");
	cp_table_member(table, up ? emmg : cas, up ? "last_error" : "error");
}

void cp_show_cas(const json_t *list)
{
	static const char *const heads[] = {"STATE",           "CAS",       "SUPER_CAS_ID", "VAULT",      "ECMG AT",
					    ">CHANNELS",       ">ECMS",     ">ERRORS",      "EMMG",       "MUX",
					    ">GRANTED kbit/s", ">SECTIONS", ">QUEUED",      "LAST ERROR", NULL};
	struct cp_table table;
	size_t i;
	json_t *cas;

	cp_table_init(&table, heads);
	for (int up = 0; up <= 1; up++)
		json_array_foreach(list, i, cas)
		{
			if (json_is_true(json_object_get(cas, "up")) == up)
				add_cas(&table, cas);
		}
	if (json_array_size(list))
		cp_table_print(&table);
	else
		puts("bulkhead-api was told of no CAS: start it with --cas SOCKET");
}

// SPDX-License-Identifier: GPL-3.0-or-later
// One service: its crypto-period, its PIDs with the policy of each, its ECMs, and what was counted.
#include "cli/show.h"
#include "cli/table.h"

static void print_facts(const json_t *service)
{
	static const char *const heads[] = {"STATE", "SERVICE", ">PROGRAM", ">PMT PID", "INPUT", "OUTPUT", NULL};
	struct cp_table table;

	cp_table_init(&table, heads);
	cp_table_member(&table, service, "state");
	cp_table_member(&table, service, "name");
	cp_table_member(&table, service, "program");
	cp_table_member(&table, service, "pmt_pid");
	cp_table_member(&table, service, "input");
	cp_table_member(&table, service, "output");
	cp_table_print(&table);
}

static void add_seconds(struct cp_table *table, const json_t *object, const char *key)
{
	const json_t *ms = json_object_get(object, key);

	if (json_is_number(ms))
		cp_table_cell(table, "%.3f", json_number_value(ms) / 1000);
	else
		cp_table_cell(table, "-");
}

static void print_group(const json_t *group)
{
	static const char *const heads[] = {
		"STATE",         "GROUP",         "ALGORITHM", ">CP NUMBER", ">CRYPTO-PERIOD s",
		">SINCE FLIP s", "NEXT IS THERE", ">EXTENDED", ">REFUSED",   NULL};
	struct cp_table table;

	cp_table_init(&table, heads);
	cp_table_member(&table, group, "state");
	cp_table_member(&table, group, "name");
	cp_table_member(&table, group, "algorithm");
	cp_table_member(&table, group, "cp_number");
	add_seconds(&table, group, "crypto_period_ms");
	add_seconds(&table, group, "since_flip_ms");
	cp_table_member(&table, group, "have_next");
	cp_table_member(&table, group, "extended");
	cp_table_member(&table, group, "refused");
	putchar('\n');
	cp_table_print(&table);
}

static void print_streams(const json_t *streams)
{
	static const char *const heads[] = {"STATE", ">PID", ">STREAM TYPE", "POLICY", NULL};
	struct cp_table table;
	size_t i;
	json_t *stream;

	cp_table_init(&table, heads);
	json_array_foreach(streams, i, stream)
	{
		cp_table_cell(&table, "%s", json_is_true(json_object_get(stream, "scrambled")) ? "scrambled" : "clear");
		cp_table_member(&table, stream, "pid");
		cp_table_cell(&table, "0x%02llx",
			      (unsigned long long)json_integer_value(json_object_get(stream, "stream_type")));
		cp_table_member(&table, stream, "policy");
	}
	putchar('\n');
	if (json_array_size(streams))
		cp_table_print(&table);
	else
		puts("no PMT of it was heard: no PID is known");
}

// The stream to the ECMG that serves an ECM PID.
static const json_t *ecm_of(const json_t *group, const json_t *ca)
{
	json_int_t pid = json_integer_value(json_object_get(ca, "ecm_pid"));
	size_t i;
	json_t *cas;

	json_array_foreach(json_object_get(group, "cas"), i, cas)
	{
		if (json_integer_value(json_object_get(cas, "ecm_pid")) == pid)
			return cas;
	}
	return NULL;
}

static void print_cas(const json_t *service, const json_t *group)
{
	static const char *const heads[] = {"STREAM",    "ECMG",        ">ECM PID",   ">CA SYSTEM",
					    ">REQUESTS", ">RESPONSES",  ">TIMEOUTS",  ">ERRORS",
					    ">LATE",     ">SLOWEST ms", "LAST ERROR", NULL};
	const json_t *list = json_object_get(service, "ca");
	struct cp_table table;
	size_t i;
	json_t *ca;

	cp_table_init(&table, heads);
	json_array_foreach(list, i, ca)
	{
		const json_t *ecm = ecm_of(group, ca);

		cp_table_member(&table, ecm, "stream");
		cp_table_member(&table, ecm, "ecmg");
		cp_table_member(&table, ca, "ecm_pid");
		cp_table_cell(&table, "0x%04llx",
			      (unsigned long long)json_integer_value(json_object_get(ca, "ca_system_id")));
		cp_table_member(&table, ecm, "requests");
		cp_table_member(&table, ecm, "responses");
		cp_table_member(&table, ecm, "timeouts");
		cp_table_member(&table, ecm, "errors");
		cp_table_member(&table, ecm, "late");
		cp_table_member(&table, ecm, "response_ms_max");
		cp_table_member(&table, ecm, "last_error");
	}
	if (json_array_size(list)) {
		putchar('\n');
		cp_table_print(&table);
	}
}

static void print_counts(const json_t *counts, const char *head)
{
	const char *const heads[] = {">COUNT", head, NULL};
	struct cp_table table;
	const char *name;
	json_t *count;

	cp_table_init(&table, heads);
	json_object_foreach((json_t *)counts, name, count)
	{
		cp_table_member(&table, counts, name);
		cp_table_cell(&table, "%s", name);
	}
	if (json_object_size(counts)) {
		putchar('\n');
		cp_table_print(&table);
	}
}

void cp_show_service(const json_t *service)
{
	const json_t *group = json_object_get(service, "scrambling_group");

	print_facts(service);
	if (group)
		print_group(group);
	print_streams(json_object_get(service, "streams"));
	print_cas(service, group);
	print_counts(json_object_get(service, "counters"), "OF");
	print_counts(json_object_get(service, "drops"), "DROPPED FOR");
}

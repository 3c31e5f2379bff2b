// SPDX-License-Identifier: GPL-3.0-or-later
// The machine: ports and workers of the dataplane.
#include "cli/show.h"
#include "cli/table.h"

void cp_show_ports(const json_t *list)
{
	static const char *const heads[] = {"STATE",         "PORT",          "DRIVER",
					    ">RX datagrams", ">TX datagrams", ">MISSED",
					    ">NO BUFFER",    ">ERRORS",       NULL};
	static const char *const losses[] = {"missed", "no_buffer", "errors"};
	struct cp_table table;
	size_t i;
	json_t *port;

	cp_table_init(&table, heads);
	json_array_foreach(list, i, port)
	{
		json_int_t lost = 0;

		for (size_t l = 0; l < 3; l++)
			lost += json_integer_value(json_object_get(port, losses[l]));
		cp_table_cell(&table, "%s", lost ? "lost" : "good");
		cp_table_member(&table, port, "name");
		cp_table_member(&table, port, "driver");
		cp_table_member(&table, port, "rx_datagrams");
		cp_table_member(&table, port, "tx_datagrams");
		for (size_t l = 0; l < 3; l++)
			cp_table_member(&table, port, losses[l]);
	}
	if (json_array_size(list))
		cp_table_print(&table);
	else
		puts("no port is known: bulkhead-control has no dataplane, or no report of it yet");
}

static void add_ratio(struct cp_table *table, double a, double b)
{
	if (b > 0)
		cp_table_cell(table, "%.1f", a / b);
	else
		cp_table_cell(table, "-");
}

static double number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static double ticks_of(const json_t *worker)
{
	double ticks = 0;
	const char *stage;
	json_t *count;

	json_object_foreach(json_object_get(worker, "stage_ticks"), stage, count) ticks += json_number_value(count);
	return ticks;
}

// A poll loop is always busy: what a packet costs is told, not how busy the loop is.
void cp_show_workers(const json_t *list)
{
	static const char *const heads[] = {
		">WORKER", ">CORE", ">PACKETS", ">ns/PACKET", ">LANES/BATCH", ">KEYS/BATCH", ">HANDED OVER datagrams",
		NULL};
	struct cp_table table;
	size_t i;
	json_t *worker;

	cp_table_init(&table, heads);
	json_array_foreach(list, i, worker)
	{
		cp_table_member(&table, worker, "worker");
		cp_table_member(&table, worker, "core");
		cp_table_member(&table, worker, "ts_pkts");
		add_ratio(&table, ticks_of(worker) * 1e9, number(worker, "ts_pkts") * number(worker, "tsc_hz"));
		add_ratio(&table, number(worker, "lanes"), number(worker, "batches"));
		add_ratio(&table, number(worker, "keys"), number(worker, "batches"));
		cp_table_member(&table, worker, "handed_over");
	}
	if (json_array_size(list))
		cp_table_print(&table);
	else
		puts("no worker is known: bulkhead-control has no dataplane, or no report of it yet");
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The machine: ports and workers of the dataplane.
#include "cli/show.h"
#include "cli/show_times.h"
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

static void add_percent(struct cp_table *table, const json_t *percent)
{
	if (json_is_number(percent))
		cp_table_cell(table, "%.1f", json_number_value(percent));
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

static double sum(const json_t *counts, size_t from, size_t to)
{
	double all = 0;

	for (size_t i = from; i < to && i < json_array_size(counts); i++)
		all += json_number_value(json_array_get(counts, i));
	return all;
}

// Batches of the steps from..to-1, of all.
static void add_share(struct cp_table *table, const json_t *counts, size_t from, size_t to)
{
	double all = sum(counts, 0, json_array_size(counts));

	if (all > 0)
		cp_table_cell(table, "%.1f", 100 * sum(counts, from, to) / all);
	else
		cp_table_cell(table, "-");
}

// How full batches were, by quarters, and how many keys they mixed.
static void show_batches(const json_t *list)
{
	static const char *const heads[] = {">WORKER",  "ALGORITHM", "CIPHER",    "ISA",        ">BATCHES",
					    ">LANES",   ">% TO 1/4", ">% TO 1/2", ">% TO 3/4",  ">% TO FULL",
					    ">% 1 KEY", ">% 2-16",   ">% 17-128", ">% 129-512", NULL};
	static const size_t fills[] = {0, 4, 8, 12, 16}, keys[] = {0, 1, 5, 8, 10};
	struct cp_table table;
	const char *algorithm;
	size_t i;
	json_t *worker, *batches;

	cp_table_init(&table, heads);
	json_array_foreach(list, i, worker)
	{
		json_object_foreach(json_object_get(worker, "batches_of"), algorithm, batches)
		{
			const json_t *fill = json_object_get(batches, "fill_16ths");

			cp_table_member(&table, worker, "worker");
			cp_table_cell(&table, "%s", algorithm);
			cp_table_member(&table, batches, "name");
			cp_table_member(&table, batches, "isa");
			cp_table_cell(&table, "%.0f", sum(fill, 0, json_array_size(fill)));
			cp_table_member(&table, batches, "full_lanes");
			for (size_t k = 0; k < 4; k++)
				add_share(&table, fill, fills[k], fills[k + 1]);
			for (size_t k = 0; k < 4; k++)
				add_share(&table, json_object_get(batches, "keys_log2"), keys[k], keys[k + 1]);
		}
	}
	if (table.cells_n) {
		putchar('\n');
		cp_table_print(&table);
	}
}

// A poll loop is always busy: what a packet costs and the load are told, not how busy the loop is.
void cp_show_workers(const json_t *list)
{
	static const char *const heads[] = {">WORKER",     ">CORE",
					    ">LOAD %",     ">PACKETS",
					    ">ns/PACKET",  ">LANES/BATCH",
					    ">KEYS/BATCH", ">HANDED OVER datagrams",
					    ">DROPPED",    CP_SHOW_TIMES_HEADS(">DELAY us p50"),
					    NULL};
	struct cp_table table;
	size_t i;
	json_t *worker;

	cp_table_init(&table, heads);
	json_array_foreach(list, i, worker)
	{
		cp_table_member(&table, worker, "worker");
		cp_table_member(&table, worker, "core");
		add_percent(&table, json_object_get(worker, "load_percent"));
		cp_table_member(&table, worker, "ts_pkts");
		add_ratio(&table, ticks_of(worker) * 1e9, number(worker, "ts_pkts") * number(worker, "tsc_hz"));
		add_ratio(&table, number(worker, "lanes"), number(worker, "batches"));
		add_ratio(&table, number(worker, "keys"), number(worker, "batches"));
		cp_table_member(&table, worker, "handed_over");
		cp_show_drops(&table, worker);
		cp_show_times(&table, json_object_get(worker, "delay"));
	}
	if (json_array_size(list)) {
		cp_table_print(&table);
		show_batches(list);
	} else {
		puts("no worker is known: bulkhead-control has no dataplane, or no report of it yet");
	}
}

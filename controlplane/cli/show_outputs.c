// SPDX-License-Identifier: GPL-3.0-or-later
// Outputs of the dataplane: what leaves, and how evenly.
#include "cli/show.h"
#include "cli/show_times.h"
#include "cli/table.h"

static void add_smoothed(struct cp_table *table, const json_t *jitter)
{
	const json_t *us = json_object_get(jitter, "smoothed_us");

	if (json_is_number(us))
		cp_table_cell(table, "%.1f", json_number_value(us));
	else
		cp_table_cell(table, "-");
}

void cp_show_outputs(const json_t *list)
{
	static const char *const heads[] = {"OUTPUT",    ">DATAGRAMS",
					    ">PACKETS",  ">NULL",
					    ">PSI",      ">ECM",
					    ">EMM",      ">CLOSED LATE",
					    ">DROPPED",  CP_SHOW_TIMES_HEADS(">JITTER us p50"),
					    ">SMOOTHED", NULL};
	static const char *const counts[] = {"datagrams", "out_pkts", "null_pkts",       "psi_pkts",
					     "ecm_pkts",  "emm_pkts", "deadline_closes", NULL};
	struct cp_table table;
	size_t i;
	json_t *output;

	cp_table_init(&table, heads);
	json_array_foreach(list, i, output)
	{
		const json_t *jitter = json_object_get(output, "jitter");

		cp_table_member(&table, output, "name");
		for (size_t k = 0; counts[k]; k++)
			cp_table_member(&table, output, counts[k]);
		cp_show_drops(&table, output);
		cp_show_times(&table, jitter);
		add_smoothed(&table, jitter);
	}
	if (json_array_size(list))
		cp_table_print(&table);
	else
		puts("no output is known: bulkhead-control has no dataplane, or no report of it yet");
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Inputs of the dataplane: what comes, and from whom.
#include "cli/show.h"
#include "cli/show_times.h"
#include "cli/table.h"

void cp_show_inputs(const json_t *list)
{
	static const char *const heads[] = {"INPUT",           ">WORKER",      "SOURCE",    ">DATAGRAMS",
					    ">PACKETS",        ">NULL",        ">RTP GAPS", ">RTP LATE",
					    ">SOURCE CHANGES", ">PAT CHANGES", ">DROPPED",  NULL};
	static const char *const members[] = {"name",           "worker",      "source",   "datagrams",
					      "in_pkts",        "null_pkts",   "rtp_gaps", "rtp_late",
					      "source_changes", "pat_changes", NULL};
	struct cp_table table;
	size_t i;
	json_t *input;

	cp_table_init(&table, heads);
	json_array_foreach(list, i, input)
	{
		for (size_t k = 0; members[k]; k++)
			cp_table_member(&table, input, members[k]);
		cp_show_drops(&table, input);
	}
	if (json_array_size(list))
		cp_table_print(&table);
	else
		puts("no input is known: bulkhead-control has no dataplane, or no report of it yet");
}

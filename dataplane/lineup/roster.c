// SPDX-License-Identifier: GPL-3.0-or-later
// What each worker looks after, so that a line-up of a thousand services costs it its own and no more.
#include <errno.h>
#include <stdlib.h>

#include "lineup/lineup.h"

int dp_roster_init(struct dp_roster *roster, const struct dp_lineup *lineup)
{
	*roster = (struct dp_roster){.group = calloc(lineup->groups + 1, sizeof(struct dp_group *)),
				     .output = calloc(lineup->outputs + 1, sizeof(struct dp_output *))};
	if (roster->group && roster->output)
		return 0;
	dp_roster_fini(roster);
	return -ENOMEM;
}

void dp_roster_fini(struct dp_roster *roster)
{
	free(roster->group);
	free(roster->output);
	*roster = (struct dp_roster){0};
}

// An output that no service uses belongs to nobody, and neither does what comes from an input that goes.
void dp_roster_fill(struct dp_roster *roster, const struct dp_lineup *lineup, unsigned worker)
{
	roster->groups = roster->outputs = 0;
	for (unsigned i = 0; i < lineup->groups; i++)
		if (!dp_group_free(&lineup->group[i]) && lineup->group[i].worker == worker)
			roster->group[roster->groups++] = &lineup->group[i];
	for (unsigned i = 0; i < lineup->outputs; i++) {
		struct dp_output *output = &lineup->output[i];

		if (output->conf && output->input && output->input->worker == worker)
			roster->output[roster->outputs++] = output;
	}
}

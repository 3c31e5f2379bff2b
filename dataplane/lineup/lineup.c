// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/lineup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena/room.h"
#include "lineup/keys.h"
#include "lineup/wire.h"

int dp_lineup_open(struct dp_lineup *lineup, const struct dp_conf *conf, unsigned places)
{
	const struct dp_conf_capacity room = dp_conf_capacity(conf);

	*lineup = (struct dp_lineup){.capacity = room,
				     .inputs = places * room.inputs,
				     .outputs = places * room.outputs,
				     .services = places * room.services,
				     .groups = places * room.groups,
				     .emms = places * room.emms};
	lineup->input = dp_room_take((lineup->inputs + 1) * sizeof(*lineup->input));
	lineup->output = dp_room_take((lineup->outputs + 1) * sizeof(*lineup->output));
	lineup->service = dp_room_take((lineup->services + 1) * sizeof(*lineup->service));
	lineup->group = dp_room_take((lineup->groups + 1) * sizeof(*lineup->group));
	lineup->emm = dp_room_take((lineup->emms + 1) * sizeof(*lineup->emm));
	if (lineup->input && lineup->output && lineup->service && lineup->group && lineup->emm)
		return 0;
	dp_lineup_fini(lineup);
	return -ENOMEM;
}

void dp_lineup_fini(struct dp_lineup *lineup)
{
	for (unsigned i = 0; lineup->input && i < lineup->inputs; i++) {
		free((void *)lineup->input[i].conf);
		free(lineup->input[i].service);
		free(lineup->input[i].output);
	}
	for (unsigned i = 0; lineup->output && i < lineup->outputs; i++) {
		free((void *)lineup->output[i].conf);
		free(lineup->output[i].emm);
	}
	for (unsigned i = 0; lineup->service && i < lineup->services; i++)
		free((void *)lineup->service[i].conf);
	for (unsigned i = 0; lineup->group && i < lineup->groups; i++)
		free(lineup->group[i].output);
	for (unsigned i = 0; lineup->emm && i < lineup->emms; i++) {
		free((void *)lineup->emm[i].conf);
		dp_queue_fini(&lineup->emm[i].queue);
	}
	free(lineup->input);
	free(lineup->output);
	free(lineup->service);
	free(lineup->group);
	free(lineup->emm);
	*lineup = (struct dp_lineup){0};
}

// Everything comes, so nothing is left to a worker.
static int fill(struct dp_lineup *lineup, const struct dp_conf *conf, struct base_errs *errs)
{
	struct dp_change change[DP_CONF_WORKERS_MAX] = {0};
	struct dp_diff *diff = calloc(1, sizeof(*diff));
	struct dp_wires *wires = calloc(1, sizeof(*wires));
	struct dp_assign assign;
	int rc = diff && wires ? dp_diff_make(diff, lineup, conf, errs) : -ENOMEM;

	if (!rc) {
		rc = dp_wires_make(wires, lineup, diff, conf, NULL);
		if (rc) {
			dp_wires_drop(wires, lineup, diff);
		} else {
			dp_assign_make(&assign, lineup, diff, conf);
			dp_wires_settle(wires, lineup, diff, conf, &assign, NULL, change);
			dp_wires_finish(wires, lineup, diff);
		}
	}
	free(wires);
	free(diff);
	return rc;
}

int dp_lineup_init(struct dp_lineup *lineup, const struct dp_conf *conf, const struct dp_keyfile *keyfile,
		   struct base_errs *errs)
{
	int rc = keyfile ? dp_keys_check(conf, keyfile, errs) : 0;

	*lineup = (struct dp_lineup){0};
	if (!rc)
		rc = dp_lineup_open(lineup, conf, 1);
	if (!rc)
		rc = fill(lineup, conf, errs);
	if (rc)
		dp_lineup_fini(lineup);
	else if (keyfile)
		dp_keys_find(lineup, keyfile);
	return rc;
}

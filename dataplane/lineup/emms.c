// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/emms.h"

#include <errno.h>
#include <stdlib.h>

#include "lineup/lineup.h"

static bool in_set(const struct dp_conf_emm *conf, unsigned output)
{
	return conf->output_set[output / 8] >> (output & 7) & 1;
}

// An output that no service uses has no worker, and sends nothing.
static bool sends(const struct dp_lineup *lineup, const struct dp_conf_emm *conf, unsigned output)
{
	return in_set(conf, output) && lineup->output[output].input;
}

static int connect(struct dp_lineup *lineup, struct dp_emm *emm)
{
	const struct dp_conf_emm *conf = emm->conf;
	unsigned cursors = 0;

	for (unsigned i = 0; i < lineup->outputs; i++)
		cursors += sends(lineup, conf, i);
	int rc = dp_queue_init(&emm->queue, conf->pid, conf->rate_kbps, cursors);

	cursors = 0;
	for (unsigned i = 0; i < lineup->outputs && !rc; i++) {
		struct dp_output *output = &lineup->output[i];

		if (!sends(lineup, conf, i))
			continue;
		if (!output->emm)
			output->emm = calloc(lineup->emms, sizeof(*output->emm));
		if (!output->emm)
			return -ENOMEM;
		output->emm[output->emms++] = (struct dp_output_emm){.conf = conf,
								     .queue = &emm->queue,
								     .cursor = &emm->queue.cursor[cursors++]};
		if (output->pace)
			output->pace->paces_emms = true;
	}
	return rc;
}

int dp_lineup_connect_emms(struct dp_lineup *lineup, const struct dp_conf *conf)
{
	int rc = 0;

	for (unsigned i = 0; i < conf->emms && !rc; i++) {
		lineup->emm[i].conf = &conf->emm[i];
		rc = connect(lineup, &lineup->emm[i]);
	}
	return rc;
}

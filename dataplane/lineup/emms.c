// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/emms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool in_set(const struct dp_conf_emm *conf, unsigned output)
{
	return conf->output_set[output / 8] >> (output & 7) & 1;
}

static struct dp_queue_cursor *cursor_in(const struct dp_output_emm *list, unsigned n, const struct dp_queue *queue)
{
	for (unsigned i = 0; i < n; i++)
		if (list[i].queue == queue)
			return list[i].cursor;
	return NULL;
}

// The stream's configuration and queue are at home in its place; those of one that comes are made here first.
static int make_queue(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_conf_emm *wanted,
		      unsigned place)
{
	wires->emm_conf[place] = malloc(sizeof(*wanted));
	if (!wires->emm_conf[place])
		return -ENOMEM;
	*wires->emm_conf[place] = *wanted;
	return dp_queue_init(&lineup->emm[place].queue, wanted->pid, wanted->rate_kbps, 0);
}

// An output that no service uses has no worker, and sends nothing.
static int add(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_conf_emm *conf, unsigned place,
	       unsigned output, unsigned streams)
{
	struct dp_wire_output *wire = &wires->output[output];
	const struct dp_output *present = &lineup->output[output];
	struct dp_queue *queue = &lineup->emm[place].queue;

	if (!wire->input)
		return 0;
	if (!wire->emm)
		wire->emm = calloc(streams, sizeof(*wire->emm));
	if (!wire->emm)
		return -ENOMEM;
	struct dp_queue_cursor *cursor = cursor_in(present->emm, present->emms, queue);

	if (!cursor)
		cursor = dp_queue_join(queue);
	if (!cursor)
		return -ENOMEM;
	wire->emm[wire->emms++] = (struct dp_output_emm){.conf = conf, .queue = queue, .cursor = cursor};
	if (wire->pace)
		wires->group[wire->pace - lineup->group].paces_emms = true;
	return 0;
}

int dp_emms_connect(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		    const struct dp_conf *conf)
{
	int rc = 0;

	for (unsigned i = 0; i < conf->emms && !rc; i++) {
		unsigned place = diff->emm[i];
		bool comes = diff->emm_fate[place] == DP_FATE_COMES;

		if (comes)
			rc = make_queue(wires, lineup, &conf->emm[i], place);
		const struct dp_conf_emm *mine = comes ? wires->emm_conf[place] : lineup->emm[place].conf;

		for (unsigned k = 0; k < conf->outputs && !rc; k++)
			if (in_set(&conf->emm[i], k))
				rc = add(wires, lineup, mine, place, diff->output[k], conf->emms);
	}
	return rc;
}

void dp_emms_begin(struct dp_wires *wires, struct dp_lineup *lineup, unsigned place)
{
	lineup->emm[place].conf = wires->emm_conf[place];
	lineup->emm[place].dropped = 0;
	wires->emm_conf[place] = NULL;
}

void dp_emms_end(struct dp_lineup *lineup, unsigned place)
{
	dp_queue_fini(&lineup->emm[place].queue);
	free((void *)lineup->emm[place].conf);
	lineup->emm[place] = (struct dp_emm){0};
}

void dp_emms_part(struct dp_lineup *lineup, const struct dp_diff *diff, const struct dp_output_emm *list, unsigned n,
		  const struct dp_output_emm *kept, unsigned kept_n)
{
	for (unsigned e = 0; e < lineup->emms; e++) {
		struct dp_queue *queue = &lineup->emm[e].queue;
		struct dp_queue_cursor *cursor = cursor_in(list, n, queue);

		if (cursor && diff->emm_fate[e] == DP_FATE_STAYS && !cursor_in(kept, kept_n, queue))
			dp_queue_part(queue, cursor);
	}
}

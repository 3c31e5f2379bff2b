// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void cp_bundle_drop(struct cp_bundle *bundle)
{
	free(bundle->section);
	*bundle = (struct cp_bundle){0};
}

int cp_bundle_make(struct cp_bundle *bundle, const struct cp_stream *stream, uint16_t cp, const uint8_t *section,
		   size_t n)
{
	const struct cp_channel_values *values = &stream->channel->values;

	cp_bundle_drop(bundle);
	if (n) {
		bundle->section = malloc(n);
		if (!bundle->section)
			return -ENOMEM;
		memcpy(bundle->section, section, n);
		bundle->section_bytes = (uint16_t)n;
	}
	bundle->have = true;
	bundle->cp = cp;
	bundle->cws = (uint8_t)cp_window_promised(&values->window);
	bundle->alike = (uint8_t)cp_store_alike(stream->channel->store, stream->group, cp, bundle->cws);
	bundle->repetition_ms = values->ecm_rep_period_ms;
	bundle->start_ms = values->delay_start_ms;
	bundle->first_start_ms = values->transition_delay_start_ms;
	bundle->stop_ms = values->delay_stop_ms;
	bundle->duration_ms = cp_stream_period_ms(stream);
	return 0;
}

// An ECM that starts after its period does so because the one before holds its word already. Where that one does not,
// as at the beginning, the transition's delay holds.
static int32_t start_of(const struct cp_bundle *bundle, const struct cp_group_air *air)
{
	if (!air->running || (bundle->start_ms > 0 && bundle->cws > 1 && air->cws == 1))
		return bundle->first_start_ms;
	return bundle->start_ms;
}

// The end of the period on air in media time, when both its beginning and its length are known; else 0.
static uint64_t flip_of(const struct cp_group *group)
{
	const struct cp_group_air *air = &group->air;

	if (!air->running || !air->started_27mhz || !group->current.have)
		return 0;
	return air->started_27mhz + (uint64_t)group->current.duration_ms * DP_MSG_27MHZ_PER_MS;
}

int cp_bundle_write(struct dp_msg_period *out, const struct cp_bundle *bundle, const struct cp_group *group,
		    const struct cp_store *store)
{
	memset(out, 0, sizeof(*out));
	if (!cp_store_get(store, group->place, bundle->cp))
		return -ENOENT;
	const struct cp_algorithm_facts *algorithm =
		&cp_algorithm_facts[cp_store_algorithm(store, group->place, bundle->cp)];

	out->head = (struct dp_msg_head){.type = DP_MSG_PERIOD, .bytes = sizeof(*out)};
	out->group = (uint16_t)group->index;
	out->cp_number = bundle->cp;
	out->cw_bytes = algorithm->cw_bytes;
	out->cws = bundle->alike;
	out->scrambling_mode = algorithm->scrambling_mode;
	out->flip_27mhz = flip_of(group);
	out->duration_27mhz = (uint64_t)bundle->duration_ms * DP_MSG_27MHZ_PER_MS;
	for (unsigned i = 0; i < bundle->alike; i++) {
		const uint8_t *cw = cp_store_get(store, group->place, (uint16_t)(bundle->cp + i));

		if (!cw)
			return -ENOENT;
		memcpy(out->cw[i], cw, algorithm->cw_bytes);
	}
	out->ecms = 1;
	out->ecm[0].pid = group->conf->cas.ecm_pid;
	out->ecm[0].bytes = bundle->section_bytes;
	out->ecm[0].repetition_ms = bundle->repetition_ms;
	out->ecm[0].start_ms = start_of(bundle, &group->air);
	out->ecm[0].stop_ms = bundle->stop_ms;
	if (group->conf->cas.leaving_pid) { // the same ECM on both PIDs
		out->ecm[out->ecms] = out->ecm[0];
		out->ecm[out->ecms++].pid = group->conf->cas.leaving_pid;
	}
	if (bundle->section)
		memcpy(out->pool, bundle->section, bundle->section_bytes);
	return 0;
}

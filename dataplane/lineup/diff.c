// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/diff.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// Equal strings behind which other bytes may stand.
static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool same_input(const struct dp_conf_input *a, const struct dp_conf_input *b)
{
	return a->port == b->port && a->group == b->group && a->udp_port == b->udp_port && a->source == b->source &&
	       a->vlan == b->vlan && a->encapsulation == b->encapsulation;
}

static bool same_output(const struct dp_conf_output *a, const struct dp_conf_output *b)
{
	return a->port == b->port && a->group == b->group && a->udp_port == b->udp_port && a->source == b->source &&
	       a->source_udp_port == b->source_udp_port && a->vlan == b->vlan && a->ttl == b->ttl &&
	       a->dscp == b->dscp && a->deadline_us == b->deadline_us && a->short_datagrams == b->short_datagrams;
}

static bool same_ca(const struct dp_conf_ca *a, const struct dp_conf_ca *b)
{
	return a->ca_system_id == b->ca_system_id && a->ecm_pid == b->ecm_pid && a->private_n == b->private_n &&
	       memcmp(a->private_bytes, b->private_bytes, a->private_n) == 0;
}

static bool same_transform(const struct dp_conf_service *a, const struct dp_conf_service *b)
{
	if (a->keep_input_ca != b->keep_input_ca || a->clear_teletext != b->clear_teletext ||
	    a->clear_subtitles != b->clear_subtitles || a->algorithm != b->algorithm || a->ca_n != b->ca_n)
		return false;
	for (unsigned i = 0; i < a->ca_n; i++)
		if (!same_ca(&a->ca[i], &b->ca[i]))
			return false;
	return true;
}

static bool same_emm(const struct dp_conf_emm *a, const struct dp_conf_emm *b)
{
	return a->pid == b->pid && a->ca_system_id == b->ca_system_id && a->rate_kbps == b->rate_kbps &&
	       a->private_n == b->private_n && memcmp(a->private_bytes, b->private_bytes, a->private_n) == 0;
}

// The lists of a line-up as a row of names each: one way to look for a namesake, for a free place, and to say that
// there is none.
struct row {
	const char *list;
	unsigned places, capacity;
	uint8_t *fate;
	const char *(*name)(const struct dp_lineup *lineup, unsigned place); // NULL: free
	unsigned turn; // where the next search begins: names come mostly in the order of the places
};

#define NAME_OF(kind)                                                                    \
	static const char *kind##_name(const struct dp_lineup *lineup, unsigned place)   \
	{                                                                                \
		return lineup->kind[place].conf ? lineup->kind[place].conf->name : NULL; \
	}
NAME_OF(input)
NAME_OF(output)
NAME_OF(service)
NAME_OF(emm)

static const char *group_name(const struct dp_lineup *lineup, unsigned place)
{
	return dp_group_free(&lineup->group[place]) ? NULL : lineup->group[place].name;
}

// Nothing of what is there is wanted, until it is found to be.
static struct row row_of(const struct dp_lineup *lineup, const char *list, unsigned places, unsigned capacity,
			 uint8_t *fate, const char *(*name)(const struct dp_lineup *lineup, unsigned place))
{
	for (unsigned i = 0; i < places; i++)
		fate[i] = name(lineup, i) ? DP_FATE_GOES : DP_FATE_FREE;
	return (struct row){list, places, capacity, fate, name, 0};
}

static unsigned find(struct row *row, const struct dp_lineup *lineup, const char *name)
{
	for (unsigned i = 0; i < row->places; i++) {
		unsigned place = (row->turn + i) % row->places;
		const char *there = row->name(lineup, place);

		if (!there || !same(there, name))
			continue;
		row->turn = place + 1;
		return place;
	}
	return DP_DIFF_NONE;
}

static unsigned find_free(const struct row *row)
{
	for (unsigned i = 0; i < row->places; i++)
		if (row->fate[i] == DP_FATE_FREE)
			return i;
	return DP_DIFF_NONE;
}

// Gives the `index`th wanted object a place: its namesake's unless that goes, otherwise a free one.
static unsigned settle(struct row *row, unsigned index, const char *name, unsigned namesake, enum dp_fate fate,
		       struct base_errs *errs)
{
	unsigned place = fate == DP_FATE_COMES ? find_free(row) : namesake;
	char where[64];

	if (place != DP_DIFF_NONE) {
		row->fate[place] = (uint8_t)fate;
		return place;
	}
	snprintf(where, sizeof(where), "/%s/%u", row->list, index);
	base_errs_add(errs, where, "no room for \"%s\": %u were allocated at the start, see /capacity", name,
		      row->capacity);
	return DP_DIFF_NONE;
}

static bool too_many(const struct row *row, unsigned n, const char *first, struct base_errs *errs)
{
	char where[64];

	if (n <= row->capacity)
		return false;
	snprintf(where, sizeof(where), "/%s/%u", row->list, row->capacity);
	base_errs_add(errs, where, "no room for \"%s\": %u are wanted, %u were allocated at the start, see /capacity",
		      first, n, row->capacity);
	return true;
}

static void place_inputs(struct dp_diff *diff, struct row *row, const struct dp_lineup *lineup,
			 const struct dp_conf *conf, struct base_errs *errs)
{
	if (too_many(row, conf->inputs, conf->input[row->capacity % DP_CONF_INPUTS_MAX].name, errs))
		return;
	for (unsigned i = 0; i < conf->inputs; i++) {
		const struct dp_conf_input *wanted = &conf->input[i];
		unsigned at = find(row, lineup, wanted->name);
		bool stays = at != DP_DIFF_NONE && same_input(lineup->input[at].conf, wanted);

		diff->input[i] = settle(row, i, wanted->name, at, stays ? DP_FATE_STAYS : DP_FATE_COMES, errs);
	}
}

static void place_outputs(struct dp_diff *diff, struct row *row, const struct dp_lineup *lineup,
			  const struct dp_conf *conf, struct base_errs *errs)
{
	if (too_many(row, conf->outputs, conf->output[row->capacity % DP_CONF_OUTPUTS_MAX].name, errs))
		return;
	for (unsigned i = 0; i < conf->outputs; i++) {
		const struct dp_conf_output *wanted = &conf->output[i];
		unsigned at = find(row, lineup, wanted->name);
		enum dp_fate fate = at == DP_DIFF_NONE                             ? DP_FATE_COMES
				    : same_output(lineup->output[at].conf, wanted) ? DP_FATE_STAYS
										   : DP_FATE_CHANGES;

		diff->output[i] = settle(row, i, wanted->name, at, fate, errs);
	}
}

// The groups come with the services that name them.
static void place_groups(struct dp_diff *diff, struct row *row, const struct dp_lineup *lineup,
			 const struct dp_conf *conf, struct base_errs *errs)
{
	unsigned groups = 0;

	for (unsigned i = 0; i < conf->services; i++) {
		const struct dp_conf_service *wanted = &conf->service[i];
		unsigned at = DP_DIFF_NONE;

		diff->group[i] = DP_DIFF_NONE;
		if (wanted->clear_service)
			continue;
		for (unsigned k = i; k-- > 0 && at == DP_DIFF_NONE;)
			if (!conf->service[k].clear_service && same(conf->service[k].group, wanted->group))
				at = diff->group[k];
		if (at != DP_DIFF_NONE) {
			diff->group[i] = at;
			continue;
		}
		groups++;
		if (groups > row->capacity) {
			too_many(row, groups, wanted->group, errs);
			return;
		}
		at = find(row, lineup, wanted->group);
		diff->group[i] =
			settle(row, i, wanted->group, at, at == DP_DIFF_NONE ? DP_FATE_COMES : DP_FATE_STAYS, errs);
	}
}

// True when a service keeps its state: it is the same programme of the same input, in the same output, and scrambled by
// the same group.
static bool keeps_state(const struct dp_diff *diff, const struct dp_lineup *lineup, const struct dp_service *service,
			const struct dp_conf_service *wanted, unsigned group)
{
	unsigned input = diff->input[wanted->input], output = diff->output[wanted->output];

	return input != DP_DIFF_NONE && output != DP_DIFF_NONE && service->input == &lineup->input[input] &&
	       service->output == &lineup->output[output] &&
	       service->group == (group == DP_DIFF_NONE ? NULL : &lineup->group[group]) &&
	       service->conf->program_number == wanted->program_number &&
	       service->conf->clear_service == wanted->clear_service;
}

static void place_services(struct dp_diff *diff, struct row *row, const struct dp_lineup *lineup,
			   const struct dp_conf *conf, struct base_errs *errs)
{
	if (too_many(row, conf->services, conf->service[row->capacity % DP_CONF_SERVICES_MAX].name, errs))
		return;
	for (unsigned i = 0; i < conf->services; i++) {
		const struct dp_conf_service *wanted = &conf->service[i];
		unsigned at = find(row, lineup, wanted->name);
		const struct dp_service *there = at == DP_DIFF_NONE ? NULL : &lineup->service[at];
		enum dp_fate fate = !there || !keeps_state(diff, lineup, there, wanted, diff->group[i]) ? DP_FATE_COMES
				    : same_transform(there->conf, wanted)                               ? DP_FATE_STAYS
									  : DP_FATE_CHANGES;

		diff->service[i] = settle(row, i, wanted->name, at, fate, errs);
	}
}

static void place_emms(struct dp_diff *diff, struct row *row, const struct dp_lineup *lineup,
		       const struct dp_conf *conf, struct base_errs *errs)
{
	if (too_many(row, conf->emms, conf->emm[row->capacity % DP_CONF_EMMS_MAX].name, errs))
		return;
	for (unsigned i = 0; i < conf->emms; i++) {
		const struct dp_conf_emm *wanted = &conf->emm[i];
		unsigned at = find(row, lineup, wanted->name);
		bool stays = at != DP_DIFF_NONE && same_emm(lineup->emm[at].conf, wanted);

		diff->emm[i] = settle(row, i, wanted->name, at, stays ? DP_FATE_STAYS : DP_FATE_COMES, errs);
	}
}

int dp_diff_make(struct dp_diff *diff, const struct dp_lineup *lineup, const struct dp_conf *conf,
		 struct base_errs *errs)
{
	const struct dp_conf_capacity *room = &lineup->capacity;
	size_t before = errs->count + errs->lost;
	struct row inputs = row_of(lineup, "inputs", lineup->inputs, room->inputs, diff->input_fate, input_name);
	struct row outputs = row_of(lineup, "outputs", lineup->outputs, room->outputs, diff->output_fate, output_name);
	struct row groups = row_of(lineup, "groups", lineup->groups, room->groups, diff->group_fate, group_name);
	struct row services =
		row_of(lineup, "services", lineup->services, room->services, diff->service_fate, service_name);
	struct row emms = row_of(lineup, "emm_streams", lineup->emms, room->emms, diff->emm_fate, emm_name);

	place_inputs(diff, &inputs, lineup, conf, errs);
	place_outputs(diff, &outputs, lineup, conf, errs);
	place_groups(diff, &groups, lineup, conf, errs);
	place_emms(diff, &emms, lineup, conf, errs);
	if (errs->count + errs->lost == before)
		place_services(diff, &services, lineup, conf, errs);
	return errs->count + errs->lost == before ? 0 : -ENOSPC;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What a controller says while its line-up is on air.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <base_log.h>
#include <ts_packet.h>

#include "link/dialogue.h"
#include "link/range.h"
#include "plant.h"

// True when a service of the group has its ECMs on this PID.
static bool is_ecm_pid(const struct dp_dialogue *dialogue, const struct dp_group *group, uint16_t pid)
{
	for (unsigned i = 0; i < dialogue->air->services; i++) {
		const struct dp_conf_service *service = &dialogue->air->service[i];

		if (dialogue->plant->lineup.service[i].group != group)
			continue;
		for (unsigned c = 0; c < service->ca_n; c++)
			if (service->ca[c].ecm_pid == pid)
				return true;
	}
	return false;
}

// What is wrong with a period for its group, or NULL.
static const char *misfit(const struct dp_dialogue *dialogue, const struct dp_group *group,
			  const struct dp_msg_period *period)
{
	enum dp_algorithm algorithm = dp_algorithm_of_mode(period->scrambling_mode);

	if (algorithm == DP_ALGORITHMS)
		return "a scrambling_mode that there is not";
	if (period->cw_bytes != dp_algorithm[algorithm].cw_bytes)
		return "control words of another length than the algorithm takes";
	for (unsigned i = 0; i < period->ecms; i++) {
		if (!is_ecm_pid(dialogue, group, period->ecm[i].pid))
			return "an ECM on a PID that no service of the group names";
		for (unsigned k = 0; k < i; k++)
			if (period->ecm[i].pid == period->ecm[k].pid)
				return "two ECMs on one PID";
	}
	return NULL;
}

// The indexes of a message: those of the line-up taken last, or of the one before. NULL for any other.
static const struct dp_index *index_of(struct dp_dialogue *dialogue, uint32_t serial, const char *what)
{
	if (serial && serial == dialogue->index.serial)
		return &dialogue->index;
	if (serial && serial == dialogue->older.serial)
		return &dialogue->older;
	snprintf(dialogue->why, sizeof(dialogue->why), "%s: of line-up %u; the last ones taken are %u and %u", what,
		 serial, dialogue->index.serial, dialogue->older.serial);
	return NULL;
}

int dp_dialogue_period(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	const struct dp_msg_period *period = &message->period;

	const struct dp_index *indexes = index_of(dialogue, period->lineup, "PERIOD");

	if (!indexes || !dp_range_period(period, indexes->groups, dialogue->why))
		return -EPROTO;
	unsigned index = indexes->group[period->group];
	const struct dp_group *group = &dialogue->plant->lineup.group[index];
	const char *what = misfit(dialogue, group, period);
	int rc = what ? -EINVAL : dp_controlled_period(&dialogue->plant->controlled, index, period);

	if (rc == 0)
		return 0;
	base_log(BASE_LOG_WARNING, "link", "period refused group=\"%s\" cp=%u why=\"%s\"", group->name,
		 period->cp_number,
		 what            ? what
		 : rc == -EBUSY  ? "there is one on its way already"
		 : rc == -EINVAL ? "a section that is no ECM: table_id 0x80 or 0x81 and a section_length that fits"
		 : rc == -ENOSPC ? "ECMs of too many packets"
				 : strerror(-rc));
	dp_tell_refused(&dialogue->tell, period->group, period->cp_number, rc == -ENOSPC ? -EINVAL : rc);
	return 0;
}

static int broken(struct dp_dialogue *dialogue, const char *text)
{
	snprintf(dialogue->why, sizeof(dialogue->why), "SERVICE: %.180s", text);
	return -EPROTO;
}

static bool same_structure(const struct dp_dialogue *dialogue, const struct dp_msg_service *message)
{
	const struct dp_conf_service *air = &dialogue->air->service[message->index];
	const struct dp_lineup *lineup = &dialogue->plant->lineup;
	const struct dp_group *group = lineup->service[message->index].group;

	if (strncmp(message->name, air->name, sizeof(message->name)) != 0 || message->input != air->input ||
	    message->output != air->output || message->program_number != air->program_number)
		return false;
	if (message->group == DP_MSG_NONE)
		return !group;
	return message->group < dialogue->index.groups &&
	       &lineup->group[dialogue->index.group[message->group]] == group;
}

// The whole line-up with this transform keeps its rules, or nothing changes.
int dp_dialogue_service(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	const struct dp_msg_service *service = &message->service;

	if (service->index >= dialogue->air->services)
		return broken(dialogue, "no such index");
	if (!same_structure(dialogue, service))
		return broken(dialogue, "name, input, output, program_number and group cannot change");
	if (dp_gather_change(&dialogue->gather, dialogue->air, service))
		return broken(dialogue, dialogue->gather.errs.count ? dialogue->gather.errs.text[0] : "no memory");
	dp_dialogue_transform(dialogue, service->index);
	return 0;
}

static bool plain(const uint8_t *packet)
{
	return ts_packet_synced(packet) && !ts_packet_error_indicator(packet) && ts_packet_tsc(packet) == TS_TSC_CLEAR;
}

int dp_dialogue_emm_data(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	const struct dp_msg_emm_data *data = &message->emm_data;

	const struct dp_index *indexes = index_of(dialogue, data->lineup, "EMM_DATA");

	if (!indexes || !dp_range_emm_data(data, indexes->emms, dialogue->why))
		return -EPROTO;
	struct dp_emm *emm = &dialogue->plant->lineup.emm[indexes->emm[data->index]];

	for (unsigned i = 0; i < data->pkts; i++)
		emm->dropped += !plain(data->pkt[i]) || dp_queue_put(&emm->queue, data->pkt[i]) != 0;
	return 0;
}

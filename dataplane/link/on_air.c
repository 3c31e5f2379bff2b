// SPDX-License-Identifier: GPL-3.0-or-later
// What a controller says by the indexes of a line-up that was taken.
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
	const struct dp_lineup *lineup = &dialogue->plant->lineup;

	for (unsigned i = 0; i < lineup->services; i++) {
		const struct dp_conf_service *conf = lineup->service[i].conf;

		if (!conf || lineup->service[i].group != group)
			continue;
		for (unsigned c = 0; c < conf->ca_n; c++)
			if (conf->ca[c].ecm_pid == pid)
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

static const char *reason(int rc)
{
	switch (rc) {
	case -EBUSY:
		return "there is one on its way already";
	case -EINVAL:
		return "a section that is no ECM: table_id 0x80 or 0x81 and a section_length that fits";
	case -ENOSPC:
		return "ECMs of too many packets";
	default:
		return strerror(-rc);
	}
}

static void refuse(struct dp_dialogue *dialogue, const struct dp_msg_period *period, int error, const char *name,
		   const char *why)
{
	base_log(BASE_LOG_WARNING, "link", "period refused group=\"%s\" cp=%u why=\"%s\"", name, period->cp_number,
		 why);
	dp_tell_refused(&dialogue->tell, period->group, period->cp_number, error);
}

int dp_dialogue_period(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	const struct dp_msg_period *period = &message->period;
	const struct dp_index *index = index_of(dialogue, period->lineup, "PERIOD");

	if (!index || !dp_range_period(period, index->groups, dialogue->why))
		return -EPROTO;
	unsigned place = index->group[period->group].place;
	const char *name = index->group[period->group].name;

	if (place == DP_MSG_NONE) {
		refuse(dialogue, period, -ENOENT, name, "the group has gone");
		return 0;
	}
	const char *what = misfit(dialogue, &dialogue->plant->lineup.group[place], period);
	int rc = what ? -EINVAL : dp_controlled_period(&dialogue->plant->controlled, place, period);

	if (rc)
		refuse(dialogue, period, rc == -ENOSPC ? -EINVAL : rc, name, what ? what : reason(rc));
	return 0;
}

static bool plain(const uint8_t *packet)
{
	return ts_packet_synced(packet) && !ts_packet_error_indicator(packet) && ts_packet_tsc(packet) == TS_TSC_CLEAR;
}

// EMMs of a stream that has gone are forgotten.
int dp_dialogue_emm_data(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	const struct dp_msg_emm_data *data = &message->emm_data;
	const struct dp_index *index = index_of(dialogue, data->lineup, "EMM_DATA");

	if (!index || !dp_range_emm_data(data, index->emms, dialogue->why))
		return -EPROTO;
	if (index->emm[data->index].place == DP_MSG_NONE)
		return 0;
	struct dp_emm *emm = &dialogue->plant->lineup.emm[index->emm[data->index].place];

	for (unsigned i = 0; i < data->pkts; i++)
		emm->dropped += !plain(data->pkt[i]) || dp_queue_put(&emm->queue, data->pkt[i]) != 0;
	return 0;
}

int dp_dialogue_move(struct dp_dialogue *dialogue, const union dp_link_message *message)
{
	const struct dp_msg_move *move = &message->move;
	const struct dp_index *index = index_of(dialogue, move->lineup, "MOVE");
	struct base_errs errs;

	if (!index)
		return -EPROTO;
	if (move->input >= index->inputs) {
		snprintf(dialogue->why, sizeof(dialogue->why), "MOVE: input %u of %u", move->input, index->inputs);
		return -EPROTO;
	}
	base_errs_init(&errs);
	unsigned place = index->input[move->input].place;
	int rc = place == DP_MSG_NONE ? -ENOENT : dp_plant_move(dialogue->plant, place, move->worker, &errs);

	if (rc) {
		dp_tell_moved(&dialogue->tell, move, rc, errs.count ? errs.text[0] : strerror(-rc));
		return 0;
	}
	base_log(BASE_LOG_INFO, "link", "input moves name=\"%s\" worker=%u", index->input[move->input].name,
		 move->worker);
	dialogue->move = *move;
	dialogue->change = DP_CHANGE_MOVE;
	return 0;
}

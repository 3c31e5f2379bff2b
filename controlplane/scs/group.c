// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/group.h"

#include <errno.h>
#include <string.h>

#include <openssl/rand.h>

#include <base_log.h>

#include "scs/bundle.h"
#include "scs/fault.h"
#include "scs/scs.h"

// After a refusal that no new state of the dataplane follows.
enum { REFUSED_RETRY_MS = 1000 };

static void on_retry(uv_timer_t *timer)
{
	cp_group_step(timer->data);
}

int cp_group_init(struct cp_group *group, struct cp_scs *scs, unsigned index)
{
	const struct cp_conf_group *conf = &scs->conf->group[index];
	uint16_t first;

	// Two lives of an appliance do not number their periods alike, so a receiver takes no ECM for an old one.
	if (RAND_bytes((unsigned char *)&first, sizeof(first)) != 1)
		return -EIO;
	*group = (struct cp_group){.scs = scs, .conf = conf, .index = index, .after = first};
	cp_store_shape(&scs->store, index, cp_algorithm_facts[conf->algorithm].cw_bytes, conf->algorithm == CP_CSA1);
	cp_channel_add(&scs->channel[conf->cas.ecmg], &group->stream, conf, index, &cp_group_stream_ops, group);
	uv_timer_init(scs->loop, &group->retry);
	group->retry.data = group;
	return 0;
}

void cp_group_close(struct cp_group *group)
{
	uv_close((uv_handle_t *)&group->retry, NULL);
}

void cp_group_fini(struct cp_group *group)
{
	cp_bundle_drop(&group->current);
	cp_bundle_drop(&group->next);
}

static void on_open(void *owner)
{
	cp_group_step(owner);
}

static void on_cw_made(void *owner)
{
	(void)owner;
	CP_FAULT(CW_MADE);
}

static void on_ecm(void *owner, const uint8_t *section, size_t n)
{
	struct cp_group *group = owner;

	CP_FAULT(ECM_BACK);
	if (cp_bundle_make(&group->next, &group->stream, group->stream.target, section, n))
		base_log(BASE_LOG_ERROR, "scs", "no memory for an ECM group=\"%s\"", group->conf->name);
	cp_group_step(group);
}

const struct cp_stream_ops cp_group_stream_ops = {.on_open = on_open, .on_cw_made = on_cw_made, .on_ecm = on_ecm};

static void send_bundle(struct cp_group *group, struct cp_bundle *bundle)
{
	int rc = cp_scs_send(group->scs, group, bundle);

	if (rc == -ENOENT) { // its words were replaced: it has no meaning any more
		cp_bundle_drop(bundle);
		return;
	}
	if (rc)
		return; // on_writable or a new connection comes
	bundle->sent = true;
	base_log(BASE_LOG_DEBUG, "scs", "period sent group=\"%s\" cp_number=%u", group->conf->name, bundle->cp);
	CP_FAULT(PERIOD_SENT);
}

// The number of the period that the dataplane should get next.
static uint16_t target_of(const struct cp_group *group)
{
	if (group->air.running)
		return (uint16_t)(group->air.cp + 1);
	return group->next.have ? group->next.cp : group->after;
}

void cp_group_step(struct cp_group *group)
{
	const struct cp_group_air *air = &group->air;
	struct cp_bundle *bundle = &group->next;

	if (!group->scs->ready || !air->known || air->have_next || uv_is_active((uv_handle_t *)&group->retry))
		return;
	if (!air->running && group->current.have)
		bundle = &group->current;
	else if (group->next.have && group->next.cp != target_of(group))
		cp_bundle_drop(&group->next);
	if (bundle->have && !bundle->sent)
		send_bundle(group, bundle);
	if (!bundle->have)
		cp_stream_want(&group->stream, target_of(group));
}

void cp_group_begin(struct cp_group *group, bool known)
{
	group->air = (struct cp_group_air){.known = known};
	group->current.sent = group->next.sent = false;
	uv_timer_stop(&group->retry);
}

// The bundle of the period on air becomes the current one.
static void follow(struct cp_group *group)
{
	struct cp_group_air *air = &group->air;

	group->after = (uint16_t)(air->cp + 1);
	if (group->next.have && group->next.cp == air->cp) {
		cp_bundle_drop(&group->current);
		group->current = group->next;
		group->next = (struct cp_bundle){0};
	} else if (group->current.have && group->current.cp != air->cp) {
		cp_bundle_drop(&group->current);
	}
	if (group->current.have)
		air->cws = group->current.cws;
	cp_store_forget_before(&group->scs->store, group->index,
			       cp_window_keep(&group->stream.channel->values.window, air->cp));
}

// Words of a period that the dataplane holds. True when we had others.
static bool take_words(struct cp_group *group, const struct dp_msg_held *held)
{
	bool other = false;

	for (unsigned i = 0; i < held->cws && i < DP_MSG_CWS_MAX; i++)
		other |= cp_store_put(&group->scs->store, group->index, (uint16_t)(held->cp_number + i), held->cw[i]);
	return other;
}

static void drop_periods(struct cp_group *group)
{
	cp_bundle_drop(&group->current);
	cp_bundle_drop(&group->next);
	cp_stream_annul(&group->stream);
}

void cp_group_forget(struct cp_group *group)
{
	drop_periods(group);
	cp_store_forget(&group->scs->store, group->index);
}

void cp_group_take_held(struct cp_group *group, const struct dp_msg_group_state *msg)
{
	struct cp_group_air *air = &group->air;
	bool other = take_words(group, &msg->current);

	other |= take_words(group, &msg->next);
	if (other) // another controller was here: our periods are of words that are no more
		drop_periods(group);
	*air = (struct cp_group_air){
		.known = true,
		.running = msg->current.cws != 0,
		.cp = msg->current.cp_number,
		.cws = msg->current.cws,
		.have_next = msg->next.cws != 0,
		.next_cp = msg->next.cp_number,
		.told_ns = uv_hrtime(),
	};
	if (air->running)
		follow(group);
	else if (air->have_next)
		group->after = (uint16_t)(air->next_cp + 1);
	base_log(BASE_LOG_INFO, "scs", "group goes on group=\"%s\" cp_number=%u words=%u next=%u", group->conf->name,
		 air->cp, msg->current.cws, msg->next.cws);
}

void cp_group_take_state(struct cp_group *group, const struct dp_msg_period_state *msg)
{
	struct cp_group_air *air = &group->air;
	const struct cp_group_air before = *air;

	*air = (struct cp_group_air){
		.known = true,
		.running = msg->running,
		.have_next = msg->have_next,
		.ecm_on_air = msg->ecm_on_air || msg->next_ecm_on_air,
		.ecm_cp = msg->next_ecm_on_air ? msg->next_cp_number : msg->cp_number,
		.extending = msg->running && msg->extending,
		.cp = msg->cp_number,
		.next_cp = msg->next_cp_number,
		.cws = before.cws,
		.started_27mhz = msg->started_27mhz,
		.now_27mhz = msg->now_27mhz,
		.told_ns = uv_hrtime(),
	};
	uv_timer_stop(&group->retry);
	if (air->ecm_on_air && (!before.ecm_on_air || before.ecm_cp != air->ecm_cp))
		CP_FAULT(ECM_ON_AIR);
	if (air->extending && !before.extending)
		group->extended++;
	if (air->running && (!before.running || before.cp != air->cp)) {
		group->periods++;
		follow(group);
		CP_FAULT(FLIPPED);
	}
	if (air->have_next)
		cp_alarm_clear(group->scs->alarms, CP_ALARM_PERIOD_REFUSED, group->conf->name);
	cp_group_step(group);
}

void cp_group_take_refusal(struct cp_group *group, const struct dp_msg_refused *msg)
{
	group->refused++;
	base_log(BASE_LOG_ERROR, "scs", "period refused group=\"%s\" cp_number=%u error=\"%s\"", group->conf->name,
		 msg->cp_number, strerror(-msg->error));
	cp_alarm_raise(group->scs->alarms, CP_ALARM_PERIOD_REFUSED, group->conf->name);
	group->current.sent = group->next.sent = false;
	uv_timer_start(&group->retry, on_retry, REFUSED_RETRY_MS, 0);
}

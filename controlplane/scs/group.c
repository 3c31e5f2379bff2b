// SPDX-License-Identifier: GPL-3.0-or-later
#include "scs/group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include <base_check.h>
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

struct cp_group *cp_group_new(struct cp_scs *scs)
{
	struct cp_group *group = calloc(1, sizeof(*group));

	// Two lives of an appliance do not number their periods alike, so a receiver takes no ECM for an old one.
	if (!group || RAND_bytes((unsigned char *)&group->after, sizeof(group->after)) != 1) {
		free(group);
		return NULL;
	}
	group->scs = scs;
	return group;
}

static void take_stream(struct cp_group *group, struct cp_stream *stream)
{
	struct cp_channel *channel = group->scs->channel[group->conf->cas.ecmg];

	group->stream = stream;
	cp_channel_add(channel, stream, group->conf, group->place, &cp_group_stream_ops, group);
}

void cp_group_start(struct cp_group *group, const struct cp_conf_group *conf, unsigned index, struct cp_stream *stream)
{
	struct cp_store *store = &group->scs->store;
	int place = cp_store_take(store);

	CHECK(place >= 0); // a document has no more groups than the store, and those that leave go first
	group->place = (unsigned)place;
	group->conf = conf;
	group->index = index;
	group->air.known = group->scs->connected;
	cp_store_shape(store, group->place, conf->algorithm);
	uv_timer_init(group->scs->loop, &group->retry);
	group->retry.data = group;
	take_stream(group, stream);
}

void cp_group_change(struct cp_group *group, const struct cp_conf_group *conf, unsigned index, struct cp_stream *stream)
{
	group->conf = conf;
	group->index = index;
	cp_store_shape(&group->scs->store, group->place, conf->algorithm);
	if (!stream) {
		cp_stream_change(group->stream, conf);
		return;
	}
	cp_stream_leave(group->stream);
	take_stream(group, stream);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void cp_group_leave(struct cp_group *group)
{
	static const enum cp_alarm_kind of_groups[] = {CP_ALARM_STREAM_REFUSED, CP_ALARM_PERIOD_REFUSED,
						       CP_ALARM_ECM_BROKEN, CP_ALARM_ECM_LATE};

	for (size_t i = 0; i < sizeof(of_groups) / sizeof(of_groups[0]); i++)
		cp_alarm_clear(group->scs->alarms, of_groups[i], group->conf->name);
	cp_stream_leave(group->stream);
	cp_store_give(&group->scs->store, group->place);
	cp_bundle_drop(&group->current);
	cp_bundle_drop(&group->next);
	uv_close((uv_handle_t *)&group->retry, on_closed);
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
	if (cp_bundle_make(&group->next, group->stream, group->stream->target, section, n))
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
	bundle->pid = group->conf->cas.ecm_pid;
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
		cp_stream_want(group->stream, target_of(group));
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
	cp_store_forget_before(&group->scs->store, group->place,
			       cp_window_keep(&group->stream->channel->values.window, air->cp));
}

// The algorithm with this scrambling_mode, or CP_ALGORITHMS.
static enum cp_algorithm algorithm_of(uint8_t scrambling_mode)
{
	enum cp_algorithm algorithm = 0;

	while (algorithm < CP_ALGORITHMS && cp_algorithm_facts[algorithm].scrambling_mode != scrambling_mode)
		algorithm++;
	return algorithm;
}

static bool known(const struct dp_msg_held *held)
{
	enum cp_algorithm algorithm = algorithm_of(held->scrambling_mode);

	return held->cws == 0 ||
	       (algorithm < CP_ALGORITHMS && held->cw_bytes == cp_algorithm_facts[algorithm].cw_bytes);
}

// Words of a period that the dataplane holds. True when we had others.
static bool take_words(struct cp_group *group, const struct dp_msg_held *held)
{
	bool other = false;

	for (unsigned i = 0; i < held->cws && i < DP_MSG_CWS_MAX; i++)
		other |= cp_store_put(&group->scs->store, group->place, (uint16_t)(held->cp_number + i),
				      algorithm_of(held->scrambling_mode), held->cw[i]);
	return other;
}

static void drop_periods(struct cp_group *group)
{
	cp_bundle_drop(&group->current);
	cp_bundle_drop(&group->next);
	cp_stream_annul(group->stream);
}

void cp_group_forget(struct cp_group *group)
{
	drop_periods(group);
	cp_store_forget(&group->scs->store, group->place);
}

void cp_group_take_held(struct cp_group *group, const struct dp_msg_group_state *msg)
{
	struct cp_group_air *air = &group->air;

	if (!known(&msg->current) || !known(&msg->next)) {
		base_log(BASE_LOG_WARNING, "scs", "the dataplane runs an unknown algorithm group=\"%s\"",
			 group->conf->name);
		return;
	}
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

bool cp_group_moved(const struct cp_group *group)
{
	const struct cp_group_air *air = &group->air;

	return air->running && air->ecm_on_air && air->ecm_cp == air->cp && group->current.have &&
	       group->current.cp == air->cp && group->current.pid == group->conf->cas.ecm_pid;
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

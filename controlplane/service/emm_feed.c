// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/emm_feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int cp_emm_feed_init(struct cp_emm_feed *feed)
{
	*feed = (struct cp_emm_feed){0};
	feed->message = calloc(CP_EMM_FEED_MESSAGES, sizeof(*feed->message));
	return feed->message ? 0 : -ENOMEM;
}

void cp_emm_feed_fini(struct cp_emm_feed *feed)
{
	free(feed->message);
	*feed = (struct cp_emm_feed){0};
}

static void put_message(struct cp_emm_feed *feed, unsigned stream, const uint8_t (*packets)[TS_PACKET_BYTES],
			unsigned n)
{
	if (feed->n == CP_EMM_FEED_MESSAGES) {
		feed->dropped[stream] += n;
		return;
	}
	struct dp_msg_emm_data *msg = &feed->message[(feed->first + feed->n++) % CP_EMM_FEED_MESSAGES];

	memset(msg, 0, sizeof(*msg));
	msg->head = (struct dp_msg_head){.type = DP_MSG_EMM_DATA, .bytes = sizeof(*msg)};
	msg->index = (uint16_t)stream;
	msg->pkts = (uint16_t)n;
	memcpy(msg->pkt, packets, (size_t)n * TS_PACKET_BYTES);
	feed->waiting[stream] += n;
}

void cp_emm_feed_put(struct cp_emm_feed *feed, unsigned stream, const uint8_t (*packets)[TS_PACKET_BYTES], unsigned n)
{
	while (n) {
		unsigned some = n < DP_MSG_EMM_PKTS ? n : DP_MSG_EMM_PKTS;

		put_message(feed, stream, packets, some);
		packets += some;
		n -= some;
	}
	cp_emm_feed_push(feed);
}

static void take_first(struct cp_emm_feed *feed)
{
	const struct dp_msg_emm_data *msg = &feed->message[feed->first];

	feed->waiting[msg->index] -= msg->pkts;
	feed->first = (feed->first + 1) % CP_EMM_FEED_MESSAGES;
	feed->n--;
}

void cp_emm_feed_push(struct cp_emm_feed *feed)
{
	while (feed->n) {
		struct dp_msg_emm_data *msg = &feed->message[feed->first];

		msg->lineup = feed->link ? cp_dplink_serial(feed->link) : 0;
		int rc = feed->link ? cp_dplink_send(feed->link, msg) : -ENOTCONN;

		if (rc == -EAGAIN)
			return;
		if (rc) {
			cp_emm_feed_drop(feed);
			return;
		}
		take_first(feed);
	}
}

void cp_emm_feed_drop(struct cp_emm_feed *feed)
{
	while (feed->n) {
		const struct dp_msg_emm_data *msg = &feed->message[feed->first];

		feed->dropped[msg->index] += msg->pkts;
		take_first(feed);
	}
}

static unsigned now_of(const struct cp_difference_list *streams, unsigned before)
{
	unsigned now = 0;

	while (now < streams->now_n && streams->before[now] != before)
		now++;
	return now;
}

// Keeps what belongs to a stream that is still there, in order.
static void sort_out(struct cp_emm_feed *feed, const struct cp_difference_list *streams)
{
	unsigned n = feed->n;

	feed->n = 0;
	for (unsigned i = 0; i < n; i++) {
		struct dp_msg_emm_data *msg = &feed->message[(feed->first + i) % CP_EMM_FEED_MESSAGES];
		unsigned now = now_of(streams, msg->index);

		if (now == streams->now_n)
			continue;
		msg->index = (uint16_t)now;
		feed->message[(feed->first + feed->n++) % CP_EMM_FEED_MESSAGES] = *msg;
	}
}

void cp_emm_feed_change(struct cp_emm_feed *feed, const struct cp_difference_list *streams)
{
	const struct cp_emm_feed before = *feed;

	sort_out(feed, streams);
	for (unsigned i = 0; i < DP_MSG_EMMS_MAX; i++) {
		bool kept = i < streams->now_n && streams->before[i] != CP_DIFFERENCE_NEW;

		feed->waiting[i] = kept ? before.waiting[streams->before[i]] : 0;
		feed->dropped[i] = kept ? before.dropped[streams->before[i]] : 0;
	}
}

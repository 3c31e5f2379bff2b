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
	msg->lineup = CP_DPLINK_SERIAL;
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
		int rc = feed->link ? cp_dplink_send(feed->link, &feed->message[feed->first]) : -ENOTCONN;

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

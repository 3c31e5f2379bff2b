// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/asks.h"

#include <base_check.h>

int cas_asks_init(struct cas_asks *asks)
{
	*asks = (struct cas_asks){0};
	return base_secret_init(&asks->requests, CAS_ASKS_MAX * sizeof(struct km_msg_ecm_request));
}

void cas_asks_fini(struct cas_asks *asks)
{
	base_secret_fini(&asks->requests);
}

// The place in the ring of the i-th from the head.
static size_t place_of(const struct cas_asks *asks, size_t i)
{
	return (asks->head + i) % CAS_ASKS_MAX;
}

static struct km_msg_ecm_request *request_at(const struct cas_asks *asks, size_t place)
{
	return (struct km_msg_ecm_request *)(void *)asks->requests.bytes + place;
}

struct km_msg_ecm_request *cas_asks_push(struct cas_asks *asks, struct cas_stream *stream, struct cas_ask **ask)
{
	size_t place = place_of(asks, asks->n);

	if (asks->n == CAS_ASKS_MAX || stream->waiting >= CAS_ASKS_STREAM_MAX)
		return NULL;
	asks->n++;
	stream->waiting++;
	asks->ask[place] = (struct cas_ask){.stream = stream};
	*ask = &asks->ask[place];
	return request_at(asks, place);
}

struct cas_ask *cas_asks_head(struct cas_asks *asks)
{
	return asks->n ? &asks->ask[asks->head] : NULL;
}

void cas_asks_pop(struct cas_asks *asks)
{
	CHECK(asks->n > 0);
	base_secret_scrub(request_at(asks, asks->head), sizeof(struct km_msg_ecm_request));
	if (asks->ask[asks->head].stream)
		asks->ask[asks->head].stream->waiting--;
	asks->n--;
	asks->head = (asks->head + 1) % CAS_ASKS_MAX;
	if (asks->asked)
		asks->asked--;
}

void cas_asks_fill(struct cas_asks *asks, struct km_msg_ecm_batch *batch)
{
	CHECK(asks->asked == 0);
	batch->n = 0;
	while (asks->asked < asks->n && batch->n < KM_MSG_BATCH_MAX) {
		size_t place = place_of(asks, asks->asked++);

		if (!asks->ask[place].stream || asks->ask[place].status)
			continue;
		batch->request[batch->n] = *request_at(asks, place);
		batch->request[batch->n++].tag = (uint32_t)place;
	}
}

void cas_asks_forget(struct cas_asks *asks, const struct cas_channel *channel, const struct cas_stream *stream)
{
	for (size_t i = 0; i < asks->n; i++) {
		struct cas_ask *ask = &asks->ask[place_of(asks, i)];

		if (!ask->stream || ask->stream->channel != channel || (stream && ask->stream != stream))
			continue;
		ask->stream->waiting--;
		ask->stream = NULL;
	}
}

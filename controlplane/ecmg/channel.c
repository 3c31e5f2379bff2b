// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/channel.h"

#include <errno.h>
#include <stdlib.h>

enum { ERRORS_TOLD = 16 }; // of one connection

int cas_registry_init(struct cas_registry *registry)
{
	*registry = (struct cas_registry){0};
	for (size_t i = 0; i < CAS_STREAMS_MAX; i++)
		registry->free_place[i] = (uint16_t)(CAS_STREAMS_MAX - 1 - i);
	return base_secret_init(&registry->words, CAS_STREAMS_MAX * sizeof(struct cas_words));
}

void cas_registry_fini(struct cas_registry *registry)
{
	base_secret_fini(&registry->words);
}

struct cas_channel *cas_channel_new(struct cas_registry *registry, struct cp_wire *wire)
{
	struct cas_channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return NULL;
	channel->wire = wire;
	channel->next = registry->first;
	registry->first = channel;
	return channel;
}

void cas_channel_shut(struct cas_registry *registry, struct cas_channel *channel)
{
	for (size_t page = 0; page < 256; page++)
		for (size_t i = 0; channel->page[page] && i < 256; i++)
			if (channel->page[page][i])
				cas_stream_close(registry, channel->page[page][i]);
	channel->state = CAS_CHANNEL_CLOSING;
}

void cas_channel_free(struct cas_registry *registry, struct cas_channel *channel)
{
	struct cas_channel **link = &registry->first;

	for (size_t page = 0; page < 256; page++)
		free(channel->page[page]);
	while (*link != channel)
		link = &(*link)->next;
	*link = channel->next;
	free(channel);
}

enum base_log_level cas_channel_error_level(struct cas_channel *channel)
{
	return channel->errors++ < ERRORS_TOLD ? BASE_LOG_WARNING : BASE_LOG_DEBUG;
}

bool cas_channel_taken(const struct cas_registry *registry, uint16_t id)
{
	for (const struct cas_channel *channel = registry->first; channel; channel = channel->next)
		if (channel->state == CAS_CHANNEL_OPEN && channel->id == id)
			return true;
	return false;
}

static bool ecm_id_taken(const struct cas_registry *registry, uint16_t ecm_id)
{
	return registry->ecm_id_taken[ecm_id >> 3] >> (ecm_id & 7) & 1;
}

static void flip_ecm_id(struct cas_registry *registry, uint16_t ecm_id)
{
	registry->ecm_id_taken[ecm_id >> 3] ^= (uint8_t)(1u << (ecm_id & 7));
}

static struct cas_stream **slot_of(struct cas_channel *channel, uint16_t id)
{
	struct cas_stream ***page = &channel->page[id >> 8];

	if (!*page)
		*page = calloc(256, sizeof(**page));
	return *page ? *page + (id & 255) : NULL;
}

int cas_stream_open(struct cas_registry *registry, struct cas_channel *channel, uint16_t id, uint16_t ecm_id,
		    uint16_t max_streams)
{
	if (cas_stream_find(channel, id))
		return -EEXIST;
	if (ecm_id_taken(registry, ecm_id))
		return -EADDRINUSE;
	if (max_streams && channel->streams >= max_streams)
		return -EMFILE;
	if (registry->streams >= CAS_STREAMS_MAX)
		return -ENFILE;
	struct cas_stream **slot = slot_of(channel, id);
	struct cas_stream *stream = calloc(1, sizeof(*stream));

	if (!slot || !stream) {
		free(stream);
		return -ENOMEM;
	}
	stream->channel = channel;
	stream->id = id;
	stream->ecm_id = ecm_id;
	stream->place = registry->free_place[CAS_STREAMS_MAX - 1 - registry->streams];
	flip_ecm_id(registry, ecm_id);
	registry->streams++;
	channel->streams++;
	*slot = stream;
	return 0;
}

void cas_stream_close(struct cas_registry *registry, struct cas_stream *stream)
{
	struct cas_channel *channel = stream->channel;

	base_secret_scrub(cas_stream_words(registry, stream), sizeof(struct cas_words));
	flip_ecm_id(registry, stream->ecm_id);
	registry->streams--;
	registry->free_place[CAS_STREAMS_MAX - 1 - registry->streams] = stream->place;
	channel->streams--;
	channel->page[stream->id >> 8][stream->id & 255] = NULL;
	free(stream);
}

struct cas_stream *cas_stream_find(const struct cas_channel *channel, uint16_t id)
{
	struct cas_stream **page = channel->page[id >> 8];

	return page ? page[id & 255] : NULL;
}

struct cas_words *cas_stream_words(const struct cas_registry *registry, const struct cas_stream *stream)
{
	return (struct cas_words *)(void *)registry->words.bytes + stream->place;
}

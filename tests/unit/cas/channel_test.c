// SPDX-License-Identifier: GPL-3.0-or-later
// Channels and streams: ids, limits, and that nothing of a stream stays when it goes.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <unit.h>

#include "ecmg/channel.h"

static struct cas_registry *open_registry(void)
{
	struct cas_registry *registry = calloc(1, sizeof(*registry));

	CU_ASSERT_PTR_NOT_NULL_FATAL(registry);
	CU_ASSERT_EQUAL_FATAL(cas_registry_init(registry), 0);
	return registry;
}

static void close_registry(struct cas_registry *registry)
{
	while (registry->first) {
		cas_channel_shut(registry, registry->first);
		cas_channel_free(registry, registry->first);
	}
	CU_ASSERT_EQUAL(registry->streams, 0);
	CU_ASSERT_PTR_NULL(registry->first);
	for (size_t i = 0; i < sizeof(registry->ecm_id_taken); i++)
		if (registry->ecm_id_taken[i])
			CU_FAIL("an ECM_id is still taken");
	for (size_t i = 0; i < CAS_STREAMS_MAX * sizeof(struct cas_words); i++)
		if (registry->words.bytes[i])
			CU_FAIL("a word is still there");
	cas_registry_fini(registry);
	free(registry);
}

static void test_ids(void)
{
	struct cas_registry *registry = open_registry();
	struct cas_channel *a = cas_channel_new(registry, NULL), *b = cas_channel_new(registry, NULL);

	CU_ASSERT_TRUE_FATAL(a && b);
	CU_ASSERT_FALSE(cas_channel_taken(registry, 0));
	a->state = CAS_CHANNEL_OPEN;
	CU_ASSERT_TRUE(cas_channel_taken(registry, 0));
	CU_ASSERT_EQUAL(cas_stream_open(registry, a, 0xFFFF, 0xFFFF, 2), 0);
	CU_ASSERT_EQUAL(cas_stream_open(registry, a, 0xFFFF, 1, 2), -EEXIST);
	CU_ASSERT_EQUAL(cas_stream_open(registry, a, 1, 0xFFFF, 2), -EADDRINUSE);
	CU_ASSERT_EQUAL(cas_stream_open(registry, b, 1, 0xFFFF, 2), -EADDRINUSE);
	CU_ASSERT_EQUAL(cas_stream_open(registry, b, 0xFFFF, 0, 2), 0);
	CU_ASSERT_EQUAL(cas_stream_open(registry, a, 1, 1, 2), 0);
	CU_ASSERT_EQUAL(cas_stream_open(registry, a, 2, 2, 2), -EMFILE);
	CU_ASSERT_PTR_NULL(cas_stream_find(a, 2));
	CU_ASSERT_PTR_NULL(cas_stream_find(a, 0x100));
	struct cas_stream *stream = cas_stream_find(a, 0xFFFF);

	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	CU_ASSERT_EQUAL(stream->ecm_id, 0xFFFF);
	CU_ASSERT_PTR_NOT_EQUAL(cas_stream_words(registry, stream), cas_stream_words(registry, cas_stream_find(a, 1)));
	memset(cas_stream_words(registry, stream), 0xA5, sizeof(struct cas_words));
	cas_stream_close(registry, stream);
	CU_ASSERT_PTR_NULL(cas_stream_find(a, 0xFFFF));
	CU_ASSERT_EQUAL(cas_stream_open(registry, a, 2, 0xFFFF, 2), 0);
	uint8_t nothing[sizeof(struct cas_words)] = {0};

	CU_ASSERT_EQUAL(memcmp(cas_stream_words(registry, cas_stream_find(a, 2)), nothing, sizeof(nothing)), 0);
	memset(cas_stream_words(registry, cas_stream_find(a, 2)), 0x5A, sizeof(struct cas_words));
	close_registry(registry);
}

static void test_full(void)
{
	struct cas_registry *registry = open_registry();
	struct cas_channel *channel = cas_channel_new(registry, NULL);

	CU_ASSERT_PTR_NOT_NULL_FATAL(channel);
	for (unsigned i = 0; i < CAS_STREAMS_MAX; i++)
		if (cas_stream_open(registry, channel, (uint16_t)i, (uint16_t)i, 0))
			CU_FAIL_FATAL("no room");
	CU_ASSERT_EQUAL(cas_stream_open(registry, channel, CAS_STREAMS_MAX, CAS_STREAMS_MAX, 0), -ENFILE);
	memset(cas_stream_words(registry, cas_stream_find(channel, CAS_STREAMS_MAX - 1)), 1, sizeof(struct cas_words));
	cas_stream_close(registry, cas_stream_find(channel, 77));
	CU_ASSERT_EQUAL(cas_stream_open(registry, channel, 60000, 60000, 0), 0);
	close_registry(registry);
}

static const struct unit_test tests[] = {{"ids", test_ids}, {"full", test_full}};

UNIT_MAIN("cas-channel", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// EMM sections handed in and queued.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <unit.h>

#include "emmg/queue.h"
#include "emmg/sections.h"

static char why[BASE_ERR_TEXT_BYTES];

// Writes a section of `n` bytes and returns n.
static size_t put(uint8_t *to, uint8_t table_id, size_t n)
{
	memset(to, (int)n, n);
	to[0] = table_id;
	to[1] = 0x70 | (uint8_t)((n - 3) >> 8);
	to[2] = (uint8_t)(n - 3);
	return n;
}

static void test_check(void)
{
	uint8_t bytes[3 * 4098];
	size_t n = put(bytes, 0x82, 4);

	n += put(bytes + n, 0x8F, 4096);
	n += put(bytes + n, 0x85, 100);
	CU_ASSERT_EQUAL(cas_sections_check(bytes, n, why), 3);
	for (size_t cut = 0; cut < n; cut++)
		CU_ASSERT_EQUAL(cas_sections_check(bytes, cut, why), cut == 4 ? 1 : cut == 4100 ? 2 : -EINVAL);
	CU_ASSERT_EQUAL(cas_sections_check(bytes, 0, why), -EINVAL);
	CU_ASSERT_STRING_EQUAL(why, "there is no section");
	for (unsigned table_id = 0; table_id < 256; table_id++) {
		bytes[0] = (uint8_t)table_id;
		CU_ASSERT_EQUAL(cas_sections_check(bytes, 4, why), table_id >= 0x82 && table_id <= 0x8F ? 1 : -EINVAL);
	}
	CU_ASSERT_EQUAL(cas_sections_check(bytes, put(bytes, 0x82, 3), why), -EINVAL);
	CU_ASSERT_EQUAL(cas_sections_check(bytes, put(bytes, 0x82, 4097), why), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "section_length 4094"));
	put(bytes, 0x82, 10);
	put(bytes + 10, 0x80, 10);
	CU_ASSERT_EQUAL(cas_sections_check(bytes, 20, why), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "byte 10, section 2: table_id 0x80"));
}

static void test_queue(void)
{
	struct cas_queue queue;
	uint8_t bytes[200];
	size_t n = 0, size;

	cas_queue_init(&queue);
	CU_ASSERT_PTR_NULL(cas_queue_first(&queue, &size));
	for (size_t i = 4; i < 14; i++)
		n += put(bytes + n, 0x82, i);
	CU_ASSERT_EQUAL(cas_queue_add(&queue, bytes, n, 10), 0);
	CU_ASSERT_EQUAL(cas_queue_add(&queue, bytes, 4, 1), 0);
	CU_ASSERT_EQUAL(queue.sections, 11);
	CU_ASSERT_EQUAL(queue.bytes, n + 4);
	const uint8_t *at = bytes;

	for (size_t i = 4; i < 14; at += i++) {
		const uint8_t *first = cas_queue_first(&queue, &size);

		CU_ASSERT_PTR_NOT_NULL_FATAL(first);
		CU_ASSERT_EQUAL(size, i);
		CU_ASSERT_EQUAL(memcmp(first, at, i), 0);
		cas_queue_pop(&queue);
	}
	CU_ASSERT_EQUAL(queue.sections, 1);
	cas_queue_pop(&queue);
	CU_ASSERT_PTR_NULL(cas_queue_first(&queue, &size));
	CU_ASSERT_EQUAL(queue.bytes, 0);
	// Empty, it takes again.
	CU_ASSERT_EQUAL(cas_queue_add(&queue, bytes, 4, 1), 0);
	CU_ASSERT_PTR_NOT_NULL(cas_queue_first(&queue, &size));
	cas_queue_fini(&queue);
}

static void test_queue_full(void)
{
	struct cas_queue queue;
	uint8_t *bytes = calloc(2048, 4096);

	CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
	for (size_t i = 0; i < 2048; i++)
		put(bytes + i * 4096, 0x82, 4096);
	cas_queue_init(&queue);
	CU_ASSERT_EQUAL(cas_queue_add(&queue, bytes, 2047 * 4096, 2047), 0);
	CU_ASSERT_EQUAL(cas_queue_add(&queue, bytes, 2 * 4096, 2), -ENOSPC);
	CU_ASSERT_EQUAL(queue.refused, 2);
	CU_ASSERT_EQUAL(queue.sections, 2047);
	CU_ASSERT_EQUAL(cas_queue_add(&queue, bytes, 4096, 1), 0);
	CU_ASSERT_EQUAL(cas_queue_add(&queue, bytes, 4096, 1), -ENOSPC);
	cas_queue_pop(&queue);
	CU_ASSERT_EQUAL(cas_queue_add(&queue, bytes, 4096, 1), 0);
	cas_queue_fini(&queue);
	free(bytes);
}

static const struct unit_test tests[] = {{"check", test_check}, {"queue", test_queue}, {"queue full", test_queue_full}};

UNIT_MAIN("cas-emm", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets: content and life, guard pages, protection from core dumps, forks and swap, and no copy left behind.
//
// mlock, madvise and setrlimit are wrapped (--wrap) so that they can fail.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <base_secret.h>

#include <memory_search.h>
#include <unit.h>

#include "child.h"

enum { KEY_BYTES = 16 };

static int failing_mlock, failing_setrlimit, failing_advice = -1;

int __real_mlock(const void *p, size_t n);
int __wrap_mlock(const void *p, size_t n);
int __real_madvise(void *p, size_t n, int advice);
int __wrap_madvise(void *p, size_t n, int advice);
int __real_setrlimit64(int resource, const struct rlimit *limit);
int __wrap_setrlimit64(int resource, const struct rlimit *limit);

int __wrap_mlock(const void *p, size_t n)
{
	errno = EPERM;
	return failing_mlock ? -1 : __real_mlock(p, n);
}

int __wrap_madvise(void *p, size_t n, int advice)
{
	errno = EINVAL;
	return advice == failing_advice ? -1 : __real_madvise(p, n, advice);
}

int __wrap_setrlimit64(int resource, const struct rlimit *limit)
{
	errno = EPERM;
	return failing_setrlimit ? -1 : __real_setrlimit64(resource, limit);
}

static bool is_empty(const struct base_secret *secret)
{
	return !secret->bytes && secret->len_bytes == 0 && secret->capacity_bytes == 0;
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

// The line of /proc/self/maps or smaps whose range holds `p`; with `field`, the line of that name after it.
static bool find_mapping(const char *path, const void *p, const char *field, char *line, size_t capacity)
{
	FILE *f = fopen(path, "re");
	uint64_t from, to;
	bool inside = false, found = false;

	while (f && !found && fgets(line, (int)capacity, f)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " ", &from, &to) == 2)
			inside = (uintptr_t)p >= from && (uintptr_t)p < to;
		found = inside && (!field || strncmp(line, field, strlen(field)) == 0);
	}
	if (f)
		fclose(f);
	return found;
}

static void life_of_a_secret(void)
{
	struct base_secret s;

	CU_ASSERT_EQUAL_FATAL(base_secret_init(&s, 16), 0);
	CU_ASSERT_EQUAL(s.capacity_bytes, 16);
	CU_ASSERT_EQUAL(s.len_bytes, 0);
	CU_ASSERT_TRUE(is_zero(s.bytes, 16));
	CU_ASSERT_EQUAL(base_secret_set(&s, "0123456789abcdef", 16), 0);
	CU_ASSERT_EQUAL(s.len_bytes, 16);
	CU_ASSERT_EQUAL(memcmp(s.bytes, "0123456789abcdef", 16), 0);
	// Shorter content leaves nothing of the longer.
	CU_ASSERT_EQUAL(base_secret_set(&s, "xy", 2), 0);
	CU_ASSERT_EQUAL(s.len_bytes, 2);
	CU_ASSERT_EQUAL(memcmp(s.bytes, "xy", 2), 0);
	CU_ASSERT_TRUE(is_zero(s.bytes + 2, 14));
	CU_ASSERT_EQUAL(base_secret_set(&s, "0123456789abcdefg", 17), -ENOSPC);
	CU_ASSERT_EQUAL(s.len_bytes, 2);
	CU_ASSERT_EQUAL(memcmp(s.bytes, "xy", 2), 0);
	base_secret_wipe(&s);
	CU_ASSERT_EQUAL(s.len_bytes, 0);
	CU_ASSERT_EQUAL(s.capacity_bytes, 16);
	CU_ASSERT_TRUE(is_zero(s.bytes, 16));
	CU_ASSERT_EQUAL(base_secret_set(&s, "z", 1), 0);
	base_secret_fini(&s);
	CU_ASSERT_TRUE(is_empty(&s));
}

static void content_may_come_from_the_secret_itself(void)
{
	struct base_secret s;

	CU_ASSERT_EQUAL_FATAL(base_secret_init(&s, 8), 0);
	CU_ASSERT_EQUAL(base_secret_set(&s, "01234567", 8), 0);
	CU_ASSERT_EQUAL(base_secret_set(&s, s.bytes + 2, 6), 0);
	CU_ASSERT_EQUAL(memcmp(s.bytes, "234567\0\0", 8), 0);
	base_secret_fini(&s);
}

static void empty_secret_is_left_alone(void)
{
	struct base_secret s = {0};

	base_secret_fini(&s);
	base_secret_wipe(&s);
	CU_ASSERT_TRUE(is_empty(&s));
	CU_ASSERT_EQUAL(base_secret_set(&s, NULL, 0), 0);
	CU_ASSERT_EQUAL(base_secret_set(&s, "x", 1), -ENOSPC);
	CU_ASSERT_TRUE(is_empty(&s));
}

static void capacity_must_make_sense(void)
{
	struct base_secret s;

	memset(&s, 0xee, sizeof(s));
	CU_ASSERT_EQUAL(base_secret_init(&s, 0), -EINVAL);
	CU_ASSERT_TRUE(is_empty(&s));
	memset(&s, 0xee, sizeof(s));
	CU_ASSERT_EQUAL(base_secret_init(&s, SIZE_MAX), -ENOMEM);
	CU_ASSERT_TRUE(is_empty(&s));
	CU_ASSERT_EQUAL(base_secret_init(&s, SIZE_MAX / 2), -ENOMEM);
	CU_ASSERT_TRUE(is_empty(&s));
}

static void pages_that_cannot_be_protected_are_not_used(void)
{
	struct base_secret s;

	failing_mlock = 1;
	CU_ASSERT_EQUAL(base_secret_init(&s, 16), -ENOMEM);
	CU_ASSERT_TRUE(is_empty(&s));
	failing_mlock = 0;
	failing_advice = MADV_DONTDUMP;
	CU_ASSERT_EQUAL(base_secret_init(&s, 16), -ENOMEM);
	CU_ASSERT_TRUE(is_empty(&s));
	failing_advice = MADV_DONTFORK;
	CU_ASSERT_EQUAL(base_secret_init(&s, 16), -ENOMEM);
	CU_ASSERT_TRUE(is_empty(&s));
	failing_advice = -1;
}

// 1 byte, a page less one, a page, a page more one: the whole capacity is writable and all pages go back.
static void every_size_is_usable_and_returned(void)
{
	static uint8_t pattern[2 * 65536 + 1];
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t sizes[] = {1, page - 1, page, page + 1, 2 * page};
	char line[600];

	memset(pattern, 0xa5, sizeof(pattern));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct base_secret s;

		CU_ASSERT_EQUAL_FATAL(base_secret_init(&s, sizes[i]), 0);
		CU_ASSERT_EQUAL(base_secret_set(&s, pattern, sizes[i]), 0);
		uint8_t *first = s.bytes, *last = s.bytes + sizes[i] - 1, *guard = last + 1;

		CU_ASSERT_TRUE(find_mapping("/proc/self/maps", guard, NULL, line, sizeof(line)));
		CU_ASSERT_PTR_NOT_NULL(strstr(line, " ---p "));
		base_secret_fini(&s);
		CU_ASSERT_FALSE(find_mapping("/proc/self/maps", first, NULL, line, sizeof(line)));
		CU_ASSERT_FALSE(find_mapping("/proc/self/maps", last, NULL, line, sizeof(line)));
		CU_ASSERT_FALSE(find_mapping("/proc/self/maps", guard, NULL, line, sizeof(line)));
	}
}

static void move_hands_over(void)
{
	struct base_secret a, b = {0};
	char line[600];

	CU_ASSERT_EQUAL_FATAL(base_secret_init(&a, 8), 0);
	CU_ASSERT_EQUAL(base_secret_set(&a, "first", 5), 0);
	uint8_t *pages_of_a = a.bytes;

	base_secret_move(&b, &a);
	CU_ASSERT_TRUE(is_empty(&a));
	CU_ASSERT_PTR_EQUAL(b.bytes, pages_of_a);
	CU_ASSERT_EQUAL(b.len_bytes, 5);
	CU_ASSERT_EQUAL(b.capacity_bytes, 8);
	CU_ASSERT_EQUAL(memcmp(b.bytes, "first", 5), 0);
	// Onto itself nothing happens; onto a full one its pages are returned.
	base_secret_move(&b, &b);
	CU_ASSERT_PTR_EQUAL(b.bytes, pages_of_a);
	CU_ASSERT_EQUAL_FATAL(base_secret_init(&a, 4), 0);
	CU_ASSERT_EQUAL(base_secret_set(&a, "2nd", 3), 0);
	base_secret_move(&b, &a);
	CU_ASSERT_EQUAL(b.len_bytes, 3);
	CU_ASSERT_EQUAL(memcmp(b.bytes, "2nd", 3), 0);
	CU_ASSERT_FALSE(find_mapping("/proc/self/maps", pages_of_a, NULL, line, sizeof(line)));
	base_secret_move(&b, &a);
	CU_ASSERT_TRUE(is_empty(&b));
}

static void equal_compares_length_and_every_byte(void)
{
	struct base_secret a, b, none = {0};
	uint8_t key[32];

	memset(key, 0x42, sizeof(key));
	CU_ASSERT_EQUAL_FATAL(base_secret_init(&a, 32), 0);
	CU_ASSERT_EQUAL_FATAL(base_secret_init(&b, 40), 0);
	CU_ASSERT_TRUE(base_secret_equal(&a, &b));
	CU_ASSERT_TRUE(base_secret_equal(&a, &none));
	base_secret_set(&a, key, 32);
	base_secret_set(&b, key, 32);
	CU_ASSERT_TRUE(base_secret_equal(&a, &b));
	CU_ASSERT_FALSE(base_secret_equal(&a, &none));
	for (unsigned bit = 0; bit < 256; bit++) {
		b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CU_ASSERT_FALSE(base_secret_equal(&a, &b));
		b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	base_secret_set(&b, key, 31);
	CU_ASSERT_FALSE(base_secret_equal(&a, &b));
	base_secret_fini(&a);
	base_secret_fini(&b);
}

static void scrub_overwrites_exactly(void)
{
	uint8_t bytes[4] = {1, 2, 3, 4};

	base_secret_scrub(bytes + 1, 2);
	CU_ASSERT_EQUAL(memcmp(bytes, "\x01\x00\x00\x04", 4), 0);
	base_secret_scrub(bytes, 0);
	CU_ASSERT_EQUAL(bytes[0], 1);
}

struct reach {
	size_t capacity_bytes;
	ptrdiff_t at;
};

// In a child the secret is made anew, because a parent's is not there.
static int read_at(void *argument)
{
	const struct reach *reach = argument;
	struct base_secret s;

	if (base_secret_init(&s, reach->capacity_bytes) < 0)
		return 1;
	(void)*(volatile uint8_t *)((uintptr_t)s.bytes + (uintptr_t)reach->at);
	return 0;
}

static void reads_outside_fault(void)
{
	ptrdiff_t page = sysconf(_SC_PAGESIZE);
	const struct {
		struct reach reach;
		bool faults;
	} cases[] = {
		{{16, 0}, false},           {{16, 15}, false},
		{{16, 16}, true},           {{16, 16 + page - 1}, true},
		{{16, 16 - page}, false},   {{16, 16 - page - 1}, true},
		{{(size_t)page, -1}, true}, {{(size_t)page, page}, true},
	};
	char said[400];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reach reach = cases[i].reach;
		int status = child_run(read_at, &reach, said, sizeof(said));

		if (cases[i].faults)
			CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
		if (!cases[i].faults)
			CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

static int read_parents(void *argument)
{
	const struct base_secret *s = argument;

	return *(volatile uint8_t *)s->bytes;
}

static void child_does_not_get_it(void)
{
	struct base_secret s;
	char said[400];

	CU_ASSERT_EQUAL_FATAL(base_secret_init(&s, 16), 0);
	CU_ASSERT_EQUAL(base_secret_set(&s, "0123456789abcdef", 16), 0);
	int status = child_run(read_parents, &s, said, sizeof(said));

	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	base_secret_fini(&s);
}

// proc(5): dd is out of core dumps, dc not copied on fork, lo locked. The sanitizers' libraries turn mlock into
// nothing, so there the call is seen by its wrap alone.
static void kernel_knows_the_protection(void)
{
	struct base_secret s;
	char line[600] = "";

	CU_ASSERT_EQUAL_FATAL(base_secret_init(&s, 16), 0);
	CU_ASSERT_TRUE(find_mapping("/proc/self/smaps", s.bytes, "VmFlags:", line, sizeof(line)));
	CU_ASSERT_PTR_NOT_NULL(strstr(line, " dd"));
	CU_ASSERT_PTR_NOT_NULL(strstr(line, " dc"));
#if !defined(__SANITIZE_ADDRESS__)
	CU_ASSERT_PTR_NOT_NULL(strstr(line, " lo"));
#endif
	base_secret_fini(&s);
}

static int protect_and_look(void *argument)
{
	struct rlimit core;

	(void)argument;
	if (prctl(PR_GET_DUMPABLE) != 1 || base_secret_protect_process() != 0)
		return 1;
	if (prctl(PR_GET_DUMPABLE) != 0)
		return 2;
	return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 3;
}

static int protect_without_limit(void *argument)
{
	(void)argument;
	failing_setrlimit = 1;
	return base_secret_protect_process() == -EPERM ? 0 : 1;
}

static void process_is_locked_away(void)
{
	char said[400];
	int status = child_run(protect_and_look, NULL, said, sizeof(said));

	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	status = child_run(protect_without_limit, NULL, said, sizeof(said));
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// The search must see a key that is there before its silence means anything.
static void no_copy_is_left_in_memory(void)
{
	struct base_secret s, t = {0};
	uint8_t key[KEY_BYTES];

	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 0);
	memory_key_make(key, 0, KEY_BYTES);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 1);
	CU_ASSERT_EQUAL_FATAL(base_secret_init(&s, sizeof(key)), 0);
	CU_ASSERT_EQUAL(base_secret_set(&s, key, sizeof(key)), 0);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 2);
	base_secret_scrub(key, sizeof(key));
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 1);
	base_secret_move(&t, &s);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 1);
	CU_ASSERT_TRUE(base_secret_equal(&t, &t));
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 1);
	base_secret_wipe(&t);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 0);

	memory_key_make(t.bytes, 0, KEY_BYTES);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 1);
	CU_ASSERT_EQUAL(base_secret_set(&t, "x", 1), 0);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 0);
	memory_key_make(t.bytes, 0, KEY_BYTES);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 1);
	base_secret_fini(&t);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 0);
}

static const struct unit_test tests[] = {
	{"life of a secret", life_of_a_secret},
	{"content may come from the secret itself", content_may_come_from_the_secret_itself},
	{"an empty secret is left alone", empty_secret_is_left_alone},
	{"capacity must make sense", capacity_must_make_sense},
	{"pages that cannot be protected are not used", pages_that_cannot_be_protected_are_not_used},
	{"every size is usable and returned", every_size_is_usable_and_returned},
	{"move hands over", move_hands_over},
	{"equal compares length and every byte", equal_compares_length_and_every_byte},
	{"scrub overwrites exactly", scrub_overwrites_exactly},
	{"reads outside fault", reads_outside_fault},
	{"a child does not get it", child_does_not_get_it},
	{"the kernel knows the protection", kernel_knows_the_protection},
	{"the process is locked away", process_is_locked_away},
	{"no copy is left in memory", no_copy_is_left_in_memory},
};

UNIT_MAIN("base_secret", tests)

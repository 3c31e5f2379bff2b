// SPDX-License-Identifier: GPL-3.0-or-later
// Key files: what is accepted, what is refused and what the refusal says.
//
// read, fstat and mlock are wrapped (--wrap): short and interrupted reads, failures, another owner, a file that
// changes.
#include <errno.h>

#include <base_secret.h>

#include <memory_search.h>
#include <unit.h>

enum { KEY_BYTES = 16 };
#include "scratch.h"

static struct scratch scratch;
static struct base_errs errs;

static struct {
	size_t read_most;     // bytes per read, 0: no limit
	int read_interrupted; // so many reads fail with EINTR first
	int read_errno;       // reads fail with it
	int fstat_errno;      // the fstat number fstat_from and later ones fail with it
	int fstat_from;
	uid_t fstat_uid_plus;  // added to the owner
	off_t fstat_size_plus; // added to the size by the first fstat
	int mlock_fails;
	int fstats, reads;
} fake;

ssize_t __real_read(int fd, void *out, size_t n);
ssize_t __wrap_read(int fd, void *out, size_t n);
int __real_fstat64(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st);
int __real_mlock(const void *p, size_t n);
int __wrap_mlock(const void *p, size_t n);

ssize_t __wrap_read(int fd, void *out, size_t n)
{
	fake.reads++;
	if (fake.read_interrupted > 0 || fake.read_errno) {
		errno = fake.read_interrupted-- > 0 ? EINTR : fake.read_errno;
		return -1;
	}
	return __real_read(fd, out, fake.read_most && n > fake.read_most ? fake.read_most : n);
}

int __wrap_fstat64(int fd, struct stat *st)
{
	int rc = __real_fstat64(fd, st);

	st->st_uid += fake.fstat_uid_plus;
	if (fake.fstats++ == 0)
		st->st_size += fake.fstat_size_plus;
	if (fake.fstat_errno && fake.fstats >= fake.fstat_from) {
		errno = fake.fstat_errno;
		return -1;
	}
	return rc;
}

int __wrap_mlock(const void *p, size_t n)
{
	errno = ENOMEM;
	return fake.mlock_fails ? -1 : __real_mlock(p, n);
}

static void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	base_errs_init(&errs);
}

// The load fails with `rc`, holds nothing and says `path`: ... `says` ... once.
static void refused(const char *path, size_t max_bytes, int rc, const char *says)
{
	struct base_secret s;
	size_t n = strlen(path);

	memset(&s, 0xee, sizeof(s));
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(base_secret_load(&s, path, max_bytes, &errs), rc);
	CU_ASSERT(!s.bytes && s.len_bytes == 0 && s.capacity_bytes == 0);
	CU_ASSERT_EQUAL_FATAL(errs.count, 1);
	CU_ASSERT_EQUAL(strncmp(errs.text[0], path, n), 0);
	CU_ASSERT_EQUAL(strncmp(errs.text[0] + n, ": ", 2), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], says));
	if (!strstr(errs.text[0], says))
		fprintf(stderr, "said \"%s\"\n", errs.text[0]);
}

static void accepted(const char *path, size_t max_bytes, const char *content)
{
	struct base_secret s;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(base_secret_load(&s, path, max_bytes, &errs), 0);
	CU_ASSERT_TRUE(base_errs_none(&errs));
	CU_ASSERT_EQUAL(s.len_bytes, strlen(content));
	CU_ASSERT_EQUAL(memcmp(s.bytes, content, s.len_bytes), 0);
	base_secret_fini(&s);
}

static void whole_file_is_loaded(void)
{
	fake_reset();
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "0123456789abcdef", 16, 0600), 0);
	accepted(scratch.file, 16, "0123456789abcdef");
	accepted(scratch.file, 1000, "0123456789abcdef");
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "\n", 1, 0400), 0);
	accepted(scratch.file, 16, "\n");
}

static void short_and_interrupted_reads_go_on(void)
{
	fake_reset();
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "0123456789abcdef", 16, 0600), 0);
	fake.read_most = 5;
	fake.read_interrupted = 2;
	accepted(scratch.file, 16, "0123456789abcdef");
	CU_ASSERT_EQUAL(fake.reads, 6);
}

static void link_to_a_good_file_is_followed(void)
{
	char path[100];

	fake_reset();
	snprintf(path, sizeof(path), "%s/link", scratch.dir);
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "key", 3, 0600), 0);
	CU_ASSERT_EQUAL_FATAL(symlink("file", path), 0);
	accepted(path, 16, "key");
	CU_ASSERT_EQUAL(chmod(scratch.file, 0644), 0);
	refused(path, 16, -EPERM, "chmod 600");
	unlink(scratch.file);
	refused(path, 16, -ENOENT, "cannot be opened");
	unlink(path);
}

static void every_open_mode_is_refused(void)
{
	fake_reset();
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "key", 3, 0600), 0);
	for (mode_t bit = 01; bit <= 040; bit <<= 1) {
		CU_ASSERT_EQUAL(chmod(scratch.file, 0600 | bit), 0);
		refused(scratch.file, 16, -EPERM, "chmod 600");
	}
	CU_ASSERT_EQUAL(chmod(scratch.file, 0644), 0);
	refused(scratch.file, 16, -EPERM, "mode 0644");
	CU_ASSERT_EQUAL(chmod(scratch.file, 0600), 0);
	accepted(scratch.file, 16, "key");
}

static void another_owner_is_refused(void)
{
	char chown_right[40];

	fake_reset();
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "key", 3, 0600), 0);
	fake.fstat_uid_plus = 1;
	snprintf(chown_right, sizeof(chown_right), "chown %lu", (unsigned long)geteuid());
	refused(scratch.file, 16, -EPERM, chown_right);
}

static void size_must_fit(void)
{
	fake_reset();
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "", 0, 0600), 0);
	refused(scratch.file, 16, -ENODATA, "is empty; 1 to 16 bytes");
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "0123456789abcdefg", 17, 0600), 0);
	refused(scratch.file, 16, -ENOSPC, "is 17 bytes long; 1 to 16 bytes");
	accepted(scratch.file, 17, "0123456789abcdefg");
}

static void only_regular_files(void)
{
	fake_reset();
	refused(scratch.dir, 16, -EINVAL, "not a regular file");
	refused("/dev/zero", 16, -EINVAL, "not a regular file");
	unlink(scratch.file);
	// Nobody writes to the pipe: waiting for it would hang.
	CU_ASSERT_EQUAL_FATAL(mkfifo(scratch.file, 0600), 0);
	refused(scratch.file, 16, -EINVAL, "not a regular file");
	unlink(scratch.file);
	refused(scratch.file, 16, -ENOENT, "No such file or directory");
}

static void failures_are_named(void)
{
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "key", 3, 0600), 0);
	fake_reset();
	fake.read_errno = EIO;
	refused(scratch.file, 16, -EIO, "cannot be read whole: Input/output error");
	fake_reset();
	fake.fstat_errno = EIO;
	refused(scratch.file, 16, -EIO, "cannot be examined");
	fake_reset();
	fake.fstat_errno = EIO;
	fake.fstat_from = 2;
	refused(scratch.file, 16, -EIO, "cannot be read whole");
	fake_reset();
	fake.mlock_fails = 1;
	refused(scratch.file, 16, -ENOMEM, "ulimit -l");
	fake_reset();
}

// The size seen at first is 2 more or 2 less than what is there afterwards.
static void changing_file_is_refused(void)
{
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "0123456789", 10, 0600), 0);
	fake_reset();
	fake.fstat_size_plus = 2;
	refused(scratch.file, 16, -EAGAIN, "it changed meanwhile");
	fake_reset();
	fake.fstat_size_plus = -2;
	refused(scratch.file, 16, -EAGAIN, "it changed meanwhile");
	fake_reset();
}

// With stdio on the way there would be two.
static void loading_makes_one_copy_and_fini_none(void)
{
	uint8_t key[KEY_BYTES];
	struct base_secret s;

	fake_reset();
	memory_key_make(key, 0, KEY_BYTES);
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, key, sizeof(key), 0600), 0);
	base_secret_scrub(key, sizeof(key));
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 0);
	CU_ASSERT_EQUAL_FATAL(base_secret_load(&s, scratch.file, 64, &errs), 0);
	CU_ASSERT_EQUAL(s.len_bytes, KEY_BYTES);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 1);
	base_secret_fini(&s);
	CU_ASSERT_EQUAL(memory_count(0, KEY_BYTES), 0);
}

static const struct unit_test tests[] = {
	{"the whole file is loaded", whole_file_is_loaded},
	{"short and interrupted reads go on", short_and_interrupted_reads_go_on},
	{"a link to a good file is followed", link_to_a_good_file_is_followed},
	{"every open mode is refused", every_open_mode_is_refused},
	{"another owner is refused", another_owner_is_refused},
	{"the size must fit", size_must_fit},
	{"only regular files", only_regular_files},
	{"failures are named", failures_are_named},
	{"a changing file is refused", changing_file_is_refused},
	{"loading makes one copy and fini none", loading_makes_one_copy_and_fini_none},
};

int main(void)
{
	if (scratch_open(&scratch) < 0)
		return 2;
	int rc = unit_run("base_secret_file", tests, sizeof(tests) / sizeof(tests[0]));

	scratch_close(&scratch);
	return rc;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Loading and parsing a document: the good, and the place and reason of what is wrong.
//
// read and realloc are wrapped (--wrap): short, interrupted and failing reads, and no memory.
#include <errno.h>

#include <base_config.h>

#include <unit.h>

#include "scratch.h"

static struct scratch scratch;
static struct base_errs errs;
static struct base_config root;

static struct {
	size_t read_most;
	int read_interrupted;
	int read_errno;
	int realloc_fails;
} fake;

static int allocations_left = -1; // of jansson; -1: no end

ssize_t __real_read(int fd, void *out, size_t n);
ssize_t __wrap_read(int fd, void *out, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);

ssize_t __wrap_read(int fd, void *out, size_t n)
{
	if (fake.read_interrupted > 0 || fake.read_errno) {
		errno = fake.read_interrupted-- > 0 ? EINTR : fake.read_errno;
		return -1;
	}
	return __real_read(fd, out, fake.read_most && n > fake.read_most ? fake.read_most : n);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fake.realloc_fails ? NULL : __real_realloc(p, n);
}

static void *bounded_malloc(size_t n)
{
	if (allocations_left == 0)
		return NULL;
	if (allocations_left > 0)
		allocations_left--;
	return malloc(n);
}

// The parse fails with -EINVAL, leaves nothing and says exactly `text`.
static void parse_refused(const char *json, size_t n, const char *text)
{
	memset(&root, 0xee, sizeof(root));
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(base_config_parse(&root, json, n, "t.json", &errs), -EINVAL);
	CU_ASSERT_FALSE(base_config_present(&root));
	CU_ASSERT_EQUAL_FATAL(errs.count, 1);
	CU_ASSERT_STRING_EQUAL(errs.text[0], text);
	if (strcmp(errs.text[0], text) != 0)
		fprintf(stderr, "said \"%s\"\n", errs.text[0]);
	base_config_free(&root);
}

static void load_refused(const char *path, int rc, const char *reason)
{
	char text[BASE_ERR_TEXT_BYTES];

	snprintf(text, sizeof(text), "%s: %s", path, reason);
	memset(&root, 0xee, sizeof(root));
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(base_config_load(&root, path, &errs), rc);
	CU_ASSERT_FALSE(base_config_present(&root));
	CU_ASSERT_EQUAL_FATAL(errs.count, 1);
	CU_ASSERT_STRING_EQUAL(errs.text[0], text);
}

static void good_document_is_loaded(void)
{
	static const char json[] = "{\n\t\"name\": \"Test One\"\n}\n";

	memset(&fake, 0, sizeof(fake));
	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, json, sizeof(json) - 1, 0644), 0);
	fake.read_most = 7;
	fake.read_interrupted = 2;
	CU_ASSERT_EQUAL_FATAL(base_config_load(&root, scratch.file, &errs), 0);
	CU_ASSERT_TRUE(base_errs_none(&errs));
	CU_ASSERT_TRUE(base_config_present(&root));
	CU_ASSERT_STRING_EQUAL(root.pointer, "");
	CU_ASSERT_PTR_EQUAL(root.errs, &errs);
	CU_ASSERT_STRING_EQUAL(base_config_string(&root, "name", true, 0, NULL), "Test One");
	base_config_free(&root);
	CU_ASSERT_FALSE(base_config_present(&root));
	base_config_free(&root);
	fake.read_most = 0;
}

static void syntax_has_line_and_column(void)
{
#define REFUSED(json, text) parse_refused(json, sizeof(json) - 1, text)
	REFUSED("{\n  \"a\": 1,\n  \"b\" 2\n}", "t.json:3:7: ':' expected near '2'");
	REFUSED("{\"a\":1,}", "t.json:1:8: string or '}' expected near '}'");
	REFUSED("", "t.json:1:0: '[' or '{' expected near end of file");
	REFUSED("{\"a\":1,\n\"a\":2}", "t.json:2:3: duplicate object key near '\"a\"'");
	REFUSED("{} {}", "t.json:1:4: end of file expected near '{'");
	REFUSED("{\"a\":\"x\\u0000y\"}",
		"t.json:1:15: \\u0000 is not allowed without JSON_ALLOW_NUL near '\"x\\u0000y\"'");
	REFUSED("{\"a\":99999999999999999999}", "t.json:1:25: too big integer near '99999999999999999999'");
	REFUSED("{\"\xff\":1}", "t.json:1:2: unable to decode byte 0xff near '\"'");
	REFUSED("{\"a\":1}\0", "t.json:1:8: end of file expected near end of file");
	REFUSED("\"text\"", "t.json:1:6: '[' or '{' expected near '\"text\"'");
	REFUSED("[{}]", "t.json: the document must be an object, {...}");
#undef REFUSED
}

static void deep_nesting_is_refused(void)
{
	static char json[6 * 5000];
	size_t n = 0;

	for (int i = 0; i < 5000; i++)
		n += (size_t)snprintf(json + n, sizeof(json) - n, "{\"\":");
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(base_config_parse(&root, json, n, "t.json", &errs), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "maximum parsing depth reached"));
}

static void files_that_cannot_be_read(void)
{
	memset(&fake, 0, sizeof(fake));
	unlink(scratch.file);
	load_refused(scratch.file, -ENOENT, "cannot be opened: No such file or directory");
	load_refused(scratch.dir, -EISDIR, "cannot be read: Is a directory");
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "{}", 2, 0644), 0);
	fake.read_errno = EIO;
	load_refused(scratch.file, -EIO, "cannot be read: Input/output error");
	fake.read_errno = 0;
	fake.realloc_fails = 1;
	load_refused(scratch.file, -ENOMEM, "cannot be read: Cannot allocate memory");
	fake.realloc_fails = 0;
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, "{\n,}", 4, 0644), 0);
	char place[160];

	snprintf(place, sizeof(place), "%s:2:1: string or '}' expected near ','", scratch.file);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(base_config_load(&root, scratch.file, &errs), -EINVAL);
	CU_ASSERT_EQUAL_FATAL(errs.count, 1);
	CU_ASSERT_STRING_EQUAL(errs.text[0], place);
}

// Blanks up to the limit are a good document, one more is too many.
static void size_limit_is_exact(void)
{
	static char blanks[16 << 20];

	memset(&fake, 0, sizeof(fake));
	memset(blanks, ' ', sizeof(blanks));
	memcpy(blanks + sizeof(blanks) - 2, "{}", 2);
	CU_ASSERT_EQUAL_FATAL(scratch_write(&scratch, blanks, sizeof(blanks), 0644), 0);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(base_config_load(&root, scratch.file, &errs), 0);
	base_config_free(&root);
	CU_ASSERT_EQUAL_FATAL(truncate(scratch.file, sizeof(blanks) + 1), 0);
	load_refused(scratch.file, -EFBIG, "is longer than 16 MiB");
}

// Each allocation of the parser fails once: never half a document, and always a reason.
static void no_memory_is_said(void)
{
	static const char json[] = "{\"a\":[1,2.5,\"three\",{\"four\":null}],\"b\":true}";
	int refused = 0, rc = -1;

	json_set_alloc_funcs(bounded_malloc, free);
	for (int n = 0; n < 200 && rc < 0; n++) {
		base_errs_init(&errs);
		allocations_left = n;
		rc = base_config_parse(&root, json, sizeof(json) - 1, "t.json", &errs);
		allocations_left = -1;
		CU_ASSERT_EQUAL(rc == 0, base_config_present(&root));
		CU_ASSERT_EQUAL(errs.count, rc < 0 ? 1 : 0);
		refused += rc == -ENOMEM && strcmp(errs.text[0], "t.json: no memory to read it") == 0;
	}
	CU_ASSERT_EQUAL(rc, 0);
	CU_ASSERT(refused > 5);
	base_config_free(&root);
	json_set_alloc_funcs(malloc, free);
}

static const struct unit_test tests[] = {
	{"a good document is loaded", good_document_is_loaded},
	{"syntax has line and column", syntax_has_line_and_column},
	{"deep nesting is refused", deep_nesting_is_refused},
	{"files that cannot be read", files_that_cannot_be_read},
	{"the size limit is exact", size_limit_is_exact},
	{"no memory is said", no_memory_is_said},
};

int main(void)
{
	if (scratch_open(&scratch) < 0)
		return 2;
	int rc = unit_run("base_config_load", tests, sizeof(tests) / sizeof(tests[0]));

	scratch_close(&scratch);
	return rc;
}

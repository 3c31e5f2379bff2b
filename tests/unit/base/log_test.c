// SPDX-License-Identifier: GPL-3.0-or-later
// The log: its two line formats, its levels, and one write per line.
//
// write is wrapped (--wrap): lines are caught here, and interruptions made.
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <base_log.h>

#include <unit.h>

static char caught[4096];
static size_t caught_bytes;
static unsigned writes, interruptions;
static int catching;

ssize_t __real_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);

ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
	if (!catching || fd != STDERR_FILENO)
		return __real_write(fd, bytes, n);
	writes++;
	if (interruptions > 0) {
		interruptions--;
		errno = EINTR;
		return -1;
	}
	if (n < sizeof(caught) - caught_bytes) {
		memcpy(caught + caught_bytes, bytes, n);
		caught_bytes += n;
		caught[caught_bytes] = '\0';
	}
	return (ssize_t)n;
}

static void catch_begin(void)
{
	caught_bytes = 0;
	caught[0] = '\0';
	writes = 0;
	catching = 1;
}

static bool matches(const char *pattern)
{
	regex_t re;
	bool found = false;

	catching = 0;
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) == 0) {
		found = regexec(&re, caught, 0, NULL, 0) == 0;
		regfree(&re);
	}
	if (!found)
		fprintf(stderr, "caught \"%s\", expected %s\n", caught, pattern);
	return found;
}

#define TIME "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "

static void line_has_time_level_program_module(void)
{
	unsetenv("JOURNAL_STREAM");
	base_log_init("bulkhead-dataplane");
	catch_begin();
	base_log(BASE_LOG_INFO, "rx", "port up port=%d speed_mbps=%u", 3, 10000u);
	CU_ASSERT_TRUE(matches(TIME "info bulkhead-dataplane rx: port up port=3 speed_mbps=10000\n$"));
	CU_ASSERT_EQUAL(writes, 1);
	catch_begin();
	base_log(BASE_LOG_ERROR, "psi", "x");
	CU_ASSERT_TRUE(matches(TIME "error bulkhead-dataplane psi: x\n$"));
	catch_begin();
	base_log(BASE_LOG_WARNING, "psi", "%s", "");
	CU_ASSERT_TRUE(matches(TIME "warning bulkhead-dataplane psi: \n$"));
}

static void time_is_now_in_utc(void)
{
	char low[40], high[40];
	time_t t = time(NULL);

	setenv("TZ", "Asia/Kolkata", 1);
	tzset();
	strftime(low, sizeof(low), "%FT%T", gmtime(&t));
	catch_begin();
	base_log(BASE_LOG_INFO, "rx", "x");
	catching = 0;
	t = time(NULL) + 1;
	strftime(high, sizeof(high), "%FT%T", gmtime(&t));
	unsetenv("TZ");
	CU_ASSERT(strncmp(caught, low, strlen(low)) >= 0);
	CU_ASSERT(strncmp(caught, high, strlen(high)) <= 0);
}

// The variable names the stream by device and inode: standard error is it, or is not.
static void journal_gets_priorities(void)
{
	static const struct {
		enum base_log_level level;
		const char *line;
	} lines[] = {{BASE_LOG_ERROR, "<3>rx: x y=1\n"},
		     {BASE_LOG_WARNING, "<4>rx: x y=1\n"},
		     {BASE_LOG_INFO, "<6>rx: x y=1\n"},
		     {BASE_LOG_DEBUG, "<7>rx: x y=1\n"}};
	char stream[60];
	struct stat st;

	CU_ASSERT_EQUAL_FATAL(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	base_log_init("bulkhead");
	CU_ASSERT_EQUAL(base_log_set_levels("debug"), 0);
	for (size_t i = 0; i < 4; i++) {
		catch_begin();
		base_log(lines[i].level, "rx", "x y=%d", 1);
		catching = 0;
		CU_ASSERT_STRING_EQUAL(caught, lines[i].line);
	}
}

static void another_stream_is_not_the_journal(void)
{
	static const char *const streams[] = {"1:2", "", "1", "x:y"};

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		setenv("JOURNAL_STREAM", streams[i], 1);
		base_log_init("bulkhead");
		catch_begin();
		base_log(BASE_LOG_INFO, "rx", "x");
		CU_ASSERT_TRUE(matches(TIME "info bulkhead rx: x\n$"));
	}
	unsetenv("JOURNAL_STREAM");
	base_log_init("bulkhead");
}

static void control_bytes_are_blanked(void)
{
	catch_begin();
	base_log(BASE_LOG_INFO, "r\nx", "name=%s", "a\nb\rc\td\x1b[0m\x7f\x01\xc3\xa9 z");
	CU_ASSERT_TRUE(matches(" r\\?x: name=a\\?b\\?c\\?d\\?\\[0m\\?\\?\xc3\xa9 z\n$"));
	CU_ASSERT_PTR_EQUAL(strchr(caught, '\n'), caught + caught_bytes - 1);
}

static void text_is_cut_at_1000_bytes(void)
{
	for (int n = 999; n <= 1001; n++) {
		catch_begin();
		base_log(BASE_LOG_INFO, "rx", "%0*d", n, 7);
		catching = 0;
		const char *text = strstr(caught, "rx: ") + 4;

		CU_ASSERT_EQUAL(strspn(text, "07"), n < 1000 ? (size_t)n : 1000);
		CU_ASSERT_EQUAL(strchr(text, '7') != NULL, n <= 1000);
		CU_ASSERT_EQUAL(caught[caught_bytes - 1], '\n');
		CU_ASSERT_EQUAL(writes, 1);
	}
}

// The longest lead there can be must leave the text whole.
static void long_names_are_cut(void)
{
	static char program[200], module[200];

	memset(program, 'p', sizeof(program) - 1);
	memset(module, 'm', sizeof(module) - 1);
	base_log_init(program);
	catch_begin();
	base_log(BASE_LOG_WARNING, module, "%01200d", 7);
	CU_ASSERT_TRUE(matches(TIME "warning p{64} m{32}: 0+\n$"));
	CU_ASSERT_EQUAL(strspn(strstr(caught, "m: ") + 3, "0"), 1000);
	base_log_init("bulkhead");
}

static void interrupted_write_is_tried_again(void)
{
	catch_begin();
	interruptions = 2;
	base_log(BASE_LOG_INFO, "rx", "x");
	CU_ASSERT_TRUE(matches(TIME "info bulkhead rx: x\n$"));
	CU_ASSERT_EQUAL(writes, 3);
}

static void errno_is_kept(void)
{
	catch_begin();
	interruptions = 1;
	errno = ENOENT;
	base_log(BASE_LOG_INFO, "rx", "open failed why=\"%s\"", strerror(errno));
	CU_ASSERT_EQUAL(errno, ENOENT);
	CU_ASSERT_TRUE(matches("why=\"No such file or directory\"\n$"));
}

static bool enabled_up_to(const char *module, enum base_log_level level)
{
	for (int l = BASE_LOG_ERROR; l <= BASE_LOG_DEBUG; l++)
		if (base_log_enabled((enum base_log_level)l, module) != (l <= (int)level))
			return false;
	return true;
}

static void levels_are_info_at_first(void)
{
	CU_ASSERT_EQUAL(base_log_set_levels("error,rx=debug"), 0);
	base_log_init("bulkhead");
	CU_ASSERT_TRUE(enabled_up_to("rx", BASE_LOG_INFO));
	CU_ASSERT_TRUE(enabled_up_to("psi", BASE_LOG_INFO));
}

static void levels_are_per_module(void)
{
	base_log_init("bulkhead");
	CU_ASSERT_EQUAL(base_log_set_levels("rx=debug,psi=warning"), 0);
	CU_ASSERT_TRUE(enabled_up_to("rx", BASE_LOG_DEBUG));
	CU_ASSERT_TRUE(enabled_up_to("psi", BASE_LOG_WARNING));
	CU_ASSERT_TRUE(enabled_up_to("tx", BASE_LOG_INFO));
	CU_ASSERT_TRUE(enabled_up_to("r", BASE_LOG_INFO));
	// A second call adds, and changes what it names.
	CU_ASSERT_EQUAL(base_log_set_levels("tx=error,rx=info"), 0);
	CU_ASSERT_TRUE(enabled_up_to("rx", BASE_LOG_INFO));
	CU_ASSERT_TRUE(enabled_up_to("psi", BASE_LOG_WARNING));
	CU_ASSERT_TRUE(enabled_up_to("tx", BASE_LOG_ERROR));
	// A level for all ends the exceptions; those after it hold.
	CU_ASSERT_EQUAL(base_log_set_levels("warning,rx=debug"), 0);
	CU_ASSERT_TRUE(enabled_up_to("rx", BASE_LOG_DEBUG));
	CU_ASSERT_TRUE(enabled_up_to("psi", BASE_LOG_WARNING));
	CU_ASSERT_TRUE(enabled_up_to("tx", BASE_LOG_WARNING));
	CU_ASSERT_EQUAL(base_log_set_levels("debug"), 0);
	CU_ASSERT_TRUE(enabled_up_to("rx", BASE_LOG_DEBUG));
	CU_ASSERT_TRUE(enabled_up_to("tx", BASE_LOG_DEBUG));
}

static void quiet_lines_are_not_written(void)
{
	base_log_init("bulkhead");
	CU_ASSERT_EQUAL(base_log_set_levels("rx=error"), 0);
	catch_begin();
	base_log(BASE_LOG_DEBUG, "tx", "x");
	base_log(BASE_LOG_WARNING, "rx", "x");
	CU_ASSERT_EQUAL(writes, 0);
	base_log(BASE_LOG_ERROR, "rx", "x");
	catching = 0;
	CU_ASSERT_EQUAL(writes, 1);
}

static void wrong_levels_change_nothing(void)
{
	static const char *const wrong[] = {
		"",         "loud",   "rx=",    "=debug", "rx=loud",     "rx=debug,",      ",debug",
		"rx=Debug", "debug ", "debugx", "debu",   "tx=debug,rx", "rx=debug=debug", "tx=debug,error,rx=loud"};

	base_log_init("bulkhead");
	CU_ASSERT_EQUAL(base_log_set_levels("rx=warning"), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CU_ASSERT_EQUAL(base_log_set_levels(wrong[i]), -EINVAL);
		CU_ASSERT_TRUE(enabled_up_to("rx", BASE_LOG_WARNING));
		CU_ASSERT_TRUE(enabled_up_to("tx", BASE_LOG_INFO));
	}
}

static void there_is_room_for_32_modules(void)
{
	char text[20];

	base_log_init("bulkhead");
	for (int i = 0; i < 32; i++) {
		snprintf(text, sizeof(text), "m%d=debug", i);
		CU_ASSERT_EQUAL(base_log_set_levels(text), 0);
	}
	CU_ASSERT_EQUAL(base_log_set_levels("m0=error,m32=debug"), -EINVAL);
	CU_ASSERT_TRUE(enabled_up_to("m0", BASE_LOG_DEBUG));
	CU_ASSERT_TRUE(enabled_up_to("m31", BASE_LOG_DEBUG));
	CU_ASSERT_TRUE(enabled_up_to("m32", BASE_LOG_INFO));
	CU_ASSERT_EQUAL(base_log_set_levels("m31=error"), 0);
	CU_ASSERT_TRUE(enabled_up_to("m31", BASE_LOG_ERROR));
	CU_ASSERT_EQUAL(base_log_set_levels("info,m32=debug"), 0);
	CU_ASSERT_TRUE(enabled_up_to("m31", BASE_LOG_INFO));
	CU_ASSERT_TRUE(enabled_up_to("m32", BASE_LOG_DEBUG));
}

static const struct unit_test tests[] = {
	{"a line has time, level, program, module", line_has_time_level_program_module},
	{"the time is now in UTC", time_is_now_in_utc},
	{"the journal gets priorities", journal_gets_priorities},
	{"another stream is not the journal", another_stream_is_not_the_journal},
	{"control bytes are blanked", control_bytes_are_blanked},
	{"text is cut at 1000 bytes", text_is_cut_at_1000_bytes},
	{"long names are cut", long_names_are_cut},
	{"an interrupted write is tried again", interrupted_write_is_tried_again},
	{"errno is kept", errno_is_kept},
	{"levels are info at first", levels_are_info_at_first},
	{"levels are per module", levels_are_per_module},
	{"quiet lines are not written", quiet_lines_are_not_written},
	{"wrong levels change nothing", wrong_levels_change_nothing},
	{"there is room for 32 modules", there_is_room_for_32_modules},
};

UNIT_MAIN("base_log", tests)

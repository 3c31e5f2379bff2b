// SPDX-License-Identifier: GPL-3.0-or-later
// The program as a whole: exit status, READY, the opened file and the report, run as a user would run it.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <air.h>
#include <jansson.h>
#include <unit.h>

struct scene {
	char folder[32], air[64], keys[64], opened[64], report[64], said[64];
	struct air_plan plan;
	struct air stream;
};

static void write_file(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

static void scene_new(struct scene *s, size_t from)
{
	char text[4096];
	size_t n;

	*s = (struct scene){
		.folder = "/tmp/stb_program_XXXXXX",
		.plan = {.algorithm = STB_CISSA, .scrambling_mode = 0x10, .periods = 6, .period_pkts = 120}};
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->folder));
	snprintf(s->air, sizeof(s->air), "%s/air.ts", s->folder);
	snprintf(s->keys, sizeof(s->keys), "%s/keys", s->folder);
	snprintf(s->opened, sizeof(s->opened), "%s/opened.ts", s->folder);
	snprintf(s->report, sizeof(s->report), "%s/report.json", s->folder);
	snprintf(s->said, sizeof(s->said), "%s/said", s->folder);
	air_keys(&s->plan);
	air_new(&s->stream, &s->plan);
	write_file(s->air, s->stream.aired, s->stream.n * TS_PACKET_BYTES);
	n = air_schedule(text, sizeof(text), &s->plan, from, 6, false);
	write_file(s->keys, text, n);
}

static void scene_free(struct scene *s)
{
	const char *files[] = {s->air, s->keys, s->opened, s->report, s->said};

	for (size_t i = 0; i < 5; i++)
		unlink(files[i]);
	CU_ASSERT_EQUAL(rmdir(s->folder), 0);
	air_free(&s->stream);
}

// Runs the program with standard output and error into `said`; returns its exit status.
static int run(const struct scene *s, char *const argv[])
{
	// The program cannot be traced, so a sanitizer build cannot look for leaks at its end.
	static char no_leaks[] = "ASAN_OPTIONS=detect_leaks=0";
	char *env[] = {no_leaks, NULL};
	posix_spawn_file_actions_t to;
	pid_t pid;
	int status;

	posix_spawn_file_actions_init(&to);
	posix_spawn_file_actions_addopen(&to, 1, s->said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&to, 1, 2);
	CU_ASSERT_EQUAL_FATAL(posix_spawn(&pid, TERMINAL, &to, NULL, argv, env), 0);
	posix_spawn_file_actions_destroy(&to);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool said(const struct scene *s, const char *words)
{
	char text[8192] = {0};
	FILE *file = fopen(s->said, "r");
	size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (file)
		fclose(file);
	return n > 0 && strstr(text, words);
}

#define WORD(text) ((char[]){text})

static void opens(void)
{
	struct scene s;
	json_t *report;

	scene_new(&s, 0);
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--schedule"), s.keys,
					   WORD("--output"), s.opened, WORD("--report"), s.report, NULL}),
			0);
	CU_ASSERT(said(&s, "READY\n"));
	CU_ASSERT(said(&s, "all that was asked for opened"));
	report = json_load_file(s.report, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(report);
	CU_ASSERT(json_is_true(json_object_get(report, "opened")));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(report, "reasons")), 0);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(report, "pids")), 5);
	json_t *programme = json_array_get(json_object_get(report, "programmes"), 0);

	CU_ASSERT_EQUAL(json_integer_value(json_object_get(programme, "program")), AIR_PROGRAM);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(programme, "algorithm")), "cissa");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(programme, "flips")), 5);
	json_decref(report);

	uint8_t last[TS_PACKET_BYTES];
	FILE *opened = fopen(s.opened, "rb");

	CU_ASSERT_PTR_NOT_NULL_FATAL(opened);
	CU_ASSERT_EQUAL(fseek(opened, -TS_PACKET_BYTES, SEEK_END), 0);
	CU_ASSERT_EQUAL(ftell(opened), (long)((s.stream.n - 1) * TS_PACKET_BYTES));
	CU_ASSERT_EQUAL(fread(last, sizeof(last), 1, opened), 1);
	CU_ASSERT_EQUAL(memcmp(last, s.stream.clear[s.stream.n - 1], sizeof(last)), 0);
	fclose(opened);
	scene_free(&s);
}

static void does_not_open(void)
{
	struct scene s;

	scene_new(&s, 8);
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--schedule"), s.keys,
					   WORD("--json"), NULL}),
			1);
	CU_ASSERT(said(&s, "\"opened\": false"));
	CU_ASSERT(said(&s, "NOT all that was asked for opened"));
	CU_ASSERT(said(&s, "no CW of the group opened any"));
	scene_free(&s);
}

static void wrong_use(void)
{
	struct scene s;

	scene_new(&s, 0);
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), NULL}), 2);
	CU_ASSERT(said(&s, "--input: is needed"));
	CU_ASSERT(!said(&s, "READY"));
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--schedule"), s.keys,
					   WORD("--group"), WORD("nobody"), NULL}),
			2);
	CU_ASSERT(said(&s, "no group 'nobody'"));
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--cw-even"), WORD("12"), NULL}), 2);
	CU_ASSERT(said(&s, "--cw-even: a CW is 16 or 32"));
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.opened, NULL}), 2);
	CU_ASSERT(said(&s, "No such file"));
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--output"), WORD("/dev/full"),
					   WORD("--schedule"), s.keys, NULL}),
			2);
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--help"), NULL}), 0);
	CU_ASSERT(said(&s, "usage: bulkhead-terminal"));
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--version"), NULL}), 0);
	scene_free(&s);
}

// getopt's own messages quote the whole word.
static void no_key_of_a_mistyped_line(void)
{
	struct scene s;

	scene_new(&s, 0);
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--cw-evne=a1b2c3d4e5f60718"),
					   WORD("918273645546372f"), NULL}),
			2);
	CU_ASSERT(said(&s, "--cw-evne: is no option"));
	CU_ASSERT(said(&s, "argument 4: is no option"));
	CU_ASSERT(!said(&s, "a1b2"));
	CU_ASSERT(!said(&s, "9182"));
	scene_free(&s);
}

static const struct unit_test tests[] = {
	{"opens", opens},
	{"does not open", does_not_open},
	{"wrong use", wrong_use},
	{"no key of a mistyped line", no_key_of_a_mistyped_line},
};

UNIT_MAIN("program", tests)

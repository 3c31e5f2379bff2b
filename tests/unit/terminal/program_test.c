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
#include <desk.h>
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

enum { ECM_PID = 0x1F0, EMM_PID = 0x1F1 };

static size_t put_section(uint8_t *at, uint16_t pid, const uint8_t *section, int n)
{
	uint8_t packets[2][TS_PACKET_BYTES], cc = 0;
	int count = ts_section_packetize(packets, 2, section, (size_t)n, pid, &cc);

	CU_ASSERT_FATAL(count > 0);
	memcpy(at, packets, (size_t)count * TS_PACKET_BYTES);
	return (size_t)count * TS_PACKET_BYTES;
}

// The air of two crypto-periods with an ECM in front that has both words, and an EMM; the key file beside it.
static void write_keyed(struct scene *s)
{
	uint8_t *file = calloc(s->stream.n + 8, TS_PACKET_BYTES), section[1024], info[16], cat_info[16];
	struct ts_desc_ca ca = {0x0A0B, ECM_PID, NULL, 0}, emm_ca = {0x0A0B, EMM_PID, NULL, 0};
	int info_n = ts_desc_scrambling_write(info, sizeof(info), 0x10);
	struct ts_pat pat = {.transport_stream_id = 1, .current = true, .n = 1, .program[0] = {AIR_PROGRAM, AIR_PMT}};
	struct ts_pmt pmt = {.program_number = AIR_PROGRAM, .current = true, .pcr_pid = AIR_VIDEO, .n = 2};
	struct ts_cat cat = {.current = true};
	struct desk desk;
	char text[1024];
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	info_n += ts_desc_ca_write(info + info_n, sizeof(info) - (size_t)info_n, &ca);
	pmt.info = (struct ts_desc_loop){info, (size_t)info_n};
	pmt.stream[0] = (struct ts_pmt_stream){0x1B, AIR_VIDEO, {0}};
	pmt.stream[1] = (struct ts_pmt_stream){0x0F, AIR_AUDIO, {0}};
	cat.info = (struct ts_desc_loop){cat_info, (size_t)ts_desc_ca_write(cat_info, sizeof(cat_info), &emm_ca)};
	desk_init(&desk, STB_SUITE_AES);
	n += put_section(file + n, TS_PID_PAT, section, ts_pat_write(section, sizeof(section), &pat));
	n += put_section(file + n, AIR_PMT, section, ts_pmt_write(section, sizeof(section), &pmt));
	n += put_section(file + n, TS_PID_CAT, section, ts_cat_write(section, sizeof(section), &cat));
	n += put_section(file + n, EMM_PID, (const uint8_t[]){0x82, 0x70, 2, 7, 7}, 5);
	n += put_section(file + n, ECM_PID, section,
			 (int)desk_ecm(&desk,
				       &(struct desk_ecm){.service_key_id = 1,
							  .even = s->plan.cw[0],
							  .odd = s->plan.cw[1],
							  .cw_bytes = 16},
				       section));
	for (size_t i = 0; i < s->stream.n; i++) {
		uint16_t pid = ts_packet_pid(s->stream.aired[i]);

		if (pid != TS_PID_PAT && pid != AIR_PMT) {
			memcpy(file + n, s->stream.aired[i], TS_PACKET_BYTES);
			n += TS_PACKET_BYTES;
		}
	}
	write_file(s->air, file, n);
	write_file(s->keys, text, desk_keys(&desk, text, sizeof(text)));
	free(file);
}

static void opens_by_ecm(void)
{
	struct scene s;
	json_t *report, *programme, *ecm, *emm;

	scene_new(&s, 0);
	air_free(&s.stream);
	s.plan.periods = 2;
	air_new(&s.stream, &s.plan);
	write_keyed(&s);
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--keys"), s.keys,
					   WORD("--ca-system-id"), WORD("0a0b"), WORD("--report"), s.report, NULL}),
			0);
	CU_ASSERT(said(&s, "ECM PID 0x01f0 of CA system 0x0a0b: 1 received, 1 opened, crypto-periods 0..0, 0 gaps"));
	CU_ASSERT(said(&s, "2 crypto-periods proved by a PES start"));
	CU_ASSERT(said(&s, "EMMs: 1 sections, 1 distinct"));
	report = json_load_file(s.report, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(report);
	programme = json_array_get(json_object_get(report, "programmes"), 0);
	ecm = json_object_get(programme, "ecm");
	emm = json_object_get(report, "emm");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(programme, "flips")), 1);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(ecm, "pid")), ECM_PID);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(ecm, "ca_system_id")), 0x0A0B);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(ecm, "opened")), 1);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(ecm, "periods_proved")), 2);
	CU_ASSERT_EQUAL(json_object_size(json_object_get(ecm, "refused")), 0);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(emm, "tables"), "0x82")), 1);
	CU_ASSERT_EQUAL(json_array_size(json_object_get(emm, "sections")), 1);
	json_decref(report);
	scene_free(&s);
}

static void wrong_keys_for_ecms(void)
{
	char text[1024];
	struct scene s;
	struct desk desk;

	scene_new(&s, 0);
	write_keyed(&s);
	desk_init(&desk, STB_SUITE_AES);
	memset(desk.auth, 9, sizeof(desk.auth));
	write_file(s.keys, text, desk_keys(&desk, text, sizeof(text)));
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--keys"), s.keys, NULL}), 1);
	CU_ASSERT(said(&s, "no ECM of PID 0x01f0 opened, 1 were refused: bad_mac"));
	write_file(s.keys, "suite aes\nk3 00\n", 16);
	CU_ASSERT_EQUAL(run(&s, (char *[]){WORD("t"), WORD("--input"), s.air, WORD("--keys"), s.keys, NULL}), 2);
	CU_ASSERT(said(&s, "keys:2: a k3 line reads"));
	CU_ASSERT(said(&s, "no ca_subsystem line"));
	CU_ASSERT(!said(&s, "READY"));
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
	{"opens by ECM", opens_by_ecm},
	{"wrong keys for ECMs", wrong_keys_for_ecms},
	{"wrong use", wrong_use},
	{"no key of a mistyped line", no_key_of_a_mistyped_line},
};

UNIT_MAIN("program", tests)

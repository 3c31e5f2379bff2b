// SPDX-License-Identifier: GPL-3.0-or-later
#include "machine.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <bench_version.h>

enum { LINE_BYTES = 8192 };

// Flags that decide which kernels can run, and what kind of clock and machine this is.
static const char *const flags_that_matter[] = {"ssse3",      "sse4_1",       "aes",         "avx",
						"avx2",       "avx512f",      "avx512bw",    "avx512dq",
						"avx512vl",   "avx512vbmi",   "gfni",        "vaes",
						"vpclmulqdq", "constant_tsc", "nonstop_tsc", "hypervisor"};

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += n)
		if ((at == text || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static void keep_flags(json_t *out, const char *text)
{
	char kept[256] = "";

	for (unsigned i = 0; i < sizeof(flags_that_matter) / sizeof(flags_that_matter[0]); i++)
		if (has_word(text, flags_that_matter[i])) {
			strcat(kept, kept[0] ? " " : "");
			strcat(kept, flags_that_matter[i]);
		}
	json_object_set_new(out, "cpu_flags", json_string(kept));
}

static void read_cpu(json_t *out)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[LINE_BYTES];

	json_object_set_new(out, "cpu", json_string("unknown"));
	json_object_set_new(out, "microcode", json_string("unknown"));
	json_object_set_new(out, "cpu_flags", json_string("unknown"));
	while (file && fgets(line, sizeof(line), file) && line[0] != '\n') {
		char *value = strstr(line, ": ");

		line[strcspn(line, "\n")] = '\0';
		if (!value)
			continue;
		value += 2;
		if (strncmp(line, "model name", 10) == 0)
			json_object_set_new(out, "cpu", json_string(value));
		else if (strncmp(line, "microcode", 9) == 0)
			json_object_set_new(out, "microcode", json_string(value));
		else if (strncmp(line, "flags", 5) == 0)
			keep_flags(out, value);
		else if (strncmp(line, "cpu family", 10) == 0)
			json_object_set_new(out, "cpu_family", json_string(value));
		else if (strncmp(line, "model\t", 6) == 0)
			json_object_set_new(out, "cpu_model", json_string(value));
	}
	if (file)
		fclose(file);
}

json_t *bench_machine_json(const struct base_clock *clock)
{
	json_t *out = json_object();
	time_t now = time(NULL);
	struct tm utc;
	struct utsname system;
	char date[32];

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	json_object_set_new(out, "date", json_string(date));
	json_object_set_new(out, "commit", json_string(BENCH_COMMIT));
	read_cpu(out);
	json_object_set_new(out, "cores", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_set_new(out, "tsc_hz", json_integer((json_int_t)clock->tsc_hz));
	json_object_set_new(out, "kernel",
			    uname(&system) ? json_string("unknown")
					   : json_sprintf("%s %s", system.sysname, system.release));
	json_object_set_new(out, "compiler", json_string(__VERSION__));
	return out;
}

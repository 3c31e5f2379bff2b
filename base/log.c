// SPDX-License-Identifier: GPL-3.0-or-later
// The log: making a line and writing it with one write(2).
#include <base_log.h>

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log_levels.h"

#define TEXT_BYTES 1000
#define LEAD_BYTES 160 // time 24, level 7, program 64, module 32, punctuation

static const char *_Atomic program_name = "bulkhead";
static atomic_bool to_journal;

// systemd.exec(5): JOURNAL_STREAM is "device:inode" of the stream; a shell started from a service inherits the variable
// but not the stream, so the two are compared.
static bool stderr_is_journal(void)
{
	const char *text = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	if (!text || sscanf(text, "%llu:%llu", &dev, &ino) != 2 || fstat(STDERR_FILENO, &st) < 0)
		return false;
	return dev == st.st_dev && ino == st.st_ino;
}

void base_log_init(const char *program)
{
	atomic_store(&program_name, program);
	atomic_store(&to_journal, stderr_is_journal());
	base_log_levels_reset();
}

int base_log_set_levels(const char *text)
{
	return base_log_levels_set(text);
}

bool base_log_enabled(enum base_log_level level, const char *module)
{
	return level <= base_log_levels_get(module);
}

// "<6>rx: " for journald, which adds time and program itself, or
// "2026-11-22T10:00:00.123Z info bulkhead-dataplane rx: ". Returns its length.
static size_t put_lead(char *out, enum base_log_level level, const char *module)
{
	static const int priority[] = {3, 4, 6, 7}; // syslog(3): err, warning, info, debug
	struct timespec now;
	struct tm utc;

	if (atomic_load_explicit(&to_journal, memory_order_relaxed)) {
		snprintf(out, LEAD_BYTES, "<%d>%.32s: ", priority[level], module);
		return strlen(out);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	size_t n = strftime(out, LEAD_BYTES, "%FT%T", &utc);

	snprintf(out + n, LEAD_BYTES - n, ".%03ldZ %s %.64s %.32s: ", now.tv_nsec / 1000000, base_log_level_word(level),
		 atomic_load_explicit(&program_name, memory_order_relaxed), module);
	return strlen(out);
}

// One line is one event: a byte from outside must not start a second one, nor steer a terminal.
static void blank_control(char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
}

void base_log(enum base_log_level level, const char *module, const char *format, ...)
{
	char line[LEAD_BYTES + TEXT_BYTES + 1];
	int saved_errno = errno;
	va_list args;

	if (!base_log_enabled(level, module))
		return;
	size_t n = put_lead(line, level, module);

	va_start(args, format);
	int text = vsnprintf(line + n, TEXT_BYTES + 1, format, args);
	va_end(args);
	if (text > 0)
		n += text > TEXT_BYTES ? TEXT_BYTES : (size_t)text;
	blank_control(line, n);
	line[n++] = '\n';
	while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
		;
	errno = saved_errno;
}

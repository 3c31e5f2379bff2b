// SPDX-License-Identifier: GPL-3.0-or-later
#include "number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Reads one number that a comma or the end follows; *at goes on behind it.
static bool read_number(const char **at, unsigned min, unsigned max, unsigned *out)
{
	char *end;
	unsigned long value = strtoul(*at, &end, 10);

	if (**at < '0' || **at > '9' || (*end && *end != ',') || value < min || value > max)
		return false;
	*out = (unsigned)value;
	*at = end;
	return true;
}

int bench_number(const struct bench_argument *argument, unsigned min, unsigned max, unsigned *out)
{
	const char *at = argument->text;
	unsigned value;

	if (read_number(&at, min, max, &value) && *at == '\0') {
		*out = value;
		return 0;
	}
	fprintf(stderr, "bulkhead-bench %s: --%s %s: give %u to %u\n", argument->subcommand, argument->option,
		argument->text, min, max);
	return -EINVAL;
}

int bench_numbers(const struct bench_argument *argument, unsigned min, unsigned max, unsigned *out, unsigned capacity)
{
	const char *at = argument->text;
	unsigned n = 0;

	while (n < capacity && read_number(&at, min, max, &out[n])) {
		n++;
		if (*at++ == '\0')
			return (int)n;
	}
	fprintf(stderr, "bulkhead-bench %s: --%s %s: give up to %u numbers from %u to %u, with commas\n",
		argument->subcommand, argument->option, argument->text, capacity, min, max);
	return -EINVAL;
}

bool bench_among(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strcspn(at, ",") == n && memcmp(at, word, n) == 0)
			return true;
	}
	return false;
}

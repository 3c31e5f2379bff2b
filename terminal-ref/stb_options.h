// SPDX-License-Identifier: GPL-3.0-or-later
// The command line.
//
// Threads: main. Owns: nothing; all text is BORROWED from argv.
// Errors: -EINVAL with every mistake in the list.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <stb_receiver.h>

struct stb_options {
	const char *input, *filter, *output, *report, *schedule, *keys;
	uint16_t ca_system_id;  // 0: any
	char *cw_even, *cw_odd; // stb_options_wipe blanks them in argv
	bool json;
	unsigned seconds, idle_ms; // 0: no limit
	enum stb_algorithm algorithm;
	size_t wanted_n;
	uint16_t wanted[STB_PROGRAMMES_MAX];
	size_t groups;
	struct {
		unsigned program; // 0: all
		const char *name;
	} group[STB_PROGRAMMES_MAX];
};

// Returns 0, 1 when --help or --version was answered on standard output, or -EINVAL: then all of argv is blank. No
// message quotes a word that was not understood, which may be a key.
int stb_options_parse(struct stb_options *options, int argc, char **argv, struct base_errs *errs);

// Blanks the keys in argv, where everybody on the machine could read them.
void stb_options_wipe(struct stb_options *options);

// Which group each programme is in, by name. A schedule with a single group needs no choice. 0 or -EINVAL.
int stb_options_choose(const struct stb_options *options, const struct stb_schedule *schedule,
		       struct stb_receiver_config *config, struct base_errs *errs);

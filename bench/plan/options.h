// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of `bulkhead-bench plan`: the server to plan with, and what is asked.
//
// Threads: main. Owns: nothing; text BORROWS the arguments. Errors: -EINVAL, said on standard error.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <dp_msg.h>

struct bench_plan_emm {
	const char *text; // the whole argument
	size_t name_n;    // bytes of the name, which it begins with
	double bps;       // of transport packets, in each output
	const char *outputs;
};

struct bench_plan_options {
	const char *line_up;
	const char *baseline;    // NULL: that of this processor
	const char *json, *html; // files, "-" for standard output, or NULL
	bool assign;             // tell the line-up of every server
	bool legs_apart;         // the legs of a service on different servers
	unsigned cores;          // of one server; the first is the main thread's and the control plane's
	unsigned ports;
	double port_gbit;
	double memory_gib;
	double ghz;                 // of the cores of the planned server; 0: as in the baseline
	double utilization;         // share of NDR, and of a port, up to which it is loaded
	double failure_utilization; // the same while a server is down
	unsigned emms;
	struct bench_plan_emm emm[DP_MSG_EMMS_MAX];
};

// 0, 1 when --help was answered, or -EINVAL.
int bench_plan_options_parse(struct bench_plan_options *options, int argc, char **argv);

// Cores that carry packets.
static inline unsigned bench_plan_workers(const struct bench_plan_options *options)
{
	return options->cores - 1;
}

// Whether the stream goes into this output.
bool bench_plan_emm_carried(const struct bench_plan_emm *emm, const char *output);

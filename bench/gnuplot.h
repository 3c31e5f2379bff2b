// SPDX-License-Identifier: GPL-3.0-or-later
// Plots by gnuplot, which reads its program and the figures from a pipe.
//
// Threads: main. Owns: the child process while it is open.
// Errors: -errno, said on standard error.
#pragma once

#include <stdio.h>
#include <sys/types.h>

struct bench_gnuplot {
	FILE *in; // what gnuplot reads
	pid_t pid;
	const char *subcommand, *folder; // for what is said; BORROWED
};

int bench_gnuplot_open(struct bench_gnuplot *gnuplot, const char *subcommand, const char *folder);

// Ends it and waits: 0 when gnuplot drew everything.
int bench_gnuplot_close(struct bench_gnuplot *gnuplot);

// Begins the plot <folder>/<name>.svg.
void bench_gnuplot_begin(FILE *in, const char *folder, const char *name, const char *title);

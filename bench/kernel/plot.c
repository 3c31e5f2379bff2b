// SPDX-License-Identifier: GPL-3.0-or-later
// Plots by gnuplot, which reads its program and the figures from a pipe.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/report.h"

// Cycles where the core's clock is known, else nanoseconds.
static double cost(const struct bench_set *set, const struct bench_row *row, const struct base_clock *clock)
{
	struct bench_figures f = bench_figures_of(set, row, clock);

	return f.cycles_per_pkt > 0 ? f.cycles_per_pkt : f.ns_per_pkt;
}

static void begin(FILE *gnuplot, const struct bench_set *set, const char *folder, const char *what, const char *title)
{
	const char *algorithm = dp_algorithm[set->algorithm].name;

	fprintf(gnuplot,
		"reset\nset terminal svg size 900,520 dynamic background rgb 'white' font 'sans,13'\n"
		"set output '%s/%s-%s.svg'\nset title '%s: %s' noenhanced\nset grid\n",
		folder, algorithm, what, algorithm, title);
}

static bool drawn_full(const struct bench_row *row)
{
	unsigned keys = row->shape.keys;

	return bench_row_full(row) && !row->shape.odd && (keys == 1 || keys >= row->shape.fill);
}

static void plot_rate(FILE *gnuplot, const struct bench_set *set, const struct base_clock *clock, const char *folder)
{
	begin(gnuplot, set, folder, "rate", "full batches of 184-byte payloads, one core");
	fprintf(gnuplot,
		"set ylabel 'Gbit/s of transport packets'\nset style data histogram\n"
		"set style histogram clustered gap 1\nset style fill solid 0.8\nset xtics rotate by -25 noenhanced\n"
		"set yrange [0:*]\nset key top right\n$d << EOD\n");
	for (unsigned i = 0; i < set->contenders; i++) {
		const struct bench_contender *c = &set->contender[i];

		fprintf(gnuplot, "\"%s %s\"", c->name, c->isa);
		for (unsigned k = 0; k < set->rows; k++)
			if (set->row[k].contender == c && drawn_full(&set->row[k]))
				fprintf(gnuplot, " %.4f", bench_figures_of(set, &set->row[k], clock).gbit_per_s);
		fputc('\n', gnuplot);
	}
	fprintf(gnuplot, "EOD\nplot $d using 2:xtic(1) title 'one key', $d using 3 title 'a key in every lane'\n");
}

typedef bool wants_fn(const struct bench_row *row);

// Ours with a key in every lane, libraries with one.
static bool on_fill_curve(const struct bench_row *row)
{
	return !row->shape.odd && row->shape.keys == (row->contender->outside ? 1 : BENCH_LOAD_PKTS);
}

static bool on_keys_curve(const struct bench_row *row)
{
	return !row->shape.odd && bench_row_full(row);
}

static double rate(const struct bench_set *set, const struct bench_row *row, const struct base_clock *clock)
{
	return bench_figures_of(set, row, clock).gbit_per_s;
}

// One curve for each contender, the full batch last.
static void plot_curves(FILE *gnuplot, const struct bench_set *set, const struct base_clock *clock, wants_fn *wants,
			bool over_keys)
{
	unsigned drawn = 0;

	for (unsigned i = 0; i < set->contenders; i++) {
		fprintf(gnuplot, "$d%u << EOD\n", i);
		for (unsigned k = 0; k < 2 * set->rows; k++) {
			const struct bench_row *row = &set->row[k % set->rows];
			unsigned keys = row->shape.keys < row->shape.fill ? row->shape.keys : row->shape.fill;

			if (row->contender == &set->contender[i] && wants(row) &&
			    bench_row_full(row) == (k >= set->rows))
				fprintf(gnuplot, "%u %.4f\n", over_keys ? keys : row->shape.fill,
					over_keys ? rate(set, row, clock) : cost(set, row, clock));
		}
		fprintf(gnuplot, "EOD\n");
	}
	fprintf(gnuplot, "plot");
	for (unsigned i = 0; i < set->contenders; i++) {
		const struct bench_contender *c = &set->contender[i];

		if (!c->alone)
			fprintf(gnuplot,
				"%s $d%u using 1:2 with linespoints pointtype 7 dashtype %u title '%s' noenhanced",
				drawn++ ? "," : "", i, c->outside ? 2U : 1U, c->outside ? c->name : c->isa);
	}
	fputc('\n', gnuplot);
}

static void plot_fill(FILE *gnuplot, const struct bench_set *set, const struct base_clock *clock, const char *folder)
{
	begin(gnuplot, set, folder, "fill",
	      "cost of a packet by batch fill; a key in every lane, libraries with one key");
	fprintf(gnuplot,
		"set xlabel 'packets in the batch'\nset ylabel '%s per packet'\nset logscale xy 2\n"
		"set key outside right\n",
		set->cycles_per_tick[0] > 0 ? "core cycles" : "ns");
	plot_curves(gnuplot, set, clock, on_fill_curve, false);
}

static void plot_keys(FILE *gnuplot, const struct bench_set *set, const struct base_clock *clock, const char *folder)
{
	begin(gnuplot, set, folder, "keys", "full batches by the number of keys in them");
	fprintf(gnuplot, "set xlabel 'keys in the batch'\nset ylabel 'Gbit/s of transport packets'\nset logscale x 2\n"
			 "set yrange [0:*]\nset key outside right\n");
	plot_curves(gnuplot, set, clock, on_keys_curve, true);
}

// A gnuplot that reads what is written to *in. Its pid, or -errno.
static pid_t start_gnuplot(FILE **in)
{
	char name[] = "gnuplot", *argv[] = {name, NULL};
	posix_spawn_file_actions_t actions;
	int fd[2];
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd[0], STDIN_FILENO);
	int rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	close(fd[0]);
	*in = rc ? NULL : fdopen(fd[1], "w");
	if (!*in)
		close(fd[1]);
	return rc ? -rc : pid;
}

int bench_kernel_plot(const struct bench_set *set, const struct base_clock *clock, const char *folder)
{
	FILE *gnuplot = NULL;
	pid_t pid = start_gnuplot(&gnuplot);
	int status = -1;

	if (gnuplot) {
		plot_rate(gnuplot, set, clock, folder);
		plot_fill(gnuplot, set, clock, folder);
		plot_keys(gnuplot, set, clock, folder);
		fclose(gnuplot);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
		return 0;
	fprintf(stderr,
		"bulkhead-bench kernel: gnuplot could not draw into %s: is it installed, does the folder exist?\n",
		folder);
	return -EIO;
}

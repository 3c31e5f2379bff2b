// SPDX-License-Identifier: GPL-3.0-or-later
#include "gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const struct bench_gnuplot *gnuplot)
{
	fprintf(stderr, "bulkhead-bench %s: gnuplot could not draw into %s: is it installed, does the folder exist?\n",
		gnuplot->subcommand, gnuplot->folder);
	return -EIO;
}

int bench_gnuplot_open(struct bench_gnuplot *gnuplot, const char *subcommand, const char *folder)
{
	char name[] = "gnuplot", *argv[] = {name, NULL};
	posix_spawn_file_actions_t actions;
	int fd[2];

	*gnuplot = (struct bench_gnuplot){.subcommand = subcommand, .folder = folder};
	if (pipe2(fd, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd[0], STDIN_FILENO);
	int rc = posix_spawnp(&gnuplot->pid, argv[0], &actions, NULL, argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	close(fd[0]);
	if (!rc)
		gnuplot->in = fdopen(fd[1], "w");
	if (gnuplot->in)
		return 0;
	close(fd[1]);
	if (!rc)
		waitpid(gnuplot->pid, NULL, 0);
	return fail(gnuplot);
}

int bench_gnuplot_close(struct bench_gnuplot *gnuplot)
{
	int status = -1;

	fclose(gnuplot->in);
	return waitpid(gnuplot->pid, &status, 0) == gnuplot->pid && status == 0 ? 0 : fail(gnuplot);
}

void bench_gnuplot_begin(FILE *in, const char *folder, const char *name, const char *title)
{
	fprintf(in,
		"reset\nset terminal svg size 900,520 dynamic background rgb 'white' font 'sans,13'\n"
		"set output '%s/%s.svg'\nset title '%s' noenhanced\nset grid\n",
		folder, name, title);
}

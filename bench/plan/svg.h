// SPDX-License-Identifier: GPL-3.0-or-later
// Two kinds of plot as SVG inside a page: bars by category, and lines over a number. The page's style sheet has the
// colours (classes c0, c1, ... and axis, grid, mark), so that they follow light and dark.
//
// Threads: any. Owns: nothing. Errors: none; what cannot be drawn is left out.
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum { BENCH_SVG_SERIES_MAX = 8, BENCH_SVG_COLOURS = 6 };

struct bench_svg_axis {
	const char *x, *y; // what is on them
	double mark;       // a line across, 0: none
	const char *mark_text;
	bool log_x;
};

// Writes text with what HTML and SVG would take for markup replaced.
void bench_html_text(FILE *out, const char *text);

// value[category * series + s]; a bar of each series side by side in every category.
struct bench_svg_bars {
	struct bench_svg_axis axis;
	unsigned categories, series;
	const char *const *category; // names
	const char *const *name;     // of the series
	const double *value;
};

void bench_svg_bars(FILE *out, const struct bench_svg_bars *bars);

struct bench_svg_line {
	const char *name;
	unsigned n;
	const double *x, *y;
};

void bench_svg_lines(FILE *out, const struct bench_svg_axis *axis, const struct bench_svg_line *line, unsigned lines);

// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/svg.h"

#include <math.h>

enum { WIDTH = 760, HEIGHT = 300, LEFT = 64, RIGHT = 16, TOP = 16, BOTTOM = 48, TICKS = 5, LABELS_MAX = 20 };

#define INNER_WIDTH  ((double)(WIDTH - LEFT - RIGHT))
#define INNER_HEIGHT ((double)(HEIGHT - TOP - BOTTOM))

void bench_html_text(FILE *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
}

// A step of 1, 2 or 5 times a power of ten that cuts `most` into about TICKS.
static double step_for(double most)
{
	double rough = most / TICKS, power = pow(10, floor(log10(rough))), lead = rough / power;

	return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

static double y_at(double value, double top)
{
	return TOP + INNER_HEIGHT * (1 - value / top);
}

static void text_at(FILE *out, double x, double y, const char *anchor, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	bench_html_text(out, text);
	fputs("</text>\n", out);
}

// Opens the plot with its y axis from 0. Returns the value at its top.
static double begin(FILE *out, const struct bench_svg_axis *axis, double most)
{
	most = fmax(most, axis->mark) > 0 ? fmax(most, axis->mark) : 1;
	double step = step_for(most), top = step * ceil(most / step * 1.02);
	char number[32];

	fprintf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">\n", WIDTH, HEIGHT);
	for (unsigned i = 0; i <= (unsigned)lround(top / step); i++) {
		double y = y_at(i * step, top);

		fprintf(out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT,
			y, y);
		snprintf(number, sizeof(number), "%g", i * step);
		text_at(out, LEFT - 8, y + 4, "end", number);
	}
	text_at(out, LEFT + INNER_WIDTH / 2, HEIGHT - 6, "middle", axis->x);
	fprintf(out, "<text transform=\"rotate(-90)\" x=\"%.1f\" y=\"14\" text-anchor=\"middle\">",
		-(TOP + INNER_HEIGHT / 2));
	bench_html_text(out, axis->y);
	fputs("</text>\n", out);
	return top;
}

static void end(FILE *out, const struct bench_svg_axis *axis, double top)
{
	if (axis->mark > 0) {
		fprintf(out, "<line class=\"mark\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT,
			y_at(axis->mark, top), y_at(axis->mark, top));
		text_at(out, WIDTH - RIGHT, y_at(axis->mark, top) - 5, "end", axis->mark_text);
	}
	fputs("</svg>\n", out);
}

static void legend(FILE *out, unsigned i, const char *name)
{
	fprintf(out, "<span><i class=\"c%u\"></i>", i % BENCH_SVG_COLOURS);
	bench_html_text(out, name);
	fputs("</span>", out);
}

static void bar(FILE *out, const struct bench_svg_bars *bars, unsigned c, unsigned s, double top)
{
	double slot = INNER_WIDTH / bars->categories, width = slot * 0.8 / bars->series;
	double value = bars->value[c * bars->series + s], x = LEFT + slot * (c + 0.1) + width * s;

	fprintf(out, "<rect class=\"c%u\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>",
		s % BENCH_SVG_COLOURS, x, y_at(value, top), width * 0.92, INNER_HEIGHT * value / top);
	bench_html_text(out, bars->category[c]);
	fputs(", ", out);
	bench_html_text(out, bars->name[s]);
	fprintf(out, ": %.4g</title></rect>\n", value);
}

void bench_svg_bars(FILE *out, const struct bench_svg_bars *bars)
{
	double most = 0;

	for (unsigned i = 0; i < bars->categories * bars->series; i++)
		most = fmax(most, bars->value[i]);
	double top = begin(out, &bars->axis, most);
	unsigned every = (bars->categories + LABELS_MAX - 1) / LABELS_MAX;

	for (unsigned c = 0; c < bars->categories; c++) {
		for (unsigned s = 0; s < bars->series; s++)
			bar(out, bars, c, s, top);
		if (c % every == 0)
			text_at(out, LEFT + INNER_WIDTH * (c + 0.5) / bars->categories, HEIGHT - BOTTOM + 18, "middle",
				bars->category[c]);
	}
	end(out, &bars->axis, top);
	fputs("<p class=\"legend\">", out);
	for (unsigned s = 0; s < bars->series; s++)
		legend(out, s, bars->name[s]);
	fputs("</p>\n", out);
}

struct span {
	double from, to;
	bool log;
};

static double x_at(double x, const struct span *span)
{
	double a = span->log ? log(span->from) : span->from, b = span->log ? log(span->to) : span->to;

	return b > a ? LEFT + INNER_WIDTH * ((span->log ? log(x) : x) - a) / (b - a) : LEFT + INNER_WIDTH / 2;
}

static void draw_line(FILE *out, const struct bench_svg_line *line, unsigned i, const struct span *span, double top)
{
	fprintf(out, "<polyline class=\"c%u\" points=\"", i % BENCH_SVG_COLOURS);
	for (unsigned k = 0; k < line->n; k++)
		fprintf(out, "%.1f,%.1f ", x_at(line->x[k], span), y_at(line->y[k], top));
	fputs("\"/>\n", out);
	for (unsigned k = 0; k < line->n; k++) {
		fprintf(out, "<circle class=\"c%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>", i % BENCH_SVG_COLOURS,
			x_at(line->x[k], span), y_at(line->y[k], top));
		bench_html_text(out, line->name);
		fprintf(out, ": %.4g at %.4g</title></circle>\n", line->y[k], line->x[k]);
	}
}

// A label under each x that some line has; lines share their x.
static void x_labels(FILE *out, const struct bench_svg_line *line, const struct span *span)
{
	char number[32];

	for (unsigned k = 0; k < line->n; k++) {
		snprintf(number, sizeof(number), "%g", line->x[k]);
		text_at(out, x_at(line->x[k], span), HEIGHT - BOTTOM + 18, "middle", number);
	}
}

void bench_svg_lines(FILE *out, const struct bench_svg_axis *axis, const struct bench_svg_line *line, unsigned lines)
{
	struct span span = {.from = INFINITY, .to = -INFINITY, .log = axis->log_x};
	const struct bench_svg_line *longest = line;
	double most = 0;

	for (unsigned i = 0; i < lines; i++) {
		longest = line[i].n > longest->n ? &line[i] : longest;
		for (unsigned k = 0; k < line[i].n; k++) {
			span.from = fmin(span.from, line[i].x[k]);
			span.to = fmax(span.to, line[i].x[k]);
			most = fmax(most, line[i].y[k]);
		}
	}
	double top = begin(out, axis, most);

	for (unsigned i = 0; i < lines; i++)
		draw_line(out, &line[i], i, &span, top);
	if (lines > 0)
		x_labels(out, longest, &span);
	end(out, axis, top);
	fputs("<p class=\"legend\">", out);
	for (unsigned i = 0; i < lines; i++)
		legend(out, i, line[i].name);
	fputs("</p>\n", out);
}

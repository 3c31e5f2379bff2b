// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/csv.h"

#include <stdarg.h>
#include <string.h>

enum { WHERE_BYTES = 160 };

void bench_csv_wrong(const struct bench_csv *csv, unsigned line, unsigned column, struct base_errs *errs,
		     const char *format, ...)
{
	char where[WHERE_BYTES], what[BASE_ERR_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(where, sizeof(where), "%.100s:%u:%u", csv->name, line, column);
	base_errs_add(errs, where, "%s", what);
}

void bench_csv_init(struct bench_csv *csv, const char *name, const char *text, size_t n)
{
	static const char mark[] = "\xEF\xBB\xBF";
	size_t skip = n >= sizeof(mark) - 1 && memcmp(text, mark, sizeof(mark) - 1) == 0 ? sizeof(mark) - 1 : 0;

	*csv = (struct bench_csv){.name = name, .text = text, .n = n, .at = skip, .line = 1, .column = 1};
}

// The byte at the cursor, or -1 at the end.
static int peek(const struct bench_csv *csv)
{
	return csv->at < csv->n ? (unsigned char)csv->text[csv->at] : -1;
}

static void step(struct bench_csv *csv)
{
	csv->at++;
	if (csv->text[csv->at - 1] == '\n') {
		csv->line++;
		csv->column = 1;
	} else if (csv->at == csv->n || ((unsigned char)csv->text[csv->at] & 0xC0) != 0x80) {
		csv->column++;
	}
}

static bool at_line_end(const struct bench_csv *csv)
{
	int c = peek(csv);

	return c == -1 || c == '\n' || (c == '\r' && csv->at + 1 < csv->n && csv->text[csv->at + 1] == '\n');
}

static void skip_line(struct bench_csv *csv)
{
	while (peek(csv) != -1 && peek(csv) != '\n')
		step(csv);
	if (peek(csv) == '\n')
		step(csv);
}

static void skip_blanks(struct bench_csv *csv)
{
	while (peek(csv) == ' ' || peek(csv) == '\t')
		step(csv);
}

// Empty lines and comments.
static void skip_to_record(struct bench_csv *csv)
{
	for (;;) {
		struct bench_csv begin = *csv;

		skip_blanks(csv);
		if (peek(csv) == -1)
			return;
		if (!at_line_end(csv) && (csv->column != 1 || peek(csv) != '#')) {
			*csv = begin;
			return;
		}
		skip_line(csv);
	}
}

// False when the record is too long; the caller has reported nothing yet.
static bool put(struct bench_csv_record *record, int c)
{
	if (record->used == sizeof(record->bytes))
		return false;
	record->bytes[record->used++] = (char)c;
	return true;
}

static bool too_long(const struct bench_csv *csv, const struct bench_csv_record *record, struct base_errs *errs)
{
	bench_csv_wrong(csv, record->line, 1, errs, "the line is longer than %d bytes: shorten its fields",
			BENCH_CSV_RECORD_BYTES);
	return false;
}

static bool take_plain(struct bench_csv *csv, struct bench_csv_record *record, struct base_errs *errs)
{
	size_t began = record->used;

	for (; !at_line_end(csv) && peek(csv) != ','; step(csv)) {
		if (peek(csv) == '"') {
			bench_csv_wrong(csv, csv->line, csv->column, errs,
					"a quote inside a field: put the whole field in quotes and write \"\" for one");
			return false;
		}
		if (!put(record, peek(csv)))
			return too_long(csv, record, errs);
	}
	while (record->used > began &&
	       (record->bytes[record->used - 1] == ' ' || record->bytes[record->used - 1] == '\t'))
		record->used--;
	return true;
}

static bool take_quoted(struct bench_csv *csv, struct bench_csv_record *record, struct base_errs *errs)
{
	struct bench_csv open = *csv;
	bool closed = false;

	for (step(csv); peek(csv) != -1; step(csv)) {
		if (peek(csv) == '"') {
			step(csv);
			closed = peek(csv) != '"';
			if (closed)
				break;
		}
		if (!put(record, peek(csv)))
			return too_long(csv, record, errs);
	}
	if (!closed) {
		*csv = open; // what follows the line of the open quote is read as if it had been closed
		bench_csv_wrong(csv, csv->line, csv->column, errs, "the quote that opens here is never closed");
		return false;
	}
	skip_blanks(csv);
	if (peek(csv) == ',' || at_line_end(csv))
		return true;
	bench_csv_wrong(csv, csv->line, csv->column, errs,
			"text behind the closing quote: end the field with a comma, or write \"\" for a quote in it");
	return false;
}

static bool take_field(struct bench_csv *csv, struct bench_csv_record *record, struct base_errs *errs)
{
	struct bench_csv_field *field = &record->field[record->fields];

	if (record->fields == BENCH_CSV_FIELDS_MAX) {
		bench_csv_wrong(csv, csv->line, csv->column, errs, "more than %d fields in a line",
				BENCH_CSV_FIELDS_MAX);
		return false;
	}
	skip_blanks(csv);
	*field = (struct bench_csv_field){.text = record->bytes + record->used,
					  .line = csv->line,
					  .column = csv->column};
	if (!(peek(csv) == '"' ? take_quoted(csv, record, errs) : take_plain(csv, record, errs)))
		return false;
	field->n = (size_t)(record->bytes + record->used - field->text);
	record->fields++;
	return put(record, '\0') || too_long(csv, record, errs);
}

bool bench_csv_next(struct bench_csv *csv, struct bench_csv_record *record, struct base_errs *errs)
{
	skip_to_record(csv);
	record->broken = false;
	record->line = csv->line;
	record->fields = record->used = 0;
	if (peek(csv) == -1)
		return false;
	while (take_field(csv, record, errs)) {
		if (peek(csv) != ',') {
			skip_line(csv);
			return true;
		}
		step(csv);
	}
	record->broken = true;
	skip_line(csv);
	return true;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/columns.h"

#include <string.h>

#include <jansson.h>

enum { PLAIN_BYTES = 32, DIGITS_MAX = 9 };

static const struct column {
	const char *name;
	const char *also; // another way to write it, plain; or NULL
	bool required;
	bool whole; // no fraction
	double min, max, fallback;
} table[BENCH_COLUMNS] = {
	[BENCH_COLUMN_NAME] = {.name = "name", .also = "service", .required = true},
	[BENCH_COLUMN_MBIT] = {.name = "mbit_s", .also = "mbps", .required = true, .min = 0.001, .max = 10000},
	[BENCH_COLUMN_ALGORITHM] = {.name = "algorithm", .required = true},
	[BENCH_COLUMN_CAS] = {.name = "cas", .also = "cascount", .required = true, .whole = true, .max = 16},
	[BENCH_COLUMN_LEGS] = {.name = "legs", .required = true, .whole = true, .min = 1, .max = BENCH_PLAN_LEGS_MAX},
	[BENCH_COLUMN_OUTPUT] = {.name = "output", .also = "multiplex"},
	[BENCH_COLUMN_CLASS] = {.name = "class"},
	[BENCH_COLUMN_PERIOD] = {.name = "crypto_period_s", .min = 1, .max = 3600, .fallback = 10},
	[BENCH_COLUMN_ECM_BYTES] = {.name = "ecm_bytes", .whole = true, .min = 3, .max = 4096, .fallback = 183},
	[BENCH_COLUMN_ECM_REPETITION] =
		{.name = "ecm_repetition_ms", .whole = true, .min = 10, .max = 60000, .fallback = 100},
};

// A name without capitals and without what is neither letter nor digit: "Mbit/s" and "mbit_s" are both "mbits".
static void plain(char out[PLAIN_BYTES], const char *text, size_t n)
{
	size_t used = 0;

	for (size_t i = 0; i < n && used < PLAIN_BYTES - 1; i++) {
		char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80)
			out[used++] = c;
	}
	out[used] = '\0';
}

static int find_column(const struct bench_csv_field *field)
{
	char is[PLAIN_BYTES], named[PLAIN_BYTES];

	plain(is, field->text, field->n);
	for (int i = 0; i < BENCH_COLUMNS; i++) {
		plain(named, table[i].name, strlen(table[i].name));
		if (strcmp(is, named) == 0 || (table[i].also && strcmp(is, table[i].also) == 0))
			return i;
	}
	return -1;
}

// Text of a file as it may be shown: cut short, and without what would steer a terminal.
static const char *shown(char out[PLAIN_BYTES], const struct bench_csv_field *field)
{
	size_t n = field->n < PLAIN_BYTES - 1 ? field->n : PLAIN_BYTES - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = field->text[i] >= ' ' && field->text[i] <= '~' ? field->text[i] : '?';
	out[n] = '\0';
	return out;
}

static void unknown_column(const struct bench_csv *csv, const struct bench_csv_field *field, struct base_errs *errs)
{
	char text[PLAIN_BYTES];

	if (memchr(field->text, ';', field->n) || memchr(field->text, '\t', field->n))
		bench_csv_wrong(csv, field->line, field->column, errs,
				"the columns are not separated by commas: export the file with commas");
	else
		bench_csv_wrong(csv, field->line, field->column, errs,
				"no column is called '%s': there are name, mbit_s, algorithm, cas, legs, and at will "
				"output, class, crypto_period_s, ecm_bytes, ecm_repetition_ms",
				shown(text, field));
}

bool bench_plan_header_read(struct bench_plan_header *header, const struct bench_csv *csv,
			    const struct bench_csv_record *record, struct base_errs *errs)
{
	bool good = !record->broken;

	*header = (struct bench_plan_header){.line = record->line, .fields = record->fields};
	memset(header->at, -1, sizeof(header->at));
	for (size_t i = 0; i < record->fields; i++) {
		const struct bench_csv_field *field = &record->field[i];
		int column = find_column(field);

		if (column >= 0 && header->at[column] >= 0)
			bench_csv_wrong(csv, field->line, field->column, errs, "a second column '%s': leave one out",
					table[column].name);
		else if (column >= 0)
			header->at[column] = (int)i;
		else
			unknown_column(csv, field, errs);
		good &= column >= 0 && header->at[column] == (int)i;
	}
	for (unsigned i = 0; i < BENCH_COLUMNS && good; i++)
		if (table[i].required && header->at[i] < 0)
			bench_csv_wrong(csv, record->line, 1, errs,
					"no column '%s': the first line names the columns, and this one is needed",
					table[i].name);
	for (unsigned i = 0; i < BENCH_COLUMNS; i++)
		good &= !table[i].required || header->at[i] >= 0;
	return good;
}

// A decimal number without sign or exponent, whatever the locale. Negative when it is none.
static double decimal(const struct bench_csv_field *field, bool whole)
{
	double value = 0, unit = 1;
	size_t digits = 0, point = field->n;

	for (size_t i = 0; i < field->n; i++) {
		char c = field->text[i];

		if (c == '.' && point == field->n && !whole && i > 0) {
			point = i;
			continue;
		}
		if (c < '0' || c > '9' || ++digits > 2 * DIGITS_MAX)
			return -1;
		unit /= point < field->n ? 10 : 1;
		value = point < field->n ? value + (c - '0') * unit : 10 * value + (c - '0');
	}
	return digits > 0 && point + 1 != field->n ? value : -1;
}

static bool read_number(double *out, enum bench_plan_column column, const struct bench_csv *csv,
			const struct bench_csv_field *field, struct base_errs *errs)
{
	const struct column *facts = &table[column];
	char text[PLAIN_BYTES];

	*out = facts->fallback;
	if (!field || (field->n == 0 && !facts->required))
		return true;
	double value = decimal(field, facts->whole);

	if (value >= facts->min && value <= facts->max) {
		*out = value;
		return true;
	}
	bench_csv_wrong(csv, field->line, field->column, errs, "%s '%s': give a %s from %g to %g%s", facts->name,
			shown(text, field), facts->whole ? "whole number" : "number", facts->min, facts->max,
			memchr(field->text, ',', field->n) ? ", with a point for the fraction" : "");
	return false;
}

static bool read_text(char out[BENCH_PLAN_NAME_BYTES], const char *fallback, enum bench_plan_column column,
		      const struct bench_csv *csv, const struct bench_csv_field *field, struct base_errs *errs)
{
	snprintf(out, BENCH_PLAN_NAME_BYTES, "%s", fallback);
	if (!field || (field->n == 0 && !table[column].required))
		return true;
	json_t *utf8 = json_stringn(field->text, field->n);
	bool good = utf8 && field->n > 0 && field->n < BENCH_PLAN_NAME_BYTES;

	for (size_t i = 0; i < field->n; i++)
		good &= (unsigned char)field->text[i] >= ' ' && field->text[i] != 0x7F;
	json_decref(utf8);
	if (good)
		memcpy(out, field->text, field->n + 1);
	else
		bench_csv_wrong(csv, field->line, field->column, errs,
				"%s: give 1 to %d bytes of UTF-8 without control characters and line breaks",
				table[column].name, BENCH_PLAN_NAME_BYTES - 1);
	return good;
}

static bool read_kind(unsigned *kind, const struct bench_csv *csv, const struct bench_csv_field *field,
		      struct base_errs *errs)
{
	char text[PLAIN_BYTES];

	for (*kind = 0; *kind < BENCH_PLAN_KINDS; (*kind)++) {
		const char *name = bench_plan_kind_name(*kind);

		if (strlen(name) == field->n && memcmp(name, field->text, field->n) == 0)
			return true;
	}
	bench_csv_wrong(csv, field->line, field->column, errs,
			"algorithm '%s': give csa1, csa2, cissa, idsa, aes-cbc, aes-ecb, sm4-cbc or clear",
			shown(text, field));
	return false;
}

bool bench_plan_row_read(struct bench_plan_service *service, const struct bench_plan_header *header,
			 const struct bench_csv *csv, const struct bench_csv_record *record, struct base_errs *errs)
{
	const struct bench_csv_field *field[BENCH_COLUMNS] = {0};
	double value[BENCH_COLUMNS] = {0};
	bool good;

	if (record->broken)
		return false;
	if (record->fields != header->fields) {
		bench_csv_wrong(csv, record->line, 1, errs, "%zu fields, and line %u names %zu columns: give as many",
				record->fields, header->line, header->fields);
		return false;
	}
	for (unsigned i = 0; i < BENCH_COLUMNS; i++)
		field[i] = header->at[i] < 0 ? NULL : &record->field[header->at[i]];
	*service = (struct bench_plan_service){.line = record->line};
	good = read_text(service->name, "", BENCH_COLUMN_NAME, csv, field[BENCH_COLUMN_NAME], errs);
	good &= read_text(service->output, service->name, BENCH_COLUMN_OUTPUT, csv, field[BENCH_COLUMN_OUTPUT], errs);
	good &= read_text(service->class, "all", BENCH_COLUMN_CLASS, csv, field[BENCH_COLUMN_CLASS], errs);
	good &= read_kind(&service->kind, csv, field[BENCH_COLUMN_ALGORITHM], errs);
	for (unsigned i = 0; i < BENCH_COLUMNS; i++)
		if (table[i].max > 0)
			good &= read_number(&value[i], (enum bench_plan_column)i, csv, field[i], errs);
	service->bps = value[BENCH_COLUMN_MBIT] * 1e6;
	service->cas = (unsigned)value[BENCH_COLUMN_CAS];
	service->legs = (unsigned)value[BENCH_COLUMN_LEGS];
	service->period_s = value[BENCH_COLUMN_PERIOD];
	service->ecm_bytes = (unsigned)value[BENCH_COLUMN_ECM_BYTES];
	service->ecm_repetition_ms = (unsigned)value[BENCH_COLUMN_ECM_REPETITION];
	if (good && service->kind == BENCH_PLAN_CLEAR && service->cas > 0) {
		bench_csv_wrong(csv, field[BENCH_COLUMN_CAS]->line, field[BENCH_COLUMN_CAS]->column, errs,
				"a clear service has no CAS: give 0, or an algorithm");
		return false;
	}
	return good;
}

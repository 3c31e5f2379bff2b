// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/table.h"

#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

enum { ERROR_BYTES = 1024, GAP = 2 };

void cp_cli_init(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

// The next character of text, its length in bytes and its width; one that may not be shown is '?'.
static size_t next(const char *text, wchar_t *c, int *width)
{
	mbstate_t state = {0};
	size_t n = mbrtowc(c, text, MB_LEN_MAX, &state);
	bool bidi = n <= MB_LEN_MAX && ((*c >= 0x200b && *c <= 0x200f) || (*c >= 0x2028 && *c <= 0x202e) ||
					(*c >= 0x2060 && *c <= 0x206f) || *c == 0xfeff);

	*width = n <= MB_LEN_MAX && !bidi ? wcwidth(*c) : -1;
	if (*width < 0) {
		*c = '?';
		*width = 1;
	}
	return n <= MB_LEN_MAX ? n : 1;
}

static size_t print_counted(FILE *out, const char *text)
{
	size_t columns = 0;
	wchar_t c;
	int width;

	while (*text) {
		size_t n = next(text, &c, &width);

		columns += (size_t)width;
		if (out && c == L'?')
			putc('?', out);
		else if (out)
			fwrite(text, 1, n, out);
		text += n;
	}
	return columns;
}

void cp_cli_print(FILE *out, const char *text)
{
	print_counted(out, text);
}

void cp_cli_error(const char *format, ...)
{
	char text[ERROR_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fputs("bulkhead: ", stderr);
	cp_cli_print(stderr, text);
	putc('\n', stderr);
}

static void out_of_memory(void)
{
	cp_cli_error("out of memory");
	exit(EXIT_FAILURE);
}

void cp_table_init(struct cp_table *table, const char *const *heads)
{
	*table = (struct cp_table){0};
	while (heads[table->columns] && table->columns < CP_TABLE_COLUMNS_MAX) {
		table->head[table->columns] = heads[table->columns];
		table->columns++;
	}
}

void cp_table_cell(struct cp_table *table, const char *format, ...)
{
	char *text;
	va_list args;

	if (table->cells_n == table->capacity) {
		table->capacity = table->capacity ? 2 * table->capacity : 64;
		table->cell = reallocarray(table->cell, table->capacity, sizeof(*table->cell));
		if (!table->cell)
			out_of_memory();
	}
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		out_of_memory();
	va_end(args);
	table->cell[table->cells_n++] = text;
}

void cp_table_member(struct cp_table *table, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (json_is_integer(value))
		cp_table_cell(table, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		cp_table_cell(table, "%.6g", json_real_value(value));
	else if (json_is_boolean(value))
		cp_table_cell(table, "%s", json_is_true(value) ? "yes" : "no");
	else
		cp_table_cell(table, "%s", text && *text ? text : "-");
}

void cp_table_time(struct cp_table *table, const json_t *object, const char *key)
{
	double seconds = json_number_value(json_object_get(object, key));
	time_t whole = seconds > 0 && seconds < 1e11 ? (time_t)seconds : 0;
	char text[32];
	struct tm utc;

	if (!whole || !gmtime_r(&whole, &utc) || strftime(text, sizeof(text), "%F %T", &utc) == 0)
		strcpy(text, "-");
	cp_table_cell(table, "%s", text);
}

static const char *head_text(const char *head)
{
	return head + (*head == '>');
}

// The last column is not filled up: no line ends with blanks.
static void print_cell(const struct cp_table *table, size_t column, const char *text, size_t width)
{
	bool right = table->head[column][0] == '>', last = column + 1 == table->columns;
	size_t fill = width - print_counted(NULL, text);

	if (right)
		printf("%*s", (int)fill, "");
	print_counted(stdout, text);
	if (last)
		putchar('\n');
	else
		printf("%*s", (int)(right ? GAP : fill + GAP), "");
}

void cp_table_print(struct cp_table *table)
{
	size_t width[CP_TABLE_COLUMNS_MAX] = {0};

	for (size_t c = 0; c < table->columns; c++) {
		width[c] = print_counted(NULL, head_text(table->head[c]));
		for (size_t i = c; i < table->cells_n; i += table->columns) {
			size_t own = print_counted(NULL, table->cell[i]);

			width[c] = own > width[c] ? own : width[c];
		}
	}
	for (size_t c = 0; c < table->columns; c++)
		print_cell(table, c, head_text(table->head[c]), width[c]);
	for (size_t i = 0, c = 0; i < table->cells_n; i++, c = c + 1 < table->columns ? c + 1 : 0) {
		print_cell(table, c, table->cell[i], width[c]);
		free(table->cell[i]);
	}
	free(table->cell);
	table->cell = NULL;
	table->cells_n = table->capacity = 0;
}

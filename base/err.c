// SPDX-License-Identifier: GPL-3.0-or-later
// The list of what is wrong: formatting, cutting and printing.
#include <base_err.h>

#include <stdarg.h>
#include <string.h>

void base_errs_init(struct base_errs *errs)
{
	errs->count = 0;
	errs->lost = 0;
}

// A name in a document may hold any byte; an entry stays one line and moves no terminal cursor.
static void blank_control(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

void base_errs_add(struct base_errs *errs, const char *where, const char *format, ...)
{
	va_list args;
	size_t used;

	if (errs->count == BASE_ERRS_MAX) {
		errs->lost++;
		return;
	}
	char *text = errs->text[errs->count++];

	snprintf(text, BASE_ERR_TEXT_BYTES, "%s: ", where);
	used = strlen(text);
	va_start(args, format);
	int n = vsnprintf(text + used, BASE_ERR_TEXT_BYTES - used, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= BASE_ERR_TEXT_BYTES - used)
		strcpy(text + BASE_ERR_TEXT_BYTES - sizeof("..."), "...");
	blank_control(text);
}

void base_errs_print(const struct base_errs *errs, FILE *out, const char *prefix)
{
	for (size_t i = 0; i < errs->count; i++)
		fprintf(out, "%s%s\n", prefix, errs->text[i]);
	if (errs->lost)
		fprintf(out, "%sand %zu more\n", prefix, errs->lost);
}

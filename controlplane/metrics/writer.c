// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/writer.h"

#include <string.h>

// A control, of C0 or C1 (0xc2 0x80 to 0xc2 0x9f in UTF-8).
static bool is_control(const char *text)
{
	unsigned char c = (unsigned char)text[0], next = c ? (unsigned char)text[1] : 0;

	return c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0);
}

// Backslash, quote and new line have escapes; other controls become U+FFFD, which no reader takes for a line's end.
static void write_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
		} else if (is_control(text)) {
			fputs("\xef\xbf\xbd", out);
			text += *text == '\xc2';
		} else {
			if (*text == '\\' || *text == '"')
				putc('\\', out);
			putc(*text, out);
		}
	}
}

bool cp_write_is_plain(const char *name)
{
	for (; *name; name++)
		if (*name < 0x20 || *name > 0x7e)
			return false;
	return true;
}

void cp_write_family(FILE *out, const struct cp_family *family)
{
	fprintf(out, "# TYPE %s %s\n", family->name, family->type);
	if (*family->unit)
		fprintf(out, "# UNIT %s %s\n", family->name, family->unit);
	fprintf(out, "# HELP %s ", family->name);
	write_escaped(out, family->help);
	putc('\n', out);
}

void cp_write_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	write_escaped(out, value);
	putc('"', out);
}

static const char *suffix_of(const struct cp_family *family)
{
	if (strcmp(family->type, "counter") == 0)
		return "_total";
	return strcmp(family->type, "info") == 0 ? "_info" : "";
}

void cp_write_sample(FILE *out, const struct cp_family *family, const char *labels, const char *label,
		     const char *label_value, const json_t *value, double scale)
{
	if (!json_is_number(value) || (strcmp(family->type, "counter") == 0 && json_number_value(value) < 0))
		return;
	fprintf(out, "%s%s", family->name, suffix_of(family));
	if (*labels || label)
		fprintf(out, "{%s%s", labels, *labels && label ? "," : "");
	if (label)
		cp_write_label(out, label, label_value);
	if (*labels || label)
		putc('}', out);
	if (json_is_integer(value) && scale == 1)
		fprintf(out, " %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	else
		fprintf(out, " %.15g\n", json_number_value(value) * scale);
}

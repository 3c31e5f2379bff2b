// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/route.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ERROR_BYTES = 512 };

// In ASCII, so that no byte of a name reaches a terminal as a control.
static void set_json(struct cp_answer *answer, unsigned status, json_t *document)
{
	char *text =
		document ? json_dumps(document, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15)) : NULL;

	json_decref(document);
	*answer = (struct cp_answer){
		.status = text ? status : 500,
		.type = "application/json",
		.text = text,
		.bytes = text ? strlen(text) : 0,
	};
	if (text)
		text[answer->bytes++] = '\n'; // in place of the closing zero: the text goes by its length
}

void cp_answer_document(struct cp_answer *answer, json_t *document)
{
	set_json(answer, 200, document);
}

void cp_answer_error(struct cp_answer *answer, unsigned status, const char *format, ...)
{
	char text[ERROR_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_t *error = json_pack("{s:s}", "error", text);

	// A name that is no UTF-8 was asked for.
	set_json(answer, status, error ? error : json_pack("{s:s}", "error", "the request is no UTF-8"));
}

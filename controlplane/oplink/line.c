// SPDX-License-Identifier: GPL-3.0-or-later
#include "oplink/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oplink/oplink.h"

enum { FIRST_BYTES = 4096 };

static int grow(struct cp_line *line)
{
	size_t capacity = line->capacity ? 2 * line->capacity : FIRST_BYTES;

	if (capacity > CP_OPLINK_LINE_MAX)
		return -EMSGSIZE;
	char *bytes = realloc(line->bytes, capacity);

	if (!bytes)
		return -ENOMEM;
	line->bytes = bytes;
	line->capacity = capacity;
	return 0;
}

char *cp_line_room(struct cp_line *line, size_t *room, int *error)
{
	if (line->taken) {
		line->used -= line->taken;
		line->looked -= line->taken;
		memmove(line->bytes, line->bytes + line->taken, line->used);
		line->taken = 0;
	}
	*error = line->used == line->capacity ? grow(line) : 0;
	if (*error)
		return NULL;
	*room = line->capacity - line->used;
	return line->bytes + line->used;
}

void cp_line_filled(struct cp_line *line, size_t n)
{
	line->used += n;
}

int cp_line_take(struct cp_line *line, json_t **object)
{
	size_t n = line->used - line->looked;
	char *end = n ? memchr(line->bytes + line->looked, '\n', n) : NULL;

	if (!end) {
		line->looked = line->used;
		return 0;
	}
	n = (size_t)(end - line->bytes) - line->taken;
	*object = json_loadb(line->bytes + line->taken, n, JSON_REJECT_DUPLICATES, NULL);
	line->taken += n + 1;
	line->looked = line->taken;
	if (line->taken == line->used) // a buffer that grew for a long line is given back with it
		cp_line_fini(line);
	if (json_is_object(*object))
		return 1;
	json_decref(*object);
	*object = NULL;
	return -EBADMSG;
}

void cp_line_fini(struct cp_line *line)
{
	free(line->bytes);
	*line = (struct cp_line){0};
}

char *cp_line_text(const json_t *object, size_t *n)
{
	size_t bytes = json_dumpb(object, NULL, 0, JSON_COMPACT);
	char *text = bytes ? malloc(bytes + 1) : NULL;

	if (!text)
		return NULL;
	json_dumpb(object, text, bytes, JSON_COMPACT);
	text[bytes] = '\n';
	*n = bytes + 1;
	return text;
}

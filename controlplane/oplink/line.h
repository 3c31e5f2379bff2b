// SPDX-License-Identifier: GPL-3.0-or-later
// One JSON object a line: bytes come in as they come, whole lines go out as objects.
//
// Threads: one owner. Owns: its buffer, which grows up to CP_OPLINK_LINE_MAX.
// Errors: -EMSGSIZE for a line that is too long, -EBADMSG for one that is no JSON object, -ENOMEM.
#pragma once

#include <stddef.h>

#include <jansson.h>

struct cp_line {
	char *bytes;
	size_t capacity, used;
	size_t taken;  // bytes[0 .. taken] went out
	size_t looked; // bytes[taken .. looked] hold no new line
};

// Room for at least one more byte: *room tells how many. NULL with -EMSGSIZE or -ENOMEM in *error.
char *cp_line_room(struct cp_line *line, size_t *room, int *error);

// Notes that `n` bytes were written to the room.
void cp_line_filled(struct cp_line *line, size_t n);

// Takes the next whole line out. Returns 1 and its object, GIVEN; 0 when no line is whole yet; or an error.
int cp_line_take(struct cp_line *line, json_t **object);

void cp_line_fini(struct cp_line *line);

// The text of an object and a new line, GIVEN (freed with free); NULL when out of memory.
char *cp_line_text(const json_t *object, size_t *n);

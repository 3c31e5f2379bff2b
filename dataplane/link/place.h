// SPDX-License-Identifier: GPL-3.0-or-later
// The JSON pointer of a member of an element, in the controller's document.
//
// Threads: any. Owns: its text. Errors: none.
#pragma once

#include <stdio.h>

struct dp_place {
	char text[64];
};

static inline struct dp_place dp_place_of(const char *list, unsigned index, const char *member)
{
	struct dp_place place;

	snprintf(place.text, sizeof(place.text), "/%s/%u%s", list, index, member);
	return place;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// A text out of a message of the dataplane, as documents and logs can take it.
//
// Threads: any; pure. Owns: nothing.
#pragma once

#include <stddef.h>

// Ends the text (capacity_bytes in its message) with a zero: within the field, and before what is no UTF-8, such as a
// character that was cut, because no JSON is made of that.
void cp_dplink_text_close(char *text, size_t capacity_bytes);

// SPDX-License-Identifier: GPL-3.0-or-later
// JSON pointers (RFC 6901) built step by step. Private to base.
//
// Threads: any; pure.
#pragma once

#include <base_config.h>

// Writes `parent` "/" `key` to `out`, the key's '~' as ~0 and '/' as ~1 (clause 3). A pointer that does not fit ends
// in "..."; its escapes stay whole.
void base_config_pointer(char out[BASE_CONFIG_POINTER_BYTES], const char *parent, const char *key);

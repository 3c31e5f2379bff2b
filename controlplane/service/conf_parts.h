// SPDX-License-Identifier: GPL-3.0-or-later
// The three parts of reading a configuration: the line-up, the conditional access, and what no member can tell alone.
//
// Threads: main. Owns: nothing. Errors: mistakes go to the list of the node.
#pragma once

#include <base_config.h>

#include "service/conf.h"

// `name` of an object, unique in its list and not empty.
void cp_conf_read_name(const struct base_config *node, char to[DP_MSG_NAME_BYTES]);
// The position of the one that member `key` names among `n` names that lie `stride` apart, or CP_CONF_NONE and a
// mistake.
unsigned cp_conf_read_index(const struct base_config *node, const char *key, const char *what, const char *names,
			    size_t stride, unsigned n);
// How many elements of an array to read: `min` to `max`, else a mistake.
unsigned cp_conf_counted(const struct base_config *root, const char *key, const struct base_config *array, unsigned min,
			 unsigned max);
// Hexadecimal text into at most `capacity` bytes. The number of bytes; 0 when absent or wrong.
size_t cp_conf_read_hex(const struct base_config *node, const char *key, uint8_t *out, size_t capacity);
// A dotted IPv4 or an IPv6 address, as text.
void cp_conf_read_address(const struct base_config *node, char to[CP_CONF_ADDRESS_BYTES]);

void cp_conf_read_lineup(const struct base_config *root, struct cp_conf *conf);   // inputs, outputs
void cp_conf_read_ca(const struct base_config *root, struct cp_conf *conf);       // ecmgs, groups
void cp_conf_read_services(const struct base_config *root, struct cp_conf *conf); // services
void cp_conf_read_emms(const struct base_config *root, struct cp_conf *conf);     // mux, emm_streams

void cp_conf_check(const struct cp_conf *conf, struct base_errs *errs);

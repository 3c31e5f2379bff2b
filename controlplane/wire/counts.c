// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of PDUs for the operator.
#include "wire/wire.h"

#include <inttypes.h>
#include <stdio.h>

#include <base_log.h>

enum { TEXT_BYTES = 400 };

json_t *cp_wire_counts_show(const uint64_t counts[SIM_TYPES])
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < SIM_TYPES; i++) {
		if (counts[i] == 0)
			continue;
		if (json_object_set_new(object, sim_index_name(i), json_integer((json_int_t)counts[i])) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

// "CW_provision=14 channel_setup=1"; what finds no room is left out.
static const char *as_text(char text[TEXT_BYTES], const uint64_t counts[SIM_TYPES])
{
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < SIM_TYPES && n < TEXT_BYTES; i++)
		if (counts[i])
			n += (size_t)snprintf(text + n, TEXT_BYTES - n, "%s%s=%" PRIu64, n ? " " : "",
					      sim_index_name(i), counts[i]);
	return text;
}

void cp_wire_counts_log(const struct cp_wire_counts *counts, const char *module, const char *peer)
{
	char sent[TEXT_BYTES], received[TEXT_BYTES];

	base_log(BASE_LOG_INFO, module,
		 "pdus peer=\"%s\" sent=\"%s\" received=\"%s\" unknown=%" PRIu64 " malformed=%" PRIu64, peer,
		 as_text(sent, counts->sent), as_text(received, counts->received), counts->received_other,
		 counts->malformed);
}

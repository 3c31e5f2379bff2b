// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of PDUs for the operator.
#include "wire/wire.h"

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

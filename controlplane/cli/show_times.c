// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/show_times.h"

#include <stdbool.h>

void cp_show_times(struct cp_table *table, const json_t *times)
{
	static const char *const keys[] = {"p50_us", "p90_us", "p99_us", "p99_9_us", "max_us"};
	bool any = json_integer_value(json_object_get(times, "count")) > 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *us = json_object_get(times, keys[i]);

		if (any && json_is_number(us))
			cp_table_cell(table, "%.1f", json_number_value(us));
		else
			cp_table_cell(table, "-");
	}
}

void cp_show_drops(struct cp_table *table, const json_t *object)
{
	json_int_t total = 0;
	const char *reason;
	json_t *count;

	json_object_foreach(json_object_get(object, "drops"), reason, count) total += json_integer_value(count);
	cp_table_cell(table, "%" JSON_INTEGER_FORMAT, total);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/table.h"

static const struct shown {
	const char *what, *path;
	bool list;
	void (*print)(const json_t *document);
} shown[] = {
	{"alarms", "/v1/alarms", true, cp_show_alarms},
	{"cas", "/v1/cas", true, cp_show_cas},
	{"ecmg", "/v1/ecmg", true, cp_show_ecmg},
	{"emmg", "/v1/emmg", true, cp_show_emmg},
	{"inputs", "/v1/inputs", true, cp_show_inputs},
	{"outputs", "/v1/outputs", true, cp_show_outputs},
	{"ports", "/v1/ports", true, cp_show_ports},
	{"service", "/v1/services/", false, cp_show_service},
	{"services", "/v1/services", true, cp_show_services},
	{"status", "/v1/status", true, cp_show_status},
	{"workers", "/v1/workers", true, cp_show_workers},
};

static const struct shown *find(const char *what)
{
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (strcmp(shown[i].what, what) == 0)
			return &shown[i];
	return NULL;
}

bool cp_cli_can_show(const char *what)
{
	return find(what) != NULL;
}

int cp_cli_show(const char *api, const char *what, const char *name, bool json)
{
	const struct shown *one = find(what);
	json_t *document = cp_cli_get(api, one->path, name);

	if (document && json_is_array(document) != one->list) {
		cp_cli_error("what answers at %s is no bulkhead-api: its document is of another kind", api);
		json_decref(document);
		return -EIO;
	}
	if (!document)
		return -EIO;
	if (json) {
		// In ASCII: no byte of a name reaches a terminal as a control.
		json_dumpf(document, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
		putchar('\n');
	} else {
		one->print(document);
	}
	json_decref(document);
	return 0;
}

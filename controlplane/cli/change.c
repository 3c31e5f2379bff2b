// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/change.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cli/ask.h"
#include "cli/table.h"

// In ASCII: no byte of a name reaches a terminal as a control.
static void print_json(const json_t *document)
{
	json_dumpf(document, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
	putchar('\n');
}

int cp_cli_config_show(const char *api, bool json)
{
	json_t *config = cp_cli_get(api, "/v1/config", NULL);
	const json_t *document = json_object_get(config, "document");

	if (!config)
		return -EIO;
	if (!json && !json_is_object(document))
		cp_cli_error("bulkhead-control tells no document");
	else
		print_json(json ? config : document);
	int rc = json || json_is_object(document) ? 0 : -EIO;

	json_decref(config);
	return rc;
}

static const char *meaning(const char *state)
{
	static const char *const meanings[][2] = {
		{"on_air", "the document is on air"},
		{"unchanged", "nothing differs from the document that holds"},
		{"checked", "the document is good; it would change:"},
		{"kept", "the dataplane is away; the document is kept for it"},
		{"sent", "the dataplane has not answered yet; 'show alarms' tells when it refuses"},
	};

	for (size_t i = 0; state && i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i][0], state) == 0)
			return meanings[i][1];
	return "bulkhead-control answers in another way than this program knows; ask with --json";
}

static void list_names(struct cp_table *table, const char *what, json_t *by_kind)
{
	const char *kind;
	json_t *names;
	const json_t *name;
	size_t i;

	json_object_foreach(by_kind, kind, names) json_array_foreach(names, i, name)
	{
		cp_table_cell(table, "%s", what);
		cp_table_cell(table, "%s", kind);
		cp_table_cell(table, "%s", json_is_string(name) ? json_string_value(name) : "?");
	}
}

static void print_difference(const json_t *done)
{
	static const char *const heads[] = {"CHANGE", "LIST", "NAME", NULL};
	static const char *const changes[] = {"added", "changed", "removed"};
	struct cp_table table;

	puts(meaning(json_string_value(json_object_get(done, "state"))));
	cp_table_init(&table, heads);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		list_names(&table, changes[i], json_object_get(done, changes[i]));
	if (table.cells_n)
		cp_table_print(&table);
}

int cp_cli_config_reload(const char *api, bool check, bool json)
{
	json_t *done = cp_cli_post(api, check ? "/v1/config/check" : "/v1/config/reload", NULL, "", "", 0);

	if (!done)
		return -EIO;
	if (json)
		print_json(done);
	else
		print_difference(done);
	json_decref(done);
	return 0;
}

int cp_cli_move(const char *api, const char *input, unsigned worker, bool json)
{
	char body[32];
	int n = snprintf(body, sizeof(body), "{\"worker\": %u}", worker);
	json_t *done = cp_cli_post(api, "/v1/inputs/", input, "/move", body, (size_t)n);

	if (!done)
		return -EIO;
	if (json) {
		print_json(done);
	} else {
		cp_cli_print(stdout, input);
		printf(": on worker %u\n", worker);
	}
	json_decref(done);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/emm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/table.h"

enum { FILE_MAX_BYTES = 4000000 }; // what POST /v1/cas/NAME/emm takes

static int read_all(FILE *file, const char *path, char *bytes, size_t *n)
{
	*n = fread(bytes, 1, FILE_MAX_BYTES + 1, file);
	if (ferror(file)) {
		cp_cli_error("%s: cannot be read: %s", path, strerror(errno));
		return -EIO;
	}
	if (*n == 0 || *n > FILE_MAX_BYTES) {
		cp_cli_error("%s: %s", path,
			     *n ? "is over 4000000 bytes; send it in parts"
				: "is empty; it holds EMM sections, one after the other");
		return -EINVAL;
	}
	return 0;
}

static int read_file(const char *path, char **bytes, size_t *n)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");

	if (!file) {
		int rc = -errno;

		cp_cli_error("%s: cannot be opened: %s", path, strerror(errno));
		return rc;
	}
	*bytes = malloc(FILE_MAX_BYTES + 1);
	int rc = *bytes ? read_all(file, path, *bytes, n) : -ENOMEM;

	if (file != stdin)
		fclose(file);
	return rc;
}

// The name of the only CAS, GIVEN.
static char *only_cas(const char *api)
{
	json_t *list = cp_cli_get(api, "/v1/cas", NULL);
	const char *name = json_string_value(json_object_get(json_array_get(list, 0), "name"));
	char *copy = NULL;

	if (list && json_array_size(list) != 1)
		cp_cli_error("there are %zu CAS; name one with --cas", json_array_size(list));
	else if (list && (!name || !*name))
		cp_cli_error("the CAS has not told its name; name it with --cas");
	else if (list)
		copy = strdup(name);
	json_decref(list);
	return copy;
}

static int post(const char *api, const char *cas, const char *bytes, size_t n)
{
	json_t *done = cp_cli_post(api, "/v1/cas/", cas, "/emm", bytes, n);

	if (!done)
		return -EIO;
	cp_cli_print(stdout, cas);
	printf(": %lld EMM sections of %lld bytes taken\n",
	       (long long)json_integer_value(json_object_get(done, "sections")),
	       (long long)json_integer_value(json_object_get(done, "bytes")));
	json_decref(done);
	return 0;
}

int cp_cli_emm_send(const char *api, const char *file, const char *cas)
{
	char *bytes = NULL;
	size_t n = 0;
	int rc = read_file(file, &bytes, &n);
	char *only = rc || cas ? NULL : only_cas(api);

	if (!rc && (cas || only))
		rc = post(api, cas ? cas : only, bytes, n);
	else if (!rc)
		rc = -ENOENT;
	free(only);
	free(bytes);
	return rc;
}

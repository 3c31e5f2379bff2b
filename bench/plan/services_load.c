// SPDX-License-Identifier: GPL-3.0-or-later
// The line-up's file in memory; what is in it is for services.c.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/services.h"

enum { FILE_MAX_BYTES = 16 << 20, READ_BYTES = 1 << 16 };

static int read_whole(FILE *file, char **text, size_t *n)
{
	size_t got;

	do {
		char *grown = realloc(*text, *n + READ_BYTES);

		if (!grown)
			return -ENOMEM;
		*text = grown;
		got = fread(*text + *n, 1, READ_BYTES, file);
		*n += got;
	} while (got > 0 && *n <= FILE_MAX_BYTES);
	return ferror(file) ? -EIO : *n > FILE_MAX_BYTES ? -EFBIG : 0;
}

int bench_plan_services_load(struct bench_plan_services *services, const char *path, struct base_errs *errs)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	FILE *file = standard ? stdin : fopen(path, "re");
	char *text = NULL;
	size_t n = 0;
	int rc = file ? read_whole(file, &text, &n) : -errno;

	*services = (struct bench_plan_services){0};
	if (file && !standard)
		fclose(file);
	if (rc)
		base_errs_add(errs, name, "cannot be read: %s", strerror(-rc));
	else
		rc = bench_plan_services_parse(services, name, text, n, errs);
	free(text);
	return rc;
}

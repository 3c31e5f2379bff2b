// SPDX-License-Identifier: GPL-3.0-or-later
// A JSON document from a file or from memory into a tree, or the one place where its syntax is wrong.
#include <base_config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX (16u << 20)
#define READ_BYTES_MIN (64u << 10)
#define WHERE_BYTES    200

static int report_syntax(const json_error_t *e, const char *name, struct base_errs *errs)
{
	char where[WHERE_BYTES];

	if (e->text[0] == '\0') { // jansson has a text for every mistake, and none for want of memory
		base_errs_add(errs, name, "no memory to read it");
		return -ENOMEM;
	}
	snprintf(where, sizeof(where), "%s:%d:%d", name, e->line, e->column);
	base_errs_add(errs, where, "%s", e->text);
	return -EINVAL;
}

int base_config_parse(struct base_config *root, const char *text, size_t len, const char *name, struct base_errs *errs)
{
	json_error_t e;

	*root = (struct base_config){.errs = errs};
	json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);

	if (!json)
		return report_syntax(&e, name, errs);
	if (!json_is_object(json)) {
		base_errs_add(errs, name, "the document must be an object, {...}");
		json_decref(json);
		return -EINVAL;
	}
	root->json = json;
	return 0;
}

// Appends the rest of the file to *text, growing it. Stops one byte past the limit. Returns 0 or -errno.
static int read_all(int fd, char **text, size_t *len)
{
	size_t capacity = 0;

	while (*len <= FILE_BYTES_MAX) {
		if (*len == capacity) {
			capacity = capacity ? 2 * capacity : READ_BYTES_MIN;
			char *grown = realloc(*text, capacity);

			if (!grown)
				return -ENOMEM;
			*text = grown;
		}
		ssize_t n = read(fd, *text + *len, capacity - *len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return 0;
		if (n > 0)
			*len += (size_t)n;
	}
	return -EFBIG;
}

int base_config_load(struct base_config *root, const char *path, struct base_errs *errs)
{
	char *text = NULL;
	size_t len = 0;
	int rc;

	*root = (struct base_config){.errs = errs};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		rc = -errno;
		base_errs_add(errs, path, "cannot be opened: %s", strerror(-rc));
		return rc;
	}
	rc = read_all(fd, &text, &len);
	if (rc == -EFBIG)
		base_errs_add(errs, path, "is longer than %u MiB", FILE_BYTES_MAX >> 20);
	else if (rc < 0)
		base_errs_add(errs, path, "cannot be read: %s", strerror(-rc));
	else
		rc = base_config_parse(root, text, len, path, errs);
	free(text);
	close(fd);
	return rc;
}

void base_config_free(struct base_config *root)
{
	json_decref(root->json);
	*root = (struct base_config){0};
}

// SPDX-License-Identifier: GPL-3.0-or-later
// One file for a test, in a directory of its own.
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
	char dir[64];
	char file[80]; // named, not yet there
};

static inline int scratch_open(struct scratch *scratch)
{
	strcpy(scratch->dir, "/tmp/bulkhead-test-XXXXXX");
	if (!mkdtemp(scratch->dir))
		return -1;
	snprintf(scratch->file, sizeof(scratch->file), "%s/file", scratch->dir);
	return 0;
}

// Replaces the file by one of this content and mode.
static inline int scratch_write(const struct scratch *scratch, const void *bytes, size_t n, mode_t mode)
{
	unlink(scratch->file);
	int fd = open(scratch->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	int rc = write(fd, bytes, n) == (ssize_t)n && fchmod(fd, mode) == 0 ? 0 : -1;

	close(fd);
	return rc;
}

static inline void scratch_close(const struct scratch *scratch)
{
	unlink(scratch->file);
	rmdir(scratch->dir);
}

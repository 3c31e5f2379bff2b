// SPDX-License-Identifier: GPL-3.0-or-later
// The statistics file on a file system that takes its time: its temporary file is a FIFO here, which keeps the writer
// until somebody reads.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <unit.h>

#include "report/writer.h"

static char folder[] = "/tmp/bulkhead-writer-XXXXXX", path[64], fifo[70];

static void waits_beside(void)
{
	struct dp_writer writer = {0};
	char text[16] = "";

	CU_ASSERT_EQUAL_FATAL(mkfifo(fifo, 0600), 0);
	CU_ASSERT_EQUAL_FATAL(dp_writer_start(&writer, path), 0);
	CU_ASSERT_TRUE(dp_writer_free(&writer));
	dp_writer_give(&writer, strdup("first"));
	CU_ASSERT_FALSE(dp_writer_free(&writer));
	int fd = open(fifo, O_RDONLY); // only now can it go on

	CU_ASSERT_EQUAL(read(fd, text, sizeof(text) - 1), 5);
	CU_ASSERT_STRING_EQUAL(text, "first");
	close(fd);
	while (!dp_writer_free(&writer))
		sched_yield();
	CU_ASSERT_EQUAL(dp_writer_error(&writer), 0);
	CU_ASSERT_EQUAL(access(path, F_OK), 0);
	dp_writer_give(&writer, strdup("second"));
	dp_writer_end(&writer);
	FILE *file = fopen(path, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fread(text, 1, sizeof(text), file), 6);
	CU_ASSERT_EQUAL(memcmp(text, "second", 6), 0);
	fclose(file);
	unlink(path);
}

static void says_what_failed(void)
{
	struct dp_writer writer = {0};

	dp_writer_end(&writer);
	CU_ASSERT_EQUAL_FATAL(dp_writer_start(&writer, "no/such/folder/stats.json"), 0);
	dp_writer_give(&writer, strdup("lost"));
	while (!dp_writer_free(&writer))
		sched_yield();
	CU_ASSERT_EQUAL(dp_writer_error(&writer), -ENOENT);
	CU_ASSERT_EQUAL(dp_writer_error(&writer), 0);
	dp_writer_give(&writer, NULL);
	CU_ASSERT_EQUAL(dp_writer_error(&writer), -ENOMEM);
	dp_writer_end(&writer);
}

static const struct unit_test tests[] = {{"waits beside", waits_beside}, {"says what failed", says_what_failed}};

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/stats.json", folder);
	snprintf(fifo, sizeof(fifo), "%s.new", path);
	int failed = unit_run("writer", tests, sizeof(tests) / sizeof(tests[0]));

	rmdir(folder);
	return failed;
}

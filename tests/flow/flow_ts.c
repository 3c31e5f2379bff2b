// SPDX-License-Identifier: GPL-3.0-or-later
// A whole transport stream in memory: mapping a file and listing a PID.
#include <flow_ts.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_sync(const struct flow_ts *ts, const char *path, struct base_errs *errs)
{
	for (size_t i = 0; i < ts->n; i++) {
		if (ts_packet_synced(flow_ts_at(ts, i)))
			continue;
		base_errs_add(errs, path, "packet %zu does not begin with 0x47; a row of 188-byte packets is needed",
			      i);
		return -EBADMSG;
	}
	return 0;
}

int flow_ts_open(struct flow_ts *ts, const char *path, struct base_errs *errs)
{
	struct stat st;
	int fd, rc = 0;
	void *map;

	*ts = (struct flow_ts){0};
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		rc = -errno;
		base_errs_add(errs, path, "%s", strerror(-rc));
		goto close_fd;
	}
	if (st.st_size == 0 || st.st_size % TS_PACKET_BYTES != 0) {
		rc = -EBADMSG;
		base_errs_add(errs, path, "%lld bytes; a whole number of 188-byte packets is needed",
			      (long long)st.st_size);
		goto close_fd;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		rc = -errno;
		base_errs_add(errs, path, "cannot map: %s", strerror(-rc));
		goto close_fd;
	}
	ts->packets = map;
	ts->n = (size_t)st.st_size / TS_PACKET_BYTES;
	rc = check_sync(ts, path, errs);
	if (rc < 0)
		flow_ts_close(ts);
close_fd:
	if (fd >= 0)
		close(fd);
	return rc;
}

void flow_ts_close(struct flow_ts *ts)
{
	if (ts->packets)
		munmap((void *)ts->packets, ts->n * TS_PACKET_BYTES);
	*ts = (struct flow_ts){0};
}

int flow_track_new(struct flow_track *track, const struct flow_ts *ts, uint16_t pid)
{
	size_t n = 0;

	*track = (struct flow_track){.ts = ts};
	for (size_t i = 0; i < ts->n; i++)
		n += ts_packet_pid(flow_ts_at(ts, i)) == pid;
	track->index = calloc(n + 1, sizeof(*track->index));
	if (!track->index)
		return -ENOMEM;
	for (size_t i = 0; i < ts->n; i++)
		if (ts_packet_pid(flow_ts_at(ts, i)) == pid)
			track->index[track->n++] = i;
	return 0;
}

void flow_track_free(struct flow_track *track)
{
	free(track->index);
	*track = (struct flow_track){0};
}

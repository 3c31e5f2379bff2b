// SPDX-License-Identifier: GPL-3.0-or-later
// A file or pipe of transport packets; bytes out of synchronisation are skipped and counted.
#include <stb_input.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ts_packet.h>

#define BUFFER_BYTES (1024 * TS_PACKET_BYTES)

struct file {
	int fd;
	bool end;
	size_t at, have; // bytes at..have of the buffer are unread
	uint8_t buffer[BUFFER_BYTES];
};

static int file_open(struct stb_input *in, struct base_errs *errs)
{
	struct file *file = malloc(sizeof(*file));

	if (!file)
		return -ENOMEM;
	file->at = file->have = 0;
	file->end = false;
	file->fd = open(in->where, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0) {
		int rc = -errno;

		base_errs_add(errs, in->where, "%s", strerror(-rc));
		free(file);
		return rc;
	}
	in->state = file;
	return 0;
}

// Reads what is there. -EAGAIN when a pipe gave nothing for `timeout_ms`.
static int fill(struct file *file, int timeout_ms)
{
	struct pollfd poller = {.fd = file->fd, .events = POLLIN};
	ssize_t n;

	memmove(file->buffer, file->buffer + file->at, file->have - file->at);
	file->have -= file->at;
	file->at = 0;
	if (poll(&poller, 1, timeout_ms) == 0)
		return -EAGAIN;
	n = read(file->fd, file->buffer + file->have, BUFFER_BYTES - file->have);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	file->end = n == 0;
	file->have += (size_t)n;
	return 0;
}

// A packet stands at `at` when the next one begins where it should, or there is no next one.
static bool synced(const struct file *file)
{
	size_t next = file->at + TS_PACKET_BYTES;

	return file->buffer[file->at] == TS_SYNC_BYTE && (next >= file->have || file->buffer[next] == TS_SYNC_BYTE);
}

static int file_read(struct stb_input *in, uint8_t *packets, int timeout_ms)
{
	struct file *file = in->state;
	int n = 0, rc;

	while (n < STB_INPUT_MAX_PKTS) {
		if (file->have - file->at <= TS_PACKET_BYTES && !file->end) {
			if (n > 0)
				break;
			rc = fill(file, timeout_ms);
			if (rc < 0)
				return rc == -EAGAIN ? 0 : rc;
			continue;
		}
		if (file->have - file->at < TS_PACKET_BYTES) {
			in->counts.skipped_bytes += file->have - file->at;
			file->at = file->have;
			break;
		}
		if (synced(file)) {
			memcpy(packets + (size_t)n++ * TS_PACKET_BYTES, file->buffer + file->at, TS_PACKET_BYTES);
			file->at += TS_PACKET_BYTES;
		} else {
			in->counts.skipped_bytes++;
			file->at++;
		}
	}
	return n > 0 ? n : -ENODATA;
}

static void file_close(struct stb_input *in)
{
	struct file *file = in->state;

	close(file->fd);
	free(file);
}

const struct stb_input_ops stb_input_file = {"file", file_open, file_read, file_close};

// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the source by name and first bytes.
#include <stb_input.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <base_bytes.h>

// First four bytes of a capture in either byte order: microseconds, nanoseconds, pcapng.
static bool is_capture(uint32_t magic)
{
	return magic == 0xA1B2C3D4 || magic == 0xD4C3B2A1 || magic == 0xA1B23C4D || magic == 0x4D3CB2A1 ||
	       magic == 0x0A0D0D0A;
}

static const struct stb_input_ops *look(const char *path, struct base_errs *errs)
{
	uint8_t first[4] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0) {
		base_errs_add(errs, path, "%s", strerror(errno));
		return NULL;
	}
	// A pipe cannot be looked into twice: it is taken for a transport stream.
	n = pread(fd, first, sizeof(first), 0);
	close(fd);
	return n == (ssize_t)sizeof(first) && is_capture(base_bytes_get32(first)) ? &stb_input_pcap : &stb_input_file;
}

int stb_input_open(struct stb_input *in, const char *where, const char *filter, struct base_errs *errs)
{
	*in = (struct stb_input){.where = where};
	if (filter && stb_url_endpoint(&in->flow, filter, strlen(filter)) < 0) {
		base_errs_add(errs, "--filter", "'%s' is not A.B.C.D:PORT", filter);
		return -EINVAL;
	}
	if (!stb_url_is_udp(where)) {
		in->ops = look(where, errs);
		if (!in->ops)
			return -ENOENT;
	} else {
		if (stb_url_parse(&in->flow, where, "--input", errs) < 0)
			return -EINVAL;
		in->ops = &stb_input_udp;
	}
	if (filter && in->ops != &stb_input_pcap) {
		base_errs_add(errs, "--filter", "is for captures; %s is none", where);
		return -EINVAL;
	}
	return in->ops->open(in, errs);
}

int stb_input_read(struct stb_input *in, uint8_t *packets, int timeout_ms)
{
	int n = in->ops->read(in, packets, timeout_ms);

	if (n > 0)
		in->counts.pkts += (uint64_t)n;
	return n;
}

void stb_input_close(struct stb_input *in)
{
	if (in->state)
		in->ops->close(in);
	in->state = NULL;
}

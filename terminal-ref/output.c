// SPDX-License-Identifier: GPL-3.0-or-later
// Where the opened stream goes.
#include <stb_output.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stb_url.h>

static int open_socket(struct stb_output *out, const char *where, struct base_errs *errs)
{
	struct stb_url url;
	unsigned char ttl = 8;
	int rc = stb_url_parse(&url, where, "--output", errs);

	if (rc < 0)
		return rc;
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(url.port),
				 .sin_addr.s_addr = htonl(url.addr)};
	struct in_addr interface = {htonl(url.ifaddr)};

	out->datagrams = out->owned = true;
	out->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (out->fd < 0)
		return -errno;
	if ((url.ifaddr && setsockopt(out->fd, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof(interface)) < 0) ||
	    setsockopt(out->fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) < 0 ||
	    connect(out->fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		rc = -errno;
		base_errs_add(errs, where, "cannot send: %s", strerror(-rc));
		close(out->fd);
		out->fd = -1;
	}
	return rc;
}

int stb_output_open(struct stb_output *out, const char *where, struct base_errs *errs)
{
	int rc;

	out->fd = -1;
	out->datagrams = out->owned = false;
	out->n = 0;
	out->pkts = 0;
	if (!where)
		return 0;
	if (stb_url_is_udp(where))
		return open_socket(out, where, errs);
	if (strcmp(where, "-") == 0) {
		out->fd = STDOUT_FILENO;
		return 0;
	}
	out->owned = true;
	out->fd = open(where, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out->fd >= 0)
		return 0;
	rc = -errno;
	base_errs_add(errs, where, "%s", strerror(-rc));
	return rc;
}

static int write_all(int fd, const uint8_t *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

// A datagram that nobody takes (no listener on unicast) is not an error of the stream.
static int send_one(int fd, const uint8_t *bytes, size_t n)
{
	while (send(fd, bytes, n, 0) < 0) {
		if (errno == EINTR)
			continue;
		return errno == ECONNREFUSED ? 0 : -errno;
	}
	return 0;
}

int stb_output_flush(struct stb_output *out)
{
	size_t step = STB_OUTPUT_DATAGRAM_PKTS, n = out->n;
	int rc = 0;

	out->n = 0;
	if (!out->datagrams)
		return write_all(out->fd, out->buffer, n * TS_PACKET_BYTES);
	for (size_t i = 0; rc == 0 && i < n; i += step)
		rc = send_one(out->fd, out->buffer + i * TS_PACKET_BYTES,
			      (n - i < step ? n - i : step) * TS_PACKET_BYTES);
	return rc;
}

int stb_output_packet(struct stb_output *out, const uint8_t *packet)
{
	if (out->fd < 0)
		return 0;
	memcpy(out->buffer + out->n++ * TS_PACKET_BYTES, packet, TS_PACKET_BYTES);
	out->pkts++;
	// Datagrams leave as they fill, so that a live picture does not wait.
	if (out->n < (out->datagrams ? STB_OUTPUT_DATAGRAM_PKTS : STB_OUTPUT_BUFFER_PKTS))
		return 0;
	return stb_output_flush(out);
}

int stb_output_close(struct stb_output *out)
{
	int rc;

	if (out->fd < 0)
		return 0;
	rc = stb_output_flush(out);
	if (out->owned && close(out->fd) < 0 && rc == 0)
		rc = -errno;
	out->fd = -1;
	return rc;
}

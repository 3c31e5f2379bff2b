// SPDX-License-Identifier: GPL-3.0-or-later
// Datagrams from the network: unicast, any-source or source-specific multicast.
#include <stb_input.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// A second of 60 Mbit/s and more; the kernel may grant less.
#define RECEIVE_BUFFER_BYTES (16 << 20)
#define DATAGRAM_MAX_BYTES   65536

struct udp {
	int fd;
	uint8_t datagram[DATAGRAM_MAX_BYTES];
};

static int join(int fd, const struct stb_url *url)
{
	if (url->source) {
		struct ip_mreq_source ssm = {
			.imr_multiaddr.s_addr = htonl(url->addr),
			.imr_interface.s_addr = htonl(url->ifaddr),
			.imr_sourceaddr.s_addr = htonl(url->source),
		};

		return setsockopt(fd, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &ssm, sizeof(ssm));
	}
	struct ip_mreq asm_ = {
		.imr_multiaddr.s_addr = htonl(url->addr),
		.imr_interface.s_addr = htonl(url->ifaddr),
	};

	return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &asm_, sizeof(asm_));
}

static void tune(int fd)
{
	int size = RECEIVE_BUFFER_BYTES, yes = 1, no = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &yes, sizeof(yes));
	// Only groups that this socket joined, on the interface it joined them on.
	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &no, sizeof(no));
}

static int udp_open(struct stb_input *in, struct base_errs *errs)
{
	struct sockaddr_in local = {
		.sin_family = AF_INET,
		.sin_port = htons(in->flow.port),
		.sin_addr.s_addr = htonl(in->flow.addr),
	};
	struct udp *udp = malloc(sizeof(*udp));
	int rc;

	if (!udp)
		return -ENOMEM;
	udp->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (udp->fd < 0)
		goto fail;
	tune(udp->fd);
	if (bind(udp->fd, (struct sockaddr *)&local, sizeof(local)) < 0)
		goto fail;
	if (stb_url_multicast(&in->flow) && join(udp->fd, &in->flow) < 0)
		goto fail;
	in->state = udp;
	return 0;
fail:
	rc = -errno;
	base_errs_add(errs, in->where, "cannot receive: %s; is there an interface with the address of ifaddr=?",
		      strerror(-rc));
	if (udp->fd >= 0)
		close(udp->fd);
	free(udp);
	return rc;
}

static void note_dropped(struct stb_input *in, struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		uint32_t dropped;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&dropped, CMSG_DATA(c), sizeof(dropped));
		in->counts.kernel_dropped = dropped;
	}
}

static int udp_read(struct stb_input *in, uint8_t *packets, int timeout_ms)
{
	struct udp *udp = in->state;
	char control[CMSG_SPACE(sizeof(uint32_t))];
	struct iovec iov = {udp->datagram, sizeof(udp->datagram)};
	struct msghdr message = {.msg_iov = &iov,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct pollfd poller = {.fd = udp->fd, .events = POLLIN};
	ssize_t n;

	n = recvmsg(udp->fd, &message, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN) {
		if (poll(&poller, 1, timeout_ms) <= 0)
			return 0;
		n = recvmsg(udp->fd, &message, MSG_DONTWAIT);
	}
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	note_dropped(in, &message);
	return stb_input_datagram(in, packets, udp->datagram, (size_t)n);
}

static void udp_close(struct stb_input *in)
{
	struct udp *udp = in->state;

	close(udp->fd);
	free(udp);
}

const struct stb_input_ops stb_input_udp = {"udp", udp_open, udp_read, udp_close};

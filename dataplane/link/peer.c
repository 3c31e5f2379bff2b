// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/peer.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <base_local.h>
#include <base_secret.h>

#include "link/message.h"

enum { UNHEARD_AT_ONCE = 64 };

void dp_peer_open(struct dp_peer *peer, int fd, pid_t pid, uint64_t now_ms)
{
	*peer = (struct dp_peer){.state = DP_PEER_NEW, .fd = fd, .pid = pid, .deadline_ms = now_ms + DP_PEER_HELLO_MS};
}

void dp_peer_close(struct dp_peer *peer)
{
	if (peer->state != DP_PEER_NONE)
		close(peer->fd);
	*peer = (struct dp_peer){0};
}

void dp_peer_leave(struct dp_peer *peer, const struct dp_msg_bye *bye, uint64_t now_ms)
{
	peer->state = DP_PEER_LEAVING;
	peer->deadline_ms = now_ms + DP_PEER_LEAVE_MS;
	peer->bye = *bye;
	peer->bye.head = dp_link_message_head(DP_MSG_BYE);
}

static int send_bye(struct dp_peer *peer)
{
	int rc = base_local_send(peer->fd, &peer->bye, sizeof(peer->bye));

	if (rc)
		return rc;
	peer->bye_sent = true;
	shutdown(peer->fd, SHUT_WR);
	return 0;
}

// True when the peer has closed.
static bool discard(struct dp_peer *peer, void *scratch, size_t capacity)
{
	for (unsigned i = 0; i < UNHEARD_AT_ONCE; i++) {
		ssize_t n = base_local_receive(peer->fd, scratch, capacity);

		base_secret_scrub(scratch, capacity);
		if (n == -EAGAIN)
			return false;
		if (n == 0 || (n < 0 && n != -EMSGSIZE))
			return true;
	}
	return false;
}

void dp_peer_tend_leave(struct dp_peer *peer, void *scratch, size_t capacity, uint64_t now_ms)
{
	int rc = peer->bye_sent ? 0 : send_bye(peer);

	if ((rc && rc != -EAGAIN) || now_ms >= peer->deadline_ms || discard(peer, scratch, capacity))
		dp_peer_close(peer);
}

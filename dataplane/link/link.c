// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <base_local.h>
#include <base_log.h>
#include <base_secret.h>

#include "plant.h"

enum { ACCEPTS_AT_ONCE = 4, MESSAGES_AT_ONCE = 64 };

int dp_link_open(struct dp_link *link, const struct dp_conf *machine, struct dp_plant *plant, struct base_errs *errs)
{
	size_t bytes = dp_arena_cost(sizeof(union dp_link_message)) + dp_arena_cost(sizeof(struct dp_msg_group_state));
	uint64_t boot_id = 0;

	memset(link, 0, sizeof(*link));
	link->listener = -1;
	if (getrandom(&boot_id, sizeof(boot_id), 0) != sizeof(boot_id) || dp_arena_init(&link->arena, bytes)) {
		base_errs_add(errs, "/control", "no random bytes, or no locked memory: raise ulimit -l");
		return -ENOMEM;
	}
	link->message = dp_arena_take(&link->arena, sizeof(*link->message));
	dp_dialogue_init(&link->dialogue, machine, plant,
			 dp_arena_take(&link->arena, sizeof(struct dp_msg_group_state)), boot_id);
	snprintf(link->path, sizeof(link->path), "%s", machine->control);
	int fd = base_local_listen(link->path);

	if (fd < 0) {
		base_errs_add(errs, "/control/socket", "%s cannot be opened: %s", link->path, strerror(-fd));
		return fd;
	}
	link->listener = fd;
	return 0;
}

static struct dp_peer *free_peer(struct dp_link *link)
{
	for (unsigned i = 0; i < DP_LINK_PEERS; i++)
		if (link->peer[i].state == DP_PEER_NONE)
			return &link->peer[i];
	return NULL;
}

// Who finds no place waits in the socket's own queue; places become free by time.
static void accept_some(struct dp_link *link)
{
	for (unsigned i = 0; i < ACCEPTS_AT_ONCE; i++) {
		struct dp_peer *peer = free_peer(link);
		pid_t pid = 0;
		int fd = peer ? base_local_accept(link->listener, &pid) : -EAGAIN;

		if (fd == -EPERM)
			base_log(BASE_LOG_WARNING, "link", "connection of another user refused pid=%d", (int)pid);
		if (fd < 0)
			return;
		dp_peer_open(peer, fd, pid, link->now_ms);
	}
}

static void leave(struct dp_link *link, struct dp_peer *peer, const struct dp_msg_bye *bye)
{
	if (peer == link->controller)
		link->controller = NULL;
	dp_peer_leave(peer, bye, link->now_ms);
}

static void leave_broken(struct dp_link *link, struct dp_peer *peer, const char *why)
{
	struct dp_msg_bye bye = {.reason = DP_MSG_BYE_BROKEN};

	snprintf(bye.text, sizeof(bye.text), "%s", why);
	base_log(BASE_LOG_ERROR, "link", "connection closed pid=%d why=\"%s\"", (int)peer->pid, why);
	leave(link, peer, &bye);
}

static struct dp_msg_bye bye_of_fence(const struct dp_fence *fence, enum dp_msg_bye_reason reason)
{
	struct dp_msg_bye bye = {.reason = reason, .pid = fence->pid, .epoch = fence->epoch};

	memcpy(bye.name, fence->name, sizeof(bye.name));
	return bye;
}

static void leave_older(struct dp_link *link, struct dp_peer *peer, const char *name)
{
	struct dp_msg_bye bye = bye_of_fence(&link->fence, DP_MSG_BYE_OLDER);

	base_log(BASE_LOG_WARNING, "link", "older controller refused name=\"%s\" pid=%d obeyed=\"%s\" obeyed_pid=%d",
		 name, (int)peer->pid, link->fence.name, (int)link->fence.pid);
	leave(link, peer, &bye);
}

static int send_to(void *to, const void *message, size_t n)
{
	const struct dp_peer *peer = to;

	return base_local_send(peer->fd, message, n);
}

static void obey(struct dp_link *link, struct dp_peer *peer, const struct dp_msg_hello *hello, const char *name)
{
	struct dp_fence before = link->fence;

	link->fence = (struct dp_fence){.epoch = hello->epoch, .pid = peer->pid};
	snprintf(link->fence.name, sizeof(link->fence.name), "%s", name);
	if (link->controller) {
		struct dp_msg_bye bye = bye_of_fence(&link->fence, DP_MSG_BYE_SUPERSEDED);

		base_log(BASE_LOG_WARNING, "link", "controller superseded name=\"%s\" pid=%d by=\"%s\" by_pid=%d",
			 before.name, (int)before.pid, name, (int)peer->pid);
		leave(link, link->controller, &bye);
	}
	base_log(BASE_LOG_INFO, "link", "controller obeyed name=\"%s\" pid=%d epoch=%llu", name, (int)peer->pid,
		 (unsigned long long)hello->epoch);
	peer->state = DP_PEER_OBEYED;
	link->controller = peer;
	dp_dialogue_begin(&link->dialogue, send_to, peer, link->now_ms);
}

static void hear_hello(struct dp_link *link, struct dp_peer *peer, const struct dp_msg_hello *hello)
{
	char name[DP_MSG_NAME_BYTES];
	struct base_errs errs;

	base_errs_init(&errs);
	if (hello->version != DP_MSG_VERSION) {
		struct dp_msg_bye bye = {.reason = DP_MSG_BYE_VERSION};

		snprintf(bye.text, sizeof(bye.text), "version %u is not spoken here, %u is", hello->version,
			 DP_MSG_VERSION);
		base_log(BASE_LOG_ERROR, "link", "controller refused pid=%d version=%u", (int)peer->pid,
			 hello->version);
		leave(link, peer, &bye);
	} else if (!dp_gather_name(name, hello->name, "HELLO", &errs)) { // it goes into texts and documents
		leave_broken(link, peer, errs.text[0]);
	} else if (hello->epoch == 0) {
		leave_broken(link, peer, "HELLO: epoch 0");
	} else if (hello->epoch <= link->fence.epoch) {
		leave_older(link, peer, name);
	} else {
		obey(link, peer, hello, name);
	}
}

// One message of a peer; false when there is none, or the peer is gone.
static bool hear(struct dp_link *link, struct dp_peer *peer)
{
	union dp_link_message *message = link->message;
	ssize_t n = base_local_receive(peer->fd, message, sizeof(*message));
	char why[DP_MSG_TEXT_BYTES];

	if (n == -EAGAIN)
		return false;
	if (n == 0 || (n < 0 && n != -EMSGSIZE)) {
		if (peer == link->controller) {
			base_log(BASE_LOG_WARNING, "link", "controller gone name=\"%s\" pid=%d", link->fence.name,
				 (int)peer->pid);
			link->controller = NULL;
		}
		dp_peer_close(peer);
		return false;
	}
	if (n == -EMSGSIZE)
		leave_broken(link, peer, "a message longer than any");
	else if (!dp_link_message_check(message, (size_t)n, why))
		leave_broken(link, peer, why);
	else if (peer->state == DP_PEER_NEW && message->head.type != DP_MSG_HELLO)
		leave_broken(link, peer, "the first message is HELLO");
	else if (peer->state == DP_PEER_NEW)
		hear_hello(link, peer, &message->hello);
	else if (dp_dialogue_take(&link->dialogue, message))
		leave_broken(link, peer, link->dialogue.why);
	base_secret_scrub(message, sizeof(*message));
	return peer->state == DP_PEER_OBEYED;
}

static void hear_controller(struct dp_link *link)
{
	for (unsigned i = 0; i < MESSAGES_AT_ONCE && link->controller; i++)
		if (!dp_tell_answered(&link->dialogue.tell) || !hear(link, link->controller))
			return;
}

static void tell_controller(struct dp_link *link)
{
	int rc = link->controller ? dp_tell_go_on(&link->dialogue.tell, link->now_ms) : 0;

	if (!rc)
		return;
	base_log(BASE_LOG_WARNING, "link", "controller gone name=\"%s\" pid=%d error=\"%s\"", link->fence.name,
		 (int)link->fence.pid, strerror(-rc));
	dp_peer_close(link->controller);
	link->controller = NULL;
}

static void tend_new(struct dp_link *link, struct dp_peer *peer)
{
	hear(link, peer);
	if (peer->state == DP_PEER_NEW && link->now_ms >= peer->deadline_ms)
		leave_broken(link, peer, "no HELLO in time");
}

// What a worker gives back is there before a word to a new controller; the one that is obeyed is heard before others
// are, so that its end is known.
void dp_link_tend(struct dp_link *link, uint64_t now_ms)
{
	link->now_ms = now_ms;
	dp_controlled_poll(&link->dialogue.plant->controlled);
	if (link->controller)
		dp_dialogue_tend(&link->dialogue);
	hear_controller(link);
	accept_some(link);
	for (unsigned i = 0; i < DP_LINK_PEERS; i++) {
		struct dp_peer *peer = &link->peer[i];

		if (peer->state == DP_PEER_NEW)
			tend_new(link, peer);
		else if (peer->state == DP_PEER_LEAVING)
			dp_peer_tend_leave(peer, link->message, sizeof(*link->message), now_ms);
	}
	tell_controller(link);
}

// A peer that is still there has read its BYE when it closes; one turn is all that an ending dataplane waits for.
void dp_link_close(struct dp_link *link)
{
	static const struct dp_msg_bye bye = {.reason = DP_MSG_BYE_STOPPING};

	for (unsigned i = 0; i < DP_LINK_PEERS; i++) {
		struct dp_peer *peer = &link->peer[i];

		if (peer->state == DP_PEER_NEW || peer->state == DP_PEER_OBEYED)
			leave(link, peer, &bye);
		if (peer->state == DP_PEER_LEAVING)
			dp_peer_tend_leave(peer, link->message, sizeof(*link->message), link->now_ms);
		dp_peer_close(peer);
	}
	if (link->listener >= 0) {
		close(link->listener);
		unlink(link->path);
	}
	link->listener = -1;
	dp_dialogue_fini(&link->dialogue);
	dp_arena_fini(&link->arena);
}

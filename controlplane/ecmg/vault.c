// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/vault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <base_local.h>
#include <base_log.h>

#include "ecmg/clock.h"

enum { BACK_OFF_MIN_MS = 50, BACK_OFF_MAX_MS = 1000, WATCH_MS = 1000 };

static void on_retry(uv_timer_t *timer);

static void retry_later(struct cas_vault *vault)
{
	uv_timer_start(&vault->retry, on_retry, vault->back_off_ms, 0);
	vault->back_off_ms = vault->back_off_ms * 2 < BACK_OFF_MAX_MS ? vault->back_off_ms * 2 : BACK_OFF_MAX_MS;
}

// The poll handle goes before its descriptor; the retry opens both anew.
static void on_poll_closed(uv_handle_t *handle)
{
	struct cas_vault *vault = handle->data;

	close(vault->fd);
	vault->fd = -1;
	if (!uv_is_closing((uv_handle_t *)&vault->retry))
		retry_later(vault);
}

// Once for every new reason, not once for every try.
static void note_loss(struct cas_vault *vault, const char *why)
{
	if (!vault->lost_since)
		vault->lost_since = cas_clock_utc();
	if (strcmp(vault->why, why) == 0)
		return;
	snprintf(vault->why, sizeof(vault->why), "%s", why);
	vault->losses++;
	base_log(BASE_LOG_ERROR, "vault", "no vault socket=%s why=\"%s\"", vault->path, why);
}

static void lose(struct cas_vault *vault, const char *why)
{
	bool was_ready = vault->ready;

	if (uv_is_closing((uv_handle_t *)&vault->poll))
		return;
	vault->ready = false;
	vault->away = false;
	note_loss(vault, why);
	uv_close((uv_handle_t *)&vault->poll, on_poll_closed);
	if (was_ready)
		vault->ops->on_lost(vault->owner);
}

static int ask_status(struct cas_vault *vault)
{
	const struct km_msg_status_request request = {.head = {KM_MSG_STATUS_REQUEST, sizeof(request)},
						      .version = KM_MSG_VERSION};
	int rc = base_local_send(vault->fd, &request, sizeof(request));

	vault->asked_status = rc == 0;
	vault->sent_ms = vault->away ? vault->sent_ms : uv_now(vault->loop);
	return rc;
}

// Another vendor's vault, or another version of the contract, must seal nothing.
static const char *why_wrong(const struct cas_vault *vault, const struct km_msg_status *status)
{
	if (status->version != KM_MSG_VERSION)
		return "the vault speaks another version";
	if (status->ca_subsystem_id != vault->ca_subsystem_id)
		return "the vault's ca_subsystem is not the lower half of super_cas_id";
	if (status->service_keys > KM_MSG_SERVICE_KEYS_MAX)
		return "the vault's status makes no sense";
	return NULL;
}

static void take_status(struct cas_vault *vault, const struct km_msg_status *status)
{
	const char *wrong = why_wrong(vault, status);

	vault->asked_status = false;
	if (wrong) {
		vault->back_off_ms = BACK_OFF_MAX_MS;
		lose(vault, wrong);
		return;
	}
	vault->status = *status;
	if (vault->ready)
		return;
	vault->ready = true;
	vault->why[0] = '\0';
	vault->lost_since = 0;
	vault->back_off_ms = BACK_OFF_MIN_MS;
	base_log(BASE_LOG_INFO, "vault", "vault ready socket=%s service_keys=%u", vault->path, status->service_keys);
	vault->ops->on_ready(vault->owner);
}

// Returns false when the connection is given up.
static bool take(struct cas_vault *vault, size_t n)
{
	const struct km_msg_head *head = &vault->result.head;

	if (n >= sizeof(*head) && head->bytes == n && head->type == KM_MSG_STATUS &&
	    n == sizeof(struct km_msg_status) && vault->asked_status) {
		take_status(vault, (const struct km_msg_status *)(const void *)&vault->result);
	} else if (n == sizeof(vault->result) && head->bytes == n && head->type == KM_MSG_ECM_RESULT && vault->away &&
		   vault->result.n <= KM_MSG_BATCH_MAX) {
		vault->away = false;
		if (!vault->ops->on_result(vault->owner, &vault->result))
			lose(vault, "answers that do not fit the questions");
	} else {
		lose(vault, "a message that is none");
	}
	return !uv_is_closing((uv_handle_t *)&vault->poll);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct cas_vault *vault = poll->data;
	ssize_t n;

	(void)events;
	if (status < 0) {
		lose(vault, uv_strerror(status));
		return;
	}
	do {
		n = base_local_receive(vault->fd, &vault->result, sizeof(vault->result));
		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			lose(vault, n == 0 ? "closed by the vault" : strerror((int)-n));
			return;
		}
	} while (take(vault, (size_t)n));
}

static void open_connection(struct cas_vault *vault)
{
	int fd = base_local_connect(vault->path);
	const char *why = fd < 0 ? strerror(-fd) : NULL;

	if (fd >= 0 && uv_poll_init(vault->loop, &vault->poll, fd)) {
		close(fd);
		why = "the loop does not take it";
	}
	if (why) {
		note_loss(vault, why);
		retry_later(vault);
		return;
	}
	vault->fd = fd;
	vault->poll.data = vault;
	vault->asked_status = false;
	uv_poll_start(&vault->poll, UV_READABLE, on_readable);
	if (ask_status(vault))
		lose(vault, "it takes no question");
}

static void on_retry(uv_timer_t *timer)
{
	open_connection(timer->data);
}

// Asks how the vault is, and gives up one that does not answer.
static void on_watch(uv_timer_t *timer)
{
	struct cas_vault *vault = timer->data;

	if (vault->fd < 0 || uv_is_closing((uv_handle_t *)&vault->poll))
		return;
	if (!vault->away && !vault->asked_status)
		ask_status(vault);
	else if (uv_now(vault->loop) - vault->sent_ms >= CAS_VAULT_ANSWER_MS)
		lose(vault, "no answer");
}

int cas_vault_init(struct cas_vault *vault, uv_loop_t *loop, const char *path, uint16_t ca_subsystem_id,
		   const struct cas_vault_ops *ops, void *owner)
{
	*vault = (struct cas_vault){.loop = loop,
				    .path = path,
				    .ca_subsystem_id = ca_subsystem_id,
				    .ops = ops,
				    .owner = owner,
				    .fd = -1,
				    .back_off_ms = BACK_OFF_MIN_MS};
	int rc = base_secret_init(&vault->batch, sizeof(struct km_msg_ecm_batch));

	if (rc)
		return rc;
	uv_timer_init(loop, &vault->retry);
	uv_timer_init(loop, &vault->watch);
	vault->retry.data = vault;
	vault->watch.data = vault;
	uv_timer_start(&vault->watch, on_watch, WATCH_MS, WATCH_MS);
	open_connection(vault);
	return 0;
}

void cas_vault_close(struct cas_vault *vault)
{
	vault->ready = false;
	uv_close((uv_handle_t *)&vault->retry, NULL);
	uv_close((uv_handle_t *)&vault->watch, NULL);
	if (vault->fd >= 0 && !uv_is_closing((uv_handle_t *)&vault->poll))
		uv_close((uv_handle_t *)&vault->poll, on_poll_closed);
}

void cas_vault_fini(struct cas_vault *vault)
{
	base_secret_fini(&vault->batch);
}

struct km_msg_ecm_batch *cas_vault_batch(struct cas_vault *vault)
{
	return vault->ready && !vault->away ? (struct km_msg_ecm_batch *)(void *)vault->batch.bytes : NULL;
}

int cas_vault_send(struct cas_vault *vault)
{
	struct km_msg_ecm_batch *batch = (struct km_msg_ecm_batch *)(void *)vault->batch.bytes;

	batch->head = (struct km_msg_head){KM_MSG_ECM_BATCH, sizeof(*batch)};
	int rc = base_local_send(vault->fd, batch, sizeof(*batch));

	base_secret_scrub(batch, sizeof(*batch));
	vault->away = rc == 0;
	if (rc && rc != -EAGAIN)
		lose(vault, strerror(-rc));
	else
		vault->sent_ms = uv_now(vault->loop);
	return rc;
}

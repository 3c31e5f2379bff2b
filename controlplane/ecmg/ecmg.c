// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/ecmg.h"

#include <base_log.h>

#include "ecmg/clock.h"
#include "ecmg/dialogue.h"
#include "ecmg/provision.h"
#include "ecmg/reply.h"

// A connection without a channel, and a channel without a word, are given this long; then the channel is tested, and
// after as long again it is over.
enum { SWEEP_MS = 100, SILENCE_MS = 30000 };

static void heard(struct cas_channel *channel)
{
	channel->heard_ms = uv_now(channel->ecmg->loop);
	channel->tested = false;
}

static void on_message(void *owner, struct cp_wire *wire, const struct sim_msg *msg)
{
	(void)wire;
	heard(owner);
	cas_dialogue_hear(owner, msg);
}

static void on_refused(void *owner, struct cp_wire *wire, const struct sim_msg *msg, const struct sim_error *error)
{
	(void)wire;
	heard(owner);
	cas_dialogue_refuse(owner, msg, error);
}

static void shut(struct cas_channel *channel)
{
	if (channel->state == CAS_CHANNEL_CLOSING)
		return;
	cas_asks_forget(&channel->ecmg->asks, channel, NULL);
	cas_channel_shut(&channel->ecmg->registry, channel);
}

static void on_closed(void *owner, struct cp_wire *wire, const char *why)
{
	struct cas_channel *channel = owner;
	struct cas_ecmg *ecmg = channel->ecmg;

	base_log(BASE_LOG_INFO, "ecmg", "connection closed peer=%s why=\"%s\"", cp_wire_peer(wire), why);
	shut(channel);
	cas_channel_free(&ecmg->registry, channel);
}

static const struct cp_wire_ops wire_ops = {.on_message = on_message, .on_refused = on_refused, .on_closed = on_closed};

static const struct cp_wire_ops *on_accepted(void *context, struct cp_wire *wire, void **owner,
					     struct cp_wire_counts **counts)
{
	struct cas_ecmg *ecmg = context;
	struct cas_channel *channel = cas_channel_new(&ecmg->registry, wire);

	if (!channel) {
		base_log(BASE_LOG_WARNING, "ecmg", "connection refused peer=%s error=\"no memory\"",
			 cp_wire_peer(wire));
		return NULL;
	}
	channel->ecmg = ecmg;
	channel->since = cas_clock_utc();
	heard(channel);
	*owner = channel;
	*counts = &ecmg->counts;
	return &wire_ops;
}

void cas_ecmg_drop(struct cas_channel *channel, const char *why)
{
	shut(channel);
	cp_wire_close(channel->wire, why);
}

static void look_at(struct cas_channel *channel, uint64_t now)
{
	uint64_t silent = now - channel->heard_ms;

	if (channel->state == CAS_CHANNEL_CLOSING || silent < SILENCE_MS)
		return;
	if (channel->state == CAS_CHANNEL_IDLE) {
		cas_ecmg_drop(channel, "no channel_setup");
	} else if (!channel->tested) {
		channel->tested = true;
		cas_reply_channel_test(channel);
	} else if (silent >= 2 * (uint64_t)SILENCE_MS) {
		cas_ecmg_drop(channel, "no answer to channel_test");
	}
}

static void on_sweep(uv_timer_t *timer)
{
	struct cas_ecmg *ecmg = timer->data;

	cas_provision_expire(ecmg);
	for (struct cas_channel *channel = ecmg->registry.first; channel; channel = channel->next)
		look_at(channel, uv_now(ecmg->loop));
}

static void on_turn(uv_check_t *turn)
{
	cas_provision_flush(turn->data);
}

static void on_vault_ready(void *owner)
{
	cas_provision_flush(owner);
}

static bool on_vault_result(void *owner, const struct km_msg_ecm_result *result)
{
	struct cas_ecmg *ecmg = owner;

	if (!cas_provision_answer(ecmg, result))
		return false;
	cas_provision_flush(ecmg);
	return true;
}

static void on_vault_lost(void *owner)
{
	struct cas_ecmg *ecmg = owner;

	ecmg->asks.asked = 0;
}

const struct cas_vault_ops cas_ecmg_vault_ops = {on_vault_ready, on_vault_result, on_vault_lost};

int cas_ecmg_open(struct cas_ecmg *ecmg, uv_loop_t *loop, const struct cas_conf *conf, struct cas_vault *vault)
{
	ecmg->loop = loop;
	ecmg->conf = conf;
	ecmg->vault = vault;
	ecmg->turn.data = ecmg;
	ecmg->sweep.data = ecmg;
	int rc = cas_registry_init(&ecmg->registry);

	if (rc)
		return rc;
	rc = cas_asks_init(&ecmg->asks);
	if (rc)
		goto close_registry;
	rc = cp_wire_listen(&ecmg->listener, loop, conf->ecmg.address, conf->ecmg.tcp_port, SIM_ECMG_SCS, on_accepted,
			    ecmg);
	if (rc)
		goto close_asks;
	uv_check_init(loop, &ecmg->turn);
	uv_check_start(&ecmg->turn, on_turn);
	uv_timer_init(loop, &ecmg->sweep);
	uv_timer_start(&ecmg->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	return 0;
close_asks:
	cas_asks_fini(&ecmg->asks);
close_registry:
	cas_registry_fini(&ecmg->registry);
	return rc;
}

// Clause 5.6: an ECMG that stops says unrecoverable error.
void cas_ecmg_close(struct cas_ecmg *ecmg)
{
	cp_wire_listener_close(ecmg->listener);
	uv_close((uv_handle_t *)&ecmg->turn, NULL);
	uv_close((uv_handle_t *)&ecmg->sweep, NULL);
	for (struct cas_channel *channel = ecmg->registry.first; channel; channel = channel->next) {
		if (channel->state == CAS_CHANNEL_OPEN)
			cas_reply_channel_error(channel, channel->id, SIM_E_UNRECOVERABLE, 0);
		cas_ecmg_drop(channel, "the ECMG stops");
	}
}

void cas_ecmg_fini(struct cas_ecmg *ecmg)
{
	cp_wire_counts_log(&ecmg->counts, "ecmg", "SCS");
	cas_asks_fini(&ecmg->asks);
	cas_registry_fini(&ecmg->registry);
}

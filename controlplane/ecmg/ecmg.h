// SPDX-License-Identifier: GPL-3.0-or-later
// The ECMG: takes CW_provisions of SCSs over TCP, has the vault compose, and answers with ECM_responses.
//
//   SCS -> dialogue -> provision -> asks -> vault -> asks -> reply -> SCS
//
// What came in one turn of the loop goes to the vault in one batch. While the vault is away a CW_provision waits
// CAS_WAIT_MS (or max_comp_time where that is longer), then it is answered with stream_error 0x000D; an ECM that comes
// late but in its crypto-period is of use to every SCS, also to those that end at a stream_error.
//
// Refs: ETSI TS 103 197 clauses 4 and 5. Threads: the loop's. Owns: the listening socket, channels, requests.
// Errors: -errno.
#pragma once

#include <uv.h>

#include "ecmg/asks.h"
#include "ecmg/channel.h"
#include "ecmg/conf.h"
#include "ecmg/vault.h"
#include "wire/wire.h"

#define CAS_WAIT_MS 2000

struct cas_ecmg {
	uv_loop_t *loop;
	const struct cas_conf *conf; // BORROWED
	struct cas_vault *vault;     // BORROWED
	struct cp_wire_listener *listener;
	struct cp_wire_counts counts;
	struct cas_registry registry;
	struct cas_asks asks;
	uv_check_t turn;
	uv_timer_t sweep;
	uint64_t ecms, errors; // ECM_responses and errors sent
};

// Listens. `vault` is initialised with cas_ecmg_vault_ops and the ECMG as their owner, before or after this.
int cas_ecmg_open(struct cas_ecmg *ecmg, uv_loop_t *loop, const struct cas_conf *conf, struct cas_vault *vault);
// Ends every channel as an ECMG that stops does. The loop runs on until all is closed, then cas_ecmg_fini.
void cas_ecmg_close(struct cas_ecmg *ecmg);
void cas_ecmg_fini(struct cas_ecmg *ecmg);

extern const struct cas_vault_ops cas_ecmg_vault_ops;

// Ends a channel: its streams go at once, the connection when what waits has been written.
void cas_ecmg_drop(struct cas_channel *channel, const char *why);

// SPDX-License-Identifier: GPL-3.0-or-later
// The CAS's side of the vault's socket: connects, comes back after a loss within 50 ms to 1 s, and carries one batch at
// a time. While a batch is away the next one gathers, so batches grow with the load.
//
// Refs: keymgmt/api/km_msg.h. Threads: the loop's.
// Owns: the socket, the locked pages of the batch, which are scrubbed as soon as it is sent.
// Errors: -errno.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include <base_secret.h>
#include <km_msg.h>

// A vault that holds a batch for so long hangs: the connection is given up.
#define CAS_VAULT_ANSWER_MS 2000

struct cas_vault_ops {
	void (*on_ready)(void *owner);                                          // connected, and the right one
	bool (*on_result)(void *owner, const struct km_msg_ecm_result *result); // BORROWED; false: it makes no sense
	void (*on_lost)(void *owner);                                           // a batch that was away is lost
};

struct cas_vault {
	uv_loop_t *loop;
	const char *path; // BORROWED
	uint16_t ca_subsystem_id;
	const struct cas_vault_ops *ops;
	void *owner;

	int fd; // -1: not connected
	uv_poll_t poll;
	uv_timer_t retry, watch;
	unsigned back_off_ms;
	bool ready, away, asked_status;
	uint64_t sent_ms;
	double lost_since; // UTC seconds; 0: it is there
	unsigned losses;
	char why[96];                // it is not there
	struct km_msg_status status; // the last one
	struct base_secret batch;
	struct km_msg_ecm_result result;
};

// Begins to connect. `path`, `ops` and `owner` BORROWED for its life.
int cas_vault_init(struct cas_vault *vault, uv_loop_t *loop, const char *path, uint16_t ca_subsystem_id,
		   const struct cas_vault_ops *ops, void *owner);
// Closes its handles; the loop runs once more before the memory may go, then cas_vault_fini.
void cas_vault_close(struct cas_vault *vault);
void cas_vault_fini(struct cas_vault *vault);

// The batch to fill, or NULL when none can be sent now.
struct km_msg_ecm_batch *cas_vault_batch(struct cas_vault *vault);
// Sends the batch and scrubs it. 0 or -errno; then nothing is away.
int cas_vault_send(struct cas_vault *vault);

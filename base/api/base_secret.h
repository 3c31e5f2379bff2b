// SPDX-License-Identifier: GPL-3.0-or-later
// Clear key bytes: fixed capacity, in locked pages with guard pages around them, out of core dumps and of forks,
// wiped by fini, compared in constant time, moved and not copied.
//
// Threads: one owner. Owns: its pages.
// Errors: -ENOMEM when pages cannot be had or locked (`ulimit -l`), -ENOSPC when bytes do not fit,
//         -EPERM for a key file others may read or that another user owns, -errno of open and read.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_err.h>

struct base_secret {
	uint8_t *bytes;        // NULL when empty and without pages
	size_t len_bytes;      // in use
	size_t capacity_bytes; // fixed at init
};

// Locks this process away from debuggers and core dumps: PR_SET_DUMPABLE 0 and RLIMIT_CORE 0. Returns 0 or -errno.
int base_secret_protect_process(void);

// Takes pages for `capacity_bytes` (> 0).
int base_secret_init(struct base_secret *secret, size_t capacity_bytes);

// Wipes and returns the pages. A secret that is all zero is left alone.
void base_secret_fini(struct base_secret *secret);

// Replaces the content by `n` bytes (BORROWS; the caller wipes its own). What was there is wiped.
int base_secret_set(struct base_secret *secret, const void *bytes, size_t n);

// Wipes the content, keeps the pages.
void base_secret_wipe(struct base_secret *secret);

// Moves pages and content from `from` to `to`, whose own are wiped and returned; `from` becomes all zero.
void base_secret_move(struct base_secret *to, struct base_secret *from);

// Constant time in the content for equal lengths.
bool base_secret_equal(const struct base_secret *a, const struct base_secret *b);

// Initialises `secret` with the whole of a regular file of at most `max_bytes`, without stdio. The file must belong
// to the caller's effective user and be closed to group and others (0600 or 0400). Adds what is wrong to `errs` with
// the path and what would be right; returns 0 or -errno, then nothing is held.
int base_secret_load(struct base_secret *secret, const char *path, size_t max_bytes, struct base_errs *errs);

// Overwrites memory in a way the compiler keeps.
void base_secret_scrub(void *bytes, size_t n);

// Overwrites 16 KiB of the stack below the caller's frame: libraries' ciphers spill words, blocks and round keys into
// frames that are free again when they return, and nobody may come that deep again for long.
void base_secret_scrub_stack(void);

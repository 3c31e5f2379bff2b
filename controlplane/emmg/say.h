// SPDX-License-Identifier: GPL-3.0-or-later
// What the EMMG says to the MUX: every message it sends is written here.
//
// Refs: ETSI TS 103 197 clauses 6.4 and 6.5. The order of parameters is the one that TSDuck's tsemmg writes.
// Threads: the loop's. Owns: nothing.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "emmg/emmg.h"

// channel_setup, channel_test, channel_status, channel_close.
void cas_say_channel(struct cas_emmg *emmg, uint16_t type);
// stream_setup, stream_status, stream_close_request.
void cas_say_stream(struct cas_emmg *emmg, uint16_t type);
// stream_BW_request for the configured bandwidth.
void cas_say_bandwidth(struct cas_emmg *emmg);
void cas_say_channel_error(struct cas_emmg *emmg, uint16_t status, uint16_t information);
// data_provision of one section of `n` bytes (BORROWED), as it is or in packets, as configured. 0 or -errno.
int cas_say_section(struct cas_emmg *emmg, const uint8_t *section, size_t n);

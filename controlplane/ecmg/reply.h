// SPDX-License-Identifier: GPL-3.0-or-later
// What the ECMG says to an SCS: every message it sends is written here.
//
// Refs: ETSI TS 103 197 clauses 5.4 and 5.5. error_information has exactly 2 bytes, the only size that some peers take.
// Threads: the loop's. Owns: nothing. A message that the connection does not take any more is lost with it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ecmg/channel.h"

void cas_reply_channel_status(struct cas_channel *channel);
void cas_reply_channel_test(struct cas_channel *channel);
// `id` is the one the SCS used, which need not be the channel's.
void cas_reply_channel_error(struct cas_channel *channel, uint16_t id, uint16_t status, uint16_t information);

void cas_reply_stream_status(const struct cas_stream *stream);
void cas_reply_stream_closed(struct cas_channel *channel, uint16_t stream_id);
void cas_reply_stream_error(struct cas_channel *channel, uint16_t stream_id, uint16_t status, uint16_t information);

// `section` of `n` bytes goes as it is or in TS packets, as configured. 0, or -EBADMSG when it is no section.
int cas_reply_ecm(const struct cas_stream *stream, uint16_t cp_number, const uint8_t *section, size_t n);

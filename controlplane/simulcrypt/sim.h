// SPDX-License-Identifier: GPL-3.0-or-later
// DVB SimulCrypt messages: one TLV core and one table per message, for ECMG<=>SCS and EMMG/PDG<=>MUX.
//
//   protocol_version u8 | message_type u16 | message_length u16 | { parameter_type u16, parameter_length u16, value }
//   ...
//
// Reading is liberal: unknown parameters are skipped. Writing is strict: what is written obeys its table. A decoded
// message BORROWS the bytes it was decoded from. Both protocol_versions have the same tables.
//
// Refs: ETSI TS 103 197 clauses 4 and 5 (ECMG<=>SCS), 6 (EMMG/PDG<=>MUX); protocol_versions 2 and 3.
// Threads: any; pure, no I/O. Owns: nothing.
// Secrets: CW_provision holds control words; they are never printed by sim_explain.
// Errors: what a peer did wrong, as the error_status of its interface.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simulcrypt/sim_tables.h"

#define SIM_HEADER_BYTES 5
#define SIM_MESSAGE_MAX  (SIM_HEADER_BYTES + 65535)
#define SIM_VERSION_MIN  2
#define SIM_VERSION_MAX  3
// Standard's unit of CP durations.
#define SIM_DURATION_UNIT_MS 100

// A message that its table has found good, or the part of it that could be read.
struct sim_msg {
	enum sim_interface interface;
	uint8_t version;
	uint16_t type;        // enum sim_type
	const uint8_t *bytes; // BORROWED: all of it, from protocol_version on
	size_t n;
};

// Why a message was refused, ready for channel_error or stream_error.
struct sim_error {
	uint16_t status;      // error_status of the interface
	uint16_t information; // error_information: parameter_type, or offset of what is wrong (65535: or beyond)
};

// Bytes of the message whose first SIM_HEADER_BYTES (BORROWED) are here.
size_t sim_message_bytes(const uint8_t *header);

// Checks a whole message of `n` bytes (BORROWED) against its table. 0; or -EBADMSG with the first reason in this order
// (out may then be asked for the ids it holds, to address the error):
//
//   message_length is not what is here           invalid message, offset of message_length (3)
//   version not SIM_VERSION_MIN..VERSION_MAX     unsupported protocol version, its offset (0)
//   message_type not of the interface            unknown message_type, its offset (1)
//   then parameter by parameter, in their order:
//     1 to 3 bytes left over                     invalid message, their offset
//     a value past the end, or not of its size   inconsistent parameter length, offset of the parameter
//     one more than its table allows             invalid message, offset of the parameter
//   then the first of the table that is missing  missing mandatory parameter, its parameter_type
int sim_decode(struct sim_msg *out, enum sim_interface interface, const uint8_t *bytes, size_t n,
	       struct sim_error *error);

// Parameters of a decoded message. has: is it there? The others give the first one of its type, or `fallback`, also
// when its size is wrong in a refused message.
bool sim_has(const struct sim_msg *msg, uint16_t parameter);
uint32_t sim_get(const struct sim_msg *msg, uint16_t parameter, uint32_t fallback);  // unsigned, 1 to 4 bytes
int16_t sim_get_ms(const struct sim_msg *msg, uint16_t parameter, int16_t fallback); // signed, 2 bytes

// Takes the next parameter of this type at *position (start with 0). True with its value BORROWED in *value, *n.
bool sim_next(const struct sim_msg *msg, uint16_t parameter, size_t *position, const uint8_t **value, size_t *n);

// Writes one message: begin, put.., end.
struct sim_writer {
	uint8_t *bytes; // BORROWED
	size_t capacity, n;
	enum sim_interface interface;
	bool full;  // something found no room
	bool wrong; // something does not fit its parameter
};

void sim_begin(struct sim_writer *writer, uint8_t *bytes, size_t capacity, enum sim_interface interface,
	       uint8_t version, uint16_t type);
void sim_put(struct sim_writer *writer, uint16_t parameter, uint32_t value); // its size is the table's
void sim_put_bytes(struct sim_writer *writer, uint16_t parameter, const void *value, size_t n);
// CP_CW_combination: `cw` (BORROWED) is not kept elsewhere.
void sim_put_cw(struct sim_writer *writer, uint16_t cp_number, const uint8_t *cw, size_t n);
// Sets message_length and holds the result against its table. The size in bytes, -ENOSPC, or -EINVAL.
int sim_end(struct sim_writer *writer);

// Writes the answer to a message that was refused with `error`, by sim_decode or by its receiver: stream_error when it
// names a stream, else channel_error, in its version as far as there is one. The size in bytes, -ENOSPC, or 0: nothing
// is to be said, an error is never answered by an error.
int sim_refuse(uint8_t *out, size_t capacity, const struct sim_msg *refused, const struct sim_error *error);

// Room that every message but CW_provision, ECM_response and data_provision fits in.
#define SIM_SMALL_MAX 128

// Message types of both interfaces as 0..SIM_TYPES-1, to count by. -1: none of them.
#define SIM_TYPES 27
int sim_type_index(uint16_t type);
// The name of the message type with this index.
const char *sim_index_name(size_t index);

// The name of a message_type, or "unknown".
const char *sim_type_name(enum sim_interface interface, uint16_t type);
// What an error_status means, or "unknown error_status".
const char *sim_error_text(enum sim_interface interface, uint16_t status);

// Explains a message of `n` bytes to a person, whatever it holds: one line a parameter, with names and units and
// without control words. Writes at most `capacity` bytes with a closing zero; returns the length without it.
size_t sim_explain(char *out, size_t capacity, enum sim_interface interface, const uint8_t *bytes, size_t n);

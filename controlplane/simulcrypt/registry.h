// SPDX-License-Identifier: GPL-3.0-or-later
// The tables that the codec runs on: parameters, messages and error texts of an interface.
//
// Refs: ETSI TS 103 197 clauses 5 (ECMG<=>SCS) and 6 (EMMG/PDG<=>MUX).
// Threads: any; constants. Owns: nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simulcrypt/sim.h"

// How a value is read by a person.
enum sim_form {
	SIM_DECIMAL,
	SIM_HEXADECIMAL,
	SIM_SIGNED, // two's complement, 2 bytes
	SIM_OPAQUE, // only its size is told
	SIM_CW,     // CP_number and control word: the word is not told
	SIM_STATUS, // error_status
};

struct sim_parameter {
	uint16_t type;
	const char *name;
	enum sim_form form;
	uint16_t min_bytes, max_bytes;
	uint16_t scale; // units in one count
	const char *unit;
};

// A parameter's place in a message: at least `min`, at most one or (many) any number.
struct sim_row {
	uint16_t parameter;
	uint8_t min;
	bool many;
};

#define SIM_ROWS_MAX 14

struct sim_message {
	uint16_t type;
	const char *name;
	size_t rows_n;
	struct sim_row rows[SIM_ROWS_MAX];
};

struct sim_registry {
	const struct sim_parameter *parameters;
	size_t parameters_n;
	const struct sim_message *messages;
	size_t messages_n;
	const char *const *errors; // by error_status, from 1
	size_t errors_n;
	// error_status values that each interface numbers its own way.
	uint16_t parameter_type, parameter_length, parameter_missing;
	// What addresses an error.
	uint16_t channel_error, stream_error, channel_id, stream_id;
};

extern const struct sim_registry sim_ecmg_scs, sim_emmg_mux;

const struct sim_registry *sim_registry_get(enum sim_interface interface);
// NULL for none.
const struct sim_message *sim_registry_message(const struct sim_registry *registry, uint16_t type);
const struct sim_parameter *sim_registry_parameter(const struct sim_registry *registry, uint16_t type);

// One parameter of a message.
struct sim_tlv {
	size_t at; // its offset in the message
	uint16_t type;
	const uint8_t *value; // BORROWED
	size_t n;
};

#define SIM_TLV_HEADER_BYTES 4

// Takes the parameter at *at of a message of `n` bytes and moves *at behind it. False when none is whole there.
bool sim_tlv_next(struct sim_tlv *out, const uint8_t *bytes, size_t n, size_t *at);

// Holds the parameters of a message against its table; `strict` also refuses what the table does not name.
int sim_check(const struct sim_registry *registry, const struct sim_message *message, const uint8_t *bytes, size_t n,
	      bool strict, struct sim_error *error);

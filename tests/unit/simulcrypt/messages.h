// SPDX-License-Identifier: GPL-3.0-or-later
// Every message of SimulCrypt, written down for the tests a second time: what it must hold and what it may.
//
// Refs: ETSI TS 103 197 clauses 5.3 and 6.3 (messages), 5.4 and 6.4 (parameters).
#pragma once

#include <stdbool.h>
#include <string.h>

#include <base_bytes.h>

#include "simulcrypt/sim.h"

#define MESSAGE_PARAMETERS_MAX 14
#define MESSAGE_BYTES_MAX      200

struct message_parameter {
	uint16_t type;
	size_t n;  // bytes of the value
	char rule; // '1' once, '?' at most once, '+' at least once, '*' any number
	bool any;  // of any length
};

struct message {
	enum sim_interface interface;
	uint16_t type;
	const char *name;
	struct message_parameter parameters[MESSAGE_PARAMETERS_MAX]; // ended by n 0
};

// clang-format off
#define CHANNEL {0x000E, 2, '1'}
#define STREAM  CHANNEL, {0x000F, 2, '1'}
#define ERRORS  {0x7000, 2, '+'}, {0x7001, 2, '*', true}
#define CLIENT  {0x0001, 4, '1'}
#define DATA    CLIENT, {0x0003, 2, '1'}, {0x0004, 2, '1'}

static const struct message messages[] = {
	{SIM_ECMG_SCS, 0x0001, "channel_setup", {CHANNEL, {0x0001, 4, '1'}}},
	{SIM_ECMG_SCS, 0x0002, "channel_test", {CHANNEL}},
	{SIM_ECMG_SCS, 0x0003, "channel_status", {CHANNEL, {0x0002, 1, '1'}, {0x0016, 2, '?'}, {0x0017, 2, '?'},
		{0x0003, 2, '1'}, {0x0004, 2, '1'}, {0x0005, 2, '?'}, {0x0006, 2, '?'}, {0x0007, 2, '1'},
		{0x0008, 2, '1'}, {0x0009, 2, '1'}, {0x000A, 1, '1'}, {0x000B, 1, '1'}, {0x000C, 2, '1'}}},
	{SIM_ECMG_SCS, 0x0004, "channel_close", {CHANNEL}},
	{SIM_ECMG_SCS, 0x0005, "channel_error", {CHANNEL, ERRORS}},
	{SIM_ECMG_SCS, 0x0101, "stream_setup", {STREAM, {0x0019, 2, '1'}, {0x0010, 2, '1'}}},
	{SIM_ECMG_SCS, 0x0102, "stream_test", {STREAM}},
	{SIM_ECMG_SCS, 0x0103, "stream_status", {STREAM, {0x0019, 2, '1'}, {0x0011, 1, '1'}}},
	{SIM_ECMG_SCS, 0x0104, "stream_close_request", {STREAM}},
	{SIM_ECMG_SCS, 0x0105, "stream_close_response", {STREAM}},
	{SIM_ECMG_SCS, 0x0106, "stream_error", {STREAM, ERRORS}},
	{SIM_ECMG_SCS, 0x0201, "CW_provision", {STREAM, {0x0012, 2, '1'}, {0x0018, 2, '?', true}, {0x0014, 10, '*', true},
		{0x0013, 2, '?'}, {0x000D, 4, '?', true}}},
	{SIM_ECMG_SCS, 0x0202, "ECM_response", {STREAM, {0x0012, 2, '1'}, {0x0015, 11, '1', true}}},
	{SIM_EMMG_MUX, 0x0011, "channel_setup", {CLIENT, {0x0003, 2, '1'}, {0x0002, 1, '1'}}},
	{SIM_EMMG_MUX, 0x0012, "channel_test", {CLIENT, {0x0003, 2, '1'}}},
	{SIM_EMMG_MUX, 0x0013, "channel_status", {CLIENT, {0x0003, 2, '1'}, {0x0002, 1, '1'}}},
	{SIM_EMMG_MUX, 0x0014, "channel_close", {CLIENT, {0x0003, 2, '1'}}},
	{SIM_EMMG_MUX, 0x0015, "channel_error", {CLIENT, {0x0003, 2, '1'}, ERRORS}},
	{SIM_EMMG_MUX, 0x0111, "stream_setup", {DATA, {0x0008, 2, '1'}, {0x0007, 1, '1'}}},
	{SIM_EMMG_MUX, 0x0112, "stream_test", {DATA}},
	{SIM_EMMG_MUX, 0x0113, "stream_status", {DATA, {0x0008, 2, '1'}, {0x0007, 1, '1'}}},
	{SIM_EMMG_MUX, 0x0114, "stream_close_request", {DATA}},
	{SIM_EMMG_MUX, 0x0115, "stream_close_response", {DATA}},
	{SIM_EMMG_MUX, 0x0116, "stream_error", {DATA, ERRORS}},
	{SIM_EMMG_MUX, 0x0117, "stream_BW_request", {DATA, {0x0006, 2, '?'}}},
	{SIM_EMMG_MUX, 0x0118, "stream_BW_allocation", {DATA, {0x0006, 2, '?'}}},
	{SIM_EMMG_MUX, 0x0211, "data_provision", {CLIENT, {0x0003, 2, '?'}, {0x0004, 2, '?'}, {0x0008, 2, '1'},
		{0x0005, 20, '+', true}}},
};
// clang-format on

#define MESSAGES_N (sizeof(messages) / sizeof(messages[0]))

static inline size_t message_parameters(const struct message *m)
{
	size_t n = 0;

	while (n < MESSAGE_PARAMETERS_MAX && m->parameters[n].n > 0)
		n++;
	return n;
}

static inline bool message_must(const struct message_parameter *p)
{
	return p->rule == '1' || p->rule == '+';
}

static inline bool message_many(const struct message_parameter *p)
{
	return p->rule == '*' || p->rule == '+';
}

static inline void message_set_length(uint8_t *bytes, size_t n)
{
	base_bytes_put16(bytes + 3, (unsigned)(n - 5));
}

static inline size_t message_head(uint8_t *out, uint8_t version, uint16_t type)
{
	out[0] = version;
	base_bytes_put16(out + 1, type);
	message_set_length(out, 5);
	return 5;
}

// Appends a parameter of `n` bytes 0xC3 to the message of `at` bytes; returns the new size.
static inline size_t message_add(uint8_t *out, size_t at, uint16_t type, size_t n)
{
	base_bytes_put16(out + at, type);
	base_bytes_put16(out + at + 2, (unsigned)n);
	memset(out + at + 4, 0xC3, n);
	message_set_length(out, at + 4 + n);
	return at + 4 + n;
}

// Writes the message with each of its parameters once; returns its size.
static inline size_t message_write(uint8_t out[MESSAGE_BYTES_MAX], const struct message *m)
{
	size_t n = message_head(out, 3, m->type);

	for (size_t i = 0; i < message_parameters(m); i++)
		n = message_add(out, n, m->parameters[i].type, m->parameters[i].n);
	return n;
}

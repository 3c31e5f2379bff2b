// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a message. What ends well obeys its table to the letter.
#include <errno.h>
#include <string.h>

#include <base_bytes.h>

#include "simulcrypt/registry.h"

void sim_begin(struct sim_writer *writer, uint8_t *bytes, size_t capacity, enum sim_interface interface,
	       uint8_t version, uint16_t type)
{
	*writer = (struct sim_writer){.bytes = bytes, .capacity = capacity, .interface = interface};
	if (capacity > SIM_MESSAGE_MAX)
		writer->capacity = SIM_MESSAGE_MAX;
	if (writer->capacity < SIM_HEADER_BYTES) {
		writer->full = true;
		return;
	}
	bytes[0] = version;
	base_bytes_put16(bytes + 1, type);
	writer->n = SIM_HEADER_BYTES;
}

// Room for the value of `n` bytes of one more parameter, its head written; NULL when there is none.
static uint8_t *room(struct sim_writer *writer, uint16_t parameter, size_t n)
{
	uint8_t *at = writer->bytes + writer->n;

	if (writer->full || n > UINT16_MAX || writer->capacity - writer->n < SIM_TLV_HEADER_BYTES + n) {
		writer->full = true;
		return NULL;
	}
	base_bytes_put16(at, parameter);
	base_bytes_put16(at + 2, (unsigned)n);
	writer->n += SIM_TLV_HEADER_BYTES + n;
	return at + SIM_TLV_HEADER_BYTES;
}

// True when a value can be told in `n` bytes; a signed one comes sign-extended.
static bool fits(uint32_t value, const struct sim_parameter *parameter, size_t n)
{
	if (parameter->form == SIM_SIGNED)
		return value <= INT16_MAX || value >= (uint32_t)INT16_MIN;
	return n == sizeof(value) || value >> 8 * n == 0;
}

void sim_put(struct sim_writer *writer, uint16_t parameter, uint32_t value)
{
	const struct sim_parameter *known = sim_registry_parameter(sim_registry_get(writer->interface), parameter);
	size_t n;
	uint8_t *at;

	// Of any size in reading; peers are known that take it with 2 bytes only.
	n = parameter == SIM_P_ERROR_INFORMATION ? 2 : known ? known->max_bytes : 0;
	if (n < 1 || n > sizeof(value) || !fits(value, known, n)) {
		writer->wrong = true;
		return;
	}
	at = room(writer, parameter, n);
	for (size_t i = n; at && i > 0; i--) {
		at[i - 1] = (uint8_t)value;
		value >>= 8;
	}
}

void sim_put_bytes(struct sim_writer *writer, uint16_t parameter, const void *value, size_t n)
{
	uint8_t *at = room(writer, parameter, n);

	if (at && n > 0)
		memcpy(at, value, n);
}

void sim_put_cw(struct sim_writer *writer, uint16_t cp_number, const uint8_t *cw, size_t n)
{
	uint8_t *at = room(writer, SIM_P_CP_CW_COMBINATION, n + 2);

	if (!at)
		return;
	base_bytes_put16(at, cp_number);
	memcpy(at + 2, cw, n);
}

int sim_end(struct sim_writer *writer)
{
	const struct sim_registry *registry = sim_registry_get(writer->interface);
	const struct sim_message *message;
	struct sim_error error;

	if (writer->full)
		return -ENOSPC;
	if (writer->wrong || writer->bytes[0] < SIM_VERSION_MIN || writer->bytes[0] > SIM_VERSION_MAX)
		return -EINVAL;
	message = sim_registry_message(registry, base_bytes_get16(writer->bytes + 1));
	if (!message || sim_check(registry, message, writer->bytes, writer->n, true, &error) < 0)
		return -EINVAL;
	base_bytes_put16(writer->bytes + 3, (unsigned)(writer->n - SIM_HEADER_BYTES));
	return (int)writer->n;
}

// True when the table of a message names a stream.
static bool of_stream(const struct sim_registry *registry, uint16_t type)
{
	const struct sim_message *message = sim_registry_message(registry, type);

	for (size_t row = 0; message && row < message->rows_n; row++)
		if (message->rows[row].parameter == registry->stream_id)
			return true;
	return false;
}

int sim_refuse(uint8_t *out, size_t capacity, const struct sim_msg *refused, const struct sim_error *error)
{
	const struct sim_registry *registry = sim_registry_get(refused->interface);
	bool stream = of_stream(registry, refused->type) && sim_has(refused, registry->stream_id);
	uint8_t version = refused->version;
	struct sim_writer writer;

	if (refused->type == registry->channel_error || refused->type == registry->stream_error)
		return 0;
	if (version < SIM_VERSION_MIN || version > SIM_VERSION_MAX)
		version = version < SIM_VERSION_MIN ? SIM_VERSION_MIN : SIM_VERSION_MAX;
	sim_begin(&writer, out, capacity, refused->interface, version,
		  stream ? registry->stream_error : registry->channel_error);
	if (refused->interface == SIM_EMMG_MUX)
		sim_put(&writer, SIM_P_CLIENT_ID, sim_get(refused, SIM_P_CLIENT_ID, 0));
	sim_put(&writer, registry->channel_id, sim_get(refused, registry->channel_id, 0));
	if (stream)
		sim_put(&writer, registry->stream_id, sim_get(refused, registry->stream_id, 0));
	sim_put(&writer, SIM_P_ERROR_STATUS, error->status);
	sim_put(&writer, SIM_P_ERROR_INFORMATION, error->information);
	return sim_end(&writer);
}

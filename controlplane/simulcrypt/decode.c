// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a message: the frame, the parameters against the table, the values.
#include <errno.h>

#include <base_bytes.h>

#include "simulcrypt/registry.h"

enum { AT_VERSION = 0, AT_TYPE = 1, AT_LENGTH = 3 };

size_t sim_message_bytes(const uint8_t *header)
{
	return SIM_HEADER_BYTES + (size_t)base_bytes_get16(header + AT_LENGTH);
}

bool sim_tlv_next(struct sim_tlv *out, const uint8_t *bytes, size_t n, size_t *at)
{
	if (*at > n || n - *at < SIM_TLV_HEADER_BYTES)
		return false;
	out->at = *at;
	out->type = base_bytes_get16(bytes + *at);
	out->n = base_bytes_get16(bytes + *at + 2);
	if (n - *at - SIM_TLV_HEADER_BYTES < out->n)
		return false;
	out->value = bytes + *at + SIM_TLV_HEADER_BYTES;
	*at += SIM_TLV_HEADER_BYTES + out->n;
	return true;
}

static int refuse(struct sim_error *error, uint16_t status, size_t information)
{
	error->status = status;
	error->information = information < UINT16_MAX ? (uint16_t)information : UINT16_MAX;
	return -EBADMSG;
}

// The place of a parameter in the table of its message, rows_n for none.
static size_t row_of(const struct sim_message *message, uint16_t parameter)
{
	size_t row = 0;

	while (row < message->rows_n && message->rows[row].parameter != parameter)
		row++;
	return row;
}

int sim_check(const struct sim_registry *registry, const struct sim_message *message, const uint8_t *bytes, size_t n,
	      bool strict, struct sim_error *error)
{
	size_t counts[SIM_ROWS_MAX] = {0}, at = SIM_HEADER_BYTES;
	struct sim_tlv tlv;

	while (sim_tlv_next(&tlv, bytes, n, &at)) {
		size_t row = row_of(message, tlv.type);

		if (row == message->rows_n) {
			if (strict)
				return refuse(error, registry->parameter_type, tlv.at);
			continue;
		}
		const struct sim_parameter *parameter = sim_registry_parameter(registry, tlv.type);

		if (tlv.n < parameter->min_bytes || tlv.n > parameter->max_bytes)
			return refuse(error, registry->parameter_length, tlv.at);
		if (++counts[row] > 1 && !message->rows[row].many)
			return refuse(error, SIM_E_INVALID_MESSAGE, tlv.at);
	}
	if (n - at >= SIM_TLV_HEADER_BYTES)
		return refuse(error, registry->parameter_length, at);
	if (n - at > 0)
		return refuse(error, SIM_E_INVALID_MESSAGE, at);
	for (size_t row = 0; row < message->rows_n; row++)
		if (counts[row] < message->rows[row].min)
			return refuse(error, registry->parameter_missing, message->rows[row].parameter);
	return 0;
}

int sim_decode(struct sim_msg *out, enum sim_interface interface, const uint8_t *bytes, size_t n,
	       struct sim_error *error)
{
	const struct sim_registry *registry = sim_registry_get(interface);
	const struct sim_message *message;

	*out = (struct sim_msg){.interface = interface, .bytes = bytes};
	if (n < SIM_HEADER_BYTES)
		return refuse(error, SIM_E_INVALID_MESSAGE, AT_LENGTH);
	out->version = bytes[AT_VERSION];
	out->type = base_bytes_get16(bytes + AT_TYPE);
	out->n = n;
	if (sim_message_bytes(bytes) != n)
		return refuse(error, SIM_E_INVALID_MESSAGE, AT_LENGTH);
	if (out->version < SIM_VERSION_MIN || out->version > SIM_VERSION_MAX)
		return refuse(error, SIM_E_VERSION, AT_VERSION);
	message = sim_registry_message(registry, out->type);
	if (!message)
		return refuse(error, SIM_E_MESSAGE_TYPE, AT_TYPE);
	return sim_check(registry, message, bytes, n, false, error);
}

bool sim_next(const struct sim_msg *msg, uint16_t parameter, size_t *position, const uint8_t **value, size_t *n)
{
	struct sim_tlv tlv;

	if (*position < SIM_HEADER_BYTES)
		*position = SIM_HEADER_BYTES;
	while (sim_tlv_next(&tlv, msg->bytes, msg->n, position)) {
		if (tlv.type != parameter)
			continue;
		*value = tlv.value;
		*n = tlv.n;
		return true;
	}
	return false;
}

bool sim_has(const struct sim_msg *msg, uint16_t parameter)
{
	const uint8_t *value;
	size_t n, position = 0;

	return sim_next(msg, parameter, &position, &value, &n);
}

uint32_t sim_get(const struct sim_msg *msg, uint16_t parameter, uint32_t fallback)
{
	const struct sim_parameter *known = sim_registry_parameter(sim_registry_get(msg->interface), parameter);
	const uint8_t *value;
	size_t n, position = 0;
	uint32_t number = 0;

	if (!sim_next(msg, parameter, &position, &value, &n))
		return fallback;
	if (!known || n < known->min_bytes || n > known->max_bytes || n < 1 || n > sizeof(number))
		return fallback;
	for (size_t i = 0; i < n; i++)
		number = number << 8 | value[i];
	return number;
}

int16_t sim_get_ms(const struct sim_msg *msg, uint16_t parameter, int16_t fallback)
{
	return (int16_t)sim_get(msg, parameter, (uint16_t)fallback);
}

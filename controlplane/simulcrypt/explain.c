// SPDX-License-Identifier: GPL-3.0-or-later
// A message in words. What may hold or enclose a control word is told by its size alone: an ECM of a test ECMG carries
// the words in clear, and a wrong length shifts them into a neighbour, or to where a parameter_type is read.
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <base_bytes.h>

#include "simulcrypt/registry.h"

struct text {
	char *out;
	size_t capacity, n;
};

static __attribute__((format(printf, 2, 3))) void say(struct text *text, const char *format, ...)
{
	size_t left = text->capacity - text->n;
	va_list args;
	int wrote;

	if (left <= 1)
		return;
	va_start(args, format);
	wrote = vsnprintf(text->out + text->n, left, format, args);
	va_end(args);
	if (wrote > 0)
		text->n += (size_t)wrote < left ? (size_t)wrote : left - 1;
}

static void say_number(struct text *text, enum sim_interface interface, const struct sim_parameter *parameter,
		       const struct sim_tlv *tlv)
{
	uint32_t number = 0;

	for (size_t i = 0; i < tlv->n; i++)
		number = number << 8 | tlv->value[i];
	if (parameter->form == SIM_HEXADECIMAL)
		say(text, " 0x%0*" PRIx32, (int)tlv->n * 2, number);
	else if (parameter->form == SIM_STATUS)
		say(text, " 0x%04" PRIx32 " %s", number, sim_error_text(interface, (uint16_t)number));
	else if (parameter->form == SIM_SIGNED)
		say(text, " %d", (int16_t)number);
	else
		say(text, " %" PRIu32, number * parameter->scale);
	if (*parameter->unit)
		say(text, " %s", parameter->unit);
}

static void say_parameter(struct text *text, enum sim_interface interface, const struct sim_tlv *tlv)
{
	const struct sim_parameter *parameter = sim_registry_parameter(sim_registry_get(interface), tlv->type);

	if (!parameter) {
		say(text, "  unknown parameter at offset %zu: %zu bytes withheld\n", tlv->at, tlv->n);
		return;
	}
	say(text, "  %s:", parameter->name);
	if (tlv->n < parameter->min_bytes || tlv->n > parameter->max_bytes)
		say(text, " wrong length, %zu bytes withheld", tlv->n);
	else if (parameter->form == SIM_CW)
		say(text, " CP %u, %zu bytes withheld", base_bytes_get16(tlv->value), tlv->n - 2);
	else if (parameter->form == SIM_OPAQUE || tlv->n < 1 || tlv->n > 4)
		say(text, " %zu bytes withheld", tlv->n);
	else
		say_number(text, interface, parameter, tlv);
	say(text, "\n");
}

size_t sim_explain(char *out, size_t capacity, enum sim_interface interface, const uint8_t *bytes, size_t n)
{
	struct text text = {.out = out, .capacity = capacity};
	size_t at = SIM_HEADER_BYTES;
	struct sim_error error;
	struct sim_msg msg;
	struct sim_tlv tlv;
	int rc;

	if (capacity == 0)
		return 0;
	out[0] = 0;
	rc = sim_decode(&msg, interface, bytes, n, &error);
	if (msg.n == 0) {
		say(&text, "%zu bytes, no message\n", n);
		return text.n;
	}
	say(&text, "%s 0x%04x version %u, %zu bytes\n", sim_type_name(interface, msg.type), msg.type, msg.version, n);
	while (sim_tlv_next(&tlv, bytes, n, &at))
		say_parameter(&text, interface, &tlv);
	if (at < n)
		say(&text, "  %zu bytes at offset %zu are no parameter, withheld\n", n - at, at);
	if (rc < 0)
		say(&text, "  refused: 0x%04x %s, error_information 0x%04x\n", error.status,
		    sim_error_text(interface, error.status), error.information);
	return text.n;
}

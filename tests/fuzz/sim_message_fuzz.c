// SPDX-License-Identifier: GPL-3.0-or-later
// SimulCrypt messages of both interfaces: what is good is written again by the table to the same bytes, what is not is
// answered, and everything is explained.
#include <errno.h>

#include <fuzz.h>

#include <base_bytes.h>

#include "simulcrypt/sim.h"

static void put_again(struct sim_writer *writer, uint16_t type, const uint8_t *value, size_t n)
{
	bool ecmg = writer->interface == SIM_ECMG_SCS;

	if (ecmg && type == SIM_P_CP_CW_COMBINATION && n > 2)
		sim_put_cw(writer, base_bytes_get16(value), value + 2, n - 2);
	else if (type == (ecmg ? SIM_P_ECM_CHANNEL_ID : SIM_P_DATA_CHANNEL_ID))
		sim_put(writer, type, base_bytes_get16(value));
	else
		sim_put_bytes(writer, type, value, n);
}

// Puts each parameter of a message by its type alone, the known ones as their table has them.
static void write_again(const struct sim_msg *msg)
{
	uint8_t *out = malloc(msg->n);
	struct sim_writer writer;
	size_t at = SIM_HEADER_BYTES;
	int n;

	FUZZ_ASSERT(out);
	sim_begin(&writer, out, msg->n, msg->interface, msg->version, msg->type);
	while (at < msg->n) {
		uint16_t type = base_bytes_get16(msg->bytes + at);
		size_t position = at, bytes = 0;
		const uint8_t *value = NULL;

		FUZZ_ASSERT(sim_next(msg, type, &position, &value, &bytes));
		FUZZ_ASSERT(value == msg->bytes + at + 4 && position == at + 4 + bytes && position <= msg->n);
		put_again(&writer, type, value, bytes);
		at = position;
	}
	n = sim_end(&writer);
	// Parameters that are skipped in reading are not written.
	FUZZ_ASSERT(n == -EINVAL || (size_t)n == msg->n);
	FUZZ_ASSERT(n < 0 || memcmp(out, msg->bytes, msg->n) == 0);
	free(out);
}

static void answer(const struct sim_msg *msg, const struct sim_error *error)
{
	struct sim_error again;
	uint8_t out[SIM_SMALL_MAX];
	struct sim_msg said;
	int n = sim_refuse(out, sizeof(out), msg, error);

	FUZZ_ASSERT(n >= 0);
	if (n == 0)
		return;
	FUZZ_ASSERT(sim_decode(&said, msg->interface, out, (size_t)n, &again) == 0);
	FUZZ_ASSERT(sim_get(&said, SIM_P_ERROR_STATUS, 0) == error->status);
	FUZZ_ASSERT(sim_get(&said, SIM_P_ERROR_INFORMATION, 0) == error->information);
	FUZZ_ASSERT(sim_refuse(out, sizeof(out), &said, error) == 0);
}

static void run(enum sim_interface interface, const uint8_t *bytes, size_t size)
{
	struct sim_error error = {0};
	struct sim_msg msg;
	char text[4096];
	size_t told = sim_explain(text, sizeof(text), interface, bytes, size);

	FUZZ_ASSERT(told > 0 && told < sizeof(text) && strlen(text) == told);
	if (sim_decode(&msg, interface, bytes, size, &error) == 0) {
		write_again(&msg);
	} else {
		FUZZ_ASSERT(error.status > 0);
		answer(&msg, &error);
	}
	FUZZ_ASSERT(msg.n == (size < SIM_HEADER_BYTES ? 0 : size));
	int index = sim_type_index(msg.type);

	FUZZ_ASSERT(sim_type_name(interface, msg.type)[0] && sim_error_text(interface, error.status)[0]);
	FUZZ_ASSERT(index < SIM_TYPES && (index < 0 || sim_index_name((size_t)index)[0]));
	for (unsigned parameter = 0; parameter < 0x20; parameter++) {
		(void)sim_get(&msg, (uint16_t)parameter, 0);
		(void)sim_get_ms(&msg, (uint16_t)parameter, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = fuzz_exact(data, size);

	run(SIM_ECMG_SCS, exact, size);
	run(SIM_EMMG_MUX, exact, size);
	free(exact);
	return 0;
}

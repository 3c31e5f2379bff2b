// SPDX-License-Identifier: GPL-3.0-or-later
#include "psi/table.h"

#include <errno.h>
#include <string.h>

#include <base_check.h>

bool dp_table_same(const struct dp_table *table, const uint8_t *section, size_t n)
{
	return n == table->raw_bytes && memcmp(table->raw, section, n) == 0;
}

void dp_table_take(struct dp_table *table, const uint8_t *section, size_t n)
{
	CHECK(n <= sizeof(table->raw));
	memcpy(table->raw, section, n);
	table->raw_bytes = (uint16_t)n;
}

void dp_table_forget(struct dp_table *table)
{
	table->raw_bytes = 0;
}

void dp_table_make(struct dp_table *table, uint8_t *section, size_t n, uint8_t version)
{
	CHECK(n <= sizeof(table->out));
	if (table->out_bytes == 0)
		table->version = version;
	ts_section_seal(section, n, table->version);
	if (n == table->out_bytes && memcmp(table->out, section, n) == 0)
		return;
	if (table->out_bytes) {
		table->version = (table->version + 1) & 0x1F;
		ts_section_seal(section, n, table->version);
	}
	memcpy(table->out, section, n);
	table->out_bytes = (uint16_t)n;
	table->packets.n = 0;
	CHECK(dp_packets_append(&table->packets, section, n) == 0);
}

int dp_packets_append(struct dp_packets *packets, const uint8_t *section, size_t n)
{
	uint8_t cc = 0;
	int count = ts_section_packetize(packets->bytes + packets->n, DP_PACKETS_MAX - packets->n, section, n, 0, &cc);

	if (count < 0)
		return count;
	packets->n = (uint8_t)(packets->n + count);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Service description section, table_id 0x42 (actual) and 0x46 (other).
//
// Refs: ETSI EN 300 468 clause 5.2.3. Threads: any; pure. Errors: -EBADMSG.
#pragma once

#include <ts_desc.h>
#include <ts_section.h>

#define TS_SDT_ACTUAL_TABLE_ID 0x42
#define TS_SDT_OTHER_TABLE_ID  0x46
// (1021 - 12) / 5: what one section can hold.
#define TS_SDT_SERVICES_MAX 201

struct ts_sdt_service {
	uint16_t service_id;
	uint8_t running_status;
	bool free_ca_mode;
	uint16_t flags_offset; // where in the section the byte with free_CA_mode (bit 4) stands
	struct ts_desc_loop info;
};

struct ts_sdt {
	uint8_t table_id;
	uint16_t transport_stream_id;
	uint8_t version;
	bool current;
	uint8_t number, last;
	uint16_t original_network_id;
	size_t n;
	struct ts_sdt_service service[TS_SDT_SERVICES_MAX];
};

// Parses a whole section with its CRC; the loops BORROW `section` and every descriptor in them fits.
int ts_sdt_parse(struct ts_sdt *out, const uint8_t *section, size_t n);

// Sets free_CA_mode of one service in a parsed section's bytes. The CRC is stale until ts_section_seal.
void ts_sdt_set_free_ca(uint8_t *section, const struct ts_sdt_service *service, bool free_ca_mode);

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
	const uint8_t *bytes; // BORROWED; from service_id to the end of the loop
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

// A section with some of the services of a parsed one: begun, services added, ended. `out` has room for the parsed
// section; each call returns the size so far in bytes, which is `n` of the next.
size_t ts_sdt_begin(uint8_t *out, const uint8_t *section);
size_t ts_sdt_add(uint8_t *out, size_t n, const struct ts_sdt_service *service, bool free_ca_mode);
size_t ts_sdt_end(uint8_t *out, size_t n, uint8_t version);

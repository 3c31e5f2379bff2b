// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of bulkhead-cas.
//
// Refs: docs/cas-config.md; ETSI TS 103 197 clause 5.4 (what channel_status announces).
// Threads: main. Owns: nothing; plain data.
// Errors: -errno, every mistake in `errs` by its JSON pointer.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_err.h>

#define CAS_CONF_NAME_BYTES    64
#define CAS_CONF_PATH_BYTES    108 // sun_path
#define CAS_CONF_ADDRESS_BYTES 46  // INET6_ADDRSTRLEN

// What the ECMG announces in channel_status, and where it listens.
struct cas_conf_ecmg {
	char address[CAS_CONF_ADDRESS_BYTES];
	uint16_t tcp_port;
	uint8_t lead_cw, cw_per_msg;
	int16_t delay_start_ms, delay_stop_ms;
	int16_t transition_delay_start_ms, transition_delay_stop_ms;
	uint16_t ecm_rep_period_ms, max_comp_time_ms;
	uint16_t max_streams; // on a channel; 0: no limit of its own
	uint32_t min_cp_duration_ms;
	bool packets; // ECM_datagram holds TS packets
};

struct cas_conf_emmg {
	bool there;
	char address[CAS_CONF_ADDRESS_BYTES];
	uint16_t tcp_port;
	uint8_t version;
	uint32_t client_id;
	uint16_t data_channel_id, data_stream_id, data_id;
	uint16_t bandwidth_kbps;
	bool packets; // datagrams are TS packets
};

struct cas_conf {
	char name[CAS_CONF_NAME_BYTES];
	uint32_t super_cas_id;
	char vault[CAS_CONF_PATH_BYTES], operator_socket[CAS_CONF_PATH_BYTES];
	struct cas_conf_ecmg ecmg;
	struct cas_conf_emmg emmg;
};

// Reads a file. 0 or -errno.
int cas_conf_load(struct cas_conf *conf, const char *path, struct base_errs *errs);

// The same from memory; `name` stands for the file in messages.
int cas_conf_parse(struct cas_conf *conf, const char *text, size_t n, const char *name, struct base_errs *errs);

// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of bulkhead-control, which is its service model: read from one JSON file, every mistake reported at
// once by JSON pointer. No control word is ever in it.
//
// Refs: docs/control-config.md (the document), config/examples/control.json; ETSI TS 103 197 (Super_CAS_id, ECM_id).
// Threads: any, one at a time while it is read; const afterwards.
// Owns: its document, and everything else inline; a few MiB, so it lives on the heap.
// Errors: -EINVAL with the list; -errno of reading the file.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <base_err.h>
#include <dp_msg.h>

#define CP_CONF_PATH_BYTES    108 // sun_path
#define CP_CONF_ADDRESS_BYTES 64
#define CP_CONF_AC_BYTES      512
#define CP_CONF_ECMGS_MAX     64
// In place of an index: none, or one that was reported because nothing has that name.
#define CP_CONF_NONE UINT_MAX

enum cp_algorithm {
	CP_CSA1,
	CP_CSA2,
	CP_CISSA,
	CP_IDSA,
	CP_SM4_CBC,
	CP_AES_CBC,
	CP_AES_ECB,
	CP_ALGORITHMS,
};

// What an algorithm asks of a control word and of the scrambling_descriptor (ETSI EN 300 468, scrambling_mode).
struct cp_algorithm_facts {
	const char *name;
	uint8_t scrambling_mode;
	uint8_t cw_bytes;
};
extern const struct cp_algorithm_facts cp_algorithm_facts[CP_ALGORITHMS];

struct cp_conf_input {
	char name[DP_MSG_NAME_BYTES];
	char port[DP_MSG_NAME_BYTES];
	uint32_t group;    // IPv4, host order; 0 with a file port
	uint32_t source;   // 0: any
	uint16_t udp_port; // 0 with a file port
	uint16_t vlan;     // 0: untagged
	uint8_t encapsulation;
};

struct cp_conf_output {
	char name[DP_MSG_NAME_BYTES];
	char port[DP_MSG_NAME_BYTES];
	uint32_t group;
	uint32_t source;
	uint32_t deadline_us;
	uint16_t udp_port, source_udp_port, vlan;
	uint8_t ttl, dscp;
	bool short_datagrams;
};

struct cp_conf_ecmg {
	char name[DP_MSG_NAME_BYTES];
	char address[CP_CONF_ADDRESS_BYTES];
	uint32_t super_cas_id;
	uint16_t tcp_port;
	uint16_t channel_id; // ECM_channel_id
	uint8_t version;     // protocol_version to begin with
	bool version_fixed;  // configured: not lowered
	uint32_t test_interval_ms, timeout_ms;
};

// A CA_descriptor's private data.
struct cp_conf_private {
	uint8_t n;
	uint8_t bytes[DP_MSG_PRIVATE_BYTES];
};

struct cp_conf_cas {
	unsigned ecmg;
	uint16_t ecm_id, ecm_pid;
	uint16_t leaving_pid; // on air beside ecm_pid until receivers can go over; 0: none. No document has it
	uint16_t ac_n;
	uint8_t ac[CP_CONF_AC_BYTES]; // access_criteria
	struct cp_conf_private private;
};

struct cp_conf_group {
	char name[DP_MSG_NAME_BYTES];
	enum cp_algorithm algorithm;
	uint32_t crypto_period_ms;
	struct cp_conf_cas cas;
};

struct cp_conf_service {
	char name[DP_MSG_NAME_BYTES];
	unsigned input, output;
	unsigned group; // CP_CONF_NONE: clear on purpose
	uint16_t program_number;
	bool clear_service, keep_input_ca, clear_teletext, clear_subtitles;
};

struct cp_conf_emm {
	char name[DP_MSG_NAME_BYTES];
	uint32_t client_id;
	uint16_t data_id, pid, bandwidth_kbps;
	struct cp_conf_private private;
	bool output[DP_MSG_OUTPUTS_MAX];
};

struct cp_conf {
	json_t *document; // as it was read; NULL: none
	char name[DP_MSG_NAME_BYTES];
	char dataplane_socket[CP_CONF_PATH_BYTES];
	char operator_socket[CP_CONF_PATH_BYTES]; // "": none
	unsigned inputs, outputs, ecmgs, groups, services, emms;
	bool mux; // there is one
	char mux_address[CP_CONF_ADDRESS_BYTES];
	uint16_t mux_tcp_port;
	struct cp_conf_input input[DP_MSG_INPUTS_MAX];
	struct cp_conf_output output[DP_MSG_OUTPUTS_MAX];
	struct cp_conf_ecmg ecmg[CP_CONF_ECMGS_MAX];
	struct cp_conf_group group[DP_MSG_GROUPS_MAX];
	struct cp_conf_service service[DP_MSG_SERVICES_MAX];
	struct cp_conf_emm emm[DP_MSG_EMMS_MAX];
};

// Reads `path` into *conf, whose document is GIVEN also after mistakes in it: fini. Relative paths in it are taken from
// the folder of `path`.
int cp_conf_load(struct cp_conf *conf, const char *path, struct base_errs *errs);

// The same from memory; relative paths stay as they are.
int cp_conf_parse(struct cp_conf *conf, const char *text, size_t n, const char *name, struct base_errs *errs);

void cp_conf_fini(struct cp_conf *conf);

// True when two ECMGs are the same end of the same channel: what is opened to the one serves for the other.
bool cp_conf_same_channel(const struct cp_conf_ecmg *a, const struct cp_conf_ecmg *b);

// Reports what of `conf` cannot take the place of what runs by `running`: it is opened once, at the start.
void cp_conf_check_fixed(const struct cp_conf *conf, const struct cp_conf *running, struct base_errs *errs);

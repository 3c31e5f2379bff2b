// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of the dataplane: read from one JSON file, every mistake reported at once by JSON pointer.
//
// Refs: docs/dataplane-config.md (the document), config/examples/.
// Threads: main, before READY; const afterwards.
// Owns: everything inline; a few MiB, so it lives on the heap of main.
// Errors: -EINVAL with the list; -errno of reading the file.
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <base_err.h>

#include "choice/choice.h"

#define DP_CONF_NAME_BYTES       64
#define DP_CONF_PATH_BYTES       256
#define DP_CONF_WORKERS_MAX      64
#define DP_CONF_PORTS_MAX        64
#define DP_CONF_INPUTS_MAX       256
#define DP_CONF_OUTPUTS_MAX      1024
#define DP_CONF_SERVICES_MAX     1024
#define DP_CONF_EMMS_MAX         32
#define DP_CONF_CA_MAX           16
#define DP_CONF_CA_PRIVATE_BYTES 64
// In place of an index: a name that was reported because nothing has it. Only while mistakes are being looked for.
#define DP_CONF_NONE UINT_MAX

enum dp_port_driver {
	DP_PORT_AF_PACKET,
	DP_PORT_PCAP,
	DP_PORT_MEMIF,
	DP_PORT_RING,
	DP_PORT_NULL,
	DP_PORT_PCI,
	DP_PORT_FILE,
	DP_PORT_DRIVERS
};

enum dp_idle { DP_IDLE_SPIN, DP_IDLE_YIELD, DP_IDLE_SLEEP };
enum dp_encapsulation { DP_ENCAP_AUTO, DP_ENCAP_UDP, DP_ENCAP_RTP };

struct dp_conf_port {
	char name[DP_CONF_NAME_BYTES];
	enum dp_port_driver driver;
	char interface[DP_CONF_NAME_BYTES]; // af_packet
	char rx[DP_CONF_PATH_BYTES];        // pcap, file; "" is none
	char tx[DP_CONF_PATH_BYTES];
	char socket[DP_CONF_PATH_BYTES]; // memif
	bool server;
	uint32_t id;
	char address[DP_CONF_NAME_BYTES]; // pci
	uint32_t host_address;            // af_packet, pci: IPv4 that IGMP reports come from; 0: none
};

struct dp_conf_input {
	char name[DP_CONF_NAME_BYTES];
	unsigned port;
	uint32_t group; // IPv4, host order; 0 on a file port
	uint16_t udp_port;
	uint32_t source; // 0: any (ASM)
	uint16_t vlan;   // 0: untagged
	enum dp_encapsulation encapsulation;
};

struct dp_conf_output {
	char name[DP_CONF_NAME_BYTES];
	unsigned port;
	uint32_t group;
	uint16_t udp_port;
	uint32_t source; // address the datagrams come from
	uint16_t source_udp_port;
	uint16_t vlan;
	uint8_t ttl;
	uint8_t dscp;
	uint32_t deadline_us;
	bool short_datagrams; // at the deadline: send what there is, instead of null packets
};

struct dp_conf_ca {
	uint16_t ca_system_id;
	uint16_t ecm_pid;
	uint8_t private_n;
	uint8_t private_bytes[DP_CONF_CA_PRIVATE_BYTES];
};

struct dp_conf_service {
	char name[DP_CONF_NAME_BYTES];
	unsigned input, output;
	uint16_t program_number;
	bool clear_service; // explicit: nothing of it is scrambled
	bool keep_input_ca; // keep CA_descriptors of the input, and let their PIDs pass
	bool clear_teletext, clear_subtitles;
	enum dp_algorithm algorithm;
	char group[DP_CONF_NAME_BYTES]; // scrambling group; "" for a clear service
	unsigned ca_n;
	struct dp_conf_ca ca[DP_CONF_CA_MAX];
};

// A stream of EMMs from the controller: into the outputs of its set, with a CA_descriptor in their CATs.
struct dp_conf_emm {
	char name[DP_CONF_NAME_BYTES];
	uint16_t pid;
	uint16_t ca_system_id;
	uint16_t rate_kbps; // in each output, counted on whole packets
	uint8_t private_n;
	uint8_t private_bytes[DP_CONF_CA_PRIVATE_BYTES];
	uint8_t output_set[DP_CONF_OUTPUTS_MAX / 8]; // bit i & 7 of byte i / 8: output i
};

// How many of each there may be at the same time; all that they need is allocated before READY.
struct dp_conf_capacity {
	unsigned inputs, outputs, services, groups, emms;
};

struct dp_conf {
	unsigned main_core;
	unsigned workers;
	unsigned worker_core[DP_CONF_WORKERS_MAX];
	enum dp_idle idle;
	bool hugepages;
	unsigned memory_mib;
	uint32_t batch_wait_us;
	uint32_t source_hold_ms; // silence after which another source may be followed
	struct dp_choice_wish ciphers;
	char keys[DP_CONF_PATH_BYTES];
	char control[DP_CONF_PATH_BYTES]; // socket at which the controller brings the line-up; "": it is in the file
	struct dp_conf_capacity capacity; // with a controller
	unsigned ports, inputs, outputs, services, emms;
	struct dp_conf_port port[DP_CONF_PORTS_MAX];
	struct dp_conf_input input[DP_CONF_INPUTS_MAX];
	struct dp_conf_output output[DP_CONF_OUTPUTS_MAX];
	struct dp_conf_service service[DP_CONF_SERVICES_MAX];
	struct dp_conf_emm emm[DP_CONF_EMMS_MAX];
};

// Names of the drivers as in the configuration.
extern const char *const dp_port_driver_name[DP_PORT_DRIVERS];

// Reads `path` into *conf. Relative paths in it are taken from the folder of `path`.
int dp_conf_load(struct dp_conf *conf, const char *path, struct base_errs *errs);

// The same from memory; relative paths stay as they are.
int dp_conf_parse(struct dp_conf *conf, const char *text, size_t n, const char *name, struct base_errs *errs);

// What one member cannot tell alone: names, loops, groups, workers. Adds mistakes to `errs` by JSON pointer.
void dp_conf_check(const struct dp_conf *conf, struct base_errs *errs);

// What there may be: with a controller as /capacity says, without one what the line-up has.
struct dp_conf_capacity dp_conf_capacity(const struct dp_conf *conf);

// True when the port has no clock of its own: input is read as fast as it is taken.
static inline bool dp_port_driver_offline(enum dp_port_driver driver)
{
	return driver == DP_PORT_FILE || driver == DP_PORT_PCAP;
}

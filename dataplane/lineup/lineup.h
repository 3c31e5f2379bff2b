// SPDX-License-Identifier: GPL-3.0-or-later
// The line-up: inputs, outputs, services and scrambling groups as the workers hold them, made from the configuration
// and allocated before READY.
//
// It is PLACES: fixed arrays, allocated before READY, of inputs, outputs, services, groups and EMM streams. A place
// whose `conf` is NULL (of a group: whose name is empty) is free, and whoever walks the arrays skips it. What is on air
// stays in its place for as long as it is there, whatever comes and goes beside it. A service or an input of which more
// than its transform changes goes, and comes anew in another place: with a controller there are twice as many places as
// the capacity, so that any line-up finds room beside the one it replaces. Names, and not places, say what is what.
//
// Threads: each input, and with it its services, outputs and groups, belongs to one worker, which alone reads and
//          writes it after READY; main reads the statistics and the views. Queues: see queue/queue.h.
// Owns: all its memory; key records are in the arena.
// Errors: -ENOMEM.
#pragma once

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <dp_stats.h>
#include <ts_pmt.h>
#include <ts_section.h>

#include "arena/arena.h"
#include "carousel/carousel.h"
#include "conf/conf.h"
#include "period/period.h"
#include "psi/table.h"
#include "psi/view.h"
#include "queue/queue.h"
#include "source/keyfile.h"
#include "stage/dgram.h"

struct dp_group;
struct dp_input;
struct dp_output;

// What classify does with a PID.
enum dp_action {
	DP_ACTION_UNKNOWN,  // drop: in no PAT or PMT of a configured service
	DP_ACTION_SCRAMBLE, // an elementary stream of a scrambled service
	DP_ACTION_CLEAR,    // an elementary stream left clear, by policy or because its service is a clear one
	DP_ACTION_PCR,      // carries the PCR of some service and no payload
	DP_ACTION_SI,       // SI that passes as it is, to all outputs
	DP_ACTION_CA,       // ECMs or EMMs of the input that pass, to the outputs that keep them
	DP_ACTION_NULL,
	DP_ACTION_PAT, // this and the following: tables, which may change what is done with any PID
	DP_ACTION_CAT,
	DP_ACTION_SDT,
	DP_ACTION_PMT,
};

// One PID of an input: 6 bytes, so that the table of an input stays small in cache.
struct dp_pid {
	uint8_t action;     // enum dp_action
	uint8_t generation; // low bits of the key generation of its last packet
	uint8_t last_cc;    // continuity_counter of its last packet
	bool seen : 1;      // last_cc and generation hold
	bool pcr : 1;       // carries the PCR of some programme
	bool was_clear : 1; // an elementary stream left clear under the map before this one
	bool sections : 1;  // the last unit start began a section that may pass
	bool barred : 1;    // a stream to scramble whose output writes the PID itself: it leaves nowhere in clear
	uint16_t service;   // index in the input's list, for elementary streams and PMTs
};

// What every packet touches comes first: the object begins a cache line.
struct dp_service {
	struct dp_output *output;
	struct dp_period *period; // of its group
	struct dp_group *group;   // NULL for a clear service
	struct dp_service_stats stats;
	const struct dp_conf_service *_Atomic conf; // the worker takes another, main reads
	struct dp_input *input;
	struct ts_section_assembler assembler; // of its PMT PID
	struct dp_view view;                   // of PMT and streams, for main
	struct dp_service *pcr_next;           // in its list of input->pcr_user
	struct dp_service *pmt_next;           // the next whose PMT is on the same PID
	struct dp_service *group_next;         // in its list of input->group_user
	uint16_t pmt_pid;                      // 0: not in the PAT
	uint16_t pcr_pid;                      // 0x1FFF: none
	atomic_bool awaits_pmt; // in the PAT, and its PMT has not been heard since it came there; main reads
	atomic_bool pmt_unmade; // the PMT taken last cannot be rewritten: the one before goes on; main reads
	bool clock_source;      // its PCR drives the media clock of the group
	bool emit;              // the PMT is to be sent at this place of the stream
	bool passes_pcr;        // the first service of its output with this pcr_pid
	uint8_t streams_n;
	uint8_t kept_ca_n;
	uint16_t kept_ca_pid[DP_CONF_CA_MAX];        // ECM PIDs of the input that pass (input_ca keep)
	struct dp_stream stream[TS_PMT_STREAMS_MAX]; // of the PMT taken last
	struct dp_table pmt;
} __attribute__((aligned(64)));

// What an output does with a PID.
struct dp_own {
	bool mine : 1;  // its ECMs or EMMs are written here: the input's packets with this PID do not leave
	uint8_t cc : 4; // next continuity_counter of what is made here: tables and ECMs
};

// An EMM stream that an output sends.
struct dp_output_emm {
	const struct dp_conf_emm *conf;
	const struct dp_queue *queue;
	struct dp_queue_cursor *cursor;
};

// A transport packet that has its place in an output's datagram, and stays where it was received until that is laid.
struct dp_held_pkt {
	const uint8_t *bytes;  // 188; NULL: a null packet
	struct rte_mbuf *mbuf; // they are in
	struct dp_key *key;    // NULL: leaves as it is
	struct dp_service *service;
};

// What every packet touches comes first: the object begins a cache line.
struct dp_output {
	struct rte_mbuf *open; // datagram that some of its slots have been laid into, or NULL
	uint64_t opened_tick;  // TSC when its first slot was given
	struct dp_input *input;
	int32_t balance; // transport packets sent less those taken in, kept at 0 at a constant rate
	uint8_t slots;   // given in the datagram that is being filled
	uint8_t header_bytes;
	bool emit_pat, emit_cat;
	bool keeps_ca;      // a service of it keeps the CA of the input
	uint8_t sdt_shift;  // how often sdt_names has changed
	uint32_t sdt_names; // a sum over what its SDT says of its services; 0: none yet
	struct dp_port *port;
	const struct dp_conf_output *_Atomic conf;                            // the worker takes another, main reads
	struct dp_held_pkt held[DP_DGRAM_SLOTS] __attribute__((aligned(64))); // of slots that are not laid yet
	struct dp_output_stats stats __attribute__((aligned(64)));
	uint8_t header[DP_DGRAM_HEADER_MAX_BYTES]; // Ethernet, VLAN, IPv4, UDP of a full datagram
	unsigned emms;
	struct dp_output_emm *emm;
	struct dp_group *pace; // of its first scrambled service, or NULL
	struct dp_table pat, cat;
	struct dp_packets si; // rewritten SDT sections waiting for their place
	struct dp_own own[TS_PIDS];
};

// The services of an input are found by the PID of their PCR, and by their group, in so many lists each.
enum { DP_PCR_LISTS = 64, DP_GROUP_LISTS = 64 };

// In place of a worker, as the owner of an input.
#define DP_OWNER_NONE UINT_MAX // what still comes is dropped
#define DP_OWNER_HOLD 0x100u   // added to a worker: it keeps what comes, until the one before has sent what it had

struct dp_input {
	const struct dp_conf_input *conf;
	struct dp_port *port;
	unsigned worker;   // that owns it, as main has it
	atomic_uint owner; // who takes its datagrams: a worker, or one of the values below; every worker that receives
			   // reads
	unsigned services, outputs;
	struct dp_service **service;
	struct dp_output **output;
	atomic_uint conflicts; // claims that were refused in the present map; main reads
	bool emits;            // some table of it is marked to be sent
	bool cat_seen;         // the input has a CAT
	uint64_t null_at;      // stats.in_pkts at the last null packet; 0: none yet
	atomic_uint source;    // IPv4 address that is followed; main reads
	atomic_uint refused;   // the last other address that sent while it was; main reads
	uint64_t heard_tick;   // TSC of the pass that took the last datagram; 0: none yet
	uint16_t rtp_sequence; // expected next
	bool rtp_started;
	uint8_t pats_without_cat;
	uint8_t emm_n;
	uint16_t emm_pid[DP_CONF_CA_MAX]; // EMM PIDs of the input that pass (input_ca keep)
	struct ts_section_assembler pat_assembler, cat_assembler, sdt_assembler;
	uint8_t pat_raw[1024]; // last PAT section taken
	uint16_t pat_raw_bytes;
	uint8_t cat_raw[1024]; // last CAT section taken
	uint16_t cat_raw_bytes;
	struct dp_pat_view pat_view; // for main
	struct dp_input_stats stats;
	struct dp_service *pcr_user[DP_PCR_LISTS]; // by the low bits of pcr_pid; psi.h has the way through
	struct dp_service *group_user[DP_GROUP_LISTS];
	struct dp_pid pid[TS_PIDS];
};

// What a worker looks after by itself: its groups and the outputs that send something.
struct dp_roster {
	unsigned groups, outputs;
	struct dp_group **group;
	struct dp_output **output;
};

// An input is taken to run at a constant rate while null packets come at least this often, in transport packets.
#define DP_SINCE_NULL_MAX 5000

struct dp_group {
	struct dp_period period; // first: it begins a cache line
	char name[DP_CONF_NAME_BYTES];
	enum dp_algorithm algorithm;
	unsigned worker;
	const struct dp_keyfile_group *keys; // NULL: its control words come from a controller
	struct dp_carousel carousel;
	bool paces_emms;  // some output that sends EMMs has it for pace
	unsigned outputs; // with a service of the group
	struct dp_output **output;
};

// An EMM stream: one copy for all its outputs.
struct dp_emm {
	const struct dp_conf_emm *conf;
	struct dp_queue queue;
	uint64_t dropped; // packets that found no room; main counts
};

// The most places there can be, for arrays beside those of the line-up.
#define DP_LINEUP_INPUTS_MAX   (2 * DP_CONF_INPUTS_MAX)
#define DP_LINEUP_OUTPUTS_MAX  (2 * DP_CONF_OUTPUTS_MAX)
#define DP_LINEUP_SERVICES_MAX (2 * DP_CONF_SERVICES_MAX)
#define DP_LINEUP_GROUPS_MAX   (2 * DP_CONF_SERVICES_MAX)
#define DP_LINEUP_EMMS_MAX     (2 * DP_CONF_EMMS_MAX)

struct dp_lineup {
	struct dp_conf_capacity capacity;
	unsigned inputs, outputs, services, groups, emms; // places
	struct dp_input *input;
	struct dp_output *output;
	struct dp_service *service;
	struct dp_group *group;
	struct dp_emm *emm; // in the order of the configuration
};

// Takes `places` places for each object of the capacity of `conf`, all free.
int dp_lineup_open(struct dp_lineup *lineup, const struct dp_conf *conf, unsigned places);

// Frees all. A line-up that is all zero is left alone.
void dp_lineup_fini(struct dp_lineup *lineup);

// The same and the whole line-up of `conf` in it, connected but for ports, headers and key slots, with each input given
// a worker: what tests and --check need of one. `keyfile` BORROWED for the line-up's life, or NULL. Adds to `errs` what
// cannot be: a scrambling group without keys, a CW length that is not the algorithm's.
int dp_lineup_init(struct dp_lineup *lineup, const struct dp_conf *conf, const struct dp_keyfile *keyfile,
		   struct base_errs *errs);

// Room for all that one worker may have to look after. 0 or -ENOMEM.
int dp_roster_init(struct dp_roster *roster, const struct dp_lineup *lineup);
void dp_roster_fini(struct dp_roster *roster);

// Lists what `worker` looks after, as main has it.
void dp_roster_fill(struct dp_roster *roster, const struct dp_lineup *lineup, unsigned worker);

static inline bool dp_group_free(const struct dp_group *group)
{
	return group->name[0] == '\0';
}

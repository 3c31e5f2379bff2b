// SPDX-License-Identifier: GPL-3.0-or-later
// The dataplane's contract with its controller: fixed-size messages on a local SOCK_SEQPACKET socket.
//
//   controller                                     dataplane
//   HELLO  epoch                            ---->
//                                           <----  WELCOME, then one GROUP_STATE for each group that holds words
//   LINEUP, INPUT.. OUTPUT.. GROUP.. SERVICE.. EMM_STREAM.., LINEUP_END  ---->
//                                           <----  LINEUP_RESULT
//   PERIOD  one whole crypto-period         ---->
//                                           <----  PERIOD_STATE whenever it changed; PERIOD_REFUSED
//   EMM_DATA                                ---->
//   MOVE  an input to another worker        ---->
//                                           <----  MOVE_RESULT
//                                           <----  ALARM, INPUT_PSI, REPORT parts about once a second
//                                           <----  BYE, and the connection is closed
//
// The dataplane obeys the newest controller: a HELLO with a higher epoch closes the one before, a HELLO with a lower
// or equal one is refused; both are told by name who the other is. A controller takes its CLOCK_BOOTTIME in
// nanoseconds for epoch. Without a controller everything goes on as it is.
//
// A line-up is the whole wanted state, and any is taken at any time. The dataplane compares it by name with what is on
// air and brings the difference on air; what does not differ is not touched. LINEUP_RESULT 0 comes when that is done;
// with any other error nothing has changed. One at a time: until its result has come another LINEUP is answered -EBUSY.
// A change that its controller did not live to see is finished; the WELCOME of the next controller waits for that.
//
// Names identify what is on air, indexes are short for them. An index is that of a line-up of this connection: what
// goes up has those of the line-up whose LINEUP_RESULT 0 came last, and nothing with an index goes up before the first.
// What goes down says in `lineup`, by its serial, whose indexes it has: those of the line-up taken last or of the one
// taken before that, so that nobody has to stop while a change is on its way. What is no longer there is refused
// (PERIOD, MOVE: -ENOENT) or forgotten (EMM_DATA).
//
// While an answer cannot be sent because the controller does not read, nothing more is heard from it: a controller
// reads also while it waits to send, or both stand still.
//
// Every message has the size of its struct, in host byte order; unused bytes are 0. One of another size or type, one
// out of place, or one with a value out of range closes the connection with BYE.
//
// Refs: ETSI TS 103 197 (CP_number, delay_start, delay_stop, ECM_rep_period); ARCHITECTURE.md.
// Threads: any; plain data. Owns: nothing.
// Secrets: PERIOD and GROUP_STATE hold control words. Whoever had one in memory scrubs it.
// Errors: -errno values in `error` fields, 0 when good.
#pragma once

#include <stdint.h>

#define DP_MSG_VERSION 2

#define DP_MSG_NAME_BYTES     64 // with the closing zero
#define DP_MSG_TEXT_BYTES     192
#define DP_MSG_CW_BYTES       16
#define DP_MSG_CWS_MAX        8
#define DP_MSG_CAS_MAX        16
#define DP_MSG_PRIVATE_BYTES  64
#define DP_MSG_ECM_POOL_BYTES 8192
#define DP_MSG_SECTION_BYTES  1024
#define DP_MSG_EMM_PKTS       7
#define DP_MSG_REPORT_BYTES   16384
#define DP_MSG_INPUTS_MAX     256
#define DP_MSG_OUTPUTS_MAX    1024
#define DP_MSG_SERVICES_MAX   1024
#define DP_MSG_GROUPS_MAX     1024
#define DP_MSG_EMMS_MAX       32
#define DP_MSG_NONE           0xFFFF // in place of an index
// 27 MHz units in a millisecond, for media time.
#define DP_MSG_27MHZ_PER_MS 27000

// X(symbol, struct, direction): the registry of messages. Types count from 1 in this order and never change.
#define DP_MSG_TABLE(X)                          \
	X(HELLO, dp_msg_hello, DOWN)             \
	X(WELCOME, dp_msg_welcome, UP)           \
	X(GROUP_STATE, dp_msg_group_state, UP)   \
	X(LINEUP, dp_msg_lineup, DOWN)           \
	X(INPUT, dp_msg_input, DOWN)             \
	X(OUTPUT, dp_msg_output, DOWN)           \
	X(GROUP, dp_msg_group, DOWN)             \
	X(SERVICE, dp_msg_service, DOWN)         \
	X(EMM_STREAM, dp_msg_emm_stream, DOWN)   \
	X(LINEUP_END, dp_msg_lineup_end, DOWN)   \
	X(LINEUP_RESULT, dp_msg_result, UP)      \
	X(PERIOD, dp_msg_period, DOWN)           \
	X(PERIOD_STATE, dp_msg_period_state, UP) \
	X(PERIOD_REFUSED, dp_msg_refused, UP)    \
	X(EMM_DATA, dp_msg_emm_data, DOWN)       \
	X(ALARM, dp_msg_alarm, UP)               \
	X(INPUT_PSI, dp_msg_input_psi, UP)       \
	X(REPORT, dp_msg_report, UP)             \
	X(BYE, dp_msg_bye, UP)                   \
	X(MOVE, dp_msg_move, DOWN)               \
	X(MOVE_RESULT, dp_msg_move_result, UP)

enum dp_msg_type {
	DP_MSG_NO_TYPE,
#define X(symbol, type, direction) DP_MSG_##symbol,
	DP_MSG_TABLE(X)
#undef X
		DP_MSG_TYPES
};

struct dp_msg_head {
	uint32_t type;  // enum dp_msg_type
	uint32_t bytes; // of the whole message
};

struct dp_msg_hello {
	struct dp_msg_head head;
	uint32_t version; // DP_MSG_VERSION
	uint32_t reserved;
	uint64_t epoch;               // not 0
	char name[DP_MSG_NAME_BYTES]; // of the controller, for people: UTF-8, not empty
};

struct dp_msg_welcome {
	struct dp_msg_head head;
	uint32_t version;
	uint32_t lineup;  // 1: there is a line-up already
	uint64_t boot_id; // random; another one means that the dataplane has begun anew and holds nothing
};

// A crypto-period as the dataplane holds it, with the control words that its ECMs have promised to receivers.
struct dp_msg_held {
	uint16_t cp_number;
	uint8_t cws; // 0: no such period; cw[0] is its own, cw[i] that of cp_number + i
	uint8_t cw_bytes;
	uint8_t scrambling_mode;
	uint8_t reserved[3];
	uint8_t cw[DP_MSG_CWS_MAX][DP_MSG_CW_BYTES];
};

// What a group on air holds, by name: the controller that hears it has sent no line-up yet. A group that its first
// line-up keeps goes on with exactly these periods.
struct dp_msg_group_state {
	struct dp_msg_head head;
	char name[DP_MSG_NAME_BYTES];
	struct dp_msg_held current, next;
};

// The counts of what follows, so that a line-up is whole or not at all.
struct dp_msg_lineup {
	struct dp_msg_head head;
	uint16_t inputs, outputs, groups, services, emms;
	uint16_t reserved;
	uint32_t serial; // the controller's number for it: not 0, and another one for each line-up of a connection
};

struct dp_msg_input {
	struct dp_msg_head head;
	uint16_t index;
	uint16_t udp_port;     // 0 with a file port
	uint16_t vlan;         // 0: untagged
	uint8_t encapsulation; // 0 auto, 1 UDP, 2 RTP
	uint8_t reserved;
	uint32_t group;  // IPv4, 0 with a file port
	uint32_t source; // 0: any
	char name[DP_MSG_NAME_BYTES];
	char port[DP_MSG_NAME_BYTES]; // name of a port in the dataplane's own configuration
};

struct dp_msg_output {
	struct dp_msg_head head;
	uint16_t index;
	uint16_t udp_port;
	uint16_t source_udp_port; // 0: as udp_port
	uint16_t vlan;
	uint32_t group;
	uint32_t source; // address the datagrams come from
	uint32_t deadline_us;
	uint8_t ttl; // not 0
	uint8_t dscp;
	uint8_t short_datagrams; // at the deadline: send what there is, instead of null packets
	uint8_t reserved;
	char name[DP_MSG_NAME_BYTES];
	char port[DP_MSG_NAME_BYTES];
};

// A scrambling group: the services that share one sequence of control words.
struct dp_msg_group {
	struct dp_msg_head head;
	uint16_t index;
	uint8_t scrambling_mode; // before the first period; docs/dataplane-config.md lists them
	uint8_t reserved[5];
	char name[DP_MSG_NAME_BYTES];
};

struct dp_msg_ca {
	uint16_t ca_system_id;
	uint16_t ecm_pid;
	uint8_t private_n;
	uint8_t private_bytes[DP_MSG_PRIVATE_BYTES];
	uint8_t reserved;
};

// A service and its transform.
struct dp_msg_service {
	struct dp_msg_head head;
	uint16_t index, input, output, program_number;
	uint16_t group; // DP_MSG_NONE: nothing of it is scrambled
	uint8_t keep_input_ca, clear_teletext, clear_subtitles;
	uint8_t ca_n;
	uint8_t reserved[2];
	char name[DP_MSG_NAME_BYTES];
	struct dp_msg_ca ca[DP_MSG_CAS_MAX];
};

// A stream of EMMs: into the outputs of its set, with a CA_descriptor in their CATs.
struct dp_msg_emm_stream {
	struct dp_msg_head head;
	uint16_t index;
	uint16_t pid;
	uint16_t ca_system_id;
	uint16_t rate_kbps; // that leaves in each output, counted on whole packets; not 0
	uint8_t private_n;
	uint8_t private_bytes[DP_MSG_PRIVATE_BYTES];
	uint8_t reserved[7];
	char name[DP_MSG_NAME_BYTES];
	uint8_t output_set[DP_MSG_OUTPUTS_MAX / 8]; // bit i & 7 of byte i / 8: output i
};

struct dp_msg_lineup_end {
	struct dp_msg_head head;
};

// -EBUSY: another change is on its way; -EINVAL: mistakes in it; -ENOSPC: more than the dataplane has room for;
// -ENOMEM.
struct dp_msg_result {
	struct dp_msg_head head;
	int32_t error;
	uint32_t serial;              // of the line-up that this answers
	char text[DP_MSG_TEXT_BYTES]; // for a person, when error is not 0
};

// The ECM of one CAS during a crypto-period.
struct dp_msg_ecm {
	uint16_t pid;
	uint16_t offset, bytes; // its section in `pool`; bytes 0: no ECM in this period
	uint16_t repetition_ms; // not 0
	int32_t start_ms;       // from the beginning of the period: on air from then on
	int32_t stop_ms;        // from its end; the ECM of the next period on the same PID replaces it earlier
};

// One crypto-period, whole. It begins at the later of: its flip point; the end of the period on air; and the moment
// at which every ECM with a negative start has been on air for that long. The first of a group follows the same rule,
// and until it begins nothing of the group leaves. A period whose successor is not there goes on, with its ECMs.
// Key, parity and algorithm change at one packet; the scrambling_descriptor of the group's services follows at once.
struct dp_msg_period {
	struct dp_msg_head head;
	uint16_t group;
	uint16_t cp_number; // after the one on air, unless none runs; its parity is that of the control word
	uint8_t cw_bytes;   // 8 or 16, as the algorithm takes
	uint8_t cws;        // at least 1; cw[0] is its own, cw[i] those of the next periods that its ECMs hold already
	uint8_t ecms;
	uint8_t scrambling_mode; // the algorithm of this period
	uint32_t lineup;         // serial of the line-up that `group` is of
	uint32_t reserved;
	uint64_t flip_27mhz;     // on the media time of PERIOD_STATE; 0: the end of the period on air
	uint64_t duration_27mhz; // not 0
	uint8_t cw[DP_MSG_CWS_MAX][DP_MSG_CW_BYTES];
	struct dp_msg_ecm ecm[DP_MSG_CAS_MAX];
	uint8_t pool[DP_MSG_ECM_POOL_BYTES];
};

// Where a group is. State, not event: the last one tells all.
struct dp_msg_period_state {
	struct dp_msg_head head;
	uint16_t group;
	uint16_t cp_number;      // on air
	uint16_t next_cp_number; // accepted
	uint8_t running;
	uint8_t have_next;
	uint8_t next_ecm_on_air; // an ECM of the next period has left
	uint8_t extending;       // past its end, for want of a next
	uint8_t on_wall;         // media time is carried by the wall clock
	uint8_t ecm_on_air;      // an ECM of the period on air has left
	uint8_t reserved[4];
	uint64_t started_27mhz; // media time at which the period on air began
	uint64_t now_27mhz;     // media time at about now
};

struct dp_msg_refused {
	struct dp_msg_head head;
	uint16_t group;
	uint16_t cp_number;
	int32_t error; // -EBUSY: there is a next period already; -EINVAL: it does not fit the group; -ENOENT: no such
		       // group
};

// EMM packets for a stream; PID and continuity_counter are written here. Each is sent once in every output.
struct dp_msg_emm_data {
	struct dp_msg_head head;
	uint16_t index; // of the stream
	uint16_t pkts;
	uint32_t lineup; // serial of the line-up that `index` is of
	uint8_t pkt[DP_MSG_EMM_PKTS][188];
	uint8_t reserved_end[4];
};

struct dp_msg_alarm {
	struct dp_msg_head head;
	uint8_t raised;   // 0: cleared
	uint8_t severity; // X.733: 0 critical, 1 major, 2 minor, 3 warning
	uint8_t reserved[6];
	uint64_t count;
	char name[DP_MSG_NAME_BYTES];
	char object[DP_MSG_NAME_BYTES];
	char text[DP_MSG_TEXT_BYTES];
};

// A PAT or PMT section of an input, as it came, whenever it changed.
struct dp_msg_input_psi {
	struct dp_msg_head head;
	uint16_t input;
	uint16_t service; // DP_MSG_NONE: the PAT
	uint16_t pid;
	uint16_t bytes;
	uint8_t section[DP_MSG_SECTION_BYTES];
};

// A part of the statistics document (docs/dataplane-stats.md), JSON in UTF-8.
struct dp_msg_report {
	struct dp_msg_head head;
	uint32_t serial;        // of the document
	uint32_t offset, total; // bytes
	uint32_t bytes;         // in this part
	uint8_t part[DP_MSG_REPORT_BYTES];
};

enum dp_msg_bye_reason {
	DP_MSG_BYE_STOPPING,   // the dataplane ends
	DP_MSG_BYE_SUPERSEDED, // `epoch`, `pid` and `name` are those of a newer controller
	DP_MSG_BYE_OLDER,      // the HELLO came from an older controller than the one obeyed, which is named
	DP_MSG_BYE_VERSION,    // the HELLO has another version; `text` tells which is spoken here
	DP_MSG_BYE_BROKEN,     // a message that breaks this contract; `text` tells which
};

struct dp_msg_bye {
	struct dp_msg_head head;
	uint32_t reason; // enum dp_msg_bye_reason
	int32_t pid;
	uint64_t epoch;
	char name[DP_MSG_NAME_BYTES];
	char text[DP_MSG_TEXT_BYTES];
};

// The input, and with it all that shares its groups, outputs and offline ports, goes over to another worker; nothing
// is lost and nothing leaves in another order.
struct dp_msg_move {
	struct dp_msg_head head;
	uint16_t input;
	uint16_t worker; // counted from 0
	uint32_t lineup; // serial of the line-up that `input` is of
};

// 0 when it works there. -EBUSY: another change is on its way; -EINVAL: no such worker; -ENOENT: no such input.
struct dp_msg_move_result {
	struct dp_msg_head head;
	uint16_t input, worker; // of the MOVE
	int32_t error;
	char text[DP_MSG_TEXT_BYTES];
};

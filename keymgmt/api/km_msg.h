// SPDX-License-Identifier: GPL-3.0-or-later
// The vault's contract with the CAS: fixed-size messages on a local SOCK_SEQPACKET socket. Batches go in, sealed
// sections come out; no message gives a key out.
//
//   cas                               vault
//   STATUS_REQUEST              ---->
//                               <----  STATUS
//   ECM_BATCH                   ---->
//                               <----  ECM_RESULT, the answers in the order of the requests
//
// Every message has the size of its struct, in host byte order; unused bytes are 0. One of another size or type closes
// the connection.
//
// Refs: the ECM layout of docs/ecm.md; ETSI TS 103 197 (CP_number).
// Threads: any; plain data. Owns: nothing.
// Secrets: ECM_BATCH holds control words. Whoever had one in memory scrubs it.
// Errors: in `error`: -ENOENT no such service key, -EINVAL a request that makes no ECM.
#pragma once

#include <stdint.h>

#define KM_MSG_VERSION          1
#define KM_MSG_BATCH_MAX        32
#define KM_MSG_CW_BYTES         16
#define KM_MSG_TLV_BYTES        64
#define KM_MSG_ECM_BYTES        256 // of a section
#define KM_MSG_SERVICE_KEYS_MAX 256

enum km_msg_type {
	KM_MSG_NO_TYPE,
	KM_MSG_STATUS_REQUEST,
	KM_MSG_STATUS,
	KM_MSG_ECM_BATCH,
	KM_MSG_ECM_RESULT,
	KM_MSG_TYPES
};

struct km_msg_head {
	uint32_t type;  // enum km_msg_type
	uint32_t bytes; // of the whole message
};

struct km_msg_status_request {
	struct km_msg_head head;
	uint32_t version; // KM_MSG_VERSION
	uint32_t reserved;
};

struct km_msg_status {
	struct km_msg_head head;
	uint32_t version;
	uint8_t suite; // 1 TDES, 2 AES-128, 3 SM4
	uint8_t reserved;
	uint16_t ca_subsystem_id;
	uint64_t ecms;    // composed since the start
	uint64_t refused; // requests answered with an error
	uint16_t service_keys;
	uint16_t service_key_id[KM_MSG_SERVICE_KEYS_MAX];
	uint8_t reserved_end[6];
};

// One ECM to make. A parity without control word is left out of the ECM.
struct km_msg_ecm_request {
	uint32_t tag; // comes back
	uint16_t service_key_id;
	uint16_t cp_number;
	uint8_t cw_bytes; // 8 or 16
	uint8_t have;     // bit 0: cw_even holds, bit 1: cw_odd holds
	uint8_t tlv_n;
	uint8_t reserved;
	uint8_t cw_even[KM_MSG_CW_BYTES], cw_odd[KM_MSG_CW_BYTES];
	uint8_t tlv[KM_MSG_TLV_BYTES]; // access conditions, as they stand in the ECM
};

struct km_msg_ecm_batch {
	struct km_msg_head head;
	uint32_t n;
	uint32_t reserved;
	struct km_msg_ecm_request request[KM_MSG_BATCH_MAX];
};

struct km_msg_ecm_answer {
	uint32_t tag;
	int32_t error;
	uint16_t bytes; // of the section
	uint8_t reserved[6];
	uint8_t section[KM_MSG_ECM_BYTES];
};

struct km_msg_ecm_result {
	struct km_msg_head head;
	uint32_t n;
	uint32_t reserved;
	struct km_msg_ecm_answer answer[KM_MSG_BATCH_MAX];
};

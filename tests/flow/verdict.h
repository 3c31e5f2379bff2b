// SPDX-License-Identifier: GPL-3.0-or-later
// The independent judge of one scrambled service: source, capture behind the scrambler, and what a receiver opened.
//
// It holds no cipher: scrambled is what has the bits of TS 100 289 and does not look like the source; opened is what
// equals the source byte for byte. Its rules:
//   leaked    no captured packet of any PID carries in clear a block of the source's scrambled PIDs where the
//             algorithm scrambles, nor does one of any other output
//   share     of the packets of a scrambled PID that the algorithm reaches, nearly all are scrambled
//   periods   enough whole crypto-periods between two flips were opened, in both parities, and all PIDs flip together
//   length    each of them lasts as long as is asked for, a tenth and one PCR interval more or less
//   opened    every PID of the programme equals the source from its first opened packet to the end of the source,
//             and is open a crypto-period after the programme's first opened packet at the latest
//
// Refs: ISO/IEC 13818-1 clause 2.4.3.2; ETSI TS 100 289 (CSA); ETSI TS 103 127 (CISSA, residue in clear).
// Threads: one owner. Owns: verdict_judge GIVES memory that verdict_free returns.
// Errors: -ENOENT no such programme in the source, -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <base_err.h>
#include <flow_ts.h>
#include <ts_pmt.h>

// By what they reach of a payload: all from 8 bytes on, whole blocks of 16, or all.
enum verdict_algorithm { VERDICT_CSA, VERDICT_CISSA, VERDICT_IDSA };

// What the operator's policy says of a PID, when it is not the default of its stream_type.
enum verdict_policy { VERDICT_BY_TYPE, VERDICT_CLEAR, VERDICT_SCRAMBLED };

struct verdict_rules {
	enum verdict_algorithm algorithm;
	unsigned program;        // program_number; 0: the only one of the source
	unsigned min_periods;    // whole crypto-periods that must have been opened; 0 also waives both parities
	unsigned period_ms;      // length of a crypto-period by the source's PCR; 0: any
	double min_share;        // 0..1, of each scrambled PID
	uint8_t policy[TS_PIDS]; // enum verdict_policy

	const struct flow_ts *also; // BORROWED: also_n captures of other outputs, where nothing of the source may be
	size_t also_n;
};

#define VERDICT_NONE SIZE_MAX

struct verdict_pid {
	uint16_t pid;
	uint8_t stream_type;
	bool scrambled; // by policy
	struct flow_track source, capture, opened;
	size_t *place; // per captured packet, its index in `source` or VERDICT_NONE

	// Capture, of a scrambled PID.
	size_t reached;     // packets with a payload that the algorithm scrambles
	size_t covered;     // of these, scrambled and unlike the source
	size_t misplaced;   // packets that were not found in the source
	size_t parity_runs; // rows of packets with the same parity
	double share;       // covered / reached, 1 when there are none

	// Opened.
	size_t opened_from; // first opened packet, index in `opened`; VERDICT_NONE when there is none
	size_t source_from; // its index in `source`
	size_t late;        // packets before that, though the programme had been open for a crypto-period
	size_t equal;       // packets equal to the source from there on
	bool opened_to_the_end;
};

#define VERDICT_LEAKS_SHOWN 16

struct verdict_leak {
	size_t packet; // in the capture
	uint16_t pid;
	int offset;     // of the clear block in the packet, or -1: the packet is not marked as scrambled
	size_t capture; // 0: the service's own; else of rules->also, counted from 1
};

struct verdict {
	unsigned program;
	uint16_t pmt_pid, pcr_pid;
	size_t n;
	struct verdict_pid *pid; // n ES PIDs of the programme
	bool pmt_pids[TS_PIDS];  // of all programmes of the source
	size_t leaked;           // packets
	struct verdict_leak leak[VERDICT_LEAKS_SHOWN];
	bool even, odd;
	size_t parity_runs;      // over the programme
	size_t periods_captured; // whole crypto-periods in the capture
	size_t periods_opened;   // of these, from the first opened packets on
	size_t *flip; // per flip in the capture, the packet of the source that the first one behind it was made from,
		      // or VERDICT_NONE
	size_t flips;
	size_t periods_wrong; // whole crypto-periods that last too long, too short, or an unknown time
	bool identical;
	struct base_errs reasons; // why it is not identical, or what leaked
};

// Judges. Returns 0 when a verdict was reached (which may be bad), or -errno with the reason in v->reasons.
int verdict_judge(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *source,
		  const struct flow_ts *capture, const struct flow_ts *opened);
void verdict_free(struct verdict *v);

// True when it counts: identical and nothing leaked.
static inline bool verdict_good(const struct verdict *v)
{
	return v->identical && v->leaked == 0;
}

// Bytes from the payload's start that the algorithm scrambles, of a payload of `n` bytes.
size_t verdict_reach(enum verdict_algorithm algorithm, size_t n);

// The payload of a packet, BORROWED; *n is 0 when there is none.
const uint8_t *verdict_payload(const uint8_t *packet, size_t *n);

// Steps of verdict_judge, in its order; each in a file of its name.
int verdict_service_find(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *source);
void verdict_opened_check(struct verdict *v, const struct verdict_rules *rules);
int verdict_place(struct verdict_pid *pid);
int verdict_leak_check(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *source,
		       const struct flow_ts *capture);
int verdict_periods_check(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *capture);
int verdict_length_check(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *source);

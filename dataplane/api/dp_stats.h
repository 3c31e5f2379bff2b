// SPDX-License-Identifier: GPL-3.0-or-later
// What the dataplane counts: per service, per input, per output, per worker; and why packets were dropped.
//
// Threads: written by the worker that owns the object, read by the main lcore at any time. Every field is one
//          aligned 64-bit word with one writer (dp_count); a reader sees each word whole (dp_counted), and no two words
//          of one instant.
// Owns: nothing.
#pragma once

#include <stdint.h>

#include <dp_histogram.h>
#include <dp_stats_word.h>

// Drop reasons: X(symbol, name, what a person reads).
// The first group counts datagrams, the second transport packets.
#define DP_DROP_TABLE(X)                                                                         \
	X(NOT_IPV4, "not_ipv4", "frame that is no IPv4")                                         \
	X(NOT_UDP, "not_udp", "IPv4 packet that is no UDP")                                      \
	X(FRAGMENT, "fragment", "IP fragment")                                                   \
	X(TRUNCATED, "truncated", "shorter than its own headers say")                            \
	X(NO_INPUT, "no_input", "group and port that no input names")                            \
	X(WRONG_SOURCE, "wrong_source", "source address that the input does not accept")         \
	X(SECOND_SOURCE, "second_source", "from another source than the one that is followed")   \
	X(NOT_TS, "not_ts", "datagram without 1 to 7 transport packets")                         \
	X(HANDOVER_FULL, "handover_full", "ring to the owning worker full")                      \
	X(LOST_SYNC, "lost_sync", "transport packet without sync byte 0x47")                     \
	X(TRANSPORT_ERROR, "transport_error", "transport_error_indicator set")                   \
	X(BAD_ADAPTATION, "bad_adaptation", "adaptation field that does not fit")                \
	X(PID_UNKNOWN, "pid_unknown", "PID in no PAT or PMT of a configured service")            \
	X(NOT_SECTION, "not_section", "no section of SI or CA on a PID that passes those only")  \
	X(ALREADY_SCRAMBLED, "already_scrambled", "scrambled at the input on a PID to scramble") \
	X(AWAITS_PERIOD, "awaits_period", "its first crypto-period has not begun")               \
	X(NO_KEY, "no_key", "no control word to scramble with")                                  \
	X(PSI_BROKEN, "psi_broken", "section with a wrong CRC, length or syntax")                \
	X(PSI_TOO_LONG, "psi_too_long", "rewritten section over its size limit")                 \
	X(NO_BUFFER, "no_buffer", "no buffer for an output datagram")                            \
	X(GUARD_CLEAR, "guard_clear", "blocked by the guard: payload left as it came")           \
	X(GUARD_UNSEALED, "guard_unsealed", "blocked by the guard: the cipher never sealed it")  \
	X(GUARD_PID, "guard_pid", "blocked by the guard: clear payload on a scrambled PID")      \
	X(TX_FULL, "tx_full", "port did not take the datagram (counted in transport packets)")   \
	X(PORT_DOWN, "port_down", "its port was down (counted in transport packets)")            \
	X(EMM_SKIPPED, "emm_skipped", "EMM let go: the output's clock stood and the queue ran full")

enum dp_drop {
#define X(symbol, name, text) DP_DROP_##symbol,
	DP_DROP_TABLE(X)
#undef X
		DP_DROPS
};

// Names and texts by reason.
extern const char *const dp_drop_name[DP_DROPS];
extern const char *const dp_drop_text[DP_DROPS];

// Reasons that belong to the guard: any count is a critical alarm.
static inline int dp_drop_is_guard(enum dp_drop reason)
{
	return reason == DP_DROP_GUARD_CLEAR || reason == DP_DROP_GUARD_UNSEALED || reason == DP_DROP_GUARD_PID;
}

// What every packet counts comes first, so that it can be on one cache line; so in the next.
struct dp_service_stats {
	uint64_t in_pkts;        // transport packets of the service's PIDs
	uint64_t scrambled_pkts; // sealed by the cipher
	uint64_t clear_pkts;     // left clear by policy, or without payload
	uint64_t delay_datagram; // serial of the last datagram that a delay was noted for; the worker's
	uint64_t untouched_pkts; // payloads too short for the algorithm, sent with the parity set
	uint64_t continuity_errors;
	uint64_t duplicates;
	uint64_t pmt_changes;
	uint64_t pid_conflicts; // PIDs claimed by two services, or by a table and a service
	uint64_t drops[DP_DROPS];
	struct dp_histogram delay; // of its packets: stats/delay.h
};

struct dp_group_stats {
	uint64_t periods;          // crypto-periods started
	uint64_t extended;         // crypto-periods that went on because the next was not whole
	uint64_t messages_refused; // period messages that came when none was wanted, or with a wrong CP_number
};

struct dp_input_stats {
	uint64_t datagrams;
	uint64_t in_pkts;
	uint64_t null_pkts;
	uint64_t rtp_gaps; // missing RTP sequence numbers
	uint64_t rtp_late; // datagrams that came again, or after others sent later
	uint64_t pat_changes;
	uint64_t source_changes; // another source was followed after a silence
	uint64_t drops[DP_DROPS];
};

// How evenly the datagrams of an output leave: stats/jitter.h.
struct dp_jitter {
	uint64_t last_tick;     // TSC of the last departure, 0: none; the worker's
	uint64_t last_interval; // ticks between it and the one before, 0: none; the worker's
	uint64_t smoothed;      // mean deviation with the gain of RFC 3550, in 1/256 us
	struct dp_histogram deviation;
};

struct dp_output_stats {
	uint64_t datagrams;
	uint64_t out_pkts;  // transport packets sent, null packets included
	uint64_t null_pkts; // of these, null packets
	struct dp_jitter jitter;
	uint64_t psi_pkts;        // of these, PSI and SI made here
	uint64_t ecm_pkts;        // of these, ECMs
	uint64_t emm_pkts;        // of these, EMMs of the streams that name the output
	uint64_t deadline_closes; // datagrams closed by the deadline
	uint64_t drops[DP_DROPS];
};

// The steps of the packet walk, in order.
#define DP_STAGE_TABLE(X)       \
	X(RX, "rx")             \
	X(CLASSIFY, "classify") \
	X(SLOT, "slot")         \
	X(INSERT, "insert")     \
	X(BATCH, "batch")       \
	X(SCRAMBLE, "scramble") \
	X(GUARD, "guard")       \
	X(TX, "tx")

enum dp_stage {
#define X(symbol, name) DP_STAGE_##symbol,
	DP_STAGE_TABLE(X)
#undef X
		DP_STAGES
};

extern const char *const dp_stage_name[DP_STAGES];

enum {
	DP_BATCH_FILLS = 16, // steps of a sixteenth of a full batch
	DP_BATCH_KEYS = 10,  // steps of a power of two, up to 512
};

// The batches of one algorithm in one worker, by how full they were and by how many different keys their lanes had.
struct dp_batch_stats {
	uint64_t batches;
	uint64_t lanes;                  // packets in them
	uint64_t keys;                   // different keys, summed over batches
	uint64_t ticks;                  // TSC ticks of the calls
	uint64_t full, full_ticks;       // full batches, and the ticks of these
	uint64_t fill[DP_BATCH_FILLS];   // [i]: more than i and at most i + 1 sixteenths full
	uint64_t by_keys[DP_BATCH_KEYS]; // [i]: at most 2^i different keys, and more than half as many
};

struct dp_worker_stats {
	uint64_t passes;                 // of the loop
	uint64_t busy_passes;            // that found packets
	uint64_t ts_pkts;                // transport packets taken through the stages
	uint64_t batches;                // cipher calls
	uint64_t lanes;                  // packets in them
	uint64_t keys;                   // different keys in them, summed over batches
	uint64_t handed_over;            // datagrams sent to the worker that owns them
	uint64_t igmp_pkts;              // IGMP packets received
	uint64_t stage_ticks[DP_STAGES]; // TSC ticks, of passes that found work
	uint64_t load_ticks;             // what the packets cost, every batch at the price of a full one (stats/load.h)
	uint64_t load_ppm;               // the same in the last second, of the ticks there were
	uint64_t drops[DP_DROPS];        // before an input is known
	struct dp_histogram delay;       // as a service's, of the oldest packet of every datagram
};

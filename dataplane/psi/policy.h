// SPDX-License-Identifier: GPL-3.0-or-later
// Clear policy: which elementary streams of a scrambled service leave in clear. Scrambled is the default; what is not
// known to be harmless is scrambled.
//
// | elementary stream                              | recognised by                                    | default   |
// | video, audio, anything not below               |                                                  | scrambled |
// | SCTE-35 cue messages                           | stream_type 0x86                                 | clear     |
// | application information table                  | stream_type 0x05 + application_signalling 0x6F   | clear     |
// | object and data carousels, when signalled      | stream_type 0x0A..0x0D + descriptor 0x13 or 0x66 | clear     |
// | teletext                                       | stream_type 0x06 + descriptor 0x56 or 0x46       | scrambled |
// | subtitles                                      | stream_type 0x06 + descriptor 0x59               | scrambled |
//
// Refs: ISO/IEC 13818-1 table 2-34; ETSI EN 300 468 clause 6.2; ETSI TS 102 809; ANSI/SCTE 35.
// Threads: any; pure.
#pragma once

#include <stdbool.h>

#include <ts_pmt.h>

enum dp_policy {
	DP_POLICY_SCRAMBLED,
	DP_POLICY_CLEAR_SERVICE, // the whole service is configured clear
	DP_POLICY_SCTE35,
	DP_POLICY_AIT,
	DP_POLICY_CAROUSEL,
	DP_POLICY_TELETEXT,
	DP_POLICY_SUBTITLES,
	DP_POLICIES
};

extern const char *const dp_policy_name[DP_POLICIES];

// What the service's configuration allows beyond the defaults.
struct dp_policy_profile {
	bool clear_service;
	bool clear_teletext;
	bool clear_subtitles;
};

// Why this elementary stream leaves clear, or DP_POLICY_SCRAMBLED.
enum dp_policy dp_policy_of(const struct ts_pmt_stream *stream, const struct dp_policy_profile *profile);

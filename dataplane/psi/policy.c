// SPDX-License-Identifier: GPL-3.0-or-later
#include "psi/policy.h"

const char *const dp_policy_name[DP_POLICIES] = {
	[DP_POLICY_SCRAMBLED] = "scrambled", [DP_POLICY_CLEAR_SERVICE] = "clear_service",
	[DP_POLICY_SCTE35] = "scte35",       [DP_POLICY_AIT] = "ait",
	[DP_POLICY_CAROUSEL] = "carousel",   [DP_POLICY_TELETEXT] = "teletext",
	[DP_POLICY_SUBTITLES] = "subtitles",
};

enum {
	STREAM_PRIVATE_SECTIONS = 0x05,
	STREAM_PRIVATE_PES = 0x06,
	STREAM_DSMCC_FIRST = 0x0A,
	STREAM_DSMCC_LAST = 0x0D,
	STREAM_SCTE35 = 0x86,
};

static bool has(const struct ts_pmt_stream *stream, uint8_t tag)
{
	struct ts_desc desc;

	return ts_desc_find(&stream->info, tag, &desc);
}

enum dp_policy dp_policy_of(const struct ts_pmt_stream *stream, const struct dp_policy_profile *profile)
{
	if (profile->clear_service)
		return DP_POLICY_CLEAR_SERVICE;
	switch (stream->stream_type) {
	case STREAM_SCTE35:
		return DP_POLICY_SCTE35;
	case STREAM_PRIVATE_SECTIONS:
		return has(stream, TS_DESC_APPLICATION_SIGNALLING) ? DP_POLICY_AIT : DP_POLICY_SCRAMBLED;
	case STREAM_PRIVATE_PES:
		if (profile->clear_teletext && (has(stream, TS_DESC_TELETEXT) || has(stream, TS_DESC_VBI_TELETEXT)))
			return DP_POLICY_TELETEXT;
		if (profile->clear_subtitles && has(stream, TS_DESC_SUBTITLING))
			return DP_POLICY_SUBTITLES;
		return DP_POLICY_SCRAMBLED;
	default:
		break;
	}
	if (stream->stream_type >= STREAM_DSMCC_FIRST && stream->stream_type <= STREAM_DSMCC_LAST &&
	    (has(stream, TS_DESC_CAROUSEL_IDENTIFIER) || has(stream, TS_DESC_DATA_BROADCAST_ID)))
		return DP_POLICY_CAROUSEL;
	return DP_POLICY_SCRAMBLED;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "emmg/pace.h"

#include <ts_packet.h>

enum { POINTER_BYTES = 1, PAYLOAD_BYTES = TS_PACKET_BYTES - 4, PACKET_BITS = TS_PACKET_BYTES * 8 };

// kbit/s times microseconds are thousandths of a bit, so nothing is rounded.
static int64_t bucket_millibits(const struct cas_pace *pace)
{
	return (int64_t)pace->rate_kbps * CAS_PACE_BURST_MS * 1000;
}

uint32_t cas_pace_section_bits(size_t n)
{
	return (uint32_t)((n + POINTER_BYTES + PAYLOAD_BYTES - 1) / PAYLOAD_BYTES * PACKET_BITS);
}

static void fill(struct cas_pace *pace, uint64_t now_us)
{
	int64_t full = bucket_millibits(pace);
	uint64_t elapsed_us = now_us - pace->last_us;
	// More than an hour fills any bucket and pays any debt; less cannot overflow.
	int64_t more = (int64_t)(elapsed_us < 3600000000u ? elapsed_us : 3600000000u) * pace->rate_kbps;

	pace->last_us = now_us;
	pace->millibits = pace->millibits + more < full ? pace->millibits + more : full;
}

void cas_pace_set(struct cas_pace *pace, uint32_t rate_kbps, uint64_t now_us)
{
	fill(pace, now_us);
	pace->rate_kbps = rate_kbps;
	if (pace->millibits > bucket_millibits(pace))
		pace->millibits = bucket_millibits(pace);
}

bool cas_pace_ready(struct cas_pace *pace, uint64_t now_us)
{
	fill(pace, now_us);
	return pace->rate_kbps > 0 && pace->millibits > 0;
}

void cas_pace_take(struct cas_pace *pace, uint32_t bits)
{
	pace->millibits -= (int64_t)bits * 1000;
}

uint64_t cas_pace_wait_us(const struct cas_pace *pace)
{
	if (pace->rate_kbps == 0)
		return UINT64_MAX;
	return pace->millibits > 0 ? 0 : (uint64_t)(-pace->millibits) / pace->rate_kbps + 1;
}

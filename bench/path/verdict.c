// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/verdict.h"

#include <string.h>

enum { LATE_27MHZ = 27000 * 5 * BENCH_PCR_MS, TICKS_27MHZ_PER_MS = 27000 };

int bench_verdict_init(struct bench_verdict *verdict)
{
	return bench_opener_init(&verdict->opener);
}

void bench_verdict_fini(struct bench_verdict *verdict)
{
	bench_opener_fini(&verdict->opener);
}

// True when PID, continuity_counter and payload are those of the packet which its tag names, of the service.
static bool is_sent(const struct bench_verdict *verdict, unsigned service, const uint8_t *packet, size_t offset,
		    const uint8_t *payload, struct bench_tag *tag)
{
	const struct bench_stream *stream = &verdict->stream[service / verdict->programmes];
	size_t n = TS_PACKET_BYTES - offset;
	uint8_t sent[TS_PACKET_BYTES];

	if (n < sizeof(*tag))
		return false;
	memcpy(tag, payload, sizeof(*tag));
	return tag->service == service && bench_stream_packet(stream, tag, sent) &&
	       ts_packet_pid(sent) == ts_packet_pid(packet) && ts_packet_cc(sent) == ts_packet_cc(packet) &&
	       ts_packet_payload_offset(sent) == (int)offset && memcmp(payload, sent + offset, n) == 0;
}

static bool opens(struct bench_verdict *verdict, unsigned service, const uint8_t *packet, size_t offset, unsigned cp,
		  struct bench_tag *tag)
{
	enum dp_algorithm algorithm = verdict->conf->service[service].algorithm;
	uint8_t cw[DP_CW_MAX_BYTES], payload[TS_PACKET_BYTES];
	size_t n = TS_PACKET_BYTES - offset;

	memcpy(payload, packet + offset, n);
	bench_compose_word(cw, dp_algorithm[algorithm].cw_bytes, service, cp);
	bench_opener_open(&verdict->opener, algorithm, cw, payload, n);
	return is_sent(verdict, service, packet, offset, payload, tag);
}

// True when crypto-period `cp` (modulo BENCH_CPS) is right for a packet sent at this media time.
static bool is_due(const struct bench_verdict *verdict, unsigned service, const struct bench_tag *tag, unsigned cp)
{
	const struct bench_stream *stream = &verdict->stream[service / verdict->programmes];
	uint64_t period = (uint64_t)verdict->period_ms * TICKS_27MHZ_PER_MS;

	if (period == 0)
		return cp == 0;
	// Before the first PCR, and before there was any, it is the first period.
	uint64_t since = stream->first_pcr_27mhz && tag->media_27mhz > stream->first_pcr_27mhz
				 ? tag->media_27mhz - stream->first_pcr_27mhz
				 : 0;
	uint64_t due = since / period;

	return cp == due % BENCH_CPS || (due > 0 && since % period < LATE_27MHZ && cp == (due - 1) % BENCH_CPS);
}

// The crypto-period whose control word opens it, those of the packet's parity first; BENCH_CPS: none does.
static unsigned find_period(struct bench_verdict *verdict, unsigned service, const uint8_t *packet, size_t offset,
			    struct bench_tag *tag)
{
	unsigned odd = ts_packet_tsc(packet) == TS_TSC_ODD;

	for (unsigned i = 0; i < BENCH_CPS; i++) {
		unsigned cp = 2 * i % BENCH_CPS + (2 * i < BENCH_CPS ? odd : !odd);

		if (opens(verdict, service, packet, offset, cp, tag))
			return cp;
	}
	return BENCH_CPS;
}

bool bench_verdict_packet(struct bench_verdict *verdict, unsigned service, const uint8_t *packet, struct bench_tag *tag)
{
	struct bench_verdict_counts *counts = &verdict->counts;
	int offset = ts_packet_payload_offset(packet);
	bool clear = verdict->conf->service[service].clear_service;

	if (offset < 0 || offset >= TS_PACKET_BYTES) {
		counts->unopened++;
		return false;
	}
	if (clear || ts_packet_tsc(packet) < TS_TSC_EVEN) {
		bool sent = is_sent(verdict, service, packet, (size_t)offset, packet + offset, tag);

		counts->clear += !clear;
		counts->unopened += !sent;
		counts->opened += sent;
		return sent;
	}
	unsigned cp = find_period(verdict, service, packet, (size_t)offset, tag);

	if (cp == BENCH_CPS) {
		counts->unopened++;
		return false;
	}
	counts->opened++;
	if (cp % 2 != (ts_packet_tsc(packet) == TS_TSC_ODD))
		counts->wrong_parity++;
	else if (!is_due(verdict, service, tag, cp))
		counts->wrong_period++;
	return true;
}

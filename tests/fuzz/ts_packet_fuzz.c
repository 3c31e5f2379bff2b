// SPDX-License-Identifier: GPL-3.0-or-later
// Packet header, adaptation field and PCR. Input: a packet, then eight bytes each for a PCR to write and another.
#include <fuzz.h>
#include <ts_packet.h>

enum { PCR_AT = 6, PCR_BYTES = 6 };

static void header_setters(const uint8_t *p)
{
	uint8_t *q = fuzz_exact(p, TS_PACKET_BYTES);

	ts_packet_set_pid(q, ts_packet_pid(p) ^ 0x1FFF);
	ts_packet_set_tsc(q, ts_packet_tsc(p) ^ 3);
	ts_packet_set_cc(q, ts_packet_cc(p) ^ 15);
	FUZZ_ASSERT(ts_packet_afc(q) == ts_packet_afc(p));
	FUZZ_ASSERT(ts_packet_error_indicator(q) == ts_packet_error_indicator(p));
	FUZZ_ASSERT(ts_packet_unit_start(q) == ts_packet_unit_start(p));
	ts_packet_set_pid(q, ts_packet_pid(p));
	ts_packet_set_tsc(q, ts_packet_tsc(p));
	ts_packet_set_cc(q, ts_packet_cc(p));
	FUZZ_ASSERT(memcmp(p, q, TS_PACKET_BYTES) == 0);
	ts_packet_null(q);
	FUZZ_ASSERT(ts_packet_pid(q) == TS_PID_NULL && ts_packet_payload_offset(q) == TS_HEADER_BYTES);
	free(q);
}

static void payload(const uint8_t *p)
{
	int offset = ts_packet_payload_offset(p);

	FUZZ_ASSERT(offset == -EBADMSG || (offset >= TS_HEADER_BYTES && offset <= TS_PACKET_BYTES));
	FUZZ_ASSERT(ts_packet_has_payload(p) == (offset > 0 && offset < TS_PACKET_BYTES));
	if (ts_packet_discontinuity(p))
		FUZZ_ASSERT(offset > TS_HEADER_BYTES + 1);
}

static void pcr(const uint8_t *p, uint64_t value_27mhz)
{
	uint8_t *q = fuzz_exact(p, TS_PACKET_BYTES);
	uint64_t old = 0, now = 0;
	bool had = ts_packet_pcr(p, &old);
	bool set = ts_packet_set_pcr(q, value_27mhz);

	FUZZ_ASSERT(set || !had);
	FUZZ_ASSERT(memcmp(p, q, PCR_AT) == 0);
	FUZZ_ASSERT(memcmp(p + PCR_AT + PCR_BYTES, q + PCR_AT + PCR_BYTES, TS_PACKET_BYTES - PCR_AT - PCR_BYTES) == 0);
	FUZZ_ASSERT(set || memcmp(p, q, TS_PACKET_BYTES) == 0);
	FUZZ_ASSERT(ts_packet_pcr(q, &now) == set);
	if (set)
		FUZZ_ASSERT(now == value_27mhz % TS_PCR_TURN_27MHZ);
	if (had)
		FUZZ_ASSERT(old < TS_PCR_TURN_27MHZ);
	free(q);
}

// The PCR alone: same PID, same PCR, no payload, nothing else in the adaptation field.
static void pcr_alone(const uint8_t *p)
{
	uint8_t out[TS_PACKET_BYTES];
	uint64_t pcr, again;

	if (!ts_packet_pcr(p, &pcr))
		return;
	ts_packet_pcr_only(out, p);
	FUZZ_ASSERT(ts_packet_synced(out) && ts_packet_pid(out) == ts_packet_pid(p) && ts_packet_cc(out) == 0);
	FUZZ_ASSERT(!ts_packet_has_payload(out) && ts_packet_payload_offset(out) == TS_PACKET_BYTES);
	FUZZ_ASSERT(ts_packet_discontinuity(out) == ts_packet_discontinuity(p));
	FUZZ_ASSERT(ts_packet_pcr(out, &again) && again == pcr);
}

static void difference(uint64_t now, uint64_t then)
{
	int64_t ahead = ts_packet_pcr_diff(now, then);
	const int64_t half = (int64_t)(TS_PCR_TURN_27MHZ / 2);

	FUZZ_ASSERT(ahead >= -half && ahead < half);

	uint64_t there = then % TS_PCR_TURN_27MHZ + TS_PCR_TURN_27MHZ + (uint64_t)ahead;

	FUZZ_ASSERT(there % TS_PCR_TURN_27MHZ == now % TS_PCR_TURN_27MHZ);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < TS_PACKET_BYTES)
		return 0;

	uint8_t *p = fuzz_exact(data, TS_PACKET_BYTES);
	uint64_t now = size >= TS_PACKET_BYTES + 8 ? base_bytes_get64(data + TS_PACKET_BYTES) : 0;
	uint64_t then = size >= TS_PACKET_BYTES + 16 ? base_bytes_get64(data + TS_PACKET_BYTES + 8) : 1;

	header_setters(p);
	payload(p);
	pcr_alone(p);
	pcr(p, now);
	difference(now, then);
	free(p);
	return 0;
}

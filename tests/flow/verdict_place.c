// SPDX-License-Identifier: GPL-3.0-or-later
// Finds for every captured packet of a PID the source packet it was made from.
//
// Scrambling leaves header and adaptation field as they are (TSC aside), so these are what is compared. A capture may
// begin late and may have lost packets; after a gap a row of equal headers finds the place again.
#include <verdict.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROW_PKTS     32 // equal headers in a row that make a place certain
#define ROW_MIN_PKTS 8  // fewer are no place, unless the capture ends there
#define SEARCHES_MAX 64 // then the rest counts as misplaced

static bool same_frame(const uint8_t *a, const uint8_t *b)
{
	int offset = ts_packet_payload_offset(a);

	if (memcmp(a, b, 3) != 0 || (a[3] & 0x3F) != (b[3] & 0x3F) || offset != ts_packet_payload_offset(b))
		return false;
	return offset < 0 || memcmp(a + TS_HEADER_BYTES, b + TS_HEADER_BYTES, (size_t)offset - TS_HEADER_BYTES) == 0;
}

// Equal headers from captured packet `c` and source packet `s` on, at most `limit`.
static size_t row(const struct verdict_pid *pid, size_t s, size_t c, size_t limit)
{
	size_t n = 0;

	while (n < limit && s + n < pid->source.n && c + n < pid->capture.n &&
	       same_frame(flow_track_at(&pid->source, s + n), flow_track_at(&pid->capture, c + n)))
		n++;
	return n;
}

// The first place from `s` on with a certain row, else the one with the longest.
static size_t search_from(const struct verdict_pid *pid, size_t s, size_t c)
{
	size_t want = pid->capture.n - c < ROW_PKTS ? pid->capture.n - c : ROW_PKTS;
	size_t best = VERDICT_NONE, best_row = want < ROW_MIN_PKTS ? want - 1 : ROW_MIN_PKTS - 1;

	for (; s < pid->source.n && best_row < want; s++) {
		size_t n = row(pid, s, c, want);

		if (n > best_row) {
			best_row = n;
			best = s;
		}
	}
	return best;
}

// Headers of a quiet PID repeat every 16 packets, so the first place that fits may be wrong. What the receiver opened
// out of the same packets tells the place for certain; else a capture that ends with the source is the likely one.
static size_t first_place(const struct verdict_pid *pid)
{
	size_t captured = pid->capture.n;

	if (pid->opened.n == captured && pid->opened_from != VERDICT_NONE && pid->equal > 0 &&
	    pid->source_from >= pid->opened_from && row(pid, pid->source_from - pid->opened_from, 0, 1) == 1)
		return pid->source_from - pid->opened_from;
	if (captured <= pid->source.n && row(pid, pid->source.n - captured, 0, captured) == captured)
		return pid->source.n - captured;
	return search_from(pid, 0, 0);
}

int verdict_place(struct verdict_pid *pid)
{
	size_t at = 0, searches = 0;

	pid->place = calloc(pid->capture.n + 1, sizeof(*pid->place));
	if (!pid->place)
		return -ENOMEM;
	for (size_t c = 0; c < pid->capture.n; c++) {
		size_t found = VERDICT_NONE;

		if (c > 0 && row(pid, at, c, 1) == 1)
			found = at;
		else if (searches++ < SEARCHES_MAX)
			found = c == 0 ? first_place(pid) : search_from(pid, at, c);
		pid->place[c] = found;
		if (found == VERDICT_NONE)
			pid->misplaced++;
		else
			at = found + 1;
	}
	return 0;
}

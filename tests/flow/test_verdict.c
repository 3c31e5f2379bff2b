// SPDX-License-Identifier: GPL-3.0-or-later
// The judge itself: a good service passes, and every rule fails when it should.
//
// The stream is made in memory: PAT, PMT with video, audio and SCTE 35, and payloads of a small generator. "Scrambled"
// is an exclusive or with a second generator: the judge knows no cipher, so any change will do.
#include <verdict.h>

#include <stdlib.h>
#include <string.h>

#include <ts_pat.h>
#include <unit.h>

enum { PMT_PID = 0x100, VIDEO = 0x101, AUDIO = 0x102, SPLICE = 0x103, DATA = 0x1F0, PROGRAM = 7 };
enum { PERIOD_PKTS = 100, PERIODS = 6, PKTS = PERIOD_PKTS * PERIODS };
enum { PKT_MS = 20, PCR_PKTS = 10 }; // a crypto-period is 2 s

struct stream {
	uint8_t packet[PKTS + 2][TS_PACKET_BYTES];
	size_t n;
};

struct trial {
	struct stream source, capture, opened;
	struct verdict_rules rules;
	struct verdict v;
};

static uint32_t noise(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

static size_t write_psi(struct stream *s)
{
	struct ts_pat pat = {.transport_stream_id = 1, .current = true, .n = 1, .program[0] = {PROGRAM, PMT_PID}};
	struct ts_pmt pmt = {
		.program_number = PROGRAM,
		.current = true,
		.pcr_pid = VIDEO,
		.n = 3,
		.stream = {{0x1B, VIDEO, {0}}, {0x0F, AUDIO, {0}}, {0x86, SPLICE, {0}}},
	};
	uint8_t section[1024], cc = 0;
	int n = ts_pat_write(section, sizeof(section), &pat);

	CU_ASSERT_EQUAL(ts_section_packetize(&s->packet[0], 1, section, (size_t)n, TS_PID_PAT, &cc), 1);
	n = ts_pmt_write(section, sizeof(section), &pmt);
	cc = 0;
	CU_ASSERT_EQUAL(ts_section_packetize(&s->packet[1], 1, section, (size_t)n, PMT_PID, &cc), 1);
	return 2;
}

// Payload bytes of content packet `i`: mostly whole packets, sometimes short ones behind an adaptation field.
static unsigned payload_bytes(size_t i)
{
	return i % 37 == 5 ? 9 : i % 41 == 7 ? 60 : 184;
}

static uint16_t pid_of(size_t i)
{
	return i % 10 == 3 ? AUDIO : i % 50 == 21 ? SPLICE : VIDEO;
}

static void write_content(uint8_t *p, size_t i, uint8_t *cc)
{
	unsigned n = payload_bytes(i), stuffing = 184 - n;
	uint32_t state = (uint32_t)i * 7919 + 1;

	p[0] = TS_SYNC_BYTE;
	p[1] = i % 13 == 0 ? 0x40 : 0;
	p[3] = (uint8_t)((stuffing ? 0x30 : 0x10) | (*cc)++ % 16);
	ts_packet_set_pid(p, pid_of(i));
	if (stuffing) {
		p[4] = (uint8_t)(stuffing - 1);
		p[5] = 0;
		memset(p + 6, 0xFF, stuffing - 2);
	}
	for (unsigned k = 4 + stuffing; k < TS_PACKET_BYTES; k++)
		p[k] = i % 29 == 11 ? 0xFF : (uint8_t)noise(&state);
}

// A PCR in every tenth packet, all of them video.
static void write_pcrs(struct stream *s, uint64_t from_27mhz, unsigned pkt_ms)
{
	for (size_t i = 0; i < PKTS; i += PCR_PKTS) {
		uint8_t *p = s->packet[2 + i];

		p[3] |= 0x20;
		if (p[4] < 7 || payload_bytes(i) == 184)
			p[4] = 7;
		p[5] = 0x10;
		CU_ASSERT(ts_packet_set_pcr(p, from_27mhz + UINT64_C(27000) * pkt_ms * i));
	}
}

static void scramble(uint8_t *p, size_t i, enum verdict_algorithm algorithm)
{
	size_t n;
	uint8_t *payload = (uint8_t *)verdict_payload(p, &n);
	uint32_t state = (uint32_t)i * 104729 + 5;

	if (ts_packet_pid(p) == SPLICE)
		return;
	ts_packet_set_tsc(p, i / PERIOD_PKTS % 2 ? TS_TSC_ODD : TS_TSC_EVEN);
	n = verdict_reach(algorithm, n);
	for (size_t k = 0; k < n; k++)
		payload[k] ^= (uint8_t)(noise(&state) | 1);
}

// A trial that must pass.
static struct trial *trial_new(enum verdict_algorithm algorithm)
{
	struct trial *t = calloc(1, sizeof(*t));
	uint8_t cc[3] = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	t->rules =
		(struct verdict_rules){.algorithm = algorithm, .program = PROGRAM, .min_periods = 3, .min_share = 0.99};
	t->source.n = write_psi(&t->source);
	for (size_t i = 0; i < PKTS; i++)
		write_content(t->source.packet[t->source.n++], i, &cc[pid_of(i) - VIDEO]);
	t->capture = t->opened = t->source;
	for (size_t i = 0; i < PKTS; i++)
		scramble(t->capture.packet[2 + i], i, algorithm);
	return t;
}

// The same with PCRs.
static struct trial *trial_timed(uint64_t from_27mhz, unsigned pkt_ms)
{
	struct trial *t = trial_new(VERDICT_CSA);

	write_pcrs(&t->source, from_27mhz, pkt_ms);
	t->capture = t->opened = t->source;
	for (size_t i = 0; i < PKTS; i++)
		scramble(t->capture.packet[2 + i], i, VERDICT_CSA);
	return t;
}

static int judge(struct trial *t)
{
	struct flow_ts source = {t->source.packet[0], t->source.n}, capture = {t->capture.packet[0], t->capture.n},
		       opened = {t->opened.packet[0], t->opened.n};

	return verdict_judge(&t->v, &t->rules, &source, &capture, &opened);
}

static void trial_free(struct trial *t)
{
	verdict_free(&t->v);
	free(t);
}

static bool said(const struct trial *t, const char *words)
{
	for (size_t i = 0; i < t->v.reasons.count; i++)
		if (strstr(t->v.reasons.text[i], words))
			return true;
	return false;
}

// The packet in a stream of the `k`th whole payload of a PID after content packet `from`.
static size_t find(uint16_t pid, size_t from)
{
	while (pid_of(from) != pid || payload_bytes(from) != 184 || from % 29 == 11)
		from++;
	return 2 + from;
}

static void drop(struct stream *s, size_t at)
{
	memmove(s->packet[at], s->packet[at + 1], (s->n - at - 1) * TS_PACKET_BYTES);
	s->n--;
}

static void good_passes(void)
{
	for (int a = VERDICT_CSA; a <= VERDICT_CISSA; a++) {
		struct trial *t = trial_new((enum verdict_algorithm)a);

		CU_ASSERT_EQUAL(judge(t), 0);
		CU_ASSERT(t->v.identical);
		CU_ASSERT_EQUAL(t->v.leaked, 0);
		CU_ASSERT_EQUAL(t->v.periods_opened, PERIODS - 2);
		CU_ASSERT_EQUAL(t->v.parity_runs, PERIODS);
		CU_ASSERT(t->v.even && t->v.odd);
		CU_ASSERT_EQUAL(t->v.n, 3);
		CU_ASSERT_EQUAL(t->v.pid[0].share, 1.0);
		CU_ASSERT_EQUAL(t->v.pid[1].share, 1.0);
		CU_ASSERT(t->v.pid[1].scrambled && !t->v.pid[2].scrambled);
		CU_ASSERT(base_errs_none(&t->v.reasons));
		trial_free(t);
	}
}

// A receiver that joined late passes its first packets on as they came.
static void late_receiver_passes(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);

	for (size_t i = 0; i < 120; i++)
		memcpy(t->opened.packet[2 + i], t->capture.packet[2 + i], TS_PACKET_BYTES);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(verdict_good(&t->v));
	CU_ASSERT_EQUAL(t->v.periods_captured, PERIODS - 2);
	CU_ASSERT_EQUAL(t->v.periods_opened, PERIODS - 3);
	trial_free(t);
}

// The audio is not opened before content packet `n`.
static void open_audio_from(struct trial *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pid_of(i) == AUDIO)
			memcpy(t->opened.packet[2 + i], t->capture.packet[2 + i], TS_PACKET_BYTES);
}

// One PID may join up to a crypto-period after the others, and not later.
static void one_pid_opened_late(void)
{
	struct trial *t = trial_new(VERDICT_CSA);

	open_audio_from(t, 2 * PERIOD_PKTS);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(verdict_good(&t->v));
	verdict_free(&t->v);
	open_audio_from(t, 2 * PERIOD_PKTS + 10);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT_EQUAL(t->v.pid[1].late, 1);
	CU_ASSERT(said(t, "PID 0x0102: 1 packets not opened"));
	verdict_free(&t->v);
	open_audio_from(t, find(AUDIO, PKTS - 10) - 2);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(t->v.pid[1].opened_to_the_end);
	trial_free(t);
}

// A fixed key has no flips to count by: it opens all PIDs at once.
static void one_pid_opened_late_with_a_fixed_key(void)
{
	struct trial *t = trial_new(VERDICT_CSA);

	for (size_t i = 2; i < t->capture.n; i++)
		if (ts_packet_tsc(t->capture.packet[i]))
			ts_packet_set_tsc(t->capture.packet[i], TS_TSC_ODD);
	t->rules.min_periods = 0;
	open_audio_from(t, PKTS / 2);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "PID 0x0102"));
	trial_free(t);
}

// A capture that began late still finds its place in the source.
static void late_capture_passes(void)
{
	struct trial *t = trial_new(VERDICT_CSA);

	for (size_t i = 0; i < 90; i++) {
		drop(&t->capture, 2);
		drop(&t->opened, 2);
	}
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(verdict_good(&t->v));
	CU_ASSERT_EQUAL(t->v.pid[0].misplaced, 0);
	CU_ASSERT(t->v.pid[0].source_from > 60);
	trial_free(t);
}

static void leaked_packet(void)
{
	struct trial *t = trial_new(VERDICT_CSA);
	size_t at = find(VIDEO, 333);

	// Marked as scrambled, yet clear.
	memcpy(t->capture.packet[at] + 4, t->source.packet[at] + 4, 184);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!verdict_good(&t->v));
	CU_ASSERT_EQUAL(t->v.leaked, 1);
	CU_ASSERT_EQUAL(t->v.leak[0].packet, at);
	CU_ASSERT_EQUAL(t->v.leak[0].pid, VIDEO);
	CU_ASSERT_EQUAL(t->v.leak[0].offset, 4);
	CU_ASSERT(said(t, "leaked"));
	trial_free(t);
}

// On a PID that no PMT lists, in a null packet, on the PMT's PID, among SI: no PID is exempt.
static void leaked_on_another_pid(void)
{
	static const uint16_t pids[] = {DATA, TS_PID_NULL, PMT_PID, 0x1E, TS_PID_PAT, SPLICE};

	for (size_t i = 0; i < sizeof(pids) / sizeof(*pids); i++) {
		struct trial *t = trial_new(VERDICT_CISSA);
		uint8_t *extra = t->capture.packet[t->capture.n - 1];
		size_t at = find(AUDIO, 200);

		// The last packet becomes a copy of an audio packet.
		memcpy(extra, t->source.packet[at], TS_PACKET_BYTES);
		ts_packet_set_pid(extra, pids[i]);
		CU_ASSERT_EQUAL(judge(t), 0);
		CU_ASSERT_EQUAL(t->v.leaked, 1);
		CU_ASSERT_EQUAL(t->v.leak[0].pid, pids[i]);
		CU_ASSERT(!verdict_good(&t->v));
		trial_free(t);
	}
}

// The capture of another output: another service's is nothing to us, ours in clear is a leak, ours scrambled is none.
static void leaked_on_another_output(void)
{
	struct trial *t = trial_new(VERDICT_CSA);
	struct stream other = t->capture;
	struct flow_ts also[2] = {{t->capture.packet[0], t->capture.n}, {other.packet[0], other.n}};
	size_t at = find(AUDIO, 200);

	t->rules.also = also;
	t->rules.also_n = 2;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(verdict_good(&t->v));
	verdict_free(&t->v);
	memcpy(other.packet[at], t->source.packet[at], TS_PACKET_BYTES);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT_EQUAL(t->v.leaked, 1);
	CU_ASSERT_EQUAL(t->v.leak[0].capture, 2);
	CU_ASSERT_EQUAL(t->v.leak[0].packet, at);
	CU_ASSERT(said(t, "of other capture 2"));
	CU_ASSERT(!verdict_good(&t->v));
	trial_free(t);
}

// What the source says in clear on its PMT's PID is no secret, even if a scrambled PID says it too.
static void psi_is_no_leak(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);
	size_t at = find(AUDIO, 200), n;
	const uint8_t *pmt = t->source.packet[1];

	memcpy(t->source.packet[at] + 4, pmt + 4, 184);
	memcpy(t->opened.packet[at] + 4, pmt + 4, 184);
	CU_ASSERT_PTR_EQUAL(verdict_payload(pmt, &n), pmt + 4);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(verdict_good(&t->v));
	trial_free(t);
}

static void one_clear_block(void)
{
	for (int a = VERDICT_CSA; a <= VERDICT_CISSA; a++) {
		struct trial *t = trial_new((enum verdict_algorithm)a);
		size_t at = find(AUDIO, 250);

		memcpy(t->capture.packet[at] + 4 + 160, t->source.packet[at] + 4 + 160, 16);
		CU_ASSERT_EQUAL(judge(t), 0);
		CU_ASSERT_EQUAL(t->v.leaked, 1);
		CU_ASSERT_EQUAL(t->v.leak[0].offset, 164);
		CU_ASSERT(!verdict_good(&t->v));
		trial_free(t);
	}
}

// CSA and IDSA scramble a payload of 9 bytes, CISSA leaves it.
static void short_payload_clear(void)
{
	for (int a = VERDICT_CSA; a <= VERDICT_IDSA; a++) {
		struct trial *t = trial_new((enum verdict_algorithm)a);
		size_t at = 2 + 5 + 37 * 4;

		CU_ASSERT_EQUAL(payload_bytes(at - 2), 9);
		memcpy(t->capture.packet[at] + 4, t->source.packet[at] + 4, 184);
		CU_ASSERT_EQUAL(judge(t), 0);
		CU_ASSERT_EQUAL(t->v.leaked, a != VERDICT_CISSA);
		CU_ASSERT_EQUAL(verdict_good(&t->v), a == VERDICT_CISSA);
		trial_free(t);
	}
}

// Stuffing is in no set of blocks; equal to its own source it still leaked.
static void clear_stuffing(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);
	size_t at = 2 + 11 + 29 * 4;

	CU_ASSERT_EQUAL(t->source.packet[at][100], 0xFF);
	CU_ASSERT_EQUAL(payload_bytes(at - 2), 184);
	memcpy(t->capture.packet[at] + 4, t->source.packet[at] + 4, 184);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT_EQUAL(t->v.leaked, 1);
	CU_ASSERT_EQUAL(t->v.leak[0].packet, at);
	trial_free(t);
}

static void not_marked(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);
	size_t at = find(VIDEO, 410);

	ts_packet_set_tsc(t->capture.packet[at], TS_TSC_CLEAR);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT_EQUAL(t->v.leaked, 1);
	CU_ASSERT_EQUAL(t->v.leak[0].offset, -1);
	CU_ASSERT(!verdict_good(&t->v));
	trial_free(t);
}

static void missing_at_the_end(void)
{
	struct trial *t = trial_new(VERDICT_CSA);

	t->opened.n--;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT_EQUAL(t->v.leaked, 0);
	CU_ASSERT(said(t, "1 packets missing at the end"));
	trial_free(t);
}

static void missing_in_the_middle(void)
{
	struct trial *t = trial_new(VERDICT_CSA);
	size_t at = find(AUDIO, 300);

	drop(&t->opened, at);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "PID 0x0102: opened packet"));
	trial_free(t);
}

// Of a PID that is clear by policy too.
static void clear_pid_missing(void)
{
	struct trial *t = trial_new(VERDICT_CSA);
	size_t at = find(SPLICE, 300);

	drop(&t->opened, at);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "PID 0x0103"));
	trial_free(t);
}

static void added_at_the_end(void)
{
	struct trial *t = trial_new(VERDICT_CSA);
	size_t last = t->opened.n - 1;

	memcpy(t->opened.packet[1], t->opened.packet[last], TS_PACKET_BYTES);
	// The PMT's place is taken by an added packet; put it behind the last one.
	for (size_t i = 1; i < last; i++)
		memcpy(t->opened.packet[i], t->opened.packet[i + 1], TS_PACKET_BYTES);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "1 packets added after the source's end"));
	trial_free(t);
}

static void flipped_bit(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);
	size_t at = find(VIDEO, 505);

	t->opened.packet[at][77] ^= 0x10;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "at byte 77"));
	CU_ASSERT_EQUAL(t->v.leaked, 0);
	trial_free(t);
}

static void nothing_opened(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);

	t->opened = t->capture;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "PID 0x0101: nothing of its"));
	trial_free(t);
}

static void opened_is_noise(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);

	t->opened = t->capture;
	for (size_t i = 0; i < t->opened.n; i++)
		ts_packet_set_tsc(t->opened.packet[i], TS_TSC_CLEAR);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "is not in the source"));
	trial_free(t);
}

static void too_few_periods(void)
{
	struct trial *t = trial_new(VERDICT_CSA);

	t->rules.min_periods = PERIODS - 1;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "4 whole crypto-periods opened"));
	trial_free(t);
}

// 2 s, across the turn of the PCR too.
static void period_length(void)
{
	static const uint64_t from[] = {0, TS_PCR_TURN_27MHZ - UINT64_C(27000) * 5000};

	for (size_t i = 0; i < sizeof(from) / sizeof(*from); i++) {
		struct trial *t = trial_timed(from[i], PKT_MS);

		t->rules.period_ms = PERIOD_PKTS * PKT_MS;
		CU_ASSERT_EQUAL(judge(t), 0);
		CU_ASSERT(verdict_good(&t->v));
		CU_ASSERT_EQUAL(t->v.flips, PERIODS - 1);
		CU_ASSERT_EQUAL(t->v.periods_wrong, 0);
		trial_free(t);
	}
}

// A tenth and one PCR interval are allowed, no more; the same stream passes where nobody asks.
static void wrong_period_length(void)
{
	static const struct {
		unsigned pkt_ms;
		bool good;
	} cases[] = {{PKT_MS + 3, true}, {PKT_MS + 5, false}, {PKT_MS - 3, true}, {PKT_MS - 5, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct trial *t = trial_timed(0, cases[i].pkt_ms);

		CU_ASSERT_EQUAL(judge(t), 0);
		CU_ASSERT(verdict_good(&t->v));
		verdict_free(&t->v);
		t->rules.period_ms = PERIOD_PKTS * PKT_MS;
		CU_ASSERT_EQUAL(judge(t), 0);
		CU_ASSERT_EQUAL(verdict_good(&t->v), cases[i].good);
		CU_ASSERT_EQUAL(t->v.periods_wrong, cases[i].good ? 0 : PERIODS - 2);
		CU_ASSERT_EQUAL(said(t, "by the source's PCR"), !cases[i].good);
		trial_free(t);
	}
}

// One flip at the wrong place spoils the two crypto-periods that it bounds.
static void one_flip_too_late(void)
{
	struct trial *t = trial_timed(0, PKT_MS);

	for (size_t i = 3 * PERIOD_PKTS; i < 3 * PERIOD_PKTS + 40; i++)
		if (ts_packet_tsc(t->capture.packet[2 + i]))
			ts_packet_set_tsc(t->capture.packet[2 + i], TS_TSC_EVEN);
	t->rules.period_ms = PERIOD_PKTS * PKT_MS;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT_EQUAL(t->v.periods_wrong, 2);
	trial_free(t);
}

static void no_clock(void)
{
	struct trial *t = trial_new(VERDICT_CSA);

	t->rules.period_ms = PERIOD_PKTS * PKT_MS;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "cannot be measured"));
	CU_ASSERT_EQUAL(t->v.periods_wrong, PERIODS - 2);
	trial_free(t);
}

static void one_parity(void)
{
	struct trial *t = trial_new(VERDICT_CSA);

	for (size_t i = 2; i < t->capture.n; i++)
		if (ts_packet_tsc(t->capture.packet[i]))
			ts_packet_set_tsc(t->capture.packet[i], TS_TSC_ODD);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "odd parity only"));
	CU_ASSERT_EQUAL(t->v.periods_captured, 0);
	verdict_free(&t->v);
	// The same is a good service of a fixed key.
	t->rules.min_periods = 0;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(verdict_good(&t->v));
	trial_free(t);
}

static void flip_apart(void)
{
	struct trial *t = trial_new(VERDICT_CSA);
	size_t at = 2 + 300;

	// The audio flips 40 packets after the video.
	for (size_t i = at; i < at + 40; i++)
		if (ts_packet_pid(t->capture.packet[i]) == AUDIO)
			ts_packet_set_tsc(t->capture.packet[i], TS_TSC_EVEN);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "PIDs flip apart"));
	trial_free(t);
}

static void small_share(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);
	size_t spoilt = 0;

	// Reserved TSC 01 is not scrambled, though it leaks nothing.
	for (size_t i = 2; i < t->capture.n && spoilt < 2; i++) {
		if (ts_packet_pid(t->capture.packet[i]) != AUDIO || payload_bytes(i - 2) != 184)
			continue;
		ts_packet_set_tsc(t->capture.packet[i], TS_TSC_RESERVED);
		spoilt++;
	}
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT_EQUAL(t->v.leaked, 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(t->v.pid[1].share < 0.99);
	CU_ASSERT(said(t, "PID 0x0102"));
	CU_ASSERT(!said(t, "PID 0x0101"));
	verdict_free(&t->v);
	t->rules.min_share = 0.9;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(t->v.identical);
	trial_free(t);
}

static void absent_from_capture(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);

	for (size_t i = t->capture.n; i-- > 2;)
		if (ts_packet_pid(t->capture.packet[i]) == AUDIO)
			drop(&t->capture, i);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(!t->v.identical);
	CU_ASSERT(said(t, "PID 0x0102: not in the capture"));
	trial_free(t);
}

// A capture that lost packets finds its place again.
static void capture_lost_some(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);

	for (size_t i = 0; i < 20; i++)
		drop(&t->capture, 250);
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(verdict_good(&t->v));
	CU_ASSERT_EQUAL(t->v.pid[0].misplaced, 0);
	CU_ASSERT_EQUAL(t->v.pid[0].place[t->v.pid[0].capture.n - 1], t->v.pid[0].source.n - 1);
	trial_free(t);
}

static void policy_overrides_type(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);

	t->rules.policy[SPLICE] = VERDICT_SCRAMBLED;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(t->v.leaked > 0);
	CU_ASSERT_EQUAL(t->v.leak[0].pid, SPLICE);
	verdict_free(&t->v);
	t->rules.policy[SPLICE] = VERDICT_CLEAR;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT(verdict_good(&t->v));
	trial_free(t);
}

static void no_such_programme(void)
{
	struct trial *t = trial_new(VERDICT_CISSA);

	t->rules.program = 8;
	CU_ASSERT_EQUAL(judge(t), -ENOENT);
	CU_ASSERT(said(t, "no programme 8"));
	verdict_free(&t->v);
	t->rules.program = 0;
	CU_ASSERT_EQUAL(judge(t), 0);
	CU_ASSERT_EQUAL(t->v.program, PROGRAM);
	verdict_free(&t->v);
	ts_packet_null(t->source.packet[1]);
	CU_ASSERT_EQUAL(judge(t), -ENOENT);
	CU_ASSERT(said(t, "no PMT"));
	verdict_free(&t->v);
	ts_packet_null(t->source.packet[0]);
	CU_ASSERT_EQUAL(judge(t), -ENOENT);
	CU_ASSERT(said(t, "no PAT"));
	trial_free(t);
}

static void reach_by_algorithm(void)
{
	CU_ASSERT_EQUAL(verdict_reach(VERDICT_CSA, 7), 0);
	CU_ASSERT_EQUAL(verdict_reach(VERDICT_CSA, 8), 8);
	CU_ASSERT_EQUAL(verdict_reach(VERDICT_CSA, 183), 183);
	CU_ASSERT_EQUAL(verdict_reach(VERDICT_CISSA, 15), 0);
	CU_ASSERT_EQUAL(verdict_reach(VERDICT_CISSA, 184), 176);
	CU_ASSERT_EQUAL(verdict_reach(VERDICT_IDSA, 1), 1);
	CU_ASSERT_EQUAL(verdict_reach(VERDICT_IDSA, 183), 183);
}

static const struct unit_test tests[] = {
	{"a good service passes", good_passes},
	{"a late receiver passes", late_receiver_passes},
	{"a late capture passes", late_capture_passes},
	{"a PID opened long after the others is found", one_pid_opened_late},
	{"the same with a fixed key", one_pid_opened_late_with_a_fixed_key},
	{"a leaked packet is found", leaked_packet},
	{"a leak on another PID is found", leaked_on_another_pid},
	{"a leak on another output is found", leaked_on_another_output},
	{"PSI of the source is no leak", psi_is_no_leak},
	{"one clear block is found", one_clear_block},
	{"a clear short payload is judged by algorithm", short_payload_clear},
	{"clear stuffing is found", clear_stuffing},
	{"a packet not marked as scrambled is found", not_marked},
	{"a packet missing at the end is found", missing_at_the_end},
	{"a packet missing in the middle is found", missing_in_the_middle},
	{"a packet missing on a clear PID is found", clear_pid_missing},
	{"an added packet is found", added_at_the_end},
	{"a flipped bit is found", flipped_bit},
	{"nothing opened is found", nothing_opened},
	{"opened noise is found", opened_is_noise},
	{"too few crypto-periods are found", too_few_periods},
	{"crypto-periods of the right length pass", period_length},
	{"crypto-periods of a wrong length are found", wrong_period_length},
	{"one flip too late is found", one_flip_too_late},
	{"crypto-periods without a clock are found", no_clock},
	{"one parity is found, and allowed for a fixed key", one_parity},
	{"PIDs that flip apart are found", flip_apart},
	{"a small share is found", small_share},
	{"a PID absent from the capture is found", absent_from_capture},
	{"a capture with losses finds its place", capture_lost_some},
	{"policy overrides the type", policy_overrides_type},
	{"no such programme", no_such_programme},
	{"reach by algorithm", reach_by_algorithm},
};

UNIT_MAIN("verdict", tests)

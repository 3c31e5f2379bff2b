// SPDX-License-Identifier: GPL-3.0-or-later
// Did anything of the source's scrambled PIDs leave in clear, on any PID?
//
// No PID is exempt from the search, null packets and PSI neither. What the source itself carries on PSI, SI and null
// packets is no secret: such a block is not searched for.
#include <verdict.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <verdict_blocks.h>

// Fewer are the same by chance in one packet of millions.
enum { LEAST_BYTES = 4 };

struct known {
	struct verdict_blocks whole; // 16 bytes, of payloads of 16 and more
	struct verdict_blocks brief; // 8 bytes, of payloads of 8 to 15 that CSA and IDSA scramble
	const struct known *open;    // never taken into this one; NULL: none
};

// Calls for the blocks of one payload that the algorithm reaches; stops at the first for which `visit` is true.
// Returns its offset in the payload, or -1.
static int each_block(enum verdict_algorithm algorithm, const uint8_t *payload, size_t n,
		      bool (*visit)(struct known *, const uint8_t *, size_t), struct known *known)
{
	size_t reach = verdict_reach(algorithm, n);

	if (n < VERDICT_BLOCK_BYTES)
		return reach >= VERDICT_SHORT_BLOCK_BYTES && visit(known, payload, VERDICT_SHORT_BLOCK_BYTES) ? 0 : -1;
	for (size_t i = 0; i + VERDICT_BLOCK_BYTES <= reach; i += VERDICT_BLOCK_BYTES)
		if (visit(known, payload + i, VERDICT_BLOCK_BYTES))
			return (int)i;
	return -1;
}

static bool has(const struct known *known, const uint8_t *block, size_t n)
{
	return verdict_blocks_has(n == VERDICT_BLOCK_BYTES ? &known->whole : &known->brief, block, n);
}

static bool visit_has(struct known *known, const uint8_t *block, size_t n)
{
	return has(known, block, n);
}

static bool visit_add(struct known *known, const uint8_t *block, size_t n)
{
	if (!known->open || !has(known->open, block, n))
		verdict_blocks_add(n == VERDICT_BLOCK_BYTES ? &known->whole : &known->brief, block, n);
	return false;
}

static int known_new(struct known *known, size_t packets)
{
	int rc = verdict_blocks_new(&known->whole, packets * (TS_PAYLOAD_MAX_BYTES / VERDICT_BLOCK_BYTES));

	return rc < 0 ? rc : verdict_blocks_new(&known->brief, packets);
}

static void known_free(struct known *known)
{
	verdict_blocks_free(&known->whole);
	verdict_blocks_free(&known->brief);
}

static bool is_open(const struct verdict *v, uint16_t pid)
{
	return pid <= TS_PID_SI_LAST || pid == TS_PID_NULL || v->pmt_pids[pid];
}

static int learn_open(struct known *open, const struct verdict *v, const struct flow_ts *source,
		      enum verdict_algorithm algorithm)
{
	size_t packets = 0, n;
	int rc;

	for (size_t i = 0; i < source->n; i++)
		packets += is_open(v, ts_packet_pid(flow_ts_at(source, i)));
	rc = known_new(open, packets);
	for (size_t i = 0; rc == 0 && i < source->n; i++) {
		const uint8_t *packet = flow_ts_at(source, i), *payload = verdict_payload(packet, &n);

		if (is_open(v, ts_packet_pid(packet)))
			each_block(algorithm, payload, n, visit_add, open);
	}
	return rc;
}

static int learn(struct known *known, const struct verdict *v, enum verdict_algorithm algorithm)
{
	size_t packets = 0, n;
	int rc;

	for (size_t i = 0; i < v->n; i++)
		packets += v->pid[i].scrambled ? v->pid[i].source.n : 0;
	rc = known_new(known, packets);
	for (size_t i = 0; rc == 0 && i < v->n; i++) {
		for (size_t k = 0; v->pid[i].scrambled && k < v->pid[i].source.n; k++) {
			const uint8_t *payload = verdict_payload(flow_track_at(&v->pid[i].source, k), &n);

			each_block(algorithm, payload, n, visit_add, known);
		}
	}
	return rc;
}

static void note(struct verdict *v, const struct verdict_leak *leak)
{
	if (v->leaked < VERDICT_LEAKS_SHOWN)
		v->leak[v->leaked] = *leak;
	v->leaked++;
}

// Offset of what is clear in a packet of a scrambled PID, -1 when it is not even marked, -2 when nothing is.
// `made_from` is its source packet or NULL: stuffing is in no block set, but equal to its own source it is clear too.
static int clear_in_own(const uint8_t *packet, const uint8_t *made_from, enum verdict_algorithm algorithm,
			struct known *known)
{
	size_t n;
	const uint8_t *payload = verdict_payload(packet, &n);
	int start = (int)(payload - packet), block;

	if (n >= VERDICT_BLOCK_BYTES && ts_packet_tsc(packet) == TS_TSC_CLEAR)
		return -1;
	block = each_block(algorithm, payload, n, visit_has, known);
	if (block >= 0)
		return start + block;
	if (made_from && verdict_reach(algorithm, n) >= LEAST_BYTES &&
	    memcmp(payload, made_from + start, verdict_reach(algorithm, n)) == 0)
		return start;
	return -2;
}

// Also counts, on the way, which packets are scrambled as they should be.
static void check_own(struct verdict *v, struct verdict_pid *pid, enum verdict_algorithm algorithm, struct known *known)
{
	size_t n;

	for (size_t c = 0; c < pid->capture.n; c++) {
		const uint8_t *packet = flow_track_at(&pid->capture, c);
		const uint8_t *from = pid->place[c] == VERDICT_NONE ? NULL : flow_track_at(&pid->source, pid->place[c]);
		int clear = clear_in_own(packet, from, algorithm, known);

		if (clear > -2)
			note(v,
			     &(struct verdict_leak){.packet = pid->capture.index[c], .pid = pid->pid, .offset = clear});
		verdict_payload(packet, &n);
		if (verdict_reach(algorithm, n) == 0)
			continue;
		pid->reached++;
		pid->covered += clear == -2 && from && ts_packet_tsc(packet) >= TS_TSC_EVEN;
	}
	pid->share = pid->reached ? (double)pid->covered / (double)pid->reached : 1.0;
}

// All other PIDs, known to the PMT or not.
static void check_others(struct verdict *v, const struct flow_ts *capture, enum verdict_algorithm algorithm,
			 struct known *known)
{
	bool own[TS_PIDS] = {0};
	size_t n;

	for (size_t i = 0; i < v->n; i++)
		own[v->pid[i].pid] = v->pid[i].scrambled;
	for (size_t c = 0; c < capture->n; c++) {
		const uint8_t *packet = flow_ts_at(capture, c), *payload;
		uint16_t pid = ts_packet_pid(packet);
		int block;

		if (own[pid])
			continue;
		payload = verdict_payload(packet, &n);
		block = each_block(algorithm, payload, n, visit_has, known);
		if (block >= 0)
			note(v, &(struct verdict_leak){.packet = c,
						       .pid = pid,
						       .offset = (int)(payload - packet) + block});
	}
}

// Other outputs, where nothing of the source may be. Only whole blocks count: the same short payload may stand there in
// clear as another service's own, which CISSA leaves so.
static void check_also(struct verdict *v, const struct verdict_rules *rules, struct known *known)
{
	size_t n;

	for (size_t i = 0; i < rules->also_n; i++) {
		for (size_t c = 0; c < rules->also[i].n; c++) {
			const uint8_t *packet = flow_ts_at(&rules->also[i], c), *payload = verdict_payload(packet, &n);
			int block = n < VERDICT_BLOCK_BYTES
					    ? -1
					    : each_block(rules->algorithm, payload, n, visit_has, known);

			if (block >= 0)
				note(v, &(struct verdict_leak){.packet = c,
							       .pid = ts_packet_pid(packet),
							       .offset = (int)(payload - packet) + block,
							       .capture = i + 1});
		}
	}
}

static void explain(struct verdict *v)
{
	char where[40] = "";

	if (v->leak[0].capture > 0)
		snprintf(where, sizeof(where), " of other capture %zu", v->leak[0].capture);
	base_errs_add(&v->reasons, "capture", "%zu packets leaked, the first is packet %zu%s on PID 0x%04x", v->leaked,
		      v->leak[0].packet, where, v->leak[0].pid);
}

int verdict_leak_check(struct verdict *v, const struct verdict_rules *rules, const struct flow_ts *source,
		       const struct flow_ts *capture)
{
	struct known open = {0}, known = {.open = &open};
	int rc;

	rc = learn_open(&open, v, source, rules->algorithm);
	if (rc == 0)
		rc = learn(&known, v, rules->algorithm);
	if (rc == 0) {
		for (size_t i = 0; i < v->n; i++)
			if (v->pid[i].scrambled)
				check_own(v, &v->pid[i], rules->algorithm, &known);
		check_others(v, capture, rules->algorithm, &known);
		check_also(v, rules, &known);
		if (v->leaked)
			explain(v);
	}
	known_free(&known);
	known_free(&open);
	return rc;
}

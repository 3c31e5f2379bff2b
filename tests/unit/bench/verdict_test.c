// SPDX-License-Identifier: GPL-3.0-or-later
// The checker: it passes a stream that is right, and names each fault that is planted in it.
#include <stdlib.h>
#include <string.h>

#include <dvbcsa/dvbcsa.h>
#include <openssl/evp.h>

#include <unit.h>

#include "path/outcome.h"

enum { SERVICES = 4, PROGRAMMES = 2, DATAGRAMS = 40, PERIOD_MS = 1000 };

static const struct base_clock nanoseconds = {.tsc_hz = 1000000000, .us_per_tsc_q32 = (UINT64_C(1) << 32) / 1000};

// Two multiplexes of two programmes; even services in CSA2, odd ones in CISSA.
struct made {
	struct bench_store store;
	struct bench_stream stream[SERVICES / PROGRAMMES];
	struct dp_conf *conf;
	struct bench_verdict verdict;
	struct bench_watch watch;
	uint64_t tick;
};

static void open_all(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made->conf = calloc(1, sizeof(*made->conf));
	CU_ASSERT_PTR_NOT_NULL_FATAL(made->conf);
	for (unsigned i = 0; i < SERVICES; i++)
		made->conf->service[i].algorithm = i % 2 ? DP_CISSA : DP_CSA2;
	bench_store_init(&made->store, &nanoseconds);
	for (unsigned i = 0; i < SERVICES / PROGRAMMES; i++) {
		const struct bench_shape shape = {.first_service = i * PROGRAMMES,
						  .programmes = PROGRAMMES,
						  .group = 0xEF010100 + i,
						  .udp_port = 5000,
						  .null_percent = 5};

		bench_stream_init(&made->stream[i], &shape, &made->store);
		made->stream[i].origin_tick = made->stream[i].last_tick = 0;
	}
	made->verdict = (struct bench_verdict){.stream = made->stream,
					       .programmes = PROGRAMMES,
					       .conf = made->conf,
					       .period_ms = PERIOD_MS};
	CU_ASSERT_EQUAL_FATAL(bench_verdict_init(&made->verdict), 0);
	CU_ASSERT_EQUAL_FATAL(bench_watch_init(&made->watch, SERVICES, PROGRAMMES, true), 0);
	made->tick = nanoseconds.tsc_hz / 20;
}

static void close_all(struct made *made)
{
	bench_watch_fini(&made->watch);
	bench_verdict_fini(&made->verdict);
	free(made->conf);
}

static void scramble_cissa(const uint8_t *cw, uint8_t *payload, int blocks)
{
	static const uint8_t iv[] = "DVBTMCPTAESCISSA";
	EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
	int out;

	CU_ASSERT_EQUAL_FATAL(EVP_EncryptInit_ex(aes, EVP_aes_128_cbc(), NULL, cw, iv), 1);
	CU_ASSERT_EQUAL_FATAL(EVP_EncryptUpdate(aes, payload, &out, payload, blocks), 1);
	EVP_CIPHER_CTX_free(aes);
}

static void scramble_csa2(const uint8_t *cw, uint8_t *payload, unsigned n)
{
	struct dvbcsa_key_s *key = dvbcsa_key_alloc();

	CU_ASSERT_PTR_NOT_NULL_FATAL(key);
	dvbcsa_key_set(cw, key);
	dvbcsa_encrypt(key, payload, n);
	dvbcsa_key_free(key);
}

static void scramble(const struct made *made, unsigned service, uint8_t *packet, unsigned cp, unsigned parity)
{
	enum dp_algorithm algorithm = made->conf->service[service].algorithm;
	unsigned offset = (unsigned)ts_packet_payload_offset(packet), n = TS_PACKET_BYTES - offset;
	uint8_t cw[DP_CW_MAX_BYTES];

	bench_compose_word(cw, dp_algorithm[algorithm].cw_bytes, service, cp);
	if (algorithm == DP_CSA2)
		scramble_csa2(cw, packet + offset, n);
	else
		scramble_cissa(cw, packet + offset, (int)(n - n % 16));
	ts_packet_set_tsc(packet, parity ? TS_TSC_ODD : TS_TSC_EVEN);
}

// What may be done wrong to the `at`th elementary packet of a run.
enum fault { NONE, CLEAR, WRONG_PARITY, WRONG_KEY, WRONG_PERIOD, CHANGED, LOST, OTHERS, FAULTS };

static void send(struct made *made, unsigned service, uint8_t *packet, unsigned cp, enum fault fault)
{
	uint8_t frame[BENCH_HEADER_BYTES + TS_PACKET_BYTES] = {0};
	struct bench_tag tag;

	if (fault == WRONG_KEY)
		scramble(made, (service + 2) % SERVICES, packet, cp, cp % 2);
	else if (fault == WRONG_PARITY)
		scramble(made, service, packet, cp, !(cp % 2));
	else if (fault == WRONG_PERIOD)
		scramble(made, service, packet, cp + 2, cp % 2);
	else if (fault != CLEAR)
		scramble(made, service, packet, cp, cp % 2);
	if (fault == CHANGED)
		packet[100] ^= 1;
	if (fault == LOST)
		return;
	frame[33] = (uint8_t)(fault == OTHERS ? (service + 1) % SERVICES : service);
	memcpy(frame + BENCH_HEADER_BYTES, packet, TS_PACKET_BYTES);
	CU_ASSERT_EQUAL(bench_watch_frame(&made->watch, frame, sizeof(frame)), frame[33]);
	bench_verdict_packet(&made->verdict, service, packet, &tag);
}

// Some datagrams of both inputs over more than three crypto-periods; one elementary packet has the fault.
static void run(struct made *made, enum fault fault)
{
	uint8_t frame[BENCH_FRAME_BYTES];
	unsigned sent = 0;

	for (unsigned i = 0; i < 2 * DATAGRAMS; i++, made->tick += nanoseconds.tsc_hz / 24) {
		struct bench_stream *stream = &made->stream[i % 2];

		bench_stream_next(stream, made->tick, i, frame);
		for (unsigned k = 0; k < DP_DGRAM_SLOTS; k++) {
			uint8_t *packet = frame + BENCH_HEADER_BYTES + k * TS_PACKET_BYTES;
			struct bench_tag tag;

			if (!bench_is_elementary(ts_packet_pid(packet)))
				continue;
			memcpy(&tag, packet + ts_packet_payload_offset(packet), sizeof(tag));
			uint64_t first = stream->first_pcr_27mhz ? stream->first_pcr_27mhz : tag.media_27mhz;
			unsigned cp = (unsigned)((tag.media_27mhz - first) / (27000 * PERIOD_MS)) % 4;

			send(made, tag.service, packet, cp, sent++ == 100 ? fault : NONE);
		}
	}
}

static struct bench_outcome judge(enum fault fault)
{
	struct made made;

	open_all(&made);
	run(&made, fault);
	struct bench_outcome outcome = {.watched = made.watch.counts, .verdict = made.verdict.counts};

	close_all(&made);
	return outcome;
}

static void test_right(void)
{
	struct bench_outcome outcome = judge(NONE);

	CU_ASSERT(bench_outcome_sound(&outcome));
	CU_ASSERT(outcome.verdict.opened > 400 && outcome.watched.pkts == outcome.verdict.opened);
}

static void test_lost(void)
{
	struct bench_outcome outcome = judge(LOST);

	CU_ASSERT_EQUAL(outcome.watched.breaks, 1);
	CU_ASSERT_FALSE(bench_outcome_sound(&outcome));
	outcome.named_pkts = 1; // and counted as lost: then it is a loss
	CU_ASSERT(bench_outcome_sound(&outcome));
}

static void test_clear(void)
{
	struct bench_outcome outcome = judge(CLEAR);

	CU_ASSERT(outcome.watched.clear_pkts == 1 && outcome.verdict.clear == 1);
	CU_ASSERT_FALSE(bench_outcome_sound(&outcome));
}

static void test_wrong_parity(void)
{
	struct bench_outcome outcome = judge(WRONG_PARITY);

	CU_ASSERT(outcome.verdict.wrong_parity == 1 && outcome.verdict.unopened == 0);
	CU_ASSERT_FALSE(bench_outcome_sound(&outcome));
}

static void test_wrong_key(void)
{
	struct bench_outcome outcome = judge(WRONG_KEY);

	CU_ASSERT(outcome.verdict.unopened == 1 && outcome.verdict.wrong_parity == 0);
	CU_ASSERT_FALSE(bench_outcome_sound(&outcome));
}

static void test_wrong_period(void)
{
	struct bench_outcome outcome = judge(WRONG_PERIOD);

	CU_ASSERT(outcome.verdict.wrong_period == 1 && outcome.verdict.unopened == 0);
	CU_ASSERT_FALSE(bench_outcome_sound(&outcome));
}

static void test_changed(void)
{
	struct bench_outcome outcome = judge(CHANGED);

	CU_ASSERT_EQUAL(outcome.verdict.unopened, 1);
	CU_ASSERT_FALSE(bench_outcome_sound(&outcome));
}

static void test_others(void)
{
	struct bench_outcome outcome = judge(OTHERS);

	CU_ASSERT(outcome.watched.odd_pkts + outcome.watched.breaks > 0);
	CU_ASSERT_FALSE(bench_outcome_sound(&outcome));
}

static const struct unit_test tests[] = {
	{"right", test_right},         {"lost", test_lost},
	{"clear", test_clear},         {"wrong parity", test_wrong_parity},
	{"wrong key", test_wrong_key}, {"wrong period", test_wrong_period},
	{"changed", test_changed},     {"in another service", test_others},
};

UNIT_MAIN("bench path verdict", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// A synthetic programme on air: video, audio and SCTE 35, with PES starts, short payloads and adaptation fields.
#include <air.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <CUnit/Basic.h>

#include <dvbcsa/dvbcsa.h>
#include <openssl/evp.h>

void air_keys(struct air_plan *plan)
{
	for (size_t i = 0; i < 16; i++) {
		for (size_t k = 0; k < STB_CW_MAX_BYTES; k++)
			plan->cw[i][k] = (uint8_t)(i * 41 + k * 13 + 7);
		if (plan->algorithm != STB_CSA1)
			continue;
		plan->cw[i][3] = (uint8_t)(plan->cw[i][0] + plan->cw[i][1] + plan->cw[i][2]);
		plan->cw[i][7] = (uint8_t)(plan->cw[i][4] + plan->cw[i][5] + plan->cw[i][6]);
	}
}

size_t air_psi(uint8_t (*packets)[TS_PACKET_BYTES], int scrambling_mode, uint8_t version, bool audio, uint8_t cc)
{
	uint8_t mode[3] = {TS_DESC_SCRAMBLING, 1, (uint8_t)scrambling_mode}, section[1024], pat_cc = cc, pmt_cc = cc;
	struct ts_pat pat = {.transport_stream_id = 1, .current = true, .n = 1, .program[0] = {AIR_PROGRAM, AIR_PMT}};
	struct ts_pmt pmt = {
		.program_number = AIR_PROGRAM,
		.version = version,
		.current = true,
		.pcr_pid = AIR_VIDEO,
		.info = {mode, scrambling_mode < 0 ? 0 : 3},
		.n = audio ? 3 : 2,
		.stream = {{0x1B, AIR_VIDEO, {0}}, {0x86, AIR_SPLICE, {0}}, {0x0F, AIR_AUDIO, {0}}},
	};
	int n = ts_pat_write(section, sizeof(section), &pat);

	CU_ASSERT_EQUAL_FATAL(ts_section_packetize(&packets[0], 1, section, (size_t)n, TS_PID_PAT, &pat_cc), 1);
	n = ts_pmt_write(section, sizeof(section), &pmt);
	CU_ASSERT_EQUAL_FATAL(ts_section_packetize(&packets[1], 1, section, (size_t)n, AIR_PMT, &pmt_cc), 1);
	return 2;
}

static unsigned payload_bytes(size_t i, bool start)
{
	return start ? 184 : i % 17 == 5 ? 7 : i % 19 == 6 ? 13 : i % 23 == 7 ? 100 : 184;
}

static void write_packet(uint8_t *p, size_t i, uint16_t pid, uint8_t *cc)
{
	bool start = pid != AIR_SPLICE && *cc % 8 == 0;
	unsigned n = payload_bytes(i, start), stuffing = 184 - n;
	uint32_t noise = (uint32_t)i * 7919 + 1;

	p[0] = TS_SYNC_BYTE;
	p[1] = start ? 0x40 : 0;
	p[3] = (uint8_t)((stuffing ? 0x30 : 0x10) | (*cc)++ % 16);
	ts_packet_set_pid(p, pid);
	if (stuffing) {
		p[4] = (uint8_t)(stuffing - 1);
		p[5] = 0;
		memset(p + 6, 0xFF, stuffing - 2);
	}
	for (unsigned k = 4 + stuffing; k < TS_PACKET_BYTES; k++) {
		noise = noise * 1664525 + 1013904223;
		p[k] = (uint8_t)(noise >> 16);
	}
	if (start)
		memcpy(p + 4, (const uint8_t[]){0, 0, 1, 0xE0}, 4);
}

static void encrypt_cissa(const uint8_t *cw, uint8_t *payload, int n)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int out = 0;

	CU_ASSERT_EQUAL(EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, cw, (const uint8_t *)"DVBTMCPTAESCISSA"), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	CU_ASSERT_EQUAL(EVP_EncryptUpdate(ctx, payload, &out, payload, n / 16 * 16), 1);
	EVP_CIPHER_CTX_free(ctx);
}

void air_scramble(uint8_t *packet, enum stb_algorithm algorithm, const uint8_t *cw, unsigned parity)
{
	int offset = ts_packet_payload_offset(packet), n = TS_PACKET_BYTES - offset;

	CU_ASSERT_FATAL(n > 0);
	ts_packet_set_tsc(packet, parity);
	if (algorithm == STB_CISSA) {
		encrypt_cissa(cw, packet + offset, n);
	} else if (n >= 8) {
		struct dvbcsa_key_s *key = dvbcsa_key_alloc();

		dvbcsa_key_set(cw, key);
		dvbcsa_encrypt(key, packet + offset, (unsigned)n);
		dvbcsa_key_free(key);
	}
}

void air_new(struct air *air, const struct air_plan *plan)
{
	size_t content = plan->periods * plan->period_pkts;
	uint8_t cc[3] = {0}, psi_cc = 0;

	air->n = 0;
	air->clear = calloc(content + content / 50 * 2 + 2, TS_PACKET_BYTES);
	air->aired = calloc(content + content / 50 * 2 + 2, TS_PACKET_BYTES);
	CU_ASSERT_FATAL(air->clear && air->aired);
	for (size_t i = 0; i < content; i++) {
		uint16_t pid = i % 7 == 3 ? AIR_AUDIO : i % 40 == 11 ? AIR_SPLICE : AIR_VIDEO;
		size_t period = i / plan->period_pkts;

		if (i % 50 == 0) {
			air_psi(&air->clear[air->n], plan->scrambling_mode, 0, true, psi_cc++);
			memcpy(air->aired[air->n], air->clear[air->n], 2 * TS_PACKET_BYTES);
			air->n += 2;
		}
		write_packet(air->clear[air->n], i, pid, &cc[pid - AIR_VIDEO]);
		memcpy(air->aired[air->n], air->clear[air->n], TS_PACKET_BYTES);
		if (pid != AIR_SPLICE)
			air_scramble(air->aired[air->n], plan->algorithm, plan->cw[period],
				     (plan->first_cp + period) & 1 ? TS_TSC_ODD : TS_TSC_EVEN);
		air->n++;
	}
}

void air_free(struct air *air)
{
	free(air->clear);
	free(air->aired);
}

size_t air_schedule(char *text, size_t capacity, const struct air_plan *plan, size_t from, size_t periods, bool repeat)
{
	size_t bytes = plan->algorithm == STB_CISSA ? 16 : 8;
	int at = snprintf(text, capacity, "group air period_ms 1000%s\n", repeat ? " repeat" : "");

	for (size_t i = from; i < from + periods; i++) {
		unsigned cp = (plan->first_cp + (unsigned)i) & 0xFFFF;

		at += snprintf(text + at, capacity - (size_t)at, "cp %u %s ", cp, cp & 1 ? "odd" : "even");
		at += base_bytes_to_hex(text + at, capacity - (size_t)at, plan->cw[i % 16], bytes);
		at += snprintf(text + at, capacity - (size_t)at, "\n");
	}
	return (size_t)at;
}

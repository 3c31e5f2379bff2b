// SPDX-License-Identifier: GPL-3.0-or-later
// One packet through the receiver: count, follow the tables, open.
#include <stb_receiver.h>

#include <errno.h>
#include <stdlib.h>

static int init_client(struct stb_receiver *r)
{
	if (!r->config->keys)
		return 0;
	if (base_secret_init(&r->words, (size_t)STB_PROGRAMMES_MAX * STB_WORDS_BYTES) < 0)
		return -ENOMEM;
	return stb_client_init(&r->client, r->config->keys);
}

int stb_receiver_init(struct stb_receiver *r, const struct stb_receiver_config *config)
{
	*r = (struct stb_receiver){.config = config};
	r->pid = calloc(TS_PIDS, sizeof(*r->pid));
	r->programme = calloc(STB_PROGRAMMES_MAX, sizeof(*r->programme));
	if (r->pid && r->programme && stb_emms_init(&r->emms) == 0 && init_client(r) == 0 &&
	    stb_psi_listen(r, TS_PID_PAT) == 0 && stb_psi_listen(r, TS_PID_CAT) == 0)
		return 0;
	stb_receiver_fini(r);
	return -ENOMEM;
}

void stb_receiver_fini(struct stb_receiver *r)
{
	for (size_t i = 0; i < r->programmes; i++) {
		stb_follower_fini(&r->programme[i].follower);
		stb_words_fini(&r->programme[i].words);
	}
	stb_client_fini(&r->client);
	base_secret_fini(&r->words);
	stb_emms_fini(&r->emms);
	for (size_t i = 0; r->pid && i < TS_PIDS; i++)
		free(r->pid[i].sections);
	free(r->programme);
	free(r->pid);
	*r = (struct stb_receiver){0};
}

// continuity_counter: one more with payload, the same without; the same with payload is a duplicate.
static void count_continuity(struct stb_pid *pid, const uint8_t *packet)
{
	unsigned cc = ts_packet_cc(packet), step = (cc - pid->cc) & 15;
	bool payload = ts_packet_has_payload(packet);

	if (pid->cc_known && !ts_packet_discontinuity(packet)) {
		if (payload && step == 0)
			pid->duplicates++;
		else if (step != payload)
			pid->cc_errors++;
	}
	pid->cc_known = true;
	pid->cc = cc;
}

static void count_parity(struct stb_pid *pid, unsigned parity)
{
	pid->even += parity == TS_TSC_EVEN;
	pid->odd += parity == TS_TSC_ODD;
	pid->parity_changes += pid->parity != 0 && pid->parity != parity;
	pid->parity = parity;
}

static enum stb_result open_packet(struct stb_receiver *r, struct stb_pid *pid, uint8_t *packet)
{
	struct stb_programme *p = pid->programme;

	if (!p)
		return STB_NO_PROGRAMME;
	if (!r->config->keys)
		return stb_follower_open(&p->follower, &pid->key, packet);
	if (p->ecm.pid == TS_PID_NULL || pid->other_ecm)
		return STB_NO_ECM;
	return stb_words_open(&p->words, &pid->key, packet);
}

static void take_scrambled(struct stb_receiver *r, struct stb_pid *pid, uint8_t *packet)
{
	count_parity(pid, ts_packet_tsc(packet));
	pid->result[open_packet(r, pid, packet)]++;
}

static void take_clock(struct stb_receiver *r, uint16_t number, const uint8_t *packet)
{
	uint64_t pcr;

	if (!ts_packet_pcr(packet, &pcr))
		return;
	for (size_t i = 0; i < r->programmes; i++) {
		if (r->programme[i].pcr_pid != number)
			continue;
		r->programme[i].words.clock_known = true;
		r->programme[i].words.clock_27mhz = pcr;
	}
}

int stb_receiver_packet(struct stb_receiver *r, uint8_t *packet)
{
	uint16_t number = ts_packet_pid(packet);
	struct stb_pid *pid = &r->pid[number];
	unsigned tsc = ts_packet_tsc(packet);

	r->pkts++;
	pid->pkts++;
	// A null packet has neither continuity nor content.
	if (number == TS_PID_NULL)
		return 0;
	if (ts_packet_error_indicator(packet) || tsc == TS_TSC_RESERVED || ts_packet_payload_offset(packet) < 0) {
		pid->result[STB_BROKEN]++;
		return 0;
	}
	count_continuity(pid, packet);
	take_clock(r, number, packet);
	if (pid->sections)
		stb_psi_packet(r, pid, packet);
	if (!ts_packet_has_payload(packet))
		return r->error;
	if (tsc == TS_TSC_CLEAR)
		pid->clear_payload++;
	else
		take_scrambled(r, pid, packet);
	return r->error;
}

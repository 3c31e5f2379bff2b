// SPDX-License-Identifier: GPL-3.0-or-later
// A long walk in no order: packets of services under several keys and algorithms, edges, dying keys, what is made here,
// deadlines and want of buffers, whenever they fall upon datagrams that are half full. Whatever leaves an output is
// what was put into it, in that order, each packet under the key it came under.
#include "stage/place.h"
#include "worker_rig.h"

enum { SERVICES = 7, OUTPUTS = 3, MADE = 0x1FE, SECOND = 27000000, WISHES_MAX = 10000, STEPS = 400 };

static struct wish {
	const struct dp_output *output;
	uint8_t bytes[TS_PACKET_BYTES];
} wish[WISHES_MAX];
static size_t wishes;

static struct stream {
	uint8_t clear[TS_PACKET_BYTES], left[TS_PACKET_BYTES]; // the last packet, as it came and as it is to leave
	uint32_t generation;                                   // of the key it came under
	bool any;
} stream[SERVICES];

static uint8_t word[DP_CONF_SERVICES_MAX]; // first byte of the CW on air, by group
static uint16_t number[DP_CONF_SERVICES_MAX];
static uint32_t state;

static uint32_t any(uint32_t n)
{
	state = state * UINT32_C(1664525) + UINT32_C(1013904223);
	return (uint32_t)((uint64_t)state * n >> 32);
}

static uint16_t pid_of(unsigned i)
{
	return (uint16_t)(0x100 + 16 * i);
}

// What the reference makes of a packet under the CW that begins with `first`.
static void scrambled(uint8_t *packet, enum dp_algorithm algorithm, uint8_t first, bool odd)
{
	static _Alignas(64) uint8_t scratch[1024], key[256];
	const struct dp_cipher_ops *ops = dp_choice_climb(dp_cipher_list(algorithm), "reference", 0);
	uint8_t clear[TS_PACKET_BYTES + 192] = {0}, cw[DP_CW_MAX_BYTES];
	unsigned offset = (unsigned)ts_packet_payload_offset(packet);

	memcpy(clear, packet, TS_PACKET_BYTES);
	struct dp_lane lane = {clear + offset, packet + offset, key, (uint8_t)(TS_PACKET_BYTES - offset), false};

	for (unsigned k = 0; k < sizeof(cw); k++)
		cw[k] = (uint8_t)(first + 29 * k);
	CU_ASSERT_EQUAL_FATAL(ops->init(scratch), 0);
	dp_cipher_set_key(ops, scratch, key, cw);
	dp_cipher_scramble(ops, scratch, &lane, 1);
	ts_packet_set_tsc(packet, odd ? TS_TSC_ODD : TS_TSC_EVEN);
}

static void want(const struct dp_output *output, const uint8_t *packet)
{
	CU_ASSERT_FATAL(wishes < WISHES_MAX);
	wish[wishes].output = output;
	memcpy(wish[wishes++].bytes, packet, TS_PACKET_BYTES);
}

static void put(unsigned i)
{
	const struct dp_service *service = &rig.lineup.service[i];
	const struct dp_keyslot *slot = service->group ? &service->period->slot : NULL;
	struct stream *s = &stream[i];
	bool twice = s->any && any(9) == 0;
	uint8_t *packet = twice ? memcpy(rig_put(pid_of(i)), s->clear, TS_PACKET_BYTES) : rig_payload(pid_of(i));

	if (!twice && any(4) == 0) { // some adaptation field, and less payload
		packet[3] |= 0x20;
		packet[4] = (uint8_t)any(183);
		if (packet[4])
			packet[5] = 0;
	}
	memcpy(s->clear, packet, TS_PACKET_BYTES);
	if (!slot) {
		memcpy(s->left, packet, TS_PACKET_BYTES);
	} else if (!twice || !(s->generation == slot->current_generation ||
			       (s->generation + 1 == slot->current_generation && dp_keyslot_of(slot, s->generation)))) {
		size_t at = (size_t)(service->group - rig.lineup.group);

		memcpy(s->left, packet, TS_PACKET_BYTES);
		scrambled(s->left, service->group->algorithm, word[at], number[at] % 2);
		s->generation = slot->current_generation;
	}
	s->any = true;
	want(service->output, s->left);
}

static void made(void)
{
	struct dp_output *output = &rig.lineup.output[any(OUTPUTS)];
	uint8_t packet[TS_PACKET_BYTES];

	ts_packet_null(packet);
	ts_packet_set_pid(packet, MADE);
	memcpy(packet + 8, &wishes, sizeof(wishes));
	CU_ASSERT_PTR_NOT_NULL(dp_place_put(&rig.worker, output, packet, DP_SLOT_PSI));
	want(output, packet);
}

static void edge(void)
{
	size_t at = any(rig.lineup.groups);
	struct dp_group *group = &rig.lineup.group[at];
	uint8_t first = (uint8_t)any(256);

	CU_ASSERT_EQUAL_FATAL(rig_period(group->name, (uint16_t)(number[at] + 1), SECOND, first), 0);
	group->period.media.now_27mhz = dp_period_edge(&group->period);
	CU_ASSERT_TRUE_FATAL(dp_stage_due(group));
	dp_stage_advance(&rig.worker, group);
	word[at] = first;
	number[at]++;
}

static void key_dies(void)
{
	struct dp_period *period = &rig.lineup.group[any(rig.lineup.groups)].period;

	period->media.now_27mhz = period->started_27mhz + SECOND / 2 + 1;
}

static void late(void)
{
	rig.lineup.output[any(OUTPUTS)].opened_tick = 0;
}

static void step(void)
{
	switch (any(12)) {
	case 0:
		edge();
		break;
	case 1:
		key_dies();
		break;
	case 2:
		made();
		break;
	case 3:
		late();
		break;
	case 4:
		dp_place_null(&rig.worker, &rig.lineup.output[any(OUTPUTS)]);
		break;
	default:
		for (unsigned n = any(4) ? any(9) : any(200); n > 0; n--)
			put(any(SERVICES));
		while (rig.in_read < rig.in_n)
			dp_worker_pass(&rig.worker);
		if (rig.in_n > RIG_PKTS_MAX - 200) // what waits is in buffers of its own
			rig.in_n = rig.in_read = 0;
		break;
	}
	dp_worker_pass(&rig.worker);
}

static void started(void)
{
	static const char *const groups[SERVICES] = {"g", "h", "w", "g", "h", NULL, "w"};

	rig_conf();
	rig.conf.services = SERVICES;
	rig.conf.outputs = OUTPUTS;
	for (unsigned i = 0; i < SERVICES; i++)
		rig_service(i, (uint16_t)(i + 1), i % OUTPUTS, groups[i],
			    !groups[i]            ? DP_CSA2
			    : groups[i][0] == 'g' ? DP_CSA2
			    : groups[i][0] == 'h' ? DP_CSA1
						  : DP_CISSA);
	for (unsigned i = 0; i < OUTPUTS; i++)
		rig.conf.output[i].deadline_us = 1000000;
	rig_start();
	rig.worker.housekeeping_ticks = 0;
	rig.worker.batch_wait_ticks = UINT64_MAX;
	wishes = 0;
	memset(stream, 0, sizeof(stream));
	memset(number, 0, sizeof(number));
	for (size_t i = 0; i < rig.lineup.groups; i++) {
		word[i] = 0x11;
		CU_ASSERT_EQUAL_FATAL(rig_period(rig.lineup.group[i].name, 0, SECOND, 0x11), 0);
	}
	rig_pat();
	for (unsigned i = 0; i < SERVICES; i++)
		rig_pmt((uint16_t)(i + 1), TS_PID_NULL, pid_of(i), 1);
	while (rig.in_read < rig.in_n)
		dp_worker_pass(&rig.worker);
}

static bool looked_at(const uint8_t *packet)
{
	return ts_packet_pid(packet) >= 0x100 && ts_packet_pid(packet) != TS_PID_NULL;
}

// How many packets left otherwise than they were to.
static size_t wrong(void)
{
	size_t next[OUTPUTS] = {0}, bad = 0;

	for (size_t i = 0; i < rig.out_n; i++)
		for (unsigned at = 0; at < rig.out[i].bytes; at += TS_PACKET_BYTES) {
			const uint8_t *packet = rig.out[i].ts + at;
			size_t *k = &next[rig.out[i].output - rig.lineup.output];

			if (!looked_at(packet))
				continue;
			while (*k < wishes && wish[*k].output != rig.out[i].output)
				++*k;
			bad += *k == wishes || memcmp(packet, wish[(*k)++].bytes, TS_PACKET_BYTES) != 0;
		}
	for (unsigned i = 0; i < OUTPUTS; i++)
		for (; next[i] < wishes; next[i]++)
			bad += wish[next[i]].output == &rig.lineup.output[i];
	return bad;
}

static void walk(void)
{
	for (uint32_t seed = 1; seed <= 2; seed++) {
		state = seed;
		started();
		for (unsigned i = 0; i < STEPS && wishes < WISHES_MAX - 2000; i++)
			step();
		rig_run();
		CU_ASSERT_TRUE(wishes > 3000);
		CU_ASSERT_EQUAL(wrong(), 0);
		for (unsigned i = 0; i < OUTPUTS; i++)
			for (unsigned d = 0; d < DP_DROPS; d++)
				CU_ASSERT_EQUAL(rig.lineup.output[i].stats.drops[d], 0);
		rig_end();
	}
}

int main(void)
{
	static const struct unit_test tests[] = {{"walk", walk}};

	return rig_open() ? 1 : unit_run("hold walk", tests, 1);
}

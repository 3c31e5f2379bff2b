// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/watch.h"

#include <errno.h>
#include <stdlib.h>

#include <ts_packet.h>

enum { GROUP_OFFSET = 30, COUNTER_PAT = BENCH_PIDS, COUNTER_CAT, COUNTERS, SEEN = 0x10 };

// So that none is in two cache lines.
struct bench_watch_state {
	uint8_t next[COUNTERS]; // continuity_counter, by enum bench_pid, and SEEN
} __attribute__((aligned(8)));

int bench_watch_init(struct bench_watch *watch, unsigned services, unsigned programmes, bool scrambled)
{
	*watch = (struct bench_watch){.services = services, .programmes = programmes, .scrambled = scrambled};
	watch->state = calloc(services, sizeof(*watch->state));
	return watch->state ? 0 : -ENOMEM;
}

uint64_t bench_watch_bytes(const struct bench_watch *watch)
{
	return watch->services * sizeof(*watch->state);
}

void bench_watch_fini(struct bench_watch *watch)
{
	free(watch->state);
	*watch = (struct bench_watch){0};
}

static void follow(struct bench_watch *watch, struct bench_watch_state *state, unsigned counter, const uint8_t *packet)
{
	uint8_t cc = (uint8_t)ts_packet_cc(packet);

	watch->counts.breaks += state->next[counter] && state->next[counter] != (SEEN | cc);
	state->next[counter] = SEEN | ((cc + 1) & 0x0F);
}

static void look(struct bench_watch *watch, unsigned service, const uint8_t *packet)
{
	struct bench_watch_state *state = &watch->state[service];
	uint16_t pid = ts_packet_pid(packet);
	unsigned which = pid - bench_pid(service % watch->programmes, BENCH_PMT);

	watch->counts.pkts++;
	if (!ts_packet_synced(packet)) {
		watch->counts.odd_pkts++;
		return;
	}
	if (which == BENCH_VIDEO || which == BENCH_AUDIO) {
		follow(watch, state, which, packet);
		watch->counts.clear_pkts +=
			watch->scrambled ? ts_packet_tsc(packet) < TS_TSC_EVEN : ts_packet_tsc(packet) != TS_TSC_CLEAR;
	} else if (which == BENCH_PMT) {
		follow(watch, state, which, packet);
	} else if (pid == TS_PID_PAT) {
		follow(watch, state, COUNTER_PAT, packet);
	} else if (pid == TS_PID_CAT) {
		follow(watch, state, COUNTER_CAT, packet);
	} else if (pid != TS_PID_NULL) {
		watch->counts.odd_pkts++;
	}
}

// Output groups are 239.2.x.y (compose.c).
int bench_watch_frame(struct bench_watch *watch, const uint8_t *frame, size_t bytes)
{
	unsigned service = (unsigned)frame[GROUP_OFFSET + 2] << 8 | frame[GROUP_OFFSET + 3];

	if (bytes < BENCH_HEADER_BYTES + TS_PACKET_BYTES || service >= watch->services) {
		watch->counts.odd_pkts++;
		return -1;
	}
	for (size_t at = BENCH_HEADER_BYTES; at + TS_PACKET_BYTES <= bytes; at += TS_PACKET_BYTES)
		look(watch, service, frame + at);
	return (int)service;
}

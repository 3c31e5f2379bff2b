// SPDX-License-Identifier: GPL-3.0-or-later
// Finds the place in the schedule: which CWs open a packet that begins a PES?
#include <stb_follower.h>

#include <string.h>

bool stb_pes_begins(const uint8_t *packet)
{
	static const uint8_t prefix[3] = {0, 0, 1};
	int offset = ts_packet_payload_offset(packet);

	return offset >= 0 && offset + 3 <= TS_PACKET_BYTES && memcmp(packet + offset, prefix, sizeof(prefix)) == 0;
}

static bool opens(struct stb_follower *f, const uint8_t *packet, uint32_t index)
{
	uint8_t trial[TS_PACKET_BYTES];
	int offset = ts_packet_payload_offset(packet);

	memcpy(trial, packet, sizeof(trial));
	f->cipher->open(stb_follower_key(f, index), trial + offset, (size_t)(TS_PACKET_BYTES - offset));
	return stb_pes_begins(trial);
}

size_t stb_acquire_try(struct stb_follower *f, const uint8_t *packet)
{
	size_t left = 0;

	if (f->candidates == 0) {
		f->trials = 0;
		for (uint32_t i = 0; i < f->group->n; i++)
			if (stb_group_parity(f->group, i) == ts_packet_tsc(packet))
				f->candidate[f->candidates++] = i;
	}
	for (size_t i = 0; i < f->candidates; i++)
		if (opens(f, packet, f->candidate[i]))
			f->candidate[left++] = f->candidate[i];
	f->trials++;
	f->candidates = left;
	f->searches_failed += left == 0;
	return left;
}

void stb_acquire_flip(struct stb_follower *f)
{
	size_t left = 0;

	for (size_t i = 0; i < f->candidates; i++) {
		uint32_t index = f->candidate[i];

		if (stb_group_next(f->group, &index))
			f->candidate[left++] = index;
	}
	f->candidates = left;
}

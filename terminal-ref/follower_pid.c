// SPDX-License-Identifier: GPL-3.0-or-later
// What is remembered of a PID's last opened packet: is this it again, does it prove a CW?
#include <stb_follower.h>

#include <string.h>

enum { PES_PREFIX_BYTES = 3 };

bool stb_follower_pid_repeats(const struct stb_follower_pid *pid, const uint8_t *packet)
{
	int offset = ts_packet_payload_offset(packet);

	return pid->used && memcmp(pid->last, packet, TS_HEADER_BYTES) == 0 &&
	       ts_packet_payload_offset(pid->last) == offset &&
	       memcmp(pid->last + offset, packet + offset, (size_t)(TS_PACKET_BYTES - offset)) == 0;
}

bool stb_follower_pid_proves(const struct stb_follower_pid *pid, const struct stb_cipher *cipher, const uint8_t *packet)
{
	size_t n = (size_t)(TS_PACKET_BYTES - ts_packet_payload_offset(packet));

	return pid->pes && ts_packet_unit_start(packet) && n >= cipher->block_bytes && n >= PES_PREFIX_BYTES;
}

void stb_follower_pid_note(struct stb_follower_pid *pid, const struct stb_cipher *cipher, const uint8_t *raw,
			   const uint8_t *opened, uint32_t index)
{
	if (stb_follower_pid_proves(pid, cipher, opened)) {
		pid->pes_starts++;
		pid->pes_good += stb_pes_begins(opened);
		pid->proven |= stb_pes_begins(opened);
	}
	pid->used = true;
	pid->index = index;
	memcpy(pid->last, raw, TS_PACKET_BYTES);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Ethernet, VLAN tags, IPv4, UDP: what of a captured frame is a datagram.
//
// Checksums are left alone: a capture on the sending machine has unfinished ones.
#include <stb_input.h>

#include <errno.h>

#include <base_bytes.h>

enum { TYPE_IPV4 = 0x0800, TYPE_VLAN = 0x8100, TYPE_QINQ = 0x88A8, PROTOCOL_UDP = 17 };

int stb_frame_read(struct stb_frame *out, const uint8_t *frame, size_t n)
{
	size_t type_at = 12, header, total, udp_bytes;
	const uint8_t *ip, *udp;

	for (int tags = 0; n >= type_at + 4 && tags < 2; tags++) {
		unsigned type = base_bytes_get16(frame + type_at);

		if (type != TYPE_VLAN && type != TYPE_QINQ)
			break;
		type_at += 4;
	}
	if (n < type_at + 2 + 20 || base_bytes_get16(frame + type_at) != TYPE_IPV4)
		return -EBADMSG;
	ip = frame + type_at + 2;
	n -= type_at + 2;
	header = (ip[0] & 15u) * 4;
	total = base_bytes_get16(ip + 2);
	if (ip[0] >> 4 != 4 || header < 20 || total > n || total < header + 8 || ip[9] != PROTOCOL_UDP)
		return -EBADMSG;
	// A fragment: more to come, or not the first.
	if (base_bytes_get16(ip + 6) & 0x3FFF)
		return -EBADMSG;
	udp = ip + header;
	udp_bytes = base_bytes_get16(udp + 4);
	if (udp_bytes < 8 || udp_bytes > total - header)
		return -EBADMSG;
	*out = (struct stb_frame){base_bytes_get32(ip + 16), base_bytes_get16(udp + 2), udp + 8, udp_bytes - 8};
	return 0;
}

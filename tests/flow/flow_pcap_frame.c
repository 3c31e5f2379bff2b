// SPDX-License-Identifier: GPL-3.0-or-later
// One frame: Ethernet, 802.1Q, IPv4, UDP.
#include <flow_pcap.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ETHERNET_BYTES = 14,
	VLAN_BYTES = 4,
	IPV4_BYTES = 20,
	UDP_BYTES = 8,
	TYPE_IPV4 = 0x0800,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88A8,
	PROTOCOL_UDP = 17,
};

int flow_endpoint_parse(struct flow_endpoint *out, const char *text)
{
	const char *colon = strchr(text, ':');
	char addr[INET_ADDRSTRLEN], *end;
	struct in_addr in;
	unsigned long port;

	if (!colon || (size_t)(colon - text) >= sizeof(addr) || colon[1] < '0' || colon[1] > '9')
		return -EINVAL;
	memcpy(addr, text, (size_t)(colon - text));
	addr[colon - text] = '\0';
	port = strtoul(colon + 1, &end, 10);
	if (inet_pton(AF_INET, addr, &in) != 1 || *end != '\0' || port == 0 || port > 65535)
		return -EINVAL;
	out->addr = ntohl(in.s_addr);
	out->port = (uint16_t)port;
	return 0;
}

static uint32_t sum16(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += base_bytes_get16(p + i);
	return n & 1 ? sum + ((uint32_t)p[n - 1] << 8) : sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

// Over the pseudo-header (addresses, protocol, length) and the datagram.
static uint16_t udp_checksum(const uint8_t *ip, const uint8_t *udp, size_t n)
{
	return folded(sum16(udp, n, sum16(ip + 12, 8, PROTOCOL_UDP + (uint32_t)n)));
}

static uint8_t *write_ethernet(uint8_t *p, const struct flow_wrap *wrap)
{
	static const uint8_t station[6] = {0x02, 0, 0, 0, 0, 0x01}, sender[6] = {0x02, 0, 0, 0, 0, 0x02};

	memcpy(p, station, 6);
	if (wrap->to.addr >> 28 == 0xE) {
		// 01:00:5e and the low 23 bits of the group.
		base_bytes_put24(p, 0x01005E);
		base_bytes_put24(p + 3, wrap->to.addr & 0x7FFFFF);
	}
	memcpy(p + 6, sender, 6);
	p += 12;
	if (wrap->vlan) {
		base_bytes_put16(p, TYPE_VLAN);
		base_bytes_put16(p + 2, wrap->vlan);
		p += 4;
	}
	base_bytes_put16(p, TYPE_IPV4);
	return p + 2;
}

static void write_ipv4(uint8_t *ip, const struct flow_wrap *wrap, size_t total, uint16_t ident)
{
	memset(ip, 0, IPV4_BYTES);
	ip[0] = 0x45;
	base_bytes_put16(ip + 2, (unsigned)total);
	base_bytes_put16(ip + 4, ident);
	ip[6] = 0x40; // do not fragment
	ip[8] = 8;    // time to live
	ip[9] = PROTOCOL_UDP;
	base_bytes_put32(ip + 12, wrap->from);
	base_bytes_put32(ip + 16, wrap->to.addr);
	base_bytes_put16(ip + 10, folded(sum16(ip, IPV4_BYTES, 0)));
}

size_t flow_frame_write(uint8_t *out, size_t *headers_bytes, const struct flow_wrap *wrap, size_t n, uint16_t ident)
{
	uint8_t *ip, *udp;
	uint16_t checksum;

	*headers_bytes = ETHERNET_BYTES + (wrap->vlan ? VLAN_BYTES : 0) + IPV4_BYTES + UDP_BYTES;
	if (!out)
		return *headers_bytes + n;
	ip = write_ethernet(out, wrap);
	udp = ip + IPV4_BYTES;
	write_ipv4(ip, wrap, IPV4_BYTES + UDP_BYTES + n, ident);
	base_bytes_put16(udp, wrap->to.port);
	base_bytes_put16(udp + 2, wrap->to.port);
	base_bytes_put16(udp + 4, (unsigned)(UDP_BYTES + n));
	base_bytes_put16(udp + 6, 0);
	checksum = udp_checksum(ip, udp, UDP_BYTES + n);
	// A sum of zero is sent as all ones, as zero means "none" (RFC 768).
	base_bytes_put16(udp + 6, checksum ? checksum : 0xFFFF);
	return *headers_bytes + n;
}

// The bytes after the Ethernet header and up to two tags, or NULL.
static const uint8_t *skip_ethernet(const uint8_t *frame, size_t *n)
{
	size_t at = 12;

	for (int tags = 0; tags <= 2; tags++) {
		unsigned type;

		if (*n < at + 2)
			return NULL;
		type = base_bytes_get16(frame + at);
		at += 2;
		if (type == TYPE_IPV4) {
			*n -= at;
			return frame + at;
		}
		if (type != TYPE_VLAN && type != TYPE_QINQ)
			return NULL;
		at += 2;
	}
	return NULL;
}

int flow_frame_read(struct flow_frame *out, const uint8_t *frame, size_t n)
{
	const uint8_t *ip = skip_ethernet(frame, &n), *udp;
	size_t header, total, udp_bytes;

	if (!ip || n < IPV4_BYTES || ip[0] >> 4 != 4)
		return -EBADMSG;
	header = (ip[0] & 15u) * 4;
	total = base_bytes_get16(ip + 2);
	// Behind total_length may stand Ethernet padding.
	if (header < IPV4_BYTES || total < header + UDP_BYTES || total > n || ip[9] != PROTOCOL_UDP)
		return -EBADMSG;
	if (base_bytes_get16(ip + 6) & 0x3FFF || folded(sum16(ip, header, 0)) != 0)
		return -EBADMSG;
	udp = ip + header;
	udp_bytes = base_bytes_get16(udp + 4);
	if (udp_bytes < UDP_BYTES || udp_bytes > total - header)
		return -EBADMSG;
	out->to = (struct flow_endpoint){base_bytes_get32(ip + 16), base_bytes_get16(udp + 2)};
	out->payload = udp + UDP_BYTES;
	out->payload_bytes = udp_bytes - UDP_BYTES;
	out->checksum_wrong = base_bytes_get16(udp + 6) != 0 && udp_checksum(ip, udp, udp_bytes) != 0;
	return 0;
}

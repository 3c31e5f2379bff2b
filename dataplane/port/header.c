// SPDX-License-Identifier: GPL-3.0-or-later
#include "port/header.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include <base_bytes.h>

#include "stage/dgram.h"

enum { IPV4_BYTES = 20, UDP_BYTES = 8, IPV4_DONT_FRAGMENT = 0x4000 };

static uint8_t *put_ethernet(uint8_t *p, const struct dp_conf_output *conf, const struct rte_ether_addr *source)
{
	base_bytes_put24(p, 0x01005E);
	base_bytes_put24(p + 3, conf->group & 0x7FFFFF);
	memcpy(p + 6, source->addr_bytes, RTE_ETHER_ADDR_LEN);
	p += 12;
	if (conf->vlan) {
		base_bytes_put16(p, RTE_ETHER_TYPE_VLAN);
		base_bytes_put16(p + 2, conf->vlan);
		p += 4;
	}
	base_bytes_put16(p, RTE_ETHER_TYPE_IPV4);
	return p + 2;
}

uint8_t dp_header_make(uint8_t *out, const struct dp_conf_output *conf, const struct rte_ether_addr *source)
{
	uint8_t *ip = put_ethernet(out, conf, source), *udp = ip + IPV4_BYTES;

	memset(ip, 0, IPV4_BYTES + UDP_BYTES);
	ip[0] = 0x45;
	ip[1] = (uint8_t)(conf->dscp << 2);
	base_bytes_put16(ip + 6, IPV4_DONT_FRAGMENT);
	ip[8] = conf->ttl;
	ip[9] = IPPROTO_UDP;
	base_bytes_put32(ip + 12, conf->source);
	base_bytes_put32(ip + 16, conf->group);
	base_bytes_put16(udp, conf->source_udp_port);
	base_bytes_put16(udp + 2, conf->udp_port);

	uint8_t n = (uint8_t)(udp + UDP_BYTES - out);

	dp_header_resize(out, n, DP_DGRAM_TS_BYTES);
	return n;
}

void dp_header_resize(uint8_t *header, uint8_t header_bytes, unsigned ts_bytes)
{
	uint8_t *udp = header + header_bytes - UDP_BYTES, *ip = udp - IPV4_BYTES;
	struct rte_ipv4_hdr copy;

	base_bytes_put16(udp + 4, UDP_BYTES + ts_bytes);
	base_bytes_put16(ip + 2, IPV4_BYTES + UDP_BYTES + ts_bytes);
	base_bytes_put16(ip + 10, 0);
	memcpy(&copy, ip, sizeof(copy));
	base_bytes_put16(ip + 10, rte_be_to_cpu_16(rte_ipv4_cksum(&copy)));
}

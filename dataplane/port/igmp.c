// SPDX-License-Identifier: GPL-3.0-or-later
#include "port/igmp.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>

#include <base_bytes.h>

#include "port/port.h"
#include "stage/dgram.h"

#define ALL_V3_ROUTERS UINT32_C(0xE0000016) // 224.0.0.22

enum {
	IPV4_BYTES = 24, // with the Router Alert option
	QUERY_TYPE = 0x11,
	QUERY_MIN_BYTES = 8,
	REPORT_TYPE = 0x22,
	MODE_IS_INCLUDE = 1,
	MODE_IS_EXCLUDE = 2,
	CHANGE_TO_INCLUDE = 3,
	CHANGE_TO_EXCLUDE = 4,
	ALLOW_NEW_SOURCES = 5,
	BLOCK_OLD_SOURCES = 6,
	REPEAT_MS = 1000,
	UNASKED_MS = 60000,
	ANSWER_GAP_MS = 100, // a flood of queries is not answered by a flood of reports
	ROBUSTNESS = 2,
};

static uint8_t record_type(bool ssm, enum dp_igmp_event event)
{
	static const uint8_t any_source[] = {CHANGE_TO_EXCLUDE, MODE_IS_EXCLUDE, CHANGE_TO_INCLUDE};
	static const uint8_t one_source[] = {ALLOW_NEW_SOURCES, MODE_IS_INCLUDE, BLOCK_OLD_SOURCES};

	return (ssm ? one_source : any_source)[event];
}

static uint8_t *put_ethernet(uint8_t *p, const struct dp_conf_input *input, const uint8_t source_mac[6])
{
	base_bytes_put24(p, 0x01005E);
	base_bytes_put24(p + 3, ALL_V3_ROUTERS & 0x7FFFFF);
	memcpy(p + 6, source_mac, 6);
	p += 12;
	if (input->vlan) {
		base_bytes_put16(p, RTE_ETHER_TYPE_VLAN);
		base_bytes_put16(p + 2, input->vlan);
		p += 4;
	}
	base_bytes_put16(p, RTE_ETHER_TYPE_IPV4);
	return p + 2;
}

static void put_checksum(uint8_t *field, const uint8_t *from, size_t n)
{
	uint16_t sum = (uint16_t)~rte_raw_cksum(from, n);

	base_bytes_put16(field, rte_be_to_cpu_16(sum));
}

static void put_ipv4(uint8_t *ip, uint32_t address, unsigned igmp_bytes)
{
	static const uint8_t router_alert[] = {0x94, 0x04, 0x00, 0x00};

	memset(ip, 0, IPV4_BYTES);
	ip[0] = 0x46;
	ip[1] = 0xC0; // internetwork control, RFC 3376 clause 4
	base_bytes_put16(ip + 2, IPV4_BYTES + igmp_bytes);
	ip[8] = 1;
	ip[9] = IPPROTO_IGMP;
	base_bytes_put32(ip + 12, address);
	base_bytes_put32(ip + 16, ALL_V3_ROUTERS);
	memcpy(ip + 20, router_alert, sizeof(router_alert));
	put_checksum(ip + 10, ip, IPV4_BYTES);
}

unsigned dp_igmp_report(uint8_t *frame, const struct dp_conf_input *input, enum dp_igmp_event event,
			const uint8_t source_mac[6], uint32_t address)
{
	uint8_t *ip = put_ethernet(frame, input, source_mac), *igmp = ip + IPV4_BYTES;
	unsigned n = input->source ? 20 : 16;

	memset(igmp, 0, n);
	igmp[0] = REPORT_TYPE;
	base_bytes_put16(igmp + 6, 1); // records
	igmp[8] = record_type(input->source != 0, event);
	base_bytes_put16(igmp + 10, input->source != 0); // sources
	base_bytes_put32(igmp + 12, input->group);
	if (input->source)
		base_bytes_put32(igmp + 16, input->source);
	put_checksum(igmp + 2, igmp, n);
	put_ipv4(ip, address, n);
	return (unsigned)(igmp + n - frame);
}

bool dp_igmp_is_query(const uint8_t *igmp, size_t n)
{
	return n >= QUERY_MIN_BYTES && igmp[0] == QUERY_TYPE && rte_raw_cksum(igmp, n) == 0xFFFF;
}

bool dp_igmp_speaks(enum dp_port_driver driver)
{
	return driver == DP_PORT_AF_PACKET || driver == DP_PORT_PCI;
}

static void send_report(struct dp_igmp *igmp, const struct dp_conf_input *input, enum dp_igmp_event event)
{
	const struct dp_port *port = &igmp->port[input->port];
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(igmp->pool);

	if (!mbuf)
		return;
	mbuf->port = (uint16_t)input->port;
	uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);

	rte_pktmbuf_append(mbuf, (uint16_t)dp_igmp_report(frame, input, event, port->mac.addr_bytes,
							  port->conf->host_address));
	if (rte_ring_enqueue(igmp->outbox, mbuf))
		rte_pktmbuf_free(mbuf);
}

static bool asks(const struct dp_igmp *igmp, unsigned input)
{
	const struct dp_input *one = &igmp->lineup->input[input];

	return one->conf && atomic_load(&one->owner) != DP_OWNER_NONE &&
	       dp_igmp_speaks(igmp->port[one->conf->port].conf->driver);
}

static void send_all(struct dp_igmp *igmp, enum dp_igmp_event event)
{
	for (unsigned i = 0; i < igmp->lineup->inputs; i++)
		if (asks(igmp, i))
			send_report(igmp, igmp->lineup->input[i].conf, event);
}

static bool queried(struct dp_igmp *igmp)
{
	bool any = false;

	for (unsigned i = 0; i < igmp->machine->ports; i++)
		any |= atomic_exchange_explicit(&igmp->port[i].queried, false, memory_order_relaxed);
	return any;
}

void dp_igmp_join(struct dp_igmp *igmp, unsigned input)
{
	igmp->joins[input] = ROBUSTNESS;
	igmp->next_ms = 0;
}

static bool same_membership(const struct dp_conf_input *a, const struct dp_conf_input *b)
{
	return a->port == b->port && a->vlan == b->vlan && a->group == b->group && a->source == b->source;
}

void dp_igmp_part(struct dp_igmp *igmp, unsigned input)
{
	const struct dp_conf_input *conf = igmp->lineup->input[input].conf;

	igmp->joins[input] = 0;
	for (unsigned i = 0; i < igmp->lineup->inputs; i++)
		if (i != input && asks(igmp, i) && same_membership(igmp->lineup->input[i].conf, conf))
			return;
	if (dp_igmp_speaks(igmp->port[conf->port].conf->driver))
		send_report(igmp, conf, DP_IGMP_LEAVE);
}

static void send_joins(struct dp_igmp *igmp)
{
	for (unsigned i = 0; i < igmp->lineup->inputs; i++) {
		if (igmp->joins[i] == 0)
			continue;
		igmp->joins[i]--;
		if (asks(igmp, i))
			send_report(igmp, igmp->lineup->input[i].conf, DP_IGMP_JOIN);
	}
}

void dp_igmp_tend(struct dp_igmp *igmp, uint64_t now_ms)
{
	if (now_ms >= igmp->next_ms) {
		send_joins(igmp);
		igmp->next_ms = now_ms + REPEAT_MS;
	}
	if (igmp->state_ms == 0)
		igmp->state_ms = now_ms + UNASKED_MS;
	if (now_ms >= igmp->state_ms) {
		send_all(igmp, DP_IGMP_STATE);
		igmp->state_ms = now_ms + UNASKED_MS;
	} else if (now_ms >= igmp->answer_ms && queried(igmp)) {
		send_all(igmp, DP_IGMP_STATE);
		igmp->answer_ms = now_ms + ANSWER_GAP_MS;
	}
}

void dp_igmp_leave(struct dp_igmp *igmp)
{
	send_all(igmp, DP_IGMP_LEAVE);
}

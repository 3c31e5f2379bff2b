// SPDX-License-Identifier: GPL-3.0-or-later
// One flow of a capture into a transport stream, RTP taken off.
#include <flow_pcap.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <pcap/pcap.h>
#include <ts_rtp.h>

struct tally {
	size_t frames, strange;             // all; of these not UDP over IPv4
	size_t datagrams, refused, packets; // of the flow; of these no TS
	size_t checksum_wrong, lost;        // lost: by the RTP sequence
	bool rtp;
	uint16_t sequence;
};

static bool is_ts(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i + TS_PACKET_BYTES <= n; i += TS_PACKET_BYTES)
		if (bytes[i] != TS_SYNC_BYTE)
			return false;
	return n > 0 && n % TS_PACKET_BYTES == 0;
}

static void count_rtp(struct tally *t, uint16_t sequence)
{
	if (t->rtp)
		t->lost += (uint16_t)(sequence - t->sequence - 1);
	t->rtp = true;
	t->sequence = sequence;
}

static int take(struct tally *t, const struct flow_frame *frame, FILE *out)
{
	const uint8_t *bytes = frame->payload;
	size_t n = frame->payload_bytes;
	struct ts_rtp rtp;

	t->datagrams++;
	t->checksum_wrong += frame->checksum_wrong;
	if (!is_ts(bytes, n)) {
		if (ts_rtp_parse(&rtp, bytes, n) < 0 || !is_ts(bytes + rtp.payload_offset, rtp.payload_bytes)) {
			t->refused++;
			return 0;
		}
		count_rtp(t, rtp.sequence);
		bytes += rtp.payload_offset;
		n = rtp.payload_bytes;
	}
	t->packets += n / TS_PACKET_BYTES;
	return fwrite(bytes, 1, n, out) == n ? 0 : -EIO;
}

static int walk(struct tally *t, pcap_t *pcap, const struct flow_endpoint *flow, FILE *out)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	struct flow_frame frame;
	int rc;

	while ((rc = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		t->frames++;
		if (flow_frame_read(&frame, bytes, header->caplen) < 0) {
			t->strange++;
			continue;
		}
		if (frame.to.addr != flow->addr || frame.to.port != flow->port)
			continue;
		if (take(t, &frame, out) < 0)
			return -EIO;
	}
	return rc == PCAP_ERROR_BREAK ? 0 : -EBADMSG;
}

int flow_pcap_unwrap(const char *in, const char *out, const struct flow_endpoint *flow, struct base_errs *errs)
{
	char why[PCAP_ERRBUF_SIZE];
	struct tally t = {0};
	pcap_t *pcap;
	FILE *file;
	int rc;

	pcap = pcap_open_offline(in, why);
	if (!pcap) {
		base_errs_add(errs, in, "%s", why);
		return -EBADMSG;
	}
	file = fopen(out, "wb");
	if (!file) {
		rc = -errno;
		base_errs_add(errs, out, "%s", strerror(errno));
		goto close;
	}
	if (pcap_datalink(pcap) != DLT_EN10MB) {
		rc = -EBADMSG;
		base_errs_add(errs, in, "is no capture of Ethernet frames");
	} else {
		rc = walk(&t, pcap, flow, file);
		if (rc < 0)
			base_errs_add(errs, rc == -EIO ? out : in, "%s",
				      rc == -EIO ? "cannot be written" : pcap_geterr(pcap));
	}
	if (fclose(file) != 0 && rc == 0) {
		rc = -EIO;
		base_errs_add(errs, out, "cannot be written");
	}
	fprintf(stderr,
		"frames=%zu strange=%zu datagrams=%zu refused=%zu udp_checksum_wrong=%zu rtp=%s lost=%zu pkts=%zu\n",
		t.frames, t.strange, t.datagrams, t.refused, t.checksum_wrong, t.rtp ? "yes" : "no", t.lost, t.packets);
	if (rc == 0 && t.packets == 0) {
		rc = -ENOENT;
		base_errs_add(errs, in, "holds no transport packets of that flow");
	}
close:
	pcap_close(pcap);
	return rc;
}

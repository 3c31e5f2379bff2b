// SPDX-License-Identifier: GPL-3.0-or-later
// One flow of a capture file. Without a filter it is the first flow that carries transport packets.
#include <stb_input.h>

#include <errno.h>

#include <pcap/pcap.h>

static int capture_open(struct stb_input *in, struct base_errs *errs)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(in->where, why);

	if (!pcap) {
		base_errs_add(errs, in->where, "%s", why);
		return -EBADMSG;
	}
	if (pcap_datalink(pcap) != DLT_EN10MB) {
		base_errs_add(errs, in->where, "holds %s frames; a capture of Ethernet is needed",
			      pcap_datalink_val_to_name(pcap_datalink(pcap)));
		pcap_close(pcap);
		return -EBADMSG;
	}
	in->state = pcap;
	return 0;
}

static int take_frame(struct stb_input *in, uint8_t *packets, const uint8_t *bytes, size_t n)
{
	struct stb_input trial = *in;
	struct stb_frame frame;
	int got;

	if (stb_frame_read(&frame, bytes, n) < 0 ||
	    (in->flow.addr && (frame.addr != in->flow.addr || frame.port != in->flow.port))) {
		in->counts.other++;
		return 0;
	}
	if (in->flow.addr)
		return stb_input_datagram(in, packets, frame.payload, frame.n);
	got = stb_input_datagram(&trial, packets, frame.payload, frame.n);
	if (got == 0) {
		in->counts.other++;
		return 0;
	}
	*in = trial;
	in->flow.addr = frame.addr;
	in->flow.port = frame.port;
	return got;
}

static int capture_read(struct stb_input *in, uint8_t *packets, int timeout_ms)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int rc;

	(void)timeout_ms;
	while ((rc = pcap_next_ex(in->state, &header, &bytes)) == 1) {
		int n = take_frame(in, packets, bytes, header->caplen);

		if (n > 0)
			return n;
	}
	return rc == PCAP_ERROR_BREAK ? -ENODATA : -EBADMSG;
}

static void capture_close(struct stb_input *in)
{
	pcap_close(in->state);
}

const struct stb_input_ops stb_input_pcap = {"capture", capture_open, capture_read, capture_close};

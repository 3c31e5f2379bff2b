// SPDX-License-Identifier: GPL-3.0-or-later
// Several captures into one, by time.
#include <flow_pcap.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

struct lane {
	pcap_t *pcap;
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int state; // of pcap_next_ex: 1 a frame waits
};

static bool earlier(const struct timeval *a, const struct timeval *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_usec < b->tv_usec;
}

static void advance(struct lane *lane)
{
	lane->state = pcap_next_ex(lane->pcap, &lane->header, &lane->bytes);
}

static int open_lanes(struct lane *lanes, char *const *in, size_t n, struct base_errs *errs)
{
	char why[PCAP_ERRBUF_SIZE];

	for (size_t i = 0; i < n; i++) {
		lanes[i].pcap = pcap_open_offline(in[i], why);
		if (!lanes[i].pcap)
			base_errs_add(errs, in[i], "%s", why);
		else if (pcap_datalink(lanes[i].pcap) != DLT_EN10MB)
			base_errs_add(errs, in[i], "is no capture of Ethernet frames");
		else
			advance(&lanes[i]);
	}
	return base_errs_none(errs) ? 0 : -EBADMSG;
}

// Frames of the same time keep the order of the arguments.
static void interleave(struct lane *lanes, size_t n, pcap_dumper_t *dumper)
{
	for (;;) {
		struct lane *next = NULL;

		for (size_t i = 0; i < n; i++)
			if (lanes[i].state == 1 && (!next || earlier(&lanes[i].header->ts, &next->header->ts)))
				next = &lanes[i];
		if (!next)
			return;
		pcap_dump((u_char *)dumper, next->header, next->bytes);
		advance(next);
	}
}

int flow_pcap_merge(const char *out, char *const *in, size_t n, struct base_errs *errs)
{
	struct lane *lanes = calloc(n, sizeof(*lanes));
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *dumper = NULL;
	int rc = -ENOMEM;

	if (!lanes || !dead)
		goto close;
	rc = open_lanes(lanes, in, n, errs);
	if (rc < 0)
		goto close;
	dumper = pcap_dump_open(dead, out);
	if (!dumper) {
		rc = -EIO;
		base_errs_add(errs, out, "%s", pcap_geterr(dead));
		goto close;
	}
	interleave(lanes, n, dumper);
	for (size_t i = 0; i < n; i++) {
		if (lanes[i].state != PCAP_ERROR_BREAK) {
			rc = -EBADMSG;
			base_errs_add(errs, in[i], "%s", pcap_geterr(lanes[i].pcap));
		}
	}
	if (pcap_dump_flush(dumper) < 0) {
		rc = -EIO;
		base_errs_add(errs, out, "cannot be written");
	}
	pcap_dump_close(dumper);
close:
	for (size_t i = 0; lanes && i < n; i++)
		if (lanes[i].pcap)
			pcap_close(lanes[i].pcap);
	if (dead)
		pcap_close(dead);
	free(lanes);
	return rc;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// flow_pcap: transport streams into captures and back, and captures into one.
//
// Exit status: 0 done; 1 nothing found or a broken file; 2 usage.
#include <flow_pcap.h>

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "usage: flow_pcap wrap IN.ts OUT.pcap GROUP:PORT [--rtp] [--vlan N] [--src IP]\n"
			    "       flow_pcap unwrap IN.pcap OUT.ts GROUP:PORT\n"
			    "       flow_pcap merge OUT.pcap A.pcap B.pcap ...\n"
			    "  wrap    7 packets a datagram, Ethernet/IPv4/UDP, time stamps from the PCR\n"
			    "  unwrap  the packets of one flow, RTP taken off\n"
			    "  merge   all frames by time\n";

static void set_source(struct flow_wrap *wrap, const char *text, struct base_errs *errs)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) == 1)
		wrap->from = ntohl(in.s_addr);
	else
		base_errs_add(errs, "--src", "'%s' is not an address A.B.C.D", text);
}

static void set_vlan(struct flow_wrap *wrap, const char *text, struct base_errs *errs)
{
	char *end;
	unsigned long vlan = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || vlan < 1 || vlan > 4094)
		base_errs_add(errs, "--vlan", "'%s' is not a VLAN of 1..4094", text);
	else
		wrap->vlan = (unsigned)vlan;
}

static int parse(struct flow_wrap *wrap, int argc, char **argv, struct base_errs *errs)
{
	static const struct option options[] = {
		{"rtp", no_argument, NULL, 'r'},
		{"vlan", required_argument, NULL, 'v'},
		{"src", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'r':
			wrap->rtp = true;
			break;
		case 'v':
			set_vlan(wrap, optarg, errs);
			break;
		case 's':
			set_source(wrap, optarg, errs);
			break;
		case 'h':
			return 1;
		default:
			base_errs_add(errs, "options", "see --help");
		}
	}
	return base_errs_none(errs) ? 0 : -EINVAL;
}

// `words` are the arguments that are no options, the act first.
static int act(struct flow_wrap *wrap, char **words, int n, struct base_errs *errs)
{
	bool to_capture = n > 0 && strcmp(words[0], "wrap") == 0;

	if (n >= 3 && strcmp(words[0], "merge") == 0)
		return flow_pcap_merge(words[1], words + 2, (size_t)n - 2, errs);
	if (n != 4 || (!to_capture && strcmp(words[0], "unwrap") != 0)) {
		base_errs_add(errs, "arguments", "not understood; see --help");
		return -EINVAL;
	}
	if (flow_endpoint_parse(&wrap->to, words[3]) < 0) {
		base_errs_add(errs, words[3], "is not A.B.C.D:PORT");
		return -EINVAL;
	}
	wrap->in = words[1];
	wrap->out = words[2];
	return to_capture ? flow_pcap_wrap(wrap, errs) : flow_pcap_unwrap(words[1], words[2], &wrap->to, errs);
}

int main(int argc, char **argv)
{
	struct flow_wrap wrap = {.from = 0xC0000201}; // 192.0.2.1, for documentation (RFC 5737)
	struct base_errs errs;
	int rc;

	base_errs_init(&errs);
	rc = parse(&wrap, argc, argv, &errs);
	if (rc > 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (rc == 0)
		rc = act(&wrap, argv + optind, argc - optind, &errs);
	base_errs_print(&errs, stderr, "flow_pcap: ");
	return rc == 0 ? 0 : rc == -EINVAL ? 2 : 1;
}

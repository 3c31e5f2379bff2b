// SPDX-License-Identifier: GPL-3.0-or-later
// thousand_verdict: a capture of all outputs, packet by packet: what was lost, clear or not opened, and how late it
// was.
//
// Every payload of the source (thousand_source.py) begins with a stamp, big endian, and goes on with bytes of a block:
//
//   32 bits  magic        16 bits  input        16 bits  PID        32 bits  number of the packet in its PID
//   32 bits  place in the block                 64 bits  when it was sent, ns of CLOCK_REALTIME
//
// So a packet that opens says which it is: after the first of a PID each must follow the one before. Where it does not,
// one line goes to EVENTS, which also has one line for every datagram that ends with content of a service:
//
//   gap SENT_NS SERVICE PID N          N packets before this one never came
//   late SENT_NS SERVICE PID           came again, or after others that were sent later
//   clear CAPTURED_NS SERVICE PID      a payload of the source in clear
//   unopened CAPTURED_NS SERVICE PID   opened by no control word of its parity
//   jump CAPTURED_NS SERVICE PID       opened, but by another control word than the one on air or the next
//   strange CAPTURED_NS ADDRESS PID    a payload of the source where no service of the plan is
//   took CAPTURED_NS SERVICE DELAY_NS  from sending the last packet of the datagram to the capture of it
//
// Counts of each service go to standard output as JSON. Exit status: 0 judged; 2 usage or files.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <flow_pcap.h>
#include <thousand_plan.h>

#include <pcap/pcap.h>

enum { MAGIC = 0x42756C6B, STAMP_BYTES = 24, BLOCK_BYTES = 1 << 16, PIDS_MAX = 4, NO_WORD = -1 };

struct stamp {
	uint16_t input, pid;
	uint32_t seq, cut;
	uint64_t sent_ns;
};

// One PID of a service.
struct stream {
	uint16_t pid, input;
	uint32_t next; // the number that must come now
	uint64_t pkts;
};

struct state {
	struct stream stream[PIDS_MAX];
	int word; // on air
	struct thousand_open *open;
	uint64_t flips, first_ns, last_ns;
};

struct verdict {
	struct thousand_plan plan;
	struct state state[THOUSAND_SERVICES_MAX];
	uint8_t block[BLOCK_BYTES];
	FILE *events;
	uint64_t frames, datagrams;
};

static bool read_stamp(const struct verdict *v, struct stamp *stamp, const uint8_t *payload, size_t n)
{
	if (n < STAMP_BYTES || base_bytes_get32(payload) != MAGIC)
		return false;
	stamp->input = base_bytes_get16(payload + 4);
	stamp->pid = base_bytes_get16(payload + 6);
	stamp->seq = base_bytes_get32(payload + 8);
	stamp->cut = base_bytes_get32(payload + 12);
	stamp->sent_ns = base_bytes_get64(payload + 16);
	return stamp->cut <= BLOCK_BYTES - TS_PACKET_BYTES &&
	       memcmp(payload + STAMP_BYTES, v->block + stamp->cut, n - STAMP_BYTES) == 0;
}

static void tell(struct verdict *v, const char *what, uint64_t at_ns, unsigned service, unsigned pid)
{
	fprintf(v->events, "%s %" PRIu64 " %s %u\n", what, at_ns, v->plan.service[service].name, pid);
}

static struct stream *stream_of(struct state *state, uint16_t pid)
{
	for (unsigned i = 0; i < PIDS_MAX; i++)
		if (state->stream[i].pid == pid || state->stream[i].pid == 0)
			return &state->stream[i];
	return NULL;
}

static bool try_word(struct verdict *v, unsigned service, int word, const uint8_t *payload, size_t n,
		     struct stamp *stamp)
{
	const struct thousand_service *plan = &v->plan.service[service];
	uint8_t clear[TS_PACKET_BYTES];
	struct thousand_open *open;

	if (word < 0 || (size_t)word >= plan->words)
		return false;
	struct state *state = &v->state[service];

	open = word == state->word ? state->open : thousand_open_new(plan->word[word].cissa, plan->word[word].cw);
	memcpy(clear, payload, n);
	bool good = open && thousand_open_payload(open, clear, n) && read_stamp(v, stamp, clear, n);

	if (word == state->word)
		return good;
	if (!good) {
		thousand_open_free(open);
		return false;
	}
	thousand_open_free(state->open);
	state->open = open;
	state->flips += state->word != NO_WORD;
	state->word = word;
	return true;
}

// By the word on air, by the next, then by any of this parity.
static bool open_payload(struct verdict *v, unsigned service, unsigned parity, const uint8_t *payload, size_t n,
			 struct stamp *stamp, bool *jumped)
{
	struct state *state = &v->state[service];
	int on_air = state->word, words = (int)v->plan.service[service].words;

	*jumped = false;
	if (on_air != NO_WORD && (unsigned)on_air % 2 == parity && try_word(v, service, on_air, payload, n, stamp))
		return true;
	if ((unsigned)(on_air + 1) % 2 == parity && try_word(v, service, on_air + 1, payload, n, stamp))
		return true;
	for (int word = (int)parity; word < words; word += 2) {
		if (word == on_air || !try_word(v, service, word, payload, n, stamp))
			continue;
		*jumped = on_air != NO_WORD;
		return true;
	}
	return false;
}

// Holds a packet against the one before it of its PID. The sequence starts over when a service changes its input.
static void follow(struct verdict *v, unsigned service, struct stream *stream, const struct stamp *stamp)
{
	if (stream->pid == 0 || stream->input != stamp->input)
		*stream = (struct stream){stamp->pid, stamp->input, stamp->seq, stream->pkts};
	if (stamp->seq < stream->next) {
		tell(v, "late", stamp->sent_ns, service, stamp->pid);
		return;
	}
	if (stamp->seq > stream->next)
		fprintf(v->events, "gap %" PRIu64 " %s %u %u\n", stamp->sent_ns, v->plan.service[service].name,
			stamp->pid, stamp->seq - stream->next);
	stream->next = stamp->seq + 1;
	stream->pkts++;
}

// One packet of a service. True when it was opened, and `stamp` says which it is.
static bool judge(struct verdict *v, unsigned service, const uint8_t *packet, size_t offset, uint64_t now_ns,
		  struct stamp *stamp)
{
	unsigned tsc = ts_packet_tsc(packet), pid = ts_packet_pid(packet);
	struct state *state = &v->state[service];
	struct stream *stream;
	bool jumped;

	if (tsc < TS_TSC_EVEN ||
	    !open_payload(v, service, tsc == TS_TSC_ODD, packet + offset, TS_PACKET_BYTES - offset, stamp, &jumped)) {
		tell(v, tsc < TS_TSC_EVEN ? "clear" : "unopened", now_ns, service, pid);
		return false;
	}
	if (jumped)
		tell(v, "jump", now_ns, service, pid);
	stream = stamp->pid == pid ? stream_of(state, stamp->pid) : NULL;
	if (!stream) {
		tell(v, "unopened", now_ns, service, pid);
		return false;
	}
	follow(v, service, stream, stamp);
	state->first_ns = state->first_ns ? state->first_ns : now_ns;
	state->last_ns = now_ns;
	return true;
}

static void take_datagram(struct verdict *v, uint32_t address, const uint8_t *packets, size_t n, uint64_t now_ns)
{
	const struct thousand_place *place, *closed_by = NULL;
	struct stamp stamp, clear;

	for (size_t i = 0; i < n; i++) {
		const uint8_t *packet = packets + i * TS_PACKET_BYTES;
		int offset = ts_packet_payload_offset(packet);

		closed_by = NULL;
		if (offset < 0 || offset == TS_PACKET_BYTES)
			continue;
		place = thousand_plan_find(&v->plan, address, ts_packet_pid(packet));
		if (place && judge(v, place->service, packet, (size_t)offset, now_ns, &stamp))
			closed_by = place;
		if (place)
			continue;
		if (read_stamp(v, &clear, packet + offset, TS_PACKET_BYTES - (size_t)offset))
			fprintf(v->events, "strange %" PRIu64 " %08x %u\n", now_ns, address, ts_packet_pid(packet));
	}
	if (closed_by && n == FLOW_DATAGRAM_PKTS)
		fprintf(v->events, "took %" PRIu64 " %s %" PRId64 "\n", now_ns,
			v->plan.service[closed_by->service].name, (int64_t)(now_ns - stamp.sent_ns));
}

static int walk(struct verdict *v, pcap_t *pcap)
{
	struct pcap_pkthdr *header;
	struct flow_frame frame;
	const u_char *bytes;
	int rc;

	while ((rc = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		v->frames++;
		if (flow_frame_read(&frame, bytes, header->caplen) < 0 || frame.payload_bytes % TS_PACKET_BYTES)
			continue;
		v->datagrams += thousand_plan_has(&v->plan, frame.to.addr);
		take_datagram(v, frame.to.addr, frame.payload, frame.payload_bytes / TS_PACKET_BYTES,
			      (uint64_t)header->ts.tv_sec * 1000000000u + (uint64_t)header->ts.tv_usec);
	}
	return rc == PCAP_ERROR_BREAK ? 0 : -1;
}

static void print(const struct verdict *v)
{
	printf("{\"frames\": %" PRIu64 ", \"datagrams\": %" PRIu64 ", \"services\": {", v->frames, v->datagrams);
	for (size_t i = 0; i < v->plan.services; i++) {
		const struct state *state = &v->state[i];

		printf("%s\n\"%s\": {\"flips\": %" PRIu64 ", \"first_ns\": %" PRIu64 ", \"last_ns\": %" PRIu64
		       ", \"pids\": {",
		       i ? "," : "", v->plan.service[i].name, state->flips, state->first_ns, state->last_ns);
		for (unsigned k = 0; k < PIDS_MAX && state->stream[k].pid; k++)
			printf("%s\"%u\": {\"pkts\": %" PRIu64 ", \"input\": %u, \"next\": %u}", k ? ", " : "",
			       state->stream[k].pid, state->stream[k].pkts, state->stream[k].input,
			       state->stream[k].next);
		printf("}}");
	}
	printf("\n}}\n");
}

static bool read_block(struct verdict *v, const char *path)
{
	FILE *file = fopen(path, "rb");
	bool good = file && fread(v->block, 1, BLOCK_BYTES, file) == BLOCK_BYTES;

	if (file)
		fclose(file);
	return good;
}

static bool read_all(struct verdict *v, char **argv)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = NULL;
	bool good = thousand_plan_read(&v->plan, argv[1]) == 0 && read_block(v, argv[2]);

	if (good) {
		pcap = pcap_open_offline_with_tstamp_precision(argv[3], PCAP_TSTAMP_PRECISION_NANO, error);
		v->events = fopen(argv[4], "w");
		good = pcap && v->events && walk(v, pcap) == 0;
	}
	if (!good)
		fprintf(stderr, "thousand_verdict: plan, block, capture or events: %s\n",
			pcap ? pcap_geterr(pcap) : error);
	if (v->events)
		good &= fclose(v->events) == 0;
	if (pcap)
		pcap_close(pcap);
	return good;
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fputs("usage: thousand_verdict PLAN BLOCK CAPTURE EVENTS\n", stderr);
		return 2;
	}
	struct verdict *v = calloc(1, sizeof(*v));

	if (!v)
		return 2;
	for (size_t i = 0; i < THOUSAND_SERVICES_MAX; i++)
		v->state[i].word = NO_WORD;
	bool good = read_all(v, argv);

	if (good)
		print(v);
	for (size_t i = 0; i < THOUSAND_SERVICES_MAX; i++)
		thousand_open_free(v->state[i].open);
	thousand_plan_free(&v->plan);
	free(v);
	return good ? 0 : 2;
}

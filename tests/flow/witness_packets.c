// SPDX-License-Identifier: GPL-3.0-or-later
// witness_packets: every packet of some PIDs that left the scrambler is its source packet, scrambled as the libraries
// do it.
//
// The dataplane's own ciphers have no part in it. Packets of a PID keep their order, none is missing and none is added;
// header and adaptation field are the source's but for transport_scrambling_control. A packet without payload has 00
// there, any other the parity of its crypto-period, short payloads as well. All PIDs change the parity together. A
// duplicate is the packet before it once more, though a crypto-period begins between them.
//
// Exit status: 0 so it is; 1 it is not; 2 usage or files.
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <flow_ts.h>
#include <witness_payload.h>
#include <witness_words.h>

static const char usage[] =
	"usage: witness_packets --algorithm NAME[,NAME ...] --keys FILE --group NAME --pid PID [--pid PID ...]\n"
	"                       [--min-periods N] [--all-lengths] SOURCE.ts CAPTURE.ts\n"
	"  --algorithm       csa1, csa2, cissa or sm4-cbc; several: of the crypto-periods in turn\n"
	"  --min-periods N   whole crypto-periods that must be there (default 3)\n"
	"  --all-lengths     payloads of 0 to 184 bytes, those with bytes in both parities\n";

enum { PIDS_MAX = 16, TOLD_MAX = 10, TURNS_MAX = 8 };

struct witness {
	unsigned turns;
	enum witness_algorithm turn[TURNS_MAX];
	struct witness_words words;
	const char *names, *keys, *group, *source_path, *capture_path;
	unsigned pids;
	uint16_t pid[PIDS_MAX];
	size_t min_periods;
	bool all_lengths;

	struct flow_ts source, capture;
	size_t next[PIDS_MAX]; // in the source, by PID
	struct {
		const uint8_t *source, *capture; // its packet before, NULL: none yet
	} before[PIDS_MAX];
	size_t cp; // crypto-period, counted from the first
	bool started;
	size_t compared, scrambled, duplicates, over_edge; // duplicates behind an edge that is behind their originals
	size_t seen[TS_PAYLOAD_MAX_BYTES + 1][4];          // packets by payload length and transport_scrambling_control
	size_t wrong;
};

static void tell(struct witness *w, size_t packet, const char *what)
{
	if (++w->wrong <= TOLD_MAX)
		printf("packet %zu of the capture, PID 0x%04x: %s\n", packet,
		       ts_packet_pid(flow_ts_at(&w->capture, packet)), what);
}

static int find_pid(const struct witness *w, const uint8_t *packet)
{
	for (unsigned i = 0; i < w->pids; i++)
		if (w->pid[i] == ts_packet_pid(packet))
			return (int)i;
	return -1;
}

// The next packet of a PID in the source, those with a malformed adaptation field left out; NULL at its end.
static const uint8_t *next_source(struct witness *w, unsigned pid)
{
	while (w->next[pid] < w->source.n) {
		const uint8_t *packet = flow_ts_at(&w->source, w->next[pid]++);

		if (ts_packet_pid(packet) == w->pid[pid] && ts_packet_payload_offset(packet) >= 0)
			return packet;
	}
	return NULL;
}

// A change of parity starts the next crypto-period. CP_number 0 is even.
static void follow_parity(struct witness *w, unsigned tsc)
{
	unsigned now = w->cp % 2 ? TS_TSC_ODD : TS_TSC_EVEN;

	w->cp += w->started && tsc != now;
	w->started = true;
}

// Scrambles a payload as the crypto-period wants it.
static int scramble(const struct witness *w, const uint8_t *clear, size_t n, uint8_t *out)
{
	enum witness_algorithm algorithm = w->turn[w->cp % w->turns];
	const uint8_t *cw = witness_words_at(&w->words, w->cp, witness_cw_bytes(algorithm));

	return cw ? witness_payload_scramble(algorithm, cw, clear, n, out) : -EBADMSG;
}

static void compare(struct witness *w, size_t index, const uint8_t *source)
{
	const uint8_t *packet = flow_ts_at(&w->capture, index);
	size_t offset = (size_t)ts_packet_payload_offset(source), n = TS_PACKET_BYTES - offset;
	unsigned tsc = ts_packet_tsc(packet);
	uint8_t expected[TS_PACKET_BYTES];

	w->compared++;
	w->seen[n][tsc]++;
	memcpy(expected, source, TS_PACKET_BYTES);
	if (n > 0) {
		if (tsc != TS_TSC_EVEN && tsc != TS_TSC_ODD) {
			tell(w, index, "has a payload and no parity");
			return;
		}
		follow_parity(w, tsc);
		w->scrambled++;
		ts_packet_set_tsc(expected, w->cp % 2 ? TS_TSC_ODD : TS_TSC_EVEN);
		if (scramble(w, source + offset, n, expected + offset) < 0)
			tell(w, index, "no word of the length, or the library refuses");
	}
	if (memcmp(packet, expected, offset) != 0)
		tell(w, index, "header or adaptation field is not the source's");
	else if (memcmp(packet + offset, expected + offset, n) != 0)
		tell(w, index, "the payload is not what the library makes of the source's");
}

// A duplicate has the bytes of its original.
static bool take_duplicate(struct witness *w, unsigned pid, size_t index, const uint8_t *source)
{
	const uint8_t *packet = flow_ts_at(&w->capture, index);
	bool again = w->before[pid].source && memcmp(w->before[pid].source, source, TS_PACKET_BYTES) == 0;

	if (again && memcmp(w->before[pid].capture, packet, TS_PACKET_BYTES) != 0)
		tell(w, index, "a duplicate that is not as its original");
	w->before[pid].source = source;
	w->before[pid].capture = packet;
	w->duplicates += again;
	w->over_edge +=
		again && ts_packet_tsc(packet) && ts_packet_tsc(packet) != (w->cp % 2 ? TS_TSC_ODD : TS_TSC_EVEN);
	return again;
}

static void walk(struct witness *w)
{
	for (size_t i = 0; i < w->capture.n; i++) {
		int pid = find_pid(w, flow_ts_at(&w->capture, i));
		const uint8_t *source = pid < 0 ? NULL : next_source(w, (unsigned)pid);

		if (source && !take_duplicate(w, (unsigned)pid, i, source))
			compare(w, i, source);
		else if (!source && pid >= 0)
			tell(w, i, "comes after the last of the source");
	}
	for (unsigned pid = 0; pid < w->pids; pid++) {
		if (next_source(w, pid)) {
			printf("PID 0x%04x: packets of the source are missing\n", w->pid[pid]);
			w->wrong++;
		}
	}
}

// What the capture must show for the comparison to mean something.
static void check_reach(struct witness *w)
{
	// The first and the last period are cut.
	size_t periods = w->cp > 0 ? w->cp - 1 : 0, lengths = 0;

	for (size_t n = 0; n <= TS_PAYLOAD_MAX_BYTES; n++) {
		const size_t *seen = w->seen[n];
		bool whole = n == 0 ? seen[TS_TSC_CLEAR] > 0 : seen[TS_TSC_EVEN] > 0 && seen[TS_TSC_ODD] > 0;

		lengths += seen[0] || seen[1] || seen[2] || seen[3];
		if (w->all_lengths && !whole) {
			printf("payloads of %zu bytes: not seen in every parity\n", n);
			w->wrong++;
		}
	}
	if (periods < w->min_periods) {
		printf("%zu whole crypto-periods, %zu wanted\n", periods, w->min_periods);
		w->wrong++;
	}
	if (w->scrambled == 0) {
		printf("nothing was scrambled\n");
		w->wrong++;
	}
	printf("%zu duplicates, %zu of them over an edge\n", w->duplicates, w->over_edge);
	printf("%s: %zu packets compared, %zu scrambled, %zu payload lengths, %zu whole crypto-periods, %zu wrong\n",
	       w->names, w->compared, w->scrambled, lengths, periods, w->wrong);
}

static bool take_number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;

	*out = strtoul(text, &end, 0);
	return *text >= '0' && *text <= '9' && *end == '\0' && *out <= max;
}

static int find_algorithm(const char *name, size_t n)
{
	for (int i = 0; i < WITNESS_ALGORITHMS; i++)
		if (strlen(witness_algorithm_name[i]) == n && strncmp(name, witness_algorithm_name[i], n) == 0)
			return i;
	return -1;
}

static bool take_algorithms(struct witness *w, const char *text)
{
	w->names = text;
	for (const char *end = text; *end; text = end + 1) {
		end = text + strcspn(text, ",");
		int algorithm = find_algorithm(text, (size_t)(end - text));

		if (algorithm < 0 || w->turns == TURNS_MAX)
			return false;
		w->turn[w->turns++] = (enum witness_algorithm)algorithm;
	}
	return w->turns > 0;
}

static bool take_option(struct witness *w, int option, const char *text)
{
	unsigned long number;

	switch (option) {
	case 'a':
		return take_algorithms(w, text);
	case 'k':
		w->keys = text;
		return true;
	case 'g':
		w->group = text;
		return true;
	case 'p':
		if (w->pids == PIDS_MAX || !take_number(text, TS_PIDS - 1, &number))
			return false;
		w->pid[w->pids++] = (uint16_t)number;
		return true;
	case 'n':
		if (!take_number(text, 100000, &number))
			return false;
		w->min_periods = number;
		return true;
	case 'l':
		w->all_lengths = true;
		return true;
	default:
		return false;
	}
}

static bool parse(struct witness *w, int argc, char **argv)
{
	static const struct option table[] = {
		{"algorithm", required_argument, NULL, 'a'},
		{"keys", required_argument, NULL, 'k'},
		{"group", required_argument, NULL, 'g'},
		{"pid", required_argument, NULL, 'p'},
		{"min-periods", required_argument, NULL, 'n'},
		{"all-lengths", no_argument, NULL, 'l'},
		{0},
	};
	bool algorithm = false;
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		algorithm |= option == 'a';
		if (!take_option(w, option, optarg))
			return false;
	}
	if (!algorithm || !w->keys || !w->group || w->pids == 0 || argc - optind != 2)
		return false;
	w->source_path = argv[optind];
	w->capture_path = argv[optind + 1];
	return true;
}

int main(int argc, char **argv)
{
	struct witness w = {.min_periods = 3};
	struct base_errs errs;
	int status = 2, rc;

	if (!parse(&w, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	base_errs_init(&errs);
	rc = witness_words_read(&w.words, w.keys, w.group);
	if (rc < 0)
		base_errs_add(&errs, w.keys, "group %s: %s", w.group, strerror(-rc));
	if (rc == 0 && flow_ts_open(&w.source, w.source_path, &errs) == 0 &&
	    flow_ts_open(&w.capture, w.capture_path, &errs) == 0) {
		walk(&w);
		check_reach(&w);
		status = w.wrong ? 1 : 0;
	}
	base_errs_print(&errs, stderr, "witness_packets: ");
	flow_ts_close(&w.source);
	flow_ts_close(&w.capture);
	witness_words_free(&w.words);
	return status;
}

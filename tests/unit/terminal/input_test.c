// SPDX-License-Identifier: GPL-3.0-or-later
// Sources: files with and without synchronisation, captures, datagrams with and without RTP.
#include <stb_input.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>
#include <ts_packet.h>
#include <ts_rtp.h>
#include <unit.h>

#define GROUP 0xEF010203u
#define PORT  5000

struct files {
	char path[32];
	FILE *file;
};

static void files_new(struct files *f)
{
	strcpy(f->path, "/tmp/stb_input_XXXXXX");
	int fd = mkstemp(f->path);

	f->file = fd < 0 ? NULL : fdopen(fd, "wb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->file);
}

static void packet(uint8_t *p, unsigned number)
{
	ts_packet_null(p);
	ts_packet_set_pid(p, 0x100);
	base_bytes_put32(p + 4, number);
}

static void put_packets(FILE *file, unsigned from, unsigned n)
{
	uint8_t p[TS_PACKET_BYTES];

	for (unsigned i = from; i < from + n; i++) {
		packet(p, i);
		CU_ASSERT_EQUAL(fwrite(p, sizeof(p), 1, file), 1);
	}
}

// Reads all, checks that the packets are numbered from 0, returns how many.
static unsigned drain(struct stb_input *in)
{
	static uint8_t packets[STB_INPUT_MAX_PKTS * TS_PACKET_BYTES];
	unsigned got = 0;
	int n;

	while ((n = stb_input_read(in, packets, 100)) > 0) {
		for (int i = 0; i < n; i++) {
			CU_ASSERT_EQUAL(packets[i * TS_PACKET_BYTES], TS_SYNC_BYTE);
			CU_ASSERT_EQUAL(base_bytes_get32(packets + i * TS_PACKET_BYTES + 4), got);
			got++;
		}
	}
	CU_ASSERT_EQUAL(n, -ENODATA);
	return got;
}

static void whole_file(void)
{
	struct stb_input in;
	struct base_errs errs;
	struct files f;

	base_errs_init(&errs);
	files_new(&f);
	put_packets(f.file, 0, 3000);
	fclose(f.file);
	CU_ASSERT_EQUAL_FATAL(stb_input_open(&in, f.path, NULL, &errs), 0);
	CU_ASSERT_STRING_EQUAL(in.ops->name, "file");
	CU_ASSERT_EQUAL(drain(&in), 3000);
	CU_ASSERT_EQUAL(in.counts.pkts, 3000);
	CU_ASSERT_EQUAL(in.counts.skipped_bytes, 0);
	stb_input_close(&in);
	CU_ASSERT_EQUAL(stb_input_open(&in, f.path, "239.1.2.3:5000", &errs), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 1);
	unlink(f.path);
}

static void file_out_of_sync(void)
{
	struct stb_input in;
	struct base_errs errs;
	struct files f;

	base_errs_init(&errs);
	files_new(&f);
	fwrite("rubbish", 7, 1, f.file);
	put_packets(f.file, 0, 1500);
	fwrite("GGGG", 4, 1, f.file);
	put_packets(f.file, 1500, 10);
	fwrite("G tail", 6, 1, f.file);
	fclose(f.file);
	CU_ASSERT_EQUAL_FATAL(stb_input_open(&in, f.path, NULL, &errs), 0);
	CU_ASSERT_EQUAL(drain(&in), 1510);
	CU_ASSERT_EQUAL(in.counts.skipped_bytes, 7 + 4 + 6);
	stb_input_close(&in);
	unlink(f.path);
}

static void file_absent(void)
{
	struct stb_input in;
	struct base_errs errs;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL(stb_input_open(&in, "/nonexistent/x.ts", NULL, &errs), -ENOENT);
	CU_ASSERT_EQUAL(errs.count, 1);
	stb_input_close(&in);
}

// A frame with `tags` VLAN tags, to GROUP:port, around `n` bytes.
static size_t frame(uint8_t *out, unsigned tags, uint16_t port, const uint8_t *payload, size_t n)
{
	size_t at = 12;

	memset(out, 0, 64);
	for (unsigned i = 0; i < tags; i++, at += 4)
		base_bytes_put16(out + at, i ? 0x8100 : 0x88A8);
	base_bytes_put16(out + at, 0x0800);
	at += 2;
	out[at] = 0x45;
	base_bytes_put16(out + at + 2, (unsigned)(28 + n));
	out[at + 9] = 17;
	base_bytes_put32(out + at + 16, GROUP);
	base_bytes_put16(out + at + 22, port);
	base_bytes_put16(out + at + 24, (unsigned)(8 + n));
	memcpy(out + at + 28, payload, n);
	return at + 28 + n;
}

static void frames(void)
{
	uint8_t bytes[200];
	struct stb_frame out;

	for (unsigned tags = 0; tags <= 2; tags++) {
		size_t n = frame(bytes, tags, PORT, (const uint8_t *)"hello", 5), ip = 14 + tags * 4;

		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n), 0);
		CU_ASSERT_EQUAL(out.addr, GROUP);
		CU_ASSERT_EQUAL(out.port, PORT);
		CU_ASSERT_EQUAL(out.n, 5);
		CU_ASSERT_EQUAL(memcmp(out.payload, "hello", 5), 0);
		// Padding behind the datagram is no part of it.
		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n + 20), 0);
		CU_ASSERT_EQUAL(out.n, 5);
		// Cut anywhere it is refused.
		for (size_t cut = 0; cut < n; cut++)
			CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, cut), -EBADMSG);
		bytes[ip + 6] = 0x20;
		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n), -EBADMSG);
		bytes[ip + 6] = 0x40;
		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n), 0);
		bytes[ip] = 0x44;
		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n), -EBADMSG);
		bytes[ip] = 0x65;
		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n), -EBADMSG);
		bytes[ip] = 0x45;
		bytes[ip + 9] = 6;
		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n), -EBADMSG);
		bytes[ip + 9] = 17;
		bytes[ip + 25] = 7;
		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n), -EBADMSG);
		bytes[ip + 25] = 14;
		CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, n), -EBADMSG);
	}
	CU_ASSERT_EQUAL(stb_frame_read(&out, bytes, frame(bytes, 3, PORT, bytes, 0)), -EBADMSG);
}

static size_t rtp_datagram(uint8_t *out, uint16_t sequence, unsigned number)
{
	struct ts_rtp rtp = {.payload_type = TS_RTP_PAYLOAD_TYPE_MP2T, .sequence = sequence};

	CU_ASSERT_EQUAL(ts_rtp_write(out, 12, &rtp), 12);
	packet(out + 12, number);
	return 12 + TS_PACKET_BYTES;
}

static void datagrams(void)
{
	struct stb_input in = {0};
	uint8_t datagram[2000], packets[STB_INPUT_MAX_PKTS * TS_PACKET_BYTES];

	for (unsigned i = 0; i < 7; i++)
		packet(datagram + i * TS_PACKET_BYTES, i);
	CU_ASSERT_EQUAL(stb_input_datagram(&in, packets, datagram, 7 * TS_PACKET_BYTES), 7);
	CU_ASSERT_EQUAL(memcmp(packets, datagram, 7 * TS_PACKET_BYTES), 0);
	CU_ASSERT(!in.counts.rtp);
	CU_ASSERT_EQUAL(stb_input_datagram(&in, packets, datagram, 7 * TS_PACKET_BYTES - 1), 0);
	CU_ASSERT_EQUAL(stb_input_datagram(&in, packets, datagram, 0), 0);
	datagram[TS_PACKET_BYTES] = 0x48;
	CU_ASSERT_EQUAL(stb_input_datagram(&in, packets, datagram, 7 * TS_PACKET_BYTES), 0);
	CU_ASSERT_EQUAL(in.counts.refused, 3);
	CU_ASSERT_EQUAL(in.counts.datagrams, 4);
}

static void rtp_sequence(void)
{
	static const uint16_t sequence[] = {65534, 65535, 0, 1, 4, 5, 3, 4};
	struct stb_input in = {0};
	uint8_t datagram[2000], packets[STB_INPUT_MAX_PKTS * TS_PACKET_BYTES];

	for (size_t i = 0; i < 8; i++) {
		size_t n = rtp_datagram(datagram, sequence[i], (unsigned)i);

		CU_ASSERT_EQUAL(stb_input_datagram(&in, packets, datagram, n), 1);
	}
	CU_ASSERT(in.counts.rtp);
	CU_ASSERT_EQUAL(in.counts.rtp_gaps, 2);
	CU_ASSERT_EQUAL(in.counts.rtp_lost, 2);
}

static void put_frame(pcap_dumper_t *dumper, const uint8_t *bytes, size_t n)
{
	struct pcap_pkthdr header = {.caplen = (bpf_u_int32)n, .len = (bpf_u_int32)n};

	pcap_dump((u_char *)dumper, &header, bytes);
}

static void captures(void)
{
	uint8_t bytes[2000], payload[400];
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *dumper;
	struct stb_input in;
	struct base_errs errs;
	struct files f;

	base_errs_init(&errs);
	files_new(&f);
	fclose(f.file);
	dumper = pcap_dump_open(dead, f.path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(dumper);
	// Something else first, then two flows in turns: one plain, one RTP with a tag.
	put_frame(dumper, bytes, frame(bytes, 0, 53, (const uint8_t *)"dns?", 4));
	for (unsigned i = 0; i < 20; i++) {
		packet(payload, i);
		put_frame(dumper, bytes, frame(bytes, 0, PORT, payload, TS_PACKET_BYTES));
		put_frame(dumper, bytes, frame(bytes, 1, PORT + 2, payload, rtp_datagram(payload, (uint16_t)i, i)));
	}
	pcap_dump_close(dumper);
	pcap_close(dead);
	CU_ASSERT_EQUAL_FATAL(stb_input_open(&in, f.path, NULL, &errs), 0);
	CU_ASSERT_STRING_EQUAL(in.ops->name, "capture");
	CU_ASSERT_EQUAL(drain(&in), 20);
	CU_ASSERT_EQUAL(in.counts.datagrams, 20);
	CU_ASSERT_EQUAL(in.counts.other, 21);
	CU_ASSERT(!in.counts.rtp);
	stb_input_close(&in);
	CU_ASSERT_EQUAL_FATAL(stb_input_open(&in, f.path, "239.1.2.3:5002", &errs), 0);
	CU_ASSERT_EQUAL(drain(&in), 20);
	CU_ASSERT(in.counts.rtp);
	CU_ASSERT_EQUAL(in.counts.rtp_gaps, 0);
	stb_input_close(&in);
	CU_ASSERT_EQUAL(stb_input_open(&in, f.path, "239.1.2.3", &errs), -EINVAL);
	// Cut in the middle of a frame.
	CU_ASSERT_EQUAL(truncate(f.path, 500), 0);
	CU_ASSERT_EQUAL_FATAL(stb_input_open(&in, f.path, NULL, &errs), 0);
	static uint8_t packets[STB_INPUT_MAX_PKTS * TS_PACKET_BYTES];
	int n;

	while ((n = stb_input_read(&in, packets, 100)) > 0)
		continue;
	CU_ASSERT_EQUAL(n, -EBADMSG);
	stb_input_close(&in);
	// Nothing but the magic.
	CU_ASSERT_EQUAL(truncate(f.path, 10), 0);
	CU_ASSERT_EQUAL(stb_input_open(&in, f.path, NULL, &errs), -EBADMSG);
	unlink(f.path);
}

static void urls(void)
{
	static const char *const bad[] = {
		"udp://",
		"udp://239.1.2.3",
		"udp://239.1.2.3:",
		"udp://239.1.2.3:0",
		"udp://239.1.2.3:65536",
		"udp://239.1.2:5000",
		"udp://239.1.2.3:5x",
		"udp://host:5000",
		"udp://239.1.2.3:5000?",
		"udp://239.1.2.3:5000?ttl=3",
		"udp://239.1.2.3:5000?ifaddr=x",
		"udp://10.0.0.1:5000?source=10.0.0.2",
		"udp://111.111.111.1111:5000",
		"udp://239.1.2.3:5000?ifaddr=10.0.0.1&",
	};
	struct stb_url url;
	struct base_errs errs;

	base_errs_init(&errs);
	CU_ASSERT(stb_url_is_udp("udp://x"));
	CU_ASSERT(!stb_url_is_udp("udp:/x"));
	CU_ASSERT_EQUAL(stb_url_parse(&url, "udp://239.1.2.3:5000?ifaddr=10.0.0.1&source=10.0.0.2", "x", &errs), 0);
	CU_ASSERT_EQUAL(url.addr, GROUP);
	CU_ASSERT_EQUAL(url.port, PORT);
	CU_ASSERT_EQUAL(url.ifaddr, 0x0A000001);
	CU_ASSERT_EQUAL(url.source, 0x0A000002);
	CU_ASSERT(stb_url_multicast(&url));
	CU_ASSERT(base_errs_none(&errs));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(stb_url_parse(&url, bad[i], "x", &errs), -EINVAL);
		CU_ASSERT_EQUAL(errs.count, i + 1);
	}
}

static const struct unit_test tests[] = {
	{"a file", whole_file},   {"a file out of sync", file_out_of_sync},
	{"no file", file_absent}, {"frames", frames},
	{"datagrams", datagrams}, {"RTP sequence", rtp_sequence},
	{"captures", captures},   {"addresses", urls},
};

UNIT_MAIN("input", tests)

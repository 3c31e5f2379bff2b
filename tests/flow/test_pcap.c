// SPDX-License-Identifier: GPL-3.0-or-later
// Captures: frames with right checksums, a stream through wrap, merge and unwrap, times from the PCR.
#include <flow_pcap.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>
#include <unit.h>

enum { PKTS = 100, PCR_EVERY = 20, PCR_STEP_27MHZ = 270000 }; // 10 ms every 20 packets

struct folder {
	char path[32];
	char file[4][48];
};

static void folder_new(struct folder *f)
{
	strcpy(f->path, "/tmp/flow_pcap_XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(f->path));
	for (int i = 0; i < 4; i++)
		snprintf(f->file[i], sizeof(f->file[i]), "%s/%d", f->path, i);
}

static void folder_free(struct folder *f)
{
	for (int i = 0; i < 4; i++)
		unlink(f->file[i]);
	rmdir(f->path);
}

static void write_stream(const char *path)
{
	FILE *file = fopen(path, "wb");
	uint8_t p[TS_PACKET_BYTES];

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	for (unsigned i = 0; i < PKTS; i++) {
		ts_packet_null(p);
		ts_packet_set_pid(p, 0x100);
		base_bytes_put32(p + 20, i);
		if (i % PCR_EVERY == 0) {
			p[3] |= 0x30;
			p[4] = 7;
			p[5] = 0x10;
			CU_ASSERT(ts_packet_set_pcr(p, TS_PCR_TURN_27MHZ - 500000 + i / PCR_EVERY * PCR_STEP_27MHZ));
		}
		fwrite(p, sizeof(p), 1, file);
	}
	fclose(file);
}

static bool same(const char *a, const char *b)
{
	uint8_t x[PKTS * TS_PACKET_BYTES + 1], y[PKTS * TS_PACKET_BYTES + 1];
	FILE *fa = fopen(a, "rb"), *fb = fopen(b, "rb");
	size_t n = fa ? fread(x, 1, sizeof(x), fa) : 0, m = fb ? fread(y, 1, sizeof(y), fb) : 0;

	if (fa)
		fclose(fa);
	if (fb)
		fclose(fb);
	return n == PKTS * TS_PACKET_BYTES && n == m && memcmp(x, y, n) == 0;
}

static void frames(void)
{
	struct flow_wrap wrap = {.to = {0xEF010203, 5000}, .from = 0x0A000001};

	for (unsigned vlan = 0; vlan <= 77; vlan += 77) {
		uint8_t bytes[FLOW_FRAME_MAX_BYTES] = {0};
		struct flow_frame frame;
		size_t at, n;

		wrap.vlan = vlan;
		flow_frame_write(NULL, &at, &wrap, 5, 0);
		memcpy(bytes + at, "hello", 5);
		n = flow_frame_write(bytes, &at, &wrap, 5, 9);
		CU_ASSERT_EQUAL(n, at + 5);
		CU_ASSERT_EQUAL(base_bytes_get24(bytes), 0x01005E);
		CU_ASSERT_EQUAL(base_bytes_get24(bytes + 3), 0x010203);
		CU_ASSERT_EQUAL(flow_frame_read(&frame, bytes, n), 0);
		CU_ASSERT_EQUAL(frame.to.addr, 0xEF010203);
		CU_ASSERT_EQUAL(frame.to.port, 5000);
		CU_ASSERT_EQUAL(frame.payload_bytes, 5);
		CU_ASSERT(!frame.checksum_wrong);
		for (size_t cut = 0; cut < n; cut++)
			CU_ASSERT_EQUAL(flow_frame_read(&frame, bytes, cut), -EBADMSG);
		bytes[n - 1] ^= 1;
		CU_ASSERT_EQUAL(flow_frame_read(&frame, bytes, n), 0);
		CU_ASSERT(frame.checksum_wrong);
		// The time to live is under the IP checksum.
		bytes[at - 28 + 8]++;
		CU_ASSERT_EQUAL(flow_frame_read(&frame, bytes, n), -EBADMSG);
	}
}

static void endpoints(void)
{
	static const char *const bad[] = {"",        "1.2.3.4",    "1.2.3.4:",   "1.2.3.4:0",         "1.2.3.4:65536",
					  "1.2.3:5", "1.2.3.4:5x", "1.2.3.4:+5", "1111111111111111:5"};
	struct flow_endpoint e;

	CU_ASSERT_EQUAL(flow_endpoint_parse(&e, "239.1.2.3:5000"), 0);
	CU_ASSERT_EQUAL(e.addr, 0xEF010203);
	CU_ASSERT_EQUAL(e.port, 5000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(flow_endpoint_parse(&e, bad[i]), -EINVAL);
}

static void there_and_back(void)
{
	struct folder f;
	struct base_errs errs;

	base_errs_init(&errs);
	folder_new(&f);
	write_stream(f.file[0]);
	for (int rtp = 0; rtp < 2; rtp++) {
		struct flow_wrap wrap = {f.file[0], f.file[1], {0xEF010203, 5000}, 0x0A000001, rtp, rtp ? 12 : 0};

		CU_ASSERT_EQUAL(flow_pcap_wrap(&wrap, &errs), 0);
		CU_ASSERT_EQUAL(flow_pcap_unwrap(f.file[1], f.file[2], &wrap.to, &errs), 0);
		CU_ASSERT(same(f.file[0], f.file[2]));
		wrap.to.port++;
		CU_ASSERT_EQUAL(flow_pcap_unwrap(f.file[1], f.file[2], &wrap.to, &errs), -ENOENT);
	}
	CU_ASSERT_EQUAL(errs.count, 2);
	folder_free(&f);
}

// Microseconds of each frame.
static size_t times(const char *path, uint64_t *us, size_t max)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, why);
	struct pcap_pkthdr *header;
	const u_char *bytes;
	size_t n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(pcap);
	while (n < max && pcap_next_ex(pcap, &header, &bytes) == 1)
		us[n++] = (uint64_t)header->ts.tv_sec * 1000000 + (uint64_t)header->ts.tv_usec;
	pcap_close(pcap);
	return n;
}

// 20 packets are 10 ms, across the turn of the PCR too: a datagram of 7 is 3.5 ms and leaves with its last packet.
static void timed_by_pcr(void)
{
	struct folder f;
	struct base_errs errs;
	uint64_t us[64];

	base_errs_init(&errs);
	folder_new(&f);
	write_stream(f.file[0]);
	struct flow_wrap wrap = {f.file[0], f.file[1], {0xEF010203, 5000}, 0x0A000001, false, 0};

	CU_ASSERT_EQUAL(flow_pcap_wrap(&wrap, &errs), 0);
	CU_ASSERT_EQUAL(times(f.file[1], us, 64), 15);
	for (unsigned i = 0; i < 14; i++)
		CU_ASSERT_EQUAL(us[i], 3000 + i * 3500);
	CU_ASSERT_EQUAL(us[14], 49500);
	folder_free(&f);
}

static void merged_by_time(void)
{
	struct folder f;
	struct base_errs errs;
	uint64_t us[64];

	base_errs_init(&errs);
	folder_new(&f);
	write_stream(f.file[0]);
	struct flow_wrap a = {f.file[0], f.file[1], {0xEF010203, 5000}, 0x0A000001, false, 0};
	struct flow_wrap b = {f.file[0], f.file[2], {0xEF010203, 5001}, 0x0A000001, true, 0};
	char *in[] = {f.file[1], f.file[2]};

	CU_ASSERT_EQUAL(flow_pcap_wrap(&a, &errs), 0);
	CU_ASSERT_EQUAL(flow_pcap_wrap(&b, &errs), 0);
	CU_ASSERT_EQUAL(flow_pcap_merge(f.file[3], in, 2, &errs), 0);
	CU_ASSERT_EQUAL(times(f.file[3], us, 64), 30);
	for (unsigned i = 1; i < 30; i++)
		CU_ASSERT(us[i - 1] <= us[i]);
	CU_ASSERT_EQUAL(flow_pcap_unwrap(f.file[3], f.file[1], &b.to, &errs), 0);
	CU_ASSERT(same(f.file[0], f.file[1]));
	CU_ASSERT(base_errs_none(&errs));
	folder_free(&f);
}

static void wrong_files(void)
{
	struct folder f;
	struct base_errs errs;
	struct flow_endpoint to = {0xEF010203, 5000};
	struct flow_wrap wrap = {f.file[0], f.file[1], to, 0x0A000001, false, 0};
	FILE *file;

	base_errs_init(&errs);
	folder_new(&f);
	CU_ASSERT_EQUAL(flow_pcap_wrap(&wrap, &errs), -ENOENT);
	file = fopen(f.file[0], "wb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	for (int i = 0; i < TS_PACKET_BYTES; i++)
		fputc(0x48, file);
	fclose(file);
	CU_ASSERT_EQUAL(flow_pcap_wrap(&wrap, &errs), -EBADMSG);
	CU_ASSERT_EQUAL(flow_pcap_unwrap(f.file[0], f.file[2], &to, &errs), -EBADMSG);
	char *in[] = {f.file[0], f.file[1]};

	CU_ASSERT_EQUAL(flow_pcap_merge(f.file[3], in, 2, &errs), -EBADMSG);
	CU_ASSERT_EQUAL(errs.count, 5);
	CU_ASSERT_EQUAL(truncate(f.file[0], 100), 0);
	CU_ASSERT_EQUAL(flow_pcap_wrap(&wrap, &errs), -EBADMSG);
	folder_free(&f);
}

static const struct unit_test tests[] = {
	{"frames", frames},
	{"endpoints", endpoints},
	{"there and back", there_and_back},
	{"timed by PCR", timed_by_pcr},
	{"merged by time", merged_by_time},
	{"wrong files", wrong_files},
};

UNIT_MAIN("pcap", tests)

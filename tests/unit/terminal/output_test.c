// SPDX-License-Identifier: GPL-3.0-or-later
// Sinks: files, and datagrams over the loopback into the socket input, unicast and multicast.
#include <stb_output.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stb_input.h>
#include <unit.h>

static void put(struct stb_output *out, unsigned from, unsigned n)
{
	uint8_t p[TS_PACKET_BYTES];

	for (unsigned i = from; i < from + n; i++) {
		ts_packet_null(p);
		base_bytes_put32(p + 4, i);
		CU_ASSERT_EQUAL(stb_output_packet(out, p), 0);
	}
}

static void file(void)
{
	char path[] = "/tmp/stb_output_XXXXXX";
	struct stb_output out;
	struct base_errs errs;
	struct stat st;
	int fd = mkstemp(path);

	base_errs_init(&errs);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(stb_output_open(&out, path, &errs), 0);
	put(&out, 0, 1000);
	CU_ASSERT_EQUAL(stb_output_close(&out), 0);
	CU_ASSERT_EQUAL(out.pkts, 1000);
	CU_ASSERT_EQUAL(fstat(fd, &st), 0);
	CU_ASSERT_EQUAL(st.st_size, 1000 * TS_PACKET_BYTES);
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t p[TS_PACKET_BYTES];

		CU_ASSERT_EQUAL(read(fd, p, sizeof(p)), TS_PACKET_BYTES);
		CU_ASSERT_EQUAL(base_bytes_get32(p + 4), i);
	}
	close(fd);
	unlink(path);
}

static void nowhere_and_wrong(void)
{
	struct stb_output out;
	struct base_errs errs;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL(stb_output_open(&out, NULL, &errs), 0);
	put(&out, 0, 10);
	CU_ASSERT_EQUAL(stb_output_flush(&out), 0);
	CU_ASSERT_EQUAL(stb_output_close(&out), 0);
	CU_ASSERT(base_errs_none(&errs));
	CU_ASSERT_EQUAL(stb_output_open(&out, "/nonexistent/x.ts", &errs), -ENOENT);
	CU_ASSERT_EQUAL(stb_output_open(&out, "udp://239.1.1.1", &errs), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 2);
}

static void full_device(void)
{
	struct stb_output out;
	struct base_errs errs;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(stb_output_open(&out, "/dev/full", &errs), 0);
	put(&out, 0, 10);
	CU_ASSERT_EQUAL(stb_output_close(&out), -ENOSPC);
}

// A port that nobody uses now.
static unsigned free_port(void)
{
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(local);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CU_ASSERT_FATAL(fd >= 0 && bind(fd, (struct sockaddr *)&local, n) == 0);
	CU_ASSERT_EQUAL(getsockname(fd, (struct sockaddr *)&local, &n), 0);
	close(fd);
	return ntohs(local.sin_port);
}

static void over(const char *from, const char *to)
{
	static uint8_t packets[STB_INPUT_MAX_PKTS * TS_PACKET_BYTES];
	struct stb_output out;
	struct stb_input in;
	struct base_errs errs;
	unsigned got = 0;
	int n;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(stb_input_open(&in, from, NULL, &errs), 0);
	CU_ASSERT_STRING_EQUAL(in.ops->name, "udp");
	CU_ASSERT_EQUAL_FATAL(stb_output_open(&out, to, &errs), 0);
	CU_ASSERT_EQUAL(stb_input_read(&in, packets, 1), 0);
	put(&out, 0, 17);
	CU_ASSERT_EQUAL(stb_output_close(&out), 0);
	while (got < 17 && (n = stb_input_read(&in, packets, 2000)) > 0)
		for (int i = 0; i < n; i++)
			CU_ASSERT_EQUAL(base_bytes_get32(packets + i * TS_PACKET_BYTES + 4), got++);
	CU_ASSERT_EQUAL(got, 17);
	CU_ASSERT_EQUAL(in.counts.datagrams, 3);
	stb_input_close(&in);
}

static void unicast(void)
{
	char url[64];

	snprintf(url, sizeof(url), "udp://127.0.0.1:%u", free_port());
	over(url, url);
}

static void multicast(void)
{
	char from[96], to[64];
	unsigned port = free_port();

	snprintf(to, sizeof(to), "udp://239.255.77.7:%u?ifaddr=127.0.0.1", port);
	over(to, to);
	// Source-specific: the loopback's own address is the source.
	snprintf(from, sizeof(from), "udp://239.255.77.7:%u?ifaddr=127.0.0.1&source=127.0.0.1", port);
	over(from, to);
}

static void no_such_interface(void)
{
	struct stb_input in;
	struct base_errs errs;

	base_errs_init(&errs);
	CU_ASSERT(stb_input_open(&in, "udp://239.255.77.7:5000?ifaddr=192.0.2.77", NULL, &errs) < 0);
	CU_ASSERT_EQUAL(errs.count, 1);
	stb_input_close(&in);
}

static const struct unit_test tests[] = {
	{"a file", file},
	{"nowhere, and wrong places", nowhere_and_wrong},
	{"a full device", full_device},
	{"unicast", unicast},
	{"multicast", multicast},
	{"no such interface", no_such_interface},
};

UNIT_MAIN("output", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// The key file of a laboratory's terminal: what it may say, and every mistake by its line, without a digit of a key.
#include <stb_keys.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <unit.h>

#define A    "00112233445566778899aabbccddeeff"
#define B    "8899AABBccddeeff0011223344556677"
#define C    "102132435465768798a9bacbdcedfe0f"
#define HEAD "suite aes\nca_subsystem 0a01\nk3 " A "\n"
#define KEY1 "service_key 1 ek2 " A " ek1 " B " auth " C "\n"

static struct base_errs errs;
static struct stb_keys keys;

static int parse(const char *text)
{
	base_errs_init(&errs);
	return stb_keys_parse(&keys, text, strlen(text), "f", &errs);
}

// True when the text is refused for exactly this one reason.
static bool refused(const char *text, const char *reason)
{
	bool held = parse(text) == -EINVAL && errs.count == 1 && strcmp(errs.text[0], reason) == 0 && !keys.bytes.bytes;

	if (!held)
		printf("  %zu mistakes, first: %s\n", errs.count, errs.count ? errs.text[0] : "none");
	stb_keys_free(&keys);
	return held;
}

static void good(void)
{
	struct stb_service_key key;

	CU_ASSERT_EQUAL_FATAL(parse("# lab\n" HEAD KEY1 "\n  service_key\t65535 ek2 " C " ek1 " A " auth " B
				    " # two\r\n"),
			      0);
	CU_ASSERT_EQUAL(keys.suite, STB_SUITE_AES);
	CU_ASSERT_EQUAL(keys.ca_subsystem_id, 0x0A01);
	CU_ASSERT_EQUAL(keys.n, 2);
	CU_ASSERT_EQUAL(stb_keys_k3(&keys)[15], 0xFF);
	CU_ASSERT_EQUAL(stb_keys_find(&keys, 1, &key), 0);
	CU_ASSERT_EQUAL(key.ek2[1], 0x11);
	CU_ASSERT_EQUAL(key.ek1[0], 0x88);
	CU_ASSERT_EQUAL(key.auth[15], 0x0F);
	CU_ASSERT_EQUAL(stb_keys_find(&keys, 65535, &key), 0);
	CU_ASSERT_EQUAL(key.ek2[0], 0x10);
	CU_ASSERT_EQUAL(key.auth[15], 0x77);
	CU_ASSERT_EQUAL(stb_keys_find(&keys, 2, &key), -ENOENT);
	stb_keys_free(&keys);
	// The order is free, and the last line needs no end.
	CU_ASSERT_EQUAL(parse("service_key 0 ek2 " A " ek1 " B " auth " C "\nk3 " A "\nca_subsystem FFFF\nsuite tdes"),
			0);
	CU_ASSERT_EQUAL(keys.suite, STB_SUITE_TDES);
	stb_keys_free(&keys);
}

static void each_mistake(void)
{
	CU_ASSERT(refused("ca_subsystem 0001\nk3 " A "\n" KEY1, "f: no suite line: suite tdes|aes|sm4"));
	CU_ASSERT(refused("suite aes\nk3 " A "\n" KEY1, "f: no ca_subsystem line"));
	CU_ASSERT(refused("suite aes\nca_subsystem 0001\n" KEY1, "f: no k3 line"));
	CU_ASSERT(refused(HEAD, "f: no good service_key line; at least one is needed"));
	CU_ASSERT(refused(HEAD KEY1 "suite aes\n", "f:5: a second suite line; a file has one"));
	CU_ASSERT(refused(HEAD KEY1 "ca_subsystem 0001\n", "f:5: a second ca_subsystem line; a file has one"));
	CU_ASSERT(refused(HEAD KEY1 "k3 " A "\n", "f:5: a second k3 line; a file has one"));
	CU_ASSERT(refused(HEAD KEY1 KEY1, "f:5: this service_key_id stands twice"));
	CU_ASSERT(refused("suite des\nca_subsystem 0001\nk3 " A "\n" KEY1,
			  "f:1: a suite line reads: suite tdes|aes|sm4"));
	CU_ASSERT(refused("suite aes\nca_subsystem 1\nk3 " A "\n" KEY1,
			  "f:2: a ca_subsystem line reads: ca_subsystem and 4 hexadecimal digits"));
	CU_ASSERT(refused("suite aes\nca_subsystem 0x01\nk3 " A "\n" KEY1,
			  "f:2: a ca_subsystem line reads: ca_subsystem and 4 hexadecimal digits"));
	CU_ASSERT(refused("suite aes\nca_subsystem 0001\nk3 " A "00\n" KEY1,
			  "f:3: a k3 line reads: k3 and 32 hexadecimal digits"));
	CU_ASSERT(refused("suite aes\nca_subsystem 0001\nk3 " A " " B "\n" KEY1,
			  "f:3: a k3 line reads: k3 and 32 hexadecimal digits"));
	CU_ASSERT(refused(HEAD KEY1 A "\n", "f:5: a line begins with suite, ca_subsystem, k3, service_key or #"));
	CU_ASSERT(refused(HEAD KEY1 "service_key 2 ek1 " A " ek2 " B " auth " C "\n",
			  "f:5: a service_key line reads: service_key ID ek2 KEY ek1 KEY auth KEY"));
	CU_ASSERT(refused(HEAD KEY1 "service_key 2 ek2 " A " ek1 " B "\n",
			  "f:5: a service_key line reads: service_key ID ek2 KEY ek1 KEY auth KEY"));
	CU_ASSERT(refused(HEAD KEY1 "service_key 65536 ek2 " A " ek1 " B " auth " C "\n",
			  "f:5: a service_key_id is 0..65535"));
	CU_ASSERT(refused(HEAD KEY1 "service_key x ek2 " A " ek1 " B " auth " C "\n",
			  "f:5: a service_key_id is 0..65535"));
	CU_ASSERT(refused(HEAD KEY1 "service_key 2 ek2 0 ek1 " B " auth " C "\n", "f:5: ek2 is 32 hexadecimal digits"));
	CU_ASSERT(refused(HEAD KEY1 "service_key 2 ek2 " A " ek1 " B "0 auth " C "\n",
			  "f:5: ek1 is 32 hexadecimal digits"));
	CU_ASSERT(refused(HEAD KEY1 "service_key 2 ek2 " A " ek1 " B " auth g02132435465768798a9bacbdcedfe0f\n",
			  "f:5: auth is 32 hexadecimal digits"));
}

static void all_mistakes_at_once(void)
{
	CU_ASSERT_EQUAL(parse("suite x\nk3 y\nwhat\n"), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 5);
}

static void no_more_than_there_is_room_for(void)
{
	static char text[200 * (STB_KEYS_MAX + 3)];
	size_t n = (size_t)sprintf(text, HEAD);

	for (unsigned i = 0; i < STB_KEYS_MAX; i++)
		n += (size_t)sprintf(text + n, "service_key %u ek2 " A " ek1 " B " auth " C "\n", i);
	CU_ASSERT_EQUAL(parse(text), 0);
	CU_ASSERT_EQUAL(keys.n, STB_KEYS_MAX);
	stb_keys_free(&keys);
	n += (size_t)sprintf(text + n, "service_key 5000 ek2 " A " ek1 " B " auth " C "\n");
	sprintf(text + n, "service_key 5001 ek2 " A " ek1 " B " auth " C "\n");
	CU_ASSERT(refused(text, "f:1028: more service keys than a file may have (1024)"));
}

static void from_a_file(void)
{
	char path[] = "/tmp/stb_keys_XXXXXX";
	int fd = mkstemp(path);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, HEAD KEY1, strlen(HEAD KEY1)), (ssize_t)strlen(HEAD KEY1));
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(stb_keys_load(&keys, path, &errs), 0);
	CU_ASSERT_EQUAL(keys.n, 1);
	stb_keys_free(&keys);
	CU_ASSERT_EQUAL(fchmod(fd, 0640), 0);
	CU_ASSERT_EQUAL(stb_keys_load(&keys, path, &errs), -EPERM);
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_PTR_NULL(keys.bytes.bytes);
	CU_ASSERT_EQUAL(fchmod(fd, 0600), 0);
	CU_ASSERT_EQUAL(ftruncate(fd, (off_t)STB_KEYS_MAX_BYTES + 1), 0);
	CU_ASSERT(stb_keys_load(&keys, path, &errs) < 0);
	close(fd);
	unlink(path);
	CU_ASSERT_EQUAL(stb_keys_load(&keys, path, &errs), -ENOENT);
}

static const struct unit_test tests[] = {
	{"good", good},
	{"each mistake", each_mistake},
	{"all mistakes at once", all_mistakes_at_once},
	{"no more than there is room for", no_more_than_there_is_room_for},
	{"from a file", from_a_file},
};

UNIT_MAIN("keys", tests)

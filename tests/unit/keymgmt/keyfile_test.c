// SPDX-License-Identifier: GPL-3.0-or-later
// The vault's key file: what is good, and every mistake by file and line and without a key digit.
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys_rig.h"

static struct km_keyfile keyfile;
static struct base_errs errs;

static int parse_n(const char *text, size_t n)
{
	base_errs_init(&errs);
	return km_keyfile_parse(&keyfile, text, n, "k", &errs);
}

static int parse(const char *text)
{
	return parse_n(text, strlen(text));
}

static void good(void)
{
	uint8_t k[KM_KEY_BYTES];

	CU_ASSERT_EQUAL_FATAL(parse("# comment\n\n\tservice_key 65535 k1 " RIG_K1 " auth " RIG_AUTH "#no blank\r\n"
				    "suite sm4 # trailing\n"
				    "service_key 0 k1 AABBCCDDEEFF00112233445566778899 auth " RIG_K1 "\n"
				    "ca_subsystem 0AbC"),
			      0);
	CU_ASSERT_TRUE(base_errs_none(&errs));
	CU_ASSERT_TRUE(keyfile.suite == KM_SUITE_SM4 && keyfile.ca_subsystem_id == 0x0ABC && keyfile.keys == 2);
	CU_ASSERT_TRUE(keyfile.id[0] == 65535 && keyfile.id[1] == 0);
	rig_hex(k, sizeof(k), RIG_K1);
	CU_ASSERT_TRUE(memcmp(km_keyfile_k1(&keyfile, 0), k, 16) == 0);
	CU_ASSERT_TRUE(memcmp(km_keyfile_auth(&keyfile, 1), k, 16) == 0);
	rig_hex(k, sizeof(k), RIG_AUTH);
	CU_ASSERT_TRUE(memcmp(km_keyfile_auth(&keyfile, 0), k, 16) == 0);
	CU_ASSERT_TRUE(km_keyfile_k1(&keyfile, 1)[0] == 0xAA && km_keyfile_k1(&keyfile, 1)[15] == 0x99);
	km_keyfile_free(&keyfile);
	CU_ASSERT_PTR_NULL(keyfile.secret.bytes);
	km_keyfile_free(&keyfile);
}

#define KEY   "5ec7e7a15ec7e7a15ec7e7a15ec7e7a1"
#define HEAD  "suite aes\nca_subsystem 0001\n"
#define ONE   "service_key 1 k1 " KEY " auth " KEY "\n"
#define FIRST "5ec7e7a15ec7e7a1"
#define OTHER "15ec7e7a15ec7e7b"

// One mistake each: the text, the start and a part of its message.
static const struct {
	const char *text, *start, *part;
} mistakes[] = {
	{HEAD ONE "service 2\n", "k:4: ", "starts with suite, ca_subsystem, service_key or #"},
	{HEAD ONE KEY "\n", "k:4: ", "starts with suite"},
	{HEAD ONE "suite aes\n", "k:4: ", "the suite is there twice"},
	{HEAD ONE "suite sm4\n", "k:4: ", "the suite is there twice"},
	{HEAD ONE "suite\n", "k:4: ", "expected: suite tdes|aes|sm4"},
	{HEAD ONE "suite AES\n", "k:4: ", "expected: suite"},
	{HEAD ONE "suite aes x\n", "k:4: ", "expected: suite"},
	{HEAD ONE "ca_subsystem 0001\n", "k:4: ", "ca_subsystem is there twice"},
	{HEAD ONE "ca_subsystem\n", "k:4: ", "expected: ca_subsystem"},
	{HEAD ONE "ca_subsystem 001\n", "k:4: ", "4 hexadecimal digits"},
	{HEAD ONE "ca_subsystem 00001\n", "k:4: ", "4 hexadecimal digits"},
	{HEAD ONE "ca_subsystem 00g1\n", "k:4: ", "4 hexadecimal digits"},
	{HEAD ONE "ca_subsystem 0001 0001\n", "k:4: ", "4 hexadecimal digits"},
	{HEAD ONE ONE, "k:4: ", "service_key 1 is there twice"},
	{HEAD ONE "service_key\n", "k:4: ", "expected: service_key NUMBER"},
	{HEAD ONE "service_key 65536 k1 " KEY " auth " KEY "\n", "k:4: ", "NUMBER 0 to 65535"},
	{HEAD ONE "service_key 99999999999 k1 " KEY " auth " KEY "\n", "k:4: ", "NUMBER 0 to 65535"},
	{HEAD ONE "service_key -2 k1 " KEY " auth " KEY "\n", "k:4: ", "NUMBER 0 to 65535"},
	{HEAD ONE "service_key 2 auth " KEY " k1 " KEY "\n", "k:4: ", "expected: service_key"},
	{HEAD ONE "service_key 2 k1 " KEY " auth\n", "k:4: ", "expected: service_key"},
	{HEAD ONE "service_key 2 k1 " KEY " k1 " KEY "\n", "k:4: ", "expected: service_key"},
	{HEAD ONE "service_key 2 k1 " KEY " auth " KEY " x\n", "k:4: ", "expected: service_key"},
	{HEAD ONE "service_key 2 k1 " KEY " auth " KEY " x y z\n", "k:4: ", "expected: service_key"},
	{HEAD ONE "service_key 2 k1 " FIRST " auth " KEY "\n", "k:4: ", "service_key 2: a key has 32 hexadecimal"},
	{HEAD ONE "service_key 2 k1 " KEY " auth " KEY "5e\n", "k:4: ", "32 hexadecimal"},
	{HEAD ONE "service_key 2 k1 " KEY " auth " FIRST "5ec7e7a15ec7e7ag\n", "k:4: ", "32 hexadecimal"},
	{"suite aes\n" ONE, "k: ", "no ca_subsystem line"},
	{"ca_subsystem 0001\n" ONE, "k: ", "no suite line"},
	{HEAD, "k: ", "no service_key line"},
	{"suite tdes\nca_subsystem 0001\nservice_key 1 k1 " FIRST OTHER " auth " FIRST FIRST "\n",
	 "k:3: ", "service_key 1: a TDES key has two different halves"},
	{"service_key 1 k1 " FIRST "0101010101010101 auth " FIRST OTHER "\nsuite tdes\nca_subsystem 0001\n",
	 "k:1: ", "none of them a weak DES key"},
};

static void every_mistake(void)
{
	CU_ASSERT_EQUAL_FATAL(parse(HEAD ONE), 0); // what they all start from is good
	km_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL_FATAL(parse("suite tdes\nca_subsystem 0001\nservice_key 1 k1 " FIRST OTHER
				    " auth " OTHER FIRST),
			      0);
	km_keyfile_free(&keyfile);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		CU_ASSERT_EQUAL(parse(mistakes[i].text), -EINVAL);
		CU_ASSERT_PTR_NULL(keyfile.secret.bytes); // nothing is held
		CU_ASSERT_EQUAL(errs.count, 1);
		if (errs.count != 1 || strncmp(errs.text[0], mistakes[i].start, strlen(mistakes[i].start)) != 0 ||
		    !strstr(errs.text[0], mistakes[i].part)) {
			printf("\n%zu: \"%s\"\n", i, errs.count ? errs.text[0] : "");
			CU_FAIL("another message");
		}
		for (size_t k = 0; k < errs.count; k++)
			CU_ASSERT_PTR_NULL(strcasestr(errs.text[k], "5ec7"));
	}
}

static void all_at_once(void)
{
	CU_ASSERT_EQUAL(parse("x\nsuite no\nservice_key 1\n"), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 6);
	CU_ASSERT_EQUAL(parse(""), -EINVAL);
	CU_ASSERT_EQUAL(errs.count, 3);
}

static void zero_bytes(void)
{
	static const char in_key[] = HEAD "service_key 1 k1 " FIRST "\0ec7e7a15ec7e7a1 auth " KEY "\n";
	static const char in_word[] = HEAD ONE "suite\0aes\n";

	CU_ASSERT_EQUAL(parse_n(in_key, sizeof(in_key) - 1), -EINVAL);
	CU_ASSERT_EQUAL(parse_n(in_word, sizeof(in_word) - 1), -EINVAL);
}

static void limits(void)
{
	static char text[(KM_MSG_SERVICE_KEYS_MAX + 2) * 128];
	size_t used = (size_t)snprintf(text, sizeof(text), HEAD);

	for (unsigned i = 0; i < KM_MSG_SERVICE_KEYS_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "service_key %u k1 " KEY " auth " RIG_AUTH "\n", i);
	CU_ASSERT_EQUAL_FATAL(parse(text), 0);
	CU_ASSERT_EQUAL(keyfile.keys, KM_MSG_SERVICE_KEYS_MAX);
	CU_ASSERT_EQUAL(km_keyfile_auth(&keyfile, KM_MSG_SERVICE_KEYS_MAX - 1)[15], 0x0F);
	km_keyfile_free(&keyfile);
	snprintf(text + used, sizeof(text) - used, "service_key 700 k1 " KEY " auth " KEY "\n");
	CU_ASSERT_EQUAL(parse(text), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "k:259: more than 256 service keys"));
}

static int load_with_mode(const char *text, mode_t mode)
{
	char path[] = "/tmp/bulkhead-vault-keys-XXXXXX";
	int fd = mkstemp(path), rc;

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	CU_ASSERT_EQUAL_FATAL(fchmod(fd, mode), 0);
	close(fd);
	base_errs_init(&errs);
	rc = km_keyfile_load(&keyfile, path, &errs);
	CU_ASSERT_TRUE(rc == 0 || strncmp(errs.text[0], path, strlen(path)) == 0);
	unlink(path);
	return rc;
}

static void loaded(void)
{
	CU_ASSERT_EQUAL(load_with_mode(HEAD ONE, 0600), 0);
	CU_ASSERT_EQUAL(keyfile.keys, 1);
	km_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL(load_with_mode(HEAD ONE, 0400), 0);
	km_keyfile_free(&keyfile);
	CU_ASSERT_EQUAL(load_with_mode(HEAD ONE, 0640), -EPERM);
	CU_ASSERT_EQUAL(load_with_mode(HEAD ONE, 0604), -EPERM);
	CU_ASSERT_PTR_NULL(keyfile.secret.bytes);
	CU_ASSERT_EQUAL(load_with_mode(HEAD "service_key 1\n", 0600), -EINVAL);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(km_keyfile_load(&keyfile, "/nonexistent/keys", &errs), -ENOENT);
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_PTR_NULL(keyfile.secret.bytes);
	km_keyfile_free(&keyfile); // of what was never loaded
}

static const struct unit_test tests[] = {
	{"good", good},
	{"every mistake", every_mistake},
	{"all at once", all_at_once},
	{"zero bytes", zero_bytes},
	{"limits", limits},
	{"loaded", loaded},
};

UNIT_MAIN("vault keyfile", tests)

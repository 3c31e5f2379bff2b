// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of bulkhead-vault: what it takes, what it refuses and says, with which exit status.
#include "vault_rig.h"

#define KEYS                             \
	"suite sm4\nca_subsystem 0abc\n" \
	"service_key 1 k1 5ec7e7a15ec7e7a15ec7e7a15ec7e7a1 auth 5ec7e7a15ec7e7a15ec7e7a15ec7e7a2\n"

enum { ARGS_MAX = 12 };

static struct vault_rig rig;

// Runs it to its end; returns its exit status, with what it said in rig.text.
static int run(const char *const *args)
{
	vault_rig_start(&rig, args);
	int status = vault_rig_end(&rig);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define RUN(...) run((const char *const[]){"bulkhead-vault", __VA_ARGS__, NULL})

// Good arguments but for one thing; what it says of that.
static const struct {
	const char *args[ARGS_MAX], *says;
} mistakes[] = {
	{{"--socket", "s"}, "--keys FILE: is needed"},
	{{"--keys", "k"}, "--socket PATH: is needed"},
	{{"--keys", "k", "--socket", "s", "more"}, "more: unexpected argument"},
	{{"--keys", "k", "--socket", "s", "--network"}, "unrecognized option"},
	{{"--keys"}, "requires an argument"},
	{{"--keys", "k", "--socket", "s", "--suite", "aes"}, "go with --make-lab"},
	{{"--keys", "k", "--check", "--service-keys", "2"}, "go with --make-lab"},
	{{"--keys", "k", "--socket", "s", "--ca-subsystem", "0001"}, "go with --make-lab"},
	{{"--make-lab", "d", "--keys", "k"}, "goes with --suite"},
	{{"--make-lab", "d", "--socket", "s"}, "goes with --suite"},
	{{"--make-lab", "d", "--check"}, "goes with --suite"},
	{{"--make-lab", "d", "--suite", "des"}, "give aes, tdes or sm4"},
	{{"--make-lab", "d", "--suite", ""}, "give aes, tdes or sm4"},
	{{"--make-lab", "d", "--ca-subsystem", "1"}, "give 4 hexadecimal digits"},
	{{"--make-lab", "d", "--ca-subsystem", "00001"}, "give 4 hexadecimal digits"},
	{{"--make-lab", "d", "--ca-subsystem", "000000"}, "give 4 hexadecimal digits"},
	{{"--make-lab", "d", "--ca-subsystem", "00"}, "give 4 hexadecimal digits"},
	{{"--make-lab", "d", "--ca-subsystem", "xxxx"}, "give 4 hexadecimal digits"},
	{{"--make-lab", "d", "--service-keys", "0"}, "give 1 to 256"},
	{{"--make-lab", "d", "--service-keys", "257"}, "give 1 to 256"},
	{{"--make-lab", "d", "--service-keys", "1000"}, "give 1 to 256"},
	{{"--make-lab", "d", "--service-keys", "-1"}, "give 1 to 256"},
	{{"--make-lab", "d", "--service-keys", "2x"}, "give 1 to 256"},
	{{"--make-lab", "d", "--service-keys", ""}, "give 1 to 256"},
	{{"--keys", "k", "--socket", "s", "--log", "loud"}, "give a level"},
};

static void usage(void)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const char *args[ARGS_MAX + 2] = {"bulkhead-vault"};

		memcpy(args + 1, mistakes[i].args, sizeof(mistakes[i].args));
		CU_ASSERT_EQUAL(run(args), 2);
		CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, mistakes[i].says));
		if (!strstr(rig.text, mistakes[i].says))
			printf("\n%s %s...: %s", args[1], args[2], rig.text);
	}
	CU_ASSERT_EQUAL(access("d", F_OK), -1);
}

static void help(void)
{
	CU_ASSERT_EQUAL(RUN("--help"), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "Usage: bulkhead-vault --keys FILE --socket PATH"));
	CU_ASSERT_EQUAL(RUN("--version"), 0);
	CU_ASSERT_TRUE(strncmp(rig.text, "bulkhead-vault ", 15) == 0 && rig.text[15] >= '0' && rig.text[15] <= '9');
}

static void check(void)
{
	vault_rig_open(&rig, KEYS);
	CU_ASSERT_EQUAL(RUN("--keys", rig.keys, "--check"), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "good: suite sm4, ca_subsystem 0abc, 1 service keys"));
	CU_ASSERT_EQUAL(RUN("--keys", rig.keys, "--socket", rig.socket, "--check"), 0);
	CU_ASSERT_EQUAL(access(rig.socket, F_OK), -1); // looked at, nothing opened
	CU_ASSERT_EQUAL(chmod(rig.keys, 0640), 0);
	CU_ASSERT_EQUAL(RUN("--keys", rig.keys, "--check"), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "chmod 600"));
	CU_ASSERT_EQUAL(RUN("--keys", rig.keys, "--socket", rig.socket), 2); // nor does it run with that
	vault_rig_close(&rig);
}

// Every mistake at once, by line, and no key digit among it.
static void check_mistakes(void)
{
	vault_rig_open(&rig, KEYS "service_key 1 k1 5ec7e7a1 auth 5ec7e7a1\nsuite aes\nfoo 5ec7e7a1\n");
	CU_ASSERT_EQUAL(RUN("--keys", rig.keys, "--check"), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "vault.keys:4: service_key 1 is there twice"));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "vault.keys:5: the suite is there twice"));
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "vault.keys:6: expected a line"));
	CU_ASSERT_PTR_NULL(strcasestr(rig.text, "5ec7"));
	CU_ASSERT_EQUAL(RUN("--keys", "/nonexistent/keys", "--check"), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "cannot be opened"));
	vault_rig_close(&rig);
}

static void cannot_listen(void)
{
	vault_rig_open(&rig, KEYS);
	CU_ASSERT_EQUAL(RUN("--keys", rig.keys, "--socket", "/nonexistent/vault.sock"), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "socket not opened path=/nonexistent/vault.sock"));
	CU_ASSERT_EQUAL(RUN("--keys", rig.keys, "--socket", rig.keys), 1); // the key file is no socket
	CU_ASSERT_EQUAL(RUN("--keys", rig.keys, "--check"), 0);            // and is there still
	vault_rig_close(&rig);
}

static void make_lab(void)
{
	char lab[96], path[128];

	vault_rig_open(&rig, KEYS);
	snprintf(lab, sizeof(lab), "%s/lab", rig.dir);
	CU_ASSERT_EQUAL(RUN("--make-lab", lab, "--suite", "tdes", "--ca-subsystem", "BEEF", "--service-keys", "17"), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "suite tdes, ca_subsystem beef, 17 service keys"));
	CU_ASSERT_EQUAL(RUN("--make-lab", lab), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "is there already"));
	snprintf(path, sizeof(path), "%s/vault.keys", lab);
	CU_ASSERT_EQUAL(RUN("--keys", path, "--check"), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "good: suite tdes, ca_subsystem beef, 17 service keys"));
	CU_ASSERT_EQUAL(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/terminal.keys", lab);
	CU_ASSERT_EQUAL(RUN("--keys", path, "--check"), 2); // a terminal's file is not the vault's
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(rmdir(lab), 0);
	vault_rig_close(&rig);
}

static const struct unit_test tests[] = {
	{"usage", usage},
	{"help", help},
	{"check", check},
	{"check, mistakes", check_mistakes},
	{"cannot listen", cannot_listen},
	{"make-lab", make_lab},
};

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	vault_rig_program = argv[1];
	return unit_run("vault program", tests, sizeof(tests) / sizeof(tests[0]));
}

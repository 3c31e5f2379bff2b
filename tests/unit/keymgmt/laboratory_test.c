// SPDX-License-Identifier: GPL-3.0-or-later
// The pair of key files of a laboratory: they fit, they are ours alone, they are never written over.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "keys_rig.h"
#include "ladder/ladder.h"
#include "store/laboratory.h"

static char top[64], dir[80], vault_path[112], terminal_path[112];
static struct base_errs errs;

// The source of randomness can fail, and can give a weak key first.
static bool failing, weak_first;

int __real_RAND_priv_bytes(unsigned char *out, int n);
int __wrap_RAND_priv_bytes(unsigned char *out, int n);

int __wrap_RAND_priv_bytes(unsigned char *out, int n)
{
	if (failing)
		return 0;
	if (weak_first) {
		weak_first = false;
		memset(out, 1, (size_t)n);
		return 1;
	}
	return __real_RAND_priv_bytes(out, n);
}

// A directory that is not there yet.
static void name_place(void)
{
	strcpy(top, "/tmp/bulkhead-laboratory-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(top));
	snprintf(dir, sizeof(dir), "%s/lab", top);
	snprintf(vault_path, sizeof(vault_path), "%s/vault.keys", dir);
	snprintf(terminal_path, sizeof(terminal_path), "%s/terminal.keys", dir);
	base_errs_init(&errs);
}

// Nothing but the two files was made.
static void clear_place(void)
{
	unlink(vault_path);
	unlink(terminal_path);
	rmdir(dir);
	CU_ASSERT_EQUAL(rmdir(top), 0);
}

static int make(enum km_suite suite, unsigned service_keys)
{
	const struct km_laboratory laboratory = {.suite = suite,
						 .ca_subsystem_id = 0x0ABC,
						 .service_keys = service_keys};

	return km_laboratory_make(&laboratory, dir, &errs);
}

// The terminal's lines, read with the C library: `id` 0 is the k3 line's.
static void read_terminal(unsigned id, uint8_t *first, uint8_t *second, uint8_t *third)
{
	char line[256], a[64], b[64], c[64], key[64];
	FILE *file = fopen(terminal_path, "r");
	unsigned number, found = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	while (fgets(line, sizeof(line), file))
		if (id == 0 && sscanf(line, "k3 %63s", key) == 1) {
			CU_ASSERT_EQUAL(rig_hex(first, KM_KEY_BYTES, key), KM_KEY_BYTES);
			found++;
		} else if (id > 0 &&
			   sscanf(line, "service_key %u ek2 %63s ek1 %63s auth %63s", &number, a, b, c) == 4 &&
			   number == id) {
			CU_ASSERT_EQUAL(rig_hex(first, KM_KEY_BYTES, a), KM_KEY_BYTES);
			CU_ASSERT_EQUAL(rig_hex(second, KM_KEY_BYTES, b), KM_KEY_BYTES);
			CU_ASSERT_EQUAL(rig_hex(third, KM_KEY_BYTES, c), KM_KEY_BYTES);
			found++;
		}
	fclose(file);
	CU_ASSERT_EQUAL(found, 1);
}

static bool terminal_says(const char *wanted)
{
	char text[160] = "", line[160];
	FILE *file = fopen(terminal_path, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	while (fgets(line, sizeof(line), file))
		if (strcmp(line, wanted) == 0)
			strcpy(text, line);
	fclose(file);
	return text[0];
}

// The terminal's ladder ends at the vault's K1, for every service key.
static void fit(enum km_suite suite, unsigned service_keys)
{
	uint8_t k3[16], ek2[16], ek1[16], auth[16], k1[16];
	struct km_keyfile keyfile;
	char line[64];

	name_place();
	CU_ASSERT_EQUAL_FATAL(make(suite, service_keys), 0);
	CU_ASSERT_EQUAL_FATAL(km_keyfile_load(&keyfile, vault_path, &errs), 0);
	CU_ASSERT_TRUE(keyfile.suite == suite && keyfile.ca_subsystem_id == 0x0ABC && keyfile.keys == service_keys);
	snprintf(line, sizeof(line), "suite %s\n", km_suite_word(suite));
	CU_ASSERT_TRUE(terminal_says(line) && terminal_says("ca_subsystem 0abc\n"));
	read_terminal(0, k3, NULL, NULL);
	CU_ASSERT_TRUE(km_suite_key_ok(suite, k3));
	for (unsigned i = 0; i < service_keys; i++) {
		CU_ASSERT_EQUAL(keyfile.id[i], i + 1);
		read_terminal(i + 1, ek2, ek1, auth);
		CU_ASSERT_EQUAL(km_ladder_service_key(suite, k1, k3, ek2, ek1), 0);
		CU_ASSERT_EQUAL(memcmp(k1, km_keyfile_k1(&keyfile, i), 16), 0);
		CU_ASSERT_EQUAL(memcmp(auth, km_keyfile_auth(&keyfile, i), 16), 0);
		CU_ASSERT_NOT_EQUAL(memcmp(auth, k1, 16), 0);
		if (i > 0)
			CU_ASSERT_NOT_EQUAL(memcmp(k1, km_keyfile_k1(&keyfile, i - 1), 16), 0);
	}
	km_keyfile_free(&keyfile);
	clear_place();
}

static void pairs_fit(void)
{
	fit(KM_SUITE_AES, 1);
	fit(KM_SUITE_TDES, 5);
	fit(KM_SUITE_SM4, KM_MSG_SERVICE_KEYS_MAX);
}

static void fresh_each_time(void)
{
	uint8_t first[16], second[16];

	name_place();
	CU_ASSERT_EQUAL(make(KM_SUITE_AES, 1), 0);
	read_terminal(0, first, NULL, NULL);
	clear_place();
	name_place();
	CU_ASSERT_EQUAL(make(KM_SUITE_AES, 1), 0);
	read_terminal(0, second, NULL, NULL);
	CU_ASSERT_NOT_EQUAL(memcmp(first, second, 16), 0);
	clear_place();
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_mode & 07777;
}

static void modes(void)
{
	mode_t before = umask(0);

	name_place();
	CU_ASSERT_EQUAL(make(KM_SUITE_AES, 1), 0);
	CU_ASSERT_EQUAL(mode_of(dir), 0700);
	CU_ASSERT_EQUAL(mode_of(vault_path), 0600);
	CU_ASSERT_EQUAL(mode_of(terminal_path), 0600);
	umask(before);
	clear_place();
}

static void put_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(write(fd, "mine", 4), 4);
	close(fd);
}

static void is_untouched(const char *path)
{
	char text[8] = "";
	int fd = open(path, O_RDONLY);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(read(fd, text, sizeof(text)), 4);
	CU_ASSERT_STRING_EQUAL(text, "mine");
	close(fd);
}

// With either file there already neither is made, and nothing is lost.
static void never_overwritten(void)
{
	name_place();
	CU_ASSERT_EQUAL(mkdir(dir, 0755), 0);
	put_file(vault_path);
	CU_ASSERT_EQUAL(make(KM_SUITE_AES, 1), -EEXIST);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "vault.keys: is there already"));
	is_untouched(vault_path);
	CU_ASSERT_EQUAL(access(terminal_path, F_OK), -1);
	clear_place();
	name_place();
	CU_ASSERT_EQUAL(mkdir(dir, 0755), 0);
	put_file(terminal_path);
	CU_ASSERT_EQUAL(make(KM_SUITE_AES, 1), -EEXIST);
	is_untouched(terminal_path);
	CU_ASSERT_EQUAL(access(vault_path, F_OK), -1);
	CU_ASSERT_EQUAL(unlink(terminal_path), 0);
	CU_ASSERT_EQUAL(symlink("/dev/null", terminal_path), 0); // nor is a link followed
	CU_ASSERT_EQUAL(make(KM_SUITE_AES, 1), -EEXIST);
	CU_ASSERT_EQUAL(access(vault_path, F_OK), -1);
	clear_place();
}

static void cannot(void)
{
	static char long_name[5000];

	name_place();
	strcat(dir, "/there");
	CU_ASSERT_EQUAL(make(KM_SUITE_AES, 1), -ENOENT);
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "cannot be made"));
	clear_place();
	name_place();
	failing = true;
	CU_ASSERT_EQUAL(make(KM_SUITE_AES, 1), -EIO);
	failing = false;
	CU_ASSERT_PTR_NOT_NULL(strstr(errs.text[0], "no keys could be made"));
	CU_ASSERT_EQUAL(access(dir, F_OK), -1);
	memset(long_name, 'a', sizeof(long_name) - 1);
	base_errs_init(&errs);
	CU_ASSERT_EQUAL(km_laboratory_make(&(struct km_laboratory){KM_SUITE_AES, 1, 1}, long_name, &errs),
			-ENAMETOOLONG);
	CU_ASSERT_EQUAL(errs.count, 1);
	clear_place();
}

// A weak key from the random source is thrown away.
static void weak_key_thrown_away(void)
{
	uint8_t k3[16];

	name_place();
	weak_first = true;
	CU_ASSERT_EQUAL(make(KM_SUITE_TDES, 1), 0);
	CU_ASSERT_FALSE(weak_first);
	read_terminal(0, k3, NULL, NULL);
	CU_ASSERT_TRUE(km_suite_key_ok(KM_SUITE_TDES, k3));
	clear_place();
}

static const struct unit_test tests[] = {
	{"pairs fit", pairs_fit}, {"fresh each time", fresh_each_time},
	{"modes", modes},         {"never overwritten", never_overwritten},
	{"cannot", cannot},       {"weak key thrown away", weak_key_thrown_away},
};

UNIT_MAIN("laboratory", tests)

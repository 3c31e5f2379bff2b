// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/laboratory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include <base_bytes.h>
#include <base_check.h>
#include <base_secret.h>

#include <km_msg.h>

#include "ladder/cipher.h"
#include "ladder/ladder.h"

enum { HEAD_BYTES = 256, LINE_BYTES = 160 }; // of text: what comes first, and the longest line of a service key

// All that is secret here, in one locked place.
struct work {
	uint8_t k3[KM_KEY_BYTES], k2[KM_KEY_BYTES], k1[KM_KEY_BYTES], auth[KM_KEY_BYTES];
	uint8_t ek2[KM_KEY_BYTES], ek1[KM_KEY_BYTES];
};

static void append(struct base_secret *text, const char *what)
{
	size_t n = strlen(what);

	CHECK(n <= text->capacity_bytes - text->len_bytes);
	memcpy(text->bytes + text->len_bytes, what, n);
	text->len_bytes += n;
}

// The name, and the digits, written where they stay.
static void append_key(struct base_secret *text, const char *name, const uint8_t *key)
{
	append(text, name);
	int n = base_bytes_to_hex((char *)text->bytes + text->len_bytes, text->capacity_bytes - text->len_bytes, key,
				  KM_KEY_BYTES);

	CHECK(n > 0);
	text->len_bytes += (size_t)n;
}

static int fresh_key(enum km_suite suite, uint8_t *key)
{
	do {
		if (RAND_priv_bytes(key, KM_KEY_BYTES) != 1)
			return -EIO;
	} while (!km_suite_key_ok(suite, key));
	return 0;
}

static void put_head(const struct km_laboratory *laboratory, const char *whose, struct base_secret *text)
{
	char head[HEAD_BYTES];

	snprintf(head, sizeof(head),
		 "# %s of a laboratory, made by bulkhead-vault --make-lab.\nsuite %s\nca_subsystem %04x\n", whose,
		 km_suite_word(laboratory->suite), laboratory->ca_subsystem_id);
	append(text, head);
}

static int put_service_key(enum km_suite suite, unsigned id, struct work *work, struct base_secret *vault,
			   struct base_secret *terminal)
{
	char head[LINE_BYTES];
	int rc = fresh_key(suite, work->k2);

	if (!rc)
		rc = fresh_key(suite, work->k1);
	if (!rc)
		rc = fresh_key(suite, work->auth);
	if (!rc)
		rc = km_ladder_seal(suite, work->ek2, work->k3, work->k2);
	if (!rc)
		rc = km_ladder_seal(suite, work->ek1, work->k2, work->k1);
	if (rc)
		return rc;
	snprintf(head, sizeof(head), "service_key %u", id);
	append(vault, head);
	append_key(vault, " k1 ", work->k1);
	append_key(vault, " auth ", work->auth);
	append(vault, "\n");
	append(terminal, head);
	append_key(terminal, " ek2 ", work->ek2);
	append_key(terminal, " ek1 ", work->ek1);
	append_key(terminal, " auth ", work->auth);
	append(terminal, "\n");
	return 0;
}

static int put_texts(const struct km_laboratory *laboratory, struct work *work, struct base_secret *vault,
		     struct base_secret *terminal)
{
	int rc = fresh_key(laboratory->suite, work->k3);

	put_head(laboratory, "The vault's keys", vault);
	put_head(laboratory, "A terminal's keys", terminal);
	append_key(terminal, "k3 ", work->k3);
	append(terminal, "\n");
	for (unsigned id = 1; !rc && id <= laboratory->service_keys; id++)
		rc = put_service_key(laboratory->suite, id, work, vault, terminal);
	return rc;
}

static int write_all(int fd, const struct base_secret *text)
{
	for (size_t at = 0; at < text->len_bytes;) {
		ssize_t n = write(fd, text->bytes + at, text->len_bytes - at);

		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) ? -errno : 0;
}

// A file that was not there before, or none.
static int write_file(const char *path, const struct base_secret *text, struct base_errs *errs)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	int rc;

	if (fd < 0) {
		rc = -errno;
		base_errs_add(errs, path, "%s",
			      rc == -EEXIST ? "is there already; keys are never overwritten" : strerror(-rc));
		return rc;
	}
	rc = fchmod(fd, S_IRUSR | S_IWUSR) ? -errno : write_all(fd, text);
	close(fd);
	if (rc) {
		base_errs_add(errs, path, "cannot be written: %s", strerror(-rc));
		unlink(path);
	}
	return rc;
}

static int write_pair(const char *dir, const struct base_secret *vault, const struct base_secret *terminal,
		      struct base_errs *errs)
{
	char vault_path[PATH_MAX], terminal_path[PATH_MAX];
	int rc;

	if (strlen(dir) + sizeof("/terminal.keys") > PATH_MAX) {
		base_errs_add(errs, "--make-lab", "the name of the directory is too long");
		return -ENAMETOOLONG;
	}
	snprintf(vault_path, sizeof(vault_path), "%s/vault.keys", dir);
	snprintf(terminal_path, sizeof(terminal_path), "%s/terminal.keys", dir);
	if (mkdir(dir, S_IRWXU) && errno != EEXIST) {
		rc = -errno;
		base_errs_add(errs, dir, "cannot be made: %s", strerror(-rc));
		return rc;
	}
	rc = write_file(vault_path, vault, errs);
	if (rc)
		return rc;
	rc = write_file(terminal_path, terminal, errs);
	if (rc)
		unlink(vault_path);
	return rc;
}

int km_laboratory_make(const struct km_laboratory *laboratory, const char *dir, struct base_errs *errs)
{
	struct base_secret work = {0}, vault = {0}, terminal = {0};
	size_t room = HEAD_BYTES + (size_t)LINE_BYTES * laboratory->service_keys;
	int rc;

	if (base_secret_init(&work, sizeof(struct work)) || base_secret_init(&vault, room) ||
	    base_secret_init(&terminal, room)) {
		base_errs_add(errs, "--make-lab", "no locked memory for the keys: raise ulimit -l");
		rc = -ENOMEM;
		goto out;
	}
	rc = put_texts(laboratory, (struct work *)work.bytes, &vault, &terminal);
	if (rc)
		base_errs_add(errs, "--make-lab", "no keys could be made: %s", strerror(-rc));
	else
		rc = write_pair(dir, &vault, &terminal, errs);
out:
	base_secret_fini(&work);
	base_secret_fini(&vault);
	base_secret_fini(&terminal);
	base_secret_scrub_stack();
	return rc;
}

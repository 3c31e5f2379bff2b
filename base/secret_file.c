// SPDX-License-Identifier: GPL-3.0-or-later
// A secret from a key file, straight from the kernel into its locked pages.
//
// A symbolic link is followed: configuration managers and credential stores hand out key files through links. What
// is checked is the opened file itself (fstat of the descriptor, no second look at the path), so a link can only
// lead to a file that would also have been accepted by its own name.
#include <base_secret.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Regular, ours, closed to others, neither empty nor too long. Returns 0 or -errno.
static int check_file(const struct stat *st, const char *path, size_t max_bytes, struct base_errs *errs)
{
	if (!S_ISREG(st->st_mode)) {
		base_errs_add(errs, path, "is not a regular file; a key file is one of mode 0600");
		return -EINVAL;
	}
	if (st->st_uid != geteuid()) {
		base_errs_add(errs, path, "belongs to user %lu; user %lu, who runs this, must own it (chown %lu)",
			      (unsigned long)st->st_uid, (unsigned long)geteuid(), (unsigned long)geteuid());
		return -EPERM;
	}
	if (st->st_mode & 077) {
		base_errs_add(errs, path, "mode %04o opens a key to group or others; chmod 600 closes it",
			      (unsigned)st->st_mode & 07777);
		return -EPERM;
	}
	if (st->st_size == 0) {
		base_errs_add(errs, path, "is empty; 1 to %zu bytes of key are expected", max_bytes);
		return -ENODATA;
	}
	if ((uintmax_t)st->st_size > max_bytes) {
		base_errs_add(errs, path, "is %jd bytes long; 1 to %zu bytes of key are expected",
			      (intmax_t)st->st_size, max_bytes);
		return -ENOSPC;
	}
	return 0;
}

// Reads until the secret is full or the file ends. Returns 0 or -errno.
static int read_whole(int fd, struct base_secret *secret)
{
	while (secret->len_bytes < secret->capacity_bytes) {
		ssize_t n = read(fd, secret->bytes + secret->len_bytes, secret->capacity_bytes - secret->len_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		secret->len_bytes += (size_t)n;
	}
	return 0;
}

// A key is read whole or not at all: a writer that was half-way through must not leave us half a key.
static int check_whole(int fd, const struct base_secret *secret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return (uintmax_t)st.st_size == secret->len_bytes && secret->len_bytes == secret->capacity_bytes ? 0 : -EAGAIN;
}

static int load_file(struct base_secret *secret, int fd, const char *path, size_t max_bytes, struct base_errs *errs)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0) {
		rc = -errno;
		base_errs_add(errs, path, "cannot be examined: %s", strerror(-rc));
		return rc;
	}
	rc = check_file(&st, path, max_bytes, errs);
	if (rc < 0)
		return rc;
	rc = base_secret_init(secret, (size_t)st.st_size);
	if (rc < 0) {
		base_errs_add(errs, path, "no locked memory for %jd bytes; raise `ulimit -l` (LimitMEMLOCK=)",
			      (intmax_t)st.st_size);
		return rc;
	}
	rc = read_whole(fd, secret);
	if (rc == 0)
		rc = check_whole(fd, secret);
	if (rc < 0) {
		base_errs_add(errs, path, "cannot be read whole: %s",
			      rc == -EAGAIN ? "it changed meanwhile; put keys in place by rename" : strerror(-rc));
		base_secret_fini(secret);
	}
	return rc;
}

// O_NONBLOCK: a named pipe in the place of the file must be refused by check_file, not waited for.
int base_secret_load(struct base_secret *secret, const char *path, size_t max_bytes, struct base_errs *errs)
{
	*secret = (struct base_secret){0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc;

	if (fd < 0) {
		rc = -errno;
		base_errs_add(errs, path, "cannot be opened: %s; a key file of mode 0600 is expected", strerror(-rc));
		return rc;
	}
	rc = load_file(secret, fd, path, max_bytes, errs);
	close(fd);
	return rc;
}

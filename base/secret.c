// SPDX-License-Identifier: GPL-3.0-or-later
// Clear key bytes: their pages, their life and their comparison.
//
//   [ guard ][ slack ......... | bytes ][ guard ]      PROT_NONE, locked body of whole pages, PROT_NONE
//
// The bytes lie at the end of the body, so that reading one byte too many already faults.
#include <base_secret.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

// Deeper than OpenSSL's ciphers and libdvbcsa reach, whose deepest frame, of a batch in SSE2, has 8.6 KiB.
enum { STACK_BYTES = 16384 };

int base_secret_protect_process(void)
{
	const struct rlimit no_core = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &no_core) < 0)
		return -errno;
	return 0;
}

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t body_bytes(size_t capacity_bytes)
{
	return (capacity_bytes + page_bytes() - 1) / page_bytes() * page_bytes();
}

// MADV_DONTFORK and not MADV_WIPEONFORK: a child that touches the secret must die of it. With wiped pages it would
// go on and work with a key of zeros.
static int body_protect(uint8_t *body, size_t n)
{
	if (mprotect(body, n, PROT_READ | PROT_WRITE) < 0 || mlock(body, n) < 0 ||
	    madvise(body, n, MADV_DONTDUMP) < 0 || madvise(body, n, MADV_DONTFORK) < 0)
		return -ENOMEM;
	return 0;
}

int base_secret_init(struct base_secret *secret, size_t capacity_bytes)
{
	*secret = (struct base_secret){0};
	if (capacity_bytes == 0)
		return -EINVAL;
	if (capacity_bytes > SIZE_MAX - 3 * page_bytes())
		return -ENOMEM;

	size_t body = body_bytes(capacity_bytes);
	size_t total = body + 2 * page_bytes();
	uint8_t *pages = mmap(NULL, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		return -ENOMEM;
	if (body_protect(pages + page_bytes(), body) < 0) {
		munmap(pages, total);
		return -ENOMEM;
	}
	secret->bytes = pages + page_bytes() + body - capacity_bytes;
	secret->capacity_bytes = capacity_bytes;
	return 0;
}

void base_secret_fini(struct base_secret *secret)
{
	if (secret->bytes) {
		size_t body = body_bytes(secret->capacity_bytes);

		base_secret_wipe(secret);
		munmap(secret->bytes + secret->capacity_bytes - body - page_bytes(), body + 2 * page_bytes());
	}
	*secret = (struct base_secret){0};
}

// memmove: the new content may be a part of the old one.
int base_secret_set(struct base_secret *secret, const void *bytes, size_t n)
{
	if (n > secret->capacity_bytes)
		return -ENOSPC;
	if (n > 0)
		memmove(secret->bytes, bytes, n);
	if (secret->bytes)
		base_secret_scrub(secret->bytes + n, secret->capacity_bytes - n);
	secret->len_bytes = n;
	return 0;
}

void base_secret_wipe(struct base_secret *secret)
{
	if (secret->bytes)
		base_secret_scrub(secret->bytes, secret->capacity_bytes);
	secret->len_bytes = 0;
}

void base_secret_move(struct base_secret *to, struct base_secret *from)
{
	if (to == from)
		return;
	base_secret_fini(to);
	*to = *from;
	*from = (struct base_secret){0};
}

// The accumulator is volatile so that the compiler finds no early way out of the loop.
bool base_secret_equal(const struct base_secret *a, const struct base_secret *b)
{
	volatile uint8_t difference = 0;

	if (a->len_bytes != b->len_bytes)
		return false;
	for (size_t i = 0; i < a->len_bytes; i++)
		difference = (uint8_t)(difference | (a->bytes[i] ^ b->bytes[i]));
	return difference == 0;
}

void base_secret_scrub(void *bytes, size_t n)
{
	explicit_bzero(bytes, n);
}

// Without the sanitizer, whose margins around the array would leave the shallowest frames as they were.
__attribute__((noinline, no_sanitize("address"))) void base_secret_scrub_stack(void)
{
	uint8_t below[STACK_BYTES];

	base_secret_scrub(below, sizeof(below));
}

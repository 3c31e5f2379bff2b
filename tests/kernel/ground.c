// SPDX-License-Identifier: GPL-3.0-or-later
#include "ground.h"

#include <sys/mman.h>
#include <unistd.h>

#include <base_check.h>

// A piece of open ground is [margin][any alignment][payload as far as it may be read][margin].
enum { MARGIN_BYTES = 64, PIECE_BYTES = MARGIN_BYTES + ALIGNMENTS + READ_BYTES_MAX + MARGIN_BYTES };

void ground_open(struct ground *ground, unsigned lanes, bool guarded)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = guarded ? (2 * (size_t)lanes + 1) * page : (size_t)lanes * PIECE_BYTES;
	int protection = guarded ? PROT_NONE : PROT_READ | PROT_WRITE;

	ground->page_bytes = page;
	ground->map_bytes = (bytes + page - 1) / page * page;
	ground->map = mmap(NULL, ground->map_bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(ground->map != MAP_FAILED);
	for (unsigned i = 0; guarded && i < lanes; i++)
		CHECK(mprotect(ground->map + (2 * i + 1) * page, page, PROT_READ | PROT_WRITE) == 0);
}

void ground_close(struct ground *ground)
{
	munmap(ground->map, ground->map_bytes);
	*ground = (struct ground){0};
}

struct place ground_place(const struct ground *ground, unsigned i, unsigned offset)
{
	uint8_t *piece = ground->map + (size_t)i * PIECE_BYTES;

	return (struct place){
		.at = piece + MARGIN_BYTES + offset,
		.first = piece,
		.end = piece + PIECE_BYTES,
	};
}

struct place ground_at_start(const struct ground *ground, unsigned i)
{
	uint8_t *page = ground->map + (2 * (size_t)i + 1) * ground->page_bytes;

	return (struct place){.at = page, .first = page, .end = page + PIECE_BYTES};
}

struct place ground_at_end(const struct ground *ground, unsigned i, unsigned n)
{
	uint8_t *end = ground->map + (2 * (size_t)i + 2) * ground->page_bytes;

	return (struct place){.at = end - n, .first = end - PIECE_BYTES, .end = end};
}

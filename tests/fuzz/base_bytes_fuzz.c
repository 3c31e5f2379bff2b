// SPDX-License-Identifier: GPL-3.0-or-later
// Hexadecimal text. The first byte of the input is the capacity, the rest is the text; what reads is written and must
// read as the same.
#include <ctype.h>
#include <errno.h>

#include <base_bytes.h>
#include <fuzz.h>

// What the answer must be, by the words of the header.
static int expected(const uint8_t *text, size_t digits, size_t capacity)
{
	if (digits % 2)
		return -EINVAL;
	if (digits / 2 > capacity)
		return -ENOSPC;
	for (size_t i = 0; i < digits; i++)
		if (!isxdigit(text[i]))
			return -EINVAL;
	return (int)(digits / 2);
}

static void check_back(const uint8_t *bytes, size_t n, const uint8_t *text)
{
	char *back = (char *)fuzz_exact(text, 2 * n + 1);

	FUZZ_ASSERT(base_bytes_to_hex(back, 2 * n, bytes, n) == -ENOSPC);
	FUZZ_ASSERT(base_bytes_to_hex(back, 2 * n + 1, bytes, n) == (int)(2 * n) && back[2 * n] == '\0');
	for (size_t i = 0; i < 2 * n; i++)
		FUZZ_ASSERT(back[i] == tolower(text[i]));
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t untouched[256];

	if (size == 0)
		return 0;
	size_t capacity = data[0], digits = size - 1;
	uint8_t *text = fuzz_exact(data + 1, digits);
	uint8_t *out = fuzz_exact(untouched, capacity);
	int rc = base_bytes_from_hex(out, capacity, (const char *)text, digits);

	FUZZ_ASSERT(rc == expected(text, digits, capacity));
	if (rc >= 0) {
		FUZZ_ASSERT(fuzz_same(out + rc, capacity - (size_t)rc, untouched, capacity - (size_t)rc));
		uint8_t *terminated = malloc(digits + 1);

		FUZZ_ASSERT(terminated);
		memcpy(terminated, text, digits);
		terminated[digits] = '\0';
		check_back(out, (size_t)rc, terminated);
		free(terminated);
	}
	free(out);
	free(text);
	return 0;
}

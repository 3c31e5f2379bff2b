// SPDX-License-Identifier: GPL-3.0-or-later
// Hexadecimal text to bytes and back, without a branch or a table look-up that depends on a digit's value.
#include <base_bytes.h>

#include <errno.h>
#include <limits.h>

// All ones when low <= c <= high, else zero. Both differences are non-negative inside the range, so a sign bit in
// either says outside.
static unsigned in_range(unsigned c, unsigned low, unsigned high)
{
	return (((c - low) | (high - c)) >> (sizeof(unsigned) * CHAR_BIT - 1)) - 1;
}

// The value of a digit, or a number above 15. Setting bit 5 folds upper case onto lower; it also leaves '0'..'9' as
// they are, so those are tested on the byte as it came.
static unsigned nibble(char digit)
{
	unsigned c = (unsigned char)digit;
	unsigned is_decimal = in_range(c, '0', '9');
	unsigned is_letter = in_range(c | 0x20, 'a', 'f');

	return (is_decimal & (c - '0')) | (is_letter & ((c | 0x20) - 'a' + 10)) | (~(is_decimal | is_letter) & 16);
}

int base_bytes_from_hex(uint8_t *out, size_t capacity, const char *text, size_t digits)
{
	size_t n = digits / 2;

	if (digits % 2)
		return -EINVAL;
	if (n > capacity || n > INT_MAX)
		return -ENOSPC;
	for (size_t i = 0; i < n; i++) {
		unsigned high = nibble(text[2 * i]);
		unsigned low = nibble(text[2 * i + 1]);

		if ((high | low) > 15)
			return -EINVAL;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return (int)n;
}

// 10..15 move from the decimal digits to the letters: 'a' - '0' - 10 more. No table, for the same reason as above.
static char digit(unsigned value)
{
	return (char)('0' + value + (in_range(value, 10, 15) & ('a' - '0' - 10)));
}

int base_bytes_to_hex(char *out, size_t capacity, const uint8_t *bytes, size_t n)
{
	if (n > (INT_MAX - 1) / 2 || capacity < 2 * n + 1)
		return -ENOSPC;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit(bytes[i] >> 4);
		out[2 * i + 1] = digit(bytes[i] & 15);
	}
	out[2 * n] = '\0';
	return (int)(2 * n);
}

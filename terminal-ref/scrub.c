// SPDX-License-Identifier: GPL-3.0-or-later
// Wipes the stack below its caller.
#include <stb_scrub.h>

#include <stdint.h>

#include <base_secret.h>

// Without the sanitizer, whose margins around the array would leave the shallowest frames as they were.
__attribute__((noinline, no_sanitize("address"))) void stb_scrub_stack(void)
{
	uint8_t below[4096];

	base_secret_scrub(below, sizeof(below));
}

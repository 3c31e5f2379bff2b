// SPDX-License-Identifier: GPL-3.0-or-later
// udp://A.B.C.D:PORT[?ifaddr=IP&source=IP]: where datagrams come from or go to.
//
// Threads: any; pure. Errors: -EINVAL with the reason in `errs`.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <base_err.h>

struct stb_url {
	uint32_t addr; // host order, as all here
	uint16_t port;
	uint32_t ifaddr; // of the local interface, 0: the system's choice
	uint32_t source; // source-specific multicast, 0: any source
};

// True when `text` begins with udp://.
bool stb_url_is_udp(const char *text);

// Reads a whole URL. `option` stands for it in messages.
int stb_url_parse(struct stb_url *url, const char *text, const char *option, struct base_errs *errs);

// Reads A.B.C.D:PORT into addr and port. 0 or -EINVAL, without a message.
int stb_url_endpoint(struct stb_url *url, const char *text, size_t n);

// True for a multicast group.
static inline bool stb_url_multicast(const struct stb_url *url)
{
	return url->addr >> 28 == 0xE;
}

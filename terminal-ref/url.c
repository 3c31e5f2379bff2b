// SPDX-License-Identifier: GPL-3.0-or-later
// udp:// addresses.
#include <stb_url.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static const char scheme[] = "udp://";

bool stb_url_is_udp(const char *text)
{
	return strncmp(text, scheme, sizeof(scheme) - 1) == 0;
}

static int address(uint32_t *out, const char *text, size_t n)
{
	char copy[INET_ADDRSTRLEN];
	struct in_addr in;

	if (n >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (inet_pton(AF_INET, copy, &in) != 1)
		return -EINVAL;
	*out = ntohl(in.s_addr);
	return 0;
}

int stb_url_endpoint(struct stb_url *url, const char *text, size_t n)
{
	const char *colon = memchr(text, ':', n);
	uint32_t port = 0;

	if (!colon || address(&url->addr, text, (size_t)(colon - text)) < 0)
		return -EINVAL;
	for (const char *p = colon + 1; p < text + n; p++) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		port = port * 10 + (uint32_t)(*p - '0');
		if (port > 65535)
			return -EINVAL;
	}
	url->port = (uint16_t)port;
	return port ? 0 : -EINVAL;
}

static int parameter(struct stb_url *url, const char *text, size_t n, const char *option, struct base_errs *errs)
{
	static const char ifaddr[] = "ifaddr=", source[] = "source=";
	uint32_t *to = NULL;

	if (n >= 7 && memcmp(text, ifaddr, 7) == 0)
		to = &url->ifaddr;
	else if (n >= 7 && memcmp(text, source, 7) == 0)
		to = &url->source;
	if (to && address(to, text + 7, n - 7) == 0)
		return 0;
	base_errs_add(errs, option, "after ? stand ifaddr=A.B.C.D and source=A.B.C.D, joined by &; not '%.*s'", (int)n,
		      text);
	return -EINVAL;
}

int stb_url_parse(struct stb_url *url, const char *text, const char *option, struct base_errs *errs)
{
	const char *at = text + sizeof(scheme) - 1;
	size_t n = strcspn(at, "?");
	int rc = 0;

	*url = (struct stb_url){0};
	if (stb_url_endpoint(url, at, n) < 0) {
		base_errs_add(errs, option, "'%s' is not udp://A.B.C.D:PORT[?ifaddr=A.B.C.D&source=A.B.C.D]", text);
		return -EINVAL;
	}
	at += n;
	while (*at && rc == 0) {
		n = strcspn(++at, "&");
		rc = parameter(url, at, n, option, errs);
		at += n;
	}
	if (rc == 0 && url->source && !stb_url_multicast(url)) {
		base_errs_add(errs, option, "source= is for multicast groups (224.0.0.0 to 239.255.255.255)");
		rc = -EINVAL;
	}
	return rc;
}

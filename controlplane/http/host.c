// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOST_BYTES = 64 };

// Takes "host", "host:port" or "[host]:port" apart; the port stays text, "" when there is none.
static bool split(const char *text, char host[HOST_BYTES], const char **port)
{
	bool bracket = *text == '[';
	const char *end = bracket ? strchr(text, ']') : text + strcspn(text, ":");
	size_t n;

	text += bracket;
	if (!end || end < text || (n = (size_t)(end - text)) == 0 || n >= HOST_BYTES)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	end += bracket;
	*port = *end == ':' ? end + 1 : end;
	return *end == ':' || *end == '\0';
}

static bool is_port(const char *text)
{
	size_t n = strlen(text);

	return n >= 1 && n <= 5 && strspn(text, "0123456789") == n && atoi(text) >= 1 && atoi(text) <= 65535;
}

static bool is_loopback4(const char *host, struct in_addr *address)
{
	return inet_pton(AF_INET, host, address) == 1 && ntohl(address->s_addr) >> 24 == 127;
}

static bool is_loopback6(const char *host, struct in6_addr *address)
{
	return inet_pton(AF_INET6, host, address) == 1 && IN6_IS_ADDR_LOOPBACK(address);
}

static bool is_address(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
}

int cp_host_listen(struct sockaddr_storage *out, const char *text)
{
	struct sockaddr_in ip4 = {.sin_family = AF_INET};
	struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6};
	char host[HOST_BYTES];
	const char *port;

	if (!split(text, host, &port) || !is_port(port) || !is_address(host))
		return -EINVAL;
	*out = (struct sockaddr_storage){0};
	if (*text != '[' && is_loopback4(host, &ip4.sin_addr)) {
		ip4.sin_port = htons((in_port_t)atoi(port));
		memcpy(out, &ip4, sizeof(ip4));
		return sizeof(ip4);
	}
	if (*text == '[' && is_loopback6(host, &ip6.sin6_addr)) {
		ip6.sin6_port = htons((in_port_t)atoi(port));
		memcpy(out, &ip6, sizeof(ip6));
		return sizeof(ip6);
	}
	return -EACCES;
}

bool cp_host_is_loopback(const char *text)
{
	struct in6_addr address6;
	struct in_addr address4;
	char host[HOST_BYTES];
	const char *port;

	if (!split(text, host, &port) || (*port && !is_port(port)))
		return false;
	if (*text == '[')
		return is_loopback6(host, &address6);
	return strcasecmp(host, "localhost") == 0 || is_loopback4(host, &address4);
}

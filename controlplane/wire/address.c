// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses as text.
#include <errno.h>
#include <stdio.h>

#include "wire/connection.h"

int wire_address_parse(struct sockaddr_storage *out, const char *address, uint16_t port)
{
	*out = (struct sockaddr_storage){0};
	if (uv_ip4_addr(address, port, (struct sockaddr_in *)out) == 0)
		return 0;
	*out = (struct sockaddr_storage){0};
	return uv_ip6_addr(address, port, (struct sockaddr_in6 *)out) == 0 ? 0 : -EINVAL;
}

void wire_address_text(char *out, size_t capacity, const struct sockaddr_storage *address)
{
	char name[INET6_ADDRSTRLEN] = "";

	uv_ip_name((const struct sockaddr *)address, name, sizeof(name));
	if (address->ss_family == AF_INET6)
		snprintf(out, capacity, "[%s]:%u", name, ntohs(((const struct sockaddr_in6 *)address)->sin6_port));
	else
		snprintf(out, capacity, "%s:%u", name, ntohs(((const struct sockaddr_in *)address)->sin_port));
}

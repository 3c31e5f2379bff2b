// SPDX-License-Identifier: GPL-3.0-or-later
#include "port/carrier.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_ethdev.h>

unsigned dp_carrier_interface(const struct dp_conf_port *conf)
{
	return conf->driver == DP_PORT_AF_PACKET ? if_nametoindex(conf->interface) : 0;
}

// The driver does not tell: its link is up from start to stop.
static bool interface_up(const char *name)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = true;

	if (fd < 0)
		return true;
	memcpy(request.ifr_name, name, strnlen(name, sizeof(request.ifr_name) - 1));
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0)
		up = (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
	close(fd);
	return up;
}

bool dp_carrier_up(const struct dp_conf_port *conf, uint16_t ethdev, unsigned interface)
{
	struct rte_eth_link link = {0};

	if (conf->driver == DP_PORT_AF_PACKET)
		return dp_carrier_interface(conf) == interface && interface_up(conf->interface);
	return rte_eth_link_get_nowait(ethdev, &link) != 0 || link.link_status == RTE_ETH_LINK_UP;
}

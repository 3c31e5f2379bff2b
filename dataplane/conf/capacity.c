// SPDX-License-Identifier: GPL-3.0-or-later
// Room for a line-up.
#include <string.h>

#include "conf/conf.h"

static bool first_of_group(const struct dp_conf *conf, unsigned service)
{
	for (unsigned i = 0; i < service; i++)
		if (strcmp(conf->service[i].group, conf->service[service].group) == 0)
			return false;
	return conf->service[service].group[0] != '\0';
}

static unsigned groups_of(const struct dp_conf *conf)
{
	unsigned groups = 0;

	for (unsigned i = 0; i < conf->services; i++)
		groups += first_of_group(conf, i);
	return groups;
}

struct dp_conf_capacity dp_conf_capacity(const struct dp_conf *conf)
{
	if (conf->control[0])
		return conf->capacity;
	return (struct dp_conf_capacity){.inputs = conf->inputs,
					 .outputs = conf->outputs,
					 .services = conf->services,
					 .groups = groups_of(conf),
					 .emms = conf->emms};
}

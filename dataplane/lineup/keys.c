// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

// A group is told of once, at its first service.
static bool told(const struct dp_conf *conf, unsigned service)
{
	for (unsigned i = 0; i < service; i++)
		if (!conf->service[i].clear_service &&
		    strcmp(conf->service[i].group, conf->service[service].group) == 0)
			return true;
	return false;
}

static void check(const struct dp_conf_service *conf, unsigned service, const struct dp_keyfile *keyfile,
		  struct base_errs *errs)
{
	const struct dp_keyfile_group *keys = dp_keyfile_find(keyfile, conf->group);
	unsigned cw_bytes = dp_algorithm[conf->algorithm].cw_bytes;
	char where[64];

	snprintf(where, sizeof(where), "/services/%u/scrambling/group", service);
	if (!keys)
		base_errs_add(errs, where, "the key file has no group \"%s\"", conf->group);
	else if (keys->cw_bytes != cw_bytes)
		base_errs_add(errs, where, "group \"%s\" has control words of %u bytes in the key file, %s takes %u",
			      conf->group, keys->cw_bytes, dp_algorithm[conf->algorithm].name, cw_bytes);
}

int dp_keys_check(const struct dp_conf *conf, const struct dp_keyfile *keyfile, struct base_errs *errs)
{
	size_t before = errs->count + errs->lost;

	for (unsigned i = 0; i < conf->services; i++)
		if (!conf->service[i].clear_service && !told(conf, i))
			check(&conf->service[i], i, keyfile, errs);
	return errs->count + errs->lost == before ? 0 : -EINVAL;
}

void dp_keys_find(struct dp_lineup *lineup, const struct dp_keyfile *keyfile)
{
	for (unsigned i = 0; i < lineup->groups; i++)
		if (!dp_group_free(&lineup->group[i]))
			lineup->group[i].keys = dp_keyfile_find(keyfile, lineup->group[i].name);
}

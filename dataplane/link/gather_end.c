// SPDX-License-Identifier: GPL-3.0-or-later
// A line-up that has come: is it whole and good?
#include <errno.h>
#include <string.h>

#include "link/gather.h"
#include "link/place.h"

static void check_seen(struct dp_gather *gather, const char *list, const bool *seen, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!seen[i])
			base_errs_add(&gather->errs, dp_place_of(list, i, "").text, "did not come");
}

static bool used(const struct dp_gather *gather, unsigned group)
{
	for (unsigned i = 0; i < gather->conf->services; i++)
		if (gather->group_of[i] == group)
			return true;
	return false;
}

static void check_groups(struct dp_gather *gather)
{
	for (unsigned i = 0; i < gather->groups; i++) {
		const char *name = gather->group[i].name;

		for (unsigned k = 0; k < i; k++)
			if (strcmp(name, gather->group[k].name) == 0)
				base_errs_add(&gather->errs, dp_place_of("groups", i, "/name").text,
					      "\"%s\" is also the name of /groups/%u", name, k);
		if (!used(gather, i))
			base_errs_add(&gather->errs, dp_place_of("groups", i, "").text, "no service uses it");
	}
}

static void name_groups(struct dp_gather *gather)
{
	for (unsigned i = 0; i < gather->conf->services; i++) {
		struct dp_conf_service *service = &gather->conf->service[i];

		if (service->clear_service)
			continue;
		const struct dp_gather_group *group = &gather->group[gather->group_of[i]];

		memcpy(service->group, group->name, sizeof(service->group));
		service->algorithm = group->algorithm;
	}
}

// What refers to something that did not come cannot be judged.
int dp_gather_end(struct dp_gather *gather)
{
	const struct dp_conf *conf = gather->conf;

	check_seen(gather, "inputs", gather->seen_input, conf->inputs);
	check_seen(gather, "outputs", gather->seen_output, conf->outputs);
	check_seen(gather, "groups", gather->seen_group, gather->groups);
	check_seen(gather, "services", gather->seen_service, conf->services);
	check_seen(gather, "emm_streams", gather->seen_emm, conf->emms);
	if (base_errs_none(&gather->errs)) {
		check_groups(gather);
		name_groups(gather);
		dp_conf_check(conf, &gather->errs);
	}
	return base_errs_none(&gather->errs) ? 0 : -EINVAL;
}

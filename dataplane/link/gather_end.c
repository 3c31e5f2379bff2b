// SPDX-License-Identifier: GPL-3.0-or-later
// A line-up that has come: is it whole and good, and is it the one on air?
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

static bool same_input(const struct dp_conf_input *a, const struct dp_conf_input *b)
{
	return strcmp(a->name, b->name) == 0 && a->port == b->port && a->group == b->group &&
	       a->udp_port == b->udp_port && a->source == b->source && a->vlan == b->vlan &&
	       a->encapsulation == b->encapsulation;
}

static bool same_output(const struct dp_conf_output *a, const struct dp_conf_output *b)
{
	return strcmp(a->name, b->name) == 0 && a->port == b->port && a->group == b->group &&
	       a->udp_port == b->udp_port && a->source == b->source && a->source_udp_port == b->source_udp_port &&
	       a->vlan == b->vlan && a->ttl == b->ttl && a->dscp == b->dscp && a->deadline_us == b->deadline_us &&
	       a->short_datagrams == b->short_datagrams;
}

static bool same_service(const struct dp_conf_service *a, const struct dp_conf_service *b)
{
	return strcmp(a->name, b->name) == 0 && a->input == b->input && a->output == b->output &&
	       a->program_number == b->program_number && a->clear_service == b->clear_service &&
	       a->algorithm == b->algorithm && strcmp(a->group, b->group) == 0;
}

static bool same_emm(const struct dp_conf_emm *a, const struct dp_conf_emm *b)
{
	return strcmp(a->name, b->name) == 0 && a->pid == b->pid && a->ca_system_id == b->ca_system_id &&
	       a->rate_kbps == b->rate_kbps && a->private_n == b->private_n &&
	       memcmp(a->private_bytes, b->private_bytes, a->private_n) == 0 &&
	       memcmp(a->output_set, b->output_set, sizeof(a->output_set)) == 0;
}

static int differs(struct dp_gather *gather, const char *list, unsigned index, const char *name)
{
	base_errs_add(&gather->errs, dp_place_of(list, index, "").text,
		      "not as on air, where it is \"%s\": only ca, clear and input_ca of services can change while the "
		      "dataplane runs",
		      name);
	return -EBUSY;
}

int dp_gather_compare(struct dp_gather *gather, const struct dp_conf *air)
{
	const struct dp_conf *conf = gather->conf;

	if (conf->inputs != air->inputs || conf->outputs != air->outputs || conf->services != air->services ||
	    conf->emms != air->emms) {
		base_errs_add(&gather->errs, "/",
			      "%u inputs, %u outputs, %u services, %u EMM streams; on air are %u, %u, %u, %u, which "
			      "cannot change while the dataplane runs",
			      conf->inputs, conf->outputs, conf->services, conf->emms, air->inputs, air->outputs,
			      air->services, air->emms);
		return -EBUSY;
	}
	for (unsigned i = 0; i < conf->inputs; i++)
		if (!same_input(&conf->input[i], &air->input[i]))
			return differs(gather, "inputs", i, air->input[i].name);
	for (unsigned i = 0; i < conf->outputs; i++)
		if (!same_output(&conf->output[i], &air->output[i]))
			return differs(gather, "outputs", i, air->output[i].name);
	for (unsigned i = 0; i < conf->services; i++)
		if (!same_service(&conf->service[i], &air->service[i]))
			return differs(gather, "services", i, air->service[i].name);
	for (unsigned i = 0; i < conf->emms; i++)
		if (!same_emm(&conf->emm[i], &air->emm[i]))
			return differs(gather, "emm_streams", i, air->emm[i].name);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/lineup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lineup/assign.h"
#include "lineup/emms.h"

static void connect_ends(struct dp_lineup *lineup, const struct dp_conf *conf)
{
	for (unsigned i = 0; i < conf->inputs; i++) {
		lineup->input[i].conf = &conf->input[i];
		lineup->input[i].since_null = DP_SINCE_NULL_MAX;
		ts_section_assembler_init(&lineup->input[i].pat_assembler);
		ts_section_assembler_init(&lineup->input[i].cat_assembler);
		ts_section_assembler_init(&lineup->input[i].sdt_assembler);
	}
	for (unsigned i = 0; i < conf->outputs; i++)
		lineup->output[i].conf = &conf->output[i];
	for (unsigned i = 0; i < conf->services; i++) {
		struct dp_service *service = &lineup->service[i];

		service->conf = &conf->service[i];
		service->input = &lineup->input[service->conf->input];
		service->output = &lineup->output[service->conf->output];
		service->output->input = service->input;
		service->pcr_pid = TS_PID_NULL;
		ts_section_assembler_init(&service->assembler);
		service->input->services++;
	}
	for (unsigned i = 0; i < conf->outputs; i++)
		if (lineup->output[i].input)
			lineup->output[i].input->outputs++;
}

// The lists of an input: its services and outputs in the order of the configuration.
static int list_ends(struct dp_lineup *lineup, const struct dp_conf *conf)
{
	for (unsigned i = 0; i < lineup->inputs; i++) {
		struct dp_input *input = &lineup->input[i];

		input->service = calloc(input->services + 1, sizeof(struct dp_service *));
		input->output = calloc(input->outputs + 1, sizeof(struct dp_output *));
		if (!input->service || !input->output)
			return -ENOMEM;
		input->services = 0;
		input->outputs = 0;
	}
	for (unsigned i = 0; i < lineup->services; i++) {
		struct dp_input *input = &lineup->input[conf->service[i].input];

		input->service[input->services++] = &lineup->service[i];
	}
	for (unsigned i = 0; i < lineup->outputs; i++) {
		struct dp_input *input = lineup->output[i].input;

		if (input)
			input->output[input->outputs++] = &lineup->output[i];
	}
	return 0;
}

static struct dp_group *find_group(struct dp_lineup *lineup, const char *name)
{
	for (unsigned i = 0; i < lineup->groups; i++)
		if (strcmp(lineup->group[i].name, name) == 0)
			return &lineup->group[i];
	return NULL;
}

static void find_keys(struct dp_group *group, const struct dp_conf_service *conf, unsigned service,
		      const struct dp_keyfile *keyfile, struct base_errs *errs)
{
	unsigned cw_bytes = dp_algorithm[conf->algorithm].cw_bytes;
	char where[64];

	group->keys = dp_keyfile_find(keyfile, conf->group);
	snprintf(where, sizeof(where), "/services/%u/scrambling/group", service);
	if (!group->keys)
		base_errs_add(errs, where, "the key file has no group \"%s\"", conf->group);
	else if (group->keys->cw_bytes != cw_bytes)
		base_errs_add(errs, where, "group \"%s\" has control words of %u bytes in the key file, %s takes %u",
			      conf->group, group->keys->cw_bytes, dp_algorithm[conf->algorithm].name, cw_bytes);
}

// The first service of a group is the one whose PCR drives it.
static void connect_groups(struct dp_lineup *lineup, const struct dp_conf *conf, const struct dp_keyfile *keyfile,
			   struct base_errs *errs)
{
	for (unsigned i = 0; i < lineup->services; i++) {
		const struct dp_conf_service *wanted = &conf->service[i];
		struct dp_service *service = &lineup->service[i];
		struct dp_output *output = &lineup->output[wanted->output];

		if (wanted->clear_service)
			continue;
		struct dp_group *group = find_group(lineup, wanted->group);

		if (!group) {
			group = &lineup->group[lineup->groups++];
			snprintf(group->name, sizeof(group->name), "%s", wanted->group);
			group->algorithm = wanted->algorithm;
			service->clock_source = true;
			if (keyfile)
				find_keys(group, wanted, i, keyfile, errs);
		}
		service->group = group;
		service->period = &group->period;
		if (!output->pace)
			output->pace = group;
	}
}

static bool has_output(const struct dp_group *group, const struct dp_output *output)
{
	for (unsigned i = 0; i < group->outputs; i++)
		if (group->output[i] == output)
			return true;
	return false;
}

// The outputs of each group, each once.
static int list_group_outputs(struct dp_lineup *lineup)
{
	for (unsigned g = 0; g < lineup->groups; g++) {
		struct dp_group *group = &lineup->group[g];

		group->output = calloc(lineup->outputs, sizeof(struct dp_output *));
		if (!group->output)
			return -ENOMEM;
		for (unsigned i = 0; i < lineup->services; i++) {
			const struct dp_service *service = &lineup->service[i];

			if (service->group == group && !has_output(group, service->output))
				group->output[group->outputs++] = service->output;
		}
	}
	return 0;
}

int dp_lineup_init(struct dp_lineup *lineup, const struct dp_conf *conf, const struct dp_keyfile *keyfile,
		   struct base_errs *errs)
{
	size_t before = errs->count + errs->lost;

	*lineup = (struct dp_lineup){.inputs = conf->inputs,
				     .outputs = conf->outputs,
				     .services = conf->services,
				     .emms = conf->emms};
	lineup->input = calloc(conf->inputs, sizeof(*lineup->input));
	lineup->output = calloc(conf->outputs, sizeof(*lineup->output));
	lineup->service = calloc(conf->services, sizeof(*lineup->service));
	lineup->group = calloc(conf->services, sizeof(*lineup->group));
	lineup->emm = calloc(conf->emms + 1, sizeof(*lineup->emm));
	if (!lineup->input || !lineup->output || !lineup->service || !lineup->group || !lineup->emm)
		goto fail;
	connect_ends(lineup, conf);
	if (list_ends(lineup, conf))
		goto fail;
	connect_groups(lineup, conf, keyfile, errs);
	if (list_group_outputs(lineup) || dp_lineup_connect_emms(lineup, conf))
		goto fail;
	dp_lineup_assign(lineup, conf);
	if (errs->count + errs->lost != before) {
		dp_lineup_fini(lineup);
		return -EINVAL;
	}
	return 0;
fail:
	dp_lineup_fini(lineup);
	return -ENOMEM;
}

void dp_lineup_fini(struct dp_lineup *lineup)
{
	for (unsigned i = 0; lineup->input && i < lineup->inputs; i++) {
		free(lineup->input[i].service);
		free(lineup->input[i].output);
	}
	for (unsigned i = 0; lineup->output && i < lineup->outputs; i++)
		free(lineup->output[i].emm);
	for (unsigned i = 0; lineup->group && i < lineup->groups; i++)
		free(lineup->group[i].output);
	for (unsigned i = 0; lineup->emm && i < lineup->emms; i++)
		dp_queue_fini(&lineup->emm[i].queue);
	free(lineup->input);
	free(lineup->output);
	free(lineup->service);
	free(lineup->group);
	free(lineup->emm);
	*lineup = (struct dp_lineup){0};
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The lists and pointers that a wanted line-up asks for.
#include "lineup/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lineup/emms.h"
#include "port/header.h"

static void *copy_of(const void *from, size_t n)
{
	void *copy = malloc(n);

	return copy ? memcpy(copy, from, n) : NULL;
}

static int take_places(struct dp_wires *wires, struct dp_lineup *lineup)
{
	wires->input = calloc(lineup->inputs + 1, sizeof(*wires->input));
	wires->output = calloc(lineup->outputs + 1, sizeof(*wires->output));
	wires->group = calloc(lineup->groups + 1, sizeof(*wires->group));
	wires->service = calloc(lineup->services + 1, sizeof(*wires->service));
	if (!wires->input || !wires->output || !wires->group || !wires->service)
		return -ENOMEM;
	for (unsigned i = 0; i < lineup->inputs; i++)
		wires->input[i].input = &lineup->input[i];
	for (unsigned i = 0; i < lineup->outputs; i++)
		wires->output[i].output = &lineup->output[i];
	for (unsigned i = 0; i < lineup->groups; i++)
		wires->group[i].group = &lineup->group[i];
	for (unsigned i = 0; i < lineup->services; i++)
		wires->service[i].service = &lineup->service[i];
	return 0;
}

static bool is_new(uint8_t fate)
{
	return fate == DP_FATE_COMES || fate == DP_FATE_CHANGES;
}

// Copies of what is wanted of each object that comes or changes.
static int copy_confs(struct dp_wires *wires, const struct dp_diff *diff, const struct dp_conf *conf)
{
	for (unsigned i = 0; i < conf->inputs; i++) {
		unsigned at = diff->input[i];

		if (is_new(diff->input_fate[at]) &&
		    !(wires->input[at].conf = copy_of(&conf->input[i], sizeof(conf->input[i]))))
			return -ENOMEM;
	}
	for (unsigned i = 0; i < conf->outputs; i++) {
		unsigned at = diff->output[i];

		if (is_new(diff->output_fate[at]) &&
		    !(wires->output[at].conf = copy_of(&conf->output[i], sizeof(conf->output[i]))))
			return -ENOMEM;
	}
	for (unsigned i = 0; i < conf->services; i++) {
		unsigned at = diff->service[i];

		if (is_new(diff->service_fate[at]) &&
		    !(wires->service[at].conf = copy_of(&conf->service[i], sizeof(conf->service[i]))))
			return -ENOMEM;
	}
	return 0;
}

static void address(struct dp_wires *wires, const struct dp_diff *diff, const struct dp_conf *conf,
		    struct dp_port *port)
{
	for (unsigned i = 0; port && i < conf->outputs; i++) {
		struct dp_wire_output *wire = &wires->output[diff->output[i]];

		wire->port = &port[conf->output[i].port];
		if (wire->conf && wire->port->conf->driver != DP_PORT_FILE)
			wire->header_bytes = dp_header_make(wire->header, wire->conf, &wire->port->mac);
	}
}

// The first service of a group is the one whose PCR drives it; the first scrambled one of an output paces its EMMs.
static void connect(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		    const struct dp_conf *conf)
{
	for (unsigned i = 0; i < conf->services; i++) {
		struct dp_wire_input *input = &wires->input[diff->input[conf->service[i].input]];
		struct dp_wire_output *output = &wires->output[diff->output[conf->service[i].output]];

		input->services++;
		input->outputs += !output->input;
		output->input = input->input;
		if (diff->group[i] == DP_DIFF_NONE)
			continue;
		struct dp_wire_group *group = &wires->group[diff->group[i]];

		wires->service[diff->service[i]].clock_source = group->outputs == 0;
		group->algorithm = conf->service[i].algorithm;
		group->outputs++; // for now the services: at least as many as outputs
		if (!output->pace)
			output->pace = &lineup->group[diff->group[i]];
	}
}

static int take_lists(struct dp_wires *wires, const struct dp_lineup *lineup)
{
	for (unsigned i = 0; i < lineup->inputs; i++) {
		struct dp_wire_input *wire = &wires->input[i];

		if (wire->services == 0)
			continue;
		wire->service = calloc(wire->services, sizeof(struct dp_service *));
		wire->output = calloc(wire->outputs, sizeof(struct dp_output *));
		if (!wire->service || !wire->output)
			return -ENOMEM;
		wire->services = wire->outputs = 0;
	}
	for (unsigned i = 0; i < lineup->groups; i++) {
		struct dp_wire_group *wire = &wires->group[i];

		if (wire->outputs == 0)
			continue;
		wire->output = calloc(wire->outputs, sizeof(struct dp_output *));
		if (!wire->output)
			return -ENOMEM;
		wire->outputs = 0;
	}
	return 0;
}

static bool has_output(const struct dp_wire_group *group, const struct dp_output *output)
{
	for (unsigned i = 0; i < group->outputs; i++)
		if (group->output[i] == output)
			return true;
	return false;
}

// In the order of the configuration.
static void list(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		 const struct dp_conf *conf)
{
	for (unsigned i = 0; i < conf->services; i++) {
		struct dp_wire_input *input = &wires->input[diff->input[conf->service[i].input]];
		struct dp_output *output = &lineup->output[diff->output[conf->service[i].output]];

		input->service[input->services++] = &lineup->service[diff->service[i]];
		if (diff->group[i] == DP_DIFF_NONE)
			continue;
		struct dp_wire_group *group = &wires->group[diff->group[i]];

		if (!has_output(group, output))
			group->output[group->outputs++] = output;
	}
	for (unsigned i = 0; i < conf->outputs; i++) {
		unsigned at = diff->output[i];

		if (!wires->output[at].input)
			continue;
		struct dp_wire_input *input = &wires->input[wires->output[at].input - lineup->input];

		input->output[input->outputs++] = &lineup->output[at];
	}
}

// Offline ports wait for the groups of the services they feed.
static int gate(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		const struct dp_conf *conf, struct dp_port *port)
{
	for (unsigned p = 0; port && p < conf->ports; p++)
		wires->port[p] = (struct dp_wire_port){.port = &port[p], .worker = DP_OWNER_NONE};
	for (unsigned i = 0; port && i < conf->inputs; i++) {
		struct dp_wire_port *wire = &wires->port[conf->input[i].port];

		if (wire->port->conf->driver == DP_PORT_FILE)
			wire->file_input = &lineup->input[diff->input[i]];
	}
	for (unsigned i = 0; port && i < conf->services; i++) {
		struct dp_wire_port *wire = &wires->port[conf->input[conf->service[i].input].port];

		if (!wire->port->offline || diff->group[i] == DP_DIFF_NONE)
			continue;
		wires->group[diff->group[i]].offline = true;
		if (!wire->gate)
			wire->gate = calloc(conf->services, sizeof(struct dp_period *));
		if (!wire->gate)
			return -ENOMEM;
		wire->gate[wire->gates++] = &lineup->group[diff->group[i]].period;
	}
	return 0;
}

// The service that goes and whose namesake comes with the same programme of the same input.
static void succeed(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		    const struct dp_conf *conf)
{
	for (unsigned i = 0; i < conf->services; i++) {
		const struct dp_conf_service *wanted = &conf->service[i];
		const struct dp_input *input = &lineup->input[diff->input[wanted->input]];
		unsigned at = diff->service[i];

		if (diff->service_fate[at] != DP_FATE_COMES || !input->conf)
			continue;
		for (unsigned k = 0; k < input->services; k++) {
			struct dp_service *before = input->service[k];

			if (diff->service_fate[before - lineup->service] == DP_FATE_GOES &&
			    before->conf->program_number == wanted->program_number)
				wires->service[at].from = before;
		}
	}
}

int dp_wires_make(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		  const struct dp_conf *conf, struct dp_port *port)
{
	*wires = (struct dp_wires){0};
	if (take_places(wires, lineup) || copy_confs(wires, diff, conf))
		return -ENOMEM;
	address(wires, diff, conf, port);
	connect(wires, lineup, diff, conf);
	if (take_lists(wires, lineup))
		return -ENOMEM;
	list(wires, lineup, diff, conf);
	succeed(wires, lineup, diff, conf);
	if (gate(wires, lineup, diff, conf, port))
		return -ENOMEM;
	return dp_emms_connect(wires, lineup, diff, conf);
}

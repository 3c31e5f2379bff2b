// SPDX-License-Identifier: GPL-3.0-or-later
// A wanted line-up settled: what comes gets its place, what differs goes to its worker, what went is freed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lineup/emms.h"
#include "lineup/wire.h"
#include "psi/psi.h"

static void begin_input(struct dp_wire_input *wire, struct dp_port *port, unsigned worker)
{
	struct dp_input *input = wire->input;

	memset(input, 0, sizeof(*input));
	input->conf = wire->conf;
	wire->conf = NULL;
	input->port = port;
	input->worker = worker;
	atomic_init(&input->owner, worker);
	ts_section_assembler_init(&input->pat_assembler);
	ts_section_assembler_init(&input->cat_assembler);
	ts_section_assembler_init(&input->sdt_assembler);
}

static void begin_service(struct dp_wire_service *wire, struct dp_input *input, struct dp_output *output,
			  struct dp_group *group)
{
	struct dp_service *service = wire->service;

	memset(service, 0, sizeof(*service));
	service->input = input;
	service->output = output;
	service->group = group;
	service->period = group ? &group->period : NULL;
	service->pcr_pid = TS_PID_NULL;
	ts_section_assembler_init(&service->assembler);
	dp_wire_service_swap(wire);
}

// The key records stay with the place.
static void begin_group(struct dp_wire_group *wire, const struct dp_conf_service *conf, unsigned worker)
{
	struct dp_group *group = wire->group;
	struct dp_keyslot slot = group->period.slot;

	memset(group, 0, sizeof(*group));
	group->period.slot = slot;
	snprintf(group->name, sizeof(group->name), "%s", conf->group);
	group->worker = worker;
	dp_wire_group_swap(wire);
}

static void begin(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		  const struct dp_conf *conf, const struct dp_assign *assign, struct dp_port *port)
{
	for (unsigned i = 0; i < conf->emms; i++)
		if (diff->emm_fate[diff->emm[i]] == DP_FATE_COMES)
			dp_emms_begin(wires, lineup, diff->emm[i]);
		else // which outputs it goes to is main's business alone
			memcpy(((struct dp_conf_emm *)lineup->emm[diff->emm[i]].conf)->output_set,
			       conf->emm[i].output_set, sizeof(conf->emm[i].output_set));
	for (unsigned i = 0; i < conf->inputs; i++)
		if (diff->input_fate[diff->input[i]] == DP_FATE_COMES)
			begin_input(&wires->input[diff->input[i]], port ? &port[conf->input[i].port] : NULL,
				    assign->worker[diff->input[i]]);
	for (unsigned i = 0; i < conf->outputs; i++)
		if (diff->output_fate[diff->output[i]] == DP_FATE_COMES) {
			memset(&lineup->output[diff->output[i]], 0, sizeof(struct dp_output));
			dp_wire_output_swap(&wires->output[diff->output[i]]);
		}
	for (unsigned i = 0; i < conf->services; i++) {
		unsigned at = diff->group[i], input = diff->input[conf->service[i].input];

		if (at != DP_DIFF_NONE && diff->group_fate[at] == DP_FATE_COMES && dp_group_free(&lineup->group[at]))
			begin_group(&wires->group[at], &conf->service[i], assign->worker[input]);
		if (diff->service_fate[diff->service[i]] == DP_FATE_COMES)
			begin_service(&wires->service[diff->service[i]], &lineup->input[input],
				      &lineup->output[diff->output[conf->service[i].output]],
				      at == DP_DIFF_NONE ? NULL : &lineup->group[at]);
	}
}

static bool same_list(const void *a, unsigned a_n, const void *b, unsigned b_n, size_t size)
{
	return a_n == b_n && (a_n == 0 || memcmp(a, b, a_n * size) == 0);
}

static bool output_differs(const struct dp_wire_output *wire)
{
	const struct dp_output *output = wire->output;

	return wire->conf || wire->input != output->input || wire->pace != output->pace ||
	       !same_list(wire->emm, wire->emms, output->emm, output->emms, sizeof(*wire->emm));
}

static bool group_differs(const struct dp_wire_group *wire)
{
	const struct dp_group *group = wire->group;

	return wire->paces_emms != group->paces_emms || wire->algorithm != group->algorithm ||
	       wire->offline != group->period.offline ||
	       !same_list(wire->output, wire->outputs, group->output, group->outputs, sizeof(struct dp_output *));
}

static bool input_differs(const struct dp_wire_input *wire)
{
	const struct dp_input *input = wire->input;

	return !same_list(wire->service, wire->services, input->service, input->services,
			  sizeof(struct dp_service *)) ||
	       !same_list(wire->output, wire->outputs, input->output, input->outputs, sizeof(struct dp_output *));
}

#define LAY(wire, list)              \
	do {                         \
		(wire)->next = list; \
		list = (wire);       \
	} while (0)

// The input whose tables a change of an output or a service changes, as it will be or, of what goes, as it was.
static void touch(struct dp_wires *wires, const struct dp_lineup *lineup, const struct dp_input *input)
{
	if (input)
		wires->input[input - lineup->input].again = true;
}

// What an open datagram holds was taken under the services as they were, and may be clear where it will not be any
// more: it leaves before a service of its output is another.
static void close_outputs(struct dp_wires *wires, const struct dp_lineup *lineup, const struct dp_diff *diff)
{
	for (unsigned i = 0; i < lineup->services; i++)
		if (diff->service_fate[i] != DP_FATE_FREE && diff->service_fate[i] != DP_FATE_STAYS)
			wires->output[lineup->service[i].output - lineup->output].closes = true;
}

static void lay_outputs(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
			struct dp_change *change)
{
	for (unsigned i = 0; i < lineup->outputs; i++) {
		struct dp_wire_output *wire = &wires->output[i];
		const struct dp_input *owner = wire->output->input ? wire->output->input : wire->input;

		if (diff->output_fate[i] == DP_FATE_FREE || diff->output_fate[i] == DP_FATE_COMES)
			continue;
		if (!owner) { // no service uses it, so no worker looks at it
			dp_wire_output_swap(wire);
			continue;
		}
		wire->closes |=
			diff->output_fate[i] == DP_FATE_GOES || wire->conf || wire->input != wire->output->input;
		if (!wire->closes && !output_differs(wire))
			continue;
		touch(wires, lineup, wire->input);
		LAY(wire, change[owner->worker].output);
	}
}

static void lay_services(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
			 struct dp_change *change)
{
	for (unsigned i = 0; i < lineup->services; i++) {
		struct dp_wire_service *wire = &wires->service[i];
		uint8_t fate = diff->service_fate[i];

		if (fate == DP_FATE_FREE || fate == DP_FATE_GOES ||
		    (fate == DP_FATE_STAYS && wire->clock_source == wire->service->clock_source))
			continue;
		if (fate == DP_FATE_COMES && diff->input_fate[wire->service->input - lineup->input] == DP_FATE_COMES)
			continue;
		wire->again = fate != DP_FATE_STAYS;
		if (wire->again)
			touch(wires, lineup, wire->service->input);
		LAY(wire, change[wire->service->input->worker].service);
	}
}

// One that goes has no outputs any more, for a period that still comes for it.
static void lay_groups(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		       struct dp_change *change)
{
	for (unsigned i = 0; i < lineup->groups; i++)
		if (diff->group_fate[i] == DP_FATE_GOES ||
		    (diff->group_fate[i] == DP_FATE_STAYS && group_differs(&wires->group[i])))
			LAY(&wires->group[i], change[lineup->group[i].worker].group);
}

// An input whose outputs are all new can be set up here; a worker has none of them yet.
static bool all_new(const struct dp_wire_input *wire, const struct dp_lineup *lineup, const struct dp_diff *diff)
{
	for (unsigned i = 0; i < wire->outputs; i++)
		if (diff->output_fate[wire->output[i] - lineup->output] != DP_FATE_COMES)
			return false;
	return true;
}

static void lay_inputs(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		       struct dp_change *change)
{
	for (unsigned i = 0; i < lineup->inputs; i++) {
		struct dp_wire_input *wire = &wires->input[i];
		uint8_t fate = diff->input_fate[i];

		if (fate == DP_FATE_FREE)
			continue;
		if (fate == DP_FATE_COMES && all_new(wire, lineup, diff)) {
			dp_wire_input_swap(wire);
			dp_psi_init(wire->input);
			continue;
		}
		wire->leaves = fate == DP_FATE_GOES;
		wire->begins = fate == DP_FATE_COMES;
		wire->again |= fate == DP_FATE_STAYS && input_differs(wire);
		if (wire->leaves || wire->begins || wire->again)
			LAY(wire, change[wire->input->worker].input);
	}
}

static bool port_differs(const struct dp_wire_port *wire)
{
	const struct dp_port *port = wire->port;

	return wire->file_input != port->file_input ||
	       wire->worker != atomic_load_explicit(&port->rx_worker, memory_order_relaxed) ||
	       !same_list(wire->gate, wire->gates, port->gate, port->gates, sizeof(struct dp_period *));
}

// An offline port is handed on by the worker that has it to none, and taken by one from none: a worker whose inputs
// come to share it with another's has been given them before.
static void lay_ports(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		      const struct dp_conf *conf, struct dp_change *change)
{
	for (unsigned i = 0; i < conf->inputs; i++)
		if (wires->port[conf->input[i].port].port)
			wires->port[conf->input[i].port].worker = lineup->input[diff->input[i]].worker;
	for (unsigned p = 0; p < conf->ports; p++) {
		struct dp_wire_port *wire = &wires->port[p];

		if (!wire->port || !wire->port->offline || !port_differs(wire))
			continue;
		unsigned now = atomic_load_explicit(&wire->port->rx_worker, memory_order_relaxed);

		LAY(wire, change[now != DP_OWNER_NONE ? now : wire->worker].port);
	}
}

void dp_wires_settle(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff,
		     const struct dp_conf *conf, const struct dp_assign *assign, struct dp_port *port,
		     struct dp_change *change)
{
	begin(wires, lineup, diff, conf, assign, port);
	close_outputs(wires, lineup, diff);
	lay_outputs(wires, lineup, diff, change);
	lay_services(wires, lineup, diff, change);
	lay_groups(wires, lineup, diff, change);
	lay_inputs(wires, lineup, diff, change);
	lay_ports(wires, lineup, diff, conf, change);
}

// What differs in an output or a group is exchanged with the roster, so this goes by what will be.
void dp_wires_roster(const struct dp_wires *wires, struct dp_roster *roster, const struct dp_lineup *lineup,
		     const struct dp_diff *diff, unsigned worker)
{
	roster->groups = roster->outputs = 0;
	for (unsigned i = 0; i < lineup->groups; i++)
		if (dp_fate_lasts(diff->group_fate[i]) && lineup->group[i].worker == worker)
			roster->group[roster->groups++] = &lineup->group[i];
	for (unsigned i = 0; i < lineup->outputs; i++) {
		const struct dp_wire_output *wire = &wires->output[i];
		const struct dp_input *input =
			diff->output_fate[i] == DP_FATE_COMES ? lineup->output[i].input : wire->input;

		if (dp_fate_lasts(diff->output_fate[i]) && input && input->worker == worker)
			roster->output[roster->outputs++] = &lineup->output[i];
	}
}

static void free_all(struct dp_wires *wires, const struct dp_lineup *lineup)
{
	for (unsigned i = 0; wires->input && i < lineup->inputs; i++) {
		free(wires->input[i].conf);
		free(wires->input[i].service);
		free(wires->input[i].output);
	}
	for (unsigned i = 0; wires->output && i < lineup->outputs; i++) {
		free(wires->output[i].conf);
		free(wires->output[i].emm);
	}
	for (unsigned i = 0; wires->group && i < lineup->groups; i++)
		free(wires->group[i].output);
	for (unsigned i = 0; wires->service && i < lineup->services; i++)
		free(wires->service[i].conf);
	for (unsigned i = 0; i < DP_CONF_PORTS_MAX; i++)
		free(wires->port[i].gate);
	for (unsigned i = 0; i < lineup->emms; i++)
		free(wires->emm_conf[i]);
	free(wires->input);
	free(wires->output);
	free(wires->group);
	free(wires->service);
	*wires = (struct dp_wires){0};
}

void dp_wires_finish(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff)
{
	for (unsigned i = 0; i < lineup->outputs; i++) {
		const struct dp_output *output = &lineup->output[i];

		dp_emms_part(lineup, diff, wires->output[i].emm, wires->output[i].emms, output->emm, output->emms);
	}
	for (unsigned i = 0; i < lineup->emms; i++)
		if (diff->emm_fate[i] == DP_FATE_GOES)
			dp_emms_end(lineup, i);
	for (unsigned i = 0; i < lineup->inputs; i++)
		if (diff->input_fate[i] == DP_FATE_GOES) {
			free((void *)lineup->input[i].conf);
			lineup->input[i].conf = NULL;
		}
	for (unsigned i = 0; i < lineup->services; i++)
		if (diff->service_fate[i] == DP_FATE_GOES) {
			free((void *)lineup->service[i].conf);
			lineup->service[i].conf = NULL;
		}
	for (unsigned i = 0; i < lineup->outputs; i++)
		if (diff->output_fate[i] == DP_FATE_GOES) {
			free((void *)lineup->output[i].conf);
			lineup->output[i].conf = NULL;
		}
	for (unsigned i = 0; i < lineup->groups; i++)
		if (diff->group_fate[i] == DP_FATE_GOES) {
			free(lineup->group[i].output);
			lineup->group[i].output = NULL;
			lineup->group[i].outputs = 0;
			lineup->group[i].name[0] = '\0';
		}
	free_all(wires, lineup);
}

void dp_wires_drop(struct dp_wires *wires, struct dp_lineup *lineup, const struct dp_diff *diff)
{
	for (unsigned i = 0; wires->output && i < lineup->outputs; i++) {
		const struct dp_output *output = &lineup->output[i];

		dp_emms_part(lineup, diff, wires->output[i].emm, wires->output[i].emms, output->emm, output->emms);
	}
	for (unsigned i = 0; i < lineup->emms; i++)
		if (diff->emm_fate[i] == DP_FATE_COMES)
			dp_queue_fini(&lineup->emm[i].queue);
	free_all(wires, lineup);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// What one member of the configuration cannot tell alone.
#include <stdio.h>
#include <string.h>

#include "conf/check.h"
#include "conf/conf.h"

// Names are unique within their list; empty ones were reported before.
void dp_conf_check_names(const char *list, const char *names, size_t stride, unsigned n, struct base_errs *errs)
{
	for (unsigned i = 1; i < n; i++)
		for (unsigned k = 0; k < i; k++)
			if (names[i * stride] && strcmp(names + i * stride, names + k * stride) == 0) {
				MISTAKE(errs, list, i, "/name", "\"%s\" is also the name of /%s/%u", names + i * stride,
					list, k);
				break;
			}
}

// The driver of a port, where the port is known.
static bool driven_by(const struct dp_conf *conf, unsigned port, enum dp_port_driver driver)
{
	return port != DP_CONF_NONE && conf->port[port].driver == driver;
}

static void check_inputs(const struct dp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 0; i < conf->inputs; i++) {
		const struct dp_conf_input *a = &conf->input[i];

		if (driven_by(conf, a->port, DP_PORT_FILE) && !conf->port[a->port].rx[0])
			MISTAKE(errs, "inputs", i, "/port", "port \"%s\" has no rx file", conf->port[a->port].name);
		for (unsigned k = 0; k < i; k++) {
			const struct dp_conf_input *b = &conf->input[k];

			if (a->port != DP_CONF_NONE && a->port == b->port && a->group == b->group &&
			    a->udp_port == b->udp_port && a->vlan == b->vlan)
				MISTAKE(errs, "inputs", i, "", "the same port, group and udp_port as /inputs/%u", k);
		}
	}
}

static bool same_flow(const struct dp_conf_output *output, const struct dp_conf_input *input)
{
	return input->group == output->group && input->udp_port == output->udp_port && input->vlan == output->vlan;
}

// A ring port hands its outputs to its own inputs.
static bool joined(const struct dp_conf *conf, unsigned output, unsigned input)
{
	return conf->output[output].port == conf->input[input].port &&
	       driven_by(conf, conf->output[output].port, DP_PORT_RING) &&
	       same_flow(&conf->output[output], &conf->input[input]);
}

// True when packets of the input come to the output, by way of a service or of several and rings between them.
static bool reaches(const struct dp_conf *conf, unsigned input, unsigned output, bool *seen)
{
	for (unsigned i = 0; i < conf->services; i++) {
		unsigned next = conf->service[i].output;

		if (conf->service[i].input != input || next == DP_CONF_NONE || seen[next])
			continue;
		if (next == output)
			return true;
		seen[next] = true;
		for (unsigned k = 0; k < conf->inputs; k++)
			if (joined(conf, next, k) && reaches(conf, k, output, seen))
				return true;
	}
	return false;
}

// A cascade is what a ring is for, unless its packets come round again.
static bool cascades(const struct dp_conf *conf, unsigned output, unsigned input)
{
	bool seen[DP_CONF_OUTPUTS_MAX] = {false};

	return joined(conf, output, input) && !reaches(conf, input, output, seen);
}

// A group that is both input and output would feed scrambled packets back; different ports do not make it safe,
// because both may stand on one network.
static void check_outputs(const struct dp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 0; i < conf->outputs; i++) {
		const struct dp_conf_output *a = &conf->output[i];

		if (driven_by(conf, a->port, DP_PORT_FILE) && !conf->port[a->port].tx[0])
			MISTAKE(errs, "outputs", i, "/port", "port \"%s\" has no tx file", conf->port[a->port].name);
		for (unsigned k = 0; k < i; k++) {
			const struct dp_conf_output *b = &conf->output[k];

			if (a->port != DP_CONF_NONE && a->port == b->port && a->group == b->group &&
			    a->udp_port == b->udp_port && a->vlan == b->vlan)
				MISTAKE(errs, "outputs", i, "", "the same port, group and udp_port as /outputs/%u", k);
		}
		for (unsigned k = 0; a->group && k < conf->inputs; k++)
			if (same_flow(a, &conf->input[k]) && !cascades(conf, i, k))
				MISTAKE(errs, "outputs", i, "",
					"equal to /inputs/%u: an output may not be an input, choose another group", k);
	}
}

static bool input_known(const struct dp_conf *conf, unsigned input)
{
	return input != DP_CONF_NONE && conf->input[input].port != DP_CONF_NONE;
}

static bool offline_input(const struct dp_conf *conf, unsigned input)
{
	return dp_port_driver_offline(conf->port[conf->input[input].port].driver);
}

// True when one input is live and the other is not; one that is unknown was reported before.
static bool mixed(const struct dp_conf *conf, unsigned a, unsigned b)
{
	return input_known(conf, a) && input_known(conf, b) && offline_input(conf, a) != offline_input(conf, b);
}

// A worker owns whole inputs, and an output is filled by one worker in the order of one input.
static void check_services(const struct dp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 0; i < conf->services; i++) {
		const struct dp_conf_service *a = &conf->service[i];

		for (unsigned k = 0; k < i; k++) {
			const struct dp_conf_service *b = &conf->service[k];

			if (a->input != DP_CONF_NONE && a->input == b->input &&
			    a->program_number == b->program_number) {
				MISTAKE(errs, "services", i, "/program", "the same input and program as /services/%u",
					k);
				break;
			}
			if (a->output != DP_CONF_NONE && a->output == b->output && a->input != DP_CONF_NONE &&
			    b->input != DP_CONF_NONE && a->input != b->input) {
				MISTAKE(errs, "services", i, "/output",
					"an output takes services of one input; /services/%u has another", k);
				break;
			}
			if (a->group[0] && strcmp(a->group, b->group) == 0 && a->algorithm != b->algorithm) {
				MISTAKE(errs, "services", i, "/scrambling/algorithm",
					"scrambling group \"%s\" has another algorithm in /services/%u", a->group, k);
				break;
			}
			if (a->group[0] && strcmp(a->group, b->group) == 0 && mixed(conf, a->input, b->input)) {
				MISTAKE(errs, "services", i, "/scrambling/group",
					"scrambling group \"%s\" has a live input and one from a file, which share no "
					"clock; see /services/%u",
					a->group, k);
				break;
			}
		}
		if (a->group[0] && !conf->keys[0] && !conf->control[0])
			MISTAKE(errs, "services", i, "/scrambling", "scrambled, but /keys names no key file");
	}
}

// A service whose input or output is unknown may have meant any.
static void check_ends_used(const struct dp_conf *conf, struct base_errs *errs)
{
	bool input_used[DP_CONF_INPUTS_MAX] = {false}, output_used[DP_CONF_OUTPUTS_MAX] = {false};
	bool inputs_known = conf->services != 0, outputs_known = inputs_known;

	for (unsigned i = 0; i < conf->services; i++) {
		const struct dp_conf_service *service = &conf->service[i];

		if (service->input == DP_CONF_NONE)
			inputs_known = false;
		else
			input_used[service->input] = true;
		if (service->output == DP_CONF_NONE)
			outputs_known = false;
		else
			output_used[service->output] = true;
	}
	for (unsigned i = 0; inputs_known && i < conf->inputs; i++)
		if (!input_used[i])
			MISTAKE(errs, "inputs", i, "", "no service uses it");
	for (unsigned i = 0; outputs_known && i < conf->outputs; i++)
		if (!output_used[i])
			MISTAKE(errs, "outputs", i, "", "no service uses it");
}

void dp_conf_check(const struct dp_conf *conf, struct base_errs *errs)
{
	dp_conf_check_names("ports", conf->port[0].name, sizeof(conf->port[0]), conf->ports, errs);
	dp_conf_check_names("inputs", conf->input[0].name, sizeof(conf->input[0]), conf->inputs, errs);
	dp_conf_check_names("outputs", conf->output[0].name, sizeof(conf->output[0]), conf->outputs, errs);
	dp_conf_check_names("services", conf->service[0].name, sizeof(conf->service[0]), conf->services, errs);
	check_inputs(conf, errs);
	check_outputs(conf, errs);
	check_services(conf, errs);
	check_ends_used(conf, errs);
	dp_conf_check_ca(conf, errs);
	for (unsigned i = 0; i < conf->workers; i++)
		for (unsigned k = 0; k < i; k++)
			if (conf->worker_core[i] == conf->worker_core[k] && conf->idle == DP_IDLE_SPIN)
				MISTAKE(errs, "workers", i, "/core",
					"core %u has two workers: that needs idle yield or sleep",
					conf->worker_core[i]);
}

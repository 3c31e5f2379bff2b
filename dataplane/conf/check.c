// SPDX-License-Identifier: GPL-3.0-or-later
// What one member of the configuration cannot tell alone.
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"

#define MISTAKE(errs, list, index, member, ...)                                  \
	do {                                                                     \
		char where[64];                                                  \
		snprintf(where, sizeof(where), "/%s/%u%s", list, index, member); \
		base_errs_add(errs, where, __VA_ARGS__);                         \
	} while (0)

// Names are unique within their list; empty ones were reported before.
static void check_names(const char *list, const char *names, size_t stride, unsigned n, struct base_errs *errs)
{
	for (unsigned i = 1; i < n; i++)
		for (unsigned k = 0; k < i; k++)
			if (names[i * stride] && strcmp(names + i * stride, names + k * stride) == 0) {
				MISTAKE(errs, list, i, "/name", "\"%s\" is also the name of /%s/%u", names + i * stride,
					list, k);
				break;
			}
}

static void check_inputs(const struct dp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 0; i < conf->inputs; i++) {
		const struct dp_conf_input *a = &conf->input[i];

		if (conf->port[a->port].driver == DP_PORT_FILE && !conf->port[a->port].rx[0])
			MISTAKE(errs, "inputs", i, "/port", "port \"%s\" has no rx file", conf->port[a->port].name);
		for (unsigned k = 0; k < i; k++) {
			const struct dp_conf_input *b = &conf->input[k];

			if (a->port == b->port && a->group == b->group && a->udp_port == b->udp_port &&
			    a->vlan == b->vlan)
				MISTAKE(errs, "inputs", i, "", "the same port, group and udp_port as /inputs/%u", k);
		}
	}
}

// A ring port hands its outputs to its own inputs, which is what it is for, unless an input would feed itself.
static bool cascades(const struct dp_conf *conf, unsigned output, unsigned input)
{
	unsigned port = conf->input[input].port;

	if (port != conf->output[output].port || conf->port[port].driver != DP_PORT_RING)
		return false;
	for (unsigned i = 0; i < conf->services; i++)
		if (conf->service[i].output == output && conf->service[i].input == input)
			return false;
	return true;
}

// A group that is both input and output would feed scrambled packets back; different ports do not make it safe,
// because both may stand on one network.
static void check_outputs(const struct dp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 0; i < conf->outputs; i++) {
		const struct dp_conf_output *a = &conf->output[i];

		if (conf->port[a->port].driver == DP_PORT_FILE && !conf->port[a->port].tx[0])
			MISTAKE(errs, "outputs", i, "/port", "port \"%s\" has no tx file", conf->port[a->port].name);
		for (unsigned k = 0; k < i; k++) {
			const struct dp_conf_output *b = &conf->output[k];

			if (a->port == b->port && a->group == b->group && a->udp_port == b->udp_port &&
			    a->vlan == b->vlan)
				MISTAKE(errs, "outputs", i, "", "the same port, group and udp_port as /outputs/%u", k);
		}
		for (unsigned k = 0; a->group && k < conf->inputs; k++) {
			const struct dp_conf_input *in = &conf->input[k];

			if (in->group == a->group && in->udp_port == a->udp_port && in->vlan == a->vlan &&
			    !cascades(conf, i, k))
				MISTAKE(errs, "outputs", i, "",
					"equal to /inputs/%u: an output may not be an input, choose another group", k);
		}
	}
}

// A worker owns whole inputs, and an output is filled by one worker in the order of one input.
static void check_services(const struct dp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 0; i < conf->services; i++) {
		const struct dp_conf_service *a = &conf->service[i];

		for (unsigned k = 0; k < i; k++) {
			const struct dp_conf_service *b = &conf->service[k];

			if (a->input == b->input && a->program_number == b->program_number) {
				MISTAKE(errs, "services", i, "/program", "the same input and program as /services/%u",
					k);
				break;
			}
			if (a->output == b->output && a->input != b->input) {
				MISTAKE(errs, "services", i, "/output",
					"an output takes services of one input; /services/%u has another", k);
				break;
			}
			if (a->group[0] && strcmp(a->group, b->group) == 0 && a->algorithm != b->algorithm) {
				MISTAKE(errs, "services", i, "/scrambling/algorithm",
					"scrambling group \"%s\" has another algorithm in /services/%u", a->group, k);
				break;
			}
		}
		for (unsigned c = 1; c < a->ca_n; c++)
			if (a->ca[c].ecm_pid == a->ca[c - 1].ecm_pid)
				MISTAKE(errs, "services", i, "/ca", "two entries have ECM PID %u", a->ca[c].ecm_pid);
		if (a->group[0] && !conf->keys[0])
			MISTAKE(errs, "services", i, "/scrambling", "scrambled, but /keys names no key file");
	}
}

static void check_ends_used(const struct dp_conf *conf, struct base_errs *errs)
{
	bool input_used[DP_CONF_INPUTS_MAX] = {false}, output_used[DP_CONF_OUTPUTS_MAX] = {false};

	for (unsigned i = 0; i < conf->services; i++) {
		input_used[conf->service[i].input] = true;
		output_used[conf->service[i].output] = true;
	}
	for (unsigned i = 0; i < conf->inputs; i++)
		if (!input_used[i])
			MISTAKE(errs, "inputs", i, "", "no service uses it");
	for (unsigned i = 0; i < conf->outputs; i++)
		if (!output_used[i])
			MISTAKE(errs, "outputs", i, "", "no service uses it");
}

void dp_conf_check(const struct dp_conf *conf, struct base_errs *errs)
{
	check_names("ports", conf->port[0].name, sizeof(conf->port[0]), conf->ports, errs);
	check_names("inputs", conf->input[0].name, sizeof(conf->input[0]), conf->inputs, errs);
	check_names("outputs", conf->output[0].name, sizeof(conf->output[0]), conf->outputs, errs);
	check_names("services", conf->service[0].name, sizeof(conf->service[0]), conf->services, errs);
	check_inputs(conf, errs);
	check_outputs(conf, errs);
	check_services(conf, errs);
	check_ends_used(conf, errs);
	for (unsigned i = 0; i < conf->workers; i++)
		for (unsigned k = 0; k < i; k++)
			if (conf->worker_core[i] == conf->worker_core[k] && conf->idle == DP_IDLE_SPIN)
				MISTAKE(errs, "workers", i, "/core",
					"core %u has two workers: that needs idle yield or sleep",
					conf->worker_core[i]);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Inputs, outputs, services.
#include <stdio.h>
#include <string.h>

#include "service/conf_parts.h"

// A port's driver is known to the dataplane alone: with a file port there is no flow, else there is a whole one.
static void read_flow(const struct base_config *node, uint32_t *group, uint16_t *udp_port, uint16_t *vlan)
{
	*group = base_config_ipv4(node, "group", false);
	*udp_port = (uint16_t)base_config_int(node, "udp_port", *group != 0, 1, UINT16_MAX, 0);
	*vlan = (uint16_t)base_config_int(node, "vlan", false, 1, 4094, 0);
	if (*group && *group >> 28 != 0xE)
		base_config_error(node, "group", "not a multicast address: 224.0.0.0 to 239.255.255.255");
	if (base_config_present(node) && !*group && (*udp_port || *vlan))
		base_config_error(node, "group", "is missing; udp_port and vlan go with a multicast group");
}

static void read_port(const struct base_config *node, char to[DP_MSG_NAME_BYTES])
{
	snprintf(to, DP_MSG_NAME_BYTES, "%s", base_config_string(node, "port", true, DP_MSG_NAME_BYTES - 1, ""));
}

static void read_input(const struct base_config *node, struct cp_conf_input *input)
{
	static const char *const known[] = {"name",   "port", "group",         "udp_port",
					    "source", "vlan", "encapsulation", NULL};
	static const struct base_config_word encapsulations[] = {{"auto", 0}, {"udp", 1}, {"rtp", 2}, {NULL, 0}};

	cp_conf_read_name(node, input->name);
	read_port(node, input->port);
	read_flow(node, &input->group, &input->udp_port, &input->vlan);
	input->source = base_config_ipv4(node, "source", false);
	input->encapsulation = (uint8_t)base_config_word(node, "encapsulation", false, encapsulations, 0);
	base_config_only(node, known);
}

static void read_output(const struct base_config *node, struct cp_conf_output *output)
{
	static const char *const known[] = {"name", "port", "group", "udp_port",    "source", "source_udp_port",
					    "vlan", "ttl",  "dscp",  "deadline_ms", "slow",   NULL};
	static const struct base_config_word slow_words[] = {{"null", 0}, {"short", 1}, {NULL, 0}};

	cp_conf_read_name(node, output->name);
	read_port(node, output->port);
	read_flow(node, &output->group, &output->udp_port, &output->vlan);
	output->source = base_config_ipv4(node, "source", output->group != 0);
	output->source_udp_port = (uint16_t)base_config_int(node, "source_udp_port", false, 1, UINT16_MAX, 0);
	output->ttl = (uint8_t)base_config_int(node, "ttl", false, 1, 255, 16);
	output->dscp = (uint8_t)base_config_int(node, "dscp", false, 0, 63, 0);
	output->deadline_us = (uint32_t)base_config_int(node, "deadline_ms", false, 1, 1000, 40) * 1000;
	output->short_datagrams = base_config_word(node, "slow", false, slow_words, 0);
	base_config_only(node, known);
}

void cp_conf_read_lineup(const struct base_config *root, struct cp_conf *conf)
{
	struct base_config inputs = base_config_array(root, "inputs", true);
	struct base_config outputs = base_config_array(root, "outputs", true);

	conf->inputs = cp_conf_counted(root, "inputs", &inputs, 1, DP_MSG_INPUTS_MAX);
	for (unsigned i = 0; i < conf->inputs; i++) {
		struct base_config item = base_config_item(&inputs, i);

		read_input(&item, &conf->input[i]);
	}
	conf->outputs = cp_conf_counted(root, "outputs", &outputs, 1, DP_MSG_OUTPUTS_MAX);
	for (unsigned i = 0; i < conf->outputs; i++) {
		struct base_config item = base_config_item(&outputs, i);

		read_output(&item, &conf->output[i]);
	}
}

static void read_clear_policy(const struct base_config *node, struct cp_conf_service *service)
{
	struct base_config clear = base_config_array(node, "clear", false);

	for (size_t i = 0; i < base_config_count(&clear); i++) {
		const char *what = base_config_item_string(&clear, i);

		if (what && strcmp(what, "teletext") == 0)
			service->clear_teletext = true;
		else if (what && strcmp(what, "subtitles") == 0)
			service->clear_subtitles = true;
		else if (what)
			base_config_error(node, "clear", "\"%s\" cannot be cleared: teletext, subtitles", what);
	}
}

static void read_service(const struct base_config *node, const struct cp_conf *conf, struct cp_conf_service *service)
{
	static const char *const known[] = {"name",          "input", "program",  "output", "group",
					    "clear_service", "clear", "input_ca", NULL};
	static const struct base_config_word input_ca_words[] = {{"strip", 0}, {"keep", 1}, {NULL, 0}};
	bool grouped = base_config_present(node) && json_object_get(node->json, "group");

	cp_conf_read_name(node, service->name);
	service->input =
		cp_conf_read_index(node, "input", "input", conf->input[0].name, sizeof(conf->input[0]), conf->inputs);
	service->output = cp_conf_read_index(node, "output", "output", conf->output[0].name, sizeof(conf->output[0]),
					     conf->outputs);
	service->program_number = (uint16_t)base_config_int(node, "program", true, 1, UINT16_MAX, 1);
	service->clear_service = base_config_bool(node, "clear_service", false);
	service->keep_input_ca = base_config_word(node, "input_ca", false, input_ca_words, 0);
	read_clear_policy(node, service);
	service->group = CP_CONF_NONE;
	if (grouped && service->clear_service)
		base_config_error(node, NULL, "clear_service and group exclude each other");
	else if (grouped)
		service->group = cp_conf_read_index(node, "group", "scrambling group", conf->group[0].name,
						    sizeof(conf->group[0]), conf->groups);
	else if (base_config_present(node) && !service->clear_service)
		base_config_error(node, "group", "is missing; a scrambling group, or \"clear_service\": true");
	base_config_only(node, known);
}

void cp_conf_read_services(const struct base_config *root, struct cp_conf *conf)
{
	struct base_config services = base_config_array(root, "services", true);

	conf->services = cp_conf_counted(root, "services", &services, 1, DP_MSG_SERVICES_MAX);
	for (unsigned i = 0; i < conf->services; i++) {
		struct base_config item = base_config_item(&services, i);

		read_service(&item, conf, &conf->service[i]);
	}
}

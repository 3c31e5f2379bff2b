// SPDX-License-Identifier: GPL-3.0-or-later
#include "link/gather.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "conf/check.h"
#include "link/place.h"

void dp_gather_init(struct dp_gather *gather, const struct dp_conf *machine)
{
	memset(gather, 0, sizeof(*gather));
	gather->machine = machine;
}

void dp_gather_fini(struct dp_gather *gather)
{
	free(gather->conf);
	memset(gather, 0, sizeof(*gather));
}

static void check_count(struct dp_gather *gather, const char *where, unsigned n, unsigned min, unsigned max)
{
	if (n < min || n > max)
		base_errs_add(&gather->errs, where, "%u entries: %u to %u", n, min, max);
}

int dp_gather_begin(struct dp_gather *gather, const struct dp_msg_lineup *counts)
{
	const struct dp_conf *machine = gather->machine;
	struct dp_conf *conf = gather->conf ? gather->conf : malloc(sizeof(*conf));

	if (!conf)
		return -ENOMEM;
	dp_gather_init(gather, machine);
	*conf = *machine;
	gather->conf = conf;
	check_count(gather, "/inputs", counts->inputs, 1, DP_CONF_INPUTS_MAX);
	check_count(gather, "/outputs", counts->outputs, 1, DP_CONF_OUTPUTS_MAX);
	check_count(gather, "/groups", counts->groups, 0, DP_MSG_GROUPS_MAX);
	check_count(gather, "/services", counts->services, 1, DP_CONF_SERVICES_MAX);
	check_count(gather, "/emm_streams", counts->emms, 0, DP_CONF_EMMS_MAX);
	if (!base_errs_none(&gather->errs))
		return 0;
	conf->inputs = counts->inputs;
	conf->outputs = counts->outputs;
	conf->services = counts->services;
	conf->emms = counts->emms;
	gather->groups = counts->groups;
	return 0;
}

bool dp_gather_name(char *to, const char *from, const char *where, struct base_errs *errs)
{
	size_t n = strnlen(from, DP_MSG_NAME_BYTES);
	json_t *text = json_stringn(from, n); // NULL when it is not UTF-8

	if (n == 0 || n == DP_MSG_NAME_BYTES)
		base_errs_add(errs, where, "a name has 1 to %d bytes and a closing zero", DP_MSG_NAME_BYTES - 1);
	else if (!text)
		base_errs_add(errs, where, "a name is UTF-8");
	else
		memcpy(to, from, n + 1);
	bool good = text && n > 0 && n < DP_MSG_NAME_BYTES;

	json_decref(text);
	return good;
}

bool dp_gather_arrives(struct dp_gather *gather, const char *list, bool *seen, unsigned index, unsigned n)
{
	struct dp_place place = dp_place_of(list, index, "");

	if (index >= n) {
		base_errs_add(&gather->errs, place.text, "%u entries were announced", n);
		return false;
	}
	if (seen[index]) {
		base_errs_add(&gather->errs, place.text, "came twice");
		return false;
	}
	seen[index] = true;
	return true;
}

static unsigned find_port(struct dp_gather *gather, const char *list, unsigned index, const char *name)
{
	struct dp_place place = dp_place_of(list, index, "/port");
	char copy[DP_MSG_NAME_BYTES];

	if (!dp_gather_name(copy, name, place.text, &gather->errs))
		return DP_CONF_NONE;
	for (unsigned i = 0; i < gather->conf->ports; i++)
		if (strcmp(gather->conf->port[i].name, copy) == 0)
			return i;
	base_errs_add(&gather->errs, place.text, "the dataplane has no port \"%s\"; the first of %u is \"%s\"", copy,
		      gather->conf->ports, gather->conf->port[0].name);
	return DP_CONF_NONE;
}

// What only a network has, and a file port has not.
static void check_flow(struct dp_gather *gather, const char *list, unsigned index, unsigned port, uint32_t group,
		       uint16_t udp_port, uint16_t vlan)
{
	struct dp_place place = dp_place_of(list, index, "");

	if (port == DP_CONF_NONE)
		return;
	if (gather->conf->port[port].driver == DP_PORT_FILE) {
		if (group || udp_port || vlan)
			base_errs_add(&gather->errs, place.text, "a file port has no group, udp_port, vlan or source");
		return;
	}
	if (group >> 28 != 0xE)
		base_errs_add(&gather->errs, place.text, "group is no multicast address: 224.0.0.0 to 239.255.255.255");
	if (udp_port == 0)
		base_errs_add(&gather->errs, place.text, "udp_port 0: 1 to 65535");
	if (vlan > 4094)
		base_errs_add(&gather->errs, place.text, "vlan %u: 1 to 4094, or 0 for untagged", vlan);
}

void dp_gather_input(struct dp_gather *gather, const struct dp_msg_input *message)
{
	unsigned index = message->index;

	if (!dp_gather_arrives(gather, "inputs", gather->seen_input, index, gather->conf->inputs))
		return;
	struct dp_conf_input *input = &gather->conf->input[index];

	dp_gather_name(input->name, message->name, dp_place_of("inputs", index, "/name").text, &gather->errs);
	input->port = find_port(gather, "inputs", index, message->port);
	check_flow(gather, "inputs", index, input->port, message->group, message->udp_port, message->vlan);
	if (message->encapsulation > DP_ENCAP_RTP)
		base_errs_add(&gather->errs, dp_place_of("inputs", index, "/encapsulation").text,
			      "%u: 0 auto, 1 UDP, 2 RTP", message->encapsulation);
	input->group = message->group;
	input->udp_port = message->udp_port;
	input->source = message->source;
	input->vlan = message->vlan;
	input->encapsulation = message->encapsulation;
}

void dp_gather_output(struct dp_gather *gather, const struct dp_msg_output *message)
{
	unsigned index = message->index;

	if (!dp_gather_arrives(gather, "outputs", gather->seen_output, index, gather->conf->outputs))
		return;
	struct dp_conf_output *output = &gather->conf->output[index];

	dp_gather_name(output->name, message->name, dp_place_of("outputs", index, "/name").text, &gather->errs);
	output->port = find_port(gather, "outputs", index, message->port);
	check_flow(gather, "outputs", index, output->port, message->group, message->udp_port, message->vlan);
	if (message->group && message->source == 0)
		base_errs_add(&gather->errs, dp_place_of("outputs", index, "/source").text,
			      "missing: the address that the datagrams come from");
	if (message->ttl == 0)
		base_errs_add(&gather->errs, dp_place_of("outputs", index, "/ttl").text, "0: 1 to 255");
	if (message->dscp > 63)
		base_errs_add(&gather->errs, dp_place_of("outputs", index, "/dscp").text, "%u: 0 to 63", message->dscp);
	if (message->deadline_us < 1000 || message->deadline_us > 1000000)
		base_errs_add(&gather->errs, dp_place_of("outputs", index, "/deadline_ms").text, "%u us: 1 to 1000 ms",
			      message->deadline_us);
	output->group = message->group;
	output->udp_port = message->udp_port;
	output->source = message->source;
	output->source_udp_port = message->source_udp_port ? message->source_udp_port : message->udp_port;
	output->vlan = message->vlan;
	output->ttl = message->ttl;
	output->dscp = message->dscp;
	output->deadline_us = message->deadline_us;
	output->short_datagrams = message->short_datagrams != 0;
}

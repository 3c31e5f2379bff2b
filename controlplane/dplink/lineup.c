// SPDX-License-Identifier: GPL-3.0-or-later
#include "dplink/lineup.h"

#include <string.h>

// Both ends have DP_MSG_NAME_BYTES and a closing zero.
static void copy_name(char to[DP_MSG_NAME_BYTES], const char from[DP_MSG_NAME_BYTES])
{
	memcpy(to, from, strlen(from) + 1);
}

static void begin(union cp_lineup_msg *out, enum dp_msg_type type, size_t bytes)
{
	memset(out, 0, sizeof(*out));
	out->head = (struct dp_msg_head){.type = type, .bytes = (uint32_t)bytes};
}

static void make_counts(union cp_lineup_msg *out, const struct cp_conf *conf, uint32_t serial)
{
	begin(out, DP_MSG_LINEUP, sizeof(out->lineup));
	out->lineup.inputs = (uint16_t)conf->inputs;
	out->lineup.outputs = (uint16_t)conf->outputs;
	out->lineup.groups = (uint16_t)conf->groups;
	out->lineup.services = (uint16_t)conf->services;
	out->lineup.emms = (uint16_t)conf->emms;
	out->lineup.serial = serial;
}

static void make_input(union cp_lineup_msg *out, const struct cp_conf_input *input, unsigned index)
{
	begin(out, DP_MSG_INPUT, sizeof(out->input));
	out->input.index = (uint16_t)index;
	out->input.udp_port = input->udp_port;
	out->input.vlan = input->vlan;
	out->input.encapsulation = input->encapsulation;
	out->input.group = input->group;
	out->input.source = input->source;
	copy_name(out->input.name, input->name);
	copy_name(out->input.port, input->port);
}

static void make_output(union cp_lineup_msg *out, const struct cp_conf_output *output, unsigned index)
{
	begin(out, DP_MSG_OUTPUT, sizeof(out->output));
	out->output.index = (uint16_t)index;
	out->output.udp_port = output->udp_port;
	out->output.source_udp_port = output->source_udp_port;
	out->output.vlan = output->vlan;
	out->output.group = output->group;
	out->output.source = output->source;
	out->output.deadline_us = output->deadline_us;
	out->output.ttl = output->ttl;
	out->output.dscp = output->dscp;
	out->output.short_datagrams = output->short_datagrams;
	copy_name(out->output.name, output->name);
	copy_name(out->output.port, output->port);
}

static void make_group(union cp_lineup_msg *out, const struct cp_conf_group *group, unsigned index)
{
	begin(out, DP_MSG_GROUP, sizeof(out->group));
	out->group.index = (uint16_t)index;
	out->group.scrambling_mode = cp_algorithm_facts[group->algorithm].scrambling_mode;
	copy_name(out->group.name, group->name);
}

static void add_ca(struct dp_msg_service *service, const struct cp_conf *conf, const struct cp_conf_cas *cas,
		   uint16_t ecm_pid)
{
	struct dp_msg_ca *ca = &service->ca[service->ca_n++];

	ca->ca_system_id = (uint16_t)(conf->ecmg[cas->ecmg].super_cas_id >> 16);
	ca->ecm_pid = ecm_pid;
	ca->private_n = cas->private.n;
	memcpy(ca->private_bytes, cas->private.bytes, cas->private.n);
}

static void make_service(union cp_lineup_msg *out, const struct cp_conf *conf, unsigned index)
{
	const struct cp_conf_service *service = &conf->service[index];

	begin(out, DP_MSG_SERVICE, sizeof(out->service));
	out->service.index = (uint16_t)index;
	out->service.input = (uint16_t)service->input;
	out->service.output = (uint16_t)service->output;
	out->service.program_number = service->program_number;
	out->service.keep_input_ca = service->keep_input_ca;
	out->service.clear_teletext = service->clear_teletext;
	out->service.clear_subtitles = service->clear_subtitles;
	out->service.group = DP_MSG_NONE;
	copy_name(out->service.name, service->name);
	if (service->group == CP_CONF_NONE)
		return;
	const struct cp_conf_cas *cas = &conf->group[service->group].cas;

	out->service.group = (uint16_t)service->group;
	if (cas->leaving_pid)
		add_ca(&out->service, conf, cas, cas->leaving_pid);
	add_ca(&out->service, conf, cas, cas->ecm_pid);
}

static void make_emm(union cp_lineup_msg *out, const struct cp_conf *conf, unsigned index)
{
	const struct cp_conf_emm *emm = &conf->emm[index];

	begin(out, DP_MSG_EMM_STREAM, sizeof(out->emm));
	out->emm.index = (uint16_t)index;
	out->emm.pid = emm->pid;
	out->emm.ca_system_id = (uint16_t)(emm->client_id >> 16);
	out->emm.rate_kbps = emm->bandwidth_kbps;
	out->emm.private_n = emm->private.n;
	memcpy(out->emm.private_bytes, emm->private.bytes, emm->private.n);
	copy_name(out->emm.name, emm->name);
	for (unsigned i = 0; i < conf->outputs; i++)
		if (emm->output[i])
			out->emm.output_set[i / 8] |= (uint8_t)(1u << (i & 7));
}

// True when `*index` lies in a list of `n`; else it is counted on past the list.
static bool within(unsigned *index, unsigned n)
{
	if (*index < n)
		return true;
	*index -= n;
	return false;
}

bool cp_lineup_message(union cp_lineup_msg *out, const struct cp_conf *conf, uint32_t serial, unsigned index)
{
	if (within(&index, 1))
		make_counts(out, conf, serial);
	else if (within(&index, conf->inputs))
		make_input(out, &conf->input[index], index);
	else if (within(&index, conf->outputs))
		make_output(out, &conf->output[index], index);
	else if (within(&index, conf->groups))
		make_group(out, &conf->group[index], index);
	else if (within(&index, conf->services))
		make_service(out, conf, index);
	else if (within(&index, conf->emms))
		make_emm(out, conf, index);
	else if (within(&index, 1))
		begin(out, DP_MSG_LINEUP_END, sizeof(out->end));
	else
		return false;
	return true;
}

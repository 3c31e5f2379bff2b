// SPDX-License-Identifier: GPL-3.0-or-later
// What one member of the configuration cannot tell alone.
#include <stdio.h>
#include <string.h>

#include <ts_packet.h>

#include "service/conf_parts.h"

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

static void check_flows(const struct cp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 0; i < conf->inputs; i++)
		for (unsigned k = 0; k < i; k++) {
			const struct cp_conf_input *a = &conf->input[i], *b = &conf->input[k];

			if (strcmp(a->port, b->port) == 0 && a->group == b->group && a->udp_port == b->udp_port &&
			    a->vlan == b->vlan)
				MISTAKE(errs, "inputs", i, "", "the same port, group and udp_port as /inputs/%u", k);
		}
	for (unsigned i = 0; i < conf->outputs; i++)
		for (unsigned k = 0; k < i; k++) {
			const struct cp_conf_output *a = &conf->output[i], *b = &conf->output[k];

			if (strcmp(a->port, b->port) == 0 && a->group == b->group && a->udp_port == b->udp_port &&
			    a->vlan == b->vlan)
				MISTAKE(errs, "outputs", i, "", "the same port, group and udp_port as /outputs/%u", k);
		}
}

static void check_ecmgs(const struct cp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 1; i < conf->ecmgs; i++)
		for (unsigned k = 0; k < i; k++)
			if (conf->ecmg[i].channel_id == conf->ecmg[k].channel_id) {
				MISTAKE(errs, "ecmgs", i, "/channel_id",
					"ECM_channel_id %u is also that of /ecmgs/%u; it is unique over all ECMGs",
					conf->ecmg[i].channel_id, k);
				break;
			}
}

// (Super_CAS_id, ECM_id) names one ECM stream of the head-end (ETSI TS 103 197, ECM_id).
static void check_ecm_ids(const struct cp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 1; i < conf->groups; i++) {
		const struct cp_conf_cas *a = &conf->group[i].cas;

		for (unsigned k = 0; k < i; k++) {
			const struct cp_conf_cas *b = &conf->group[k].cas;

			if (a->ecmg != CP_CONF_NONE && b->ecmg != CP_CONF_NONE && a->ecm_id == b->ecm_id &&
			    conf->ecmg[a->ecmg].super_cas_id == conf->ecmg[b->ecmg].super_cas_id) {
				MISTAKE(errs, "groups", i, "/cas/0/ecm_id",
					"ECM_id %u of this Super_CAS_id is also that of /groups/%u", a->ecm_id, k);
				break;
			}
		}
	}
}

static void check_services(const struct cp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 1; i < conf->services; i++) {
		const struct cp_conf_service *a = &conf->service[i];

		for (unsigned k = 0; k < i; k++) {
			const struct cp_conf_service *b = &conf->service[k];

			if (a->input != CP_CONF_NONE && a->input == b->input &&
			    a->program_number == b->program_number) {
				MISTAKE(errs, "services", i, "/program", "the same input and program as /services/%u",
					k);
				break;
			}
			if (a->output != CP_CONF_NONE && a->output == b->output && a->input != CP_CONF_NONE &&
			    b->input != CP_CONF_NONE && a->input != b->input) {
				MISTAKE(errs, "services", i, "/output",
					"an output takes services of one input; /services/%u has another", k);
				break;
			}
		}
	}
}

static void check_used(const char *list, const bool *used, unsigned n, struct base_errs *errs)
{
	for (unsigned i = 0; i < n; i++)
		if (!used[i])
			MISTAKE(errs, list, i, "", "no service uses it");
}

// A service that names what does not exist may have meant any.
static void check_all_used(const struct cp_conf *conf, struct base_errs *errs)
{
	bool input[DP_MSG_INPUTS_MAX] = {false}, output[DP_MSG_OUTPUTS_MAX] = {false};
	bool group[DP_MSG_GROUPS_MAX] = {false};
	bool inputs_known = conf->services, outputs_known = conf->services, groups_known = conf->services;

	for (unsigned i = 0; i < conf->services; i++) {
		const struct cp_conf_service *service = &conf->service[i];

		inputs_known &= service->input != CP_CONF_NONE;
		outputs_known &= service->output != CP_CONF_NONE;
		groups_known &= service->group != CP_CONF_NONE || service->clear_service;
		if (service->input != CP_CONF_NONE)
			input[service->input] = true;
		if (service->output != CP_CONF_NONE)
			output[service->output] = true;
		if (service->group != CP_CONF_NONE)
			group[service->group] = true;
	}
	check_used("inputs", input, inputs_known ? conf->inputs : 0, errs);
	check_used("outputs", output, outputs_known ? conf->outputs : 0, errs);
	check_used("groups", group, groups_known ? conf->groups : 0, errs);
}

// The PIDs that are made for one output, and whose each is: a group's ECMs below OWNER_EMM, an EMM stream's from there.
enum { OWNER_NONE = 0, OWNER_GROUP = 1, OWNER_EMM = OWNER_GROUP + DP_MSG_GROUPS_MAX };

static void name_owner(char *out, size_t capacity, unsigned owner)
{
	if (owner >= OWNER_EMM)
		snprintf(out, capacity, "the EMMs of /emm_streams/%u", owner - OWNER_EMM);
	else
		snprintf(out, capacity, "the ECMs of /groups/%u", owner - OWNER_GROUP);
}

// Claims a PID; false, and *owner told, when another has it.
static bool claim(uint16_t owners[TS_PIDS], uint16_t pid, unsigned mine, char *other, size_t capacity)
{
	if (pid == 0 || owners[pid] == OWNER_NONE || owners[pid] == mine) {
		owners[pid] = (uint16_t)mine;
		return true;
	}
	name_owner(other, capacity, owners[pid]);
	return false;
}

static void check_output_pids(const struct cp_conf *conf, unsigned output, uint16_t owners[TS_PIDS],
			      struct base_errs *errs)
{
	char other[64];

	memset(owners, 0, TS_PIDS * sizeof(*owners));
	for (unsigned i = 0; i < conf->services; i++) {
		const struct cp_conf_service *service = &conf->service[i];

		if (service->output != output || service->group == CP_CONF_NONE)
			continue;
		uint16_t pid = conf->group[service->group].cas.ecm_pid;

		if (!claim(owners, pid, OWNER_GROUP + service->group, other, sizeof(other)))
			MISTAKE(errs, "groups", service->group, "/cas/0/ecm_pid",
				"PID %u carries %s in output \"%s\" already", pid, other, conf->output[output].name);
	}
	for (unsigned i = 0; i < conf->emms; i++)
		if (conf->emm[i].output[output] &&
		    !claim(owners, conf->emm[i].pid, OWNER_EMM + i, other, sizeof(other)))
			MISTAKE(errs, "emm_streams", i, "/pid", "PID %u carries %s in output \"%s\" already",
				conf->emm[i].pid, other, conf->output[output].name);
}

static void check_emms(const struct cp_conf *conf, struct base_errs *errs)
{
	if (conf->emms && !conf->mux)
		base_errs_add(errs, "/mux", "is missing; the EMM streams need the address where EMMGs connect");
	for (unsigned i = 1; i < conf->emms; i++)
		for (unsigned k = 0; k < i; k++)
			if (conf->emm[i].client_id == conf->emm[k].client_id &&
			    conf->emm[i].data_id == conf->emm[k].data_id) {
				MISTAKE(errs, "emm_streams", i, "/data_id",
					"client_id and data_id are those of /emm_streams/%u", k);
				break;
			}
}

void cp_conf_check(const struct cp_conf *conf, struct base_errs *errs)
{
	uint16_t owners[TS_PIDS];

	check_names("inputs", conf->input[0].name, sizeof(conf->input[0]), conf->inputs, errs);
	check_names("outputs", conf->output[0].name, sizeof(conf->output[0]), conf->outputs, errs);
	check_names("ecmgs", conf->ecmg[0].name, sizeof(conf->ecmg[0]), conf->ecmgs, errs);
	check_names("groups", conf->group[0].name, sizeof(conf->group[0]), conf->groups, errs);
	check_names("services", conf->service[0].name, sizeof(conf->service[0]), conf->services, errs);
	check_names("emm_streams", conf->emm[0].name, sizeof(conf->emm[0]), conf->emms, errs);
	check_flows(conf, errs);
	check_ecmgs(conf, errs);
	check_ecm_ids(conf, errs);
	check_services(conf, errs);
	check_all_used(conf, errs);
	for (unsigned i = 0; i < conf->outputs; i++)
		check_output_pids(conf, i, owners, errs);
	check_emms(conf, errs);
}

static void check_fixed(const char *where, const char *now, const char *running, struct base_errs *errs)
{
	if (strcmp(now, running) != 0)
		base_errs_add(errs, where, "is \"%s\" while \"%s\" runs; it changes with a restart alone", now,
			      running);
}

void cp_conf_check_fixed(const struct cp_conf *conf, const struct cp_conf *running, struct base_errs *errs)
{
	check_fixed("/name", conf->name, running->name, errs);
	check_fixed("/dataplane/socket", conf->dataplane_socket, running->dataplane_socket, errs);
	check_fixed("/operator/socket", conf->operator_socket, running->operator_socket, errs);
}

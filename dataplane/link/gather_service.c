// SPDX-License-Identifier: GPL-3.0-or-later
// Groups, services and EMM streams of a line-up.
#include <stdio.h>
#include <string.h>

#include "link/gather.h"
#include "link/place.h"

// "0x01 csa1, 0x02 csa2, ..."
static const char *all_modes(char *out, size_t capacity)
{
	size_t n = 0;

	for (unsigned i = 0; i < DP_ALGORITHMS && n < capacity; i++)
		n += (size_t)snprintf(out + n, capacity - n, "%s0x%02x %s", i ? ", " : "",
				      dp_algorithm[i].scrambling_mode, dp_algorithm[i].name);
	return out;
}

void dp_gather_group(struct dp_gather *gather, const struct dp_msg_group *message)
{
	unsigned index = message->index;

	if (!dp_gather_arrives(gather, "groups", gather->seen_group, index, gather->groups))
		return;
	struct dp_gather_group *group = &gather->group[index];

	dp_gather_name(group->name, message->name, dp_place_of("groups", index, "/name").text, &gather->errs);
	group->algorithm = dp_algorithm_of_mode(message->scrambling_mode);
	char modes[128];

	if (group->algorithm == DP_ALGORITHMS)
		base_errs_add(&gather->errs, dp_place_of("groups", index, "/algorithm").text,
			      "scrambling_mode 0x%02x: %s", message->scrambling_mode, all_modes(modes, sizeof(modes)));
}

static void read_ca(struct dp_conf_ca *ca, const struct dp_msg_ca *from, const char *where, struct base_errs *errs)
{
	if (from->ca_system_id == 0)
		base_errs_add(errs, where, "CA_system_id 0: 1 to 65535");
	if (from->ecm_pid < 0x20 || from->ecm_pid > 0x1FFE)
		base_errs_add(errs, where, "ECM PID %u: 32 to 8190", from->ecm_pid);
	if (from->private_n > DP_CONF_CA_PRIVATE_BYTES)
		base_errs_add(errs, where, "%u private bytes: at most %d", from->private_n, DP_CONF_CA_PRIVATE_BYTES);
	ca->ca_system_id = from->ca_system_id;
	ca->ecm_pid = from->ecm_pid;
	ca->private_n = from->private_n <= DP_CONF_CA_PRIVATE_BYTES ? from->private_n : 0;
	memcpy(ca->private_bytes, from->private_bytes, ca->private_n);
}

static void read_transform(struct dp_conf_service *service, const struct dp_msg_service *message, const char *where,
			   struct base_errs *errs)
{
	service->keep_input_ca = message->keep_input_ca != 0;
	service->clear_teletext = message->clear_teletext != 0;
	service->clear_subtitles = message->clear_subtitles != 0;
	service->ca_n = message->ca_n <= DP_CONF_CA_MAX ? message->ca_n : 0;
	if (message->ca_n > DP_CONF_CA_MAX)
		base_errs_add(errs, where, "%u entries: at most %d", message->ca_n, DP_CONF_CA_MAX);
	memset(service->ca, 0, sizeof(service->ca));
	for (unsigned i = 0; i < service->ca_n; i++)
		read_ca(&service->ca[i], &message->ca[i], where, errs);
}

void dp_gather_service(struct dp_gather *gather, const struct dp_msg_service *message)
{
	unsigned index = message->index;

	if (!dp_gather_arrives(gather, "services", gather->seen_service, index, gather->conf->services))
		return;
	struct dp_conf_service *service = &gather->conf->service[index];
	struct base_errs *errs = &gather->errs;

	dp_gather_name(service->name, message->name, dp_place_of("services", index, "/name").text, errs);
	service->input = message->input < gather->conf->inputs ? message->input : DP_CONF_NONE;
	service->output = message->output < gather->conf->outputs ? message->output : DP_CONF_NONE;
	if (service->input == DP_CONF_NONE)
		base_errs_add(errs, dp_place_of("services", index, "/input").text, "%u of %u inputs", message->input,
			      gather->conf->inputs);
	if (service->output == DP_CONF_NONE)
		base_errs_add(errs, dp_place_of("services", index, "/output").text, "%u of %u outputs", message->output,
			      gather->conf->outputs);
	if (message->program_number == 0)
		base_errs_add(errs, dp_place_of("services", index, "/program").text, "0: 1 to 65535");
	if (message->group != DP_MSG_NONE && message->group >= gather->groups)
		base_errs_add(errs, dp_place_of("services", index, "/group").text, "%u of %u groups", message->group,
			      gather->groups);
	service->program_number = message->program_number;
	service->clear_service = message->group == DP_MSG_NONE;
	gather->group_of[index] = message->group < gather->groups ? message->group : DP_MSG_NONE;
	read_transform(service, message, dp_place_of("services", index, "/ca").text, errs);
}

static void check_emm(struct dp_gather *gather, unsigned index, const struct dp_msg_emm_stream *message)
{
	struct base_errs *errs = &gather->errs;
	bool some = false;

	if (message->pid < 0x20 || message->pid > 0x1FFE)
		base_errs_add(errs, dp_place_of("emm_streams", index, "/pid").text, "%u: 32 to 8190", message->pid);
	if (message->ca_system_id == 0)
		base_errs_add(errs, dp_place_of("emm_streams", index, "/client_id").text, "CA_system_id 0: 1 to 65535");
	if (message->rate_kbps == 0)
		base_errs_add(errs, dp_place_of("emm_streams", index, "/bandwidth_kbps").text, "0: 1 to 65535");
	if (message->private_n > DP_CONF_CA_PRIVATE_BYTES)
		base_errs_add(errs, dp_place_of("emm_streams", index, "/private").text, "%u bytes: at most %d",
			      message->private_n, DP_CONF_CA_PRIVATE_BYTES);
	for (unsigned i = 0; i < DP_MSG_OUTPUTS_MAX; i++) {
		if (!(message->output_set[i / 8] >> (i & 7) & 1))
			continue;
		some = true;
		if (i >= gather->conf->outputs)
			base_errs_add(errs, dp_place_of("emm_streams", index, "/outputs").text, "%u of %u outputs", i,
				      gather->conf->outputs);
	}
	if (!some)
		base_errs_add(errs, dp_place_of("emm_streams", index, "/outputs").text, "none: at least one");
}

void dp_gather_emm(struct dp_gather *gather, const struct dp_msg_emm_stream *message)
{
	unsigned index = message->index;

	if (!dp_gather_arrives(gather, "emm_streams", gather->seen_emm, index, gather->conf->emms))
		return;
	struct dp_conf_emm *emm = &gather->conf->emm[index];

	dp_gather_name(emm->name, message->name, dp_place_of("emm_streams", index, "/name").text, &gather->errs);
	check_emm(gather, index, message);
	emm->pid = message->pid;
	emm->ca_system_id = message->ca_system_id;
	emm->rate_kbps = message->rate_kbps;
	emm->private_n = message->private_n <= DP_CONF_CA_PRIVATE_BYTES ? message->private_n : 0;
	memcpy(emm->private_bytes, message->private_bytes, emm->private_n);
	memcpy(emm->output_set, message->output_set, sizeof(emm->output_set));
}

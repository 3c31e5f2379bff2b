// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/operator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base_bytes.h>

#include "ecmg/alarms.h"
#include "emmg/sections.h"

static const char *const suite_name[] = {"", "tdes", "aes", "sm4"};

static json_t *show_cas(const struct cas_operator *of)
{
	char id[9];

	snprintf(id, sizeof(id), "%08x", of->conf->super_cas_id);
	return json_pack("{s:s, s:s, s:i, s:f, s:s}", "name", of->conf->name, "version", of->version, "pid",
			 (int)getpid(), "started", of->started, "super_cas_id", id);
}

static json_t *show_vault(const struct cas_vault *vault)
{
	const struct km_msg_status *status = &vault->status;
	json_t *keys = json_array();

	for (size_t i = 0; i < status->service_keys; i++)
		json_array_append_new(keys, json_integer(status->service_key_id[i]));
	return json_pack("{s:b, s:s, s:o, s:I, s:I}", "connected", vault->ready, "suite",
			 status->suite < 4 ? suite_name[status->suite] : "unknown", "service_keys", keys, "ecms",
			 (json_int_t)status->ecms, "refused", (json_int_t)status->refused);
}

static json_t *show_channels(const struct cas_registry *registry)
{
	json_t *channels = json_array();

	for (const struct cas_channel *channel = registry->first; channel; channel = channel->next) {
		if (channel->state != CAS_CHANNEL_OPEN)
			continue;
		json_array_append_new(channels,
				      json_pack("{s:s, s:i, s:i, s:I, s:f}", "peer", cp_wire_peer(channel->wire),
						"ecm_channel_id", channel->id, "version", channel->version, "streams",
						(json_int_t)channel->streams, "since", channel->since));
	}
	return channels;
}

static json_t *show_peer(const char *address, uint16_t tcp_port)
{
	bool v6 = strchr(address, ':') != NULL;

	return json_sprintf("%s%s%s:%u", v6 ? "[" : "", address, v6 ? "]" : "", tcp_port);
}

static json_t *show_ecmg(const struct cas_ecmg *ecmg)
{
	const struct cas_conf_ecmg *conf = &ecmg->conf->ecmg;

	return json_pack("{s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:I}", "listening",
			 show_peer(conf->address, conf->tcp_port), "ecms", (json_int_t)ecmg->ecms, "errors",
			 (json_int_t)ecmg->errors, "waiting", (json_int_t)ecmg->asks.n, "channels",
			 show_channels(&ecmg->registry), "sent", cp_wire_counts_show(ecmg->counts.sent), "received",
			 cp_wire_counts_show(ecmg->counts.received), "malformed", (json_int_t)ecmg->counts.malformed);
}

static json_t *show_emmg(const struct cas_emmg *emmg)
{
	return json_pack("{s:o, s:s, s:i, s:i, s:I, s:I, s:I, s:s, s:o, s:o, s:I}", "peer",
			 show_peer(emmg->conf->address, emmg->conf->tcp_port), "state",
			 cas_emmg_state_name(emmg->state), "bandwidth_kbps", emmg->conf->bandwidth_kbps,
			 "allocated_kbps", (int)emmg->allocated_kbps, "sections", (json_int_t)emmg->sections, "queued",
			 (json_int_t)emmg->queue.sections, "refused", (json_int_t)emmg->queue.refused, "last_error",
			 emmg->last_error, "sent", cp_wire_counts_show(emmg->counts.sent), "received",
			 cp_wire_counts_show(emmg->counts.received), "malformed", (json_int_t)emmg->counts.malformed);
}

static json_t *show_status(const struct cas_operator *of)
{
	json_t *status = json_pack("{s:o, s:o, s:o}", "cas", show_cas(of), "vault", show_vault(of->vault), "ecmg",
				   show_ecmg(of->ecmg));

	if (of->conf->emmg.there)
		json_object_set_new(status, "emmg", show_emmg(of->emmg));
	json_object_set_new(status, "alarms", cas_alarms_show(of));
	return status;
}

static json_t *refuse(const char *why)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", why);
}

static json_t *send_bytes(struct cas_emmg *emmg, const uint8_t *bytes, size_t n)
{
	char why[BASE_ERR_TEXT_BYTES];
	int count = cas_sections_check(bytes, n, why);

	if (count < 0)
		return refuse(why);
	int rc = cas_emmg_queue(emmg, bytes, n, (size_t)count);

	if (rc)
		return refuse(rc == -ENOSPC ? "the queue is full: wait until the MUX has taken what waits"
					    : "no memory for the sections");
	return json_pack("{s:b, s:i, s:I}", "ok", 1, "sections", count, "bytes", (json_int_t)n);
}

static json_t *send_sections(struct cas_operator *of, const json_t *request)
{
	const json_t *sections = json_object_get(request, "sections");
	size_t digits = json_string_length(sections);

	if (!of->conf->emmg.there)
		return refuse("this CAS has no EMMG: give it \"emmg\" in its configuration");
	if (!json_is_string(sections))
		return refuse("give \"sections\", hexadecimal");
	uint8_t *bytes = malloc(digits / 2 + 1);

	if (!bytes)
		return refuse("no memory for the sections");
	int n = base_bytes_from_hex(bytes, digits / 2 + 1, json_string_value(sections), digits);
	json_t *answer = n < 0 ? refuse("\"sections\" is no even number of hexadecimal digits")
			       : send_bytes(of->emmg, bytes, (size_t)n);

	free(bytes);
	return answer;
}

json_t *cas_operator_answer(void *context, const json_t *request)
{
	const char *get = json_string_value(json_object_get(request, "get"));
	const char *act = json_string_value(json_object_get(request, "do"));

	if (get && strcmp(get, "status") == 0)
		return show_status(context);
	if (act && strcmp(act, "emm send") == 0)
		return send_sections(context, request);
	return NULL;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The status document (docs/operator-api.md): what the SCS knows, with the dataplane's statistics merged in.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <base_log.h>

#include "service/control.h"

static json_t *count(uint64_t value)
{
	return json_integer((json_int_t)value);
}

// Milliseconds with three decimals, or none at all for what a counter does not tell.
static double rounded(double value)
{
	return (double)(int64_t)(value * 1000 + 0.5) / 1000;
}

// The latest statistics, parsed at most once (BORROWED); NULL when there are none.
static const json_t *read_report(struct cp_control *control)
{
	struct cp_dataplane_view *view = &control->dataplane;
	json_error_t error;

	if (!view->text)
		return view->report;
	json_decref(view->report);
	view->report = json_loadb(view->text, view->text_bytes, 0, &error);
	free(view->text);
	view->text = NULL;
	if (view->report)
		cp_alarms_take_all(&control->alarms, json_object_get(view->report, "alarms"));
	else
		base_log(BASE_LOG_WARNING, "status", "statistics of the dataplane cannot be read error=\"%s\"",
			 error.text);
	return view->report;
}

static json_t *dataplane_json(const struct cp_dataplane_view *view)
{
	json_t *json = json_pack("{s:b, s:f, s:s, s:s}", "connected", view->connected, "since", view->since, "lineup",
				 view->taken   ? "taken"
				 : view->asked ? "refused"
					       : "none",
				 "error", view->error);

	if (view->report)
		json_object_set_new(json, "report_age_s",
				    json_real(rounded((double)(uv_hrtime() - view->report_ns) / 1e9)));
	else
		json_object_set_new(json, "report_age_s", json_null());
	return json;
}

static const char *group_state(const struct cp_group *group)
{
	const struct cp_group_air *air = &group->air;

	if (!air->known || !group->scs->ready)
		return "unknown";
	return !air->running ? "waiting" : air->extending ? "held" : "on_air";
}

static const char *service_state(const struct cp_control *control, const struct cp_conf_service *service)
{
	if (service->group != CP_CONF_NONE)
		return group_state(control->scs.group[service->group]);
	return control->dataplane.taken ? "clear" : "unknown";
}

// The element with this name: the dataplane keeps the order of the line-up, so it is looked for at its place first.
static const json_t *named(const json_t *list, size_t place, const char *name)
{
	const json_t *item = json_array_get(list, place);
	const char *found = json_string_value(json_object_get(item, "name"));

	if (found && strcmp(found, name) == 0)
		return item;
	for (size_t i = 0; i < json_array_size(list); i++) {
		item = json_array_get(list, i);
		found = json_string_value(json_object_get(item, "name"));
		if (found && strcmp(found, name) == 0)
			return item;
	}
	return NULL;
}

// The numbers of a service in the statistics that count; what describes it stands beside them.
static json_t *counters_of(const json_t *reported)
{
	static const char *const described[] = {"program", "pmt_pid", NULL};
	json_t *counters = json_object();
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)reported, key, value)
	{
		bool counts = json_is_integer(value);

		for (size_t i = 0; described[i]; i++)
			counts = counts && strcmp(key, described[i]) != 0;
		if (counts)
			json_object_set(counters, key, value);
	}
	return counters;
}

static void set_or(json_t *json, const char *key, json_t *borrowed, json_t *fallback)
{
	if (borrowed)
		json_object_set(json, key, borrowed);
	else
		json_object_set(json, key, fallback);
	json_decref(fallback);
}

static json_t *ca_json(const struct cp_conf *conf, const struct cp_conf_service *service)
{
	json_t *list = json_array();

	if (service->group == CP_CONF_NONE)
		return list;
	const struct cp_conf_cas *cas = &conf->group[service->group].cas;

	json_array_append_new(list,
			      json_pack("{s:i, s:i}", "ca_system_id", (int)(conf->ecmg[cas->ecmg].super_cas_id >> 16),
					"ecm_pid", (int)cas->ecm_pid));
	return list;
}

static json_t *service_json(const struct cp_control *control, unsigned index, const json_t *reports)
{
	const struct cp_conf *conf = control->conf;
	const struct cp_conf_service *service = &conf->service[index];
	const struct cp_conf_group *group = service->group == CP_CONF_NONE ? NULL : &conf->group[service->group];
	const json_t *reported = named(reports, index, service->name);
	json_t *json = json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "name", service->name, "program",
				 (int)service->program_number, "input", conf->input[service->input].name, "output",
				 conf->output[service->output].name, "group", group ? group->name : "", "algorithm",
				 group ? cp_algorithm_facts[group->algorithm].name : "none", "state",
				 service_state(control, service), "ca", ca_json(conf, service), "counters",
				 counters_of(reported));

	set_or(json, "pmt_pid", json_object_get(reported, "pmt_pid"), json_null());
	set_or(json, "streams", json_object_get(reported, "streams"), json_array());
	set_or(json, "drops", json_object_get(reported, "drops"), json_object());
	set_or(json, "delay", json_object_get(reported, "delay"), json_object());
	return json;
}

static json_t *group_cas_json(const struct cp_conf *conf, const struct cp_group *group)
{
	const struct cp_stream *stream = group->stream;
	const struct cp_conf_cas *cas = &group->conf->cas;
	json_t *json =
		json_pack("{s:s, s:i, s:i, s:s, s:s, s:f}", "ecmg", conf->ecmg[cas->ecmg].name, "ecm_id",
			  (int)cas->ecm_id, "ecm_pid", (int)cas->ecm_pid, "stream", cp_stream_state_name[stream->state],
			  "last_error", stream->last_error, "response_ms_max", rounded(stream->response_ms_max));

	json_object_set_new(json, "requests", count(stream->requests));
	json_object_set_new(json, "responses", count(stream->responses));
	json_object_set_new(json, "timeouts", count(stream->timeouts));
	json_object_set_new(json, "errors", count(stream->errors));
	json_object_set_new(json, "late", count(stream->late));
	return json;
}

// How long the period is on air: on media time up to the dataplane's last word, and on our clock since.
static json_t *since_flip(const struct cp_group_air *air)
{
	if (!air->running || !air->started_27mhz || air->now_27mhz < air->started_27mhz)
		return json_null();
	uint64_t told_ms = (air->now_27mhz - air->started_27mhz) / DP_MSG_27MHZ_PER_MS;

	return count(told_ms + (uv_hrtime() - air->told_ns) / 1000000);
}

static json_t *group_json(const struct cp_conf *conf, const struct cp_group *group)
{
	const struct cp_group_air *air = &group->air;
	json_t *json =
		json_pack("{s:s, s:s, s:s, s:i, s:o, s:b, s:b, s:[o]}", "name", group->conf->name, "algorithm",
			  cp_algorithm_facts[group->conf->algorithm].name, "state", group_state(group),
			  "crypto_period_ms",
			  (int)(group->current.have ? group->current.duration_ms : cp_stream_period_ms(group->stream)),
			  "since_flip_ms", since_flip(air), "have_next", air->have_next, "extending", air->extending,
			  "cas", group_cas_json(conf, group));

	json_object_set_new(json, "cp_number", air->running ? json_integer(air->cp) : json_null());
	json_object_set_new(json, "periods", count(group->periods));
	json_object_set_new(json, "extended", count(group->extended));
	json_object_set_new(json, "refused", count(group->refused));
	return json;
}

static json_t *ecmg_json(const struct cp_channel *channel)
{
	const struct cp_conf_ecmg *conf = channel->conf;
	const struct cp_channel_values *values = &channel->values;
	char id[9], peer[CP_CONF_ADDRESS_BYTES + 8];
	unsigned open = 0;

	for (unsigned i = 0; i < channel->streams; i++)
		open += channel->stream[i]->state == CP_STREAM_OPEN;
	snprintf(id, sizeof(id), "%08x", conf->super_cas_id);
	snprintf(peer, sizeof(peer), strchr(conf->address, ':') ? "[%s]:%u" : "%s:%u", conf->address, conf->tcp_port);
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:f, s:s}", "name", conf->name, "super_cas_id",
				 id, "peer", peer, "state", cp_channel_state_name[channel->state], "version",
				 (int)channel->version, "channel_id", (int)conf->channel_id, "streams", (int)open,
				 "since", channel->since, "last_error", channel->last_error);

	json_object_update_new(json,
			       json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "lead_cw", (int)values->window.lead_cw,
					 "cw_per_msg", (int)values->window.cw_per_msg, "delay_start_ms",
					 (int)values->delay_start_ms, "delay_stop_ms", (int)values->delay_stop_ms,
					 "ecm_rep_period_ms", (int)values->ecm_rep_period_ms, "min_cp_duration_ms",
					 (int)values->min_cp_duration_ms, "max_comp_time_ms",
					 (int)values->max_comp_time_ms));
	json_object_set_new(json, "connects", count(channel->connects));
	json_object_set_new(json, "sent", cp_wire_counts_show(channel->counts.sent));
	json_object_set_new(json, "received", cp_wire_counts_show(channel->counts.received));
	json_object_set_new(json, "malformed", count(channel->counts.malformed));
	json_object_set_new(json, "unexpected", count(channel->unexpected));
	return json;
}

static json_t *emmg_json(const struct cp_control *control, unsigned index)
{
	const struct cp_conf_emm *emm = &control->conf->emm[index];
	json_t *json = control->mux ? cp_mux_status(control->mux, index) : json_object();
	json_t *outputs = json_array();

	for (unsigned i = 0; i < control->conf->outputs; i++)
		if (emm->output[i])
			json_array_append_new(outputs, json_string(control->conf->output[i].name));
	json_object_set_new(json, "pid", json_integer(emm->pid));
	json_object_set_new(json, "outputs", outputs);
	json_object_set_new(json, "waiting", count(control->feed.waiting[index]));
	json_object_set_new(json, "dropped",
			    count((uint64_t)json_integer_value(json_object_get(json, "dropped")) +
				  control->feed.dropped[index]));
	return json;
}

json_t *cp_status(struct cp_control *control)
{
	static const char *const unchanged[] = {"ports", "workers", "ciphers", "inputs", "outputs", NULL};
	const struct cp_conf *conf = control->conf;
	const json_t *report = read_report(control);
	const json_t *reported = json_object_get(report, "services");
	json_t *services = json_array(), *groups = json_array(), *ecmgs = json_array(), *emmgs = json_array();

	for (unsigned i = 0; i < conf->services; i++)
		json_array_append_new(services, service_json(control, i, reported));
	for (unsigned i = 0; i < conf->groups; i++)
		json_array_append_new(groups, group_json(conf, control->scs.group[i]));
	for (unsigned i = 0; i < conf->ecmgs; i++)
		json_array_append_new(ecmgs, ecmg_json(control->scs.channel[i]));
	for (unsigned i = 0; i < conf->emms; i++)
		json_array_append_new(emmgs, emmg_json(control, i));
	json_t *json = json_pack("{s:{s:s, s:s, s:i, s:f}, s:o, s:o, s:o, s:o, s:o}", "control", "name", conf->name,
				 "version", control->version, "pid", (int)getpid(), "started", control->started,
				 "dataplane", dataplane_json(&control->dataplane), "services", services, "groups",
				 groups, "ecmg", ecmgs, "emmg", emmgs);

	for (size_t i = 0; unchanged[i]; i++)
		set_or(json, unchanged[i], json_object_get(report, unchanged[i]), json_array());
	json_object_set_new(json, "config", cp_reload_json(&control->reload));
	json_object_set_new(json, "alarms", cp_alarms_json(&control->alarms));
	return json;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/report.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "link/link.h"
#include "plant.h"
#include "psi/policy.h"
#include "report/times.h"

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

// A word that a worker counts in.
static json_t *counted(const uint64_t *word)
{
	return number(dp_counted(word));
}

// Only reasons that happened, by name.
static json_t *drops_json(const uint64_t *drops)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < DP_DROPS; i++) {
		uint64_t dropped = dp_counted(&drops[i]);

		if (dropped)
			json_object_set_new(object, dp_drop_name[i], number(dropped));
	}
	return object;
}

static json_t *streams_json(const struct dp_view_content *view)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < view->streams_n; i++) {
		const struct dp_stream *stream = &view->stream[i];

		json_array_append_new(list,
				      json_pack("{s:i, s:i, s:b, s:s}", "pid", stream->pid, "stream_type",
						stream->stream_type, "scrambled", stream->policy == DP_POLICY_SCRAMBLED,
						"policy", dp_policy_name[stream->policy]));
	}
	return list;
}

// The algorithm on air; before the first period, the one of the line-up.
static const char *algorithm_name(const struct dp_group *group)
{
	struct dp_period_view view;

	dp_period_view_read(&group->period, &view);
	return dp_algorithm[view.running ? (enum dp_algorithm)view.algorithm : group->algorithm].name;
}

static json_t *service_json(const struct dp_service *service, const struct dp_conf_service *conf)
{
	const struct dp_service_stats *s = &service->stats;
	const struct dp_period *period = service->period;
	struct dp_view_content view;

	dp_view_read(&service->view, &view);
	json_t *json = json_pack("{s:s, s:i, s:i, s:s, s:s, s:o, s:o}", "name", conf->name, "program",
				 conf->program_number, "pmt_pid", view.pmt_pid, "algorithm",
				 service->group ? algorithm_name(service->group) : "none", "group", conf->group,
				 "streams", streams_json(&view), "drops", drops_json(s->drops));

	json_object_set_new(json, "in_pkts", counted(&s->in_pkts));
	json_object_set_new(json, "scrambled_pkts", counted(&s->scrambled_pkts));
	json_object_set_new(json, "clear_pkts", counted(&s->clear_pkts));
	json_object_set_new(json, "untouched_pkts", counted(&s->untouched_pkts));
	json_object_set_new(json, "continuity_errors", counted(&s->continuity_errors));
	json_object_set_new(json, "duplicates", counted(&s->duplicates));
	json_object_set_new(json, "pmt_changes", counted(&s->pmt_changes));
	json_object_set_new(json, "pid_conflicts", counted(&s->pid_conflicts));
	json_object_set_new(json, "delay", dp_times_json(&s->delay));
	if (period) {
		json_object_set_new(json, "periods", counted(&period->stats.periods));
		json_object_set_new(json, "periods_extended", counted(&period->stats.extended));
		json_object_set_new(json, "messages_refused", counted(&period->stats.messages_refused));
		json_object_set_new(json, "pcr_jumps", counted(&period->media.jumps));
	}
	return json;
}

// An IPv4 address as people write it; null: none.
static json_t *address_json(uint32_t address)
{
	return address ? json_sprintf("%u.%u.%u.%u", address >> 24, address >> 16 & 0xFF, address >> 8 & 0xFF,
				      address & 0xFF)
		       : json_null();
}

static json_t *input_json(const struct dp_input *input)
{
	const struct dp_input_stats *s = &input->stats;
	json_t *json = json_pack("{s:s, s:i, s:o}", "name", input->conf->name, "worker", input->worker, "drops",
				 drops_json(s->drops));

	json_object_set_new(json, "datagrams", counted(&s->datagrams));
	json_object_set_new(json, "in_pkts", counted(&s->in_pkts));
	json_object_set_new(json, "null_pkts", counted(&s->null_pkts));
	json_object_set_new(json, "rtp_gaps", counted(&s->rtp_gaps));
	json_object_set_new(json, "rtp_late", counted(&s->rtp_late));
	json_object_set_new(json, "source", address_json(atomic_load_explicit(&input->source, memory_order_relaxed)));
	json_object_set_new(json, "source_changes", number(dp_counted(&s->source_changes)));
	json_object_set_new(json, "pat_changes", counted(&s->pat_changes));
	return json;
}

static json_t *jitter_json(const struct dp_jitter *jitter)
{
	json_t *json = dp_times_json(&jitter->deviation);

	json_object_set_new(json, "smoothed_us", json_real((double)dp_counted(&jitter->smoothed) / 256));
	return json;
}

static json_t *output_json(const struct dp_output *output)
{
	const struct dp_output_stats *s = &output->stats;
	json_t *json = json_pack("{s:s, s:o}", "name", output->conf->name, "drops", drops_json(s->drops));

	json_object_set_new(json, "datagrams", counted(&s->datagrams));
	json_object_set_new(json, "out_pkts", counted(&s->out_pkts));
	json_object_set_new(json, "null_pkts", counted(&s->null_pkts));
	json_object_set_new(json, "psi_pkts", counted(&s->psi_pkts));
	json_object_set_new(json, "ecm_pkts", counted(&s->ecm_pkts));
	json_object_set_new(json, "emm_pkts", counted(&s->emm_pkts));
	json_object_set_new(json, "deadline_closes", counted(&s->deadline_closes));
	json_object_set_new(json, "jitter", jitter_json(&s->jitter));
	return json;
}

static json_t *counts_json(const uint64_t *counts, unsigned n)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(list, counted(&counts[i]));
	return list;
}

// By algorithm, those that had a batch: of each, how many batches were how full and had how many different keys.
static json_t *batches_json(const struct dp_worker *worker)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < DP_ALGORITHMS; i++) {
		const struct dp_batch *batch = &worker->batch[i];
		const struct dp_batch_stats *s = &batch->stats;

		if (dp_counted(&s->lanes))
			json_object_set_new(object, dp_algorithm[i].name,
					    json_pack("{s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
						      batch->ops->name, "isa", batch->ops->isa, "full_lanes",
						      (int)batch->ops->lanes, "lanes", counted(&s->lanes), "keys",
						      counted(&s->keys), "full_batches", counted(&s->full),
						      "full_ticks", counted(&s->full_ticks), "fill_16ths",
						      counts_json(s->fill, DP_BATCH_FILLS), "keys_log2",
						      counts_json(s->by_keys, DP_BATCH_KEYS)));
	}
	return object;
}

static json_t *worker_json(const struct dp_worker *worker)
{
	const struct dp_worker_stats *s = &worker->stats;
	json_t *stages = json_object();
	json_t *json = json_pack("{s:i, s:i, s:o}", "worker", worker->index, "core",
				 worker->conf->worker_core[worker->index], "drops", drops_json(s->drops));

	json_object_set_new(json, "ts_pkts", counted(&s->ts_pkts));
	json_object_set_new(json, "passes", counted(&s->passes));
	json_object_set_new(json, "busy_passes", counted(&s->busy_passes));
	json_object_set_new(json, "batches", counted(&s->batches));
	json_object_set_new(json, "lanes", counted(&s->lanes));
	json_object_set_new(json, "keys", counted(&s->keys));
	json_object_set_new(json, "batches_of", batches_json(worker));
	json_object_set_new(json, "handed_over", counted(&s->handed_over));
	json_object_set_new(json, "igmp_pkts", counted(&s->igmp_pkts));
	for (unsigned i = 0; i < DP_STAGES; i++)
		json_object_set_new(stages, dp_stage_name[i], counted(&s->stage_ticks[i]));
	json_object_set_new(json, "stage_ticks", stages);
	json_object_set_new(json, "load_ticks", counted(&s->load_ticks));
	json_object_set_new(json, "load_percent", json_real((double)dp_counted(&s->load_ppm) / 1e4));
	json_object_set_new(json, "delay", dp_times_json(&s->delay));
	json_object_set_new(json, "tsc_hz", number(worker->clock->tsc_hz));
	return json;
}

static json_t *port_json(const struct dp_port *port)
{
	const struct dp_port_stats *s = &port->stats;
	json_t *json =
		json_pack("{s:s, s:s}", "name", port->conf->name, "driver", dp_port_driver_name[port->conf->driver]);

	json_object_set_new(json, "up", json_boolean(!dp_port_down(port)));
	json_object_set_new(json, "rx_datagrams", number(s->rx_datagrams));
	json_object_set_new(json, "tx_datagrams", number(s->tx_datagrams));
	json_object_set_new(json, "missed", number(s->missed));
	json_object_set_new(json, "no_buffer", number(s->no_buffer));
	json_object_set_new(json, "errors", number(s->errors));
	return json;
}

static json_t *group_json(const struct dp_group *group)
{
	struct dp_period_view view;
	json_t *json = json_pack("{s:s, s:s}", "name", group->name, "algorithm", algorithm_name(group));

	dp_period_view_read(&group->period, &view);
	json_object_set_new(json, "running", json_boolean(view.running));
	json_object_set_new(json, "cp_number", number(view.cp_number));
	json_object_set_new(json, "have_next", json_boolean(view.have_next));
	json_object_set_new(json, "next_cp_number", number(view.next_cp_number));
	json_object_set_new(json, "next_ecm_on_air", json_boolean(view.next_ecm_on_air));
	json_object_set_new(json, "extending", json_boolean(view.extending));
	json_object_set_new(json, "on_wall", json_boolean(view.on_wall));
	json_object_set_new(json, "periods", counted(&group->period.stats.periods));
	json_object_set_new(json, "periods_extended", counted(&group->period.stats.extended));
	json_object_set_new(json, "messages_refused", counted(&group->period.stats.messages_refused));
	return json;
}

static json_t *emm_json(const struct dp_emm *emm)
{
	json_t *json = json_pack("{s:s, s:i, s:i}", "name", emm->conf->name, "pid", emm->conf->pid, "rate_kbps",
				 emm->conf->rate_kbps);

	json_object_set_new(json, "waiting", number(dp_queue_waiting(&emm->queue)));
	json_object_set_new(json, "dropped", number(emm->dropped));
	return json;
}

static json_t *controller_json(const struct dp_link *link)
{
	if (!link)
		return json_null();
	json_t *json = json_pack("{s:b, s:s, s:i}", "connected", !dp_link_alone(link), "name", link->fence.name, "pid",
				 (int)link->fence.pid);

	json_object_set_new(json, "reports_skipped", number(link->dialogue.tell.report.skipped));
	return json;
}

static json_t *cipher_json(const struct dp_cipher_ops *ops)
{
	return json_pack("{s:s, s:s, s:s, s:i}", "algorithm", dp_algorithm[ops->algorithm].name, "name", ops->name,
			 "isa", ops->isa, "lanes", (int)ops->lanes);
}

// A list of those of `n` objects that are there, each made by a call.
#define LIST(list, n, there, object)                                 \
	do {                                                         \
		for (unsigned i = 0; i < (n); i++)                   \
			if (there)                                   \
				json_array_append_new(list, object); \
	} while (0)

static json_t *document(struct dp_plant *plant)
{
	const struct dp_lineup *lineup = &plant->lineup;
	json_t *services = json_array(), *groups = json_array(), *inputs = json_array(), *outputs = json_array();
	json_t *emms = json_array(), *workers = json_array(), *ports = json_array(), *ciphers = json_array();

	LIST(services, lineup->services, lineup->service[i].conf,
	     service_json(&lineup->service[i], lineup->service[i].conf));
	LIST(groups, lineup->groups, !dp_group_free(&lineup->group[i]), group_json(&lineup->group[i]));
	LIST(inputs, lineup->inputs, lineup->input[i].conf, input_json(&lineup->input[i]));
	LIST(outputs, lineup->outputs, lineup->output[i].conf, output_json(&lineup->output[i]));
	LIST(emms, lineup->emms, lineup->emm[i].conf, emm_json(&lineup->emm[i]));
	LIST(workers, plant->workers, true, worker_json(&plant->worker[i]));
	LIST(ports, plant->conf->ports, true, port_json(&plant->port[i]));
	LIST(ciphers, DP_ALGORITHMS, true, cipher_json(plant->ciphers.ops[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "services", services, "groups",
			 groups, "inputs", inputs, "outputs", outputs, "emm_streams", emms, "workers", workers, "ports",
			 ports, "ciphers", ciphers, "controller", controller_json(plant->link), "alarms",
			 dp_alarms_json(&plant->alarms), "alarms_raised", dp_alarms_totals_json(&plant->alarms));
}

static char *text_of(struct dp_plant *plant, size_t flags)
{
	json_t *json = document(plant);
	char *text = json ? json_dumps(json, flags) : NULL;

	json_decref(json);
	return text;
}

char *dp_report_page(struct dp_plant *plant)
{
	return text_of(plant, JSON_INDENT(2));
}

int dp_report_put(const char *path, const char *text)
{
	char temporary[4096];

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	FILE *file = fopen(temporary, "w");

	if (!file)
		return -errno;
	bool good = fputs(text, file) >= 0;

	if (fclose(file) || !good || rename(temporary, path))
		return errno ? -errno : -EIO;
	return 0;
}

int dp_report_write(const char *path, struct dp_plant *plant)
{
	char *text = dp_report_page(plant);
	int rc = text ? dp_report_put(path, text) : -ENOMEM;

	free(text);
	return rc;
}

char *dp_report_text(struct dp_plant *plant)
{
	return text_of(plant, JSON_COMPACT);
}

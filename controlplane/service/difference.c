// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/difference.h"

#include <string.h>

static bool same_name(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool same_input(const struct cp_conf *a, unsigned i, const struct cp_conf *b, unsigned k)
{
	const struct cp_conf_input *x = &a->input[i], *y = &b->input[k];

	return same_name(x->port, y->port) && x->group == y->group && x->source == y->source &&
	       x->udp_port == y->udp_port && x->vlan == y->vlan && x->encapsulation == y->encapsulation;
}

static bool same_output(const struct cp_conf *a, unsigned i, const struct cp_conf *b, unsigned k)
{
	const struct cp_conf_output *x = &a->output[i], *y = &b->output[k];

	return same_name(x->port, y->port) && x->group == y->group && x->source == y->source &&
	       x->deadline_us == y->deadline_us && x->udp_port == y->udp_port &&
	       x->source_udp_port == y->source_udp_port && x->vlan == y->vlan && x->ttl == y->ttl &&
	       x->dscp == y->dscp && x->short_datagrams == y->short_datagrams;
}

static bool same_ecmg(const struct cp_conf *a, unsigned i, const struct cp_conf *b, unsigned k)
{
	const struct cp_conf_ecmg *x = &a->ecmg[i], *y = &b->ecmg[k];

	return cp_conf_same_channel(x, y) && x->test_interval_ms == y->test_interval_ms &&
	       x->timeout_ms == y->timeout_ms;
}

static bool same_private(const struct cp_conf_private *a, const struct cp_conf_private *b)
{
	return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

static bool same_group(const struct cp_conf *a, unsigned i, const struct cp_conf *b, unsigned k)
{
	const struct cp_conf_group *x = &a->group[i], *y = &b->group[k];

	return x->algorithm == y->algorithm && x->crypto_period_ms == y->crypto_period_ms &&
	       same_name(a->ecmg[x->cas.ecmg].name, b->ecmg[y->cas.ecmg].name) && x->cas.ecm_id == y->cas.ecm_id &&
	       x->cas.ecm_pid == y->cas.ecm_pid && x->cas.ac_n == y->cas.ac_n &&
	       memcmp(x->cas.ac, y->cas.ac, x->cas.ac_n) == 0 && same_private(&x->cas.private, &y->cas.private);
}

static const char *group_of(const struct cp_conf *conf, const struct cp_conf_service *service)
{
	return service->group == CP_CONF_NONE ? "" : conf->group[service->group].name;
}

static bool same_service(const struct cp_conf *a, unsigned i, const struct cp_conf *b, unsigned k)
{
	const struct cp_conf_service *x = &a->service[i], *y = &b->service[k];

	return same_name(a->input[x->input].name, b->input[y->input].name) &&
	       same_name(a->output[x->output].name, b->output[y->output].name) &&
	       same_name(group_of(a, x), group_of(b, y)) && x->program_number == y->program_number &&
	       x->keep_input_ca == y->keep_input_ca && x->clear_teletext == y->clear_teletext &&
	       x->clear_subtitles == y->clear_subtitles;
}

static bool same_mux(const struct cp_conf *a, unsigned i, const struct cp_conf *b, unsigned k)
{
	(void)i, (void)k;
	return same_name(a->mux_address, b->mux_address) && a->mux_tcp_port == b->mux_tcp_port;
}

// True when every output of `x` is one of `y`.
static bool outputs_within(const struct cp_conf *a, const struct cp_conf_emm *x, const struct cp_conf *b,
			   const struct cp_conf_emm *y)
{
	for (unsigned i = 0; i < a->outputs; i++) {
		bool found = !x->output[i];

		for (unsigned k = 0; !found && k < b->outputs; k++)
			found = y->output[k] && same_name(a->output[i].name, b->output[k].name);
		if (!found)
			return false;
	}
	return true;
}

static bool same_emm(const struct cp_conf *a, unsigned i, const struct cp_conf *b, unsigned k)
{
	const struct cp_conf_emm *x = &a->emm[i], *y = &b->emm[k];

	return x->client_id == y->client_id && x->data_id == y->data_id && x->pid == y->pid &&
	       x->bandwidth_kbps == y->bandwidth_kbps && same_private(&x->private, &y->private) &&
	       outputs_within(a, x, b, y) && outputs_within(b, y, a, x);
}

static unsigned count_of(const struct cp_conf *conf, enum cp_kind kind)
{
	if (!conf)
		return 0;
	const unsigned n[CP_KINDS] = {conf->inputs,   conf->outputs, conf->ecmgs, conf->groups,
				      conf->services, conf->mux,     conf->emms};

	return n[kind];
}

static const char *name_of(const struct cp_conf *conf, enum cp_kind kind, unsigned place)
{
	switch (kind) {
	case CP_INPUTS:
		return conf->input[place].name;
	case CP_OUTPUTS:
		return conf->output[place].name;
	case CP_ECMGS:
		return conf->ecmg[place].name;
	case CP_GROUPS:
		return conf->group[place].name;
	case CP_SERVICES:
		return conf->service[place].name;
	case CP_EMM_STREAMS:
		return conf->emm[place].name;
	default: // there is one at most, and it has no name
		return conf->mux_address;
	}
}

static const struct {
	const char *name; // in the document
	bool (*same)(const struct cp_conf *a, unsigned i, const struct cp_conf *b, unsigned k);
} kinds[CP_KINDS] = {
	[CP_INPUTS] = {"inputs", same_input},
	[CP_OUTPUTS] = {"outputs", same_output},
	[CP_ECMGS] = {"ecmgs", same_ecmg},
	[CP_GROUPS] = {"groups", same_group},
	[CP_SERVICES] = {"services", same_service},
	[CP_MUXES] = {"mux", same_mux},
	[CP_EMM_STREAMS] = {"emm_streams", same_emm},
};

// Where a name stands, looked for from `from` on and then before it: lists that differ little are walked once.
static unsigned find(const struct cp_conf *conf, enum cp_kind kind, const char *name, unsigned from)
{
	unsigned n = count_of(conf, kind);

	for (unsigned i = 0; i < n; i++) {
		unsigned place = (from + i) % n;

		if (kind == CP_MUXES || same_name(name_of(conf, kind, place), name))
			return place;
	}
	return CP_DIFFERENCE_NEW;
}

static void find_list(struct cp_difference_list *list, enum cp_kind kind, const struct cp_conf *before,
		      const struct cp_conf *now)
{
	unsigned next = 0;

	list->before_n = count_of(before, kind);
	list->now_n = count_of(now, kind);
	for (unsigned i = 0; i < list->before_n; i++)
		list->gone[i] = true;
	for (unsigned i = 0; i < list->now_n; i++) {
		unsigned was = find(before, kind, name_of(now, kind, i), next);

		list->before[i] = (uint16_t)was;
		if (was == CP_DIFFERENCE_NEW)
			continue;
		list->gone[was] = false;
		list->changed[i] = !kinds[kind].same(before, was, now, i);
		next = was + 1;
	}
}

void cp_difference_find(struct cp_difference *out, const struct cp_conf *before, const struct cp_conf *now)
{
	memset(out, 0, sizeof(*out));
	for (enum cp_kind kind = 0; kind < CP_KINDS; kind++)
		find_list(&out->list[kind], kind, before, now);
}

bool cp_difference_none(const struct cp_difference *difference)
{
	for (enum cp_kind kind = 0; kind < CP_KINDS; kind++) {
		const struct cp_difference_list *list = &difference->list[kind];

		for (unsigned i = 0; i < list->now_n; i++)
			if (list->before[i] == CP_DIFFERENCE_NEW || list->changed[i])
				return false;
		for (unsigned i = 0; i < list->before_n; i++)
			if (list->gone[i])
				return false;
	}
	return true;
}

static void append(json_t *by_kind, enum cp_kind kind, const struct cp_conf *conf, unsigned place)
{
	json_t *names = json_object_get(by_kind, kinds[kind].name);

	if (!names) {
		names = json_array();
		json_object_set_new(by_kind, kinds[kind].name, names);
	}
	json_array_append_new(names, json_string(name_of(conf, kind, place)));
}

json_t *cp_difference_json(const struct cp_difference *difference, const struct cp_conf *before,
			   const struct cp_conf *now)
{
	json_t *added = json_object(), *changed = json_object(), *removed = json_object();

	for (enum cp_kind kind = 0; kind < CP_KINDS; kind++) {
		const struct cp_difference_list *list = &difference->list[kind];

		for (unsigned i = 0; i < list->now_n; i++)
			if (list->before[i] == CP_DIFFERENCE_NEW)
				append(added, kind, now, i);
			else if (list->changed[i])
				append(changed, kind, now, i);
		for (unsigned i = 0; i < list->before_n; i++)
			if (list->gone[i])
				append(removed, kind, before, i);
	}
	return json_pack("{s:o, s:o, s:o}", "added", added, "changed", changed, "removed", removed);
}

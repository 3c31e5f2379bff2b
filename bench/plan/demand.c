// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/demand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add_service(struct bench_plan_item *item, const struct bench_plan_service *service)
{
	double in = service->bps / BENCH_PLAN_PKT_BITS;
	double ecm = service->cas * bench_plan_section_pkts(service->ecm_bytes) * 1000.0 / service->ecm_repetition_ms;

	item->services++;
	item->in_pps += in;
	item->ecm_pps += ecm;
	item->pps[service->kind] += in + ecm;
	item->groups += service->kind != BENCH_PLAN_CLEAR;
	item->ecms_per_s += service->cas / service->period_s;
}

static void add_emms(struct bench_plan_item *item, const struct bench_plan_options *options)
{
	for (unsigned i = 0; i < options->emms; i++)
		if (bench_plan_emm_carried(&options->emm[i], item->service->output))
			item->emm_pps += options->emm[i].bps / BENCH_PLAN_PKT_BITS;
	item->pps[BENCH_PLAN_CLEAR] += item->emm_pps;
}

// The same on every leg that stays with the first. The scrambling groups are theirs together.
static void times_legs(struct bench_plan_item *item)
{
	item->services *= item->legs;
	item->in_pps *= item->legs;
	item->ecm_pps *= item->legs;
	item->emm_pps *= item->legs;
	for (unsigned kind = 0; kind < BENCH_PLAN_KINDS; kind++)
		item->pps[kind] *= item->legs;
}

// The services of one output, from `first` on. Returns where the next output begins.
static size_t add_output(struct bench_plan_demand *demand, const struct bench_plan_services *services, size_t first,
			 const struct bench_plan_options *options)
{
	struct bench_plan_item item = {.service = &services->service[first]};
	unsigned legs = item.service->legs;
	size_t at = first;

	item.legs = options->legs_apart ? 1 : legs;
	while (at < services->n && strcmp(services->service[at].output, item.service->output) == 0)
		add_service(&item, &services->service[at++]);
	add_emms(&item, options);
	times_legs(&item);
	for (item.leg = 0; item.leg < legs; item.leg += item.legs)
		demand->item[demand->n++] = item;
	demand->outputs++;
	demand->inputs += legs;
	demand->legs_max = legs > demand->legs_max ? legs : demand->legs_max;
	return at;
}

// Every output that an EMM stream names has to be one.
static void check_emm(const struct bench_plan_emm *emm, const struct bench_plan_services *services,
		      struct base_errs *errs)
{
	for (const char *at = emm->outputs; at && strcmp(emm->outputs, "*") != 0; at = strchr(at, ',')) {
		at += *at == ',';
		size_t n = strcspn(at, ","), i = 0;

		while (i < services->n &&
		       (strlen(services->service[i].output) != n || memcmp(services->service[i].output, at, n) != 0))
			i++;
		if (i == services->n)
			base_errs_add(errs, "--emm", "%.*s: no output of the line-up is called '%.*s'",
				      (int)emm->name_n, emm->text, (int)n, at);
	}
}

int bench_plan_demand_make(struct bench_plan_demand *demand, const struct bench_plan_services *services,
			   const struct bench_plan_options *options, struct base_errs *errs)
{
	size_t items = 0;

	*demand = (struct bench_plan_demand){0};
	for (unsigned i = 0; i < options->emms; i++)
		check_emm(&options->emm[i], services, errs);
	if (!base_errs_none(errs))
		return -EINVAL;
	for (size_t i = 0; i < services->n; i++)
		items += services->service[i].legs;
	demand->item = calloc(items + 1, sizeof(*demand->item));
	if (!demand->item)
		return -ENOMEM;
	for (size_t at = 0; at < services->n;)
		at = add_output(demand, services, at, options);
	return 0;
}

void bench_plan_demand_free(struct bench_plan_demand *demand)
{
	free(demand->item);
	*demand = (struct bench_plan_demand){0};
}

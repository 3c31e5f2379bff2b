// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/classes.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
	const struct bench_plan_class *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->kind < y->kind ? -1 : x->kind > y->kind;
}

static struct bench_plan_class *class_of(struct bench_plan_class class[BENCH_PLAN_CLASSES_MAX], unsigned *n,
					 const struct bench_plan_service *service)
{
	for (unsigned i = 0; i < *n; i++)
		if (class[i].kind == service->kind && strcmp(class[i].name, service->class) == 0)
			return &class[i];
	if (*n == BENCH_PLAN_CLASSES_MAX) {
		class[*n - 1].name = "others";
		return &class[*n - 1];
	}
	class[*n] = (struct bench_plan_class){.name = service->class, .kind = service->kind};
	return &class[(*n)++];
}

unsigned bench_plan_classes(struct bench_plan_class class[BENCH_PLAN_CLASSES_MAX],
			    const struct bench_plan_services *services)
{
	unsigned n = 0;

	for (size_t i = 0; i < services->n; i++) {
		const struct bench_plan_service *service = &services->service[i];
		struct bench_plan_class *of = class_of(class, &n, service);

		of->services++;
		of->legs += service->legs;
		of->cas += service->cas;
		of->bps += service->bps;
	}
	qsort(class, n, sizeof(class[0]), by_name);
	return n;
}

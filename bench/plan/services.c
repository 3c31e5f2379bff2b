// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan/services.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cipher/algorithm.h"
#include "plan/columns.h"

_Static_assert(BENCH_PLAN_ALGORITHMS == (int)DP_ALGORITHMS, "a kind for every algorithm");

const char *bench_plan_kind_name(unsigned kind)
{
	return kind < BENCH_PLAN_ALGORITHMS ? dp_algorithm[kind].name : "clear";
}

static int by_name(const void *a, const void *b)
{
	const struct bench_plan_service *const *x = a, *const *y = b;
	int order = strcmp((*x)->name, (*y)->name);

	return order ? order : (*x)->line < (*y)->line ? -1 : 1;
}

static int by_output(const void *a, const void *b)
{
	const struct bench_plan_service *x = a, *y = b;
	int order = strcmp(x->output, y->output);

	return order ? order : x->line < y->line ? -1 : 1;
}

static void wrong_line(const char *name, unsigned line, struct base_errs *errs, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void wrong_line(const char *name, unsigned line, struct base_errs *errs, const char *format, ...)
{
	struct bench_csv csv = {.name = name};
	char text[BASE_ERR_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	bench_csv_wrong(&csv, line, 1, errs, "%s", text);
}

static int check_names(const struct bench_plan_services *services, const char *name, struct base_errs *errs)
{
	const struct bench_plan_service **sorted = calloc(services->n + 1, sizeof(const struct bench_plan_service *));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < services->n; i++)
		sorted[i] = &services->service[i];
	qsort(sorted, services->n, sizeof(sorted[0]), by_name);
	for (size_t i = 1; i < services->n; i++)
		if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			wrong_line(name, sorted[i]->line, errs,
				   "a second service '%s', after line %u: give it another name", sorted[i]->name,
				   sorted[i - 1]->line);
	free(sorted);
	return 0;
}

// A multiplex is sent as a whole on each of its legs.
static void check_outputs(const struct bench_plan_services *services, const char *name, struct base_errs *errs)
{
	for (size_t i = 1; i < services->n; i++) {
		const struct bench_plan_service *first = &services->service[i - 1], *second = first + 1;

		if (strcmp(first->output, second->output) == 0 && first->legs != second->legs)
			wrong_line(name, second->line, errs,
				   "output '%s' has %u legs here and %u in line %u: give all its services the same",
				   second->output, second->legs, first->legs, first->line);
	}
}

static int add(struct bench_plan_services *services, size_t *room, const struct bench_plan_service *service)
{
	if (services->n == *room) {
		size_t more = *room ? 2 * *room : 64;
		void *grown = reallocarray(services->service, more, sizeof(*service));

		if (!grown)
			return -ENOMEM;
		services->service = grown;
		*room = more;
	}
	services->service[services->n++] = *service;
	return 0;
}

static int read_rows(struct bench_plan_services *services, struct bench_csv *csv, struct bench_csv_record *record,
		     struct base_errs *errs)
{
	struct bench_plan_header header;
	struct bench_plan_service service;
	size_t room = 0;

	if (!bench_csv_next(csv, record, errs)) {
		bench_csv_wrong(csv, 1, 1, errs,
				"nothing in it: the first line names the columns, the others are services");
		return -EINVAL;
	}
	if (!bench_plan_header_read(&header, csv, record, errs))
		return -EINVAL;
	while (bench_csv_next(csv, record, errs)) {
		if (!bench_plan_row_read(&service, &header, csv, record, errs))
			continue;
		if (services->n == BENCH_PLAN_SERVICES_MAX) {
			bench_csv_wrong(csv, record->line, 1, errs, "more than %d services: split the file",
					BENCH_PLAN_SERVICES_MAX);
			return -EINVAL;
		}
		if (add(services, &room, &service))
			return -ENOMEM;
	}
	if (services->n == 0 && base_errs_none(errs))
		bench_csv_wrong(csv, csv->line, csv->column, errs, "no services: give a line to each");
	return 0;
}

int bench_plan_services_parse(struct bench_plan_services *services, const char *name, const char *text, size_t n,
			      struct base_errs *errs)
{
	struct bench_csv_record *record = malloc(sizeof(*record));
	struct bench_csv csv;
	int rc = record ? 0 : -ENOMEM;

	*services = (struct bench_plan_services){0};
	bench_csv_init(&csv, name, text, n);
	if (!rc)
		rc = read_rows(services, &csv, record, errs);
	if (!rc)
		rc = check_names(services, name, errs);
	if (!rc && services->n > 0) {
		qsort(services->service, services->n, sizeof(services->service[0]), by_output);
		check_outputs(services, name, errs);
	}
	free(record);
	rc = rc || base_errs_none(errs) ? rc : -EINVAL;
	if (rc)
		bench_plan_services_free(services);
	return rc;
}

void bench_plan_services_free(struct bench_plan_services *services)
{
	free(services->service);
	*services = (struct bench_plan_services){0};
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Line-ups for the planner. What is taken keeps within its columns' limits, and survives being written and read again;
// what is refused is refused with a line and a column inside the text.
#include <math.h>

#include <fuzz.h>
#include <plan/services.h>

enum { ECM_SECTION_MAX_BYTES = 4096 };

static void check_errors(const struct base_errs *errs, size_t lines)
{
	for (size_t i = 0; i < errs->count; i++) {
		unsigned line = 0, column = 0;

		FUZZ_ASSERT(sscanf(errs->text[i], "f:%u:%u:", &line, &column) == 2);
		FUZZ_ASSERT(line >= 1 && line <= lines && column >= 1);
		for (const char *at = errs->text[i]; *at; at++)
			FUZZ_ASSERT((unsigned char)*at >= ' ');
	}
}

static void check_service(const struct bench_plan_service *service)
{
	FUZZ_ASSERT(service->name[0] && service->output[0] && service->class[0]);
	FUZZ_ASSERT(service->bps >= 1e3 && service->bps <= 1e10);
	FUZZ_ASSERT(service->kind < BENCH_PLAN_KINDS && (service->kind != BENCH_PLAN_CLEAR || service->cas == 0));
	FUZZ_ASSERT(service->cas <= 16 && service->legs >= 1 && service->legs <= BENCH_PLAN_LEGS_MAX);
	FUZZ_ASSERT(service->period_s >= 1 && service->period_s <= 3600);
	FUZZ_ASSERT(service->ecm_bytes >= 3 && service->ecm_bytes <= ECM_SECTION_MAX_BYTES);
	FUZZ_ASSERT(service->ecm_repetition_ms >= 10 && service->ecm_repetition_ms <= 60000);
}

static void put_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
	fputs("\",", out);
}

static void check_again(const struct bench_plan_services *services, struct base_errs *errs)
{
	struct bench_plan_services again;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	FUZZ_ASSERT(out);
	fputs("legs,class,output,name,Mbit/s,cas count,algorithm,Crypto-period s,ECM bytes,ECM repetition ms\r\n", out);
	for (size_t i = 0; i < services->n; i++) {
		const struct bench_plan_service *service = &services->service[i];

		fprintf(out, "%u,", service->legs);
		put_quoted(out, service->class);
		put_quoted(out, service->output);
		put_quoted(out, service->name);
		fprintf(out, "%.9f,%u,%s,%.9f,%u,%u\r\n", service->bps / 1e6, service->cas,
			bench_plan_kind_name(service->kind), service->period_s, service->ecm_bytes,
			service->ecm_repetition_ms);
	}
	fclose(out);
	base_errs_init(errs);
	FUZZ_ASSERT(bench_plan_services_parse(&again, "f", text, n, errs) == 0 && again.n == services->n);
	for (size_t i = 0; i < again.n; i++) {
		FUZZ_ASSERT(strcmp(again.service[i].name, services->service[i].name) == 0);
		FUZZ_ASSERT(fabs(again.service[i].bps - services->service[i].bps) <= 1);
	}
	bench_plan_services_free(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base_errs errs;
	struct bench_plan_services services;
	uint8_t *text = fuzz_exact(data, size);
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	base_errs_init(&errs);
	if (bench_plan_services_parse(&services, "f", (const char *)text, size, &errs)) {
		FUZZ_ASSERT(!base_errs_none(&errs) && services.n == 0);
		check_errors(&errs, lines);
	} else {
		FUZZ_ASSERT(base_errs_none(&errs) && services.n > 0);
		for (size_t i = 0; i < services.n; i++)
			check_service(&services.service[i]);
		check_again(&services, &errs);
	}
	bench_plan_services_free(&services);
	free(text);
	return 0;
}

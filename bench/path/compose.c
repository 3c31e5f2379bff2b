// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/compose.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

enum { MEMORY_MIB = 512, DEADLINE_MS = 1000 };

static const char *algorithm_of(enum bench_mix mix, unsigned service)
{
	if (mix == BENCH_MIXED)
		mix = service % 2 ? BENCH_CISSA : BENCH_CSA2;
	return bench_mix_name[mix];
}

unsigned bench_compose_programmes(unsigned services)
{
	return (services + DP_CONF_INPUTS_MAX - 1) / DP_CONF_INPUTS_MAX;
}

static void add_input(json_t *root, unsigned i)
{
	json_t *input = json_pack("{s:o, s:s, s:o, s:i}", "name", json_sprintf("in%u", i), "port", "rx", "group",
				  json_sprintf("239.1.%u.%u", i >> 8, i & 0xFF), "udp_port", BENCH_UDP_PORT);

	json_array_append_new(json_object_get(root, "inputs"), input);
}

static void add_output(json_t *root, unsigned i)
{
	json_t *output = json_pack("{s:o, s:s, s:o, s:i, s:s, s:i}", "name", json_sprintf("out%u", i), "port", "tx",
				   "group", json_sprintf("239.2.%u.%u", i >> 8, i & 0xFF), "udp_port", BENCH_UDP_PORT,
				   "source", "10.0.2.1", "deadline_ms", DEADLINE_MS);

	json_array_append_new(json_object_get(root, "outputs"), output);
}

static void add_service(json_t *root, enum bench_mix mix, unsigned i, unsigned programmes)
{
	json_t *service = json_pack("{s:o, s:o, s:i, s:o}", "name", json_sprintf("service%u", i), "input",
				    json_sprintf("in%u", i / programmes), "program", (int)(i % programmes + 1),
				    "output", json_sprintf("out%u", i));

	if (mix == BENCH_CLEAR)
		json_object_set_new(service, "clear_service", json_true());
	else
		json_object_set_new(service, "scrambling",
				    json_pack("{s:o, s:s}", "group", json_sprintf("service%u", i), "algorithm",
					      algorithm_of(mix, i)));
	json_array_append_new(json_object_get(root, "services"), service);
}

static json_t *compose(const struct bench_options *options, const struct bench_lineup *shape)
{
	unsigned programmes = bench_compose_programmes(shape->services);
	unsigned long cores = (unsigned long)sysconf(_SC_NPROCESSORS_ONLN);
	json_t *root = json_pack("{s:i, s:s, s:{s:b, s:i}, s:s, s:[{s:s, s:s}, {s:s, s:s}], s:[], s:[], s:[], s:[]}",
				 "main_core", 0, "idle", "spin", "memory", "hugepages", options->hugepages, "mib",
				 MEMORY_MIB, "keys", "composed", "ports", "name", "rx", "driver", "null", "name", "tx",
				 "driver", "null", "inputs", "outputs", "services", "workers");

	for (unsigned i = 0; i < shape->workers; i++)
		json_array_append_new(json_object_get(root, "workers"),
				      json_pack("{s:i}", "core", (int)((i + 1) % cores)));
	for (unsigned i = 0; i * programmes < shape->services; i++)
		add_input(root, i);
	for (unsigned i = 0; i < shape->services; i++) {
		add_output(root, i);
		add_service(root, shape->mix, i, programmes);
	}
	return root;
}

int bench_compose_conf(struct dp_conf *conf, const struct bench_options *options, const struct bench_lineup *shape,
		       struct base_errs *errs)
{
	json_t *root = compose(options, shape);
	char *text = json_dumps(root, 0);
	int rc = text ? dp_conf_parse(conf, text, strlen(text), "composed configuration", errs) : -ENOMEM;

	free(text);
	json_decref(root);
	return rc;
}

void bench_compose_word(uint8_t *cw, unsigned bytes, unsigned service, unsigned cp)
{
	uint64_t word = UINT64_C(0xD1B54A32D192ED03) * (BENCH_CPS * service + cp + 1);

	for (unsigned i = 0; i < bytes; i++)
		cw[i] = (uint8_t)((word ^ (i & ~7U)) >> 8 * (7 - i % 8));
}

static void put_word(FILE *out, unsigned bytes, unsigned service, unsigned cp)
{
	uint8_t cw[DP_CW_MAX_BYTES];

	bench_compose_word(cw, bytes, service, cp);
	fprintf(out, "cp %u %s ", cp, cp % 2 ? "odd" : "even");
	for (unsigned i = 0; i < bytes; i++)
		fprintf(out, "%02x", cw[i]);
	fputc('\n', out);
}

int bench_compose_keys(struct dp_keyfile *keyfile, const struct bench_options *options, const struct dp_conf *conf,
		       struct base_errs *errs)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (!out)
		return -ENOMEM;
	fprintf(out, "# composed\n");
	for (unsigned i = 0; i < conf->services; i++) {
		const struct dp_conf_service *service = &conf->service[i];

		if (service->clear_service)
			continue;
		unsigned bytes = dp_algorithm[service->algorithm].cw_bytes;

		fprintf(out, "group %s period_ms %u%s\n", service->group, options->period_ms,
			options->period_ms ? " repeat" : "");
		for (unsigned cp = 0; cp < (options->period_ms ? BENCH_CPS : 1); cp++)
			put_word(out, bytes, i, cp);
	}
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	int rc = conf->service[0].clear_service ? 0 : dp_keyfile_parse(keyfile, text, n, "composed keys", errs);

	free(text);
	return rc;
}

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

static void add_service(json_t *root, enum bench_mix mix, unsigned i)
{
	char in[16], out[16], in_group[32], out_group[32];

	snprintf(in, sizeof(in), "in%u", i);
	snprintf(out, sizeof(out), "out%u", i);
	snprintf(in_group, sizeof(in_group), "239.1.1.%u", i);
	snprintf(out_group, sizeof(out_group), "239.2.1.%u", i);
	json_array_append_new(json_object_get(root, "inputs"),
			      json_pack("{s:s, s:s, s:s, s:i}", "name", in, "port", "rx", "group", in_group, "udp_port",
					BENCH_UDP_PORT));
	json_array_append_new(json_object_get(root, "outputs"),
			      json_pack("{s:s, s:s, s:s, s:i, s:s, s:i}", "name", out, "port", "tx", "group", out_group,
					"udp_port", BENCH_UDP_PORT, "source", "10.0.2.1", "deadline_ms", DEADLINE_MS));
	json_t *service = json_pack("{s:s, s:s, s:i, s:s}", "name", in, "input", in, "program", 1, "output", out);

	if (mix == BENCH_CLEAR)
		json_object_set_new(service, "clear_service", json_true());
	else
		json_object_set_new(service, "scrambling",
				    json_pack("{s:s, s:s}", "group", in, "algorithm", algorithm_of(mix, i)));
	json_array_append_new(json_object_get(root, "services"), service);
}

int bench_compose_conf(struct dp_conf *conf, const struct bench_options *options, enum bench_mix mix, unsigned services,
		       struct base_errs *errs)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	json_t *root = json_pack("{s:i, s:s, s:{s:b, s:i}, s:s, s:[{s:s, s:s}, {s:s, s:s}], s:[], s:[], s:[], s:[]}",
				 "main_core", 0, "idle", "spin", "memory", "hugepages", 0, "mib", MEMORY_MIB, "keys",
				 "composed", "ports", "name", "rx", "driver", "null", "name", "tx", "driver", "null",
				 "inputs", "outputs", "services", "workers");

	for (unsigned i = 0; i < options->workers; i++)
		json_array_append_new(json_object_get(root, "workers"),
				      json_pack("{s:i}", "core", (int)((i + 1) % (unsigned long)cores)));
	for (unsigned i = 0; i < services; i++)
		add_service(root, mix, i);
	char *text = json_dumps(root, 0);
	int rc = text ? dp_conf_parse(conf, text, strlen(text), "composed configuration", errs) : -ENOMEM;

	free(text);
	json_decref(root);
	return rc;
}

// Any words will do; these are the same in every run and never meant for anything on air.
static void put_word(FILE *out, unsigned cp, unsigned bytes, unsigned service)
{
	uint64_t word = UINT64_C(0xD1B54A32D192ED03) * (2 * service + cp + 1);

	fprintf(out, "cp %u %s ", cp, cp % 2 ? "odd" : "even");
	for (unsigned i = 0; i < bytes; i += 8)
		fprintf(out, "%016llx", (unsigned long long)(word ^ i));
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
		for (unsigned cp = 0; cp < (options->period_ms ? 2 : 1); cp++)
			put_word(out, cp, bytes, i);
	}
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	int rc = conf->service[0].clear_service ? 0 : dp_keyfile_parse(keyfile, text, n, "composed keys", errs);

	free(text);
	return rc;
}

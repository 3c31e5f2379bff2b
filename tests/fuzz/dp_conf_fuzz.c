// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration. What is accepted can be made a line-up of: every index is in range and every rule of a worker
// holds.
#include <errno.h>

#include <fuzz.h>

#include "conf/conf.h"

static struct dp_conf conf;
static struct base_errs errs;

static void check_ends(void)
{
	for (unsigned i = 0; i < conf.inputs; i++) {
		const struct dp_conf_input *in = &conf.input[i];
		bool file;

		FUZZ_ASSERT(in->port < conf.ports && in->name[0]);
		file = conf.port[in->port].driver == DP_PORT_FILE;
		FUZZ_ASSERT(file ? !in->group && conf.port[in->port].rx[0] : in->group >> 28 == 0xE && in->udp_port);
	}
	for (unsigned i = 0; i < conf.outputs; i++) {
		const struct dp_conf_output *out = &conf.output[i];
		bool file;

		FUZZ_ASSERT(out->port < conf.ports && out->name[0] && out->ttl && out->deadline_us);
		file = conf.port[out->port].driver == DP_PORT_FILE;
		FUZZ_ASSERT(file ? !out->group && conf.port[out->port].tx[0]
				 : out->group >> 28 == 0xE && out->udp_port);
	}
}

static void check_services(void)
{
	unsigned input_of[DP_CONF_OUTPUTS_MAX];

	for (unsigned i = 0; i < conf.outputs; i++)
		input_of[i] = DP_CONF_NONE;
	for (unsigned i = 0; i < conf.services; i++) {
		const struct dp_conf_service *s = &conf.service[i];

		FUZZ_ASSERT(s->input < conf.inputs && s->output < conf.outputs && s->program_number);
		FUZZ_ASSERT(s->clear_service || (s->algorithm < DP_ALGORITHMS && conf.keys[0]));
		FUZZ_ASSERT(s->ca_n <= DP_CONF_CA_MAX);
		FUZZ_ASSERT(input_of[s->output] == DP_CONF_NONE || input_of[s->output] == s->input);
		input_of[s->output] = s->input;
		for (unsigned c = 0; c < s->ca_n; c++)
			FUZZ_ASSERT(s->ca[c].ecm_pid > 0x1F && s->ca[c].ecm_pid < 0x1FFF &&
				    s->ca[c].private_n <= DP_CONF_CA_PRIVATE_BYTES);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *text = fuzz_exact(data, size);

	base_errs_init(&errs);
	int rc = dp_conf_parse(&conf, (const char *)text, size, "c", &errs);

	FUZZ_ASSERT(rc < 0 ? errs.count + errs.lost > 0 : errs.count == 0);
	if (rc == 0) {
		FUZZ_ASSERT(conf.workers && conf.workers <= DP_CONF_WORKERS_MAX);
		FUZZ_ASSERT(conf.ports && conf.inputs && conf.outputs && conf.services);
		check_ends();
		check_services();
	}
	free(text);
	return 0;
}

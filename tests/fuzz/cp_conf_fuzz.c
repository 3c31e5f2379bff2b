// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of bulkhead-control. What is accepted has every index in range, and its line-up can be written.
#include <fuzz.h>

#include "dplink/lineup.h"
#include "service/conf.h"
#include "service/difference.h"

static struct cp_conf conf;
static struct cp_difference difference;
static struct base_errs errs;

static void check_services(void)
{
	for (unsigned i = 0; i < conf.services; i++) {
		const struct cp_conf_service *s = &conf.service[i];

		FUZZ_ASSERT(s->input < conf.inputs && s->output < conf.outputs && s->program_number && s->name[0]);
		FUZZ_ASSERT(s->clear_service ? s->group == CP_CONF_NONE : s->group < conf.groups);
	}
	for (unsigned i = 0; i < conf.groups; i++) {
		const struct cp_conf_group *g = &conf.group[i];

		FUZZ_ASSERT(g->algorithm < CP_ALGORITHMS && g->crypto_period_ms >= 1000 && g->cas.ecmg < conf.ecmgs);
		FUZZ_ASSERT(g->cas.ecm_pid > 0x1F && g->cas.ecm_pid < 0x1FFF);
		FUZZ_ASSERT(g->cas.ac_n <= CP_CONF_AC_BYTES && g->cas.private.n <= DP_MSG_PRIVATE_BYTES);
	}
}

static void check_lineup(void)
{
	union cp_lineup_msg msg;
	unsigned n = 0;

	while (cp_lineup_message(&msg, &conf, 1, n)) {
		FUZZ_ASSERT(msg.head.type >= DP_MSG_LINEUP && msg.head.type <= DP_MSG_LINEUP_END);
		FUZZ_ASSERT(msg.head.bytes >= sizeof(msg.head) && msg.head.bytes <= sizeof(msg));
		n++;
	}
	FUZZ_ASSERT(n == 2 + conf.inputs + conf.outputs + conf.groups + conf.services + conf.emms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *text = fuzz_exact(data, size);

	base_errs_init(&errs);
	int rc = cp_conf_parse(&conf, (const char *)text, size, "c", &errs);

	FUZZ_ASSERT(rc < 0 ? errs.count + errs.lost > 0 : errs.count == 0);
	if (rc == 0) {
		FUZZ_ASSERT(conf.inputs && conf.outputs && conf.services);
		check_services();
		check_lineup();
		cp_difference_find(&difference, &conf, &conf);
		FUZZ_ASSERT(cp_difference_none(&difference));
	}
	cp_conf_fini(&conf);
	free(text);
	return 0;
}

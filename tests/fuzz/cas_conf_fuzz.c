// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration of the CAS. What is accepted can be announced: every value fits its parameter.
#include <fuzz.h>

#include "ecmg/conf.h"

static struct cas_conf conf;
static struct base_errs errs;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *text = fuzz_exact(data, size);

	base_errs_init(&errs);
	int rc = cas_conf_parse(&conf, (const char *)text, size, "c", &errs);

	FUZZ_ASSERT(rc < 0 ? errs.count + errs.lost > 0 : errs.count == 0);
	if (rc == 0) {
		const struct cas_conf_ecmg *ecmg = &conf.ecmg;

		FUZZ_ASSERT(conf.name[0] && conf.vault[0] && conf.operator_socket[0]);
		FUZZ_ASSERT(ecmg->tcp_port && ecmg->address[0] && ecmg->lead_cw <= 1);
		FUZZ_ASSERT(ecmg->cw_per_msg >= 1 && ecmg->cw_per_msg <= 2);
		FUZZ_ASSERT(ecmg->lead_cw ? ecmg->delay_start_ms >= 0 : ecmg->delay_start_ms <= 0);
		FUZZ_ASSERT(ecmg->min_cp_duration_ms % 100 == 0 && ecmg->min_cp_duration_ms <= 65535 * 100);
		FUZZ_ASSERT(ecmg->max_comp_time_ms < ecmg->min_cp_duration_ms);
		FUZZ_ASSERT(!conf.emmg.there ||
			    (conf.emmg.tcp_port && conf.emmg.bandwidth_kbps && conf.emmg.address[0]));
	}
	free(text);
	return 0;
}

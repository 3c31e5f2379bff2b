// SPDX-License-Identifier: GPL-3.0-or-later
// The PIDs of conditional access: an output carries one ECM or EMM stream a PID.
#include <string.h>

#include "conf/check.h"

static void check_own(const struct dp_conf_service *service, unsigned index, struct base_errs *errs)
{
	for (unsigned i = 1; i < service->ca_n; i++)
		for (unsigned k = 0; k < i; k++)
			if (service->ca[i].ecm_pid == service->ca[k].ecm_pid) {
				MISTAKE(errs, "services", index, "/ca", "two entries have ECM PID %u",
					service->ca[i].ecm_pid);
				break;
			}
}

static bool has_ecm_pid(const struct dp_conf_service *service, uint16_t pid)
{
	for (unsigned i = 0; i < service->ca_n; i++)
		if (service->ca[i].ecm_pid == pid)
			return true;
	return false;
}

// Services of one scrambling group have their ECMs in common; those of two groups cannot share a PID.
static void check_pair(const struct dp_conf *conf, unsigned index, unsigned other, struct base_errs *errs)
{
	const struct dp_conf_service *a = &conf->service[index], *b = &conf->service[other];

	if (a->output == DP_CONF_NONE || a->output != b->output || strcmp(a->group, b->group) == 0)
		return;
	for (unsigned i = 0; i < a->ca_n; i++)
		if (has_ecm_pid(b, a->ca[i].ecm_pid))
			MISTAKE(errs, "services", index, "/ca",
				"ECM PID %u is that of /services/%u, which is on the same output and of another group",
				a->ca[i].ecm_pid, other);
}

static bool in_set(const struct dp_conf_emm *emm, unsigned output)
{
	return output < DP_CONF_OUTPUTS_MAX && emm->output_set[output / 8] >> (output & 7) & 1;
}

static bool sets_meet(const struct dp_conf_emm *a, const struct dp_conf_emm *b)
{
	for (size_t i = 0; i < sizeof(a->output_set); i++)
		if (a->output_set[i] & b->output_set[i])
			return true;
	return false;
}

static void check_emm(const struct dp_conf *conf, unsigned index, struct base_errs *errs)
{
	const struct dp_conf_emm *emm = &conf->emm[index];

	for (unsigned k = 0; k < index; k++)
		if (conf->emm[k].pid == emm->pid && sets_meet(emm, &conf->emm[k]))
			MISTAKE(errs, "emm_streams", index, "/pid",
				"PID %u is that of /emm_streams/%u, which shares an output", emm->pid, k);
	for (unsigned i = 0; i < conf->services; i++)
		if (in_set(emm, conf->service[i].output) && has_ecm_pid(&conf->service[i], emm->pid))
			MISTAKE(errs, "emm_streams", index, "/pid",
				"PID %u is an ECM PID of /services/%u on the same output", emm->pid, i);
}

void dp_conf_check_ca(const struct dp_conf *conf, struct base_errs *errs)
{
	for (unsigned i = 0; i < conf->services; i++) {
		check_own(&conf->service[i], i, errs);
		for (unsigned k = 0; k < i; k++)
			check_pair(conf, i, k, errs);
	}
	dp_conf_check_names("emm_streams", conf->emm[0].name, sizeof(conf->emm[0]), conf->emms, errs);
	for (unsigned i = 0; i < conf->emms; i++)
		check_emm(conf, i, errs);
}

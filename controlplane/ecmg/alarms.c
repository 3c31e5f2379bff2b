// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/alarms.h"

static void add(json_t *alarms, const char *name, const char *severity, const char *object, json_t *text, double since,
		unsigned count)
{
	json_array_append_new(alarms,
			      json_pack("{s:s, s:s, s:s, s:o, s:f, s:I}", "name", name, "severity", severity, "object",
					object, "text", text, "since", since, "count", (json_int_t)count));
}

json_t *cas_alarms_show(const struct cas_operator *of)
{
	json_t *alarms = json_array();

	if (of->vault->lost_since > 0)
		add(alarms, "vault_lost", "critical", of->conf->name,
		    json_sprintf("no vault at %s: %s", of->vault->path, of->vault->why), of->vault->lost_since,
		    of->vault->losses);
	if (of->conf->emmg.there && of->emmg->lost_since > 0)
		add(alarms, "mux_lost", "major", of->conf->name,
		    json_sprintf("no EMM stream at the MUX: %s",
				 of->emmg->last_error[0] ? of->emmg->last_error : "not yet connected"),
		    of->emmg->lost_since, of->emmg->losses);
	return alarms;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/results.h"

int bench_results_out(const struct bench_results *results, const struct bench_options *options)
{
	int rc = options->json ? bench_json_write(results, options->json) : 0;

	bench_table_print(results);
	if (!rc && options->plots)
		rc = bench_plots_draw(results, options->plots);
	return rc;
}

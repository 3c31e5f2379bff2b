// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead: the operator's command line. It talks to bulkhead-api and to nobody else.
#include <stdio.h>

#include <curl/curl.h>

#include "cli/ask.h"
#include "cli/change.h"
#include "cli/emm.h"
#include "cli/options.h"
#include "cli/show.h"
#include "cli/table.h"

enum { EXIT_ERROR = 1, EXIT_USAGE = 2 };

static int run(const struct cp_cli_options *options)
{
	switch (options->command) {
	case CP_CLI_EMM_SEND:
		return cp_cli_emm_send(options->api, options->file, options->cas);
	case CP_CLI_CONFIG_SHOW:
		return cp_cli_config_show(options->api, options->json);
	case CP_CLI_CONFIG_RELOAD:
		return cp_cli_config_reload(options->api, options->check, options->json);
	case CP_CLI_MOVE:
		return cp_cli_move(options->api, options->input, options->worker_number, options->json);
	default:
		return cp_cli_show(options->api, options->what, options->name, options->json);
	}
}

int main(int argc, char **argv)
{
	struct cp_cli_options options;

	cp_cli_init();
	int rc = cp_cli_options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : EXIT_USAGE;
	if (curl_global_init(CURL_GLOBAL_NOTHING)) {
		cp_cli_error("libcurl does not start");
		return EXIT_ERROR;
	}
	rc = run(&options);
	curl_global_cleanup();
	if (fflush(stdout) || ferror(stdout)) {
		cp_cli_error("standard output cannot be written");
		return EXIT_ERROR;
	}
	return rc ? EXIT_ERROR : 0;
}

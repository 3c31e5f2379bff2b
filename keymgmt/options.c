// SPDX-License-Identifier: GPL-3.0-or-later
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <base_bytes.h>

#include <km_msg.h>

static const char help[] =
	"Usage: bulkhead-vault --keys FILE --socket PATH [options]\n"
	"       bulkhead-vault --make-lab DIR [--suite WORD] [--ca-subsystem HEX] [--service-keys N]\n"
	"Keeps a CA vendor's keys and composes ECMs with them for bulkhead-cas, until SIGTERM or SIGINT.\n"
	"\n"
	"  --keys FILE        service keys, mode 0600 (see docs/ecm.md)\n"
	"  --socket PATH      where to listen; mode 0600, peers of the same user alone\n"
	"  --check            validate the key file, report every mistake, end\n"
	"  --log LEVELS       error, warning, info or debug; or per module: vault=debug\n"
	"\n"
	"  --make-lab DIR     make DIR/vault.keys and DIR/terminal.keys, a pair that fits, with fresh random keys\n"
	"  --suite WORD       aes (default), tdes or sm4\n"
	"  --ca-subsystem HEX the lower half of Super_CAS_id, 4 hexadecimal digits (default 0001)\n"
	"  --service-keys N   1 to 256 (default 1), with the numbers 1, 2, ...\n"
	"\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 good, 1 it could not run, 2 wrong usage or key file.\n";

enum {
	OPT_KEYS = 1,
	OPT_SOCKET,
	OPT_CHECK,
	OPT_LOG,
	OPT_MAKE_LAB,
	OPT_SUITE,
	OPT_CA_SUBSYSTEM,
	OPT_SERVICE_KEYS,
	OPT_HELP,
	OPT_VERSION
};

static const struct option table[] = {
	{"keys", required_argument, NULL, OPT_KEYS},
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"check", no_argument, NULL, OPT_CHECK},
	{"log", required_argument, NULL, OPT_LOG},
	{"make-lab", required_argument, NULL, OPT_MAKE_LAB},
	{"suite", required_argument, NULL, OPT_SUITE},
	{"ca-subsystem", required_argument, NULL, OPT_CA_SUBSYSTEM},
	{"service-keys", required_argument, NULL, OPT_SERVICE_KEYS},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static int wrong(const char *what, const char *right)
{
	fprintf(stderr, "bulkhead-vault: %s: %s\n", what, right);
	return -EINVAL;
}

static int parse_suite(struct km_laboratory *laboratory)
{
	laboratory->suite = km_suite_find(optarg, strlen(optarg));
	return laboratory->suite == KM_SUITE_NONE ? wrong("--suite", "give aes, tdes or sm4") : 0;
}

static int parse_subsystem(struct km_laboratory *laboratory)
{
	uint8_t id[2];

	if (base_bytes_from_hex(id, sizeof(id), optarg, strlen(optarg)) != sizeof(id))
		return wrong("--ca-subsystem", "give 4 hexadecimal digits");
	laboratory->ca_subsystem_id = base_bytes_get16(id);
	return 0;
}

static int parse_service_keys(struct km_laboratory *laboratory)
{
	size_t digits = strspn(optarg, "0123456789");
	unsigned n = 0;

	if (digits > 0 && digits <= 3 && !optarg[digits])
		for (size_t i = 0; i < digits; i++)
			n = n * 10 + (unsigned)(optarg[i] - '0');
	if (n < 1 || n > KM_MSG_SERVICE_KEYS_MAX)
		return wrong("--service-keys", "give 1 to 256");
	laboratory->service_keys = n;
	return 0;
}

// `laboratory` becomes true with an option that belongs to --make-lab.
static int parse_one(struct km_options *options, int option, bool *laboratory)
{
	*laboratory |= option >= OPT_SUITE && option <= OPT_SERVICE_KEYS;
	switch (option) {
	case OPT_KEYS:
		options->keys = optarg;
		return 0;
	case OPT_SOCKET:
		options->socket = optarg;
		return 0;
	case OPT_CHECK:
		options->check = true;
		return 0;
	case OPT_LOG:
		options->log_levels = optarg;
		return 0;
	case OPT_MAKE_LAB:
		options->make_lab = optarg;
		return 0;
	case OPT_SUITE:
		return parse_suite(&options->laboratory);
	case OPT_CA_SUBSYSTEM:
		return parse_subsystem(&options->laboratory);
	case OPT_SERVICE_KEYS:
		return parse_service_keys(&options->laboratory);
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	case OPT_VERSION:
		puts("bulkhead-vault " BULKHEAD_VERSION);
		return 1;
	default: // getopt has said what is wrong
		return -EINVAL;
	}
}

// What goes together.
static int check_together(const struct km_options *options, bool laboratory)
{
	if (options->make_lab && (options->keys || options->socket || options->check))
		return wrong("--make-lab", "goes with --suite, --ca-subsystem and --service-keys alone; see --help");
	if (!options->make_lab && laboratory)
		return wrong("--suite, --ca-subsystem, --service-keys", "go with --make-lab; see --help");
	if (!options->make_lab && !options->keys)
		return wrong("--keys FILE", "is needed; see --help");
	if (!options->make_lab && !options->check && !options->socket)
		return wrong("--socket PATH", "is needed; see --help");
	return 0;
}

int km_options_parse(struct km_options *options, int argc, char **argv)
{
	bool laboratory = false;
	int option, rc;

	*options = (struct km_options){
		.laboratory = {.suite = KM_SUITE_AES, .ca_subsystem_id = 1, .service_keys = 1},
	};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		rc = parse_one(options, option, &laboratory);
		if (rc)
			return rc;
	}
	if (optind < argc)
		return wrong(argv[optind], "unexpected argument; see --help");
	return check_together(options, laboratory);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The command line.
#include <stb_options.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_secret.h>

#define NAME_MAX_CHARS 16 // more than the longest option, less than a key with --

static const char usage[] =
	"usage: bulkhead-terminal --input FROM [keys] [options]\n"
	"Bulkhead's reference receiver: opens a scrambled transport stream and says what opened.\n"
	"\n"
	"  --input FILE.ts|FILE.pcap|udp://GROUP:PORT[?ifaddr=IP&source=IP]\n"
	"  --filter GROUP:PORT     the flow of a capture (default: the first with transport packets)\n"
	"  --output FILE|-|udp://GROUP:PORT[?ifaddr=IP]   the stream with what was opened in clear\n"
	"keys, one of the three:\n"
	"  --keys FILE             the terminal's keys, mode 0600: ECMs open the stream (docs/terminal.md)\n"
	"  --ca-system-id HEX      which ECMs and EMMs, 1 to 4 digits (default: the first CA_descriptor)\n"
	"  --schedule FILE         control words by scrambling group, mode 0600\n"
	"  --group PROGRAM=NAME    the scrambling group of a programme (repeatable)\n"
	"  --group NAME            of all programmes without one of their own\n"
	"  --cw-even HEX --cw-odd HEX   fixed keys for all programmes, 16 or 32 digits\n"
	"options:\n"
	"  --algorithm NAME   csa1, csa2, cissa, idsa, aes-cbc, aes-ecb or sm4-cbc; default auto: as the PMT says, "
	"csa1\n"
	"                     when it says nothing\n"
	"  --program N             only this programme (repeatable; default all of the PAT)\n"
	"  --report FILE|-         the report as JSON\n"
	"  --json                  the report as JSON on standard output\n"
	"  --seconds S             stop after so long\n"
	"  --idle-ms MS            stop when nothing arrives for so long after the first packet\n"
	"  --help, --version\n"
	"\n"
	"READY on standard error says that the input is open. Exit status: 0 all that was asked for opened,\n"
	"1 something did not, 2 usage, files or network.\n";

static const struct option table[] = {
	{"input", required_argument, NULL, 'i'},
	{"filter", required_argument, NULL, 'f'},
	{"output", required_argument, NULL, 'o'},
	{"schedule", required_argument, NULL, 's'},
	{"group", required_argument, NULL, 'g'},
	{"cw-even", required_argument, NULL, 'e'},
	{"cw-odd", required_argument, NULL, 'd'},
	{"algorithm", required_argument, NULL, 'a'},
	{"program", required_argument, NULL, 'p'},
	{"report", required_argument, NULL, 'r'},
	{"json", no_argument, NULL, 'j'},
	{"seconds", required_argument, NULL, 't'},
	{"idle-ms", required_argument, NULL, 'm'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'},
	{"keys", required_argument, NULL, 'k'},
	{"ca-system-id", required_argument, NULL, 'c'},
	{0},
};

static bool number(const char *text, size_t digits, unsigned long max, unsigned long *out)
{
	*out = 0;
	for (size_t i = 0; i < digits; i++) {
		if (text[i] < '0' || text[i] > '9' || i >= 9)
			return false;
		*out = *out * 10 + (unsigned long)(text[i] - '0');
	}
	return digits > 0 && *out >= 1 && *out <= max;
}

static unsigned limit(const char *option, const char *text, unsigned long max, struct base_errs *errs)
{
	unsigned long value;

	if (!number(text, strlen(text), max, &value))
		base_errs_add(errs, option, "'%s' is not a number of 1..%lu", text, max);
	return (unsigned)value;
}

static void take_program(struct stb_options *o, const char *text, struct base_errs *errs)
{
	unsigned program = limit("--program", text, 65535, errs);

	if (o->wanted_n == STB_PROGRAMMES_MAX)
		base_errs_add(errs, "--program", "at most %u times", STB_PROGRAMMES_MAX);
	else
		o->wanted[o->wanted_n++] = (uint16_t)program;
}

static void take_group(struct stb_options *o, const char *text, struct base_errs *errs)
{
	const char *sign = strchr(text, '=');
	unsigned long program = 0;

	if (o->groups == STB_PROGRAMMES_MAX) {
		base_errs_add(errs, "--group", "at most %u times", STB_PROGRAMMES_MAX);
		return;
	}
	if (sign && !number(text, (size_t)(sign - text), 65535, &program))
		base_errs_add(errs, "--group", "'%s' is not PROGRAM=NAME with a program_number of 1..65535", text);
	for (size_t i = 0; i < o->groups; i++)
		if (o->group[i].program == program)
			base_errs_add(errs, "--group", "two groups for %s",
				      program ? "one programme" : "all programmes");
	o->group[o->groups].program = (unsigned)program;
	o->group[o->groups++].name = sign ? sign + 1 : text;
}

static void take_algorithm(struct stb_options *o, const char *text, struct base_errs *errs)
{
	int algorithm = stb_algorithm_of_name(text);

	if (algorithm < 0)
		base_errs_add(errs, "--algorithm",
			      "'%s' is not one of auto, csa1, csa2, cissa, idsa, aes-cbc, aes-ecb, sm4-cbc", text);
	else
		o->algorithm = (enum stb_algorithm)algorithm;
}

static void take_cw(char **cw, const char *option, char *text, struct base_errs *errs)
{
	if (*cw)
		base_errs_add(errs, option, "is given twice");
	*cw = text;
}

static void take_ca_system(struct stb_options *o, const char *text, struct base_errs *errs)
{
	const char *digits = strncmp(text, "0x", 2) == 0 ? text + 2 : text;
	size_t n = strlen(digits);
	char *end;
	unsigned long id = strtoul(digits, &end, 16);

	if (n < 1 || n > 4 || strspn(digits, "0123456789abcdefABCDEF") != n || id == 0)
		base_errs_add(errs, "--ca-system-id", "is 1 to 4 hexadecimal digits, not 0");
	o->ca_system_id = (uint16_t)id;
}

static void take(struct stb_options *o, int option, char *text, struct base_errs *errs)
{
	switch (option) {
	case 'i':
		o->input = text;
		break;
	case 'f':
		o->filter = text;
		break;
	case 'o':
		o->output = text;
		break;
	case 's':
		o->schedule = text;
		break;
	case 'g':
		take_group(o, text, errs);
		break;
	case 'e':
		take_cw(&o->cw_even, "--cw-even", text, errs);
		break;
	case 'd':
		take_cw(&o->cw_odd, "--cw-odd", text, errs);
		break;
	case 'a':
		take_algorithm(o, text, errs);
		break;
	case 'p':
		take_program(o, text, errs);
		break;
	case 'r':
		o->report = text;
		break;
	case 'j':
		o->json = true;
		break;
	case 't':
		o->seconds = limit("--seconds", text, 1000000, errs);
		break;
	case 'k':
		o->keys = text;
		break;
	case 'c':
		take_ca_system(o, text, errs);
		break;
	case 'm':
		o->idle_ms = limit("--idle-ms", text, 100000000, errs);
		break;
	}
}

// A word that is not understood may hold a key: it is named by its position, or up to its = when it looks like the name
// of an option.
static void refuse(char **argv, int at, const char *what, struct base_errs *errs)
{
	const char *word = argv[at];
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz-");
	char where[32];

	if (strncmp(word, "--", 2) == 0 && n > 2 && n <= NAME_MAX_CHARS && (word[n] == '=' || word[n] == '\0'))
		snprintf(where, sizeof(where), "%.*s", (int)n, word);
	else
		snprintf(where, sizeof(where), "argument %d", at);
	base_errs_add(errs, where, "%s", what);
}

static bool is_stdout(const char *where)
{
	return where && strcmp(where, "-") == 0;
}

static void check(const struct stb_options *o, struct base_errs *errs)
{
	if (!o->input)
		base_errs_add(errs, "--input", "is needed: a file, a capture or udp://GROUP:PORT");
	if (is_stdout(o->output) + is_stdout(o->report) + o->json > 1)
		base_errs_add(errs, "--output", "standard output takes one of --output -, --report - and --json");
	if (o->schedule && (o->cw_even || o->cw_odd))
		base_errs_add(errs, "--schedule", "is given and fixed keys are too; one of the two opens the stream");
	if (o->keys && (o->schedule || o->cw_even || o->cw_odd))
		base_errs_add(errs, "--keys", "lets ECMs open the stream; no --schedule and no fixed keys beside it");
	if (o->groups > 0 && !o->schedule)
		base_errs_add(errs, "--group", "names a group of the --schedule, which is not given");
}

// Takes the words in their order, so that each can be named by its position; getopt itself would print them whole.
static int take_words(struct stb_options *options, int argc, char **argv, struct base_errs *errs)
{
	int option, at, refused = 0;

	opterr = 0;
	optind = 0;
	for (at = 1; (option = getopt_long(argc, argv, "-:", table, NULL)) != -1; at = optind) {
		if (option == 'h') {
			fputs(usage, stdout);
			return 1;
		}
		if (option == 'v') {
			puts("bulkhead-terminal " STB_VERSION);
			return 1;
		}
		if (option == ':')
			refuse(argv, at, "needs a value; see --help", errs);
		else if (option == 1)
			refuse(argv, at, "is no option; the stream is named by --input", errs);
		else if (option != '?')
			take(options, option, optarg, errs);
		else if (refused != at)
			refuse(argv, at, "is no option of this program; see --help", errs);
		// Of -xyz each letter comes by itself.
		refused = option == '?' ? at : 0;
	}
	for (at = optind; at < argc; at++)
		refuse(argv, at, "is no option; the stream is named by --input", errs);
	return 0;
}

int stb_options_parse(struct stb_options *options, int argc, char **argv, struct base_errs *errs)
{
	int rc;

	*options = (struct stb_options){0};
	rc = take_words(options, argc, argv, errs);
	if (rc > 0)
		return rc;
	check(options, errs);
	if (base_errs_none(errs))
		return 0;
	// Which word of a mistyped line was a key nobody can say.
	for (int i = 1; i < argc; i++)
		base_secret_scrub(argv[i], strlen(argv[i]));
	*options = (struct stb_options){0};
	return -EINVAL;
}

void stb_options_wipe(struct stb_options *options)
{
	if (options->cw_even)
		base_secret_scrub(options->cw_even, strlen(options->cw_even));
	if (options->cw_odd)
		base_secret_scrub(options->cw_odd, strlen(options->cw_odd));
	options->cw_even = options->cw_odd = NULL;
}

int stb_options_choose(const struct stb_options *options, const struct stb_schedule *schedule,
		       struct stb_receiver_config *config, struct base_errs *errs)
{
	size_t before = errs->count;

	config->choices = 0;
	if (options->groups == 0 && schedule->n == 1)
		config->choice[config->choices++].group = &schedule->group[0];
	else if (options->groups == 0 && schedule->n > 1)
		base_errs_add(errs, "--group", "is needed: the schedule has %zu groups", schedule->n);
	for (size_t i = 0; i < options->groups; i++) {
		struct stb_group_choice *choice = &config->choice[config->choices++];

		choice->program = options->group[i].program;
		choice->group = stb_schedule_find(schedule, options->group[i].name);
		if (!choice->group)
			base_errs_add(errs, "--group", "no group '%s' in %s", options->group[i].name,
				      options->schedule);
	}
	return errs->count == before ? 0 : -EINVAL;
}

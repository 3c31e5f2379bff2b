// SPDX-License-Identifier: GPL-3.0-or-later
// flow_verdict: judges one service by its source, the capture behind the scrambler and what a receiver opened.
//
// Exit status: 0 the service came through identical and nothing leaked; 1 it did not; 2 usage or files.
#include <verdict.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static const char usage[] =
	"usage: flow_verdict --source S.ts --capture C.ts --opened O.ts --algorithm NAME [options]\n"
	"  --source FILE      what went into the scrambler, clear\n"
	"  --capture FILE     what came out of it\n"
	"  --opened FILE      what a receiver made of that\n"
	"  --also-capture FILE\n"
	"                     of another output, where nothing of the source may be (repeatable)\n"
	"  --algorithm NAME   csa1, csa2, cissa, idsa, aes-cbc, aes-ecb or sm4-cbc\n"
	"  --program N        program_number (default: the only one of the source)\n"
	"  --min-periods N    whole crypto-periods that must have been opened (default 3; 0: a fixed key)\n"
	"  --period-ms N      what each of them lasts by the source's PCR (default: any)\n"
	"  --min-share PCT    of the packets of each scrambled PID, in percent (default 99)\n"
	"  --clear PID        this PID is clear by policy, whatever its type (repeatable, 0x.. or decimal)\n"
	"  --scrambled PID    this PID is scrambled by policy, whatever its type (repeatable)\n"
	"  --json             the verdict as JSON on standard output instead of a line\n"
	"  --help             this text\n";

enum { SOURCE, CAPTURE, OPENED, FILES };

struct request {
	const char *path[FILES];
	struct verdict_rules rules;
	bool json, algorithm;
	const char **also; // as many as rules.also_n
};

static const char *const file_option[FILES] = {"--source", "--capture", "--opened"};

static bool number(const char *option, const char *text, unsigned long max, unsigned long *out, struct base_errs *errs)
{
	char *end;

	errno = 0;
	*out = strtoul(text, &end, 0);
	if (errno == 0 && end != text && *end == '\0' && *text != '-' && *out <= max)
		return true;
	base_errs_add(errs, option, "'%s' is not a number of 0..%lu", text, max);
	return false;
}

static void set_algorithm(struct request *r, const char *text, struct base_errs *errs)
{
	static const struct {
		const char *name;
		enum verdict_algorithm algorithm;
	} names[] = {
		{"csa1", VERDICT_CSA},      {"csa2", VERDICT_CSA},      {"cissa", VERDICT_CISSA},
		{"idsa", VERDICT_IDSA},     {"aes-cbc", VERDICT_CISSA}, {"aes-ecb", VERDICT_CISSA},
		{"sm4-cbc", VERDICT_CISSA},
	};
	size_t i = 0, n = sizeof(names) / sizeof(names[0]);

	r->algorithm = true;
	while (i < n && strcmp(text, names[i].name) != 0)
		i++;
	if (i == n)
		base_errs_add(errs, "--algorithm",
			      "'%s' is not one of csa1, csa2, cissa, idsa, aes-cbc, aes-ecb, sm4-cbc", text);
	else
		r->rules.algorithm = names[i].algorithm;
}

static void set_share(struct request *r, const char *text, struct base_errs *errs)
{
	char *end;
	double percent = strtod(text, &end);

	if (end == text || *end != '\0' || !(percent >= 0 && percent <= 100))
		base_errs_add(errs, "--min-share", "'%s' is not a percentage of 0..100", text);
	else
		r->rules.min_share = percent / 100;
}

static void set_option(struct request *r, int option, const char *text, struct base_errs *errs)
{
	unsigned long value = 0;

	switch (option) {
	case 'S':
	case 'C':
	case 'O':
		r->path[option == 'S' ? SOURCE : option == 'C' ? CAPTURE : OPENED] = text;
		break;
	case 'A':
		r->also[r->rules.also_n++] = text;
		break;
	case 'a':
		set_algorithm(r, text, errs);
		break;
	case 'p':
		if (number("--program", text, 65535, &value, errs))
			r->rules.program = (unsigned)value;
		break;
	case 'n':
		if (number("--min-periods", text, 1000000, &value, errs))
			r->rules.min_periods = (unsigned)value;
		break;
	case 'P':
		if (number("--period-ms", text, 1000000, &value, errs))
			r->rules.period_ms = (unsigned)value;
		break;
	case 's':
		set_share(r, text, errs);
		break;
	case 'c':
	case 'x':
		if (number(option == 'c' ? "--clear" : "--scrambled", text, TS_PIDS - 1, &value, errs))
			r->rules.policy[value] = option == 'c' ? VERDICT_CLEAR : VERDICT_SCRAMBLED;
		break;
	case 'j':
		r->json = true;
		break;
	default:
		break;
	}
}

static int parse(struct request *r, int argc, char **argv, struct base_errs *errs)
{
	static const struct option options[] = {
		{"source", required_argument, NULL, 'S'},
		{"capture", required_argument, NULL, 'C'},
		{"opened", required_argument, NULL, 'O'},
		{"also-capture", required_argument, NULL, 'A'},
		{"algorithm", required_argument, NULL, 'a'},
		{"program", required_argument, NULL, 'p'},
		{"min-periods", required_argument, NULL, 'n'},
		{"period-ms", required_argument, NULL, 'P'},
		{"min-share", required_argument, NULL, 's'},
		{"clear", required_argument, NULL, 'c'},
		{"scrambled", required_argument, NULL, 'x'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	*r = (struct request){.rules = {.min_periods = 3, .min_share = 0.99}};
	r->also = calloc((size_t)argc, sizeof(*r->also));
	if (!r->also)
		return -ENOMEM;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h')
			return 1;
		if (option == '?')
			base_errs_add(errs, "options", "see --help");
		else
			set_option(r, option, optarg, errs);
	}
	if (optind < argc)
		base_errs_add(errs, argv[optind], "no such argument; every file is named by its option");
	for (size_t i = 0; i < FILES; i++)
		if (!r->path[i])
			base_errs_add(errs, file_option[i], "is needed");
	if (!r->algorithm)
		base_errs_add(errs, "--algorithm", "is needed");
	return base_errs_none(errs) ? 0 : -EINVAL;
}

static json_t *pid_json(const struct verdict_pid *p)
{
	json_t *o = json_pack("{s:i, s:i, s:b, s:I, s:I, s:I, s:I, s:b}", "pid", p->pid, "stream_type", p->stream_type,
			      "scrambled", p->scrambled, "source_pkts", (json_int_t)p->source.n, "captured_pkts",
			      (json_int_t)p->capture.n, "opened_pkts", (json_int_t)p->opened.n, "equal_pkts",
			      (json_int_t)p->equal, "opened_to_the_end", p->opened_to_the_end);

	if (o && p->scrambled)
		json_object_update_new(o, json_pack("{s:I, s:I, s:f, s:I, s:I}", "reached_pkts", (json_int_t)p->reached,
						    "scrambled_pkts", (json_int_t)p->covered, "share_percent",
						    100 * p->share, "parity_runs", (json_int_t)p->parity_runs,
						    "misplaced_pkts", (json_int_t)p->misplaced));
	return o;
}

static json_t *verdict_json(const struct verdict *v)
{
	json_t *pids = json_array(), *leaks = json_array(), *reasons = json_array();
	size_t shown = v->leaked < VERDICT_LEAKS_SHOWN ? v->leaked : VERDICT_LEAKS_SHOWN;

	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(pids, pid_json(&v->pid[i]));
	for (size_t i = 0; i < shown; i++)
		json_array_append_new(leaks, json_pack("{s:I, s:i, s:i, s:I}", "packet", (json_int_t)v->leak[i].packet,
						       "pid", v->leak[i].pid, "offset", v->leak[i].offset, "capture",
						       (json_int_t)v->leak[i].capture));
	for (size_t i = 0; i < v->reasons.count; i++)
		json_array_append_new(reasons, json_string(v->reasons.text[i]));
	return json_pack("{s:b, s:b, s:i, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:o, s:o, s:o}", "good", verdict_good(v),
			 "identical", v->identical, "program", (int)v->program, "leaked_pkts", (json_int_t)v->leaked,
			 "periods_opened", (json_int_t)v->periods_opened, "periods_captured",
			 (json_int_t)v->periods_captured, "periods_wrong", (json_int_t)v->periods_wrong, "parity_runs",
			 (json_int_t)v->parity_runs, "even", v->even, "odd", v->odd, "leaks", leaks, "pids", pids,
			 "reasons", reasons);
}

static int print(const struct verdict *v, bool json)
{
	json_t *document;
	int rc = 0;

	if (!json) {
		printf("programme %u: %s, %zu packets leaked, %zu whole crypto-periods opened, %s%s%s\n", v->program,
		       v->identical ? "identical" : "NOT IDENTICAL", v->leaked, v->periods_opened,
		       v->even ? "even " : "", v->odd ? "odd " : "", v->even || v->odd ? "seen" : "no parity seen");
		base_errs_print(&v->reasons, stdout, "  ");
		return 0;
	}
	document = verdict_json(v);
	if (!document || json_dumpf(document, stdout, JSON_INDENT(2)) < 0)
		rc = -ENOMEM;
	putchar('\n');
	json_decref(document);
	return rc;
}

static int judge(const struct request *r, struct verdict *v, struct base_errs *errs)
{
	struct flow_ts ts[FILES] = {0}, *also = calloc(r->rules.also_n + 1, sizeof(*also));
	struct verdict_rules rules = r->rules;
	int rc = also ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < FILES; i++)
		rc = flow_ts_open(&ts[i], r->path[i], errs);
	for (size_t i = 0; rc == 0 && i < rules.also_n; i++)
		rc = flow_ts_open(&also[i], r->also[i], errs);
	rules.also = also;
	if (rc == 0) {
		rc = verdict_judge(v, &rules, &ts[SOURCE], &ts[CAPTURE], &ts[OPENED]);
		if (rc < 0)
			base_errs_add(errs, "verdict", "none: %s", strerror(-rc));
	}
	if (rc == 0)
		rc = print(v, r->json);
	else
		base_errs_print(&v->reasons, stderr, "flow_verdict: ");
	for (size_t i = 0; i < FILES; i++)
		flow_ts_close(&ts[i]);
	for (size_t i = 0; also && i < rules.also_n; i++)
		flow_ts_close(&also[i]);
	free(also);
	return rc;
}

int main(int argc, char **argv)
{
	struct request request;
	struct verdict verdict = {0};
	struct base_errs errs;
	int rc;

	base_errs_init(&errs);
	rc = parse(&request, argc, argv, &errs);
	if (rc > 0)
		fputs(usage, stdout);
	if (rc == 0)
		rc = judge(&request, &verdict, &errs);
	base_errs_print(&errs, stderr, "flow_verdict: ");
	verdict_free(&verdict);
	free(request.also);
	if (rc != 0)
		return rc < 0 ? 2 : 0;
	return verdict_good(&verdict) ? 0 : 1;
}

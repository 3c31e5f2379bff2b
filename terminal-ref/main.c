// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-terminal: the reference receiver.
//
// options -> protect -> keys -> receiver -> output -> input -> READY -> loop -> report, unwound backwards.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <base_secret.h>
#include <stb_input.h>
#include <stb_options.h>
#include <stb_output.h>
#include <stb_receiver.h>
#include <stb_report.h>

#define POLL_MS 50

struct terminal {
	struct stb_options options;
	struct stb_schedule schedule;
	struct stb_keys keys;
	struct stb_receiver_config config;
	struct stb_receiver receiver;
	struct stb_input input;
	struct stb_output output;
	struct base_errs errs;
	int signals; // signalfd
	uint8_t packets[STB_INPUT_MAX_PKTS * TS_PACKET_BYTES];
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// From here on SIGINT and SIGTERM are read, not delivered.
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool told_to_stop(const struct terminal *t)
{
	struct signalfd_siginfo info;

	return read(t->signals, &info, sizeof(info)) == (ssize_t)sizeof(info);
}

static int load_keys(struct terminal *t)
{
	struct stb_options *o = &t->options;
	int rc = 0;

	if (o->keys)
		rc = stb_keys_load(&t->keys, o->keys, &t->errs);
	else if (o->schedule)
		rc = stb_schedule_load(&t->schedule, o->schedule, &t->errs);
	else if (o->cw_even || o->cw_odd)
		rc = stb_schedule_fixed(&t->schedule, o->cw_even, o->cw_odd, &t->errs);
	stb_options_wipe(o);
	if (rc < 0)
		return rc;
	t->config.algorithm = o->algorithm;
	t->config.schedule = &t->schedule;
	t->config.keys = o->keys ? &t->keys : NULL;
	t->config.ca_system_id = o->ca_system_id;
	t->config.wanted_n = o->wanted_n;
	memcpy(t->config.wanted, o->wanted, sizeof(o->wanted));
	return stb_options_choose(o, &t->schedule, &t->config, &t->errs);
}

static int take(struct terminal *t, size_t n)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		uint8_t *packet = t->packets + i * TS_PACKET_BYTES;

		rc = stb_receiver_packet(&t->receiver, packet);
		if (rc == 0)
			rc = stb_output_packet(&t->output, packet);
	}
	return rc;
}

// For who watches: a line a second, when a live stream goes on and a person sees standard error.
static void show_progress(const struct terminal *t, int64_t now, int64_t *next)
{
	if (t->input.ops != &stb_input_udp || now < *next || !isatty(STDERR_FILENO))
		return;
	stb_report_progress(&t->receiver, stderr);
	*next = now + 1000;
}

static int loop(struct terminal *t)
{
	int64_t start = now_ms(), last = start, next_line = start + 1000;
	bool any = false;
	int rc = 0;

	while (rc == 0 && !told_to_stop(t)) {
		int n = stb_input_read(&t->input, t->packets, POLL_MS);
		int64_t now = now_ms();

		if (n == -ENODATA)
			break;
		if (n < 0) {
			base_errs_add(&t->errs, t->options.input, "cannot be read: %s", strerror(-n));
			return n;
		}
		rc = n > 0 ? take(t, (size_t)n) : stb_output_flush(&t->output);
		if (rc < 0)
			base_errs_add(&t->errs, "stream", "stopped: %s", strerror(-rc));
		show_progress(t, now, &next_line);
		any |= n > 0;
		last = n > 0 ? now : last;
		if (t->options.seconds && now - start >= (int64_t)t->options.seconds * 1000)
			break;
		if (any && t->options.idle_ms && now - last >= t->options.idle_ms)
			break;
	}
	return rc;
}

// Returns the exit status.
static int report(struct terminal *t)
{
	struct base_errs reasons;
	struct stb_report report = {.receiver = &t->receiver, .input = &t->input, .reasons = &reasons};
	const char *to[2] = {t->options.report, t->options.json ? "-" : NULL};
	int status;

	base_errs_init(&reasons);
	report.opened = stb_receiver_opened_all(&t->receiver, &reasons);
	status = report.opened ? 0 : 1;
	for (size_t i = 0; i < 2; i++) {
		int rc = to[i] ? stb_report_json(&report, to[i]) : 0;

		if (rc < 0) {
			base_errs_add(&t->errs, to[i], "cannot write the report: %s", strerror(-rc));
			status = 2;
		}
	}
	stb_report_table(&report, stderr);
	return status;
}

static int run(struct terminal *t)
{
	int status = 2, rc;

	rc = base_secret_protect_process();
	if (rc < 0) {
		base_errs_add(&t->errs, "process", "cannot be closed to debuggers: %s", strerror(-rc));
		goto wipe;
	}
	if (load_keys(t) < 0)
		goto free_schedule;
	if (stb_receiver_init(&t->receiver, &t->config) < 0)
		goto free_schedule;
	if (stb_output_open(&t->output, t->options.output, &t->errs) < 0)
		goto free_receiver;
	t->signals = open_signals();
	if (t->signals < 0)
		goto close_output;
	if (stb_input_open(&t->input, t->options.input, t->options.filter, &t->errs) < 0)
		goto close_signals;
	fputs("READY\n", stderr);
	rc = loop(t);
	if (stb_output_close(&t->output) < 0 && rc == 0) {
		base_errs_add(&t->errs, t->options.output, "cannot be written");
		rc = -EIO;
	}
	status = report(t);
	status = rc < 0 ? 2 : status;
	stb_input_close(&t->input);
close_signals:
	close(t->signals);
close_output:
	stb_output_close(&t->output);
free_receiver:
	stb_receiver_fini(&t->receiver);
free_schedule:
	stb_schedule_free(&t->schedule);
	stb_keys_free(&t->keys);
wipe:
	stb_options_wipe(&t->options);
	if (status == 2 && base_errs_none(&t->errs))
		base_errs_add(&t->errs, "start", "failed: out of memory or descriptors");
	return status;
}

int main(int argc, char **argv)
{
	struct terminal terminal = {0};
	int rc, status = 2;

	base_errs_init(&terminal.errs);
	rc = stb_options_parse(&terminal.options, argc, argv, &terminal.errs);
	if (rc > 0)
		return 0;
	if (rc == 0)
		status = run(&terminal);
	base_errs_print(&terminal.errs, stderr, "bulkhead-terminal: ");
	return status;
}

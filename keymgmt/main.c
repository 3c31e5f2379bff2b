// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-vault: options -> check -> log -> protect and lock memory -> load keys -> open -> wall -> READY -> loop.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <base_err.h>
#include <base_log.h>
#include <base_secret.h>

#include "options.h"
#include "store/keyfile.h"
#include "vault/exchange.h"
#include "vault/notify.h"
#include "vault/server.h"
#include "vault/wall.h"

enum { EXIT_RUN = 1, EXIT_USAGE = 2, ROOM_BYTES = 4 << 20 }; // room to grow in, of locked memory

static volatile sig_atomic_t told_to_stop;

#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);

// The search for leaks at the end starts a thread and traces us: behind the wall that is death.
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static void on_signal(int number)
{
	(void)number;
	told_to_stop = 1;
}

// The signals come only while the loop waits, so that none falls between the look at the flag and the waiting.
static void take_signals(sigset_t *unblocked)
{
	const struct sigaction action = {.sa_handler = on_signal};
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGTERM);
	sigaddset(&both, SIGINT);
	sigprocmask(SIG_BLOCK, &both, unblocked);
	sigdelset(unblocked, SIGTERM);
	sigdelset(unblocked, SIGINT);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

// All or nothing: memory that is locked up to the very limit would end us when a stack or a heap grows by a page.
static int lock_whole(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return -errno;
	void *room = mmap(NULL, ROOM_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED) {
		munlockall();
		return -ENOMEM;
	}
	munmap(room, ROOM_BYTES);
	return 0;
}

// Keys lie in locked pages in any case; the ciphers that are keyed with them lie on OpenSSL's heap.
static void lock_memory(void)
{
	int rc = lock_whole();

	if (rc)
		base_log(BASE_LOG_WARNING, "vault",
			 "memory not locked whole, keyed ciphers may be swapped out error=\"%s\" right=\"raise "
			 "LimitMEMLOCK (ulimit -l) to 64 MiB\"",
			 strerror(-rc));
}

static int put_wall_up(void)
{
	int network = km_wall_leave_network();

	if (network)
		base_log(BASE_LOG_INFO, "vault", "network not left, the filter alone forbids it error=\"%s\"",
			 strerror(-network));
	int rc = km_wall_up();

	if (rc)
		base_log(BASE_LOG_ERROR, "vault", "system call filter not loaded error=\"%s\"", strerror(-rc));
	return rc;
}

static int run(struct km_server *server, const sigset_t *unblocked)
{
	int rc = 0;

	while (!told_to_stop && (rc == 0 || rc == -EINTR))
		rc = km_server_round(server, unblocked);
	return told_to_stop ? 0 : rc;
}

static int serve(const struct km_options *options, struct km_exchange *exchange)
{
	struct km_notify notify;
	struct km_server server;
	sigset_t unblocked;
	int rc = km_notify_open(&notify);

	if (rc) {
		base_log(BASE_LOG_ERROR, "vault", "NOTIFY_SOCKET cannot be used error=\"%s\"", strerror(-rc));
		return rc;
	}
	rc = km_server_open(&server, options->socket, exchange);
	if (rc) {
		base_log(BASE_LOG_ERROR, "vault", "socket not opened path=%s error=\"%s\"", options->socket,
			 strerror(-rc));
		goto close_notify;
	}
	take_signals(&unblocked);
	rc = put_wall_up();
	if (rc)
		goto close_server;
	base_log(BASE_LOG_INFO, "vault", "READY suite=%s ca_subsystem=%04x service_keys=%u socket=%s",
		 km_suite_word(exchange->maker.suite), exchange->maker.ca_subsystem_id, exchange->maker.keys,
		 options->socket);
	km_notify_tell(&notify, "READY=1");
	rc = run(&server, &unblocked);
	km_notify_tell(&notify, "STOPPING=1");
	if (rc)
		base_log(BASE_LOG_ERROR, "vault", "the loop cannot go on error=\"%s\"", strerror(-rc));
	base_log(BASE_LOG_INFO, "vault", "stopped ecms=%llu refused=%llu", (unsigned long long)exchange->ecms,
		 (unsigned long long)exchange->refused);
close_server:
	km_server_close(&server);
close_notify:
	km_notify_close(&notify);
	return rc;
}

static int load_and_serve(const struct km_options *options, struct base_errs *errs)
{
	struct km_exchange exchange = {0};
	struct km_keyfile keyfile;
	int rc;

	if (km_keyfile_load(&keyfile, options->keys, errs))
		return EXIT_USAGE;
	if (options->check) {
		printf("%s: good: suite %s, ca_subsystem %04x, %u service keys\n", options->keys,
		       km_suite_word(keyfile.suite), keyfile.ca_subsystem_id, keyfile.keys);
		km_keyfile_free(&keyfile);
		return 0;
	}
	rc = km_ecm_open(&exchange.maker, &keyfile);
	km_keyfile_free(&keyfile);
	if (rc)
		base_errs_add(errs, options->keys, "the ciphers cannot be keyed: %s", strerror(-rc));
	else
		rc = serve(options, &exchange);
	km_ecm_close(&exchange.maker);
	return rc ? EXIT_RUN : 0;
}

static int make_laboratory(const struct km_options *options, struct base_errs *errs)
{
	if (km_laboratory_make(&options->laboratory, options->make_lab, errs))
		return EXIT_RUN;
	printf("%s: vault.keys and terminal.keys made: suite %s, ca_subsystem %04x, %u service keys\n",
	       options->make_lab, km_suite_word(options->laboratory.suite), options->laboratory.ca_subsystem_id,
	       options->laboratory.service_keys);
	return 0;
}

int main(int argc, char **argv)
{
	struct km_options options;
	struct base_errs errs;
	int rc = km_options_parse(&options, argc, argv);

	if (rc)
		return rc > 0 ? 0 : EXIT_USAGE;
	base_log_init("bulkhead-vault");
	if (options.log_levels && base_log_set_levels(options.log_levels)) {
		fprintf(stderr, "bulkhead-vault: --log %s: give a level, or module=level,...\n", options.log_levels);
		return EXIT_USAGE;
	}
	rc = base_secret_protect_process();
	if (rc) {
		base_log(BASE_LOG_ERROR, "vault", "core dumps cannot be turned off error=\"%s\"", strerror(-rc));
		return EXIT_RUN;
	}
	if (!options.check && !options.make_lab)
		lock_memory();
	base_errs_init(&errs);
	rc = options.make_lab ? make_laboratory(&options, &errs) : load_and_serve(&options, &errs);
	base_errs_print(&errs, stderr, "bulkhead-vault: ");
	return rc;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// kernel-compare: very many random packets through every implementation that this machine can run, both ways, against
// what libdvbcsa and OpenSSL make of them.
//
// The witness takes nearly all of the time, so a block of packets is made once for all implementations. Those that work
// packet by packet (the C reference, the libraries) are many times slower than the witness; they see a part of each
// block.
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <base_check.h>

#include "block.h"

enum { JOBS_MAX = 64, PART_PACKETS = DP_CIPHER_LANES_MAX, TELL_S = 5 };

static const char help[] =
	"Usage: kernel-compare [--algorithm A] [--packets N] [--seed FIRST] [--jobs J]\n"
	"Compares every implementation that this machine can run with libdvbcsa or OpenSSL, both ways.\n"
	"\n"
	"  --algorithm A    csa1, csa2, cissa, ...: this one only\n"
	"  --packets N      per algorithm, made whole blocks of 32768 (default 100000000)\n"
	"  --seed FIRST     of the first block; the next ones follow (default 1)\n"
	"  --jobs J         processes (default: one per processor)\n"
	"Exit status: 0 all right, 1 something was wrong or nothing was compared, 2 wrong usage.\n";

struct options {
	const char *algorithm;
	uint64_t packets, seed;
	unsigned jobs;
};

// What one process has done; written by it, read by the first.
struct job {
	uint64_t blocks;
	uint64_t compared[DP_CIPHER_IMPLEMENTATIONS_MAX], wrong[DP_CIPHER_IMPLEMENTATIONS_MAX];
};

// One algorithm's work.
struct work {
	enum dp_algorithm algorithm;
	uint64_t seed, blocks;
	unsigned jobs, count;
	const struct dp_cipher_ops *ops[DP_CIPHER_IMPLEMENTATIONS_MAX];
	struct job *job; // shared
	pid_t pid[JOBS_MAX];
};

static unsigned part_of(const struct dp_cipher_ops *ops)
{
	return strcmp(ops->name, "bulkhead") == 0 ? BLOCK_PACKETS : PART_PACKETS;
}

// Every jobs-th block, from the number of the process on.
static _Noreturn void run_job(const struct work *work, unsigned number)
{
	struct kernel kernels[DP_CIPHER_IMPLEMENTATIONS_MAX];
	struct job *job = &work->job[number];
	struct block *block = block_new();
	struct witness witness;

	CHECK(block && witness_open(&witness, work->algorithm));
	for (unsigned i = 0; i < work->count; i++)
		CHECK(kernel_open(&kernels[i], work->ops[i], BLOCK_KEYS) == 0);
	for (uint64_t b = number; b < work->blocks; b += work->jobs) {
		block_draw(block, &witness, work->algorithm, work->seed + b);
		for (unsigned i = 0; i < work->count; i++) {
			job->wrong[i] += block_compare(block, &kernels[i], part_of(work->ops[i]));
			job->compared[i] += part_of(work->ops[i]);
		}
		__atomic_store_n(&job->blocks, job->blocks + 1, __ATOMIC_RELAXED);
	}
	for (unsigned i = 0; i < work->count; i++)
		CHECK(kernel_close(&kernels[i]));
	fflush(stdout);
	_exit(0);
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void tell(const struct work *work, double taken_s)
{
	uint64_t done = 0;
	double rate;

	for (unsigned j = 0; j < work->jobs; j++)
		done += __atomic_load_n(&work->job[j].blocks, __ATOMIC_RELAXED);
	rate = (double)done / taken_s;
	if (done)
		fprintf(stderr, "%s: %llu of %llu packets, %.2f Mpkt/s, %.0f s left\n",
			dp_algorithm[work->algorithm].name, (unsigned long long)done * BLOCK_PACKETS,
			(unsigned long long)work->blocks * BLOCK_PACKETS, rate * BLOCK_PACKETS / 1e6,
			(double)(work->blocks - done) / rate);
}

// Waits for all, and tells now and then. False when one did not end well.
static bool wait_for_all(const struct work *work)
{
	const struct timespec pause = {.tv_nsec = 50000000};
	double start_s = now_s(), told_s = start_s;
	unsigned left = work->jobs;
	bool good = true;
	int status;

	while (left) {
		pid_t pid = waitpid(-1, &status, WNOHANG);

		CHECK(pid >= 0);
		if (pid > 0) {
			good &= WIFEXITED(status) && WEXITSTATUS(status) == 0;
			left--;
			continue;
		}
		nanosleep(&pause, NULL);
		if (now_s() - told_s < TELL_S)
			continue;
		told_s = now_s();
		tell(work, told_s - start_s);
	}
	return good;
}

static void gather(struct work *work)
{
	for (const struct dp_cipher_ops *const *at = dp_cipher_list(work->algorithm); *at; at++)
		if (kernel_runs(*at))
			work->ops[work->count++] = *at;
}

// Prints what was compared. Returns the number of implementations that were wrong or not compared.
static unsigned print_result(const struct work *work, const char *witness, double taken_s)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < work->count; i++) {
		uint64_t compared = 0, wrong = 0;

		for (unsigned j = 0; j < work->jobs; j++) {
			compared += work->job[j].compared[i];
			wrong += work->job[j].wrong[i];
		}
		printf("%s %s %s: compared=%llu wrong=%llu\n", dp_algorithm[work->algorithm].name, work->ops[i]->name,
		       work->ops[i]->isa, (unsigned long long)compared, (unsigned long long)wrong);
		bad += wrong || !compared;
	}
	printf("%s: seeds=%llu..%llu keys=%llu against %s, both ways, in %.0f s\n", dp_algorithm[work->algorithm].name,
	       (unsigned long long)work->seed, (unsigned long long)(work->seed + work->blocks - 1),
	       (unsigned long long)(work->blocks * BLOCK_KEYS), witness, taken_s);
	return bad;
}

static unsigned compare(enum dp_algorithm algorithm, const struct options *options)
{
	struct work work = {.algorithm = algorithm, .seed = options->seed, .jobs = options->jobs};
	double start_s = now_s();
	struct witness witness;
	unsigned bad;

	CHECK(witness_open(&witness, algorithm));
	work.blocks = (options->packets + BLOCK_PACKETS - 1) / BLOCK_PACKETS;
	work.job = mmap(NULL, JOBS_MAX * sizeof(*work.job), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(work.job != MAP_FAILED);
	gather(&work);
	for (unsigned j = 0; j < work.jobs; j++) {
		work.pid[j] = fork();
		CHECK(work.pid[j] >= 0);
		if (work.pid[j] == 0)
			run_job(&work, j);
	}
	bad = wait_for_all(&work) ? 0 : 1;
	if (bad)
		printf("FAILED %s: a process did not end well\n", dp_algorithm[algorithm].name);
	bad += print_result(&work, witness.kind->name, now_s() - start_s);
	munmap(work.job, JOBS_MAX * sizeof(*work.job));
	witness_close(&witness);
	return bad;
}

static int parse_number(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return errno || end == text || *end ? -EINVAL : 0;
}

// 0; 1 when help was printed; -EINVAL.
static int parse(struct options *options, int argc, char **argv)
{
	static const struct option table[] = {{"algorithm", required_argument, NULL, 'a'},
					      {"packets", required_argument, NULL, 'p'},
					      {"seed", required_argument, NULL, 's'},
					      {"jobs", required_argument, NULL, 'j'},
					      {"help", no_argument, NULL, 'h'},
					      {0}};
	uint64_t jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	int option, rc = 0;

	*options = (struct options){.packets = 100000000, .seed = 1};
	while (rc == 0 && (option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == 'a')
			options->algorithm = optarg;
		else if (option == 'p')
			rc = parse_number(optarg, &options->packets);
		else if (option == 's')
			rc = parse_number(optarg, &options->seed);
		else if (option == 'j')
			rc = parse_number(optarg, &jobs);
		else
			rc = option == 'h' ? 1 : -EINVAL;
	}
	if (rc == 0 && (optind < argc || jobs == 0 || jobs > JOBS_MAX))
		rc = -EINVAL;
	options->jobs = (unsigned)jobs;
	return rc;
}

int main(int argc, char **argv)
{
	unsigned bad = 0, ran = 0;
	struct options options;
	int rc = parse(&options, argc, argv);

	if (rc) {
		fputs(help, rc > 0 ? stdout : stderr);
		return rc > 0 ? 0 : 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned a = 0; a < DP_ALGORITHMS; a++) {
		if (options.algorithm && strcmp(options.algorithm, dp_algorithm[a].name) != 0)
			continue;
		bad += compare((enum dp_algorithm)a, &options);
		ran++;
	}
	return bad || !ran ? 1 : 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Inputs move between two workers that really run, each stopped again and again wherever it is, as an operating system
// does that gives its core to another; beside them a line-up changes. Every packet leaves once, and in its order.
//
// change_test.c has all orders of whole passes; here a pass is stopped in its middle.
#include <pthread.h>
#include <signal.h>
#include <sys/select.h>
#include <time.h>

#include "change_rig.h"
#include "transition.h"

enum {
	SHARED = 4,             // services 0 .. 3 stay, and their inputs move; the last one comes and goes
	SCRAMBLED = SHARED - 1, // of these
	PASSING = SHARED,
	MOVES = 1000,
	CHANGE_EACH = 16,                         // moves
	AHEAD = 100 * RIG_VIDEOS,                 // packets of an input that are on their way, at most
	IN_USE = 2 * SHARED * AHEAD / RIG_VIDEOS, // buffers, when nothing more passes
	STOP_MIN_NS = 200000,
	STOP_MORE_NS = 1000000,
	PATIENCE_S = 60,
};

static struct {
	pthread_mutex_t lock;
	atomic_uint left[RIG_SERVICES]; // video packets that have left
	unsigned wrong, clear;
	atomic_bool dry; // nothing comes any more
} wire = {.lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_uint stop_ns;

// The service that comes and goes gets packets all the time, and the others as long as theirs leave.
static bool is_due(unsigned number)
{
	if (number == PASSING)
		return rte_mempool_in_use_count(rig.plant.rx_pool) < IN_USE;
	return rig.sent[number].sent - atomic_load(&wire.left[number]) < AHEAD;
}

// The worker whose number is that of the queue gets what comes to it, of one input after the other.
static unsigned port_rx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	unsigned got = 0;

	(void)port;
	for (unsigned i = queue; i <= PASSING && got < n; i += RIG_WORKERS)
		if (!atomic_load(&wire.dry) && is_due(i))
			mbufs[got++] = rig_datagram(i);
	return got;
}

static void look_at(unsigned number, const uint8_t *packet)
{
	if (number == PASSING || ts_packet_pid(packet) != RIG_VIDEO)
		return;
	unsigned n = atomic_fetch_add(&wire.left[number], 1);

	if (number == SCRAMBLED) {
		wire.clear += ts_packet_tsc(packet) == TS_TSC_CLEAR;
		wire.wrong += ts_packet_cc(packet) != (n & 0x0F);
	} else {
		wire.wrong += base_bytes_get32(packet + 8) != n;
	}
}

static unsigned port_tx(struct dp_port *port, uint16_t queue, struct rte_mbuf **mbufs, unsigned n)
{
	(void)port;
	(void)queue;
	pthread_mutex_lock(&wire.lock);
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *frame = rte_pktmbuf_mtod(mbufs[i], const uint8_t *);

		for (unsigned k = 0; k < DP_DGRAM_SLOTS; k++)
			look_at(rig_number(frame), frame + RIG_HEADER_BYTES + k * TS_PACKET_BYTES);
	}
	pthread_mutex_unlock(&wire.lock);
	rte_pktmbuf_free_bulk(mbufs, n);
	return n;
}

static const struct dp_port_ops ops = {.rx = port_rx, .tx = port_tx, .ended = rig_port_ended, .close = rig_port_close};

static void on_stop(int number)
{
	struct timespec pause = {.tv_nsec = atomic_load(&stop_ns)};

	(void)number;
	pselect(0, NULL, NULL, NULL, &pause, NULL); // one of those that a handler may call
}

static void *work(void *worker)
{
	dp_worker_run(worker);
	return NULL;
}

static uint32_t dice(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

static void want_all(bool passing)
{
	for (unsigned i = 0; i < SHARED; i++)
		rig_want(i, i == SCRAMBLED);
	if (passing)
		rig_want(PASSING, false);
}

// Stops some worker wherever it is, for longer than a change takes that does not wait for it.
static void stop_one(const pthread_t *thread)
{
	atomic_store(&stop_ns, STOP_MIN_NS + dice() % STOP_MORE_NS);
	pthread_kill(thread[dice() % RIG_WORKERS], SIGUSR1);
}

// What main does until the change is over; at one of its steps, or just before it, a worker is stopped.
static void tend(const pthread_t *thread)
{
	enum dp_step stop_at = DP_STEP_NEXT + dice() % (DP_STEP_TAKING - DP_STEP_NEXT);
	static const struct timespec brisk = {.tv_nsec = 20000};
	bool stopped = false;

	for (time_t began = time(NULL); dp_plant_changing(&rig.plant);) {
		CU_ASSERT_FATAL(time(NULL) - began < PATIENCE_S);
		if (!stopped && rig.plant.transition->step >= stop_at) {
			stop_one(thread);
			stopped = true;
		}
		dp_plant_tend(&rig.plant);
		nanosleep(&brisk, NULL);
	}
}

static void move_and_change(const pthread_t *thread)
{
	bool passing = false;

	for (unsigned i = 0; i < MOVES; i++) {
		if (i % CHANGE_EACH == 0) {
			passing = !passing;
			want_all(passing);
			rig_begin();
		} else {
			char name[8];

			snprintf(name, sizeof(name), "in%u", dice() % SHARED);
			unsigned place = rig_input_place(name);

			CU_ASSERT_EQUAL_FATAL(dp_plant_move(&rig.plant, place, 1 - rig.plant.lineup.input[place].worker,
							    &rig.errs),
					      0);
		}
		tend(thread);
	}
}

static bool all_left(void)
{
	for (unsigned i = 0; i < SHARED; i++)
		if (rig.sent[i].sent - atomic_load(&wire.left[i]) >= DP_DGRAM_SLOTS)
			return false;
	return true;
}

static void running(void)
{
	pthread_t thread[RIG_WORKERS];

	rig_open(&ops);
	atomic_store(&wire.dry, true);
	want_all(false);
	rig_begin();
	rig_settle();
	rig_give_period("g3");
	atomic_store(&wire.dry, false);
	signal(SIGUSR1, on_stop);
	for (unsigned w = 0; w < RIG_WORKERS; w++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[w], NULL, work, &rig.plant.worker[w]), 0);
	move_and_change(thread);
	atomic_store(&wire.dry, true);
	for (time_t began = time(NULL); !all_left() && time(NULL) - began < PATIENCE_S;)
		sched_yield();
	atomic_store(&rig.plant.stop, true);
	for (unsigned w = 0; w < RIG_WORKERS; w++)
		pthread_join(thread[w], NULL);
	CU_ASSERT_TRUE(all_left());
	CU_ASSERT_EQUAL(wire.wrong, 0);
	CU_ASSERT_EQUAL(wire.clear, 0);
	for (unsigned i = 0; i < SHARED; i++)
		CU_ASSERT_TRUE(rig.sent[i].sent > MOVES * RIG_VIDEOS);
	rig_close();
}

static const struct unit_test tests[] = {{"running", running}};

int main(void)
{
	if (eal_start(&rig.clock))
		return 1;
	return unit_run("moves", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Workers and main at once: what each may touch while the others run. Meant for ThreadSanitizer (docs/testing.md); by
// itself it shows that nothing is lost between threads.
#include <pthread.h>
#include <time.h>

#include <jansson.h>

#include "alarm/alarm.h"
#include "report/times.h"
#include "worker/order.h"
#include "worker_rig.h"

enum { VIDEO = 0x100, CLOCK = 0x1E0, PACKETS = 5000, PERIODS = 6, PERIOD_MS = 20, PATIENCE_S = 60 };

// A pool whose elements go from thread to thread by way of a lock that ThreadSanitizer sees; DPDK's own rings are in a
// library that it does not.
struct shelf {
	pthread_mutex_t lock;
	unsigned n;
	void *element[];
};

static int shelf_alloc(struct rte_mempool *pool)
{
	struct shelf *shelf = calloc(1, sizeof(*shelf) + pool->size * sizeof(void *));

	if (!shelf)
		return -ENOMEM;
	pthread_mutex_init(&shelf->lock, NULL);
	pool->pool_data = shelf;
	return 0;
}

static void shelf_free(struct rte_mempool *pool)
{
	free(pool->pool_data);
}

static int shelf_put(struct rte_mempool *pool, void *const *elements, unsigned n)
{
	struct shelf *shelf = pool->pool_data;

	pthread_mutex_lock(&shelf->lock);
	memcpy(shelf->element + shelf->n, elements, n * sizeof(void *));
	shelf->n += n;
	pthread_mutex_unlock(&shelf->lock);
	return 0;
}

static int shelf_take(struct rte_mempool *pool, void **elements, unsigned n)
{
	struct shelf *shelf = pool->pool_data;
	bool enough;

	pthread_mutex_lock(&shelf->lock);
	enough = shelf->n >= n;
	if (enough) {
		shelf->n -= n;
		memcpy(elements, shelf->element + shelf->n, n * sizeof(void *));
	}
	pthread_mutex_unlock(&shelf->lock);
	return enough ? 0 : -ENOBUFS;
}

static unsigned shelf_count(const struct rte_mempool *pool)
{
	struct shelf *shelf = pool->pool_data;
	unsigned n;

	pthread_mutex_lock(&shelf->lock);
	n = shelf->n;
	pthread_mutex_unlock(&shelf->lock);
	return n;
}

static const struct rte_mempool_ops shelf_ops = {.name = "shelf",
						 .alloc = shelf_alloc,
						 .free = shelf_free,
						 .enqueue = shelf_put,
						 .dequeue = shelf_take,
						 .get_count = shelf_count};

static void *work(void *worker)
{
	dp_worker_run(worker);
	return NULL;
}

static void launch(pthread_t *thread, struct dp_worker *worker)
{
	CU_ASSERT_EQUAL_FATAL(pthread_create(thread, NULL, work, worker), 0);
}

// A service on air whose workers run until they are told.
static void laid_out(unsigned workers)
{
	rig_conf();
	rig.conf.workers = workers;
	rig_start();
	rig.lineup.group[0].period.offline = false;
	rig_pat();
	rig_pmt(1, CLOCK, VIDEO, 1);
	for (unsigned i = 0; i < PACKETS; i++)
		rig_payload(VIDEO);
	CU_ASSERT_EQUAL_FATAL(rig_period("g", 0, PERIOD_MS * UINT64_C(27000), 0x11), 0);
	rig.linger_us = UINT64_MAX;
	rig.ended_tick = 0;
	atomic_store(&rig.stop, false);
}

static bool patient(time_t since)
{
	return time(NULL) - since < PATIENCE_S;
}

// All that main reads of a worker's.
static void look(struct dp_alarms *alarms)
{
	struct dp_service *service = &rig.lineup.service[0];
	struct dp_view_content view;
	struct dp_period_view period;
	struct dp_section pat;
	struct dp_worker_stats stats;

	dp_counted_all(&stats, &rig.worker.stats, sizeof(stats));
	json_decref(dp_times_json(&service->stats.delay));
	json_decref(dp_times_json(&rig.lineup.output[0].stats.jitter.deviation));
	dp_view_read(&service->view, &view);
	dp_pat_view_read(&rig.in->pat_view, &pat);
	dp_period_view_read(service->period, &period);
	dp_alarms_look(alarms, &(struct dp_alarm_whole){0});
}

static void fill_period(struct dp_order *order, uint16_t cp_number)
{
	*order = (struct dp_order){.kind = DP_ORDER_PERIOD,
				   .period = {.cp_number = cp_number,
					      .algorithm = DP_CSA2,
					      .cw_bytes = 8,
					      .duration_27mhz = PERIOD_MS * UINT64_C(27000)}};
	memset(order->period.cw, cp_number, order->period.cw_bytes);
}

static struct dp_conf_service copy[2];

// The worker goes from one of two copies of the service's configuration to the other.
static void fill_service(struct dp_order *order)
{
	static struct rig_change change;

	rig_change(order, &change, &rig.lineup.service[0], &copy[rig.lineup.service[0].conf == &copy[0]]);
}

static bool is_back(struct dp_order *order)
{
	void *back;

	return order->kind == DP_ORDER_PERIOD ? rte_ring_dequeue(rig.worker.spare, &back) == 0
					      : atomic_load_explicit(&order->done, memory_order_acquire);
}

// Main gives one crypto-period after the other while the worker scrambles, and between them the service again, and
// reads everything all the time.
static void main_beside_a_worker(void)
{
	const uint64_t *periods;
	struct dp_alarms alarms;
	struct dp_order order;
	uint16_t cp_number = 1;
	bool given = false;
	unsigned refused = 0;
	pthread_t thread;

	laid_out(1);
	copy[0] = copy[1] = rig.conf.service[0];
	periods = &rig.lineup.group[0].period.stats.periods;
	dp_alarms_init(&alarms);
	CU_ASSERT_EQUAL_FATAL(dp_alarms_watch(&alarms, &rig.lineup), 0);
	launch(&thread, &rig.worker);
	for (time_t began = time(NULL); dp_counted(periods) < PERIODS && patient(began);) {
		struct dp_period_view view;

		dp_period_view_read(&rig.lineup.group[0].period, &view);
		if (!given) {
			if (view.have_next)
				fill_service(&order);
			else
				fill_period(&order, cp_number++);
			given = rte_ring_enqueue(rig.worker.inbox, &order) == 0;
		}
		if (given && is_back(&order)) {
			given = false;
			refused += order.error != 0;
		}
		look(&alarms);
	}
	atomic_store(&rig.stop, true);
	pthread_join(thread, NULL);
	CU_ASSERT_TRUE(*periods >= PERIODS);
	CU_ASSERT_EQUAL(refused, 0);
	CU_ASSERT_EQUAL(rig.lineup.service[0].stats.scrambled_pkts, PACKETS);
	CU_ASSERT_EQUAL(rig_count(VIDEO), PACKETS);
	dp_alarms_fini(&alarms);
	rig_end();
}

static bool in_order(void)
{
	for (size_t i = 0, n = 0; i < rig.out_n; i++)
		for (unsigned at = 0; at < rig.out[i].bytes; at += TS_PACKET_BYTES)
			if (ts_packet_pid(rig.out[i].ts + at) == VIDEO &&
			    ts_packet_cc(rig.out[i].ts + at) != (n++ & 0x0F))
				return false;
	return true;
}

// One worker receives what the other owns.
static void handed_over(void)
{
	static struct dp_worker both[2];
	struct rte_mempool *usual = rig.pool;
	struct dp_arena arena;
	pthread_t thread[2];

	rig.pool = rte_pktmbuf_pool_create_by_ops("shelf", 4095, 0,
						  RTE_ALIGN(sizeof(struct dp_dgram), RTE_MBUF_PRIV_ALIGN),
						  RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, "shelf");
	CU_ASSERT_PTR_NOT_NULL_FATAL(rig.pool);
	laid_out(2);
	rig.in->worker = rig.lineup.group[0].worker = 1;
	atomic_store(&rig.in->owner, 1);
	both[0] = rig.worker;
	both[1] = (struct dp_worker){.index = 1,
				     .conf = &rig.conf,
				     .clock = &rig.clock,
				     .ciphers = &rig.ciphers,
				     .lineup = &rig.lineup,
				     .port = &rig.port,
				     .stop = &rig.stop};
	CU_ASSERT_EQUAL_FATAL(dp_arena_init(&arena, dp_worker_arena_bytes(&rig.ciphers)), 0);
	CU_ASSERT_EQUAL_FATAL(dp_worker_init(&both[1], &arena, &rig.errs), 0);
	for (unsigned i = 0; i < 2; i++) {
		both[i].workers = both;
		dp_roster_fill(&both[i].roster, &rig.lineup, i);
	}
	for (unsigned i = 0; i < 2; i++)
		launch(&thread[i], &both[i]);
	for (time_t began = time(NULL);
	     dp_counted(&rig.lineup.service[0].stats.scrambled_pkts) < PACKETS && patient(began);)
		sched_yield();
	atomic_store(&rig.stop, true);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(rig_count(VIDEO), PACKETS);
	CU_ASSERT_TRUE(in_order());
	CU_ASSERT_EQUAL(both[0].stats.handed_over, rig.in->stats.datagrams);
	CU_ASSERT_EQUAL(both[0].stats.drops[DP_DROP_HANDOVER_FULL], 0);
	CU_ASSERT_EQUAL(both[0].stats.lanes, 0);
	CU_ASSERT_EQUAL(both[1].stats.lanes, PACKETS);
	CU_ASSERT_EQUAL(rte_mempool_in_use_count(rig.pool), 0);
	dp_worker_fini(&both[1]);
	dp_arena_fini(&arena);
	rig_end();
	rte_mempool_free(rig.pool);
	rig.pool = usual;
}

static const struct unit_test tests[] = {
	{"main beside a worker", main_beside_a_worker},
	{"handed over", handed_over},
};

int main(void)
{
	if (rig_open() || rte_mempool_register_ops(&shelf_ops) < 0) {
		fprintf(stderr, "the EAL does not start\n");
		return 1;
	}
	return unit_run("threads", tests, sizeof(tests) / sizeof(tests[0]));
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "carousel/carousel.h"

#include "period/period.h"

#define TICKS_PER_MS UINT64_C(27000)

// A media time moved by a number of milliseconds; it ends at 0 and at DP_PERIOD_NEVER.
static uint64_t moved(uint64_t at_27mhz, int32_t ms)
{
	uint64_t by = (uint64_t)(ms < 0 ? -(int64_t)ms : ms) * TICKS_PER_MS;

	if (at_27mhz == DP_PERIOD_NEVER)
		return at_27mhz;
	if (ms < 0)
		return at_27mhz > by ? at_27mhz - by : 0;
	return at_27mhz + by;
}

static bool leads(const struct dp_ecm *ecm)
{
	return ecm->pkts && ecm->start_ms < 0;
}

bool dp_carousel_leads(const struct dp_ecm_set *ecms)
{
	for (unsigned i = 0; ecms && i < ecms->n; i++)
		if (leads(&ecms->ecm[i]))
			return true;
	return false;
}

// True when an ECM of the set has begun on this PID.
static bool begun_on(const struct dp_carousel_set *set, uint16_t pid)
{
	for (unsigned i = 0; set->ecms && i < set->ecms->n; i++)
		if (set->ecm[i].begun && set->ecms->ecm[i].pid == pid)
			return true;
	return false;
}

static bool replaced(const struct dp_carousel *carousel, const struct dp_carousel_set *set, uint16_t pid)
{
	if (set != &carousel->next && begun_on(&carousel->next, pid))
		return true;
	return set == &carousel->previous && begun_on(&carousel->current, pid);
}

// Media time at which the ECM's air time ends. A period has no end while there is none to follow it.
static uint64_t stop_of(const struct dp_carousel *carousel, const struct dp_period *period,
			const struct dp_carousel_set *set, const struct dp_ecm *ecm)
{
	uint64_t end = DP_PERIOD_NEVER;

	if (set == &carousel->previous) {
		end = carousel->current.begin_27mhz;
	} else if (set == &carousel->current && period->slot.have_next) {
		end = dp_period_edge(period);
		if (period->lead_until_27mhz != DP_PERIOD_NEVER && period->lead_until_27mhz > end)
			end = period->lead_until_27mhz;
	}
	return moved(end, ecm->stop_ms);
}

// Media time at which an ECM leaves next, or DP_PERIOD_NEVER.
static uint64_t time_of(const struct dp_carousel *carousel, const struct dp_period *period,
			const struct dp_carousel_set *set, unsigned i)
{
	const struct dp_ecm *ecm = &set->ecms->ecm[i];
	uint64_t begin = set == &carousel->next ? dp_period_edge(period) : set->begin_27mhz;
	uint64_t at = set->ecm[i].begun ? set->ecm[i].next_27mhz : moved(begin, ecm->start_ms);

	if (ecm->pkts == 0 || replaced(carousel, set, ecm->pid))
		return DP_PERIOD_NEVER;
	uint64_t stop = stop_of(carousel, period, set, ecm);

	return at < stop && period->media.now_27mhz < stop ? at : DP_PERIOD_NEVER;
}

// True when the ECM is to begin at the last reading of the clock before its time.
static bool early(const struct dp_carousel *carousel, const struct dp_carousel_set *set, unsigned i)
{
	return set == &carousel->next && leads(&set->ecms->ecm[i]) && !set->ecm[i].begun;
}

static uint64_t step_of(const struct dp_period *period)
{
	uint64_t step = period->media.step_27mhz;

	return step < DP_PERIOD_SLACK_27MHZ ? step : DP_PERIOD_SLACK_27MHZ;
}

static bool is_due(const struct dp_carousel *carousel, const struct dp_period *period,
		   const struct dp_carousel_set *set, unsigned i)
{
	uint64_t at = time_of(carousel, period, set, i), now = period->media.now_27mhz;

	return at != DP_PERIOD_NEVER && (now >= at || (early(carousel, set, i) && now + step_of(period) > at));
}

static void least(uint64_t *least_27mhz, uint64_t at_27mhz)
{
	if (at_27mhz < *least_27mhz)
		*least_27mhz = at_27mhz;
}

static void plan_set(struct dp_carousel *carousel, const struct dp_period *period, const struct dp_carousel_set *set)
{
	for (unsigned i = 0; set->ecms && i < set->ecms->n; i++)
		least(early(carousel, set, i) ? &carousel->lead_27mhz : &carousel->due_27mhz,
		      time_of(carousel, period, set, i));
}

// So that all that is asked at most readings of the clock is whether one of two times has come.
static void plan(struct dp_carousel *carousel, const struct dp_period *period)
{
	carousel->due_27mhz = carousel->lead_27mhz = DP_PERIOD_NEVER;
	plan_set(carousel, period, &carousel->next);
	plan_set(carousel, period, &carousel->current);
	plan_set(carousel, period, &carousel->previous);
}

struct dp_ecm_set *dp_carousel_accept(struct dp_carousel *carousel, const struct dp_period *period,
				      struct dp_ecm_set *ecms)
{
	struct dp_ecm_set *unused;

	carousel->next = (struct dp_carousel_set){.ecms = ecms};
	if (!period->slot.have_next)
		dp_carousel_flip(carousel, period);
	unused = carousel->unused;
	carousel->unused = NULL;
	plan(carousel, period);
	return unused;
}

// There is one set to give back at most: before the next flip comes the next order, which takes it.
void dp_carousel_flip(struct dp_carousel *carousel, const struct dp_period *period)
{
	carousel->unused = carousel->previous.ecms;
	carousel->previous = carousel->current;
	carousel->current = carousel->next;
	carousel->current.begin_27mhz = period->started_27mhz;
	carousel->next = (struct dp_carousel_set){0};
	plan(carousel, period);
}

bool dp_carousel_due(const struct dp_carousel *carousel, const struct dp_period *period)
{
	uint64_t now = period->media.now_27mhz;

	return now >= carousel->due_27mhz || now >= carousel->lead_27mhz ||
	       now + step_of(period) > carousel->lead_27mhz;
}

// The ECM leaves: tells the period how long what follows it must wait.
static void begin(struct dp_carousel_set *next, struct dp_period *period, const struct dp_ecm *ecm)
{
	uint64_t until = moved(period->media.now_27mhz, -ecm->start_ms);
	bool whole = true;

	period->next_ecm_on_air = true;
	if (leads(ecm) && until > next->lead_until_27mhz)
		next->lead_until_27mhz = until;
	for (unsigned i = 0; i < next->ecms->n; i++)
		whole &= next->ecm[i].begun || !leads(&next->ecms->ecm[i]);
	period->lead_until_27mhz = whole ? next->lead_until_27mhz : DP_PERIOD_NEVER;
}

static void leave(struct dp_carousel *carousel, struct dp_period *period, struct dp_carousel_set *set, unsigned i)
{
	const struct dp_ecm *ecm = &set->ecms->ecm[i];
	uint64_t now = period->media.now_27mhz;
	uint64_t next = moved(set->ecm[i].begun ? set->ecm[i].next_27mhz : now, ecm->repetition_ms);
	bool first = !set->ecm[i].begun;

	set->ecm[i].begun = true;
	set->ecm[i].next_27mhz = next > now ? next : moved(now, ecm->repetition_ms);
	if (first && set == &carousel->next)
		begin(set, period, ecm);
	period->ecm_on_air |= set == &carousel->current;
}

const struct dp_ecm *dp_carousel_take(struct dp_carousel *carousel, struct dp_period *period,
				      const struct dp_ecm_set **ecms)
{
	struct dp_carousel_set *const sets[] = {&carousel->next, &carousel->current, &carousel->previous};

	for (unsigned k = 0; k < sizeof(sets) / sizeof(sets[0]); k++)
		for (unsigned i = 0; sets[k]->ecms && i < sets[k]->ecms->n; i++) {
			if (!is_due(carousel, period, sets[k], i))
				continue;
			leave(carousel, period, sets[k], i);
			*ecms = sets[k]->ecms;
			return &sets[k]->ecms->ecm[i];
		}
	plan(carousel, period);
	return NULL;
}

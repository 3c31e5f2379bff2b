// SPDX-License-Identifier: GPL-3.0-or-later
// Follows one programme through its schedule, flip by flip.
#include <stb_follower.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int stb_follower_init(struct stb_follower *f, const struct stb_schedule *schedule, const struct stb_group *group)
{
	*f = (struct stb_follower){.schedule = schedule, .group = group};
	if (!group)
		return 0;
	f->candidate = calloc(group->n, sizeof(*f->candidate));
	return f->candidate ? 0 : -ENOMEM;
}

static void free_keys(struct stb_follower *f)
{
	for (size_t i = 0; i < 2; i++) {
		if (f->slot[i].key)
			f->cipher->key_free(f->slot[i].key);
		f->slot[i].key = NULL;
		f->slot[i].set = false;
	}
}

void stb_follower_fini(struct stb_follower *f)
{
	free_keys(f);
	free(f->candidate);
	*f = (struct stb_follower){0};
}

int stb_follower_set_cipher(struct stb_follower *f, const struct stb_cipher *cipher)
{
	if (f->cipher == cipher)
		return 0;
	free_keys(f);
	f->cipher = cipher;
	for (size_t i = 0; cipher && i < 2; i++) {
		f->slot[i].key = cipher->key_new();
		if (!f->slot[i].key) {
			free_keys(f);
			f->cipher = NULL;
			return -ENOMEM;
		}
	}
	return 0;
}

void *stb_follower_key(struct stb_follower *f, uint32_t index)
{
	size_t s = stb_group_parity(f->group, index) == TS_TSC_ODD;

	if (!f->slot[s].set || f->slot[s].index != index) {
		f->cipher->key_set(f->slot[s].key, stb_schedule_cw(f->schedule, f->group, index));
		f->slot[s].set = true;
		f->slot[s].index = index;
	}
	return f->slot[s].key;
}

static void open_with(struct stb_follower *f, uint8_t *packet, uint32_t index)
{
	int offset = ts_packet_payload_offset(packet);

	f->cipher->open(stb_follower_key(f, index), packet + offset, (size_t)(TS_PACKET_BYTES - offset));
	ts_packet_set_tsc(packet, TS_TSC_CLEAR);
}

static enum stb_result unknown(const struct stb_follower *f)
{
	return f->ended ? STB_NO_CW : f->was_held ? STB_LOST : STB_WAITING;
}

static void lose(struct stb_follower *f)
{
	f->held = false;
	f->candidates = 0;
}

static void hold(struct stb_follower *f, uint32_t index)
{
	if (f->was_held)
		f->reacquired++;
	else
		f->acquired++;
	f->current = index;
	f->held = f->was_held = f->verified = true;
	f->ended = false;
	f->candidates = 0;
}

// Two PES starts, or one that leaves a single candidate, make the place certain.
static bool search(struct stb_follower *f, const uint8_t *packet)
{
	size_t left = stb_acquire_try(f, packet);

	if (left == 0 || (left > 1 && f->trials < 2))
		return false;
	hold(f, f->candidate[0]);
	return true;
}

// One group flips as a whole: the first packet of the new parity, on any PID, is the first of the next crypto-period.
// Returns false when there is no CW for the packet, else its crypto-period.
static bool place(struct stb_follower *f, const struct stb_follower_pid *pid, unsigned parity, uint32_t *index)
{
	*index = f->current;
	if (stb_group_parity(f->group, f->current) == parity)
		return true;
	if (f->since_flip_pkts < STB_LATE_PKTS && f->flips > 0 && !(pid->used && pid->index == f->current) &&
	    stb_group_previous(f->group, index))
		return true;
	*index = f->current;
	f->flips++;
	f->since_flip_pkts = 0;
	f->verified = false;
	if (!stb_group_next(f->group, index)) {
		lose(f);
		f->ended = true;
		return false;
	}
	f->current = *index;
	return true;
}

// A PES start that did not open, on a PID where others did. `raw` is the packet as received, `packet` the failed
// attempt; true when another CW opened it or the attempt stands, false when the packet stays closed.
static bool doubt(struct stb_follower *f, uint32_t *index, uint8_t *packet, const uint8_t *raw)
{
	f->candidates = 0;
	if (search(f, raw)) {
		*index = f->current;
		memcpy(packet, raw, TS_PACKET_BYTES);
		open_with(f, packet, *index);
		return true;
	}
	// A CW that was proved is kept when no other does better: then the packet itself is bad.
	if (f->verified && f->candidates == 0)
		return true;
	f->held = false;
	memcpy(packet, raw, TS_PACKET_BYTES);
	return false;
}

static enum stb_result open_fixed(struct stb_follower *f, unsigned parity, uint8_t *packet, uint32_t *index)
{
	for (*index = 0; *index < f->group->n; ++*index) {
		if (stb_group_parity(f->group, *index) != parity)
			continue;
		open_with(f, packet, *index);
		return STB_OPENED;
	}
	return STB_NO_CW;
}

// `raw` is the packet as received.
static enum stb_result open_scheduled(struct stb_follower *f, struct stb_follower_pid *pid, uint8_t *packet,
				      const uint8_t *raw, uint32_t *index)
{
	unsigned parity = ts_packet_tsc(packet);
	bool start = stb_follower_pid_proves(pid, f->cipher, packet);

	if (f->held && stb_follower_pid_repeats(pid, packet)) {
		*index = pid->index;
		open_with(f, packet, *index);
		return STB_OPENED;
	}
	if (!f->held) {
		if (f->parity && parity != f->parity)
			stb_acquire_flip(f);
		f->parity = parity;
		if (!start || !search(f, packet))
			return unknown(f);
	}
	f->parity = parity;
	if (!place(f, pid, parity, index))
		return unknown(f);
	f->since_flip_pkts++;
	open_with(f, packet, *index);
	if (!start || *index != f->current)
		return STB_OPENED;
	if (stb_pes_begins(packet))
		f->verified = true;
	else if (pid->proven && !doubt(f, index, packet, raw))
		return unknown(f);
	return STB_OPENED;
}

enum stb_result stb_follower_open(struct stb_follower *f, struct stb_follower_pid *pid, uint8_t *packet)
{
	uint8_t raw[TS_PACKET_BYTES];
	enum stb_result result;
	uint32_t index = 0;

	if (!f->group)
		return STB_NO_GROUP;
	if (!f->cipher || f->cipher->cw_bytes != f->group->cw_bytes)
		return STB_NO_CIPHER;
	memcpy(raw, packet, sizeof(raw));
	result = f->group->period_ms == 0 ? open_fixed(f, ts_packet_tsc(packet), packet, &index)
					  : open_scheduled(f, pid, packet, raw, &index);
	if (result == STB_OPENED)
		stb_follower_pid_note(pid, f->cipher, raw, packet, index);
	return result;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The words of one programme: holding them, and when one takes the place of another.
#include <stb_words.h>

#include <errno.h>
#include <string.h>

#include <base_secret.h>
#include <openssl/crypto.h>

void stb_words_init(struct stb_words *w, uint8_t *room)
{
	*w = (struct stb_words){0};
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < STB_WORD_PLACES; k++)
			w->word[i][k].cw = room + (i * STB_WORD_PLACES + k) * STB_ECW_MAX_BYTES;
}

// Empties a place. Its descrambler key is overwritten.
static void clear(const struct stb_cipher *cipher, struct stb_word *word)
{
	static const uint8_t zero[STB_CW_MAX_BYTES];

	base_secret_scrub(word->cw, STB_ECW_MAX_BYTES);
	if (cipher && word->key && word->n > 0)
		cipher->key_set(word->key, zero);
	*word = (struct stb_word){.cw = word->cw, .key = word->key};
}

static void free_keys(struct stb_words *w)
{
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < STB_WORD_PLACES; k++) {
			if (w->word[i][k].key)
				w->cipher->key_free(w->word[i][k].key);
			w->word[i][k].key = NULL;
		}
	}
}

void stb_words_fini(struct stb_words *w)
{
	free_keys(w);
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < STB_WORD_PLACES; k++)
			if (w->word[i][k].cw)
				base_secret_scrub(w->word[i][k].cw, STB_ECW_MAX_BYTES);
	*w = (struct stb_words){0};
}

// A ladder of 16-byte blocks gives a word of 8 bytes followed by 8 zeros.
static bool fits(const struct stb_cipher *cipher, const uint8_t *cw, size_t n)
{
	uint8_t rest = 0;

	if (!cipher)
		return true;
	for (size_t i = cipher->cw_bytes; i < n; i++)
		rest |= cw[i];
	return n >= cipher->cw_bytes && rest == 0;
}

static int new_keys(struct stb_words *w)
{
	for (size_t i = 0; w->cipher && i < 2; i++) {
		for (size_t k = 0; k < STB_WORD_PLACES; k++) {
			w->word[i][k].key = w->cipher->key_new();
			if (!w->word[i][k].key)
				return -ENOMEM;
		}
	}
	return 0;
}

// A word for the algorithm behind the next flip has its key when the descrambler is changed.
static void key(const struct stb_words *w, struct stb_word *word)
{
	word->keyed = w->cipher && fits(w->cipher, word->cw, word->n);
	if (word->keyed)
		w->cipher->key_set(word->key, word->cw);
}

int stb_words_set_cipher(struct stb_words *w, const struct stb_cipher *cipher)
{
	int rc;

	if (w->cipher == cipher)
		return 0;
	free_keys(w);
	w->cipher = cipher;
	rc = new_keys(w);
	if (rc < 0) {
		free_keys(w);
		w->cipher = NULL;
	}
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < STB_WORD_PLACES; k++) {
			struct stb_word *word = &w->word[i][k];

			if (word->n > 0 && !fits(w->cipher, word->cw, word->n))
				clear(w->cipher, word);
			else if (word->n > 0)
				key(w, word);
		}
	}
	return rc;
}

static unsigned parity_of(size_t side)
{
	return side ? TS_TSC_ODD : TS_TSC_EVEN;
}

static bool same(const struct stb_word *word, const uint8_t *cw, size_t n)
{
	return word->n == n && CRYPTO_memcmp(word->cw, cw, n) == 0;
}

// True when packets of the parity of `side`, which has left the air, may still come.
static bool just_left(const struct stb_words *w, size_t side)
{
	return w->flips > 0 && w->parity != parity_of(side) && w->since_flip_pkts < STB_LATE_PKTS;
}

// The waiting word becomes the current one, the current one the previous.
static void promote(struct stb_words *w, size_t side)
{
	struct stb_word *word = w->word[side], last;

	if (word[STB_WORD_WAITING].n == 0)
		return;
	last = word[STB_WORD_PREVIOUS];
	word[STB_WORD_PREVIOUS] = word[STB_WORD_CURRENT];
	word[STB_WORD_CURRENT] = word[STB_WORD_WAITING];
	word[STB_WORD_WAITING] = last;
	clear(w->cipher, &word[STB_WORD_WAITING]);
}

static void set(struct stb_words *w, size_t side, const uint8_t *cw, size_t n, bool waits)
{
	struct stb_word *word = &w->word[side][STB_WORD_WAITING];

	if (same(&w->word[side][STB_WORD_CURRENT], cw, n)) {
		clear(w->cipher, word);
		return;
	}
	if (!same(word, cw, n)) {
		clear(w->cipher, word);
		memcpy(word->cw, cw, n);
		word->n = n;
		word->serial = ++w->serials;
		word->since_known = w->clock_known;
		word->since = w->clock_27mhz;
		key(w, word);
	}
	if (!waits)
		promote(w, side);
}

// True when the other parity than that of `side` is on air.
static bool off_air(const struct stb_words *w, size_t side)
{
	return w->parity != 0 && w->parity != parity_of(side);
}

// Rules 2 and 3: `known` says that the ECM's own word was here before.
static bool other_waits(const struct stb_words *w, size_t side, bool known)
{
	const struct stb_word *current = &w->word[side][STB_WORD_CURRENT];

	if (w->parity != parity_of(side))
		return off_air(w, side);
	if (current->n == 0 || (current->bad > 0 && current->good == 0))
		return false;
	return current->good > 0 || known;
}

int stb_words_take(struct stb_words *w, unsigned cp_number, const uint8_t *even, const uint8_t *odd, size_t n)
{
	size_t own = cp_number & 1, other = 1 - own;
	const uint8_t *cw[2] = {even, odd};
	bool known;

	known = cw[own] && (same(&w->word[own][STB_WORD_CURRENT], cw[own], n) ||
			    same(&w->word[own][STB_WORD_WAITING], cw[own], n));
	// What waits for the other parity is decided before the own word changes anything.
	bool waits = other_waits(w, other, known);

	if ((cw[own] && !off_air(w, own) && !fits(w->cipher, cw[own], n)) ||
	    (cw[other] && !waits && !fits(w->cipher, cw[other], n)))
		return -EINVAL;
	if (cw[own])
		set(w, own, cw[own], n, off_air(w, own));
	if (cw[other])
		set(w, other, cw[other], n, waits);
	return 0;
}

// The first packet of the new parity, on any PID, is the first of the next crypto-period.
static void flip(struct stb_words *w, unsigned parity)
{
	size_t side = parity == TS_TSC_ODD;

	w->flips += w->parity != 0;
	w->parity = parity;
	w->since_flip_pkts = 0;
	promote(w, side);
	w->word[side][STB_WORD_CURRENT].good = w->word[side][STB_WORD_CURRENT].bad = 0;
}

// A PID that brought the new parity already does not go back: an old one there is the next flip.
static bool is_late(const struct stb_words *w, const struct stb_follower_pid *pid, unsigned parity)
{
	return just_left(w, parity == TS_TSC_ODD) && !(pid->used && ts_packet_tsc(pid->last) == w->parity);
}

static void follow(struct stb_words *w, const struct stb_follower_pid *pid, unsigned parity)
{
	if (parity != w->parity && !is_late(w, pid, parity))
		flip(w, parity);
	w->since_flip_pkts++;
}

static void note_lead(struct stb_words *w, struct stb_word *word)
{
	struct stb_lead *lead = &w->lead;

	if (word->used)
		return;
	word->used = true;
	if (!word->since_known || !w->clock_known)
		return;
	lead->last_27mhz = ts_packet_pcr_diff(w->clock_27mhz, word->since);
	if (lead->n == 0)
		lead->first_27mhz = lead->min_27mhz = lead->max_27mhz = lead->last_27mhz;
	if (lead->last_27mhz < lead->min_27mhz)
		lead->min_27mhz = lead->last_27mhz;
	if (lead->last_27mhz > lead->max_27mhz)
		lead->max_27mhz = lead->last_27mhz;
	lead->n++;
}

static void judge(struct stb_words *w, struct stb_word *word, const uint8_t *packet)
{
	if (stb_pes_begins(packet)) {
		w->proved += word->good == 0;
		word->good++;
	} else {
		word->bad++;
	}
}

static struct stb_word *find(struct stb_words *w, size_t side, uint32_t serial)
{
	for (size_t k = 0; k < STB_WORD_WAITING; k++)
		if (w->word[side][k].n > 0 && w->word[side][k].serial == serial)
			return &w->word[side][k];
	return NULL;
}

enum stb_result stb_words_open(struct stb_words *w, struct stb_follower_pid *pid, uint8_t *packet)
{
	unsigned parity = ts_packet_tsc(packet);
	size_t side = parity == TS_TSC_ODD;
	uint8_t raw[TS_PACKET_BYTES];
	struct stb_word *word = NULL;
	int offset = ts_packet_payload_offset(packet);

	if (!w->cipher)
		return STB_NO_CIPHER;
	if (stb_follower_pid_repeats(pid, packet))
		word = find(w, side, pid->index);
	if (!word) {
		follow(w, pid, parity);
		word = &w->word[side][STB_WORD_CURRENT];
	}
	if (word->n == 0 || !word->keyed)
		return w->serials ? STB_NO_CW : STB_WAITING;
	memcpy(raw, packet, sizeof(raw));
	w->cipher->open(word->key, packet + offset, (size_t)(TS_PACKET_BYTES - offset));
	ts_packet_set_tsc(packet, TS_TSC_CLEAR);
	note_lead(w, word);
	if (stb_follower_pid_proves(pid, w->cipher, packet))
		judge(w, word, packet);
	stb_follower_pid_note(pid, w->cipher, raw, packet, word->serial);
	return STB_OPENED;
}

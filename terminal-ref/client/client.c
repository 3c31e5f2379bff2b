// SPDX-License-Identifier: GPL-3.0-or-later
// From an ECM section to control words.
#include <stb_client.h>

#include <errno.h>
#include <string.h>

int stb_client_init(struct stb_client *client, const struct stb_keys *keys)
{
	int rc;

	*client = (struct stb_client){.keys = keys};
	rc = base_secret_init(&client->words, (size_t)2 * STB_ECW_MAX_BYTES);
	if (rc < 0)
		return rc;
	rc = stb_klad_open(&client->klad, keys->suite, stb_keys_k3(keys));
	if (rc < 0)
		stb_client_fini(client);
	return rc;
}

void stb_client_fini(struct stb_client *client)
{
	stb_klad_close(&client->klad);
	base_secret_fini(&client->words);
	*client = (struct stb_client){0};
}

void stb_ecm_stream_init(struct stb_ecm_stream *stream)
{
	*stream = (struct stb_ecm_stream){.pid = TS_PID_NULL, .fresh = true};
}

void stb_ecm_stream_move(struct stb_ecm_stream *stream, uint16_t pid, uint16_t ca_system_id)
{
	if (pid == stream->pid && ca_system_id == stream->ca_system_id)
		return;
	stream->pid_changes += stream->pid != TS_PID_NULL && pid != TS_PID_NULL;
	stream->pid = pid;
	stream->ca_system_id = ca_system_id;
	stream->fresh = true;
	stream->replay.known = false;
	stb_ecm_stream_forget(stream);
}

void stb_ecm_stream_forget(struct stb_ecm_stream *stream)
{
	stream->last_bytes = 0;
}

uint64_t stb_ecm_stream_refused(const struct stb_ecm_stream *stream)
{
	uint64_t n = 0;

	for (size_t i = 0; i < STB_ECM_VERDICTS; i++)
		n += i == STB_ECM_OPENED ? 0 : stream->verdict[i];
	return n;
}

// True when the ECM is that of the crypto-period after the one refused before.
static bool goes_on(const struct stb_ecm_stream *stream, const struct stb_ecm *ecm)
{
	return stream->replay.known && ecm->cp_number == (uint16_t)(stream->replay.cp_number + 1) &&
	       ecm->time_s >= stream->replay.time_s;
}

static bool replayed(const struct stb_ecm_stream *stream, const struct stb_ecm *ecm)
{
	return !stream->fresh && ecm->time_s < stream->time_s && (int16_t)(ecm->cp_number - stream->cp_last) < 0 &&
	       !goes_on(stream, ecm);
}

static void note_replay(struct stb_ecm_stream *stream, const struct stb_ecm *ecm)
{
	stream->replay.known = true;
	stream->replay.cp_number = ecm->cp_number;
	stream->replay.time_s = ecm->time_s;
}

// The ladder: K1 is loaded for this ECM alone. The words lie in the client's locked pages until they are taken.
static enum stb_ecm_verdict climb(struct stb_client *client, struct stb_words *words, const struct stb_ecm *ecm,
				  const struct stb_service_key *key)
{
	uint8_t *even = client->words.bytes, *odd = even + STB_ECW_MAX_BYTES;
	enum stb_ecm_verdict verdict = STB_ECM_FAILED;
	int rc = stb_klad_load(&client->klad, key->ek2, key->ek1);

	if (rc == 0 && ecm->even)
		rc = stb_klad_word(&client->klad, ecm->even, ecm->ecw_bytes, even);
	if (rc == 0 && ecm->odd)
		rc = stb_klad_word(&client->klad, ecm->odd, ecm->ecw_bytes, odd);
	stb_klad_unload(&client->klad);
	if (rc == 0)
		verdict = stb_words_take(words, ecm->cp_number, ecm->even ? even : NULL, ecm->odd ? odd : NULL,
					 ecm->ecw_bytes) == 0
				  ? STB_ECM_OPENED
				  : STB_ECM_BAD_CW;
	base_secret_wipe(&client->words);
	return verdict;
}

static enum stb_ecm_verdict examine(const struct stb_ecm_stream *stream, struct stb_client *client,
				    struct stb_words *words, struct stb_ecm *ecm, const uint8_t *section, size_t n)
{
	enum stb_ecm_verdict verdict = stb_ecm_parse(ecm, section, n);
	struct stb_service_key key;

	if (verdict != STB_ECM_OPENED)
		return verdict;
	if (ecm->suite != client->keys->suite)
		return STB_ECM_WRONG_SUITE;
	if (ecm->ca_subsystem_id != client->keys->ca_subsystem_id)
		return STB_ECM_WRONG_SUBSYSTEM;
	if (stb_keys_find(client->keys, ecm->service_key_id, &key) < 0)
		return STB_ECM_UNKNOWN_KEY;
	verdict = stb_ecm_check_mac(ecm, key.auth);
	if (verdict != STB_ECM_OPENED)
		return verdict;
	if (replayed(stream, ecm))
		return STB_ECM_REPLAYED;
	return climb(client, words, ecm, &key);
}

static void note_opened(struct stb_ecm_stream *stream, const struct stb_ecm *ecm)
{
	uint16_t step = (uint16_t)(ecm->cp_number - stream->cp_last);

	if (stream->verdict[STB_ECM_OPENED] == 0)
		stream->cp_first = ecm->cp_number;
	else
		stream->cp_gaps += step > 1;
	stream->service_key_changes +=
		stream->verdict[STB_ECM_OPENED] > 0 && ecm->service_key_id != stream->service_key_id;
	stream->cp_last = ecm->cp_number;
	stream->service_key_id = ecm->service_key_id;
	stream->time_s = ecm->time_s;
	stream->fresh = stream->replay.known = false;
}

void stb_ecm_stream_take(struct stb_ecm_stream *stream, struct stb_client *client, struct stb_words *words,
			 const uint8_t *section, size_t n)
{
	enum stb_ecm_verdict verdict;
	struct stb_ecm ecm;

	stream->received++;
	if (n == stream->last_bytes && memcmp(stream->last, section, n) == 0) {
		stream->repeats++;
		return;
	}
	verdict = examine(stream, client, words, &ecm, section, n);
	if (verdict == STB_ECM_OPENED)
		note_opened(stream, &ecm);
	else if (verdict == STB_ECM_REPLAYED)
		note_replay(stream, &ecm);
	stream->verdict[verdict]++;
	stream->last_bytes = n <= STB_ECM_MAX_BYTES && verdict != STB_ECM_FAILED ? n : 0;
	memcpy(stream->last, section, stream->last_bytes);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Counts EMM sections and tells them apart.
#include <stb_emm.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

int stb_emms_init(struct stb_emms *emms)
{
	*emms = (struct stb_emms){.cat_version = -1};
	emms->emm = calloc(STB_EMM_DISTINCT_MAX, sizeof(*emms->emm));
	return emms->emm ? 0 : -ENOMEM;
}

void stb_emms_fini(struct stb_emms *emms)
{
	free(emms->emm);
	*emms = (struct stb_emms){0};
}

bool stb_emms_wants(const struct stb_emms *emms, uint16_t pid)
{
	for (size_t i = 0; i < emms->pids; i++)
		if (emms->pid[i].pid == pid)
			return true;
	return false;
}

static struct stb_emm *find(struct stb_emms *emms, uint16_t pid, const uint8_t *digest)
{
	for (size_t i = 0; i < emms->n; i++)
		if (memcmp(emms->emm[i].digest, digest, STB_EMM_DIGEST_BYTES) == 0 && emms->emm[i].pid == pid)
			return &emms->emm[i];
	return NULL;
}

int stb_emms_take(struct stb_emms *emms, uint16_t pid, const uint8_t *section, size_t n)
{
	uint8_t digest[STB_EMM_DIGEST_BYTES];
	struct stb_emm *emm;

	emms->received++;
	emms->table[section[0]]++;
	if (EVP_Digest(section, n, digest, NULL, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	emm = find(emms, pid, digest);
	if (!emm && emms->n == STB_EMM_DISTINCT_MAX) {
		emms->untold++;
		return 0;
	}
	if (!emm) {
		emm = &emms->emm[emms->n++];
		*emm = (struct stb_emm){.table_id = section[0], .pid = pid, .bytes = (uint16_t)n};
		memcpy(emm->digest, digest, sizeof(digest));
	}
	emm->count++;
	return 0;
}

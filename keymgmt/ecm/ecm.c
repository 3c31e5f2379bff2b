// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecm/ecm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <base_secret.h>

#include "ecm/conditions.h"

enum {
	TABLE_ID = 0x80,
	PRIVATE_SHORT = 0x7000, // section_syntax_indicator 0, private_indicator 1, reserved 11
	VERSION = 1,
	SECTION_HEAD_BYTES = 3, // up to section_length
	HAVE_EVEN = 1,
	HAVE_ODD = 2
};

_Static_assert(KM_ECM_HEAD_BYTES + KM_MSG_TLV_BYTES + 2 * KM_MSG_CW_BYTES + KM_ECM_MAC_BYTES <= KM_MSG_ECM_BYTES,
	       "the longest ECM fits");

static int compare_ids(const void *a, const void *b)
{
	return ((const struct km_ecm_key *)a)->service_key_id - ((const struct km_ecm_key *)b)->service_key_id;
}

int km_ecm_open(struct km_ecm_maker *maker, const struct km_keyfile *keyfile)
{
	*maker = (struct km_ecm_maker){.suite = keyfile->suite, .ca_subsystem_id = keyfile->ca_subsystem_id};
	for (unsigned i = 0; i < keyfile->keys; i++) {
		struct km_ecm_key *key = &maker->key[maker->keys++];
		int rc = km_cipher_open(&key->k1, maker->suite, km_keyfile_k1(keyfile, i), KM_SEAL);

		if (!rc)
			rc = km_mac_open(&key->auth, maker->suite, km_keyfile_auth(keyfile, i));
		if (rc) {
			km_ecm_close(maker);
			return rc;
		}
		key->service_key_id = keyfile->id[i];
	}
	qsort(maker->key, maker->keys, sizeof(maker->key[0]), compare_ids);
	base_secret_scrub_stack();
	return 0;
}

static struct km_ecm_key *find_key(struct km_ecm_maker *maker, uint16_t id)
{
	const struct km_ecm_key wanted = {.service_key_id = id};

	return bsearch(&wanted, maker->key, maker->keys, sizeof(wanted), compare_ids);
}

static int check(const struct km_msg_ecm_request *request)
{
	if ((request->cw_bytes != 8 && request->cw_bytes != 16) || request->have == 0 ||
	    (request->have & ~(HAVE_EVEN | HAVE_ODD)) || request->tlv_n > KM_MSG_TLV_BYTES)
		return -EINVAL;
	return km_conditions_check(request->tlv, request->tlv_n);
}

static size_t put_head(const struct km_ecm_maker *maker, const struct km_msg_ecm_request *request, uint32_t utc_s,
		       size_t bytes, uint8_t *p)
{
	p[0] = TABLE_ID | (request->cp_number & 1);
	base_bytes_put16(p + 1, PRIVATE_SHORT | (unsigned)(bytes - SECTION_HEAD_BYTES));
	p[3] = VERSION;
	p[4] = (uint8_t)maker->suite;
	base_bytes_put16(p + 5, maker->ca_subsystem_id);
	base_bytes_put16(p + 7, request->service_key_id);
	base_bytes_put16(p + 9, request->cp_number);
	base_bytes_put32(p + 11, utc_s);
	p[15] = request->tlv_n;
	memcpy(p + KM_ECM_HEAD_BYTES, request->tlv, request->tlv_n);
	return KM_ECM_HEAD_BYTES + (size_t)request->tlv_n;
}

// ECW_even and ECW_odd, in one run of the cipher. A word that is not there is zero on air, not E(K1, 0): the
// receiver tells it by that.
static int put_words(struct km_ecm_key *key, const struct km_msg_ecm_request *request, size_t ecw_bytes, uint8_t *p)
{
	uint8_t clear[2 * KM_MSG_CW_BYTES] = {0};

	memcpy(clear, request->cw_even, request->cw_bytes);
	memcpy(clear + ecw_bytes, request->cw_odd, request->cw_bytes);
	int rc = km_cipher_run(&key->k1, p, clear, 2 * ecw_bytes);

	base_secret_scrub(clear, sizeof(clear));
	if (!(request->have & HAVE_EVEN))
		memset(p, 0, ecw_bytes);
	if (!(request->have & HAVE_ODD))
		memset(p + ecw_bytes, 0, ecw_bytes);
	return rc;
}

static int make_section(struct km_ecm_maker *maker, struct km_ecm_key *key, const struct km_msg_ecm_request *request,
			uint32_t utc_s, struct km_msg_ecm_answer *answer)
{
	size_t ecw_bytes = km_suite_ecw_bytes(maker->suite, request->cw_bytes);
	size_t bytes = KM_ECM_HEAD_BYTES + request->tlv_n + 2 * ecw_bytes + KM_ECM_MAC_BYTES;
	uint8_t *section = answer->section;
	size_t at = put_head(maker, request, utc_s, bytes, section);
	int rc = put_words(key, request, ecw_bytes, section + at);

	at += 2 * ecw_bytes;
	if (!rc)
		rc = km_mac_run(&key->auth, section + at, KM_ECM_MAC_BYTES, section, at);
	answer->bytes = (uint16_t)bytes;
	return rc;
}

int km_ecm_compose(struct km_ecm_maker *maker, const struct km_msg_ecm_request *request, uint32_t utc_s,
		   struct km_msg_ecm_answer *answer)
{
	struct km_ecm_key *key = find_key(maker, request->service_key_id);
	int rc = key ? check(request) : -ENOENT;

	*answer = (struct km_msg_ecm_answer){0};
	if (!rc)
		rc = make_section(maker, key, request, utc_s, answer);
	if (rc)
		*answer = (struct km_msg_ecm_answer){0};
	answer->tag = request->tag;
	answer->error = rc;
	return rc;
}

void km_ecm_close(struct km_ecm_maker *maker)
{
	for (unsigned i = 0; i < maker->keys; i++) {
		km_cipher_close(&maker->key[i].k1);
		km_mac_close(&maker->key[i].auth);
	}
	*maker = (struct km_ecm_maker){0};
}

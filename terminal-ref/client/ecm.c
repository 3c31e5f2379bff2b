// SPDX-License-Identifier: GPL-3.0-or-later
// Reads an ECM section. All fields are bounded by the section; the two ECWs share what the others leave.
#include <stb_ecm.h>

#include <base_bytes.h>

const char *const stb_ecm_verdict_name[STB_ECM_VERDICTS] = {
	[STB_ECM_OPENED] = "opened",
	[STB_ECM_BAD_LENGTH] = "bad_length",
	[STB_ECM_UNKNOWN_VERSION] = "unknown_version",
	[STB_ECM_BAD_TABLE_ID] = "bad_table_id",
	[STB_ECM_BAD_CONDITIONS] = "bad_conditions",
	[STB_ECM_WRONG_SUITE] = "wrong_suite",
	[STB_ECM_WRONG_SUBSYSTEM] = "wrong_subsystem",
	[STB_ECM_UNKNOWN_KEY] = "unknown_key",
	[STB_ECM_BAD_MAC] = "bad_mac",
	[STB_ECM_REPLAYED] = "replayed",
	[STB_ECM_BAD_CW] = "bad_cw",
	[STB_ECM_FAILED] = "failed",
};

// Offsets in the section.
enum {
	FLAGS = 1,
	VERSION = 3,
	SUITE = 4,
	SUBSYSTEM = 5,
	SERVICE_KEY = 7,
	CP_NUMBER = 9,
	TIME = 11,
	CONDITIONS_LENGTH = 15,
	CONDITIONS = 16
};

// Fixed lengths of the known conditions; of products any number of four bytes.
static bool condition_fits(uint8_t type, size_t n)
{
	static const int8_t bytes[] = {[2] = 0, [3] = 1, [4] = 3, [5] = 6, [6] = 1, [7] = 1};

	if (type == 1)
		return n > 0 && n % 4 == 0;
	return type < 2 || type >= sizeof(bytes) || n == (size_t)bytes[type];
}

// A type that nobody here knows is stepped over: it is authenticated, and entitlements decide elsewhere.
static bool conditions_good(const uint8_t *at, size_t n)
{
	size_t i = 0;

	while (i < n) {
		if (n - i < 2 || (size_t)at[i + 1] > n - i - 2 || !condition_fits(at[i], at[i + 1]))
			return false;
		i += (size_t)2 + at[i + 1];
	}
	return true;
}

// An ECW of zero bytes only carries no word.
static const uint8_t *word_at(const uint8_t *ecw, size_t n)
{
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= ecw[i];
	return any ? ecw : NULL;
}

// Short form: section_syntax_indicator 0, and a length that ends where the section does.
static bool framed(const uint8_t *s, size_t n)
{
	return n > CONDITIONS + STB_ECM_MAC_BYTES && n <= STB_ECM_MAX_BYTES &&
	       (s[0] == STB_ECM_TABLE_EVEN || s[0] == STB_ECM_TABLE_ODD) && !(s[FLAGS] & 0x80) &&
	       (size_t)(base_bytes_get16(s + FLAGS) & 0x0FFF) == n - 3;
}

static bool known_suite(uint8_t suite)
{
	return suite >= STB_SUITE_TDES && suite <= STB_SUITE_SM4;
}

enum stb_ecm_verdict stb_ecm_parse(struct stb_ecm *ecm, const uint8_t *s, size_t n)
{
	size_t left;

	*ecm = (struct stb_ecm){.bytes = s};
	if (!framed(s, n))
		return STB_ECM_BAD_LENGTH;
	if (s[VERSION] != STB_ECM_VERSION)
		return STB_ECM_UNKNOWN_VERSION;
	ecm->table_id = s[0];
	ecm->suite = s[SUITE];
	ecm->ca_subsystem_id = base_bytes_get16(s + SUBSYSTEM);
	ecm->service_key_id = base_bytes_get16(s + SERVICE_KEY);
	ecm->cp_number = base_bytes_get16(s + CP_NUMBER);
	ecm->time_s = base_bytes_get32(s + TIME);
	ecm->conditions = s + CONDITIONS;
	ecm->conditions_bytes = s[CONDITIONS_LENGTH];
	ecm->signed_bytes = n - STB_ECM_MAC_BYTES;
	if (!known_suite(ecm->suite))
		return STB_ECM_WRONG_SUITE;
	left = ecm->signed_bytes - CONDITIONS;
	if (ecm->conditions_bytes > left)
		return STB_ECM_BAD_LENGTH;
	left -= ecm->conditions_bytes;
	if (left % 2 != 0 || !stb_suite_ecw_bytes((enum stb_suite)ecm->suite, left / 2))
		return STB_ECM_BAD_LENGTH;
	if ((ecm->table_id & 1) != (ecm->cp_number & 1))
		return STB_ECM_BAD_TABLE_ID;
	if (!conditions_good(ecm->conditions, ecm->conditions_bytes))
		return STB_ECM_BAD_CONDITIONS;
	ecm->ecw_bytes = left / 2;
	ecm->even = word_at(ecm->conditions + ecm->conditions_bytes, ecm->ecw_bytes);
	ecm->odd = word_at(ecm->conditions + ecm->conditions_bytes + ecm->ecw_bytes, ecm->ecw_bytes);
	return STB_ECM_OPENED;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// The clear policy: every row of its table, both ways.
#include <unit.h>

#include "psi/policy.h"

static const struct dp_policy_profile strict,
	open_profile = {.clear_teletext = true, .clear_subtitles = true}, teletext = {.clear_teletext = true},
	subtitles = {.clear_subtitles = true}, all_clear = {.clear_service = true};

#define D(bytes) bytes, sizeof(bytes) - 1

static enum dp_policy of(uint8_t type, const char *info, size_t n, const struct dp_policy_profile *profile)
{
	const struct ts_pmt_stream stream = {.stream_type = type, .info = {(const uint8_t *)info, n}};

	return dp_policy_of(&stream, profile);
}

static const char application[] = "\x6F\x03\x00\x10\xE1", carousel[] = "\x13\x05\x00\x00\x00\x01\x00",
		  broadcast_id[] = "\x66\x02\x00\x0A",
		  text[] = "\x56\x05"
			   "eng\x09\x00",
		  vbi_text[] = "\x46\x05"
			       "eng\x09\x00",
		  subtitling[] = "\x59\x08"
				 "eng\x10\x00\x01\x00\x01",
		  language[] = "\x0A\x04"
			       "eng\x00",
		  broken[] = "\x0A\x7F\x6F\x00";

// No stream_type is clear without what the table asks for, whatever the profile, but 0x86.
static void every_type_without_descriptors(void)
{
	for (unsigned type = 0; type < 256; type++) {
		enum dp_policy want = type == 0x86 ? DP_POLICY_SCTE35 : DP_POLICY_SCRAMBLED;

		CU_ASSERT_EQUAL(of((uint8_t)type, NULL, 0, &strict), want);
		CU_ASSERT_EQUAL(of((uint8_t)type, NULL, 0, &open_profile), want);
		CU_ASSERT_EQUAL(of((uint8_t)type, D(language), &open_profile), want);
		CU_ASSERT_EQUAL(of((uint8_t)type, D(broken), &open_profile), want);
		CU_ASSERT_EQUAL(of((uint8_t)type, D(language), &all_clear), DP_POLICY_CLEAR_SERVICE);
	}
}

// Only the types of a row are clear by its descriptor.
static void only_types(const char *info, size_t n, unsigned first, unsigned last, enum dp_policy want)
{
	for (unsigned type = 0; type < 256; type++) {
		if (type == 0x86)
			continue;
		CU_ASSERT_EQUAL(of((uint8_t)type, info, n, &open_profile),
				type >= first && type <= last ? want : DP_POLICY_SCRAMBLED);
	}
}

static void ait(void)
{
	CU_ASSERT_EQUAL(of(0x05, D(application), &strict), DP_POLICY_AIT);
	only_types(D(application), 0x05, 0x05, DP_POLICY_AIT);
}

static void carousels(void)
{
	for (uint8_t type = 0x0A; type <= 0x0D; type++) {
		CU_ASSERT_EQUAL(of(type, D(carousel), &strict), DP_POLICY_CAROUSEL);
		CU_ASSERT_EQUAL(of(type, D(broadcast_id), &strict), DP_POLICY_CAROUSEL);
	}
	only_types(D(carousel), 0x0A, 0x0D, DP_POLICY_CAROUSEL);
	only_types(D(broadcast_id), 0x0A, 0x0D, DP_POLICY_CAROUSEL);
}

static void teletext_by_profile(void)
{
	CU_ASSERT_EQUAL(of(0x06, D(text), &strict), DP_POLICY_SCRAMBLED);
	CU_ASSERT_EQUAL(of(0x06, D(text), &subtitles), DP_POLICY_SCRAMBLED);
	CU_ASSERT_EQUAL(of(0x06, D(text), &teletext), DP_POLICY_TELETEXT);
	CU_ASSERT_EQUAL(of(0x06, D(vbi_text), &teletext), DP_POLICY_TELETEXT);
	CU_ASSERT_EQUAL(of(0x06, D(vbi_text), &strict), DP_POLICY_SCRAMBLED);
	only_types(D(text), 0x06, 0x06, DP_POLICY_TELETEXT);
	only_types(D(vbi_text), 0x06, 0x06, DP_POLICY_TELETEXT);
}

static void subtitles_by_profile(void)
{
	CU_ASSERT_EQUAL(of(0x06, D(subtitling), &strict), DP_POLICY_SCRAMBLED);
	CU_ASSERT_EQUAL(of(0x06, D(subtitling), &teletext), DP_POLICY_SCRAMBLED);
	CU_ASSERT_EQUAL(of(0x06, D(subtitling), &subtitles), DP_POLICY_SUBTITLES);
	only_types(D(subtitling), 0x06, 0x06, DP_POLICY_SUBTITLES);
}

static void names(void)
{
	for (int i = 0; i < DP_POLICIES; i++)
		CU_ASSERT_PTR_NOT_NULL(dp_policy_name[i]);
}

static const struct unit_test tests[] = {
	{"every type without descriptors", every_type_without_descriptors},
	{"AIT", ait},
	{"carousels", carousels},
	{"teletext by profile", teletext_by_profile},
	{"subtitles by profile", subtitles_by_profile},
	{"names", names},
};

UNIT_MAIN("policy", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// ECM sections byte by byte, against sections made with the openssl command from docs/ecm.md; and every refusal.
#include <errno.h>

#include "ecm/conditions.h"
#include "ecm/ecm.h"
#include "keys_rig.h"

enum { EVEN = 1, ODD = 2, UTC = 0x5f3759df };

#define TLV "010400000007060103"

// For K1 = RIG_K1 and K_ecm_auth = RIG_AUTH: ECWs by `openssl enc -des-ede|-aes-128-ecb|-sm4-ecb -nopad -K`, MACs by
// `openssl mac -cipher DES-EDE-CBC|AES-128-CBC|SM4-CBC CMAC`, the rest written out by hand.
static const struct {
	const char *suite;
	uint8_t cw_bytes, have;
	uint16_t cp_number;
	const char *tlv, *section;
} expected[] = {
	{"tdes", 8, EVEN | ODD, 0x1235, TLV,
	 "81702e01010abc010212355f3759df0901040000000706010300e2b15307a7a3302e15f2b7fdb309f373978e0ea2ee0e3e"},
	{"tdes", 16, EVEN | ODD, 0x1235, TLV,
	 "81703e01010abc010212355f3759df0901040000000706010300e2b15307a7a330d9927f9f06c921632e15f2b7fdb309f3"
	 "105d14f6330a96e5791c4f75375e2797"},
	{"aes", 8, EVEN | ODD, 0x1235, TLV,
	 "81703e01020abc010212355f3759df09010400000007060103a17b863d00c60d546537f953363b43db58121fc375cf44bc"
	 "c7175c48a6f80df2b2609a6885242d03"},
	{"aes", 16, EVEN | ODD, 0x1235, TLV,
	 "81703e01020abc010212355f3759df09010400000007060103d93dff0fb56cf0da7e43fa82f3d91a5f1c11c29edc7db907"
	 "b1b2792f246718fd0ed33ce866f38245"},
	{"sm4", 8, EVEN | ODD, 0x1235, TLV,
	 "81703e01030abc010212355f3759df09010400000007060103647cdae69f766cc0be3dd185634471dc22b79e2376b9e475"
	 "2602ff839e8d99edac376cb1199bcc92"},
	{"sm4", 16, EVEN | ODD, 0x1235, TLV,
	 "81703e01030abc010212355f3759df09010400000007060103847488524ed8aa83ad563872984153aa68ff524a38df589b"
	 "70936a0deabddf82305dadb8d3890531"},
	{"aes", 8, EVEN, 0x1234, "",
	 "80703501020abc010212345f3759df00a17b863d00c60d546537f953363b43db00000000000000000000000000000000"
	 "86ee745adb1ece89"},
	{"aes", 16, ODD, 0xffff, "",
	 "81703501020abc0102ffff5f3759df00000000000000000000000000000000001c11c29edc7db907b1b2792f246718fd"
	 "9eac58cdfe1d2a19"},
	{"tdes", 8, ODD, 0, "", "80702501010abc010200005f3759df0000000000000000002e15f2b7fdb309f3756479a4f4091c77"},
};

static const uint16_t ids[] = {700, 0x0102, 3};

static struct km_msg_ecm_request request_of(uint8_t cw_bytes, uint8_t have, uint16_t cp_number, const char *tlv)
{
	struct km_msg_ecm_request request = {
		.tag = 0xCAFE, .service_key_id = 0x0102, .cp_number = cp_number, .cw_bytes = cw_bytes, .have = have};

	rig_hex(request.cw_even, sizeof(request.cw_even), "01020304050607081112131415161718");
	rig_hex(request.cw_odd, sizeof(request.cw_odd), "f1e2d3c4b5a697880f1e2d3c4b5a6978");
	request.tlv_n = (uint8_t)rig_hex(request.tlv, sizeof(request.tlv), tlv);
	return request;
}

static void maker_open(struct km_ecm_maker *maker, const char *suite)
{
	struct km_keyfile keyfile = rig_keys(suite, ids, 3);

	CU_ASSERT_EQUAL_FATAL(km_ecm_open(maker, &keyfile), 0);
	km_keyfile_free(&keyfile);
}

// Twice each, so that a keyed cipher and MAC are seen to start over.
static void byte_by_byte(void)
{
	for (size_t i = 0; i < 2 * sizeof(expected) / sizeof(expected[0]); i++) {
		size_t row = i / 2;
		struct km_msg_ecm_request request = request_of(expected[row].cw_bytes, expected[row].have,
							       expected[row].cp_number, expected[row].tlv);
		struct km_msg_ecm_answer answer;
		struct km_ecm_maker maker;
		uint8_t section[KM_MSG_ECM_BYTES] = {0};
		size_t n = rig_hex(section, sizeof(section), expected[row].section);

		maker_open(&maker, expected[row].suite);
		memset(&answer, 0xEE, sizeof(answer));
		CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &answer), 0);
		CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &answer), 0);
		CU_ASSERT_TRUE(answer.tag == 0xCAFE && answer.error == 0);
		CU_ASSERT_EQUAL(answer.bytes, n);
		CU_ASSERT_EQUAL(memcmp(answer.section, section, sizeof(section)), 0); // and zeros after it
		km_ecm_close(&maker);
	}
}

// What the cipher makes of eight bytes is what the suite says, not what a caller left behind them.
static void rest_of_a_short_word(void)
{
	struct km_msg_ecm_request request = request_of(8, EVEN | ODD, 0x1235, TLV);
	struct km_msg_ecm_answer with, without;
	struct km_ecm_maker maker;

	maker_open(&maker, "aes");
	CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &with), 0);
	memset(request.cw_even + 8, 0, 8);
	memset(request.cw_odd + 8, 0, 8);
	CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &without), 0);
	CU_ASSERT_EQUAL(memcmp(&with, &without, sizeof(with)), 0);
	km_ecm_close(&maker);
}

static void every_service_key(void)
{
	static const uint16_t strangers[] = {0, 1, 0x0101, 0x0103, 699, 701, 0xffff};
	struct km_msg_ecm_request request = request_of(8, EVEN, 0, "");
	struct km_msg_ecm_answer answer;
	struct km_ecm_maker maker;

	maker_open(&maker, "aes");
	for (unsigned i = 0; i < 3; i++) {
		request.service_key_id = ids[i];
		CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &answer), 0);
		CU_ASSERT_EQUAL(base_bytes_get16(answer.section + 7), ids[i]);
	}
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		request.service_key_id = strangers[i];
		memset(&answer, 0xEE, sizeof(answer));
		CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &answer), -ENOENT);
		CU_ASSERT_TRUE(answer.error == -ENOENT && answer.tag == 0xCAFE && answer.bytes == 0);
		CU_ASSERT_EQUAL(answer.section[0], 0);
	}
	km_ecm_close(&maker);
	CU_ASSERT_EQUAL(maker.keys, 0);
	km_ecm_close(&maker);
}

// The keys of each service key are its own.
static void keys_apart(void)
{
	static const char text[] = "suite aes\nca_subsystem 0001\n"
				   "service_key 9 k1 " RIG_K1 " auth " RIG_AUTH "\n"
				   "service_key 2 k1 " RIG_AUTH " auth " RIG_K1 "\n";
	struct km_msg_ecm_request request = request_of(8, EVEN, 0, "");
	struct km_msg_ecm_answer nine, two;
	struct km_keyfile keyfile;
	struct km_ecm_maker maker;
	struct base_errs errs;

	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(km_keyfile_parse(&keyfile, text, sizeof(text) - 1, "k", &errs), 0);
	CU_ASSERT_EQUAL_FATAL(km_ecm_open(&maker, &keyfile), 0);
	km_keyfile_free(&keyfile);
	request.service_key_id = 9;
	CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &nine), 0);
	request.service_key_id = 2;
	CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &two), 0);
	uint8_t ecw[16];

	rig_hex(ecw, sizeof(ecw), "a17b863d00c60d546537f953363b43db"); // E(RIG_K1, CW) as above
	CU_ASSERT_EQUAL(memcmp(nine.section + KM_ECM_HEAD_BYTES, ecw, 16), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(two.section + KM_ECM_HEAD_BYTES, ecw, 16), 0);
	km_ecm_close(&maker);
}

static void refusals(void)
{
	struct km_msg_ecm_request good = request_of(8, EVEN | ODD, 1, TLV), bad[12];
	struct km_msg_ecm_answer answer;
	struct km_ecm_maker maker;
	unsigned n = 0;

	for (unsigned i = 0; i < 12; i++)
		bad[i] = good;
	bad[n++].cw_bytes = 0;
	bad[n++].cw_bytes = 7;
	bad[n++].cw_bytes = 9;
	bad[n++].cw_bytes = 17;
	bad[n++].cw_bytes = 255;
	bad[n++].have = 0;
	bad[n++].have = 4;
	bad[n++].have = 0xFF;
	bad[n++].tlv_n = KM_MSG_TLV_BYTES + 1;
	bad[n++].tlv_n = 255;
	bad[n++].tlv_n = 8; // a condition cut short
	bad[n++].tlv[0] = 8;
	maker_open(&maker, "sm4");
	for (unsigned i = 0; i < n; i++) {
		memset(&answer, 0xEE, sizeof(answer));
		CU_ASSERT_EQUAL(km_ecm_compose(&maker, &bad[i], UTC, &answer), -EINVAL);
		CU_ASSERT_TRUE(answer.error == -EINVAL && answer.tag == good.tag && answer.bytes == 0);
		CU_ASSERT_TRUE(answer.section[0] == 0 && answer.section[KM_MSG_ECM_BYTES - 1] == 0);
	}
	CU_ASSERT_EQUAL(km_ecm_compose(&maker, &good, UTC, &answer), 0);
	km_ecm_close(&maker);
}

// The longest ECM that a request can ask for.
static void longest(void)
{
	struct km_msg_ecm_request request = request_of(16, EVEN | ODD, 1, "");
	struct km_msg_ecm_answer answer;
	struct km_ecm_maker maker;

	request.tlv[0] = 1;
	request.tlv[1] = 60;
	request.tlv[62] = 2;
	request.tlv_n = 64;
	maker_open(&maker, "aes");
	CU_ASSERT_EQUAL(km_ecm_compose(&maker, &request, UTC, &answer), 0);
	CU_ASSERT_EQUAL(answer.bytes, 16 + 64 + 32 + 8);
	CU_ASSERT_EQUAL((base_bytes_get16(answer.section + 1) & 0xFFF) + 3, answer.bytes);
	km_ecm_close(&maker);
}

static int conditions(const char *text)
{
	uint8_t tlv[256];
	size_t n = rig_hex(tlv, sizeof(tlv), text);

	return km_conditions_check(tlv, n);
}

static void conditions_known(void)
{
	static const char *const good[] = {"",       "010400000001",     "01080000000100000002", "0200",
					   "030112", "0403000101",       "050600000001000a",     "060103",
					   "070101", "0200030112060103", "04030001010403000201"};
	static const char *const bad[] = {"01",         "0100",         "0103000001",     "010500000001aa",
					  "0104000000", "0201aa",       "0300",           "03021234",
					  "0402aabb",   "040400010101", "0505000000010a", "05070000000100aaaa",
					  "0600",       "06020303",     "0700",           "07020101",
					  "0000",       "0800",         "ff00",           "020003",
					  "02000301"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CU_ASSERT_EQUAL(conditions(good[i]), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(conditions(bad[i]), -EINVAL);
		if (conditions(bad[i]) != -EINVAL)
			printf("\ntaken: %s\n", bad[i]);
	}
}

static const struct unit_test tests[] = {
	{"byte by byte", byte_by_byte},
	{"the rest of a short word", rest_of_a_short_word},
	{"every service key", every_service_key},
	{"keys apart", keys_apart},
	{"refusals", refusals},
	{"longest", longest},
	{"conditions", conditions_known},
};

UNIT_MAIN("ecm", tests)

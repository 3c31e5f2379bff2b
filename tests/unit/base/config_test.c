// SPDX-License-Identifier: GPL-3.0-or-later
// The getters of the configuration reader: values, defaults, and the words and pointer of every mistake.
#include <string.h>

#include <base_config.h>

#include <unit.h>

#include "config_pointer.h"

static struct base_errs errs;
static struct base_config root;

static const struct base_config_word ciphers[] = {{"csa2", 1}, {"aes-128", 2}, {"sm4", 3}, {NULL, 0}};

static void document(const char *text)
{
	base_errs_init(&errs);
	CU_ASSERT_EQUAL_FATAL(base_config_parse(&root, text, strlen(text), "t.json", &errs), 0);
}

// The one mistake since the last call is exactly this; NULL: there is none.
static void said(const char *text)
{
	if (!text) {
		CU_ASSERT_TRUE(base_errs_none(&errs));
	} else {
		CU_ASSERT_EQUAL_FATAL(errs.count, 1);
		CU_ASSERT_STRING_EQUAL(errs.text[0], text);
	}
	if (errs.count && (!text || strcmp(errs.text[0], text) != 0))
		fprintf(stderr, "said \"%s\"\n", errs.text[0]);
	base_errs_init(&errs);
}

static void strings(void)
{
	document("{\"s\":\"caf\xc3\xa9\",\"empty\":\"\",\"n\":7,\"long\":\"12345\"}");
	CU_ASSERT_STRING_EQUAL(base_config_string(&root, "s", true, 0, NULL), "caf\xc3\xa9");
	CU_ASSERT_STRING_EQUAL(base_config_string(&root, "empty", true, 0, "x"), "");
	CU_ASSERT_STRING_EQUAL(base_config_string(&root, "long", false, 5, "x"), "12345");
	CU_ASSERT_PTR_NULL(base_config_string(&root, "absent", false, 0, NULL));
	CU_ASSERT_STRING_EQUAL(base_config_string(&root, "absent", false, 0, "x"), "x");
	said(NULL);
	CU_ASSERT_PTR_NULL(base_config_string(&root, "absent", true, 0, NULL));
	said("/absent: is missing; a string is expected");
	CU_ASSERT_STRING_EQUAL(base_config_string(&root, "n", false, 0, "x"), "x");
	said("/n: is a number; a string is expected");
	CU_ASSERT_STRING_EQUAL(base_config_string(&root, "long", true, 4, "x"), "x");
	said("/long: is 5 bytes long; at most 4 are allowed");
	base_config_free(&root);
}

static void strings_have_255_bytes_by_default(void)
{
	char text[300];

	for (int n = 255; n <= 256; n++) {
		snprintf(text, sizeof(text), "{\"s\":\"%0*d\",\"a\":[\"%0*d\"]}", n, 1, n - 255, 1);
		document(text);
		CU_ASSERT_EQUAL(base_config_string(&root, "s", true, 0, NULL) != NULL, n == 255);
		said(n == 255 ? NULL : "/s: is 256 bytes long; at most 255 are allowed");
		base_config_free(&root);
	}
}

static void integers(void)
{
	document("{\"i\":5,\"f\":5.0,\"s\":\"5\",\"low\":-9223372036854775808,\"high\":9223372036854775807}");
	CU_ASSERT_EQUAL(base_config_int(&root, "i", true, 5, 5, 9), 5);
	CU_ASSERT_EQUAL(base_config_int(&root, "low", true, INT64_MIN, 0, 9), INT64_MIN);
	CU_ASSERT_EQUAL(base_config_int(&root, "high", true, 0, INT64_MAX, 9), INT64_MAX);
	CU_ASSERT_EQUAL(base_config_int(&root, "absent", false, 1, 2, 9), 9);
	said(NULL);
	CU_ASSERT_EQUAL(base_config_int(&root, "absent", true, 1, 2, 9), 9);
	said("/absent: is missing; a whole number from 1 to 2 is expected");
	CU_ASSERT_EQUAL(base_config_int(&root, "i", true, 6, 10, 9), 9);
	said("/i: is 5; a whole number from 6 to 10 is expected");
	CU_ASSERT_EQUAL(base_config_int(&root, "i", true, -4, 4, 9), 9);
	said("/i: is 5; a whole number from -4 to 4 is expected");
	CU_ASSERT_EQUAL(base_config_int(&root, "f", true, 1, 10, 9), 9);
	said("/f: is a number with a fraction or exponent; a whole number from 1 to 10 is expected");
	CU_ASSERT_EQUAL(base_config_int(&root, "s", false, INT64_MIN, INT64_MAX, 9), 9);
	said("/s: is a string; a whole number from -9223372036854775808 to 9223372036854775807 is expected");
	base_config_free(&root);
}

static void booleans(void)
{
	document("{\"t\":true,\"f\":false,\"n\":null,\"i\":1}");
	CU_ASSERT_TRUE(base_config_bool(&root, "t", false));
	CU_ASSERT_FALSE(base_config_bool(&root, "f", true));
	CU_ASSERT_TRUE(base_config_bool(&root, "absent", true));
	CU_ASSERT_FALSE(base_config_bool(&root, "absent", false));
	said(NULL);
	CU_ASSERT_TRUE(base_config_bool(&root, "n", true));
	said("/n: is null; true or false is expected");
	CU_ASSERT_FALSE(base_config_bool(&root, "i", false));
	said("/i: is a number; true or false is expected");
	base_config_free(&root);
}

static void words(void)
{
	document("{\"c\":\"aes-128\",\"x\":\"CSA2\",\"t\":true}");
	CU_ASSERT_EQUAL(base_config_word(&root, "c", true, ciphers, 9), 2);
	CU_ASSERT_EQUAL(base_config_word(&root, "absent", false, ciphers, 9), 9);
	said(NULL);
	CU_ASSERT_EQUAL(base_config_word(&root, "absent", true, ciphers, 9), 9);
	said("/absent: is missing; one of the words csa2, aes-128 or sm4 is expected");
	CU_ASSERT_EQUAL(base_config_word(&root, "x", true, ciphers, 9), 9);
	said("/x: is \"CSA2\"; one of the words csa2, aes-128 or sm4 is expected");
	CU_ASSERT_EQUAL(base_config_word(&root, "t", false, ciphers, 9), 9);
	said("/t: is true or false; one of the words csa2, aes-128 or sm4 is expected");
	base_config_free(&root);
}

// A list that outgrows the message is cut and stays inside its buffer.
static void many_words_are_cut(void)
{
	static const char *const known[] = {"a-rather-long-word-of-thirty-one", "a-rather-long-word-of-thirty-two",
					    "a-rather-long-word-of-thirty-3",   "a-rather-long-word-of-thirty-4",
					    "a-rather-long-word-of-thirty-5",   "a-rather-long-word-of-thirty-6",
					    "a-rather-long-word-of-thirty-7",   "a-rather-long-word-of-thirty-8",
					    "a-rather-long-word-of-thirty-9",   NULL};
	struct base_config_word list[10] = {{0}};

	for (size_t i = 0; known[i]; i++)
		list[i].word = known[i];
	document("{\"x\":\"y\"}");
	CU_ASSERT_EQUAL(base_config_word(&root, "x", true, list, 9), 9);
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_EQUAL(strlen(errs.text[0]), BASE_ERR_TEXT_BYTES - 1);
	CU_ASSERT_STRING_EQUAL(errs.text[0] + BASE_ERR_TEXT_BYTES - 4, "...");
	base_errs_init(&errs);
	base_config_only(&root, known);
	CU_ASSERT_EQUAL(errs.count, 1);
	CU_ASSERT_EQUAL(strlen(errs.text[0]), BASE_ERR_TEXT_BYTES - 1);
	CU_ASSERT_STRING_EQUAL(errs.text[0] + BASE_ERR_TEXT_BYTES - 4, "...");
	base_config_free(&root);
}

static void addresses(void)
{
	static const char *const wrong[] = {"1.2.3", "1.2.3.256", "1.2.3.4 ", "::1", "", "1.2.3.4/24", "localhost"};
	char text[60], message[120];

	document("{\"a\":\"239.1.2.3\",\"z\":\"255.255.255.255\",\"n\":1}");
	CU_ASSERT_EQUAL(base_config_ipv4(&root, "a", true), 0xef010203);
	CU_ASSERT_EQUAL(base_config_ipv4(&root, "z", true), 0xffffffff);
	CU_ASSERT_EQUAL(base_config_ipv4(&root, "absent", false), 0);
	said(NULL);
	CU_ASSERT_EQUAL(base_config_ipv4(&root, "absent", true), 0);
	said("/absent: is missing; a dotted IPv4 address such as 239.1.1.1 is expected");
	CU_ASSERT_EQUAL(base_config_ipv4(&root, "n", false), 0);
	said("/n: is a number; a dotted IPv4 address such as 239.1.1.1 is expected");
	base_config_free(&root);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "{\"a\":\"%s\"}", wrong[i]);
		snprintf(message, sizeof(message), "/a: is \"%s\"; a dotted IPv4 address such as 239.1.1.1 is expected",
			 wrong[i]);
		document(text);
		CU_ASSERT_EQUAL(base_config_ipv4(&root, "a", false), 0);
		said(message);
		base_config_free(&root);
	}
}

static void containers(void)
{
	document("{\"o\":{\"i\":1},\"a\":[{\"i\":2},\"s\",3],\"s\":\"x\"}");
	struct base_config o = base_config_object(&root, "o", true);
	struct base_config a = base_config_array(&root, "a", true);

	CU_ASSERT_TRUE(base_config_present(&o));
	CU_ASSERT_STRING_EQUAL(o.pointer, "/o");
	CU_ASSERT_EQUAL(base_config_int(&o, "i", true, 0, 9, 0), 1);
	CU_ASSERT_EQUAL(base_config_count(&a), 3);
	CU_ASSERT_STRING_EQUAL(base_config_item_string(&a, 1), "s");

	struct base_config first = base_config_item(&a, 0);

	CU_ASSERT_STRING_EQUAL(first.pointer, "/a/0");
	CU_ASSERT_EQUAL(base_config_int(&first, "i", true, 0, 9, 0), 2);
	said(NULL);
	o = base_config_item(&a, 1);
	CU_ASSERT_FALSE(base_config_present(&o));
	said("/a/1: is a string; an object is expected");
	o = base_config_item(&a, 3);
	CU_ASSERT_FALSE(base_config_present(&o));
	said("/a/3: is missing; an object is expected");
	CU_ASSERT_PTR_NULL(base_config_item_string(&a, 2));
	said("/a/2: is a number; a string is expected");
	CU_ASSERT_PTR_NULL(base_config_item_string(&a, SIZE_MAX));
	said("/a/18446744073709551615: is missing; a string is expected");
	o = base_config_object(&root, "a", false);
	CU_ASSERT_FALSE(base_config_present(&o));
	said("/a: is an array; an object is expected");
	a = base_config_array(&root, "o", true);
	CU_ASSERT_FALSE(base_config_present(&a));
	said("/o: is an object; an array is expected");
	o = base_config_object(&root, "absent", true);
	CU_ASSERT_FALSE(base_config_present(&o));
	said("/absent: is missing; an object is expected");
	a = base_config_array(&root, "absent", true);
	CU_ASSERT_FALSE(base_config_present(&a));
	said("/absent: is missing; an array is expected");
	base_config_free(&root);
}

static void item_strings_have_255_bytes(void)
{
	char text[300];

	snprintf(text, sizeof(text), "{\"a\":[\"%0255d\"]}", 1);
	document(text);
	struct base_config a = base_config_array(&root, "a", true);

	CU_ASSERT_EQUAL(strlen(base_config_item_string(&a, 0)), 255);
	said(NULL);
	base_config_free(&root);
	snprintf(text, sizeof(text), "{\"a\":[\"%0256d\"]}", 1);
	document(text);
	a = base_config_array(&root, "a", true);
	CU_ASSERT_PTR_NULL(base_config_item_string(&a, 0));
	said("/a/0: is 256 bytes long; at most 255 are allowed");
	base_config_free(&root);
}

static void absent_nodes_are_silent(void)
{
	static const char *const known[] = {"x", NULL};

	document("{}");
	struct base_config o = base_config_object(&root, "o", false);
	struct base_config a = base_config_array(&root, "a", false);
	struct base_config deep = base_config_object(&o, "deep", true);
	struct base_config item = base_config_item(&a, 0);

	CU_ASSERT_FALSE(base_config_present(&o));
	CU_ASSERT_FALSE(base_config_present(&a));
	CU_ASSERT_FALSE(base_config_present(&deep));
	CU_ASSERT_FALSE(base_config_present(&item));
	CU_ASSERT_EQUAL(base_config_count(&a), 0);
	CU_ASSERT_PTR_NULL(base_config_item_string(&a, 0));
	CU_ASSERT_STRING_EQUAL(base_config_string(&o, "s", true, 0, "x"), "x");
	CU_ASSERT_EQUAL(base_config_int(&deep, "i", true, 1, 2, 9), 9);
	CU_ASSERT_TRUE(base_config_bool(&o, "b", true));
	CU_ASSERT_EQUAL(base_config_word(&o, "w", true, ciphers, 9), 9);
	CU_ASSERT_EQUAL(base_config_ipv4(&item, "a", true), 0);
	base_config_only(&o, known);
	said(NULL);
	// The reader itself may still speak of an absent node.
	base_config_error(&deep, "x", "or %s", "y");
	said("/o/deep/x: or y");
	base_config_free(&root);
}

static void unknown_members_are_told_all(void)
{
	static const char *const known[] = {"name", "port", NULL};
	static const char *const nothing[] = {NULL};

	document("{\"name\":1,\"nmae\":2,\"Port\":3}");
	base_config_only(&root, known);
	CU_ASSERT_EQUAL(errs.count, 2);
	CU_ASSERT_STRING_EQUAL(errs.text[0], "/nmae: is unknown; known here: name, port");
	CU_ASSERT_STRING_EQUAL(errs.text[1], "/Port: is unknown; known here: name, port");
	base_config_free(&root);
	document("{\"a\":1}");
	base_config_only(&root, nothing);
	said("/a: is unknown; known here: ");
	base_config_free(&root);
}

static void errors_name_their_place(void)
{
	document("{\"a/b\":{\"m~n\":{\"\":1}}}");
	struct base_config ab = base_config_object(&root, "a/b", true);
	struct base_config mn = base_config_object(&ab, "m~n", true);

	base_config_error(&root, NULL, "100%%");
	said("document: 100%");
	base_config_error(&mn, NULL, "x");
	said("/a~1b/m~0n: x");
	CU_ASSERT_STRING_EQUAL(base_config_string(&mn, "", true, 0, "x"), "x");
	said("/a~1b/m~0n/: is a number; a string is expected");
	base_config_free(&root);
}

// RFC 6901 clause 5's own document, where no escape of JSON strings is in the way.
static void pointers_of_rfc_6901(void)
{
	static const struct {
		const char *key, *pointer;
	} cases[] = {{"foo", "/foo"}, {"", "/"},   {"a/b", "/a~1b"}, {"c%d", "/c%d"}, {"e^f", "/e^f"},
		     {"g|h", "/g|h"}, {" ", "/ "}, {"m~n", "/m~0n"}, {"~1", "/~01"},  {"/~", "/~1~0"}};
	char out[BASE_CONFIG_POINTER_BYTES];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		base_config_pointer(out, "", cases[i].key);
		CU_ASSERT_STRING_EQUAL(out, cases[i].pointer);
	}
	base_config_pointer(out, "/foo", "0");
	CU_ASSERT_STRING_EQUAL(out, "/foo/0");
	base_config_pointer(out, out, "~");
	CU_ASSERT_STRING_EQUAL(out, "/foo/0/~0");
}

// At every length around the end the pointer stays inside and says that it was cut; an escape is never halved.
static void long_pointers_are_cut_visibly(void)
{
	char key[400], out[BASE_CONFIG_POINTER_BYTES + 1];

	for (size_t n = 150; n < 400; n++) {
		memset(key, 'k', n);
		memcpy(key + n - 9, "/~/~/~/~", 9);
		memset(out, 'x', sizeof(out));
		base_config_pointer(out, "/p", key);
		size_t len = strlen(out);

		CU_ASSERT(len < BASE_CONFIG_POINTER_BYTES);
		CU_ASSERT_EQUAL(out[BASE_CONFIG_POINTER_BYTES], 'x');
		if (strcmp(out + len - 3, "...") == 0) {
			CU_ASSERT(len >= BASE_CONFIG_POINTER_BYTES - 5);
			CU_ASSERT_NOT_EQUAL(out[len - 4], '~');
		} else {
			CU_ASSERT_EQUAL(len, 2 + 1 + n - 1 + 8);
		}
		// What is below a cut pointer is cut, too.
		base_config_pointer(out, out, "below");
		CU_ASSERT(strlen(out) < BASE_CONFIG_POINTER_BYTES);
	}
}

static void ten_mistakes_are_ten_errors(void)
{
	static const char *const known[] = {"name", "port",   "ttl",     "cipher", "group",
					    "loop", "inputs", "outputs", "psi",    NULL};
	static const char *const expected[] = {
		"/name: is missing; a string is expected",
		"/port: is 70000; a whole number from 1 to 65535 is expected",
		"/ttl: is a number with a fraction or exponent; a whole number from 1 to 255 is expected",
		"/cipher: is \"des\"; one of the words csa2, aes-128 or sm4 is expected",
		"/group: is \"239.1.1\"; a dotted IPv4 address such as 239.1.1.1 is expected",
		"/loop: is a string; true or false is expected",
		"/inputs/1: is null; an object is expected",
		"/inputs/2/pid: is -1; a whole number from 0 to 8191 is expected",
		"/outputs: is an object; an array is expected",
		"/colour~1tint: is unknown; known here: name, port, ttl, cipher, group, loop, inputs, outputs, psi",
	};

	document("{\"port\":70000,\"ttl\":1.5,\"cipher\":\"des\",\"group\":\"239.1.1\",\"loop\":\"yes\","
		 "\"inputs\":[{\"pid\":33},null,{\"pid\":-1}],\"outputs\":{},\"colour/tint\":\"red\"}");
	base_config_string(&root, "name", true, 0, NULL);
	base_config_int(&root, "port", true, 1, 65535, 0);
	base_config_int(&root, "ttl", false, 1, 255, 1);
	base_config_word(&root, "cipher", true, ciphers, 0);
	base_config_ipv4(&root, "group", true);
	base_config_bool(&root, "loop", false);
	struct base_config inputs = base_config_array(&root, "inputs", true);

	for (size_t i = 0; i < base_config_count(&inputs); i++) {
		struct base_config input = base_config_item(&inputs, i);

		base_config_int(&input, "pid", true, 0, 8191, 0);
	}
	struct base_config outputs = base_config_array(&root, "outputs", true);

	CU_ASSERT_EQUAL(base_config_count(&outputs), 0);
	struct base_config psi = base_config_object(&root, "psi", false);

	base_config_bool(&psi, "strip", false);
	base_config_only(&root, known);
	CU_ASSERT_EQUAL_FATAL(errs.count, 10);
	for (size_t i = 0; i < 10; i++)
		CU_ASSERT_STRING_EQUAL(errs.text[i], expected[i]);
	base_config_free(&root);
}

static const struct unit_test tests[] = {
	{"strings", strings},
	{"strings have 255 bytes by default", strings_have_255_bytes_by_default},
	{"integers", integers},
	{"booleans", booleans},
	{"words", words},
	{"many words are cut", many_words_are_cut},
	{"addresses", addresses},
	{"containers", containers},
	{"item strings have 255 bytes", item_strings_have_255_bytes},
	{"absent nodes are silent", absent_nodes_are_silent},
	{"unknown members are told, all", unknown_members_are_told_all},
	{"errors name their place", errors_name_their_place},
	{"pointers of RFC 6901", pointers_of_rfc_6901},
	{"long pointers are cut visibly", long_pointers_are_cut_visibly},
	{"ten mistakes are ten errors", ten_mistakes_are_ten_errors},
};

UNIT_MAIN("base_config", tests)

// SPDX-License-Identifier: GPL-3.0-or-later
// Configuration reader. Whatever parses is walked with every getter at every member, right type or wrong: values keep
// their promises, nodes lie where their pointer says (read back by RFC 6901 clause 4), mistakes are one clean line.
#include <arpa/inet.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include <base_config.h>
#include <fuzz.h>

enum { FALLBACK = -1, STRING_MOST = 20, VISITS_MAX = 500, DEPTH_MAX = 40 };

struct walk {
	const json_t *document;
	unsigned visits;
};

static const struct base_config_word words[] = {{"csa2", 1}, {"aes-128", 2}, {"sm4", 3}, {NULL, 0}};
static const char *const known[] = {"name", "port", "cipher", NULL};

// One reference token in place: ~1 is '/', ~0 is '~', in this order.
static void unescape(char *token)
{
	char *out = token;

	for (const char *in = token; *in; in++)
		if (in[0] == '~' && (in[1] == '0' || in[1] == '1'))
			*out++ = *++in == '0' ? '~' : '/';
		else
			*out++ = *in;
	*out = '\0';
}

static const json_t *resolve(const json_t *json, const char *pointer)
{
	char text[BASE_CONFIG_POINTER_BYTES];

	strcpy(text, pointer);
	for (char *at = text; json && *at == '/';) {
		char *token = at + 1;
		size_t n = strcspn(token, "/");
		int last = token[n] == '\0';

		token[n] = '\0';
		unescape(token);
		json = json_is_array(json) ? json_array_get(json, strtoul(token, NULL, 10))
					   : json_object_get(json, token);
		if (last)
			break;
		at = token + n;
		*at = '/';
	}
	return json;
}

static void check_node(const struct walk *walk, const struct base_config *node)
{
	size_t n = strnlen(node->pointer, BASE_CONFIG_POINTER_BYTES);

	FUZZ_ASSERT(n < BASE_CONFIG_POINTER_BYTES);
	// A pointer near its end may have been cut.
	if (base_config_present(node) && n < BASE_CONFIG_POINTER_BYTES - 6)
		FUZZ_ASSERT(resolve(walk->document, node->pointer) == node->json);
}

// The scalars at `key`: what comes back is the document's value or the fallback, never something in between.
static void check_scalars(const struct base_config *node, const char *key, int required)
{
	const json_t *json = json_object_get(node->json, key);
	const char *s = base_config_string(node, key, required, STRING_MOST, NULL);
	int64_t i = base_config_int(node, key, required, 0, 65535, FALLBACK);
	int w = base_config_word(node, key, required, words, FALLBACK);
	uint32_t ip = base_config_ipv4(node, key, required);
	struct in_addr address;

	FUZZ_ASSERT(!s || (strlen(s) <= STRING_MOST && s == json_string_value(json)));
	FUZZ_ASSERT(i == FALLBACK || (i >= 0 && i <= 65535 && i == json_integer_value(json)));
	FUZZ_ASSERT(w == FALLBACK || (w >= 1 && w <= 3 && strcmp(json_string_value(json), words[w - 1].word) == 0));
	FUZZ_ASSERT(ip == 0 ||
		    (inet_pton(AF_INET, json_string_value(json), &address) == 1 && ntohl(address.s_addr) == ip));
	FUZZ_ASSERT(base_config_bool(node, key, true) == !json_is_false(json));
	FUZZ_ASSERT(base_config_bool(node, key, false) == json_is_true(json));
}

static void walk_object(struct walk *walk, const struct base_config *node, int depth);

static void walk_array(struct walk *walk, const struct base_config *array, int depth)
{
	size_t n = base_config_count(array);

	FUZZ_ASSERT(n == json_array_size(array->json));
	// One past the end, too.
	for (size_t i = 0; i <= n && walk->visits < VISITS_MAX; i++) {
		struct base_config item = base_config_item(array, i);
		const char *s = base_config_item_string(array, i);

		walk->visits++;
		check_node(walk, &item);
		FUZZ_ASSERT(!s || strlen(s) <= 255);
		FUZZ_ASSERT(i < n || (!s && !base_config_present(&item)));
		if (depth < DEPTH_MAX)
			walk_object(walk, &item, depth + 1);
	}
}

static void walk_object(struct walk *walk, const struct base_config *node, int depth)
{
	const char *key;
	json_t *value;

	json_object_foreach(node->json, key, value)
	{
		struct base_config object = base_config_object(node, key, true);
		struct base_config array = base_config_array(node, key, false);

		if (walk->visits++ >= VISITS_MAX)
			break;
		FUZZ_ASSERT(base_config_present(&object) == json_is_object(value));
		FUZZ_ASSERT(base_config_present(&array) == json_is_array(value));
		check_node(walk, &object);
		check_node(walk, &array);
		check_scalars(node, key, 0);
		if (depth < DEPTH_MAX) {
			walk_object(walk, &object, depth + 1);
			walk_array(walk, &array, depth + 1);
		}
	}
	check_scalars(node, "absent by name", 1);
	base_config_only(node, known);
}

static void check_errs(const struct base_errs *errs)
{
	FUZZ_ASSERT(errs->count <= BASE_ERRS_MAX);
	FUZZ_ASSERT(errs->lost == 0 || errs->count == BASE_ERRS_MAX);
	for (size_t i = 0; i < errs->count; i++) {
		const char *text = errs->text[i];

		FUZZ_ASSERT(strnlen(text, BASE_ERR_TEXT_BYTES) < BASE_ERR_TEXT_BYTES && strstr(text, ": "));
		for (; *text; text++)
			FUZZ_ASSERT((unsigned char)*text >= 0x20 && *text != 0x7f);
	}
}

// The same bytes from a file are the same document, or the same mistake at the same place.
static void check_load(const uint8_t *data, size_t size, int rc_parse, const struct base_config *parsed)
{
	static struct base_errs errs;
	struct base_config root;
	char path[40];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_ASSERT(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	base_errs_init(&errs);
	FUZZ_ASSERT(base_config_load(&root, path, &errs) == rc_parse);
	FUZZ_ASSERT(rc_parse < 0 || json_equal(root.json, parsed->json));
	FUZZ_ASSERT(rc_parse == 0 || strcmp(strchr(errs.text[0], ':'), strchr(parsed->errs->text[0], ':')) == 0);
	base_config_free(&root);
	close(fd);

	base_errs_init(&errs);
	FUZZ_ASSERT(base_config_load(&root, path, &errs) == -ENOENT && !base_config_present(&root));
	FUZZ_ASSERT(base_config_load(&root, "/", &errs) == -EISDIR && !base_config_present(&root));
	FUZZ_ASSERT(errs.count == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base_errs errs;
	struct base_config root;

	base_errs_init(&errs);
	int rc = base_config_parse(&root, (const char *)data, size, "fuzz.json", &errs);

	FUZZ_ASSERT((rc == 0) == base_config_present(&root));
	FUZZ_ASSERT(errs.count == (rc < 0));
	check_load(data, size, rc, &root);
	if (rc == 0) {
		struct walk walk = {.document = root.json};

		walk_object(&walk, &root, 0);
		base_config_error(&root, NULL, "walked");
	}
	check_errs(&errs);
	base_config_free(&root);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Getters over a JSON document: each returns its default and notes the mistake, so that the reader goes on.
#include <base_config.h>

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config_pointer.h"

#define STRING_BYTES_MAX 255
#define INDEX_DIGITS     24

static const char *type_word(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number with a fraction or exponent";
	case JSON_NULL:
		return "null";
	default:
		return "true or false";
	}
}

void base_config_error(const struct base_config *node, const char *key, const char *format, ...)
{
	char where[BASE_CONFIG_POINTER_BYTES];
	char text[BASE_ERR_TEXT_BYTES];
	va_list args;

	memcpy(where, node->pointer, sizeof(where));
	if (key)
		base_config_pointer(where, node->pointer, key);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	// The pointer of the whole document is the empty string, which would tell a person nothing.
	base_errs_add(node->errs, where[0] ? where : "document", "%s", text);
}

// The member, or NULL: silently when the node is absent or the member is optional, else with a mistake. `what` is
// what would be right.
static json_t *get(const struct base_config *node, const char *key, bool required, const char *what)
{
	json_t *json = json_object_get(node->json, key);

	if (!json && required && base_config_present(node))
		base_config_error(node, key, "is missing; %s is expected", what);
	return json;
}

static void wrong_type(const struct base_config *node, const char *key, const json_t *json, const char *what)
{
	base_config_error(node, key, "is %s; %s is expected", type_word(json), what);
}

static struct base_config child(const struct base_config *node, const char *key, json_t *json)
{
	struct base_config c = {.json = json, .errs = node->errs};

	base_config_pointer(c.pointer, node->pointer, key);
	return c;
}

static struct base_config get_container(const struct base_config *node, const char *key, bool required, json_type type,
					const char *what)
{
	json_t *json = get(node, key, required, what);

	if (json && json_typeof(json) != type) {
		wrong_type(node, key, json, what);
		json = NULL;
	}
	return child(node, key, json);
}

struct base_config base_config_object(const struct base_config *node, const char *key, bool required)
{
	return get_container(node, key, required, JSON_OBJECT, "an object");
}

struct base_config base_config_array(const struct base_config *node, const char *key, bool required)
{
	return get_container(node, key, required, JSON_ARRAY, "an array");
}

size_t base_config_count(const struct base_config *array)
{
	return json_array_size(array->json);
}

// The element of that type, or NULL and reported (silently in an absent array). `key` is the index as text.
static json_t *get_item(const struct base_config *array, size_t index, char key[INDEX_DIGITS], json_type type,
			const char *what)
{
	json_t *json = json_array_get(array->json, index);

	snprintf(key, INDEX_DIGITS, "%zu", index);
	if (!base_config_present(array))
		return NULL;
	if (!json)
		base_config_error(array, key, "is missing; %s is expected", what);
	else if (json_typeof(json) != type)
		wrong_type(array, key, json, what);
	else
		return json;
	return NULL;
}

struct base_config base_config_item(const struct base_config *array, size_t index)
{
	char key[INDEX_DIGITS];
	json_t *json = get_item(array, index, key, JSON_OBJECT, "an object");

	return child(array, key, json);
}

// The string of `json` when it is short enough, or NULL and reported. jansson has refused zero bytes.
static const char *check_length(const struct base_config *node, const char *key, const json_t *json, size_t max_bytes)
{
	size_t n = json_string_length(json);

	if (n <= max_bytes)
		return json_string_value(json);
	base_config_error(node, key, "is %zu bytes long; at most %zu are allowed", n, max_bytes);
	return NULL;
}

const char *base_config_item_string(const struct base_config *array, size_t index)
{
	char key[INDEX_DIGITS];
	json_t *json = get_item(array, index, key, JSON_STRING, "a string");

	return json ? check_length(array, key, json, STRING_BYTES_MAX) : NULL;
}

// The string member, or NULL: absent, or reported.
static const char *get_string(const struct base_config *node, const char *key, bool required, size_t max_bytes,
			      const char *what)
{
	json_t *json = get(node, key, required, what);

	if (!json)
		return NULL;
	if (!json_is_string(json)) {
		wrong_type(node, key, json, what);
		return NULL;
	}
	return check_length(node, key, json, max_bytes);
}

const char *base_config_string(const struct base_config *node, const char *key, bool required, size_t max_bytes,
			       const char *fallback)
{
	const char *text = get_string(node, key, required, max_bytes ? max_bytes : STRING_BYTES_MAX, "a string");

	return text ? text : fallback;
}

int64_t base_config_int(const struct base_config *node, const char *key, bool required, int64_t min, int64_t max,
			int64_t fallback)
{
	char what[80];

	snprintf(what, sizeof(what), "a whole number from %lld to %lld", (long long)min, (long long)max);
	json_t *json = get(node, key, required, what);

	if (!json)
		return fallback;
	if (!json_is_integer(json)) {
		wrong_type(node, key, json, what);
		return fallback;
	}
	json_int_t value = json_integer_value(json);

	if (value < min || value > max) {
		base_config_error(node, key, "is %lld; %s is expected", (long long)value, what);
		return fallback;
	}
	return value;
}

bool base_config_bool(const struct base_config *node, const char *key, bool fallback)
{
	json_t *json = get(node, key, false, "");

	if (json && json_is_boolean(json))
		return json_is_true(json);
	if (json)
		wrong_type(node, key, json, "true or false");
	return fallback;
}

// "`lead`a, b or c", cut where it does not fit.
static void list_words(char *out, size_t capacity, const char *lead, const struct base_config_word *words)
{
	size_t used = (size_t)snprintf(out, capacity, "%s", lead);

	for (size_t i = 0; words[i].word && used < capacity; i++) {
		const char *before = i == 0 ? "" : words[i + 1].word ? ", " : " or ";

		used += (size_t)snprintf(out + used, capacity - used, "%s%s", before, words[i].word);
	}
}

int base_config_word(const struct base_config *node, const char *key, bool required,
		     const struct base_config_word *words, int fallback)
{
	char what[BASE_ERR_TEXT_BYTES];

	list_words(what, sizeof(what), "one of the words ", words);
	const char *text = get_string(node, key, required, STRING_BYTES_MAX, what);

	if (!text)
		return fallback;
	for (size_t i = 0; words[i].word; i++)
		if (strcmp(words[i].word, text) == 0)
			return words[i].value;
	base_config_error(node, key, "is \"%.40s\"; %s is expected", text, what);
	return fallback;
}

uint32_t base_config_ipv4(const struct base_config *node, const char *key, bool required)
{
	const char *what = "a dotted IPv4 address such as 239.1.1.1";
	const char *text = get_string(node, key, required, STRING_BYTES_MAX, what);
	struct in_addr address;

	if (!text)
		return 0;
	if (inet_pton(AF_INET, text, &address) != 1) {
		base_config_error(node, key, "is \"%.40s\"; %s is expected", text, what);
		return 0;
	}
	return ntohl(address.s_addr);
}

static bool is_known(const char *key, const char *const *known)
{
	for (; *known; known++)
		if (strcmp(*known, key) == 0)
			return true;
	return false;
}

void base_config_only(const struct base_config *node, const char *const *known)
{
	char list[BASE_ERR_TEXT_BYTES] = "";
	size_t used = 0;
	const char *key;
	json_t *value;

	for (size_t i = 0; known[i] && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", known[i]);
	json_object_foreach(node->json, key, value) if (!is_known(key, known))
		base_config_error(node, key, "is unknown; known here: %s", list);
}

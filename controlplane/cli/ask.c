// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/ask.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "cli/table.h"

enum { CONNECT_MS = 2000, WHOLE_MS = 15000, ANSWER_MAX_BYTES = 64 << 20, URL_BYTES = 2048 };

struct reply {
	long status;
	char *text;
	size_t n, capacity;
};

static bool make_room(struct reply *reply, size_t n)
{
	size_t capacity = reply->capacity ? reply->capacity : 65536;

	while (capacity - reply->n < n)
		capacity *= 2;
	char *text = capacity > reply->capacity ? realloc(reply->text, capacity) : reply->text;

	if (!text)
		return false;
	reply->text = text;
	reply->capacity = capacity;
	return true;
}

// Returning less than what came ends the transfer with CURLE_WRITE_ERROR.
static size_t on_bytes(char *bytes, size_t one, size_t n, void *context)
{
	struct reply *reply = context;

	if (n > ANSWER_MAX_BYTES - reply->n || !make_room(reply, n))
		return 0;
	memcpy(reply->text + reply->n, bytes, n);
	reply->n += n;
	return one * n;
}

static bool is_url(const char *api)
{
	return strncmp(api, "http://", 7) == 0;
}

static int make_url(char url[URL_BYTES], CURL *curl, const char *api, const char *prefix, const char *name,
		    const char *suffix)
{
	size_t n = is_url(api) ? strlen(api) : 0;
	char *escaped = name ? curl_easy_escape(curl, name, 0) : NULL;

	while (n && api[n - 1] == '/')
		n--;
	int written = snprintf(url, URL_BYTES, "%.*s%s%s%s", n ? (int)n : 16, n ? api : "http://localhost", prefix,
			       escaped ? escaped : "", suffix);

	curl_free(escaped);
	return written < URL_BYTES && (!name || escaped) ? 0 : -1;
}

static void set_up(CURL *curl, const char *api, const char *url, struct reply *reply)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); // a name of dots is a name
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_PROXY, ""); // whatever the environment says
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
	if (!is_url(api))
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, api);
}

static void say_no_answer(const char *api, CURLcode code)
{
	if (code == CURLE_COULDNT_CONNECT)
		cp_cli_error(
			"bulkhead-api does not answer at %s: is it running? --api or BULKHEAD_API name another place",
			api);
	else if (code == CURLE_OPERATION_TIMEDOUT)
		cp_cli_error("bulkhead-api at %s gave no answer within %d s: is it stopped or overloaded?", api,
			     WHOLE_MS / 1000);
	else
		cp_cli_error("asking bulkhead-api at %s failed: %s", api, curl_easy_strerror(code));
}

// Takes the document out of a reply; what is no 200 is told by its "error".
static json_t *document(const char *api, const struct reply *reply)
{
	json_t *json = reply->text ? json_loadb(reply->text, reply->n, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *error = json_string_value(json_object_get(json, "error"));
	const json_t *each;
	size_t i;

	if (json && reply->status == 200)
		return json;
	if (error) {
		cp_cli_error("%s", error);
		json_array_foreach(json_object_get(json, "errors"), i, each)
			cp_cli_error("  %s", json_is_string(each) ? json_string_value(each) : "?");
	} else {
		cp_cli_error("what answers at %s is no bulkhead-api: HTTP status %ld without a document of its kind",
			     api, reply->status);
	}
	json_decref(json);
	return NULL;
}

static json_t *ask(CURL *curl, const char *api, const char *url)
{
	struct reply reply = {0};
	json_t *json = NULL;

	set_up(curl, api, url, &reply);
	CURLcode code = curl_easy_perform(curl);

	if (code != CURLE_OK) {
		say_no_answer(api, code);
	} else {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
		json = document(api, &reply);
	}
	free(reply.text);
	return json;
}

json_t *cp_cli_get(const char *api, const char *path, const char *name)
{
	char url[URL_BYTES];
	CURL *curl = curl_easy_init();
	json_t *json = NULL;

	if (!curl || make_url(url, curl, api, path, name, ""))
		cp_cli_error("the name is too long");
	else
		json = ask(curl, api, url);
	curl_easy_cleanup(curl);
	return json;
}

json_t *cp_cli_post(const char *api, const char *prefix, const char *name, const char *suffix, const void *bytes,
		    size_t n)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
	char url[URL_BYTES];
	CURL *curl = curl_easy_init();
	json_t *json = NULL;

	if (!headers || !curl || make_url(url, curl, api, prefix, name, suffix)) {
		cp_cli_error("the name is too long");
	} else {
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, bytes);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
		json = ask(curl, api, url);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return json;
}

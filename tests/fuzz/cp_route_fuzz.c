// SPDX-License-Identifier: GPL-3.0-or-later
// Requests of bulkhead-api: METHOD, a blank, PATH, a new line, Host, a new line, body. Nobody is behind. An answer is
// whole JSON in ASCII or metrics; what is not admitted is an error, and a change by loopback never is.
#include <fuzz.h>
#include <http/host.h>
#include <http/route.h>

struct text {
	char *method, *path, *host;
	const uint8_t *body;
	size_t body_bytes;
};

// Words end with a zero in place of what parts them.
static char *cut(uint8_t **at, uint8_t *end, char by)
{
	char *word = (char *)*at;
	uint8_t *stop = memchr(*at, by, (size_t)(end - *at));

	stop = stop ? stop : end;
	*at = stop < end ? stop + 1 : end;
	*stop = '\0';
	return word;
}

static void check_host(const char *text)
{
	struct sockaddr_storage address;
	int n = cp_host_listen(&address, text);

	// What may be listened at, may be asked for.
	FUZZ_ASSERT(n <= (int)sizeof(address));
	FUZZ_ASSERT(n < 0 || cp_host_is_loopback(text));
}

static void check_answer(struct cp_answer *answer)
{
	FUZZ_ASSERT(answer->text && answer->bytes > 0 && answer->text[answer->bytes - 1] == '\n');
	if (strcmp(answer->type, "application/json") == 0) {
		json_t *json = json_loadb(answer->text, answer->bytes, JSON_REJECT_DUPLICATES, NULL);

		FUZZ_ASSERT(json && (answer->status == 200 || json_is_string(json_object_get(json, "error"))));
		for (size_t i = 0; i < answer->bytes; i++)
			FUZZ_ASSERT(answer->text[i] == '\n' || (answer->text[i] >= 0x20 && answer->text[i] <= 0x7f));
		json_decref(json);
	}
	free(answer->text);
}

static void check_request(const struct cp_api *api, const struct text *text, bool local)
{
	struct cp_request request = {text->method, text->path, local, text->body, text->body_bytes};
	struct cp_answer answer;
	bool admitted = cp_route_admit(&request, &answer);

	FUZZ_ASSERT(!admitted || local || strcmp(text->method, "POST") != 0);
	FUZZ_ASSERT(admitted || answer.status == 403 || answer.status == 404 || answer.status == 405);
	FUZZ_ASSERT(admitted || (answer.status == 405) == (answer.allow != NULL));
	if (admitted)
		cp_route(api, &request, &answer);
	check_answer(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const cas[] = {"/nowhere/cas"};
	struct cp_processes processes;
	struct cp_api api = {.processes = &processes, .started = 1};
	uint8_t *copy = malloc(size + 1), *at = copy, *end = copy + size;
	struct text text;

	FUZZ_ASSERT(copy);
	if (size)
		memcpy(copy, data, size);
	copy[size] = 0;
	text.method = cut(&at, end, ' ');
	text.path = cut(&at, end, '\n');
	text.host = cut(&at, end, '\n');
	text.body = at;
	text.body_bytes = (size_t)(end - at);
	cp_processes_init(&processes, "/nowhere/control", cas, 1);
	check_host(text.host);
	check_request(&api, &text, true);
	check_request(&api, &text, false);
	cp_processes_fini(&processes);
	free(copy);
	return 0;
}

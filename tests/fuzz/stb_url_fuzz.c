// SPDX-License-Identifier: GPL-3.0-or-later
// udp:// addresses and the GROUP:PORT of a filter. What is read, written and read again is the same.
#include <errno.h>

#include <fuzz.h>
#include <stb_url.h>

#define OPTION "--input"

static void write_address(char *out, size_t capacity, const char *lead, uint32_t a)
{
	size_t at = strlen(out);

	snprintf(out + at, capacity - at, "%s%u.%u.%u.%u", lead, a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static void check_again(const struct stb_url *url, struct base_errs *errs)
{
	struct stb_url back;
	char text[128] = "";
	size_t at;

	write_address(text, sizeof(text), "udp://", url->addr);
	at = strlen(text);
	snprintf(text + at, sizeof(text) - at, ":%u", url->port);
	write_address(text, sizeof(text), "?source=", url->source);
	write_address(text, sizeof(text), "&ifaddr=", url->ifaddr);
	FUZZ_ASSERT(stb_url_parse(&back, text, OPTION, errs) == 0);
	FUZZ_ASSERT(back.addr == url->addr && back.port == url->port);
	FUZZ_ASSERT(back.source == url->source && back.ifaddr == url->ifaddr);
}

static void try_url(const char *text)
{
	struct stb_url url;
	struct base_errs errs;
	int rc;

	base_errs_init(&errs);
	rc = stb_url_parse(&url, text, OPTION, &errs);
	FUZZ_ASSERT(rc == 0 || rc == -EINVAL);
	if (rc < 0) {
		FUZZ_ASSERT(errs.count == 1 && strncmp(errs.text[0], OPTION ": ", sizeof(OPTION) + 1) == 0);
		return;
	}
	FUZZ_ASSERT(base_errs_none(&errs) && url.port > 0);
	FUZZ_ASSERT(url.source == 0 || stb_url_multicast(&url));
	check_again(&url, &errs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stb_url url = {0};
	uint8_t *bytes = fuzz_exact(data, size);
	char *text = malloc(size + 1);
	int rc = stb_url_endpoint(&url, (const char *)bytes, size);

	FUZZ_ASSERT(text && (rc == 0 || rc == -EINVAL));
	FUZZ_ASSERT(rc < 0 || url.port > 0);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (stb_url_is_udp(text))
		try_url(text);
	free(text);
	free(bytes);
	return 0;
}

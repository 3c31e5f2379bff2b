// SPDX-License-Identifier: GPL-3.0-or-later
// Service description section. It is written anew with free_CA_mode of every service turned, found turned, and turned
// back.
#include <ts_sdt.h>
#include <ts_sealed.h>

static void inside(const struct ts_sdt *sdt, const uint8_t *section, size_t n)
{
	FUZZ_ASSERT(sdt->n <= TS_SDT_SERVICES_MAX);
	FUZZ_ASSERT(sdt->table_id == TS_SDT_ACTUAL_TABLE_ID || sdt->table_id == TS_SDT_OTHER_TABLE_ID);
	for (size_t i = 0; i < sdt->n; i++) {
		const struct ts_sdt_service *service = &sdt->service[i];

		FUZZ_ASSERT(service->info.bytes == service->bytes + 5 && service->bytes >= section + 11);
		FUZZ_ASSERT(service->info.bytes + service->info.n <= section + n - 4);
		FUZZ_ASSERT(ts_desc_check(&service->info) == 0);
		FUZZ_ASSERT(service->free_ca_mode == (service->bytes[3] >> 4 & 1));
	}
}

// The section with free_CA_mode of every service turned, to `out`; its size.
static size_t turn_all(uint8_t *out, const uint8_t *section, const struct ts_sdt *sdt, uint8_t version)
{
	size_t n = ts_sdt_begin(out, section);

	for (size_t i = 0; i < sdt->n; i++)
		n = ts_sdt_add(out, n, &sdt->service[i], !sdt->service[i].free_ca_mode);
	return ts_sdt_end(out, n, version);
}

static void check(uint8_t *section, size_t n)
{
	static struct ts_sdt sdt, back;
	int rc = ts_sdt_parse(&sdt, section, n);

	FUZZ_ASSERT(rc == 0 || rc == -EBADMSG);
	if (rc < 0)
		return;
	inside(&sdt, section, n);

	uint8_t *turned = fuzz_exact(section, n), *again = fuzz_exact(section, n);

	FUZZ_ASSERT(turn_all(turned, section, &sdt, sdt.version ^ 31) == n);
	FUZZ_ASSERT(ts_sdt_parse(&back, turned, n) == 0);
	FUZZ_ASSERT(back.version == (sdt.version ^ 31) && back.current == sdt.current && back.n == sdt.n);
	for (size_t i = 0; i < sdt.n; i++) {
		FUZZ_ASSERT(back.service[i].free_ca_mode == !sdt.service[i].free_ca_mode);
		FUZZ_ASSERT(back.service[i].running_status == sdt.service[i].running_status);
		FUZZ_ASSERT(back.service[i].info.n == sdt.service[i].info.n);
	}
	FUZZ_ASSERT(turn_all(again, turned, &back, sdt.version) == n);
	FUZZ_ASSERT(memcmp(again, section, n) == 0);
	free(turned);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ts_sealed_run(data, size, check);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Service description section. free_CA_mode of every service is turned, found turned, and turned back.
#include <ts_sdt.h>
#include <ts_sealed.h>

static void inside(const struct ts_sdt *sdt, const uint8_t *section, size_t n)
{
	FUZZ_ASSERT(sdt->n <= TS_SDT_SERVICES_MAX);
	FUZZ_ASSERT(sdt->table_id == TS_SDT_ACTUAL_TABLE_ID || sdt->table_id == TS_SDT_OTHER_TABLE_ID);
	for (size_t i = 0; i < sdt->n; i++) {
		const struct ts_sdt_service *service = &sdt->service[i];

		FUZZ_ASSERT(service->info.bytes == section + service->flags_offset + 2);
		FUZZ_ASSERT(service->info.bytes + service->info.n <= section + n - 4);
		FUZZ_ASSERT(ts_desc_check(&service->info) == 0);
		FUZZ_ASSERT(service->free_ca_mode == (section[service->flags_offset] >> 4 & 1));
	}
}

static void turn_all(uint8_t *section, size_t n, const struct ts_sdt *sdt, uint8_t version)
{
	for (size_t i = 0; i < sdt->n; i++)
		ts_sdt_set_free_ca(section, &sdt->service[i], !sdt->service[i].free_ca_mode);
	ts_section_seal(section, n, version);
}

static void check(uint8_t *section, size_t n)
{
	static struct ts_sdt sdt, back;
	int rc = ts_sdt_parse(&sdt, section, n);

	FUZZ_ASSERT(rc == 0 || rc == -EBADMSG);
	if (rc < 0)
		return;
	inside(&sdt, section, n);

	uint8_t *before = fuzz_exact(section, n);

	turn_all(section, n, &sdt, sdt.version ^ 31);
	FUZZ_ASSERT(ts_sdt_parse(&back, section, n) == 0);
	FUZZ_ASSERT(back.version == (sdt.version ^ 31) && back.current == sdt.current && back.n == sdt.n);
	for (size_t i = 0; i < sdt.n; i++) {
		FUZZ_ASSERT(back.service[i].free_ca_mode == !sdt.service[i].free_ca_mode);
		FUZZ_ASSERT(back.service[i].running_status == sdt.service[i].running_status);
		FUZZ_ASSERT(back.service[i].info.n == sdt.service[i].info.n);
	}
	turn_all(section, n, &back, sdt.version);
	FUZZ_ASSERT(memcmp(before, section, n) == 0);
	free(before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ts_sealed_run(data, size, check);
	return 0;
}

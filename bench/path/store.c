// SPDX-License-Identifier: GPL-3.0-or-later
#include "path/store.h"

#include <ts_pat.h>
#include <ts_pmt.h>

static void put_section(uint8_t *packet, const uint8_t *section, int n, uint16_t pid)
{
	uint8_t cc = 0;

	ts_section_packetize((uint8_t(*)[TS_PACKET_BYTES])packet, 1, section, (size_t)n, pid, &cc);
}

static void put_pat(uint8_t *packet, unsigned programmes)
{
	struct ts_pat pat = {.transport_stream_id = 1, .current = true, .n = programmes};
	uint8_t section[128];

	for (unsigned i = 0; i < programmes; i++) {
		pat.program[i].number = (uint16_t)(i + 1);
		pat.program[i].pid = bench_pid(i, BENCH_PMT);
	}
	put_section(packet, section, ts_pat_write(section, sizeof(section), &pat), TS_PID_PAT);
}

static void put_pmt(uint8_t *packet, unsigned programme)
{
	struct ts_pmt pmt = {.program_number = (uint16_t)(programme + 1),
			     .current = true,
			     .pcr_pid = bench_pid(programme, BENCH_VIDEO),
			     .n = 2};
	uint8_t section[128];

	pmt.stream[0] = (struct ts_pmt_stream){.stream_type = 0x1B, .pid = bench_pid(programme, BENCH_VIDEO)}; // H.264
	pmt.stream[1] = (struct ts_pmt_stream){.stream_type = 0x0F, .pid = bench_pid(programme, BENCH_AUDIO)}; // AAC
	put_section(packet, section, ts_pmt_write(section, sizeof(section), &pmt), bench_pid(programme, BENCH_PMT));
}

void bench_store_init(struct bench_store *store, const struct base_clock *clock)
{
	*store = (struct bench_store){.clock = clock,
				      .psi_ticks = base_clock_ticks(clock, BENCH_PSI_MS * 1000),
				      .pcr_ticks = base_clock_ticks(clock, BENCH_PCR_MS * 1000)};
	for (unsigned i = 0; i < sizeof(store->random); i++)
		store->random[i] = (uint8_t)(bench_mix(i) >> 56);
	for (unsigned k = 0; k < BENCH_PROGRAMMES_MAX; k++) {
		put_pat(store->pat[k], k + 1);
		put_pmt(store->pmt[k], k);
	}
}

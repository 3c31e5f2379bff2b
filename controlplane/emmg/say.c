// SPDX-License-Identifier: GPL-3.0-or-later
#include "emmg/say.h"

#include <base_check.h>
#include <ts_section.h>

enum { NULL_PID = 0x1FFF, EMM = 0 }; // the MUX writes the PID; data_type

struct say {
	struct sim_writer writer;
	uint8_t bytes[128 + TS_SECTION_MAX_PKTS * TS_PACKET_BYTES];
};

static void begin(struct say *say, const struct cas_emmg *emmg, uint16_t type, bool stream)
{
	sim_begin(&say->writer, say->bytes, sizeof(say->bytes), SIM_EMMG_MUX, emmg->version, type);
	sim_put(&say->writer, SIM_P_DATA_CHANNEL_ID, emmg->conf->data_channel_id);
	if (stream)
		sim_put(&say->writer, SIM_P_DATA_STREAM_ID, emmg->conf->data_stream_id);
	sim_put(&say->writer, SIM_P_CLIENT_ID, emmg->conf->client_id);
}

static int finish(struct say *say, struct cas_emmg *emmg)
{
	int n = sim_end(&say->writer);

	CHECK(n > 0); // the tables say so
	return cp_wire_send(emmg->wire, say->bytes, (size_t)n);
}

void cas_say_channel(struct cas_emmg *emmg, uint16_t type)
{
	struct say say;

	begin(&say, emmg, type, false);
	if (type == SIM_MUX_CHANNEL_SETUP || type == SIM_MUX_CHANNEL_STATUS)
		sim_put(&say.writer, SIM_P_MUX_SECTION_TSPKT_FLAG, emmg->conf->packets);
	(void)finish(&say, emmg);
}

void cas_say_stream(struct cas_emmg *emmg, uint16_t type)
{
	struct say say;

	begin(&say, emmg, type, true);
	if (type != SIM_MUX_STREAM_CLOSE_REQUEST) {
		sim_put(&say.writer, SIM_P_DATA_ID, emmg->conf->data_id);
		sim_put(&say.writer, SIM_P_DATA_TYPE, EMM);
	}
	(void)finish(&say, emmg);
}

void cas_say_bandwidth(struct cas_emmg *emmg)
{
	struct say say;

	begin(&say, emmg, SIM_MUX_STREAM_BW_REQUEST, true);
	sim_put(&say.writer, SIM_P_BANDWIDTH, emmg->conf->bandwidth_kbps);
	(void)finish(&say, emmg);
}

void cas_say_channel_error(struct cas_emmg *emmg, uint16_t status, uint16_t information)
{
	struct say say;

	begin(&say, emmg, SIM_MUX_CHANNEL_ERROR, false);
	sim_put(&say.writer, SIM_P_ERROR_STATUS, status);
	sim_put(&say.writer, SIM_P_ERROR_INFORMATION, information);
	(void)finish(&say, emmg);
}

int cas_say_section(struct cas_emmg *emmg, const uint8_t *section, size_t n)
{
	uint8_t packets[TS_SECTION_MAX_PKTS][TS_PACKET_BYTES];
	struct say say;

	begin(&say, emmg, SIM_MUX_DATA_PROVISION, true);
	sim_put(&say.writer, SIM_P_DATA_ID, emmg->conf->data_id);
	if (emmg->conf->packets) {
		int count = ts_section_packetize(packets, TS_SECTION_MAX_PKTS, section, n, NULL_PID, &emmg->cc);

		CHECK(count > 0);
		sim_put_bytes(&say.writer, SIM_P_DATAGRAM, packets, (size_t)count * TS_PACKET_BYTES);
	} else {
		sim_put_bytes(&say.writer, SIM_P_DATAGRAM, section, n);
	}
	return finish(&say, emmg);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/reply.h"

#include <errno.h>

#include <base_check.h>
#include <base_log.h>
#include <ts_packet.h>
#include <ts_section.h>

#include "ecmg/ecmg.h"
#include "ecmg/packets.h"

struct reply {
	struct sim_writer writer;
	uint8_t bytes[128 + CAS_PACKETS_BYTES];
};

static void begin(struct reply *reply, const struct cas_channel *channel, uint16_t type, uint16_t channel_id)
{
	sim_begin(&reply->writer, reply->bytes, sizeof(reply->bytes), SIM_ECMG_SCS,
		  channel->version ? channel->version : SIM_VERSION_MAX, type);
	sim_put(&reply->writer, SIM_P_ECM_CHANNEL_ID, channel_id);
}

static void finish(struct reply *reply, struct cas_channel *channel)
{
	int n = sim_end(&reply->writer);

	CHECK(n > 0); // the tables say so, whatever came in
	(void)cp_wire_send(channel->wire, reply->bytes, (size_t)n);
}

// The order of parameters is the one that TSDuck's tsecmg writes.
void cas_reply_channel_status(struct cas_channel *channel)
{
	const struct cas_conf_ecmg *conf = &channel->ecmg->conf->ecmg;
	struct reply reply;

	begin(&reply, channel, SIM_CHANNEL_STATUS, channel->id);
	sim_put(&reply.writer, SIM_P_SECTION_TSPKT_FLAG, conf->packets);
	sim_put(&reply.writer, SIM_P_AC_DELAY_START, (uint32_t)conf->delay_start_ms);
	sim_put(&reply.writer, SIM_P_AC_DELAY_STOP, (uint32_t)conf->delay_stop_ms);
	sim_put(&reply.writer, SIM_P_DELAY_START, (uint32_t)conf->delay_start_ms);
	sim_put(&reply.writer, SIM_P_DELAY_STOP, (uint32_t)conf->delay_stop_ms);
	sim_put(&reply.writer, SIM_P_TRANSITION_DELAY_START, (uint32_t)conf->transition_delay_start_ms);
	sim_put(&reply.writer, SIM_P_TRANSITION_DELAY_STOP, (uint32_t)conf->transition_delay_stop_ms);
	sim_put(&reply.writer, SIM_P_ECM_REP_PERIOD, conf->ecm_rep_period_ms);
	sim_put(&reply.writer, SIM_P_MAX_STREAMS, conf->max_streams);
	sim_put(&reply.writer, SIM_P_MIN_CP_DURATION, conf->min_cp_duration_ms / SIM_DURATION_UNIT_MS);
	sim_put(&reply.writer, SIM_P_LEAD_CW, conf->lead_cw);
	sim_put(&reply.writer, SIM_P_CW_PER_MSG, conf->cw_per_msg);
	sim_put(&reply.writer, SIM_P_MAX_COMP_TIME, conf->max_comp_time_ms);
	finish(&reply, channel);
}

void cas_reply_channel_test(struct cas_channel *channel)
{
	struct reply reply;

	begin(&reply, channel, SIM_CHANNEL_TEST, channel->id);
	finish(&reply, channel);
}

static void tell_error(struct cas_channel *channel, const char *what, uint16_t id, uint16_t status,
		       uint16_t information)
{
	channel->ecmg->errors++;
	base_log(cas_channel_error_level(channel), "ecmg",
		 "%s peer=%s id=%u status=0x%04x information=0x%04x means=\"%s\"", what, cp_wire_peer(channel->wire),
		 id, status, information, sim_error_text(SIM_ECMG_SCS, status));
}

void cas_reply_channel_error(struct cas_channel *channel, uint16_t id, uint16_t status, uint16_t information)
{
	struct reply reply;

	tell_error(channel, "channel_error", id, status, information);
	begin(&reply, channel, SIM_CHANNEL_ERROR, id);
	sim_put(&reply.writer, SIM_P_ERROR_STATUS, status);
	sim_put(&reply.writer, SIM_P_ERROR_INFORMATION, information);
	finish(&reply, channel);
}

void cas_reply_stream_status(const struct cas_stream *stream)
{
	struct reply reply;

	begin(&reply, stream->channel, SIM_STREAM_STATUS, stream->channel->id);
	sim_put(&reply.writer, SIM_P_ECM_STREAM_ID, stream->id);
	sim_put(&reply.writer, SIM_P_ECM_ID, stream->ecm_id);
	sim_put(&reply.writer, SIM_P_ACCESS_CRITERIA_TRANSFER_MODE, 0); // criteria are remembered
	finish(&reply, stream->channel);
}

void cas_reply_stream_closed(struct cas_channel *channel, uint16_t stream_id)
{
	struct reply reply;

	begin(&reply, channel, SIM_STREAM_CLOSE_RESPONSE, channel->id);
	sim_put(&reply.writer, SIM_P_ECM_STREAM_ID, stream_id);
	finish(&reply, channel);
}

void cas_reply_stream_error(struct cas_channel *channel, uint16_t stream_id, uint16_t status, uint16_t information)
{
	struct reply reply;

	tell_error(channel, "stream_error", stream_id, status, information);
	begin(&reply, channel, SIM_STREAM_ERROR, channel->id);
	sim_put(&reply.writer, SIM_P_ECM_STREAM_ID, stream_id);
	sim_put(&reply.writer, SIM_P_ERROR_STATUS, status);
	sim_put(&reply.writer, SIM_P_ERROR_INFORMATION, information);
	finish(&reply, channel);
}

int cas_reply_ecm(const struct cas_stream *stream, uint16_t cp_number, const uint8_t *section, size_t n)
{
	uint8_t packets[CAS_PACKETS_BYTES];
	struct cas_ecmg *ecmg = stream->channel->ecmg;
	struct reply reply;

	if (n <= TS_SECTION_HEADER_BYTES || n > KM_MSG_ECM_BYTES || ts_section_bytes(section) != n)
		return -EBADMSG;
	if (ecmg->conf->ecmg.packets) {
		n = cas_packets_make(packets, section, n);
		section = packets;
	}
	begin(&reply, stream->channel, SIM_ECM_RESPONSE, stream->channel->id);
	sim_put(&reply.writer, SIM_P_ECM_STREAM_ID, stream->id);
	sim_put(&reply.writer, SIM_P_CP_NUMBER, cp_number);
	sim_put_bytes(&reply.writer, SIM_P_ECM_DATAGRAM, section, n);
	finish(&reply, stream->channel);
	ecmg->ecms++;
	return 0;
}

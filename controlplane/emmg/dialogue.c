// SPDX-License-Identifier: GPL-3.0-or-later
#include "emmg/dialogue.h"

#include <base_log.h>

#include "emmg/say.h"

enum { REFUSED_MAX = 8 };

static void channel_opened(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	(void)msg;
	cas_say_stream(emmg, SIM_MUX_STREAM_SETUP);
	cas_emmg_enter(emmg, CAS_EMMG_STREAM);
}

static void stream_opened(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	(void)msg;
	cas_say_bandwidth(emmg);
	cas_emmg_enter(emmg, CAS_EMMG_BANDWIDTH);
}

// The MUX may change its allocation at any time. Without a bandwidth in it none is known, and nothing is sent.
static void allocated(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	if (emmg->state == CAS_EMMG_BANDWIDTH)
		cas_emmg_enter(emmg, CAS_EMMG_OPEN);
	cas_emmg_allocated(emmg, sim_get(msg, SIM_P_BANDWIDTH, 0));
}

static void test_channel(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	(void)msg;
	cas_say_channel(emmg, SIM_MUX_CHANNEL_STATUS);
}

static void test_stream(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	(void)msg;
	cas_say_stream(emmg, SIM_MUX_STREAM_STATUS);
}

// The answer to our channel_test.
static void ignore(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	(void)emmg;
	(void)msg;
}

static uint16_t hear_error(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	uint16_t status = (uint16_t)sim_get(msg, SIM_P_ERROR_STATUS, SIM_E_UNKNOWN);

	cas_emmg_error(emmg, "%s 0x%04x: %s", sim_type_name(SIM_EMMG_MUX, msg->type), status,
		       sim_error_text(SIM_EMMG_MUX, status));
	return status;
}

static void channel_error(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	uint16_t status = hear_error(emmg, msg);

	if (status == SIM_E_VERSION && emmg->state == CAS_EMMG_CHANNEL)
		cas_emmg_other_version(emmg);
	cas_emmg_drop(emmg, NULL);
}

static void stream_error(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	if (hear_error(emmg, msg) != SIM_E_MUX_BANDWIDTH) {
		cas_emmg_drop(emmg, NULL);
		return;
	}
	if (emmg->state == CAS_EMMG_OPEN)
		cas_say_bandwidth(emmg);
}

static void stream_closed(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	(void)msg;
	cas_say_channel(emmg, SIM_MUX_CHANNEL_CLOSE);
	cas_emmg_drop(emmg, "closed as asked");
}

static const struct row {
	enum cas_emmg_state state;
	uint16_t message;
	void (*handle)(struct cas_emmg *emmg, const struct sim_msg *msg);
} rows[] = {
	{CAS_EMMG_CHANNEL, SIM_MUX_CHANNEL_STATUS, channel_opened},
	{CAS_EMMG_CHANNEL, SIM_MUX_CHANNEL_ERROR, channel_error},
	{CAS_EMMG_STREAM, SIM_MUX_STREAM_STATUS, stream_opened},
	{CAS_EMMG_STREAM, SIM_MUX_CHANNEL_TEST, test_channel},
	{CAS_EMMG_STREAM, SIM_MUX_CHANNEL_ERROR, channel_error},
	{CAS_EMMG_STREAM, SIM_MUX_STREAM_ERROR, stream_error},
	{CAS_EMMG_BANDWIDTH, SIM_MUX_STREAM_BW_ALLOCATION, allocated},
	{CAS_EMMG_BANDWIDTH, SIM_MUX_CHANNEL_TEST, test_channel},
	{CAS_EMMG_BANDWIDTH, SIM_MUX_STREAM_TEST, test_stream},
	{CAS_EMMG_BANDWIDTH, SIM_MUX_CHANNEL_ERROR, channel_error},
	{CAS_EMMG_BANDWIDTH, SIM_MUX_STREAM_ERROR, stream_error},
	{CAS_EMMG_OPEN, SIM_MUX_STREAM_BW_ALLOCATION, allocated},
	{CAS_EMMG_OPEN, SIM_MUX_CHANNEL_TEST, test_channel},
	{CAS_EMMG_OPEN, SIM_MUX_STREAM_TEST, test_stream},
	{CAS_EMMG_OPEN, SIM_MUX_CHANNEL_STATUS, ignore},
	{CAS_EMMG_OPEN, SIM_MUX_STREAM_STATUS, ignore},
	{CAS_EMMG_OPEN, SIM_MUX_CHANNEL_ERROR, channel_error},
	{CAS_EMMG_OPEN, SIM_MUX_STREAM_ERROR, stream_error},
	{CAS_EMMG_CLOSING, SIM_MUX_STREAM_CLOSE_RESPONSE, stream_closed},
	{CAS_EMMG_CLOSING, SIM_MUX_CHANNEL_ERROR, channel_error},
	{CAS_EMMG_CLOSING, SIM_MUX_STREAM_ERROR, stream_error},
};

// 0, or what is wrong with the ids of a message.
static uint16_t wrong_id(const struct cas_emmg *emmg, const struct sim_msg *msg)
{
	if (sim_get(msg, SIM_P_CLIENT_ID, emmg->conf->client_id) != emmg->conf->client_id)
		return SIM_E_MUX_CLIENT_ID;
	if (sim_get(msg, SIM_P_DATA_CHANNEL_ID, emmg->conf->data_channel_id) != emmg->conf->data_channel_id)
		return SIM_E_MUX_CHANNEL_ID;
	if (sim_get(msg, SIM_P_DATA_STREAM_ID, emmg->conf->data_stream_id) != emmg->conf->data_stream_id)
		return SIM_E_MUX_STREAM_ID;
	return 0;
}

// Errors may name ids that were never understood.
static bool is_error(uint16_t type)
{
	return type == SIM_MUX_CHANNEL_ERROR || type == SIM_MUX_STREAM_ERROR;
}

void cas_emmg_hear(struct cas_emmg *emmg, const struct sim_msg *msg)
{
	uint16_t wrong = is_error(msg->type) ? 0 : wrong_id(emmg, msg);

	emmg->refused = 0;
	if (msg->version != emmg->version && !is_error(msg->type)) {
		cas_say_channel_error(emmg, SIM_E_VERSION, 0);
		cas_emmg_drop(emmg, "the MUX answers in another protocol_version");
		return;
	}
	if (wrong) {
		cas_say_channel_error(emmg, wrong, 0);
		return;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].state == emmg->state && rows[i].message == msg->type) {
			rows[i].handle(emmg, msg);
			return;
		}
	base_log(BASE_LOG_DEBUG, "emmg", "not expected message=%s state=%s", sim_type_name(SIM_EMMG_MUX, msg->type),
		 cas_emmg_state_name(emmg->state));
}

void cas_emmg_refuse(struct cas_emmg *emmg, const struct sim_msg *msg, const struct sim_error *error)
{
	cas_emmg_error(emmg, "%s of the MUX refused: %s", sim_type_name(SIM_EMMG_MUX, msg->type),
		       sim_error_text(SIM_EMMG_MUX, error->status));
	if (!is_error(msg->type)) // or two ends could go on for ever
		cas_say_channel_error(emmg, error->status, error->information);
	if (error->status == SIM_E_VERSION || ++emmg->refused >= REFUSED_MAX)
		cas_emmg_drop(emmg, "the MUX is not understood");
}

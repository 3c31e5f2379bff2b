// SPDX-License-Identifier: GPL-3.0-or-later
// EMMG/PDG<=>MUX as tables: ETSI TS 103 197 clause 6.
#include "simulcrypt/registry.h"

// clang-format off
static const struct sim_parameter parameters[] = {
	// type                        name                  form             bytes     scale unit
	{SIM_P_CLIENT_ID,              "client_id",          SIM_HEXADECIMAL, 4, 4,     1, ""},
	{SIM_P_MUX_SECTION_TSPKT_FLAG, "section_TSpkt_flag", SIM_DECIMAL,     1, 1,     1, ""},
	{SIM_P_DATA_CHANNEL_ID,        "data_channel_id",    SIM_DECIMAL,     2, 2,     1, ""},
	{SIM_P_DATA_STREAM_ID,         "data_stream_id",     SIM_DECIMAL,     2, 2,     1, ""},
	{SIM_P_DATAGRAM,               "datagram",           SIM_OPAQUE,      0, 65535, 1, ""},
	{SIM_P_BANDWIDTH,              "bandwidth",          SIM_DECIMAL,     2, 2,     1, "kbit/s"},
	{SIM_P_DATA_TYPE,              "data_type",          SIM_DECIMAL,     1, 1,     1, ""},
	{SIM_P_DATA_ID,                "data_id",            SIM_DECIMAL,     2, 2,     1, ""},
	{SIM_P_ERROR_STATUS,           "error_status",       SIM_STATUS,      2, 2,     1, ""},
	{SIM_P_ERROR_INFORMATION,      "error_information",  SIM_HEXADECIMAL, 0, 65535, 1, ""},
};

#define CHANNEL {SIM_P_CLIENT_ID, 1, false}, {SIM_P_DATA_CHANNEL_ID, 1, false}
#define STREAM  CHANNEL, {SIM_P_DATA_STREAM_ID, 1, false}
#define FLAG    {SIM_P_MUX_SECTION_TSPKT_FLAG, 1, false}
#define DATA    {SIM_P_DATA_ID, 1, false}, {SIM_P_DATA_TYPE, 1, false}
#define ERRORS  {SIM_P_ERROR_STATUS, 1, true}, {SIM_P_ERROR_INFORMATION, 0, true}
#define MAYBE_BANDWIDTH {SIM_P_BANDWIDTH, 0, false}

// data_provision must name channel and stream over TCP and need not over UDP: its receiver checks that.
static const struct sim_message messages[] = {
	{SIM_MUX_CHANNEL_SETUP, "channel_setup", 3, {CHANNEL, FLAG}},
	{SIM_MUX_CHANNEL_TEST, "channel_test", 2, {CHANNEL}},
	{SIM_MUX_CHANNEL_STATUS, "channel_status", 3, {CHANNEL, FLAG}},
	{SIM_MUX_CHANNEL_CLOSE, "channel_close", 2, {CHANNEL}},
	{SIM_MUX_CHANNEL_ERROR, "channel_error", 4, {CHANNEL, ERRORS}},
	{SIM_MUX_STREAM_SETUP, "stream_setup", 5, {STREAM, DATA}},
	{SIM_MUX_STREAM_TEST, "stream_test", 3, {STREAM}},
	{SIM_MUX_STREAM_STATUS, "stream_status", 5, {STREAM, DATA}},
	{SIM_MUX_STREAM_CLOSE_REQUEST, "stream_close_request", 3, {STREAM}},
	{SIM_MUX_STREAM_CLOSE_RESPONSE, "stream_close_response", 3, {STREAM}},
	{SIM_MUX_STREAM_ERROR, "stream_error", 5, {STREAM, ERRORS}},
	{SIM_MUX_STREAM_BW_REQUEST, "stream_BW_request", 4, {STREAM, MAYBE_BANDWIDTH}},
	{SIM_MUX_STREAM_BW_ALLOCATION, "stream_BW_allocation", 4, {STREAM, MAYBE_BANDWIDTH}},
	{SIM_MUX_DATA_PROVISION, "data_provision", 5, {{SIM_P_CLIENT_ID, 1, false},
		{SIM_P_DATA_CHANNEL_ID, 0, false},
		{SIM_P_DATA_STREAM_ID, 0, false},
		{SIM_P_DATA_ID, 1, false},
		{SIM_P_DATAGRAM, 1, true}}},
};
// clang-format on

static const char *const errors[] = {
	[SIM_E_INVALID_MESSAGE] = "invalid message",
	[SIM_E_VERSION] = "unsupported protocol version",
	[SIM_E_MESSAGE_TYPE] = "unknown message_type",
	[SIM_E_TOO_LONG] = "message too long",
	[SIM_E_MUX_STREAM_ID] = "unknown data_stream_id",
	[SIM_E_MUX_CHANNEL_ID] = "unknown data_channel_id",
	[SIM_E_MUX_CHANNELS_FULL] = "too many channels on the MUX",
	[SIM_E_MUX_STREAMS_FULL_CHANNEL] = "too many data streams on this channel",
	[SIM_E_MUX_STREAMS_FULL] = "too many data streams on the MUX",
	[SIM_E_MUX_PARAMETER_TYPE] = "unknown parameter_type",
	[SIM_E_MUX_PARAMETER_LENGTH] = "inconsistent parameter length",
	[SIM_E_MUX_PARAMETER_MISSING] = "missing mandatory parameter",
	[SIM_E_MUX_PARAMETER_VALUE] = "invalid parameter value",
	[SIM_E_MUX_CLIENT_ID] = "unknown client_id",
	[SIM_E_MUX_BANDWIDTH] = "exceeded bandwidth",
	[SIM_E_MUX_DATA_ID] = "unknown data_id",
	[SIM_E_MUX_CHANNEL_IN_USE] = "data_channel_id in use",
	[SIM_E_MUX_STREAM_IN_USE] = "data_stream_id in use",
	[SIM_E_MUX_DATA_ID_IN_USE] = "data_id in use",
	[SIM_E_MUX_CLIENT_IN_USE] = "client_id in use",
};

const struct sim_registry sim_emmg_mux = {
	.parameters = parameters,
	.parameters_n = sizeof(parameters) / sizeof(parameters[0]),
	.messages = messages,
	.messages_n = sizeof(messages) / sizeof(messages[0]),
	.errors = errors,
	.errors_n = sizeof(errors) / sizeof(errors[0]),
	.parameter_type = SIM_E_MUX_PARAMETER_TYPE,
	.parameter_length = SIM_E_MUX_PARAMETER_LENGTH,
	.parameter_missing = SIM_E_MUX_PARAMETER_MISSING,
	.channel_error = SIM_MUX_CHANNEL_ERROR,
	.stream_error = SIM_MUX_STREAM_ERROR,
	.channel_id = SIM_P_DATA_CHANNEL_ID,
	.stream_id = SIM_P_DATA_STREAM_ID,
};

// SPDX-License-Identifier: GPL-3.0-or-later
// ECMG<=>SCS as tables: ETSI TS 103 197 clause 5.
#include "simulcrypt/registry.h"

// clang-format off
static const struct sim_parameter parameters[] = {
	// type                               name                            form             bytes     scale unit
	{SIM_P_SUPER_CAS_ID,                  "Super_CAS_id",                 SIM_HEXADECIMAL, 4, 4,     1,   ""},
	{SIM_P_SECTION_TSPKT_FLAG,            "section_TSpkt_flag",           SIM_DECIMAL,     1, 1,     1,   ""},
	{SIM_P_DELAY_START,                   "delay_start",                  SIM_SIGNED,      2, 2,     1,   "ms"},
	{SIM_P_DELAY_STOP,                    "delay_stop",                   SIM_SIGNED,      2, 2,     1,   "ms"},
	{SIM_P_TRANSITION_DELAY_START,        "transition_delay_start",       SIM_SIGNED,      2, 2,     1,   "ms"},
	{SIM_P_TRANSITION_DELAY_STOP,         "transition_delay_stop",        SIM_SIGNED,      2, 2,     1,   "ms"},
	{SIM_P_ECM_REP_PERIOD,                "ECM_rep_period",               SIM_DECIMAL,     2, 2,     1,   "ms"},
	{SIM_P_MAX_STREAMS,                   "max_streams",                  SIM_DECIMAL,     2, 2,     1,   ""},
	{SIM_P_MIN_CP_DURATION,               "min_CP_duration",              SIM_DECIMAL,     2, 2,     100, "ms"},
	{SIM_P_LEAD_CW,                       "lead_CW",                      SIM_DECIMAL,     1, 1,     1,   ""},
	{SIM_P_CW_PER_MSG,                    "CW_per_msg",                   SIM_DECIMAL,     1, 1,     1,   ""},
	{SIM_P_MAX_COMP_TIME,                 "max_comp_time",                SIM_DECIMAL,     2, 2,     1,   "ms"},
	{SIM_P_ACCESS_CRITERIA,               "access_criteria",              SIM_OPAQUE,      0, 65535, 1,   ""},
	{SIM_P_ECM_CHANNEL_ID,                "ECM_channel_id",               SIM_DECIMAL,     2, 2,     1,   ""},
	{SIM_P_ECM_STREAM_ID,                 "ECM_stream_id",                SIM_DECIMAL,     2, 2,     1,   ""},
	{SIM_P_NOMINAL_CP_DURATION,           "nominal_CP_duration",          SIM_DECIMAL,     2, 2,     100, "ms"},
	{SIM_P_ACCESS_CRITERIA_TRANSFER_MODE, "access_criteria_transfer_mode", SIM_DECIMAL,    1, 1,     1,   ""},
	{SIM_P_CP_NUMBER,                     "CP_number",                    SIM_DECIMAL,     2, 2,     1,   ""},
	{SIM_P_CP_DURATION,                   "CP_duration",                  SIM_DECIMAL,     2, 2,     100, "ms"},
	{SIM_P_CP_CW_COMBINATION,             "CP_CW_combination",            SIM_CW,          3, 65535, 1,   ""},
	{SIM_P_ECM_DATAGRAM,                  "ECM_datagram",                 SIM_OPAQUE,      0, 65535, 1,   ""},
	{SIM_P_AC_DELAY_START,                "AC_delay_start",               SIM_SIGNED,      2, 2,     1,   "ms"},
	{SIM_P_AC_DELAY_STOP,                 "AC_delay_stop",                SIM_SIGNED,      2, 2,     1,   "ms"},
	{SIM_P_CW_ENCRYPTION,                 "CW_encryption",                SIM_OPAQUE,      0, 65535, 1,   ""},
	{SIM_P_ECM_ID,                        "ECM_id",                       SIM_DECIMAL,     2, 2,     1,   ""},
	{SIM_P_ERROR_STATUS,                  "error_status",                 SIM_STATUS,      2, 2,     1,   ""},
	{SIM_P_ERROR_INFORMATION,             "error_information",            SIM_HEXADECIMAL, 0, 65535, 1,   ""},
};

#define CHANNEL {SIM_P_ECM_CHANNEL_ID, 1, false}
#define STREAM  CHANNEL, {SIM_P_ECM_STREAM_ID, 1, false}
#define ERRORS  {SIM_P_ERROR_STATUS, 1, true}, {SIM_P_ERROR_INFORMATION, 0, true}

// How many CP_CW_combinations a CW_provision must hold is the ECMG's CW_per_msg: its receiver checks that.
static const struct sim_message messages[] = {
	{SIM_CHANNEL_SETUP, "channel_setup", 2, {CHANNEL, {SIM_P_SUPER_CAS_ID, 1, false}}},
	{SIM_CHANNEL_TEST, "channel_test", 1, {CHANNEL}},
	{SIM_CHANNEL_STATUS, "channel_status", 14, {CHANNEL,
		{SIM_P_SECTION_TSPKT_FLAG, 1, false},
		{SIM_P_AC_DELAY_START, 0, false},
		{SIM_P_AC_DELAY_STOP, 0, false},
		{SIM_P_DELAY_START, 1, false},
		{SIM_P_DELAY_STOP, 1, false},
		{SIM_P_TRANSITION_DELAY_START, 0, false},
		{SIM_P_TRANSITION_DELAY_STOP, 0, false},
		{SIM_P_ECM_REP_PERIOD, 1, false},
		{SIM_P_MAX_STREAMS, 1, false},
		{SIM_P_MIN_CP_DURATION, 1, false},
		{SIM_P_LEAD_CW, 1, false},
		{SIM_P_CW_PER_MSG, 1, false},
		{SIM_P_MAX_COMP_TIME, 1, false}}},
	{SIM_CHANNEL_CLOSE, "channel_close", 1, {CHANNEL}},
	{SIM_CHANNEL_ERROR, "channel_error", 3, {CHANNEL, ERRORS}},
	{SIM_STREAM_SETUP, "stream_setup", 4, {STREAM, {SIM_P_ECM_ID, 1, false}, {SIM_P_NOMINAL_CP_DURATION, 1, false}}},
	{SIM_STREAM_TEST, "stream_test", 2, {STREAM}},
	{SIM_STREAM_STATUS, "stream_status", 4, {STREAM,
		{SIM_P_ECM_ID, 1, false},
		{SIM_P_ACCESS_CRITERIA_TRANSFER_MODE, 1, false}}},
	{SIM_STREAM_CLOSE_REQUEST, "stream_close_request", 2, {STREAM}},
	{SIM_STREAM_CLOSE_RESPONSE, "stream_close_response", 2, {STREAM}},
	{SIM_STREAM_ERROR, "stream_error", 4, {STREAM, ERRORS}},
	{SIM_CW_PROVISION, "CW_provision", 7, {STREAM,
		{SIM_P_CP_NUMBER, 1, false},
		{SIM_P_CW_ENCRYPTION, 0, false},
		{SIM_P_CP_CW_COMBINATION, 0, true},
		{SIM_P_CP_DURATION, 0, false},
		{SIM_P_ACCESS_CRITERIA, 0, false}}},
	{SIM_ECM_RESPONSE, "ECM_response", 4, {STREAM, {SIM_P_CP_NUMBER, 1, false}, {SIM_P_ECM_DATAGRAM, 1, false}}},
};
// clang-format on

static const char *const errors[] = {
	[SIM_E_INVALID_MESSAGE] = "invalid message",
	[SIM_E_VERSION] = "unsupported protocol version",
	[SIM_E_MESSAGE_TYPE] = "unknown message_type",
	[SIM_E_TOO_LONG] = "message too long",
	[SIM_E_SUPER_CAS_ID] = "unknown Super_CAS_id",
	[SIM_E_ECM_CHANNEL_ID] = "unknown ECM_channel_id",
	[SIM_E_ECM_STREAM_ID] = "unknown ECM_stream_id",
	[SIM_E_CHANNELS_FULL] = "too many channels on this ECMG",
	[SIM_E_STREAMS_FULL_CHANNEL] = "too many ECM streams on this channel",
	[SIM_E_STREAMS_FULL] = "too many ECM streams on this ECMG",
	[SIM_E_NOT_ENOUGH_CW] = "not enough control words to compute an ECM",
	[SIM_E_STORAGE] = "ECMG out of storage capacity",
	[SIM_E_COMPUTING] = "ECMG out of computational resources",
	[SIM_E_PARAMETER_TYPE] = "unknown parameter_type",
	[SIM_E_PARAMETER_LENGTH] = "inconsistent parameter length",
	[SIM_E_PARAMETER_MISSING] = "missing mandatory parameter",
	[SIM_E_PARAMETER_VALUE] = "invalid parameter value",
	[SIM_E_ECM_ID] = "unknown ECM_id",
	[SIM_E_CHANNEL_IN_USE] = "ECM_channel_id in use",
	[SIM_E_STREAM_IN_USE] = "ECM_stream_id in use",
	[SIM_E_ECM_ID_IN_USE] = "ECM_id in use",
};

const struct sim_registry sim_ecmg_scs = {
	.parameters = parameters,
	.parameters_n = sizeof(parameters) / sizeof(parameters[0]),
	.messages = messages,
	.messages_n = sizeof(messages) / sizeof(messages[0]),
	.errors = errors,
	.errors_n = sizeof(errors) / sizeof(errors[0]),
	.parameter_type = SIM_E_PARAMETER_TYPE,
	.parameter_length = SIM_E_PARAMETER_LENGTH,
	.parameter_missing = SIM_E_PARAMETER_MISSING,
	.channel_error = SIM_CHANNEL_ERROR,
	.stream_error = SIM_STREAM_ERROR,
	.channel_id = SIM_P_ECM_CHANNEL_ID,
	.stream_id = SIM_P_ECM_STREAM_ID,
};

// SPDX-License-Identifier: GPL-3.0-or-later
// The parameters of channel_status.
#include <errno.h>

#include "scs/channel.h"

// ECM_rep_period when the ECMG leaves it to us with 0.
#define REPETITION_DEFAULT_MS 100

int cp_channel_values_read(struct cp_channel_values *values, const struct sim_msg *msg, uint16_t *parameter)
{
	uint32_t flag = sim_get(msg, SIM_P_SECTION_TSPKT_FLAG, 0), repetition = sim_get(msg, SIM_P_ECM_REP_PERIOD, 0);

	*values = (struct cp_channel_values){
		.packets = flag == 1,
		.window = {.lead_cw = (uint8_t)sim_get(msg, SIM_P_LEAD_CW, 0),
			   .cw_per_msg = (uint8_t)sim_get(msg, SIM_P_CW_PER_MSG, 0)},
		.delay_start_ms = sim_get_ms(msg, SIM_P_DELAY_START, 0),
		.delay_stop_ms = sim_get_ms(msg, SIM_P_DELAY_STOP, 0),
		.ecm_rep_period_ms = (uint16_t)(repetition ? repetition : REPETITION_DEFAULT_MS),
		.max_streams = (uint16_t)sim_get(msg, SIM_P_MAX_STREAMS, 0),
		.max_comp_time_ms = (uint16_t)sim_get(msg, SIM_P_MAX_COMP_TIME, 0),
		.min_cp_duration_ms = sim_get(msg, SIM_P_MIN_CP_DURATION, 0) * SIM_DURATION_UNIT_MS,
	};
	values->transition_delay_start_ms = sim_get_ms(msg, SIM_P_TRANSITION_DELAY_START, values->delay_start_ms);
	values->transition_delay_stop_ms = sim_get_ms(msg, SIM_P_TRANSITION_DELAY_STOP, values->delay_stop_ms);
	if (flag > 1)
		*parameter = SIM_P_SECTION_TSPKT_FLAG;
	else if (values->window.lead_cw > CP_WINDOW_LEAD_MAX)
		*parameter = SIM_P_LEAD_CW;
	else if (!cp_window_valid(&values->window))
		*parameter = SIM_P_CW_PER_MSG;
	else
		return 0;
	return -EINVAL;
}

void cp_channel_values_write(const struct cp_channel_values *values, struct sim_writer *writer)
{
	sim_put(writer, SIM_P_SECTION_TSPKT_FLAG, values->packets);
	sim_put(writer, SIM_P_DELAY_START, (uint32_t)values->delay_start_ms);
	sim_put(writer, SIM_P_DELAY_STOP, (uint32_t)values->delay_stop_ms);
	sim_put(writer, SIM_P_TRANSITION_DELAY_START, (uint32_t)values->transition_delay_start_ms);
	sim_put(writer, SIM_P_TRANSITION_DELAY_STOP, (uint32_t)values->transition_delay_stop_ms);
	sim_put(writer, SIM_P_ECM_REP_PERIOD, values->ecm_rep_period_ms);
	sim_put(writer, SIM_P_MAX_STREAMS, values->max_streams);
	sim_put(writer, SIM_P_MIN_CP_DURATION, values->min_cp_duration_ms / SIM_DURATION_UNIT_MS);
	sim_put(writer, SIM_P_LEAD_CW, values->window.lead_cw);
	sim_put(writer, SIM_P_CW_PER_MSG, values->window.cw_per_msg);
	sim_put(writer, SIM_P_MAX_COMP_TIME, values->max_comp_time_ms);
}

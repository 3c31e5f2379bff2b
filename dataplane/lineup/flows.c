// SPDX-License-Identifier: GPL-3.0-or-later
#include "lineup/flows.h"

#include <errno.h>
#include <stdio.h>

#include <rte_hash_crc.h>

#include "lineup/lineup.h"
#include "port/port.h"
#include "stage/frame.h"

// A cuckoo table alone may refuse flows long before it is full; one with an extension takes them all, and at half its
// size it is hardly needed.
static struct rte_hash *make(unsigned index)
{
	char name[16];
	struct rte_hash_parameters params = {.name = name,
					     .entries = 2 * DP_CONF_INPUTS_MAX,
					     .key_len = sizeof(struct dp_flow),
					     .hash_func = rte_hash_crc,
					     .socket_id = SOCKET_ID_ANY,
					     .extra_flag = RTE_HASH_EXTRA_FLAGS_EXT_TABLE};

	snprintf(name, sizeof(name), "inputs%u", index);
	return rte_hash_create(&params);
}

int dp_flows_open(struct dp_flows *flows)
{
	flows->table[0] = make(0);
	flows->table[1] = make(1);
	atomic_init(&flows->now, flows->table[0]);
	return flows->table[0] && flows->table[1] ? 0 : -ENOMEM;
}

void dp_flows_close(struct dp_flows *flows)
{
	rte_hash_free(flows->table[0]);
	rte_hash_free(flows->table[1]);
	flows->table[0] = flows->table[1] = NULL;
	atomic_init(&flows->now, NULL);
}

int dp_flows_publish(struct dp_flows *flows, const struct dp_lineup *lineup)
{
	struct rte_hash *next = flows->table[atomic_load(&flows->now) == flows->table[0]];

	rte_hash_reset(next);
	for (unsigned i = 0; i < lineup->inputs; i++) {
		struct dp_input *input = &lineup->input[i];

		if (!input->conf || atomic_load(&input->owner) == DP_OWNER_NONE ||
		    input->port->conf->driver == DP_PORT_FILE)
			continue;
		struct dp_flow flow = {.group = input->conf->group,
				       .udp_port = input->conf->udp_port,
				       .vlan = input->conf->vlan,
				       .port = input->conf->port};

		if (rte_hash_add_key_data(next, &flow, input))
			return -ENOMEM;
	}
	atomic_store(&flows->now, next);
	return 0;
}

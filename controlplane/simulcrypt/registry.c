// SPDX-License-Identifier: GPL-3.0-or-later
// Looking things up in the tables of the interfaces.
#include "simulcrypt/registry.h"

#include <base_check.h>

static const struct sim_registry *const registries[SIM_INTERFACES] = {
	[SIM_ECMG_SCS] = &sim_ecmg_scs,
	[SIM_EMMG_MUX] = &sim_emmg_mux,
};

const struct sim_registry *sim_registry_get(enum sim_interface interface)
{
	CHECK(interface < SIM_INTERFACES);
	return registries[interface];
}

const struct sim_message *sim_registry_message(const struct sim_registry *registry, uint16_t type)
{
	for (size_t i = 0; i < registry->messages_n; i++)
		if (registry->messages[i].type == type)
			return &registry->messages[i];
	return NULL;
}

const struct sim_parameter *sim_registry_parameter(const struct sim_registry *registry, uint16_t type)
{
	for (size_t i = 0; i < registry->parameters_n; i++)
		if (registry->parameters[i].type == type)
			return &registry->parameters[i];
	return NULL;
}

const char *sim_type_name(enum sim_interface interface, uint16_t type)
{
	const struct sim_message *message = sim_registry_message(sim_registry_get(interface), type);

	return message ? message->name : "unknown";
}

const char *sim_error_text(enum sim_interface interface, uint16_t status)
{
	const struct sim_registry *registry = sim_registry_get(interface);

	if (status == SIM_E_UNKNOWN)
		return "unknown error";
	if (status == SIM_E_UNRECOVERABLE)
		return "unrecoverable error";
	return status > 0 && status < registry->errors_n ? registry->errors[status] : "unknown error_status";
}

// The indices run through the interfaces one after the other.
int sim_type_index(uint16_t type)
{
	size_t first = 0;

	for (size_t i = 0; i < SIM_INTERFACES; i++) {
		const struct sim_message *message = sim_registry_message(registries[i], type);

		if (message)
			return (int)(first + (size_t)(message - registries[i]->messages));
		first += registries[i]->messages_n;
	}
	return -1;
}

const char *sim_index_name(size_t index)
{
	for (size_t i = 0; i < SIM_INTERFACES; i++) {
		if (index < registries[i]->messages_n)
			return registries[i]->messages[index].name;
		index -= registries[i]->messages_n;
	}
	return "unknown";
}

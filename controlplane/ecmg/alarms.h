// SPDX-License-Identifier: GPL-3.0-or-later
// What stands wrong with the CAS now, for its status document.
//
// Refs: docs/operator-api.md. Threads: the loop's. Owns: nothing.
#pragma once

#include <jansson.h>

#include "ecmg/operator.h"

// `vault_lost` (critical): no ECM can be made. `mux_lost` (major): no EMM can be sent.
json_t *cas_alarms_show(const struct cas_operator *of);

// SPDX-License-Identifier: GPL-3.0-or-later
// The member `ciphers` of the configuration.
//
// Refs: docs/dataplane-config.md. Threads: main.
#pragma once

#include <base_config.h>

#include "choice/choice.h"

// Reads what the operator says of the ciphers at `root`; nothing when the member is absent.
void dp_conf_read_ciphers(const struct base_config *root, struct dp_choice_wish *wish);

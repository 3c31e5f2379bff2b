// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a port can carry frames now: the link of a device, the peer of a memif, the interface under an af_packet.
//
// Threads: main. Errors: a port that cannot be asked is taken to be up.
#pragma once

#include <stdbool.h>

#include "conf/conf.h"

// The interface of an af_packet port, to be known again: 0 when there is none of this name.
unsigned dp_carrier_interface(const struct dp_conf_port *conf);

// True when frames can come and go. `interface` is what dp_carrier_interface said when the port was opened: its socket
// stays with that interface, and hears nothing of another that was given the name.
bool dp_carrier_up(const struct dp_conf_port *conf, uint16_t ethdev, unsigned interface);

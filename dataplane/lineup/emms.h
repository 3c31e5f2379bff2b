// SPDX-License-Identifier: GPL-3.0-or-later
// Between the EMM streams of a line-up and the outputs that send them.
//
// Threads: main, before READY. Errors: -ENOMEM.
#pragma once

#include "conf/conf.h"

struct dp_lineup;

// Makes the queues and gives each output of a stream's set its cursor.
int dp_lineup_connect_emms(struct dp_lineup *lineup, const struct dp_conf *conf);

// SPDX-License-Identifier: GPL-3.0-or-later
// Which worker owns which input.
//
// Threads: main, before READY.
#pragma once

struct dp_lineup;
struct dp_conf;

// Gives every input and group a worker. Inputs that share a scrambling group stay together, and so do those that
// read or feed one offline port, which only one worker can serve. The rest is spread in turn.
void dp_lineup_assign(struct dp_lineup *lineup, const struct dp_conf *conf);

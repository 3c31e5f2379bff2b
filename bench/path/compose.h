// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration and the key file of one case, composed as text and read by the dataplane's own readers.
//
// Threads: main. Errors: -ENOMEM; -EINVAL with the list.
#pragma once

#include "conf/conf.h"
#include "path/options.h"
#include "source/keyfile.h"

enum { BENCH_PORT_RX, BENCH_PORT_TX };

enum { BENCH_UDP_PORT = 5000 };

// Every service has an input, an output and a scrambling group of its own. *conf is filled.
int bench_compose_conf(struct dp_conf *conf, const struct bench_options *options, enum bench_mix mix, unsigned services,
		       struct base_errs *errs);

// A group for each service of a configuration; none for a clear one. *keyfile is GIVEN.
int bench_compose_keys(struct dp_keyfile *keyfile, const struct bench_options *options, const struct dp_conf *conf,
		       struct base_errs *errs);

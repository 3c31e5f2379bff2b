// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration and the key file of one case, composed as text and read by the dataplane's own readers.
//
// Threads: main. Errors: -ENOMEM; -EINVAL with the list.
#pragma once

#include "conf/conf.h"
#include "path/sample.h"
#include "source/keyfile.h"

enum { BENCH_PORT_RX, BENCH_PORT_TX };

enum {
	BENCH_UDP_PORT = 5000,
	BENCH_CPS = 4, // control words of a group, which follow one another for ever
};

// Inputs are as many as a plant takes: where there are more services, each is a multiplex of so many programmes.
unsigned bench_compose_programmes(unsigned services);

// Every service has an output and a scrambling group of its own: to 239.2.x.y, its index in 16 bits. *conf is filled.
int bench_compose_conf(struct dp_conf *conf, const struct bench_options *options, const struct bench_lineup *shape,
		       struct base_errs *errs);

// A group for each service of a configuration; none for a clear one. *keyfile is GIVEN.
int bench_compose_keys(struct dp_keyfile *keyfile, const struct bench_options *options, const struct dp_conf *conf,
		       struct base_errs *errs);

// The control word of a service for the crypto-periods cp, cp + BENCH_CPS and so on; `bytes` is 8 or 16. Any words
// will do; these are the same in every run and never meant for anything on air.
void bench_compose_word(uint8_t *cw, unsigned bytes, unsigned service, unsigned cp);

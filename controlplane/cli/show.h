// SPDX-License-Identifier: GPL-3.0-or-later
// What `bulkhead show` shows: a document of bulkhead-api as tables, states first. A member that is absent is a '-'.
//
// Threads: main. Owns: nothing; documents are BORROWED.
#pragma once

#include <stdbool.h>

#include <jansson.h>

bool cp_cli_can_show(const char *what);

// Asks and prints. Returns 0, or -EIO after saying what is wrong.
int cp_cli_show(const char *api, const char *what, const char *name, bool json);

void cp_show_services(const json_t *list);
void cp_show_service(const json_t *service);
void cp_show_ecmg(const json_t *list);
void cp_show_emmg(const json_t *list);
void cp_show_cas(const json_t *list);
void cp_show_inputs(const json_t *list);
void cp_show_outputs(const json_t *list);
void cp_show_ports(const json_t *list);
void cp_show_workers(const json_t *list);
void cp_show_alarms(const json_t *list);
void cp_show_status(const json_t *list);

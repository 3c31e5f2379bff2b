// SPDX-License-Identifier: GPL-3.0-or-later
// PSI and SDT of an input, followed and rewritten where the packets pass, in stream order: what a section says holds
// from the packet that completes it, so no PID goes on clear after its PMT has made it a stream to scramble, and two
// appliances that are fed the same packets send the same packets.
//
// Refs: ISO/IEC 13818-1 clause 2.4.4; ETSI EN 300 468 clause 5.2.3.
// Threads: the worker that owns the input. Owns: the input's PID table.
// Errors: counted; a section that cannot be used leaves what the last good one said.
#pragma once

#include <stdbool.h>

#include "lineup/lineup.h"

// The services of `list` (input->pcr_user at `pid` modulo DP_PCR_LISTS, or a service's pcr_next) that take their PCR
// from `pid`: the first of them, or NULL.
static inline struct dp_service *dp_psi_pcr_user(struct dp_service *list, uint16_t pid)
{
	while (list && list->pcr_pid != pid)
		list = list->pcr_next;
	return list;
}

// Goes through all of them, in the order of the configuration.
#define DP_PSI_EACH_PCR_USER(service, input, pid)                                                                 \
	for (struct dp_service *service = dp_psi_pcr_user((input)->pcr_user[(pid) % DP_PCR_LISTS], pid); service; \
	     service = dp_psi_pcr_user(service->pcr_next, pid))

// The list of the services of this group, and of some others, in an input: service->group_next leads on.
static inline struct dp_service **dp_psi_group_list(struct dp_input *input, const struct dp_group *group)
{
	return &input->group_user[(uintptr_t)group / sizeof(*group) % DP_GROUP_LISTS];
}

// Sets up the PID table before the first packet: nothing known but PAT, CAT, SDT and SI.
void dp_psi_init(struct dp_input *input);

// What comes from now on may be another stream: what would leave in clear waits until the PMTs of the scrambled
// services have been heard again. What is scrambled goes on.
void dp_psi_doubt(struct dp_input *input);

// The service of the input that is this programme, or NULL: there is one at most.
const struct dp_service *dp_psi_service(const struct dp_input *input, uint16_t program_number);

// Takes one packet of a PSI PID: follows and rewrites the sections it completes. input->emits is set when tables are
// to be sent at this place of the stream; they are marked `emit` in services and outputs.
void dp_psi_packet(struct dp_input *input, const uint8_t *packet);

// Reckons which PIDs the output writes itself: ECMs of its services' transforms, and its EMM streams.
void dp_psi_own(struct dp_output *output);

// Rewriting, one function per table.

// Follows a PAT section and makes the PATs of the input's outputs.
void dp_psi_pat(struct dp_input *input, const uint8_t *section, size_t n);

// Follows a section that came on `pid`, a PMT PID, and makes the PMT of the service it belongs to.
void dp_psi_pmt(struct dp_input *input, uint16_t pid, const uint8_t *section, size_t n);

// Follows the PMT taken last once more, under a new transform. The caller makes the map.
void dp_psi_pmt_again(struct dp_service *service);

// Makes the PMT taken last once more, for the algorithm that is on air now, and marks it to be sent.
void dp_psi_pmt_scrambling(struct dp_service *service);

// Makes the CATs of the input's outputs; `section` is the input's, or NULL when it has none.
void dp_psi_cat(struct dp_input *input, const uint8_t *section, size_t n);

// Follows the CAT taken last once more, or its absence, under new transforms. The caller makes the map. What comes out
// otherwise than before goes out at the next place of a table.
void dp_psi_cat_again(struct dp_input *input);

// The line-up has changed around the input. Three steps: which PIDs its outputs write themselves and where the PAT
// taken last has its programmes; each service that comes or changes, with the PMT of the one it replaces (`from`, or
// NULL); and what follows for all of the input. What comes out otherwise than before goes out at the next place of a
// table.
void dp_psi_pat_again(struct dp_input *input);
void dp_psi_service_again(struct dp_service *service, const struct dp_service *from);
void dp_psi_input_again(struct dp_input *input);

// Sets free_CA_mode in SDT sections; SDTs of other streams and BATs pass as they are.
void dp_psi_sdt(struct dp_input *input, const uint8_t *section, size_t n);

// Fills the PID table from what PAT, CAT and PMTs say now. Continuity state of PIDs that stay is kept. What an output
// writes itself no PMT may claim for it.
void dp_psi_map(struct dp_input *input);

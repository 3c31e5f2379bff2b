// SPDX-License-Identifier: GPL-3.0-or-later
// The receiver: takes every packet of a transport stream, finds the programmes, opens what is scrambled, counts.
//
// It follows PAT, CAT and PMTs of the stream itself, their new versions too. The algorithm comes from the
// scrambling_descriptor of the PMT (CSA1 without one) unless a single one was asked for. Control words come from a
// schedule, or, with keys, from the ECMs that the PMT's CA_descriptor names: the first of the CA system that stands for
// the whole programme, else the first of a stream. A stream that names another ECM PID than its programme stays closed.
//
// Refs: ISO/IEC 13818-1 clauses 2.4.3.3 (continuity_counter), 2.4.4.3, 2.4.4.6, 2.4.4.8, 2.6.16; ETSI EN 300 468
// (scrambling_descriptor).
// Threads: one owner. Owns: its tables, and the control words of ECMs in locked pages; configuration, schedule and keys
// are BORROWED.
// Errors: -ENOMEM.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stb_client.h>
#include <stb_descramble.h>
#include <stb_emm.h>
#include <stb_follower.h>
#include <stb_schedule.h>
#include <stb_words.h>
#include <ts_cat.h>
#include <ts_pat.h>
#include <ts_pmt.h>
#include <ts_section.h>

#define STB_PROGRAMMES_MAX TS_PAT_PROGRAMS_MAX

// Which scrambling group a programme is in.
struct stb_group_choice {
	unsigned program; // 0: all programmes that have no choice of their own
	const struct stb_group *group;
};

struct stb_receiver_config {
	enum stb_algorithm algorithm; // STB_ALGORITHM_AUTO: as signalled
	const struct stb_schedule *schedule;
	const struct stb_keys *keys; // NULL: the schedule opens the stream, else ECMs
	uint16_t ca_system_id;       // 0: any
	size_t wanted_n;             // 0: all programmes
	uint16_t wanted[STB_PROGRAMMES_MAX];
	size_t choices;
	struct stb_group_choice choice[STB_PROGRAMMES_MAX];
};

struct stb_programme {
	uint16_t number, pmt_pid;
	bool in_pat;
	bool shares;     // its PMT lists a PID that belongs to another programme
	int pmt_version; // -1: no PMT yet
	uint64_t pmt_changes;
	enum stb_algorithm algorithm;
	int scrambling_mode; // signalled, -1: no descriptor
	uint16_t pcr_pid;
	struct stb_follower follower; // with a schedule
	struct stb_ecm_stream ecm;    // with keys, as the next
	struct stb_words words;
};

struct stb_pid {
	struct stb_programme *programme;       // that lists it now, NULL: none
	struct stb_programme *listed_by;       // the last one that did, for the report
	struct ts_section_assembler *sections; // of PAT and PMT PIDs
	uint8_t stream_type;
	bool never_pauses; // video or audio
	bool other_ecm;    // it names an ECM PID that is not its programme's
	struct stb_follower_pid key;
	bool cc_known;
	unsigned cc, parity; // last ones; parity 0: none
	uint64_t pkts, even, odd, clear_payload, duplicates, cc_errors, parity_changes;
	uint64_t result[STB_RESULTS]; // of scrambled or broken packets
};

struct stb_receiver {
	const struct stb_receiver_config *config;
	struct stb_pid *pid;             // TS_PIDS of them
	struct stb_programme *programme; // STB_PROGRAMMES_MAX of them
	size_t programmes;
	// The PAT on air: its sections are put together before it counts.
	struct {
		bool started;
		uint16_t transport_stream_id;
		uint8_t version, last;
		uint64_t applied; // how often
		bool have[256];
		size_t n;
		struct {
			uint16_t number, pid;
		} entry[STB_PROGRAMMES_MAX];
	} pat;
	struct stb_client client; // with keys, as the next
	struct base_secret words; // of all programmes: STB_WORDS_BYTES each
	struct stb_emms emms;
	struct ts_pat pat_section; // parsing room
	struct ts_pmt pmt_section;
	uint64_t pkts;
	int error; // -ENOMEM met while following PSI
};

int stb_receiver_init(struct stb_receiver *r, const struct stb_receiver_config *config);
void stb_receiver_fini(struct stb_receiver *r);

// Takes one packet and opens it in place when it can. Returns 0 or -ENOMEM.
int stb_receiver_packet(struct stb_receiver *r, uint8_t *packet);

// PSI (psi.c): takes a packet of a PID with an assembler.
void stb_psi_packet(struct stb_receiver *r, struct stb_pid *pid, const uint8_t *packet);
// Begins to collect sections of a PID. 0 or -ENOMEM.
int stb_psi_listen(struct stb_receiver *r, uint16_t pid);

// Conditional access (psi_ca.c). Takes the ECM PID of a programme out of its PMT; `pmt` NULL: there is none any more.
void stb_ca_programme(struct stb_receiver *r, struct stb_programme *p, const struct ts_pmt *pmt);
// Takes a CAT, ECM or EMM section; others are passed over.
void stb_ca_section(struct stb_receiver *r, uint16_t pid, const uint8_t *section, size_t n);

// Did everything that was asked for open? Adds the reasons why not. Video or audio that is listed and did not arrive is
// one, and a programme of which nothing did; subtitles and data may pause.
bool stb_receiver_opened_all(const struct stb_receiver *r, struct base_errs *reasons);

// SPDX-License-Identifier: GPL-3.0-or-later
// Follows PAT and PMTs: which programmes there are, which PIDs they list, how they are scrambled.
#include <stb_receiver.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// PIDs of these types carry sections or other syntax; all others carry PES packets.
static bool carries_pes(uint8_t stream_type)
{
	switch (stream_type) {
	case 0x05: // private sections
	case 0x0A: // DSM-CC
	case 0x0B:
	case 0x0C:
	case 0x0D:
	case 0x13: // ISO/IEC 14496-1 in sections
	case 0x14: // synchronized download protocol
	case 0x16: // metadata in sections
	case 0x17:
	case 0x18:
	case 0x86: // SCTE 35
		return false;
	default:
		return true;
	}
}

// Audio in private PES packets is told by its descriptor (EN 300 468 annexes D, G and H).
static bool private_audio(const struct ts_desc_loop *info)
{
	static const uint8_t tags[] = {0x6A /* AC-3 */, 0x7A /* enhanced AC-3 */, 0x7B /* DTS */, 0x7C /* AAC */};
	struct ts_desc desc;

	for (size_t i = 0; i < sizeof(tags); i++)
		if (ts_desc_find(info, tags[i], &desc))
			return true;
	return false;
}

// Video and audio never pause; subtitles, teletext, data and types that nobody here knows may.
static bool never_pauses(const struct ts_pmt_stream *stream)
{
	switch (stream->stream_type) {
	case 0x01: // video
	case 0x02:
	case 0x10: // MPEG-4 visual
	case 0x1B: // AVC
	case 0x24: // HEVC
	case 0x33: // VVC
	case 0x03: // audio
	case 0x04:
	case 0x0F: // AAC in ADTS
	case 0x11: // AAC in LATM
	case 0x2D: // MPEG-H
		return true;
	case 0x06:
		return private_audio(&stream->info);
	default:
		return false;
	}
}

static const struct stb_group *choose_group(const struct stb_receiver_config *config, uint16_t number)
{
	const struct stb_group *all = NULL;

	for (size_t i = 0; i < config->choices; i++) {
		if (config->choice[i].program == number)
			return config->choice[i].group;
		if (config->choice[i].program == 0)
			all = config->choice[i].group;
	}
	return all;
}

static bool wanted(const struct stb_receiver_config *config, uint16_t number)
{
	for (size_t i = 0; i < config->wanted_n; i++)
		if (config->wanted[i] == number)
			return true;
	return config->wanted_n == 0;
}

static struct stb_programme *find_programme(struct stb_receiver *r, uint16_t number)
{
	for (size_t i = 0; i < r->programmes; i++)
		if (r->programme[i].number == number)
			return &r->programme[i];
	return NULL;
}

static void unlist(struct stb_receiver *r, const struct stb_programme *programme)
{
	for (size_t i = 0; i < TS_PIDS; i++)
		if (r->pid[i].programme == programme)
			r->pid[i].programme = NULL;
}

int stb_psi_listen(struct stb_receiver *r, uint16_t pid)
{
	if (r->pid[pid].sections)
		return 0;
	r->pid[pid].sections = malloc(sizeof(*r->pid[pid].sections));
	if (!r->pid[pid].sections)
		return -ENOMEM;
	ts_section_assembler_init(r->pid[pid].sections);
	return 0;
}

static void add_programme(struct stb_receiver *r, uint16_t number, uint16_t pmt_pid)
{
	struct stb_programme *p = find_programme(r, number);
	int rc;

	if (!wanted(r->config, number))
		return;
	if (!p) {
		if (r->programmes == STB_PROGRAMMES_MAX)
			return;
		p = &r->programme[r->programmes];
		*p = (struct stb_programme){.number = number,
					    .pmt_version = -1,
					    .scrambling_mode = -1,
					    .pcr_pid = TS_PID_NULL};
		rc = stb_follower_init(&p->follower, r->config->schedule, choose_group(r->config, number));
		if (rc < 0) {
			r->error = rc;
			return;
		}
		stb_ecm_stream_init(&p->ecm);
		if (r->config->keys)
			stb_words_init(&p->words, r->words.bytes + r->programmes * STB_WORDS_BYTES);
		r->programmes++;
	}
	if (p->pmt_pid != pmt_pid) {
		p->pmt_pid = pmt_pid;
		p->pmt_version = -1;
	}
	p->in_pat = true;
	rc = stb_psi_listen(r, pmt_pid);
	if (rc < 0)
		r->error = rc;
}

static void apply_pat(struct stb_receiver *r)
{
	r->pat.applied++;
	for (size_t i = 0; i < r->programmes; i++)
		r->programme[i].in_pat = false;
	for (size_t i = 0; i < r->pat.n; i++)
		if (r->pat.entry[i].number != 0)
			add_programme(r, r->pat.entry[i].number, r->pat.entry[i].pid);
	for (size_t i = 0; i < r->programmes; i++) {
		if (r->programme[i].in_pat)
			continue;
		unlist(r, &r->programme[i]);
		r->programme[i].pmt_version = -1;
		stb_ca_programme(r, &r->programme[i], NULL);
	}
}

// A PAT counts when all its sections are there.
static void take_pat(struct stb_receiver *r, const struct ts_pat *pat)
{
	if (!r->pat.started || pat->version != r->pat.version || pat->last != r->pat.last ||
	    pat->transport_stream_id != r->pat.transport_stream_id) {
		r->pat.started = true;
		r->pat.version = pat->version;
		r->pat.last = pat->last;
		r->pat.transport_stream_id = pat->transport_stream_id;
		r->pat.n = 0;
		memset(r->pat.have, 0, sizeof(r->pat.have));
	}
	if (pat->number > pat->last || r->pat.have[pat->number])
		return;
	r->pat.have[pat->number] = true;
	for (size_t i = 0; i < pat->n && r->pat.n < STB_PROGRAMMES_MAX; i++) {
		r->pat.entry[r->pat.n].number = pat->program[i].number;
		r->pat.entry[r->pat.n++].pid = pat->program[i].pid;
	}
	for (size_t i = 0; i <= pat->last; i++)
		if (!r->pat.have[i])
			return;
	apply_pat(r);
}

// Without a descriptor CSA1 is meant (EN 300 468).
static void set_algorithm(struct stb_receiver *r, struct stb_programme *p, const struct ts_pmt *pmt)
{
	struct ts_desc desc;
	int rc;

	p->scrambling_mode = -1;
	if (ts_desc_find(&pmt->info, TS_DESC_SCRAMBLING, &desc) && desc.n >= 1)
		p->scrambling_mode = desc.bytes[0];
	if (r->config->algorithm != STB_ALGORITHM_AUTO)
		p->algorithm = r->config->algorithm;
	else if (p->scrambling_mode < 0)
		p->algorithm = STB_CSA1;
	else
		p->algorithm = stb_algorithm_of_mode((uint8_t)p->scrambling_mode);
	if (!r->config->keys) {
		rc = stb_follower_set_cipher(&p->follower, stb_cipher_select(p->algorithm));
	} else {
		// Which words the ECM gives depends on it.
		if (p->words.cipher != stb_cipher_select(p->algorithm))
			stb_ecm_stream_forget(&p->ecm);
		rc = stb_words_set_cipher(&p->words, stb_cipher_select(p->algorithm));
	}
	if (rc < 0)
		r->error = rc;
}

// A PID that two programmes list belongs to the first.
static void list_streams(struct stb_receiver *r, struct stb_programme *p, const struct ts_pmt *pmt)
{
	unlist(r, p);
	p->shares = false;
	for (size_t i = 0; i < pmt->n; i++) {
		struct stb_pid *pid = &r->pid[pmt->stream[i].pid];

		if (pid->programme) {
			p->shares |= pid->programme != p;
			continue;
		}
		// What was remembered belongs to the other programme's schedule.
		if (pid->listed_by != p)
			pid->key.used = pid->key.proven = false;
		pid->programme = pid->listed_by = p;
		pid->stream_type = pmt->stream[i].stream_type;
		pid->never_pauses = never_pauses(&pmt->stream[i]);
		pid->key.pes = carries_pes(pid->stream_type);
	}
}

static void take_pmt(struct stb_receiver *r, uint16_t pid, const struct ts_pmt *pmt)
{
	struct stb_programme *p = find_programme(r, pmt->program_number);

	if (!p || !p->in_pat || p->pmt_pid != pid || p->pmt_version == pmt->version)
		return;
	p->pmt_changes += p->pmt_version >= 0;
	p->pmt_version = pmt->version;
	p->pcr_pid = pmt->pcr_pid;
	set_algorithm(r, p, pmt);
	list_streams(r, p, pmt);
	stb_ca_programme(r, p, pmt);
}

struct arrival {
	struct stb_receiver *r;
	uint16_t pid;
};

static void on_section(void *context, const uint8_t *section, size_t n)
{
	struct arrival *a = context;

	if (a->pid == TS_PID_PAT) {
		if (ts_pat_parse(&a->r->pat_section, section, n) == 0 && a->r->pat_section.current)
			take_pat(a->r, &a->r->pat_section);
	} else if (section[0] != TS_PMT_TABLE_ID) {
		stb_ca_section(a->r, a->pid, section, n);
	} else if (ts_pmt_parse(&a->r->pmt_section, section, n) == 0 && a->r->pmt_section.current) {
		take_pmt(a->r, a->pid, &a->r->pmt_section);
	}
}

void stb_psi_packet(struct stb_receiver *r, struct stb_pid *pid, const uint8_t *packet)
{
	struct arrival arrival = {.r = r, .pid = ts_packet_pid(packet)};

	ts_section_feed(pid->sections, packet, on_section, &arrival);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Did everything that was asked for open? Every reason why not, by programme and PID.
#include <stb_receiver.h>

#include <inttypes.h>
#include <stdio.h>

static const char *const why[STB_RESULTS] = {
	[STB_LOST] = "after the place in the schedule was lost",
	[STB_NO_CW] = "no CW of this parity, or the schedule was over",
	[STB_NO_ECM] = "the PMT names no ECM PID of the CA system for them",
	[STB_NO_GROUP] = "no scrambling group was given for the programme; say --group PROGRAM=NAME",
	[STB_NO_CIPHER] =
		"no descrambler: csa1 and csa2 need CWs of 16 digits, the others of 32, and the mode must be known",
	[STB_BROKEN] = "transport error, reserved transport_scrambling_control or malformed adaptation field",
};

static uint64_t arrived(const struct stb_pid *pid)
{
	return pid->even + pid->odd + pid->clear_payload;
}

static uint64_t judge_pid(const struct stb_pid *pid, unsigned number, bool by_ecm, struct base_errs *reasons)
{
	uint64_t scrambled = pid->even + pid->odd;
	char where[16];

	snprintf(where, sizeof(where), "PID 0x%04x", number);
	if (pid->programme && pid->never_pauses && arrived(pid) == 0)
		base_errs_add(reasons, where, "no packet arrived of this stream of type 0x%02x", pid->stream_type);
	for (size_t i = 0; i < STB_RESULTS; i++)
		if (why[i] && pid->result[i] > 0)
			base_errs_add(reasons, where, "%" PRIu64 " packets: %s", pid->result[i], why[i]);
	if (scrambled > 0 && pid->result[STB_WAITING] == scrambled)
		base_errs_add(reasons, where, "no CW of the %s opened any of %" PRIu64 " scrambled packets",
			      by_ecm ? "ECMs" : "group", scrambled);
	if (pid->key.pes_good < pid->key.pes_starts)
		base_errs_add(reasons, where, "%" PRIu64 " of %" PRIu64 " PES starts did not begin with 00 00 01",
			      pid->key.pes_starts - pid->key.pes_good, pid->key.pes_starts);
	return pid->key.pes_good;
}

// What is refused on the side does no harm; nothing opened at all does.
static void judge_ecms(const struct stb_ecm_stream *ecm, const char *where, struct base_errs *reasons)
{
	if (ecm->verdict[STB_ECM_OPENED] > 0)
		return;
	if (ecm->received == 0)
		base_errs_add(reasons, where, "no ECM arrived on PID 0x%04x", ecm->pid);
	for (size_t i = 0; i < STB_ECM_VERDICTS; i++)
		if (ecm->verdict[i] > 0)
			base_errs_add(reasons, where, "no ECM of PID 0x%04x opened, %" PRIu64 " were refused: %s",
				      ecm->pid, ecm->verdict[i], stb_ecm_verdict_name[i]);
}

static void judge_programme(const struct stb_receiver *r, const struct stb_programme *p, struct base_errs *reasons)
{
	uint64_t opened = 0, proofs = 0, packets = 0, scrambled = 0;
	char where[24];

	snprintf(where, sizeof(where), "programme %u", p->number);
	if (p->pmt_version < 0 && p->in_pat)
		base_errs_add(reasons, where, "no PMT arrived on PID 0x%04x", p->pmt_pid);
	for (unsigned i = 0; i < TS_PIDS; i++) {
		if (r->pid[i].listed_by != p)
			continue;
		proofs += judge_pid(&r->pid[i], i, r->config->keys, reasons);
		scrambled += r->pid[i].even + r->pid[i].odd;
		opened += r->pid[i].result[STB_OPENED];
		packets += arrived(&r->pid[i]);
	}
	// What arrived on a PID of two programmes is counted to the first.
	if (packets == 0 && !p->shares && !(p->pmt_version < 0 && p->in_pat))
		base_errs_add(reasons, where, "no packet of its streams arrived");
	if (opened > 0 && proofs == 0)
		base_errs_add(reasons, where, "%" PRIu64 " packets were opened, but no PES start proves the key",
			      opened);
	if (scrambled > 0 && p->ecm.pid != TS_PID_NULL)
		judge_ecms(&p->ecm, where, reasons);
}

static bool seen(const struct stb_receiver *r, uint16_t number)
{
	for (size_t i = 0; i < r->programmes; i++)
		if (r->programme[i].number == number)
			return true;
	return false;
}

bool stb_receiver_opened_all(const struct stb_receiver *r, struct base_errs *reasons)
{
	size_t before = reasons->count;

	if (r->pkts == 0)
		base_errs_add(reasons, "input", "no packets arrived");
	else if (r->pat.applied == 0)
		base_errs_add(reasons, "input", "no PAT arrived");
	else if (r->programmes == 0 && r->config->wanted_n == 0)
		base_errs_add(reasons, "input", "the PAT lists no programme");
	for (size_t i = 0; r->pat.applied > 0 && i < r->config->wanted_n; i++)
		if (!seen(r, r->config->wanted[i]))
			base_errs_add(reasons, "PAT", "does not list programme %u", r->config->wanted[i]);
	for (size_t i = 0; i < r->programmes; i++)
		judge_programme(r, &r->programme[i], reasons);
	return reasons->count == before;
}

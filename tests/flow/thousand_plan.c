// SPDX-License-Identifier: GPL-3.0-or-later
#include <thousand_plan.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Stands for the output itself.
enum { NO_PID = 0xFFFF };

static struct thousand_place *slot_of(struct thousand_plan *plan, uint32_t address, uint16_t pid)
{
	size_t at = (address * UINT32_C(2654435761) ^ pid * UINT32_C(40503)) % THOUSAND_PLACES;

	for (size_t tried = 0; tried < THOUSAND_PLACES; tried++, at = (at + 1) % THOUSAND_PLACES)
		if (!plan->place[at].address || (plan->place[at].address == address && plan->place[at].pid == pid))
			return &plan->place[at];
	return NULL;
}

const struct thousand_place *thousand_plan_find(const struct thousand_plan *plan, uint32_t address, uint16_t pid)
{
	const struct thousand_place *place = slot_of((struct thousand_plan *)plan, address, pid);

	return place && place->address ? place : NULL;
}

bool thousand_plan_has(const struct thousand_plan *plan, uint32_t address)
{
	return thousand_plan_find(plan, address, NO_PID) != NULL;
}

static int put(struct thousand_plan *plan, uint32_t address, unsigned pid)
{
	struct thousand_place *place = slot_of(plan, address, (uint16_t)pid);

	if (!place || !address)
		return -EBADMSG;
	*place = (struct thousand_place){address, (uint16_t)pid, (uint16_t)(plan->services - 1)};
	return 0;
}

static int take_pid(struct thousand_plan *plan, const char *text)
{
	char address[INET_ADDRSTRLEN];
	struct in_addr binary;
	unsigned pid;

	if (sscanf(text, "%15s %u", address, &pid) != 2 || inet_aton(address, &binary) == 0 || pid > 0x1FFE)
		return -EBADMSG;
	int rc = put(plan, ntohl(binary.s_addr), pid);

	return rc ? rc : put(plan, ntohl(binary.s_addr), NO_PID);
}

static int take_word(struct thousand_service *service, const char *text)
{
	char algorithm[8], digits[2 * THOUSAND_CW_MAX_BYTES + 1];
	struct thousand_word word = {0};

	if (service->words == THOUSAND_WORDS_MAX || sscanf(text, "%7s %32s", algorithm, digits) != 2)
		return -EBADMSG;
	word.cissa = strcmp(algorithm, "cissa") == 0;
	if (strlen(digits) != (word.cissa ? 32 : 16) || (!word.cissa && strcmp(algorithm, "csa2") != 0))
		return -EBADMSG;
	for (size_t i = 0; digits[2 * i]; i++)
		if (sscanf(digits + 2 * i, "%2hhx", &word.cw[i]) != 1)
			return -EBADMSG;
	service->word[service->words++] = word;
	return 0;
}

static int take_line(struct thousand_plan *plan, const char *line)
{
	if (strncmp(line, "service ", 8) == 0) {
		if (plan->services == THOUSAND_SERVICES_MAX)
			return -EBADMSG;
		return sscanf(line + 8, "%63s", plan->service[plan->services++].name) == 1 ? 0 : -EBADMSG;
	}
	if (plan->services == 0)
		return -EBADMSG;
	if (strncmp(line, "pid ", 4) == 0)
		return take_pid(plan, line + 4);
	return strncmp(line, "word ", 5) == 0 ? take_word(&plan->service[plan->services - 1], line + 5) : -EBADMSG;
}

int thousand_plan_read(struct thousand_plan *plan, const char *path)
{
	char line[256];
	int rc = 0;

	memset(plan, 0, sizeof(*plan));
	plan->service = calloc(THOUSAND_SERVICES_MAX, sizeof(*plan->service));
	if (!plan->service)
		return -ENOMEM;
	FILE *file = fopen(path, "r");

	if (!file)
		return -errno;
	while (rc == 0 && fgets(line, sizeof(line), file))
		rc = take_line(plan, line);
	if (rc)
		fprintf(stderr, "thousand_verdict: %s: bad line: %s", path, line);
	fclose(file);
	return rc;
}

void thousand_plan_free(struct thousand_plan *plan)
{
	free(plan->service);
	plan->service = NULL;
}

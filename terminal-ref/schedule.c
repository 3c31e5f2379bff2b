// SPDX-License-Identifier: GPL-3.0-or-later
// Control words of scrambling groups: holding them and finding one.
#include <stb_schedule.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <base_bytes.h>
#include <ts_packet.h>

int stb_schedule_load(struct stb_schedule *schedule, const char *path, struct base_errs *errs)
{
	struct base_secret text = {0};
	int rc;

	*schedule = (struct stb_schedule){0};
	rc = base_secret_load(&text, path, STB_SCHEDULE_MAX_BYTES, errs);
	if (rc < 0)
		return rc;
	rc = stb_schedule_parse(schedule, (const char *)text.bytes, text.len_bytes, path, errs);
	base_secret_fini(&text);
	return rc;
}

static int fixed_cw(struct stb_schedule *schedule, const char *digits, const char *option, struct base_errs *errs)
{
	struct stb_group *group = &schedule->group[0];
	size_t n = strlen(digits);
	uint8_t *cw = schedule->cws.bytes + group->n * STB_CW_MAX_BYTES;

	if ((n != 16 && n != 32) || base_bytes_from_hex(cw, STB_CW_MAX_BYTES, digits, n) < 0) {
		base_errs_add(errs, option, "a CW is 16 or 32 hexadecimal digits");
		return -EINVAL;
	}
	if (group->n > 0 && group->cw_bytes != n / 2) {
		base_errs_add(errs, option, "both keys need the same number of digits");
		return -EINVAL;
	}
	group->cw_bytes = (uint8_t)(n / 2);
	group->n++;
	return 0;
}

int stb_schedule_fixed(struct stb_schedule *schedule, const char *even, const char *odd, struct base_errs *errs)
{
	size_t capacity = 2 * STB_CW_MAX_BYTES;
	int rc;

	*schedule = (struct stb_schedule){0};
	rc = base_secret_init(&schedule->cws, capacity);
	if (rc < 0) {
		base_errs_add(errs, "keys", "cannot lock memory: %s", strerror(-rc));
		return rc;
	}
	schedule->cws.len_bytes = capacity;
	schedule->group = calloc(1, sizeof(*schedule->group));
	if (!schedule->group) {
		rc = -ENOMEM;
		goto free_all;
	}
	schedule->n = 1;
	memcpy(schedule->group->name, "fixed", sizeof("fixed"));
	schedule->group->first_cp = even ? 0 : 1;
	if (even)
		rc = fixed_cw(schedule, even, "--cw-even", errs);
	if (odd) {
		int odd_rc = fixed_cw(schedule, odd, "--cw-odd", errs);

		rc = rc < 0 ? rc : odd_rc;
	}
	if (rc == 0)
		return 0;
free_all:
	stb_schedule_free(schedule);
	return rc;
}

void stb_schedule_free(struct stb_schedule *schedule)
{
	base_secret_fini(&schedule->cws);
	free(schedule->group);
	*schedule = (struct stb_schedule){0};
}

const struct stb_group *stb_schedule_find(const struct stb_schedule *schedule, const char *name)
{
	for (size_t i = 0; i < schedule->n; i++)
		if (strcmp(schedule->group[i].name, name) == 0)
			return &schedule->group[i];
	return NULL;
}

const uint8_t *stb_schedule_cw(const struct stb_schedule *schedule, const struct stb_group *group, uint32_t index)
{
	return schedule->cws.bytes + (size_t)(group->first + index) * STB_CW_MAX_BYTES;
}

unsigned stb_group_parity(const struct stb_group *group, uint32_t index)
{
	return (group->first_cp + index) & 1 ? TS_TSC_ODD : TS_TSC_EVEN;
}

bool stb_group_next(const struct stb_group *group, uint32_t *index)
{
	if (*index + 1 < group->n)
		++*index;
	else if (group->repeat)
		*index = 0;
	else
		return false;
	return true;
}

bool stb_group_previous(const struct stb_group *group, uint32_t *index)
{
	if (*index > 0)
		--*index;
	else if (group->repeat)
		*index = group->n - 1;
	else
		return false;
	return true;
}

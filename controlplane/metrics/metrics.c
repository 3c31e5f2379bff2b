// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/metrics.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "metrics/batches.h"
#include "metrics/families.h"
#include "metrics/histogram.h"

static json_t *member(const json_t *json, const char *key)
{
	char outer[32];
	size_t n = strcspn(key, "/");

	if (key[n] == '\0' || n >= sizeof(outer))
		return json_object_get(json, key);
	memcpy(outer, key, n);
	outer[n] = '\0';
	return json_object_get(json_object_get(json, outer), key + n + 1);
}

static void write_number(FILE *out, const struct cp_family_row *row, const char *labels, double value)
{
	json_t *number = json_real(value);

	cp_write_sample(out, &row->family, labels, NULL, NULL, number, 1);
	json_decref(number);
}

static void write_state(FILE *out, const struct cp_family_row *row, const char *labels, const char *state)
{
	static const char *const states[] = {"on_air", "held", "waiting", "clear", "unknown"};

	for (size_t i = 0; state && i < sizeof(states) / sizeof(states[0]); i++) {
		json_t *is = json_integer(strcmp(state, states[i]) == 0);

		cp_write_sample(out, &row->family, labels, row->family.name, states[i], is, 1);
		json_decref(is);
	}
}

static void write_map(FILE *out, const struct cp_family_row *row, const char *labels, const char *label, json_t *map,
		      double scale)
{
	size_t n = 0;
	const char *name;
	json_t *value;

	json_object_foreach(map, name, value)
	{
		if (n++ == CP_WRITE_MAP_MAX)
			break;
		if (cp_write_is_plain(name))
			cp_write_sample(out, &row->family, labels, label, name, value, scale);
	}
}

static void write_ticks(FILE *out, const struct cp_family_row *row, const struct cp_subject *subject, json_t *ticks)
{
	double hz = json_number_value(json_object_get(subject->json, "tsc_hz"));

	if (hz > 0 && json_is_object(ticks))
		write_map(out, row, subject->labels, row->label, ticks, 1 / hz);
	else if (hz > 0)
		cp_write_sample(out, &row->family, subject->labels, NULL, NULL, ticks, 1 / hz);
}

static void write_times(FILE *out, const struct cp_family_row *row, const char *labels, const json_t *times)
{
	struct cp_histogram histogram = {.counts = json_object_get(times, "us_pow4"), .steps = CP_STEPS_US_POW4};

	if (cp_histogram_sound(&histogram))
		cp_write_histogram(out, row->family.name, labels, NULL, NULL, &histogram);
}

static void write_pdus(FILE *out, const struct cp_family_row *row, const struct cp_subject *subject)
{
	static const char *const directions[] = {"sent", "received"};
	const json_t *dialogue = *row->key ? json_object_get(subject->json, row->key) : subject->json;

	for (size_t i = 0; i < 2; i++) {
		char *labels = NULL;

		if (asprintf(&labels, "%s,direction=\"%s\"", subject->labels, directions[i]) < 0)
			continue;
		write_map(out, row, labels, "type", json_object_get(dialogue, directions[i]), 1);
		free(labels);
	}
}

// The labels of an info are words of the subject; those that are absent are left out.
static void write_info(FILE *out, const struct cp_family_row *row, const struct cp_subject *subject)
{
	char words[64], *rest = words;

	if (!subject->json)
		return;
	strcpy(words, row->label);
	fprintf(out, "%s_info{%s", row->family.name, subject->labels);
	for (const char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
		const char *value = json_string_value(json_object_get(subject->json, word));

		if (!value)
			continue;
		putc(',', out);
		cp_write_label(out, word, value);
	}
	fputs("} 1\n", out);
}

static void write_subject(FILE *out, const struct cp_family_row *row, const struct cp_subject *subject)
{
	json_t *value = member(subject->json, row->key);
	const char *word = json_string_value(value);

	switch (row->shape) {
	case CP_SHAPE_NUMBER:
		cp_write_sample(out, &row->family, subject->labels, NULL, NULL, value, row->scale > 0 ? row->scale : 1);
		break;
	case CP_SHAPE_TRUE:
		if (value)
			write_number(out, row, subject->labels, json_is_true(value) || (word && !strcmp(word, "open")));
		break;
	case CP_SHAPE_STATE:
		write_state(out, row, subject->labels, word);
		break;
	case CP_SHAPE_MAP:
		write_map(out, row, subject->labels, row->label, value, 1);
		break;
	case CP_SHAPE_TICKS:
		write_ticks(out, row, subject, value);
		break;
	case CP_SHAPE_PDUS:
		write_pdus(out, row, subject);
		break;
	case CP_SHAPE_ELEMENTS:
		if (value)
			write_number(out, row, subject->labels, (double)json_array_size(value));
		break;
	case CP_SHAPE_FILL:
	case CP_SHAPE_KEYS:
		cp_write_batches(out, row, subject->labels, value);
		break;
	case CP_SHAPE_TIMES:
		write_times(out, row, subject->labels, value);
		break;
	case CP_SHAPE_INFO:
		write_info(out, row, subject);
		break;
	}
}

// What is known without a document: which process is there, and how old what it said is.
static void write_processes(FILE *out, const struct cp_snapshot *snapshots, unsigned n)
{
	static const struct cp_family_row build = {{"bulkhead_build", "info", "", "The version of bulkhead-api"}};
	static const struct cp_family_row up = {{"bulkhead_up", "gauge", "", "1 when the process answers"}};
	static const struct cp_family_row age = {
		{"bulkhead_snapshot_age_seconds", "gauge", "seconds", "Since the last answer of the process"}};
	struct cp_subjects processes;

	cp_write_family(out, &build.family);
	fputs("bulkhead_build_info{version=\"" BULKHEAD_VERSION "\"} 1\n", out);
	cp_subjects_init(&processes, CP_SUBJECT_PROCESS, snapshots, n);
	cp_write_family(out, &up.family);
	for (size_t i = 0; i < processes.n; i++)
		write_number(out, &up, processes.item[i].labels, processes.item[i].snapshot->status != NULL);
	cp_write_family(out, &age.family);
	for (size_t i = 0; i < processes.n; i++)
		if (processes.item[i].snapshot->age_s >= 0)
			write_number(out, &age, processes.item[i].labels, processes.item[i].snapshot->age_s);
	cp_subjects_fini(&processes);
}

// A process that is gone counts as one of severity major, as in /v1/alarms.
static void write_alarms(FILE *out, const struct cp_snapshot *snapshots, unsigned n)
{
	static const struct cp_family_row alarms = {{"bulkhead_alarms", "gauge", "", "Alarms that stand, by severity"}};
	static const char *const severities[] = {"critical", "major", "minor", "warning"};

	cp_write_family(out, &alarms.family);
	for (size_t s = 0; s < 4; s++) {
		json_int_t standing = 0;
		size_t i;
		json_t *alarm;

		for (unsigned p = 0; p < n; p++) {
			standing += s == 1 && !snapshots[p].status;
			json_array_foreach(json_object_get(snapshots[p].status, "alarms"), i, alarm)
			{
				const char *word = json_string_value(json_object_get(alarm, "severity"));

				standing += word && strcmp(word, severities[s]) == 0;
			}
		}
		json_t *number = json_integer(standing);

		cp_write_sample(out, &alarms.family, "", "severity", severities[s], number, 1);
		json_decref(number);
	}
}

char *cp_metrics_text(const struct cp_snapshot *snapshots, unsigned n, size_t *bytes)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, bytes);

	if (!out)
		return NULL;
	write_processes(out, snapshots, n);
	write_alarms(out, snapshots, n);
	for (size_t r = 0; r < cp_families_n; r++) {
		struct cp_subjects subjects;

		cp_subjects_init(&subjects, cp_families[r].subject, snapshots, n);
		cp_write_family(out, &cp_families[r].family);
		for (size_t i = 0; i < subjects.n; i++)
			write_subject(out, &cp_families[r], &subjects.item[i]);
		cp_subjects_fini(&subjects);
	}
	fputs("# EOF\n", out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

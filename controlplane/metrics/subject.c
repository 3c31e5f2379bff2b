// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/subject.h"

#include <stdlib.h>
#include <string.h>

#include "metrics/writer.h"

// Two labels at most: those of the object that holds a list (or NULL), and its own.
struct names {
	const char *outer, *outer_value, *label, *value;
};

static char *labels_text(const struct names *names)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (!out)
		return NULL;
	if (names->outer) {
		cp_write_label(out, names->outer, names->outer_value);
		putc(',', out);
	}
	if (names->label)
		cp_write_label(out, names->label, names->value);
	fclose(out);
	return text;
}

// TAKES `labels`.
static void add(struct cp_subjects *subjects, const json_t *json, const struct cp_snapshot *snapshot, char *labels)
{
	struct cp_subject *grown = NULL;

	if (labels && !json_object_get(subjects->seen, labels) &&
	    json_object_set_new(subjects->seen, labels, json_true()) == 0)
		grown = realloc(subjects->item, (subjects->n + 1) * sizeof(*grown));
	if (!grown) {
		free(labels);
		return;
	}
	subjects->item = grown;
	grown[subjects->n++] = (struct cp_subject){.json = json, .snapshot = snapshot, .labels = labels};
}

static void add_list(struct cp_subjects *subjects, const json_t *list, const char *key, struct names names)
{
	char number[32];
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item)
	{
		const json_t *own = json_object_get(item, key);

		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(own));
		names.value = json_is_integer(own) ? number : json_string_value(own);
		if (names.value)
			add(subjects, item, NULL, labels_text(&names));
	}
}

static void add_ecms(struct cp_subjects *subjects, const json_t *groups)
{
	size_t i;
	json_t *group;

	json_array_foreach(groups, i, group)
	{
		const char *name = json_string_value(json_object_get(group, "name"));

		if (name)
			add_list(subjects, json_object_get(group, "cas"), "ecmg",
				 (struct names){.outer = "group", .outer_value = name, .label = "ecmg"});
	}
}

// There is one bulkhead-control; of the others the socket tells which.
static void add_process(struct cp_subjects *subjects, const struct cp_snapshot *snapshot)
{
	const struct cp_process *process = snapshot->process;
	struct names names = {.label = "process", .value = process->kind};

	if (strcmp(process->kind, "cas") == 0)
		names = (struct names){.outer = "process",
				       .outer_value = process->kind,
				       .label = "socket",
				       .value = process->path};
	add(subjects, json_object_get(snapshot->status, process->kind), snapshot, labels_text(&names));
}

static void add_cas(struct cp_subjects *subjects, const struct cp_snapshot *snapshot)
{
	if (snapshot->status && strcmp(snapshot->process->kind, "cas") == 0)
		add(subjects, snapshot->status, snapshot,
		    labels_text(&(struct names){.label = "cas", .value = snapshot->name}));
}

// Lists of bulkhead-control's status: which member, which label, and the member that is its value.
static const struct {
	const char *list, *label, *key;
} lists[] = {
	[CP_SUBJECT_SERVICE] = {"services", "service", "name"}, [CP_SUBJECT_GROUP] = {"groups", "group", "name"},
	[CP_SUBJECT_ECMG] = {"ecmg", "ecmg", "name"},           [CP_SUBJECT_EMMG] = {"emmg", "emmg", "name"},
	[CP_SUBJECT_PORT] = {"ports", "port", "name"},          [CP_SUBJECT_WORKER] = {"workers", "worker", "worker"},
	[CP_SUBJECT_INPUT] = {"inputs", "input", "name"},       [CP_SUBJECT_OUTPUT] = {"outputs", "output", "name"},
};

void cp_subjects_init(struct cp_subjects *subjects, enum cp_subject_kind kind, const struct cp_snapshot *snapshots,
		      unsigned n)
{
	const json_t *control = snapshots[0].status, *dataplane = json_object_get(control, "dataplane");

	*subjects = (struct cp_subjects){.seen = json_object()};
	for (unsigned i = 0; i < n && kind == CP_SUBJECT_PROCESS; i++)
		add_process(subjects, &snapshots[i]);
	for (unsigned i = 0; i < n && kind == CP_SUBJECT_CAS; i++)
		add_cas(subjects, &snapshots[i]);
	if (kind == CP_SUBJECT_DATAPLANE && dataplane)
		add(subjects, dataplane, NULL, strdup(""));
	if (kind == CP_SUBJECT_ECM)
		add_ecms(subjects, json_object_get(control, "groups"));
	if (kind < sizeof(lists) / sizeof(lists[0]) && lists[kind].list)
		add_list(subjects, json_object_get(control, lists[kind].list), lists[kind].key,
			 (struct names){.label = lists[kind].label});
}

void cp_subjects_fini(struct cp_subjects *subjects)
{
	for (size_t i = 0; i < subjects->n; i++)
		free(subjects->item[i].labels);
	free(subjects->item);
	json_decref(subjects->seen);
}

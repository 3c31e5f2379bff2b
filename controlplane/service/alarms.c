// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/alarms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <base_log.h>

#include "service/walltime.h"

static const struct {
	const char *name;
	enum cp_severity severity;
	const char *text;
} kinds[CP_ALARMS] = {
#define X(symbol, name, severity, text) [CP_ALARM_##symbol] = {(name), CP_##severity, (text)},
	CP_ALARM_TABLE(X)
#undef X
};

static const char *const severity_name[] = {"critical", "major", "minor", "warning"};

void cp_alarms_fini(struct cp_alarms *alarms)
{
	for (unsigned i = 0; i < alarms->n; i++)
		free(alarms->alarm[i]);
	free(alarms->alarm);
	*alarms = (struct cp_alarms){0};
}

static int compare(const struct cp_alarm *alarm, bool of_dataplane, const char *name, const char *object)
{
	if (alarm->of_dataplane != of_dataplane)
		return of_dataplane ? -1 : 1;
	int order = strcmp(alarm->name, name);

	return order ? order : strcmp(alarm->object, object);
}

// The place of the first alarm that does not stand before this one.
static unsigned place_of(const struct cp_alarms *alarms, bool of_dataplane, const char *name, const char *object)
{
	unsigned low = 0, high = alarms->n;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (compare(alarms->alarm[middle], of_dataplane, name, object) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct cp_alarm *find(const struct cp_alarms *alarms, bool of_dataplane, const char *name, const char *object)
{
	unsigned place = place_of(alarms, of_dataplane, name, object);

	if (place < alarms->n && compare(alarms->alarm[place], of_dataplane, name, object) == 0)
		return alarms->alarm[place];
	return NULL;
}

static bool make_room(struct cp_alarms *alarms)
{
	unsigned capacity = alarms->capacity ? alarms->capacity * 2 : 32;

	if (alarms->n < alarms->capacity)
		return true;
	if (alarms->n == CP_ALARMS_MAX)
		return false;
	struct cp_alarm **alarm = reallocarray(alarms->alarm, capacity, sizeof(struct cp_alarm *));

	if (!alarm)
		return false;
	alarms->alarm = alarm;
	alarms->capacity = capacity;
	return true;
}

static void add(struct cp_alarms *alarms, const struct cp_alarm *what)
{
	struct cp_alarm *alarm = make_room(alarms) ? malloc(sizeof(*alarm)) : NULL;

	if (!alarm) {
		alarms->lost++;
		return;
	}
	unsigned place = place_of(alarms, what->of_dataplane, what->name, what->object);

	*alarm = *what;
	alarm->since = cp_walltime_s();
	memmove(alarms->alarm + place + 1, alarms->alarm + place, (alarms->n++ - place) * sizeof(struct cp_alarm *));
	alarms->alarm[place] = alarm;
}

static void raise_alarm(struct cp_alarms *alarms, const struct cp_alarm *what)
{
	struct cp_alarm *alarm = find(alarms, what->of_dataplane, what->name, what->object);

	if (alarm) {
		alarm->count = what->of_dataplane ? what->count : alarm->count + 1;
		return;
	}
	base_log(what->severity <= CP_MAJOR ? BASE_LOG_ERROR : BASE_LOG_WARNING, "alarm",
		 "alarm raised name=%s severity=%s object=\"%s\" text=\"%s\"", what->name,
		 severity_name[what->severity], what->object, what->text);
	add(alarms, what);
}

static void clear_at(struct cp_alarms *alarms, unsigned place)
{
	struct cp_alarm *alarm = alarms->alarm[place];

	base_log(BASE_LOG_INFO, "alarm", "alarm cleared name=%s object=\"%s\" count=%llu", alarm->name, alarm->object,
		 (unsigned long long)alarm->count);
	free(alarm);
	memmove(alarms->alarm + place, alarms->alarm + place + 1, (--alarms->n - place) * sizeof(struct cp_alarm *));
}

static void clear_alarm(struct cp_alarms *alarms, bool of_dataplane, const char *name, const char *object)
{
	if (find(alarms, of_dataplane, name, object))
		clear_at(alarms, place_of(alarms, of_dataplane, name, object));
}

void cp_alarm_raise(struct cp_alarms *alarms, enum cp_alarm_kind kind, const char *object)
{
	struct cp_alarm alarm = {.severity = kinds[kind].severity, .count = 1};

	snprintf(alarm.name, sizeof(alarm.name), "%s", kinds[kind].name);
	snprintf(alarm.object, sizeof(alarm.object), "%s", object);
	snprintf(alarm.text, sizeof(alarm.text), "%s", kinds[kind].text);
	raise_alarm(alarms, &alarm);
}

void cp_alarm_clear(struct cp_alarms *alarms, enum cp_alarm_kind kind, const char *object)
{
	clear_alarm(alarms, false, kinds[kind].name, object);
}

void cp_alarms_take(struct cp_alarms *alarms, const struct dp_msg_alarm *msg)
{
	struct cp_alarm alarm = {.of_dataplane = true, .count = msg->count};

	alarm.severity = msg->severity <= CP_WARNING ? (enum cp_severity)msg->severity : CP_WARNING;
	memcpy(alarm.name, msg->name, sizeof(alarm.name));
	memcpy(alarm.object, msg->object, sizeof(alarm.object));
	memcpy(alarm.text, msg->text, sizeof(alarm.text));
	if (msg->raised)
		raise_alarm(alarms, &alarm);
	else
		clear_alarm(alarms, true, alarm.name, alarm.object);
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

// Marks what stands already and is in the list (BORROWED); the rest of the dataplane's stands no more.
static void clear_unlisted(struct cp_alarms *alarms, const json_t *list)
{
	size_t i;
	json_t *json;

	for (unsigned k = 0; k < alarms->n; k++)
		alarms->alarm[k]->listed = false;
	json_array_foreach(list, i, json)
	{
		struct cp_alarm *alarm = find(alarms, true, text_of(json, "name"), text_of(json, "object"));

		if (alarm)
			alarm->listed = true;
	}
	for (unsigned k = alarms->n; k-- > 0;)
		if (alarms->alarm[k]->of_dataplane && !alarms->alarm[k]->listed)
			clear_at(alarms, k);
}

static void take_one(struct cp_alarms *alarms, const json_t *json)
{
	struct cp_alarm alarm = {.of_dataplane = true, .severity = CP_WARNING};

	snprintf(alarm.name, sizeof(alarm.name), "%s", text_of(json, "name"));
	snprintf(alarm.object, sizeof(alarm.object), "%s", text_of(json, "object"));
	snprintf(alarm.text, sizeof(alarm.text), "%s", text_of(json, "text"));
	for (int s = CP_CRITICAL; s <= CP_WARNING; s++)
		if (strcmp(text_of(json, "severity"), severity_name[s]) == 0)
			alarm.severity = (enum cp_severity)s;
	alarm.count = (uint64_t)json_integer_value(json_object_get(json, "count"));
	raise_alarm(alarms, &alarm);
}

void cp_alarms_take_all(struct cp_alarms *alarms, const json_t *list)
{
	size_t i;
	json_t *json;

	clear_unlisted(alarms, list);
	json_array_foreach(list, i, json) take_one(alarms, json);
}

json_t *cp_alarms_json(const struct cp_alarms *alarms)
{
	json_t *list = json_array();

	for (int severity = CP_CRITICAL; severity <= CP_WARNING; severity++)
		for (unsigned i = 0; i < alarms->n; i++) {
			const struct cp_alarm *alarm = alarms->alarm[i];

			if ((int)alarm->severity == severity)
				json_array_append_new(list,
						      json_pack("{s:s, s:s, s:s, s:s, s:f, s:I}", "name", alarm->name,
								"severity", severity_name[severity], "object",
								alarm->object, "text", alarm->text, "since",
								alarm->since, "count", (json_int_t)alarm->count));
		}
	return list;
}

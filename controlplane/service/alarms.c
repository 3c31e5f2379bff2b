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
	free(alarms->alarm);
	*alarms = (struct cp_alarms){0};
}

static struct cp_alarm *find(const struct cp_alarms *alarms, bool of_dataplane, const char *name, const char *object)
{
	for (unsigned i = 0; i < alarms->n; i++) {
		struct cp_alarm *alarm = &alarms->alarm[i];

		if (alarm->of_dataplane == of_dataplane && strcmp(alarm->name, name) == 0 &&
		    strcmp(alarm->object, object) == 0)
			return alarm;
	}
	return NULL;
}

static struct cp_alarm *add(struct cp_alarms *alarms)
{
	if (alarms->n == alarms->capacity && alarms->capacity < CP_ALARMS_MAX) {
		unsigned capacity = alarms->capacity ? alarms->capacity * 2 : 32;
		struct cp_alarm *alarm = reallocarray(alarms->alarm, capacity, sizeof(*alarm));

		if (alarm) {
			alarms->alarm = alarm;
			alarms->capacity = capacity;
		}
	}
	if (alarms->n == alarms->capacity) {
		alarms->lost++;
		return NULL;
	}
	return &alarms->alarm[alarms->n++];
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
	alarm = add(alarms);
	if (!alarm)
		return;
	*alarm = *what;
	alarm->since = cp_walltime_s();
}

static void clear_alarm(struct cp_alarms *alarms, struct cp_alarm *alarm)
{
	if (!alarm)
		return;
	base_log(BASE_LOG_INFO, "alarm", "alarm cleared name=%s object=\"%s\" count=%llu", alarm->name, alarm->object,
		 (unsigned long long)alarm->count);
	*alarm = alarms->alarm[--alarms->n];
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
	clear_alarm(alarms, find(alarms, false, kinds[kind].name, object));
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
		clear_alarm(alarms, find(alarms, true, alarm.name, alarm.object));
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static bool same(const struct cp_alarm *alarm, const json_t *json)
{
	return strcmp(alarm->name, text_of(json, "name")) == 0 && strcmp(alarm->object, text_of(json, "object")) == 0;
}

static bool listed(const struct cp_alarm *alarm, const json_t *list)
{
	size_t i;
	json_t *json;

	json_array_foreach(list, i, json) if (same(alarm, json)) return true;
	return false;
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

	for (unsigned k = alarms->n; k-- > 0;)
		if (alarms->alarm[k].of_dataplane && !listed(&alarms->alarm[k], list))
			clear_alarm(alarms, &alarms->alarm[k]);
	json_array_foreach(list, i, json) take_one(alarms, json);
}

json_t *cp_alarms_json(const struct cp_alarms *alarms)
{
	json_t *list = json_array();

	for (int severity = CP_CRITICAL; severity <= CP_WARNING; severity++)
		for (unsigned i = 0; i < alarms->n; i++) {
			const struct cp_alarm *alarm = &alarms->alarm[i];

			if ((int)alarm->severity == severity)
				json_array_append_new(list,
						      json_pack("{s:s, s:s, s:s, s:s, s:f, s:I}", "name", alarm->name,
								"severity", severity_name[severity], "object",
								alarm->object, "text", alarm->text, "since",
								alarm->since, "count", (json_int_t)alarm->count));
		}
	return list;
}

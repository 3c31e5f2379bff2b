// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/process.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "oplink/oplink.h"

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void init_one(struct cp_process *process, const char *kind, const char *path)
{
	*process = (struct cp_process){.kind = kind, .path = path, .asked_ms = INT64_MIN / 2, .answered_ms = -1};
	pthread_mutex_init(&process->lock, NULL);
}

void cp_processes_init(struct cp_processes *processes, const char *control, const char *const *cas, unsigned cas_n)
{
	processes->n = 1 + cas_n;
	init_one(&processes->process[0], "control", control);
	for (unsigned i = 0; i < cas_n; i++)
		init_one(&processes->process[1 + i], "cas", cas[i]);
}

void cp_processes_fini(struct cp_processes *processes)
{
	for (unsigned i = 0; i < processes->n; i++) {
		json_decref(processes->process[i].status);
		pthread_mutex_destroy(&processes->process[i].lock);
	}
}

// The status of a process has a member of its kind, with its name.
static void note_name(struct cp_process *process)
{
	const json_t *self = json_object_get(process->status, process->kind);
	const char *name = json_string_value(json_object_get(self, "name"));

	if (!name || !*name || strlen(name) >= CP_PROCESS_NAME_BYTES) {
		json_decref(process->status);
		process->status = NULL;
		process->error = -EPROTO;
	} else {
		memcpy(process->name, name, strlen(name) + 1);
		process->answered_ms = now_ms();
	}
}

static void ask(struct cp_process *process)
{
	json_t *request = json_pack("{s:s}", "get", "status");

	json_decref(process->status);
	process->error = -ENOMEM;
	process->status = request ? cp_oplink_ask(process->path, request, CP_PROCESS_LIMIT_MS, &process->error) : NULL;
	json_decref(request);
	if (process->status)
		note_name(process);
	process->asked_ms = now_ms();
}

// Who comes while another asks waits for the same answer.
void cp_process_look(struct cp_process *process, struct cp_snapshot *out)
{
	pthread_mutex_lock(&process->lock);
	if (now_ms() - process->asked_ms >= CP_PROCESS_SHARED_MS)
		ask(process);
	*out = (struct cp_snapshot){
		.process = process,
		.status = json_incref(process->status),
		.error = process->error,
		.age_s = process->answered_ms < 0 ? -1 : (double)(now_ms() - process->answered_ms) / 1000,
	};
	memcpy(out->name, process->name, sizeof(out->name));
	pthread_mutex_unlock(&process->lock);
}

void cp_snapshot_put(struct cp_snapshot *snapshot)
{
	json_decref(snapshot->status);
	snapshot->status = NULL;
}

struct look {
	pthread_t thread;
	bool started;
	struct cp_process *process;
	struct cp_snapshot *out;
};

static void *look_one(void *context)
{
	struct look *look = context;

	cp_process_look(look->process, look->out);
	return NULL;
}

void cp_processes_look(struct cp_processes *processes, struct cp_snapshot out[CP_PROCESSES_MAX])
{
	struct look look[CP_PROCESSES_MAX];

	for (unsigned i = 0; i < processes->n; i++) {
		look[i] = (struct look){.process = &processes->process[i], .out = &out[i]};
		look[i].started = pthread_create(&look[i].thread, NULL, look_one, &look[i]) == 0;
		if (!look[i].started)
			look_one(&look[i]);
	}
	for (unsigned i = 0; i < processes->n; i++)
		if (look[i].started)
			pthread_join(look[i].thread, NULL);
}

const char *cp_snapshot_why(const struct cp_snapshot *snapshot)
{
	switch (-snapshot->error) {
	case ENOENT:
	case ECONNREFUSED:
		return "nobody listens there: is it running?";
	case ETIMEDOUT:
		return "no answer within 2 s: is it stopped or overloaded?";
	case ECONNRESET:
	case EPIPE:
		return "it closed without an answer";
	case EACCES:
	case EPERM:
		return "permission denied: bulkhead-api must run as the same user";
	case EBADMSG:
		return "its answer is no JSON object";
	case EMSGSIZE:
		return "its answer is over 8 MiB";
	case EPROTO:
		return "what answers there is another kind of process";
	case 0:
		return "";
	default:
		return strerrordesc_np(-snapshot->error);
	}
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Status documents of a process that is not trusted, as bulkhead-api and bulkhead make documents, metrics and tables of
// them. The input is control's and, after a new line, that of a CAS. No line of the metrics is broken, no control
// reaches the terminal.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cli/show.h>
#include <cli/table.h>
#include <fuzz.h>
#include <http/document.h>
#include <metrics/metrics.h>

// Standard output goes to memory while `print` prints.
static void check_printed(void (*print)(const json_t *), const json_t *json)
{
	static int memory = -1, terminal = -1;
	static char text[1 << 16];
	ssize_t n;

	if (memory < 0) {
		memory = memfd_create("fuzz", MFD_CLOEXEC);
		terminal = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		cp_cli_init();
	}
	fflush(stdout);
	FUZZ_ASSERT(memory >= 0 && terminal >= 0 && ftruncate(memory, 0) == 0 && lseek(memory, 0, SEEK_SET) == 0);
	FUZZ_ASSERT(dup2(memory, STDOUT_FILENO) >= 0);
	print(json);
	fflush(stdout);
	FUZZ_ASSERT(dup2(terminal, STDOUT_FILENO) >= 0);
	n = pread(memory, text, sizeof(text), 0);
	FUZZ_ASSERT(n > 0);
	for (ssize_t i = 0; i < n; i++)
		FUZZ_ASSERT(text[i] == '\n' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f));
}

static void check_metrics(const struct cp_snapshot *snapshots)
{
	size_t n = 0;
	char *text = cp_metrics_text(snapshots, 2, &n), *line = text, *next;

	FUZZ_ASSERT(text && n == strlen(text) && n > 6 && strcmp(text + n - 6, "# EOF\n") == 0);
	for (; *line; line = next) {
		next = strchr(line, '\n') + 1;
		FUZZ_ASSERT(strncmp(line, "# ", 2) == 0 || strncmp(line, "bulkhead_", 9) == 0);
		for (const char *c = line; c < next - 1; c++)
			FUZZ_ASSERT((unsigned char)*c >= 0x20 && *c != 0x7f);
	}
	free(text);
}

static void check_documents(const struct cp_snapshot *snapshots)
{
	static const struct {
		const char *list;
		void (*print)(const json_t *);
	} lists[] = {{"services", cp_show_services},
		     {"ecmg", cp_show_ecmg},
		     {"emmg", cp_show_emmg},
		     {"ports", cp_show_ports},
		     {"workers", cp_show_workers}};
	json_t *cas = cp_document_cas(snapshots, 2), *alarms = cp_document_alarms(snapshots, 2);
	json_t *status = cp_document_status(snapshots, 2, 1);
	json_t *service = cp_document_service(snapshots[0].status, "a");

	FUZZ_ASSERT(json_array_size(cas) == 1 && json_is_array(alarms) && json_array_size(status) == 3);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		check_printed(lists[i].print, json_object_get(snapshots[0].status, lists[i].list));
	check_printed(cp_show_cas, cas);
	check_printed(cp_show_alarms, alarms);
	check_printed(cp_show_status, status);
	if (service)
		check_printed(cp_show_service, service);
	json_decref(cas);
	json_decref(alarms);
	json_decref(status);
	json_decref(service);
}

static struct cp_snapshot snapshot(const struct cp_process *process, const uint8_t *text, size_t n)
{
	struct cp_snapshot made = {.process = process, .name = "name", .age_s = -1, .error = -111};
	uint8_t *copy = fuzz_exact(text, n);

	made.status = json_loadb((const char *)copy, n, 0, NULL);
	if (json_is_object(made.status)) {
		made.error = 0;
		made.age_s = 0;
	} else {
		cp_snapshot_put(&made);
	}
	free(copy);
	return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cp_process control = {.kind = "control", .path = "c"}, cas = {.kind = "cas", .path = "v"};
	const uint8_t *part = size ? memchr(data, '\n', size) : NULL;
	size_t first = part ? (size_t)(part - data) : size;
	struct cp_snapshot snapshots[] = {snapshot(&control, data, first), snapshot(&cas, data + first, size - first)};

	check_metrics(snapshots);
	check_documents(snapshots);
	cp_snapshot_put(&snapshots[0]);
	cp_snapshot_put(&snapshots[1]);
	return 0;
}

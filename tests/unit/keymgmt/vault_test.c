// SPDX-License-Identifier: GPL-3.0-or-later
// bulkhead-vault from outside: peers good, slow, gone and hostile, none of which another one feels; its walls; its
// life.
#include <time.h>

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "vault_rig.h"

#define KEYS                                                                                        \
	"suite aes\nca_subsystem 0abc\n"                                                            \
	"service_key 1 k1 00112233445566778899aabbccddeeff auth 102132435465768798a9bacbdcedfe0f\n" \
	"service_key 7 k1 00112233445566778899aabbccddeeff auth 102132435465768798a9bacbdcedfe0f\n"

enum { CONNECTIONS_MAX = 16 };

static struct vault_rig rig;

static void open_rig(void)
{
	vault_rig_open(&rig, KEYS);
	vault_rig_serve(&rig);
}

static void close_rig(void)
{
	vault_rig_stop(&rig);
	CU_ASSERT_PTR_NULL(strcasestr(rig.text, "00112233")); // no key in its log
	CU_ASSERT_PTR_NULL(strcasestr(rig.text, "10213243"));
	vault_rig_close(&rig);
}

static struct km_msg_status status_of(int fd)
{
	struct km_msg_status_request request = {.head = {KM_MSG_STATUS_REQUEST, sizeof(request)},
						.version = KM_MSG_VERSION};
	struct km_msg_status status = {0};

	CU_ASSERT_EQUAL(base_local_send(fd, &request, sizeof(request)), 0);
	CU_ASSERT_EQUAL(vault_rig_receive(fd, &status, sizeof(status)), (ssize_t)sizeof(status));
	return status;
}

static void several_clients(void)
{
	int client[3];

	open_rig();
	for (unsigned i = 0; i < 3; i++)
		client[i] = vault_rig_connect(&rig);
	for (uint32_t round = 0; round < 10; round++)
		for (unsigned i = 0; i < 3; i++)
			vault_rig_exchange(client[i], 1 + (round * 11) % KM_MSG_BATCH_MAX, 1000 * i + round);
	vault_rig_exchange(client[1], KM_MSG_BATCH_MAX, 0);
	struct km_msg_status status = status_of(client[2]);

	CU_ASSERT_TRUE(status.version == KM_MSG_VERSION && status.suite == 2 && status.ca_subsystem_id == 0x0ABC);
	CU_ASSERT_TRUE(status.service_keys == 2 && status.service_key_id[0] == 1 && status.service_key_id[1] == 7);
	CU_ASSERT_TRUE(status.ecms > 3 * 10 + KM_MSG_BATCH_MAX && status.refused == 0);
	for (unsigned i = 0; i < 3; i++)
		close(client[i]);
	close_rig();
}

static void right_content(void)
{
	struct km_msg_ecm_batch batch = vault_rig_batch(3, 5);
	struct km_msg_ecm_result result;
	time_t before = time(NULL);

	open_rig();
	int client = vault_rig_connect(&rig);

	batch.request[1].service_key_id = 2; // nobody's
	batch.request[2].cw_bytes = 9;
	CU_ASSERT_EQUAL(base_local_send(client, &batch, sizeof(batch)), 0);
	CU_ASSERT_EQUAL_FATAL(vault_rig_receive(client, &result, sizeof(result)), (ssize_t)sizeof(result));
	const uint8_t *s = result.answer[0].section;
	time_t utc_s = (time_t)s[11] << 24 | (time_t)s[12] << 16 | (time_t)s[13] << 8 | s[14];

	CU_ASSERT_TRUE(s[0] == 0x81 && s[4] == 2 && s[5] == 0x0A && s[6] == 0xBC && s[8] == 1 && s[10] == 5);
	CU_ASSERT_TRUE(utc_s >= before && utc_s <= time(NULL));
	CU_ASSERT_EQUAL(result.answer[1].error, -ENOENT);
	CU_ASSERT_EQUAL(result.answer[2].error, -EINVAL);
	CU_ASSERT_EQUAL(status_of(client).refused, 2);
	close(client);
	close_rig();
}

// Sends `n` bytes that are no message; the vault must close this connection.
static void is_closed_on(const void *bytes, size_t n)
{
	char answer[64];
	int fd = vault_rig_connect(&rig);

	CU_ASSERT_EQUAL(base_local_send(fd, bytes, n), 0);
	CU_ASSERT_EQUAL(vault_rig_receive(fd, answer, sizeof(answer)), 0);
	close(fd);
}

static void no_messages(void)
{
	static char junk[60000];
	struct km_msg_ecm_batch batch = vault_rig_batch(1, 1);
	static const uint32_t types[] = {KM_MSG_NO_TYPE, KM_MSG_STATUS, KM_MSG_ECM_RESULT, KM_MSG_TYPES, UINT32_MAX};
	static const size_t sizes[] = {1, 4, 7, 8, 9, 16, 100, sizeof(batch) - 1, sizeof(batch) + 1, sizeof(junk)};

	open_rig();
	int good = vault_rig_connect(&rig);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(junk, 0xEE, sizeof(junk));
		is_closed_on(junk, sizes[i]);
		memcpy(junk, &batch, sizeof(batch)); // half a message, or one and a bit
		is_closed_on(junk, sizes[i]);
		vault_rig_exchange(good, 2, (uint32_t)i);
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct km_msg_head head = {types[i], sizeof(head)};

		is_closed_on(&head, sizeof(head));
		batch.head.type = types[i];
		is_closed_on(&batch, sizeof(batch));
		vault_rig_exchange(good, 2, (uint32_t)i);
	}
	batch = vault_rig_batch(KM_MSG_BATCH_MAX + 1, 1);
	is_closed_on(&batch, sizeof(batch));
	batch = vault_rig_batch(1, 1);
	batch.head.bytes--;
	is_closed_on(&batch, sizeof(batch));
	vault_rig_exchange(good, KM_MSG_BATCH_MAX, 77);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "READY"));
	close(good);
	close_rig();
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "what it sent is no message of km_msg.h"));
}

// One who asks and asks and reads nothing waits for himself alone; then each of his answers is there, in order.
static void flood(void)
{
	struct km_msg_ecm_result result;
	uint32_t sent = 0;

	open_rig();
	int slow = vault_rig_connect(&rig), good = vault_rig_connect(&rig);

	for (unsigned full = 0; full < 3;) { // until the vault takes no more, three times over
		struct km_msg_ecm_batch batch = vault_rig_batch(KM_MSG_BATCH_MAX, sent * KM_MSG_BATCH_MAX);

		if (base_local_send(slow, &batch, sizeof(batch)) == 0) {
			sent++;
			continue;
		}
		full++;
		vault_rig_exchange(good, KM_MSG_BATCH_MAX, full);
	}
	CU_ASSERT_TRUE(sent > 5);
	for (uint32_t i = 0; i < sent; i++) {
		CU_ASSERT_EQUAL_FATAL(vault_rig_receive(slow, &result, sizeof(result)), (ssize_t)sizeof(result));
		CU_ASSERT_EQUAL(result.answer[0].tag, i * KM_MSG_BATCH_MAX);
	}
	vault_rig_exchange(slow, 1, 4711);
	close(slow);
	close(good);
	close_rig();
}

// Clients that die with answers under way or unread leave no trace.
static void gone_in_mid_reply(void)
{
	open_rig();
	int good = vault_rig_connect(&rig);

	for (unsigned i = 0; i < 40; i++) {
		struct km_msg_ecm_batch batch = vault_rig_batch(KM_MSG_BATCH_MAX, 0);
		int fd = vault_rig_connect(&rig);

		for (unsigned k = 0; k < i % 4 * 20 + 1 && base_local_send(fd, &batch, sizeof(batch)) == 0; k++)
			;
		close(fd);
		vault_rig_exchange(good, 1, i); // and with it, its place is free again
	}
	CU_ASSERT_TRUE(status_of(good).ecms >= 40);
	close(good);
	close_rig();
}

static void bounded(void)
{
	int client[CONNECTIONS_MAX], more[8];
	char answer[64];

	open_rig();
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		client[i] = vault_rig_connect(&rig);
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		vault_rig_exchange(client[i], 1, i);
	for (unsigned i = 0; i < 8; i++) {
		more[i] = vault_rig_connect(&rig);
		CU_ASSERT_EQUAL(vault_rig_receive(more[i], answer, sizeof(answer)), 0); // turned away
		close(more[i]);
	}
	vault_rig_exchange(client[3], KM_MSG_BATCH_MAX, 1);
	close(client[5]);
	CU_ASSERT_TRUE(vault_rig_says(&rig, "the peer has closed"));
	client[5] = vault_rig_connect(&rig); // there is a place again
	vault_rig_exchange(client[5], 1, 1);
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		close(client[i]);
	close_rig();
	char *told = strstr(rig.text, "connections turned away");

	CU_ASSERT_PTR_NOT_NULL_FATAL(told);
	CU_ASSERT_PTR_NULL(strstr(told + 1, "connections turned away")); // once, not for each
}

// The value of a line of /proc/PID/status.
static unsigned long status_line(const char *name)
{
	char path[64], line[256];
	unsigned long value = 999;
	size_t n = strlen(name);

	snprintf(path, sizeof(path), "/proc/%d/status", (int)rig.pid);
	FILE *file = fopen(path, "r");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			value = strtoul(line + n + 1, NULL, 10);
	fclose(file);
	return value;
}

static void walls(void)
{
	struct stat st;

	open_rig();
	CU_ASSERT_EQUAL(status_line("Seccomp"), 2);
	CU_ASSERT_EQUAL(status_line("Seccomp_filters"), 1);
	CU_ASSERT_EQUAL(status_line("NoNewPrivs"), 1);
	CU_ASSERT_EQUAL(status_line("Threads"), 1);
	CU_ASSERT_EQUAL(stat(rig.socket, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
#if !defined(__SANITIZE_ADDRESS__) // which makes mlockall() do nothing
	if (geteuid() == 0)
		CU_ASSERT_TRUE(status_line("VmLck") > 1000); // kB: whole, not the key pages alone
#endif
	close_rig();
}

// With these kilobytes to lock, and no right to more: all is locked with room to spare, or the keys alone are. It runs
// in both cases.
static int serve_with_limit(rlim_t kilobytes, bool whole)
{
	const struct rlimit limit = {kilobytes << 10, kilobytes << 10};
	unsigned before = CU_get_number_of_failures();

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return 0;                     // this user may not have so many
	prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK); // for root; others have no such right
	open_rig();
#if !defined(__SANITIZE_ADDRESS__)
	CU_ASSERT_EQUAL(status_line("VmLck") > 1000, whole);
	CU_ASSERT_EQUAL(strstr(rig.text, "memory not locked whole") == NULL, whole);
#else
	(void)whole;
#endif
	int client = vault_rig_connect(&rig);

	vault_rig_exchange(client, KM_MSG_BATCH_MAX, 1);
	close(client);
	close_rig();
	return CU_get_number_of_failures() == before ? 0 : 1;
}

static void little_to_lock(void)
{
	static const struct {
		rlim_t kilobytes;
		bool whole;
	} cases[] = {{512, false}, {8192, false}, {65536, true}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0)
			_exit(serve_with_limit(cases[i].kilobytes, cases[i].whole));
		CU_ASSERT_TRUE(pid > 0 && waitpid(pid, &status, 0) == pid);
		CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

static void signals(void)
{
	static const int ends[] = {SIGTERM, SIGINT};

	vault_rig_open(&rig, KEYS);
	for (size_t i = 0; i < 2; i++) {
		vault_rig_serve(&rig);
		int client = vault_rig_connect(&rig);

		vault_rig_exchange(client, 1, 1);
		CU_ASSERT_EQUAL(kill(rig.pid, ends[i]), 0);
		int status = vault_rig_end(&rig);

		CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "stopped ecms=1 refused=0"));
		close(client);
	}
	vault_rig_close(&rig);
}

// Killed, it leaves its socket behind; the next one takes the place. Two at once cannot be.
static void killed_and_started_again(void)
{
	const char *const args[] = {"bulkhead-vault", "--keys", rig.keys, "--socket", rig.socket, NULL};
	struct vault_rig second = {0};

	vault_rig_open(&rig, KEYS);
	vault_rig_serve(&rig);
	vault_rig_start(&second, args);
	int status = vault_rig_end(&second);

	CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(second.text, "Address already in use"));
	int client = vault_rig_connect(&rig);

	CU_ASSERT_EQUAL(kill(rig.pid, SIGKILL), 0);
	status = vault_rig_end(&rig);
	CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	char answer[8];

	CU_ASSERT_EQUAL(vault_rig_receive(client, answer, sizeof(answer)), 0);
	close(client);
	vault_rig_serve(&rig);
	client = vault_rig_connect(&rig);
	vault_rig_exchange(client, 1, 1);
	close(client);
	close_rig();
}

// A service manager's socket: a path, or an abstract name.
static void notified(const char *name, bool abstract)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct pollfd set = {.events = POLLIN};
	char text[64] = "";

	vault_rig_open(&rig, KEYS);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s%s", rig.dir, name);
	size_t n = strlen(address.sun_path);

	if (abstract) {
		memmove(address.sun_path + 1, address.sun_path, n++);
		address.sun_path[0] = '@';
	}
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	if (abstract)
		address.sun_path[0] = '\0';
	set.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CU_ASSERT_EQUAL_FATAL(bind(set.fd, (struct sockaddr *)&address,
				   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
			      0);
	vault_rig_serve(&rig);
	unsetenv("NOTIFY_SOCKET");
	CU_ASSERT_EQUAL(poll(&set, 1, RIG_WAIT_MS), 1);
	CU_ASSERT_TRUE(recv(set.fd, text, sizeof(text), MSG_DONTWAIT) == 7 && memcmp(text, "READY=1", 7) == 0);
	vault_rig_stop(&rig);
	CU_ASSERT_TRUE(recv(set.fd, text, sizeof(text), MSG_DONTWAIT) == 10 && memcmp(text, "STOPPING=1", 10) == 0);
	close(set.fd);
	if (!abstract)
		unlink(address.sun_path);
	vault_rig_close(&rig);
}

static void notify(void)
{
	notified("/notify", false);
	notified("/notify", true);
}

static void notify_nobody(void)
{
	const char *const args[] = {"bulkhead-vault", "--keys", rig.keys, "--socket", rig.socket, NULL};
	static const char *const bad[] = {"/nonexistent/notify", "relative"};

	vault_rig_open(&rig, KEYS);
	for (size_t i = 0; i < 2; i++) {
		setenv("NOTIFY_SOCKET", bad[i], 1);
		vault_rig_start(&rig, args);
		unsetenv("NOTIFY_SOCKET");
		int status = vault_rig_end(&rig);

		CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
		CU_ASSERT_PTR_NOT_NULL(strstr(rig.text, "NOTIFY_SOCKET cannot be used"));
	}
	vault_rig_close(&rig);
}

static const struct unit_test tests[] = {
	{"several clients", several_clients},
	{"right content", right_content},
	{"no messages", no_messages},
	{"flood", flood},
	{"gone in mid-reply", gone_in_mid_reply},
	{"bounded", bounded},
	{"walls", walls},
	{"little to lock", little_to_lock},
	{"signals", signals},
	{"killed and started again", killed_and_started_again},
	{"notify", notify},
	{"notify nobody", notify_nobody},
};

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	vault_rig_program = argv[1];
	return unit_run("vault", tests, sizeof(tests) / sizeof(tests[0]));
}

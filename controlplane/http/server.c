// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <microhttpd.h>

#include <base_log.h>

#include "http/host.h"
#include "oplink/socket.h"

enum { CONNECTIONS_MAX = 64, IDLE_LIMIT_S = 10, HEADER_MEMORY_BYTES = 16384, BACKLOG = 64 };

struct cp_server {
	const struct cp_api *api;
	bool local;
	struct MHD_Daemon *daemon;
	char path[]; // of the local socket, or empty
};

// A request while its body comes.
struct exchange {
	size_t bytes, capacity;
	uint8_t body[];
};

static enum MHD_Result send_answer(struct MHD_Connection *connection, const struct cp_answer *answer)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(answer->bytes, answer->text, MHD_RESPMEM_MUST_FREE);

	if (!response) {
		free(answer->text);
		return MHD_NO; // closes the connection
	}
	if (answer->type)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	if (answer->allow)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	enum MHD_Result sent = MHD_queue_response(connection, answer->status, response);

	MHD_destroy_response(response);
	return sent;
}

struct headers {
	unsigned hosts, lengths, encodings;
	const char *host, *length;
};

static enum MHD_Result note_header(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
	struct headers *headers = context;

	(void)kind;
	if (strcasecmp(key, MHD_HTTP_HEADER_HOST) == 0) {
		headers->hosts++;
		headers->host = value;
	} else if (strcasecmp(key, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
		headers->lengths++;
		headers->length = value;
	} else if (strcasecmp(key, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
		headers->encodings++;
	}
	return MHD_YES;
}

// The size of the body, or -1 for text that is no number.
static long body_bytes(const struct headers *headers)
{
	const char *text = headers->lengths ? headers->length : "0";
	size_t n = text ? strlen(text) : 0;

	if (n == 0 || strspn(text, "0123456789") != n)
		return -1;
	return n > 10 ? CP_BODY_MAX_BYTES + 1 : atol(text);
}

// How long a body is must be plain from one header, so that nobody on the way can take its end for another request.
static bool admit_headers(const struct cp_server *server, const struct headers *headers, bool post,
			  struct cp_answer *answer)
{
	long bytes = body_bytes(headers);

	if (headers->hosts > 1 || headers->lengths > 1 || bytes < 0)
		cp_answer_error(answer, 400, "one Host and one Content-Length are taken");
	else if (!server->local && (!headers->host || !cp_host_is_loopback(headers->host)))
		cp_answer_error(answer, 403, "the Host header names another machine; ask by 127.0.0.1 or localhost");
	else if (headers->encodings || (post && !headers->lengths))
		cp_answer_error(answer, 411, "a body comes with Content-Length alone");
	else if (!post && bytes > 0)
		cp_answer_error(answer, 400, "a body where none is taken");
	else if (bytes > CP_BODY_MAX_BYTES)
		cp_answer_error(answer, 413, "the body is over %d bytes; send it in parts", CP_BODY_MAX_BYTES);
	else
		return true;
	return false;
}

static enum MHD_Result begin(const struct cp_server *server, struct MHD_Connection *connection,
			     const struct cp_request *request, void **context)
{
	bool post = strcmp(request->method, "POST") == 0;
	struct headers headers = {0};
	struct cp_answer answer;

	MHD_get_connection_values(connection, MHD_HEADER_KIND, note_header, &headers);
	if (!admit_headers(server, &headers, post, &answer) || !cp_route_admit(request, &answer))
		return send_answer(connection, &answer);
	size_t capacity = post ? (size_t)body_bytes(&headers) : 0;
	struct exchange *exchange = malloc(sizeof(*exchange) + capacity);

	if (!exchange)
		return MHD_NO;
	exchange->bytes = 0;
	exchange->capacity = capacity;
	*context = exchange;
	return MHD_YES;
}

// Called for the headers, for every part of a body, and at the end.
static enum MHD_Result on_request(void *own, struct MHD_Connection *connection, const char *path, const char *method,
				  const char *version, const char *part, size_t *part_bytes, void **context)
{
	const struct cp_server *server = own;
	struct cp_request request = {.method = method, .path = path, .local = server->local};
	struct exchange *exchange = *context;
	struct cp_answer answer;

	(void)version;
	if (!exchange)
		return begin(server, connection, &request, context);
	if (*part_bytes) {
		if (*part_bytes > exchange->capacity - exchange->bytes)
			return MHD_NO;
		memcpy(exchange->body + exchange->bytes, part, *part_bytes);
		exchange->bytes += *part_bytes;
		*part_bytes = 0;
		return MHD_YES;
	}
	request.body = exchange->body;
	request.body_bytes = exchange->bytes;
	cp_route(server->api, &request, &answer);
	base_log(BASE_LOG_DEBUG, "http", "answered method=%s path=\"%s\" status=%u bytes=%zu local=%d", method, path,
		 answer.status, answer.bytes, server->local);
	return send_answer(connection, &answer);
}

static void on_completed(void *own, struct MHD_Connection *connection, void **context,
			 enum MHD_RequestTerminationCode code)
{
	(void)own;
	(void)connection;
	(void)code;
	free(*context);
	*context = NULL;
}

static void on_log(void *own, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void on_log(void *own, const char *format, va_list args)
{
	char text[256];

	(void)own;
	vsnprintf(text, sizeof(text), format, args);
	base_log(BASE_LOG_DEBUG, "http", "library says=\"%.*s\"", (int)strcspn(text, "\n"), text);
}

// TAKES the listening socket.
static int start(struct cp_server **out, const struct cp_api *api, int fd, const char *path)
{
	struct cp_server *server = calloc(1, sizeof(*server) + strlen(path) + 1);

	if (!server) {
		close(fd);
		return -ENOMEM;
	}
	server->api = api;
	server->local = *path != '\0';
	memcpy(server->path, path, strlen(path) + 1);
	server->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
						  MHD_USE_POLL | MHD_USE_ERROR_LOG,
					  0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
					  MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
					  (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
					  (unsigned)IDLE_LIMIT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
					  (size_t)HEADER_MEMORY_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
					  MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
	if (!server->daemon) {
		free(server);
		close(fd);
		return -EIO;
	}
	*out = server;
	return 0;
}

int cp_server_open_local(struct cp_server **out, const struct cp_api *api, const char *path, struct base_errs *errs)
{
	int fd = cp_socket_listen(path, S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP, BACKLOG);
	int rc = fd < 0 ? fd : start(out, api, fd, path);

	if (rc == -EADDRINUSE)
		base_errs_add(errs, path, "another process listens there, or it is no socket");
	else if (rc)
		base_errs_add(errs, path, "cannot be listened at: %s", strerror(-rc));
	return rc;
}

static int listen_tcp(const struct sockaddr_storage *address, socklen_t n)
{
	int one = 1, fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (const struct sockaddr *)address, n) || listen(fd, BACKLOG)) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

int cp_server_open_loopback(struct cp_server **out, const struct cp_api *api, const char *listen,
			    struct base_errs *errs)
{
	struct sockaddr_storage address;
	int n = cp_host_listen(&address, listen);

	if (n == -EACCES)
		base_errs_add(
			errs, listen,
			"no loopback address: this HTTP has no TLS and asks nobody who he is; listen at 127.0.0.1");
	else if (n < 0)
		base_errs_add(errs, listen, "give ADDRESS:PORT, as in 127.0.0.1:9190 or [::1]:9190");
	if (n < 0)
		return n;
	int fd = listen_tcp(&address, (socklen_t)n);
	int rc = fd < 0 ? fd : start(out, api, fd, "");

	if (rc)
		base_errs_add(errs, listen, "cannot be listened at: %s", strerror(-rc));
	return rc;
}

void cp_server_close(struct cp_server *server)
{
	if (!server)
		return;
	if (server->local)
		unlink(server->path);
	MHD_stop_daemon(server->daemon); // closes the listening socket
	free(server);
}

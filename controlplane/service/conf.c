// SPDX-License-Identifier: GPL-3.0-or-later
#include "service/conf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <base_bytes.h>

#include "service/conf_parts.h"

const struct cp_algorithm_facts cp_algorithm_facts[CP_ALGORITHMS] = {
	[CP_CSA1] = {"csa1", 0x01, 8},        [CP_CSA2] = {"csa2", 0x02, 8},
	[CP_CISSA] = {"cissa", 0x10, 16},     [CP_IDSA] = {"idsa", 0x70, 16},
	[CP_SM4_CBC] = {"sm4-cbc", 0x82, 16}, [CP_AES_CBC] = {"aes-cbc", 0xF0, 16},
	[CP_AES_ECB] = {"aes-ecb", 0xF2, 16},
};

void cp_conf_read_name(const struct base_config *node, char to[DP_MSG_NAME_BYTES])
{
	const char *name = base_config_string(node, "name", true, DP_MSG_NAME_BYTES - 1, NULL);

	snprintf(to, DP_MSG_NAME_BYTES, "%s", name ? name : "");
	if (name && !name[0])
		base_config_error(node, "name", "a name has at least one character");
}

unsigned cp_conf_read_index(const struct base_config *node, const char *key, const char *what, const char *names,
			    size_t stride, unsigned n)
{
	const char *name = base_config_string(node, key, true, 0, NULL);

	for (unsigned i = 0; name && i < n; i++)
		if (strcmp(names + i * stride, name) == 0)
			return i;
	if (name)
		base_config_error(node, key, "no %s is named \"%s\"", what, name);
	return CP_CONF_NONE;
}

unsigned cp_conf_counted(const struct base_config *root, const char *key, const struct base_config *array, unsigned min,
			 unsigned max)
{
	size_t n = base_config_count(array);

	if (base_config_present(array) && (n < min || n > max))
		base_config_error(root, key, "has %zu entries; %u to %u are expected", n, min, max);
	return (unsigned)(n < max ? n : max);
}

size_t cp_conf_read_hex(const struct base_config *node, const char *key, uint8_t *out, size_t capacity)
{
	const char *hex = base_config_string(node, key, false, 2 * capacity, "");
	int n = base_bytes_from_hex(out, capacity, hex, strlen(hex));

	if (n < 0)
		base_config_error(node, key, "not hexadecimal, two digits a byte");
	return n < 0 ? 0 : (size_t)n;
}

void cp_conf_read_address(const struct base_config *node, char to[CP_CONF_ADDRESS_BYTES])
{
	const char *text = base_config_string(node, "address", true, CP_CONF_ADDRESS_BYTES - 1, NULL);
	uint8_t address[sizeof(struct in6_addr)];

	snprintf(to, CP_CONF_ADDRESS_BYTES, "%s", text ? text : "");
	if (text && inet_pton(AF_INET, text, address) != 1 && inet_pton(AF_INET6, text, address) != 1)
		base_config_error(node, "address", "is \"%s\"; a dotted IPv4 or an IPv6 address is expected", text);
}

// The path of a local socket; a relative one starts at the folder of the configuration file.
static void read_socket(const struct base_config *root, const char *key, bool required, const char *folder,
			char to[CP_CONF_PATH_BYTES])
{
	static const char *const known[] = {"socket", NULL};
	struct base_config node = base_config_object(root, key, required);
	const char *path = base_config_string(&node, "socket", true, 0, NULL);

	to[0] = '\0';
	if (!path)
		return;
	if (!path[0])
		base_config_error(&node, "socket", "is empty; the path of a local socket is expected");
	if (snprintf(to, CP_CONF_PATH_BYTES, "%s%s", path[0] == '/' ? "" : folder, path) >= CP_CONF_PATH_BYTES)
		base_config_error(&node, "socket", "a socket's path has at most %d bytes, with its folder",
				  CP_CONF_PATH_BYTES - 1);
	base_config_only(&node, known);
}

static void read_root(struct cp_conf *conf, const struct base_config *root, const char *folder)
{
	static const char *const known[] = {"name",   "dataplane", "operator", "inputs",      "outputs", "ecmgs",
					    "groups", "services",  "mux",      "emm_streams", NULL};
	char host[DP_MSG_NAME_BYTES] = "bulkhead-control";

	gethostname(host, sizeof(host) - 1);
	snprintf(conf->name, sizeof(conf->name), "%s",
		 base_config_string(root, "name", false, DP_MSG_NAME_BYTES - 1, host));
	if (!conf->name[0])
		base_config_error(root, "name", "a name has at least one character");
	read_socket(root, "dataplane", true, folder, conf->dataplane_socket);
	read_socket(root, "operator", false, folder, conf->operator_socket);
	cp_conf_read_lineup(root, conf);
	cp_conf_read_ca(root, conf);
	cp_conf_read_services(root, conf);
	cp_conf_read_emms(root, conf);
	base_config_only(root, known);
}

static int finish(struct cp_conf *conf, struct base_config *root, const char *folder, struct base_errs *errs)
{
	size_t before = errs->count + errs->lost;

	memset(conf, 0, sizeof(*conf));
	read_root(conf, root, folder);
	cp_conf_check(conf, errs);
	conf->document = root->json;
	root->json = NULL;
	return errs->count + errs->lost == before ? 0 : -EINVAL;
}

int cp_conf_load(struct cp_conf *conf, const char *path, struct base_errs *errs)
{
	char folder[256];
	const char *slash = strrchr(path, '/');
	struct base_config root;
	int rc = base_config_load(&root, path, errs);

	conf->document = NULL;
	if (rc)
		return rc;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash + 1 - path) : 0, path);
	return finish(conf, &root, folder, errs);
}

int cp_conf_parse(struct cp_conf *conf, const char *text, size_t n, const char *name, struct base_errs *errs)
{
	struct base_config root;
	int rc = base_config_parse(&root, text, n, name, errs);

	conf->document = NULL;
	return rc ? rc : finish(conf, &root, "", errs);
}

void cp_conf_fini(struct cp_conf *conf)
{
	json_decref(conf->document);
	conf->document = NULL;
}

bool cp_conf_same_channel(const struct cp_conf_ecmg *a, const struct cp_conf_ecmg *b)
{
	return strcmp(a->address, b->address) == 0 && a->tcp_port == b->tcp_port &&
	       a->super_cas_id == b->super_cas_id && a->channel_id == b->channel_id && a->version == b->version &&
	       a->version_fixed == b->version_fixed;
}

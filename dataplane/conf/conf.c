// SPDX-License-Identifier: GPL-3.0-or-later
#include "conf/conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <base_bytes.h>
#include <base_config.h>

#include "conf/ciphers.h"

const char *const dp_port_driver_name[DP_PORT_DRIVERS] = {
	[DP_PORT_AF_PACKET] = "af_packet", [DP_PORT_PCAP] = "pcap", [DP_PORT_MEMIF] = "memif", [DP_PORT_RING] = "ring",
	[DP_PORT_NULL] = "null",           [DP_PORT_PCI] = "pci",   [DP_PORT_FILE] = "file",
};

static const struct base_config_word driver_words[] = {
	{"af_packet", DP_PORT_AF_PACKET}, {"pcap", DP_PORT_PCAP}, {"memif", DP_PORT_MEMIF}, {"ring", DP_PORT_RING},
	{"null", DP_PORT_NULL},           {"pci", DP_PORT_PCI},   {"file", DP_PORT_FILE},   {NULL, 0},
};

static const struct base_config_word idle_words[] = {{"spin", DP_IDLE_SPIN},
						     {"yield", DP_IDLE_YIELD},
						     {"sleep", DP_IDLE_SLEEP},
						     {NULL, 0}};

static const struct base_config_word role_words[] = {{"client", 0}, {"server", 1}, {NULL, 0}};

static const struct base_config_word encapsulation_words[] = {{"auto", DP_ENCAP_AUTO},
							      {"udp", DP_ENCAP_UDP},
							      {"rtp", DP_ENCAP_RTP},
							      {NULL, 0}};

static const struct base_config_word slow_words[] = {{"null", 0}, {"short", 1}, {NULL, 0}};

static const struct base_config_word input_ca_words[] = {{"strip", 0}, {"keep", 1}, {NULL, 0}};

static void copy(char *to, size_t capacity, const char *from)
{
	snprintf(to, capacity, "%s", from ? from : "");
}

static void read_name(const struct base_config *node, char *to)
{
	copy(to, DP_CONF_NAME_BYTES, base_config_string(node, "name", true, DP_CONF_NAME_BYTES - 1, ""));
	if (base_config_present(node) && to[0] == '\0')
		base_config_error(node, "name", "a name has at least one character");
}

// A path; relative ones start at the folder of the configuration file.
static void read_path(const struct base_config *node, const char *key, bool required, const char *folder, char *to)
{
	const char *path = base_config_string(node, key, required, DP_CONF_PATH_BYTES - 1, "");
	int n = snprintf(to, DP_CONF_PATH_BYTES, "%s%s", path[0] && path[0] != '/' ? folder : "", path);

	if (n >= DP_CONF_PATH_BYTES)
		base_config_error(node, key, "longer than %d bytes with its folder", DP_CONF_PATH_BYTES - 1);
}

// A comma ends a device argument in the EAL's own syntax.
static bool has_comma(const struct dp_conf_port *port)
{
	return strchr(port->interface, ',') || strchr(port->rx, ',') || strchr(port->tx, ',') ||
	       strchr(port->socket, ',') || strchr(port->address, ',');
}

static void read_port(const struct base_config *node, const char *folder, struct dp_conf_port *port)
{
	static const char *const known[DP_PORT_DRIVERS][6] = {
		[DP_PORT_AF_PACKET] = {"name", "driver", "interface", "host"},
		[DP_PORT_PCAP] = {"name", "driver", "rx", "tx"},
		[DP_PORT_MEMIF] = {"name", "driver", "role", "id", "socket"},
		[DP_PORT_RING] = {"name", "driver"},
		[DP_PORT_NULL] = {"name", "driver"},
		[DP_PORT_PCI] = {"name", "driver", "address", "host"},
		[DP_PORT_FILE] = {"name", "driver", "rx", "tx"},
	};

	read_name(node, port->name);
	int driver = base_config_word(node, "driver", true, driver_words, DP_PORT_DRIVERS);

	// An absent or unknown driver has been reported; its members cannot be judged.
	port->driver = driver == DP_PORT_DRIVERS ? DP_PORT_NULL : (enum dp_port_driver)driver;
	switch (port->driver) {
	case DP_PORT_AF_PACKET: // IFNAMSIZ without its zero
		copy(port->interface, sizeof(port->interface), base_config_string(node, "interface", true, 15, ""));
		break;
	case DP_PORT_PCAP:
	case DP_PORT_FILE:
		read_path(node, "rx", false, folder, port->rx);
		read_path(node, "tx", false, folder, port->tx);
		if (base_config_present(node) && !port->rx[0] && !port->tx[0])
			base_config_error(node, NULL, "give rx, tx or both");
		break;
	case DP_PORT_MEMIF:
		port->server = base_config_word(node, "role", true, role_words, 0);
		port->id = (uint32_t)base_config_int(node, "id", false, 0, INT32_MAX, 0);
		read_path(node, "socket", true, folder, port->socket);
		if (strlen(port->socket) > 107) // sun_path
			base_config_error(node, "socket", "a socket's path has at most 107 bytes");
		break;
	case DP_PORT_PCI:
		copy(port->address, sizeof(port->address), base_config_string(node, "address", true, 32, ""));
		break;
	default:
		break;
	}
	if (port->driver == DP_PORT_AF_PACKET || port->driver == DP_PORT_PCI)
		port->host_address = base_config_ipv4(node, "host", false);
	if (port->driver != DP_PORT_FILE && has_comma(port))
		base_config_error(node, NULL, "DPDK takes no comma in the name or path of a device");
	if (driver != DP_PORT_DRIVERS)
		base_config_only(node, known[port->driver]);
}

// The position of the port this object names, or DP_CONF_NONE and a mistake.
static unsigned read_port_name(const struct base_config *node, const struct dp_conf *conf)
{
	const char *name = base_config_string(node, "port", true, 0, NULL);

	for (unsigned i = 0; name && i < conf->ports; i++)
		if (strcmp(conf->port[i].name, name) == 0)
			return i;
	if (name)
		base_config_error(node, "port", "no port is named \"%s\"", name);
	return DP_CONF_NONE;
}

// What is asked of the members that only a network has: of a port nobody knows, nothing.
enum network { NETWORK_UNKNOWN, NETWORK_NONE, NETWORK_NEEDED };

#define FILE_HAS_NO "a file port has no group, udp_port, vlan or source"

static enum network network_of(const struct dp_conf *conf, unsigned port)
{
	if (port == DP_CONF_NONE)
		return NETWORK_UNKNOWN;
	return conf->port[port].driver == DP_PORT_FILE ? NETWORK_NONE : NETWORK_NEEDED;
}

static void read_flow(const struct base_config *node, enum network network, uint32_t *group, uint16_t *udp_port,
		      uint16_t *vlan)
{
	*group = base_config_ipv4(node, "group", network == NETWORK_NEEDED);
	*udp_port = (uint16_t)base_config_int(node, "udp_port", network == NETWORK_NEEDED, 1, UINT16_MAX, 0);
	*vlan = (uint16_t)base_config_int(node, "vlan", false, 1, 4094, 0);
	if (*group && *group >> 28 != 0xE)
		base_config_error(node, "group", "not a multicast address: 224.0.0.0 to 239.255.255.255");
}

static void read_input(const struct base_config *node, const struct dp_conf *conf, struct dp_conf_input *input)
{
	static const char *const known[] = {"name",   "port", "group",         "udp_port",
					    "source", "vlan", "encapsulation", NULL};

	read_name(node, input->name);
	input->port = read_port_name(node, conf);
	enum network network = network_of(conf, input->port);

	read_flow(node, network, &input->group, &input->udp_port, &input->vlan);
	input->source = base_config_ipv4(node, "source", false);
	if (network == NETWORK_NONE && (input->group || input->udp_port || input->vlan || input->source))
		base_config_error(node, NULL, FILE_HAS_NO);
	input->encapsulation = base_config_word(node, "encapsulation", false, encapsulation_words, DP_ENCAP_AUTO);
	base_config_only(node, known);
}

static void read_output(const struct base_config *node, const struct dp_conf *conf, struct dp_conf_output *output)
{
	static const char *const known[] = {"name", "port", "group", "udp_port",    "source", "source_udp_port",
					    "vlan", "ttl",  "dscp",  "deadline_ms", "slow",   NULL};

	read_name(node, output->name);
	output->port = read_port_name(node, conf);
	enum network network = network_of(conf, output->port);

	read_flow(node, network, &output->group, &output->udp_port, &output->vlan);
	output->source = base_config_ipv4(node, "source", network == NETWORK_NEEDED);
	if (network == NETWORK_NONE && (output->group || output->udp_port || output->vlan || output->source))
		base_config_error(node, NULL, FILE_HAS_NO);
	output->source_udp_port =
		(uint16_t)base_config_int(node, "source_udp_port", false, 1, UINT16_MAX, output->udp_port);
	output->ttl = (uint8_t)base_config_int(node, "ttl", false, 1, 255, 16);
	output->dscp = (uint8_t)base_config_int(node, "dscp", false, 0, 63, 0);
	output->deadline_us = (uint32_t)base_config_int(node, "deadline_ms", false, 1, 1000, 40) * 1000;
	output->short_datagrams = base_config_word(node, "slow", false, slow_words, 0);
	base_config_only(node, known);
}

static void read_ca(const struct base_config *node, struct dp_conf_ca *ca)
{
	static const char *const known[] = {"ca_system_id", "ecm_pid", "private", NULL};
	const char *hex = base_config_string(node, "private", false, 2 * DP_CONF_CA_PRIVATE_BYTES, "");
	int n = base_bytes_from_hex(ca->private_bytes, sizeof(ca->private_bytes), hex, strlen(hex));

	ca->ca_system_id = (uint16_t)base_config_int(node, "ca_system_id", true, 1, UINT16_MAX, 1);
	ca->ecm_pid = (uint16_t)base_config_int(node, "ecm_pid", true, 0x20, 0x1FFE, 0x20);
	if (n < 0)
		base_config_error(node, "private", "not hexadecimal, two digits a byte");
	ca->private_n = (uint8_t)(n < 0 ? 0 : n);
	base_config_only(node, known);
}

static enum dp_algorithm read_algorithm(const struct base_config *node)
{
	struct base_config_word words[DP_ALGORITHMS + 1] = {{NULL, 0}};

	for (int i = 0; i < DP_ALGORITHMS; i++)
		words[i] = (struct base_config_word){dp_algorithm[i].name, i};
	return (enum dp_algorithm)base_config_word(node, "algorithm", true, words, DP_CSA2);
}

static void read_scrambling(const struct base_config *node, struct dp_conf_service *service)
{
	static const char *const known[] = {"group", "algorithm", NULL};
	struct base_config scrambling = base_config_object(node, "scrambling", !service->clear_service);

	if (service->clear_service && base_config_present(&scrambling))
		base_config_error(node, NULL, "clear_service and scrambling exclude each other");
	copy(service->group, sizeof(service->group), base_config_string(&scrambling, "group", true, 31, ""));
	service->algorithm = read_algorithm(&scrambling);
	base_config_only(&scrambling, known);
}

static void read_clear_policy(const struct base_config *node, struct dp_conf_service *service)
{
	struct base_config clear = base_config_array(node, "clear", false);

	for (size_t i = 0; i < base_config_count(&clear); i++) {
		const char *what = base_config_item_string(&clear, i);

		if (what && strcmp(what, "teletext") == 0)
			service->clear_teletext = true;
		else if (what && strcmp(what, "subtitles") == 0)
			service->clear_subtitles = true;
		else if (what)
			base_config_error(node, "clear", "\"%s\" cannot be cleared: teletext, subtitles", what);
	}
}

// The position of the named input or output, or DP_CONF_NONE and a mistake.
static unsigned read_end(const struct base_config *node, const char *key, const char *names, size_t stride, unsigned n)
{
	const char *name = base_config_string(node, key, true, 0, NULL);

	for (unsigned i = 0; name && i < n; i++)
		if (strcmp(names + i * stride, name) == 0)
			return i;
	if (name)
		base_config_error(node, key, "no %s is named \"%s\"", key, name);
	return DP_CONF_NONE;
}

static void read_service(const struct base_config *node, const struct dp_conf *conf, struct dp_conf_service *service)
{
	static const char *const known[] = {"name",       "input", "program", "output",   "clear_service",
					    "scrambling", "ca",    "clear",   "input_ca", NULL};
	struct base_config ca = base_config_array(node, "ca", false);

	read_name(node, service->name);
	service->input = read_end(node, "input", conf->input[0].name, sizeof(conf->input[0]), conf->inputs);
	service->output = read_end(node, "output", conf->output[0].name, sizeof(conf->output[0]), conf->outputs);
	service->program_number = (uint16_t)base_config_int(node, "program", true, 1, UINT16_MAX, 1);
	service->clear_service = base_config_bool(node, "clear_service", false);
	service->keep_input_ca = base_config_word(node, "input_ca", false, input_ca_words, 0);
	read_scrambling(node, service);
	read_clear_policy(node, service);
	service->ca_n = (unsigned)base_config_count(&ca);
	if (service->ca_n > DP_CONF_CA_MAX) {
		base_config_error(node, "ca", "more than %d entries", DP_CONF_CA_MAX);
		service->ca_n = DP_CONF_CA_MAX;
	}
	for (unsigned i = 0; i < service->ca_n; i++) {
		struct base_config item = base_config_item(&ca, i);

		read_ca(&item, &service->ca[i]);
	}
	base_config_only(node, known);
}

static void read_workers(const struct base_config *root, struct dp_conf *conf)
{
	static const char *const known[] = {"core", NULL};
	struct base_config workers = base_config_array(root, "workers", true);

	conf->workers = (unsigned)base_config_count(&workers);
	if (conf->workers > DP_CONF_WORKERS_MAX || (base_config_present(&workers) && conf->workers == 0)) {
		base_config_error(root, "workers", "1 to %d workers", DP_CONF_WORKERS_MAX);
		conf->workers = conf->workers ? DP_CONF_WORKERS_MAX : 0;
	}
	for (unsigned i = 0; i < conf->workers; i++) {
		struct base_config item = base_config_item(&workers, i);

		conf->worker_core[i] = (unsigned)base_config_int(&item, "core", true, 0, 1023, 0);
		base_config_only(&item, known);
	}
}

// How many elements of an array to read: 1 to `max`.
static unsigned counted(const struct base_config *root, const char *key, const struct base_config *array, unsigned max)
{
	size_t n = base_config_count(array);

	if (base_config_present(array) && (n == 0 || n > max))
		base_config_error(root, key, "1 to %u entries", max);
	return (unsigned)(n < max ? n : max);
}

// True when a controller brings what is elsewhere in the file.
static bool read_control(const struct base_config *root, const char *folder, struct dp_conf *conf)
{
	static const char *const known[] = {"socket", NULL};
	static const char *const elsewhere[] = {"keys", "inputs", "outputs", "services", NULL};
	struct base_config control = base_config_object(root, "control", false);

	if (!base_config_present(&control))
		return false;
	read_path(&control, "socket", true, folder, conf->control);
	if (strlen(conf->control) > 107) // sun_path
		base_config_error(&control, "socket", "a socket's path has at most 107 bytes");
	base_config_only(&control, known);
	for (unsigned i = 0; elsewhere[i]; i++)
		if (json_object_get(root->json, elsewhere[i]))
			base_config_error(root, elsewhere[i],
					  "with /control it comes from the controller: leave it out");
	return true;
}

// All there can be at the most, unless the document says less.
static void read_capacity(struct dp_conf *conf, const struct base_config *root, bool controlled)
{
	static const char *const known[] = {"inputs", "outputs", "services", "groups", "emm_streams", NULL};
	struct base_config node = base_config_object(root, "capacity", false);

	if (base_config_present(&node) && !controlled)
		base_config_error(root, "capacity",
				  "without /control there is room for what is in the file: leave it out");
	conf->capacity = (struct dp_conf_capacity){
		.inputs = (unsigned)base_config_int(&node, "inputs", false, 1, DP_CONF_INPUTS_MAX, DP_CONF_INPUTS_MAX),
		.outputs =
			(unsigned)base_config_int(&node, "outputs", false, 1, DP_CONF_OUTPUTS_MAX, DP_CONF_OUTPUTS_MAX),
		.services = (unsigned)base_config_int(&node, "services", false, 1, DP_CONF_SERVICES_MAX,
						      DP_CONF_SERVICES_MAX),
		.groups = (unsigned)base_config_int(&node, "groups", false, 1, DP_CONF_SERVICES_MAX,
						    DP_CONF_SERVICES_MAX),
		.emms = (unsigned)base_config_int(&node, "emm_streams", false, 1, DP_CONF_EMMS_MAX, DP_CONF_EMMS_MAX)};
	base_config_only(&node, known);
}

// Inputs, outputs and services: in the file when there is no controller.
static void read_lineup(struct dp_conf *conf, const struct base_config *root)
{
	struct base_config inputs = base_config_array(root, "inputs", true);
	struct base_config outputs = base_config_array(root, "outputs", true);
	struct base_config services = base_config_array(root, "services", true);

	conf->inputs = counted(root, "inputs", &inputs, DP_CONF_INPUTS_MAX);
	for (unsigned i = 0; i < conf->inputs; i++) {
		struct base_config item = base_config_item(&inputs, i);

		read_input(&item, conf, &conf->input[i]);
	}
	conf->outputs = counted(root, "outputs", &outputs, DP_CONF_OUTPUTS_MAX);
	for (unsigned i = 0; i < conf->outputs; i++) {
		struct base_config item = base_config_item(&outputs, i);

		read_output(&item, conf, &conf->output[i]);
	}
	conf->services = counted(root, "services", &services, DP_CONF_SERVICES_MAX);
	for (unsigned i = 0; i < conf->services; i++) {
		struct base_config item = base_config_item(&services, i);

		read_service(&item, conf, &conf->service[i]);
	}
}

static void read_root(struct dp_conf *conf, const struct base_config *root, const char *folder)
{
	static const char *const known[] = {"main_core",      "workers",  "idle",    "memory",   "batch_wait_us",
					    "source_hold_ms", "ciphers",  "keys",    "ports",    "inputs",
					    "outputs",        "services", "control", "capacity", NULL};
	static const char *const memory_known[] = {"hugepages", "mib", NULL};
	struct base_config memory = base_config_object(root, "memory", false);
	struct base_config ports = base_config_array(root, "ports", true);

	conf->main_core = (unsigned)base_config_int(root, "main_core", false, 0, 1023, 0);
	read_workers(root, conf);
	conf->idle = base_config_word(root, "idle", false, idle_words, DP_IDLE_SPIN);
	conf->hugepages = base_config_bool(&memory, "hugepages", false);
	conf->memory_mib = (unsigned)base_config_int(&memory, "mib", false, 64, 1 << 20, 256);
	base_config_only(&memory, memory_known);
	conf->batch_wait_us = (uint32_t)base_config_int(root, "batch_wait_us", false, 0, 10000, 100);
	conf->source_hold_ms = (uint32_t)base_config_int(root, "source_hold_ms", false, 100, 60000, 2000);
	dp_conf_read_ciphers(root, &conf->ciphers);
	read_path(root, "keys", false, folder, conf->keys);
	bool controlled = read_control(root, folder, conf);

	read_capacity(conf, root, controlled);

	conf->ports = counted(root, "ports", &ports, DP_CONF_PORTS_MAX);
	for (unsigned i = 0; i < conf->ports; i++) {
		struct base_config item = base_config_item(&ports, i);

		read_port(&item, folder, &conf->port[i]);
	}
	if (!controlled)
		read_lineup(conf, root);
	base_config_only(root, known);
}

static int finish(struct dp_conf *conf, struct base_config *root, const char *folder, struct base_errs *errs)
{
	size_t before = errs->count + errs->lost;

	memset(conf, 0, sizeof(*conf));
	read_root(conf, root, folder);
	dp_conf_check(conf, errs);
	base_config_free(root);
	return errs->count + errs->lost == before ? 0 : -EINVAL;
}

int dp_conf_load(struct dp_conf *conf, const char *path, struct base_errs *errs)
{
	char folder[DP_CONF_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	struct base_config root;
	int rc = base_config_load(&root, path, errs);

	if (rc)
		return rc;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash + 1 - path) : 0, path);
	return finish(conf, &root, folder, errs);
}

int dp_conf_parse(struct dp_conf *conf, const char *text, size_t n, const char *name, struct base_errs *errs)
{
	struct base_config root;
	int rc = base_config_parse(&root, text, n, name, errs);

	return rc ? rc : finish(conf, &root, "", errs);
}

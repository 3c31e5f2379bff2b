// SPDX-License-Identifier: GPL-3.0-or-later
#include "ecmg/conf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include <base_bytes.h>
#include <base_config.h>

enum { CP_STEP_MS = 100 }; // min_CP_duration travels in this unit

static void copy(char *to, size_t capacity, const char *from)
{
	snprintf(to, capacity, "%s", from ? from : "");
}

static void read_address(const struct base_config *node, char *to)
{
	const char *address = base_config_string(node, "address", true, CAS_CONF_ADDRESS_BYTES - 1, NULL);
	uint8_t bytes[16];

	copy(to, CAS_CONF_ADDRESS_BYTES, address);
	if (address && inet_pton(AF_INET, address, bytes) != 1 && inet_pton(AF_INET6, address, bytes) != 1)
		base_config_error(node, "address", "\"%s\" is no IPv4 or IPv6 address", address);
}

static void read_socket(const struct base_config *root, const char *key, char *to)
{
	static const char *const known[] = {"socket", NULL};
	struct base_config node = base_config_object(root, key, true);
	const char *path = base_config_string(&node, "socket", true, CAS_CONF_PATH_BYTES - 1, NULL);

	copy(to, CAS_CONF_PATH_BYTES, path);
	if (path && !path[0])
		base_config_error(&node, "socket", "give the path of a local socket");
	base_config_only(&node, known);
}

// Eight hexadecimal digits.
static uint32_t read_id32(const struct base_config *node, const char *key, bool required, uint32_t fallback)
{
	const char *text = base_config_string(node, key, required, 0, NULL);
	uint8_t bytes[4];

	if (!text)
		return fallback;
	if (strlen(text) == 8 && base_bytes_from_hex(bytes, sizeof(bytes), text, 8) == 4)
		return base_bytes_get32(bytes);
	base_config_error(node, key, "give 8 hexadecimal digits: CA_system_id and CA_subsystem_id");
	return fallback;
}

static int16_t read_delay(const struct base_config *node, const char *key, int16_t fallback)
{
	return (int16_t)base_config_int(node, key, false, -30000, 30000, fallback);
}

// Which words the ECM holds decides when it may be on air (docs/cas-config.md).
static void check_delay(const struct base_config *node, const struct cas_conf_ecmg *ecmg)
{
	if (ecmg->delay_start_ms < 0 && ecmg->lead_cw == 1)
		base_config_error(node, "delay_start_ms",
				  "%d ms is before the crypto-period and needs lead_cw 0: with lead_cw 1 the word "
				  "n + 1 of the ECM has the parity of the word on air then",
				  ecmg->delay_start_ms);
	if (ecmg->delay_start_ms > 0 && ecmg->lead_cw == 0)
		base_config_error(node, "delay_start_ms",
				  "%d ms is after the start of the crypto-period and needs lead_cw 1: with lead_cw 0 "
				  "no ECM before it holds the word of its beginning",
				  ecmg->delay_start_ms);
}

static void check_durations(const struct base_config *node, const struct cas_conf_ecmg *ecmg)
{
	if (ecmg->min_cp_duration_ms % CP_STEP_MS)
		base_config_error(node, "min_cp_duration_ms", "%u is no multiple of %d", ecmg->min_cp_duration_ms,
				  CP_STEP_MS);
	if (ecmg->max_comp_time_ms >= ecmg->min_cp_duration_ms)
		base_config_error(node, "max_comp_time_ms", "%u is not below min_cp_duration_ms, %u",
				  ecmg->max_comp_time_ms, ecmg->min_cp_duration_ms);
}

static void read_ecmg(const struct base_config *root, struct cas_conf_ecmg *ecmg)
{
	static const char *const known[] = {"address",
					    "tcp_port",
					    "lead_cw",
					    "cw_per_msg",
					    "delay_start_ms",
					    "delay_stop_ms",
					    "transition_delay_start_ms",
					    "transition_delay_stop_ms",
					    "ecm_rep_period_ms",
					    "max_streams",
					    "min_cp_duration_ms",
					    "max_comp_time_ms",
					    "packets",
					    NULL};
	struct base_config node = base_config_object(root, "ecmg", true);

	read_address(&node, ecmg->address);
	ecmg->tcp_port = (uint16_t)base_config_int(&node, "tcp_port", true, 1, 65535, 0);
	ecmg->lead_cw = (uint8_t)base_config_int(&node, "lead_cw", false, 0, 1, 1);
	ecmg->cw_per_msg = (uint8_t)base_config_int(&node, "cw_per_msg", false, 1, 2, 2);
	ecmg->delay_start_ms = read_delay(&node, "delay_start_ms", ecmg->lead_cw ? 200 : -500);
	ecmg->delay_stop_ms = read_delay(&node, "delay_stop_ms", ecmg->lead_cw ? 200 : -500);
	ecmg->transition_delay_start_ms = read_delay(&node, "transition_delay_start_ms", -500);
	ecmg->transition_delay_stop_ms = read_delay(&node, "transition_delay_stop_ms", 0);
	ecmg->ecm_rep_period_ms = (uint16_t)base_config_int(&node, "ecm_rep_period_ms", false, 10, 30000, 100);
	ecmg->max_streams = (uint16_t)base_config_int(&node, "max_streams", false, 0, 65535, 0);
	ecmg->min_cp_duration_ms = (uint32_t)base_config_int(&node, "min_cp_duration_ms", false, 100, 3600000, 1000);
	ecmg->max_comp_time_ms = (uint16_t)base_config_int(&node, "max_comp_time_ms", false, 1, 60000, 100);
	ecmg->packets = base_config_bool(&node, "packets", false);
	check_delay(&node, ecmg);
	check_durations(&node, ecmg);
	base_config_only(&node, known);
}

static void read_emmg(const struct base_config *root, uint32_t super_cas_id, struct cas_conf_emmg *emmg)
{
	static const char *const known[] = {"address",   "tcp_port",        "version",
					    "client_id", "data_channel_id", "data_stream_id",
					    "data_id",   "bandwidth_kbps",  "packets",
					    NULL};
	struct base_config node = base_config_object(root, "emmg", false);

	emmg->there = base_config_present(&node);
	if (!emmg->there)
		return;
	read_address(&node, emmg->address);
	emmg->tcp_port = (uint16_t)base_config_int(&node, "tcp_port", true, 1, 65535, 0);
	emmg->version = (uint8_t)base_config_int(&node, "version", false, 2, 3, 3);
	emmg->client_id = read_id32(&node, "client_id", false, super_cas_id);
	emmg->data_channel_id = (uint16_t)base_config_int(&node, "data_channel_id", false, 0, 65535, 1);
	emmg->data_stream_id = (uint16_t)base_config_int(&node, "data_stream_id", false, 0, 65535, 1);
	emmg->data_id = (uint16_t)base_config_int(&node, "data_id", false, 0, 65535, 1);
	emmg->bandwidth_kbps = (uint16_t)base_config_int(&node, "bandwidth_kbps", false, 1, 65535, 500);
	emmg->packets = base_config_bool(&node, "packets", false);
	base_config_only(&node, known);
}

static int read_root(struct cas_conf *conf, struct base_config *root, struct base_errs *errs)
{
	static const char *const known[] = {"name", "super_cas_id", "vault", "operator", "ecmg", "emmg", NULL};

	copy(conf->name, sizeof(conf->name), base_config_string(root, "name", true, CAS_CONF_NAME_BYTES - 1, ""));
	if (base_config_present(root) && base_errs_none(errs) && !conf->name[0])
		base_config_error(root, "name", "a name has at least one character");
	conf->super_cas_id = read_id32(root, "super_cas_id", true, 0);
	read_socket(root, "vault", conf->vault);
	read_socket(root, "operator", conf->operator_socket);
	read_ecmg(root, &conf->ecmg);
	read_emmg(root, conf->super_cas_id, &conf->emmg);
	base_config_only(root, known);
	base_config_free(root);
	return base_errs_none(errs) ? 0 : -EINVAL;
}

int cas_conf_load(struct cas_conf *conf, const char *path, struct base_errs *errs)
{
	struct base_config root;
	int rc = base_config_load(&root, path, errs);

	*conf = (struct cas_conf){0};
	return rc ? rc : read_root(conf, &root, errs);
}

int cas_conf_parse(struct cas_conf *conf, const char *text, size_t n, const char *name, struct base_errs *errs)
{
	struct base_config root;
	int rc = base_config_parse(&root, text, n, name, errs);

	*conf = (struct cas_conf){0};
	return rc ? rc : read_root(conf, &root, errs);
}

// SPDX-License-Identifier: GPL-3.0-or-later
// ECMGs, scrambling groups, the MUX and its EMM streams.
#include <stdio.h>
#include <string.h>

#include <base_bytes.h>

#include "service/conf_parts.h"

// Super_CAS_id or client_id: 8 hexadecimal digits.
static uint32_t read_id(const struct base_config *node, const char *key)
{
	const char *hex = base_config_string(node, key, true, 0, NULL);
	uint8_t id[4];

	if (!hex)
		return 0;
	if (base_bytes_from_hex(id, sizeof(id), hex, strlen(hex)) == sizeof(id))
		return base_bytes_get32(id);
	base_config_error(node, key, "is \"%.40s\"; 8 hexadecimal digits are expected", hex);
	return 0;
}

static uint16_t read_pid(const struct base_config *node, const char *key)
{
	return (uint16_t)base_config_int(node, key, true, 0x20, 0x1FFE, 0);
}

static void read_private(const struct base_config *node, struct cp_conf_private *private)
{
	private->n = (uint8_t)cp_conf_read_hex(node, "private", private->bytes, sizeof(private->bytes));
}

static void read_ecmg(const struct base_config *node, unsigned index, struct cp_conf_ecmg *ecmg)
{
	static const char *const known[] = {"name",       "super_cas_id",     "address",    "tcp_port", "version",
					    "channel_id", "test_interval_ms", "timeout_ms", NULL};

	cp_conf_read_name(node, ecmg->name);
	ecmg->super_cas_id = read_id(node, "super_cas_id");
	cp_conf_read_address(node, ecmg->address);
	ecmg->tcp_port = (uint16_t)base_config_int(node, "tcp_port", true, 1, UINT16_MAX, 0);
	ecmg->version = (uint8_t)base_config_int(node, "version", false, 2, 3, 3);
	ecmg->version_fixed = base_config_present(node) && json_object_get(node->json, "version");
	ecmg->channel_id = (uint16_t)base_config_int(node, "channel_id", false, 0, UINT16_MAX, index + 1);
	ecmg->test_interval_ms = (uint32_t)base_config_int(node, "test_interval_ms", false, 100, 3600000, 10000);
	ecmg->timeout_ms = (uint32_t)base_config_int(node, "timeout_ms", false, 100, 60000, 5000);
	base_config_only(node, known);
}

static void read_cas(const struct base_config *node, const struct cp_conf *conf, struct cp_conf_cas *cas)
{
	static const char *const known[] = {"ecmg", "ecm_id", "ecm_pid", "access_criteria", "private", NULL};

	cas->ecmg = cp_conf_read_index(node, "ecmg", "ECMG", conf->ecmg[0].name, sizeof(conf->ecmg[0]), conf->ecmgs);
	cas->ecm_id = (uint16_t)base_config_int(node, "ecm_id", true, 0, UINT16_MAX, 0);
	cas->ecm_pid = read_pid(node, "ecm_pid");
	cas->ac_n = (uint16_t)cp_conf_read_hex(node, "access_criteria", cas->ac, sizeof(cas->ac));
	read_private(node, &cas->private);
	base_config_only(node, known);
}

static void read_group(const struct base_config *node, const struct cp_conf *conf, struct cp_conf_group *group)
{
	static const char *const known[] = {"name", "algorithm", "crypto_period_ms", "cas", NULL};
	struct base_config_word algorithms[CP_ALGORITHMS + 1] = {{NULL, 0}};

	for (int i = 0; i < CP_ALGORITHMS; i++)
		algorithms[i] = (struct base_config_word){cp_algorithm_facts[i].name, i};
	cp_conf_read_name(node, group->name);
	group->algorithm = (enum cp_algorithm)base_config_word(node, "algorithm", true, algorithms, CP_CSA2);
	group->crypto_period_ms = (uint32_t)base_config_int(node, "crypto_period_ms", false, 1000, 3600000, 10000);
	if (group->crypto_period_ms % 100)
		base_config_error(node, "crypto_period_ms", "is %u; SimulCrypt counts in steps of 100 ms",
				  group->crypto_period_ms);
	struct base_config cas = base_config_array(node, "cas", true);

	group->cas.ecmg = CP_CONF_NONE;
	if (cp_conf_counted(node, "cas", &cas, 1, 1)) {
		struct base_config item = base_config_item(&cas, 0);

		read_cas(&item, conf, &group->cas);
	}
	base_config_only(node, known);
}

void cp_conf_read_ca(const struct base_config *root, struct cp_conf *conf)
{
	struct base_config ecmgs = base_config_array(root, "ecmgs", false);
	struct base_config groups = base_config_array(root, "groups", false);

	conf->ecmgs = cp_conf_counted(root, "ecmgs", &ecmgs, 0, CP_CONF_ECMGS_MAX);
	for (unsigned i = 0; i < conf->ecmgs; i++) {
		struct base_config item = base_config_item(&ecmgs, i);

		read_ecmg(&item, i, &conf->ecmg[i]);
	}
	conf->groups = cp_conf_counted(root, "groups", &groups, 0, DP_MSG_GROUPS_MAX);
	for (unsigned i = 0; i < conf->groups; i++) {
		struct base_config item = base_config_item(&groups, i);

		read_group(&item, conf, &conf->group[i]);
	}
}

// "all", or a list of names.
static void read_emm_outputs(const struct base_config *node, const struct cp_conf *conf, struct cp_conf_emm *emm)
{
	const json_t *json = base_config_present(node) ? json_object_get(node->json, "outputs") : NULL;

	if (json_is_string(json) && strcmp(json_string_value(json), "all") == 0) {
		for (unsigned i = 0; i < conf->outputs; i++)
			emm->output[i] = true;
		return;
	}
	struct base_config list = base_config_array(node, "outputs", true);

	cp_conf_counted(node, "outputs", &list, 1, DP_MSG_OUTPUTS_MAX);
	for (size_t i = 0; i < base_config_count(&list); i++) {
		const char *name = base_config_item_string(&list, i);
		unsigned found = 0;

		while (name && found < conf->outputs && strcmp(conf->output[found].name, name) != 0)
			found++;
		if (name && found == conf->outputs)
			base_config_error(node, "outputs", "no output is named \"%s\"", name);
		else if (name)
			emm->output[found] = true;
	}
}

static void read_emm(const struct base_config *node, const struct cp_conf *conf, struct cp_conf_emm *emm)
{
	static const char *const known[] = {"name",           "client_id", "data_id", "pid",
					    "bandwidth_kbps", "outputs",   "private", NULL};

	cp_conf_read_name(node, emm->name);
	emm->client_id = read_id(node, "client_id");
	emm->data_id = (uint16_t)base_config_int(node, "data_id", true, 0, UINT16_MAX, 0);
	emm->pid = read_pid(node, "pid");
	emm->bandwidth_kbps = (uint16_t)base_config_int(node, "bandwidth_kbps", true, 1, UINT16_MAX, 1);
	read_emm_outputs(node, conf, emm);
	read_private(node, &emm->private);
	base_config_only(node, known);
}

void cp_conf_read_emms(const struct base_config *root, struct cp_conf *conf)
{
	static const char *const known[] = {"address", "tcp_port", NULL};
	struct base_config mux = base_config_object(root, "mux", false);
	struct base_config streams = base_config_array(root, "emm_streams", false);

	conf->mux = base_config_present(&mux);
	if (conf->mux) {
		cp_conf_read_address(&mux, conf->mux_address);
		conf->mux_tcp_port = (uint16_t)base_config_int(&mux, "tcp_port", true, 1, UINT16_MAX, 0);
		base_config_only(&mux, known);
	}
	conf->emms = cp_conf_counted(root, "emm_streams", &streams, 0, DP_MSG_EMMS_MAX);
	for (unsigned i = 0; i < conf->emms; i++) {
		struct base_config item = base_config_item(&streams, i);

		read_emm(&item, conf, &conf->emm[i]);
	}
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "stage/stage.h"

const char *const dp_drop_name[DP_DROPS] = {
#define X(symbol, name, text) [DP_DROP_##symbol] = (name),
	DP_DROP_TABLE(X)
#undef X
};

const char *const dp_drop_text[DP_DROPS] = {
#define X(symbol, name, text) [DP_DROP_##symbol] = (text),
	DP_DROP_TABLE(X)
#undef X
};

const char *const dp_stage_name[DP_STAGES] = {
#define X(symbol, name) [DP_STAGE_##symbol] = (name),
	DP_STAGE_TABLE(X)
#undef X
};

void dp_drop_datagram(uint64_t *drops, struct rte_mbuf *mbuf, enum dp_drop reason)
{
	dp_count(&drops[reason], 1);
	rte_pktmbuf_free(mbuf);
}

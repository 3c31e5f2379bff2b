// SPDX-License-Identifier: GPL-3.0-or-later
// Fault hooks of the test program bulkhead-dataplane-faulty; the product is compiled without them.
//
// Threads: set by main before READY, read by the workers.
#pragma once

#include <stdbool.h>

#if defined(DP_FAULTS)

// X(symbol, name)
#define DP_FAULT_TABLE(X)                                                                        \
	X(SKIP_LANE, "skip-lane")   /* every 50th lane leaves the cipher as it came */           \
	X(ZERO_MASK, "zero-mask")   /* every 50th lane is scrambled in its first half only */    \
	X(LOST_KEY, "lost-key")     /* every 50th lane's key is gone before it is used */        \
	X(WRONG_KIND, "wrong-kind") /* every 50th packet to scramble is taken for a clear one */ \
	X(UNWRITTEN, "unwritten")   /* every 50th lane is called done and was never written */   \
	X(GUARD_OFF, "guard-off")   /* the guard looks away */                                   \
	X(WRONG_CW, "wrong-cw")     /* every control word has one bit flipped */                 \
	X(DROP, "drop")             /* every 500th transport packet of a service vanishes */     \
	X(ANSWERS, "answers")       /* no cipher shows its known answers */

enum dp_fault {
#define X(symbol, name) DP_FAULT_##symbol,
	DP_FAULT_TABLE(X)
#undef X
		DP_FAULT_KINDS
};

// Turns on the faults named in a comma-separated list; "clear" stands for skip-lane,guard-off.
// 0 or -EINVAL.
int dp_fault_set(const char *names);

extern bool dp_fault_on[DP_FAULT_KINDS];

#define DP_FAULT(kind) (dp_fault_on[DP_FAULT_##kind])

#else

#define DP_FAULT(kind) false

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
// Points at which the test program bulkhead-control-faulty kills itself. In the real program they are nothing.
//
// Threads: the loop's. Owns: which point, and how often it may still be passed.
// Errors: -EINVAL for an unknown point.
#pragma once

enum cp_fault {
	CP_FAULT_CW_MADE,     // a control word has been made
	CP_FAULT_ECM_BACK,    // an ECM_response has come
	CP_FAULT_PERIOD_SENT, // a crypto-period has gone to the dataplane
	CP_FAULT_ECM_ON_AIR,  // an ECM of a crypto-period has left for the first time
	CP_FAULT_FLIPPED,     // a crypto-period has begun
	CP_FAULTS
};

#if defined(CP_FAULTS_ON)
// Reads "POINT" or "POINT:COUNT": SIGKILL at the COUNTth time.
int cp_fault_set(const char *text);
void cp_fault_pass(enum cp_fault point);
#define CP_FAULT(point) cp_fault_pass(CP_FAULT_##point)
#else
#define CP_FAULT(point) ((void)0)
#endif

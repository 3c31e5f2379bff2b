// SPDX-License-Identifier: GPL-3.0-or-later
// `bulkhead-bench plan`: how many servers a line-up needs, from what was measured.
//
// Refs: docs/capacity.md.
// Threads: main. Errors: exit status 0 good, 1 it cannot be planned, 2 wrong usage or mistakes in the line-up.
#pragma once

// argv[0] is the subcommand's name.
int bench_plan_main(int argc, char **argv);

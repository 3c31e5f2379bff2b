// SPDX-License-Identifier: GPL-3.0-or-later
// `bulkhead-bench path`: the real worker loop between a replay from memory and a sink, in one process.
//
// Threads: main. Errors: exit status 0 good, 1 it could not run or its own check failed, 2 wrong usage.
#pragma once

// argv[0] is the subcommand's name.
int bench_path_main(int argc, char **argv);

// SPDX-License-Identifier: GPL-3.0-or-later
// `bulkhead-bench kernel`: the ciphers by themselves, on one pinned core, beside the libraries that others use.
#pragma once

// main() of the subcommand. Exit status: 0 good, 1 it could not run or implementations disagree, 2 usage.
int bench_kernel_main(int argc, char **argv);

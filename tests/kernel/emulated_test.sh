#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kernel-test on processors that have less than this one: emulated_test.sh KERNEL-TEST CPU [FEATURE...]
#
# The FEATUREs are all that may be found on that CPU. What stays out of reach is printed by kernel-test.
set -eu

program=$1 cpu=$2
shift 2
wanted="processor:${*:+ $*}"

# The emulator warns of features without effect on programs.
found=$(qemu-x86_64 -cpu "$cpu" "$program" --list 2>/dev/null | head -1)
if [[ $found != "$wanted" ]]; then
	echo "$cpu: found '$found' instead of '$wanted'" >&2
	exit 1
fi
exec qemu-x86_64 -cpu "$cpu" "$program" --brief

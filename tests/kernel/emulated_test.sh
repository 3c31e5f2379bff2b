#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kernel-test on processors that have less than this one: emulated_test.sh KERNEL-TEST CPU ISA [FEATURE...]
#
# The FEATUREs are all that may be found on that CPU. Run is what needs the ISA, or all that can. What stays out of reach
# is printed by kernel-test.
set -eu

program=$1 cpu=$2 isa=$3
shift 3
wanted="processor:${*:+ $*}"

# The emulator warns of features without effect on programs.
found=$(qemu-x86_64 -cpu "$cpu" "$program" --list 2>/dev/null | head -1)
if [[ $found != "$wanted" ]]; then
	echo "$cpu: found '$found' instead of '$wanted'" >&2
	exit 1
fi
options=(--brief)
[[ $isa == all ]] || options+=(--isa "$isa")
exec qemu-x86_64 -cpu "$cpu" "$program" "${options[@]}"

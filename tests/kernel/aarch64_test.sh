#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernels alone, built for aarch64 and run under an emulator: aarch64_test.sh SOURCE
set -eu

source=$1
here=$(dirname "$(readlink -f "$0")")
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

meson setup "$build" "$source" -Dkernels_only=true --cross-file "$here/aarch64.cross"
ninja -j2 -C "$build"
qemu-aarch64 -L /usr/aarch64-linux-gnu "$build/tests/kernel/kernel-test" --brief

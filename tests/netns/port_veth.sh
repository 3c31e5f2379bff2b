#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a command in a network namespace of its own that has the ends of two wires:
#
#     command's sockets            dataplane's ports
#   +------------------+         +------------------+
#   |  src0  10.0.1.1  |---------|  bh-in           |
#   |  rcv0            |---------|  bh-out          |
#   +------------------+         +------------------+
#
# Everything goes away with the command. Exit status 77 when namespaces are out of reach.
set -u

if [[ ${1-} != --inside ]]; then
	if ! python3 -B "$(dirname -- "$0")/../flow/demo/namespaces.py" </dev/null; then
		echo "network namespaces are not possible here"
		exit 77
	fi
	exec unshare --net "$0" --inside "$@"
fi
shift
set -e
# No IPv6 chatter on the wires.
echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 || true
ip link add src0 type veth peer name bh-in
ip link add rcv0 type veth peer name bh-out
ip addr add 10.0.1.1/24 dev src0
for wire in lo src0 bh-in rcv0 bh-out; do
	ip link set "$wire" up
done
ip route add 224.0.0.0/4 dev src0
exec "$@"

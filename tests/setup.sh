# SPDX-License-Identifier: GPL-3.0-or-later
# The set-up that run-tests, run-demo and tests/fuzz share: packages, then a build directory. Sourced from the
# repository's root. What it cannot do ends the command with the status setup_failed, or 1.
#
# Nothing is installed, configured or compiled without need: packages are looked up first, a build directory is
# configured again only when its options or its place changed, and ninja decides the rest.

say() { printf '\n== %s\n' "$*"; }

die()
{
	printf 'error: %s\n' "$*" >&2
	exit "${setup_failed:-1}"
}

# The names in packages.txt, one a line.
setup_wanted() { sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' packages.txt; }

# Of those, the ones that dpkg does not call installed.
setup_missing()
{
	local name

	for name in $(setup_wanted); do
		dpkg-query -W -f='${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || echo "$name"
	done
}

setup_packages()
{
	local missing apt=(apt-get -o DPkg::Lock::Timeout=500)

	command -v dpkg-query >/dev/null || die "this is made for Debian 12; install what packages.txt names by hand"
	missing=$(setup_missing | tr '\n' ' ')
	if [[ -z ${missing// /} ]]; then
		return 0
	fi
	if [[ $EUID -ne 0 ]]; then
		printf 'error: these packages are missing: %s\n' "$missing" >&2
		printf 'Not being root, this command may not install them. As root, run:\n' >&2
		printf '  apt-get update && apt-get install -y --no-install-recommends %s\n' "$missing" >&2
		exit "${setup_failed:-1}"
	fi
	say "installing $missing"
	export DEBIAN_FRONTEND=noninteractive
	"${apt[@]}" update -q || die "apt-get update failed: no package lists, see above"
	# shellcheck disable=SC2086 # a list of words
	"${apt[@]}" install -y -q --no-install-recommends $missing || die "apt-get could not install: $missing"
	missing=$(setup_missing | tr '\n' ' ')
	[[ -z ${missing// /} ]] || die "still missing after the installation: $missing"
}

# DPDK finds the processors in sysfs, which a bare chroot lacks: mounts it until this command ends.
setup_sysfs()
{
	[[ -d /sys/devices/system/cpu ]] && return 0
	[[ $EUID -eq 0 ]] || die "/sys is empty, and DPDK finds the processors there; as root: mount -t sysfs sysfs /sys"
	say "mounting sysfs on /sys for the time of this run"
	mkdir -p /sys && mount -t sysfs -o ro sysfs /sys || die "sysfs could not be mounted on /sys; DPDK needs it"
	setup_sysfs_mounted=1
	trap setup_end EXIT
}

# What a command that sourced this runs at its end, by a trap of its own if it has one.
setup_end()
{
	if [[ -n ${setup_sysfs_mounted:-} ]]; then
		umount /sys
	fi
}

# setup_configure DIR [meson option...]: configures when needed.
setup_configure()
{
	local dir=$1 wanted have=
	shift

	# A build directory knows its source by its absolute path: a moved tree is configured anew.
	wanted="$PWD $* $(printf '%s ' "${CC:-}" "${CFLAGS:-}")"
	[[ -f $dir/house-options ]] && have=$(<"$dir/house-options")
	if [[ ! -f $dir/build.ninja || $have != "$wanted" ]]; then
		if [[ -e $dir && ! -d $dir/meson-private ]] && ! rmdir -- "$dir" 2>/dev/null; then
			echo "error: $dir is there and no build directory; it is left alone" >&2
			return 1
		fi
		say "configuring $dir"
		rm -rf -- "$dir"
		meson setup "$dir" "$@" || return 1
		printf '%s\n' "$wanted" >"$dir/house-options"
	fi
}

# setup_build DIR [meson option...]: configures when needed, then compiles.
setup_build()
{
	setup_configure "$@" || return 1
	say "building $1"
	ninja -C "$1"
}

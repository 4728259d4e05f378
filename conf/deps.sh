#!/bin/sh
# Installs what is missing for the named purposes: conf/deps.sh build|sanitize|check|browser|dashboard|shells|lint|fuzz|bench ...
# Silent, and far from the package manager, when nothing is missing. Called by the Makefile.
set -eu

CC=${CC:-cc} PKG_CONFIG=${PKG_CONFIG:-pkg-config} SANITIZE=${SANITIZE:-} FUZZ_CC=${FUZZ_CC:-clang}

# One line a need: purpose, how it is found, and the packages (a,b; - is none) of
#         Debian/Ubuntu (apt-get), Fedora (dnf), Alpine (apk), Arch (pacman).
# shellcheck disable=SC2016 # $PKG_CONFIG is put in by missing()
table='
build     cc                 gcc,libc6-dev          gcc,glibc-devel         gcc,musl-dev        gcc
build     tool:cmp           diffutils              diffutils               diffutils           diffutils
build     tool:$PKG_CONFIG   pkg-config             pkgconf-pkg-config      pkgconf             pkgconf
build     lib:libbsd         libbsd-dev             libbsd-devel            libbsd-dev          libbsd
build     lib:libmd          libmd-dev              libmd-devel             libmd-dev           libmd
build     lib:jansson        libjansson-dev         jansson-devel           jansson-dev         jansson
build     lib:libevent_core  libevent-dev           libevent-devel          libevent-dev        libevent
build     lib:libevent_extra libevent-dev          libevent-devel          libevent-dev        libevent
build     lib:ncursesw       libncurses-dev         ncurses-devel           ncurses-dev         ncurses
build     lib:sqlite3        libsqlite3-dev         sqlite-devel            sqlite-dev          sqlite
sanitize  sanitizer          gcc,libc6-dev          libasan,libubsan,libtsan -                  gcc-libs
check     lib:check          check                  check-devel             check-dev           check
check     tool:bats          bats                   bats                    bats                bats
check     tool:parallel      parallel               parallel                parallel            parallel
check     tool:pkill         procps                 procps-ng               procps              procps-ng
check     tool:mandoc        mandoc                 mandoc                  mandoc              mandoc
check     tool:curl          curl                   curl                    curl                curl
check     tool:tmux          tmux                   tmux                    tmux                tmux
check     tool:strace        strace                 strace                  strace              strace
check     tool:tsp           task-spooler           -                       -                   -
check     python:jsonschema  python3-jsonschema     python3-jsonschema      py3-jsonschema      python-jsonschema
browser   tool:chromium      chromium               chromium                chromium            chromium
browser   tool:node          nodejs                 nodejs                  nodejs              nodejs
browser   tool:npm           npm                    nodejs-npm              npm                 npm
dashboard tool:promtool      prometheus             golang-github-prometheus prometheus         prometheus
shells    tool:zsh           zsh                    zsh                     zsh                 zsh
shells    tool:fish          fish                   fish                    fish                fish
lint      tool:clang-format  clang-format           clang-tools-extra       clang-extra-tools   clang
lint      tool:clang-tidy    clang-tidy             clang-tools-extra       clang-extra-tools   clang
lint      tool:cppcheck      cppcheck               cppcheck                cppcheck            cppcheck
lint      tool:shellcheck    shellcheck             ShellCheck              shellcheck          shellcheck
lint      tool:mandoc        mandoc                 mandoc                  mandoc              mandoc
lint      tool:find          findutils              findutils               findutils           findutils
fuzz      fuzzer             clang,libclang-rt-dev  clang,compiler-rt       clang,compiler-rt   clang,compiler-rt
bench     tool:python3       python3                python3                 python3             python
bench     tool:parallel      parallel               parallel                parallel            parallel
bench     tool:xjobs         xjobs                  -                       -                   -
bench     tool:tsp           task-spooler           task-spooler            -                   task-spooler
'

say()
{
	echo "deps: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

# found HOW: is it there?
found()
{
	case $1 in
	tool:*) command -v "${1#tool:}" ;;
	lib:*) "$PKG_CONFIG" --exists "${1#lib:}" ;;
	python:*) python3 -c "import importlib.util as u, sys; sys.exit(not u.find_spec('${1#python:}'))" ;;
	cc) echo '#include <stdlib.h>' | $CC -E - ;;
	sanitizer) echo 'int main(void) { return 0; }' | $CC "-fsanitize=$SANITIZE" -x c -o /dev/null - ;;
	fuzzer) echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' |
		$FUZZ_CC -fsanitize=fuzzer,address -x c -o /dev/null - ;;
	esac >/dev/null 2>&1
}

# missing COLUMN PURPOSE...: what is not there; as needs (column 2) or as packages (3 to 6)
missing()
{
	column=$1
	shift
	for purpose in "$@"; do
		echo "$table" | while read -r want how packages; do
			[ "$want" = "$purpose" ] || continue
			[ "$how" != "tool:\$PKG_CONFIG" ] || how=tool:$PKG_CONFIG
			found "$how" && continue
			# shellcheck disable=SC2086 # the packages' columns become arguments
			set -- "$want" "$how" $packages
			shift $((column - 1))
			case $how:$CC in
			cc:cc | cc:gcc) echo "$1" ;;
			cc:*) echo "$1" | sed "s/^gcc/${CC%% *}/" ;;
			*) echo "$1" ;;
			esac
		done
	done | tr ',' '\n' | grep -vx -- - | sort -u | tr '\n' ' '
}

# as_root COMMAND...: said, then run as root
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		say "running: $*"
		"$@"
	elif command -v sudo >/dev/null; then
		say "running: sudo $*"
		if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
	else
		die "neither root nor sudo is at hand; let root run: $*"
	fi
}

# apt_unknown PACKAGE...: those that the package lists do not have
apt_unknown()
{
	for package in "$@"; do
		apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || echo "$package"
	done
}

apt_install()
{
	if [ -n "$(apt_unknown "$@")" ]; then
		as_root apt-get update
	fi
	# A name that this release does not have is left out; whether that matters is seen afterwards.
	for package in $(apt_unknown "$@"); do
		say "this system has no package $package"
		for other in "$@"; do
			shift
			[ "$other" = "$package" ] || set -- "$@" "$other"
		done
	done
	[ $# -eq 0 ] || as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
	    --no-install-recommends -o DPkg::Lock::Timeout=600 "$@"
}

needs=$(missing 2 "$@")
[ -n "$needs" ] || exit 0
say "missing for $*: $needs"

if command -v apt-get >/dev/null; then
	column=3 install=apt_install
elif command -v dnf >/dev/null; then
	column=4 install='as_root dnf install -y'
elif command -v apk >/dev/null; then
	column=5 install='as_root apk add'
elif command -v pacman >/dev/null; then
	column=6 install='as_root pacman -S --needed --noconfirm'
else
	die "there is no apt-get, dnf, apk or pacman here to install them with: install them by hand" \
	    "(Debian's packages: $(missing 3 "$@"))"
fi

packages=$(missing "$column" "$@")
# shellcheck disable=SC2086 # both are lists of words
[ -z "$packages" ] || $install $packages ||
	die "could not install: $packages-- do that by hand (see the message above), then make again"

needs=$(missing 2 "$@")
case $*:$needs in
*:) ;;
*:*cc\ *) die "the compiler $CC (from CC=) is not here: install it, or choose another" ;;
bench:* | browser:* | dashboard:* | shells:*) say "not to be had here, left out: $needs" ;;
*) die "still missing: $needs-- install by hand what provides them, then make again" ;;
esac

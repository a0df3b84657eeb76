#!/bin/sh
# deps.sh - see that everything is there to build, check and lint with
#
# usage: deps.sh [build] [check] [lint] [other]
#
# What is missing is found by trying and installed with the system's package
# manager: apt, dnf, apk, pacman, pkg or brew. If nothing is missing, nothing
# is done and no privilege asked for. Without operands it looks for the first
# three; other is what .ci/run takes to try other systems where there is apt.
# CC, CPPFLAGS and LDFLAGS in the environment are as in the Makefile.

# What each kind of work needs, as found() knows it, with its packages in apt,
# dnf, apk, pacman, pkg and brew. A dash: it comes with the system. A plus sign
# joins two.
needs() {
	cat <<-'END'
	build compiler gcc+libc6-dev gcc gcc+musl-dev gcc - -
	build pkg-config pkg-config pkgconf-pkg-config pkgconf pkgconf pkgconf pkgconf
	build libbsd libbsd-dev libbsd-devel libbsd-dev libbsd - -
	build readline libreadline-dev readline-devel readline-dev readline readline readline
	build terminfo libncurses-dev ncurses-devel ncurses-dev ncurses - -
	build openssl libssl-dev openssl-devel openssl-dev openssl - openssl
	build libnghttp2 libnghttp2-dev libnghttp2-devel nghttp2-dev libnghttp2 libnghttp2 libnghttp2
	build libseccomp libseccomp-dev libseccomp-devel libseccomp-dev libseccomp - -
	build scdoc scdoc scdoc scdoc scdoc scdoc scdoc
	check appstreamcli appstream appstream appstream appstream appstream -
	check bash bash bash bash bash bash bash
	check bats bats bats bats bats bats-core bats-core
	check bmake bmake bmake bmake bmake - bmake
	check busybox busybox busybox busybox busybox busybox busybox
	check chromedriver chromium-driver chromedriver chromium-chromedriver chromium chromium -
	check chromium chromium chromium chromium chromium chromium -
	check curl curl curl curl curl curl curl
	check dash dash dash dash dash dash dash
	check dpkg-dev dpkg-dev - - - - -
	check desktop-file-validate desktop-file-utils desktop-file-utils desktop-file-utils desktop-file-utils desktop-file-utils desktop-file-utils
	check imagemagick imagemagick ImageMagick imagemagick imagemagick ImageMagick7 imagemagick
	check ip iproute2 iproute iproute2 iproute2 - -
	check etcd etcd-server etcd - etcd coreos-etcd34 etcd
	check etcdctl etcd-client etcd - etcd coreos-etcd34 etcd
	check fakeroot fakeroot fakeroot fakeroot fakeroot fakeroot fakeroot
	check fish fish fish fish fish fish fish
	check gnutls-cli gnutls-bin gnutls-utils gnutls-utils gnutls gnutls gnutls
	check jq jq jq jq jq jq jq
	check lighttpd lighttpd lighttpd lighttpd lighttpd lighttpd lighttpd
	check lighttpd-tls lighttpd-mod-openssl lighttpd lighttpd lighttpd lighttpd lighttpd
	check locales locales glibc-locale-source - - - -
	check nc netcat-openbsd netcat netcat-openbsd openbsd-netcat - -
	check ncat ncat nmap-ncat nmap-ncat nmap nmap nmap
	check openssl-command openssl openssl openssl openssl - openssl
	check pgrep procps procps-ng procps procps-ng - -
	check prlimit util-linux util-linux util-linux-misc util-linux - -
	check rsvg-convert librsvg2-bin librsvg2-tools rsvg-convert librsvg librsvg2-rust librsvg
	check rsync rsync rsync rsync rsync rsync rsync
	check socat socat socat socat socat socat socat
	check stunnel stunnel4 stunnel stunnel stunnel stunnel stunnel
	check systemd-analyze systemd systemd - systemd - -
	check telnet telnet telnet busybox-extras inetutils - telnet
	check timeout coreutils coreutils coreutils coreutils - coreutils
	check tmux tmux tmux tmux tmux tmux tmux
	check tk tk tk tk tk tk86 tcl-tk
	check unicode-data unicode-data unicode-ucd - unicode-character-database - -
	check xclip xclip xclip xclip xclip xclip xclip
	check xdotool xdotool xdotool xdotool xdotool xdotool xdotool
	check xvfb xvfb xorg-x11-server-Xvfb xvfb xorg-server-xvfb xorg-vfbserver -
	check zsh zsh zsh zsh zsh zsh zsh
	lint clang-format clang-format clang-tools-extra clang-extra-tools clang llvm llvm
	lint clang-tidy clang-tidy clang-tools-extra clang-extra-tools clang llvm llvm
	lint cppcheck cppcheck cppcheck cppcheck cppcheck cppcheck cppcheck
	lint fuzzer clang+libclang-rt-dev clang+compiler-rt clang+compiler-rt clang+compiler-rt llvm llvm
	lint mandoc mandoc mandoc mandoc mandoc - mandoc
	lint shellcheck shellcheck ShellCheck shellcheck shellcheck hs-ShellCheck shellcheck
	other debootstrap debootstrap - - - - -
	other gperf gperf - - - - -
	other musl-gcc musl-tools - - - - -
	other perl perl - - - - -
	other unshare util-linux - - - - -
	other xz xz-utils - - - - -
	END
}

# compiles [OPTION...]: whether the program on standard input can be built.
compiles() {
	# shellcheck disable=SC2086 # each may be several words
	${CC:-cc} -D_DEFAULT_SOURCE $CPPFLAGS -x c - -o "$tmp/program" "$@" \
	    $LDFLAGS 2>/dev/null
}

# As the Makefile asks for it: from libbsd, or else from the system's libc.
has_libbsd() {
	# shellcheck disable=SC2046 # each flag is a word
	compiles -Werror=implicit-function-declaration \
	    $(pkg-config --cflags --libs libbsd-overlay 2>/dev/null) <<-'END'
	#include <sys/types.h>
	#include <libutil.h>
	#include <stdlib.h>
	int main(void) { return (int)strtonum("0", 0, 1, 0); }
	END
}

has_readline() {
	compiles -lreadline <<-'END'
	#include <stdio.h>
	#include <readline/readline.h>
	int main(void) { rl_callback_handler_remove(); return 0; }
	END
}

# As the Makefile asks for it.
has_terminfo() {
	# shellcheck disable=SC2046 # each flag is a word
	compiles $(pkg-config --libs tinfo 2>/dev/null ||
	    pkg-config --libs ncurses 2>/dev/null || echo -lcurses) <<-'END'
	#include <termcap.h>
	int main(void) { return tgetent(0, "dumb") == 1; }
	END
}

has_openssl() {
	# shellcheck disable=SC2046 # each flag is a word
	compiles $(pkg-config --cflags --libs libssl libcrypto 2>/dev/null) \
	    <<-'END'
	#include <openssl/ssl.h>
	int main(void) { return SSL_CTX_new(TLS_method()) == NULL; }
	END
}

# It is Linux's alone.
has_libseccomp() {
	[ "$(uname)" != Linux ] || pkg-config --exists libseccomp
}

has_fuzzer() (
	CC=clang
	compiles -fsanitize=fuzzer,address,undefined <<-'END'
	int LLVMFuzzerTestOneInput(const char *s, unsigned long n);
	int LLVMFuzzerTestOneInput(const char *s, unsigned long n)
	{ return s == 0 && n > 0; }
	END
)

# Without a display it can't be loaded, but it can be found.
has_tk() {
	[ "$(echo 'catch { package require Tk 99 }
	    puts [llength [package versions Tk]]' | tclsh)" != 0 ]
}

# By its package managers. Elsewhere there are no units to look at.
may_have_systemd() {
	command -v apt-get >/dev/null || command -v dnf >/dev/null ||
	    command -v pacman >/dev/null
}

# Without it nothing is compared.
has_unicode_data() {
	[ -e /usr/share/unicode/DerivedCoreProperties.txt ] ||
	    [ -e /usr/share/unicode/ucd/DerivedCoreProperties.txt ] ||
	    ! may_have_systemd
}

# The sources that glibc's localedef makes locales from.
has_locales() {
	[ -e /usr/share/i18n/charmaps/GB18030.gz ] ||
	    [ -e /usr/share/i18n/charmaps/GB18030 ] ||
	    ! command -v localedef >/dev/null
}

# Other programs have these names, too; only a picture tells whose they are.
has_imagemagick() {
	command -v import &&
	    convert -size 1x1 'xc:#123456' -depth 8 -format %c histogram:info:- |
	    grep '#123456'
}

# It may be where only root looks, and its module for TLS in a package of its own.
has_lighttpd() {
	command -v lighttpd >/dev/null || [ -x /usr/sbin/lighttpd ]
}
has_lighttpd_tls() {
	echo 'server.document-root = "/"
	    server.modules = ("mod_openssl", "mod_wstunnel")' \
	    >"$tmp/lighttpd.conf"
	PATH=$PATH:/usr/sbin lighttpd -tt -f "$tmp/lighttpd.conf"
}

found() {
	case $1 in
	compiler) echo 'int main(void) { return 0; }' | compiles ;;
	libbsd) has_libbsd ;;
	# Alpine has none, and its suite is skipped then.
	etcd | etcdctl) command -v "$1" || command -v apk ;;
	libnghttp2) pkg-config --exists libnghttp2 ;;
	libseccomp) has_libseccomp ;;
	locales) has_locales ;;
	readline) has_readline ;;
	terminfo) has_terminfo ;;
	imagemagick) has_imagemagick ;;
	lighttpd) has_lighttpd ;;
	lighttpd-tls) has_lighttpd_tls ;;
	openssl) has_openssl ;;
	openssl-command) command -v openssl >/dev/null ;;
	fuzzer) has_fuzzer ;;
	# Others called nc don't know Unix sockets, or when to stop.
	nc) nc -h 2>&1 | grep -q -e '-[A-Za-z0-9]*U' ;;
	# busybox's knows no states. Elsewhere it comes with the system.
	pgrep) [ ! -e /proc/version ] || pgrep -r R,S -P "$PPID" ;;
	debootstrap | gperf | musl-gcc | perl | unshare | xz)
		command -v "$1" >/dev/null || ! command -v apt-get >/dev/null
		;;
	dpkg-dev)
		command -v dpkg-shlibdeps >/dev/null ||
		    ! command -v apt-get >/dev/null
		;;
	tk) command -v tclsh >/dev/null && has_tk ;;
	xvfb) command -v Xvfb >/dev/null || [ "$(uname)" = Darwin ] ;;
	systemd-analyze) command -v "$1" >/dev/null || ! may_have_systemd ;;
	# It is for network namespaces, which Linux alone has.
	ip) command -v "$1" >/dev/null || [ "$(uname)" != Linux ] ;;
	unicode-data) has_unicode_data ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# The rows of what isn't there.
missing() { # GROUPS
	needs | while read -r group name packages; do
		case " $1 " in
		*" $group "*) found "$name" </dev/null >/dev/null 2>&1 ||
			echo "$group $name $packages" ;;
		esac
	done
}

# The names in a list of rows, or their packages in the manager of a column.
names() {
	echo "$1" | awk '{ printf "%s%s", sep, $2; sep = ", " }'
}
packages() { # ROWS COLUMN
	echo "$1" | awk -v column="$2" '{
		n = split($(column + 2), name, "+")
		for (i = 1; i <= n; i++)
			if (name[i] != "-" && !seen[name[i]]++)
				print name[i]
	}'
}

die() {
	echo "deps: $*" >&2
	exit 1
}

# Run a command as root; it is shown first, since it may ask for a password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		become=
	elif command -v sudo >/dev/null; then
		become=sudo
	elif command -v doas >/dev/null; then
		become=doas
	else
		die "not root, and no sudo or doas; run as root: $*"
	fi
	echo "+ ${become:+$become }$*"
	$become "$@" || die "failed: $*"
}

install_rows() { # ROWS
	manager='' column=0
	for name in apt-get dnf apk pacman pkg brew; do
		column=$((column + 1))
		command -v "$name" >/dev/null && manager=$name && break
	done
	[ -n "$manager" ] ||
		die "no known package manager; please install:" \
		    "$(names "$1")"
	# shellcheck disable=SC2046 # each package is a word
	set -- $(packages "$1" "$column")
	[ $# -gt 0 ] || return 0
	case $manager in
	apt-get)
		as_root apt-get -q update
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		    --no-install-recommends install "$@"
		;;
	dnf) as_root dnf -q -y install "$@" ;;
	apk) as_root apk add "$@" ;;
	pacman) as_root pacman -Sy --needed --noconfirm "$@" ;;
	pkg) as_root pkg install -y "$@" ;;
	brew) brew install "$@" || die "failed: brew install $*" ;;
	esac
}

groups=${*:-build check lint}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
rows=$(missing "$groups")
if [ -n "$rows" ]; then
	echo "deps: missing: $(names "$rows")"
	install_rows "$rows"
	rows=$(missing "$groups")
	[ -z "$rows" ] || die "still missing: $(names "$rows")"
fi
echo "deps: everything is here to $(echo "$groups" | sed 's/ / and /g')"

# Building and installing, in a copy of the tree
# bats file_tags=long
load helpers.bash

PAGES=(man1/chat.1 man1/chat-recv.1 man1/chat-send.1 man1/chat-window.1
    man7/chat.7 man7/chat-log.7 man7/chat-web.7 man8/chat-etcd.8
    man8/chat-log.8 man8/chatd.8)
PROGRAMS=(chat chat-etcd chat-log chat-recv chat-send chat-window chatd)

# The tarball is unpacked and built once, as somebody does who has nothing to say
# about it.
setup_file() {
	local src=$BATS_FILE_TMPDIR/src

	mkdir "$src"
	(cd "$BATS_TEST_DIRNAME/.." && tar --exclude=./.git --exclude='*.[ado]' \
	    -cf - .) | tar -xf - -C "$src"
	plain_make "$src" -s dist
	TARBALL=$src/chat-$(sed -n 's/^VERSION = //p' "$src/Makefile").tar.gz
	export TARBALL COPY=$BATS_FILE_TMPDIR/tree
	copy_tree "$COPY"
	plain_make "$COPY" >"$BATS_FILE_TMPDIR/built" 2>&1
}

# copy_tree DIR: the sources, and nothing that was built of them.
copy_tree() {
	mkdir "$1"
	tar -xzf "$TARBALL" -C "$1" --strip-components=1
}

# plain_make DIR [ARGUMENT...]: whatever is said to the make that runs this
# suite is not for this one, nor are the parts of bats in PATH for the bats that
# this one runs. $MAKE_PROGRAM may be another make.
plain_make() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u CC \
	    -u CFLAGS -u CPPFLAGS -u LDFLAGS -u SANITIZE \
	    PATH="${PATH//"$BATS_LIBEXEC:"/}" \
	    "${MAKE_PROGRAM:-make}" -C "$@"
}

# fresh_copy: the built tree, for tests that build anew, in $T/tree.
fresh_copy() {
	cp -Rp "$COPY" "$T/tree"
}

# has_mode MODE FILE: its permissions, as ls shows them.
has_mode() {
	[[ $(ls -l "$2") == "-$1"* ]]
}

# installed BIN MAN: all of it is there, with its modes, and nothing else.
installed() {
	local file
	for file in "${PROGRAMS[@]}"; do
		has_mode rwxr-xr-x "$1/$file"
		"$1/$file" --version
	done
	for file in "${PAGES[@]}"; do
		has_mode rw-r--r-- "$2/$file"
		[ -s "$2/$file" ]
	done
	[ "$(find "$1" "$2" -type f | wc -l)" -eq \
	    $((${#PROGRAMS[@]} + ${#PAGES[@]})) ]
	completes "${3:-${2%/man}}"
	in_menus "${3:-${2%/man}}"
}

# in_menus SHARE: a desktop finds the window there, with an icon and what it is.
in_menus() {
	local id=io.github.chat_tools.chat-window
	has_mode rw-r--r-- "$1/applications/chat-window.desktop"
	has_mode rw-r--r-- "$1/metainfo/$id.metainfo.xml"
	has_mode rw-r--r-- "$1/icons/hicolor/scalable/apps/chat-window.svg"
}

# completes SHARE: shells find completion for every program there.
completes() {
	local file
	for file in "${PROGRAMS[@]}"; do
		grep -q "^complete .*$file" \
		    "$1/bash-completion/completions/$file"
		grep -q "^complete .*$file" \
		    "$1/fish/vendor_completions.d/$file.fish"
		grep -q "^#compdef .*$file" "$1/zsh/site-functions/_chat"
	done
	has_mode rw-r--r-- "$1/zsh/site-functions/_chat"
	[ "$(find "$1/bash-completion" "$1/zsh" "$1/fish" ! -type d | wc -l)" \
	    -eq $((2 * ${#PROGRAMS[@]} + 1)) ]
}

@test "make says nothing of warnings" {
	run cat "$BATS_FILE_TMPDIR/built"
	[[ $output != *warning* ]]
	[ -x "$COPY/chat/chat" ]
}

@test "make alone builds nothing of the tests" {
	run find "$COPY/test" -type f '(' -name '*.o' -o -perm -100 ')' \
	    ! -name '*.sh'
	[ "$output" = "" ]
}

@test "install and uninstall with PREFIX" {
	umask 077
	plain_make "$COPY" install PREFIX="$T/usr"
	installed "$T/usr/bin" "$T/usr/share/man"
	plain_make "$COPY" uninstall PREFIX="$T/usr"
	run find "$T/usr" ! -type d
	[ "$output" = "" ]
}

@test "install and uninstall with DESTDIR" {
	plain_make "$COPY" install DESTDIR="$T/a package"
	installed "$T/a package/usr/local/bin" \
	    "$T/a package/usr/local/share/man"
	plain_make "$COPY" uninstall DESTDIR="$T/a package"
	run find "$T/a package" ! -type d
	[ "$output" = "" ]
}

@test "install and uninstall with DESTDIR, BINDIR, MANDIR and SHAREDIR" {
	set -- DESTDIR="$T/package" BINDIR=/opt/bin MANDIR=/opt/man \
	    SHAREDIR=/opt/share
	plain_make "$COPY" install "$@"
	installed "$T/package/opt/bin" "$T/package/opt/man" "$T/package/opt/share"
	plain_make "$COPY" uninstall "$@"
	run find "$T/package" ! -type d
	[ "$output" = "" ]
}

@test "install: the page for browsers, with all that it loads" {
	local file
	umask 077
	plain_make "$COPY" install PREFIX="$T/usr"
	cd "$T/usr/share/chat/web"
	for file in *; do
		has_mode rw-r--r-- "$file"
		cmp "$file" "$COPY/chat/web/$file"
	done
	sed -n "s/.*\(href\|src\)=\"\([a-z.]*\)\".*/\2/p; s/^import .* '.\/\(.*\)';/\1/p" \
	    -- * | sort -u >"$T/loaded"
	printf '%s\n' index.html | sort - "$T/loaded" | cmp - <(printf '%s\n' *)
}

@test "install-systemd: units that know where the program is" {
	umask 077
	plain_make "$COPY" install install-systemd PREFIX="$T/usr"
	cd "$T/usr/lib/systemd/system"
	has_mode rw-r--r-- chatd.service
	has_mode rw-r--r-- chatd.socket
	grep -qx "ExecStart=$T/usr/bin/chatd" chatd.service
	run ! grep -v -e '^#' -e '^$' -e '^\[[A-Z][a-z]*]$' \
	    -e '^[A-Z][A-Za-z]*=[^@]*$' \
	    -e '^SystemCallFilter=[~a-z@ -]*$' chatd.service chatd.socket
	if command -v systemd-analyze >"$T/none"; then
		run -0 systemd-analyze verify --man=no "$PWD/chatd.service" \
		    "$PWD/chatd.socket"
		run ! grep -F "$PWD" <<<"$output"
	fi
	plain_make "$COPY" uninstall PREFIX="$T/usr"
	run find "$T/usr" ! -type d
	[ "$output" = "" ]
}

@test "install-systemd with DESTDIR, BINDIR and UNITDIR" {
	plain_make "$COPY" install-systemd DESTDIR="$T/a package" \
	    BINDIR=/opt/bin UNITDIR=/opt/units
	cd "$T/a package/opt/units"
	[ "$(echo *)" = 'chatd.service chatd.socket' ]
	grep -qx "ExecStart=/opt/bin/chatd" chatd.service
}

@test "uninstall leaves what others have installed" {
	plain_make "$COPY" install PREFIX="$T/usr"
	touch "$T/usr/bin/chatter" "$T/usr/share/man/man1/chatter.1"
	plain_make "$COPY" uninstall PREFIX="$T/usr"
	[ "$(find "$T/usr" ! -type d | wc -l)" -eq 2 ]
}

@test "what is built already is not built again" {
	run plain_make "$COPY"
	[ "$status" -eq 0 ]
	[[ $output != *' -c -o '* ]]
}

@test "a header that has changed builds anew what includes it, and no more" {
	fresh_copy
	until_ok newer
	run plain_make "$T/tree" chatd/chatd
	[ "$status" -eq 0 ]
	[[ $output == *'-o chatd/room/ring.o'* ]]
	[[ $output == *'-o chatd/flush.o'* ]]
	[[ $output != *'-o lib/line.o'* ]]
	[[ $output != *'-o chatd/store/disk.o'* ]]
}
newer() {
	touch "$T/tree/chatd/room/ring.h"
	[ "$T/tree/chatd/room/ring.h" -nt "$T/tree/chatd/chatd" ]
}

@test "dist: all of the sources, below the name and the version" {
	local name=${TARBALL##*/}

	name=${name%.tar.gz}
	tar -tzf "$TARBALL" >"$T/list"
	run ! grep -v "^$name/" "$T/list"
	for file in Makefile README.md LICENSE .editorconfig .ci/run \
	    .dist/deb .dist/PKGBUILD .dist/debian/chat-tools.postinst \
	    chatd/loop.c man/chat.7.scd test/install.bats test/unit/unit.c; do
		grep -qx "$name/$file" "$T/list"
	done
	run ! grep -E '\.(o|d|a)$|/chatd/chatd$|\.8$' "$T/list"
	chatd --version | grep -qx "chatd ${name#chat-}"
	grep -q "\"chat ${name#chat-}\"" "$COPY/man/chatd.8"
}

@test "dist: the recipes for packages are for this version" {
	local name=${TARBALL##*/}

	name=${name%.tar.gz}
	for recipe in PKGBUILD APKBUILD; do
		grep -qx "pkgver=${name#chat-}" "$COPY/.dist/$recipe"
	done
}

@test "dist: what it holds passes tests, and makes the same tarball again" {
	fresh_copy
	run plain_make "$T/tree" -s check SUITES=test/unit.bats
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} == *' passed, 0 failed' ]]
	plain_make "$T/tree" -s dist
	cmp "$T/tree/${TARBALL##*/}" "$TARBALL"
}

@test "dist: SOURCE_DATE_EPOCH says how old its files are" {
	SOURCE_DATE_EPOCH=1000000000 "$COPY/.dist/tarball" x "$T"
	TZ=UTC tar -tvf "$T/x.tar.gz" --full-time >"$T/list"
	grep -q ' 2001-09-09 01:46:40 x/Makefile$' "$T/list"
	run ! grep -v ' 2001-09-09 01:46:40 ' "$T/list"
}

@test "CFLAGS, CPPFLAGS and LDFLAGS are the user's, and build anew" {
	fresh_copy
	run plain_make "$T/tree" chat-send/chat-send CFLAGS='-O0 -Wno-psabi' \
	    CPPFLAGS=-DNOBODY_USES_THIS LDFLAGS=-Wl,-O1
	[ "$status" -eq 0 ]
	[[ $output != *' -O2'* ]]
	compiled=$(grep -c -e '-DNOBODY_USES_THIS -O0 -Wno-psabi .* -c' \
	    <<<"$output")
	[ "$compiled" -gt 10 ]
	[[ $output == *'-O0 -Wno-psabi '*'-Wl,-O1 -o chat-send/chat-send'* ]]
	"$T/tree/chat-send/chat-send" --version
}

@test "a page that can't be made is not there" {
	fresh_copy
	rm "$T/tree/man/chat.7"
	run plain_make "$T/tree" man/chat.7 SCDOC='echo half a page; false'
	[ "$status" -ne 0 ]
	[ ! -e "$T/tree/man/chat.7" ]
}

@test "bmake builds and installs it, too" {
	copy_tree "$T/tree"
	MAKE_PROGRAM=bmake
	plain_make "$T/tree" CFLAGS=-O0
	plain_make "$T/tree" CFLAGS=-O0 install PREFIX="$T/usr"
	installed "$T/usr/bin" "$T/usr/share/man"
	plain_make "$T/tree" uninstall PREFIX="$T/usr"
	run find "$T/usr" ! -type d
	[ "$output" = "" ]
}

@test "clean leaves the sources" {
	fresh_copy
	plain_make "$T/tree" clean
	copy_tree "$T/sources"
	diff -r "$T/sources" "$T/tree"
}

# A system on which nothing else is there.
bare_system() {
	local name
	mkdir "$T/bin"
	for name in sh awk cat env grep id mktemp rm sed; do
		ln -s "$(command -v "$name")" "$T/bin/$name"
	done
}

@test "deps: nothing is missing, so nothing is done" {
	bare_system
	for name in apt-get dnf apk pacman pkg brew sudo doas; do
		printf '#!/bin/sh\ntouch "%s"\n' "$T/touched" >"$T/bin/$name"
		chmod +x "$T/bin/$name"
	done
	PATH=$T/bin:$PATH run "$ROOT/test/deps.sh" build check
	[ "$status" -eq 0 ]
	[ "$output" = 'deps: everything is here to build and check' ]
	[ ! -e "$T/touched" ]
}

@test "deps: without a package manager it says what to install" {
	bare_system
	PATH=$T/bin run -1 "$ROOT/test/deps.sh" check
	[[ ${lines[0]} == 'deps: missing: '*'bats, '*'tmux, '*', zsh' ]]
	[[ ${lines[1]} == 'deps: no known package manager; please install: '* ]]
	[[ ${lines[1]} == *'tmux, '*', zsh' ]]
}

@test "deps: only what is missing is installed" {
	local dir
	mkdir "$T/bin"
	# What is in two directories is taken from the first.
	for dir in ${PATH//:/ }; do
		ln -s "$dir"/* "$T/bin" 2>/dev/null || true
	done
	rm -f "$T"/bin/{apk,apt-get,brew,dnf,doas,pacman,pkg,socat,sudo}
	cat >"$T/bin/apk" <<-END
		#!/bin/sh
		echo "apk \$*"
		ln -s "$(command -v socat)" "$T/bin/socat"
	END
	cat >"$T/bin/doas" <<-'END'
		#!/bin/sh
		"$@"
	END
	chmod +x "$T/bin/apk" "$T/bin/doas"
	PATH=$T/bin run -0 "$ROOT/test/deps.sh" check
	[ "${lines[0]}" = 'deps: missing: socat' ]
	[[ ${lines[1]} == '+ '*'apk add socat' ]]
	[ "${lines[2]}" = 'apk add socat' ]
	[ "${lines[3]}" = 'deps: everything is here to check' ]
}

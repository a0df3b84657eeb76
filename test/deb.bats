# The packages for Debian. How they are installed and purged, and that two
# builds give the same, is for .ci/packages to see.
load helpers.bash

setup_file() {
	is_debian || return 0
	export D=$BATS_FILE_TMPDIR/tree
	mkdir "$D"
	(cd "$BATS_TEST_DIRNAME/.." && .dist/tarball sources "$BATS_FILE_TMPDIR")
	tar -xzf "$BATS_FILE_TMPDIR/sources.tar.gz" -C "$D" --strip-components=1
	export VERSION
	VERSION=$(sed -n 's/^VERSION = //p' "$D/Makefile")
	make_deb >"$BATS_FILE_TMPDIR/log" 2>&1
	mkdir "$D/unpacked"
	for package in "$D"/*.deb; do
		dpkg-deb -x "$package" "$D/unpacked/$(name_of "$package")"
	done
}

# Where there is no dpkg, nobody makes them.
is_debian() {
	command -v apt-get >/dev/null
}
setup() {
	is_debian || skip 'this is no Debian'
}

# What is said to the make that runs this suite is not for this one.
make_deb() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u CC \
	    DEB_CFLAGS_SET=-O0 SOURCE_DATE_EPOCH=1000000000 "$@" \
	    make -s -C "$D" deb
}

# name_of FILE: the package in it.
name_of() {
	local name=${1##*/}
	echo "${name%%_*}"
}

# field NAME FIELD: of a package.
field() {
	dpkg-deb -f "$D/$1"_*.deb "$2"
}

@test "deb: make says nothing but which packages there are" {
	# Where a library was diverted, as Debian 13 did with readline's, dpkg
	# says so.
	run grep -v -e "^dpkg-deb: building package 'chat-" \
	    -e '^dpkg-shlibdeps: warning: diversions involved' \
	    -e '^ *diversion by ' "$BATS_FILE_TMPDIR/log"
	[ "$output" = "" ]
	for package in "$D"/*.deb; do
		name=$(name_of "$package")
		arch=$(field "$name" Architecture)
		[ "${package##*/}" = "${name}_$VERSION-1_$arch.deb" ]
	done
	[ "$(field chat-tools Architecture)" = "$(dpkg --print-architecture)" ]
}

@test "deb: each program, page and unit is in one of them" {
	cd "$D/unpacked"
	for program in chat chat-recv chat-send chatd; do
		"chat-tools/usr/bin/$program" --version | grep -qF "$VERSION"
	done
	for program in chat-etcd chat-log; do
		"chat-etcd/usr/bin/$program" --version | grep -qF "$VERSION"
	done
	for page in "$ROOT"/man/*.scd; do
		page=${page##*/}
		page=${page%.scd}
		[ "$(find . -path "*/share/man/man${page##*.}/$page.gz" |
		    wc -l)" -eq 1 ]
	done
	cd chat-tools/usr/lib/systemd/system
	grep -qx 'ExecStart=/usr/bin/chatd' chatd.service
	[ -s chatd.socket ]
}

@test "deb: all in them is root's, writable for nobody else, and of one age" {
	for package in "$D"/*.deb; do
		dpkg-deb --fsys-tarfile "$package" |
		    TZ=UTC tar -tv --full-time >"$T/list"
		run ! grep -vE '^([-d]rw[-x]r-[-x]r-[-x]|lrwxrwxrwx) root/root ' \
		    "$T/list"
		run ! grep -v ' 2001-09-09 01:46:40 ' "$T/list"
	done
}

@test "deb: they depend on what they are linked with or load" {
	needed=$(field chat-tools Depends)
	for library in libbsd libc6 libreadline libseccomp libssl; do
		[[ ", $needed" == *", $library"* ]]
	done
	needed_by_etcd=$(field chat-etcd Depends)
	[[ $needed_by_etcd == "chat-tools (>= $VERSION), "* ]]
	for library in libbsd libc6 libnghttp2 libseccomp libssl; do
		[[ $needed_by_etcd == *", $library"* ]]
	done
	# A server has neither a screen nor a browser, and is seldom one of many.
	for other in nghttp2 tk lighttpd xdg; do
		[[ $needed != *"$other"* ]]
	done
	[ -z "$(field chat-tools Recommends)" ]
}

@test "deb: what takes etcd is a package of its own" {
	cd "$D/unpacked"
	run -0 find chat-tools -name '*chat-etcd*' -o -name '*chat-log*'
	[ "$output" = "" ]
	[ -s chat-etcd/usr/share/man/man7/chat-log.7.gz ]
	# It would be started at once, where chat-log is to start another.
	[ -z "$(field chat-etcd Recommends)" ]
}

@test "deb: the window and the page are packages of their own" {
	cd "$D/unpacked"
	[ -x chat-window/usr/bin/chat-window ]
	[ -s chat-window/usr/share/applications/chat-window.desktop ]
	[ -s chat-web/usr/share/chat/web/index.html ]
	run -0 find chat-tools -path '*chat-window*' -o -path '*/web*'
	[ "$output" = "" ]
	[ "$(field chat-window Depends)" = \
	    "chat-tools (>= $VERSION), tk, xdg-utils" ]
	[ -z "$(field chat-web Depends)" ]
	[[ ", $(field chat-web Recommends)" == *', lighttpd'* ]]
}

@test "deb: nothing tells where they were built" {
	run ! grep -rqF "$BATS_FILE_TMPDIR" "$D/unpacked"
	run ! grep -rqF "${TMPDIR:-/tmp}/tmp." "$D/unpacked"
}

@test "deb: the licence of each, and of the program with readline" {
	for name in "$D"/unpacked/*; do
		file=$name/usr/share/doc/${name##*/}/copyright
		grep -q '^ Permission to use, copy, modify, and/or dist' "$file"
		grep -q '/usr/bin/chat, .* GNU readline' "$file"
		grep -q '/usr/share/common-licenses/GPL-3' "$file"
		run ! grep -q '@' "$file"
	done
}

@test "deb: dpkg-dev is asked for where it is missing" {
	mkdir "$T/bin"
	for tool in sh dirname; do
		ln -s "$(command -v "$tool")" "$T/bin"
	done
	PATH=$T/bin run -1 "$D/.dist/deb" 0.1
	[ "$output" = "deb: dpkg-architecture: not found; it comes with the \
package dpkg-dev" ]
}

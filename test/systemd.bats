# What a service manager asks of a service: sockets that it passes in, being
# told how it goes, and units
load helpers.bash
load wire.bash

PASS=$ROOT/test/tools/pass

teardown() {
	cleanup
}

# start_passed [OPTION...] WHAT... -- chatd [OPTION...] [ADDRESS...]: a room on
# sockets that are passed in. Its first address is $ROOM.
start_passed() {
	start "$PASS" "$@" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	PORT=${ROOM##*:}
}

# listening: how many addresses the room has.
listening() {
	grep -c 'listening on' "$T/log"
}

# passing MESSAGE [OPTION...] WHAT...: chatd refuses these.
passing() {
	local message=$1
	shift
	run -2 --separate-stderr timeout 20 "$PASS" "$@" -- chatd 127.0.0.1:0
	printf '%s\n' "$stderr"
	[ "$output" = '' ]
	[ "$stderr" = "chatd: LISTEN_FDS: $message" ]
}

# manage: listen to what services tell. It goes to $T/told.
manage() {
	export NOTIFY_SOCKET=$T/notify
	start socat -u "UNIX-RECV:$T/notify" "CREATE:$T/told"
	until_ok [ -S "$T/notify" ]
}

# told TEXT: that is all that was told by now, with spaces for LFs.
told() {
	[ "$(tr '\n' ' ' <"$T/told")" = "$1" ]
}

# upgrade PATTERN: have the room upgraded; the log then has a line like that.
upgrade() {
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" "$1"
}

@test "sockets that are passed in are listened on, and nothing else" {
	start_passed tcp "unix:$T/room" -- chatd
	start_recv "$T/copy"
	chat-send "$T/room" <<<hello
	until_ok has_line "$T/copy" hello
	[ "$(listening)" -eq 2 ]
	[ "$(sed -n 's/.*listening on //p' "$T/log" | sed 1d)" = "$T/room" ]
}

@test "passed in and asked for: both" {
	start_passed tcp -- chatd 127.0.0.1:0 "$T/room"
	start_recv "$T/copy"
	chat-send "$T/room" <<<hello
	until_ok has_line "$T/copy" hello
	[ "$(listening)" -eq 3 ]
}

@test "IPv6 that is passed in" {
	grep -qs '^0\{31\}1 ' /proc/net/if_inet6 || return 0
	start_passed tcp6 -- chatd
	[[ $ROOM == '[::1]:'* ]]
	chat-send "$ROOM" <<<hello
}

@test "where IPv6 is switched off, the socket unit starts all the same" {
	grep -qx 'FreeBind=yes' "$ROOT/chatd/chatd.socket"
	# shellcheck disable=SC2016 # sh expands it
	unshare -rn sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6' \
	    2>"$T/none" && command -v ip >"$T/none" || return 0
	# What systemd does with it, and without it.
	# shellcheck disable=SC2016
	start unshare -rn sh -c '
		echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		ip link set lo up
		"$0" tcp6 -- true
		exec "$0" tcp free6 -- chatd' "$PASS" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	until_ok has_line "$T/log" \
	    'pass: bind: Cannot assign requested address'
	PORT=$(sed -n 's/.*listening on 127.0.0.1://p' "$T/log")
	until_ok matches "$T/log" 'listening on \[::1]:'
	nsenter -t "$CHATD" -U -n --preserve-credentials \
	    chat-send "127.0.0.1:$PORT" <<<hello
}

@test "files of sockets that were passed in stay; others are removed" {
	start_passed "unix:$T/theirs" -- chatd "$T/ours"
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	[ -S "$T/theirs" ]
	[ ! -e "$T/ours" ]
}

@test "what is passed to somebody else is ignored" {
	start_passed -p 1 tcp -- chatd 127.0.0.1:0
	chat-send "$ROOM" </dev/null
	[ "$(listening)" -eq 1 ]
	stop "$CHATD"
	start_passed -p x tcp -- chatd 127.0.0.1:0
	chat-send "$ROOM" </dev/null
	[ "$(listening)" -eq 1 ]
	stop "$CHATD"
	# Nothing at all is passed.
	start_passed -- chatd 127.0.0.1:0
	chat-send "$ROOM" </dev/null
	[ "$(listening)" -eq 1 ]
}

@test "what can't be listened on is refused, by its number" {
	local why='not a listening stream socket'
	echo >"$T/file"
	passing 'file descriptor 3: Socket operation on non-socket' "file:$T/file"
	passing 'file descriptor 4: Socket operation on non-socket' tcp \
	    "file:$T/file" tcp
	passing "file descriptor 3: $why" "dgram:$T/dgram"
	passing "file descriptor 4: $why" tcp idle
	# More than there are.
	local many=()
	while [ "${#many[@]}" -lt 61 ]; do
		many+=(tcp)
	done
	passing "file descriptor 64: Bad file descriptor" -n 100 "${many[@]}"
	passing 'not a number of file descriptors' -n x tcp
	passing 'not a number of file descriptors' -n -1 tcp
}

@test "passed in, and upgraded: the sockets are still there" {
	start_passed tcp "unix:$T/room" -- chatd
	upgrade 'upgraded: 0 clients'
	start_recv "$T/copy"
	chat-send "$T/room" <<<hello
	until_ok has_line "$T/copy" hello
	stop "$CHATD"
	[ -S "$T/room" ]
}

@test "a socket is passed on to nobody, and never waited for" {
	start_passed tcp -- chatd
	local fd flags waits=0
	room_pid
	for fd in "/proc/$ROOM_PID/fd"/*; do
		[[ $(readlink "$fd") == socket:* ]] || continue
		flags=$(sed -n 's/^flags:\t//p' \
		    "/proc/$ROOM_PID/fdinfo/${fd##*/}")
		# O_CLOEXEC and O_NONBLOCK
		(((flags & 02000000) != 0))
		(((flags & 04000) != 0)) || waits=$((waits + 1))
	done
	# For its keeper.
	[ "$waits" -eq 1 ]
}

@test "READY=1 when it listens, STOPPING=1 when it closes" {
	manage
	start_chatd
	until_ok told 'READY=1'
	chat-send "$ROOM" <<<hello
	stop "$CHATD"
	until_ok told 'READY=1STOPPING=1'
	[ "$(room_log | wc -l)" -eq 2 ]
}

@test "an abstract address" {
	export NOTIFY_SOCKET=@chat-$$-$BATS_TEST_NUMBER
	start socat -u "ABSTRACT-RECV:${NOTIFY_SOCKET#@}" "CREATE:$T/told"
	until_ok grep -q " $NOTIFY_SOCKET\$" /proc/net/unix
	start_chatd
	until_ok told 'READY=1'
}

@test "RELOADING=1 before an upgrade, and READY=1 after it, once" {
	manage
	start_chatd
	until_ok told 'READY=1'
	upgrade 'upgraded: 0 clients'
	until_ok reloaded 1
	upgrade 'upgraded: 0 clients'
	until_ok reloaded 2
}
reloaded() {
	local i want='READY=1'
	for ((i = 0; i < $1; i++)); do
		want+='RELOADING=1 MONOTONIC_USEC=NREADY=1'
	done
	[ "$(tr '\n' ' ' <"$T/told" |
	    sed 's/USEC=[0-9]*READY/USEC=NREADY/g')" = "$want" ]
}

@test "READY=1 as well after an upgrade that failed" {
	manage
	mkdir "$T/bin"
	cp "$ROOT/chatd/chatd" "$T/bin"
	PATH=$T/bin:$PATH start_chatd
	rm "$T/bin/chatd"
	echo '#!/bin/sh' >"$T/bin/chatd"
	chmod +x "$T/bin/chatd"
	upgrade 'going on as before'
	until_ok reloaded 1
}

@test "nobody to notify: said once, and harmless" {
	export NOTIFY_SOCKET=$T/none
	start_chatd
	until_ok grep -qx \
	    "chatd: NOTIFY_SOCKET=$T/none: No such file or directory" "$T/log"
	upgrade 'upgraded: 0 clients'
	chat-send "$ROOM" <<<hello
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	[ "$(grep -c NOTIFY_SOCKET "$T/log")" -eq 1 ]
}

@test "names that nobody can be notified by" {
	local long
	long=/$(printf '%0108d' 0)
	export NOTIFY_SOCKET=$long
	start_chatd
	until_ok grep -qx "chatd: NOTIFY_SOCKET=$long: File name too long" \
	    "$T/log"
	export NOTIFY_SOCKET=vsock:2:3
	start_chatd
	until_ok grep -q 'chatd: NOTIFY_SOCKET=vsock:2:3: Address family' \
	    "$T/log"
	export NOTIFY_SOCKET=
	start_chatd
	chat-send "$ROOM" <<<hello
	run ! grep NOTIFY_SOCKET "$T/log"
}

@test "one who doesn't listen holds nothing up for long" {
	export NOTIFY_SOCKET=$T/notify
	start socat -u "UNIX-RECV:$T/notify" "CREATE:$T/told"
	local manager=$PID
	until_ok [ -S "$T/notify" ]
	kill -STOP "$manager"
	start_chatd
	local i
	for ((i = 0; i < 300; i++)); do
		matches "$T/log" 'NOTIFY_SOCKET=' && break
		upgrade "upgraded|NOTIFY"
		until_ok has_upgraded "$((i + 1))"
	done
	grep -qx "chatd: NOTIFY_SOCKET=$T/notify: Resource temporarily.*" \
	    "$T/log"
	chat-send "$ROOM" <<<hello
}
has_upgraded() {
	count "$T/log" upgraded:
	[ "$COUNT" -ge "$1" ]
}

@test "the service is exposed to as little as possible, and exposes as little" {
	command -v systemd-analyze >"$T/none" || return 0
	MAKEFLAGS='' make -s -C "$ROOT" install-systemd DESTDIR="$T/to" \
	    UNITDIR=/units
	run -0 --separate-stderr systemd-analyze security --offline=true \
	    "$T/to/units/chatd.service"
	local level
	level=$(sed -n 's/.*level for chatd.service: \([0-9.]*\) .*/\1/p' \
	    <<<"$output")
	printf '%s\n' "$output" "$stderr"
	run ! grep -i -e unknown -e ignoring <<<"$stderr"
	awk -v level="$level" 'BEGIN { exit !(level > 0 && level <= 1.5) }'
}

# Strangers' programs as clients: nobody needs ours to join a room
load helpers.bash
load wire.bash

setup() {
	start_chatd
}
teardown() {
	cleanup
}

# joins COMMAND...: run a stranger's program in the background, which says what
# is written to $TO, until hang_up; what it hears is in $T/heard. Everything
# that is said is in $T/copy.
joins() {
	# First of all, since whoever comes later would keep $TO open.
	start_recv "$T/copy"
	until_ok counted clients 1
	mkfifo "$T/to"
	timeout 60 "$@" <"$T/to" >"$T/heard" 2>"$T/heard.err" 3>&- &
	STRANGER=$!
	STARTED+=("$STRANGER")
	exec {TO}>"$T/to"
	until_ok counted clients 2
}

# Both directions, and then half-close: after the end of its input a stranger
# still hears why its last but one line was refused, and the end.
chats() {
	joins "$@"
	say "$TO" 'hello from %s\n' "$1"
	until_ok has_line "$T/copy" "hello from $1"
	printf 'hello %s, gr\303\274\303\237 dich\n' "$1" | chat-send "$ROOM"
	until_ok matches "$T/heard" "^hello $1, "
	say "$TO" 'bad \033 line\nlast from %s' "$1"
	hang_up "$TO"
	until_ok has_line "$T/copy" "last from $1"
	wait "$STRANGER"
	printf 'hello %s, gr\303\274\303\237 dich\n\001%s\n' "$1" \
	    'error 2 control character U+001B at byte 5' |
	    cmp - "$T/heard"
	has_lines "$T/copy" 3
}

# File to room, all of it, and the last ok back: sends COMMAND...
sends() {
	{ printf '\001send\n'; seq 50000; } >"$T/in"
	start_recv "$T/copy"
	until_ok counted clients 1
	timeout 60 "$@" <"$T/in" >"$T/oks"
	[ "$(tail -n 1 "$T/oks")" = $'\001ok 50000' ]
	until_ok has_lines "$T/copy" 50000
	seq 50000 | cmp - "$T/copy"
}

# Room to file, what there is: fetches COMMAND...
fetches() {
	seq 50000 | chat-send "$ROOM"
	printf '\001recv last=50000\n' >"$T/in"
	timeout 60 "$@" <"$T/in" >"$T/out"
	sed 1d "$T/out" | cmp - <(seq 50000)
}

@test "nc of OpenBSD: both directions, and half-close with -N" {
	chats nc.openbsd -N 127.0.0.1 "$PORT"
}

@test "nc of OpenBSD: a file into the room" {
	sends nc.openbsd -N 127.0.0.1 "$PORT"
}

@test "nc of OpenBSD: the room into a file" {
	fetches nc.openbsd -N 127.0.0.1 "$PORT"
}

@test "nc of OpenBSD: a Unix socket" {
	stop "$CHATD"
	start_chatd_at "$T/room"
	chats nc.openbsd -N -U "$T/room"
}

@test "ncat: both directions, and half-close" {
	chats ncat 127.0.0.1 "$PORT"
}

@test "ncat: a file into the room" {
	sends ncat 127.0.0.1 "$PORT"
}

@test "ncat: the room into a file" {
	fetches ncat 127.0.0.1 "$PORT"
}

@test "ncat: a Unix socket, and CR LF" {
	stop "$CHATD"
	start_chatd_at "$T/room"
	start_recv "$T/copy"
	printf 'one\n\ntwo\n' | timeout 60 ncat -C -U "$T/room"
	until_ok has_lines "$T/copy" 3
	printf 'one\n\ntwo\n' | cmp - "$T/copy"
}

@test "socat: both directions, and half-close" {
	chats socat -t 60 - "TCP:127.0.0.1:$PORT"
}

@test "socat: a file into the room" {
	sends socat -t 60 - "TCP:127.0.0.1:$PORT"
}

@test "socat: the room into a file" {
	fetches socat -t 60 - "TCP:127.0.0.1:$PORT"
}

@test "socat: a Unix socket" {
	stop "$CHATD"
	start_chatd_at "$T/room"
	chats socat -t 60 - "UNIX-CONNECT:$T/room"
}

@test "socat: one direction only" {
	timeout 60 socat -u "TCP:127.0.0.1:$PORT" "CREATE:$T/heard" 3>&- &
	STARTED+=("$!")
	until_ok counted clients 1
	printf 'one\ntwo' | timeout 60 socat -u - "TCP:127.0.0.1:$PORT"
	until_ok has_lines "$T/heard" 2
	[ "$(cat "$T/heard")" = $'one\ntwo' ]
}

@test "bash: /dev/tcp in both directions" {
	enter; local a=$FD
	enter; local b=$FD
	say "$a" 'hello from bash\n'
	hears "$b" 'hello from bash'
	say "$b" 'hello, bash\r\n'
	hears "$a" 'hello, bash'
}

@test "bash: a bot in four lines" {
	timeout 60 bash -c 'exec 9<>"/dev/tcp/127.0.0.1/$1"
		while read -r word rest <&9; do
			[ "$word" != shout ] || echo "${rest^^}!" >&9
		done' - "$PORT" 3>&- &
	STARTED+=("$!")
	until_ok counted clients 1
	start_recv "$T/copy"
	printf 'hello\nshout it out\nshout again\n' | talk
	until_ok has_lines "$T/copy" 5
	sort "$T/copy" | cmp - <(printf '%s\n' 'AGAIN!' 'IT OUT!' hello \
	    'shout again' 'shout it out' | sort)
}

@test "cat and echo, with bash's redirections" {
	cat <"/dev/tcp/127.0.0.1/$PORT" >"$T/heard" 3>&- &
	STARTED+=("$!")
	until_ok counted clients 1
	echo hello >"/dev/tcp/127.0.0.1/$PORT"
	until_ok has_line "$T/heard" hello
}

@test "telnet: both directions, with its CR LF" {
	joins telnet 127.0.0.1 "$PORT"
	say "$TO" 'hello from telnet\n'
	until_ok has_line "$T/copy" 'hello from telnet'
	chat-send "$ROOM" <<<'hello, telnet'
	until_ok matches "$T/heard" '^hello, telnet'
	hang_up "$TO"
	wait "$STRANGER" || true
	until_ok counted clients 1
	until_ok has_lines "$T/copy" 2
}

@test "all of them in one room" {
	start_recv "$T/copy"
	local n=0 i
	for i in "nc.openbsd -N 127.0.0.1 $PORT" "ncat 127.0.0.1 $PORT" \
	    "socat -t 60 - TCP:127.0.0.1:$PORT"; do
		n=$((n + 1))
		mkfifo "$T/to$n"
		# shellcheck disable=SC2086
		timeout 60 $i <"$T/to$n" >"$T/heard$n" 3>&- &
		STARTED+=("$!")
		exec {TO}>"$T/to$n"
		FDS[n]=$TO
	done
	until_ok counted clients 4
	for i in 1 2 3; do
		say "${FDS[i]}" 'from %d\n' "$i"
		until_ok has_line "$T/copy" "from $i"
	done
	until_ok has_lines "$T/heard1" 2
	until_ok has_lines "$T/heard2" 2
	until_ok has_lines "$T/heard3" 2
	[ "$(cat "$T/heard1")" = $'from 2\nfrom 3' ]
	[ "$(cat "$T/heard2")" = $'from 1\nfrom 3' ]
	[ "$(cat "$T/heard3")" = $'from 1\nfrom 2' ]
}

# scans FORMAT [BYE]: a client that begins so, in one write, is told that, and no
# line of what it sends is taken.
scans() {
	dial
	# bash would write line by line.
	# shellcheck disable=SC2059
	printf "$1\r\nand more\r\n" | cat >&"$FD"
	hears "$FD" "^Abye this is a chat room, ${2:-which speaks another protocol}"
	hears_end "$FD"
	hang_up "$FD"
}

@test "the first words of other protocols are nobody's message" {
	local words
	for words in 'OPTIONS / RTSP/1.0' 'OPTIONS sip:nm SIP/2.0' \
	    'SSH-2.0-OpenSSH_9.2p1 Debian-2' '*1\r\n$4\r\nPING' \
	    'PROXY TCP4 192.0.2.1 192.0.2.2 56324 5555' \
	    '\r\n\r\n\0\r\nQUIT\n!\21\0\14' 'EHLO scanner' 'HELO me.example' \
	    'CNXN\1\0\0\1\0\0\20\0\7\0\0\0host::'; do
		scans "$words"
	done
	scans 'GET / HTTP/1.1' 'not a web server'
	[ "$(grep -c 'turned away: .*speaks another protocol$' "$T/log")" -eq 9 ]
	counted 'turned away' 10
	counted lines 0
	# What people say, and what is said later.
	dial
	say "$FD" 'EHLO my friends\nSSH-2.0-x\n'
	hang_up "$FD"
	until_ok counted lines 2
	[ "$(transcript)" = $'EHLO my friends\nSSH-2.0-x' ]
}

@test "a Unix socket is for programs of this machine, whatever they say" {
	stop "$CHATD"
	start_chatd_at "$T/room"
	printf 'EHLO x\n' | talk "UNIX-CONNECT:$T/room"
	[ "$(chat-recv -l 1 -c 1 "$ROOM")" = 'EHLO x' ]
}

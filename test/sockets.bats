# Where a room can be: IPv4, IPv6 and Unix-domain sockets
load helpers.bash
load wire.bash

teardown() {
	cleanup
}

# listening: the addresses that the room has told, one a line.
listening() {
	sed -n 's/^chatd: listening on //p' "$T/log"
}

# hears_through ADDRESS: what somebody says there comes to the one who listens
# at $ROOM.
hears_through() {
	start_recv "$T/copy"
	local r=$PID
	chat-send "$1" <<<"said at $1"
	until_ok has_line "$T/copy" "said at $1"
	stop "$r"
}

# refuses MESSAGE ARGUMENT...: chatd says that, and ends with status 2.
refuses() {
	local message=$1
	shift
	run -2 --separate-stderr timeout 60 chatd "$@"
	printf '%s\n' "$stderr"
	[ "$output" = '' ]
	[ "$stderr" = "$message" ]
}

# A machine may have no IPv6: then exactly that is what chatd has to say.
start_or_no_ipv6() {
	start chatd "$@" 2>"$T/log"
	CHATD=$PID
	until_ok has_decided
	ROOM=$(listening | head -n 1)
	[ -n "$ROOM" ] && return
	grep -qx -e 'chatd: .*: Cannot assign requested address; .*' \
	    -e 'chatd: .*: Address family not supported by protocol' "$T/log"
	run ! grep -q '^00000000000000000000000000000001 ' /proc/net/if_inet6
	return 1
}

# What it says before that, to root for example, is no answer.
has_decided() {
	listens || ! kill -0 "$CHATD" 2>/dev/null
}

@test "IPv4: port 0 is any that is free" {
	start_chatd_at 127.0.0.1:0
	[[ $ROOM =~ ^127\.0\.0\.1:[1-9][0-9]*$ ]]
	hears_through "$ROOM"
}

@test "IPv6: in brackets" {
	start_or_no_ipv6 '[::1]:0' || return 0
	[[ $ROOM =~ ^\[::1\]:[1-9][0-9]*$ ]]
	hears_through "$ROOM"
}

@test "Unix-domain sockets: anything with a slash" {
	cd "$T"
	start_chatd_at ./room
	[ "$ROOM" = ./room ]
	[ -S "$T/room" ]
	hears_through "$T/room"
}

@test "any number of addresses, and one room behind them" {
	local address
	start_chatd_at 127.0.0.1:0 127.0.0.2:0 "$T/one" "$T/two"
	chat-send "$ROOM" </dev/null
	[ "$(listening | wc -l)" -eq 4 ]
	[ "$(listening | tail -n 2)" = "$T/one"$'\n'"$T/two" ]
	for address in $(listening); do
		hears_through "$address"
	done
	has_lines <(transcript_at "$ROOM") 4
}
transcript_at() {
	printf '\001recv last=100\n' | talk "TCP:$1" | grep -v '^^A'
}

@test "a port that was told can be asked for again" {
	start_chatd
	printf 'hello\n' | chat-send "$ROOM"
	stop "$CHATD"
	# Connections that just ended there don't stand in the way.
	start_chatd_at "$ROOM"
	hears_through "127.0.0.1:$PORT"
}

@test "localhost: every address it has, all on the same port" {
	start_chatd_at localhost:0
	chat-send "$ROOM" </dev/null
	[ "$(listening | sed 's/.*://' | sort -u | wc -l)" -eq 1 ]
	run ! grep -v -e '^127\.' -e '^\[::1]:' <(listening)
	[ "$(listening | sort)" = "$(getent ahosts localhost |
	    awk -v port="${ROOM##*:}" '$2 == "STREAM" {
		print (/:/ ? "[" $1 "]" : $1) ":" port
	    }' | sort -u)" ]
	hears_through "localhost:${ROOM##*:}"
}

@test ":port and *:port: every interface, in both families" {
	local all
	for all in :0 '*:0'; do
		start_chatd_at "$all"
		PORT=${ROOM##*:}
		chat-send "127.0.0.1:$PORT" </dev/null
		listening | grep -qx "0\.0\.0\.0:$PORT"
		run ! grep -vx -e "0\.0\.0\.0:$PORT" -e "\[::]:$PORT" \
		    <(listening)
		hears_through "127.0.0.1:$PORT"
		hears_through ":$PORT"
		if grep -qs '^0\{31\}1 ' /proc/net/if_inet6; then
			listening | grep -qxF "[::]:$PORT"
			hears_through "[::1]:$PORT"
		fi
		stop "$CHATD"
	done
}

@test "addresses that are none" {
	local long
	long=$(printf '%0256d' 0)
	refuses 'chatd: : address is empty' ''
	refuses 'chatd: localhost:: port is missing' localhost:
	refuses 'chatd: :: port is missing' :
	refuses 'chatd: :x: port is not a number' :x
	refuses 'chatd: localhost:-1: port is not a number' localhost:-1
	refuses 'chatd: localhost:+1: port is not a number' localhost:+1
	refuses 'chatd: localhost:99999: port is too large' localhost:99999
	refuses 'chatd: :65536: port is too large' :65536
	refuses 'chatd: ::1: an IPv6 address needs brackets, as in [::1]' ::1
	refuses 'chatd: [::1: ] is missing' '[::1'
	refuses 'chatd: []:5555: address is missing in []' '[]:5555'
	refuses 'chatd: [::1]5555: only :port may follow ]' '[::1]5555'
	refuses 'chatd: [::1]:: port is missing' '[::1]:'
	refuses 'chatd: [::1]:x: port is not a number' '[::1]:x'
	refuses "chatd: $long: host name is too long" "$long"
	refuses "chatd: [$long]: host name is too long" "[$long]"
}

@test "one bad address among good ones: nothing is left behind" {
	refuses 'chatd: :x: port is not a number' "$T/room" 127.0.0.1:0 :x
	[ ! -e "$T/room" ]
}

@test "addresses that can't be had" {
	start_chatd
	refuses "chatd: $ROOM: Address already in use; another room or program \
uses it" "$ROOM"
	# 192.0.2.0/24 is nobody's (RFC 5737).
	refuses "chatd: 192.0.2.1:0: Cannot assign requested address; this \
machine has no such address" \
	    192.0.2.1:0
	refuses "chatd: $T/none/room: No such file or directory" "$T/none/room"
	run -2 timeout 60 chatd name.invalid:0
	[[ $output == 'chatd: name.invalid:0: '* ]]
}

@test "a Unix socket's path can be 107 bytes long, not more" {
	local path
	cd "$T"
	path=./$(printf '%0105d' 0)
	[ "${#path}" -eq 107 ]
	start_chatd_at "$path"
	[ "$ROOM" = "$path" ]
	hears_through "$path"
	# From / on it would be longer.
	grep -qx "chatd: $path: the absolute path is too long for a socket; .*" \
	    "$T/log"
	stop "$CHATD"
	[ ! -e "$path" ]
	refuses "chatd: ${path}0: path is too long for a socket" "${path}0"
}

# bound PATH: a socket listens by that name.
bound() {
	awk -v path="$1" '$8 == path { n++ } END { exit n != 1 }' /proc/net/unix
}

@test "a socket is bound by its path from / on, whatever it was called" {
	cd "$T"
	mkdir directory
	ln -s directory link
	start_chatd_at ./one link/../two link/three "$T/link/four" .//five
	chat-send ./one </dev/null
	[ "$(listening)" = "$(printf '%s\n' ./one link/../two link/three \
	    "$T/link/four" .//five)" ]
	bound "$T/one"
	bound "$T/two"
	bound "$T/directory/three"
	bound "$T/directory/four"
	bound "$T/five"
	hears_through ./two
	refuses 'chatd: ./one: a room listens there already' ./one
	cd directory
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" 'upgraded:'
	bound "$T/one"
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	[ -z "$(find "$T" -type s)" ]
	# Without a directory of its own.
	cd /
	[ ! -w / ] || {
		start_chatd_at "./chat-$$-$BATS_TEST_NUMBER"
		bound "/chat-$$-$BATS_TEST_NUMBER"
		stop "$CHATD"
		[ ! -e "/chat-$$-$BATS_TEST_NUMBER" ]
	}
}

@test "what systemd-tmpfiles cleans up is no room that lives" {
	command -v systemd-tmpfiles >"$T/none" || return 0
	cd "$T"
	mkdir -m 700 clean
	echo "d $T/clean 0700 - - 0" >"$T/rule.conf"
	start_chatd_at ./clean/dead
	stop "$CHATD" KILL
	start_chatd_at ./clean/living
	touch clean/old
	until_ok cleaned
	[ -S clean/living ]
	hears_through ./clean/living
}
cleaned() {
	systemd-tmpfiles --clean "$T/rule.conf" || return
	[ ! -e clean/old ] && [ ! -e clean/dead ]
}

@test "a stale socket file is replaced" {
	start_chatd_at "$T/room"
	stop "$CHATD" KILL
	[ -S "$T/room" ]
	start_chatd_at "$T/room"
	hears_through "$T/room"
}

@test "a living socket is left alone" {
	start_chatd_at "$T/room"
	refuses "chatd: $T/room: a room listens there already" "$T/room"
	hears_through "$T/room"
	# Also if it's no room that lives there.
	socat "UNIX-LISTEN:$T/other,fork" "OPEN:$T/none,creat" 3>&- &
	STARTED+=("$!")
	until_ok listens_at "$T/other"
	refuses "chatd: $T/other: a room listens there already" "$T/other"
	[ -S "$T/other" ]
}

@test "what isn't a socket is left alone" {
	local why='not a socket; remove it, or choose another path'
	echo precious >"$T/file"
	mkdir "$T/directory"
	ln -s file "$T/link"
	ln -s nowhere "$T/dangling"
	mkfifo "$T/fifo"
	refuses "chatd: $T/file: $why" "$T/file"
	refuses "chatd: $T/directory: $why" "$T/directory"
	refuses "chatd: $T/directory/: $why" "$T/directory/"
	refuses "chatd: $T/link: $why" "$T/link"
	refuses "chatd: $T/dangling: $why" "$T/dangling"
	refuses "chatd: $T/fifo: $why" "$T/fifo"
	[ "$(cat "$T/file")" = precious ]
	[ -d "$T/directory" ]
	[ -L "$T/link" ]
	[ -L "$T/dangling" ]
	[ ! -e "$T/nowhere" ]
	[ -p "$T/fifo" ]
}

@test "a symlink to a socket is left alone, whoever lives there" {
	start_chatd_at "$T/room"
	ln -s room "$T/link"
	refuses "chatd: $T/link: not a socket; remove it, or choose another \
path" "$T/link"
	stop "$CHATD" KILL
	refuses "chatd: $T/link: not a socket; remove it, or choose another \
path" "$T/link"
	[ -L "$T/link" ]
}

@test "the socket file is removed at the end" {
	start_chatd_at "$T/one" "$T/two"
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	[ ! -e "$T/one" ]
	[ ! -e "$T/two" ]
	start_chatd_at "$T/one"
	stop "$CHATD" INT
	[ ! -e "$T/one" ]
}

@test "a file that has taken the socket's place is not removed" {
	start_chatd_at "$T/room"
	rm "$T/room"
	echo precious >"$T/room"
	stop "$CHATD"
	[ "$(cat "$T/room")" = precious ]
	rm "$T/room"
	# Another room, for example.
	start_chatd_at "$T/room"
	local first=$CHATD
	rm "$T/room"
	start_chatd_at "$T/room"
	stop "$first"
	[ -S "$T/room" ]
	hears_through "$T/room"
}

@test "the socket file's mode follows the umask" {
	local mask
	for mask in 000:777 022:755 077:700 117:660; do
		umask "${mask%:*}"
		start_chatd_at "$T/room"
		umask 022
		[ "$(stat -c %a "$T/room")" = "${mask#*:}" ]
		stop "$CHATD"
	done
}

@test "names with spaces and other characters are only names" {
	start_chatd_at "$T/a room: [x]%s"
	[ "$ROOM" = "$T/a room: [x]%s" ]
	hears_through "$ROOM"
	stop "$CHATD"
	[ ! -e "$ROOM" ]
}

@test "peers are never looked up: they have numbers in the log" {
	start_chatd -v
	chat-send "localhost:$PORT" <<<hello
	until_ok matches "$T/log" '^chatd: 127\.0\.0\.1:[0-9]*: left$'
	run ! grep localhost "$T/log"
}

@test "a path with a terminal's escapes is made safe in the log" {
	start_chatd_at "$T/a"$'\e'"[31mroom"
	[ "$ROOM" = "$T/a^[[31mroom" ]
}

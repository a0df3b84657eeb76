# A room that does what a test wants, right or wrong: a function of the test
# talks to one client over standard input and output, which are the socket
# itself, so that not reading it and closing it mean what they say.

# What such a function can use; $T is the test's directory.
#	ctl WORD...	say a control line
#	hear N		read N lines, the role among them, into the array heard
#	hear_all	read the role of with_room's client, answer it if it sends,
#			and read its two lines
#	hear_end	read everything up to the client's end into $T/heard
#	hold		neither read nor close any more; it has to be the last
#	pause SECONDS
ctl() {
	printf '\001%s\n' "$*"
}
hear() {
	local line i
	heard=()
	for ((i = 0; i < $1; i++)); do
		IFS= read -r line || return
		heard+=("$line")
	done
}
hear_all() {
	hear 1
	[ ! -e "$T/sends" ] || { ctl ok 0 && hear 2; }
}
hear_end() {
	cat >"$T/heard"
}
hold() {
	: >"$T/held"
	exec sleep 3600
}

# fake_room FUNCTION [SOCAT-ADDRESS]: a room at $ROOM, its pid $FAKE, that
# serves its first client with FUNCTION. It listens when this returns.
fake_room() {
	ROOM=$T/room
	local file
	for file in "$ROOM" "$T/held" "$T/heard"; do
		[ ! -e "$file" ] || rm -f "$file"
	done
	{
		echo 'set -u; command_not_found_handle() { kill $$; }'
		declare -f ctl hear hear_all hear_end hold pause
		printf 'T=%q\n' "$T"
		declare -f "$1"
		printf '%s\n' "$1"
	} >"$T/fake"
	# An earlier one may end only now; it must leave the file alone.
	start socat -d -d "${2:-UNIX-LISTEN:$ROOM,unlink-close=0}" \
	    EXEC:"bash $T/fake",nofork 2>"$T/fake.log"
	FAKE=$PID
	until_ok matches "$T/fake.log" 'listening on( AF=2 (.*))?'
	FAKE_AT=${BASH_REMATCH[2]}
}

# fake_tcp_room FUNCTION [OPTIONS]: the same on loopback's TCP, with options
# for socat, each after a comma.
fake_tcp_room() {
	fake_room "$1" "TCP-LISTEN:0,bind=127.0.0.1${2:-}"
	ROOM=$FAKE_AT
}

# fake_days: a room with a line of 2001, and one of the time that set_now has
# noted; $TODAY is its day, as people are told.
fake_days() {
	hear 1
	ctl ok 0 new
	ctl at 1
	ctl time 1000000000
	printf 'bob: long ago\n'
	ctl time "$(cat "$T/now")"
	printf 'bob: just now\n'
	hold
}
# shellcheck disable=SC2034 # tests use it
set_now() {
	date +%s >"$T/now"
	TODAY=$(TZ=UTC LC_ALL=C date -d "@$(<"$T/now")" '+%A, %-d %B')
}

# fake_over: the fake room has done all it does.
fake_over() {
	until_ok not_running "$FAKE"
}
not_running() {
	! kill -0 "$1" 2>/dev/null
}

# start_from FILE COMMAND...: run in the background with FILE as standard input,
# as start does with none; without descriptor 4, see below.
start_from() {
	"${@:2}" <"$1" 3>&- 4>&- &
	PID=$!
	STARTED+=("$PID")
}

# has_read PID FILE: it has read all of its standard input, which is the file.
has_read() {
	local pos
	read -r _ pos <"/proc/$1/fdinfo/0"
	[ "$pos" = "$(exec wc -c <"$2")" ]
}

# start_fed COMMAND...: the same with what is written to descriptor 4 until that
# is closed. Whatever else is started while it is open keeps it open.
start_fed() {
	mkfifo "$T/in"
	exec 4<>"$T/in"
	start_from "$T/in" "$@"
}

# ended PID: wait for it, but not for ever; its status is $STATUS.
# shellcheck disable=SC2034 # tests use it
ended() {
	until_ok not_running "$1" || doing "$1" || return
	STATUS=0
	wait "$1" || STATUS=$?
}

# on_terminal FILE SHELL-COMMAND: run it on a terminal of its own that passes
# on what is written to it, to FILE. Its status goes to FILE.status: socat is
# not to see it, or it wouldn't wait for the last output.
on_terminal() {
	printf '#!/bin/sh\n%s\necho $? >%q\n' "$2" "$1.status" >"$T/command"
	chmod +x "$T/command"
	timeout 60 socat -u EXEC:"$T/command",pty,rawer,stderr - >"$1" 3>&-
}

# defaults COMMAND...: without an address, and with an empty one, it does what it
# does with localhost:5555. Whether there's a room, or for how long, is open.
defaults() {
	local named status_named
	run "$@" localhost:5555 </dev/null
	named=${output/localhost:5555/localhost} status_named=$status
	run "$@" </dev/null
	[ "$status $output" = "$status_named $named" ] || return
	CHAT_ADDRESS='' run "$@" </dev/null
	[ "$status $output" = "$status_named $named" ]
}

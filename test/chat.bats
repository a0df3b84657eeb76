# chat without a terminal: standard input to the room, the room to standard
# output, on one connection.
# shellcheck disable=SC2016 # the inner shell expands it
# shellcheck disable=SC2030,SC2031 # every test has a process of its own
# shellcheck disable=SC2153,SC2154 # bats and the helpers set them
# shellcheck disable=SC2317 # it is called, by a room
# bats file_tags=fast
load helpers.bash
load fakeroom.bash

teardown() { cleanup; }

USAGE='usage: chat [-bdprt] [-k key] [-l last] [-n name] [-w seconds] [address,...]'

# joint ARGUMENT...: chat, but not for ever.
joint() {
	timeout 60 chat "$@"
}

# joints MESSAGE STATUS ARGUMENT...: what chat has to say about them.
joints() {
	run -"$2" --separate-stderr joint "${@:3}" </dev/null
	echo "want: $1" "got: $stderr"
	[ "$output" = "" ]
	[ "$stderr" = "$1" ]
}

# say TEXT: text, with its LF, into the room.
say() {
	printf '%s\n' "$1" | timeout 300 chat-send "$ROOM"
}

# start_chat: a chat that says what is written to descriptor 4 and
# writes to $T/out; it takes part when this returns.
start_chat() {
	start_fed chat -l 0 "$ROOM" >"$T/out" 2>"$T/err"
	CHAT=$PID
	until_ok heard_sync
}
heard_sync() {
	say sync
	grep -q sync "$T/out"
}

@test "--help and --version answer on standard output" {
	run -0 --separate-stderr chat --help
	[[ $output == "$USAGE"$'\n\n'* ]]
	[ "$stderr" = "" ]
	run -0 --separate-stderr chat --version
	[[ $output =~ ^chat\ [0-9]+(\.[0-9]+)+$ ]]
	[ "$stderr" = "" ]
	run -2 bash -c 'chat --help >/dev/full'
	[ "$output" = 'chat: standard output: No space left on device' ]
}

@test "wrong options and operands show how it's used" {
	local args
	for args in -x --nonsense -l -n; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr joint $args </dev/null
		echo "$args: $stderr"
		[ "$output" = "" ]
		[ "${stderr_lines[-1]}" = "$USAGE" ]
	done
}

@test "wrong values are named" {
	joints 'chat: -l -1: too small, at least 0' 2 -l -1 here
	joints 'chat: -l ten: neither a number of messages nor a time, as in'\
' -l 10 or -l 10m' 2 -l ten here
	joints 'chat: -l 9223372036854775808: too large, at most 9223372036854775807' 2 \
	    -l 9223372036854775808 here
	joints 'chat: -n: name is empty' 2 -n '' here
	joints 'chat: -n: name: control character U+0007 at byte 1' 2 \
	    -n $'\a' here
	joints 'chat: -n: name: not UTF-8 at byte 1 (0xe9)' 2 -n $'\xe9' here
	joints 'chat: -n: name is longer than 255 bytes' 2 \
	    -n "$(printf '%0256d' 0)" here
	joints 'chat: here:x: port is not a number' 2 here:x
	joints 'chat: : address is empty' 2 ''
}

@test "a room that can't be reached is named with the reason" {
	local port
	# The port of a connection: nobody can be listening there.
	start_chatd -v
	exec 4<>"/dev/tcp/127.0.0.1/$PORT"
	until_ok matches "$T/log" joined
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\): joined/\1/p' "$T/log")
	joints "chat: 127.0.0.1:$port: Connection refused; is chatd running at \
port $port?" 2 "127.0.0.1:$port"
	exec 4>&-
	joints "chat: $T/no: No such file or directory; is chatd running?" 2 "$T/no"
	joints "chat: $T: not a socket; give the path that chatd listens on" \
	    2 "$T"
	run -2 --separate-stderr joint nosuchhost.invalid </dev/null
	[[ $stderr == 'chat: nosuchhost.invalid: '?* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "the operand comes before CHAT_ADDRESS, and that before localhost" {
	start_chatd
	CHAT_ADDRESS=$ROOM run -0 joint <<<'by environment'
	CHAT_ADDRESS=$T/none run -0 joint "$ROOM" <<<'by operand'
	run -0 timeout 60 chat-recv -l 2 -c 2 "$ROOM"
	[ "$output" = $'by environment\nby operand' ]
	CHAT_ADDRESS=$T/none joints \
	    "chat: $T/none: No such file or directory; is chatd running?" 2
}

@test "without an address it is the room at localhost:5555" {
	until_ok defaults joint
}

@test "lines go both ways, and never back to who said them" {
	local i
	start_chatd
	start_recv "$T/all"
	start_chat
	for i in {1..10}; do
		echo "from chat $i" >&4
		until_ok has_line "$T/all" "from chat $i"
		say "to chat $i"
		until_ok has_line "$T/out" "to chat $i"
	done
	exec 4>&-
	ended "$CHAT"
	[ "$STATUS" -eq 0 ]
	grep -v sync "$T/out" | diff <(printf 'to chat %d\n' {1..10}) -
	until_ok has_line "$T/all" 'to chat 10'
	run -0 grep -c 'from chat' "$T/all"
	[ "$output" -eq 10 ]
	[ ! -s "$T/err" ]
}

@test "two of them see each other's lines in one order with everybody's" {
	start_chatd
	start_recv "$T/all"
	{
		seq -f 'a %.0f' 20000 | joint "$ROOM" >"$T/a"
		: >"$T/a.over"
	} 3>&- &
	STARTED+=("$!")
	seq -f 'b %.0f' 20000 | joint "$ROOM" >"$T/b"
	until_ok [ -e "$T/a.over" ]
	until_ok has_lines "$T/all" 40000
	# Each of them has a part of the other's lines, in the room's order.
	grep '^b' "$T/all" | cmp - <(seq -f 'b %.0f' 20000)
	grep '^a' "$T/all" | cmp - <(seq -f 'a %.0f' 20000)
	run -1 grep -v '^b' "$T/a"
	[ "$output" = "" ]
	run -1 grep -v '^a' "$T/b"
	[ "$output" = "" ]
}

@test "the end of standard input waits for the last ok" {
	fake() {
		hear 1
		ctl ok 0
		hear 2
		ctl at 7
		hear_end
		echo 'still to be heard'
		# More than a socket holds: whoever has gone stops it here.
		yes $'\001wait' | head -n 500000
		: >"$T/settled"
		ctl ok 2
	}
	fake_room fake
	run -0 --separate-stderr joint "$ROOM" < <(seq 2)
	[ -e "$T/settled" ]
	[ "$output" = 'still to be heard' ]
	[ "$stderr" = "" ]
}

@test "an end without the last ok is a failure" {
	fake() {
		hear 1
		ctl ok 0
		hear 2
		ctl at 7
		ctl ok 1
		hear_end
	}
	fake_room fake
	run -2 --separate-stderr joint "$ROOM" < <(seq 2)
	[ "$stderr" = "chat: $ROOM: the room closed the connection: 1 line\
 acknowledged, 1 in doubt" ]
}

@test "-n puts a name before the lines; without it they are raw" {
	start_chatd
	run -0 joint -n 'anna b' "$ROOM" < <(printf 'ciao\n\n')
	run -0 joint "$ROOM" <<<raw
	run -0 timeout 60 chat-recv -l 3 -c 3 "$ROOM"
	[ "$output" = $'anna b: ciao\nanna b: \nraw' ]
}

@test "-l begins with the last lines; without it there are none" {
	start_chatd
	seq 20 | timeout 300 chat-send "$ROOM"
	run -0 joint -l 3 "$ROOM" </dev/null
	[ "$output" = $'18\n19\n20' ]
	run -0 joint "$ROOM" </dev/null
	[ "$output" = "" ]
	run -0 joint -l 9223372036854775807 "$ROOM" </dev/null
	[ "$output" = "$(seq 20)" ]
}

@test "-t says when each line was said" {
	fake() {
		hear 1
		ctl ok 0
		ctl at 7
		ctl time 1795433696
		echo one
		hear_end
	}
	fake_room fake
	TZ=CET-1 run -0 joint -t "$ROOM" </dev/null
	[ "$output" = '2026-11-23T12:34:56+0100 one' ]
}

@test "it asks for the role, the history and the times it wants" {
	fake() {
		hear 1
		printf '%s\n' "${heard[0]}" >"$T/asked"
		ctl ok 0
		ctl at 7
		hear_end
	}
	fake_room fake
	run -0 joint "$ROOM" </dev/null
	printf '\001chat\n' | cmp - "$T/asked"
	fake_room fake
	run -0 joint -t -l 12 "$ROOM" </dev/null
	printf '\001chat last=12 times\n' | cmp - "$T/asked"
}

@test "refused lines are named, the others are sent" {
	start_chatd
	run -1 --separate-stderr joint "$ROOM" \
	    < <(printf 'one\nper\xe9\n\e\nfour\n'; printf '%04096d\nend' 0)
	[ "$output" = "" ]
	diff - <(printf '%s\n' "$stderr") <<-'EOF'
	chat: line 2: not UTF-8 at byte 4 (0xe9)
	chat: line 3: control character U+001B at byte 1
	chat: line 5: longer than 4095 bytes
	EOF
	run -0 timeout 60 chat-recv -l 9 -c 3 "$ROOM"
	[ "$output" = $'one\nfour\nend' ]
}

@test "lines that the room refuses are named by input line" {
	fake() {
		hear 1
		ctl ok 0
		hear 2
		ctl at 7
		echo message
		ctl error 2 no swearing
		ctl ok 2
		hear_end
	}
	fake_room fake
	run -1 --separate-stderr joint "$ROOM" < <(printf '\e\na\nb\n')
	[ "$output" = message ]
	[ "${stderr_lines[1]}" = 'chat: line 3: no swearing' ]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "a bot as a coprocess answers what it hears" {
	start_chatd
	start_recv "$T/all"
	start bash -c '
		coproc CHAT { exec chat "$1"; }
		pid=$CHAT_PID
		exec 5<&"${CHAT[0]}" 6>&"${CHAT[1]}" {CHAT[1]}>&-
		while read -r line <&5; do
			case $line in
			"add "*) set -- $line
				echo "$2 + $3 = $(($2 + $3))" >&6 ;;
			quit) exec 6>&- ;;
			esac
		done
		wait "$pid"' - "$ROOM"
	BOT=$PID
	# It is there once it answers.
	until_ok answers 'add 1 2' '1 + 2 = 3'
	until_ok answers 'add 30 12' '30 + 12 = 42'
	until_ok hears_quit
	ended "$BOT"
	[ "$STATUS" -eq 0 ]
}
answers() {
	say "$1"
	has_line "$T/all" "$2"
}
hears_quit() {
	say quit
	not_running "$BOT"
}

@test "input from a file, output to another" {
	start_chatd
	seq 50000 >"$T/in"
	seq -f 'said before %.0f' 100 | timeout 300 chat-send "$ROOM"
	joint -l 100 "$ROOM" <"$T/in" >"$T/out"
	seq -f 'said before %.0f' 100 | cmp - "$T/out"
	timeout 60 chat-recv -l 50000 -c 50000 "$ROOM" | cmp - "$T/in"
}

@test "standard output that can't be written is a failure" {
	start_chatd
	say one
	run -2 bash -c 'timeout 60 chat -l 1 "$1" </dev/null >&-' - "$ROOM"
	[ "$output" = 'chat: standard output: Bad file descriptor' ]
	run -2 bash -c 'timeout 60 chat -l 1 "$1" </dev/null >/dev/full' - \
	    "$ROOM"
	[ "$output" = 'chat: standard output: No space left on device' ]
	# Nothing of it went into the room instead.
	say two
	run -0 timeout 60 chat-recv -l 10 -c 2 "$ROOM"
	[ "$output" = $'one\ntwo' ]
}

@test "standard input that can't be read is a failure" {
	start_chatd
	run -2 bash -c 'timeout 60 chat "$1" <&-' - "$ROOM"
	[ "$output" = 'chat: standard input: Bad file descriptor' ]
	run -2 --separate-stderr joint "$ROOM" <"$T"
	[ "$stderr" = 'chat: standard input: Is a directory' ]
}

@test "without standard error it goes on" {
	start_chatd
	say one
	run -1 bash -c 'printf "\e\ntwo\n" | timeout 60 chat -l 1 "$1" 2>&-' - \
	    "$ROOM"
	[ "$output" = one ]
	run -0 timeout 60 chat-recv -l 10 -c 2 "$ROOM"
	[ "$output" = $'one\ntwo' ]
}

@test "the last words of a bot get into the room" {
	start_chatd
	start_recv "$T/all"
	local i
	mkfifo "$T/back"
	for i in {1..10}; do
		(
			{ chat "$ROOM" <"$T/back" || true; } | {
				echo "hi $i"
				read -r line
				echo "$line, and last words $i"
			} >"$T/back"
		) 3>&- &
		STARTED+=("$!")
		local bot=$!
		until_ok has_line "$T/all" "hi $i"
		say "bye $i"
		wait "$bot"
		until_ok has_line "$T/all" "bye $i, and last words $i"
	done
}

@test "it ends with the reader of its output, without waiting" {
	start_chatd
	say 'the only line'
	mkfifo "$T/in"
	exec 4<>"$T/in"
	(
		{ chat -l 1 "$ROOM" <"$T/in" 3>&- || echo $? >"$T/status"; } |
		    head -n 1 >"$T/out"
	) 3>&- 4>&- &
	STARTED+=("$!")
	# Nothing is said any more, and its input stays open.
	until_ok [ -s "$T/status" ]
	[ "$(cat "$T/status")" -eq 141 ]
	[ "$(cat "$T/out")" = 'the only line' ]
}

@test "when the room closes, its reason is shown" {
	start_chatd
	start_recv "$T/all"
	start_chat
	printf 'one\ntwo\n' >&4
	until_ok has_line "$T/all" two
	stop "$CHATD"
	ended "$CHAT"
	exec 4>&-
	[ "$STATUS" -eq 2 ]
	[ "$(cat "$T/err")" = "chat: $ROOM: the room closed the connection:\
 the room is closing: 2 lines acknowledged, 0 in doubt" ]
}

@test "a room that is killed is noticed" {
	start_chatd
	start_recv "$T/all"
	start_chat
	printf 'one\ntwo\n' >&4
	until_ok has_line "$T/all" two
	stop "$CHATD" KILL
	ended "$CHAT"
	exec 4>&-
	[ "$STATUS" -eq 2 ]
	grep -q "^chat: $ROOM: .*: 2 lines acknowledged, 0 in doubt$" "$T/err"
}

@test "a room that goes away in the middle: what is in doubt" {
	fake() {
		hear 1
		ctl ok 0
		hear 5
		ctl at 7
		echo message
		ctl ok 3
	}
	fake_room fake
	run -2 --separate-stderr joint "$ROOM" < <(seq 5)
	[ "$output" = message ]
	[ "$stderr" = "chat: $ROOM: the room closed the connection: 3 lines\
 acknowledged, 2 in doubt" ]
}

@test "lost lines are told, and make the status 1" {
	fake() {
		hear 1
		ctl ok 0
		ctl at 7
		ctl lost 3
		echo message
		hear_end
	}
	fake_room fake
	run -1 --separate-stderr joint "$ROOM" </dev/null
	[ "$output" = message ]
	[ "$stderr" = 'chat: 3 lines lost' ]
}

@test "a full queue doesn't keep it from listening" {
	fake() {
		ctl ok 0
		ctl at 7
		until [ -e "$T/full" ]; do pause 0.02; done
		echo message
		hold
	}
	fake_room fake
	seq 1000000 >"$T/lines"
	start_from "$T/lines" chat "$ROOM" >"$T/out"
	CHAT=$PID
	until_ok full
	: >"$T/full"
	until_ok has_line "$T/out" message
}
full() {
	[ "$(awk '$1 == "pos:" { print $2 }' "/proc/$CHAT/fdinfo/0")" -ge \
	    1048576 ]
}

@test "a reader of its output that stops doesn't keep it from sending" {
	start_chatd_at -p 1000 "$T/room"
	start_recv "$T/all"
	mkfifo "$T/pipe"
	exec 5<>"$T/pipe"
	start_fed chat -l 0 "$ROOM" >"$T/pipe" 5>&-
	CHAT=$PID
	echo here >&4
	until_ok has_line "$T/all" here
	# More than the pipe and chat itself hold.
	seq 100000 | timeout 300 chat-send "$ROOM"
	echo 'still here' >&4
	until_ok has_line "$T/all" 'still here'
	exec 4>&-
	timeout 60 head -n 100000 <&5 | cmp - <(seq 100000)
	ended "$CHAT"
	[ "$STATUS" -eq 0 ]
	exec 5>&-
}

@test "TERM ends it like any filter" {
	start_chatd
	start_chat
	stop "$CHAT"
	exec 4>&-
	[ "$STATUS" -eq 143 ]
	[ ! -s "$T/err" ]
}

# Sessions, and connections that come back

load helpers.bash
load fakeroom.bash
load nodes.bash

teardown() {
	cleanup
}

# say TEXT TOKEN: a sender with that session, who says all of it at once; what
# the room answers.
say() {
	printf '\001send session=%s\n%s' "$2" "$1" >"$T/say"
	timeout 10 socat -t 10 - "UNIX-CONNECT:$ROOM" <"$T/say" |
		tr '\001' '^'
}

# hello TEXT: open a connection as descriptor $FD and say TEXT on it.
hello() {
	exec {FD}<>"/dev/tcp/127.0.0.1/$PORT"
	printf '%b' "$1" >&"$FD"
}

@test "a session goes on counting where it ended" {
	start_chatd_at "$T/room"
	[ "$(say $'a\nb\n' one)" = $'^ok 0 new\n^ok 2' ]
	[ "$(say $'c\n' one)" = $'^ok 2\n^ok 3' ]
	[ "$(say $'d\n' two)" = $'^ok 0 new\n^ok 1' ]
	[ "$(chat-recv -l 9 -c 4 "$ROOM" | tr '\n' ' ')" = 'a b c d ' ]
}

@test "a line that is cut in its middle is not taken" {
	start_chatd_at "$T/room"
	[ "$(say $'a\nhal' one)" = $'^ok 0 new\n^ok 1' ]
	[ "$(say $'half\n' one)" = $'^ok 1\n^ok 2' ]
	[ "$(chat-recv -l 9 -c 2 "$ROOM" | tr '\n' ' ')" = 'a half ' ]
}

@test "refused lines count as settled in a session" {
	start_chatd_at "$T/room"
	say $'a\n\x1b\n' one | grep -q 'error 2 control character'
	[ "$(say $'c\n' one)" = $'^ok 2\n^ok 3' ]
}

@test "who comes back takes the session over from the old connection" {
	start_chatd
	hello '\001chat session=one\nfirst\n'
	read -r -t 10 -u "$FD" line
	[ "$line" = $'\001ok 0 new' ]
	until_ok eval 'read -r -t 10 -u "$FD" line && [ "$line" = $'"'\001ok 1'"' ]'
	local old=$FD
	hello '\001chat session=one\n'
	read -r -t 10 -u "$FD" line
	[ "$line" = $'\001ok 1' ]
	timeout 10 cat <&"$old" >"$T/old"
	[ "$(tr '\001' '^' <"$T/old" | grep -v '^^at ')" = \
	    '^bye another connection has taken over this session' ]
	exec {old}>&- {FD}>&-
}

@test "a session is not sent its own lines when it comes back" {
	start_chatd_at "$T/room"
	local at
	at=$(printf '\001chat session=one\nmine\n' |
		timeout 10 socat -t 10 - "UNIX-CONNECT:$ROOM" |
		sed -n 's/^.at //p' | head -n 1)
	echo other | chat-send "$ROOM"
	printf '\001chat session=one from=%s\n' "$at" |
		timeout 10 socat -t 10 - "UNIX-CONNECT:$ROOM" |
		tr '\001' '^' >"$T/out"
	cat "$T/out"
	[ "$(cat "$T/out")" = "^ok 1
^at $at
^at $((at + 1))
other" ]
}

@test "-r says how many sessions are kept, the least recently used go first" {
	start_chatd_at -r 2 "$T/room"
	say $'a\n' one
	say $'a\n' two
	say $'a\n' one
	say $'a\n' three
	[ "$(say '' one)" = '^ok 2' ]
	[ "$(say '' three)" = '^ok 1' ]
	[ "$(say '' two)" = '^ok 0 new' ]
}

# is_last LINE: nobody has said another one since.
is_last() {
	[ "$(chat-recv -l 1 -c 1 "$ROOM")" = "$1" ]
}

@test "one that has said all is not cut off when its session comes back" {
	start_chatd_at -m 64K -s "$T/store" "$T/room"
	seq 400000 | chat-send "$ROOM"
	# Far more than sockets and pipes hold.
	printf '\001chat session=a last=400000\nmine\n' |
		socat -t 60 - "UNIX-CONNECT:$ROOM" 3>&- | {
			until [ -e "$T/go" ]; do pause 0.05; done
			cat >"$T/got"
		} 3>&- &
	STARTED+=($!)
	until_ok is_last mine
	[ "$(say '' a)" = '^ok 1' ]
	touch "$T/go"
	wait "${STARTED[-1]}"
	grep -v $'^\001' "$T/got" | cmp - <(seq 400000)
	[ "$(grep $'^\001' "$T/got" | tail -n 1)" = $'\001ok 1' ]
}

@test "-r 0 keeps no sessions and says so, also to who comes back" {
	start_chatd_at -r 0 "$T/room"
	[ "$(say $'a\n' one)" = \
$'^error 0 this room keeps no sessions\n^ok 0 new\n^ok 1' ]
	[ "$(say $'a\n' one)" = \
$'^error 0 this room keeps no sessions\n^ok 0 new\n^ok 1' ]
}

@test "-r waits for a room that isn't there yet" {
	start chat-recv -r -c 3 "$T/room" >"$T/got" 2>"$T/got.err"
	local recv=$PID
	printf '%s\n' a b c >"$T/in"
	start_from "$T/in" chat-send -r "$T/room" 2>"$T/send.err"
	local send=$PID
	until_ok matches "$T/got.err" retrying
	until_ok matches "$T/send.err" retrying
	start_chatd_at "$T/room"
	wait "$send"
	[ "$(cat "$T/send.err")" = \
"chat-send: $T/room: No such file or directory, retrying
chat-send: $T/room: connected" ]
	until_ok matches "$T/got.err" connected
	seq 3 | chat-send "$ROOM"
	wait "$recv"
	[ "$(chat-recv -l 9 -c 3 "$ROOM" | tr '\n' ' ')" = 'a b c ' ]
}

@test "-w bounds the time without a room" {
	local program pids=()
	# Time enough for a first try, all at once.
	for program in chat-send chat chat-recv; do
		start_from /dev/null timeout 20 "$program" -r -w 2 "$T/none" \
		    2>"$T/$program"
		pids+=("$PID")
	done
	ended "${pids[0]}"
	[ "$STATUS" -eq 2 ]
	diff - "$T/chat-send" <<-END
		chat-send: $T/none: No such file or directory, retrying
		chat-send: $T/none: No such file or directory
	END
	ended "${pids[1]}"
	[ "$STATUS" -eq 2 ]
	has_lines "$T/chat" 2
	ended "${pids[2]}"
	[ "$STATUS" -eq 3 ]
	for program in chat-send chat; do
		run -2 --separate-stderr "$program" -w 1 "$T/none" </dev/null
		[ "$stderr" = "$program: -w: only with -r" ]
	done
}

@test "what was never sent is not in doubt" {
	run -2 --separate-stderr timeout 20 chat-send -r -w 2 "$T/none" \
		< <(seq 3)
	[ "${stderr_lines[1]}" = "chat-send: $T/none: No such file or directory" ]
}

mute() {
	hear 1
	hold
}

# deaf: the same until the test lets it go; $T/heard is there if it was told more.
deaf() {
	hear 1
	: >"$T/held"
	until [ -e "$T/go" ]; do pause 0.02; done
	! read -r -t 0 || : >"$T/heard"
}
# taken: the client has read all of its input.
taken() {
	! read -r -t 0 -u 4
}

@test "-r: no text goes to who comes in the room's place and doesn't answer" {
	local program
	for program in chat-send chat; do
		start_chatd_at "$T/room"
		start_recv "$T/got"
		start_fed "$program" -r "$T/room" 2>"$T/err"
		local client=$PID
		echo one >&4
		until_ok has_line "$T/got" one
		stop "$CHATD"
		until_ok matches "$T/err" retrying
		printf 'a secret\nand another\n' >&4
		fake_room deaf 4>&-
		until_ok [ -e "$T/held" ]
		until_ok taken
		: >"$T/go"
		fake_over
		[ ! -e "$T/heard" ]
		# The real one, which it meets after that, gets both.
		start_chatd_at "$T/room" 4>&-
		start_recv "$T/later" 4>&-
		until_ok has_line "$T/later" 'and another'
		exec 4>&-
		ended "$client"
		# To a reader it's another room.
		[ "$STATUS" -lt 2 ]
		run ! grep twice "$T/err"
		stop "$CHATD"
		rm -f "$T/in" "$T/got" "$T/room" "$T/go"
	done
}

@test "the end of the input without a room: over, if nothing is owed" {
	local program
	for program in chat-send chat; do
		start_chatd_at "$T/room"
		start_recv "$T/got"
		start_fed "$program" -r "$T/room" 2>"$T/err"
		local client=$PID
		echo one >&4
		until_ok has_line "$T/got" one
		stop "$CHATD"
		until_ok matches "$T/err" retrying
		# A connection is not a room.
		fake_room mute 4>&-
		until_ok [ -e "$T/held" ]
		exec 4>&-
		ended "$client"
		[ "$STATUS" -eq 0 ]
		has_lines "$T/err" 1
		stop "$FAKE"
		rm "$T/in" "$T/got" "$T/room"
	done
}

@test "the end of the input without a room: what is owed has to get there" {
	start_chatd_at "$T/room"
	start_recv "$T/got"
	start_fed chat-send -r "$T/room" 2>"$T/err"
	local client=$PID
	echo one >&4
	until_ok has_line "$T/got" one
	stop "$CHATD"
	until_ok matches "$T/err" retrying
	echo two >&4
	exec 4>&-
	start_chatd_at "$T/room"
	ended "$client"
	[ "$STATUS" -eq 0 ]
	[ "$(chat-recv -l 9 -c 1 "$ROOM")" = two ]
}

@test "chat -r ends when nobody is left to talk to" {
	run -141 bash -c 'sleep 0.2 | timeout 20 chat -r "$1" | true
		exit "${PIPESTATUS[1]}"' - "$T/none"
}

@test "a room that starts anew: readers are told, senders continue" {
	start_chatd_at "$T/room"
	start chat-recv -r -l 100 "$T/room" >"$T/got" 2>"$T/got.err"
	local recv=$PID
	start_fed chat-send -r "$T/room" 2>"$T/send.err"
	local send=$PID
	echo one >&4
	until_ok has_line "$T/got" one
	stop "$CHATD" KILL
	until_ok matches "$T/got.err" retrying
	until_ok matches "$T/send.err" retrying
	start_chatd_at "$T/room" 4>&-
	until_ok matches "$T/got.err" connected
	echo two >&4
	exec 4>&-
	wait "$send"
	until_ok has_line "$T/got" two
	grep -q 'an unknown number of lines lost' "$T/got.err"
	grep -q 'the room has forgotten this session$' "$T/send.err"
	stop "$CHATD"
	stop "$recv"
}

@test "what the ring no longer has is told as lost, and counts in the status" {
	# Over a log there is a store, which forgets nothing.
	CHAT_LOG='' start_chatd_at -m 64K "$T/room"
	local at
	at=$(printf '\001recv\n' | timeout 10 socat -t 10 - \
		"UNIX-CONNECT:$ROOM" | sed -n 's/^.at //p')
	seq 30000 | chat-send "$ROOM"
	printf '\001recv from=%s\n' "$at" | timeout 10 socat -t 10 - \
		"UNIX-CONNECT:$ROOM" | tr '\001' '^' >"$T/out"
	local lost got
	lost=$(sed -n 's/^^lost //p' "$T/out")
	got=$(grep -vc '^^' "$T/out")
	[ "$lost" -gt 0 ]
	[ $((lost + got)) -eq 30000 ]
	[ "$(tail -n 1 "$T/out")" = 30000 ]
}

@test "-r: who connects again is killed: an error, not a wait for ever" {
	start_chatd_at "$T/room"
	start chat-recv -r "$ROOM" 2>"$T/err"
	local recv=$PID
	until_ok confined "$recv"
	pkill -KILL -P "$recv"
	stop "$CHATD"
	ended "$recv"
	[ "$STATUS" -eq 2 ]
	grep -qx "chat-recv: $ROOM: the connecting process died: Broken pipe" \
	    "$T/err"
}

# The room has several addresses.

# silent COMMAND...: with status 0, and nothing on standard error.
silent() {
	run -0 --separate-stderr timeout 30 "$@"
	[ "$stderr" = '' ]
}

@test "several addresses: the first that answers, without a word" {
	start_chatd
	start_cut_off away
	local list="$T/none,:1,$T/away,$ROOM"
	silent chat-send -m one "$list"
	CHAT_ADDRESS=$list silent chat-send -r -m two
	silent chat "$list" <<<'three'
	silent chat-recv -l 3 -c 3 "$list"
	[ "$output" = $'one\ntwo\nthree' ]
	has_lines "$T/away.node" 4
}

@test "several addresses: who only needs one keeps no child, and no socket" {
	start_chatd_at "$T/room"
	start_node a
	start chat-recv -l 1 "$T/none,$T/a,$ROOM" >"$T/got" 2>"$T/err"
	local recv=$PID
	chat-send -m one "$ROOM"
	until_ok has_line "$T/got" one
	[ "$(cat "/proc/$recv/task/$recv/children")" = '' ]
	stop "$NODE"
	ended "$recv"
	[ "$STATUS" -eq 2 ]
	[ "$(cat "$T/err")" = "chat-recv: $T/a: the room closed the connection" ]
}

@test "several addresses, none of which answers: each with its reason" {
	start_cut_off away
	local list="$T/none,$T/away,$T/nor" program
	cat >"$T/want" <<-END
		$T/none: No such file or directory
		$T/away: the room closed the connection: this room is cut off
		$T/nor: No such file or directory
	END
	for program in chat-send chat-recv chat; do
		run -2 --separate-stderr timeout 30 "$program" "$list" </dev/null
		diff <(sed "s/^/$program: /" "$T/want") - <<<"$stderr"
	done
	# With -r that is one try of all of them.
	run -2 --separate-stderr timeout 30 chat-send -r -w 2 -m x "$list"
	diff - <(uniq <<<"$stderr") <<-END
		$(sed "s/^/chat-send: /; s/\$/, retrying/" "$T/want")
		$(sed "s/^/chat-send: /" "$T/want")
	END
}

@test "a reason that another address won't change is the end" {
	closed() {
		hear 1
		ctl bye your key is only for listening
		hear_end
	}
	local option
	start_chatd_at "$T/other"
	for option in '' -r; do
		fake_room closed
		# shellcheck disable=SC2086 # there may be none
		run -2 --separate-stderr timeout 30 chat-send $option -m one \
		    "$T/none,$ROOM,$T/other"
		[ "$stderr" = "chat-send: $ROOM: the room closed the \
connection: your key is only for listening; chat-recv can use it" ]
	done
}

@test "-r with several addresses: the next one, nothing lost or doubled" {
	start_chatd_at "$T/room"
	start_node a
	local a=$NODE list="$T/a,$T/b"
	start_node b
	local b=$NODE
	start chat-recv -r -l 100 "$list" >"$T/got" 2>"$T/got.err"
	local recv=$PID
	start_fed chat-send -r "$list" 2>"$T/send.err"
	local send=$PID
	echo 1 >&4
	until_ok has_line "$T/got" 1
	stop "$a"
	until_ok matches "$T/got.err" "$T/b: connected"
	until_ok matches "$T/send.err" "$T/b: connected"
	seq 2 50 >&4
	until_ok has_line "$T/got" 50
	stop "$b"
	until_ok matches "$T/got.err" "$T/b: the room closed .*, retrying"
	seq 51 99 >&4
	start_node a 4>&-
	until_ok matches "$T/send.err" "$T/a: connected"
	echo 100 >&4
	exec 4>&-
	ended "$send"
	[ "$STATUS" -eq 0 ]
	until_ok has_line "$T/got" 100
	seq 100 | cmp - "$T/got"
	diff - "$T/send.err" <<-END
		chat-send: $T/a: the room closed the connection, retrying
		chat-send: $T/b: connected
		chat-send: $T/b: the room closed the connection, retrying
		chat-send: $T/a: connected
	END
	stop "$recv"
}

@test "-r with several addresses: after a cut it isn't the same one again" {
	start_chatd_at "$T/room"
	# It cuts its first connection, and would take the next one.
	start "${CHAT_CUTTER:-$ROOT/test/tools/cutter}" -s 1 -b 20000 -n 1 \
	    "$T/a" "$ROOM" >"$T/cutter"
	until_ok matches "$T/cutter" '^listening on'
	start_node b
	start_recv "$T/got"
	seq 10000 >"$T/lines"
	start_from "$T/lines" chat-send -r "$T/a,$T/b" 2>"$T/err"
	ended "$PID"
	[ "$STATUS" -eq 0 ]
	until_ok has_line "$T/got" 10000
	cmp "$T/lines" "$T/got"
	grep -q '^done' "$T/cutter"
	[ "$(sed -n 2p "$T/err")" = "chat-send: $T/b: connected" ]
	has_lines "$T/err" 2
}

@test "-r: an address that is cut off is left for the next one" {
	off() {
		hear 1
		ctl ok 0 new
		hear 1
		ctl ok 1
		ctl bye this room is cut off
		hear_end
	}
	start_chatd_at "$T/other"
	fake_room off
	start_fed chat-send -r "$T/room,$T/other" 2>"$T/err"
	local send=$PID
	echo one >&4
	until_ok matches "$T/err" "$T/other: connected"
	exec 4>&-
	ended "$send"
	[ "$STATUS" -eq 0 ]
	[ "$(head -n 1 "$T/err")" = "chat-send: $T/room: the room closed the \
connection: this room is cut off, retrying" ]
}

@test "-r: that the room is cut off is told, whatever came before" {
	start_chatd_at "$T/room"
	start_node a
	start_cut_off b
	start_fed chat -r "$T/a,$T/b" >"$T/got" 2>"$T/err"
	local chat=$PID
	start_recv "$T/all" 4>&-
	echo one >&4
	until_ok has_line "$T/all" one
	stop "$(pid_of_node a)"
	# Also after other reasons, and only once.
	until_ok has_lines "$T/b.node" 3
	start_node a 4>&-
	until_ok matches "$T/err" "$T/a: connected"
	exec 4>&-
	ended "$chat"
	[ "$STATUS" -eq 0 ]
	diff - "$T/err" <<-END
		chat: $T/a: the room closed the connection, retrying
		chat: $T/b: the room closed the connection: this room is cut \
off, retrying
		chat: $T/a: connected
	END
}
# pid_of_node NAME: of the one that listens there.
pid_of_node() {
	pgrep -f "cutter -n 0 $T/$1 "
}

@test "-r with one address that is cut off: it waits until that is over" {
	start_cut_off a
	local away=$NODE
	start_from /dev/null chat-send -r -m one "$T/a" 2>"$T/err"
	local send=$PID
	until_ok has_lines "$T/a.node" 3
	stop "$away"
	start_chatd_at "$T/room"
	start_node a
	ended "$send"
	[ "$STATUS" -eq 0 ]
	diff - "$T/err" <<-END
		chat-send: $T/a: the room closed the connection: this room is \
cut off, retrying
		chat-send: $T/a: connected
	END
}

@test "several addresses: one that says nothing is left after 10 seconds" {
	fake_room mute
	start_chatd_at "$T/other"
	local with without
	start chat-send -m with -r "$T/room,$T/other" 2>"$T/err"
	with=$PID
	until_ok [ -e "$T/held" ]
	mv "$T/room" "$T/first"
	fake_room mute
	start chat-send -m without "$T/room,$T/other"
	without=$PID
	ended "$with"
	[ "$STATUS" -eq 0 ]
	ended "$without"
	[ "$STATUS" -eq 0 ]
	ROOM=$T/other start_recv "$T/got"
	until_ok has_line "$T/got" with
	until_ok has_line "$T/got" without
}

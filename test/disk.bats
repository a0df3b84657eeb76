# chatd -s when the disk is full, and when the room dies

load helpers.bash
load wire.bash
load store.bash
load fakeroom.bash

teardown() {
	cleanup
}

# full_room KIB [OPTION...]: no file of the room's can grow beyond that, until
# there is more_space.
limited() {
	ulimit -S -f "$1"
	shift
	exec chatd "$@"
}
full_room() {
	local kib=$1
	shift
	start limited "$kib" -s "$T/store" "$@" "$T/room" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	ROOM=$T/room
}
more_space() {
	room_pid
	prlimit --fsize=unlimited: --pid "$ROOM_PID"
}
is_full() {
	matches "$T/log" 'File too large, senders wait'
}


@test "a full disk: senders wait, nothing is shown, then it goes on" {
	full_room 8
	seq 500 | chat-send "$ROOM"
	start_recv "$T/old"
	until_ok has_lines "$T/old" 500
	seq 501 30000 >"$T/in"
	start_send "$T/in"
	local send=$PID
	until_ok is_full
	# Who reads goes on, and who comes now reads what there is.
	[ "$(chat-recv -l 3 -c 3 "$ROOM" | tr '\n' ' ')" = '498 499 500 ' ]
	[ "$(talk '\001recv last=2\n' | grep -v '^^A' | tr '\n' ' ')" = \
		'499 500 ' ]
	local at
	at=$(talk '\001recv last=500\n' | sed -n 's/^^Aat //p')
	[ "$(talk '\001recv\n')" = "^Aat $((at + 500))" ]
	start chat-recv -l 1 -c 4 "$ROOM" >"$T/new"
	local recv=$PID
	until_ok has_line "$T/new" 500
	start_recv "$T/late"
	until_ok has_lines "$T/late" 500
	pause 0.6
	has_lines "$T/old" 500
	kill -0 "$send"
	[ "$(grep -c 'senders wait' "$T/log")" -eq 1 ]
	more_space
	ends "$send"
	ends "$recv"
	until_ok has_lines "$T/old" 30000
	until_ok has_lines "$T/late" 30000
	seq 30000 | cmp - "$T/old"
	[ "$(tr '\n' ' ' <"$T/new")" = '500 501 502 503 ' ]
	[ "$(room_log | sed 1d)" = \
"chatd: $T/store: File too large, senders wait
chatd: $T/store: senders continue" ]
	stop "$CHATD"
	stored | cmp - "$T/old"
}

@test "a full disk: who has nothing to say is told that there is a room" {
	full_room 8
	seq -f '%0100.0f' 1000 >"$T/in"
	start_send "$T/in"
	local send=$PID
	until_ok is_full
	timeout 20 chat-send "$ROOM" </dev/null
	timeout 20 chat "$ROOM" </dev/null
	# What is said isn't settled.
	run -124 timeout 1 chat-send "$ROOM" <<<hello
	more_space
	ends "$send"
	stored | grep -v hello | cmp - "$T/in"
}

# reset_after FORMAT: connect, say that, and reset the connection when an answer
# has come: who hangs up with something unread does.
reset_after() {
	dial
	say "$FD" "$1"
	until_ok read -r -t 0 -u "$FD"
	hang_up "$FD"
}

@test "a full disk: senders that are gone make place for others" {
	local i role
	start limited 8 -s "$T/store" -a 4 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok listens
	PORT=${ROOM##*:}
	chat-send "$ROOM" <<<'before that'
	seq 30000 >"$T/in"
	start_send "$T/in"
	until_ok is_full
	for role in send chat 'send x'; do
		for i in 1 2 3; do
			reset_after "\\001$role\\nhello\\nagain\\n"
		done
		until_ok counted clients 1
	done
	[ "$(timeout 20 chat-recv -l 1 -c 1 "$ROOM")" = 'before that' ]
}

@test "a full disk: sessions wait, and begin when it goes on" {
	full_room 8
	talk '\001send session=one\na\n'
	seq -f '%0100.0f' 1000 >"$T/in"
	start_send "$T/in" -r
	local send=$PID
	until_ok is_full
	start eval 'talk "\001send session=one\nb\n" >"$T/one"'
	local one=$PID
	start eval 'talk "\001chat session=two\nc\n" >"$T/two"'
	local two=$PID
	# Whoever says nothing isn't kept waiting by them.
	talk '\001recv last=9\n' | grep -qx a
	pause 0.3
	[ ! -s "$T/one" ]
	[ ! -s "$T/two" ]
	more_space
	ends "$send"
	ends "$one"
	ends "$two"
	[ "$(tail -n 1 "$T/one")" = '^Aok 2' ]
	[ "$(head -n 1 "$T/two")" = '^Aok 0 new' ]
	reopen KILL
	[ "$(talk '\001send session=one\n')" = '^Aok 2' ]
	[ "$(talk '\001send session=two\n')" = '^Aok 1' ]
	past | grep -v '^^A' | grep '^0' | cmp - "$T/in"
	[ "$(past | grep -c '^[abc]$')" -eq 3 ]
}

@test "a full disk: a session isn't told what isn't written" {
	full_room 8
	mkfifo "$T/one" "$T/two"
	exec 5<>"$T/one" 6<>"$T/two"
	start_from "$T/one" timeout 60 socat - "UNIX-CONNECT:$T/room" \
		>"$T/one.out" 5>&- 6>&-
	printf '\001send session=one\n' >&5
	until_ok has_line "$T/one.out" $'\001ok 0 new'
	start_from "$T/two" timeout 60 socat - "UNIX-CONNECT:$T/room" \
		>"$T/two.out" 5>&- 6>&-
	# Both are heard in the same round, whose write fails.
	room_pid; kill -STOP "$ROOM_PID"
	for _ in 1 2 3; do
		printf '%04000d\n' 0
	done >&5
	printf '\001send session=one\n' >&6
	until_ok is_empty "$T/one"
	until_ok is_empty "$T/two"
	kill -CONT "$ROOM_PID"
	until_ok is_full
	echo x | timeout 10 socat - "UNIX-CONNECT:$T/room"
	[ ! -s "$T/two.out" ]
	more_space
	until_ok has_line "$T/two.out" $'\001ok 3'
	exec 5>&- 6>&-
}
# is_empty FIFO: somebody has read what was written.
is_empty() {
	! read -t 0 <>"$1"
}

@test "a full disk: no upgrade meanwhile" {
	full_room 8
	seq 30000 >"$T/in"
	start_send "$T/in"
	local send=$PID
	until_ok is_full
	kill -USR2 "$CHATD"
	until_ok grep -qx "chatd: upgrade: new lines cannot be written to the \
store now, going on as before" "$T/log"
	more_space
	ends "$send"
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" '^chatd: upgraded'
	stored | cmp - "$T/in"
}

@test "a full disk: who has gone in the meantime isn't missed" {
	full_room 8
	seq -f '%0100.0f' 1000 >"$T/in"
	start_send "$T/in"
	local send=$PID
	until_ok is_full
	kill -KILL "$send"
	wait "$send" || true
	talk '\001send\nbad\001\n' >"$T/bad" &
	more_space
	until_ok matches "$T/log" 'senders continue'
	echo z | chat-send "$ROOM"
	[ "$(past | tail -n 1)" = z ]
	wait $!
}

@test "a full disk: TERM ends it in time" {
	full_room 8
	echo a | chat-send "$ROOM"
	seq -f '%0100.0f' 1000 >"$T/in"
	start_send "$T/in"
	until_ok is_full
	start_recv "$T/got"
	until_ok has_lines "$T/got" 1
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	# What isn't acknowledged may have been written, up to some whole line.
	open_room
	past | grep -v '^^A' >"$T/all"
	[ "$(head -n 1 "$T/all")" = a ]
	sed 1d "$T/all" | cmp - <(head -n $(($(wc -l <"$T/all") - 1)) "$T/in")
}

@test "a full disk and kill -9: nothing acknowledged is lost" {
	local i
	seq -f '%0100.0f' 3000 >"$T/in"
	full_room 8
	start_recv "$T/got" -r
	local recv=$PID
	start_send "$T/in" -r
	local send=$PID
	for i in 16 64 90 200; do
		until_ok is_full
		stop "$CHATD" KILL
		full_room "$i"
	done
	until_ok is_full
	more_space
	ends "$send"
	until_ok has_lines "$T/got" 3000
	cmp "$T/in" "$T/got"
	stop "$CHATD"
	stored | cmp - "$T/in"
}

@test "no new segment can be begun: the old one goes on" {
	open_room -z 64K -m 64K
	# Nothing can be put in its place.
	mkdir "$T/store/new"
	: >"$T/store/new/file"
	seq 30000 | chat-send "$ROOM"
	[ "$(grep -c 'cannot start a new segment: ' "$T/log")" -eq 1 ]
	[ "$(segments)" -eq 1 ]
	rm -r "$T/store/new"
	seq 30001 30010 | chat-send "$ROOM"
	until_ok eval '[ "$(segments)" -eq 2 ]'
	echo 30011 | chat-send "$ROOM"
	reopen KILL -z 64K -m 64K
	[ "$(past | grep -v '^^A')" = "$(seq 30011)" ]
}

# is_gone N: so many times the newest segment wasn't there any more.
is_gone() {
	[ "$(grep -cx "chatd: $T/store/0[0-9]*: deleted or replaced, senders\
 wait until it is back" "$T/log")" -eq "$1" ]
}

@test "the store is deleted: nothing is shown or acknowledged, senders wait" {
	local option
	for option in '' -S; do
		# shellcheck disable=SC2086 # none is no word
		open_room $option
		echo a | chat-send "$ROOM"
		start chat-recv -l 1 "$ROOM" >"$T/got"
		until_ok has_lines "$T/got" 1
		rm -r "$T/store"
		echo b >"$T/in"
		start_send "$T/in" -r
		until_ok is_gone 1
		# What there was can be had, and it isn't said again and again.
		[ "$(chat-recv -l 9 -c 1 "$ROOM")" = a ]
		pause 0.6
		is_gone 1
		kill -0 "$PID"
		has_lines "$T/got" 1
		kill -USR2 "$CHATD"
		until_ok matches "$T/log" "cannot be written to the store now"
		stop "$CHATD"
		[ "$STATUS" -eq 0 ]
		kill "$PID"
	done
}

@test "the newest segment is taken away: it goes on when that is back" {
	open_room
	speak 1
	ends "$PID"
	local segment
	segment=$(newest)
	mv "$segment" "$T/aside"
	speak 2
	until_ok is_gone 1
	mv "$T/aside" "$segment"
	ends "$PID"
	cp "$segment" "$T/copy"
	rm "$segment"
	speak 3
	until_ok is_gone 2
	mv "$T/copy" "$segment"
	ends "$PID"
	# Less than what was acknowledged is not that.
	mv "$segment" "$T/aside"
	head -n 5 "$T/aside" >"$segment"
	speak 4
	until_ok is_gone 3
	pause 0.6
	kill -0 "$PID"
	mv "$T/aside" "$segment"
	ends "$PID"
	cp "$segment" "$T/copy"
	mv "$T/copy" "$segment"
	speak 5
	ends "$PID"
	is_gone 4
	[ "$(past | grep -v '^^A')" = "$(seq 5)" ]
	reopen KILL
	[ "$(past | grep -v '^^A')" = "$(seq 5)" ]
}
speak() {
	echo "$1" >"$T/in"
	start_send "$T/in"
}

# paced NAME N: numbered lines, a few at a time.
paced() {
	local i
	for ((i = 0; i < $2; i += 100)); do
		numbered "$1 " $((i + 1)) $((i + 100))
		pause 0.05
	done
}
send_paced() {
	paced "$1" "$2" | command chat-send -r "$T/room"
}

# killed SECONDS [OPTION...]: senders and readers while the room is killed.
killed() {
	local i pids=() recv=() count=3000
	open_room "$@"
	for i in a b; do
		start chat-recv -r -l 1000000000 -c $((3 * count)) "$T/room" \
			>"$T/got.$i" 2>"$T/got.$i.err"
		recv+=("$PID")
	done
	for i in 1 2 3; do
		start send_paced "$i" "$count" 2>"$T/send.$i.err"
		pids+=("$PID")
	done
	for ((i = 0; i < 16; i++)); do
		pause "0.0$((RANDOM % 10))"
		reopen KILL "$@"
	done
	until_ok has_ended "${recv[0]}"
	wait "${pids[@]}" "${recv[@]}"
	cmp "$T/got.a" "$T/got.b"
	for i in 1 2 3; do
		numbered "$i " 1 "$count" | cmp - <(grep "^$i " "$T/got.a")
	done
	stop "$CHATD" KILL
	stored | cmp - "$T/got.a"
}

@test "kill -9 again and again: every line once, in order" {
	killed -v
}

@test "kill -9 again and again, with small segments and a small ring" {
	killed -z 64K -m 64K
}

@test "kill -9 again and again, each line safe" {
	killed -S
}

# What the suites share: that it says no where it has to
load helpers.bash
load tmux.bash
load store.bash
load keys.bash
load wire.bash

teardown() {
	close_term
}

# no COMMAND...: it fails, without a complaint of bash.
no() {
	run "$@"
	[ "$status" -eq 1 ]
	[ "$output" = "" ]
}

@test "lines of a file: how many, and which" {
	: >"$T/file"
	has_lines "$T/file" 0
	no has_lines "$T/file" 1
	no has_line "$T/file" ''
	printf 'one\n\ntwo [a] *\nhal' >"$T/file"
	has_lines "$T/file" 3
	no has_lines "$T/file" 2
	no has_lines "$T/file" 4
	has_line "$T/file" one
	has_line "$T/file" ''
	has_line "$T/file" 'two [a] *'
	no has_line "$T/file" on
	no has_line "$T/file" 'two'
	no has_line "$T/file" 'two a x'
	no has_line "$T/file" '*'
	run ! has_lines "$T/none" 0
	run ! has_line "$T/none" one
	seq 3000 >"$T/file"
	has_lines "$T/file" 3000
	no has_lines "$T/file" 2999
	no has_lines "$T/file" 10
	has_line "$T/file" 2500
	no has_line "$T/file" 3001
}

@test "expressions: in one line, how often, and what they catch" {
	printf 'one\ntwo three\nfour' >"$T/file"
	matches "$T/file" '^t.o (.*)$'
	[ "${BASH_REMATCH[1]}" = three ]
	matches "$T/file" 'r$'
	no matches "$T/file" '^three'
	no matches "$T/file" 'one.*two'
	run ! matches "$T/none" one
	count "$T/file" o
	[ "$COUNT" -eq 3 ]
	count "$T/file" '^o|three'
	[ "$COUNT" -eq 2 ]
	count "$T/file" five
	[ "$COUNT" -eq 0 ]
	count "$T/none" o
	[ "$COUNT" -eq 0 ]
	[ "$(numbered 'a ' 9 11 ' b')" = $'a 9 b\na 10 b\na 11 b' ]
	numbered 'a ' 7 1234 | cmp - <(seq -f 'a %.0f' 7 1234)
}

@test "waiting: as long as it fails, and no longer than that" {
	local before=${EPOCHREALTIME//[.,]/} after
	pause 0.2
	after=${EPOCHREALTIME//[.,]/}
	[ $((after - before)) -ge 190000 ]
	tried() {
		echo >>"$T/tries"
		has_lines "$T/tries" "$1"
	}
	until_ok tried 3
	has_lines "$T/tries" 3
	run -1 until_ok no_such_command_here
	[[ $output == *'gave up waiting for: no_such_command_here' ]]
}

@test "a room: where it listens, what it counts and logs, and its process" {
	make_key alice
	: >"$T/log"
	no listens
	start_chatd -v -k "$T/keys"
	[ "$ROOM" = "127.0.0.1:$PORT" ]
	no has_logged 'joined as alice'
	chat-send -k "$T/alice" "$ROOM" <<<hello
	until_ok has_logged 'joined as alice'
	no has_logged 'joined as'
	no has_logged 'oined as alice'
	until_ok counted clients 0
	no counted clients 1
	counted lines 1
	no counted lines 2
	[ "$(counter lines)" = 1 ]
	room_pid
	[ "$ROOM_PID" != "$CHATD" ]
	kill -0 "$ROOM_PID"
	[ "$(status_of "$ROOM_PID" NoNewPrivs)" = 1 ]
	confined "$ROOM_PID"
	no confined $$
	[ "$(resident)" -gt 100 ] || [ -n "$VALGRIND" ]
	stop "$CHATD"
	no has_room
}

@test "a connection: what is heard, and that it has ended" {
	start_chatd
	enter; local one=$FD
	dial
	say "$FD" '\001send\n'
	run -1 hears "$FD" '^Aok 1'
	[ "$output" = "heard '^Aok 0' instead of '^Aok 1'" ]
	say "$FD" 'hello\n'
	hears "$FD" '^Aok 1'
	stop "$CHATD"
	run -1 hears_end "$FD"
	[[ $output == 'heard no end, or more: '*bye* ]]
	hears "$one" hello '^Abye *'
	hears_end "$one"
}

@test "a store: its segments" {
	mkdir "$T/store" "$T/store/directory"
	[ "$(segments)" = 0 ]
	: >"$T/store/1"
	: >"$T/store/2"
	: >"$T/store/3"
	[ "$(segments)" = 3 ]
	[ "$(oldest)" = "$T/store/1" ]
	[ "$(newest)" = "$T/store/3" ]
	printf 'a\0bc\ncd' >"$T/file"
	[ "$(offset_of "$T/file" c)" = 3 ]
}

@test "a screen: its lines, the last ones, all of them" {
	open_term 40 10 sh -c "printf 'one\n\n two *\nthree'; exec cat"
	until_ok screen_ends ' two *' three
	screen_is one '' ' two *' three
	screen_has ' two *'
	screen_has one
	no screen_is one ' two *' three
	no screen_is one '' ' two *'
	no screen_is one '' ' two x' three
	no screen_has 'two *'
	no screen_has 't*'
	no screen_ends one
	no screen_ends three ''
	no screen_ends ' two x' three
	# chat's own first words, up to how it was connected.
	open_term 60 10 sh -c "echo '-- connecting to a'; echo '-- b, Ctrl-D lea'
	    echo ves; echo one; exec cat"
	until_ok screen_has one
	screen_is one
	[ "$(screen)" = one ]
	[ "$(whole_screen)" = $'-- connecting to a\n-- b, Ctrl-D lea\nves\none' ]
}

@test "a failure in a test that uses them names its line" {
	mkdir "$T/test"
	cp "$ROOT/test/helpers.bash" "$T/test"
	printf '%s\n' 'load helpers.bash' '@test "it fails" {' 'until_ok true' \
	    'matches /dev/null nothing' '}' >"$T/test/fails.bats"
	run -1 env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" TMPDIR="$T" \
	    bats --tap "$T/test/fails.bats"
	[[ $output == *' line 4)'*'matches /dev/null nothing'* ]]
}

@test "nothing that a test started outlives it, pipelines among it" {
	local first last
	sleep 101 | tail -f /dev/null &
	last=$!
	first=$(jobs -p)
	start sleep 103
	cleanup
	run ! kill -0 "$first"
	run ! kill -0 "$last"
	run ! kill -0 "$PID"
}

@test "the port of a server that is down is not free" {
	load etcd.bash
	mkdir -p "$T/etcd.one/a"
	RANDOM=1
	free_port "$T/etcd.one"
	local first=$PORT
	RANDOM=1
	free_port "$T/etcd.one"
	[ "$PORT" -eq "$first" ]
	for name in endpoint peer; do
		[ "$name" = peer ] || echo -n 127.0.0.1: >"$T/etcd.one/a/$name"
		echo "$first" >>"$T/etcd.one/a/$name"
		RANDOM=1
		free_port "$T/etcd.one"
		[ "$PORT" -ne "$first" ]
		rm "$T/etcd.one/a/$name"
	done
}

# Signals: what a program was told to ignore it ignores, with all its processes;
# and the first process of a container ends like any other.
load helpers.bash
load fakeroom.bash
load tmux.bash
load keys.bash

teardown() {
	close_term
}

# start_ignoring SIGNALS COMMAND...: start it with those ignored, and no others.
start_ignoring() {
	local signals=$1
	shift
	start env --default-signal --ignore-signal="$signals" "$@"
}

# hit PID SIGNAL...: its whole job gets them, its children as well.
hit() {
	local pids signal
	mapfile -t pids < <(echo "$1"; pgrep -P "$1")
	for signal in "${@:2}"; do
		kill "-$signal" "${pids[@]}"
	done
}

@test "nohup: a log goes on when the terminal goes and the room comes back" {
	local recv
	start_chatd_at "$T/room"
	start nohup chat-recv -r -l 9 "$ROOM" >"$T/got" 2>"$T/err"
	recv=$PID
	echo one | chat-send "$ROOM"
	until_ok has_line "$T/got" one
	until_ok confined "$recv"
	hit "$recv" HUP
	stop "$CHATD"
	until_ok matches "$T/err" retrying
	start_chatd_at "$T/room"
	until_ok matches "$T/err" connected
	echo two | chat-send "$ROOM"
	until_ok has_line "$T/got" two
	stop "$recv"
	[ "$STATUS" -eq 143 ]
}

# go_on HOW: clients started with --HOW-signal go on, and so does who connects for
# them, whatever comes.
go_on() {
	local command client
	for command in chat-recv chat-send chat; do
		start_chatd_at "$T/room"
		rm -f "$T/in" "$T/got"
		mkfifo "$T/in"
		exec 4<>"$T/in"
		start_from "$T/in" env --default-signal \
		    "--$1-signal=HUP,INT,QUIT,TERM" "$command" -r "$ROOM" \
		    >"$T/got" 2>"$T/err"
		client=$PID
		until_ok confined "$client"
		hit "$client" HUP INT QUIT TERM
		stop "$CHATD"
		until_ok matches "$T/err" retrying
		start_chatd_at "$T/room" 4>&-
		until_ok matches "$T/err" connected
		stop "$client" KILL
		[ "$STATUS" -eq 137 ]
		exec 4>&-
		stop "$CHATD"
	done
}

@test "what is ignored stays so, in clients and in who connects for them" {
	go_on ignore
}

@test "what is blocked stays so there, too" {
	go_on block
}

@test "what is not ignored ends each client, and who connects for it" {
	local command client helper signal
	start_chatd_at "$T/room"
	for command in 'chat-recv -r' 'chat-send -r' 'chat -r' chat-recv; do
		for signal in HUP INT TERM; do
			rm -f "$T/in"
			mkfifo "$T/in"
			exec 4<>"$T/in"
			# shellcheck disable=SC2086 # they are words
			start_from "$T/in" env --default-signal $command \
			    "$ROOM" >"$T/got"
			client=$PID
			until_ok confined "$client"
			helper=$(pgrep -P "$client" || true)
			stop "$client" "$signal"
			[ "$STATUS" -eq $((128 + $(kill -l "$signal"))) ]
			exec 4>&-
			[ -z "$helper" ] || until_ok not_running "$helper"
		done
	done
}

@test "a chatd that is told to ignore them" {
	start_ignoring HUP,INT,TERM,USR1,USR2 chatd "$T/room" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	ROOM=$T/room
	room_pid
	hit "$CHATD" HUP INT TERM USR1 USR2
	echo hello | chat-send "$ROOM"
	chat-recv -l 1 -c 1 "$ROOM" | grep -qx hello
	kill -0 "$CHATD"
	run -1 grep -v -e 'listening on' -e 'running as root' "$T/log"
}

@test "a chatd that can't be told to read its keys again says so" {
	make_key alice
	start nohup chatd -k "$T/keys" 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok listens
	# It's the keeper that says so, while the room comes to listen.
	until_ok grep -qxF "chatd: SIGHUP is ignored, as nohup(1) asks: \
$T/keys will not be read again" "$T/log"
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	start_chatd -k "$T/keys"
	run -1 grep SIGHUP "$T/log"
	kill -HUP "$CHATD"
	until_ok matches "$T/log" 'read again, 1 key'
}

@test "a chatd whose parent ignores how children end: its status is true" {
	run -2 env --ignore-signal=CHLD chatd -s /dev/null/x "$T/room"
	start env --ignore-signal=CHLD chatd "$T/room" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	room_pid
	kill -KILL "$ROOM_PID"
	ended "$CHATD"
	[ "$STATUS" -eq 2 ]
	grep -q 'the room process was killed by signal 9' "$T/log"
}

@test "chat's reader goes away where SIGPIPE is ignored: an error" {
	local both out status=0
	start_chatd_at "$T/room"
	seq 3 | chat-send "$ROOM"
	mkfifo "$T/pipe"
	exec {both}<>"$T/pipe"
	exec {out}>"$T/pipe" {both}<&-
	echo mine >"$T/mine"
	env --ignore-signal=PIPE chat -l 3 "$ROOM" <"$T/mine" 1>&"$out" \
	    2>"$T/err" || status=$?
	exec {out}>&-
	[ "$status" -eq 2 ]
	[ "$(cat "$T/err")" = 'chat: standard output: Broken pipe' ]
	[ "$(chat-recv -l 1 -c 1 "$ROOM")" = mine ]
}

@test "chat on a terminal that is told to ignore them" {
	start_chatd_at "$T/room"
	local shell=$T/ignore
	cat >"$shell" <<-'END'
		trap '' HUP INT QUIT TERM TSTP TTOU
		exec chat -n alice "$1"
	END
	open_term 40 10 sh "$shell" "$ROOM"
	until_ok prompted
	local pane
	pane=$(term display-message -p '#{pane_pid}')
	hit "$pane" HUP INT QUIT TERM TSTP
	press 'C-\'
	press C-z
	type 'still here'
	press Enter
	until_ok screen_has 'alice: still here'
	[ "$(chat-recv -l 1 -c 1 "$ROOM")" = 'alice: still here' ]
}

# contain: sets $container to the words that make a command the first process of
# its own, as in a container.
contain() {
	container=(unshare --fork --kill-child --pid --mount-proc)
	[ "$(id -u)" -eq 0 ] || container+=(--user --map-root-user)
	"${container[@]}" true 2>"$T/why" ||
	    skip "no container can be made here: $(head -n 1 "$T/why")"
}

# has_first: sets $FIRST to the pid, as it is outside, of the first process of a
# container that $PID waits for.
has_first() {
	FIRST=$(pgrep -r R,S,D,T,t -P "$PID" | head -n 1)
	[ -n "$FIRST" ] && [ "$(status_of "$FIRST" NSpid)" = "$FIRST 1" ]
}

@test "the first process of a container: clients end by TERM, INT and HUP" {
	local command signal
	contain
	start_chatd_at "$T/room"
	for command in 'chat-recv -r' 'chat-send -r' 'chat -r' chat-recv \
	    chat-send chat; do
		for signal in TERM INT HUP; do
			rm -f "$T/in"
			mkfifo "$T/in"
			exec 4<>"$T/in"
			# shellcheck disable=SC2086 # they are words
			start_from "$T/in" env --default-signal \
			    "${container[@]}" $command "$ROOM" >"$T/got"
			until_ok has_first
			until_ok confined "$FIRST"
			kill "-$signal" "$FIRST"
			ended "$PID"
			exec 4>&-
			echo "$command: $signal: $STATUS"
			[ "$STATUS" -eq $((128 + $(kill -l "$signal"))) ]
		done
	done
}

@test "the first process of a container: without a room, and ignoring" {
	contain
	start env --default-signal "${container[@]}" chat-recv -r "$T/none" \
	    2>"$T/err"
	until_ok has_first
	until_ok matches "$T/err" retrying
	kill -TERM "$FIRST"
	ended "$PID"
	[ "$STATUS" -eq 143 ]
	start_ignoring HUP "${container[@]}" chat-recv -r "$T/none" 2>"$T/err"
	until_ok has_first
	until_ok matches "$T/err" retrying
	kill -HUP "$FIRST"
	kill -INT "$FIRST"
	ended "$PID"
	[ "$STATUS" -eq 130 ]
}

@test "the first process of a container: its reader goes away" {
	contain
	start_chatd_at "$T/room"
	seq 3 | chat-send "$ROOM"
	{ env --default-signal "${container[@]}" chat-recv -l 3 "$ROOM" ||
	    echo $? >"$T/status"; } | head -n 1 >"$T/got"
	[ "$(cat "$T/status")" -eq 141 ]
}

@test "the first process of a container: chatd" {
	local signal
	contain
	for signal in TERM INT; do
		start env --default-signal "${container[@]}" chatd "$T/room" \
		    2>"$T/log"
		until_ok has_first
		until_ok listens
		echo hello | chat-send "$T/room"
		kill "-$signal" "$FIRST"
		ended "$PID"
		[ "$STATUS" -eq 0 ]
		[ ! -e "$T/room" ]
	done
}

@test "the first process of a container: chat on a terminal" {
	contain
	start_chatd_at "$T/room"
	cat >"$T/inside" <<-'END'
		cd "$1" && shift
		stty -a >before
		"$@"
		echo "status $?"
		stty -a >after
		exec cat
	END
	open_term 60 10 sh "$T/inside" "$T" "${container[@]}" chat -n \
	    alice "$ROOM"
	until_ok prompted
	local pane
	pane=$(term display-message -p '#{pane_pid}')
	PID=$(pgrep -P "$pane")
	until_ok has_first
	kill -TERM "$FIRST"
	until_ok screen_has 'status 143'
	until_ok cmp "$T/before" "$T/after"
}

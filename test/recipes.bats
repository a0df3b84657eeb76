# The README: what it says to type does what it says
load helpers.bash

setup() {
	RECIPES=()
	cd "$T" || return
}

# A recipe goes on by itself. timeout ends all of its processes, not only one.
teardown() {
	local pid
	for pid in "${RECIPES[@]}"; do
		stop "$pid"
	done
	[ ! -f ssh.pid ] || stop "$(cat ssh.pid)"
	cleanup
}

# recipe HEADING: put what stands in the fences below it into $T/recipe, with
# the room of this test in the place of localhost's.
recipe() {
	# shellcheck disable=SC2153 # ROOT is the tree, ROOM a room's address
	awk -v heading="$1" '
	/^```/ { code = !code; next }
	/^#/ && !code { sub(/^#+ /, ""); here = $0 == heading }
	here && code' "$ROOT/README.md" |
	    sed -e "s|localhost:5555|$ROOM|" \
	        -e "s|localhost 5555|127.0.0.1 $PORT|" >"$T/recipe"
	[ -s "$T/recipe" ]
	export CHAT_ADDRESS=$ROOM
}

# begin SHELL [INPUT]: run it in the background. A named pipe is opened there.
begin() {
	timeout 60 "$1" "$T/recipe" <"${2:-/dev/null}" 3>&- &
	PID=$!
	RECIPES+=("$PID")
}

# said FILE LINE [ADDRESS]: say it once more; has it come to FILE by now?
said() {
	echo "$2" | chat-send ${3:+"$3"}
	has_line "$1" "$2"
}

has_match() {
	grep -qxE -e "$2" "$1"
}

@test "the session" {
	ROOM=$T/room
	recipe 'A session'
	echo wait >>recipe
	begin sh 2>told
	until_ok has_lines log 5
	printf '%s\n' 'alice: Hello, room!' 'alice: A line is a message.' \
	    1 2 3 | cmp - log
	until_ok has_line told 'The room has them.'
}

@test "make demo: all is printed as it should be" {
	run -0 timeout 60 "$ROOT/test/demo.sh"
	[[ $output == *'That was all of it'* ]]
}

@test "a log watcher" {
	start_chatd
	start_recv got
	recipe 'A log watcher'
	echo 'ERROR: of yesterday' >app.log
	begin sh
	log_until_heard() {
		printf '%s\n' 'all is well' 'ERROR: disk full' >>app.log
		has_line got 'app: ERROR: disk full'
	}
	until_ok log_until_heard
	[ "$(sort -u got)" = 'app: ERROR: disk full' ]
}

@test "a room that survives" {
	ROOM=$T/room
	recipe 'A room that survives'
	echo wait >>recipe
	begin sh >told
	until_ok has_lines copy 6
	seq 6 | cmp - copy
	# Once from chat-recv and once from grep.
	until_ok has_lines told 12
	[ "$(sort told)" = "$(seq 6 | sed p)" ]
}

@test "a bot with a coprocess" {
	start_chatd
	start_recv got
	recipe 'A bot with a coprocess'
	begin bash
	until_ok has_line got 'dice: say !roll'
	echo 'alice: hello' | chat-send
	echo 'alice: !roll' | chat-send
	until_ok has_match got 'dice: [1-6]'
	has_lines got 4
	stop "$CHATD"
	wait "$PID"
}

@test "a bot in a POSIX shell" {
	start_chatd
	start_recv got
	recipe 'A bot in a POSIX shell'
	begin sh
	until_ok has_line got 'oracle: ask me anything'
	echo 'alice: hello' | chat-send
	echo 'alice: will it rain?' | chat-send
	until_ok has_line got 'oracle: without a doubt'
	has_lines got 4
	stop "$CHATD"
	wait "$PID"
}

@test "a room with keys" {
	ROOM=127.0.0.1:0
	recipe 'A room with keys'
	# The port is known only when the room is there.
	sed -i 's/^\(chatd .*\) &$/\1 2>log \& until grep -q listening log; do sleep 0.1; done; CHAT_ADDRESS=$(sed -n "s,.*listening on ,,p" log)/' recipe
	echo wait >>recipe
	begin sh
	until_ok has_line heard 'only bob can read this'
}

@test "a room that says who speaks" {
	ROOM=unused
	recipe 'A room that says who speaks'
	echo wait >>recipe
	begin sh
	until_ok has_line heard "$(id -un): it is me"
}

# An ssh to a host that has its files in $T/host.
@test "a room behind ssh" {
	mkdir -p bin host/srv/lounge
	cat >bin/ssh <<-'END'
		#!/bin/sh
		while getopts fNTo:L: option; do
			[ "$option" != L ] || forward=$OPTARG
		done
		socat -t 60 "UNIX-LISTEN:${forward%:*},fork" \
		    "UNIX-CONNECT:host${forward##*:}" &
		echo $! >ssh.pid
		until socat -u /dev/null "UNIX-CONNECT:${forward%:*}" 2>&-
		do sleep 0.02; done
	END
	chmod +x bin/ssh
	start_chatd_at "$T/host/srv/lounge/room"
	start_recv got
	recipe 'A room behind ssh'
	mkfifo typed
	PATH=$T/bin:$PATH begin sh typed >shown
	exec 4>typed
	echo 'hello from afar' >&4
	until_ok has_line got 'hello from afar'
	echo 'welcome' | chat-send
	until_ok has_line shown 'welcome'
	exec 4>&-
	wait "$PID"
}

@test "joining with nc" {
	start_chatd
	start_recv got
	recipe 'Joining with nc'
	mkfifo typed
	begin sh typed >shown
	exec 4>typed
	echo 'alice: hello' >&4
	until_ok has_line got 'alice: hello'
	echo 'welcome' | chat-send
	until_ok has_line shown 'welcome'
	exec 4>&-
	has_lines shown 1
}

@test "two rooms in one" {
	start_chatd_at "$T/kitchen"
	start_recv in_kitchen
	start chatd "$T/garden" 2>garden.log
	until_ok grep -q 'listening on' garden.log
	ROOM=$T/garden
	start_recv in_garden
	recipe 'Two rooms in one'
	begin sh
	until_ok said in_garden 'is the tea ready?' ./kitchen
	until_ok said in_kitchen 'is the sun out?' ./garden
	# What came back would come before what is said there afterwards.
	echo 'once' | chat-send ./kitchen
	until_ok has_line in_garden 'once'
	echo 'afterwards' | chat-send ./garden
	until_ok has_line in_kitchen 'afterwards'
	[ "$(grep -cx 'once' in_kitchen)" -eq 1 ]
	[ "$(grep -cx 'once' in_garden)" -eq 1 ]
}

@test "a countdown" {
	start_chatd
	start_recv got
	recipe 'A countdown'
	run timeout 60 sh recipe
	[ "$status" -eq 0 ]
	until_ok has_lines got 4
	printf '%s\n' 'lift-off in 3' 'lift-off in 2' 'lift-off in 1' \
	    'tower: lift-off' | cmp - got
}

@test "a countdown that somebody stops" {
	start_chatd
	start_recv got
	recipe 'A countdown'
	sed -i.orig 's/-w 1/-w 30/' recipe	# time enough to be heard
	begin sh
	stopped() {
		echo 'alice: wait!' | chat-send
		has_line got 'tower: stopped by alice: wait!'
	}
	until_ok has_line got 'lift-off in 3'
	until_ok stopped
	run ! has_line got 'lift-off in 2'
	run ! has_line got 'tower: lift-off'
	wait "$PID"
}

@test "every recipe is tested here" {
	awk '/^## / { here = $0 == "## Recipes" }
	here && sub(/^### /, "")' "$ROOT/README.md" >headings
	[ "$(wc -l <headings)" -ge 7 ]
	while read -r heading; do
		grep -qF "	recipe '$heading'" "$BATS_TEST_FILENAME"
	done <headings
}

# The pages: what they say to type does what they say
load helpers.bash
load tmux.bash
load world.bash

setup() {
	enter_world
}
teardown() {
	[ -n "$BATS_TEST_COMPLETED" ] || [ -z "${WORLD:-}" ] || screen
	close_term
}

# open_room [OPTION...]: a room in the reader's world, at its usual address. What
# is said in it goes to $T/copy.
open_room() {
	enter "chatd $* 2>>~/log & chat-recv -r -l 1000 >~/copy 2>/dev/null &"
	done_typing
	others 'the room is open'
	until_ok has_line "$T/copy" 'the room is open'
}

# others LINE...: somebody else says them. heard REGEX: somebody has.
others() {
	printf '%s\n' "$@" | inside timeout 20 chat-send -r
}
heard() {
	until_ok matches "$T/copy" "$1"
}

# logged REGEX: the room whose log is in the reader's directory has done so.
logged() {
	until_ok matches log "$1"
}

# take_keys: what each person gets. say_as NAME LINE, hear_as NAME FILE: with it.
take_keys() {
	local name
	for name in alice bob; do
		(umask 077 && grep "^$name:" keys >"$T/$name.key")
	done
}
say_as() {
	inside timeout 20 chat-send -k "$T/$1.key" localhost <<<"$2"
}
hear_as() {
	inside timeout 60 chat-recv -l 100 -k "$T/$1.key" localhost \
	    >"$2" 2>"$2.err" &
	STARTED+=("$!")
}

# What it takes to operate a room, but for what would change this machine.
stub_operator() {
	stub make <<-'END'
		#!/bin/sh
		echo "make${1:+ $1}" >>"$HOME/made"
	END
	stub sudo <<-'END'
		#!/bin/sh
		exec "$@"
	END
}

@test "chatd(8), OPERATION: run, log, back up, upgrade, revoke, and stop" {
	local page=(chatd.8 OPERATION) steps
	stub_operator
	open_reader bash --norc --noprofile

	follow "${page[@]}" '*Run* a room'
	cd lounge
	logged 'listening on .*:5555$'
	take_keys
	say_as alice 'before the copy'
	hear_as alice "$T/alices"
	until_ok has_line "$T/alices" 'before the copy'

	commands "${page[@]}" '*Log.*'
	mapfile -t steps <"$T/commands"
	enter "${steps[0]}"
	logged 'clients 1, lines 1, '
	printf '%s\n' "${steps[@]:1}" >"$T/commands"
	paste_file "$T/commands"
	done_typing
	until_ok has_on_screen 'clients 1, lines 1, '
	matches log.1 'listening on'
	run ! matches log 'listening on'

	follow "${page[@]}" '*Back up*'
	has_line backup/0* 'before the copy'
	say_as alice 'after the copy'

	follow "${page[@]}" '*Upgrade*'
	printf '%s\n' make 'make install' | cmp - "$T/made"
	logged 'upgraded: 0 clients, 2 lines kept$'

	hear_as bob "$T/bobs"
	until_ok has_line "$T/bobs" 'after the copy'
	follow "${page[@]}" '*Revoke a key*'
	logged 'keys: read again, 1 key, 1 client disconnected$'
	run -2 say_as bob 'let me in'

	follow "${page[@]}" 'To stop it'
	logged closing
	follow "${page[@]}" 'To go back'
	: >log
	enter 'chatd -k keys -s store :5555 2>>log &'
	logged 'listening on .*:5555$'
	hear_as alice "$T/again"
	until_ok has_line "$T/again" 'before the copy'
	run ! has_line "$T/again" 'after the copy'
}

# over NUMBER: the room is over that the shell has as this job.
over() {
	enter "kill %$1; wait %$1"
	done_typing
}

@test "chatd(8), EXAMPLES: rooms of every kind" {
	local page=(chatd.8 EXAMPLES)
	mkdir -p "$T/srv/team"
	stub chgrp <<-'END'
		#!/bin/sh
		[ "$1" = team ] && [ -d "${2%/*}" ]
	END
	open_reader bash --norc --noprofile

	commands "${page[@]}" 'OPERATION has more.'
	mapfile -t steps <"$T/commands"
	enter "${steps[0]}"
	until_ok has_on_screen 'listening on'
	enter "${steps[1]}"
	inside timeout 20 chat-recv -l 1 -c 1 localhost >heard
	[ "$(cat heard)" = hello ]
	over 1

	begin "${page[@]}" 'A room for the local network, whose'
	until_ok stores_in lounge
	press C-c
	done_typing
	follow "${page[@]}" 'A room for the members'
	until_ok [ -S "$T/srv/team/room" ]
	[[ $(ls -l "$T/srv/team/room") == srwxrwx---* ]]
	over 1

	follow "${page[@]}" 'A room on any free port'
	enter 'chat-send -m here'
	enter 'chat-recv -l 1 -c 1 >heard; unset CHAT_ADDRESS'
	done_typing
	[ "$(cat heard)" = here ]
	over 1
}

# stores_in STORE: the room has a line, and keeps it.
stores_in() {
	inside timeout 20 chat-send -m 'to be kept' localhost &&
	    grep -qx 'to be kept' "$1"/0*
}

@test "chatd(8), EXAMPLES: a room for people with keys" {
	open_reader bash --norc --noprofile
	commands chatd.8 EXAMPLES 'A room on the network'
	mapfile -t steps <"$T/commands"
	for line in "${steps[@]:0:3}"; do
		enter "$line"
	done
	until_ok has_on_screen 'listening on'
	enter "${steps[3]}"
	enter 'only for the two of us'
	inside timeout 20 chat-recv -k alice.key -l 1 -c 1 localhost >heard
	[ "$(cat heard)" = 'alice: only for the two of us' ]
}

@test "chatd(8), EXAMPLES: a room with a store" {
	local page=(chatd.8 EXAMPLES) store=$T/var/chat/lounge
	mkdir -p "$T/var/chat" "$T/other/var/chat"
	# Another machine is another directory.
	stub rsync <<-END
		#!/bin/sh
		[ "\$1 \$3" = "-a other:$T/var/chat/" ] &&
		    cp -Rp "\$2" "$T/other/var/chat/"
	END
	stub ssh <<-'END'
		#!/bin/sh
		[ "$1" = other ] && shift && echo "$*" >"$HOME/asked"
	END
	stub pidof <<-'END'
		#!/bin/sh
		exec pgrep -x "$@"
	END
	open_reader bash --norc --noprofile
	commands "${page[@]}" 'A room that survives'
	enter "$(cat "$T/commands")"
	until_ok has_on_screen 'listening on'
	inside timeout 20 chat-send -m 'the backup is done' localhost
	inside pkill -KILL -o -x chatd
	inside timeout 20 chat-send -r -m 'and so am I' localhost
	press C-c
	done_typing
	enter "chatd -s $store :5555 &"
	until_ok inside timeout 20 chat-send localhost </dev/null
	follow "${page[@]}" 'What did we say'
	until_ok has_on_screen 'the backup is done'
	until_ok has_on_screen '+0000 the backup is done'

	follow "${page[@]}" 'Move a room'
	until_ok [ -e "$T/asked" ]
	[ "$(cat "$T/asked")" = "chatd -s $store :5555" ]
	grep -qx 'the backup is done' "$T"/other/var/chat/lounge/0*
}

@test "chat-send(1), EXAMPLES" {
	local page=(chat-send.1 EXAMPLES)
	mkdir -p "$T/var/log"
	stub make <<-'END'
		#!/bin/sh
		printf 'cc: \033[31merror\033[m\n'
		exit 1
	END
	stub hostname <<<'echo desk'
	printf '%s\n' 'a note' 'and another' >notes.txt
	: >"$T/var/log/syslog"
	: >app.log
	open_reader bash --norc --noprofile
	open_room

	follow "${page[@]}" 'Say one thing'
	heard '^deploy: deployed, all green$'
	begin "${page[@]}" 'Feed a log'
	until_ok grows "$T/var/log/syslog" 'desk: disk full'
	press C-c
	follow "${page[@]}" 'Show a build'
	heard "^build: cc: "$'\357\277\275''\[31merror'
	until_ok has_on_screen 'this did not go well'
	follow "${page[@]}" 'Copy a file'
	heard '^and another$'
	until_ok has_on_screen 'the room has it all'
	begin "${page[@]}" 'Feed a room'
	until_ok grows app.log 'app: disk full'
	press C-c
	follow "${page[@]}" 'Check whether'
	until_ok shows open
	follow "${page[@]}" 'See which lines'
	until_ok shows 'chat-send: line 2: not UTF-8 at byte 3 (0xef)'
}

# grows FILE LINE: somebody feeds the file to the room, where a line arrives.
grows() {
	echo 'disk full' >>"$1"
	has_line "$T/copy" "$2"
}

# shows LINE: a row of the screen is that, perhaps behind what was typed ahead.
shows() {
	local row
	read_screen
	for row in "${ROWS[@]}"; do
		[[ $row != *"$1" || $row == *"echo $1" ]] || return 0
	done
	return 1
}

@test "chat-recv(1), EXAMPLES" {
	local page=(chat-recv.1 EXAMPLES)
	stub launch <<<'echo "lift-off" >>lift-off'
	ln -s "$T/bin/launch" launch
	open_reader bash --norc --noprofile
	enter 'chatd red 2>/dev/null & chatd blue 2>/dev/null &'
	open_room

	begin "${page[@]}" 'Keep what is said'
	until_ok says 'one to keep' log
	has_line log 'the room is open'
	press C-c
	done_typing
	rm log
	begin "${page[@]}" 'Watch for a word'
	until_ok says 'deploy now' log
	press C-c
	others one two three
	heard '^three$'
	follow "${page[@]}" 'The last three'
	until_ok has_on_screen '+0000 three'
	begin "${page[@]}" 'Wait for somebody'
	until_ok says 'let it go' lift-off lift-off
	done_typing
	rm lift-off
	begin "${page[@]}" 'The same, but give up'
	until_ok says 'let it go' lift-off lift-off
	done_typing
	begin "${page[@]}" 'Do something'
	until_ok heard_by_screen 'somebody said: well'
	press C-c
	begin "${page[@]}" 'Log two rooms'
	until_ok says_in red log
	until_ok says_in blue log
	press C-c
	done_typing
	# Not for a minute.
	commands "${page[@]}" 'Notice that'
	sed -i 's/-w 60/-w 0.2/' "$T/commands"
	paste_file "$T/commands"
	until_ok shows silence
	others 'ERROR: the database is gone'
	heard 'the database is gone$'
	follow "${page[@]}" 'What was said about'
	until_ok shows 'ERROR: the database is gone'
}

# says LINE FILE [RESULT]: somebody else says it, and then it's in the file, or
# what results from it is.
says() {
	others "$1"
	[ -e "$2" ] && has_line "$2" "${3:-$1}"
}
says_in() {
	inside timeout 20 chat-send -m "from $1" "$1"
	has_line "$2" "from $1"
}
heard_by_screen() {
	others well
	shows "$1"
}

@test "chat(1), EXAMPLES" {
	local page=(chat.1 EXAMPLES)
	mkdir -p "$T/srv/team"
	stub ssh <<-'END'
		#!/bin/sh
		[ "$1 $2" = '-t host' ] && shift 2 && exec "$@"
	END
	open_reader bash --norc --noprofile
	open_room
	enter "chatd $T/srv/team/room red blue 2>/dev/null &"

	begin "${page[@]}" 'Talk to people'
	until_ok is_connected
	enter 'good morning'
	heard ': good morning$'
	leave
	enter clear
	done_typing
	term clear-history
	begin "${page[@]}" 'The same in a room'
	until_ok is_connected
	leave
	done_typing

	begin "${page[@]}" 'A bot that answers'
	until_ok asked 'alice: ping' '^bot: pong$'
	press C-c
	begin "${page[@]}" 'A bot in'
	until_ok asked 'alice: what time is it?' '^clock: .*[0-9]:[0-9]'
}

# asked LINE REGEX: somebody asks, and is answered.
asked() {
	others "$1"
	matches "$T/copy" "$2"
}

@test "chat(1), EXAMPLES: two rooms in one" {
	open_reader bash --norc --noprofile
	enter 'chatd red 2>/dev/null & chatd blue 2>/dev/null &'
	inside timeout 60 chat-recv -r red >red 2>red.err &
	STARTED+=("$!")
	inside timeout 20 chat-send -r blue </dev/null
	inside timeout 20 chat-send -r red </dev/null
	begin chat.1 EXAMPLES 'Link two rooms'
	until_ok crosses blue red
}
crosses() {
	inside timeout 20 chat-send -m "from $1" "$1"
	has_line "$2" "from $1"
}

@test "chat(7), by hand" {
	local page=(chat.7 'A SESSION BY HAND')
	open_reader bash --norc --noprofile
	enter 'chatd 2>/dev/null &'
	others 'hello, anybody there?' 'bob: hi!' 'bob: fine'
	follow "${page[@]}" 'In a script'
	until_ok shows 'bob: fine'
	screen | grep -q '\^Aat [0-9]*$'
	follow "${page[@]}" 'Without'
	until_ok shows '^Aok 2'
	shows '^Aerror 2 not UTF-8 at byte 2 (0xff)'
}

@test "chat(7), a client in ten lines" {
	open_reader bash --norc --noprofile
	open_room
	commands chat.7 'A CLIENT IN TEN LINES' 'This bot throws'
	cp "$T/commands" dice
	enter 'bash ./dice'
	until_ok asked 'alice: roll' '^dice: [1-6]$'
}

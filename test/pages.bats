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

# commands PAGE SECTION TEXT: of the first block of code below a line of that
# section that begins with TEXT, what is typed: as the page shows it, without
# prompts, and without what is printed.
commands() {
	awk -v section="# $2" -v text="$3" '
	/^# / { here = $0 == section; found = 0 }
	here && index($0, text) == 1 { found = 1 }
	/^```/ { code = !code; if (!code && found) exit; next }
	code && found && sub(/^[$>] ?/, "")' "$ROOT/man/$1.scd" |
	    sed 's/\\\\/\\/g' >"$T/commands"
	[ -s "$T/commands" ]
}

# follow PAGE SECTION TEXT: type these.
follow() {
	commands "$@"
	paste_file "$T/commands"
	done_typing
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
	local page=(chatd.8 OPERATION)
	stub_operator
	open_reader bash --norc --noprofile

	follow "${page[@]}" '*Run* a room'
	cd lounge
	logged 'listening on .*:5555$'
	take_keys
	say_as alice 'before the copy'
	hear_as alice "$T/alices"
	until_ok has_line "$T/alices" 'before the copy'

	follow "${page[@]}" '*Log.*'
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

# chat on a terminal: commands, and who comes and goes
load helpers.bash
load fakeroom.bash
load tmux.bash

teardown() {
	close_term
}

# start_named: a room that names its speakers, as whom this is $ME.
start_named() {
	ME=$(id -un)
	start_chatd_at -i "$T/room"
}

HELP=('-- /who           who is here'
    '-- /me TEXT       say what you do, as in: * alice waves'
    "-- /bell on, off  ring when somebody says your name, or don't"
    '-- /quit          leave, as Ctrl-D does'
    '-- /help          this list'
    '-- //             begins a line with a single /')
WRONG='-- not sent: no such command; /help lists commands, and // begins a'
WRONG+=' line with /'

@test "own lines have the name that the room gives, and only that" {
	start_named
	start_recv "$T/got"
	open_chat 40 10 "$ROOM"
	type hi
	press Enter
	until_screen "$ME: hi" '>'
	until_ok has_line "$T/got" "$ME: hi"
	has_lines "$T/got" 1
}

@test "what is said before the room is there gets no second name" {
	ME=$(id -un)
	ROOM=$T/room
	open_chat 200 10 -r "$ROOM"
	until_ok screen_has "-- $ROOM: No such file or directory, retrying"
	type one
	press Enter
	type two
	press Enter
	until_ok screen_has "$ME: two"
	start_named
	start_recv "$T/got"
	until_ok has_lines "$T/got" 2
	diff "$T/got" - <<-END
		$ME: one
		$ME: two
	END
}

@test "-n in a room that names its speakers ends it" {
	start_named
	ME=$(id -un)
	open_chat 200 10 -n bob "$ROOM"
	until_ok screen_has 'status 2'
	screen_has "chat: $ROOM: -n: this room names its speakers, and you are $ME"
}

@test "/who lists who is here, also for lines after it" {
	start_named
	open_chat 60 10 "$ROOM"
	type /who
	press Enter
	until_screen "-- here: $ME" '>'
	type hi
	press Enter
	# What is asked together with a line that is said comes before it.
	until_screen "-- here: $ME" "$ME: hi" '>'
	until_ok isnt_faint "$ME: hi"
	type '/who '
	press Enter
	until_screen "-- here: $ME" "$ME: hi" "-- here: $ME" '>'
}

@test "/who in a room without names, and nothing before it" {
	start_chatd
	open_chat 60 10 -n alice "$ROOM"
	type hi
	press Enter
	until_screen 'alice: hi' '>'
	until_ok isnt_faint 'alice: hi'
	type /who
	press Enter
	until_screen 'alice: hi' '-- this room does not name its speakers' '>'
}

@test "/help, /quit, and what is no command" {
	start_chatd
	start_recv "$T/got"
	open_chat 90 20 -n alice "$ROOM"
	until_ok is_connected
	type /help
	press Enter
	until_screen "${HELP[@]}" '>'
	type /hepl
	press Enter
	until_screen "${HELP[@]}" "$WRONG" '> /hepl'
	press C-u
	type '//x'
	press Enter
	until_screen "${HELP[@]}" "$WRONG" 'alice: /x' '>'
	type /quit
	press Enter
	until_screen "${HELP[@]}" "$WRONG" 'alice: /x' 'status 0'
	until_ok has_line "$T/got" 'alice: /x'
	has_lines "$T/got" 1
}

@test "pasted lines are no commands" {
	start_chatd
	open_chat 40 10 -n alice "$ROOM"
	paste $'/quit\n//x'
	press Enter
	until_screen 'alice: /quit' 'alice: //x' '>'
}

@test "TAB completes a command, and names of who has come" {
	fake() {
		hear 1
		ctl you alice
		ctl ok 0
		ctl at 7
		ctl join zacharias
		hear_end
	}
	fake_room fake
	open_chat 60 10 "$ROOM"
	until_screen '-- zacharias is here' '>'
	type /h
	press Tab
	until_ok screen_ends '> /help'
	press C-u
	type 'hi za'
	press Tab
	until_ok screen_ends '> hi zacharias'
}

@test "what is typed before the room's answer is not sent until then" {
	fake() {
		hear 1
		until [ -e "$T/go" ]; do pause 0.02; done
		ctl bye a key is needed here
		hear_end
	}
	fake_room fake
	open_chat 60 10 -n alice "$ROOM"
	type 'a secret'
	press Enter
	until_ok screen_ends 'alice: a secret' '>'
	: >"$T/go"
	until_ok screen_has 'status 2'
	fake_over
	[ ! -s "$T/heard" ]
	screen | grep -qx 'chat: .*: 1 lines\? not sent'
	run -1 grep 'in doubt' <(screen)
}

@test "who comes and goes is seen, dimmed" {
	fake() {
		hear 1
		ctl you alice
		ctl ok 0
		ctl at 7
		ctl join bob
		echo 'alice: -- bob is here'
		ctl part bob
		hear_end
	}
	fake_room fake
	open_chat 40 10 "$ROOM"
	until_screen '-- bob is here' 'alice: -- bob is here' \
	    '-- bob has left' '>'
	is_faint '-- bob is here'
	run -1 is_faint 'alice: -- bob is here'
}

@test "real persons come and go" {
	start_named
	open_chat 60 10 "$ROOM"
	# Who comes is told to those who are there.
	until_ok is_connected
	chmod a+w "$ROOM"
	if [ "$(id -u)" -eq 0 ]; then
		local directory=$T
		until [ "$directory" = / ]; do
			chmod a+x "$directory"
			directory=$(dirname "$directory")
		done
		setpriv --reuid=daemon --clear-groups nc -UN "$ROOM" <<<hi 3>&-
		until_screen '-- daemon is here' 'daemon: hi' \
		    '-- daemon has left' '>'
	else
		nc -UN "$ROOM" <<<hi 3>&-
		until_screen "$ME: hi" '>'
	fi
}

@test "a hostile room's names are shown safely, and not without end" {
	fake() {
		hear 1
		ctl you alice
		ctl ok 0
		ctl at 7
		printf '\001join \033[31mbob\n\001join \342\200\256bob\n'
		hear 1
		yes $'\001here a b c d e f g h i j' | head -n 2000
		printf '\001here \033[2J\001\n\001here\n'
		hear_end
	}
	fake_room fake
	open_chat 76 30 "$ROOM"
	until_ok screen_has '-- ^[[31mbob is here'
	until_ok screen_has '-- <U+202E>bob is here'
	type /who
	press Enter
	until_ok screen_has '-- here: 19001 more'
}

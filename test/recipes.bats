# The README: what it says to type does what it says
#
# A reader types the recipes one after another into one shell, at a terminal.
load helpers.bash
load tmux.bash
load world.bash
load keys.bash

setup() {
	enter_world
	stub_all
}

teardown() {
	[ -n "$BATS_TEST_COMPLETED" ] || [ -z "${WORLD:-}" ] || screen
	close_term
}

# What isn't here, or would do more than is wanted.
stub_all() {
	# Nothing is built here but by whoever runs the tests.
	stub make <<-'END'
		#!/bin/sh
		echo "$*" >>made
	END
	stub scp <<-END
		#!/bin/sh
		[ "\$1 \$3" = '-p bob@desk.example.org:' ] && cp -p "\$2" "$T/desk"
	END
	# A host that has its files in $T/host.
	stub ssh <<-END
		#!/bin/sh
		while getopts fNTo:L: option; do
			[ "\$option" != L ] || forward=\$OPTARG
		done
		socat -t 60 "UNIX-LISTEN:\${forward%:*},fork" \\
		    "UNIX-CONNECT:$T/host\${forward##*:}" >/dev/null 2>&1 &
		until socat -u /dev/null "UNIX-CONNECT:\${forward%:*}" 2>&-
		do sleep 0.02; done
	END
	# Three commands; the image's runs as the first process of a namespace.
	stub docker <<-END
		#!/bin/bash
		words() {
			sed -n "s/^\$1 //p" "$ROOT/.dist/Containerfile" |
			    grep -o '"[^"]*"' | tr -d '"'
		}
		run='-d --name lounge -p 127.0.0.1:5555:5555'
		case "\$*" in
		'build -t chat -f .dist/Containerfile .') ;;
		"run \$run -v lounge:/var/lib/chat chat")
			mkdir -p "$T/volume"
			mapfile -t command < <(words ENTRYPOINT; words CMD)
			unshare --fork --pid --kill-child -- \\
			    "\${command[@]/#\/var\/lib\/chat/$T/volume}" \\
			    </dev/null >/dev/null 2>$T/container &
			echo \$! >$T/container.pid ;;
		'stop lounge')
			kill -TERM \$(pgrep -P \$(cat $T/container.pid)) ;;
		*) exit 1 ;;
		esac
	END
	stub sudo <<-END
		#!/bin/bash
		exec "\${@/#\/etc/$T/etc}"
	END
	# It knows one socket.
	stub systemctl <<-STUB
		#!/bin/sh
		[ "\$*" = 'enable --now chatd.socket' ] || exit 0
		where=\$(sed -n 's/^ListenStream=//p' \\
		    "$ROOT/chatd/chatd.socket" \\
		    $T/etc/systemd/system/chatd.socket.d/*.conf |
		    awk 'NF == 0 { n = 0; next } { a[++n] = \$0 }
		    END { for (i = 1; i <= n; i++) print a[i] }')
		"$ROOT/test/tools/pass" "unix:\$where" -- chatd \\
		    </dev/null >/dev/null 2>$T/service &
		until socat -u /dev/null "UNIX-CONNECT:\$where" 2>&-
		do sleep 0.02; done
	STUB
}

# fence N HEADING: the Nth block of code below it.
fence() {
	awk -v n="$1" -v heading="$2" '
	/^```/ { code = !code; i += code && here; next }
	/^#/ && !code { sub(/^#+ /, ""); here = $0 == heading; i = 0 }
	here && code && i == n' "$ROOT/README.md" >"$T/fence"
	[ -s "$T/fence" ]
}

# recipe HEADING [N]: type it.
recipe() {
	fence "${2:-1}" "$1"
	paste_file "$T/fence"
}

# others LINE: somebody else says it.
others() {
	inside timeout 20 chat-send <<<"$1"
}

the_session() {
	recipe 'Install, start, say hello'
	done_typing
	[ "$(cat made)" = 'deps all
install' ]
	recipe 'Install, start, say hello' 2
	until_ok [ -e log ]
	until_ok has_lines log 5
	printf '%s\n' 'alice: Hello, room!' 'alice: A line is a message.' \
	    1 2 3 | cmp - log
	until_ok has_on_screen 'The room has them.'
}

a_log_watcher() {
	echo 'ERROR: of yesterday' >app.log
	recipe 'A log watcher'
	log_until_heard() {
		printf '%s\n' 'all is well' 'ERROR: disk full' >>app.log
		has_line log 'app: ERROR: disk full'
	}
	until_ok log_until_heard
	[ "$(grep '^app' log | sort -u)" = 'app: ERROR: disk full' ]
	press C-c
}

what_was_said() {
	others 'ERROR: for the last time'
	others 'a "quoted" text'
	recipe 'What was said'
	# By chat-recv in the background, too.
	until_ok is_on_screen 3 'ERROR: for the last time'
	until_ok is_on_screen 2 'a "quoted" text'
}
is_on_screen() {
	[ "$(screen | grep -c -- "$2\$")" -eq "$1" ]
}

a_bot_with_a_coprocess() {
	recipe 'A bot with a coprocess'
	until_ok has_line log 'dice: say !roll'
	others 'alice: hello'
	others 'alice: !roll'
	until_ok matches log '^dice: [1-6]$'
	[ "$(grep -c '^dice' log)" -eq 2 ]
	press C-c
	# shellcheck disable=SC2016 # the reader's shell expands it
	enter 'eval "exec ${COPROC[1]}>&-"; wait $COPROC_PID'
}

a_bot_in_a_POSIX_shell() {
	recipe 'A bot in a POSIX shell'
	until_ok has_line log 'oracle: ask me anything'
	others 'alice: hello'
	others 'alice: will it rain?'
	until_ok has_line log 'oracle: without a doubt'
	[ "$(grep -c '^oracle' log)" -eq 2 ]
	press C-c
}

a_front_end_of_your_own() {
	recipe 'A front end of your own'
	enter 'by a front end'
	until_ok has_line log 'carol: by a front end'
	until_ok screen_has '-- ok 1'
	others 'dave: I can see C:\new'
	until_ok screen_has '> dave: I can see C:\new'
	enter "$(printf 'a \303')"
	until_ok has_on_screen '-- error 2 not UTF-8'
	press C-d
	done_typing
	a_front_end_with_a_wrong_key
}
# It says why it ends.
a_front_end_with_a_wrong_key() {
	rm lines
	make_key bob
	start inside chatd -k "$T/keys" 127.0.0.1:5556
	until_ok keyed_room_is_open
	make_key mallory
	enter "export CHAT_KEY=$T/mallory CHAT_ADDRESS=localhost:5556"
	recipe 'A front end of your own'
	until_ok has_on_screen '-- end key rejected: '
	press C-d
	enter 'unset CHAT_KEY CHAT_ADDRESS'
	done_typing
}
keyed_room_is_open() {
	inside chat-send -k "$T/bob" localhost:5556 </dev/null
}

joining_with_nc() {
	recipe 'Joining with nc'
	enter 'bob: by nc'
	until_ok has_line log 'bob: by nc'
	others welcome
	until_ok has_on_screen welcome
	press C-c
}

a_countdown() {
	recipe 'A countdown'
	until_ok has_line log 'tower: lift-off'
	[ "$(grep '^tower' log)" = 'tower: lift-off in 3
tower: lift-off in 2
tower: lift-off in 1
tower: lift-off' ]
	# Whoever answers as soon as it can is heard.
	cat >"$T/stopper" <<-'END'
		coproc chat
		echo 'alice: go ahead' >&"${COPROC[1]}"
		while read -r line <&"${COPROC[0]}"; do
			[ "$line" != 'tower: lift-off in 3' ] ||
				echo 'alice: wait!' >&"${COPROC[1]}"
		done
	END
	inside timeout 60 bash "$T/stopper" &
	STARTED+=("$!")
	until_ok has_line log 'alice: go ahead'
	recipe 'A countdown'
	until_ok has_line log 'tower: stopped by alice: wait!'
	# As many more as were said before the answer came, and none after it.
	[ "$(grep '^tower' log | tail -n 1)" = 'tower: stopped by alice: wait!' ]
}

keep_it() {
	recipe 'Keep it'
	done_typing
	until_ok has_lines copy 6
	seq 6 | cmp - copy
	enter 'kill $room'
}

a_key_for_each_person() {
	mkdir "$T/desk"
	recipe 'A key for each person'
	done_typing
	# Without -r, who comes too early has to try again.
	until_ok inside chat-send -k alice.key localhost </dev/null
	enter "umask >mask; cd $T/desk"
	recipe 'A key for each person' 2
	enter 'only who has a key can read this'
	inside timeout 60 chat-recv -k alice.key -l 1 -c 1 localhost >heard
	grep -q ': only who has a key can read this$' heard
	leave
	enter "cd $T/reader"
	enter 'kill $room'
	done_typing
	# What is only for the keys is over.
	[[ $(cat mask) == *22 ]]
}

a_room_that_says_who_speaks() {
	rm -f heard
	recipe 'A room that says who speaks'
	until_ok has_line heard "$(inside id -un): it is me"
	enter 'kill $room'
	done_typing
}

a_room_behind_ssh() {
	mkdir -p "$T/host/srv/lounge"
	start_chatd_at "$T/host/srv/lounge/room"
	start_recv from_afar
	recipe 'A room behind ssh'
	enter 'hello from afar'
	until_ok matches from_afar ': hello from afar$'
	leave
	done_typing
}

# At the end nobody listens at the usual port, for which others come.
one_room_on_three_machines() {
	recipe 'One room on three machines'
	done_typing
	until_ok has_lines said 6
	seq 6 | cmp - said
	# What the other chat-recv writes is in one piece, wherever the first
	# one's is among what is typed.
	until_ok has_counted
	grep -qx 6 127.0.0.11/0*
	inside pkill -KILL -x 'chatd|etcd'
	done_typing
}

has_counted() {
	[[ $(screen) == *$'1\n2\n3\n4\n5\n6\n'* ]]
}

two_rooms_in_one() {
	recipe 'Two rooms in one'
	until_ok [ -S garden ]
	until_ok [ -S kitchen ]
	ROOM=./kitchen start_recv in_kitchen -r
	ROOM=./garden start_recv in_garden -r
	said() {
		echo "$3" | chat-send -r "./$1"
		has_line "$2" "$3"
	}
	until_ok said kitchen in_garden 'is the tea ready?'
	until_ok said garden in_kitchen 'is the sun out?'
	# What came back would come before what is said there afterwards.
	echo 'once' | chat-send ./kitchen
	until_ok has_line in_garden 'once'
	echo 'afterwards' | chat-send ./garden
	until_ok has_line in_kitchen 'afterwards'
	[ "$(grep -cx 'once' in_kitchen)" -eq 1 ]
	[ "$(grep -cx 'once' in_garden)" -eq 1 ]
	press C-c
	enter 'kill $kitchen $garden'
	done_typing
}

in_a_container() {
	recipe 'In a container'
	done_typing
	until_ok matches "$T/container" 'closing'
	grep -qx 'from outside' "$T"/volume/room/0*
}

a_service_at_another_address() {
	recipe 'A service at another address'
	done_typing
	inside timeout 20 chat-recv -l 1 -c 1 /run/chatd.room >heard
	[ "$(cat heard)" = 'at the new address' ]
}

# read_on FUNCTION...: the recipes of these names.
read_on() {
	local recipe
	for recipe; do
		echo "# $recipe"
		"$recipe"
	done
}

# Recipes for the session's room, for which no shell is named, and all others.
SESSION=(the_session a_log_watcher a_bot_in_a_POSIX_shell joining_with_nc
	a_front_end_of_your_own what_was_said)
OTHERS=(keep_it a_key_for_each_person
	a_room_that_says_who_speaks a_room_behind_ssh
	one_room_on_three_machines two_rooms_in_one in_a_container
	a_service_at_another_address)

# picture FIRST LAST: these columns of the picture of a session, without its heads
# and the blank line below them. What time it is doesn't matter.
picture() {
	awk -v first="$1" -v last="$2" '
	/^```/ { code = /text$/; row = 0; next }
	code && ++row > 2 {
		row_is = substr($0, first, last - first + 1)
		sub(/ +$/, "", row_is)
		print row_is
	}' "$ROOT/README.md" | at_some_time | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}
at_some_time() {
	sed 's/^[0-2][0-9]:[0-5][0-9] /HH:MM /'
}
sees() {
	whole_screen | at_some_time | sed '/^\$$/d' | diff "$1" -
}

@test "the picture of a session is what is seen" {
	picture 1 40 >alice
	picture 43 83 | sed '/^\$$/d' >server
	start_world
	start inside chatd localhost 2>chatd.log
	until_ok matches chatd.log 'listening on'
	open_term 40 20 PS1='$ ' HOME="$T" PATH="$PATH" sh
	enter "$(sed -n '1s/^[$] //p' alice)"
	until_ok is_connected
	others 'build: all green'
	until_ok has_on_screen 'build: all green'
	enter "$(sed -n 's/^.*alice: //p' alice)"
	until_ok screen_has_said
	type "$(sed -n 's/^> //p' alice)"
	until_ok sees alice

	open_term 40 20 PS1='$ ' HOME="$T" PATH="$PATH" sh
	mapfile -t commands < <(sed -n 's/^[$] //p' server)
	enter "${commands[0]}"
	until_ok was_said_last 'build: all green'
	others "$(tail -n 1 server)"
	enter "${commands[1]}"
	until_ok sees server
}
was_said_last() {
	[ "$(inside timeout 20 chat-recv -e -l 1)" = "$1" ]
}
screen_has_said() {
	inside timeout 20 chat-recv -l 1 -w 5 -c 1 | grep -q '^alice: then'
}

@test "every recipe, in bash" {
	open_reader bash --norc --noprofile
	read_on "${SESSION[@]}" a_bot_with_a_coprocess a_countdown
	enter 'kill $room'
	read_on "${OTHERS[@]}"
}

@test "every recipe, in dash" {
	open_reader dash
	read_on "${SESSION[@]}"
	enter 'kill $room'
	read_on "${OTHERS[@]}"
}

@test "every recipe, in the sh of busybox" {
	open_reader busybox sh
	read_on "${SESSION[@]}"
	enter 'kill $room'
	read_on "${OTHERS[@]}"
}

@test "every recipe, in zsh" {
	open_reader zsh -f
	read_on "${SESSION[@]}"
	enter 'kill $room'
	read_on "${OTHERS[@]}"
}

# A heading with code below it that names its language, other than text.
@test "every recipe is tested here" {
	awk '/^```/ { code = !code; if (code && !/^```(text)?$/) print heading }
	!code && sub(/^#+ /, "") { heading = $0 }' "$ROOT/README.md" |
	    uniq >headings
	[ "$(wc -l <headings)" -ge 13 ]
	while read -r heading; do
		grep -qF "	recipe '$heading'" "$BATS_TEST_FILENAME"
	done <headings
}

@test "what is to be pasted has no tabs, and no comments" {
	run ! awk '/^```/ { code = !code; next }
	code && /\t|(^| )#/ { print FILENAME ":" FNR ": " $0; bad = 1 }
	END { exit !bad }' "$ROOT/README.md"
	[ "$output" = '' ]
}

@test "make demo: all is printed as it should be" {
	run -0 timeout 60 "$ROOT/test/demo.sh"
	[[ $output == *'That was all of it'* ]]
}

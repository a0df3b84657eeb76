# chat on a terminal: what a person sees and what their keys do
load helpers.bash
load fakeroom.bash
load tmux.bash
load keys.bash
load chance.bash
load fault.bash
load nodes.bash

setup() {
	start_chatd
}

teardown() {
	bob kill-server 2>/dev/null || true
	close_term
}

# bats test_tags=fast
@test "messages appear above half a line, which stays whole" {
	open_chat 40 10 -n alice "$ROOM"
	type 'half a'
	until_screen '> half a'
	say 'bob: one' 'bob: two'
	until_screen 'bob: one' 'bob: two' '> half a'
	type ' line'
	say 'bob: three'
	until_screen 'bob: one' 'bob: two' 'bob: three' '> half a line'
	press Enter
	until_screen 'bob: one' 'bob: two' 'bob: three' 'alice: half a line' '>'
}

# bats test_tags=fast
@test "with a key, and in a sandbox as soon as it is connected" {
	stop "$CHATD"
	make_key alice
	start_chatd -i -k "$T/keys"
	for option in '' -r; do
		open_chat 40 10 -k "$T/alice" $option "$ROOM"
		until_ok confined "$(cat "$T/pid")"
		type ciao
		press Enter
		until_ok screen_has 'alice: ciao'
		press C-d
		until_ok screen_has 'status 0'
	done
	[ "$(chat-recv -k "$T/alice" -l 2 -c 2 "$ROOM")" = \
	    "$(printf 'alice: ciao\nalice: ciao')" ]
}

# bats test_tags=fast
@test "the person's lines reach others as they stand in the transcript" {
	start_recv "$T/got"
	open_chat 40 10 -n alice "$ROOM"
	type ciao
	press Enter
	until_screen 'alice: ciao' '>'
	until_ok has_line "$T/got" 'alice: ciao'
	has_lines "$T/got" 1
}

# bats test_tags=fast
@test "a line that wraps stays whole while messages come" {
	open_chat 20 10 -n alice "$ROOM"
	type 'a line that is longer than a row or two are'
	until_screen '> a line that is lon' 'ger than a row or tw' 'o are'
	say 'bob: and a message that wraps'
	until_screen 'bob: and a message' '    that wraps' \
	    '> a line that is lon' 'ger than a row or tw' 'o are'
	press Home
	type '<'
	say 'bob: two'
	until_screen 'bob: and a message' '    that wraps' 'bob: two' \
	    '> <a line that is lo' 'nger than a row or t' 'wo are'
	press Enter
	until_screen 'bob: and a message' '    that wraps' 'bob: two' \
	    'alice: <a line that' '    is longer than a' '    row or two are' '>'
}

@test "a line that ends in the last column leaves nothing behind" {
	open_chat 20 10 -n alice "$ROOM"
	type '123456789012345678'
	until_screen '> 123456789012345678'
	say 'bob: one'
	until_screen 'bob: one' '> 123456789012345678'
	press BSpace BSpace
	say 'bob: two'
	until_screen 'bob: one' 'bob: two' '> 1234567890123456'
}

@test "wide characters and marks are edited and wrapped whole" {
	open_chat 11 10 -n alice "$ROOM"
	type 'a漢字かな漢字'
	until_screen '> a漢字かな' '漢字'
	press Home Right Right
	type '中'
	until_screen '> a漢中字か' 'な漢字'
	press BSpace BSpace End BSpace
	type $'ne\u0301e'
	until_screen '> a字かな漢' $'ne\u0301e'
	say 'bob: 漢字'
	until_screen 'bob: 漢字' '> a字かな漢' $'ne\u0301e'
	press Left Left BSpace
	type ñ
	until_screen 'bob: 漢字' '> a字かな漢' $'ñe\u0301e'
	press Enter
	until_screen 'bob: 漢字' 'alice: a字' $' かな漢ñe\u0301e' '>'
}

# bats test_tags=fast
@test "the screen can become narrower and wider" {
	say 'bob: one' 'bob: two' 'bob: three'
	open_chat 40 12 -n alice "$ROOM"
	type '1234567890123456789012345678901234567890'
	until_screen 'bob: one' 'bob: two' 'bob: three' \
	    '> 12345678901234567890123456789012345678' 90
	resize 22 12
	until_screen 'bob: one' 'bob: two' 'bob: three' \
	    '> 12345678901234567890' 12345678901234567890
	press Home
	say 'bob: four'
	until_screen 'bob: one' 'bob: two' 'bob: three' 'bob: four' \
	    '> 12345678901234567890' 12345678901234567890
	press End
	resize 50 12
	until_screen 'bob: one' 'bob: two' 'bob: three' 'bob: four' \
	    '> 1234567890123456789012345678901234567890'
	resize 30 5
	type 1
	until_screen 'bob: one' 'bob: two' 'bob: three' 'bob: four' \
	    '> 1234567890123456789012345678' 9012345678901
	press Enter
	until_screen 'bob: one' 'bob: two' 'bob: three' 'bob: four' \
	    'alice: 12345678901234567890123' '    456789012345678901' '>'
}

@test "the screen can become lower, and take rows of the line with it" {
	say 'bob: one' 'bob: two' 'bob: three'
	open_chat 22 12 -n alice "$ROOM"
	type '1234567890123456789012345678901234567890'
	press Home
	until_screen 'bob: one' 'bob: two' 'bob: three' \
	    '> 12345678901234567890' 12345678901234567890
	resize 22 4
	say 'bob: four'
	until_screen 'bob: one' 'bob: two' 'bob: three' 'bob: four' \
	    '> 12345678901234567890' 12345678901234567890
	resize 22 12
	say 'bob: five'
	until_screen 'bob: one' 'bob: two' 'bob: three' 'bob: four' \
	    'bob: five' '> 12345678901234567890' 12345678901234567890
}

@test "a screen of one column still works" {
	start_recv "$T/got"
	open_chat 20 6 -n a "$ROOM"
	resize 1 6
	type '漢b'
	resize 3 6
	say 'x'
	resize 2 3
	press Enter
	until_ok has_line "$T/got" 'a: 漢b'
	resize 20 6
	press C-d
	until_ok screen_has 'status 0'
}

@test "a paste of twenty lines is sent with Enter only, as twenty messages" {
	local lines
	start_recv "$T/got"
	open_chat 30 30 -n alice "$ROOM"
	lines=$(printf 'line %s\n' {1..20})
	paste "$lines"$'\n'
	until_screen '> line 1↵' "$(printf 'line %s↵\n' {2..20})"
	say 'bob: one'
	until_ok has_line "$T/got" 'bob: one'
	has_lines "$T/got" 1
	press Enter
	until_screen 'bob: one' "$(printf 'alice: line %s\n' {1..20})" '>'
	until_ok has_lines "$T/got" 21
	printf 'alice: line %s\n' {1..20} | cmp - <(tail -n +2 "$T/got")
}

@test "a paste is edited, undone, and called back as a whole" {
	open_chat 30 10 -n alice "$ROOM"
	type 'ab'
	press Left
	paste $'1\n2'
	until_screen '> a1↵' '2b'
	press C-_
	until_screen '> ab'
	paste $'1\n2'
	press Enter
	until_screen 'alice: a1' 'alice: 2b' '>'
	press Up
	until_screen 'alice: a1' 'alice: 2b' '> a1↵' '2b'
}

@test "what is pasted is no key" {
	start_recv "$T/got"
	open_chat 60 10 -n alice "$ROOM"
	press C-v
	paste $'\e[31mred\e[2J\x03\x1a\x1c\x04\x9b\u009b\x15\x16\tok\r\nend\x7f'
	until_screen '> [31mred[2J�   ok↵' 'end'
	press C-r
	paste $'\e'
	paste $'\n'
	press Escape
	paste $'\nlast'
	press Enter
	until_ok has_line "$T/got" 'alice: last'
	has_line "$T/got" $'alice: [31mred[2J�\tok'
}

@test "a line taller than the screen is shown around its cursor" {
	open_chat 20 5 -n alice "$ROOM"
	say 'bob: one'
	paste "$(printf 'line %s\n' {1..9})"
	until_screen 'bob: one' 'line 6↵' 'line 7↵' 'line 8↵' 'line 9'
	say 'bob: two'
	until_screen 'bob: one' 'bob: two' 'line 6↵' 'line 7↵' 'line 8↵' 'line 9'
	press Home
	until_screen 'bob: one' 'bob: two' '> line 1↵' 'line 2↵' 'line 3↵' \
	    'line 4↵'
	press Enter
	until_screen 'bob: one' 'bob: two' "$(printf 'alice: line %s\n' {1..9})" '>'
}

# bats test_tags=fast
@test "keys: readline's, completion, search, history" {
	say 'bob: one' 'bonnie: two'
	open_chat 60 12 -n alice "$ROOM"
	type 'first'
	press Enter
	until_screen 'bob: one' 'bonnie: two' 'alice: first' '>'
	type 'second'
	press Enter
	until_screen 'bob: one' 'bonnie: two' 'alice: first' 'alice: second' '>'
	press Up Up
	until_screen 'bob: one' 'bonnie: two' 'alice: first' 'alice: second' \
	    '> first'
	press Down
	until_screen 'bob: one' 'bonnie: two' 'alice: first' 'alice: second' \
	    '> second'
	press C-u C-r
	type 'fi'
	until_screen 'bob: one' 'bonnie: two' 'alice: first' 'alice: second' \
	    "(reverse-i-search)\`fi': first"
	press C-e
	type ' again '
	press C-w C-y C-a M-d C-e M-b Delete
	until_screen 'bob: one' 'bonnie: two' 'alice: first' 'alice: second' \
	    '>  gain'
	press C-e C-u
	type 'b'
	press Tab
	until_screen 'bob: one' 'bonnie: two' 'alice: first' 'alice: second' \
	    '> bo'
	press Tab Tab
	type 'b'
	press Tab
	type '.'
	until_screen 'bob: one' 'bonnie: two' 'alice: first' 'alice: second' \
	    '-- bob bonnie' '> bob: .'
	press C-l
	until_ok visible_is '> bob: .'
}

visible_is() {
	[ "$(term capture-pane -p)" = "$1" ]
}

@test "keys that would open a file, or ask who has which home, do nothing" {
	printf '%s\n' '"\C-g": tilde-expand' '"\C-xq": tilde-expand' \
	    '"\e[15~": tilde-expand' '"\e[17~": re-read-init-file' \
	    '"\ex": execute-named-command' >"$T/inputrc"
	INPUTRC=$T/inputrc open_chat 60 12 -l 0 -n alice "$ROOM"
	type '~daemon'
	press C-g C-x q F5 F6 C-x C-r M-x
	type 'tilde-expand'
	press Enter
	until_screen 'alice: ~daemontilde-expand' '>'
}

@test "inputrc is honoured, vi mode too" {
	printf '%s\n' 'set editing-mode vi' 'set show-mode-in-prompt on' \
	    'set enable-bracketed-paste on' '"x": "macro"' >"$T/inputrc"
	INPUTRC=$T/inputrc open_chat 40 6 -n alice "$ROOM"
	until_screen '(ins)>'
	type 'x'
	until_screen '(ins)> macro'
	press Escape
	until_screen '(cmd)> macro'
	type '0x'
	until_screen '(cmd)> acro'
	paste $'a\nb'
	until_screen '(cmd)> a↵' 'bacro'
}

# bats test_tags=fast
@test "^C drops the line, ^D ends when there is none" {
	start_recv "$T/got"
	open_chat 30 6 -n alice "$ROOM"
	type 'a line'
	until_screen '> a line'
	press C-c
	until_screen '>'
	type 'last'
	press Enter C-d
	until_screen 'alice: last' 'status 0'
	until_ok has_line "$T/got" 'alice: last'
	has_lines "$T/got" 1
	until_ok cmp "$T/before" "$T/after"
	paste plain
	until_screen 'alice: last' 'status 0' plain
}

@test "TERM, HUP and QUIT leave the terminal as it was" {
	local signo
	for signo in 15 1 3; do
		open_chat 30 6 -n alice "$ROOM"
		type 'a line'
		until_screen '> a line'
		kill -"$signo" "$(<"$T/pid")"
		until_ok screen_has "status $((128 + signo))"
		until_ok cmp "$T/before" "$T/after"
		paste plain
		until_ok screen_ends "status $((128 + signo))" plain
		run -1 screen_has '> a line'
		rm "$T/after"
	done
}

# make_faulty: $T/faulty/chat is chat with the plan of faults in $T/plan.
make_faulty() {
	mkdir "$T/faulty"
	preloaded chat "FAULT_FILE=$T/plan"
	FAULTY+=("$(command -v chat)")
	printf '#!/bin/sh\nexec %s "$@"\n' "${FAULTY[*]@Q}" >"$T/faulty/chat"
	chmod +x "$T/faulty/chat"
	: >"$T/plan"
}
open_faulty() {
	PATH=$T/faulty:$PATH open_chat 30 10 -n alice "$ROOM"
}
# ended_by_term: and the terminal is as it was.
ended_by_term() {
	until_ok screen_has 'status 143'
	until_ok cmp "$T/before" "$T/after"
	rm "$T/after"
}

@test "TERM while modes are being set leaves the terminal as it was" {
	local n
	make_faulty
	for n in 1 2; do
		plan "tcsetattr=TERM@$n"
		open_faulty
		ended_by_term
	done
	: >"$T/plan"
	open_faulty
	until_ok is_connected
	plan 'tcsetattr=TERM@1'
	kill -CONT "$(<"$T/pid")"
	ended_by_term
}

# open_job SHELL...: chat as a job of a shell that is in $T; half a line is typed.
open_job() {
	open_term 90 16 env PS1='$ ' ENV= HOME="$T" "$@"
	until_screen '$'
	enter "cd $T; stty -a >before; clear; chat ${LOOKS--b} -n alice $ROOM"
	until_ok is_connected
	type half
	until_ok screen_ends '> half'
}
# enter TEXT: to the shell, whatever the terminal's modes.
enter() {
	type "$1"
	press C-j
}

@test "TERM while it is suspended or resumed leaves the terminal as it was" {
	local n
	make_faulty
	for n in 1 2 3; do
		PATH=$T/faulty:$PATH open_job sh -i
		plan "tcsetattr=TERM@$n"
		press C-z
		until_ok stopped
		enter 'fg; echo status $?; stty -a >after'
		ended_by_term
		: >"$T/plan"
	done
}

@test "stopped as nobody can catch, and continued in the background" {
	local shell pid
	for shell in 'sh -i' 'bash --norc -i'; do
		# shellcheck disable=SC2086 # words
		open_job $shell
		pid=$(chat_pid)
		kill -STOP "$pid"
		until_ok screen_ends '$'
		background
		enter 'clear; fg'
		until_ok screen_ends '> half'
		type ' a line'
		press Enter
		until_ok screen_ends 'alice: half a line' '>'
		kill -STOP "$pid"
		until_ok screen_ends '$'
		background
		# Not every shell continues what it kills.
		kill -TERM "$pid"
		kill -CONT "$pid"
		until_ok is_terminated
		enter 'stty -a >after'
		until_ok cmp "$T/before" "$T/after"
		rm "$T/after"
	done
}

@test "keys that a shell gets while it is stopped are not waited for" {
	local pid
	open_job sh -i
	mkfifo "$T/pipe"
	pid=$(chat_pid)
	kill -STOP "$pid"
	until_ok screen_ends '$'
	enter '>begun; : <pipe'
	until_ok [ -e "$T/begun" ]
	# It finds these keys while the shell waits, and the shell takes them.
	enter 'clear; fg'
	kill -CONT "$pid"
	until_ok gave_back "$pid"
	: >"$T/pipe"
	until_ok screen_ends '> half'
}
# gave_back PID: it has restored the modes, and was stopped in the background.
gave_back() {
	[[ " $(stty -a <"$(term display-message -p '#{pane_tty}')")" == \
	    *' icanon '* ]] && [[ $(ps -o stat= -p "$1") == T* ]]
}

@test "a shell that has set modes of its own isn't told of the focus" {
	local pid
	LOOKS='' open_job bash --norc -i
	pid=$(chat_pid)
	term pipe-pane -O "cat >'$T/bytes'"
	until_ok [ -e "$T/bytes" ]
	kill -STOP "$pid"
	until_ok screen_ends '$'
	kill -TERM "$pid"
	kill -CONT "$pid"
	until_ok is_terminated
	until_ok grep -aqF $'\e[?1004l' "$T/bytes"
}
# The shell says so before its next prompt.
is_terminated() {
	press C-j
	screen | grep -q Terminated
}
# Its pid, where nobody wrote it down.
chat_pid() {
	pgrep -P "$(term display-message -p '#{pane_pid}')" -x chat
}
# background: it may not have the terminal there, and is stopped again.
background() {
	enter 'clear; bg; until jobs >jobs; grep Stopped jobs; do :; done'
	until_ok screen_ends '$'
	enter 'clear; stty -a >after'
	until_ok cmp "$T/before" "$T/after"
	rm "$T/after"
}

@test "a crash leaves the terminal as it was" {
	open_chat 30 6 -n alice "$ROOM"
	kill -SEGV "$(<"$T/pid")"
	until_ok screen_has 'status 139'
	until_ok cmp "$T/before" "$T/after"
	paste plain
	until_ok screen_has plain
}

@test "suspended, and resumed with its line" {
	open_term 90 16 env PS1='$ ' ENV= sh -i
	until_screen '$'
	type "chat -b -n alice $ROOM"
	press Enter
	until_screen "\$ chat -b -n alice $ROOM" "-- connecting to $ROOM" \
	    "$(connected "$ROOM" alice)" '>'
	type 'half'
	until_ok screen_ends '> half'
	press C-z
	until_ok stopped
	say 'bob: one'
	type 'fg'
	press Enter
	until_ok screen_ends 'bob: one' '> half'
	type ' a line'
	say 'bob: two'
	press Enter C-d
	until_ok screen_ends 'bob: one' 'bob: two' 'alice: half a line' '$'
	type 'echo $?'
	press Enter
	until_ok screen_ends '$ echo $?' 0 '$'
}

# connected ADDRESS NAME: chat's first words about it.
connected() {
	echo "-- connected to $1 as $2; /help lists commands, Ctrl-D leaves"
}
# What the shell says about its jobs differs from shell to shell.
stopped() {
	screen_ends '$' && screen | grep -q Stopped && ! screen | grep -q '^>'
}

@test "history: the last ten lines, or as many as -l says; times with -t" {
	say {1..12}
	open_chat 40 16 -n alice "$ROOM"
	until_screen {3..12} '>'
	open_chat 40 16 -l 2 -n alice "$ROOM"
	until_screen 11 12 '>'
	open_chat 40 16 -l 1 -t -n alice "$ROOM"
	type hi
	press Enter
	until_ok stamped
}
stamped() {
	[ "$(screen | sed 's/^20..-..-..T..:..:..+0000 /STAMP /')" = \
	    $'STAMP 12\nSTAMP alice: hi\n>' ]
}

# bats test_tags=fast
@test "a line that can't be sent is not lost" {
	local long
	long=$(printf '%04089d' 0)
	open_chat 80 60 -n alice "$ROOM"
	paste "$long"
	press Enter
	until_ok screen_has '-- not sent: longer than 4088 bytes'
	until_ok screen_ends 00000000000
	press BSpace Enter
	until_ok screen_ends "    $(printf '%063d' 0)" '>'
	# As long as it isn't settled, notices come above it.
	until_ok isnt_faint "    $(printf '%063d' 0)"
	type $'a'
	press C-v C-a Enter
	until_ok screen_ends \
	    '-- not sent: control character U+0001 at byte 2' '> a^A'
}

@test "a room that can't be reached: status 2, the terminal untouched" {
	open_chat 150 6 -n alice "$T/nowhere"
	until_screen "-- connecting to $T/nowhere" \
	    "chat: $T/nowhere: No such file or directory; is chatd running?" \
	    'status 2'
	until_ok cmp "$T/before" "$T/after"
}

# open_chat_at WORD...: chat in a room at $T/room, which it has met.
open_chat_at() {
	stop "$CHATD"
	start_chatd_at "$T/room"
	open_chat 100 12 "$@" -n alice "$T/room"
	say 'bob: hello'
	until_screen 'bob: hello' '>'
}

# start_line: a line to the room at $T/room, at $T/line; its pid is $LINE.
start_line() {
	start socat -d -d -t 60 UNIX-LISTEN:"$T/line,unlink-early" \
	    UNIX-CONNECT:"$T/room" 2>"$T/line.log"
	LINE=$PID
	until_ok matches "$T/line.log" 'listening on'
}

# shows_promptly LINE...: the screen has these, and no others but those which say
# that a room is slow, as a test may be on a slow machine.
shows_promptly() {
	[ "$(screen | grep -v -e '^-- the room does not answer' \
	    -e '^-- the room answers again')" = "$(printf '%s\n' "$@")" ]
}

# serve TEXT: a room at $T/room that says it to one client, writes what that one
# says to $T/heard, and ends with them.
serve() {
	printf '%s\n' "$1" >"$T/text"
	# An earlier one may end only now; it must leave the file alone.
	start socat -d -d UNIX-LISTEN:"$T/room,unlink-early,unlink-close=0" \
	    SYSTEM:"cat '$T/text'; cat >'$T/heard'" 2>"$T/room.log"
	until_ok matches "$T/room.log" 'listening on'
}

# bats test_tags=fast
@test "a cut: said in one line, typing goes on, nothing lost or doubled" {
	stop "$CHATD"
	start_chatd_at "$T/room"
	start_line
	open_chat 60 12 -n alice "$T/line"
	type 'one'
	press Enter
	until_screen 'alice: one' '>'
	# Then the room has it: another's line comes after it.
	until_ok isnt_faint 'alice: one'
	say 'bob: hello'
	until_screen 'alice: one' 'bob: hello' '>'
	type 'two'
	press Enter
	type 'half'
	until_screen 'alice: one' 'bob: hello' 'alice: two' '> half'
	start_recv "$T/got"
	until_ok has_line "$T/got" 'alice: two'
	until_ok isnt_faint 'alice: two'
	stop "$LINE"
	until_screen 'alice: one' 'bob: hello' 'alice: two' \
	    '-- connection lost, retrying' '> half'
	say 'bob: meanwhile'
	type ' a line'
	press Enter
	type 'more'
	until_ok screen_ends '-- connection lost, retrying' \
	    'alice: half a line' '> more'
	start_line
	until_screen 'alice: one' 'bob: hello' 'alice: two' \
	    '-- connection lost, retrying' '-- connected' \
	    'bob: meanwhile' 'alice: half a line' '> more'
	until_ok has_line "$T/got" 'alice: half a line'
	press C-c
	until_ok prompted
	press C-d
	until_ok screen_has 'status 0'
	say 'bob: over'
	until_ok has_line "$T/got" 'bob: over'
	[ "$(<"$T/got")" = "$(printf '%s\n' 'alice: one' 'bob: hello' \
	    'alice: two' 'bob: meanwhile' 'alice: half a line' 'bob: over')" ]
}

@test "several addresses: which one it is connected to, and if it is cut off" {
	stop "$CHATD"
	start_chatd_at "$T/room"
	local list="$T/none,$T/a,$T/b"
	start_node a
	local a=$NODE
	open_chat 200 20 -n alice "$list"
	until_ok is_connected
	diff - <(whole_screen) <<-END
		-- connecting to $list
		$(connected "$T/a" alice)
		>
	END
	start_cut_off b
	stop "$a"
	until_ok screen_ends '-- connection lost, retrying' \
	    '-- this room is cut off, retrying' '>'
	type 'a line'
	press Enter
	start_node a
	local a=$NODE
	until_ok screen_ends "-- connected to $T/a" 'alice: a line' '>'
	stop "$a"
	until_ok screen_ends '-- connection lost, retrying' \
	    '-- this room is cut off, retrying' '>'
	press C-d
	until_ok screen_has 'status 0'
	# None of them: each is told.
	open_chat 200 20 -n alice "$T/none,$T/nor"
	until_ok screen_has "chat: $T/none: No such file or directory"
	until_ok screen_has "chat: $T/nor: No such file or directory"
	until_ok screen_has 'status 2'
}

@test "a room that ends and starts anew: what was typed gets there once" {
	open_chat_at
	stop "$CHATD" KILL
	until_screen 'bob: hello' '-- connection lost, retrying' '>'
	type 'still here'
	press Enter
	type 'half a line'
	until_ok screen_ends 'alice: still here' '> half a line'
	start_chatd_at "$T/room"
	until_screen 'bob: hello' '-- connection lost, retrying' \
	    '-- connected' '-- the room has forgotten this session' \
	    '-- an unknown number of lines lost' 'alice: still here' \
	    '> half a line'
	start_recv "$T/got"
	until_ok has_line "$T/got" 'alice: still here'
	say 'bob: over'
	until_ok has_line "$T/got" 'bob: over'
	has_lines "$T/got" 2
}

@test "^D without a room ends at once if nothing is owed" {
	open_chat_at
	start_recv "$T/got"
	type 'ciao'
	press Enter
	until_ok has_line "$T/got" 'alice: ciao'
	stop "$CHATD"
	until_screen 'bob: hello' 'alice: ciao' \
	    '-- the room is closing, retrying' '>'
	press C-d
	until_screen 'bob: hello' 'alice: ciao' \
	    '-- the room is closing, retrying' 'status 0'
	until_ok cmp "$T/before" "$T/after"
	open_chat 100 12 -r -n alice "$T/none"
	until_screen "-- connecting to $T/none" \
	    "-- $T/none: No such file or directory, retrying" '>'
	press C-d
	until_ok screen_has 'status 0'
}

@test "^D without a room waits for it if lines are owed" {
	open_chat_at
	stop "$CHATD" KILL
	until_screen 'bob: hello' '-- connection lost, retrying' '>'
	paste $'one\ntwo'
	press Enter C-d
	until_screen 'bob: hello' '-- connection lost, retrying' \
	    '-- 2 lines waiting for the room; Ctrl-C gives up' \
	    'alice: one' 'alice: two'
	start_chatd_at "$T/room"
	until_ok screen_has 'status 0'
	run -0 timeout 30 chat-recv -l 5 -c 2 "$T/room"
	[ "$output" = $'alice: one\nalice: two' ]
}

@test "a room that goes away after ^D: what it waits for is said then" {
	serve $'\001at 1\n\001ok 0'
	open_chat 100 12 -n alice "$T/room"
	type 'one'
	press Enter
	until_ok has_line "$T/heard" 'alice: one'
	until_ok shows_promptly 'alice: one' '>'
	press C-d
	until_ok shows_promptly '-- connection lost, retrying' \
	    '-- 1 line waiting for the room; Ctrl-C gives up' 'alice: one'
}

@test "^C gives up the wait for a room" {
	stop "$CHATD"
	start_chatd_at "$T/room"
	open_term 100 12 env PS1='$ ' ENV= sh -i
	until_screen '$'
	type "chat -n alice $T/room"
	press Enter
	until_ok screen_ends '>'
	say 'bob: hello'
	until_ok screen_ends 'bob: hello' '>'
	stop "$CHATD" KILL
	until_ok screen_ends '-- connection lost, retrying' '>'
	type 'one'
	until_ok screen_ends '-- connection lost, retrying' '> one'
	press C-c
	until_ok screen_ends '-- connection lost, retrying' '>'
	type 'two'
	press Enter C-d
	until_ok screen_ends \
	    '-- 1 line waiting for the room; Ctrl-C gives up' 'alice: two'
	press C-c
	until_ok screen_ends '$'
	type 'echo $?'
	press Enter
	until_ok screen_ends '$ echo $?' 130 '$'
}

@test "-w bounds the time without a room, what is not sent is told" {
	open_chat_at -w 3
	stop "$CHATD" KILL
	until_screen 'bob: hello' '-- connection lost, retrying' '>'
	type 'one'
	press Enter
	type 'half a line'
	until_screen 'bob: hello' '-- connection lost, retrying' 'alice: one' \
	    '> half a line' "chat: $T/room: Connection refused" \
	    "chat: $T/room: 1 line not sent" 'status 2'
	until_ok cmp "$T/before" "$T/after"
}

@test "-r: it waits for a room, as long as -w says" {
	open_chat 150 8 -r -w 2 -n alice "$T/none"
	until_screen "-- connecting to $T/none" \
	    "-- $T/none: No such file or directory, retrying" \
	    "chat: $T/none: No such file or directory" 'status 2'
	until_ok cmp "$T/before" "$T/after"
	open_chat 150 8 -r -n alice "$T/later"
	until_screen "-- connecting to $T/later" \
	    "-- $T/later: No such file or directory, retrying" '>'
	start_chatd_at "$T/later"
	until_ok screen_is '>'
	whole_screen | grep -qxF -e "$(connected "$T/later" alice)"
}

# hold_room, release_room: it neither reads nor answers meanwhile. stop_room is
# the same before chat is there.
hold_room() {
	until_ok is_connected
	stop_room
}
stop_room() {
	room_pid
	kill -STOP "$ROOM_PID"
	until_ok matches "/proc/$ROOM_PID/status" '^State:.*stopped'
}
release_room() {
	kill -CONT "$ROOM_PID"
}

@test "the first words: where it connects to, and as whom it is connected" {
	stop_room
	open_chat 100 10 -n alice "$ROOM"
	until_screen "-- connecting to $ROOM" '-- the room does not answer' '>'
	type hello
	press Enter
	until_ok is_faint 'alice: hello'
	release_room
	until_screen 'alice: hello' '>'
	# It is sent when the room has answered, and settled after another frame.
	until_ok isnt_faint 'alice: hello'
	diff - <(whole_screen) <<-END
		-- connecting to $ROOM
		-- the room does not answer
		$(connected "$ROOM" alice)
		alice: hello
		>
	END
}

# bats test_tags=fast
@test "a line that isn't settled looks so, and is where the room puts it" {
	open_chat 60 10 -n alice "$ROOM"
	bob new-session -d -x 60 -y 10 env TERM=screen INPUTRC=/dev/null \
	    chat -b -n bob "$ROOM"
	until_ok bob_has '-- connected to .*'
	hold_room
	type 'a 1'
	press Enter
	until_ok is_faint 'alice: a 1'
	bob send-keys 'b 1' Enter 'half a line'
	until_ok bob_has 'bob: b 1'
	paste $'a 2\na 3'
	press Enter
	type half
	# Above that, the room may be told not to answer by now.
	until_ok screen_ends 'alice: a 1' 'alice: a 2' 'alice: a 3' '> half'
	release_room
	until_ok screen_has 'bob: b 1'
	until_ok bob_has 'alice: a 3'
	until_ok one_order
	[ "$(faint_rows | grep -c ': [ab]')" -eq 0 ]
	screen_ends '> half'
	bob_has '> half a line'
	bob kill-server
}
bob() {
	TERMS=bob term "$@"
}
bob_has() {
	bob capture-pane -p -S -1000 | grep -qx -e "$1"
}
one_order() {
	[ "$(screen | grep ': [ab]')" = \
	    "$(bob capture-pane -p -S -1000 | grep ': [ab]')" ] &&
	    [ "$(screen | grep -c ': [ab]')" -eq 4 ]
}

@test "where nothing is faint, what isn't settled has a mark" {
	TERM_IS=vt100 open_chat 50 10 -n alice "$ROOM"
	hold_room
	type 'to be or not to be'
	press Enter
	until_ok screen_has '-- the room does not answer; 1 line is waiting'
	resize 20 10
	until_ok screen_ends '~ alice: to be or' '    not to be' '>'
	resize 50 10
	until_ok screen_ends '~ alice: to be or not to be' '>'
	release_room
	until_screen '-- the room does not answer; 1 line is waiting' \
	    '-- the room answers again' 'alice: to be or not to be' '>'
}

@test "a room whose disk is full: it doesn't answer, until it has space" {
	stop "$CHATD"
	start eval "ulimit -S -f 8; exec chatd -s '$T/store' '$T/full'" \
	    2>"$T/log"
	CHATD=$PID
	until_ok listens
	open_chat 100 10 -n alice "$ROOM"
	until_screen '>'
	start eval "seq -f '%0100.0f' 100 | chat-send '$ROOM'"
	until_ok matches "$T/log" 'senders wait'
	type 'hello?'
	press Enter
	until_ok screen_ends '-- the room does not answer; 1 line is waiting' \
	    'alice: hello?' '>'
	is_faint 'alice: hello?'
	room_pid
	prlimit --fsize=unlimited: --pid "$ROOM_PID"
	until_ok screen_has '-- the room answers again'
	until_ok screen_has 'alice: hello?'
	run -1 is_faint 'alice: hello?'
}

@test "more than the screen shows is on its way: all of it is there once" {
	open_chat 40 8 -n alice "$ROOM"
	hold_room
	paste "$(seq 30)"
	press Enter
	type half
	until_ok screen_ends "alice: "{27..30} '> half'
	resize 12 6
	until_ok screen_ends 'alice: 29' 'alice: 30' '> half'
	resize 40 8
	until_ok screen_ends "alice: "{27..30} '> half'
	release_room
	until_ok screen_has 'alice: 1'
	until_ok screen_ends 'alice: 30' '> half'
	screen | grep alice | diff - <(printf 'alice: %s\n' {1..30})
	run -1 is_faint 'alice: 30'
}

@test "^D waits for a room that doesn't answer, and says so" {
	open_chat 100 8 -n alice "$ROOM"
	hold_room
	type hello
	press Enter C-d
	until_screen '-- the room does not answer; 1 line is waiting; Ctrl-C gives up' \
	    'alice: hello'
	is_faint 'alice: hello'
	release_room
	until_ok screen_ends 'alice: hello' 'status 0'
}

@test "^D in a room that is known not to answer says what gives up" {
	open_chat 100 8 -n alice "$ROOM"
	hold_room
	type hello
	press Enter
	until_screen '-- the room does not answer; 1 line is waiting' \
	    'alice: hello' '>'
	press C-d
	until_ok screen_has '-- the room does not answer; 1 line is waiting; '\
'Ctrl-C gives up'
	release_room
	until_ok screen_ends '-- the room answers again' 'alice: hello' \
	    'status 0'
}

@test "a room that tells the place of a line late, or refuses it" {
	fake() {
		hear 1
		ctl ok 0
		ctl at 7
		hear 2
		ctl ok 1
		until [ -e "$T/settled" ]; do pause 0.05; done
		echo 'bob: before'
		ctl error 2 because
		ctl ok 2
		until [ -e "$T/shown" ]; do pause 0.05; done
		ctl at 9
		echo 'bob: after'
		hear_end
	}
	fake_room fake
	open_chat 60 10 -n alice "$ROOM"
	paste $'one\ntwo'
	press Enter
	until_ok faint_is 'alice: two'
	: >"$T/settled"
	until_ok shows_promptly 'bob: before' '-- refused by the room: because' \
	    '-- not said: alice: two' 'alice: one' '>'
	: >"$T/shown"
	until_ok shows_promptly 'bob: before' '-- refused by the room: because' \
	    '-- not said: alice: two' 'alice: one' 'bob: after' '>'
	press C-d
	until_ok screen_has 'status 1'
}
# faint_is LINE: this is all that isn't settled.
faint_is() {
	[ "$(faint_rows | grep -v '^-- \|^    ')" = "$1" ]
}

@test "what is no room, or turns one away, is the end" {
	serve $'\001bye full'
	open_chat 150 8 -n alice "$T/room"
	until_ok screen_ends \
	    "chat: $T/room: the room closed the connection: full" 'status 2'
	serve $'\001at 1\n\001ok 0\n\001at'
	open_chat 150 8 -n alice "$T/room"
	until_ok screen_ends \
	    "chat: $T/room: not a chat room: it sent a bad control line" \
	    'status 2'
}

@test "a hostile room can't drive the terminal" {
	local esc=$'\e[31m\e[2J\e]0;owned\a' bad=$'\x9b\xc2\x9b\xe2\x80\xae\xff'
	printf '\001at 1\n\001ok 0\n' >"$T/evil"
	{
		printf 'b%sob: %s\n' "$esc" "$bad"
		printf 'a\rb\bc\vd\177\033c\302\205\342\200\213e\t|\n'
		printf '%s\n' '-- 3 lines lost'
		printf '\001error 0 %s%s\n\001lost 3\n' "$esc" "$bad"
		printf '\001%sodd\n' "$esc"
		printf '\001bye %s%s\n' "$esc" "$bad"
	} >>"$T/evil"
	serve "$(<"$T/evil")"
	open_chat 150 20 -n alice "$T/room"
	until_ok screen_ends "-- the room closed the connection:\
 ^[[31m^[[2J^[]0;owned^G�<U+009B><U+202E>�, retrying" '>'
	press C-d
	until_ok screen_has 'status 0'
	whole_screen >"$T/screen"
	cat "$T/screen"
	has_line "$T/screen" 'b^[[31m^[[2J^[]0;owned^Gob: �<U+009B><U+202E>�'
	has_line "$T/screen" 'a^Mb^Hc^Kd^?^[c<U+0085><U+200B>e        |'
	has_line "$T/screen" '| -- 3 lines lost'
	has_line "$T/screen" \
	    '-- the room says: ^[[31m^[[2J^[]0;owned^G�<U+009B><U+202E>�'
	[ "$(term display-message -p '#{pane_title}')" != owned ]
	# Faint is what the notices of our own are, and nothing has colours.
	faint_rows | diff - <(grep -e '^-- ' "$T/screen")
	term capture-pane -e -p | grep -o $'\e[^m]*m' >"$T/colours"
	run ! grep -v $'\e\\[\\(0\\|2\\|39\\|49\\)m' "$T/colours"
	serve $'\001bye '"$esc$bad"
	open_chat 150 20 -n alice "$T/room"
	until_ok screen_has 'status 2'
	screen | grep -q 'the room closed the connection: ^\[\[31m^\[\[2J'
}

@test "ten thousand messages at once leave the line whole" {
	open_chat 40 10 -l 0 -n alice "$ROOM"
	until_ok is_connected
	type 'half a line'
	until_screen '> half a line'
	seq 10000 | timeout 300 chat-send "$ROOM"
	until_ok screen_ends 10000 '> half a line'
	[ "$(screen | tail -n 901)" = "$(seq 9101 10000; echo '> half a line')" ]
}

@test "a locale with another charset: keys are whole characters all the same" {
	localedef -i zh_CN -f GB18030 "$T/zh_CN.GB18030" ||
	    skip "no locale can be made here"
	open_term 60 10 env LOCPATH="$T" LC_ALL=zh_CN.GB18030 chat -n alice \
	    "$ROOM"
	until_ok prompted
	type 'a日é'
	press BSpace
	until_ok screen_ends '> a日'
	press Enter
	until_ok screen_has 'alice: a日'
	run -0 chat-recv -l 1 -c 1 "$ROOM"
	[ "$output" = 'alice: a日' ]
}

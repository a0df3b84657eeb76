# chat-window: a window in a room, looked at by what its widgets hold and by the
# pixels of a screen without a monitor
load helpers.bash
load fakeroom.bash
load keys.bash
load nodes.bash

WINDOW=$ROOT/chat/window/chat-window.tcl

# One display for all of the suite, with three screens: one of usual size, and
# two small ones. No window manager: the only window is in the corner. A key that
# a slow machine holds down isn't repeated.
setup_file() {
	mkfifo "$BATS_FILE_TMPDIR/display"
	Xvfb -displayfd 5 -nolisten tcp -r -screen 0 1024x700x24 \
	    -screen 1 320x240x24 -screen 2 800x480x24 \
	    5>"$BATS_FILE_TMPDIR/display" 2>"$BATS_FILE_TMPDIR/xvfb" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/xvfb.pid"
	read -r -t 60 number <"$BATS_FILE_TMPDIR/display"
	export DISPLAY=:$number LC_ALL=C.UTF-8
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/xvfb.pid")"
}

setup() {
	unset CHAT_NAME
	declare -gA IN OUT PIDS
	W=a
}

teardown() {
	cleanup
	for file in "$T"/window*.err; do
		[ ! -s "$file" ] || cat "$file"
	done
}

# open_window [-w WHICH] [ARGUMENT...]: a window that tk drives, in front. Of two
# or more each has its own letter, and $W says which one is meant.
open_window() {
	local in out
	if [ "$1" = -w ]; then
		W=$2
		shift 2
	fi
	mkfifo "$T/in$W" "$T/out$W"
	exec {in}<>"$T/in$W" {out}<>"$T/out$W"
	IN[$W]=$in
	OUT[$W]=$out
	start run_window "$@"
	WINDOW_PID=$PID
	PIDS[$W]=$PID
	patiently untraced is_mapped
}
# What runs in the background has its standard input from here alone.
run_window() {
	exec env PATH="${WINDOW_PATH:-$PATH}" "$(command -v tclsh)" \
	    "$BATS_TEST_DIRNAME/window.tcl" "$WINDOW" "$@" \
	    <&"${IN[$W]}" >&"${OUT[$W]}" 2>"$T/window$W.err"
}
is_mapped() {
	tk 'winfo viewable .; expr {[winfo viewable .] && [winfo width .] > 100}'
	[ "$REPLY" = 1 ]
}

# patiently COMMAND...: as until_ok, three times as long, for what takes a while
# on a slow machine.
patiently() {
	until_ok "$@" || until_ok "$@" || until_ok "$@"
}

# tk SCRIPT: run it in the window; the result is $REPLY. An answer that came too
# late would be taken for the next one's, so none does.
tk() {
	untraced ask_window "$*"
}
ask_window() {
	REPLY=
	kill -0 "${PIDS[$W]}" || return
	printf '%s\n' "$1" >&"${IN[$W]}"
	IFS= read -r -t 40 -u "${OUT[$W]}" REPLY
	[[ $REPLY != error:* ]] || echo "$1: $REPLY" >&2
}

# gives REPLY SCRIPT: the script's result is that. holds TEXT SCRIPT: it has that.
gives() {
	tk "$2"
	[ "$REPLY" = "$1" ]
}
holds() {
	tk "$2"
	[[ $REPLY == *"$1"* ]]
}

# shows TEXT: it stands in the transcript, whose LFs are \u000a. has_tag TAG TEXT:
# a part with that tag is exactly the text.
shows() {
	holds "$1" '.t get 1.0 end'
}
has_tag() {
	holds "<$2>" "tagged $1"
}

# in_front: the keyboard is the window's. behind: it is nobody's.
in_front() {
	tk 'focus -force .e; update; winfo id .'
	until_ok gives 1 'update; is_in_front'
}
behind() {
	local which=$W
	open_window -w other "$T/nowhere"
	in_front
	W=$which
	until_ok gives 0 'update; is_in_front'
}

# type TEXT: at the keyboard. press KEY...
type() {
	xdotool type --delay 4 "$1"
}
press() {
	xdotool key --delay 4 "$@"
}

# click WIDGET: with the mouse.
click() {
	local x y
	tk "list [expr {[winfo rootx $1] + 5}] [expr {[winfo rooty $1] + 5}]"
	read -r x y <<<"$REPLY"
	xdotool mousemove "$x" "$y" click 1
}

# say_it TEXT: as Return does. A key itself would come to nothing as long as the
# window doesn't have the keyboard.
say_it() {
	tk "set line {$1}; .e icursor end; say; update"
}

# has_colour COLOUR: it is on the screen now, #RRGGBB in capitals.
has_colour() {
	tk 'update; raise .; update'
	import -window root -depth 8 "$T/screen.png"
	convert "$T/screen.png" -depth 8 -format %c histogram:info:- \
	    >"$T/colours"
	grep -qi "$1" "$T/colours"
}

# is_joined: the window's connection has been answered.
is_joined() {
	until_ok gives 1 'set up'
}

# is_asked: a dialog has the keyboard and the mouse. is_answered: it is gone. What
# opens one returns only then, so it has to be begun by "after idle", and nothing
# else may update: the answer to that would come only then, too.
is_asked() {
	until_ok gives 1 'expr {[winfo exists .ask] && [winfo viewable .ask.no] && [focus] eq {.ask.no} && [grab current .ask] eq {.ask}}'
}
is_answered() {
	until_ok gives 0 'winfo exists .ask'
}

# listen: what is said is in $T/heard.
listen() {
	start_recv "$T/heard"
}

@test "what others say, with the time and the name in its colour" {
	start_chatd
	printf '%s\n' 'bob: good morning' 'no name in this' |
		chat-send "$ROOM"
	open_window -n alice "$ROOM"
	until_ok shows 'no name in this'
	tk '.t get 1.0 end'
	[[ $REPLY =~ u000a[0-2][0-9]:[0-5][0-9]\ bob:\ good\ morning\\u000a ]]
	# FNV-1a of "bob" modulo 12 is 8.
	has_tag name8 bob
	until_ok has_colour '#875FFF'
	has_colour '#000000'
	[ ! -s "$T/windowa.err" ]
}

@test "colours of names are the same as everywhere" {
	start_chatd
	open_window "$ROOM"
	gives name11 'name_colour alice'
	gives name8 'name_colour bob'
	gives "$(fnv_1a caf$'\xc3\xa9')" 'name_colour caf\u00e9'
	gives "$(fnv_1a $'\xf0\x9f\x98\x80')" \
	    'name_colour [decode \xf0\x9f\x98\x80]'
}
fnv_1a() {
	local hash=$((0x811c9dc5)) byte
	for byte in $(printf %s "$1" | od -An -v -t u1); do
		hash=$(((hash ^ byte) * 0x01000193 & 0xffffffff))
	done
	echo "name$((hash % 12))"
}

@test "all colours can be read on their ground" {
	start_chatd
	open_window "$ROOM"
	gives '' faint_tags
	gives 1 'expr {[contrast [.l cget -foreground] [.l cget -background]] >= 4.1 && [contrast [.b cget -foreground] [.b cget -background]] >= 4.1}'
}

@test "typing, Return and the button say lines; the focus is in the field" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	listen
	gives .e 'focus -lastfor .'
	in_front
	type 'typed by hand'
	until_ok gives 'typed by hand' 'set line'
	press Return
	until_ok has_line "$T/heard" 'alice: typed by hand'
	until_ok gives '' 'set line'
	until_ok has_tag own ': typed by hand'
	has_tag own_name You
	tk 'set line {by the button}; update'
	click .b
	until_ok has_line "$T/heard" 'alice: by the button'
	shows 'You: by the button'
	say_it ''
	has_lines "$T/heard" 2
}

@test "the transcript can be read and copied, not written" {
	start_chatd
	printf '%s\n' 'bob: look at this' | chat-send "$ROOM"
	open_window -n alice "$ROOM"
	until_ok shows 'look at this'
	in_front
	tk '.t get 1.0 end'
	local before=$REPLY
	click .t
	type x
	press BackSpace Delete
	type y
	until_ok gives y 'set line'
	gives "$before" '.t get 1.0 end'
	# Selected with the mouse, copied with the keyboard.
	tk 'click_on look; click_on look; update; .t get sel.first sel.last'
	[ "$REPLY" = look ]
	selection_is look primary
	press ctrl+c
	until_ok selection_is look clipboard
}

# selection_is TEXT SELECTION: that is what another program gets.
selection_is() {
	[ "$(timeout 20 xclip -o -selection "$2" -t UTF8_STRING)" = "$1" ]
}
# select_for_paste TEXT [SELECTION]: what another program has selected.
select_for_paste() {
	printf %s "$1" >"$T/selected"
	start xclip -quiet -i -selection "${2:-clipboard}" "$T/selected" \
	    >"$T/none" 2>&1
	XCLIP=$PID
	until_ok selection_is "${1%$'\n'}" "${2:-clipboard}"
}

@test "emoji and CJK come through: shown, pasted, sent and copied" {
	local text=$'\xf0\x9f\x98\x80 \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\xa6\x8a'
	start_chatd
	printf 'bob: %s\n' "$text" | chat-send "$ROOM"
	open_window -n $'\xf0\x9f\x90\x88' "$ROOM"
	until_ok shows 'bob: \u1f600 \u4f60\u597d \u1f98a'
	is_joined
	listen
	in_front
	select_for_paste "$text!"
	tk 'event generate .e <<Paste>>; update'
	press Return
	until_ok has_line "$T/heard" $'\xf0\x9f\x90\x88: '"$text!"
	# A key takes the whole of one away, and none stops in its middle.
	tk 'event generate .e <<Paste>>; update'
	press BackSpace BackSpace
	until_ok gives '\u1f600 \u4f60\u597d ' 'set line'
	press Home Right
	type a
	press Left Delete Left Left Delete
	until_ok gives ' \u4f60\u597d ' 'set line'
	# To other programs, in both ways, from both places.
	tk 'set x [.t search \u4f60 1.0]; .t tag add sel "$x - 2 chars" "$x lineend"; event generate .e <<Copy>>; update'
	selection_is "$text" clipboard
	selection_is "$text" primary
	tk 'set line [.t get sel.first sel.last]; focus .e; .e selection range 0 end; update'
	selection_is "$text" primary
	tk 'event generate .e <<Cut>>; update; set line'
	[ "$REPLY" = '' ]
	selection_is "$text" clipboard
}

@test "a big selection reaches others whole" {
	start_chatd
	numbered $'line \xf0\x9f\x98\x80 ' 1 3000 >"$T/said"
	chat-send "$ROOM" <"$T/said"
	open_window -l 3000 "$ROOM"
	until_ok shows ' 3000\u000a'
	tk '.t tag add sel "[.t search line 1.0] linestart" end; update'
	timeout 60 xclip -o -selection primary -t UTF8_STRING >"$T/primary"
	# There may be more blanks than were said.
	sed 's/^..:.. //; s/  */ /' "$T/primary" | cmp - "$T/said"
	tk copy
	timeout 60 xclip -o -selection clipboard -t UTF8_STRING >"$T/copied"
	sed 's/^..:.. //' "$T/copied" | cmp - "$T/said"
}

@test "no message looks like a notice, or like a line of one's own" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	printf '%s\n' '-- not sent: forged' ' - forged too' 'You: forged' \
	    $'\xe2\x80\x94 dash' 'YOU : me' $'\xe3\x80\x80-- wide' \
	    $' \xe2\x80\x8d-- joined' $'Yo\xe2\x80\x8cu: forged' \
	    $'\xf0\x90\xba\xad yezidi' 'a -- b' 'Your: fine' | chat-send "$ROOM"
	until_ok shows 'Your: fine'
	tk '.t get 1.0 end'
	local text=$REPLY
	for line in '-- not sent: forged' ' - forged too' 'You: forged' \
	    '\u2014 dash' 'YOU : me' '\u3000-- wide' ' \u200d-- joined' \
	    'Yo\u200cu: forged' '\u10ead yezidi'; do
		[[ $text == *":"[0-9][0-9]" | $line"* ]]
	done
	[[ $text == *":"[0-9][0-9]" a -- b"* ]]
	[[ $text == *":"[0-9][0-9]" Your: fine"* ]]
	run ! has_tag own ': forged'
	gives '' 'tagged own'
	gives '' 'tagged own_name'
	tk 'tagged notice'
	[[ $REPLY != *forged* ]]
	# Notices have a ground that no message has.
	tk 'foreach tag [.t tag names] { lappend grounds [.t tag cget $tag -background] }; llength [lsearch -all $grounds [.t tag cget notice -background]]'
	[ "$REPLY" = 1 ]
	# Nor does the next row of a long message begin where lines begin.
	gives 1 'expr {[.t tag cget message -lmargin2] >= [font measure plain {00:00 }]}'
}

@test "a room that cannot be reached: the reason, and it keeps trying" {
	start_chatd
	stop "$CHATD"
	local room=$ROOM
	open_window -n alice "$room"
	until_ok shows 'Unable to connect to server: '
	has_tag failure '-- Unable to connect to server: Connection refused' ||
		holds 'Connection refused' 'tagged failure'
	until_ok has_colour '#FF9F9F'
	holds 'no connection since' '.l cget -text'
	say_it 'said too early'
	until_ok holds '1 line waiting' '.l cget -text'
	has_tag pending 'said too early'
	rm "$T/log"
	start_chatd_at "$room"
	listen
	until_ok shows 'connected to'
	until_ok has_line "$T/heard" 'alice: said too early'
	until_ok gives '' 'tagged pending'
	has_tag own 'said too early' || holds 'said too early' 'tagged own'
	holds 'as alice' '.l cget -text'
	has_lines "$T/heard" 1
}

@test "a cut is shown; lines said meanwhile go out once, and brighten" {
	start_chatd -s "$T/store"
	local room=$ROOM
	open_window -n alice "$room"
	is_joined
	say_it before
	until_ok gives '' 'tagged pending'
	stop "$CHATD" KILL
	until_ok shows 'connection lost'
	say_it 'meanwhile 1'
	say_it 'meanwhile 2'
	has_tag pending 'meanwhile 1'
	until_ok has_colour '#909AA4'
	holds '2 lines waiting' '.l cget -text'
	rm "$T/log"
	start_chatd_at -s "$T/store" "$room"
	until_ok gives '' 'tagged pending'
	until_ok shows 'u000a-- connected\u000a'
	listen
	until_ok has_lines "$T/heard" 3
	printf 'alice: %s\n' before 'meanwhile 1' 'meanwhile 2' >"$T/want"
	cmp "$T/want" "$T/heard"
	run ! has_colour '#909AA4'
}

@test "several addresses: which one it is connected to, and if it is cut off" {
	start_chatd_at "$T/room"
	start_node a
	local a=$NODE
	open_window -n alice "$T/none,$T/a,$T/b"
	is_joined
	shows "connected to $T/a"
	holds "$T/a, as alice" '.l cget -text'
	start_cut_off b
	stop "$a"
	until_ok shows "connection lost: $T/a: the room closed the connection;"
	until_ok shows "still no connection: $T/b: the room closed the \
connection: this room is cut off;"
	stop "$NODE"
	start_node b
	until_ok shows "connected to $T/b"
	until_ok holds "$T/b, as alice" '.l cget -text'
}

@test "one's own lines stand where the room has them" {
	gap() {
		hear 1
		ctl ok 0 new
		ctl at 100
		hear 1
		printf 'bob: first\n'
		ctl at 102
		ctl ok 1
		printf 'bob: last\n'
		hold
	}
	fake_room gap
	open_window -n alice "$ROOM"
	until_ok gives 1 'set known'
	say_it mine
	until_ok shows last
	tk '.t get 1.0 end'
	[[ $REPLY == *first*mine*last* ]]
	gives '' 'tagged pending'
}

@test "another day has a notice that says it" {
	set_now
	fake_room fake_days
	TZ=UTC open_window "$ROOM"
	until_ok shows 'bob: just now'
	has_tag notice '-- Sunday, 9 September 2001'
	shows -- "-- $TODAY\u000a"
}

@test "a refused line is marked, with the reason" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	tk 'set line [string repeat x 5000]; say; update'
	until_ok holds 'longer than' 'tagged reason'
	holds xxxx 'tagged refused'
	say_it fine
	until_ok gives '' 'tagged pending'
	holds fine 'tagged own'
	tk 'tagged refused'
	[[ $REPLY != *fine* ]]
	until_ok has_colour '#FF9F9F'
}

@test "who is here: in the status line, coming and going, /who" {
	make_key alice
	make_key bob
	make_key carol
	start_chatd -ik "$T/keys"
	open_window -k "$T/alice" -n somebody "$ROOM"
	until_ok holds 'as alice; 1 here: alice' '.l cget -text'
	start chat-recv -k "$T/bob" "$ROOM" >"$T/bob.out"
	local bob=$PID
	until_ok holds '2 here: alice, bob' '.l cget -text'
	# Somebody who goes at once makes no notices.
	echo hello | chat-send -k "$T/carol" "$ROOM"
	until_ok shows 'carol: hello'
	until_ok shows -- '-- bob is here'
	say_it /who
	until_ok shows -- '-- here: alice, bob'
	stop "$bob"
	until_ok shows -- '-- bob has left'
	until_ok holds '1 here: alice' '.l cget -text'
	tk '.t get 1.0 end'
	[[ $REPLY != *'carol is here'* && $REPLY != *'carol has left'* ]]
	# The room has its own name for us.
	say_it 'by my name'
	until_ok gives '' 'tagged pending'
	chat-recv -k "$T/bob" -l 9 -c 2 "$ROOM" >"$T/lines"
	has_line "$T/lines" 'alice: by my name'
}

@test "a mention is marked; the title counts what was not seen" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	in_front
	behind
	printf '%s\n' 'bob: one' 'bob: malice, alices' | chat-send "$ROOM"
	until_ok holds '(2) ' 'wm title .'
	gives '' 'tagged mention'
	printf '%s\n' 'bob: well, Alice?' | chat-send "$ROOM"
	until_ok holds '(3!) ' 'wm title .'
	has_tag mention 'well, Alice?'
	has_colour '#504000'
	in_front
	until_ok gives "$ROOM - chat" 'wm title .'
}

@test "what was said before is not news" {
	start_chatd
	printf '%s\n' 'bob: alice was mentioned' | chat-send "$ROOM"
	pause 1.1
	open_window -n alice "$ROOM"
	until_ok shows mentioned
	behind
	gives "$ROOM - chat" 'wm title .'
}

@test "links open with xdg-open, and only those of the web" {
	mkdir "$T/bin"
	cat >"$T/bin/xdg-open" <<-END
		#!/bin/sh
		printf '%s|' "\$#" "\$@" >>"$T/opened"
	END
	chmod +x "$T/bin/xdg-open"
	start_chatd
	printf '%s\n' 'bob: (see https://example.org/a?b=$(id)&c=`id`;x#y).' \
	    'bob: javascript://x file:///etc/passwd >http://two.example' |
		chat-send "$ROOM"
	PATH=$T/bin:$PATH open_window "$ROOM"
	until_ok shows two.example
	gives '<https://example.org/a?b=$(id)&c=`id`;x#y><http://two.example>' \
	    'tagged link'
	tk 'click_on example.org'
	# shellcheck disable=SC2016 # it is for no shell
	until_ok grep -qxF '1|https://example.org/a?b=$(id)&c=`id`;x#y|' \
	    "$T/opened"
	tk 'click_on passwd'
	tk 'click_on two.example'
	until_ok grep -qF '|1|http://two.example|' "$T/opened"
	rm "$T/bin/xdg-open"
	tk 'set env(PATH) /nonexistent; click_on passwd; click_on two.example'
	until_ok shows 'cannot open the link'
}

@test "it begins with the last 100 lines, or as many as -l says" {
	start_chatd
	numbered 'bob: ' 1 150 | chat-send "$ROOM"
	open_window "$ROOM"
	until_ok shows 'bob: 150'
	shows 'bob: 51\u000a'
	run ! shows 'bob: 50\u000a'
	open_window -w b -l3 "$ROOM"
	until_ok shows 'bob: 150'
	shows 'bob: 148\u000a'
	run ! shows 'bob: 147\u000a'
	open_window -w c -l 1d "$ROOM"
	until_ok shows 'bob: 1\u000a'
}

@test "a paste of many lines is asked about first" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	listen
	in_front
	select_for_paste $'one\r\ntwo\e[1m\n/who\n'
	tk 'set line {>  <}; .e icursor 2'
	tk 'after idle { event generate .e <<Paste>> }'
	is_asked
	holds 'Send 3 lines' '.ask.text cget -text'
	holds '> one' '.ask.text cget -text'
	press Escape
	is_answered
	gives '>  <' 'set line'
	# What it would replace is still there if it isn't sent.
	tk '.e selection range 0 1; after idle { event generate .e <<Paste>> }'
	is_asked
	holds $'\\u000a\\u000aone' '.ask.text cget -text'
	press Escape
	is_answered
	gives '>  <' 'set line'
	tk '.e selection clear; .e icursor 2; after idle { event generate .e <<Paste>> }'
	is_asked
	until_ok has_colour '#202020'
	press Tab Return
	until_ok has_lines "$T/heard" 3
	printf 'alice: %s\n' '> one' 'two[1m' '/who <' >"$T/want"
	cmp "$T/want" "$T/heard"
	gives '' 'set line'
	# One line is only put into the field.
	stop "$XCLIP" || true
	select_for_paste $'single\n' primary
	tk 'update; event generate .e <<PasteSelection>>; update'
	gives single 'set line'
	has_lines "$T/heard" 3
}

@test "closing over an unsent line is asked about first" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	in_front
	tk 'set line unsent; after idle leave'
	is_asked
	holds 'not sent' '.ask.text cget -text'
	press Tab Tab Return
	is_answered
	gives unsent 'set line'
	gives .e 'focus -lastfor .'
	tk 'after idle leave'
	is_asked
	press Left Return
	ended "$WINDOW_PID"
	[ "$STATUS" -eq 0 ]
}

@test "going on to type is no answer to a question" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	listen
	in_front
	select_for_paste $'secret\nlines'
	type typed
	tk 'after idle { event generate .e <<Paste>> }'
	is_asked
	type ' on, and'
	click .e
	type ' more'
	press KP_Enter
	is_answered
	gives typed 'set line'
	tk 'after idle leave'
	is_asked
	# Tab completes a name in the field.
	type ' al'
	press Tab
	type ' or'
	press Return
	is_answered
	gives typed 'set line'
	press Return
	until_ok has_line "$T/heard" 'alice: typed'
	has_lines "$T/heard" 1
}

@test "what is typed after a paste is below what was said" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	listen
	in_front
	say_it 'said before'
	tk 'recall -1; set line {}'
	select_for_paste $'two\nlines'
	tk 'after idle { event generate .e <<Paste>> }'
	is_asked
	press Tab Return
	until_ok has_lines "$T/heard" 3
	is_answered
	tk 'set line fresh; recall -1; recall 1'
	gives fresh 'set line'
}

@test "closing takes along what was said" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	listen
	tk 'set line {last words}; say; after idle leave'
	until_ok has_line "$T/heard" 'alice: last words'
	ended "$WINDOW_PID"
	[ "$STATUS" -eq 0 ]
}

@test "closing over lines that did not reach the room is asked about" {
	start_chatd
	stop "$CHATD"
	open_window -n alice "$ROOM"
	until_ok shows 'Unable to connect'
	in_front
	say_it nobody
	tk 'after idle leave'
	is_asked
	holds '1 line of yours did not reach the room' '.ask.text cget -text'
	press Tab Return
	ended "$WINDOW_PID"
	[ "$STATUS" -eq 1 ]
}

@test "Ctrl-plus and Ctrl-minus change the size, within limits" {
	start_chatd
	open_window "$ROOM"
	in_front
	tk 'font metrics plain -linespace'
	local plain=$REPLY
	press ctrl+plus ctrl+plus ctrl+plus
	until_ok gives 1 "expr {[font metrics plain -linespace] > $plain}"
	press ctrl+minus ctrl+minus ctrl+minus
	until_ok gives "$plain" 'font metrics plain -linespace'
	tk 'for {set i 0} {$i < 99} {incr i} { zoom -1 }; font configure plain -size'
	[ "${REPLY#-}" -eq 6 ]
	tk 'for {set i 0} {$i < 99} {incr i} { zoom 1 }; font configure plain -size'
	[ "${REPLY#-}" -eq 40 ]
	until_ok gives 1 'update; winfo viewable .e'
}

@test "commands: /me, /help, //, and what is none" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	listen
	say_it '/me waves'
	until_ok has_line "$T/heard" '* alice waves'
	until_ok has_tag own '* alice waves'
	say_it '//etc/motd'
	until_ok has_line "$T/heard" 'alice: /etc/motd'
	shows 'You: /etc/motd'
	say_it /nonsense
	shows 'not sent: no such command'
	gives /nonsense 'set line'
	say_it '/me '
	has_tag failure '-- not sent: /me needs what you do, as in /me waves'
	gives '/me ' 'set line'
	say_it /who
	until_ok shows 'this room does not name its speakers'
	say_it /help
	until_ok shows '/who lists'
	has_lines "$T/heard" 2
	tk 'focus -force .e; update; event generate .e <Up>; event generate .e <Up>; event generate .e <Up>; set line'
	[ "$REPLY" = //etc/motd ]
	say_it /quit
	ended "$WINDOW_PID"
	[ "$STATUS" -eq 0 ]
}

@test "/me in a room that names its speakers" {
	make_key alice
	start_chatd -ik "$T/keys"
	open_window -k "$T/alice" "$ROOM"
	until_ok gives 1 'set named'
	say_it '/me waves'
	until_ok gives '' 'tagged pending'
	shows 'You: * waves'
	chat-recv -k "$T/alice" -l 1 -c 1 "$ROOM" >"$T/lines"
	has_line "$T/lines" 'alice: * waves'
}

@test "Tab completes names" {
	start_chatd
	printf '%s\n' 'robert: hi' 'rachel: hi' | chat-send "$ROOM"
	open_window "$ROOM"
	until_ok shows rachel
	in_front
	type Ro
	press Tab
	until_ok gives 'robert: ' 'set line'
	type 'or ra'
	press Tab
	until_ok gives 'robert: or rachel ' 'set line'
	tk 'set line r; .e icursor end; event generate .e <Tab>; update'
	gives r 'set line'
	shows -- '-- rachel robert'
}

@test "text from the network drives, hides and turns nothing" {
	harm() {
		hear 1
		ctl ok 0 new
		ctl at 1
		printf 'bob: \342\200\256turned\342\200\213\n'
		printf 'bob: \033[31mred\007\n'
		printf 'bob: cut \360\237\230 \377\355\240\275 end\n'
		printf 'bob: tag \363\240\201\201 \302\205 \357\277\276\n'
		printf '\314\201first e'
		printf '\314\201%.0s' 1 2 3 4 5 6 7 8 9 10 11 12
		printf '\n'
		printf 'bob: [exec touch %s/evil] $env(HOME) {\n' "$T"
		printf 'bob: \360\237\221\250\342\200\215\360\237\221\251 end of all\n'
		hold
	}
	fake_room harm
	open_window "$ROOM"
	until_ok shows 'end of all'
	shows 'bob: <U+202E>turned<U+200B>'
	shows 'bob: \ufffd[31mred\ufffd'
	shows 'bob: cut \ufffd'
	shows 'bob: tag <U+E0041> \ufffd <U+FFFE>'
	# Should chat let something through, it is dealt with here.
	gives '^[[31m^G^?' 'make_safe [decode \x1b\[31m\x07\x7f]'
	gives 'a\ufffd\ufffdb' 'make_safe [decode a\xf0\x9fb]'
	gives '\ufffd\ufffd\ufffd<U+0085>' 'make_safe [decode \xed\xa0\xbd\xc2\x85]'
	gives '\u1f600\ufffd' 'make_safe [decode \xf0\x9f\x98\x80\xff]'
	local mark='\u0301'
	shows " first e$mark$mark$mark$mark$mark$mark$mark$mark\u000a"
	shows '[exec touch'
	[ ! -e "$T/evil" ]
	shows 'bob: \u1f468\u200d\u1f469 end'
}

flood() {
	exec chat-send "$ROOM" < <(exec yes 'bob: as fast as can be')
}

@test "a flood leaves the field alive, and the transcript bounded" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	in_front
	start flood
	local flood=$PID
	until_ok gives 1 'expr {int([.t index end]) > 2000}'
	type 'typed under a flood'
	until_ok gives 'typed under a flood' 'set line'
	press Return
	# It may soon be so far up that it is gone again.
	until_ok gives 1 'expr {$line eq {} && $said == 1 && $refusals == 0}'
	patiently gives 1 'expr {$unseen == 0 && int([.t index end]) > 19000}'
	kill -0 "$flood"
	tk '.t index end'
	[ "${REPLY%.*}" -le 20002 ]
	stop "$flood"
}

@test "10000 lines a second, none lost" {
	start_chatd
	open_window -n alice "$ROOM"
	is_joined
	numbered 'bob: ' 1 20000 >"$T/lines"
	chat-send "$ROOM" <"$T/lines"
	patiently holds 'bob: 20000\u000a' '.t get end-3l end'
	tk 'llength [lsearch -all -regexp [split [.t get 1.0 end] \n] {bob: \d+$}]'
	[ "$REPLY" -ge 19990 ]
	gives '' '.t search { lost} 1.0'
}

@test "chat that is killed, and chat that cannot be started, are shown" {
	start_chatd
	open_window "$ROOM"
	is_joined
	tk 'set line keep; pid $chat'
	kill -KILL "$REPLY"
	until_ok shows 'chat has died: '
	holds 'ended' '.l cget -text'
	gives keep 'set line'
	gives disabled '.b cget -state'
	stop "$WINDOW_PID"
	WINDOW_PATH=/nonexistent open_window -w b "$ROOM"
	until_ok shows 'cannot start chat: '
	holds 'ended' '.l cget -text'
}

@test "what chat has to say at its end is shown" {
	open_window -k "$T/missing" localhost:1
	until_ok shows 'missing: '
	open_window -w b 'not an address'
	until_ok shows 'not an address: '
	start_chatd
	make_key alice
	open_window -w c -k "$T/alice" "$ROOM"
	until_ok shows 'Unable to connect to server: '
}

@test "words that Tcl would take for redirections are words" {
	cd "$T"
	mkdir '>dir' '|dir'
	start_chatd_at ./'>dir/room'
	open_window -n '>name' '>dir/room'
	is_joined
	listen
	say_it hello
	until_ok has_line "$T/heard" '>name: hello'
	open_window -w b -n '&' '>dir/room'
	is_joined
	say_it hello
	until_ok has_line "$T/heard" '&: hello'
	open_window -w c -k '|touch evil' '>dir/room'
	is_joined
	[ ! -e 'name' ]
	[ ! -e evil ]
}

@test "options: help, version, and what is wrong with others" {
	run -0 "$WINDOW" --help
	[[ $output == 'usage: chat-window [-k key] [-l last] [-n name] '* ]]
	run -0 env -u DISPLAY "$WINDOW" -h
	[[ $output == *'example: '* ]]
	run -0 "$WINDOW" --version
	[[ $output == 'chat-window '* ]]
	for words in -x --nonsense -l; do
		run -2 "$WINDOW" "$words"
		[ "${lines[1]}" = \
		    'usage: chat-window [-k key] [-l last] [-n name] [address,...]' ]
	done
	run -2 "$WINDOW" -l x
	[ "$output" = 'chat-window: -l x: not a number, as in -l 10, nor a time, as in -l 10m' ]
	run -2 "$WINDOW" -l 9223372036854775808
	[[ $output == *'too large'* ]]
	run -2 "$WINDOW" -n ''
	[ "$output" = 'chat-window: -n: name is empty' ]
	run -2 "$WINDOW" -n "$(printf %0256d 0)"
	[ "$output" = 'chat-window: -n: name is longer than 255 bytes' ]
	run -2 "$WINDOW" one two
	[[ $output == 'chat-window: one: give only one address'* ]]
	run -2 env -u DISPLAY "$WINDOW" localhost
	[[ $output == 'chat-window: '*DISPLAY* ]]
	[ "${#lines[@]}" -eq 1 ]
}

@test "without Tcl or Tk: a line that names the package" {
	run -2 env PATH=/nonexistent /bin/sh "$WINDOW"
	[ "$output" = 'chat-window: tclsh: not found; install Tcl and Tk (package tk)' ]
	mkdir "$T/bin"
	printf 'package unknown {}\nset argv [lassign $argv argv0]\nsource $argv0\n' \
	    >"$T/without.tcl"
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$(command -v tclsh)" \
	    "$T/without.tcl" >"$T/bin/tclsh"
	chmod +x "$T/bin/tclsh"
	PATH=$T/bin:$PATH run -2 "$WINDOW"
	[ "$output" = 'chat-window: Tk: not found; install the package tk' ]
}

@test "the environment: CHAT_ADDRESS, CHAT_NAME, and any locale" {
	start_chatd
	listen
	CHAT_ADDRESS=$ROOM CHAT_NAME=$'\xc3\xa9va' LC_ALL=C open_window
	is_joined
	say_it hello
	until_ok has_line "$T/heard" $'\xc3\xa9va: hello'
	CHAT_ADDRESS=$ROOM LC_ALL=C open_window -w b -n $'\xf0\x9f\xa6\x8a'
	is_joined
	say_it hello
	until_ok has_line "$T/heard" $'\xf0\x9f\xa6\x8a: hello'
	CHAT_NAME='' CHAT_ADDRESS=$ROOM open_window -w c
	is_joined
	say_it 'by login'
	until_ok has_line "$T/heard" "$(id -un): by login"
}

@test "it fits small screens" {
	local screen size
	start_chatd
	for screen in 1:320:240 2:800:480; do
		IFS=: read -r screen width height <<<"$screen"
		DISPLAY=${DISPLAY%.*}.$screen open_window -w "$screen" "$ROOM"
		is_joined
		for widget in .t .e .b .l; do
			gives 1 "update; expr {[winfo viewable $widget] && [winfo rootx $widget] >= 0 && [winfo rooty $widget] >= 0 && [winfo rootx $widget] + [winfo width $widget] <= $width && [winfo rooty $widget] + [winfo height $widget] <= $height}"
		done
		gives 1 'expr {[winfo height .t] > 60 && [winfo width .e] > 100}'
		# The bar is no wider than it asks for.
		gives 1 'expr {[winfo width .s] == [winfo reqwidth .s] && [winfo width .t] + [winfo width .s] == [winfo width .] && [winfo width .e] + [winfo width .b] == [winfo width .]}'
		tk 'set line {a b}; after idle leave'
		until_ok gives 1 'winfo viewable .ask.yes'
		gives 1 "update; expr {[winfo rootx .ask] + [winfo width .ask] <= $width && [winfo rooty .ask] + [winfo height .ask] <= $height}"
		tk 'set answer 0'
		is_answered
		# However large the text, the buttons are there.
		tk 'time {zoom 1} 30; after idle leave'
		until_ok gives 1 'expr {[winfo exists .ask.no] && [winfo viewable .ask.no]}'
		until_ok gives 1 "expr {[winfo rooty .ask.no] + [winfo height .ask.no] <= $height && [winfo height .ask.no] > 20}"
		tk 'set answer 0'
	done
}

@test "as it is started: by its name, with a keyboard alone" {
	start_chatd
	listen
	start "$WINDOW" -n alice "$ROOM"
	local window=$PID id
	until_ok window_is_there "$ROOM - chat"
	xdotool windowfocus "$ID"
	until_ok is_focused
	type 'no mouse'
	press Return
	until_ok has_line "$T/heard" 'alice: no mouse'
	press ctrl+q
	ended "$window"
	[ "$STATUS" -eq 0 ]
}
window_is_there() {
	ID=$(xdotool search --onlyvisible --name "$1") && [ -n "$ID" ]
}
is_focused() {
	[ "$(xdotool getwindowfocus getwindowname)" = "$ROOM - chat" ]
}

@test "no other program on the display can drive it" {
	start_chatd
	open_window "$ROOM"
	gives '' 'info commands send'
	tk 'winfo interps'
	[[ $REPLY != *chat-window* ]]
}

@test "menu entry, description and icon are valid" {
	cd "$ROOT/chat/window"
	desktop-file-validate chat-window.desktop
	run appstreamcli validate --no-net ./*.metainfo.xml
	[[ $output == *Validation\ * ]]
	# Newer versions miss a page on the web, and there is none.
	[ -z "$(grep '^[EW]: ' <<<"$output" | grep -v url-homepage-missing)" ]
	rsvg-convert -w 64 -h 64 -o "$T/icon.png" chat-window.svg
	[ -s "$T/icon.png" ]
	grep -q '^StartupWMClass=Chat-window$' chat-window.desktop
}

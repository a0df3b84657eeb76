# Attacks on the terminals of those who are in a room that keeps to the rules:
# what its lines can have in them still, and what they can look like. What a
# room does that doesn't is in terminal.bats and hostile.bats.
load helpers.bash
load tmux.bash

setup() {
	# All that there is to imitate.
	LOOKS=
	start_chatd
}

teardown() {
	close_term
}

# Direction left open, what is invisible, a private character, a noncharacter,
# tags, line separators, letters and marks that are empty, and as many marks as
# there can be.
NASTY=$'eve: \u202eabc \u2067\u061c\u200f|\u200b\u00ad\ufeff|\U000e0041\u2028!'
NASTY+=$'\u3164\u034f'
NASTY_SHOWN='eve: <U+202E>abc <U+2067><U+061C><U+200F>|<U+200B><U+00AD><U+FEFF>|'
NASTY_SHOWN+='<U+E0041><U+2028>!<U+3164><U+034F>'
MARKS=$(printf 'eve: z'; printf '\u0301%.0s' {1..500})
MARKS_SHOWN=$(printf 'eve: z'; printf '\u0301%.0s' {1..8})

# Blanks up to the end of a row of 60 columns, and then what is to stand at the
# beginning of the next one.
FAR=$(printf 'eve: hm%60s' '')
FAR_SHOWN='eve: hm'

@test "chat: what could drive it or turn it round, from history and live" {
	say "$NASTY" 'bob: one' "$MARKS"
	open_chat 120 10 -n alice "$ROOM"
	until_screen "$NASTY_SHOWN" 'bob: one' "$MARKS_SHOWN" '>'
	say "$NASTY" "$MARKS" 'bob: two'
	until_screen "$NASTY_SHOWN" 'bob: one' "$MARKS_SHOWN" \
	    "$NASTY_SHOWN" "$MARKS_SHOWN" 'bob: two' '>'
	# A person's own paste is drawn like that, too.
	paste $'\u202eabc'
	until_ok screen_ends '> <U+202E>abc'
}

@test "chat-recv: the same" {
	say "$NASTY" 'bob: one'
	open_term 120 10 chat-recv -l 2 "$ROOM"
	until_screen "$NASTY_SHOWN" 'bob: one'
	say "$NASTY" 'bob: two'
	until_screen "$NASTY_SHOWN" 'bob: one' "$NASTY_SHOWN" 'bob: two'
}

@test "chat: names that turn the text round, completed and listed" {
	open_chat 60 12 -l 0 -n alice "$ROOM"
	until_ok is_connected
	say $'b\u202eob: hi' 'bea: hi' 'eve: hi'
	until_screen $'b<U+202E>ob: hi' 'bea: hi' 'eve: hi' '>'
	type b
	press Tab
	press Tab
	until_ok screen_has '-- bea b<U+202E>ob'
	press C-u
	paste $'b\u202e'
	press Tab
	until_ok screen_ends '> b<U+202E>ob:'
	term capture-pane -p -S -1000 >"$T/screen"
	run ! grep $'\u202e' "$T/screen"
}

@test "chat: no message looks like a notice, or like somebody else's" {
	open_chat 60 20 -l 0 -n alice "$ROOM"
	until_ok is_connected
	say '-- bob is here' $'\u2014 eve has gone' '    root: so do I' \
	    "chat: $ROOM: no" "${FAR}root: yes, deploy" '~ alice: hi'
	until_screen '| -- bob is here' $'| \u2014 eve has gone' \
	    '|     root: so do I' "| chat: $ROOM: no" \
	    "$FAR_SHOWN" '    root: yes, deploy' '| ~ alice: hi' '>'
	run -1 is_faint '| -- bob is here'
	stop "$CHATD"
	until_ok screen_ends '-- the room is closing, retrying' '>'
	is_faint '-- the room is closing, retrying'
}

@test "chat: the same where nothing is faint" {
	TERM_IS=vt100 open_chat 60 20 -l 0 -n alice "$ROOM"
	until_ok is_connected
	say '-- bob is here' "${FAR}root: yes, deploy"
	until_screen '| -- bob is here' "$FAR_SHOWN" '    root: yes, deploy' '>'
	stop "$CHATD"
	until_ok screen_ends '-- the room is closing, retrying' '>'
	[ "$(faint_rows)" = "" ]
}

@test "chat-recv: no row looks like somebody else's, or like a notice" {
	say "${FAR}root: yes, deploy" '    root: so do I' '-- eve has left' \
	    "chat-recv: $ROOM: 3 lines lost" $'\u2014 done'
	open_term 60 12 chat-recv -l 5 "$ROOM"
	until_screen "$FAR_SHOWN" '    root: yes, deploy' '|     root: so do I' \
	    '| -- eve has left' "| chat-recv: $ROOM: 3 lines lost" \
	    $'| \u2014 done'
	# As wide as the screen is now.
	resize 20 12
	term clear-history
	say 'bob: to be or not to be'
	until_ok screen_ends 'bob: to be or not to' '    be'
	# What isn't for a terminal is what was said.
	[ "$(chat-recv -l 6 -c 2 "$ROOM")" = \
	    "$(printf '%s\n' "${FAR}root: yes, deploy" '    root: so do I')" ]
}

@test "chat-recv -t: the time comes before all of it" {
	say "${FAR}root: yes" '-- eve has left'
	open_term 60 12 chat-recv -t -l 2 "$ROOM"
	until_ok stamped
}
stamped() {
	[ "$(screen | sed 's/^20..-..-..T..:..:..+0000 /STAMP /')" = \
	    $'STAMP eve: hm\n    root: yes\nSTAMP -- eve has left' ]
}

@test "chat in a pipe, writing to a terminal: the same" {
	open_term 60 12 sh -c 'sleep 1000 | chat "$@"' chat -l 5 "$ROOM"
	say "${FAR}root: yes" "chat: $ROOM: connected"
	until_screen "$FAR_SHOWN" '    root: yes' "| chat: $ROOM: connected"
}

@test "chatd -v: a message that wraps isn't taken for another event" {
	stop "$CHATD"
	open_term 60 12 chatd -v "$T/room"
	ROOM=$T/room
	until_ok listens_at "$ROOM"
	say "${FAR}chatd: closing"
	until_ok screen_has '    chatd: closing'
	run -1 screen_has 'chatd: closing'
}

# Attacks on the terminals of those who are in a room that keeps to the rules:
# what its lines can have in them still, and what they can look like. What a
# room does that doesn't is in terminal.bats and hostile.bats.
load helpers.bash
load tmux.bash

setup() {
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
	say $'b\u202eob: hi' 'bea: hi' 'eve: hi'
	until_screen $'b<U+202E>ob: hi' 'bea: hi' 'eve: hi' '>'
	type b
	press Tab
	press Tab
	until_ok screen_has '-- bea b<U+202E>ob'
	press C-u
	paste $'b\u202e'
	press Tab
	until_ok screen_ends '> b<U+202E>ob'
	term capture-pane -p -S -1000 >"$T/screen"
	run ! grep $'\u202e' "$T/screen"
}

@test "chat: a message shaped like a notice isn't shown like one" {
	open_chat 60 12 -l 0 -n alice "$ROOM"
	say '-- bob is here' '-- connection lost, retrying' '-- eve has gone'
	until_screen '-- bob is here' '-- connection lost, retrying' \
	    '-- eve has gone' '>'
	stop "$CHATD"
	until_ok screen_ends '-- connection lost, retrying' '>'
	term capture-pane -e -p >"$T/coloured"
	cat -v "$T/coloured"
	grep -qx -e '-- bob is here' "$T/coloured"
	grep -qx -e '-- connection lost, retrying' "$T/coloured"
	# A real one is dim, as nobody's message can be.
	grep -q $'^\e\\[2m-- connection lost, retrying' "$T/coloured"
	[ "$(grep -c $'\e\\[2m' "$T/coloured")" -eq 1 ]
}

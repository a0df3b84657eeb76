# Clients whose handshake is unfinished, or never begins
load helpers.bash
load wire.bash
load attack.bash
load keys.bash

setup() {
	make_key alice
	make_key bob
}
teardown() {
	cleanup
}

@test "other protocols get one line that can be read" {
	start_chatd -k "$T/keys"
	[ "$(printf 'GET / HTTP/1.1\r\n\r\n' | talk)" = \
	    '^Abye a key is needed here' ]
}

@test "who says nothing is told so, too, after five seconds" {
	start_chatd -v -k "$T/keys"
	dial
	hears "$FD" '^Abye a key is needed here'
	hears_end "$FD"
}

@test "unfinished handshakes: the oldest makes place" {
	start_chatd -v -k "$T/keys"
	start_recv "$T/copy" -k "$T/bob"
	until_ok has_logged 'joined as bob'
	dial; local first=$FD
	untraced dial_often 256
	# Nothing is said to it, unlike to one that takes too long.
	hears_end "$first"
	echo hello | chat-send -k "$T/alice" "$ROOM"
	until_ok has_line "$T/copy" hello
}

@test "unfinished handshakes: so many from one address" {
	start_chatd -v -k "$T/keys" -a 64
	local i
	for ((i = 0; i < 16; i++)); do
		dial
	done
	dial
	hears "$FD" '^Abye too many unfinished handshakes from your address'
}

# Rooms with keys: who is let in, what each side says, and HUP
load helpers.bash
load wire.bash
load fakeroom.bash
load keys.bash
load nodes.bash

NEEDED='the room closed the connection: a key is needed here; give one with -k'
REJECTED='key rejected: the room does not know this name with this key'

setup() {
	make_key alice
	make_key bob
}
teardown() {
	cleanup
}

# fails COMMAND...: it ends with status 2 and that reason; see $REASON.
fails() {
	run -2 --separate-stderr timeout 20 "$@" </dev/null
	[ "$output" = "" ]
	REASON=${stderr#*: "$ROOM": }
	REASON=${REASON%: 0 lines acknowledged*}
}

@test "who has a key is in, and what is said is said" {
	start_keyed
	echo hello | chat-send -k "$T/alice" "$ROOM"
	until_ok has_line "$T/copy" hello
	has_logged 'joined as alice'
	echo 'hello again' | CHAT_KEY=$T/alice timeout 20 chat "$ROOM"
	until_ok has_line "$T/copy" 'hello again'
}

@test "nothing that is said can be read on the way" {
	start_keyed
	start socat -d -d -t 60 -r "$T/up" -R "$T/down" \
	    TCP-LISTEN:0,bind=127.0.0.1 "TCP:$ROOM" 2>"$T/socat"
	until_ok matches "$T/socat" 'listening on AF=2 (.*)'
	local way=${BASH_REMATCH[1]}
	echo 'a secret' | timeout 20 chat -k "$T/alice" "$way"
	until_ok has_line "$T/copy" 'a secret'
	[ -s "$T/up" ]
	run ! grep -aqe secret -e chat -e "$(hex alice)" "$T/up" "$T/down"
}

@test "a large file is copied byte for byte" {
	start_keyed
	seq 300000 >"$T/in"
	chat-send -k "$T/alice" "$ROOM" <"$T/in"
	until_ok has_lines "$T/copy" 300000
	cmp "$T/in" "$T/copy"
	chat-recv -k "$T/alice" -l 300000 -c 300000 "$ROOM" | cmp "$T/in" -
}

@test "a wrong key and an unknown name: one line, the same for both" {
	start_keyed
	make_key mallory
	printf 'alice:%s\n' "$(hex mallory)" >"$T/mallory2"
	chmod 600 "$T/mallory2"
	local program
	for program in chat chat-send chat-recv; do
		fails "$program" -k "$T/mallory" "$ROOM"
		[ "$stderr" = "$program: $ROOM: $REJECTED" ]
		fails "$program" -k "$T/mallory2" "$ROOM"
		[ "$stderr" = "$program: $ROOM: $REJECTED" ]
		# It won't get better.
		fails "$program" -r -k "$T/mallory" "$ROOM"
		[ "$REASON" = "$REJECTED" ]
	done
	has_logged 'key rejected: mallory'
	has_logged 'key rejected: alice'
}

@test "no key where one is needed" {
	start_keyed
	local program
	for program in chat chat-send chat-recv; do
		fails "$program" "$ROOM"
		[ "$REASON" = "$NEEDED" ]
		CHAT_KEY='' fails "$program" -r "$ROOM"
		[ "$REASON" = "$NEEDED" ]
	done
	has_logged 'turned away: a key is needed here'
}

# wants_key: a room that has keys, and says so when the test lets it.
wants_key() {
	hear 1
	printf '%s\n' "${heard[0]}" >"$T/role"
	until [ -e "$T/go" ]; do pause 0.02; done
	ctl bye a key is needed here
	hear_end
}
@test "a forgotten key: no text is said before the room's answer" {
	local command client
	printf 'a secret\nand another\n' >"$T/in"
	for command in chat-send 'chat-send -r' 'chat-send -s' \
	    'chat-send -n anna' 'chat-send -rs' chat 'chat -r' 'chat -n anna' \
	    'chat -l 5 -t'; do
		echo "$command"
		rm -f "$T/role" "$T/go"
		fake_room wants_key
		# shellcheck disable=SC2086
		start_from "$T/in" $command "$ROOM" 2>"$T/err"
		client=$PID
		until_ok [ -s "$T/role" ]
		until_ok has_read "$client" "$T/in"
		: >"$T/go"
		ended "$client"
		[ "$STATUS" -eq 2 ]
		fake_over
		[ ! -s "$T/heard" ]
		run ! grep -e secret -e anna "$T/role"
		tail -n 1 "$T/err" | grep -q 'a key is needed here'
		run ! grep -E '[1-9][0-9]* (lines? )?in doubt' "$T/err"
	done
}

@test "a key where there are none" {
	start_chatd
	local program
	for program in chat chat-send chat-recv; do
		fails "$program" -k "$T/alice" "$ROOM"
		[ "$stderr" = "$program: $ROOM: the room closed the \
connection: this room has no keys; connect without -k and CHAT_KEY" ]
		fails "$program" -r -k "$T/alice" "$ROOM"
		[ "$REASON" = "the room closed the connection: this room \
has no keys; connect without -k and CHAT_KEY" ]
	done
	has_logged 'turned away: this room has no keys'
	echo still here | chat-send "$ROOM"
}

greets() {
	echo 'SSH-2.0-OpenSSH_9.2'
	hear_end
}
@test "a key where something else is" {
	fake_tcp_room greets
	fails chat -k "$T/alice" "$ROOM"
	[ "$REASON" = 'the room has no keys, or is not a chat room: it answers in plain text' ]
}

says_nothing() {
	hold
}
@test "a key where nobody answers" {
	fake_tcp_room says_nothing
	fails chat-recv -k "$T/alice" "$ROOM"
	[ "$REASON" = 'no handshake within 5 seconds: the room has no keys, or is not a chat room' ]
}

says_full() {
	ctl bye full
	hear_end
}
@test "a room that is full says so before any key" {
	fake_tcp_room says_full
	fails chat-recv -k "$T/alice" "$ROOM"
	[ "$REASON" = 'the room closed the connection: full' ]
}

@test "Unix sockets need no key, and clients show none there" {
	start_chatd_at -k "$T/keys" "$T/room"
	start_recv "$T/copy"
	echo hello | chat-send -k "$T/nothing" "$ROOM"
	until_ok has_line "$T/copy" hello
}

@test "a key only for sending, one only for listening" {
	make_key sensor send
	make_key display recv
	start_keyed
	echo 21.5 | chat-send -k "$T/sensor" "$ROOM"
	until_ok has_line "$T/copy" 21.5
	fails chat-recv -k "$T/sensor" "$ROOM"
	[ "$REASON" = 'the room closed the connection: your key is only for sending; chat-send can use it' ]
	grep -qx 'chatd: 127.*: disconnected: your key is only for sending' "$T/log"
	fails chat -r -k "$T/sensor" "$ROOM"
	[ "$REASON" = 'the room closed the connection: your key is only for sending; chat-send can use it' ]
	[ "$(chat-recv -k "$T/display" -l 1 -c 1 "$ROOM")" = 21.5 ]
	fails chat-send -k "$T/display" "$ROOM"
	[ "$REASON" = 'the room closed the connection: your key is only for listening; chat-recv can use it' ]
}

@test "HUP: who is gone or changed has to leave, the others notice nothing" {
	make_key carol
	start_keyed
	start chat-recv -l 99 -k "$T/carol" "$ROOM" 2>"$T/carol.err" >"$T/c"
	local carol=$PID
	until_ok has_logged 'joined as carol'
	start chat-recv -l 99 -k "$T/alice" "$ROOM" 2>"$T/alice.err" >"$T/a"
	local alice=$PID
	until_ok has_logged 'joined as alice'
	make_key dave
	{ cat "$T/bob" "$T/dave"; echo "alice:$(hex dave)"; } >"$T/keys"
	kill -HUP "$CHATD"
	ended "$carol"
	[ "$STATUS" -eq 2 ]
	[ "$(cat "$T/carol.err")" = "chat-recv: $ROOM: the room closed the \
connection: your key is not valid any more; the room's owner can give you another" ]
	ended "$alice"
	[ "$STATUS" -eq 2 ]
	has_logged "$T/keys: read again, 3 keys, 2 clients disconnected"
	fails chat-recv -k "$T/carol" "$ROOM"
	[ "$REASON" = "$REJECTED" ]
	echo 'hello from dave' | chat-send -k "$T/dave" "$ROOM"
	until_ok has_line "$T/copy" 'hello from dave'
}

# meets TEXT: a client that comes back meets somebody else, who says that to it
# and hears what it says.
meets() {
	# shellcheck disable=SC2059 # it is a format
	printf "$1" >"$T/says"
	start socat -d -d -t 5 TCP-LISTEN:"$PORT",bind=127.0.0.1,reuseaddr \
	    "OPEN:$T/says,rdonly!!OPEN:$T/none,wronly,creat" 2>"$T/else.log"
	local else=$PID
	until_ok matches "$T/else.log" 'starting data transfer'
	ended "$else"
}

@test "-r: a refusal by somebody else ends nothing" {
	start_chatd -v -k "$T/keys" -s "$T/store"
	start_recv "$T/copy" -r -k "$T/bob"
	local recv=$PID
	until_ok has_logged 'joined as bob'
	echo one | chat-send -k "$T/alice" "$ROOM"
	until_ok has_line "$T/copy" one
	stop "$CHATD"
	meets '\025\003\003\000\002\002\057'
	meets '\001bye a key is needed here\n'
	meets 'HTTP/1.1 400 Bad Request\r\n'
	start_chatd_at -v -k "$T/keys" -s "$T/store" "127.0.0.1:$PORT"
	echo two | chat-send -k "$T/alice" "$ROOM"
	until_ok has_line "$T/copy" two
	kill -0 "$recv"
	# The room itself has proven to be that.
	grep alice "$T/keys" >"$T/fewer"
	cat "$T/fewer" >"$T/keys"
	kill -HUP "$CHATD"
	ended "$recv"
	[ "$STATUS" -eq 2 ]
	[ "$(tail -n 1 "$T/copy.err")" = "chat-recv: $ROOM: the room closed \
the connection: your key is not valid any more; the room's owner can give you another" ]
	printf '%s\n' one two | cmp - "$T/copy"
}

@test "HUP: a bad file changes nothing" {
	start_keyed
	cp "$T/keys" "$T/good"
	echo 'carol:00' >>"$T/keys"
	kill -HUP "$CHATD"
	until_ok has_logged \
	    "$T/keys:3: the key has fewer than 32 bytes, keeping the old keys"
	rm "$T/keys"
	kill -HUP "$CHATD"
	until_ok has_logged \
	    "$T/keys: No such file or directory, keeping the old keys"
	echo hello | chat-send -k "$T/alice" "$ROOM"
	until_ok has_line "$T/copy" hello
}

@test "HUP: a client that stalls doesn't stay" {
	start_keyed
	chat-recv -l 0 -k "$T/alice" "$ROOM" >"$T/out" 3>&- &
	STARTED+=("$!")
	local alice=$!
	until_ok has_logged 'joined as alice'
	kill -STOP "$alice"
	seq 300000 | chat-send -k "$T/bob" "$ROOM"
	cp "$T/bob" "$T/keys"
	kill -HUP "$CHATD"
	until_ok counted clients 1
	kill -CONT "$alice"
}

@test "a client's file of keys: what can be wrong with it" {
	ROOM=localhost:1
	run -2 chat -k "$T/nothing" "$ROOM"
	[ "$output" = "chat: $T/nothing: No such file or directory" ]
	run -2 chat-send -k "$T/keys" "$ROOM"
	[ "$output" = "chat-send: $T/keys: it has more than one key" ]
	chmod 640 "$T/alice"
	run -2 chat-recv -k "$T/alice" "$ROOM"
	[ "$output" = "chat-recv: $T/alice: others than its owner can use it; \
run chmod 600" ]
	: >"$T/empty"
	chmod 600 "$T/empty"
	CHAT_KEY=$T/empty run -2 chat "$ROOM"
	[ "$output" = "chat: $T/empty: it has no key" ]
	run -2 chat -k "$T" "$ROOM"
	[ "$output" = "chat: $T: not a regular file" ]
}

@test "a room's file of keys: what can be wrong with it" {
	run -2 chatd -k "$T/nothing" 127.0.0.1:0
	[ "$output" = "chatd: $T/nothing: No such file or directory" ]
	echo 'alice' >>"$T/keys"
	run -2 chatd -k "$T/keys" "$T/room"
	[ "$output" = "chatd: $T/keys:3: not of the form name:key" ]
	[ ! -e "$T/room" ]
	chmod 604 "$T/keys"
	run -2 chatd -k "$T/keys" 127.0.0.1:0
	[ "$output" = "chatd: $T/keys: others than its owner can use it; run \
chmod 600" ]
}

@test "a key is neither in ps nor in a log" {
	start_keyed
	start chat-recv -k "$T/alice" "$ROOM" >/dev/null
	until_ok has_logged 'joined as alice'
	run ! grep -aqF -e "$(hex alice)" "/proc/$CHATD/cmdline" \
	    "/proc/$PID/cmdline" "$T/log"
	printf 'alice:%sx\n' "$(hex alice)" >"$T/alice"
	run -2 chat -k "$T/alice" "$ROOM"
	[[ $output != *"$(hex bob)"* && $output == *"$T/alice:1: the key can \
only have hexadecimal digits" ]]
}

@test "several addresses: the key is proven at each of them" {
	start_chatd_at -v -k "$T/keys" 127.0.0.1:0 "$T/room"
	start_node a 127.0.0.1:0
	local a=$NODE a_at=$NODE_AT
	start_node b 127.0.0.1:0
	chat-send -m zero "$T/room"
	start chat-recv -r -l 1 -k "$T/alice" "$a_at,$NODE_AT,$T/room" \
	    >"$T/got" 2>"$T/err"
	local recv=$PID
	until_ok has_line "$T/got" zero
	stop "$a"
	until_ok matches "$T/err" "$NODE_AT: connected"
	count_is 2 'joined as alice'
	# The socket needs none.
	stop "$NODE"
	until_ok matches "$T/err" "$T/room: connected"
	chat-send -m one "$T/room"
	until_ok has_line "$T/got" one
	stop "$recv"
	make_key mallory
	printf 'alice:%s\n' "$(hex mallory)" >"$T/wrong"
	chmod 600 "$T/wrong"
	run -2 --separate-stderr timeout 20 chat-send -k "$T/wrong" -m two \
	    "$T/none,$ROOM,$T/room"
	[ "$stderr" = "chat-send: $ROOM: $REJECTED" ]
}
count_is() {
	count "$T/log" "$2"
	[ "$COUNT" -eq "$1" ]
}

@test "with -r over a restart of a room with keys and a store" {
	start_chatd -k "$T/keys" -s "$T/store"
	start chat-recv -r -l 1000000 -k "$T/bob" "$ROOM" >"$T/copy" 2>"$T/err"
	seq 1000 >"$T/lines"
	start_fed command chat-send -r -k "$T/alice" "$ROOM"
	local sender=$PID
	cat "$T/lines" >&4
	until_ok has_lines "$T/copy" 1000
	kill -KILL "$CHATD"
	wait "$CHATD" || true
	start chatd -k "$T/keys" -s "$T/store" "$ROOM" 2>"$T/log" 4>&-
	CHATD=$PID
	cat "$T/lines" >&4
	exec 4>&-
	ended "$sender"
	[ "$STATUS" -eq 0 ]
	until_ok has_lines "$T/copy" 2000
	cat "$T/lines" "$T/lines" | cmp - "$T/copy"
}

@test "-r: an upgrade forgets no session, however few are kept" {
	start_chatd -r 1 -k "$T/keys"
	start_recv "$T/copy" -k "$T/bob"
	local i senders=()
	for i in 1 2 3; do
		mkfifo "$T/in$i"
		exec {FD}<>"$T/in$i"
		command chat-send -r -k "$T/alice" "$ROOM" <"$T/in$i" \
		    2>"$T/err$i" {FD}>&- 3>&- &
		senders+=("$!")
		STARTED+=("$!")
		echo "before $i" >&"$FD"
		exec {FD}>"$T/in$i"
	done
	until_ok has_lines "$T/copy" 3
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" '^chatd: upgraded'
	for i in 1 2 3; do
		until_ok matches "$T/err$i" ': connected$'
	done
	run ! grep forgotten "$T"/err?
}

@test "a reader that is too slow is told how many lines it lost" {
	start_chatd -k "$T/keys" -m 64K -p 0.1
	# It has given its role when it hears something, not when it has joined.
	echo first | chat-send -k "$T/alice" "$ROOM"
	start chat-recv -l 1 -k "$T/bob" "$ROOM" >"$T/out" 2>"$T/err"
	local slow=$PID lost
	until_ok has_line "$T/out" first
	kill -STOP "$slow"
	seq -f '%0100.0f' 100000 | chat-send -k "$T/alice" "$ROOM"
	kill -CONT "$slow"
	echo end | chat-send -k "$T/alice" "$ROOM"
	until_ok has_line "$T/out" end
	lost=$(sed -n 's/^chat-recv: \(.*\) lines\{0,1\} lost$/\1/p' "$T/err" | paste -sd +)
	[ $((lost)) -gt 0 ]
	echo "lost: $lost; heard: $(wc -l <"$T/out")"
	[ $(($(wc -l <"$T/out") - 2 + lost)) -eq 100000 ]
}

# A file in the library's place that is none. Who is linked with it, by LAZY=0,
# isn't asked.
@test "without OpenSSL who has a key is told, and the others don't need it" {
	local why='keys and certificates need OpenSSL, which cannot be loaded: '
	why+='.*libssl.so'
	start_chatd
	mkdir "$T/lib"
	: >"$T/lib/libssl.so.3"
	grep -q 'cannot be loaded' "$(command -v chat-send)" || return 0
	export LD_LIBRARY_PATH=$T/lib
	run -2 --separate-stderr timeout 20 chat-send -k "$T/alice" "$ROOM"
	[[ $stderr =~ ^"chat-send: $T/alice: "$why ]]
	run -2 --separate-stderr timeout 20 chatd -k "$T/keys" 127.0.0.1:0
	[[ $stderr =~ chatd:\ .*$why ]]
	chat-send -m hello "$ROOM"
	[ "$(timeout 20 chat-recv -l 1 -c 1 "$ROOM")" = hello ]
}

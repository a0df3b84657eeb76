# Attacks on rooms with keys and names, and on those who have a key; the list is
# in attack.bats.
# shellcheck disable=SC2317 # it is called, by a fake room
load helpers.bash
load fakeroom.bash
load wire.bash
load keys.bash
load attack.bash

setup() {
	make_key alice
	make_key bob
}
teardown() {
	cleanup
}

# start_target: the same room, whose port fake rooms can find in a file.
start_target() {
	start_keyed
	room_pid
	echo "$PORT" >"$T/port"
}

# hears_alice LINE...: alice gets in and says something, after all that was in
# the room before.
hears_alice() {
	echo 'alice is in' | chat-send -k "$T/alice" "$ROOM"
	until_ok has_line "$T/copy" 'alice is in'
	printf '%s\n' "$@" 'alice is in' | cmp - "$T/copy"
}

@test "half-open handshakes by the thousand: who has a key gets in" {
	local before
	start_target
	before=$(descriptors)
	start_crowd 3000
	until_ok is_complete
	hears_alice
	stop "$CROWD"
	until_ok counted clients 1
	until_ok has_descriptors "$before"
}

@test "a room that is full of those who have no key" {
	local i
	start_chatd -v -k "$T/keys" -c 3
	for i in {1..20}; do
		dial
		echo 'alice is in' | chat-send -k "$T/alice" "$ROOM"
	done
	counted clients 0
	start_recv "$T/copy" -k "$T/bob"
	until_ok has_lines "$T/copy" 20
	start_recv "$T/copy2" -k "$T/bob"
	start_recv "$T/copy3" -k "$T/bob"
	until_ok has_lines "$T/copy2" 20
	until_ok has_lines "$T/copy3" 20
	# Now it is full of those who have one.
	run -2 chat-send -k "$T/alice" "$ROOM" <<<'no place'
	[[ $output == *': full'* ]]
}

@test "an address makes place for its own, before others do" {
	local before i
	start_chatd -v -k "$T/keys" -c 3
	room_pid
	before=$(descriptors)
	start socat -u TCP:"$ROOM",bind=127.0.0.2 OPEN:"$T/far",creat
	local far=$PID
	until_ok has_descriptors $((before + 1))
	for i in {1..20}; do
		dial
	done
	echo 'alice is in' | chat-send -k "$T/alice" "$ROOM"
	kill -0 "$far"
	[ ! -s "$T/far" ]
	run ! grep '127.0.0.2:.*: no handshake' "$T/log"
	# Nor over an upgrade, which knows again whose handshake is unfinished.
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" 'upgraded: 0 clients'
	counted clients 0
	dial
	echo 'alice is in' | chat-send -k "$T/alice" "$ROOM"
}

@test "handshakes begun by the thousand: they cost what chatd.8 says, and go" {
	local before first
	start_target
	before=$(descriptors)
	first=$(resident)
	# A record that is said to be long, and doesn't come.
	start_crowd 1000 $'\026\003\001\001\001\001'
	until_ok matches "$T/log" \
	    '^chatd: 127.*: evicted before its handshake was over$'
	until_ok is_complete
	hears_alice
	[ $(($(resident) - first)) -lt $((256 * 80 + 4096)) ]
	# They are still there on their side, but not on ours.
	until_ok has_descriptors "$before"
	kill -0 "$CROWD"
}

# slowly: a way to the room at $ROOM that passes single bytes on, at $SLOW.
slowly() {
	start socat -d -d -t 60 -b 1 \
	    TCP-LISTEN:0,bind=127.0.0.1,nodelay,fork TCP:"$ROOM",nodelay \
	    2>"$T/slow.log"
	until_ok matches "$T/slow.log" 'listening on AF=2 (.*)'
	SLOW=${BASH_REMATCH[1]}
}

@test "handshakes one byte at a time, by many" {
	local i pids=()
	start_target
	slowly
	for i in {1..10}; do
		echo "slow $i" >"$T/in$i"
		chat-send -k "$T/alice" "$SLOW" <"$T/in$i" 3>&- &
		pids+=("$!")
	done
	STARTED+=("${pids[@]}")
	for i in "${pids[@]}"; do
		ends "$i"
	done
	until_ok has_lines "$T/copy" 10
}

@test "HTTP: a browser gets one line, and nothing it says is said" {
	start_target
	run talk < <(printf 'POST / HTTP/1.1\r\n\r\nevil\n\001send\nevil\n')
	[ "$output" = '^Abye a key is needed here' ]
	hears_alice
}

# through FUNCTION: a way to the room that fake_tcp_room makes, at $WAY; the
# room's address stays $ROOM. The function finds the room with to_room.
through() {
	local room=$ROOM
	fake_tcp_room "$1"
	WAY=$ROOM ROOM=$room
}

# recorded COMMAND...: run it with -k and what follows through a way that keeps
# what it says in $T/said, and what it is answered in $T/answer, all of it when
# this returns.
recorded() {
	fake() {
		exec 4<>"/dev/tcp/127.0.0.1/$(cat "$T/port")" 5<&0
		tee "$T/said" <&5 >&4 &
		tee "$T/answer" <&4
		wait
	}
	local status=0
	through fake
	timeout 20 "$@" "$WAY" || status=$?
	fake_over
	return "$status"
}

@test "a handshake that is cut anywhere" {
	local size i n=0
	start_target
	echo hello | recorded chat-send -k "$T/alice"
	until_ok has_line "$T/copy" hello
	# Its ClientHello is the first record.
	size=$((16#$(head -c 5 "$T/said" | tail -c 2 | od -An -tx1 |
	    tr -d ' ')))
	[ "$size" -gt 100 ]
	for ((i = 1; i < size + 5; i += 9)); do
		dial
		head -c "$i" "$T/said" >&"$FD"
		hang_up "$FD"
		n=$((n + 1))
	done
	until_ok was_cut "$n"
	hears_alice hello
	until_ok counted clients 1
}
was_cut() {
	[ "$(grep -c 'cut during the handshake' "$T/log")" -eq "$1" ]
}

@test "a handshake that is said again is refused, and so is what follows" {
	start_target
	echo 'pay 100' | recorded chat-send -k "$T/alice"
	until_ok has_line "$T/copy" 'pay 100'
	[ "$(grep -c 'joined as alice' "$T/log")" -eq 1 ]
	dial
	cat "$T/said" >&"$FD"
	timeout 20 cat <&"$FD" >"$T/none" || true
	[ "$(grep -c 'joined as alice' "$T/log")" -eq 1 ]
	hears_alice 'pay 100'
	run ! grep -a 'pay 100' "$T/said"
}

@test "a wrong key and an unknown name are the same on the wire" {
	start_target
	make_key mallory
	printf 'alice:%s\n' "$(hex mallory)" >"$T/wrong"
	chmod 600 "$T/wrong"
	run -2 recorded chat-recv -k "$T/mallory"
	mv "$T/answer" "$T/unknown"
	run -2 recorded chat-recv -k "$T/wrong"
	# An alert, fatal: illegal parameter, which newer ones call a decrypt
	# error.
	[[ $(od -An -tx1 "$T/unknown") =~ ^' 15 03 03 00 02 02 '(2f|33)$ ]]
	cmp "$T/unknown" "$T/answer"
}

# start_stranger KEY: openssl with that key in the room; what it says comes from
# $TO, its pid is $STRANGER.
start_stranger() {
	mkfifo "$T/to"
	exec {TO}<>"$T/to"
	start_from "$T/to" openssl s_client -connect "$ROOM" -tls1_3 \
	    -psk_identity "$1" -psk "$(hex "$1")" -quiet -no_ign_eof \
	    >"$T/heard" 2>"$T/heard.err"
	STRANGER=$PID
	until_ok has_logged "joined as $1"
}

# in_session KEY ANSWER LINE...: somebody with that key says these lines in
# session a, and is told that at last.
in_session() {
	start_stranger "$1"
	say "$TO" '%s\n' $'\001send session=a' "${@:3}"
	until_ok is_told $'\001'"$2"
	stop "$STRANGER"
	hang_up "$TO"
	rm "$T/to"
}
is_told() {
	[ "$(tail -n 1 "$T/heard")" = "$1" ]
}

@test "a token somebody else has learned is worth nothing to them" {
	start_chatd -v -s "$T/store" -k "$T/keys"
	in_session alice 'ok 2' one two
	in_session bob 'ok 0 new'
	in_session bob 'ok 1' three
	in_session alice 'ok 2'
	# Also after an upgrade, and after a restart.
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" upgraded:
	in_session bob 'ok 1'
	in_session alice 'ok 3' four
	stop "$CHATD"
	start_chatd -v -s "$T/store" -k "$T/keys"
	in_session alice 'ok 3'
	in_session bob 'ok 1'
}

@test "cut without a word: half a line isn't taken" {
	start_target
	start_stranger alice
	say "$TO" 'whole\nhalf'
	until_ok has_line "$T/copy" whole
	stop "$STRANGER" KILL
	until_ok counted clients 1
	hears_alice whole
	# With an end that is one, it is a line.
	printf 'whole\nhalf' | timeout 20 openssl s_client -connect "$ROOM" \
	    -tls1_3 -psk_identity alice -psk "$(hex alice)" -quiet -no_ign_eof
	until_ok has_line "$T/copy" half
}

@test "cut without a word: a reader is told, and shown no half line" {
	start_s_server
	start chat-recv -k "$T/alice" "$ROOM" >"$T/out" 2>"$T/err"
	local recv=$PID
	until_ok grep -aq $'\001recv' "$T/server"
	say "$SERVER" '\001at 1\nwhole\nhalf'
	until_ok has_line "$T/out" whole
	stop "$S_SERVER" KILL
	ended "$recv"
	[ "$STATUS" -eq 2 ]
	[ "$(cat "$T/out")" = whole ]
	cat "$T/err"
	has_lines "$T/err" 1
	grep -q "^chat-recv: $ROOM: " "$T/err"
}

# start_s_server [FILE]: a room of a stranger's with alice's key, at $ROOM, that
# says what is in the file, or what is written to $SERVER.
start_s_server() {
	rm -f "$T/server.in"
	mkfifo "$T/server.in"
	exec {SERVER}<>"$T/server.in"
	start_from "$T/server.in" openssl s_server -accept 127.0.0.1:0 \
	    -tls1_3 -nocert -psk_identity alice -psk "$(hex alice)" \
	    >"$T/server" 2>"$T/server.err"
	S_SERVER=$PID
	until_ok matches "$T/server" '^ACCEPT'
	ROOM=$(sed -n 's/^ACCEPT //p' "$T/server" | head -n 1)
	[ $# -eq 0 ] || start cp "$1" "$T/server.in"
}

@test "who has the key, and doesn't answer, is told no text" {
	local command client
	echo 'a secret' >"$T/in"
	for command in chat-send 'chat -r'; do
		start_s_server
		# shellcheck disable=SC2086 # they are words
		start_from "$T/in" $command -k "$T/alice" "$ROOM"
		client=$PID
		until_ok grep -aq $'\001[sc][eh]' "$T/server"
		until_ok has_read "$client" "$T/in"
		run -1 grep -a secret "$T/server"
		say "$SERVER" '\001ok 0 new\n'
		until_ok grep -aqx 'a secret' "$T/server"
		kill -KILL "$S_SERVER" "$client"
		hang_up "$SERVER"
	done
}

# all_end FILE PATTERN: each client ends with status 2 and that as its last
# line in a room that says what is in the file; what each writes is in $T/out.
all_end() {
	local client status in
	# There's more to come, for s_server ends with the first one to end.
	mkfifo "$T/in"
	exec {in}<>"$T/in"
	for client in chat-send chat-recv chat; do
		start_s_server "$1"
		say "$in" 'one\ntwo\n'
		status=0
		timeout 60 "$client" -k "$T/alice" "$ROOM" <&"$in" \
		    >"$T/out.$client" 2>"$T/err" || status=$?
		head -c 1000 "$T/err" | cat -v
		[ "$status" -eq 2 ]
		[ "$(LC_ALL=C tr -d '[:print:]\t\n\200-\377' <"$T/err" |
		    wc -c)" -eq 0 ]
		# shellcheck disable=SC2053 # it is a pattern
		[[ $(tail -n 1 "$T/err") == "$client: $ROOM: "$2 ]]
		kill -KILL "$S_SERVER" 2>"$T/none" || true
		hang_up "$SERVER"
	done
}

@test "hostile room: an endless line" {
	{ printf '\001at 7\n\001ok 0\n'; head -c 9000000 /dev/zero |
	    tr '\0' x; } >"$T/evil"
	all_end "$T/evil" \
	    'not a chat room: it sent a line of more than * bytes*'
	[ ! -s "$T/out.chat" ]
	[ ! -s "$T/out.chat-recv" ]
}

@test "hostile room: a flood of control lines" {
	{ printf '\001at 7\n\001ok 0\n'; yes $'\001at 7\n\001x' |
	    head -n 400000; printf 'message\n\001bye done\n'; } >"$T/evil"
	all_end "$T/evil" 'the room closed the connection: done*'
	[ "$(cat "$T/out.chat")" = message ]
	[ "$(cat "$T/out.chat-recv")" = message ]
}

@test "hostile room: invalid bytes" {
	LC_ALL=C awk 'BEGIN { srand(1); printf "\001at 7\n\001ok 0\n"
		for (i = 0; i < 50000; i++)
			printf "%c%s", int(rand() * 256),
			    rand() < 0.05 ? "\n\001" : ""
		printf "\n\001bye done\n" }' >"$T/junk"
	# What s_server takes as its own commands where a read begins.
	tr -d 'BKPQRSckqr' <"$T/junk" >"$T/evil"
	all_end "$T/evil" '*'
}

@test "hostile room: escapes in what is for people" {
	printf '\001at 7\n\001ok 0\n\001error 0 \033[31m\302\233\377\n%s\n' \
	    $'\001bye \e]0;x\a\xe2\x80\xaeround' >"$T/evil"
	all_end "$T/evil" \
	    'the room closed the connection: ^\[\]0;x^G<U+202E>round*'
}

@test "a user whose line is gone in the middle of a handshake stays out" {
	start_target
	fake() {
		exec 4<>"/dev/tcp/127.0.0.1/$(cat "$T/port")" 5<&0
		cat <&5 >&4 &
		# The room has taken the key as it is by now.
		head -c 1 <&4 >"$T/first"
		: >"$T/answered"
		until [ -e "$T/go" ]; do pause 0.02; done
		cat "$T/first" - <&4
	}
	through fake
	start_from /dev/null chat-send -k "$T/alice" "$WAY" 2>"$T/err"
	local alice=$PID
	until_ok [ -e "$T/answered" ]
	cp "$T/bob" "$T/keys"
	kill -HUP "$CHATD"
	until_ok has_logged "$T/keys: read again, 1 key, 0 clients disconnected"
	: >"$T/go"
	ended "$alice"
	cat "$T/err"
	[ "$STATUS" -eq 2 ]
	grep -q 'your key is not valid any more' "$T/err"
	has_logged 'key rejected: alice'
	run ! has_logged 'joined as alice'
	# Bob hasn't noticed.
	echo 'bob is here' | chat-send -k "$T/bob" "$ROOM"
	until_ok has_line "$T/copy" 'bob is here'
}

@test "a revoked user who still talks is cut, and stays out with -r" {
	start_target
	start_fed chat-send -r -k "$T/alice" "$ROOM" 2>"$T/err"
	local alice=$PID
	echo before >&4
	until_ok has_line "$T/copy" before
	cp "$T/bob" "$T/keys"
	kill -HUP "$CHATD"
	until_ok has_logged "$T/keys: read again, 1 key, 1 client disconnected"
	echo after >&4
	ended "$alice"
	exec 4>&-
	[ "$STATUS" -eq 2 ]
	echo 'bob is here' | chat-send -k "$T/bob" "$ROOM"
	until_ok has_line "$T/copy" 'bob is here'
	has_lines "$T/copy" 2
}

@test "a flood of who: others are served, and it costs no memory" {
	local before i
	start_chatd_at -i "$T/room"
	room_pid
	before=$(resident)
	for i in 1 2 3; do
		yes $'\001who' | socat -t 1 - "UNIX-CONNECT:$ROOM" \
		    >"$T/answers$i" 3>&- &
		STARTED+=("$!")
	done
	until_ok [ -s "$T/answers3" ]
	# This one hears nothing of it.
	yes $'\001who' | socat -u - "UNIX-CONNECT:$ROOM" 3>&- &
	STARTED+=("$!")
	start_recv "$T/copy"
	for i in {1..20}; do
		echo "line $i" | chat-send "$ROOM"
	done
	until_ok has_lines "$T/copy" 20
	[ $(($(resident) - before)) -lt 4096 ]
	# It was answered, and never in the middle of a line.
	grep -aq $'^\001here' "$T/answers1"
	run ! grep -av $'^\001here\\|^[^: ]*: line [0-9]*$' "$T/answers1"
}

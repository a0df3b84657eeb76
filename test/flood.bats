# Floods: who says too much has to wait, and harms nobody else
load helpers.bash
load wire.bash
load attack.bash
load keys.bash

teardown() {
	cleanup
}

# long_lines N: N lines of 4000 bytes.
long_lines() {
	yes "$(printf '%03999d' 0)" | head -n "$1"
}

# paste_lines FD N: say the lines 1 to N on a connection, in the background.
paste_lines() {
	seq "$2" >"$T/paste"
	cat "$T/paste" >&"$1" 3>&- &
	STARTED+=("$!")
}

# at_least NAME N: a counter of the room is that high by now.
at_least() {
	counted clients -1 || true
	[ "$(counter "$1")" -ge "$2" ]
}

# runs PID: it does.
runs() {
	kill -0 "$1" 2>/dev/null
}

# flood SENDERS [OPTION...]: that many say long lines as fast as they can; the
# flooder's pid is $FLOODER.
flood() {
	local senders=$1
	shift
	start "$ROOT/test/tools/flooder" "$@" "$senders" "$PORT" >"$T/flood"
	FLOODER=$PID
	until_ok has_line "$T/flood" flooding
}

# is_fair SENDERS LINES [OPTION...]: while they flood the room, who comes later
# is answered, be it a sender or a reader; and when they have said that many
# lines, each has had at least half of what they had on average.
is_fair() {
	local least mean _ i senders=$1 lines=$2
	shift 2
	flood "$senders" "$@"
	for i in 1 2 3; do
		chat-send "$@" "$ROOM" </dev/null
	done
	chat-send "$@" "$ROOM" <<<'not a long line'
	timeout 60 chat-recv "$@" -l 1 -c 1 "$ROOM" >/dev/null
	# A disk can be slow. The flood ends if nothing is said any more.
	until at_least lines "$lines"; do
		runs "$FLOODER"
	done
	stop "$FLOODER"
	read -r _ least _ mean < <(sed 1d "$T/flood")
	echo "of $senders: least $least, mean $mean"
	[ "$least" -gt 0 ]
	[ $((2 * least)) -ge "$mean" ]
}

@test "floods: 32 senders have their shares, and who comes late an answer" {
	start_chatd
	is_fair 32 64000
}

@test "floods: the same with keys" {
	make_key bob
	start_chatd -k "$T/keys"
	is_fair 32 32000 -k "$T/bob"
}

@test "floods: the same where each line waits for the disk" {
	start_chatd -S -s "$T/store" -t 64M
	is_fair 32 32000
	stop "$CHATD"
	rm -r "$T/store"
	start_chatd -S -s "$T/store" -t 64M
	is_fair 2 8000
}

@test "floods: the same faster than the disk can write" {
	start_chatd -S -s "$T/store" -t 64M -l 2000:2000
	is_fair 64 32000
}

@test "floods: the same in small rings" {
	start_chatd -m 1M
	is_fair 3 12000
	stop "$CHATD"
	start_chatd -m 64K
	is_fair 32 16000
}

@test "-l: who is too fast is held at the burst, the others are served" {
	local flooder i
	start_chatd -l 1:20
	long_lines 3000 >"$T/in"
	start_send "$T/in"
	flooder=$PID
	until_ok at_least lines 20
	dial; local listener=$FD
	say "$listener" '\001recv\n'
	hears "$listener" '^Aat *'
	for i in {1..10}; do
		chat-send "$ROOM" <<<"hello $i"
		until [ "$LINE" = "hello $i" ]; do
			hear "$listener"
		done
	done
	# All of it takes most of an hour.
	runs "$flooder"
	counted refused 0
	[ "$(counter lines)" -lt 1000 ]
}

@test "-l: what is slowed down arrives, whole and in order" {
	start_chatd -l 2000:20
	start_recv "$T/copy"
	seq 6000 | chat-send "$ROOM"
	until_ok has_lines "$T/copy" 6000
	seq 6000 | cmp - "$T/copy"
	counted refused 0
	counted lost 0
}

@test "-l: what is left to be said when its sender goes is said" {
	start_chatd -l 2000:20
	start_recv "$T/copy"
	seq 6000 | socat -u - "TCP:127.0.0.1:$PORT"
	until_ok has_lines "$T/copy" 6000
	seq 6000 | cmp - "$T/copy"
	until_ok counted clients 1
}

@test "-l: a paste as long as the burst passes at once" {
	# What comes after the burst would take hours.
	start_chatd -l 1:10000
	start_recv "$T/copy"
	dial
	paste_lines "$FD" 10000
	until_ok has_lines "$T/copy" 10000
	cmp "$T/paste" "$T/copy"
}

@test "-l: without a burst it is ten seconds' worth" {
	start_chatd -l 1
	start_recv "$T/copy"
	long_lines 1000 >"$T/in"
	start_send "$T/in"
	local flooder=$PID
	until_ok at_least lines 10
	chat-send "$ROOM" <<<'after that'
	until_ok matches "$T/copy" 'after that'
	runs "$flooder"
	[ "$(wc -l <"$T/copy")" -lt 100 ]
}

@test "-l: a line without end counts as well" {
	start_chatd -l 1:20
	dial
	head -c 20000000 /dev/zero | timeout 60 tr '\0' x >&"$FD" 3>&- &
	local flooder=$!
	STARTED+=("$flooder")
	chat-send "$ROOM" <<<hello
	hears "$FD" hello
	# Of 5000 times 4 KiB it has said 20, and what the system keeps.
	runs "$flooder"
}

@test "-l: each client has its own" {
	local i
	# Together they would need an hour.
	start_chatd -l 1:100
	start_recv "$T/copy"
	for i in {1..30}; do
		dial
		say "$FD" '\001send\n'
		seq 100 >&"$FD"
		hears "$FD" '^Aok 0' '^Aok 100'
	done
	until_ok has_lines "$T/copy" 3000
}

@test "-l 0, Unix sockets, and loopback by default: as fast as they can" {
	start_chatd_at -l 1:1 "$T/room"
	seq 100000 | chat-send "$ROOM"
	stop "$CHATD"
	start_chatd -l 0
	seq 500000 | chat-send "$ROOM"
	stop "$CHATD"
	start_chatd
	seq 500000 | chat-send "$ROOM"
	seq 500000 | talk
	counted lines 1000000
}

@test "-l: a debt is not forgotten in an upgrade" {
	start_chatd -l 1:10
	long_lines 200 >"$T/in"
	start_send "$T/in"
	local flooder=$PID n
	until_ok at_least lines 10
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" upgraded:
	at_least lines 10
	n=$(counter lines)
	chat-send "$ROOM" <<<hello
	runs "$flooder"
	counted refused 0
	[ "$(counter lines)" -lt $((n + 20)) ]
}

@test "control lines: two hundred at once, more only slowly" {
	local i
	start_chatd_at "$T/room"
	start_recv "$T/copy"
	{ yes $'\001x' | head -n 20000; echo last; } >"$T/in"
	start socat -t 60 "OPEN:$T/in!!CREATE:$T/heard" "UNIX:$T/room"
	until_ok at_least refused 200
	for i in {1..10}; do
		chat-send "$ROOM" <<<"hello $i"
		until_ok has_line "$T/copy" "hello $i"
	done
	# All of it takes three minutes.
	at_least refused 200
	[ "$(counter refused)" -lt 10000 ]
	run ! has_line "$T/copy" last
}

@test "control lines: none is dropped, nor what comes after them" {
	start_chatd
	start_recv "$T/copy"
	{ yes $'\001x' | head -n 300; echo last; } | talk >"$T/heard"
	until_ok has_line "$T/copy" last
	[ "$(grep -c '^^Aerror 0 ' "$T/heard")" -eq 300 ]
	counted refused 300
}

@test "unfinished lines: one too many in the room ends, the others don't" {
	local rest
	rest=$(printf '%04095d' 0)$'\r'
	start_chatd
	dial; local first=$FD
	say "$first" '\001send\none\n%s' "$rest"
	hears "$first" '^Aok 0'
	start_crowd 4095 $'\001send\none\n'"$rest"
	until_ok is_complete || until_ok is_complete
	until_ok counted lines 4096
	dial
	say "$FD" '\001chat\nhalf'
	hears "$FD" '^Aok 0' '^Aat *' \
	    '^Abye too many unfinished lines in this room'
	hears_end "$FD"
	hang_up "$FD"
	# Whole lines need no place among them.
	chat-send "$ROOM" <<<hello
	# The first one goes on, and makes place for another.
	hears "$first" '^Aok 1'
	say "$first" '\n'
	hears "$first" '^Aok 2'
	dial
	say "$FD" '\001send\nhalf'
	hears "$FD" '^Aok 0'
	say "$FD" ' a line\n'
	hears "$FD" '^Aok 1'
	counted refused 0
}

# The formula of chatd(8), under MEMORY, in KiB, for N clients that do what they
# can, without a line that isn't finished: at_most RING N.
at_most() {
	echo $(($1 * 3 / 2 + 132 + $2 * 144))
}

@test "memory: silent readers and floods need no more than chatd(8) says" {
	local i before
	start_chatd -m 1M -p 0.01
	enter
	before=$(resident)
	for i in {1..40}; do
		dial
		say "$FD" '\001recv\n'
	done
	yes $'\033' | head -n 300000 >"$T/bad"
	for i in {1..8}; do
		dial
		cat "$T/bad" >&"$FD" 3>&- &
		STARTED+=("$!")
	done
	until_ok counted clients 49
	seq 2000000 | chat-send "$ROOM"
	counted lines 2000000
	[ "$(counter refused)" -gt 0 ]
	[ "$(counter lost)" -gt 0 ]
	echo "from $before to $(resident) KiB, $(at_most 1024 49) more at most"
	[ "$(resident)" -lt $((before + $(at_most 1024 49))) ]
}

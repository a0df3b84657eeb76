# The room's limits: one bad client harms only itself
load helpers.bash
load wire.bash

teardown() {
	cleanup
}

# has_logged N TEXT: N lines of the log end like that.
has_logged() {
	count "$T/log" "$2\$"
	[ "$COUNT" -eq "$1" ]
}

# ticks: CPU time that the room has used, in hundredths of a second.
ticks() {
	local stat
	room_pid
	stat=$(<"/proc/$ROOM_PID/stat")
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	echo $((${12} + ${13}))
}

@test "-c: one client too many is told so and goes, the others stay" {
	start_chatd -c 2
	dial; local a=$FD
	dial; local b=$FD
	until_ok counted clients 2
	dial
	hears "$FD" '^Abye full'
	hears_end "$FD"
	hang_up "$FD"
	has_logged 1 '127.0.0.1:[0-9]*: turned away: full'
	say "$a" 'hello\n'
	hears "$b" hello
	until_ok counted 'turned away' 1
	counted clients 2
}

@test "-c: who leaves makes place for another" {
	start_chatd -c 1
	local i
	for i in 1 2 3; do
		until_ok counted clients 0
		dial
		say "$FD" '\001recv\n'
		hears "$FD" '^Aat *'
		hang_up "$FD"
	done
	counted 'turned away' 0
}

@test "-c: our own commands say why they were turned away" {
	start_chatd -c 1
	dial
	until_ok counted clients 1
	run -2 --separate-stderr chat-recv "$ROOM"
	[ "$output" = '' ]
	[[ $stderr == "chat-recv: $ROOM: "*full ]]
	run -2 --separate-stderr chat-send "$ROOM" <<<'hello'
	[[ $stderr == "chat-send: $ROOM: "*full ]]
}

@test "bye reaches one who has said a lot and reads nothing at first" {
	start_chatd -c 1
	dial; local a=$FD
	until_ok counted clients 1
	seq 100000 >"$T/in"
	dial; local b=$FD
	# It goes on until the room has ended this, too.
	timeout 20 cat "$T/in" >&"$b"
	until_ok counted 'turned away' 1
	hears "$b" '^Abye full'
	hears_end "$b"
	counted lines 0
	say "$a" 'nothing of it came to the room\n'
	until_ok counted lines 1
}

@test "bye reaches many who come at once" {
	start_chatd -c 1
	dial
	until_ok counted clients 1
	local fds=() i
	for i in {1..60}; do
		dial
		fds+=("$FD")
		say "$FD" '\001recv last=10\n'
	done
	for i in "${fds[@]}"; do
		hears "$i" '^Abye full'
		hears_end "$i"
		hang_up "$i"
	done
	counted 'turned away' 60
	counted clients 1
}

@test "who is turned away and never goes is closed all the same" {
	start_chatd -c 1
	dial; local a=$FD
	until_ok counted clients 1
	dial; local b=$FD
	until_ok counted 'turned away' 1
	# Both ends are open until now: the room gives up after a while.
	until_ok has_connections 1
	say "$a" 'fine\n'
	until_ok counted lines 1
	hears "$b" '^Abye full'
	hears_end "$b"
}

# has_connections N: the room has N sockets besides the one that listens, and
# the one to its keeper.
has_connections() {
	local fd n=0
	room_pid
	for fd in "/proc/$ROOM_PID/fd/"*; do
		[[ $(readlink "$fd") != socket:* ]] || n=$((n + 1))
	done
	[ "$n" -eq $(($1 + 2)) ]
}

@test "-a: clients from one address, also on loopback if it is given" {
	start_chatd -a 2
	dial
	dial; local b=$FD
	until_ok counted clients 2
	dial
	hears "$FD" '^Abye too many connections from your address'
	hears_end "$FD"
	has_logged 1 \
	    '127.0.0.1:[0-9]*: turned away: too many connections from your address'
	# Another address is another matter.
	run talk "TCP:127.0.0.1:$PORT,bind=127.0.0.2" <<<$'\001send'
	[ "$output" = '^Aok 0' ]
	hang_up "$b"
	until_ok counted clients 1
	dial
	say "$FD" '\001send\n'
	hears "$FD" '^Aok 0'
}

@test "-a: nobody counts clients of Unix sockets" {
	start_chatd_at -a 1 "$T/room"
	local i
	for i in 1 2 3; do
		start_recv "$T/copy$i"
	done
	until_ok counted clients 3
	chat-send "$ROOM" <<<'hello'
	for i in 1 2 3; do
		until_ok has_line "$T/copy$i" hello
	done
}

@test "without -a, loopback has no limit of its own" {
	start_chatd
	local i
	for i in {1..100}; do
		dial
	done
	until_ok counted clients 100
	counted 'turned away' 0
}

# The room can't open any descriptor more than it has now.
no_more_descriptors() {
	local n=0
	room_pid
	while [ -L "/proc/$ROOM_PID/fd/$n" ]; do
		n=$((n + 1))
	done
	prlimit --pid "$ROOM_PID" --nofile="$n:"
}

# ticks_meanwhile DESCRIPTOR: how much CPU time the room uses in the next 0.3
# seconds, in which nothing is to come from there. Who is turned away has 2 s.
ticks_meanwhile() {
	local before status=0
	before=$(ticks)
	IFS= read -r -t 0.3 -u "$1" _ || status=$?
	[ "$status" -gt 128 ] || return
	TICKS=$(($(ticks) - before))
}

@test "out of descriptors: bye full, no spinning, and it recovers" {
	start_chatd
	dial; local a=$FD
	dial; local b=$FD
	until_ok counted clients 2
	no_more_descriptors
	# The first one gets the descriptor in reserve, the second waits.
	dial; local c=$FD
	hears "$c" '^Abye full'
	dial; local d=$FD
	has_logged 1 'new client: Too many open files'
	ticks_meanwhile "$b"
	[ "$TICKS" -lt 10 ]
	say "$a" 'still here\n'
	hears "$b" 'still here'
	prlimit --pid "$ROOM_PID" --nofile=100:
	hears_end "$c"
	hang_up "$c"
	say "$d" '\001send\n'
	hears "$d" '^Aok 0'
	still_works
	has_logged 1 'new client: Too many open files'
}

@test "out of descriptors: who leaves makes place, for the reserve first" {
	start_chatd
	local fds=() i
	for i in {1..5}; do
		dial
		fds+=("$FD")
	done
	until_ok counted clients 5
	no_more_descriptors
	for i in 1 2 3; do
		dial
		hears "$FD" '^Abye full'
		hears_end "$FD"
		hang_up "$FD"
	done
	hang_up "${fds[4]}"
	until_ok counted clients 4
	until_ok lets_in
	say "${fds[0]}" 'hello\n'
	hears "${fds[3]}" hello
}
lets_in() {
	[ "$(talk <<<$'\001send')" = '^Aok 0' ]
}

@test "so few descriptors are allowed that there can be no room" {
	run -2 bash -c 'ulimit -n 20; exec chatd 127.0.0.1:0'
	[ "$output" = "chatd: only 20 file descriptors are allowed; raise \
ulimit -Hn above 29" ]
	run -2 bash -c 'ulimit -n 100; exec chatd -c 90 127.0.0.1:0'
	[ "$output" = "chatd: -c 90: only 100 file descriptors are allowed, 71 \
of them for clients; see ulimit -Hn" ]
}

@test "descriptors that are allowed decide how many clients there are" {
	start bash -c 'ulimit -n 40; exec chatd 127.0.0.1:0' 2>"$T/log"
	CHATD=$PID
	until_ok listens
	PORT=${ROOM##*:}
	local i
	# 40 but for those of its own and 16 for turning clients away.
	for i in {1..11}; do
		dial
	done
	until_ok counted clients 11
	for i in {1..10}; do
		dial
		hears "$FD" '^Abye full'
	done
	run ! grep 'new client' "$T/log"
}

@test "the soft limit of descriptors is raised to the hard one" {
	start bash -c 'ulimit -Sn 30; exec chatd 127.0.0.1:0' 2>"$T/log"
	CHATD=$PID
	until_ok listens
	PORT=${ROOM##*:}
	local i
	for i in {1..60}; do
		dial
	done
	until_ok counted clients 60
	counted 'turned away' 0
}

@test "many hundreds of idle clients cost next to nothing, and hear" {
	local fds=() i before after
	start_chatd
	before=$(resident)
	for i in {1..800}; do
		dial
		fds+=("$FD")
	done
	until_ok counted clients 800
	after=$(resident)
	[ $((after - before)) -lt 4096 ]
	ticks_meanwhile "${fds[0]}"
	[ "$TICKS" -lt 10 ]
	chat-send "$ROOM" <<<'hello all'
	for i in "${fds[@]}"; do
		hears "$i" 'hello all'
	done
	hang_up "${fds[@]}"
	until_ok counted clients 0
	still_works
}

@test "clients that come and go, hundreds of times" {
	local i
	start_chatd
	for i in {1..500}; do
		dial
		say "$FD" 'x'
		hang_up "$FD"
	done
	# A last line without LF is one of each.
	until_ok counted lines 500
	until_ok counted clients 0
	until_ok has_connections 0
}

@test "one who hangs up with a reset ends alone" {
	start_chatd -v
	dial; local a=$FD
	printf 'one\n' | socat -u - "TCP:127.0.0.1:$PORT,linger=0"
	printf 'half' | socat -t 0 - "TCP:127.0.0.1:$PORT,linger=0" >"$T/none"
	hears "$a" one
	until_ok counted clients 1
	still_works
}

@test "a line of 20 MB is refused once and costs nobody anything" {
	local before after
	start_chatd
	enter; local a=$FD
	enter; local b=$FD
	say "$b" 'before\n'
	hears "$a" before
	before=$(resident)
	head -c 20000000 /dev/zero | timeout 60 tr '\0' x >&"$b"
	say "$a" 'others go on\n'
	hears "$b" 'others go on'
	after=$(resident)
	[ $((after - before)) -lt 4096 ]
	say "$b" '\nafter\n'
	hears "$b" '^Aerror 2 longer than 4095 bytes'
	hears "$a" after
	counted refused 1
}

@test "one who is told of many errors and never reads is not read either" {
	local last=-1 now=0 same=0
	start_chatd
	dial; local a=$FD
	dial; local b=$FD
	until_ok counted clients 2
	yes $'\033' | head -n 600000 >"$T/in"
	timeout 60 cat "$T/in" >&"$b" 3>&- &
	STARTED+=("$!")
	# The room reads no more when the number stays the same for a while.
	while [ "$now" -eq 0 ] || [ "$same" -lt 10 ]; do
		counted lines 0
		now=$(counter refused)
		same=$((now == last ? same + 1 : 0))
		last=$now
	done
	# What it was answered is in the system's buffers, and they end.
	[ "$now" -lt 600000 ]
	still_works
	# When it reads after all, each of its lines is answered.
	seq -f '^Aerror %.0f control character U+001B at byte 1' 600000 \
	    >"$T/want"
	timeout 60 head -n 600001 <&"$b" | sed 's/\x01/^A/' >"$T/errors"
	grep '^^A' "$T/errors" | cmp - "$T/want"
	say "$a" 'hello\n'
	hears "$b" hello
}

@test "one who never reads what others say doesn't hold them up for long" {
	start_chatd -m 64K -p 0.1
	dial
	until_ok counted clients 1
	seq 1000000 | chat-send "$ROOM"
	counted lines 1000000
	still_works
}

@test "one who is cut off while the room is full costs no time" {
	local last=-1 now=0 same=0
	start_chatd -m 64K -p 1000
	dial; local idle=$FD
	say "$idle" '\001send\n'
	hears "$idle" '^Aok 0'
	dial; local stalled=$FD
	until_ok counted clients 2
	seq 2000000 >"$T/in"
	socat -u "OPEN:$T/in" "TCP:127.0.0.1:$PORT,linger=0" 3>&- &
	local sender=$!
	STARTED+=("$sender")
	while [ "$now" -eq 0 ] || [ "$same" -lt 10 ]; do
		counted lost 0
		now=$(counter lines)
		same=$((now == last ? same + 1 : 0))
		last=$now
	done
	stop "$sender" KILL
	ticks_meanwhile "$idle"
	[ "$TICKS" -lt 10 ]
	hang_up "$stalled"
	until_ok counted clients 1
	still_works
}

@test "one who says half a line holds up nobody" {
	start_chatd
	enter; local half=$FD
	enter; local a=$FD
	say "$half" 'half a '
	say "$a" 'one\n'
	hears "$half" one
	still_works
	say "$half" 'line\n'
	hears "$a" 'still here' 'half a line'
}

@test "a peer that vanishes will be noticed: the system keeps asking" {
	# The timer of kind 2 is keepalive's, in the room's end of the
	# connection (proc(5)); its first probe comes within 110 seconds.
	start_chatd
	dial
	until_ok counted clients 1
	local hex timer
	hex=$(printf '0100007F:%04X' "$PORT")
	timer=$(awk -v here="$hex" '$2 == here && $4 == "01" { print $6 }' \
	    /proc/net/tcp)
	[[ $timer == 02:* ]]
	[ $((16#${timer#*:})) -le 11000 ]
}

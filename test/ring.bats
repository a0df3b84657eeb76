# The ring: nothing is lost by those who read, and losses are told exactly
load helpers.bash
load wire.bash

teardown() {
	cleanup
}

# listener WORDS: a connection that has said so, in $FD. What it has heard is
# $LINE, the number of the first line to come.
listener() {
	dial
	say "$FD" '\001%s\n' "$1"
	[[ $1 != chat* ]] || hears "$FD" '^Aok 0'
	hears "$FD" '^Aat *'
	LINE=${LINE#* }
}

# say_first: a line that readers can hear who come later. start_listening FILE
# [OPTION...]: a chat-recv that has given its role when this returns, for it has
# heard that line. One that has only come may have to find its lines in the ring.
say_first() {
	echo first | chat-send "$ROOM"
}
start_listening() {
	start_recv "$@"
	until_ok has_line "$1" first
}

# catch_up DESCRIPTOR FILE: go on reading, in the background, into a file.
catch_up() {
	cat <&"$1" >>"$2" 3>&- &
	PID=$!
	STARTED+=("$PID")
}

# was_moved N: so many readers have fallen behind, some of them perhaps again.
was_moved() {
	local -A moved
	local line log
	mapfile -t log <"$T/log"
	for line in "${log[@]}"; do
		[[ $line != *': too slow, loses lines' ]] || moved[$line]=
	done
	[ ${#moved[@]} -ge "$1" ]
}

# finish FILE...: say a last line, which comes to all who read into the files.
finish() {
	local file
	printf 'the end\n' | chat-send "$ROOM"
	for file; do
		until_ok has_line "$file" 'the end'
	done
}

# The lines of seq: each one came or was told to be lost, in its own place.
# check_seq FILE LAST FIRST: $LOST is how many, if line 1 has the number FIRST.
check_seq() {
	LOST=$(LC_ALL=C awk -v last="$2" -v first="$3" '
		function fail(why) {
			print "line " NR ": " why ": " $0 >"/dev/stderr"
			failed = 1
			exit 1
		}
		/^\001lost / { due += $2; lost += $2; next }
		/^\001at / {
			if ($2 - first != due)
				fail("expected number " due)
			next
		}
		/\001/ { fail("a control line") }
		$0 == "the end" { ended++; due++; next }
		{
			if ($1 != due + 1)
				fail("expected " due + 1)
			due = $1
		}
		END {
			if (failed)
				exit 1
			if (ended != 1 || due != last + 1)
				fail("it ended at " due)
			print lost + 0
		}' "$1")
}

# What a reader got who was in the room from the beginning: a line may be its
# own, if it begins with the word. check_copy FILE TRANSCRIPT FIRST OWN
check_copy() {
	LOST=$(LC_ALL=C awk -v first="$3" -v own="$4" -v pos=0 '
		function fail(why) {
			print "line " NR ": " why ": " $0 >"/dev/stderr"
			failed = 1
			exit 1
		}
		NR == FNR { said[n++] = $0; others += $1 != own; next }
		/^\001lost / { lost += $2; next }
		/^\001ok / { next }
		/^\001at / { pos = $2 - first; next }
		/\001/ { fail("a control line") }
		$0 != said[pos + 0] { fail("expected " said[pos]) }
		$1 == own { fail("an echo") }
		{ pos++; got++ }
		END {
			if (failed)
				exit 1
			if (got + lost != others)
				fail(got " came, " lost " lost of " others)
			print lost + 0
		}' "$2" "$1")
}

@test "three million lines come to two readers, each as it was said" {
	start_chatd
	say_first
	start_listening "$T/a" -c 3000001 -w 100
	local a=$PID
	start_listening "$T/b" -c 3000001 -w 100
	local b=$PID
	seq 3000000 | chat-send "$ROOM"
	wait "$a"
	wait "$b"
	cmp <(echo first; seq 3000000) "$T/a"
	cmp "$T/a" "$T/b"
	[ ! -s "$T/a.err" ]
	counted lost 0
}

@test "the smallest ring loses nothing either, with several senders" {
	local i
	start_chatd -m 64K -p 100
	say_first
	start_listening "$T/a" -c 400001
	start_listening "$T/b" -c 400001
	for i in w x y z; do
		seq -f "$i %.0f" 100000 >"$T/in.$i"
		start_send "$T/in.$i"
	done
	until_ok has_lines "$T/a" 400001
	until_ok has_lines "$T/b" 400001
	cmp "$T/a" "$T/b"
	for i in w x y z; do
		grep "^$i" "$T/a" | cmp - "$T/in.$i"
	done
	counted lost 0
}

@test "lines of full length go around the smallest ring unharmed" {
	start_chatd -m 64K -p 100
	say_first
	start_listening "$T/a" -c 2001
	seq -f '%04095.0f' 2000 >"$T/in"
	chat-send "$ROOM" <"$T/in"
	until_ok has_lines "$T/a" 2001
	cmp <(echo first; cat "$T/in") "$T/a"
}

@test "senders wait for a stalled reader, as long as the patience lasts" {
	local before=-1 now=0 same=0
	start_chatd -m 64K -p 1000
	listener recv; local r=$FD first=$LINE
	seq 2000000 >"$T/in"
	start_send "$T/in"
	local sender=$PID
	# It is waiting when no more lines come in for a while.
	while [ "$same" -lt 10 ]; do
		counted lost 0
		now=$(counter lines)
		same=$((now == before ? same + 1 : 0))
		before=$now
	done
	[ "$now" -lt 2000000 ]
	kill -0 "$sender"
	catch_up "$r" "$T/copy"
	hang_up "$r"
	ends "$sender"
	finish "$T/copy"
	check_seq "$T/copy" 2000000 "$first"
	[ "$LOST" -eq 0 ]
}

@test "a reader that never reads loses lines, and is told how many" {
	start_chatd -m 64K -p 0.1
	listener recv; local r=$FD first=$LINE
	seq 1500000 | chat-send "$ROOM"
	until_ok was_moved 1
	counted lines 1500000
	catch_up "$r" "$T/copy"
	finish "$T/copy"
	check_seq "$T/copy" 1500000 "$first"
	[ "$LOST" -gt 0 ]
	counted lost "$LOST"
	[ "$(grep -c 'lost ' "$T/copy")" -gt 0 ]
}

@test "a plain reader is told, too, and nothing else" {
	start_chatd -m 64K -p 0.1
	dial; local r=$FD
	printf 'the first\n' | chat-send "$ROOM"
	hears "$r" 'the first'
	seq 1500000 | chat-send "$ROOM"
	until_ok was_moved 1
	catch_up "$r" "$T/copy"
	finish "$T/copy"
	check_seq "$T/copy" 1500000 0
	[ "$LOST" -gt 0 ]
	run ! grep -q $'^\001at' "$T/copy"
	counted lost "$LOST"
}

@test "a chat-recv that is stopped: what it wrote and what it lost are all" {
	start_chatd -m 64K -p 0.1
	start_recv "$T/copy"
	local r=$PID
	printf 'hello\n' | chat-send "$ROOM"
	until_ok has_line "$T/copy" hello
	kill -STOP "$r"
	seq 1500000 | chat-send "$ROOM"
	until_ok was_moved 1
	kill -CONT "$r"
	finish "$T/copy"
	local lost
	lost=$(awk '{ n += $2 } END { print n + 0 }' "$T/copy.err")
	[ "$lost" -gt 0 ]
	has_lines "$T/copy" $((1500000 + 2 - lost))
	counted lost "$lost"
	sed '1d; $d' "$T/copy" | sort -n -u -c
	run ! grep -v '^chat-recv: [0-9]* lines\{0,1\} lost$' "$T/copy.err"
	stop "$CHATD"
	STATUS=0
	wait "$r" || STATUS=$?
	[ "$STATUS" -eq 2 ]
}

@test "two stalled readers and a healthy one: each has its own losses" {
	start_chatd -m 64K -p 2
	say_first
	start_listening "$T/healthy"
	listener recv; local a=$FD first=$LINE
	listener recv; local b=$FD
	seq 300000 | chat-send "$ROOM"
	# One of them takes a little now and then, which is not enough.
	timeout 20 head -c 50000 <&"$a" >"$T/a"
	seq 300001 1200000 | chat-send "$ROOM"
	timeout 20 head -c 34567 <&"$a" >>"$T/a"
	seq 1200001 1500000 | chat-send "$ROOM"
	until_ok was_moved 2
	catch_up "$a" "$T/a"
	catch_up "$b" "$T/b"
	finish "$T/healthy" "$T/a" "$T/b"
	cmp <(echo first; seq 1500000; echo 'the end') "$T/healthy"
	check_seq "$T/a" 1500000 "$first"
	local lost=$LOST
	check_seq "$T/b" 1500000 "$first"
	[ "$lost" -gt 0 ]
	[ "$LOST" -gt 0 ]
	counted lost $((lost + LOST))
}

@test "a reader that is moved on in mid-line gets the rest of the line first" {
	local i format
	format="%.0f $(printf '%03990d' 0)"
	start_chatd -m 64K -p 0.1
	listener recv; local r=$FD first=$LINE
	listener recv; local s=$FD
	seq -f "$format" 3000 | chat-send "$ROOM"
	until_ok was_moved 2
	# It moves on by an odd number of bytes, and stalls again.
	for i in 1 2 3; do
		timeout 20 head -c 50001 <&"$r" >>"$T/r"
		seq -f "$format" $((i * 3000 + 1)) $((i * 3000 + 3000)) |
		    chat-send "$ROOM"
	done
	catch_up "$r" "$T/r"
	catch_up "$s" "$T/s"
	finish "$T/r" "$T/s"
	check_seq "$T/r" 12000 "$first"
	[ "$LOST" -gt 0 ]
	check_seq "$T/s" 12000 "$first"
	[ "$LOST" -gt 0 ]
	awk '!/^\001/ && $0 != "the end" && length($2) != 3990 { exit 1 }' \
	    "$T/r" "$T/s"
}

@test "a stalled reader on a Unix socket, whose buffer is small" {
	start_chatd_at -m 64K -p 0.1 "$T/room"
	socat -u "UNIX-CONNECT:$T/room" "OPEN:$T/copy,creat" 3>&- &
	local r=$!
	STARTED+=("$r")
	until_ok counted clients 1
	printf 'the first\n' | chat-send "$ROOM"
	until_ok has_line "$T/copy" 'the first'
	kill -STOP "$r"
	seq 200000 | chat-send "$ROOM"
	until_ok was_moved 1
	kill -CONT "$r"
	finish "$T/copy"
	sed -i 1d "$T/copy"
	check_seq "$T/copy" 200000 0
	[ "$LOST" -gt 0 ]
	counted lost "$LOST"
}

# The room's end of a connection knows that the other one says no more.
is_half_closed() {
	awk -v here="$(printf '0100007F:%04X' "$PORT")" \
	    '$2 == here && $4 == "08" { found = 1 } END { exit !found }' \
	    /proc/net/tcp
}

@test "one who has closed its half is told no losses of what came later" {
	start_chatd -m 16M -p 0.1
	listener recv; local first=$LINE
	hang_up "$FD"
	seq 1500000 | chat-send "$ROOM"
	printf '\001recv last=1500000\n' >"$T/hello"
	mkfifo "$T/out"
	timeout 100 socat -t 100 - "TCP:127.0.0.1:$PORT" <"$T/hello" \
	    >"$T/out" 3>&- &
	STARTED+=("$!")
	exec {OUT}<"$T/out"
	until_ok is_half_closed
	run talk <<<$'\001send'
	seq 3000000 | chat-send "$ROOM"
	until_ok was_moved 1
	timeout 60 cat <&"$OUT" >"$T/copy"
	echo 'the end' >>"$T/copy"
	check_seq "$T/copy" 1500000 "$first"
	[ "$LOST" -gt 0 ]
	counted lost "$LOST"
}

@test "what a stalled reader says itself is not lost to it" {
	local i
	start_chatd -m 64K -p 2
	say_first
	start_listening "$T/healthy"
	listener chat; local a=$FD first=$LINE
	listener 'chat times'; local b=$FD
	for i in {1..20}; do
		say "$a" 'a %d 1\na %d 2\n' "$i" "$i"
		say "$b" 'b %d\n' "$i"
		seq -f "other $i %.0f" 50000 | chat-send "$ROOM"
	done
	until_ok was_moved 2
	counted lines $((20 * 50003 + 1))
	catch_up "$a" "$T/a"
	catch_up "$b" "$T/b"
	finish "$T/healthy" "$T/a" "$T/b"
	sed 1d "$T/healthy" >"$T/said"
	check_copy "$T/a" "$T/said" "$first" a
	local lost=$LOST
	[ "$lost" -gt 0 ]
	grep -v $'^\001time ' "$T/b" >"$T/b.timeless"
	check_copy "$T/b.timeless" "$T/said" "$first" b
	[ "$LOST" -gt 0 ]
	counted lost $((lost + LOST))
	grep -qx $'\001ok 40' "$T/a"
	grep -qx $'\001ok 20' "$T/b"
}

@test "a reader that has caught up is waited for again" {
	start_chatd_at -m 64K -p 0.1 "$T/room"
	socat -u "UNIX-CONNECT:$T/room" "OPEN:$T/copy,creat" 3>&- &
	local r=$! i done=0
	STARTED+=("$r")
	until_ok counted clients 1
	# Each time it loses lines only because it has fallen behind again.
	for i in 1 2 3; do
		kill -STOP "$r"
		seq 200000 | chat-send "$ROOM"
		until_ok has_fallen_behind "$i"
		kill -CONT "$r"
		printf 'the end\n' | chat-send "$ROOM"
		until_ok has_ends "$T/copy" "$i"
		tail -n "+$((done + 1))" "$T/copy" >"$T/part"
		check_seq "$T/part" 200000 0
		[ "$LOST" -gt 0 ]
		done=$(wc -l <"$T/copy")
	done
}
has_fallen_behind() {
	[ "$(grep -c ': too slow, loses lines$' "$T/log")" -ge "$1" ]
}
has_ends() {
	[ "$(grep -cx 'the end' "$1")" -eq "$2" ]
}

@test "a quarter of the ring is enough for many short lines of many senders" {
	# Each line is a span of its own, and these are used up first.
	local fds=() i j
	start_chatd -m 64K -p 100
	start_recv "$T/copy"
	for i in {1..20}; do
		dial
		fds+=("$FD")
		start cat <&"$FD"
	done
	until_ok counted clients 21
	for i in {1..100}; do
		for j in "${fds[@]}"; do
			say "$j" 'x\n'
		done
	done
	until_ok has_lines "$T/copy" 2000
	counted lost 0
}

@test "memory stays as it was at the start, whatever is said" {
	local before after i
	start_chatd -m 1M -p 0.1
	listener recv; local r=$FD
	listener chat; local c=$FD
	seq 1500000 | chat-send "$ROOM"
	until_ok was_moved 2
	before=$(resident)
	[ "$before" -gt 1024 ]
	for i in {1..4}; do
		seq -f 'what is said again and again %.0f' 300000 |
		    chat-send "$ROOM"
	done
	after=$(resident)
	# Half of the 40 MB that were said would be far more.
	[ "$after" -lt $((before + 8192)) ]
	say "$c" 'still here\n'
	hang_up "$r" "$c"
}

# settled DESCRIPTOR N: read on until N lines of that connection are.
settled() {
	LINE=
	until [ "$LINE" = "^Aok $2" ]; do
		hear "$1" || return
	done
}

@test "a ring full of spans is emptied also when long ones come first" {
	start_chatd -m 64K
	local a b i
	dial; a=$FD
	dial; b=$FD
	say "$a" '\001send\n'
	say "$b" '\001send\n'
	printf '%099d\n' {1..200} >&"$a"
	settled "$a" 200
	# Each of these has a span of its own.
	for i in {1..600}; do
		say "$a" 'x\n'
		settled "$a" $((200 + i))
		say "$b" 'y\n'
		settled "$b" "$i"
	done
}

# chatd(8): its options, signals, log and exit statuses
# bats file_tags=fast
load helpers.bash
load wire.bash

usage='usage: chatd [-iv] [-a clients] [-c clients] [-k keys]
             [-l lines[:burst]] [-m size] [-p seconds] [-r sessions]
             [-u user] [address ...]
       chatd [-fSv] -s store [-L command [-n node]] [-t size]
             [-z size] [...]'

teardown() {
	cleanup
}

# refuses MESSAGE ARGUMENT...: chatd says that, and ends with status 2. valgrind
# calls it by its path.
refuses() {
	local message=$1
	shift
	run -2 --separate-stderr timeout 20 chatd "$@"
	printf '%s\n' "$stderr"
	[ "$output" = '' ]
	[ "${stderr#"$ROOT/chatd/"}" = "$message" ]
}

# logged PATTERN: a line of the log matches as a whole.
logged() {
	matches "$T/log" "^chatd: $1\$"
}

@test "--help shows how to use it, on standard output" {
	run -0 --separate-stderr chatd --help
	[[ $output == "$usage"$'\n\n'* ]]
	[ "$stderr" = '' ]
}

@test "--version names the program" {
	run -0 --separate-stderr chatd --version
	[[ $output =~ ^chatd\ [0-9]+\.[0-9]+$ ]]
	[ "$stderr" = '' ]
}

@test "an answer that can't be written is an error" {
	run -2 bash -c 'chatd --version >/dev/full'
	[ "$output" = 'chatd: standard output: No space left on device' ]
	run -2 bash -c 'chatd --help >&-'
	[ "$output" = 'chatd: standard output: Bad file descriptor' ]
}

@test "options that there are not" {
	refuses "chatd: invalid option -- 'x'"$'\n'"$usage" -x
	refuses "chatd: unrecognized option '--foo'"$'\n'"$usage" --foo
	refuses "chatd: option requires an argument -- 'a'"$'\n'"$usage" -a
	refuses "chatd: option requires an argument -- 'p'"$'\n'"$usage" -v -p
}

@test "-a and -c: numbers from 1 on" {
	local c
	for c in -a -c; do
		refuses "chatd: $c 0: too small, at least 1" $c 0
		refuses "chatd: $c -1: too small, at least 1" $c -1
		refuses "chatd: $c 1000001: too large, at most 1000000" $c 1000001
		refuses "chatd: $c 5x: not a number, as in $c 10" $c 5x
		refuses "chatd: $c : not a number, as in $c 10" $c ''
	done
}

@test "-l: lines a second, and a burst" {
	local are='give lines per second, 1 to 1000000, and optionally a burst,'
	are+=' 1 to 10000000, as in 2000:20000'
	refuses "chatd: -l -1: too small; $are" -l -1
	refuses "chatd: -l 1000001: too large; $are" -l 1000001
	refuses "chatd: -l 5:0: too small; $are" -l 5:0
	refuses "chatd: -l 5:10000001: too large; $are" -l 5:10000001
	refuses "chatd: -l 0:5: too small; $are" -l 0:5
	refuses "chatd: -l 5:: not a number; $are" -l 5:
	refuses "chatd: -l much: not a number; $are" -l much
	refuses "chatd: -l : not a number; $are" -l ''
	start_chatd -l 1:1
	start_chatd -l 1000000:10000000
	start_chatd -l 0
}

@test "-m: sizes from 64K on" {
	refuses 'chatd: -m 65535: too small, at least 65536' -m 65535
	refuses 'chatd: -m 63K: too small, at least 65536' -m 63K
	refuses 'chatd: -m 0: too small, at least 65536' -m 0
	refuses 'chatd: -m 2T: too large, at most 1099511627776' -m 2T
	refuses 'chatd: -m -1M: not a size, such as 64K or 8M' -m -1M
	refuses 'chatd: -m 5X: not a size, such as 64K or 8M' -m 5X
	refuses 'chatd: -m much: not a size, such as 64K or 8M' -m much
	refuses 'chatd: -m : not a size, such as 64K or 8M' -m ''
}

@test "-m: units of 1024" {
	local size
	for size in 65536 64K 64k 1M; do
		start_chatd -m $size
		[ "$(chat-send "$ROOM" <<<hello; echo $?)" = 0 ]
		stop "$CHATD"
		[ "$STATUS" -eq 0 ]
	done
}

@test "-r: a number of sessions, or none" {
	refuses 'chatd: -r -1: too small, at least 0' -r -1
	refuses 'chatd: -r 1000001: too large, at most 1000000' -r 1000001
	refuses 'chatd: -r x: not a number, as in -r 10' -r x
	start_chatd -r 0
	start_chatd -r 1000000
}

@test "-p: seconds, or parts of them" {
	local not='not a number of seconds, to the millisecond at most'
	local is='-p is the patience in seconds, and a port is part of the'
	is+=' address, as in :5555'
	refuses "chatd: -p 0: too small; $is" -p 0
	refuses "chatd: -p 0.000: too small; $is" -p 0.000
	refuses "chatd: -p 0.0001: $not; $is" -p 0.0001
	refuses "chatd: -p -1: $not; $is" -p -1
	refuses "chatd: -p 1s: $not; $is" -p 1s
	refuses "chatd: -p : $not; $is" -p ''
	refuses "chatd: -p 3600.001: too large, at most 3600; $is" -p 3600.001
	start_chatd -p 0.001
	start_chatd -p 3600
}

@test "the last of several options counts" {
	start_chatd -c 1 -c 2
	dial
	dial
	until_ok counted clients 2
}

@test "listening on: the real address, once it can be connected to" {
	start_chatd
	[ "$(room_log)" = "chatd: listening on 127.0.0.1:$PORT" ]
	[ "$PORT" -gt 0 ]
	dial
	say "$FD" '\001send\n'
	hears "$FD" '^Aok 0'
}

@test "the address defaults to localhost, port 5555" {
	# Somebody else may have that port: chatd says so, and about which.
	start chatd 2>"$T/log"
	CHATD=$PID
	until_ok matches "$T/log" 'already in use|:5555$'
	grep -qx -e 'chatd: listening on 127\.0\.0\.1:5555' \
	    -e 'chatd: listening on \[::1]:5555' \
	    -e 'chatd: localhost:5555: Address already in use; .*' "$T/log"
	run ! grep -v -e ':5555$' -e 'localhost:5555: Address already in use; ' \
	    -e 'running as root' \
	    "$T/log"
}

@test "nothing is ever written to standard output" {
	start chatd -v 127.0.0.1:0 >"$T/out" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	chat-send "$ROOM" <<<hello
	kill -USR1 "$CHATD"
	until_ok logged 'clients .*'
	stop "$CHATD"
	[ ! -s "$T/out" ]
}

@test "TERM: everybody gets what is owed, bye, and the end; status 0" {
	start_chatd
	dial; local plain=$FD
	dial; local recv=$FD
	dial; local chat=$FD
	dial; local send=$FD
	say "$recv" '\001recv\n'
	say "$chat" '\001chat\n'
	say "$send" '\001send\n'
	hears "$recv" '^Aat *'
	hears "$chat" '^Aok 0' '^Aat *'
	hears "$send" '^Aok 0'
	say "$send" 'last words\n'
	hears "$send" '^Aok 1'
	kill -TERM "$CHATD"
	hears "$plain" 'last words' '^Abye the room is closing'
	hears "$recv" 'last words' '^Abye the room is closing'
	hears "$chat" 'last words' '^Abye the room is closing'
	hears "$send" '^Abye the room is closing'
	hears_end "$plain"
	hears_end "$recv"
	hears_end "$chat"
	hears_end "$send"
	hang_up "$plain" "$recv" "$chat" "$send"
	ends "$CHATD"
	[ "$(tail -n 1 "$T/log")" = 'chatd: closing' ]
}

@test "TERM: a reader that is behind gets everything before bye" {
	start_chatd_at -p 1000 "$T/room"
	start_recv "$T/copy"
	local r=$PID
	until_ok counted clients 1
	chat-send "$ROOM" <<<'the first'
	until_ok has_line "$T/copy" 'the first'
	kill -STOP "$r"
	# More than the socket takes, so the room still has the rest.
	seq 200000 | chat-send "$ROOM"
	kill -TERM "$CHATD"
	until_ok logged closing
	kill -CONT "$r"
	until_ok matches "$T/copy.err" 'the room is closing'
	ends "$CHATD"
	sed 1d "$T/copy" | cmp - <(seq 200000)
}

@test "INT ends it in the same way" {
	start_chatd
	dial
	until_ok counted clients 1
	kill -INT "$CHATD"
	hears "$FD" '^Abye the room is closing'
	hears_end "$FD"
	hang_up "$FD"
	ends "$CHATD"
	logged closing
}

@test "TERM: it ends at once if nobody is there" {
	start_chatd
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
}

@test "TERM: it ends also if somebody never reads" {
	start_chatd -m 64K -p 0.1
	dial
	until_ok counted clients 1
	seq 1000000 | chat-send "$ROOM"
	# The other end stays open until after that.
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	run ! bash -c "exec 9<>/dev/tcp/127.0.0.1/$PORT"
}

@test "TERM: a second one does no harm, and nobody new comes in" {
	start_chatd
	dial
	until_ok counted clients 1
	kill -TERM "$CHATD"
	until_ok logged closing
	run -1 bash -c "exec 9<>/dev/tcp/127.0.0.1/$PORT"
	kill -TERM "$CHATD"
	hang_up "$FD"
	ends "$CHATD"
	[ "$(grep -c closing "$T/log")" -eq 1 ]
}

@test "HUP: no keys to read again, and the room goes on" {
	start_chatd
	dial; local a=$FD
	until_ok counted clients 1
	kill -HUP "$CHATD"
	until_ok logged 'no keys to read again'
	chat-send "$ROOM" <<<hello
	hears "$a" hello
}

@test "PIPE: clients that are gone are no reason to end" {
	start_chatd
	kill -PIPE "$CHATD"
	chat-send "$ROOM" <<<hello
	counted lines 1
}

@test "USR1: counters" {
	start_chatd
	kill -USR1 "$CHATD"
	until_ok logged \
	    'clients 0, lines 0, bytes 0, lost 0, refused 0, turned away 0'
	dial
	dial
	printf '\001send\none\nzw\303\266lf\r\n\nb\033d\n\377\n' | talk >"$T/none"
	printf '\001foo\nthree' | talk >"$T/none"
	until_ok counted clients 2
	counted lines 4
	counted bytes $((4 + 7 + 1 + 6))
	counted refused 3
	counted lost 0
	counted 'turned away' 0
}

@test "USR1: counters of those turned away are no clients" {
	start_chatd -c 2
	dial
	dial
	until_ok counted clients 2
	dial
	hears "$FD" '^Abye full'
	counted clients 2
	counted 'turned away' 1
}

@test "signals that come all at once are each heard" {
	start_chatd
	for _ in {1..5}; do
		kill -HUP "$CHATD"
		kill -USR1 "$CHATD"
	done
	until_ok logged 'no keys to read again'
	until_ok logged 'clients .*'
	kill -0 "$CHATD"
}

@test "without -v, clients and what they say are not logged" {
	start_chatd
	dial
	say "$FD" 'nobody logs me\n'
	until_ok counted lines 1
	hang_up "$FD"
	until_ok counted clients 0
	run ! grep -v -e 'chatd: listening on ' -e 'chatd: clients ' \
	    -e 'running as root' "$T/log"
}

@test "-v: who comes, what is said, who goes" {
	start_chatd -v
	dial
	until_ok logged '127\.0\.0\.1:[0-9]*: joined'
	local who
	who=$(sed -n 's/^chatd: \(.*\): joined$/\1/p' "$T/log")
	say "$FD" 'one\n\ntwo\n'
	until_ok logged "$who: two"
	hang_up "$FD"
	until_ok logged "$who: left"
	room_log | sed 1d | cmp - <(printf "chatd: $who: %s\n" joined one '' two \
	    left)
}

@test "-v: clients of Unix sockets have no names" {
	start_chatd_at -v "$T/room"
	chat-send "$ROOM" <<<hello
	until_ok logged 'a local client: left'
	room_log | sed 1d | cmp - <(printf 'chatd: a local client: %s\n' joined \
	    hello left)
}

@test "-v: what could drive a terminal is made safe to show" {
	start_chatd -v
	# A right-to-left override, a zero width space, one noncharacter.
	printf 'a\342\200\256b \342\200\213c \357\277\276d\te gr\303\274n\n' |
	    chat-send "$ROOM"
	until_ok logged '.*: left'
	sed -n 's/^chatd: [0-9.:]*: \(a.*\)$/\1/p' "$T/log" |
	    cmp - <(printf 'a<U+202E>b <U+200B>c <U+FFFE>d\te gr\303\274n\n')
	# Refused lines and control lines are not logged at all.
	printf 'x\033[31m\n\001foo\n' | talk >"$T/none"
	until_ok counted refused 2
	run ! grep -q -e x -e foo <(sed 's/left$//; s/fffe//I' "$T/log" |
	    sed 1d)
}

@test "-v: a line of the log has 4096 bytes at most, and whole characters" {
	local text
	start_chatd -v
	printf '%04000d\n%04095d\n' 7 7 | chat-send "$ROOM"
	# Of each of these, another byte would be the last.
	text=$(printf '%01364d' 0 | sed 's/0/\xe2\x82\xac/g')
	printf '%s\nx%s\nxx%s\n' "$text" "$text" "$text" | chat-send "$ROOM"
	until_ok matches "$T/log" xx
	grep -qx 'chatd: 127.0.0.1:[0-9]*: 0\{3999\}7' "$T/log"
	[ "$(grep -c '000$' "$T/log")" -eq 1 ]
	[ "$(grep '000$' "$T/log" | wc -c)" -eq 4096 ]
	iconv -f UTF-8 -t UTF-8 "$T/log" >"$T/none"
	[ "$(LC_ALL=C awk 'length($0) > 4095' "$T/log" | wc -l)" -eq 0 ]
	[ "$(LC_ALL=C awk 'length($0) > 4092' "$T/log" | wc -l)" -eq 4 ]
}

@test "a log that nobody reads doesn't hold the room up" {
	mkfifo "$T/fifo"
	# Opened for both, so that nobody has to read.
	exec {FIFO}<>"$T/fifo"
	start chatd -v 127.0.0.1:0 2>"$T/fifo"
	CHATD=$PID
	local line
	until [[ $line == *'listening on '* ]]; do
		read -r -t 20 line <&"$FIFO"
	done
	ROOM=${line#*listening on }
	seq 100000 | chat-send "$ROOM"
	# What was left out is told when there's space again.
	timeout 20 head -c 30000 <&"$FIFO" >"$T/some"
	kill -HUP "$CHATD"
	timeout 20 sed -n '/no keys to read again/q; p' <&"$FIFO" >"$T/rest"
	grep -qx 'chatd: [0-9]* events\{0,1\} not logged' "$T/rest"
	exec {FIFO}<&-
}

@test "a log whose reader is gone doesn't end the room" {
	mkfifo "$T/fifo"
	exec 5<>"$T/fifo"
	start chatd -v 127.0.0.1:0 2>"$T/fifo" 5>&-
	CHATD=$PID
	local line
	line=$(timeout 20 sed '/listening on/q' <&5 | tail -n 1)
	exec 5>&-
	ROOM=${line#*listening on }
	seq 1000 | chat-send "$ROOM"
	seq 1000 | chat-send "$ROOM"
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
}

# with_closed REDIRECTION...: a room started so, on a Unix socket.
with_closed() {
	rm -f "$T/room"
	start bash -c "exec chatd -v '$T/room' $*" 2>"$T/log"
	CHATD=$PID
	ROOM=$T/room
	until_ok lets_in
	start_recv "$T/copy"
	chat-send "$ROOM" <<<'said in the dark'
	until_ok has_line "$T/copy" 'said in the dark'
	# No socket has taken the place of what was closed.
	local fd
	for fd in 0 1 2; do
		[[ $(readlink "/proc/$CHATD/fd/$fd") != socket:* ]]
	done
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	[ ! -e "$T/room" ]
}
lets_in() {
	[ -S "$T/room" ] && chat-send "$ROOM" </dev/null 2>/dev/null
}

@test "started with descriptors closed, it works all the same" {
	local closed
	for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '0<&- 2>&-' \
	    '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
		with_closed "$closed"
	done
}

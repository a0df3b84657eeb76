# chatd -s: a room that is kept in a directory

load helpers.bash
load wire.bash
load store.bash

teardown() {
	cleanup
}

# readable FILE: a segment with its numbers relative, its times one time.
readable() {
	local first
	first=$(basename "$(oldest)" | sed 's/^0*//')
	cat -v "$1" | awk -v first="$first" '
	$1 == "^Atime" { $2 = "T" }
	$1 == "^Aat" { $2 = "N+" $2 - first }
	$1 == "^Aroom" { $2 = "N+" $2 - first }
	{ print }'
}

# without_clock: no matter in how many seconds all of it was said.
without_clock() {
	awk '/^\^Aat/ && seen++ > 1 { getline; getline; print; next } { print }'
}

@test "what a segment has inside" {
	open_room
	printf 'a\n\nb\n' | chat-send "$ROOM"
	talk '\001send session=one\nc\nbad\001\nd\n'
	printf 'e\n' | talk 'e\n'
	talk '\001send session=one\nf\n'
	stop "$CHATD"
	[ "$(readable "$(oldest)" | sed '/^^Aat N+[1-9]/,/^^Atime/d')" = \
"^Aat N+0
^Aroom N+0 0
^Aat N+0
^Atime T
^Aby 1
a

b
^Ahere one 2 0
^Aby 2
c
^A
d
^Apart 2
^Aby 3
e
^Ahere one 2 3
^Aby 2
f
^Apart 2" ]
	[ "$(stored | tr '\n' ' ')" = 'a  b c d e f ' ]
}

@test "the directory is made, and nobody else may look into it" {
	umask 0
	open_room
	echo a | chat-send "$ROOM"
	[ "$(stat -c %a "$T/store")" = 700 ]
	[ "$(stat -c %a "$(oldest)")" = 600 ]
	[[ $(basename "$(oldest)") == 0000[0-9]* ]]
	[ "$(basename "$(oldest)" | wc -c)" -eq 21 ]
}

@test "lines, their numbers and times outlive the room" {
	local signal
	open_room
	seq 1000 | chat-send "$ROOM"
	past times >"$T/before"
	[ "$(grep -vc '^^A' "$T/before")" -eq 1000 ]
	chat-recv -t -l 1000 -c 1000 "$ROOM" >"$T/times"
	for signal in TERM KILL INT; do
		reopen "$signal"
		past times | diff "$T/before" -
		chat-recv -t -l 1000 -c 1000 "$ROOM" | diff "$T/times" -
	done
	echo 1001 | chat-send "$ROOM"
	reopen KILL
	seq 1001 | diff - <(past | grep -v '^^A')
	# The numbers go on, too.
	local first at
	first=$(past | sed -n 's/^^Aat //p' | head -n 1)
	at=$(talk '\001recv\n' | sed -n 's/^^Aat //p')
	[ $((at - first)) -eq 1001 ]
}

@test "a room that has never been spoken in can be started again" {
	open_room
	reopen KILL
	reopen TERM
	[ "$(segments)" -eq 1 ]
	echo a | chat-send "$ROOM"
	[ "$(past | grep -v '^^A')" = a ]
}

@test "a session goes on where it ended, refused lines counted" {
	open_room
	[ "$(talk '\001send session=one\na\nb\n' | tail -n 1)" = '^Aok 2' ]
	talk '\001send session=two\nbad\001\nx\nbad\001\n'
	reopen TERM
	[ "$(talk '\001send session=one\n')" = '^Aok 2' ]
	[ "$(talk '\001send session=two\n')" = '^Aok 3' ]
	talk '\001send session=one\nc\n'
	reopen KILL
	[ "$(talk '\001send session=one\n')" = '^Aok 3' ]
	[ "$(talk '\001send session=new\n')" = '^Aok 0 new' ]
	reopen KILL
	[ "$(talk '\001send session=new\n')" = '^Aok 0' ]
}

@test "sessions that were forgotten stay so, the last used ones stay known" {
	open_room -r 2
	local i
	for i in 1 2 3 4; do
		talk '\001send session=s%s\nx\n' "$i"
	done
	reopen KILL -r 2
	[ "$(talk '\001send session=s4\n')" = '^Aok 1' ]
	[ "$(talk '\001send session=s3\n')" = '^Aok 1' ]
	[ "$(talk '\001send session=s1\n')" = '^Aok 0 new' ]
	reopen KILL -r 0
	[[ $(talk '\001send session=s4\n') == *'keeps no sessions'* ]]
	reopen KILL
	[ "$(talk '\001send session=s1\n')" = '^Aok 0' ]
}

# alice_is_here [OPTION...]: with a session, and says two lines more; $ALICE is
# her connection. The room is at a port, too.
alice_is_here() {
	PORT=${ROOM##*:}
	dial; ALICE=$FD
	say "$ALICE" '\001send session=alice\n'
	hear "$ALICE"
	GREETING=$LINE
	say "$ALICE" 'one\ntwo\n'
	hears "$ALICE" '^Aok *'
}

# come_and_go N: so many sessions, whose tokens are long. The room is at a port.
come_and_go() {
	local i
	PORT=${ROOM##*:}
	for ((i = 0; i < $1; i++)); do
		dial
		say "$FD" '\001send session=%064d\n' "$i"
		hears "$FD" '^Aok 0 new'
		hang_up "$FD"
	done
}

@test "who is connected is not forgotten, however the room ends" {
	open_room -r 2 127.0.0.1:0
	alice_is_here
	[ "$GREETING" = '^Aok 0 new' ]
	local how i n=0
	for how in KILL TERM INT; do
		for i in 1 2 3; do
			talk '\001send session=%s%s\nx\n' "$how" "$i"
		done
		hang_up "$ALICE" &
		reopen "$how" -r 2 127.0.0.1:0
		# And not before she is back, whoever comes and goes until then.
		for i in 4 5 6; do
			talk '\001send session=%s%s\nx\n' "$how" "$i"
		done
		n=$((n + 2))
		hang_up "$ALICE"
		alice_is_here
		[ "$GREETING" = "^Aok $n" ]
		# The others as ever.
		[ "$(talk '\001send session=%s4\n' "$how")" = '^Aok 0 new' ]
	done
}

@test "those who are idle are forgotten in the same order after the end" {
	local how i
	open_room -r 3
	for how in KILL TERM; do
		for i in 1 2 3 4; do
			talk '\001send session=%s%s\nx\n' "$how" "$i"
		done
		# Refused lines are a use, too, and so is coming alone.
		talk '\001send session=%s2\n\200\n' "$how"
		reopen "$how" -r 3
		talk '\001send session=%s3\n' "$how"
		reopen "$how" -r 3
		talk '\001send session=other\n'
		[ "$(talk '\001send session=%s3\n' "$how")" = '^Aok 1' ]
		[ "$(talk '\001send session=%s2\n' "$how")" = '^Aok 2' ]
		[ "$(talk '\001send session=%s4\n' "$how")" = '^Aok 0 new' ]
	done
}

@test "more sessions than are kept push out nobody who is connected" {
	local i
	open_room -r 300 127.0.0.1:0
	alice_is_here
	come_and_go 310
	reopen KILL -r 300 127.0.0.1:0
	hang_up "$ALICE"
	alice_is_here
	[ "$GREETING" = '^Aok 2' ]
	[ "$(talk '\001send session=%064d\n' 309)" = '^Aok 0' ]
	[ "$(talk '\001send session=%064d\n' 0)" = '^Aok 0 new' ]
}

@test "a store of the version before this" {
	local now
	now=$(date +%s)
	mkdir "$T/store"
	printf '\001%s\n' 'at 1000' 'session old 4 7' 'session alice:x 5 1' \
	    'session last 6 2' 'room 1000 9' 'at 1000' "time $now" 'by 4' \
	    >"$T/store/00000000000000001000"
	printf 'one\n\001session old 4 9\n\001by 5\ntwo\n\001by 9\nthree\n' \
	    >>"$T/store/00000000000000001000"
	open_room -r 2
	[ "$(past)" = $'^Aat 1000\none\ntwo\nthree' ]
	talk '\001send session=new\nfour\n'
	[ "$(talk '\001send session=old\n')" = '^Aok 9' ]
	reopen KILL -r 3
	[ "$(talk '\001send session=new\nfive\n' | tail -n 1)" = '^Aok 2' ]
	[ "$(stored | tr '\n' ' ')" = 'one two three four five ' ]
}

@test "sessions go from segment to segment" {
	open_room -z 64K -t 64K
	talk '\001send session=one\na\nbad\001\n'
	local i
	for i in 1 2 3; do
		yes 'a line of no importance' | head -n 4000 | chat-send "$ROOM"
	done
	until_ok eval '! grep -qx a "$T/store"/*'
	reopen KILL -z 64K -t 64K
	[ "$(talk '\001send session=one\nb\n' | tail -n 1)" = '^Aok 3' ]
}

@test "own lines stay out after a restart, from the ring and from the past" {
	open_room -m 64K
	local at
	at=$(talk '\001chat session=me\nmine 1\n' | sed -n 's/^^Aat //p' | head -n 1)
	echo other 1 | chat-send "$ROOM"
	talk '\001chat session=me\nmine 2\n'
	echo other 2 | chat-send "$ROOM"
	printf '%s\n' '^Aok 2' "^Aat $at" "^Aat $((at + 1))" 'other 1' \
		"^Aat $((at + 3))" 'other 2' >"$T/want"
	talk '\001chat session=me from=%s\n' "$at" | diff "$T/want" -
	reopen KILL -m 64K
	talk '\001chat session=me from=%s\n' "$at" | diff "$T/want" -
	seq -f 'fill %g' 20000 | chat-send "$ROOM"
	talk '\001chat session=me from=%s\n' "$at" | grep -v '^fill' |
		diff "$T/want" -
	reopen KILL -m 64K
	talk '\001chat session=me from=%s\n' "$at" >"$T/got"
	grep -v '^fill' "$T/got" | diff "$T/want" -
	[ "$(grep -c '^fill' "$T/got")" -eq 20000 ]
}

# said_at TIME TEXT...: what a segment has of lines that were said then.
said_at() {
	printf '\001at %d\n\001time %d\n\001by 1\n' "$NEXT" "$1"
	printf '%s\n' "${@:2}"
	NEXT=$((NEXT + $# - 1))
}
begin_segment() {
	printf '\001at %d\n\001room 100 1\n' "$NEXT"
}

# since TIME: what a reader gets that wants what was said then and later.
since() {
	talk '\001recv since=%s\n' "$1" | tr '\n' ' '
}

@test "since= finds the first line of a time, in the ring and in segments" {
	local NEXT=100 long time i
	printf -v long %04000d 0
	mkdir "$T/store"
	# The ring will have the last 64 KiB; the clock was set back on the way.
	{
		begin_segment
		said_at 1000 a b
		for i in {1..9}; do said_at 1010 "$long" "$long"; done
		said_at 1020 c
	} >"$T/store/00000000000000000100"
	i=$NEXT
	{
		begin_segment
		said_at 500 d
		said_at 1020 e "$long"
		for i in {1..9}; do said_at 1030 "$long" "$long"; done
		said_at 1040 f
		said_at 1035 g
		said_at 1050 h
	} >"$T/store/00000000000000000$i"
	open_room -m 64K
	for time in 0 1 1000; do
		[[ "$(since "$time")" == '^Aat 100 a b 0'*' f g h ' ]]
	done
	[[ "$(since 1001)" == "^Aat 102 $long "*' f g h ' ]]
	# Nothing that was said since is missing.
	[[ "$(since 1011)" == "^Aat 120 c d e $long"*' f g h ' ]]
	[[ "$(since 1020)" == "^Aat 120 c d e $long"*' f g h ' ]]
	[[ "$(since 1021)" == "^Aat 124 $long "*' f g h ' ]]
	[ "$(since 1031)" = '^Aat 142 f g h ' ]
	[ "$(since 1040)" = '^Aat 142 f g h ' ]
	[ "$(since 1041)" = '^Aat 144 h ' ]
	[ "$(since 1051)" = '^Aat 145 ' ]
	[ "$(since 99999999999999999999)" = '^Aerror 0 not a number:'\
' since=99999999999999999999 ^Aat 145 ' ]
	[ "$(since 18446744073709551615)" = '^Aat 145 ' ]
	# The answer comes before the time.
	[ "$(talk '\001recv since=1041 times\n' | tr '\n' ' ')" = \
	    '^Aat 144 ^Atime 1050 h ' ]
	[[ "$(talk '\001recv since=1001 times\n' | tr '\n' ' ')" == \
	    '^Aat 102 ^Atime 1010 0'* ]]
	# Whoever also sends is answered at once.
	[[ "$(talk '\001chat since=1021\n' | tr '\n' ' ')" == \
	    '^Aok 0 ^Aat 124 0'* ]]
	# An upgrade knows it all, too.
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" 'upgraded:'
	[[ "$(since 1021)" == "^Aat 124 $long "*' f g h ' ]]
	[ "$(since 1031)" = '^Aat 142 f g h ' ]
	[ "$(since 1051)" = '^Aat 145 ' ]
}

@test "last= and from= reach from the ring over several segments" {
	open_room -m 64K -z 64K
	seq 60000 | chat-send "$ROOM"
	[ "$(segments)" -ge 5 ]
	local n first got want
	first=$(past | sed -n 's/^^Aat //p' | head -n 1)
	for n in 1 100 5000 11000 14000 20000 30001 59999 60000 70000; do
		want=$((n < 60000 ? n : 60000))
		got=$(talk '\001recv last=%s\n' "$n")
		[ "$(grep -v '^^A' <<<"$got")" = \
			"$(seq $((60001 - want)) 60000)" ]
		[ "$(grep '^^A' <<<"$got")" = \
			"^Aat $((first + 60000 - want))" ]
		got=$(talk '\001recv from=%s\n' $((first + 60000 - want)))
		[ "$(grep -v '^^A' <<<"$got")" = \
			"$(seq $((60001 - want)) 60000)" ]
	done
	[ "$(talk '\001recv from=%s\n' $((first - 1)) | head -n 1)" = \
		'^Alost ?' ]
	reopen KILL -m 64K -z 64K
	[ "$(past | grep -v '^^A')" = "$(seq 60000)" ]
	[ "$(past | head -n 1)" = "^Aat $first" ]
}

@test "-t bounds the directory, and who asks for more is told what is lost" {
	open_room -m 64K -z 64K -t 256K
	local n first got lost
	first=$(talk '\001recv\n' | sed -n 's/^^Aat //p')
	for n in 1 2 3 4; do
		seq $((n * 20000 - 19999)) $((n * 20000)) | chat-send "$ROOM"
		[ "$(cat "$T/store"/* | wc -c)" -le $((512 * 1024)) ]
	done
	talk '\001recv from=%s\n' "$first" >"$T/got"
	lost=$(sed -n 's/^^Alost //p' "$T/got")
	got=$(grep -vc '^^A' "$T/got")
	[ "$lost" -gt 20000 ]
	[ "$got" -gt 20000 ]
	[ $((lost + got)) -eq 80000 ]
	seq $((lost + 1)) 80000 | diff - <(grep -v '^^A' "$T/got")
	[ "$(sed -n 2p "$T/got")" = "^Aat $((first + lost))" ]
	# It's the same room when it starts again.
	reopen KILL -m 64K -z 64K -t 256K
	talk '\001recv from=%s\n' "$first" | diff "$T/got" -
}

# history KIB: so much of it, in lines of one.
history() {
	yes "$(printf '%059d' 0)" | head -n $(($1 * 1024 / 60)) |
		chat-send "$ROOM"
}
# kept: bytes in all segments but their heads.
kept() {
	awk 'FNR == 1 { head = 1 }
	!head { n += length($0) + 1 }
	/^\001room / { head = 0 }
	END { print n }' "$T/store"/0*
}

@test "lines that are refused push out nothing that was said" {
	local before i
	open_room -z 64K -t 1M -m 64K -l 2000
	history 900
	talk '\001send session=bad\n' >/dev/null
	before=$(oldest)
	[ "$(segments)" -ge 13 ]
	size=$(kept)
	# As many writes as there are lines.
	{
		printf '\001send session=bad\n'
		for ((i = 0; i < 20500; i++)); do
			printf '\200\n'
		done
	} | timeout 300 socat -t 200 - "UNIX-CONNECT:$T/room" | tail -n 1 |
		grep -q 'ok 20500$'
	[ "$(kept)" -le $((size + 41000 + 200)) ]
	talk 'said by somebody else\n'
	[ "$(oldest)" = "$before" ]
	reopen KILL -z 64K -t 1M
	[ "$(talk '\001send session=bad\n')" = '^Aok 20500' ]
}

@test "in a room where nobody speaks the segment doesn't grow without end" {
	local i
	open_room -r 100 -z 64K 127.0.0.1:0
	for i in 1 2; do
		{
			printf '\001send session=bad\n'
			yes $'\200' | head -n 20000
		} | timeout 60 socat -t 30 - "UNIX-CONNECT:$T/room" >/dev/null
	done
	come_and_go 900
	[ "$(segments)" -eq 1 ]
	[ "$(wc -c <"$(oldest)")" -le $((64 * 1024 + 100 * 100 + 1024)) ]
	talk '\001send session=last\n\200\n'
	reopen KILL -r 100 -z 64K
	[ "$(talk '\001send session=%064d\n' 899)" = '^Aok 0' ]
	[ "$(talk '\001send session=last\nx\n' | tail -n 1)" = '^Aok 2' ]
	[ "$(past | grep -v '^^A')" = x ]
}

@test "heads don't count as what is kept, however large they are" {
	local i
	open_room -m 64K -z 64K -t 256K 127.0.0.1:0
	come_and_go 800
	for i in 1 2 3 4 5 6 7 8; do
		history 60
		# A round, and the records in it, on top of a segment.
		[ "$(kept)" -le $(((256 + 64 + 64) * 1024)) ]
	done
	[ "$(kept)" -ge $((160 * 1024)) ]
	[ "$(grep -c '^.room' -h "$T/store"/0* | wc -l)" -eq "$(segments)" ]
}

@test "who stops reading gets all of it in the end, and holds nobody up" {
	open_room -m 64K -z 64K -p 0.1
	start chat-recv -c 100000 "$ROOM" >"$T/got"
	local recv=$PID
	until_ok eval 'echo sync | chat-send "$ROOM"; grep -q sync "$T/got"'
	kill -STOP "$recv"
	seq 300000 | chat-send "$ROOM"
	grep -q 'a local client: too slow, continues from the store' "$T/log"
	kill -CONT "$recv"
	ends "$recv"
	grep -v sync "$T/got" >"$T/lines"
	head -n "$(wc -l <"$T/lines")" <(seq 300000) | cmp - "$T/lines"
}

@test "TERM while somebody reads the past: all of it, then bye" {
	open_room -m 64K
	seq 200000 | chat-send "$ROOM"
	start socat -u "UNIX-CONNECT:$T/room" "CREATE:$T/plain"
	start eval 'printf "\001recv last=200000\n" |
		socat -t 30 - "UNIX-CONNECT:$T/room" >"$T/got"'
	local recv=$PID
	until_ok test -s "$T/got"
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	until_ok has_ended "$recv"
	tr '\001' '^' <"$T/got" | tail -n 1
	[ "$(grep -av $'^\001' "$T/got")" = "$(seq 200000)" ]
}

@test "a role that comes late begins in the past all the same" {
	open_room -m 64K
	seq 50000 | chat-send "$ROOM"
	{
		pause 0.5
		printf '\001recv last=50000\n'
	} | timeout 20 socat -t 20 - "UNIX-CONNECT:$T/room" |
		grep -av $'^\001' >"$T/got"
	seq 50000 | cmp - "$T/got"
}

@test "two rooms can't be kept in one directory" {
	open_room
	echo a | chat-send "$ROOM"
	run -2 timeout 10 chatd -s "$T/store" "$T/other" 3>&-
	[ "$output" = "chatd: $T/store: in use by another room" ]
	[ ! -e "$T/other" ]
	[ "$(past | grep -v '^^A')" = a ]
}

@test "only segments are looked at, and what was left unfinished goes" {
	open_room
	echo a | chat-send "$ROOM"
	stop "$CHATD"
	echo junk >"$T/store/new"
	echo junk >"$T/store/notes.txt"
	echo junk >"$T/store/0000"
	echo junk >"$T/store/99999999999999999999"
	echo junk >"$T/store/00000000000000000000"
	mkdir "$T/store/00000000000000000001"
	ln -s /dev/null "$T/store/00000000000000000002"
	open_room
	[ ! -e "$T/store/new" ]
	[ -s "$T/store/notes.txt" ]
	[ "$(past | grep -v '^^A')" = a ]
	[ "$(room_log | wc -l)" -eq 1 ]
}

@test "-s: wrong options and directories" {
	local option
	for option in -S -f '-t 1M' '-z 1M'; do
		# shellcheck disable=SC2086
		run -2 timeout 10 chatd $option "$T/room"
		[ "$output" = "chatd: ${option%% *}: only with -s" ]
	done
	for option in t z; do
		run -2 timeout 10 chatd -s "$T/store" "-$option" 65535
		[ "$output" = "chatd: -$option 65535: too small, at least 65536" ]
		run -2 timeout 10 chatd -s "$T/store" "-$option" lots
		[ "$output" = "chatd: -$option lots: not a size, such as 64K or 8M" ]
		run -2 timeout 10 chatd -s "$T/store" "-$option" -1
		[ "$output" = "chatd: -$option -1: not a size, such as 64K or 8M" ]
		run -2 timeout 10 chatd -s "$T/store" "-$option" 2E
		# Half of a size_t of 32 bits is less.
		[[ $output =~ ^"chatd: -$option 2E: too large, at most "\
(1152921504606846976|2147483647)$ ]]
	done
	[ ! -e "$T/store" ]
	: >"$T/file"
	run -2 timeout 10 chatd -s "$T/file" "$T/room"
	[ "$output" = "chatd: $T/file: Not a directory" ]
	run -2 timeout 10 chatd -s "$T/file/store" "$T/room"
	[ "$output" = "chatd: $T/file/store: Not a directory" ]
	run -2 timeout 10 chatd -s "$T/no/store" "$T/room"
	[ "$output" = "chatd: $T/no/store: No such file or directory" ]
	# Nothing is left of a room that didn't begin.
	[ ! -e "$T/room" ]
}

@test "-s: a directory where nothing can be written" {
	run -2 timeout 10 chatd -s /proc "$T/room"
	[[ $output == "chatd: /proc: "* ]]
	[ ! -e "$T/room" ]
}

# The protocol: what goes over the wire, byte by byte (chat(7))
load helpers.bash
load wire.bash

setup() {
	start_chatd
}
teardown() {
	cleanup
}

# greeted FORMAT: connect, say that, and leave the connection in $FD.
greeted() {
	dial
	say "$FD" "$1"
}

# The number after the word of $LINE.
number() {
	local rest=${LINE#* }
	echo "${rest%% *}"
}

@test "plain clients hear each other and nothing besides" {
	enter; local a=$FD
	enter; local b=$FD
	say "$a" 'hello from a\n'
	hears "$b" 'hello from a'
	say "$b" 'hello from b\n'
	hears "$a" 'hello from b'
}

@test "what was said before a plain client came is not for it" {
	printf 'early\n' | talk
	enter; local a=$FD
	until_ok counted clients 1
	printf 'late\n' | talk
	hears "$a" 'late'
}

@test "send: ok 0 at once, ok for every line, and nothing of the room" {
	enter; local other=$FD
	greeted '\001send\n'; local s=$FD
	hears "$s" '^Aok 0'
	say "$other" 'not for those who send\n'
	until_ok counted lines 1
	say "$s" 'one\n'
	hears "$s" '^Aok 1'
	say "$s" 'two\nthree\n'
	until [ "$LINE" = '^Aok 3' ]; do
		hears "$s" '^Aok [23]'
	done
	hears "$other" one two three
}

@test "send: nothing said is nothing more than ok 0" {
	run talk <<<$'\001send'
	[ "$output" = '^Aok 0' ]
}

@test "recv: at N at once, then messages" {
	greeted '\001recv\n'; local r=$FD
	hears "$r" '^Aat [0-9]*'
	printf 'one\ntwo\n' | talk
	hears "$r" one two
}

@test "recv: lines from one who only listens are refused, each one" {
	enter; local other=$FD
	greeted '\001recv\nmine\n\nagain\n'; local r=$FD
	hears "$r" '^Aat *' '^Aerror 1 you only listen' \
	    '^Aerror 2 you only listen' '^Aerror 3 you only listen'
	say "$r" '\001send\n'
	hears "$r" '^Aerror 0 only the first line can be a control line'
	printf 'theirs\n' | talk
	hears "$r" theirs
	hears "$other" theirs
}

@test "chat: both, on one connection" {
	enter; local other=$FD
	greeted '\001chat\n'; local c=$FD
	hears "$c" '^Aok 0' '^Aat *'
	local n; n=$(number)
	say "$other" 'theirs\n'
	hears "$c" theirs
	say "$c" 'mine\n'
	hears "$c" '^Aok 1' "^Aat $((n + 2))"
	hears "$other" mine
	say "$other" 'theirs again\n'
	hears "$c" 'theirs again'
	say "$other" 'and more\n'
	hears "$c" 'and more'
}

@test "chat: the number after own lines comes behind all before them" {
	# So each knows where the room has put its own lines.
	greeted '\001chat\n'; local a=$FD
	hears "$a" '^Aok 0' '^Aat *'
	local n; n=$(number)
	greeted '\001chat\n'; local b=$FD
	hears "$b" '^Aok 0' '^Aat *'
	room_pid
	kill -STOP "$ROOM_PID"
	until_ok matches "/proc/$ROOM_PID/status" '^State:.*stopped'
	say "$a" 'a 1\n'
	say "$b" 'b 1\n'
	kill -CONT "$ROOM_PID"
	hears "$a" '^Aok 1' "^Aat $((n + 1))" 'b 1'
	hears "$b" '^Aok 1' 'a 1' "^Aat $((n + 2))"
}

@test "at: numbers count every line of the room" {
	greeted '\001recv\n'; local first=$FD
	hears "$first" '^Aat *'
	local n; n=$(number)
	printf 'a\nb\nc\n' | talk
	greeted '\001recv\n'
	hears "$FD" "^Aat $((n + 3))"
}

@test "at: a room starts counting at the clock's microseconds" {
	local before after n
	cleanup
	before=${EPOCHREALTIME//[.,]/}
	start_chatd
	after=${EPOCHREALTIME//[.,]/}
	greeted '\001recv\n'
	hears "$FD" '^Aat *'
	n=$(number)
	[ "$n" -ge "$before" ]
	[ "$n" -le "$after" ]
}

@test "last=N: the last N lines first, or as many as there are" {
	local n
	printf '%s\n' a b c d | talk
	greeted '\001recv\n'
	hears "$FD" '^Aat *'
	n=$(number)
	for pair in 0: 1:d 2:c,d 4:a,b,c,d 5:a,b,c,d \
	    18446744073709551615:a,b,c,d; do
		run talk < <(printf '\001recv last=%s\n' "${pair%%:*}")
		local want=${pair#*:} lines=()
		IFS=, read -r -a lines <<<"$want"
		[ "$output" = "$(printf '%s\n' "^Aat $((n - ${#lines[@]}))" \
		    "${lines[@]}")" ]
	done
}

@test "last=N is for chat, too, and new lines follow old ones" {
	printf 'old\n' | talk
	greeted '\001chat last=1\n'; local c=$FD
	hears "$c" '^Aok 0' '^Aat *' old
	printf 'new\n' | talk
	hears "$c" new
}

@test "from=N: everything from line N on" {
	printf '%s\n' a b c | talk
	greeted '\001recv last=3\n'
	hears "$FD" '^Aat *'
	local n; n=$(number)
	run talk < <(printf '\001recv from=%s\n' "$n")
	[ "$output" = "$(printf '%s\n' "^Aat $n" a b c)" ]
	run talk < <(printf '\001recv from=%s\n' "$((n + 2))")
	[ "$output" = "$(printf '%s\n' "^Aat $((n + 2))" c)" ]
	# The next one is none that was lost.
	run talk < <(printf '\001recv from=%s\n' "$((n + 3))")
	[ "$output" = "^Aat $((n + 3))" ]
}

@test "from=N of another room's life: lost, nobody knows how many" {
	printf '%s\n' a b c | talk
	greeted '\001recv last=3\n'
	hears "$FD" '^Aat *'
	local n; n=$(number)
	for wrong in 0 1 "$((n - 1))" "$((n + 4))" 18446744073709551615; do
		run talk < <(printf '\001recv from=%s\n' "$wrong")
		[ "$output" = "$(printf '%s\n' '^Alost ?' "^Aat $((n + 3))")" ]
	done
}

@test "from=N that the ring has forgotten: lost N, exactly" {
	cleanup
	# Over a log there is a store, which forgets nothing.
	CHAT_LOG='' start_chatd -m 64K
	greeted '\001send\n'; local s=$FD
	hears "$s" '^Aok 0'
	run talk <<<$'\001recv'
	LINE=$output
	local first; first=$(number)
	seq 30000 | chat-send "$ROOM"
	run talk < <(printf '\001recv from=%s\n' "$first")
	[[ ${lines[0]} == '^Alost '* ]]
	local lost=${lines[0]#* }
	[ "${lines[1]}" = "^Aat $((first + lost))" ]
	[ "${lines[2]}" = "$((lost + 1))" ]
	[ "${#lines[@]}" -eq "$((2 + 30000 - lost))" ]
}

# Lines of two seconds, since a second may end between any two of them. The room
# has its seconds from time(2), and so has EPOCHSECONDS: they begin a moment
# later than those of EPOCHREALTIME.
say_in_two_seconds() {
	local now
	printf 'first\n' | talk
	now=$EPOCHSECONDS
	until_ok is_later "$now"
	printf 'second\nthird\n' | talk
}
is_later() {
	[ "$EPOCHSECONDS" -gt "$1" ]
}

@test "times: a time before the first line and whenever it changes" {
	local before after
	before=$EPOCHSECONDS
	say_in_two_seconds
	after=$EPOCHSECONDS
	run talk <<<$'\001recv last=3 times'
	[[ ${lines[0]} == '^Aat '* ]]
	[[ ${lines[1]} == '^Atime '* ]]
	[ "${lines[2]}" = first ]
	[[ ${lines[3]} == '^Atime '* ]]
	[ "${lines[4]}" = second ]
	[ "${lines[5]}" = third ]
	[ "${#lines[@]}" -eq 6 ]
	[ "${lines[1]#* }" -ge "$before" ]
	[ "${lines[1]#* }" -lt "${lines[3]#* }" ]
	[ "${lines[3]#* }" -le "$after" ]
}

@test "times: in what is said from now on, for chat as for recv" {
	local last i
	enter; local other=$FD
	greeted '\001chat times\n'; local c=$FD
	hears "$c" '^Aok 0' '^Aat *'
	last=$((EPOCHSECONDS - 1))
	for i in {1..10}; do
		say "$other" 'now %d\n' "$i"
		hear "$c"
		if [[ $i -eq 1 || $LINE == '^Atime '* ]]; then
			# Never the same time twice.
			[ "$(number)" -gt "$last" ]
			last=$(number)
			hear "$c"
		fi
		[ "$LINE" = "now $i" ]
	done
	[ "$last" -le "$EPOCHSECONDS" ]
}

@test "nobody else is told a time" {
	say_in_two_seconds
	run talk <<<$'\001recv last=3'
	[ "$(printf '%s\n' "${lines[@]:1}")" = $'first\nsecond\nthird' ]
}

# answer_to FORMAT ANSWER...: what the room answers to a first line, and to what
# comes with it, in one piece: bash would write line by line.
answer_to() {
	local format=$1 line i=0
	shift
	# shellcheck disable=SC2059
	printf "$format" >"$T/asked"
	run talk <"$T/asked"
	printf '# %s: %s\n' "${format@Q}" "${lines[@]}"
	for line; do
		# shellcheck disable=SC2053
		[[ ${lines[i++]} == $line ]] || return 1
	done
	[ "${#lines[@]}" -eq "$#" ]
}

@test "control lines: what only a room says is not answered" {
	answer_to '\001error 0 unknown word: error\n'
	answer_to '\001lost 5\nhi\n\001bye\n'
	answer_to '\001recv\n\001error 1\n\001ok x\n' '^Aat *'
	until_ok counted refused 5
	[ "$(transcript)" = hi ]
}

@test "control lines: one that names no role is an error, the client is plain" {
	answer_to '\001foo\n' '^Aerror 0 unknown word: foo'
	answer_to '\001SEND\n' '^Aerror 0 unknown word: SEND'
	answer_to '\001sen\n' '^Aerror 0 unknown word: sen'
	answer_to '\001sendx\n' '^Aerror 0 unknown word: sendx'
	answer_to '\001last=1 recv\n' '^Aerror 0 unknown word: last=1'
	answer_to '\001\n' '^Aerror 0 unknown word: '
	answer_to '\001 \n' '^Aerror 0 unknown word: '
	answer_to '\001  recv\n' '^Aerror 0 unknown word: '
	answer_to '\001\001recv\n' \
	    '^Aerror 0 the control line is not printable ASCII'
	answer_to '\001recv\ttimes\n' \
	    '^Aerror 0 the control line is not printable ASCII'
	answer_to '\001recv \303\244\n' \
	    '^Aerror 0 the control line is not printable ASCII'
	answer_to '\001recv \000\n' \
	    '^Aerror 0 the control line is not printable ASCII'
}

@test "control lines: a bad one says nothing to others and leaves one plain" {
	enter; local other=$FD
	greeted '\001foo\nhello\n'; local a=$FD
	hears "$a" '^Aerror 0 unknown word: foo'
	hears "$other" hello
	say "$other" 'welcome\n'
	hears "$a" welcome
	say "$a" '\001send\n'
	hears "$a" '^Aerror 0 only the first line can be a control line'
	say "$a" 'bye\n'
	hears "$other" bye
}

@test "control lines: a space after SOH and a CR before LF do no harm" {
	answer_to '\001 recv\n' '^Aat *'
	answer_to '\001recv\r\n' '^Aat *'
	answer_to '\001 send\r\n' '^Aok 0'
}

@test "control lines: words that can't be used are named, the rest counts" {
	printf 'a\nb\n' | talk
	answer_to '\001recv foo last=1 bar=2\n' '^Aerror 0 unknown word: foo' \
	    '^Aerror 0 unknown word: bar=2' '^Aat *' b
	answer_to '\001recv  last=1\n' '^Aerror 0 unknown word: ' '^Aat *' b
	answer_to '\001recv last=1 \n' '^Aerror 0 unknown word: ' '^Aat *' b
	answer_to '\001recv last=1 last=2\n' \
	    '^Aerror 0 only one of last=, from= and since= is allowed: last=2' \
	    '^Aat *' b
	answer_to '\001recv last=1 from=2\n' \
	    '^Aerror 0 only one of last=, from= and since= is allowed: from=2' \
	    '^Aat *' b
	answer_to '\001recv since=1 last=2\n' \
	    '^Aerror 0 only one of last=, from= and since= is allowed: last=2' \
	    '^Aat *' a b
	answer_to '\001recv since=10m\n' \
	    '^Aerror 0 not a number: since=10m' '^Aat *'
	answer_to '\001recv last\n' '^Aerror 0 unknown word: last' '^Aat *'
	answer_to '\001recv last=1 times=1\n' \
	    '^Aerror 0 unknown word: times=1' '^Aat *' b
	answer_to '\001chat %050d\n' "^Aerror 0 unknown word: $(printf \
	    '%040d' 0)..." '^Aok 0' '^Aat *'
}

@test "control lines: eight words at most are complained about" {
	answer_to '\001recv 1 2 3 4 5 6 7 8 9 10\n' \
	    '^Aerror 0 unknown word: '{1..8} '^Aat *'
	answer_to '\001send 1 2 3 4 5 6 7 8 9\n' \
	    '^Aerror 0 unknown word: '{1..8} '^Aok 0'
}

@test "control lines: which error comes first" {
	cleanup
	start_chatd -r 0
	# For a word, the first reason; for a line, the words in their order.
	answer_to '\001send x last=x presence=\n' \
	    '^Aerror 0 unknown word: x' \
	    '^Aerror 0 only for clients that listen: last=x' \
	    '^Aerror 0 unknown word: presence=' '^Aok 0'
	answer_to '\001recv session=%%\n' \
	    '^Aerror 0 only for clients that send: session=%' '^Aat *'
	answer_to '\001recv last=1 from=x\n' \
	    '^Aerror 0 only one of last=, from= and since= is allowed: from=x' \
	    '^Aat *'
	answer_to '\001recv last=x from=1\n' '^Aerror 0 not a number: last=x' \
	    '^Alost ?' '^Aat *'
	# What the room doesn't have comes after them, before the answer.
	answer_to '\001chat session=a x presence y\n' \
	    '^Aerror 0 unknown word: x' '^Aerror 0 unknown word: y' \
	    '^Aerror 0 this room keeps no sessions' \
	    '^Aerror 0 this room does not name its speakers: presence' \
	    '^Aok 0 new' '^Aat *'
	answer_to '\001chat session=a presence 1 2 3 4 5 6 7 8 9\n' \
	    '^Aerror 0 unknown word: '{1..8} '^Aok 0 new' '^Aat *'
	answer_to '\001chat session=a presence 1 2 3 4 5 6 7\n' \
	    '^Aerror 0 unknown word: '{1..7} \
	    '^Aerror 0 this room keeps no sessions' '^Aok 0 new' '^Aat *'
	answer_to '\001who 1 2 3 4 5 6 7 8\n' '^Aerror 0 unknown word: '{1..8}
	# Of a whole line: too long, not the first, not ASCII.
	answer_to 'plain\n\001%05000d\n\001\377\n' \
	    '^Aerror 0 the control line is too long' \
	    '^Aerror 0 only the first line can be a control line'
	answer_to '\001send \377 x\n' \
	    '^Aerror 0 the control line is not printable ASCII'
}

@test "control lines: numbers are decimal, from 0 to 2^64 - 1" {
	local word
	for word in last= last=x last=-1 last=+1 last=1x last=0x1 \
	    last=18446744073709551616 last=99999999999999999999 from= from=x; do
		answer_to "\\001recv $word\\n" "^Aerror 0 not a number: $word" \
		    '^Aat *'
	done
	answer_to '\001recv last=00\n' '^Aat *'
}

@test "control lines: words of other roles" {
	answer_to '\001send last=1\n' \
	    '^Aerror 0 only for clients that listen: last=1' '^Aok 0'
	answer_to '\001send from=1\n' \
	    '^Aerror 0 only for clients that listen: from=1' '^Aok 0'
	answer_to '\001send times\n' '^Aerror 0 only for clients that listen: times' '^Aok 0'
	answer_to '\001recv session=x\n' \
	    '^Aerror 0 only for clients that send: session=x' '^Aat *'
}

@test "control lines: what a session's token may be" {
	answer_to '\001send session=aZ09+/=._-\n' '^Aok 0 new'
	answer_to '\001chat session=x last=0\n' '^Aok 0 new' '^Aat *'
	answer_to '\001send session=%064d\n' '^Aok 0 new'
	answer_to '\001send session=%065d\n' '^Aerror 0 not a token: *' '^Aok 0'
	answer_to '\001send session=\n' '^Aerror 0 not a token: session=' \
	    '^Aok 0'
	answer_to '\001send session=a%%b\n' \
	    '^Aerror 0 not a token: session=a%b' '^Aok 0'
}

@test "a session that is taken over is not one that was left" {
	cleanup
	start_chatd -r 1
	greeted '\001send session=here\n'; local here=$FD i
	hears "$here" '^Aok 0 new'
	printf '\001send session=other\na\n' | talk
	for i in 1 2 3; do
		greeted '\001send session=here\n'
		hears "$FD" '^Aok 0'
		hears "$here" '^Abye another connection has taken over this session'
		here=$FD
	done
	run talk <<<$'\001send session=other'
	[ "$output" = '^Aok 1' ]
}

@test "own lines don't come back, whatever a start has forgotten meanwhile" {
	cleanup
	# Over a log, nobody holds a session whose node has ended.
	local CHAT_LOG=
	start_chatd -r 1 -s "$T/store"
	greeted '\001send session=a\nmine\n'; local a=$FD
	hears "$a" '^Aok 0 new' '^Aok 1'
	greeted '\001send session=b\ntheirs\n'; local b=$FD
	hears "$b" '^Aok 0 new' '^Aok 1'
	# Of the two only one is kept by who reads the store; then this counts.
	say "$a" '\377\n'
	hears "$a" '^Aerror 2 *' '^Aok 2'
	stop "$CHATD"
	start_chatd -r 1 -s "$T/store"
	run talk <<<$'\001chat session=a last=9'
	[ "${lines[0]}" = '^Aok 2' ]
	[ "${lines[-1]}" = theirs ]
	[[ $output != *mine* ]]
}

@test "control lines: one that is far too long costs only itself" {
	local long
	long=$(printf '%08000d' 0)
	answer_to "\\001recv $long\\nhello\\n" \
	    '^Aerror 0 the control line is too long'
	run transcript
	[ "$output" = hello ]
}

@test "control lines: only the first line can be one" {
	enter; local other=$FD
	answer_to '\001send\none\n\001chat\ntwo\n\001\nthree\n' '^Aok 0' \
	    '^Aerror 0 only the first line can be a control line' \
	    '^Aerror 0 only the first line can be a control line' '^Aok 3'
	hears "$other" one two three
	answer_to 'plain\n\001send\n' \
	    '^Aerror 0 only the first line can be a control line'
	hears "$other" plain
}

@test "a role can be given late, if nothing was said before" {
	enter; local late=$FD
	enter; local other=$FD
	say "$other" 'one\n'
	hears "$late" one
	say "$late" '\001recv last=1\n'
	hears "$late" '^Aat *' one
	say "$other" 'two\n'
	hears "$late" two
}

@test "a role given at once is heard before messages are sent" {
	# Lines are said all the time; the first that is heard is an answer.
	start bash -c "yes | chat-send '$ROOM'"
	until_ok grep -q y <(head -n 1 <"/dev/tcp/127.0.0.1/$PORT")
	local i answers=0
	for i in {1..20}; do
		greeted '\001recv\n'
		hear "$FD"
		[[ $LINE != ^Aat\ * ]] || answers=$((answers + 1))
		hang_up "$FD"
	done
	# On a busy machine "at once" may sometimes be too late.
	echo "$answers answers first"
	[ "$answers" -ge 14 ]
}

@test "no echo: by connection, whoever is behind it" {
	greeted '\001chat\n'; local a=$FD
	greeted '\001chat\n'; local b=$FD
	enter; local c=$FD
	hears "$a" '^Aok 0' '^Aat *'
	hears "$b" '^Aok 0' '^Aat *'
	say "$a" 'from a\n'
	hears "$a" '^Aok 1'
	hears "$b" 'from a'
	hears "$c" 'from a'
	say "$c" 'from c\n'
	hears "$a" '^Aat *' 'from c'
	hears "$b" 'from c'
	say "$b" 'from b\n'
	hears "$b" '^Aok 1'
	hears "$a" 'from b'
	hears "$c" 'from b'
}

@test "one order for all readers, and each sender's own within" {
	local i
	for i in 1 2 3; do
		start_recv "$T/copy$i" -c 12000
	done
	for i in a b c d; do
		seq -f "$i%.0f" 3000 >"$T/$i"
		start_send "$T/$i"
	done
	for i in 1 2 3; do
		until_ok has_lines "$T/copy$i" 12000
	done
	cmp "$T/copy1" "$T/copy2"
	cmp "$T/copy1" "$T/copy3"
	for i in a b c d; do
		grep "^$i" "$T/copy1" | cmp - "$T/$i"
	done
}

@test "ending: everything said until then, then the end" {
	seq 20000 | chat-send "$ROOM"
	printf '\001recv last=20000\n' | talk >"$T/all"
	sed 1d "$T/all" | cmp - <(seq 20000)
}

@test "ending: the last ok comes before the end, for every line" {
	{ printf '\001send\n'; seq 20000; } | talk >"$T/oks"
	[ "$(head -n 1 "$T/oks")" = '^Aok 0' ]
	[ "$(tail -n 1 "$T/oks")" = '^Aok 20000' ]
	run ! grep -v '^^Aok ' "$T/oks"
	{ printf '\001chat\n'; seq 7; } | talk >"$T/oks"
	[ "$(grep '^^Aok' "$T/oks" | tail -n 1)" = '^Aok 7' ]
	transcript | tail -n 7 | cmp - <(seq 7)
}

@test "ending: the others go on" {
	enter; local a=$FD
	printf 'one\n' | talk
	enter; local gone=$FD
	say "$gone" 'two\n'
	hears "$a" one two
	hang_up "$gone"
	printf 'three\n' | talk
	hears "$a" three
}

@test "a last line without its LF counts from a plain client" {
	run talk < <(printf 'whole\nhalf')
	[ "$output" = '' ]
	run talk < <(printf 'with CR\r')
	[ "$output" = '' ]
	run talk < <(printf 'bad\033')
	[ "$output" = '^Aerror 1 control character U+001B at byte 4' ]
	run talk < <(printf '%04096d' 0)
	[ "$output" = '^Aerror 1 longer than 4095 bytes' ]
	run talk < <(printf '%04095d' 0)
	[ "$output" = '' ]
	run transcript
	[ "${lines[*]:0:3}" = 'whole half with CR' ]
	[ "${#lines[3]}" -eq 4095 ]
	[ "${#lines[@]}" -eq 4 ]
}

@test "a last line without its LF is dropped from one with a role" {
	run talk < <(printf '\001send\nwhole\nhalf')
	[ "${lines[-1]}" = '^Aok 1' ]
	run talk < <(printf '\001chat\nwhole\nhalf')
	[[ $output == *'^Aok 1'* && $output != *'^Aok 2'* ]]
	run transcript
	[ "$output" = $'whole\nwhole' ]
}

@test "a CR at the end of a last line without its LF is dropped" {
	run talk < <(printf 'plain\r')
	[ "$output" = '' ]
	run talk < <(printf 'a\rb\r')
	[ "$output" = '^Aerror 1 control character U+000D at byte 2' ]
	run transcript
	[ "$output" = plain ]
}

@test "a line that is too long counts when its end has come" {
	local long
	long=$(printf '%08000d' 0)
	greeted '\001send\n'; local s=$FD
	hears "$s" '^Aok 0'
	say "$s" 'one\n%s' "$long"
	hears "$s" '^Aok 1'
	say "$s" '%s\n' "$long"
	hears "$s" '^Aerror 2 longer than 4095 bytes' '^Aok 2'
	# Without an end it is as any other half a line.
	run talk < <(printf '\001send\none\n%s' "$long")
	[ "${lines[-1]}" = '^Aok 1' ]
	run talk < <(printf 'one\n%s' "$long")
	[ "$output" = '^Aerror 2 longer than 4095 bytes' ]
	run talk < <(printf '\001recv\n%s\n' "$long")
	[ "${lines[1]}" = '^Aerror 1 longer than 4095 bytes' ]
}

@test "a role without its LF is dropped: the connection was cut" {
	run talk < <(printf '\001send session=to')
	[ "$output" = '' ]
	run talk < <(printf '\001se')
	[ "$output" = '' ]
	run talk < <(printf '\001send session=to\n')
	[ "${lines[0]}" = '^Aok 0 new' ]
}

@test "one CR before the LF is dropped, any other is refused" {
	# In one piece, so that it is answered at once.
	printf '\001send\none\r\ntwo\r\r\na\rb\n\r\n\rx\r\n' >"$T/in"
	run talk <"$T/in"
	[ "$output" = "$(printf '%s\n' '^Aok 0' \
	    '^Aerror 2 control character U+000D at byte 4' \
	    '^Aerror 3 control character U+000D at byte 2' \
	    '^Aerror 5 control character U+000D at byte 1' '^Aok 5')" ]
	transcript >"$T/said"
	printf 'one\n\n' | cmp - "$T/said"
}

@test "empty lines are lines" {
	run talk < <(printf '\001send\n\n\n\r\nx\n\n')
	[ "${lines[-1]}" = '^Aok 5' ]
	transcript >"$T/said"
	printf '\n\n\nx\n\n' | cmp - "$T/said"
}

@test "spaces and TABs stay as they are" {
	printf '  a \t b  \n \n\t\n' >"$T/in"
	chat-send "$ROOM" <"$T/in"
	transcript | cmp - "$T/in"
}

# byte_table PREFIX: for every byte but LF a line that has it after PREFIX, and
# what the room is to answer and to keep.
byte_table() {
	local at=$((${#1} + 1)) n=0 byte octal
	printf '\001send\n' >"$T/in"
	for ((byte = 0; byte < 256; byte++)); do
		[ "$byte" -ne 10 ] || continue
		printf -v octal '\\%03o' "$byte"
		# shellcheck disable=SC2059
		printf "$1${octal}z\n"
		n=$((n + 1))
		if ((byte >= 128)); then
			printf '^Aerror %d not UTF-8 at byte %d (0x%02x)\n' \
			    "$n" "$at" "$byte" >&4
		elif ((byte < 32 && byte != 9 || byte == 127)); then
			printf '^Aerror %d control character U+%04X%s %d\n' \
			    "$n" "$byte" ' at byte' "$at" >&4
		else
			# shellcheck disable=SC2059
			printf "$1${octal}z\n" >&5
		fi
	done >>"$T/in" 4>"$T/errors.want" 5>"$T/said.want"
	[ "$n" -eq 255 ]
}

@test "every byte value, at every place that words of text can give it" {
	local prefix
	for prefix in x 1234567 12345678 123456789abcdef 123456789abcdef0; do
		byte_table "$prefix"
		talk <"$T/in" | grep -v '^^Aok ' >"$T/errors"
		diff "$T/errors" "$T/errors.want"
		transcript >"$T/said"
		tail -n "$(wc -l <"$T/said.want")" "$T/said" |
		    cmp - "$T/said.want"
	done
	has_lines "$T/said" "$((5 * 96))"
}

@test "every byte value as the first of a line" {
	byte_table ''
	sed -i "s/^\^Aerror 2 .*/^Aerror 0 only the first line can be a \
control line/" "$T/errors.want"
	# A control line is none of the lines that count.
	awk '$2 > 2 { $2-- } 1' "$T/errors.want" >"$T/errors.counted"
	talk <"$T/in" | grep -v '^^Aok ' >"$T/errors"
	diff "$T/errors" "$T/errors.counted"
	transcript | cmp - "$T/said.want"
}

@test "malformed UTF-8 of every kind is refused, with its place" {
	# What is in each line, and the byte that is named, if it is refused.
	local table=(
		'ab\302'		3:c2	# cut short, of two
		'ab\302x'		3:c2
		'ab\302\302\200'	3:c2
		'\340\240'		1:e0	# of three
		'\340\240x'		1:e0
		'\340x'			1:e0
		'\342\202'		1:e2
		'\360\220\200'		1:f0	# of four
		'\360\220\200x'		1:f0
		'\360\220x'		1:f0
		'\360x'			1:f0
		'\200'			1:80	# nothing that it continues
		'a\277'			2:bf
		'\303\244\200'		3:80
		'\300\200'		1:c0	# overlong, of two
		'\301\277'		1:c1
		'\340\200\200'		1:e0	# of three
		'\340\237\277'		1:e0
		'\360\200\200\200'	1:f0	# of four
		'\360\217\277\277'	1:f0
		'\355\240\200'		1:ed	# surrogates
		'\355\257\277'		1:ed
		'\355\260\200'		1:ed
		'\355\277\277'		1:ed
		'\355\240\201\355\260\200' 1:ed
		'\364\220\200\200'	1:f4	# above U+10FFFF
		'\365\200\200\200'	1:f5
		'\370\210\200\200\200'	1:f8
		'\374\204\200\200\200\200' 1:fc
		'\376'			1:fe
		'\377'			1:ff
		'12345678\377'		9:ff
		'\303\2441234567\303'	10:c3
	) i n=0
	for ((i = 0; i < ${#table[@]}; i += 2)); do
		# shellcheck disable=SC2059
		printf "${table[i]}\\n"
		n=$((n + 1))
		printf '^Aerror %d not UTF-8 at byte %s (0x%s)\n' "$n" \
		    "${table[i + 1]%:*}" "${table[i + 1]#*:}" >&4
	done >"$T/bad" 4>"$T/want"
	{ printf '\001send\n'; cat "$T/bad"; printf 'good\n'; } | talk |
	    grep -v '^^Aok ' >"$T/errors"
	diff "$T/errors" "$T/want"
	run transcript
	[ "$output" = good ]
}

@test "C1 controls are refused, with their code points" {
	# In one piece, so that it is answered at once.
	printf '\001send\n%b\n%b\n%b\n%b\n' 'a\0302\0200' '\0302\0233' \
	    '\0302\0205' '\0302\0237' >"$T/in"
	run talk <"$T/in"
	[ "${lines[1]}" = '^Aerror 1 control character U+0080 at byte 2' ]
	[ "${lines[2]}" = '^Aerror 2 control character U+009B at byte 1' ]
	[ "${lines[3]}" = '^Aerror 3 control character U+0085 at byte 1' ]
	[ "${lines[4]}" = '^Aerror 4 control character U+009F at byte 1' ]
}

@test "the first and the last characters of every length are taken" {
	printf '%b\n' ' ' '~' '\0302\0240' '\0337\0277' '\0340\0240\0200' \
	    '\0355\0237\0277' '\0356\0200\0200' '\0357\0277\0277' \
	    '\0360\0220\0200\0200' '\0364\0217\0277\0277' >"$T/in"
	run talk < <(printf '\001send\n'; cat "$T/in")
	[ "${lines[-1]}" = '^Aok 10' ]
	[[ $output != *error* ]]
	transcript | cmp - "$T/in"
}

# Lines with CR have one byte more than counts.
@test "lines of 4096 bytes with their LF are taken, longer ones refused" {
	local n
	for n in 4093 4094 4095 4096 4097; do
		printf '%0*d\n%0*d\r\n' "$n" 0 "$n" 1
	done >"$T/in"
	run talk < <(printf '\001send\n'; cat "$T/in")
	printf '%s\n' "${lines[@]}" | grep -v '^^Aok ' >"$T/errors"
	diff - "$T/errors" <<-'END'
		^Aerror 7 longer than 4095 bytes
		^Aerror 8 longer than 4095 bytes
		^Aerror 9 longer than 4095 bytes
		^Aerror 10 longer than 4095 bytes
	END
	[ "${lines[-1]}" = '^Aok 10' ]
	transcript | cmp - <(head -n 6 "$T/in" | tr -d '\r')
}

@test "what counts is bytes, not characters" {
	local text
	text=$(printf '%02045d' 0 | sed 's/0/\xc3\xa4/g')
	[ "$(printf %s "$text" | wc -c)" -eq 4090 ]
	printf '%s12345\n%s123456\n' "$text" "$text" >"$T/in"
	run talk < <(printf '\001send\n'; cat "$T/in")
	[ "${lines[-2]}" = '^Aerror 2 longer than 4095 bytes' ] ||
	    [ "${lines[-3]}" = '^Aerror 2 longer than 4095 bytes' ]
	transcript | cmp - <(head -n 1 "$T/in")
}

@test "a line far too long is one error, wherever it is cut" {
	local n
	for n in 4098 8192 65535 65536 65537 131072 1000000; do
		printf '%0*d\ngood %d\n' "$n" 0 "$n"
	done >"$T/in"
	run talk < <(printf '\001send\n'; cat "$T/in")
	printf '%s\n' "${lines[@]}" | grep -v '^^Aok ' >"$T/errors"
	diff - "$T/errors" <<-'END'
		^Aerror 1 longer than 4095 bytes
		^Aerror 3 longer than 4095 bytes
		^Aerror 5 longer than 4095 bytes
		^Aerror 7 longer than 4095 bytes
		^Aerror 9 longer than 4095 bytes
		^Aerror 11 longer than 4095 bytes
		^Aerror 13 longer than 4095 bytes
	END
	transcript | cmp - <(grep good "$T/in")
}

@test "a refused line costs only itself: a plain client hears why" {
	enter; local other=$FD
	enter; local a=$FD
	say "$a" 'one\nt\033wo\nthree\n\377\nfive\n'
	hears "$a" '^Aerror 2 control character U+001B at byte 2' \
	    '^Aerror 4 not UTF-8 at byte 1 (0xff)'
	hears "$other" one three five
	say "$other" 'six\n'
	hears "$a" six
	until_ok counted refused 2
	until_ok counted lines 4
}

@test "thousands of refused lines: each is answered, the good ones are taken" {
	awk 'BEGIN { for (i = 0; i < 5000; i++) print "good " i "\nbad\033" }' \
	    >"$T/in"
	{ printf '\001chat\n'; cat "$T/in"; } | talk >"$T/answers"
	[ "$(grep -c '^^Aerror ' "$T/answers")" -eq 5000 ]
	[ "$(grep '^^Aerror ' "$T/answers" | tail -n 1)" = \
	    '^Aerror 10000 control character U+001B at byte 4' ]
	[ "$(grep '^^Aok' "$T/answers" | tail -n 1)" = '^Aok 10000' ]
	transcript | cmp - <(grep good "$T/in")
}

# Whoever has been answered after others have spoken: those were read, too.
barrier() {
	run talk <<<$'\001send'
	[ "$output" = '^Aok 0' ]
}

@test "a client's bytes may come in two parts, cut anywhere" {
	local text='\001 send\r\ngr\303\274n \360\237\230\200\r\n\nb\001d\nend\n'
	local bytes=() fds=() i byte
	# shellcheck disable=SC2059
	for byte in $(printf "$text" | od -An -v -tx1); do
		bytes+=("\\x$byte")
	done
	[ "${#bytes[@]}" -eq 29 ]
	local IFS=
	for ((i = 0; i < 29; i++)); do
		dial
		fds+=("$FD")
		say "$FD" "${bytes[*]:0:i}"
	done
	barrier
	for ((i = 0; i < 29; i++)); do
		say "${fds[i]}" "${bytes[*]:i}"
		LINE=
		until [ "$LINE" = '^Aok 4' ]; do
			hear "${fds[i]}"
			printf '%s\n' "$LINE"
		done >"$T/heard"
		# Who hasn't yet given a role is plain and hears the others.
		grep '^^A' "$T/heard" | grep -v 'ok [123]$' >"$T/answers"
		diff "$T/answers" - <<-'END'
			^Aok 0
			^Aerror 3 control character U+0001 at byte 2
			^Aok 4
		END
	done
	printf 'grün 😀\n\nend\n' >"$T/want"
	transcript | sort | uniq -c | awk '{ print $1 }' >"$T/said"
	printf '29\n29\n29\n' | cmp - "$T/said"
	transcript | sort -u | cmp - <(sort "$T/want")
}

@test "a long line may come in many parts" {
	local i part
	part=$(printf '%0315d' 7)
	greeted '\001send\n'
	hears "$FD" '^Aok 0'
	for i in {1..13}; do
		say "$FD" '%s' "$part"
		barrier
	done
	say "$FD" '\r'
	barrier
	say "$FD" '\n'
	hears "$FD" '^Aok 1'
	run transcript
	[ "${#output}" -eq 4095 ]
	for i in {1..14}; do
		say "$FD" '%s' "$part"
		barrier
	done
	say "$FD" 'the rest of it\n'
	hears "$FD" '^Aerror 2 longer than 4095 bytes' '^Aok 2'
	say "$FD" 'good\n'
	hears "$FD" '^Aok 3'
	[ "$(transcript | tail -n 1)" = good ]
}

# chat -p: the protocol of chat(7) over standard input and output, for front ends
#
# Where lines are looked at, ^A stands for the first byte of a control line, and
# N for a number of the room's.
# shellcheck disable=SC2016 # the inner shell expands it
# shellcheck disable=SC2030,SC2031 # every test has a process of its own
# shellcheck disable=SC2153,SC2154 # bats and the helpers set them
# shellcheck disable=SC2317 # it is called, by a room
# bats file_tags=fast
load helpers.bash
load fakeroom.bash
load keys.bash
load nodes.bash

teardown() { cleanup; }

# told FILE: what a front end was told there. words FILE: the same without "at N",
# which a real room says after lines of ours unless it hears our end first.
told() {
	sed -E -e 's/\x01/^A/g' -e 's/^(\^Aat) [0-9]{12,}$/\1 N/' "$1"
}
words() {
	told "$1" | grep -v '^^Aat N$'
}

# front ARGUMENT...: chat -p on standard input, but not for ever; what it tells.
front() {
	local status=0
	timeout 60 chat -p "$@" >"$T/told" || status=$?
	told "$T/told"
	return "$status"
}

# start_front ARGUMENT...: a chat -p, $FRONT, that is told what is written to
# descriptor 4 and tells $T/out.
start_front() {
	start_fed chat -p "$@" >"$T/out" 2>"$T/err"
	FRONT=$PID
}

# write LINE...: to it, ^A for SOH.
write() {
	printf '%s\n' "${@/#^A/$'\001'}" >&4
}

# tells LINE: a front end is told it, by now or soon.
tells() {
	until_ok has_line "$T/out" "${1/#^A/$'\001'}"
}

# ends_with STATUS LINE...: the input is over, it ends like that, and these lines
# are all that the front end was told; standard error is empty.
ends_with() {
	exec 4>&-
	has_ended_with "$@"
}
has_ended_with() {
	ended "$FRONT"
	words "$T/out" >"$T/have"
	printf '%s\n' "${@:2}" >"$T/want"
	diff "$T/want" "$T/have"
	echo "status $STATUS, $(cat "$T/err")"
	[ "$STATUS" -eq "$1" ]
	[ ! -s "$T/err" ]
}

# others TEXT: somebody else says it.
others() {
	printf '%s\n' "$1" | timeout 300 chat-send "$ROOM"
}

# in_the_room LINE...: these have been said, and nothing else.
in_the_room() {
	run -0 timeout 60 chat-recv -l 1000 -c $# "$ROOM"
	[ "$output" = "$(printf '%s\n' "$@")" ]
}

@test "messages come as they are, control lines around them" {
	start_chatd_at "$T/room"
	others first
	run -0 --separate-stderr front -l 5 "$ROOM" <<<'mine'
	words "$T/told" >"$T/have"
	printf '%s\n' "^Aup $ROOM" first '^Aok 1' '^Aend' | diff - "$T/have"
	[ "${lines[1]}" = '^Aat N' ]
	[ "$stderr" = '' ]
	in_the_room first mine
}

@test "every line counts that is no control line, also one refused here" {
	start_chatd_at "$T/room"
	printf -v long '%04096d' 0
	printf 'one\nbell \a\nthree\n\351\n\n%s\n\001who\n%s\nlast\n' \
	    "$long" "${long:1}" >"$T/lines"
	run -1 --separate-stderr front "$ROOM" <"$T/lines"
	[ "$(grep -v '^^Aat' <<<"$output")" = "^Aerror 2 control character \
U+0007 at byte 6
^Aerror 4 not UTF-8 at byte 1 (0xe9)
^Aerror 6 longer than 4095 bytes
^Aup $ROOM
^Aerror 0 this room does not name its speakers: who
^Aok 8
^Aend" ]
	[ "$stderr" = '' ]
	in_the_room one three '' "${long:1}" last
}

@test "what the end of the input cuts short is refused" {
	start_chatd_at "$T/room"
	printf 'whole\nhal' >"$T/lines"
	run -1 --separate-stderr front "$ROOM" <"$T/lines"
	[ "$(grep -v '^^Aat' <<<"$output")" = "^Aerror 2 no LF at the end
^Aup $ROOM
^Aok 2
^Aend" ]
	printf '\001wh' >"$T/lines"
	run -0 --separate-stderr front "$ROOM" <"$T/lines"
	[ "${lines[0]}" = '^Aerror 0 no LF at the end' ]
	in_the_room whole
}

@test "unknown words are refused, those of a room or our own ignored" {
	local long
	start_chatd_at "$T/room"
	printf -v long '%05000d' 0
	{
		printf '\001%s\n' chat foo 'send me' "${long:4900}" '' \
		    $'esc\e' $'\351' 'who are you'
		printf '\001%s\n' "$long" up 'down x' 'forgotten 1' end 'end x' \
		    'error 0 x' 'error x' 'ok 1' bye at 'lost ?' 'join x' 'you x'
		# As from any client, one space may come first.
		printf '\001 %s\n' foo up 'end x' ' up'
	} >"$T/lines"
	run -0 --separate-stderr front "$ROOM" <"$T/lines"
	[ "$output" = "^Aerror 0 unknown word: chat
^Aerror 0 unknown word: foo
^Aerror 0 unknown word: send
^Aerror 0 unknown word: ${long:0:40}...
^Aerror 0 unknown word: 
^Aerror 0 unknown word: esc�
^Aerror 0 unknown word: �
^Aerror 0 unknown word: are
^Aerror 0 unknown word: you
^Aerror 0 the control line is too long
^Aerror 0 unknown word: foo
^Aerror 0 unknown word: 
^Aup $ROOM
^Aat N
^Aerror 0 this room does not name its speakers: who
^Aend" ]
}

@test "two that are linked do not answer each other for ever" {
	start_chatd_at "$T/room"
	# Each hears what the other is told, and says only messages.
	printf '\001foo\n\001who\n' | timeout 60 chat -p "$ROOM" |
	    timeout 60 chat -p "$ROOM" >"$T/told"
	[ "$(told "$T/told")" = "^Aup $ROOM
^Aat N
^Aend" ]
}

@test "who is here, and who comes and goes, where the room knows" {
	local me
	start_chatd_at -i "$T/room"
	me=$(id -un)
	start_front -n somebody "$ROOM"
	tells "^Ayou $me"
	write '^Awho'
	tells '^Ahere'
	write hello
	tells '^Aok 1'
	exec 4>&-
	ended "$FRONT"
	[ "$(words "$T/out" | tr '\n' ' ')" = \
	    "^Aup $ROOM ^Ayou $me ^Ahere $me ^Ahere ^Aok 1 ^Aend " ]
	in_the_room "$me: hello"
}

@test "news of others are asked for, and names that are none are not told" {
	role() {
		hear 1
		printf '%s\n' "${heard[0]}" >"$T/role"
		ctl you alice
		ctl ok 0 new
		ctl at 5
		ctl join bob
		ctl join $'b\eb'
		ctl part 'bob and more'
		ctl here alice $'\eeve' bob
		ctl here $'\eeve'
		ctl here
		hear_end
	}
	fake_room role
	start_front -r -t -l 7 "$ROOM"
	tells '^Ahere'
	[[ $(told "$T/role") =~ ^\^Achat\ session=[0-9a-f]{32}\ last=7\ times\ presence$ ]]
	ends_with 0 "^Aup $ROOM" '^Ayou alice' '^Aat 5' '^Ajoin bob' \
	    '^Apart bob' '^Ahere alice bob' '^Ahere' '^Aend'
}

@test "-n puts a name before lines, which is part of them" {
	local long
	start_chatd_at "$T/room"
	printf -v long '%04092d' 0
	run -1 front -n bob "$ROOM" <<<"hello
$long"
	[[ $output == '^Aerror 2 longer than 4095 bytes'* ]]
	in_the_room 'bob: hello'
}

@test "-t tells when messages were said, in seconds since 1970" {
	start_chatd_at "$T/room"
	others before
	run -0 front -t -l 1 "$ROOM" </dev/null
	[[ $output =~ ^"^Aup $ROOM
^Aat N
^Atime "([0-9]+)"
before
^Aend"$ ]]
	((BASH_REMATCH[1] <= EPOCHSECONDS && BASH_REMATCH[1] > 1700000000))
}

@test "-k proves a key" {
	make_key alice
	start_chatd -i -k "$T/keys"
	run -0 front -r -k "$T/alice" "$ROOM" <<<'hello'
	echo "$output"
	[[ $output == "^Aup $ROOM
^Ayou alice
^Aat N
"*"^Aend" ]]
	run -2 --separate-stderr front -r "$ROOM" <<<'hello'
	[ "$output" = '^Aend the room closed the connection: a key is needed here; give one with -k' ]
	[ "$stderr" = '' ]
}

@test "a terminal is no terminal to it" {
	start_chatd_at "$T/room"
	others '-- not a notice'
	timeout 60 socat -u EXEC:"chat -p -l 1 '$ROOM'",pty,rawer,echo=0 - \
	    >"$T/tty" 2>/dev/null 3>&- &
	STARTED+=("$!")
	until_ok has_line "$T/tty" '-- not a notice'
	[ "$(words "$T/tty" | head -n 2)" = "^Aup $ROOM
-- not a notice" ]
}

@test "an address is told in a form that is safe to show" {
	start_chatd_at "$T/room"
	ln -s room "$T/"$'ro\nom\e'
	run -0 front "$T/"$'ro\nom\e' </dev/null
	[ "${lines[0]}" = "^Aup $T/ro^Jom^[" ]
	[ "${#lines[@]}" -eq 3 ]
}

@test "no room: the end has the reason, or it goes on trying" {
	run -2 --separate-stderr front "$T/none" <<<'hello'
	[ "$output" = '^Aend No such file or directory; is chatd running?' ]
	[ "$stderr" = '' ]
	run -2 --separate-stderr front -r -w 2 "$T/none" <<<'hello'
	[ "$output" = '^Adown No such file or directory
^Aend No such file or directory' ]
	[ "$stderr" = '' ]
	# What prevents the beginning is for who has started it.
	run -2 --separate-stderr front -w 1 "$T/none" </dev/null
	[ "$output $stderr" = ' chat: -w: only with -r' ]
	run -2 --separate-stderr front -k "$T/none" localhost:1 </dev/null
	[ "$output" = '' ]
	[[ $stderr == "chat: $T/none: "* ]]
}

@test "several addresses: up, down and end name the one that they are about" {
	start_chatd_at -s "$T/store" "$T/room"
	start_node a
	local a=$NODE
	start_front -r "$T/none,$T/a,$T/b"
	tells "^Aup $T/a"
	write one
	tells '^Aok 1'
	start_cut_off b 4>&-
	stop "$a"
	tells "^Adown $T/b: the room closed the connection: this room is cut off"
	start_node a 4>&-
	until_ok count_is 2 "^.up $T/a\$"
	write two
	tells '^Aok 2'
	ends_with 0 "^Aup $T/a" '^Aok 1' \
	    "^Adown $T/a: the room closed the connection" \
	    "^Adown $T/b: the room closed the connection: this room is cut off" \
	    "^Aup $T/a" '^Aok 2' '^Aend'
	run -2 --separate-stderr front "$T/none,:1" </dev/null
	[ "$output" = "^Aend $T/none: No such file or directory; :1: \
Connection refused" ]
	[ "$stderr" = '' ]
}
count_is() {
	count "$T/out" "$2"
	[ "$COUNT" -eq "$1" ]
}

@test "without -r a connection that breaks is the end" {
	start_chatd_at "$T/room"
	start_front "$ROOM"
	tells "^Aup $ROOM"
	until_ok grep -q $'^\001at' "$T/out"
	stop "$CHATD"
	has_ended_with 2 "^Aup $ROOM" \
	    '^Aend the room closed the connection: the room is closing'
}

@test "-r: what is said while it is cut goes out once, and nothing is missed" {
	start_chatd_at -s "$T/store" "$T/room"
	start_front -r "$ROOM"
	write one
	tells '^Aok 1'
	stop "$CHATD"
	tells '^Adown the room closed the connection: the room is closing'
	write two $'\e' three
	tells '^Aerror 3 control character U+001B at byte 1'
	# What others say first comes first.
	start_chatd_at -s "$T/store" "$T/other" 4>&-
	others 'from bob'
	stop "$CHATD"
	start_chatd_at -s "$T/store" "$T/room" 4>&-
	tells '^Aok 4'
	tells 'from bob'
	exec 4>&-
	ended "$FRONT"
	[ "$STATUS" -eq 1 ]
	# Either of the two may come first.
	count "$T/out" '^from bob$'
	[ "$COUNT" -eq 1 ]
	[ "$(words "$T/out" | grep -v bob)" = "^Aup $ROOM
^Aok 1
^Adown the room closed the connection: the room is closing
^Aerror 3 control character U+001B at byte 1
^Aup $ROOM
^Aok 4
^Aend" ]
	in_the_room one 'from bob' two three
}

@test "-r: lines written before there is a room are said once there is" {
	start_front -r "$T/room"
	tells '^Adown No such file or directory'
	write early
	start_chatd_at "$T/room" 4>&-
	tells '^Aok 1'
	ends_with 0 '^Adown No such file or directory' "^Aup $ROOM" '^Aok 1' \
	    '^Aend'
	in_the_room early
}

@test "a room that has forgotten the session: how many lines are in doubt" {
	cut() {
		hear 1
		ctl ok 0 new
		ctl at 5
		hear 2
		# The second is a whole line, of which nobody has told.
		ctl ok 1
	}
	fake_room cut
	start_front -r "$ROOM"
	tells '^Aat 5'
	write $'\a' one two
	tells '^Adown the room closed the connection'
	write three
	fake_over
	back() {
		hear 1
		ctl ok 0 new
		ctl at 5
		hear 2
		ctl ok 2
		hear_end
	}
	fake_room back 4>&-
	tells '^Aok 4'
	exec 4>&-
	ended "$FRONT"
	[ "$STATUS" -eq 1 ]
	told "$T/out"
	[ "$(told "$T/out")" = "^Aup $ROOM
^Aat 5
^Aerror 1 control character U+0007 at byte 1
^Aok 1
^Aok 2
^Adown the room closed the connection
^Aup $ROOM
^Aforgotten 1
^Aat 5
^Aok 4
^Aend" ]
}

@test "who, while it is cut, is asked of the next room" {
	start_front -r "$T/room"
	tells '^Adown No such file or directory'
	write '^Awho'
	start_chatd_at -i "$T/room" 4>&-
	tells '^Ahere'
	exec 4>&-
	ended "$FRONT"
	[ "$STATUS" -eq 0 ]
}

@test "a room's words stand where it said them" {
	opine() {
		hear 1
		ctl ok 0 new
		ctl at 5
		hear 4
		printf 'a\n'
		ctl error 2 "I don't like it"
		ctl ok 2
		printf 'b\n'
		ctl lost 3
		ctl at 12
		ctl ok 4
		ctl error 4 'too late'
		ctl 'lost ?'
		printf 'c\n'
		hear_end
	}
	fake_room opine
	start_front "$ROOM"
	tells '^Aat 5'
	write one $'\a' two three four
	tells c
	ends_with 1 "^Aup $ROOM" '^Aat 5' \
	    '^Aerror 2 control character U+0007 at byte 1' a \
	    "^Aerror 3 I don't like it" '^Aok 3' b '^Alost 3' '^Aat 12' \
	    '^Aok 5' '^Aerror 0 too late' '^Alost ?' c '^Aend'
}

@test "no room can say our words, or what it was not asked" {
	forge() {
		hear 1
		# Nothing counts before the answer.
		ctl join early
		ctl at 1
		ctl time 1
		ctl lost 3
		printf 'early\n'
		ctl ok 0 new
		ctl at 5
		ctl up elsewhere
		ctl down
		ctl forgotten 7
		ctl end
		ctl end of it
		ctl ' end'
		ctl wave
		ctl time 99
		ctl you mallory
		ctl
		printf 'last\n'
		hear_end
	}
	fake_room forge
	start_front "$ROOM"
	tells last
	ends_with 1 "^Aup $ROOM" '^Aat 5' last '^Aend'
}

@test "what a room sends is text that can be read, or the end" {
	bad() {
		hear 1
		ctl ok 0 new
		ctl at 5
		printf 'nul \0 esc \e soh \001 cr \r\n\351\200 tab\t\xc2\x9b\n'
		ctl error 0 $'\e[2J\xff'
		printf '%04129d\n' 0
		printf '%04100d\377\n' 0
		printf 'last\n'
		hear_end
	}
	local zeros
	fake_room bad
	start_front "$ROOM"
	tells last
	printf -v zeros '%04129d' 0
	ends_with 0 "^Aup $ROOM" '^Aat 5' 'nul � esc � soh � cr �' \
	    $'� tab\t�' '^Aerror 0 �[2J�' "$zeros" "${zeros:29}�" \
	    last '^Aend'
	endless() {
		hear 1
		ctl ok 0 new
		ctl at 5
		printf 'before\n%05000d' 0
		hear_end
	}
	fake_room endless
	rm "$T/in"
	start_front -r "$ROOM"
	has_ended_with 2 "^Aup $ROOM" '^Aat 5' before \
	    '^Aend not a chat room: it sent a line of more than 4130 bytes'
	exec 4>&-
}

@test "the end of the input, and no connection yet" {
	# Nobody is there, and nothing is left to say.
	run -2 front -r "$T/room" </dev/null
	[ "$output" = '^Adown No such file or directory
^Aend No such file or directory' ]
	# It waits as long as something is.
	start_front -r "$T/room"
	write hello
	exec 4>&-
	tells '^Adown No such file or directory'
	start_chatd_at "$T/room"
	has_ended_with 0 '^Adown No such file or directory' "^Aup $ROOM" \
	    '^Aok 1' '^Aend'
	in_the_room hello
}

@test "the end of the input while it is cut off" {
	start_chatd_at -s "$T/store" "$T/room"
	start_front -r "$ROOM"
	write one
	tells '^Aok 1'
	stop "$CHATD" KILL
	room_is_gone() {
		grep -q $'^\001down' "$T/out"
	}
	until_ok room_is_gone
	# All is settled: it waits for nothing.
	exec 4>&-
	ended "$FRONT"
	[ "$STATUS" -eq 0 ]
	[ "$(told "$T/out" | tail -n 1)" = '^Aend' ]
	rm "$T/in"
	start_chatd_at -s "$T/store" "$T/room"
	start_front -r "$ROOM"
	tells "^Aup $ROOM"
	stop "$CHATD" KILL
	until_ok room_is_gone
	write two
	exec 4>&-
	start_chatd_at -s "$T/store" "$T/room"
	ended "$FRONT"
	[ "$STATUS" -eq 0 ]
	[ "$(words "$T/out" | tail -n 3)" = "^Aup $ROOM
^Aok 1
^Aend" ]
	in_the_room one two
}

@test "the end of the input waits for the last ok, or tells that it is missing" {
	silent() {
		hear 1
		ctl ok 0 new
		ctl at 5
		hear_end
		printf 'bye\n'
	}
	fake_room silent
	run -2 front "$ROOM" < <(printf 'one\ntwo\n')
	[ "$output" = "^Aup $ROOM
^Aat 5
bye
^Aend the room closed the connection" ]
	[ "$(cat "$T/heard")" = $'one\ntwo' ]
}

@test "a front end that does not read costs no memory, and then has it all" {
	local lost lines
	start_chatd_at -m 1m "$T/room"
	mkfifo "$T/pipe"
	exec 5<>"$T/pipe"
	start_fed chat -p "$ROOM" >"$T/pipe" 2>"$T/err" 5>&-
	FRONT=$PID
	read -r -u 5 _
	read -r -u 5 _
	# More than all buffers on the way hold.
	numbered "$(printf '%0100d' 0)" 1 100000 >"$T/lines"
	timeout 300 chat-send "$ROOM" <"$T/lines"
	get_status "$FRONT" VmHWM
	[ -n "$VALGRIND" ] || ! has_sandbox || [ "${FIELD% kB}" -lt 16384 ]
	others last
	exec 4>&-
	start_from "$T/pipe" cat >"$T/out" 5>&-
	exec 5>&-
	ended "$FRONT"
	until_ok not_running "$PID"
	# Whatever is missing, it is told how much.
	lines=$(grep -c '^[0l]' "$T/out")
	lost=$(sed -n 's/^\x01lost //p' "$T/out" | paste -sd +)
	[ $((lines + ${lost:-0})) -eq 100001 ]
	[ "$(tail -n 1 "$T/out")" = $'\001end' ]
}

@test "refused lines wait until somebody reads what is told about them" {
	start_chatd_at "$T/room"
	mkfifo "$T/pipe"
	exec 5<>"$T/pipe"
	numbered $'\a' 1 100000 >"$T/lines"
	start_from "$T/lines" chat -p "$ROOM" >"$T/pipe" 2>"$T/err" 5>&-
	FRONT=$PID
	# It has not taken all of it, and is not about to.
	read -r -u 5 LINE
	run ! has_read "$FRONT" "$T/lines"
	get_status "$FRONT" VmHWM
	[ -n "$VALGRIND" ] || ! has_sandbox || [ "${FIELD% kB}" -lt 16384 ]
	start_from "$T/pipe" cat >"$T/out" 5>&-
	exec 5>&-
	ended "$FRONT"
	[ "$STATUS" -eq 1 ]
	until_ok not_running "$PID"
	[ "$(grep -c $'^\001error' "$T/out")" -eq 99999 ]
	[ "$(grep $'^\001ok' "$T/out" | tail -n 1)" = $'\001ok 100000' ]
}

@test "a front end that closes its output: its last words, and SIGPIPE" {
	start_chatd_at "$T/room"
	start_recv "$T/all"
	local both out
	mkfifo "$T/closed"
	exec {both}<>"$T/closed"
	exec {out}>"$T/closed" {both}<&-
	printf '%s\n' hello bye >"$T/lines"
	run -141 bash -c 'chat -p "$0" <"$1" >&"$2"' "$ROOM" "$T/lines" "$out"
	until_ok has_lines "$T/all" 2
}

@test "lines that cannot go out are dropped with the front end that wrote them" {
	mkfifo "$T/pipe"
	exec 5<>"$T/pipe"
	start_fed chat -p -r "$T/room" >"$T/pipe" 2>"$T/err" 5>&-
	FRONT=$PID
	IFS= read -r -u 5 LINE
	[ "$LINE" = $'\001down No such file or directory' ]
	write 'nobody will know'
	exec 5>&-
	exec 4>&-
	ended "$FRONT"
	[ "$STATUS" -eq 141 ]
	[ ! -s "$T/err" ]
}

@test "TERM ends it at once" {
	start_front -r "$T/room"
	tells '^Adown No such file or directory'
	write 'never said'
	stop "$FRONT"
	[ "$STATUS" -eq 143 ]
	exec 4>&-
	[ ! -s "$T/err" ]
}

@test "it is confined like other clients" {
	start_chatd_at "$T/room"
	start_front -r "$ROOM"
	tells "^Aup $ROOM"
	confined "$FRONT"
	exec 4>&-
	ended "$FRONT"
}

@test "lines come in whole pieces, not one at a time" {
	start_chatd_at "$T/room"
	numbered x 1 20000 >"$T/lines"
	run -0 front "$ROOM" <"$T/lines"
	[ "$(grep -c '^^Aok' <<<"$output")" -lt 1000 ]
	[ "$(grep '^^Aok' <<<"$output" | tail -n 1)" = '^Aok 20000' ]
	run -0 timeout 60 chat-recv -l 20000 -c 20000 "$ROOM"
	cmp - "$T/lines" <<<"$output"
}

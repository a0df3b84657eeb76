# chat-send: every line of standard input becomes a message.
# shellcheck disable=SC2016 # the inner shell expands it
# shellcheck disable=SC2030,SC2031 # every test has a process of its own
# shellcheck disable=SC2153,SC2154 # bats and the helpers set them
# shellcheck disable=SC2317 # it is called, by a room
# bats file_tags=fast
load helpers.bash
load fakeroom.bash

teardown() { cleanup; }

USAGE='usage: chat-send [-rs] [-k key] [-m text] [-n name] [-w seconds]
                 [address,...]'

# send ARGUMENT...: chat-send, but not for ever.
send() {
	timeout 300 chat-send "$@"
}

# said N: write the first N lines said in the room, or those of 20 seconds.
said() {
	chat-recv -l 1000000000 -c "$1" -w 20 "$ROOM"
}

# sends MESSAGE STATUS ARGUMENT...: what chat-send has to say about them.
sends() {
	run -"$2" --separate-stderr send "${@:3}" </dev/null
	echo "want: $1" "got: $stderr"
	[ "$output" = "" ]
	[ "$stderr" = "$1" ]
}

# zeros N: that many bytes of text.
zeros() {
	printf "%0$1d" 0
}

@test "--help and --version answer on standard output" {
	run -0 --separate-stderr send --help
	[[ $output == "$USAGE"$'\n\n'* ]]
	[ "$stderr" = "" ]
	run -0 --separate-stderr send --version
	[[ $output =~ ^chat-send\ [0-9]+(\.[0-9]+)+$ ]]
	[ "$stderr" = "" ]
}

@test "an answer that can't be written is a failure" {
	local why='chat-send: standard output: '
	run -2 bash -c 'chat-send --help >/dev/full'
	[ "$output" = "${why}No space left on device" ]
	run -2 bash -c 'chat-send --version >&-'
	[ "$output" = "${why}Bad file descriptor" ]
}

@test "wrong options and operands show how it's used" {
	local args
	for args in -x --nonsense -m -n; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr send $args </dev/null
		echo "$args: $stderr"
		[ "$output" = "" ]
		[[ $stderr == *"$USAGE" ]]
	done
}

@test "a name has to be text of 1 to 255 bytes" {
	local n='chat-send: -n: name'
	sends "$n is empty" 2 -n '' localhost
	sends "$n: control character U+001B at byte 3" 2 -n $'hi\e[1m' here
	sends "$n: control character U+000A at byte 1" 2 -n $'\n' here
	sends "$n: not UTF-8 at byte 2 (0xe9)" 2 -n $'a\xe9' here
	sends "$n is longer than 255 bytes" 2 -n "$(zeros 256)" here
	start_chatd
	sends '' 0 -n "$(zeros 255)" "$ROOM"
}

@test "a wrong address is named with what is wrong" {
	sends 'chat-send: : address is empty' 2 ''
	sends 'chat-send: host:: port is missing' 2 host:
	sends 'chat-send: host:http: port is not a number' 2 host:http
	sends 'chat-send: host:-1: port is not a number' 2 host:-1
	sends 'chat-send: host:0: port is too small' 2 host:0
	sends 'chat-send: host:65536: port is too large' 2 host:65536
	sends 'chat-send: [::1: ] is missing' 2 '[::1'
	sends 'chat-send: []:5555: address is missing in []' 2 '[]:5555'
	sends 'chat-send: [::1]5: only :port may follow ]' 2 '[::1]5'
	sends 'chat-send: ::1: an IPv6 address needs brackets, as in'\
' [::1]' 2 ::1
	local path
	path=/$(zeros 200)
	sends "chat-send: $path: path is too long for a socket" 2 "$path"
}

@test "a room that can't be reached is named with the reason" {
	local port
	# The port of a connection: nobody can be listening there.
	start_chatd -v
	exec 4<>"/dev/tcp/127.0.0.1/$PORT"
	until_ok matches "$T/log" joined
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\): joined/\1/p' "$T/log")
	sends "chat-send: 127.0.0.1:$port: Connection refused; is chatd running \
at port $port?" 2 \
	    "127.0.0.1:$port"
	exec 4>&-
	sends "chat-send: $T/no: No such file or directory; is chatd running?" 2 \
	    "$T/no"
	sends "chat-send: $T: not a socket; give the path that chatd \
listens on" 2 "$T"
	echo text >"$T/file"
	sends "chat-send: $T/file: not a socket; give the path that chatd \
listens on" 2 "$T/file"
	sends "chat-send: $T/file/x: Not a directory" 2 "$T/file/x"
}

@test "a host that nobody knows is named with the reason" {
	run -2 --separate-stderr send nosuchhost.invalid </dev/null
	echo "$stderr"
	[[ $stderr == 'chat-send: nosuchhost.invalid: '?* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "the operand comes before CHAT_ADDRESS, and that before localhost" {
	start_chatd
	CHAT_ADDRESS=$ROOM run -0 send <<<'by environment'
	CHAT_ADDRESS=$T/none run -0 send "$ROOM" <<<'by operand'
	said 2 >"$T/got"
	diff - "$T/got" <<<$'by environment\nby operand'
	CHAT_ADDRESS=$T/none sends \
	    "chat-send: $T/none: No such file or directory; is chatd \
running?" 2
}

@test "without an address it is the room at localhost:5555" {
	until_ok defaults send
}

@test "what goes in comes out byte for byte" {
	start_chatd
	start_recv "$T/copy"
	{
		printf 'plain\n\n\n\ttabs\t\n \n'
		printf 'perch\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80\n'
		zeros 4095
		printf '\n'
		yes $'\xc3\xa9' | head -n 2047 | tr -d '\n'
		printf 'x\n'
		seq 100000
		printf '\xf4\x8f\xbf\xbf last line\n'
	} >"$T/file"
	run -0 --separate-stderr send "$ROOM" <"$T/file"
	[ "$output$stderr" = "" ]
	until_ok cmp -s "$T/file" "$T/copy"
}

@test "a last line without LF is a line" {
	start_chatd
	run -0 send "$ROOM" < <(printf 'one\ntwo')
	run -0 send -s "$ROOM" < <(printf 'three\nfour')
	said 4 >"$T/got"
	diff - "$T/got" <<<$'one\ntwo\nthree\nfour'
}

@test "nothing to send is no failure" {
	start_chatd_at "$T/room"
	sends '' 0 "$ROOM"
}

@test "one CR before the LF is dropped, another CR is refused" {
	start_chatd
	run -1 --separate-stderr send "$ROOM" \
	    < <(printf 'one\r\ntwo\r\r\na\rb\nlast\r')
	local why='control character U+000D at byte'
	[ "${stderr_lines[0]}" = "chat-send: line 2: $why 4" ]
	[ "${stderr_lines[1]}" = "chat-send: line 3: $why 2" ]
	[ "${#stderr_lines[@]}" -eq 2 ]
	said 2 >"$T/got"
	diff - "$T/got" <<<$'one\nlast'
}

@test "each refused line is named, the others are sent" {
	start_chatd
	{
		printf 'one\n\001forged\nthree\nfour\n\xff\nsix\n\e[31mred\n'
		printf 'eight\n'
		zeros 4096
		printf '\nten\n\x7f\nper\xe9\nhalf \xe6\x97\nnul \0!\n'
		printf 'c1 \xc2\x9b31m\nsurrogate \xed\xa0\x80\n'
		zeros 200000
		printf '\noverlong \xc0\xaf\nend\n\xf4\x90\x80\x80'
	} >"$T/file"
	run -1 --separate-stderr send "$ROOM" <"$T/file"
	[ "$output" = "" ]
	diff - <(printf '%s\n' "$stderr") <<-'EOF'
	chat-send: line 2: control character U+0001 at byte 1
	chat-send: line 5: not UTF-8 at byte 1 (0xff)
	chat-send: line 7: control character U+001B at byte 1
	chat-send: line 9: longer than 4095 bytes
	chat-send: line 11: control character U+007F at byte 1
	chat-send: line 12: not UTF-8 at byte 4 (0xe9)
	chat-send: line 13: not UTF-8 at byte 6 (0xe6)
	chat-send: line 14: control character U+0000 at byte 5
	chat-send: line 15: control character U+009B at byte 4
	chat-send: line 16: not UTF-8 at byte 11 (0xed)
	chat-send: line 17: longer than 4095 bytes
	chat-send: line 18: not UTF-8 at byte 10 (0xc0)
	chat-send: line 20: not UTF-8 at byte 1 (0xf4)
	EOF
	said 7 >"$T/got"
	printf '%s\n' one three four six eight ten end | diff - "$T/got"
}

@test "a thousand refused lines among good ones keep their numbers" {
	start_chatd
	awk 'BEGIN { for (i = 1; i <= 6000; i++)
		print i % 3 == 0 ? "\033" : i }' >"$T/file"
	run -1 --separate-stderr send "$ROOM" <"$T/file"
	[ "${#stderr_lines[@]}" -eq 2000 ]
	[[ ${stderr_lines[1999]} == "chat-send: line 6000: control "* ]]
	said 4000 >"$T/got"
	grep -v $'\e' "$T/file" | cmp - "$T/got"
}

@test "-n puts a name before each line, and counts it" {
	start_chatd
	{
		printf 'ciao\n\n'
		zeros 4088
		printf '\n'
		zeros 4089
		printf '\nend\n'
	} >"$T/file"
	run -1 --separate-stderr send -n anna\  "$ROOM" <"$T/file"
	[ "$stderr" = 'chat-send: line 4: longer than 4095 bytes' ]
	said 4 >"$T/got"
	sed -e 4d -e 's/^/anna : /' "$T/file" | diff - "$T/got"
	[ "$(awk 'length > n { n = length } END { print n }' "$T/got")" = 4095 ]
}

@test "CHAT_NAME is the name without -n" {
	start_chatd
	CHAT_NAME=anna send "$ROOM" <<<one
	CHAT_NAME=anna send -n bob "$ROOM" <<<two
	CHAT_NAME='' send "$ROOM" <<<three
	[ "$(said 3)" = $'anna: one\nbob: two\nthree' ]
	CHAT_NAME=$'a\eb' run -2 send "$ROOM" <<<no
	[ "$output" = \
	    'chat-send: CHAT_NAME: name: control character U+001B at byte 2' ]
	CHAT_NAME=$(printf '%0256d' 0) run -2 send "$ROOM" <<<no
	[ "$output" = 'chat-send: CHAT_NAME: name is longer than 255 bytes' ]
	# In a pipe it is chat's, too.
	CHAT_NAME=anna timeout 60 chat "$ROOM" <<<four
	[ "$(said 4 | tail -n 1)" = 'anna: four' ]
}

@test "of two faults in a line with a name, its own comes first" {
	start_chatd
	run -1 --separate-stderr send -n anna "$ROOM" \
	    < <(printf '\xff'; zeros 4092)
	[ "$stderr" = 'chat-send: line 1: not UTF-8 at byte 1 (0xff)' ]
}

@test "-s sends U+FFFD in place of what offends" {
	start_chatd
	run -0 --separate-stderr send -s "$ROOM" < <(
		printf 'per\xe9\n\e[1m\n\xe6\x97|\xf0\x9f\x98|\xed\xa0\x80|\n'
		printf '\001\0\x7f\xc2\x85\ttab\r\na\rb\ngood \xc3\xa9\n'
	)
	[ "$output$stderr" = "" ]
	said 6 >"$T/got"
	sed 's/?/\xef\xbf\xbd/g' <<-'EOF' | diff - "$T/got"
	per?
	?[1m
	?|?|???|
	????	tab
	a?b
	good é
	EOF
}

@test "-s splits a long line between characters" {
	start_chatd
	local c
	for c in e $'\xc3\xa9' $'\xe6\x97\xa5' $'\xf0\x9f\x98\x80'; do
		for n in 4091 4092 4093 4094; do
			zeros "$n"
			yes "$c" | head -n 5000 | tr -d '\n'
			printf '!'
		done
	done >"$T/file"
	run -0 --separate-stderr send -s "$ROOM" <"$T/file"
	[ "$stderr" = "" ]
	run -0 send "$ROOM" <<<end
	start_recv "$T/got"
	until_ok has_line "$T/got" end
	sed '$d' "$T/got" | tr -d '\n' | cmp - "$T/file"
	iconv -f UTF-8 -t UTF-8 "$T/got" >/dev/null
	# And no more than it has to.
	LC_ALL=C awk 'length > 4095 { exit 1 }' "$T/got"
	sed -e '$d' "$T/got" | sed '$d' | LC_ALL=C awk 'length < 4092 { exit 1 }'
}

@test "-s splits where the name leaves space, and names each part" {
	start_chatd
	zeros 10000 >"$T/file"
	run -0 --separate-stderr send -s -n bob "$ROOM" <"$T/file"
	said 3 >"$T/got"
	[ "$(grep -c '^bob: 0*$' "$T/got")" -eq 3 ]
	sed 's/^bob: //' "$T/got" | tr -d '\n' | cmp - "$T/file"
	[ "$(awk '{ print length }' "$T/got" | tr '\n' ' ')" = \
	    '4095 4095 1825 ' ]
}

@test "-s makes one line of the longest one, whenever its end comes" {
	start_chatd
	start_recv "$T/got"
	start_fed chat-send -s "$ROOM"
	echo sync >&4
	until_ok has_lines "$T/got" 1
	{ zeros 4095; printf '\r'; } >&4
	# Another client's line shows that the room has seen what there was.
	send "$ROOM" <<<other
	until_ok has_lines "$T/got" 2
	printf '\nend\n' >&4
	until_ok has_line "$T/got" end
	exec 4>&-
	diff "$T/got" <(printf 'sync\nother\n'; zeros 4095; printf '\nend\n')
}

@test "refused numbers count input lines with -s as well" {
	fake() {
		hear 1
		ctl ok 0
		hear 3
		ctl error 3 no
		ctl ok 3
		hear_end
	}
	fake_room fake
	# The first line becomes two.
	run -1 --separate-stderr send -s "$ROOM" < <(zeros 5000
	    printf '\nb\n')
	[ "$stderr" = 'chat-send: line 2: no' ]
}

@test "lines go out as they come" {
	local i
	start_chatd
	start_recv "$T/got"
	start_fed chat-send "$ROOM"
	SEND=$PID
	for i in {1..20}; do
		echo "line $i" >&4
		until_ok has_line "$T/got" "line $i"
	done
	# The beginning of a line is not a line.
	printf 'half' >&4
	send "$ROOM" <<<other
	until_ok has_line "$T/got" other
	run -1 grep -q half "$T/got"
	printf ' and half\n' >&4
	until_ok has_line "$T/got" 'half and half'
	exec 4>&-
	ended "$SEND"
	[ "$STATUS" -eq 0 ]
}

# taken: how many bytes $SEND has read from the file that is its standard input.
# still: it is no more than the last ten times.
taken() {
	awk '$1 == "pos:" { print $2 }' "/proc/$SEND/fdinfo/0"
}
still() {
	local now
	now=$(taken)
	[ "$now" -eq "$before" ] || times=0
	before=$now
	[ "$now" -gt 0 ] && ((++times >= 10))
}

@test "standard input isn't read on when the room doesn't take it" {
	local before=0 times=0
	start_chatd_at "$T/room"
	start_recv "$T/got"
	send "$ROOM" <<<sync
	until_ok has_lines "$T/got" 1
	room_pid; kill -STOP "$ROOM_PID"
	seq 1000000 >"$T/file"
	start_from "$T/file" chat-send "$ROOM"
	SEND=$PID
	until_ok still
	echo "taken: $before"
	# The queue of 1 MiB is full, and what the socket holds. The file has
	# more than three times as much.
	[ "$before" -ge 1048576 ]
	[ "$before" -lt $((2 * 1048576)) ]
	kill -CONT "$ROOM_PID"
	ended "$SEND"
	[ "$STATUS" -eq 0 ]
	until_ok has_lines "$T/got" 1000001
	sed 1d "$T/got" | cmp - "$T/file"
}

@test "nor when the room takes it and doesn't settle it" {
	local before=0 times=0
	fake() {
		ctl ok 0
		hear_end
	}
	fake_room fake
	seq 1000000 >"$T/file"
	start_from "$T/file" chat-send "$ROOM"
	SEND=$PID
	until_ok still
	echo "taken: $before"
	# The queue, and not more than one read beyond it.
	[ "$before" -ge 1048576 ]
	[ "$before" -le $((1048576 + 131072 + 4096)) ]
}

@test "one ok for all of a full queue sets it going again" {
	local n
	fake() {
		hear_end <&0 &
		# A thousand and some lines of 1 KB are in the queue.
		ctl ok 0
		until [ "$(wc -c <"$T/heard")" -gt 1045500 ]; do
			pause 0.02
		done 2>/dev/null
		ctl ok "$(($(wc -l <"$T/heard") - 1))"
		until grep -qx end "$T/heard"; do
			pause 0.02
		done
		ctl ok "$(($(wc -l <"$T/heard") - 1))"
		wait
	}
	# Of 1024 the last ones, and the end, wait in the input's buffer.
	for n in 1200 1024; do
		{
			yes "$(zeros 1023)" | head -n $((n - 1))
			echo end
		} >"$T/file"
		fake_room fake
		run -0 --separate-stderr send "$ROOM" <"$T/file"
		echo "$stderr"
		[ "$stderr" = "" ]
		sed 1d "$T/heard" | cmp - "$T/file"
	done
}

@test "a broken connection: so many acknowledged, so many in doubt" {
	fake() {
		hear 1
		ctl ok 0
		hear 5
		ctl ok 3
	}
	fake_room fake
	run -2 --separate-stderr send "$ROOM" < <(seq 5)
	[ "$output" = "" ]
	[ "$stderr" = "chat-send: $ROOM: the room closed the connection: 3\
 lines acknowledged, 2 in doubt" ]
}

@test "a connection that breaks while there is more to send" {
	fake() {
		hear 1
		ctl ok 0
		hear 10
		ctl ok 7
	}
	fake_room fake
	start_fed chat-send "$ROOM" 2>"$T/err"
	SEND=$PID
	seq 10 >&4
	ended "$SEND"
	exec 4>&-
	[ "$STATUS" -eq 2 ]
	[ "$(cat "$T/err")" = "chat-send: $ROOM: the room closed the connection:\
 7 lines acknowledged, 3 in doubt" ]
}

@test "a refused line is neither acknowledged nor sent again" {
	fake() {
		hear 1
		ctl ok 0
		hear 5
		ctl error 2 no swearing
		ctl ok 3
	}
	fake_room fake
	run -2 --separate-stderr send "$ROOM" < <(seq 5)
	[ "${stderr_lines[0]}" = 'chat-send: line 2: no swearing' ]
	[ "${stderr_lines[1]}" = "chat-send: $ROOM: the room closed the\
 connection: 2 lines acknowledged, 2 in doubt" ]
}

@test "a refusal before the connection breaks doesn't upset the count" {
	fake() {
		hear 1
		ctl ok 0
		hear 5
		ctl error 1 no
		ctl error 1 no
		ctl error 2 no
	}
	fake_room fake
	run -2 --separate-stderr send "$ROOM" < <(seq 5)
	echo "$stderr"
	[[ ${stderr_lines[-1]} == *': 0 lines acknowledged, '[35]' in doubt' ]]
}

@test "lines that the room refuses are named by input line" {
	fake() {
		hear 1
		ctl ok 0
		hear 3
		ctl error 1 first
		ctl error 3 third
		ctl ok 3
		hear_end
	}
	fake_room fake
	# Two lines never get there: the room's third is the input's fifth.
	run -1 --separate-stderr send "$ROOM" \
	    < <(printf '\e\na\nb\n\e\nc\n')
	printf '%s\n' "$stderr" | grep -v 'control character' |
	    diff <(printf 'chat-send: line %s\n' '2: first' '5: third') -
	[ "${#stderr_lines[@]}" -eq 4 ]
}

@test "status 0 comes only after the last ok" {
	fake() {
		hear 1
		ctl ok 0
		hear 2
		ctl ok 1
		hear_end
		# More than a socket holds: whoever has gone stops it here.
		yes $'\001wait' | head -n 500000
		: >"$T/settled"
		ctl ok 2
	}
	fake_room fake
	run -0 --separate-stderr send "$ROOM" < <(seq 2)
	[ -e "$T/settled" ]
	[ "$output$stderr" = "" ]
}

@test "an end without the last ok is a failure" {
	fake() {
		hear 1
		ctl ok 0
		hear 2
		ctl ok 1
		hear_end
	}
	fake_room fake
	run -2 --separate-stderr send "$ROOM" < <(seq 2)
	[ "$stderr" = "chat-send: $ROOM: the room closed the connection: 1\
 line acknowledged, 1 in doubt" ]
}

@test "when the room closes, its reason is shown" {
	start_chatd
	start_recv "$T/got"
	start_fed chat-send "$ROOM" 2>"$T/err"
	SEND=$PID
	seq 3 >&4
	until_ok has_lines "$T/got" 3
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	ended "$SEND"
	exec 4>&-
	[ "$STATUS" -eq 2 ]
	[ "$(cat "$T/err")" = "chat-send: $ROOM: the room closed the connection:\
 the room is closing: 3 lines acknowledged, 0 in doubt" ]
}

@test "a room that is killed is noticed" {
	start_chatd
	start_recv "$T/got"
	start_fed chat-send "$ROOM" 2>"$T/err"
	SEND=$PID
	seq 3 >&4
	until_ok has_lines "$T/got" 3
	stop "$CHATD" KILL
	ended "$SEND"
	exec 4>&-
	[ "$STATUS" -eq 2 ]
	grep -q "^chat-send: $ROOM: .*: 3 lines acknowledged, 0 in doubt$" \
	    "$T/err"
}

@test "standard input that can't be read is a failure" {
	start_chatd
	run -2 --separate-stderr send "$ROOM" <"$T"
	[ "$stderr" = 'chat-send: standard input: Is a directory' ]
	run -2 bash -c 'timeout 300 chat-send "$1" <&-' - "$ROOM"
	[ "$output" = 'chat-send: standard input: Bad file descriptor' ]
}

@test "without standard output or error it sends all the same" {
	start_chatd
	start_recv "$T/got"
	run -0 bash -c 'echo one | chat-send "$1" >&-' - "$ROOM"
	[ "$output" = "" ]
	# What it says must not go into the room instead.
	run -1 bash -c 'printf "\e\ntwo\n" | chat-send "$1" 2>&-' - "$ROOM"
	run -1 bash -c 'printf "\e\nthree\n" | chat-send "$1" >&- 2>&-' - "$ROOM"
	run -0 bash -c 'echo end | chat-send "$1" >/dev/full' - "$ROOM"
	until_ok has_line "$T/got" end
	printf '%s\n' one two three end | diff - "$T/got"
}

@test "a Unix socket is a room like any other" {
	start_chatd_at "$T/room"
	cd "$T"
	run -0 send ./room <<<'by path'
	ROOM=./room said 1 >"$T/got"
	[ "$(cat "$T/got")" = 'by path' ]
}

@test "-m: what it says is sent, and standard input is left alone" {
	start_chatd
	sends '' 0 -m hello "$ROOM"
	printf 'not read\n' | {
		send -m one -m $'two\nthree' "$ROOM"
		cat
	} >"$T/left"
	has_line "$T/left" 'not read'
	sends '' 0 -m '' "$ROOM"
	sends '' 0 -m $'crlf\r' -n alice "$ROOM"
	diff - <(said 6) <<-'END'
		hello
		one
		two
		three

		alice: crlf
	END
}

@test "-m: a fault is named, or mended with -s" {
	start_chatd
	sends 'chat-send: line 2: control character U+001B at byte 3' 1 \
	    -m good -m $'ba\ed' -m last "$ROOM"
	sends '' 0 -s -m $'ba\ed' "$ROOM"
	diff - <(said 3) <<<$'good\nlast\nba\ufffdd'
}

@test "-m: as much as there can be, and more than the queue has space for" {
	start_chatd
	local text
	text=$(seq 20000)
	send -m "$text" -m "$text" -m "$text" "$ROOM"
	said 60000 | cmp - <(seq 20000; seq 20000; seq 20000)
}

@test "-m with -r: sent when there is a room, once" {
	ROOM=$T/room
	start chat-send -r -m hello "$ROOM" 2>"$T/err"
	local send=$PID
	until_ok matches "$T/err" retrying
	start_chatd_at "$ROOM"
	wait "$send"
	[ "$(said 1)" = hello ]
}

@test "a room that is stopped: all that wait for its answer say so, and end" {
	local program pids=() pid i
	start_chatd
	room_pid
	kill -STOP "$ROOM_PID"
	for program in chat-send chat-recv chat; do
		start timeout 60 "$program" "$ROOM" </dev/null 2>"$T/$program"
		pids+=("$PID")
	done
	for pid in "${pids[@]}"; do
		i=0
		wait "$pid" || i=$?
		[ "$i" -eq 2 ]
	done
	for program in chat-send chat-recv chat; do
		grep "^$program: $ROOM: no answer within 10 seconds" \
		    "$T/$program"
	done
	kill -CONT "$ROOM_PID"
	timeout 20 chat-send "$ROOM" </dev/null
}

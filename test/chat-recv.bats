# chat-recv: every message becomes a line of standard output.
# shellcheck disable=SC2016 # the inner shell expands it
# shellcheck disable=SC2030,SC2031 # every test has a process of its own
# shellcheck disable=SC2153,SC2154 # bats and the helpers set them
# shellcheck disable=SC2317 # it is called, by a room
# bats file_tags=fast
load helpers.bash
load fakeroom.bash

teardown() { cleanup; }

USAGE='usage: chat-recv [-ejrt] [-c count] [-k key] [-l last] [-T format]
                 [-w seconds] [address,...]'

# recv ARGUMENT...: chat-recv, but not for ever.
recv() {
	timeout 60 chat-recv "$@"
}

# recvs MESSAGE STATUS ARGUMENT...: what chat-recv has to say about them.
recvs() {
	run -"$2" --separate-stderr recv "${@:3}"
	echo "want: $1" "got: $stderr"
	[ "$output" = "" ]
	[ "$stderr" = "$1" ]
}

# say TEXT: text, with its LF, into the room.
say() {
	printf '%s\n' "$1" | timeout 300 chat-send "$ROOM"
}

# listen FILE [OPTION...]: a chat-recv of new lines only; it has heard one when
# this returns. FILE then begins with one or more lines "sync".
listen() {
	start chat-recv "${@:2}" "$ROOM" >"$1" 2>"$1.err"
	RECV=$PID
	until_ok heard_sync "$1"
}
heard_sync() {
	say sync
	grep -q sync "$1"
}

# A room that says what is in $T/words after the answer, until its client goes.
fake_words() {
	ctl at 7
	cat "$T/words"
	hear_end
}

@test "--help and --version answer on standard output" {
	run -0 --separate-stderr chat-recv --help
	[[ $output == "$USAGE"$'\n\n'* ]]
	[ "$stderr" = "" ]
	run -0 --separate-stderr chat-recv --version
	[[ $output =~ ^chat-recv\ [0-9]+(\.[0-9]+)+$ ]]
	[ "$stderr" = "" ]
}

@test "an answer that can't be written is a failure" {
	local why='chat-recv: standard output: '
	run -2 bash -c 'chat-recv --help >/dev/full'
	[ "$output" = "${why}No space left on device" ]
	run -2 bash -c 'chat-recv --version >&-'
	[ "$output" = "${why}Bad file descriptor" ]
}

@test "wrong options and operands show how it's used" {
	local args
	for args in -x --nonsense -c -l -w; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr chat-recv $args
		echo "$args: $stderr"
		[ "$output" = "" ]
		[[ $stderr == *"$USAGE" ]]
	done
}

@test "-c and -l have to be numbers that make sense" {
	local l='neither a number of messages nor a time, as in -l 10 or -l 10m'
	recvs 'chat-recv: -c 0: too small, at least 1' 2 -c 0 here
	recvs 'chat-recv: -c -1: too small, at least 1' 2 -c -1 here
	recvs 'chat-recv: -c ten: not a number, as in -c 10' 2 -c ten here
	recvs 'chat-recv: -c 1x: not a number, as in -c 10' 2 -c 1x here
	recvs 'chat-recv: -c : not a number, as in -c 10' 2 -c '' here
	recvs 'chat-recv: -c 9223372036854775808: too large, at most 9223372036854775807' 2 \
	    -c 9223372036854775808 here
	recvs 'chat-recv: -l -1: too small, at least 0' 2 -l -1 here
	recvs "chat-recv: -l all: $l" 2 -l all here
	for args in '' - 1x 10M 1w 10mm m -1m +1 ' 1' 1.5h 0x1 '1 m' 1-2; do
		recvs "chat-recv: -l $args: $l" 2 -l "$args" here
	done
	recvs 'chat-recv: -l 36501d: too large, at most 36500d' 2 \
	    -l 36501d here
	recvs 'chat-recv: -l 99999999999999999999s: too large, at most'\
' 3153600000s' 2 -l 99999999999999999999s here
	recvs 'chat-recv: -l 9223372036854775808: too large, at most 9223372036854775807' 2 \
	    -l 9223372036854775808 here
}

@test "-w has to be a number of seconds" {
	local w='not a number of seconds'
	recvs 'chat-recv: -w 0: too small' 2 -w 0 here
	recvs 'chat-recv: -w 0.000: too small' 2 -w 0.000 here
	recvs "chat-recv: -w 1.: $w" 2 -w 1. here
	recvs 'chat-recv: -w 1000001: too large' 2 -w 1000001 here
	recvs 'chat-recv: -w 99999999999999999999: too large' 2 \
	    -w 99999999999999999999 here
	local s
	for s in '' x 1x -1 1.2345 1e3 ' 1'; do
		recvs "chat-recv: -w $s: $w, to the millisecond at most" 2 \
		    -w "$s" here
	done
}

@test "the greatest values are taken" {
	start_chatd
	say 'one line'
	recv -c 9223372036854775807 -l 9223372036854775807 -w 0.001 "$ROOM" ||
	    [ $? -eq 3 ]
	run -0 recv -c 1 -l 9223372036854775807 -w 1000000 "$ROOM"
	[ "$output" = 'one line' ]
}

@test "a wrong address is named with what is wrong" {
	recvs 'chat-recv: : address is empty' 2 ''
	recvs 'chat-recv: host:0: port is too small' 2 host:0
	recvs 'chat-recv: host:65536: port is too large' 2 host:65536
	recvs 'chat-recv: ::1: an IPv6 address needs brackets, as in'\
' [::1]' 2 ::1
}

@test "a room that can't be reached is named with the reason" {
	local port
	# The port of a connection: nobody can be listening there.
	start_chatd -v
	exec 4<>"/dev/tcp/127.0.0.1/$PORT"
	until_ok matches "$T/log" joined
	port=$(sed -n 's/.*127.0.0.1:\([0-9]*\): joined/\1/p' "$T/log")
	recvs "chat-recv: 127.0.0.1:$port: Connection refused; is chatd running \
at port $port?" 2 \
	    "127.0.0.1:$port"
	exec 4>&-
	recvs "chat-recv: $T/no: No such file or directory; is chatd running?" 2 \
	    "$T/no"
	recvs "chat-recv: $T: not a socket; give the path that chatd \
listens on" 2 "$T"
	run -2 --separate-stderr recv nosuchhost.invalid
	[[ $stderr == 'chat-recv: nosuchhost.invalid: '?* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "the operand comes before CHAT_ADDRESS, and that before localhost" {
	start_chatd
	say hello
	CHAT_ADDRESS=$ROOM run -0 recv -l 1 -c 1
	[ "$output" = hello ]
	CHAT_ADDRESS=$T/none run -0 recv -l 1 -c 1 "$ROOM"
	[ "$output" = hello ]
	CHAT_ADDRESS=$T/none recvs \
	    "chat-recv: $T/none: No such file or directory; is chatd \
running?" 2
}

@test "without an address it is the room at localhost:5555" {
	until_ok defaults recv -w 0.001
}

@test "it begins with what is said from now on" {
	start_chatd
	say before
	listen "$T/got"
	say after
	until_ok has_line "$T/got" after
	run -0 sort -u "$T/got"
	[ "$output" = $'after\nsync' ]
	[ ! -s "$T/got.err" ]
}

@test "-l begins with the last lines, or with as many as there are" {
	start_chatd
	seq 5 | timeout 300 chat-send "$ROOM"
	run -0 recv -l 2 -c 2 "$ROOM"
	[ "$output" = $'4\n5' ]
	run -0 recv -l 100 -c 5 "$ROOM"
	[ "$output" = "$(seq 5)" ]
	listen "$T/got" -l 0
	run -0 sort -u "$T/got"
	[ "$output" = sync ]
}

@test "-c ends after so many lines, however many come at once" {
	start_chatd
	seq 1000 | timeout 300 chat-send "$ROOM"
	recv -l 1000 -c 10 "$ROOM" >"$T/got"
	seq 10 | cmp - "$T/got"
	recv -l 1000 -c 999 "$ROOM" >"$T/got"
	seq 999 | cmp - "$T/got"
	run -0 --separate-stderr recv -l 1000 -c 1 "$ROOM"
	[ "$output" = 1 ]
	[ "$stderr" = "" ]
}

@test "-c counts empty lines, and lines that come one by one" {
	start_chatd
	listen "$T/got"
	start chat-recv -l 1 -c 4 "$ROOM" >"$T/four"
	FOUR=$PID
	until_ok [ -s "$T/four" ]
	say ''
	say ''
	say last
	say 'one too many'
	ended "$FOUR"
	[ "$STATUS" -eq 0 ]
	diff - "$T/four" <<<$'sync\n\n\nlast'
}

@test "-t says when each line was said, in the zone of the reader" {
	{
		ctl time 1795433696
		echo one
		echo
		ctl time 1782907200
		echo summer
		ctl time 0
		echo epoch
	} >"$T/words"
	fake_room fake_words
	TZ=UTC run -0 --separate-stderr recv -t -c 4 "$ROOM"
	diff - <(printf '%s\n' "$output") <<-'EOF'
	2026-11-23T11:34:56+0000 one
	2026-11-23T11:34:56+0000 
	2026-07-01T12:00:00+0000 summer
	1970-01-01T00:00:00+0000 epoch
	EOF
	[ "$stderr" = "" ]
	fake_room fake_words
	TZ=CET-1CEST,M3.5.0,M10.5.0/3 run -0 recv -t -c 4 "$ROOM"
	diff - <(printf '%s\n' "$output") <<-'EOF'
	2026-11-23T12:34:56+0100 one
	2026-11-23T12:34:56+0100 
	2026-07-01T14:00:00+0200 summer
	1970-01-01T01:00:00+0100 epoch
	EOF
	fake_room fake_words
	TZ=NST3:30 run -0 recv -t -c 1 "$ROOM"
	[ "$output" = '2026-11-23T08:04:56-0330 one' ]
}

@test "-t asks the room, which knows when it was" {
	local before after
	# By the clock that the room reads, which is a moment behind that of date.
	start_chatd
	TZ=UTC printf -v before '%(%Y-%m-%dT%H:%M:%S+0000)T' -1
	say 'in between'
	TZ=UTC printf -v after '%(%Y-%m-%dT%H:%M:%S+0000)T' -1
	TZ=UTC run -0 recv -t -l 1 -c 1 "$ROOM"
	[[ $output == *' in between' ]]
	[[ ! ${output%% *} < $before && ! ${output%% *} > $after ]]
}

@test "-t on lines of every length loses none of their bytes" {
	start_chatd
	awk 'BEGIN { for (i = 1; i <= 4095; i += 7) {
		s = sprintf("%0*d", i, i); print substr(s, 1, i) } }' >"$T/file"
	start_recv "$T/got" -t
	timeout 300 chat-send "$ROOM" <"$T/file"
	until_ok has_lines "$T/got" 585
	sed 's/^[^ ]* //' "$T/got" | cmp - "$T/file"
	# The same through a pipe.
	recv -t -l 1000 -c 585 "$ROOM" | sed 's/^[^ ]* //' | cmp - "$T/file"
}

# fake_since: a room that doesn't know since=, and one that hears when it is.
fake_since() {
	hear 1
	ctl error 0 "unknown word: ${heard[0]#* }"
	ctl at 7
	hear_end
}
fake_now() {
	hear 1
	printf '%s\n' "${heard[0]}" >"$T/hello"
	ctl at 7
	echo said
	hear_end
}

@test "-l with a time asks for what was said since then" {
	local span seconds now since
	for span in 90s:90 10m:600 2h:7200 3d:259200 0s:0 36500d:3153600000; do
		seconds=${span#*:}
		fake_room fake_now
		printf -v now '%(%s)T' -1
		run -0 recv -l "${span%:*}" -c 1 "$ROOM"
		[ "$output" = said ]
		[[ $(<"$T/hello") =~ ^$'\001'recv\ since=([0-9]+)$ ]]
		since=${BASH_REMATCH[1]}
		echo "$span: $since at $now"
		((now > seconds)) || [ "$since" -eq 0 ]
		((now <= seconds)) || ((since >= now - seconds))
		((now <= seconds || since <= now - seconds + 60))
		fake_over
	done
	# It is true of a real one, too.
	start_chatd
	say 'one line'
	run -0 recv -l 10m -e "$ROOM"
	[ "$output" = 'one line' ]
}

@test "-l with a time fails in a room that doesn't know times" {
	fake_room fake_since
	recvs "chat-recv: $ROOM: this room is too old for -l with a time; give\
 it a number of messages, as in -l 10" 2 -l 10m "$ROOM"
}

@test "-e ends with what was said until now" {
	start_chatd
	run -0 recv -e "$ROOM"
	[ "$output" = '' ]
	numbered '' 1 6 | chat-send "$ROOM"
	run -0 recv -e "$ROOM"
	[ "$output" = $'1\n2\n3\n4\n5\n6' ]
	run -0 recv -el 2 "$ROOM"
	[ "$output" = $'5\n6' ]
	run -0 recv -e -l 0 "$ROOM"
	[ "$output" = '' ]
	# -c is at most as many, and more is no failure, nor is less.
	run -0 recv -l 10 -c 10 -e "$ROOM"
	[ "${#lines[@]}" -eq 6 ]
	run -0 recv -c 2 -e "$ROOM"
	[ "$output" = $'1\n2' ]
	run -0 recv -er -w 30 "$ROOM"
	[ "${#lines[@]}" -eq 6 ]
	# More than all buffers hold.
	seq 1000000 >"$T/million"
	chat-send "$ROOM" <"$T/million"
	recv -e -l 1000000 "$ROOM" | cmp - "$T/million"
	[ "${PIPESTATUS[0]}" -eq 0 ]
}

# A room that says two lines, the second when the client has said its end, ...
fake_end() {
	hear 1
	ctl at 7
	echo one
	hear_end
	echo two
}
# ... and one that dies inside it.
fake_torn() {
	hear 1
	ctl at 7
	echo one
	hear_end
	printf 'tw'
}

@test "-e takes what comes after its own end, and no other end for it" {
	fake_room fake_end
	run -0 recv -e "$ROOM"
	[ "$output" = $'one\ntwo' ]
	fake_room fake_torn
	run -2 --separate-stderr recv -e "$ROOM"
	[ "$output" = one ]
	[ "$stderr" = \
	    "chat-recv: $ROOM: the room closed the connection" ]
}

@test "-e with lines that are lost" {
	{ ctl lost 12; echo one; } >"$T/words"
	fake_room fake_words
	run -1 --separate-stderr recv -e "$ROOM"
	[ "$output" = one ]
	[ "$stderr" = 'chat-recv: 12 lines lost' ]
}

# characters FROM TO: a line with each of these code points.
characters() {
	local LC_ALL=C.UTF-8 hex i
	for ((i = $1; i <= $2; i++)); do
		printf -v hex %x "$i"
		# shellcheck disable=SC2059
		printf "a\\U$hex\n"
	done
}

@test "-j: a JSON object for each message, whatever is in it" {
	start_chatd
	{
		untraced characters 0x20 0x7e
		untraced characters 0xa0 0x17f
		untraced characters 0x2000 0x206f
		untraced characters 0xd7fe 0xd7ff
		untraced characters 0xe000 0xe001
		untraced characters 0xfdd0 0xfdef
		untraced characters 0xfff0 0x10002
		untraced characters 0x1f600 0x1f640
		untraced characters 0x10fffd 0x10ffff
		printf '%s\n' '' ' ' '"' '\' '\"' '\\' '\u0041' '{"text":"a"}' \
		    $'\t' $'\ta\t' $'e\u301' "alice: isn't here" ': ' "'"
		printf '%04095d\n' 0
		printf '%04095d\n' 0 | tr 0 '"'
	} >"$T/said"
	timeout 300 chat-send "$ROOM" <"$T/said"
	recv -ej "$ROOM" >"$T/objects"
	jq -r .text "$T/objects" | cmp - "$T/said"
	# A line each; nothing but the three; numbers without gaps; a time now.
	[ "$(wc -l <"$T/objects")" -eq "$(wc -l <"$T/said")" ]
	jq -se 'all(keys == ["number", "text", "time"]) and
	    .[-1].number - .[0].number == length - 1 and
	    all(.time > now - 600 and .time < now + 600)' "$T/objects"
	# What is said from now on is numbered as well.
	run -0 recv -jl 1 -c 1 "$ROOM"
	[ "$output" = "$(tail -n 1 "$T/objects")" ]
}

@test "-j: on a terminal it is ASCII, and the same" {
	start_chatd
	say $'\u202edlrow \U1f600 "caf\u00e9"'
	on_terminal "$T/out" "chat-recv -ej $ROOM"
	run ! LC_ALL=C grep -q '[^ -~]' <(tr -d '\r' <"$T/out")
	[ "$(tr -d '\r' <"$T/out" | jq -r .text)" = \
	    $'\u202edlrow \U1f600 "caf\u00e9"' ]
}

@test "-j: what is lost has objects, and bad text is valid JSON" {
	{
		ctl time 1000
		echo one
		ctl lost 12
		ctl at 20
		printf 'a\033[1m\177\302\200\n\377b\300\200\n'
		ctl lost '?'
		echo two
	} >"$T/words"
	fake_room fake_words
	run -1 --separate-stderr recv -jc 4 "$ROOM"
	[ "$stderr" = $'chat-recv: 12 lines lost\n'\
'chat-recv: an unknown number of lines lost' ]
	[ "$(jq -c . <<<"$output")" = "$(jq -c . <<-'END'
		{"number":7,"time":1000,"text":"one"}
		{"lost":12}
		{"number":20,"time":1000,"text":"a\u001b[1m\u007f\u0080"}
		{"number":21,"time":1000,"text":"\ufffdb\ufffd\ufffd"}
		{"lost":null}
		{"number":22,"time":1000,"text":"two"}
	END
	)" ]
	recvs 'chat-recv: -j: not with -t or -T; its times are numbers' 2 -jt here
}

@test "-T writes the time in a format of one's own" {
	{ ctl time 1000000000; echo one; ctl time 1790769600; echo two; } \
	    >"$T/words"
	fake_room fake_words
	TZ=UTC run -0 recv -c 2 -T '%a %d %b %Y %H:%M:%S %Z %j %s%%' "$ROOM"
	[ "${lines[0]}" = 'Sun 09 Sep 2001 01:46:40 UTC 252 1000000000% one' ]
	[ "${lines[1]}" = 'Wed 30 Sep 2026 12:00:00 UTC 273 1790769600% two' ]
	# It counts, wherever -t is.
	fake_room fake_words
	TZ=UTC run -0 recv -tc 1 -T %F -t "$ROOM"
	[ "$output" = '2001-09-09 one' ]
	# A time that no calendar has.
	{ ctl time 9223372036854775807; echo far; } >"$T/words"
	fake_room fake_words
	run -0 recv -c 1 -T %F "$ROOM"
	[ "$output" = 'unknown time far' ]
}

# without_zone COMMAND...: where the system's time zone is not known.
without_zone() {
	# shellcheck disable=SC2016 # sh expands it
	unshare -rm sh -c 'unset TZ
	    [ ! -d /usr/share/zoneinfo ] ||
	    mount -t tmpfs none /usr/share/zoneinfo || exit
	    [ ! -f /etc/localtime ] ||
	    mount --bind /dev/null /etc/localtime || exit
	    exec "$@"' sh "$@"
}

@test "-T: %s, wherever the time zone is" {
	unshare -rm true 2>"$T/none" || skip 'no mounts of our own here'
	{ ctl time 1000000000; echo one; } >"$T/words"
	fake_room fake_words
	run -0 without_zone chat-recv -c 1 -T '%s %%s %H' "$ROOM"
	[ "$output" = '1000000000 %s 01 one' ]
}

@test "-T has to be a format that makes one line" {
	local f no='no conversion at byte'
	recvs 'chat-recv: -T: format is empty' 2 -T '' here
	recvs 'chat-recv: -T: format: control character U+000A at byte 3' 2 \
	    -T $'%H\n' here
	recvs 'chat-recv: -T: format: not UTF-8 at byte 1 (0xff)' 2 \
	    -T $'\xff' here
	recvs 'chat-recv: -T: format is longer than 64 bytes' 2 \
	    -T "$(printf %065d 0)" here
	recvs 'chat-recv: -T: format makes more than 64 bytes' 2 \
	    -T %A%A%A%A%A%A%A%A here
	for f in %n %5d %-d %_H %Ey %Od %q %; do
		recvs "chat-recv: -T: format: $no 3, as in %H:%M; %% is a %" 2 \
		    -T "%%$f" here
	done
}

@test "-w ends with status 3 when no line comes" {
	start_chatd
	recvs '' 3 -w 0.05 "$ROOM"
	recvs '' 3 -w 0.05 -c 1 "$ROOM"
	say one
	# Time enough to be answered in.
	local count=$T/count gap=$T/gap
	start chat-recv -w 3 -l 9 -c 2 "$ROOM" >"$count" 2>"$count.err"
	COUNT=$PID
	start chat-recv -w 3 -l 9 "$ROOM" >"$gap" 2>"$gap.err"
	GAP=$PID
	run -0 recv -w 30 -l 9 -c 1 "$ROOM"
	[ "$output" = one ]
	ended "$COUNT"
	[ "$STATUS" -eq 3 ]
	ended "$GAP"
	[ "$STATUS" -eq 3 ]
	[ "$(cat "$count" "$gap")" = $'one\none' ]
	[ ! -s "$count.err" ]
	[ ! -s "$gap.err" ]
}

# talk: say a line again and again until $T/quiet is there.
talk() {
	until [ -e "$T/quiet" ]; do
		echo talk
		pause 0.02
	done
	echo last
}

@test "-w with -c is the time for all lines" {
	start_chatd
	listen "$T/got"
	start bash -c "$(declare -f talk pause); T=\$2; talk | chat-send \"\$1\"" - \
	    "$ROOM" "$T"
	until_ok matches "$T/got" talk
	# Without an end of its own it would go on as long as lines come.
	run -3 recv -w 0.5 -c 1000000 "$ROOM"
	: >"$T/quiet"
}

@test "-w without -c is the time from line to line" {
	start_chatd
	start bash -c "$(declare -f talk pause); T=\$2; talk | chat-send \"\$1\"" - \
	    "$ROOM" "$T"
	[ "$(recv -l 1 -c 1 "$ROOM")" = talk ]
	start chat-recv -w 2 -l 1 "$ROOM" >"$T/got"
	RECV=$PID
	# Another one's two times that long: it outlives them.
	run -3 recv -w 4 -c 1000000 "$ROOM"
	kill -0 "$RECV"
	: >"$T/quiet"
	ended "$RECV"
	[ "$STATUS" -eq 3 ]
	[ "$(tail -n 1 "$T/got")" = last ]
}

@test "lost lines are told, and make the status 1" {
	{ ctl lost 12; echo one; ctl lost '?'; echo two; } >"$T/words"
	fake_room fake_words
	run -1 --separate-stderr recv -c 2 "$ROOM"
	[ "$output" = $'one\ntwo' ]
	[ "${stderr_lines[0]}" = 'chat-recv: 12 lines lost' ]
	[ "${stderr_lines[1]}" = \
	    'chat-recv: an unknown number of lines lost' ]
	[ "${#stderr_lines[@]}" -eq 2 ]
}

@test "what the room complains about is shown" {
	{ ctl error 0 not like that; echo one; } >"$T/words"
	fake_room fake_words
	run -1 --separate-stderr recv -c 1 "$ROOM"
	[ "$output" = one ]
	[ "$stderr" = "chat-recv: $ROOM: the room says: not like that" ]
}

@test "a full disk is a failure with a message" {
	start_chatd
	say one
	run -2 bash -c 'timeout 60 chat-recv -l 1 "$1" >/dev/full' - "$ROOM"
	[ "$output" = 'chat-recv: standard output: No space left on device' ]
	# Also for the lines written at the end.
	run -2 bash -c 'timeout 60 chat-recv -l 1 -c 1 "$1" >/dev/full' - \
	    "$ROOM"
	[ "$output" = 'chat-recv: standard output: No space left on device' ]
}

@test "standard output that is no output is a failure" {
	start_chatd
	say one
	local why='chat-recv: standard output: Bad file descriptor'
	run -2 bash -c 'timeout 60 chat-recv -l 1 "$1" >&-' - "$ROOM"
	[ "$output" = "$why" ]
	run -2 bash -c 'timeout 60 chat-recv -l 1 "$1" >&- <&-' - "$ROOM"
	[ "$output" = "$why" ]
	run -2 bash -c 'timeout 60 chat-recv -l 1 "$1" 1</dev/null' - "$ROOM"
	[ "$output" = "$why" ]
	# Nothing of it went into the room instead.
	say two
	run -0 recv -l 10 -c 2 "$ROOM"
	[ "$output" = $'one\ntwo' ]
}

@test "without standard input or error it listens all the same" {
	start_chatd
	say one
	run -0 bash -c 'timeout 60 chat-recv -l 1 -c 1 "$1" <&-' - "$ROOM"
	[ "$output" = one ]
	run -0 bash -c 'timeout 60 chat-recv -l 1 -c 1 "$1" 2>&-' - "$ROOM"
	[ "$output" = one ]
	run -0 bash -c 'timeout 60 chat-recv -l 1 -c 1 "$1" <&- 2>&-' - "$ROOM"
	[ "$output" = one ]
}

# piped FILE COMMAND...: COMMAND into head -n 1, which writes to FILE; the
# command's status, if it isn't 0, to FILE.status.
piped() {
	(
		{ "${@:2}" 3>&- || echo $? >"$1.status"; } | head -n 1 >"$1"
	) 3>&- &
	STARTED+=("$!")
}

@test "it ends with its reader, without waiting for a message" {
	start_chatd
	say 'the only line'
	piped "$T/got" chat-recv -l 1 "$ROOM"
	# Nothing is said any more.
	until_ok [ -s "$T/got.status" ]
	[ "$(cat "$T/got.status")" -eq 141 ]
	[ "$(cat "$T/got")" = 'the only line' ]
}

@test "also if its parent ignores SIGPIPE: then that is an error" {
	start_chatd
	say 'the only line'
	piped "$T/got" env --ignore-signal=PIPE chat-recv -l 1 "$ROOM" \
	    2>"$T/err"
	until_ok [ -s "$T/got.status" ]
	[ "$(cat "$T/got.status")" -eq 2 ]
	[ "$(cat "$T/err")" = 'chat-recv: standard output: Broken pipe' ]
}

@test "also if there is more to write" {
	start_chatd
	seq 100000 | timeout 300 chat-send "$ROOM"
	piped "$T/got" chat-recv -l 100000 "$ROOM"
	until_ok [ -s "$T/got.status" ]
	[ "$(cat "$T/got.status")" -eq 141 ]
	[ "$(cat "$T/got")" -eq 1 ]
}

@test "ten of them write into one pipe and never mix their lines" {
	start_chatd
	# Lines of all lengths, each different from every other.
	awk 'BEGIN { for (i = 1; i <= 1500; i++) {
		n = i * 37 % 4090 + 5; printf "%0*d\n", n, i } }' >"$T/file"
	timeout 300 chat-send "$ROOM" <"$T/file"
	timeout 60 bash -c 'for i in {1..10}; do
		chat-recv -l 1500 -c 1500 "$1" &
	done; wait' - "$ROOM" 3>&- | sort | uniq -c >"$T/counted"
	has_lines "$T/counted" 1500
	run -0 awk '$1 != 10' "$T/counted"
	[ "$output" = "" ]
	awk '{ print $2 }' "$T/counted" | cmp - <(sort "$T/file")
}

@test "what arrives is written at once, and only in whole lines" {
	fake() {
		hear 1
		ctl at 1
		printf 'one\nha'
		until [ -e "$T/go" ]; do pause 0.02; done
		printf 'lf\nnot whole'
	}
	fake_room fake
	start chat-recv "$ROOM" >"$T/got" 2>"$T/err"
	RECV=$PID
	until_ok has_line "$T/got" one
	diff - "$T/got" <<<one
	: >"$T/go"
	ended "$RECV"
	[ "$STATUS" -eq 2 ]
	diff - "$T/got" <<<$'one\nhalf'
	[ "$(cat "$T/err")" = \
	    "chat-recv: $ROOM: the room closed the connection" ]
}

@test "a control line between two messages is no part of either" {
	{
		printf 'one\n\001 at 3\ntwo\n\n\001at 9\n\001unknown x=y\n'
		printf 'a\001b\n'
	} >"$T/words"
	fake_room fake_words
	recv -c 4 "$ROOM" >"$T/got"
	printf 'one\ntwo\n\na\001b\n' | cmp - "$T/got"
}

@test "a standing reader gets everything into a file" {
	start_chatd
	start_recv "$T/got"
	seq 200000 | timeout 300 chat-send "$ROOM"
	until_ok has_lines "$T/got" 200000
	seq 200000 | cmp - "$T/got"
}

@test "a reader that stops for a while misses nothing" {
	start_chatd_at -p 1000 "$T/room"
	mkfifo "$T/pipe"
	exec 4<>"$T/pipe"
	start chat-recv -l 100000 -c 100000 "$ROOM" >&4
	RECV=$PID
	seq 100000 | timeout 300 chat-send "$ROOM"
	# The pipe is full; now it is read.
	timeout 60 head -n 100000 <&4 >"$T/got"
	exec 4>&-
	ended "$RECV"
	[ "$STATUS" -eq 0 ]
	seq 100000 | cmp - "$T/got"
}

@test "when the room closes, its reason is shown" {
	start_chatd
	start_recv "$T/got"
	RECV=$PID
	say one
	until_ok has_lines "$T/got" 1
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	ended "$RECV"
	[ "$STATUS" -eq 2 ]
	[ "$(cat "$T/got.err")" = "chat-recv: $ROOM: the room closed the\
 connection: the room is closing" ]
}

@test "a room that is killed is noticed" {
	start_chatd
	start_recv "$T/got"
	RECV=$PID
	say one
	until_ok has_lines "$T/got" 1
	stop "$CHATD" KILL
	ended "$RECV"
	[ "$STATUS" -eq 2 ]
	grep -q "^chat-recv: $ROOM: ." "$T/got.err"
}

@test "on a terminal messages are made safe to show" {
	{
		printf 'red \e[31m!\a\r\b\0\x7f\x9b1m \xc2\x9b1m \xff\xe9\n'
		printf 'caff\xc3\xa8 \xf0\x9f\x98\x80\ttab\n'
		printf 'turned \xe2\x80\xae round\n'
	} >"$T/words"
	fake_room fake_words
	on_terminal "$T/tty" "chat-recv -c 3 '$ROOM'"
	sed 's/%/\xef\xbf\xbd/g' <<-'EOF' | diff - "$T/tty"
	red ^[[31m!^G^M^H^@^?%1m <U+009B>1m %%
	caffè 😀        tab
	turned <U+202E> round
	EOF
}

@test "anywhere else they are what they were" {
	printf 'red \e[31m!\a \x9b \xff\xe9\n' >"$T/words"
	fake_room fake_words
	recv -c 1 "$ROOM" >"$T/got"
	cmp "$T/words" "$T/got"
	fake_room fake_words
	recv -c 1 "$ROOM" | cat >"$T/got"
	cmp "$T/words" "$T/got"
}

@test "-t on a terminal shows time and message" {
	{ ctl time 0; printf 'a\e[m\n'; } >"$T/words"
	fake_room fake_words
	TZ=UTC on_terminal "$T/tty" "chat-recv -t -c 1 '$ROOM'"
	diff - "$T/tty" <<<'1970-01-01T00:00:00+0000 a^[[m'
	# What has two bytes has one column, as its row has.
	fake_room fake_words
	TZ=UTC on_terminal "$T/tty" \
	    "stty cols 20 <&1; chat-recv -T 'ééééééé %H:%M' -c 1 '$ROOM'"
	diff - "$T/tty" <<<'ééééééé 00:00 a^[[m'
}

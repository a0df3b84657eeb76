# Rooms that mean harm, or aren't rooms at all: each client ends with a clear
# message and status 2, or goes on where nothing is wrong, and no byte from a
# room drives a terminal. More rooms gone wrong are in the clients' own suites.
# shellcheck disable=SC2016 # the inner shell expands it
# shellcheck disable=SC2030,SC2031 # every test has a process of its own
# shellcheck disable=SC2153,SC2154 # bats and the helpers set them
# shellcheck disable=SC2317 # it is called, by a room
load helpers.bash
load fakeroom.bash

teardown() { cleanup; }

CLIENTS=(chat-send chat-recv chat)
SILENT='not a chat room: it closed the connection without an answer'

# with_room FUNCTION CLIENT [ARGUMENT...]: run a client that says two lines in a
# room that fake_room makes, or $MAKER. Its status is $STATUS, and what it writes
# is in $T/out and $T/err.
with_room() {
	"${MAKER:-fake_room}" "$1"
	printf 'one\ntwo\n' >"$T/lines"
	sends "$2"
	STATUS=0
	timeout 60 "${@:2}" "$ROOM" <"$T/lines" >"$T/out" 2>"$T/err" ||
	    STATUS=$?
	kill "$FAKE" 2>/dev/null || true
	show_errors "$2"
	harmless "$T/err"
}

# sends CLIENT: tell hear_all whether it does. chat-recv gives its role alone.
sends() {
	[ ! -e "$T/sends" ] || rm "$T/sends"
	[ "$1" = chat-recv ] || : >"$T/sends"
}

# What is shown if the test fails.
show_errors() {
	echo "$1: status $STATUS"
	local text
	IFS= read -r -d '' text <"$T/err" || true
	printf '%q\n' "${text:0:1000}"
}

# harmless FILE: no control characters, and nothing but UTF-8.
harmless() {
	is_plain "$1" && return
	[ "$(LC_ALL=C tr -d '[:print:]\t\n\200-\377' <"$1" | wc -c)" -eq 0 ]
	iconv -f UTF-8 -t UTF-8 <"$1" >/dev/null
	run -1 grep -q $'\xc2[\x80-\x9f]' "$1"
}
# is_plain FILE: printable ASCII, tabs and LFs only.
is_plain() {
	local LC_ALL=C text
	! IFS= read -r -d '' text <"$1" && [[ $text != *[!$'\t\n'\ -~]* ]]
}

# fails MESSAGE: the client has ended with that, which may be a pattern, and
# perhaps with what has become of its lines.
fails() {
	local IFS=$'\n' end i line text
	[ "$STATUS" -eq 2 ]
	mapfile -t text <"$T/err"
	end=': [0-9]* lines? acknowledged, [0-9]* in doubt$'
	for i in "${!text[@]}"; do
		line=${text[i]#"${text[i]%%:*}: $ROOM: "}
		[[ ! $line =~ $end ]] || line=${line%"${BASH_REMATCH[0]}"}
		text[i]=$line
	done
	# shellcheck disable=SC2053 # it may be a pattern
	[[ "${text[*]}" == $1 ]]
	# Nobody can have acknowledged more than two lines.
	run -1 matches "$T/err" \
	    '([3-9]|[0-9]{2,}) (lines acknowledged|in doubt)'
}

# all_fail FUNCTION MESSAGE: all three do.
all_fail() {
	local client
	for client in "${CLIENTS[@]}"; do
		with_room "$1" "$client"
		fails "$2"
	done
}

@test "an endless line" {
	fake() {
		ctl at 7
		ctl ok 0
		head -c 10000000 /dev/zero | tr '\0' x
	}
	all_fail fake 'not a chat room: it sent a line of more than 4130 bytes'
	[ ! -s "$T/out" ]
}

@test "an endless line instead of an answer" {
	fake() {
		head -c 10000000 /dev/zero
	}
	all_fail fake 'not a chat room: it sent a line of more than 4130 bytes'
}

@test "a line of 4130 bytes is one, a line of 4131 bytes isn't" {
	fake() {
		hear_all
		ctl at 7
		printf '%04129d\n%04130d\n' 0 0
		hear_end
	}
	with_room fake chat-recv
	fails 'not a chat room: it sent a line of more than 4130 bytes'
	fake() {
		hear_all
		ctl at 7
		printf '%04129d\n' 0
		hear_end
	}
	with_room fake chat-recv -c 1
	[ "$STATUS" -eq 0 ]
	printf '%04129d\n' 0 | cmp - "$T/out"
}

@test "an endless control line" {
	fake() {
		printf '\001ok '
		head -c 10000000 /dev/zero | tr '\0' 0
	}
	all_fail fake 'not a chat room: it sent an endless control line'
	fake() {
		ctl at 7
		printf '\001%04095d\n' 0
		hear_end
	}
	all_fail fake 'not a chat room: it sent an endless control line'
}

@test "control lines that nobody knows are passed over" {
	fake() {
		hear_all
		ctl you anna
		ctl ok 0
		ctl at 7
		printf '\001\n\001 \n\001okay\n\001OK 1\n\001 unknown  x\n'
		printf '\001\033[31m\n\001\377\001\n\001%04000d\n' 0
		echo message
		ctl ok 2
		hear_end
	}
	with_room fake chat-send
	[ "$STATUS" -eq 0 ]
	with_room fake chat
	[ "$STATUS" -eq 0 ]
	[ "$(cat "$T/out")" = message ]
	with_room fake chat-recv -c 1
	[ "$STATUS" -eq 0 ]
	[ "$(cat "$T/out")" = message ]
	[ ! -s "$T/err" ]
}

@test "a flood of control lines" {
	fake() {
		hear_all
		ctl ok 0
		ctl at 7
		yes $'\001at 7\n\001x\n\001ok 0' | head -n 1000000
		echo message
		ctl ok 2
		hear_end
	}
	with_room fake chat-send
	[ "$STATUS" -eq 0 ]
	with_room fake chat
	[ "$STATUS" -eq 0 ]
	[ "$(cat "$T/out")" = message ]
	fake() {
		yes $'\001at 7\n\001x'
	}
	with_room fake chat-recv -w 0.2
	[ "$STATUS" -eq 3 ]
	[ ! -s "$T/err" ]
}

@test "not a number, no number, and numbers beyond all bounds" {
	local line
	fake() {
		hear_all
		printf '\001%s\n' "$(cat "$T/line")"
		hear_end
	}
	for line in 'ok' 'ok ' 'ok x' 'ok 1x' 'ok -1' 'ok +1' 'ok 0x1' 'ok  1' \
	    'ok 18446744073709551616' 'ok 99999999999999999999999999' \
	    'at' 'at 184467440737095516160' 'lost' 'lost ??' 'lost -1' \
	    'time' 'time 1.5' 'time -1' 'error' 'error x' 'error  1 x' \
	    'error 18446744073709551616 x'; do
		echo "$line" >"$T/line"
		with_room fake chat
		fails 'not a chat room: it sent a bad control line'
	done
	for line in 'at x' 'lost 18446744073709551616'; do
		echo "$line" >"$T/line"
		with_room fake chat-recv
		fails 'not a chat room: it sent a bad control line'
	done
	# More words are for rooms to come.
	fake() {
		hear_all
		ctl ok 0 1 2
		ctl at 7 x=y
		ctl time 0 UTC
		echo message
		hear_end
	}
	with_room fake chat-recv -c 1
	[ "$STATUS" -eq 0 ]
}

@test "the greatest numbers" {
	fake() {
		hear_all
		ctl at 18446744073709551615
		ctl lost 18446744073709551615
		ctl time 18446744073709551615
		echo a
		ctl time 9223372036854775807
		echo b
		ctl time 67768036191676799
		echo c
		ctl time 253402300800
		echo d
		ctl time 253402300799
		echo e
		hear_end
	}
	TZ=UTC with_room fake chat-recv -t -c 5
	[ "$STATUS" -eq 1 ]
	diff - "$T/out" <<-'EOF'
	1969-12-31T23:59:59+0000 a
	unknown time b
	unknown time c
	unknown time d
	9999-12-31T23:59:59+0000 e
	EOF
	[ "$(cat "$T/err")" = 'chat-recv: 18446744073709551615 lines lost' ]
}

@test "ok for lines that were never sent" {
	local n
	fake() {
		hear_all
		ctl ok 0
		ctl ok "$(cat "$T/n")"
		hear_end
	}
	for n in 3 1000000 18446744073709551615; do
		echo "$n" >"$T/n"
		with_room fake chat-send
		fails 'the room acknowledged lines that were never sent'
		with_room fake chat
		fails 'the room acknowledged lines that were never sent'
	done
	# Nobody who only listens has lines to settle.
	echo 1 >"$T/n"
	fake() {
		hear_all
		ctl ok 1
		hear_end
	}
	with_room fake chat-recv
	fails 'the room acknowledged lines that were never sent'
}

@test "ok that goes back" {
	fake() {
		hear_all
		ctl ok 2
		ctl ok 1
		hear_end
	}
	with_room fake chat-send
	fails 'the room acknowledged lines that were never sent'
	grep -q ': 2 lines acknowledged, 0 in doubt$' "$T/err"
}

@test "error for lines that were never sent" {
	local n
	fake() {
		hear_all
		ctl ok 0
		ctl error "$(cat "$T/n")" no
		hear_end
	}
	for n in 3 1000000 18446744073709551615; do
		echo "$n" >"$T/n"
		all_fail fake 'the room refused a line that was never sent'
	done
}

@test "error for a line again, and for one that is settled" {
	fake() {
		hear_all
		ctl ok 0
		ctl error 1 no
		ctl error 1 no
		ctl error 1 no
		ctl ok 1
		ctl error 1 too late
		hear_end
	}
	with_room fake chat-send
	fails '*the room closed the connection'
	grep -q ': 0 lines acknowledged, 1 in doubt$' "$T/err"
	grep -qF "chat-send: $ROOM: the room says: too late" "$T/err"
}

@test "escapes in the reasons of error and bye, in no client" {
	local client
	fake() {
		hear_all
		ctl ok 0
		ctl error 0 $'\e]0;title\a\e[31mred\r\b\x7f'
		ctl error 0 $'\xc2\x9b31m \x9b31m \xff \xe2\x80\xae round'
		printf '\001error 0 nul\0!\n'
		ctl bye $'\e[2Jgone\xff\xc2\x85'
		hear_end
	}
	for client in "${CLIENTS[@]}"; do
		with_room fake "$client"
		[ "$STATUS" -eq 2 ]
		grep -qF ': the room says: ^[]0;title^G^[[31mred^M^H^?' "$T/err"
		grep -qF ': the room says: <U+009B>31m' "$T/err"
		grep -qF '<U+202E> round' "$T/err"
		grep -qF ': the room says: nul^@!' "$T/err"
		grep -qF ': the room closed the connection: ^[[2Jgone' "$T/err"
	done
}

@test "escapes in what is said about a line of ours" {
	fake() {
		hear_all
		ctl ok 0
		ctl error 1 $'\e[1m\n\001error 2 \x1b]2;x\x07'
		ctl ok 2
		hear_end
	}
	with_room fake chat-send
	[ "$STATUS" -eq 1 ]
	diff - "$T/err" <<-'EOF'
	chat-send: line 1: ^[[1m
	chat-send: line 2: ^[]2;x^G
	EOF
}

@test "reasons as long as a line can be" {
	local client
	fake() {
		times() { head -c 4000 /dev/zero | tr '\0' "$1"; }
		hear_all
		ctl ok 0
		ctl error 0 "$(times '\033')"
		ctl bye "$(times '\233')"
	}
	for client in "${CLIENTS[@]}"; do
		with_room fake "$client"
		[ "$STATUS" -eq 2 ]
		grep -qF ': the room says: ^[^[^[' "$T/err"
	done
	fake() {
		hear_all
		ctl ok 0
		ctl bye
	}
	all_fail fake 'the room closed the connection: '
}

@test "a web server" {
	fake() {
		hear 1
		printf 'HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html>\r\n'
	}
	all_fail fake "$SILENT"
	[ ! -s "$T/out" ]
}

@test "a mail server, which speaks first" {
	fake() {
		printf '220 mail.example ESMTP\r\n'
		hear 1
		printf '500 5.5.1 unknown command\r\n'
	}
	all_fail fake "$SILENT"
	[ ! -s "$T/out" ]
}

@test "it closes without a word" {
	fake() {
		hear 1
	}
	all_fail fake "$SILENT"
}

@test "it closes without having read a word" {
	local client
	fake() {
		:
	}
	for client in "${CLIENTS[@]}"; do
		with_room fake "$client"
		fails '@(not a chat room: *|Connection reset by peer)'
	done
}

@test "it closes in the middle of a message" {
	fake() {
		hear_all
		ctl ok 0
		ctl at 7
		printf 'one\nhalf'
	}
	all_fail fake 'the room closed the connection'
	with_room fake chat-recv
	[ "$(cat "$T/out")" = one ]
}

@test "it closes in the middle of a control line" {
	fake() {
		hear_all
		ctl ok 0
		ctl at 7
		printf '\001bye half'
	}
	all_fail fake 'the room closed the connection'
	fake() {
		hear_all
		ctl ok 0
		printf '\001ok 2'
	}
	with_room fake chat-send
	fails 'the room closed the connection'
	grep -q ': 0 lines acknowledged, 2 in doubt$' "$T/err"
}

fake_reset() {
	fake_tcp_room "$1" ,linger=0
}

@test "it resets the connection" {
	local client
	fake() {
		hear 1
	}
	for client in "${CLIENTS[@]}"; do
		MAKER=fake_reset with_room fake "$client"
		fails 'Connection reset by peer'
	done
	fake() {
		hear_all
		ctl ok 0
		ctl at 7
	}
	for client in "${CLIENTS[@]}"; do
		MAKER=fake_reset with_room fake "$client"
		fails 'Connection reset by peer'
	done
}

@test "it says nothing at all" {
	fake() {
		hold
	}
	with_room fake chat-recv -w 0.1
	[ "$STATUS" -eq 3 ]
	[ ! -s "$T/err" ]
	# Whoever sends has to wait, and can be ended.
	fake_room fake
	start chat-send "$ROOM"
	SEND=$PID
	until_ok [ -e "$T/held" ]
	stop "$SEND"
	[ "$STATUS" -eq 143 ]
}

@test "binary junk" {
	local client i
	fake() {
		if [ -e "$T/answered" ]; then
			hear_all
			ctl at 7
		else
			hear 1
		fi
		cat "$T/junk"
	}
	for i in 1 2 3; do
		# A short line now and then, some of them control lines.
		LC_ALL=C awk -v seed="$i" 'BEGIN { srand(seed)
			for (i = 0; i < 50000; i++)
				printf "%c%s", int(rand() * 256),
				    rand() < 0.05 ? "\n\001" : ""
		}' >"$T/junk"
		for client in "${CLIENTS[@]}"; do
			with_room fake "$client"
			[ "$STATUS" -eq 2 ]
			: >"$T/answered"
			with_room fake "$client"
			[ "$STATUS" -eq 2 ]
			rm "$T/answered"
		done
	done
}

@test "a hangup with more to hear than can be written" {
	local before='' times=0
	fake() {
		local line i
		line=$(printf '%01000d' 0)
		ctl ok 0
		ctl at 7
		for ((i = 0; i < 10000; i++)); do
			printf '%s\n' "$line"
			echo "$i" >>"$T/written"
		done &
		echo "$!" >"$T/writer"
		until [ -e "$T/go" ]; do pause 0.02; done
		kill "$!"
		wait
	}
	fake_room fake
	mkfifo "$T/pipe"
	exec 5<>"$T/pipe"
	# It always has something to send, which nobody takes.
	yes | head -c 10000000 >"$T/lines"
	start_from "$T/lines" chat "$ROOM" >"$T/pipe" 2>"$T/err" 5>&-
	CHAT=$PID
	until_ok written_no_more
	: >"$T/go"
	fake_over
	# The connection is gone, and its output takes nothing until now.
	exec 6<"$T/pipe" 5>&-
	timeout 60 cat <&6 >"$T/out"
	exec 6<&-
	ended "$CHAT"
	cat "$T/err"
	[ "$STATUS" -eq 2 ]
	[[ "$(cat "$T/err")" == "chat: $ROOM: "*' 0 lines acknowledged, '* ]]
	# All that was said has been heard, in whole lines.
	run -1 grep -vx '0\{1000\}' "$T/out"
	[ "$(wc -l <"$T/out")" -ge "$(wc -l <"$T/written")" ]
	[ "$(wc -l <"$T/out")" -le $(($(wc -l <"$T/written") + 1)) ]
}
written_no_more() {
	local now
	now=$(wc -l <"$T/written")
	[ "$now" = "$before" ] || times=0
	before=$now
	[ "$now" -gt 100 ] && ((++times >= 10))
}

@test "nothing that drives it comes to a terminal, from no client" {
	local client
	fake() {
		hear_all
		ctl ok 0
		ctl at 7
		printf 'title \e]0;x\a\n\e[2J\r\b\x7f\0\x9b1m\xff\n\xc2\x9b1m\n'
		printf 'turned \xe2\x80\xae hidden \xe2\x80\x8b tag \xf3\xa0\x81\x81\n'
		ctl error 0 $'\e[31m\x9b\xc2\x90 \a'
		ctl $'\e[1m' $'\e[1m'
		ctl bye $'\e]2;y\e\\\x84'
	}
	for client in "${CLIENTS[@]}"; do
		fake_room fake
		sends "$client"
		printf 'one\ntwo\n' >"$T/lines"
		on_terminal "$T/tty" "'$client' '$ROOM' <'$T/lines'"
		[ "$(cat "$T/tty.status")" -eq 2 ]
		cat -v "$T/tty"
		harmless "$T/tty"
		grep -qF ': the room says: ^[[31m' "$T/tty"
		grep -qF ': the room closed the connection: ^[]2;y^[' "$T/tty"
		[ "$client" != chat-send ] || continue
		grep -qF 'title ^[]0;x^G' "$T/tty"
		grep -qF '^[[2J^M^H^?^@' "$T/tty"
		grep -qF '<U+009B>1m' "$T/tty"
		grep -qF 'turned <U+202E> hidden <U+200B> tag <U+E0041>' "$T/tty"
	done
}

@test "a locale without UTF-8 makes no difference to that" {
	fake() {
		hear_all
		ctl ok 0
		ctl at 7
		printf '\xc2\x9b1m \x9b1m \e[1m\n'
	}
	fake_room fake
	LC_ALL=C on_terminal "$T/tty" "chat-recv '$ROOM'"
	cat -v "$T/tty"
	harmless "$T/tty"
	grep -qF '^[[1m' "$T/tty"
}

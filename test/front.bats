# chat -p: the protocol of chat(7) over standard input and output, for front ends
#
# Where lines are looked at, ^A stands for the first byte of a control line.
# shellcheck disable=SC2030,SC2031 # every test has a process of its own
# shellcheck disable=SC2153,SC2154 # bats and the helpers set them
# shellcheck disable=SC2317 # it is called, by a room
# bats file_tags=fast
load helpers.bash
load fakeroom.bash

teardown() { cleanup; }

# front ARGUMENT...: chat -p on standard input, but not for ever; what it tells.
front() {
	local status
	timeout 60 chat -p "$@" >"$T/told"
	status=$?
	told "$T/told"
	return "$status"
}

# told FILE: what is in it, with ^A for SOH and N for numbers of the room's.
told() {
	sed -E -e 's/\x01/^A/g' -e 's/^(\^Aat) [0-9]{12,}$/\1 N/' "$1"
}

# start_front ARGUMENT...: a chat -p, $FRONT, that is told what is written to
# descriptor 4 and tells $T/out.
start_front() {
	start_fed chat -p "$@" >"$T/out" 2>"$T/err"
	FRONT=$PID
}

# tells LINE: a front end is told it, by now or soon.
tells() {
	until_ok has_told "$1"
}
has_told() {
	has_line "$T/out" "${1/#^A/$'\001'}"
}

# others TEXT: somebody else says it.
others() {
	printf '%s\n' "$1" | timeout 60 chat-send "$ROOM"
}

@test "messages come as they are, and control lines around them" {
	start_chatd_at "$T/room"
	others first
	run -0 --separate-stderr front -l 5 "$ROOM" <<<'mine'
	[ "$output" = "^Aup $ROOM
^Aat N
first
^Aok 1
^Aat N
^Aend" ]
	[ "$stderr" = '' ]
}

@test "every line of standard input counts, also one that is refused here" {
	start_chatd_at "$T/room"
	run -1 --separate-stderr front "$ROOM" < <(
		printf 'one\nbell \a\nthree\n\351\nfive\n')
	echo "$output"
	[ "$(grep -v '^^Aat' <<<"$output")" = "^Aerror 2 control character \
U+0007 at byte 6
^Aerror 4 not UTF-8 at byte 1 (0xe9)
^Aup $ROOM
^Aok 5
^Aend" ]
	run -0 timeout 60 chat-recv -l 9 -c 3 "$ROOM"
	[ "$output" = $'one\nthree\nfive' ]
}

@test "who is here, and who comes and goes, in a room with names" {
	start_chatd_at -i "$T/room"
	start_front "$ROOM"
	tells "^Ayou $(id -un)"
	printf '\001who\n' >&4
	tells '^Ahere'
	exec 4>&-
	ended "$FRONT"
	[ "$STATUS" -eq 0 ]
	[ "$(told "$T/out" | tr '\n' ' ')" = "^Aup $ROOM ^Ayou $(id -un) ^Aat N \
^Ahere $(id -un) ^Ahere ^Aend " ]
}

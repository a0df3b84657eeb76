# Calls of libc that go wrong: nothing that was acknowledged is lost, nobody
# suffers but the one concerned, and nobody ends without a reason

load helpers.bash
load chance.bash
load fault.bash

setup() {
	seeded
}

teardown() {
	cleanup
}

@test "the room: recv" {
	start_room
	room_survives recv EINTR EAGAIN short half ECONNRESET ETIMEDOUT
}

@test "the room: send" {
	start_room
	room_survives send EINTR EAGAIN short half EPIPE ECONNRESET
}

@test "the room: writev" {
	start_room
	room_survives writev EINTR EAGAIN short half EPIPE ECONNRESET
}

@test "the room: accept" {
	start_room
	MOST=0 room_survives accept EINTR ECONNABORTED EPERM ENOMEM ENOBUFS
	start_room
	room_survives accept EMFILE ENFILE
}

@test "the room: a client without an address is no local one" {
	(umask 077 && echo "alice:$(printf '%064d' 0)" >"$T/keys")
	preloaded chatd "FAULT_FILE=$T/plan"
	start "${FAULTY[@]}" chatd -v -k "$T/keys" 127.0.0.1:0 2>"$T/log"
	until_ok listens
	PORT=${ROOM##*:}
	plan accept=short@1
	# It would have to show its key, and is gone at once.
	run timeout 20 nc -N 127.0.0.1 "$PORT" <<<hello
	[ "$output" = '' ]
	[ "$(injected)" -eq 1 ]
	run timeout 20 nc -N 127.0.0.1 "$PORT" <<<hello
	[ "${output//$'\001'/@}" = '@bye a key is needed here' ]
	run ! grep -e 'a local client' -e joined "$T/log"
}

@test "the room: poll, and what wakes it" {
	start_room
	room_survives poll EINTR EAGAIN
	start_room
	plan poll=EINVAL@1
	echo more | chat-send "$ROOM" || true
	STATUS=0
	wait "$CHATD" || STATUS=$?
	[ "$STATUS" -eq 2 ]
	grep -qx 'chatd: poll: Invalid argument' "$T/log"
}

@test "the room: a log that can't be written" {
	start_room -v
	MOST=0 room_survives write EAGAIN EINTR EIO ENOSPC
	grep -q 'events\? not logged' "$T/log"
}

@test "the room: memory" {
	memory_fails || return 0
	start_room
	room_survives calloc ENOMEM
	start_room
	room_survives realloc ENOMEM
	start_room
	# Lines in parts, since only those are kept.
	ALSO='recv=short@%90' room_survives malloc ENOMEM
}

# starts FUNCTION WHAT: with each of the first calls going wrong, a room starts
# or says why it doesn't.
starts() {
	local n
	for ((n = 1; ; n++)); do
		: >"$T/faults"
		preloaded chatd "FAULT=$1=$2@$n"
		start "${FAULTY[@]}" chatd -m 64K 127.0.0.1:0 2>"$T/log"
		until_ok has_decided "$PID"
		if listens; then
			[ "$(echo x | chat-send -r "$ROOM" 2>&1 |
				grep -c retrying)" -le 1 ]
			stop "$PID"
			[ "$STATUS" -eq 0 ]
		else
			STATUS=0
			wait "$PID" || STATUS=$?
			[ "$STATUS" -eq 2 ]
			matches "$T/log" '^chatd: .'
		fi
		[ -s "$T/faults" ] || break
	done
	[ "$n" -gt 1 ]
}
has_decided() {
	listens || ! kill -0 "$1" 2>/dev/null
}

@test "the room: no memory when it starts" {
	memory_fails || return 0
	starts malloc ENOMEM
	starts calloc ENOMEM
	starts reallocarray ENOMEM
}

# sender_survives PROGRAM FUNCTION WHAT...: each at the 1st, 2nd, 3rd ... call
# of chat-send, chat-send -r, chat and chat -r. Who resumes has to do so.
sender_survives() {
	local program=$1 function=$2 what n name option status count=0
	shift 2
	for what; do
		for option in '' -r; do
			for ((n = 1; n <= CALLS; n++)); do
				: >"$T/faults"
				name=$program$option-$function-$what-$n
				preloaded "$program" "FAULT=$function=$what@$n"
				# shellcheck disable=SC2086 # none is no word
				sender "$name" "${FAULTY[@]}" "$program" $option
				status=0
				wait "$PID" || status=$?
				owe "$name" "$LINES_EACH" "$status" \
				    "$T/$name.err"
				[ "$(injected)" -gt 0 ] || break
				may_fail "$option" "$function" "$what" ||
					[ "$status" -eq 0 ]
				count=$((count + 1))
			done
		done
	done
	[ "$count" -gt 0 ]
}

# may_fail OPTION FUNCTION WHAT: what is about a connection that comes back, and
# what only has to be tried again, mustn't end a client.
may_fail() {
	case $3 in
	EINTR | EAGAIN | short | half) return 1 ;;
	esac
	case $2 in
	recv | send | writev) [ -z "$1" ] ;;
	esac
}

# all_paid: the room, which was healthy, has what they said.
all_paid() {
	echo last | chat-send "$ROOM"
	in_time 30 has_line "$T/all" last
	paid "$T/all"
}

start_healthy_room() {
	start_chatd
	start_recv "$T/all"
	echo first | chat-send "$ROOM"
	until_ok has_line "$T/all" first
}

@test "chat-send: each line is in the room, or it says that it isn't" {
	start_healthy_room
	sender_survives chat-send read EINTR EAGAIN short half EIO
	sender_survives chat-send recv EINTR EAGAIN short half ECONNRESET
	sender_survives chat-send send EINTR EAGAIN short half EPIPE ECONNRESET
	sender_survives chat-send poll EINTR EINVAL
	all_paid
}

@test "chat: each line is in the room, or it says that it isn't" {
	start_healthy_room
	sender_survives chat read EINTR EAGAIN short half EIO
	sender_survives chat recv EINTR EAGAIN short half ECONNRESET
	sender_survives chat send EINTR EAGAIN short half ECONNRESET
	sender_survives chat poll EINTR EINVAL
	all_paid
}

# More than the queue holds, so that it goes round: lines in two pieces.
@test "chat-send, chat: in two pieces" {
	PAD=" $(printf '%03900d' 0)"
	LINES_EACH=400
	CALLS=1
	start_healthy_room
	sender_survives chat-send writev EINTR EAGAIN short half ECONNRESET
	sender_survives chat writev EINTR EAGAIN short half ECONNRESET
	all_paid
}

@test "chat-send, chat: no memory" {
	memory_fails || return 0
	start_healthy_room
	sender_survives chat-send malloc ENOMEM
	sender_survives chat-send calloc ENOMEM
	sender_survives chat malloc ENOMEM
	sender_survives chat calloc ENOMEM
	all_paid
}

# receiver_survives FUNCTION WHAT...: chat-recv gets all, or says why not.
receiver_survives() {
	local function=$1 what n option status count=0
	shift
	for what; do
		for option in '' -r; do
			for ((n = 1; n <= CALLS; n++)); do
				: >"$T/faults"
				preloaded chat-recv "FAULT=$function=$what@$n"
				status=0
				# shellcheck disable=SC2086 # none is no word
				timeout 30 "${FAULTY[@]}" chat-recv $option 				    -l 5000 -c 5000 "$ROOM" >"$T/got" 				    2>"$T/got.err" || status=$?
				received "$status"
				[ -s "$T/faults" ] || break
				may_fail "$option" "$function" "$what" ||
					[ "$status" -eq 0 ]
				count=$((count + 1))
			done
		done
	done
	[ "$count" -gt 0 ]
}

# received STATUS: all of it, or a first part and a reason.
received() {
	[ "$1" -ne 0 ] || cmp "$T/want" "$T/got"
	[ "$1" -eq 0 ] && return
	[ "$1" -eq 2 ]
	grep -q '^chat-recv: .' "$T/got.err"
	head -c "$(wc -c <"$T/got")" "$T/want" | cmp - "$T/got"
}

@test "chat-recv: all comes out, or it says that it doesn't" {
	start_chatd
	seq 5000 >"$T/want"
	chat-send "$ROOM" <"$T/want"
	receiver_survives recv EINTR EAGAIN short half ECONNRESET
	receiver_survives send EINTR EAGAIN short half EPIPE
	receiver_survives write EINTR EAGAIN short half ENOSPC EIO
	receiver_survives poll EINTR EINVAL
	! memory_fails || receiver_survives malloc ENOMEM
}

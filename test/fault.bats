# Calls of libc that go wrong: nothing that was acknowledged is lost, nobody
# suffers but the one concerned, and nobody ends without a reason

load helpers.bash
load chance.bash
load fault.bash

LINES_EACH=40

setup() {
	seeded
}

teardown() {
	cleanup
}

# start_room [OPTION...]: one whose plan is in $T/plan, and a reader that will
# have all, whatever happens.
start_room() {
	rm -f "$T/owed"
	preloaded chatd "FAULT_FILE=$T/plan"
	start "${FAULTY[@]}" chatd "$@" 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok grep -q 'listening on' "$T/log"
	ROOM=$(sed -n 's/.*listening on //p' "$T/log" | head -n 1)
	start_recv "$T/all" -r
	echo first | chat-send "$ROOM"
	until_ok has_line "$T/all" first
	until_ok fds_are_still
}
fds_are_still() {
	FDS=$(descriptors)
	sleep 0.03
	has_descriptors "$FDS"
}

# sender NAME COMMAND...: says lines in the background; its pid is $PID. With
# $LATE they come only after the greeting has gone out.
sender() {
	local name=$1 in
	shift
	seq -f "$name %.0f" "$LINES_EACH" >"$T/$name.in"
	[ -z "${LATE:-}" ] || exec {in}< <(exec 3>&-; sleep "$LATE"
		cat "$T/$name.in")
	[ -n "${LATE:-}" ] || exec {in}<"$T/$name.in"
	timeout 30 "$@" "$ROOM" <&"$in" >"$T/$name.out" 2>"$T/$name.err" \
	    {in}>&- 3>&- &
	exec {in}>&-
	PID=$!
}

# converse NAME: several clients at once. How many were in trouble is $TROUBLE.
converse() {
	local -A pids=()
	local name status
	sender "$1-send" chat-send; pids["$1-send"]=$PID
	sender "$1-again" chat-send -r; pids["$1-again"]=$PID
	sender "$1-chat" chat -r; pids["$1-chat"]=$PID
	TROUBLE=$(grep -c retrying "$T/all.err" || true)
	for name in "${!pids[@]}"; do
		status=0
		wait "${pids[$name]}" || status=$?
		owe "$name" "$LINES_EACH" "$status" "$T/$name.err"
		[ "$status" -eq 0 ] || TROUBLE=$((TROUBLE + 1))
		TROUBLE=$((TROUBLE + $(grep -c retrying "$T/$name.err" || true)))
	done
	TROUBLE=$((TROUBLE - ${TROUBLE_BEFORE:-0}))
}

# plan WORD...: from now on.
plan() {
	echo "$*" >"$T/plan.new"
	mv "$T/plan.new" "$T/plan"
}

# room_round FUNCTION WHAT N MOST: let the Nth call go wrong; at most MOST
# clients are in trouble then. $HIT says whether there were so many calls.
room_round() {
	local polls
	rm -f "$T/faults"
	TROUBLE_BEFORE=$(grep -c retrying "$T/all.err" || true)
	# shellcheck disable=SC2086 # more words of the plan
	plan "$1=$2@$3" 'poll=note@/1' ${ALSO:-}
	converse "$1-$2-$3"
	rm "$T/plan"
	HIT=$(grep -c "^$1 $2 " "$T/faults" || true)
	polls=$(grep -c '^poll note' "$T/faults" || true)
	if [ "$TROUBLE" -gt "$4" ] || [ "$polls" -gt "$POLLS_MAX" ]; then
		echo "$1 $2 $3: in trouble: $TROUBLE, polls: $polls"
		cat "$T/$1-$2-$3"*.err "$T/all.err"
		return 1
	fi
	kill -0 "$CHATD"
}

# room_survives FUNCTION WHAT...: each at the 1st, 2nd, 3rd ... call.
room_survives() {
	local function=$1 what n most count=0
	shift
	for what; do
		case $what in
		EINTR | EAGAIN | short | half) most=0 ;;
		*) most=${MOST:-1} ;;
		esac
		for ((n = 1; n <= CALLS; n++)); do
			room_round "$function" "$what" "$n" "$most"
			[ "$HIT" -gt 0 ] || break
			count=$((count + 1))
		done
	done
	[ "$count" -gt 0 ]
	echo last | chat-send -r "$ROOM"
	in_time 30 has_line "$T/all" last
	paid "$T/all"
	until_ok has_descriptors "$FDS"
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
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
	grep -q 'events not logged' "$T/log"
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
		rm -f "$T/faults"
		preloaded chatd "FAULT=$1=$2@$n"
		start "${FAULTY[@]}" chatd -m 64K 127.0.0.1:0 2>"$T/log"
		until_ok has_decided "$PID"
		if grep -q 'listening on' "$T/log"; then
			ROOM=$(sed -n 's/.*listening on //p' "$T/log")
			[ "$(echo x | chat-send -r "$ROOM" 2>&1 |
				grep -c retrying)" -le 1 ]
			stop "$PID"
			[ "$STATUS" -eq 0 ]
		else
			STATUS=0
			wait "$PID" || STATUS=$?
			[ "$STATUS" -eq 2 ]
			grep -q "^chatd: ." "$T/log"
		fi
		[ -s "$T/faults" ] || break
	done
	[ "$n" -gt 1 ]
}
has_decided() {
	grep -q 'listening on' "$T/log" || ! kill -0 "$1" 2>/dev/null
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
				rm -f "$T/faults"
				name=$program$option-$function-$what-$n
				preloaded "$program" "FAULT=$function=$what@$n"
				# shellcheck disable=SC2086 # none is no word
				sender "$name" "${FAULTY[@]}" "$program" $option
				status=0
				wait "$PID" || status=$?
				owe "$name" "$LINES_EACH" "$status" 				    "$T/$name.err"
				[ -s "$T/faults" ] || break
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
	local late=${VALGRIND:+1}
	LATE=${late:-0.02} sender_survives chat-send send EINTR EAGAIN short half EPIPE
	sender_survives chat-send writev EINTR EAGAIN short half ECONNRESET
	sender_survives chat-send poll EINTR EINVAL
	all_paid
}

@test "chat: each line is in the room, or it says that it isn't" {
	start_healthy_room
	sender_survives chat read EINTR EAGAIN short half EIO
	sender_survives chat recv EINTR EAGAIN short half ECONNRESET
	sender_survives chat writev EINTR EAGAIN short half ECONNRESET
	sender_survives chat poll EINTR EINVAL
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
				rm -f "$T/faults"
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

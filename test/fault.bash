# What suites share that let calls of libc go wrong, with test/tools/fault.so:
# test/tools/plan.c says how. Load it after helpers.bash and chance.bash.

FAULT_SO=${CHAT_FAULT_SO:-$ROOT/test/tools/fault.so}

# How far the Nth call goes that goes wrong.
CALLS=${CHAT_CALLS:-4}

# What each sender says, and what stands at the end of each line.
LINES_EACH=40
PAD=

# A room that does nothing else waits in poll: that often for each round, and
# it spins. Rounds that go well need less than 200.
POLLS_MAX=3000

# preloaded PROGRAM VARIABLE...: FAULTY is then the beginning of a command that
# lets PROGRAM have faults. They go to $T/faults. What libc itself leaks when it
# has no memory, for a locale's name say, is not looked for.
preloaded() {
	local program=$1 asan=$ASAN_OPTIONS:verify_asan_link_order=0
	shift
	[[ $* != *=ENOMEM@* ]] || asan+=:detect_leaks=0
	FAULTY=(env "LD_PRELOAD=$FAULT_SO" "FAULT_PROGRAM=$program"
	    "FAULT_LOG=$T/faults" "FAULT_SEED=$SEED"
	    "ASAN_OPTIONS=$asan" "$@")
}

# memory_fails: whether malloc can be made to fail. Not where it is another's:
# valgrind's, or that of an ASan that is part of the program, as clang's is. In
# all other builds it has to.
memory_fails() {
	[ -z "$VALGRIND" ] || return 1
	: >"$T/faults"
	preloaded chat-send "FAULT=malloc=ENOMEM@1+"
	run "${FAULTY[@]}" chat-send "$T/none" </dev/null
	[ ! -s "$T/faults" ] || return 0
	nm "$(command -v chat-send)" | grep -q ' [TW] __asan_init$' && return 1
	echo "malloc doesn't fail"
	exit 1
}

# injected: how many faults there were so far, without what is only noted.
injected() {
	count "$T/faults" ' note '
	local notes=$COUNT
	count "$T/faults" ''
	echo $((COUNT - notes))
}

# owe NAME LINES STATUS STDERR: what a sender's end means for the room: it has
# NAME's lines 1 to LINES if that was 0, else as many as it says, or more.
owe() {
	local least=$2
	case $3 in
	0) ;;
	2)
		matches "$4" '^chat[-a-z]*: .'
		least=
		! matches "$4" ': ([0-9]+) lines? acknowledged' ||
		    least=${BASH_REMATCH[1]}
		;;
	*)
		echo "$1: status $3: $(cat "$4")"
		return 1
		;;
	esac
	echo "$1 ${least:-0} $2" >>"$T/owed"
}

# paid FILE: it has what is owed, each line once, each sender's in order.
paid() {
	awk 'FNR == NR { least[$1] = $2; most[$1] = $3; next }
	$1 in least && $2 != ++n[$1] {
		print $0 " instead of " n[$1]
		bad = 1
	}
	END {
		for (name in least)
			if (n[name] < least[name] || n[name] > most[name]) {
				print name ": has " n[name] + 0 " lines"
				bad = 1
			}
		exit bad
	}' "$T/owed" "$1"
}

# start_room [OPTION...]: one whose plan is in $T/plan, and a reader that will
# have all, whatever happens.
start_room() {
	rm -f "$T/owed"
	preloaded chatd "FAULT_FILE=$T/plan"
	start "${FAULTY[@]}" chatd "$@" 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok listens
	start_recv "$T/all" -r
	echo first | chat-send "$ROOM"
	until_ok has_line "$T/all" first
	until_ok fds_are_still
}
fds_are_still() {
	FDS=$(descriptors)
	pause 0.03
	has_descriptors "$FDS"
}

# sender NAME COMMAND...: says lines in the background; its pid is $PID.
sender() {
	local name=$1
	shift
	numbered "$name " 1 "$LINES_EACH" "$PAD" >"$T/$name.in"
	timeout 30 "$@" "$ROOM" <"$T/$name.in" >"$T/$name.out" \
	    2>"$T/$name.err" 3>&- &
	PID=$!
}

# converse NAME: several clients at once. How many were in trouble is $TROUBLE.
converse() {
	local -A pids=()
	local name status
	sender "$1-send" chat-send; pids["$1-send"]=$PID
	sender "$1-again" chat-send -r; pids["$1-again"]=$PID
	# It gets an answer and a message at once, in two pieces.
	sender "$1-chat" chat -r -l 1; pids["$1-chat"]=$PID
	count "$T/all.err" retrying
	TROUBLE=$COUNT
	for name in "${!pids[@]}"; do
		status=0
		wait "${pids[$name]}" || status=$?
		owe "$name" "$LINES_EACH" "$status" "$T/$name.err"
		[ "$status" -eq 0 ] || TROUBLE=$((TROUBLE + 1))
		count "$T/$name.err" retrying
		TROUBLE=$((TROUBLE + COUNT))
	done
	TROUBLE=$((TROUBLE - ${TROUBLE_BEFORE:-0}))
}

# plan WORD...: from now on.
plan() {
	echo "$*" >"$T/plan"
}

# room_round FUNCTION WHAT N MOST: let the Nth call go wrong; at most MOST
# clients are in trouble then. $HIT says whether there were so many calls.
room_round() {
	: >"$T/faults"
	count "$T/all.err" retrying
	TROUBLE_BEFORE=$COUNT
	# shellcheck disable=SC2086 # more words of the plan
	plan "$1=$2@$3" 'poll=note@/1' ${ALSO:-}
	converse "$1-$2-$3"
	: >"$T/plan"
	count "$T/faults" '^poll note'
	if [ "$TROUBLE" -gt "$4" ] || [ "$COUNT" -gt "$POLLS_MAX" ]; then
		echo "$1 $2 $3: in trouble: $TROUBLE, polls: $COUNT"
		cat "$T/$1-$2-$3"*.err "$T/all.err"
		return 1
	fi
	count "$T/faults" "^$1 $2 "
	HIT=$COUNT
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

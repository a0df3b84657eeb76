# What the suites share. Each test has a room of its own, on a port that the
# system picks or on a socket in its own directory, so tests can run side by side.
bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
PATH=${CHAT_BIN:-$ROOT/chatd:$ROOT/chat-send:$ROOT/chat-recv:$ROOT/chat}:$PATH
T=$BATS_TEST_TMPDIR
STARTED=()
unset CHAT_ADDRESS CHAT_KEY JOURNAL_STREAM TIMED

# until_ok COMMAND...: try until it succeeds, for 10 seconds at the most.
until_ok() {
	local i
	for ((i = 0; i < 400; i++)); do
		"$@" && return
		sleep 0.025
	done
	echo "gave up waiting for: $*" >&2
	return 1
}

# start COMMAND...: run in the background; cleanup ends it. Its pid is $PID. It
# takes standard error for the journal, so that a chatd puts no times before
# what it logs; with TIMED=1 it doesn't.
start() {
	local -x JOURNAL_STREAM
	[ -n "$TIMED" ] || JOURNAL_STREAM=$(stat -L -c %d:%i /dev/stderr)
	"$@" 3>&- &
	PID=$!
	STARTED+=("$PID")
}

# start_chatd [OPTION...]: a room on loopback; its address is $ROOM, its port
# $PORT, its pid $CHATD, and what it logs is in $T/log.
start_chatd() {
	start_chatd_at "$@" 127.0.0.1:0
	PORT=${ROOM##*:}
}

# start_chatd_at [OPTION...] ADDRESS...: the same, anywhere.
start_chatd_at() {
	start env --default-signal=INT chatd "$@" 2>"$T/log"
	CHATD=$PID
	until_ok grep -q 'listening on' "$T/log"
	ROOM=$(sed -n 's/.*listening on //p' "$T/log" | head -n 1)
}

# start_recv FILE [OPTION...]: a chat-recv that writes all that was ever said to
# FILE, as long as the ring keeps it: no need to wait until it listens.
start_recv() {
	local file=$1
	shift
	start chat-recv -l 1000000000 "$@" "$ROOM" >"$file" 2>"$file.err"
}

# status_of PID NAME: a field of the process's status.
status_of() {
	sed -n "s/^$2:[^0-9]*//p" "/proc/$1/status" | tr '\t' ' '
}

# has_sandbox: whether programs are confined: not those that are built with a
# sanitizer or run by valgrind, which make calls of their own.
has_sandbox() {
	[ -z "$VALGRIND" ] &&
	    ! nm "$(command -v chatd)" | grep -q ' __asan_init$'
}

# confined PID: no new privileges, and a filter where there is a sandbox.
confined() {
	[ "$(status_of "$1" NoNewPrivs)" = 1 ] || return
	! has_sandbox || [ "$(status_of "$1" Seccomp)" = 2 ]
}

# room_log: what the room has logged, without what only root is told.
room_log() {
	grep -v '^chatd: running as root; ' "$T/log" || true
}

# room_pid: sets $ROOM_PID to the process of the room's that has the sockets;
# $CHATD is the other one's, which is the same after an upgrade.
room_pid() {
	until_ok has_room
}
has_room() {
	ROOM_PID=$(pgrep -r R,S,D,T,t -P "$CHATD" | tail -n 1)
	[ -n "$ROOM_PID" ]
}

# has_lines FILE N: it has N lines by now. has_line FILE LINE: one of them is.
has_lines() {
	[ "$(wc -l <"$1")" -eq "$2" ]
}
has_line() {
	grep -qxF -e "$2" "$1"
}

# stop PID [SIGNAL]: end a process that the test started; its status is $STATUS.
stop() {
	kill "-${2:-TERM}" "$1" 2>/dev/null
	STATUS=0
	wait "$1" 2>/dev/null || STATUS=$?
}

# Call it from teardown: nothing that a test started outlives it.
cleanup() {
	local pid running
	running=$(jobs -lr)
	for pid in "${STARTED[@]}"; do
		# The number of one that has ended may be another's by now.
		[[ $running =~ (^|[^0-9])$pid([^0-9]|$) ]] || continue
		kill -KILL "$pid" 2>/dev/null || true
	done
	wait "${STARTED[@]}" 2>/dev/null || true
	[ ! -f "$T/log" ] || sed 's/^/log: /' "$T/log"
}

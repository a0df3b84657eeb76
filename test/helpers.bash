# What the suites share. Each test has a room of its own, on a port that the
# system picks or on a socket in its own directory, so tests can run side by side.
#
# Most of the time that tests take goes into starting programs, so what is done
# often is done by bash alone. Before each command bats runs a trap, which has
# the lines that a failure names, and takes as long as a small program; "set +T"
# keeps it out of functions that are called from then on.
bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
PATH=${CHAT_BIN:-$ROOT/chatd:$ROOT/chatd/etcd:$ROOT/chat-send:$ROOT/chat-recv:$ROOT/chat}:$PATH
T=$BATS_TEST_TMPDIR
STARTED=()
unset CHAT_ADDRESS CHAT_KEY CHAT_NAME JOURNAL_STREAM TIMED

# pause SECONDS: sleep without a process. Nobody ever writes to the FIFO.
pause() {
	[ -p "$BATS_FILE_TMPDIR/silence" ] ||
	    mkfifo "$BATS_FILE_TMPDIR/silence" 2>/dev/null || true
	read -r -t "$1" <>"$BATS_FILE_TMPDIR/silence" || true
}

# until_ok COMMAND...: try until it succeeds, for about 25 seconds, or 100 where
# a try takes long itself: soon again at first, then from time to time.
until_ok() {
	local - i end=$((SECONDS + 100))
	set +T
	for ((i = 1; i <= 280 && SECONDS < end; i++)); do
		"$@" && return
		pause "0.0$((i < 9 ? i : 9))"
	done
	echo "gave up waiting for: $*" >&2
	return 1
}

# listens_at FILE: somebody has begun to listen at it, by its whole path. The
# file itself is there a moment before that, when a client is refused.
listens_at() {
	[ -S "$1" ] || return 1
	[ ! -r /proc/net/unix ] ||
	    grep -Eq "^([^ ]+ +){3}0001[0-9]+ .* $1\$" /proc/net/unix
}

# untraced COMMAND...: a function without that trap before its commands. It
# doesn't end where one of them fails.
untraced() {
	local -
	set +T
	"$@" || return
}

# start COMMAND...: run in the background; cleanup ends it. Its pid is $PID. It
# takes standard error for the journal, so that a chatd puts no times before
# what it logs; with TIMED=1 it doesn't.
start() {
	local -x JOURNAL_STREAM
	if [ -z "$TIMED" ] &&
	    { [[ "$*" == *chatd* ]] || declare -F "$1" >/dev/null; }; then
		JOURNAL_STREAM=$(exec stat -L -c %d:%i /dev/stderr)
	fi
	"$@" 3>&- &
	PID=$!
	STARTED+=("$PID")
}

# doing PID: what it and its children wait for, if it was to end and didn't.
doing() {
	local pid
	for pid in "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		grep -E '^(Name|State|SigPnd|ShdPnd):' "/proc/$pid/status"
		echo "waits in: $(cat "/proc/$pid/wchan")"
	done >&2
	return 1
}

# interruptible COMMAND...: what start can run so that INT ends it. The shell has
# commands in the background ignore INT. Where it was ignored when the shell began,
# which trap can't change, env does it.
interruptible() {
	trap - INT
	[ -z "$INT_IGNORED" ] || exec env --default-signal=INT "$@"
	exec "$@"
}
int_is_ignored() {
	local status
	read -r -d '' status </proc/self/status || :
	[[ $status =~ SigIgn:[[:space:]]*([0-9a-f]+) ]] &&
	    (((16#${BASH_REMATCH[1]} & 2) != 0))
}
INT_IGNORED=
! int_is_ignored || INT_IGNORED=1

# start_chatd [OPTION...]: a room on loopback; its address is $ROOM, its port
# $PORT, its pid $CHATD, and what it logs is in $T/log.
start_chatd() {
	start_chatd_at "$@" 127.0.0.1:0
	PORT=${ROOM##*:}
}

# start_chatd_at [OPTION...] ADDRESS...: the same, anywhere. With $CHAT_LOG the
# room is kept over a log, see log.bash.
start_chatd_at() {
	OVER_LOG=()
	[ -z "$CHAT_LOG" ] || over_log "$@"
	start interruptible chatd "${OVER_LOG[@]}" "$@" 2>"$T/log"
	CHATD=$PID
	until_ok listens
}

# listens: a room that logs to $T/log listens; the first address is $ROOM. The
# others are logged by when it serves somebody, not before.
listens() {
	matches "$T/log" 'listening on (.*)' && ROOM=${BASH_REMATCH[1]}
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
	get_status "$1" "$2"
	[ -z "$FIELD" ] || echo "$FIELD"
}
get_status() {
	untraced status_field "$@"
}
status_field() {
	local line
	FIELD=
	while read -r line; do
		[[ $line == "$2:"* ]] || continue
		read -r -a line <<<"${line#*:}"
		FIELD=${line[*]}
		return
	done <"/proc/$1/status"
}

# has_sandbox: whether programs are confined: not those that are built with a
# sanitizer or run by valgrind, which make calls of their own.
has_sandbox() {
	[ -z "$VALGRIND" ] &&
	    ! nm "$(command -v chatd)" | grep -q ' __asan_init$'
}

# confined PID: no new privileges, and a filter where there is a sandbox.
confined() {
	get_status "$1" NoNewPrivs
	[ "$FIELD" = 1 ] || return
	get_status "$1" Seccomp
	[ "$FIELD" = 2 ] || ! has_sandbox
}

# room_log: what the room has logged, without what only root is told.
room_log() {
	untraced without_root
}
without_root() {
	local line log
	mapfile -t log <"$T/log"
	for line in "${log[@]}"; do
		[[ $line == 'chatd: running as root; '* ]] ||
		    printf '%s\n' "$line"
	done
}

# room_pid: sets $ROOM_PID to the process of the room's that has the sockets;
# $CHATD is the other one's, which is the same after an upgrade.
room_pid() {
	until_ok has_room
}
has_room() {
	local children=/proc/$CHATD/task/$CHATD/children pids pid stat group
	ROOM_PID=
	read -r -d '' stat 2>/dev/null <"/proc/$CHATD/stat" || true
	read -r _ _ group _ <<<"${stat##*) }"
	if [ -e "/proc/$BASHPID/task/$BASHPID/children" ]; then
		read -r -a pids 2>/dev/null <"$children" || true
	else
		mapfile -t pids < <(pgrep -P "$CHATD")
	fi
	for pid in "${pids[@]}"; do
		# Not one that is about to go, nor what is in a group of its
		# own: the helper of a log, or a program on trial.
		read -r -d '' stat <"/proc/$pid/stat" || true
		[[ ${stat##*) } != [RSDTt]\ +([0-9])\ "$group "* ]] ||
		    ROOM_PID=$pid
	done 2>/dev/null
	[ -n "$ROOM_PID" ]
}

# has_lines FILE N: it has N lines by now. has_line FILE LINE: one of them is.
has_lines() {
	local lines
	# Other programs count much faster.
	if [ "$2" -gt 1000 ]; then
		[ "$(exec wc -l <"$1")" -eq "$2" ]
		return
	fi
	mapfile -n $(($2 + 1)) lines <"$1" || return
	# What has no end yet is no line.
	[ ${#lines[@]} -eq 0 ] || [[ ${lines[-1]} == *$'\n' ]] ||
	    unset 'lines[-1]'
	[ ${#lines[@]} -eq "$2" ]
}
has_line() {
	untraced line_is_in "$@"
}
line_is_in() {
	local line lines
	mapfile -t -n 2000 lines <"$1" || return
	for line in "${lines[@]}"; do
		[[ $line != "$2" ]] || return 0
	done
	[ ${#lines[@]} -eq 2000 ] && grep -qxF -e "$2" "$1"
}

# matches FILE REGEX: the extended expression matches in one of its lines, or
# it's "! matches". What is in parentheses is in BASH_REMATCH, of the first.
matches() {
	untraced line_matches "$@"
}
line_matches() {
	local line text
	mapfile -t text <"$1" || return
	for line in "${text[@]}"; do
		[[ ! $line =~ $2 ]] || return 0
	done
	return 1
}

# count FILE REGEX: in how many of its lines it matches, as $COUNT: in none if
# there's no file.
count() {
	untraced count_lines "$@"
}
count_lines() {
	local line text
	COUNT=0
	[ -e "$1" ] || return 0
	mapfile -t text <"$1"
	for line in "${text[@]}"; do
		[[ ! $line =~ $2 ]] || COUNT=$((COUNT + 1))
	done
}

# numbered TEXT FIRST LAST [REST]: lines with numbers between the two.
numbered() {
	untraced print_numbered "$@"
}
print_numbered() {
	local i part all=
	for ((i = $2; i <= $3; i++)); do
		if ((i >= 100 && i % 100 == 0 && i + 99 <= $3)); then
			# A hundred at once, which is much faster.
			printf -v part "$1$((i / 100))%s${4:-}\n" {00..99}
			i=$((i + 99))
		else
			part=$1$i${4:-}$'\n'
		fi
		all+=$part
	done
	printf %s "$all"
}

# stop PID [SIGNAL]: end a process that the test started; its status is $STATUS.
stop() {
	kill "-${2:-TERM}" "$1" 2>/dev/null
	STATUS=0
	wait "$1" 2>/dev/null || STATUS=$?
}

# running_jobs: adds the processes of all background jobs to $pids.
running_jobs() {
	local children line word mine

	children=/proc/$BASHPID/task/$BASHPID/children
	# The number of one that has ended may be another's by now.
	mine=" $(cat "$children" 2>/dev/null) "
	while read -r -a line; do
		for word in "${line[@]:0:2}"; do
			if [[ $word =~ ^[0-9]+$ ]] &&
			    [[ ! -e $children || $mine == *" $word "* ]]; then
				pids+=("$word")
			fi
		done
	done <<<"$(jobs -lr)"
}

# Call it from teardown: nothing that a test started outlives it, or its output
# would have no end, and the run would wait.
cleanup() {
	local log pids=()

	running_jobs
	if [ ${#pids[@]} -gt 0 ]; then
		kill -KILL "${pids[@]}" 2>/dev/null || true
		wait "${pids[@]}" 2>/dev/null || true
	fi
	[ -f "$T/log" ] || return 0
	mapfile -t -n 101 log <"$T/log"
	# Bats takes an hour for the log of a million messages.
	[ "${#log[@]}" -le 100 ] ||
	    mapfile -t log < <(tail -n 100 "$T/log")
	[ "${#log[@]}" -eq 0 ] || printf 'log: %s\n' "${log[@]}"
	[ -z "$CHAT_LOG" ] || end_own_log
}

[ -z "$CHAT_LOG" ] || load log.bash

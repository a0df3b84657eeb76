# What the suites share that break things at random moments. What is chosen at
# random follows from CHAT_SEED in the environment, else from a seed of its own;
# a test that fails shows it. How much is done can be raised there, too: see
# torture.sh.

CUTTER=${CHAT_CUTTER:-$ROOT/test/tools/cutter}

# seeded: call it first. The test's own seed is $SEED, and $RANDOM follows it.
seeded() {
	local seed=${CHAT_SEED:-$SRANDOM}
	echo "CHAT_SEED=$seed"
	SEED=$((seed + BATS_TEST_NUMBER))
	RANDOM=$SEED
}

# start_cutter CUTS [OPTION...]: a bad line to $ROOM, at $BAD; its pid is
# $CUT_PID. What it does is in $T/cutter.
start_cutter() {
	local cuts=$1 at=127.0.0.1:0
	shift
	[[ $ROOM != */* ]] || at=$T/bad
	start "$CUTTER" -s "$SEED" -n "$cuts" "$@" "$at" "$ROOM" >"$T/cutter"
	CUT_PID=$PID
	until_ok matches "$T/cutter" '^listening on (.*)'
	BAD=${BASH_REMATCH[1]}
}

# in_time SECONDS COMMAND...: as until_ok, for longer waits.
in_time() {
	local - end=$((SECONDS + $1))
	set +T
	shift
	while ! "$@"; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "gave up waiting for: $*" >&2
			return 1
		fi
		pause 0.05
	done
}

# feed NAME: lines "NAME 1", "NAME 2" and so on, until $T/enough is there; what
# was the last number goes to $T/NAME.fed. It ends when $T/leave is there, too.
feed() {
	set +T
	local i
	for ((i = 0; ; i += 500)); do
		[ ! -e "$T/enough" ] || break
		numbered "$1 " $((i + 1)) $((i + 500)) || return
		pause 0.01
	done
	echo "$i" >"$T/$1.fed"
	while [ ! -e "$T/leave" ] && [ -d "$T" ]; do
		pause 0.05
	done
}

# start_feed NAME PROGRAM...: in the background, with a feed as its input; its
# pid is $PID, and what it complains of goes to $T/NAME.err.
start_feed() {
	local name=$1
	shift
	feed "$name" 3>&- | "$@" 2>"$T/$name.err" 3>&- &
	PID=$!
	STARTED+=("$PID")
}

# descriptors: how many the room has open.
descriptors() {
	room_pid
	set -- "/proc/$ROOM_PID/fd"/*
	echo $#
}
has_descriptors() {
	[ "$(descriptors)" -eq "$1" ]
}

# told_lost FILE: the lines that a reader's standard error calls lost.
told_lost() {
	sed -n 's/^.*: \([0-9]*\) lines\{0,1\} lost$/\1/p' "$1" |
		awk '{ n += $1 } END { print n + 0 }'
}

# in_order FILE: the lines of each name are numbered upward by one, from 1 on.
in_order() {
	awk 'NF == 2 && $2 != ++n[$1] {
		print FILENAME ": " $0 " instead of " n[$1]
		exit bad = 1
	}
	END { exit bad }' "$1"
}

# upward FILE: all of its lines are numbered upward, some may be missing.
upward() {
	awk 'NR > 1 && $2 <= n { print FILENAME ": " $0 " after " n; exit bad = 1 }
	{ n = $2 }
	END { exit bad }' "$1"
}

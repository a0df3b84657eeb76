# What the suites of attacks share. Load it after wire.bash.

# A thousand connections need as many descriptors here as in the room.
ulimit -Sn "$(ulimit -Hn)"

# What was freed would stay resident for long where ASan watches.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1

# swarm N: N connections, in the array SWARM, all of them let in.
swarm() {
	local before
	counted clients 0 || true
	before=$(counter clients)
	SWARM=()
	untraced dial_often "$1"
	until_ok counted clients $((before + $1))
}
dial_often() {
	local i
	for ((i = 0; i < $1; i++)); do
		dial || return
		SWARM+=("$FD")
	done
}

# start_crowd N [TEXT]: as many in a process of its own, $CROWD, that say no more
# than that and read nothing until it is stopped: more than our own read can cope
# with, and without bats, which looks at every command.
start_crowd() {
	# shellcheck disable=SC2016 # the inner shell expands it
	start bash -c 'for ((i = 0; i < $1; i++)); do
			exec {fd}<>"/dev/tcp/127.0.0.1/$2"
			[ -z "$3" ] || printf %s "$3" >&"$fd"
		done 2>/dev/null
		exec sleep 3600' - "$1" "$PORT" "${2:-}"
	CROWD=$PID
}

# is_complete: all of it has come. Who comes at the same time is one of those who
# make place for them.
is_complete() {
	local name
	read -r name <"/proc/$CROWD/comm"
	[ "$name" = sleep ]
}

# descriptors: how many the room has.
descriptors() {
	room_pid
	local fds=("/proc/$ROOM_PID/fd/"*)
	echo "${#fds[@]}"
}
has_descriptors() {
	[ "$(descriptors)" -eq "$1" ]
}

# bytes FORMAT: what printf makes of it, as an array of \xHH in BYTES.
bytes() {
	local byte
	BYTES=()
	# shellcheck disable=SC2059
	for byte in $(printf "$1" | od -An -v -tx1); do
		BYTES+=("\\x$byte")
	done
}

# in_two I: the same in two parts, the second one from byte I on, to be used
# with say; the first is $HEAD, the other $TAIL.
in_two() {
	local IFS=
	HEAD="${BYTES[*]:0:$1}"
	TAIL="${BYTES[*]:$1}"
}

# barrier: whatever was said before has been read.
barrier() {
	[ "$(talk <<<$'\001send')" = '^Aok 0' ]
}

# start_flood TEXT [FD]: say it again and again, to $FD; the flooder's pid is
# $FLOOD.
start_flood() {
	yes "$1" >&"${2:-$FD}" 2>"$T/none" 3>&- &
	FLOOD=$!
	STARTED+=("$FLOOD")
}

# greeted: connect as one who only sends, so that it hears answers only.
greeted() {
	dial
	say "$FD" '\001send\n'
	hears "$FD" '^Aok 0'
}

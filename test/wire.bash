# What the suites share that speak to the room byte by byte. Where a control
# line is looked at, ^A stands for its first byte.

# dial: connect to the room at $PORT; the connection's descriptor is $FD.
dial() {
	# shellcheck disable=SC2034
	exec {FD}<>"/dev/tcp/127.0.0.1/$PORT"
}

# enter: the same, and wait until we are inside. Whoever comes later and has an
# answer was let in after us.
enter() {
	local fd
	dial
	exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"
	say "$fd" '\001send\n'
	hears "$fd" '^Aok 0' || return
	hang_up "$fd"
}

# hang_up DESCRIPTOR...: close connections.
hang_up() {
	local fd
	for fd; do
		exec {fd}>&-
	done
}

# say DESCRIPTOR FORMAT [ARGUMENT...]: write what printf makes of it.
say() {
	local fd=$1
	shift
	# shellcheck disable=SC2059
	printf "$@" >&"$fd"
}

# hear DESCRIPTOR: read the next line into $LINE.
hear() {
	LINE=
	if ! IFS= read -r -t 20 -u "$1" LINE; then
		echo "heard no line, only: ${LINE@Q}" >&2
		return 1
	fi
	LINE=${LINE//$'\001'/^A}
}

# hears DESCRIPTOR PATTERN...: the next lines are these.
hears() {
	local fd=$1 pattern
	shift
	for pattern; do
		hear "$fd" || return
		# shellcheck disable=SC2053
		[[ $LINE == $pattern ]] && continue
		echo "heard ${LINE@Q} instead of ${pattern@Q}" >&2
		return 1
	done
}

# hears_end DESCRIPTOR: nothing more comes, and the connection has ended well.
hears_end() {
	local rest status=0
	IFS= read -r -d '' -t 20 -u "$1" rest || status=$?
	[ -n "$rest" ] || [ "$status" -ne 1 ] || return 0
	echo "heard no end, or more: ${rest@Q}" >&2
	return 1
}

# still_works: a line said by one gets to another.
still_works() {
	dial
	say "$FD" '\001recv\n'
	hears "$FD" '^Aat *'
	run chat-send "$ROOM" <<<'still here'
	[ "$status" -eq 0 ]
	hears "$FD" 'still here'
	hang_up "$FD"
}

# talk [ADDRESS]: one whole connection. Standard input is said, then our half is
# closed, and what the room says until it has closed its own is written.
# shellcheck disable=SC2120
talk() {
	socat -T 30 -t 30 - "${1:-TCP:127.0.0.1:$PORT}" |
	    sed 's/\x01/^A/g'
}

# transcript: everything that was ever said, without control lines.
transcript() {
	printf '\001recv last=1000000000\n' |
	    socat -T 30 -t 30 - "TCP:127.0.0.1:$PORT" | grep -v $'^\001'
}

# counted NAME VALUE: a counter of the room has that value by now.
counted() {
	local log
	mapfile -t log <"$T/log"
	kill -USR1 "$CHATD"
	until_ok has_counters "${#log[@]}"
	[[ ", $COUNTERS," == *", $1 $2,"* ]]
}
# has_counters N: the log has them after its first N lines.
has_counters() {
	local line log
	COUNTERS=
	mapfile -t -s "$1" log <"$T/log"
	for line in "${log[@]}"; do
		[[ $line != 'chatd: clients '* ]] || COUNTERS=${line#chatd: }
	done
	[ -n "$COUNTERS" ]
}

# counter NAME: its value in what the last counted has asked for.
counter() {
	[[ ", $COUNTERS" =~ ", $1 "([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# resident: how much memory of the room is resident, in KiB. What valgrind needs
# for it tells nothing.
resident() {
	[ -z "$VALGRIND" ] || { echo 0; return; }
	room_pid
	get_status "$ROOM_PID" VmRSS
	echo "${FIELD% kB}"
}

# Nothing waits for a room for ever.
chat-send() {
	timeout 300 chat-send "$@"
}

# start_send FILE [OPTION...]: a chat-send of the file, in the background.
start_send() {
	local file=$1
	shift
	command chat-send "$@" "$ROOM" <"$file" 3>&- &
	PID=$!
	STARTED+=("$PID")
}

# ends PID: a process that the test started ends by itself, with status 0.
ends() {
	until_ok has_ended "$1" || doing "$1" || return
	wait "$1"
}
has_ended() {
	! kill -0 "$1" 2>/dev/null
}

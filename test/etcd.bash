# Servers of etcd, and chat-etcd as a room drives it. A suite ends its servers in
# teardown or teardown_file.

# has_etcd: a log can be kept here. need_etcd: or else the test is skipped, which
# setup has to do: bats 1.8 takes a skip of setup_file for a failure.
has_etcd() {
	command -v chat-etcd >/dev/null && command -v etcd >/dev/null
}
need_etcd() {
	command -v chat-etcd >/dev/null || skip 'chat-etcd is not built'
	command -v etcd >/dev/null || skip 'there is no etcd'
}

# etcd_base: a directory for the data of servers, which is memory where there is
# such a place, for a disk would decide how long tests take.
etcd_base() {
	mktemp -d "$([ -d /dev/shm ] && echo /dev/shm || echo "$T")/etcd.XXXXXX"
}

# free_port BASE: one that nobody listens at, as $PORT. Nor is it that of a server
# in BASE, or beside it, which may be down for a moment.
free_port() {
	while :; do
		PORT=$((20000 + RANDOM % 12000))
		! cat "$1"/../etcd.*/*/{endpoint,peer} 2>/dev/null |
		    grep -qxE "(127.0.0.1:)?$PORT" || continue
		(exec 4<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || return 0
	done
}

# etcd_run NAME [FLAG...]: start the server in directory NAME, again if it has
# been there before. Its pid is in NAME/pid, its endpoint in NAME/endpoint, its
# peers' port in NAME/peer. $SCHEME is http or https.
etcd_run() {
	local dir=$1 endpoint peer
	shift
	endpoint=$(<"$dir/endpoint") peer=$(<"$dir/peer")
	etcd --name "${dir##*/}" --data-dir "$dir/data" \
	    --listen-client-urls "${SCHEME:-http}://$endpoint" \
	    --advertise-client-urls "${SCHEME:-http}://$endpoint" \
	    --listen-peer-urls "http://127.0.0.1:$peer" \
	    --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
	    --initial-cluster "$(<"$dir/cluster")" \
	    --snapshot-count 500 --heartbeat-interval 50 \
	    --election-timeout 500 "$@" >>"$dir/log" 2>&1 3>&- 7>&- 8>&- 9>&- &
	echo $! >"$dir/pid"
}

# etcd_serves NAME: it does.
etcd_serves() {
	etcdctl_of "$1" --command-timeout 1s endpoint health >/dev/null 2>&1
}

# etcdctl_of NAME [WORD...]: ask that server. $CTL are more options.
etcdctl_of() {
	local dir=$1
	shift
	# shellcheck disable=SC2086 # options are words
	ETCDCTL_API=3 etcdctl --endpoints "${SCHEME:-http}://$(<"$dir/endpoint")" \
	    $CTL "$@"
}

# etcd_start NAME... [-- FLAG...]: a cluster of new servers that know each other.
etcd_start() {
	local dirs=() dir cluster=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		dirs+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	for dir in "${dirs[@]}"; do
		mkdir -p "$dir"
		free_port "${dir%/*}"
		echo "127.0.0.1:$PORT" >"$dir/endpoint"
		free_port "${dir%/*}"
		echo "$PORT" >"$dir/peer"
		cluster+=${cluster:+,}${dir##*/}=http://127.0.0.1:$PORT
	done
	for dir in "${dirs[@]}"; do
		echo "$cluster" >"$dir/cluster"
		etcd_run "$dir" "$@"
	done
	for dir in "${dirs[@]}"; do
		until_ok etcd_serves "$dir"
	done
}

# etcd_kill NAME [SIGNAL]: send it to the server. By default that is KILL, and
# its port is free then, for the next one: the system takes its time with an end.
etcd_kill() {
	local pid
	pid=$(<"$1/pid")
	kill "-${2:-KILL}" "$pid" 2>/dev/null || true
	[ $# -gt 1 ] || wait "$pid" 2>/dev/null || true
}

# etcd_end BASE: the servers below that directory, and what they have.
etcd_end() {
	local pid
	for pid in "$1"/*/pid; do
		[ ! -e "$pid" ] || etcd_kill "${pid%/pid}"
	done
	rm -rf "$1"
}

# start_helper FD LOG [OPTION...]: a chat-etcd for a node that is called n and
# the FD, which is 7, 8 or 9, on which the test says what a room does. What the
# helper says is in $T/FD, its log in $T/FD.log, its pid in $HELPER.
start_helper() {
	local fd=$1 log=$2
	shift 2
	rm -f "$T/$fd.in" "$T/$fd.pid"
	mkfifo "$T/$fd.in"
	CHATD_NODE=n$fd COMMAND="echo \$\$ >'$T/$fd.pid'; exec chat-etcd $* $log" \
	    start run_helper "$fd"
	RUNNER=$PID
	eval "exec $fd>'$T/$fd.in'"
	until_ok test -s "$T/$fd.pid"
	HELPER=$(<"$T/$fd.pid")
}
run_helper() {
	# Or else it would keep open what it is to see the end of.
	exec 7>&- 8>&- 9>&-
	# shellcheck disable=SC2016 # socat's shell expands it
	exec socat -t 20 - 'SYSTEM:eval "$COMMAND"' <"$T/$1.in" >"$T/$1" \
	    2>"$T/$1.log"
}

# say FD FORMAT [WORD...]: as printf has it, with ^A before it.
say() {
	local fd=$1 format=$2
	shift 2
	# shellcheck disable=SC2059 # it is a format
	printf "\\001$format" "$@" >&"$fd"
}

# put FD TEXT: an entry that is this text and an LF.
put() {
	say "$1" 'put 1 %d\n%s\n' $((${#2} + 1)) "$2"
}

# said FD REGEX: whether the helper has said such a control line.
said() {
	matches "$T/$1" $'\001'"$2\$"
}

# entries FD: the lines of entries.
entries() {
	tr -d '\001' <"$T/$1" | grep -av -E \
	    '^(log [^ ]+ [0-9]+ [0-9]+|got [0-9]+ [0-9]+ [0-9]+|stuck .*|place .*|going|end [0-9]+|gone [0-9]+)$'
}

# positions FD: those of what was delivered.
positions() {
	tr -d '\001' <"$T/$1" | sed -nE 's/^got ([0-9]+) [0-9]+ [0-9]+$/\1/p'
}

# hang_up FD: the room ends; the helper's status is $STATUS.
hang_up() {
	eval "exec $1>&-"
	STATUS=0
	wait "$RUNNER" || STATUS=$?
}

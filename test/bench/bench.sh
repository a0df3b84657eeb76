#!/bin/sh
# bench.sh - what a room costs, beside the least that any room could cost
#
# usage: bench.sh [-s] [-n runs] [part ...]
#
# The parts are a to k; all of them if none is named. -s puts the bare fan-out
# in chatd's place: what differs then is noise. See README.

here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$here/../..
load=$here/load
bare=$here/bare
chatd=$root/chatd/chatd
send=$root/chat-send/chat-send
recv=$root/chat-recv/chat-recv

lines=2000000		# through the pipes of (e), 80 bytes each
idle=5000		# clients of (c), besides the first
first=500		# which load has come before
spare=100		# descriptors that are not clients, at the most
runs=3
self=false

usage() {
	echo 'usage: bench.sh [-s] [-n runs] [part ...]' >&2
	exit 2
}

say() {
	echo "bench: $*" >&2
}

# Whatever takes long runs in the background, so that a signal ends the wait.
cleanup() {
	trap '' HUP INT PIPE TERM
	jobs -p >"$tmp/jobs"
	while read -r pid; do
		kill "$pid" 2>/dev/null
	done <"$tmp/jobs"
	wait
	rm -rf "$tmp" ${memory:+"$memory"}
}

# The cores that this shell may use, as numbers. Prints nothing if unknown.
cores() {
	taskset -cp $$ 2>/dev/null | awk -F ': ' '{
		n = split($2, part, ",")
		for (i = 1; i <= n; i++) {
			ends = split(part[i], end, "-")
			for (j = end[1]; j <= end[ends]; j++)
				print j + 0
		}
	}'
}

# The server gets a core of its own, the load another.
find_cores() {
	on_load='' on_server=''
	# shellcheck disable=SC2046 # they are words
	set -- $(cores)
	if [ $# -ge 2 ]; then
		on_load="taskset -c $1" on_server="taskset -c $2"
	else
		say 'no two cores to pin to: expect more noise'
	fi
}

# Every client is a descriptor of load and one of its room. POSIX knows no
# limit on them, shells do.
# shellcheck disable=SC3045
find_descriptors() {
	ulimit -n $((first + idle + spare)) 2>/dev/null ||
		ulimit -n "$(ulimit -H -n)"
	descriptors=$(ulimit -n)
	[ "$descriptors" != unlimited ] || descriptors=1000000
	if [ "$descriptors" -lt $((first + idle + spare)) ]; then
		idle=$((descriptors - first - spare))
		say "only $descriptors descriptors are allowed"
	fi
}

# chatd's work is done by its one child, if it has one.
find_worker() {
	worker=$(pgrep -o -P "$pid") || worker=$pid
}

serve() { # COMMAND...: run a server; sets pid, worker and port once it listens
	: >"$tmp/err"
	"$@" 2>"$tmp/err" &
	pid=$!
	tries=0
	while [ "$tries" -lt 100 ] && kill -0 "$pid" 2>/dev/null; do
		port=$(sed -n 's/.*listening on 127.0.0.1://p' "$tmp/err")
		[ -n "$port" ] && find_worker && return
		tries=$((tries + 1))
		sleep 0.05
	done
	say "$*: $(cat "$tmp/err")"
	exit 2
}

serve_chat() { # [COMMAND...]: by way of COMMAND
	if "$self"; then
		serve "$@" "$bare"
	else
		serve "$@" "$chatd" 127.0.0.1:0
	fi
}

end() { # PID...
	kill "$@" 2>/dev/null
	wait "$@" 2>/dev/null
}

# The table, from a file of lines of a name and a figure for either side

heading() { # TEXT [LEFT RIGHT]
	printf '\n%-38s %9s %9s %6s  %-9s  %s\n' "$1" "${2:-chat}" \
	    "${3:-bare}" ratio middle goal
}

row() { # NAME SCALE TEXT [chat|ratio most|least LIMIT]
	awk -v name="$1" -v scale="$2" -v text="$3" -v what="$4" \
	    -v way="$5" -v limit="$6" -f "$here/row.awk" "$tmp/figures"
}

# (a) to (d): load drives both rooms

# shellcheck disable=SC2086 # $on_... are a command each, or nothing
both() { # DESCRIPTORS PREFIX PART [ARG...]
	if [ "$1" -gt $((descriptors - spare)) ]; then
		say "$2: needs $1 descriptors and some"
		return
	fi
	prefix=$2 part=$3
	shift 3
	serve_chat $on_server
	chat_port=$port chat_pid=$pid chat_worker=$worker
	serve $on_server "$bare"
	timeout 300 $on_load "$load" "$part" "$chat_port" "$chat_worker" \
	    "$port" "$worker" "$@" >"$tmp/out" &
	wait $! || say "$prefix: not all figures this time"
	sed "s/^/$prefix./" "$tmp/out" >>"$tmp/figures"
	end "$chat_pid" "$pid"
}

part_a() {
	for size in '1 100' '1 1000' '10 100'; do
		senders=${size% *} readers=${size#* }
		for _ in $rounds; do
			both $((2 * (senders + readers))) "$senders.$readers" \
			    fanout "$senders" "$readers"
		done
		heading "(a) $senders to $readers"
		for way in line batch flood; do
			name=$senders.$readers.$way
			row "$name.rate" 0.001 "$way: 1000 deliveries/s"
			row "$name.cpu" 1 "$way: server ns per delivery" \
			    ratio most 1.10
			row "$name.read" 1 "$way: bytes in a read"
		done
	done
}

part_b() {
	for _ in $rounds; do
		both 2002 b latency
	done
	heading '(b) 100 lines/s to 1000'
	row b.p50 0.000001 'latency p50, ms'
	row b.p99 0.000001 'latency p99, ms'
}

part_c() {
	for _ in $rounds; do
		both $((first + idle)) c idle "$idle"
	done
	heading "(c) $idle idle clients"
	row c.idle 1 'bytes of server memory for each' chat most 256
}

part_d() {
	for _ in $rounds; do
		both 32 d churn
	done
	heading '(d) connect, say a line, close'
	row d.visit.rate 1 'clients/s'
	row d.visit.cpu 0.001 'server us per client'
}

# (e): a file through programs. Each way sets rate, in lines a second, and the
# first two also core, in lines a second of one core's time. What is 0 went
# wrong: row leaves it out.

start_clock() {
	: >"$tmp/cpu"
	start=$("$load" clock)
}

stop_clock() {
	rate=$((lines * 1000000000 / ($("$load" clock) - start)))
	core=$(awk -v n="$lines" '{ ns += $1 }
	    END { print (ns > 0 ? n * 1000000000 / ns : 0) }' "$tmp/cpu")
}

measured() { # COMMAND...: with its time on a core written down, and bounded
	timeout 60 "$load" cpu "$tmp/cpu" "$@"
}

sockets() { # PID
	find "/proc/$1/fd" -lname 'socket:*' 2>/dev/null | wc -l
}

# A room has let in its one reader when it has a socket besides the listener.
reader_is_in() { # PID
	tries=0
	while [ "$(sockets "$1")" -lt 2 ] && [ "$tries" -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
}

# Reads all and writes only how much that was, for those that cannot count.
count_bytes() {
	wc -c >"$tmp/count"
}

# chatd says bye besides, which is less than any line that was lost.
counted() {
	[ "$(cat "$tmp/count")" -ge $((lines * 80)) ]
}

chat_pipe() { # [COMMAND...]: by way of COMMAND
	rate=0 core=0
	serve_chat "$@"
	measured "$@" "$recv" -c "$lines" "127.0.0.1:$port" >/dev/null &
	reader=$!
	# It has greeted, then, or does so before a sender can connect.
	reader_is_in "$worker"
	start_clock
	measured "$@" "$send" "127.0.0.1:$port" <"$tmp/lines" &
	wait $! && wait "$reader" && "$load" used "$worker" >>"$tmp/cpu" &&
		stop_clock
	[ "$rate" -gt 0 ] || say '(e): chat-send | chat-recv failed'
	end "$reader" "$pid"
}

nc_pipe() { # [COMMAND...]
	rate=0 core=0
	port=$("$load" port)
	measured "$@" "$nc" -d -l 127.0.0.1 "$port" >/dev/null &
	reader=$!
	until
		start_clock
		measured "$@" "$nc" -N 127.0.0.1 "$port" <"$tmp/lines" &
		wait $!
	do
		kill -0 "$reader" 2>/dev/null || return
		sleep 0.05
	done
	wait "$reader" && stop_clock
}

# The room ends when the sender has ended, and so does the reader then.
nc_room_nc() { # COMMAND ROOM...: by way of COMMAND, one word or ''
	on=$1
	shift
	rate=0
	# shellcheck disable=SC2086
	serve $on "$@"
	# shellcheck disable=SC2086
	timeout 60 $on "$nc" -d 127.0.0.1 "$port" | count_bytes &
	reader=$!
	reader_is_in "$worker"
	# chatd waits this long for a client to say that it is no plain one.
	sleep 0.3
	start_clock
	# shellcheck disable=SC2086
	timeout 60 $on "$nc" -N 127.0.0.1 "$port" <"$tmp/lines" &
	wait $!
	kill "$pid" 2>/dev/null
	wait "$reader"
	counted && stop_clock
	[ "$rate" -gt 0 ] || say "(e): nc | ${1##*/} | nc failed"
	end "$pid"
}

compare_pipes() { # NAME [COMMAND...]
	name=$1
	shift
	chat_pipe "$@"
	chat_rate=$rate chat_core=$core
	nc_pipe "$@"
	echo "$name $chat_rate $rate" >>"$tmp/figures"
	echo "$name.core $chat_core $core" >>"$tmp/figures"
}

compare_rooms() { # NAME COMMAND
	nc_room_nc "$2" "$chatd" 127.0.0.1:0
	chat_rate=$rate
	nc_room_nc "$2" "$bare" -1
	echo "$1 $chat_rate $rate" >>"$tmp/figures"
}

# Other netcats differ in their options, and in what they do at the end.
find_nc() {
	for nc in nc.openbsd nc; do
		"$nc" -h 2>&1 | grep -q 'usage: nc .*N' && return
	done
	return 1
}

make_lines() {
	[ ! -s "$tmp/lines" ] || return 0
	"$load" lines "$lines" >"$tmp/lines" && return
	say "needs $((lines * 80 / 1000000)) MB in $tmp"
	rm -f "$tmp/lines"
	return 1
}

# shellcheck disable=SC2086
part_e() {
	if "$self" || ! find_nc || ! make_lines; then
		say '(e) left out: it needs chatd, and the nc of OpenBSD'
		return
	fi
	for _ in $rounds $rounds; do
		compare_pipes one $on_server
		compare_pipes all
		compare_rooms room.one "$on_server"
		compare_rooms room.all ''
	done
	heading '(e) chat-send | chat-recv' chat 'nc | nc'
	row one.core 0.001 '1000 lines in a second of one core' ratio least 0.5
	row one.core 0.00008 'MB in a second of one core'
	row one 0.001 'on one core, 1000 lines/s'
	row one 0.00008 'on one core, MB/s'
	row all 0.001 'on all cores, 1000 lines/s'
	row all 0.00008 'on all cores, MB/s'
	heading '    nc | room | nc | wc'
	row room.one 0.001 'on one core, 1000 lines/s'
	row room.one 0.00008 'on one core, MB/s'
	row room.all 0.001 'on all cores, 1000 lines/s'
	row room.all 0.00008 'on all cores, MB/s'
}

# shellcheck source=test/bench/store.sh
. "$here/store.sh"
# shellcheck source=test/bench/keys.sh
. "$here/keys.sh"
# shellcheck source=test/bench/start.sh
. "$here/start.sh"
# shellcheck source=test/bench/log.sh
. "$here/log.sh"

while getopts n:s option; do
	case $option in
	n) runs=$OPTARG ;;
	s) self=true ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- a b c d e f g h i j k
for part; do
	case $part in
	[a-k]) ;;
	*) usage ;;
	esac
done
case $runs in
'' | 0* | *[!0-9]*) usage ;;
esac
rounds=$(awk -v n="$runs" 'BEGIN { while (n-- > 0) print n }')

"$self" && chatd=$bare send=$bare recv=$bare
for program in "$load" "$bare" "$chatd" "$send" "$recv"; do
	[ -x "$program" ] || {
		say "$program is not built"
		exit 2
	}
done
memory=''	# a directory that is in it, while there is one
tmp=$(mktemp -d) || exit 2
trap cleanup EXIT
trap 'exit 2' HUP INT PIPE TERM
: >"$tmp/figures"
find_cores
find_descriptors
for part; do
	"part_$part"
done

# log.sh - part (k): what it costs that several nodes keep a room
#
# For bench.sh, whose variables and functions these are.
# shellcheck shell=sh disable=SC2154

putwatch=$here/putwatch
helper=$root/chatd/etcd/chat-etcd
log_lines=400000	# that a new node catches up on: 32 MB, of which the
			# helper removes nothing
says=20			# of chat-send in a row, a line each

# Servers of etcd, three. Theirs are etcd_pid_N, etcd_port_N and etcd_peer_N.

of() { # NAME N: what the server N has
	eval "echo \"\$etcd_$1_$2\""
}

etcdctl_at() { # PORT WORD...
	at=$1
	shift
	ETCDCTL_API=3 etcdctl --endpoints "127.0.0.1:$at" \
	    --command-timeout 1s "$@" 2>/dev/null
}

serve_etcd() { # N
	etcd --name "m$1" --data-dir "$memory/m$1" \
	    --listen-client-urls "http://127.0.0.1:$(of port "$1")" \
	    --advertise-client-urls "http://127.0.0.1:$(of port "$1")" \
	    --listen-peer-urls "http://127.0.0.1:$(of peer "$1")" \
	    --initial-advertise-peer-urls "http://127.0.0.1:$(of peer "$1")" \
	    --initial-cluster "$cluster" --snapshot-count 500 \
	    --quota-backend-bytes 2147483648 --heartbeat-interval 100 \
	    --election-timeout 1000 >>"$tmp/etcd.$1" 2>&1 &
	eval "etcd_pid_$1=$!"
}

etcd_is_up() { # N
	tries=0
	until etcdctl_at "$(of port "$1")" endpoint health >/dev/null; do
		tries=$((tries + 1))
		if [ "$tries" -ge 100 ]; then
			say "etcd does not start: $(tail -n 1 "$tmp/etcd.$1")"
			return 1
		fi
		sleep 0.1
	done
}

# A disk would decide how long anything takes.
start_etcd() {
	memory=$(mktemp -d /dev/shm/bench.XXXXXX) || return
	cluster=''
	for n in 1 2 3; do
		eval "etcd_port_$n=$("$load" port) etcd_peer_$n=$("$load" port)"
		cluster=${cluster:+$cluster,}m$n=http://127.0.0.1:$(of peer $n)
	done
	for n in 1 2 3; do
		serve_etcd $n
	done
	for n in 1 2 3; do
		etcd_is_up $n || return
	done
	find_leader
}

end_etcd() {
	end "$etcd_pid_1" "$etcd_pid_2" "$etcd_pid_3"
	rm -rf "$memory"
}

# Sets leader and follower, and endpoints of a node that is with either.
find_leader() {
	leader=''
	for n in 1 2 3; do
		etcdctl_at "$(of port $n)" endpoint status |
		    awk -F ', ' '{ exit $5 != "true" }' && leader=$n
	done
	[ -n "$leader" ] || return
	follower=$((leader % 3 + 1)) other=$((follower % 3 + 1))
	at_leader=127.0.0.1:$(of port "$leader")
	at_follower=127.0.0.1:$(of port "$follower")
	with_leader=$at_leader,$at_follower,127.0.0.1:$(of port "$other")
	with_follower=$at_follower,127.0.0.1:$(of port "$other"),$at_leader
}

# Nodes

start_node() { # NAME ENDPOINTS: as serve; sets node_helper, too
	serve "$chatd" -s "$memory/$1" -n "$1" \
	    -L "exec $helper $2/bench" 127.0.0.1:0
	node_helper=$(pgrep -P "$pid" -x chat-etcd)
	worker=$(pgrep -P "$pid" -x chatd)
}

# The sender's, and the reader's.
start_nodes() {
	start_node red "$with_leader"
	red_pid=$pid red_port=$port red_worker=$worker red_helper=$node_helper
	start_node green "$with_follower"
	green_pid=$pid green_port=$port green_worker=$worker
	green_helper=$node_helper
}

end_nodes() {
	end "$red_pid" "$green_pid"
}

figures() { # PREFIX FILE
	sed "s/^/$1./" "$2" >>"$tmp/figures"
}

against_bare() { # PART
	timeout 120 "$putwatch" "$1" "$red_port" "$green_port" \
	    "${at_leader#*:}" "${at_follower#*:}" "$red_helper" \
	    "$green_helper" >"$tmp/out" &
	wait $! || say "(k): $1: not all figures this time"
	figures k "$tmp/out"
}

# A node begins without a store, and listens once it has all.
catch_up_node() { # NAME
	rm -f "$tmp/started"
	mkfifo "$tmp/started"
	start=$("$load" clock)
	"$chatd" -s "$memory/$1" -n "$1" -L "exec $helper $with_follower/bench" \
	    127.0.0.1:0 2>"$tmp/started" &
	pid=$!
	timeout 60 sed -n '/listening on/q' "$tmp/started"
	took=$(($("$load" clock) - start))
	cat "$tmp/started" >/dev/null &
	end "$pid"
}

catch_up_bare() {
	bare_took=$("$putwatch" read "${at_follower#*:}" chat/bench)
}

fill_log() {
	"$load" lines "$log_lines" | timeout 120 "$send" \
	    "127.0.0.1:$red_port" &
	wait $! || say '(k): chat-send failed'
}

compare_catching_up() {
	for n in 1 2 3; do
		catch_up_node "blue$n"
		catch_up_bare
		awk -v n="$log_lines" -v a="$took" -v b="$bare_took" 'BEGIN {
			print "k.read", n * 1e9 / a, n * 1e9 / b
		}' >>"$tmp/figures"
	done
}

deliveries() { # NAME SENDER ROOM PID: beside the room that nobody shares
	timeout 120 "$putwatch" deliver "$2" "$3" "$4" "$port" "$worker" \
	    "${at_follower#*:}" >"$tmp/out" &
	wait $! || say "(k): $1: not all figures this time"
	figures "k.$1" "$tmp/out"
}

# Sets port and pid for compare_sends.
compare_deliveries() {
	serve "$chatd" -s "$memory/alone" 127.0.0.1:0
	deliveries own "$red_port" "$red_port" "$red_worker"
	deliveries others "$red_port" "$green_port" "$green_worker"
}

all_said() { # PORT: sets each, the ns that a chat-send of a line takes
	start=$("$load" clock)
	n=0
	while [ "$n" -lt "$says" ]; do
		n=$((n + 1))
		echo "line $n" | "$send" "127.0.0.1:$1"
	done
	each=$((($("$load" clock) - start) / says))
}

# With the room of before, which has to end then.
compare_sends() {
	for _ in 1 2 3; do
		all_said "$red_port"
		red_each=$each
		all_said "$port"
		echo "k.send $red_each $each" >>"$tmp/figures"
	done
	end "$pid"
}

resident() { # N: KiB of the memory of that server
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$(of pid "$1")/status"
}

# A helper has a child that dials. What a program is made of, and shares with
# others, is only in the figure of etcd.
# shellcheck disable=SC2046 # they are words
note_memory() {
	echo "k.helper.memory" \
	    $("$load" memory "$red_helper" $(pgrep -P "$red_helper")) \
	    $("$load" memory "$green_helper" $(pgrep -P "$green_helper")) \
	    >>"$tmp/figures"
	echo "k.etcd.memory" $(resident "$leader") $(resident "$follower") \
	    >>"$tmp/figures"
}

longest_pause() { # COMMAND...: sets pause, in ns
	pause=$(timeout 120 "$putwatch" pause "$red_port" "$green_port" "$@") ||
	    pause=0
}

# The leader is where the sender is, the other member where the reader is. After
# that one, the leader is still the same.
compare_pauses() {
	longest_pause kill -9 "$red_helper"
	red_pause=$pause
	longest_pause kill -9 "$green_helper"
	echo "k.helper.killed $red_pause $pause" >>"$tmp/figures"
	longest_pause kill -9 "$(of pid "$follower")"
	serve_etcd "$follower"
	etcd_is_up "$follower" || return
	green_pause=$pause
	longest_pause kill -9 "$(of pid "$leader")"
	echo "k.etcd.killed $pause $green_pause" >>"$tmp/figures"
}

shared_round() {
	start_nodes
	fill_log
	compare_catching_up
	against_bare flood
	against_bare line
	compare_deliveries
	compare_sends
	note_memory
	compare_pauses
	end_nodes
}

# What has to be there, or the part is left out.
can_share() {
	! "$self" && [ -x "$putwatch" ] && [ -x "$helper" ] &&
	    [ -d /dev/shm ] && command -v etcd >/dev/null &&
	    command -v etcdctl >/dev/null
}

part_k() {
	if ! can_share; then
		say '(k) left out: it needs chatd, chat-etcd, etcd and etcdctl'
		return
	fi
	for _ in $rounds; do
		if start_etcd; then
			shared_round
		else
			say '(k): not all figures this time'
		fi
		end_etcd
	done
	heading '(k) from one node to another' nodes 'bare log'
	row k.flood 0.001 '1000 lines/s' ratio least 0.8
	row k.p50 0.000001 'a line, p50, ms' ratio most 1.3
	row k.p99 0.000001 'a line, p99, ms'
	row k.read 0.001 'a new node: 1000 lines/s' ratio least 0.5
	heading '    with a log, and without' node chatd
	row k.others.batch 1 "others' entries: ns per delivery" \
	    ratio most 1.05
	row k.others.line 1 "others' single lines: the same"
	row k.own.batch 1 'own entries: the same' ratio most 1.05
	row k.own.line 1 'own single lines: the same'
	row k.own.flood 0.001 'own entries: 1000 lines/s'
	row k.send 0.000001 'chat-send of one line, ms'
	heading '    helpers' sender reader
	row k.helper 0.001 'us of a core per line, of a flood' chat most 1
	row k.helper.memory 0.00000095367 'MiB of memory' chat most 4
	row k.helper.killed 0.000000001 'pause after kill -9, s' chat most 1.2
	heading '    members of etcd' leader follower
	row k.etcd.killed 0.000000001 'pause after kill -9, s' chat most 3
	row k.etcd.memory 0.001024 'MB of memory'
}

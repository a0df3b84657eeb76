# A room of three nodes over three members of etcd, all of which are killed and
# come back, with people who talk and listen meanwhile. Needs helpers.bash,
# chance.bash and etcd.bash.
#
# The nodes a, b and c are sockets in the test's directory, each beside a member
# of the same name. What a node has logged since it started is in $T/NAME.log,
# what it logged before in $T/NAME.logs.

declare -gA NODE_PID
NODES=(a b c)

# start_cluster [OPTION...]: members and nodes. The options are for the helpers,
# and $SEGMENT is the size of their segments.
start_cluster() {
	BASE=$(etcd_base)
	HELPER_OPTIONS=$*
	etcd_start "$BASE/a" "$BASE/b" "$BASE/c"
	start_nodes "${NODES[@]}"
	# Looking for ports has taken some of the numbers.
	RANDOM=$SEED
}

# end_cluster: from teardown. Before that, what somebody needs who looks for why
# a test has failed.
end_cluster() {
	local name
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		for name in "${NODES[@]}"; do
			tail -n 12 "$T/$name.log" | sed "s/^/$name: /"
			tail -n 3 "$BASE/$name/log" | sed "s/^/etcd $name: /"
		done
		tail -n 5 "$T"/*.err
	fi
	# The members are jobs of the test, too.
	cleanup
	rm -rf "$BASE"
}

# own_first NAME LIST...: those of a, b and c, each as printf makes it of its
# name, with commas between; the one of that name first.
own_first() {
	local order=abcabc list
	order=${order#"${order%%"$1"*}"}
	order=${order:0:3}
	# shellcheck disable=SC2059
	printf -v list "$2," "${order:0:1}" "${order:1:1}" "${order:2:1}"
	echo "${list%,}"
}

# nodes_of NAME: where clients find the room, that node first.
nodes_of() {
	own_first "$1" "$T/%s.room"
}

# members_of NAME: the endpoints of that node.
members_of() {
	local name list=
	for name in $(own_first "$1" '%s' | tr , ' '); do
		list+=,$(<"$BASE/$name/endpoint")
	done
	echo "${list#,}"
}

# run_node NAME: start it. start_nodes NAME...: and wait until they listen.
run_node() {
	[ ! -e "$T/$1.log" ] || cat "$T/$1.log" >>"$T/$1.logs"
	# shellcheck disable=SC2086
	start interruptible chatd -s "$T/$1" -n "$1" -z "${SEGMENT:-16M}" -L \
	    "exec chat-etcd $HELPER_OPTIONS $(members_of "$1")/lounge" \
	    "$T/$1.room" 2>"$T/$1.log"
	NODE_PID[$1]=$PID
}
start_nodes() {
	local name
	for name; do
		run_node "$name"
	done
	for name; do
		until_ok matches "$T/$name.log" 'listening on'
	done
}

# end_job PID [SIGNAL]: a process of the test, by KILL.
end_job() {
	kill "-${2:-KILL}" "$1"
	wait "$1" 2>/dev/null || true
}

# kill_node NAME..., kill_member NAME...: at once.
kill_node() {
	local name
	for name; do
		end_job "${NODE_PID[$name]}"
	done
}
kill_member() {
	local name pids=()
	for name; do
		pids+=("$(<"$BASE/$name/pid")")
	done
	kill -KILL "${pids[@]}"
	wait "${pids[@]}" 2>/dev/null || true
}

# start_members NAME...: again.
start_members() {
	local name
	for name; do
		etcd_run "$BASE/$name"
	done
	for name; do
		until_ok etcd_serves "$BASE/$name"
	done
}

# get_leader: the name of the member that leads, as $LEADER, and those of the
# others, as $FOLLOWERS.
get_leader() {
	until_ok is_led
}
is_led() {
	local name status
	LEADER='' FOLLOWERS=()
	status=$(ETCDCTL_API=3 etcdctl --command-timeout 1s \
	    --endpoints "$(members_of a)" endpoint status 2>/dev/null)
	for name in "${NODES[@]}"; do
		if [[ $status =~ $(<"$BASE/$name/endpoint"),[^$'\n']*B,\ true, ]]
		then
			LEADER=$name
		else
			FOLLOWERS+=("$name")
		fi
	done
	[ -n "$LEADER" ]
}

# get_helper NAME: the pid of the node's chat-etcd, as $HELPER.
get_helper() {
	until_ok has_helper "$1"
}
has_helper() {
	local pid name
	for pid in $(pgrep -P "${NODE_PID[$1]}"); do
		read -r name <"/proc/$pid/comm" && [ "$name" = chat-etcd ] &&
		    HELPER=$pid && return
	done 2>/dev/null
	return 1
}

# any NAME...: one of them, as $ANY.
any() {
	shift $((RANDOM % $#))
	ANY=$1
}

# others NAME: the two others, as $OTHERS.
others() {
	local order=abcabc
	order=${order#*"$1"}
	OTHERS=("${order:0:1}" "${order:1:1}")
}

# is_at NAME: at which node the reader of that name listens now, as $ANY.
is_at() {
	ANY=$(sed -n 's/.*\([abc]\)\.room: connected$/\1/p' "$T/$1.out.err" |
	    tail -n 1)
	ANY=${ANY:-$1}
}

# some MS MS: a time between the two passes.
some() {
	local ms=$(($1 + RANDOM % ($2 - $1))) seconds
	printf -v seconds %d.%03d $((ms / 1000)) $((ms % 1000))
	pause "$seconds"
}

# pour NAME N: N lines now and then, each the name and a number, and ten times
# that many at each rush, until $T/enough is there; the last number goes to
# $T/NAME.fed. A rush fills several entries of the log.
pour() {
	set +T
	local i n=$2 now
	exec 6<>"$T/$1.rush"
	for ((i = 0; ; i += n)); do
		[ -d "$T" ] && [ ! -e "$T/enough" ] || break
		n=$2
		! read -r -t 0.3 now <&6 || n=$(($2 * 10))
		numbered "$1${PAD// /.} " $((i + 1)) $((i + n)) || return
	done
	echo "$i" >"$T/$1.fed"
}

# rush: much is on its way now, at each node, and a part of that has arrived.
rush() {
	local name
	for name in "${NODES[@]}"; do
		echo now 1<>"$T/$name.rush"
	done
	some 5 50
}

# tick: one line after the other, each said by a process of its own, which
# has ended well before the next one begins; $T/NAME.said has those that have
# been acknowledged.
tick() {
	set +T
	local i to
	to=$(nodes_of c)
	for ((i = 1; ; i++)); do
		[ -d "$T" ] && [ ! -e "$T/enough" ] || break
		chat-send -r -w 60 -m "tick $i" "$to" 2>>"$T/tick.err" || return
		echo "tick $i" >>"$T/tick.said"
		pause 0.05
	done
	echo $((i - 1)) >"$T/tick.fed"
}

# start_talk: senders and readers at all nodes. The sender at each is called as
# the node is, and says a lot; and there is tick.
start_talk() {
	local name
	SENDERS=()
	printf -v PAD '%60s' ''
	for name in "${NODES[@]}"; do
		mkfifo "$T/$name.rush"
		pour "$name" 300 3>&- |
		    chat-send -r "$(nodes_of "$name")" 2>"$T/$name.err" 3>&- &
		SENDERS+=($!)
		ROOM=$(nodes_of "$name") start_recv "$T/$name.out" -r
	done
	: >"$T/tick.said"
	start tick
	SENDERS+=("$PID")
	goes_on
}

# stored NAME: the messages in a node's store.
stored() {
	cat "$T/$1"/* | grep -av $'^\001'
}

# goes_on [NAME...]: what is said from now on is acknowledged, and at these
# nodes, by default all; so is what was said before.
goes_on() {
	local name last
	count "$T/tick.said" ^
	last="tick $((COUNT + 2))"
	in_time 60 has_line "$T/tick.said" "$last"
	for name in "${@:-${NODES[@]}}"; do
		in_time 60 is_stored "$name" "$last"
	done
	agree "${@:-${NODES[@]}}"
}
is_stored() {
	stored "$1" | grep -qxF "$2"
}

# agree NAME...: all that had been acknowledged when we began is there, once,
# and the nodes are alike.
agree() {
	local name
	cp "$T/tick.said" "$T/said"
	for name; do
		# Who has acknowledged it had it first.
		in_time 60 is_stored "$name" "$(tail -n 1 "$T/said")"
		stored "$name" | grep '^tick ' |
		    head -n "$(wc -l <"$T/said")" | cmp - "$T/said"
	done
	alike "$@"
}

# alike NAME...: as far as they go, the nodes have stored the same.
alike() {
	local name size least=
	for name; do
		stored "$name" >"$T/$name.stored"
		size=$(stat -c %s "$T/$name.stored")
		[ -n "$least" ] && [ "$least" -le "$size" ] || least=$size
	done
	[ "$least" -gt 0 ]
	for name in "${@:2}"; do
		cmp -n "$least" "$T/$1.stored" "$T/$name.stored"
	done
}

# end_talk: all that was said is there once, each sender's lines in their
# order; and all nodes have that, with the same numbers, and all readers.
end_talk() {
	local name pid all=0
	touch "$T/enough"
	for pid in "${SENDERS[@]}"; do
		in_time 120 has_gone "$pid"
		wait "$pid"
	done
	for name in "${NODES[@]}" tick; do
		all=$((all + $(<"$T/$name.fed")))
	done
	echo "$all lines"
	for name in "${NODES[@]}"; do
		in_time 60 has_stored "$name" "$all"
		in_time 60 has_lines "$T/$name.out" "$all"
		cmp "$T/$name.out" "$T/$name.stored"
		cmp "$T/a.stored" "$T/$name.stored"
		chat-recv -e -j -l 1000000000 "$T/$name.room" >"$T/$name.json"
		cmp "$T/a.json" "$T/$name.json"
		is_clean "$name"
	done
	in_order "$T/a.stored"
	has_lines "$T/a.json" "$all"
	run ! grep -h -e lost -e forgotten -e 'may be there' "$T"/*.err
}
has_gone() {
	! kill -0 "$1" 2>/dev/null
}
has_stored() {
	stored "$1" >"$T/$1.stored"
	has_lines "$T/$1.stored" "$2"
}

# is_clean NAME: no program of the node has crashed, or misunderstood another.
# They may have been killed by KILL, and may have complained of the log.
is_clean() {
	run ! grep -h -e 'signal [^9 ]' -e 'no helper says' -e 'the room says' \
	    -e 'is no entry' -e 'exited with status' -e Sanitizer "$T/$1".log*
}

# A room of three nodes over etcd: whoever is killed, nothing is lost or doubled

# bats file_tags=long
load helpers.bash
load chance.bash
load etcd.bash
load cluster.bash

# How often the leader is killed, and how many mishaps come after one of each.
LEADERS=${CHAT_LEADERS:-20}
MISHAPS=${CHAT_MISHAPS:-0}

setup() {
	need_etcd
	seeded
}

teardown() {
	end_cluster
}

@test "the leader of etcd is killed, again and again" {
	local i
	start_cluster
	start_talk
	for ((i = 1; i <= LEADERS; i++)); do
		get_leader
		rush
		kill_member "$LEADER"
		# Everybody has to find another one.
		goes_on
		start_members "$LEADER"
	done
	end_talk
}

# What can go wrong; each of these ends when all is well.

lose_leader() {
	get_leader
	rush
	kill_member "$LEADER"
	some 0 1500
	start_members "$LEADER"
}

lose_follower() {
	get_leader
	any "${FOLLOWERS[@]}"
	rush
	kill_member "$ANY"
	goes_on
	start_members "$ANY"
}

lose_two() {
	any "${NODES[@]}"
	others "$ANY"
	rush
	kill_member "${OTHERS[@]}"
	some 500 3000
	start_members "${OTHERS[@]}"
}

lose_all() {
	rush
	kill_member "${NODES[@]}"
	some 0 1500
	start_members "${NODES[@]}"
}

# stop_member NAME: for a while, at most 4 seconds.
stop_member() {
	rush
	etcd_kill "$BASE/$1" STOP
	some 500 4000
	etcd_kill "$BASE/$1" CONT
}

stop_leader() {
	get_leader
	stop_member "$LEADER"
}

stop_follower() {
	get_leader
	any "${FOLLOWERS[@]}"
	stop_member "$ANY"
}

lose_node() {
	any "${NODES[@]}"
	rush
	kill_node "$ANY"
	some 0 500
	start_nodes "$ANY"
}

# Its clients have to go on elsewhere.
lose_node_longer() {
	any "${NODES[@]}"
	others "$ANY"
	rush
	kill_node "$ANY"
	goes_on "${OTHERS[@]}"
	start_nodes "$ANY"
}

lose_machine() {
	any "${NODES[@]}"
	others "$ANY"
	rush
	kill_member "$ANY"
	kill_node "$ANY"
	goes_on "${OTHERS[@]}"
	start_members "$ANY"
	start_nodes "$ANY"
}

# What it has taken was not in the log yet.
lose_stuck_node() {
	get_leader
	any "${NODES[@]}"
	rush
	kill_member "$LEADER"
	rush
	some 0 300
	kill_node "$ANY"
	start_members "$LEADER"
	start_nodes "$ANY"
}

# Its readers come to nodes that are behind.
lose_node_before_others() {
	local name pids=()
	any "${NODES[@]}"
	is_at "$ANY"
	others "$ANY"
	for name in "${OTHERS[@]}"; do
		get_helper "$name"
		pids+=("$HELPER")
	done
	kill -STOP "${pids[@]}"
	rush
	kill_node "$ANY"
	some 100 400
	kill -CONT "${pids[@]}"
	start_nodes "$ANY"
}

end_node() {
	any "${NODES[@]}"
	rush
	end_job "${NODE_PID[$ANY]}" TERM
	start_nodes "$ANY"
}

lose_all_nodes() {
	rush
	kill_node "${NODES[@]}"
	start_nodes "${NODES[@]}"
}

lose_helper() {
	any "${NODES[@]}"
	get_helper "$ANY"
	rush
	kill -KILL "$HELPER"
}

lose_all_helpers() {
	local name pids=()
	for name in "${NODES[@]}"; do
		get_helper "$name"
		pids+=("$HELPER")
	done
	rush
	kill -KILL "${pids[@]}"
}

# The log has taken what it had put, and takes that again from the next one.
lose_stopped_helper() {
	any "${NODES[@]}"
	get_helper "$ANY"
	rush
	kill -STOP "$HELPER"
	some 50 500
	kill -KILL "$HELPER"
}

stop_helper() {
	any "${NODES[@]}"
	get_helper "$ANY"
	rush
	kill -STOP "$HELPER"
	some 500 2000
	kill -CONT "$HELPER"
}

stop_node() {
	any "${NODES[@]}"
	# shellcheck disable=SC2034
	CHATD=${NODE_PID[$ANY]}
	room_pid
	rush
	kill -STOP "$ROOM_PID"
	some 500 2000
	kill -CONT "$ROOM_PID"
}

# upgrade NAME: begin to. has_upgraded NAME: it has.
upgrade() {
	count "$T/$1.log" ' upgraded: '
	UPGRADED=$COUNT
	kill -USR2 "${NODE_PID[$1]}"
}
has_upgraded() {
	count "$T/$1.log" ' upgraded: '
	[ "$COUNT" -gt "$UPGRADED" ]
}

upgrade_node() {
	any "${NODES[@]}"
	rush
	upgrade "$ANY"
	until_ok has_upgraded "$ANY"
}

# Its state has an entry that is outstanding, and more that waits.
upgrade_stuck_node() {
	get_leader
	any "${NODES[@]}"
	rush
	kill_member "$LEADER"
	rush
	some 0 300
	upgrade "$ANY"
	until_ok has_upgraded "$ANY"
	start_members "$LEADER"
}

lose_two_machines() {
	any "${NODES[@]}"
	others "$ANY"
	rush
	kill_member "${OTHERS[@]}"
	kill_node "${OTHERS[@]}"
	some 0 1500
	start_members "${OTHERS[@]}"
	start_nodes "${OTHERS[@]}"
}

ALL=(lose_leader lose_follower lose_two lose_all stop_leader stop_follower
	lose_node lose_node_longer lose_node_before_others lose_machine
	lose_two_machines lose_stuck_node lose_all_nodes end_node stop_node
	lose_helper lose_all_helpers lose_stopped_helper stop_helper
	upgrade_node upgrade_stuck_node)

@test "members, nodes and helpers are killed and stopped, and come back" {
	local i mishap list=("${ALL[@]}")
	start_cluster
	start_talk
	# Each once, in any order; then any.
	for ((i = 0; i < ${#ALL[@]} + MISHAPS; i++)); do
		[ ${#list[@]} -gt 0 ] || list=("${ALL[@]}")
		mishap=$((RANDOM % ${#list[@]}))
		echo "$SECONDS s: ${list[mishap]}"
		"${list[mishap]}"
		unset "list[mishap]"
		list=("${list[@]}")
		goes_on
	done
	end_talk
}

@test "with one member of three, nodes are cut off until others come back" {
	local name
	start_cluster
	start_talk
	get_leader
	kill_member "${FOLLOWERS[@]}"
	for name in "${NODES[@]}"; do
		in_time 60 matches "$T/$name.log" \
		    ' cut off: without the log for 10 seconds$'
	done
	# Those who were there, and who come now.
	for name in a b c tick; do
		until_ok matches "$T/$name.err" 'this room is cut off'
	done
	for name in "${NODES[@]}"; do
		until_ok matches "$T/$name.out.err" 'this room is cut off'
		run -2 timeout 20 chat-send -m never "$T/$name.room"
		[[ $output == *': this room is cut off'* ]]
	done
	# What one of them has acknowledged last, another may not have heard.
	alike "${NODES[@]}"
	start_members "${FOLLOWERS[@]}"
	goes_on
	for name in "${NODES[@]}"; do
		until_ok matches "$T/$name.log" ' no longer cut off$'
	done
	end_talk
}

# is_removed TOKEN: etcd has not kept what comes after that.
is_removed() {
	local why
	why=$(etcdctl_of "$BASE/a" get chat/lounge --rev $(($1 + 1)) 2>&1)
	[[ $why == *'revision has been compacted'* ]]
}

@test "a node that was away for too long takes another one's store" {
	local status=0 token
	# shellcheck disable=SC2034
	local SEGMENT=64K
	# So much is said in ten seconds, and in four rushes: that long a copy
	# may take to come into use.
	start_cluster -m 1M -M 2M
	start_talk
	kill_node c
	token=$(cat "$T/c"/* | sed -n $'s/^\001log [0-9]* \\([0-9]*\\) .*/\\1/p' |
	    tail -n 1)
	for _ in 1 2 3 4; do
		rush
	done
	in_time 60 is_removed "$token"
	run_node c
	in_time 60 has_gone "${NODE_PID[c]}"
	wait "${NODE_PID[c]}" || status=$?
	[ "$status" -eq 2 ]
	matches "$T/c.log" "chatd: $T/c: the log begins at position [0-9]+ by \
now, and this store is at [0-9]+; copy another node's store\$"
	# Of one that goes on meanwhile.
	any a b
	mv "$T/c" "$T/c.old"
	rsync -a "$T/$ANY/" "$T/c/"
	rsync -a --delete "$T/$ANY/" "$T/c/"
	: >"$T/c.log"
	start_nodes c
	goes_on
	end_talk
}

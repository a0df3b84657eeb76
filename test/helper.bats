# The helper of a log: how chatd -L runs a command, and how that ends
# shellcheck disable=SC2154 # bats sets them
load helpers.bash

teardown() {
	cleanup
	# What a failed test leaves behind.
	end_groups
}

# end_groups: kill what is left of the helpers.
end_groups() {
	local pid
	[ -e "$T/starts" ] || return 0
	while read -r pid; do
		kill -KILL -- "-$pid" 2>/dev/null || true
	done <"$T/starts"
}

# start_node SCRIPT [OPTION...]: a room with this shell script as its helper. Each
# start of it is a line with its pid in $T/starts. It need not listen.
start_node() {
	echo "echo \$\$ >>'$T/starts'; $1" >"$T/helper"
	: >"$T/starts"
	start interruptible chatd -s "$T/store" -n paris "${@:2}" \
	    -L "exec sh '$T/helper'" 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok started 1
}

# started N: at least so many helpers have been.
started() {
	local starts
	mapfile -t starts <"$T/starts"
	[ ${#starts[@]} -ge "$1" ] || return
	HELPER=${starts[-1]}
}

# gone PID...: none of these runs. Where process 1 reaps nobody, what has lost
# its parent stays a zombie.
gone() {
	local pid
	for pid; do
		! kill -0 "$pid" 2>/dev/null ||
		    grep -qs '^State:.Z' "/proc/$pid/status" || return
	done
}

# What ends neither when its socket does nor at a TERM, and has a child like that,
# whose pid is in $T/child.
STUBBORN='trap "" TERM; sleep 1000 & echo $! >"$0.child"; wait'

# is_stubborn: the helper is in that state.
is_stubborn() {
	[ -s "$T/helper.child" ] && CHILD=$(<"$T/helper.child")
}

@test "it has a socket, the log, its node's name, and nothing else" {
	start_node 'cd "/proc/$$/fd"
		(
			echo "$CHATD_NODE"
			readlink 0 1 2
			ls
		) >"$0.new"
		mv "$0.new" "$0.said"
		exec sleep 1000'
	until_ok [ -e "$T/helper.said" ]
	mapfile -t said <"$T/helper.said"
	printf 'said: %s\n' "${said[@]}"
	[ "${said[0]}" = paris ]
	[[ ${said[1]} == socket:* ]]
	[ "${said[2]}" = "${said[1]}" ]
	[ "${said[3]}" = "$T/log" ]
	# The shell reads its script from one more: dash from 10, bash from 255.
	[[ ${said[*]:4} =~ ^0\ 1(\ 10)?\ 2(\ 255)?$ ]]
}

# It says so itself: while it waits for another, a shell blocks signals.
@test "it is in a process group of its own, and no signal is ignored or blocked" {
	(
		trap '' HUP USR1
		start_node 'say() {
				while read -r line; do echo "$line"; done <"$1"
			}
			say /proc/self/status >"$0.new"
			say /proc/self/stat >>"$0.new"
			mv "$0.new" "$0.said"
			exec sleep 1000'
		echo "$HELPER" >"$T/pid"
		until_ok [ -e "$T/helper.said" ]
		stop "$CHATD"
	)
	read -r -a stat < <(tail -n 1 "$T/helper.said")
	# After pid, name, state and parent.
	[ "${stat[4]}" = "$(<"$T/pid")" ]
	grep -Eq '^SigBlk:[[:space:]]*0+$' "$T/helper.said"
	ignored=$(sed -n 's/^SigIgn:[[:space:]]*//p' "$T/helper.said")
	# But for two that are libc's own, which no program can set.
	[ $((16#$ignored & ~(3 << 31))) -eq 0 ]
}

@test "without -n, the node is named by the first label of the host's name" {
	local want
	want=$(uname -n)
	want=${want%%.*}
	[[ $want =~ ^[A-Za-z0-9._-]{1,32}$ ]] || skip 'no such host name'
	start chatd -s "$T/store" \
	    -L "echo \$CHATD_NODE >$T/new; mv $T/new $T/said; sleep 1000" \
	    127.0.0.1:0 2>"$T/log"
	until_ok [ -e "$T/said" ]
	[ "$(<"$T/said")" = "$want" ]
	stop "$PID"
	[ "$STATUS" -eq 0 ]
}

@test "it is started again whenever it ends, which is logged once" {
	start_node 'exit 3'
	until_ok started 4
	count "$T/log" '^chatd: log helper: '
	[ "$COUNT" -eq 1 ]
	has_line "$T/log" 'chatd: log helper: exited with status 3'
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
}

@test "one that is killed is started again, and nothing of it is left" {
	start_node "$STUBBORN"
	until_ok is_stubborn
	first=$HELPER
	kill -KILL "$first"
	until_ok started 2
	until_ok gone "$first" "$CHILD"
	has_line "$T/log" 'chatd: log helper: was killed by signal 9 (Killed)'
	stop "$CHATD"
	until_ok gone "$HELPER"
}

@test "one that closes its socket and lives on is ended, and started again" {
	start_node "exec <&- >&-; $STUBBORN"
	until_ok is_stubborn
	first=$HELPER
	until_ok started 2
	until_ok gone "$first" "$CHILD"
	until_ok started 3
	count "$T/log" '^chatd: log helper: '
	[ "$COUNT" -eq 1 ]
	has_line "$T/log" \
	    'chatd: log helper: it closed its socket and did not end'
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
}

@test "one that closes its socket has time to end by itself" {
	# Less than the second that it has, for sleep has to be started, too.
	start_node 'exec <&- >&-; sleep 0.1; exit 3'
	until_ok started 2
	has_line "$T/log" 'chatd: log helper: exited with status 3'
	stop "$CHATD"
	run ! grep 'closed its socket' "$T/log"
}

# refused COMMAND WHY: chatd ends at once with this of -L, and status 2.
refused() {
	run -2 --separate-stderr timeout 20 env JOURNAL_STREAM= chatd \
	    -s "$T/store" -n paris -L "$1" 127.0.0.1:0
	# The room may have something to say, too.
	[[ $stderr$'\n' == *"chatd: -L $1: exited with status $2"$'\n'* ]]
	[[ $stderr != *killed* ]]
	# The store is as it was, and free.
	start_node 'sleep 1000'
	stop "$CHATD"
}

@test "a command that is wrong ends chatd, which says why" {
	local usage='its syntax, an option or an operand is wrong'
	refused "$T/none" '127: it is not found'
	[[ $stderr == *"$T/none: not found"* || \
	    $stderr == *"$T/none: No such file"* ]]
	: >"$T/plain"
	refused "$T/plain" '126: it cannot be executed'
	refused 'sh -c "exit 2"' "2: $usage"
	refused 'if' "2: $usage"
	# Usage that goes to the room.
	refused 'trap "" TERM; echo usage; exit 2' "2: $usage"
	# All that the log has space for.
	run -2 --separate-stderr timeout 20 chatd -s "$T/store" -n paris \
	    -L "exit 2 $(printf '#%05000d' 1)" 127.0.0.1:0
	[[ $stderr == *"00: exited with status 2: $usage" ]]
}

@test "a command that becomes wrong is tried again" {
	start_node "[ -e '$T/second' ] && exit 127; >'$T/second'; exit 1"
	until_ok started 3
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
}

@test "TERM: nothing of it is left when chatd has ended" {
	start_node "$STUBBORN"
	until_ok is_stubborn
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	gone "$HELPER"
	until_ok gone "$CHILD"
	run ! grep 'log helper' "$T/log"
}

@test "it can end by itself when the room has" {
	start_node 'trap "" TERM
		while read -r line; do :; done
		echo over >"$0.over"'
	until_ok started 1
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	[ "$(<"$T/helper.over")" = over ]
}

@test "the room process is killed: nothing of it is left" {
	start_node "$STUBBORN"
	until_ok is_stubborn
	room_pid
	[ "$ROOM_PID" != "$HELPER" ]
	kill -KILL "$ROOM_PID"
	wait "$CHATD" || STATUS=$?
	[ "$STATUS" -eq 2 ]
	has_line "$T/log" \
	    'chatd: the room process was killed by signal 9 (Killed)'
	gone "$HELPER"
	until_ok gone "$CHILD"
}

@test "the keeper is killed: the helper ends, too" {
	[ "$(uname)" = Linux ] || skip 'only Linux tells it'
	start_node "$STUBBORN"
	until_ok is_stubborn
	kill -KILL "$CHATD"
	until_ok gone "$HELPER"
}

# It is quick: once in two times its end is seen before the room's.
@test "a room that ends by itself says why, and nothing of its helper" {
	local i
	for i in {1..8}; do
		run -2 timeout 20 chatd -s "$T/store$i" -n paris -L "
		    printf '\001log x 1 1\n\001got 1 t1 2\nx\n'
		    exec cat >'$T/heard'" 127.0.0.1:0 3>&-
		[[ $output == *': -L: the log does not begin with a room' ]]
	done
}

@test "a room that can't start takes its helper along" {
	# It waits for a second before it gives up.
	start chatd -s "$T/store" "$T/other" 2>"$T/other.log"
	until_ok matches "$T/other.log" 'listening on'
	start_node "$STUBBORN"
	wait "$CHATD" || STATUS=$?
	[ "$STATUS" -eq 2 ]
	gone "$HELPER"
}

# upgrade: have the room's program executed anew, and wait until it goes on.
upgrade() {
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" '^chatd: upgraded: '
}

# has_parent PID PARENT
has_parent() {
	[ "$(status_of "$1" PPid)" = "$2" ]
}

# takes_orders: the room answers. It doesn't listen, since no log answers it.
takes_orders() {
	kill -USR1 "$CHATD"
	until_ok matches "$T/log" '^chatd: clients 0, '
}

# is_upgrading: the keeper has a file for the state.
is_upgrading() {
	[[ $(readlink "/proc/$CHATD/fd/"*) == */memfd:* ]]
}

@test "an upgrade leaves it alone, and the new program goes on with it" {
	start_node 'exec sleep 1000'
	takes_orders
	first=$HELPER
	upgrade
	has_parent "$first" "$CHATD"
	has_lines "$T/starts" 1
	kill -KILL "$first"
	until_ok started 2
	has_parent "$HELPER" "$CHATD"
	has_line "$T/log" 'chatd: log helper: was killed by signal 9 (Killed)'
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	gone "$first" "$HELPER"
}

# The keeper waits for the room, and looks after nothing else.
@test "one that ends during an upgrade is not missed" {
	[ "$(uname)" = Linux ] || skip 'needs to see when it has begun'
	start_node 'exec sleep 1000'
	takes_orders
	room_pid
	kill -STOP "$ROOM_PID"
	kill -USR2 "$CHATD"
	until_ok is_upgrading
	kill -KILL "$HELPER"
	kill -CONT "$ROOM_PID"
	until_ok matches "$T/log" '^chatd: upgraded: '
	until_ok started 2
	has_line "$T/log" 'chatd: log helper: was killed by signal 9 (Killed)'
}

# One room on several machines, as chatd(8) tells to run it
#
# What the page says to type is typed as it stands, on four machines: each has a
# network, a name and a directory of its own, $DIR/NAME, and a window of one
# terminal. A switch connects them, which others are at, too.
load helpers.bash
load tmux.bash
load world.bash
load etcd.bash

MACHINES=(red green blue)
PAGE=(chatd.8 'SEVERAL MACHINES')

setup() {
	need_etcd
	# A member syncs a lot, which is nothing there.
	DIR=$(mktemp -d /dev/shm/chat.XXXXXX) || skip 'there is no /dev/shm'
	enter_world
	stub_machines
}
teardown() {
	local name
	[ -n "$BATS_TEST_COMPLETED" ] || [ -z "${WORLD:-}" ] ||
	    for name in "${MACHINES[@]}"; do
		at "$name"
		screen | tail -n 25 | sed "s/^/$name: /"
	done
	close_term
	[ -z "${DIR:-}" ] || rm -rf "$DIR"
}

# What makes a machine of a shell, and what gets from one to another.
stub_machines() {
	# NAME ADDRESS: process 1 is where the switch is.
	stub machine <<-END
		#!/bin/sh
		hostname "\$1" && cd "$DIR/\$1" && ip link set lo up &&
		nsenter -t 1 -n ip link add "\$1" type veth \\
		    peer name eth0 netns \$\$ &&
		nsenter -t 1 -n ip link set "\$1" master switch up &&
		ip addr add "\$2/24" dev eth0 && ip link set eth0 up &&
		exec bash --norc --noprofile
	END
	stub ssh <<-END
		#!/bin/sh
		cd "$DIR/\$1" && shift && exec "\$@"
	END
}

# start_machines: all are there, and nothing runs on them.
start_machines() {
	local names=(red green blue yellow) n
	start_world
	# Instead of the addresses that one machine has.
	echo '127.0.0.1 localhost' >"$T/hosts"
	for n in 1 2 3 4; do
		mkdir "$DIR/${names[n - 1]}"
		echo "192.0.2.$n ${names[n - 1]}" >>"$T/hosts"
	done
	inside sh -c 'ip link add here type veth peer name there &&
	    ip link del here && ip link add switch type bridge &&
	    ip addr add 192.0.2.250/24 dev switch && ip link set switch up' ||
	    skip 'this system has no network of its own'
	for n in 1 2 3 4; do
		open_machine "${names[n - 1]}" "192.0.2.$n"
	done
}
open_machine() {
	local env=(PS1='$ ' HOME="$T" PATH="$T/bin:$PATH:/usr/sbin" TZ=UTC)
	if [ "$1" = red ]; then
		open_term 200 50 "${env[@]}" unshare -nu machine "$@"
		term rename-window "$1"
	else
		term new-window -n "$1" env TERM=screen "${env[@]}" \
		    unshare -nu machine "$@"
	fi
	at "$1"
	done_typing
}

# at MACHINE: what is typed and seen from now on is there.
at() {
	term select-window -t "$1"
}

# signal MACHINE SIGNAL PROGRAM: of those that its shell has started.
signal() {
	at "$1"
	inside pkill "-$2" -x -P "$(term display-message -p '#{pane_pid}')" "$3"
}

# begin_at MACHINE TEXT [SED]: type what the page says below that, on a clean
# screen, or what sed makes of it. The address is that of the first machine there.
begin_at() {
	local address
	at "$1"
	enter clear
	done_typing
	term clear-history
	commands "${PAGE[@]}" "$2"
	address=$(sed -n "s/ $1\$//p" "$T/hosts")
	sed -i "s/192\.0\.2\.1\>/$address/;${3:-}" "$T/commands"
	paste_file "$T/commands"
}
follow_at() {
	begin_at "$@"
	done_typing
}

# shown TEXT: what the page shows below that. message TEXT: the one in which that
# is, among those that it explains. Both as an extended expression.
shown() {
	awk -v text="$1" '
	index($0, text) == 1 { found = 1 }
	/^```/ { code = !code; if (!code && found) exit; next }
	code && found' "$ROOT/man/${PAGE[0]}.scd" | sed 's/[0-9]\{2,\}/[0-9]+/g'
}
message() {
	tr '\n' ' ' <"$ROOT/man/${PAGE[0]}.scd" | grep -o "\*[^*]*$1[^*]*\*" |
	    sed 's/\*//g; s/\<\(N\|POS\)\>/[0-9]+/g
	    s/IDENT/[^ ]+/g; s/STORE/lounge/g'
}

# sees EXPRESSION: the screen has it, and there is one.
sees() {
	[ -n "$1" ] && until_ok is_seen "$1"
}
is_seen() {
	read_screen
	[[ ${ROWS[*]} =~ $1 ]]
}

# fails_at MACHINE TEXT MESSAGE [SED]: what the page says to type ends with that.
fails_at() {
	begin_at "$1" "$2" "${4:-}"
	enter 'echo "status $?"'
	sees "$(message "$3").*status 2"
}

# leaves MACHINE: its node ends.
leaves() {
	at "$1"
	press C-c
	done_typing
}

# is_in NAME: its node listens. start_room: on all machines of the page.
is_in() {
	at "$1"
	until_ok has_on_screen 'listening on'
}
start_room() {
	local name
	for name in "${MACHINES[@]}"; do
		begin_at "$name" '*Start* a room'
	done
	for name in "${MACHINES[@]}"; do
		is_in "$name"
	done
}

# say_at NODES LINE...: somebody does, and is told that it counts.
say_at() {
	local nodes=$1
	shift
	printf '%s\n' "$@" | inside timeout 60 chat-send -r "$nodes"
}

# hear_at NODE: all that was ever said, in $T/NODE, as long as the test takes.
hear_at() {
	inside timeout 600 chat-recv -r -l 100000 "$1" >"$T/$1" 2>"$T/$1.err" &
	STARTED+=("$!")
}

# lines_of MACHINE: what its store has, but for control lines.
lines_of() {
	cat "$DIR/$1"/lounge/0* | grep -av $'^\001'
}
same_lines() {
	lines_of "$1" | cmp -s - <(lines_of "$2")
}

# speaker: numbers, each on a line, until $T/quiet is there.
speaker() {
	local i
	for ((i = 1; ; i++)); do
		echo "$i"
		[ ! -e "$T/quiet" ] || return 0
		pause 0.01
	done
}

# hears_more FILE: somebody has said more by now.
hears_more() {
	local lines
	lines=$(wc -l <"$1")
	until_ok is_longer "$1" "$lines"
}
is_longer() {
	[ "$(wc -l <"$1")" -gt "$2" ]
}

# stands MACHINE: its node says, when it is asked, what the page shows. What its
# helper has to say of that may come later than the first question.
stands() {
	local text
	text=$(shown '*Where a node stands*' | sed "s/as red/as $1/
	    s/the leader/(the leader|which follows)/; s/\$/.*/" | tr -d '\n')
	signal "$1" USR1 chatd
	[ -n "$text" ] && is_seen "$text"
}

@test "chatd(8), SEVERAL MACHINES: start, where a node stands, upgrade" {
	local all=red,green,blue name pid leaders=()
	start_machines
	start_room
	for name in "${MACHINES[@]}"; do
		hear_at "$name"
		say_at "$name" "from $name"
	done
	for name in "${MACHINES[@]}"; do
		until_ok has_lines "$T/$name" 3
		printf 'from %s\n' "${MACHINES[@]}" | cmp - "$T/$name"
	done

	for name in "${MACHINES[@]}"; do
		until_ok stands "$name"
		! is_seen ', the leader' || leaders+=("$name")
	done
	[ "${#leaders[@]}" -eq 1 ]

	speaker | inside timeout 300 chat-send -r "$all" &
	pid=$!
	STARTED+=("$pid")
	for name in "${MACHINES[@]}"; do
		hears_more "$T/blue"
		signal "$name" USR2 chatd
		until_ok has_on_screen 'upgraded: '
		hears_more "$T/$name"
	done
	touch "$T/quiet"
	wait "$pid"
	for name in "${MACHINES[@]}"; do
		until_ok same_lines red "$name"
	done
	lines_of red | tail -n +4 >said
	seq "$(wc -l <said)" | cmp - said
	for name in "${MACHINES[@]}"; do
		until_ok cmp -s <(lines_of red) "$T/$name"
	done
}

# forget: the log's beginning is removed, as when it is long.
forget() {
	local newest
	export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=red:2379
	newest=$(inside etcdctl get chat/lounge -w fields |
	    sed -n 's/^"Revision" : //p')
	inside etcdctl compact "$newest"
}

# comes_back MACHINE: its node does, as it was started.
comes_back() {
	begin_at "$1" '*Start* a room' '/^chatd/!d'
	is_in "$1"
}

@test "chatd(8), SEVERAL MACHINES: add a node, and copy a store" {
	local add='Then, on the new machine' copy='says so and ends' name
	start_machines
	start_room
	say_at red one two

	# One machine after the other, so that the room goes on.
	for name in "${MACHINES[@]}"; do
		leaves "$name"
		enter 'kill %1; wait %1'
		done_typing
		begin_at "$name" '*Add a node*'
		begin_at "$name" '*Start* a room' '/^chatd/!d'
		is_in "$name"
		say_at "$name" "again at $name"
	done
	begin_at yellow "$add"
	is_in yellow
	same_lines red yellow
	say_at yellow three
	until_ok same_lines red yellow

	# One is away for too long, another one has lost its store.
	leaves green
	leaves yellow
	enter 'rm -r lounge'
	done_typing
	say_at blue four
	say_at red five
	forget
	fails_at yellow "$add" 'the log begins at position N'
	[[ ${BASH_REMATCH[0]} == *'is at 0;'* ]]
	fails_at green '*Start* a room' 'the log begins at position N' '/^chatd/!d'
	[[ ${BASH_REMATCH[0]} != *'is at 0;'* ]]

	# Somebody speaks all the time.
	speaker | inside timeout 300 chat-send -r red &
	STARTED+=("$!")
	follow_at yellow "$copy"
	begin_at yellow "$add"
	is_in yellow
	follow_at green "$copy"
	comes_back green
	touch "$T/quiet"
	wait "${STARTED[-1]}"
	say_at yellow six
	say_at green seven
	for name in green blue yellow; do
		until_ok same_lines red "$name"
	done
	lines_of red | sed '8q' >said
	printf '%s\n' one two 'again at red' 'again at green' 'again at blue' \
	    three four five | cmp - said
	lines_of red | tail -n 2 | tr '\n' ' ' >said
	[ "$(cat said)" = 'six seven ' ]
}

# answers NODE TEXT: what it answers to a sender who goes on with a session.
answers() {
	printf '\001send session=one\n%s' "$2" >"$T/hello"
	inside timeout 60 socat -t 60 - "TCP:$1:5555" <"$T/hello" |
	    tr '\001\n' '^ '
}

# read_position MACHINE: the one that the page's command shows is $POSITION.
read_position() {
	begin_at "$1" '*If the log is lost*' "s|\$| >$T/position|"
	done_typing
	read -r _ POSITION _ <"$T/position"
}

# is_stuck MACHINE: its node gets no further.
is_stuck() {
	signal "$1" USR1 chatd
	is_seen 'log: joined as .* waiting.*, stuck'
}

@test "chatd(8), SEVERAL MACHINES: the log is lost" {
	local highest name
	start_machines
	start_room
	hear_at green
	[ "$(answers blue $'one\ntwo\n')" = '^ok 0 new ^ok 2 ' ]
	leaves blue
	say_at red three
	until_ok same_lines red green

	for name in green blue; do
		signal "$name" KILL etcd
		rm -r "$DIR/$name"/chat-log.*
	done
	until_ok is_stuck red
	for name in red green; do
		leaves "$name"
	done
	read_position red
	highest=$POSITION
	read_position green
	[ "$POSITION" = "$highest" ]
	read_position blue
	[ "$POSITION" -lt "$highest" ]

	follow_at red 'The first number is the position'
	sees "$(message 'has left its log')"
	[ ! -e "$DIR/red/leave" ]
	enter 'kill %1; wait %1'
	for name in "${MACHINES[@]}"; do
		begin_at "$name" 'End the members that are left'
	done
	comes_back red
	fails_at blue '*Start* a room' 'STORE: this store belongs' '/^chatd/!d'
	for name in green blue; do
		follow_at "$name" 'says so and ends'
		comes_back "$name"
	done
	[ "$(answers blue $'four\n')" = '^ok 2 ^ok 3 ' ]
	say_at green five
	for name in green blue; do
		until_ok same_lines red "$name"
	done
	until_ok has_lines "$T/green" 5
	printf '%s\n' one two three four five | cmp - "$T/green"
	lines_of red | cmp - "$T/green"
}

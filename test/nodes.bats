# One room that several nodes keep, over a fake log: what its users see.
# bats file_tags=long
load helpers.bash
load wire.bash
load log.bash
load keys.bash
load chance.bash
load fault.bash

setup() {
	start_log
}

teardown() {
	local log
	cleanup
	for log in "$T"/?.log; do
		[ ! -e "$log" ] || sed "s|^|${log##*/}: |" "$log"
	done
	cat "$T/log.err" "$T/log.answers"
}

# start_nodes NAME...: nodes with these names.
start_nodes() {
	local name
	for name; do
		start_node "$name"
	done
}

# at NAME: its room is $ROOM, at $PORT, and its pid is $CHATD.
at() {
	ROOM=${NODE_ROOM[$1]}
	PORT=${ROOM##*:}
	CHATD=${NODE_PID[$1]}
}

# enter_at NAME FORMAT [PATTERN...]: a connection to that node, as $FD, that has
# said this, and heard that.
enter_at() {
	at "$1"
	dial
	say "$FD" "$2"
	hears "$FD" "${@:3}"
}

# hears_ok DESCRIPTOR N: it does, after whatever else.
hears_ok() {
	while hear "$1"; do
		[ "$LINE" != "^Aok $2" ] || return 0
	done
	return 1
}

# say_at NAME: a chat-send of standard input at that node.
say_at() {
	chat-send "${NODE_ROOM[$1]}"
}

# records_at NAME: all that is stored there but for control lines.
records_at() {
	cat "$T/$1"/* | grep -av $'^\001'
}

# has_records NAME TEXT: these are what is stored there, a space behind each.
has_records() {
	[ "$(records_at "$1" | tr '\n' ' ')" = "$2" ]
}

# same_stores NAME...: they have the same lines by now. Somebody has heard at
# one of them that all are stored; else they may have none, the same.
same_stores() {
	local name
	for name in "${@:2}"; do
		until_ok stores_agree "$1" "$name"
	done
}
stores_agree() {
	cmp -s <(records_at "$1") <(records_at "$2")
}

# says_at NAME REGEX: that is in the node's log by now.
says_at() {
	until_ok matches "$T/$1.log" "$2"
}

# restart NAME SIGNAL [OPTION...]: end a node, and start it again.
restart() {
	stop_node "$1" "$2"
	start_node "$1" "${@:3}"
}

# fails NAME REGEX: the node has ended with status 2, and that is why.
fails() {
	until_ok has_ended "${NODE_PID[$1]}"
	STATUS=0
	wait "${NODE_PID[$1]}" || STATUS=$?
	[ "$STATUS" -eq 2 ] || return
	matches "$T/$1.log" "^chatd: $2\$"
}

# refuses NAME REGEX [OPTION...]: the node ends with status 2 at its start, and
# that is why.
refuses() {
	run -2 timeout 20 chatd -s "$T/$1" -n "$1" \
	    -L "exec '$FAKELOG' -j '$T/log.sock' room" "${@:3}" \
	    "$T/$1.room" 3>&-
	[[ $output =~ "chatd: "$2($'\n'|$) ]] && return
	echo "$output"
	return 1
}

# alone NAME [COMMAND...]: without the log, the store of a node gets the lines of
# standard input, as many as there are: the command says them at $T/alone.
alone() {
	start chatd -s "$T/$1" "$T/alone" 2>"$T/$1.log"
	until_ok listens_at "$T/alone"
	if [ $# -eq 1 ]; then
		chat-send "$T/alone"
	else
		"${@:2}"
	fi
	stop "$PID"
}

# in_session TOKEN N: standard input is said in that session, which has N lines
# in all then.
in_session() {
	{ printf '\001send session=%s\n' "$1"; cat; } |
	    talk "UNIX:$T/alone" >"$T/told"
	[ "$(tail -n 1 "$T/told")" = "^Aok $2" ]
}

@test "three nodes: what is said at one is heard at all, in one order" {
	local a b c node first
	start_nodes a b c
	enter_at a '\001chat\n' '^Aok 0' '^Aat *'; a=$FD
	first=${LINE#^Aat }
	enter_at b '\001recv\n' "^Aat $first"; b=$FD
	at c
	enter; c=$FD
	say "$a" 'one\n'
	hears "$a" '^Aok 1'
	hears "$b" one
	hears "$c" one
	say "$c" 'two\n'
	hears "$a" "^Aat $((first + 1))" two
	hears "$b" two
	say_at b <<<three
	hears "$a" three
	hears "$b" three
	# What was one's own doesn't come back.
	hears "$c" three
	for node in a b c; do
		enter_at "$node" '\001recv last=9 times\n' "^Aat $first" \
		    '^Atime *' one
		enter_at "$node" '\001recv last=2\n' "^Aat $((first + 1))" \
		    two three
	done
	same_stores a b c
	log_was_right
	matches "$T/a.log" 'joined the log as a at position 1$'
	matches "$T/c.log" 'joined the log as c at position 3$'
}

@test "at full speed from three sides, all have one order" {
	local name send=()
	start_nodes a b c
	for name in a b c; do
		numbered "$name" 1 3000 >"$T/$name.in"
		ROOM=${NODE_ROOM[$name]}
		start_recv "$T/$name.out"
		start_send "$T/$name.in"
		send+=("$PID")
	done
	for name in "${send[@]}"; do
		ends "$name"
	done
	for name in a b c; do
		until_ok has_lines "$T/$name.out" 9000
		grep "^$name" "$T/a.out" | cmp - "$T/$name.in"
	done
	cmp "$T/a.out" "$T/b.out"
	cmp "$T/a.out" "$T/c.out"
	same_stores a b c
	records_at a | cmp - "$T/a.out"
	log_was_right
}

@test "a sender has sent when the log has taken it, and not before" {
	start_nodes a b
	at a
	log_order stall room a
	echo hello >"$T/in"
	start_send "$T/in"
	local sender=$PID
	says_at a 'log: stuck: '
	kill -0 "$sender"
	enter_at b '\001recv last=1\n' '^Aat *'
	log_order resume room a
	ends "$sender"
	hears "$FD" hello
	at b
	[ "$(chat-recv -l 1 -c 1 "$ROOM")" = hello ]
	says_at a 'log: going on'
	log_was_right
}

# A token of a session, as any client may make it up.
SESSION=session=0123456789abcdef

@test "a session goes on at another node when its own is killed" {
	local fd first
	start_nodes a b
	enter_at b '\001recv\n' '^Aat *'; fd=$FD
	first=${LINE#^Aat }
	enter_at a "\\001send $SESSION\\n1\\n2\\n\\377\\n3\\n" '^Aok 0 new'
	hears_ok "$FD" 4
	hears "$fd" 1 2 3
	stop_node a KILL
	# What it had not heard of is said again.
	enter_at b "\\001send $SESSION\\n" '^Aok 4'
	say "$FD" '5\n6\n'
	hears_ok "$FD" 6
	hears "$fd" 5 6
	start_node a
	same_stores a b
	enter_at a "\\001recv from=$first\\n" "^Aat $first" 1 2 3 5 6
	log_was_right
}

@test "a session that is taken over has its last lines void" {
	local a
	start_nodes a b
	enter_at a "\\001chat $SESSION\\n1\\n" '^Aok 0 new' '^Aat *' '^Aok 1'
	a=$FD
	log_order stall room a
	say "$a" '2\n3\n'
	enter_at b "\\001send $SESSION\\n2\\n" '^Aok 1' '^Aok 2'
	log_order resume room a
	# Not a word of the lines that were its own.
	hears "$a" '^Aat *' '^Abye another connection has taken over this session'
	hears_end "$a"
	say "$FD" '3\n\377\n'
	hears_ok "$FD" 4
	# And back again, with one that was refused.
	enter_at a "\\001chat $SESSION\\n" '^Aok 4' '^Aat *'
	same_stores a b
	[ "$(records_at a | tr '\n' ' ')" = '1 2 3 ' ]
	log_was_right
}

@test "one that has ended its words hears no ok for what is void" {
	start_nodes a b
	at a
	log_order stall room a
	start told "$PORT" "\\001send $SESSION\\n1\\n" >"$T/out"
	local told=$PID
	log_order resume room a
	until_ok has_line "$T/out" '^Aok 1'
	log_order stall room a
	echo 2 >"$T/more"
	until_ok has_waiting a 1
	says_at a 'log: stuck: '
	enter_at b "\\001send $SESSION\\n3\\n4\\n5\\n" '^Aok 1'
	hears_ok "$FD" 4
	log_order resume room a
	ends "$told"
	[ "$(tail -n 1 "$T/out")" = '^Aok 1' ]
	same_stores a b
	[ "$(records_at a | tr '\n' ' ')" = '1 3 4 5 ' ]
}
# told PORT FORMAT: say that, and once there is $T/more, that, and no more; what
# is heard is written.
told() {
	# shellcheck disable=SC2059
	{
		printf "$2"
		until_ok [ -e "$T/more" ]
		cat "$T/more"
	} | socat -T 30 -t 30 - "TCP:127.0.0.1:$1" | sed -u 's/\x01/^A/g'
}

@test "of two that take up a session at two nodes at once, one has it" {
	local i a b total=0 HEARD
	start_nodes a b
	for i in {1..12}; do
		HEARD=()
		at a; dial; a=$FD
		at b; dial; b=$FD
		say "$a" "\\001send $SESSION\\na$i\\n"
		say "$b" "\\001send $SESSION\\nb$i\\n"
		# Each may hear an ok or more, and one of them that it's over.
		until_ok one_has_ended "$a" "$b"
		hang_up "$a" "$b"
	done
	same_stores a b
	total=$(records_at a | wc -l)
	[ "$total" -ge 12 ]
	[ -z "$(records_at a | sort | uniq -d)" ]
	enter_at a "\\001send $SESSION\\n" "^Aok $total"
	log_was_right
}
# one_has_ended DESCRIPTOR...: one of them was told that another has taken over.
# What they have heard so far is ${HEARD[@]}: the time may end within a line.
one_has_ended() {
	local fd line status
	for fd; do
		status=0
		while [ "$status" -eq 0 ]; do
			IFS= read -r -t 0.01 -u "$fd" line || status=$?
			HEARD[fd]+=$line
			[[ ${HEARD[fd]} != *'has taken over'* ]] || return 0
		done
	done
	return 1
}

@test "readers go on at another node" {
	local first a b
	start_nodes a b
	enter_at a '\001recv\n' '^Aat *'
	first=${LINE#^Aat }
	numbered '' 1 500 | say_at a
	enter_at b "\\001recv from=$((first + 250))\\n" \
	    "^Aat $((first + 250))" {251..500}
	# What b doesn't have yet, it waits for.
	log_order stall room b
	echo 501 | say_at a
	at b
	dial; b=$FD
	say "$b" "\\001recv from=$((first + 501))\\n"
	dial; a=$FD
	say "$a" "\\001recv from=$((first + 9999))\\n"
	enter_at b '\001recv last=1\n' "^Aat $((first + 499))" 500
	log_order resume room b
	hears "$b" "^Aat $((first + 501))"
	# Nobody has that.
	hears "$a" '^Alost [?]' "^Aat $((first + 501))"
	echo 502 | say_at a
	hears "$b" 502
	log_was_right
}

# start_on NAME [OPTION...]: a node that listens at $T/NAME.room, too.
start_on() {
	start_node "$@" "$T/$1.room"
}

# turn_to NAME: who dials $T/room comes to that node.
turn_to() {
	ln -sfn "$T/$1.room" "$T/room.new"
	mv -T "$T/room.new" "$T/room"
}

# fed TEXT ADDRESS: a sender whose lines begin with TEXT; each time that the test
# feeds it, it has 2000 more, and after the fifth time it has said all.
fed() {
	local i
	for i in {0..4}; do
		until_ok [ -e "$T/feed.$i" ]
		numbered "$1" $((i * 2000 + 1)) $((i * 2000 + 2000))
	done | chat-send -r "$2"
}
feed() {
	: >"$T/feed.$1"
	until_ok says_more "$T/out" $(($1 * 4000 + 100))
}
says_more() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

@test "kills of nodes and helpers in mid-stream: nothing is lost or doubled" {
	local i=0 to a b
	start_on a
	start_on b
	turn_to a
	ROOM=$T/b.room
	start_recv "$T/out" -r
	start fed a "$T/room"
	a=$PID
	start fed b "$T/b.room"
	b=$PID
	feed 0
	log_order cut room a
	for to in b a; do
		feed $((++i))
		stop_node a KILL
		turn_to "$to"
		start_on a
		feed $((++i))
		log_order cut room b
	done
	stop_node b KILL
	start_on b
	ends "$a"
	ends "$b"
	until_ok has_lines "$T/out" 20000
	grep a "$T/out" | cmp <(numbered a 1 10000) -
	grep b "$T/out" | cmp <(numbered b 1 10000) -
	same_stores a b
	log_was_right
}

# ident NAME: the log's identity, as the node has stored it.
ident() {
	sed -n '/^.shared /{s/^[^ ]* //;s/ .*//p;q}' "$T/$1"/*
}

# strange COMMANDS: ${STRANGE[@]} is the options of a node whose helper executes
# these first, once; the next one is like others.
strange() {
	echo "$1" >"$T/before"
	STRANGE=(-L "! mv '$T/before' '$T/now' 2>/dev/null || . '$T/now'
	    exec '$FAKELOG' -j '$T/log.sock' room")
}

# The joiner hands its socket on, so it's another program that hangs here.
@test "a helper that hangs is ended after 10 seconds, and another one is started" {
	strange "printf '\\001log x.room 1 0\\n'; exec sleep 1000"
	start interruptible chatd -s "$T/a" -n a "${STRANGE[@]}" 127.0.0.1:0 \
	    2>"$T/a.log"
	until_ok matches "$T/a.log" \
	    'log helper: it has not brought back our entry for 10 seconds$'
	until_ok matches "$T/a.log" 'this store belongs to another log'
}

@test "a helper that speaks nonsense is ended, and another one started" {
	local words
	start_node b
	for words in '\001nonsense\n' 'hello\n' '\001end 1\n' \
	    '\001place at one\n' \
	    '\001got 1 t1 1\nx\001log i 1 1\n' '\001log i 1\n' \
	    '\001log %s 1 999\n\001got 9 t9 1\nx' '\001got 1 t1 999999\n'; do
		strange "printf '$words' $(ident b); exec sleep 100"
		start_node a "${STRANGE[@]}"
		matches "$T/a.log" 'log helper: it says what no helper says at'
		echo "$words" | say_at a
		stop_node a
		[ "$STATUS" -eq 0 ]
	done
	same_stores b a
	[ "$(records_at b | wc -l)" -eq 8 ]
}

@test "an entry that comes twice, or late, has its effect once" {
	local send
	start_nodes a b
	log_order double room
	echo one | say_at a
	enter_at a "\\001send $SESSION\\ntwo\\n" '^Aok 0 new' '^Aok 1'
	log_order stall room a
	say "$FD" 'three\n'
	at a
	start_send <(echo four)
	send=$PID
	says_at a 'log: stuck: '
	stop_node a KILL
	# That is never known to have been said.
	STATUS=0
	wait "$send" || STATUS=$?
	[ "$STATUS" -eq 2 ]
	log_order resume room a
	start_node a
	log_order late room
	echo five | say_at a
	stop_node b KILL
	log_order late room
	start_node b
	log_order late room
	echo six | say_at b
	same_stores a b
	[ "$(records_at a | tr '\n' ' ')" = 'one two five six ' ]
	log_was_right
}

@test "what is no entry is dropped alike everywhere" {
	local text epoch
	start_nodes a b
	echo one | say_at a
	for text in 'x' '\0\n' 'entry' '\001entry 1 a 1 9 0000000000000000\n' \
	    '\001entry 1 a 1 3 0000000000000000\n\001time 1\n\001by\nx\n' \
	    '\001entry 1 z 0 1 0000000000000000\n\001time 1\n\001bare 1 0\nx\n' \
	    '\001entry 1 z 3 1 0000000000000000\n\001time 1\n\001node n\n'; do
		# shellcheck disable=SC2059
		printf "$text" >"$T/entry"
		log_order inject room "$T/entry"
	done
	echo two | say_at b
	echo three | say_at a
	same_stores a b
	[ "$(records_at b | tr '\n' ' ')" = 'one two three ' ]
	[ "$(grep -c 'what is at position .* is no entry$' "$T/a.log")" -eq 5 ]
	# A node that comes to them later reads over them, too.
	start_node c
	same_stores a c
	log_was_right
}

# inject FORMAT: the log gets an entry that no room has put, what printf makes of
# this.
inject() {
	# shellcheck disable=SC2059
	printf "$1" >"$T/entry"
	log_order inject room "$T/entry"
}

# evil EPOCH TEXT: one that begins an epoch of a node that is not there, with
# these items after that.
evil() {
	inject "\\001entry 1 evil $1 1 0000000000000000\\n\\001time 1\\n\\001node n\\n$2"
}

@test "a connection that claims a second session leaves the first one idle" {
	start_node a -r 1
	start_node b
	evil 1 '\001claim 1 s1\n\001claim 1 t1\n\001claim 2 s2\n\001down evil 1\n'
	# Of the idle ones only the last one used is kept.
	evil 2 '\001claim 1 s\n\001by 1 0\none\n\001claim 1 t\n\001by 1 0\ntwo\n'
	until_ok has_records a 'one two '
	same_stores a b
	enter_at b '\001send session=s\n' '^Aok 1'
	enter_at a '\001send session=s\n' '^Aok 1'
	inject '\001entry 1 evil 3 1 0000000000000000\n\001time 1\n\001node n\n\001claim 1 x\n\001claim 1 y\n\001part 1\n'
	enter_at a '\001send session=x\n' '^Aok 0 new'
	enter_at b '\001send session=x\n' '^Aok 0'
	enter_at b '\001send session=t\n' '^Aok 0 new'
	stop_node a KILL
	start_node a
	echo three | say_at a
	same_stores a b
	log_was_right
}

@test "an entry of a later version ends a node" {
	start_nodes a b
	printf '\001entry 2 z 1 1 what comes\n' >"$T/entry"
	log_order inject room "$T/entry"
	fails a '-L: the log has entries of a later version at position 3; .*'
	fails b '-L: the log has entries of a later version at position 3; .*'
	refuses a '-L: the log has entries of a later version at position 3; .*'
}

@test "of two rooms of one name, the older one ends" {
	start_nodes a b
	echo one | say_at a
	start_node z -n a
	fails a '-n a: another node has begun under this name; give each a name of its own'
	echo two | say_at b
	echo three | say_at z
	same_stores b z
	[ "$(records_at z | tr '\n' ' ')" = 'one two three ' ]
}

@test "TERM: a node says in the log that it goes, and knows that it has" {
	start_nodes a b
	enter_at a "\\001chat $SESSION\\none\\n" '^Aok 0 new' '^Aat *'
	hang_up "$FD"
	stop_node a
	[ "$STATUS" -eq 0 ]
	until_ok grep -aq $'^\001down a 1$' "$T/b"/*
	# After the two seconds that it has, it wouldn't have come back.
	grep -aq $'^\001down a 1$' "$T/a"/*
	start_node a
	same_stores a b
	log_was_right
}

@test "a log that is another one ends a node, or at its start" {
	start_nodes a b
	echo one | say_at a
	log_order forget room
	fails a "$T/a: this store belongs to another log: it has .*\.room, and this is .*"
	fails b "$T/b: this store belongs to another log: it has .*\.room, and this is .*"
	start_node c
	refuses a "$T/a: this store belongs to another log: it has .*\.room, and this is .*"
}

@test "a store that is ahead of the log, which has lost something" {
	start_node a
	seq 3 | say_at a
	stop_node a
	strange "printf '\\001log %s 1 2\\n' $(ident a); exec cat >/dev/null"
	refuses a "$T/a: this store is at position [3-9] of the log, which ends at 2" \
	    "${STRANGE[@]}"
}

@test "a store for which the log begins too late" {
	start_nodes a b
	stop_node b
	echo one | say_at a
	echo two | say_at a
	log_order compact room 5
	refuses b "$T/b: the log begins at position 5 by now, and this store is at [1-3]; copy another node's store"
	refuses c "$T/c: the log begins at position 5 by now, and this store is at 0; copy another node's store"
	# From a copy it goes on.
	rm -r "$T/b"
	cp -r "$T/a" "$T/b"
	start_node b
	echo three | say_at b
	same_stores a b
	log_was_right
}

@test "speakers are named at all nodes, or at none" {
	start_node a
	refuses b '-i: this room was begun without it' -i
	stop_node a
	refuses a '-i: this room was begun without it' -i
}

@test "a store that has other lines than those before the log began" {
	seq 5 | alone a
	seq 6 | alone b
	start_node a
	refuses b "$T/b: its next line is [0-9]*, and the log begins at line [0-9]*; copy another node's store"
	rm -r "$T/b"
	start_node b
	echo 6 | say_at a
	until_ok has_records b '6 '
	# It knows when the room began, and that it doesn't have all.
	enter_at a '\001recv last=9\n' '^Aat *'
	local first=${LINE#^Aat }
	hears "$FD" 1 2 3 4 5 6
	hang_up "$FD"
	enter_at b "\\001recv from=$first\\n" '^Alost 5' '^Aat *' 6
}

@test "a log begins with the sessions of the store that it begins from" {
	local node n
	seq 50 | alone a in_session X 50
	printf '\377\n' | alone a in_session Y 1
	# These have no lines: a store that has some could not join.
	printf '\377\n\377\n' | alone c in_session X 2
	printf '\377\n' | alone c in_session Z 1
	start_nodes a b c
	n=50
	for node in b a c b; do
		enter_at "$node" '\001send session=X\nmore\n' "^Aok $n" \
		    "^Aok $((n + 1))"
		n=$((n + 1))
	done
	enter_at c '\001send session=Y\n' '^Aok 1'
	enter_at c '\001send session=Z\nmore\n' '^Aok 0 new' '^Aok 1'
	enter_at b '\001send session=Z\nmore\n' '^Aok 1' '^Aok 2'
	# And so it is after a start.
	stop_node c KILL
	start_node c
	enter_at c '\001send session=X\n' '^Aok 54'
	enter_at a '\001send session=X\n' '^Aok 54'
	same_stores b c
	log_was_right
}

@test "nodes that differ notice it" {
	start_nodes a b
	seq 3 | say_at a
	same_stores a b
	stop_node b
	until_ok grep -aq $'^\001down b 1$' "$T/a"/*
	# Its hash is another one now.
	sed -i -E $'s/^(\001log [0-9]+ [^ ]+ [0-9a-f]{8})[0-9a-f]{8}/\\1deadbeef/' \
	    "$T/b"/*
	start_node b
	echo 4 | say_at b || :
	fails a "-L: this node and node b differ at position [0-9]* of the log; copy the store of one that is right"
}

# come NAME NODE: that person comes to a node, as $PERSON; what they hear there is
# in $T/NAME.NODE. tells NAME NODE LINE: they say that.
come() {
	mkfifo "$T/$1.$2.says"
	start listening "$@" >"$T/$1.$2"
	PERSON=$PID
	until_ok matches "$T/$1.$2" '^.at '
}
listening() {
	local key=()
	[ ! -e "$T/$1" ] || key=(-k "$T/$1")
	exec chat -p "${key[@]}" "${NODE_ROOM[$2]}" <>"$T/$1.$2.says"
}
tells() {
	printf '%b\n' "$3" 1<>"$T/$1.$2.says"
}

# news: who came and went, as far as ann has heard.
news() {
	sed -n 's/^\x01\(join\|part\) /\1 /p' "$T/ann.a" | tr '\n' ' '
}
has_news() {
	[ "$(news)" = "$1" ]
}

# hears_who: bob does, of all. Those at other nodes say so once c has begun.
hears_who() {
	tells bob c '\001who'
	pause 0.05
	matches "$T/bob.c" '^.here ann bob cem$'
}

@test "who is here is who is at any node" {
	local name at_b at_a cem news
	for name in ann bob cem; do
		make_key "$name"
	done
	start_node a -i -k "$T/keys"
	start_node b -i -k "$T/keys"
	come ann a
	come bob b
	at_b=$PERSON
	until_ok has_news 'join bob '
	come bob a
	at_a=$PERSON
	come cem b
	cem=$PERSON
	until_ok has_news 'join bob join cem '
	tells ann a '\001who'
	until_ok matches "$T/ann.a" '^.here ann bob cem$'
	tells cem b 'hello\n\001who'
	until_ok matches "$T/cem.b" '^.here ann bob cem$'
	until_ok has_line "$T/ann.a" 'cem: hello'
	# While bob is somewhere, he hasn't gone.
	stop "$at_b" KILL
	stop "$cem" KILL
	until_ok has_news 'join bob join cem part cem '
	stop "$at_a" KILL
	until_ok has_news 'join bob join cem part cem part bob '
	# Who was at a node that was killed has gone when that begins anew.
	rm "$T/bob.b" "$T"/*.b.says
	come bob b
	news='join bob join cem part cem part bob join bob '
	until_ok has_news "$news"
	stop_node b KILL
	start_node b -i -k "$T/keys"
	news+='part bob '
	until_ok has_news "$news"
	come cem b
	# A node that comes later learns who is there, also if its store has
	# what they have said.
	start_node c -i -k "$T/keys"
	stop_node c
	start_node c -i -k "$T/keys"
	come bob c
	until_ok hears_who
	news+='join cem join bob '
	until_ok has_news "$news"
	# TERM: they have gone at once.
	stop_node b
	until_ok has_news "${news}part cem "
	stop_node c
	refuses c '-L: this room was begun with -i, which is missing'
	same_stores a b
	log_was_right
}

@test "a new node gets all there is, and one from a copied store the rest" {
	start_node a
	seq 3000 | say_at a
	enter_at a "\\001chat $SESSION\\nx\\n\\377\\n" '^Aok 0 new'
	hears_ok "$FD" 2
	start_node b
	same_stores a b
	# Any moment will do, as long as the end is the newest segment's.
	cp -r "$T/a" "$T/c"
	seq 3001 6000 | say_at a
	start_node c
	seq 6001 6009 | say_at c
	same_stores a b c
	[ "$(records_at c | wc -l)" -eq 6010 ]
	enter_at c "\\001send $SESSION\\n" '^Aok 2'
	enter_at b "\\001send $SESSION\\n" '^Aok 2'
	log_was_right
}

@test "a store that is cut anywhere after the last log line" {
	local i size file
	start_nodes a b
	for i in 1 2 3 4 5; do
		enter_at a "\\001send session=$i\\none\\ntwo\\n" '^Aok 0 new'
		hears_ok "$FD" 2
		stop_node a KILL
		file=$(ls "$T/a")
		size=$(stat -c %s "$T/a/$file")
		truncate -s $((size - i * i * 13)) "$T/a/$file"
		start_node a
		enter_at b "\\001send session=$i\\n" '^Aok 2'
		same_stores a b
	done
	log_was_right
}

@test "a log that is lost is begun anew from a store" {
	local node first
	start_nodes a b
	enter_at a "\\001recv\\n" '^Aat *'
	first=${LINE#^Aat }
	hang_up "$FD"
	enter_at b "\\001send $SESSION\\n1\\n2\\n3\\n" '^Aok 0 new'
	hears_ok "$FD" 3
	same_stores a b
	stop_node a
	stop_node b KILL
	log_order forget room
	alone a </dev/null
	matches "$T/a.log" "$T/a: has left its log at position [0-9]+\$"
	start_node a
	rm -r "$T/b"
	cp -r "$T/a" "$T/b"
	start_node b
	enter_at b "\\001send $SESSION\\n4\\n" '^Aok 3' '^Aok 4'
	echo 5 | say_at a
	for node in a b; do
		enter_at "$node" "\\001recv from=$first\\n" "^Aat $first" \
		    1 2 3 4 5
	done
	same_stores a b
	log_was_right
}

@test "cut off: who gave a role is sent away, nc stays, and all comes back" {
	local plain listener other
	start_nodes a b
	at a
	enter; plain=$FD
	enter_at a '\001chat\nbefore\n' '^Aok 0' '^Aat *'; listener=$FD
	hears_ok "$FD" 1
	hears "$plain" before
	enter_at b '\001recv\n' '^Aat *'; other=$FD
	log_order stall room a
	say "$plain" 'meanwhile\n'
	# Who comes before the ten seconds are over, waits.
	at a
	dial
	say "$FD" "\\001send $SESSION\\nlate\\n"
	# One that starts without its log listens only to say so.
	log_order stall room c
	start chatd -s "$T/c" -n c -L "exec '$FAKELOG' -j '$T/log.sock' room" \
	    127.0.0.1:0 2>"$T/c.log"
	NODE_PID[c]=$PID
	says_at a 'cut off: without the log for 10 seconds$'
	matches "$T/a.log" 'log: stuck: '
	hears "$listener" '^Aat *' '^Abye this room is cut off'
	hears_end "$listener"
	hears "$FD" '^Abye this room is cut off'
	hears_end "$FD"
	dial
	hears "$FD" '^Abye this room is cut off'
	hears_end "$FD"
	run chat-send "$ROOM" <<<hello
	[ "$status" -ne 0 ]
	[[ $output == *'this room is cut off'* ]]
	says_at c 'cut off: without the log for 10 seconds$'
	run ! matches "$T/c.log" 'joined|listening'
	# The other node goes on without it.
	echo two | say_at b
	hears "$other" two
	kill -USR1 "$CHATD"
	says_at a 'log: cut off as a, position [0-9]*, [0-9]* behind, [1-9][0-9]* bytes waiting, an entry outstanding, stuck$'
	log_order resume room a
	log_order resume room c
	says_at a 'no longer cut off$'
	matches "$T/a.log" 'log: going on$'
	hears "$other" meanwhile
	hears "$plain" two
	echo three | say_at a
	hears "$plain" three
	hears "$other" three
	until_ok node_listens c
	same_stores a b c
	[ "$(records_at c | tr '\n' ' ')" = 'before two meanwhile three ' ]
	# The claim of who was sent away has come back, and its end.
	until_ok grep -aq $'^\001here ' "$T/b"/*
	until_ok grep -aq $'^\001part ' "$T/b"/*
	enter_at b "\\001send $SESSION\\n" '^Aok 0'
	log_was_right
}

# upgrade NAME: another program goes on with the node's room.
upgrade() {
	count "$T/$1.log" ' upgraded: '
	kill -USR2 "${NODE_PID[$1]}"
	until_ok upgraded "$1" $((COUNT + 1))
}
upgraded() {
	count_is "$2" "$T/$1.log" 'upgraded: '
}

@test "an upgrade with an entry on its way, a claim and half a line" {
	local a claims bare
	start_nodes a b
	enter_at a "\\001chat $SESSION\\n1\\n" '^Aok 0 new'; a=$FD
	hears_ok "$a" 1
	enter; bare=$FD
	log_order stall room a
	say "$a" '2\n'
	says_at a 'log: stuck: '
	say "$a" '3\n\377\n4\nhal'
	say "$bare" 'b\n'
	dial; claims=$FD
	say "$claims" '\001send session=x\n5\n'
	dial
	say "$FD" '\001recv from=18000000000000000000\n'
	upgrade a
	upgrade a
	say "$a" 'f\n'
	log_order resume room a
	hears_ok "$a" 6
	hears "$claims" '^Aok 0 new' '^Aok 1'
	hears "$FD" '^Alost [?]' '^Aat *'
	hang_up "$FD"
	upgrade a
	say "$claims" '6\n'
	hears_ok "$claims" 2
	hears "$bare" 2
	same_stores a b
	[ "$(records_at a | sort | tr '\n' ' ')" = '1 2 3 4 5 6 b half ' ]
	# What the new program has is as the old one had it.
	enter_at b "\\001send $SESSION\\n7\\n" '^Aok 6' '^Aok 7'
	until_ok hears "$a" '^Abye another connection has taken over*'
	hang_up "$a" "$bare" "$claims"
	stop_node a
	[ "$STATUS" -eq 0 ]
	start_node a
	same_stores a b
	log_was_right
}

@test "all nodes are upgraded under load, one after another" {
	local i=0 name a b
	start_on a
	start_on b
	start_on c
	ROOM=$T/c.room
	start_recv "$T/out"
	start fed a "$T/a.room"
	a=$PID
	start fed b "$T/b.room"
	b=$PID
	for name in a b c a; do
		feed $((i++))
		upgrade "$name"
	done
	feed "$i"
	ends "$a"
	ends "$b"
	until_ok has_lines "$T/out" 20000
	grep a "$T/out" | cmp <(numbered a 1 10000) -
	grep b "$T/out" | cmp <(numbered b 1 10000) -
	same_stores a b c
	log_was_right
	run ! grep -h 'cut off\|stuck\|helper\|damaged' "$T"/?.log
}

# A client that doesn't end its connection holds the old room up for 2 seconds,
# and another one tells of the beginning of that.
@test "a helper that is to end when an upgrade begins is ended after it" {
	local slow quick
	make_key ann
	strange "trap '' TERM; exec 3<&0
	    '$FAKELOG' -j '$T/log.sock' room <&3 & exec <&- >&- 3<&-
	    exec sleep 1000"
	start_node a -v -k "$T/keys" "${STRANGE[@]}"
	start_recv "$T/slow" -k "$T/ann"
	slow=$PID
	start_recv "$T/quick" -k "$T/ann"
	quick=$PID
	until_ok count_is 2 "$T/a.log" ': joined as ann$'
	kill -STOP "$slow"
	kill -USR2 "$CHATD"
	until_ok has_ended "$quick"
	log_order cut room a
	says_at a 'upgraded: '
	matches "$T/quick.err" 'upgrade'
	says_at a 'log helper: it closed its socket and did not end$'
	chat-send -k "$T/ann" "${NODE_ROOM[a]}" <<<hello
	log_was_right
}

@test "an entry of which half was read goes on after an upgrade" {
	local line half
	start_node b
	numbered "$(printf '%04000d' 0)" 1 4 >"$T/in"
	say_at b <"$T/in"
	log_order dump room "$T/dump"
	# The other half comes when the test says so.
	cat >"$T/halves" <<-END
		printf '\001log %s 1 2\n\001got 1 t1 %s\n' "\$1" "\$2"
		head -c "\$2" '$T/dump'
		printf '\001got 2 t2 %s\n' "\$3"
		tail -c "+\$((\$2 + 1))" '$T/dump' | head -c 3000
		: >'$T/half'
		until [ -e '$T/rest' ]; do sleep 0.05; done
		tail -c "+\$((\$2 + 3001))" '$T/dump'
		exec cat >/dev/null
	END
	local all one
	all=$(stat -c %s "$T/dump")
	one=$(LC_ALL=C grep -abo $'\001entry' "$T/dump" | sed -n '2s/:.*//p')
	start chatd -s "$T/a" -n a \
	    -L "exec sh '$T/halves' log $one $((all - one))" \
	    127.0.0.1:0 2>"$T/a.log"
	NODE_PID[a]=$PID
	until_ok [ -e "$T/half" ]
	until_ok at_position 1
	upgrade a
	: >"$T/rest"
	until_ok at_position 2
	same_stores b a
}
at_position() {
	kill -USR1 "${NODE_PID[a]}"
	until_ok matches "$T/a.log" 'position [0-9]*, [^,]*, 0 bytes' || return
	[[ $(grep 'as a, position' "$T/a.log" | tail -n 1) == \
	    *"as a, position $1, "* ]]
}

@test "SIGUSR1 and -v say where the log is, and who says what" {
	start_node a -v
	start_node b
	echo hello | say_at a
	matches "$T/a.log" '127\.0\.0\.1:[0-9]*: hello$'
	echo there | say_at b
	until_ok stores_agree a b
	kill -USR1 "${NODE_PID[a]}"
	says_at a 'clients 0, lines 2, bytes 12, lost 0, refused 0, turned away 0$'
	says_at a 'log: joined as a, position [0-9]*, 0 behind, 0 bytes waiting$'
	run ! matches "$T/a.log" there
}

# asked TEXT...: after SIGUSR1, a's last lines are these, as extended expressions.
asked() {
	local text lines
	count "$T/a.log" 'bytes waiting'
	kill -USR1 "$CHATD"
	until_ok reports_more "$T/a.log" "$COUNT" || return
	lines=$(sed -n 's/.*chatd: //p' "$T/a.log" | tail -n $#)
	text=$(printf '\n%s' "$@")
	[[ $lines =~ ^${text:1}$ ]]
}

@test "SIGUSR1 says where the helper is, as far as it has said so" {
	local joined='log: joined as a, position .*, 0 bytes waiting'
	start_node a
	until_ok asked 'clients .*' "$joined"
	log_order place room at one
	until_ok asked "$joined" 'log helper: at one'
	log_order place room at two, the leader
	until_ok asked "$joined" 'log helper: at two, the leader'
	upgrade a
	until_ok asked "$joined" 'log helper: at two, the leader'
	# The next helper is somewhere else.
	log_order cut room a
	until_ok asked 'clients .*' "$joined"
	until_ok asked_after "$(printf 'x%.0s' {1..126})éé" 'x{126}'
	until_ok asked_after "$(printf 'x%.0s' {1..125})éé" 'x{125}é'
	log_was_right
}

asked_after() {
	log_order place room "$1"
	asked "log helper: $2"
}

@test "a helper that connects anew may be somewhere else" {
	local reading='log: reading what was said before as a, position 0'
	mkfifo "$T/pipe"
	start chatd -s "$T/a" -n a -L "printf '\\001%s\\n' 'log i 1 3' 'place at one' \
	    'stuck at first'; read -r line <'$T/pipe'
	    printf '\\001%s\\n' 'log i 1 4'; exec sleep 100" 127.0.0.1:0 2>"$T/a.log"
	CHATD=$PID
	says_at a 'log: stuck: at first'
	until_ok asked "$reading, 3 .*" 'log helper: at one'
	echo >"$T/pipe"
	until_ok asked 'clients .*' "$reading, 4 .*"
}

@test "a full disk at one node: it waits, the others go on" {
	local send
	start_nodes a b c
	echo 1 | say_at a
	same_stores a b
	at a
	room_pid
	prlimit --fsize=8192: --pid "$ROOM_PID"
	ROOM=${NODE_ROOM[c]}
	start_recv "$T/out"
	seq 2 30000 | say_at b
	until_ok has_lines "$T/out" 30000
	until_ok matches "$T/a.log" 'File too large, senders wait'
	same_stores b c
	run ! stores_agree a b
	# What is said there waits, and so do sessions.
	at a
	start_send <(echo 30001)
	send=$PID
	dial
	say "$FD" "\\001send $SESSION\\n30002\\n"
	pause 0.2
	kill -0 "$send"
	# A role without that is answered, with what there is.
	enter_at a '\001recv from=1\n' '^Alost [?]' '^Aat *'
	at a
	hang_up "$FD"
	prlimit --fsize=unlimited: --pid "$ROOM_PID"
	ends "$send"
	until_ok has_lines "$T/out" 30002
	same_stores b a c
	matches "$T/a.log" 'senders continue'
	log_was_right
}

@test "small rings: entries of many who say little, and a reader who sleeps" {
	local i j fds=() sleeper
	start_node a -m 64K -p 0.1
	start_node b -m 64K -p 0.1
	ROOM=${NODE_ROOM[b]}
	start_recv "$T/out"
	at a
	for i in {1..230}; do
		dial
		fds+=("$FD")
	done
	say "$FD" '\001send\n'
	hears "$FD" '^Aok 0'
	for j in 1 2 3; do
		log_order stall room
		# While its entry is on its way, all others wait for the next.
		echo "$j ${fds[0]}" >&"${fds[0]}"
		until_ok has_waiting a 1
		for i in "${fds[@]:1}"; do
			echo "$j $i" >&"$i"
		done
		until_ok has_waiting a 3900
		log_order resume room
	done
	until_ok has_lines "$T/out" 690
	[ "$(sort "$T/out" | uniq | wc -l)" -eq 690 ]
	hang_up "${fds[@]}"
	enter_at b '\001recv\n' '^Aat *'; sleeper=$FD
	numbered "$(printf '%0200d' 0)" 1 30000 >"$T/in"
	say_at a <"$T/in"
	until_ok has_lines "$T/out" 30690
	tail -n 30000 "$T/out" | cmp "$T/in" -
	same_stores a b
	# Once it wakes, it reads the store.
	[ "$(timeout 60 sed '/030000$/q' <&"$sleeper" | grep -c '^00')" -eq \
	    30000 ]
	# So many did fit into one entry.
	log_order dump room "$T/dump"
	[ "$(tr '\001' '\n' <"$T/dump" | grep '^entry\|^bare' | uniq -c -w 4 |
	    sort -n | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2)" -eq 200 ]
	log_was_right
}

# waiting NAME [CLIENTS]: a node has so many clients, or any number; how many
# bytes wait for the log there is $WAITING.
waiting() {
	local report
	count "$T/$1.log" 'bytes waiting'
	kill -USR1 "${NODE_PID[$1]}"
	until_ok reports_more "$T/$1.log" "$COUNT" || return
	report=$(grep -e ': clients ' -e 'bytes waiting' "$T/$1.log" | tail -n 2)
	[[ $report =~ ": clients "${2:-[0-9]+}, ]] || return
	[[ $report =~ ,\ ([0-9]+)\ bytes\ waiting ]]
	WAITING=${BASH_REMATCH[1]}
}
reports_more() {
	count "$1" 'bytes waiting'
	[ "$COUNT" -gt "$2" ]
}
# has_waiting NAME BYTES: at least so many.
has_waiting() {
	waiting "$1" && [ "$WAITING" -ge "$2" ]
}

@test "claims while the log stands still: the outbox has an end" {
	local i sender stays gone=()
	start_on a
	start_node b
	numbered "$(printf '%0999d' 0)" 1 300 >"$T/in"
	log_order stall room a
	ROOM=$T/a.room
	start_send "$T/in"
	sender=$PID
	until_ok has_waiting a 115000
	PORT=$(sed -n 's/.*listening on 127.*://p' "$T/a.log")
	dial; stays=$FD
	say "$stays" '\001send session=stays\nx\n'
	until_ok waiting a 2
	# There is space for the claims of less than two thirds of them. All
	# have to come in ten seconds, or else the room is cut off.
	for i in {1..180}; do
		printf '\001send session=%060d\n' "$i" |
		    socat -u - "UNIX:$T/a.room" 3>&- &
		gone+=("$!")
	done
	wait "${gone[@]}"
	until_ok waiting a 2
	echo "waiting: $WAITING"
	[ "$WAITING" -le $((130 * 1024)) ]
	log_order resume room a
	hears "$stays" '^Aok 0 new' '^Aok 1'
	ends "$sender"
	# Who has gone before has left nothing behind.
	log_order dump room "$T/dump"
	[ "$(grep -ac '^.claim [0-9]* 0' "$T/dump")" -le 120 ]
	enter_at b "\\001send session=$(printf %060d 180)\\n" '^Aok 0 new'
	same_stores a b
	log_was_right
}

@test "the 1025th name of a node is one too many" {
	local i
	start_node a
	# All at once: each order by itself would take much longer.
	for i in {1..1023}; do
		printf '\001entry 1 n%d 1 1 0000000000000000\n\001time 1\n\001node n\n' \
		    "$i" >"$T/entry.$i"
		echo "inject room $T/entry.$i"
	done 1<>"$T/log.orders"
	ANSWERS=$((ANSWERS + 1023))
	until_ok has_lines "$T/log.answers" "$ANSWERS"
	refuses b '-n b: 1024 nodes have had other names, and no further one counts; use one of theirs'
	start_node z -n n1
	echo one | say_at z
	restart a KILL
	echo two | say_at a
	same_stores a z
	[ "$(records_at z | tr '\n' ' ')" = 'one two ' ]
	log_was_right
}

# half_way FUNCTION: with each of a node's calls of it failing while entries come in,
# it says why it ends, and has nothing of the one that was not whole. How often it
# ended is $ENDS.
half_way() {
	local n
	ENDS=0
	for ((n = 1; ; n++)); do
		: >"$T/plan"
		: >"$T/faults"
		start_faulty a
		echo "$1=ENOMEM@$n" >"$T/plan"
		# Two at once, so that one of them may be whole.
		log_order stall room a
		evil $((++EPOCHS)) "$ITEMS"
		evil $((++EPOCHS)) "$ITEMS"
		log_order resume room a
		echo "$1 $n" | say_at b
		until_ok is_past a "$1 $n"
		[ -s "$T/faults" ] || break
		fails a '-L: Cannot allocate memory'
		ENDS=$((ENDS + 1))
		start_node a
		same_stores a b
		stop_node a KILL
	done
	stop_node a KILL
}
# is_past NAME LINE: it has had a fault, or has stored that line.
is_past() {
	[ -s "$T/faults" ] || records_at "$1" | grep -qxF "$2"
}
# start_faulty NAME: a node with faults. It has begun its epoch.
start_faulty() {
	preloaded chatd "FAULT_FILE=$T/plan"
	start "${FAULTY[@]}" chatd -s "$T/$1" -n "$1" \
	    -L "exec '$FAKELOG' -j '$T/log.sock' room" 127.0.0.1:0 \
	    2>"$T/$1.log"
	NODE_PID[$1]=$PID
	until_ok node_listens "$1"
}

@test "a node that fails in the middle of an entry has nothing of it" {
	local i ENDS ITEMS='' EPOCHS=0
	memory_fails || return 0
	# The helper's shell gets it as well.
	preloaded chatd "FAULT_FILE=$T/plan"
	"${FAULTY[@]}" sh -c : 2>/dev/null ||
	    skip 'chatd and the shell have different libraries'
	start_node a
	start_node b
	stop_node a
	for i in 1 2 3 4; do
		ITEMS+="\\001claim $i s$i\\n\\001by $i 0\\nx $i\\n\\001by $i 1\\ny $i\\n"
	done
	half_way calloc
	[ "$ENDS" -ge 8 ]
	half_way malloc
	start_node a
	same_stores a b
	for i in 1 2 3 4; do
		enter_at a "\\001send session=s$i\\n" '^Aok *'
		enter_at b "\\001send session=s$i\\n" "$LINE"
	done
	log_was_right
}

# wild_log OPTION...: the log is another one, with these.
wild_log() {
	stop "$LOG"
	rm "$T"/log.*
	start_log "$@"
}

@test "mischief: late, repeated and cut, but nothing is lost or doubled" {
	local a b name
	wild_log -w 15 -d 10
	start_on a
	start_on b
	ROOM=$T/b.room
	start_recv "$T/out" -r
	numbered a 1 400 >"$T/a.in"
	numbered b 1 400 >"$T/b.in"
	for name in a b; do
		ROOM=$T/$name.room
		start slowly "$T/$name.in"
		eval "$name=\$PID"
	done
	ends "$a"
	ends "$b"
	until_ok has_lines "$T/out" 800
	grep a "$T/out" | cmp "$T/a.in" -
	grep b "$T/out" | cmp "$T/b.in" -
	same_stores a b
	log_was_right
}
# slowly FILE: say it in many rounds.
slowly() {
	local line
	while read -r line; do
		echo "$line"
		((${line#?} % 20)) || pause 0.02
	done <"$1" | chat-send -r "$ROOM"
}

@test "a log that does not begin with a room is none" {
	echo nonsense >"$T/entry"
	log_order inject room "$T/entry"
	refuses a '-L: the log does not begin with a room'
	printf '\001entry 1 z 1 1 0000000000000000\n\001time 1\n\001node n\n' \
	    >"$T/entry"
	log_order forget room
	log_order inject room "$T/entry"
	refuses a '-L: the log does not begin with a room'
}

@test "readers go on at a node that lags behind" {
	local i first
	wild_log -w 40 -d 150
	start_nodes a b
	enter_at a '\001recv\n' '^Aat *'
	first=${LINE#^Aat }
	for i in {1..12}; do
		echo "$i" | say_at a
		enter_at b "\\001recv from=$((first + i))\\n" \
		    "^Aat $((first + i))"
		hang_up "$FD"
	done
	log_was_right
}

@test "a node that others took for down begins anew, and loses nothing" {
	local a plain
	start_nodes a b
	enter_at a "\\001chat $SESSION\\n1\\n" '^Aok 0 new'; a=$FD
	hears_ok "$a" 1
	at a
	enter; plain=$FD
	log_order stall room a
	say "$a" '2\n'
	say "$plain" 'x\ny\n'
	says_at a 'log: stuck: '
	printf '\001entry 1 z 1 1 0000000000000000\n\001time 1\n\001node n\n\001down a 1\n' \
	    >"$T/entry"
	log_order inject room "$T/entry"
	enter_at b "\\001send $SESSION\\n2\\n" '^Aok 1' '^Aok 2'
	hang_up "$FD"
	log_order resume room a
	hears "$a" '^Aat *' '^Abye this room is cut off'
	hears_end "$a"
	says_at a 'the others took this node for dead, beginning anew$'
	hears "$plain" 2
	say "$plain" 'z\n'
	enter_at a "\\001chat $SESSION\\n3\\n" '^Aok 2'; a=$FD
	hears_ok "$a" 3
	hears "$plain" 3
	echo 4 | say_at b
	hears "$plain" 4
	same_stores a b
	[ "$(records_at b | sort | tr '\n' ' ')" = '1 2 3 4 x y z ' ]
	log_was_right
}

@test "what the first node has with -r holds at all" {
	start_node a -r 0
	start_node b
	enter_at a "\\001send $SESSION\\n1\\n" \
	    '^Aerror 0 this room keeps no sessions' '^Aok 0 new' '^Aok 1'
	enter_at b "\\001send $SESSION\\n1\\n" \
	    '^Aerror 0 this room keeps no sessions' '^Aok 0 new' '^Aok 1'
	same_stores a b
}

@test "sessions are remembered alike, whatever -r a node has" {
	local i name
	start_node a -r 3
	for i in 1 2 3 4 5; do
		enter_at a "\\001send $SESSION$i\\n$i\\n" '^Aok 0 new' '^Aok 1'
		hang_up "$FD"
		# So the one before is forgotten before the next one.
		until_ok parted "$i"
	done
	start_node b -r 1
	start_node c -r 100
	same_stores a b c
	for name in a b c; do
		stop_node "$name" KILL
	done
	start_node a -r 3
	start_node b -r 1
	start_node c -r 100
	for name in c b a; do
		for i in 3 4 5; do
			enter_at "$name" "\\001send $SESSION$i\\n" '^Aok 1'
			hang_up "$FD"
		done
	done
	enter_at c "\\001send ${SESSION}1\\n" '^Aok 0 new'
	log_was_right
}
# parted N: so many have left, as the store of a has it.
parted() {
	[ "$(cat "$T/a"/* | grep -ac $'^\001part ')" -eq "$1" ]
}

@test "what is safe on disk is told to the log" {
	start_node a -S
	start_node b
	echo hello | say_at a
	until_ok kept a
	numbered "$(printf '%04000d' 0)" 1 2200 | say_at b
	until_ok kept b
	log_was_right
}
kept() {
	log_order kept room "$1"
	[ "$ANSWER" -gt 1 ]
}

# here NAME...: what whoever asks who is here hears of these, in their order.
here() {
	echo "^.here $(printf '%s\n' "$@" | LC_ALL=C sort | paste -s -d ' ')\$"
}

@test "whom an upgrade doesn't hand over has gone at other nodes, too" {
	local me
	me=$(id -un)
	make_key ann
	make_key bob
	make_key "$me"
	start_node b -i -k "$T/keys"
	start_on a -i -k "$T/keys"
	NODE_ROOM[plain]=$T/a.room
	NODE_ROOM[a]=$(sed -n 's/.*listening on \(127.*\)/\1/p' "$T/a.log")
	come bob b
	come ann a
	# With encryption, and without.
	come "$me" a
	rm "$T/$me"
	come "$me" plain
	until_ok matches "$T/bob.b" '^.join ann$'
	until_ok matches "$T/bob.b" "^.join $me\$"
	upgrade a
	until_ok matches "$T/bob.b" '^.part ann$'
	tells "$me" plain 'still here'
	until_ok has_line "$T/bob.b" "$me: still here"
	tells bob b '\001who'
	until_ok matches "$T/bob.b" "$(here bob "$me")"
	rm "$T/ann.a.says"
	come ann a
	until_ok count_is 2 "$T/bob.b" '^.join ann$'
	tells bob b '\001who'
	until_ok matches "$T/bob.b" "$(here ann bob "$me")"
	run ! matches "$T/bob.b" "^.part $me\$"
	count_is 1 "$T/bob.b" "^.join $me\$"
	same_stores a b
	log_was_right
}

@test "who is at other nodes is known after an upgrade, too" {
	local me ann
	me=$(id -un)
	make_key ann
	start_node b -i -k "$T/keys"
	# Only who comes without encryption stays through an upgrade.
	start_on a -i -k "$T/keys"
	come ann b
	ann=$PERSON
	come "$me" a
	tells "$me" a '\001who'
	until_ok matches "$T/$me.a" "$(here ann "$me")"
	upgrade a
	tells "$me" a 'hello\n\001who'
	until_ok count_is 2 "$T/$me.a" "$(here ann "$me")"
	until_ok has_line "$T/ann.b" "$me: hello"
	stop "$ann" KILL
	until_ok matches "$T/$me.a" '^.part ann$'
	tells "$me" a '\001who'
	until_ok matches "$T/$me.a" "^.here $me\$"
	same_stores a b
	log_was_right
}
count_is() {
	count "$2" "$3"
	[ "$COUNT" -eq "$1" ]
}

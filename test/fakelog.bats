# The fake log that suites keep rooms over: it has to be right itself.

# bats file_tags=fast
load helpers.bash
load wire.bash
load log.bash

setup() {
	listen_at_port
}

# listen_at_port [OPTION...]: a log to which bash itself can speak, at $PORT.
listen_at_port() {
	LOG_AT=127.0.0.1:0 start_log "$@"
	matches "$T/log.answers" 'listening on 127.0.0.1:([0-9]+)'
	PORT=${BASH_REMATCH[1]}
}

teardown() {
	cleanup
	cat "$T/log.err"
}

# join NODE [POS TOKEN]: a room of that node, as $FD, which has been told what
# the log is.
join() {
	dial
	say "$FD" 'room %s\n\001from %s %s\n' "$1" "${2:-0}" "${3:-0}"
	hears "$FD" '^Alog [0-9a-f]*.room *'
}

# put DESCRIPTOR ID TEXT: put a line.
put() {
	say "$1" '\001put %s %s\n%s\n' "$2" "$((${#3} + 1))" "$3"
}

# refused WHAT: the room that is $FD made a mistake: that one.
refused() {
	hears_end "$FD" || return
	matches "$T/log.err" "fakelog: room: a: $1" || return
	log_order errors
	[ "$ANSWER" = 1 ]
}

@test "entries have dense positions, and all rooms get them in one order" {
	local a b
	join a; a=$FD
	[ "${LINE#*.}" = 'room 1 0' ]
	put "$a" 7 one
	hears "$a" '^Agot 1 t1 4' one
	join b; b=$FD
	[ "${LINE#*.}" = 'room 1 1' ]
	put "$b" 7 two
	hears "$b" '^Agot 1 t1 4' one '^Agot 2 t2 4' two
	put "$a" 8 three
	hears "$a" '^Agot 2 t2 4' two '^Agot 3 t3 6' three
	hears "$b" '^Agot 3 t3 6' three
	join c 2 t2
	hears "$FD" '^Agot 3 t3 6' three
	log_was_right
}

@test "logs of other names are others" {
	local ident
	join a
	ident=$LINE
	put "$FD" 1 here
	hears "$FD" '^Agot 1 t1 5' here
	dial
	say "$FD" 'other a\n\001from 0 0\n'
	hears "$FD" '^Alog *.other 1 0'
	join b
	[ "${LINE% *}" = "${ident% *}" ]
}

@test "end is answered with the newest position" {
	join a
	say "$FD" '\001end\n'
	hears "$FD" '^Aend 0'
	put "$FD" 1 one
	hears "$FD" '^Agot 1 t1 4' one
	say "$FD" '\001end\n'
	hears "$FD" '^Aend 1'
	log_was_right
}

@test "what a room keeps is remembered" {
	join a
	put "$FD" 1 one
	hears "$FD" '^Agot 1 t1 4' one
	say "$FD" '\001keep 1 t1\n\001end\n'
	hears "$FD" '^Aend 1'
	log_order kept room a
	[ "$ANSWER" = 1 ]
	log_order kept room b
	[ "$ANSWER" = 0 ]
}

@test "a put can be appended twice, and again when its room has gone" {
	local b
	join b; b=$FD
	if log_order late room; then false; fi
	join a
	log_order double room
	put "$FD" 1 one
	hears "$FD" '^Agot 1 t1 4' one '^Agot 2 t2 4' one
	put "$FD" 2 two
	hears "$FD" '^Agot 3 t3 4' two
	log_order cut room a
	hears_end "$FD"
	log_order late room
	hears "$b" '^Agot 1 t1 4' one '^Agot 2 t2 4' one '^Agot 3 t3 4' two \
	    '^Agot 4 t4 4' two
	log_was_right
}

@test "a stalled log says so after a second, and goes on where it was" {
	local a b
	join a; a=$FD
	join b; b=$FD
	log_order stall room a
	put "$a" 1 late
	put "$b" 1 soon
	hears "$b" '^Agot 1 t1 5' soon
	say "$a" '\001end\n'
	hears "$a" '^Astuck no answer'
	log_order resume room a
	hears "$a" '^Agoing' '^Agot 1 t1 5' soon
	hears "$b" '^Agot 2 t2 5' late
	hears "$a" '^A*' '*' '^A*'
	log_order stall room
	dial
	say "$FD" 'room c\n\001from 0 0\n'
	hears "$FD" '^Astuck no answer'
	log_order resume room
	hears "$FD" '^Agoing' '^Alog *.room 1 2' '^Agot 1 t1 5' soon
	log_was_right
}

@test "what is compacted is gone, and a lost log is another one" {
	local ident
	join a
	ident=${LINE%% 1 *}
	put "$FD" 1 one
	hears "$FD" '^Agot 1 t1 4' one
	put "$FD" 2 two
	hears "$FD" '^Agot 2 t2 4' two
	log_order compact room 2
	join b 1 t1
	[ "$LINE" = "$ident 2 2" ]
	hears "$FD" '^Agot 2 t2 4' two
	join c
	hears "$FD" '^Agone 2'
	log_order forget room
	hears_end "$FD"
	join a 2 t2
	[ "${LINE#*.}" = 'room 1 0' ]
	[[ $LINE != "$ident "* ]]
	log_was_right
}

@test "entries come from a file, and go to one" {
	join a
	printf 'from\na file\n' >"$T/in"
	log_order inject room "$T/in"
	hears "$FD" '^Agot 1 t1 12' from 'a file'
	put "$FD" 1 more
	hears "$FD" '^Agot 2 t2 5' more
	log_order dump room "$T/out"
	printf 'more\n' | cat "$T/in" - | cmp - "$T/out"
	log_order where room
	[ "$ANSWER" = '1 2' ]
}

@test "rooms are held to the protocol" {
	dial
	say "$FD" 'room a\n\001end\n'
	refused 'from is not the first word'
}

@test "from is said once" {
	join a
	say "$FD" '\001from 0 0\n'
	refused 'from was said twice'
}

@test "one put at a time, until its entry has come back" {
	log_order stall room
	dial
	say "$FD" 'room a\n\001from 0 0\n'
	put "$FD" 1 one
	put "$FD" 2 two
	refused 'put was said before the last one has come back'
}

@test "a put's own entry comes back though an earlier room has put it" {
	log_order stall room a
	dial
	say "$FD" 'room a\n\001from 0 0\n'
	put "$FD" 1 one
	printf 'one\n' >"$T/in"
	log_order inject room "$T/in"
	log_order resume room a
	hears "$FD" '^Alog *' '^Agot 1 t1 4' one
	put "$FD" 2 two
	hears "$FD" '^Agot 2 t2 4' one '^Agot 3 t3 4' two
	log_was_right
}

@test "a put can be over before it is heard" {
	join a
	put "$FD" 1 one
	hears "$FD" '^Agot 1 t1 4' one
	log_order cut room a
	join a
	# These two and the entry have crossed each other.
	hears "$FD" '^Agot 1 t1 4' one
	say "$FD" '\001put 2 4\none\n\001put 3 4\ntwo\n\001put 4 4\nsix\n'
	refused 'put was said before the last one has come back'
	log_order where room
	[ "$ANSWER" = '1 3' ]
}

@test "a put has an ID of its own, and an end its answer" {
	join a
	put "$FD" 1 one
	hears "$FD" '^Agot 1 t1 4' one
	put "$FD" 1 two
	refused 'put has the ID of the last one'
	log_order stall room a
	dial
	say "$FD" 'room a\n\001from 0 0\n\001end\n\001end\n'
	hears_end "$FD"
	matches "$T/log.err" 'end was said twice'
}

@test "tokens belong to their positions" {
	join a
	say "$FD" '\001keep 1 t1\n'
	refused 'keep has a position that it wasn'
	dial
	say "$FD" 'room a\n\001from 5 0\n'
	hears_end "$FD"
	matches "$T/log.err" 'from has a token of another position'
}

@test "what is no line of the protocol ends the room" {
	join a
	say "$FD" '\001put 1 0\n'
	refused 'not a line of the protocol'
}

# room NODE: a room that speaks through a helper, which socat starts as chatd
# does. What it says is written to $IN, and what it hears is in $T/NODE.
room() {
	mkfifo "$T/$1.in"
	exec {IN}<>"$T/$1.in"
	start serve_room "$1" >"$T/$1"
}
serve_room() {
	exec socat -t 0.1 STDIO "EXEC:$FAKELOG -j $T/log.sock room $1" <&"$IN"
}

# listen_at_path: the log is another one, to which sockets can be passed.
listen_at_path() {
	stop "$LOG"
	rm "$T/log.orders"
	LOG_AT='' start_log
}

@test "a helper is in the log's hands, and ends when that says so" {
	listen_at_path
	room a
	say "$IN" '\001from 0 0\n\001put 1 4\none\n'
	until_ok matches "$T/a" '^one$'
	matches "$T/a" '^.got 1 t1 4$'
	log_order cut room a
	until_ok has_ended "$PID"
}

@test "a helper ends when its room does, or the log" {
	local helper what
	listen_at_path
	for what in room log; do
		room "$what"
		say "$IN" '\001from 0 0\n'
		until_ok matches "$T/$what" 'log'
		read -r helper <"/proc/$PID/task/$PID/children" ||
		    [ -n "$helper" ]
		[ "$(cat "/proc/$helper/comm")" = fakelog ]
		[ "$what" = room ] || PID=$LOG
		stop "$PID" KILL
		until_ok has_ended "$helper"
	done
}

# live NODE N: a room that puts N lines and hears all up to its last one, no
# matter how often its helper dies. What it hears is in $T/NODE.
live() {
	local node=$1 last=$2 pos=0 token=0 mine=1
	while [ "$mine" -le "$last" ]; do
		dial
		say "$FD" 'room %s\n\001from %s %s\n' "$node" "$pos" "$token"
		hear "$FD" 2>/dev/null && put "$FD" "$mine" "$node $mine"
		while [ "$mine" -le "$last" ] && hear "$FD" 2>/dev/null; do
			[[ $LINE != '^Agot '* ]] || live_on || break
		done
		hang_up "$FD"
	done
}
live_on() {
	local at next
	read -r _ at next _ <<<"$LINE"
	hear "$FD" 2>/dev/null || return
	[ "$at" -eq "$((++pos))" ] || exit 1
	token=$next
	echo "$LINE" >>"$T/$node"
	[ "$LINE" = "$node $mine" ] || return 0
	((mine++ < last)) || return 1
	put "$FD" "$mine" "$node $mine"
}

@test "mischief loses nothing, and the order is the same for all" {
	local a node
	stop "$LOG"
	rm "$T/log.orders"
	listen_at_port -w 30 -d 5 -s 1
	start untraced live a 30
	a=$PID
	start untraced live b 30
	ends "$a"
	ends "$PID"
	log_order dump room "$T/all"
	for node in a b; do
		numbered "$node " 1 30 | cmp - <(awk -v node="$node" \
		    '$1 == node && !seen[$0]++' "$T/all")
		head -n "$(wc -l <"$T/$node")" "$T/all" | cmp - "$T/$node"
	done
	# There was some.
	[ "$(wc -l <"$T/all")" -gt 60 ]
	log_was_right
}

# Upgrading: on SIGUSR2 a new program goes on with the room, and nobody notices
load helpers.bash
load wire.bash

teardown() {
	cleanup
}

# upgrade: have the room's program executed anew, and wait until it goes on.
upgrade() {
	count "$T/log" '^chatd: upgraded: '
	kill -USR2 "$CHATD"
	until_ok has_upgraded "$((COUNT + 1))"
}
has_upgraded() {
	count "$T/log" '^chatd: upgraded: '
	[ "$COUNT" -ge "$1" ]
}

# has_logged N PATTERN: so many lines of the log are like that.
has_logged() {
	count "$T/log" "^chatd: $2\$"
	[ "$COUNT" -eq "$1" ]
}

# fails REASON: an upgrade isn't possible for that reason, and all goes on.
fails() {
	count "$T/log" 'going on as before'
	kill -USR2 "$CHATD"
	until_ok has_failed "$((COUNT + 1))"
	tail -n 1 "$T/log" | grep -x -e "chatd: upgrade: $1, going on as before"
	has_upgraded 0
	chat-send "$ROOM" <<<"after: $1"
}
has_failed() {
	count "$T/log" 'going on as before'
	[ "$COUNT" -eq "$1" ]
}

# start_copy [OPTION...]: a room whose program can be replaced: $T/bin/chatd.
start_copy() {
	mkdir -p "$T/bin"
	cp "$ROOT/chatd/chatd" "$T/bin/chatd"
	start "$T/bin/chatd" "$@" 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok listens
	PORT=${ROOM##*:}
}

# replace FILE: it becomes the room's program. What runs is not written to.
replace() {
	chmod +x "$1"
	mv "$1" "$T/bin/chatd"
}

# descriptors: how many the room has, and its keeper.
descriptors() {
	room_pid
	set -- "/proc/$ROOM_PID/fd"/* "/proc/$CHATD/fd"/*
	echo $#
}

# has_descriptors N: they have that many, now that both have closed what an
# upgrade needs.
has_descriptors() {
	[ "$(descriptors)" -eq "$1" ]
}

@test "readers of every kind hear on, and nothing else" {
	start_chatd
	dial; local plain=$FD
	dial; local recv=$FD
	dial; local chat=$FD
	say "$recv" '\001recv times\n'
	say "$chat" '\001chat\n'
	hears "$recv" '^Aat *'
	hears "$chat" '^Aok 0' '^Aat *'
	until_ok counted clients 3
	say "$chat" 'before\n'
	hears "$chat" '^Aok 1'
	hears "$plain" before
	hears "$recv" '^Atime *' before
	upgrade
	has_logged 1 'upgraded: 3 clients, 1 line kept'
	say "$plain" 'after\n'
	hear "$recv"
	[[ $LINE != ^Atime* ]] || hear "$recv"	# if a second has begun
	[ "$LINE" = after ]
	hears "$chat" '^Aat *' after
	say "$chat" 'and on\n'
	hears "$chat" '^Aok 2'
	hears "$plain" 'and on'
	counted lines 3
	counted clients 3
}

@test "the pid stays, and the program is the new one" {
	start_copy
	rm "$T/bin/chatd"
	cp "$ROOT/chatd/chatd" "$T/bin/chatd"
	[[ $(readlink "/proc/$CHATD/exe") == *' (deleted)' ]]
	upgrade
	[ "$(readlink "/proc/$CHATD/exe")" = "$T/bin/chatd" ]
	chat-send "$ROOM" <<<hello
	counted lines 1
}

@test "found as at the start: by PATH, or from the same directory" {
	start_copy
	stop "$CHATD"
	local command
	for command in ./chatd chatd; do
		rm "$T/log"
		start env -C "$T/bin" PATH="$T/bin:$PATH" "$command" \
		    127.0.0.1:0 2>"$T/log"
		CHATD=$PID
		until_ok listens
		upgrade
		stop "$CHATD"
		[ "$STATUS" -eq 0 ]
	done
}

@test "it doesn't say again where it listens" {
	start_chatd
	upgrade
	room_log | sed 1d |
	    cmp - <(echo 'chatd: upgraded: 0 clients, 0 lines kept')
}

@test "a client in the middle of a line says the rest of it later" {
	start_chatd
	dial; local a=$FD
	dial; local b=$FD
	say "$b" '\001recv\n'
	hears "$b" '^Aat *'
	say "$a" 'one\nhalf a '
	hears "$b" one
	upgrade
	upgrade
	say "$a" 'line\n'
	hears "$b" 'half a line'
}

@test "a client in the middle of a line that is too long" {
	start_chatd
	dial
	say "$FD" '\001send\n'
	hears "$FD" '^Aok 0'
	say "$FD" 'one\n%05000d' 0
	hears "$FD" '^Aok 1'
	upgrade
	say "$FD" 'the rest\n'
	hears "$FD" '^Aerror 2 longer than 4095 bytes' '^Aok 2'
	say "$FD" 'fine\n'
	hears "$FD" '^Aok 3'
	[ "$(transcript)" = $'one\nfine' ]
}

@test "readers that are behind, in the middle of a line" {
	start_chatd_at -p 1000 "$T/room"
	start_recv "$T/copy"
	local r=$PID
	chat-send "$ROOM" <<<'the first'
	until_ok has_line "$T/copy" 'the first'
	kill -STOP "$r"
	# More than the socket takes, so the room still has the rest.
	seq 200000 | chat-send "$ROOM"
	upgrade
	upgrade
	kill -CONT "$r"
	until_ok has_lines "$T/copy" 200001
	sed 1d "$T/copy" | cmp - <(seq 200000)
}

@test "a reader that has lost lines is told how many" {
	start_chatd -m 64K -p 0.05
	dial
	say "$FD" '\001recv\n'
	hears "$FD" '^Aat *'
	seq 1000000 | chat-send "$ROOM"
	upgrade
	chat-send "$ROOM" <<<'the last'
	timeout 30 cat <&"$FD" >"$T/bytes" 3>&- &
	local reader=$!
	stop "$CHATD"
	wait "$reader"
	tr '\001' '^' <"$T/bytes" >"$T/heard"
	grep -q '^^lost ' "$T/heard"
	grep -qx 'the last' "$T/heard"
	[ "$(awk '/^\^lost/ { n += $2 } !/^\^/ { n++ } END { print n }' \
	    "$T/heard")" -eq 1000001 ]
}

@test "a fresh client can still become whatever it wants" {
	start_chatd
	dial; local a=$FD
	dial; local b=$FD
	upgrade
	say "$a" '\001recv\n'
	hears "$a" '^Aat *'
	say "$b" 'hello\n'
	hears "$a" hello
}

@test "one that has said all, and one that is turned away" {
	start_chatd -c 1
	dial; local a=$FD
	until_ok counted clients 1
	dial; local b=$FD
	hears "$b" '^Abye full'
	upgrade
	hears_end "$b"
	hang_up "$b"
	dial
	hears "$FD" '^Abye full'
	hang_up "$a"
	until_ok counted clients 0
	counted 'turned away' 2
}

@test "sessions, with a client and without one" {
	start_chatd
	dial; local a=$FD
	say "$a" '\001send session=aaa\none\n'
	hears "$a" '^Aok 0 new' '^Aok 1'
	say "$a" 'two\n'
	hears "$a" '^Aok 2'
	dial
	say "$FD" '\001send session=bbb\nthree\n'
	hears "$FD" '^Aok 0 new' '^Aok 1'
	hang_up "$FD"
	until_ok counted clients 1
	upgrade
	say "$a" 'four\n'
	hears "$a" '^Aok 3'
	dial
	say "$FD" '\001send session=bbb\n'
	hears "$FD" '^Aok 1'
	# The old connection ends when its session is connected again.
	dial
	say "$FD" '\001send session=aaa\n'
	hears "$FD" '^Aok 3'
	hears "$a" '^Abye another connection has taken over this session'
}

@test "nobody hears what was said in one's own session" {
	start_chatd
	dial
	say "$FD" '\001send session=aaa\nmine\n'
	hears "$FD" '^Aok 0 new' '^Aok 1'
	hang_up "$FD"
	upgrade
	dial
	say "$FD" '\001chat session=aaa last=10\n'
	hears "$FD" '^Aok 1' '^Aat *'
	chat-send "$ROOM" <<<yours
	hears "$FD" '^Aat *' yours
}

@test "Unix sockets: their files stay, and are removed at the end" {
	start_chatd_at -v "$T/one" "$T/two"
	start_recv "$T/copy"
	until_ok matches "$T/log" joined
	upgrade
	[ -S "$T/one" ] && [ -S "$T/two" ]
	chat-send "$T/two" <<<hello
	until_ok has_line "$T/copy" hello
	until_ok has_logged 1 'a local client: hello'
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	[ ! -e "$T/one" ] && [ ! -e "$T/two" ]
}

@test "the options hold on" {
	start_chatd -v -a 2 -r 0 -m 64K
	dial; local a=$FD
	dial; local b=$FD
	until_ok counted clients 2
	upgrade
	dial
	hears "$FD" '^Abye too many connections from your address'
	hang_up "$FD"
	hang_up "$b"
	until_ok counted clients 1
	until_ok matches "$T/log" ': left$'
	dial
	say "$FD" '\001send session=a\n'
	hears "$FD" '^Aerror 0 this room keeps no sessions' '^Aok 0 new'
}

@test "counters go on" {
	start_chatd
	seq 10 | chat-send "$ROOM"
	printf '\001foo\n' | talk >"$T/none"
	upgrade
	seq 5 | chat-send "$ROOM"
	counted lines 15
	counted refused 1
}

@test "what was said before can still be asked for, by number as well" {
	start_chatd
	seq 1000 | chat-send "$ROOM"
	upgrade
	seq 1001 2000 | chat-send "$ROOM"
	transcript | cmp - <(seq 2000)
	dial
	say "$FD" '\001recv last=1001\n'
	hears "$FD" '^Aat *'
	local from=${LINE#^Aat }
	hears "$FD" 1000
	upgrade
	dial
	say "$FD" '\001recv from=%s\n' "$from"
	hears "$FD" "^Aat $from" 1000
}

@test "other signals that come with it are heard, too" {
	start_chatd
	kill -STOP "$CHATD"
	kill -USR2 "$CHATD"
	kill -HUP "$CHATD"
	kill -USR1 "$CHATD"
	kill -CONT "$CHATD"
	until_ok has_logged 1 'no keys to read again'
	until_ok matches "$T/log" '^chatd: clients '
	until_ok has_upgraded 1
	local i
	for i in {1..10}; do
		kill -USR2 "$CHATD"
		kill -USR1 "$CHATD"
		kill -HUP "$CHATD"
	done
	counted clients 0
	kill -0 "$CHATD"
}

@test "TERM right after it ends the room" {
	local i
	for i in {1..10}; do
		start_chatd_at "$T/room"
		kill -USR2 "$CHATD"
		kill -TERM "$CHATD"
		ends "$CHATD"
		[ ! -e "$T/room" ]
		has_logged 1 closing
	done
}

@test "a room that is closing isn't handed over" {
	start_chatd -m 64K -p 0.1
	dial
	until_ok counted clients 1
	seq 1000000 | chat-send "$ROOM"
	kill -TERM "$CHATD"
	until_ok has_logged 1 closing
	kill -USR2 "$CHATD"
	until_ok has_logged 1 \
	    'upgrade: the room is closing, going on as before'
	ends "$CHATD"
}

# numbers NAME: the name and a number, again and again until $T/stop is there.
numbers() {
	local i
	for ((i = 0; ; i += 500)); do
		if [ -e "$T/stop" ]; then
			echo "$i" >"$T/said.$1"
			return
		fi
		numbered "$1 " "$i" "$((i + 499))"
		pause 0.01
	done
}

# in_order FILE: it has every line of each name, once and in order.
in_order() {
	local name
	for name in a b c; do
		sed -n "s/^$name //p" "$1" |
		    cmp - <(seq 0 "$(($(<"$T/said.$name") - 1))")
	done
}

@test "twenty times under load: every line once, in order, to everybody" {
	local senders=() name i
	start_chatd
	start_recv "$T/copy1"
	start_recv "$T/copy2"
	start_recv "$T/copy3"
	until_ok counted clients 3
	for name in a b c; do
		numbers "$name" 3>&- | chat-send "$ROOM" 3>&- &
		senders+=("$!")
	done
	until_ok has_line "$T/copy1" 'a 100'
	for i in {1..20}; do
		upgrade
	done
	touch "$T/stop"
	for i in "${senders[@]}"; do
		wait "$i"
	done
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	for i in 1 2 3; do
		until_ok matches "$T/copy$i.err" 'the room is closing'
		in_order "$T/copy$i"
		cmp "$T/copy1" "$T/copy$i"
	done
	run ! grep -e loses -e 'as before' "$T/log"
}

@test "twenty times under load with a store, and a reader behind the ring" {
	local senders=() name i
	# What the system keeps for a reader on a Unix socket is a few hundred
	# kilobytes, and so little that it is behind soon.
	start_chatd_at "$T/room" -m 64K -z 64K -s "$T/store"
	start_recv "$T/copy1"
	mkfifo "$T/fifo"
	exec 5<>"$T/fifo"
	start_recv "$T/fifo" 5>&-
	mv "$T/fifo.err" "$T/copy2.err"
	until_ok counted clients 2
	for name in a b c; do
		numbers "$name" 3>&- 5>&- | command chat-send -r "$ROOM" \
			3>&- 5>&- &
		senders+=("$!")
	done
	until_ok matches "$T/log" 'continues from the store'
	for i in {1..20}; do
		upgrade
	done
	# What it gets from here on is the past.
	cat <"$T/fifo" >"$T/copy2" 3>&- 5>&- &
	exec 5>&-
	touch "$T/stop"
	for i in "${senders[@]}"; do
		wait "$i"
	done
	until_ok cmp -s "$T/copy1" "$T/copy2"
	upgrade
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	in_order "$T/copy1"
	grep -hav $'^\001' "$T/store"/* | cmp - "$T/copy1"
	run ! grep -e retrying -e lost "$T/copy1.err" "$T/copy2.err"
	run ! grep -e damaged -e 'as before' "$T/log"
	start_chatd -s "$T/store"
	run ! grep -v -e 'listening on' -e 'running as root' "$T/log"
}

@test "a program that isn't there, or isn't ours" {
	start_copy
	start_recv "$T/copy"
	rm "$T/bin/chatd"
	fails "$T/bin/chatd: No such file or directory"
	echo '#!/bin/sh' >"$T/new"
	replace "$T/new"
	fails 'the new program exited with status 0'
	printf '#!/bin/sh\nkill -SEGV $$\n' >"$T/new"
	replace "$T/new"
	fails 'the new program was killed by signal 11'
	printf '#!/bin/sh\nexit 3\n' >"$T/new"
	replace "$T/new"
	fails 'the new program exited with status 3'
	cat >"$T/new" <<-'END'
		#!/bin/bash
		echo hello >&"${CHATD_UPGRADE#*,}"
	END
	replace "$T/new"
	fails 'unexpected answer from the new program'
	cp "$ROOT/chatd/chatd" "$T/new"
	chmod -x "$T/new"
	mv "$T/new" "$T/bin/chatd"
	fails "$T/bin/chatd: Permission denied for user $(id -un)"
	# A good one at last.
	cp "$ROOT/chatd/chatd" "$T/new"
	replace "$T/new"
	upgrade
	chat-send "$ROOM" <<<'the end'
	until_ok has_line "$T/copy" 'the end'
	has_lines "$T/copy" 7
	[ ! -s "$T/copy.err" ]
}

@test "a program that can't read this version of the state" {
	start_copy
	sed 's/chatd state [0-9]/chatd state 0/g' "$ROOT/chatd/chatd" \
	    >"$T/new"
	replace "$T/new"
	fails 'the state has another version'
	# One that claims to, but means another.
	cat >"$T/new" <<-'END'
		#!/bin/bash
		echo 'ready for chatd state 0' >&"${CHATD_UPGRADE#*,}"
	END
	replace "$T/new"
	fails 'unexpected answer from the new program'
}

@test "a store that is in another place now" {
	start_copy -s "$T/store"
	mv "$T/store" "$T/moved"
	fails 'No such file or directory'
	mkdir -m 700 "$T/store"
	fails "the room's store is another directory"
	rmdir "$T/store"
	mv "$T/moved" "$T/store"
	upgrade
	rm "$T/store"/0*
	kill -USR2 "$CHATD"
	until_ok grep -qx "chatd: upgrade: the room's store is empty,\
 going on as before" "$T/log"
}

@test "a program that hangs is given up after 5 seconds" {
	start_copy
	printf '#!/bin/sh\necho $$ >%s\nsleep 60 & wait\n' "$T/pid" >"$T/new"
	replace "$T/new"
	fails "no answer from the new program"
	run ! kill -0 "$(<"$T/pid")"
}

@test "a room that hangs is given up after 10 seconds" {
	start_copy
	room_pid
	kill -STOP "$ROOM_PID"
	kill -USR2 "$CHATD"
	# Twice as long as all else waits.
	until_ok has_failed 1 || until_ok has_failed 1
	grep -qx "chatd: upgrade: no answer from the room process, going on \
as before" \
	    "$T/log"
	kill -CONT "$ROOM_PID"
	chat-send "$ROOM" <<<hello
	upgrade
	[ "$(transcript)" = hello ]
}

# start_where_read_only COMMAND...: a room where no file can be made in /tmp, not
# even by root, except in $T/tmp. False if there can't be such a place.
start_where_read_only() {
	mkdir -p "$T/tmp"
	# shellcheck disable=SC2016 # sh expands it
	local place=(unshare -rm sh -c 'mount --bind /tmp /tmp &&
	    mount -o remount,bind,ro /tmp && cd /tmp &&
	    mount -t tmpfs none "$0/tmp" && exec "$@"' "$T")
	"${place[@]}" true 2>"$T/none" || return
	start "${place[@]}" "$@" 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok listens
	PORT=${ROOM##*:}
	chat-send "$ROOM" <<<one
}

@test "no directory can be written to: the state is in memory" {
	TMPDIR=$T/none start_where_read_only chatd || return 0
	upgrade
	[ "$(transcript)" = one ]
}

@test "nor can files be in memory: then in the directory of TMPDIR, or in /tmp" {
	local lacking=("$ROOT/test/tools/lacking" memfd --)
	TMPDIR=$T/none start_where_read_only "${lacking[@]}" chatd || return 0
	fails 'a file in /tmp: Read-only file system'
	stop "$CHATD"
	TMPDIR='' start_where_read_only "${lacking[@]}" chatd
	fails 'a file in /tmp: Read-only file system'
	stop "$CHATD"
	TMPDIR=$T/tmp start_where_read_only "${lacking[@]}" chatd
	upgrade
	[ "$(transcript)" = one ]
	stop "$CHATD"
	TMPDIR=$T/none start "${lacking[@]}" chatd 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok listens
	upgrade
}

@test "no descriptors are left behind" {
	local before i
	start_copy
	dial
	until_ok counted clients 1
	before=$(descriptors)
	for i in {1..20}; do
		upgrade
	done
	until_ok has_descriptors "$before"
	echo '#!/bin/sh' >"$T/new"
	replace "$T/new"
	for i in {1..20}; do
		kill -USR2 "$CHATD"
		until_ok has_failed "$i"
	done
	until_ok has_descriptors "$before"
	# Whatever else is executed wouldn't have the sockets.
	room_pid
	for i in "/proc/$ROOM_PID/fd"/*; do
		[[ $(readlink "$i") != socket:* ]] ||
		    closes_on_exec "${i##*/}"
	done
}
closes_on_exec() {
	grep -q '^flags:.*02[0-7]\{6\}$' "/proc/$ROOM_PID/fdinfo/$1"
}

@test "a descriptor that nobody hands over" {
	run -2 env CHATD_UPGRADE=x chatd
	[ "$output" = 'chatd: CHATD_UPGRADE=x: no room was handed over' ]
	run -2 env CHATD_UPGRADE=2 chatd
	run -2 env CHATD_UPGRADE=77 chatd
	[ "$output" = 'chatd: CHATD_UPGRADE=77: no room was handed over' ]
	echo 'something else, and rather long' >"$T/file"
	run -2 env CHATD_UPGRADE=9 bash -c "exec chatd 9<'$T/file'"
	[ "$output" = 'chatd: upgrade: the state has another version' ]
}

# Calls of libc that go wrong under a store: what was acknowledged is there, and
# what is there was shown to everybody

load helpers.bash
load chance.bash
load fault.bash

setup() {
	seeded
}

teardown() {
	cleanup
}

# start_kept_room: the same with a store, whose segments are short.
start_kept_room() {
	PAD=$(printf ' %01500d' 0)
	start_room -S -m 64K -z 64K -s "$T/store"
}

# is_stored: what the reader got is what the store has, and a room makes of it.
is_stored() {
	grep -hav "$(printf '^\001')" "$T/store"/* | cmp - "$T/all"
	start_chatd_at -s "$T/store" "$T/again"
	run ! grep -v -e 'listening on' -e 'running as root' "$T/log"
	chat-recv -l 1000000 -c "$(wc -l <"$T/all")" "$ROOM" | cmp - "$T/all"
	stop "$CHATD"
}

@test "the store: what can't be written is neither shown nor acknowledged" {
	start_kept_room
	MOST=0 room_survives pwritev EINTR short half ENOSPC EIO
	is_stored
	start_kept_room
	MOST=0 room_survives fdatasync ENOSPC EIO
	is_stored
}

@test "the store: nothing is acknowledged or shown before it is safe" {
	start_room -S -s "$T/store"
	plan fdatasync=EIO@1+
	printf '\001send session=one\na\nb\n' | timeout 30 socat -t 30 - \
	    "TCP:$ROOM" >"$T/told" 3>&- &
	local pid=$!
	until_ok matches "$T/log" 'Input/output error, senders wait'
	# It is in the file, and has been tried again by now.
	until_ok grep -qx b "$T/store"/*
	until_ok eval '[ "$(injected)" -gt 2 ]'
	[ ! -s "$T/told" ]
	has_lines "$T/all" 1
	: >"$T/plan"
	wait "$pid"
	[ "$(tr '\001' '^' <"$T/told")" = $'^ok 0 new\n^ok 2' ]
	until_ok has_lines "$T/all" 3
}

@test "the store: a new segment can't begin" {
	local function
	for function in openat renameat fsync; do
		start_kept_room
		MOST=0 room_survives "$function" EIO
		grep -q ': cannot start a new segment: ' "$T/log"
		is_stored
	done
}

@test "the store: old segments can't be deleted" {
	PAD=$(printf ' %01500d' 0)
	start_room -m 64K -z 64K -t 128K -s "$T/store"
	MOST=0 room_survives unlinkat EPERM EIO
	[ "$(cat "$T/store"/* | wc -c)" -lt 400000 ]
}

@test "the store: no memory" {
	memory_fails || return 0
	start_kept_room
	room_survives reallocarray ENOMEM
	is_stored
	start_kept_room
	room_survives malloc ENOMEM
	is_stored
}

@test "the store: what can't be read is told as lost, and nothing else" {
	local what n got lost
	start_kept_room
	converse before
	echo last | chat-send -r "$ROOM"
	in_time 30 has_line "$T/all" last
	# It hears all there is, and the end.
	printf '\001recv last=1000000\n' >"$T/hello"
	for what in EINTR short half EIO; do
		for ((n = 1; n <= CALLS; n++)); do
			plan "pread=$what@$n"
			socat -t 30 - "TCP:$ROOM" <"$T/hello" >"$T/heard"
			: >"$T/plan"
			grep -av $'^\001' "$T/heard" >"$T/got" || true
			got=$(wc -l <"$T/got")
			lost=$(awk "/^\001lost / { n += \$2 }
			    END { print n + 0 }" "$T/heard")
			[ "$((got + lost))" -eq "$(wc -l <"$T/all")" ]
			[ "$what" = EIO ] || cmp "$T/got" "$T/all"
		done
	done
	grep -q 'damaged at byte .*: Input/output error' "$T/log"
}

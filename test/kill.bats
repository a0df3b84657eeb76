# Programs that are killed at random moments: what they leave behind is whole,
# and the room doesn't mind

load helpers.bash
load chance.bash

# In each test.
KILLS=${CHAT_KILLS:-25}

setup() {
	seeded
	local before=${EPOCHREALTIME//[.,]/}
	# Its buffers are small: writes end in the middle of lines. Whoever comes
	# gets all there was, however long the test takes.
	start_chatd_at -m 64M "$T/room"
	start_recv "$T/direct"
	echo first | chat-send "$ROOM"
	until_ok has_line "$T/direct" first
	# Within so many milliseconds: some are not even up by then, some say a
	# lot, however slow the machine is.
	SOON=$(((${EPOCHREALTIME//[.,]/} - before) / 1000))
}

teardown() {
	cleanup
}

# kill_soon PID: at some moment.
kill_soon() {
	local ms=$((RANDOM % SOON)) seconds
	printf -v seconds %d.%03d $((ms / 1000)) $((ms % 1000))
	pause "$seconds"
	kill -KILL "$1" 2>/dev/null || true
	wait "$1" || [ $? -eq 137 ]
}

# room_lives FDS: it has that many descriptors, and takes lines.
room_lives() {
	until_ok has_descriptors "$1"
	echo last | timeout 10 chat-send "$ROOM"
	until_ok has_line "$T/direct" last
	kill -0 "$CHATD"
}

# is_prefix FILE: of what the direct reader got, to the byte.
is_prefix() {
	until_ok longer "$T/direct" "$1"
	head -c "$(wc -c <"$1")" "$T/direct" | cmp - "$1"
}
longer() {
	[ "$(wc -c <"$1")" -ge "$(wc -c <"$2")" ]
}

# first_parts: nothing but what was given, each sender's in order, none twice.
first_parts() {
	in_order "$T/direct"
	grep -v '^k[0-9]*: [0-9]*$' "$T/direct" | cmp - <(printf 'first\nlast\n')
	[ "$(wc -l <"$T/direct")" -gt 2 ]
}

@test "chat-send -r is killed: the room has a first part of its lines" {
	local i fds
	fds=$(descriptors)
	seq 1000000 >"$T/in"
	for ((i = 1; i <= KILLS; i++)); do
		chat-send -r -n "k$i" "$ROOM" <"$T/in" 3>&- &
		kill_soon $!
	done
	room_lives "$fds"
	first_parts
}

@test "chat -r is killed: the room has a first part of its lines" {
	local i fds
	fds=$(descriptors)
	seq 1000000 >"$T/in"
	for ((i = 1; i <= KILLS; i++)); do
		chat -r -n "k$i" "$ROOM" <"$T/in" >"$T/out" 3>&- &
		kill_soon $!
	done
	room_lives "$fds"
	first_parts
}

@test "chat-recv is killed: its output is a first part, whole on a pipe" {
	local i fds
	fds=$(descriptors)
	seq -f 's %.0f' 200000 | chat-send "$ROOM"
	mkfifo "$T/pipe"
	start_feed a chat-send "$ROOM"
	local send=$PID
	for ((i = 1; i <= KILLS; i++)); do
		chat-recv -r -l 1000000000 "$ROOM" >"$T/file" 3>&- &
		kill_soon $!
		# The system may end a write to a file in its middle.
		is_prefix "$T/file"
		cat "$T/pipe" >"$T/piped" 3>&- &
		local cat=$! pipe
		# Open here, so that cat sees an end in any case.
		exec {pipe}>"$T/pipe"
		chat-recv -r -l 1000000000 "$ROOM" >&"$pipe" {pipe}>&- 3>&- &
		exec {pipe}>&-
		kill_soon $!
		wait "$cat"
		is_prefix "$T/piped"
		[ -z "$(tail -c 1 "$T/piped")" ]
	done
	touch "$T/enough" "$T/leave"
	wait "$send"
	room_lives "$fds"
}

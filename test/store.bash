# What the suites share that keep a room on disk, in $T/store; the room is a
# socket at $T/room, so that its address stays when it is started anew.

# open_room [OPTION...]: start it; if it has run before, what it logs now is in
# $T/log alone.
open_room() {
	start_chatd_at -s "$T/store" "$@" "$T/room"
}

# reopen SIGNAL [OPTION...]: end it by a signal and start it anew.
reopen() {
	local signal=$1
	shift
	stop "$CHATD" "$signal"
	open_room "$@"
}

# talk [FORMAT [ARGUMENT...]]: one whole connection that says what printf makes
# of it; what the room answers, ^A for its control lines' first byte.
talk() {
	# shellcheck disable=SC2059
	printf "$@" | socat -T 20 -t 20 - "UNIX-CONNECT:$T/room" |
		sed 's/\x01/^A/g'
}

# past [WORD...]: everything there is, as a reader gets it.
past() {
	printf '\001recv %s\n' "last=1000000000${*:+ $*}" |
	    socat -T 20 -t 20 - "UNIX-CONNECT:$T/room" |
	    sed 's/\x01/^A/g; /^^Abye/d'
}

# stored: the messages in all segments, as cat would see them.
stored() {
	cat "$T/store"/* | grep -av $'^\001'
}

# segments: how many there are. first: the name of the oldest, newest.
segments() {
	list_segments
	echo ${#SEGMENTS[@]}
}
oldest() {
	list_segments
	echo "${SEGMENTS[0]}"
}
newest() {
	list_segments
	echo "${SEGMENTS[-1]}"
}
list_segments() {
	untraced find_segments
}
find_segments() {
	local file
	SEGMENTS=()
	for file in "$T/store"/*; do
		[ ! -f "$file" ] || SEGMENTS+=("$file")
	done
}

# refuses_store PATTERN... : chatd ends with status 2 and says these lines.
refuses_store() {
	local pattern
	run -2 timeout 20 chatd -s "$T/store" "$T/other" 3>&-
	echo "$output"
	for pattern; do
		# shellcheck disable=SC2053
		[[ $output == *$pattern* ]] || return
	done
	[ "${lines[-1]}" = \
"chatd: $T/store: damaged; use -f to start without what is lost" ]
}

# poke FILE OFFSET TEXT: overwrite bytes of a file.
poke() {
	printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# offset_of FILE TEXT: where it first is.
offset_of() {
	local found
	found=$(LC_ALL=C grep -abo -m 1 -e "$2" "$1")
	echo "${found%%:*}"
}

# What suites share that lose power: a room that is recorded under load, and
# what becomes of it. Load it after helpers.bash, chance.bash and store.bash.

POWERLOSS=${CHAT_POWERLOSS:-$ROOT/test/tools/powerloss}
RECORDER=${CHAT_RECORDER:-$ROOT/test/tools/recorder.so}

# After how many losses of power a room is started, in each test: fewer where
# that takes long.
LOSSES=${CHAT_LOSSES:-$([ -n "$VALGRIND" ] && echo 5 || echo 80)}

# Segments follow one another fast, and old ones are deleted.
SMALL=(-z 64K -m 256K)

# recorded CHATD...: it, with all that it does to its disk in $T/recording. The
# library can't be the first where there is a sanitizer, too.
recorded() {
	LD_PRELOAD=$RECORDER RECORD_LOG=$T/recording \
	    ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 "$@"
}

# keep_room OPTION...: a room at $T/room that dies at some operation on its
# files, and is started again, until $T/enough is there.
keep_room() {
	local status
	until [ -e "$T/enough" ]; do
		status=0
		# Who keeps less than the one before deletes more at once.
		RECORD_DIE=$((RANDOM % 200 + 1)) recorded chatd "$@" \
		    -t "$((RANDOM % 4 * 128 + 128))K" -s "$T/store" "$T/room" 2>>"$T/log" || status=$?
		# As a library that ends it does, as it does itself, or as it
		# is ended when it has hardly begun.
		case $status in
		0 | 137 | 143) ;;
		*) return 1 ;;
		esac
	done
}

# trickle NAME LINES: some at a time.
trickle() {
	local i=1 most
	while [ "$i" -le "$2" ]; do
		most=$((i + RANDOM % 40))
		[ "$most" -le "$2" ] || most=$2
		numbered "$1 " "$i" "$most" ' and more of it'
		i=$((most + 1))
		pause "0.00$((RANDOM % 10))"
	done
}

# say_refused SESSION: 30 lines of one, a few at a time, every third of which is
# refused. What the room has by then is asked for, since it may have died.
say_refused() {
	local i n=0
	until [ "$n" -ge 30 ]; do
		kill -0 "$CHATD" || return
		n=$(talk '\001send session=%s\n' "$1" 2>/dev/null)
		if [[ ! $n =~ (^|$'\n')'^Aok '([0-9]+) ]]; then
			n=0
			continue
		fi
		n=${BASH_REMATCH[2]}
		for ((i = n + 1; i <= n + 4; i++)); do
			((i % 3 == 0)) && echo $'bad\001' || echo "$1 $i"
		done >"$T/few"
		talk '\001send session=%s\n%s\n' "$1" "$(<"$T/few")" \
		    >/dev/null 2>&1 || true
	done
}

# end_room: for good; it may be about to be started.
end_room() {
	local room
	touch "$T/enough"
	until room=$(pgrep -P "$CHATD" -x chatd) ||
	    ! kill -0 "$CHATD" 2>/dev/null; do
		pause 0.01
	done
	[ -z "$room" ] || kill "$room" 2>/dev/null || true
	wait "$CHATD"
}

# record_once OPTION...: a room that several clients talk in.
record_once() {
	local name pid pids=()
	rm -rf "$T/store" "$T/recording" "$T/log" "$T/enough"
	start keep_room "${SMALL[@]}" "$@"
	CHATD=$PID
	until_ok test -e "$T/log"
	until_ok listens
	FIRST=$(oldest)
	ROOM=$T/room
	start chat-recv -r "$ROOM" >"$T/read" 2>/dev/null
	local reader=$PID
	for name in a b c; do
		trickle "$name" 3000 3>&- |
			timeout 300 chat-send -r "$ROOM" 2>/dev/null 3>&- &
		pids+=($!)
	done
	# Much at once, so that segments follow one another.
	seq -f "bulk %.0f of many lines that fill one segment after another" \
	    20000 | timeout 300 chat-send -r "$ROOM" 2>/dev/null 3>&- &
	pids+=($!)
	say_refused d
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	end_room
	stop "$reader"
}

# has_all: segments were begun and deleted, and the room has died meanwhile.
has_all() {
	[ "$(grep -c 'listening on' "$T/log")" -gt 2 ] &&
	    [ "$(segments)" -gt 1 ] && [ ! -e "$FIRST" ]
}

# record_load OPTION...: a room that had all that can happen to it: how much was
# written at once is up to the machine.
record_load() {
	local i
	RECORDED=("$@")
	for ((i = 0; i < 5; i++)); do
		record_once "$@"
		! has_all || return 0
	done
	echo "nothing was deleted, or no room has died" >&2
	return 1
}

# lose_power OPTION...: start a room after each of many losses of power: see
# powerloss.c. With -S if the room that was recorded had that.
lose_power() {
	mkdir -p "$T/scratch"
	ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
	    timeout 1800 "$POWERLOSS" -s "$SEED" -n "$LOSSES" "$@" \
	    "$T/recording" "$T/store" "$T/scratch" \
	    chatd "${SMALL[@]}" "${RECORDED[@]}" 3>&-
}

# What suites share that lose power: a room that is recorded under load, and
# what becomes of it. Load it after helpers.bash, chance.bash and store.bash.

POWERLOSS=${CHAT_POWERLOSS:-$ROOT/test/tools/powerloss}
RECORDER=${CHAT_RECORDER:-$ROOT/test/tools/recorder.so}

# After how many losses of power a room is started, in each test: fewer where
# that takes long.
LOSSES=${CHAT_LOSSES:-$([ -n "$VALGRIND" ] && echo 5 || echo 150)}

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
		RECORD_DIE=$((RANDOM % 300 + 1)) recorded chatd "$@" \
		    -t "$((RANDOM % 4 * 128 + 128))K" -s "$T/store" "$T/room" 2>>"$T/log" || status=$?
		# As a library that ends it does, or as it does itself.
		[ "$status" -eq 137 ] || [ "$status" -eq 0 ] || return
	done
}

# trickle NAME LINES: some at a time.
trickle() {
	local i=1 most
	while [ "$i" -le "$2" ]; do
		most=$((i + RANDOM % 40))
		[ "$most" -le "$2" ] || most=$2
		seq -f "$1 %.0f and more of it" "$i" "$most"
		i=$((most + 1))
		sleep "0.00$((RANDOM % 10))"
	done
}

# say_refused SESSION: 30 lines of one, a few at a time, every third of which is
# refused. What the room has by then is asked for, since it may have died.
say_refused() {
	local i n=0
	until [ "$n" -ge 30 ]; do
		n=$(talk '\001send session=%s\n' "$1" 2>/dev/null |
			sed -n 's/^^Aok \([0-9]*\).*/\1/p')
		if [ -z "$n" ]; then
			n=0
			continue
		fi
		for ((i = n + 1; i <= n + 4; i++)); do
			((i % 3 == 0)) && echo $'bad\001' || echo "$1 $i"
		done >"$T/few"
		talk '\001send session=%s\n%s\n' "$1" "$(cat "$T/few")" \
		    >/dev/null 2>&1 || true
	done
}

# record_load OPTION...: a room that several clients talk in.
record_load() {
	local name pid pids=()
	RECORDED=("$@")
	rm -f "$T/enough"
	start keep_room "${SMALL[@]}" "$@"
	CHATD=$PID
	until_ok grep -q 'listening on' "$T/log"
	ROOM=$T/room
	start chat-recv -r "$ROOM" >"$T/read" 2>/dev/null
	local reader=$PID
	for name in a b c; do
		trickle "$name" 3000 3>&- | chat-send -r "$ROOM" 2>/dev/null 3>&- &
		pids+=($!)
	done
	seq -f "bulk %.0f" 20000 | chat-send -r "$ROOM" 2>/dev/null 3>&- &
	pids+=($!)
	say_refused d
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	touch "$T/enough"
	kill "$(pgrep -P "$CHATD" chatd)"
	wait "$CHATD"
	stop "$reader"
}

# lose_power OPTION...: start a room after each of many losses of power: see
# powerloss.c. With -S if the room that was recorded had that.
lose_power() {
	mkdir -p "$T/scratch"
	ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
	    timeout 900 "$POWERLOSS" -s "$SEED" -n "$LOSSES" "$@" \
	    "$T/recording" "$T/store" "$T/scratch" \
	    chatd "${SMALL[@]}" "${RECORDED[@]}" 3>&-
}

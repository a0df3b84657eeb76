# chatd -s: what is torn is cut off, what is damaged is told

load helpers.bash
load wire.bash
load store.bash

teardown() {
	cleanup
}

# make_store: some lines of several authors, sessions among them, the last one
# not short.
make_store() {
	open_room "$@"
	printf 'a\nb\n' | chat-send "$ROOM"
	talk '\001send session=one\nc\nbad\001\nd\n' >/dev/null
	printf 'e\nf\n' | chat-send "$ROOM"
	talk '\001send session=two\ng\n' >/dev/null
	printf '%0100d\n' 1 2 3 | chat-send "$ROOM"
	past | grep -v '^^A' >"$T/all"
	stop "$CHATD"
}

# make_segments: the lines 1 to 100000 in several.
make_segments() {
	local i
	open_room -z 64K
	for i in 1 2 3 4 5; do
		seq $((i * 20000 - 19999)) $((i * 20000)) | grep -vx 100000 |
			chat-send "$ROOM"
	done
	# So that the newest one isn't empty.
	echo 100000 | chat-send "$ROOM"
	stop "$CHATD"
	[ "$(segments)" -ge 6 ]
}

# adds_up TOTAL: a reader of everything gets some of the lines 1 to TOTAL, in
# order, and is told how many it doesn't get; $LOST are they, $T/got the lines.
adds_up() {
	past >"$T/heard"
	grep -v '^^A' "$T/heard" >"$T/got"
	sort -nu "$T/got" | cmp - "$T/got" || return
	LOST=$(awk '/^\^Alost/ { n += $2 } END { print n + 0 }' "$T/heard")
	[ $(($(wc -l <"$T/got") + LOST)) -eq "$1" ]
}

# segment N: the Nth one.
segment() {
	find "$T/store" -type f | sort | sed -n "$1p"
}

@test "a store that is cut anywhere is a store, with fewer lines" {
	make_store
	local file size n all ends left
	file=$(newest)
	size=$(stat -c %s "$file")
	cp "$file" "$T/whole"
	mapfile -t all <"$T/all"
	mapfile -t ends < <(LC_ALL=C awk '{ n += length($0) + 1; print n - 1 }' \
	    "$file")
	[ "${ends[-1]}" -eq $((size - 1)) ]
	# In records and lines, and around the end of each.
	for n in $({
		seq 0 37 "$size"
		printf '%s\n' "${ends[@]}"
	} | awk '{ print $1 - 1; print $1; print $1 + 1 }' | sort -nu); do
		((n >= 0 && n <= size)) || continue
		head -c "$n" "$T/whole" >"$file"
		TIMED=1 start chatd -s "$T/store" "$T/room" 2>"$T/log"
		CHATD=$PID
		until_ok listens
		stop "$CHATD"
		stored >"$T/left" || true
		mapfile -t left <"$T/left"
		cmp -s "$T/left" <(printf '%s\n' "${all[@]:0:${#left[@]}}") ||
			[ ${#left[@]} -eq 0 ]
		# What is cut off is said.
		if [[ " ${ends[*]} " == *" $((n - 1)) "* ]] && [ "$n" -gt 45 ]; then
			run ! matches "$T/log" 'cut off'
		else
			matches "$T/log" 'bytes? cut off$' || [ "$n" -eq 0 ]
		fi
		rm -f "$T/store"/*
	done
}

@test "a torn end of any kind is cut off and logged" {
	make_store
	local file size tail
	file=$(newest)
	size=$(stat -c %s "$file")
	for tail in 'half' '\001at 12' '\001by 1' '\0\0\0\0\0\0' 'half\0\0\0' \
		'\001session x 1' '\0\n\0\n' 'half\n\001'; do
		printf '%b' "$tail" >>"$file"
		open_room
		grep -q "^chatd: $file: .* at the end, [0-9]* bytes\{0,1\} cut off\$" \
			"$T/log"
		past | grep -v '^^A' | grep -vx half | cmp - "$T/all"
		stop "$CHATD" KILL
		[ "$tail" = 'half\n\001' ] ||
			[ "$(stat -c %s "$file")" -eq "$size" ]
	done
	# More than a line's, or a buffer's worth of zeros.
	truncate -s +1M "$file"
	open_room -m 64K
	[ "$(grep -c 'bytes\{0,1\} cut off$' "$T/log")" -eq 1 ]
	echo more | chat-send "$ROOM"
	reopen KILL
	[ "$(past | tail -n 1)" = more ]
}

# write_holed BYTES TIME: a segment whose second sector has zeros at its start,
# 21 lines said at 1000, and one at TIME.
write_holed() {
	local file
	file=$T/store/$(printf %020d 1)
	rm -rf "$T/store"
	mkdir -m 700 "$T/store"
	{
		printf '\001at 1\n\001room 1 1\n'
		printf '\001at 1\n\001time 1000\n\001by 1\n'
		printf '%0100d\n' {1..20}
		printf '\001at 21\n\001time 1000\n\001by 1\nx\n'
		printf '\001at 22\n\001time %d\n\001by 1\ny\n' "$2"
	} >"$file"
	dd if=/dev/zero of="$file" bs=1 seek=512 count="$1" conv=notrunc \
		status=none
}

@test "a hole that a loss of power has left is cut off with all after it" {
	write_holed 512 1600
	open_room
	[ "$(past | grep -v '^^A')" = "$(printf '%0100d\n' 1 2 3 4)" ]
	grep -q "$(newest): control .* at the end, [0-9]* bytes cut off\$" \
		"$T/log"
	[ "$(talk '\001recv\n')" = '^Aat 5' ]
	stop "$CHATD"
	# Zeros that begin, or end, somewhere else.
	write_holed 1024 1600
	poke "$(newest)" 460 '\0'"$(printf '\\0%.0s' {1..51})"
	open_room
	[ "$(past | grep -vc '^^A')" -eq 4 ]
	stop "$CHATD"
	write_holed 511 1600
	refuses_store "$(newest): damaged at byte "
	# Lines that a disk had minutes ago.
	write_holed 512 1601
	refuses_store "$(newest): damaged at byte "
	open_room -f
	[ "$(past | grep -v '^^A' | tail -n 2 | tr '\n' ' ')" = 'x y ' ]
}

@test "a segment without a whole head is none" {
	make_segments
	local next head
	for head in '' '\001at 1' '\001at NEXT\n' \
		'\001at NEXT\n\001session a 1 1\n' '\0\0\0\0\0\0\0\0'; do
		stored >"$T/all"
		next=$(talk_next)
		printf '%b' "${head/NEXT/$next}" \
			>"$T/store/$(printf %020d "$next")"
		open_room -z 64K
		past | grep -v '^^A' | cmp - "$T/all"
		echo 1 | chat-send "$ROOM"
		reopen KILL -z 64K
		[ "$(room_log | wc -l)" -eq 1 ]
		[ "$(past | tail -n 1)" = 1 ]
		stop "$CHATD"
	done
}
# talk_next: the number of the next line.
talk_next() {
	open_room
	talk '\001recv\n' | sed -n 's/^^Aat //p'
	stop "$CHATD"
}

@test "zeros larger than the ring instead of a segment" {
	make_segments
	local next
	next=$(talk_next)
	truncate -s 1M "$T/store/$(printf %020d "$next")"
	open_room -m 64K
	grep -q '1048576 bytes cut off' "$T/log"
	[ "$(talk '\001recv\n')" = "^Aat $next" ]
	past | grep -v '^^A' | cmp - <(seq 100000)
}

@test "a damaged line: refused with its place, -f goes on" {
	make_segments
	local file at
	file=$(segment 3)
	at=$(offset_of "$file" 55555 || true)
	[ -n "$at" ] || at=$(($(stat -c %s "$file") / 2))
	poke "$file" "$at" '\0\0\0\0'
	refuses_store "chatd: $file: damaged at byte "
	[ ! -e "$T/other" ]
	open_room -f
	grep -q "$file: damaged at byte " "$T/log"
	grep -q "$T/store: lines [0-9]* to [0-9]* are lost\$" "$T/log"
	adds_up 100000
	[ "$LOST" -gt 0 ]
	[ "$(tail -n 1 "$T/got")" = 100000 ]
	echo 100001 | chat-send "$ROOM"
	reopen KILL -f
	adds_up 100001
}

@test "damage of every kind" {
	make_segments
	cp -r "$T/store" "$T/whole"
	local kind file number
	file=$(segment 2)
	number=$(basename "$file" | sed 's/^0*//')
	for kind in missing long high record head first anew gap cut copy; do
		echo "$kind"
		case $kind in
		missing) rm "$file" ;;
		long) poke "$file" 100 "$(printf '%05000d' 0)" ;;
		high) poke "$file" 200 '\0377\0376' ;;
		record) sed -i '50s/^/\x01what 5\n/' "$file" ;;
		head) poke "$file" 20 '\0\0\0\0' ;;
		first) poke "$file" 0 '\0\0' ;;
		anew) sed -i "1,9s/^\x01at .*/\x01at 17/" "$file" ;;
		gap) sed -i "1s/$/\n\x01at $((number + 9))/" "$file" ;;
		cut) truncate -s -10 "$file" ;;
		copy) cp "$file" "$T/store/$(printf %020d $((number + 99)))" ;;
		esac
		refuses_store "damaged at byte "
		[[ $output == *"chatd: $T/store/0"*": damaged at byte "* ]]
		open_room -f -m 64K
		adds_up 100000
		[[ $kind == @(copy|head|first) ]] || [ "$LOST" -gt 0 ]
		[ "$(tail -n 1 "$T/got")" = 100000 ]
		stop "$CHATD"
		rm -r "$T/store"
		cp -r "$T/whole" "$T/store"
	done
}

@test "damage at the end, where good lines follow" {
	make_store
	local file size
	file=$(newest)
	size=$(stat -c %s "$file")
	poke "$file" $((size - 150)) '\0\0\0\0'
	refuses_store "$file: damaged at byte "
	[ "$(stat -c %s "$file")" -eq "$size" ]
	open_room -f
	# Numbers are not used again, and sessions not forgotten.
	echo new | chat-send "$ROOM"
	[ "$(past | tail -n 1)" = new ]
	[ "$(talk '\001send session=one\n')" = '^Aok 3' ]
	[ "$(talk '\001send session=two\n')" = '^Aok 1' ]
	[ "$(segments)" -eq 2 ]
}

@test "a head without an end is no reason to lose the segment" {
	make_store
	local file
	file=$(newest)
	sed -i 's/^\x01room .*/\x01r\x00\x00m/' "$file"
	refuses_store "$file: damaged at byte "
	open_room -f
	past | grep -v '^^A' | cmp - "$T/all"
	[ "$(talk '\001send session=one\n')" = '^Aok 3' ]
	[ "$(past | head -n 1)" = "^Aat $(basename "$file" | sed 's/^0*//')" ]
}

@test "damage that comes while the room is open is told to who meets it" {
	open_room -m 64K -z 64K
	seq 100000 | chat-send "$ROOM"
	poke "$(segment 3)" 5000 '\0\0'
	adds_up 100000
	[ "$LOST" -gt 0 ]
	grep -q "$(segment 3): damaged at byte " "$T/log"
	rm "$(segment 2)"
	adds_up 100000
	kill -0 "$CHATD"
}

@test "a store that comes from a log leaves it, and loses nothing by that" {
	local file hash=0000000000000000
	file=$T/store/$(printf %020d 1000)
	mkdir -m 700 "$T/store"
	printf '\001%s\n' 'at 1000' 'shared id 5 0' "node a 1 1 $hash" 'down a 1' \
		"log 1 t1 $hash 50" 'here x 1 0 b 7' 'room 1000 4' 'at 1000' \
		'time 50' 'by 1' >"$file"
	printf 'one\n\001log 2 t2 %s 50\ntwo\n' "$hash" >>"$file"
	open_room
	grep -qx "chatd: $T/store: has left its log at position 2" "$T/log"
	[ "$(past | grep -v '^^A')" = $'one\ntwo' ]
	# The session is held, and knows both lines.
	talk '\001send session=x\nthree\n' | grep -qx '\^Aok 3'
	[ "$(segments)" -eq 2 ]
	run ! matches "$(newest)" $'^\001\\(log\\|node\\|shared\\)'
	reopen KILL
	run ! matches "$T/log" 'has left its log'
	[ "$(past | grep -v '^^A')" = $'one\ntwo\nthree' ]
	[ "$(segments)" -eq 2 ]
}

# Losses of power: a room is recorded under load, and one is started on what a
# disk may show after a loss of power at any place of that

# bats file_tags=long
load helpers.bash
load wire.bash
load store.bash
load chance.bash
load fault.bash
load powerloss.bash

setup() {
	seeded
}

teardown() {
	touch "$T/enough"
	cleanup
}

@test "-S: a loss of power takes nothing back that anybody was told of" {
	record_load -S
	lose_power
}

@test "-S: nor does a second one, while the room starts and goes on" {
	record_load -S
	lose_power -r "$RECORDER"
}

@test "without -S: it takes the end of the newest segment, if not yet written" {
	record_load
	lose_power -o
}

@test "without -S: so does a second one, while the room starts and goes on" {
	record_load
	lose_power -o -r "$RECORDER"
}

# missed SYNC [OPTION...]: powerloss finds no bad state without syncs of this
# kind.
missed() {
	local sync=$1 status=0
	shift
	lose_power "$@" -i "$sync" -n 300 >"$T/found" 2>&1 || status=$?
	if [ "$status" -eq 1 ]; then
		grep -q '^powerloss: state .* of seed ' "$T/found" && return 1
	fi
	[ "$status" -le 1 ] || cat "$T/found" >&2
	return 0
}

# needed RECORD LOSE: each kind of sync, in a room with these options, as the
# losses of power with those show. A recording may have few moments that
# matter for one, then there is another.
needed() {
	local sync i left=(data file directory parent) still
	for ((i = 0; i < 8 && ${#left[@]} > 0; i++)); do
		# shellcheck disable=SC2086 # none is no argument
		record_load $1
		still=()
		for sync in "${left[@]}"; do
			# shellcheck disable=SC2086
			! missed "$sync" $2 || still+=("$sync")
		done
		left=("${still[@]}")
		SEED=$((SEED + 1))
	done
	echo "not needed after $i recordings: ${left[*]}"
	[ "${#left[@]}" -eq 0 ]
}

@test "each kind of sync is needed with -S" {
	needed -S ''
}

@test "each kind of sync is needed without -S" {
	needed '' -o
}

@test "-S: what is there already is confirmed before anybody hears it" {
	open_room -z 64K
	seq 100000 | chat-send "$ROOM"
	stop "$CHATD"
	# As a copy is, or what was written by a room without -S.
	preloaded chatd FAULT=fsync=note@/1
	start "${FAULTY[@]}" chatd -S -s "$T/store" "$T/room" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	# The directory as well, and the one that it is in.
	[ "$(grep -c '^fsync note' "$T/faults")" -ge $(($(segments) + 2)) ]
}

# Losses of power: a room is recorded under load, and one is started on what a
# disk may show after a loss of power at any place of that

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

# needed [OPTION...]: without any of these syncs, powerloss finds a bad state.
needed() {
	local sync
	for sync in data file folder parent; do
		run -1 lose_power "$@" -i "$sync" -n 1000
		[[ $output == *'powerloss: state '*' of seed '* ]]
	done
}

@test "each kind of sync is needed, with -S and without" {
	record_load -S
	needed
	rm -r "$T/store" "$T/recording"
	record_load
	needed -o
}

@test "-S: what is there already is confirmed before anybody hears it" {
	open_room -z 64K
	seq 100000 | chat-send "$ROOM"
	stop "$CHATD"
	# As a copy is, or what was written by a room without -S.
	preloaded chatd FAULT=fsync=note@/1
	start "${FAULTY[@]}" chatd -S -s "$T/store" "$T/room" 2>"$T/log"
	CHATD=$PID
	until_ok grep -q 'listening on' "$T/log"
	# The folder as well, and the one that it is in.
	[ "$(grep -c '^fsync note' "$T/faults")" -ge $(($(segments) + 2)) ]
}

# The model: a room with random clients does what chat(7) says

load helpers.bash
load chance.bash

MODEL=$ROOT/test/model/model

setup() {
	seeded
}
teardown() {
	cleanup
}

# believe [OPTION...]: the model finds nothing that isn't true.
believe() {
	TMPDIR=$T run -0 "$MODEL" "$@" "$(command -v chatd)"
}

@test "whatever random clients do, what the page promises is true" {
	believe -j 4 -n "${CHAT_SEEDS:-8}" -s "$SEED"
}

@test "few operations of many seeds: the beginning and the end" {
	believe -j 4 -n "${CHAT_SEEDS:-8}" -o 10 -s "$SEED"
}

# A room that tells everybody of a line which nobody has said.
liar() {
	cat >"$T/liar" <<-'EOF'
	#!/bin/bash
	[ -z "$SOCAT_PID" ] || { printf '\001ok 1\n'; exec cat >/dev/null; }
	exec socat -d -d UNIX-LISTEN:room,fork EXEC:"$0" 2> >(
		grep -m 1 'listening on' >/dev/null
		echo 'chatd: listening on ./room' >&2
		exec cat >/dev/null
	)
	EOF
	chmod +x "$T/liar"
}

@test "the model names the promise that a room breaks, and how to see it again" {
	liar
	# With this seed it is to listen at a path.
	TMPDIR=$T run -1 timeout 30 "$MODEL" -s 1 "$T/liar"
	[[ $output == *'NOT TRUE: ok: To send and chat only'* ]]
	[[ $output == *"FAILED: model -s 1 -o 300 $T/liar"* ]]
	[[ $output == *'1 seed from 1, 1 bad' ]]
}

@test "the model says what it can't do" {
	run -2 "$MODEL"
	[[ $output == 'model: usage: '* ]]
	run -2 "$MODEL" -n 0 chatd
	[ "$output" = 'model: 0: too small' ]
	run -2 "$MODEL" "$T/nothing"
	[ "$output" = "model: $T/nothing: No such file or directory" ]
}

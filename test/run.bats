# make check itself: what it runs, and the summary at its end
load helpers.bash

# make_suite NAME COMMAND [TAG]: a suite of one test, besides run.sh in $T/test.
make_suite() {
	mkdir -p "$T/test"
	cp "$ROOT/test/run.sh" "$T/test"
	{
		[ -z "${3:-}" ] || echo "# bats test_tags=$3"
		printf '@test "%s" {\n\t%s\n}\n' "$1 works" "$2"
	} >"$T/test/$1.bats"
}

# make_output NAME SHELL-COMMAND...: a suite whose output that is. Something else
# has the name of bats.
make_output() {
	mkdir -p "$T/bin" "$T/test"
	cp "$ROOT/test/run.sh" "$T/test"
	printf '%s\n' '#!/bin/sh' 'exec sh "$2"' >"$T/bin/bats"
	chmod +x "$T/bin/bats"
	printf '%s\n' "${@:2}" >"$T/test/$1.bats"
}

# check [FILE...]: as make check does, without anything that this suite's own
# run was started with, parts of bats among it.
check() {
	env -i PATH="$T/bin:${PATH//"$BATS_LIBEXEC:"/}" TMPDIR="$T" \
	    FAST="${FAST:-0}" "$T/test/run.sh" "$@" 3>&- 4>&-
}

@test "make check: how long it took, the five longest suites, and the counts" {
	local name
	for name in a b c d e; do
		make_output "$name" 'echo 1..1' "echo 'ok 1 it works'"
	done
	make_output slow 'sleep 2.1' 'echo 1..1' "echo 'ok 1 it works'"
	run -0 check
	[ "${lines[-1]}" = '6 passed, 0 failed' ]
	[[ ${lines[-2]} =~ ^#\ [0-9]+\ s\ in\ all\;\ longest:\ (.*)$ ]]
	[[ ${BASH_REMATCH[1]} =~ ^slow\ [0-9]+\ s(,\ [a-e]\ [0-9]+\ s){4}$ ]]
	run -0 check "$T/test/a.bats"
	[[ ${lines[-2]} =~ ^#\ [0-9]+\ s\ in\ all\;\ longest:\ a\ [0-9]+\ s$ ]]
}

@test "make check: what failed is named once more before that" {
	make_output good 'echo 1..1' "echo 'ok 1 it works'"
	make_output bad 'echo 1..1' "echo 'not ok 1 it fails'" false
	run -1 check
	[ "${lines[-1]}" = '1 passed, 1 failed' ]
	[[ ${lines[-2]} == '# '*' s in all; longest: '* ]]
	[ "${lines[-3]}" = '# failed: bad.bats: 1 it fails' ]
}

@test "make check: a suite that doesn't end its tests has failed" {
	make_output gone 'echo 1..3' "echo 'ok 1 it works'" "kill -KILL \$\$"
	run -1 check
	[ "${lines[-1]}" = '1 passed, 2 failed' ]
	make_output gone :
	run -1 check
	[ "${lines[-1]}" = '0 passed, 1 failed' ]
}

@test "make check: a suite with the tag long is among the first" {
	local name
	for name in a b c d; do
		make_output "$name" 'echo 1..1' i=0 \
		    'until [ -e "$TMPDIR/long" ]; do' \
		    '[ $((i += 1)) -lt 100 ] || exit 1; sleep 0.1; done' \
		    "echo 'ok 1 it works'"
	done
	make_output z '# bats file_tags=slow, long' ': >"$TMPDIR/long"' \
	    'echo 1..1' "echo 'ok 1 it works'"
	# With more processors all would begin at once.
	printf '%s\n' '#!/bin/sh' 'echo 4' >"$T/bin/getconf"
	chmod +x "$T/bin/getconf"
	run -0 check
	[ "${lines[-1]}" = '5 passed, 0 failed' ]
}

@test "make check FAST=1: the tests with that tag, and no others" {
	make_suite slow false not_fast,breakfast
	make_suite quick true other,fast
	# Of a suite that has others as well, or is named.
	printf '@test "not now" {\n\tfalse\n}\n' >>"$T/test/quick.bats"
	FAST=1 run -0 check
	[ "${lines[-1]}" = '1 passed, 0 failed' ]
	[[ $output == *'ok 1 quick works'* ]]
	FAST=1 run -0 check "$T/test/quick.bats"
	[ "${lines[-1]}" = '1 passed, 0 failed' ]
	run -1 check
	[ "${lines[-1]}" = '1 passed, 2 failed' ]
}

@test "make check FAST=1: unit tests, and every command" {
	local suite
	for suite in unit chatd chat-send chat-recv chat terminal; do
		matches "$ROOT/test/$suite.bats" '^# bats (file|test)_tags=fast$'
	done
}

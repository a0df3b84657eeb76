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

# check [FILE...]: as make check does, without anything that this suite's own
# run was started with, parts of bats among it.
check() {
	env -i PATH="${PATH//"$BATS_LIBEXEC:"/}" TMPDIR="$T" FAST="${FAST:-0}" \
	    "$T/test/run.sh" "$@" 3>&- 4>&-
}

@test "make check: how long it took, the five longest suites, and the counts" {
	local name
	for name in a b c d e; do
		make_suite "$name" true
	done
	make_suite slow 'sleep 2.1'
	run -0 check
	[ "${lines[-1]}" = '6 passed, 0 failed' ]
	[[ ${lines[-2]} =~ ^#\ [0-9]+\ s\ in\ all\;\ longest:\ (.*)$ ]]
	[[ ${BASH_REMATCH[1]} =~ ^slow\ [0-9]+\ s(,\ [a-e]\ [0-9]+\ s){4}$ ]]
	run -0 check "$T/test/a.bats"
	[[ ${lines[-2]} =~ ^#\ [0-9]+\ s\ in\ all\;\ longest:\ a\ [0-9]+\ s$ ]]
}

@test "make check: what failed is named once more before that" {
	make_suite good true
	make_suite bad false
	run -1 check
	[ "${lines[-1]}" = '1 passed, 1 failed' ]
	[[ ${lines[-2]} == '# '*' s in all; longest: '* ]]
	[ "${lines[-3]}" = '# failed: bad.bats: 1 bad works' ]
}

@test "make check: a suite that doesn't end its tests has failed" {
	make_suite gone 'kill -KILL $PPID $$'
	run -1 check
	[ "${lines[-1]}" = '0 passed, 1 failed' ]
}

@test "make check FAST=1: the tests with that tag, and no others" {
	make_suite slow false
	make_suite slower false not_fast,breakfast
	make_suite quick true other,fast
	FAST=1 run -0 check
	[ "${lines[-1]}" = '1 passed, 0 failed' ]
	[[ $output == *'ok 1 quick works'* ]]
	# Those of a suite that is named, too.
	printf '@test "not now" {\n\tfalse\n}\n' >>"$T/test/quick.bats"
	FAST=1 run -0 check "$T/test/quick.bats"
	[ "${lines[-1]}" = '1 passed, 0 failed' ]
	run -1 check
	[ "${lines[-1]}" = '1 passed, 3 failed' ]
}

@test "make check FAST=1: unit tests, and every command" {
	local suite
	for suite in unit chatd chat-send chat-recv chat terminal; do
		grep -Eq '^# bats (file|test)_tags=fast$' \
		    "$ROOT/test/$suite.bats"
	done
}

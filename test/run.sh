#!/bin/sh
# run.sh - run the suites side by side and count what passed
#
# usage: run.sh [file ...]
#
# All suites if none is named. Prints TAP, suite by suite as they end, then how
# long all took and the five longest of them, and at last "N passed, N failed".
# FAST=1 in the environment runs only the tests with bats's tag "fast". A test
# that its suite has planned but that didn't end counts as failed; so does each
# report of a sanitizer, no matter which process it came from. VALGRIND=1 in the
# environment runs the programs under valgrind; a process with errors counts as
# failed. They have to be built without their sandbox, as make check VALGRIND=1
# does. It takes ten times as long, and a few tests can't pass: valgrind keeps
# descriptors for itself, is too slow for some limits in seconds, and loses a
# program that executes another.

here=$(cd "$(dirname "$0")" && pwd) || exit 2
root=$(dirname "$here")

# At least four, since tests wait more than they compute.
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null) || jobs=4
[ "$jobs" -ge 4 ] || jobs=4

# Programs of the same names that run ours under valgrind.
wrap() {
	if ! command -v valgrind >/dev/null; then
		echo "run.sh: valgrind is not installed" >&2
		exit 2
	fi
	mkdir "$tmp/bin"
	for program in chatd/chatd chatd/etcd/chat-etcd chat-send/chat-send \
	    chat-recv/chat-recv chat/chat; do
		name=${program##*/}
		[ -e "$root/$program" ] || continue
		# A file that valgrind opens may get the place of one that is
		# closed on purpose.
		cat >"$tmp/bin/$name" <<-END
			#!/bin/sh
			exec 9>"$tmp/reports/$name.\$\$"
			exec valgrind -q --error-exitcode=99 --leak-check=full \\
			    --errors-for-leak-kinds=definite,possible \\
			    --vgdb=no --log-fd=9 \\
			    --suppressions="$here/valgrind.supp" \\
			    "$root/$program" "\$@"
		END
		chmod +x "$tmp/bin/$name"
	done
	ln -s "$root/chatd/etcd/chat-log" "$tmp/bin"
	CHAT_BIN=$tmp/bin
	export CHAT_BIN
}

# The reports of a daemon in the background must not get lost, nor what a test
# expects on standard error be mixed with them.
catch_reports() {
	mkdir "$tmp/reports"
	set -- log_path="$tmp/reports/report" log_exe_name=1
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}$1:$2
	UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}$1:$2:print_stacktrace=1
	export ASAN_OPTIONS UBSAN_OPTIONS
}

# Run one suite per process; say of each that has ended: status, output, seconds,
# suite.
run_all() { # FILE...
	# shellcheck disable=SC2016 # the inner shell is to expand it
	long_first "$@" | xargs -0 -n 1 -P "$jobs" sh -c '
		tap=$0/tap.$$ began=$(date +%s)
		bats --tap $FAST_TESTS "$1" </dev/null >"$tap" 2>&1
		echo "$? $tap $(($(date +%s) - began)) $1"' "$tmp"
}

# Count what passed and what failed in a suite's output; what is wrong with all
# of it goes to descriptor 3.
count() { # STATUS OUTPUT SUITE
	awk -v status="$1" -v suite="$3" '
	/^1\.\.[0-9]+$/ { plan = substr($0, 4) }
	/^ok / { passed++ }
	/^not ok / { failed++ }
	END {
		missing = plan - passed - failed
		why = missing " tests did not end"
		if (missing <= 0) {
			missing = !failed && (plan == 0 || status != 0)
			why = plan == 0 ? "no tests" : "bats failed"
		}
		if (missing > 0)
			print "not ok - " suite ": " why | "cat >&3"
		print passed + 0, failed + missing
	}' "$2"
}

# Every file with something in it is a report.
count_reports() {
	for report in "$tmp"/reports/*; do
		[ -s "$report" ] || continue
		failed=$((failed + 1))
		echo "not ok - report of $(basename "$report")"
		sed 's/^/# /' "$report"
	done
}

# Whether one of its tests has that tag.
has_tag() { # TAG SUITE
	grep -Eq "^# bats (file|test)_tags=(.*,)? *$1 *(,|\$)" "$2"
}

# For xargs, begin with those that would end long after all others.
long_first() { # FILE...
	for suite; do
		! has_tag long "$suite" || printf '%s\0' "$suite"
	done
	for suite; do
		has_tag long "$suite" || printf '%s\0' "$suite"
	done
}

# How long it took, and the five longest suites, from lines with their seconds.
took() { # SECONDS
	sort -rn | awk -v all="$1" '
	NR <= 5 {
		sub(/ .*\//, " "); sub(/\.bats$/, "")
		list = list (NR > 1 ? ", " : "; longest: ") $2 " " $1 " s"
	}
	END { print "# " all " s in all" list }'
}

# Show what run_all says has ended. Returns whether nothing has failed.
collect() { # FILES
	exec 3>&1
	passed=0 failed=0 ended=0
	while read -r status tap seconds suite; do
		echo "# $suite"
		cat "$tap"
		sed -n "s|^not ok|# $(basename "$suite"):|p" "$tap" \
		    >>"$tmp/again"
		counts=$(count "$status" "$tap" "$suite")
		passed=$((passed + ${counts% *}))
		failed=$((failed + ${counts#* }))
		ended=$((ended + 1))
		echo "$seconds $suite" >>"$tmp/times"
	done
	if [ "$ended" -lt "$1" ]; then
		echo "not ok - suites that did not end: $(($1 - ended))"
		failed=$((failed + $1 - ended))
	fi
	count_reports
	# Once more, where nobody has to look for them.
	[ ! -s "$tmp/again" ] || sed 's/^/# failed: /; s/: # /: /' "$tmp/again"
	[ ! -s "$tmp/times" ] || took $(($(date +%s) - began)) <"$tmp/times"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}

began=$(date +%s)
FAST_TESTS=
[ "${FAST:-0}" = 0 ] || FAST_TESTS='--filter-tags fast'
export FAST_TESTS
if [ $# -eq 0 ]; then
	for suite in "$here"/*.bats; do
		[ -z "$FAST_TESTS" ] || has_tag fast "$suite" || continue
		set -- "$@" "$suite"
	done
fi
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' HUP INT TERM
catch_reports
[ "${VALGRIND:-0}" != 0 ] || VALGRIND=
export VALGRIND
[ -z "$VALGRIND" ] || wrap
run_all "$@" | collect $#

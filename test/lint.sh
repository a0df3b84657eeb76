#!/bin/bash
# lint.sh - look for what neither compilers nor tests see
#
# usage: lint.sh [cppcheck|format|pages|shell|structure|tidy ...]
#
# All of them if none is named. Prints a line for each, before it what was
# found. The programs and the pages have to be built already.

cd "$(dirname "$0")/.." || exit 2
shopt -s nullglob

sources=(lib/*.c lib/*/*.c chatd/*.c chatd/*/*.c chat-send/*.c chat-recv/*.c
    chat/*.c)
tests=(test/unit/*.c test/bench/*.c test/fuzz/*.c test/model/*.c test/tools/*.c)
scripts=(chatd/etcd/chat-log test/*.sh test/*/*.sh .ci/* .dist/deb .dist/picture
    .dist/share-out .dist/tarball .dist/*BUILD .dist/debian/*.p* lib/completion/*.bash)
suites=(test/*.bats test/*.bash)
pages=(man/*.[1-8])
page_sources=(man/*.scd)
read -ra libbsd < <(pkg-config --cflags libbsd-overlay libssl \
    libcrypto)
flags=(-std=c11 -D_DEFAULT_SOURCE '-DVERSION="0"' -Ilib -Ichatd -Ichat
    -Itest/unit "${libbsd[@]}")

# tidy_files CHECKS FILE...: one at a time, because version 14 takes a va_list
# for uninitialised if it has seen another file before.
tidy_files() {
	local checks=$1
	shift
	printf '%s\0' "$@" | xargs -0 -I{} -P "$(getconf _NPROCESSORS_ONLN)" \
	    clang-tidy --quiet --checks="$checks" {} -- "${flags[@]}"
}

# Tests compare whole structs, cut bytes out of numbers, allocate nothing, read
# numbers that they trust, and have structs that are few but well sorted, and all
# of that on purpose.
tidy() {
	local status=0

	tidy_files '' "${sources[@]}" || status=1
	tidy_files '-cert-*,-bugprone-integer-division,
	    -bugprone-misplaced-widening-cast,-bugprone-narrowing-conversions,
	    -bugprone-suspicious-memory-comparison,
	    -bugprone-suspicious-missing-comma,
	    -clang-analyzer-optin.performance.Padding,
	    -clang-analyzer-optin.portability.UnixAPI,
	    -readability-non-const-parameter' "${tests[@]}" || status=1
	return "$status"
}

# Left out: variables are declared at the top of a function; a function that is
# called through a pointer can't choose its parameters; raise(3) may return;
# the values it believes to know in lib/line.c and bare.c are wrong; writev(2)
# reads an iovec; and where memory is out, a fuzzer ends.
cppcheck_all() {
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	    --enable=warning,style,performance,portability \
	    --suppress=constParameter --suppress=variableScope \
	    --suppress=unreachableCode:lib/client/joint.c \
	    --suppress=knownConditionTrueFalse:lib/line.c \
	    --suppress=negativeIndex:test/bench/bare.c \
	    --suppress=unreadVariable:test/bench/bare.c \
	    --suppress=memleakOnRealloc:test/fuzz/address.c \
	    -D_DEFAULT_SOURCE '-DRB_PROTOTYPE(a,b,c,d)=' \
	    '-DRB_GENERATE(a,b,c,d)=' -Ilib -Ichatd -Ichat -Itest/unit \
	    "${sources[@]}" "${tests[@]}"
}

# The statements that are one line each, as options for clang-format. Left to
# who writes it is how a long one is broken, how tables are laid out, and where
# comments stand after code; and what clang-format takes for something else:
# (type)~value and "strings" "side by side".
statements() {
	awk '
	function balanced(s) {
		return gsub(/\(/, "", s) == gsub(/\)/, "", s)
	}
	/^{$/ { inside = begins = 1; table = ""; next }
	/^}/ { inside = 0 }
	!inside || /^$|^#/ { next }
	comment || /^\t+\/\*/ { comment = !/\*\/$/; next }
	table != "" {
		if ($0 ~ "^" table "}")
			table = ""
		next
	}
	{
		code = $0
		commented = sub(/[\t ]*\/\*.*/, "", code)
		comment = commented && !/\*\//
		head = code ~ /^\t+(} )?(else )?(if|for|while|switch) \(/ ||
		    code ~ /^\t+(} )?(else|do)( {)?$/
		label = code ~ /^\t+(case .*|default):$|^[a-z_]+:$/
		if (code ~ /{$/ && begins && !head && code !~ /^\t+{$/) {
			table = code
			sub(/[^\t].*/, "", table)
			next
		}
		ends = code ~ /[;{}]$/ || label || head && balanced(code)
		odd = commented || code ~ /\)[~"]|" "/
		if (begins && ends && !odd)
			print "--lines=" FNR ":" FNR
		begins = ends
	}' "$1"
}

format() {
	local file lines status=0

	for file in lib/*.h lib/*/*.h chatd/*.h chatd/*/*.h chat/*.h test/*/*.h man/*.scd \
	    "${sources[@]}" "${tests[@]}"; do
		expand "$file" | awk -v file="$file" 'length > 80 {
			print file ":" FNR ": longer than 80 columns"
			long = 1
		}
		END { exit long }' || status=1
	done
	for file in "${sources[@]}" "${tests[@]}"; do
		mapfile -t lines < <(statements "$file")
		clang-format --dry-run -Werror "${lines[@]}" "$file" ||
			status=1
	done
	return "$status"
}

# Left out for suites: variables come from bats and the helpers or are for them
# (SC2034, SC2154), functions of theirs may take more than is asked of them here
# (SC2120), and bats ends a test when cd fails (SC2164). What is below a warning
# is mostly about functions that "run" and "until_ok" call.
shell() {
	local status=0

	shellcheck "${scripts[@]}" || status=1
	shellcheck --shell=bats --severity=warning \
	    -e SC2034,SC2120,SC2154,SC2164 "${suites[@]}" || status=1
	return "$status"
}

# What it says of style is about mdoc(7), and scdoc writes man(7).
lint_pages() {
	[ ${#pages[@]} -eq ${#page_sources[@]} ] || {
		echo "not all pages are built: ${pages[*]}"
		return 1
	}
	mandoc -T lint -W warning "${pages[@]}"
}

# Of a file that isn't built, nobody knows what it calls.
structure() {
	local file

	for file in "${sources[@]}"; do
		[ -e "${file%.c}.o" ] || {
			echo "$file isn't built"
			return 1
		}
	done
	test/structure.sh
}

check() {
	case $1 in
	cppcheck) cppcheck_all ;;
	format) format ;;
	pages) lint_pages ;;
	shell) shell ;;
	structure) structure ;;
	tidy) tidy ;;
	*) echo "lint: $1: no such check" && return 1 ;;
	esac
}

log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
status=0
[ $# -gt 0 ] || set -- tidy cppcheck format shell pages structure
for name; do
	if check "$name" >"$log" 2>&1; then
		echo "ok $name"
	else
		cat "$log"
		echo "not ok $name"
		status=1
	fi
done
exit "$status"

#!/bin/bash
# structure.sh - hold the source tree to what its maps say
#
# usage: structure.sh [directory]
#
# The directory, this tree by default, has README.md files as maps. A heading
# with a directory, such as "### `chatd/room/`: ...", and a line "May include: "
# below it say which directories its files may include. Checked are:
#
# - every #include "..." follows these rules
# - directories don't include each other in a circle, nor do headers
# - no objects that are built call each other in a circle
# - a map names the files of its directory, `name.c` or, for two, `name.[ch]`,
#   and no others
#
# Prints a line for each fault. Objects have to be built, or count as none.

cd "${1:-$(dirname "$0")/..}" || exit 2
shopt -s nullglob extglob
set -o pipefail
export LC_ALL=C

maps=(lib chatd chat test)
sources=(lib/*.[ch] lib/*/*.[ch] chatd/*.[ch] chatd/*/*.[ch] chat-send/*.[ch]
    chat-recv/*.[ch] chat/*.[ch] chat/*/*.[ch])
objects=()
status=0
for source in "${sources[@]}"; do
	[[ $source != *.c || ! -e ${source%.c}.o ]] || objects+=("${source%.c}.o")
done

fault() {
	echo "$*"
	status=1
}

# rules: a line "DIRECTORY OTHER" for each that may be included.
rules() {
	awk '
	/^#+ .*`[a-z\/-]+\/`/ {
		match($0, /`[^`]+\/`/)
		dir = substr($0, RSTART + 1, RLENGTH - 3)
		print dir, dir
	}
	/^May include:/ && dir != "" {
		n = split($0, part, "`")
		for (i = 2; i <= n; i += 2)
			print dir, substr(part[i], 1, length(part[i]) - 1)
	}' "$@"
}

# find_header FILE NAME: which file an #include "NAME" of FILE means.
find_header() {
	local dir=${1%/*}

	for header in "$dir/$2" "chatd/$2" "lib/$2" "chat/$2"; do
		[[ -e $header ]] && return
	done
	return 1
}

# includes: a line "FILE HEADER" for each #include "..." of the sources.
includes() {
	local file name

	while IFS=: read -r file name; do
		name=${name#*\"}
		name=${name%\"*}
		if find_header "$file" "$name"; then
			echo "$file $header"
		else
			echo "$file: there is no $name" >&2
		fi
	done < <(grep -HE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' \
	    "${sources[@]}")
}

# circle WHAT: of lines "FROM TO [REASON]", print those that are part of a
# circle. What nobody leads to, or what leads to nobody, isn't; nor is a way from
# one circle to another.
circle() {
	awk -v what="$1" '
	function reaches(a, b, todo, n, seen, i, node) {
		todo[n = 1] = a
		while (n > 0) {
			node = todo[n--]
			if (node == b)
				return 1
			for (i in from) {
				if (from[i] != node || to[i] in seen)
					continue
				seen[to[i]]
				todo[++n] = to[i]
			}
		}
		return 0
	}
	$1 != $2 { from[NR] = $1; to[NR] = $2; why[NR] = $3 }
	END {
		do {
			again = 0
			split("", leads)
			split("", led)
			for (i in from) {
				leads[from[i]]
				led[to[i]]
			}
			for (i in from) {
				if (from[i] in led && to[i] in leads)
					continue
				delete from[i]
				again = 1
			}
		} while (again)
		for (i in from) {
			if (!reaches(to[i], from[i]))
				continue
			print what ": " from[i] " -> " to[i] \
			    (why[i] == "" ? "" : " (" why[i] ")")
		}
	}' | sort
}

# calls: a line "OBJECT OTHER SYMBOL" for each two, one of which needs a symbol
# of the other.
calls() {
	nm -A "${objects[@]}" | awk '
	{ sub(/:.*/, "", $1); kind = $(NF - 1); name = $NF }
	kind ~ /^[TDBR]$/ { owner[name] = $1 }
	kind == "U" { needs[NR] = $1; what[NR] = name }
	END {
		for (i in needs) {
			if (!(what[i] in owner) || owner[what[i]] == needs[i])
				continue
			pair = needs[i] " " owner[what[i]]
			if (!(pair in seen) || what[i] < seen[pair])
				seen[pair] = what[i]
		}
		for (pair in seen)
			print pair, seen[pair]
	}'
}

# named MAP: the files that a map names in backquotes, below its directory; the
# map of the tests names directories, too.
named() {
	local end='\.(c|h|\[ch\]|bats|bash|sh)$'

	[[ $1 != test ]] || end+='|^[^/]+/$'
	awk -F '\140' '{ for (i = 2; i <= NF; i += 2) print $i }' \
	    "$1/README.md" | grep -v '[ *]' | grep -E "$end" |
	    while read -r name; do
		case $name in
		*.'[ch]') printf '%s\n' "$1/${name%'[ch]'}"{c,h} ;;
		*) echo "$1/$name" ;;
		esac
	done | sort -u
}

# there MAP: the files that it has to name.
there() {
	case $1 in
	test) printf '%s\n' test/*.bats test/*.bash test/*.sh test/*/ ;;
	*) printf '%s\n' "$1"/*.[ch] "$1"/*/*.[ch] ;;
	esac | grep . | sort
}

check_includes() {
	local file header

	rules "${maps[@]/%//README.md}" >"$tmp/rules"
	includes >"$tmp/includes" 2>"$tmp/missing"
	while read -r file; do
		fault "$file"
	done <"$tmp/missing"
	while read -r file header; do
		grep -qx "${file%/*} ${header%/*}" "$tmp/rules" ||
		    fault "$file includes $header, and its map doesn't allow it"
	done <"$tmp/includes"
}

check_circles() {
	local line

	: >"$tmp/calls"
	[[ ${#objects[@]} -eq 0 ]] || calls >"$tmp/calls" ||
	    fault 'the calls of objects could not be listed'
	{
		sed 's|/[^/ ]* | |; s|/[^/]*$||' "$tmp/includes" | sort -u |
		    circle 'directories in a circle'
		grep '\.h .*\.h$' "$tmp/includes" | circle 'headers in a circle'
		circle 'objects in a circle' <"$tmp/calls"
	} >"$tmp/circles"
	while read -r line; do
		fault "$line"
	done <"$tmp/circles"
}

check_maps() {
	local map file

	for map; do
		[[ -e $map ]] || continue
		while read -r file; do
			fault "$map/README.md doesn't name $file"
		done < <(comm -13 <(named "$map") <(there "$map"))
		while read -r file; do
			[[ -e $file ]] ||
			    fault "$map/README.md names $file, which isn't there"
		done < <(named "$map")
	done
}

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
check_includes
check_circles
check_maps "${maps[@]}"
exit "$status"

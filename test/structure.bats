# The structure: what the lint of includes, circles and maps finds
bats_require_minimum_version 1.5.0

# A tree with two directories, the first of which may include the second.
setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p lib/client chatd chat test
	printf '%s\n' '### `lib/`: x' 'May include: nothing else.' '`low.[ch]`' \
	    '### `lib/client/`: x' 'May include: `lib/`' '`client/top.[ch]`' \
	    >lib/README.md
	touch chatd/README.md chat/README.md test/README.md
	echo 'void low(void);' >lib/low.h
	echo 'void top(void);' >lib/client/top.h
	printf '#include "low.h"\nvoid low(void) { }\n' >lib/low.c
	printf '#include "%s"\n' low.h top.h >lib/client/top.c
	echo 'void top(void) { low(); }' >>lib/client/top.c
}

structure() {
	run "$BATS_TEST_DIRNAME/structure.sh" .
}

@test "a tree that keeps to its maps" {
	structure
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
}

@test "an include that the map doesn't allow, and directories in a circle" {
	echo '#include "client/top.h"' >>lib/low.c
	structure
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "lib/low.c includes lib/client/top.h, and its map \
doesn't allow it" ]
	[ "${lines[1]}" = 'directories in a circle: lib -> lib/client' ]
	[ "${lines[2]}" = 'directories in a circle: lib/client -> lib' ]
}

@test "an include of nothing" {
	echo '#include "gone.h"' >>lib/low.c
	structure
	[ "$status" -eq 1 ]
	[ "$output" = 'lib/low.c: there is no gone.h' ]
}

@test "headers that include each other" {
	echo '#include "low.h"' >>lib/client/top.h
	echo '#include "client/top.h"' >>lib/low.h
	structure
	[ "$status" -eq 1 ]
	[[ $output == *'headers in a circle: lib/low.h -> lib/client/top.h'* ]]
}

@test "files that call each other in a circle, and by which function" {
	echo 'void top(void); void down(void) { top(); }' >>lib/low.c
	cc -Ilib -c -o lib/low.o lib/low.c
	cc -Ilib -c -o lib/client/top.o lib/client/top.c
	structure
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = 'objects in a circle: lib/client/top.o -> lib/low.o (low)' ]
	[ "${lines[1]}" = 'objects in a circle: lib/low.o -> lib/client/top.o (top)' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "a file that no map names, and a name without a file" {
	touch chatd/new.c
	echo '`old.c`' >>chat/README.md
	structure
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "chatd/README.md doesn't name chatd/new.c" ]
	[ "${lines[1]}" = "chat/README.md names chat/old.c, which isn't there" ]
}

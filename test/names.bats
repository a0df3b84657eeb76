# chatd -i: who speaks, and who is here. Names are login names, so only root has
# several persons at hand: for others, all of them are oneself.
load helpers.bash
load fakeroom.bash
load wire.bash

setup() {
	ME=$(id -un)
	OTHER=$ME
	[ "$EUID" -ne 0 ] || OTHER=daemon
	start_named
}

teardown() {
	cleanup
}

# start_named [OPTION...]: a room that everybody on this machine can reach.
start_named() {
	local directory=$T closed=()
	rm -f "$T/room" "$T/log"
	start_chatd_at -i "$@" "$T/room"
	chmod a+w "$T/room"
	while [ -n "$directory" ]; do
		[ ! -O "$directory" ] || closed+=("$directory")
		directory=${directory%/*}
	done
	chmod a+x "${closed[@]}"
	reach "$OTHER"; OTHERS=$PORT
	reach "$ME"
}

# as PERSON COMMAND...: run it, as somebody else if need be. be PERSON: $BE is
# what to put before a command for that, without a shell to stay between.
as() {
	be "$1"
	"${BE[@]}" "${@:2}"
}
be() {
	BE=(env)
	[ "$1" = "$ME" ] || BE=(setpriv "--reuid=$1" --clear-groups)
}

# reach PERSON: a port, $PORT, where whoever connects is that person.
reach() {
	local log
	log=$T/reach.$((++REACHED))
	be "$1"
	start "${BE[@]}" socat -d -d -t 60 TCP-LISTEN:0,bind=127.0.0.1,fork \
	    "UNIX-CONNECT:$ROOM" 2>"$log"
	until_ok matches "$log" 'listening on AF=2 .*:([0-9]*)$'
	PORT=${BASH_REMATCH[1]}
}

# dial_as PERSON: a connection of that person; its descriptor is $FD.
dial_as() {
	local port=$PORT
	[ "$1" = "$ME" ] || PORT=$OTHERS
	dial
	PORT=$port
}

# upgrade: have the room's program executed anew, and wait until it goes on.
upgrade() {
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" '^chatd: upgraded'
}

@test "every line begins with the name of who has said it" {
	start_recv "$T/got"
	printf 'one\n\ntwo\r\n' | chat-send "$ROOM"
	as "$OTHER" bash -c 'exec nc -UN "$1"' - "$ROOM" <<<three 3>&-
	printf '\001chat\nfour' | talk >"$T/chat"
	echo five | chat "$ROOM"
	until_ok has_lines "$T/got" 5
	diff "$T/got" - <<-END
		$ME: one
		$ME: 
		$ME: two
		$OTHER: three
		$ME: five
	END
	[ "$(chat-recv -l 2 -c 2 "$ROOM" | head -n 1)" = "$OTHER: three" ]
	chat-recv -t -l 1 -c 1 "$ROOM" | grep -q "^[-0-9T:+]* $ME: five\$"
}

@test "who comes by TCP has no name: an error at the start" {
	local why='TCP clients have no names without -k'
	run -2 chatd -i
	[ "$output" = "chatd: -i: localhost:5555: $why" ]
	run -2 chatd -i "$T/other" 127.0.0.1:0
	[ "$output" = "chatd: -i: 127.0.0.1:0: $why" ]
	[ ! -e "$T/other" ]
	run -2 "$ROOT/test/tools/pass" tcp -- chatd -i
	[[ $output == "chatd: -i: 127.0.0.1:"*": $why" ]]
}

@test "who has no login name is turned away" {
	local n=54321
	# Nobody but root can be nobody.
	[ "$(id -u)" -eq 0 ] || n=$ME
	while [ "$n" != "$ME" ] && getent passwd "$n"; do n=$((n + 1)); done
	run as "$n" timeout 20 nc -UN "$ROOM" < <(:)
	if [ "$n" != "$ME" ]; then
		[ "${output//$'\001'/^A}" = '^Abye this room cannot tell who you are' ]
		counted 'turned away' 1
		grep -q 'turned away: this room cannot tell who you are' "$T/log"
	else
		[ -z "$output" ]
	fi
}

# start_mapped MAP: the room is in a user namespace where uids are mapped so, as
# user_namespaces(7) writes it.
start_mapped() {
	rm -f "$T/room" "$T/log" "$T/go"
	mkfifo "$T/go"
	# shellcheck disable=SC2016 # sh expands it
	start unshare -U sh -c 'read -r go <"$0"; exec chatd "$@"' "$T/go" \
	    -i "$T/room" 2>"$T/log"
	CHATD=$PID
	until_ok is_apart
	echo "$1" >"/proc/$CHATD/uid_map"
	echo "$1" >"/proc/$CHATD/gid_map"
	echo >"$T/go"
	until_ok listens
	chmod a+w "$T/room"
}

# is_apart: the room's program has a user namespace of its own by now.
is_apart() {
	[ ! "/proc/$$/ns/user" -ef "/proc/$CHATD/ns/user" ]
}

# named PERSON NAME: the room calls it so; unnamed PERSON: it can't tell.
named() {
	run as "$1" bash -c 'printf "\001chat\n" | timeout 20 nc -UN "$1"' - "$ROOM"
	[[ ${output//$'\001'/^A} == *"^Ayou $2"* ]]
}
unnamed() {
	run as "$1" bash -c 'timeout 20 nc -UN "$1" <<<hello' - "$ROOM"
	[ "${output//$'\001'/^A}" = '^Abye this room cannot tell who you are' ]
}

@test "who has no number of its own here is nobody's namesake" {
	[ "$(id -u)" -eq 0 ] && unshare -U true 2>"$T/none" || return 0
	[ "$(id -u nobody)" = "$(cat /proc/sys/kernel/overflowuid)" ] ||
	    return 0
	# All have one: nobody is just a user.
	named nobody nobody
	start_mapped '0 0 1'
	named root root
	unnamed daemon
	unnamed nobody
	grep -q 'turned away: this room cannot tell who you are' "$T/log"
	# That of nobody is also that of those who have none.
	start_mapped '0 0 65535'
	named daemon daemon
	unnamed nobody
	start_mapped '0 0 4294967295'
	named nobody nobody
}

@test "nothing that is said looks like another's line" {
	local n
	start_recv "$T/got"
	{
		printf 'bob: hi\n'
		printf -- '-- bob is here\n'
		printf '\n'
		printf 'x\rbob: hi\n'
		printf '\001join bob\n'
		printf '\001you bob\n'
		printf ' \001join bob\n'
		printf '\033[1A\033[2Kbob: hi\n'
		printf '\xc2\x85bob: hi\n'
		printf 'x\xe2\x80\xa8bob: hi\n'
		printf '\xe2\x80\xaebob: hi\n'
		printf '%s: hi\n' "$ME"
		printf '%04095d\n' 0
		printf '%04096d\n' 0
		printf '%0100000d\n' 0
		printf 'x\0\nbob: hi\n'
		printf 'bob: hi'
	} >"$T/all"
	talk <"$T/all" >/dev/null
	{ printf '\001send session=a\n'; cat "$T/all"; } | talk >/dev/null
	{ printf '\001chat\n'; cat "$T/all"; } | talk >/dev/null
	chat-send "$ROOM" <"$T/all" 2>/dev/null || true
	chat-send -s "$ROOM" <"$T/all"
	echo end | chat-send "$ROOM"
	until_ok has_line "$T/got" "$ME: end"
	n=$(wc -l <"$T/got")
	[ "$n" -gt 40 ]
	[ "$(LC_ALL=C grep -c "^$ME: " "$T/got")" -eq "$n" ]
	run -1 grep -q $'[\001\r\033]' "$T/got"
	# What is asked for later is the same.
	chat-recv -l "$n" -c "$n" "$ROOM" | cmp - "$T/got"
}

@test "a text of 4095 bytes is right, whatever the name" {
	start_recv "$T/got"
	printf '%04095d\n%04096d\n' 0 0 | talk >"$T/out"
	[ "$(cat "$T/out")" = '^Aerror 2 longer than 4095 bytes' ]
	until_ok has_lines "$T/got" 1
	{ printf '%s: ' "$ME"; printf '%04095d\n' 0; } | cmp - "$T/got"
	[ "$(chat-recv -l 1 -c 1 "$ROOM" | wc -c)" -eq $((4098 + ${#ME})) ]
}

@test "a client is told its name first, a plain one isn't" {
	run talk < <(printf '\001send\nhi\n')
	[ "$output" = "^Ayou $ME"$'\n^Aok 0\n^Aok 1' ]
	run talk < <(printf '\001recv last=1\n')
	[ "${lines[0]}" = "^Ayou $ME" ]
	[[ ${lines[1]} == '^Aat '* ]]
	run talk < <(printf '\001chat x\n')
	[ "${lines[0]}" = '^Aerror 0 unknown word: x' ]
	[ "${lines[1]}" = "^Ayou $ME" ]
	run talk < <(printf 'hi\n')
	[ -z "$output" ]
}

@test "-n is an error, and nothing is said" {
	local name why="$ROOM: -n: this room names its speakers, and you are $ME"
	start_recv "$T/got"
	for name in "$ME" bob; do
		run -2 --separate-stderr chat-send -n "$name" "$ROOM" <<<hi
		[ "$stderr" = "chat-send: $why" ]
		run -2 --separate-stderr chat -n "$name" "$ROOM" <<<hi
		[ "$stderr" = "chat: $why" ]
		run -2 --separate-stderr chat-send -r -n "$name" "$ROOM" <<<hi
		[[ $stderr == "chat-send: $why"* ]]
	done
	# One in the environment is not for this room, and no error.
	echo end | CHAT_NAME=bob chat-send "$ROOM"
	until_ok has_line "$T/got" "$ME: end"
	has_lines "$T/got" 1
	echo end | CHAT_NAME=bob timeout 60 chat -r "$ROOM"
	until_ok has_lines "$T/got" 2
	[ "$(tail -n 1 "$T/got")" = "$ME: end" ]
}

@test "chat-recv -j has the name apart from the text" {
	printf '%s\n' 'a: b' '' | chat-send "$ROOM"
	run -0 timeout 60 chat-recv -ej "$ROOM"
	[ "$(jq -c '[.name, .text]' <<<"$output")" = \
	    "[\"$ME\",\"a: b\"]"$'\n'"[\"$ME\",\"\"]" ]
}

@test "who: a list at any time, from who may hear it" {
	local want="^Ahere $ME"
	[ "$OTHER" = "$ME" ] || want="^Ahere $OTHER $ME"
	dial_as "$OTHER"; local other=$FD
	say "$other" '\001recv\n'
	hears "$other" "^Ayou $OTHER" '^Aat *'
	dial; local plain=$FD
	say "$plain" '\001who\n'
	hears "$plain" "$want" '^Ahere'
	say "$plain" 'hi\n\001who x\n'
	hears "$plain" '^Aerror 0 unknown word: x' "$want" '^Ahere'
	hears "$other" "$ME: hi"
	say "$other" '\001who\n'
	hears "$other" "$want" '^Ahere'
	run talk < <(printf '\001send\n\001who\n')
	[ "${lines[-1]}" = '^Aerror 0 only for clients that listen: who' ]
	# Also when nothing more comes.
	run talk < <(printf '\001chat\n\001who\n')
	[ "${lines[-2]}" = "$want" ]
	[ "${lines[-1]}" = '^Ahere' ]
}

@test "presence: once per person who comes or goes, not of oneself" {
	dial; local watching=$FD
	say "$watching" '\001chat presence\n'
	hears "$watching" "^Ayou $ME" '^Aok 0' '^Aat *'
	dial; local again=$FD
	dial_as "$OTHER"; local one=$FD
	[ "$OTHER" = "$ME" ] || hears "$watching" "^Ajoin $OTHER"
	dial_as "$OTHER"; local two=$FD
	say "$two" '\001recv\n'
	hears "$two" "^Ayou $OTHER" '^Aat *'
	hang_up "$one" "$again"
	say "$watching" '\001who\n'
	hears "$watching" '^Ahere *' '^Ahere'
	hang_up "$two"
	[ "$OTHER" = "$ME" ] || hears "$watching" "^Apart $OTHER"
	say "$watching" '\001who\n'
	hears "$watching" "^Ahere $ME" '^Ahere'
}

@test "a room without -i has no names to tell" {
	start_chatd
	run talk < <(printf '\001recv presence\n\001who\n')
	[ "${lines[0]}" = '^Aerror 0 this room does not name its speakers: presence' ]
	[[ ${lines[1]} == '^Aat '* ]]
	[ "${lines[2]}" = '^Aerror 0 this room does not name its speakers: who' ]
}

@test "two rooms that are joined don't answer each other for ever" {
	local room=$ROOM
	start_chatd
	start socat "TCP:$ROOM" "UNIX-CONNECT:$room"
	until_ok counted clients 1
	printf '\001chat presence\n\001who\nhi\n\001who\n' | talk >"$T/out"
	ROOM=$room start_recv "$T/got"
	until_ok has_line "$T/got" "$ME: hi"
	printf '\001you x\n\001here\n\001join x\n\001part\n\001here x\n' | talk \
	    >"$T/out"
	[ ! -s "$T/out" ]
	counted refused 8
}

@test "an upgrade keeps names, and who wants to know of them" {
	dial; local watching=$FD
	say "$watching" '\001chat presence\n'
	hears "$watching" "^Ayou $ME" '^Aok 0' '^Aat *'
	dial_as "$OTHER"; local other=$FD
	[ "$OTHER" = "$ME" ] || hears "$watching" "^Ajoin $OTHER"
	until_ok counted clients 2
	upgrade
	say "$other" 'still\n'
	hears "$watching" "$OTHER: still"
	hang_up "$other"
	[ "$OTHER" = "$ME" ] || hears "$watching" "^Apart $OTHER"
	say "$watching" '\001who\nand I\n'
	hears "$watching" "^Ahere $ME" '^Ahere' '^Aok 1'
	[ "$(chat-recv -l 1 -c 1 "$ROOM")" = "$ME: and I" ]
}

@test "a store has the names, and keeps what was said without them" {
	stop "$CHATD"
	start_chatd_at -s "$T/store" "$T/room"
	printf 'bob: hi\n' | chat-send "$ROOM"
	stop "$CHATD"
	start_named -s "$T/store"
	printf '%04095d\n' 7 | chat-send -r "$ROOM"
	stop "$CHATD"
	start_named -s "$T/store" -m 64K
	seq 30000 | chat-send "$ROOM"
	chat-recv -l 30002 -c 30002 "$ROOM" | cmp - <(echo 'bob: hi'
	    { printf '%04095d\n' 7; seq 30000; } | sed "s/^/$ME: /")
}

@test "sessions count lines right under names" {
	seq 100000 | chat-send -r "$ROOM"
	printf '\001send session=a\none\n\xff\ntwo\n' | talk >"$T/out"
	printf '\001send session=a\nthree\n' | talk >"$T/out"
	diff "$T/out" - <<-END
		^Ayou $ME
		^Aok 3
		^Aok 4
	END
	counted lines 100003
}

@test "a sender waits in a small room, and no line is lost or cut" {
	start_named -m 64K -p 1000
	start_recv "$T/got"
	# The ring keeps too little for one that comes late.
	echo first | chat-send "$ROOM"
	until_ok has_line "$T/got" "$ME: first"
	{ yes '' | head -n 50000; seq 100000; } >"$T/in"
	chat-send "$ROOM" <"$T/in"
	until_ok has_lines "$T/got" 150001
	{ echo first; cat "$T/in"; } | sed "s/^/$ME: /" | cmp - "$T/got"
	[ ! -s "$T/got.err" ]
}

@test "clients in a pipe pass over names that they didn't ask for" {
	fake() {
		hear 1
		ctl you anna
		ctl here x
		ctl ok 0
		ctl at 7
		printf '\001join \033[1m\n\001part bob more\n\001here\n\001here a b\n'
		echo message
		hear_end
	}
	fake_room fake
	[ "$(chat-recv -c 1 "$ROOM" 2>&1)" = message ]
	fake_room fake
	[ "$(chat-recv -t -c 1 "$ROOM" 2>&1 | sed 's/^[^ ]* //')" = message ]
}

@test "-v: the log has the name with each line" {
	stop "$CHATD"
	start_named -v
	printf 'hi\n\xe2\x80\xaebob: hi\n' | chat-send "$ROOM"
	until_ok has_line "$T/log" "chatd: a local client: $ME: hi"
	until_ok has_line "$T/log" "chatd: a local client: $ME: <U+202E>bob: hi"
}

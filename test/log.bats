# The log: its times, what it warns of, and what becomes of it
load helpers.bash
load tmux.bash
load wire.bash

teardown() { close_term; }

PASS=$ROOT/test/tools/pass
STAMP='^20[0-9-]\{8\}T[0-9:]\{8\}[+-][0-9]\{4\} '

# warned: how many lines of warning there are.
warned() {
	grep -c 'without -k, ' "$T/log" || true
}

@test "listening beyond this machine without keys is one line of warning" {
	start_chatd_at 127.0.0.1:0 0.0.0.0:0 "$T/room"
	chat-send "$ROOM" </dev/null
	PORT=$(sed -n 's/.*listening on 0.0.0.0://p' "$T/log")
	[ "$(warned)" -eq 1 ]
	grep -qx "chatd: without -k, anyone who can reach 0.0.0.0:$PORT can \
read and write" "$T/log"
	stop "$CHATD"
	start_chatd_at 0.0.0.0:0 0.0.0.0:0 0.0.0.0:0
	[ "$(warned)" -eq 1 ]
	grep -qx "chatd: without -k, anyone who can reach $ROOM, or 2 more \
addresses, can read and write" "$T/log"
	stop "$CHATD"
	start_chatd_at 0.0.0.0:0 0.0.0.0:0
	grep -q ', or 1 more address, can' "$T/log"
}

@test "no warning for this machine, for Unix sockets, and with keys" {
	start_chatd_at localhost:0 127.1.2.3:0 "$T/room"
	[ "$(warned)" -eq 0 ]
	stop "$CHATD"
	(umask 077; echo "alice:$(openssl rand -hex 32)" >"$T/keys")
	start_chatd_at -k "$T/keys" 0.0.0.0:0
	[ "$(warned)" -eq 0 ]
}

@test "the warning holds for sockets that are passed in" {
	start "$PASS" any -- chatd 2>"$T/log"
	until_ok listens
	[ "$(warned)" -eq 1 ]
}

@test "every event has its time, before and in the sandbox" {
	# Half an hour that no zone has.
	export TZ=EST-3:17
	TIMED=1 start_chatd -v
	chat-send "$ROOM" <<<hello
	kill -USR1 "$CHATD"
	until_ok matches "$T/log" 'clients 0'
	kill -HUP "$CHATD"
	until_ok matches "$T/log" 'no keys to read again'
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" upgraded
	stop "$CHATD"
	run ! grep -v "$STAMP" "$T/log"
	run ! grep -v '^[^ ]*+0317 chatd: ' "$T/log"
	grep -q 'chatd: 127.0.0.1:[0-9]*: hello$' "$T/log"
	grep -q 'chatd: closing$' "$T/log"
	local seconds
	seconds=$(date -d "$(sed -n '1s/ .*//p' "$T/log")" +%s)
	[ "$seconds" -le "$EPOCHSECONDS" ] && [ "$seconds" -ge "$BATS_TEST_START" ]
}
setup() {
	BATS_TEST_START=$EPOCHSECONDS
}

@test "a zone from its file is known in the sandbox, too" {
	[ -f /usr/share/zoneinfo/Asia/Kathmandu ] || skip 'no such file here'
	export TZ=Asia/Kathmandu
	TIMED=1 start_chatd
	kill -USR1 "$CHATD"
	until_ok matches "$T/log" '^[^ ]*\+0545 chatd: clients 0'
}

@test "the journal has times itself; a journal that is another's counts not" {
	start_chatd
	[ "$(room_log)" = "chatd: listening on 127.0.0.1:$PORT" ]
	stop "$CHATD"
	export JOURNAL_STREAM
	JOURNAL_STREAM=$(stat -L -c %d:%i /dev/null)
	TIMED=1 start_chatd
	grep -q "${STAMP}chatd: listening on" "$T/log"
}

@test "the reason why it can't start has no time" {
	run -2 chatd nosuchhost.invalid:0
	[[ $output == 'chatd: nosuchhost.invalid:0: '* ]]
}

@test "a line with its time has no more than 4096 bytes" {
	TIMED=1 start_chatd -v
	printf '%04090d\n' 0 | chat-send "$ROOM"
	until_ok matches "$T/log" '000$'
	[ "$(grep '000$' "$T/log" | wc -c)" -eq 4096 ]
}

@test "a log that was appended to can be copied and cut off" {
	start chatd 127.0.0.1:0 2>>"$T/log"
	until_ok listens
	cp "$T/log" "$T/log.1"
	: >"$T/log"
	kill -USR1 "$PID"
	until_ok matches "$T/log" '^chatd: clients 0'
	# Not behind a hole of NULs.
	[ "$(tr -d '\n' <"$T/log" | grep -c '^chatd: clients 0[^[:cntrl:]]*$')" \
	    -eq 1 ]
}

# in_terminal SHELL-COMMAND: run it in a window, with chatd's pid in $T/pid.
in_terminal() {
	open_term 80 24 sh -c "cd '$T' && $1"
	until_ok test -s "$T/pid"
	until_ok lives_at "$T/room"
	CHATD=$(cat "$T/pid")
}
lives_at() {
	chat-send "$1" </dev/null 2>/dev/null
}
shows() {
	screen | grep -q "$1"
}

@test "closing its terminal ends a room that logs to it" {
	in_terminal 'echo $$ >pid; exec chatd ./room'
	term kill-server
	until_ok has_ended "$CHATD"
	# As TERM does, with everything in order.
	[ ! -e "$T/room" ]
}

@test "closing its terminal is nothing to a room that logs to a file" {
	in_terminal 'echo $$ >pid; exec chatd ./room 2>>log'
	term kill-server
	until_ok matches "$T/log" 'no keys to read again'
	lives_at "$T/room"
	kill "$CHATD"
	until_ok has_ended "$CHATD"
}

@test "HUP ends no room whose terminal is there" {
	in_terminal 'echo $$ >pid; exec chatd ./room'
	kill -HUP "$CHATD"
	until_ok shows 'chatd: no keys to read again$'
	lives_at "$T/room"
}

# The sandbox, and the two processes that chatd is
load helpers.bash
load fakeroom.bash
load wire.bash

ESCAPE=$ROOT/test/tools/escape
LACKING=$ROOT/test/tools/lacking

setup() {
	DIRECTORY=
	mkdir -m 700 "$T/store"
	echo secret >"$T/outside"
}

teardown() {
	[ ! -f "$T/pid" ] || kill -KILL "$(cat "$T/pid")" || true
	cleanup
	[ -z "$DIRECTORY" ] || rm -r "$DIRECTORY"
}

# dies KIND DIRECTORY WHAT...: each of it ends the process by SIGSYS.
dies() {
	local kind=$1 directory=$2 what
	shift 2
	for what; do
		run "$ESCAPE" "$kind" "$directory" "$what"
		echo "$kind $what: $status $output"
		[ "$status" -eq 159 ] || return
	done
}

# refused KIND DIRECTORY WHAT...: each of it fails, and the process goes on.
refused() {
	local kind=$1 directory=$2 what
	shift 2
	for what; do
		run -1 "$ESCAPE" "$kind" "$directory" "$what"
		[[ $output == *'Permission denied' ]] || return
	done
}

@test "the room's: nothing but what is open already" {
	dies room - absolute relative memory socket connect ptrace execve \
	    fork kill killing code type owner
	"$ESCAPE" room - nothing
	"$ESCAPE" room - random
	"$ESCAPE" room - reseed
}

@test "the room's with a store: files in its directory, and no others" {
	"$ESCAPE" room "$T/store" inside
	[ -f "$T/store/inside" ]
	refused room "$T/store" outside slash
	dies room "$T/store" absolute relative memory socket connect ptrace \
	    execve fork kill killing code type owner
	"$ESCAPE" room "$T/store" random
}

@test "a client's" {
	dies pipe - absolute relative memory socket connect ptrace execve \
	    fork kill killing code type owner
	"$ESCAPE" pipe - random
	"$ESCAPE" pipe - reseed
	# A key of a terminal's user may ask for a file.
	refused terminal - absolute relative memory
	dies terminal - socket connect ptrace execve fork killing code type \
	    owner
	"$ESCAPE" terminal - random
	"$ESCAPE" terminal - reseed
}

@test "what libc opens, or asks for, when it is wanted for the first time" {
	local kind
	for kind in room pipe terminal; do
		"$ESCAPE" "$kind" - sort
		[ "$(TZ=EST5 "$ESCAPE" "$kind" - time)" = \
		    '1969-12-31T19:00:00-0500 EST' ]
	done
	# A character set whose table is a file, where there is such a one.
	export LOCPATH=$T LC_ALL=zh_CN.GB18030
	localedef -i zh_CN -f GB18030 "$T/$LC_ALL" 2>"$T/none" || return 0
	"$ESCAPE" none - charset || return 0
	for kind in room pipe terminal; do
		"$ESCAPE" "$kind" - charset
	done
}

# works KIND DIRECTORY WHAT...: each of it does.
works() {
	local kind=$1 directory=$2 what
	shift 2
	for what; do
		run -0 "$ESCAPE" "$kind" "$directory" "$what"
	done
}

@test "what other libcs and machines call: as much as what it stands for" {
	local kind
	for kind in room pipe terminal; do
		works "$kind" - statx terminal name wide
		dies "$kind" - tkilling tgkilling oldcode widely dump
	done
	dies room - raise tkill
	works pipe - raise tkill
	works terminal - raise tkill
}

@test "a client whose reader goes away dies of SIGPIPE" {
	local client
	start_chatd
	echo hello | chat-send "$ROOM"
	mkfifo "$T/none"
	exec {NONE}<>"$T/none"
	for client in chat-recv 'chat-recv -r' chat 'chat -r'; do
		# shellcheck disable=SC2016 # the inner shell is to expand it
		run -141 --separate-stderr timeout 20 bash -c '
			$0 -l 1 "$1" <"$2" | head -n 1
			exit "${PIPESTATUS[0]}"' "$client" "$ROOM" "$T/none"
		[ "$output" = hello ]
	done
}

@test "clients are in it as soon as they are connected" {
	start_chatd
	mkfifo "$T/none"
	exec {NONE}<>"$T/none"
	for client in chat-send chat-recv chat; do
		for option in '' -r; do
			# shellcheck disable=SC2086 # none is no word
			start_from "$T/none" env "$client" $option "$ROOM" \
			    >"$T/out"
			until_ok confined "$PID"
			stop "$PID"
		done
	done
}

@test "the room is in it, the keeper is not, and an upgrade stays in it" {
	start_chatd -s "$T/store"
	room_pid
	confined "$ROOM_PID"
	[ "$(status_of "$CHATD" NoNewPrivs)" = 1 ]
	[ "$(status_of "$CHATD" Seccomp)" = 0 ]
	chat-send "$ROOM" <<<hello
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" 'upgraded:'
	room_pid
	confined "$ROOM_PID"
	kill -HUP "$CHATD"
	until_ok matches "$T/log" 'no keys to read again'
	[ "$(transcript)" = hello ]
}

# lacks TEXT: what the room has logged of its sandbox.
lacks() {
	local text
	text=$(sed -n 's/^chatd: sandbox: not available on this system: //p' "$T/log")
	! has_sandbox || [ "$text" = "$1" ]
}

# filters PID: how many it is under.
filters() {
	status_of "$1" Seccomp_filters
}

@test "a system that lacks a piece: one line says so, and the rest holds" {
	local missing='Function not implemented'
	start "$LACKING" landlock -- chatd -s "$T/store" "$T/one" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	lacks "Landlock: $missing"
	room_pid
	! has_sandbox || [ "$(filters "$ROOM_PID")" -gt "$(filters "$CHATD")" ]
	start "$LACKING" landlock seccomp -- chatd "$T/two" 2>"$T/log"
	until_ok listens
	lacks "Landlock: $missing, seccomp: $missing"
	# Clients say nothing of it.
	run -0 "$LACKING" landlock seccomp -- chat-send "$T/two" <<<hello
	[ "$output" = '' ]
	run -0 "$LACKING" landlock seccomp -- chat-recv -c 1 -l 1 "$T/two"
	[ "$output" = hello ]
}

@test "the keeper is killed: the room ends with it, and another can start" {
	local i
	for i in 1 2 3 4 5; do
		start_chatd_at -s "$T/store" "$T/room"
		room_pid
		stop "$CHATD" KILL
	done
	until_ok has_ended "$ROOM_PID"
}

@test "a room that hangs is killed, 5 seconds after it was to end" {
	start_chatd
	room_pid
	kill -STOP "$ROOM_PID"
	stop "$CHATD"
	[ "$STATUS" -eq 2 ]
	room_log | grep -x 'chatd: the room process was killed by signal 9 (Killed)'
}

@test "the room is killed: the keeper says so, and removes its files" {
	start_chatd_at "$T/room"
	room_pid
	kill -SYS "$ROOM_PID"
	STATUS=0
	wait "$CHATD" || STATUS=$?
	[ "$STATUS" -eq 2 ]
	grep -qx 'chatd: the room process was killed by signal 31 (Bad system call)' \
	    "$T/log"
	[ ! -e "$T/room" ]
}

# is_nobody PID: it is, in all its ids and groups.
is_nobody() {
	local uid gid
	uid=$(id -u nobody)
	gid=$(id -g nobody)
	[ "$(status_of "$1" Uid)" = "$uid $uid $uid $uid" ]
	[ "$(status_of "$1" Gid)" = "$gid $gid $gid $gid" ]
	[ "$(status_of "$1" Groups | tr -d ' ')" = \
	    "$(id -G nobody | tr -d ' ')" ]
}

@test "-u: root becomes somebody else, for good; others can't" {
	if [ "$(id -u)" -ne 0 ]; then
		run -2 chatd -u root 127.0.0.1:0
		[ "$output" = \
'chatd: -u root: only root can switch to another user' ]
		start_chatd -u "$(id -un)"
		return
	fi
	# An upgrade executes it as nobody, who may not come to where we are.
	local directory
	directory=$(mktemp -d)
	chmod 755 "$directory"
	install -m 755 "$(command -v chatd)" "$directory/chatd"
	PATH=$directory:$PATH
	start_chatd -u nobody -s "$directory/store"
	run ! grep -q 'running as root' "$T/log"
	[ "$(stat -c %U "$directory/store")" = nobody ]
	room_pid
	is_nobody "$CHATD"
	is_nobody "$ROOM_PID"
	chat-send "$ROOM" <<<hello
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" 'upgraded:'
	room_pid
	is_nobody "$CHATD"
	is_nobody "$ROOM_PID"
	[ "$(transcript)" = hello ]
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	# A directory that it can't use.
	chown 0 "$directory/store"
	run -2 chatd -u nobody -s "$directory/store" 127.0.0.1:0
	[ "$output" = \
	    "chatd: $directory/store: as nobody: Permission denied; it has to \
belong to that user, who needs access to the directories above it, too" ]
	rm -r "$directory"
	start_chatd
	until_ok matches "$T/log" 'running as root; with -u'
}

# start_copied [OPTION...] ADDRESS...: a room of a program that everybody can
# execute, in a directory of root's. Its file is $DIRECTORY/chatd.
start_copied() {
	DIRECTORY=$(mktemp -d)
	chmod 755 "$DIRECTORY"
	install -m 755 "$(command -v chatd)" "$DIRECTORY/chatd"
	# shellcheck disable=SC2016 # sh expands it
	start sh -c 'cd "$0" && exec ./chatd "$@"' "$DIRECTORY" "$@" 2>"$T/log"
	CHATD=$PID
	until_ok listens
}

# upgrade: have it executed anew.
upgrade() {
	kill -USR2 "$CHATD"
	until_ok matches "$T/log" 'upgraded:'
}

@test "-u, upgraded: a socket's file that USER can't remove stays" {
	[ "$(id -u)" -eq 0 ] || return 0
	start_copied -u nobody ./room
	upgrade
	chat-send "$DIRECTORY/room" <<<hello
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
	grep -qx "chatd: $DIRECTORY/room: Permission denied, the file stays" \
	    "$T/log"
	[ -S "$DIRECTORY/room" ]
}

@test "-u: what USER could not open again, for HUP or USR2" {
	local why
	[ "$(id -u)" -eq 0 ] || return 0
	DIRECTORY=$(mktemp -d)
	chmod 755 "$DIRECTORY"
	(umask 077 && echo "alice:$(printf '%064d' 0)" >"$DIRECTORY/keys")
	run -2 timeout 20 chatd -u nobody -k "$DIRECTORY/keys" "$DIRECTORY/room"
	why="$DIRECTORY/keys: as nobody: Permission denied; it is read again on "
	why+='SIGHUP, so chown it to nobody'
	[ "$output" = "chatd: $why" ]
	[ ! -S "$DIRECTORY/room" ]
	rm -r "$DIRECTORY"
	start_copied -u nobody 127.0.0.1:0
	run ! grep -q "upgrades with SIGUSR2" "$T/log"
	stop "$CHATD"
	(umask 077 && echo "alice:$(printf '%064d' 0)" >"$DIRECTORY/keys")
	chown nobody "$DIRECTORY/keys"
	chmod 700 "$DIRECTORY/chatd"
	# shellcheck disable=SC2016 # sh expands it
	start sh -c 'cd "$0" && PATH=$0 exec chatd "$@"' "$DIRECTORY" \
	    -u nobody -k keys 127.0.0.1:0 2>"$T/log"
	CHATD=$PID
	until_ok listens
	why='chatd: as nobody: Permission denied; upgrades with '
	why+='SIGUSR2 will fail'
	grep -qx "chatd: $why" "$T/log"
	kill -HUP "$CHATD"
	until_ok matches "$T/log" 'keys: read again, 1 key,'
}

@test "an address with a zone, as in [fe80::1%eth0]:5555" {
	local port
	in_network 'exec chatd -v "[fe80::a%lo]:0"' || return 0
	until_ok listens
	port=$(sed -n 's/.*listening on \[fe80::a%lo\]:\([0-9]*\)$/\1/p' \
	    "$T/log")
	[ -n "$port" ]
	there chat-send -r "[fe80::a%lo]:$port" <<<hello
	[ "$(there chat-recv -l 1 -c 1 "[fe80::a%lo]:$port")" = hello ]
	until_ok matches "$T/log" '^chatd: \[fe80::a\]:[0-9]*: left'
	upgrade
	[ "$(there chat-recv -l 1 -c 1 "[fe80::a%lo]:$port")" = hello ]
	stop "$CHATD"
	[ "$STATUS" -eq 0 ]
}

# in_network COMMAND: start it where the loopback interface has a link-local
# address, and nothing else is. False where that can't be had.
in_network() {
	unshare -rn true 2>"$T/none" && command -v ip >"$T/none" || return
	start unshare -rn sh -c '
		ip link set lo up && ip addr add fe80::a/64 dev lo nodad || {
			echo "no such network, not listening on anything" >&2
			exit
		}
		'"$1" 2>"$T/log"
	CHATD=$PID
	until_ok listens
	! grep -q 'no such network' "$T/log"
}

# there COMMAND...: in that network.
there() {
	nsenter -t "$CHATD" -U -n --preserve-credentials "$@"
}

# start_faked [OPTION...] ADDRESS...: a room under fakeroot.
start_faked() {
	# shellcheck disable=SC2016 # sh expands it
	start fakeroot sh -c 'echo $$ >"$0" && exec chatd "$@"' "$T/pid" "$@" \
	    2>"$T/log"
	FAKEROOT=$PID
	until_ok listens
	CHATD=$(cat "$T/pid")
}

# end_faked: it ends as it should.
end_faked() {
	kill "$CHATD"
	STATUS=0
	wait "$FAKEROOT" || STATUS=$?
	rm "$T/pid"
	[ "$STATUS" -eq 0 ]
}

@test "under fakeroot: HUP, an upgrade, segments that come and go, the end" {
	fakeroot chatd --version >"$T/none" 2>&1 ||
		skip "fakeroot's library is for another libc"
	(umask 077 && echo "alice:$(printf '%064d' 0)" >"$T/keys")
	start_faked -k "$T/keys" -s "$T/store/new" -t 64K -z 64K "$T/room"
	kill -HUP "$CHATD"
	until_ok matches "$T/log" 'keys: read again, 1 key,'
	seq 40000 | chat-send "$T/room"
	upgrade
	seq 40000 | chat-send "$T/room"
	kill -HUP "$CHATD"
	until_ok has_reread 2
	[ "$(find "$T/store/new" -name '0*' | wc -l)" -le 2 ]
	end_faked
	[ ! -e "$T/room" ]
	# Also without a store, on TCP alone.
	start_faked -k "$T/keys" 127.0.0.1:0
	upgrade
	kill -HUP "$CHATD"
	until_ok matches "$T/log" 'keys: read again, 1 key,'
	end_faked
}
has_reread() {
	[ "$(grep -c 'read again' "$T/log")" -eq "$1" ]
}

@test "-u: a user that nobody knows" {
	run -2 chatd -u no-such-user 127.0.0.1:0
	[ "$output" = 'chatd: -u no-such-user: no such user' ]
}

# Errors: each names the thing, the reason, and what to do next
# shellcheck disable=SC2154 # bats sets them
load helpers.bash
load fakeroom.bash
load keys.bash

teardown() { cleanup; }

TEXT='text is read from standard input, or follows -m'
NUMBER='not a host; a port alone needs a colon before it'
PATIENCE='-p is the patience in seconds, and a port is part of the address, '
PATIENCE+='as in :5555'

# says MESSAGE COMMAND...: the command ends with status 2, and this is all that
# it says, its own name before it.
says() {
	run -2 --separate-stderr timeout 30 "${@:2}" </dev/null
	echo "want: $2: $1" "got: $stderr"
	[ "$output" = "" ]
	[ "$stderr" = "$2: $1" ]
}

@test "a port where an address belongs" {
	local program
	for program in chatd chat chat-recv chat-send; do
		says "5555: $NUMBER" "$program" 5555
	done
	says "5555: $NUMBER" chatd 127.0.0.1:0 5555
	says "5555:80: $NUMBER" chatd 5555:80
	CHAT_ADDRESS=80 says "80: $NUMBER" chat-recv
}

@test "an address in two words, and text in place of one" {
	local many='give only one address' program
	for program in chat chat-recv chat-send; do
		says "127.0.0.1 5555: $many; with its port it is host:port, as \
in localhost:5555" "$program" 127.0.0.1 5555
	done
	says "hello: $many; this is another argument" chat-recv localhost hello
	says "hello: $many; this is another argument; $TEXT" \
	    chat-send localhost hello
	says "all green: a host name cannot contain spaces; $TEXT" \
	    chat-send 'all green'
	says "ci: all green: port is not a number; $TEXT" \
	    chat-send 'ci: all green'
	says "yes, and/or no: a space cannot stand beside a comma; $TEXT" \
	    chat-send 'yes, and/or no'
	says "yes and/or no: No such file or directory; $TEXT" \
	    chat-send 'yes and/or no'
}

@test "several addresses: which one is wrong, and who takes them" {
	local program comma='an address cannot contain a comma; give each '
	comma+='address as an argument of its own'
	for program in chat chat-recv chat-send; do
		says 'b:x: port is not a number' "$program" a,b:x,c
		says 'a,,b: an address is missing beside a comma' \
		    "$program" a,,b
		says "a$(printf ',a%.0s' {1..16}): more than 16 addresses" \
		    "$program" "a$(printf ',a%.0s' {1..16})"
		CHAT_ADDRESS=a:1,80 says "80: $NUMBER" "$program"
	done
	says "a:1,b:1: $comma" chatd a:1,b:1
	says "./a,b: $comma" chatd 127.0.0.1:0 ./a,b
	CHAT_ADDRESS=a:1,b:1 says "CHAT_ADDRESS: a:1,b:1: several addresses are \
only for clients; give the one to listen on as an argument" chatd
	# With one of its own it doesn't matter.
	CHAT_ADDRESS=a:1,b:1 start_chatd
}

@test "a word that is no host's name" {
	local path="a socket's path has a /, as in ./"
	run -2 --separate-stderr chat-send hello </dev/null
	echo "$stderr"
	[[ $stderr == "chat-send: hello: "*"; $TEXT, and ${path}hello" ]]
	run -2 --separate-stderr chat-recv lounge
	echo "$stderr"
	[[ $stderr == "chat-recv: lounge: "*"; ${path}lounge" ]]
	run -2 --separate-stderr chatd lounge
	echo "$stderr"
	[[ $stderr == "chatd: lounge: "*"; ${path}room" ]]
	# What has a dot in it was meant as a host.
	run -2 --separate-stderr chat-send nosuchhost.invalid </dev/null
	echo "$stderr"
	[[ $stderr == 'chat-send: nosuchhost.invalid: '* ]]
	[[ $stderr != *';'* ]]
}

@test "a URL" {
	local url='a URL is not an address; use host:port' program
	for program in chatd chat chat-recv chat-send; do
		says "http://h:5555/: $url" "$program" http://h:5555/
	done
	says "h:5555/: No such file or directory; an address with a / is the \
path of a socket" chat h:5555/
}

@test "a path that nobody listens at" {
	says "$T: not a socket; give the path that chatd listens on" \
	    chat "$T"
	echo text >"$T/file"
	says "$T/file: not a socket; give the path that chatd listens on" \
	    chat-send "$T/file"
	says "$T/none: No such file or directory; is chatd running?" \
	    chat-recv "$T/none"
	start_chatd_at "$T/room"
	stop "$CHATD" KILL
	until_ok is_left
	says "$T/room: Connection refused; is chatd running?" chat-recv "$T/room"
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	start_chatd_at "$T/room"
	chmod 700 "$T/room"
	allow_directory "$T"
	run -2 --separate-stderr setpriv --reuid=nobody --clear-groups \
	    "$(command -v chat-recv)" "$T/room"
	[ "$stderr" = "chat-recv: $T/room: Permission denied; to join, you \
need permission to write to the socket" ]
}
is_left() {
	run -2 chat-recv "$T/room"
}
allow_directory() {
	local directory=$1
	until [ "$directory" = / ]; do
		chmod a+x "$directory"
		directory=$(dirname "$directory")
	done
}

@test "nobody is there: which port, and is chatd running" {
	start_chatd
	stop "$CHATD"
	local program
	for program in chat chat-recv chat-send; do
		says "127.0.0.1:$PORT: Connection refused; is chatd running at \
port $PORT?" "$program" "127.0.0.1:$PORT"
	done
	# With -r it isn't over: there is nothing to do but to wait.
	says "127.0.0.1:$PORT: Connection refused, retrying
chat-send: 127.0.0.1:$PORT: Connection refused" \
	    chat-send -r -w 2 "127.0.0.1:$PORT"
}

@test "a port below 1024, and an address of another machine" {
	says "192.0.2.1:0: Cannot assign requested address; this machine has \
no such address" chatd 192.0.2.1:0
	[ "$(id -u)" -ne 0 ] || set -- setpriv --reuid=nobody --clear-groups
	# What is below is the system's to say.
	echo 1024 | cmp -s - /proc/sys/net/ipv4/ip_unprivileged_port_start ||
	    skip 'other ports are for everybody here'
	run -2 --separate-stderr "$@" "$(command -v chatd)" 127.0.0.1:7
	[ "$stderr" = "chatd: 127.0.0.1:7: Permission denied; only root can \
use ports below 1024" ]
}

@test "numbers that are none, or out of range" {
	local neither='neither a number of messages nor a time, as in -l 10 or -l 10m'

	says "-l localhost: $neither" chat-recv -l localhost
	says "-l localhost: $neither" chat -l localhost
	says '-c 0: too small, at least 1' chat-recv -c 0
	says '-c : not a number, as in -c 10' chat-recv -c ''
	says '-a 1000001: too large, at most 1000000' chatd -a 1000001
	says '-w x: not a number of seconds, to the millisecond at most' \
	    chat-recv -w x
	says "-p 5556: too large, at most 3600; $PATIENCE" chatd -p 5556
	says "-p 1000001: too large, at most 3600; $PATIENCE" chatd -p 1000001
	says "-p 3600.001: too large, at most 3600; $PATIENCE" chatd -p 3600.001
	says "-p 0: too small; $PATIENCE" chatd -p 0
	says "-p :5556: not a number of seconds, to the millisecond at most; \
$PATIENCE" chatd -p :5556
	says '-m much: not a size, such as 64K or 8M' chatd -m much
	says '-m 2T: too large, at most 1099511627776' chatd -m 2T
	says "-l x: not a number; give lines per second, 1 to 1000000, and \
optionally a burst, 1 to 10000000, as in 2000:20000" chatd -l x
}

@test "a log that rooms share: what -L and -n need" {
	local name="not a node's name, 1 to 32 of the characters A-Z, a-z, \
0-9, ., _ and -"
	says '-L: only with -s' chatd -L true 127.0.0.1:0
	says '-L: only with -s' chatd -n paris -L true 127.0.0.1:0
	says '-n: only with -L' chatd -n paris 127.0.0.1:0
	says '-n: only with -L' chatd -s "$T/store" -n paris 127.0.0.1:0
	says "-L: no command; give one that reaches the log, as in \
'chat-etcd localhost:2379/lounge'" chatd -s "$T/store" -L '' 127.0.0.1:0
	says "-n : $name" chatd -s "$T/store" -L true -n '' 127.0.0.1:0
	says "-n a b: $name" chatd -s "$T/store" -L true -n 'a b' 127.0.0.1:0
	says "-n ${name//?/x}: $name" \
	    chatd -s "$T/store" -L true -n "${name//?/x}" 127.0.0.1:0
	says "-p 20.001: with -L at most 20; give less, since with -s a slow \
reader loses nothing" chatd -s "$T/store" -p 20.001 -n paris -L true 127.0.0.1:0
	says '127.0.0.1:99999: port is too large' \
	    chatd -s "$T/store" -p 20 -n paris -L true 127.0.0.1:99999
	[ ! -e "$T/store" ]
}

@test "-L: a host name that cannot name a node" {
	local long=this-host-has-a-name-of-more-than-32-letters
	unshare -ru true 2>/dev/null || skip 'no namespaces here'
	run -2 --separate-stderr unshare -ru sh -c "hostname $long.example &&
	    exec chatd -s $T/store -L true 127.0.0.1:0"
	[ "$stderr" = "chatd: -L: the host name $long cannot name a node; give \
a name with -n" ]
}

@test "keys that are needed, not needed, for another program, or gone" {
	local closed='the room closed the connection'
	make_key alice
	make_key bob recv
	make_key carol send
	start_chatd -v -k "$T/keys"
	says "$ROOM: $closed: a key is needed here; give one with -k" \
	    chat-recv "$ROOM"
	says "$ROOM: $closed: your key is only for listening; chat-recv can \
use it" chat-send -k "$T/bob" "$ROOM"
	says "$ROOM: $closed: your key is only for sending; chat-send can use \
it" chat-recv -k "$T/carol" "$ROOM"
	start chat-recv -k "$T/alice" "$ROOM" 2>"$T/err"
	until_ok matches "$T/log" 'joined as alice$'
	sed -i /alice/d "$T/keys"
	kill -HUP "$CHATD"
	until_ok matches "$T/log" 'read again, 2 keys, 1 client disconnected$'
	wait "$PID" || [ $? -eq 2 ]
	[ "$(cat "$T/err")" = "chat-recv: $ROOM: $closed: your key is not \
valid any more; the room's owner can give you another" ]
	stop "$CHATD"
	start_chatd
	says "$ROOM: $closed: this room has no keys; connect without \
-k and CHAT_KEY" chat-recv -k "$T/alice" "$ROOM"
}

@test "a file of keys that comes from Windows" {
	local why="the line ends with CR LF; remove the CR with tr -d '\\r'"
	make_key alice
	sed -i 's/$/\r/' "$T/alice"
	says "$T/alice:1: $why" chatd -k "$T/alice" 127.0.0.1:0
	says "$T/alice:1: $why" chat-recv -k "$T/alice"
}

# for_user DIRECTORY: a directory of root's that anybody can get through.
for_user() {
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	mkdir "$1"
	chmod 755 "$1"
	allow_directory "$1"
}

@test "a segment that the user of -u can't use: which one" {
	local segment
	for_user "$T/rooms"
	start_chatd -u nobody -s "$T/rooms/store"
	stop "$CHATD"
	segment=$(echo "$T"/rooms/store/0*)
	chown 0 "$segment"
	# It is to have nothing to say of its program as well.
	install -m 755 "$(command -v chatd)" "$T/rooms/chatd"
	PATH=$T/rooms:$PATH says "$segment: as nobody: Permission denied; all \
of the store has to belong to that user" chatd -u nobody -s "$T/rooms/store" 127.0.0.1:0
}

@test "an upgrade to a program that the user of -u can't execute: which, who" {
	for_user "$T/bin"
	cp "$(command -v chatd)" "$T/bin/chatd"
	start "$T/bin/chatd" -u nobody 127.0.0.1:0 2>"$T/log"
	until_ok listens
	chmod 700 "$T/bin/chatd"
	kill -USR2 "$PID"
	until_ok grep -qx "chatd: upgrade: $T/bin/chatd: Permission denied for \
user nobody, going on as before" "$T/log"
	rm "$T/bin/chatd"
	kill -USR2 "$PID"
	until_ok grep -qx "chatd: upgrade: $T/bin/chatd: No such file or \
directory, going on as before" "$T/log"
}

@test "what is counted is one, or several" {
	fake() {
		hear 1
		ctl ok 0
		hear 2
		ctl ok 1
	}
	fake_room fake
	run -2 chat-send -m one -m two "$ROOM"
	[ "$output" = "chat-send: $ROOM: the room closed the connection: 1 line \
acknowledged, 1 in doubt" ]
}

@test "nothing was said: nothing is acknowledged or in doubt" {
	fake() {
		hear 1
		ctl ok 0
		ctl bye full
		hear_end
	}
	fake_room fake
	says "$ROOM: the room closed the connection: full" chat-send "$ROOM"
}

@test "a user's number in place of the name" {
	says '-u 65537: no such user; give a name, not a number' \
	    chatd -u 65537 127.0.0.1:0
}

@test "root is told what -u is for" {
	[ "$(id -u)" -eq 0 ] || skip 'not root'
	start_chatd
	grep -qx "chatd: running as root; with -u USER it drops privileges to \
USER once its sockets are open" "$T/log"
}

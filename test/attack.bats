# The list of attacks on a room that anybody may enter, and on its clients. Each
# is tried by a test, here or where what it attacks is tested anyway:
#
#	half-open by the thousand	here
#	one byte per second		here
#	RST between accept and read	here
#	a ClientHello			here; keys: a key where there are none
#	HTTP				here; unit: what a browser says;
#					attack-keys.bats
#	an endless line			limits: a line that never ends; here
#	control-line floods		here, attack-keys.bats; flood: control
#					lines; limits: one who is told of many
#					errors and never reads
#	out of descriptors		limits: out of descriptors (two tests)
#	memory under silent readers	flood: memory: silent readers; ring:
#					memory stays as it was
#	terminal escapes, live		protocol: every byte value, C1 controls;
#					hostile: nothing that drives it comes to
#					a terminal; terminal: a hostile room
#	  from history			attack-terminal.bats
#	  in names			attack-terminal.bats; chat-send: a name
#					has to be text; command: a hostile
#					room's names
#	  in errors			hostile: escapes in the reasons of error
#					and bye, what is said about a line
#	  in logs			here; chatd: -v: made safe to show;
#					sockets: a path with escapes
#	bidi left open			attack-terminal.bats
#	invalid UTF-8			protocol: malformed UTF-8 of every kind
#	  split across reads		here
#	shaped like a join notice	here, attack-terminal.bats; names:
#					nothing that is said looks like
#					another's line
#	log injection			here
#	hostile server: endless line	hostile: an endless line (three tests)
#	  control-line flood		hostile: a flood of control lines
#	  invalid bytes			hostile: binary junk
#	  escapes			hostile: escapes (three tests), nothing
#					that drives it comes to a terminal
#	  each of these with keys	attack-keys.bats
#	man in the middle		interop: a certificate instead of the
#					key is refused by every client
#	truncated TLS			attack-keys.bats; interop: a scan that
#					goes away
#	revoked user			attack-keys.bats; keys: HUP (two tests)
#	replayed handshake		attack-keys.bats
#	who has which name		attack-keys.bats; keys: a wrong key and
#					an unknown name
#	floods of handshakes		attack-keys.bats; handshakes: unfinished
#					handshakes (two tests)
load helpers.bash
load wire.bash
load attack.bash

teardown() {
	cleanup
}

@test "half-open connections by the thousand: others are served" {
	local before
	start_chatd
	room_pid
	before=$(descriptors)
	start_crowd 3000
	until_ok counted clients 3000
	still_works
	stop "$CROWD"
	until_ok counted clients 0
	until_ok has_descriptors "$before"
	still_works
}

@test "half-open connections up to the limit: turned away, and it recovers" {
	start_chatd -c 1000
	start_crowd 1000
	until_ok counted clients 1000
	dial
	hears "$FD" '^Abye full'
	hears_end "$FD"
	stop "$CROWD"
	until_ok counted clients 0
	still_works
}

@test "one byte at a time, by many: others are served, nothing is lost" {
	local i n text
	start_chatd
	swarm 40
	for ((i = 0; i < 7; i++)); do
		for ((n = 0; n < 40; n++)); do
			printf -v text 'slow %02d' "$n"
			say "${SWARM[n]}" '%s' "${text:i:1}"
		done
		barrier
		still_works
	done
	counted lines 7
	for n in "${SWARM[@]}"; do
		say "$n" '\n'
	done
	until_ok counted lines 47
	transcript | grep slow | sort | cmp - <(seq -f 'slow %02.0f' 0 39)
	hang_up "${SWARM[@]}"
	until_ok counted clients 0
}

# resets N: connections of the room have ended with a reset so often.
resets() {
	[ "$(grep -c ': Connection reset by peer$' "$T/log")" -eq "$1" ]
}

@test "a reset between accept and read, two hundred times" {
	local before fd
	start_chatd -v
	room_pid
	before=$(descriptors)
	swarm 200
	# Who hangs up with something unread resets the connection.
	chat-send "$ROOM" <<<'unread'
	for fd in "${SWARM[@]}"; do
		until_ok read -r -t 0 -u "$fd"
	done
	kill -STOP "$ROOM_PID"
	for fd in "${SWARM[@]}"; do
		say "$fd" 'half a line'
		hang_up "$fd"
	done
	kill -CONT "$ROOM_PID"
	until_ok counted clients 0
	until_ok resets 200
	counted lines 1
	until_ok has_descriptors "$before"
	still_works
}

@test "a reset before accept, fifty times" {
	local i before
	start_chatd -v
	room_pid
	before=$(descriptors)
	kill -STOP "$ROOM_PID"
	for i in {1..50}; do
		socat -u - "TCP:127.0.0.1:$PORT,linger=0" <<<half 3>&-
	done
	kill -CONT "$ROOM_PID"
	still_works
	until_ok counted clients 0
	until_ok has_descriptors "$before"
	still_works
}

@test "a ClientHello with a message in it, cut anywhere" {
	local i fds=()
	start_chatd
	listener
	# As a server can have clients send it: a ticket of that server's.
	bytes '\026\003\001\002\001\nevil\n\n\r\nevil\n'
	for i in 0 1 2 3 6 9; do
		in_two "$i"
		dial
		fds[i]=$FD
		say "$FD" "$HEAD"
	done
	barrier
	for i in "${!fds[@]}"; do
		in_two "$i"
		say "${fds[i]}" "$TAIL"
		hears "${fds[i]}" '^Abye this room has no keys'
		hang_up "${fds[i]}"
	done
	hears_only
}

WEB='^Abye this is a chat room, not a web server'

@test "HTTP: a browser is turned away, and nothing it says is said" {
	local request
	start_chatd
	listener
	for request in 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' \
	    'POST /%%0Aevil HTTP/1.1\r\nOrigin: evil\r\n\r\nevil\nevil' \
	    'POST http://127.0.0.1:5555/ HTTP/1.1\r\n\r\n\001send\nevil\n' \
	    'OPTIONS * HTTP/1.1\n\nevil\n' 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' \
	    'GET / HTTP/1.1'; do
		# shellcheck disable=SC2059
		run talk < <(printf "$request")
		[ "$output" = "$WEB" ]
	done
	hears_only
	until_ok counted clients 1
	counted 'turned away' 6
	counted lines 1
	counted refused 0
	[ "$(grep -c "turned away: ${WEB#*bye }\$" "$T/log")" -eq 6 ]
}

# listener: somebody who hears everything, on descriptor $LISTENER. hears_only:
# it has heard nothing until now, and is there all the same.
listener() {
	enter
	LISTENER=$FD
}
hears_only() {
	chat-send "$ROOM" <<<'the end'
	hears "$LISTENER" "$@" 'the end'
}

@test "HTTP: a request may be cut anywhere" {
	local i fds=()
	start_chatd
	listener
	bytes 'POST /a HTTP/1.1\r\n\r\nevil\n'
	# The last one is just before the first LF.
	for i in {1..17}; do
		in_two "$i"
		dial
		fds[i]=$FD
		say "$FD" "$HEAD"
	done
	barrier
	for i in "${!fds[@]}"; do
		in_two "$i"
		say "${fds[i]}" "$TAIL"
		hears "${fds[i]}" "$WEB"
		hears_end "${fds[i]}"
		hang_up "${fds[i]}"
	done
	hears_only
}

@test "HTTP: a request too long for a line doesn't help either" {
	local n
	start_chatd
	listener
	for n in 4070 4080 4090 5000 70000; do
		{ printf 'POST /%0*d HTTP/1.1\r\n\r\n' "$n" 0; echo evil; } \
		    >"$T/in"
		run talk <"$T/in"
		[ "$output" = "$WEB" ]
	done
	# The same in parts.
	dial
	say "$FD" 'GET /%04000d' 0
	barrier
	say "$FD" '%0100d HTTP/1.1\r\nevil\n' 0
	hears "$FD" "$WEB"
	hears_only
}

@test "HTTP: what people say is a message" {
	start_chatd
	listener
	talk <<<'GET well soon'
	# Nobody else gets what begins like that, but a person may.
	talk <<<$'look:\nGET / HTTP/1.1'
	printf 'GET / HTTP/1.1\n' | chat-send "$ROOM"
	hears_only 'GET well soon' look: 'GET / HTTP/1.1' 'GET / HTTP/1.1'
	stop "$CHATD"
	start_chatd_at "$T/room"
	printf 'GET / HTTP/1.1\n' | talk "UNIX-CONNECT:$T/room"
	[ "$(chat-recv -l 1 -c 1 "$T/room")" = 'GET / HTTP/1.1' ]
}

# flood_of TEXT: somebody says that again and again and hears the answers;
# another never does. Others are served meanwhile, and afterwards.
flood_of() {
	local before deaf reader i
	start_chatd
	room_pid
	before=$(resident)
	dial
	deaf=$FD
	start_flood "$1"
	dial
	reader=$FD
	start_flood "$1"
	cat <&"$reader" >"$T/answers" 3>&- &
	STARTED+=("$!")
	until_ok [ -s "$T/answers" ]
	for i in {1..20}; do
		still_works
	done
	[ $(($(resident) - before)) -lt 8192 ]
	stop "$FLOOD" KILL
	hang_up "$deaf" "$reader"
	still_works
}

@test "a flood of control lines that nobody knows" {
	flood_of $'\001what'
}

@test "a flood of control lines, each as long as a line can be" {
	flood_of $'\001'"$(printf '%04000d' 0)"
}

@test "a flood of roles" {
	flood_of $'\001chat last=1000000 times'
}

@test "a flood of words for a room" {
	local i
	start_chatd
	dial
	start_flood $'\001error 0 no\n\001ok 1\n\001bye\n\001at 5'
	until_ok refused_some
	for i in {1..20}; do
		still_works
	done
	stop "$FLOOD" KILL
	still_works
}
refused_some() {
	counted clients 1
	[ "$(counter refused)" -gt 50 ]
}

# What is wrong with UTF-8, for printf: overlong, surrogates, beyond the end, cut
# short, alone, never used; and C1.
MALFORMED=('\300\257' '\301\277' '\340\200\257' '\340\237\277' '\355\240\200'
	'\355\277\277' '\360\200\200\257' '\360\217\277\277' '\364\220\200\200'
	'\365\200\200\200' '\303' '\342\202' '\360\237\230' '\200' '\277\277'
	'\376' '\377\377' '\303\303\251' '\342\202x' '\360\237\230x' '\302\233'
	'\302\205' '\342\202\342\202\254' '\370\210\200\200\200')

@test "invalid UTF-8 is found wherever reads split it" {
	local text want i fds=() tails=() wants=()
	start_chatd
	listener
	for text in "${MALFORMED[@]}"; do
		bytes "\\303\\251${text}y\\n"
		greeted
		say "$FD" "\\303\\251${text}y\\n"
		hear "$FD"
		want=$LINE
		[[ $want == '^Aerror 1 '*' at byte '* ]]
		for ((i = 1; i < ${#BYTES[@]}; i++)); do
			in_two "$i"
			greeted
			say "$FD" "$HEAD"
			fds+=("$FD") tails+=("$TAIL") wants+=("$want")
		done
	done
	barrier
	[ "${#fds[@]}" -gt 100 ]
	for i in "${!fds[@]}"; do
		say "${fds[i]}" "${tails[i]}"
		hears "${fds[i]}" "${wants[i]}"
	done
	hears_only
	counted lines 1
}

@test "what looks like a room's own words stays with who said it" {
	local line
	start_chatd
	listener
	dial; local reader=$FD
	say "$reader" '\001chat\n'
	hears "$reader" '^Aok 0' '^Aat *'
	for line in 'join bob' 'part bob' 'here bob' 'you root' 'time 1' \
	    'bye full' 'lost 5' 'at 1' 'ok 9' 'error 0 x' ' join bob' '' ' '; do
		printf '\001%s\n' "$line" | talk >"$T/none"
		printf '%s\001%s\n' hello$'\n' "$line" x "$line" $'\r' \
		    "$line" $'\t' "$line" | talk >"$T/none"
		printf '\001send\n\001%s\n' "$line" | talk >"$T/none"
		hears_only hello
		hears "$reader" hello 'the end'
	done
	# A message may look like what a client makes of them.
	talk <<<'-- bob is here'
	hears "$LISTENER" '-- bob is here'
	hears "$reader" '-- bob is here'
}

@test "the log can't be forged: every event is a line that begins like one" {
	local who long LINE=
	long=$(printf 'chatd: 127.0.0.1:1: left %.0s' {1..150})
	start_chatd -v
	dial
	until_ok matches "$T/log" joined
	who=$(sed -n 's/^chatd: \(.*\): joined$/\1/p' "$T/log")
	say "$FD" '%s\n' 'chatd: closing' '127.0.0.1:1: left' '%s%n%p%1$s' \
	    $'\u2028chatd: closing' $'\u2029chatd: closing' $'\u202eyas' \
	    $'\ufeff\u200b\u00ad' "$long" ' ' ''
	# Of these, nothing is to be seen.
	say "$FD" '%s\n' $'x\rchatd: closing' $'x\vchatd: closing' \
	    $'x\fchatd: closing' $'x\u0085chatd: closing' $'\e]0;x\a' $'\b\b' \
	    $'\001chatd: closing' $'\001recv session=chatd:\rclosing'
	say "$FD" 'nul\0chatd: closing\nlast\n'
	until [[ $LINE == *'character U+0000'* ]]; do
		hear "$FD"
	done
	until_ok matches "$T/log" 'last$'
	hang_up "$FD"
	# Somebody has said "left" already.
	until_ok matches "$T/log" "^chatd: $who: left\$"
	grep -vE '^chatd: (listening on|running as root)' "$T/log" |
	    diff - <(printf "chatd: $who: %s\n" joined \
	    'chatd: closing' '127.0.0.1:1: left' '%s%n%p%1$s' \
	    '<U+2028>chatd: closing' '<U+2029>chatd: closing' '<U+202E>yas' \
	    '<U+FEFF><U+200B><U+00AD>' "$long" ' ' '' last left)
	# Refused lines are in no log, and browsers' names for us aren't either.
	printf 'GET /chatd:%%0Aclosing HTTP/1.1\r\n\r\n' | talk >"$T/none"
	[ "$(grep -c closing "$T/log")" -eq 3 ]
	[ "$(LC_ALL=C tr -d '[:print:]\n\200-\377' <"$T/log" | wc -c)" -eq 0 ]
}

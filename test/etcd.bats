# chat-etcd: the log of a room in etcd
load helpers.bash
load etcd.bash

setup_file() {
	has_etcd || return 0
	export BASE
	BASE=$(etcd_base)
	etcd_start "$BASE/one"
}

teardown_file() {
	[ -z "$BASE" ] || etcd_end "$BASE"
}

setup() {
	need_etcd
	# Each test has a log of its own.
	NAME=log$BATS_TEST_NUMBER
	ONE=$(<"$BASE/one/endpoint")
}

teardown() {
	exec 7>&- 8>&- 9>&-
	[ -n "$BATS_TEST_COMPLETED" ] || [ -z "$BASE" ] ||
	    tail -n 5 "$BASE/one/log"
	cleanup
	tail -n 20 "$T"/[789]*.log 2>/dev/null || true
	[ -z "$OWN" ] || etcd_end "$OWN"
}

# ident FD: what the first log line says of it.
ident() {
	tr -d '\001' <"$T/$1" | sed -n '/^log /{s/^log \([^ ]*\) .*/\1/p;q;}'
}

# token FD POS: that of a position.
token() {
	tr -d '\001' <"$T/$1" | sed -n "s/^got $2 \([0-9]*\) .*/\1/p"
}

# is_fine FD: the helper has complained of nothing; once, a machine with much to
# do may have kept the server from answering in time.
is_fine() {
	run ! grep -v ': no answer$' "$T/$1.log"
	[ "$(wc -l <"$T/$1.log")" -le 1 ]
}

# delivered FD: the entries, and what was said of each.
delivered() {
	tr -d '\001' <"$T/$1" |
	    grep -av -E '^(log [^ ]+ [0-9]+ [0-9]+|stuck .*|place .*|going)$'
}

@test "what was put comes back, and the log goes on where it was" {
	start_helper 7 "$ONE/$NAME"
	say 7 'from 0 0\n'
	until_ok said 7 'log [0-9a-f]{32}[.][0-9a-f]+ 1 0'
	until_ok said 7 "place at $ONE, the leader"
	confined "$HELPER"
	put 7 first
	until_ok said 7 'got 1 [0-9]+ 6'
	put 7 second
	until_ok said 7 'got 2 [0-9]+ 7'
	say 7 'end\n'
	until_ok said 7 'end 2'
	id=$(ident 7) first=$(token 7 1)
	hang_up 7
	[ "$STATUS" -eq 0 ]
	[ "$(entries 7)" = $'first\nsecond' ]
	is_fine 7

	start_helper 7 "$ONE/$NAME"
	say 7 'from 1 %s\n' "$first"
	until_ok said 7 "log $id 1 2"
	put 7 third
	until_ok said 7 'got 3 [0-9]+ 6'
	[ "$(positions 7)" = $'2\n3' ]
	[ "$(entries 7)" = $'second\nthird' ]
}

@test "two nodes have the same entries, in the same order" {
	start_helper 7 "$ONE/$NAME"
	start_helper 8 "$ONE/$NAME"
	say 7 'from 0 0\n'
	say 8 'from 0 0\n'
	for i in {1..20}; do
		put 7 "seven $i"
		put 8 "eight $i"
		for fd in 7 8; do
			until_ok has_entry "$fd" "seven $i"
			until_ok has_entry "$fd" "eight $i"
		done
	done
	[ "$(ident 7)" = "$(ident 8)" ]
	delivered 7 >"$T/7.got"
	delivered 8 | cmp - "$T/7.got"
	# One or two perhaps twice, if etcd was slow to answer.
	[ "$(entries 7 | wc -l)" -le 42 ]
	entries 7 | LC_ALL=C sort -u >"$T/have"
	printf '%s\n' {seven,eight}\ {1..20} | LC_ALL=C sort | diff - "$T/have"
}

@test "entries have up to 128 KiB of any bytes" {
	start_helper 7 "$ONE/$NAME"
	say 7 'from 0 0\n'
	until_ok said 7 'place .*'
	{
		printf '\001put 1 131072\n'
		head -c 131072 /dev/urandom | tee "$T/large"
	} >&7
	until_ok said 7 'got 1 [0-9]+ 131072'
	printf '\001put 2 3\n\0\001\n' >&7
	until_ok grep -aq 'got 2 [0-9]* 3$' "$T/7"
	hang_up 7
	size=$(($(stat -c %s "$T/7") - 3))
	head -c $((size)) "$T/7" | sed 1,3d | head -c 131072 | cmp - "$T/large"
	[ "$(tail -c 3 "$T/7" | od -An -tx1)" = ' 00 01 0a' ]
}

@test "a wrong command line ends it with status 2" {
	local -x CHATD_NODE=a
	try() {
		run -2 --separate-stderr timeout 20 chat-etcd "$@" </dev/null
		[ "$output" = "" ]
		echo "$stderr"
	}
	try
	[ "$stderr" = "chat-etcd: say which log, as in localhost:2379/lounge" ]
	try a/b c/d
	[ "$stderr" = "chat-etcd: give only one log" ]
	try localhost
	[[ $stderr == *': the name of the log is missing, as in '* ]]
	try localhost/
	[ "$stderr" = "chat-etcd: log is empty" ]
	try localhost/a%b
	[[ $stderr == 'chat-etcd: log a%b: only letters, digits, '* ]]
	try "localhost/$(printf '%065d' 0)"
	[[ $stderr == *': longer than 64 characters' ]]
	try /lounge
	[[ $stderr == 'chat-etcd: /lounge: a host is missing before the log'* ]]
	try localhost,,a/lounge
	[ "$stderr" = "chat-etcd: localhost,,a/lounge: a host is missing beside a comma" ]
	try ::1/lounge
	[ "$stderr" = \
	    "chat-etcd: ::1: an IPv6 address needs brackets, as in [::1]" ]
	try localhost,x:y/lounge
	[ "$stderr" = "chat-etcd: x:y: port is not a number" ]
	try /run/etcd/lounge
	[[ $stderr == 'chat-etcd: /run/etcd: not a host; '* ]]
	try a,b,c,d,e,f,g,h,i,j/lounge
	[ "$stderr" = "chat-etcd: a,b,c,d,e,f,g,h,i,j/lounge: too many \
endpoints, at most 9" ]
	try -m 2M -M 1M localhost/lounge
	[ "$stderr" = "chat-etcd: -m: more than -M" ]
	try -m x localhost/lounge
	[[ $stderr == 'chat-etcd: -m x: not a size'* ]]
	try -c x localhost/lounge
	[ "$stderr" = "chat-etcd: -c and -k: only together" ]
	try -c x -k y localhost/lounge
	[ "$stderr" = "chat-etcd: -c: only with -C" ]
	try -C "$T/none" localhost/lounge
	[ "$stderr" = "chat-etcd: -C $T/none: No such file or directory" ]
	# Nobody is asked for a password.
	openssl req -x509 -newkey rsa:2048 -passout pass:secret -subj /CN=a \
	    -keyout "$T/secret.key" -out "$T/a.pem" 2>/dev/null
	try -C "$T/a.pem" -c "$T/a.pem" -k "$T/secret.key" localhost/lounge
	[[ $stderr == "chat-etcd: -k $T/secret.key: "*', without a password' ]]
	CHATD_NODE=a/b try localhost/lounge
	[[ $stderr == 'chat-etcd: CHATD_NODE a/b: only letters, '* ]]
	unset CHATD_NODE
	try localhost/lounge
	[[ $stderr == 'chat-etcd: CHATD_NODE is not set; '* ]]
}

# refused FIRST LINE: what a helper logs that is told this.
refused() {
	rm -f "$T/7.log"
	start_helper 7 "$ONE/$NAME"
	say 7 "$@"
	until_ok test -s "$T/7.log"
	# Or else socat 1.8 waits for a while.
	exec 7>&-
	wait "$RUNNER" || true
	grep -o 'chat-etcd: .*' "$T/7.log"
}

@test "what a room may not say ends it with status 1, and a reason" {
	[ "$(refused 'hello\n')" = \
	    'chat-etcd: the room says what is no log line' ]
	[ "$(refused 'put 1 1\nx')" = \
	    'chat-etcd: the room does not say "from" first' ]
	[ "$(refused 'from 0 0\n\001from 0 0\n')" = \
	    'chat-etcd: the room says "from" twice' ]
	[ "$(refused 'from 0 0\n\001end\n\001end\n')" = \
	    'chat-etcd: the room says "end" twice' ]
	[ "$(refused 'from 1 abc\n')" = \
	    "chat-etcd: the room says a token that isn't ours" ]
	printf '\001nonsense\n' >"$T/in"
	CHATD_NODE=a run -1 timeout 20 chat-etcd "$ONE/$NAME" <"$T/in"
}

@test "a server that was killed: stuck, then going, and nothing is lost" {
	OWN=$(etcd_base)
	etcd_start "$OWN/a"
	start_helper 7 "$(<"$OWN/a/endpoint")/$NAME"
	say 7 'from 0 0\n'
	put 7 before
	until_ok said 7 'got 1 .*'
	etcd_kill "$OWN/a"
	put 7 during
	until_ok said 7 "stuck $(<"$OWN/a/endpoint"): Connection refused"
	run ! said 7 going
	etcd_run "$OWN/a"
	until_ok said 7 going
	until_ok said 7 'got 2 .*'
	put 7 after
	until_ok said 7 'got 3 .*'
	[ "$(entries 7)" = $'before\nduring\nafter' ]
	tr -d '\001' <"$T/7" | grep -E '^(log|stuck|going)' |
	    sed -E 's/ .*//' >"$T/have"
	[ "$(<"$T/have")" = $'log\nstuck\nlog\ngoing' ]
}

@test "a server that has stopped: stuck, and going when it goes on" {
	OWN=$(etcd_base)
	etcd_start "$OWN/a"
	start_helper 7 "$(<"$OWN/a/endpoint")/$NAME"
	say 7 'from 0 0\n'
	put 7 before
	until_ok said 7 'got 1 .*'
	etcd_kill "$OWN/a" STOP
	until_ok said 7 'stuck .*'
	until_ok grep -q ': a probe: no answer$' "$T/7.log"
	etcd_kill "$OWN/a" CONT
	until_ok said 7 going
	put 7 after
	until_ok said 7 'got 2 .*'
}

@test "an idle connection stays as it is" {
	start_helper 7 "$ONE/$NAME"
	say 7 'from 0 0\n'
	until_ok said 7 'log .*'
	# Longer than etcd needs to lose its patience with PINGs.
	pause 3
	put 7 now
	until_ok said 7 'got 1 .*'
	is_fine 7
	# Each of these was a connection; but for slowness there was one.
	count "$T/7" '^.log '
	[ "$COUNT" -eq $(($(wc -l <"$T/7.log") + 1)) ]
	count "$T/7" '^.place '
	[ "$COUNT" -le $(($(wc -l <"$T/7.log") + 1)) ]
}

# endpoints: of three servers.
endpoints() {
	cat "$OWN"/[abc]/endpoint | paste -s -d ,
}

# leader: which of three servers it is, as $LEADER. Of one that has been killed
# etcdctl says [], after a time: that is no leader.
leader() {
	local dir
	for dir in "$OWN"/[abc]; do
		etcdctl_of "$dir" --command-timeout 1s endpoint status \
		    -w json 2>/dev/null |
		    jq -e '.[].Status | .header.member_id == .leader' \
			>/dev/null && LEADER=$dir && return
	done
}

@test "the leader of three is killed while two nodes put" {
	OWN=$(etcd_base)
	etcd_start "$OWN/a" "$OWN/b" "$OWN/c"
	until_ok leader
	start_helper 7 "$(<"$LEADER/endpoint"),$(endpoints)/$NAME"
	start_helper 8 "$(endpoints)/$NAME"
	say 7 'from 0 0\n'
	say 8 'from 0 0\n'
	for i in {1..40}; do
		put 7 "seven $i"
		put 8 "eight $i"
		[ "$i" -ne 10 ] || etcd_kill "$LEADER"
		until_ok has_entry 7 "seven $i"
		until_ok has_entry 8 "eight $i"
	done
	put 7 last
	until_ok has_entry 8 last
	until_ok has_entry 7 last
	# Each is there, perhaps twice, and alike at both.
	positions 7 | diff - <(seq "$(positions 7 | tail -n 1)")
	entries 7 >"$T/7.entries"
	entries 8 | diff - "$T/7.entries"
	[ "$(sort -u "$T/7.entries" | wc -l)" -eq 81 ]
	[ "$(wc -l <"$T/7.entries")" -le 83 ]
}
has_entry() {
	grep -aqx -- "$2" "$T/$1"
}

# place FD: where the helper is by now.
place() {
	tr -d '\001' <"$T/$1" | sed -n 's/^place //p' | tail -n 1
}

# rank ENDPOINT: what a helper says there, if $LEADER leads.
rank() {
	[ "$1" = "$(<"$LEADER/endpoint")" ] && echo "at $1, the leader" ||
	    echo "at $1, which follows"
}

# placed: each helper is at its endpoint of ${AT[@]}, and knows who leads.
placed() {
	local fd
	leader || return
	for fd in 7 8 9; do
		[ "$(place "$fd")" = "$(rank "${AT[fd]}")" ] || return
	done
}

@test "where it is: at the leader, or at one which follows" {
	local fd first second AT=() NEXT=()
	OWN=$(etcd_base)
	etcd_start "$OWN/a" "$OWN/b" "$OWN/c"
	# Whoever is elected, now or later: each has a helper.
	for fd in 7:ab 8:bc 9:ca; do
		first=$(<"$OWN/${fd:2:1}/endpoint")
		second=$(<"$OWN/${fd:3:1}/endpoint")
		start_helper "${fd%:*}" "$first,$second/$NAME"
		say "${fd%:*}" 'from 0 0\n'
		AT[${fd%:*}]=$first NEXT[${fd%:*}]=$second
	done
	until_ok placed
	etcd_kill "$LEADER"
	for fd in 7 8 9; do
		[ "${AT[fd]}" != "$(<"$LEADER/endpoint")" ] ||
		    AT[fd]=${NEXT[fd]}
	done
	until_ok placed
}

@test "a member without the others is left for one with them" {
	OWN=$(etcd_base)
	etcd_start "$OWN/a" "$OWN/b" "$OWN/c"
	start_helper 7 "$(endpoints)/$NAME"
	say 7 'from 0 0\n'
	put 7 one
	until_ok said 7 'got 1 .*'
	etcd_kill "$OWN/b"
	etcd_kill "$OWN/c"
	# Nothing is asked of it, and yet that is noticed.
	until_ok said 7 'stuck .*'
	put 7 two
	etcd_run "$OWN/b"
	until_ok said 7 'going'
	until_ok has_entry 7 two
	put 7 three
	until_ok has_entry 7 three
	positions 7 | diff - <(seq "$(positions 7 | tail -n 1)")
}

# put_many FD N SIZE: so many entries, one after the other.
put_many() {
	local i last text
	last=$(positions "$1" | tail -n 1)
	printf -v text "%0$(($3 - 1))d" 0
	for ((i = last + 1; i <= last + $2; i++)); do
		put "$1" "$text"
		until_ok said "$1" "got $i .*"
	done
}

# compacted [N]: position 1 of what 7 has got is not there any more, or what was
# N revisions before it.
compacted() {
	local why
	why=$(etcdctl_of "$BASE/one" get "chat/$NAME" \
	    --rev="$(($(token 7 1) - ${1:-0}))" 2>&1 >/dev/null) || true
	[[ $why == *'revision has been compacted'* ]]
}

# newcomer: what a new node is told, at 9.
newcomer() {
	start_helper 9 "$ONE/$NAME"
	say 9 'from 0 0\n'
	until_ok said 9 'gone [0-9]+'
}

@test "what a node has read is not what it keeps" {
	start_helper 7 "$ONE/$NAME"
	say 7 'from 0 0\n'
	put_many 7 3 100
	until_ok kept n7 '0 0'
	start_helper 8 "$ONE/$NAME"
	say 8 'from 2 %s\n' "$(token 7 2)"
	until_ok said 8 'got 3 .*'
	kept n8 ''
	say 8 'keep 1 %s\n' "$(token 7 1)"
	until_ok kept n8 "1 $(token 7 1)"
}

@test "what all nodes keep is removed, but for the last bytes" {
	start_helper 8 "$ONE/$NAME" -m 40K -M 64K
	say 8 'from 0 0\n'
	put_many 8 1 100
	say 8 'keep 1 %s\n' "$(token 8 1)"
	until_ok kept n8 "1 $(token 8 1)"
	start_helper 7 "$ONE/$NAME" -m 40K -M 64K
	say 7 'from 0 0\n'
	until_ok said 7 'got 1 .*'
	put_many 7 10 10000
	say 7 'keep 11 %s\n' "$(token 7 11)"
	until_ok kept n7 "11 $(token 7 11)"
	# What nobody keeps is removed, so what the other one keeps was seen.
	until_ok compacted 1
	run ! compacted
	say 8 'keep 11 %s\n' "$(token 7 11)"
	until_ok kept n8 "11 $(token 7 11)"
	until_ok compacted
	newcomer
	# 40 KiB are more than 4 entries, and less than 6.
	said 9 'log [^ ]+ [67] 11'
	run ! said 9 'got .*'
	exec 9>&-
	wait "$RUNNER"
	# Whoever has what was removed goes on.
	start_helper 9 "$ONE/$NAME"
	say 9 'from 8 %s\n' "$(token 7 8)"
	until_ok said 9 'got 11 .*'
	[ "$(positions 9)" = $'9\n10\n11' ]
}
# kept NODE VALUE: what etcd has of it.
kept() {
	local value
	value=$(etcdctl_of "$BASE/one" get --print-value-only \
	    "chat/$NAME/keep/$1") && [ "$value" = "$2" ]
}

@test "over the most bytes, the slowest node is left behind by two" {
	start_helper 7 "$ONE/$NAME" -m 10K -M 40K
	say 7 'from 0 0\n'
	put_many 7 11 10000
	first=$(token 7 1)
	for node in x y; do
		etcdctl_of "$BASE/one" put "chat/$NAME/keep/$node" \
		    "$([ $node = x ] && echo "1 $first" ||
			echo "11 $(token 7 11)")" >/dev/null
	done
	say 7 'keep 11 %s\n' "$(token 7 11)"
	until_ok compacted
	newcomer
	said 9 'log [^ ]+ [67] 11'
}

@test "two nodes: the other one is waited for" {
	start_helper 7 "$ONE/$NAME" -m 10K -M 40K
	say 7 'from 0 0\n'
	put_many 7 11 10000
	etcdctl_of "$BASE/one" put "chat/$NAME/keep/x" \
	    "2 $(token 7 2)" >/dev/null
	say 7 'keep 11 %s\n' "$(token 7 11)"
	until_ok compacted
	newcomer
	said 9 'log [^ ]+ 2 11'
}

@test "a server without space gets some, and goes on" {
	OWN=$(etcd_base)
	etcd_start "$OWN/a" -- --quota-backend-bytes 3000000
	start_helper 7 "$(<"$OWN/a/endpoint")/$NAME"
	say 7 'from 0 0\n'
	for i in 12 24 36 48 60; do
		put_many 7 12 100000
		say 7 'keep %d %s\n' "$i" "$(token 7 "$i")"
	done
	grep -q 'etcd has no space left; removing what' "$T/7.log"
	positions 7 | diff - <(seq 60)
	alarms=$(etcdctl_of "$OWN/a" alarm list)
	[ "$alarms" = '' ]
}

@test "a server without space, and nothing that can be removed" {
	OWN=$(etcd_base)
	etcd_start "$OWN/a" -- --quota-backend-bytes 1000000
	start_helper 7 "$(<"$OWN/a/endpoint")/$NAME"
	say 7 'from 0 0\n'
	for i in {1..12}; do
		put 7 "$(printf '%0100000d' "$i")"
		until_ok said 7 "(got $i .*|stuck .*: etcd has no space left)"
		! said 7 'stuck .*' || break
	done
	[ "$i" -lt 12 ]
	run ! said 7 "got $i .*"
	# Somebody has made it larger.
	etcd_kill "$OWN/a"
	etcd_run "$OWN/a"
	until_ok said 7 "got $i .*"
	until_ok said 7 going
}

@test "a room that reads nothing costs 1 MiB, and then gets all" {
	start_helper 7 "$ONE/$NAME"
	say 7 'from 0 0\n'
	put_many 7 30 100000
	mkfifo "$T/slow.in" "$T/slow"
	CHATD_NODE=slow start run_slow
	slow=$PID
	exec 8>"$T/slow.in" 9<"$T/slow"
	say 8 'from 0 0\n'
	IFS= read -r -u 9 line
	[[ $line == $'\001log '* ]]
	# It goes on with what it has, however long this takes.
	put_many 7 40 100000
	get_status "$slow" VmHWM
	! has_sandbox || [ "${FIELD%% *}" -lt 5500 ]
	put 7 end
	grep -aqx -m 1 end <&9
	kill -0 "$slow"
}

run_slow() {
	exec chat-etcd "$ONE/$NAME" <"$T/slow.in" >"$T/slow" 7>&-
}

@test "a log that was deleted is another one" {
	start_helper 7 "$ONE/$NAME"
	say 7 'from 0 0\n'
	put 7 one
	until_ok said 7 'got 1 .*'
	etcdctl_of "$BASE/one" del "chat/$NAME" >/dev/null
	until_ok has_two_idents
	put 7 two
	say 7 'end\n'
	start_helper 8 "$ONE/$NAME"
	say 8 'from 0 0\n'
	until_ok said 8 'log .* 1 0'
	[ "$(ident 8)" != "$(ident 7)" ]
	[ "$(positions 7)" = 1 ]
	run ! said 7 'end .*'
}
has_two_idents() {
	[ "$(tr -d '\001' <"$T/7" | sed -n 's/^log \([^ ]*\) .*/\1/p' |
	    sort -u | wc -l)" -eq 2 ]
}

@test "a key of somebody else is left alone" {
	etcdctl_of "$BASE/one" put "chat/$NAME" theirs >/dev/null
	start_helper 7 "$ONE/$NAME"
	say 7 'from 0 0\n'
	until_ok said 7 "stuck $ONE: chat/$NAME is there, but not as a log"
	[ "$(etcdctl_of "$BASE/one" get --print-value-only "chat/$NAME")" = \
	    theirs ]
}

@test "a position with another entry is refused" {
	start_helper 7 "$ONE/$NAME"
	say 7 'from 0 0\n'
	put_many 7 3 10
	start_helper 8 "$ONE/$NAME"
	say 8 'from 2 %s\n' "$(token 7 3)"
	until_ok said 8 "stuck $ONE: position 2 has another entry than this .*"
	run ! said 8 'got .*'
}

@test "a name that can't be resolved, and what isn't etcd" {
	start_helper 7 "nowhere.invalid,$ONE/$NAME"
	say 7 'from 0 0\n'
	until_ok said 7 'log .*'
	start_chatd
	start_helper 8 "$ROOM/$NAME" -v
	say 8 'from 0 0\n'
	until_ok said 8 'stuck .*'
}

# certificate NAME EXTENSION: one that the authority has signed.
certificate() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$T/$1.key" \
	    -out "$T/$1.csr" 2>/dev/null
	openssl x509 -req -in "$T/$1.csr" -CA "$T/ca.pem" -CAkey "$T/ca.key" \
	    -set_serial "$RANDOM" -days 2 -extfile <(echo "$2") \
	    -out "$T/$1.pem" 2>/dev/null
}

@test "TLS, with certificates on both sides" {
	local SCHEME=https CTL
	for name in ca other; do
		openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$name" \
		    -days 2 -keyout "$T/$name.key" -out "$T/$name.pem" \
		    2>/dev/null
	done
	certificate member 'subjectAltName=IP:127.0.0.1,DNS:localhost'
	certificate elsewhere 'subjectAltName=DNS:elsewhere'
	certificate node 'extendedKeyUsage=clientAuth'
	CTL="--cacert $T/ca.pem --cert $T/node.pem --key $T/node.key"
	flags=(--client-cert-auth --trusted-ca-file "$T/ca.pem")
	OWN=$(etcd_base)
	etcd_start "$OWN/a" -- "${flags[@]}" \
	    --cert-file "$T/member.pem" --key-file "$T/member.key"
	endpoint=$(<"$OWN/a/endpoint")
	start_helper 7 "$endpoint/$NAME" -v -C "$T/ca.pem" -c "$T/node.pem" \
	    -k "$T/node.key"
	say 7 'from 0 0\n'
	until_ok said 7 'log .*'
	confined "$HELPER"
	put_many 7 3 100000
	start_helper 8 "localhost:${endpoint##*:}/$NAME" -C "$T/other.pem" \
	    -c "$T/node.pem" -k "$T/node.key"
	say 8 'from 0 0\n'
	until_ok said 8 'stuck .*: its certificate: .*'
	start_helper 8 "$endpoint/$NAME" -C "$T/ca.pem"
	say 8 'from 0 0\n'
	until_ok said 8 'stuck .*'
	run ! said 8 'log .*'

	etcd_kill "$OWN/a"
	etcd_run "$OWN/a" "${flags[@]}" --cert-file "$T/elsewhere.pem" \
	    --key-file "$T/elsewhere.key"
	# While nobody listened, it may have been stuck for another reason.
	until_ok matches "$T/7.log" ': its certificate: '
	until_ok said 7 'stuck .*'
}

# chat-log: what it tells etcd, and what it won't begin
load helpers.bash
load etcd.bash

# This machine is desk, at 192.0.2.7 and 2001:db8::7. etcd says what it was told,
# a word a line. Nothing listens.
setup() {
	mkdir "$T/bin"
	PATH=$T/bin:$PATH
	cd "$T"
	stub etcd <<<'printf "%s\n" "$@"'
	stub uname <<<'echo desk'
	stub ip <<-'END'
		echo '1: lo    inet 127.0.0.1/8 scope host lo'
		echo '2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global'
		echo '2: eth0    inet6 2001:db8::7/64 scope global'
	END
	stub ss <<<':'
	stub getent <<-'END'
		case $2 in
		desk) echo '127.0.1.1 STREAM desk' ;;
		here) echo '192.0.2.7 STREAM here'; echo '2001:db8::7 STREAM' ;;
		there) echo '192.0.2.8 STREAM there' ;;
		2001:DB8::7) echo '2001:db8::7 STREAM' ;;
		*) exit 2 ;;
		esac
	END
}

teardown() {
	cleanup
	[ -n "$DIR" ] || return 0
	[ -n "$BATS_TEST_COMPLETED" ] || tail -n 5 "$DIR"/*.log
	rm -rf "$DIR"
}

# stub NAME: standard input is what the shell does for that command.
stub() {
	{ echo '#!/bin/sh'; cat; } >"$T/bin/$1"
	chmod +x "$T/bin/$1"
}

# runs WORD...: chat-log with them starts etcd; what it was told is in $T/told,
# what chat-log has said in $T/said.
runs() {
	timeout 20 chat-log "$@" >"$T/told" 2>"$T/said" 3>&-
}

# refuses TEXT WORD...: with those chat-log says the text, and does nothing.
refuses() {
	local text=$1
	shift
	run -2 --separate-stderr timeout 20 chat-log "$@"
	[ "$output" = "" ]
	[[ $stderr == *"$text"* ]] || { echo "$stderr"; return 1; }
}

# told FLAG VALUE: that was a flag of etcd's, once. untold FLAG: it wasn't.
told() {
	[ "$(grep -A1 -x -e "$1" "$T/told")" = "$1
$2" ] || { cat "$T/told"; return 1; }
}
untold() {
	run ! grep -x -e "$1" "$T/told"
}

@test "chat-log: one member on localhost, when nobody is named" {
	runs
	told --name localhost
	told --data-dir chat-log.localhost/etcd
	told --initial-cluster localhost=http://localhost:2380
	told --initial-advertise-peer-urls http://localhost:2380
	told --listen-peer-urls http://127.0.0.1:2380
	told --listen-client-urls http://127.0.0.1:2379
	told --advertise-client-urls http://127.0.0.1:2379
	[[ $(ls -ld chat-log.localhost) == drwx------* ]]
	# Nobody else can reach it.
	run ! grep 'whoever can' said
	grep -q "'exec chat-etcd 127.0.0.1:2379/NAME'" said
}

@test "chat-log: one of three members, with the flags that a log takes" {
	runs here there.example.org desk.example.org:2390
	told --name desk.example.org
	told --data-dir chat-log.desk.example.org/etcd
	told --initial-cluster "desk.example.org=http://desk.example.org:2390,\
here=http://here:2380,there.example.org=http://there.example.org:2380"
	told --initial-cluster-state new
	told --initial-advertise-peer-urls http://desk.example.org:2390
	told --listen-client-urls http://127.0.0.1:2379
	told --heartbeat-interval 100
	told --election-timeout 1000
	told --snapshot-count 500
	told --quota-backend-bytes 2147483648
	told --log-level warn
	untold --unsafe-no-fsync
	untold --peer-client-cert-auth
	grep -q 'whoever can connect to port 2390 can read and change' said
}

@test "chat-log: the order of the hosts doesn't matter" {
	runs desk b c
	cp told first
	runs c desk b
	cmp first told
}

@test "chat-log: this machine is the host with its name, or an address of it" {
	runs a desk.example.org b
	told --name desk.example.org
	stub uname <<<'echo desk.example.org'
	runs a desk b
	told --name desk
	stub uname <<<'echo other'
	runs a here b
	told --name here
	runs 192.0.2.6 192.0.2.7 192.0.2.8
	told --name 192.0.2.7
	runs '[2001:DB8::7]:1' '[2001:db8::8]:1' there
	told --name '[2001:DB8::7]'
	told --listen-peer-urls 'http://[2001:db8::7]:1'
	runs -n there a there b
	told --name there
}

@test "chat-log: if none or several hosts are this machine, -n has to say it" {
	stub uname <<<'echo other'
	refuses 'None has its name, other, or one of its addresses: say it with -n' \
	    a b there
	refuses 'It could be each of 192.0.2.7 here: say it with -n' \
	    here there 192.0.2.7
	refuses 'It could be each of 127.0.0.1 127.0.0.2 127.0.0.3' \
	    127.0.0.1 127.0.0.2 127.0.0.3
	refuses '-n d: this is none of the members: a b c' -n d a b c
}

@test "chat-log: it listens at the addresses that its host has here" {
	runs -n here here a b
	told --listen-peer-urls 'http://192.0.2.7:2380,http://[2001:db8::7]:2380'
	# Its name is a loopback address, as in the /etc/hosts of Debian; what
	# has an address of others is behind a router.
	runs a b desk
	told --listen-peer-urls 'http://[::]:2380'
	runs -n there a b there
	told --listen-peer-urls 'http://[::]:2380'
	stub ip <<<"echo '2: eth0    inet 192.0.2.7/24 scope global'"
	runs a b desk
	told --listen-peer-urls http://0.0.0.0:2380
}

@test "chat-log: members on one machine have loopback addresses of their own" {
	runs -n 127.0.0.2 127.0.0.1 127.0.0.2 127.0.0.3
	told --listen-peer-urls http://127.0.0.2:2380
	told --listen-client-urls http://127.0.0.2:2379
	told --data-dir chat-log.127.0.0.2/etcd
	run ! grep 'whoever can' said
	refuses "localhost: desk can't reach a member there" localhost a desk
}

@test "chat-log -c: an address for clients beside that of this machine" {
	runs -c 192.0.2.7 desk b c
	told --listen-client-urls http://127.0.0.1:2379,http://192.0.2.7:2379
	told --advertise-client-urls http://127.0.0.1:2379,http://192.0.2.7:2379
	runs -c '[2001:db8::7]:99' desk b c
	told --listen-client-urls 'http://127.0.0.1:2379,http://[2001:db8::7]:99'
	for address in here 0.0.0.0 '[::]' :2379; do
		run -2 chat-log -c "$address" desk b c
	done
	[[ $output == *':2379: this is no host' ]]
	refuses "-c 192.0.2.8:2379: no address of this machine; it has 127.0.0.1 \
192.0.2.7 2001:db8::7" -c 192.0.2.8 desk b c
	runs -c 127.0.0.2 desk b c
	refuses '-c here: give one address of this machine' -c here desk b c
}

@test "chat-log -d, -e, -v: another directory, more patience, more to read" {
	mkdir data
	runs -d data/log -e 5000 -v desk b c
	told --data-dir data/log/etcd
	told --election-timeout 5000
	told --heartbeat-interval 500
	told --log-level info
	refuses '-e 99: a number of milliseconds' -e 99 desk b c
	refuses '-e 1s: a number of milliseconds' -e 1s desk b c
	refuses "none/log: it can't be made: No such file or directory" \
	    -d none/log desk b c
}

@test "chat-log -t: TLS between the members, and for clients elsewhere" {
	refuses '/tls/ca.pem: there is no such file' -t tls desk b c
	mkdir tls
	touch tls/ca.pem tls/cert.pem
	refuses '/tls/key.pem: there is no such file' -t tls desk b c
	touch tls/key.pem
	runs -t tls desk b c
	told --initial-cluster b=https://b:2380,c=https://c:2380,desk=https://desk:2380
	told --initial-advertise-peer-urls https://desk:2380
	told --listen-peer-urls 'https://[::]:2380'
	told --peer-trusted-ca-file "$T/tls/ca.pem"
	told --peer-cert-file "$T/tls/cert.pem"
	told --peer-key-file "$T/tls/key.pem"
	grep -qx -e --peer-client-cert-auth told
	told --listen-client-urls http://127.0.0.1:2379
	untold --client-cert-auth
	run ! grep 'whoever can' said
	runs -t tls -c 192.0.2.7 desk b c
	told --listen-client-urls http://127.0.0.1:2379,https://192.0.2.7:2379
	grep -qx -e --client-cert-auth told
	told --trusted-ca-file "$T/tls/ca.pem"
}

@test "chat-log -p: the command as a shell takes it, and nothing is done" {
	mkdir "it's tls"
	touch "it's tls/"{ca,cert,key}.pem
	timeout 20 chat-log -p -t "it's tls" -c '[2001:db8::7]' desk b c \
	    >printed.sh
	[ ! -e chat-log.desk ]
	runs -t "it's tls" -c '[2001:db8::7]' desk b c
	# shellcheck disable=SC1091
	. ./printed.sh >printed
	cmp told printed
	grep -qx "$T/it's tls/ca.pem" printed
}

@test "chat-log -u: a unit that runs the same on each machine" {
	mkdir tls
	touch tls/{ca,cert,key}.pem
	# It runs what is installed.
	cp "$(command -v chat-log)" bin/chat-log
	timeout 20 chat-log -u -e 2000 a desk c >a.service
	stub uname <<<'echo c'
	timeout 20 chat-log -u -e 2000 c a desk >c.service
	cmp a.service c.service
	grep -qx "ExecStart=$T/bin/chat-log -d /var/lib/chat-log -e 2000 a:2380 c:2380 desk:2380" a.service
	timeout 20 chat-log -u -t tls a desk c >tls.service
	grep -qx "LoadCredential=key.pem:$T/tls/key.pem" tls.service
	grep -q ' -t ${CREDENTIALS_DIRECTORY} a:2380' tls.service
	refuses 'a unit has its data in' -u -d data desk b c
	if command -v systemd-analyze >none; then
		run -0 systemd-analyze verify --man=no "$T/tls.service"
		run ! grep -F "$T/" <<<"$output"
	fi
}

@test "chat-log: an even number of members has one that is of no use" {
	runs desk b
	grep -q 'of 2 members 2 have to be there, so 0 may fail, as of 1:' said
	runs -d four desk b c d
	grep -q 'of 4 members 3 have to be there, so 1 may fail, as of 3: better have 3 or 5' said
	runs -d five desk b c d e
	run ! grep 'better have' said
	refuses '10 members: 9 at most' a b c d e f g h i j
}

@test "chat-log: what is no host is refused" {
	refuses 'a b: this is no host' 'a b' desk
	refuses ':1: this is no host' :1
	refuses '*: this is no host' '*'
	refuses '-: this is no host' -- - b
	refuses '[::1: ] is missing' '[::1'
	refuses '[::g]: this is no address of IPv6' '[::g]'
	refuses '::1: brackets belong around an address of IPv6: [::1]' ::1
	refuses 'b:0: a port is a number' b:0
	refuses 'b:65536: a port is a number' b:65536
	refuses 'b is named twice' desk b b:99
	[ ! -e chat-log.desk ]
}

@test "chat-log: other members than those whose data it has are refused" {
	runs desk b c
	# Nothing has come of it yet.
	runs desk b d
	mkdir chat-log.desk/etcd
	runs d b desk
	refuses 'it has the data of desk of b:2380 d:2380 desk:2380, and not of' \
	    desk b c
	refuses 'it has the data of desk of b:2380' -d chat-log.desk -n b desk b d
	# Unless the members were changed, which is then known.
	runs -r desk b c
	told --initial-cluster-state existing
	runs desk b c
	told --initial-cluster-state new
	rm chat-log.desk/members
	refuses 'it has the data of nobody knows who' desk b c
}

@test "chat-log: where something listens already, it says what that may be" {
	stub ss <<<'case $* in *2379*) echo "LISTEN 0 0 127.0.0.1:2379 *" ;; esac'
	refuses '127.0.0.1:2379: something listens there already' desk b c
	[ ! -e chat-log.desk ]
	stub ss <<<'case $* in *2380*) echo "LISTEN 0 0 *:2380 *" ;; esac'
	refuses '[::]:2380: something listens there already' desk b c
	[[ $stderr == *'systemctl disable --now etcd' ]]
	stub ss <<<'echo "LISTEN 0 0 192.0.2.9:2380 *"'
	runs -n here here b c
}

@test "chat-log: one that is about to end is waited for" {
	stub ss <<-'END'
		[ -e asked ] || echo 'LISTEN 0 0 127.0.0.1:2379 *'
		touch asked
	END
	runs
}

@test "chat-log: without etcd it says where to get it" {
	mkdir bare
	for name in sh awk cat getent grep ip mkdir mv paste sed sort ss tr uname; do
		ln -s "$(command -v "$name")" "bare/$name"
	done
	# The last two are searched, too.
	[ ! -e /sbin/etcd ] && [ ! -e /usr/sbin/etcd ] || skip 'etcd is in sbin'
	script=$(command -v chat-log)
	PATH=$T/bare run -2 "$script" desk b c
	[[ $output == 'chat-log: etcd: not found; it comes with the package etcd'* ]]
	[ ! -e chat-log.desk ]
}

@test "chat-log: it becomes etcd, so that signals are for that" {
	stub etcd <<<'echo $$; exec sleep 60'
	start chat-log >pid 2>said
	until_ok [ -s pid ]
	[ "$(cat pid)" = "$PID" ]
}

# typed SECTION TEXT: what the page types below the line of the section that
# begins with the text, for the members of this test. Where they connect to has
# an address of each, where they connect from has not.
typed() {
	awk -v section="# $1" -v text="$2" '
	/^# / { here = $0 == section; found = 0 }
	here && index($0, text) == 1 { found = 1 }
	/^```/ { code = !code; if (!code && found) exit; next }
	code && found && sub(/^[$>] ?/, "")' "$ROOT/man/chat-log.8.scd" |
	    sed -e 's/\\\\/\\/g' -e "s/a\.example\.org/$NET.1/g
		s/b\.example\.org/$NET.2/g; s/c\.example\.org/$NET.3/g
		s/DNS:/IP:127.0.0.1,IP:/; s/=http:/=https:/" >"$DIR/typed"
	[ -s "$DIR/typed" ]
}

# start_three: the members of this test, and their rooms. start_member N
# [OPTION...] runs one, start_room N its room; their pids are in ${LOGS[N]} and
# ${ROOMS[N]}.
start_member() {
	local n=$1
	shift
	start chat-log -t "$NET.$n" -n "$NET.$n" -d "$DIR/log.$n" "$@" \
	    "$NET.1" "$NET.2" "$NET.3" 2>>"$DIR/$n.log"
	LOGS[n]=$PID
}
start_room() {
	start chatd -s "$DIR/room.$1" -n "n$1" \
	    -L "exec chat-etcd $NET.$1/lounge" "$NET.$1" 2>>"$DIR/$1.log"
	ROOMS[$1]=$PID
}
start_three() {
	local n
	for n in 1 2 3; do
		start_member "$n"
		start_room "$n"
	done
	for n in 1 2 3; do
		until_ok matches "$DIR/$n.log" 'listening on'
	done
}

added() {
	tail -n 1 typed | bash
}

# To sync is nothing there, and these addresses are nobody else's.
@test "chat-log: three members with certificates, one of which is replaced" {
	local all number LOGS ROOMS NET=127.$((RANDOM % 250 + 2)).$((RANDOM % 250))
	rm "$T"/bin/*
	need_etcd
	DIR=$(mktemp -d /dev/shm/chat.XXXXXX) || skip 'there is no /dev/shm'
	cd "$DIR"
	all=$NET.1,$NET.2,$NET.3
	export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=$NET.3:2379

	typed CERTIFICATES 'One authority'
	bash -e typed >openssl.log 2>&1
	start_three
	ROOM=$all start_recv "$T/copy" -r
	seq 1 3 | timeout 60 chat-send -r "$all"
	until_ok has_lines "$T/copy" 3

	# A machine with its disk is gone. The others go on.
	kill -KILL "${LOGS[2]}" "${ROOMS[2]}"
	seq 4 6 | timeout 60 chat-send -r "$NET.2,$NET.3"
	until_ok has_lines "$T/copy" 6
	rm -r log.2
	start_member 2
	until_ok matches 2.log 'has already been bootstrapped'
	rm -r log.2

	typed REPLACING 'A member that was away'
	number=$(etcdctl member list | sed -n "s/, .*$NET.2:.*//p")
	sed -i "s/8211f1d0f64f3269/$number/" typed
	head -n -1 typed | bash -e
	# The others have to be connected for 5 seconds.
	until_ok added 2>added
	: >2.log
	start_member 2 -r
	start_room 2
	until_ok matches 2.log 'listening on'
	seq 7 9 | timeout 60 chat-send -r "$NET.2"
	until_ok has_lines "$T/copy" 9
	seq 9 | cmp - "$T/copy"
	# Now another one may fail.
	kill -KILL "${LOGS[1]}" "${ROOMS[1]}"
	seq 10 12 | timeout 60 chat-send -r "$NET.2"
	until_ok has_lines "$T/copy" 12
	[ "$(etcdctl member list | grep -c https:)" -eq 3 ]
}

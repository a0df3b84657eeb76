# keys.sh - part (i): what it costs that clients have to show a key
#
# For bench.sh, whose variables and functions these are.
# shellcheck shell=sh disable=SC2154

make_key() {
	[ ! -e "$tmp/keys" ] || return 0
	(umask 077 && printf 'load:%s\n' \
	    "$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')" >"$tmp/keys")
}

# A room with a key and one without: the first one's figures are on the left.
# shellcheck disable=SC2086 # $on_... are a command each, or nothing
with_key() { # DESCRIPTORS PREFIX PART [ARG...]
	if [ "$1" -gt $((descriptors - spare)) ]; then
		say "$2: needs $1 descriptors and some"
		return
	fi
	prefix=$2 part=$3
	shift 3
	serve $on_server "$chatd" -k "$tmp/keys" 127.0.0.1:0
	key_port=$port key_pid=$pid key_worker=$worker
	serve $on_server "$chatd" 127.0.0.1:0
	timeout 300 $on_load "$load" -k "$tmp/keys" "$part" "$key_port" \
	    "$key_worker" "$port" "$worker" "$@" >"$tmp/out" &
	wait $! || say "$prefix: not all figures this time"
	sed "s/^/$prefix./" "$tmp/out" >>"$tmp/figures"
	end "$key_pid" "$pid"
}

keyed_lines() { # READERS
	for _ in $rounds; do
		with_key $((2 * (1 + $1))) "i.$1" fanout 1 "$1"
	done
	heading "(i) 1 to $1, with a key" key plain
	row "i.$1.line.cpu" 1 'line: server ns per delivery' ratio most 2.50
	row "i.$1.batch.cpu" 1 'batch: server ns per delivery'
	row "i.$1.flood.cpu" 1 'flood: server ns per delivery'
	row "i.$1.flood.read" 1 'flood: bytes in a read'
}

keyed_idle() {
	for _ in $rounds; do
		with_key $((first + idle)) i idle "$idle"
	done
	heading "    $idle idle clients" key plain
	row i.idle 0.0009765625 'KiB of server memory for each' chat most 15
}

keyed_visits() {
	for _ in $rounds; do
		with_key 32 i handshake
	done
	heading '    connect, show a key, close' key plain
	row i.let.in.cpu 0.001 'server us per client'
	row i.let.in.rate 1 'in a second of one core' chat least 2000
	row i.refused.cpu 0.001 'a wrong key: server us per client'
	row i.refused.rate 1 'a wrong key: in a second of one core'
}

part_i() {
	if "$self" || ! make_key; then
		say '(i) left out: it needs chatd'
		return
	fi
	keyed_lines 100
	keyed_lines 1000
	keyed_idle
	keyed_visits
}

# store.sh - parts (f) to (h): what it costs to keep a room on disk
#
# For bench.sh, whose variables and functions these are.
# shellcheck shell=sh disable=SC2154

store_mib=1024		# the store of (g) and (h)
store_lines=$((store_mib * 1024 * 1024 / 80))
authors=4		# who wrote it, all at once

# The next chatd keeps its room there.
no_store() {
	rm -rf "$tmp/store"
}

# (f): a file into a room. Sets rate and core as in (e), and used, the ns of a
# core that the room took.

send_file() { # READERS [OPTION...]: of chatd
	readers=$1 rate=0 core=0 used=0 reader=
	shift
	no_store
	serve "$chatd" "$@" 127.0.0.1:0
	if [ "$readers" -gt 0 ]; then
		measured "$recv" -c "$lines" "127.0.0.1:$port" >/dev/null &
		reader=$!
		reader_is_in "$worker"
	fi
	start_clock
	measured "$send" "127.0.0.1:$port" <"$tmp/lines" &
	if wait $! && { [ -z "$reader" ] || wait "$reader"; }; then
		used=$("$load" used "$worker")
		echo "$used" >>"$tmp/cpu"
		stop_clock
	else
		say "(f): chat-send failed, chatd $*"
	fi
	# shellcheck disable=SC2086 # nothing, or a number
	end $reader "$pid"
	no_store
}

compare_stores() { # NAME READERS
	name=$1
	send_file "$2"
	without_rate=$rate without_core=$core without_used=$used
	for option in s S; do
		send_file "$2" "-${option#s}s" "$tmp/store"
		echo "$name.$option $rate $without_rate
			$name.$option.core $core $without_core
			$name.$option.used $used $without_used" >>"$tmp/figures"
	done
}

part_f() {
	if "$self" || ! make_lines; then
		say '(f) left out: it needs chatd'
		return
	fi
	# What is slow for a while is so for three at most.
	for _ in $rounds $rounds; do
		compare_stores alone 0
		compare_stores heard 1
	done
	scale=$(awk -v n="$lines" 'BEGIN { print 1 / n }')
	for name in alone heard; do
		case $name in
		alone) heading '(f) chat-send to nobody' store none ;;
		heard) heading '    chat-send | chat-recv' store none ;;
		esac
		row "$name.s" 0.001 '-s: 1000 lines/s' ratio least 0.77
		row "$name.s.core" 0.001 '-s: 1000 in a second of one core' \
		    ratio least 0.77
		row "$name.s.used" "$scale" '-s: server ns per line'
		row "$name.S" 0.001 '-S: 1000 lines/s'
		row "$name.S.core" 0.001 '-S: 1000 in a second of one core'
		row "$name.S.used" "$scale" '-S: server ns per line'
	done
}

# (g) and (h): a large store

# Returns false, and says why, if there is no space for it.
make_store() {
	[ ! -e "$tmp/store.made" ] || return 0
	space=$(df -Pk "$tmp" | awk 'NR == 2 { print int($4 / 1024) }')
	if [ "${space:-0}" -lt $((store_mib + store_mib / 4)) ]; then
		say "needs $((store_mib + store_mib / 4)) MiB in $tmp"
		return 1
	fi
	no_store
	serve "$chatd" -s "$tmp/store" 127.0.0.1:0
	writers='' made=0
	while [ "$made" -lt "$authors" ]; do
		made=$((made + 1))
		"$load" lines $((store_lines / authors)) | timeout 120 \
		    "$send" "127.0.0.1:$port" &
		writers="$writers $!"
	done
	for writer in $writers; do
		wait "$writer" || made=0
	done
	end "$pid"
	# What is still to be written to the disk would be in the way of others.
	sync
	[ "$made" -gt 0 ] && : >"$tmp/store.made" && return
	say "$store_mib MiB of lines could not be kept"
	return 1
}

# Like serve, but waits for the line without a pause. Sets took, in ns, too.
serve_store() {
	rm -f "$tmp/started"
	mkfifo "$tmp/started"
	start=$("$load" clock)
	"$chatd" -s "$tmp/store" 127.0.0.1:0 2>"$tmp/started" &
	pid=$!
	port=$(timeout 60 sed -n '/listening on/{
		s/.*://p
		q
	}' "$tmp/started")
	took=$(($("$load" clock) - start))
	[ -n "$port" ] && find_worker && return
	say '(g): chatd did not start'
	end "$pid"
	return 1
}

# All the bytes there are, read once: the least that has to be done.
read_store() {
	start_clock
	measured cat "$tmp"/store/* >/dev/null &
	wait $!
	read_took=$(($("$load" clock) - start)) read_used=$(cat "$tmp/cpu")
}

part_g() {
	if "$self" || ! make_store; then
		say '(g) left out: it needs chatd, and space'
		return
	fi
	for _ in $rounds $rounds; do
		read_store
		serve_store || return
		echo "start $took $read_took" >>"$tmp/figures"
		echo "start.cpu $("$load" used "$worker") $read_used" >>"$tmp/figures"
		end "$pid"
	done
	heading "(g) a room of $store_mib MiB" chat cat
	row start 0.000000001 'until it listens, s' chat most 1
	row start.cpu 0.000000001 'seconds of a core'
}

# Sets rate, in bytes a second, and core, in bytes for a second of a core.
stop_clock_bytes() {
	bytes=$((store_lines / authors * authors * 80))
	rate=$((bytes * 1000000000 / ($("$load" clock) - start)))
	core=$(awk -v n="$bytes" '{ ns += $1 }
	    END { print (ns > 0 ? n * 1000000000 / ns : 0) }' "$tmp/cpu")
}

# COMMAND... reads the room from its first line on, with $port set.
catch_up() {
	rate=0 core=0
	before=$("$load" used "$worker")
	start_clock
	measured "$@" >/dev/null || return
	echo $(($("$load" used "$worker") - before)) >>"$tmp/cpu"
	stop_clock_bytes
}

# The room closes when it has nothing more for one who has said all.
raw_reader() {
	printf '\001recv last=%d\n' "$store_lines" >"$tmp/hello"
	# shellcheck disable=SC2016 # $0 to $2 are sh's
	catch_up sh -c 'exec "$0" -N 127.0.0.1 "$1" <"$2"' "$nc" "$port" \
	    "$tmp/hello"
}

cat_nc() {
	rate=0 core=0
	nc_port=$("$load" port)
	measured "$nc" -d -l 127.0.0.1 "$nc_port" >/dev/null &
	reader=$!
	until
		start_clock
		# shellcheck disable=SC2016
		measured sh -c 'cat "$0"/* | "$1" -N 127.0.0.1 "$2"' \
		    "$tmp/store" "$nc" "$nc_port" &
		wait $!
	do
		kill -0 "$reader" 2>/dev/null || return
		sleep 0.05
	done
	wait "$reader" && stop_clock_bytes
}

part_h() {
	if "$self" || ! find_nc || ! make_store; then
		say '(h) left out: it needs chatd, the nc of OpenBSD, and space'
		return
	fi
	serve_store || return
	n=$((store_lines / authors * authors))
	for _ in $rounds $rounds; do
		raw_reader
		raw_rate=$rate raw_core=$core
		catch_up "$recv" -c "$n" -l "$n" "127.0.0.1:$port"
		recv_rate=$rate recv_core=$core
		cat_nc
		echo "raw $raw_rate $rate
			raw.core $raw_core $core
			recv $recv_rate $rate
			recv.core $recv_core $core" >>"$tmp/figures"
	done
	end "$pid"
	heading "(h) catch up on $store_mib MiB" chat 'cat | nc'
	row raw 0.000001 'to nc: MB/s' ratio least 0.5
	row raw.core 0.000001 'to nc: MB in a second of one core'
	row recv 0.000001 'to chat-recv: MB/s'
	row recv.core 0.000001 'to chat-recv: MB in a s of one core'
}

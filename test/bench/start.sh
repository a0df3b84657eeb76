# start.sh - part (j): what it costs to say something from a script
#
# For bench.sh, whose variables and functions these are.
# shellcheck shell=sh disable=SC2154

starts=200		# of each program in a row

# all_started COMMAND...: ns of a core that each of so many took; the shell that
# starts them is in it, too.
# shellcheck disable=SC2016 # it is for that shell
all_started() {
	: >"$tmp/cpu"
	measured sh -c 'n=$1 lines=$2; shift 2
	    while [ $((n -= 1)) -ge 0 ]; do "$@" <"$lines" || exit; done' \
	    sh "$starts" "$tmp/few" "$@" >/dev/null &
	wait $! || : >"$tmp/cpu"
	each=$(awk -v n="$starts" '{ ns += $1 } END { print ns / n }' "$tmp/cpu")
	[ "$each" != 0 ] || say "(j): $1 failed"
}

part_j() {
	if "$self" || ! find_nc; then
		say '(j) left out: it needs chatd, and the nc of OpenBSD'
		return
	fi
	"$load" lines 10 >"$tmp/few"
	# shellcheck disable=SC2086
	serve $on_server "$chatd" 127.0.0.1:0
	for _ in $rounds $rounds; do
		all_started "$send" "127.0.0.1:$port"
		chat_each=$each
		all_started "$nc" -N 127.0.0.1 "$port"
		echo "j $chat_each $each" >>"$tmp/figures"
	done
	end "$pid"
	heading '(j) chat-send <file' chat 'nc -N'
	row j 0.000001 'ms of a core for each start' ratio most 1.20
}

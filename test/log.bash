# What the suites share whose rooms are kept over a log, by several nodes.

FAKELOG=${CHAT_FAKELOG:-$ROOT/test/tools/fakelog}

# start_log [OPTION...]: the log that rooms share, a fake one that takes orders.
# It listens at $LOG_AT, or $T/log.sock; the log of nodes there is "room".
start_log() {
	mkfifo "$T/log.orders"
	: >"$T/log.answers"
	start serve_log "$@" "${LOG_AT:-$T/log.sock}" \
	    >"$T/log.answers" 2>"$T/log.err"
	# shellcheck disable=SC2034
	LOG=$PID
	ANSWERS=2
	until_ok has_lines "$T/log.answers" "$ANSWERS"
}

# Its own writer of the FIFO keeps it from an end.
serve_log() {
	exec "$FAKELOG" "$@" <>"$T/log.orders"
}

# log_order WORD...: give the log an order, and wait until it has carried it out;
# what it answers after "ok " is $ANSWER.
log_order() {
	local answers
	ANSWERS=$((ANSWERS + 1))
	echo "$*" 1<>"$T/log.orders"
	until_ok has_lines "$T/log.answers" "$ANSWERS" || return
	mapfile -t answers <"$T/log.answers"
	ANSWER=${answers[-1]#ok}
	ANSWER=${ANSWER# }
	[[ ${answers[-1]} == ok* ]] && return
	echo "$*: ${answers[-1]}" >&2
	return 1
}

# log_was_right: no room has said anything against chat-log(7).
log_was_right() {
	log_order errors
	[ "$ANSWER" = 0 ] || { cat "$T/log.err" >&2; return 1; }
}

# start_node NAME [OPTION...]: a node of the room, with a store of its own. Its
# address is ${NODE_ROOM[NAME]}, and $ROOM; its pid is ${NODE_PID[NAME]}, and
# $CHATD; what it logs now is in $T/NAME.log.
declare -gA NODE_ROOM NODE_PID
start_node() {
	local name=$1
	shift
	start interruptible chatd -s "$T/$name" -n "$name" \
	    -L "exec '$FAKELOG' -j '$T/log.sock' room" "$@" 127.0.0.1:0 \
	    2>"$T/$name.log"
	CHATD=$PID
	NODE_PID[$name]=$PID
	until_ok node_listens "$name"
}
node_listens() {
	matches "$T/$1.log" 'listening on (.*)' || return
	ROOM=${BASH_REMATCH[1]}
	# shellcheck disable=SC2034
	NODE_ROOM[$1]=$ROOM
}

# stop_node NAME [SIGNAL]: end it; its status is $STATUS.
stop_node() {
	stop "${NODE_PID[$1]}" "${2:-TERM}"
}

# Any suite's rooms can be kept over a log: with CHAT_LOG=1 in the environment, or
# with options of fakelog's instead of the 1, as in CHAT_LOG='-w 20 -s 7', each
# test has one, at $T/own.sock. What its rooms say wrongly makes the test fail.

# over_log [OPTION...]: the options that a chatd with these needs for that are
# $OVER_LOG. It finds what it was if it's started again with the same store;
# without one it gets a new one. There are none where the patience is too long.
over_log() {
	untraced choose_log "$@"
}
choose_log() {
	local OPTIND=1 option store='' n=1 name
	# shellcheck disable=SC2213 # the others only take their place
	while getopts :a:c:fik:L:l:m:n:p:r:Ss:t:u:vz: option; do
		case $option in
		L) return ;;
		p) [ "${OPTARG%.*}" -le 20 ] || return 0 ;;
		s) store=$OPTARG ;;
		*) ;;
		esac
	done
	if [ -z "$store" ]; then
		while [ -e "$T/own.$n" ]; do
			n=$((n + 1))
		done
		store=$T/own.$n
		OVER_LOG=(-s "$store")
	fi
	name=${store#"$T/"}
	name=${name//[^A-Za-z0-9.]/-}
	OVER_LOG+=(-n node
	    -L "exec '$FAKELOG' -j '$T/own.sock' '${name:0:32}'")
	listens_at "$T/own.sock" || start_own_log
}

# Not one of the test's jobs, for which it may wait.
start_own_log() {
	local options=()
	[ "$CHAT_LOG" = 1 ] || read -r -a options <<<"$CHAT_LOG"
	(
		"$FAKELOG" "${options[@]}" "$T/own.sock" </dev/null \
		    >"$T/own.log" 2>"$T/own.err" 3>&- &
		echo "$!" >"$T/own.pid"
	)
	until_ok listens_at "$T/own.sock"
}

# end_own_log: whether no room has said anything against chat-log(7). What a test
# cleans up on its way may be started again, and its log has to be there.
end_own_log() {
	[ -e "$T/own.pid" ] && [[ " ${FUNCNAME[*]} " == *' teardown '* ]] ||
	    return 0
	kill "$(<"$T/own.pid")"
	cat "$T/own.log" "$T/own.err"
	[ ! -s "$T/own.err" ]
}

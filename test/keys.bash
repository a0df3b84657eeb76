# What the suites share that need keys: each is a file in the test's directory.

# make_key NAME [ACCESS]: a key of that person, in a file of that name, and in
# the room's file.
make_key() {
	local mask
	new_key
	mask=$(umask)
	umask 077
	printf '%s:%s%s\n' "$1" "$KEY" "${2:+:$2}" >"$T/$1"
	printf '%s:%s%s\n' "$1" "$KEY" "${2:+:$2}" >>"$T/keys"
	umask "$mask"
}

# new_key: a bare one, in $KEY.
new_key() {
	printf -v KEY %08x "$SRANDOM" "$SRANDOM" "$SRANDOM" "$SRANDOM" \
	    "$SRANDOM" "$SRANDOM" "$SRANDOM" "$SRANDOM"
}

# hex NAME: the bare key.
hex() {
	local key
	IFS=: read -r _ key _ <"$T/$1"
	echo "$key"
}

# has_logged LINE: the room has logged that of somebody.
has_logged() {
	untraced event_is_logged "$@"
}
event_is_logged() {
	local line log
	mapfile -t log <"$T/log"
	for line in "${log[@]}"; do
		line=${line#chatd: }
		[[ $line != "$1" ]] || return 0
		[[ $line =~ ^127\.0\.0\.1:[0-9]+:\ (.*) &&
		    ${BASH_REMATCH[1]} == "$1" ]] && return
	done
	return 1
}

# start_keyed [OPTION...]: a room with keys, bob's among them, who writes what he
# hears to $T/copy.
start_keyed() {
	start_chatd -v -k "$T/keys" "$@"
	start_recv "$T/copy" -k "$T/bob"
	until_ok has_logged 'joined as bob'
}

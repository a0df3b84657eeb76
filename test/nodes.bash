# A room at several addresses, which fail one by one while the room stays.

# start_node NAME [ADDRESS]: an address of the room at $ROOM that is a process of
# its own, $NODE: a socket in the test's directory, or that address. What it
# listens at is $NODE_AT.
start_node() {
	[ -n "${2:-}" ] || rm -f "$T/$1"
	start "${CHAT_CUTTER:-$ROOT/test/tools/cutter}" -n 0 "${2:-$T/$1}" \
	    "$ROOM" >"$T/$1.node"
	NODE=$PID
	until_ok matches "$T/$1.node" '^listening on (.*)'
	NODE_AT=${BASH_REMATCH[1]}
}

# start_cut_off NAME: an address that is cut off from the room, and turns
# everybody away; each of them adds a line to $T/NAME.node.
start_cut_off() {
	rm -f "$T/$1"
	: >"$T/$1.node"
	printf '%s\n' 'read -r role' "echo away >>'$T/$1.node'" \
	    "printf '\\001bye this room is cut off\\n'" \
	    'exec cat >/dev/null' >"$T/$1.sh"
	start socat -d -d UNIX-LISTEN:"$T/$1",fork \
	    EXEC:"bash $T/$1.sh",nofork 2>"$T/$1.log"
	NODE=$PID
	until_ok matches "$T/$1.log" 'listening on'
}

# What the suites share that need keys: each is a file in the test's directory.

# make_key NAME [ACCESS]: a key of that person, in a file of that name, and in
# the room's file.
make_key() {
	(
		umask 077
		printf '%s:%s%s\n' "$1" "$(openssl rand -hex 32)" \
		    "${2:+:$2}" >"$T/$1"
		cat "$T/$1" >>"$T/keys"
	)
}

# hex NAME: the bare key.
hex() {
	cut -d : -f 2 "$T/$1"
}

# has_logged LINE: the room has logged that of somebody.
has_logged() {
	sed 's/^chatd: 127.0.0.1:[0-9]*: //; s/^chatd: //' "$T/log" |
	    grep -qxF -e "$1"
}

# start_keyed [OPTION...]: a room with keys, bob's among them, who writes what he
# hears to $T/copy.
start_keyed() {
	start_chatd -v -k "$T/keys" "$@"
	start_recv "$T/copy" -k "$T/bob"
	until_ok has_logged 'joined as bob'
}

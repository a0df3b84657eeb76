#!/bin/sh
# demo.sh - show a conversation through all the commands
#
# Every command is shown before it is run, and what it prints has to be what is
# expected here: the exit status tells. The room is on a port of its own and
# gone at the end.

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
PATH=$root/chatd:$root/chat-send:$root/chat-recv:$root/chat:$PATH
unset CHAT_ADDRESS

die() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

# Everything ends with the room.
cleanup() {
	trap - EXIT
	exec 3>&-
	[ -z "$room" ] || kill "$room" 2>/dev/null
	wait
	rm -rf "$tmp"
}

tell() {
	printf '\n# %s\n' "$@"
}

# What was printed and not shown yet.
fresh() {
	tail -n "+$((shown + 1))" screen
}

# Wait until there is as much to show as there should be, then show it.
show() { # PATTERN
	tries=0
	lines=$((shown + $(printf '%s\n' "$1" | wc -l)))
	while [ "$(wc -l <screen)" -lt "$lines" ] && [ "$tries" -lt 500 ]; do
		sleep 0.02
		tries=$((tries + 1))
	done
	fresh
	# shellcheck disable=SC2254 # it is a pattern
	case $(fresh) in
	$1) shown=$lines ;;
	*) die "expected: $1" ;;
	esac
}

# Show a command and run it; then, if a pattern is given, what is printed by it
# or by a command in the background has to match.
run() { # COMMAND [PATTERN]
	printf '%s\n' "$1" | sed '1s/^/$ /; 2,$s/^/> /'
	eval "$1" >>screen 2>&1 || die "failed with status $?"
	[ $# -eq 1 ] || show "$2"
}

# Wait until it matches in a file.
wait_for() { # FILE REGEX
	tries=0
	until grep -q -e "$2" "$1" 2>/dev/null; do
		[ "$tries" -lt 500 ] || die "$1 has no: $2"
		sleep 0.02
		tries=$((tries + 1))
	done
}

# What a terminal shows in the end of what is written to it: a row is erased to
# be written anew, and so may be the one above it.
rendered() { # FILE
	esc=$(printf '\033')
	awk -v esc="$esc" '
	index($0, esc "[A") { n-- }
	{ sub(".*" esc "\\[K", ""); gsub(esc "(\\[[?0-9]*[a-zA-Z]|[78])", "")
	  gsub("[\007\r]", ""); row[n++] = $0 }
	END { for (i = 0; i < n; i++) if (row[i] != "") print row[i] }' "$1"
}

# A person at a terminal, whose keys are in a pipe here.
show_chat() {
	mkfifo keys
	NO_COLOR=1 TERM=xterm script -qec 'stty cols 78 rows 20; exec chat -l 0 -n bob' \
	    /dev/null <keys >typescript 2>&1 &
	exec 3>keys
	wait_for typescript 'as bob;'
	printf 'Good morning!\r' >&3
	# Not faint any more.
	wait_for typescript '\[K[0-9:]* bob: Good'
	echo 'alice: You are late, bob.' | chat-send || die 'alice: no room'
	wait_for typescript 'You are late'
	# Its keys end after it: what script(1) makes of an end is its own.
	printf '\004' >&3
	wait $! || die "chat: status $?"
	exec 3>&-
	rendered typescript >rows
	cat rows
	printf '%s\n' "-- connecting to $CHAT_ADDRESS" \
	    "-- connected to $CHAT_ADDRESS as bob; /help lists commands, Ctrl-D\
 leaves" 'HH:MM bob: Good morning!' 'HH:MM alice: You are late, bob.' >expected
	sed 's/^[0-9][0-9]:[0-9][0-9] /HH:MM /' rows | cmp -s - expected || die "expected: $(cat expected)"
}

room='' listener='' shown=0
tmp=$(mktemp -d) || exit 2
trap cleanup EXIT
trap 'exit 2' HUP INT TERM
cd "$tmp" || exit 2
: >screen

tell 'A room, on a port that the system picks.'
# Root gets advice.
advice=
[ "$(id -u)" -ne 0 ] || advice='*chatd: running as root; *
'
run 'chatd 127.0.0.1:0 & room=$!' "${advice}*chatd: listening on 127.0.0.1:*"
run "export CHAT_ADDRESS=$(sed -n 's/.*listening on //p' screen)"

tell 'Every message in it becomes a line of chat-recv.'
run 'chat-recv -l 10 -c 6 & listener=$!'

tell 'And every line of chat-send becomes a message.'
run "echo 'Is anybody here?' | chat-send -n alice" 'alice: Is anybody here?'

tell 'chat is both on one connection: a few lines of shell make it a bot.'
run 'mkfifo answers'
run "chat <answers | {
	echo 'bot: Ask me anything.'
	while read -r line; do
		case \$line in
		*'?') echo 'bot: Yes, certainly.' ;;
		*'Bye!') echo 'bot: Good-bye, human.' && exec >&- ;;
		esac
	done
} >answers &" 'bot: Ask me anything.'
run "echo 'Will there be tea?' | chat-send -n alice" \
    'alice: Will there be tea?
bot: Yes, certainly.'
run "echo 'Splendid. Bye!' | chat-send -n alice" \
    'alice: Splendid. Bye!
bot: Good-bye, human.'
wait "$listener" || die 'chat-recv did not end as it should'

# On Linux it is there; others have one with other options.
if script --version >/dev/null 2>&1; then
	tell 'At a terminal, chat is for a person:'
	printf '$ chat -n bob\n'
	show_chat
fi

tell 'What is not text is refused, and named; nobody else ever sees it.'
run "printf 'caf\\351\\n' | chat-send || echo \"status \$?\"" \
    'chat-send: line 1: not UTF-8 at byte 4 (0xe9)
status 1'

tell 'Status 0 means that the room has every line. In is out:'
run 'seq 100000 >in'
run 'chat-send <in && chat-recv -l 100000 -c 100000 >out'
run "cmp in out && echo 'not a byte is missing'" 'not a byte is missing'

tell 'Time to go.'
run "kill \$room" '*chatd: closing'
wait "$room" || die 'chatd did not end as it should'
room=

echo
echo 'That was all of it: chatd, chat-send, chat-recv and chat.'

# What suites share that let calls of libc go wrong, with test/tools/fault.so:
# test/tools/plan.c says how. Load it after helpers.bash and chance.bash.

FAULT_SO=${CHAT_FAULT_SO:-$ROOT/test/tools/fault.so}

# How far the Nth call goes that goes wrong.
CALLS=${CHAT_CALLS:-4}

# A room that does nothing else waits in poll: that often for each round, and
# it spins. Rounds that go well need less than 200.
POLLS_MAX=3000

# preloaded PROGRAM VARIABLE...: FAULTY is then the beginning of a command that
# lets PROGRAM have faults. They go to $T/faults. What libc itself leaks when it
# has no memory, for a locale's name say, is not looked for.
preloaded() {
	local program=$1 asan=$ASAN_OPTIONS:verify_asan_link_order=0
	shift
	[[ $* != *=ENOMEM@* ]] || asan+=:detect_leaks=0
	FAULTY=(env "LD_PRELOAD=$FAULT_SO" "FAULT_PROGRAM=$program"
	    "FAULT_LOG=$T/faults" "FAULT_SEED=$SEED"
	    "ASAN_OPTIONS=$asan" "$@")
}

# memory_fails: whether malloc can be made to fail. Not where it is another's:
# valgrind's, or that of an ASan that is part of the program, as clang's is. In
# all other builds it has to.
memory_fails() {
	[ -z "$VALGRIND" ] || return 1
	rm -f "$T/faults"
	preloaded chat-send "FAULT=malloc=ENOMEM@1+"
	run "${FAULTY[@]}" chat-send "$T/none" </dev/null
	[ ! -s "$T/faults" ] || return 0
	nm "$(command -v chat-send)" | grep -q ' [TW] __asan_init$' && return 1
	echo "malloc doesn't fail"
	exit 1
}

# injected: how many faults there were so far, without what is only noted.
injected() {
	grep -vc ' note ' "$T/faults" 2>/dev/null || true
}

# owe NAME LINES STATUS STDERR: what a sender's end means for the room: it has
# NAME's lines 1 to LINES if that was 0, else as many as it says, or more.
owe() {
	local least=$2
	case $3 in
	0) ;;
	2)
		grep -q "^chat[-a-z]*: ." "$4"
		least=$(sed -n 's/.*: \([0-9]*\) lines acknowledged.*/\1/p' "$4")
		;;
	*)
		echo "$1: status $3: $(cat "$4")"
		return 1
		;;
	esac
	echo "$1 ${least:-0} $2" >>"$T/owed"
}

# paid FILE: it has what is owed, each line once, each sender's in order.
paid() {
	awk 'FNR == NR { least[$1] = $2; most[$1] = $3; next }
	$1 in least && $2 != ++n[$1] {
		print $0 " instead of " n[$1]
		bad = 1
	}
	END {
		for (name in least)
			if (n[name] < least[name] || n[name] > most[name]) {
				print name ": has " n[name] + 0 " lines"
				bad = 1
			}
		exit bad
	}' "$T/owed" "$1"
}

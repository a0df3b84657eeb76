#!/bin/sh
# run.sh [SECONDS [NAME...]]: try every harness, or those named, on inputs that
# libFuzzer makes up, for 60 seconds each, beginning with the kept ones in
# corpus. An input that breaks something is shown. $CLANG is the compiler.
#
# Kept inputs are few and small. To take in what a longer run has found:
#
#	FUZZ_KEEP=DIR ./run.sh 600	# leaves all inputs in DIR/NAME
#	DIR/NAME.fuzz -merge=1 -use_counters=0 corpus/NAME DIR/NAME
set -u

seconds=${1:-60}
[ $# -eq 0 ] || shift
clang=${CLANG:-clang}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
flags="-std=c11 -D_DEFAULT_SOURCE -g -O2 -fno-omit-frame-pointer
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
	-I$root/lib -I$root/chatd -I$root/test/unit $(pkg-config --cflags libbsd-overlay libssl)"
libs=$(pkg-config --libs libbsd-overlay libssl libcrypto)

if [ -n "${FUZZ_KEEP:-}" ]; then
	mkdir -p "$FUZZ_KEEP" && work=$(cd "$FUZZ_KEEP" && pwd) || exit 1
else
	work=$(mktemp -d "${TMPDIR:-/tmp}/fuzz.XXXXXX") || exit 1
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
fi

# build NAME SOURCE...
build() {
	name=$1
	shift
	# shellcheck disable=SC2086 # the flags are words
	(cd "$root" && $clang $flags -o "$work/$name.fuzz" \
	    "test/fuzz/$name.c" test/fuzz/fuzz.c "$@" $libs)
}

# fuzz NAME [OPTION]: one line about it on standard output, the rest in NAME.log.
fuzz() {
	mkdir -p "$work/$1" "$work/$1.bad"
	cp "$here/corpus/$1"/* "$work/$1"
	if (cd "$work" && exec "$work/$1.fuzz" -max_total_time="$seconds" \
	    -max_len=2048 -len_control=20 -timeout=10 -rss_limit_mb=2048 \
	    -print_final_stats=1 ${2:+"$2"} \
	    -artifact_prefix="$work/$1.bad/" "$work/$1") \
	    >"$work/$1.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
		    "$work/$1.log")
		set -- "$1" "$work/$1"/*
		echo "ok $1: $runs runs, $(($# - 1)) inputs"
		return 0
	fi
	echo "not ok $1"
	sed 's/^/# /' "$work/$1.log" | tail -n 60
	for input in "$work/$1.bad"/*; do
		[ -e "$input" ] && od -A d -t x1z -v "$input" | sed 's/^/# /'
	done
	return 1
}

# All of the room, but not the keeper, and but for what the harnesses have in
# another way.
room_sources() {
	for source in chatd/[!co]*.c chatd/control.c chatd/*/*.c; do
		case $source in
		*/activation.c | */etcd/* | */load.c | */upgrade/*) ;;
		*/keeper/channel.c | */keeper/notify.c) echo "$source" ;;
		*/keeper/*) ;;
		*) echo "$source" ;;
		esac
	done
	for source in addr conn ctl fdpass key lazy/openssl line logline net plural \
	    pollfd show tcp text tls word wrap; do
		echo "lib/$source.c"
	done
}

# Which way the model takes is no news.
build_model() {
	for source in test/fuzz/model.c test/unit/reference.c; do
		# shellcheck disable=SC2086 # the flags are words
		(cd "$root" && $clang $flags -fno-sanitize=fuzzer -c \
		    -o "$work/$(basename "$source" .c).o" "$source") || return
	done
}

# build_harness NAME
build_harness() {
	# shellcheck disable=SC2046 # each is a word
	case $1 in
	address) build address lib/addr.c lib/net.c lib/tcp.c lib/clock.c ;;
	control) build control lib/ctl.c lib/text.c lib/word.c ;;
	daemon)	build_model &&
		build daemon "$work/model.o" "$work/reference.o" \
		    test/fuzz/fake.c -Wl,--wrap=ring_append $(room_sources) ;;
	etcd)	build etcd chatd/etcd/call.c chatd/etcd/events.c \
		    chatd/etcd/kv.c chatd/etcd/pb.c ;;
	framing) build framing lib/line.c lib/text.c test/unit/reference.c ;;
	link)	build link lib/client/link.c lib/client/link_private.c \
		    lib/client/dial.c \
		    lib/client/handshake.c lib/client/incoming.c \
		    lib/client/receive.c lib/client/retry.c \
		    lib/client/sendq.c lib/addr.c lib/clock.c lib/conn.c \
		    lib/ctl.c lib/fdpass.c lib/lazy/openssl.c lib/line.c \
		    lib/net.c lib/pollfd.c lib/show.c lib/signals.c \
		    lib/tcp.c lib/text.c lib/tls.c lib/word.c ;;
	log)	build log lib/logline.c lib/text.c lib/word.c ;;
	store)	build store chatd/store/load.c lib/log.c lib/clock.c \
		    $(room_sources) ;;
	tls)	build tls test/fuzz/fake.c -Wl,--wrap=ring_append \
		    $(room_sources) ;;
	*)	echo "run.sh: $1: no such harness" >&2; return 1 ;;
	esac
}

# fuzz_one NAME
fuzz_one() {
	case $1 in
	# What OpenSSL keeps for later looks like a leak until the end, each
	# time.
	tls) fuzz tls -detect_leaks=0 ;;
	*) fuzz "$1" ;;
	esac
}

[ $# -gt 0 ] || set -- address control etcd framing link log daemon tls store
for name; do
	if ! build_harness "$name"; then
		echo "not ok build $name"
		exit 1
	fi
done

# Two at a time.
status=0
while [ $# -gt 0 ]; do
	fuzz_one "$1" & one=$!
	[ $# -eq 1 ] || fuzz_one "$2" || status=1
	wait "$one" || status=1
	shift $(($# > 1 ? 2 : 1))
done
exit "$status"

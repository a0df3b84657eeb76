# Connections that are cut at random: nothing lost, nothing doubled,
# nothing out of order, and what the ring no longer had is told to the line

load helpers.bash
load chance.bash

# In each test, but half as many in the last.
CUTS=${CHAT_CUTS:-60}

# What is kept while a client is away is meant to be enough.
RING=64M

setup() {
	seeded
}

teardown() {
	tail -n 5 "$T"/*.err 2>/dev/null || true
	cleanup
}

# cuts_made PID...: all that were asked for, and those have survived them.
cuts_made() {
	in_time 300 is_cut_or_dead "$@"
	kill -0 "$@"
	[ "$(grep -c '^cut: ' "$T/cutter")" -eq "$CUTS" ]
	echo "cuts: $(sed -n 's/^cut: //p' "$T/cutter" | sort | uniq -c |
		tr -s ' \n' ' ')"
}

is_cut_or_dead() {
	matches "$T/cutter" '^done$' || ! kill -0 "$@" 2>/dev/null
}

# all_fed NAME...: end these feeds. leave PID...: and the programs fed by them.
all_fed() {
	: >"$T/enough"
	local name
	for name; do
		in_time 60 test -s "$T/$name.fed"
	done
}
leave() {
	: >"$T/leave"
	local pid
	for pid; do
		wait "$pid"
	done
}

# same FILE FILE: one is what the other is, by now or soon.
same() {
	in_time 60 cmp -s "$1" "$2" || cmp "$1" "$2"
}

# whole FILE NAME: all that was fed, once and in order.
whole() {
	in_order "$1"
	[ "$(grep -c "^$2 " "$1")" -eq "$(cat "$T/$2.fed")" ]
}

@test "chat-send -r and chat-recv -r: every line once and in order" {
	start_chatd -m "$RING"
	start_cutter "$CUTS"
	start_recv "$T/direct"
	ROOM=$BAD start_recv "$T/got" -r
	start_feed a chat-send -r "$BAD"
	local send=$PID
	cuts_made "$send"
	all_fed a
	leave "$send"
	same "$T/direct" "$T/got"
	whole "$T/got" a
}

@test "several senders at once: every line once, each sender's in order" {
	# Also where nothing is reset.
	start_chatd_at -m "$RING" "$T/room"
	start_cutter "$CUTS"
	start_recv "$T/direct"
	ROOM=$BAD start_recv "$T/got" -r
	local name pids=()
	for name in a b c d; do
		start_feed "$name" chat-send -r "$BAD"
		pids+=("$PID")
	done
	cuts_made "${pids[@]}"
	all_fed a b c d
	leave "${pids[@]}"
	same "$T/direct" "$T/got"
	for name in a b c d; do
		whole "$T/got" "$name"
	done
}

@test "chat -r: two bots talk, every line once and in order" {
	start_chatd -m "$RING"
	start_cutter "$CUTS"
	start_recv "$T/direct"
	local name pids=()
	for name in a b; do
		start_feed "$name" chat -r -l 1000000000 "$BAD" >"$T/$name.out"
		pids+=("$PID")
	done
	cuts_made "${pids[@]}"
	all_fed a b
	for name in a b; do
		in_time 60 has_line "$T/direct" "$name $(cat "$T/$name.fed")"
		whole "$T/direct" "$name"
	done
	grep '^a' "$T/direct" >"$T/a.said"
	grep '^b' "$T/direct" >"$T/b.said"
	same "$T/b.said" "$T/a.out"
	same "$T/a.said" "$T/b.out"
	leave "${pids[@]}"
}

@test "a small ring: what a reader got and what it was told lost is all" {
	# Over a log there is a store, which loses nothing.
	CHAT_LOG='' start_chatd -m 64K -p 0.1
	CUTS=$((CUTS / 2))
	start_cutter "$CUTS" -b 20000
	start_recv "$T/direct"
	# Counted, to have its status: many more than the cuts will last for.
	local count=$((CUTS * 1300)) status=0
	ROOM=$BAD start_recv "$T/got" -r -c "$count"
	local recv=$PID
	echo 'a 0' | chat-send "$ROOM"
	in_time 60 has_line "$T/got" 'a 0'
	in_time 60 has_line "$T/direct" 'a 0'
	start_feed a chat-send "$ROOM"
	local send=$PID
	cuts_made "$send"
	wait "$recv" || status=$?
	all_fed a
	leave "$send"
	upward "$T/got"
	local lost last
	lost=$(told_lost "$T/got.err")
	last=$(tail -n 1 "$T/got")
	[ "$lost" -gt 0 ]
	[ $((count + lost)) -eq $((${last#a } + 1)) ]
	[ "$status" -eq 1 ]
	# Who was not cut may have been slow, but got the last line.
	in_time 60 has_line "$T/direct" "a $(cat "$T/a.fed")"
	upward "$T/direct"
	lost=$(told_lost "$T/direct.err")
	[ $(($(wc -l <"$T/direct") + lost)) -eq $(($(cat "$T/a.fed") + 1)) ]
}

@test "what is lost counts once if the cut comes before the next number" {
	# The first connection is cut after "lost", the second says more.
	printf '\001at 1\na 1\n\001lost 5\n' >"$T/say.1"
	printf '\001lost 7\n\001at 9\na 9\n' >"$T/say.2"
	cat >"$T/room.sh" <<-END
		read -r hello
		echo "\$hello" | tr -d '\\001' >>"$T/hellos"
		cat "$T/say.\$(wc -l <"$T/hellos")"
	END
	start socat "UNIX-LISTEN:$T/room,fork" EXEC:"sh $T/room.sh"
	until_ok listens_at "$T/room"
	run -1 --separate-stderr timeout 20 chat-recv -r -c 2 "$T/room"
	[ "$output" = $'a 1\na 9' ]
	[ "$(cat "$T/hellos")" = $'recv\nrecv from=2' ]
	[ "$(grep lost <<<"$stderr")" = 'chat-recv: 7 lines lost' ]
}

# The parts of the library and of chatd, each by itself: the tests in test/unit.

# bats file_tags=fast
load helpers.bash

UNIT=${CHAT_UNIT:-$ROOT/test/unit/unit}

@test "every suite of unit tests is run here" {
	grep -o 'unit_passes [a-z]*$' "$BATS_TEST_FILENAME" |
		sed 's/.* //' | sort >"$T/run"
	"$UNIT" -l | sed 's/:.*//' | sort -u >"$T/there"
	diff "$T/there" "$T/run"
}

@test "a unit test that isn't there is an error" {
	run -2 "$UNIT" nothing
	[ "$output" = "unit: nothing: no such test" ]
}

# All of a suite's tests are named when one of them fails.
unit_passes() {
	timeout 600 "$UNIT" "$1"
}

@test "addresses" {
	unit_passes addr
}

@test "seconds and timeouts" {
	unit_passes clock
}

@test "control lines" {
	unit_passes ctl
}

@test "what goes out to a client, in which order" {
	unit_passes flush
}

@test "from bytes to lines in the room" {
	unit_passes intake
}

@test "cutting a stream into lines" {
	unit_passes line
}

@test "connections from each address" {
	unit_passes peer
}

@test "who is here" {
	unit_passes presence
}

@test "files of keys" {
	unit_passes key
}

@test "encrypted connections" {
	unit_passes tls
}

@test "readers of any speed, and what they lose" {
	unit_passes patience
}

@test "the ring, its spans, and what they know about lines" {
	unit_passes ring
}

@test "messages on the rows of a terminal" {
	unit_passes wrap
}

@test "lines on their way to a room" {
	unit_passes sendq
}

@test "the server: what the loop does when nothing can be done" {
	unit_passes server
}

@test "text that is safe to show" {
	unit_passes show
}

@test "what a room is before and after its end" {
	unit_passes lives
}

@test "what may stand in a line" {
	unit_passes text
}

@test "sessions" {
	unit_passes session
}

@test "what etcd sends" {
	unit_passes etcd
}

@test "trying again" {
	unit_passes retry
}

@test "what a room sends, in lines and control lines" {
	unit_passes incoming
}

@test "a server in a file" {
	unit_passes state
}

@test "who goes too fast, and when it can go on" {
	unit_passes ratelimit
}

@test "what was said before the ring, in any pieces" {
	unit_passes catchup
}

@test "records, and what else is in a segment" {
	unit_passes record
}

@test "the store of a room that is a replica of a log" {
	unit_passes replicastore
}

@test "what an upgrade hands over of a room that shares a log" {
	unit_passes membership
}

@test "segments in a directory" {
	unit_passes store
}

@test "what a browser says" {
	unit_passes sniff
}

@test "what a room and the helper of its log say" {
	unit_passes logline
}

@test "what follows from a log alone" {
	unit_passes replica
}

@test "the helper of a log: when it is started, and how it ends" {
	unit_passes helper
}

@test "several nodes of one room, in any order of events" {
	unit_passes nodes
}

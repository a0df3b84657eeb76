# chat for people: times, colours, mentions, who comes and goes, and a terminal
# that can't be drawn on
load helpers.bash
load fakeroom.bash
load tmux.bash

# A new day is shown in the transcript, so no test here runs across midnight.
setup() {
	((EPOCHSECONDS % 86400 < 86340)) || pause 61
	LOOKS=
}

teardown() {
	close_term
}

# record: all that is written to the terminal from now on is in $T/bytes.
record() {
	rm -f "$T/bytes"
	term pipe-pane -O "cat >'$T/bytes'"
	until_ok [ -e "$T/bytes" ]
}
# has_recorded TEXT: tmux shows before it records, so wait for what is shown.
has_recorded() {
	grep -aqF -e "$1" "$T/bytes"
}
# recorded N BYTES: there are N of them, as grep -F finds it.
recorded() {
	[ "$(grep -aoF -e "$2" "$T/bytes" | wc -l)" -eq "$1" ]
}

# bells: how many have rung since then, as BELLS.
bells() {
	BELLS=$(tr -cd '\a' <"$T/bytes" | wc -c)
}

# attributes TEXT: what the rows with it look like, with their escapes; what
# tmux says about the rows before them is left out.
attributes() {
	term capture-pane -e -p -S -1000 | awk -v text="$1" '
	{ row = $0; gsub(/\033\[[0-9;]*m/, "", row) }
	index(row, text) > 0 {
		sub(/^(\033\[(0|39|49)?m)+/, "")
		print
	}'
}

bold_are() {
	diff <(rows_with 1 | sed 's/^..:.. //') <(printf '%s\n' "$@")
}

# day SECONDS: the day as a heading has it, with the year if it isn't this one.
day() {
	local day
	day=$(date -u -d "@$1" '+-- %A, %-d %B %Y')
	echo "${day% "$(date -u +%Y)"}"
}
clock() {
	date -u -d "@$1" +%H:%M
}

# open_lines COLUMNS ROWS ARGUMENT...: chat line by line, until it's connected.
open_lines() {
	local size=("$1" "$2")
	shift 2
	# shellcheck disable=SC2016
	open_term "${size[@]}" sh -c 'chat "$@"; echo "status $?"; exec cat -v' \
	    sh "$@"
	until_ok is_connected
}

@test "TERM=dumb, or none: line by line, with a name, history and commands" {
	local term n=0
	start_chatd
	say 'bob: one'
	for term in dumb ''; do
		open_term 60 20 env TERM=$term chat -l 1 -n alice "$ROOM"
		record
		until_screen 'bob: one'
		type "hi $((++n))"
		press Enter
		until_ok was_said "alice: hi $n"
		type /who
		press Enter
		until_screen 'bob: one' "hi $n" /who \
		    '-- this room does not name its speakers'
		type /nothing
		press Enter
		until_ok screen_ends \
		    '-- not sent: no such command; /help lists commands, and //' \
		    '    begins a line with /'
		type '//x'
		press Enter
		until_ok was_said 'alice: /x'
		say 'bob: two' $'b\u202eob: three' '-- root has left'
		until_ok screen_ends //x 'bob: two' 'b<U+202E>ob: three' \
		    '| -- root has left'
		until_ok has_recorded '| -- root has left'
		recorded 0 $'\e'
		say 'bob: one'
	done
}
was_said() {
	[ "$(timeout 30 chat-recv -l 1 -c 1 "$ROOM")" = "$1" ]
}

@test "-d: the same on any terminal, and no message looks like a notice" {
	local far
	start_chatd
	open_lines 60 20 -d -n alice "$ROOM"
	far=$(printf 'eve: hm%60s-- bob is here' '')
	say "$far"
	until_screen 'eve: hm' '    -- bob is here'
	type '/me waves'
	press Enter
	until_ok was_said '* alice waves'
	stop "$CHATD"
	until_ok screen_ends '-- the room is closing, retrying'
	press C-d
	until_ok screen_has 'status 0'
}

@test "-d: the end of the input in a line, and after lines that are owed" {
	start_chatd
	start_recv "$T/got"
	open_lines 60 20 -d -n alice "$ROOM"
	type one
	press C-d
	type two
	press C-d C-d
	until_screen onetwo 'status 0'
	until_ok has_line "$T/got" 'alice: onetwo'
}

@test "-d: a line that can't be said, and one that the room refuses" {
	fake() {
		hear 1
		ctl ok 0
		ctl at 7
		hear 1
		ctl error 1 because
		ctl ok 1
		hear_end
	}
	fake_room fake
	open_lines 60 20 -d -n alice "$ROOM"
	type one
	press Enter
	until_screen one '-- refused by the room: because' \
	    '-- not said: alice: one'
	term send-keys -H ff 0a
	until_ok screen_ends '-- not sent: not UTF-8 at byte 1 (0xff)'
	press C-d
	until_ok screen_has 'status 1'
}

@test "-d needs a terminal" {
	run -2 chat -d nowhere </dev/null
	[ "$output" = 'chat: -d: only on a terminal, and without -p' ]
}

@test "the time of day before each message, and days as they begin" {
	NOW=$(date +%s)
	echo "$NOW" >"$T/now"
	fake() {
		NOW=$(<"$T/now")
		hear 1
		ctl ok 0
		ctl at 7
		ctl time $((NOW - 5 * 365 * 86400))
		echo 'bob: years ago'
		ctl time $((NOW - 2 * 86400))
		echo 'bob: one'
		echo 'bob: two'
		ctl time "$NOW"
		echo '-- bob: three'
		hear 1
		ctl ok 1
		ctl at 12
		echo 'bob: four'
		hear_end
	}
	fake_room fake
	open_chat 150 20 -n alice "$ROOM"
	until_ok screen_has '| -- bob: three'
	type hello
	press Enter
	until_ok screen_has 'bob: four'
	untraced read_whole_screen
	printf '%s\n' "${ROWS[@]}" | sed 1,2d | diff - <(
		day $((NOW - 5 * 365 * 86400))
		echo "$(clock $((NOW - 5 * 365 * 86400))) bob: years ago"
		day $((NOW - 2 * 86400))
		echo "$(clock $((NOW - 2 * 86400))) bob: one"
		echo "$(clock $((NOW - 2 * 86400))) bob: two"
		day "$NOW"
		echo "$(clock "$NOW") | -- bob: three"
		printf '%s\n' "${ROWS[@]}" | grep 'alice: hello'
		echo "$(clock "$NOW") bob: four"
		echo '>'
	)
	printf '%s\n' "${ROWS[@]}" | grep -qx '[0-2][0-9]:[0-5][0-9] alice: hello'
}

@test "a clock that is set back a little begins no day again" {
	fake() {
		MIDNIGHT=$((1700000000 / 86400 * 86400))
		hear 1
		ctl ok 0
		ctl at 7
		ctl time $((MIDNIGHT - 60))
		echo one
		ctl time $((MIDNIGHT + 60))
		echo two
		ctl time $((MIDNIGHT - 60))
		echo three
		ctl time $((MIDNIGHT + 120))
		echo four
		ctl time $((MIDNIGHT - 86400))
		echo five
		hear_end
	}
	fake_room fake
	open_chat 60 20 -n alice "$ROOM"
	until_screen '-- Monday, 13 November 2023' one \
	    '-- Tuesday, 14 November 2023' two three four \
	    '-- Monday, 13 November 2023' five '>'
}

@test "dates that no calendar has are no times of day, and begin no day" {
	fake() {
		hear 1
		ctl ok 0
		ctl at 7
		ctl time 9223372036854775807
		echo one
		ctl time 67768036191676799
		echo two
		ctl time 253402300800
		echo three
		ctl time 253402300799
		echo four
		ctl time "$(printf %u -67768040609740800)"
		echo five
		ctl time "$(printf %u -62167219201)"
		echo six
		ctl time "$(printf %u -62167219200)"
		echo seven
		ctl time "$(printf %u -2208988801)"
		echo eight
		hear_end
	}
	fake_room fake
	open_chat 150 20 -n alice "$ROOM"
	until_ok screen_has eight
	whole_screen | sed 1,2d | diff - <(printf '%s\n' '??:?? one' \
	    '??:?? two' '??:?? three' '-- Friday, 31 December 9999' \
	    '23:59 four' '??:?? five' '??:?? six' '-- Saturday, 1 January 0' \
	    '00:00 seven' '-- Sunday, 31 December 1899' '23:59 eight' '>')
}

@test "no times where there is no space, none was told, or -b and -d are given" {
	start_chatd
	say 'bob: one'
	open_chat 39 9 -n alice "$ROOM"
	until_ok screen_has 'bob: one'
	whole_screen | grep -qx 'bob: one'
	resize 60 9
	say 'bob: two'
	until_ok screen_has 'bob: two'
	whole_screen | grep -qx '..:.. bob: two'
	LOOKS=-b open_chat 60 9 -n alice "$ROOM"
	until_ok screen_has 'bob: two'
	whole_screen | grep -qx 'bob: two'
}

@test "names in colours, the same for the same name" {
	start_chatd
	say 'bob: one' 'dave: two' 'bob: three' 'no name' '-dash: four'
	open_chat 60 20 -n alice "$ROOM"
	type hi
	press Enter
	until_ok screen_has 'alice: hi'
	until_ok isnt_faint 'alice: hi'
	say 'bob: five'
	until_ok screen_ends 'bob: five' '>'
	until_ok coloured bob "$(attributes 'bob: one')"
	local bob=$COLOUR
	coloured bob "$(attributes 'bob: three')"
	[ "$COLOUR" = "$bob" ]
	coloured dave "$(attributes 'dave: two')"
	[ "$COLOUR" != "$bob" ]
	coloured alice "$(attributes 'alice: hi')"
	run ! grep $'\e' <<<"$(attributes 'no name')"
	run ! grep $'\e' <<<"$(attributes '-dash: four')"
}
# coloured NAME ROW: the name alone is, and its number is COLOUR.
coloured() {
	local row=$'^[0-9:]{5} \e\\[(3[1-6])m'"$1"$'\e\\[39m: [a-z]+$'
	[[ $2 =~ $row ]] &&
	    COLOUR=${BASH_REMATCH[1]}
}

@test "256 colours, none with NO_COLOR, and none where there are none" {
	start_chatd
	say 'bob: one'
	TERM_IS=screen-256color open_chat 60 20 -n alice "$ROOM"
	until_ok screen_has 'bob: one'
	attributes 'bob: one' | grep -q $'^..:.. \e\\[38;5;[0-9]*mbob\e\\[39m: one$'
	NO_COLOR=1 open_chat 60 20 -n alice "$ROOM"
	until_ok screen_has 'bob: one'
	run ! grep $'\e' <<<"$(attributes 'bob: one')"
	NO_COLOR='' open_chat 60 20 -n alice "$ROOM"
	until_ok screen_has 'bob: one'
	attributes 'bob: one' | grep -q $'\e'
	TERM_IS=vt100 open_chat 60 20 -n alice "$ROOM"
	until_ok screen_has 'bob: one'
	run ! grep $'\e' <<<"$(attributes 'bob: one')"
}

@test "a mention is bold and rings, but not each of them" {
	start_chatd
	say 'bob: alice, are you there?'
	open_chat 70 20 -n alice "$ROOM"
	# That was in the last minute, so it rings as well.
	until_ok screen_has 'bob: alice, are you there?'
	until_ok is_connected
	record
	say 'bob: malice' 'bob: alice_' 'bob: alice2' $'bob: alice\u0301' \
	    $'bob: \u00e9alice' 'alice: me' 'bob: done'
	until_ok screen_has 'bob: done'
	bold_are 'bob: alice, are you there?'
	until_ok has_recorded ': done'
	recorded 0 $'\a'
	# The bell of that minute may have rung a moment ago.
	pause 1.1
	say 'bob: ALICE!' 'bob: hi alice' 'bob: (alice)' 'bob: alice: x' \
	    $'bob: \u201calice\u201d' 'bob: end'
	until_ok screen_has 'bob: end'
	bold_are 'bob: alice, are you there?' 'bob: ALICE!' 'bob: hi alice' \
	    'bob: (alice)' 'bob: alice: x' $'bob: \u201calice\u201d'
	# One in a second, however many seconds they took to come.
	until_ok has_recorded ': end'
	bells
	[ "$BELLS" -ge 1 ] && [ "$BELLS" -lt 5 ]
	type '/bell off'
	press Enter
	until_ok screen_ends '-- the bell is off' '>'
	pause 1.1
	say 'bob: alice again'
	until_ok screen_has 'bob: alice again'
	until_ok has_recorded ': alice again'
	recorded "$BELLS" $'\a'
	type '/bell on'
	press Enter
	until_ok screen_ends '-- the bell is on' '>'
	say 'bob: alice at last'
	until_ok recorded $((BELLS + 1)) $'\a'
	type '/bell loud'
	press Enter
	until_ok screen_ends '-- not done: /bell on or /bell off' '> /bell loud'
}

@test "-d: a bell for what is said now, or in the last minute before" {
	fake() {
		hear 1
		ctl ok 0
		ctl at 7
		until [ -e "$T/recording" ]; do pause 0.02; done
		ctl time $(($(date +%s) - 3600))
		echo 'bob: alice, are you there?'
		until [ -e "$T/silent" ]; do pause 0.02; done
		ctl time $(($(date +%s) - 30))
		echo 'bob: alice, a moment ago'
		hear 1
		ctl time "$(date +%s)"
		echo 'bob: alice, you are'
		hear_end
	}
	fake_room fake
	open_lines 60 20 -d -n alice "$ROOM"
	record
	: >"$T/recording"
	until_ok screen_has 'bob: alice, are you there?'
	until_ok has_recorded 'bob: alice, are you there?'
	recorded 0 $'\a'
	: >"$T/silent"
	until_ok recorded 1 $'\a'
	pause 1.1
	type yes
	press Enter
	until_ok screen_has 'bob: alice, you are'
	until_ok recorded 2 $'\a'
	recorded 0 $'\e'
}

@test "TAB puts a colon after a name at the beginning, and a blank elsewhere" {
	start_chatd
	say 'bob: one'
	open_chat 60 20 -n alice "$ROOM"
	until_ok screen_has 'bob: one'
	type bo
	press Tab
	type 'x'
	until_ok screen_ends '> bob: x'
	press C-u
	type 'hi bo'
	press Tab
	type x
	until_ok screen_ends '> hi bob x'
}

@test "who comes and goes at once is not told, and others in one notice" {
	fake() {
		hear 1
		ctl you alice
		ctl ok 0
		ctl at 7
		ctl join script
		echo 'script: done'
		ctl part script
		ctl part dave
		ctl join dave
		ctl join bob
		ctl join carol
		ctl join eve
		ctl part frank
		hear_end
	}
	fake_room fake
	open_chat 60 20 "$ROOM"
	until_screen 'script: done' '-- bob, carol and eve are here' \
	    '-- frank has left' '>'
}

@test "many that come at once: as many notices as they need" {
	local names
	fake() {
		hear 1
		ctl you alice
		ctl ok 0
		ctl at 7
		for i in {10..40}; do ctl join "person$i"; done
		hear_end
	}
	fake_room fake
	open_chat 90 20 "$ROOM"
	until_ok screen_has \
	    '-- person38, person39 and person40 are here'
	names=$(whole_screen | grep -o 'person[0-9]*')
	[ "$names" = "$(printf 'person%s\n' {10..40})" ]
}

@test "what came without the focus is counted when it is back" {
	start_chatd
	open_chat 60 20 -n alice "$ROOM"
	until_ok is_connected
	say 'bob: one'
	until_ok screen_ends 'bob: one' '>'
	type half
	term send-keys -l $'\e[O'
	# What is typed after it has been read after it.
	type x
	until_ok screen_ends '> halfx'
	say 'bob: two' 'bob: three'
	until_ok screen_ends 'bob: three' '> halfx'
	term send-keys -l $'\e[I'
	until_screen 'bob: one' 'bob: two' 'bob: three' '--- 2 new' '> halfx'
	is_faint '--- 2 new'
	# Nothing was missed, or it was there all the time.
	term send-keys -l $'\e[O\e[I\e[I'
	say 'bob: four'
	until_screen 'bob: one' 'bob: two' 'bob: three' '--- 2 new' \
	    'bob: four' '> halfx'
}

@test "what came while it was stopped is counted, too" {
	start_chatd
	open_term 90 16 env PS1='$ ' ENV= sh -i
	until_screen '$'
	type "chat -n alice $ROOM"
	press Enter
	until_ok screen_ends '>'
	say 'bob: one'
	until_ok screen_ends 'bob: one' '>'
	press C-z
	until_ok stopped
	say 'bob: two' 'bob: three'
	type fg
	press Enter
	until_ok screen_ends 'bob: two' 'bob: three' '--- 2 new' '>'
	say 'bob: four'
	until_ok screen_ends '--- 2 new' 'bob: four' '>'
}
stopped() {
	screen_ends '$' && screen | grep -q Stopped
}

@test "/me: as others see it, where the room names its speakers or not" {
	start_chatd
	start_recv "$T/got"
	open_chat 60 20 -n alice "$ROOM"
	until_ok is_connected
	type '/me waves'
	press Enter
	until_screen '* alice waves' '>'
	until_ok has_line "$T/got" '* alice waves'
	type '/me '
	press Enter
	until_ok screen_ends \
	    '-- not sent: /me needs what you do, as in /me waves' '> /me'
	press C-u
	type '/mention'
	press Enter
	until_ok screen_ends '> /mention'
	stop "$CHATD"
	until_ok screen_ends '-- the room is closing, retrying' '> /mention'
	has_lines "$T/got" 1
}

@test "/me, said before a room that names its speakers is there" {
	ME=$(id -un)
	ROOM=$T/room
	open_chat 200 10 -r "$ROOM"
	until_ok screen_has "-- $ROOM: No such file or directory, retrying"
	type '/me waves'
	press Enter
	type hi
	press Enter
	until_ok screen_has "$ME: hi"
	start_chatd_at -i "$T/room"
	start_recv "$T/got"
	until_ok has_lines "$T/got" 2
	diff "$T/got" - <<-END
		$ME: * waves
		$ME: hi
	END
	until_ok screen_has "$ME: * waves"
}

@test "a connection that is cut: since when, and when the next try is" {
	stop_room_at
	until_ok cut_since
	type half
	until_ok screen_ends '-- the room is closing, retrying' '> half'
	[ "$(whole_screen | grep -c 'not connected')" -le 1 ]
	start_chatd_at "$T/room"
	until_ok screen_ends '-- connected' \
	    '-- the room has forgotten this session' \
	    '-- an unknown number of lines lost' '> half'
	run ! grep 'not connected' <<<"$(whole_screen)"
}
stop_room_at() {
	start_chatd_at "$T/room"
	open_chat 60 20 -n alice "$ROOM"
	until_ok is_connected
	stop "$CHATD"
}
cut_since() {
	whole_screen | grep -Eqx -e \
	    '-- not connected since [0-2][0-9]:[0-5][0-9]:[0-6][0-9], (trying now|next try in [1-5] s)'
}

@test "whatever ends it, the terminal reports no focus and marks no paste" {
	local signo
	start_chatd
	for signo in HUP INT TERM QUIT USR1 USR2 ALRM VTALRM PROF XCPU XFSZ \
	    SEGV IO PWR RTMIN RTMAX; do
		open_chat 60 20 -n alice "$ROOM"
		record
		if [ "$signo" = INT ]; then
			press C-d
		else
			kill -s "$signo" "$(<"$T/pid")"
		fi
		until_ok recorded 1 $'\e[?1004l'
		recorded 1 $'\e[?2004l'
		until_ok cmp "$T/before" "$T/after"
		rm "$T/after" "$T/bytes"
	done
}

@test "-b: messages and notices, nothing else" {
	start_chatd
	say 'bob: one'
	LOOKS=-b open_chat 60 20 -n bob "$ROOM"
	record
	until_ok screen_has 'bob: one'
	until_ok is_connected
	say 'alice: bob' 'alice: done'
	term send-keys -l $'\e[O'
	say 'alice: more'
	term send-keys -l $'\e[I'
	type x
	until_screen 'bob: one' 'alice: bob' 'alice: done' 'alice: more' '> x'
	until_ok has_recorded 'alice: more'
	recorded 0 $'\a'
	run ! grep $'\e' <<<"$(attributes alice)"
}

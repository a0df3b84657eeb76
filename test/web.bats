# chat-web(7): the page in a real browser, behind lighttpd as the page says
#
# lighttpd, the room and the browser have a world of their own: a network, /run,
# /etc/lighttpd and accounts. So the recipes can be taken from the manual page
# as they stand there.
# bats file_tags=long
load helpers.bash
load fakeroom.bash
load keys.bash
load browser.bash

PAGE=$ROOT/man/chat-web.7.scd
WEB=/usr/local/share/chat/web

setup() {
	start_world
	cp "$ROOT"/chat/web/*.{html,css,js} "$T/share/chat/web"
	recipe 'THE WEB SERVER' 1 chat-page.conf
	TARGET=
}

teardown() {
	[ -n "$BATS_TEST_COMPLETED" ] || show_failure
	close_browser
	cleanup
}

# What there is to see, where a test has failed.
show_failure() {
	local file
	js 'document.body.innerText' && echo "page: $VALUE"
	[ -z "${WEB_SHOTS:-}" ] || screenshot "$WEB_SHOTS/failed.png"
	for file in "$T"/{driver,lighttpd}; do
		[ ! -e "$file" ] || sed "s|^|${file##*/}: |" "$file"
	done
} 2>/dev/null

# start_world: $WORLD is a process that has it. Who isn't root is one user in
# there, which is called alice.
start_world() {
	local root=() user
	[ "$EUID" -eq 0 ] || root=(-r)
	mkdir -p "$T/run" "$T/etc" "$T/share/chat/web"
	chmod 755 "$T/run" "$T/etc" "$T/share" "$T/share/chat" "$T/share/chat/web"
	printf '%s\n' '127.0.0.1 localhost chat.example.org' >"$T/hosts"
	if [ "$EUID" -eq 0 ]; then
		grep -vE '^(alice|bob):' /etc/passwd >"$T/passwd"
		printf '%s\n' alice:x:61001:61001::/:/usr/sbin/nologin \
		    bob:x:61002:61002::/:/usr/sbin/nologin >>"$T/passwd"
	else
		sed 's/^root:/alice:/' /etc/passwd >"$T/passwd"
	fi
	# shellcheck disable=SC2016 # the inner shell expands it
	start unshare -nmp "${root[@]}" --fork --kill-child --mount-proc sh -c '
		mount --bind "$0/hosts" /etc/hosts &&
		mount --bind "$0/passwd" /etc/passwd &&
		mount --bind "$0/run" /run &&
		mount --bind "$0/etc" /etc/lighttpd &&
		mount --bind "$0/share" /usr/local/share && ip link set lo up &&
		touch "$0/world" && exec sleep 3600' "$T"
	until_ok [ -e "$T/world" ]
	WORLD=$(pgrep -P "$PID")
}

# inside COMMAND...: in that world. The browser runs there, too.
inside() {
	local root=()
	[ "$EUID" -eq 0 ] || root=(-U)
	exec nsenter -t "$WORLD" -n -m -p "${root[@]}" --preserve-credentials -- \
	    env HOME="$T" XDG_CACHE_HOME="$T" TZ=UTC LC_ALL=C.UTF-8 "$@" 3>&-
}
within() {
	(inside "$@")
}

# block N HEADING: the Nth block of code below it, as the page has it.
block() {
	awk -v n="$1" -v heading="# $2" '
	/^```/ { code = !code; i += code && here; next }
	/^#/ && !code { here = $0 == heading; i = 0 }
	here && code && i == n' "$PAGE" >"$T/block"
	[ -s "$T/block" ]
}

# recipe HEADING N FILE: a file of lighttpd. Only root can become somebody.
recipe() {
	block "$2" "$1"
	if [ "$EUID" -ne 0 ]; then
		sed -i '/^server\.\(user\|group\)name/d' "$T/block"
	fi
	cp "$T/block" "$T/etc/$3"
}

# setting NAME: what it is in the last block, a unit's.
setting() {
	sed -n "s/^$1=//p" "$T/block" | tail -n 1
}

# start_room HEADING N [OPTION...]: what the drop-in for its socket asks for; if
# there is $ALSO, it has that address besides.
start_room() {
	local group
	block "$2" "$1"
	ROOM=$(setting ListenStream)
	start inside chatd "${@:3}" "$ROOM" ${ALSO:+"$ALSO"} 2>"$T/log"
	ROOM_JOB=$PID
	until_ok listens
	group=$(setting SocketGroup)
	if [ "$EUID" -eq 0 ] && [ -n "$group" ]; then
		within chgrp "$group" "$ROOM"
	fi
	within chmod "$(setting SocketMode)" "$ROOM"
}

# kill_inside PID: what start has run inside, if it is still there.
kill_inside() {
	local pid
	pid=$(pgrep -P "$1") && kill "$pid" || true
	until_ok not_running "$1"
}

# kill_room: as a crash would.
kill_room() {
	kill -KILL "$(pgrep -P "$ROOM_JOB")"
	until_ok not_running "$ROOM_JOB"
}

start_web() {
	start inside lighttpd -D -f /etc/lighttpd/lighttpd.conf >"$T/lighttpd" 2>&1
	until_ok matches "$T/lighttpd" 'server started'
}

# open_page URL [WIDTH HEIGHT [OPTION...]]: in a browser of its own.
open_page() {
	start_driver
	open_browser "${2:-800}" "${3:-600}" "${@:4}"
	visit "$1"
}

# The plain recipe, and a person called alice who has it open.
open_alice() {
	start_room 'THE ROOM' 1 "$@"
	recipe 'FOR THIS MACHINE' 1 lighttpd.conf
	start_web
	open_page http://localhost:8080/
	join alice
}
join() {
	until_is '!document.getElementById("name-form").hidden'
	type_into '#name' "$1$ENTER"
	until_is 'document.getElementById("state").textContent === a[0]' \
	    "connected as $1"
}

# enter TEXT: type it and press Enter; say TEXT: and the room takes it.
enter() {
	type_into '#line' "$1$ENTER"
}
say() {
	enter "$1"
	until_row "You: $1"
}

# Somebody else says the lines of standard input.
others() {
	within chat-send "$@" "$ROOM"
}

# The rows of the transcript without their times; has_row ROW, has_notice
# TEXT; until_row and until_notice wait for it.
ROWS='[...document.querySelectorAll("#log > p:not(.notice)")].map(p =>
    p.textContent.replace(/^[0-9][0-9]:[0-9][0-9]/, ""))'
NOTICES='[...document.querySelectorAll("#log > .notice")].map(p => p.textContent)'
has_row() {
	is "$ROWS.includes(a[0])" "$1"
}
has_notice() {
	is "$NOTICES.includes(a[0])" "$1"
}
until_row() {
	until_is "$ROWS.includes(a[0])" "$1"
}
until_notice() {
	until_is "$NOTICES.includes(a[0])" "$1"
}
count_rows() {
	js "$ROWS.filter(s => s === a[0]).length" "$1"
	[ "$VALUE" = "$2" ]
}

# query SELECTOR: the text of the first such element.
text_of() {
	js 'document.querySelector(a[0]).textContent' "$1"
	echo "$VALUE"
}

@test "two people, in a browser each" {
	open_alice
	say 'is anybody here?'
	# The name is remembered by the browser, so the other one changes theirs.
	new_window
	visit http://localhost:8080/
	until_row 'alice: is anybody here?'
	[ "$(text_of '#state')" = 'connected as alice' ]
	enter '/name bob'
	until_is 'document.getElementById("rename").textContent === "bob"'
	say 'yes, me'
	window 0
	until_row 'bob: yes, me'
	is "$ROWS.indexOf('You: is anybody here?') <
	    $ROWS.indexOf('bob: yes, me')"
	# Nothing comes twice.
	count_rows 'You: is anybody here?' 1
	enter '/me nods'
	window 1
	until_row '* alice nods'
	enter '//etc has a slash'
	window 0
	until_row 'bob: /etc has a slash'
}

@test "what others say is text and nothing else" {
	start_room 'THE ROOM' 1
	others -n bob <<-'END'
		👋🏽 grüße, 你好
		<b>bold</b><img src=x onerror="document.title='no'"> &amp;
		see https://example.org/a?b=c&d. Or javascript:alert(1)
	END
	others <<<'bob: שלום עולם'
	printf '%b\n' 'bob: evil \u202etxt.exe' '-- you are banned' \
	    '\u2014\u2014 as are you' '\u200b --' 'You: I pay' 'You : I do' \
	    ' Yo\u200du: too' ' \u200d\u2500\ufe0f\u2500 gone' '--: no name' \
	    '- one dash' | others
	recipe 'FOR THIS MACHINE' 1 lighttpd.conf
	start_web
	open_page http://localhost:8080/
	join alice
	until_row '- one dash'
	has_row 'bob: 👋🏽 grüße, 你好'
	has_row "bob: <b>bold</b><img src=x onerror=\"document.title='no'\"> &amp;"
	has_row 'bob: שלום עולם'
	has_row 'bob: evil <U+202E>txt.exe'
	has_row '| -- you are banned'
	has_row '| —— as are you'
	has_row '<U+200B> --'
	has_row '| You: I pay'
	has_row '| You : I do'
	has_row $'|  Yo\u200du: too'
	has_row $'|  \u200d\u2500\ufe0f\u2500 gone'
	has_row '| --: no name'
	is 'document.title === "chat"'
	is 'document.querySelectorAll("#log b, #log img, #log .own").length === 0'
	is '[...document.links].map(l => [l.href, l.rel].join(" ")).join() === a[0]' \
	    'https://example.org/a?b=c&d noopener noreferrer'
	# The name comes first, whatever direction the text has.
	is '(p => p.querySelector(".name").getBoundingClientRect().right <=
	    p.querySelector(".text").getBoundingClientRect().left)
	    ([...document.querySelectorAll("#log p")].find(p =>
	    p.textContent.includes("שלום")))'
}

# answers ORIGIN STATUS: to a WebSocket that its page asks for. One that is opened
# has no end, so it is ended here.
answers() {
	start inside curl -sv -m 60 --http1.1 -H "Origin: $1" \
	    -H 'Upgrade: websocket' -H 'Connection: Upgrade' \
	    -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Protocol: binary' \
	    -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' \
	    http://localhost:8080/ws >"$T/none" 2>"$T/answer"
	until_ok matches "$T/answer" '^< HTTP/1.1 ([0-9]+) '
	local status=${BASH_REMATCH[1]}
	kill_inside "$PID"
	[ "$status" = "$2" ]
}

@test "a page of another origin gets no connection" {
	open_alice
	answers http://localhost:8080 101
	answers http://evil.example.org 403
	answers http://evil.localhost:8080 403
	answers https://localhost:8080 403
	# To the browser this is another origin, with the same page.
	visit http://127.0.0.1:8080/
	until_notice '-- Unable to connect to server, retrying'
}

@test "a room that is killed while lines are said: each is there once" {
	local i bob
	open_alice -s "$T/store"
	for i in 1 2 3; do
		numbered "bob: $i " 1 40 >"$T/bob"
		others -r <"$T/bob" 3>&- &
		bob=$!
		STARTED+=("$bob")
		enter "while it runs $i"
		enter "and again $i"
		kill_room
		enter "while it is away $i"
		until_is 'document.querySelector("#waiting .waiting") !== null'
		start_room 'THE ROOM' 1 -s "$T/store"
		wait "$bob"
	done
	until_is 'document.querySelector("#waiting p") === null'
	until_row 'bob: 3 40'
	# Hers and all others, in the order of the room.
	within timeout 60 chat-recv -l 1000 -c 129 "$ROOM" >"$T/said"
	sed 's/^alice: /You: /' "$T/said" | jq -Rsc 'split("\n")[:-1]' >"$T/rows"
	js "$ROWS"
	[ "$VALUE" = "$(cat "$T/rows")" ]
	js "$NOTICES.join('\n')"
	[[ $VALUE == *'-- connection lost, retrying'*'-- connected'* ]]
	[[ $VALUE != *forgotten* && $VALUE != *'lines lost'* ]]
}

@test "without a room, or with another one, the page says so" {
	recipe 'FOR THIS MACHINE' 1 lighttpd.conf
	start_web
	open_page http://localhost:8080/
	until_notice '-- Unable to connect to server, retrying'
	enter 'nobody hears this'
	until_notice '-- not sent yet: the room has not answered'
	js 'document.getElementById("line").value = ""'
	start_room 'THE ROOM' 1
	join alice
	has_notice '-- connected'
	say 'one'
	kill_room
	until_notice '-- connection lost, retrying'
	enter 'two'
	until_is 'document.querySelector("#waiting .waiting") !== null'
	start_room 'THE ROOM' 1
	until_row 'You: two'
	has_notice '-- the room has forgotten this session'
	has_notice '-- an unknown number of lines lost'
	count_rows 'You: one' 1
}

@test "a line that the room would not take isn't sent" {
	local long
	open_alice
	printf -v long '%4089s' ''
	js '(document.getElementById("line").value = a[0]).length' "${long// /x}"
	enter ''
	until_notice '-- not sent: longer than 4088 bytes'
	is 'document.getElementById("line").value.length === 4089'
	js '(document.getElementById("line").value = "\u0007").length'
	enter ''
	until_notice '-- not sent: control character U+0007 at byte 1'
	js 'document.getElementById("line").value = ""'
	enter '/quit'
	until_notice '-- not sent: no such command; /help lists commands, and // begins a line with /'
	js 'document.getElementById("line").value = ""'
	enter '/me '
	until_notice '-- not sent: /me needs what you do, as in /me waves'
	is 'document.getElementById("line").value === "/me "'
	js 'document.getElementById("line").value = ""'
	enter '/who'
	until_notice '-- this room does not name its speakers'
	enter '/name al ice'
	until_notice '-- A name has no blanks and no colons.'
}

# copy_text TEXT: to the clipboard.
copy_text() {
	js '(() => {
		const field = document.createElement("textarea");
		field.id = "copied";
		field.value = a[0];
		document.body.append(field);
		return true;
	})()' "$1"
	type_into '#copied' "${CONTROL}ac"
	js 'document.getElementById("copied").remove()'
}

# paste_text TEXT: into the entry field.
paste_text() {
	js '(() => {
		const data = new DataTransfer();
		data.setData("text/plain", a[0]);
		document.getElementById("line").dispatchEvent(new ClipboardEvent(
		    "paste", { clipboardData: data, cancelable: true }));
		return document.getElementById("ask").open;
	})()' "$1"
}

@test "keys: what was said comes back, and a paste of lines is asked about" {
	open_alice
	say one
	say two
	type_into '#line' "half a line$UP$UP"
	is 'document.getElementById("line").value === "one"'
	type_into '#line' "$DOWN"
	is 'document.getElementById("line").value === "two"'
	type_into '#line' "$DOWN$DOWN"
	is 'document.getElementById("line").value === "half a line"'
	js 'document.getElementById("line").value = "typed"'
	paste_text $'three\r\nfour\n'
	[ "$VALUE" = true ]
	# To go on typing is no answer.
	type_on " on, and$ENTER"
	is 'document.getElementById("ask").open'
	type_on "$ESCAPE"
	until_is '!document.getElementById("ask").open'
	is 'document.getElementById("line").value === "typed"'
	js 'document.getElementById("line").value = ""'
	type_into '#line' "$UP"
	js 'document.getElementById("line").value = ""'
	paste_text $'three\r\nfour\n'
	[ "$(text_of '#ask-what')" = 'Send 2 lines?' ]
	[ "$(text_of '#ask-lines')" = $'three\nfour' ]
	click '#ask button[value=""]'
	until_is '!document.getElementById("ask").open'
	paste_text $'three\nfour'
	click '#ask button[value="send"]'
	until_row 'You: four'
	# The line that is typed next is the last one, as after any other.
	type_into '#line' "fresh$UP$DOWN"
	is 'document.getElementById("line").value === "fresh"'
	js 'document.getElementById("line").value = ""'
	js "$ROWS.join()"
	[ "$VALUE" = 'You: one,You: two,You: three,You: four' ]
	# A single line with its end is only put into the field.
	copy_text $'five\n'
	type_into '#line' "${CONTROL}v"
	until_is 'document.getElementById("line").value === "five"'
	is '!document.getElementById("ask").open'
}

@test "who comes and goes at once is no news" {
	local i
	make_key carol
	make_key dave
	ALSO=localhost:5555 start_room 'THE ROOM' 1 -ik "$T/keys"
	recipe 'FOR THIS MACHINE' 1 lighttpd.conf
	start_web
	open_page http://localhost:8080/
	until_is 'document.getElementById("people").textContent === "1 here"'
	# A screen reader says every row that was ever added.
	js '(() => {
		window.added = [];
		new MutationObserver(records => added.push(...records
		    .flatMap(record => [...record.addedNodes])
		    .map(node => node.textContent)))
		    .observe(document.getElementById("log"), { childList: true });
	})()'
	for i in 1 2 3; do
		within chat-send -k "$T/carol" localhost:5555 <<<"hello $i"
		until_row "carol: hello $i"
	done
	start inside chat-recv -k "$T/dave" localhost:5555 >"$T/none"
	until_is 'document.getElementById("people").textContent === "2 here"'
	until_notice '-- dave is here'
	kill_inside "$PID"
	until_notice '-- dave has left'
	is 'added.filter(text => text.includes("carol")).length === 3'
	is 'added.filter(text => text.includes("dave")).length === 2'
}

# Two come, and then the room is gone; it is back without one of them.
come_and_cut() {
	hear 1
	ctl you al
	ctl ok 0 new
	ctl at 1
	ctl join carol
	ctl join dave
	pause 0.1
}
come_back() {
	hear 1
	ctl you al
	ctl ok 0
	ctl at 1
	ctl here al dave
	ctl here
	hold
}

@test "who has left while there was no connection never came" {
	recipe 'FOR THIS MACHINE' 1 lighttpd.conf
	start_web
	local at=UNIX-LISTEN:$T/run/chatd.room,mode=666,unlink-early,unlink-close=0
	fake_room come_and_cut "$at"
	open_page http://localhost:8080/
	until_notice '-- connection lost, retrying'
	js 'window.cut = performance.now(), true'
	until_is 'performance.now() > cut + 6000'
	is "!$NOTICES.some(s => s.endsWith('is here'))"
	fake_room come_back "$at"
	until_notice '-- dave is here'
	is "!$NOTICES.includes('-- carol is here')"
	# A list that was asked for doesn't begin the wait again.
	js 'import("/people.js").then(({ People }) => {
		const begin = setTimeout, some = tag => document.createElement(tag);
		let n = 0;
		window.setTimeout = (...what) => (n++, begin(...what));
		const people = new People({ notice() {} }, some("button"), some("ul"));
		people.join("eve");
		people.here(["eve"]);
		window.setTimeout = begin;
		window.waits = n;
	}), true'
	until_is 'window.waits === 1'
}

@test "another day has a line that says it" {
	set_now
	recipe 'FOR THIS MACHINE' 1 lighttpd.conf
	start_web
	fake_room fake_days "UNIX-LISTEN:$T/run/chatd.room"
	chmod 666 "$T/run/chatd.room"
	open_page http://localhost:8080/
	until_row 'bob: just now'
	has_notice '-- Sunday, 9 September 2001'
	has_notice "-- $TODAY"
}

@test "a mention, and a title that counts while nobody looks" {
	open_alice
	say first
	is 'document.title === "chat"'
	# It has no focus from here on.
	js '(document.hasFocus = () => false, 1)'
	others -n bob <<<'hello'
	until_is 'document.title === "(1) chat"'
	others -n bob <<<'Alice: are you there? malice'
	until_is 'document.title === "(2!) chat"'
	until_row 'bob: Alice: are you there? malice'
	is '[...document.querySelectorAll("mark")].map(m => m.textContent).join() ===
	    "Alice"'
	is '[...document.querySelectorAll(".mention")].length === 1'
	js 'delete document.hasFocus && dispatchEvent(new Event("focus"))'
	is 'document.title === "chat"'
	# What was said before is no news. Times are in seconds.
	pause 1.1
	visit http://localhost:8080/
	until_row 'bob: hello'
	is 'document.title === "chat"'
}

# The lowest contrast of the texts in the page with what is behind them, by the
# formula of WCAG 2.
CONTRAST='(() => {
	const parse = s => s.match(/[0-9.]+/g).map(Number);
	const light = c => parse(c).slice(0, 3).map(v => v / 255).map(v =>
	    v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
	    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const ground = e => {
		const c = getComputedStyle(e).backgroundColor;
		return parse(c)[3] === 0 ? ground(e.parentElement) : c;
	};
	return Math.min(...[...document.querySelectorAll("body *")].filter(e =>
	    e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 &&
	    n.data.trim() !== "")).map(e => {
		const [a, b] = [getComputedStyle(e).color, ground(e)].map(light)
		    .sort((a, b) => b - a);
		return (a + 0.05) / (b + 0.05);
	}));
})()'

@test "light, dark, by keyboard and for a screen reader" {
	local theme
	open_alice
	say 'see https://example.org/'
	others <<<'bob: alice, hello'
	until_row 'bob: alice, hello'
	# All colours of names, and what is waiting or was refused.
	js '(() => {
		const log = document.getElementById("log");
		for (let i = 0; i < 12; i++) {
			const row = log.querySelector(".message").cloneNode(true);
			row.querySelector(".name").className = "name c" + i;
			log.append(row);
		}
		for (const name of ["waiting", "refused"]) {
			const row = log.querySelector(".own").cloneNode(true);
			row.classList.add(name);
			row.append(Object.assign(document.createElement("span"),
			    { className: "why", textContent: "why" }));
			log.append(row);
		}
	})()'
	enter '/nonsense'
	for theme in light dark; do
		scheme "$theme"
		js "$CONTRAST"
		echo "$theme: $VALUE"
		jq -e '. >= 4.5' <<<"$VALUE"
	done
	# What has no text to name it has a label, and what changes is announced.
	is 'document.querySelector("#log[role=log]").ariaLabel === "Messages"'
	is 'document.querySelector("#state").getAttribute("role") === "status"'
	is '[...document.querySelectorAll("input")].every(e => e.ariaLabel ||
	    e.labels.length > 0)'
	is '[...document.querySelectorAll("button")].every(e => e.hidden ||
	    e.textContent.trim() !== "" || e.ariaLabel)'
	# From the entry field to the transcript and back.
	is 'document.activeElement.id === "line"'
	js 'document.getElementById("scroller").focus()'
	type_into body "$ESCAPE"
	until_is 'document.activeElement.id === "line"'
}

# What a room must never send; the rest of a character comes after a while.
no_room() {
	hear 1
	ctl you al
	ctl ok 0 new
	ctl at 10
	ctl shout at everybody
	ctl here
	ctl time 99999999999999999
	ctl time 1795449916
	ctl join '<b>mallory</b>'
	ctl join mallory
	ctl join brief
	ctl part brief
	ctl part stranger
	ctl lost 18446744073709551615
	ctl at 18446744073709551615
	printf 'not UTF-8: \377\300\200 \355\240\200 and \033[31m\007\n'
	printf '\342\202'
	pause 0.3
	printf '\254 cut in the middle\n'
	printf 'a'
	printf '\314\201%.0s' {1..1000}
	printf '\n'
	: >"$T/held"
	until [ -e "$T/go" ]; do pause 0.1; done
	ctl ok 99999
	hold
}

@test "a hostile room drives nothing" {
	recipe 'FOR THIS MACHINE' 1 lighttpd.conf
	start_web
	fake_room no_room "UNIX-LISTEN:$T/run/chatd.room"
	chmod 666 "$T/run/chatd.room"
	open_page http://localhost:8080/
	until_ok [ -e "$T/held" ]
	until_row '€ cut in the middle'
	has_row 'not UTF-8: ��� ��� and ^[[31m^G'
	has_notice '-- stranger has left'
	until_notice '-- mallory is here'
	is "!$NOTICES.some(s => s.includes('brief'))"
	has_notice '-- 18446744073709551615 lines lost'
	is 'document.querySelector("#log .message:nth-last-child(1 of .message) .text").textContent.length <= 10'
	is "$NOTICES.filter(s => s.includes('<b>') || s.includes('shout')).length === 0"
	is 'document.querySelector("#log b") === null'
	[ "$(text_of '#state')" = 'connected as al' ]
	touch "$T/go"
	until_notice '-- what answers is not a chat room, retrying'
}

# What isn't the protocol at all, and has no end.
no_chat() {
	printf 'HTTP/1.0 400 What?\r\n'
	hold
}
no_end() {
	hear 1
	ctl ok 0 new
	yes | tr -d '\n'
}

@test "what is no room at all is left" {
	local what
	recipe 'FOR THIS MACHINE' 1 lighttpd.conf
	start_web
	start_driver
	open_browser 800 600
	for what in no_chat no_end; do
		rm -f "$T/run/chatd.room"
		fake_room "$what" "UNIX-LISTEN:$T/run/chatd.room,unlink-close=0"
		chmod 666 "$T/run/chatd.room"
		visit http://localhost:8080/
		until_notice '-- what answers is not a chat room, retrying'
		# It must not connect to the next room.
		visit about:blank
		stop "$FAKE" || true
	done
}

@test "with TLS, on a telephone" {
	start_room 'THE ROOM' 1
	recipe 'WITH TLS' 1 chat-tls.conf
	recipe 'WITH TLS' 2 lighttpd.conf
	certificate
	start_web
	open_page https://chat.example.org/ 390 700 --ignore-certificate-errors
	join alice
	is 'isSecureContext'
	numbered 'bob: a line that is too long for such a small screen, line ' 1 60 |
	    others
	until_row \
	    'bob: a line that is too long for such a small screen, line 60'
	say 'and this is mine'
	# Nothing sticks out; the entry field and the last row are in sight.
	is 'document.documentElement.scrollWidth <= 390'
	is '[...document.querySelectorAll("#line, #line-form button, #state, #log p:last-child")].every(e => (r => r.left >= 0 && r.right <= 390 &&
	    r.top >= 0 && r.bottom <= 700)(e.getBoundingClientRect()))'
	is '[...document.querySelectorAll("#line-form button, #line")].every(e =>
	    e.getBoundingClientRect().height >= 40)'
	[ -z "${WEB_SHOTS:-}" ] || screenshot "$WEB_SHOTS/phone.png"
}

certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -days 2 -subj /CN=chat.example.org -keyout "$T/key" -out "$T/cert" \
	    2>/dev/null
	cat "$T/cert" "$T/key" >"$T/etc/chat.pem"
}

# start_seat NAME: what systemd would do for chat-web@NAME.
start_seat() {
	local directory user=("setpriv" "--reuid=$1" --clear-groups)
	block 4 'WITH ACCOUNTS'
	sed -i "s/%i/$1/g" "$T/block"
	directory=$T/run/$(setting RuntimeDirectory)
	mkdir -m "$(setting RuntimeDirectoryMode)" "$directory"
	if [ "$EUID" -eq 0 ]; then
		within chown "$(setting User):$(setting Group)" \
		    "/run/$(setting RuntimeDirectory)"
		user+=("--regid=$(setting Group)")
	else
		user=()
	fi
	read -r -a command < <(setting ExecStart)
	start inside sh -c 'umask "$1" && shift && exec "$@"' - "$(setting UMask)" \
	    "${user[@]}" "${command[@]}"
	until_ok [ -S "$directory/room" ]
}

@test "accounts become names" {
	local options
	block 2 'WITH ACCOUNTS'
	read -r -a options < <(setting ExecStart)
	[ "${options[*]}" = '/usr/local/bin/chatd -i' ]
	start_room 'WITH ACCOUNTS' 3 "${options[@]:1}"
	start_seat alice
	[ "$EUID" -ne 0 ] || start_seat bob
	recipe 'WITH TLS' 1 chat-tls.conf
	recipe 'WITH ACCOUNTS' 6 lighttpd.conf
	certificate
	for name in alice bob; do
		printf '%s:%s\n' $name "$(openssl passwd -6 "secret of $name")"
	done >>"$T/etc/chat-users"
	start_web
	# Nobody without a password, nor with somebody else's.
	for who in '' 'alice:wrong' 'bob:secret of bob'; do
		[ "$(within curl -sk -o "$T/got" -w '%{http_code}' ${who:+-u "$who"} \
		    https://chat.example.org/alice/ws)" = 401 ]
	done
	open_page 'https://alice:secret%20of%20alice@chat.example.org/alice/' 800 600 \
	    --ignore-certificate-errors
	until_is 'document.getElementById("state").textContent ===
	    "connected as alice"'
	is 'document.getElementById("name-form").hidden'
	is 'document.getElementById("rename").hidden'
	say 'it is me'
	within timeout 20 chat-recv -l 1 -c 1 "$ROOM" >"$T/said"
	[ "$(cat "$T/said")" = 'alice: it is me' ]
	[ "$EUID" -eq 0 ] || return 0
	new_window
	visit 'https://bob:secret%20of%20bob@chat.example.org/bob/'
	until_row 'alice: it is me'
	say 'and me'
	enter '/me waves at alice'
	window 0
	until_row 'bob: * waves at alice'
	until_notice '-- bob is here'
	until_is 'document.getElementById("people").textContent === "2 here"'
	enter /who
	until_is "$NOTICES.some(s => /^-- here: (.*, )?alice, bob/.test(s))"
	click '#people'
	until_is '[...document.querySelectorAll("#here li")].some(e =>
	    e.textContent === "bob")'
}

@test "the page runs nothing but itself" {
	run ! grep -nE 'innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(' \
	    "$ROOT"/chat/web/*.{js,html}
	run ! grep -nE '(src|href|from|url)[=( ]+.?(https?:|//)' \
	    "$ROOT"/chat/web/*.{js,html,css}
	grep -q "default-src 'none'" "$ROOT/chat/web/index.html"
}

@test "the picture of the README can be made" {
	local line
	"$ROOT/.dist/picture" "$T/picture.svg" 3>&-
	[ "$(wc -c <"$T/picture.svg")" -lt 16384 ]
	# The names are in colours of their own.
	for line in 'alice</tspan>: good morning! 👋' \
	    'bob</tspan>: then off it goes'; do
		grep -qF "$line" "$T/picture.svg"
	done
	# It is an image, with texts of both people in the page, too.
	start_driver
	open_browser 900 400
	chmod 755 "$T"
	visit "file://$T/picture.svg"
	is 'document.documentElement.tagName === "svg"'
	is '[...document.querySelectorAll("text")].filter(e =>
	    e.textContent.endsWith("it seems so, bob")).length === 2'
}

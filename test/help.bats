# -h: every option is in --help, in the page and in the completions
load helpers.bash

PROGRAMS=(chat chat-log chat-recv chat-send chat-window chatd)
# It isn't built everywhere.
! command -v chat-etcd >/dev/null || PROGRAMS+=(chat-etcd)

# The window is a script, and none of what is asked of it here opens one, nor
# does chat-log start etcd. What each program accepts takes many starts, and so
# is found once.
setup_file() {
	local program

	export PATH=$BATS_FILE_TMPDIR:$PATH
	cd "$BATS_FILE_TMPDIR"
	printf '%s\n' '#!/bin/sh' 'exit 1' >etcd
	chmod +x etcd
	ln -s "$ROOT/chat/window/chat-window.tcl" "$BATS_FILE_TMPDIR/chat-window"
	for program in "${PROGRAMS[@]}"; do
		accepted "$program" >"$BATS_FILE_TMPDIR/$program.accepted"
	done
}

teardown() { cleanup; }

# page PROGRAM: its source.
page() {
	local section=1
	[[ $1 != chatd && $1 != chat-etcd && $1 != chat-log ]] || section=8
	echo "$ROOT/man/$1.$section.scd"
}

# accepted PROGRAM: the letters that it takes, in order, a colon after those with
# a value. None does more than print something with such an address.
accepted() {
	local c said

	for c in {A..Z} {a..z} {0..9}; do
		said=$(CHAT_ADDRESS=a:b:c timeout 20 "$1" "-$c" 2>&1 </dev/null) &&
		    [[ $1$c != *h && $1$c != chat-log[pu] ]] &&
		    echo "$1 -$c goes on: $said" && return 1
		case $said in
		*'requires an argument'*) printf '%s\n' "-$c:" ;;
		*'nvalid option'* | *'nrecognized option'*) ;;
		*) printf '%s\n' "-$c" ;;
		esac
	done
}

# helped PROGRAM: the options of its help, in order: "-k key", "-r".
helped() {
	timeout 20 "$1" -h | sed -n 's/^  \(-.*[^ ]\)  .*/\1/p'
}

# letters: of such options, those of one letter as accepted has them.
letters() {
	sed -n 's/,.*//; s/^\(-[^-]\) .*/\1:/; /^-[^-]/p' | LC_ALL=C sort
}

# described PROGRAM: "-k TAB what -h says of it" for each option, in order.
described() {
	timeout 20 "$1" -h | awk '/^  -/ {
		text = $0
		sub(/^  -.*[^ ]  +/, "", text)
		sub(/,/, "", $1)
		print $1 "\t" text
		if ($2 ~ /^--/)
			print $2 "\t" text
	}' | LC_ALL=C sort
}

# on_page PROGRAM: the options of the page, as helped has them.
on_page() {
	sed '1,/^# OPTIONS/d; /^# /,$d' "$(page "$1")" | sed -n 's/^\*-/-/p' |
	    tr -d '*_'
}

# plain_words: text on one line, without markup.
plain_words() {
	tr -d '*_' | tr -s ' \n' ' '
}

# same WHAT PROGRAM: whether the files of both have the same lines.
same() {
	diff "$T/want" "$T/have" || { echo "$2: $1" && return 1; }
}

@test "-h and --help say the same, and a wrong option how it's used" {
	local program
	for program in "${PROGRAMS[@]}"; do
		run -0 --separate-stderr timeout 20 "$program" --help
		[ "$stderr" = "" ]
		help=$output
		run -0 --separate-stderr timeout 20 "$program" -h
		[ "$output" = "$help" ]
		run ! grep -E '.{81}' <<<"$help"
		run -2 --separate-stderr timeout 20 "$program" --nonsense
		[ "$output" = "" ]
		[ "${help%%$'\n\n'*}" = "${stderr#*$'\n'}" ]
	done
}

@test "-h: the synopsis is that of the page" {
	local program
	for program in "${PROGRAMS[@]}"; do
		"$program" -h | sed '/^$/,$d; s/^usage: //' |
		    plain_words >"$T/have"
		sed '1,/^# SYNOPSIS/d; /^# /,$d' "$(page "$program")" |
		    plain_words >"$T/want"
		same 'synopsis' "$program"
	done
}

@test "-h: a line for each option that the program takes" {
	local program
	for program in "${PROGRAMS[@]}"; do
		cp "$BATS_FILE_TMPDIR/$program.accepted" "$T/want"
		grep -qx -e -h "$T/want"
		helped "$program" | letters >"$T/have"
		same 'options of -h' "$program"
	done
}

@test "-h: the options are those of the page, in the same order" {
	local program
	for program in "${PROGRAMS[@]}"; do
		on_page "$program" >"$T/want"
		helped "$program" >"$T/have"
		same 'options of the page and of -h' "$program"
	done
}

@test "-h ends with an example of its own" {
	local program
	for program in "${PROGRAMS[@]}"; do
		run -0 timeout 20 "$program" -h
		[[ ${lines[-1]} =~ ^example:\ (.*\ )?"$program"\  ]]
		bash -n <<<"${lines[-1]#example: }"
	done
}

# As a line of its own, behind a prompt if the page has those.
@test "-h: the example is one of the page" {
	local program
	for program in "${PROGRAMS[@]}"; do
		"$program" -h | sed -n 's/^example: //p' >"$T/want"
		sed '1,/^# EXAMPLES/d; /^# /,$d' "$(page "$program")" |
		    sed 's/^[$] //' | grep -Fx -f "$T/want" >"$T/have" || :
		same 'example of -h and those of the page' "$program"
	done
}

@test "-h: what can be repeated is the same on the page, and in zsh" {
	local program
	for program in "${PROGRAMS[@]}"; do
		"$program" -h | awk '/^  -.*; can be repeated$/ { print $1 }' \
		    >"$T/want"
		sed '1,/^# OPTIONS/d; /^# /,$d' "$(page "$program")" |
		    tr -d '*' | awk '/^-/ { option = $1 }
			/; can be repeated[.]/ { print option }' >"$T/have"
		same 'repeated on the page' "$program"
		sed -n "/^$program)/,/;;/s/.*'[*]\(-.\)+\{0,1\}\[.*/\1/p" \
		    "$ROOT/lib/completion/chat.zsh" >"$T/have"
		same 'repeated in zsh' "$program"
	done
}

@test "bash completes the options that the program takes, and what has a value" {
	local program
	for program in "${PROGRAMS[@]}"; do
		cp "$BATS_FILE_TMPDIR/$program.accepted" "$T/want"
		completed_by_bash "$program" >"$T/have"
		same 'options and what bash completes' "$program"
	done
}
# An option without a value can be followed by an address.
# compopt works only where TAB was pressed.
completed_by_bash() (
	CHAT_ADDRESS=here:1
	. "$ROOT/lib/completion/chat.bash"
	_chat "$1" - "$1" || :
	for option in "${COMPREPLY[@]}"; do
		[[ $option != --* ]] || continue
		COMP_LINE="$1 $option here" COMP_POINT=${#COMP_LINE}
		_chat "$1" here "$option" || :
		[[ ${COMPREPLY[*]} == *here:1* ]] || option+=:
		printf '%s\n' "$option"
	done | LC_ALL=C sort
)

@test "zsh completes the options of -h, described in the same words" {
	local program
	for program in "${PROGRAMS[@]}"; do
		described "$program" >"$T/want"
		zsh -f -c '
			fpath=("$1" $fpath)
			service=$2
			_arguments() { print -rl -- "$@"; }
			. "$1/chat.zsh"
			' zsh "$ROOT/lib/completion" "$program" | sed -n '
			s/^([^)]*)//; s/^\*//
			s/^\(--*[a-zA-Z]*\)+*\[\(.*\)\].*/\1	\2/p' |
			LC_ALL=C sort >"$T/have"
		same 'options of -h and of zsh' "$program"
	done
}

@test "fish completes the options of -h, described in the same words" {
	local program
	for program in "${PROGRAMS[@]}"; do
		described "$program" >"$T/want"
		HOME=$T XDG_CONFIG_HOME=$T timeout 60 fish --no-config -c "
			source $ROOT/lib/completion/chat.fish
			complete -C '$program -'" | LC_ALL=C sort >"$T/have"
		same 'options of -h and of fish' "$program"
	done
}

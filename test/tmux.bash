# A terminal for a test: a tmux server of its own. Load it after helpers.bash.
# What is compared is the whole scrollback: whatever is drawn twice, left behind
# or lost makes a test fail.

TERMS=0
unset TMUX NO_COLOR

term() {
	TMUX_TMPDIR=$T LC_ALL=C.UTF-8 tmux -f /dev/null \
	    -L "chat-$$-$BATS_TEST_NUMBER-$TERMS" "$@" 3>&-
}

# open_term COLUMNS ROWS COMMAND...: run it there. One that is open already is
# closed, and never its server's name used again, which may take time to end.
open_term() {
	local size=(-x "$1" -y "$2")
	shift 2
	[ "$TERMS" -eq 0 ] || term kill-server
	TERMS=$((TERMS + 1))
	term new-session -d "${size[@]}" \
	    env TERM="${TERM_IS:-screen}" TZ=UTC INPUTRC="${INPUTRC:-/dev/null}" "$@"
	TTY=$(term display-message -p '#{pane_tty}')
}

# open_chat COLUMNS ROWS ARGUMENT...: chat under sh, for a bigger shell would
# repair what chat leaves behind. It is bare (-b), with messages as they are said,
# unless $LOOKS has other options, or none. Its pid is in $T/pid. After its end the status
# is on the screen, and cat shows what keys and pastes send. Returns when keys
# are chat's, or cat's: before that they would be echoed.
open_chat() {
	local size=("$1" "$2")
	shift 2
	# shellcheck disable=SC2016
	printf '%s\n' 'cd "$1" && shift' 'stty -a >before' \
	    'sh -c '\''echo $$ >pid; exec chat "$@"'\'' chat "$@"' \
	    'echo "status $?"' 'stty -a >after' 'exec cat -v' >"$T/run"
	# shellcheck disable=SC2086 # perhaps none
	open_term "${size[@]}" sh "$T/run" "$T" ${LOOKS--b} "$@"
	until_ok prompted
}
prompted() {
	read_screen
	[[ ${ROWS[-1]} == *'>' || ${ROWS[-1]} == status* ]]
}

# leave: ^D, and until chat has ended, which drops what is typed meanwhile.
leave() {
	press C-d
	until_ok has_left
}
has_left() {
	[ "$(term display-message -p '#{pane_current_command}')" != chat ]
}

# is_connected: the room has answered chat, which has said so.
is_connected() {
	untraced says_connected
}
says_connected() {
	local IFS=
	read_whole_screen
	[[ ${ROWS[*]// /} == *Ctrl-Dleaves* ]]
}

close_term() {
	term kill-server 2>/dev/null || true
	cleanup
}

# type TEXT, press KEY..., paste TEXT (as a terminal does: marked)
type() {
	term send-keys -l -- "$1"
}
press() {
	term send-keys "$@"
}
paste() {
	printf '%s' "$1" >"$T/paste"
	term load-buffer "$T/paste"
	term paste-buffer -p -r -d
}

# resize COLUMNS ROWS, until the programs inside know.
resize() {
	term resize-window -x "$1" -y "$2"
	until_ok size_is "$2 $1"
}
size_is() {
	[ "$(stty size <"$TTY")" = "$1" ]
}

# The scrollback, without the empty lines at its end, without the first words of
# chat's own, up to how it was connected, without the time of day before a
# message, and without the status of a connection that is cut. whole_screen has
# all of these.
# read_screen has it in the array ROWS; if it's empty, so is its only row.
screen() {
	read_screen
	printf '%s\n' "${ROWS[@]}"
}
whole_screen() {
	read_whole_screen
	printf '%s\n' "${ROWS[@]}"
}
read_screen() {
	untraced strip_screen
}
strip_screen() {
	local i row text='' rows=()
	read_whole_screen
	for row in "${ROWS[@]}"; do
		[[ $row != '-- not connected since '* ]] || continue
		[[ ! $row =~ ^[0-9][0-9]:[0-9][0-9]\ (.*) ]] ||
		    row=${BASH_REMATCH[1]}
		rows+=("$row")
	done
	ROWS=("${rows[@]}")
	row=${ROWS[0]// /}
	[[ --connectingto == "$row"* || $row == --connectingto* ]] || return 0
	[ -n "$row" ] || return 0
	for ((i = 0; i < ${#ROWS[@]}; i++)); do
		text+=${ROWS[i]// /}
		[[ $text == *Ctrl-Dleaves ]] || continue
		ROWS=("${ROWS[@]:i + 1}")
		[ ${#ROWS[@]} -gt 0 ] || ROWS=('')
		return
	done
}
read_whole_screen() {
	mapfile -t ROWS <<<"$(term capture-pane -p -S -1000)"
}
# rows_with CODE: the rows that have this attribute of SGR, which has one digit,
# at their beginning: 1 is bold, 2 is faint.
rows_with() {
	term capture-pane -p -e -S -1000 | awk -v wanted="$1" '
	function change(codes, i, n, code) {
		n = split(codes, code, ";")
		if (n == 0) on = 0
		for (i = 1; i <= n; i++) {
			if (code[i] == 38 || code[i] == 48) i += 2
			else if (code[i] == wanted) on = 1
			else if (code[i] == 0 || code[i] == 22) on = 0
		}
	}
	{
		text = ""
		begin = -1
		rest = $0
		while (match(rest, /\033\[[0-9;]*m/)) {
			text = text substr(rest, 1, RSTART - 1)
			if (begin < 0 && text != "") begin = on
			change(substr(rest, RSTART + 2, RLENGTH - 3))
			rest = substr(rest, RSTART + RLENGTH)
		}
		if (begin < 0) begin = on
		if (begin > 0) print text rest
	}'
}
faint_rows() {
	rows_with 2
}
is_faint() {
	faint_rows | grep -qxF -e "$1"
}
isnt_faint() {
	! is_faint "$1"
}
# One of its lines is LINE; the last ones are LINE...
screen_has() {
	local row
	read_screen
	for row in "${ROWS[@]}"; do
		[[ $row != "$1" ]] || return 0
	done
	return 1
}
screen_ends() {
	local IFS=$'\n' last=$#
	read_screen
	[ "$last" -le "${#ROWS[@]}" ] || last=${#ROWS[@]}
	[ "${ROWS[*]: -last}" = "$*" ]
}
# It is these lines by now, and nothing else.
screen_is() {
	local IFS=$'\n'
	read_screen
	[ "${ROWS[*]}" = "$*" ]
}
until_screen() {
	until_ok screen_is "$@" || {
		diff <(printf '%s\n' "$@") <(screen) >&2
		return 1
	}
}

# say LINE...: somebody else does.
say() {
	printf '%s\n' "$@" | timeout 30 chat-send "$ROOM"
}

# A world for a reader who types what is written. Its network, its /run and its
# /etc/hosts are its own, where the system has namespaces, so that addresses can
# stay as they are written. Load it after helpers.bash and tmux.bash.

# enter_world: from setup.
enter_world() {
	TYPED=0
	mkdir "$T/reader" "$T/bin"
	cd "$T/reader" || return
}

# stub NAME: standard input is that command, for what isn't here. It has to be
# there before the shell is, which may remember where commands are.
stub() {
	cat >"$T/bin/$1"
	chmod +x "$T/bin/$1"
}

# start_world: a process that has it, $WORLD. Whatever is left in it ends with it.
start_world() {
	local root=()
	[ "$EUID" -eq 0 ] || root=(-r)
	printf '%s\n' '127.0.0.1 localhost host.example.org room.example.org' \
	    '127.0.0.2 red' '127.0.0.3 blue' >"$T/hosts"
	# shellcheck disable=SC2016 # the inner shell expands it
	start unshare -nmp "${root[@]}" --fork --kill-child --mount-proc sh -c '
		mount --bind "$0/hosts" /etc/hosts &&
		mount -t tmpfs none /run && ip link set lo up &&
		touch "$0/world" && exec sleep 3600' "$T"
	until_ok [ -e "$T/world" ]
	WORLD=$(pgrep -P "$PID")
}

# inside [NAME=VALUE...] COMMAND...: in the reader's world.
inside() {
	local root=()
	[ "$EUID" -eq 0 ] || root=(-U)
	nsenter -t "$WORLD" -n -m -p "${root[@]}" --preserve-credentials -- \
	    env -C "$PWD" PATH="$T/bin:$PATH" "$@" 3>&-
}
term() {
	inside TMUX_TMPDIR="$T" LC_ALL=C.UTF-8 tmux -f /dev/null \
	    -L "chat-$$-$BATS_TEST_NUMBER-$TERMS" "$@"
}

# open_reader SHELL...: at its terminal, in $T/reader.
open_reader() {
	start_world
	open_term 120 50 PS1='$ ' HOME="$T" PATH="$T/bin:$PATH:/usr/sbin" "$@"
}

# paste_file FILE: type what is in it.
paste_file() {
	term load-buffer "$1"
	term paste-buffer -d
}

# enter LINE: type it. done_typing: the shell has done all that was typed.
enter() {
	type "$1"
	press Enter
}
done_typing() {
	TYPED=$((TYPED + 1))
	enter "echo ready >~/ready.$TYPED"
	until_ok [ -e "$T/ready.$TYPED" ]
}

# has_on_screen TEXT: somewhere on it, perhaps behind a prompt.
has_on_screen() {
	read_screen
	[[ ${ROWS[*]} == *"$1"* ]]
}

# commands PAGE SECTION TEXT: of the first block of code below a line of that
# section that begins with TEXT, what is typed: as the page shows it, without
# prompts, and without what is printed; or the script, if it is one. What only
# root may write to is in $T.
commands() {
	awk -v section="# $2" -v text="$3" '
	/^# / { here = $0 == section; found = 0 }
	here && index($0, text) == 1 { found = 1 }
	/^```/ { code = !code; if (!code && found) exit; next }
	code && found && (script || /^#!/) { script = 1; print }
	code && found && sub(/^[$>] ?/, "")' "$ROOT/man/$1.scd" |
	    sed -e 's/\\\\/\\/g' -e "s|/srv/|$T&|g; s|/var/chat/|$T&|g" \
		-e "s|/var/log/|$T&|g" \
	    >"$T/commands"
	[ -s "$T/commands" ]
}

# begin PAGE SECTION TEXT: type these. follow PAGE SECTION TEXT: until all is done.
begin() {
	commands "$@"
	paste_file "$T/commands"
}
follow() {
	begin "$@"
	done_typing
}

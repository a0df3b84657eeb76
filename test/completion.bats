# Completion: what the TAB key does in bash, zsh and fish
load helpers.bash

# What is installed, in a directory with a socket, a file and a directory.
setup() {
	make -s -C "$ROOT" install-completion SHAREDIR="$T/share"
	mkdir "$T/here" "$T/here/etc"
	cd "$T/here"
	touch key.alice
	start_chatd_at ./etc/room
	touch etc/room.txt
	export HOME=$T CHAT_ADDRESS=lounge.example:5556,attic.example
}

teardown() { cleanup; }

# What is typed before TAB, and what stands there after it.
TYPED=(
    'chat-send -k key.' 'chat-send -k key.alice '
    'chat-recv -rk key.' 'chat-recv -rk key.alice '
    'chatd -k ke' 'chatd -k key.alice '
    'chatd -u roo' 'chatd -u root '
    'chatd -s et' 'chatd -s etc/'
    'chat et' 'chat etc/'
    'chat ./etc/' 'chat ./etc/room '
    'chat ke' 'chat ke'
    'chat -n ke' 'chat -n ke'
    'chat -r loun' 'chat -r lounge.example:5556 '
    'chat lounge.example:5' 'chat lounge.example:5556 '
    'chat -r atti' 'chat -r attic.example '
    'chat a:1,loun' 'chat a:1,lounge.example:5556 '
    'chat ./x,lounge.example:5' 'chat ./x,lounge.example:5556 '
    'chat a:1,./etc/' 'chat a:1,./etc/room '
    'chat a,et' 'chat a,etc/'
    'chat-log -d et' 'chat-log -d etc/'
    'chatd --vers' 'chatd --version '
    'chat-window --he' 'chat-window --help '
)

# by_key SHELL...: type all of that into a shell on a terminal, for which zsh
# knows a way, and compare. Ctrl-T is bound to writing the line to $T/lines.
by_key() {
	local i

	for ((i = 0; i < ${#TYPED[@]}; i += 2)); do
		echo "${TYPED[i]}" >>"$T/typed"
		echo "${TYPED[i + 1]}" >>"$T/want"
	done
	cat >"$T/type.zsh" <<-'END'
		zmodload zsh/zpty
		zpty shell "$@[2,-1]"
		zpty -w shell ". $1/setup"
		zpty -r shell said '*is ready*'
		while IFS= read -r line; do
			zpty -w -n shell "$line"$'\t\x14'
		done <$1/typed
		zpty -w shell exit
		while zpty -r shell said; do :; done
	END
	run -0 timeout 60 zsh -f "$T/type.zsh" "$T" "$@"
	diff "$T/want" "$T/lines"
}

@test "bash: options, files, users, hosts and sockets" {
	cat >"$T/setup" <<-END
		PS1= HISTFILE=
		for file in "$T/share/bash-completion/completions/"*; do
			. "\$file"
		done
		keep() {
			printf '%s\n' "\$READLINE_LINE" >>"$T/lines"
			READLINE_LINE= READLINE_POINT=0
		}
		bind 'set bell-style none'
		bind 'set disable-completion off'
		bind -x '"\C-t": keep'
		echo is 'ready'
	END
	by_key bash --norc --noprofile -i
}

@test "zsh: options, files, users, hosts and sockets" {
	cat >"$T/setup" <<-END
		PS1=
		fpath=("$T/share/zsh/site-functions" \$fpath)
		autoload -Uz compinit
		compinit -u -D
		setopt nobeep
		keep() {
			print -r -- "\$BUFFER" >>"$T/lines"
			BUFFER=
		}
		zle -N keep
		bindkey '^T' keep
		print is 'ready'
	END
	by_key zsh -f -i
}

# It says itself what it would complete, and not whether a space follows.
@test "fish: options, files, users, hosts and sockets" {
	local i after

	for ((i = 0; i < ${#TYPED[@]}; i += 2)); do
		after=${TYPED[i + 1]% }
		[ "$after" != "${TYPED[i]}" ] || after=
		echo "${after##* }" >>"$T/want"
		echo "echo (complete -C '${TYPED[i]}')" >>"$T/typed"
	done
	XDG_CONFIG_HOME=$T timeout 60 fish --no-config \
	    -C "set fish_complete_path $T/share/fish/vendor_completions.d" \
	    "$T/typed" | sed "s/$(printf '\t').*//" >"$T/lines"
	diff "$T/want" "$T/lines"
}

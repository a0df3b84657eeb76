# Completion for bash: installed under the name of each program
#
# It needs nothing of bash-completion's functions, which find it by its name.

# _chat_options PROGRAM: its options, as getopt(3) has them.
_chat_options() {
	case $1 in
	chat) echo bdhk:l:n:prtw: ;;
	chat-etcd) echo C:M:c:hk:m:v ;;
	chat-log) echo c:d:e:hn:prt:uv ;;
	chat-recv) echo T:c:ehjk:l:rtw: ;;
	chat-send) echo hk:m:n:rsw: ;;
	chat-window) echo hk:l:n: ;;
	chatd) echo L:Sa:c:fhik:l:m:n:p:r:s:t:u:vz: ;;
	esac
}

# _chat_words OPTIONS: the same as words of a command line.
_chat_words() {
	local letters=${1//:/}

	while [[ -n $letters ]]; do
		printf '%s\n' "-${letters:0:1}"
		letters=${letters:1}
	done
	printf '%s\n' --help --version
}

# _chat_takes_value OPTIONS WORD: whether the next word belongs to WORD, which
# can be several options, as in -rk. The option that it belongs to is $option.
_chat_takes_value() {
	local letters=${2#-}

	[[ $2 == -[!-]* ]] || return
	while [[ -n $letters ]]; do
		option=${letters:0:1}
		letters=${letters:1}
		[[ $1 != *"$option:"* ]] || break
	done
	[[ -z $letters && $1 == *"$option:"* ]]
}

# _chat_add COMMAND...: add the lines that it prints to the replies.
_chat_add() {
	local line

	while IFS= read -r line; do
		COMPREPLY+=("$line")
	done < <("$@")
}

# _chat_sockets WORD: sockets, and directories to look for some in. What has no /
# is a host, so directories alone can begin without one.
_chat_sockets() {
	local file path

	while IFS= read -r file; do
		path=${file/#\~\//"$HOME/"}
		if [[ -d $path ]]; then
			printf '%s\n' "$file/"
		elif [[ -S $path && $file == */* ]]; then
			printf '%s\n' "$file"
		fi
	done < <(compgen -f -- "$1")
}

# _chat_addresses WORD: rooms that it can be the beginning of, or that can be the
# last one of several. Replies replace what follows the last colon, where bash
# ends a word at colons.
_chat_addresses() {
	local i before='' last=${1##*,}
	local others=${1%"$last"}

	# shellcheck disable=SC2016 # compgen expands it, and no more than that
	_chat_add compgen -W '${CHAT_ADDRESS//,/ } localhost' -- "$last"
	_chat_add compgen -A hostname -- "$last"
	[[ $COMP_WORDBREAKS == *:* && $last == *:* ]] ||
	    _chat_add _chat_sockets "$last"
	[[ ${COMPREPLY[*]} != */ ]] || compopt -o nospace 2>/dev/null
	[[ $COMP_WORDBREAKS != *:* || $1 != *:* ]] || before=${1%:*}:
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=$others${COMPREPLY[i]}
		COMPREPLY[i]=${COMPREPLY[i]#"$before"}
	done
}

# _chat_value PROGRAM OPTION WORD: what its value can be.
_chat_value() {
	case $1.$2 in
	*.k | chat-etcd.[Cc]) _chat_add compgen -f -- "$3" ;;
	chatd.s | chat-log.[dt]) _chat_add compgen -d -- "$3" ;;
	chatd.u) _chat_add compgen -u -- "$3" ;;
	*) return ;;
	esac
	[[ $2 == u ]] || compopt -o filenames 2>/dev/null
}

# _chat PROGRAM WORD BEFORE: as complete -F calls it.
_chat() {
	local program=${1##*/} option options word

	options=$(_chat_options "$program")
	COMPREPLY=()
	# As it was typed: the words of bash are also cut at colons.
	word=${COMP_LINE:0:COMP_POINT}
	word=${word##*[[:space:]]}
	if _chat_takes_value "$options" "$3"; then
		_chat_value "$program" "$option" "$2"
	elif [[ $2 == -* ]]; then
		_chat_add compgen -W "$(_chat_words "$options")" -- "$2"
	else
		_chat_addresses "$word"
	fi
}

complete -F _chat chat chat-etcd chat-log chat-recv chat-send chat-window chatd

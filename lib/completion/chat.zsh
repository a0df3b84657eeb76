#compdef chat chat-etcd chat-log chat-recv chat-send chat-window chatd
# Completion for zsh: installed as _chat

# Rooms: what has no / is a host, so sockets are in a directory. Of several
# addresses it is about the last one.
_chat_addresses() {
	local -a rooms=(${(s:,:)CHAT_ADDRESS} localhost)
	local sockets='_path_files -/'

	compset -P '*,'
	[[ $PREFIX != */* ]] || sockets='_path_files -/ -g "*(=)"'
	_alternative 'rooms:room:compadd -a rooms' 'hosts:host:_hosts' \
	    "sockets:socket:$sockets"
}

local key='-k+[prove who you are with the key in this file]:key file:_files'
local last='-l+[begin with this many messages, or those of the last 10m]:last: '
local resume='-r[reconnect after a cut, and go on where it was]'
local -a common=('(- *)'{-h,--help}'[show this help]'
    '(- *)--version[show the version]')

case $service in
chat)
	_arguments -s -S \
	    '-b[show messages alone, without times or colours]' \
	    '-d[talk line by line, and draw nothing on the terminal]' \
	    $key $last \
	    '-n+[put this name before each line that you say]:name: ' \
	    '-p[speak the protocol of chat(7), for a front end]' \
	    $resume \
	    '-t[show when each message was said]' \
	    '-w+[give up after this long without a room]:seconds: ' \
	    $common ':address:_chat_addresses'
	;;
chat-etcd)
	_arguments -s -S \
	    '-C+[use TLS with members that this file vouches for]:file:_files' \
	    '-c+[prove who we are with the certificate in this file]:file:_files' \
	    '-k+[the key of that certificate]:file:_files' \
	    '-M+[bytes of a log, over which slow nodes are left behind]:size: ' \
	    '-m+[bytes of a log that are kept in any case, as in 64M]:size: ' \
	    '-v[also log each try to connect]' \
	    $common ':log:_hosts'
	;;
chat-log)
	_arguments -s -S \
	    '-c+[serve clients at this address of the machine, too]:address: ' \
	    '-d+[keep the data in this directory]:directory:_files -/' \
	    '-e+[how long the others wait for a leader that is silent]:ms: ' \
	    '-n+[which of the hosts this machine is]:name:_hosts' \
	    '-p[print the command, and run nothing]' \
	    '-r[the members have changed, or this one begins anew]' \
	    '-t+[use TLS, with ca.pem, cert.pem and key.pem in this directory]:directory:_files -/' \
	    '-u[print a unit for systemd, and run nothing]' \
	    '-v[also log what is not a warning]' \
	    $common '*:host:_hosts'
	;;
chat-recv)
	_arguments -s -S \
	    '-c+[exit after this many messages]:count: ' \
	    '-e[end with what was said until now]' \
	    '-j[write each message as a JSON object]' \
	    $key $last $resume \
	    '-T+[write when each message was said, in this format]:format: ' \
	    '-t[write when each message was said]' \
	    '-w+[exit after this long without the messages asked for]:seconds: ' \
	    $common ':address:_chat_addresses'
	;;
chat-send)
	_arguments -s -S $key \
	    '*-m+[send this text instead of standard input; can be repeated]:text: ' \
	    '-n+[put this name before each line]:name: ' \
	    $resume \
	    '-s[repair lines that would be refused, and send them]' \
	    '-w+[with -r: give up after this long without a room]:seconds: ' \
	    $common ':address:_chat_addresses'
	;;
chat-window)
	_arguments -s -S $key $last \
	    '-n+[put this name before each line that you say]:name: ' \
	    $common ':address:_chat_addresses'
	;;
chatd)
	_arguments -s -S \
	    '-a+[at most this many clients from one address]:clients: ' \
	    '-c+[at most this many clients in all]:clients: ' \
	    '-f[with -s: start even if the store is damaged]' \
	    '-i[name every speaker]' \
	    '-k+[admit over TCP who has a key in this file]:file of keys:_files' \
	    '-L+[with -s: share the room over a log, reached by this]:command: ' \
	    '-l+[how many lines a second a client can say]:lines: ' \
	    '-m+[bytes of memory for what was said, as in 8M]:size: ' \
	    '-n+[with -L: the name of this chatd among them]:node: ' \
	    '-p+[how long senders wait for a slow reader]:seconds: ' \
	    '-r+[remember this many senders that were cut off]:sessions: ' \
	    '-S[with -s: sync each line before it is settled]' \
	    '-s+[keep the room in this directory]:store:_files -/' \
	    '-t+[with -s: bytes to keep in all, as in 1G]:size: ' \
	    '-u+[become this user once everything is open]:user:_users' \
	    '-v[also log who comes and goes, and what is said]' \
	    '-z+[with -s: bytes of a segment, as in 16M]:size: ' \
	    $common '*:address:_chat_addresses'
	;;
esac

# Completion for fish: installed under the name of each program

# Rooms: what has no / is a host, so sockets are in a directory. Of several
# addresses it is about the last one.
function __chat_addresses
    set -l word (commandline -ct)
    set -l others (string replace -r '[^,]*$' '' -- $word)
    set -l last (string replace -r '.*,' '' -- $word)
    set -l rooms localhost (__fish_print_hostnames)

    test -n "$CHAT_ADDRESS"
    and set -a rooms (string split , -- $CHAT_ADDRESS)
    for path in (__fish_complete_path $last | string replace -r '\t.*' '')
        set -l file (string replace -r '^~/' $HOME/ -- $path)
        if test -d $file
            set -a rooms $path
        else if test -S $file; and string match -q '*/*' -- $path
            set -a rooms $path
        end
    end
    printf '%s\n' "$others"$rooms
end

set -l all -c chat -c chat-etcd -c chat-log -c chat-recv -c chat-send -c chat-window -c chatd
set -l clients -c chat -c chat-recv -c chat-send -c chat-window

complete $all -f -a '(__chat_addresses)'
complete $all -s h -l help -d 'show this help'
complete $all -l version -d 'show the version'

complete $clients -s k -r -F -d 'prove who you are with the key in this file'
complete -c chat -c chat-recv -c chat-window -s l -x -d 'begin with this many messages, or those of the last 10m'
complete -c chat -c chat-recv -c chat-send -s r -d 'reconnect after a cut, and go on where it was'
complete -c chat -c chat-window -s n -x -d 'put this name before each line that you say'

complete -c chat -s b -d 'show messages alone, without times or colours'
complete -c chat -s d -d 'talk line by line, and draw nothing on the terminal'
complete -c chat -s p -d 'speak the protocol of chat(7), for a front end'
complete -c chat -s t -d 'show when each message was said'
complete -c chat -s w -x -d 'give up after this long without a room'

complete -c chat-etcd -s C -r -F -d 'use TLS with members that this file vouches for'
complete -c chat-etcd -s c -r -F -d 'prove who we are with the certificate in this file'
complete -c chat-etcd -s k -r -F -d 'the key of that certificate'
complete -c chat-etcd -s M -x -d 'bytes of a log, over which slow nodes are left behind'
complete -c chat-etcd -s m -x -d 'bytes of a log that are kept in any case, as in 64M'
complete -c chat-etcd -s v -d 'also log each try to connect'

complete -c chat-log -s c -x -d 'serve clients at this address of the machine, too'
complete -c chat-log -s d -x -a '(__fish_complete_directories)' -d 'keep the data in this directory'
complete -c chat-log -s e -x -d 'how long the others wait for a leader that is silent'
complete -c chat-log -s n -x -d 'which of the hosts this machine is'
complete -c chat-log -s p -d 'print the command, and run nothing'
complete -c chat-log -s r -d 'the members have changed, or this one begins anew'
complete -c chat-log -s t -x -a '(__fish_complete_directories)' -d 'use TLS, with ca.pem, cert.pem and key.pem in this directory'
complete -c chat-log -s u -d 'print a unit for systemd, and run nothing'
complete -c chat-log -s v -d 'also log what is not a warning'

complete -c chat-recv -s c -x -d 'exit after this many messages'
complete -c chat-recv -s e -d 'end with what was said until now'
complete -c chat-recv -s j -d 'write each message as a JSON object'
complete -c chat-recv -s T -x -d 'write when each message was said, in this format'
complete -c chat-recv -s t -d 'write when each message was said'
complete -c chat-recv -s w -x -d 'exit after this long without the messages asked for'

complete -c chat-send -s m -x -d 'send this text instead of standard input; can be repeated'
complete -c chat-send -s n -x -d 'put this name before each line'
complete -c chat-send -s s -d 'repair lines that would be refused, and send them'
complete -c chat-send -s w -x -d 'with -r: give up after this long without a room'

complete -c chatd -s a -x -d 'at most this many clients from one address'
complete -c chatd -s c -x -d 'at most this many clients in all'
complete -c chatd -s f -d 'with -s: start even if the store is damaged'
complete -c chatd -s i -d 'name every speaker'
complete -c chatd -s k -r -F -d 'admit over TCP who has a key in this file'
complete -c chatd -s L -x -d 'with -s: share the room over a log, reached by this'
complete -c chatd -s l -x -d 'how many lines a second a client can say'
complete -c chatd -s m -x -d 'bytes of memory for what was said, as in 8M'
complete -c chatd -s n -x -d 'with -L: the name of this chatd among them'
complete -c chatd -s p -x -d 'how long senders wait for a slow reader'
complete -c chatd -s r -x -d 'remember this many senders that were cut off'
complete -c chatd -s S -d 'with -s: sync each line before it is settled'
complete -c chatd -s s -x -a '(__fish_complete_directories)' -d 'keep the room in this directory'
complete -c chatd -s t -x -d 'with -s: bytes to keep in all, as in 1G'
complete -c chatd -s u -x -a '(__fish_complete_users)' -d 'become this user once everything is open'
complete -c chatd -s v -d 'also log who comes and goes, and what is said'
complete -c chatd -s z -x -d 'with -s: bytes of a segment, as in 16M'

# Strangers' programs with keys: TLS 1.3 as others speak it
load helpers.bash
load wire.bash
load keys.bash

setup() {
	make_key alice
	make_key bob
	start_chatd -v -k "$T/keys"
	start_recv "$T/copy" -k "$T/bob"
	until_ok has_logged 'joined as bob'
}
teardown() {
	cleanup
}

# chats COMMAND...: a stranger's program, as alice, says what is written to $TO
# and hears what others say.
chats() {
	mkfifo "$T/to"
	timeout 60 "$@" <"$T/to" >"$T/heard" 2>"$T/heard.err" 3>&- &
	STARTED+=("$!")
	exec {TO}>"$T/to"
	until_ok has_logged 'joined as alice'
	say "$TO" 'hello from %s\n' "$1"
	until_ok has_line "$T/copy" "hello from $1"
	echo "hello, $1" | chat-send -k "$T/bob" "$ROOM"
	until_ok has_line "$T/heard" "hello, $1"
	hang_up "$TO"
}

@test "openssl s_client in a room with keys" {
	chats openssl s_client -connect "$ROOM" -tls1_3 -psk_identity alice \
	    -psk "$(hex alice)" -quiet -no_ign_eof
}

@test "gnutls-cli in a room with keys" {
	chats gnutls-cli -p "$PORT" 127.0.0.1 --pskusername alice \
	    --pskkey "$(hex alice)" \
	    --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:+ECDHE-PSK
}

@test "stunnel and nc in a room with keys" {
	mkdir "$T/s"
	cat >"$T/stunnel.conf" <<-END
		foreground = yes
		pid =
		[room]
		client = yes
		accept = $T/s/plain
		connect = $ROOM
		PSKsecrets = $T/alice
		PSKidentity = alice
		sslVersionMin = TLSv1.3
	END
	start stunnel "$T/stunnel.conf" 2>"$T/stunnel.log"
	until_ok listens_at "$T/s/plain"
	chats nc -U "$T/s/plain"
}

# refused REASON COMMAND...: a stranger's program is refused for that reason,
# which is the room's alone, and now.
refused() {
	local reason=$1 before
	shift
	count "$T/log" ": $reason\$"
	before=$COUNT
	run timeout 20 "$@" </dev/null
	echo "$output"
	until_ok has_logged_more "$reason" "$before"
	run ! has_logged 'joined as alice'
}

has_logged_more() {
	count "$T/log" ": $1\$"
	[ "$COUNT" -gt "$2" ]
}

@test "strangers that are refused, and why" {
	refused 'it offers no key' openssl s_client -connect "$ROOM" -tls1_3
	# A key without Diffie-Hellman is none, and there are two groups for that.
	refused 'it offers no key' gnutls-cli -p "$PORT" 127.0.0.1 \
	    --pskusername alice --pskkey "$(hex alice)" \
	    --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK
	refused 'no common encryption: alice' openssl s_client \
	    -connect "$ROOM" -tls1_3 -psk_identity alice -psk "$(hex alice)" \
	    -groups P-521
	refused 'no common encryption' openssl s_client -connect "$ROOM" \
	    -tls1_3 -psk_identity alice -psk "$(hex alice)" \
	    -ciphersuites TLS_AES_256_GCM_SHA384
	refused 'it does not speak TLS 1.3' openssl s_client \
	    -connect "$ROOM" -tls1_2
	refused 'key rejected: nobody' openssl s_client -connect "$ROOM" \
	    -tls1_3 -psk_identity nobody -psk "$(hex alice)"
	refused 'key rejected: alice\^J\^\[\[31m' openssl s_client \
	    -connect "$ROOM" -tls1_3 -psk_identity $'alice\n\e[31m' \
	    -psk "$(hex alice)"
}

@test "a scan that goes away in the middle" {
	dial
	say "$FD" '\026\003\001'
	hang_up "$FD"
	until_ok has_logged 'connection cut during the handshake'
}

# start_s_server OPTION...: openssl's own, its address is $ROOM.
start_s_server() {
	mkfifo "$T/server.in"
	exec {SERVER}<>"$T/server.in"
	openssl s_server -accept 127.0.0.1:0 "$@" <"$T/server.in" \
	    >"$T/server" 2>"$T/server.err" 3>&- &
	STARTED+=("$!")
	until_ok matches "$T/server" '^ACCEPT'
	ROOM=$(sed -n 's/^ACCEPT //p' "$T/server" | head -n 1)
}

@test "chat in openssl s_server" {
	start_s_server -tls1_3 -nocert -psk_identity alice -psk "$(hex alice)"
	mkfifo "$T/to"
	exec {TO}<>"$T/to"
	chat -k "$T/alice" "$ROOM" <"$T/to" >"$T/heard" 2>"$T/err" 3>&- &
	STARTED+=("$!")
	until_ok grep -aq $'\001chat' "$T/server"
	say "$SERVER" '\001ok 0\nhello from s_server\n'
	until_ok has_line "$T/heard" 'hello from s_server'
	say "$TO" 'hello, server\n'
	until_ok has_line "$T/server" 'hello, server'
	hang_up "$TO"
}

# The man in the middle has a certificate, as good as any, and no key.
@test "a certificate instead of the key is refused by every client" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$T/mitm.key" -out "$T/mitm.pem" -days 2 \
	    -subj /CN=localhost 2>/dev/null
	start_s_server -tls1_3 -key "$T/mitm.key" -cert "$T/mitm.pem"
	local program
	for program in chat chat-send chat-recv; do
		run -2 timeout 20 "$program" -k "$T/alice" "$ROOM" <<<secret
		echo "$output"
		[ "$output" = "$program: $ROOM: not the room: it presents a \
certificate and does not have the key" ]
	done
	run ! grep -a secret "$T/server"
}

@test "TLS 1.2 is refused by every client" {
	start_s_server -tls1_2 -nocert -psk "$(hex alice)"
	local program
	for program in chat chat-send chat-recv; do
		run -2 timeout 20 "$program" -k "$T/alice" "$ROOM" </dev/null
		[ "$output" = "$program: $ROOM: not a chat room: it does not \
speak TLS 1.3" ]
	done
}

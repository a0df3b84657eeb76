/*
 * lib/tls.h, below lib/conn.h: an encrypted connection over a pair of sockets
 */
#include <sys/socket.h>

#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conn.h"
#include "key.h"
#include "lazy/openssl.h"
#include "tls.h"
#include "unit.h"

#define BIG	(1024 * 1024)

static struct key alice = { .name = "alice", .len = 32, .number = 7 };
static struct tls_context *client_context, *room_context;
static struct conn client, room;
static char big[BIG], copy[BIG];

/* These tests look into OpenSSL, so they are linked with it, and there is
 * nothing to load. */
const char *
openssl_load(void)
{
	return NULL;
}

static const struct key *
find(void *arg, const char *name)
{
	const struct key *key = arg;

	return strcmp(name, key->name) == 0 ? key : NULL;
}

static void
connect_with(const struct key *key)
{
	const char *why;
	int pair[2];
	size_t i;

	for (i = 0; i < sizeof(big); i++)
		big[i] = (char)unit_random(256);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(conn_init(&client, pair[0]) == 0);
	CHECK(conn_init(&room, pair[1]) == 0);
	client_context = tls_for_client(key, &why);
	room_context = tls_for_room(find, &alice, &why);
	CHECK(client_context != NULL && room_context != NULL);
	CHECK(conn_secure(&client, client_context) == 0);
	CHECK(conn_start_reading(&client) == 0);
	CHECK(conn_secure(&room, room_context) == 0);
}

/* Both sides in turn. Returns how it ends for the client. */
static enum tls_step
shake(enum tls_step *rooms)
{
	enum tls_step one = TLS_GOES_ON, other = TLS_GOES_ON;
	int i;

	for (i = 0; i < 10; i++) {
		if (one == TLS_GOES_ON)
			one = conn_handshake(&client);
		if (other == TLS_GOES_ON)
			other = conn_handshake(&room);
	}
	*rooms = other;
	return one;
}

static void
begin(void)
{
	enum tls_step rooms;

	CHECK(conn_events(&client, true, false) == POLLOUT);
	CHECK(shake(&rooms) == TLS_DONE && rooms == TLS_DONE);
	CHECK(conn_events(&client, true, false) == POLLIN);
}

static void
set_up(void)
{
	connect_with(&alice);
	begin();
}

static void
tear_down(void)
{
	if (client.fd != -1)
		conn_close(&client);
	if (room.fd != -1)
		conn_close(&room);
	tls_context_free(client_context);
	tls_context_free(room_context);
}

/* What OpenSSL has of a connection: the first thing there is in it. */
static SSL *
inside(const struct conn *c)
{
	SSL *ssl;

	memcpy(&ssl, c->tls, sizeof(ssl));
	return ssl;
}

static ssize_t
put(struct conn *c, const void *buf, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };

	return conn_writev(c, &iov, 1);
}

static void
reads(struct conn *c, const char *want)
{
	char buf[256];
	ssize_t n = conn_read(c, buf, sizeof(buf));

	CHECK_IN(n == (ssize_t)strlen(want), "%zd", n);
	CHECK(memcmp(buf, want, (size_t)n) == 0);
}

static void
would_block(struct conn *c)
{
	char byte;

	CHECK(conn_read(c, &byte, 1) == -1 && errno == EAGAIN);
}

static void
known(void)
{
	set_up();
	CHECK_STR(tls_claim(room.tls), "alice");
	CHECK(tls_number(room.tls) == 7);
	CHECK(put(&client, "hello\n", 6) == 6);
	reads(&room, "hello\n");
	CHECK(put(&room, "hello, alice\n", 13) == 13);
	reads(&client, "hello, alice\n");
	would_block(&client);
	would_block(&room);
	tear_down();
}

/* Neither side learns from the other which of the two it was. */
static void
rejected(void)
{
	struct key wrong = alice, unknown = alice;
	const struct key *keys[] = { &wrong, &unknown };
	enum tls_step rooms;
	size_t i;

	wrong.bytes[31] ^= 1;
	memcpy(unknown.name, "mallory", 8);
	for (i = 0; i < 2; i++) {
		connect_with(keys[i]);
		CHECK(shake(&rooms) == TLS_REFUSED && rooms == TLS_REFUSED);
		CHECK_STR(conn_why(&client), "key rejected: the room does not "
		    "know this name with this key");
		CHECK_STR(conn_why(&room), "key rejected");
		CHECK_STR(tls_claim(room.tls), keys[i]->name);
		tear_down();
	}
}

/* Random bytes in pieces of any size, as far as the socket takes them: what is
 * said to be written arrives, all of it, in order. */
static void
full_socket(void)
{
	struct iovec iov[3];
	size_t sent = 0, got = 0, part, i;
	bool blocked = false;
	ssize_t n;

	set_up();
	while (got < BIG) {
		for (i = 0, part = sent; i < 3; i++) {
			iov[i].iov_base = big + part;
			iov[i].iov_len = (BIG - part) / (i == 2 ? 1 : 9);
			if (iov[i].iov_len > 70000)
				iov[i].iov_len = unit_random(70000);
			part += iov[i].iov_len;
		}
		n = sent == BIG ? conn_flush(&client) :
		    conn_writev(&client, iov, 3);
		CHECK(n >= 0 || errno == EAGAIN);
		CHECK(n <= TLS_WRITE_MAX + 16384);
		sent += n > 0 ? (size_t)n : 0;
		if (conn_unsent(&client)) {
			blocked = true;
			CHECK(conn_events(&client, false, false) == POLLOUT);
		}
		n = conn_read(&room, copy + got, unit_random(50000) + 1);
		CHECK(n > 0 || errno == EAGAIN);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK(blocked && sent == BIG && memcmp(big, copy, BIG) == 0);
	CHECK(!conn_unsent(&client) && !conn_more(&room));
	tear_down();
}

/* Fill the socket: then a record is still inside. */
static size_t
fill(struct conn *c)
{
	size_t sent = 0;
	ssize_t n;

	while (!conn_unsent(c)) {
		n = put(c, big + sent, 4000);
		CHECK(n == 4000);
		sent += 4000;
	}
	CHECK(put(c, big + sent, 4000) == -1 && errno == EAGAIN);
	return sent;
}

/* All that was written comes first, then the end. */
static void
ends_blocked(void)
{
	size_t got = 0, sent;
	ssize_t n;

	set_up();
	sent = fill(&client);
	CHECK(conn_shutdown(&client) == 0);
	CHECK(conn_unsent(&client));
	CHECK(put(&client, "x", 1) == -1 && errno == EPIPE);
	while ((n = conn_read(&room, copy + got, BIG - got)) != 0) {
		CHECK(n > 0 || errno == EAGAIN);
		got += n > 0 ? (size_t)n : 0;
		(void)conn_flush(&client);
	}
	CHECK(got == sent && memcmp(big, copy, sent) == 0);
	CHECK(!conn_unsent(&client));
	CHECK(conn_read(&room, copy, 1) == 0);
	/* The other half still goes on. */
	CHECK(put(&room, "bye\n", 4) == 4);
	reads(&client, "bye\n");
	tear_down();
}

/* An end that comes with data is seen, though poll knows of nothing. */
static void
end_ahead(void)
{
	set_up();
	CHECK(put(&client, "last\n", 5) == 5);
	CHECK(conn_shutdown(&client) == 0);
	reads(&room, "last\n");
	CHECK(conn_more(&room));
	CHECK(conn_read(&room, copy, 1) == 0);
	CHECK(!conn_more(&room));
	tear_down();
}

static void
truncated(void)
{
	set_up();
	CHECK(put(&client, "half", 4) == 4);
	CHECK(shutdown(client.fd, SHUT_WR) == 0);
	reads(&room, "half");
	CHECK(conn_read(&room, copy, 1) == -1 && errno == EPROTO);
	CHECK_STR(conn_why(&room), "the connection was cut off");
	tear_down();
}

static void
changed(void)
{
	set_up();
	CHECK(put(&client, "hello\n", 6) == 6);
	CHECK(read(room.fd, copy, 28) == 28);
	copy[27] ^= 1;
	CHECK(write(client.fd, copy, 28) == 28);
	CHECK(conn_read(&room, copy, 1) == -1 && errno == EPROTO);
	CHECK_STR(conn_why(&room), "the data received was modified on its way");
	tear_down();
}

/* Three bytes of a record are no reason to look again and again. */
static void
part_of_a_record(void)
{
	set_up();
	CHECK(put(&client, "hello\n", 6) == 6);
	CHECK(read(room.fd, copy, 28) == 28);
	CHECK(write(client.fd, copy, 3) == 3);
	would_block(&room);
	CHECK(!conn_more(&room));
	CHECK(write(client.fd, copy + 3, 10) == 10);
	would_block(&room);
	CHECK(!conn_more(&room));
	CHECK(write(client.fd, copy + 13, 15) == 15);
	reads(&room, "hello\n");
	tear_down();
}

static void
more(void)
{
	set_up();
	CHECK(put(&client, "hello\n", 6) == 6);
	CHECK(conn_read(&room, copy, 2) == 2 && conn_more(&room));
	CHECK(conn_read(&room, copy, 3) == 3 && conn_more(&room));
	CHECK(conn_read(&room, copy, 1) == 1 && !conn_more(&room));
	tear_down();
}

/* One call reads no more than so many records, however small they are. */
static void
small_records(void)
{
	int i;

	set_up();
	for (i = 0; i < TLS_RECORDS_MAX + 10; i++)
		CHECK(put(&client, "x", 1) == 1);
	CHECK(conn_read(&room, copy, BIG) == TLS_RECORDS_MAX);
	CHECK(conn_read(&room, copy, BIG) == 10);
	tear_down();
}

/* Who sends new keys without end is read one at a time. */
static void
new_keys(void)
{
	int i;

	set_up();
	for (i = 0; i < 100; i++) {
		CHECK(SSL_key_update(inside(&client),
		    SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
		CHECK(SSL_do_handshake(inside(&client)) == 1);
	}
	CHECK(put(&client, "hello\n", 6) == 6);
	for (i = 0; i < 100; i++)
		would_block(&room);
	reads(&room, "hello\n");
	tear_down();
}

/*
 * A new key that is asked for has to go out before anything else. If there's no
 * space for it, nothing else counts as taken.
 */
static void
new_key_blocked(void)
{
	size_t got = 0, sent;
	ssize_t n;

	set_up();
	sent = fill(&room);
	CHECK(SSL_key_update(inside(&client), SSL_KEY_UPDATE_REQUESTED) == 1);
	CHECK(SSL_do_handshake(inside(&client)) == 1);
	would_block(&room);
	/* Space for the rest of the record, but for no more. */
	while (conn_flush(&room) == -1) {
		n = conn_read(&client, copy + got, 1);
		CHECK(n == 1 || errno == EAGAIN);
		got += n == 1;
	}
	while (sent < BIG || conn_unsent(&room)) {
		n = sent == BIG ? conn_flush(&room) :
		    put(&room, big + sent, BIG - sent < 5000 ? BIG - sent :
		    5000);
		CHECK(n >= 0 || errno == EAGAIN);
		if (n > 0)
			sent += (size_t)n;
		if (n > 0 && !conn_unsent(&room))
			continue;
		n = conn_read(&client, copy + got, BIG - got);
		CHECK(n > 0 || errno == EAGAIN);
		got += n > 0 ? (size_t)n : 0;
	}
	while (got < BIG) {
		n = conn_read(&client, copy + got, BIG - got);
		CHECK(n > 0 || errno == EAGAIN);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK(memcmp(big, copy, BIG) == 0);
	tear_down();
}

/* Whoever asks for new keys and reads nothing makes the other one wait, not
 * work: for space, and for as many as it likes. */
static void
asks(void)
{
	CHECK(SSL_key_update(inside(&client), SSL_KEY_UPDATE_REQUESTED) == 1);
	CHECK(put(&client, "hello\n", 6) == 6);
}

static void
waits(void)
{
	would_block(&room);
	CHECK(conn_events(&room, true, false) == POLLOUT);
	CHECK(!conn_more(&room));
}

static void
new_key_unread(void)
{
	static const char block[4096];
	size_t got = 0;
	ssize_t n;
	int i;

	/* A record is blocked, and two new keys are asked for. */
	set_up();
	fill(&room);
	asks();
	asks();
	would_block(&room);
	for (i = 0; i < 3; i++)
		waits();
	while (got < 12) {
		CHECK(conn_read(&client, big, BIG) > 0 || errno == EAGAIN);
		CHECK(conn_flush(&room) == 0 || errno == EAGAIN);
		n = conn_read(&room, copy + got, 12 - got);
		CHECK(n > 0 || errno == EAGAIN);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK(memcmp(copy, "hello\nhello\n", 12) == 0);
	tear_down();
	/* The socket is full, and the first new key itself is blocked. */
	set_up();
	while (write(room.fd, block, sizeof(block)) > 0 ||
	    write(room.fd, block, 1) > 0)
		;
	asks();
	asks();
	would_block(&room);
	reads(&room, "hello\n");
	for (i = 0; i < 3; i++)
		waits();
	tear_down();
}

/* Whoever wants short records gets all, and nothing but, what was said to it:
 * the place where records are made is everybody's. */
static void
short_records(void)
{
	size_t sent = 0, got = 0;
	ssize_t n;

	connect_with(&alice);
	CHECK(SSL_set_tlsext_max_fragment_length(inside(&client),
	    TLSEXT_max_fragment_length_512) == 1);
	begin();
	while (got < BIG) {
		n = sent == BIG ? conn_flush(&room) :
		    put(&room, big + sent, BIG - sent);
		CHECK(n >= 0 || errno == EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
		n = conn_read(&client, copy + got, BIG - got);
		CHECK(n > 0 || errno == EAGAIN);
		got += n > 0 ? (size_t)n : 0;
	}
	CHECK(sent == BIG && memcmp(big, copy, BIG) == 0);
	tear_down();
}

const struct test tls_tests[] = {
	{ "a name, a key, and words in both directions", known },
	{ "a wrong key and an unknown name look the same", rejected },
	{ "a socket that is full, and pieces of any size", full_socket },
	{ "an end behind a record that didn't fit", ends_blocked },
	{ "an end right behind data", end_ahead },
	{ "an end that nobody has announced is an error", truncated },
	{ "what was changed on its way is an error", changed },
	{ "parts of a record", part_of_a_record },
	{ "what poll doesn't know of", more },
	{ "many small records", small_records },
	{ "new keys without end", new_keys },
	{ "a new key that doesn't fit", new_key_blocked },
	{ "new keys for one that doesn't read", new_key_unread },
	{ "records as short as the other one wants them", short_records },
	{ NULL, NULL }
};

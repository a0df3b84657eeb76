/*
 * chatd/intake.h: from a client's bytes to lines in the room
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "core/ratelimit.h"
#include "core/server.h"
#include "door/peer.h"
#include "intake.h"
#include "line.h"
#include "room/ring.h"
#include "unit.h"

#define FIRST	1000			/* number of the room's first line */

static struct server server;
static struct client *client;
static int other_end;
static const char *person;		/* whose lines get that name, or NULL */

static void
set_up(void)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	int pair[2];

	memset(&server, 0, sizeof(server));
	server.ring = ring_new(RING_SIZE_MIN, FIRST);
	server.buf = malloc(LINE_KEEP + SERVER_READ + 1);
	CHECK(server.ring != NULL && server.buf != NULL);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	client = client_new(pair[0], &sa, NULL, 1);
	CHECK(client != NULL);
	server.config.named = person != NULL;
	server.named_lines = malloc(RING_APPEND_MAX);
	RB_INIT(&server.persons);
	CHECK(server.named_lines != NULL && (person == NULL ||
	    person_enter(&server.persons, client, person) == 0));
	client_jump(client, server.ring, server.ring->head);
	other_end = pair[1];
}

static void
tear_down(void)
{
	if (other_end != -1)
		close(other_end);
	person_leave(&server.persons, client);
	client_free(client);
	free(server.named_lines);
	ring_free(server.ring);
	free(server.buf);
}

static void
send_bytes(const char *s, size_t len)
{
	CHECK(write(other_end, s, len) == (ssize_t)len);
	while (len > 0) {
		size_t n = len < SERVER_READ ? len : SERVER_READ;

		intake_read(&server, client);
		len -= n;
	}
}

static void
send_end(void)
{
	CHECK(close(other_end) == 0);
	other_end = -1;
	intake_read(&server, client);
}

/* Everything that was said in the room. */
static const char *
said(void)
{
	static char buf[RING_SIZE_MIN + 1];
	const struct ring *r = server.ring;
	struct iovec iov[2];
	size_t len = 0;
	int i, n = ring_iov(r, r->base, r->head, iov);

	for (i = 0; i < n; i++) {
		memcpy(buf + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	buf[len] = '\0';
	return buf;
}

/* The control lines that wait for the client. */
static const char *
answers(void)
{
	static char buf[4 * CLIENT_OUT_MAX];

	CHECK(client->outlen < sizeof(buf));
	if (client->outlen > 0)
		memcpy(buf, client->out, client->outlen);
	buf[client->outlen] = '\0';
	return buf;
}

/* What comes of a stream, whole and split at every byte across two reads. */
static void
check(const char *stream, size_t len, const char *room, const char *answer,
    uint64_t lines)
{
	size_t at;

	for (at = 0; at <= len; at++) {
		set_up();
		if (at > 0)
			send_bytes(stream, at);
		if (at < len)
			send_bytes(stream + at, len - at);
		send_end();
		CHECK_STR(said(), room);
		CHECK_STR(answers(), answer);
		CHECK_IN(client->lines == lines, "%llu, split at %zu",
		    (unsigned long long)client->lines, at);
		CHECK_IN(client->state == CLIENT_LEAVING, "split at %zu", at);
		tear_down();
	}
}

static void
streams(void)
{
	static const struct {
		const char	*stream;
		const char	*room;
		const char	*answers;
		uint64_t	 lines;
	} table[] = {
		{ "", "", "", 0 },
		{ "hi\n", "hi\n", "", 1 },
		{ "\n\r\n\n", "\n\n\n", "", 3 },
		{ "one\r\ntwo\nthree\r\n", "one\ntwo\nthree\n", "", 3 },
		{ "caf\xc3\xa9\n\xf0\x9f\x98\x80\n",
		    "caf\xc3\xa9\n\xf0\x9f\x98\x80\n", "", 2 },
		/* A line that is refused costs only itself. */
		{ "a\ncaf\xe9\nb\n\x1b[2J\nc\n", "a\nb\nc\n",
		    "\001error 2 not UTF-8 at byte 4 (0xe9)\n"
		    "\001error 4 control character U+001B at byte 1\n", 5 },
		{ "a\rb\nc\r\r\nd\n", "d\n",
		    "\001error 1 control character U+000D at byte 2\n"
		    "\001error 2 control character U+000D at byte 2\n", 3 },
		{ "x\001y\n", "",
		    "\001error 1 control character U+0001 at byte 2\n", 1 },
		/* A last line without its LF: from a plain client only. */
		{ "one\ntwo", "one\ntwo\n", "", 2 },
		{ "two\r", "two\n", "", 1 },
		{ "caf\xc3", "",
		    "\001error 1 not UTF-8 at byte 4 (0xc3)\n", 1 },
		{ "\001send\none\ntwo", "one\n", "\001ok 0\n", 1 },
		{ "\001chat\none", "", "\001ok 0\n\001at 1000\n", 0 },
		/* Roles. */
		{ "\001send\n", "", "\001ok 0\n", 0 },
		{ "\001 send\r\nhi\n", "hi\n", "\001ok 0\n", 1 },
		{ "\001chat last=5 times\nhi\n", "hi\n",
		    "\001ok 0\n\001at 1000\n", 1 },
		{ "\001recv from=7\n", "", "\001lost ?\n\001at 1000\n", 0 },
		{ "\001recv from=1000\n", "", "\001at 1000\n", 0 },
		{ "\001recv\nhi\n\xff\n", "", "\001at 1000\n"
		    "\001error 1 you only listen\n"
		    "\001error 2 you only listen\n", 2 },
		{ "\001send session=abc\nhi\n", "hi\n", "\001error 0 this "
		    "room keeps no sessions\n\001ok 0 new\n", 1 },
		{ "\001send x\nhi\n", "hi\n",
		    "\001error 0 unknown word: x\n\001ok 0\n", 1 },
		{ "\001chat a session=x presence b\n", "",
		    "\001error 0 unknown word: a\n"
		    "\001error 0 unknown word: b\n"
		    "\001error 0 this room keeps no sessions\n"
		    "\001error 0 this room does not name its speakers: "
		    "presence\n"
		    "\001ok 0 new\n\001at 1000\n", 0 },
		{ "\001chat session=x presence 1 2 3 4 5 6 7\n", "",
		    "\001error 0 unknown word: 1\n\001error 0 unknown word: "
		    "2\n\001error 0 unknown word: 3\n\001error 0 unknown "
		    "word: 4\n\001error 0 unknown word: 5\n\001error 0 "
		    "unknown word: 6\n\001error 0 unknown word: 7\n"
		    "\001error 0 this room keeps no sessions\n"
		    "\001ok 0 new\n\001at 1000\n", 0 },
		{ "\001recv presence\n", "", "\001error 0 this room does not "
		    "name its speakers: presence\n\001at 1000\n", 0 },
		{ "\001who\nhi\n\001who x\n", "hi\n", "\001error 0 this room "
		    "does not name its speakers: who\n\001error 0 unknown "
		    "word: x\n"
		    "\001error 0 this room does not name its speakers: who\n",
		    1 },
		{ "\001who 1 2 3 4 5 6 7 8\n", "", "\001error 0 unknown word: "
		    "1\n\001error 0 unknown word: 2\n\001error 0 unknown "
		    "word: 3\n\001error 0 unknown word: 4\n\001error 0 "
		    "unknown word: 5\n\001error 0 unknown word: 6\n"
		    "\001error 0 unknown word: 7\n"
		    "\001error 0 unknown word: 8\n", 0 },
		{ "\001you bob\n\001join x\n\001here\n\001part\nhi\n", "hi\n",
		    "", 1 },
		{ "\001what\nhi\n", "hi\n",
		    "\001error 0 unknown word: what\n", 1 },
		{ "\001\nhi\n", "hi\n", "\001error 0 unknown word: \n", 1 },
		{ "hi\n\001send\nyou\n", "hi\nyou\n", "\001error 0 "
		    "only the first line can be a control line\n", 2 },
		{ "\001send\n\001recv\nhi\n", "hi\n", "\001ok 0\n\001error 0 "
		    "only the first line can be a control line\n", 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		check(table[i].stream, strlen(table[i].stream), table[i].room,
		    table[i].answers, table[i].lines);
}

/* With a name, which nothing that is sent can take off or forge. */
static void
named_streams(void)
{
	static const struct {
		const char	*stream;
		const char	*room;
		const char	*answers;
		uint64_t	 lines;
	} table[] = {
		{ "", "", "", 0 },
		{ "\n\r\nhi", "al: \nal: \nal: hi\n", "", 3 },
		{ "bob: hi\n-- bob is here\n", "al: bob: hi\n"
		    "al: -- bob is here\n", "", 2 },
		{ "a\rbob: b\n\001join bob\nc\n", "al: c\n",
		    "\001error 1 control character U+000D at byte 2\n", 2 },
		{ "x\xe2\x80\xa8" "bob: y\n", "al: x\xe2\x80\xa8" "bob: y\n",
		    "", 1 },
		{ "\001send\r\none\n\xff\ntwo\nthree", "al: one\nal: two\n",
		    "\001you al\n\001ok 0\n"
		    "\001error 2 not UTF-8 at byte 1 (0xff)\n", 3 },
		{ "\001chat\none\n", "al: one\n",
		    "\001you al\n\001ok 0\n\001at 1000\n", 1 },
		{ "\001send presence\n\001who\n", "", "\001error 0 only for "
		    "clients that listen: presence\n\001you al\n\001ok 0\n"
		    "\001error 0 only for clients that listen: who\n", 0 },
		{ "one\n\001who\ntwo\n", "al: one\nal: two\n", "", 2 },
	};
	size_t i;

	person = "al";
	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		check(table[i].stream, strlen(table[i].stream), table[i].room,
		    table[i].answers, table[i].lines);
}

static void
nul(void)
{
	check("a\0b\nc\n", 6, "c\n",
	    "\001error 1 control character U+0000 at byte 2\n", 2);
	check("\001send\0\nc\n", 9, "c\n",
	    "\001error 0 the control line is not printable ASCII\n", 1);
}

static void
lengths(void)
{
	static char stream[5000], want[5000];
	size_t len;

	for (len = 4094; len <= 4097; len++) {
		memset(stream, 'x', len);
		strlcpy(stream + len, "\nb\n", sizeof(stream) - len);
		strlcpy(want, len <= 4095 ? stream : "b\n", sizeof(want));
		check(stream, len + 3, want, len <= 4095 ? "" :
		    "\001error 1 longer than 4095 bytes\n", 2);
	}
	stream[0] = '\001';
	check(stream, len + 2, "b\n",
	    "\001error 0 the control line is too long\n", 1);
}

static void
endless_line(void)
{
	static char part[RING_SIZE_MIN / 2];
	int i;

	set_up();
	memset(part, 'x', sizeof(part));
	for (i = 0; i < 200; i++) {
		send_bytes(part, sizeof(part));
		CHECK(client->inlen == 0);
	}
	CHECK_STR(answers(), "");
	CHECK(client->lines == 0);
	send_bytes("\nhi\n", 4);
	CHECK_STR(said(), "hi\n");
	CHECK_STR(answers(), "\001error 1 longer than 4095 bytes\n");
	CHECK(client->lines == 2);
	tear_down();
}

/* It ends after begin and many an x. */
static void
long_end(const char *begin, const char *answer, uint64_t lines)
{
	static char part[2 * LINE_SIZE];

	set_up();
	memset(part, 'x', sizeof(part));
	send_bytes(begin, strlen(begin));
	send_bytes(part, sizeof(part));
	send_end();
	CHECK_STR(answers(), answer);
	CHECK(client->lines == lines);
	CHECK(client->state == CLIENT_LEAVING);
	tear_down();
}

/* As any other line without an LF: it counts if a plain client said it. */
static void
long_ends(void)
{
	long_end("", "\001error 1 longer than 4095 bytes\n", 1);
	long_end("hi\n", "\001error 2 longer than 4095 bytes\n", 2);
	long_end("\001send\nhi\n", "\001ok 0\n", 1);
	long_end("\001recv\n", "\001at 1000\n", 0);
	long_end("\001recv ", "", 0);
}

/* Half a line of one that was cut off isn't what it wanted to say. */
static void
cut_off(void)
{
	set_up();
	send_bytes("one\ntw", 6);
	client_mute(client, ECONNRESET);
	send_end();
	CHECK_STR(said(), "one\n");
	tear_down();
	set_up();
	send_bytes("one\ntwo\r", 8);
	client_mute(client, EPIPE);
	send_end();
	CHECK_STR(said(), "one\ntwo\n");
	tear_down();
}

/* Read what waits for the client, as if it had been flushed. */
static void
take_answers(char *heard, size_t size)
{
	strlcat(heard, answers(), size);
	free(client->out);
	client->out = NULL;
	client->outlen = 0;
}

static void
many_refused(void)
{
	static char heard[200000], want[200000];
	char line[64], stream[3 * 2000 + 1] = "";
	int i;

	set_up();
	for (i = 1; i <= 2000; i++) {
		strlcat(stream, i == 1000 ? "ok\n" : "\xff\n", sizeof(stream));
		snprintf(line, sizeof(line), "\001error %d not UTF-8 at "
		    "byte 1 (0xff)\n", i);
		if (i != 1000)
			strlcat(want, line, sizeof(want));
	}
	send_bytes(stream, strlen(stream));
	/* It must read why before more is taken from it. */
	CHECK(client->stalled && client->outlen > CLIENT_OUT_MAX &&
	    client->outlen < CLIENT_OUT_MAX + CTL_SIZE);
	CHECK(!intake_wanted(&server, client));
	for (i = 0; client->stalled; i++) {
		CHECK_IN(i < 100, "no end");
		intake_resume(&server, client);
		CHECK(client->stalled);
		take_answers(heard, sizeof(heard));
		intake_resume(&server, client);
	}
	CHECK(i > 5);
	take_answers(heard, sizeof(heard));
	CHECK_STR(heard, want);
	CHECK_STR(said(), "ok\n");
	CHECK(client->lines == 2000 && client->inlen == 0);
	tear_down();
}

/* A sender waits while the room is full, and nothing is lost meanwhile. */
static void
full_room(void)
{
	static char heard[2000000], want[2000000], in[500000];
	size_t sent = 0, len = 0, inlen = 0, size;
	char line[128];
	ssize_t n;
	int i;

	set_up();
	heard[0] = '\0';
	CHECK(fcntl(other_end, F_SETFL, O_NONBLOCK) == 0);
	for (i = 0; inlen < sizeof(in) - sizeof(line); i++) {
		/* Empty ones are what grows most by a name. */
		size = (size_t)snprintf(line, sizeof(line), i % 3000 < 999 ?
		    "\n" : "%d %.*s\n", i, i * 7 % 100,
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		memcpy(in + inlen, line, size);
		inlen += size;
		len += (size_t)snprintf(want + len, sizeof(want) - len,
		    "%s%s%s", person == NULL ? "" : person,
		    person == NULL ? "" : ": ", line);
	}
	CHECK(len < sizeof(want));
	while (client->lines < (uint64_t)i) {
		n = write(other_end, in + sent, inlen - sent);
		sent += n > 0 ? (size_t)n : 0;
		if (intake_wanted(&server, client)) {
			intake_read(&server, client);
			CHECK(client->state < CLIENT_LEAVING);
			continue;
		}
		CHECK(ring_space(server.ring) < INTAKE_MIN || client->stalled);
		strlcat(heard, said(), sizeof(heard));
		ring_release(server.ring, server.ring->head);
		intake_resume(&server, client);
	}
	strlcat(heard, said(), sizeof(heard));
	CHECK(strlen(heard) == len && memcmp(heard, want, len) == 0);
	CHECK(server.ring->next == FIRST + (uint64_t)i);
	CHECK(server.count.lines == (uint64_t)i && server.count.bytes == len);
	tear_down();
}

/* Fill the room until a sender has to wait. */
static void
fill_room(void)
{
	char line[LINE_SIZE];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	while (ring_space(server.ring) >= INTAKE_MIN)
		CHECK(ring_append(server.ring, 99, 0, line, sizeof(line), 1));
}

/* What needs no space is taken, and a message waits: one line, no more. */
static void
words_in_full_room(void)
{
	uint64_t next;

	set_up();
	fill_room();
	next = server.ring->next;
	send_bytes("\001send\n", 6);
	CHECK_STR(answers(), "\001ok 0\n");
	send_bytes("\001who\n", 5);
	CHECK_STR(answers(), "\001ok 0\n"
	    "\001error 0 this room does not name its speakers: who\n");
	CHECK(intake_wanted(&server, client) && !client->stalled);
	send_bytes("hi\n\001who\n", 8);
	CHECK(client->stalled && client->inlen == 8 && client->lines == 0);
	CHECK(!intake_wanted(&server, client));
	CHECK(intake_starves(&server, client, false));
	intake_resume(&server, client);
	CHECK(client->stalled && server.ring->next == next);
	ring_release(server.ring, server.ring->head);
	intake_resume(&server, client);
	CHECK(!client->stalled && !intake_starves(&server, client, true));
	CHECK(client->lines == 1 && client->inlen == 0);
	CHECK_STR(said(), "hi\n");
	tear_down();
}

/* Also not what its space would do for: that is for whose turn it is. */
static void
late_in_full_room(void)
{
	set_up();
	fill_room();
	CHECK(ring_space(server.ring) > LINE_SIZE);
	send_bytes("hi\n", 3);
	CHECK(client->stalled && client->lines == 0 && client->spoke == false);
	tear_down();
}

static void
end_in_full_room(void)
{
	set_up();
	fill_room();
	send_bytes("\001send\n", 6);
	send_end();
	CHECK(client->eof && client->state == CLIENT_LEAVING);
	tear_down();
	set_up();
	fill_room();
	send_bytes("hi", 2);
	CHECK(client->stalled);
	tear_down();
}

static void
full_named_room(void)
{
	person = "somebody-with-a-very-long-name.1";
	CHECK(strlen(person) == PERSON_MAX);
	full_room();
}

/* The name doesn't count. */
static void
named_lengths(void)
{
	static char stream[4200], want[4200];

	person = "somebody-with-a-very-long-name.1";
	memset(stream, 'x', 4096);
	stream[4095] = '\n';
	snprintf(want, sizeof(want), "%s: %.4096s", person, stream);
	CHECK(strlen(want) == MESSAGE_SIZE);
	check(stream, 4096, want, "", 1);
	stream[4095] = 'x';
	check(stream, 4096, "", "\001error 1 longer than 4095 bytes\n", 1);
}

/* What a reader asks for of what was said before. */
static void
check_history(const char *hello, const char *answer, uint64_t number)
{
	set_up();
	server.ring->first -= 500;
	CHECK(ring_append(server.ring, 2, 1, "a\nb\nc\nd\n", 8, 4));
	ring_release(server.ring, 2);
	client->cursor = server.ring->head;
	send_bytes(hello, strlen(hello));
	CHECK_STR(answers(), answer);
	CHECK_IN(client->cursor == ring_position(server.ring, number) &&
	    !client->needs_at, "%s", hello);
	tear_down();
}

static void
history(void)
{
	check_history("\001recv\n", "\001at 1004\n", 1004);
	check_history("\001recv last=0\n", "\001at 1004\n", 1004);
	check_history("\001recv last=1\n", "\001at 1003\n", 1003);
	check_history("\001recv last=3\n", "\001at 1001\n", 1001);
	check_history("\001recv last=4\n", "\001at 1001\n", 1001);
	check_history("\001recv last=18446744073709551615\n", "\001at 1001\n",
	    1001);
	check_history("\001recv from=1002\n", "\001at 1002\n", 1002);
	check_history("\001recv from=1001\n", "\001at 1001\n", 1001);
	check_history("\001recv from=1000\n", "\001lost 1\n\001at 1001\n",
	    1001);
	check_history("\001recv from=500\n", "\001lost 501\n\001at 1001\n",
	    1001);
	check_history("\001recv from=1004\n", "\001at 1004\n", 1004);
	/* Numbers of another room's life. */
	check_history("\001recv from=499\n", "\001lost ?\n\001at 1004\n", 1004);
	check_history("\001recv from=1005\n", "\001lost ?\n\001at 1004\n",
	    1004);
}

/* Whether the rate limit holds for a client from an address, by default or if
 * it was asked for. */
static bool
is_held(bool remote, bool loopback, bool asked)
{
	struct peer peer = { .loopback = loopback };
	bool held;

	set_up();
	server.now = 1000000;
	server.config.limit = (struct ratelimit){ .rate = 10, .burst = 20 };
	server.config.limit_everywhere = asked;
	client->peer = remote ? &peer : NULL;
	send_bytes("1\n2\n3\n4\n5\n6\n7\n8\n9\n", 18);
	CHECK(intake_wanted(&server, client));
	send_bytes("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n", 27);
	held = !intake_wanted(&server, client);
	CHECK(client->lines == 21);
	if (held) {
		CHECK(intake_when(&server, client) == server.now + 200);
		server.now += 199;
		CHECK(!intake_wanted(&server, client));
		server.now++;
		CHECK(intake_wanted(&server, client));
	}
	tear_down();
	return held;
}

static void
rate_limit(void)
{
	CHECK(is_held(true, false, false) && is_held(true, false, true));
	CHECK(!is_held(true, true, false) && is_held(true, true, true));
	CHECK(!is_held(false, false, false) && !is_held(false, false, true));
}

/* What waits already is not paid for again, and is taken when it can be. */
static void
control_lines(void)
{
	char stream[3 * 500 + 6] = "";
	size_t i, total = 0;

	set_up();
	server.now = 1000000;
	for (i = 0; i < 500; i++)
		strlcat(stream, "\001x\n", sizeof(stream));
	strlcat(stream, "last\n", sizeof(stream));
	send_bytes(stream, strlen(stream));
	while (client->stalled) {
		CHECK_IN(total < 5000, "no end");
		free(client->out);
		client->out = NULL;
		client->outlen = 0;
		intake_resume(&server, client);
		server.now += 10;
		total++;
	}
	/* The first 200 at once, then one in 10 ms. */
	CHECK_IN(total >= 298 && total < 330, "%zu", total);
	CHECK_STR(said(), "last\n");
	CHECK(client->inlen == 0);
	tear_down();
}

/* What all have together is limited, and it counts for nobody who has ended
 * its line. */
static void
unfinished(void)
{
	set_up();
	server.unfinished = UNFINISHED_MAX - 10;
	send_bytes("\001send\nhi\n0123456789", 19);
	CHECK(server.unfinished == UNFINISHED_MAX && client->inlen == 10);
	send_bytes("\n", 1);
	CHECK(server.unfinished == UNFINISHED_MAX - 10);
	CHECK(client->unfinished == 0 && client->inlen == 0);
	send_bytes("0123456789x", 11);
	CHECK(client->state == CLIENT_LEAVING && client->inlen == 0);
	CHECK(client->bye == BYE_UNFINISHED);
	CHECK(server.unfinished == UNFINISHED_MAX - 10);
	CHECK_STR(said(), "hi\n0123456789\n");
	CHECK(client->lines == 2);
	tear_down();
}

const struct test intake_tests[] = {
	{ "streams of every kind, split at every byte", streams },
	{ "the same with a name before each line", named_streams },
	{ "NUL is refused", nul },
	{ "lines of 4094 to 4097 bytes, split at every byte", lengths },
	{ "a line without end keeps nothing, and counts at its end",
	    endless_line },
	{ "what is too long and has no LF", long_ends },
	{ "half a line of one that was cut off", cut_off },
	{ "one whose lines are refused must first read why", many_refused },
	{ "a sender waits while the room is full", full_room },
	{ "in a full room, roles and control lines are taken",
	    words_in_full_room },
	{ "in a full room, who comes late waits for its turn",
	    late_in_full_room },
	{ "in a full room, the end is seen", end_in_full_room },
	{ "whom the rate limit of lines holds for", rate_limit },
	{ "control lines are taken only so fast", control_lines },
	{ "unfinished lines of all are limited", unfinished },
	{ "the same where each line gets a name", full_named_room },
	{ "a name makes no line too long", named_lengths },
	{ "where a reader begins", history },
	{ NULL, NULL }
};

/*
 * chatd/door/sniff.h: what a browser says, and what people do
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/catchup.h"
#include "core/client.h"
#include "door/guard.h"
#include "core/server.h"
#include "door/sniff.h"
#include "line.h"
#include "room/ring.h"
#include "unit.h"

static bool
is_request(const char *text)
{
	return sniff_http(text, strlen(text));
}

static void
requests(void)
{
	static const char *const texts[] = {
		"GET / HTTP/1.1", "POST /a?b=c&d%20e HTTP/1.0",
		"HEAD / HTTP/2.0", "PRI * HTTP/2.0", "OPTIONS * HTTP/1.1",
		"VERSION-CONTROL /x HTTP/1.1", "M-SEARCH * HTTP/1.1",
		"CONNECT host:443 HTTP/1.1",
		"GET http://host:5555/ HTTP/1.1", "X / HTTP/9.9",
	};
	char line[64];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		(void)snprintf(line, sizeof(line), "%s\n", texts[i]);
		CHECK_IN(is_request(line), "%s", texts[i]);
		(void)snprintf(line, sizeof(line), "%s\r\nHost: x\r\n",
		    texts[i]);
		CHECK_IN(is_request(line), "%s", texts[i]);
		/* It has no end, so it may be anything yet. */
		CHECK_IN(!is_request(texts[i]), "%s", texts[i]);
	}
}

static void
messages(void)
{
	static const char *const texts[] = {
		"", "\n", "\r\n", " \n", "  \n", "GET\n", "GET \n", "GET /\n",
		"GET / \n", "GET well soon\n", "GET / HTTP/1.1 \n",
		"GET / HTTP/1.1\r\r\n", "GET / HTTP/1.12\n", "GET / HTTP/1.\n",
		"GET / HTTP/11\n", "GET / HTTP/x.1\n", "GET / HTTP/1.x\n",
		"GET / http/1.1\n", "GET / HTTPS/1.1\n", "GET  / HTTP/1.1\n",
		"GET /  HTTP/1.1\n", "GET / a HTTP/1.1\n", "GET /HTTP/1.1\n",
		" GET / HTTP/1.1\n", "\nGET / HTTP/1.1\n", " / HTTP/1.1\n",
		"\tGET / HTTP/1.1\n", "get / HTTP/1.1\n", "Get / HTTP/1.1\n",
		"\001send\nGET / HTTP/1.1\n", "WE SPEAK HTTP/1.1\n",
		"I like HTTP/1.1\n", "GET / HTTP/1.1, he said\n",
		"anna: GET / HTTP/1.1\n", "GET / HTTP/1.1\rx\n",
		"hello\nGET / HTTP/1.1\n", "GET /\nx HTTP/1.1\n",
		"GET\n/ HTTP/1.1\n",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK_IN(!is_request(texts[i]), "%s", texts[i]);
}

/* Only what there is of it is looked at: each cut is memory of its own. */
static void
cuts(void)
{
	static const char text[] = "POST /path HTTP/1.1\r\n\r\n";
	size_t len, lf = strcspn(text, "\n");
	char *cut;

	for (len = 0; len <= strlen(text); len++) {
		cut = malloc(len + (len == 0));
		CHECK(cut != NULL);
		memcpy(cut, text, len);
		CHECK_IN(sniff_http(cut, len) == (len > lf), "%zu bytes", len);
		free(cut);
	}
}

/* A line with a path that makes it len bytes, which all are in the buffer. */
static bool
long_request(const char *begin, size_t len, const char *end)
{
	char *line = malloc(len);
	bool is;

	CHECK(line != NULL);
	memset(line, 'x', len);
	memcpy(line, begin, strlen(begin));
	memcpy(line + len - strlen(end), end, strlen(end));
	is = sniff_http(line, len);
	free(line);
	return is;
}

static void
too_long(void)
{
	size_t len;

	for (len = LINE_SIZE - 20; len < LINE_SIZE + 20; len++)
		CHECK_IN(long_request("GET /", len, " HTTP/1.1\r\n"),
		    "%zu bytes", len);
	CHECK(long_request("GET /", LINE_SIZE, ""));
	CHECK(long_request("POST http://", LINE_SIZE + 9, ""));
	CHECK(!long_request("GET /", LINE_SIZE - 1, ""));
	CHECK(!long_request("GET /", LINE_SIZE, "\n"));
	CHECK(!long_request("GET ", LINE_SIZE, ""));
	CHECK(!long_request("GET", LINE_SIZE, ""));
	CHECK(!long_request("", LINE_SIZE, ""));
	CHECK(!long_request("hello /", LINE_SIZE, ""));
}

/* As many bytes as they have, NUL among them, in memory of their own. */
static bool
is_stranger(const char *bytes, size_t len)
{
	char *buf = malloc(len + (len == 0));
	bool is;

	CHECK(buf != NULL);
	memcpy(buf, bytes, len);
	is = sniff_protocol(buf, len);
	free(buf);
	return is;
}

static void
strangers(void)
{
	static const char *const lines[] = {
		"OPTIONS / RTSP/1.0", "DESCRIBE rtsp://h/x RTSP/1.0",
		"OPTIONS sip:nm SIP/2.0", "REGISTER sip:a@b SIP/2.0",
		"REQMOD icap://h/x ICAP/1.0", "SSH-2.0-OpenSSH_9.2p1 Debian-2",
		"SSH-1.99-x", "SSH-2.0-Go", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2",
		"PROXY TCP6 ::1 ::1 1 2", "PROXY UNKNOWN",
		"PROXY UNKNOWN x y 1 2", "EHLO x", "EHLO [127.0.0.1]",
		"HELO example.org", "HELO [127.0.0.1]"
	};
	char line[128];
	size_t i, len;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		len = strlen(lines[i]);
		CHECK_IN(!is_stranger(lines[i], len), "%s", lines[i]);
		(void)snprintf(line, sizeof(line), "%s\n", lines[i]);
		CHECK_IN(is_stranger(line, len + 1), "%s", lines[i]);
		(void)snprintf(line, sizeof(line), "%s\r\nx\r\n", lines[i]);
		CHECK_IN(is_stranger(line, len + 5), "%s", lines[i]);
		/* Only a first line is one. */
		(void)snprintf(line, sizeof(line), "x\n%s\n", lines[i]);
		CHECK_IN(!is_stranger(line, len + 3), "%s", lines[i]);
	}
}

static void
binary_strangers(void)
{
	static const char redis[] = "*1\r\n$4\r\nPING\r\n";
	static const char proxy[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11";
	static const char adb[] = "CNXN\1\0\0\1\0\0\x10\0host::";
	size_t len;

	for (len = 0; len < sizeof(redis); len++)
		CHECK_IN(is_stranger(redis, len) == (len >= 5), "%zu bytes",
		    len);
	for (len = 0; len < sizeof(proxy); len++)
		CHECK_IN(is_stranger(proxy, len) == (len >= 12), "%zu bytes",
		    len);
	for (len = 0; len < sizeof(adb); len++)
		CHECK_IN(is_stranger(adb, len) == (len >= 8), "%zu bytes", len);
}

static void
people(void)
{
	static const char *const texts[] = {
		"\n", "\r\n\r\n", "SSH\n", "SSH-keys, anyone?\n", "SSH-2.0\n",
		"SSH-2.0-\n", "ssh-2.0-x\n", "SSH-2.x-y\n", "EHLO\n", "HELO\n",
		"EHLO \n", "EHLO my friend\n", "HELO world\n",
		"HELO there.\n", "HELO you...\n", "HELO a.b c\n", "ehlo x\n",
		"PROXY\n", "PROXY TCP4\n", "PROXY UNKNOWNS\n",
		"PROXY for Anna\n", "*1\n$4\nPING\n", "*1\r\n", "*\r\n$4\r\n",
		"*waves*\r\n$4\r\n", "* 1\r\n$4\r\n", "PING\r\n",
		"CNXN, what is that?\n", "WE LIKE SIP/2.0\n", "SIP/2.0\n",
		"OPTIONS sip:nm SIP/2.0 \n", "OPTIONS  SIP/2.0\n",
		"options sip:nm SIP/2.0\n", "I SPEAK TEA/1.0\n",
		"OPTIONS sip:nm SIP/2.00\n", "\001send\nEHLO x\n"
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		CHECK_IN(!is_stranger(texts[i], strlen(texts[i])), "%s",
		    texts[i]);
}

/* One that said nothing for so long that it reads from the store by now. */
static void
behind_the_ring(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	const char *text = "GET / HTTP/1.1\r\n";
	struct server s;
	struct client *c;
	int pair[2];

	memset(&s, 0, sizeof(s));
	s.ring = ring_new(RING_SIZE_MIN, 1000);
	s.guard = guard_new();
	CHECK(s.guard != NULL && s.ring != NULL);
	CHECK(ring_append(s.ring, 7, 1, "a\nb\n", 4, 2));
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	c = client_new(pair[0], (struct sockaddr *)&sin, NULL, 1);
	CHECK(c != NULL && peer_get(&s.guard->peers, (struct sockaddr *)&sin,
	    &c->peer) == 0);
	c->peer->clients++;
	catchup_enter(c, 1000);
	CHECK(sniff_turn_away(&s, c, text, strlen(text)));
	CHECK(c->state == CLIENT_LEAVING && c->bye == BYE_HTTP);
	CHECK(c->catchup == NULL && c->cursor == CURSOR_NONE);
	c->peer->turned_away--;
	peer_release(&s.guard->peers, c->peer);
	client_free(c);
	ring_free(s.ring);
	guard_free(s.guard);
	close(pair[1]);
}

const struct test sniff_tests[] = {
	{ "requests of every kind, which end with LF or CR LF", requests },
	{ "messages that look a little like one", messages },
	{ "a request is one when its first line is whole", cuts },
	{ "requests too long for a line", too_long },
	{ "strangers whose first words are a line", strangers },
	{ "strangers whose first words are bytes", binary_strangers },
	{ "messages that look a little like a stranger's", people },
	{ "one that is behind the ring", behind_the_ring },
	{ NULL, NULL }
};

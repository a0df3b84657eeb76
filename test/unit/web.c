/*
 * chatd/web.h: what a browser says, and what people do
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "unit.h"
#include "web.h"

static bool
is_request(const char *text)
{
	return web_request(text, strlen(text));
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
		CHECK_IN(web_request(cut, len) == (len > lf), "%zu bytes", len);
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
	is = web_request(line, len);
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

const struct test web_tests[] = {
	{ "requests of every kind, which end with LF or CR LF", requests },
	{ "messages that look a little like one", messages },
	{ "a request is one when its first line is whole", cuts },
	{ "requests too long for a line", too_long },
	{ NULL, NULL }
};

/*
 * lib/client/incoming.h: what a room sends, cut into messages and control lines
 */
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/incoming.h"
#include "conn.h"
#include "line.h"
#include "unit.h"

struct heard {
	char		 lines[16384];
	char		 controls[16384];
	size_t		 nlines;
	size_t		 ncontrols;
	bool		 endless;
};

static void
take_all(struct incoming *in, struct heard *h)
{
	const char *s;
	size_t len;

	for (;;) {
		switch (incoming_next(in, &s, &len)) {
		case INCOMING_NOTHING:
			return;
		case INCOMING_LINES:
			CHECK(len > 0 && s[len - 1] == '\n');
			memcpy(h->lines + h->nlines, s, len);
			h->nlines += len;
			break;
		case INCOMING_CONTROL:
			memcpy(h->controls + h->ncontrols, s, len);
			h->ncontrols += len;
			h->controls[h->ncontrols++] = '|';
			break;
		case INCOMING_ENDLESS:
			h->endless = true;
			return;
		}
	}
}

/* Hear the len bytes at s, which come in two parts. */
static void
hear(struct heard *h, const char *s, size_t len, size_t part)
{
	struct incoming in;
	struct conn c;
	int pair[2], i;

	memset(h, 0, sizeof(*h));
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(conn_init(&c, pair[0]) == 0 && incoming_init(&in) == 0);
	for (i = 0; i < 2; i++) {
		if (i == 1) {
			s += part;
			part = len - part;
		}
		CHECK(write(pair[1], s, part) == (ssize_t)part);
		if (part > 0)
			CHECK(incoming_read(&in, &c) == (ssize_t)part);
		take_all(&in, h);
	}
	incoming_free(&in);
	conn_close(&c);
	close(pair[1]);
}

static void
any_cut(void)
{
	static const char text[] = "\001at 1\none\n\n\001\ntw\001o\n"
	    "\001lost 3\n\001at 9\nthree\nunfinished";
	static const char lines[] = "one\n\ntw\001o\nthree\n";
	struct heard h;
	size_t i;

	for (i = 0; i < sizeof(text); i++) {
		hear(&h, text, sizeof(text) - 1, i);
		CHECK_IN(h.nlines == sizeof(lines) - 1 &&
		    memcmp(h.lines, lines, h.nlines) == 0, "cut at %zu", i);
		CHECK_STR(h.controls, "at 1||lost 3|at 9|");
		CHECK(!h.endless);
	}
}

static void
lengths(void)
{
	static const size_t most[] = { MESSAGE_SIZE, LINE_SIZE };
	char text[MESSAGE_SIZE + 2];
	struct heard h;
	size_t n, i;
	int first;

	for (first = 0; first < 2; first++) {
		for (n = most[first] - 2; n <= most[first] + 1; n++) {
			memset(text, 'a', sizeof(text));
			text[0] = first == 0 ? 'a' : '\001';
			text[n - 1] = '\n';
			for (i = 0; i <= n; i += 97) {
				hear(&h, text, n, i);
				CHECK_IN(h.endless == (n > most[first]),
				    "%d, %zu cut at %zu", first, n, i);
				CHECK(h.endless || h.nlines + h.ncontrols ==
				    (first == 0 ? n : n - 1));
			}
		}
	}
}

const struct test incoming_tests[] = {
	{ "a stream may be cut anywhere", any_cut },
	{ "lines and control lines have no more bytes than they may", lengths },
	{ NULL, NULL }
};

/*
 * lib/logline.h: what a room and the helper of its log send each other
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "logline.h"
#include "unit.h"

#define BIGGEST	"9223372036854775807"		/* 2^63 - 1 */
#define TOKEN64	"0123456789abcdef0123456789abcdef0123456789abcdef" \
		"0123456789abcdef"

/* From memory of just that size, so that sanitizers see beyond. A line that is
 * cut is valid as long as the copy, up to the next call. */
static ssize_t
cut(struct logline *l, enum logline_side side, const char *s, size_t len)
{
	static char *copy;

	free(copy);
	copy = malloc(len + (len == 0));
	CHECK(copy != NULL);
	memcpy(copy, s, len);
	return logline_cut(l, side, copy, len);
}

static void
check_line(const struct logline *got, const struct logline *want,
    const char *s)
{
	CHECK_IN(got->kind == want->kind, "%s", s);
	CHECK_IN(got->id == want->id && got->pos == want->pos, "%s", s);
	CHECK_IN(got->oldest == want->oldest && got->newest == want->newest,
	    "%s", s);
	CHECK_STR(got->token, want->token);
	CHECK_IN(got->len == want->len, "%s", s);
	CHECK_IN(memcmp(got->data == NULL ? "" : got->data,
	    want->data == NULL ? "" : want->data, want->len) == 0, "%s", s);
}

static const struct {
	const char	*s;
	enum logline_side side;
	struct logline	 l;
} good[] = {
	{ "\001from 0 0\n", LOGLINE_ROOM, { .kind = LOGLINE_FROM,
	    .token = "0" } },
	{ "\001from " BIGGEST " aZ9+/=._-\n", LOGLINE_ROOM,
	    { .kind = LOGLINE_FROM, .pos = INT64_MAX,
	    .token = "aZ9+/=._-" } },
	{ "\001put 7 4\na\nb\n", LOGLINE_ROOM, { .kind = LOGLINE_PUT, .id = 7,
	    .data = "a\nb\n", .len = 4 } },
	{ "\001put 0 1\n\001", LOGLINE_ROOM, { .kind = LOGLINE_PUT,
	    .data = "\001", .len = 1 } },
	{ "\001keep 12 " TOKEN64 "\n", LOGLINE_ROOM, { .kind = LOGLINE_KEEP,
	    .pos = 12, .token = TOKEN64 } },
	{ "\001end\n", LOGLINE_ROOM, { .kind = LOGLINE_END } },
	{ "\001end 5\n", LOGLINE_HELPER, { .kind = LOGLINE_END, .pos = 5 } },
	{ "\001log 6f1a.17 1 0\n", LOGLINE_HELPER, { .kind = LOGLINE_LOG,
	    .token = "6f1a.17", .oldest = 1 } },
	{ "\001log x 3 " BIGGEST "\n", LOGLINE_HELPER, { .kind = LOGLINE_LOG,
	    .token = "x", .oldest = 3, .newest = INT64_MAX } },
	{ "\001got 1 18 5\nhello", LOGLINE_HELPER, { .kind = LOGLINE_GOT,
	    .pos = 1, .token = "18", .data = "hello", .len = 5 } },
	{ "\001stuck no majority, or so\n", LOGLINE_HELPER,
	    { .kind = LOGLINE_STUCK, .data = "no majority, or so",
	    .len = 18 } },
	{ "\001going\n", LOGLINE_HELPER, { .kind = LOGLINE_GOING } },
	{ "\001place at red:2379, the leader\n", LOGLINE_HELPER,
	    { .kind = LOGLINE_PLACE, .data = "at red:2379, the leader",
	    .len = 23 } },
	{ "\001gone 77\n", LOGLINE_HELPER, { .kind = LOGLINE_GONE,
	    .oldest = 77 } },
};

/* Each in all its words, and no matter what follows it. */
static void
cuts(void)
{
	char buf[LOGLINE_SIZE];
	struct logline l;
	size_t i, len;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		len = strlen(good[i].s);
		CHECK_IN(cut(&l, good[i].side, good[i].s, len) ==
		    (ssize_t)len, "%s", good[i].s);
		check_line(&l, &good[i].l, good[i].s);
		(void)snprintf(buf, sizeof(buf), "%sgarbage", good[i].s);
		CHECK_IN(cut(&l, good[i].side, buf, strlen(buf)) ==
		    (ssize_t)len, "%s", good[i].s);
		check_line(&l, &good[i].l, good[i].s);
	}
}

/* What isn't there yet is waited for, wherever it stops. */
static void
waits(void)
{
	struct logline l;
	size_t i, len;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		for (len = 0; len < strlen(good[i].s); len++)
			CHECK_IN(cut(&l, good[i].side, good[i].s, len) == 0,
			    "%zu bytes of %s", len, good[i].s);
	}
}

static void
formats(void)
{
	char buf[LOGLINE_SIZE];
	size_t i, n, head;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		head = strcspn(good[i].s, "\n") + 1;
		n = logline_format(buf, &good[i].l, good[i].side);
		CHECK_IN(n == head && memcmp(buf, good[i].s, n) == 0, "%s",
		    good[i].s);
	}
}

/* What one side may say isn't for the other one. */
static void
knows_the_sides(void)
{
	struct logline l;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		CHECK_IN(cut(&l, good[i].side == LOGLINE_ROOM ?
		    LOGLINE_HELPER : LOGLINE_ROOM, good[i].s,
		    strlen(good[i].s)) == -1, "%s", good[i].s);
}

static void
refuses(void)
{
	static const struct {
		const char	*s;
		enum logline_side side;
	} table[] = {
		{ "\n", LOGLINE_ROOM },
		{ "end\n", LOGLINE_ROOM },
		{ "x", LOGLINE_ROOM },
		{ "\001\n", LOGLINE_ROOM },
		{ "\001 end\n", LOGLINE_ROOM },
		{ "\001end \n", LOGLINE_ROOM },
		{ "\001end\r\n", LOGLINE_ROOM },
		{ "\001End\n", LOGLINE_ROOM },
		{ "\001ends\n", LOGLINE_ROOM },
		{ "\001from\n", LOGLINE_ROOM },
		{ "\001from 0\n", LOGLINE_ROOM },
		{ "\001from 0 \n", LOGLINE_ROOM },
		{ "\001from  0 0\n", LOGLINE_ROOM },
		{ "\001from 0 0 0\n", LOGLINE_ROOM },
		{ "\001from -1 0\n", LOGLINE_ROOM },
		{ "\001from +1 0\n", LOGLINE_ROOM },
		{ "\001from 0x1 0\n", LOGLINE_ROOM },
		{ "\001from 9223372036854775808 0\n", LOGLINE_ROOM },
		{ "\001from 18446744073709551616 0\n", LOGLINE_ROOM },
		{ "\001from 1 a,b\n", LOGLINE_ROOM },
		{ "\001from 1 " TOKEN64 "0\n", LOGLINE_ROOM },
		{ "\001put 1\n", LOGLINE_ROOM },
		{ "\001put 1 0\n", LOGLINE_ROOM },
		{ "\001put 1 131073\n", LOGLINE_ROOM },
		{ "\001put 1 18446744073709551617\n", LOGLINE_ROOM },
		{ "\001put a 1\na", LOGLINE_ROOM },
		{ "\001put 1 1 1\na", LOGLINE_ROOM },
		{ "\001end -1\n", LOGLINE_HELPER },
		{ "\001end\n", LOGLINE_HELPER },
		{ "\001log 1 0\n", LOGLINE_HELPER },
		{ "\001log x 1 9223372036854775808\n", LOGLINE_HELPER },
		{ "\001got 1 1 0\n", LOGLINE_HELPER },
		{ "\001got 1 1\n", LOGLINE_HELPER },
		{ "\001stuck\n", LOGLINE_HELPER },
		{ "\001stuck \n", LOGLINE_HELPER },
		{ "\001stuck a\033[2J\n", LOGLINE_HELPER },
		{ "\001stuck \377\n", LOGLINE_HELPER },
		{ "\001going on\n", LOGLINE_HELPER },
		{ "\001place\n", LOGLINE_HELPER },
		{ "\001place \n", LOGLINE_HELPER },
		{ "\001place a\177\n", LOGLINE_HELPER },
		{ "\001place \303\n", LOGLINE_HELPER },
		{ "\001gone\n", LOGLINE_HELPER },
	};
	struct logline l;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		CHECK_IN(cut(&l, table[i].side, table[i].s,
		    strlen(table[i].s)) == -1, "%s", table[i].s);
	/* A NUL is no end of anything. */
	CHECK(cut(&l, LOGLINE_ROOM, "\001end\0\n", 6) == -1);
	CHECK(cut(&l, LOGLINE_ROOM, "\001from 0 0\0\n", 11) == -1);
}

/* The longest line has 255 bytes. What is longer is refused before its end. */
static void
bounds_lines(void)
{
	struct logline l = { .kind = LOGLINE_STUCK };
	char buf[LOGLINE_SIZE + 1], text[2 * LOGLINE_SIZE];
	size_t n;

	memset(text, 'x', sizeof(text));
	l.data = text;
	l.len = LOGLINE_SIZE - 1 - strlen("\001stuck \n");
	n = logline_format(buf, &l, LOGLINE_HELPER);
	CHECK(n == LOGLINE_SIZE - 1);
	CHECK(cut(&l, LOGLINE_HELPER, buf, n) == (ssize_t)n);
	memmove(buf + 8, buf + 7, n - 7);
	CHECK(cut(&l, LOGLINE_HELPER, buf, n + 1) == -1);
	CHECK(cut(&l, LOGLINE_HELPER, buf, n - 1) == 0);
	CHECK(cut(&l, LOGLINE_HELPER, buf, n) == -1);
}

/* A reason may be anything: what is sent is always a line. */
static void
mends_reasons(void)
{
	struct logline l = { .kind = LOGLINE_STUCK, .data = "a\nb\377" };
	char buf[LOGLINE_SIZE], text[2 * LOGLINE_SIZE];
	size_t n;

	l.len = strlen(l.data);
	n = logline_format(buf, &l, LOGLINE_HELPER);
	buf[n] = '\0';
	CHECK_STR(buf, "\001stuck a\357\277\275b\357\277\275\n");
	/* Cut between characters. */
	for (n = 0; n + 1 < sizeof(text); n += 2)
		memcpy(text + n, "\303\251", 2);
	for (l.len = 0; l.len < sizeof(text); l.len++) {
		l.data = text + sizeof(text) - l.len;
		l.kind = LOGLINE_STUCK;
		n = logline_format(buf, &l, LOGLINE_HELPER);
		CHECK(n < LOGLINE_SIZE);
		if (l.len > 0) {
			struct logline again;

			CHECK_IN(cut(&again, LOGLINE_HELPER, buf, n) ==
			    (ssize_t)n, "%zu", l.len);
		}
	}
}

/* The longest entry comes in whole, and not a byte too early. */
static void
carries_long_entries(void)
{
	size_t size = LOGLINE_SIZE + LOGLINE_ENTRY, n;
	struct logline l = { .kind = LOGLINE_GOT, .pos = 1, .token = "t",
	    .len = LOGLINE_ENTRY };
	char *buf = malloc(size);

	CHECK(buf != NULL);
	n = logline_format(buf, &l, LOGLINE_HELPER);
	memset(buf + n, '\n', LOGLINE_ENTRY);
	n += LOGLINE_ENTRY;
	CHECK(logline_cut(&l, LOGLINE_HELPER, buf, n - 1) == 0);
	CHECK(logline_cut(&l, LOGLINE_HELPER, buf, n) == (ssize_t)n);
	CHECK(l.len == LOGLINE_ENTRY && l.data + l.len == buf + n);
	free(buf);
}

const struct test logline_tests[] = {
	{ "each line is cut, with its entry", cuts },
	{ "half a line is waited for", waits },
	{ "lines are written as they are read", formats },
	{ "each side says its own", knows_the_sides },
	{ "what is no such line is refused", refuses },
	{ "lines have a longest one", bounds_lines },
	{ "a reason is made a line's text", mends_reasons },
	{ "entries are as long as they may be", carries_long_entries },
	{ NULL, NULL },
};

/*
 * lib/line.h: cutting a stream into lines
 */
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "unit.h"

#define READ_MAX	65536

/*
 * A reader of a stream, as there is one in every program. It writes down what
 * it has got: every line with an LF, and "LONG" and an LF for one too long.
 */
struct reader {
	char		*buf;
	size_t		 len;
	bool		 skip;
	char		*heard;
	size_t		 heardlen;
	size_t		 heardsize;
};

static struct reader *
reader_new(size_t stream)
{
	struct reader *r = calloc(1, sizeof(*r));

	r->buf = malloc(LINE_KEEP + READ_MAX);
	/* No LF makes more of it than "LONG" and itself. */
	r->heardsize = 5 * stream + 5;
	r->heard = malloc(r->heardsize);
	return r;
}

static void
reader_free(struct reader *r)
{
	free(r->buf);
	free(r->heard);
	free(r);
}

static void
hear(struct reader *r, const char *text, size_t len)
{
	CHECK(r->heardlen + len + 1 <= r->heardsize);
	memcpy(r->heard + r->heardlen, text, len);
	r->heardlen += len;
	r->heard[r->heardlen++] = '\n';
}

/* One read of len bytes. */
static void
reader_read(struct reader *r, const char *stream, size_t len)
{
	enum line_kind kind;
	size_t done = 0;
	struct line l;

	memcpy(r->buf + r->len, stream, len);
	r->len += len;
	do {
		kind = line_cut(&r->skip, r->buf + done, r->len - done, &l);
		CHECK(l.size <= r->len - done);
		CHECK(l.text >= r->buf + done);
		if (kind == LINE_WHOLE) {
			CHECK(l.len <= TEXT_MAX);
			CHECK(l.text + l.len < r->buf + done + l.size);
			hear(r, l.text, l.len);
		} else if (kind == LINE_LONG)
			hear(r, "LONG", 4);
		CHECK(kind == LINE_PART || l.size > 0);
		done += l.size;
	} while (kind != LINE_PART);
	r->len -= done;
	CHECK_IN(r->len <= LINE_KEEP, "%zu bytes", r->len);
	memmove(r->buf, r->buf + done, r->len);
}

/* In reads of at most size bytes. */
static void
reader_read_all(struct reader *r, const char *stream, size_t len, size_t size)
{
	size_t n;

	for (; len > 0; stream += n, len -= n) {
		n = len < size ? len : size;
		reader_read(r, stream, n);
	}
}

static void
check_heard(const struct reader *r, const char *want, size_t len, size_t at)
{
	CHECK_IN(r->heardlen == len && memcmp(r->heard, want, len) == 0,
	    "read in pieces from %zu on: %zu bytes, not %zu", at, r->heardlen,
	    len);
}

/* The stream is heard as want, split at every position across two reads. */
static void
check_stream(const char *stream, size_t len, const char *want, size_t wantlen)
{
	struct reader *r;
	size_t at;

	for (at = 0; at <= len; at++) {
		r = reader_new(len);
		reader_read(r, stream, at);
		reader_read(r, stream + at, len - at);
		check_heard(r, want, wantlen, at);
		reader_free(r);
	}
	for (at = 1; at < 9; at++) {
		r = reader_new(len);
		reader_read_all(r, stream, len, at);
		check_heard(r, want, wantlen, at);
		reader_free(r);
	}
}

static void
simple(void)
{
	static const struct {
		const char	*stream;
		const char	*heard;
	} table[] = {
		{ "", "" },
		{ "\n", "\n" },
		{ "\r\n", "\n" },
		{ "\n\n\r\n\n", "\n\n\n\n" },
		{ "one\ntwo\nthree", "one\ntwo\n" },
		{ "one\r\ntwo\n\r\nfour\r\n", "one\ntwo\n\nfour\n" },
		{ "a\r\r\nb", "a\r\n" },
		{ "a\rb\n\r\r\n", "a\rb\n\r\n" },
		{ "\001send\nhi\n", "\001send\nhi\n" },
		{ "\xff\xfe\n\xe9", "\xff\xfe\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		check_stream(table[i].stream, strlen(table[i].stream),
		    table[i].heard, strlen(table[i].heard));
}

static void
nuls(void)
{
	check_stream("\0\na\0b\r\n\0", 8, "\0\na\0b\n", 6);
}

/* A good line, one of len bytes that ends with end, and a good one. */
static void
check_length(size_t len, const char *end)
{
	size_t size = 0, wantlen = 0;
	char *stream = malloc(len + 32), *want = malloc(len + 32);

	stream[size++] = 'a';
	stream[size++] = '\n';
	memset(stream + size, 'x', len);
	size += len;
	memcpy(stream + size, end, strlen(end));
	size += strlen(end);
	memcpy(stream + size, "b\nc", 3);
	size += 3;
	memcpy(want, "a\n", 2);
	wantlen = 2;
	if (len <= 4095) {
		memset(want + wantlen, 'x', len);
		wantlen += len;
	} else {
		memcpy(want + wantlen, "LONG", 4);
		wantlen += 4;
	}
	memcpy(want + wantlen, "\nb\n", 3);
	wantlen += 3;
	if (len < 20000)
		check_stream(stream, size, want, wantlen);
	else {
		struct reader *r = reader_new(size);

		reader_read_all(r, stream, size, READ_MAX);
		check_heard(r, want, wantlen, READ_MAX);
		reader_free(r);
	}
	free(stream);
	free(want);
}

static void
lengths(void)
{
	static const size_t list[] = { 0, 1, 4093, 4094, 4095, 4096, 4097,
	    4098, 8191, 8192, 8193, 65535, 65536, 131072, 20000000 };
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(*list); i++) {
		check_length(list[i], "\n");
		check_length(list[i], "\r\n");
	}
}

static void
carriage_returns(void)
{
	char s[4098], want[4097];

	/* One CR is dropped, the other counts: then it's a byte too long. */
	memset(s, 'x', sizeof(s));
	memcpy(s + 4094, "\r\r\n", 3);
	memset(want, 'x', sizeof(want));
	memcpy(want + 4094, "\r\n", 2);
	check_stream(s, 4097, want, 4096);
	memset(s, 'x', sizeof(s));
	memcpy(s + 4095, "\r\r\n", 3);
	check_stream(s, 4098, "LONG\n", 5);
	/* It is no end without its LF. */
	memset(s, 'x', sizeof(s));
	memcpy(s + 4095, "\rx\n", 3);
	check_stream(s, 4098, "LONG\n", 5);
}

static void
unfinished(void)
{
	struct line l;
	bool skip = false;
	char s[4097];

	memset(s, 'x', sizeof(s));
	CHECK(line_cut(&skip, s, 4095, &l) == LINE_PART && !skip);
	CHECK(l.text == s && l.len == 4095 && l.size == 0);
	s[4095] = '\r';
	CHECK(line_cut(&skip, s, 4096, &l) == LINE_PART && !skip);
	s[4095] = 'x';
	CHECK(line_cut(&skip, s, 4096, &l) == LINE_LONG && skip);
	CHECK(l.text == s && l.size == 4096);
	/* Told once; then it is silent up to the end. */
	CHECK(line_cut(&skip, s, 4096, &l) == LINE_PART && skip);
	CHECK(l.size == 4096 && l.len == 0);
	CHECK(line_cut(&skip, s, 0, &l) == LINE_PART && skip && l.size == 0);
	s[10] = '\n';
	CHECK(line_cut(&skip, s, 20, &l) == LINE_PART && !skip);
	CHECK(l.size == 11 && l.text == s + 11 && l.len == 9);
}

static void
random_streams(void)
{
	static const char *const parts[] = { "\n", "\r", "\r\n", "ab", "\001" };
	char *s = malloc(3 * READ_MAX), *want;
	size_t i, k, n, len;
	struct reader *whole, *r;

	for (i = 0; i < 40; i++) {
		for (len = 0; len < 2 * READ_MAX; len += n) {
			k = unit_random(8);
			n = k < 5 ? strlen(parts[k]) : k < 6 ?
			    unit_random(100) : 4080 + unit_random(40);
			if (k < 5)
				memcpy(s + len, parts[k], n);
			else
				memset(s + len, 'x', n);
		}
		whole = reader_new(len);
		reader_read_all(whole, s, len, READ_MAX);
		want = whole->heard;
		r = reader_new(len);
		reader_read_all(r, s, len, 1 + unit_random(6000));
		check_heard(r, want, whole->heardlen, i);
		reader_free(r);
		reader_free(whole);
	}
	free(s);
}

static void
counting(void)
{
	char s[300];
	size_t i, n;

	for (i = 0; i < sizeof(s); i++)
		s[i] = i % 3 == 0 ? '\n' : (char)i;
	/* 10 is an LF, too. */
	s[10] = 'x';
	s[266] = 'x';
	for (n = 0; n <= sizeof(s); n++)
		CHECK_IN(line_count(s, n) == (n + 2) / 3, "%zu bytes", n);
}

const struct test line_tests[] = {
	{ "lines, with and without CR, split at every byte", simple },
	{ "NUL is a byte like others", nuls },
	{ "lengths about 4096 bytes, split at every byte", lengths },
	{ "only one CR before the LF is dropped", carriage_returns },
	{ "what is left of an unfinished line", unfinished },
	{ "long streams, in reads of any size", random_streams },
	{ "counting lines", counting },
	{ NULL, NULL }
};

/*
 * framing - any bytes, read in any pieces, become the lines that they should
 *
 * The first two bytes choose the pieces; the rest is the stream.
 */
#include <string.h>

#include "fuzz.h"
#include "line.h"
#include "reference.h"
#include "text.h"

#define PIECE_MAX	8192

/* What a reader should see next in the whole stream: the naive way. */
static enum line_kind
naive(const char *s, size_t len, struct line *l)
{
	const char *lf = len == 0 ? NULL : memchr(s, '\n', len);
	size_t text = lf == NULL ? len : (size_t)(lf - s);

	l->size = lf == NULL ? len : text + 1;
	if (lf == NULL && (text < 4096 || (text == 4096 && s[4095] == '\r')))
		return LINE_PART;
	if (lf != NULL && text > 0 && s[text - 1] == '\r')
		text--;
	l->len = text;
	return lf != NULL && text <= 4095 ? LINE_WHOLE : LINE_LONG;
}

/* A line's text is checked and repaired as the reference does it. */
static void
try_text(const char *text, size_t len, size_t size)
{
	static unsigned char want[3 * STREAM_MAX];
	static char got[3 * STREAM_MAX + PIECE_MAX];
	const unsigned char *bytes = (const unsigned char *)text;
	struct text_fault f, fault = reference_check(bytes, len);
	size_t n, used, done = 0, out = 0;
	char words[FAULT_SIZE];

	MUST(text_check(text, len, &f) == (fault.kind == FAULT_NONE));
	MUST(f.kind == fault.kind);
	MUST(f.kind == FAULT_NONE || (f.offset == fault.offset &&
	    f.code == fault.code));
	MUST(strlen(text_fault_say(words, &f)) < FAULT_SIZE - 1);
	size = size < 4 ? 4 : size;
	for (; done < len; done += used, out += n) {
		n = text_repair(got + out, size, text + done, len - done,
		    &used);
		MUST(used > 0 && n <= size);
		MUST(text_check(got + out, n, &f) || f.kind == FAULT_LONG);
	}
	MUST(out == reference_repair(want, bytes, len));
	MUST(memcmp(got, want, out) == 0);
}

/* A stream, and what a reader of it has got so far. */
struct reading {
	char		 stream[STREAM_MAX];
	size_t		 len;
	size_t		 heard;		/* bytes, as the naive way has it */
	char		*buf;		/* what was read and isn't done with */
	size_t		 have;
	bool		 skip;
};

/* Take the lines there are, each the one that the naive way finds. */
static void
take_lines(struct reading *r, size_t pieces)
{
	struct line l, w;
	enum line_kind kind;
	size_t done = 0;

	for (;;) {
		kind = line_cut(&r->skip, r->buf + done, r->have - done, &l);
		MUST(l.size <= r->have - done);
		done += l.size;
		if (kind == LINE_PART)
			break;
		MUST(kind == naive(r->stream + r->heard, r->len - r->heard,
		    &w));
		if (kind == LINE_WHOLE) {
			MUST(l.len == w.len && memcmp(l.text, r->stream +
			    r->heard, l.len) == 0);
			try_text(l.text, l.len, pieces);
		}
		MUST(l.size > 0);
		r->heard += w.size;
	}
	r->have -= done;
	MUST(r->have <= LINE_KEEP);
	memmove(r->buf, r->buf + done, r->have);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reading r;
	size_t fed, n, pieces;
	uint32_t random;
	struct line w;

	if (size < 2)
		return 0;
	random = data[0] * 2654435761U + 1;
	pieces = (size_t)data[1] * data[1] / 8 + 1;
	r.heard = r.have = 0;
	r.skip = false;
	r.len = fuzz_stream(r.stream, data + 2, size - 2);
	r.buf = malloc(LINE_KEEP + PIECE_MAX);
	for (fed = 0; fed < r.len; fed += n) {
		random = random * 1664525 + 1013904223;
		n = 1 + (random >> 16) % pieces;
		n = n < r.len - fed ? n : r.len - fed;
		memcpy(r.buf + r.have, r.stream + fed, n);
		r.have += n;
		take_lines(&r, pieces);
	}
	/* What is left has no end, or was told to be too long already. */
	if (r.skip)
		MUST(r.heard == r.len && r.have == 0);
	else {
		MUST(naive(r.stream + r.heard, r.len - r.heard, &w) ==
		    LINE_PART);
		MUST(w.size == r.have);
	}
	try_text(r.stream, r.len, pieces);
	free(r.buf);
	return 0;
}

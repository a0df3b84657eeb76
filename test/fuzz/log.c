/*
 * log - what a room and the helper of its log say is read, or refused
 *
 * The first byte is the side; the rest is what it has said, see fuzz_stream().
 */
#include <string.h>

#include "ctl.h"
#include "fuzz.h"
#include "logline.h"
#include "text.h"

static void
must_be_right(const struct logline *l, const char *s, size_t size)
{
	struct text_fault f;

	MUST(l->id <= INT64_MAX && l->pos <= INT64_MAX);
	MUST(l->oldest <= INT64_MAX && l->newest <= INT64_MAX);
	MUST(strlen(l->token) <= TOKEN_MAX && l->len <= LOGLINE_ENTRY);
	MUST((l->data == NULL) == (l->len == 0));
	MUST(l->data == NULL ||
	    (l->data > s && l->data + l->len <= s + size));
	MUST((l->kind != LOGLINE_STUCK && l->kind != LOGLINE_PLACE) ||
	    text_check(l->data, l->len, &f));
}

static void
must_be_same(const struct logline *a, const struct logline *b)
{
	MUST(a->kind == b->kind && a->id == b->id && a->pos == b->pos);
	MUST(a->oldest == b->oldest && a->newest == b->newest);
	MUST(strcmp(a->token, b->token) == 0 && a->len == b->len);
	MUST(a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Written again it is the same, but for zeros before a number. */
static void
try_format(const struct logline *l, enum logline_side side)
{
	bool has_entry = l->kind == LOGLINE_PUT || l->kind == LOGLINE_GOT;
	char *buf = malloc(LOGLINE_SIZE + l->len);
	size_t n = logline_format(buf, l, side), size;
	struct logline again;

	MUST(n > 2 && n < LOGLINE_SIZE && buf[0] == CTL_MARK);
	MUST(memchr(buf, '\n', n) == buf + n - 1);
	size = n;
	if (has_entry) {
		memcpy(buf + n, l->data, l->len);
		size += l->len;
	}
	MUST(logline_cut(&again, side, buf, size) == (ssize_t)size);
	must_be_same(l, &again);
	free(buf);
}

/* It makes no difference how much of what follows is there already, and with
 * less than all of it there is nothing to be had. */
static void
try_prefixes(const struct logline *l, enum logline_side side, const char *s,
    size_t size)
{
	struct logline part;
	size_t n;
	char *copy;

	for (n = 0; n <= size; n += n < 300 || n + 7 > size ? 1 : 7) {
		copy = malloc(n + (n == 0));
		memcpy(copy, s, n);
		MUST(logline_cut(&part, side, copy, n) ==
		    (n < size ? 0 : (ssize_t)n));
		if (n == size)
			must_be_same(l, &part);
		free(copy);
	}
}

/* Returns what logline_cut() does. */
static ssize_t
try_line(enum logline_side side, const char *stream, size_t len)
{
	/* Memory of just that size, so that no byte beyond is read unseen. */
	char *s = malloc(len);
	struct logline l;
	ssize_t n;

	memcpy(s, stream, len);
	n = logline_cut(&l, side, s, len);
	MUST(n <= (ssize_t)len);
	if (n > 0) {
		must_be_right(&l, s, (size_t)n);
		try_format(&l, side);
		try_prefixes(&l, side, s, (size_t)n);
	}
	free(s);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char stream[STREAM_MAX];
	enum logline_side side;
	size_t len, done;
	ssize_t n = 1;

	if (size == 0)
		return 0;
	side = data[0] % 2 == 0 ? LOGLINE_ROOM : LOGLINE_HELPER;
	len = fuzz_stream(stream, data + 1, size - 1);
	for (done = 0; n > 0 && done < len; done += (size_t)n)
		n = try_line(side, stream + done, len - done);
	return 0;
}

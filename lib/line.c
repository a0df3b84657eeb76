/*
 * Cutting a stream of bytes into lines
 */
#include <stdint.h>
#include <string.h>

#include "line.h"

#define BLOCK	64			/* bytes looked at together */

/* The bytes up to the LF at end, or all of them: the line was too long. */
static size_t
skip_rest(bool *skip, const char *buf, size_t len)
{
	const char *end = memchr(buf, '\n', len);

	*skip = end == NULL;
	return end == NULL ? len : (size_t)(end - buf) + 1;
}

enum line_kind
line_cut(bool *skip, char *buf, size_t len, struct line *l)
{
	size_t skipped = 0, window;
	char *end;

	if (*skip)
		skipped = skip_rest(skip, buf, len);
	l->size = skipped;
	l->text = buf + skipped;
	l->len = len - skipped;
	/* The longest line that can still be right: text, CR and LF. */
	window = l->len < LINE_SIZE + 1 ? l->len : LINE_SIZE + 1;
	end = window == 0 ? NULL : memchr(l->text, '\n', window);
	if (end == NULL && l->len <= LINE_SIZE && (l->len < LINE_SIZE ||
	    l->text[LINE_SIZE - 1] == '\r'))
		return LINE_PART;
	if (end != NULL) {
		l->len = (size_t)(end - l->text);
		l->size += l->len + 1;
		if (l->len > 0 && end[-1] == '\r')
			l->len--;
		if (l->len <= TEXT_MAX)
			return LINE_WHOLE;
		return LINE_LONG;
	}
	l->size += skip_rest(skip, l->text, l->len);
	return LINE_LONG;
}

/* Whether a block is printable ASCII, TAB and LF. */
static bool
block_is_plain(const char *p)
{
	unsigned char c, bad = 0;
	size_t i;

	/* No branches: compilers make vector code of loops like this one. */
	for (i = 0; i < BLOCK; i++) {
		c = (unsigned char)p[i];
		bad = (unsigned char)(bad | (((c < 0x20) | (c > 0x7e)) &
		    (c != '\t') & (c != '\n')));
	}
	return bad == 0;
}

static size_t
block_count(const char *p)
{
	unsigned char n = 0;
	size_t i;

	for (i = 0; i < BLOCK; i++)
		n = (unsigned char)(n + (p[i] == '\n'));
	return n;
}

size_t
line_plain(const char *buf, size_t len, size_t *lines)
{
	size_t good = 0, size = 0, end;

	while (len - good >= BLOCK && block_is_plain(buf + good))
		good += BLOCK;
	/* From LF to LF in the longest leaps that lines may make. */
	while (size < good) {
		end = good - size < LINE_SIZE ? good : size + LINE_SIZE;
		while (end > size && buf[end - 1] != '\n')
			end--;
		if (end == size)
			break;
		size = end;
	}
	*lines = line_count(buf, size);
	return size;
}

size_t
line_count(const char *buf, size_t len)
{
	size_t i, n = 0;

	for (i = 0; len - i >= BLOCK; i += BLOCK)
		n += block_count(buf + i);
	for (; i < len; i++)
		n += buf[i] == '\n';
	return n;
}

size_t
line_skip(const char *buf, size_t len, uint64_t *n)
{
	const char *p = buf, *end = buf + len, *lf;
	size_t some;

	while (end - p >= BLOCK && (some = block_count(p)) < *n) {
		*n -= some;
		p += BLOCK;
	}
	for (; *n > 0; p = lf + 1, (*n)--) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (lf == NULL)
			return len;
	}
	return (size_t)(p - buf);
}

/*
 * Cutting a stream of bytes into lines
 */
#include <stdint.h>
#include <string.h>

#include "line.h"

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

size_t
line_count(const char *buf, size_t len)
{
	size_t i, n = 0;

	/* Plain enough for the compiler to turn it into vector code. */
	for (i = 0; i < len; i++)
		n += buf[i] == '\n';
	return n;
}

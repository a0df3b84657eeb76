/*
 * Tell: what a front end reads, messages and control lines on a descriptor
 */
#include <string.h>

#include "ctl.h"
#include "line.h"
#include "link.h"
#include "tell.h"

/* The most that a byte of the room's becomes: "ok 1" can be a number of many
 * more digits for the front end, and a bad byte a character of three. */
#define GROWTH	4

/* Lines that don't come from the room, or not one for one: up, down, end. */
#define SPARE	((size_t)8 * MESSAGE_SIZE)

#define READY	(GROWTH * ((size_t)LINK_READ + MESSAGE_SIZE) + SPARE)

int
tell_init(struct tell *t, int fd)
{
	t->deaf = false;
	return outbuf_init(&t->out, fd, 2 * READY);
}

void
tell_free(struct tell *t)
{
	outbuf_free(&t->out);
}

bool
tell_ready(const struct tell *t)
{
	return outbuf_space(&t->out) >= READY;
}

bool
tell_has_spare(const struct tell *t)
{
	return outbuf_space(&t->out) >= READY + SPARE;
}

void
tell_nobody(struct tell *t)
{
	t->deaf = true;
	t->out.start = t->out.end = 0;
}

static void
tell_good(struct tell *t, const char *lines, size_t len)
{
	if (!t->deaf)
		outbuf_put(&t->out, lines, len);
}

/* A line of len bytes without its LF, which may be anything. */
static void
tell_line(struct tell *t, const char *line, size_t len)
{
	char good[MESSAGE_SIZE];
	struct text_fault f;
	size_t used;

	if (text_check(line, len, &f)) {
		tell_good(t, line, len + 1);
		return;
	}
	len = text_repair(good, sizeof(good) - 1, line, len, &used);
	good[len++] = '\n';
	tell_good(t, good, len);
}

void
tell_lines(struct tell *t, const char *lines, size_t len)
{
	const char *end = lines + len, *lf;
	size_t n;

	while (lines < end) {
		len = line_plain(lines, (size_t)(end - lines), &n);
		tell_good(t, lines, len);
		lines += len;
		lf = memchr(lines, '\n', (size_t)(end - lines));
		if (lf == NULL)
			return;
		tell_line(t, lines, (size_t)(lf - lines));
		lines = lf + 1;
	}
}

void
tell_text(struct tell *t, const char *words, const char *text, size_t len)
{
	char line[MESSAGE_SIZE];
	size_t n = strlen(words), used;

	line[0] = CTL_MARK;
	memcpy(line + 1, words, n++);
	if (len > 0) {
		line[n++] = ' ';
		n += text_repair(line + n, sizeof(line) - 1 - n, text, len,
		    &used);
	}
	line[n++] = '\n';
	tell_good(t, line, n);
}

void
tell_number(struct tell *t, const char *word, uint64_t n)
{
	char line[CTL_NUMBER_SIZE];

	tell_good(t, line, ctl_format_number(line, word, n));
}

/*
 * Output: messages as lines on a descriptor
 */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "line.h"
#include "output.h"
#include "show.h"
#include "wrap.h"

/* The most that the lines of one read can become: empty ones grow most. */
static size_t
grown(const struct output *o)
{
	size_t each = o->safe ? WRAP_GROWTH : 1;

	if (o->json)
		each = JSON_GROWTH + JSON_FIXED;
	else if (o->format != NULL)
		each += strcmp(o->format, STAMP_ISO) == 0 ? STAMP_ISO_MAX :
		    STAMP_MAX;
	return (LINK_READ + MESSAGE_SIZE) * each;
}

int
output_init(struct output *o, int fd, const char *format, bool json)
{
	struct stat st;

	memset(o, 0, sizeof(*o));
	if (fstat(fd, &st) == -1)
		return -1;
	o->fd = fd;
	o->format = format;
	o->json = json;
	o->safe = isatty(fd) == 1;
	o->raw = format == NULL && !json && !o->safe;
	o->shared = !S_ISREG(st.st_mode) &&
	    (o->safe || !S_ISCHR(st.st_mode));
	o->size = 2 * grown(o);
	o->buf = malloc(o->size);
	output_time(o, 0);
	return o->buf == NULL ? -1 : 0;
}

void
output_free(struct output *o)
{
	free(o->buf);
	o->buf = NULL;
}

bool
output_ready(const struct output *o)
{
	return o->size - (o->end - o->start) >= grown(o);
}

void
output_time(struct output *o, int64_t seconds)
{
	o->time = seconds;
	if (o->format != NULL)
		(void)stamp_write(o->stamp, o->format, seconds);
}

static void
append_bytes(struct output *o, const char *s, size_t len)
{
	memcpy(o->buf + o->end, s, len);
	o->end += len;
}

/* A line without its LF on rows of cols columns, col of which are used. */
static void
append_safe(struct output *o, const char *line, size_t len, size_t cols,
    size_t col)
{
	char shown[SHOW_GROWTH * MESSAGE_SIZE];

	len = show_text(shown, line, len);
	if (col == 0 && wrap_need_mark(shown, len)) {
		append_bytes(o, WRAP_MARK, strlen(WRAP_MARK));
		col = strlen(WRAP_MARK);
	}
	o->end += wrap_break(o->buf + o->end, shown, len, cols, col, "\n");
}

/* One line, with its LF, as it is shown. */
static void
append_line(struct output *o, const char *line, size_t len, size_t cols)
{
	size_t col = strlen(o->stamp);

	append_bytes(o, o->stamp, col);
	if (o->safe)
		append_safe(o, line, len - 1, cols, col);
	else
		append_bytes(o, line, len - 1);
	o->buf[o->end++] = '\n';
}

/* The same as an object. On a terminal it has ASCII alone, which is safe. */
static void
append_json(struct output *o, const char *line, size_t len)
{
	const struct json message = {
		.number = o->number++,
		.time = o->time,
		.named = o->named,
		.ascii = o->safe
	};

	o->end += json_message(o->buf + o->end, &message, line, len - 1);
}

/* Make space at the end. */
static void
move_up(struct output *o)
{
	memmove(o->buf, o->buf + o->start, o->end - o->start);
	o->end -= o->start;
	o->start = 0;
}

void
output_lost(struct output *o, uint64_t n, bool counted)
{
	if (!o->json)
		return;
	move_up(o);
	o->end += json_lost(o->buf + o->end, n, counted);
}

void
output_put(struct output *o, const char *lines, size_t len)
{
	const char *end = lines + len, *lf;
	size_t cols = o->safe ? wrap_columns(o->fd) : 0;

	move_up(o);
	if (o->raw) {
		append_bytes(o, lines, len);
		return;
	}
	if (cols == 0)
		cols = WRAP_COLUMNS;	/* it is gone, or won't tell */
	for (; lines < end; lines = lf + 1) {
		lf = memchr(lines, '\n', (size_t)(end - lines));
		if (lf == NULL)
			break;
		if (o->json)
			append_json(o, lines, (size_t)(lf - lines) + 1);
		else
			append_line(o, lines, (size_t)(lf - lines) + 1, cols);
	}
}

bool
output_pending(const struct output *o)
{
	return o->start < o->end;
}

/* As many whole lines as fit into one write; one that doesn't is cut. */
static size_t
write_size(const struct output *o)
{
	size_t len = o->end - o->start, n;

	if (!o->shared || len <= PIPE_BUF)
		return len;
	for (n = PIPE_BUF; n > 0 && o->buf[o->start + n - 1] != '\n'; n--)
		;
	return n > 0 ? n : PIPE_BUF;
}

int
output_write(struct output *o)
{
	ssize_t n;

	if (!output_pending(o))
		return 0;
	n = write(o->fd, o->buf + o->start, write_size(o));
	if (n == -1)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	o->start += (size_t)n;
	return 0;
}

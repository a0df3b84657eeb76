/*
 * Output: messages as lines on a descriptor
 */
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
		each += STAMP_MAX;
	return (LINK_READ + MESSAGE_SIZE) * each;
}

int
output_init(struct output *o, int fd, const char *format, bool json)
{
	memset(o, 0, sizeof(*o));
	o->format = format;
	o->json = json;
	o->safe = isatty(fd) == 1;
	o->raw = format == NULL && !json && !o->safe;
	output_time(o, 0);
	return outbuf_init(&o->out, fd, 2 * grown(o));
}

void
output_free(struct output *o)
{
	outbuf_free(&o->out);
}

bool
output_ready(const struct output *o)
{
	return outbuf_space(&o->out) >= grown(o);
}

void
output_time(struct output *o, int64_t seconds)
{
	o->time = seconds;
	if (o->format == NULL)
		return;
	o->stamp_cols = wrap_width(o->stamp,
	    stamp_write(o->stamp, o->format, seconds));
}

/* These return how many bytes they have put. */

static size_t
put_bytes(char *to, const char *s, size_t len)
{
	memcpy(to, s, len);
	return len;
}

/* A line without its LF on rows of cols columns, col of which are used. */
static size_t
put_safe(char *to, const char *line, size_t len, size_t cols, size_t col)
{
	char shown[SHOW_GROWTH * MESSAGE_SIZE];
	size_t n = 0;

	len = show_text(shown, line, len);
	if (col == 0 && wrap_need_mark(shown, len))
		n = col = put_bytes(to, WRAP_MARK, strlen(WRAP_MARK));
	return n + wrap_break(to + n, shown, len, cols, col, "\n");
}

/* One line, with its LF, as it is shown. */
static size_t
put_line(const struct output *o, char *to, const char *line, size_t len,
    size_t cols)
{
	size_t n = put_bytes(to, o->stamp, strlen(o->stamp));

	if (o->safe)
		n += put_safe(to + n, line, len - 1, cols, o->stamp_cols);
	else
		n += put_bytes(to + n, line, len - 1);
	to[n++] = '\n';
	return n;
}

/* The same as an object. On a terminal it has ASCII alone, which is safe. */
static size_t
put_json(struct output *o, char *to, const char *line, size_t len)
{
	const struct json message = {
		.number = o->number++,
		.time = o->time,
		.named = o->named,
		.ascii = o->safe
	};

	return json_message(to, &message, line, len - 1);
}

void
output_lost(struct output *o, uint64_t n, bool counted)
{
	if (!o->json)
		return;
	outbuf_add(&o->out, json_lost(outbuf_end(&o->out), n, counted));
}

void
output_put(struct output *o, const char *lines, size_t len)
{
	const char *end = lines + len, *lf;
	size_t cols = o->safe ? wrap_columns(o->out.fd) : 0, n = 0;
	char *to;

	if (o->raw) {
		outbuf_put(&o->out, lines, len);
		return;
	}
	if (cols == 0)
		cols = WRAP_COLUMNS;	/* it is gone, or won't tell */
	to = outbuf_end(&o->out);
	for (; lines < end; lines = lf + 1) {
		lf = memchr(lines, '\n', (size_t)(end - lines));
		if (lf == NULL)
			break;
		len = (size_t)(lf - lines) + 1;
		n += o->json ? put_json(o, to + n, lines, len) :
		    put_line(o, to + n, lines, len, cols);
	}
	outbuf_add(&o->out, n);
}

bool
output_pending(const struct output *o)
{
	return outbuf_pending(&o->out);
}

int
output_write(struct output *o)
{
	return outbuf_write(&o->out);
}

/*
 * Input: lines from a descriptor on their way into the room
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "input.h"
#include "line.h"
#include "link.h"

#define INPUT_SIZE	(INPUT_READ + LINE_KEEP + 1)	/* an LF at the end */

int
input_init(struct input *in, int fd, bool repair)
{
	memset(in, 0, sizeof(*in));
	in->fd = fd;
	in->repair = repair;
	in->buf = malloc(INPUT_SIZE);
	return in->buf == NULL ? -1 : 0;
}

int
input_text(struct input *in, const char *text, bool repair)
{
	memset(in, 0, sizeof(*in));
	in->fd = -1;
	in->repair = repair;
	in->eof = true;
	in->len = strlen(text);
	in->buf = strdup(text);
	return in->buf == NULL ? -1 : 0;
}

void
input_listen(struct input *in, const struct input_talker *talker, void *arg)
{
	in->talker = talker;
	in->arg = arg;
}

void
input_free(struct input *in)
{
	free(in->buf);
	in->buf = NULL;
}

bool
input_wanted(const struct input *in)
{
	return !in->eof && in->len <= LINE_KEEP;
}

int
input_read(struct input *in)
{
	ssize_t n = read(in->fd, in->buf + in->len, INPUT_READ);

	if (n == -1)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	in->len += (size_t)n;
	in->eof = n == 0;
	/* From here on the last line ends like any other. */
	if (in->eof && in->talker == NULL && (in->len > 0 ?
	    in->buf[in->len - 1] != '\n' : in->inside))
		in->buf[in->len++] = '\n';
	return 0;
}

static void
refuse_input(struct input *in, const struct text_fault *f)
{
	char reason[FAULT_SIZE];

	in->refused++;
	(void)text_fault_say(reason, f);
	if (in->talker != NULL)
		in->talker->refused(in->arg, in->lines, reason);
	else
		warnx("line %" PRIu64 ": %s", in->lines, reason);
}

/* Whether it's a control line, which then is done with. */
static bool
input_control(struct input *in, const struct line *line, enum line_kind kind)
{
	if (in->talker == NULL || line->text[0] != CTL_MARK)
		return false;
	if (kind == LINE_LONG)
		in->talker->refused(in->arg, 0, "the control line is too long");
	else
		in->talker->control(in->arg, line->text + 1, line->len - 1);
	return true;
}

/*
 * Whether the input has ended inside of this line, which then is refused: who
 * talks to us ends its lines, so it must have been cut off. Returns how many
 * bytes are done with.
 */
static size_t
input_cut(struct input *in, const struct line *line)
{
	bool control;

	if (in->talker == NULL || !in->eof || line->len == 0)
		return 0;
	control = line->text[0] == CTL_MARK;
	if (!control)
		in->lines++;
	in->talker->refused(in->arg, control ? 0 : in->lines,
	    "no LF at the end");
	return line->len;
}

static bool
can_refuse(const struct input *in)
{
	return in->talker == NULL || in->talker->ready(in->arg);
}

static bool
send_line(struct input *in, struct link *l, const char *text, size_t len)
{
	return link_say(l, text, len, in->lines);
}

static void
input_line(struct input *in, struct link *l, const struct line *line,
    enum line_kind kind)
{
	struct text_fault f = { .kind = FAULT_LONG };

	if (input_control(in, line, kind))
		return;
	in->lines++;
	if (kind == LINE_LONG || link_prefix_size(l) + line->len > TEXT_MAX) {
		/* What's wrong in a long line comes first, if it's there. */
		if (kind == LINE_LONG || text_check(line->text, line->len, &f))
			f.kind = FAULT_LONG;
		refuse_input(in, &f);
	} else if (!text_check(line->text, line->len, &f))
		refuse_input(in, &f);
	else
		(void)send_line(in, l, line->text, line->len);
}

/* The lines that need no closer look, all at once. */
static size_t
input_good_lines(struct input *in, struct link *l, const char *buf, size_t len)
{
	size_t space = link_space(l);
	size_t size, lines;

	if (in->skip || link_prefix_size(l) > 0)
		return 0;
	size = line_plain(buf, len < space ? len : space, &lines);
	if (size > 0 && !link_say_lines(l, buf, size, lines, in->lines + 1))
		return 0;
	in->lines += lines;
	return size;
}

/* Returns how many bytes of the buffer are done with. */
static size_t
input_lines(struct input *in, struct link *l)
{
	size_t done = 0;
	enum line_kind kind;
	struct line line;

	while (link_has_space(l) && can_refuse(in)) {
		done += input_good_lines(in, l, in->buf + done, in->len - done);
		if (!link_has_space(l))
			break;
		kind = line_cut(&in->skip, in->buf + done, in->len - done,
		    &line);
		done += line.size;
		if (kind == LINE_PART)
			return done + input_cut(in, &line);
		input_line(in, l, &line, kind);
	}
	return done;
}

/*
 * Send one line's worth, or a part of a longer line. Returns how many bytes
 * are done with; 0 if there's not enough to decide.
 */
static size_t
repair_line(struct input *in, struct link *l, char *buf, size_t len)
{
	char text[TEXT_MAX], *lf = memchr(buf, '\n', len);
	size_t size = lf == NULL ? len : (size_t)(lf - buf), used, n;
	bool ends;

	/* The longest line may have a CR, too, before its LF. */
	if (lf == NULL && len <= LINE_SIZE)
		return 0;
	if (lf != NULL && size > 0 && lf[-1] == '\r')
		size--;
	n = text_repair(text, sizeof(text) - link_prefix_size(l), buf, size,
	    &used);
	ends = lf != NULL && used == size;
	if (!in->inside)
		in->lines++;
	in->inside = !ends;
	(void)send_line(in, l, text, n);
	return ends ? (size_t)(lf - buf) + 1 : used;
}

static size_t
repair_lines(struct input *in, struct link *l)
{
	size_t done = 0, n;

	while (link_has_space(l) && done < in->len) {
		n = repair_line(in, l, in->buf + done, in->len - done);
		if (n == 0)
			break;
		done += n;
	}
	return done;
}

bool
input_take(struct input *in, struct link *l)
{
	size_t done = in->repair ? repair_lines(in, l) :
	    input_lines(in, l);

	in->len -= done;
	memmove(in->buf, in->buf + done, in->len);
	return in->eof && in->len == 0;
}

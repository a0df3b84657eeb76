/*
 * The past: readers that are behind the ring
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catchup.h"
#include "client.h"
#include "line.h"
#include "log.h"
#include "store/journal.h"
#include "store/scan.h"

#define NUMBER_SIZE	32		/* SOH, a word, a number and LF */

int
catchup_init(struct catchup_buffer *b, struct journal *j)
{
	b->journal = j;
	b->in = malloc(CATCHUP_READ);
	b->out = malloc(CATCHUP_SIZE);
	if (b->in != NULL && b->out != NULL)
		return 0;
	catchup_free(b);
	return -1;
}

void
catchup_free(struct catchup_buffer *b)
{
	free(b->in);
	free(b->out);
	b->in = b->out = NULL;
}

void
catchup_enter(struct client *c, uint64_t number)
{
	client_drop_catchup(c);
	c->catchup = calloc(1, sizeof(*c->catchup));
	if (c->catchup == NULL) {
		client_give_up(c);
		return;
	}
	c->catchup->step = CATCHUP_READ;
	c->catchup->place.number = number;
	c->catchup->place.told = c->time;
	c->catchup->place.needs_at = c->needs_at;
	c->cursor = CURSOR_NONE;
}

bool
catchup_over(struct client *c, const struct ring *r)
{
	const struct catchup_place *p = &c->catchup->place;

	if (p->number < ring_oldest(r))
		return false;
	c->cursor = ring_position(r, p->number);
	c->needs_at = p->needs_at;
	c->time = p->told;
	client_drop_catchup(c);
	return true;
}

bool
catchup_pending(const struct client *c)
{
	return c->catchup != NULL && c->catchup->place.number < c->until_line;
}

static void
put(struct catchup_buffer *b, const char *s, size_t len)
{
	memcpy(b->out + b->len, s, len);
	b->len += len;
}

static void
put_number(struct catchup_buffer *b, const char *word, uint64_t n)
{
	b->len += (size_t)snprintf(b->out + b->len, NUMBER_SIZE, "%c%s %" PRIu64
	    "\n", CTL_MARK, word, n);
}

/* Lines of somebody else, as many as there's space for. */
static size_t
put_lines(struct catchup_buffer *b, const struct client *c, const char *lines,
    size_t len)
{
	struct catchup_place *p = &b->after;

	if (c->times && p->told != p->said) {
		p->told = p->said;
		put_number(b, "time", (uint64_t)p->told);
	}
	if (p->needs_at && !c->plain && b->len < b->limit) {
		p->needs_at = false;
		put_number(b, "at", p->number);
	}
	if (len > b->limit - b->len)
		len = b->limit - b->len;
	while (len > 0 && lines[len - 1] != '\n')
		len--;
	put(b, lines, len);
	return len;
}

/*
 * Returns how many bytes of the nlines lines are done with. They are gone
 * through once more only where they are cut.
 */
static size_t
take_lines(struct catchup_buffer *b, const struct client *c, const char *lines,
    size_t len, uint64_t nlines)
{
	struct catchup_place *p = &b->after;
	uint64_t wanted;
	size_t fits, skipped = 0;

	if (nlines <= p->number - p->at) {
		p->at += nlines;
		return len;
	}
	if (p->at < p->number) {
		wanted = p->number - p->at;
		nlines -= wanted;
		skipped = line_skip(lines, len, &wanted);
		lines += skipped;
		len -= skipped;
	}
	if (nlines > c->until_line - p->number) {
		wanted = nlines = c->until_line - p->number;
		len = line_skip(lines, len, &wanted);
	}
	if (p->author == c->id) {
		p->needs_at = true;
	} else if ((fits = put_lines(b, c, lines, len)) < len) {
		len = fits;
		nlines = line_count(lines, len);
	}
	p->number += nlines;
	p->at = p->number;
	return skipped + len;
}

/*
 * The next line to be read has that number. Returns false if lines are missing
 * before it.
 */
static bool
arrive(const struct client *c, struct catchup_buffer *b, uint64_t number)
{
	struct catchup_place *p = &b->after;
	uint64_t end = number < c->until_line ? number : c->until_line;

	p->damaged = false;
	p->at = number;
	if (number <= p->number)
		return true;
	b->lost = end - p->number;
	p->number = number;
	p->needs_at = true;
	return false;
}

static bool
take_record(const struct client *c, struct catchup_buffer *b,
    const struct record *r)
{
	struct catchup_place *p = &b->after;

	if (r->kind == RECORD_AT)
		return arrive(c, b, r->n);
	if (r->kind == RECORD_BY)
		p->author = r->author;
	else if (r->kind == RECORD_TIME)
		p->said = (int64_t)r->n;
	return true;
}

static void
report(struct catchup_buffer *b, const char *why)
{
	struct catchup_place *p = &b->after;
	char name[STORE_NAME_SIZE];

	if (!p->damaged)
		log_event("%s/%s: damaged at byte %" PRIu64 ": %s",
		    b->journal->store.config.path,
		    store_name(name, p->segment), p->offset, why);
	p->damaged = true;
}

/*
 * Pass over what can't be read; but first the client gets what is before it.
 * Returns whether to go on.
 */
static bool
take_bad(struct catchup_buffer *b, struct scan *s, const char *why)
{
	if (b->len > 0) {
		s->size = 0;
		return false;
	}
	report(b, why);
	return true;
}

/* Take one piece of a segment. Returns whether to go on after it. */
static bool
take(const struct client *c, struct catchup_buffer *b, const char *buf,
    size_t len, struct scan *s)
{
	size_t size;

	switch (scan_next(s, buf, len)) {
	case SCAN_PART:
		s->size = 0;
		if (len == b->inlen && take_bad(b, s, "half a line"))
			s->size = len;
		return false;
	case SCAN_BAD:
		return take_bad(b, s, s->why);
	case SCAN_RECORD:
		return take_record(c, b, &s->record);
	case SCAN_LINES:
		break;
	}
	size = s->size;
	if (!b->after.damaged)
		s->size = take_lines(b, c, buf, size, s->lines);
	return s->size == size;
}

/* Make of what was read what the client is to get, while less than stop. */
static void
take_all(const struct client *c, struct catchup_buffer *b, size_t stop)
{
	struct catchup_place *p = &b->after;
	size_t done = 0;
	bool more = true;
	struct scan s;

	while (more && done < b->inlen && b->len < stop &&
	    p->number < c->until_line) {
		more = take(c, b, b->in + done, b->inlen - done, &s);
		done += s.size;
		p->offset += s.size;
	}
}

static void
enter_segment(const struct client *c, struct catchup_buffer *b,
    const struct segment *s)
{
	b->after.segment = s->first;
	b->after.offset = 0;
	(void)arrive(c, b, s->first);
}

/* There's no more in this segment, or no segment yet. */
static void
next_segment(const struct client *c, const struct ring *r,
    struct catchup_buffer *b)
{
	const struct store *st = &b->journal->store;
	const struct segment *s;

	if (b->after.segment != 0)
		s = store_next(st, b->after.segment);
	else if ((s = store_find(st, b->after.number)) == NULL)
		s = store_next(st, 0);
	if (s != NULL)
		enter_segment(c, b, s);
	else
		(void)arrive(c, b, ring_oldest(r));
}

static bool
is_short(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM ||
	    error == EINTR;
}

void
catchup_read(const struct client *c, const struct ring *r,
    struct catchup_buffer *b)
{
	struct catchup_place *p = &b->after;
	ssize_t n = 0;

	*p = c->catchup->place;
	b->inlen = b->len = 0;
	b->lost = 0;
	b->limit = CATCHUP_SIZE;
	if (p->segment != 0)
		n = store_read(&b->journal->store, p->segment, p->offset, b->in,
		    c->catchup->step);
	b->failed = n == -1 && is_short(errno);
	if (b->failed) {
		log_event("%s: %s", b->journal->store.config.path,
		    strerror(errno));
		return;
	}
	if (n == -1 && errno != ENOENT)
		report(b, strerror(errno));
	if (n <= 0) {
		next_segment(c, r, b);
		return;
	}
	b->inlen = (size_t)n;
	take_all(c, b, CATCHUP_SIZE - MESSAGE_SIZE - 2 * NUMBER_SIZE);
}

/* The end of the line that the nth byte is in. */
static size_t
line_end(const struct catchup_buffer *b, size_t n)
{
	const char *lf;

	if (n == 0 || b->out[n - 1] == '\n')
		return n;
	lf = memchr(b->out + n, '\n', b->len - n);
	return lf == NULL ? b->len : (size_t)(lf - b->out) + 1;
}

size_t
catchup_written(struct client *c, struct catchup_buffer *b, size_t n)
{
	size_t end = line_end(b, n), step = c->catchup->step;

	if (b->failed) {
		client_give_up(c);
		return 0;
	}
	if (n == b->len) {
		step = step < CATCHUP_READ / 2 ? 2 * step : CATCHUP_READ;
	} else {
		step = step > 2 * CATCHUP_READ_MIN ? step / 2 :
		    CATCHUP_READ_MIN;
		/* Once more, but no further than that. */
		b->after = c->catchup->place;
		b->len = 0;
		b->lost = 0;
		b->limit = end;
		take_all(c, b, end);
	}
	c->lost += b->lost;
	c->catchup->place = b->after;
	c->catchup->step = step;
	return end - n;
}

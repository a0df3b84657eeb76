/*
 * Catch-up: readers that are behind the ring
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
#include "store/record.h"

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
	c->catchup->position.number = number;
	c->catchup->position.sent_time = c->time;
	c->catchup->position.needs_at = c->needs_at;
	c->cursor = CURSOR_NONE;
}

void
catchup_search(struct client *c, uint64_t number, int64_t since)
{
	c->needs_at = true;
	catchup_enter(c, number);
	if (c->catchup != NULL)
		c->catchup->position.since = since;
}

/* The search is over: the next line for the client has that number. */
static void
end_search(struct client *c, struct catchup_position *p, uint64_t number)
{
	client_tell(c, "at %" PRIu64, number);
	p->number = number;
	p->needs_at = false;
	p->since = 0;
}

/* What wasn't found in the store may be in the ring, as far as it is visible:
 * later lines come after it anyway. */
static void
search_ring(struct client *c, struct catchup_position *p, const struct ring *r)
{
	uint64_t pos = ring_since(r, p->since);

	end_search(c, p, ring_number(r, pos < r->visible ? pos : r->visible));
}

bool
catchup_return(struct client *c, const struct ring *r)
{
	struct catchup_position *p = &c->catchup->position;

	if (p->since > 0 && p->number >= ring_oldest(r))
		search_ring(c, p, r);
	else if (p->since > 0 && p->number >= c->until_line)
		end_search(c, p, p->number);
	if (p->number < ring_oldest(r))
		return false;
	c->cursor = ring_position(r, p->number);
	c->needs_at = p->needs_at;
	c->time = p->sent_time;
	client_drop_catchup(c);
	return true;
}

bool
catchup_pending(const struct client *c)
{
	return c->catchup != NULL && (c->catchup->position.since > 0 ||
	    c->catchup->position.number < c->until_line);
}

static void
append_out(struct catchup_buffer *b, const char *s, size_t len)
{
	memcpy(b->out + b->len, s, len);
	b->len += len;
}

static void
append_number(struct catchup_buffer *b, const char *word, uint64_t n)
{
	b->len += ctl_format_number(b->out + b->len, word, n);
}

static void
append_at(struct catchup_buffer *b)
{
	append_number(b, "at", b->after.number);
	b->after.needs_at = false;
}

/* Append lines of somebody else, as many as fit. Returns their bytes. */
static size_t
append_lines(struct catchup_buffer *b, const struct client *c,
    const char *lines, size_t len)
{
	struct catchup_position *p = &b->after;

	if (c->times && p->sent_time != p->line_time && b->len < b->limit) {
		p->sent_time = p->line_time;
		append_number(b, "time", (uint64_t)p->sent_time);
	}
	if (p->needs_at && !c->plain && b->len < b->limit)
		append_at(b);
	if (len > b->limit - b->len)
		len = b->limit - b->len;
	while (len > 0 && lines[len - 1] != '\n')
		len--;
	append_out(b, lines, len);
	return len;
}

/*
 * Whether a search goes on after nlines lines. If it ends with them, the client
 * hears their number first of all: that is the answer to its role.
 */
static bool
is_too_early(struct catchup_buffer *b, uint64_t nlines)
{
	struct catchup_position *p = &b->after;

	if (p->since == 0)
		return false;
	if (p->line_time < p->since) {
		p->at += nlines;
		p->number = p->at;
		return true;
	}
	p->since = 0;
	append_at(b);
	return false;
}

/*
 * Take what the client is to get of nlines lines. Returns how many of their
 * bytes are done with. Lines are counted again only where they have to be cut.
 */
static size_t
catchup_lines(struct catchup_buffer *b, const struct client *c,
    const char *lines, size_t len, uint64_t nlines)
{
	struct catchup_position *p = &b->after;
	uint64_t wanted;
	size_t fits, skipped = 0;

	if (is_too_early(b, nlines))
		return len;
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
	} else if ((fits = append_lines(b, c, lines, len)) < len) {
		len = fits;
		nlines = line_count(lines, len);
	}
	p->number += nlines;
	p->at = p->number;
	return skipped + len;
}

/*
 * The next line of the segment has that number. Returns false if lines are
 * missing before it.
 */
static bool
catchup_arrive(const struct client *c, struct catchup_buffer *b,
    uint64_t number)
{
	struct catchup_position *p = &b->after;
	uint64_t end = number < c->until_line ? number : c->until_line;

	p->damaged = false;
	p->at = number;
	if (number <= p->number)
		return true;
	if (p->since > 0) {
		p->number = number;
		return true;
	}
	b->lost = end - p->number;
	p->number = number;
	p->needs_at = true;
	return false;
}

static bool
catchup_record(const struct client *c, struct catchup_buffer *b,
    const struct record *r)
{
	struct catchup_position *p = &b->after;

	if (r->kind == RECORD_AT)
		return catchup_arrive(c, b, r->n);
	if (r->kind == RECORD_BY)
		p->author = r->author;
	else if (r->kind == RECORD_TIME)
		p->line_time = (int64_t)r->n;
	return true;
}

static void
catchup_damage(struct catchup_buffer *b, const char *why)
{
	struct catchup_position *p = &b->after;
	char name[STORE_NAME_SIZE];

	if (!p->damaged)
		log_event("%s/%s: damaged at byte %" PRIu64 ": %s",
		    b->journal->store.config.path,
		    store_name(name, p->segment), p->offset, why);
	p->damaged = true;
}

/*
 * Skip what can't be read, once the client has got what is before it. Returns
 * whether to go on.
 */
static bool
skip_bad(struct catchup_buffer *b, struct record_scan *s, const char *why)
{
	if (b->len > 0) {
		s->size = 0;
		return false;
	}
	catchup_damage(b, why);
	return true;
}

/* Take the next piece of a segment. Returns whether to go on after it. */
static bool
catchup_piece(const struct client *c, struct catchup_buffer *b, const char *buf,
    size_t len, struct record_scan *s)
{
	size_t size;

	switch (record_scan(s, buf, len)) {
	case SCAN_PART:
		s->size = 0;
		if (len == b->inlen && skip_bad(b, s, "an incomplete line"))
			s->size = len;
		return false;
	case SCAN_BAD:
		return skip_bad(b, s, s->why);
	case SCAN_RECORD:
		return catchup_record(c, b, &s->record);
	case SCAN_LINES:
		break;
	}
	size = s->size;
	if (!b->after.damaged)
		s->size = catchup_lines(b, c, buf, size, s->lines);
	return s->size == size;
}

/* Take pieces of what was read until out has at least stop bytes. */
static void
catchup_pieces(const struct client *c, struct catchup_buffer *b, size_t stop)
{
	struct catchup_position *p = &b->after;
	size_t done = 0;
	bool more = true;
	struct record_scan s;

	while (more && done < b->inlen && b->len < stop &&
	    p->number < c->until_line) {
		more = catchup_piece(c, b, b->in + done, b->inlen - done, &s);
		done += s.size;
		p->offset += s.size;
	}
}

static void
catchup_segment(const struct client *c, struct catchup_buffer *b,
    const struct segment *s)
{
	b->after.segment = s->first;
	b->after.offset = 0;
	(void)catchup_arrive(c, b, s->first);
}

/* Begin with the next segment after this one, or with the client's first. */
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
		catchup_segment(c, b, s);
	else
		(void)catchup_arrive(c, b, ring_oldest(r));
}

static bool
is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM ||
	    error == EINTR;
}

void
catchup_read(const struct client *c, const struct ring *r,
    struct catchup_buffer *b)
{
	struct catchup_position *p = &b->after;
	ssize_t n = 0;

	*p = c->catchup->position;
	b->inlen = b->len = 0;
	b->lost = 0;
	b->limit = CATCHUP_SIZE;
	if (p->segment != 0)
		n = store_read(&b->journal->store, p->segment, p->offset, b->in,
		    c->catchup->step);
	b->failed = n == -1 && is_shortage(errno);
	if (b->failed) {
		log_event("%s: %s", b->journal->store.config.path,
		    strerror(errno));
		return;
	}
	if (n == -1 && errno != ENOENT)
		catchup_damage(b, strerror(errno));
	if (n <= 0) {
		next_segment(c, r, b);
		return;
	}
	b->inlen = (size_t)n;
	catchup_pieces(c, b, CATCHUP_SIZE - MESSAGE_SIZE - 2 * CTL_NUMBER_SIZE);
}

/* Where the line ends that has the nth byte. */
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
		/* Repeat the step, up to the end of the line. */
		b->after = c->catchup->position;
		b->len = 0;
		b->lost = 0;
		b->limit = end;
		catchup_pieces(c, b, end);
	}
	c->lost += b->lost;
	c->catchup->position = b->after;
	c->catchup->step = step;
	return end - n;
}

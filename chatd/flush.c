/*
 * Flushing: giving a client what it hasn't got yet, in one write
 *
 * What goes out is a list of pieces. Each says what is true of the client once
 * it is written whole, so after a short write the pieces that were written
 * have happened, the others have not, and the next flush makes them anew. Only
 * a control line that was cut is kept, for it can't be taken back.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/catchup.h"
#include "core/client.h"
#include "core/presence.h"
#include "flush.h"
#include "room/ring.h"

#define PIECES_MAX	64		/* an odd one out waits for a round */
#define PIECES_STEP	4		/* most that one span adds */
#define NUMBER_SIZE	32		/* SOH, a word, a number and LF */

enum piece_kind {
	PIECE_OUT,			/* waiting control lines */
	PIECE_RING,			/* the room up to value */
	PIECE_PAST,			/* what came before the ring */
	PIECE_SKIP,			/* own lines, not written, up to it */
	PIECE_OK,			/* value lines are settled */
	PIECE_LOST,			/* lines are lost */
	PIECE_AT,			/* the next line's number */
	PIECE_TIME			/* the next line's time is value */
};

struct piece {
	enum piece_kind	 kind;
	uint64_t	 value;
	size_t		 len;		/* bytes to write for it */
};

struct pieces {
	struct catchup_buffer *catchup;
	struct piece	 piece[PIECES_MAX];
	struct iovec	 iov[2 * PIECES_MAX];
	char		 text[PIECES_MAX][NUMBER_SIZE];
	int		 n;		/* pieces */
	int		 niov;
};

static void
add(struct pieces *b, enum piece_kind kind, uint64_t value, const void *buf,
    size_t len)
{
	struct piece *p = &b->piece[b->n++];

	p->kind = kind;
	p->value = value;
	p->len = len;
	if (len == 0)
		return;
	b->iov[b->niov].iov_base = (void *)(uintptr_t)buf;
	b->iov[b->niov++].iov_len = len;
}

static void
add_ring(struct pieces *b, const struct ring *r, uint64_t from, uint64_t to)
{
	struct piece *p = &b->piece[b->n];

	if (from == to)
		return;
	b->n++;
	p->kind = PIECE_RING;
	p->value = to;
	p->len = (size_t)(to - from);
	b->niov += ring_iov(r, from, to, b->iov + b->niov);
}

/* A control line that is a word and a number, but for "lost ?". */
static void
add_number(struct pieces *b, enum piece_kind kind, const char *word,
    uint64_t value)
{
	char *text = b->text[b->n];
	int len;

	if (kind == PIECE_LOST && value == LOST_UNKNOWN)
		len = snprintf(text, NUMBER_SIZE, "%c%s ?\n", CTL_MARK, word);
	else
		len = snprintf(text, NUMBER_SIZE, "%c%s %" PRIu64 "\n",
		    CTL_MARK, word, value);
	add(b, kind, value, text, (size_t)len);
}

static bool
has_settled(const struct client *c)
{
	return !c->plain && (c->role & ROLE_SEND) != 0 && c->told != c->lines;
}

static bool
owes_ok(const struct client *c, const struct ring *r)
{
	return !r->held && has_settled(c);
}

bool
flush_waits(const struct client *c, const struct ring *r)
{
	return r->held && (c->unsure || has_settled(c));
}

/* Where the client's part of the room ends for now. */
static uint64_t
limit(const struct client *c, const struct ring *r)
{
	return c->until < r->shown ? c->until : r->shown;
}

/*
 * A fresh client may be about to say that it doesn't want what plain ones get,
 * and what it has lost of that is nothing to it then.
 */
static bool
owes_ring(const struct client *c, const struct ring *r)
{
	return c->state > CLIENT_FRESH && c->cursor < limit(c, r);
}

static bool
owes_past(const struct client *c)
{
	return c->state > CLIENT_FRESH && catchup_pending(c);
}

static bool
owes_lost(const struct client *c)
{
	return c->state > CLIENT_FRESH && c->lost > 0;
}

/*
 * The next line's number, also if nobody has said it yet: so who has spoken
 * knows at once what came before that.
 */
static bool
owes_at(const struct client *c, const struct ring *r, uint64_t pos)
{
	return pos == limit(c, r) && !c->plain && c->catchup == NULL &&
	    c->state == CLIENT_TALKING;
}

bool
flush_pending(const struct client *c, const struct ring *r)
{
	if (r->held && c->unsure)
		return false;
	return c->outlen > 0 || owes_ring(c, r) || owes_past(c) ||
	    owes_lost(c) || owes_ok(c, r) || c->bye != BYE_NONE ||
	    (c->needs_at && owes_at(c, r, c->cursor)) ||
	    presence_pending(c);
}

static void
add_at(struct pieces *b, const struct client *c, const struct ring *r,
    uint64_t pos)
{
	if (!c->plain)
		add_number(b, PIECE_AT, "at", ring_number(r, pos));
}

/* The room from pos, where a line starts, without the client's own lines. */
static void
add_spans(struct pieces *b, const struct client *c, const struct ring *r,
    uint64_t pos)
{
	uint64_t end = limit(c, r), i = ring_span_at(r, pos), from = pos, to;
	bool needs_at = c->needs_at, own, later;
	const struct ring_span *s;
	int64_t time = c->time;

	for (; pos < end && b->n + PIECES_STEP <= PIECES_MAX; i++, pos = to) {
		s = ring_span(r, i);
		to = ring_span_end(r, i) < end ? ring_span_end(r, i) : end;
		own = s->author == c->id;
		later = !own && c->times && s->time != time;
		if (own || later || needs_at) {
			add_ring(b, r, from, pos);
			from = pos;
		}
		if (later) {
			time = s->time;
			add_number(b, PIECE_TIME, "time", (uint64_t)time);
		}
		if (own) {
			add(b, PIECE_SKIP, to, NULL, 0);
			from = to;
		} else if (needs_at)
			add_at(b, c, r, pos);
		needs_at = own;
	}
	add_ring(b, r, from, pos);
	if (needs_at && owes_at(c, r, pos))
		add_at(b, c, r, pos);
}

static void
add_past(struct pieces *b, const struct client *c, const struct ring *r)
{
	catchup_read(c, r, b->catchup);
	add(b, PIECE_PAST, 0, b->catchup->out, b->catchup->len);
}

static void
gather(struct pieces *b, const struct client *c, const struct ring *r)
{
	uint64_t pos = c->cursor, end = limit(c, r);

	b->n = b->niov = 0;
	if (pos < end && !ring_at_line(r, pos)) {
		pos = ring_line_end(r, pos);
		add_ring(b, r, c->cursor, pos);
	}
	if (c->outlen > 0)
		add(b, PIECE_OUT, 0, c->out, c->outlen);
	if (owes_ok(c, r))
		add_number(b, PIECE_OK, "ok", c->lines);
	if (owes_lost(c))
		add_number(b, PIECE_LOST, "lost", c->lost);
	if (owes_past(c))
		add_past(b, c, r);
	if (!owes_ring(c, r) || pos >= end) {
		if (c->needs_at && owes_at(c, r, pos))
			add_at(b, c, r, pos);
		return;
	}
	if (c->times || c->authored > pos) {
		add_spans(b, c, r, pos);
		return;
	}
	if (c->needs_at)
		add_at(b, c, r, pos);
	add_ring(b, r, pos, end);
}

/* The len bytes of a control line that didn't go out go first next time. */
static void
keep_rest(struct client *c, const char *rest, size_t len)
{
	c->out = malloc(len);
	if (c->out == NULL) {
		client_give_up(c);
		return;
	}
	memcpy(c->out, rest, len);
	c->outlen = (uint32_t)len;
}

static void
out_written(struct client *c, size_t n)
{
	c->outlen -= (uint32_t)n;
	if (c->outlen > 0) {
		memmove(c->out, c->out + n, c->outlen);
		return;
	}
	free(c->out);
	c->out = NULL;
}

static void
written_of_past(struct client *c, struct catchup_buffer *catchup, size_t n)
{
	size_t rest = catchup_written(c, catchup, n);

	if (rest > 0)
		keep_rest(c, catchup->out + n, rest);
}

/* Of a piece, n > 0 bytes or all were written. */
static void
piece_written(struct client *c, const struct pieces *b, const struct piece *p,
    size_t n)
{
	switch (p->kind) {
	case PIECE_OUT:
		out_written(c, n);
		break;
	case PIECE_RING:
		c->cursor = p->value - (p->len - n);
		break;
	case PIECE_PAST:
		written_of_past(c, b->catchup, n);
		break;
	case PIECE_SKIP:
		c->cursor = p->value;
		c->needs_at = true;
		break;
	case PIECE_OK:
		c->told = p->value;
		break;
	case PIECE_LOST:
		c->lost = 0;
		break;
	case PIECE_AT:
		c->needs_at = false;
		break;
	case PIECE_TIME:
		c->time = (int64_t)p->value;
		break;
	}
}

static void
batch_written(struct client *c, const struct pieces *b, size_t n)
{
	const struct piece *p = b->piece;

	for (; p < b->piece + b->n && n >= p->len; p++) {
		n -= p->len;
		piece_written(c, b, p, p->len);
	}
	if (n == 0)
		return;
	piece_written(c, b, p, n);
	if (p->kind >= PIECE_OK)
		keep_rest(c, b->text[p - b->piece] + n, p->len - n);
}

/* Whoever reads it stops there: only when everything else has gone out. */
static void
say_bye(struct client *c, const struct ring *r)
{
	if (c->bye == BYE_NONE || owes_ring(c, r) || owes_past(c) ||
	    owes_lost(c) || owes_ok(c, r))
		return;
	client_tell(c, "bye %s", bye_text(c->bye));
	c->bye = BYE_NONE;
}

/* Who isn't to hear anything now still gets the rest of what is under way. */
static void
flush_rest(struct client *c)
{
	if (conn_flush(&c->conn) == -1 && errno != EAGAIN && errno != EINTR)
		client_mute(c, errno);
	else
		c->blocked = conn_unsent(&c->conn);
}

void
flush_client(struct client *c, const struct ring *r, struct catchup_buffer *catchup)
{
	struct pieces b;
	ssize_t n = 0;

	if (r->held && c->unsure) {
		flush_rest(c);
		return;
	}
	b.catchup = catchup;
	c->blocked = c->unsure = false;
	if (c->catchup != NULL)
		(void)catchup_over(c, r);
	say_bye(c, r);
	gather(&b, c, r);
	if (b.niov > 0)
		n = conn_writev(&c->conn, b.iov, b.niov);
	else
		n = conn_flush(&c->conn);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		client_mute(c, errno);
		return;
	}
	batch_written(c, &b, n == -1 ? 0 : (size_t)n);
	if (c->cursor == r->head)
		c->moved = false;
	c->blocked = flush_pending(c, r) || conn_unsent(&c->conn);
}

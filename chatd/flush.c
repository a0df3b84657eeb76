/*
 * Flushing: sending a client what it hasn't got yet, in one write
 *
 * What goes out is a list of pieces. Each of them says what is true of the
 * client once it is written whole. So after a short write, the pieces that were
 * written have happened and the others have not, and the next flush makes those
 * anew. Only a control line that was cut is kept, because it can't be taken
 * back.
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

#define PIECES_MAX	64		/* what doesn't fit waits for a round */
#define PIECES_STEP	4		/* most pieces that one span adds */

enum piece_kind {
	PIECE_OUT,			/* waiting control lines */
	PIECE_RING,			/* the ring up to value */
	PIECE_CATCHUP,			/* what the store has instead */
	PIECE_SKIP,			/* own lines up to value, not written */
	PIECE_OK,			/* value lines are settled */
	PIECE_LOST,			/* lines are lost */
	PIECE_AT,			/* value is the next line's number */
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
	char		 text[PIECES_MAX][CTL_NUMBER_SIZE];
	int		 n;		/* pieces */
	int		 niov;
};

static void
add_piece(struct pieces *b, enum piece_kind kind, uint64_t value,
    const void *buf, size_t len)
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

/* A control line of a word and a number, or "lost ?". */
static void
add_number(struct pieces *b, enum piece_kind kind, const char *word,
    uint64_t value)
{
	char *text = b->text[b->n];
	size_t len;

	if (kind == PIECE_LOST && value == LOST_UNKNOWN)
		len = (size_t)snprintf(text, CTL_NUMBER_SIZE, "%c%s ?\n",
		    CTL_MARK, word);
	else
		len = ctl_format_number(text, word, value);
	add_piece(b, kind, value, text, len);
}

static bool
has_settled(const struct client *c)
{
	return !c->plain && (c->role & ROLE_SEND) != 0 &&
	    c->acked != client_settled(c);
}

static bool
owes_ok(const struct client *c, const struct ring *r)
{
	return !r->held && has_settled(c);
}

/* The answer to its role is the first thing that it has to hear. */
static bool
lacks_answer(const struct client *c, const struct ring *r)
{
	return (r->held && c->unstored_ok) ||
	    (c->speaker != NULL && client_unanswered(c));
}

bool
flush_waits(const struct client *c, const struct ring *r)
{
	return (r->held && (c->unstored_ok || has_settled(c))) ||
	    client_unsettled(c);
}

/* Where the client's part of the ring ends for now. */
static uint64_t
limit(const struct client *c, const struct ring *r)
{
	return c->until < r->visible ? c->until : r->visible;
}

/*
 * A fresh client may be about to give a role, and then it doesn't want what
 * plain clients get, nor to know what it has lost of that.
 */
static bool
owes_ring(const struct client *c, const struct ring *r)
{
	return c->state > CLIENT_FRESH && c->cursor < limit(c, r);
}

static bool
owes_catchup(const struct client *c)
{
	return c->state > CLIENT_FRESH && catchup_pending(c);
}

static bool
owes_lost(const struct client *c)
{
	return c->state > CLIENT_FRESH && c->lost > 0;
}

/* Before it, the client hears of all that it has said. */
static bool
owes_bye(const struct client *c)
{
	return c->bye != BYE_NONE && !client_unsettled(c);
}

/*
 * The next line's number is sent even before there is such a line, so that a
 * client knows at once where its own lines stand.
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
	if (lacks_answer(c, r))
		return false;
	return c->outlen > 0 || owes_ring(c, r) || owes_catchup(c) ||
	    owes_lost(c) || owes_ok(c, r) || owes_bye(c) ||
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

/* The ring from pos, where a line starts, without the client's own lines. */
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
			add_piece(b, PIECE_SKIP, to, NULL, 0);
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
add_catchup(struct pieces *b, const struct client *c, const struct ring *r)
{
	catchup_read(c, r, b->catchup);
	add_piece(b, PIECE_CATCHUP, 0, b->catchup->out, b->catchup->len);
}

static void
gather_pieces(struct pieces *b, const struct client *c, const struct ring *r)
{
	uint64_t pos = c->cursor, end = limit(c, r);

	b->n = b->niov = 0;
	if (pos < end && !ring_at_line(r, pos)) {
		pos = ring_line_end(r, pos);
		add_ring(b, r, c->cursor, pos);
	}
	if (c->outlen > 0)
		add_piece(b, PIECE_OUT, 0, c->out, c->outlen);
	if (owes_ok(c, r))
		add_number(b, PIECE_OK, "ok", client_settled(c));
	if (owes_lost(c))
		add_number(b, PIECE_LOST, "lost", c->lost);
	if (owes_catchup(c))
		add_catchup(b, c, r);
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

/* The rest of a control line that was cut goes first next time. */
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
catchup_sent(struct client *c, struct catchup_buffer *catchup, size_t n)
{
	size_t rest = catchup_written(c, catchup, n);

	if (rest > 0)
		keep_rest(c, catchup->out + n, rest);
}

/* n bytes of a piece were written: all, or at least one. */
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
	case PIECE_CATCHUP:
		catchup_sent(c, b->catchup, n);
		break;
	case PIECE_SKIP:
		c->cursor = p->value;
		c->needs_at = true;
		break;
	case PIECE_OK:
		c->acked = p->value;
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
pieces_written(struct client *c, const struct pieces *b, size_t n)
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

/* A client stops reading at "bye": everything else has to go out first. */
static void
say_bye(struct client *c, const struct ring *r)
{
	if (!owes_bye(c) || owes_ring(c, r) || owes_catchup(c) ||
	    owes_lost(c) || owes_ok(c, r))
		return;
	client_tell(c, "bye %s", bye_text(c->bye));
	c->bye = BYE_NONE;
}

/* Send the rest of what is on its way, and nothing new. */
static void
flush_rest(struct client *c)
{
	if (conn_flush(&c->conn) == -1 && errno != EAGAIN && errno != EINTR)
		client_mute(c, errno);
	else
		c->blocked = conn_unsent(&c->conn);
}

void
flush_client(struct client *c, const struct ring *r,
    struct catchup_buffer *catchup)
{
	struct pieces b;
	ssize_t n = 0;

	if (lacks_answer(c, r)) {
		flush_rest(c);
		return;
	}
	b.catchup = catchup;
	c->blocked = c->unstored_ok = false;
	if (c->catchup != NULL)
		(void)catchup_return(c, r);
	say_bye(c, r);
	gather_pieces(&b, c, r);
	if (b.niov > 0)
		n = conn_writev(&c->conn, b.iov, b.niov);
	else
		n = conn_flush(&c->conn);
	if (n == -1 && errno != EAGAIN && errno != EINTR) {
		client_mute(c, errno);
		return;
	}
	pieces_written(c, &b, n == -1 ? 0 : (size_t)n);
	if (c->cursor == r->head)
		c->lagging = false;
	c->blocked = flush_pending(c, r) || conn_unsent(&c->conn);
}

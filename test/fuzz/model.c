/*
 * What a room has taken, and what everybody must hear of it
 */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "core/client.h"
#include "ctl.h"
#include "fuzz.h"
#include "model.h"
#include "reference.h"
#include "room/ring.h"

#define READ_MAX	(64 * 1024)
#define AUTHORS		4096		/* more than an input has steps */

struct echo {
	size_t		 at;		/* its text */
	size_t		 len;		/* with its LF */
	uint64_t	 author;
	int64_t		 time;
};

static struct echo said[MODEL_MAX];
static size_t nsaid;
static char text[40 * MODEL_MAX];	/* each line may get a name */
static size_t textlen;
static size_t sent;
static uint64_t settled[AUTHORS];	/* lines of each */

void
model_start(void)
{
	nsaid = textlen = sent = 0;
	memset(settled, 0, sizeof(settled));
}

size_t
model_left(void)
{
	return MODEL_MAX - sent;
}

void
model_enter(struct ear *e, int fd, struct client *c, const struct ring *r)
{
	memset(e, 0, offsetof(struct ear, sent));
	e->fd = fd;
	e->c = c;
	e->came_as = c->id;
	model_look(e, r);
}

void
model_look(struct ear *e, const struct ring *r)
{
	const struct client *c = e->c;
	bool pending = c->state == CLIENT_AUTHENTICATING;

	e->id = c->id;			/* of its session, if it has one */
	e->turned = c->turned_away;
	/* A session goes on where it ended, whoever has it. */
	if (c->state < CLIENT_LEAVING) {
		MUST(c->id < AUTHORS && c->lines >= settled[c->id]);
		settled[c->id] = c->lines;
	}
	if (e->inside || c->turned_away || pending ||
	    c->cursor == CURSOR_NONE)
		return;
	e->inside = true;
	e->pos = ring_number(r, c->cursor) - MODEL_FIRST;
}

void
model_say(struct ear *e, const char *s, size_t len)
{
	ssize_t n;

	if (e->fd == -1 || e->shut)
		return;
	len = len < model_left() ? len : model_left();
	n = send(e->fd, s, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n <= 0)
		return;
	memcpy(e->sent + e->sentlen, s, (size_t)n);
	e->sentlen += (size_t)n;
	sent += (size_t)n;
}

/* The next line of what was sent, the naive way, without LF and CR; false if
 * there is none. Half a line ends where the client does. */
static bool
next_line(struct ear *e, const char **line, size_t *len)
{
	const char *s = e->sent + e->checked, *lf;
	size_t left = e->sentlen - e->checked;

	if (left == 0)
		return false;
	lf = memchr(s, '\n', left);
	if (lf == NULL && (!e->shut || e->role))
		return false;
	*line = s;
	*len = lf == NULL ? left : (size_t)(lf - s);
	e->checked += *len + (lf != NULL);
	if (*len > 0 && s[*len - 1] == '\r')
		--*len;
	return true;
}

static bool
is_good(const char *s, size_t len)
{
	return len < LINE_SIZE && (len == 0 || s[0] != CTL_MARK) &&
	    reference_check((const unsigned char *)s, len).kind == FAULT_NONE;
}

/* One that the room took is the next good one that was sent. */
static void
take_line(struct ear *e, const char *s, size_t len)
{
	const char *line;
	size_t n;

	do
		MUST(next_line(e, &line, &n));
	while (!is_good(line, n));
	MUST(n == len && memcmp(line, s, len) == 0);
	e->accepted++;
}

void
model_take(struct ear *e, int64_t time, const char *lines, size_t len,
    size_t nlines, const char *prefix)
{
	size_t n, before = strlen(prefix);
	const char *lf;

	memcpy(text + textlen, lines, len);
	for (; nlines > 0; nlines--, lines += n, len -= n) {
		MUST(len > 0 && (lf = memchr(lines, '\n', len)) != NULL);
		n = (size_t)(lf - lines) + 1;
		MUST(n > before && memcmp(lines, prefix, before) == 0);
		take_line(e, lines + before, n - 1 - before);
		said[nsaid++] = (struct echo){ textlen, n, e->c->id, time };
		textlen += n;
	}
	MUST(len == 0);
}

static uint64_t
author(const struct ear *e)
{
	return e->role ? e->id : e->came_as;
}

static void
skip_own(struct ear *e)
{
	while (e->pos < nsaid && said[e->pos].author == author(e))
		e->pos++;
}

static void
hear_message(struct ear *e, const char *s, size_t len)
{
	const struct echo *want;

	MUST(!e->turned && !e->bye);
	MUST(e->c == NULL || !e->answered || e->c->role != ROLE_SEND);
	if (e->loose)
		return;
	if (!e->role)
		skip_own(e);
	MUST(!e->needs_at && e->pos < nsaid);
	want = &said[e->pos++];
	MUST(want->len == len && memcmp(text + want->at, s, len) == 0);
	MUST(!e->timed || want->time == e->time);
}

static void
ignore(void *arg, const char *reason)
{
	(void)arg;
	(void)reason;
}

/* Before its role is answered, this may be about what it asks for. */
static void
receive_lost(struct ear *e, const struct notice *n)
{
	uint64_t left = n->n;

	e->loose = e->loose || !n->counted;
	for (; left > 0 && e->pos < nsaid; e->pos++)
		left -= said[e->pos].author != author(e);
	e->loose = e->loose || left > 0;
	MUST(!e->loose || !e->role);
	e->needs_at = e->role;
	e->lost = n->n;
}

/* It gets what it has asked for, or is told how much is missing. */
static void
check_history(const struct ear *e, uint64_t number)
{
	const char *lf = memchr(e->sent, '\n', e->sentlen);
	struct hello h;

	if (lf == NULL || e->sent[0] != CTL_MARK || !hello_parse(&h,
	    e->sent + 1, (size_t)(lf - e->sent) - 1, ignore, NULL))
		return;
	if (h.history == HISTORY_FROM && !e->loose)
		MUST(number == h.n || number == h.n + e->lost);
}

static void
hear_at(struct ear *e, uint64_t number)
{
	uint64_t pos = number - MODEL_FIRST;

	MUST(number >= MODEL_FIRST && pos <= nsaid);
	e->needs_at = false;
	if (!e->role)
		check_history(e, number);
	if (!e->role || e->loose) {
		e->loose = false;
		e->pos = pos;
	}
	e->role = true;
	for (; e->pos < pos; e->pos++)
		MUST(said[e->pos].author == e->id);
	MUST(e->pos == pos);
}

static void
hear_ok(struct ear *e, uint64_t n)
{
	size_t i, lines = 0;

	for (i = 0; i < e->sentlen; i++)
		lines += e->sent[i] == '\n';
	if (!e->answered)
		e->began = n;
	MUST(!e->answered || n > e->settled);
	e->answered = true;
	e->settled = n;
	MUST(n - e->began <= lines);
}

static void
hear_control(struct ear *e, const char *s, size_t len)
{
	struct notice n;

	MUST(notice_parse(&n, s, len) && !e->bye);
	switch (n.kind) {
	case NOTICE_AT:
		hear_at(e, n.n);
		break;
	case NOTICE_OK:
		hear_ok(e, n.n);
		break;
	case NOTICE_ERROR:
		e->errors += n.n > 0;
		MUST(n.n == 0 || n.n > e->last_error);
		e->last_error = n.n > 0 ? n.n : e->last_error;
		break;
	case NOTICE_LOST:
		receive_lost(e, &n);
		break;
	case NOTICE_TIME:
		e->timed = true;
		e->time = (int64_t)n.n;
		break;
	case NOTICE_BYE:
		e->bye = true;
		break;
	case NOTICE_YOU:
	case NOTICE_HERE:
	case NOTICE_JOIN:
	case NOTICE_PART:
		MUST(reference_check((const unsigned char *)n.text,
		    n.textlen).kind == FAULT_NONE);
		break;
	case NOTICE_UNKNOWN:
		MUST(false);
	}
}

/* A byte at a time is slow, but then it's not much. */
static void
hear_byte(struct ear *e, char c)
{
	MUST(e->partlen < MESSAGE_SIZE);
	e->part[e->partlen++] = c;
	if (c != '\n')
		return;
	if (e->part[0] == CTL_MARK)
		hear_control(e, e->part + 1, e->partlen - 2);
	else
		hear_message(e, e->part, e->partlen);
	e->partlen = 0;
}

size_t
model_hear(struct ear *e, size_t size)
{
	static char buf[READ_MAX];
	ssize_t n;
	size_t i;

	if (e->fd == -1 || e->ended)
		return 0;
	n = recv(e->fd, buf, size < READ_MAX ? size : READ_MAX, MSG_DONTWAIT);
	if (n == 0 || (n == -1 && errno != EAGAIN))
		e->ended = true;
	for (i = 0; n > 0 && i < (size_t)n; i++)
		hear_byte(e, buf[i]);
	return n > 0 ? (size_t)n : 0;
}

/* How many lines were sent that the room must have taken or refused. */
static uint64_t
sent_lines(const struct ear *e)
{
	const char *s = e->sent, *end = e->sent + e->sentlen, *lf;
	uint64_t n = 0;

	while (s < end && (lf = memchr(s, '\n', (size_t)(end - s))) != NULL) {
		n += *s != CTL_MARK;
		s = lf + 1;
	}
	if (s < end && *s != CTL_MARK)
		n += e->shut && e->c == NULL && !e->role && !e->answered;
	return n;
}

void
model_settled(struct ear *e)
{
	const struct client *c = e->c;

	if (e->fd == -1) {
		MUST(c == NULL);	/* who has gone is not there */
		return;
	}
	MUST(e->partlen == 0 || e->ended);
	if (c == NULL || c->state != CLIENT_TALKING || e->ended)
		return;
	MUST(c->inlen < LINE_SIZE || c->stalled);
	MUST(e->accepted + e->errors == sent_lines(e));
	if (e->answered) {
		MUST(e->settled == c->lines);
		MUST(e->accepted + e->errors == e->settled - e->began);
	}
	if ((c->role & ROLE_RECV) != 0) {
		skip_own(e);
		MUST(!e->loose && e->pos == nsaid);
	}
}

/*
 * Helpers: what the fake log says to each room, as chat-log(7) has it
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fdpass.h"
#include "helper.h"
#include "wild.h"

#define STUCK_MS	1000
#define STALL_MS	2000		/* the longest of mischief's */
#define OUT_FULL	(256 * 1024)	/* bytes; more is delivered later */
#define PIECE		200		/* bytes of one written in mischief */

struct helpers helpers = TAILQ_HEAD_INITIALIZER(helpers);
unsigned long helper_errors;

void
helper_new(int fd)
{
	static uint64_t number;
	struct helper *h = calloc(1, sizeof(*h));

	if (h == NULL)
		err(2, NULL);
	h->number = ++number;
	h->fd = fd;
	h->joiner = -1;
	h->still_since = CLOCK_NEVER;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	TAILQ_INSERT_TAIL(&helpers, h, entry);
}

void
helper_end(struct helper *h)
{
	if (!h->dead && h->log != NULL && h->life == h->log->life)
		ledger_leave(h->log, h->number,
		    h->put.data == NULL ? NULL : &h->put);
	h->dead = true;
}

void
helper_reap(void)
{
	struct helper *h, *next;

	for (h = TAILQ_FIRST(&helpers); h != NULL; h = next) {
		next = TAILQ_NEXT(h, entry);
		if (!h->dead)
			continue;
		TAILQ_REMOVE(&helpers, h, entry);
		(void)close(h->fd);
		(void)close(h->joiner);
		free(h->put.data);
		free(h->out);
		free(h);
	}
}

static void
fault(struct helper *h, const char *what)
{
	warnx("%s: %s: %s", h->log == NULL ? "?" : h->log->name,
	    h->node[0] == '\0' ? "?" : h->node, what);
	helper_errors++;
	helper_end(h);
}

static void
add_out(struct helper *h, const char *data, size_t len)
{
	if (h->outstart == h->outend)
		h->outstart = h->outend = 0;
	if (h->outsize - h->outend < len) {
		h->outsize = 2 * h->outsize + len;
		h->out = realloc(h->out, h->outsize);
		if (h->out == NULL)
			err(2, NULL);
	}
	memcpy(h->out + h->outend, data, len);
	h->outend += len;
}

static void
tell(struct helper *h, const struct logline *l)
{
	char buf[LOGLINE_SIZE];
	size_t n = logline_format(buf, l, LOGLINE_HELPER);

	add_out(h, buf, n);
}

static void
make_token(char *token, uint64_t pos)
{
	(void)snprintf(token, TOKEN_MAX + 1, pos == 0 ? "0" : "t%" PRIu64, pos);
}

static bool
is_token(const struct logline *l)
{
	char token[TOKEN_MAX + 1];

	make_token(token, l->pos);
	return strcmp(token, l->token) == 0;
}

static void
hear_from(struct helper *h, const struct logline *l)
{
	if (h->asked)
		fault(h, "from was said twice");
	else if (!is_token(l))
		fault(h, "from has a token of another position");
	h->asked = true;
	h->next = h->unmatched = l->pos + 1;
}

/* Its own entry, no matter which of its puts has brought it here. */
static bool
is_own(const struct helper *h, const struct item *i)
{
	return h->outstanding && i->len == h->put.len &&
	    memcmp(i->data, h->put.data, i->len) == 0;
}

/* An earlier room's put may have brought it here while this one was on its
 * way: then that's over before it is heard. */
static void
match_delivered(struct helper *h)
{
	uint64_t pos = h->unmatched;

	h->unmatched = h->next;
	for (; pos < h->next; pos++) {
		if (is_own(h, ledger_item(h->log, pos)))
			h->outstanding = false;
	}
}

static void
hear_put(struct helper *h, const struct logline *l, int64_t now)
{
	if (h->outstanding) {
		fault(h, "put was said before the last one has come back");
		return;
	}
	if (h->put.data != NULL && h->id == l->id) {
		fault(h, "put has the ID of the last one");
		return;
	}
	free(h->put.data);
	h->put.data = malloc(l->len);
	if (h->put.data == NULL)
		err(2, NULL);
	memcpy(h->put.data, l->data, l->len);
	h->put.len = l->len;
	h->id = l->id;
	h->outstanding = true;
	match_delivered(h);
	if (wild_now(20))
		h->stalled_until = now + (int64_t)wild_below(STALL_MS);
	if (wild_now(20)) {
		helper_end(h);
		return;
	}
	ledger_put(h->log, h->node, h->number, l->data, l->len, now);
	if (wild_now(20))
		helper_end(h);
}

static void
hear_keep(struct helper *h, const struct logline *l)
{
	if (l->pos >= h->next)
		fault(h, "keep has a position that it wasn't told");
	else if (!is_token(l))
		fault(h, "keep has a token of another position");
	else
		ledger_keep(h->log, h->node, l->pos);
}

static void
hear_end(struct helper *h, int64_t now)
{
	if (h->ending)
		fault(h, "end was said twice");
	h->ending = true;
	h->end_at = wild_later(now);
	h->end_pos = h->log->newest;
}

static void
hear(struct helper *h, const struct logline *l, int64_t now)
{
	if (!h->asked && l->kind != LOGLINE_FROM)
		fault(h, "from is not the first word");
	else if (l->kind == LOGLINE_FROM)
		hear_from(h, l);
	else if (l->kind == LOGLINE_PUT)
		hear_put(h, l, now);
	else if (l->kind == LOGLINE_KEEP)
		hear_keep(h, l);
	else
		hear_end(h, now);
}

/* A first line of its own says which log, and whose it is. */
static size_t
hear_name(struct helper *h)
{
	char *lf = memchr(h->in, '\n', h->inlen), *name = h->in, *space;
	const char *node = "-";

	if (lf == NULL && h->inlen < LOGLINE_SIZE)
		return 0;
	if (lf == NULL) {
		fault(h, "no name of a log");
		return 0;
	}
	*lf = '\0';
	space = strchr(name, ' ');
	if (space != NULL) {
		*space = '\0';
		node = space + 1;
	}
	if (!ledger_is_name(name) || !ledger_is_name(node)) {
		fault(h, "not the name of a log and one of a node");
		return 0;
	}
	h->log = ledger_find(name);
	h->life = h->log->life;
	(void)strlcpy(h->node, node, sizeof(h->node));
	return (size_t)(lf - h->in) + 1;
}

/* Returns how many bytes were done with. */
static size_t
hear_line(struct helper *h, const char *buf, size_t len)
{
	struct logline l;
	ssize_t n = logline_cut(&l, LOGLINE_ROOM, buf, len);

	if (n == -1)
		fault(h, "not a line of the protocol");
	else if (n > 0)
		hear(h, &l, clock_now());
	return n > 0 ? (size_t)n : 0;
}

/* The room's own socket may come with the first bytes. */
static ssize_t
receive(struct helper *h)
{
	size_t nfds = 1, space = sizeof(h->in) - h->inlen;
	ssize_t n;
	int fd;

	if (h->log != NULL)
		return read(h->fd, h->in + h->inlen, space);
	n = fdpass_receive(h->fd, h->in + h->inlen, space, 0, &fd, &nfds);
	if (n > 0 && nfds == 1) {
		h->joiner = h->fd;
		h->fd = fd;
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	return n;
}

void
helper_read(struct helper *h)
{
	size_t done = 0, n = 1;
	ssize_t got = receive(h);

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		helper_end(h);
		return;
	}
	h->inlen += (size_t)got;
	if (h->log == NULL && (done = hear_name(h)) == 0)
		return;
	for (; n > 0 && !h->dead; done += n)
		n = hear_line(h, h->in + done, h->inlen - done);
	h->inlen -= done;
	memmove(h->in, h->in + done, h->inlen);
}

static void
tell_log(struct helper *h)
{
	struct logline l = { .kind = LOGLINE_LOG, .oldest = h->log->oldest,
	    .newest = h->log->newest };

	(void)strlcpy(l.token, h->log->ident, sizeof(l.token));
	tell(h, &l);
	h->told = true;
}

static void
tell_got(struct helper *h)
{
	const struct item *i = ledger_item(h->log, h->next);
	struct logline l = { .kind = LOGLINE_GOT, .pos = h->next,
	    .len = i->len };

	make_token(l.token, h->next++);
	tell(h, &l);
	add_out(h, i->data, i->len);
	if (is_own(h, i))
		h->outstanding = false;
}

static void
tell_gone(struct helper *h)
{
	const struct logline l = { .kind = LOGLINE_GONE,
	    .oldest = h->log->oldest };

	tell(h, &l);
	h->over = true;
}

static void
deliver(struct helper *h, int64_t now)
{
	if (h->next < h->log->oldest) {
		tell_gone(h);
		return;
	}
	if (now < h->deliver_at || h->next > h->log->newest)
		return;
	while (h->next <= h->log->newest &&
	    h->outend - h->outstart < OUT_FULL) {
		tell_got(h);
		if (wild_now(4))
			tell_log(h);
		h->deliver_at = wild_later(now);
		if (h->deliver_at > now)
			break;
	}
	if (wild_now(40))
		helper_end(h);
}

static void
tell_end(struct helper *h, int64_t now)
{
	struct logline l = { .kind = LOGLINE_END, .pos = h->end_pos };

	if (!h->ending || now < h->end_at)
		return;
	if (wild_below(2) == 0)
		l.pos = h->log->newest;
	h->ending = false;
	tell(h, &l);
}

void
helper_place(struct helper *h, const char *text)
{
	const struct logline l = { .kind = LOGLINE_PLACE, .data = text,
	    .len = strlen(text) };

	if (h->told && !h->over && !h->dead)
		tell(h, &l);
}

/* Nothing goes on: say so after a while. */
static void
stand_still(struct helper *h, int64_t now)
{
	static const char reason[] = "no answer";
	const struct logline l = { .kind = LOGLINE_STUCK, .data = reason,
	    .len = strlen(reason) };

	if (h->still_since == CLOCK_NEVER)
		h->still_since = now;
	if (h->stuck || now < h->still_since + STUCK_MS)
		return;
	h->stuck = true;
	tell(h, &l);
}

static void
go_on(struct helper *h, int64_t now)
{
	static const struct logline going = { .kind = LOGLINE_GOING };

	h->still_since = CLOCK_NEVER;
	if (h->stuck)
		tell(h, &going);
	h->stuck = false;
	if (!h->told)
		tell_log(h);
	deliver(h, now);
	if (!h->over && !h->dead)
		tell_end(h, now);
}

static bool
is_still(const struct helper *h, int64_t now)
{
	return now < h->stalled_until || ledger_stalled(h->log, h->node);
}

bool
helper_blocked(const struct helper *h, int64_t now)
{
	return h->outstart < h->outend && now >= h->write_at;
}

static void
flush(struct helper *h, int64_t now)
{
	size_t len = h->outend - h->outstart;
	ssize_t n;

	if (!helper_blocked(h, now))
		return;
	if (wild_now(1) && len > PIECE) {
		len = 1 + (size_t)wild_below(PIECE);
		h->write_at = now + 1;
	}
	n = send(h->fd, h->out + h->outstart, len, MSG_NOSIGNAL);
	if (n > 0)
		h->outstart += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		helper_end(h);
}

static void
sooner(int64_t *least, int64_t t)
{
	if (t < *least)
		*least = t;
}

/* What its socket waits for is poll(2)'s to say. */
static int64_t
next_time(const struct helper *h, int64_t now)
{
	int64_t t = CLOCK_NEVER;

	if (h->write_at > now && h->outstart < h->outend)
		t = h->write_at;
	if (h->over)
		return t;
	if (is_still(h, now)) {
		if (!h->stuck)
			sooner(&t, h->still_since + STUCK_MS);
		if (h->stalled_until > now)
			sooner(&t, h->stalled_until);
		return t;
	}
	if (h->ending)
		sooner(&t, h->end_at);
	if (h->next <= h->log->newest && h->outend - h->outstart < OUT_FULL)
		sooner(&t, h->deliver_at);
	return t;
}

int64_t
helper_turn(struct helper *h, int64_t now)
{
	if (h->dead || !h->asked)
		return CLOCK_NEVER;
	if (h->over)
		;
	else if (is_still(h, now))
		stand_still(h, now);
	else
		go_on(h, now);
	if (!h->dead)
		flush(h, now);
	return h->dead ? CLOCK_NEVER : next_time(h, now);
}

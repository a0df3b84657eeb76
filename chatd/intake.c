/*
 * Intake: from a client's bytes to lines in the room
 *
 * No more is read than the ring is likely to have space for, and what isn't
 * taken is kept: the client is stalled. That happens when prefixes make lines
 * longer, when so many lines are refused that it must read the reasons first,
 * and when it sends too many control lines. While the ring is full, or held,
 * one line of each client is read all the same: a role, another control line or
 * the end never wait for what others say, and a message waits here instead.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "batch.h"
#include "core/client.h"
#include "core/ratelimit.h"
#include "core/server.h"
#include "door/greeting.h"
#include "door/guard.h"
#include "door/sniff.h"
#include "intake.h"
#include "line.h"
#include "log.h"

/* The rate limit of control lines, which holds for every client. */
static const struct ratelimit words = { .rate = 100, .burst = 200 };

static bool
discards(const struct client *c)
{
	return c->state >= CLIENT_LEAVING;
}

/* Whether its lines go into the ring; before it gives a role, they might. */
static bool
sends(const struct client *c)
{
	return (c->role & ROLE_SEND) != 0;
}

static int64_t
microseconds(const struct server *s)
{
	return s->now * 1000;
}

static bool
words_wait(const struct server *s, const struct client *c)
{
	return c->words_due > microseconds(s) &&
	    ratelimit_when(&words, c->words_due) > microseconds(s);
}

size_t
intake_space(const struct server *s)
{
	return batch_space_left(s);
}

/* Whether what is read from a sender is sure to find space. */
static bool
has_space(const struct server *s)
{
	return intake_space(s) >= INTAKE_MIN;
}

/* Whether nothing at all is taken from it for now, not even control lines. */
static bool
must_wait(const struct server *s, const struct client *c)
{
	return c->outlen > CLIENT_OUT_MAX || words_wait(s, c) ||
	    client_unanswered(c);
}

/* Whether the rate limit of lines holds for it. */
static bool
is_limited(const struct server *s, const struct client *c)
{
	return c->peer != NULL &&
	    (s->config.limit_everywhere || !c->peer->loopback);
}

int64_t
intake_when(const struct server *s, const struct client *c)
{
	int64_t lines = 0, control = 0;

	if (c->lines_due > microseconds(s))
		lines = ratelimit_when(&s->config.limit, c->lines_due);
	if (c->words_due > microseconds(s))
		control = ratelimit_when(&words, c->words_due);
	return ((lines > control ? lines : control) + 999) / 1000;
}

bool
intake_wanted(const struct server *s, const struct client *c)
{
	if (c->eof || c->state == CLIENT_AUTHENTICATING)
		return false;
	if (discards(c))
		return true;
	/* A full ring is no reason not to: control lines need no space. */
	return !c->stalled && c->outlen <= CLIENT_OUT_MAX &&
	    intake_when(s, c) <= s->now;
}

static void
refuse_line(struct server *s, struct client *c, uint64_t n, const char *reason)
{
	s->count.refused++;
	client_refuse(c, n, reason);
}

static void
refuse_fault(struct server *s, struct client *c, const struct text_fault *f)
{
	char reason[FAULT_SIZE];

	refuse_line(s, c, ++c->lines, text_fault_say(reason, f));
}

struct complaint {
	struct server	*s;
	struct client	*c;
	int		 n;		/* of them about this line so far */
};

static void
complain(void *arg, const char *reason)
{
	struct complaint *to = arg;

	if (to->n++ < CTL_COMPLAINTS)
		refuse_line(to->s, to->c, 0, reason);
}

/* Its first line is over: it can't give a role any more. */
static void
has_spoken(struct client *c)
{
	c->spoke = true;
	client_talk(c);
}

static void
take_control_line(struct server *s, struct client *c, const char *text,
    size_t len)
{
	struct complaint to = { s, c, 0 };
	struct notice n;
	struct hello h;

	ratelimit_charge(&words, &c->words_due, microseconds(s), 1, 0);
	(void)notice_parse(&n, text, len);
	if (n.kind != NOTICE_UNKNOWN)
		s->count.refused++;	/* an answer could loop for ever */
	else if (who_parse(text, len, complain, &to))
		greeting_who(s, c, complain, &to);
	else if (c->spoke)
		refuse_line(s, c, 0,
		    "only the first line can be a control line");
	else if (hello_parse(&h, text, len, complain, &to))
		greeting_apply(s, c, &h, complain, &to);
	has_spoken(c);
}

static void
take_message(struct server *s, struct client *c, const struct line *l,
    struct batch *batch)
{
	struct text_fault f;

	has_spoken(c);
	if (!sends(c)) {
		refuse_line(s, c, ++c->lines, "you only listen");
		return;
	}
	if (!text_check(l->text, l->len, &f)) {
		refuse_fault(s, c, &f);
		return;
	}
	if (batch->len == 0)
		batch->before = c->lines;
	c->lines++;
	/* Where a CR was dropped, the LF takes its place. */
	l->text[l->len] = '\n';
	if (batch->len == 0)
		batch->start = l->text;
	batch->len += l->len + 1;
	batch->lines++;
}

static enum excess
excess_of(const struct line *l)
{
	return l->text[0] == CTL_MARK ? EXCESS_CONTROL : EXCESS_MESSAGE;
}

/* An overlong line has ended: like any other, it counts only now. */
static void
take_long(struct server *s, struct client *c, enum excess excess)
{
	struct text_fault f = { .kind = FAULT_LONG };

	has_spoken(c);
	if (excess == EXCESS_MESSAGE) {
		refuse_fault(s, c, &f);
		return;
	}
	ratelimit_charge(&words, &c->words_due, microseconds(s), 1, 0);
	refuse_line(s, c, 0, "the control line is too long");
}

/* Skip what there is of an overlong line. Returns how many bytes. */
static size_t
skip_long(struct server *s, struct client *c, const char *buf, size_t len)
{
	const char *lf = memchr(buf, '\n', len);

	if (lf == NULL)
		return len;
	take_long(s, c, c->excess);
	c->excess = EXCESS_NONE;
	return (size_t)(lf - buf) + 1;
}

/*
 * Take all the lines at once that need no closer look, if a batch can begin or
 * continue with them; batch_has_space() holds. Returns how many bytes they are.
 */
static size_t
take_good_lines(const struct server *s, struct client *c, char *buf, size_t len,
    struct batch *batch)
{
	size_t size, lines, space;

	if (!sends(c) ||
	    (batch->len > 0 && buf != batch->start + batch->len))
		return 0;
	space = batch_space(s, batch);
	if (len > space)
		len = space;
	size = line_plain(buf, len, &lines);
	if (size == 0)
		return 0;
	has_spoken(c);
	if (batch->len == 0) {
		batch->start = buf;
		batch->before = c->lines;
	}
	batch->len += size;
	batch->lines += lines;
	c->lines += lines;
	return size;
}

/*
 * Whether what comes next takes no space in the ring, as a control line or the
 * rest of a refused line. Only messages wait for space.
 */
static bool
needs_no_space(const struct client *c, const char *buf, size_t len)
{
	return !sends(c) || c->excess != EXCESS_NONE || len == 0 ||
	    buf[0] == CTL_MARK;
}

/*
 * Take the lines at buf until they end or the client is stalled. Returns how
 * many bytes of them are done with.
 */
static size_t
intake_lines(struct server *s, struct client *c, char *buf, size_t len)
{
	struct batch batch = { .start = buf, .prefixlen = batch_prefix(s, c) };
	enum line_kind kind;
	struct line l;
	bool full = !has_space(s);	/* even if a short message fitted */
	size_t done = 0, size;
	bool open = false;

	c->stalled = false;
	while (!discards(c)) {
		if (!batch_has_space(s, &batch))
			batch_append(s, c, &batch);
		c->stalled = must_wait(s, c) ||
		    ((full || !batch_has_space(s, &batch)) &&
		    !needs_no_space(c, buf + done, len - done));
		if (c->stalled)
			break;
		if (c->excess != EXCESS_NONE) {
			done += skip_long(s, c, buf + done, len - done);
			if (c->excess != EXCESS_NONE)
				break;
			continue;
		}
		if (!c->spoke && sniff_turn_away(s, c, buf + done, len - done))
			break;
		size = take_good_lines(s, c, buf + done, len - done, &batch);
		done += size;
		if (size > 0)
			continue;
		kind = line_cut(&open, buf + done, len - done, &l);
		done += l.size;
		if (kind == LINE_PART)
			break;
		/* Whatever isn't a good line right behind it ends a batch. */
		if (kind == LINE_LONG || l.text[0] == CTL_MARK ||
		    l.text != batch.start + batch.len)
			batch_append(s, c, &batch);
		if (open)
			c->excess = excess_of(&l);
		else if (kind == LINE_LONG)
			take_long(s, c, excess_of(&l));
		else if (l.len > 0 && l.text[0] == CTL_MARK)
			take_control_line(s, c, l.text + 1, l.len - 1);
		else
			take_message(s, c, &l, &batch);
	}
	batch_append(s, c, &batch);
	if (!batch_count(s, c, c->lines))
		client_give_up(c);
	return discards(c) ? len : done;
}

/*
 * The client has shut down its sending side: it gets what is in the ring by
 * now. A last line without its LF counts only from a plain client, such as
 * nc(1), and only after a clean end. Clients that give a role end all their
 * lines, so theirs was cut off with the connection. That holds for the role
 * itself, too: half a token would begin a session that nobody has. Returns how
 * many bytes to keep.
 */
static size_t
take_end(struct server *s, struct client *c, char *buf, size_t len)
{
	bool counts = c->plain && !c->broken;

	if (counts && c->excess == EXCESS_MESSAGE)
		take_long(s, c, c->excess);
	c->excess = EXCESS_NONE;
	if (counts && len > 0 && buf[0] != CTL_MARK) {
		buf[len] = '\n';
		(void)intake_lines(s, c, buf, len + 1);
		if (c->stalled)
			return len;
	}
	if (!discards(c))
		client_end(c, s->ring);
	return 0;
}

/* Keep len bytes until more come, or until the client can go on. */
static void
keep_input(struct server *s, struct client *c, const char *buf, size_t len)
{
	size_t part = c->stalled ? 0 : len;

	server_forget_input(s, c);
	if (part > UNFINISHED_MAX - s->unfinished) {
		server_expel(s, c, s->ring->head, BYE_UNFINISHED);
		return;
	}
	s->unfinished += part;
	c->unfinished = (uint32_t)part;
	client_keep(c, buf, len);
}

/* Take what can be taken of the len bytes in the server's buffer. */
static void
take_input(struct server *s, struct client *c, size_t len)
{
	size_t done = intake_lines(s, c, s->buf, len);

	len -= done;
	if (c->eof && !c->stalled)
		len = take_end(s, c, s->buf + done, len);
	if (len > 0 || c->inlen > 0)
		keep_input(s, c, s->buf + done, len);
}

bool
intake_can_resume(const struct server *s, const struct client *c)
{
	return c->stalled && !must_wait(s, c) &&
	    (has_space(s) || needs_no_space(c, c->in, c->inlen));
}

bool
intake_starves(const struct server *s, const struct client *c, bool more)
{
	return !has_space(s) && sends(c) && !discards(c) &&
	    (more || (c->stalled && !must_wait(s, c)));
}

void
intake_resume(struct server *s, struct client *c)
{
	if (!intake_can_resume(s, c))
		return;
	if (c->inlen > 0)
		memcpy(s->buf, c->in, c->inlen);
	take_input(s, c, c->inlen);
}

/* How many bytes the ring is sure to take, with what was kept and an LF. */
static size_t
space_for(const struct server *s, const struct client *c)
{
	size_t space;

	if (discards(c) || !sends(c))
		return SERVER_READ;
	/* Its next line may need no space; one that does is kept. */
	if (!has_space(s))
		return LINE_SIZE;
	space = intake_space(s) - 2 * LINE_SIZE;
	/* Each line may grow by a prefix; what isn't taken then is kept. */
	if (s->config.named)
		space = space / (1 + batch_prefix(s, c)) + LINE_SIZE;
	return space < SERVER_READ ? space : SERVER_READ;
}

/* How many bytes to read. The rate limit counts lines, but a line may have any
 * length: at least one of the greatest length has to fit. */
static size_t
read_size(const struct server *s, const struct client *c)
{
	size_t size = space_for(s, c), left;

	if (!is_limited(s, c))
		return size;
	left = ratelimit_left(&s->config.limit, c->lines_due, microseconds(s));
	if (left < LINE_SIZE)
		left = LINE_SIZE;
	return size < left ? size : left;
}

/* Charge for what was read, whatever becomes of it. */
static void
charge_lines(const struct server *s, struct client *c, const char *buf,
    size_t len)
{
	if (!is_limited(s, c) || s->config.limit.rate == 0)
		return;
	ratelimit_charge(&s->config.limit, &c->lines_due, microseconds(s),
	    line_count(buf, len), len);
}

bool
intake_read(struct server *s, struct client *c)
{
	char name[CLIENT_ADDRESS_SIZE];
	ssize_t n;

	if (!intake_wanted(s, c))
		return false;
	n = conn_read(&c->conn, s->buf + c->inlen, read_size(s, c));
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n == -1) {
		if (s->config.verbose)
			log_event("%s: %s", client_address(c, name),
			    conn_why(&c->conn));
		client_give_up(c);
		return false;
	}
	c->eof = n == 0;
	if (discards(c))
		return false;
	if (c->inlen > 0)
		memcpy(s->buf, c->in, c->inlen);
	if (guard_rejects_tls(s, c, s->buf, c->inlen + (size_t)n))
		return false;
	charge_lines(s, c, s->buf + c->inlen, (size_t)n);
	take_input(s, c, c->inlen + (size_t)n);
	return n > 0;
}

/*
 * The judge: what can be held against the page only when all is over
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define EXACT	"what a reader got plus what it was told lost is what others " \
	"said"

static bool
same(const struct line *a, const struct line *b)
{
	return a == b || (a->text != NULL && b->text != NULL &&
	    a->len == b->len && memcmp(a->text, b->text, a->len) == 0);
}

static size_t
holes(const struct life *f)
{
	size_t i, n = 0;

	for (i = 0; i < f->n; i++)
		n += f->lines[i] == NULL;
	return n;
}

/* The author's next line is the one that has that number. */
static struct line *
attribute(struct life *f, struct line *l, uint64_t number, size_t *missing)
{
	struct client *a = l->author;
	struct line *next;

	while (a->found < a->nlines) {
		next = a->lines[a->found++];
		if (next->text == NULL)
			continue;
		if (same(next, l)) {
			next->number = number;
			return next;
		}
		if (*missing == 0)
			broken(a, "The lines of one connection keep their "
			    "order, and there is no gap", "line %ju is '%.40s',"
			    " not '%.40s'", (uintmax_t)number, l->text,
			    next->text);
		--*missing;
	}
	broken(a, "So each of its lines is in the room once",
	    "line %ju is '%.40s' again (the first is %ju)", (uintmax_t)number,
	    l->text, (uintmax_t)f->first);
}

static void
attribute_all(struct life *f)
{
	size_t i, missing = holes(f);

	for (i = 0; i < f->n; i++) {
		f->exact = grown(f->exact, i, sizeof(*f->exact));
		f->exact[i] = f->lines[i] == NULL ? NULL : attribute(f,
		    f->lines[i], f->first + i, &missing);
	}
}

static void
judge_sender(const struct client *c)
{
	uint64_t settled = c->ok, i;

	if (c->most != NEVER && c->most > settled)
		settled = c->most;
	if (c->well && client_sends(c) && c->ok != c->nlines)
		broken(c, "a last ok if it has the role for it",
		    "ok %ju of %zu", (uintmax_t)(c->base + c->ok), c->nlines);
	if (c->well)
		settled = c->nlines;
	if (c->found > c->most)
		broken(c, "no line after them is", "line %zu is in the room, "
		    "and its session went on after %ju", c->found,
		    (uintmax_t)c->most);
	if (!c->run->life->whole)
		return;
	for (i = c->found; i < settled; i++) {
		if (c->lines[i]->text != NULL)
			broken(c, "ok N: each of the first N lines is in the "
			    "room, or was named in an error", "line %ju "
			    "'%.40s' is not", (uintmax_t)(i + 1),
			    c->lines[i]->text);
	}
}

/* A line that was said when another was known to be there comes later. */
static void
judge_order(const struct life *f)
{
	const struct line *first = NULL, *l;
	size_t i;

	for (i = f->n; i-- > 0;) {
		l = f->exact[i];
		if (l == NULL)
			continue;
		if (first != NULL && l->said > first->known)
			broken(l->author, "ok has come for a line, and then "
			    "somebody says another one: the other one comes "
			    "later", "'%.40s' is %ju, before '%.40s', %ju",
			    l->text, (uintmax_t)l->number, first->text,
			    (uintmax_t)first->number);
		if (first == NULL || l->known < first->known)
			first = l;
	}
}

/* Of the lines [from, to) that a reader hasn't got, lost were told. */
static void
judge_gap(const struct client *c, uint64_t from, uint64_t to, uint64_t lost,
    bool plain)
{
	const struct life *f = c->run->life;
	uint64_t foreign = 0, perhaps = 0, n;
	const struct line *l;
	enum own own;

	for (n = from; n < to; n++) {
		l = truth_at(f, n);
		own = l == NULL ? OWN_MAYBE : truth_own(c, l, plain);
		foreign += own == OWN_NO;
		perhaps += own == OWN_MAYBE;
	}
	if (lost > 0 && setting.store && !setting.prunes)
		broken(c, "In a room with a store nobody loses lines",
		    "lost %ju", (uintmax_t)lost);
	if (setting.store && lost > 0)
		perhaps = to - from - foreign;
	if (lost < foreign || lost > foreign + perhaps)
		broken(c, EXACT, "of %ju to %ju, %ju are others' and %ju may "
		    "be, but it was told lost %ju", (uintmax_t)from,
		    (uintmax_t)to, (uintmax_t)foreign, (uintmax_t)perhaps,
		    (uintmax_t)lost);
}

/* It has ended before line pos: was that all for it? */
static void
judge_end(const struct client *c, uint64_t pos, uint64_t lost, bool plain)
{
	const struct life *f = c->run->life;
	const struct line *l;
	uint64_t i;

	if (pos == 0)
		return;
	if (c->closed && c->run->end != 0)
		judge_gap(c, pos, c->run->end, lost, plain);
	if (!c->well || lost > 0)
		return;
	for (i = pos - f->first; i < f->n; i++) {
		l = f->exact[i];
		if (l != NULL && l->known < c->shut &&
		    truth_own(c, l, plain) == OWN_NO)
			broken(c, "It gives the client what others had said "
			    "until that moment", "line %ju is missing",
			    (uintmax_t)l->number);
	}
}

/* Where the next line was when it gave its role: from *low to *high. */
static void
next_then(const struct client *c, uint64_t *low, uint64_t *high)
{
	const struct life *f = c->run->life;
	const struct line *l;
	size_t i;

	*low = f->first;
	*high = f->first + f->n;
	for (i = 0; i < f->n; i++) {
		l = f->exact[i];
		if (l != NULL && l->known < c->asked)
			*low = l->number + 1;
	}
	for (i = f->n; i-- > 0;) {
		l = f->exact[i];
		if (l != NULL && l->said > c->answered)
			*high = l->number;
	}
}

static void
judge_last(const struct client *c, uint64_t low, uint64_t high)
{
	uint64_t n = c->h.n > 1000000000 ? 1000000000 : c->h.n;

	if (c->start > high || c->start + n < low)
		broken(c, "last=N: begin with the last N lines", "at %ju, and "
		    "%ju to %ju was next", (uintmax_t)c->start, (uintmax_t)low,
		    (uintmax_t)high);
	if (c->start + n > high && setting.ample &&
	    c->start != c->run->life->first)
		broken(c, "or with as many as it still has", "at %ju of %ju to "
		    "%ju, which is not the first", (uintmax_t)c->start,
		    (uintmax_t)low, (uintmax_t)high);
}

static void
judge_from(const struct client *c, uint64_t low, uint64_t high)
{
	const struct heard *h = &c->heard[c->before];
	uint64_t first = c->run->life->first;

	if (h->kind == HEARD_LOST && h->n == NEVER) {
		if (c->h.n >= first && c->h.n <= low)
			broken(c, "lost ?: no line of this room", "from=%ju is "
			    "one", (uintmax_t)c->h.n);
		if (c->start < low || c->start > high)
			broken(c, "begins with the next line", "at %ju of %ju "
			    "to %ju", (uintmax_t)c->start, (uintmax_t)low,
			    (uintmax_t)high);
	} else if (c->h.n < first || c->h.n > high) {
		broken(c, "If the room never had a line N, the room says "
		    "lost ?", "it doesn't, to from=%ju", (uintmax_t)c->h.n);
	} else if (h->kind == HEARD_LOST &&
	    (setting.ample || c->h.n + h->n != c->start)) {
		broken(c, "If it is gone, begin with the oldest line that is "
		    "there", "lost %ju, at %ju", (uintmax_t)h->n,
		    (uintmax_t)c->start);
	} else if (h->kind != HEARD_LOST && c->start != c->h.n) {
		broken(c, "begin with line N", "at %ju, of from=%ju",
		    (uintmax_t)c->start, (uintmax_t)c->h.n);
	}
}

/* What is known of a line's time; -1: nobody was told. */
static int64_t
time_of(const struct life *f, uint64_t number)
{
	return number < f->first || number >= f->first + f->n ? -1 :
	    f->times[number - f->first];
}

static void
judge_since(const struct client *c, uint64_t low, uint64_t high)
{
	int64_t since = c->h.n > INT64_MAX ? INT64_MAX : (int64_t)c->h.n;
	const struct life *f = c->run->life;
	int64_t time = time_of(f, c->start);
	uint64_t i;

	if (c->start > high)
		broken(c, "since=T: begin with what was said", "at %ju of %ju",
		    (uintmax_t)c->start, (uintmax_t)high);
	if (c->start < low && time != -1 && time < since)
		broken(c, "begin with a line of second T or later", "at %ju, "
		    "of second %jd", (uintmax_t)c->start, (intmax_t)time);
	for (i = f->first; setting.ample && i < c->start; i++) {
		if (time_of(f, i) >= since)
			broken(c, "begin with the first such line", "at %ju, "
			    "and line %ju is of second %jd",
			    (uintmax_t)c->start, (uintmax_t)i,
			    (intmax_t)time_of(f, i));
	}
}

static void
judge_start(const struct client *c)
{
	uint64_t low, high;

	next_then(c, &low, &high);
	if (c->h.history == HISTORY_LAST)
		judge_last(c, low, high);
	else if (c->h.history == HISTORY_FROM)
		judge_from(c, low, high);
	else if (c->h.history == HISTORY_SINCE)
		judge_since(c, low, high);
	else if (c->start < low || c->start > high)
		broken(c, "Without them a client begins with the next line",
		    "at %ju, and %ju to %ju was next", (uintmax_t)c->start,
		    (uintmax_t)low, (uintmax_t)high);
}

static void
judge_numbered(const struct client *c)
{
	uint64_t pos = c->start, lost = 0;
	const struct heard *h = &c->heard[c->before];

	judge_start(c);
	if (h->kind == HEARD_LOST)
		h++;
	for (h++; h < c->heard + c->nheard; h++) {
		if (h->kind == HEARD_LOST)
			lost += h->n;
		if (h->kind == HEARD_LINE)
			pos++;
		if (h->kind != HEARD_AT)
			continue;
		judge_gap(c, pos, h->n, lost, false);
		pos = h->n;
		lost = 0;
	}
	judge_end(c, pos, lost, false);
}

/* The number of a line that a plain client has read; 0 if that's not clear. */
static uint64_t
number_of(const struct client *c, const struct line *l, uint64_t pos,
    uint64_t lost)
{
	const struct life *f = c->run->life;
	const struct line *there;

	if (l->len > 1)		/* the others are said again and again */
		return l->number;
	for (; pos != 0 && (there = truth_at(f, pos)) != NULL; pos++) {
		if (there->author == c)
			continue;
		if (lost-- == 0)
			return pos;
	}
	return 0;
}

static void
judge_plain(const struct client *c, size_t n)
{
	uint64_t pos = 0, lost = 0, number;
	size_t i;

	for (i = 0; i < n; i++) {
		if (c->heard[i].kind == HEARD_LOST) {
			lost += c->heard[i].n;
			continue;
		}
		number = number_of(c, c->heard[i].line, pos, lost);
		if (number != 0 && pos != 0 && number < pos)
			broken(c, "Every reader gets the same lines in the "
			    "same order", "line %ju after %ju",
			    (uintmax_t)number, (uintmax_t)(pos - 1));
		if (number != 0 && pos != 0)
			judge_gap(c, pos, number, lost, true);
		pos = number == 0 ? 0 : number + 1;
		lost = 0;
	}
	if (c->answer == ANSWER_NONE && !c->hello)
		judge_end(c, pos, lost, true);
}

void
judge(void)
{
	struct life *f;
	size_t i;

	for (f = lives; f != NULL; f = f->next) {
		attribute_all(f);
		f->whole &= holes(f) == 0;
	}
	for (f = lives; f != NULL; f = f->next)
		judge_order(f);
	for (i = 0; i < nclients; i++) {
		judge_sender(clients[i]);
		if (clients[i]->answer != ANSWER_DONE) {
			judge_plain(clients[i], clients[i]->nheard);
			continue;
		}
		judge_plain(clients[i], clients[i]->before);
		if ((clients[i]->h.role & ROLE_RECV) != 0)
			judge_numbered(clients[i]);
	}
}

/*
 * The truth: which lines there are, and which number each has
 *
 * The first one who reads a line under a number says what is there; from then
 * on everybody has to agree.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define SLOTS	(1 << 16)

struct entry {
	struct line	*line;
	struct entry	*next;
};

static struct entry *slots[SLOTS];

static struct entry **
slot(const char *text, size_t len)
{
	uint64_t h = 14695981039346656037U;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 1099511628211U;
	return &slots[(h ^ (h >> 32)) % SLOTS];
}

void
truth_add(struct line *l)
{
	struct entry **s = slot(l->text, l->len), *e;

	if (truth_find(l->text, l->len) != NULL)
		return;			/* one client repeats itself */
	e = grown(NULL, 0, sizeof(*e));
	e->line = l;
	e->next = *s;
	*s = e;
}

struct line *
truth_find(const char *text, size_t len)
{
	struct entry *e = *slot(text, len);

	while (e != NULL && (e->line->len != len ||
	    memcmp(e->line->text, text, len) != 0))
		e = e->next;
	return e == NULL ? NULL : e->line;
}

static void
reach(const struct client *c, struct life *f, uint64_t number)
{
	if (f->first == 0)
		f->first = number;
	if (number < f->first)
		broken(c, "Lines of the room are numbered upward",
		    "line %ju comes before the first one, %ju",
		    (uintmax_t)number, (uintmax_t)f->first);
	if (number - f->first > 10000000)
		broken(c, "Lines of the room are numbered upward without gaps",
		    "line %ju is far from %ju", (uintmax_t)number,
		    (uintmax_t)f->first);
	while (f->n <= number - f->first) {
		f->lines = grown(f->lines, f->n, sizeof(*f->lines));
		f->times = grown(f->times, f->n, sizeof(*f->times));
		f->lines[f->n] = NULL;
		f->times[f->n++] = -1;
	}
}

void
truth_put(const struct client *c, struct life *f, uint64_t number,
    struct line *l)
{
	struct line **there;

	reach(c, f, number);
	there = &f->lines[number - f->first];
	if (*there == NULL)
		*there = l;
	if (*there != l)
		broken(c, "Every reader gets the same lines in the same order",
		    "line %ju is '%.40s' to it, and was '%.40s' before",
		    (uintmax_t)number, l->text, (*there)->text);
	if (l->known > moment)
		l->known = moment;
}

void
truth_time(const struct client *c, struct life *f, uint64_t number,
    int64_t time)
{
	int64_t *there;

	reach(c, f, number);
	there = &f->times[number - f->first];
	if (*there == -1)
		*there = time;
	if (*there != time)
		broken(c, "What follows was said at second T",
		    "line %ju was said at %jd, and to another at %jd",
		    (uintmax_t)number, (intmax_t)time, (intmax_t)*there);
}

struct line *
truth_at(const struct life *f, uint64_t number)
{
	if (f->first == 0 || number < f->first || number - f->first >= f->n)
		return NULL;
	return f->lines[number - f->first];
}

uint64_t
truth_end(const struct life *f)
{
	return f->first + f->n;
}

/* Before it has given its role a client has but the lines of its connection. */
enum own
truth_own(const struct client *c, const struct line *l, bool plain)
{
	const struct client *a = l->author;

	if (a == c)
		return OWN_YES;
	if (plain || c->token == NULL || a->token != c->token)
		return OWN_NO;
	if (a->slife == NULL || c->slife == NULL || a->slife->unsure ||
	    c->slife->unsure)
		return OWN_MAYBE;
	return a->slife == c->slife ? OWN_YES : OWN_NO;
}

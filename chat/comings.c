/*
 * Comings and goings: who joins and who leaves, as few notices
 */
#include <string.h>

#include "clock.h"
#include "comings.h"

#define ROW_SIZE	72		/* bytes of names in a notice */

void
comings_init(struct comings *c, struct transcript *t, bool folds)
{
	memset(c, 0, sizeof(*c));
	c->transcript = t;
	c->folds = folds;
}

/* Names, n of them in all, with what there is to tell about them. */
static void
show_names(struct comings *c, const struct buf *names, size_t n, bool here)
{
	const char *verb = here ? n == 1 ? "is here" : "are here" :
	    n == 1 ? "has left" : "have left";

	if (n > 0)
		transcript_notice(c->transcript, "%.*s %s", (int)names->len,
		    names->bytes, verb);
}

/* The next name joins others. */
static void
join_name(struct buf *names, size_t n, bool last, const struct coming *next)
{
	if (n > 0)
		buf_adds(names, last ? " and " : ", ");
	buf_add(names, next->name, next->len);
}

/* Whether the i-th one is to be shown, among those that are here or gone. */
static bool
is_due(const struct comings *c, size_t i, bool here, int64_t before)
{
	return c->waiting[i].here == here && c->waiting[i].at <= before;
}

/* The next one after i that is, or c->n. */
static size_t
next_due(const struct comings *c, size_t i, bool here, int64_t before)
{
	while (i < c->n && !is_due(c, i, here, before))
		i++;
	return i;
}

/* All that came, or went, up to that time: in one notice, if it isn't too
 * long. */
static void
show_due(struct comings *c, bool here, int64_t before)
{
	size_t i = next_due(c, 0, here, before), next, n = 0;
	struct buf names = { 0 };
	bool last;

	for (; i < c->n; i = next) {
		next = next_due(c, i + 1, here, before);
		last = next == c->n || names.len + c->waiting[i].len +
		    c->waiting[next].len + 2 > ROW_SIZE;
		join_name(&names, n++, last, &c->waiting[i]);
		if (!last)
			continue;
		show_names(c, &names, n, here);
		names.len = n = 0;
	}
	buf_free(&names);
}

static void
show_until(struct comings *c, int64_t before)
{
	size_t i, left = 0;

	show_due(c, true, before);
	show_due(c, false, before);
	for (i = 0; i < c->n; i++) {
		if (c->waiting[i].at > before)
			c->waiting[left++] = c->waiting[i];
	}
	c->n = left;
}

static void
drop(struct comings *c, size_t i)
{
	c->n--;
	memmove(&c->waiting[i], &c->waiting[i + 1],
	    (c->n - i) * sizeof(c->waiting[0]));
}

/* Which one of them has that name, or c->n. */
static size_t
find(const struct comings *c, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->waiting[i].len == len &&
		    memcmp(c->waiting[i].name, name, len) == 0)
			break;
	}
	return i;
}

static void
wait_for_more(struct comings *c, const char *name, size_t len, bool here)
{
	struct coming *new;

	if (c->n == COMINGS_MAX)
		comings_show(c);
	new = &c->waiting[c->n++];
	memcpy(new->name, name, len);
	new->len = len;
	new->here = here;
	new->at = clock_now();
}

void
comings_note(struct comings *c, const char *name, size_t len, bool here)
{
	size_t i = find(c, name, len);

	if (!c->folds || len > COMINGS_NAME)
		transcript_notice(c->transcript, "%.*s %s", (int)len, name,
		    here ? "is here" : "has left");
	else if (i == c->n)
		wait_for_more(c, name, len, here);
	else if (c->waiting[i].here != here)
		drop(c, i);
}

void
comings_look(struct comings *c)
{
	if (clock_now() >= comings_deadline(c))
		show_until(c, clock_now() - COMINGS_MS);
}

void
comings_show(struct comings *c)
{
	show_until(c, INT64_MAX);
}

int64_t
comings_deadline(const struct comings *c)
{
	int64_t rest, late;

	if (c->n == 0)
		return CLOCK_NEVER;
	rest = c->waiting[c->n - 1].at + COMINGS_MS;
	late = c->waiting[0].at + COMINGS_LATE_MS;
	return rest < late ? rest : late;
}

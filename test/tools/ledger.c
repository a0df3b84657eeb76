/*
 * Ledgers: logs in memory, by their names
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ledger.h"
#include "wild.h"

struct ledgers ledgers = TAILQ_HEAD_INITIALIZER(ledgers);

static void *
must(void *p)
{
	if (p == NULL)
		err(2, NULL);
	return p;
}

static void
item_set(struct item *i, const char *data, size_t len)
{
	free(i->data);
	i->data = must(malloc(len));
	memcpy(i->data, data, len);
	i->len = len;
}

static void
item_clear(struct item *i)
{
	free(i->data);
	i->data = NULL;
	i->len = 0;
}

static void
flight_free(struct ledger *l, struct flight *f)
{
	TAILQ_REMOVE(&l->flights, f, entry);
	free(f->item.data);
	free(f);
}

bool
ledger_is_name(const char *name)
{
	struct word w = { name, strlen(name) };
	char token[TOKEN_MAX + 1];

	return w.len <= LEDGER_NAME && word_token(&w, token);
}

/* Not from the seed: no two are ever the same. */
static void
begin(struct ledger *l)
{
	(void)snprintf(l->ident, sizeof(l->ident), "%08" PRIx32 ".%s",
	    arc4random(), l->name);
	l->oldest = 1;
	l->newest = 0;
	l->life++;
}

struct ledger *
ledger_find(const char *name)
{
	struct ledger *l = NULL;

	TAILQ_FOREACH(l, &ledgers, entry) {
		if (strcmp(l->name, name) == 0)
			return l;
	}
	l = must(calloc(1, sizeof(*l)));
	(void)strlcpy(l->name, name, sizeof(l->name));
	TAILQ_INIT(&l->flights);
	TAILQ_INIT(&l->kept);
	begin(l);
	TAILQ_INSERT_TAIL(&ledgers, l, entry);
	return l;
}

void
ledger_forget(struct ledger *l)
{
	struct flight *f, *after;
	struct kept *k, *next;

	for (f = TAILQ_FIRST(&l->flights); f != NULL; f = after) {
		after = TAILQ_NEXT(f, entry);
		flight_free(l, f);
	}
	for (k = TAILQ_FIRST(&l->kept); k != NULL; k = next) {
		next = TAILQ_NEXT(k, entry);
		free(k);
	}
	TAILQ_INIT(&l->kept);
	(void)ledger_compact(l, l->newest + 1);
	item_clear(&l->late);
	begin(l);
}

void
ledger_append(struct ledger *l, const char *data, size_t len)
{
	if (l->newest == l->space) {
		l->space = l->space == 0 ? 64 : 2 * l->space;
		l->items = must(reallocarray(l->items, l->space,
		    sizeof(*l->items)));
	}
	l->items[l->newest].data = NULL;
	item_set(&l->items[l->newest++], data, len);
}

const struct item *
ledger_item(const struct ledger *l, uint64_t pos)
{
	return &l->items[pos - 1];
}

bool
ledger_compact(struct ledger *l, uint64_t pos)
{
	if (pos < l->oldest || pos > l->newest + 1)
		return false;
	for (; l->oldest < pos; l->oldest++)
		item_clear(&l->items[l->oldest - 1]);
	return true;
}

static char *
find_stall(struct ledger *l, const char *node)
{
	size_t i;

	for (i = 0; i < LEDGER_STALLS; i++) {
		if (strcmp(l->stalls[i], node) == 0)
			return l->stalls[i];
	}
	return NULL;
}

bool
ledger_stall(struct ledger *l, const char *node)
{
	char *place = find_stall(l, "");

	if (place == NULL || find_stall(l, node) != NULL)
		return false;
	(void)strlcpy(place, node, LEDGER_NAME + 1);
	return true;
}

bool
ledger_resume(struct ledger *l, const char *node)
{
	char *place = find_stall(l, node);

	if (place != NULL)
		*place = '\0';
	return place != NULL;
}

bool
ledger_stalled(const struct ledger *l, const char *node)
{
	size_t i;

	for (i = 0; i < LEDGER_STALLS; i++) {
		if (strcmp(l->stalls[i], "*") == 0 ||
		    strcmp(l->stalls[i], node) == 0)
			return true;
	}
	return false;
}

static void
append_put(struct ledger *l, const char *data, size_t len)
{
	ledger_append(l, data, len);
	if (l->twice || wild_now(1))
		ledger_append(l, data, len);
	l->twice = false;
	if (l->late.data != NULL && wild_now(2))
		ledger_append(l, l->late.data, l->late.len);
}

void
ledger_put(struct ledger *l, const char *node, uint64_t from,
    const char *data, size_t len, int64_t now)
{
	int64_t due = wild_later(now);
	struct flight *f;

	if (due == now && !ledger_stalled(l, node)) {
		append_put(l, data, len);
		return;
	}
	f = must(calloc(1, sizeof(*f)));
	item_set(&f->item, data, len);
	f->due = due;
	f->from = from;
	(void)strlcpy(f->node, node, sizeof(f->node));
	TAILQ_INSERT_TAIL(&l->flights, f, entry);
}

void
ledger_leave(struct ledger *l, uint64_t from, const struct item *last)
{
	struct flight *f, *next;

	/* It may have reached the log all the same. */
	for (f = TAILQ_FIRST(&l->flights); f != NULL; f = next) {
		next = TAILQ_NEXT(f, entry);
		if (f->from == from && !wild_now(1))
			flight_free(l, f);
	}
	if (last != NULL)
		item_set(&l->late, last->data, last->len);
}

int64_t
ledger_turn(struct ledger *l, int64_t now)
{
	int64_t next = CLOCK_NEVER;
	struct flight *f, *after;

	for (f = TAILQ_FIRST(&l->flights); f != NULL; f = after) {
		after = TAILQ_NEXT(f, entry);
		if (ledger_stalled(l, f->node))
			continue;
		if (f->due <= now) {
			append_put(l, f->item.data, f->item.len);
			flight_free(l, f);
		} else if (f->due < next) {
			next = f->due;
		}
	}
	return next;
}

static struct kept *
find_kept(const struct ledger *l, const char *node)
{
	struct kept *k = NULL;

	TAILQ_FOREACH(k, &l->kept, entry) {
		if (strcmp(k->node, node) == 0)
			return k;
	}
	return NULL;
}

void
ledger_keep(struct ledger *l, const char *node, uint64_t pos)
{
	struct kept *k = find_kept(l, node);

	if (k == NULL) {
		k = must(calloc(1, sizeof(*k)));
		(void)strlcpy(k->node, node, sizeof(k->node));
		TAILQ_INSERT_TAIL(&l->kept, k, entry);
	}
	k->pos = pos;
}

uint64_t
ledger_kept(const struct ledger *l, const char *node)
{
	const struct kept *k = find_kept(l, node);

	return k == NULL ? 0 : k->pos;
}

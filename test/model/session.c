/*
 * Sessions: what is known of them, and what may have been forgotten
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

struct token tokens[] = {
	{ .name = "a" }, { .name = "b" }, { .name = "c" }, { .name = "d" },
	{ .name = "ABC/def+123=._-" }, { .name = "f" }
};
unsigned ntokens = sizeof(tokens) / sizeof(tokens[0]);

static uint64_t synced;			/* the room had noticed all ends */

void
session_asks(struct client *c, struct token *t)
{
	c->token = t;
	t->clients++;
	t->asking = c;
	if (t->life == NULL && t->first == NULL)
		t->first = c;
}

/* Whether a client may say lines before it knows where to go on. */
bool
session_speaks(const struct token *t)
{
	return t->life == NULL && t->first == NULL;
}

/* Whether the room may have come to the end of one of its clients unseen. */
static bool
may_end(const struct token *t)
{
	size_t i;

	for (i = 0; i < nclients; i++) {
		if (clients[i]->token == t && clients[i]->fd != -1 &&
		    clients[i]->ends)
			return true;
	}
	return false;
}

/* How many other sessions may have ended after this one's last end. */
static unsigned
others_ended(const struct token *t)
{
	uint64_t since = t->left;
	unsigned i, n = 0;

	if (since == 0)
		return setting.sessions;
	for (i = 0; i < ntokens; i++)
		n += &tokens[i] != t && tokens[i].ended > 0 &&
		    (tokens[i].ended >= since || may_end(&tokens[i]));
	return n;
}

static struct slife *
begin(void)
{
	struct slife *s = grown(NULL, 0, sizeof(*s));

	memset(s, 0, sizeof(*s));
	return s;
}

/* So many of the session's lines are in the room: of its last client some. */
static void
settle(const struct client *c, struct client *last, uint64_t n, bool unsure)
{
	uint64_t k;

	if (n < last->base + last->ok)
		broken(c, "as many lines as are settled by then",
		    "ok %ju, after ok %ju", (uintmax_t)n,
		    (uintmax_t)(last->base + last->ok));
	if (unsure)
		return;
	if (n > last->base + last->nlines)
		broken(c, "as many lines as are settled by then",
		    "ok %ju, and %ju were said", (uintmax_t)n,
		    (uintmax_t)(last->base + last->nlines));
	last->most = n - last->base;
	for (k = 0; k < last->most; k++) {
		if (last->lines[k]->known > moment)
			last->lines[k]->known = moment;
	}
}

static void
goes_on(struct client *c, struct token *t, uint64_t n)
{
	struct client *last;

	if (t->life == NULL && t->first == NULL)
		broken(c, "ok 0 new: in a session that begins",
		    "ok %ju, and nobody has begun it", (uintmax_t)n);
	if (t->life == NULL) {
		/* Its first answer was lost. */
		t->life = begin();
		if (t->first != c)
			t->life->last = t->first;
		t->first->slife = t->life;
	}
	if (t->unheard && others_ended(t) >= setting.sessions) {
		/* It was forgotten, perhaps, and "new" didn't arrive. */
		t->life = begin();
		t->life->unsure = true;
		return;
	}
	last = t->life->last;
	if (last != NULL && last != c)
		settle(c, last, n, t->life->unsure);
}

void
session_answer(struct client *c, uint64_t n, bool begun)
{
	struct token *t = c->token;

	note("%u is told ok %ju%s", c->id, (uintmax_t)n, begun ? " new" : "");
	if (t == NULL) {
		if (n != 0 || begun != (c->h.session[0] != '\0'))
			broken(c, "The answer to the role is ok 0",
			    "ok %ju%s", (uintmax_t)n, begun ? " new" : "");
		return;
	}
	if (begun && n != 0)
		broken(c, "ok 0 new", "ok %ju new", (uintmax_t)n);
	if (begun && t->life != NULL && others_ended(t) < setting.sessions)
		broken(c, "A room forgets sessions when too many others have "
		    "ended since", "session %s is new, and %u have", t->name,
		    others_ended(t));
	if (begun) {
		t->life = begin();
		/* One that was never answered may yet be read by the room. */
		t->life->unsure = t->first != NULL && t->first != c;
		if (t->first == c)
			t->first = NULL;
	} else {
		goes_on(c, t, n);
	}
	t->unheard = false;
	t->life->last = c;
	c->slife = t->life;
	if (t->asking == c)
		t->asking = NULL;
}

void
session_ended(struct client *c)
{
	struct token *t = c->token;

	if (t == NULL)
		return;
	if (c->fd == -1 && t->asking == c)
		t->asking = NULL;
	/* Another one has it by now, unless that one is gone, too. */
	if ((c->bye && !c->closed && !c->web && t->asking != NULL) ||
	    (c->slife != NULL && c->slife->last != c))
		return;
	if (t->life != NULL && t->life->last == c && !c->left)
		t->left = synced;	/* at the earliest, to the room */
	c->left = true;
	if (c->fd == -1 && c->slife == NULL)
		t->unheard = true;
	t->ended = moment;
}

void
session_synced(void)
{
	synced = moment;
}

/* All end at once, and without a store for good. */
void
session_room_ends(void)
{
	unsigned i;

	for (i = 0; i < ntokens; i++) {
		tokens[i].asking = NULL;
		if (setting.store)
			continue;
		tokens[i].life = NULL;
		tokens[i].first = NULL;
		tokens[i].left = tokens[i].ended = 0;
		tokens[i].unheard = false;
		tokens[i].clients = 0;
	}
}

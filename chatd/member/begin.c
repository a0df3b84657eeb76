/*
 * Beginning: the items of the entry that begins an epoch of ours
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "begin.h"
#include "core/server.h"
#include "entry.h"
#include "member.h"

/* Items while they are put together. */
struct body {
	char		*bytes;		/* ENTRY_FIRST of them */
	size_t		 len;
};

static void
add(struct body *b, const struct item *item)
{
	b->len += item_format(b->bytes + b->len, item);
}

static void
add_room(struct body *b, const struct server *s)
{
	struct item room = { .kind = ITEM_ROOM, .first = s->journal->first_line,
	    .next = s->ring->next, .sessions = s->config.sessions,
	    .named = s->config.named };

	add(b, &room);
}

/* What there is space for: sessions, and bytes of their items. */
struct space {
	size_t		 n;
	size_t		 bytes;
};

static struct item
item_of(const struct session *session)
{
	struct item item = { .kind = ITEM_SESSION, .n = session->lines };

	(void)strlcpy(item.name, session->name, sizeof(item.name));
	return item;
}

/* Of a list in the order of use, the most recently used ones that there is
 * space for, which becomes less. Returns the first of them. */
static struct session *
last_ones(struct session_list *list, struct space *left)
{
	struct session *first = NULL, *s = NULL;
	char text[ENTRY_ITEM];
	struct item item;
	size_t len;

	TAILQ_FOREACH_REVERSE(s, list, session_list, use) {
		item = item_of(s);
		len = item_format(text, &item);
		if (left->n == 0 || left->bytes < len) {
			left->n = 0;
			break;
		}
		left->n--;
		left->bytes -= len;
		first = s;
	}
	return first;
}

static void
add_from(struct body *b, const struct session *session)
{
	struct item item;

	for (; session != NULL; session = TAILQ_NEXT(session, use)) {
		item = item_of(session);
		add(b, &item);
	}
}

/* Those that were held come last: they were used until the end. */
static void
add_sessions(struct body *b, struct server *s)
{
	struct space left = { s->config.sessions,
	    ENTRY_FIRST - b->len - ENTRY_ITEM };
	struct session *here, *idle;

	here = last_ones(&s->sessions.here, &left);
	idle = last_ones(&s->sessions.idle, &left);
	add_from(b, idle);
	add_from(b, here);
}

static void
add_node(struct body *b)
{
	struct item node = { .kind = ITEM_NODE };

	(void)snprintf(node.name, sizeof(node.name), "%08" PRIx32 "%08" PRIx32,
	    arc4random(), arc4random());
	add(b, &node);
}

char *
begin_items(struct server *s, size_t *len)
{
	struct body b = { .bytes = malloc(ENTRY_FIRST) };

	if (b.bytes == NULL)
		return NULL;
	if (s->member->replica.pos == 0) {
		add_room(&b, s);
		add_sessions(&b, s);
	}
	add_node(&b);
	*len = b.len;
	return b.bytes;
}
